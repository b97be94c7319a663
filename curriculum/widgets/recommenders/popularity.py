"""The long tail of real ratings, and what a recommender does to it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.recommenders.films import (
    FIGURE,
    LIKED,
    Array,
    Indices,
    films,
    pattern,
    percent,
    quiet_grid,
    status,
)
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import StampedText, add_title

#: How many films a list holds.
LIST = 10
PEOPLE = 250
PENALTIES = tuple(round(0.05 * k, 2) for k in range(21))
FACTORS = 15


@dataclass(frozen=True)
class TailSettings:
    """What the controls set: the head's share of all films, and the penalty α on popularity."""

    head: float = 0.05
    penalty: float = 0.0


@dataclass(frozen=True)
class Past:
    """Everybody's earlier ratings, and what they liked later.

    Attributes
    ----------
    R : csr_array, shape (n_users, n_items)
        The first four fifths of each user's ratings, in time.
    later : csr_array of bool, shape (n_users, n_items)
        The rest, where the rating is `LIKED` or above.
    all_later : csr_array, shape (n_users, n_items)
        The rest, whatever the rating.
    counts : ndarray, shape (n_items,)
        Ratings in R.
    """

    R: sparse.csr_array
    later: sparse.csr_array
    all_later: sparse.csr_array
    counts: Array


@functools.cache
def past() -> Past:
    """Split each user's ratings by time; once in a process."""
    given = films()
    order = np.lexsort((given.items, given.times, given.users))
    users = given.users[order]
    first = np.searchsorted(users, users)
    place = np.arange(len(users)) - first
    count = np.bincount(users)[users]
    late = np.zeros(len(users), dtype=bool)
    late[order] = place >= count - np.ceil(0.2 * count)

    def matrix(rows: NDArray[np.bool_], values: Array) -> sparse.csr_array:
        cells = (given.users[rows], given.items[rows])
        return sparse.csr_array((values[rows], cells), shape=given.R.shape)

    R = matrix(~late, given.ratings)
    liked = late & (given.ratings >= LIKED)
    return Past(
        R,
        matrix(liked, np.ones_like(given.ratings)),
        matrix(late, given.ratings),
        np.asarray(pattern(R).sum(axis=0)).ravel(),
    )


@functools.cache
def sample() -> Indices:
    """Choose the people whose lists are drawn: they liked something later."""
    able = np.flatnonzero(np.diff(past().later.indptr) > 0)
    return np.sort(np.random.default_rng(0).permutation(able)[:PEOPLE])


@functools.cache
def pool() -> Indices:
    """Return the films that can be recommended: at least five earlier ratings."""
    return np.flatnonzero(past().counts >= 5)


@functools.cache
def pure_svd(rank: int = FACTORS) -> Array:
    """Score the pool for the sampled people by an SVD of who rated what.

    Returns
    -------
    ndarray, shape (PEOPLE, len(pool()))
    """
    seen = pattern(past().R)[:, pool()].tocsr()
    _, _, V = svds(seen, k=rank, v0=np.ones(min(seen.shape)))
    scores: Array = (seen[sample()] @ V.T) @ V
    return scores


@functools.cache
def unseen() -> NDArray[np.bool_]:
    """Say which films of the pool each sampled person has not rated before the split."""
    seen: NDArray[np.bool_] = past().R[sample()][:, pool()].toarray() > 0
    return ~seen


@dataclass(frozen=True)
class Lists:
    """What lists of `LIST` films for each person amount to.

    Attributes
    ----------
    films : ndarray of int64, shape (PEOPLE, LIST)
        Columns of R.
    coverage : float
        Share of the pool that anybody is recommended.
    popularity : float
        Median number of ratings of what is recommended.
    recall : float
        Of what a person liked later, the share that is on the list, averaged over people.
    """

    films: Indices
    coverage: float
    popularity: float
    recall: float


@functools.lru_cache(maxsize=64)
def lists(penalty: float) -> Lists:
    """Recommend by score over popularity to the power of `penalty`."""
    scores = pure_svd() / past().counts[pool()] ** penalty
    scores = np.where(unseen(), scores, -np.inf)
    best = np.argpartition(-scores, LIST, axis=1)[:, :LIST]
    chosen = pool()[best]
    liked = past().later[sample()]
    hits = np.asarray(liked[np.arange(PEOPLE)[:, None], chosen].todense()).sum(axis=1)
    return Lists(
        chosen,
        len(np.unique(chosen)) / len(pool()),
        float(np.median(past().counts[chosen])),
        float(np.mean(hits / np.diff(liked.indptr))),
    )


