"""The same models ranked by RMSE and by NDCG."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.recommenders.films import (
    FIGURE,
    Array,
    factorise,
    fit_biases,
    residuals,
    status,
)
from curriculum.widgets.recommenders.popularity import PEOPLE, past, pool, pure_svd, sample, unseen
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import StampedText, add_title

MODELS = ("film mean", "biases", "factors", "popularity", "SVD of who rated")
CANDIDATES = ("all films not rated", "films rated later")
CUTS = (1, 3, 5, 10, 20, 50)


@dataclass(frozen=True)
class RankSettings:
    """What the controls set: the length k of the list, and which films are ranked."""

    k: int = 10
    candidates: str = CANDIDATES[0]


@functools.cache
def scores() -> dict[str, Array]:
    """Score the pool for the sampled people by each model; shape (PEOPLE, len(pool()))."""
    R = past().R
    biases = fit_biases(R)
    P, Q = factorise(residuals(R, biases), rank=10, lam=8.0, sweeps=4)
    counts = past().counts
    sums = np.asarray(R.sum(axis=0)).ravel()
    shape = (PEOPLE, len(pool()))
    base = biases.mean + biases.user[sample()][:, None] + biases.item[pool()]
    return {
        "film mean": np.broadcast_to((sums / np.maximum(counts, 1))[pool()], shape),
        "biases": base,
        "factors": base + P[sample()] @ Q[pool()].T,
        "popularity": np.broadcast_to(counts[pool()], shape),
        "SVD of who rated": pure_svd(),
    }


@functools.cache
def errors() -> dict[str, float]:
    """Give each model's RMSE on the later ratings of films in the pool, in stars.

    Counts and SVD scores are not stars: they are first brought to stars by the straight line that
    fits the sampled people's earlier ratings best.
    """
    truth = past().all_later[sample()][:, pool()].tocoo()
    earlier = past().R[sample()][:, pool()].tocoo()
    found = {}
    for model, score in scores().items():
        predicted = score[truth.row, truth.col]
        if model in ("popularity", "SVD of who rated"):
            x = score[earlier.row, earlier.col]
            slope, level = np.polyfit(x, earlier.data, 1)
            predicted = level + slope * predicted
        apart = np.clip(predicted, 0.5, 5) - truth.data
        found[model] = float(np.sqrt(np.mean(apart**2)))
    return found


@functools.cache
def _hits(candidates: str) -> tuple[dict[str, Array], Array]:
    """Say at which of the first 50 places each model has a film that was liked later."""
    liked = past().later[sample()][:, pool()].toarray() > 0
    allowed = unseen()
    if candidates == CANDIDATES[1]:
        allowed = past().all_later[sample()][:, pool()].toarray() > 0
    rows = np.arange(PEOPLE)[:, None]
    longest = CUTS[-1]
    # Equal scores: by the place in the catalogue, mixed once, which knows nothing of the ratings.
    mixed = np.random.default_rng(1).permutation(len(pool()))
    found = {}
    for model, score in scores().items():
        shown = np.where(allowed, score, -np.inf)[:, mixed]
        first = np.argpartition(-shown, longest, axis=1)[:, :longest]
        order = np.argsort(-shown[rows, first], axis=1, kind="stable")
        places = mixed[first[rows, order]]
        found[model] = (liked & allowed)[rows, places].astype(float)
    return found, (liked & allowed).sum(axis=1).astype(float)


@functools.lru_cache(maxsize=len(CUTS) * len(CANDIDATES))
def ndcgs(settings: RankSettings) -> dict[str, float]:
    """Give each model's NDCG@k, averaged over the people who liked at least one candidate."""
    hits, liked = _hits(settings.candidates)
    discounts = 1 / np.log2(np.arange(settings.k) + 2)
    ideal = np.cumsum(discounts)[np.minimum(np.maximum(liked, 1), settings.k).astype(int) - 1]
    able = liked > 0
    return {
        model: float(np.mean((found[:, : settings.k] @ discounts)[able] / ideal[able]))
        for model, found in hits.items()
    }


@dataclass(frozen=True)
class RankScene:
    """Each model's two figures."""

    settings: RankSettings
    rmse: dict[str, float]
    ndcg: dict[str, float]

    def order(self, by: str) -> list[str]:
        """Return the models, the best first."""
        if by == "rmse":
            return sorted(MODELS, key=lambda model: self.rmse[model])
        return sorted(MODELS, key=lambda model: -self.ndcg[model])


def rank_scene(settings: RankSettings) -> RankScene:
    """Judge the models both ways."""
    return RankScene(settings, errors(), ndcgs(settings))


def rank_headline(scene: RankScene) -> str:
    """Say who wins."""
    one, other = scene.order("rmse")[0], scene.order("ndcg")[0]
    if one == other:
        return f"Best by both: {one}"
    return f"Best by RMSE: {one}; best by NDCG@{scene.settings.k}: {other}"


