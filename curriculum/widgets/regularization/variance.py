"""Bias and variance of a regularised fit, over resampled data."""

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

DEGREE = 12
SETS = 200
DRAWN = 25
GRID = np.linspace(-1, 1, 101)
LOWEST, HIGHEST = -6.0, 1.0  # of log10 λ
LAMS = strengths(LOWEST, HIGHEST)
CURVE_LAMS = np.array(LAMS)
BOTTOM, CEILING = 1e-5, 10.0  # of the error axis
TOP = 2.3  # of the fits: the legend stands above


@dataclass(frozen=True)
class VarianceSettings:
    """What the controls set: λ, the noise's standard deviation, and rows in a data set."""

    lam: float = 1e-5
    noise: float = 0.4
    rows: int = 30


@dataclass(frozen=True)
class VarianceScene:
    """What the picture shows.

    Attributes
    ----------
    settings : VarianceSettings
    fits : ndarray, shape (len(GRID), SETS)
        The fit to each resampled data set.
    curves : ndarray, shape (len(CURVE_LAMS), 2)
        bias² and variance in expectation, mean over GRID.
    """

    settings: VarianceSettings
    fits: Array
    curves: Array

    @property
    def bias(self) -> float:
        """Squared bias measured over the resampled sets, mean over GRID."""
        return float(np.mean((self.fits.mean(axis=1) - truth(GRID)) ** 2))

    @property
    def variance(self) -> float:
        """Variance measured over the resampled sets, mean over GRID."""
        return float(np.mean(self.fits.var(axis=1)))

    @property
    def best(self) -> float:
        """The λ of the curves with the smallest sum of squared bias and variance."""
        return float(CURVE_LAMS[np.argmin(self.curves.sum(axis=1))])

    @property
    def lowest(self) -> str:
        """Where the sum is smallest, once λ has been there."""
        if self.settings.lam <= self.best:
            return "The sum falls up to here"
        return f"The sum is smallest at λ = {brief(self.best)}"


@functools.cache
def smoother(rows: int) -> Smoother:
    """Return the polynomial ridge for this many evenly spaced rows."""
    return Smoother(np.linspace(-1, 1, rows), GRID, DEGREE)


@functools.cache
def draws(rows: int) -> Array:
    """Return the noise of the resampled sets in units of its standard deviation."""
    return np.random.default_rng(7).normal(size=(rows, SETS))


@functools.cache
def _parts(rows: int) -> tuple[Array, Array]:
    """Return bias², and variance for noise of 1, at each of CURVE_LAMS."""
    x = np.linspace(-1, 1, rows)
    bias, variance = [], []
    for lam in CURVE_LAMS:
        matrix = smoother(rows).matrix(float(lam))
        bias.append(np.mean((matrix @ truth(x) - truth(GRID)) ** 2))
        variance.append(np.mean((matrix**2).sum(axis=1)))
    return np.array(bias), np.array(variance)


def variance_scene(settings: VarianceSettings) -> VarianceScene:
    """Fit every resampled data set, and work out bias and variance."""
    rows = settings.rows
    x = np.linspace(-1, 1, rows)
    y = truth(x)[:, None] + settings.noise * draws(rows)
    bias, variance = _parts(rows)
    curves = np.column_stack([bias, settings.noise**2 * variance])
    return VarianceScene(settings, smoother(rows).predictions(y, settings.lam), curves)


def variance_headline(scene: VarianceScene) -> str:
    """Say which of the two errors is the larger."""
    bias, variance = scene.bias, scene.variance
    near = max(bias, variance) < 2 * min(bias, variance)
    which = "bias² ≈ variance" if near else (
        "variance dominates" if variance > bias else "bias² dominates"
    )  # fmt: skip
    return f"λ = {brief(scene.settings.lam)}: {which}"


def variance_describe(scene: VarianceScene) -> str:
    """Say in plain words what the picture shows."""
    now = scene.settings
    return (
        f"Left: the function behind the data, and polynomials of degree {DEGREE} fitted to "
        f"{DRAWN} of {SETS} data sets that differ in their noise alone, with their mean. Right: "
        f"squared bias, variance and their sum against λ on logarithmic scales, up to this λ. "
        f"Rows: {now.rows}; "
        f"noise σ = {now.noise:g}. {variance_headline(scene)}. Squared bias {brief(scene.bias)}, "
        f"variance {brief(scene.variance)}. {scene.lowest}."
    )


def variance_caption(scene: VarianceScene) -> str:
    """Say in HTML what is on the screen now."""
    now = scene.settings
    total = scene.bias + scene.variance
    freedom = smoother(now.rows).freedom(now.lam)
    return status(
        variance_headline(scene) + ".",
        f"Measured over {SETS} data sets: bias² {brief(scene.bias)} + variance "
        f"{brief(scene.variance)} = {brief(total)}. A new target adds the noise's variance, "
        f"{brief(now.noise**2)}, which no fit removes. The fit uses {freedom:.1f} effective "
        f"parameters of {DEGREE + 1}. {scene.lowest}.",
    )


