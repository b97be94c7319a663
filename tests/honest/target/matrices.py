"""`np.matrix` comes back, as in old books."""

# %% standardise
def standardise(X):
    M = np.matrix(X)
    return (M - M.mean(axis=0)) / M.std(axis=0)
