"""Runs a notebook in two processes: its test cells where no line of the student's ever ran.

The tests' process asks and the student's answers; everything passes through here, is held to the
limits, and is timed. What decides about points comes from the tests' process alone.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from curriculum.execution import names, preload, wire
from curriculum.execution.cells import (
    FRAME,
    GRACE,
    READ,
    TICK,
    Notebook,
    NotStartedError,
    complaint,
)
from curriculum.execution.job import Job, Ran, Stop
from curriculum.execution.outputs import MalformedError
from curriculum.execution.warm import Child
from curriculum.sandbox import limits as lim

_NOT_ASKED_FOR = (
    "The test can't rely on {!r} of an object of your own: give plain data, such as a number, a"
    " list or an array."
)
_CPU_CLOCK = 2
"""Of Linux's numbers for clocks: the processor time of all threads of a process."""


class SplitNotebook(Notebook):
    """A notebook whose test cells run apart.

    Parameters
    ----------
    job : Job
        What to run; `apart` names its test cells.
    child : Child
        For the student's cells.
    tests : Child
        For the test cells.
    """

    def __init__(self, job: Job, child: Child, tests: Child) -> None:
        super().__init__(job, child)
        self.tests = tests
        self._test_frames = wire.Frames(FRAME)
        self._test_sender = wire.Sender(tests.wire)
        self._tests_ready = self._tests_gone = False
        self._in_test = False
        self._asking: list[str] = []  # who waits for an answer, the last one first to get it
        self._since = 0.0
        self._clock = 0.0
        self._timed = False
        self._test = ""
        self._above: list[str] = []
        self._asked: dict[str, set[str]] = {}
        self._too_long = False
        self._strikes, self._next_strike = 0, 0.0
        self._lost_by = ""
        for name in ("wire", "stdout", "stderr"):
            end = getattr(tests, name)
            self._selector.register(end, selectors.EVENT_READ, f"test_{name}")
            os.set_blocking(end if isinstance(end, int) else end.fileno(), False)
        tests.wire.settimeout(job.limits.cell_seconds)

    def execute(self) -> Ran:
        """Run every cell, as `Notebook` does, and say for which attributes tests have asked."""
        ran = super().execute()
        asked = {cell: sorted(names) for cell, names in self._asked.items()}
        return replace(ran, facts={**ran.facts, "asked": asked})

    def _await_start(self) -> None:
        super()._await_start()
        deadline = time.monotonic() + 60
        while not self._tests_ready:
            self._listen(TICK)
            if self._tests_gone or time.monotonic() > deadline:
                raise NotStartedError(complaint(self.tests) or self._silence())
        self.tests.tree.baseline()

    def _silence(self) -> str:
        how = "ended" if self._tests_gone else "did not answer"
        return f"the tests' process {how} before its first cell"

    def _end(self) -> dict[str, Any]:
        used = super()._end()
        of_tests = self.tests.end()
        return {**used, "cpu_seconds": used["cpu_seconds"] + of_tests["cpu_seconds"]}

    def _look_a_last_time(self) -> None:
        self._in_test = False
        super()._look_a_last_time()

    def _ask(self, cell: NotebookNode) -> None:
        self._in_test = _grade_id(cell) in self.job.apart
        if not self._in_test:
            self._give(cell)
            super()._ask(cell)
            return
        self._above.append(self.job.given.get(_grade_id(cell), ""))
        self._run += 1
        self._outputs.unhook(self._run)
        self._test = _grade_id(cell)
        self._asked.setdefault(self._test, set())
        self._reply, self._stopping, self._asking = None, None, []
        content = {"code": cell.source, "silent": False, "store_history": True,
                   "user_expressions": {}, "allow_stdin": False}  # fmt: skip
        message = {"type": "execute_request", "run": self._run, "content": content}
        self._to_tests({**message, "count": self._run, "imports": self.job.imports})

    def _give(self, cell: NotebookNode) -> None:
        """Let a cell of the student's use what tests above it define where it can be read."""
        code = "\n".join(self._above)
        if names.defined(code) & set(names.used(preload.plain(cell.source))):
            self._send({"type": "given", "code": code, "imports": self.job.imports})
            self._above.clear()

    def _wait(self, index: int) -> None:
        if not self._in_test:
            super()._wait(index)
            return
        deadline = min(time.monotonic() + self.limits.cell_seconds, self._ends)
        while self._reply is None and not self._tests_gone:
            self._listen(TICK)
            self._hold_to_limits(deadline)
        self._unwind()
        self._close_test(index)

    def _hold_to_limits(self, deadline: float) -> None:
        now = time.monotonic()
        if not self._over and self._beyond():
            kind = self._stopping or lim.DIED
            self._stopping = None
            self._lose_student(kind)
        if now > deadline:
            self._stopping = lim.CELL_TIME if self._ends > deadline else lim.NOTEBOOK_TIME
            self.tests.tree.kill() if now > deadline + 3 * GRACE else self._interrupt_tests()
        elif self._students_turn and now > self._since + self.limits.call_seconds:
            self._stop_call()

    @property
    def _students_turn(self) -> bool:
        return bool(self._asking) and self._asking[-1] == "tests" and not self._over

    def _stop_call(self) -> None:
        """Interrupt a function that a test called and that does not come back."""
        self._too_long = True
        self._strikes += 1
        self._since = time.monotonic() - self.limits.call_seconds + GRACE
        if self._strikes > 2:
            self._lose_student(lim.CALL_TIME)
        else:
            self._interrupt()

    def _interrupt_tests(self) -> None:
        shell = self.tests.tree.shell
        if shell and time.monotonic() > self._next_strike:
            self._next_strike = time.monotonic() + GRACE
            with contextlib.suppress(ProcessLookupError):
                os.kill(shell, signal.SIGINT)
            if self._students_turn:
                self._interrupt()

    def _give_up(self, kind: str) -> None:
        if self._in_test:
            self._lose_student(kind)
        else:
            super()._give_up(kind)

    def _lose_student(self, kind: str) -> None:
        """End the student's process; the test that waits for it learns that it is gone."""
        stopping = self._stopping
        self._kill(kind)
        self._stopping = stopping
        self._lost(kind)

    def _lost(self, kind: str) -> None:
        self._lost_by = kind
        while self._asking:
            if self._asking.pop() == "tests":
                self._to_tests({"type": "answer", "gone": True})

    def _unwind(self) -> None:
        """See that nobody waits for an answer when a test cell has ended."""
        deadline = time.monotonic() + GRACE
        while self._asking and not self._over:
            if self._asking[-1] == "student":
                self._asking.pop()
                error = ["KeyboardInterrupt", "the test was stopped", "", 0]
                self._send({"type": "answer", "error": error, "run": self._run})
                self._turn_to_student()
            elif time.monotonic() > deadline:
                self._lose_student(self._stopping or lim.CELL_TIME)
            else:
                self._interrupt()
                self._listen(TICK)

    def _close_test(self, index: int) -> None:
        self._outputs.seal()
        reply = self._reply or {}
        if self._reply is None:
            self._stop(index, self._stopping or lim.DIED)
            self._over = self._over or lim.DIED
        elif self._stopping:
            self._stop(index, self._stopping)
            if self._stopping == lim.NOTEBOOK_TIME:
                self._over = lim.NOTEBOOK_TIME
        elif reply.get("status") == "error":
            self._as_the_reply_says(index, reply)
        if self._over and self._lost_by:
            kind, self._lost_by = self._lost_by, ""
            if not self.stops or self.stops[-1].cell != index:
                self.stops.append(Stop(index, kind, lim.sentence(kind, self.limits)))

    # --- messages

    def _to_tests(self, message: dict[str, Any]) -> None:
        try:
            self._test_sender.send(message)
        except OSError:
            self._tests_gone = True

    def _listen(self, seconds: float) -> None:
        for key, _ in self._selector.select(max(seconds, 0)):
            if key.data == "wire":
                self._read_wire()
            elif key.data == "test_wire":
                self._read_tests()
            else:
                self._read_pipe(key.fileobj, key.data)
        if self._in_test and self._over and self._asking:
            self._lost(self._over)

    def _read_tests(self) -> None:
        try:
            data = self.tests.wire.recv(READ)
        except ConnectionResetError:
            data = b""
        if not data:
            self._selector.unregister(self.tests.wire)
            self._tests_gone = True
            return
        for message, size in self._test_frames.feed(data):
            self._from_tests(message, size)

    def _from_tests(self, message: Any, size: int) -> None:
        if isinstance(message, wire.Oversize):
            self._outputs.cut = True
            self._to_tests({"type": "answer", "error": ["MemoryError", "too much data", "", 0]})
        elif message["type"] == "ready":
            self._tests_ready = True
        elif message["type"] in ("ask", "answer"):
            self._to_student(message)
        elif message.get("run") != self._run:
            return
        elif message["type"] == "execute_reply":
            self._reply = message["content"]
        else:
            self._outputs.take(message, size)

    def _to_student(self, message: dict[str, Any]) -> None:
        if self._over:
            if message["type"] == "ask":
                self._to_tests({"type": "answer", "gone": True})
            return
        if message.get("do") == "get" and not self._may_ask_for(str(message.get("name"))):
            error = ["AttributeError", _NOT_ASKED_FOR.format(message["name"]), "", 0]
            self._to_tests({"type": "answer", "error": error, "id": message.get("id")})
            return
        if message["type"] == "ask":
            self._asking.append("tests")
        elif self._asking and self._asking[-1] == "student":
            self._asking.pop()
        if message["type"] == "ask":
            self._timed = message.get("timed") is True
        self._turn_to_student()
        self._send({**message, "run": self._run})

    def _may_ask_for(self, name: str) -> bool:
        """Tell whether this test asks the reference solution's objects for an attribute."""
        self._asked[self._test].add(name)
        known = self.job.attributes.get(self._test)
        return known is None or name in known

    def _turn_to_student(self) -> None:
        self._too_long, self._strikes = False, 0
        self._since, self._clock = time.monotonic(), self._students_clock()

    def _students_clock(self) -> float:
        """Read the processor time of the student's process; it can't be told a lie about it."""
        shell = self.child.tree.shell
        if shell is None:
            return 0.0
        with contextlib.suppress(OSError):
            return time.clock_gettime((~shell << 3) | _CPU_CLOCK)
        return 0.0

    def _await_sleep(self) -> None:
        """Wait until the student's process waits: what it used is added up only then."""
        shell = self.child.tree.shell
        deadline = time.monotonic() + 0.005
        while shell and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if Path(f"/proc/{shell}/stat").read_text().rpartition(") ")[2][:1] == "S":
                    return

    def _message(self, message: Any, size: int) -> None:
        if not self._in_test:
            super()._message(message, size)
            return
        if isinstance(message, wire.Oversize):
            if not self._students_turn:
                raise MalformedError("something that nobody asked for")
            self._pass_on({"type": "answer", "error": ["MemoryError", "too much data", "", 0]})
            return
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise MalformedError("a message without a type")
        if message["type"] in ("ask", "answer"):
            if not self._students_turn:
                raise MalformedError("an answer that nobody asked for")
            self._pass_on(message)
        elif message["type"] == "stream" and message.get("run") == self._run:
            self._outputs.take(message, size)
        # Nothing else that the student's process says can stand in a test cell.

    def _pass_on(self, message: dict[str, Any]) -> None:
        """Give the student's side's word to the tests' side, with what it took to say it."""
        if self._timed:
            self._await_sleep()
        seconds = max(self._students_clock() - self._clock, 0.0)
        if message["type"] == "answer":
            self._asking.pop()
            if self._too_long:
                message = {**message, "error": ["TimeoutError", self._call_sentence(), "", 0]}
        else:
            self._asking.append("student")
        self._to_tests({**message, "seconds": seconds})

    def _call_sentence(self) -> str:
        return lim.sentence(lim.CALL_TIME, self.limits)


def _grade_id(cell: NotebookNode) -> str:
    meta = cell.metadata.get("nbgrader")
    return str(meta.get("grade_id", "")) if isinstance(meta, dict) else ""
