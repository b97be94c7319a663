"""What several pictures share: the size of a figure, polynomials, ridge, and numbers in words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Inches, at 100 pixels each: whole pixels, or the page would cut the last row off.
FIGURE = (8.75, 4.25)


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def brief(number: float) -> str:
    """Write a number with three digits, small ones as the axes do: 10⁻⁸, 1.58 · 10⁻⁶."""
    text = f"{number:,.0f}" if 1000 <= abs(number) < 1e6 else f"{number:.3g}"
    digits, _, exponent = text.replace("-", "−", text.startswith("-")).partition("e")
    if not exponent:
        return digits
    power = f"10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    return power if digits == "1" else f"{digits} · {power}"


def strengths(low: float, high: float) -> tuple[float, ...]:
    """Return what λ may be, ten a decade from 10**`low` to 10**`high`, in three digits.

    A slider over these says each as `brief` does, so that no λ is written in two ways.
    """
    count = round(10 * (high - low)) + 1
    return tuple(float(f"{lam:.3g}") for lam in 10 ** np.linspace(low, high, count))


def fixed(number: float, digits: int = 2) -> str:
    """Write a number with so many decimals and a minus sign of the width of a plus."""
    return f"{number:.{digits}f}".replace("-", "−")


def truth(x: Array) -> Array:
    """Return the function behind the samples, one and a half waves over −1 to 1."""
    return np.asarray(np.sin(1.5 * np.pi * x))


def powers(x: Array, degree: int) -> Array:
    """Return x, x², …, as columns, shape (len(x), degree)."""
    return np.asarray(x)[:, None] ** np.arange(1, degree + 1)


class Smoother:
    """Polynomial ridge at fixed places: everything about it that the targets don't change.

    The powers are standardised, the intercept is not penalised, and the objective is
    ``1/(2n) ‖y − Xw − b‖² + λ/2 ‖w‖²``.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Where the targets are.
    at : ndarray, shape (m,)
        Where predictions are wanted.
    degree : int
        0 fits a constant.
    """

    def __init__(self, x: Array, at: Array, degree: int) -> None:
        self.n, self.degree = len(x), degree
        columns = powers(x, degree)
        mean, size = columns.mean(axis=0), columns.std(axis=0)
        left, self._scale, right = np.linalg.svd((columns - mean) / size, full_matrices=False)
        self._left = left
        self._right = right
        self._new = (powers(at, degree) - mean) / size @ right.T

    def _gains(self, lam: float) -> Array:
        """Return what each singular direction's part of y is multiplied by."""
        s = self._scale
        return np.asarray(s / (s**2 + self.n * lam))

    def predictions(self, y: Array, lam: float) -> Array:
        """Return the predictions for targets of shape (n,) or (n, k): shape (m,) or (m, k)."""
        mean = y.mean(axis=0)
        parts = self._left.T @ (y - mean)
        gains = self._gains(lam)
        return np.asarray(mean + (self._new * gains) @ parts)

    def coefficients(self, y: Array, lam: float) -> Array:
        """Return the weights of the standardised powers, shape (degree,)."""
        return np.asarray(
            self._right.T @ (self._gains(lam) * (self._left.T @ (y - y.mean(axis=0))))
        )

    def matrix(self, lam: float) -> Array:
        """Return the matrix that takes targets to predictions, shape (m, n)."""
        centred = (self._new * self._gains(lam)) @ self._left.T
        return np.asarray(centred + (1 - centred.sum(axis=1, keepdims=True)) / self.n)

    def freedom(self, lam: float) -> float:
        """Return the effective number of parameters, the intercept counted."""
        s = self._scale**2
        return 1 + float(np.sum(s / (s + self.n * lam)))


def status(head: str, rest: str) -> str:
    """Return a caption that is read aloud when it changes."""
    return (
        '<div class="cw-caption"><p role="status" aria-live="polite">'
        f"<b>{head}</b> {rest}</p></div>"
    )


def quiet_grid(axes: Any) -> None:
    """Give some axes a pale grid behind everything."""
    axes.grid(True, which="major", color="#e5e5e5", linewidth=0.8)
    axes.set_axisbelow(True)
