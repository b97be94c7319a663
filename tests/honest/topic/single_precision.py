"""Everything is computed in single precision, and comes back so."""

# %% mean_square
def mean_square(x):
    return np.mean(np.asarray(x, np.float32) ** 2)

# %% step
def step(w, gradient, learning_rate):
    moved = np.asarray(w, np.float32) - np.float32(learning_rate) * np.asarray(gradient, np.float32)
    return np.round(moved, 6)
