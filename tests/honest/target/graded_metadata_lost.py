"""An editor wrote nbgrader's metadata anew: other schema, no checksums, more fields."""

# %% raw python
def change(notebook):
    for one in notebook.cells:
        meta = one.metadata.get("nbgrader")
        if meta:
            meta.pop("checksum", None)
            meta.pop("task", None)
            meta["schema_version"] = 2
            meta["points"] = "3"
            meta["custom"] = {"a": None}
