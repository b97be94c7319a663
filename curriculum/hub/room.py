"""What a server of the class sees of this machine.

A student's server, its terminal and its kernels see the programs and the student's own files, no
process and no network of anybody else's. Two doors lead out, both of them sockets: one to the hub,
one to each course's exchange. So one student can't reach another, whatever runs in their room.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from curriculum.hub.folder import HubError
from curriculum.hub.people import Person
from curriculum.sandbox import bubblewrap, cgroups, kernel, levels
from curriculum.sandbox.plan import programs

CONFIGURATIONS = Path(__file__).with_name("settings")
"""What is shown of it depends on whose room it is."""
SETTINGS = "/etc/curriculum-class"
"""Where a room has the class's settings for Jupyter and nbgrader."""
SOCKETS = "/run/curriculum-class"
"""Where a room has the sockets that lead out."""
SERVER_PORT, HUB_PORT, EXCHANGE_PORT = 8888, 8081, 8091
"""Ports within a room that has a network of its own."""

_OWN_PROCESSES = ["--unshare-pid", "--proc", "/proc"]
_TEMPORARY_MB = 1024
_COUNTED_APART = (5, 14)
"""From this kernel on, processes are counted in each user namespace by itself."""
_NETWORK = ("/etc/ssl", "/etc/resolv.conf", "/etc/hosts", "/etc/ca-certificates")
_ALSO = ("/etc/bash.bashrc", "/etc/inputrc", "/etc/terminfo", "/lib/terminfo", "/etc/chromium")


