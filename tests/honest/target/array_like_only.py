"""A class that NumPy reads by `__array__` and nothing else comes back."""

# %% descend
from dataclasses import dataclass

@dataclass
class Weights:
    values: object
    step: int = 0

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)

def descend(gradient, w, learning_rate, steps):
    weights = Weights(w)
    for weights.step in range(steps):
        weights.values = weights.values - learning_rate * gradient(weights.values)
    return weights
