"""Hands in, as its notebook, a pipe that keeps whoever opens it waiting."""

# wants: class
# stock: not run, nbgrader never comes back from opening it

# %% raw python
import os


def arrange(folder):
    (folder / "work.ipynb").unlink()
    os.mkfifo(folder / "work.ipynb")
