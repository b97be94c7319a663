"""The file systems that a notebook sees, in a mount namespace of its own."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from curriculum.sandbox import kernel
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import LEARNER, Plan

_HOST = "/.host"
_DEVICES = ("null", "zero", "full", "random", "urandom")
_LINKS = {
    "/dev/ptmx": "pts/ptmx",
    "/dev/fd": "/proc/self/fd",
    "/dev/stdin": "/proc/self/fd/0",
    "/dev/stdout": "/proc/self/fd/1",
    "/dev/stderr": "/proc/self/fd/2",
}
_ETC = {
    "passwd": (
        f"learner:x:{LEARNER}:{LEARNER}::{{home}}:/bin/sh\n"
        "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n"
    ),
    "group": f"learner:x:{LEARNER}:\nnogroup:x:65534:\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "hostname": "notebook\n",
}
FILES_PER_MB = 64
"""Files and folders that a notebook may make for each megabyte of its disk."""


def build(plan: Plan, limits: Limits) -> None:
    """Put a root of its own in the place of this machine's.

    Called by the first process of new mount and process namespaces, with the rights to mount.
    """
    shown = {path: os.path.realpath(path) for path in (*plan.read_only, *plan.shared)}
    links = {p: Path(p).readlink() for p in plan.read_only if Path(p).is_symlink()}
    _new_root()
    _dev()
    Path("/proc").mkdir()
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    # Before what is shown: a course or an environment may well lie below /home or /tmp.
    _disk(plan, limits)
    for path, target in links.items():
        _parent(path)
        Path(path).symlink_to(target)
    for path in plan.read_only:
        if path not in links:
            _show(shown[path], path, kernel.ATTR_RDONLY)
    _etc(plan)
    for path in plan.shared:
        _show(shown[path], path, 0)
        if plan.user is not None:
            os.chown(path, plan.user, plan.user)
    kernel.unmount(_HOST)
    Path(_HOST).rmdir()
    attributes = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID | kernel.ATTR_NODEV
    kernel.set_mount("/", attributes, recursive=False)


def _new_root() -> None:
    """Make an empty root, with this machine's files at `_HOST`."""
    # Nothing that is mounted from here on is seen outside.
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    _tmpfs("/tmp", "size=4m,nr_inodes=8192,mode=0755")
    os.chdir("/tmp")
    Path(_HOST[1:]).mkdir()
    kernel.pivot_root(".", _HOST[1:])
    os.chdir("/")


def _tmpfs(path: str, options: str) -> None:
    kernel.mount("tmpfs", path, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)


def _parent(path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)


def _show(source: str, path: str, attributes: int, *, devices: bool = False) -> None:
    """Show what is at `source` of this machine at `path`."""
    source = f"{_HOST}{source}"
    if Path(source).is_dir():
        Path(path).mkdir(parents=True, exist_ok=True)
    else:
        _parent(path)
        Path(path).touch()
    kernel.mount(source, path, flags=kernel.MS_BIND | kernel.MS_REC)
    attributes |= kernel.ATTR_NOSUID | (0 if devices else kernel.ATTR_NODEV)
    kernel.set_mount(path, attributes)


def _etc(plan: Plan) -> None:
    Path("/etc").mkdir(exist_ok=True)
    for name, text in _ETC.items():
        # One that the plan shows is left as it is.
        with suppress(FileExistsError), Path("/etc", name).open("x") as file:
            file.write(text.format(home=plan.home))


def _dev() -> None:
    Path("/dev").mkdir()
    for name in _DEVICES:
        _show(f"/dev/{name}", f"/dev/{name}", kernel.ATTR_NOEXEC, devices=True)
    Path("/dev/pts").mkdir()
    flags = kernel.MS_NOSUID | kernel.MS_NOEXEC
    kernel.mount("devpts", "/dev/pts", "devpts", flags, "newinstance,ptmxmode=0666,mode=0600")
    for path, target in _LINKS.items():
        Path(path).symlink_to(target)


def _disk(plan: Plan, limits: Limits) -> None:
    """Make the folders that can be written to: one file system, so that one limit holds for all."""
    files = max(1024, limits.disk_mb * FILES_PER_MB)
    disk = Path(plan.home).parent
    disk.mkdir(parents=True)
    _tmpfs(str(disk), f"size={limits.disk_mb}m,nr_inodes={files},mode=0755")
    for path in ("/tmp", "/dev/shm"):
        part = disk / f".{Path(path).name}"
        part.mkdir()
        part.chmod(0o1777)
        Path(path).mkdir(exist_ok=True)
        kernel.mount(str(part), path, flags=kernel.MS_BIND)
    for folder in (plan.home, plan.scratch):
        Path(folder).mkdir(mode=0o700)
        if plan.user is not None:
            os.chown(folder, plan.user, plan.user)
