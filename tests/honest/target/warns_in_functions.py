"""Its functions warn, once of each kind, while they compute what they should."""

# %% mean
import warnings

def mean(x):
    warnings.warn("this is slow")
    warnings.warn("use numpy", DeprecationWarning)
    warnings.warn("soon gone", FutureWarning, stacklevel=2)
    if len(x) == 0:
        raise ValueError("no numbers")
    return sum(x) / len(x)
