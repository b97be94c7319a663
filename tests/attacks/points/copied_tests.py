"""Copies each test cell, with its id, before and after, with a text that passes."""

# wants: points
# answers: wrong
# stock: graded

# %% raw python
import copy


def change(notebook):
    cells = []
    for one in notebook.cells:
        if one.metadata.get("nbgrader", {}).get("grade"):
            other, third = copy.deepcopy(one), copy.deepcopy(one)
            other.source = third.source = "4.0"
            other["id"], third["id"] = one["id"] + "a", one["id"] + "b"
            cells += [other, one, third]
        else:
            cells.append(one)
    notebook.cells = cells
