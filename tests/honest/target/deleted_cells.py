"""The cell of imports is gone, and one of the tests; the imports stand in the answers."""

# %% mean
from numpy import mean as _mean

def mean(x):
    if len(x) == 0:
        raise ValueError
    return _mean(x)

# %% standardise
def standardise(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)

# %% median
import statistics
median = statistics.median

# %% raw python
def change(notebook):
    notebook.cells.remove(notebook.cells[0])
    notebook.cells.remove(cell(notebook, "answer_test"))
