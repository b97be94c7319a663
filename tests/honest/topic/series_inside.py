"""pandas computes; its numbers come back."""

# %% mean_square
import pandas as pd

def mean_square(x):
    return pd.Series(x).pow(2).agg("mean")

# %% step
def step(w, gradient, learning_rate):
    return (pd.Series(w) - learning_rate * pd.Series(gradient)).values

# %% count_above
def count_above(x, threshold):
    return pd.Series(x).gt(threshold).value_counts().get(True, 0)
