"""A new user: predictions as ratings arrive one by one."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from matplotlib.figure import Figure

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.recommenders.films import (
    FIGURE,
    Array,
    Indices,
    counted,
    factorise,
    films,
    fit_biases,
    percent,
    quiet_grid,
    residuals,
    round_values,
    status,
)
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import add_title

NEW = 80
#: Ratings that arrive, and ratings that are predicted, of each new user.
ARRIVE, PREDICTED = 20, 20
RANK = 10
WAYS = ("film means", "user bias", "factors")


@dataclass(frozen=True)
class ColdSettings:
    """What the controls set: which new user, how many ratings have arrived, and λ."""

    person: int = 1
    arrived: int = 0
    lam: float = 10.0


@dataclass(frozen=True)
class Newcomers:
    """Users who had no part in learning the film biases and factors.

    Attributes
    ----------
    users : ndarray of int64, shape (NEW,)
    seen, later : ndarray of int64, shape (NEW, ARRIVE) and (NEW, PREDICTED)
        Films in the order of rating, and films rated after them.
    stars, target : ndarray, same shapes
        Their ratings.
    mean : float
        Over everybody else.
    bias : ndarray, shape (n_items,)
    Q : ndarray, shape (n_items, RANK)
    """

    users: Indices
    seen: Indices
    later: Indices
    stars: Array
    target: Array
    mean: float
    bias: Array
    Q: Array


@functools.cache
def newcomers() -> Newcomers:
    """Set people aside and learn from the others; once in a process."""
    given = films()
    known = np.bincount(given.items, minlength=given.R.shape[1]) >= 20
    usable = known[given.items]
    counts = np.bincount(given.users[usable], minlength=given.R.shape[0])
    able = np.flatnonzero(counts >= ARRIVE + PREDICTED)
    users = np.sort(np.random.default_rng(4).permutation(able)[:NEW])
    others = np.setdiff1d(np.arange(given.R.shape[0]), users)
    R = given.R[others]
    biases = fit_biases(R)
    _, Q = factorise(residuals(R, biases), RANK, 8.0, 4)
    order = np.lexsort((given.items, given.times, given.users))
    order = order[usable[order]]
    starts = np.searchsorted(given.users[order], users)
    rows = order[starts[:, None] + np.arange(ARRIVE + PREDICTED)]
    items, stars = given.items[rows], given.ratings[rows]
    return Newcomers(
        users,
        items[:, :ARRIVE],
        items[:, ARRIVE:],
        stars[:, :ARRIVE],
        stars[:, ARRIVE:],
        biases.mean,
        biases.item,
        Q,
    )


@functools.lru_cache(maxsize=128)
def cold_predictions(lam: float) -> dict[str, Array]:
    """Predict the later ratings of all new users after each arrival.

    Parameters
    ----------
    lam : float
        Above 0. Shrinks the user's bias, and penalises the user's factors.

    Returns
    -------
    dict of ndarray, shape (ARRIVE + 1, NEW, PREDICTED)
        For "film means", "user bias" and "factors", in stars.
    """
    new = newcomers()
    above = new.stars - new.mean - new.bias[new.seen]
    base = new.mean + new.bias[new.later]
    count = np.arange(ARRIVE + 1.0)
    sums = np.concatenate([np.zeros((NEW, 1)), above.cumsum(axis=1)], axis=1).T
    bias = sums / (count + lam)[:, None]
    q = new.Q[new.seen]
    squares = np.concatenate(
        [np.zeros((NEW, 1, RANK, RANK)), (q[..., :, None] * q[..., None, :]).cumsum(axis=1)], axis=1
    )
    q_sums = np.concatenate([np.zeros((NEW, 1, RANK)), q.cumsum(axis=1)], axis=1)
    q_above = np.concatenate(
        [np.zeros((NEW, 1, RANK)), (q * above[..., None]).cumsum(axis=1)], axis=1
    )
    right = q_above - bias.T[..., None] * q_sums
    p = np.linalg.solve(squares + lam * np.eye(RANK), right[..., None])[..., 0]
    taste = np.einsum("unr,uir->nui", p, new.Q[new.later])
    with_bias = base + bias[..., None]
    return {
        "film means": np.broadcast_to(base, with_bias.shape),
        "user bias": with_bias,
        "factors": with_bias + taste,
    }


@functools.lru_cache(maxsize=128)
def cold_errors(lam: float) -> dict[str, Array]:
    """Give each way's RMSE over all new users after each arrival; shape (ARRIVE + 1,)."""
    target = newcomers().target
    return {
        way: np.sqrt(((predicted - target) ** 2).mean(axis=(1, 2)))
        for way, predicted in cold_predictions(lam).items()
    }


