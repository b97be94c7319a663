"""Gradient descent as pictures you can touch.

The upper half computes: frozen settings in, frozen results out, no drawing. The lower half draws.
The paths come from ``torch.optim``, so that this module, which learners can read, does not hold
what they are asked to write; and because what they write is measured against it.

Symbols: ``w`` (2,) the parameters, ``η`` the learning rate, ``L`` the largest curvature of the
loss (the largest eigenvalue of its Hessian), ``κ`` the condition number (largest curvature over
smallest), ``β`` the momentum, ``σ`` the noise in the targets.
"""

from __future__ import annotations

import contextlib
import html
import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from curriculum.widgets.display import Picture, figure_html
from curriculum.widgets.predict import Prediction
from curriculum.widgets.style import COLORS, CSS

if TYPE_CHECKING:
    import ipywidgets
    import torch

    from curriculum.widgets.canvas import LiveCanvas

__all__ = [
    "METHODS",
    "Comparison",
    "Descent",
    "Explorer",
    "Method",
    "OneDimension",
    "OwnBesideReference",
    "Problem",
    "Settings",
    "compare",
    "compare_paths",
    "descend",
    "explore",
    "one_dimension",
    "one_dimension_path",
    "problem",
]

Array = NDArray[np.float64]

# --- what is computed ---------------------------------------------------------------------------

ROWS = 64
#: Largest curvature of every surface here. It stays fixed while the condition number changes, so
#: 2/L, the largest learning rate that gradient descent bears, is always 1.
CURVATURE = 2.0
MINIMUM = (0.8, 0.4)
#: The valley lies askew, so that no parameter runs along it.
TILT = -35.0  # degrees
FLAT = (math.cos(math.radians(TILT)), math.sin(math.radians(TILT)))
STEEP = (-FLAT[1], FLAT[0])
STEPS = 100
#: Within this much of the smallest loss, a path counts as arrived.
ARRIVED = 1e-3
#: It has to stay there for this many points: a noisy path may be near by luck.
STAY = 10
#: A loss this many times larger than at the start counts as diverged.
BLOWN_UP = 100.0


@dataclass(frozen=True)
class Problem:
    """A least-squares problem with two parameters, and its loss surface.

    The loss is ``mean((X @ w - y)**2)``. It is exactly quadratic:
    ``floor + (w - minimum) @ hessian @ (w - minimum) / 2``.

    Attributes
    ----------
    X : ndarray, shape (64, 2)
    y : ndarray, shape (64,)
    hessian : ndarray, shape (2, 2)
        ``2 * X.T @ X / 64``, with eigenvalues `CURVATURE` and `CURVATURE` / condition.
    minimum : ndarray, shape (2,)
        Where the loss is smallest, whatever the noise.
    floor : float
        The smallest loss: the noise squared.
    """

    X: Array
    y: Array
    hessian: Array
    minimum: Array
    floor: float

    def excess(self, w: Array) -> Array:
        """Return the loss above its minimum at each row of `w`, shape (..., 2) to (...)."""
        away = w - self.minimum
        with np.errstate(over="ignore", invalid="ignore"):
            return 0.5 * np.einsum("...i,ij,...j->...", away, self.hessian, away)


@dataclass(frozen=True)
class Settings:
    """What the controls set.

    Attributes
    ----------
    learning_rate, condition : float
        η and κ.
    batch_size : int
        Rows in each gradient, for every method but batch gradient descent and SGD; 1 to 64.
    noise : float
        σ, the standard deviation of what the features do not explain in the targets.
    momentum : float
        β of momentum and Nesterov.
    start : (float, float)
        w before the first step.
    """

    learning_rate: float = 0.1
    condition: float = 20.0
    batch_size: int = 16
    noise: float = 0.1
    momentum: float = 0.9
    start: tuple[float, float] = (-2.4, 1.2)


@dataclass(frozen=True)
class Method:
    """An optimiser, and how it looks.

    `rows` says which rows each gradient uses; `make` builds the ``torch.optim`` optimiser.
    """

    name: str
    rows: Literal["all", "one", "batch"]
    make: Callable[[list[torch.Tensor], float, float], torch.optim.Optimizer]
    colour: str
    line: Any
    marker: str
    uses_momentum: bool = False

    def batch(self, settings: Settings) -> int:
        """Return how many rows each gradient uses."""
        return {"all": ROWS, "one": 1, "batch": settings.batch_size}[self.rows]


