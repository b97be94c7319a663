"""The picture of the threshold: precision, recall, F1, confusion matrix and cost as it moves."""

from __future__ import annotations

import contextlib
import html
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.sentiment.corpus import Array, model, texts
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import add_title

#: Inches, at 100 pixels each.
FIGURE = (8.75, 4.25)
#: Thresholds of the curves and of the slider.
GRID = np.round(np.arange(0.02, 0.985, 0.01), 2)
COSTS = (0.25, 0.5, 1.0, 2.0, 4.0)
ROUNDING = 1e-9


@dataclass(frozen=True)
class ThresholdSettings:
    """What the controls set.

    Attributes
    ----------
    threshold : float
    cost : float
        Of a false alarm; a miss costs 1.
    curves : bool
        Whether precision, recall and F1 are drawn at every threshold, or at this one only.
    """

    threshold: float = 0.5
    cost: float = 1.0
    curves: bool = True


@dataclass(frozen=True, eq=False)
class Own:
    """A learner's function beside the reference.

    Attributes
    ----------
    name : str
    state : str
        "agrees", "differs", "unwritten" or "failed".
    says : str
        One sentence about it.
    """

    name: str
    state: Literal["agrees", "differs", "unwritten", "failed"]
    says: str


@dataclass(frozen=True, eq=False)
class ThresholdScene:
    """What a threshold does to the held-out reviews.

    Attributes
    ----------
    settings : ThresholdSettings
    matrix : ndarray of int, shape (2, 2)
        Rows are the true class, columns the predicted one.
    precision, recall, f1, accuracy, cost : float
        Of "great"; cost is per review, in misses.
    cheapest : float
        The threshold of the grid with the smallest cost.
    own : tuple of Own
    """

    settings: ThresholdSettings
    matrix: NDArray[np.int64]
    precision: float
    recall: float
    f1: float
    accuracy: float
    cost: float
    cheapest: float
    own: tuple[Own, ...] = ()


def matrix_at(y: NDArray[np.int64], p: Array, threshold: float) -> NDArray[np.int64]:
    """Return the confusion matrix when P(great) ≥ threshold is called great."""
    return np.bincount(2 * y + (p >= threshold), minlength=4).reshape(2, 2)


