"""Works in place on the array that it was given, where nothing forbids it."""

# %% descend
def descend(gradient, w, learning_rate, steps):
    for _ in range(steps):
        np.subtract(w, learning_rate * gradient(w), out=w)
    return w

# %% median
def median(x):
    x.sort()
    while len(x) > 2:
        del x[0], x[-1]
    return sum(x) / len(x)
