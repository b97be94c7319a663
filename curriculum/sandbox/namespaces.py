"""Worlds of one's own: processes, files, network, shared memory, users."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from curriculum.sandbox import capabilities, kernel
from curriculum.sandbox.plan import LEARNER, SandboxError

_OWN = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWCGROUP
)


def leave(user: int | None) -> None:
    """Leave this machine's namespaces; the next child is the first process of a new world.

    Parameters
    ----------
    user : int, optional
        Whom the notebook will be. Root makes the namespaces as root and becomes that user later,
        in a user namespace that owns none of them. Anybody else needs a user namespace first.
    """
    if user is not None:
        kernel.unshare(_OWN)
        return
    before = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWUSER | _OWN)
    _map(*before)


def start_first(close: Collection[int]) -> tuple[int, int]:
    """Start the first process of the new world, a program that waits until a pipe is closed.

    When it ends, for whatever reason, the kernel kills everything else in that world. The pipe's
    other end is ours: it closes when this process ends. A program is started in place of a fork,
    because a warm process takes long to copy. It has loaded all that it needs when this returns:
    soon its files are out of its sight.

    Parameters
    ----------
    close : collection of int
        Descriptors that it must not have.

    Returns
    -------
    tuple of int
        The process, and this end of the pipe.

    Raises
    ------
    SandboxError
        It did not start.
    """
    program = shutil.which("cat", path="/bin:/usr/bin") or "/bin/cat"
    read, write = os.pipe()
    heard, said = os.pipe()
    actions: list[tuple[int, ...] | tuple[int, int, str, int, int]] = [
        (os.POSIX_SPAWN_DUP2, read, 0),
        (os.POSIX_SPAWN_DUP2, said, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        *((os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in close if descriptor > 2),
    ]
    # Root's program would have root's rights; no other has any.
    capabilities.drop_bounding()
    # Ignored, the ends of orphans need nobody to collect them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    first = os.posix_spawn(program, ["first"], {}, file_actions=actions)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.close(read)
    os.close(said)
    os.write(write, b"!")
    echo = os.read(heard, 1)
    os.close(heard)
    if not echo:
        raise SandboxError("The first process of a notebook's world could not be started.")
    return first, write


def become(user: int) -> None:
    """Become an ordinary user, in a user namespace without any other."""
    become_outside(user)
    kernel.unshare(kernel.CLONE_NEWUSER)
    _map(user, user)


def become_outside(user: int) -> None:
    """Become an ordinary user, among those of this machine."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    # The kernel takes a process's own files in /proc from it when its user changes.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)


def _map(user: int, group: int) -> None:
    """Make the one user that there is `LEARNER`."""
    own = Path("/proc/self")
    with suppress(FileNotFoundError):
        (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"{LEARNER} {user} 1")
    (own / "gid_map").write_text(f"{LEARNER} {group} 1")
