"""A small matrix that fills in as factors are learned; and the learner's steps beside it."""

from __future__ import annotations

import contextlib
import functools
import html
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

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
    quiet_grid,
    round_values,
    solve_rows,
    status,
)
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import StampedText, add_title

PEOPLE, TITLES = 12, 9
#: Epochs of SGD, or sweeps of ALS.
STEPS = 40
RATE = 0.05
METHODS = ("SGD", "ALS")
#: The largest error that the picture has room for, in stars; a larger one is written down.
HIGHEST = 3.2
#: Relative differences up to this are the rounding of 64-bit numbers, piled up over the steps.
ROUNDING = 1e-8


@dataclass(frozen=True)
class Toy:
    """A made-up rating matrix of two tastes.

    Attributes
    ----------
    truth : ndarray, shape (PEOPLE, TITLES)
        All ratings, also those that nobody has given yet.
    users, items, ratings : ndarray, shape (m,)
        The known ones.
    held : tuple of two index arrays
        Those that are held out.
    mean : float
        Of the known ones.
    """

    truth: Array
    users: Indices
    items: Indices
    ratings: Array
    held: tuple[Indices, Indices]
    mean: float

    @property
    def R(self) -> sparse.csr_matrix:
        """The known ratings less their mean."""
        return sparse.csr_matrix(
            (self.ratings - self.mean, (self.users, self.items)), shape=self.truth.shape
        )


@functools.cache
def toy() -> Toy:
    """Make the matrix: two tastes, a little noise, halves of stars; half of the cells are known."""
    draw = np.random.default_rng(11)
    P, Q = draw.normal(0, 1.0, (PEOPLE, 2)), draw.normal(0, 1.0, (TITLES, 2))
    stars = 3.2 + P @ Q.T + draw.normal(0, 0.3, (PEOPLE, TITLES))
    truth = np.clip(np.round(2 * stars) / 2, 0.5, 5)
    cells = draw.permutation(PEOPLE * TITLES)
    known, held = np.sort(cells[:62]), np.sort(cells[62:86])
    users, items = np.unravel_index(known, truth.shape)
    order = draw.permutation(len(users))
    users, items = users[order], items[order]
    ratings = truth[users, items]
    return Toy(
        truth,
        users.astype(np.int64),
        items.astype(np.int64),
        ratings,
        tuple(np.unravel_index(held, truth.shape)),  # type: ignore[arg-type]
        float(ratings.mean()),
    )


@dataclass(frozen=True)
class FactorSettings:
    """What the controls set: method, rank, λ, and the steps taken."""

    method: str = "ALS"
    rank: int = 2
    lam: float = 0.5
    steps: int = 0


@dataclass(frozen=True)
class Course:
    """What a factorisation predicts after each step.

    Attributes
    ----------
    predictions : ndarray, shape (k + 1, PEOPLE, TITLES)
        Stars; unlimited.
    """

    predictions: Array

    def _error(self, users: Indices, items: Indices) -> Array:
        apart = self.predictions[:, users, items] - toy().truth[users, items]
        with np.errstate(all="ignore"):
            error: Array = np.sqrt((apart**2).mean(axis=1))
        return error

    @functools.cached_property
    def known(self) -> Array:
        """Root mean square error on the known ratings, in stars."""
        return self._error(toy().users, toy().items)

    @functools.cached_property
    def held(self) -> Array:
        """Root mean square error on the ratings held out, in stars."""
        return self._error(*toy().held)


def start(rank: int) -> tuple[Array, Array]:
    """Return the factors before the first step: small and random."""
    draw = np.random.default_rng(rank)
    return draw.normal(0, 0.3, (PEOPLE, rank)), draw.normal(0, 0.3, (TITLES, rank))


def reference_sgd_epoch(
    users: Indices,
    items: Indices,
    ratings: Array,
    P: Array,
    Q: Array,
    learning_rate: float,
    lam: float,
) -> tuple[Array, Array]:
    """Go once over the ratings in their order; both sides step from the values before.

    ``e = r − p·q``, ``p ← p + η (e q − λ p)``, ``q ← q + η (e p − λ q)``.
    """
    P, Q = P.copy(), Q.copy()
    for place, star in enumerate(ratings.tolist()):
        # Both factors as one array: the error's pull on each is the other.
        pair = np.array([P[users[place]], Q[items[place]]])
        pull = (star - pair.prod(axis=0).sum()) * pair[::-1]
        P[users[place]], Q[items[place]] = pair + learning_rate * (pull - lam * pair)
    return P, Q


