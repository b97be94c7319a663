"""Variables are called as the tests' are, and hold something else."""

# %% first
X = Z = before = earned = target = running = number = calls = check = None

# %% before standardise
X, Z = "a string", 5

# %% before descend
earned = -100
target = [[1]]

def slope(w):
    raise RuntimeError("not this one")

calls = 10**9

# %% before median
class check:
    start = None
