"""Writes other points into the metadata of test cells: a thousand, minus a hundred, text,
infinity."""

# wants: points
# answers: wrong
# stock: graded

# %% descend
def descend(gradient, w, learning_rate, steps):
    return w

# %% raw python
def change(notebook):
    points = iter([1000, -100, "4", float("inf"), None, {"a": 1}])
    for one in notebook.cells:
        if one.metadata.get("nbgrader", {}).get("grade"):
            one.metadata.nbgrader["points"] = next(points)
