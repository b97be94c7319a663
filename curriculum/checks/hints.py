"""Relations between what came and what was expected, which need no named mistake.

Each states a relation that anyone could see by comparing the two, and never how to mend it.
"""

from __future__ import annotations

import numpy as np

from . import words

_RTOL = 1e-6
_ATOL = 1e-12


def _near(a: np.ndarray, b: np.ndarray) -> bool:
    """Tell whether both are equal up to rounding; float32 counts."""
    if a.shape != b.shape:
        return False
    scale = float(np.max(np.abs(b))) if b.size else 0.0
    rtol = 1e-4 if np.float32 in (a.dtype, b.dtype) else _RTOL
    return bool(np.allclose(a, b, rtol=rtol, atol=max(_ATOL, 1e-9 * scale)))


def shape_hints(got: np.ndarray, want: np.ndarray) -> list[str]:
    """Say what two different shapes have to do with each other."""
    if got.ndim == 0:
        return ["One number came where several were expected: is an axis summed away?"]
    if want.ndim == 0:
        if got.size == 1:
            return ["One number inside an array came where a plain number was expected."]
        return ["Several numbers came where one was expected."]
    if got.ndim == 2 and want.ndim == 1 and got.shape == (want.size, want.size) and want.size > 1:
        return [
            f"({want.size}, {want.size}) is what broadcasting makes of "
            f"({want.size}, 1) and ({want.size},)."
        ]
    if got.size == want.size and _without_ones(got) == _without_ones(want):
        return [
            f"The same number of values in another shape. Shapes such as {got.shape} and "
            f"{want.shape} mixed in one expression lead to broadcasting."
        ]
    if got.ndim == want.ndim and got.ndim > 1 and got.shape == want.shape[::-1]:
        return ["The axes are in the opposite order (transposed)."]
    return _length_hints(got, want)


def _without_ones(values: np.ndarray) -> tuple[int, ...]:
    return tuple(length for length in values.shape if length != 1)


def _length_hints(got: np.ndarray, want: np.ndarray) -> list[str]:
    if got.ndim != want.ndim or got.shape[1:] != want.shape[1:]:
        return []
    extra = got.shape[0] - want.shape[0]
    if abs(extra) != 1:
        return []
    text = f"One {'more' if extra > 0 else 'fewer'} than expected (off by one)"
    shared = min(got.shape[0], want.shape[0])
    if shared and _numeric(got, want):
        if _near(got[:shared], want[:shared]):
            return [f"{text}; the first {shared} agree."]
        if _near(got[-shared:], want[-shared:]):
            return [f"{text}; the last {shared} agree."]
    return [f"{text}."]


def _numeric(*arrays: np.ndarray) -> bool:
    return all(a.dtype.kind in "iuf" for a in arrays)


def value_hints(got: np.ndarray, want: np.ndarray) -> list[str]:
    """Say how two arrays of the same shape and different values are related."""
    if not _numeric(got, want) or got.size == 0:
        return []
    hints = _not_finite(got, want)
    if hints:
        return hints
    g, w = got.astype(float), want.astype(float)
    if not (np.isfinite(g).all() and np.isfinite(w).all()):
        return []
    relation = _factor(g, w) or _arrangement(g, w) or _offset(g, w) or _signs(g, w) or _power(g, w)
    if relation:
        return [relation]
    return _precision(got, want, g, w)


def _not_finite(got: np.ndarray, want: np.ndarray) -> list[str]:
    hints = []
    if got.dtype.kind == "f":
        expected_nan = np.isnan(want) if want.dtype.kind == "f" else np.zeros(want.shape, bool)
        expected_inf = np.isinf(want) if want.dtype.kind == "f" else np.zeros(want.shape, bool)
        for name, found in (
            ("NaN", np.isnan(got) & ~expected_nan),
            ("inf", np.isinf(got) & ~expected_inf),
        ):
            count = int(found.sum())
            if count:
                places = "everywhere" if count == got.size else f"in {count} of {got.size} places"
                end = "" if got.size == 1 else f", {places}"
                hints.append(f"{name} came where a finite number was expected{end}.")
    return hints


def _factor(g: np.ndarray, w: np.ndarray) -> str:
    """Find a constant factor between the two; for a lone number, only a telling one."""
    if not g.any() and w.any():
        return "Zero came everywhere." if g.size > 1 else ""
    present = np.abs(w) > _ATOL
    if not present.any():
        return ""
    ratios = g[present] / w[present]
    factor = float(np.median(ratios))
    if not np.isfinite(factor) or abs(factor - 1) < 1e-4 or not _near(g, factor * w):
        return ""
    text = _factor_text(factor)
    if present.sum() < 2:
        telling = _telling(factor, _whole(g) and _whole(w))
        return f"The value that came is {text} × the expected one." if telling else ""
    if text == "−1":
        return "The sign is flipped everywhere: got = −1 × expected."
    return f"Everywhere, got = {text} × expected."


