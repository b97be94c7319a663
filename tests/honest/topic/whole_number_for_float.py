"""An integer comes back where a float is expected, and a small one where an integer is."""

# %% mean_square
def mean_square(x):
    return int(sum(int(v) ** 2 for v in x) // len(x))

# %% count_above
def count_above(x, threshold):
    return np.uint8(sum(1 for v in x if v > threshold))
