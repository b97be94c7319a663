"""The few calls to Linux that Python 3.11 has no function for."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from typing import Any

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_NEWTIME = 0x00000080

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
MNT_DETACH = 2

ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 38, 36
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

_NUMBERS = {
    "x86_64": {"pivot_root": 155, "mount_setattr": 442, "capset": 126},
    "aarch64": {"pivot_root": 41, "mount_setattr": 442, "capset": 91},
}

LINUX = sys.platform.startswith("linux")
_libc = ctypes.CDLL(None, use_errno=True)
if LINUX:
    _libc.syscall.restype = ctypes.c_long


def known_machine() -> bool:
    """Tell whether the numbers of this machine's system calls are known here."""
    return LINUX and platform.machine() in _NUMBERS


def release() -> tuple[int, int]:
    """Give the kernel's version, e.g. `(6, 8)`."""
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor.partition("-")[0])


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    _done(_libc.unshare(flags), "unshare")


def mount(
    source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None
) -> None:
    """Mount a file system, or bind a folder."""
    result = _libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        None if kind is None else kind.encode(),
        ctypes.c_ulong(flags),
        None if data is None else data.encode(),
    )
    _done(result, "mount", target)


def unmount(target: str) -> None:
    """Take a mount away; whoever still uses it keeps it."""
    _done(_libc.umount2(os.fsencode(target), MNT_DETACH), "umount", target)


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root, and put the old root at `old`."""
    _call("pivot_root", os.fsencode(new), os.fsencode(old))


class _MountAttr(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


def set_mount(target: str, attributes: int, *, recursive: bool = True) -> None:
    """Set attributes of a mount, and of all that is mounted in it."""
    wanted = _MountAttr(attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    path = os.fsencode(target)
    _call("mount_setattr", _AT_FDCWD, path, flags, ctypes.byref(wanted), size, where=target)


def prctl(option: int, value: int = 0, *more: int) -> int:
    """Set or read something of this process."""
    numbers = [ctypes.c_ulong(n) for n in (value, *more, *[0] * (3 - len(more)))]
    return _done(_libc.prctl(option, *numbers), "prctl")


def prctl_pointer(option: int, value: int, pointer: Any) -> None:
    """Call `prctl` with a pointer as its third argument."""
    _done(_libc.prctl(option, ctypes.c_ulong(value), pointer, 0, 0), "prctl")


def set_hostname(name: str) -> None:
    """Name this machine, in a namespace of its own."""
    encoded = name.encode()
    _done(_libc.sethostname(encoded, ctypes.c_size_t(len(encoded))), "sethostname")


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def clear_capabilities() -> None:
    """Give up every capability that this thread has."""
    header, data = _CapHeader(0x20080522, 0), (_CapData * 2)()
    _call("capset", ctypes.byref(header), ctypes.byref(data))


def wipe(start: int, end: int) -> None:
    """Overwrite a part of this process's memory with zeros."""
    ctypes.memset(start, 0, end - start)


def _call(name: str, *arguments: Any, where: str = "") -> int:
    number = _NUMBERS[platform.machine()][name]
    return _done(_libc.syscall(ctypes.c_long(number), *arguments), name, where)


def _done(result: int, name: str, where: str = "") -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}", where or None)
    return result
