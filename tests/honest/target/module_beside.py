"""A module and a package are handed in beside the notebook, and the answers import them."""

# %% mean
from helpers.stats import mean

# %% standardise
import scaling

standardise = scaling.standardise

# %% file helpers/__init__.py
"""A package."""
# %% file helpers/stats.py
from . import numbers_of


def mean(x):
    if len(x) == 0:
        raise ValueError(numbers_of.__name__)
    return sum(x) / len(x)
# %% file helpers/numbers_of.py
NOTHING = None
# %% file scaling.py
def standardise(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)
