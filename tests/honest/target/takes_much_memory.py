"""Arrays of hundreds of megabytes are made, kept and thrown away."""

# %% first
import numpy as np
kept = np.ones(40_000_000)

# %% mean
def mean(x):
    big = np.zeros((len(x) or 1, 8_000_000))
    big[: len(x)] = np.asarray(x)[:, None]
    if len(x) == 0:
        raise ValueError
    return big.mean(axis=0)[-1]
