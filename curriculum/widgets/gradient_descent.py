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
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Ellipse
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.style import COLORS

if TYPE_CHECKING:
    import torch

__all__ = [
    "METHODS",
    "Comparison",
    "Descent",
    "Explorer",
    "LineSettings",
    "Method",
    "OneDimension",
    "OwnBesideReference",
    "OwnSettings",
    "Problem",
    "Settings",
    "compare",
    "compare_paths",
    "descend",
    "explore",
    "line_scene",
    "one_dimension",
    "problem",
    "scene",
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
    shown : tuple of str
        Keys of `METHODS`: those in the picture.
    learning_rate, condition : float
        η and κ.
    batch_size : int
        Rows in each mini-batch, 1 to 64.
    noise : float
        σ, the standard deviation of what the features do not explain in the targets.
    momentum : float
        β of momentum and Nesterov.
    sampled : bool
        Whether momentum, Nesterov, RMSProp and Adam use mini-batches too, instead of all rows.
    start_1, start_2 : float
        w before the first step.
    """

    shown: tuple[str, ...] = ("batch", "sgd", "momentum", "adam")
    learning_rate: float = 0.1
    condition: float = 20.0
    batch_size: int = 8
    noise: float = 0.2
    momentum: float = 0.9
    sampled: bool = False
    start_1: float = -2.4
    start_2: float = 1.2

    @property
    def start(self) -> tuple[float, float]:
        """The starting point."""
        return self.start_1, self.start_2


@dataclass(frozen=True)
class Method:
    """An optimiser, and how it looks.

    `rows` says which rows each gradient uses ("choice": what the learner chose); `make` builds
    the ``torch.optim`` optimiser from parameters, learning rate and momentum.
    """

    name: str
    rows: Literal["all", "one", "batch", "choice"]
    make: Callable[[list[torch.Tensor], float, float], torch.optim.Optimizer]
    colour: str
    line: Any
    marker: str
    uses_momentum: bool = False

    def batch(self, settings: Settings) -> int:
        """Return how many rows each gradient uses."""
        if self.rows == "one":
            return 1
        if self.rows == "batch" or (self.rows == "choice" and settings.sampled):
            return settings.batch_size
        return ROWS


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
    "momentum": Method("Momentum", "choice", _momentum, COLORS.green, "-", "^", True),
    "nesterov": Method(
        "Nesterov", "choice", _nesterov, COLORS.purple, (0, (5, 1, 1, 1)), "v", True
    ),
    "rmsprop": Method("RMSProp", "choice", _rmsprop, COLORS.sky, (0, (2, 1)), "D"),
    "adam": Method("Adam", "choice", _adam, COLORS.black, "-", "x"),
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


@dataclass(frozen=True)
class Scene:
    """All that the surface's picture shows."""

    settings: Settings
    descents: dict[str, Descent]


def scene(settings: Settings) -> Scene:
    """Run every method that is shown."""
    shown = [key for key in METHODS if key in settings.shown]
    return Scene(settings, {key: descend(key, settings) for key in shown})


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


def describe(scene: Scene) -> str:
    """Say in plain words what the picture shows: for the alternative text."""
    settings = scene.settings
    across, along = kept(settings)
    parts = [
        f"Left: a valley-shaped loss surface over two parameters, condition number "
        f"{settings.condition:.3g}, with the path of each optimiser from "
        f"({settings.start[0]:.2f}, {settings.start[1]:.2f}). "
        f"Right: loss above its minimum against step, on a logarithmic scale. "
        f"{headline(settings)}; a step multiplies the distance to the minimum by {signed(across)} "
        f"across the valley and by {signed(along, 3)} along it."
    ]
    for key, descent in scene.descents.items():
        parts.append(f"{METHODS[key].name}: {outcome(descent)}, {final_loss(descent)}.")
    return " ".join(parts)


def final_loss(descent: Descent) -> str:
    """Say how far above the minimum the loss ends."""
    last = float(descent.losses[-1])
    if not math.isfinite(last):
        return "loss beyond what a float holds"
    return f"loss {last:.2g} above its minimum"


# --- what is drawn: the surface -----------------------------------------------------------------

#: Inches, at 100 pixels each: whole pixels, or the page would cut the last row off.
FIGURE = (8.75, 4.25)
#: What of the parameter plane is in the picture: from here to there, w₁ then w₂.
VIEW = ((-3.3, 3.3), (-2.85, 2.85))
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

    def __init__(self, axes: Any, handle: bool = True) -> None:
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
        self.start.set_visible(handle)
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


View = tuple[tuple[float, float], tuple[float, float]]


def inside(points: Array, view: View = VIEW) -> NDArray[np.bool_]:
    """Say which of the points, shape (k, 2), the picture contains."""
    (left, right), (low, high) = view
    x, y = points[:, 0], points[:, 1]
    return (x >= left) & (x <= right) & (y >= low) & (y <= high)


def exit_point(points: Array, view: View = VIEW) -> tuple[float, float, float] | None:
    """Return where a path first leaves the picture, and in which direction.

    Parameters
    ----------
    points : ndarray, shape (k, 2)
    view : ((left, right), (low, high))
        What the picture contains.

    Returns
    -------
    (x, y, degrees) or None
        On the picture's edge; degrees counterclockwise from the first axis. None when it stays.
    """
    within = inside(points, view)
    if within.all() or not within[0]:
        return None
    after = int(np.argmin(within))
    here, there = points[after - 1], points[after]
    stride = there - here
    fraction = 1.0
    for axis, (low, high) in enumerate(view):
        if stride[axis] > 0:
            fraction = min(fraction, (high - here[axis]) / stride[axis])
        elif stride[axis] < 0:
            fraction = min(fraction, (low - here[axis]) / stride[axis])
    x, y = here + fraction * stride
    return float(x), float(y), math.degrees(math.atan2(stride[1], stride[0]))


_ARROWHEAD = Path([(1.0, 0.0), (-0.8, 0.6), (-0.4, 0.0), (-0.8, -0.6), (1.0, 0.0)])


def arrowhead(degrees: float) -> MarkerStyle:
    """Return a marker that points somewhere; a triangle of equal sides points three ways."""
    return MarkerStyle(_ARROWHEAD, transform=Affine2D().rotate_deg(degrees))


def signed(number: float, digits: int = 2) -> str:
    """Write a number with a minus sign of the width of a plus."""
    return f"{number:.{digits}f}".replace("-", "−")


def brief(number: float) -> str:
    """Write a number with three digits."""
    return f"{number:.3g}".replace("-", "−")


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
        self._title = left.set_title("", fontsize=10.5, loc="left", animated=True)
        self._right_title = right.set_title("", fontsize=10.5, loc="left", animated=True)

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


# --- one dimension ------------------------------------------------------------------------------

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
        self._titles = [
            axes.set_title("", fontsize=10.5, loc="left", animated=True)
            for axes in (self.parabola, self.factor, self.course)
        ]
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
            axes.text(0, 0, str(t), fontsize=9, ha="center", animated=True, clip_on=True)
            for t in range(5)
        ]

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