@functools.cache
def ranked() -> Indices:
    """Count the ratings of each film, the most rated first."""
    return np.sort(np.bincount(films().items))[::-1]


@dataclass(frozen=True)
class TailScene:
    """The catalogue's head, and the lists under a penalty.

    Attributes
    ----------
    head : int
        Films in the head.
    share : float
        Of all ratings, the share that the head has.
    lists : Lists
    listed_head : float
        Of all places on the lists, the share that the head's films take.
    """

    settings: TailSettings
    head: int
    share: float
    lists: Lists
    listed_head: float


def tail_scene(settings: TailSettings) -> TailScene:
    """Divide the catalogue into head and tail, and make the lists."""
    counts = ranked()
    head = max(1, round(settings.head * len(counts)))
    share = float(counts[:head].sum() / counts.sum())
    made = lists(settings.penalty)
    # By all ratings; of films with equally many, all or none belong to the head here.
    totals = np.bincount(films().items)
    listed = float(np.mean(totals[made.films] >= counts[head - 1]))
    return TailScene(settings, head, share, made, listed)


def tail_headline(scene: TailScene) -> str:
    """Say what the head has."""
    return (
        f"The top {percent(scene.settings.head)} of films have {percent(scene.share)} of the "
        f"ratings and {percent(scene.listed_head)} of the places on the lists"
    )


def tail_words(scene: TailScene) -> str:
    """Say what the lists amount to."""
    made = scene.lists
    return (
        f"With α = {scene.settings.penalty:g} the lists of {LIST} reach {percent(made.coverage)} "
        f"of the {len(pool()):,} films that can be recommended; the median recommended film has "
        f"{made.popularity:.0f} ratings; recall of what people liked later is {made.recall:.3f}."
    )


def tail_describe(scene: TailScene) -> str:
    """Say in plain words what the picture shows."""
    return (
        f"Left: ratings of each of {len(ranked()):,} films, the most rated first, both axes "
        f"logarithmic; the head of {scene.head} films is shaded, and two bars show its share of "
        "the ratings and of the places on the lists. Right: coverage, and recall "
        "relative to its best, as the penalty α on popularity grows. "
        f"{tail_headline(scene)}. {tail_words(scene)}"
    )


def tail_caption(scene: TailScene) -> str:
    """Say in HTML what is on the screen now."""
    return status(tail_headline(scene), tail_words(scene))


