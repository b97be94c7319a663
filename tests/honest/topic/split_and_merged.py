"""Two answers stand in one cell, and the third begins in a cell above its own."""

# %% first
import numpy as np
square = np.square

# %% mean_square
def mean_square(x):
    return helper(square(x))

def step(w, gradient, learning_rate):
    return np.subtract(w, np.multiply(learning_rate, gradient))

# %% after mean_square
helper = lambda x: float(sum(x)) / len(x)

# %% step
"see above"

# %% before count_above
class Counter:
    def __init__(self, threshold):
        self.n, self.threshold = 0, threshold

    def feed(self, v):
        self.n += v > self.threshold
        return self

# %% count_above
def count_above(x, threshold):
    counter = Counter(threshold)
    return max([counter.feed(v).n for v in x], default=0)
