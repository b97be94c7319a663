"""Arrays of a file come back, and numbers that were computed with matrices."""

# %% mean_square
def mean_square(x):
    m = np.asmatrix(x)
    return float((m @ m.T)[0, 0]) / m.size

# %% step
def step(w, gradient, learning_rate):
    kept = np.memmap("w.dat", dtype=float, mode="w+", shape=w.shape)
    kept[:] = w - learning_rate * gradient
    return kept
