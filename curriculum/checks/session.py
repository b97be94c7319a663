"""Named checks inside one test cell, each with its points."""

from __future__ import annotations

import linecache
import math
import sys
from types import FrameType, TracebackType
from typing import Any

from . import words
from .assertions import error_text
from .capture import Quiet
from .failure import Failure, Finding
from .report import FAILED, NOT_ATTEMPTED, PASSED, Outcome, Report


class Session:
    """The checks of one exercise; made by `start`."""

    def __init__(self, exercise: str) -> None:
        self.exercise = exercise
        self._outcomes: list[Outcome] = []

    def __call__(self, name: str, points: float) -> Check:
        """A block of code that earns `points` when nothing in it fails.

        Parameters
        ----------
        name : str
            What is checked, as the learner reads it.
        points : float
            Zero or more; a literal in the cell, so that the build can add them up.
        """
        return Check(self, str(name), _points(points))

    def report(self) -> Report:
        """The verdicts so far; the last expression of every test cell."""
        return Report(self.exercise, list(self._outcomes))

    def record(self, outcome: Outcome) -> None:
        """Add a verdict; called when a block ends."""
        self._outcomes.append(outcome)


def start(name: str) -> Session:
    """Begin the checks of the exercise with this grade_id."""
    return Session(str(name))


def _points(points: Any) -> float:
    if isinstance(points, bool) or not isinstance(points, (int, float)):
        raise TypeError("points must be a number")
    if not math.isfinite(points) or points < 0:
        raise ValueError("points must be zero or more, and finite")
    return float(points)


class Check:
    """Context manager around one named check. Nothing raised inside leaves it."""

    def __init__(self, session: Session, name: str, points: float) -> None:
        self.name = name
        self.points = points
        self._session = session
        self._quiet = Quiet()
        self._cell: str | None = None

    def __enter__(self) -> Check:
        caller: FrameType | None = sys._getframe(1)
        self._cell = caller.f_code.co_filename if caller is not None else None
        self._quiet.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._quiet.__exit__(kind, error, trace)
        if isinstance(error, KeyboardInterrupt):
            return False  # the learner, or the grader's time limit, stops the cell
        status, finding, stub = _verdict(error, self._cell)
        outcome = Outcome(self.name, self.points, status, finding, self._quiet.notes, stub)
        self._session.record(outcome)
        return True


def _verdict(error: BaseException | None, cell: str | None) -> tuple[str, Finding | None, str]:
    """Status, finding, and the reason why something was not attempted."""
    if error is None:
        return PASSED, None, ""
    if isinstance(error, Failure):
        return FAILED, error.finding, ""
    last = _innermost(error)
    if isinstance(error, NotImplementedError) and not _in_library(last):
        name = last.f_code.co_name if last is not None else ""
        stub = "" if not name.isidentifier() else name
        reason = f"`{stub}` raises NotImplementedError." if stub else "It is not written yet."
        return NOT_ATTEMPTED, Finding(reason), stub
    if isinstance(error, NameError) and last is not None and last.f_code.co_filename == cell:
        name = getattr(error, "name", None)
        subject = f"`{name}`" if isinstance(name, str) else "A name that this check uses"
        reason = f"{subject} is not defined: run the cell that defines it, then this one."
        return NOT_ATTEMPTED, Finding(words.clean(reason)), ""
    return FAILED, _error_finding(error, cell), ""


def _innermost(error: BaseException) -> FrameType | None:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame if trace is not None else None


def _in_library(frame: FrameType | None) -> bool:
    """Whether an installed library raised, not the learner's code or this package."""
    if frame is None or frame.f_globals.get("__name__", "").startswith("curriculum."):
        return False
    path = frame.f_code.co_filename.replace("\\", "/")
    return "/site-packages/" in path or "/dist-packages/" in path


def _error_finding(error: BaseException, cell: str | None) -> Finding:
    """What was raised, and the last line of the learner's own code on the way."""
    if isinstance(error, AssertionError):
        return Finding(error_text(error).removeprefix("AssertionError: "))
    if isinstance(error, SystemExit):
        finding = Finding("Your code ended the program (sys.exit or exit).")
    else:
        finding = Finding(f"Raised {error_text(error)}")
    place = _learner_line(error, cell)
    if place:
        finding.facts.append(("Where", place))
    else:
        finding.hints.append(
            "The check could not use what came back. Does your function return what its "
            "docstring says?"
        )
        if "NoneType" in finding.summary:
            finding.hints.append("A function without `return` gives None.")
    return finding


def _learner_line(error: BaseException, cell: str | None) -> str:
    """`step, line 3: return w - gradient`, or nothing when only the test cell was running."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename != cell and not _installed(trace.tb_frame):
            line = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            found = f"{code.co_name}, line {trace.tb_lineno}" + (f": {line}" if line else "")
        trace = trace.tb_next
    return words.shorten(words.clean(found), 200)


def _installed(frame: FrameType) -> bool:
    own = str(frame.f_globals.get("__name__", "")).startswith("curriculum.")
    path = frame.f_code.co_filename.replace("\\", "/")
    return own or _in_library(frame) or "/lib/python" in path or path.startswith("<frozen")
