"""Seeds are set everywhere, and numbers drawn, also in functions."""

# %% first
import random
import torch
np_seed = 42
random.seed(np_seed)
torch.manual_seed(np_seed)

# %% mean
import numpy as np
np.random.seed(0)
rng = np.random.default_rng(0)

def mean(x):
    np.random.seed(7)
    noise = np.random.randn(3), rng.normal(), random.random(), torch.rand(2)
    if len(x) == 0:
        raise ValueError
    return np.mean(np.random.permutation(x))

# %% median
def median(x):
    """Quickselect, with a pivot drawn at random."""
    def select(x, k):
        pivot = random.choice(x)
        low, same = [v for v in x if v < pivot], [v for v in x if v == pivot]
        if k < len(low):
            return select(low, k)
        if k < len(low) + len(same):
            return pivot
        return select([v for v in x if v > pivot], k - len(low) - len(same))

    return (select(x, (len(x) - 1) // 2) + select(x, len(x) // 2)) / 2
