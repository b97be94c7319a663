"""The folder is full of what systems and editors leave: checkpoints, caches, hidden files, copies."""

# %% raw python
def arrange(folder):
    text = (folder / "work.ipynb").read_text()
    for name in (
        "Untitled.ipynb", "Untitled1.ipynb", "work-Copy1.ipynb", "work (1).ipynb",
        ".ipynb_checkpoints/work-checkpoint.ipynb", "__MACOSX/._work.ipynb", "._work.ipynb",
        ".DS_Store", "Thumbs.db", "desktop.ini", "__pycache__/helper.cpython-39.pyc", ".git/HEAD",
        "~$work.docx", "Résumé – final (2).txt", "a file with spaces.txt", ".venv/bin/python",
        "empty", "emoji 🎉.txt", "CON.txt", "deep/er/and/deep/er/file.txt",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text if name.endswith("ipynb") and "_" not in name else "")
