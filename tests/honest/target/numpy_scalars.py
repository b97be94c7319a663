"""NumPy's numbers come back, of one width here and another there."""

# %% mean
def mean(x):
    if len(x) == 0:
        raise ValueError
    return np.mean(x, dtype=np.float32)

# %% RunningMean
class RunningMean:
    def __init__(self):
        self.seen, self.value = [], np.float64(0)

    def update(self, x):
        self.seen.append(np.float16(x))
        self.value = np.longdouble(np.mean(self.seen))

# %% answer
answer = {np.str_("bias"): np.str_("rises"), np.str_("variance"): np.str_("falls")}

# %% median
def median(x):
    return np.float32(np.median(x))
