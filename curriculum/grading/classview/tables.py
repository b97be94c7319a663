"""The tables of a class view: plain rows, shown as HTML or taken as a pandas frame."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curriculum.checks import words
from curriculum.grading.classview import returned
from curriculum.grading.classview.statistics import Item
from curriculum.grading.classview.view import Numbers

if TYPE_CHECKING:
    import pandas as pd

NOTHING = "–"
LONGEST_CELL = 120
"""Characters shown of a text in a table."""
_MOST_TROUBLE = 3
_VERDICT = "Verdict"
_LONG_WORD = re.compile(r"\S{24}(?=\S)")


def text(value: str, longest: int = LONGEST_CELL) -> str:
    """Make anybody's text safe to stand in a page: cleaned, cut, escaped, and set apart.

    `<bdi>` keeps letters that turn the direction of writing from turning what stands beside them;
    a long word may be broken, others are not.
    """
    shown = words.clean(words.shorten(value, longest))
    pieces = _LONG_WORD.sub(lambda found: f"{found[0]}\0", shown).split("\0")
    return f"<bdi>{'<wbr>'.join(map(html.escape, pieces))}</bdi>"


def block(value: str) -> str:
    """Make anybody's text of several lines safe to stand in a page, as it is."""
    return f"<pre><bdi>{html.escape(words.clean(value))}</bdi></pre>"


def percent(value: float) -> str:
    """Write a share."""
    return f"{100 * value:.0f} %"


def points(value: float) -> str:
    """Write points with as many digits as they need, at most two after the point."""
    return f"{round(value, 2) + 0.0:g}"


def signed(value: float) -> str:
    """Write a correlation."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "\N{MINUS SIGN}")


def span(value: tuple[float, float]) -> str:
    """Write an interval of correlations."""
    return f"{signed(value[0])} to {signed(value[1])}"


def late(seconds: float) -> str:
    """Write how late something came."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}".replace(".0 ", " ")
    return f"{seconds:.0f} s" if seconds else ""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    title : str
        Its heading.
    show : callable, optional
        Writes a value as plain text; without one, a value is somebody's text.
    """

    title: str
    show: Callable[[Any], str] | None = None

    def cell(self, value: Any) -> str:
        """Write a value as HTML."""
        if value is None:
            return NOTHING
        return text(str(value)) if self.show is None else html.escape(self.show(value))


@dataclass(frozen=True)
class Table:
    """A table.

    Parameters
    ----------
    caption : str
        What it is.
    columns : sequence of Column
        The first one names a row.
    rows : sequence of tuple
        Raw values; None is shown as a dash.
    marked : frozenset of int
        The rows to look at, whose last column says why.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[tuple[Any, ...]]
    marked: frozenset[int] = frozenset()

    @property
    def frame(self) -> pd.DataFrame:
        """The raw values, as a pandas frame."""
        import pandas as pd  # slow to import

        return pd.DataFrame(list(self.rows), columns=[column.title for column in self.columns])

    @property
    def html(self) -> str:
        """The table as HTML."""
        heads = "".join(
            f'<th scope="col"{_kind(column)}>{html.escape(column.title)}</th>'
            for column in self.columns
        )
        body = "".join(self._row(number, row) for number, row in enumerate(self.rows))
        return (
            f"<table><caption>{html.escape(self.caption)}</caption>"
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _row(self, number: int, row: tuple[Any, ...]) -> str:
        first, *others = zip(self.columns, row, strict=True)
        cells = "".join(f"<td{_kind(c)}>{c.cell(value)}</td>" for c, value in others)
        mark = ' class="look"' if number in self.marked else ""
        return f'<tr{mark}><th scope="row">{first[0].cell(first[1])}</th>{cells}</tr>'

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.frame.to_string()}"


def _kind(column: Column) -> str:
    """Tell the page's style what a column holds: numbers, a verdict in words, or other text."""
    if column.title == _VERDICT:
        return ' class="v"'
    return "" if column.show in (None, _words) else ' class="n"'


def _words(value: str) -> str:
    return value


def _integer(value: int) -> str:
    return str(value)


def tables(view: Numbers) -> dict[str, Table]:
    """Make the tables of a view, by name."""
    made = {
        "exercises": exercises(view),
        "points": spreads(view),
        "mistakes": mistakes(view),
        "tests": tests(view),
        "checks": checks(view),
        "students": students(view),
    }
    return {name: table for name, table in made.items() if table.rows}


