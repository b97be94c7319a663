"""The penalty's ball against the loss's contours: why L1 gives zeros and L2 does not."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.regularization.fits import FIGURE, Array, fixed, quiet_grid, status
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import add_title

VIEW = 3.0  # |w| in the picture
TOP = 4.0  # largest λ
PATH_LAMS = np.linspace(0, TOP, 161)
LEVELS = (0.1, 0.4, 0.9, 1.6, 2.5, 3.6, 4.9)
REACH = 2.6  # how far û can be dragged
TINY = 1e-9


@dataclass(frozen=True)
class BallSettings:
    """What the controls set: ρ, λ, the features' correlation, and the unregularised optimum û."""

    l1_ratio: float = 1.0
    lam: float = 0.5
    correlation: float = 0.3
    u1: float = 1.8
    u2: float = 0.9

    @property
    def optimum(self) -> Array:
        """The unregularised optimum, shape (2,)."""
        return np.array([self.u1, self.u2])

    @property
    def hessian(self) -> Array:
        """The loss's second derivatives, shape (2, 2): XᵀX/n of standardised features."""
        return np.array([[1, self.correlation], [self.correlation, 1]])


@dataclass(frozen=True)
class BallScene:
    """What the picture shows.

    Attributes
    ----------
    settings : BallSettings
    w : ndarray, shape (2,)
        The regularised optimum.
    path : ndarray, shape (len(PATH_LAMS), 2)
        The same for every λ of the picture on the right.
    pull : ndarray, shape (2,)
        For each coefficient, the size of the loss's slope along it where it is zero and the other
        stays: it is zero exactly when this is at most ρλ.
    """

    settings: BallSettings
    w: Array
    path: Array
    pull: Array


def penalty(w: Array, l1_ratio: float) -> Array:
    """Return ρ ‖w‖₁ + (1 − ρ)/2 ‖w‖² for w of shape (…, 2)."""
    return np.asarray(l1_ratio * np.abs(w).sum(axis=-1) + (1 - l1_ratio) / 2 * (w**2).sum(axis=-1))


def loss(w: Array, settings: BallSettings) -> Array:
    """Return ½ (w − û)ᵀ H (w − û), the loss above its minimum, for w of shape (…, 2)."""
    away = w - settings.optimum
    return np.asarray(((away @ settings.hessian) * away).sum(axis=-1) / 2)


def solve(settings: BallSettings, lams: Array) -> Array:
    """Return the regularised optimum for each λ, shape (len(lams), 2), exactly.

    With the coefficients' signs given, the objective is quadratic. There are nine patterns of
    signs and zeros; of those whose solution has the signs that it was given, the best is it.
    """
    lams = np.asarray(lams, dtype=float)
    rho, h, c = settings.l1_ratio, settings.hessian, settings.correlation
    slope = h @ settings.optimum
    diagonal = 1 + lams * (1 - rho)
    found = [np.zeros((len(lams), 2))]
    for j in (0, 1):
        for sign in (-1.0, 1.0):
            w = np.zeros((len(lams), 2))
            w[:, j] = (slope[j] - sign * lams * rho) / diagonal
            found.append(np.where(w[:, j : j + 1] * sign > 0, w, 0.0))
    for first in (-1.0, 1.0):
        for second in (-1.0, 1.0):
            right_1 = slope[0] - first * lams * rho
            right_2 = slope[1] - second * lams * rho
            det = diagonal**2 - c**2
            w = np.column_stack(
                [(diagonal * right_1 - c * right_2) / det, (diagonal * right_2 - c * right_1) / det]
            )
            fits = (w[:, 0] * first > 0) & (w[:, 1] * second > 0)
            found.append(np.where(fits[:, None], w, 0.0))
    candidates = np.array(found)
    value = loss(candidates, settings) + lams * penalty(candidates, rho)
    return np.asarray(candidates[np.argmin(value, axis=0), np.arange(len(lams))])


def ball_scene(settings: BallSettings) -> BallScene:
    """Solve for the λ of the settings and for all λ of the picture."""
    both = solve(settings, np.append(PATH_LAMS, settings.lam))
    w = both[-1]
    h = settings.hessian
    slope = h @ settings.optimum - settings.correlation * w[::-1]
    return BallScene(settings, w, both[:-1], np.abs(slope))


def boundary(scene: BallScene, points: int = 181) -> Array:
    """Return the ball's edge through the solution, shape (points, 2); a point when w is 0."""
    rho = scene.settings.l1_ratio
    size = float(penalty(scene.w, rho))
    angle = np.linspace(0, 2 * np.pi, points)
    way = np.column_stack([np.cos(angle), np.sin(angle)])
    # Along each way, ρ r ‖way‖₁ + (1 − ρ)/2 r² = size.
    a, b = (1 - rho) / 2, rho * np.abs(way).sum(axis=1)
    r = 2 * size / (b + np.sqrt(b**2 + 4 * a * size)) if size > 0 else np.zeros(points)
    return np.asarray(r[:, None] * way)


