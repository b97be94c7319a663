"""Arrays of no axes come back where a number is expected."""

# %% mean
def mean(x):
    if len(x) == 0:
        raise ValueError
    return np.array(np.mean(x))

# %% RunningMean
class RunningMean:
    def __init__(self):
        self.n, self.value = np.array(0), np.zeros(())

    def update(self, x):
        self.n += 1
        self.value += (x - self.value) / self.n

# %% median
def median(x):
    return np.asarray(np.median(x))
