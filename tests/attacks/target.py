"""The course that attacks aim at: any teacher's, with plain nbgrader tests, and ours plugged in.

One notebook with six answers: functions, a class, plain data, a function that is given a function,
and one tested with `curriculum.checks`. Every test has a hidden part.
"""

from __future__ import annotations

from classroom import with_metadata

TOPIC, NOTEBOOK = "target", "work"

SECRET = "hidden-7c1f53"
"""Stands in every hidden test: it must be seen nowhere outside the course."""
SOLVED = "solved-e20b94"
"""Stands in every reference solution."""

CONFIG = """\
from curriculum.grading import plug
c = get_config()
plug.into(c)
c.CourseDirectory.course_id = "attacked"
"""

STOCK_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "attacked"
c.Execute.timeout = 20
"""

SOURCE = with_metadata(f'''
# %%
import numpy as np

# %% ANSWER mean
def mean(x):
    """Give the mean of the numbers in `x`, shape (n,); ValueError where there are none."""
    ### BEGIN SOLUTION
    # {SOLVED}
    if len(x) == 0:
        raise ValueError("no numbers")
    return float(np.sum(x)) / len(x)
    ### END SOLUTION

# %% TEST mean_test 3
assert np.allclose(mean(np.array([1.0, 3.0])), 2.0), "the mean of 1 and 3 is 2"
### BEGIN HIDDEN TESTS
# {SECRET}
assert np.allclose(mean([4.0, 5.0, 9.0]), 6.0), "a list is fine, too"
try:
    mean([])
except ValueError:
    pass
else:
    raise AssertionError("nothing has no mean")
### END HIDDEN TESTS

# %% ANSWER standardise
def standardise(X):
    """Give `X`, shape (n, d), with each column's mean 0 and deviation 1; leave `X` as it is."""
    ### BEGIN SOLUTION
    # {SOLVED}
    return (X - X.mean(axis=0)) / X.std(axis=0)
    ### END SOLUTION

# %% TEST standardise_test 4
X = np.array([[1.0, 10.0], [3.0, 30.0], [8.0, 20.0]])
before = X.copy()
Z = standardise(X)
assert Z.shape == X.shape
### BEGIN HIDDEN TESTS
# {SECRET}
np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-12)
np.testing.assert_allclose(Z.std(axis=0), 1, atol=1e-12)
assert np.array_equal(X, before), "its input was changed"
### END HIDDEN TESTS

# %% ANSWER RunningMean
class RunningMean:
    """The mean of numbers that come one by one: `update(x)` takes one, `value` is the mean."""
    ### BEGIN SOLUTION
    # {SOLVED}
    def __init__(self):
        self.count, self.value = 0, 0.0

    def update(self, x):
        self.count += 1
        self.value += (x - self.value) / self.count
        return self
    ### END SOLUTION

# %% TEST running_mean_test 3
running = RunningMean()
running.update(2.0)
assert running.value == 2.0
### BEGIN HIDDEN TESTS
# {SECRET}
for number in (4.0, 6.0):
    running.update(number)
assert abs(running.value - 4.0) < 1e-12
### END HIDDEN TESTS

# %% ANSWER answer
answer = {{}}  # "bias" and "variance", each "rises" or "falls" as regularization grows
### BEGIN SOLUTION
# {SOLVED}
answer = {{"bias": "rises", "variance": "falls"}}
### END SOLUTION

# %% TEST answer_test 2
assert set(answer) == {{"bias", "variance"}}
### BEGIN HIDDEN TESTS
# {SECRET}
assert answer["bias"] == "rises"
assert answer["variance"] == "falls"
### END HIDDEN TESTS

# %% ANSWER descend
def descend(gradient, w, learning_rate, steps):
    """Take `steps` steps of gradient descent from `w`, shape (d,); `gradient(w)` is a function."""
    ### BEGIN SOLUTION
    # {SOLVED}
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
    return w
    ### END SOLUTION

# %% TEST descend_test 4
earned = 0
target = np.array([1.0, -2.0])
earned += np.allclose(descend(lambda w: w - target, np.zeros(2), 1.0, 1), target)
### BEGIN HIDDEN TESTS
# {SECRET}
calls = []
def slope(w):
    calls.append(1)
    return 2 * w  # {SECRET}
earned += 2 * bool(np.allclose(descend(slope, np.array([8.0]), 0.25, 3), [1.0]))
earned += len(calls) == 3
### END HIDDEN TESTS
float(earned)

# %% ANSWER median
def median(x):
    """Give the median of the numbers in `x`, shape (n,), n > 0."""
    ### BEGIN SOLUTION
    # {SOLVED}
    ordered = sorted(x)
    half = len(ordered) // 2
    return float(ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2)
    ### END SOLUTION

# %% TEST median_test 4
from curriculum import checks

check = checks.start("median")
with check("three numbers", points=1):
    checks.close(median([3.0, 1.0, 2.0]), 2.0, given="x = [3, 1, 2]")
### BEGIN HIDDEN TESTS
# {SECRET}
with check("four numbers", points=3):
    checks.close(median([4.0, 1.0, 2.0, 9.0]), 3.0, given="x = [4, 1, 2, 9]")
### END HIDDEN TESTS
check.report()
''')

ANSWERS = ("mean", "standardise", "RunningMean", "answer", "descend", "median")
RIGHT = {
    "mean": """\
def mean(x):
    if len(x) == 0:
        raise ValueError("there is nothing")
    return sum(x) / len(x)
""",
    "standardise": """\
def standardise(X):
    return (X - np.mean(X, 0)) / np.std(X, 0)
""",
    "RunningMean": """\
class RunningMean:
    def __init__(self):
        self.numbers, self.value = [], 0.0

    def update(self, x):
        self.numbers.append(x)
        self.value = sum(self.numbers) / len(self.numbers)
""",
    "answer": 'answer = {"bias": "rises", "variance": "falls"}\n',
    "descend": """\
def descend(gradient, w, learning_rate, steps):
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
    return w
""",
    "median": "def median(x):\n    return float(np.median(x))\n",
}
"""Answers that earn everything."""
WRONG = {
    "mean": "def mean(x):\n    return 7.0\n",
    "standardise": "def standardise(X):\n    return X\n",
    "RunningMean": """\
class RunningMean:
    value = 7.0

    def update(self, x):
        return self
""",
    "answer": 'answer = {"bias": "falls", "variance": "rises"}\n',
    "descend": "def descend(gradient, w, learning_rate, steps):\n    return w\n",
    "median": "def median(x):\n    return 7.0\n",
}
"""Answers that earn nothing."""
TESTS = {
    "mean_test": 3,
    "standardise_test": 4,
    "running_mean_test": 3,
    "answer_test": 2,
    "descend_test": 4,
    "median_test": 4,
}
