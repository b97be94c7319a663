"""The picture of one dimension: why a learning rate above 2/L diverges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.figure import Figure

from curriculum.widgets.display import Picture
from curriculum.widgets.gradient_descent.axes import FIGURE, arrowhead, exit_point, inside
from curriculum.widgets.gradient_descent.surface import Array
from curriculum.widgets.gradient_descent.words import brief, signed
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import StampedText, add_title

if TYPE_CHECKING:
    pass

LINE_STEPS = 20
LINE_VIEW = 2.5  # |w| in the picture


@dataclass(frozen=True)
class LineSettings:
    """What the controls of the one-dimensional picture set: L, η, and w before the first step."""

    curvature: float = 2.0
    learning_rate: float = 0.3
    start: float = 1.0

    @property
    def factor(self) -> float:
        """What each step multiplies w by."""
        return 1 - self.learning_rate * self.curvature


@dataclass(frozen=True)
class LineScene:
    """Gradient descent on ``f(w) = L w² / 2``.

    Attributes
    ----------
    settings : LineSettings
    w : ndarray, shape (steps + 1,)
    """

    settings: LineSettings
    w: Array

    @property
    def losses(self) -> Array:
        """Return f at each w."""
        return self.settings.curvature * self.w**2 / 2

    @property
    def regime(self) -> Literal["one side", "one step", "across", "for ever", "away"]:
        """Say in two words what the path does."""
        factor = self.settings.factor
        if abs(factor) < 1e-9:
            return "one step"
        if abs(factor + 1) < 1e-9:
            return "for ever"
        return "one side" if factor > 0 else "across" if factor > -1 else "away"


def line_scene(settings: LineSettings, steps: int = LINE_STEPS) -> LineScene:
    """Follow gradient descent on a parabola.

    Parameters
    ----------
    settings : LineSettings
    steps : int
    """
    return LineScene(settings, settings.start * settings.factor ** np.arange(steps + 1.0))


_REGIMES = {
    "one side": "converges from one side",
    "one step": "lands on the minimum",
    "across": "jumps across, converges",
    "for ever": "jumps across for ever",
    "away": "jumps across, diverges",
}


def line_headline(scene: LineScene) -> str:
    """Say where η stands against 2/L."""
    eta, limit = scene.settings.learning_rate, 2 / scene.settings.curvature
    sign = "=" if math.isclose(eta, limit) else "<" if eta < limit else ">"
    return f"η = {eta:.2f} {sign} 2/L = {limit:.2f}: {_REGIMES[scene.regime]}"


def line_describe(scene: LineScene) -> str:
    """Say in plain words what the one-dimensional picture shows."""
    settings = scene.settings
    steps = len(scene.w) - 1
    return (
        f"Left: the parabola f(w) = L w²/2 with L = {settings.curvature:g} and the steps of "
        f"gradient descent from w = {settings.start:.2f}. {line_headline(scene)}. Each step "
        f"multiplies w by 1 − ηL = {signed(settings.factor)}. "
        f"Right, above: the size of that factor against ηL, a V with its tip at ηL = 1, which "
        f"passes 1 at ηL = 2. Right, below: w against step; after {steps} steps "
        f"w = {brief(scene.w[-1])}."
    )


def line_caption(scene: LineScene) -> str:
    """Say in HTML what is on the screen now."""
    settings = scene.settings
    w = ", ".join(brief(value) for value in scene.w[:5])
    return (
        '<div class="cw-caption"><p role="status" aria-live="polite">'
        f"<b>{line_headline(scene)}.</b> Each step multiplies w by 1 − ηL = "
        f"1 − {settings.learning_rate:.2f} × {settings.curvature:g} = {signed(settings.factor)}: "
        f"{w}, … After {len(scene.w) - 1} steps, w = {brief(scene.w[-1])}.</p></div>"
    )


class LineDrawing:
    """The parabola with the steps, the factor's V, and w against step."""

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.parabola = self.figure.add_axes((0.062, 0.125, 0.46, 0.775))
        self.factor = self.figure.add_axes((0.61, 0.605, 0.375, 0.295))
        self.course = self.figure.add_axes((0.61, 0.125, 0.375, 0.295))
        self._titles = [add_title(axes) for axes in (self.parabola, self.factor, self.course)]
        self._draw_parabola()
        self._draw_factor()
        self._draw_course()

    def _draw_parabola(self) -> None:
        axes = self.parabola
        axes.set(xlim=(-LINE_VIEW, LINE_VIEW), xlabel="parameter w")
        axes.set_ylabel("loss f(w) = L w²/2")
        (self._curve,) = axes.plot([], [], color=COLORS.blue, lw=2.2, animated=True)
        (self._stairs,) = axes.plot(
            [], [], color=COLORS.vermillion, lw=1.6, ls=(0, (4, 1.5)), animated=True, zorder=3
        )
        (self._dots,) = axes.plot(
            [], [], "o", color=COLORS.vermillion, mec="white", ms=8, animated=True, zorder=4
        )
        (self.start,) = axes.plot(
            [], [], "o", ms=13, mfc="#ffffffcc", mec="black", mew=2, zorder=5, animated=True
        )
        (self._exit,) = axes.plot(
            [], [], ms=13, color=COLORS.vermillion, mec="white", zorder=6, clip_on=False,
            animated=True,
        )  # fmt: skip
        axes.plot(0, 0, "*", color="black", ms=11, mec="white", mew=0.8, zorder=6, animated=True)
        self._numbers = [
            StampedText(0, 0, str(t), fontsize=9, ha="center", animated=True) for t in range(5)
        ]
        for number in self._numbers:
            axes.add_artist(number)

    def _draw_factor(self) -> None:
        axes = self.factor
        axes.set(xlim=(0, 3), ylim=(0, 2), xlabel="ηL", yticks=(0, 1, 2), xticks=(0, 1, 2, 3))
        axes.set_ylabel("|1 − ηL|")
        axes.axvspan(2, 3, color=COLORS.vermillion, alpha=0.13, lw=0)
        axes.axhline(1, color="#777777", lw=0.9, ls=(0, (2, 3)))
        axes.text(2.5, 0.12, "diverges", ha="center", fontsize=9.5)
        axes.text(1.0, 1.45, "converges", ha="center", fontsize=9.5)
        axes.plot([0, 1, 3], [1, 0, 2], color=COLORS.blue, lw=2.2)
        (self._here,) = axes.plot(
            [], [], "o", color=COLORS.vermillion, mec="white", ms=10, clip_on=False, zorder=5,
            animated=True,
        )  # fmt: skip

    def _draw_course(self) -> None:
        axes = self.course
        axes.set(xlim=(0, LINE_STEPS), ylim=(-LINE_VIEW, LINE_VIEW), xlabel="step t")
        axes.set_ylabel("$w_t$")
        axes.set_xticks(range(0, LINE_STEPS + 1, 5))
        axes.axhline(0, color="black", lw=0.8)
        (self._course,) = axes.plot(
            [], [], "o-", color=COLORS.vermillion, lw=1.4, ms=4.5, animated=True
        )

    def update(self, scene: LineScene) -> bool:
        """Show this scene; return whether the loss axis changed, which is not animated."""
        settings = scene.settings
        top = 1.08 * settings.curvature * LINE_VIEW**2 / 2
        changed = self.parabola.get_ylim() != (-0.03 * top, top)
        if changed:
            self.parabola.set_ylim(-0.03 * top, top)
            w = np.linspace(-LINE_VIEW, LINE_VIEW, 201)
            self._curve.set_data(w, settings.curvature * w**2 / 2)
        self._show_steps(scene, top)
        product = settings.learning_rate * settings.curvature
        beyond = product > 3
        self._here.set(marker=">" if beyond else "o")
        self._here.set_data([min(product, 3)], [min(abs(settings.factor), 2)])
        self._course.set_data(np.arange(len(scene.w)), np.clip(scene.w, -1e3, 1e3))
        self._titles[0].set_text(line_headline(scene))
        self._titles[1].set_text(
            f"ηL = {product:.2f}: the factor 1 − ηL is {signed(settings.factor)}"
        )
        self._titles[2].set_text(f"After {len(scene.w) - 1} steps, w = {brief(scene.w[-1])}")
        return changed

    def _show_steps(self, scene: LineScene, top: float) -> None:
        """Draw each step as a stair: along the loss it came from, then to the new one."""
        w, losses = scene.w, scene.losses
        corners = np.empty((2 * len(w) - 1, 2))
        corners[::2] = np.column_stack([w, losses])
        corners[1::2] = np.column_stack([w[1:], losses[:-1]])
        view = ((-LINE_VIEW, LINE_VIEW), (-0.03 * top, top))
        within = inside(corners, view)
        gone = exit_point(corners, view)
        if not within.all():
            corners = corners[: int(np.argmin(within)) + 1]
        shown = np.clip(corners, -1e3, 1e3)
        self._stairs.set_data(shown[:, 0], shown[:, 1])
        stops = corners[::2]
        self._dots.set_data(stops[1:, 0], stops[1:, 1])
        self.start.set_data([w[0]], [losses[0]])
        self._exit.set_visible(gone is not None)
        if gone is not None:
            self._exit.set(marker=arrowhead(gone[2]))
            self._exit.set_data([gone[0]], [gone[1]])
        for t, number in enumerate(self._numbers):
            # Beside the first few, as long as they are far enough apart to be read.
            apart = t == 0 or abs(abs(w[t]) - abs(w[t - 1])) > 0.12 or w[t] * w[t - 1] < -0.02
            number.set_visible(apart and 0.08 < abs(w[t]) < LINE_VIEW - 0.2)
            side = math.copysign(0.17, w[t])
            number.set_position((w[t] + side, losses[t] - 0.03 * top))


