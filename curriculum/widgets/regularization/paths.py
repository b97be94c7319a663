"""Coefficient paths: scikit-learn's, and the learner's own drawn over them."""

from __future__ import annotations

import contextlib
import functools
import html
import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.regularization.fits import FIGURE, Array, brief, quiet_grid, status
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import add_title

#: λ of every column of the picture.
LAMS = tuple(float(lam) for lam in np.round(10 ** np.linspace(-1, 2, 31), 4))
#: What the elastic net's penalty is divided by: half of it L1.
L1_RATIO = 0.5
PENALTIES = ("ridge", "lasso", "elastic net")
#: Differences up to this share of the largest coefficient are agreement. Coordinate descent stops
#: near the minimum, not on it, and the diabetes data are flat along one direction.
NEAR = {"ridge": 1e-6, "lasso": 5e-3, "elastic net": 5e-3}
#: Coefficients smaller than this are called zero.
ZERO = 1e-9
#: One for each feature: Okabe and Ito's without yellow, and three of Paul Tol's "muted".
_COLOURS = (
    COLORS.blue, COLORS.orange, COLORS.green, COLORS.vermillion, COLORS.purple, COLORS.sky,
    "#332288", "#882255", COLORS.black, "#999933",
)  # fmt: skip
#: The last five are dashed too, so that nobody has to tell ten colours apart.
_DASHED = 5


@dataclass(frozen=True)
class PathSettings:
    """What the controls of the coefficient paths set."""

    penalty: str = "lasso"
    lam: float = LAMS[10]


@dataclass(frozen=True)
class Own:
    """A learner's function beside the reference.

    Attributes
    ----------
    state : str
        "agrees", "differs", "unwritten" (raises NotImplementedError), "failed", or "absent".
    weights : ndarray, shape (len(LAMS), d), or None
        Its coefficients; NaN at each λ that it was not reached at.
    says : str
        One sentence about it.
    """

    state: Literal["agrees", "differs", "unwritten", "failed", "absent"]
    weights: Array | None
    says: str


@dataclass(frozen=True)
class PathScene:
    """What the picture shows: the settings, the reference's weights and the learner's."""

    settings: PathSettings
    names: tuple[str, ...]
    reference: Array
    own: Own

    @property
    def column(self) -> int:
        """Which of `LAMS` the settings stand at."""
        return LAMS.index(self.settings.lam)

    @property
    def now(self) -> Array:
        """The reference's weights at this λ."""
        return np.asarray(self.reference[self.column])


@functools.cache
def diabetes() -> tuple[Array, Array, tuple[str, ...]]:
    """Return scikit-learn's diabetes data: X (442, 10) standardised, y (442,), the names.

    y is a measure of the disease's progress after one year, from 25 to 346.
    """
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes()
    X = np.asarray(bunch.data, dtype=float)
    X -= X.mean(axis=0)
    X /= X.std(axis=0)
    X.flags.writeable = False
    y = np.asarray(bunch.target, dtype=float)
    y.flags.writeable = False
    return X, y, tuple(str(name) for name in bunch.feature_names)


@functools.cache
def reference_path(penalty: str) -> Array:
    """Return scikit-learn's coefficients at each of `LAMS`, shape (len(LAMS), d).

    Parameters
    ----------
    penalty : str
        "ridge", "lasso" or "elastic net". scikit-learn's alpha is n λ for ridge, else λ.

    Raises
    ------
    KeyError
        When there is no such penalty.
    """
    from sklearn.linear_model import Ridge, enet_path

    X, y, _ = diabetes()
    if penalty == "ridge":
        return np.array([Ridge(alpha=len(X) * lam).fit(X, y).coef_ for lam in LAMS])
    ratio = {"lasso": 1.0, "elastic net": L1_RATIO}[penalty]
    _, weights, _ = enet_path(
        X - X.mean(axis=0), y - y.mean(), l1_ratio=ratio, alphas=LAMS[::-1], tol=1e-10,
        max_iter=100_000,
    )  # fmt: skip
    return np.asarray(weights.T[::-1])


def _weights(value: Any, d: int) -> Array:
    """Take w out of what a learner's function returned, or raise a TypeError that says why not."""
    if value is None:
        raise TypeError("returned None; a function without `return` does that")
    if not isinstance(value, (tuple, list)) or len(value) not in (2, 3):
        raise TypeError(f"returned a {type(value).__name__}; it should be (w, b) or (w, b, sweeps)")
    try:
        w = np.asarray(value[0], dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"returned a {type(value[0]).__name__} for w, not an array") from None
    if w.shape != (d,):
        raise TypeError(f"returned w of shape {w.shape}; it is ({d},) here")
    return w.copy()