class TailDrawing:
    """The long tail, and the trade between coverage and recall."""

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.tail = self.figure.add_axes((0.075, 0.125, 0.41, 0.765))
        self.trade = self.figure.add_axes((0.57, 0.125, 0.415, 0.765))
        counts = ranked()
        axes = self.tail
        axes.set(xscale="log", yscale="log", xlim=(1, 10_000), ylim=(0.8, 500))
        axes.set(xlabel="film, by popularity (1 = most rated)", ylabel="ratings of the film")
        axes.set_xticks([1, 10, 100, 1000, 10_000], ["1", "10", "100", "1,000", "10,000"])
        axes.set_yticks([1, 10, 100], ["1", "10", "100"])
        quiet_grid(axes)
        self._head = axes.axvspan(1, 2, color=COLORS.orange, alpha=0.25, lw=0, animated=True)
        axes.plot(np.arange(1, len(counts) + 1), counts, color=COLORS.blue, lw=2.4, animated=True)
        self._shares = [self._add_share(y) for y in (0.33, 0.13)]
        axes = self.trade
        made = [lists(penalty) for penalty in PENALTIES]
        best = max(m.recall for m in made)
        axes.set(xlim=(0, 1), ylim=(0, 1.25), xlabel="penalty on popularity α")
        axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1])
        axes.set_ylabel("share")
        quiet_grid(axes)
        axes.plot(
            PENALTIES, [m.recall / best for m in made], color=COLORS.vermillion, lw=2.2,
            ls=(0, (4, 1.5)), label="recall, of its best",
        )  # fmt: skip
        axes.plot(
            PENALTIES, [m.coverage for m in made], color=COLORS.blue, lw=2.2,
            label="films that anybody is shown",
        )  # fmt: skip
        axes.legend(frameon=False, loc="upper right", fontsize=9.5)
        self._best = best
        (self._here,) = axes.plot(
            [], [], "o", color="black", mec="white", ms=10, animated=True, clip_on=False
        )
        (self._line,) = axes.plot([], [], color="black", lw=1, ls=":", animated=True)
        self._titles = [add_title(self.tail), add_title(self.trade)]

    def _add_share(self, y: float) -> tuple[Rectangle, StampedText]:
        """Add a bar below the curve, for a share of the head, and the words above it."""
        left, length, height = 0.04, 0.55, 0.05
        place = self.tail.transAxes
        look: dict[str, Any] = {"transform": place, "animated": True}
        whole = Rectangle((left, y), length, height, fc="white", ec="#777777", lw=0.8, **look)
        bar = Rectangle((left, y), 0, height, color=COLORS.orange, lw=0, **look)
        words = StampedText(left, y + height + 0.02, "", fontsize=9.5, **look)
        for artist in (bar, whole, words):
            self.tail.add_artist(artist)
        whole.set_zorder(2)
        bar.set_zorder(3)
        self._whole = length
        return bar, words

    def update(self, scene: TailScene) -> bool:
        """Show this scene; nothing changes that is not animated."""
        self._head.set_width(scene.head - 1 or 0.1)
        made, penalty = scene.lists, scene.settings.penalty
        self._here.set_data([penalty] * 2, [made.recall / self._best, made.coverage])
        # No further than the legend, where it stands there.
        self._line.set_data([penalty] * 2, [0, 1.04 if penalty > 0.3 else 1.25])
        shares = (scene.share, scene.listed_head)
        for (bar, words), part, what in zip(
            self._shares, shares, ("ratings", "places on lists"), strict=True
        ):
            bar.set_width(self._whole * part)
            words.set_text(f"{percent(part)} of the {what}")
        head, share = percent(scene.settings.head), percent(scene.share)
        self._titles[0].set_text(f"The top {head} of films have {share} of the ratings")
        self._titles[1].set_text(
            f"α = {penalty:g}: coverage {percent(made.coverage)}, recall {made.recall:.3f}"
        )
        return False


class LongTail(Live):
    """The long tail; see `long_tail`."""

    settings: TailSettings

    def __init__(self, settings: TailSettings = TailSettings()) -> None:
        super().__init__(settings)

    def _drawing(self) -> TailDrawing:
        return TailDrawing()

    def _scene(self, settings: TailSettings) -> TailScene:
        return tail_scene(settings)

    def _describe(self, scene: TailScene) -> str:
        return tail_describe(scene)

    def _caption(self, scene: TailScene) -> str:
        return tail_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "head": controls.slider("Head: share of films", now.head, 0.01, 0.5, 0.01),
            "penalty": controls.choice("Penalty α", now.penalty, PENALTIES),
        }


def long_tail(ask: bool = True) -> Picture:
    """Show how unevenly ratings fall on films, and what a penalty on popularity costs.

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
        return LongTail()
    # Without the penalty the picture would be the answer.
    picture = LongTail(TailSettings(penalty=1.0))
    return Prediction(
        "In MovieLens the 5 % of films that are rated most have 43 % of all ratings. A "
        "recommender learns from these ratings and gives everybody ten films that they have not "
        "rated. The picture divides each score by the film's popularity (α = 1), so that popular "
        "films get hardly any places. With the scores as they are (α = 0), which share of the "
        "places on the lists goes to those 5 % of films?",
        [
            "About 5 %: the lists are personal",
            "About a quarter: people have seen the popular ones already",
            "About 43 %, as in the ratings that it has learned from",
            "More than nine tenths",
        ],
        3,
        "What is rated more often is scored higher, for nearly everybody, and only the ten highest "
        "are shown. What is shown is rated, and the next model learns from that. The picture now "
        "shows α = 0. Move α, which divides each score by popularity to the power of α.",
        picture,
        "rec_long_tail",
        on_answer=lambda _: picture.change(penalty=0.0),
    )
