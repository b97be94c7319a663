"""The picture of TF-IDF: what a word weighs in the corpus, and in one review."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
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
    """

    settings: WeightsSettings
    columns: NDArray[np.int64]
    counts: NDArray[np.int64]
    weights: Array


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
    return WeightsScene(settings, columns[order], counts[order], weights[order])


def _formula(settings: WeightsSettings) -> str:
    tf = "1 + ln(count)" if settings.sublinear else "count"
    idf = " × idf" if settings.idf else ""
    return tf + idf + (", scaled to length 1" if settings.unit else "")


def weights_describe(scene: WeightsScene) -> str:
    """Say in plain words what the picture shows."""
    found = features("food")
    heavy = ", ".join(
        f"{found.words[c]} {w:.2f}"
        for c, w in zip(scene.columns[:BARS], scene.weights[:BARS], strict=True)
    )
    return (
        "Left: each word of the corpus by the number of reviews it stands in and its idf; the idf "
        f"falls as the word gets common, from {found.idf.max():.1f} to {found.idf.min():.1f}; the "
        "words of this review are marked. Right: the heaviest words of the review when a word "
        f"weighs {_formula(scene.settings)}: {heavy}."
    )


def weights_caption(scene: WeightsScene) -> str:
    """Say in HTML what is on the screen now."""
    found = features("food")
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(str(found.words[c]))}</th><td>{n}</td>"
        f"<td>{found.df[c]:,}</td><td>{found.idf[c]:.2f}</td><td>{w:.3f}</td></tr>"
        for c, n, w in zip(scene.columns[:5], scene.counts[:5], scene.weights[:5], strict=True)
    )
    text = texts("food", "training").texts[review_row(scene.settings.review)]
    return (
        '<div class="cw-caption"><p role="status" aria-live="polite"><b>A word weighs '
        f"{_formula(scene.settings)}.</b></p><table><thead><tr><th>word</th><th>count here</th>"
        f"<th>reviews with it</th><th>idf</th><th>weight</th></tr></thead><tbody>{rows}</tbody>"
        f"</table><p><b>The review:</b> {html.escape(shorten(text))}</p></div>"
    )


class WeightsDrawing:
    """idf against document frequency, and the heaviest words of a review."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.corpus = self.figure.add_axes((0.065, 0.14, 0.40, 0.76))
        self.review = self.figure.add_axes((0.60, 0.14, 0.385, 0.76))
        self._titles = [add_title(axes) for axes in (self.corpus, self.review)]
        found = features("food")
        axes = self.corpus
        axes.set_xscale("log")
        axes.set(
            xlim=(2.5, 4500), ylim=(0.8, 8.2), xlabel="reviews with the word (of 4,000)",
            ylabel="idf = ln((1 + n) / (1 + df)) + 1",
        )  # fmt: skip
        axes.plot(found.df, found.idf, ".", color="#bbbbbb", ms=4)
        (self._here,) = axes.plot(
            [], [], "o", color=COLORS.vermillion, mec="white", ms=7, animated=True
        )
        self._titles[0].set_text("Rare words get a large idf (marked: this review)")
        axes = self.review
        axes.set(ylim=(BARS - 0.4, -0.6), xlabel="weight in the review", yticks=[])
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
        self._here.set_data(found.df[scene.columns], found.idf[scene.columns])
        top = 1.08 * float(scene.weights[0])
        changed = not np.isclose(self.review.get_xlim()[1], top)
        if changed:
            self.review.set_xlim(0, top)
        for i, (bar, word) in enumerate(zip(self._bars, self._words, strict=True)):
            bar.set_width(scene.weights[i])
            word.set_text(str(found.words[scene.columns[i]]))
            word.set_position((-0.02 * top, i))
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
        "review. The picture now multiplies by idf; <i>Reset</i> goes back.",
        picture,
        "sen_weights",
        on_answer=lambda _: picture.change(idf=True),
    )
