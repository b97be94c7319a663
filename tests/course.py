"""Small courses to test with: a folder of one's own, a topic of a few cells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOPIC = "small_topic"

ENTRY = f"""
[[topic]]
id = "{TOPIC}"
title = "A small topic"
summary = "Double a number."
skills = ["arithmetic"]
needs = []
levels = ["entry"]
roles = ["data scientist"]
[topic.minutes]
1_see = 5
2_build = 5
3_use = 5
4_say = 5
[topic.seconds]
1_see = 60
2_build = 60
3_use = 60
4_say = 60
"""

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A small topic
#
# Go on to [2 · Build](2_build.ipynb).

# %% tags=["on_open"]
from curriculum import checks, learner

learner.begin("small_topic", "{notebook}")
"""

FOOTER = """
# %% tags=["on_open"]
learner.check_my_work()
"""

EXERCISE = '''
# %% [markdown]
# ## Exercise 1 · Double

# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double(x):
    """Give twice `x`, a number."""
    ### BEGIN SOLUTION
    twice_the_number = x + x
    return twice_the_number
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "double_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("double")
with check("two", points=1):
    checks.close(double(2), 4, given="x = 2")
### BEGIN HIDDEN TESTS
with check("three", points=2):
    checks.close(
        double(3),
        6,
        given="x = 3",
        mistakes=[checks.Mistake("squares", looks_like=9, says="Twice x is x + x, not x · x.")],
    )
### END HIDDEN TESTS
check.report()

# %% tags=["mistake"] mistake={"exercise": "double", "name": "squares"}
def double(x):
    return x**2


# %% tags=["alternative"] alternative={"exercise": "double", "name": "product"}
def double(x):
    return 2 * x

'''

QUESTION = """
# %% [markdown]
# ## Say it
#
# | points | |
# |---|---|
# | 2 | clear |

# %% [markdown] nbgrader={"grade": true, "grade_id": "say_double", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# You add the number to itself, and that is the whole model answer.

# %% [markdown] nbgrader={"grade": false, "grade_id": "say_double_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Notes for the grader stay with the grader.
#
# ### BEGIN MARK SCHEME
# A senior candidate mentions overflow.
# ### END MARK SCHEME
"""

BODIES = {"1_see": "", "2_build": EXERCISE, "3_use": "", "4_say": QUESTION}
WIDGETS = '"""Widgets of the small topic."""\n'


def notebook_text(name: str, body: str | None = None) -> str:
    """Give the text source of one notebook of the small topic."""
    middle = BODIES[name] if body is None else body
    return HEADER.replace("{notebook}", name) + middle + FOOTER


def write_topic(source: Path, **bodies: str) -> Path:
    """Write the small topic into a `source/` folder; `bodies` replace what a notebook holds."""
    folder = source / TOPIC
    folder.mkdir(parents=True)
    for name in BODIES:
        (folder / f"{name}.py").write_text(notebook_text(name, bodies.get(name)))
    return folder


def make_course(folder: Path, **bodies: str) -> Path:
    """Make a copy of the project with the small topic added: a folder, a module, an entry."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "curriculum", folder / "curriculum", ignore=ignored)
    write_topic(folder / "source", **bodies)
    (folder / "curriculum" / "widgets" / f"{TOPIC}.py").write_text(WIDGETS)
    (folder / "curriculum" / "catalog.toml").write_text(ENTRY)
    return folder


def environment(course: Path) -> dict[str, str]:
    """Give the environment in which the copy's own package is the one that is imported."""
    here = str(Path(sys.executable).parent)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("NBGRADER", "CURRICULUM_"))}
    return {
        **clean,
        "PATH": os.pathsep.join([here, os.environ["PATH"]]),
        "PYTHONPATH": str(course),
        "JUPYTER_DATA_DIR": str(course / ".jupyter"),
        "JUPYTER_CONFIG_DIR": str(course / ".jupyter-config"),
        "IPYTHONDIR": str(course / ".ipython"),
    }


def run(course: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command in a course, e.g. `run(course, "curriculum", "build")`."""
    done = subprocess.run(
        command, cwd=course, env=environment(course), capture_output=True, text=True
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return done


def copy_project(folder: Path) -> Path:
    """Copy the real course, its topics and its release, so that a test can work in it."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for part in ("curriculum", "source", "release"):
        ignored = shutil.ignore_patterns("__pycache__", "*.ipynb" if part == "source" else "")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    return folder
