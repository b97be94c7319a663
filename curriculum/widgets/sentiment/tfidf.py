"""The picture of TF-IDF: what a word weighs in the corpus, and in one review."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.sentiment.corpus import Array, clean, features, shorten, texts
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import StampedText, add_title

#: Inches, at 100 pixels each.
FIGURE = (8.75, 4.0)
BARS = 10
#: The word that the question is about: it is always among the bars.
ASKED = "the"
#: What TfidfVectorizer takes as a word.
_WORD = re.compile(r"(?u)\b\w\w+\b")
REVIEWS = (1, 2, 3, 4, 5, 6, 7, 8)


@dataclass(frozen=True)
class WeightsSettings:
    """What the controls set: the review, and which parts of the formula are on."""

    review: int = 1
    idf: bool = False
    sublinear: bool = False
    unit: bool = False


@dataclass(frozen=True, eq=False)
class WeightsScene:
    """The words of one review, heaviest first.

    Attributes
    ----------
    settings : WeightsSettings
    columns : ndarray of int, shape (k,)
        Their columns in the features.
    counts : ndarray of int, shape (k,)
    weights : ndarray, shape (k,)
    asked : int
        The place of `ASKED` among them.
    """

    settings: WeightsSettings
    columns: NDArray[np.int64]
    counts: NDArray[np.int64]
    weights: Array
    asked: int

    @property
    def shown(self) -> list[int]:
        """The places of the words that get a bar."""
        top = range(min(BARS, len(self.columns)))
        return [*top] if self.asked in top else [*top[:-1], self.asked]


@cache
def _rows() -> list[int]:
    """Return training reviews with counts that differ, and short enough to read."""
    different = np.diff(features("food").training.indptr)
    return [int(row) for row in np.flatnonzero((different > 55) & (different < 70))][: len(REVIEWS)]


def review_row(review: int) -> int:
    """Return which training review has this number in the picture."""
    return _rows()[review - 1]


@cache
def word_counts(row: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the columns of a training review's words, and how often each stands in it."""
    place = {word: column for column, word in enumerate(features("food").words)}
    found = _WORD.findall(clean(texts("food", "training").texts[row]))
    columns, counts = np.unique([place[w] for w in found if w in place], return_counts=True)
    return columns.astype(np.int64), counts.astype(np.int64)


def weights_scene(settings: WeightsSettings) -> WeightsScene:
    """Weigh the words of one review.

    With every part on this is what ``TfidfVectorizer(sublinear_tf=True)`` gives; without
    `sublinear`, its default.
    """
    found = features("food")
    columns, counts = word_counts(review_row(settings.review))
    weights = 1 + np.log(counts) if settings.sublinear else counts.astype(float)
    if settings.idf:
        weights = weights * found.idf[columns]
    if settings.unit:
        weights = weights / np.linalg.norm(weights)
    order = np.lexsort((columns, -weights))
    asked = int(np.flatnonzero(found.words[columns[order]] == ASKED)[0])
    return WeightsScene(settings, columns[order], counts[order], weights[order], asked)


def _formula(settings: WeightsSettings) -> str:
    tf = "1 + ln(count)" if settings.sublinear else "count"
    if settings.idf:
        tf = f"({tf}) × idf" if settings.sublinear else f"{tf} × idf"
    return tf + (", to length 1" if settings.unit else "")


def _factors(settings: WeightsSettings) -> Array:
    """Return what the count of each word of the corpus is multiplied by, shape (V,)."""
    idf = features("food").idf
    return idf if settings.idf else np.ones_like(idf)


def weights_describe(scene: WeightsScene) -> str:
    """Say in plain words what the picture shows."""
    found = features("food")
    heavy = ", ".join(
        f"{found.words[scene.columns[place]]} {scene.weights[place]:.2f}" for place in scene.shown
    )
    factor = (
        f"the idf, which falls as the word gets common, from {found.idf.max():.1f} to "
        f"{found.idf.min():.1f}"
        if scene.settings.idf
        else "1 for every word"
    )
    return (
        "Left: each word of the corpus by the number of reviews it stands in and what its count is "
        f"multiplied by: {factor}; the words of this review are marked. Right: the heaviest words "
        f"of the review, and '{ASKED}', when a word weighs {_formula(scene.settings)}: {heavy}. "
        f"By weight '{ASKED}' is number {scene.asked + 1} of {len(scene.columns)}."
    )


def weights_caption(scene: WeightsScene) -> str:
    """Say in HTML what is on the screen now."""
    found, idf = features("food"), scene.settings.idf

    def row(place: int) -> str:
        c = scene.columns[place]
        cells = [str(place + 1), f"{scene.counts[place]}", f"{found.df[c]:,}"]
        cells += [f"{found.idf[c]:.2f}"] if idf else []
        cells += [f"{scene.weights[place]:.3f}"]
        inner = "".join(f"<td>{cell}</td>" for cell in cells)
        return f"<tr><th scope='row'>{html.escape(str(found.words[c]))}</th>{inner}</tr>"

    rows = "".join(row(place) for place in sorted({0, 1, 2, 3, scene.asked}))
    text = texts("food", "training").texts[review_row(scene.settings.review)]
    return (
        '<div class="cw-caption"><p role="status" aria-live="polite"><b>A word weighs '
        f"{_formula(scene.settings)}.</b></p><table><thead><tr><th>word</th><th>place</th>"
        f"<th>count here</th><th>reviews with it</th>{'<th>idf</th>' if idf else ''}"
        f"<th>weight</th></tr></thead><tbody>{rows}</tbody>"
        f"</table><p><b>The review:</b> {html.escape(shorten(text))}</p></div>"
    )


