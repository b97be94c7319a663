"""Write the record: what nbgrader's gradebook is told to change is noted, whoever changes it.

`curriculum grade`, `nbgrader autograde` and the formgrader all write grades through sessions of
SQLAlchemy. While a transaction goes on, the values of grades and late penalties before it and after
it are kept; just before it is committed, one batch of rows is added to the record, in the same
transaction: a grade has its row, or neither is there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    GradeCell,
    InvalidEntry,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.converters import Autograde
from sqlalchemy import Connection, event, func, inspect, literal, null, select
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from curriculum.grading import intake, released
from curriculum.grading.records import bounds, people, record
from curriculum.grading.records.record import POINTS, RECORD, Place

_FIELDS = {
    Grade: {"auto_score": "auto", "manual_score": "manual", "extra_credit": "extra"},
    SubmittedNotebook: {"late_submission_penalty": "penalty"},
}
"""The attributes of nbgrader's that are recorded, and what the record calls them."""

_CHANGES, _ABOUT = "curriculum_changes", "curriculum_about"
_on: ContextVar[bool] = ContextVar("on", default=True)


@dataclass(frozen=True)
class About:
    """What a program that grades knows of a submission.

    Parameters
    ----------
    topic, student : str
        Which submission.
    submission, version, environment : str
        Digests of what was handed in, of the topic, and of packages and grader.
    program : str
        What writes; empty for the name of this program.
    """

    topic: str
    student: str
    submission: str
    version: str
    environment: str
    program: str = ""


@dataclass
class _Change:
    """The values of a grade, or of a notebook's penalty, before a transaction and after it."""

    old: dict[str, float | None] = field(default_factory=dict)
    new: dict[str, float | None] = field(default_factory=dict)
    place: Mapping[str, Any] | None = None

    def is_one(self) -> bool:
        return self.old != self.new


_Changes = dict[tuple[type, str], _Change]
_graded: About | None = None
"""The submission that nbgrader's own loop has come to."""


@functools.cache
def into() -> None:
    """Record what this process writes, and refuse what can't be a grade."""
    bounds.into()
    event.listen(Session, "before_flush", _note_removed)
    event.listen(Session, "after_flush", _note_changed)
    event.listen(Session, "before_commit", _before_commit)
    event.listen(Session, "after_transaction_end", _forget)
    event.listen(Session, "do_orm_execute", _refuse_unseen)
    Autograde.init_assignment = _telling(Autograde.init_assignment)


@contextmanager
def off() -> Iterator[None]:
    """Record nothing: for gradebooks that are thrown away."""
    before = _on.set(False)
    try:
        yield
    finally:
        _on.reset(before)


def about(session: Session, told: About) -> None:
    """Say what the grades are of that a session is about to write."""
    session.info[_ABOUT] = told


def told(session: Session, topic: str, student: str) -> About | None:
    """Give what is known of the submission that is being graded; None where nothing is."""
    for known in (session.info.get(_ABOUT), _graded):
        if known is not None and (known.topic, known.student) == (topic, student):
            return known
    return None


# What changes.


def _note_removed(session: Session, context: Any, instances: Any) -> None:
    removed = [one for one in session.deleted if type(one) in _FIELDS]
    if not removed or not _on.get():
        return
    places = _places(session.connection(), [(type(one), one.id) for one in removed])
    for one in removed:
        change = _change(session, one)
        change.place = places.get((type(one), one.id))
        for attribute, name in _FIELDS[type(one)].items():
            change.old.setdefault(name, getattr(one, attribute))
            change.new[name] = None


def _note_changed(session: Session, context: Any) -> None:
    if not _on.get():
        return
    for one in {*session.new, *session.dirty}:
        if type(one) in _FIELDS and _touched(one):
            change = _change(session, one)
            for attribute, name in _FIELDS[type(one)].items():
                before, now = _values(one, attribute)
                change.old.setdefault(name, before)
                change.new[name] = now
    if session.in_nested_transaction():  # which may be undone alone, with its rows
        _write_changes(session)


def _touched(one: Any) -> bool:
    attributes = inspect(one).attrs
    return any(attributes[name].history.has_changes() for name in _FIELDS[type(one)])


def _values(one: Any, attribute: str) -> tuple[float | None, float | None]:
    history = inspect(one).attrs[attribute].history
    now = (history.added or history.unchanged or [None])[0]
    return ((history.deleted or [None])[0] if history.has_changes() else now), now


def _change(session: Session, one: Any) -> _Change:
    changes: _Changes = session.info.setdefault(_CHANGES, {})
    return changes.setdefault((type(one), one.id), _Change())


def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_CHANGES, None)


def _refuse_unseen(state: ORMExecuteState) -> None:
    """Refuse what changes grades without loading them, so that nobody sees what they were."""
    if state.is_select or not _on.get() or state.bind_mapper is None:
        return
    if state.bind_mapper.class_ in _FIELDS:
        raise InvalidEntry(
            "Grades are changed one by one, by setting attributes of nbgrader's objects: what"
            " changes many at once can't be recorded."
        )


# What is written of it.


def _before_commit(session: Session) -> None:
    if _on.get():
        session.flush()
        _write_changes(session)


def _write_changes(session: Session) -> None:
    """Write the rows of a transaction, all at once."""
    changes: _Changes = session.info.get(_CHANGES, {})
    wanted = {key: change for key, change in changes.items() if change.is_one()}
    if wanted:
        connection = session.connection()
        unknown = [key for key, change in wanted.items() if change.place is None]
        places = _places(connection, unknown)
        rows = []
        for key, change in wanted.items():
            place = change.place or places[key]
            _check(place, change)
            rows.append(_row(place, change))
        rows.sort(key=lambda row: [row[name] for name in ("topic", "student", "notebook", "cell")])
        _add_digests(connection, rows, session.info.get(_ABOUT))
        record.append(connection, rows)
    # Only now: where this fails and nobody rolls back, the next commit has to write the rows.
    session.info.pop(_CHANGES, None)