def shape_name(l1_ratio: float) -> str:
    """Name the ball."""
    return {1.0: "L1", 0.0: "L2"}.get(l1_ratio, "Elastic net")


def which_zero(w: Array) -> str:
    """Say which coefficients are zero."""
    zero = np.abs(w) <= TINY
    return {
        (False, False): "neither coefficient is zero",
        (True, False): "w₁ is zero",
        (False, True): "w₂ is zero",
        (True, True): "both are zero",
    }[bool(zero[0]), bool(zero[1])]


def ball_headline(scene: BallScene) -> str:
    """Say what the penalty does to the two coefficients."""
    now = scene.settings
    return f"{shape_name(now.l1_ratio)}, λ = {fixed(now.lam)}: {which_zero(scene.w)}"


def ball_describe(scene: BallScene) -> str:
    """Say in plain words what the picture shows."""
    now = scene.settings
    return (
        f"Left: over the two coefficients, the loss's level lines, ellipses around its optimum at "
        f"({fixed(now.u1)}, {fixed(now.u2)}), and the penalty's ball around zero that touches one "
        f"of them at the regularised optimum, ({fixed(scene.w[0])}, {fixed(scene.w[1])}). The L1 "
        f"share ρ is {now.l1_ratio:g}. {ball_headline(scene)}. "
        f"Right: both coefficients against λ, from 0 to {fixed(now.lam)}."
    )


def ball_caption(scene: BallScene) -> str:
    """Say in HTML what is on the screen now."""
    now = scene.settings
    limit = now.l1_ratio * now.lam
    if now.l1_ratio == 0:
        why = (
            "The ball has no corner. Close to zero the penalty's slope λw vanishes, so it has "
            "nothing to hold a coefficient at zero with."
        )
    else:
        parts = []
        for j, name in enumerate(("w₁", "w₂")):
            stays = abs(scene.w[j]) <= TINY
            parts.append(
                f"at {name} = 0 the loss pulls with {fixed(scene.pull[j])}, "
                f"{'at most' if stays else 'more than'} ρλ = {fixed(limit)}: it "
                f"{'stays at zero' if stays else 'leaves zero'}"
            )
        why = "; ".join(parts) + "."
        why = why[0].upper() + why[1:]
    return status(
        ball_headline(scene) + ".",
        f"w = ({fixed(scene.w[0])}, {fixed(scene.w[1])}), "
        f"without penalty ({fixed(now.u1)}, {fixed(now.u2)}). {why}",
    )


class BallDrawing:
    """The ball and the level lines, and the coefficients against λ."""

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.plane = self.figure.add_axes((0.062, 0.125, 0.40, 0.775))
        self.course = self.figure.add_axes((0.575, 0.125, 0.40, 0.775))
        self._titles = [add_title(axes) for axes in (self.plane, self.course)]
        self._draw_plane()
        self._draw_course()

    def _draw_plane(self) -> None:
        axes = self.plane
        axes.set(xlim=(-VIEW, VIEW), ylim=(-VIEW, VIEW), xlabel="coefficient w₁")
        axes.set_ylabel("coefficient w₂")
        axes.set_aspect("equal", adjustable="box")
        axes.axhline(0, color="#777777", lw=0.8)
        axes.axvline(0, color="#777777", lw=0.8)
        look: dict[str, Any] = {"facecolor": "none", "animated": True}
        self._levels = [
            axes.add_patch(Ellipse((0, 0), 1, 1, edgecolor="#8fa9bc", lw=0.8, zorder=1, **look))
            for _ in LEVELS
        ]
        self._touching = axes.add_patch(
            Ellipse((0, 0), 1, 1, edgecolor=COLORS.blue, lw=2, zorder=3, **look)
        )
        (self._ball,) = axes.fill(
            [0, 1], [0, 1], facecolor="#E69F0055", edgecolor=COLORS.vermillion, lw=2, zorder=2,
            animated=True,
        )  # fmt: skip
        (self._trail,) = axes.plot(
            [], [], color="black", lw=1.4, ls=(0, (2, 2)), zorder=4, animated=True
        )
        (self._solution,) = axes.plot(
            [], [], "s", color=COLORS.vermillion, mec="white", ms=10, zorder=6, animated=True
        )
        (self.start,) = axes.plot(
            [], [], "o", ms=13, mfc="#ffffffcc", mec="black", mew=2, zorder=5, animated=True
        )

    def _draw_course(self) -> None:
        axes = self.course
        axes.set(xlim=(0, TOP), ylim=(-VIEW, VIEW), xlabel="regularization strength λ")
        axes.set_ylabel("coefficient")
        quiet_grid(axes)
        axes.axhline(0, color="black", lw=0.8)
        look: dict[str, Any] = {"animated": True, "zorder": 3}
        (first,) = axes.plot([], [], color=COLORS.blue, lw=2.2, label="w₁", **look)
        (second,) = axes.plot(
            [], [], color=COLORS.vermillion, lw=2.2, ls=(0, (4, 1.5)), label="w₂", **look
        )
        self._lines = (first, second)
        (self._here,) = axes.plot([], [], color="black", lw=1.2, ls=(0, (2, 2)), animated=True)
        (self._dots,) = axes.plot([], [], "s", color="black", mec="white", ms=8, zorder=5,
                                  animated=True, clip_on=False)  # fmt: skip
        axes.legend(loc="lower right", frameon=False)

    def _ellipse(self, ellipse: Any, level: float, settings: BallSettings) -> None:
        c = settings.correlation
        ellipse.set_center((settings.u1, settings.u2))
        ellipse.angle = 45
        ellipse.width = 2 * math.sqrt(2 * level / (1 + c))
        ellipse.height = 2 * math.sqrt(2 * level / (1 - c))

    def update(self, scene: BallScene) -> bool:
        """Show this scene; nothing changes that is not animated."""
        now = scene.settings
        for level, ellipse in zip(LEVELS, self._levels, strict=True):
            self._ellipse(ellipse, level, now)
        self._ellipse(self._touching, float(loss(scene.w, now)), now)
        self._ball.set_xy(boundary(scene))
        # What comes at larger λ is what the question asks, so everything is drawn up to λ only.
        so_far = now.lam > PATH_LAMS
        lams = np.append(PATH_LAMS[so_far], now.lam)
        path = np.vstack([scene.path[so_far], scene.w])
        self._trail.set_data(path[:, 0], path[:, 1])
        self._solution.set_data([scene.w[0]], [scene.w[1]])
        self.start.set_data([now.u1], [now.u2])
        for j, line in enumerate(self._lines):
            line.set_data(lams, path[:, j])
        self._here.set_data([now.lam] * 2, [min(0, *scene.w), max(0, *scene.w)])
        self._dots.set_data([now.lam] * 2, scene.w)
        self._titles[0].set_text(ball_headline(scene))
        self._titles[1].set_text(f"w₁ = {fixed(scene.w[0])}, w₂ = {fixed(scene.w[1])}")
        return False