def rates(matrix: NDArray[np.int64]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of class 1; 0 where the denominator is 0."""
    (_, fp), (fn, tp) = matrix.tolist()
    precision = tp / (tp + fp) if tp + fp else 0.0
    recall = tp / (tp + fn) if tp + fn else 0.0
    f1 = 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0
    return precision, recall, f1


def area(y: NDArray[np.int64], p: Array) -> float:
    """Return the share of pairs that are in order, a tie counting half."""
    from scipy.stats import rankdata

    positive = int(y.sum())
    ranks = rankdata(p)[y == 1].sum()
    return float((ranks - positive * (positive + 1) / 2) / (positive * (len(y) - positive)))


@cache
def curves() -> tuple[NDArray[np.int64], Array]:
    """Return the matrices at each threshold of `GRID`, and precision, recall and F1."""
    y, p = texts("food", "held out").y, model().probabilities
    matrices = np.array([matrix_at(y, p, t) for t in GRID])
    return matrices, np.array([rates(matrix) for matrix in matrices])


def cost_curve(cost: float) -> Array:
    """Return the cost per review, in misses, at each threshold of `GRID`."""
    matrices, _ = curves()
    return (cost * matrices[:, 0, 1] + matrices[:, 1, 0]) / matrices[0].sum()


def threshold_scene(settings: ThresholdSettings, own: tuple[Own, ...] = ()) -> ThresholdScene:
    """Count what this threshold does to the held-out reviews."""
    matrix = matrix_at(texts("food", "held out").y, model().probabilities, settings.threshold)
    n = matrix.sum()
    return ThresholdScene(
        settings,
        matrix,
        *rates(matrix),
        float(np.trace(matrix) / n),
        float((settings.cost * matrix[0, 1] + matrix[1, 0]) / n),
        float(GRID[int(np.argmin(cost_curve(settings.cost)))]),
        own,
    )


class _Refused(Exception):
    """What a learner's function returned cannot be used; the message says why."""


def _number(value: Any, what: str, last: bool = False) -> float:
    """Return a float, or of several (one a class, when `last`) the one of class 1; or refuse."""
    if value is None:
        raise _Refused(f"returned None for {what}; a function without `return` does that")
    try:
        numbers = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise _Refused(f"returned a {type(value).__name__} for {what}") from None
    if last and numbers.shape == (2,):
        return float(numbers[1])
    if numbers.shape:
        raise _Refused(f"returned {what} of shape {numbers.shape}")
    return float(numbers)


def _three(value: Any) -> list[float]:
    if isinstance(value, dict):
        value = list(value.values())
    size = len(value) if isinstance(value, (list, tuple)) or np.ndim(value) else 0
    if size != 3:
        raise _Refused("did not return precision, recall and F1")
    return [
        _number(part, name, last=True)
        for part, name in zip(value, ("precision", "recall", "F1"), strict=True)
    ]


def _beside(
    name: str,
    call: Callable[[], list[float]],
    wanted: list[float],
) -> Own:
    """Call a learner's function and compare; whatever it does becomes a sentence."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            got = call()
        except NotImplementedError:
            return Own(name, "unwritten", "not written yet")
        except _Refused as refusal:
            return Own(name, "failed", str(refusal))
        except Exception as error:
            words = " ".join(str(error).split()) or "no message"
            short = words if len(words) <= 120 else words[:119] + "…"
            return Own(name, "failed", f"raised {type(error).__name__}: {short}")
    mine = ", ".join(f"{value:.4f}" for value in got)
    theirs = ", ".join(f"{value:.4f}" for value in wanted)
    if np.allclose(got, wanted, rtol=0, atol=ROUNDING):
        return Own(name, "agrees", f"yours gives {mine}; the reference agrees")
    return Own(name, "differs", f"yours gives {mine}; the reference {theirs}")


def compare_roc_auc(function: Callable[..., Any]) -> Own:
    """Compare ``roc_auc(y_true, scores)`` with the reference on the held-out reviews."""
    y, p = texts("food", "held out").y, model().probabilities
    return _beside(
        "roc_auc", lambda: [_number(function(y.copy(), p.copy()), "the area")], [area(y, p)]
    )


def compare_rates(function: Callable[..., Any], matrix: NDArray[np.int64]) -> Own:
    """Compare ``precision_recall_f1(matrix)`` with the reference, for the class "great".

    Three numbers are taken as those of class 1; three arrays as one number a class.
    """
    return _beside(
        "precision_recall_f1", lambda: _three(function(matrix.copy())), list(rates(matrix))
    )


def threshold_describe(scene: ThresholdScene) -> str:
    """Say in plain words what the picture shows."""
    (tn, fp), (fn, tp) = scene.matrix.tolist()
    now = scene.settings
    own = " ".join(f"{o.name}: {o.says}." for o in scene.own)
    return (
        f"Reviews with P(great) of at least {now.threshold:.2f} are called great. Of "
        f"{tp + fn} great reviews {tp} are found and {fn} missed; of {tn + fp} others {fp} are "
        f"false alarms. Precision {scene.precision:.2f}, recall {scene.recall:.2f}, "
        f"F1 {scene.f1:.2f}, accuracy {scene.accuracy:.2f}. With a false alarm at {now.cost:g} "
        f"times the cost of a miss, a review costs {scene.cost:.3f} times as much as a miss on "
        f"average; that is smallest at a threshold of {scene.cheapest:.2f}. "
        f"{'Curves' if now.curves else 'Dots'} show precision, recall and F1 "
        f"{'at every threshold' if now.curves else 'at this threshold'}. {own}".strip()
    )


_SIGNS = {"agrees": "✓", "differs": "✗", "failed": "✗", "unwritten": "…"}


def threshold_caption(scene: ThresholdScene) -> str:
    """Say in HTML what is on the screen now."""
    (tn, fp), (fn, tp) = scene.matrix.tolist()
    own = "".join(
        f"<p><code>{o.name}</code> {_SIGNS[o.state]} {html.escape(o.says)}</p>" for o in scene.own
    )
    return (
        '<div class="cw-caption"><p role="status" aria-live="polite">'
        f"<b>Threshold {scene.settings.threshold:.2f}: precision {scene.precision:.2f}, recall "
        f"{scene.recall:.2f}, F1 {scene.f1:.2f}, accuracy {scene.accuracy:.2f}.</b> A review "
        f"costs {scene.cost:.3f} × the cost of a miss on average; that is smallest at "
        f"{scene.cheapest:.2f}.</p><table><thead><tr>"
        "<th></th><th>called great</th><th>called other</th></tr></thead><tbody>"
        f"<tr><th scope='row'>is great</th><td>{tp}</td><td>{fn} missed</td></tr>"
        f"<tr><th scope='row'>is other</th><td>{fp} false alarms</td><td>{tn}</td></tr>"
        f"</tbody></table>{own}</div>"
    )


class ThresholdDrawing:
    """The scores of both classes with the threshold, the rates, and the cost."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.scores = self.figure.add_axes((0.065, 0.125, 0.42, 0.775))
        self.rates = self.figure.add_axes((0.565, 0.595, 0.42, 0.305))
        self.costs = self.figure.add_axes((0.565, 0.125, 0.42, 0.285))
        self._titles = [add_title(axes) for axes in (self.scores, self.rates, self.costs)]
        y, p = texts("food", "held out").y, model().probabilities
        axes = self.scores
        bins = np.linspace(0, 1, 26).tolist()
        for label, colour, name, hatch in (
            (1, COLORS.blue, "great", ""), (0, COLORS.orange, "other", "///"),
        ):  # fmt: skip
            axes.hist(
                p[y == label], bins, color=colour, alpha=0.55, label=f"is {name}", hatch=hatch,
                edgecolor="white",
            )  # fmt: skip
        axes.set(xlim=(0, 1), xlabel="P(great), as the model says", ylabel="reviews")
        self.top = axes.get_ylim()[1] * 1.12
        axes.set_ylim(0, self.top)
        axes.legend(loc="upper left", frameon=False, fontsize=9.5)
        self._lines = []
        for axes in (self.scores, self.rates, self.costs):
            (line,) = axes.plot([], [], color="black", lw=1.6, animated=True, zorder=4)
            self._lines.append(line)
        (self._knob,) = self.scores.plot(
            [], [], "o", ms=12, mfc="white", mec="black", mew=2, animated=True, zorder=5,
            clip_on=False,
        )  # fmt: skip
        axes = self.rates
        axes.set(xlim=(0, 1), ylim=(0, 1.05), yticks=(0, 0.5, 1), ylabel="rate")
        _, values = curves()
        self._rates, self._dots = [], []
        for i, (name, colour, style) in enumerate(
            (
                ("precision", COLORS.blue, "-"),
                ("recall", COLORS.vermillion, "--"),
                ("F1", COLORS.black, ":"),
            )
        ):
            self._rates += axes.plot(
                GRID, values[:, i], style, color=colour, lw=2, label=name, animated=True
            )
            self._dots += axes.plot(
                [], [], "o", color=colour, mec="white", ms=8, animated=True, zorder=5,
                clip_on=False,
            )  # fmt: skip
        axes.legend(loc="lower left", frameon=False, fontsize=9, ncol=1)
        axes = self.costs
        axes.set(xlim=(0, 1), xlabel="threshold", ylabel="cost (misses)")
        (self._curve,) = axes.plot([], [], color=COLORS.green, lw=2.2, animated=True)
        (self._cheapest,) = axes.plot(
            [], [], "*", color=COLORS.green, mec="black", ms=13, animated=True, zorder=5
        )

    def update(self, scene: ThresholdScene) -> bool:
        """Show this scene; return whether the cost axis changed."""
        t = scene.settings.threshold
        curve = cost_curve(scene.settings.cost)
        top = 1.1 * float(curve.max())
        changed = not np.isclose(self.costs.get_ylim()[1], top)
        if changed:
            self.costs.set_ylim(0, top)
        rates_now = (scene.precision, scene.recall, scene.f1)
        # No further than that, or they would run through the legends.
        spans = ((0, self.top / 2), (min(rates_now), max(rates_now)), (0, top))
        for line, span in zip(self._lines, spans, strict=True):
            line.set_data([t, t], span)
        self._knob.set_data([t], [self.top / 2])
        for curve_of_rate in self._rates:
            curve_of_rate.set_visible(scene.settings.curves)
        for dot, value in zip(self._dots, rates_now, strict=True):
            dot.set_data([t], [value])
        self._curve.set_data(GRID, curve)
        self._cheapest.set_data([scene.cheapest], [curve.min()])
        (_, fp), (fn, _) = scene.matrix.tolist()
        self._titles[0].set_text(f"Threshold {t:.2f}: {fp} false alarms, {fn} missed")
        self._titles[1].set_text(
            f"Precision {scene.precision:.2f}, recall {scene.recall:.2f}, F1 {scene.f1:.2f}"
        )
        self._titles[2].set_text(
            f"A review costs {scene.cost:.3f} × a miss; least at {scene.cheapest:.2f}"
        )
        return bool(changed)


class ThresholdPicture(Live):
    """Move the threshold; see `threshold`."""

    settings: ThresholdSettings

    def __init__(
        self,
        roc_auc: Callable[..., Any] | None = None,
        precision_recall_f1: Callable[..., Any] | None = None,
        settings: ThresholdSettings = ThresholdSettings(),
    ) -> None:
        super().__init__(settings)
        self._rates = precision_recall_f1
        self._area_of = roc_auc
        self._area: Own | None = None

    def _drawing(self) -> ThresholdDrawing:
        return ThresholdDrawing()

    def _scene(self, settings: ThresholdSettings) -> ThresholdScene:
        own = []
        if self._area_of is not None:
            # The area depends on no control, so it is asked for once.
            self._area = self._area or compare_roc_auc(self._area_of)
            own.append(self._area)
        if self._rates is not None:
            y, p = texts("food", "held out").y, model().probabilities
            own.append(compare_rates(self._rates, matrix_at(y, p, settings.threshold)))
        return threshold_scene(settings, tuple(own))

    def _describe(self, scene: ThresholdScene) -> str:
        return threshold_describe(scene)

    def _caption(self, scene: ThresholdScene) -> str:
        return threshold_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "threshold": controls.slider("Threshold", now.threshold, 0.02, 0.98, 0.01),
            "cost": controls.choice(
                "A false alarm costs", now.cost, [(f"{cost:g} × a miss", cost) for cost in COSTS]
            ),
            "curves": controls.check("Rates at every threshold", now.curves),
        }

    def _handle(self) -> tuple[Any, tuple[float, float]]:
        return self._shown.scores, (self.settings.threshold, self._shown.top / 2)

    def _dragged(self, x: float, y: float) -> dict[str, float]:
        return {"threshold": min(0.98, max(0.02, round(x, 2)))}


