"""What stands on one side for an object of the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from curriculum.execution.peer import Peer

UNDERSCORED = {"_asdict", "_fields", "_replace"} | {
    f"__{name}__"
    for name in ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "and", "or",
                 "xor", "neg", "pos", "abs", "invert")
}  # fmt: skip
"""Attributes that can be read although their names begin with an underscore.

Python itself looks for operators in a class and not among attributes: these are for tests that ask
an object for its operator by name.
"""


class Theirs:
    """An object of the other side. It can be called, and its public attributes can be read.

    What it is as a number, an array, text or a list of items is asked for, and what comes is plain
    data of this side. It takes part in no comparison and no arithmetic: it would be told what it
    is compared with, and would choose the outcome.
    """

    __slots__ = ("__weakref__", "_about", "_number", "_peer")

    def __init__(self, peer: Peer, number: int, about: str) -> None:
        object.__setattr__(self, "_peer", peer)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_about", about)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it where it is."""
        return self._peer.call(self._number, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name not in UNDERSCORED:
            raise AttributeError(f"{name} of {self._about} can't be read from here")
        return self._peer.ask({"do": "get", "object": self._number, "name": name})

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{self._about} can't be changed from here")

    def __iter__(self) -> Iterator[Any]:
        items = self._peer.ask({"do": "iter", "object": self._number})
        if type(items) is not Theirs:
            return iter(items)
        return items._items()

    def _items(self) -> Iterator[Any]:
        while True:
            item = self._next()
            if not item:
                return
            yield item[0]

    def __next__(self) -> Any:
        item = self._next()
        if not item:
            raise StopIteration
        return item[0]

    def _next(self) -> list:
        item = self._peer.ask({"do": "next", "object": self._number})
        if type(item) is not list or len(item) > 1:
            raise TypeError(f"the next item of {self._about} is no item")
        return item

    def __len__(self) -> int:
        length = self._peer.ask({"do": "len", "object": self._number})
        if type(length) is not int:
            raise TypeError(f"the length of {self._about} is no number")
        return length

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, key: Any) -> Any:
        return self._peer.ask({"do": "item", "object": self._number, "args": (key,)})

    def __eq__(self, other: object) -> Any:
        """Compare the value of what was made of a list, a dict, … with a value of this side."""
        if self is other or isinstance(other, Theirs):
            return self is other
        found = self._peer.ask({"do": "plain", "object": self._number})
        return found[0] == other if type(found) is list and len(found) == 1 else NotImplemented

    __hash__ = object.__hash__

    def __float__(self) -> float:
        return self._as(float)

    def __int__(self) -> int:
        return self._as(int)

    def __complex__(self) -> complex:
        return self._as(complex)

    def __str__(self) -> str:
        return self._as(str)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        found = self._peer.ask({"do": "as array", "object": self._number})
        if type(found) is not np.ndarray:
            raise TypeError(f"{self._about} is no array")
        return found if dtype is None else found.astype(dtype)

    def _as(self, kind: type) -> Any:
        found = self._peer.ask({"do": f"as {kind.__name__}", "object": self._number})
        if type(found) is not kind:
            raise TypeError(f"{self._about} is no {kind.__name__}")
        return found

    def __copy__(self) -> Theirs:
        return self

    def __deepcopy__(self, memo: Any) -> Theirs:
        return self

    def __repr__(self) -> str:
        return f"<{self._about}>"


# Python's own messages, of an operator that it does not have, call it so.
Theirs.__name__ = "object of your own"
