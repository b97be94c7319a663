"""Real Jupyter kernels in the sandbox: another language's, or for a course that needs the protocol.

`SandboxedKernel` starts the kernel of any kernelspec where jupyter_client starts kernels, so in
nbclient, in nbgrader as it comes, in JupyterLab: name `curriculum-sandbox` as the provisioner in a
kernelspec, or in the environment as `JUPYTER_DEFAULT_PROVISIONER_NAME`. `run_cold` runs a notebook
in one, within the same limits and with the same words as a notebook in a fork of a warm process.

There is no network inside, so the kernel is spoken to over sockets in the file system. They are
the kernel's own, in a folder of its own, which only it sees. This side reaches them by a handle of
that folder, and never follows a name in it: a notebook can't lead it to another program's socket.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, NoSuchKernel
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, Dict, List, Unicode

from curriculum.execution import kernels_inside as inside
from curriculum.execution.cells import Notebook, NotStartedError
from curriculum.execution.job import Job, Ran
from curriculum.execution.kernels_bridge import Bridge, limited_context
from curriculum.execution.warm import Child
from curriculum.sandbox import leftovers, levels
from curriculum.sandbox.cgroups import Group
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import LAYERS, NONE, Plan, SandboxError, make_plan
from curriculum.sandbox.processes import Tree

START_SECONDS = 60.0
"""In which a kernel must have made its sockets."""
LATE_SECONDS = 2.0
"""In which it makes the last of them, when it has made those that no kernel is without."""
LOOK_SECONDS = 0.01
LONGEST = 100
"""Of a socket's path, in bytes; the system's own limit is a little above."""

_PORTS = {"shell": 1, "iopub": 2, "control": 3, "stdin": 4, "hb": 5}
_NEEDED = ("shell", "iopub", "control")
_LINUX = sys.platform.startswith("linux")
_PASS_CREDENTIALS, _CREDENTIALS = 16, 2  # SO_PASSCRED and SCM_CREDENTIALS of Linux


Fork = Callable[[Plan, Limits], Child]
"""Makes a child of a warm process that, shut in, calls `kernels_inside.serve` with its wire."""


class KernelStartError(RuntimeError):
    """A kernel could not be started in the sandbox; the message is one sentence."""


class SandboxedKernel(LocalProvisioner):
    """Starts a kernel in the sandbox, for anything that starts kernels through jupyter_client.

    What stands in the notebook's folder is copied into the sandbox, and what the notebook writes
    ends with it.
    """

    limits: Any = Dict(
        help="Limits of the notebook, e.g. {'memory_mb': 1024}; see curriculum.sandbox.limits."
    ).tag(config=True)
    show: Any = List(
        Unicode(), help="Folders to show, read-only, besides the system, Python and the kernelspec."
    ).tag(config=True)
    variables: Any = List(
        Unicode(),
        ["LANG", "LC_ALL", "TZ", "NBGRADER_EXECUTION", "NBGRADER_VALIDATING"],
        help="Variables of this environment that the kernel is given.",
    ).tag(config=True)
    run_student_code_unprotected: Any = Bool(
        False,
        help="Run without a sandbox where there is none: students' code can then read the answer"
        " key and change the gradebook.",
    ).tag(config=True)

    # Set by `run_cold` before the start; else they follow from the configuration.
    plan: Plan | None = None
    files: Mapping[str, bytes] | None = None
    fork: Fork | None = None

    confined: Confined | None = None
    _outside: tempfile.TemporaryDirectory[str] | None = None

    @property
    def _manager(self) -> Any:
        return self.parent

    # --- starting

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Say where this side will find the kernel's sockets, and prepare its command."""
        manager = self._manager
        if self._outside is None:
            self._outside = _folder_outside()
        folder = self._outside.name
        manager.transport, manager.cache_ports = "ipc", False
        # An absolute path: jupyter_client's own is relative, and so another one for the kernel.
        manager.ip = f"{folder}/{inside.SOCKETS}"
        manager.connection_file = manager.connection_file or f"{folder}/{inside.CONNECTION}"
        for name, port in _PORTS.items():
            setattr(manager, f"{name}_port", port)
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel, and wait until it can be spoken to.

        Raises
        ------
        KernelStartError
            It could not be started.
        """
        try:
            await self._launch(cmd, kwargs.get("cwd"), kwargs.get("env") or {})
        except BaseException:
            await self.cleanup()
            raise
        return self.connection_info

    async def _launch(self, cmd: list[str], cwd: str | None, env: Mapping[str, str]) -> None:
        limits = Limits.from_dict(self.limits)
        plan = self.plan or self._make_plan()
        if self.files is None:
            files = files_of(cwd, limits.disk_mb * 1_000_000)
        else:
            files = dict(self.files)
        asked = self._asked(plan, cmd, env, files)
        # The thread that starts it is the one with which it dies.
        self.confined = self._confine(plan, limits, asked)
        self.process, self.pid = self.confined.process, self.confined.tree.pid
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self.confined.start, asked, files)
        await self._find_sockets(self.confined)
        if self.plan is None:  # nobody else looks after it
            _Watch(self.confined, limits).start()

    def _make_plan(self) -> Plan:
        level = levels.probe().level
        if level == NONE and not self.run_student_code_unprotected:
            raise KernelStartError(
                "This machine offers no sandbox, and without one a student's code can read the"
                " answer key and change the gradebook: `curriculum doctor` says what is missing."
            )
        return make_plan(level)

    def _asked(
        self, plan: Plan, cmd: list[str], env: Mapping[str, str], files: Mapping[str, bytes]
    ) -> dict[str, Any]:
        """Say what is to be started inside; see `kernels_inside.serve`."""
        folder = f"{plan.temporary}/kernel-{uuid.uuid4().hex[:8]}"
        prefix = f"{folder}/{inside.SOCKETS}"
        if len(os.fsencode(prefix)) > LONGEST:
            raise KernelStartError(f"The path {folder} is too long for a kernel's sockets.")
        outside = self._manager.connection_file
        connection = json.loads(Path(outside).read_text())
        own = f"{folder}/{inside.CONNECTION}"
        return {
            "argv": [argument.replace(os.path.realpath(outside), own) for argument in cmd],
            "arguments": [],
            "environment": {**_with_package(plan).environment, **self._own_variables(env)},
            "folder": folder,
            "connection": {**connection, "ip": prefix},
            "files": [[name, len(content)] for name, content in files.items()],
        }

    def _own_variables(self, env: Mapping[str, str]) -> dict[str, str]:
        """Choose from an environment what is the kernelspec's, or asked for in so many words."""
        names = {*self.variables, *(self.kernel_spec.env if self.kernel_spec else ())}
        return {name: env[name] for name in sorted(names) if name in env}

    def _confine(self, plan: Plan, limits: Limits, asked: dict[str, Any]) -> Confined:
        if self.fork is not None and _is_ipykernel(asked["argv"]):
            asked["arguments"], asked["argv"] = _arguments(asked["argv"]), []
            return _Forked(self.fork(plan, limits))
        shown = [path for path in (*self.show, *needed(self.kernel_spec)) if Path(path).exists()]
        plan = replace(plan, read_only=(*plan.read_only, *_others(shown, plan.read_only)))
        return _Started(_with_package(plan), limits)

    async def _find_sockets(self, confined: Confined) -> None:
        """Give this side's names to the kernel's sockets as it makes them."""
        wanted = dict(_PORTS)
        end = time.monotonic() + START_SECONDS
        while wanted and time.monotonic() < end:
            for name in [name for name in wanted if confined.link(self._manager.ip, wanted[name])]:
                del wanted[name]
                if not {*_NEEDED} & {*wanted}:
                    end = min(end, time.monotonic() + LATE_SECONDS)
            if confined.process.poll() is not None:
                raise KernelStartError(f"The kernel ended while it started{confined.last_words()}.")
            await asyncio.sleep(LOOK_SECONDS)
        if {*_NEEDED} & {*wanted}:
            raise KernelStartError(f"The kernel did not start in {START_SECONDS:g} seconds.")

    # --- while it runs

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and what it started, not to what shuts it in."""
        if self.confined is not None and self.process and self.process.poll() is None:
            self.confined.signal(signum)

    def resolve_path(self, path: str) -> str | None:
        """Give no path of this machine: the kernel sees others."""
        return None

    # --- ending

    async def wait(self) -> int | None:
        """Wait until the kernel has ended, with everything that it started."""
        status = await super().wait()
        self._end()
        return status

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and everything that it started."""
        if self.confined is not None:
            self.confined.kill()

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Leave nothing behind."""
        self._end()
        if self._outside is not None and not restart:
            self._outside.cleanup()
            self._outside = None

    def _end(self) -> None:
        if self.confined is not None:
            self.confined.end()
        self.confined = self.process = None


class Confined:
    """A kernel's processes, seen from outside.

    Parameters
    ----------
    sock : socket
        To what runs inside before the kernel does.
    tree : Tree
        Of the processes.
    """

    process: Any
    """Has `poll`, `wait`, and what else `LocalProvisioner` wants of a process."""

    def __init__(self, sock: socket.socket, tree: Tree, said: int) -> None:
        self.tree = tree
        self._sock, self._said = sock, _Reader(said)
        self._kernel: int | None = None
        self._folder = ""
        self._handles: list[int] = []

    def start(self, asked: dict[str, Any], files: Mapping[str, bytes]) -> None:
        """Let the kernel start.

        Raises
        ------
        KernelStartError
            It can't.
        """
        data = json.dumps(asked).encode()
        self._sock.settimeout(START_SECONDS)
        if _LINUX:  # so the kernel tells this side's number of the process that answers
            self._sock.setsockopt(socket.SOL_SOCKET, _PASS_CREDENTIALS, 1)
        try:
            self._sock.sendall(struct.pack(">I", len(data)) + data)
            for content in files.values():
                self._sock.sendall(content)
        except OSError:
            pass  # it has ended; why is yet to be read
        answer = self._answer()
        if "pid" not in answer:
            why = answer.get("error")
            raise KernelStartError(
                f"The kernel could not be started: {why}."
                if why
                else f"The sandbox could not be made{self.last_words()}."
            )
        self._kernel, self._folder = answer["pid"], asked["folder"]

    def _answer(self) -> dict[str, Any]:
        space = socket.CMSG_SPACE(struct.calcsize("iii")) + socket.CMSG_SPACE(4)
        try:
            said, ancillary, _, _ = self._sock.recvmsg(1 << 16, space)
        except OSError:
            said, ancillary = b"", []
        try:
            answer = json.loads(said)
        except ValueError:  # nothing, if it has ended
            answer = {}
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                self._handles += struct.unpack("i", data)
            elif (level, kind) == (socket.SOL_SOCKET, _CREDENTIALS) and "pid" in answer:
                answer["pid"] = struct.unpack("iii", data)[0]
        return answer

    def link(self, prefix: str, port: int) -> bool:
        """Give a socket of the kernel a name of this side's, if it is there.

        A name inside can become another's at any time. What is opened here is what stands there
        now, be it a link; and if it is a socket, then it is one that was made inside.
        """
        name, path = f"{inside.SOCKETS}-{port}", Path(f"{prefix}-{port}")
        target = self._socket(name) if _LINUX else Path(self._folder, name)
        if target is None or not target.exists():
            return False
        path.unlink(missing_ok=True)
        path.symlink_to(target)
        return True

    def _socket(self, name: str) -> Path | None:
        """Open a socket in the kernel's folder; gives a name that is this process's."""
        try:
            flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
            handle = os.open(name, flags, dir_fd=self._handles[0])
        except OSError:
            return None
        if not stat.S_ISSOCK(os.fstat(handle).st_mode):
            os.close(handle)
            return None
        self._handles.append(handle)
        return Path(f"/proc/{os.getpid()}/fd/{handle}")

    def signal(self, number: int) -> None:
        """Send a signal to the kernel's group of processes."""
        if self._kernel is not None:
            with suppress(ProcessLookupError, PermissionError):
                leads = os.getpgid(self._kernel) == self._kernel
                (os.killpg if leads else os.kill)(self._kernel, number)

    def last_words(self) -> str:
        """Give the end of what the process has written to its own standard error."""
        words = self._said.last()
        return f" ({words})" if words else ""

    def kill(self) -> None:
        """Kill everything."""
        raise NotImplementedError

    def end(self) -> None:
        """Kill everything, and let go of it."""
        self.kill()
        self._sock.close()
        for handle in self._handles:
            os.close(handle)
        self._handles.clear()


