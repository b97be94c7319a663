"""The loss surface, the optimisers on it, and what became of each: computed, not drawn.

Frozen settings in, frozen results out. The paths come from ``torch.optim``, so that this package,
which learners can read, does not hold what they are asked to write; and because what they write is
measured against it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from curriculum.widgets.gradient_descent.words import signed
from curriculum.widgets.style import COLORS

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float64]

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