# --- the learner's own optimisers ---------------------------------------------------------------

OWN_STEPS = 60
#: Relative differences up to this are the rounding of 64-bit numbers, piled up over the steps.
ROUNDING = 1e-9
#: Adam's, here and in ``torch.optim`` unless told otherwise.
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class OwnSettings:
    """What the controls beside the learner's own optimisers set: η, κ and β."""

    learning_rate: float = 0.1
    condition: float = 20.0
    momentum: float = 0.9

    @property
    def start(self) -> tuple[float, float]:
        """The starting point, which stays."""
        return -2.4, 1.2


@dataclass(frozen=True)
class Comparison:
    """A learner's optimiser beside the reference.

    Attributes
    ----------
    name : str
        The learner's function: "step", "momentum_step" or "adam_step".
    reference : ndarray, shape (steps + 1, 2)
        The path of ``torch.optim``.
    own : ndarray, shape (k + 1, 2), or None
        The learner's path, as far as it went; None when there is none.
    state : str
        "agrees", "differs", "unwritten" (raises NotImplementedError), "failed", or "absent".
    apart : ndarray, shape (k + 1,), or None
        Largest difference at each step over one plus the reference's size; infinite where the
        learner's path is no number.
    says : str
        One sentence about it.
    """

    name: str
    reference: Array
    own: Array | None
    state: Literal["agrees", "differs", "unwritten", "failed", "absent"]
    apart: Array | None
    says: str


class _Refused(Exception):
    """What a learner's function returned cannot be used; the message says why."""


