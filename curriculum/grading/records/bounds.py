"""Which points can be written: none below zero, none above the most, nothing that is no number.

An instructor can give more than the most as extra credit, which nbgrader keeps apart. The
formgrader's page brings a number that is out of bounds back to the nearest one that is not, with a
flash of red, before it is sent. What comes another way is refused, in a sentence: a person who
meant 4.5 and sent 45 should learn of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from nbgrader.api import Grade, InvalidEntry, SubmittedNotebook
from nbgrader.server_extensions.formgrader.apihandlers import GradeHandler
from sqlalchemy import event

from curriculum.grading.records import people


class OutOfBounds(InvalidEntry):
    """Points that nobody can have; the message is a sentence."""


_CALLED = {
    "auto_score": "Points by machine",
    "manual_score": "Points",
    "extra_credit": "Extra credit",
    "late_submission_penalty": "A late penalty",
}


def number(name: str, value: Any) -> float | None:
    """Give a value as a number.

    Parameters
    ----------
    name : str
        The attribute of nbgrader's that it is for.
    value : object
        A number, the text of one as the formgrader sends it, or None.

    Raises
    ------
    OutOfBounds
        It is none, not a finite one, or below zero.
    """
    if value is None:
        return None
    try:
        points = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        points = math.nan
    if not math.isfinite(points):
        raise OutOfBounds(f"{_CALLED[name]} must be a number, not {str(value)[:40]!r}.")
    if points < 0:
        raise OutOfBounds(f"{_CALLED[name]} can't be below zero, as {points:g} is.")
    return points + 0.0  # there is no zero with a sign


def check_most(name: str, points: float | None, most: float, cell: str) -> None:
    """Refuse more points than a cell has.

    Raises
    ------
    OutOfBounds
        There are more.
    """
    if points is not None and points > most:
        raise OutOfBounds(
            f"{_CALLED[name]} of {cell} can't be above {most:g}, as {points:g} is: give what is"
            " beyond it as extra credit."
        )


def into() -> None:
    """Check what is written through nbgrader's gradebook, and answer the formgrader's requests."""
    for owner, name in (
        (Grade, "auto_score"),
        (Grade, "manual_score"),
        (Grade, "extra_credit"),
        (SubmittedNotebook, "late_submission_penalty"),
    ):
        # With its history: the record says what was there before.
        event.listen(getattr(owner, name), "set", _checked(name), retval=True, active_history=True)
    GradeHandler.put = _answered(GradeHandler.put)


def _checked(name: str) -> Callable[[Any, Any, Any, Any], float | None]:
    def check(target: Any, value: Any, former: Any, initiator: Any) -> float | None:
        points = number(name, value)
        # What the machine gives is held against the most for all cells at once, in `recording`.
        most = target.max_score if name == "manual_score" and points else None
        if points and most is not None and points > most:
            check_most(name, points, most, target.name)
        return points

    return check


def _answered(put: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    """Say what was wrong with a request to change a grade, and leave the gradebook usable."""

    def answer(handler: Any, grade_id: str) -> None:
        try:
            with people.grading(handler.current_user):
                put(handler, grade_id)
        except InvalidEntry as error:
            _undo(handler)
            handler.set_status(400)
            handler.finish(json.dumps({"message": str(error)}))
        except Exception:
            _undo(handler)
            raise

    return answer


def _undo(handler: Any) -> None:
    """Forget a change: the formgrader has one session for all requests, and the next commits it."""
    book = handler.settings.get("nbgrader_gradebook")
    if book is not None:
        book.db.rollback()
