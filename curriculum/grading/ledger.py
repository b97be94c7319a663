"""What has been graded, kept beside the grades: nothing is graded twice, nothing is lost.

A row is written in the transaction that writes a submission's grades, so that either both are
there or neither. It holds a key made of all that decides a grade; a submission whose key and
graded folder are as the row says needs nothing.

While a run grades a submission it holds a claim on it, so that two runs of one class share the
work. A claim ends with the process that holds it, however that ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, SubmittedAssignment
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from curriculum.grading.book import OneGradebook

_TABLES = MetaData()
LEDGER = Table(
    "curriculum_ledger",
    _TABLES,
    Column("topic", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("graded_at", DateTime(), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("notes", Text(), nullable=False),
    Column("autograded", String(64), nullable=False),
)


@dataclass(frozen=True)
class Note:
    """Something about a submission that its grader should know.

    Parameters
    ----------
    text : str
        One sentence.
    bad : bool
        Something could not be graded; otherwise it was put right.
    """

    text: str
    bad: bool = False


@dataclass(frozen=True)
class Entry:
    """What the ledger says of one submission.

    Parameters
    ----------
    student : str
        Who handed it in.
    key : str
        Digest of all that decided the grade.
    verdict : str
        `"graded"`, `"mended"` or `"red"`.
    notes : tuple of Note
        What was found.
    autograded : str
        Digest of the graded folder.
    """

    student: str
    key: str
    verdict: str
    notes: tuple[Note, ...]
    autograded: str


class Ledger:
    """The rows of one topic."""

    def __init__(self, book: OneGradebook, topic: str) -> None:
        self._book = book
        self._topic = topic
        _make_table(book.engine)

    def read(self, student: str | None = None) -> dict[str, Entry]:
        """Give the entries whose submission is in the gradebook, by student; all, or one's."""
        asked = (
            select(LEDGER)
            .join(SubmittedAssignment, SubmittedAssignment.student_id == LEDGER.c.student)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(LEDGER.c.topic == self._topic, Assignment.name == self._topic)
        )
        if student is not None:
            asked = asked.where(LEDGER.c.student == student)
        rows = self._book.db.execute(asked).all()
        self._book.db.rollback()
        return {row.student: _entry(row) for row in rows}

    def write(self, session: Session, entry: Entry) -> None:
        """Write an entry in the transaction that writes the grades."""
        values = {
            "key": entry.key,
            "graded_at": datetime.now(UTC).replace(tzinfo=None),
            "verdict": entry.verdict,
            "notes": json.dumps([asdict(note) for note in entry.notes]),
            "autograded": entry.autograded,
        }
        names = {"topic": self._topic, "student": entry.student}
        where = (LEDGER.c.topic == self._topic) & (LEDGER.c.student == entry.student)
        done: Any = session.execute(update(LEDGER).where(where).values(**values))
        if not done.rowcount:
            session.execute(insert(LEDGER).values(**names, **values))


def _entry(row: Any) -> Entry:
    plain = row._asdict()
    notes = tuple(Note(**note) for note in json.loads(plain["notes"]))
    return Entry(plain["student"], plain["key"], plain["verdict"], notes, plain["autograded"])


def _make_table(engine: Engine) -> None:
    try:
        _TABLES.create_all(engine)
    except DBAPIError:
        # Another run made it at the same moment.
        if not inspect(engine).has_table(LEDGER.name):
            raise


def digest(parts: Sequence[object]) -> str:
    """Give one digest of several things, each written as text."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()


def folder_digest(folder: Path) -> str:
    """Tell a graded folder from any other: the names and contents of its files."""
    seen = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        seen.update(os.fsencode(path.relative_to(folder)) + b"\0")
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                seen.update(hashlib.file_digest(file, "sha256").digest())
    return seen.hexdigest()


class Claims:
    """Claims on submissions, for as long as this process lives.

    PostgreSQL keeps them itself, as advisory locks of one connection. With SQLite all runs are on
    one machine: a claim is a lock on one byte of a file beside the gradebook.
    """

    def __init__(self, engine: Engine, topic: str) -> None:
        self._topic = topic
        self._connection: Connection | None = None
        self._file: int | None = None
        if engine.dialect.name == "postgresql":
            self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        else:
            path = f"{engine.url.database}.claims"
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def take(self, student: str) -> bool:
        """Claim a submission; False while another run has it."""
        number = self._number(student)
        if self._connection is not None:
            asked = text("SELECT pg_try_advisory_lock(:number)")
            return bool(self._connection.execute(asked, {"number": number}).scalar())
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            return False
        return True

    def give_back(self, student: str) -> None:
        """End a claim."""
        number = self._number(student)
        if self._connection is not None:
            self._connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})
        else:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, number)

    @property
    def _descriptor(self) -> int:
        assert self._file is not None
        return self._file

    def _number(self, student: str) -> int:
        """Give a number of 62 bits: what both kinds of lock can count to."""
        said = hashlib.sha256(f"{self._topic}\0{student}".encode(errors="surrogateescape"))
        return int.from_bytes(said.digest()[:8], "big") >> 2

    def close(self) -> None:
        """End all claims."""
        if self._connection is not None:
            self._connection.close()
        if self._file is not None:
            os.close(self._file)


@contextmanager
def claims(engine: Engine, topic: str) -> Iterator[Claims]:
    """Make claims for the length of a run."""
    kept = Claims(engine, topic)
    try:
        yield kept
    finally:
        kept.close()
