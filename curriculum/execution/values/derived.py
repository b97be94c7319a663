"""Objects of classes that a student made of a plain one: `class Metres(float)`, a named tuple.

They go as their plain value with a handle. On the tests' side they are objects of classes defined
here, whose value is plain data of that side, and whose other attributes are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

READERS: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    complex: complex.__complex__,
    str: str.__str__,
    tuple: lambda value: tuple(tuple.__iter__(value)),
    list: lambda value: list(list.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    np.ndarray: lambda value: np.ndarray.view(value, np.ndarray),
}
"""Plain class → what reads the value of an object of a class made of it, past that class."""
CHANGING = (list, dict, set, np.ndarray)
"""Plain classes whose objects can change: a test that made one sees what becomes of it."""


def base(kind: type) -> type | None:
    """Give the plain class that a class was made of; None where there is none."""
    return next((one for one in READERS if one is not kind and issubclass(kind, one)), None)


class Derived:
    """The value of an object of the other side, which has attributes besides."""

    theirs: Any = None

    def __getattr__(self, name: str) -> Any:
        if self.theirs is None:  # it came of computing with one
            raise AttributeError(name)
        return getattr(self.theirs, name)


_CLASSES: dict[str, tuple[type, type]] = {
    one.__name__: (one, type(one.__name__, (Derived, one), {"__module__": "yours"}))
    for one in READERS
}


def make(name: Any, plain: Any, theirs: Any) -> Derived:
    """Make an object of a plain class's name, its value, and a handle.

    Raises
    ------
    ValueError
        There is no such class, or the value is none of it.
    """
    if type(name) is not str or name not in _CLASSES or type(plain) is not _CLASSES[name][0]:
        raise ValueError("no derived value")
    kind: Any = _CLASSES[name][1]
    new = np.ndarray.view(plain, kind) if type(plain) is np.ndarray else kind(plain)
    new.theirs = theirs
    return new
