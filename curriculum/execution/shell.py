"""The student's side: an IPython kernel that has a wire in place of Jupyter's sockets.

The kernel is ipykernel's own, so that a cell behaves as it does in JupyterLab: displays, magics,
tracebacks, `await` at the top level, widgets, interrupts. What differs is where its messages go:
as frames of plain data to the process that grades. Nothing here is trusted by that process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ipykernel import ipkernel
from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from jupyter_client.session import Session
from traitlets.config import Config

from curriculum.execution import wire

RARELY = 0.1
"""Seconds between two frames of one stream; what is printed faster goes together."""
PIECE = 1 << 16
"""Characters of a stream that go in one frame at most, but for the last."""
READ = 1 << 16
"""Bytes that are taken from the wire at once: more would get memory of its own each time."""

SHOWN = {"display_data", "execute_result", "update_display_data", "comm_open", "comm_msg"}
"""Messages that hold whatever code wants to show."""

CONFIG = Config({"HistoryManager": {"enabled": False}})


class WireSession(Session):
    """Sends what the kernel publishes over the wire."""

    wire: wire.Sender
    master: int

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, parent: Any = None,
             ident: Any = None, buffers: Any = None, track: bool = False, header: Any = None,
             metadata: Any = None) -> dict[str, Any] | None:  # fmt: skip
        """Send a message; one of a process that the student's code forked goes nowhere."""
        if isinstance(msg_or_type, dict):
            msg, buffers = msg_or_type, buffers or msg_or_type.get("buffers")
        else:
            msg = self.msg(msg_or_type, content, parent, header=header, metadata=metadata)
        if os.getpid() != self.master:
            return msg
        said = {
            "type": msg["header"]["msg_type"],
            "run": msg["parent_header"].get("run", 0),
            "content": self._as_json(msg),
            "buffers": [bytes(buffer) for buffer in buffers or []],
        }
        try:
            self.wire.send(said)
        except (TypeError, ValueError, OverflowError) as error:
            # As a kernel does with what is no JSON: the cell sees the error.
            raise ValueError(f"This can't be shown: {error}") from error
        return msg

    def _as_json(self, msg: dict[str, Any]) -> Any:
        """Give a message's content as the JSON that a kernel sends: sets as lists, keys as text."""
        if msg["header"]["msg_type"] not in SHOWN:
            return msg["content"]
        try:
            return json.loads(self.serialize(msg)[-1])
        except UnicodeEncodeError:
            return msg["content"]  # the wire replaces what is no Unicode


class WireStream(OutStream):
    """`sys.stdout` or `sys.stderr` of the kernel: what is written goes over the wire."""

    def __init__(self, session: WireSession, name: str) -> None:
        thread = SimpleNamespace(io_loop=None, thread=None, schedule=lambda f: f())
        # The parent warns where it is given anything but a thread with a ZeroMQ socket.
        self.session, self.pub_thread, self.name = session, thread, name
        self._init_parent_headers()
        self._isatty, self._should_watch, self.echo = False, False, None
        self._local = threading.local()
        self._lock = threading.RLock()
        self._text: list[str] = []
        self._size, self._run, self._sent = 0, 0, 0.0

    def _init_parent_headers(self) -> None:
        import contextvars

        self._parent_header = contextvars.ContextVar("parent_header")
        self._parent_header.set({})
        self._parent_header_global = {}

    def fileno(self) -> int:
        """Give the descriptor that child processes write to."""
        return 2 if self.name == "stderr" else 1

    def close(self) -> None:
        """Close the stream."""
        self.flush()
        self.pub_thread = None

    def write(self, string: str) -> int:
        """Keep text until there is enough of it, or enough time went by."""
        if not isinstance(string, str):
            raise TypeError(f"write() argument must be str, not {type(string)}")
        if self.pub_thread is None:
            raise ValueError("I/O operation on closed file")
        if os.getpid() != self.session.master:
            # The wire is its parent's; a process of its own writes to the pipe beneath.
            os.write(self.fileno(), string.encode(errors="replace"))
            return len(string)
        with self._lock:
            run = self.parent_header.get("run", 0)
            if run != self._run:
                self._flush()
            self._run = run
            self._text.append(string)
            self._size += len(string)
            if self._size >= PIECE or time.monotonic() - self._sent > RARELY:
                self._flush()
        return len(string)

    def flush(self) -> None:
        """Send what was kept."""
        if os.getpid() == self.session.master:
            with self._lock:
                self._flush()

    def _flush(self) -> None:
        if not self._size:
            return
        text, self._text, self._size = "".join(self._text), [], 0
        self._sent = time.monotonic()
        parent = {"header": {"msg_type": "execute_request", "run": self._run}}
        # ipykernel's hooks may take a message away, as its %%capture of a widget does.
        msg = self.session.msg("stream", {"name": self.name, "text": text}, parent=parent)
        for hook in self._hooks:
            msg = hook(msg)
            if msg is None:
                return
        self.session.send(None, msg)