def _check(place: Mapping[str, Any], change: _Change) -> None:
    for attribute, name in _FIELDS[Grade].items():
        points = change.new.get(name)
        if name != "extra" and place["cell"] and points != change.old.get(name):
            bounds.check_most(attribute, points, place["most"], place["cell"])


def _row(place: Mapping[str, Any], change: _Change) -> dict[str, Any]:
    row = {name: place[name] for name in ("student", "topic", "notebook", "cell")}
    for name in POINTS:
        row[f"old_{name}"], row[f"new_{name}"] = change.old.get(name), change.new.get(name)
    return row | {"who": people.who(), "program": people.program()}


def _add_digests(
    connection: Connection, rows: Iterable[dict[str, Any]], told: About | None
) -> None:
    """Say what was graded: what the machine that grades knows of it, or else as it was last."""
    last: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        submission = row["topic"], row["student"]
        by_machine = row["old_auto"] != row["new_auto"] or not row["cell"]
        for known in (told, _graded) if by_machine else ():
            if known is not None and (known.topic, known.student) == submission:
                row |= _digests(vars(known))
                row["program"] = known.program or row["program"]
                break
        else:
            if submission not in last:
                last[submission] = _last_digests(connection, *submission)
            row |= last[submission]


def _last_digests(connection: Connection, topic: str, student: str) -> dict[str, str]:
    asked = (
        select(RECORD.c.submission, RECORD.c.version, RECORD.c.environment)
        .where(RECORD.c.topic == topic, RECORD.c.student == student, RECORD.c.submission != "")
        .order_by(RECORD.c.number.desc())
        .limit(1)
    )
    found = connection.execute(asked).mappings().one_or_none()
    return _digests(found or {})


def _digests(known: Mapping[Any, Any]) -> dict[str, str]:
    return {name: known.get(name, "") for name in ("submission", "version", "environment")}


def _places(
    connection: Connection, keys: Iterable[tuple[type, str]]
) -> dict[tuple[type, str], Mapping[str, Any]]:
    """Find where grades and penalties belong, all at once."""
    keys = list(keys)
    found: dict[tuple[type, str], Mapping[str, Any]] = {}
    for kind in _FIELDS:
        ids = [one for its_kind, one in keys if its_kind is kind]
        for start in range(0, len(ids), 500):  # a statement has a limited number of parameters
            asked = _placed(kind).where(kind.id.in_(ids[start : start + 500]))
            found |= {(kind, row["id"]): row for row in connection.execute(asked).mappings()}
    return found


def values(
    connection: Connection, topic: str = "", student: str = ""
) -> dict[Place, tuple[float | None, ...]]:
    """Give what the gradebook holds, of everybody or of one submission, where it holds something.

    The values are those that the record has: see `curriculum.grading.records.record.POINTS`.
    """
    found = {}
    for kind in _FIELDS:
        asked = _placed(kind)
        if topic:
            asked = asked.where(Assignment.name == topic)
        if student:
            asked = asked.where(SubmittedAssignment.student_id == student)
        for row in connection.execute(asked).mappings():
            place = row["topic"], row["student"], row["notebook"], row["cell"]
            points = tuple(row[name] for name in POINTS)
            if any(one is not None for one in points):
                found[place] = points
    return found


def _placed(kind: Any) -> Any:
    """Select grades or penalties, each with its values and where it belongs."""
    attributes = {name: attribute for attribute, name in _FIELDS[kind].items()}
    columns = [
        kind.id.label("id"),
        SubmittedAssignment.student_id.label("student"),
        Assignment.name.label("topic"),
        Notebook.name.label("notebook"),
        *(
            (getattr(kind, attributes[name]) if name in attributes else null()).label(name)
            for name in POINTS
        ),
    ]
    if kind is Grade:
        cell, graded, task = BaseCell.__table__, GradeCell.__table__, TaskCell.__table__
        most = func.coalesce(graded.c.max_score, task.c.max_score, 0.0)
        asked = (
            select(*columns, cell.c.name.label("cell"), most.label("most"))
            .select_from(Grade)
            .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
            .join(cell, cell.c.id == Grade.cell_id)
            .outerjoin(graded, graded.c.id == Grade.cell_id)
            .outerjoin(task, task.c.id == Grade.cell_id)
        )
    else:
        asked = select(*columns, literal("").label("cell")).select_from(SubmittedNotebook)
    return (
        asked.join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    )


# What nbgrader's own loop grades.


def _telling(init_assignment: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(init_assignment)
    def telling(converter: Autograde, assignment_id: str, student_id: str) -> None:
        global _graded
        _graded = _look(converter, assignment_id, student_id) if _on.get() else None
        init_assignment(converter, assignment_id, student_id)

    return telling


def _look(converter: Any, topic: str, student: str) -> About | None:
    """Take the digests of what nbgrader has come to; None where it knows no such topic."""
    course = converter.coursedir
    folder = Path(course.format_path(course.submitted_directory, student, topic))
    handed = intake.look(student, folder, course.ignore)
    kept = converter.exclude_overwriting.get(topic, ())
    try:
        with Gradebook(course.db_url, course.course_id) as book:
            version = released.version(book, topic, released.masters(course, topic, kept))
    except MissingEntry:
        return None
    return About(topic, student, handed.digest, version, environment())


@functools.cache
def environment() -> str:
    """Tell packages and grader from any other; what this process has loaded does not change."""
    return released.environment()
