"""Where two values differ, in words: form, shape, dtype kind, then values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import frames, hints, values, words
from .failure import Finding


@dataclass(frozen=True)
class Rule:
    """How close is close enough.

    Attributes
    ----------
    rtol, atol : float
        |got − want| ≤ atol + rtol · |want|, element by element; NaN equals NaN.
    exact : bool
        Values must be equal, and floats do not stand for integers.
    loose : bool
        Only values count: neither the container nor the dtype kind. Used to recognise mistakes.
    """

    rtol: float = 0.0
    atol: float = 0.0
    exact: bool = False
    loose: bool = False

    @property
    def text(self) -> str:
        """Write the tolerance."""
        if self.exact:
            return "exact"
        parts = [f"{name}={value:g}" for name, value in self._parts()]
        return ", ".join(parts) or "exact"

    def _parts(self) -> list[tuple[str, float]]:
        return [(n, v) for n, v in (("rtol", self.rtol), ("atol", self.atol)) if v]


def difference(got: Any, want: Any, rule: Rule, what: str = "") -> Finding | None:
    """Find the first thing in which `got` differs from `want`, or None.

    Parameters
    ----------
    got : anything
        What the learner returned; never trusted, never asked.
    want : plain data
        Numbers, text, arrays, frames, series, tensors, and lists, tuples, dicts, sets of them.
        A list stands for anything with elements: list, tuple or array. Lists and numbers do not
        fix the dtype kind between integers and floats, arrays do.
    rule : Rule
    what : str
        The name of the value in the message.

    Raises
    ------
    TypeError
        When `want` is of a type that checks do not know: the test is at fault.
    """
    with np.errstate(all="ignore"):  # what comparing overflows is not the learner's warning
        return _compare(got, want, rule, what or "The result", 0)


def same(got: Any, want: Any, rule: Rule) -> bool:
    """Tell whether there is no difference; False when it cannot be told."""
    try:
        return difference(got, want, rule) is None
    except Exception:
        return False


def _compare(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    kind = values.kind_of(want)
    compare = _BY_KIND.get(kind)
    if compare is None or depth > values.MAX_DEPTH:
        raise TypeError(f"checks cannot compare with {values.describe(want)}")
    return compare(got, want, rule, what, depth)


def wrong_form(got: Any, expected: str, what: str) -> Finding:
    """Say what kind of value came instead of the expected one."""
    found = Finding(f"{what} is {values.describe(got)}; expected {expected}.")
    kind = values.kind_of(got)
    if kind == "none":
        found.hints.append("A function without `return` gives None.")
    elif kind == "unknown" and callable(got):
        found.hints.append("A function came itself: is a call, with parentheses, missing?")
    elif kind in ("list", "tuple", "dict"):
        found.facts.append(("Got", words.plain_repr(got)))
        if _ragged(got):
            found.hints.append("Its rows have different lengths.")
    return found


def _ragged(got: Any) -> bool:
    if values.kind_of(got) not in ("list", "tuple"):
        return False
    rows = [item for item in values.items_of(got) if values.kind_of(item) in ("list", "tuple")]
    return len({len(values.items_of(row)) for row in rows}) > 1


def _none(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    return None if values.kind_of(got) == "none" else wrong_form(got, "None", what)


def _bool(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    found = values.array_of(got) if values.kind_of(got) != "list" else None
    if found is None or found.ndim or found.dtype.kind != "b":
        return wrong_form(got, "True or False", what)
    if bool(found) == bool(want):
        return None
    return Finding(f"{what} is {bool(found)}; expected {bool(want)}.")


def _text(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    plain = values.scalar(want)
    if values.kind_of(got) != "text":
        return wrong_form(got, "text", what)
    came = values.scalar(got)
    if came == plain:
        return None
    found = Finding(f"{what} is not the expected text.")
    found.facts = [("Expected", words.plain_repr(plain)), ("Got", words.plain_repr(came))]
    if came.strip().lower() == plain.strip().lower():
        found.hints.append("They differ in capitals or in spaces at the ends.")
    return found


def _atom(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    expected = f"{words.with_article(words.type_name(want))} {words.shorten(str(want), 60)}"
    if values.kind_of(got) != "atom" or type(got) is not type(want):
        return wrong_form(got, expected, what)
    if got == want or (got != got and want != want):
        return None
    came = words.clean(words.shorten(str(got), 60))
    return Finding(f"{what} is {came}; expected {words.shorten(str(want), 60)}.")


def _number(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    expected = values.array_of(want)
    assert expected is not None
    found = values.array_of(got) if values.kind_of(got) not in ("list", "tuple") else None
    if found is None or found.dtype.kind not in "biufc":
        finding = wrong_form(got, "a number", what)
    elif found.ndim:
        finding = Finding(f"{what} is {values.describe(got)}; expected one number.")
        finding.facts = [("Expected", words.number(values.scalar(want))), ("Got", _short(found))]
        finding.hints = hints.shape_hints(found, expected)
    else:
        return _numbers(found, expected, rule, what, fixed=False)
    return finding


def _array(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    expected = values.array_of(want)
    if expected is None:
        raise TypeError("checks cannot read this array or tensor")
    kind = values.kind_of(got)
    allowed = {"array", "tensor", "number", "bool"}
    if values.kind_of(want) == "tensor":
        allowed.discard("array")
    if rule.loose:
        allowed |= {"array", "list", "tuple"}
    found = values.array_of(got) if kind in allowed else None
    if found is None:
        noun = "a tensor" if values.kind_of(want) == "tensor" else "a NumPy array"
        finding = wrong_form(got, f"{noun} of shape {expected.shape}", what)
        if kind in ("list", "tuple") and depth == 0:
            finding.hints.append("A list and an array behave differently in arithmetic.")
        return finding
    return _numbers(found, expected, rule, what, fixed=True)


def _sequence(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    expected = values.array_of(want)
    kind = values.kind_of(got)
    if expected is not None and kind in ("list", "tuple", "array", "tensor"):
        found = values.array_of(got)
        if found is not None:
            finding = _numbers(found, expected, rule, what, fixed=False)
            if finding is not None and kind in ("list", "tuple"):
                _speak_of_lists(finding, found, expected, what)
            return finding
    if kind not in ("list", "tuple", "array") or (kind == "array" and not got.ndim):
        size = len(values.items_of(want))
        return wrong_form(got, f"{_a(want)} of {words.plural(size, 'value')}", what)
    return _elements(got, want, rule, what, depth)


def _speak_of_lists(finding: Finding, got: np.ndarray, want: np.ndarray, what: str) -> None:
    """Replace shapes and dtypes, which lists don't have, in the words of a finding."""
    if got.ndim != 1 or want.ndim != 1:
        return
    if got.shape != want.shape:
        count = words.plural(got.size, "value")
        finding.summary = f"{what} holds {count}; expected {want.size}."
    texts = dict(zip(("Expected", "Got"), words.two_arrays(want, got, ", "), strict=True))
    finding.facts = [(label, texts.get(label, text)) for label, text in finding.facts]