# Python's own messages tell of it by the name that it has in any kernel.
WireStream.__name__ = WireStream.__qualname__ = OutStream.__name__


class WireKernel(IPythonKernel):
    """ipykernel's kernel, asked and answering over the wire."""

    _execute_sleep = 0.0
    after_cell: Callable[[], None] | None = None

    async def do_execute(self, *args: Any, **kwargs: Any) -> Any:
        """Run a cell; what is done after it is done before it is said to be over."""
        reply = await super().do_execute(*args, **kwargs)
        if self.after_cell is not None:
            self.after_cell()
        return reply

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """Run the next cell whatever became of this one: a notebook is graded to its end."""


def make_kernel(sender: wire.Sender) -> WireKernel:
    """Make the kernel and put its streams in place of this process's."""
    session = WireSession(config=CONFIG)
    session.wire, session.master = sender, os.getpid()
    sys.stdout, sys.stderr = WireStream(session, "stdout"), WireStream(session, "stderr")
    with _no_modules_listed():
        kernel: WireKernel = WireKernel.instance(
            session=session,
            log=_quiet(),
            config=CONFIG,
            user_ns=None,  # the kernel makes a module of its own for it
            shell_channel_thread=SimpleNamespace(
                parent_thread=threading.main_thread(), manager=None
            ),
        )
    shell: Any = kernel.shell
    # `exit()` in a cell ends a kernel; here the cells after it are run all the same.
    shell.keepkernel_on_exit = True
    if not _has_terminals():
        shell.system = shell.system_raw
    shell.extension_manager.load_extension("storemagic")
    _as_the_kernels_application_does(kernel)
    return kernel


@contextlib.contextmanager
def _no_modules_listed() -> Iterator[None]:
    """Keep a kernel from listing the files of all modules, for a debugger that is not there.

    Looking at a module copies the memory pages that it shared with the zygote. With all libraries
    imported that is most of what a kernel takes to make.
    """
    names = vars(ipkernel)
    names["sys"] = SimpleNamespace(**{**vars(sys), "modules": {}})
    try:
        yield
    finally:
        names["sys"] = sys


def _has_terminals() -> bool:
    """Tell whether `!command` can have a terminal of its own; it does without, through a pipe."""
    try:
        for fd in os.openpty():
            os.close(fd)
    except OSError:
        return False
    return True


def _session(kernel: WireKernel) -> WireSession:
    session: Any = kernel.session
    return session


def _quiet() -> logging.Logger:
    """Give the kernel a log of its own that nobody reads: what it says is not the student's."""
    log = logging.Logger("kernel", logging.CRITICAL)
    log.addHandler(logging.NullHandler())
    return log


def _as_the_kernels_application_does(kernel: WireKernel) -> None:
    import pdb

    from ipykernel.kernelapp import IPKernelApp
    from IPython.core import debugger

    # Magics look for the kernel there; nothing of the application itself is started.
    application: Any = IPKernelApp.instance()
    application.kernel, application.shell = kernel, kernel.shell

    vars(debugger)["Pdb"] = debugger.InterruptiblePdb
    vars(pdb).update(Pdb=debugger.InterruptiblePdb, set_trace=debugger.set_trace)
    if "" not in sys.path:  # after the standard library, before what is installed
        installed = [Path(path).name in ("site-packages", "dist-packages") for path in sys.path]
        sys.path.insert(installed.index(True) if any(installed) else 0, "")
    backend = sys.modules.get("matplotlib_inline.backend_inline")
    if backend:  # imported before there was a kernel whose cells it could end with figures
        backend._enable_matplotlib_integration()


