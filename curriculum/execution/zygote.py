"""The zygote: a process that has imported what a topic needs, and forks a child for each notebook.

Run as `python -m curriculum.execution.zygote STATE`, with `STATE` as JSON. Whoever holds the other
end of its *door* may send a connection through it; the zygote ends when nobody is left. On a
connection it is asked in frames of plain data (`wire`). It runs no line of a student's code
itself: each child is confined first, is used for one notebook, and ends.
"""

from __future__ import annotations

import builtins
import gc
import importlib
import inspect
import json
import os
import selectors
import signal
import socket
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

from curriculum.execution import preload, wire
from curriculum.sandbox import confine, lifeline
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import Plan

FDS = ("wire", "stdout", "stderr", "complaints")
"""What comes with a request to fork, in this order."""
FAILED = 97
OWN_VARIABLES = (
    "MPLCONFIGDIR", "PYTHONPATH", "HOME", "TMPDIR", "IPYTHONDIR", "LC_CTYPE", "GLIBC_TUNABLES",
)  # fmt: skip
"""What `warm` gives this process, and no notebook."""
FORKS = 1000
"""After so many it starts anew: what leaks, leaks no further."""


class Zygote:
    """The process that this is.

    Parameters
    ----------
    state : dict
        As `first_state` gives it.
    """

    def __init__(self, state: dict[str, Any]) -> None:
        self.modules, self.plan = state["modules"], state["plan"]
        self.children = {int(pid): fd for pid, fd in state["children"].items()}
        self.fingerprint, self.forks = preload.fingerprint(), 0
        self.most_forks, self.generation = state["most_forks"], state["generation"]
        missing, threaded = _import(self.modules)
        if threaded:
            state["modules"] = [name for name in self.modules if name not in threaded]
            os.set_inheritable(state["door"], True)
            os.execv(sys.executable, command(state))
        self.facts = {"missing": missing, "generation": self.generation}
        confine.prepare(Plan.from_dict(state["plan"]))
        _import(_rehearse())
        self.facts["threads"] = _settle()
        self._selector = selectors.DefaultSelector()
        self.door = socket.socket(fileno=state["door"])
        self._selector.register(self.door, selectors.EVENT_READ, self._connect)
        for fd in state["connections"]:
            self._listen(fd)
        self._waiting: dict[int, socket.socket] = {}

    def run(self) -> NoReturn:
        """Answer until nobody is left to ask."""
        while True:
            for key, _ in self._selector.select():
                key.data(key.fileobj)

    def _listen(self, fd: int) -> None:
        connection = socket.socket(fileno=fd)
        self._selector.register(connection, selectors.EVENT_READ, self._answer)

    def _connect(self, door: socket.socket) -> None:
        said, fds, _, _ = socket.recv_fds(door, 1, 1)
        if not said:
            self._end()
        for fd in fds:
            self._listen(fd)

    def _end(self) -> NoReturn:
        for pid in self.children:
            os.kill(pid, signal.SIGKILL)
        sys.exit(0)

    def _answer(self, connection: socket.socket) -> None:
        try:
            fds = socket.recv_fds(connection, 1, len(FDS))[1]
            request = _receive(connection)
        except (EOFError, ConnectionError):
            self._hang_up(connection)
            return
        if request["ask"] == "facts":
            _send(connection, self.facts)
        elif request["ask"] == "reap":
            self._reap(connection, request["pid"])
        else:
            self._fork(connection, request, fds)
            if self.forks >= self.most_forks or self._is_old(request["role"]):
                self._start_anew()

    def _hang_up(self, connection: socket.socket) -> None:
        """End what a worker that is gone has left."""
        for pid in [pid for pid, fd in self.children.items() if fd == connection.fileno()]:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            del self.children[pid]
        self._selector.unregister(connection)
        connection.close()

    def _fork(self, connection: socket.socket, request: dict[str, Any], fds: list[int]) -> None:
        self.forks += 1
        try:
            pid = os.fork()
        except OSError as error:
            _send(connection, {"error": str(error)})
        else:
            if pid == 0:
                _become_notebook(request, dict(zip(FDS, fds, strict=True)), self._added())
            self.children[pid] = connection.fileno()
            _send(connection, {"pid": pid})
        for fd in fds:
            os.close(fd)

    def _is_old(self, role: str) -> bool:
        """Tell whether something was installed; the tests' fork comes right after the student's."""
        return role != "tests" and self.fingerprint != preload.fingerprint()

    def _added(self) -> dict[str, str]:
        """Give what imported libraries put into the environment."""
        ours = {*self.plan["environment"], *OWN_VARIABLES}
        return {name: value for name, value in os.environ.items() if name not in ours}

    def _reap(self, connection: socket.socket, pid: int) -> None:
        """Answer when a child has ended; others are answered in the meantime."""
        fd = os.pidfd_open(pid)

        def ended(_: Any) -> None:
            self._selector.unregister(fd)
            os.close(fd)
            _, status, used = os.wait4(pid, 0)
            self.children.pop(pid, None)
            seconds = used.ru_utime + used.ru_stime
            status = os.waitstatus_to_exitcode(status)
            _send(connection, {"status": status, "cpu_seconds": seconds})

        self._selector.register(fd, selectors.EVENT_READ, ended)

    def _start_anew(self) -> None:
        """Become a fresh process that has imported what is installed now; nobody notices."""
        connections = [
            key.fd for key in self._selector.get_map().values() if key.data == self._answer
        ]
        state = {
            "door": self.door.fileno(),
            "connections": connections,
            "modules": self.modules,
            "plan": self.plan,
            "most_forks": self.most_forks,
            "generation": self.generation + 1,
            "children": self.children,
        }
        for fd in (self.door.fileno(), *connections):
            os.set_inheritable(fd, True)
        os.execv(sys.executable, command(state))


