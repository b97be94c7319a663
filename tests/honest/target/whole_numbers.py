"""Integers come back where they are exact."""

# %% mean
def mean(x):
    if len(x) == 0:
        raise ValueError
    whole, rest = divmod(sum(x), len(x))
    return int(whole) if not rest else float(whole + rest / len(x))

# %% RunningMean
class RunningMean:
    value = 0
    seen = ()

    def update(self, x):
        self.seen = (*self.seen, int(x))
        self.value = sum(self.seen) // len(self.seen)

# %% median
def median(x):
    a, b = sorted(map(int, x))[(len(x) - 1) // 2], sorted(map(int, x))[len(x) // 2]
    return (a + b) // 2
