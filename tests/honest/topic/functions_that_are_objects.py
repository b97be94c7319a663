"""Functions are partials, methods, callable objects and cached ones."""

# %% mean_square
from functools import lru_cache, partial

class Power:
    __slots__ = ("p",)

    def __init__(self, p):
        self.p = p

    def __call__(self, x):
        return float(np.mean(np.asarray(x) ** self.p))

mean_square = Power(2)

# %% step
def _move(sign, w, gradient, learning_rate):
    return w + sign * learning_rate * gradient

step = partial(_move, -1)

# %% count_above
@lru_cache
def _above(x, threshold):
    return len(tuple(filter(threshold.__lt__, x)))

count_above = lambda x, threshold: _above(tuple(x), threshold)
