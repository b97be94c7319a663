"""Crashes the interpreter: a null pointer, a stack without an end, a broken garbage collector."""

# wants: class
# answers: wrong
# stock: graded

# %% mean
import ctypes


def mean(x):
    ctypes.string_at(0)

# %% median
import sys


def median(x):
    sys.setrecursionlimit(10**9)
    return median([x])
