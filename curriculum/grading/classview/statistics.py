"""Classical item analysis: how points are spread, and which tests tell students apart.

An *item* is a test cell or a single check. Its *difficulty* is the mean share of its points that
students earned, so an easy item has a high one. Its *discrimination* is the correlation of its
points with those of the rest of the topic: the item itself is left out of the total, or it would
correlate with itself.

References
----------
S. Henrysson, "Correction of item-total correlations in item analysis", Psychometrika 28 (1963),
211-218. L. Crocker, J. Algina, "Introduction to Classical and Modern Test Theory" (1986),
chapter 14, which has the point-biserial correlation as well: what this is for an item of right or
wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ENOUGH = 10
"""Students; of fewer, a correlation says nothing that a class should act on."""
LOWEST = 0.1
"""Below this discrimination, somebody should look at the test."""

_SAME = 1e-9
"""Sums of the same points differ by less than this share of them."""


@dataclass(frozen=True)
class Spread:
    """How the points of an exercise are spread over the students who have a grade.

    Parameters
    ----------
    none, low, high, full : int
        How many earned nothing; less than half; half or more, but not all; all points.
    mean : float or None
        The mean share of the points; None without students or points.
    quartiles : tuple of float, or None
        Of the points: first quartile, median, third quartile.
    """

    none: int
    low: int
    high: int
    full: int
    mean: float | None
    quartiles: tuple[float, float, float] | None

    @property
    def n(self) -> int:
        """How many students have a grade."""
        return self.none + self.low + self.high + self.full

    @property
    def pass_rate(self) -> float | None:
        """The share of students who earned all points."""
        return self.full / self.n if self.n else None


@dataclass(frozen=True)
class Item:
    """What the analysis says of one item.

    Parameters
    ----------
    n : int
        How many students it rests on.
    difficulty : float or None
        Mean share of the points.
    discrimination : float or None
        Corrected item-total correlation; None where item or rest does not vary.
    interval : tuple of float, or None
        Within which 95 % of such intervals have the true correlation.
    look : bool
        Somebody should look at this test.
    reason : str
        Why, or why nothing can be told.
    """

    n: int
    difficulty: float | None
    discrimination: float | None
    interval: tuple[float, float] | None
    look: bool
    reason: str


def spread(points: Sequence[float], most: float) -> Spread:
    """Count how points are spread.

    Parameters
    ----------
    points : sequence of float
        One number for each student.
    most : float
        The most there are.
    """
    shares = [min(max(one / most, 0.0), 1.0) if most > 0 else 0.0 for one in points]
    full = sum(share >= 1 - _SAME for share in shares) if most > 0 else 0
    none = sum(share <= _SAME for share in shares)
    low = sum(_SAME < share < 0.5 for share in shares)
    known = bool(shares) and most > 0
    quarters = np.percentile(np.asarray(points, float), [25, 50, 75]) if known else None
    return Spread(
        none,
        low,
        len(shares) - none - low - full,
        full,
        min(max(math.fsum(shares) / len(shares), 0.0), 1.0) if known else None,
        None if quarters is None else (float(quarters[0]), float(quarters[1]), float(quarters[2])),
    )


def correlation(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Give Pearson's correlation, between -1 and 1; None where one of both does not vary.

    Of an item that is right or wrong it is the point-biserial correlation.
    """
    a, b = np.asarray(x, float), np.asarray(y, float)
    if len(a) < 2 or not _varies(a) or not _varies(b):
        return None
    # Scaled first, so that neither tiny nor huge points leave the range of floats when squared.
    a, b = _centred(a), _centred(b)
    return float(np.clip(a @ b / math.sqrt((a @ a) * (b @ b)), -1.0, 1.0))


def _varies(values: np.ndarray) -> bool:
    return bool(np.ptp(values) > _SAME * np.abs(values).max())


def _centred(values: np.ndarray) -> np.ndarray:
    scaled = values / np.abs(values).max()
    deviations = scaled - scaled.mean()
    return np.asarray(deviations / np.abs(deviations).max())


def interval(r: float | None, n: int) -> tuple[float, float] | None:
    """Give the 95 % confidence interval of a correlation, by Fisher's z; None where n < 4.

    R. A. Fisher, "On the 'probable error' of a coefficient of correlation deduced from a small
    sample", Metron 1 (1921), 3-32. It holds for normal data, and roughly for points.
    """
    if r is None or n < 4:
        return None
    if abs(r) >= 1:
        return r, r
    middle, width = math.atanh(r), 1.959964 / math.sqrt(n - 3)
    return math.tanh(middle - width), math.tanh(middle + width)


def analyse(points: Sequence[float], most: float, rest: Sequence[float]) -> Item:
    """Analyse an item.

    Parameters
    ----------
    points : sequence of float
        What each student earned on it.
    most : float
        The most there are.
    rest : sequence of float
        What the same students, in the same order, earned on everything else of the topic.
    """
    if len(points) != len(rest):
        raise ValueError(f"{len(points)} students have points, {len(rest)} have a rest")
    how = spread(points, most)
    r = correlation(points, rest)
    look, reason = _judged(how, r)
    return Item(how.n, how.mean, r, interval(r, how.n), look, reason)


def _judged(how: Spread, r: float | None) -> tuple[bool, str]:
    """Tell whether somebody should look at an item, and why."""
    n = how.n
    if n < ENOUGH:
        return False, f"too few students to tell (fewer than {ENOUGH})"
    if how.full == n:
        return True, "everybody gets all points: it tells nobody apart"
    if how.full == 0:
        return True, "nobody gets all points"
    if r is None:
        return False, "the rest of the topic does not vary, so nothing can be compared"
    if r < 0:
        return True, "those who do better on the rest do worse here"
    if r < LOWEST:
        return True, "it hardly goes with the rest of the topic"
    return False, ""
