"""All functions stand in the first answer's cell; the others are left with a comment."""

# %% mean
import numpy as np

def mean(x):
    if len(x) == 0:
        raise ValueError
    return np.mean(x)

def standardise(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)

class RunningMean:
    def __init__(self):
        self.x = []

    def update(self, x):
        self.x.append(x)
        self.value = mean(self.x)

def descend(gradient, w, learning_rate, steps):
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
    return w

def median(x):
    return np.median(x)

# %% standardise
# See above.

# %% RunningMean
pass

# %% descend
...

# %% median
""