def reference_als_step(R: Any, Q: Array, lam: float) -> Array:
    """Fit every row of P, the other side being fixed."""
    return solve_rows(sparse.csr_array(R), Q, lam)


class _Refused(Exception):
    """What a learner's function returned cannot be used; the message says why."""


def _matrix(value: Any, shape: tuple[int, int], what: str) -> Array:
    if value is None:
        raise _Refused(f"returned None for {what}; a function without `return` does that")
    try:
        matrix = np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise _Refused(f"returned a {type(value).__name__} for {what}, not an array") from None
    if matrix.shape != shape:
        raise _Refused(f"returned {what} of shape {matrix.shape}; it is {shape} here")
    return matrix


def _advance(
    function: Callable[..., Any], settings: FactorSettings, P: Array, Q: Array
) -> tuple[Array, Array]:
    """Take one step. The function gets copies, so it cannot change the picture's numbers."""
    given, lam = toy(), settings.lam
    if settings.method == "SGD":
        got = function(
            given.users.copy(),
            given.items.copy(),
            given.ratings - given.mean,
            P.copy(),
            Q.copy(),
            RATE,
            lam,
        )
        if not isinstance(got, (tuple, list)) or len(got) != 2:
            raise _Refused(f"returned a {type(got).__name__}; it should be (P, Q)")
        return _matrix(got[0], P.shape, "P"), _matrix(got[1], Q.shape, "Q")
    P = _matrix(function(given.R, Q.copy(), lam), P.shape, "P")
    Q = _matrix(function(given.R.T.tocsr(), P.copy(), lam), Q.shape, "Q")
    return P, Q


@functools.lru_cache(maxsize=200)
def _reference(settings: FactorSettings) -> Course:
    function = reference_sgd_epoch if settings.method == "SGD" else reference_als_step
    P, Q = start(settings.rank)
    predictions = [toy().mean + P @ Q.T]
    for _ in range(STEPS):
        P, Q = _advance(function, settings, P, Q)
        predictions.append(toy().mean + P @ Q.T)
    return Course(np.array(predictions))


def reference_course(settings: FactorSettings) -> Course:
    """Learn the factors by the reference, from the first step to the last."""
    return _reference(replace(settings, steps=0, lam=float(settings.lam)))


@dataclass(frozen=True)
class OwnCourse:
    """A learner's function beside the reference.

    Attributes
    ----------
    name : str
        "sgd_epoch" or "als_step".
    course : Course or None
        As far as it went; None when there is none.
    state : str
        "agrees", "differs", "unwritten" (raises NotImplementedError), "failed", or "absent".
    says : str
        One sentence about it.
    """

    name: str
    course: Course | None
    state: Literal["agrees", "differs", "unwritten", "failed", "absent"]
    says: str


OWN_NAMES = {"SGD": "sgd_epoch", "ALS": "als_step"}


def own_course(function: Callable[..., Any] | None, settings: FactorSettings) -> OwnCourse:
    """Run a learner's function on the same ratings and from the same start.

    Parameters
    ----------
    function : callable or None
        ``sgd_epoch(users, items, ratings, P, Q, learning_rate, lam) -> (P, Q)`` when the method is
        SGD, ``als_step(R, Q, lam) -> P`` when it is ALS.
    settings : FactorSettings

    Returns
    -------
    OwnCourse
        Whatever the function does: an error in it is told, not raised.
    """
    name = OWN_NAMES[settings.method]
    if function is None:
        return OwnCourse(name, None, "absent", "not given to this picture")
    reference = reference_course(settings).predictions
    P, Q = start(settings.rank)
    predictions = [toy().mean + P @ Q.T]
    trouble = ""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for t in range(1, STEPS + 1):
            try:
                P, Q = _advance(function, settings, P, Q)
            except NotImplementedError:
                return OwnCourse(name, None, "unwritten", "not written yet")
            except _Refused as refusal:
                trouble = f"at step {t} it {refusal}"
                break
            except Exception as error:
                trouble = f"at step {t} it raised {type(error).__name__}: {_short(error)}"
                break
            predictions.append(toy().mean + P @ Q.T)
        own = np.array(predictions)
        apart = np.abs(own - reference[: len(own)]).max(axis=(1, 2))
    if trouble:
        return OwnCourse(name, Course(own), "failed", trouble)
    wrong = np.flatnonzero(~(apart <= ROUNDING))
    if not wrong.size:
        says = f"agrees with the reference; largest difference {apart.max():.1g} stars"
        return OwnCourse(name, Course(own), "agrees", says)
    first = int(wrong[0])
    size = f"{apart[first]:.2g} stars" if np.isfinite(apart[first]) else "no number"
    says = f"differs from step {first} on, where a prediction is off by {size}"
    return OwnCourse(name, Course(own), "differs", says)


