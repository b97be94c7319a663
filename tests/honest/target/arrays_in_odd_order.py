"""Arrays come back transposed, reversed, read-only, broadcast, big-endian and of long doubles."""

# %% standardise
def standardise(X):
    Z = ((X.T - X.T.mean(axis=1)[:, None]) / X.T.std(axis=1)[:, None]).T[::-1][::-1]
    Z.flags.writeable = False
    return Z

# %% descend
def descend(gradient, w, learning_rate, steps):
    w = w.astype(">f8")
    for _ in range(steps):
        w = (w - learning_rate * gradient(w)).astype(np.longdouble)
    return np.broadcast_to(w, w.shape)
