"""Hands in links beside the notebook that lead to the gradebook, to the source and to other
submissions."""

# wants: secret
# answers: wrong
# stock: graded

# %% last
import glob

for path in sorted(glob.glob("*") + glob.glob("*/*") + glob.glob("*/*/*")):
    try:
        print(path, open(path, "rb").read().decode(errors="ignore"))
    except OSError as error:
        print(path, error)

# %% raw python
def arrange(folder):
    (folder / "book.db").symlink_to("../../../gradebook.db")
    (folder / "key.txt").symlink_to("../../../source/target/work.ipynb")
    (folder / "all").symlink_to("../..")
    (folder / "home").symlink_to("../../../../home")