def _vector(value: Any, what: str) -> Array:
    """Return a vector of two floats, or refuse."""
    if value is None:
        raise _Refused(f"returned None for {what}; a function without `return` does that")
    try:
        vector = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise _Refused(f"returned a {type(value).__name__} for {what}, not an array") from None
    if vector.shape != (2,):
        raise _Refused(f"returned {what} of shape {vector.shape}; it is (2,) here")
    return vector.copy()


def _parts(value: Any, names: tuple[str, ...]) -> list[Array]:
    """Take a returned tuple apart, or refuse."""
    if not isinstance(value, (tuple, list)) or len(value) != len(names):
        got = "None" if value is None else f"a {type(value).__name__}"
        if isinstance(value, (tuple, list)):
            got += f" of {len(value)}"
        raise _Refused(f"returned {got}; it should be ({', '.join(names)})")
    return [_vector(part, name) for part, name in zip(value, names, strict=True)]


def _ways(
    settings: OwnSettings,
) -> dict[str, tuple[str, Callable[[Any, int, list[Array], Array], list[Array]]]]:
    """Return, for each function, the method it is, and how to call it.

    Each call takes (function, step number from 1, state, gradient) and returns the new state,
    whose first part is w. The function gets copies, so it cannot change the picture's numbers.
    """
    eta, beta = settings.learning_rate, settings.momentum

    def step(f: Any, t: int, state: list[Array], g: Array) -> list[Array]:
        return [_vector(f(state[0].copy(), g, eta), "w")]

    def momentum_step(f: Any, t: int, state: list[Array], g: Array) -> list[Array]:
        w, velocity = (part.copy() for part in state)
        return _parts(f(w, g, velocity, eta, beta), ("w", "velocity"))

    def adam_step(f: Any, t: int, state: list[Array], g: Array) -> list[Array]:
        w, m, v = (part.copy() for part in state)
        return _parts(f(w, g, m, v, t, eta, BETA_1, BETA_2, EPSILON), ("w", "m", "v"))

    return {
        "step": ("batch", step),
        "momentum_step": ("momentum", momentum_step),
        "adam_step": ("adam", adam_step),
    }


_STATE_PARTS = {"step": 1, "momentum_step": 2, "adam_step": 3}


def compare_paths(
    name: str, function: Callable[..., Any] | None, settings: OwnSettings, steps: int = OWN_STEPS
) -> Comparison:
    """Run a learner's function and the reference on the same surface, with all rows.

    Parameters
    ----------
    name : str
        "step", "momentum_step" or "adam_step".
    function : callable or None
        ``step(w, gradient, learning_rate)``,
        ``momentum_step(w, gradient, velocity, learning_rate, beta)`` or
        ``adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon)``.
    settings : OwnSettings
    steps : int

    Returns
    -------
    Comparison
        Whatever the function does: an error in it is told, not raised.

    Raises
    ------
    KeyError
        When there is no such name.
    """
    key, call = _ways(settings)[name]
    reference = _reference(key, settings, steps)
    if function is None:
        return Comparison(name, reference, None, "absent", None, "not given to this picture")
    surface = problem(settings.condition)
    state = [np.array(settings.start)] + [np.zeros(2) for _ in range(_STATE_PARTS[name] - 1)]
    points = [state[0]]
    trouble = ""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for t in range(1, len(reference)):
            gradient = surface.hessian @ (state[0] - surface.minimum)
            try:
                state = call(function, t, state, gradient)
            except NotImplementedError:
                return Comparison(name, reference, None, "unwritten", None, "not written yet")
            except _Refused as refusal:
                trouble = f"at step {t} it {refusal}"
                break
            except Exception as error:
                trouble = f"at step {t} it raised {type(error).__name__}: {_short(error)}"
                break
            points.append(state[0])
    own = np.array(points)
    apart = _apart(own, reference[: len(own)])
    if trouble:
        return Comparison(name, reference, own, "failed", apart, trouble)
    wrong = np.flatnonzero(~(apart <= ROUNDING))
    if not wrong.size:
        largest = float(np.max(np.abs(own - reference)))
        says = f"agrees with torch.optim; largest difference {largest:.1g}"
        return Comparison(name, reference, own, "agrees", apart, says)
    return Comparison(name, reference, own, "differs", apart, _difference(own, reference, wrong[0]))