def _short(error: Exception, length: int = 120) -> str:
    """Return an error's message on one line."""
    text = " ".join(str(error).split()) or "no message"
    return text if len(text) <= length else text[: length - 1] + "…"


@dataclass(frozen=True)
class FactorScene:
    """The reference's course, and the learner's where there is one."""

    settings: FactorSettings
    course: Course
    own: OwnCourse | None = None


def factor_headline(scene: FactorScene) -> str:
    """Say how far the factors fit, in few words."""
    t, course = scene.settings.steps, scene.course
    return f"RMSE {course.known[t]:.2f} on known ratings, {course.held[t]:.2f} on held-out ones"


def factor_words(scene: FactorScene) -> str:
    """Say what the error on the ratings held out has done."""
    settings, held = scene.settings, scene.course.held
    best = int(held.argmin())
    unit = "epochs" if settings.method == "SGD" else "sweeps"
    words = (
        f"{settings.method} with rank {settings.rank} and λ = {settings.lam:.3g}, after "
        f"{settings.steps} of {STEPS} {unit}. "
    )
    if held[-1] > 1.05 * held[best]:
        words += (
            f"On the held-out ratings it is best after {best} ({held[best]:.2f} stars) and gets "
            f"worse from there: {held[-1]:.2f} at the end."
        )
    else:
        words += f"On the held-out ratings it ends at {held[-1]:.2f} stars, about its best."
    return words


def factor_describe(scene: FactorScene) -> str:
    """Say in plain words what the picture shows."""
    first = (
        f"Left: a made-up matrix of {PEOPLE} people and {TITLES} films, {len(toy().ratings)} "
        "ratings known. Middle: the matrix that the factors predict, held-out ratings framed. "
        if scene.own is None
        else "Left: what the reference predicts. Middle: what your function predicts. "
    )
    own = "" if scene.own is None else f" {scene.own.name}: {scene.own.says}."
    return (
        f"{first}Right: root mean square error against step. {factor_headline(scene)}. "
        f"{factor_words(scene)}{own}"
    )


_SIGNS = {"agrees": "✓", "differs": "✗", "failed": "✗", "unwritten": "…", "absent": "–"}


def factor_caption(scene: FactorScene) -> str:
    """Say in HTML what is on the screen now."""
    caption = status(factor_headline(scene), factor_words(scene))
    if scene.own is not None:
        caption += (
            f'<div class="cw-caption"><p><code>{scene.own.name}</code> '
            f"{_SIGNS[scene.own.state]} {html.escape(scene.own.says)}</p></div>"
        )
    return caption


