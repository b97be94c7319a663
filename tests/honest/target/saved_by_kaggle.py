"""Saved by Kaggle: papermill's times, data sources, uuids."""

# %% first
import os
for dirname, _, filenames in os.walk("/kaggle/input"):
    for filename in filenames:
        print(os.path.join(dirname, filename))

# %% raw python
def change(notebook):
    notebook.metadata["kaggle"] = {"accelerator": "none", "dataSources": [], "isInternetEnabled": True}
    notebook.metadata["papermill"] = {"duration": 9.5, "exception": None, "version": "2.4.0"}
    for one in notebook.cells:
        one.metadata.update(_uuid="8f2839f25d086af7", _kg_hide_input=True, trusted=True, tags=[],
                            papermill={"duration": 0.1, "status": "completed"},
                            execution={"iopub.status.busy": "2026-01-01T10:00:00.1Z"})
