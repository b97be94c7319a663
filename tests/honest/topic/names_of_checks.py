"""Variables have the names of what tests use, and libraries go by other names."""
# together: mean_square_test step_test count_above_test

# %% first
import numpy as n

check = "mark"
given = w = stayed = None

# %% mean_square
checks = 3
np = 4

def mean_square(x):
    return float(n.mean(n.asarray(x) ** 2))

# %% step
def step(w, gradient, learning_rate):
    return w - learning_rate * gradient

# %% count_above
def count_above(x, threshold):
    return int(n.sum(n.asarray(x) > threshold))
