"""An answer was copied, cell and all, and mended in the copy below; a test was copied, too."""

# %% raw python
def change(notebook):
    import copy
    for grade_id in ("mean", "mean_test"):
        first = cell(notebook, grade_id)
        second = copy.deepcopy(first)
        second.id = "pasted-" + grade_id.replace("_", "-")
        notebook.cells.insert(notebook.cells.index(first) + 1, second)
        if grade_id == "mean":
            first.source = "def mean(x):\n    return 0  # first try"
