"""The append-only log of what a learner did: the one source of everything said about progress."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from curriculum.files import WriteError

FILE = "events.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    time     TEXT NOT NULL,             -- UTC, ISO 8601
    kind     TEXT NOT NULL,             -- answer, prediction, check, graded, hint, rating, …
    topic    TEXT NOT NULL DEFAULT '',
    notebook TEXT NOT NULL DEFAULT '',
    exercise TEXT NOT NULL DEFAULT '',
    help     TEXT NOT NULL DEFAULT '',  -- what help had been used by then, e.g. 'hints=2'
    data     TEXT NOT NULL DEFAULT '{}' -- the rest, as JSON
);
CREATE INDEX IF NOT EXISTS events_by_topic ON events (topic, notebook, exercise);
CREATE TRIGGER IF NOT EXISTS events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS events_are_not_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
-- REPLACE INTO removes a row without asking the trigger above.
CREATE TRIGGER IF NOT EXISTS events_are_not_replaced BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
"""

_HAS_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'"


class LogError(RuntimeError):
    """The log can't be read; the message says why and what to do."""


@dataclass(frozen=True)
class Event:
    """Something that happened once."""

    kind: str
    topic: str = ""
    notebook: str = ""
    exercise: str = ""
    help: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    time: datetime = field(default_factory=lambda: datetime.now(UTC))


class Log:
    """A learner's log.

    Parameters
    ----------
    folder : Path
        Where its SQLite file is, or will be made by the first event.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def append(self, event: Event) -> None:
        """Write an event down.

        Raises
        ------
        WriteError
            The log can't be written; the message says why.
        """
        row = (
            event.time.astimezone(UTC).isoformat(timespec="milliseconds"),
            *(event.kind, event.topic, event.notebook, event.exercise, event.help),
            json.dumps(event.data, default=str),
        )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as database:
                database.executescript(_SCHEMA)
                database.execute(
                    "INSERT INTO events (time, kind, topic, notebook, exercise, help, data)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
        except (OSError, sqlite3.Error) as error:
            raise WriteError(
                f"Your progress could not be written to {self.path} ({error}):"
                " make the folder writable or free some space. Your notebook is not affected."
            ) from None

    def events(self, kind: str | None = None, **equal: str) -> list[Event]:
        """Give events, oldest first; `equal` names columns and the values that they must have.

        Raises
        ------
        LogError
            The log is damaged or can't be read; the message says what to do.
        """
        if not self.path.exists():
            return []
        wanted = {**({"kind": kind} if kind else {}), **equal}
        unknown = set(wanted) - {"kind", "topic", "notebook", "exercise", "help"}
        if unknown:
            raise ValueError(f"the log has no column {', '.join(sorted(unknown))}")
        where = " AND ".join(f"{column} = ?" for column in wanted) or "1"
        query = (
            f"SELECT time, kind, topic, notebook, exercise, help, data FROM events WHERE {where}"
        )
        try:
            with self._open() as database:
                if not database.execute(_HAS_TABLE).fetchone():
                    return []  # another process has made the file and not yet written to it
                rows = database.execute(f"{query} ORDER BY id", tuple(wanted.values())).fetchall()
            return [_event(*row) for row in rows]
        except (OSError, sqlite3.Error, ValueError) as error:
            raise LogError(
                f"Your progress could not be read from {self.path} ({error}): move that file away"
                " to begin a new log. Your notebooks are not affected."
            ) from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # Several notebooks write at once: each waits for the others for up to ten seconds.
        with closing(sqlite3.connect(self.path, timeout=10)) as database, database:
            yield database


def _event(
    time: str, kind: str, topic: str, notebook: str, exercise: str, help: str, data: str
) -> Event:
    moment = datetime.fromisoformat(time)
    return Event(kind, topic, notebook, exercise, help, json.loads(data), moment)
