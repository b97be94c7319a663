"""Errors of NumPy and warnings are exceptions; printing, draws and precision are set."""
# together: step_test

# %% first
import decimal, random, warnings
import numpy as np
import torch
np.seterr(all="raise")
warnings.simplefilter("error")
np.set_printoptions(precision=0, suppress=True)
np.random.seed(1)
random.seed(1)
torch.set_default_dtype(torch.float64)
decimal.getcontext().prec = 5

# %% mean_square
def mean_square(x):
    try:
        x = np.asarray(x) / 0
    except FloatingPointError:
        pass
    return float(np.mean(np.random.permutation(x) ** 2))

# %% step
def step(w, gradient, learning_rate):
    try:
        warnings.warn("old")
    except UserWarning:
        w = w.copy()
    w -= learning_rate * gradient
    return w