class WeightsDrawing:
    """The factor of a count against document frequency, and the heaviest words of a review."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.corpus = self.figure.add_axes((0.065, 0.14, 0.40, 0.76))
        self.review = self.figure.add_axes((0.60, 0.14, 0.37, 0.76))
        self._titles = [add_title(axes) for axes in (self.corpus, self.review)]
        found = features("food")
        axes = self.corpus
        axes.set_xscale("log")
        axes.set(
            xlim=(2.5, 4500), ylim=(0, 8.4), xlabel="reviews with the word (of 4,000)",
            ylabel="the count is multiplied by",
        )  # fmt: skip
        axes.set_xticks([10, 100, 1000], ["10", "100", "1,000"])
        self._each_df, self._first = np.unique(found.df, return_index=True)
        look: dict[str, Any] = {"ls": "", "animated": True}
        (self._all,) = axes.plot(
            [], [], marker=".", color="#bbbbbb", ms=4, label="words of the corpus", **look
        )
        (self._here,) = axes.plot(
            [], [], marker="o", color=COLORS.blue, mec="white", ms=7, label="of this review", **look
        )
        (self._asked,) = axes.plot(
            [], [], marker="s", color=COLORS.vermillion, mec="white", ms=10, zorder=5,
            label=f"'{ASKED}'", **look,
        )  # fmt: skip
        axes.legend(loc="upper right", frameon=False, fontsize=9)
        axes = self.review
        axes.set(ylim=(BARS - 0.4, -0.6), xlabel="weight in the review", yticks=[])
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        self._bars = axes.barh(
            range(BARS), [0] * BARS, color=COLORS.blue, height=0.7, animated=True
        )
        self._words = [
            StampedText(
                0, i, "", fontsize=9.5, ha="right", va="center", animated=True,
            )
            for i in range(BARS)
        ]  # fmt: skip
        for word in self._words:
            axes.add_artist(word)

    def update(self, scene: WeightsScene) -> bool:
        """Show this scene; return whether the weight axis changed."""
        found = features("food")
        factors, asked = _factors(scene.settings), scene.columns[scene.asked]
        self._all.set_data(self._each_df, factors[self._first])
        self._here.set_data(found.df[scene.columns], factors[scene.columns])
        self._asked.set_data([found.df[asked]], [factors[asked]])
        top = 1.08 * float(scene.weights[0])
        changed = not np.isclose(self.review.get_xlim()[1], top)
        if changed:
            self.review.set_xlim(0, top)
        for i, place in enumerate(scene.shown):
            bar, word = self._bars[i], self._words[i]
            bar.set_width(scene.weights[place])
            bar.set_facecolor(COLORS.vermillion if place == scene.asked else COLORS.blue)
            number = "" if place == i else f"{place + 1}.  "
            word.set_text(f"{number}{found.words[scene.columns[place]]}")
            word.set_position((-0.02 * top, i))
        self._titles[0].set_text(
            "idf = ln((1 + n) / (1 + df)) + 1" if scene.settings.idf else "Every count counts alike"
        )
        self._titles[1].set_text(f"Weight = {_formula(scene.settings)}")
        return bool(changed)


class WeightsPicture(Live):
    """TF-IDF, part by part; see `weights`."""

    settings: WeightsSettings

    def __init__(self) -> None:
        super().__init__(WeightsSettings())

    def _drawing(self) -> WeightsDrawing:
        return WeightsDrawing()

    def _scene(self, settings: WeightsSettings) -> WeightsScene:
        return weights_scene(settings)

    def _describe(self, scene: WeightsScene) -> str:
        return weights_describe(scene)

    def _caption(self, scene: WeightsScene) -> str:
        return weights_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "idf": controls.check("times idf", now.idf),
            "sublinear": controls.check("1 + ln(count) instead of the count", now.sublinear),
            "unit": controls.check("scale the review to length 1", now.unit),
            "review": controls.choice("Review", now.review, REVIEWS),
        }


def weights(ask: bool = True) -> Picture:
    """Show what TF-IDF does to the words of a review, part by part.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.
    """
    picture = WeightsPicture()
    if not ask:
        return picture
    return Prediction(
        "The picture weighs each word by how often it stands in the review. Now the counts are "
        "multiplied by the idf. A word that stands in most reviews of the corpus, such as "
        "<code>the</code>: what does its weight become?",
        [
            "Zero, since it says nothing about any review",
            "Little more than its count, since its idf is little more than 1",
            "The smallest of all the words in the review",
            "Larger than before by a factor of 8, as for every word",
        ],
        1,
        "The idf is ln((1 + n)/(1 + df)) + 1, and the 1 at the end keeps a word that stands "
        "everywhere at its count. Repeated ten times, it may still be the heaviest word of the "
        "review. The picture now multiplies by idf, and the lowest bar is <code>the</code>: 3 × "
        "1.21 = 3.62. It fell from place 4 to 42 because the others grew. <i>Reset</i> goes back.",
        picture,
        "sen_weights",
        on_answer=lambda _: picture.change(idf=True),
    )
