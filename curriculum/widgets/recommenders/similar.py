"""The neighbours of a film: what the measure and the shrinkage do to them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy import sparse

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.recommenders.films import (
    FIGURE,
    Array,
    Indices,
    counted,
    films,
    pattern,
    quiet_grid,
    signed,
    status,
)
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import StampedText, add_title

MEASURES = ("cosine", "adjusted cosine", "Pearson")
TOP = 10
#: The shrinkage before the question is answered; without it the picture would be the answer.
ASKED_AT = 50.0
#: The films to choose from, as `films().titles` writes them.
CHOICES = (
    "Toy Story (1995)",
    "The Matrix (1999)",
    "The Godfather (1972)",
    "The Lion King (1994)",
    "Pulp Fiction (1994)",
    "Titanic (1997)",
    "Blade Runner (1982)",
    "Die Hard (1988)",
)


@dataclass(frozen=True)
class NeighbourSettings:
    """What the controls set: the film, the measure, and the shrinkage β."""

    film: str = CHOICES[0]
    measure: str = "cosine"
    shrinkage: float = 0.0


@dataclass(frozen=True)
class NeighbourScene:
    """A film's neighbours.

    Attributes
    ----------
    settings : NeighbourSettings
    raters : ndarray of int64, shape (n_items,)
        How many people rated both films; 0 for the film itself.
    similarity : ndarray, shape (n_items,)
        After shrinkage; 0 where nobody rated both.
    nearest : ndarray of int64, shape (TOP,)
        The most similar films, the most similar first; of equal ones, the one with more raters.
    """

    settings: NeighbourSettings
    raters: Indices
    similarity: Array
    nearest: Indices


@functools.cache
def _centred() -> sparse.csr_array:
    """Return the ratings less their user's mean."""
    R = films().R
    counts = np.diff(R.indptr)
    means = np.asarray(R.sum(axis=1)).ravel() / counts
    return sparse.csr_array((R.data - np.repeat(means, counts), R.indices, R.indptr), shape=R.shape)


@functools.lru_cache(maxsize=len(CHOICES) * len(MEASURES))
def plain_similarity(film: str, measure: str) -> tuple[Indices, Array]:
    """Compare a film with every other one, over the people who rated both, without shrinkage.

    Parameters
    ----------
    film : str
        A title of `films`.
    measure : str
        "cosine" of the ratings, "adjusted cosine" (of the ratings less the user's mean), or
        "Pearson" (of the ratings less the film's mean over those people).

    Returns
    -------
    raters : ndarray of int64, shape (n_items,)
    similarity : ndarray, shape (n_items,)
        0 where it is not defined.
    """
    R = _centred() if measure == "adjusted cosine" else films().R
    item = films().titles.index(film)
    people = films().R[:, [item]].tocoo().row
    own = R[people]
    x = np.asarray(R[:, [item]].toarray()).ravel()[people]
    ones = pattern(own)
    raters = np.asarray(ones.sum(axis=0)).ravel()
    products = own.T @ x
    squares = sparse.csr_array((own.data**2, own.indices, own.indptr), shape=own.shape)
    of_x, of_y = ones.T @ x**2, np.asarray(squares.sum(axis=0)).ravel()
    if measure == "Pearson":
        several = np.maximum(raters, 1)
        sum_x, sum_y = ones.T @ x, np.asarray(own.sum(axis=0)).ravel()
        products = products - sum_x * sum_y / several
        of_x, of_y = of_x - sum_x**2 / several, of_y - sum_y**2 / several
    size = np.sqrt(np.maximum(of_x, 0) * np.maximum(of_y, 0))
    defined = size > 1e-9
    similarity = np.where(defined, products / np.where(defined, size, 1), 0.0)
    raters[item], similarity[item] = 0, 0.0
    return raters.astype(np.int64), np.clip(similarity, -1, 1)


