"""A polynomial that over- and under-fits: degree and λ against training and test error."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.regularization.fits import (
    FIGURE,
    Array,
    Smoother,
    brief,
    quiet_grid,
    status,
    strengths,
    truth,
)
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import add_title

DEGREES = tuple(range(15))
ROWS, TESTS, NOISE = 18, 400, 0.3
GRID = np.linspace(-1, 1, 201)
LAMS = strengths(-8, 1)
BOTTOM, CEILING = 1e-3, 1e3  # of the error axis
TOP = 2.3  # of the fit: the legend stands above


@dataclass(frozen=True)
class PolynomialSettings:
    """What the controls set: the degree, λ, and which sample of training rows is drawn."""

    degree: int = 3
    lam: float = 1e-8
    sample: int = 1


@dataclass(frozen=True)
class PolynomialScene:
    """What the picture shows.

    Attributes
    ----------
    settings : PolynomialSettings
    x, y : ndarray, shape (ROWS,)
        The training rows.
    curve : ndarray, shape (len(GRID),)
        The fit.
    training, testing : ndarray, shape (len(DEGREES),)
        Mean squared errors of each degree at this λ.
    """

    settings: PolynomialSettings
    x: Array
    y: Array
    curve: Array
    training: Array
    testing: Array

    @property
    def best(self) -> int:
        """The degree with the smallest test error at this λ, of those up to the chosen one."""
        return int(np.argmin(self.testing[: self.settings.degree + 1]))

    @property
    def lowest(self) -> str:
        """Where the test error is smallest, of the degrees that are shown."""
        degree = self.settings.degree
        return f"Of degrees 0 to {degree}, {self.best} has the smallest test error here"


@functools.cache
def rows(sample: int) -> tuple[Array, Array, Array, Array]:
    """Return training x and y, shape (ROWS,), and test x and y, shape (TESTS,)."""
    rng = np.random.default_rng(40 + sample)
    x = np.sort(np.concatenate([[-1.0, 1.0], rng.uniform(-1, 1, ROWS - 2)]))
    at = rng.uniform(-1, 1, TESTS)
    return (
        x,
        truth(x) + NOISE * rng.normal(size=ROWS),
        at,
        truth(at) + NOISE * rng.normal(size=TESTS),
    )


@functools.cache
def smoothers(sample: int) -> tuple[Smoother, ...]:
    """Return, for each degree, the fit at the training rows, the test rows and the grid."""
    x, _, at, _ = rows(sample)
    everywhere = np.concatenate([x, at, GRID])
    return tuple(Smoother(x, everywhere, degree) for degree in DEGREES)


def polynomial_scene(settings: PolynomialSettings) -> PolynomialScene:
    """Fit every degree at this λ."""
    x, y, _, target = rows(settings.sample)
    fits = np.array([s.predictions(y, settings.lam) for s in smoothers(settings.sample)])
    training = np.mean((fits[:, :ROWS] - y) ** 2, axis=1)
    testing = np.mean((fits[:, ROWS : ROWS + TESTS] - target) ** 2, axis=1)
    curve = fits[settings.degree, ROWS + TESTS :]
    return PolynomialScene(settings, x, y, curve, training, testing)


def verdict(scene: PolynomialScene) -> str:
    """Say whether the fit follows the noise, misses the curve, or does about right."""
    degree = scene.settings.degree
    train, test = scene.training[degree], scene.testing[degree]
    if test < 1.5 * scene.testing.min() and test < 3 * NOISE**2:
        return "about right"
    return "under-fits" if train > 2 * NOISE**2 else "over-fits"


def polynomial_headline(scene: PolynomialScene) -> str:
    """Say what the fit does."""
    now = scene.settings
    return f"Degree {now.degree}, λ = {brief(now.lam)}: {verdict(scene)}"


def _errors(scene: PolynomialScene) -> str:
    degree = scene.settings.degree
    return (
        f"Training error {brief(scene.training[degree])}, test error "
        f"{brief(scene.testing[degree])}; the noise alone is {brief(NOISE**2)}"
    )


def polynomial_describe(scene: PolynomialScene) -> str:
    """Say in plain words what the picture shows."""
    return (
        f"Left: {ROWS} training rows, the function behind them, and a polynomial fitted to them. "
        f"Right: training and test error of each degree up to this one, at this λ, on a "
        f"logarithmic scale. {polynomial_headline(scene)}. {_errors(scene)}. {scene.lowest}."
    )


def polynomial_caption(scene: PolynomialScene) -> str:
    """Say in HTML what is on the screen now."""
    now = scene.settings
    freedom = smoothers(now.sample)[now.degree].freedom(now.lam)
    return status(
        polynomial_headline(scene) + ".",
        f"{_errors(scene)}. The fit uses {freedom:.1f} effective parameters of "
        f"{now.degree + 1}. {scene.lowest}.",
    )


class PolynomialDrawing:
    """The fit over the rows, and both errors against the degree."""

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.fit = self.figure.add_axes((0.07, 0.125, 0.44, 0.775))
        self.errors = self.figure.add_axes((0.60, 0.125, 0.385, 0.775))
        self._titles = [add_title(axes) for axes in (self.fit, self.errors)]
        axes = self.fit
        axes.set(xlim=(-1.05, 1.05), ylim=(-2.4, 2.9), xlabel="input x", ylabel="target y")
        axes.set_xticks([-1, -0.5, 0, 0.5, 1])
        axes.plot(GRID, truth(GRID), color="black", lw=1.6, ls=(0, (4, 1.5)), label="truth")
        (self._curve,) = axes.plot(
            [], [], color=COLORS.blue, lw=2.4, zorder=3, label="fit", animated=True
        )
        self._curve.set_clip_path(
            Rectangle((-1.05, -2.4), 2.1, 2.4 + TOP, transform=axes.transData)
        )
        (self._rows,) = axes.plot(
            [], [], "o", color=COLORS.vermillion, mec="white", ms=8, zorder=4, animated=True,
            label="training rows",
        )  # fmt: skip
        axes.legend(loc="upper right", frameon=False, fontsize=9, ncols=3)
        axes = self.errors
        axes.set_yscale("log")
        axes.set(xlim=(-0.5, DEGREES[-1] + 0.5), ylim=(BOTTOM, CEILING), xlabel="degree")
        axes.set_ylabel("mean squared error")
        axes.set_xticks(DEGREES[::2])
        quiet_grid(axes)
        axes.axhline(NOISE**2, color="#777777", lw=1, ls=(0, (2, 3)))
        axes.text(0, NOISE**2 * 0.93, "noise", fontsize=9, color="#555555", va="top")
        (self._training,) = axes.plot(
            [], [], "o--", color=COLORS.blue, lw=1.8, ms=5, label="training", animated=True
        )
        (self._testing,) = axes.plot(
            [], [], "s-", color=COLORS.vermillion, lw=1.8, ms=5, label="test", animated=True
        )
        (self._here,) = axes.plot([], [], color="black", lw=1.2, ls=(0, (2, 2)), animated=True)
        axes.legend(loc="lower left", frameon=False, fontsize=9)

    def update(self, scene: PolynomialScene) -> bool:
        """Show this scene; nothing changes that is not animated."""
        self._curve.set_data(GRID, np.clip(scene.curve, -1e3, 1e3))
        self._rows.set_data(scene.x, scene.y)
        # How the errors go on is what the question asks, so they are drawn up to the degree only.
        degree = scene.settings.degree
        shown = DEGREES[: degree + 1]
        self._training.set_data(shown, np.clip(scene.training[: degree + 1], 1e-9, 1e6))
        self._testing.set_data(shown, np.clip(scene.testing[: degree + 1], 1e-9, 1e6))
        self._here.set_data([degree] * 2, [scene.training[degree], scene.testing[degree]])
        self._titles[0].set_text(polynomial_headline(scene))
        self._titles[1].set_text(
            f"Training {brief(scene.training[degree])}, test {brief(scene.testing[degree])}"
        )
        return False


class Polynomial(Live):
    """A polynomial that over- and under-fits; see `polynomial`."""

    settings: PolynomialSettings

    def __init__(self, settings: PolynomialSettings = PolynomialSettings()) -> None:
        super().__init__(settings)

    def _drawing(self) -> PolynomialDrawing:
        return PolynomialDrawing()

    def _scene(self, settings: PolynomialSettings) -> PolynomialScene:
        return polynomial_scene(settings)

    def _describe(self, scene: PolynomialScene) -> str:
        return polynomial_describe(scene)

    def _caption(self, scene: PolynomialScene) -> str:
        return polynomial_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "degree": controls.choice("Degree", now.degree, DEGREES),
            "lam": controls.choice("Strength λ", now.lam, [(brief(lam), lam) for lam in LAMS]),
            "sample": controls.choice("Sample", now.sample, (1, 2, 3, 4, 5)),
        }


def polynomial(ask: bool = True) -> Picture:
    """Show a polynomial that under- and over-fits, and what λ does about it.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.

    Returns
    -------
    Picture
        Shows itself as the last value of a cell.
    """
    picture = Polynomial()
    if not ask:
        return picture
    return Prediction(
        "Below, a polynomial of degree 3 is fitted to 18 rows with almost no penalty. Now the "
        "degree grows to 14. What happens to the two errors?",
        [
            "Both fall: a richer model is a better one",
            "The training error falls, the test error rises",
            "The training error rises, the test error falls",
            "Both rise: the problem gets harder",
        ],
        1,
        "Every polynomial of degree 3 is also one of degree 14, so the training error can't rise. "
        "The additional freedom goes into following the noise, which the test rows don't share. "
        "The picture now shows degree 14; <i>Reset</i> goes back.",
        picture,
        "reg_polynomial",
        on_answer=lambda _: picture.change(degree=14),
    )