def own_path(penalty: str, function: Callable[..., Any] | None) -> Own:
    """Run a learner's function at each of `LAMS`, largest first, beside scikit-learn.

    Parameters
    ----------
    penalty : str
        "ridge", "lasso" or "elastic net".
    function : callable or None
        ``ridge(X, y, lam) -> (w, b)``, ``lasso(X, y, lam) -> (w, b, sweeps)`` or
        ``elastic_net(X, y, lam, l1_ratio) -> (w, b)``.

    Returns
    -------
    Own
        Whatever the function does: an error in it is told, not raised.
    """
    want = reference_path(penalty)
    if function is None:
        return Own("absent", None, "not given to this picture")
    X, y, _ = diabetes()
    more = (L1_RATIO,) if penalty == "elastic net" else ()
    weights = np.full_like(want, np.nan)
    trouble = ""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for k in reversed(range(len(LAMS))):
            at = f"at λ = {brief(LAMS[k])} it"
            try:
                got = function(X.copy(), y.copy(), LAMS[k], *more)
            except NotImplementedError:
                return Own("unwritten", None, "not written yet")
            except Exception as error:
                trouble = f"{at} raised {type(error).__name__}: {_short(error)}"
                break
            try:
                weights[k] = _weights(got, X.shape[1])
            except TypeError as refusal:
                trouble = f"{at} {refusal}"
                break
    if trouble:
        return Own("failed", weights, trouble)
    with np.errstate(all="ignore"):
        apart = np.abs(weights - want).max(axis=1)
    wrong = ~(apart <= NEAR[penalty] * np.abs(want).max())
    if not wrong.any():
        return Own(
            "agrees", weights, f"agrees; largest difference {brief(float(f'{apart.max():.1g}'))}"
        )
    worst = int(np.argmax(np.where(np.isfinite(apart), apart, np.inf)))
    most = brief(apart[worst]) if np.isfinite(apart[worst]) else "no number"
    return Own(
        "differs",
        weights,
        f"differs at {wrong.sum()} of {len(LAMS)} values of λ, most at λ = {brief(LAMS[worst])}: "
        f"largest difference {most}",
    )


def _short(error: Exception, length: int = 120) -> str:
    """Return an error's message on one line."""
    text = " ".join(str(error).split()) or "no message"
    return text if len(text) <= length else text[: length - 1] + "…"


def zeros(weights: Array) -> int:
    """Count the coefficients that are zero."""
    return int(np.sum(np.abs(weights) <= ZERO))


def path_headline(scene: PathScene) -> str:
    """Say how many coefficients are left."""
    d, none = len(scene.now), zeros(scene.now)
    left = {0: "no coefficient is zero", 1: f"1 of {d} coefficients is zero"}.get(
        none, f"all {d} coefficients are zero" if none == d else f"{none} of {d} are zero"
    )
    penalty = scene.settings.penalty.capitalize()
    share = f" (ρ = {L1_RATIO:g})" if scene.settings.penalty == "elastic net" else ""
    return f"{penalty}{share}, λ = {brief(scene.settings.lam)}: {left}"


def path_describe(scene: PathScene) -> str:
    """Say in plain words what the picture shows."""
    values = ", ".join(
        f"{name} {brief(w) if abs(w) > ZERO else '0'}"
        for name, w in zip(scene.names, scene.now, strict=True)
    )
    return (
        f"Left: the ten coefficients of a fit to the diabetes data against λ on a logarithmic "
        f"scale, scikit-learn's as lines, yours as dots. Right: the coefficients at this λ as "
        f"bars. {path_headline(scene)}. Coefficients: {values}. Yours: {scene.own.says}."
    )


def path_caption(scene: PathScene) -> str:
    """Say in HTML what is on the screen now."""
    size = float(np.sum(np.abs(scene.now)))
    share = size / float(np.sum(np.abs(scene.reference[0])))
    sign = {"agrees": "✓", "differs": "✗", "failed": "✗", "unwritten": "…", "absent": "–"}
    given = (
        ""
        if scene.own.state == "absent"
        else f" Yours: {sign[scene.own.state]} {html.escape(scene.own.says)}."
    )
    return status(
        path_headline(scene) + ".",
        f"The absolute coefficients add up to {brief(size)}, {100 * share:.0f} % of what they are "
        f"at λ = {brief(LAMS[0])}.{given}",
    )


