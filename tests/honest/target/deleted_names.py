"""Names are deleted as soon as they are no longer needed; all of them at one point."""

# %% first
a = b = c = 1
# %reset -f

# %% mean
import numpy as np

def _factory(numpy):
    def mean(x):
        if len(x) == 0:
            raise ValueError
        return numpy.mean(x)
    return mean

mean = _factory(np)
del _factory

# %% after answer
try:
    del answers
except NameError:
    pass
