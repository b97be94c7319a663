"""Frames of plain data over a socket, between a graded notebook's process and its grader.

A frame is four bytes of length (big-endian) and that many bytes of MessagePack: numbers, text,
bytes, lists and dicts. Nothing in it can name a class or run code, and sizes, depth and types are
checked before anything is built of it. One side may be a student's process: whatever it sends ends
in a plain value or in `WireError`.
"""

from __future__ import annotations

import signal
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from typing import Any

import msgpack

HEADER = struct.Struct(">I")
_ALL_SIGNALS = signal.valid_signals()
_sigmask = getattr(sys.modules["_signal"], "pthread_sigmask", signal.pthread_sigmask)
"""Without the enumeration that `signal` makes of every number, which takes longer than to send."""
MOST_ITEMS = 2_000_000
"""Of one frame, in all its lists and dicts together; Python needs up to 80 bytes for each."""

Plain = Any
"""None, bool, int of 64 bits, float, str, bytes, and lists and dicts (keys: str) of these."""


class WireError(ValueError):
    """The other side sent what is no frame of plain data."""


class TooManyError(WireError):
    """It is plain data, with more items than are read."""


class Oversize:
    """Stands in the place of a frame that was larger than allowed; nothing was built of it."""

    def __init__(self, size: int) -> None:
        self.size = size


def pack(value: Plain) -> bytes:
    """Write a value as MessagePack; text that is no Unicode has its bad characters replaced.

    Raises
    ------
    TypeError, OverflowError, ValueError
        The value is not plain, or an integer has more than 64 bits.
    """
    return bytes(_packed(value))


def _packed(value: Plain) -> memoryview:
    """Write a value as `pack` does, and point to it where it was written."""
    packer = msgpack.Packer(use_bin_type=True, unicode_errors="replace", autoreset=False)
    packer.pack(value)
    return packer.getbuffer()


def unpack(data: bytes | memoryview, *, most_items: int | None = MOST_ITEMS) -> Plain:
    """Read one value; where `most_items` is None, it may have as many items as it has bytes.

    Raises
    ------
    WireError
        These bytes are no plain value, or a part of it is larger than allowed.
    TooManyError
        It has more items than allowed.
    """
    size = len(data)
    most = size if most_items is None else min(size, most_items)
    if most_items is not None:
        _count(data, most_items)
    try:
        return msgpack.unpackb(
            data,
            raw=False,
            strict_map_key=True,
            ext_hook=_no_extension,
            max_str_len=size,
            max_bin_len=size,
            max_array_len=most,
            max_map_len=most,
            max_ext_len=0,
        )
    except (ValueError, TypeError, msgpack.exceptions.UnpackException) as error:
        raise WireError(f"no plain data ({type(error).__name__}: {error})") from None


_STEPS = [0] * 256
"""Bytes of a value by its first byte, where that says it; 0 where more has to be read."""
for _first in (*range(0x80), 0xC0, 0xC2, 0xC3, *range(0xE0, 0x100)):
    _STEPS[_first] = 1
for _first in range(0xA0, 0xC0):
    _STEPS[_first] = 1 + (_first & 0x1F)
_STEPS[0xCA:0xD4] = [5, 9, 2, 3, 5, 9, 2, 3, 5, 9]
_LENGTHS = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
"""Bytes of the length of what is bytes or text."""
_COUNTS = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
"""Bytes of the number of items of what is a list or a dict."""


def _count(data: bytes | memoryview, most_items: int) -> None:
    """Refuse what says that there is more of it than came, or has too many items.

    MessagePack's reader makes room for as many items as a list says it has, lists in it included.
    """
    at, end, owed, items = 0, len(data), 1, 0
    try:
        while owed:
            first = data[at]
            step = _STEPS[first]
            owed -= 1
            if step:
                at += step
                continue
            if first in _LENGTHS:
                head = 1 + _LENGTHS[first]
                at += head + int.from_bytes(data[at + 1 : at + head])
                continue
            head = 1 + _COUNTS.get(first, 0)
            count = first & 0x0F if head == 1 else int.from_bytes(data[at + 1 : at + head])
            if 0x80 <= first <= 0x8F or first in (0xDE, 0xDF):
                count *= 2
            elif not (0x90 <= first <= 0x9F or first in (0xDC, 0xDD)):
                raise WireError(f"no plain data (it begins with {first:#x})")
            at += head
            owed += count
            items += count
            if owed > end - at:
                raise WireError("no plain data (shorter than it says)")
            if items > most_items:
                raise TooManyError(f"more than {most_items:,} items")
    except IndexError:
        raise WireError("no plain data (shorter than it says)") from None


def _no_extension(code: int, data: bytes) -> Plain:
    raise WireError(f"no plain data (an extension of type {code})")


def frame(value: Plain) -> bytes:
    """Give a value with its length in front."""
    data = pack(value)
    return HEADER.pack(len(data)) + data


class Frames:
    """Cuts a stream of bytes into frames; keeps no more than one frame's bytes at a time.

    Parameters
    ----------
    most_bytes : int
        Of one frame. A larger one is skipped as it comes, and given as `Oversize`; so is one with
        too many items.
    most_items : int, optional
        Of one frame. None where the grader sends them: it has counted what it passes on.
    """

    def __init__(self, most_bytes: int, most_items: int | None = MOST_ITEMS) -> None:
        self.most_bytes, self.most_items = most_bytes, most_items
        self._kept = bytearray()
        self._skip = 0

    def feed(self, data: bytes) -> Iterator[tuple[Plain | Oversize, int]]:
        """Take what came, and give the values that are whole now, each with its size in bytes.

        Raises
        ------
        WireError
            A whole frame is no plain data. Nothing after it can be trusted.
        """
        self._kept += data
        while True:
            if self._skip:
                cut = min(self._skip, len(self._kept))
                del self._kept[:cut]
                self._skip -= cut
                if self._skip:
                    return
            if len(self._kept) < HEADER.size:
                return
            (size,) = HEADER.unpack_from(self._kept)
            if size > self.most_bytes:
                del self._kept[: HEADER.size]
                self._skip = size
                yield Oversize(size), size
                continue
            end = HEADER.size + size
            if len(self._kept) < end:
                return
            try:
                with memoryview(self._kept)[HEADER.size : end] as whole:
                    value = unpack(whole, most_items=self.most_items)
            except TooManyError:
                value = Oversize(size)
            del self._kept[:end]
            yield value, size


class Sender:
    """Sends frames from any thread; no signal can leave half a frame on the socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._lock = threading.Lock()

    def send(self, value: Plain) -> None:
        """Send one value; waits until the other side has room for it."""
        data = _packed(value)
        head = HEADER.pack(len(data))
        before = _sigmask(signal.SIG_BLOCK, _ALL_SIGNALS)
        try:
            with self._lock:
                # One call sends all where it may block: a handler that another thread's signal
                # has called for would else run between two, and could raise.
                sent = self._socket.sendmsg([head, data])
                if sent < len(head):
                    self._socket.sendall(head[sent:])
                if sent < len(head) + len(data):
                    self._socket.sendall(data[max(sent - len(head), 0) :])
        finally:
            _sigmask(signal.SIG_SETMASK, before)
