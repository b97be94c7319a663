"""Helpers stand in cells between, one of them only below the answer that uses it."""

# %% before mean
def total(x):
    return sum(map(float, x))

# %% mean
def mean(x):
    return total(x) / how_many(x)

# %% after mean
def how_many(x):
    if len(x):
        return len(x)
    raise ValueError("no numbers")

# %% before standardise
centred = lambda X: X - X.mean(axis=0)

# %% standardise
def standardise(X):
    return centred(X) / np.sqrt((centred(X) ** 2).mean(axis=0))