class _Started(Confined):
    """A kernel that was started as a program."""

    def __init__(self, plan: Plan, limits: Limits) -> None:
        ours, theirs = socket.socketpair()
        read, write = os.pipe()
        # -I and -S: nothing of a student's can be imported before the kernel is.
        program = [sys.executable, "-I", "-S", inside.__file__]
        command = levels.cold_command(plan, limits, program)
        if plan.group:  # before there is a second process
            enter = 'echo 0 > "$0" && exec "$@"'
            command = ["/bin/sh", "-c", enter, f"{plan.group}/cgroup.procs", *command]
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=theirs.fileno(),
                stderr=write,
                env=plan.environment,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            os.close(read)
            raise KernelStartError(f"The sandbox could not be started: {error}.") from None
        finally:
            theirs.close()
            os.close(write)
        self._plan, self._before = plan, leftovers.shared_memory()
        super().__init__(ours, Tree(self.process.pid), read)

    def kill(self) -> None:
        if self.process.poll() is None:  # else its numbers may be others' by now
            self.signal(signal.SIGKILL)
            self.tree.kill()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._plan.level in (LAYERS, NONE):
            leftovers.clean(self._plan, self._before)


class _Forked(Confined):
    """An ipykernel in a fork of a warm process."""

    def __init__(self, child: Child) -> None:
        self.child, self.process = child, _Waited(child)
        super().__init__(child.wire, child.tree, os.dup(child.stderr))
        _Reader(os.dup(child.stdout))

    def last_words(self) -> str:
        os.set_blocking(self.child.complaints, False)
        with suppress(BlockingIOError, OSError):
            words = os.read(self.child.complaints, 2000).decode(errors="replace")
            return f" ({words})" if words else super().last_words()
        return super().last_words()

    def kill(self) -> None:
        self.process.end()


