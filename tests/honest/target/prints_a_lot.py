"""A function prints a hundred thousand lines, and a cell ten thousand."""

# %% mean
def mean(x):
    for i in range(100_000):
        print("step", i)
    if len(x) == 0:
        raise ValueError("no numbers")
    return sum(x) / len(x)

# %% after answer
for i in range(10_000):
    print(i, "." * 60)
