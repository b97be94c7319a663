"""Control groups: memory and processes of a whole notebook, counted and limited by the kernel.

They are used where this process has been given a part of the second version's tree, with the
controllers for memory and processes, as `systemd-run --user --scope -p Delegate=yes` does. Nothing
of a tree that was not given is ever changed.
"""

from __future__ import annotations

import os
import secrets
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from curriculum.sandbox import processes
from curriculum.sandbox.limits import Limits

ROOT = Path("/sys/fs/cgroup")
GRADERS = "curriculum-graders"
"""The group of those who grade: a group with groups in it can't hold processes itself."""

_CONTROLLERS = {"memory", "pids"}
_MB = 1 << 20


@dataclass(frozen=True)
class Group:
    """The control group of one notebook.

    Parameters
    ----------
    path : Path
        Its folder; give it to a plan as `group`.
    """

    path: Path

    def cpu_seconds(self) -> float:
        """Give the processor time of all that ever ran in it."""
        return self._numbers("cpu.stat").get("usage_usec", 0) / 1e6

    def out_of_memory(self) -> bool:
        """Tell whether the kernel killed one of its processes because of their memory."""
        return self._numbers("memory.events").get("oom_kill", 0) > 0

    def out_of_processes(self) -> bool:
        """Tell whether the kernel refused it a process."""
        return self._numbers("pids.events").get("max", 0) > 0

    def kill(self) -> None:
        """Kill all its processes."""
        try:
            # Only where it is there: a file that one makes oneself kills nobody.
            if (self.path / "cgroup.kill").exists():
                (self.path / "cgroup.kill").write_text("1")
                return
        except OSError:
            pass
        for pid in self.pids():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def pids(self) -> list[int]:
        """List its processes."""
        return _pids(self.path)

    def remove(self, seconds: float = 5) -> bool:
        """Kill what is left and remove the group; tells whether it is gone."""
        end = time.monotonic() + seconds
        while True:
            self.kill()
            try:
                self.path.rmdir()
            except FileNotFoundError:
                return True
            except OSError:
                if time.monotonic() > end:
                    return False
                time.sleep(0.01)
            else:
                return True

    def _numbers(self, name: str) -> dict[str, int]:
        try:
            lines = (self.path / name).read_text().splitlines()
        except OSError:
            return {}
        return {key: int(value) for key, _, value in (line.partition(" ") for line in lines)}


def make(limits: Limits, base: Path | None = None) -> Group | None:
    """Make a group for a notebook, or nothing where that is not ours to do.

    Parameters
    ----------
    limits : Limits
        Of the notebook. What it writes to its disk is memory too.
    base : Path, optional
        The folder to make it in; by default what `given` finds.
    """
    base = given() if base is None else base
    if base is None:
        return None
    path = base / f"curriculum-notebook-{secrets.token_hex(8)}"
    settings = {
        "memory.max": (limits.memory_mb + limits.disk_mb) * _MB,
        "memory.swap.max": 0,
        # The two processes that wait for the notebook's are in it as well.
        "pids.max": limits.processes + 2,
    }
    try:
        path.mkdir()
        for name, value in settings.items():
            if name != "memory.swap.max" or (path / name).exists():
                (path / name).write_text(str(value))
    except OSError:
        with suppress(OSError):
            path.rmdir()
        return None
    return Group(path)


def given(root: Path = ROOT, own: str | None = None, *, move: bool = True) -> Path | None:
    """Find the folder that this process may make groups in, or nothing.

    The first process that asks moves itself and its children into a group of their own within; so
    ask before starting workers, and they will find the same folder.

    Parameters
    ----------
    root : Path
        Where the tree is mounted.
    own : str, optional
        This process's place in it; by default as the kernel says.
    move : bool
        False: only say what would be found.
    """
    own = _own_place() if own is None else own
    if own is None:
        return None
    here = root / own.lstrip("/")
    base = here.parent if here.name == GRADERS else here
    try:
        if _CONTROLLERS - _words(base / "cgroup.controllers"):
            return None
        if _CONTROLLERS - _words(base / "cgroup.subtree_control"):
            if here != base or not _is_mine(base):
                return None
            if move:
                _move_in(base)
    except OSError:
        return None
    return base if os.access(base, os.W_OK) else None


def _own_place() -> str | None:
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            if line.startswith("0::"):
                return line[3:]
    return None


def _words(path: Path) -> set[str]:
    return set(path.read_text().split())


def _pids(group: Path) -> list[int]:
    try:
        return [int(line) for line in (group / "cgroup.procs").read_text().split()]
    except OSError:
        return []


def _is_mine(group: Path) -> bool:
    """Tell whether only this process and its descendants are in a group that can be written to."""
    ours = {os.getpid(), *processes.below(os.getpid())}
    return os.access(group / "cgroup.procs", os.W_OK) and set(_pids(group)) <= ours


def _move_in(base: Path) -> None:
    """Move all processes of a group into one within it, and let it have others beside."""
    graders = base / GRADERS
    graders.mkdir(exist_ok=True)
    for pid in _pids(base):
        with suppress(ProcessLookupError):
            (graders / "cgroup.procs").write_text(str(pid))
    (base / "cgroup.subtree_control").write_text("+memory +pids")


def describe() -> str:
    """Say in one sentence what there is of control groups."""
    if given(move=False) is not None:
        return "Control groups: the kernel limits the memory and processes of each notebook."
    return (
        "Control groups: none of the second version is given to this process, so the memory of"
        " each notebook is watched ten times a second instead."
    )