class _Waited:
    """Gives a child of a warm process the look of one of our own."""

    stdin = stdout = stderr = None

    def __init__(self, child: Child) -> None:
        self.child = child
        self._status: int | None = None
        self._ended, handle = select.poll(), os.pidfd_open(child.pid)
        self._ended.register(handle, select.POLLIN)
        weakref.finalize(self, os.close, handle)

    def poll(self) -> int | None:
        """Tell that it has ended, with its status where that is known."""
        return 0 if self._status is None and self._ended.poll(0) else self._status

    def wait(self) -> int | None:
        return self.end()

    def end(self) -> int:
        if self._status is None:
            self._status = 0
            self._status = int(self.child.end()["status"])
        return self._status


class _Watch(threading.Thread):
    """Kills a kernel that uses more than it may; what runs cells keeps the time itself."""

    EVERY = 0.5

    def __init__(self, confined: Confined, limits: Limits) -> None:
        super().__init__(name="kernel-watch", daemon=True)
        self._confined, self._limits = confined, limits

    def run(self) -> None:
        """Look, until it has ended."""
        tree, limits = self._confined.tree, self._limits
        most = limits.memory_mb * 1e6
        tree.baseline()
        while self._confined.process.poll() is None:
            too_much = tree.memory() > most and tree.memory(exact=True) > most
            if too_much or tree.cpu_seconds() > limits.cpu_seconds:
                tree.kill()
                return
            time.sleep(self.EVERY)


