"""`array.array` and `collections.deque` come back where NumPy would read a list."""

# %% descend
from array import array
from collections import deque

def descend(gradient, w, learning_rate, steps):
    w = array("d", w)
    for _ in range(steps):
        slope = gradient(np.array(w))
        w = array("d", [a - learning_rate * b for a, b in zip(w, slope)])
    return w if len(w) > 1 else deque(w, maxlen=1)
