"""What is thrown at: each takes any bytes, and lets out nothing but what breaks a promise."""

from __future__ import annotations

import contextlib
import io
import re
import time
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from nbformat import v4

from curriculum.execution import values, wire
from curriculum.execution.job import Job, Ran
from curriculum.execution.outputs import MalformedError, Outputs
from curriculum.execution.peer import GoneError, Peer
from curriculum.execution.sides import _say
from curriculum.execution.values import BadValueError, NotPlainError

SECONDS = 1.0
"""Processor time that an input of 64 kB may take."""
TIMES = 400
"""Bytes that may be built for one byte of an input: a generator has 2 kB, and 16 on the way."""
BASE = 4_000_000
"""Bytes that any input may take."""


class Broken(AssertionError):
    """A promise about hostile input does not hold."""


def frames(data: bytes) -> None:
    """Cut a stream into frames, in pieces of any length."""
    piece, reader = 1 + (data[0] if data else 0), wire.Frames(most_bytes=1 << 16)
    with contextlib.suppress(wire.WireError):
        for start in range(1, len(data), piece):
            for value, size in reader.feed(data[start : start + piece]):
                _plain(value)
                if not isinstance(value, wire.Oversize) and size > 1 << 16:
                    raise Broken("a frame that is too large was read")
        if len(reader._kept) > (1 << 16) + 4:
            raise Broken("more than a frame was kept")


def _plain(value: Any) -> None:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if type(one) is list:
            waiting += one
        elif type(one) is dict:
            waiting += [*one, *one.values()]
        elif type(one) not in (bool, int, float, str, bytes, type(None), wire.Oversize):
            raise Broken(f"a {type(one).__name__} came out of a frame")


def decode(data: bytes) -> None:
    """Read a value."""
    plain = _unpacked(data)
    _refusing(lambda: values.decode(plain, _handle))


def outputs(data: bytes) -> None:
    """Take a list of messages as those of a cell."""
    plain = _unpacked(data)
    cell = v4.new_code_cell("1")
    notebook = v4.new_notebook(cells=[cell])
    taken = Outputs(notebook, 20_000)
    taken.start(cell, 0)
    with contextlib.suppress(MalformedError):
        for message in plain if isinstance(plain, list) else []:
            if isinstance(message, dict):
                taken.take(message, 10)
    taken.finish()
    taken.to_widgets()
    taken.keep_widgets()
    if len(v4.writes(notebook)) > 20_000 * 40 + BASE:
        raise Broken("a cell shows much more than it may")
    for output in cell.outputs:
        v4.nbbase.validate(output, "output")
    if cell.execution_count is not None and type(cell.execution_count) is not int:
        raise Broken("a cell's number is none")


def peer(data: bytes) -> None:
    """Answer what a student's side asks, and read what it answers."""
    plain = _unpacked(data)
    messages = [each for each in plain if isinstance(each, dict)] if type(plain) is list else []
    tests = Peer(lambda message: wire.pack(message), _Script(messages), trusted=True)
    tests.export(lambda *args, **kwargs: len(args))
    tests.export(iter(range(3)))
    for message in messages[:20]:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            _refusing(lambda message=message: _say(message.get("said")))
        _checked_answer(tests.answer(message))
    mine: Any = ([1, [2]], np.zeros((2, 3)), {"k": [1], "s": {1}})
    _refusing(lambda: tests.call(1, mine, {"k": {"x": 1}, "s": {1}, "g": np.random.default_rng(1)}))


class _Script:
    def __init__(self, messages: list) -> None:
        self._messages = iter(messages)

    def __call__(self) -> dict[str, Any]:
        for message in self._messages:
            if isinstance(message.get("type"), str):  # the coordinator has looked for it
                return message
        raise GoneError


def _checked_answer(answer: dict[str, Any]) -> None:
    words = str(answer.get("error", ""))
    if re.search(r"\(\w*MemoryError\)|Unable to allocate", words):  # as a refusal names a failure
        raise Broken(f"an answer took too much memory: {words}")
    wire.pack(answer)


def jobs(data: bytes) -> None:
    """Read what comes from a worker, and what goes to one."""
    for kind in (Job, Ran):
        with contextlib.suppress(wire.WireError):
            kind.from_bytes(data)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "frames": frames, "decode": decode, "outputs": outputs, "peer": peer, "jobs": jobs,
}  # fmt: skip


def _unpacked(data: bytes) -> Any:
    try:
        return wire.unpack(data)
    except wire.WireError:
        return None


def _handle(plain: list) -> Any:
    return object() if len(plain) == 3 else _bad()


def _bad() -> Any:
    raise BadValueError("no handle")


def _refusing(read: Callable[[], Any]) -> None:
    """Let pass what a test's cell is told of: a refusal, or an exception of the student's."""
    try:
        read()
    except (BadValueError, NotPlainError, GoneError) as error:
        # Reading calls any failure a refusal; that there was no room for it is one of ours.
        if isinstance(error.__context__, MemoryError):
            raise Broken(f"it took too much memory: {error}") from error
    except Exception as error:
        if not hasattr(error, "_of_the_other_side"):
            raise


def measured(target: Callable[[bytes], None], data: bytes) -> None:
    """Run a target on an input, and hold it to its memory; counting takes many times as long."""
    tracemalloc.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    if most > BASE + TIMES * len(data):
        raise Broken(f"{len(data):,} bytes of input took {most:,} bytes of memory")


def timed(target: Callable[[bytes], None], data: bytes) -> None:
    """Run a target on an input, and hold it to its time."""
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target(data)
    took = time.process_time() - start
    if took > SECONDS * max(1, len(data) / 65536):
        raise Broken(f"{len(data):,} bytes of input took {took:.1f} seconds")
