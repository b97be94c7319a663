"""Positional-only and keyword-only parameters, defaults, stars and annotations that do nothing."""

# %% mean
def mean(x: "array of numbers", /, *, axis: None = None, **unused) -> "a number":
    if (n := len(x)) == 0:
        raise ValueError
    return np.add.reduce(x) / n

# %% standardise
def standardise(*args, **kwargs):
    (X,) = args
    return (X - X.mean(axis=0)) / X.std(axis=0)

# %% descend
def descend(gradient: callable, w, learning_rate=0.1, steps=100, *, callback=lambda w: None):
    for _ in range(steps):
        w -= learning_rate * gradient(w)
        callback(w)
    return w
