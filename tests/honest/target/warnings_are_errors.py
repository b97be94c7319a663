"""Warnings are errors for the whole notebook, and an answer counts on it."""

# %% first
import warnings

warnings.filterwarnings("error")

# %% mean
def mean(x):
    try:
        return np.asarray(x).mean()
    except RuntimeWarning:
        raise ValueError("no numbers")
