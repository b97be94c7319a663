"""Exact fractions come back."""

# %% mean
from fractions import Fraction

def mean(x):
    if len(x) == 0:
        raise ValueError("no numbers")
    return sum(Fraction(float(v)) for v in x) / len(x)

# %% RunningMean
class RunningMean:
    def __init__(self):
        self.count, self.value = 0, Fraction(0)

    def update(self, x):
        self.count += 1
        self.value += (Fraction(x) - self.value) / self.count
