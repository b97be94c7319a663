"""Where a learner's things are.

`work/`, beside the course, holds the notebooks that they write in, their attempts, and the hidden
folder `.curriculum` with the log. Elsewhere, as on a class's JupyterHub, the log is in the user's
own data folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

STATE = ".curriculum"
APP_NAME = "ml-interview-curriculum"


def state_folder(start: Path | None = None) -> Path:
    """Find the folder of the learner's log.

    `CURRICULUM_STATE` names it, or the nearest folder above `start` (by default the current one)
    that holds `.curriculum`; failing both it is the user's data folder.
    """
    named = os.environ.get("CURRICULUM_STATE")
    if named:
        return Path(named)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / STATE).is_dir():
            return folder / STATE
    return Path(platformdirs.user_data_dir(APP_NAME))


def being_graded() -> bool:
    """Tell whether a notebook runs for a grade or a test, with no learner in front of it."""
    return "NBGRADER_EXECUTION" in os.environ


def server_path(path: Path) -> str | None:
    """Give the path by which JupyterLab knows a file; None where it serves other folders."""
    root = os.environ.get("CURRICULUM_LAB_ROOT")
    try:
        return path.resolve().relative_to(Path(root).resolve()).as_posix() if root else None
    except ValueError:
        return None
