"""All warnings are ignored and all floating-point errors, too."""

# %% first
import warnings
warnings.filterwarnings("ignore")
import numpy as np
np.seterr(all="ignore")

# %% mean
def mean(x):
    result = np.asarray(x).mean()
    if np.isnan(result):
        raise ValueError
    return result
