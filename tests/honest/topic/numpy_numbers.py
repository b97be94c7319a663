"""NumPy's numbers come back, and arrays without axes."""

# %% mean_square
def mean_square(x):
    return np.mean(np.square(x))

# %% count_above
def count_above(x, threshold):
    return np.array(np.count_nonzero(np.array(x) > threshold))