def exercises(view: Numbers) -> Table:
    """Show how each exercise went."""
    columns = [
        Column("Exercise"),
        Column("Notebook"),
        Column("Judged by", _words),
        Column("Points", points),
        Column("Attempts", _integer),
        Column("Of students", _integer),
        Column("Graded", _integer),
        Column("Waiting", _integer),
        Column("Pass rate", percent),
        Column("Mean", percent),
    ]
    rows = [
        (
            one.name,
            one.notebook,
            "person" if one.by_hand else "test",
            one.most,
            one.attempts,
            one.attempted_by,
            one.spread.n,
            one.waiting,
            one.spread.pass_rate,
            one.spread.mean,
        )
        for one in view.exercises
    ]
    return Table("Every graded cell, over all students who have a grade for it", columns, rows)


def spreads(view: Numbers) -> Table:
    """Show how points are spread, over the topic and over each exercise."""
    columns = [
        Column("Exercise"),
        Column("Nothing", _integer),
        Column("Below half", _integer),
        Column("Half or more", _integer),
        Column("All points", _integer),
        Column("First quartile", points),
        Column("Median", points),
        Column("Third quartile", points),
    ]
    rows = [
        (name, one.none, one.low, one.high, one.full, *(one.quartiles or (None,) * 3))
        for name, one in [
            ("the whole topic", view.spread),
            *((one.name, one.spread) for one in view.exercises),
        ]
    ]
    return Table(
        "How many students earned how much, and the quartiles of the points", columns, rows
    )


def mistakes(view: Numbers) -> Table:
    """Rank the named mistakes."""
    columns = [
        Column("Mistake"),
        Column("Exercise"),
        Column("Notebook"),
        Column("Have it now", _integer),
        Column("Of students", _integer),
        Column("Share", percent),
        Column("Had it once", _integer),
    ]
    rows = [
        (
            one.name,
            one.exercise,
            one.notebook,
            one.now,
            one.of,
            one.now / one.of if one.of else None,
            one.ever,
        )
        for one in view.mistakes
    ]
    return Table("Named mistakes, those that most students have now first", columns, rows)


_ANALYSIS = [
    Column("n", _integer),
    Column("Difficulty", percent),
    Column("Discrimination", signed),
    Column("95 % interval", span),
    Column(_VERDICT, _words),
]


def _analysis(item: Item) -> tuple[Any, ...]:
    return item.n, item.difficulty, item.discrimination, item.interval, item.reason or "fine"


def tests(view: Numbers) -> Table:
    """Show what item analysis says of each test."""
    rows = [(one.name, one.notebook, one.most, *_analysis(item)) for one, item in view.tests]
    look = frozenset(number for number, (_, item) in enumerate(view.tests) if item.look)
    columns = [Column("Test"), Column("Notebook"), Column("Points", points), *_ANALYSIS]
    return Table("Every test against the rest of the topic", columns, rows, look)


def checks(view: Numbers) -> Table:
    """Show what item analysis says of each named check."""
    rows = [
        (one.name, one.exercise, one.most, one.passed, one.not_attempted, *_analysis(one.item))
        for one in view.checks
    ]
    look = frozenset(number for number, one in enumerate(view.checks) if one.item.look)
    columns = [
        Column("Check"),
        Column("Exercise"),
        Column("Points", points),
        Column("Passed", _integer),
        Column("Not attempted", _integer),
        *_ANALYSIS,
    ]
    return Table("Every check of every test against the rest of the topic", columns, rows, look)


def students(view: Numbers) -> Table:
    """Show where each student stands; columns in which nobody has anything are left out."""
    cells = len(view.exercises)
    columns = [
        Column("Student"),
        Column("Name"),
        Column("Notebooks", lambda ran: f"{ran} of {view.notebooks}"),
        Column("Graded", lambda graded: f"{graded} of {cells}"),
        Column("Points", points),
        Column("Share", percent),
        Column("Extra credit", points),
        Column("Late penalty", points),
        Column("Waiting", _integer),
        Column("Submissions", _integer),
        Column("Late", late),
        Column("Feedback", _words),
        Column("Could not be graded"),
    ]
    rows = [
        (
            one.student,
            one.name or None,
            one.ran,
            one.graded,
            one.points,
            one.points / view.most if view.most else None,
            one.extra,
            one.penalty,
            one.waiting,
            one.submissions or None,
            one.seconds_late or None,
            one.feedback or returned.UNKNOWN,
            " ".join(one.trouble[:_MOST_TROUBLE]) or None,
        )
        for one in view.people
    ]
    optional = {"Name", "Extra credit", "Late penalty", "Late", "Could not be graded"}
    kept = [
        place
        for place, column in enumerate(columns)
        if column.title not in optional or any(row[place] for row in rows)
    ]
    return Table(
        "Every student who has handed in",
        [columns[place] for place in kept],
        [tuple(row[place] for place in kept) for row in rows],
    )
