"""Look at what a learner returned without believing what it says about itself.

Only exact, known types are read, and through their own base-class methods, so an object with a
lying `__eq__`, `__float__` or `__array__` is seen as what it is: not a number, not an array.
pandas and PyTorch are looked at only when they are imported already.
"""

from __future__ import annotations

import copy
import datetime
import decimal
import fractions
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from . import words

_INDEXES = (
    "Index",
    "RangeIndex",
    "MultiIndex",
    "DatetimeIndex",
    "TimedeltaIndex",
    "PeriodIndex",
    "IntervalIndex",
    "CategoricalIndex",
)

MAX_DEPTH = 12  # deeper nesting is refused: it is a cycle or a mistake

_NUMPY_SCALARS = frozenset(np.sctypeDict.values()) - {np.void, np.object_}
_ARRAYS = frozenset({np.ndarray, np.memmap, np.matrix})
_ATOMS = frozenset(
    {
        bytes,
        datetime.date,
        datetime.datetime,
        datetime.time,
        datetime.timedelta,
        decimal.Decimal,
        fractions.Fraction,
    }
)


def kind_of(value: Any) -> str:
    """Tell the form of a value.

    Returns
    -------
    str
        One of none, bool, number, text, array, tensor, list, tuple, dict, set, series, frame,
        index, atom, or unknown for whatever a check cannot trust.
    """
    cls = type(value)
    if value is None:
        return "none"
    if cls is bool or cls is np.bool_:
        return "bool"
    if cls in _NUMPY_SCALARS:
        return _numpy_scalar_kind(value)
    if cls in _ARRAYS:
        return "array"
    for base, kind in _BASES:
        if issubclass(cls, base):
            return kind
    if cls in _ATOMS:
        return "atom"
    return _library_kind(cls)


_BASES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (np.generic, "unknown"),  # a learner's subclass of a NumPy scalar
    (np.ndarray, "unknown"),
    ((int, float, complex), "number"),
    (str, "text"),
    (list, "list"),
    (tuple, "tuple"),
    (dict, "dict"),
    ((set, frozenset), "set"),
)


def _numpy_scalar_kind(value: Any) -> str:
    kinds = {"i": "number", "u": "number", "f": "number", "c": "number", "b": "bool", "U": "text"}
    return kinds.get(value.dtype.kind, "atom")


def _library_kind(cls: type) -> str:
    torch: Any = sys.modules.get("torch")
    if torch is not None and cls in (
        getattr(torch, "Tensor", None),
        getattr(getattr(torch, "nn", None), "Parameter", None),
    ):
        return "tensor"
    pandas: Any = sys.modules.get("pandas")
    if pandas is not None and hasattr(pandas, "DataFrame"):
        if cls is pandas.DataFrame:
            return "frame"
        if cls is pandas.Series:
            return "series"
        if cls in {getattr(pandas, name, None) for name in _INDEXES}:
            return "index"
        if cls in (
            pandas.Timestamp,
            pandas.Timedelta,
            pandas.Period,
            pandas.Interval,
            type(pandas.NaT),
        ):
            return "atom"
        if cls is type(pandas.NA):
            return "none"
    return "unknown"


def scalar(value: Any) -> Any:
    """Return the plain Python value of a bool, number or text, past any subclass."""
    if type(value) is bool:
        return value
    if isinstance(value, np.generic):
        return value.item() if value.dtype.itemsize <= 8 or value.dtype.kind in "cU" else value
    for base, read in _READERS:
        if issubclass(type(value), base):
            return read(value)
    return value


_READERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (int, int.__int__),
    (float, float.__float__),
    (complex, complex.__complex__),
    (str, str.__str__),
)


def items_of(value: Any) -> list[Any]:
    """Return the elements of a list, tuple, set or array, past any subclass."""
    cls = type(value)
    for base in (list, tuple, set, frozenset):
        if issubclass(cls, base):
            return list(base.__iter__(value))
    return [value[i] for i in range(value.shape[0])]


def pairs_of(value: Any) -> list[tuple[Any, Any]]:
    """Return the items of a dict, past any subclass."""
    return list(dict.items(value))


