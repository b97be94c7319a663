"""Writes text on which Markdown, highlighting and colours of the terminal take very long."""

# wants: class
# answers: wrong
# stock: graded

# %% last
print("\x1b[" + "1;" * 20_000 + "m" + "\x1b[38;5;" * 5000)
print("a" * 50_000 + "\r" * 1000 + "\x08" * 10_000)

# %% last [markdown]
# # x
# `````````````````````````````` x

# %% raw python
def change(notebook):
    notebook.cells.append(v4.new_markdown_cell("$" * 2000 + "\n" + "<a " * 2000 + "\n" + "![" * 500 + "\n" + "**a_" * 1000))
    notebook.cells.append(v4.new_raw_cell("x"))
