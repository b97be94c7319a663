"""Saved by VS Code: languages of cells, its kernel, interpreter hashes."""

# %% raw python
def change(notebook):
    notebook.nbformat_minor = 2
    notebook.metadata = {
        "kernelspec": {"display_name": ".venv (3.9.6)", "language": "python", "name": "python3"},
        "language_info": {"codemirror_mode": {"name": "ipython", "version": 3}, "name": "python",
                          "file_extension": ".py", "mimetype": "text/x-python",
                          "nbconvert_exporter": "python", "pygments_lexer": "ipython3",
                          "version": "3.9.6"},
        "orig_nbformat": 4,
        "vscode": {"interpreter": {"hash": "31f2aee4e71d21fbe5cf8b01ff0e069b9275f58929596ceb00"}},
    }
    for one in notebook.cells:
        one.pop("id", None)
        one.metadata["vscode"] = {"languageId": "python"}
        one.metadata["collapsed"] = False
