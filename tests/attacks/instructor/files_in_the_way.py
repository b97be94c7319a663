"""Hands in files with names that matter to programs that the instructor may start in that
folder."""

# wants: instructor
# answers: wrong
# stock: graded

# %% file sitecustomize.py
open(__import__("os").path.expanduser("~/pwned-by-a-student-site"), "w")

# %% file nbgrader_config.py
open(__import__("os").path.expanduser("~/pwned-by-a-student-config"), "w")

# %% file nbformat.py
open(__import__("os").path.expanduser("~/pwned-by-a-student-nbformat"), "w")

# %% file json.py
open(__import__("os").path.expanduser("~/pwned-by-a-student-json"), "w")

# %% file conftest.py
open(__import__("os").path.expanduser("~/pwned-by-a-student-conftest"), "w")

# %% file msgpack.py
open(__import__("os").path.expanduser("~/pwned-by-a-student-msgpack"), "w")

# %% file .ipython/profile_default/startup/00.py
open(__import__("os").path.expanduser("~/pwned-by-a-student-startup"), "w")

# %% file .ipynb_checkpoints/work-checkpoint.ipynb
{}

# %% file .jupyter/jupyter_config.py
open(__import__("os").path.expanduser("~/pwned-by-a-student-jupyter"), "w")