@dataclass(frozen=True)
class ColdScene:
    """One new user's predictions, and everybody's error.

    Attributes
    ----------
    predicted : dict of ndarray, shape (ARRIVE + 1, PREDICTED)
    target : ndarray, shape (PREDICTED,)
    errors : dict of ndarray, shape (ARRIVE + 1,)
    """

    settings: ColdSettings
    predicted: dict[str, Array]
    target: Array
    errors: dict[str, Array]


def cold_scene(settings: ColdSettings) -> ColdScene:
    """Predict what a new user will give, from the ratings that have arrived."""
    person, lam = settings.person - 1, float(settings.lam)
    predicted = {way: values[:, person] for way, values in cold_predictions(lam).items()}
    return ColdScene(settings, predicted, newcomers().target[person], cold_errors(lam))


def cold_headline(scene: ColdScene) -> str:
    """Say what the ratings so far are worth."""
    n = scene.settings.arrived
    first, now = scene.errors["film means"][n], scene.errors["factors"][n]
    return f"After {counted(n, 'rating')}: RMSE {now:.3f} with factors, {first:.3f} with film means"


def cold_words(scene: ColdScene) -> str:
    """Say what has arrived last, and how it stands with this user."""
    new, settings = newcomers(), scene.settings
    n, person = settings.arrived, settings.person - 1
    if n:
        item = int(new.seen[person, n - 1])
        stars = float(new.stars[person, n - 1])
        arrived = f"The last to arrive: {films().titles[item]}, {counted(stars, 'star')}."
    else:
        arrived = "Nothing has arrived: every prediction is the film's own mean."
    off = np.sqrt(np.mean((scene.predicted["factors"][n] - scene.target) ** 2))
    return (
        f"{arrived} For user {settings.person} alone, RMSE is {off:.2f} stars with factors. "
        f"Averaged over {NEW} new users, {scene.errors['user bias'][n]:.3f} with a bias alone; "
        f"λ = {settings.lam:.3g}."
    )


def cold_describe(scene: ColdScene) -> str:
    """Say in plain words what the picture shows."""
    return (
        f"Left: predicted against given stars of {PREDICTED} later ratings of user "
        f"{scene.settings.person}. Right: root mean square error over {NEW} new users "
        f"against the number of ratings that have arrived, for film means, user bias and factors. "
        f"{cold_headline(scene)}. {cold_words(scene)}"
    )


def cold_caption(scene: ColdScene) -> str:
    """Say in HTML what is on the screen now."""
    return status(cold_headline(scene), cold_words(scene))


