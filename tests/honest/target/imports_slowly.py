"""Answers import what takes seconds to import, some of it only when they are called."""

# %% mean
import sklearn.ensemble, sklearn.linear_model, sklearn.datasets
import scipy.stats, scipy.optimize
import torch
import statistics

def mean(x):
    if not len(x):
        raise ValueError("no numbers")
    import torch.nn.functional
    return torch.tensor([float(v) for v in x], dtype=torch.float64).mean().item()

# %% standardise
def standardise(X):
    from sklearn.preprocessing import StandardScaler
    return StandardScaler().fit_transform(X)

# %% median
def median(x):
    from scipy import stats
    return float(stats.scoreatpercentile(x, 50))
