"""What a server of the class sees of this machine.

A student's server, its terminal and its kernels see the programs and the student's own files, no
process and no network of anybody else's. Two doors lead out, both of them sockets: one to the hub,
one to each course's exchange. So one student can't reach another, whatever runs in their room.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from curriculum.hub.folder import HubError
from curriculum.hub.people import Person
from curriculum.sandbox import bubblewrap, levels
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
        return ["/bin/sh", "-c", '"$@" & wait "$!"', "room", *wrapped]

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
        if os.geteuid() != 0:
            return ["setpriv", *lose]
        user = str(self.person.user)
        become = ["--reuid", user, "--regid", user, "--clear-groups", "--bounding-set=-all"]
        return ["setpriv", *become, *lose]


def _give(folder: Path, user: int) -> None:
    """Make all of a folder somebody's, following no link."""
    for at, _, names, descriptor in os.fwalk(folder, follow_symlinks=False):
        os.chown(at, user, user, follow_symlinks=False)
        for name in names:
            os.chown(name, user, user, dir_fd=descriptor, follow_symlinks=False)


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
