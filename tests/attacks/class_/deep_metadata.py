"""Hands in metadata nested deeply enough for what copies notebooks by recursion."""

# wants: class
# answers: wrong
# stock: graded

# %% raw python
def change(notebook):
    before, after = v4.writes(notebook).rsplit('"metadata": {', 1)
    return f'{before}"metadata": {{"deep": {"[" * 700 + "]" * 700},{after}'
