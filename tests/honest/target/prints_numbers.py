"""Functions print numbers that look like points, and show them."""

# %% descend
def descend(gradient, w, learning_rate, steps):
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
    print(0.0)
    display(0.0)
    print("-1")
    return w

# %% answer
answer = {"bias": "rises", "variance": "falls"}
0.0

# %% after answer
-1.0