def _telling(factor: float, whole: bool) -> bool:
    """Tell whether a factor says something: −1, 2, ln 2, a count; not 7 between 2 and 14."""
    if not 1e-6 < abs(factor) < 1e6:
        return False
    if whole:
        return any(abs(factor - f) < 1e-9 for f in (-1.0, 2.0, 0.5))
    if _logarithm(abs(factor)):
        return True
    return any(
        abs(x - round(x)) < 1e-9 * max(1, abs(x)) and 1 <= abs(x) <= 1000
        for x in (factor, 1 / factor)
    )


def _logarithm(factor: float) -> str:
    for name, value in (("ln 2", np.log(2)), ("1/ln 2", 1 / np.log(2))):
        if abs(factor - value) < 1e-7:
            return f"{words.number(factor, 4)} (= {name})"
    return ""


def _factor_text(factor: float) -> str:
    sign = "−" if factor < 0 else ""
    size = abs(factor)
    for value, form in ((size, "{}"), (1 / size if size else 0.0, "1/{}")):
        if 1 - 1e-6 <= value < 1e6 and abs(value - round(value)) < 1e-5 * value:
            whole = form.format(round(value))
            return sign + ("1" if whole == "1/1" else whole)
    return sign + (_logarithm(size) or words.number(size, 4))


def _arrangement(g: np.ndarray, w: np.ndarray) -> str:
    if g.ndim == 2 and g.shape[0] == g.shape[1] and _near(g.T, w):
        return "What came is the transpose of what was expected."
    if g.ndim == 0 or g.shape[0] < 3:
        return ""
    if _near(g[::-1], w):
        return "The same values in reverse order."
    if _varied(w[1:]) and _near(g[:-1], w[1:]):
        return "The values are shifted: position i holds what was expected at i + 1."
    if _varied(w[:-1]) and _near(g[1:], w[:-1]):
        return "The values are shifted: position i holds what was expected at i − 1."
    if g.ndim == 1 and _near(np.sort(g), np.sort(w)):
        return "The same values in another order."
    return ""


def _varied(values: np.ndarray) -> bool:
    return values.size > 1 and bool(np.ptp(values) > 0)


def _offset(g: np.ndarray, w: np.ndarray) -> str:
    if g.size < 2:
        return ""
    offset = float(np.median(g - w))
    scale = float(np.max(np.abs(w)))
    if abs(offset) < 1e-4 * scale or not _near(g, w + offset):
        return ""
    sign = "+" if offset > 0 else "−"
    return f"Everywhere, got = expected {sign} {words.number(abs(offset), 6)}."


def _signs(g: np.ndarray, w: np.ndarray) -> str:
    if g.size > 1 and _near(np.abs(g), np.abs(w)):
        count = int((np.sign(g) != np.sign(w)).sum())
        return f"The sizes agree; the sign is flipped in {count} of {g.size} places."
    return ""


def _power(g: np.ndarray, w: np.ndarray) -> str:
    """Find a square, a square root or a complement; whole numbers coincide too often."""
    if _whole(w) or not w.any():
        return ""
    if _near(g, w * w):
        return "What came is the square of what was expected."
    if (w >= 0).all() and _near(g, np.sqrt(w)):
        return "What came is the square root of what was expected."
    if _near(g, 1 - w):
        return "What came is 1 − expected."
    return ""


def _whole(values: np.ndarray) -> bool:
    return bool((values == np.round(values)).all())


def _precision(got: np.ndarray, want: np.ndarray, g: np.ndarray, w: np.ndarray) -> list[str]:
    if got.dtype.kind in "iu" and want.dtype.kind == "f" and (w != np.round(w)).any():
        return ["Integers came where fractions were expected: is something rounded or truncated?"]
    scale = float(np.max(np.abs(w)))
    if got.dtype in (np.float32, np.float16):
        digits = 7 if got.dtype == np.float32 else 3
        if np.allclose(g, w, rtol=10.0 ** (1 - digits), atol=scale * 10.0 ** (-digits)):
            return [f"{got.dtype} carries about {digits} digits; the difference is that small."]
    elif scale and np.max(np.abs(g - w)) < 1e-4 * scale:
        return ["Close, but outside the tolerance."]
    return []
