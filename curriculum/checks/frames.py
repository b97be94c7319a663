"""Differences between pandas frames, series and indexes. pandas itself is not imported here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import words
from .failure import Finding

Numbers = Callable[[np.ndarray, np.ndarray, str], "Finding | None"]


def difference(got: Any, want: Any, numbers: Numbers, what: str) -> Finding | None:
    """The first thing in which two pandas objects of the same type differ, or None.

    Order: columns, index, then dtype kind and values column by column. Names of indexes are not
    compared.
    """
    if hasattr(want, "columns"):
        return _frames(got, want, numbers, what)
    if hasattr(want, "index"):
        return _labels(got.index, want.index, f"the index of {what}", "label") or _column(
            got, want, want.index, numbers, what
        )
    return _labels(got, want, what, "label")


def _frames(got: Any, want: Any, numbers: Numbers, what: str) -> Finding | None:
    found = _labels(got.columns, want.columns, f"the columns of {what}", "column")
    found = found or _labels(got.index, want.index, f"the index of {what}", "label")
    if found is not None:
        return found
    for position, name in enumerate(want.columns):
        label = f"Column {words.plain_repr(name, 40)} of {_lower(what)}"
        found = _column(got.iloc[:, position], want.iloc[:, position], want.index, numbers, label)
        if found is not None:
            return found
    return None


def _lower(what: str) -> str:
    return what[:1].lower() + what[1:] if what.startswith("The ") else what


def _labels(got: Any, want: Any, what: str, noun: str) -> Finding | None:
    """Compare two indexes: which labels are missing or unexpected, then their order."""
    came, expected = _listed(got), _listed(want)
    if came == expected:
        return None
    what = what.replace("of The ", "of the ")
    found = Finding(f"{what[:1].upper()}{what[1:]} differ from the expected ones.")
    if " index " in f" {what} ":
        found.summary = f"{what[:1].upper()}{what[1:]} differs from the expected one."
    missing = [label for label in dict.fromkeys(expected) if label not in set(came)]
    extra = [label for label in dict.fromkeys(came) if label not in set(expected)]
    if missing:
        found.facts.append((f"Missing {noun}s", _listing(missing)))
    if extra:
        found.facts.append((f"Unexpected {noun}s", _listing(extra)))
    if len(came) != len(expected):
        found.facts.append(("Length", f"expected {len(expected)}, got {len(came)}"))
    elif not missing and not extra:
        found.hints.append(f"The same {noun}s in another order.")
        first = next(
            i for i, pair in enumerate(zip(came, expected, strict=True)) if len(set(pair)) > 1
        )
        found.facts.append(
            ("First difference", f"at {first}: expected {expected[first]}, got {came[first]}")
        )
    return found


def _listed(labels: Any) -> list[str]:
    """Labels as text: plain, hashable, and equal only when they look the same."""
    return [words.plain_repr(_plain(label), 80) for label in labels.tolist()]


def _plain(label: Any) -> Any:
    if type(label).__module__.startswith("pandas."):
        return str(label)
    if isinstance(label, float) and label.is_integer():
        return int(label)  # 1.0 and 1 are the same label to pandas
    return label


def _listing(labels: list[str]) -> str:
    return ", ".join(labels[:8]) + (f", … ({len(labels)} in all)" if len(labels) > 8 else "")


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
    """A column as a NumPy array whose dtype kind says what it holds."""
    dtype = column.dtype
    kind = getattr(dtype, "kind", "O")
    if isinstance(dtype, np.dtype):
        return np.asarray(column.to_numpy())
    if kind in "biuf" and column.isna().any():
        return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))
    if kind in "biuf":
        return np.asarray(column.to_numpy(dtype={"b": bool, "f": float}.get(kind, int)))
    if kind == "M":
        return np.asarray(column.to_numpy(dtype="datetime64[ns]"))
    missing = np.asarray(column.isna())
    items = np.asarray(column.to_numpy(dtype=object)).copy()
    items[missing] = None
    return items
