"""Runs the cells of one notebook in a child of a zygote, and holds it to its limits."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from itertools import pairwise
from typing import Any

import nbformat
from nbformat import NotebookNode, v4

from curriculum.execution import signs, wire
from curriculum.execution.job import Job, Ran, Sign, Stop
from curriculum.execution.outputs import MalformedError, Outputs
from curriculum.execution.warm import Child
from curriculum.sandbox import limits as lim
from curriculum.sandbox.cgroups import Group

TICK = 0.1
"""Seconds between two looks at what a notebook uses."""
GRACE = 2.0
"""Seconds that a cell has to stop after it was asked to."""
START = 60.0
READ = 1 << 18
LAST_LOOK = 1.0
"""Seconds that a notebook's process has to say what it has become when its cells are over."""
LINE = 20_000
"""Characters of a traceback's part for one function."""
FRAME = 64 << 20
"""Bytes of the largest message that is read; a figure in print quality has about five million."""

ENAMES = {"MemoryError": lim.MEMORY, "BrokenProcessPool": lim.DIED}
"""Errors by which Python itself says that a limit was met."""


class NotStartedError(RuntimeError):
    """The notebook's process could not be made; the message says why."""


class Notebook:
    """A notebook that is being run.

    Parameters
    ----------
    job : Job
        What to run.
    child : Child
        The process to run it in, used for nothing else.
    """

    def __init__(self, job: Job, child: Child) -> None:
        self.job, self.child, self.limits = job, child, job.limits
        self.notebook: NotebookNode = nbformat.reads(job.notebook.decode(), 4)
        self.stops: list[Stop] = []
        self.signs: list[Sign] = []
        self.group: Group | None = None
        self._outputs = Outputs(self.notebook, int(self.limits.output_mb * 1e6))
        self._frames = wire.Frames(FRAME)
        self._sender = wire.Sender(child.wire)
        self._run = 0
        self._reply: dict[str, Any] | None = None
        self._ready = self._closing = self._reported = False
        self._index = self._previous = 0
        self._looks = _before_tests(self.notebook, with_tests=not job.apart)
        self._over = ""  # the kind of stop after which no cell can run
        self._stopping: str | None = None
        self._memory = self._cpu = self._looked = 0.0
        self._selector = selectors.DefaultSelector()
        for name in ("wire", "stdout", "stderr"):
            self._selector.register(getattr(child, name), selectors.EVENT_READ, name)
            os.set_blocking(_fd(getattr(child, name)), False)
        # What waits for data asks first whether there is any: this is for sending.
        child.wire.settimeout(job.limits.call_seconds)

    def execute(self) -> Ran:
        """Run every cell, whatever becomes of those before it.

        Raises
        ------
        NotStartedError
            Not one cell could be run, through no fault of the notebook.
        """
        began = time.monotonic()
        self._ends = began + self.limits.notebook_seconds
        try:
            self._await_start()
            self.child.tree.baseline()
            for index, cell in enumerate(self.notebook.cells):
                if cell.cell_type == "code" and cell.source.strip():
                    self._cell(index, cell)
            self._look_a_last_time()
            self._outputs.keep_widgets()
        finally:
            self._selector.close()
            used = self._end()
        facts = {
            "seconds": time.monotonic() - began,
            # Of processes that were killed together, none counts what the others had used.
            "cpu_seconds": max(used["cpu_seconds"], self._cpu),
            "memory_mb": self._memory,
        }
        written = nbformat.writes(self.notebook).encode()
        return Ran(written, tuple(self.stops), facts, tuple(self.signs))

    def _end(self) -> dict[str, Any]:
        return self.child.end()

    def _await_start(self) -> None:
        deadline = time.monotonic() + START
        while not self._ready:
            self._listen(deadline - time.monotonic())
            if self._over or time.monotonic() > deadline:
                raise NotStartedError(complaint(self.child) or "its process did not answer")

    def _cell(self, index: int, cell: NotebookNode) -> None:
        self._outputs.start(cell, index)
        self._previous, self._index = self._index, index
        if not self._over and time.monotonic() > self._ends:
            self._over = lim.NOTEBOOK_TIME
        if self._over:
            later = self._over if self._over == lim.NOTEBOOK_TIME else lim.NOT_RUN
            self._stop(index, later)
            return
        self._ask(cell)
        self._wait(index)
        self._drain()
        if self._outputs.cut:
            self._cut(index)
        self._outputs.finish()

    def _look_a_last_time(self) -> None:
        """See what the last test made the student's code do; nothing else is heard any more."""
        if self._over or not self._run:
            return
        self._closing = True
        self._run += 1
        self._outputs.start(v4.new_code_cell(), self._index)
        self._send({"type": "look", "run": self._run})
        deadline = time.monotonic() + LAST_LOOK
        while not self._reported and not self._over and time.monotonic() < deadline:
            self._listen(TICK)

    def _ask(self, cell: NotebookNode) -> None:
        self._run += 1
        self._reply, self._stopping = None, None
        content = {"code": cell.source, "silent": False, "store_history": True,
                   "user_expressions": {}, "allow_stdin": False}  # fmt: skip
        for widget in self._outputs.to_widgets():
            self._send({"type": "comm_msg", "run": self._run - 1, "content": widget})
        message = {"type": "execute_request", "run": self._run, "count": self._run}
        look = self._index in self._looks
        self._send({**message, "content": content, "look": look})

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._sender.send(message)
        except TimeoutError:  # it is there, and reads nothing: it was stopped, perhaps by itself
            self._give_up(lim.CALL_TIME)
        except OSError:  # it has ended; the loop sees that too
            self._over = self._over or lim.DIED

    def _give_up(self, kind: str) -> None:
        self._kill(kind)

    def _wait(self, index: int) -> None:
        """Wait for the end of a cell, and stop it where it goes beyond a limit."""
        began = time.monotonic()
        deadline, kind = began + self.limits.cell_seconds, lim.CELL_TIME
        if self._ends < deadline:
            deadline, kind = self._ends, lim.NOTEBOOK_TIME
        strikes = 0
        while self._reply is None and not self._over:
            self._listen(TICK)
            if self._beyond():
                self._kill(self._stopping or lim.DIED)
            elif time.monotonic() > deadline:
                self._stopping = kind
                strikes += 1
                deadline = time.monotonic() + GRACE
                if strikes > 2:
                    self._kill(kind)
                else:
                    self._interrupt()
        self._close_cell(index)

    def _close_cell(self, index: int) -> None:
        reply = self._reply or {}
        if self._reply is None:
            self._drain()
            self._stop(index, self._stopping or self._why_it_ended())
        elif self._stopping:
            self._stop(index, self._stopping)
            if self._stopping == lim.NOTEBOOK_TIME:
                self._over = lim.NOTEBOOK_TIME
        elif reply.get("status") == "error":
            self._as_the_reply_says(index, reply)

    def _as_the_reply_says(self, index: int, reply: dict[str, Any]) -> None:
        """Make sure that the cell shows its error, which code of the cell can suppress."""
        name, value = _text(reply.get("ename")), _text(reply.get("evalue"))
        cell = self.notebook.cells[index]
        if not any(o.output_type == "error" and o.ename == name for o in cell.outputs):
            traceback = reply.get("traceback")
            said = traceback[:100] if isinstance(traceback, list) else []
            lines = [line[:LINE] for line in said if isinstance(line, str)]
            self._outputs.error(name[:200], value[:2000], lines or [f"{name}: {value}"[:LINE]])
        kind = ENAMES.get(name) or _kind_of(value)
        if kind:
            self.stops.append(Stop(index, kind, lim.sentence(kind, self.limits)))

    def _why_it_ended(self) -> str:
        """Find which limit ended the process, if one did."""
        if self.group is not None and self.group.out_of_memory():
            return lim.MEMORY
        return self._over if self._over in lim.KINDS else lim.DIED

    def _beyond(self) -> bool:
        """Tell whether the notebook uses more than it may; says so in `_stopping`."""
        now = time.monotonic()
        if now - self._looked < TICK:
            return False
        self._looked = now
        tree, most = self.child.tree, self.limits.memory_mb * 1e6
        used = tree.memory()
        self._memory = max(self._memory, used / 1e6)
        self._cpu = max(self._cpu, tree.cpu_seconds())
        # Counted quickly, memory that processes share counts for each of them.
        if used > most and tree.memory(exact=True) > most:
            self._stopping = lim.MEMORY
        elif self._cpu > self.limits.cpu_seconds:
            self._stopping = lim.CPU_TIME
        else:
            return False
        return True

    def _interrupt(self) -> None:
        shell = self.child.tree.shell
        if shell:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(shell, signal.SIGINT)

    def _kill(self, kind: str) -> None:
        self._stopping, self._over = kind, kind
        self.child.tree.kill()

    def _stop(self, index: int, kind: str) -> None:
        sentence = lim.sentence(kind, self.limits)
        self.stops.append(Stop(index, kind, sentence))
        self._outputs.error(_ERRORS.get(kind, "KernelDied"), sentence, [sentence])

    def _cut(self, index: int) -> None:
        sentence = lim.sentence(lim.OUTPUT, self.limits)
        self.stops.append(Stop(index, lim.OUTPUT, sentence))
        self._outputs.note(sentence)

    def _listen(self, seconds: float) -> None:
        """Take what has come, waiting for it no longer than `seconds`."""
        for key, _ in self._selector.select(max(seconds, 0)):
            if key.data == "wire":
                self._read_wire()
            else:
                self._read_pipe(key.fileobj, key.data)

    def _read_pipe(self, fd: Any, name: str) -> bool:
        try:
            data = os.read(fd, READ)
        except BlockingIOError:
            return False
        if data:
            self._outputs.stream(name.removeprefix("test_"), data)
        else:
            self._selector.unregister(fd)
        return bool(data)

    def _read_wire(self) -> None:
        try:
            data = self.child.wire.recv(READ)
        except ConnectionResetError:
            data = b""
        if not data:
            self._selector.unregister(self.child.wire)
            self._over = self._over or lim.DIED
            return
        try:
            for message, size in self._frames.feed(data):
                self._message(message, size)
        except (wire.WireError, MalformedError):
            self._kill(lim.MALFORMED)

    def _message(self, message: Any, size: int) -> None:
        if isinstance(message, wire.Oversize):
            self._outputs.cut = True
            return
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise MalformedError("a message without a type")
        if message["type"] == "ready":
            self._ready = True
        elif message.get("run") != self._run:
            return  # of a thread that outlived its cell: a kernel's client drops it too
        elif message["type"] == "signs":
            self._take_signs(message.get("content"))
        elif self._closing:
            return
        elif message["type"] == "execute_reply":
            if not isinstance(message.get("content"), dict):
                raise MalformedError("a reply without content")
            self._reply = message["content"]
        else:
            self._outputs.take(message, size)

    def _take_signs(self, content: Any) -> None:
        """Keep what a report says that can be said at all.

        It belongs to the cell that runs or to the one before, as it says itself: the student's code
        was at work in both.
        """
        early = type(content) is dict and content.get("before") is True
        cell = self._previous if early else self._index
        # What follows a last report is heard as little as what came before it.
        self._reported = self._closing
        known = {(sign.kind, sign.name) for sign in self.signs}
        for kind, name in signs.checked(content):
            if (kind, name) not in known and len(self.signs) < signs.MOST:
                known.add((kind, name))
                self.signs.append(Sign(cell, kind, name))

    def _drain(self) -> None:
        """Take what a cell's child processes wrote, which is in the pipes when the cell ends."""
        for key in list(self._selector.get_map().values()):
            if key.data.endswith("wire"):
                continue
            for _ in range(_DRAINS):
                if not self._read_pipe(key.fileobj, key.data):
                    break


