"""Differences between pandas frames, series and indexes. pandas itself is not imported here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from . import values, words
from .failure import Finding

Numbers = Callable[[np.ndarray, np.ndarray, str], "Finding | None"]


def difference(got: Any, want: Any, numbers: Numbers, what: str) -> Finding | None:
    """Find the first thing in which two pandas objects of the same type differ, or None.

    Order: columns, index, then dtype kind and values column by column. Names of indexes are not
    compared.

    Parameters
    ----------
    got, want : DataFrame, Series or Index
        Both of the same type.
    numbers : callable
        Compares two arrays; takes them and the name of the value.
    what : str
        The name of the value in the message.
    """
    name = what[:1].lower() + what[1:] if what.startswith("The ") else what
    if hasattr(want, "columns"):
        return _frames(got, want, numbers, name)
    if hasattr(want, "index"):
        found = _labels(got.index, want.index, f"The index of {name}", "label")
        return found or _column(got, want, want.index, numbers, what)
    return _labels(got, want, what, "label")


def _frames(got: Any, want: Any, numbers: Numbers, name: str) -> Finding | None:
    found = _labels(got.columns, want.columns, f"The list of columns of {name}", "column")
    found = found or _labels(got.index, want.index, f"The index of {name}", "label")
    if found is not None:
        return found
    for position, column in enumerate(want.columns):
        label = f"Column {words.plain_repr(_plain(column), 40)} of {name}"
        one, other = got.iloc[:, position], want.iloc[:, position]
        found = _column(one, other, want.index, numbers, label)
        if found is not None:
            return found
    return None


def _labels(got: Any, want: Any, what: str, noun: str) -> Finding | None:
    """Compare two indexes: which labels are missing or unexpected, then their order."""
    came = [_key(label) for label in got.tolist()]
    expected = [_key(label) for label in want.tolist()]
    if came == expected:
        return None
    found = Finding(f"{what} is not the expected one.")
    missing, extra = Counter(expected) - Counter(came), Counter(came) - Counter(expected)
    if missing:
        found.facts.append((f"Missing {noun}s", _listing(missing)))
    if extra:
        found.facts.append((f"Unexpected {noun}s", _listing(extra)))
    if len(came) != len(expected):
        found.facts.append(("Length", f"expected {len(expected)}, got {len(came)}"))
    if not missing and not extra:
        found.hints.append(f"The same {noun}s in another order.")
        first = next(i for i, label in enumerate(expected) if label != came[i])
        pair = f"expected {_shown(expected[first])}, got {_shown(came[first])}"
        found.facts.append(("First difference", f"at {first}: {pair}"))
    return found


_Key = tuple[str, Any]


def _key(label: Any) -> _Key:
    """Make a label comparable without asking the label: only plain types can be equal."""
    plain = _plain(label)
    kind = type(plain)
    if kind is tuple:
        return "tuple", tuple(_key(item) for item in plain)
    if kind in (int, float):
        return ("number", "nan") if plain != plain else ("number", plain)
    if kind in (str, bool, bytes, type(None)):
        return kind.__name__, plain
    return f"<{words.type_name(label)}>", id(label)


def _plain(label: Any) -> Any:
    """Return the label, or the text of a pandas date or interval."""
    return str(label) if values.kind_of(label) == "atom" else label


def _shown(key: _Key) -> str:
    kind, value = key
    if kind == "tuple":
        return "(" + ", ".join(_shown(item) for item in value) + ")"
    return kind if kind.startswith("<") else words.plain_repr(value, 40)


def _listing(labels: Counter[_Key]) -> str:
    shown = ", ".join(_shown(label) for label in list(labels)[:8])
    return shown + (f", … ({len(labels)} in all)" if len(labels) > 8 else "")


def _column(got: Any, want: Any, index: Any, numbers: Numbers, what: str) -> Finding | None:
    found = numbers(_values(got), _values(want), what)
    if found is not None:
        found.facts = [(label, _with_row(text, index, label)) for label, text in found.facts]
    return found


def _with_row(text: str, index: Any, label: str) -> str:
    """Name the row of the largest difference by its label."""
    if label not in ("Largest difference", "First difference") or not text.startswith("at ["):
        return text
    position, rest = text[4:].split("]", 1)
    if not position.isdigit():
        return text
    return f"at row {words.plain_repr(_plain(index[int(position)]), 40)}{rest}"


def _values(column: Any) -> np.ndarray:
    """Read a column as a NumPy array whose dtype kind says what it holds."""
    dtype = column.dtype
    kind = getattr(dtype, "kind", "O")
    missing = np.asarray(column.isna())
    if kind == "O" or not (isinstance(dtype, np.dtype) or kind in "biufM"):
        items = np.asarray(column.to_numpy(dtype=object)).copy()
        items[missing] = None  # every way of saying "missing" is the same
        return items
    if isinstance(dtype, np.dtype):
        return np.asarray(column.to_numpy())
    if kind == "M":
        return np.asarray(column.to_numpy(dtype="datetime64[ns]"))
    if missing.any():
        return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))
    return np.asarray(column.to_numpy(dtype={"b": bool, "f": float}.get(kind, int)))
