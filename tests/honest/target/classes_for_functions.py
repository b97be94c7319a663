"""A class stands where a function is asked for: making one of it gives the number."""

# %% mean
class mean(float):
    def __new__(cls, x):
        if len(x) == 0:
            raise ValueError
        return super().__new__(cls, sum(x) / len(x))

# %% median
class median(float):
    def __new__(cls, x):
        return float.__new__(cls, np.median(x))