def first_state(door: int, modules: Iterable[str], plan: Plan) -> dict[str, Any]:
    """Give what a zygote has to know.

    Returns
    -------
    dict
        `door` and `connections` (descriptors), `modules` to import, `plan` of what notebooks see,
        `children` (pid → descriptor of the connection that asked for it), `most_forks` until it
        starts anew, and `generation`, how often it has.
    """
    return {
        "door": door,
        "connections": [],
        "modules": list(modules),
        "plan": plan.as_dict(),
        "most_forks": FORKS,
        "generation": 1,
        "children": {},
    }


def command(state: dict[str, Any]) -> list[str]:
    """Give the command that starts a zygote."""
    return [sys.executable, "-P", "-m", "curriculum.execution.zygote", json.dumps(state)]


def _become_notebook(
    request: dict[str, Any], fds: dict[str, int], added: dict[str, str]
) -> NoReturn:
    """Turn this fork into the process of one notebook."""
    try:
        os.dup2(fds["stdout"], 1)
        os.dup2(fds["stderr"], 2)
        plan, limits = Plan.from_dict(request["plan"]), Limits.from_dict(request["limits"])
        keep = [1, 2, fds["wire"], fds["complaints"]]
        confine.confine(
            plan, limits, files=request["files"], keep=keep, complaints=fds["complaints"]
        )
        _as_fresh(added)
        from curriculum.execution import sides

        sides.serve(request["role"], socket.socket(fileno=fds["wire"]), fds["complaints"])
    except BaseException as error:
        reason = f"{type(error).__name__}: {error}".encode(errors="replace")
        os.write(fds["complaints"], reason[:2000])
    finally:
        os._exit(FAILED)


def _import(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Import modules; what can't be imported here is left to the cell that wants it.

    Returns
    -------
    missing : list of str
        Names that can't be imported, each with the error.
    threaded : list of str
        Names whose import has started a thread that stays: a fork would lose it.
    """
    missing, threaded = [], []
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
    # Libraries ask when they are imported whether they are in a notebook; pandas shows fewer
    # columns of a frame in a terminal.
    vars(builtins)["get_ipython"] = lambda: SimpleNamespace(kernel=None, config={"IPKernelApp": {}})
    for name in names:
        module, _, attribute = name.partition(":")
        try:
            imported = importlib.import_module(module)
            if attribute and attribute != "*" and not hasattr(imported, attribute):
                importlib.import_module(f"{module}.{attribute}")
        except BaseException as error:  # a broken library may raise anything
            missing.append(f"{name} ({type(error).__name__})")
        if _threads() > 1 and _without_pools() > 1:
            threaded.append(name)
    vars(builtins).pop("get_ipython", None)
    return missing, threaded


def _rehearse() -> list[str]:
    """Find what a kernel and the imported libraries import when they are first used.

    A fork tries it, and ends: what else it did to itself is gone with it.
    """
    before = set(sys.modules)
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            from curriculum import checks  # noqa: F401
            from curriculum.execution import shell, sides  # noqa: F401

            shell.rehearse(code for name, code in preload.FIRST_USE.items() if name in before)
        finally:
            with os.fdopen(write, "w") as pipe:
                pipe.writelines(f"{name}\n" for name in sys.modules if name not in before)
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        names = pipe.read().split("\n")
    os.waitpid(pid, 0)
    return [name for name in names if name and not name.startswith("__")]


def _settle() -> int:
    """Make this process cheap to fork; give the number of its threads."""
    threads = _without_pools()
    # Lists the files of all modules, as the first traceback of each notebook would.
    inspect.getmodule(inspect.currentframe(), "/nowhere")
    gc.collect()
    gc.freeze()
    return threads


def _without_pools() -> int:
    """End threads that a library starts again when it needs them; give the number of those left.

    OpenBLAS starts some when it is imported, and has ended them when it was forked once.
    """
    if _threads() > 1:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    return _threads()


def _threads() -> int:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.exists() else 1


def _as_fresh(added: dict[str, str]) -> None:
    """Forget what this process has from the zygote and a fresh one would not have.

    Parameters
    ----------
    added : dict
        What imported libraries put into the environment, as they would in a fresh process.
    """
    os.environ.update(added)
    tempfile.tempdir = None
    sys.argv[:] = ["ipykernel_launcher.py"]
    # Python's own generator is seeded anew by fork; these have a random seed from their import.
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.seed()


def _receive(connection: socket.socket) -> Any:
    size = wire.HEADER.unpack(_exactly(connection, wire.HEADER.size))[0]
    return wire.unpack(_exactly(connection, size))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def _send(connection: socket.socket, value: Any) -> None:
    with suppress(OSError):  # who asked is gone; its connection says so next
        connection.sendall(wire.frame(value))


if __name__ == "__main__":
    lifeline.die_with_parent()
    Zygote(json.loads(sys.argv[1])).run()
