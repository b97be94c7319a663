"""Holds its end of the wire open in a child that never says anything, and ends itself."""

# wants: class
# answers: wrong
# stock: graded

# %% mean
import os
import time


def mean(x):
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
        os._exit(0)
    os._exit(0)
