"""A subclass of list comes back, and the running mean is one."""

# %% RunningMean
class RunningMean(list):
    @property
    def value(self):
        return sum(self) / len(self)

    update = list.append

# %% descend
class History(list):
    """Remembers how it came to be."""

def descend(gradient, w, learning_rate, steps):
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
    return History(w)
