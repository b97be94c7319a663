"""The pictures of a class view, drawn by Matplotlib without its global state.

Each says in words what it shows, and a table beside it has the same numbers. On a dark page the
same picture is drawn with light ink.
"""

from __future__ import annotations

import base64
import io
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from curriculum.checks import words
from curriculum.grading.classview import statistics
from curriculum.grading.classview.view import Exercise, Numbers
from curriculum.widgets.style import COLORS

MOST_BARS = 15
"""Of mistakes; the table has all."""
_LONGEST_LABEL = 34
_WIDTH = 8.0
_BINS = 10


@dataclass(frozen=True)
class Theme:
    """Colours of a picture.

    Parameters
    ----------
    ink, faint : str
        Text, and lines behind the data.
    full, high, low, none : str
        From all points to none.
    waiting, look : str
        What a person has to judge; what somebody should look at.
    """

    ink: str
    faint: str
    full: str
    high: str
    low: str
    none: str
    waiting: str
    look: str


# The colours of the lessons' pictures; on dark, those of them that stand out there.
LIGHT = Theme(
    "#222222", "#d0d0d0", COLORS.blue, COLORS.sky, COLORS.orange, COLORS.vermillion, "#9a9a9a",
    COLORS.vermillion,
)  # fmt: skip
DARK = Theme(
    "#e6e6e6", "#4a4a4a", "#2f8fd0", "#9ad2f2", COLORS.orange, "#e8743b", "#8a8a8a", "#ff8c55"
)


@dataclass(frozen=True)
class Picture:
    """A picture that can be drawn on light or dark.

    Parameters
    ----------
    title, says : str
        Its heading, and in words what it shows.
    draw : callable
        Draws it with a theme.
    """

    title: str
    says: str
    draw: Callable[[Theme], Figure]

    def svg(self, theme: Theme = LIGHT) -> str:
        """Give it as SVG, the same text each time, with all letters as shapes."""
        with _drawing(**{"svg.fonttype": "path", "svg.hashsalt": self.title}):
            file = io.StringIO()
            self.draw(theme).savefig(
                file, format="svg", transparent=True, metadata={"Date": None, "Creator": None}
            )
            return file.getvalue()

    def png(self) -> bytes:
        """Give it as PNG, on white."""
        with _drawing():
            file = io.BytesIO()
            figure = self.draw(LIGHT)
            figure.savefig(file, format="png", dpi=110, metadata={"Software": None})
            return file.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict:
        data = base64.b64encode(self.png()).decode()
        return {"image/png": data, "text/plain": self.says}


@contextmanager
def _drawing(**settings: Any) -> Iterator[None]:
    """Draw with fixed settings, whatever the user's own are, and keep quiet about rare letters."""
    logger = logging.getLogger("matplotlib")
    level = logger.level
    plain: Any = {"font.family": "DejaVu Sans", "font.size": 10, **settings}
    with mpl.rc_context(), warnings.catch_warnings(action="ignore"):
        mpl.rcdefaults()
        mpl.rcParams.update(plain)
        logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            logger.setLevel(level)


def pictures(view: Numbers) -> dict[str, Picture]:
    """Make the pictures of a view that have something to show, by name."""
    made = {"points": _points(view), "exercises": _exercises(view)}
    if any(one.now for one in view.mistakes):
        made["mistakes"] = _mistakes(view)
    if view.enough and any(item.discrimination is not None for _, item in view.tests):
        made["tests"] = _tests(view)
    return made


def label(text: str, longest: int = _LONGEST_LABEL) -> str:
    """Make a text fit beside a bar; a dollar is a dollar and begins no formula."""
    return words.shorten(" ".join(words.clean(text).split()), longest).replace("$", r"\$")


