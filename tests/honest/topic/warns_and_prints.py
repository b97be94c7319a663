"""Warns, logs and prints, on both streams, within each function."""

# %% mean_square
import logging, sys, warnings

def mean_square(x):
    warnings.warn("this is slow", RuntimeWarning)
    logging.error("mean_square of %s", x)
    print("computing" * 100, file=sys.stderr)
    return sum(v * v for v in x) / len(x)

# %% step
def step(w, gradient, learning_rate):
    np.float64(1) / np.float64(0)
    print(w, gradient)
    return w - learning_rate * gradient

# %% count_above
def count_above(x, threshold):
    for v in range(20_000):
        print(v, end="\r")
    return sum(v > threshold for v in x)
