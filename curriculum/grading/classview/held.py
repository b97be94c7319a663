"""What a gradebook holds of a topic, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from curriculum.grading.records.checked import Check

Place = tuple[str, str]
"""Notebook and cell."""


@dataclass(frozen=True)
class Cell:
    """A graded cell of a topic.

    Parameters
    ----------
    notebook, name : str
        Where it is.
    most : float
        Its points.
    by_hand : bool
        A person judges it; otherwise it is a test.
    """

    notebook: str
    name: str
    most: float
    by_hand: bool

    @property
    def place(self) -> Place:
        """Its notebook and name."""
        return self.notebook, self.name


@dataclass(frozen=True)
class Score:
    """What a student has for a cell.

    Parameters
    ----------
    points : float or None
        A person's, or else the machine's, without extra credit; None where neither gave any.
    extra : float
        Extra credit.
    waiting : bool
        A person has to look at it.
    """

    points: float | None
    extra: float
    waiting: bool


@dataclass(frozen=True)
class Attempt:
    """A graded cell of one submission.

    Parameters
    ----------
    submission : str
        Its digest; empty where it was graded by a program that did not tell.
    time : str
        When, in ISO format, UTC.
    attempted : bool
        There was something to check.
    checks : tuple of Check
        What they said.
    answer : str
        The student's code, where a named mistake was recognised.
    has_checks : bool
        What the checks said was kept; otherwise only the record of grades tells of it.
    """

    submission: str
    time: str
    attempted: bool
    checks: tuple[Check, ...] = ()
    answer: str = ""
    has_checks: bool = True


@dataclass
class Submission:
    """What the gradebook holds of a student for a topic.

    Parameters
    ----------
    student : str
        The id.
    name : str
        First and last name, where they are known.
    timestamp, due : datetime or None
        When it was handed in, and when it was due, extension included; UTC.
    penalty : float
        For being late, of all notebooks.
    changed : str
        When a grade was last written, in ISO format, UTC; empty where nothing says so.
    trouble : tuple of str
        What the grader noted that could not be graded.
    scores : dict
        By place.
    attempts : dict
        By place, the newest last.
    """

    student: str
    name: str
    timestamp: datetime | None
    due: datetime | None
    penalty: float = 0.0
    changed: str = ""
    trouble: tuple[str, ...] = ()
    scores: dict[Place, Score] = field(default_factory=dict)
    attempts: dict[Place, list[Attempt]] = field(default_factory=dict)
    _newest: tuple[str, str] = ("", "")
    """Time and digest of what was graded last."""

    def now(self, place: Place) -> Attempt | None:
        """Give what the checks said of the newest submission; None where that is not known."""
        found = self.attempts.get(place, [])
        if not found or found[-1].submission != self._newest[1] or not found[-1].has_checks:
            return None
        return found[-1]

    def has_run(self, notebook: str) -> bool | None:
        """Tell whether a notebook of the newest submission was graded; None where unknown."""
        if any(place[0] == notebook and self.now(place) for place in self.attempts):
            return True
        refused = any(said.startswith(f"{notebook}.ipynb ") for said in self.trouble)
        return False if refused or self.has_checks else None

    @property
    def has_checks(self) -> bool:
        """Tell whether it was graded since there is a table of what checks said."""
        return any(one.has_checks for attempts in self.attempts.values() for one in attempts)

    @property
    def seconds_late(self) -> float:
        """How late it was handed in."""
        if self.timestamp is None or self.due is None:
            return 0.0
        return max(0.0, (self.timestamp - self.due).total_seconds())

    def add(self, place: Place, attempt: Attempt) -> None:
        """Add an attempt that is newer than those before."""
        self.attempts.setdefault(place, []).append(attempt)
        self.saw(attempt.time, attempt.submission)

    def saw(self, time: str, submission: str) -> None:
        """Learn that something was graded at a time."""
        self._newest = max(self._newest, (time, submission))


@dataclass(frozen=True)
class Topic:
    """A topic as the gradebook has it.

    Parameters
    ----------
    name : str
        The assignment's.
    cells : tuple of Cell
        The graded cells, by notebook and name.
    submissions : tuple of Submission
        By student.
    students : int
        How many the gradebook knows, whether they handed in or not.
    lacks : tuple of str
        Of `"checks"`, `"record"` and `"ledger"`, what the gradebook has nothing of.
    """

    name: str
    cells: tuple[Cell, ...]
    submissions: tuple[Submission, ...]
    students: int
    lacks: tuple[str, ...] = ()
