"""Computes in threads and a process, and sleeps."""

# %% mean_square
import time
from concurrent.futures import ThreadPoolExecutor

def mean_square(x):
    time.sleep(0.3)
    with ThreadPoolExecutor() as pool:
        return sum(pool.map(lambda v: v * v, x)) / len(x)

# %% count_above
import multiprocessing

def count_above(x, threshold):
    context = multiprocessing.get_context("fork")
    there, here = context.Pipe()
    child = context.Process(target=lambda: there.send(sum(v > threshold for v in x)))
    child.start()
    found = here.recv()
    child.join()
    return int(found)
