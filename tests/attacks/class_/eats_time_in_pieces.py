"""Stays just within each cell's time, in very many cells."""

# wants: class
# answers: wrong
# stock: graded

# %% raw python
def change(notebook):
    for _ in range(200):
        notebook.cells.append(v4.new_code_cell("import time\ntime.sleep(0.9)"))
