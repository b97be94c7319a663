"""Let nbgrader's own loop use all cores: run the notebooks that it will come to.

`nbgrader autograde` takes one submission after another, and one notebook after another. When it
comes to the first of several, a helping process is started: it prepares the submissions that
follow, exactly as nbgrader will, and has workers run them. When nbgrader comes to a notebook, it
has usually been run already.

Nothing depends on the help. What was run ahead is used only where it was the very job that is now
asked for, byte for byte; any other job is run there and then.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.converters import Autograde

from curriculum.execution import Job, Ran, execute
from curriculum.grading import workers

_READY, _NEW = b"ready", b"new"

FEWEST = 3
"""Submissions for which it pays to start processes."""


def run(converter: Any, settings: Mapping[str, Any], student: str, job: Job) -> Ran:
    """Run a job for nbgrader's loop, with help where there is some.

    Parameters
    ----------
    converter : object
        What goes through the submissions.
    settings : mapping
        How notebooks are run: the traits of the preprocessor that runs them.
    student : str
        Whose submission it has come to.
    job : Job
        A notebook of it.
    """
    helper = _helper(converter, settings, student)
    if helper is not None:
        answer = helper.ask(student, job.to_bytes())
        if answer is not None:
            return Ran.from_bytes(workers.opened(answer))
    return execute(job)


class _Helper:
    """The helping process, seen from nbgrader's; counts how often it had an answer ready."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self.ready = 0
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-P", "-m", "curriculum.grading.ahead", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._connection: Connection | None = Connection(ours.detach())
        self._connection.send_bytes(json.dumps(asked).encode())

    def ask(self, student: str, job: bytes) -> bytes | None:
        """Have a job run; None where there is no help any more."""
        if self._connection is None:
            return None
        try:
            self._connection.send_bytes(student.encode(errors="surrogateescape"))
            self._connection.send_bytes(job)
            self.ready += self._connection.recv_bytes() == _READY
            return self._connection.recv_bytes()
        except (EOFError, OSError):
            self.end()
            return None

    def end(self) -> None:
        """Let the helping process end."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()


_helpers: weakref.WeakKeyDictionary[Any, _Helper | None] = weakref.WeakKeyDictionary()


def _helper(converter: Any, settings: Mapping[str, Any], student: str) -> _Helper | None:
    """Give the help of a converter; the first time, decide whether there is to be some."""
    if not isinstance(converter, Autograde) or converter.coursedir.notebook_id != "*":
        return None
    if converter not in _helpers:
        students = _still_to_come(converter, student)
        enough = len(students) + 1 >= FEWEST and workers.default_number() > 1
        plain = {k: v for k, v in settings.items() if isinstance(v, bool | int | float | None)}
        helper = _Helper(_asked(converter, plain, students)) if enough else None
        _helpers[converter] = helper
        if helper is not None:
            weakref.finalize(converter, helper.end)
    return _helpers[converter]


def _still_to_come(converter: Any, student: str) -> list[str]:
    """List the students that nbgrader will grade after this one, in its order."""
    course = converter.coursedir
    folders = sorted(converter.assignments)
    students = [Path(folder).parts for folder in folders]
    here = course.format_path(course.submitted_directory, student, course.assignment_id)
    place = Path(course.format_path(course.submitted_directory, "\0", course.assignment_id))
    index = place.parts.index("\0") if "\0" in place.parts else None
    if index is None or here not in folders:
        return []
    later = [parts[index] for parts in students[folders.index(here) + 1 :]]
    return [one for one in later if _will_grade(converter, one)]


def _will_grade(converter: Any, student: str) -> bool:
    """Tell what `BaseConverter.init_destination` will say."""
    course, topic = converter.coursedir, converter.coursedir.assignment_id
    done = course.format_path(course.autograded_directory, student, topic)
    if student in course.student_id_exclude.split(","):
        return False
    if converter.force or not Path(done).exists():
        return True
    new = _timestamp(Path(course.format_path(course.submitted_directory, student, topic)))
    return new > _timestamp(Path(done))


def _timestamp(folder: Path) -> str:
    try:
        return (folder / "timestamp.txt").read_text().strip()
    except (OSError, ValueError):
        return ""


def _asked(converter: Any, execute: Mapping[str, Any], students: Sequence[str]) -> dict[str, Any]:
    """Say what the helping process has to know: the course, and how notebooks are run."""
    course = converter.coursedir
    places = (
        "course_id",
        "db_url",
        "directory_structure",
        "submitted_directory",
        "autograded_directory",
        "release_directory",
        "source_directory",
    )
    return {
        "root": course.root,
        "topic": course.assignment_id,
        "places": {name: getattr(course, name) for name in places},
        "execute": execute,
        "students": list(students),
    }


# The helping process.


class _Ahead:
    """Prepares submissions, has them run, and keeps what came of it until it is asked for."""

    def __init__(self, asked: Mapping[str, Any], pool: workers.LocalWorkers, slots: int) -> None:
        self._asked = asked
        self._pool = pool
        self._most = 2 * slots + 4
        self._ready: dict[tuple[str, str], Future] = {}
        self._room = threading.Condition()
        self._order = {student: n for n, student in enumerate(asked["students"])}
        self._asked_for = -1
        self._prepared = 0

    def run_ahead(self) -> None:
        """Prepare one submission after another, a few notebooks ahead of nbgrader."""
        try:
            for student, job in self._jobs():
                with self._room:
                    self._room.wait_for(lambda: len(self._ready) < self._most)
                    self._prepared = self._order[student]
                    if self._prepared >= self._asked_for:
                        future = self._pool.submit(workers.run, job)
                        self._ready[student, _digest(job)] = future
                    self._room.notify_all()
        except Exception:
            pass  # what was not prepared is run when nbgrader comes to it
        with self._room:
            self._prepared = len(self._order)
            self._room.notify_all()

    def answer(self, student: str, job: bytes) -> tuple[bytes, bytes]:
        """Say whether a job was run ahead, and give what it came to."""
        # Two students may hand in the same: each has it run.
        name, number = (student, _digest(job)), self._order.get(student, -1)
        with self._room:
            self._forget_before(number)
            self._room.notify_all()
            # Where nbgrader is quicker, it is not worth to prepare the same notebook twice.
            self._room.wait_for(
                lambda: (
                    name in self._ready or self._prepared > number or len(self._ready) >= self._most
                ),
                timeout=60,
            )
            kept = self._ready.pop(name, None)
            self._room.notify_all()
        if kept:
            return _READY, kept.result()
        return _NEW, self._pool.submit(workers.run, job).result()

    def is_done(self) -> bool:
        """Tell whether nbgrader has got the last that there was."""
        with self._room:
            last = len(self._order) - 1
            return not self._ready and self._prepared > last and self._asked_for >= last

    def _forget_before(self, number: int) -> None:
        """Drop what was run for submissions that nbgrader has left behind."""
        self._asked_for = max(self._asked_for, number)
        for name in [name for name in self._ready if self._order[name[0]] < number]:
            self._ready.pop(name).cancel()

    def _jobs(self) -> Iterator[tuple[str, bytes]]:
        from curriculum.grading import nbgrader_api
        from curriculum.grading.book import open_gradebook
        from curriculum.grading.converter import Converter

        root, topic = Path(self._asked["root"]), self._asked["topic"]
        config = nbgrader_api.whole_config(root)
        for name, value in self._asked["places"].items():
            config.CourseDirectory[name] = value
        for name, value in self._asked["execute"].items():
            config.Execute[name] = value
        converter = Converter(root, topic, config)
        book = open_gradebook(converter.course.db_url, converter.course.course_id)
        names = converter.notebooks(book)
        for student in self._asked["students"]:
            for name in names:
                job = _job(converter, book, student, name)
                if job is not None:
                    yield student, job


def _job(converter: Any, book: Any, student: str, name: str) -> bytes | None:
    """Make the job that nbgrader will make of a notebook; None where it will not come to that."""
    from curriculum.grading import intake
    from curriculum.grading.book import lent

    handed = intake.look(student, converter.submitted(student), converter.ignored)
    path = handed.notebooks().get(name)
    if path is None or handed.special:
        return None
    try:
        notebook, _ = intake.read_notebook(path)
        with lent(book, converter.preprocessors):
            notebook, _ = converter.sanitised(student, name, notebook)
    except Exception:
        return None
    finally:
        book.db.rollback()
    # nbgrader writes what it has sanitised, and reads it again.
    notebook = nbformat.reads(converter.text(notebook), as_version=4)
    files = handed.beside(intake.MOST_MEGABYTES_BESIDE * intake.MEGABYTE) | converter.masters()
    about = converter.execute.about(converter.course, converter.topic, converter.masters())
    return converter.execute.job(notebook, name, files, about).to_bytes()


def _digest(job: bytes) -> str:
    return hashlib.sha256(job).hexdigest()


def main(descriptor: int) -> None:
    """Help until nobody asks any more."""
    connection = Connection(descriptor)
    asked = json.loads(connection.recv_bytes())
    number = workers.default_number()
    pool = workers.LocalWorkers(number)
    ahead = _Ahead(asked, pool, number)
    threading.Thread(target=ahead.run_ahead, daemon=True).start()
    try:
        while not ahead.is_done():
            student = connection.recv_bytes().decode(errors="surrogateescape")
            for part in ahead.answer(student, connection.recv_bytes()):
                connection.send_bytes(part)
    except (EOFError, OSError):
        pass
    finally:
        pool.shutdown(cancel_futures=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
