"""Asserts, doctests and unit tests of its own, one of which fails and is caught."""

# %% mean
def mean(x):
    """Give the mean.

    >>> mean([1, 3])
    2.0
    >>> mean([])
    Traceback (most recent call last):
    ValueError: no numbers
    """
    if len(x) == 0:
        raise ValueError("no numbers")
    return sum(x) / len(x)

assert mean([1, 2]) == 1.5, "my own test"

import doctest
doctest.testmod(verbose=True)

# %% after mean
import unittest

class TestMean(unittest.TestCase):
    def test_one(self):
        self.assertEqual(mean([1]), 1)

    def test_fails(self):
        self.assertEqual(mean([1]), 2)

unittest.main(argv=[""], exit=False, verbosity=2)