def _sgd(params: list[torch.Tensor], lr: float, _: float) -> torch.optim.Optimizer:
    import torch

    return torch.optim.SGD(params, lr=lr, foreach=False)


def _momentum(params: list[torch.Tensor], lr: float, beta: float) -> torch.optim.Optimizer:
    import torch

    return torch.optim.SGD(params, lr=lr, momentum=beta, foreach=False)


def _nesterov(params: list[torch.Tensor], lr: float, beta: float) -> torch.optim.Optimizer:
    import torch

    # PyTorch refuses Nesterov without momentum; at β = 0 both are gradient descent.
    return torch.optim.SGD(params, lr=lr, momentum=beta, nesterov=beta > 0, foreach=False)


def _rmsprop(params: list[torch.Tensor], lr: float, _: float) -> torch.optim.Optimizer:
    import torch

    return torch.optim.RMSprop(params, lr=lr, alpha=0.9, foreach=False)


def _adam(params: list[torch.Tensor], lr: float, _: float) -> torch.optim.Optimizer:
    import torch

    return torch.optim.Adam(params, lr=lr, foreach=False)


METHODS: dict[str, Method] = {
    "batch": Method("Batch GD", "all", _sgd, COLORS.blue, "-", "o"),
    "sgd": Method("SGD, 1 row", "one", _sgd, COLORS.orange, (0, (1, 1)), "."),
    "mini": Method("Mini-batch", "batch", _sgd, COLORS.vermillion, (0, (4, 1.5)), "s"),
    "momentum": Method("Momentum", "batch", _momentum, COLORS.green, "-", "^", True),
    "nesterov": Method("Nesterov", "batch", _nesterov, COLORS.purple, (0, (5, 1, 1, 1)), "v", True),
    "rmsprop": Method("RMSProp", "batch", _rmsprop, COLORS.sky, (0, (2, 1)), "D"),
    "adam": Method("Adam", "batch", _adam, COLORS.black, "-", "x"),
}


@lru_cache(maxsize=64)
def problem(condition: float, noise: float = 0.0, seed: int = 0) -> Problem:
    """Make the least-squares problem with a given condition number.

    Parameters
    ----------
    condition : float
        κ ≥ 1, the largest eigenvalue of the Hessian over the smallest.
    noise : float
        σ ≥ 0. It lifts the whole surface by σ² and leaves its shape and its minimum alone,
        because it is made orthogonal to the features; single rows feel it.
    seed : int
        Of the features and the noise.

    Raises
    ------
    ValueError
        When `condition` < 1 or `noise` < 0.
    """
    if condition < 1 or noise < 0:
        raise ValueError("the condition number is at least 1 and the noise at least 0")
    rng = np.random.default_rng(seed)
    orthonormal, _ = np.linalg.qr(rng.normal(size=(ROWS, 3)))
    curvatures = np.array([CURVATURE, CURVATURE / condition])
    X = math.sqrt(ROWS) * orthonormal[:, :2] * np.sqrt(curvatures / 2) @ np.array([STEEP, FLAT])
    minimum = np.array(MINIMUM)
    y = X @ minimum + noise * math.sqrt(ROWS) * orthonormal[:, 2]
    return Problem(X, y, 2 * X.T @ X / ROWS, minimum, noise**2)


State = Literal["arrived", "falling", "stuck", "climbing", "diverged"]