def array_of(value: Any) -> np.ndarray | None:
    """Read an array of numbers, bools or text; None where there is none to read.

    Scalars become 0-d arrays; nested lists must be rectangular, with numbers or bools only.
    """
    kind = kind_of(value)
    if kind in ("bool", "number"):
        plain = scalar(value)
        try:
            found = np.asarray(plain)
        except OverflowError:
            return None
        return found if found.dtype.kind != "O" else np.asarray(float(plain))
    if kind == "array":
        return np.asarray(value)
    if kind == "tensor":
        return _tensor_array(value)
    if kind in ("list", "tuple"):
        return _nested_array(value)
    return None


def _tensor_array(value: Any) -> np.ndarray | None:
    torch: Any = sys.modules["torch"]
    try:
        tensor = torch.Tensor.detach(value)
        if tensor.layout != torch.strided:
            tensor = tensor.to_dense()
        if tensor.dtype in (torch.bfloat16,):
            tensor = tensor.float()
        return tensor.cpu().resolve_conj().resolve_neg().numpy()
    except Exception:  # quantised, meta or otherwise without readable values
        return None


def _nested_array(value: Any) -> np.ndarray | None:
    leaves: list[Any] = []
    shape = _shape_of(value, leaves, 0)
    if shape is None or not leaves or len({type(leaf) is bool for leaf in leaves}) > 1:
        return None  # True among numbers is not a number here
    try:
        found = np.array(leaves)
    except (OverflowError, ValueError):
        return None
    if found.dtype.kind == "O":
        try:
            found = np.array([float(leaf) for leaf in leaves])
        except (OverflowError, TypeError):
            return None
    return found.reshape(shape)


def _shape_of(value: Any, leaves: list[Any], depth: int) -> tuple[int, ...] | None:
    """Find the shape of rectangular nested lists of numbers; collect the numbers on the way."""
    kind = kind_of(value)
    if kind in ("bool", "number"):
        leaves.append(scalar(value))
        return ()
    if kind not in ("list", "tuple") or depth > MAX_DEPTH:
        return None
    items = items_of(value)
    if not items:
        return None
    shapes = {_shape_of(item, leaves, depth + 1) for item in items}
    if len(shapes) != 1:
        return None
    inner = shapes.pop()
    return None if inner is None else (len(items), *inner)


def describe(value: Any) -> str:
    """Say in a few words what a value is: `an array of shape (3, 2)`, `None`, `a list of 3`."""
    kind = kind_of(value)
    if kind == "none":
        return "None"
    if kind in ("bool", "number", "text", "atom"):
        return f"{words.with_article(words.type_name(value))} {words.plain_repr(value, 60)}"
    if kind in ("list", "tuple", "set", "dict"):
        size = len(pairs_of(value) if kind == "dict" else items_of(value))
        noun = "item" if kind != "tuple" else "value"
        return f"a {kind} of {words.plural(size, noun)}"
    if kind == "array":
        return f"an array of shape {value.shape}"
    if kind == "tensor":
        return f"a tensor of shape {tuple(value.shape)}"
    if kind == "series":
        return f"a pandas Series of {words.plural(len(value), 'row')}"
    if kind == "frame":
        rows, columns = value.shape
        return (
            f"a pandas DataFrame of {words.plural(rows, 'row')} "
            f"and {words.plural(columns, 'column')}"
        )
    if kind == "index":
        return f"a pandas Index of {words.plural(len(value), 'label')}"
    if callable(value):
        return f"a callable ({words.type_name(value)})"
    return f"an object of type {words.type_name(value)}"


def copy_of(value: Any) -> Any:
    """Copy deeply; tensors inside a graph, which refuse to be copied, are cloned."""
    try:
        return copy.deepcopy(value)
    except Exception:
        pass
    kind = kind_of(value)
    if kind == "tensor":
        return value.detach().clone().requires_grad_(value.requires_grad)
    if kind in ("list", "tuple"):
        return type(value)(copy_of(item) for item in items_of(value))
    if kind == "dict":
        return {key: copy_of(item) for key, item in pairs_of(value)}
    return value
