"""Hands in a notebook with five thousand cells."""

# wants: class
# answers: wrong
# stock: graded

# %% raw python
def change(notebook):
    for number in range(5_000):
        notebook.cells.append(v4.new_markdown_cell("x"))
