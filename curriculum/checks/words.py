"""Short, safe text for values that learners return: numbers, arrays, anything."""

from __future__ import annotations

import re
import reprlib
from typing import Any

import numpy as np

_PRINTING: dict[str, Any] = {
    "formatter": None,
    "sign": "-",
    "floatmode": "maxprec",
    "suppress": False,
    "nanstr": "nan",
    "infstr": "inf",
    "legacy": False,
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def clean(text: str) -> str:
    """Make text that every encoder takes: no lone surrogates, control characters or colours."""
    text = _ANSI.sub("", text.replace("\r\n", "\n"))
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def shorten(text: str, limit: int = 200) -> str:
    """Keep the beginning of a long text, with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def plural(count: int, noun: str) -> str:
    """Count things: `1 row`, `2 rows`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def number(value: Any, digits: int = 8) -> str:
    """Write a real or complex number with at most `digits` significant digits.

    >>> number(0.1 + 0.2), number(3.0), number(1e-12)
    ('0.3', '3.0', '1e-12')
    """
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        text = str(int(value)) if abs(int(value)) < 10**30 else f"{float(value):.6g}"
        return text
    if isinstance(value, (complex, np.complexfloating)):
        return f"{complex(value):.{digits}g}"
    text = f"{float(value):.{digits}g}"
    return text + ".0" if text.lstrip("-").isdigit() else text


def two_numbers(a: Any, b: Any) -> tuple[str, str]:
    """Write both with enough digits to be told apart."""
    for digits in (6, 10, 17):
        pair = number(a, digits), number(b, digits)
        if pair[0] != pair[1]:
            break
    return pair


def array_text(values: np.ndarray, digits: int = 6, separator: str = " ") -> str:
    """Write a short array, or the corners of a long one."""
    options: dict[str, Any] = {
        "precision": digits,
        "threshold": 24,
        "edgeitems": 3,
        "max_line_width": 60,
        "separator": separator,
    }
    if values.dtype.kind in "OUSV":
        options["formatter"] = {"all": lambda item: plain_repr(item, 30)}
    with np.printoptions(**_PRINTING):  # a learner may have set printing to anything
        return clean(np.array2string(values, **options))


def two_arrays(a: np.ndarray, b: np.ndarray, separator: str = " ") -> tuple[str, str]:
    """Write both with enough digits to be told apart, where that is possible."""
    for digits in (6, 10, 17):
        pair = array_text(a, digits, separator), array_text(b, digits, separator)
        if pair[0] != pair[1]:
            break
    else:
        pair = array_text(a, 6, separator), array_text(b, 6, separator)
    return pair


def type_name(value: Any) -> str:
    """Name a value's type and its library, whatever the type says about itself."""
    try:
        kind = type(value)
        name = type.__dict__["__name__"].__get__(kind)
        module = type.__dict__["__module__"].__get__(kind)
    except Exception:
        return "an object"
    if not isinstance(module, str):
        module = ""
    library = module.split(".")[0]
    label = name if library in ("builtins", "__main__", "") else f"{library} {name}"
    return shorten(clean(label), 60)


def with_article(noun: str) -> str:
    """Put the article before: `a list`, `an int`."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


_PRINTER = reprlib.Repr()
_PRINTER.maxlevel = 4
_PRINTER.maxlist = _PRINTER.maxtuple = _PRINTER.maxdict = _PRINTER.maxset = 8
_PRINTER.maxstring = _PRINTER.maxother = 120
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


def plain_repr(value: Any, limit: int = 160) -> str:
    """Write a short repr of plain data; other objects are named by type and never asked.

    A learner's `__repr__` could print, loop or lie, so it is not called.
    """
    return shorten(clean(_repr(value, 0)), limit)


def _repr(value: Any, depth: int) -> str:
    kind = type(value)
    if kind in _PLAIN:
        return number(value) if kind in (float, complex) else _PRINTER.repr(value)
    if kind is np.ndarray:
        return _nested_array(value)
    if issubclass(kind, np.generic) and kind.__module__ == "numpy":
        return number(value) if kind is not np.str_ and _is_number(value) else repr(value.item())
    if depth < 4 and kind in (list, tuple, set, frozenset):
        return _repr_items(value, kind, depth)
    if depth < 4 and kind is dict:
        items = list(value.items())
        parts = [f"{_repr(k, depth + 1)}: {_repr(v, depth + 1)}" for k, v in items[:8]]
        return "{" + ", ".join(parts + ["…"] * (len(items) > 8)) + "}"
    return f"<{type_name(value)}>"


def _nested_array(value: np.ndarray) -> str:
    if value.size > 8 or value.ndim > 1:
        return f"<array of shape {value.shape}>"
    return "array(" + " ".join(array_text(value).split()) + ")"


def _is_number(value: np.generic) -> bool:
    return value.dtype.kind in "biufc"


def _repr_items(value: Any, kind: type, depth: int) -> str:
    items = list(value)
    parts = [_repr(item, depth + 1) for item in items[:8]] + ["…"] * (len(items) > 8)
    inside = ", ".join(parts)
    if kind is list:
        return f"[{inside}]"
    if kind is tuple:
        return f"({inside}{',' if len(items) == 1 else ''})"
    return "{" + inside + "}" if items else "set()"
