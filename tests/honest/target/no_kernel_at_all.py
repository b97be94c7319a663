"""The notebook says nothing of its kernel, and hardly anything of itself."""

# %% raw python
def change(notebook):
    import json
    cells = [{"cell_type": one.cell_type, "source": one.source, "metadata": one.metadata,
              **({"outputs": [], "execution_count": None} if one.cell_type == "code" else {})}
             for one in notebook.cells]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
