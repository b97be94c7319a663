"""Hands in a notebook that is cut off, and has bytes that are no text."""

# wants: class
# stock: graded

# %% raw python
def change(notebook):
    return v4.writes(notebook).encode()[:-500] + b"\xff\xfe\x00"