class _Reader(threading.Thread):
    """Reads what is written to a descriptor until its end, and keeps the last of it."""

    KEPT = 2000

    def __init__(self, fd: int) -> None:
        super().__init__(name="kernel-stderr", daemon=True)
        self._fd, self._kept = fd, b""
        self.start()

    def run(self) -> None:
        """Read."""
        with suppress(OSError):
            while piece := os.read(self._fd, 1 << 16):
                self._kept = (self._kept + piece)[-self.KEPT :]
        os.close(self._fd)

    def last(self) -> str:
        """Give the last line that says something, without what a terminal would make of it."""
        self.join(1)
        text = self._kept.decode(errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return "".join(c for c in lines[-1] if c.isprintable())[:300] if lines else ""


# --- what a kernel is given


def files_of(folder: str | os.PathLike[str] | None, most: int) -> dict[str, bytes]:
    """Read what stands in a notebook's folder; links are not followed.

    Raises
    ------
    KernelStartError
        It is more than `most` bytes.
    """
    files: dict[str, bytes] = {}
    size = 0
    for path in _below(Path(folder)) if folder else ():
        size += path.stat().st_size
        if size > most:
            raise KernelStartError(
                f"The folder {folder} has more than {most / 1e6:,.0f} MB in it, which is all that a"
                " sandboxed kernel may have: move the notebook to a folder of its own."
            )
        files[path.relative_to(str(folder)).as_posix()] = path.read_bytes()
    return files


def _below(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(where, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def needed(spec: KernelSpec | None) -> list[str]:
    """List the folders that a kernel needs to see: its kernelspec's, its environment's."""
    if spec is None:
        return []
    found = [Path(spec.resource_dir)] if spec.resource_dir else []
    for program in {Path(spec.argv[0]), Path(spec.argv[0]).resolve()} if spec.argv else ():
        prefix = program.parent.parent
        marks = ("conda-meta", "pyvenv.cfg")
        if program.is_absolute() and any((prefix / mark).exists() for mark in marks):
            found.append(prefix)
    return [str(path) for path in found]


def _others(paths: Iterable[str], shown: Iterable[str]) -> list[str]:
    """Leave out what is in a folder that is shown already."""
    folders = [*map(Path, shown)]
    return [path for path in paths if not any(Path(path).is_relative_to(f) for f in folders)]


def _with_package(plan: Plan) -> Plan:
    """Let this package be found inside where it is found by a variable outside."""
    parent = str(Path(__file__).resolve().parents[2])
    if parent not in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        return plan
    return replace(plan, environment={"PYTHONPATH": parent, **plan.environment})


def _is_ipykernel(argv: list[str]) -> bool:
    return any(
        argv[place : place + 2] == ["-m", "ipykernel_launcher"] for place in range(len(argv))
    )


def _arguments(argv: list[str]) -> list[str]:
    """Take from an ipykernel's command what is not about its connection."""
    rest = argv[argv.index("ipykernel_launcher") + 1 :]
    if "-f" in rest:
        place = rest.index("-f")
        del rest[place : place + 2]
    return rest


def _folder_outside() -> tempfile.TemporaryDirectory[str]:
    """Make this side's folder of a kernel, and remove those whose process was killed."""
    usual = tempfile.gettempdir()  # its paths may be too long for sockets
    place = Path(usual if len(os.fsencode(usual)) < LONGEST - 50 else "/tmp")
    for left in place.glob("curriculum-kernel-*-*"):
        owner = left.name.split("-")[2]
        if owner.isdecimal() and not _is_running(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=f"curriculum-kernel-{os.getpid()}-", dir=place)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


# --- a notebook in a kernel


def run_cold(job: Job, plan: Plan, *, fork: Fork | None = None, group: Group | None = None) -> Ran:
    """Run every code cell of a notebook in a Jupyter kernel, whichever it names.

    Parameters
    ----------
    job : Job
        The notebook, its files and its limits.
    plan : Plan
        What it sees.
    fork : callable, optional
        Makes a child of a warm process, for an ipykernel that need not start anew.
    group : Group, optional
        The control group of the plan.

    Raises
    ------
    NotStartedError
        The kernel could not be started.
    """
    metadata = nbformat.reads(job.notebook.decode(), 4).metadata
    name = metadata.get("kernelspec", {}).get("name") or "python3"
    manager = KernelManager(kernel_name=name, context=limited_context(), log=_nobody())
    try:
        kernel = SandboxedKernel(kernel_spec=manager.kernel_spec, parent=manager)
        kernel.limits, kernel.plan, kernel.files = job.limits.as_dict(), plan, job.files
        kernel.fork = fork
        manager.provisioner = kernel
        manager.start_kernel(extra_arguments=_quietly(kernel.kernel_spec))
    except NoSuchKernel:
        raise NotStartedError(f"no kernel named {name!r} is installed here") from None
    except (KernelStartError, SandboxError, OSError) as error:
        manager.cleanup_resources()
        manager.context.destroy(linger=0)
        raise NotStartedError(str(error).removesuffix(".")) from None
    child: Any = _Bridged(manager, kernel, job.limits)
    notebook = _InKernel(job, child)
    notebook.group = group
    return notebook.execute()


def _quietly(spec: KernelSpec) -> list[str]:
    """Give what else to tell a kernel: to write no history, and nothing to its own output."""
    known = _is_ipykernel(spec.argv)
    return ["--HistoryManager.hist_file=:memory:", "--log-level=40"] if known else []


def _nobody() -> logging.Logger:
    """Give a log that nobody reads: what can be said is in the errors."""
    log = logging.Logger("kernels", logging.CRITICAL)
    log.addHandler(logging.NullHandler())
    return log


class _Bridged:
    """A kernel with the look of a child of a warm process: see `warm.Child`."""

    def __init__(self, manager: KernelManager, kernel: SandboxedKernel, limits: Limits) -> None:
        assert kernel.confined is not None
        self.manager, self.kernel = manager, kernel
        self.tree, process = kernel.confined.tree, kernel.confined.process
        self.pid = self.tree.pid
        self.wire, theirs = socket.socketpair()
        # What a kernel writes to its own output is no cell's.
        self.stdout, self.stderr, self.complaints = _empty(), _empty(), _empty()
        most = int(limits.output_mb * 1e6)
        self.bridge = Bridge(manager, theirs, lambda: process.poll() is None, most)
        self.bridge.start()

    def interrupt(self) -> None:
        """Interrupt the kernel as its kernelspec says."""
        with suppress(RuntimeError):  # it has ended
            self.manager.interrupt_kernel()

    def end(self) -> dict[str, Any]:
        """Kill what is left and wait until all of it is gone, as `warm.Child.end` does."""
        used = self.tree.cpu_seconds()
        status = self.kernel.process.poll() if self.kernel.process else None
        self.wire.close()  # by which the bridge ends too
        self.manager.cleanup_resources()
        self.bridge.join()
        self.manager.context.destroy(linger=0)
        for fd in (self.stdout, self.stderr, self.complaints):
            os.close(fd)
        killed = -int(signal.SIGKILL)
        return {"status": killed if status is None else status, "cpu_seconds": used}


def _empty() -> int:
    """Give a descriptor from which nothing comes."""
    read, write = os.pipe()
    os.close(write)
    return read


class _InKernel(Notebook):
    """A notebook that runs in a kernel behind a bridge."""

    child: Any

    def _look_a_last_time(self) -> None:
        """Leave it out: what is behind Jupyter's own sockets can't be asked what it has become."""

    def _interrupt(self) -> None:
        self.child.interrupt()

    def _message(self, message: Any, size: int) -> None:
        if isinstance(message, dict) and message.get("type") == "cut":
            self._outputs.cut = True
        else:
            super()._message(message, size)
