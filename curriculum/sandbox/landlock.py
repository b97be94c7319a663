"""Landlock: which files a process may touch, whatever its user may; kept by the kernel."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from curriculum.sandbox.plan import BUBBLEWRAP, LAYERS, NAMESPACES, NOTEBOOKS, Plan

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_OF_THE_MACHINE = (
    "/etc/group",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/os-release",
    # Libraries look for their own children here. Landlock itself refuses what of other processes
    # is more than their names.
    "/proc",
    "/sys/fs/cgroup",
)
"""What a notebook without file systems of its own may read of this machine's."""

SIGNALS = 6
"""From this version on, signals to processes outside are refused too."""


def version() -> int:
    """Give the version of Landlock that this kernel has, or 0."""
    try:
        import py_landlock
    except ImportError:
        return 0
    try:
        return int(py_landlock.get_abi_version())
    except (py_landlock.LandlockError, OSError):
        return 0


def missing() -> str:
    """Say what is missing here, or nothing."""
    if version():
        return ""
    return f"the kernel {os.uname().release} has none, or it is switched off"


def apply(plan: Plan) -> None:
    """Refuse this process all files but those of the plan, for good."""
    from py_landlock import AccessFs, Landlock

    read = AccessFs.READ_FILE | AccessFs.READ_DIR | AccessFs.EXECUTE
    change = AccessFs.WRITE_FILE | AccessFs.TRUNCATE
    make = (
        AccessFs.MAKE_REG
        | AccessFs.MAKE_DIR
        | AccessFs.MAKE_SYM
        | AccessFs.MAKE_SOCK
        | AccessFs.MAKE_FIFO
        | AccessFs.REMOVE_FILE
        | AccessFs.REMOVE_DIR
        | AccessFs.REFER
    )
    terminal = AccessFs.READ_FILE | AccessFs.WRITE_FILE | AccessFs.IOCTL_DEV
    rules = Landlock(strict=False)

    def allow(paths: Iterable[str], access: AccessFs) -> None:
        for path in paths:
            if Path(path).is_dir():
                rules.add_path_rule(path, access=access)
            elif Path(path).exists():
                rules.add_path_rule(path, access=access & ~make & ~AccessFs.READ_DIR)

    # Without READ_DIR: what others have there can't be looked for.
    shared_memory = AccessFs.READ_FILE | change | AccessFs.MAKE_REG | AccessFs.REMOVE_FILE
    if plan.level == NAMESPACES:
        allow(["/"], read)
        allow(["/dev/shm"], read | change | make)
    elif plan.level == BUBBLEWRAP:
        # All but what other notebooks write.
        allow((str(p) for p in Path("/").iterdir() if str(p) not in (NOTEBOOKS, "/dev")), read)
        allow(["/dev/shm"], shared_memory)
    elif plan.level == LAYERS:
        allow((*plan.read_only, *_OF_THE_MACHINE), read)
        allow(["/dev/shm"], shared_memory)
    if plan.level != LAYERS or plan.user is not None:
        # Terminals of the same user would be the instructor's.
        allow(["/dev/ptmx", "/dev/pts"], terminal | AccessFs.READ_DIR)
    allow([plan.home, plan.temporary, *plan.shared], read | change | make)
    allow(_DEVICES, terminal)
    rules.apply()


def signals_stay_inside() -> bool:
    """Tell whether Landlock refuses signals to processes outside."""
    return version() >= SIGNALS


def describe() -> str:
    """Say in one sentence what there is of Landlock."""
    if missing():
        return f"Landlock: not used, as {missing()} (it came with Linux 5.13)."
    found = version()
    scope = "files, signals and abstract sockets" if found >= SIGNALS else "files"
    return f"Landlock: version {found}, for {scope}."
