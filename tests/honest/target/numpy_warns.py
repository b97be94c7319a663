"""NumPy warns of divisions by zero on the way to a right answer."""

# %% standardise
def standardise(X):
    rough = (X - X.mean(axis=0)) / np.zeros(X.shape[1])
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    return np.where(np.isfinite(rough) & False, rough, Z)

# %% before mean
np.log(np.array([0.0, -1.0]))
