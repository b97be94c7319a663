"""Carries what a Jupyter kernel says over its sockets to the wire, and what it is asked back.

So a notebook in a real kernel is run by the same code, within the same limits and with the same
words, as one in a fork of a warm process. Whatever comes from the kernel may be a student's: parts
of messages are weighed before they are read, and what is too much is left out before it is built.
"""

from __future__ import annotations

import json
import os
import queue
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq
from jupyter_client.manager import KernelManager
from jupyter_client.session import DELIM, Session

from curriculum.execution import wire

MESSAGE_PART = 64 << 20
"""Bytes of the largest part of a message that is let in; the connection of a larger one is cut."""
WAITING = 10_000
"""Messages that ZeroMQ may keep on this side. A kernel drops those for which it has no room."""
HELD = 128 << 20
"""Bytes of messages that are taken from ZeroMQ before they are read."""
SWELLING = 512 << 20
"""Bytes by which this process may grow in one cell: ZeroMQ counts messages, and not their bytes.

What is too much for a cell is let go unread, so only what is sent in order to fill this process's
memory fills it.
"""
HEADER = 1 << 16
MARGIN = 1 << 20
TICK = 0.1
LATER = 0.01
ENDING_SECONDS = 0.5
"""Between the end of a kernel's connections and the end of the processes around it."""
IDLE_SECONDS = 4.0
"""How long a kernel's outputs may come after its reply."""
KNOWN: dict[str, dict[str, Any]] = {
    "stream": {},
    "display_data": {"metadata": {}},
    "update_display_data": {"metadata": {}},
    "execute_result": {"metadata": {}},
    "execute_input": {},
    "error": {},
    "clear_output": {},
    "comm_open": {"data": {}},
    "comm_msg": {"data": {}},
    "comm_close": {"data": {}},
}
"""Messages that are outputs, with what some kernels leave out of them."""

_LEFT_OUT = set(KNOWN) - {"execute_input", "clear_output", "comm_close"}
_LOST = {
    "status": "error",
    "ename": "OutputTooLarge",
    "evalue": "What this cell answered was too large to be read.",
    "traceback": ["What this cell answered was too large to be read."],
}


def limited_context() -> zmq.Context[Any]:
    """Make a context whose sockets let in only what this side has room for."""
    context: zmq.Context[Any] = zmq.Context()
    context.setsockopt(zmq.MAXMSGSIZE, MESSAGE_PART)
    context.setsockopt(zmq.RCVHWM, WAITING)
    context.setsockopt(zmq.SNDTIMEO, int(IDLE_SECONDS * 1000))
    return context


class TooLargeError(ValueError):
    """A message is too large to be read."""


