"""The old format 3, with worksheets and numbers of prompts."""

# %% raw python
def change(notebook):
    old = nbformat.convert(notebook, 3)
    return nbformat.v3.writes_json(old)