class OneDimension(Live):
    """Gradient descent on a parabola; see `one_dimension`."""

    settings: LineSettings

    def __init__(self, settings: LineSettings = LineSettings()) -> None:
        super().__init__(settings)

    def _drawing(self) -> LineDrawing:
        return LineDrawing()

    def _scene(self, settings: LineSettings) -> LineScene:
        return line_scene(settings)

    def _describe(self, scene: LineScene) -> str:
        return line_describe(scene)

    def _caption(self, scene: LineScene) -> str:
        return line_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "learning_rate": controls.slider("Learning rate η", now.learning_rate, 0.01, 2.2, 0.01),
            "curvature": controls.choice("Curvature L", now.curvature, (1.0, 2.0, 4.0, 8.0)),
            "start": controls.slider("Start w₀", now.start, -2.3, 2.3, 0.05),
        }

    def _handle(self) -> tuple[Any, tuple[float, float]]:
        now = self.settings
        return self._shown.parabola, (now.start, now.curvature * now.start**2 / 2)

    def _dragged(self, x: float, y: float) -> dict[str, float]:
        return {"start": min(2.3, max(-2.3, round(x, 2)))}


def one_dimension(ask: bool = True) -> Picture:
    """Show why gradient descent on ``f(w) = L w² / 2`` diverges when η is above 2/L.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.

    Returns
    -------
    Picture
        Shows itself as the last value of a cell.
    """
    picture = OneDimension()
    if not ask:
        return picture
    return Prediction(
        "Gradient descent on f(w) = L w²/2 with L = 2 starts at w = 1. With η = 0.3, as below, "
        "it comes closer to 0 at each step. Now η is raised to 1.1. Where do the steps lead?",
        [
            "To 0 all the same, jumping across it and coming closer each time",
            "Across 0 and back, farther away each time",
            "To one side, farther away each time",
            "Between the same two points, for ever",
        ],
        1,
        "One step multiplies w by 1 − ηL = 1 − 1.1 × 2 = −1.2. The minus sign takes it across, "
        "and since 1.2 is more than 1 it lands farther out. The picture now shows η = 1.1; "
        "<i>Reset</i> goes back.",
        picture,
        "gd_one_dimension",
        on_answer=lambda _: picture.change(learning_rate=1.1),
    )
