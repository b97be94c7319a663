"""Converts test cells to Markdown and raw cells, which nobody runs."""

# wants: points
# answers: wrong
# stock: graded

# %% raw python
def change(notebook):
    for number, one in enumerate(notebook.cells):
        if one.metadata.get("nbgrader", {}).get("grade"):
            one["cell_type"] = ["markdown", "raw"][number % 2]
            one.pop("outputs")
            one.pop("execution_count")
