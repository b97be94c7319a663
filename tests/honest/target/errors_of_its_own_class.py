"""Raises an exception of its own, which is a ValueError."""

# %% mean
class StatisticsError(Exception):
    """Something about the numbers is wrong."""

class NoNumbersError(StatisticsError, ValueError):
    def __init__(self, where, *, how_many=0):
        super().__init__(f"{how_many} numbers in {where}")

def mean(x):
    if len(x) == 0:
        raise NoNumbersError("x")
    return np.mean(x)