def _axes(theme: Theme, height: float) -> tuple[Figure, Any]:
    figure = Figure(figsize=(_WIDTH, height), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(theme.ink)
    axes.tick_params(colors=theme.ink, length=3)
    axes.set_axisbelow(True)
    return figure, axes


def _named(axes: Any, theme: Theme, x: str, y: str = "") -> None:
    axes.set_xlabel(x, color=theme.ink)
    axes.set_ylabel(y, color=theme.ink)


def _legend(axes: Any, theme: Theme, columns: int) -> None:
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=columns,
        frameon=False,
        labelcolor=theme.ink,
        handlelength=1.2,
        columnspacing=1.2,
        borderaxespad=0.2,
    )


# Points of the topic.


def _points(view: Numbers) -> Picture:
    most = view.most or 1.0
    whole = [one.points for one in view.people if not one.waiting]
    partial = [one.points for one in view.people if one.waiting]
    edges = [most * step / _BINS for step in range(_BINS + 1)]

    def draw(theme: Theme) -> Figure:
        figure, axes = _axes(theme, 2.9)
        clipped = [[min(max(one, 0), most) for one in group] for group in (whole, partial)]
        names = ["graded", "answers wait for a person"]
        _, _, groups = axes.hist(
            clipped,
            bins=edges,
            stacked=True,
            color=[theme.full, theme.waiting],
            edgecolor=theme.ink,
            linewidth=0.5,
            label=names,
        )
        for patch in groups[1]:
            patch.set_hatch("///")
        middle = _median(whole + partial)
        axes.axvline(middle, color=theme.look, linewidth=2, label=f"median {middle:g}")
        axes.set_xlim(0, most)
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="y", color=theme.faint, linewidth=0.6)
        _named(axes, theme, f"points, of {most:g}", "students")
        _legend(axes, theme, 3)
        return figure

    counts = view.spread
    says = (
        f"Histogram of the points of {len(view.people)} students, of {most:g}: median"
        f" {_median(whole + partial):g}; {counts.low + counts.none} below half, {counts.high}"
        f" half or more, {counts.full} all points; {len(partial)} have answers that wait for a"
        " person."
    )
    return Picture("Points of the topic", says, draw)


def _median(points: list[float]) -> float:
    return round(float(np.median(points)), 2) if points else 0.0


# Exercises.


def _exercises(view: Numbers) -> Picture:
    shown = view.exercises
    labels = _labels(shown)

    def draw(theme: Theme) -> Figure:
        figure, axes = _axes(theme, 1.1 + 0.32 * len(shown))
        rows = range(len(shown))
        left = [0.0] * len(shown)
        for name, colour, counts in (
            ("all points", theme.full, [one.spread.full for one in shown]),
            ("half or more", theme.high, [one.spread.high for one in shown]),
            ("below half", theme.low, [one.spread.low for one in shown]),
            ("nothing", theme.none, [one.spread.none for one in shown]),
        ):
            widths = [
                100 * count / (one.spread.n or 1) for count, one in zip(counts, shown, strict=True)
            ]
            axes.barh(rows, widths, left=left, color=colour, height=0.72, label=name)
            left = [a + b for a, b in zip(left, widths, strict=True)]
        for row, one in zip(rows, shown, strict=True):
            rate = one.spread.pass_rate
            axes.text(
                101,
                row,
                "no grade yet" if rate is None else f"{100 * rate:.0f} %",
                va="center",
                color=theme.ink,
                fontsize=9,
            )
        axes.set_yticks(list(rows), labels, fontsize=9)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        _named(axes, theme, "percent of the students who have a grade; at the right, pass rate")
        _legend(axes, theme, 4)
        return figure

    hardest = sorted(
        (one for one in shown if one.spread.pass_rate is not None),
        key=lambda one: one.spread.pass_rate or 0.0,
    )[:3]
    said = ", ".join(f"{one.name} {100 * (one.spread.pass_rate or 0):.0f} %" for one in hardest)
    says = (
        f"Bars of {len(shown)} exercises: how many students earned all points, half or more, below"
        f" half, or nothing. The lowest pass rates: {words.clean(said) or 'none yet'}."
    )
    return Picture("Pass rate of each exercise", says, draw)