@dataclass(frozen=True)
class Descent:
    """Where an optimiser went.

    Attributes
    ----------
    points : ndarray, shape (steps + 1, 2)
        w before the first step and after each; shorter when the numbers overflowed.
    losses : ndarray, shape (steps + 1,)
        Loss above its minimum at each point; infinite where it overflowed.
    arrived_at : int or None
        First step from which on the loss stays within `ARRIVED` of its minimum.
    diverged_at : int or None
        First step at which the loss is `BLOWN_UP` times what it was at the start, or no number.
    """

    points: Array
    losses: Array
    arrived_at: int | None
    diverged_at: int | None

    @property
    def state(self) -> State:
        """Say in one word how it ended."""
        if self.diverged_at is not None:
            return "diverged"
        if self.arrived_at is not None:
            return "arrived"
        quarter = max(len(self.losses) // 4, 1)
        before, after = self.losses[-2 * quarter : -quarter], self.losses[-quarter:]
        if after.mean() > max(self.losses[0], before.mean()):
            return "climbing"
        return "falling" if after.mean() < 0.9 * before.mean() else "stuck"


def judge(points: Array, surface: Problem) -> Descent:
    """Compute the losses along a path and say what became of it.

    Parameters
    ----------
    points : ndarray, shape (k + 1, 2)
    surface : Problem
    """
    losses = surface.excess(points)
    losses = np.where(np.isfinite(losses), losses, np.inf)
    limit = BLOWN_UP * max(float(losses[0]), 1.0)
    blown = np.flatnonzero(~(losses <= limit))
    outside = np.flatnonzero(~(losses <= ARRIVED))
    arrived = int(outside[-1]) + 1 if outside.size else 0
    return Descent(
        points,
        losses,
        arrived if arrived <= len(losses) - STAY else None,
        int(blown[0]) if blown.size else None,
    )


def descend(key: str, settings: Settings, steps: int = STEPS) -> Descent:
    """Run one method.

    Parameters
    ----------
    key : str
        A key of `METHODS`.
    settings : Settings
    steps : int
        Number of steps; a path that overflows ends early.

    Raises
    ------
    KeyError
        When there is no such method.
    """
    method = METHODS[key]
    size = method.batch(settings)
    # Leave out what this method does not depend on, so that moving the momentum slider does not
    # compute Adam's path again.
    return _descend(
        key,
        settings.learning_rate,
        settings.condition,
        size,
        0.0 if size == ROWS else settings.noise,
        settings.momentum if method.uses_momentum else 0.0,
        settings.start,
        steps,
    )


@lru_cache(maxsize=256)
def _descend(
    key: str,
    learning_rate: float,
    condition: float,
    batch_size: int,
    noise: float,
    momentum: float,
    start: tuple[float, float],
    steps: int,
) -> Descent:
    import torch

    slopes, offsets = _batch_gradients(condition, noise, batch_size, steps)
    w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    w.grad = torch.zeros(2, dtype=torch.float64)
    optimiser = METHODS[key].make([w], learning_rate, momentum)
    # NumPy views of the tensors' memory: what is written here, the optimiser sees, and back.
    here, gradient = w.detach().numpy(), w.grad.numpy()
    points = np.empty((steps + 1, 2))
    points[0] = here
    for t in range(steps):
        np.subtract(slopes[t] @ here, offsets[t], out=gradient)
        optimiser.step()
        points[t + 1] = here
        if not abs(here[0]) + abs(here[1]) < 1e150:
            points = points[: t + 2]
            break
    return judge(points, problem(condition, noise))


@lru_cache(maxsize=64)
def _batch_gradients(
    condition: float, noise: float, batch_size: int, steps: int
) -> tuple[Array, Array]:
    """Return the gradient of each step's batch as ``slope @ w - offset``.

    Each batch's loss is quadratic too, so its gradient is linear in w. Shapes (steps, 2, 2) and
    (steps, 2).
    """
    surface = problem(condition, noise)
    chosen = _batches(batch_size, steps)
    X, y = surface.X[chosen], surface.y[chosen]
    scale = 2 / batch_size
    return (
        scale * np.einsum("tbi,tbj->tij", X, X),
        scale * np.einsum("tbi,tb->ti", X, y),
    )


@lru_cache(maxsize=16)
def _batches(batch_size: int, steps: int) -> NDArray[np.int64]:
    """Return the rows of each step, shape (steps, batch_size): epoch after epoch, shuffled.

    The order depends on nothing but the batch size: when a slider moves, what changes in the
    picture is what the slider did, not the luck of the draw.
    """
    import torch
    from torch.utils.data import BatchSampler, RandomSampler

    sampler = RandomSampler(range(ROWS), generator=torch.Generator().manual_seed(1))
    epochs = BatchSampler(sampler, batch_size, drop_last=True)
    rows: list[list[int]] = []
    while len(rows) < steps:
        rows += list(epochs)
    return np.array(rows[:steps])


def kept(settings: Settings) -> tuple[float, float]:
    """Return what one step of batch gradient descent multiplies the distance to the minimum by.

    Returns
    -------
    (float, float)
        Across the valley, ``1 - η L``, and along it, ``1 - η L / κ``.
    """
    eta = settings.learning_rate
    return 1 - eta * CURVATURE, 1 - eta * CURVATURE / settings.condition


def headline(settings: Settings) -> str:
    """Say where the learning rate stands against 2/L."""
    eta, limit = settings.learning_rate, 2 / CURVATURE
    if math.isclose(eta, limit, rel_tol=1e-9):
        return f"η = {eta:.3g} equals 2/L: batch gradient descent crosses the valley for ever"
    side = "below" if eta < limit else "above"
    end = "converges" if eta < limit else "diverges"
    return f"η = {eta:.3g} is {side} 2/L = {limit:.3g}: batch gradient descent {end}"


def outcome(descent: Descent) -> str:
    """Say in a few words what became of a path."""
    steps = len(descent.points) - 1
    return {
        "diverged": f"diverged at step {descent.diverged_at}",
        "arrived": f"arrived at step {descent.arrived_at}",
        "falling": "still falling",
        "stuck": "no longer falling",
        "climbing": f"higher after {steps} steps than before",
    }[descent.state]


def describe(settings: Settings, descents: dict[str, Descent]) -> str:
    """Say in plain words what the picture shows: for the alternative text."""
    across, along = kept(settings)
    parts = [
        f"Left: a valley-shaped loss surface over two parameters, condition number "
        f"{settings.condition:.3g}, with the path of each optimiser from "
        f"({settings.start[0]:.2f}, {settings.start[1]:.2f}). "
        f"Right: loss above its minimum against step, on a logarithmic scale. "
        f"{headline(settings)}; a step multiplies the distance to the minimum by {across:.2f} "
        f"across the valley and by {along:.3f} along it."
    ]
    for key, descent in descents.items():
        parts.append(f"{METHODS[key].name}: {outcome(descent)}, {final_loss(descent)}.")
    return " ".join(parts)


def final_loss(descent: Descent) -> str:
    """Say how far above the minimum the loss ends."""
    last = float(descent.losses[-1])
    if not math.isfinite(last):
        return "loss beyond what a float holds"
    return f"loss {last:.2g} above its minimum"


# --- what is drawn: the surface -----------------------------------------------------------------

#: What of the parameter plane is in the picture: from here to there, w₁ then w₂.
VIEW = ((-3.3, 3.3), (-2.75, 2.75))
LEVELS = tuple(0.01 * 3.0**k for k in range(9))
FILLS = ("#ffffff", "#f6f9fb", "#edf3f7", "#e4edf3", "#dbe7ef", "#d2e1eb", "#c8dbe7", "#bed4e3")
LOSS_BOTTOM = 1e-8
#: Upper ends of the loss axis. It grows in large strides, since each one redraws the axis.
LOSS_TOPS = (1e2, 1e5, 1e10, 1e20)


class SurfaceAxes:
    """The loss surface seen from above, its minimum, and the starting point's handle.

    The level lines of a quadratic are ellipses. Changing an ellipse is much cheaper than tracing
    level lines again, and exact.
    """

    def __init__(self, axes: Any) -> None:
        self.axes = axes
        axes.set(xlim=VIEW[0], ylim=VIEW[1], xlabel="parameter w₁", ylabel="parameter w₂")
        axes.set_aspect("equal", adjustable="box")
        axes.set_facecolor(FILLS[0])
        axes.set_xticks(range(-3, 4))
        axes.set_yticks(range(-2, 3))
        fills = (*FILLS, FILLS[-1])
        self._levels = [
            axes.add_patch(
                Ellipse(MINIMUM, 1, 1, angle=TILT, facecolor=fill, edgecolor="#8fa9bc",
                        linewidth=0.7, animated=True, zorder=1)
            )
            for fill in fills
        ]  # fmt: skip
        axes.plot(
            *MINIMUM, "*", color="black", ms=11, mec="white", mew=0.8, zorder=6, animated=True
        )
        (self.start,) = axes.plot(
            [], [], "o", ms=13, mfc="#ffffffcc", mec="black", mew=2, zorder=7, animated=True
        )
        # The level lines would paint over the frame, so it is drawn after them, each time.
        for spine in axes.spines.values():
            spine.set_animated(True)
            spine.set_zorder(8)

    def set_condition(self, condition: float) -> None:
        """Stretch the valley."""
        for level, ellipse in zip(reversed(LEVELS), self._levels, strict=True):
            ellipse.width = 2 * math.sqrt(2 * level * condition / CURVATURE)
            ellipse.height = 2 * math.sqrt(2 * level / CURVATURE)

    def set_start(self, start: tuple[float, float]) -> None:
        """Move the handle."""
        self.start.set_data([start[0]], [start[1]])


def inside(points: Array) -> NDArray[np.bool_]:
    """Say which of the points, shape (k, 2), the picture contains."""
    (left, right), (low, high) = VIEW
    x, y = points[:, 0], points[:, 1]
    return (x >= left) & (x <= right) & (y >= low) & (y <= high)


def exit_point(points: Array) -> tuple[float, float, float] | None:
    """Return where a path first leaves the picture, and in which direction.

    Parameters
    ----------
    points : ndarray, shape (k, 2)

    Returns
    -------
    (x, y, degrees) or None
        On the picture's edge; degrees counterclockwise from the w₁ axis. None when it stays.
    """
    within = inside(points)
    if within.all() or not within[0]:
        return None
    after = int(np.argmin(within))
    here, there = points[after - 1], points[after]
    stride = there - here
    fraction = 1.0
    for axis, (low, high) in enumerate(VIEW):
        if stride[axis] > 0:
            fraction = min(fraction, (high - here[axis]) / stride[axis])
        elif stride[axis] < 0:
            fraction = min(fraction, (low - here[axis]) / stride[axis])
    x, y = here + fraction * stride
    return float(x), float(y), math.degrees(math.atan2(stride[1], stride[0]))


def drawable(points: Array) -> Array:
    """Return a path up to its first point far outside of the picture, which ends the line there.

    Lines with astronomical ends are drawn wrongly by any renderer.
    """
    far = np.flatnonzero(~(np.abs(points).max(axis=1) < 50))
    if not far.size:
        return points
    end = int(far[0])
    last, beyond = points[end - 1], points[end]
    stride = beyond - last
    return np.vstack([points[:end], last + stride * min(1.0, 50 / np.abs(stride).max())])


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move label heights apart so that each two are at least `gap` from each other.

    Parameters
    ----------
    wanted : sequence of float
        Where each would like to be.
    gap, low, high : float
        Smallest distance, and the range to stay in (left upwards only when too many).

    Returns
    -------
    list of float
        In the order of `wanted`.
    """
    if not wanted:
        return []
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(wanted))
    # Without the steps, "gap apart" reads "not decreasing": least squares under that condition.
    placed = isotonic_regression(np.asarray(wanted)[order] - steps).x
    placed = np.clip(placed, low, max(low, high - steps[-1])) + steps
    result = np.empty(len(wanted))
    result[order] = placed
    return [float(height) for height in result]


class LossAxes:
    """Loss against step on a logarithmic axis, each line named at its end."""

    GAP = 0.075  # between names, as a part of the axes' height

    def __init__(self, axes: Any, keys: Iterable[str]) -> None:
        self.axes = axes
        axes.set_yscale("log")
        axes.set(xlim=(0, STEPS), ylim=(LOSS_BOTTOM, LOSS_TOPS[0]), xlabel="step")
        axes.set_ylabel("loss above its minimum")
        axes.grid(True, which="major", color="#e5e5e5", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.axhline(ARRIVED, color="#777777", linewidth=0.9, linestyle=(0, (2, 3)))
        axes.text(1.5, ARRIVED * 0.75, "arrived", va="top", fontsize=9, color="#555555")
        self._lines, self._leads, self._names, self._tips = {}, {}, {}, {}
        for key in keys:
            method = METHODS[key]
            look = {"color": method.colour, "linestyle": method.line, "animated": True}
            (self._lines[key],) = axes.plot(
                [], [], lw=1.8, marker=method.marker, ms=4.5, markevery=10, **look
            )
            lead = Line2D([], [], lw=1.8, transform=axes.transAxes, clip_on=False, **look)
            self._leads[key] = axes.add_line(lead)
            self._names[key] = axes.text(
                1.085, 0, method.name, transform=axes.transAxes, va="center", animated=True
            )
            (self._tips[key],) = axes.plot(
                [], [], "^", ms=9, color=method.colour, transform=axes.transAxes,
                clip_on=False, animated=True, zorder=5,
            )  # fmt: skip

    def set_losses(self, descents: dict[str, Descent]) -> bool:
        """Draw these; return whether the axis itself changed."""
        peak = max(
            (float(np.max(d.losses, where=np.isfinite(d.losses), initial=0)) for d in
             descents.values()), default=1.0,
        )  # fmt: skip
        top = next((top for top in LOSS_TOPS if peak <= top), LOSS_TOPS[-1])
        changed = top != self.axes.get_ylim()[1]
        if changed:
            self.axes.set_ylim(LOSS_BOTTOM, top)
        low, high = math.log10(LOSS_BOTTOM), math.log10(top)
        ends: dict[str, tuple[float, float]] = {}
        for key, line in self._lines.items():
            shown = key in descents
            for artist in (line, self._leads[key], self._names[key], self._tips[key]):
                artist.set_visible(shown)
            if not shown:
                continue
            losses = np.clip(descents[key].losses, 1e-300, 1e300)
            line.set_data(np.arange(len(losses)), losses)
            over = np.flatnonzero(losses > top)
            heights = (np.log10(losses) - low) / (high - low)
            if over.size:  # leaves through the top: an arrow where, and the name up there
                ends[key] = (self._crossing(heights, int(over[0])), 1.0)
                self._tips[key].set_data([ends[key][0]], [1.0])
            else:
                ends[key] = (1.0, float(np.clip(heights[-1], 0, 1)))
                self._tips[key].set_visible(False)
        places = spread([y for _, y in ends.values()], self.GAP, 0.02, 0.98)
        for key, place in zip(ends, places, strict=True):
            x, y = ends[key]
            lead = (
                ([1.0, 1.04, 1.075], [y, place, place])
                if x == 1.0
                else ([1.03, 1.075], [place] * 2)
            )
            self._leads[key].set_data(*lead)
            self._names[key].set_y(place)
        return changed

    @staticmethod
    def _crossing(heights: Array, after: int) -> float:
        """Return where a line crosses the top, as a part of the axes' width."""
        if after == 0:
            return 0.0
        below, above = heights[after - 1], heights[after]
        return float((after - 1 + (1 - below) / (above - below)) / STEPS)


class ExplorerDrawing:
    """The surface with the paths on the left, the losses on the right."""

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=(8.8, 4.1), dpi=100, facecolor="white")
        left = self.figure.add_axes((0.062, 0.125, 0.4334, 0.7751))
        right = self.figure.add_axes((0.577, 0.125, 0.288, 0.7751))
        self.surface = SurfaceAxes(left)
        self.losses = LossAxes(right, METHODS)
        self._paths, self._exits = {}, {}
        for key, method in METHODS.items():
            (self._paths[key],) = left.plot(
                [], [], color=method.colour, linestyle=method.line, marker=method.marker,
                lw=1.4, ms=4, mew=0.9, animated=True, zorder=3,
            )  # fmt: skip
            (self._exits[key],) = left.plot(
                [], [], ms=13, color=method.colour, mec="white", animated=True, zorder=9,
                clip_on=False,
            )  # fmt: skip
        self._words = left.text(
            0.025, 0.035, "", transform=left.transAxes, va="bottom", fontsize=9.5, animated=True,
            zorder=10, linespacing=1.4, bbox={"facecolor": "#ffffffdd", "edgecolor": "#bbbbbb"},
        )  # fmt: skip
        self._title = left.set_title("", fontsize=10.5, loc="left", animated=True)
        self._right_title = right.set_title("", fontsize=10.5, loc="left", animated=True)

    def update(self, settings: Settings, descents: dict[str, Descent]) -> bool:
        """Draw this; return whether something changed that is not animated."""
        self.surface.set_condition(settings.condition)
        self.surface.set_start(settings.start)
        for key in METHODS:
            shown = key in descents
            self._paths[key].set_visible(shown)
            self._exits[key].set_visible(False)
            if shown:
                self._draw_path(key, descents[key])
        words = [
            f"▲ {METHODS[key].name} {outcome(descent)}"
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
            self._exits[key].set(marker=(3, 0, degrees - 90), visible=True)
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


def swatch(method: Method) -> str:
    """Return a piece of the method's line and its marker as inline SVG, for a table."""
    dashes = (
        ""
        if method.line == "-"
        else ' stroke-dasharray="%s"' % " ".join(str(2 * part) for part in method.line[1])
    )
    return (
        '<svg width="34" height="10" aria-hidden="true">'
        f'<line x1="0" y1="5" x2="34" y2="5" stroke="{method.colour}" stroke-width="3"{dashes}/>'
        "</svg>"
    )


def caption(settings: Settings, descents: dict[str, Descent]) -> str:
    """Say in HTML what is on the screen now.

    The first paragraph is a live region: screen readers read it out when it changes.
    """
    across, along = kept(settings)
    turns = " and changes its side" if across < 0 else ""
    first = (
        f"<b>{headline(settings)}.</b> One step of batch gradient descent multiplies the distance "
        f"to the minimum by 1 − ηL = {across:.2f} across the valley{turns}, and by "
        f"1 − ηL/κ = {along:.3f} along it."
    )
    rows = "".join(_caption_row(key, settings, descent) for key, descent in descents.items())
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


class Live(Picture):
    """A picture with controls under it, drawn by a `LiveCanvas`."""

    drawing: Any

    def refresh(self) -> bool:
        """Compute, draw and describe; return whether something not animated changed."""
        raise NotImplementedError

    def _still_of(self, figure: Figure, alt: str, words: str) -> str:
        return f"{CSS}<div>{figure_html(figure, alt)}{words}</div>"


class Explorer(Picture):
    """The loss surface, the optimisers' paths over it, and the controls.

    Parameters
    ----------
    settings : Settings
        What the controls show at first and after a reset.
    shown : sequence of str
        Keys of `METHODS` that are on at first.
    """

    def __init__(
        self,
        settings: Settings = Settings(),
        shown: Sequence[str] = ("batch", "sgd", "momentum", "adam"),
    ) -> None:
        super().__init__()
        self.initial, self.settings = settings, settings
        self.initially_shown, self.shown = tuple(shown), tuple(shown)
        self._canvas: LiveCanvas | None = None
        self._following = False

    def descents(self) -> dict[str, Descent]:
        """Return the paths that are shown."""
        return {key: descend(key, self.settings) for key in METHODS if key in self.shown}

    def _still(self) -> str:
        drawing, descents = ExplorerDrawing(), self.descents()
        drawing.update(self.settings, descents)
        image = figure_html(drawing.figure, describe(self.settings, descents))
        return f"{CSS}<div>{image}{caption(self.settings, descents)}</div>"

    def _text(self) -> str:
        return describe(self.settings, self.descents())

    def _build(self) -> ipywidgets.DOMWidget:
        import ipywidgets

        from curriculum.widgets import controls
        from curriculum.widgets.canvas import LiveCanvas

        self._drawing = ExplorerDrawing()
        self._canvas = LiveCanvas(self._drawing.figure)
        now = self.settings
        self._controls: dict[str, Any] = {
            "learning_rate": controls.log_slider("Learning rate η", now.learning_rate, -3, 0.4),
            "condition": controls.log_slider("Condition number κ", now.condition, 0, 3),
            "batch_size": controls.choice_slider(
                "Batch size (rows)", now.batch_size, (1, 2, 4, 8, 16, 32, 64)
            ),
            "noise": controls.slider("Noise in targets σ", now.noise, 0, 2, 0.05),
            "momentum": controls.slider("Momentum β", now.momentum, 0, 0.99, 0.01),
        }
        self._starts = [
            controls.slider(f"Start {name}", value, low, high, 0.05)
            for name, value, (low, high) in zip(("w₁", "w₂"), now.start, VIEW, strict=True)
        ]
        self._toggles = {
            key: controls.toggle(method.name, key in self.shown, f"cw-line-{key}")
            for key, method in METHODS.items()
        }
        for name, control in self._controls.items():
            control.observe(lambda change, name=name: self._set(**{name: change["new"]}), "value")
        for control in self._starts:
            control.observe(
                lambda _: self._set(start=tuple(s.value for s in self._starts)), "value"
            )
        for button in self._toggles.values():
            button.observe(lambda _: self._choose(), "value")
        self._caption = ipywidgets.HTML()
        for event, handler in (
            ("button_press_event", self._press),
            ("motion_notify_event", self._move),
            ("button_release_event", self._release),
        ):
            self._canvas.mpl_connect(event, handler)
        self._dragging = False
        self._refresh()
        reset = controls.reset_button(self.reset)
        box = ipywidgets.VBox([
            ipywidgets.HTML(CSS + _LINE_CSS),
            controls.row(*self._toggles.values()),
            self._canvas,
            controls.row(*self._controls.values(), *self._starts, reset),
            self._caption,
        ])  # fmt: skip
        box.add_class("cw")
        return box

    def reset(self) -> None:
        """Bring every control back to how it was at first."""
        self._follow(self.initial)
        for key, button in self._toggles.items():
            button.value = key in self.initially_shown

    def _follow(self, settings: Settings) -> None:
        """Take these settings, and let the controls show them, with a single redraw."""
        self.settings = settings
        self._following = True
        try:
            for name, control in self._controls.items():
                control.value = getattr(settings, name)
            for control, value in zip(self._starts, settings.start, strict=True):
                control.value = value
        finally:
            self._following = False
        self._refresh()

    def _set(self, **changed: Any) -> None:
        if not self._following:
            self.settings = replace(self.settings, **changed)
            self._refresh()

    def _choose(self) -> None:
        self.shown = tuple(key for key, button in self._toggles.items() if button.value)
        self._refresh()

    def _refresh(self) -> None:
        descents = self.descents()
        axis_changed = self._drawing.update(self.settings, descents)
        assert self._canvas is not None
        if axis_changed:
            self._canvas.redraw()
        else:
            self._canvas.frame()
        self._caption.value = caption(self.settings, descents)

    def _press(self, event: Any) -> None:
        if event.inaxes is not self._drawing.surface.axes or self._locked():
            return
        handle = event.inaxes.transData.transform(self.settings.start)
        if math.dist(handle, (event.x, event.y)) <= 18 * self._canvas.device_pixel_ratio:
            self._dragging = True

    def _move(self, event: Any) -> None:
        if not self._dragging or event.xdata is None:
            return
        if event.inaxes is not self._drawing.surface.axes:
            return
        start = (round(float(event.xdata), 2), round(float(event.ydata), 2))
        self._canvas.frame_soon(lambda: self._follow(replace(self.settings, start=start)))

    def _release(self, event: Any) -> None:
        self._dragging = False

    def _locked(self) -> bool:
        return bool(self._starts[0].disabled)


_LINE_CSS = (
    "<style>"
    + "".join(
        f".cw .cw-line-{key} {{ border-bottom: 4px "
        f"{'solid' if method.line == '-' else 'dashed'} {method.colour} !important; }}"
        for key, method in METHODS.items()
    )
    + "</style>"
)


def explore(ask: bool = True) -> Picture:
    """Show the loss surface and the paths of seven optimisers over it, with controls.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.
    """
    explorer = Explorer()
    if not ask:
        return explorer
    narrow = replace(explorer.initial, condition=200.0)
    before, after = descend("batch", explorer.initial), descend("batch", narrow)
    numbers = (
        f"After {STEPS} steps batch gradient descent is {before.losses[-1]:.2g} above the minimum "
        f"at κ = 20 and {after.losses[-1]:.2g} at κ = 200."
    )
    return Prediction(
        "The valley below has condition number κ = 20: it bends 20 times more across than along. "
        "Keep the learning rate and stretch the valley to κ = 200. What happens to batch gradient "
        "descent?",
        [
            "It diverges: the learning rate is too large for the steeper walls",
            "It gets across the valley as fast as before, and creeps along its floor",
            "Nothing changes: only the learning rate decides how fast it is",
        ],
        1, numbers, explorer, "gd_condition",
    )  # fmt: skip


def one_dimension(ask: bool = True):
    return Explorer()


def compare(step=None, momentum_step=None, adam_step=None):
    return Explorer()