class Bridge(threading.Thread):
    """Stands between a kernel and the wire until either ends.

    Parameters
    ----------
    manager : KernelManager
        Of a kernel that was started, with a context from `limited_context`.
    sock : socket
        The kernel's end of the wire; closed when the kernel has ended.
    alive : callable
        Tells whether the kernel's process is there.
    most_bytes : int
        Kept of a cell's outputs of each kind.
    """

    def __init__(
        self,
        manager: KernelManager,
        sock: socket.socket,
        alive: Callable[[], bool],
        most_bytes: int,
    ) -> None:
        super().__init__(name="kernel-bridge", daemon=True)
        self.most_bytes, self._sock = most_bytes, sock
        # What the kernel signs is checked, though a student's code can sign as well as it.
        self._session = Session(key=manager.session.key, packer="json", unpacker="json")
        self._line = _Line(manager, sock, alive)
        self._sender = wire.Sender(sock)
        self._run, self._asked = 0, ""
        self._sent: Counter[str] = Counter()
        self._reply: dict[str, Any] | None = None
        self._replied = self._idle = 0.0  # when; 0 is not yet

    def run(self) -> None:
        """Pass on what the kernel says."""
        self._line.start()
        try:
            while (heard := self._line.heard(TICK)) is None or heard.what != "over":
                if heard is not None:
                    getattr(self, f"_take_{heard.what}")(heard)
                self._finish_cell()
        except OSError:  # nobody listens any more
            pass
        finally:
            self._line.over.set()
            self._line.join()
            self._sock.close()

    def _take_ready(self, heard: _Heard) -> None:
        self._sender.send({"type": "ready"})

    def _take_asked(self, heard: _Heard) -> None:
        self._run, self._asked = heard.run, _name(heard.run)
        self._sent.clear()
        self._reply, self._replied, self._idle = None, 0.0, 0.0

    def _take_iopub(self, heard: _Heard) -> None:
        try:
            kind = self._kind(heard.parts)
            if kind in _LEFT_OUT and self._sent[_group(kind)] > self.most_bytes:
                return  # its size is known to be too much: it need not be read
            message = self._read(heard.parts)
        except TooLargeError:
            self._left_out(heard.parts)
        except _BAD:
            self._say("malformed", {})
        else:
            self._output(message)

    def _output(self, message: dict[str, Any]) -> None:
        if message["parent_header"].get("msg_id") != self._asked:
            return
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "status" and content.get("execution_state") == "idle":
            self._idle = time.monotonic()
        elif kind in KNOWN:
            self._say(kind, {**KNOWN[kind], **content}, message["buffers"])

    def _take_shell(self, heard: _Heard) -> None:
        if not self._asked:
            return
        try:
            message = self._read(heard.parts)
            if message["parent_header"].get("msg_id") != self._asked:
                return
            content = message["content"]
        except (TooLargeError, *_BAD):
            content = _LOST
        self._reply, self._replied = content, time.monotonic()

    def _take_cut(self, heard: _Heard) -> None:
        self._say("cut", {})
        if heard.channel == "shell" and self._asked and self._reply is None:
            self._reply, self._replied = _LOST, time.monotonic()

    def _take_swollen(self, heard: _Heard) -> None:
        self._say("malformed", {})

    def _finish_cell(self) -> None:
        """Pass the reply on when the outputs before it have come."""
        if self._reply is None:
            return
        if not self._idle:
            if time.monotonic() - self._replied < IDLE_SECONDS:
                return
            self._say("cut", {})  # what did not come was too large to be let in
        self._say("execute_reply", self._reply)
        self._reply, self._idle, self._asked = None, 0.0, ""

    def _kind(self, parts: list[bytes]) -> str:
        """Read what a message is, without reading all of it."""
        start = parts.index(DELIM)
        if len(parts) < start + 6 or any(len(part) > HEADER for part in parts[: start + 4]):
            raise ValueError("no message")
        return str(json.loads(parts[start + 2]).get("msg_type"))

    def _read(self, parts: list[bytes]) -> dict[str, Any]:
        if sum(map(len, parts)) > 4 * self.most_bytes + MARGIN:
            raise TooLargeError
        _, rest = self._session.feed_identities(parts)
        message = self._session.deserialize(rest)
        names = ("header", "parent_header", "content")
        if not all(isinstance(message[name], dict) for name in names):
            raise ValueError("no message")
        return {**message, "buffers": [bytes(buffer) for buffer in message["buffers"]]}

    def _left_out(self, parts: list[bytes]) -> None:
        """Keep the beginning of what was printed; of anything else, say that it is left out."""
        text = _beginning(parts[parts.index(DELIM) + 5], self.most_bytes)
        if text:
            self._say("stream", text)
        self._say("cut", {})

    def _say(self, kind: str, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        message = {"type": kind, "run": self._run, "content": content, "buffers": buffers or []}
        try:
            size = len(wire.pack(message))
        except (OverflowError, ValueError):  # numbers that the wire has no room for
            message["content"] = _in_64_bits(content)
            try:
                size = len(wire.pack(message))
            except (OverflowError, ValueError):
                message, size = {"type": "malformed", "run": self._run, "content": {}}, 0
        self._sent[_group(kind)] += size
        self._sender.send(message)


class _Heard(NamedTuple):
    """Something that a line has to tell: a message's parts, or what became of the line."""

    what: str
    parts: list[bytes] = []  # noqa: RUF012
    run: int = 0
    channel: str = ""


class _Channel(NamedTuple):
    """A socket, and one that tells when its connection is cut."""

    socket: Any
    monitor: Any

    @classmethod
    def of(cls, connected: Any) -> _Channel:
        return cls(connected, connected.get_monitor_socket(zmq.EVENT_DISCONNECTED))

    def close(self) -> None:
        self.socket.disable_monitor()
        self.socket.close(0)


class _Line(threading.Thread):
    """Speaks to a kernel over its sockets, which one thread alone may touch.

    It reads what comes at once and keeps it as it is, for the kernel drops what nobody reads.
    """

    def __init__(
        self, manager: KernelManager, sock: socket.socket, alive: Callable[[], bool]
    ) -> None:
        super().__init__(name="kernel-line", daemon=True)
        self.over = threading.Event()
        self._manager, self._sock, self._alive = manager, sock, alive
        self._session = Session(key=manager.session.key, packer="json", unpacker="json")
        self._frames = wire.Frames(1 << 31)
        self._kept: queue.SimpleQueue[_Heard] = queue.SimpleQueue()
        self._held, self._lock = 0, threading.Lock()
        self._poller = zmq.Poller()
        self._channels: dict[str, _Channel] = {}
        self._cut: dict[str, float] = {}  # when the connection of a channel was cut
        self._size = 0

    def heard(self, seconds: float) -> _Heard | None:
        """Give what comes next, waiting for it no longer than this."""
        try:
            heard = self._kept.get(timeout=seconds)
        except queue.Empty:
            return None
        self._hold(-sum(map(len, heard.parts)))
        return heard

    def _hold(self, size: int) -> None:
        with self._lock:
            self._held += size

    def _tell(self, what: str, **more: Any) -> None:
        self._kept.put(_Heard(what, **more))

    def run(self) -> None:
        """Listen until the kernel has ended, or nobody asks any more."""
        self._poller.register(self._sock, zmq.POLLIN)
        try:
            for name in ("shell", "iopub"):
                self._connect(name)
            if self._await_kernel():
                self._tell("ready")
                self._listen()
        except (OSError, zmq.ZMQError):  # the other side has ended it
            pass
        finally:
            for channel in self._channels.values():
                channel.close()
            self._tell("over")

    def _connect(self, name: str) -> None:
        """Connect to the kernel's shell or iopub, again where it was cut off."""
        if name in self._channels:
            for source in self._channels[name]:
                self._poller.unregister(source)
            self._channels[name].close()
        identity = os.urandom(8)  # a kernel may not let in twice who has the same
        connect = {"shell": self._manager.connect_shell, "iopub": self._manager.connect_iopub}[name]
        self._channels[name] = _Channel.of(connect(identity=identity))
        for source in self._channels[name]:
            self._poller.register(source, zmq.POLLIN)

    def _poll(self) -> set[str]:
        """Wait for something to come; names where it did."""
        ready = dict(self._poller.poll(int(TICK * 1000)))
        names = {name for name, channel in self._channels.items() if channel.socket in ready}
        names |= {f"cut {name}" for name, each in self._channels.items() if each.monitor in ready}
        return names | ({"wire"} if self._sock.fileno() in ready else set())

    def _await_kernel(self) -> bool:
        """Ask until the kernel answers and its outputs come; tells whether it does."""
        answered: set[str] = set()
        asked = 0.0
        while self._alive() and not self.over.is_set():
            if time.monotonic() - asked > (0.3 if "shell" in answered else 5.0):
                self._send("kernel_info_request", {})
                asked = time.monotonic()
            for name in self._poll() & {"shell", "iopub"}:
                self._channels[name].socket.recv_multipart()
                answered.add(name)
            if len(answered) == 2:
                return True
        return False

    def _listen(self) -> None:
        last = False
        while not self.over.is_set():
            ready = self._poll()
            if "wire" in ready and not self._take_asked():
                return
            for name in ready & {"iopub", "shell"}:
                self._take(name)
            self._mend(ready)
            if self._size and _own_size() - self._size > SWELLING:
                self._tell("swollen")
                return
            # What a kernel said before it ended is read first.
            if last and not ready:
                return
            last = not self._alive()

    def _take_asked(self) -> bool:
        data = self._sock.recv(1 << 16)
        message: Any
        for message, _ in self._frames.feed(data):
            kind, content = message["type"], message["content"]
            if kind != "execute_request":
                self._send(kind, content)
                continue
            self._size = _own_size()
            self._tell("asked", run=message["run"])
            # A kernel refuses what is asked soon after an error, unless it is told not to.
            self._send(kind, {**content, "stop_on_error": False}, _name(message["run"]))
        return bool(data)

    def _send(self, kind: str, content: dict[str, Any], name: str | None = None) -> None:
        message = self._session.msg(kind, content)
        if name:
            message["header"]["msg_id"] = message["msg_id"] = name
        self._session.send(self._channels["shell"].socket, message)

    def _take(self, name: str) -> None:
        """Take all that is there, and wait where too much of it has not been read yet."""
        source = self._channels[name].socket
        while not self.over.is_set():
            if self._held > HELD:
                time.sleep(LATER)
                return
            try:
                parts = source.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            self._hold(sum(map(len, parts)))
            self._tell(name, parts=parts)

    def _mend(self, ready: set[str]) -> None:
        """Go on after ZeroMQ has ended a connection, over which something too large came."""
        for name, channel in self._channels.items():
            if f"cut {name}" in ready:
                channel.monitor.recv_multipart()
                self._cut[name] = time.monotonic()
        for name, when in list(self._cut.items()):
            # It may be cut because the kernel is ending, which takes its time.
            if time.monotonic() - when > ENDING_SECONDS:
                del self._cut[name]
                self._connect(name)
                self._tell("cut", channel=name)


def _name(run: int) -> str:
    """Name what is asked, as widgets tell whose output they take: see `outputs.Outputs`."""
    return f"run-{run}"


_BAD = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


def _group(kind: str) -> str:
    """Name what counts together, as `outputs.Outputs` counts it."""
    if kind.startswith("comm"):
        return "comm"
    return kind if kind in ("stream", "error", "execute_result") else "display"


_STREAM = re.compile(rb'\{"name": ?"(stdout|stderr)", ?"text": ?"')


def _beginning(raw: bytes, most: int) -> dict[str, Any] | None:
    """Read the first bytes of a stream whose message is too large to be read, if it is one."""
    found = _STREAM.match(raw)
    if found is None:
        return None
    text = raw[found.end() : found.end() + most].decode(errors="ignore")
    for cut in range(len(r"\u0000")):  # it may end amidst an escaped character
        try:
            whole = json.loads(f'"{text[: len(text) - cut]}"')
        except ValueError:
            continue
        return {"name": found[1].decode(), "text": whole}
    return None


def _in_64_bits(value: Any) -> Any:
    """Write integers as text that have more than 64 bits."""
    if isinstance(value, dict):
        return {name: _in_64_bits(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_in_64_bits(each) for each in value]
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return str(value)
    return value


def _own_size() -> int:
    """Give this process's own memory in bytes, or 0 where that is not known."""
    try:
        with open("/proc/self/statm") as file:  # noqa: PTH123
            pages = file.read().split()
    except OSError:
        return 0
    return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE")
