"""Writes one line of code of two megabytes, and an expression nested five thousand deep."""

# wants: class
# answers: wrong
# stock: graded

# %% last
x = eval("(" * 5000 + "1" + ")" * 5000)

# %% raw python
def change(notebook):
    notebook.cells.append(v4.new_code_cell("x = '" + "x" * 2_000_000 + "'"))
    notebook.cells.append(v4.new_code_cell("x = " + "[" * 3000 + "]" * 3000))
    notebook.cells.append(v4.new_markdown_cell("> " * 3000 + "x\n" + "*" * 3000 + "[" * 3000))
