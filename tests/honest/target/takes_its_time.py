"""Sleeps for a second within a function, and computes for two."""

# %% mean
import time

def mean(x):
    time.sleep(1)
    if len(x) == 0:
        raise ValueError
    return np.mean(x)

# %% median
def median(x):
    end = time.process_time() + 2
    while time.process_time() < end:
        sorted(range(10_000))
    return float(np.median(x))
