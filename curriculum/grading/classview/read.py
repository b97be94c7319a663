"""Read what a gradebook holds of a topic, at one moment, and change nothing in it.

All of it comes from the database: nbgrader's own tables, and three that this package keeps beside
them (`ledger`, `records.record`, `records.checked`). A gradebook that lacks one of the three, being
older, is read all the same; `Topic.lacks` says what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import Connection, create_engine, event, func, inspect, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from curriculum.grading.book import BUSY_SECONDS, unreachable
from curriculum.grading.classview.held import Attempt, Cell, Place, Score, Submission, Topic
from curriculum.grading.ledger import LEDGER
from curriculum.grading.nbgrader_api import GradingError
from curriculum.grading.records import checked
from curriculum.grading.records.checked import CHECKED
from curriculum.grading.records.record import RECORD


@contextmanager
def opened(db_url: str) -> Iterator[Connection]:
    """Open a gradebook for reading, as it is at one moment; nothing can be written through it.

    Raises
    ------
    GradingError
        There is none, or it can't be read.
    """
    url = make_url(db_url)
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite and not Path(url.database or "").is_file():
        raise GradingError(
            f"There is no gradebook at {url.database}: grade something first, with"
            " `curriculum grade TOPIC`."
        )
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise GradingError(
            f"{error.name} is missing, which {url.render_as_string()} needs: `pip install"
            ' "ml-interview-curriculum[postgres]"` installs it.'
        ) from None
    if sqlite:
        event.listen(engine, "connect", _only_reads)
    try:
        with engine.connect() as connection:
            if sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            yield connection
    except SQLAlchemyError as error:
        raise GradingError(unreachable(url.render_as_string(), error)) from None
    finally:
        engine.dispose()


def _only_reads(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def topics(connection: Connection) -> dict[str, int]:
    """List the topics of a gradebook, with how many have handed in each."""
    asked = (
        select(Assignment.name, func.count(SubmittedAssignment.id))
        .outerjoin(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
        .group_by(Assignment.name)
        .order_by(Assignment.name)
    )
    return {row[0]: row[1] for row in connection.execute(asked)}


def topic(connection: Connection, name: str) -> Topic:
    """Read a topic.

    Raises
    ------
    GradingError
        The gradebook does not know it, or nobody has handed it in.
    """
    known = topics(connection)
    if name not in known:
        has = f"it has {', '.join(known)}" if known else "it has none"
        raise GradingError(f"The gradebook does not know the topic {name}: {has}.")
    if not known[name]:
        raise GradingError(
            f"Nothing of {name} has been graded yet: `curriculum grade {name}` does that."
        )
    tables = set(inspect(connection).get_table_names())
    found = {one.student: one for one in _submissions(connection, name)}
    _add_scores(connection, name, found)
    lacks = []
    for called, table, add in (
        ("checks", CHECKED.name, _add_attempts),
        ("record", RECORD.name, _add_record),
        ("ledger", LEDGER.name, _add_ledger),
    ):
        if table not in tables or not add(connection, name, found):
            lacks.append(called)
    students = connection.execute(select(func.count(Student.id))).scalar_one()
    submissions = tuple(found[student] for student in sorted(found))
    return Topic(name, tuple(_cells(connection, name)), submissions, students, tuple(lacks))


def _cells(connection: Connection, topic: str) -> Iterator[Cell]:
    cell, graded, task = BaseCell.__table__, GradeCell.__table__, TaskCell.__table__
    asked = (
        select(
            Notebook.name.label("notebook"),
            cell.c.name.label("cell"),
            func.coalesce(graded.c.max_score, task.c.max_score).label("most"),
            graded.c.cell_type.label("kind"),
            task.c.id.label("task"),
        )
        .select_from(cell)
        .join(Notebook, Notebook.id == cell.c.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .outerjoin(graded, graded.c.id == cell.c.id)
        .outerjoin(task, task.c.id == cell.c.id)
        .where(Assignment.name == topic)
        .order_by(Notebook.name, cell.c.name)
    )
    written = {(row[0], row[1]) for row in connection.execute(_answers(topic))}
    for row in connection.execute(asked):
        if row.most is None:  # no graded cell
            continue
        by_hand = row.task is not None or row.kind != "code" or (row.notebook, row.cell) in written
        yield Cell(row.notebook, row.cell, float(row.most), by_hand)


def _answers(topic: str) -> Any:
    """Select the cells that students write: one that is graded as well has two rows."""
    cell, answer = BaseCell.__table__, SolutionCell.__table__
    return (
        select(Notebook.name, cell.c.name)
        .select_from(cell)
        .join(answer, answer.c.id == cell.c.id)
        .join(Notebook, Notebook.id == cell.c.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .where(Assignment.name == topic)
    )


def _submissions(connection: Connection, topic: str) -> Iterator[Submission]:
    asked = (
        select(
            SubmittedAssignment.student_id,
            Student.first_name,
            Student.last_name,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            Assignment.duedate,
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .outerjoin(Student, Student.id == SubmittedAssignment.student_id)
        .where(Assignment.name == topic)
    )
    penalties = dict(map(tuple, connection.execute(_penalties(topic)).all()))
    for row in connection.execute(asked):
        name = " ".join(part for part in (row.first_name, row.last_name) if part)
        due = row.duedate and row.duedate + (row.extension or timedelta())
        yield Submission(
            row.student_id, name, row.timestamp, due, float(penalties.get(row.student_id) or 0)
        )


def _penalties(topic: str) -> Any:
    return (
        select(SubmittedAssignment.student_id, func.sum(SubmittedNotebook.late_submission_penalty))
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == topic)
        .group_by(SubmittedAssignment.student_id)
    )


def _add_scores(connection: Connection, topic: str, found: dict[str, Submission]) -> None:
    cell = BaseCell.__table__
    asked = (
        select(
            SubmittedAssignment.student_id,
            Notebook.name.label("notebook"),
            cell.c.name.label("cell"),
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        )
        .select_from(Grade)
        .join(cell, cell.c.id == Grade.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == topic)
    )
    for row in connection.execute(asked):
        points = row.auto_score if row.manual_score is None else row.manual_score
        score = Score(points, row.extra_credit or 0.0, bool(row.needs_manual_grade))
        found[row.student_id].scores[row.notebook, row.cell] = score


# The tables of this package.


def _add_attempts(connection: Connection, topic: str, found: dict[str, Submission]) -> bool:
    asked = select(CHECKED).where(CHECKED.c.topic == topic).order_by(CHECKED.c.time)
    some = False
    for row in connection.execute(asked):
        if row.student in found:
            some = True
            checks = tuple(checked.kept(row.checks))
            attempt = Attempt(row.submission, row.time, row.attempted, checks, row.answer)
            found[row.student].add((row.notebook, row.cell), attempt)
    return some


def _add_record(connection: Connection, topic: str, found: dict[str, Submission]) -> bool:
    """Learn when grades changed; and of gradings from before there were checks, that they were."""
    known = {
        (student, attempt.submission)
        for student, one in found.items()
        for attempts in one.attempts.values()
        for attempt in attempts
    }
    asked = select(RECORD).where(RECORD.c.topic == topic).order_by(RECORD.c.number)
    some, older = False, dict[tuple[str, Place], dict[str, Attempt]]()
    for row in connection.execute(asked):
        one = found.get(row.student)
        if one is None:
            continue
        some = True
        one.changed = max(one.changed, row.time)
        if row.submission and row.cell and row.old_auto != row.new_auto:
            one.saw(row.time, row.submission)
            if (row.student, row.submission) not in known:
                place = row.student, (row.notebook, row.cell)
                attempt = Attempt(
                    row.submission, row.time, row.new_auto is not None, has_checks=False
                )
                older.setdefault(place, {})[row.submission] = attempt
    for (student, where), attempts in older.items():
        before = found[student].attempts.get(where, [])
        found[student].attempts[where] = [*attempts.values(), *before]
    return some


def _add_ledger(connection: Connection, topic: str, found: dict[str, Submission]) -> bool:
    some = False
    for row in connection.execute(select(LEDGER).where(LEDGER.c.topic == topic)):
        if row.student in found:
            some = True
            one = found[row.student]
            one.trouble = tuple(_bad(row.notes))
    return some


def _bad(notes: str) -> Iterator[str]:
    try:
        for note in json.loads(notes):
            if note.get("bad"):
                yield str(note.get("text", ""))
    except (ValueError, TypeError, AttributeError):
        return
