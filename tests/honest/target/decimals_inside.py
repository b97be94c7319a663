"""Computes with decimals of a precision of its own, and gives floats and dates back."""

# %% first
import decimal, datetime
decimal.getcontext().prec = 60
decimal.getcontext().traps[decimal.Inexact] = False

# %% median
def median(x):
    x = sorted(decimal.Decimal(v) for v in x)
    return float((x[(len(x) - 1) // 2] + x[len(x) // 2]) / 2)

# %% RunningMean
class RunningMean:
    def __init__(self):
        self.total = self.count = decimal.Decimal(0)
        self.born = datetime.date.today()

    def update(self, x):
        self.total += decimal.Decimal(x)
        self.count += 1
        return datetime.datetime.now()

    @property
    def value(self):
        return float(self.total / self.count)
