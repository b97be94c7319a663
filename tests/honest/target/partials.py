"""Functions are made of other functions: partial, reduce, compose, operator."""

# %% mean
from functools import partial, reduce
import operator

def power_mean(x, p, *, needs=1):
    if len(x) < needs:
        raise ValueError(f"needs {needs}")
    return (reduce(operator.add, (v**p for v in x)) / len(x)) ** (1 / p)

mean = partial(power_mean, p=1)

# %% median
median = partial(np.quantile, q=0.5, method="midpoint")

# %% descend
def one_step(gradient, learning_rate, w, _):
    return w - learning_rate * gradient(w)

def descend(gradient, w, learning_rate, steps):
    return reduce(partial(one_step, gradient, learning_rate), range(steps), w)
