"""A subclass of ndarray with names for its columns comes back."""

# %% standardise
class Table(np.ndarray):
    """An array that knows what its columns are called."""

    def __new__(cls, data, names=()):
        table = np.asarray(data).view(cls)
        table.names = list(names)
        return table

    def __array_finalize__(self, other):
        self.names = getattr(other, "names", None)


def standardise(X):
    return Table((X - X.mean(axis=0)) / X.std(axis=0), names="ab")
