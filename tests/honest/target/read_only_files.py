"""Files and folders are read-only, as some archives make them, or may be run."""

# %% raw python
def arrange(folder):
    (folder / "notes").mkdir()
    (folder / "notes" / "a.txt").write_text("mine")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o777)
    (folder / "notes" / "a.txt").chmod(0o444)
    (folder / "work.ipynb").chmod(0o400)
    (folder / "notes").chmod(0o555)