def _a(want: Any) -> str:
    return f"a {values.kind_of(want)}"


def _elements(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    came, expected = values.items_of(got), values.items_of(want)
    if len(came) != len(expected):
        finding = Finding(
            f"{what} holds {words.plural(len(came), 'value')}; expected {len(expected)}."
        )
        finding.facts = [("Expected", words.plain_repr(want)), ("Got", words.plain_repr(got))]
        if abs(len(came) - len(expected)) == 1:
            more = "more" if len(came) > len(expected) else "fewer"
            finding.hints.append(f"One {more} than expected (off by one).")
        return finding
    for position, (one, other) in enumerate(zip(came, expected, strict=True)):
        finding_or_none = _compare(one, other, rule, f"{what}[{position}]", depth + 1)
        if finding_or_none is not None:
            return finding_or_none
    return None


def _dict(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    if values.kind_of(got) != "dict":
        return wrong_form(got, "a dict", what)
    expected = dict(values.pairs_of(want))
    came = {key: value for key, value in values.pairs_of(got) if _hashes_plainly(key)}
    missing = [key for key in expected if key not in came]
    extra = [key for key in came if key not in expected]
    if missing or extra or len(came) != len(values.pairs_of(got)):
        finding = Finding(f"{what} has other keys than expected.")
        for label, keys in (("Missing keys", missing), ("Unexpected keys", extra)):
            if keys:
                finding.facts.append((label, _listing(keys)))
        return finding
    for key, value in expected.items():
        found = _compare(came[key], value, rule, f"{what}[{words.plain_repr(key, 40)}]", depth + 1)
        if found is not None:
            return found
    return None


def _set(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    if values.kind_of(got) != "set":
        return wrong_form(got, "a set", what)
    expected = set(values.items_of(want))
    items = values.items_of(got)
    came = {item for item in items if _hashes_plainly(item)}
    if came == expected and len(came) == len(items):
        return None
    finding = Finding(f"{what} is not the expected set.")
    for label, keys in (("Missing", expected - came), ("Unexpected", came - expected)):
        if keys:
            finding.facts.append((label, _listing(sorted(keys, key=words.plain_repr))))
    return finding


def _hashes_plainly(key: Any) -> bool:
    """Tell whether a key's hash and equality are Python's own, so that they cannot lie."""
    if values.kind_of(key) == "tuple":
        return type(key) is tuple and all(_hashes_plainly(item) for item in key)
    return type(key) in (str, int, float, bool, bytes, type(None)) or (
        isinstance(key, np.generic) and values.kind_of(key) != "unknown"
    )


def _listing(keys: list[Any]) -> str:
    shown = ", ".join(words.plain_repr(key, 40) for key in keys[:8])
    return shown + (f", … ({len(keys)} in all)" if len(keys) > 8 else "")


def _pandas(got: Any, want: Any, rule: Rule, what: str, depth: int) -> Finding | None:
    kind = values.kind_of(want)
    if values.kind_of(got) != kind:
        noun = {"frame": "DataFrame", "series": "Series", "index": "Index"}[kind]
        return wrong_form(got, f"a pandas {noun}", what)
    return frames.difference(
        got, want, lambda g, w, label: _numbers(g, w, rule, label, fixed=not rule.loose), what
    )


_Compare = Callable[[Any, Any, Rule, str, int], "Finding | None"]
_BY_KIND: dict[str, _Compare] = {
    "none": _none,
    "bool": _bool,
    "number": _number,
    "text": _text,
    "atom": _atom,
    "array": _array,
    "tensor": _array,
    "list": _sequence,
    "tuple": _sequence,
    "dict": _dict,
    "set": _set,
    "series": _pandas,
    "frame": _pandas,
    "index": _pandas,
}


_KINDS = {
    "b": "True/False values",
    "i": "integers",
    "u": "integers",
    "f": "floats",
    "c": "complex numbers",
    "O": "Python objects",
    "U": "text",
    "S": "bytes",
    "M": "dates",
    "m": "time differences",
    "V": "records",
}


_ONE = {
    "b": "a bool",
    "i": "an integer",
    "u": "an integer",
    "f": "a float",
    "c": "a complex number",
    "O": "a Python object",
    "U": "text",
}


def _wrong_kind(got: str, want: str, rule: Rule, fixed: bool) -> bool:
    """Tell whether a dtype kind cannot stand for the expected one."""
    got, want = got.replace("u", "i"), want.replace("u", "i")
    if got == want:
        return False
    if (got, want) == ("i", "f"):
        return fixed and not rule.loose  # an int serves as a float, an int array does not
    if (got, want) == ("f", "i"):
        return rule.exact and not rule.loose
    if (got, want) in (("i", "c"), ("f", "c")):
        return fixed and not rule.loose
    return True


def _numbers(
    got: np.ndarray, want: np.ndarray, rule: Rule, what: str, *, fixed: bool
) -> Finding | None:
    """Compare two arrays: shape, dtype kind, values. `fixed`: an int array is no float array."""
    if got.shape != want.shape:
        found = Finding(f"{what} has shape {got.shape}; expected {want.shape}.")
        found.facts = [("Expected", _short(want)), ("Got", _short(got))]
        found.hints = hints.shape_hints(got, want)
        return found
    if _wrong_kind(got.dtype.kind, want.dtype.kind, rule, fixed and want.ndim > 0):
        return _kind_finding(got, want, rule, what)
    bad = ~_agree(got, want, rule)
    if not bad.any():
        return None
    return _value_finding(got, want, bad, rule, what)


def _kind_finding(got: np.ndarray, want: np.ndarray, rule: Rule, what: str) -> Finding:
    came = _KINDS.get(got.dtype.kind, "other values")
    expected = _KINDS.get(want.dtype.kind, "other values")
    if got.ndim == 0:
        came, expected = (_ONE.get(a.dtype.kind, "another value") for a in (got, want))
        return Finding(f"{what} is {words.plain_repr(got[()], 60)}, {came}; expected {expected}.")
    found = Finding(f"{what} holds {came} (dtype {got.dtype}); expected {expected}.")
    found.facts = [("Expected", _short(want)), ("Got", _short(got))]
    if got.dtype.kind == "O":
        found.hints.append("A dtype of object often comes from rows of different length.")
    return found


def _agree(got: np.ndarray, want: np.ndarray, rule: Rule) -> np.ndarray:
    """Compare element by element: within the tolerance, or both NaN, or the same infinity."""
    if got.dtype.kind not in "iufc" or want.dtype.kind not in "iufc":
        return _equal_elements(got, want)
    both_whole = got.dtype.kind in "iu" and want.dtype.kind in "iu"
    equal = (got == want) | ((got != got) & (want != want))
    if rule.exact or (both_whole and not (rule.rtol or rule.atol)):
        return np.asarray(equal)
    wide = _wide(got, want)
    g: np.ndarray = got.astype(wide)
    w: np.ndarray = want.astype(wide)
    near = np.abs(g - w) <= rule.atol + rule.rtol * np.abs(w)
    return np.asarray(equal | (near & np.isfinite(g) & np.isfinite(w)))


def _equal_elements(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Compare text, bools, dates; objects only when each is plain data."""
    if "O" not in (got.dtype.kind, want.dtype.kind):
        return np.asarray((got == want) | ((got != got) & (want != want)))
    flags = [
        same(one, other, Rule(exact=True))
        for one, other in zip(got.ravel().tolist(), want.ravel().tolist(), strict=True)
    ]
    return np.array(flags, dtype=bool).reshape(want.shape)


def _value_finding(
    got: np.ndarray, want: np.ndarray, bad: np.ndarray, rule: Rule, what: str
) -> Finding:
    exact = rule.exact or got.dtype.kind not in "iufc"
    if want.ndim == 0:
        return _scalar_finding(got, want, rule, what, exact)
    count = int(bad.sum())
    places = "in every place" if count == bad.size > 1 else f"in {count} of {bad.size} places"
    found = Finding(f"{what} differs from the expected value {places}.")
    shown = words.two_arrays(want, got)
    found.facts = [("Expected", _headed(want, shown[0])), ("Got", _headed(got, shown[1]))]
    where = _worst(got, want, bad)
    index = ", ".join(str(int(i)) for i in where)
    expected, came = _two_items(want[where], got[where])
    label = "Largest difference" if not exact else "First difference"
    found.facts.append((label, f"at [{index}]: expected {expected}, got {came}"))
    if not exact:
        found.facts.append(("Tolerance", rule.text))
    found.hints = hints.value_hints(got, want)
    return found


def _scalar_finding(
    got: np.ndarray, want: np.ndarray, rule: Rule, what: str, exact: bool
) -> Finding:
    expected, came = _two_items(want[()], got[()])
    found = Finding(f"{what} is {came}; expected {expected}.")
    if not exact:
        found.facts.append(("Tolerance", rule.text))
    found.hints = hints.value_hints(got, want)
    return found


def _two_items(want: Any, got: Any) -> tuple[str, str]:
    both = isinstance(want, np.generic) and isinstance(got, np.generic)
    if both and want.dtype.kind in "iuf" and got.dtype.kind in "iuf":
        return words.two_numbers(want, got)
    return words.plain_repr(want, 60), words.plain_repr(got, 60)


def _worst(got: np.ndarray, want: np.ndarray, bad: np.ndarray) -> tuple[int, ...]:
    """Find the index of the largest difference; NaN and inf before any finite one."""
    if got.dtype.kind in "iufc" and want.dtype.kind in "iufc":
        gap = np.abs(np.subtract(got, want, dtype=_wide(got, want)))
        gap = np.where(np.isfinite(gap), gap, np.inf)
        flat = int(np.argmax(np.where(bad, gap, -1.0)))
    else:
        flat = int(np.argmax(bad))
    return tuple(int(i) for i in np.unravel_index(flat, bad.shape))


def _wide(got: np.ndarray, want: np.ndarray) -> type:
    return np.complex128 if "c" in (got.dtype.kind, want.dtype.kind) else np.float64


def _short(array: np.ndarray) -> str:
    return _headed(array, words.array_text(array))


def _headed(array: np.ndarray, text: str) -> str:
    """Write values with their shape and dtype, on one line when they fit."""
    if array.ndim == 0:
        return text
    gap = "\n" if "\n" in text or len(text) > 40 else "  "
    return f"{text}{gap}shape {array.shape}, {array.dtype}"