class PathDrawing:
    """Coefficients against λ, and the coefficients at one λ."""

    TOP = 42.0

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.paths = self.figure.add_axes((0.075, 0.125, 0.535, 0.775))
        self.bars = self.figure.add_axes((0.70, 0.125, 0.285, 0.775))
        self._titles = [add_title(axes) for axes in (self.paths, self.bars)]
        _, _, self.names = diabetes()
        axes = self.paths
        axes.set_xscale("log")
        axes.set(xlim=(LAMS[0], LAMS[-1]), ylim=(-self.TOP, self.TOP))
        axes.set(xlabel="regularization strength λ", ylabel="coefficient of a standardised feature")
        quiet_grid(axes)
        axes.axhline(0, color="black", lw=0.8)
        self._lines, self._dots = [], []
        for j in range(len(self.names)):
            look: dict[str, Any] = {"color": _COLOURS[j], "animated": True}
            style = "-" if j < _DASHED else (0, (3, 1.2))
            self._lines += axes.plot([], [], lw=2.6, ls=style, **look)
            self._dots += axes.plot([], [], "o", ms=4.5, mfc="white", zorder=4, **look)
        (self._here,) = axes.plot([], [], color="black", lw=1.2, ls=(0, (2, 2)), animated=True)
        axes = self.bars
        axes.set(xlim=(-self.TOP, self.TOP), ylim=(len(self.names) - 0.4, -0.6))
        axes.set(xlabel="coefficient at this λ", yticks=range(len(self.names)))
        axes.set_yticklabels(self.names)
        axes.set_ylabel("feature (the lower five: dashed)")
        for tick, colour in zip(axes.get_yticklabels(), _COLOURS, strict=True):
            tick.set(color=colour, fontweight="bold")
        quiet_grid(axes)
        axes.axvline(0, color="black", lw=0.8)
        self._bars, self._marks = [], []
        for j in range(len(self.names)):
            look = {"color": _COLOURS[j], "animated": True}
            self._bars += axes.plot([], [], lw=9, solid_capstyle="butt", ls="-", **look)
            self._marks += axes.plot([], [], "o", ms=6, mfc="white", zorder=4, **look)

    def update(self, scene: PathScene) -> bool:
        """Show this scene; nothing changes that is not animated."""
        own = scene.own.weights
        for j, (line, dots) in enumerate(zip(self._lines, self._dots, strict=True)):
            line.set_data(LAMS, scene.reference[:, j])
            dots.set_visible(own is not None)
            if own is not None:
                dots.set_data(LAMS, np.clip(own[:, j], -1e3, 1e3))
        for j, (bar, mark) in enumerate(zip(self._bars, self._marks, strict=True)):
            bar.set_data([0, scene.now[j]], [j, j])
            zero = abs(scene.now[j]) <= ZERO
            value = 0.0 if own is None else float(np.clip(own[scene.column, j], -1e3, 1e3))
            mark.set_visible(own is not None or zero)
            mark.set_marker("o" if own is not None else "x")
            mark.set_markeredgecolor(_COLOURS[j] if own is not None else "black")
            mark.set_data([value], [j])
        self._here.set_data([scene.settings.lam] * 2, [-self.TOP, self.TOP])
        self._titles[0].set_text(path_headline(scene))
        self._titles[1].set_text(
            {"agrees": "Yours agrees (dots)", "differs": "Yours differs (dots)",
             "failed": "Yours stopped with an error", "unwritten": "Yours is not written yet",
             "absent": "× marks an exact zero"}[scene.own.state]
        )  # fmt: skip
        return False


class CoefficientPath(Live):
    """Coefficient paths; see `path`."""

    settings: PathSettings

    def __init__(self, functions: Mapping[str, Callable[..., Any] | None]) -> None:
        given = [penalty for penalty in PENALTIES if functions.get(penalty) is not None]
        super().__init__(PathSettings(penalty=given[0] if given else "lasso"))
        self.functions = functions
        self._own: dict[str, Own] = {}

    def own(self, penalty: str) -> Own:
        """Return the learner's path for a penalty, run once."""
        if penalty not in self._own:
            self._own[penalty] = own_path(penalty, self.functions.get(penalty))
        return self._own[penalty]

    def _drawing(self) -> PathDrawing:
        return PathDrawing()

    def _scene(self, settings: PathSettings) -> PathScene:
        penalty = settings.penalty
        return PathScene(settings, diabetes()[2], reference_path(penalty), self.own(penalty))

    def _describe(self, scene: PathScene) -> str:
        return path_describe(scene)

    def _caption(self, scene: PathScene) -> str:
        return path_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        lams = [(brief(lam), lam) for lam in LAMS]
        return {
            "penalty": controls.choice("Penalty", now.penalty, PENALTIES),
            "lam": controls.choice("Strength λ", now.lam, lams),
        }


def path(
    ridge: Callable[..., Any] | None = None,
    lasso: Callable[..., Any] | None = None,
    elastic_net: Callable[..., Any] | None = None,
) -> Picture:
    """Draw the coefficients against λ on the diabetes data, the learner's over scikit-learn's.

    Parameters
    ----------
    ridge, lasso, elastic_net : callable, optional
        As in the exercises: ``ridge(X, y, lam) -> (w, b)``,
        ``lasso(X, y, lam) -> (w, b, sweeps)``, ``elastic_net(X, y, lam, l1_ratio) -> (w, b)``.
        One that raises NotImplementedError is shown as not written yet; any other error is told
        in a sentence.

    Returns
    -------
    Picture
        Shows itself as the last value of a cell.
    """
    return CoefficientPath({"ridge": ridge, "lasso": lasso, "elastic net": elastic_net})
