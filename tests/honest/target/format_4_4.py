"""Format 4.4: cells have no ids."""

# %% raw python
def change(notebook):
    notebook.nbformat_minor = 4
    for one in notebook.cells:
        one.pop("id", None)
