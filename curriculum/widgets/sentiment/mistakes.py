"""The picture of errors: where the model is wrong, and which words misled it."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.sentiment.corpus import Array, features, model, shorten, texts
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import StampedText, add_title

#: Inches, at 100 pixels each.
FIGURE = (8.75, 4.25)
KINDS = ("right", "false alarms", "misses")
RANKS = tuple(range(1, 16))
BARS = 8


@dataclass(frozen=True)
class ErrorsSettings:
    """What the controls set: right ones or a kind of error, and a place, the surest first."""

    kind: str = "right"
    rank: int = 1


@dataclass(frozen=True, eq=False)
class ErrorsScene:
    """One held-out review, word by word.

    Attributes
    ----------
    settings : ErrorsSettings
    row : int
        Its place among the held-out reviews.
    probability : float
    of : int
        How many reviews of this kind there are.
    columns : ndarray of int
        The words that add most to the score or take most from it, largest first.
    parts : ndarray
        What each adds to the log-odds: coefficient times TF-IDF.
    rest : float
        What the other words add together.
    """

    settings: ErrorsSettings
    row: int
    probability: float
    of: int
    columns: NDArray[np.int64]
    parts: Array
    rest: float


@cache
def rows_of(kind: str) -> NDArray[np.int64]:
    """Return the held-out reviews of one of `KINDS` at a threshold of 0.5, the surest first."""
    great, p = texts("food", "held out").y == 1, model().probabilities
    called = p >= 0.5
    rows = np.flatnonzero(
        {"right": called == great, "false alarms": called & ~great, "misses": ~called & great}[kind]
    )
    return rows[np.argsort(-np.abs(p[rows] - 0.5), kind="stable")]


def errors_scene(settings: ErrorsSettings) -> ErrorsScene:
    """Take the score of a review apart into its words."""
    fitted, found = model(), features("food")
    rows = rows_of(settings.kind)
    row = int(rows[settings.rank - 1])
    review = found.held_out[row]
    parts = review.data * fitted.weights[review.indices]
    order = np.argsort(-np.abs(parts), kind="stable")
    shown, others = order[:BARS], order[BARS:]
    return ErrorsScene(
        settings, row, float(fitted.probabilities[row]), len(rows), review.indices[shown],
        parts[shown], float(parts[others].sum()),
    )  # fmt: skip


def _verdict(scene: ErrorsScene) -> str:
    great = texts("food", "held out").y[scene.row] == 1
    true = "five stars" if great else "fewer than five stars"
    return f"The model says P(great) = {scene.probability:.2f}; the writer gave {true}."


def _place(scene: ErrorsScene) -> str:
    now = scene.settings
    if now.kind == "right":
        return f"Number {now.rank} of those that the model gets right"
    return f"Number {now.rank} of {scene.of} {now.kind}"


def _counts(scene: ErrorsScene) -> str:
    """Count the errors of each kind, when errors are looked at."""
    if scene.settings.kind == "right":
        return f"{len(model().probabilities)} held-out reviews"
    wrong = [f"{len(rows_of(kind))} {kind}" for kind in ("false alarms", "misses")]
    return f"{', '.join(wrong)} in {len(model().probabilities)} reviews"


def errors_describe(scene: ErrorsScene) -> str:
    """Say in plain words what the picture shows."""
    words = features("food").words
    parts = ", ".join(
        f"{words[c]} {p:+.2f}".replace("-", "−")
        for c, p in zip(scene.columns, scene.parts, strict=True)
    )
    return (
        "Left: every held-out review by its length and P(great)"
        f"{'' if scene.settings.kind == 'right' else '; the wrong ones are marked'}. "
        f"{_counts(scene)}. {_place(scene)}. "
        f"{_verdict(scene)} Right: what its words add to the log-odds: {parts}; the others "
        f"together {scene.rest:+.2f}. The review: "
        f"{shorten(texts('food', 'held out').texts[scene.row])}".replace("together -", "together −")
    )


def errors_caption(scene: ErrorsScene) -> str:
    """Say in HTML what is on the screen now."""
    text = html.escape(shorten(texts("food", "held out").texts[scene.row], 700))
    start = f"{model().intercept:+.2f}".replace("-", "−")
    rest = f"{scene.rest:+.2f}".replace("-", "−")
    return (
        '<div class="cw-caption"><p role="status" aria-live="polite">'
        f"<b>{_place(scene)}.</b> "
        f"{_verdict(scene)} The intercept adds {start}, words not shown {rest}.</p>"
        f"<p><b>The review:</b> {text}</p></div>"
    )


class ErrorsDrawing:
    """All held-out reviews, and one of them word by word."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.all = self.figure.add_axes((0.065, 0.125, 0.40, 0.775))
        self.one = self.figure.add_axes((0.60, 0.125, 0.385, 0.775))
        self._titles = [add_title(axes) for axes in (self.all, self.one)]
        held, p = texts("food", "held out"), model().probabilities
        self._long = np.array([len(text.split()) for text in held.texts])
        axes = self.all
        axes.set_xscale("log")
        axes.set(xlim=(10, 1700), ylim=(0, 1), xlabel="words in the review")
        axes.set_ylabel("P(great): called great from 0.5 up")
        axes.set_xticks([10, 30, 100, 300, 1000], ["10", "30", "100", "300", "1,000"])
        axes.axhline(0.5, color="black", lw=0.8, ls=":")
        axes.plot(self._long, p, ".", color="#bbbbbb", ms=4, label="review")
        self._wrong = []
        for kind, marker, colour in (
            ("false alarms", "x", COLORS.vermillion), ("misses", "+", COLORS.blue),
        ):  # fmt: skip
            rows = rows_of(kind)
            self._wrong += axes.plot(
                self._long[rows], p[rows], marker, color=colour, ms=5.5, mew=1.4, ls="", label=kind,
                animated=True,
            )  # fmt: skip
        axes.legend(loc="lower right", frameon=True, fontsize=9)
        (self._here,) = axes.plot(
            [],
            [],
            "o",
            ms=13,
            mfc="none",
            mec="black",
            mew=2,
            animated=True,
            zorder=5,
            clip_on=False,
        )
        axes = self.one
        axes.set(ylim=(BARS - 0.4, -0.6), xlim=(-1.5, 1.5), yticks=[])
        axes.set_xlabel("added to the log-odds of great")
        axes.axvline(0, color="black", lw=0.8)
        self._bars = axes.barh(
            range(BARS), [0] * BARS, color=COLORS.blue, height=0.7, animated=True
        )
        self._words = [
            StampedText(-1.53, i, "", fontsize=9.5, ha="right", va="center", animated=True)
            for i in range(BARS)
        ]
        for word in self._words:
            axes.add_artist(word)

    def update(self, scene: ErrorsScene) -> bool:
        """Show this scene; nothing changes that is not animated."""
        words = features("food").words
        for marks in self._wrong:
            marks.set_visible(scene.settings.kind != "right")
        self._titles[0].set_text(_counts(scene))
        self._here.set_data([self._long[scene.row]], [scene.probability])
        for i, (bar, word) in enumerate(zip(self._bars, self._words, strict=True)):
            given = i < len(scene.parts)
            part = float(scene.parts[i]) if given else 0.0
            bar.set_width(part)
            bar.set_facecolor(COLORS.blue if part > 0 else COLORS.vermillion)
            word.set_text(str(words[scene.columns[i]]) if given else "")
        self._titles[1].set_text(f"P(great) = {scene.probability:.2f}: what its words add")
        return False


