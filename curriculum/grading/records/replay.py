"""Grade a submission again and throw the grades away, to see whether they are the same.

What was handed in is prepared, run in the sandbox and scored just as `curriculum grade` does it, in
a transaction of the gradebook that is undone, and in a folder of its own.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import Connection

from curriculum.grading import intake, nbgrader_api
from curriculum.grading.book import OneGradebook, open_gradebook
from curriculum.grading.class_run import ClassRun, Open, Pool, Wish, patiently
from curriculum.grading.command import ending_cleanly, make_pool, quiet_nbgrader
from curriculum.grading.intake import HandedIn, shown
from curriculum.grading.ledger import Note, claims
from curriculum.grading.nbgrader_api import GradingError
from curriculum.grading.progress import counted
from curriculum.grading.records import record, recording
from curriculum.grading.records.record import Entry, Place, Verdict

Values = Mapping[Place, tuple[float | None, ...]]

_AUTO, _MANUAL, _EXTRA, _PENALTY = range(len(record.POINTS))
_WORDS = ("by machine", "by hand", "extra credit", "late penalty")
_NOTHING = (None,) * len(record.POINTS)
_MOST_LINES = 20
_CLAIMED_ELSEWHERE_SECONDS = 0.5


@dataclass(frozen=True)
class Again:
    """What came of grading a submission again.

    Parameters
    ----------
    graded, again : dict
        The values in the gradebook, and those that came now.
    notes : tuple of Note
        What was found in the submission.
    changed : tuple of str
        What is not as it was when it was graded, in sentences.
    unlike : tuple of str
        Where the gradebook says something else than the record, in sentences.
    verdict : Verdict
        Whether the record's chain holds.
    """

    graded: Values
    again: Values
    notes: tuple[Note, ...]
    changed: tuple[str, ...]
    unlike: tuple[str, ...]
    verdict: Verdict

    @property
    def differences(self) -> dict[Place, tuple[str, str]]:
        """What the machine gave and gives, where that is not the same."""
        found = {}
        for place in sorted({*self.graded, *self.again}):
            kind = _AUTO if place[3] else _PENALTY
            before = self.graded.get(place, _NOTHING)[kind]
            after = self.again.get(place, _NOTHING)[kind]
            if before != after:
                found[place] = _number(before), _number(after)
        return found

    @property
    def is_same(self) -> bool:
        """Whether nothing speaks against the grade."""
        return not (self.differences or self.unlike or self.verdict.fault)


class Replay(ClassRun):
    """Grades one submission, and writes nothing."""

    def again(self, student: str, pool: Pool) -> Again:
        """Grade a submission again.

        Raises
        ------
        GradingError
            Nothing was handed in, or it was never graded, or can't be run now.
        """
        folder = next((path for name, path in self._handed_in() if name == student), None)
        if folder is None or not self._is_graded(student):
            raise GradingError(
                f"{shown(student)} has no grade for {self._wish.topic} that could be replayed:"
                f" `curriculum grade {self._wish.topic} --student {shown(student)}` gives one."
            )
        handed = intake.look(student, folder, self._converter.ignored)
        with claims(self._book.engine, self._wish.topic) as held:
            while not held.take(student):
                time.sleep(_CLAIMED_ELSEWHERE_SECONDS)
            one = self._ran(handed, pool)
            graded, again, notes = patiently(lambda: self._undone(one))
            with _snapshot(self._book) as connection:
                rows = record.read(connection, self._wish.topic, student)
                now = recording.values(connection, self._wish.topic, student)
                verdict = record.verify(connection)
        unlike = _unlike(now, _newest(rows))
        changed = tuple(self._changed(rows, handed))
        return Again(graded, again, tuple(notes), changed, tuple(unlike), verdict)

    def _is_graded(self, student: str) -> bool:
        try:
            self._book.find_submission(self._wish.topic, student)
        except MissingEntry:
            return False
        finally:
            self._book.db.rollback()
        return True

    def _ran(self, handed: HandedIn, pool: Pool) -> Open:
        with pool() as (executor, _):
            row, one = self._begin(handed, executor)
            while one is not None and one.waiting:
                self._await_one([one])
        failed = row.notes if row is not None else one.failed if one is not None else ()
        if one is None or failed:
            raise GradingError(" ".join(note.text for note in failed))
        return one

    def _undone(self, one: Open) -> tuple[Values, Values, list[Note]]:
        """Give the grades before and after grading, and leave the gradebook as it was."""
        submission = self._wish.topic, one.handed.student
        with tempfile.TemporaryDirectory() as scratch, self._book.whole() as session:
            graded = recording.values(session.connection(), *submission)
            notes = self._write_grades(one, Path(scratch))
            session.flush()
            again = recording.values(session.connection(), *submission)
            session.rollback()
        return graded, again, notes

    def _changed(self, rows: Sequence[Entry], handed: HandedIn) -> Iterator[str]:
        last = next((row for row in reversed(rows) if row.submission), None)
        if last is None:
            yield "The record does not say what was graded."
            return
        when = f"since it was graded on {_time(last)}"
        if last.submission != handed.digest:
            yield f"What lies in {handed.folder} has changed {when}."
        if last.version != self._version:
            yield f"The topic has changed {when}: its cells, points, or files beside it."
        if last.environment != self._environment:
            yield f"Installed packages or the grader have changed {when}."


def replay(options: argparse.Namespace, root: Path) -> int:
    """Run `curriculum grade replay`; gives the exit status: 1 where something differs."""
    wish = Wish(
        root,
        options.topic,
        (options.name,),
        force=True,
        unprotected=options.run_student_code_unprotected,
    )
    pool = make_pool(options.workers, options.cluster)
    with quiet_nbgrader(), ending_cleanly():
        config = nbgrader_api.whole_config(root)
        with closing(Replay(wish, config)) as run:
            done = run.again(options.name, pool)
    for line in _said(options.name, options.topic, done):
        print(line)
    return 0 if done.is_same else 1


def _said(student: str, topic: str, done: Again) -> Iterator[str]:
    who = f"{shown(student)}, {topic}"
    different = done.differences
    if different:
        yield f"{who}: differs in {counted(len(different), 'place')}."
        for place, (before, after) in different.items():
            yield f"  {_where(place)}: graded {before}, again {after}"
    else:
        earned = sum(points[_AUTO] or 0 for points in done.again.values())
        yield f"{who}: the same, {earned:g} points by machine."
    yield from (*done.changed, *(shown(note.text) for note in done.notes), *done.unlike)
    yield _holds(done.verdict)


# Reading the record.


def show_record(options: argparse.Namespace, root: Path) -> int:
    """Run `curriculum grade record`; gives the exit status: 1 where it is not as it was written."""
    course = nbgrader_api.course_directory(nbgrader_api.whole_config(root), root=str(root))
    with _gradebook(course) as book, _snapshot(book) as connection:
        rows = record.read(connection, options.topic, options.name) if options.name else []
        verdict = record.verify(connection, options.kept or "")
        held = recording.values(connection)
        written = record.newest_values(connection)
    for row in rows:
        print(_line(row))
    if options.name and not rows:
        print(f"The record has nothing of {shown(options.name)} for {options.topic}.")
    unlike = list(_unlike(held, written))
    for sentence in unlike[:_MOST_LINES]:
        print(sentence)
    if len(unlike) > _MOST_LINES:
        print(f"And {len(unlike) - _MOST_LINES} more.")
    before = len(held.keys() - written.keys())
    if before:
        print(f"{counted(before, 'grade')} without a row: given before there was a record.")
    print(_holds(verdict))
    return 1 if unlike or verdict.fault else 0


@contextmanager
def _gradebook(course: CourseDirectory) -> Iterator[OneGradebook]:
    book = open_gradebook(course.db_url, course.course_id)
    try:
        yield book
    finally:
        book.close_for_good()


@contextmanager
def _snapshot(book: OneGradebook) -> Iterator[Connection]:
    """Read grades and record as they are at one moment."""
    with book.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        else:
            connection.exec_driver_sql("BEGIN")
        yield connection


def _newest(rows: Sequence[Entry]) -> Values:
    return {(row.topic, row.student, row.notebook, row.cell): row.new for row in rows}


def _unlike(held: Values, written: Values) -> Iterator[str]:
    """Say where the gradebook was changed by something that left no row."""
    for place in sorted(written):
        now, then = held.get(place, _NOTHING), written[place]
        if now != then:
            said = "; ".join(
                f"{word} {_number(a)} in the gradebook, {_number(b)} in the record"
                for word, a, b in zip(_WORDS, now, then, strict=True)
                if a != b
            )
            topic, student = place[:2]
            yield f"{shown(student)}, {topic}, {_where(place)}: {said}."


def _line(row: Entry) -> str:
    said = ", ".join(
        f"{word} {_number(old)} → {_number(new)}"
        for word, old, new in zip(_WORDS, row.old, row.new, strict=True)
        if old != new
    )
    graded = f"submission {row.submission[:8] or 'unknown'}, topic {row.version[:8] or 'unknown'}"
    where = _where((row.topic, row.student, row.notebook, row.cell))
    return f"{row.number:6}  {_time(row)}  {row.who}, {row.program}  {where}: {said}  ({graded})"


def _time(row: Entry) -> str:
    return row.time[:19].replace("T", " ") + " UTC"


def _where(place: Place) -> str:
    _, _, notebook, cell = place
    return f"{notebook}/{cell}" if cell else f"{notebook}, late penalty"


def _number(points: float | None) -> str:
    return "none" if points is None else f"{points:g}"


def _holds(verdict: Verdict) -> str:
    if verdict.fault:
        return f"The record does NOT hold. {verdict.fault}"
    if not verdict.rows:
        return "The record is empty."
    return f"The record holds: {counted(verdict.rows, 'row')}, the last one {verdict.last}."
