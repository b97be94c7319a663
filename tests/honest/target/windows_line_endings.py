"""Every line ends as on Windows."""

# %% mean
def mean(x):
    """Several
    lines."""
    text = """one
two"""
    if len(x) == 0:
        raise ValueError(text)
    return sum(x) \
        / len(x)

# %% before descend
# %time 1 + 1
"a cell"

# %% raw python
def change(notebook):
    for one in notebook.cells:
        if not one.metadata.get("nbgrader", {}).get("locked"):
            one.source = one.source.replace("\n", "\r\n")
    return v4.writes(notebook).replace("\n", "\r\n")
