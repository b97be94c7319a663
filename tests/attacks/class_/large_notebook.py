"""Hands in a notebook of sixty megabytes, most of it one line of output."""

# wants: class
# answers: wrong
# stock: graded

# %% raw python
def change(notebook):
    notebook.cells[0].outputs = [v4.new_output("stream", text="x" * 60_000_000)]