_DRAINS = 64
_ERRORS = {
    lim.CELL_TIME: "CellTimeoutError",
    lim.NOTEBOOK_TIME: "CellTimeoutError",
}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _before_tests(notebook: NotebookNode, *, with_tests: bool) -> set[int]:
    """Give the cells after which to look for signs: what a test finds was made until then."""
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    tests = {index for index in code if _is_test(notebook.cells[index])}
    before = {index for index, after in pairwise(code) if after in tests and index not in tests}
    return before | tests if with_tests else before


def _is_test(cell: NotebookNode) -> bool:
    meta = cell.metadata.get("nbgrader")
    return isinstance(meta, dict) and bool(meta.get("grade")) and not meta.get("solution")


def _kind_of(value: str) -> str | None:
    """Tell which limit an error's words name, as the system says them."""
    words = {
        "No space left on device": lim.DISK,
        "File too large": lim.DISK,
        "can't start new thread": lim.PROCESSES,
        "Resource temporarily unavailable": lim.PROCESSES,
    }
    return next((kind for said, kind in words.items() if said in value), None)


def complaint(child: Child) -> str:
    """Give what a process said that could not become a notebook's; empty where it said nothing."""
    os.set_blocking(child.complaints, False)
    with contextlib.suppress(BlockingIOError):
        return os.read(child.complaints, 4000).decode(errors="replace")
    return ""


def _fd(source: Any) -> int:
    return source if isinstance(source, int) else source.fileno()
