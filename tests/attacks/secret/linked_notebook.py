"""Hands in, as its notebook, a link to another student's."""

# wants: secret
# stock: graded

# %% raw python
def arrange(folder):
    (folder / "work.ipynb").unlink()
    (folder / "work.ipynb").symlink_to("../../zoe/target/work.ipynb")
