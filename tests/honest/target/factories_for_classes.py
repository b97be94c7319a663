"""A function stands where a class is asked for: it gives a plain namespace with functions."""

# %% RunningMean
from types import SimpleNamespace

def RunningMean():
    self = SimpleNamespace(count=0, value=0.0)

    def update(x):
        self.count += 1
        self.value += (x - self.value) / self.count

    self.update = update
    return self
