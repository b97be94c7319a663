"""Computes in threads, which call the test's function, too."""

# %% mean
from concurrent.futures import ThreadPoolExecutor

def mean(x):
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(float, x))
    if not numbers:
        raise ValueError
    return sum(numbers) / len(numbers)

# %% descend
def descend(gradient, w, learning_rate, steps):
    with ThreadPoolExecutor(1) as pool:
        for _ in range(steps):
            w = w - learning_rate * pool.submit(gradient, w).result()
    return w
