"""Outputs are kept in the file, a picture of megabytes among them, and the counts of runs."""

# %% raw python
def change(notebook):
    picture = "iVBORw0KGgo" + "A" * 6_000_000
    for count, one in enumerate(notebook.cells, 40):
        if one.cell_type == "code":
            one.execution_count = count
            one.outputs = [
                v4.new_output("stream", name="stderr", text="a warning\n"),
                v4.new_output("execute_result", {"text/plain": "0.0"}, execution_count=count),
                v4.new_output("error", ename="AssertionError", evalue="old", traceback=["old"]),
            ]
    notebook.cells[1].outputs.append(v4.new_output("display_data", {"image/png": picture}))
