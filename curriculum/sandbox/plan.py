"""What a graded notebook sees of this machine, as plain data."""

from __future__ import annotations

import os
import pwd
import secrets
import site
import stat
import sys
import sysconfig
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

NAMESPACES = "namespaces"
BUBBLEWRAP = "bubblewrap"
LAYERS = "layers"
NONE = "none"
LEVELS = (NAMESPACES, BUBBLEWRAP, LAYERS, NONE)
"""From the strongest to the weakest."""

NOTEBOOKS = "/notebooks"
"""Where they have their folders inside bubblewrap."""
LEARNER = 1000
"""The user that a notebook is in its own user namespace."""

_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    # What programs need of /etc; who may log in here and how is not among it.
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/timezone",
    # How many processors there are.
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
)

_UNUSED_USERS = 2_000_000_000
"""From here on there are user ids that no convention gives to anybody; one for each process id."""


class SandboxError(RuntimeError):
    """A notebook can't be shut in here; the message is one sentence that says why."""


@dataclass(frozen=True)
class Plan:
    """What a notebook sees.

    Parameters
    ----------
    level : str
        One of `LEVELS`.
    read_only : tuple of str
        Paths shown at the same place, read-only.
    home, scratch : str
        The notebook's private home, and its current folder within.
    user : int, optional
        Outside user (and group) to become; None to stay who we are.
    environment : dict of str to str
        All of it.
    shared : tuple of str
        Folders of this machine that can be written to; root gives them to `user`.
    group : str, optional
        Folder of the control group to enter.
    """

    level: str
    read_only: tuple[str, ...]
    home: str = "/home/learner"
    scratch: str = "/home/learner/work"
    user: int | None = None
    environment: dict[str, str] = field(default_factory=dict)
    shared: tuple[str, ...] = ()
    group: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give plain data."""
        plain = asdict(self)
        return {**plain, "read_only": list(self.read_only), "shared": list(self.shared)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Plan:
        """Read what `as_dict` gave."""
        paths = {name: tuple(plain[name]) for name in ("read_only", "shared")}
        return cls(**{**plain, **paths})

    @property
    def temporary(self) -> str:
        """The notebook's folder for temporary files."""
        return "/tmp" if self.level == NAMESPACES else f"{self.home}/tmp"

    def shows(self, path: str | os.PathLike[str]) -> bool:
        """Tell whether something of this machine, e.g. a course, can be seen from inside."""
        real = Path(path).resolve()
        return any(real.is_relative_to(Path(shown).resolve()) for shown in self.read_only)


def make_plan(
    level: str,
    *,
    environment: Mapping[str, str] | None = None,
    also: Collection[str] = (),
) -> Plan:
    """Plan what a notebook sees; call it in the worker that runs the notebook.

    Parameters
    ----------
    level : str
        One of `LEVELS`.
    environment : mapping, optional
        Variables beyond those that a plain login would have, or other values for these.
    also : collection of str
        Other paths to show, read-only, e.g. a folder with a course's own modules.
    """
    if level not in LEVELS:
        raise SandboxError(
            f"{level!r} is no level of the sandbox: choose from {', '.join(LEVELS)}."
        )
    # Where several notebooks see the same file systems, each has a folder that is made for it.
    home = {
        NAMESPACES: "/home/learner",
        BUBBLEWRAP: f"{NOTEBOOKS}/{secrets.token_hex(8)}",
    }.get(level, f"{tempfile.gettempdir()}/curriculum-notebook-{secrets.token_hex(8)}")
    plan = Plan(
        level,
        read_only=programs(also),
        home=home,
        scratch=f"{home}/work",
        user=unused_user() if os.geteuid() == 0 and level != NONE else None,
    )
    plan.environment.update(_login(plan), **(environment or {}))
    return plan


def programs(also: Collection[str] = ()) -> tuple[str, ...]:
    """List what programs need of this machine: the system's, Python's, and some other paths."""
    return _outermost([*_SYSTEM, *_python(), *also])


def _python() -> list[str]:
    """List where this Python, its packages and the curriculum are, each also without symlinks."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    found = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]
    found += [sysconfig.get_path(name) for name in names]
    if site.ENABLE_USER_SITE:
        found.append(site.getusersitepackages())
    found.append(str(Path(__file__).resolve().parents[1]))
    return found + [os.path.realpath(path) for path in found]


def _outermost(paths: Collection[str]) -> tuple[str, ...]:
    """Keep the paths that exist and are not in another of them.

    A symlink is kept as what it is, and what it leads to beside it.
    """
    # No prefix may be "/": that would show everything.
    real = {os.path.realpath(p) for p in paths if Path(p).is_symlink()}
    found = sorted({os.path.normpath(p) for p in [*paths, *real] if Path(p).exists()} - {"/"})
    kept: list[str] = []
    for path in found:
        if not any(path.startswith(f"{other}/") for other in kept):
            kept.append(path)
    return tuple(kept)


def _login(plan: Plan) -> dict[str, str]:
    programs = [f"{sys.prefix}/bin", "/usr/local/bin", "/usr/bin", "/bin"]
    return {
        "HOME": plan.home,
        "USER": "learner",
        "LOGNAME": "learner",
        "SHELL": "/bin/sh",
        "PATH": os.pathsep.join(programs),
        "LANG": "C.UTF-8",
        "TMPDIR": plan.temporary,
        # The environment is read-only: there is no use in trying to write beside the sources.
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def unused_user() -> int:
    """Give a user id that nobody has, another one for each process that asks.

    So what a notebook leaves behind can be told from everything else, and be killed by its user.
    """
    lines = mapped_users()
    if any(first <= _UNUSED_USERS and end > _UNUSED_USERS + 2**22 for first, end in lines):
        return _UNUSED_USERS + os.getpid()
    # A container with 65,536 users of its own.
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    candidates = [
        uid
        for first, end in lines
        for uid in range(max(first, 20_000), min(end, 60_000))
        if uid not in taken
    ]
    if not candidates:
        raise SandboxError("There is no unused user id here for a notebook to run as.")
    return candidates[os.getpid() % len(candidates)]


def closed_folder() -> str | None:
    """Find a folder on the way to this Python that only its owner may enter."""
    for path in _python():
        for folder in (Path(path), *Path(path).parents):
            if folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH:
                return str(folder)
    return None


def mapped_users() -> list[tuple[int, int]]:
    """Give the ranges of users that there are: of each the first, and the one after its last."""
    try:
        text = Path("/proc/self/uid_map").read_text()
    except OSError:
        return [(0, 2**32 - 1)]
    lines = [line.split() for line in text.splitlines()]
    return [(int(first), int(first) + int(count)) for first, _, count in lines]
