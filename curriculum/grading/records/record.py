"""Every grade that was ever written: a table in the gradebook that only grows.

A row says who gave which points by which program, for which submission, under which version of the
topic, and what was there before. It ends with a SHA-256 of its content and of the row before, so
that a row which was changed, removed, put in or moved is found. The database itself refuses to
change or remove a row, and to add one that does not come next.

Who may write the database may also take those guards away and write all rows anew. That shows only
to those who kept a row's hash somewhere else.

`recording` writes the rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nbgrader.api import Base
from sqlalchemy import (
    DDL,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    String,
    Table,
    event,
    insert,
    select,
    text,
)

POINTS = ("auto", "manual", "extra", "penalty")
"""What a row has twice, as it was and as it is: `old_auto`, `new_auto`, and so on."""

# Made with nbgrader's own tables, whenever a gradebook is opened that does not have it.
RECORD = Table(
    "curriculum_record",
    Base.metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("time", String(32), nullable=False),
    Column("who", String(256), nullable=False),
    Column("program", String(128), nullable=False),
    Column("student", String(128), nullable=False),
    Column("topic", String(128), nullable=False),
    Column("notebook", String(128), nullable=False),
    Column("cell", String(128), nullable=False),
    *(Column(f"{age}_{name}", Float()) for name in POINTS for age in ("old", "new")),
    Column("submission", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("environment", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("curriculum_record_submission", "topic", "student"),
)
_CONTENT = tuple(column.name for column in RECORD.columns if column.name != "hash")

_LOCK = int.from_bytes(hashlib.sha256(RECORD.name.encode()).digest()[:3], "big")

_REFUSAL = "the record of grades only grows"
_GUARDS = ("curriculum_record_update", "curriculum_record_delete", "curriculum_record_insert")
_SQLITE = [
    f"CREATE TRIGGER {_GUARDS[0]} BEFORE UPDATE ON curriculum_record"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    f"CREATE TRIGGER {_GUARDS[1]} BEFORE DELETE ON curriculum_record"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    # INSERT OR REPLACE removes a row without asking the trigger above.
    f"CREATE TRIGGER {_GUARDS[2]} BEFORE INSERT ON curriculum_record"
    " WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM curriculum_record)"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
]
_POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION curriculum_record_guard() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN"
    " IF TG_OP = 'INSERT' THEN"
    " IF NEW.number = (SELECT coalesce(max(number), 0) + 1 FROM curriculum_record)"
    " THEN RETURN NEW; END IF;"
    " END IF;"
    f" RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';"
    " END $$",
    f"CREATE TRIGGER {_GUARDS[0]} BEFORE UPDATE OR TRUNCATE ON curriculum_record"
    " FOR EACH STATEMENT EXECUTE FUNCTION curriculum_record_guard()",
    f"CREATE TRIGGER {_GUARDS[1]} BEFORE DELETE ON curriculum_record"
    " FOR EACH STATEMENT EXECUTE FUNCTION curriculum_record_guard()",
    f"CREATE TRIGGER {_GUARDS[2]} BEFORE INSERT ON curriculum_record"
    " FOR EACH ROW EXECUTE FUNCTION curriculum_record_guard()",
]
for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _statement in _statements:
        event.listen(RECORD, "after_create", DDL(_statement).execute_if(dialect=_dialect))


@dataclass(frozen=True)
class Entry:
    """A row of the record.

    Parameters
    ----------
    number : int
        Its place, from 1.
    time : str
        UTC, in ISO format.
    who : str
        The account, and in a JupyterHub the user.
    program : str
        What wrote the grade, e.g. `"formgrader"`.
    student, topic, notebook, cell : str
        Where; without a cell, the late penalty of a notebook.
    old, new : tuple of float or None
        The values of `POINTS` before and after.
    submission, version, environment : str
        Digests of what was graded, of the topic, and of packages and grader.
    hash : str
        Of this row and the one before.
    """

    number: int
    time: str
    who: str
    program: str
    student: str
    topic: str
    notebook: str
    cell: str
    old: tuple[float | None, ...]
    new: tuple[float | None, ...]
    submission: str
    version: str
    environment: str
    hash: str


@dataclass(frozen=True)
class Verdict:
    """Whether the record is as it was written.

    Parameters
    ----------
    rows : int
        How many were read.
    last : str
        The hash of the last one.
    fault : str
        What is wrong, in a sentence that names the first broken row; empty where the chain holds.
    """

    rows: int
    last: str
    fault: str = ""


def append(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows, in the transaction that wrote the grades.

    Parameters
    ----------
    connection : Connection
        Has written a grade: in SQLite that keeps other writers away until it is committed.
    rows : sequence of dict
        The columns but for `number`, `time` and `hash`.
    """
    lock(connection)
    newest = select(RECORD.c.number, RECORD.c.hash).order_by(RECORD.c.number.desc()).limit(1)
    number, before = connection.execute(newest).one_or_none() or (0, "")
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    chained = []
    for row in rows:
        number += 1
        row = {**row, "number": number, "time": time}
        before = row["hash"] = _hash(before, row)
        chained.append(row)
    connection.execute(insert(RECORD), chained)


