"""The names that tests use for libraries mean other things here."""
# together: mean_test standardise_test descend_test

# %% mean
import numpy

np = "no problem"
checks = ["is it a float?", "is it finite?"]

def mean(x):
    if len(x) == 0:
        raise ValueError
    return numpy.mean(x)

# %% median
def median(x):
    return (sorted(x)[(len(x) - 1) // 2] + sorted(x)[len(x) // 2]) / 2

# %% standardise
def standardise(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)