def rehearse(cells: Iterable[str]) -> None:
    """Run cells that nobody sees, in a process that ends with them."""
    nowhere: Any = SimpleNamespace(send=lambda message: None)
    shell: Any = make_kernel(nowhere).shell
    for cell in cells:
        shell.run_cell(cell, store_history=True)


class Inbox:
    """What comes over the wire, for the loop between cells and for whoever waits within one."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._frames = wire.Frames(most_bytes=1 << 31, most_items=None)
        self._waiting: deque[dict[str, Any]] = deque()
        self.arrived: Callable[[], None] = lambda: None

    def read(self) -> None:
        """Take what has come; ends this process where nothing can come any more."""
        data = self._socket.recv(READ)
        if not data:
            os._exit(0)
        for message, _ in self._frames.feed(data):
            if isinstance(message, dict):
                self._waiting.append(message)
        self.arrived()

    def take(self) -> dict[str, Any]:
        """Give the next message, waiting for it."""
        while not self._waiting:
            self.read()
        return self._waiting.popleft()

    def __bool__(self) -> bool:
        return bool(self._waiting)


Answer = Callable[[WireKernel, dict[str, Any]], Awaitable[None]]


def serve(kernel: WireKernel, sock: socket.socket, inbox: Inbox, answer: Answer) -> None:
    """Answer messages until the other side closes the wire."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    sender(kernel).send({"type": "ready"})
    while True:  # code of a cell may stop the loop
        try:
            loop.run_until_complete(_serve(kernel, sock, inbox, answer))
            return
        except RuntimeError as error:
            if "Event loop stopped" not in str(error):
                raise


async def _serve(kernel: WireKernel, sock: socket.socket, inbox: Inbox, answer: Answer) -> None:
    from tornado.ioloop import IOLoop

    kernel.io_loop = IOLoop.current()
    arrived = asyncio.Event()
    inbox.arrived = arrived.set
    loop = asyncio.get_running_loop()
    loop.add_reader(sock, inbox.read)
    # Handling any signal makes every signal wake the loop, so that a cell that awaits can be
    # interrupted. This one is ignored by default.
    loop.add_signal_handler(signal.SIGWINCH, lambda: None)
    try:
        while True:
            while inbox:
                await answer(kernel, inbox.take())
            arrived.clear()
            await arrived.wait()
    finally:
        loop.remove_reader(sock)


async def answer(kernel: WireKernel, message: dict[str, Any]) -> None:
    """Run a cell, or hand a widget what a frontend sent it."""
    parent = begin(kernel, message)
    kernel.pre_handler_hook()
    try:
        if message["type"] == "execute_request":
            shell: Any = kernel.shell
            shell.execution_count = message.get("count", shell.execution_count)
            await kernel.execute_request(None, [], parent)
        else:
            getattr(kernel.comm_manager, message["type"])(None, [], parent)
    except KeyboardInterrupt:
        # It came when the cell was over.
        _session(kernel).send(None, "execute_reply", {"status": "ok"}, parent)
    finally:
        kernel.post_handler_hook()
        sys.stdout.flush()
        sys.stderr.flush()


def begin(kernel: WireKernel, message: dict[str, Any]) -> dict[str, Any]:
    """Let what is said from here on belong to a cell; gives the request as Jupyter has it."""
    header = {"msg_id": f"run-{message['run']}", "msg_type": message["type"],
              "run": message["run"], "username": "", "session": "", "version": "5.3",
              "date": ""}  # fmt: skip
    parent = {
        "header": header,
        "parent_header": {},
        "metadata": message.get("metadata", {}),
        "content": message.get("content", {}),
        "buffers": [],
    }
    kernel.set_parent([], parent)
    return parent


def sender(kernel: WireKernel) -> wire.Sender:
    """Give the kernel's wire."""
    return _session(kernel).wire
