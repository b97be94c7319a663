"""Grade a class: nbgrader's work, split at its only slow step.

One coordinator reads what was handed in, prepares and scores it with nbgrader's own preprocessors,
and alone writes the gradebook; workers only run notebooks. A submission's folder and grades appear
at once: its folder is renamed into place just before the transaction that holds its grades and its
row of the ledger is committed. Killed at any moment, a run leaves nothing half-written, and the
next one goes on where it ended.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from nbformat import NotebookNode
from nbgrader.api import InvalidEntry
from nbgrader.utils import parse_utc
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from traitlets.config import Config

from curriculum import files
from curriculum.execution import ExecutionError, Ran
from curriculum.grading import intake, released, together, workers
from curriculum.grading.book import lent, open_gradebook, unreachable, worth_another_try
from curriculum.grading.converter import Converter
from curriculum.grading.intake import HandedIn, Unreadable, shown
from curriculum.grading.ledger import Claims, Entry, Ledger, Note, claims, digest, folder_digest
from curriculum.grading.nbgrader_api import GradingError
from curriculum.grading.preprocessors import executed
from curriculum.grading.records import recording
from curriculum.sandbox.plan import LAYERS, NONE

GRADED, MENDED, RED, UNCHANGED = "graded", "mended", "red", "unchanged"

_WEAK = {
    NONE: "Students' code runs unprotected: it can read the answer key and change the gradebook.",
    LAYERS: "This machine gives the weaker sandbox: `curriculum doctor` says what would raise it.",
}
_BUSY_TRIES = 6
_CLAIMED_ELSEWHERE_SECONDS = 0.5


@dataclass(frozen=True)
class Wish:
    """What is asked of a run.

    Parameters
    ----------
    root : Path
        The course.
    topic : str
        The assignment.
    students : tuple of str
        Names, or patterns as in a shell; none means everybody.
    force : bool
        Grade what has not changed, too.
    unprotected : bool
        Run students' code without a sandbox where there is none.
    """

    root: Path
    topic: str
    students: tuple[str, ...] = ()
    force: bool = False
    unprotected: bool = False


@dataclass(frozen=True)
class Row:
    """What became of one submission.

    Parameters
    ----------
    student : str
        Who handed it in.
    verdict : str
        `"graded"`; `"mended"`, something was put right; `"red"`, something could not be graded;
        `"unchanged"`, it was graded before.
    points, most : float, optional
        What the machine gave, of what it could give; None where nothing was written.
    notes : tuple of Note
        Why.
    seconds : float
        From its first notebook's start to its grades.
    by_hand : bool
        A person has to look at it, too.
    signs : tuple of str
        The notebooks with signs of tampering; they change nothing else.
    """

    student: str
    verdict: str
    points: float | None = None
    most: float | None = None
    notes: tuple[Note, ...] = ()
    seconds: float = 0
    by_hand: bool = False
    signs: tuple[str, ...] = ()


@dataclass
class Open:
    """A submission that is being graded."""

    handed: HandedIn
    key: str
    began: float = field(default_factory=time.monotonic)
    waiting: dict[Future, str] = field(default_factory=dict)
    ran: dict[str, bytes] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    failed: list[Note] = field(default_factory=list)
    signs: set[str] = field(default_factory=set)


class Listener:
    """Is told how a run goes on; this one keeps quiet."""

    def begin(self, total: int, unchanged: int) -> None:
        """Learn how many submissions there are, and how many of them need nothing."""

    def running(self, submissions: int, notebooks: int) -> None:
        """Learn how many are being run right now."""

    def finished(self, row: Row) -> None:
        """Learn what became of a submission."""

    def remark(self, sentence: str) -> None:
        """Learn something about the whole run, once."""


Pool = Callable[[], AbstractContextManager[tuple[Executor, int]]]


class ClassRun:
    """One run over the submissions of a topic.

    Parameters
    ----------
    wish : Wish
        What to grade.
    config : Config
        The course's configuration.
    run : callable
        What a worker does with a job's bytes.

    Raises
    ------
    GradingError
        There is no gradebook, no such topic, no such student, …
    """

    def __init__(
        self, wish: Wish, config: Config, run: Callable[[bytes], bytes] = workers.run_alone
    ) -> None:
        self._wish = wish
        self._run_job = run
        self._listener = Listener()
        self._remarked: set[str] = set()
        self._converter = Converter(wish.root, wish.topic, config)
        course = self._converter.course
        self._book = open_gradebook(course.db_url, course.course_id)
        try:
            self._learn_topic()
        except BaseException:
            self._book.close_for_good()
            raise

    def _learn_topic(self) -> None:
        converter, topic = self._converter, self._wish.topic
        self._notebooks = converter.notebooks(self._book)
        self._masters = converter.masters()
        self._ledger = Ledger(self._book, topic)
        self._execute = converter.execute
        if self._wish.unprotected:
            self._execute.run_student_code_unprotected = True
        try:
            self._about = self._execute.about(converter.course, topic, self._masters)
        except ExecutionError as error:
            raise GradingError(str(error)) from None
        self._version = released.version(self._book, topic, self._masters)
        self._environment = released.environment()
        self._decided = digest(
            [
                self._version,
                self._environment,
                sorted(converter.execute.trait_values(config=True).items()),
            ]
        )

    def close(self) -> None:
        """End the connection to the gradebook."""
        self._book.close_for_good()

    def grade(self, pool: Pool, listener: Listener | None = None) -> list[Row]:
        """Grade what is new, and give a row for every submission.

        Parameters
        ----------
        pool : callable
            Makes the executor, only if there is something to run.
        listener : Listener, optional
            Is told what happens.

        Raises
        ------
        GradingError
            No student's code can be run here, or the gradebook does not answer any more.
        KeyboardInterrupt
            As it came: what was finished is kept, what ran is stopped.
        """
        self._listener = listener = listener or Listener()
        handed_in = self._handed_in()
        with ExitStack() as stack:
            held = stack.enter_context(claims(self._book.engine, self._wish.topic))
            rows, new = self._sorted_out(handed_in)
            listener.begin(len(rows) + len(new), len(rows))
            for unsplit in self._about.unsplit:
                self._remark(f"{unsplit} {together.MEANWHILE}")
            for row in rows:
                if row.notes:
                    listener.finished(row)
            if new:
                executor, slots = stack.enter_context(pool())
                for row in self._grade(new, held, executor, slots, listener):
                    listener.finished(row)
                    rows.append(row)
        return sorted(rows, key=lambda row: row.student)

    def waiting_for_a_person(self, student: str) -> set[str]:
        """List the notebooks of a submission with answers that nobody has graded yet."""
        submission = self._book.find_submission(self._wish.topic, student)
        waiting = {n.name for n in submission.notebooks if n.needs_manual_grade}
        self._book.db.rollback()
        return waiting

    # What there is to do.

    def _handed_in(self) -> list[tuple[str, Path]]:
        found = self._converter.submissions(self._wish.students)
        if not found:
            whom = ", ".join(self._wish.students) or "anybody"
            raise GradingError(
                f"Nothing was handed in for {self._wish.topic} by {whom}: `nbgrader collect"
                f" {self._wish.topic}` fetches what students have submitted."
            )
        return found

    def _sorted_out(self, found: list[tuple[str, Path]]) -> tuple[list[Row], list[HandedIn]]:
        """Split into rows of what is graded already, and what is to be graded."""
        known = {} if self._wish.force else self._ledger.read()
        rows, new = [], []
        for student, folder in found:
            handed = intake.look(student, folder, self._converter.ignored)
            entry = known.get(student)
            if entry and self._is_done(entry, handed):
                rows.append(_unchanged(entry))
            else:
                new.append(handed)
        return rows, new

    def _key(self, handed: HandedIn) -> str:
        return digest([self._decided, handed.student, handed.digest])

    def _is_done(self, entry: Entry, handed: HandedIn) -> bool:
        if entry.key != self._key(handed):
            return False
        return entry.autograded == folder_digest(self._converter.autograded(handed.student))

    # Doing it.

    def _grade(
        self,
        new: Sequence[HandedIn],
        held: Claims,
        executor: Executor,
        slots: int,
        listener: Listener,
    ) -> Iterator[Row]:
        """Keep the workers busy and write what they finish, a few submissions at a time."""
        waiting, elsewhere, opened = deque(new), deque[HandedIn](), list[Open]()
        ahead = slots + max(2, len(self._notebooks))
        while waiting or elsewhere or opened:
            while waiting and sum(len(one.waiting) for one in opened) < ahead:
                handed = waiting.popleft()
                if not held.take(handed.student):
                    elsewhere.append(handed)
                    continue
                row, one = self._begin(handed, executor)
                if row:
                    held.give_back(handed.student)
                    yield row
                elif one:
                    opened.append(one)
            listener.running(len(opened), sum(len(one.waiting) for one in opened))
            if opened:
                self._await_one(opened)
            for one in [one for one in opened if not one.waiting]:
                opened.remove(one)
                yield self._finish(one)
                held.give_back(one.handed.student)
            if not opened and not waiting and elsewhere:
                time.sleep(_CLAIMED_ELSEWHERE_SECONDS)
                waiting.append(elsewhere.popleft())

    def _begin(self, handed: HandedIn, executor: Executor) -> tuple[Row | None, Open | None]:
        """Prepare a submission's notebooks and hand them to the workers."""
        one = Open(handed, self._key(handed))
        try:
            entry = None if self._wish.force else self._entry(handed.student)
            if entry and self._is_done(entry, handed):
                return _unchanged(entry), None  # another run has graded it meanwhile
            jobs = patiently(lambda: self._jobs(one))
        except Exception as error:
            self._stop_without_gradebook(error)
            return self._not_graded(one, f"It could not be prepared: {_said(error)}"), None
        finally:
            self._book.db.rollback()
        try:
            for name, job in jobs.items():
                one.waiting[executor.submit(self._run_job, job)] = name
        except ExecutionError as error:
            raise GradingError(str(error)) from None
        return None, one

    def _entry(self, student: str) -> Entry | None:
        return patiently(lambda: self._ledger.read(student)).get(student)

    def _jobs(self, one: Open) -> dict[str, bytes]:
        handed, converter = one.handed, self._converter
        one.notes.clear()
        one.missing.clear()
        found = handed.notebooks()
        converter.before(found)
        beside = handed.beside(converter.most_bytes) | self._masters
        one.notes += handed.notes
        for name in found.keys() - set(self._notebooks):
            one.notes.append(Note(f"{shown(name)}.ipynb is no notebook of the topic."))
        jobs = {}
        for name in self._notebooks:
            if name not in found:
                one.missing[name] = f"{name}.ipynb was not handed in."
                continue
            try:
                notebook, said = self._prepared(handed.student, name, found[name])
            except Unreadable as error:
                one.missing[name] = f"{name}.ipynb {error}."
                continue
            one.notes += [Note(f"{name}: {sentence}") for sentence in said]
            jobs[name] = self._execute.job(notebook, name, beside, self._about).to_bytes()
        return jobs

    def _prepared(self, student: str, name: str, path: Path) -> tuple[NotebookNode, list[str]]:
        notebook, mended = intake.read_notebook(path)
        try:
            with lent(self._book, self._converter.preprocessors):
                notebook, said = self._converter.sanitised(student, name, notebook)
        except (SQLAlchemyError, InvalidEntry):
            raise
        except Exception as error:
            raise Unreadable(f"can't be prepared ({_said(error)})") from error
        return notebook, [*mended, *said]

    def _await_one(self, opened: list[Open]) -> None:
        """Wait until at least one notebook has been run, and keep what came."""
        owners = {future: one for one in opened for future in one.waiting}
        if not owners:
            return
        done, _ = wait(owners, return_when=FIRST_COMPLETED)
        for future in done:
            one = owners[future]
            name = one.waiting.pop(future)
            try:
                one.ran[name] = workers.opened(future.result())
            except ExecutionError as error:
                raise GradingError(str(error)) from None
            except (Exception, CancelledError) as error:
                one.failed.append(Note(f"{name} could not be run: {_said(error)}", bad=True))

    # Writing it.

    def _finish(self, one: Open) -> Row:
        """Score a submission and write its grades, its folder and its row, all or nothing."""
        if one.failed:
            return self._not_graded(one)
        try:
            return patiently(lambda: self._write(one))
        except Exception as error:
            self._stop_without_gradebook(error)
            return self._not_graded(one, f"Its grades could not be saved: {_said(error)}")

    def _stop_without_gradebook(self, error: Exception) -> None:
        """End the run where no other submission would fare better."""
        if isinstance(error, OperationalError) and not worth_another_try(error):
            url = self._book.engine.url.render_as_string()
            raise GradingError(unreachable(url, error)) from None

    def _write(self, one: Open) -> Row:
        student, converter = one.handed.student, self._converter
        final = converter.autograded(student)
        final.parent.mkdir(parents=True, exist_ok=True)
        with files.scratch_beside(final) as scratch, self._book.whole() as session:
            recording.about(session, self._told(one))
            notes = self._write_grades(one, scratch)
            converter.set_permissions(scratch)
            verdict = RED if any(n.bad for n in notes) else MENDED if notes else GRADED
            entry = Entry(student, one.key, verdict, tuple(notes), folder_digest(scratch))
            self._ledger.write(session, entry)
            points, most, by_hand = converter.points(self._book, student)
            session.flush()
            files.put_in_place(scratch, final)
        converter.after(one.handed.notebooks())
        seconds = time.monotonic() - one.began
        seen = tuple(sorted(one.signs))
        return Row(student, verdict, points, most, tuple(notes), seconds, by_hand, seen)

    def _told(self, one: Open) -> recording.About:
        return recording.About(
            self._wish.topic,
            one.handed.student,
            one.handed.digest,
            self._version,
            self._environment,
            program="curriculum grade",
        )

    def _write_grades(self, one: Open, scratch: Path) -> list[Note]:
        """Write a submission's grades and files, and give the notes on it."""
        student, converter = one.handed.student, self._converter
        notes, missing = list(one.notes), dict(one.missing)
        one.signs.clear()
        timestamp, said = self._timestamp(one)
        notes += said
        converter.begin_submission(self._book, student, timestamp)
        self._write_files(one, scratch)
        for name, answer in sorted(one.ran.items()):
            try:
                graded = self._scored(one, name, answer, scratch)
            except Unreadable as error:
                missing[name] = f"{name}.ipynb {error}."
            else:
                _write(scratch / f"{name}.ipynb", graded)
        for name, reason in missing.items():
            converter.give_nothing(self._book, student, name, reason)
            notes.append(Note(f"{reason} It earns no points.", bad=True))
            if name in one.handed.notebooks():
                _write(scratch / f"{name}.ipynb", converter.stand_in(name, reason))
        return notes

    def _scored(self, one: Open, name: str, answer: bytes, folder: Path) -> str:
        try:
            ran = Ran.from_bytes(answer)
            self._remark_on(ran)
            notebook = executed(ran)
            found = self._execute.signs(ran, notebook, name, self._about)
            if found:
                one.signs.add(name)
            with lent(self._book, self._converter.preprocessors):
                return self._converter.scored(one.handed.student, name, notebook, folder, found)
        except (SQLAlchemyError, InvalidEntry):
            raise
        except Exception as error:
            raise Unreadable(f"can't be scored ({_said(error)})") from error

    def _remark_on(self, ran: Ran) -> None:
        """Say where notebooks run slower or less protected than they could."""
        level, cold = ran.facts.get("level"), ran.facts.get("why_cold")
        said = []
        if cold:
            said.append(f"Notebooks start cold, which takes longer: {cold}.")
        if level in _WEAK:
            said.append(_WEAK[level])
        for sentence in said:
            self._remark(sentence)

    def _remark(self, sentence: str) -> None:
        """Say something about the whole run, once."""
        if sentence not in self._remarked:
            self._remarked.add(sentence)
            self._listener.remark(sentence)

    def _write_files(self, one: Open, scratch: Path) -> None:
        """Copy what nbgrader copies: files that came along, and the instructor's over them."""
        for name, path in one.handed.files.items():
            if name.endswith(".ipynb") or name in self._masters:
                continue
            try:
                content = intake.read_bytes(path, self._converter.most_bytes)
            except Unreadable:
                continue  # noted when it was read for the notebooks
            _write(scratch / name, content)
        for name, content in self._masters.items():
            _write(scratch / name, content)

    def _timestamp(self, one: Open) -> tuple[datetime | None, list[Note]]:
        path = one.handed.files.get("timestamp.txt")
        if path is None:
            return None, []
        try:
            said = intake.read_bytes(path, 1000).decode().strip()
            return (parse_utc(said) if said else None), []
        except (Unreadable, ValueError, OverflowError):
            return None, [Note("timestamp.txt holds no time; the one before counts.", bad=True)]

    def _not_graded(self, one: Open, reason: str = "") -> Row:
        """Leave the gradebook and the folder as they were; the next run tries again."""
        notes = [*([Note(reason, bad=True)] if reason else one.failed), *one.notes]
        seconds = time.monotonic() - one.began
        return Row(one.handed.student, RED, notes=tuple(notes), seconds=seconds)


T = TypeVar("T")


def patiently(action: Callable[[], T]) -> T:
    """Do something with the gradebook, again while others keep it busy."""
    for left in reversed(range(_BUSY_TRIES)):
        try:
            return action()
        except Exception as error:
            if not left or not worth_another_try(error):
                raise
            time.sleep(0.1 * (_BUSY_TRIES - left))
    raise AssertionError("not reached")


def _unchanged(entry: Entry) -> Row:
    bad = tuple(note for note in entry.notes if note.bad)
    return Row(entry.student, RED if bad else UNCHANGED, notes=bad)


def _said(error: BaseException) -> str:
    if isinstance(error, workers.WorkerDied):
        return f"{workers.TRIES} workers were killed while they ran it."
    text = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