def threshold(
    roc_auc: Callable[..., Any] | None = None,
    precision_recall_f1: Callable[..., Any] | None = None,
    ask: bool = True,
) -> Picture:
    """Show what moving the threshold does on the held-out food reviews.

    Parameters
    ----------
    roc_auc : callable, optional
        The learner's ``roc_auc(y_true, scores) -> float``, shown beside the reference.
    precision_recall_f1 : callable, optional
        The learner's ``precision_recall_f1(matrix)``, rows of the matrix the true class: three
        numbers (of class 1), or three arrays with one number a class. One that raises
        NotImplementedError is shown as not written yet; any other error is told in a sentence.
    ask : bool
        Whether a prediction comes first. It never does when a function is given.

    Returns
    -------
    Picture
        Shows itself as the last value of a cell.
    """
    if not ask or roc_auc is not None or precision_recall_f1 is not None:
        return ThresholdPicture(roc_auc, precision_recall_f1)
    picture = ThresholdPicture(settings=ThresholdSettings(curves=False))
    return Prediction(
        "The model calls a review great when P(great) is at least 0.5, as below. Now the threshold "
        "is raised to 0.7. What happens?",
        [
            "Precision and recall both rise",
            "Precision rises, recall falls",
            "Precision falls, recall rises",
            "The ROC-AUC falls, since more great reviews are missed",
        ],
        1,
        "Fewer reviews are called great. Every great one that drops out lowers the recall, and "
        "here those that remain are great more often. The AUC looks at the order of the scores, "
        "which no threshold changes. The picture now shows 0.7, and the rates at every other "
        "threshold; <i>Reset</i> goes back.",
        picture,
        "sen_threshold",
        on_answer=lambda _: picture.change(threshold=0.7, curves=True),
    )
