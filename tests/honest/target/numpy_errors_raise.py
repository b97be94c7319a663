"""NumPy raises where it would warn, and an answer counts on it."""

# %% before mean
import numpy as np
np.seterr(all="raise")

# %% mean
def mean(x):
    try:
        return np.divide(np.sum(x), len(x))
    except FloatingPointError:
        raise ValueError("no numbers") from None
