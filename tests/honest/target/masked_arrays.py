"""Masked arrays come back, some of them masking something."""

# %% standardise
def standardise(X):
    M = np.ma.masked_invalid(X)
    return (M - M.mean(axis=0)) / M.std(axis=0)

# %% descend
def descend(gradient, w, learning_rate, steps):
    w = np.ma.array(w, mask=False)
    for _ in range(steps):
        w = w - learning_rate * gradient(w.data)
    return w

# %% mean
def mean(x):
    if not len(x):
        raise ValueError
    padded = np.ma.array([*x, 1e9], mask=[*(0 for _ in x), 1])
    return np.ma.array(padded.mean())
