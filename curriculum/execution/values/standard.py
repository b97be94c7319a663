"""Values of Python's standard library that go by value: how they are taken apart and made."""

from __future__ import annotations

import datetime
import decimal
import fractions
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

DICTS = (OrderedDict, defaultdict, Counter)

_LONGEST = 100_000
"""Digits of a decimal number."""


def _flat(pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
    return [part for pair in pairs for part in pair]


def _paired(parts: tuple[Any, ...]) -> zip:
    return zip(parts[::2], parts[1::2], strict=True)


def _decimal(text: Any) -> decimal.Decimal:
    if type(text) is not str or len(text) > _LONGEST:
        raise ValueError("no decimal number")
    return decimal.Decimal(text)


def _fraction(above: Any, below: Any) -> fractions.Fraction:
    if type(above) is not int or type(below) is not int:
        raise ValueError("no fraction")
    return fractions.Fraction(above, below)


def _default(factory: Any, *parts: Any) -> defaultdict:
    return defaultdict(factory, _paired(parts))


def _counter(*parts: Any) -> Counter:
    # Made of numbers alone: a Counter adds to what it has.
    found: Counter = Counter()
    dict.update(found, _paired(parts))
    return found


WRITERS: dict[type, Callable[[Any], tuple[str, Iterable[Any]]]] = {
    fractions.Fraction: lambda value: ("fraction", (value.numerator, value.denominator)),
    decimal.Decimal: lambda value: ("decimal", (str(value),)),
    datetime.date: lambda value: ("date", (value.isoformat(),)),
    datetime.timedelta: lambda value: (
        "timedelta",
        (value.days, value.seconds, value.microseconds),
    ),
    OrderedDict: lambda value: ("ordered_dict", _flat(value.items())),
    defaultdict: lambda value: ("defaultdict", (value.default_factory, *_flat(value.items()))),
    Counter: lambda value: ("counter", _flat(value.items())),
    deque: lambda value: ("deque", (value.maxlen, *value)),
    bytearray: lambda value: ("bytearray", (bytes(value),)),
    type({}.keys()): lambda value: ("keys", value),
    type({}.values()): lambda value: ("values", value),
    type({}.items()): lambda value: ("items", _flat(value)),
}
"""Class → what takes a value of exactly this class apart: a tag, and values."""

READERS: dict[str, Callable[..., Any]] = {
    "fraction": _fraction,
    "decimal": _decimal,
    "date": lambda text: datetime.date.fromisoformat(text),
    "timedelta": lambda *parts: datetime.timedelta(*parts),
    "ordered_dict": lambda *parts: OrderedDict(_paired(parts)),
    "defaultdict": _default,
    "counter": _counter,
    "deque": lambda most, *items: deque(items, most),
    "bytearray": lambda data: bytearray(data) if type(data) is bytes else _refuse(),
    "keys": lambda *items: dict.fromkeys(items).keys(),
    "values": lambda *items: dict(enumerate(items)).values(),
    "items": lambda *parts: dict(_paired(parts)).items(),
}
"""Tag → what makes the value anew."""


def _refuse() -> Any:
    raise ValueError("no bytes")