def rank_words(scene: RankScene) -> str:
    """Give all figures."""
    figures = "; ".join(
        f"{model}: RMSE {scene.rmse[model]:.3f}, NDCG {scene.ndcg[model]:.3f}"
        for model in scene.order("rmse")
    )
    return f"Ranked: {scene.settings.candidates}. {figures}."


def rank_describe(scene: RankScene) -> str:
    """Say in plain words what the picture shows."""
    return (
        "Left: five models in the order of their RMSE, the best on top. Right: the same models in "
        f"the order of their NDCG@{scene.settings.k}; a line joins each model's two places. "
        f"{rank_headline(scene)}. {rank_words(scene)}"
    )


def rank_caption(scene: RankScene) -> str:
    """Say in HTML what is on the screen now."""
    return status(rank_headline(scene), rank_words(scene))


class RankDrawing:
    """Two columns of models, and a line from place to place."""

    COLOURS = (COLORS.green, COLORS.blue, COLORS.purple, COLORS.orange, COLORS.vermillion)
    MARKS = ("s", "o", "D", "^", "v")

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        axes = self.axes = self.figure.add_axes((0.02, 0.04, 0.96, 0.84))
        axes.set(xlim=(-0.95, 1.95), ylim=(len(MODELS) - 0.5, -1.25), xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set_visible(False)
        head: dict[str, Any] = {
            "fontsize": 10,
            "color": "#444444",
            "va": "center",
            "linespacing": 1.3,
        }
        axes.text(
            -0.06, -0.75, "RMSE on films rated later, in stars\nlower is better", ha="right", **head
        )
        self._right = StampedText(1.06, -0.75, "", animated=True, **head)
        axes.add_artist(self._right)
        self._parts = {}
        for model, colour, mark in zip(MODELS, self.COLOURS, self.MARKS, strict=True):
            (line,) = axes.plot(
                [0, 1], [0, 0], color=colour, lw=3, marker=mark, ms=11, mec="white", animated=True
            )
            left = StampedText(-0.06, 0, "", ha="right", va="center", fontsize=11, animated=True)
            right = StampedText(1.06, 0, "", va="center", fontsize=11, animated=True)
            axes.add_artist(left)
            axes.add_artist(right)
            self._parts[model] = (line, left, right)
        self._title = add_title(axes, 11.5)

    def update(self, scene: RankScene) -> bool:
        """Show this scene; nothing changes that is not animated."""
        by_rmse, by_ndcg = scene.order("rmse"), scene.order("ndcg")
        for model, (line, left, right) in self._parts.items():
            one, other = by_rmse.index(model), by_ndcg.index(model)
            line.set_ydata([one, other])
            left.set_y(one)
            right.set_y(other)
            left.set_text(f"{model}  {scene.rmse[model]:.3f}")
            right.set_text(f"{scene.ndcg[model]:.3f}  {model}")
        settings = scene.settings
        self._right.set_text(f"NDCG@{settings.k} over {settings.candidates}\nhigher is better")
        self._title.set_text(rank_headline(scene))
        return False


class TwoRankings(Live):
    """The same models judged twice; see `two_rankings`."""

    settings: RankSettings

    def __init__(self, settings: RankSettings = RankSettings()) -> None:
        super().__init__(settings)

    def _drawing(self) -> RankDrawing:
        return RankDrawing()

    def _scene(self, settings: RankSettings) -> RankScene:
        return rank_scene(settings)

    def _describe(self, scene: RankScene) -> str:
        return rank_describe(scene)

    def _caption(self, scene: RankScene) -> str:
        return rank_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "k": controls.choice("Length of the list k", now.k, CUTS),
            "candidates": controls.choice("Ranked are", now.candidates, CANDIDATES),
        }


def two_rankings(ask: bool = True) -> Picture:
    """Show the same models in the order of RMSE and in the order of NDCG.

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
        return TwoRankings()
    # Over all films the picture would be the answer.
    picture = TwoRankings(RankSettings(candidates=CANDIDATES[1]))
    return Prediction(
        "Of five models, user and film biases have the lowest RMSE on later ratings, and factors "
        "fitted to the stars come second. Here each model ranks only the films that a person did "
        "rate later. Now it makes everybody a list of the ten films that it scores highest among "
        "all that the person has not rated. Which model's lists hold most of what people liked "
        "later?",
        [
            "The biases: who predicts stars best, ranks best",
            "The factors: they are nearly as good, and personal",
            "A model that never saw a star, only who rated what",
            "The film means: the best films are liked by everybody",
        ],
        2,
        "RMSE asks how many stars a person gives to films that they chose to rate. A list needs "
        "the films that they will choose, out of thousands that they won't. Who rated what says "
        "more about that than the stars do. The picture now ranks all films not rated; "
        "<i>Reset</i> goes back.",
        picture,
        "rec_two_rankings",
        on_answer=lambda _: picture.change(candidates=CANDIDATES[0]),
    )
