"""An answer uses what a test cell above it defined and imported."""

# %% descend
reference = standardise(X)

def descend(gradient, w, learning_rate, steps):
    assert reference.shape == X.shape
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
    return w

# %% after median_test
checks.close(median([1.0]), 1.0)