def neighbour_scene(settings: NeighbourSettings) -> NeighbourScene:
    """Find a film's neighbours; with shrinkage, similarity counts n / (n + β) of itself."""
    raters, plain = plain_similarity(settings.film, settings.measure)
    similarity = plain * (raters / np.maximum(raters + settings.shrinkage, 1e-9))
    nearest = np.lexsort((-raters, -np.round(similarity, 12)))[:TOP]
    return NeighbourScene(settings, raters, similarity, nearest)


def neighbour_headline(scene: NeighbourScene) -> str:
    """Say how much stands behind the nearest films."""
    few = int(np.median(scene.raters[scene.nearest]))
    return f"The ten nearest share a median of {counted(few, 'rater')} with it"


def neighbour_list(scene: NeighbourScene) -> str:
    """Name the nearest films, with similarity and number of raters."""
    return "; ".join(
        f"{films().titles[i]} {signed(scene.similarity[i])} ({scene.raters[i]} rated both)"
        for i in scene.nearest[:5].tolist()
    )


def neighbour_describe(scene: NeighbourScene) -> str:
    """Say in plain words what the picture shows."""
    settings = scene.settings
    return (
        f"Neighbours of {settings.film} by {settings.measure}, shrinkage β = "
        f"{settings.shrinkage:g}. Left: similarity against the number of people who rated both, "
        f"one point a film, the ten nearest ringed. Right: their names. "
        f"{neighbour_headline(scene)}. Nearest: {neighbour_list(scene)}."
    )


def neighbour_caption(scene: NeighbourScene) -> str:
    """Say in HTML what is on the screen now."""
    settings = scene.settings
    return status(
        neighbour_headline(scene),
        f"{settings.film}, {settings.measure}, β = {settings.shrinkage:g}: a similarity over n "
        f"raters counts n/(n + β) of itself. Nearest: {neighbour_list(scene)}.",
    )


def shortened(title: str, length: int = 36) -> str:
    """Cut a title before its year, so that it fits; other names in brackets go first."""
    if len(title) <= length:
        return title
    name, year = title[:-7].split(" (")[0], title[-6:]
    short = f"{name} {year}"
    return short if len(short) <= length else f"{name[: length - 8].rstrip(' -:')}… {year}"


def without_year(title: str) -> str:
    """Cut the year off a title of `CHOICES`."""
    return title[: -len(" (1995)")]


