"""Independent oracles: a numeric gradient, and how time grows with size."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import values, words
from .assertions import close, fail, number
from .failure import Finding, Mistake

Timer = Callable[[Callable[..., Any], "tuple[Any, ...]"], float]

_ROUNDS = 3  # what is not clearly right is measured again, and the best times count
_BUDGET = 0.04  # seconds spent on repeating one measurement
_REPEATS = (3, 25)  # least and most repeats of one measurement
_PATIENCE = 4.0  # seconds that one call may be expected to take; larger sizes are left out
_CLEAR = 0.2  # a slope must lie so far below what is allowed to need no second look
_STRAY = 0.15  # how far a measured slope of the reference may lie above its order
_NEGLIGIBLE = 1e-3  # seconds below which the largest size says nothing about growth


def numeric_gradient(f: Callable[[Any], Any], w: Any, step: float = 1e-6) -> Any:
    """Measure the gradient of a scalar function by central differences.

    Parameters
    ----------
    f : callable
        Takes an array of w's shape (a float for a scalar w) and returns one number. It is given
        copies.
    w : float or array_like, any shape
        Where the gradient is taken.
    step : float
        Half the distance between the two points, relative to max(1, |w_i|).

    Returns
    -------
    float or ndarray of w's shape
        (f(w + h eᵢ) − f(w − h eᵢ)) / 2h for every element; the error is about h² f‴/6 plus
        rounding of about 1e-16 · |f| / h.

    Raises
    ------
    Failure
        When f does not return one real number.
    """
    point = values.array_of(w)
    if point is None:
        raise TypeError("w must be a number or an array of numbers")
    point = point.astype(np.float64)
    gradient = np.zeros(point.shape)
    for index in np.ndindex(point.shape):
        x = float(point[index])
        h = step * max(1.0, abs(x))
        high, low = (
            number(f(_moved(point, index, end)), what="The function's value")
            for end in (x + h, x - h)
        )
        gradient[index] = (high - low) / ((x + h) - (x - h))
    return gradient if point.ndim else float(gradient)


def _moved(point: np.ndarray, index: tuple[int, ...], value: float) -> Any:
    copy = point.copy()
    copy[index] = value
    return copy if copy.ndim else float(copy)


def gradient(
    got: Any,
    f: Callable[[Any], Any],
    w: Any,
    *,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    step: float = 1e-6,
    given: str = "",
    what: str = "The gradient",
    mistakes: Sequence[Mistake] = (),
) -> None:
    """Check that `got` is the gradient of f at w, as measured by `numeric_gradient`.

    What rounding does to the measurement itself is added to `atol`.

    Raises
    ------
    Failure
    """
    want = numeric_gradient(f, w, step)
    atol += 4 * np.finfo(float).eps * abs(number(f(values.copy_of(w)))) / step
    close(got, want, rtol=rtol, atol=atol, given=given, what=what, mistakes=mistakes)


def _process_time(f: Callable[..., Any], args: tuple[Any, ...]) -> float:
    """Measure the seconds of processor time that one call takes in this process."""
    start = time.process_time()
    f(*args)
    return time.process_time() - start


_timer: Timer = _process_time


def use_timer(timer: Timer) -> Callable[[], None]:
    """Measure with another clock: for functions that run in another process.

    Parameters
    ----------
    timer : callable
        `timer(f, args)` calls `f(*args)` once and returns the seconds of processor time that it
        took, without what carrying the arguments took. `f` may be a function of the test cell
        that calls the learner's function inside; where it does, only the learner's part counts.

    Returns
    -------
    callable
        Takes no argument and puts the previous timer back.
    """
    global _timer
    previous, _timer = _timer, timer

    def restore() -> None:
        global _timer
        _timer = previous

    return restore


def growth(
    f: Callable[..., Any],
    make_args: Callable[[int], Sequence[Any]],
    sizes: Sequence[int],
    reference: Callable[..., Any],
    tolerance: float = 0.5,
    *,
    order: float = 1.0,
    given: str = "",
    mistakes: Sequence[Mistake] = (),
) -> None:
    """Check that the learner's time grows with n no faster than the reference's.

    Processor time is measured, of both in turn, best of several repeats, with garbage collection
    off. A slope of log time against log n is fitted to the upper half of the sizes. Nothing is
    said about absolute times, and nothing when the learner's largest time is negligible or no
    longer than the reference's.

    Parameters
    ----------
    f : callable
        The learner's function.
    make_args : callable
        Takes n and returns the tuple of arguments. Each call gets copies of them.
    sizes : sequence of int
        Growing sizes, best doubling, at least three. Choose the largest so that an answer of
        the wrong order takes well over a millisecond there.
    reference : callable
        A function of the right order; called with the same arguments.
    tolerance : float
        How much the learner's slope may exceed the reference's. One half tells n from n log n
        never, from n² always.
    order : float
        The power of n that the reference's time grows with. Measured, it may seem less, where the
        cost of a call hides what n costs, or more, where memory is slower than caches: below
        `order` the measurement does not count, and no more than 0.15 above it.
    given, mistakes
        As in `close`; `looks_like` makes no sense here.

    Raises
    ------
    Failure
        Says by how much doubling n multiplies either time.
    """
    sizes = sorted({int(n) for n in sizes})
    if len(sizes) < 2 or sizes[0] < 1:
        raise ValueError("growth needs at least two different sizes, all positive")
    pair = _Pair(f, reference, make_args)
    for _ in range(_ROUNDS):
        measured = pair.measure(sizes)
        largest = measured[-1]
        mine, theirs = pair.steepness(measured)
        if pair.mine[largest] <= max(_NEGLIGIBLE, pair.theirs[largest]):
            return
        allowed = min(max(theirs, order), order + _STRAY) + tolerance
        if mine <= allowed - _CLEAR:
            return
    if mine <= allowed:
        return
    finding = Finding(
        f"Too slow as n grows: doubling n multiplies your time by {_times(mine)}, "
        f"the reference's by {_times(theirs)}."
    )
    finding.facts = [
        ("Sizes", ", ".join(str(n) for n in measured)),
        ("Your time", f"grows about as n^{mine:.1f}"),
        ("Reference", f"grows about as n^{theirs:.1f}"),
    ]
    fail(finding, given=given, mistakes=mistakes)


def _times(slope: float) -> str:
    factor = 2.0**slope
    return f"{factor:.1f}" if factor < 100 else words.number(round(factor))


class _Pair:
    """Best times of two functions, measured right after each other at each size.

    A shared machine runs at one speed now and at half of it a second later. So both functions
    meet the same speed at a size, and the ratio of their times keeps its meaning.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        reference: Callable[..., Any],
        make_args: Callable[[int], Sequence[Any]],
    ) -> None:
        self._f = f
        self._reference = reference
        self._make_args = make_args
        self.mine: dict[int, float] = {}
        self.theirs: dict[int, float] = {}

    def measure(self, sizes: Sequence[int]) -> list[int]:
        """Lower the best times of all sizes that don't take too long, and give those sizes."""
        if not self.mine:  # warm up: imports, caches, first-call work
            args = tuple(self._make_args(sizes[0]))
            for f in (self._f, self._reference):
                _timer(f, _fresh(args))
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            for position, n in enumerate(sizes):
                if position >= 2 and self._expected(sizes[:position], n) > _PATIENCE:
                    return list(sizes[:position])
                self._measure_one(n)
        finally:
            if was_enabled:
                gc.enable()
        return list(sizes)

    def steepness(self, sizes: Sequence[int]) -> tuple[float, float]:
        """Fit both slopes of log time against log n, where mine exceeds the reference's least.

        Fitted are the upper half of the sizes and the last pair. Small sizes are left out: there
        the cost of a call hides how time grows.
        """
        half = max(2, (len(sizes) + 1) // 2)
        slopes = [
            (_slope(self.mine, tail), _slope(self.theirs, tail))
            for tail in (sizes[-half:], sizes[-2:])
        ]
        return min(slopes, key=lambda pair: pair[0] - pair[1])

    def _measure_one(self, n: int) -> None:
        args = tuple(self._make_args(n))
        for f, best in ((self._f, self.mine), (self._reference, self.theirs)):
            best[n] = min(_best_time(f, args), best.get(n, math.inf))

    def _expected(self, before: Sequence[int], n: int) -> float:
        """Expect the slower one's time for size n from how it grew between the last two sizes."""
        first, last = before[-2], before[-1]
        expected = []
        for best in (self.mine, self.theirs):
            slope = math.log(best[last] / best[first]) / math.log(last / first)
            expected.append(best.get(n, best[last] * (n / last) ** max(slope, 0.0)))
        return max(expected)


def _best_time(f: Callable[..., Any], args: tuple[Any, ...]) -> float:
    best, spent, repeats = math.inf, 0.0, 0
    least, most = _REPEATS
    while repeats < most and (repeats < least or spent < _BUDGET):
        taken = max(_timer(f, _fresh(args)), 1e-7)
        best, spent, repeats = min(best, taken), spent + taken, repeats + 1
        if spent > 1.0:
            break  # a long call is steady enough
    return best


def _fresh(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Copy arguments, so that a function that sorts in place does not make its next call easier."""
    return tuple(values.copy_of(argument) for argument in args)


def _slope(times: dict[int, float], sizes: Sequence[int]) -> float:
    x = np.log([float(n) for n in sizes])
    y = np.log([times[n] for n in sizes])
    return float(np.polyfit(x, y, 1)[0]) if len(sizes) > 1 else 0.0
