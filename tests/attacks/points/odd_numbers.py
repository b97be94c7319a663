"""Gives text, structures, objects in arrays, dates, NaN and numbers of a million digits for
numbers."""

# wants: points
# answers: wrong
# stock: graded

# %% mean
odd = iter([
    np.array([(2.0, 6.0)], dtype=[("a", float), ("b", float)]),
    np.array([object()], dtype=object),
    np.ma.masked_all(()),
    np.datetime64("NaT"),
    "2.0",
])


def mean(x):
    return next(odd, float("nan"))

# %% median
def median(x):
    return 10**100_000 if len(x) == 3 else np.ma.masked

# %% descend
def descend(gradient, w, learning_rate, steps):
    return np.ma.masked_all(w.shape)

# %% standardise
def standardise(X):
    return np.ma.masked_all(X.shape)

# %% RunningMean
class RunningMean:
    value = np.ma.masked

    def update(self, x):
        return self
