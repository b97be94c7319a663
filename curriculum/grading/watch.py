"""Grade what arrives in the exchange, and hand its feedback back, within seconds.

Everything between the exchange and the course is nbgrader's own: `collect`, `generate_feedback`
and `release_feedback`, called in this process for one student at a time.
"""

from __future__ import annotations

import glob
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory

from curriculum.grading import nbgrader_api
from curriculum.grading.class_run import RED, ClassRun, Listener, Pool, Row, Wish
from curriculum.grading.exchange import ExchangeCollect, names
from curriculum.grading.ledger import Note
from curriculum.grading.nbgrader_api import GradingError

LAST_FILE = "submission_secret.txt"
"""What `nbgrader submit` writes last; without it, a submission is whole when it has been quiet."""

QUIET_LOOKS = 5

_Look = tuple[tuple[str, int, int], ...]


@dataclass
class _Arrival:
    """A submission in the exchange: how it looked, and for how many looks."""

    look: _Look = ()
    looks: int = 0
    done: bool = False


@dataclass
class Watch:
    """The exchange's submissions of a topic, and what has been done about them.

    Parameters
    ----------
    wish : Wish
        What to grade.
    pool : callable
        Makes the executor; it is kept from one submission to the next.
    listener : Listener
        Is told what happens.

    Raises
    ------
    GradingError
        There is no exchange, no gradebook, no such topic.
    """

    wish: Wish
    pool: Pool
    listener: Listener
    _arrivals: dict[str, _Arrival] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._config = nbgrader_api.whole_config(self.wish.root)
        course = self._course("*")
        collect = self._exchange(course, "Collect")
        self._inbound = Path(collect.root, course.course_id, "inbound")
        if not self._inbound.is_dir():
            raise GradingError(
                f"The exchange has no folder {self._inbound}: set c.Exchange.root in"
                f" nbgrader_config.py and run `nbgrader release_assignment {self.wish.topic}`."
            )
        with closing(ClassRun(self.wish, self._config)):
            pass  # what is wrong with the gradebook or the topic is said at once
        self._stack = ExitStack()
        self._workers: Any = None

    def close(self) -> None:
        """End the workers."""
        self._stack.close()

    def look(self) -> list[Row]:
        """Do what there is to do; gives the rows of what was graded."""
        collected = [student for student in self._arrived() if self._collected(student)]
        if not collected:
            return []
        wish = replace(self.wish, students=tuple(collected))
        with closing(ClassRun(wish, self._config)) as run:
            rows = run.grade(self._kept_pool, self.listener)
        for row in rows:
            if row.points is not None:
                self._hand_back(row)
        return rows

    def _kept_pool(self) -> AbstractContextManager:
        if self._workers is None:
            self._workers = self._stack.enter_context(self.pool())
        return nullcontext(self._workers)

    def _arrived(self) -> list[str]:
        """List whose submissions are whole and have not been seen to."""
        found: dict[str, None] = {}
        for path in sorted(self._inbound.glob(f"*+{glob.escape(self.wish.topic)}+*")):
            student = names.student_of(path.name, self.wish.topic) or ""
            arrival = self._arrivals.setdefault(path.name, _Arrival())
            if not arrival.done and self._chosen(student) and _is_whole(path, arrival):
                arrival.done = True
                found[student] = None  # of several, nbgrader collects the newest
        return list(found)

    def _chosen(self, student: str) -> bool:
        return not self.wish.students or student in self.wish.students

    def _collected(self, student: str) -> bool:
        """Let nbgrader fetch a submission; tells whether there is something to grade."""
        collect = self._exchange(self._course(student), "Collect", update=True)
        try:
            nbgrader_api.run(collect)
        except (GradingError, OSError, RuntimeError, shutil.Error) as error:
            self._not_collected(student, str(error))
            return False
        if not isinstance(collect, ExchangeCollect):
            return True  # a course may name another one
        for refusal in collect.refused:
            self._arrivals.setdefault(refusal.name, _Arrival()).done = not refusal.again
            if not refusal.again and refusal.name not in self._told:
                self._not_collected(student, refusal.reason)
                self._told.add(refusal.name)
        for sentence in collect.remarks:
            self.listener.remark(sentence)
        if not collect.refused and student not in collect.in_place:
            self._not_collected(student, "its name is none that `nbgrader submit` gives.")
        return student in collect.in_place

    def _not_collected(self, student: str, reason: str) -> None:
        note = Note(f"It could not be collected: {reason}", bad=True)
        self.listener.finished(Row(student, RED, notes=(note,)))

    def _hand_back(self, row: Row) -> None:
        """Write and release the feedback, but not where it would count unread answers as zero."""
        try:
            for notebook in self._feedback_is_final(row.student):
                course = self._course(row.student, notebook_id=glob.escape(notebook))
                nbgrader_api.generate_feedback(course, self._config)
            course = self._course(row.student)
            nbgrader_api.run(self._exchange(course, "ReleaseFeedback"))
        except (GradingError, OSError) as error:
            note = Note(f"Its feedback could not be handed back: {error}", bad=True)
            self.listener.finished(Row(row.student, RED, notes=(note,)))

    def _feedback_is_final(self, student: str) -> Iterable[str]:
        """Clear the former feedback, and list the notebooks that wait for no person."""
        course = self._course(student)
        former = Path(course.format_path(course.feedback_directory, student, self.wish.topic))
        shutil.rmtree(former, ignore_errors=True)
        graded = Path(course.format_path(course.autograded_directory, student, self.wish.topic))
        with closing(ClassRun(self.wish, self._config)) as run:
            waiting = run.waiting_for_a_person(student)
        names = sorted(path.stem for path in graded.glob("*.ipynb"))
        return [name for name in names if name not in waiting]

    def _course(self, student: str, **places: Any) -> CourseDirectory:
        name = student if student == "*" else glob.escape(student)
        return nbgrader_api.course_directory(
            self._config,
            root=str(self.wish.root),
            assignment_id=self.wish.topic,
            student_id=name,
            **places,
        )

    def _exchange(self, course: CourseDirectory, step: str, **traits: Any) -> Any:
        return nbgrader_api.exchange(course, self._config, step, **traits)


def _is_whole(path: Path, arrival: _Arrival) -> bool:
    """Tell whether a submission looks as it did the last time, and is no longer being written."""
    look = tuple(_seen(path))
    arrival.looks = arrival.looks + 1 if look == arrival.look else 0
    arrival.look = look
    last = any(name == LAST_FILE and size for name, size, _ in look)
    return arrival.looks >= (1 if last else QUIET_LOOKS)


def _seen(path: Path) -> Iterator[tuple[str, int, int]]:
    try:
        for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
            status = entry.stat(follow_symlinks=False)
            yield entry.name, status.st_size, status.st_mtime_ns + status.st_mode
    except OSError:
        return


def watch(
    wish: Wish,
    pool: Pool,
    listener: Listener,
    *,
    seconds: float = 1.0,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Look into the exchange again and again, until somebody stops it."""
    kept = Watch(wish, pool, listener)
    listener.remark("Watching the exchange; Ctrl-C ends it.")
    try:
        while True:
            kept.look()
            sleep(seconds)
    finally:
        kept.close()
