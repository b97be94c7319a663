"""Numbers of classes of its own come back: a float with a unit, a counter that is an int."""

# %% mean_square
class Watt(float):
    unit = "W"

def mean_square(x):
    return Watt(np.mean(np.square(x)))

# %% count_above
from enum import IntEnum

class Some(IntEnum):
    NONE, ONE, TWO, THREE = range(4)

def count_above(x, threshold):
    return Some(len([v for v in x if v > threshold]))
