"""Hands in, as its folder, a link to another student's."""

# wants: secret
# stock: graded

# %% raw python
import shutil


def arrange(folder):
    shutil.rmtree(folder)
    folder.symlink_to("../zoe/target")
