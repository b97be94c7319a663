"""The trusted side's view of a zygote: start it, connect to it, fork a child from it, end it."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from platformdirs import user_cache_path

from curriculum.execution import wire, zygote
from curriculum.sandbox import levels, processes
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import BUBBLEWRAP, Plan
from curriculum.sandbox.processes import Tree

ENDING = 5.0
"""Seconds that a notebook's processes have to end when its shell has been killed."""
PATIENCE = 120.0
"""Seconds until an answer: the zygote may be starting, which takes some."""


class ZygoteError(RuntimeError):
    """A zygote can't start or can't fork; the message is one sentence."""


@dataclass(frozen=True)
class Warmth:
    """What a zygote was started for.

    Parameters
    ----------
    modules : tuple of str
        As `preload.modules` gives them.
    level : str
        Of the sandbox.
    threads : int, optional
        Of the libraries' pools.
    bubblewrap : int
        The program in whose world the zygote is, where it has one of its own.
    """

    modules: tuple[str, ...]
    level: str
    threads: int | None = None
    bubblewrap: int = 0

    def serves(self, other: Warmth) -> bool:
        """Tell whether what needs `other` can start from here."""
        same = (self.level, self.threads) == (other.level, other.threads)
        return same and set(other.modules) <= set(self.modules)


@dataclass
class Child:
    """A notebook's process, and this side's ends of its pipes.

    Parameters
    ----------
    pid, inner : int
        Of the process that waits for all the others of this notebook, here and in the zygote's
        world.
    zygote : Connection
        To the zygote that it came from.
    wire, stdout, stderr, complaints
        Each is ready to be read where the child wrote something.
    """

    pid: int
    inner: int
    zygote: Connection
    wire: socket.socket
    stdout: int
    stderr: int
    complaints: int
    tree: Tree = field(init=False)

    def __post_init__(self) -> None:
        self.tree = Tree(self.pid)

    def end(self) -> dict[str, Any]:
        """Kill what is left of the notebook and wait until all of it is gone.

        Returns
        -------
        dict
            `status`, the shell's exit status (negative: the signal that killed it), and
            `cpu_seconds` of everything that ran.
        """
        self._let_end()
        try:
            return self.zygote.ask({"ask": "reap", "pid": self.inner})
        finally:
            self.wire.close()
            for fd in (self.stdout, self.stderr, self.complaints):
                os.close(fd)

    def _let_end(self) -> None:
        """Kill the shell; the process above it counts what it used, and ends with all the rest."""
        with suppress(ProcessLookupError):
            waiting = os.pidfd_open(self.pid)
            ended = select.poll()
            ended.register(waiting, select.POLLIN)
            try:
                if self.tree.shell:
                    os.kill(self.tree.shell, signal.SIGKILL)
                if not ended.poll(ENDING * 1000):
                    self.tree.kill()
            finally:
                os.close(waiting)


LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Environment of a Python program that is to get large arrays by the page of two million bytes.