class Balls(Live):
    """The ball against the level lines; see `balls`."""

    settings: BallSettings

    def __init__(self, settings: BallSettings = BallSettings()) -> None:
        super().__init__(settings)

    def _drawing(self) -> BallDrawing:
        return BallDrawing()

    def _scene(self, settings: BallSettings) -> BallScene:
        # Sliders count their steps, and say 1.8000000000000003 where 1.8 was set.
        rounded = {name: round(value, 9) for name, value in asdict(settings).items()}
        return ball_scene(BallSettings(**rounded))

    def _describe(self, scene: BallScene) -> str:
        return ball_describe(scene)

    def _caption(self, scene: BallScene) -> str:
        return ball_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        shares = [("0 (L2)", 0.0), ("0.25", 0.25), ("0.5", 0.5), ("0.75", 0.75), ("1 (L1)", 1.0)]
        return {
            "l1_ratio": controls.choice("L1 share ρ", now.l1_ratio, shares),
            "lam": controls.slider("Strength λ", now.lam, 0, TOP, 0.02),
            "u1": controls.slider("Optimum û₁", now.u1, -REACH, REACH, 0.05),
            "u2": controls.slider("Optimum û₂", now.u2, -REACH, REACH, 0.05),
            "correlation": controls.slider("Correlation", now.correlation, -0.9, 0.9, 0.05),
        }

    def _handle(self) -> tuple[Any, tuple[float, float]]:
        return self._shown.plane, (self.settings.u1, self.settings.u2)

    def _dragged(self, x: float, y: float) -> dict[str, float]:
        return {
            "u1": min(REACH, max(-REACH, round(x, 2))),
            "u2": min(REACH, max(-REACH, round(y, 2))),
        }


def balls(ask: bool = True) -> Picture:
    """Show why L1 sets coefficients to zero and L2 does not.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.

    Returns
    -------
    Picture
        Shows itself as the last value of a cell.
    """
    picture = Balls()
    if not ask:
        return picture
    return Prediction(
        "The unregularised optimum is (1.8, 0.9), and the penalty is L1 with λ = 0.5, as below. "
        "Now λ grows to 1.2. Which coefficients are exactly zero then?",
        [
            "w₁, the larger one, since the penalty weighs on it most",
            "w₂ only",
            "Both, since λ is the same for both",
            "Neither: both shrink and come arbitrarily close to zero",
        ],
        1,
        "L1 pushes every coefficient towards zero with the same force λ, whatever its size. The "
        "loss pulls w₂ away from zero with less than that, so w₂ stays at zero; it pulls w₁ with "
        "more. The picture now shows λ = 1.2; <i>Reset</i> goes back.",
        picture,
        "reg_balls",
        on_answer=lambda _: picture.change(lam=1.2),
    )
