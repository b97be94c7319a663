"""Look at a folder that a student made, and copy it, without following anything.

Everything is reached by descriptors, one name at a time: what a name means may change between two
looks, what a descriptor means can't. Each file is judged again after it was opened.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import pwd
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory

from curriculum.grading import intake
from curriculum.grading.exchange.names import Refused
from curriculum.grading.intake import KINDS, shown

LONGEST_PATH = 1024
"""Bytes: later steps put the course's own path before it."""

_CHUNK = 1 << 20
# Neither a pipe nor a file that somebody holds a lease on is waited for.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_Visit = Callable[[int, str, str, os.stat_result], None]


@dataclass(frozen=True)
class Bounds:
    """What a submission may be.

    Parameters
    ----------
    file_bytes, folder_bytes : int
        How large a file, and all of it, may be.
    files : int
        How many files and folders it may have.
    deepest : int
        How deep folders may lie in folders.
    ignore, include : tuple of str
        Patterns of names, as in nbgrader's `CourseDirectory`; what they leave out is not looked at.
    links : bool
        Whether a file may have other names, outside the submission.
    """

    file_bytes: int
    folder_bytes: int
    files: int = intake.MOST_FILES
    deepest: int = intake.DEEPEST
    ignore: tuple[str, ...] = ()
    include: tuple[str, ...] = ("*",)
    links: bool = True

    @classmethod
    def of(cls, course: CourseDirectory, **more: Any) -> Bounds:
        """Give what nbgrader's view of a course says of sizes and names."""
        return cls(
            file_bytes=1000 * course.max_file_size,
            folder_bytes=1000 * course.max_dir_size,
            ignore=tuple(course.ignore),
            include=tuple(course.include),
            **more,
        )


class Submission:
    """A folder in the exchange, held open until it is closed.

    Parameters
    ----------
    inbound : int
        Descriptor of the folder that it lies in.
    name : str
        Its name there.
    bounds : Bounds
        What it may be.

    Raises
    ------
    Refused
        It is no folder, or may not be read.
    """

    def __init__(self, inbound: int, name: str, bounds: Bounds) -> None:
        self._bounds = bounds
        self._mount = _mount(inbound)
        self._folder = _open_folder(inbound, name, "it")
        self.owner = owner_of(os.fstat(self._folder))
        self._begin()

    def close(self) -> None:
        """Let the folder go."""
        os.close(self._folder)

    def look(self) -> int:
        """Judge what lies in it.

        Returns
        -------
        int
            When anything in it last changed, in nanoseconds, by the clock of who keeps the files:
            the one time that only the kernel sets.

        Raises
        ------
        Refused
            It is not what a submission may be.
        """
        self._begin()
        self._walk(self._folder, "", lambda _, __, path, status: self._accept(status, path))
        return self._changed

    def copy(self, into: Path) -> int:
        """Copy it into an empty folder; returns and raises as `look` does.

        An `OSError` is about the copy, not about the submission.
        """
        self._begin()

        def visit(folder: int, name: str, path: str, _: os.stat_result) -> None:
            self._copy_file(folder, name, path, into / path)

        self._walk(self._folder, "", visit, into)
        return self._changed

    def _begin(self) -> None:
        self._files = self._bytes = self._changed = 0

    # Going through it.

    def _walk(self, folder: int, prefix: str, visit: _Visit, into: Path | None = None) -> None:
        here = shown(prefix) or "it"
        self._refuse_other_mount(folder, here)
        if prefix.count("/") >= self._bounds.deepest:
            raise Refused(f"it has folders more than {self._bounds.deepest} deep.")
        before = os.fstat(folder)
        for name in self._names(folder, here):
            path = prefix + name
            with _reading(path):
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                self._walk_into(folder, name, path, visit, into)
            elif not stat.S_ISREG(status.st_mode) or _chosen(name, self._bounds.include):
                visit(folder, name, path, status)
        after = os.fstat(folder)
        if after.st_ctime_ns != before.st_ctime_ns:
            raise _changing()
        self._changed = max(self._changed, after.st_ctime_ns)

    def _walk_into(
        self, folder: int, name: str, path: str, visit: _Visit, into: Path | None
    ) -> None:
        below = _open_folder(folder, name, path)
        try:
            self._refuse_others(os.fstat(below), path)
            if into is not None:
                (into / path).mkdir()
            self._walk(below, path + "/", visit, into)
        finally:
            os.close(below)

    def _names(self, folder: int, here: str) -> list[str]:
        """List what is not ignored; stops where there is too much."""
        names = []
        with _reading(here), os.scandir(folder) as entries:
            for entry in entries:
                self._files += 1
                if self._files > self._bounds.files:
                    raise Refused(f"it has more than {self._bounds.files} files.")
                if not _chosen(entry.name, self._bounds.ignore):
                    names.append(entry.name)
        return sorted(names)

    # One file.

    def _accept(self, status: os.stat_result, path: str) -> None:
        """Judge a file by what the kernel says of it."""
        if not stat.S_ISREG(status.st_mode):
            raise Refused(f"{shown(path)} is {KINDS.get(stat.S_IFMT(status.st_mode), 'no file')}.")
        self._refuse_others(status, path)
        if status.st_nlink > 1 and not self._bounds.links:
            raise Refused(f"{shown(path)} has a second name elsewhere (a hard link).")
        if len(os.fsencode(path)) > LONGEST_PATH:
            raise Refused(f"it has a path of more than {LONGEST_PATH} bytes.")
        if status.st_size > self._bounds.file_bytes:
            raise Refused(f"{shown(path)} has more than {_megabytes(self._bounds.file_bytes)}.")
        self._bytes += status.st_size
        if self._bytes > self._bounds.folder_bytes:
            raise Refused(f"it has more than {_megabytes(self._bounds.folder_bytes)}.")
        self._changed = max(self._changed, status.st_ctime_ns)

    def _refuse_others(self, status: os.stat_result, path: str) -> None:
        # Whoever may read a file can give it a second name in the exchange.
        owner = owner_of(status)
        if owner != self.owner:
            raise Refused(
                f"{shown(path)} belongs to {account(owner)}, not to {account(self.owner)}."
            )

    def _refuse_other_mount(self, descriptor: int, path: str) -> None:
        mount = _mount(descriptor)
        if mount and mount != self._mount:
            raise Refused(f"{shown(path)} is on a file system of its own.")

    def _copy_file(self, folder: int, name: str, path: str, to: Path) -> None:
        with _reading(path):
            source = os.open(name, _OPEN, dir_fd=folder)
        try:
            status = os.fstat(source)
            self._accept(status, path)
            self._refuse_other_mount(source, path)
            with to.open("xb") as copy:
                for chunk in _chunks(source, path, status.st_size):
                    copy.write(chunk)
            if _look(os.fstat(source)) != _look(status):
                raise _changing()
        finally:
            os.close(source)


