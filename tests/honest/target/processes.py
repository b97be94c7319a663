"""Computes in processes of its own."""

# %% mean
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

def mean(x):
    if len(x) == 0:
        raise ValueError
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return sum(pool.map(float, x)) / len(x)

# %% median
def median(x):
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        x = pool.submit(sorted, x).result()
    return (x[(len(x) - 1) // 2] + x[len(x) // 2]) / 2
