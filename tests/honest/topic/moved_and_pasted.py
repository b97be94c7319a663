"""An answer was pasted a second time and mended there; prose is gone; a test was edited."""

# %% raw python
def change(notebook):
    import copy
    notebook.cells = [one for one in notebook.cells if one.cell_type == "code"]
    first = cell(notebook, "step")
    second = copy.deepcopy(first)
    second.id = "pasted"
    notebook.cells.insert(notebook.cells.index(first) + 1, second)
    first.source = "def step(*args):\n    raise NotImplementedError"
    cell(notebook, "step_test").source += "\nprint('all well?')"