def owner_of(status: os.stat_result) -> int:
    """Give the account that a file belongs to, as a number."""
    return status.st_uid


def account(number: int) -> str:
    """Give the name of an account."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"the unknown account {number}"


def _open_folder(parent: int, name: str, shown_as: str) -> int:
    with _reading(shown_as):
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if not stat.S_ISDIR(status.st_mode):
            what = KINDS.get(stat.S_IFMT(status.st_mode), "a file")
            raise Refused(f"{shown(shown_as)} is {what}, no folder.")
        return os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=parent)


def _chunks(source: int, path: str, size: int) -> Iterator[bytes]:
    """Read as much as a file had when it was opened."""
    while size > 0:
        with _reading(path):
            chunk = os.read(source, min(_CHUNK, size))
        if not chunk:
            raise _changing()
        size -= len(chunk)
        yield chunk


@contextmanager
def _reading(path: str) -> Iterator[None]:
    """Make a refusal of what stops reading."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.EAGAIN):
            raise _changing() from None
        reason = (error.strerror or str(error)).lower()
        raise Refused(f"{shown(path)} can't be read ({reason}).") from None


def _changing() -> Refused:
    return Refused("it changed while it was read; it is looked at again the next time.", again=True)


def _look(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_ctime_ns


def _chosen(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:g} MB"


def _mount(descriptor: int) -> str:
    """Tell by which mount a file was reached; a device's number says so for folders only."""
    try:
        info = Path(f"/proc/self/fdinfo/{descriptor}").read_text()
    except OSError:
        status = os.fstat(descriptor)
        return str(status.st_dev) if stat.S_ISDIR(status.st_mode) else ""
    return next(line for line in info.splitlines() if line.startswith("mnt_id:"))