class ColdDrawing:
    """One user's predictions, and everybody's error as ratings arrive."""

    LOOKS: ClassVar[dict[str, tuple[str, Any]]] = {
        "film means": (COLORS.black, ":"),
        "user bias": (COLORS.blue, "-"),
        "factors": (COLORS.vermillion, (0, (4, 1.5))),
    }

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.stars = self.figure.add_axes((0.07, 0.125, 0.36, 0.765))
        self.course = self.figure.add_axes((0.525, 0.125, 0.46, 0.765))
        axes = self.stars
        axes.set(xlim=(0.3, 5.2), ylim=(0.3, 6.4), xlabel="stars that the user gave later")
        axes.set_ylabel("predicted stars")
        axes.set_yticks(range(1, 6))
        quiet_grid(axes)
        axes.plot([0.5, 5], [0.5, 5], color="#777777", lw=1)
        (self._before,) = axes.plot(
            [], [], "o", mfc="none", mec="black", ms=6, label="film means", animated=True
        )
        (self._after,) = axes.plot(
            [], [], "D", color=COLORS.vermillion, mec="white", ms=7, label="factors", animated=True
        )
        # Above all predictions, which end at 5.5.
        axes.legend(frameon=False, loc="upper left", fontsize=9.5, ncols=2)
        axes = self.course
        axes.set(xlim=(0, ARRIVE), ylim=(0.8, 1.25), xlabel="ratings that have arrived")
        axes.set_xticks(range(0, ARRIVE + 1, 5))
        axes.set_ylabel("root mean square error (stars)")
        quiet_grid(axes)
        self._lines = {}
        for way, (colour, line) in self.LOOKS.items():
            (self._lines[way],) = axes.plot(
                [], [], color=colour, ls=line, lw=2.2, label=way, animated=True
            )
        axes.legend(frameon=False, loc="upper right", fontsize=9.5)
        (self._here,) = axes.plot([], [], color="black", lw=1, ls=":", animated=True)
        (self._spot,) = axes.plot(
            [], [], "D", color=COLORS.vermillion, mec="white", ms=9, animated=True, clip_on=False
        )
        self._titles = [add_title(self.stars), add_title(self.course)]

    def update(self, scene: ColdScene) -> bool:
        """Show this scene; nothing changes that is not animated."""
        n = scene.settings.arrived
        low, high = 0.5, 5.5
        self._before.set_data(scene.target, np.clip(scene.predicted["film means"][n], low, high))
        self._after.set_data(scene.target, np.clip(scene.predicted["factors"][n], low, high))
        for way, line in self._lines.items():
            line.set_data(np.arange(ARRIVE + 1), scene.errors[way])
        # No further than the legend, where it stands there.
        self._here.set_data([n, n], [0.8, 1.25 if n < 13 else 1.13])
        self._spot.set_data([n], [min(float(scene.errors["factors"][n]), 1.25)])
        self._titles[0].set_text(f"User {scene.settings.person} after {counted(n, 'rating')}")
        gain = 1 - scene.errors["factors"][n] / scene.errors["film means"][n]
        words = f"{percent(abs(gain), 1)} {'below' if gain > 0 else 'above'} the film means' error"
        if abs(gain) < 0.0005:
            words = "the same error as the film means"
        self._titles[1].set_text(f"{NEW} new users: {words}")
        return False


class ColdStart(Live):
    """A new user; see `cold_start`."""

    settings: ColdSettings

    def __init__(self, settings: ColdSettings = ColdSettings()) -> None:
        super().__init__(settings)

    def _drawing(self) -> ColdDrawing:
        return ColdDrawing()

    def _scene(self, settings: ColdSettings) -> ColdScene:
        return cold_scene(settings)

    def _describe(self, scene: ColdScene) -> str:
        return cold_describe(scene)

    def _caption(self, scene: ColdScene) -> str:
        return cold_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "arrived": controls.choice("Ratings arrived", now.arrived, tuple(range(ARRIVE + 1))),
            "lam": controls.choice("Regularization λ", now.lam, round_values(-1, 2)),
            "person": controls.choice("New user", now.person, tuple(range(1, NEW + 1))),
        }


def cold_start(ask: bool = True) -> Picture:
    """Show predictions for a new user as ratings arrive one by one.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.

    Returns
    -------
    Picture
        Shows itself as the last value of a cell.
    """
    picture = ColdStart()
    if not ask:
        return picture
    return Prediction(
        "A new user has rated nothing, so every film is predicted at its own mean. Then ratings "
        "arrive one by one. With a small λ, the user's bias and ten factors are fitted to them as "
        "closely as they allow. What happens to the error on later ratings at the first few?",
        [
            "It falls at once, and most of all with the first rating",
            "It rises above that of the film means, and takes many ratings to come back",
            "It stays as it is until there are ten ratings, one for each factor",
            "It falls evenly, rating by rating",
        ],
        1,
        "One rating says little, and with λ near 0 it is believed entirely: a whole taste is made "
        "of one film. The picture now shows λ = 0.1 after two ratings. Raise λ, and the "
        "first ratings move the prediction only as far as they are worth.",
        picture,
        "rec_cold_start",
        on_answer=lambda _: picture.change(lam=0.1, arrived=2),
    )
