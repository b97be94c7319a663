"""Recursive functions, generators that send, and a deep recursion limit."""

# %% first
import sys
sys.setrecursionlimit(20_000)

# %% mean
def averager():
    total, n, average = 0.0, 0, None
    while True:
        x = yield average
        total, n = total + x, n + 1
        average = total / n

def mean(x):
    if len(x) == 0:
        raise ValueError
    coroutine = averager()
    next(coroutine)
    *_, last = (coroutine.send(v) for v in x)
    return last

# %% descend
def descend(gradient, w, learning_rate, steps):
    if steps == 0:
        return w
    return descend(gradient, w - learning_rate * gradient(w), learning_rate, steps - 1)

# %% after descend
def deep(n):
    return n and 1 + deep(n - 1)
deep(9_000)