def _labels(shown: tuple[Exercise, ...]) -> list[str]:
    return [label(one.label) for one in shown]


# Mistakes.


def _mistakes(view: Numbers) -> Picture:
    shown = [one for one in view.mistakes if one.now][:MOST_BARS]

    def draw(theme: Theme) -> Figure:
        figure, axes = _axes(theme, 0.9 + 0.4 * len(shown))
        rows = range(len(shown))
        axes.barh(rows, [one.now for one in shown], color=theme.low, height=0.66)
        for row, one in zip(rows, shown, strict=True):
            share = f" ({100 * one.now / one.of:.0f} %)" if one.of else ""
            axes.annotate(
                f"{one.now}{share}",
                (one.now, row),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                color=theme.ink,
                fontsize=9,
            )
        names = [f"{label(one.name, 42)}\n{label(one.exercise)}" for one in shown]
        axes.set_yticks(list(rows), names, fontsize=8.5)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlim(0, 1.18 * max(one.now for one in shown))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="x", color=theme.faint, linewidth=0.6)
        _named(axes, theme, "students who have it in their newest submission")
        return figure

    said = "; ".join(f"{one.name} ({one.exercise}), {one.now} of {one.of}" for one in shown[:3])
    return Picture(
        "Named mistakes",
        f"Bars of {len(shown)} named mistakes, ranked. First: {words.clean(said)}.",
        draw,
    )


# Tests.


def _tests(view: Numbers) -> Picture:
    known = [
        (one, item.difficulty, item.discrimination, item.look)
        for one, item in view.tests
        if item.difficulty is not None and item.discrimination is not None
    ]

    def draw(theme: Theme) -> Figure:
        figure, axes = _axes(theme, 3.8)
        lowest = min(-0.1, *(r - 0.08 for _, _, r, _ in known))
        axes.axhspan(lowest, statistics.LOWEST, color=theme.look, alpha=0.13, linewidth=0)
        axes.axhline(statistics.LOWEST, color=theme.look, linewidth=1, linestyle="--")
        for looked, marker, colour, name in (
            (False, "o", theme.full, "fine"),
            (True, "X", theme.look, "look at this test"),
        ):
            chosen = [(p, r) for _, p, r, look in known if look == looked]
            if chosen:
                axes.scatter(
                    [100 * p for p, _ in chosen],
                    [r for _, r in chosen],
                    s=70,
                    marker=marker,
                    color=colour,
                    label=name,
                    linewidth=0.4,
                    edgecolor=theme.ink,
                    zorder=3,
                )
        looked_at = sorted(((p, r, one.name) for one, p, r, look in known if look))
        for number, (p, r, name) in enumerate(looked_at):
            right = p > 0.7  # so that the label stays within the picture
            axes.annotate(
                label(name, 28),
                (100 * p, r),
                # Above and below by turns: neighbours' labels don't lie on each other.
                xytext=(-8 if right else 8, -12 if number % 2 else 6),
                textcoords="offset points",
                ha="right" if right else "left",
                color=theme.ink,
                fontsize=9,
            )
        axes.set_xlim(-2, 102)
        axes.set_ylim(lowest, 1.02)
        axes.grid(color=theme.faint, linewidth=0.6)
        _named(axes, theme, "difficulty: mean percent of the points", "discrimination")
        _legend(axes, theme, 2)
        return figure

    looked = [one.name for one, *_, look in known if look]
    missing = [one.name for one, item in view.tests if item.discrimination is None]
    says = (
        f"Scatter plot of {len(known)} tests by difficulty and discrimination. To be looked at:"
        f" {words.clean(', '.join(looked)) or 'none'}."
    )
    if missing:
        says += f" Without discrimination, and so not drawn: {words.clean(', '.join(missing))}."
    return Picture("Tests: difficulty and discrimination", says, draw)
