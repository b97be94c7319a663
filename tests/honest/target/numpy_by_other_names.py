"""NumPy goes by other names, and the name that tests use is deleted."""
# together: mean_test standardise_test descend_test

# %% mean
import numpy
import numpy as jnp
from numpy import *
from numpy import mean as numpy_mean
np2 = np
del np

def mean(x):
    if len(x) == 0:
        raise ValueError
    return numpy_mean(x)

# %% standardise
def standardise(X):
    return (X - X.mean(axis=0)) / numpy.std(X, axis=0)

# %% descend
def descend(gradient, w, learning_rate, steps):
    for _ in range(steps):
        w = jnp.subtract(w, multiply(learning_rate, gradient(w)))
    return w

# %% median
median = np2.median
