"""Two processes that use each other's objects, by calls with plain data.

Both sides are the same, but for what they allow: the trusted side lets its functions be called and
its iterators be asked for the next item, and nothing else; the student's side gives public
attributes too. An object that does not go by value is a handle on the other side (`Theirs`), and
is itself again when it comes home. Nothing that the other side defined is ever run here.
"""

from __future__ import annotations

import functools
import itertools
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from curriculum.execution import chance, changes, raised, values, wire
from curriculum.execution.handles import UNDERSCORED, Theirs
from curriculum.execution.values import BadValueError, NotPlainError, derived

DEEPEST = 40
"""Calls within calls, to and fro."""
MOST_HANDLES = 100_000
LONGEST = 10_000
"""Characters of an exception's message."""

Send = Callable[[dict[str, Any]], None]
Receive = Callable[[], dict[str, Any]]

FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    functools.partial,
    np.ufunc,
)


_CONVERSIONS: dict[Any, Callable[[Any], Any]] = {
    "as float": float,
    "as int": int,
    "as complex": complex,
    "as str": str,
    "as array": np.asarray,
}


class GoneError(RuntimeError):
    """The other side has ended."""


class Peer:
    """One side.

    Parameters
    ----------
    send, receive : callable
        To and from the other side; `receive` waits, and raises `GoneError` where nothing can come.
    trusted : bool
        Whether this is the side that decides about grades.
    names : callable, optional
        Gives, in a list, what a name means here; an empty list where it means nothing.
    """

    def __init__(
        self,
        send: Send,
        receive: Receive,
        *,
        trusted: bool,
        names: Callable[[str], list] | None = None,
    ) -> None:
        self._send, self._receive, self._trusted = send, receive, trusted
        self._names = names
        self._own: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._live: set[int] = set()  # what goes as a handle although it has a plain value
        self._theirs: weakref.WeakValueDictionary[int, Theirs] = weakref.WeakValueDictionary()
        self._turn = threading.Lock()  # a thread that asks gets its answer before another asks
        self._count = itertools.count(1)
        self._raised: dict[int, BaseException] = {}
        self._depth = 0
        self._synced: Any = None
        self.seconds = 0.0
        """Processor time that the other side has taken to answer."""
        self.timed = False
        self.calls = 0

    # --- asking

    def call(self, number: int, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Call an object of the other side; what it changes of its arguments is changed here."""
        return self.ask({"do": "call", "object": number, "args": args, "kwargs": kwargs})

    def run(self, f: Theirs, args: tuple) -> None:
        """Call an object of the other side for the time that it takes: nothing comes back."""
        self.ask({"do": "call", "object": f._number, "args": args, "silent": True})

    def ask(self, request: dict[str, Any]) -> Any:
        """Ask the other side, and answer what it asks in the meantime."""
        if self._depth >= DEEPEST:
            raise RecursionError("calls between the test and the answer are nested too deeply")
        args, kwargs = request.get("args", ()), request.get("kwargs", {})
        plain = {**request, "args": self._written(args), "kwargs": self._written(kwargs)}
        plain["random"] = self._random_state()
        plain["timed"] = self.timed
        with self._turn:
            self._depth += 1
            try:
                self._send({"type": "ask", **plain})
                answer = self._await()
            finally:
                self._depth -= 1
        if answer.get("drew") is True:
            self._draw()
        for own, name in ((args, "args"), (kwargs, "kwargs")):
            if answer.get(name) is not None:
                changes.of_arguments(own, self.read(answer[name]))
        if "error" in answer:
            raise self._exception(answer["error"])
        return self.read(answer.get("value"))

    def _written(self, value: Any, *, made: bool = False) -> Any:
        """Write a value; one that was just made of a class and can change is kept as it becomes."""
        if made and derived.base(type(value)) in derived.CHANGING:
            self._live.add(self.export(value)[1])
        return values.encode(value, self._export)

    def _await(self) -> dict[str, Any]:
        while True:
            message = self._receive()
            if message.get("type") == "answer":
                self._count_seconds(message)
                return message
            self._count_seconds(message)
            self._turn.release()
            try:
                answer = self.answer(message)
            finally:
                self._turn.acquire()
            self._send(answer)

    def _count_seconds(self, message: dict[str, Any]) -> None:
        seconds = message.get("seconds", 0.0)
        self.seconds += seconds if type(seconds) is float else 0.0
        self.calls += 1

    def read(self, plain: Any) -> Any:
        """Read a value that came."""
        return values.decode(plain, self._import)

    # --- answering

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what the other side asks, and give the answer to send."""
        if self._depth >= DEEPEST:
            return {"type": "answer", "error": ["RecursionError", "nested too deeply", "", 0]}
        self._depth += 1
        changed: dict[str, Any] = {}
        try:
            args, kwargs = self.read(request.get("args")), self.read(request.get("kwargs"))
            # Anything else that can be unpacked might never end.
            if type(args) is not tuple or type(kwargs) is not dict:
                raise BadValueError("no arguments")
            self._take_random_state(request.get("random"))
            state = None if self._trusted else chance.fingerprint()
            try:
                value = self._do(request, args, kwargs)
                if request.get("silent") is True:
                    return {"type": "answer"}
            finally:
                if request.get("silent") is not True:
                    changed = self._changed(request, args, kwargs)
                if not self._trusted and chance.fingerprint() != state:
                    changed["drew"] = True
            made = request.get("do") == "call" and isinstance(self._mine(request["object"]), type)
            return {"type": "answer", "value": self._written(value, made=made), **changed}
        except BaseException as error:
            return {"type": "answer", "error": self._said(error), **changed}
        finally:
            self._depth -= 1

    def _changed(self, request: dict[str, Any], args: Any, kwargs: Any) -> dict[str, Any]:
        """Give the arguments as they are now, where they are not as they came."""
        now = {"args": self._written(args), "kwargs": self._written(kwargs)}
        return {} if all(_is_same(now[name], request.get(name)) for name in now) else now

    def _do(self, request: dict[str, Any], args: Any, kwargs: Any) -> Any:
        do = request.get("do")
        if do == "name" and self._names is not None:
            return self._names(str(request.get("name")))
        owned = self._mine(request.get("object"))
        if do == "call":
            if self._trusted and not isinstance(owned, FUNCTIONS):
                raise TypeError("this object of the test can't be called")
            return owned(*args, **kwargs)
        if do == "iter":
            return iter(owned)
        if do == "next":
            if self._trusted and not hasattr(owned, "__next__"):
                raise TypeError("this object of the test is no iterator")
            return list(itertools.islice(owned, 1))
        if self._trusted:
            raise TypeError("an object of the test gives nothing but calls")
        if do == "len":
            return len(owned)
        if do == "item":
            return owned[args[0]]
        if do == "plain":
            base = derived.base(type(owned))
            return [derived.READERS[base](owned)] if base else []
        if do in _CONVERSIONS:
            return _CONVERSIONS[do](owned)
        name = request.get("name")
        if do == "get" and type(name) is str and (name[:1] != "_" or name in UNDERSCORED):
            return getattr(owned, name)
        raise TypeError("this can't be done with an object of the other side")

    # --- objects

    def _mine(self, number: Any) -> Any:
        if type(number) is not int or number not in self._own:
            raise BadValueError("a handle of nothing")
        return self._own[number]

    def export(self, value: Any) -> list:
        """Give the handle of an object, whatever it is."""
        number = self._numbers.get(id(value))
        if number is None:
            if len(self._own) >= MOST_HANDLES:
                raise NotPlainError("More objects were passed than can be kept.")
            number = next(self._count)
            self._own[number], self._numbers[id(value)] = value, number
        return ["mine", number, _about(value)]

    def _export(self, value: Any) -> list:
        if type(value) is Theirs and value._peer is self:
            return ["yours", value._number]
        if type(value) is types.ModuleType and not self._trusted:
            return ["module", str(value.__name__)]
        if self._trusted and not isinstance(value, (*FUNCTIONS, Iterator)):
            raise NotPlainError(
                f"A {type(value).__name__} can't be passed to the learner's code from here: pass"
                " plain data (numbers, text, arrays, frames, tensors) or a function."
            )
        handle = self.export(value)
        return ["live", *handle[1:]] if handle[1] in self._live else handle

    def _import(self, plain: list) -> Any:
        if plain[0] == "yours" and len(plain) == 2:
            return self._mine(plain[1])
        if plain[0] == "mine" and len(plain) == 3:
            _, number, about = plain
            if type(number) is int and type(about) is str:
                return self._theirs.get(number) or self._new(number, about)
        if plain[0] == "masked" and isinstance(plain[1], np.ma.MaskedArray):
            return values.unmasked(plain[1]) if self._trusted else plain[1]
        raise BadValueError("no handle")

    def _new(self, number: int, about: str) -> Theirs:
        """Make what stands for an object, once: an object is itself whenever it comes."""
        self._theirs[number] = new = Theirs(self, number, raised.one_line(about))
        return new

    # --- exceptions

    def _said(self, error: BaseException) -> list:
        """Give an exception's name, message and place; one of the test's own comes home itself."""
        number = next(self._count)
        if len(self._raised) < 1000:
            self._raised[number] = error
        home = getattr(error, "_of_the_other_side", 0)
        try:
            message = str(error)
        except BaseException:
            message = "(no text)"
        # Where it came from is a line of code, and that of a test is not for the other side.
        place = "" if self._trusted else raised.place(error)
        return [raised.names(error), message[:LONGEST], place, home or -number]

    def _exception(self, said: Any) -> BaseException:
        if type(said) is not list or len(said) != 4 or type(said[3]) is not int:
            raise BadValueError("no exception")
        name, message, place, number = said
        names = name if type(name) is list else [name]
        if not names or not all(type(part) is str for part in (*names, message, place)):
            raise BadValueError("no exception")
        if number > 0 and number in self._raised:
            return self._raised[number]
        error = raised.exception(raised.one_line(names[0]), message[:LONGEST], names[1:])
        if place:
            error.add_note(place[:LONGEST])
        error._of_the_other_side = -number if number < 0 else 0  # type: ignore[attr-defined]
        return error

    # --- random numbers

    def _random_state(self) -> Any:
        """Give the state of the global generators where it is not what the other side has."""
        if not self._trusted:
            return None
        now = chance.fingerprint()
        if now == self._synced:
            return None
        self._synced = now
        return chance.states()

    def _draw(self) -> None:
        """Move on, as the shared generators of one process would have.

        The other side's state is not taken over: with it, it could choose what a test draws next.
        """
        if self._trusted:
            chance.draw()
            self._synced = chance.fingerprint()

    def _take_random_state(self, state: Any) -> None:
        if state is not None and not self._trusted:
            chance.restore(state)


def _is_same(now: list, came: Any) -> bool:
    """Compare what is written in one list of values with what came, exactly: NaN and −0 too."""
    if len(now) != len(came):
        return False
    return all(
        _is_same_array(one, other)
        if type(one) is type(other) is list and one[:1] == other[:1] == ["array"]
        else wire.pack(one) == wire.pack(other)
        for one, other in zip(now, came, strict=True)
    )


def _is_same_array(now: list, came: list) -> bool:
    """Compare two arrays without packing, which would copy them."""
    if now[:-1] != came[:-1]:
        return False
    one, other = (np.frombuffer(each[-1], np.uint8) for each in (now, came))
    whole = len(one) // 8 * 8  # compared by words, whose answers take an eighth of the room
    return len(one) == len(other) and (
        np.array_equal(one[:whole].view(np.uint64), other[:whole].view(np.uint64))
        and np.array_equal(one[whole:], other[whole:])
    )


def _about(value: Any) -> str:
    try:
        name = getattr(value, "__name__", None)
    except Exception:  # of what looks its attributes up elsewhere
        name = None
    kind = type(value).__name__
    return raised.one_line(f"{kind} {name}" if type(name) is str else kind)
