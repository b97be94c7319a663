"""The learner's own optimisers, drawn beside PyTorch's."""

from __future__ import annotations

import contextlib
import html
import io
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.figure import Figure

from curriculum.widgets.display import Picture
from curriculum.widgets.gradient_descent.axes import FIGURE, SurfaceAxes, drawable, spread
from curriculum.widgets.gradient_descent.explorer import swatch
from curriculum.widgets.gradient_descent.surface import (
    METHODS,
    Array,
    Settings,
    descend,
    problem,
)
from curriculum.widgets.live import Live
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import add_title

if TYPE_CHECKING:
    pass

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
        self._title = add_title(right)
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