def lock(connection: Connection) -> None:
    """Let one writer at a time read the last row and add to it, until its transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number, 0)"), {"number": _LOCK})


def _hash(before: str, row: dict[str, Any]) -> str:
    content = json.dumps([row[name] for name in _CONTENT], allow_nan=False)
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()


def read(connection: Connection, topic: str, student: str) -> list[Entry]:
    """Give the rows of a submission, oldest first."""
    asked = select(RECORD).where(RECORD.c.topic == topic, RECORD.c.student == student)
    rows = connection.execute(asked.order_by(RECORD.c.number)).mappings()
    return [_entry(dict(row)) for row in rows]


def _entry(row: dict[str, Any]) -> Entry:
    old = tuple(row.pop(f"old_{name}") for name in POINTS)
    new = tuple(row.pop(f"new_{name}") for name in POINTS)
    return Entry(**row, old=old, new=new)


def verify(connection: Connection, kept: str = "") -> Verdict:
    """Follow the whole chain.

    Parameters
    ----------
    connection : Connection
        To the gradebook.
    kept : str
        A hash, or the first digits of one, that was the last at some time: a row must have it.
    """
    before, count, seen = "", 0, False
    for row in _all(connection):
        count += 1
        if row["number"] != count:
            return Verdict(count, before, f"Row {count} is missing.")
        if row["hash"] != _hash(before, row):
            return Verdict(
                count,
                before,
                f"Row {count} is not what was written there: it was changed, put in or moved.",
            )
        before = row["hash"]
        seen = seen or (bool(kept) and before.startswith(kept))
    if kept and not seen:
        return Verdict(
            count, before, f"No row has the hash {kept}: rows were removed or rewritten."
        )
    missing = _missing_guards(connection)
    if missing:
        return Verdict(
            count, before, f"The database's guards of the record are gone: {', '.join(missing)}."
        )
    return Verdict(count, before)


def _all(connection: Connection) -> Iterator[dict[str, Any]]:
    asked = select(RECORD).order_by(RECORD.c.number).execution_options(yield_per=1000)
    for row in connection.execute(asked).mappings():
        yield dict(row)


def _missing_guards(connection: Connection) -> list[str]:
    catalog = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(:table)"
        " AND tgenabled <> 'D'",
    }[connection.dialect.name]
    found = set(connection.execute(text(catalog), {"table": RECORD.name}).scalars())
    return sorted(set(_GUARDS) - found)


Place = tuple[str, str, str, str]
"""Topic, student, notebook, cell."""


def newest_values(connection: Connection) -> dict[Place, tuple[float | None, ...]]:
    """Give what the record says last of each place."""
    return {
        (row["topic"], row["student"], row["notebook"], row["cell"]): tuple(
            row[f"new_{name}"] for name in POINTS
        )
        for row in _all(connection)
    }
