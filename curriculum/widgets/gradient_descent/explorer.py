"""The picture of a loss surface with the paths of seven optimisers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from curriculum.widgets.display import Picture
from curriculum.widgets.gradient_descent.axes import (
    FIGURE,
    VIEW,
    LossAxes,
    SurfaceAxes,
    arrowhead,
    drawable,
    exit_point,
    inside,
)
from curriculum.widgets.gradient_descent.surface import (
    CURVATURE,
    METHODS,
    MINIMUM,
    ROWS,
    STEPS,
    Descent,
    Method,
    Scene,
    Settings,
    descend,
    describe,
    headline,
    kept,
    outcome,
    scene,
)
from curriculum.widgets.gradient_descent.words import signed
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import add_title

if TYPE_CHECKING:
    pass


class ExplorerDrawing:
    """The surface with the paths on the left, the losses on the right."""

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        left = self.figure.add_axes((0.062, 0.125, 0.4359, 0.7751))
        right = self.figure.add_axes((0.58, 0.125, 0.286, 0.7751))
        self.surface = SurfaceAxes(left)
        self.losses = LossAxes(right, METHODS)
        self._paths, self._exits = {}, {}
        for key, method in METHODS.items():
            (self._paths[key],) = left.plot(
                [], [], color=method.colour, linestyle=method.line, marker=method.marker,
                lw=1.4, ms=4, mew=0.9, animated=True, zorder=3,
            )  # fmt: skip
            (self._exits[key],) = left.plot(
                [], [], ms=16, color=method.colour, mec="white", animated=True, zorder=9,
                clip_on=False,
            )  # fmt: skip
        self._words = left.text(
            0.025, 0.035, "", transform=left.transAxes, va="bottom", fontsize=9.5, animated=True,
            zorder=10, linespacing=1.4, bbox={"facecolor": "#ffffffdd", "edgecolor": "#bbbbbb"},
        )  # fmt: skip
        self._title = add_title(left)
        self._right_title = add_title(right)

    def update(self, scene: Scene) -> bool:
        """Show this scene; return whether the loss axis changed, which is not animated."""
        settings, descents = scene.settings, scene.descents
        self.surface.set_condition(settings.condition)
        self.surface.set_start(settings.start)
        for key in METHODS:
            shown = key in descents
            self._paths[key].set_visible(shown)
            self._exits[key].set_visible(False)
            if shown:
                self._draw_path(key, descents[key])
        words = [
            f"{METHODS[key].name} {outcome(descent)}"
            for key, descent in descents.items()
            if descent.state == "diverged"
        ]
        self._words.set_visible(bool(words))
        self._words.set_text("\n".join(words))
        self._title.set_text(title(settings))
        self._right_title.set_text(ranking(descents))
        return self.losses.set_losses(descents)

    def _draw_path(self, key: str, descent: Descent) -> None:
        points = descent.points
        if descent.state == "diverged" and not inside(points).all():
            # It would cross the picture again and again, and hide the paths that get somewhere.
            points = points[: int(np.argmin(inside(points))) + 1]
        shown = drawable(points)
        self._paths[key].set_data(shown[:, 0], shown[:, 1])
        leaves = exit_point(points)
        if leaves is not None:
            x, y, degrees = leaves
            self._exits[key].set(marker=arrowhead(degrees), visible=True)
            self._exits[key].set_data([x], [y])


def title(settings: Settings) -> str:
    """Return the left picture's title: the learning rate against 2/L, and the valley's shape."""
    eta, limit = settings.learning_rate, 2 / CURVATURE
    sign = "=" if math.isclose(eta, limit) else "<" if eta < limit else ">"
    return f"η = {eta:.3g} {sign} 2/L = {limit:.3g},  κ = {settings.condition:.3g}"


def ranking(descents: dict[str, Descent]) -> str:
    """Return the right picture's title: who is lowest at the end."""
    if not descents:
        return "No optimiser chosen"
    best = min(descents, key=lambda key: float(descents[key].losses[-1]))
    if descents[best].state in ("diverged", "climbing"):
        return "None of these gets down"
    return f"{METHODS[best].name.split(',')[0]} is lowest after {STEPS} steps"


def on_page(colour: str) -> str:
    """Return how a colour is written on the page: black as its letters', since it may be dark."""
    return "currentColor" if colour == COLORS.black else colour


def swatch(method: Method) -> str:
    """Return a piece of the method's line and its marker as inline SVG, for a table."""
    dashes = ""
    if method.line != "-":
        dashes = f' stroke-dasharray="{" ".join(str(2 * part) for part in method.line[1])}"'
    return (
        '<svg width="34" height="10" aria-hidden="true"><line x1="0" y1="5" x2="34" y2="5" '
        f'stroke="{on_page(method.colour)}" stroke-width="3"{dashes}/>'
        "</svg>"
    )


