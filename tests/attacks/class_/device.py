"""Hands in links to devices that never end and to itself, beside the notebook."""

# wants: class
# answers: wrong
# stock: not run, nbgrader copies /dev/zero until the disk is full

# %% raw python
def arrange(folder):
    (folder / "zero").symlink_to("/dev/zero")
    (folder / "loop").symlink_to("loop")
    (folder / "here").symlink_to(".")
    (folder / "up").symlink_to("../..")
