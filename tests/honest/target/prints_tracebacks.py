"""Catches errors of its own and prints their tracebacks."""

# %% mean
import traceback, sys

def mean(x):
    try:
        return sum(x) / len(x)
    except ZeroDivisionError as error:
        traceback.print_exc()
        traceback.print_exc(file=sys.stdout)
        raise ValueError("no numbers") from error
