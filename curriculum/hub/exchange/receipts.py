"""Who handed in what, when: rows that are only ever added, each bound to the one before.

A row's code is the SHA-256 of the row and of the code before it. A student keeps a receipt with the
code; a row that was changed or taken out since no longer leads to it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

_START = "0" * 64
_TABLE = """
CREATE TABLE IF NOT EXISTS receipts (
    number INTEGER PRIMARY KEY,
    course TEXT NOT NULL, topic TEXT NOT NULL, student TEXT NOT NULL, time TEXT NOT NULL,
    digest TEXT NOT NULL, files INTEGER NOT NULL, size INTEGER NOT NULL,
    folder TEXT NOT NULL UNIQUE, code TEXT NOT NULL
)"""
_RULES = [
    f"CREATE TRIGGER IF NOT EXISTS no_{verb} BEFORE {verb} ON receipts"
    f" BEGIN SELECT RAISE(ABORT, 'receipts are never changed'); END"
    for verb in ("UPDATE", "DELETE")
]


@dataclass(frozen=True)
class Receipt:
    """That somebody handed something in.

    Parameters
    ----------
    number : int
        Counts all of the course's, from one.
    course, topic, student : str
        What, and whose.
    time : str
        When it came, by the clock of who received it: UTC, to the microsecond.
    digest : str
        Of the files; see `bundle.digest`.
    files, size : int
        How many, and their bytes.
    folder : str
        What the exchange calls it.
    code : str
        Binds it to all before it.
    """

    number: int
    course: str
    topic: str
    student: str
    time: str
    digest: str
    files: int
    size: int
    folder: str
    code: str

    def bound(self, before: str) -> str:
        """Give the code that it has after another."""
        row = {name: value for name, value in asdict(self).items() if name != "code"}
        return hashlib.sha256((before + json.dumps(row, sort_keys=True)).encode()).hexdigest()


class Receipts:
    """The book of a course's receipts.

    Parameters
    ----------
    path : Path
        An SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as book:
            for line in (_TABLE, *_RULES):
                book.execute(line)

    @contextmanager
    def adding(self, **said: str | int) -> Iterator[Receipt]:
        """Write a receipt, which stays if what is done meanwhile succeeds."""
        with self._open() as book:
            book.execute("BEGIN IMMEDIATE")
            last = book.execute(
                "SELECT number, code FROM receipts ORDER BY number DESC LIMIT 1"
            ).fetchone() or (0, _START)
            bare = Receipt(number=last[0] + 1, code="", **said)  # type: ignore[arg-type]
            receipt = Receipt(**{**asdict(bare), "code": bare.bound(last[1])})
            names = ", ".join(asdict(receipt))
            marks = ", ".join("?" for _ in asdict(receipt))
            book.execute(
                f"INSERT INTO receipts ({names}) VALUES ({marks})", [*asdict(receipt).values()]
            )
            yield receipt

    def of(self, student: str, topic: str | None = None) -> list[Receipt]:
        """List a student's, the oldest first."""
        query, values = "SELECT * FROM receipts WHERE student = ?", [student]
        if topic is not None:
            query, values = f"{query} AND topic = ?", [student, topic]
        with self._open() as book:
            return [Receipt(*row) for row in book.execute(f"{query} ORDER BY number", values)]

    def all(self) -> list[Receipt]:
        """List all, the oldest first."""
        with self._open() as book:
            return [Receipt(*row) for row in book.execute("SELECT * FROM receipts ORDER BY number")]

    def first_wrong(self) -> int | None:
        """Give the number of the first row that is not as it was written; None if all are."""
        before = _START
        for number, receipt in enumerate(self.all(), 1):
            if receipt.number != number or receipt.code != receipt.bound(before):
                return number
            before = receipt.code
        return None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        book = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        try:
            # A receipt that was given must be there after the power has gone.
            book.execute("PRAGMA synchronous = FULL")
            yield book
            if book.in_transaction:
                book.execute("COMMIT")
        except BaseException:
            if book.in_transaction:
                book.execute("ROLLBACK")
            raise
        finally:
            book.close()
