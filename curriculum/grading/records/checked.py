"""What each check of each test said of a submission: a table in the gradebook, beside the grades.

nbgrader keeps the points of a test cell. Which of its checks passed, and which named mistake an
answer looks like, stands in the graded notebook only. `curriculum class view` is made from the
gradebook alone, so a row for each graded cell of each submission is written here, in the
transaction that writes the cell's grade.

A row has the checks' names and what their reports say, which students read in their feedback; it
has no line of a test. With a named mistake comes the answer that was recognised, cut short. Where
tests run in the student's own process, all of it may be made up by the student: it is reduced to
plain text of bounded length.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Base
from sqlalchemy import Boolean, Column, Float, Index, String, Table, Text, insert, update
from sqlalchemy.orm import Session

from curriculum.authoring import source as src
from curriculum.grading.records import recording

MOST_CHECKS = 100
"""Of a cell; no test of this course has a tenth of it."""
LONGEST_NAME = 200
LONGEST_MESSAGE = 800
LONGEST_ANSWER = 2_000

PASSED, FAILED, NOT_ATTEMPTED = "passed", "failed", "not_attempted"

# Made with nbgrader's own tables, whenever a gradebook is opened that does not have it.
CHECKED = Table(
    "curriculum_checked",
    Base.metadata,
    Column("topic", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("cell", String(128), primary_key=True),
    Column("submission", String(64), primary_key=True),
    Column("time", String(32), nullable=False),
    Column("attempted", Boolean(), nullable=False),
    Column("points", Float()),
    Column("checks", Text(), nullable=False),
    Column("answer", Text(), nullable=False),
    Index("curriculum_checked_topic", "topic"),
)


@dataclass(frozen=True)
class Check:
    """What one named check said.

    Parameters
    ----------
    name : str
        Its public name.
    status : str
        `"passed"`, `"failed"` or `"not_attempted"`.
    points, most : float
        Earned, and the most there are.
    mistake : str
        The name of the mistake that it looks like; empty where it looks like none.
    message : str
        What was expected and what came, where it failed.
    """

    name: str
    status: str
    points: float = 0.0
    most: float = 0.0
    mistake: str = ""
    message: str = ""


@dataclass(frozen=True)
class Place:
    """A graded cell of a submission."""

    topic: str
    student: str
    notebook: str
    cell: str


def write(
    session: Session, place: Place, cell: NotebookNode, nb: NotebookNode, points: float | None
) -> None:
    """Write what the checks of an executed cell said, in the transaction of its grade.

    Parameters
    ----------
    session : Session
        Of the gradebook; commits later.
    place : Place
        Whose cell it is.
    cell, nb : NotebookNode
        The graded cell, and the notebook that it is in.
    points : float, optional
        What the machine gave; None where a person has to judge.
    """
    about = recording.told(session, place.topic, place.student)
    checks, attempted = read(cell)
    if cell.cell_type != "code" or src.is_solution(cell):
        attempted = points is None  # an answer that was left as it was handed out gets 0
    values = {
        "time": datetime.now(UTC).isoformat(timespec="microseconds"),
        "attempted": attempted,
        "points": points,
        "checks": json.dumps([asdict(check) for check in checks]),
        "answer": _answer(cell, nb) if any(check.mistake for check in checks) else "",
    }
    names = {**asdict(place), "submission": about.submission if about else ""}
    where = [CHECKED.c[name] == value for name, value in names.items()]
    done: Any = session.execute(update(CHECKED).where(*where).values(**values))
    if not done.rowcount:
        session.execute(insert(CHECKED).values(**names, **values))


def read(cell: NotebookNode) -> tuple[list[Check], bool]:
    """Read what the checks of an executed cell said, and whether there was something to check."""
    from curriculum.authoring.rehearse import verdict  # slow to import

    if cell.cell_type != "code":
        return [], True
    said: Any = verdict(cell)
    found = said.get("checks") if isinstance(said, Mapping) else None
    plain = found if isinstance(found, Sequence) and not isinstance(found, str) else []
    checks = [_check(one) for one in plain[:MOST_CHECKS] if isinstance(one, Mapping)]
    if not checks:
        return [], True
    if isinstance(said.get("attempted"), bool):
        return checks, said["attempted"]
    return checks, not all(one.message.startswith("NotImplementedError") for one in checks)


def kept(text: str) -> list[Check]:
    """Read the column `checks`; what is no list of checks is none."""
    try:
        found = json.loads(text)
        return [_check(one) for one in found[:MOST_CHECKS] if isinstance(one, Mapping)]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []


def _check(one: Mapping[str, Any]) -> Check:
    status = one.get("status")
    if status not in (PASSED, FAILED, NOT_ATTEMPTED):
        status = FAILED
    failed = status == FAILED
    return Check(
        _text(one.get("name"), LONGEST_NAME) or "?",
        status,
        _number(one.get("points")),
        _number(one.get("max_points", one.get("most"))),
        _text(one.get("mistake"), LONGEST_NAME) if failed else "",
        "" if status == PASSED else _text(one.get("message"), LONGEST_MESSAGE),
    )


def _text(value: Any, length: int) -> str:
    """Give a text as every encoder takes it, cut where it is too long."""
    if not isinstance(value, str):
        return ""
    plain = value[: length + 1].encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    return plain if len(value) <= length else f"{plain[: length - 1].rstrip()}…"


def _number(value: Any) -> float:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        return float(value) if plain and math.isfinite(value) else 0.0
    except OverflowError:
        return 0.0


def _answer(test: NotebookNode, nb: NotebookNode) -> str:
    """Give the answer that a test is about: the one of its name, or the last one above it."""
    wanted = str(src.grading(test).get("grade_id", "")).removesuffix(src.TEST_SUFFIX)
    above = ""
    for cell in nb.cells:
        if cell is test:
            break
        if src.is_solution(cell):
            above = cell.source
            if src.grading(cell).get("grade_id") == wanted:
                break
    return _text(above.strip("\n"), LONGEST_ANSWER)