class NeighbourDrawing:
    """Every film's similarity against its raters, and the nearest by name."""

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.cloud = self.figure.add_axes((0.095, 0.125, 0.27, 0.765))
        self.bars = self.figure.add_axes((0.665, 0.125, 0.19, 0.765))
        axes = self.cloud
        axes.set(xlim=(0.8, 400), xscale="log")
        axes.set(xlabel="people who rated both films", ylabel="similarity")
        axes.set_xticks([1, 3, 10, 30, 100, 300], ["1", "3", "10", "30", "100", "300"])
        axes.minorticks_off()
        axes.yaxis.set_label_coords(-0.25, 0.5)  # it stays when the numbers get longer
        quiet_grid(axes)
        (self._dots,) = axes.plot([], [], ".", ms=3, color=COLORS.blue, alpha=0.35, animated=True)
        (self._rings,) = axes.plot(
            [], [], "o", ms=9, mfc="none", mec=COLORS.vermillion, mew=2, animated=True,
            label="the ten nearest",
        )  # fmt: skip
        axes.legend(
            loc="lower right", frameon=False, fontsize=9.5, handletextpad=0.2, borderpad=0.2
        )
        axes = self.bars
        # The nearest are never below 0, whatever the measure: unrated films stand at 0.
        axes.set(xlim=(0, 1), ylim=(TOP - 0.4, -0.6), xlabel="similarity", yticks=[])
        quiet_grid(axes)
        self._bars = axes.barh(range(TOP), [0] * TOP, height=0.6, color=COLORS.blue)
        self._names = []
        for row, bar in enumerate(self._bars):
            bar.set_animated(True)
            name = StampedText(-0.04, row, "", fontsize=9, va="center", ha="right", animated=True)
            count = StampedText(1.72, row, "", fontsize=9, va="center", ha="right", animated=True)
            axes.add_artist(name)
            axes.add_artist(count)
            self._names.append((name, count))
        self._titles = [add_title(self.cloud), add_title(self.bars)]
        self._titles[1].set_x(-1.38)
        self._lowest: float | None = None

    def update(self, scene: NeighbourScene) -> bool:
        """Show this scene; the axis of similarity has room for what the measure can be."""
        lowest = 0.0 if scene.settings.measure == "cosine" else -1.0
        other_axis = lowest != self._lowest
        if other_axis:
            self._lowest = lowest
            self.cloud.set_ylim(lowest - 0.06 * (1 - lowest), 1 + 0.06 * (1 - lowest))
        shown = scene.raters > 0
        self._dots.set_data(scene.raters[shown], scene.similarity[shown])
        self._rings.set_data(scene.raters[scene.nearest], scene.similarity[scene.nearest])
        for item, bar, (name, count) in zip(
            scene.nearest.tolist(), self._bars, self._names, strict=True
        ):
            bar.set_width(max(0.0, scene.similarity[item]))
            name.set_text(shortened(films().titles[item], 33).replace("$", r"\$"))
            raters = scene.raters[item]
            count.set_text(f"{signed(scene.similarity[item])}, {counted(raters, 'rater')}")
        self._titles[0].set_text(f"Every film beside {without_year(scene.settings.film)}")
        self._titles[1].set_text(neighbour_headline(scene))
        return other_axis


class Neighbours(Live):
    """The neighbours of a film; see `neighbours`."""

    settings: NeighbourSettings

    def __init__(self, settings: NeighbourSettings = NeighbourSettings()) -> None:
        super().__init__(settings)

    def _drawing(self) -> NeighbourDrawing:
        return NeighbourDrawing()

    def _scene(self, settings: NeighbourSettings) -> NeighbourScene:
        return neighbour_scene(settings)

    def _describe(self, scene: NeighbourScene) -> str:
        return neighbour_describe(scene)

    def _caption(self, scene: NeighbourScene) -> str:
        return neighbour_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        shrinkage = controls.slider("Shrinkage β", now.shrinkage, 0, 200, 1)
        shrinkage.readout_format = ".0f"
        # There is no room for the year beside the slider.
        named = [(without_year(film), film) for film in CHOICES]
        return {
            "film": controls.choice("Film", now.film, named),
            "measure": controls.choice("Measure", now.measure, MEASURES),
            "shrinkage": shrinkage,
        }


def neighbours(ask: bool = True) -> Picture:
    """Show the neighbours of a film as the measure and the shrinkage change.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.

    Returns
    -------
    Picture
        Shows itself as the last value of a cell.
    """
    if not ask:
        return Neighbours()
    picture = Neighbours(NeighbourSettings(shrinkage=ASKED_AT))
    return Prediction(
        "The cosine between two films is taken over the people who rated both. The picture shrinks "
        f"it by n/(n + β) with β = {ASKED_AT:g}, so that films with many common raters come out on "
        "top. Without shrinkage, at β = 0, which films come out as the nearest to Toy Story?",
        [
            "Other animated films, since the same people like them",
            "The most popular films, since most people rated them too",
            "Films that hardly anybody rated besides Toy Story",
            "Films with the same mean rating as Toy Story",
        ],
        2,
        "Over one person, the cosine of two positive numbers is 1, whatever the two ratings. The "
        "picture now shows β = 0: every film with one shared rater is at the top. Now raise β.",
        picture,
        "rec_neighbours",
        on_answer=lambda _: picture.change(shrinkage=0.0),
    )