class VarianceDrawing:
    """Fits to resampled data, and bias and variance against λ."""

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.fits = self.figure.add_axes((0.07, 0.125, 0.42, 0.775))
        self.errors = self.figure.add_axes((0.58, 0.125, 0.405, 0.775))
        self._titles = [add_title(axes) for axes in (self.fits, self.errors)]
        axes = self.fits
        axes.set(xlim=(-1, 1), ylim=(-2.4, 2.9), xlabel="input x", ylabel="target y")
        axes.set_xticks([-1, -0.5, 0, 0.5, 1])
        (self._each,) = axes.plot(
            [], [], color=COLORS.sky, lw=0.9, alpha=0.55, zorder=2, animated=True
        )
        self._each.set_clip_path(Rectangle((-1, -2.4), 2, 2.4 + TOP, transform=axes.transData))
        (self._mean,) = axes.plot(
            [], [], color=COLORS.vermillion, lw=2.4, zorder=4, animated=True,
            label="mean of the fits",
        )  # fmt: skip
        axes.plot(
            GRID, truth(GRID), color="black", lw=1.8, ls=(0, (4, 1.5)), zorder=5, animated=True,
            label="truth",
        )  # fmt: skip
        axes.plot([], [], color=COLORS.sky, lw=0.9, label=f"{DRAWN} fits")
        axes.legend(loc="upper right", frameon=False, fontsize=9, ncols=3)
        axes = self.errors
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set(xlim=(CURVE_LAMS[0], CURVE_LAMS[-1]), ylim=(BOTTOM, CEILING))
        axes.set(xlabel="regularization strength λ", ylabel="squared error, mean over x")
        quiet_grid(axes)
        looks = ((COLORS.vermillion, "--", "bias²"), (COLORS.blue, "-.", "variance"),
                 ("black", "-", "sum"))  # fmt: skip
        self._curves = [
            axes.plot([], [], color=colour, ls=style, lw=2, label=label, animated=True)[0]
            for colour, style, label in looks
        ]
        (self._here,) = axes.plot([], [], color="black", lw=1.2, ls=(0, (2, 2)), animated=True)
        self._dots = [
            axes.plot(
                [], [], marker, color=colour, mec="white", ms=9, zorder=5, animated=True,
                clip_on=False,
            )[0]
            for marker, (colour, _, _) in zip("so^", looks, strict=True)
        ]  # fmt: skip
        axes.legend(loc="upper right", frameon=False, fontsize=9, ncols=3)

    def update(self, scene: VarianceScene) -> bool:
        """Show this scene; nothing changes that is not animated."""
        fits = np.clip(scene.fits, -50, 50)
        gaps = np.full((1, DRAWN), np.nan)
        shown = np.vstack([fits[:, :DRAWN], gaps]).T.ravel()
        self._each.set_data(np.tile(np.append(GRID, np.nan), DRAWN), shown)
        self._mean.set_data(GRID, fits.mean(axis=1))
        curves = np.column_stack([scene.curves, scene.curves.sum(axis=1)])
        bias, variance = scene.bias, scene.variance
        lam = scene.settings.lam
        for line, curve in zip(self._curves, curves.T, strict=True):
            # How they go on is what the question asks, so they are drawn up to λ only.
            so_far = lam >= CURVE_LAMS
            line.set_data(CURVE_LAMS[so_far], np.clip(curve[so_far], 1e-9, 1e9))
        for dot, value in zip(self._dots, (bias, variance, bias + variance), strict=True):
            dot.set_data([lam], [value])
            dot.set_visible(BOTTOM <= value <= CEILING)
        self._here.set_data([lam, lam], [BOTTOM, bias + variance])
        self._titles[0].set_text(variance_headline(scene))
        self._titles[1].set_text(scene.lowest)
        return False


class BiasVariance(Live):
    """Bias and variance over resampled data; see `bias_variance`."""

    settings: VarianceSettings

    def __init__(self, settings: VarianceSettings = VarianceSettings()) -> None:
        super().__init__(settings)

    def _drawing(self) -> VarianceDrawing:
        return VarianceDrawing()

    def _scene(self, settings: VarianceSettings) -> VarianceScene:
        return variance_scene(settings)

    def _describe(self, scene: VarianceScene) -> str:
        return variance_describe(scene)

    def _caption(self, scene: VarianceScene) -> str:
        return variance_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "lam": controls.choice("Strength λ", now.lam, [(brief(lam), lam) for lam in LAMS]),
            "noise": controls.slider("Noise σ", now.noise, 0.05, 1, 0.05),
            "rows": controls.choice("Rows n", now.rows, (20, 30, 60, 120)),
        }


def bias_variance(ask: bool = True) -> Picture:
    """Show bias and variance of polynomial ridge as λ grows, over resampled data.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.

    Returns
    -------
    Picture
        Shows itself as the last value of a cell.
    """
    picture = BiasVariance()
    if not ask:
        return picture
    return Prediction(
        "Below, polynomials of degree 12 are fitted with λ = 10⁻⁵ to data sets that differ in "
        "their noise alone. Now λ grows to 1. What happens to the bundle of fits and to its mean?",
        [
            "The bundle gets narrower, and its mean stays on the truth",
            "The bundle gets narrower, and its mean leaves the truth",
            "The bundle gets wider, and its mean comes closer to the truth",
            "The bundle stays as wide as it is, and moves as a whole",
        ],
        1,
        "The penalty keeps every fit close to a constant, so the fits differ less: the variance "
        "falls. They also agree on something flatter than the truth: the bias grows. The picture "
        "now shows λ = 1; <i>Reset</i> goes back.",
        picture,
        "reg_bias_variance",
        on_answer=lambda _: picture.change(lam=1.0),
    )
