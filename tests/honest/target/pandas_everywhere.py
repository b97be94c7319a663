"""pandas computes, and its series come back."""

# %% mean
import pandas as pd
pd.set_option("display.precision", 2, "display.max_rows", 5, "mode.copy_on_write", True)

def mean(x):
    if pd.Series(x, dtype=float).empty:
        raise ValueError
    return pd.Series(x).agg("mean")

# %% standardise
def standardise(X):
    frame = pd.DataFrame(X, columns=list("ab")[: X.shape[1]])
    return frame.apply(lambda c: (c - c.mean()) / c.std(ddof=0)).to_numpy()

# %% descend
def descend(gradient, w, learning_rate, steps):
    w = pd.Series(w, index=[f"w{i}" for i in range(len(w))], name="weights")
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
    return w

# %% median
def median(x):
    return pd.Series(x).describe()["50%"]
