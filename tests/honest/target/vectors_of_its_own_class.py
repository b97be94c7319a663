"""A vector class that NumPy can read comes back."""

# %% descend
class Vector:
    """Numbers with arithmetic."""

    def __init__(self, values):
        self.values = [float(v) for v in values]

    def __len__(self):
        return len(self.values)

    def __iter__(self):
        return iter(self.values)

    def __getitem__(self, i):
        return self.values[i]

    def __sub__(self, other):
        return Vector(a - b for a, b in zip(self, other))

    def __rmul__(self, factor):
        return Vector(factor * a for a in self)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)

    def __repr__(self):
        return f"Vector({self.values})"


def descend(gradient, w, learning_rate, steps):
    w = Vector(w)
    for _ in range(steps):
        w = w - learning_rate * Vector(gradient(np.asarray(w)))
    return w