def _reference(key: str, settings: OwnSettings, steps: int) -> Array:
    full = Settings(
        learning_rate=settings.learning_rate,
        condition=settings.condition,
        momentum=settings.momentum,
        start_1=settings.start[0],
        start_2=settings.start[1],
    )
    return descend(key, full, steps).points


def _apart(own: Array, reference: Array) -> Array:
    with np.errstate(all="ignore"):
        gap = np.abs(own - reference).max(axis=1) / (1 + np.abs(reference).max(axis=1))
    return np.where(np.isfinite(gap), gap, np.inf)


def _difference(own: Array, reference: Array, first: int) -> str:
    """Say where two paths part, and by how much."""
    yours, theirs = own[first], reference[first]
    with np.errstate(all="ignore"):
        largest = np.abs(own - reference).max()
    most = f"{largest:.2g}" if math.isfinite(largest) else "no number"
    return (
        f"differs from step {first} on, where w is ({yours[0]:.4g}, {yours[1]:.4g}) and "
        f"torch.optim has ({theirs[0]:.4g}, {theirs[1]:.4g}); largest difference {most}"
    )


def _short(error: Exception, length: int = 120) -> str:
    """Return an error's message on one line."""
    text = " ".join(str(error).split()) or "no message"
    return text if len(text) <= length else text[: length - 1] + "…"


OwnScene = dict[str, Comparison]
_OWN_LOOK = {"step": METHODS["batch"], "momentum_step": METHODS["momentum"],
             "adam_step": METHODS["adam"]}  # fmt: skip
_OWN_SIGNS = {"agrees": "✓", "differs": "✗", "failed": "✗", "unwritten": "…", "absent": "–"}


def own_describe(comparisons: OwnScene) -> str:
    """Say in plain words what the picture of the learner's optimisers shows."""
    return (
        "Left: the paths of your optimisers, thin and dashed, over those of torch.optim, wide and "
        "pale, on the same loss surface. Right: how far each is from its reference at each step, "
        "on a logarithmic scale. "
        + " ".join(f"{name}: {c.says}." for name, c in comparisons.items())
    )


def own_caption(comparisons: OwnScene) -> str:
    """Say in HTML how the learner's optimisers compare."""
    rows = "".join(
        f"<tr><td>{swatch(_OWN_LOOK[name])}</td><th scope='row'><code>{name}</code></th>"
        f"<td>{_OWN_SIGNS[c.state]} {html.escape(c.says)}</td></tr>"
        for name, c in comparisons.items()
    )
    return (
        '<div class="cw-caption"><table role="status" aria-live="polite">'
        f"<tbody>{rows}</tbody></table></div>"
    )


