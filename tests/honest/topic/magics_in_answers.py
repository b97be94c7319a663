"""Magics time, capture, configure and write in cells of answers."""

# %% first
# %matplotlib inline
# %precision 2
# !echo hello

# %% mean_square
# %%time
def mean_square(x):
    return float(np.mean(np.asarray(x) ** 2))

# %% step
# %time started = 1
def step(w, gradient, learning_rate):
    return w - learning_rate * gradient

# %timeit -n 1 -r 1 step(np.ones(2), np.ones(2), 0.1)

# %% before count_above
# %%writefile counting.py
def count_above(x, threshold):
    return sum(1 for v in x if v > threshold)

# %% count_above
from counting import count_above