Each of the usual pages, of 4,096 bytes, costs a call of the kernel when it is first written to.
"""


class Connection:
    """A connection to a zygote, for one notebook at a time.

    Parameters
    ----------
    bell : socket
        Rings at the zygote's door; any process that has it may connect.
    warmth : Warmth
        What that zygote was started for.

    Raises
    ------
    ZygoteError
        It has ended.
    """

    def __init__(self, bell: socket.socket, warmth: Warmth) -> None:
        self.warmth = warmth
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(PATIENCE)
        with theirs:
            try:
                socket.send_fds(bell, [b"!"], [theirs.fileno()])
            except OSError as error:
                self.close()
                raise _silent(error) from None

    def ask(self, request: dict[str, Any], fds: Iterable[int] = ()) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises
        ------
        ZygoteError
            It has ended, does not answer, or could not do it.
        """
        try:
            socket.send_fds(self._socket, [b"?"], list(fds))
            self._socket.sendall(wire.frame(request))
            answer = self._answer()
        except (OSError, EOFError, wire.WireError) as error:
            raise _silent(error) from None
        if "error" in answer:
            raise ZygoteError(f"The warm process could not be forked: {answer['error']}.")
        return answer

    def _answer(self) -> dict[str, Any]:
        frames = wire.Frames(most_bytes=1 << 20)
        while True:
            data = self._socket.recv(1 << 16)
            if not data:
                raise EOFError
            for answer, _ in frames.feed(data):
                if isinstance(answer, dict):
                    return answer

    def fork(
        self, plan: Plan, limits: Limits, files: Mapping[str, bytes], role: str = "student"
    ) -> Child:
        """Make a process for one notebook: the student's, or the tests'.

        Raises
        ------
        ZygoteError
            It could not be made.
        """
        with ExitStack() as theirs, ExitStack() as ours:
            wire_ours, wire_theirs = socket.socketpair()
            ours.callback(wire_ours.close)
            theirs.callback(wire_theirs.close)
            reads, fds = [], [wire_theirs.fileno()]
            for _ in range(3):
                read, write = os.pipe()
                ours.callback(os.close, read)
                theirs.callback(os.close, write)
                reads.append(read)
                fds.append(write)
            what = {"plan": plan.as_dict(), "limits": limits.as_dict(), "files": dict(files)}
            request = {"ask": "fork", "role": role, **what}
            inner = self.ask(request, fds)["pid"]
            pid = self._here(inner)
            ours.pop_all()
        return Child(pid, inner, self, wire_ours, *reads)

    def _here(self, inner: int) -> int:
        """Find the number that a process of the zygote's has in this process's world."""
        if not self.warmth.bubblewrap:
            return inner
        pid = processes.outside(inner, self.warmth.bubblewrap)
        if pid is None:
            raise ZygoteError("The warm process forked a notebook that can't be seen from here.")
        return pid

    def close(self) -> None:
        """Hang up; the zygote ends what this side left running."""
        self._socket.close()


def _silent(error: Exception) -> ZygoteError:
    reason = str(error) or "it has ended"
    return ZygoteError(f"The warm process does not answer: {reason}.")


class Zygote:
    """A zygote that this process started, and that ends with it.

    Parameters
    ----------
    warmth : Warmth
        What it is for.
    plan : Plan
        Of any notebook that it will run.

    Raises
    ------
    ZygoteError
        It could not start.
    """

    def __init__(self, warmth: Warmth, plan: Plan) -> None:
        self.warmth = warmth
        self._home = tempfile.TemporaryDirectory(prefix="curriculum-zygote-")
        # Messages, not a stream: several processes may ring.
        self.bell, door = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with door:
                self._process = self._start(door.fileno(), plan)
            if plan.level == BUBBLEWRAP:
                self.warmth = replace(warmth, bubblewrap=self._process.pid)
            facts = self.facts()
        except (OSError, ZygoteError) as error:
            self.close()
            raise ZygoteError(str(error)) from None
        self.missing: list[str] = facts["missing"]
        if facts["threads"] != 1:
            self.close()
            raise ZygoteError(
                f"An imported library started {facts['threads'] - 1} threads of its own, which a"
                " fork would lose."
            )

    def _start(self, door: int, plan: Plan) -> subprocess.Popen[bytes]:
        state = zygote.first_state(door, self.warmth.modules, plan)
        # Matplotlib looks through all fonts of the machine where it has no list of them.
        fonts = user_cache_path("ml-interview-curriculum") / "matplotlib"
        environment = {**plan.environment, "MPLCONFIGDIR": str(fonts)}
        environment |= dict.fromkeys(("HOME", "TMPDIR", "IPYTHONDIR"), self._home.name)
        environment |= LARGE_PAGES
        if "PYTHONPATH" in os.environ:  # this package itself may have been found by it
            environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
        return subprocess.Popen(
            levels.zygote_command(plan, zygote.command(state)),
            pass_fds=[door],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )

    def facts(self) -> dict[str, Any]:
        """Ask it what it could not import, how many threads it has, and which generation it is."""
        connection = Connection(self.bell, self.warmth)
        try:
            return connection.ask({"ask": "facts"})
        finally:
            connection.close()

    def close(self) -> None:
        """End it, with any child that is left."""
        self.bell.close()
        process = getattr(self, "_process", None)
        if process:
            process.kill()
            process.wait()
        with suppress(OSError):
            self._home.cleanup()
