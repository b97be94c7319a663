"""An array that lives in a file comes back."""

# %% standardise
def standardise(X):
    Z = np.memmap("table.bin", dtype=float, mode="w+", shape=X.shape)
    Z[:] = (X - X.mean(axis=0)) / X.std(axis=0)
    Z.flush()
    return Z
