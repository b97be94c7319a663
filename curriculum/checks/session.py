"""Named checks inside one test cell, each with its points."""

from __future__ import annotations

import linecache
import math
import sys
import sysconfig
from types import TracebackType
from typing import Any

from curriculum import events

from . import words
from .assertions import error_text, safe_str
from .capture import Quiet
from .failure import Failure, Finding
from .report import FAILED, NOT_ATTEMPTED, PASSED, Outcome, Report

_STANDARD_LIBRARY = sysconfig.get_paths()["stdlib"].replace("\\", "/") + "/"


class Session:
    """The checks of one exercise; made by `start`."""

    def __init__(self, exercise: str) -> None:
        self.exercise = exercise
        self._outcomes: list[Outcome] = []

    def __call__(self, name: str, points: float) -> Check:
        """Open a block of code that earns `points` when nothing in it fails.

        Parameters
        ----------
        name : str
            What is checked, as the learner reads it.
        points : float
            Zero or more; a literal in the cell, so that the build can add them up.
        """
        return Check(self, str(name), _points(points))

    def report(self) -> Report:
        """Return the verdicts so far and tell whoever listens; the last line of a test cell."""
        report = Report(self.exercise, list(self._outcomes))
        events.emit(
            "check",
            exercise=report.exercise,
            points=report.points,
            max_points=report.max_points,
            failed=[c.name for c in report.checks if c.status == FAILED],
            mistakes=report.mistakes,
            attempted=report.attempted,
        )
        return report

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
        self._cell = sys._getframe(1).f_code.co_filename
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
    """Find status, finding, and the function that is not written yet."""
    if error is None:
        return PASSED, None, ""
    if isinstance(error, Failure):
        return FAILED, error.finding, ""
    last = _innermost(error)
    if isinstance(error, NotImplementedError) and _is_stub(error, last):
        stub = _function(last)
        reason = f"`{stub}` raises NotImplementedError." if stub else "It is not written yet."
        return NOT_ATTEMPTED, Finding(reason), stub
    if isinstance(error, NameError) and last is not None and _file(last) == cell:
        missing = getattr(error, "name", None)
        subject = f"`{missing}`" if isinstance(missing, str) else "A name that this check uses"
        reason = f"{subject} is not defined: run the cell that defines it, then this one."
        return NOT_ATTEMPTED, Finding(words.clean(reason)), ""
    return FAILED, _error_finding(error, cell), ""


def _innermost(error: BaseException) -> TracebackType | None:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace


def _file(trace: TracebackType) -> str:
    return trace.tb_frame.f_code.co_filename


def _line(trace: TracebackType) -> str:
    return linecache.getline(_file(trace), trace.tb_lineno).strip()


def _is_ours(trace: TracebackType) -> bool:
    return str(trace.tb_frame.f_globals.get("__name__", "")).startswith("curriculum.")


def _is_stub(error: NotImplementedError, last: TracebackType | None) -> bool:
    """Tell a stub from a library that refuses: PyTorch raises NotImplementedError as well.

    A library's own code gives itself away by its path; compiled code by an error text at a line
    that says nothing of NotImplementedError.
    """
    if last is None or _is_ours(last):
        return True
    if _in_library(last):
        return False
    line = _line(last)
    return not safe_str(error) or not line or "NotImplementedError" in line


def _function(last: TracebackType | None) -> str:
    """Name the function that raised, where it has a name that the learner knows."""
    if last is None or _is_ours(last):
        return ""
    name = last.tb_frame.f_code.co_name
    return name if name.isidentifier() else ""


def _in_library(trace: TracebackType) -> bool:
    """Tell whether an installed library or Python's own was running."""
    path = _file(trace).replace("\\", "/")
    return (
        "/site-packages/" in path
        or "/dist-packages/" in path
        or path.startswith(("<frozen", _STANDARD_LIBRARY))
    )


def _error_finding(error: BaseException, cell: str | None) -> Finding:
    """Say what was raised, and at which line of the learner's own code."""
    if isinstance(error, AssertionError):
        return Finding(error_text(error).removeprefix("AssertionError: "))
    if isinstance(error, SystemExit):
        finding = Finding("Your code ended the program (`sys.exit` or `exit`).")
    else:
        finding = Finding(f"Raised {error_text(error)}")
    place = _learner_line(error, cell)
    if place:
        finding.facts.append(("Where", place))
        return finding
    last = _innermost(error)
    if last is not None and _file(last) == cell and not isinstance(error, SystemExit):
        finding.hints.append(
            "The check could not use what came back. Does your function return what its "
            "docstring says?"
        )
        if "NoneType" in finding.summary:
            finding.hints.append("A function without `return` gives None.")
    return finding


def _learner_line(error: BaseException, cell: str | None) -> str:
    """Write `step, line 3: return w - gradient`; empty when only the test cell was running.

    A function that ran in another process says the same in a note on the exception.
    """
    found = ""
    trace = error.__traceback__
    while trace is not None:
        if _file(trace) != cell and not _is_ours(trace) and not _in_library(trace):
            line = _line(trace)
            name = trace.tb_frame.f_code.co_name
            found = f"{name}, line {trace.tb_lineno}" + (f": {line}" if line else "")
        trace = trace.tb_next
    notes = [note for note in getattr(error, "__notes__", []) if isinstance(note, str)]
    return words.shorten(words.clean(found or "\n".join(notes)), 400)
