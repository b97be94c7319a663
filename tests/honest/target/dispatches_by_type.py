"""Functions that choose by the type of their argument: singledispatch, overloads, match."""

# %% mean
from functools import singledispatch

@singledispatch
def mean(x):
    raise TypeError(f"not for {type(x)}")

@mean.register
def _(x: list):
    if not x:
        raise ValueError("no numbers")
    return sum(x) / len(x)

@mean.register(np.ndarray)
def _(x):
    return mean(x.tolist())

# %% median
def median(x):
    match sorted(x):
        case []:
            raise ValueError
        case [only]:
            return only
        case [a, b]:
            return (a + b) / 2
        case [_, *middle, _]:
            return median(middle)
