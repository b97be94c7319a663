"""How far a student's feedback has come.

The gradebook does not know: nbgrader makes feedback in a folder of the course, and releases it by
copying it into the exchange. So this one thing is read from files; nothing of them is opened but
the secret that names the copy.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import notebook_hash

from curriculum.grading.classview.held import Submission

NONE, STALE, MADE, RELEASED = "none", "older than the grades", "not released", "released"
UNKNOWN = "unknown"

_SECRET = "submission_secret.txt"
_LONGEST_SECRET = 10_000


def states(
    course: CourseDirectory, exchange: Path | None, topic: str, submissions: Iterable[Submission]
) -> dict[str, str]:
    """Tell for each student how far the feedback has come.

    Parameters
    ----------
    course : CourseDirectory
        Where feedback is made.
    exchange : Path, optional
        Where nbgrader releases it: the folder `feedback` of the course in the exchange.
    topic : str
        The assignment.
    submissions : iterable of Submission
        Whose.

    Returns
    -------
    dict
        Student → `"none"`, `"older than the grades"` (points were changed after a page was made),
        `"not released"`, `"released"`, or `"unknown"` where the folder can't be read.
    """
    return {one.student: _state(course, exchange, topic, one) for one in submissions}


def _state(course: CourseDirectory, exchange: Path | None, topic: str, one: Submission) -> str:
    try:
        folder = Path(course.format_path(course.feedback_directory, one.student, topic))
        pages = sorted(folder.glob("*.html")) if folder.is_dir() else []
        if not pages:
            return NONE
        if one.changed and _oldest(pages) < datetime.fromisoformat(one.changed).timestamp():
            return STALE
        return RELEASED if _is_released(exchange, folder, pages) else MADE
    except (OSError, ValueError):
        return UNKNOWN


def _oldest(pages: Iterable[Path]) -> float:
    return min(page.stat().st_mtime for page in pages)


def _is_released(exchange: Path | None, folder: Path, pages: Iterable[Path]) -> bool:
    """Tell whether each page lies in the exchange as it is, under the name that nbgrader gives."""
    if exchange is None or not (folder / _SECRET).is_file():
        return False
    with (folder / _SECRET).open(encoding="utf-8", errors="replace") as file:
        secret = file.read(_LONGEST_SECRET)
    return bool(secret) and all(_is_copied(exchange, secret, page) for page in pages)


def _is_copied(exchange: Path, secret: str, page: Path) -> bool:
    copy = exchange / f"{notebook_hash(secret=secret, notebook_id=page.stem)}.html"
    if not copy.is_file():
        return False
    ours, theirs = page.stat(), copy.stat()
    # It may be the copy of an earlier page.
    return theirs.st_size == ours.st_size and theirs.st_mtime >= ours.st_mtime
