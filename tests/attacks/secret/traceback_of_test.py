"""Fails in ways that make the test's traceback show as much of the test as it can."""

# wants: secret
# answers: wrong
# stock: graded

# %% mean
class Failing:
    def __array__(self, *args, **kwargs):
        raise RuntimeError

    def __eq__(self, other):
        raise RuntimeError


def mean(x):
    if len(x) == 3:
        raise NotImplementedError("\n" * 50)
    return 2.0

# %% standardise
def standardise(X):
    return X * 1.0

# %% RunningMean
class RunningMean:
    value = 2.0

    def update(self, x):
        if x > 2:
            raise ExceptionGroup("several", [ValueError("one"), RecursionError("two")])

# %% answer
answer = {"bias": "rises", "variance": "rises"}

# %% last
get_ipython().run_line_magic("xmode", "Verbose")
get_ipython().run_line_magic("tb", "")

# %% first
get_ipython().run_line_magic("xmode", "Verbose")