class FactorDrawing:
    """Two matrices, and the errors against the step."""

    def __init__(self, own: bool = False, figure: Figure | None = None) -> None:
        self.own = own
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        boxes = ((0.05, 0.235, 0.25, 0.655), (0.335, 0.235, 0.25, 0.655))
        self._images, self._titles = [], []
        for box in boxes:
            axes = self.figure.add_axes(box)
            self._images.append(
                axes.imshow(
                    np.full((PEOPLE, TITLES), np.nan), cmap="cividis", vmin=0.5, vmax=5,
                    aspect="auto", animated=True, interpolation="nearest",
                )
            )  # fmt: skip
            axes.set(xlabel="film", xticks=range(TITLES), yticks=range(PEOPLE))
            axes.set_xticklabels(list("ABCDEFGHI"))
            axes.set_yticklabels([str(n + 1) for n in range(PEOPLE)])
            axes.tick_params(length=0, labelsize=9)
            self._titles.append(add_title(axes))
            people, titles = toy().held
            # Small enough to leave the border of the axes alone.
            frame: dict[str, Any] = {"ms": 11.2, "mfc": "none", "animated": True}
            # Vermillion on olive is hard to see without a white edge.
            axes.plot(titles, people, "s", mec="white", mew=3.6, **frame)
            (held,) = axes.plot(titles, people, "s", mec=COLORS.vermillion, mew=1.8, **frame)
            (known,) = axes.plot(
                toy().items, toy().users, "o", ms=3.5, mfc="white", mec="black", mew=0.6,
                animated=True,
            )  # fmt: skip
        self.figure.axes[0].set_ylabel("person")
        self._key(known, held)
        self.errors = self.figure.add_axes((0.665, 0.125, 0.32, 0.765))
        axes = self.errors
        axes.set(xlim=(0, STEPS), ylim=(0, HIGHEST), xlabel="step")
        axes.set_ylabel("root mean square error (stars)")
        quiet_grid(axes)
        self._titles.append(add_title(axes))
        looks = {
            "known": (COLORS.blue, "-", "known ratings"),
            "held": (COLORS.vermillion, (0, (4, 1.5)), "held out"),
        }
        self._lines, self._own, self._here = {}, {}, {}
        for key, (colour, line, label) in looks.items():
            pale = 0.3 if own else 1
            (self._lines[key],) = axes.plot(
                [], [], color=colour, ls="-" if own else line, lw=6 if own else 2.2, alpha=pale,
                label=f"{label}, reference" if own else label, animated=True,
            )  # fmt: skip
            (self._own[key],) = axes.plot(
                [], [], color=colour, ls=line, lw=1.8, animated=True,
                label=f"{label}, yours" if own else None,
            )  # fmt: skip
            (self._here[key],) = axes.plot(
                [], [], "o", color=colour, mec="white", ms=9, animated=True, clip_on=False
            )
        axes.legend(frameon=False, loc="upper right", fontsize=9.5)
        self._peak = StampedText(0, HIGHEST - 0.1, "", fontsize=9, va="top", animated=True)
        axes.add_artist(self._peak)

    def _key(self, known: Any, held: Any) -> None:
        """Explain colours and marks, below the matrices."""
        stars = self.figure.add_axes((0.05, 0.085, 0.15, 0.03))
        stars.imshow(np.linspace(0.5, 5, 64)[None], cmap="cividis", aspect="auto",
                     extent=(0.5, 5, 0, 1))  # fmt: skip
        stars.set(yticks=[], xticks=range(1, 6))
        stars.tick_params(length=2, labelsize=9)
        stars.text(5.3, 0.5, "stars", va="center", fontsize=9)
        self.figure.legend(
            [known, held], ["known rating", "held-out rating"], loc="center left",
            bbox_to_anchor=(0.27, 0.075), ncols=2, frameon=False, fontsize=9.5, handletextpad=0.2,
            columnspacing=1.2, borderpad=0,
        )  # fmt: skip

    def update(self, scene: FactorScene) -> bool:
        """Show this scene; nothing changes that is not animated."""
        t, course = scene.settings.steps, scene.course
        predicted = np.clip(course.predictions[t], 0.5, 5)
        own = scene.own.course if scene.own is not None else None
        if self.own:
            mine = np.full_like(predicted, np.nan)
            if own is not None and t < len(own.predictions):
                mine = np.clip(own.predictions[t], 0.5, 5)
            self._images[0].set_data(predicted)
            self._images[1].set_data(mine)
            self._titles[0].set_text("Reference")
            says = {
                "agrees": "Yours: the same",
                "differs": "Yours: different",
                "unwritten": "Yours: not written yet",
                "absent": "Yours: not given",
                "failed": "Yours: it failed",
            }
            self._titles[1].set_text(says[scene.own.state if scene.own else "absent"])
        else:
            given = np.full_like(predicted, np.nan)
            given[toy().users, toy().items] = toy().ratings
            self._images[0].set_data(given)
            self._images[1].set_data(predicted)
            self._titles[0].set_text("Known ratings")
            self._titles[1].set_text(f"Predicted after {counted(t, 'step')}")
        steps = np.arange(STEPS + 1)
        for key in self._lines:
            values = getattr(course, key)
            self._lines[key].set_data(steps, np.minimum(values, 50))
            self._here[key].set_data([t], [min(values[t], HIGHEST)])
            self._own[key].set_visible(own is not None)
            if own is not None:
                values = np.nan_to_num(getattr(own, key), nan=50, posinf=50)
                self._own[key].set_data(steps[: len(values)], np.minimum(values, 50))
        peak = int(course.held.argmax())
        self._peak.set_x(peak + 1)
        too_high = course.held[peak] > HIGHEST
        self._peak.set_text(f"↑ {course.held[peak]:.1f} at step {peak}" if too_high else "")
        self._titles[2].set_text(f"RMSE {course.known[t]:.2f} known, {course.held[t]:.2f} held out")
        return False


