"""Axes that several pictures share: the surface with paths on it, and loss against step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Ellipse
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from curriculum.widgets.gradient_descent.surface import (
    ARRIVED,
    CURVATURE,
    METHODS,
    MINIMUM,
    STEPS,
    TILT,
    Array,
    Descent,
)
from curriculum.widgets.text import StampedText

if TYPE_CHECKING:
    pass

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
            name = StampedText(
                1.085, 0, method.name, transform=axes.transAxes, va="center", animated=True
            )
            axes.add_artist(name)
            self._names[key] = name
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
