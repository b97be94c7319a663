"""What the name of a folder in the exchange says: `student+topic+time`, and random letters."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from nbgrader.utils import parse_utc

STUDENT_IDS = r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,127}"
"""What a student's id may look like: no separators of paths, no lookalikes, nothing unseen."""

_TIME = re.compile(r"[0-9A-Za-z:., _-]{1,64}")
_RANDOM = re.compile(r"[0-9A-Za-z=+_-]{0,64}")


class Refused(Exception):
    """Why something in the exchange is not taken; the message is a sentence about it.

    Parameters
    ----------
    reason : str
        The sentence.
    again : bool
        It may be good the next time: it was being written.
    """

    def __init__(self, reason: str, again: bool = False) -> None:
        super().__init__(reason)
        self.again = again


@dataclass(frozen=True)
class Named:
    """What a name says.

    Parameters
    ----------
    name : str
        All of it.
    student : str
        Whose it says it is.
    claimed : datetime
        When it says it was submitted, in UTC.
    """

    name: str
    student: str
    claimed: datetime


def student_of(name: str, topic: str) -> str | None:
    """Give the student that a name speaks of, whoever that is; None if it is not of the topic."""
    student, found, _ = name.rpartition(f"+{topic}+")
    return student if found else None


def read(name: str, topic: str, others: Collection[str], ids: re.Pattern[str]) -> Named | None:
    """Read the name of a folder in the exchange.

    Parameters
    ----------
    name : str
        The folder's name.
    topic : str
        Which topic is being collected.
    others : collection of str
        Other topics that there are.
    ids : Pattern
        What a student's id may look like.

    Returns
    -------
    Named or None
        None if it is of another topic.

    Raises
    ------
    Refused
        It is no name that `nbgrader submit` gives.
    """
    student = student_of(name, topic)
    if student is None:
        if any(part in others for part in name.split("+")[1:-1]):
            return None
        raise Refused("its name is not student+topic+time with a topic that there is.")
    if not ids.fullmatch(student):
        raise Refused(f"{student!a} is no student's id.")
    time, _, random = name[len(student) + len(topic) + 2 :].partition("+")
    claimed = _time(time)
    if claimed is None or not _RANDOM.fullmatch(random):
        raise Refused("its name holds no time of submission.")
    return Named(name, student, claimed)


def _time(text: str) -> datetime | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        return parse_utc(text)
    except Exception:  # dateutil raises errors of many kinds
        return None
