"""What an instructor sees of a class: made from the gradebook, for nobody else.

In a notebook::

    from curriculum.grading import classview

    view = classview.load("gradient_descent")
    view.pictures["exercises"]
    view.tables["students"].frame
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curriculum.grading.classview.pictures import Picture
    from curriculum.grading.classview.tables import Table
    from curriculum.grading.classview.view import Numbers

__all__ = ["View", "load"]


@dataclass(frozen=True)
class View:
    """The class view of a topic.

    Parameters
    ----------
    numbers : Numbers
        All that it shows, as plain data.
    """

    numbers: Numbers

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name; each shows itself in a notebook, and has a pandas `frame`."""
        from curriculum.grading.classview.tables import tables

        return tables(self.numbers)

    @cached_property
    def pictures(self) -> Mapping[str, Picture]:
        """The pictures by name; each shows itself in a notebook."""
        from curriculum.grading.classview.pictures import pictures

        return pictures(self.numbers)

    @cached_property
    def examples(self) -> Examples:
        """How the first named mistakes looked; shows itself in a notebook."""
        return Examples(self.numbers)


@dataclass(frozen=True)
class Examples:
    """How the first named mistakes looked."""

    numbers: Numbers

    def _repr_html_(self) -> str:
        from curriculum.grading.classview.page import examples

        return examples(self.numbers)

    def __repr__(self) -> str:
        return f"Examples of {len(self.numbers.mistakes)} named mistakes"


def load(topic: str, course: Path | str = "") -> View:
    """Read a topic from the gradebook.

    Parameters
    ----------
    topic : str
        The assignment.
    course : Path or str
        The course's folder; otherwise the nearest one above that has an `nbgrader_config.py`.

    Raises
    ------
    GradingError
        There is no course, no gradebook, no such topic, or nothing graded of it.
    """
    from curriculum.grading.classview.source import Source

    return View(Source.of(course).numbers([topic])[topic])