@dataclass(frozen=True)
class Room:
    """A server's world.

    Parameters
    ----------
    person : Person
        As whom it runs.
    home : Path
        Their files on this machine.
    settings : Path
        The folder that is shown at `SETTINGS`.
    etc : Path
        A folder of the class's for the room's own `/etc/passwd` and the like.
    sockets : Path or None
        The folder that is shown at `SOCKETS`: the room then has no network of its own.
    shared : mapping of Path to str
        Other folders that can be written to, and where they are shown.
    shown : collection of Path
        Others still, at their own place, read-only.
    lasts : bool
        Whether it outlives the hub. What doesn't ends with it, however the hub ends.
    memory_mb, processes : int or None
        What all that runs in it may take: memory, where a control group can be made, and processes
        and threads, where the kernel counts them for this room alone.
    grades : bool
        Whether submissions are graded in it: their sandbox needs namespaces of its own, which the
        kernel gives only where all processes can be seen. What runs in it looks itself whether who
        started it is still there.
    """

    person: Person
    home: Path
    settings: Path
    etc: Path
    sockets: Path | None = None
    shared: Mapping[Path, str] | None = None
    shown: Collection[Path] = ()
    lasts: bool = True
    memory_mb: int | None = None
    processes: int | None = None
    grades: bool = False

    @property
    def inside(self) -> str:
        """Where the room has the person's files."""
        return f"/home/{self.person.name}"

    def command(self, argv: Sequence[str]) -> list[str]:
        """Give the command that runs a program in the room.

        Raises
        ------
        HubError
            The folders that it needs can't be made.
        """
        try:
            self._prepare()
        except OSError as error:
            raise HubError(
                f"{self.person.name}'s room can't be made: {error.strerror} ({error.filename})."
            ) from None
        wrapped = [*self._world(), "--chdir", self.inside, "--", *self._as_person(), *argv]
        if not self.lasts:
            return wrapped
        # A shell that is this room's own: whoever ends it ends the room, and nobody else does.
        group = self._group()
        enter = f"echo 0 > {shlex.quote(str(group / 'cgroup.procs'))}; " if group else ""
        return ["/bin/sh", "-c", f'{enter}"$@" & wait "$!"', "room", *wrapped]

    def give_back(self) -> None:
        """Take away what the kernel kept for the room, once nothing runs in it."""
        with suppress(OSError):
            group, _ = self._limits_of_memory()
            if group:
                group.rmdir()

    def _group(self) -> Path | None:
        """Make the control group that limits the room's memory, where that is ours to do."""
        group, limits = self._limits_of_memory()
        if group is None:
            return None
        try:
            group.mkdir(exist_ok=True)
            for name, value in limits.items():
                if (group / name).exists():
                    (group / name).write_text(value)
        except OSError:
            return None
        return group

    def _limits_of_memory(self) -> tuple[Path | None, dict[str, str]]:
        if self.memory_mb is None:
            return None, {}
        most = str(self.memory_mb << 20)
        base, limits = cgroups.given(), {"memory.max": most, "memory.swap.max": "0"}
        if base is None:
            base, limits = _first_version(), {"memory.limit_in_bytes": most}
        if base is None:
            return None, {}
        mark = hashlib.sha256(os.fsencode(self.etc)).hexdigest()[:16]
        return base / f"curriculum-room-{mark}", limits

    def _prepare(self) -> None:
        user = self.person.user
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o700)
        self.etc.mkdir(parents=True, exist_ok=True)
        name, home = self.person.name, self.inside
        (self.etc / "passwd").write_text(
            "root:x:0:0:root:/root:/usr/sbin/nologin\n"
            f"{name}:x:{user}:{user}:{name}:{home}:/bin/bash\n"
            "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
        )
        (self.etc / "group").write_text(f"root:x:0:\n{name}:x:{user}:\nnogroup:x:65534:\n")
        for file in self.etc.iterdir():
            file.chmod(0o644)
        if os.geteuid() == 0:
            for folder in (self.home, *(self.shared or ())):
                if folder.stat().st_uid != user:
                    _give(folder, user)

    def _world(self) -> list[str]:
        command = [shutil.which(bubblewrap.PROGRAM) or bubblewrap.PROGRAM, "--die-with-parent"]
        command += ["--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "class"]
        command += ["--bind", "/proc", "/proc"] if self.grades else _OWN_PROCESSES
        if os.geteuid() != 0:
            command += ["--unshare-user"]
        if self.sockets:
            command += ["--unshare-net"]
        command += ["--dev", "/dev"]
        for folder in ("/tmp", "/dev/shm"):
            size = str(_TEMPORARY_MB << 20)
            command += ["--perms", "1777", "--size", size, "--tmpfs", folder]
        shown = programs([*(str(path) for path in self.shown), *_ALSO, *self._of_the_network()])
        binds = [(str(self.etc / name), f"/etc/{name}") for name in ("passwd", "group")]
        binds.append((str(self.settings), SETTINGS))
        if self.sockets:
            binds.append((str(self.sockets), SOCKETS))
        writes = [(str(self.home), self.inside)]
        writes += [(str(source), place) for source, place in (self.shared or {}).items()]
        command += _parents([*shown, *(place for _, place in [*binds, *writes])])
        for path in shown:
            if Path(path).is_symlink():
                command += ["--symlink", str(Path(path).readlink()), path]
            else:
                command += ["--ro-bind", os.path.realpath(path), path]
        for source, place in binds:
            command += ["--ro-bind", source, place]
        for source, place in writes:
            command += ["--bind", source, place]
        return [*command, "--remount-ro", "/"]

    def _of_the_network(self) -> Collection[str]:
        return () if self.sockets else _NETWORK

    def _as_person(self) -> list[str]:
        lose = ["--inh-caps=-all", "--no-new-privs"]
        limits = []
        # A user of their own, or a namespace of users of their own: no one else's are counted.
        if self.processes and (os.geteuid() == 0 or kernel.release() >= _COUNTED_APART):
            limits = ["prlimit", f"--nproc={self.processes}"]
        if os.geteuid() != 0:
            return [*limits, "setpriv", *lose]
        user = str(self.person.user)
        become = ["--reuid", user, "--regid", user, "--clear-groups", "--bounding-set=-all"]
        return [*limits, "setpriv", *become, *lose]


def _give(folder: Path, user: int) -> None:
    """Make all of a folder somebody's, following no link."""
    for _, folders, names, descriptor in os.fwalk(folder, follow_symlinks=False):
        os.fchown(descriptor, user, user)
        for name in (*folders, *names):
            os.chown(name, user, user, dir_fd=descriptor, follow_symlinks=False)


def _first_version() -> Path | None:
    """Find this process's control group for memory in the first version's tree, or nothing."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, place = line.split(":", 2)
            if "memory" in controllers.split(","):
                found = cgroups.ROOT / "memory" / place.lstrip("/")
                return found if (found / "memory.limit_in_bytes").exists() else None
    return None


def _parents(paths: Collection[str]) -> list[str]:
    """Make the folders that lead to some paths; bubblewrap would make them for root alone."""
    parents = {str(parent) for path in paths for parent in Path(path).parents}
    return [word for parent in sorted(parents - {"/"}) for word in ("--dir", parent)]


def why_not() -> str:
    """Say in one sentence why there can be no rooms here, or nothing."""
    if not sys.platform.startswith("linux"):
        return "Rooms need Linux."
    if bubblewrap.missing():
        return (
            f"Rooms need bubblewrap, and {bubblewrap.missing()}: install the package `bubblewrap`."
        )
    if not shutil.which("setpriv"):
        return "Rooms need the program `setpriv`: install the package `util-linux`."
    if os.geteuid() != 0 and levels.probe().level not in ("namespaces", "bubblewrap"):
        return "Rooms need namespaces, which this machine gives to root alone: run it as root."
    return ""
