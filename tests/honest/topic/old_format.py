"""Saved by an old editor: format 4.0, no ids, cells collapsed, outputs and their counts kept."""

# %% raw python
def change(notebook):
    notebook.nbformat_minor = 0
    notebook.metadata = {"kernelspec": {"display_name": "Python [default]", "name": "python2"}}
    for one in notebook.cells:
        one.pop("id", None)
        one.metadata["collapsed"] = True
        if one.cell_type == "code":
            one.execution_count = 3
            one.outputs = [v4.new_output("stream", text="0 of 9 points\n")]