def caption(scene: Scene) -> str:
    """Say in HTML what is on the screen now.

    The first paragraph is a live region: screen readers read it out when it changes.
    """
    settings = scene.settings
    across, along = kept(settings)
    turns = " and changes its side" if across < 0 else ""
    first = (
        f"<b>{headline(settings)}.</b> One step of batch gradient descent multiplies the distance "
        f"to the minimum by 1 − ηL = {signed(across)} across the valley{turns}, and by "
        f"1 − ηL/κ = {signed(along, 3)} along it."
    )
    rows = "".join(_caption_row(key, settings, descent) for key, descent in scene.descents.items())
    return (
        f'<div class="cw-caption"><p role="status" aria-live="polite">{first}</p>'
        "<table><thead><tr><th></th><th>optimiser</th><th>rows a step</th><th>rows read</th>"
        f"<th>after {STEPS} steps</th><th>loss above its minimum</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


_SIGNS = {"arrived": "✓", "falling": "↘", "stuck": "≈", "climbing": "↗", "diverged": "▲"}


def _caption_row(key: str, settings: Settings, descent: Descent) -> str:
    method = METHODS[key]
    size = method.batch(settings)
    last = float(descent.losses[-1])
    loss = f"{last:.2g}" if math.isfinite(last) else "overflow"
    read = size * (len(descent.points) - 1)
    return (
        f"<tr><td>{swatch(method)}</td><th scope='row'>{method.name}</th><td>{size} of {ROWS}</td>"
        f"<td>{read:,}</td><td>{_SIGNS[descent.state]} {outcome(descent)}</td><td>{loss}</td></tr>"
    )


def _line_css() -> str:
    """Underline each method's button with a piece of its line."""
    return "<style>" + "".join(
        f".cw .cw-key-{key} {{ border-bottom: 4px {'solid' if method.line == '-' else 'dashed'} "
        f"{on_page(method.colour)}; }}"
        for key, method in METHODS.items()
    ) + "</style>"  # fmt: skip


class Explorer(Live):
    """The loss surface, the paths of the optimisers over it, and the controls; see `explore`."""

    settings: Settings

    def __init__(self, settings: Settings = Settings()) -> None:
        super().__init__(settings)

    def _drawing(self) -> ExplorerDrawing:
        return ExplorerDrawing()

    def _scene(self, settings: Settings) -> Scene:
        return scene(settings)

    def _describe(self, scene: Scene) -> str:
        return describe(scene)

    def _caption(self, scene: Scene) -> str:
        return _line_css() + caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        names = {key: method.name for key, method in METHODS.items()}
        return {
            "shown": controls.Toggles(names, now.shown),
            "learning_rate": controls.log_slider("Learning rate η", now.learning_rate, -3, 0.4),
            "condition": controls.log_slider("Condition number κ", now.condition, 0, 3),
            "momentum": controls.slider("Momentum β", now.momentum, 0, 0.99, 0.01),
            "noise": controls.slider("Noise in targets σ", now.noise, 0, 2, 0.05),
            "batch_size": controls.choice(
                "Mini-batch (rows)", now.batch_size, (1, 2, 4, 8, 16, 32, 64)
            ),
            "sampled": controls.check(
                "Mini-batches for Momentum, Nesterov, RMSProp and Adam too", now.sampled
            ),
            "start_1": controls.slider("Start w₁", now.start_1, *VIEW[0], 0.05),
            "start_2": controls.slider("Start w₂", now.start_2, *VIEW[1], 0.05),
        }

    def _above(self) -> list[str]:
        return ["shown"]

    def _handle(self) -> tuple[Any, tuple[float, float]]:
        return self._shown.surface.axes, self.settings.start

    def _dragged(self, x: float, y: float) -> dict[str, float]:
        return {"start_1": round(x, 2), "start_2": round(y, 2)}


def explore(ask: bool = True) -> Picture:
    """Show the loss surface and the paths of seven optimisers over it, with controls.

    The starting point can be dragged. What is drawn is a least-squares problem with two
    parameters and 64 rows, so mini-batches are real ones.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.

    Returns
    -------
    Picture
        Shows itself as the last value of a cell.
    """
    explorer = Explorer()
    if not ask:
        return explorer
    stretched = 200.0
    before = descend("batch", explorer.initial)
    after = descend("batch", replace(explorer.initial, condition=stretched))
    far = [float(np.hypot(*(path.points[t] - MINIMUM))) for path, t in
           ((before, 0), (before, -1), (after, -1))]  # fmt: skip
    numbers = (
        f"It starts {far[0]:.1f} from the minimum; after {STEPS} steps it is {far[1]:.1f} away at "
        f"κ = 20, and {far[2]:.1f} away at κ = 200. Its loss is low all the same: a flat floor is "
        "low everywhere. The picture now shows κ = 200; <i>Reset</i> goes back."
    )
    steep = (
        "The steepest curvature L did not change, so neither did the limit 2/L = 1, and one step "
        "still multiplies the distance across the valley by 1 − ηL = 0.80. Along the floor the "
        "factor 1 − ηL/κ went from 0.990 to 0.999. "
    )
    return Prediction(
        "Below, batch gradient descent (blue) goes down a valley of condition number κ = 20: "
        "across, the surface bends 20 times as much as along. Now the valley is stretched to "
        "κ = 200 by flattening its floor; η stays 0.1. What happens to batch gradient descent?",
        [
            "It diverges, since the learning rate is too high for a valley so badly conditioned",
            "It gets down the wall as fast as before, then hardly moves along the floor",
            "It takes the same path in the same time, since the learning rate is the same",
        ],
        1,
        steep + numbers,
        explorer,
        "gd_condition",
        on_answer=lambda _: explorer.change(condition=stretched),
    )