class Factors(Live):
    """A small matrix that fills in; see `factors`."""

    settings: FactorSettings

    def __init__(
        self,
        functions: dict[str, Callable[..., Any] | None] | None = None,
        settings: FactorSettings = FactorSettings(),
    ) -> None:
        super().__init__(settings)
        self.functions = functions or {}
        self._courses: dict[FactorSettings, OwnCourse] = {}

    def _drawing(self) -> FactorDrawing:
        return FactorDrawing(bool(self.functions))

    def _scene(self, settings: FactorSettings) -> FactorScene:
        course = reference_course(settings)
        if not self.functions:
            return FactorScene(settings, course)
        key = replace(settings, steps=0)
        if key not in self._courses:
            self._courses[key] = own_course(self.functions.get(OWN_NAMES[key.method]), key)
        return FactorScene(settings, course, self._courses[key])

    def _describe(self, scene: FactorScene) -> str:
        return factor_describe(scene)

    def _caption(self, scene: FactorScene) -> str:
        return factor_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "steps": controls.choice("Steps", now.steps, tuple(range(STEPS + 1))),
            "rank": controls.choice("Rank", now.rank, tuple(range(1, 7))),
            "lam": controls.choice("Regularization λ", now.lam, round_values(-3, 1)),
            "method": controls.choice("Learned by", now.method, METHODS),
        }


def factors(
    sgd_epoch: Callable[..., Any] | None = None, als_step: Callable[..., Any] | None = None
) -> Picture:
    """Show a small rating matrix filling in as factors are learned.

    Parameters
    ----------
    sgd_epoch, als_step : callable, optional
        As in the exercises: ``sgd_epoch(users, items, ratings, P, Q, learning_rate, lam) ->
        (P, Q)`` and ``als_step(R, Q, lam) -> P``, on ratings less their mean. Where one is given,
        it is shown beside the reference; one that raises NotImplementedError is shown as not
        written yet, and any other error is told in a sentence. Without them, a prediction comes
        first, and unlocks the controls.

    Returns
    -------
    Picture
        Shows itself as the last value of a cell.

    Notes
    -----
    The reference takes the ratings in the order given; for each, with ``e = r − p·q``, it sets
    ``p ← p + η (e q − λ p)`` and ``q ← q + η (e p − λ q)``, both from the values before. A step of
    ALS solves ``(Σ q qᵀ + λ I) p = Σ r q`` over the user's ratings, and zeros for who has none.
    """
    if sgd_epoch is not None or als_step is not None:
        method = "SGD" if als_step is None else "ALS"
        return Factors(
            {"sgd_epoch": sgd_epoch, "als_step": als_step},
            FactorSettings(method=method, steps=STEPS),
        )
    picture = Factors(settings=FactorSettings(steps=5))
    end = reference_course(picture.settings)
    return Prediction(
        "Twelve people have rated some of nine films. Factors of rank 2 with λ = 0.5 are about to "
        "fill the holes. Now the rank is raised to 6 and λ lowered to 0.001, and ALS runs to the "
        "end. What happens to the two errors, compared with rank 2?",
        [
            "Both fall: more numbers describe people better",
            "The error on known ratings falls, the error on held-out ratings rises",
            "Both rise: so many numbers can't be learned from so few ratings",
            "Neither changes: the ratings have two tastes in them, and rank 2 finds them",
        ],
        1,
        "Twelve people and nine films at rank 6 are 126 numbers, for 62 known ratings. They can "
        "meet every known rating and are free everywhere else. At the end of rank 2 the errors are "
        f"{end.known[-1]:.2f} and {end.held[-1]:.2f} stars. The picture now shows rank 6; "
        "<i>Reset</i> goes back.",
        picture,
        "rec_rank",
        on_answer=lambda _: picture.change(rank=6, lam=0.001, steps=STEPS),
    )
