"""Swaps the ids of answers and tests, so that tests' points go to cells that pass."""

# wants: points
# answers: wrong
# stock: graded

# %% raw python
def change(notebook):
    for name in ("mean", "median"):
        answer, test = cell(notebook, name), cell(notebook, f"{name}_test")
        answer.metadata.nbgrader, test.metadata.nbgrader = test.metadata.nbgrader, answer.metadata.nbgrader
        answer.source = "4.0"