class ErrorsPicture(Live):
    """Look through the errors; see `errors`."""

    settings: ErrorsSettings

    def __init__(self) -> None:
        super().__init__(ErrorsSettings())

    def _drawing(self) -> ErrorsDrawing:
        return ErrorsDrawing()

    def _scene(self, settings: ErrorsSettings) -> ErrorsScene:
        return errors_scene(settings)

    def _describe(self, scene: ErrorsScene) -> str:
        return errors_describe(scene)

    def _caption(self, scene: ErrorsScene) -> str:
        return errors_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "kind": controls.choice("Look at", now.kind, KINDS),
            "rank": controls.choice("Number (surest first)", now.rank, RANKS),
        }


def errors(ask: bool = True) -> Picture:
    """Show the reviews that the model gets wrong, and which words misled it.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.
    """
    picture = ErrorsPicture()
    if not ask:
        return picture
    return Prediction(
        "At a threshold of 0.5 three in four errors are false alarms: others that the model calls "
        "great. Look at those of which it is surest, with P(great) above 0.8. What are most of "
        "them?",
        [
            "Reviews with a negation, such as “not great”",
            "Praise from end to end: the text does not say why it got fewer than five stars",
            "Mockery: words of praise that mean the opposite",
            "Reviews of words that the model has never met",
        ],
        1,
        "Four stars count as other, and most of the words of such a review are praise. What the "
        "text does not hold, no model can read from it. The picture now marks the errors and shows "
        "the surest false alarm; <i>Reset</i> goes back.",
        picture,
        "sen_surest_errors",
        on_answer=lambda _: picture.change(kind="false alarms"),
    )
