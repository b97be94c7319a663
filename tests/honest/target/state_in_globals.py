"""Functions count and remember in globals, which an earlier cell defines and a later one reads."""

# %% first
memo, count = {}, 0
SETTINGS = {"ddof": 0}

# %% mean
def mean(x):
    global count
    count += 1
    key = tuple(x)
    if key not in memo:
        memo[key] = sum(key) / len(key) if key else None
    if memo[key] is None:
        raise ValueError(count)
    return memo[key]

# %% standardise
def standardise(X):
    return (X - X.mean(axis=0)) / X.std(axis=0, **SETTINGS)

# %% last
assert count >= 3, count
assert memo[(4.0, 5.0, 9.0)] == 6.0
