"""bubblewrap: a program that makes the namespaces, where the system lets only that one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import LEARNER, NOTEBOOKS, Plan

PROGRAM = "bwrap"
OLDEST = (0, 7)
"""The first one that can limit the size of a folder for temporary files."""

_MB = 1 << 20
_RIGHTS = (
    # Of the process that forks the notebooks, if it is root's; none of them has any.
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
)


@cache
def version() -> tuple[int, ...]:
    """Give the version of the program, or nothing."""
    try:
        said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said.stdout)
    return tuple(int(part) for part in found.groups(default="0")) if found else ()


def missing() -> str:
    """Say what is missing here, or nothing."""
    if not version():
        return "it is not installed"
    if version() < OLDEST:
        return f"version {_dotted(version())} is older than {_dotted(OLDEST)}"
    return ""


def describe() -> str:
    """Say in one sentence what there is of bubblewrap."""
    if missing():
        return f"bubblewrap: not used, as {missing()}."
    return f"bubblewrap: version {_dotted(version())}."


def _dotted(numbers: Sequence[int]) -> str:
    return ".".join(str(number) for number in numbers)


def zygote_command(plan: Plan, argv: Sequence[str], limits: Limits) -> list[str]:
    """Give the command that runs what forks the notebooks, with all of them inside."""
    variables = {"HOME": NOTEBOOKS, "TMPDIR": NOTEBOOKS}
    world = _world(plan, _disk(NOTEBOOKS, limits))
    return [*world, *_set(variables), *_end("/"), *argv]


def cold_command(
    plan: Plan, limits: Limits, argv: Sequence[str], shared: Collection[str]
) -> list[str]:
    """Give the command that runs a program as a notebook of its own.

    Parameters
    ----------
    plan, limits
        Of the notebook.
    argv : sequence of str
        The program, as it is to be found inside.
    shared : collection of str
        Folders to show at the same place, where it can write. If root starts it, they become its.
    """
    plan = replace(plan, shared=(*plan.shared, *shared))
    command = _world(plan, _disk(plan.home, limits, temporary=plan.temporary == "/tmp"))
    for folder in {plan.scratch, plan.temporary} - {"/tmp"}:
        command += ["--dir", folder]
    command += _parents(plan.shared)
    for folder in plan.shared:
        command += ["--bind", os.path.realpath(folder), folder]
    command += ["--clearenv", *_set(plan.environment), *_end(plan.scratch)]
    asked = {"plan": plan.as_dict(), "limits": limits.as_dict(), "inside": True}
    return [*command, *shim(asked, argv)]


def shim(asked: dict[str, object], argv: Sequence[str]) -> list[str]:
    """Give the command that sets the other layers and becomes a program."""
    # What stands beside the notebook must not be imported here.
    start = [sys.executable, "-P", "-m", "curriculum.sandbox.shim"]
    return [*start, json.dumps(asked), *argv]


def _world(plan: Plan, disk: list[str]) -> list[str]:
    """Give bubblewrap's own command, up to what is seen inside."""
    program = shutil.which(PROGRAM) or PROGRAM
    command = [program, "--die-with-parent", "--new-session", "--hostname", "notebook"]
    command += [f"--unshare-{name}" for name in ("pid", "net", "ipc", "uts", "cgroup-try")]
    if os.geteuid() == 0:
        # Root's own rights show it what only root can see; it becomes another user inside.
        command += ["--cap-drop", "ALL"]
        command += [word for right in _RIGHTS for word in ("--cap-add", right)]
    else:
        command += ["--unshare-user", "--uid", str(LEARNER), "--gid", str(LEARNER)]
    command += ["--proc", "/proc", "--dev", "/dev"]
    # Before what is shown: a course or an environment may well lie below /home or /tmp.
    command += [*_parents([plan.home, NOTEBOOKS]), *disk]
    command += _parents(plan.read_only)
    for path in plan.read_only:
        if Path(path).is_symlink():
            command += ["--symlink", str(Path(path).readlink()), path]
        else:
            command += ["--ro-bind", os.path.realpath(path), path]
    return command


def _parents(paths: Collection[str]) -> list[str]:
    """Make the folders that lead to some paths; bubblewrap would make them for root alone."""
    parents = {str(parent) for path in paths for parent in Path(path).parents}
    return [word for parent in sorted(parents - {"/"}) for word in ("--dir", parent)]


def _disk(home: str, limits: Limits, *, temporary: bool = False) -> list[str]:
    """Give the folders that can be written to; together they hold no more than the limit."""
    parts = {"/dev/shm": ("1777", 1), home: ("0755", 2 if temporary else 3)}
    if temporary:
        parts["/tmp"] = ("1777", 1)
    command = []
    for path, (mode, quarters) in parts.items():
        size = max(1, limits.disk_mb * quarters // 4) * _MB
        command += ["--perms", mode, "--size", str(size), "--tmpfs", path]
    return command


def _set(variables: dict[str, str]) -> list[str]:
    return [word for name, value in variables.items() for word in ("--setenv", name, value)]


def _end(folder: str) -> list[str]:
    return ["--remount-ro", "/", "--chdir", folder, "--"]
