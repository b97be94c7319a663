"""Attributes are computed when they are read, from iterators and cached properties."""

# %% RunningMean
import itertools
from functools import cached_property

class RunningMean:
    def __init__(self):
        self.numbers = []

    @cached_property
    def _cache(self):
        return {}

    def update(self, x):
        self.numbers.append(x)
        self.__dict__.pop("value", None)

    @cached_property
    def value(self):
        *_, last = itertools.accumulate(self.numbers)
        return self._cache.setdefault(len(self.numbers), last / len(self.numbers))

# %% answer
ways = iter(["rises", "falls"])
answer = dict(zip(("bias", "variance"), ways))