class OwnDrawing:
    """The paths, the learner's over the reference's; and how far apart they are."""

    LOW, HIGH = 1e-18, 1e3

    def __init__(self, figure: Figure | None = None) -> None:
        self.figure = figure or Figure(figsize=FIGURE, dpi=100, facecolor="white")
        left = self.figure.add_axes((0.062, 0.125, 0.4359, 0.7751))
        right = self.figure.add_axes((0.58, 0.125, 0.402, 0.7751))
        self.surface = SurfaceAxes(left, handle=False)
        left.set_title("Yours (thin) over torch.optim (wide)", fontsize=10.5, loc="left")
        right.set_yscale("log")
        right.set(xlim=(0, OWN_STEPS), ylim=(self.LOW, self.HIGH), xlabel="step")
        right.set_ylabel("difference from torch.optim")
        right.grid(True, which="major", color="#e5e5e5", linewidth=0.8)
        right.set_axisbelow(True)
        right.axhspan(self.LOW, ROUNDING, color=COLORS.green, alpha=0.12, lw=0)
        right.text(
            0.98, 0.03, "rounding: the same", transform=right.transAxes, ha="right", fontsize=9.5
        )
        self._title = right.set_title("", fontsize=10.5, loc="left", animated=True)
        self._parts = {}
        for name, look in _OWN_LOOK.items():
            colour = look.colour
            (wide,) = left.plot(
                [], [], color=colour, lw=7, alpha=0.3, solid_capstyle="round", animated=True,
                zorder=3,
            )  # fmt: skip
            (thin,) = left.plot(
                [], [], color=colour, lw=1.4, ls=(0, (3, 1.5)), marker=look.marker, ms=4.5,
                markevery=4, animated=True, zorder=4,
            )  # fmt: skip
            (apart,) = right.plot(
                [], [], color=colour, lw=1.8, marker=look.marker, ms=5, markevery=6, animated=True
            )
            text = right.text(
                0, 0, name, fontsize=9.5, color="black", animated=True, clip_on=True, ha="right"
            )
            self._parts[name] = (wide, thin, apart, text)

    def update(self, scene: tuple[OwnSettings, OwnScene]) -> bool:
        """Show this scene; nothing changes that is not animated."""
        settings, comparisons = scene
        self.surface.set_condition(settings.condition)
        written = [c for c in comparisons.values() if c.apart is not None]
        heights = {
            c.name: float(np.log10(np.clip(c.apart[-1], self.LOW * 30, self.HIGH / 30)))
            for c in written
            if c.apart is not None
        }
        places = dict(zip(heights, spread(list(heights.values()), 1.3, -17, 2), strict=True))
        for name, (wide, thin, apart, text) in self._parts.items():
            c = comparisons.get(name)
            wide.set_visible(c is not None)
            for artist in (thin, apart, text):
                artist.set_visible(c is not None and c.own is not None and len(c.own) > 1)
            if c is not None:
                shown = drawable(c.reference)
                wide.set_data(shown[:, 0], shown[:, 1])
            if c is not None and c.own is not None and c.apart is not None:
                shown = drawable(c.own)
                thin.set_data(shown[:, 0], shown[:, 1])
                apart.set_data(
                    np.arange(len(c.apart)), np.clip(c.apart, self.LOW * 10, self.HIGH / 2)
                )
                text.set_position((max(len(c.apart) - 2, 12), 10 ** (places[name] + 0.25)))
        self._title.set_text(own_title(comparisons))
        return False


def own_title(comparisons: OwnScene) -> str:
    """Return the right picture's title: how many agree."""
    written = [c for c in comparisons.values() if c.state not in ("absent", "unwritten")]
    agree = sum(c.state == "agrees" for c in written)
    if not written:
        return "None of yours is written yet"
    if agree == len(written):
        return "Yours agree with torch.optim" if agree > 1 else "Yours agrees with torch.optim"
    return f"{len(written) - agree} of {len(written)} of yours differ from torch.optim"


class OwnBesideReference(Live):
    """The learner's optimisers beside the reference; see `compare`."""

    settings: OwnSettings

    def __init__(self, functions: Mapping[str, Callable[..., Any] | None]) -> None:
        super().__init__(OwnSettings())
        given = {name: f for name, f in functions.items() if f is not None}
        self.functions: Mapping[str, Callable[..., Any] | None] = given or functions

    def _drawing(self) -> OwnDrawing:
        return OwnDrawing()

    def _scene(self, settings: OwnSettings) -> tuple[OwnSettings, OwnScene]:
        return settings, {
            name: compare_paths(name, function, settings)
            for name, function in self.functions.items()
        }

    def _describe(self, scene: tuple[OwnSettings, OwnScene]) -> str:
        return own_describe(scene[1])

    def _caption(self, scene: tuple[OwnSettings, OwnScene]) -> str:
        return own_caption(scene[1])

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "learning_rate": controls.log_slider("Learning rate η", now.learning_rate, -3, 0.4),
            "condition": controls.log_slider("Condition number κ", now.condition, 0, 3),
            "momentum": controls.slider("Momentum β", now.momentum, 0, 0.99, 0.01),
        }


def compare(
    step: Callable[..., Any] | None = None,
    momentum_step: Callable[..., Any] | None = None,
    adam_step: Callable[..., Any] | None = None,
) -> Picture:
    """Draw the learner's own optimisers over ``torch.optim``'s on the same loss surface.

    Parameters
    ----------
    step, momentum_step, adam_step : callable, optional
        As in the exercises: ``step(w, gradient, learning_rate) -> w``,
        ``momentum_step(w, gradient, velocity, learning_rate, beta) -> (w, velocity)``,
        ``adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon) -> (w, m, v)``.
        One that raises NotImplementedError is shown as not written yet; any other error is told
        in a sentence.

    Returns
    -------
    Picture
        Shows itself as the last value of a cell.
    """
    return OwnBesideReference(
        {"step": step, "momentum_step": momentum_step, "adam_step": adam_step}
    )
