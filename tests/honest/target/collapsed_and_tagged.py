"""Cells are collapsed, scrolled, tagged, made slides of, hidden, not deletable and not editable."""

# %% raw python
def change(notebook):
    for one in notebook.cells:
        one.metadata.update(
            collapsed=True, scrolled="auto", deletable=False, editable=False, name="cell",
            jupyter={"source_hidden": True, "outputs_hidden": True},
            slideshow={"slide_type": "skip"}, heading_collapsed=True, hide_input=True,
            tags=["remove-input", "parameters", "raises-exception"], ExecuteTime={"end_time": ""},
        )
    notebook.metadata["toc"] = {"base_numbering": 1}
    notebook.metadata["celltoolbar"] = "Create Assignment"
