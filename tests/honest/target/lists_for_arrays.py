"""Lists come back where arrays would, and tuples."""

# %% descend
def descend(gradient, w, learning_rate, steps):
    w = list(map(float, w))
    for _ in range(steps):
        slope = gradient(np.array(w))
        w = [a - learning_rate * b for a, b in zip(w, slope)]
    return tuple(w) if len(w) > 1 else w
