"""Named tuples come back."""

# %% descend
from collections import namedtuple
from typing import NamedTuple

Pair = namedtuple("Pair", ["first", "second"])

class One(NamedTuple):
    only: float

def descend(gradient, w, learning_rate, steps):
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
    return Pair(*w.tolist()) if len(w) == 2 else One(float(w[0]))
