"""A class in one file: copied while it runs, and brought back elsewhere.

What depends on something else is copied before it, so that what the archive has of the one, it has
of the other, whatever is written meanwhile:

- homes before `people.json`: a home without its person's number would become somebody else's;
- `people.json` before the hub's database, where people sign up before the class knows them;
- homes, with the receipts that students keep, before the receipts' book; and the book before the
  submissions. A submission is on the disk before its receipt, and stays there. So each receipt that
  was given before the backup has its row, and each row its files. Submissions that come meanwhile
  may be without a row; the desk gives them one when it opens.

Databases are copied by SQLite's own backup, which waits for who is writing; those that belong to a
course are read in its room, as its user, for nothing there says what a name leads to.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import json
import os
import sqlite3
import stat
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from curriculum.hub.folder import Class, HubError

MANIFEST = "manifest.json"
FORMAT = 1
_FIRST, _LAST = ("homes",), ("people.json", "hub", "courses", "exchange")
_HUB_DATABASE = ("hub", "jupyterhub.sqlite")
_BESIDE = ("", "-journal", "-wal", "-shm")
_DEEPEST = 100
_PATIENCE = 300
_EXCHANGE = "/srv/exchange"


def backup(of: Class, to: Path) -> list[str]:
    """Write an archive of a class, which may be open.

    Parameters
    ----------
    of : Class
        Which.
    to : Path
        A new file; only who writes it can read it.

    Returns
    -------
    list of str
        Paths that were left out because they can't be in it: sockets, pipes, files that can't be
        read, folders more than 100 deep.

    Raises
    ------
    HubError
        There is no class, the file is there already, or can't be written.
    """
    course = of.settings.course  # says in one sentence where there is none
    if os.path.lexists(to):
        raise HubError(f"{to} is there already: name a new file.")
    if to.resolve().is_relative_to(of.root):
        raise HubError(f"{to} lies in the class itself: name a file elsewhere.")
    try:
        with _new(to) as file, gzip.GzipFile("", "wb", 1, file) as packed:
            archive = cast(BinaryIO, packed)
            with tarfile.open(fileobj=archive, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                writer = _Writer(of, tar)
                writer.write()
                writer.finish(course)
    except OSError as error:
        what = error.filename or to
        raise HubError(f"The backup failed: {error.strerror or error} ({what}).") from None
    return writer.left_out


@contextmanager
def _new(to: Path) -> Iterator[BinaryIO]:
    """Give a file that has its name only when all of it is on the disk."""
    descriptor, name = tempfile.mkstemp(dir=to.absolute().parent, prefix=f".{to.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(name, to)  # unlike a rename, never over another
    finally:
        Path(name).unlink()


@dataclass
class _Writer:
    of: Class
    tar: tarfile.TarFile
    digests: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Write all of it, in the order that the module's first lines explain."""
        with _opened(self.of.root) as root:
            there = set(os.listdir(root))  # noqa: PTH208 - a descriptor
            between = sorted(there - {*_FIRST, *_LAST})
            for name in [*_FIRST, *between, *_LAST]:
                if name in there:
                    self._one(root, (name,))

    def finish(self, course: str) -> None:
        """Write what the archive should hold."""
        manifest = {
            "format": FORMAT,
            "course": course,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": self.digests,
        }
        info = tarfile.TarInfo(MANIFEST)
        info.mode = 0o600
        content = json.dumps(manifest, indent=1).encode()
        info.size = len(content)
        self.tar.addfile(info, io.BytesIO(content))

    def _one(self, folder: int, parts: tuple[str, ...]) -> None:
        if _is_of_no_use(parts):
            return
        name = parts[-1]
        try:
            about = os.lstat(name, dir_fd=folder)
            if stat.S_ISDIR(about.st_mode) and len(parts) <= _DEEPEST:
                self._folder(folder, parts)
            elif stat.S_ISLNK(about.st_mode):
                info = _info(parts, about, tarfile.SYMTYPE)
                info.linkname = os.readlink(name, dir_fd=folder)
                self.tar.addfile(info)
            elif stat.S_ISREG(about.st_mode):
                self._file(folder, parts)
            else:
                self.left_out.append("/".join(parts))
        except FileNotFoundError:
            return  # taken away meanwhile
        except OSError as error:
            # Whose folder it is may do anything there meanwhile; a full disk is another matter.
            if error.errno in _OURS:
                raise
            self.left_out.append("/".join(parts))

    def _folder(self, above: int, parts: tuple[str, ...]) -> None:
        with _opened(parts[-1], above) as folder:
            self.tar.addfile(_info(parts, os.fstat(folder), tarfile.DIRTYPE))
            databases = self._databases(folder, parts)
            for name in sorted(os.listdir(folder)):  # noqa: PTH208 - a descriptor
                if name not in databases:
                    self._one(folder, (*parts, name))

    def _databases(self, folder: int, parts: tuple[str, ...]) -> set[str]:
        """Write a folder's database, before all else in it; gives what is not to be copied."""
        name = _database_in(parts)
        if not name:
            return set()
        try:
            about = os.lstat(name, dir_fd=folder)
        except FileNotFoundError:
            return set()
        path = self.of.root.joinpath(*parts, name)
        content = copied(path) if (*parts, name) == _HUB_DATABASE else self._in_room(path)
        info = _info((*parts, name), about, tarfile.REGTYPE)
        self._add(info, io.BytesIO(content), len(content))
        return {f"{name}{end}" for end in _BESIDE}

    def _in_room(self, path: Path) -> bytes:
        """Copy a course's database as those who teach it could."""
        from curriculum.hub import room
        from curriculum.hub.people import COURSE, People

        reason = room.why_not()
        if reason:
            raise HubError(reason)
        course = path.relative_to(self.of.root).parts[1]
        exchange = self.of.exchange(course).parent
        exchange.mkdir(parents=True, exist_ok=True)
        shown = room.Room(
            People(self.of).add(course, COURSE),
            home=self.of.course(course),
            settings=room.CONFIGURATIONS / "course",
            etc=self.of.hub / "rooms" / course,
            shared={exchange: _EXCHANGE},
            lasts=False,
        )
        places = {self.of.course(course): shown.inside, exchange: _EXCHANGE}
        base = next(base for base in places if path.is_relative_to(base))
        inside = f"{places[base]}/{path.relative_to(base)}"
        code = "import sys; from curriculum.hub import backup;"
        code += " sys.stdout.buffer.write(backup.copied(backup.Path(sys.argv[1])))"
        command = shown.command([sys.executable, "-P", "-c", code, inside])
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=2 * _PATIENCE
        )
        if done.returncode:
            last = (done.stderr.decode(errors="replace").strip().splitlines() or ["nothing"])[-1]
            raise HubError(f"The database {path} can't be copied: {last}.")
        return done.stdout

    def _file(self, folder: int, parts: tuple[str, ...]) -> None:
        how = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with os.fdopen(os.open(parts[-1], how, dir_fd=folder), "rb") as file:
            about = os.fstat(file.fileno())
            if stat.S_ISREG(about.st_mode):
                self._add(_info(parts, about, tarfile.REGTYPE), file, about.st_size)

    def _add(self, info: tarfile.TarInfo, file: BinaryIO, size: int) -> None:
        info.size = size
        reader = _Exactly(file, size)
        try:
            self.tar.addfile(info, cast(BinaryIO, reader))
        except OSError as error:
            if error.errno in _OURS:
                raise
            raise HubError(f"{info.name} can't be read to its end: {error.strerror}.") from None
        self.digests[info.name] = reader.digest.hexdigest()


_OURS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class _Exactly:
    """A file of the size that was announced, whatever is written to it meanwhile."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        wanted = min(size, self._left)
        chunk = self._file.read(wanted).ljust(wanted, b"\0")
        self._left -= wanted
        self.digest.update(chunk)
        return chunk


@contextmanager
def _opened(path: str | Path, above: int | None = None) -> Iterator[int]:
    how = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    descriptor = os.open(path, how, dir_fd=above)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _info(parts: tuple[str, ...], about: os.stat_result, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo("/".join(parts))
    info.type, info.mode = kind, stat.S_IMODE(about.st_mode) & 0o777
    info.uid, info.gid, info.mtime = about.st_uid, about.st_gid, int(about.st_mtime)
    return info


def _database_in(folder: tuple[str, ...]) -> str:
    if folder == _HUB_DATABASE[:1]:
        return _HUB_DATABASE[1]
    if len(folder) == 3 and folder[0] == "courses" and folder[2] == "course":
        return "gradebook.db"
    is_exchange = len(folder) == 3 and folder[0] == "exchange" and folder[1] == folder[2]
    return "receipts.sqlite" if is_exchange else ""


def _is_of_no_use(parts: tuple[str, ...]) -> bool:
    """Tell what is made anew when it is missing, or means nothing elsewhere."""
    if parts in _MADE_ANEW or parts[-1] == "__pycache__":
        return True
    if parts[0] in ("homes", "courses") and parts[2:] in _CACHES:
        return True
    return parts[0] == "exchange" and parts[3:4] == ("inbound",) and parts[-1].startswith(".")


_MADE_ANEW = (("hub", "proxy"), ("hub", "rooms"), ("people.json.lock",), (MANIFEST,))
_CACHES = ((".cache",), (".local", "share", "jupyter", "runtime"))


def copied(path: Path) -> bytes:
    """Copy an SQLite file that may be written to meanwhile, by SQLite's own backup.

    Raises
    ------
    HubError
        It is no such file, or damaged.
    """
    try:
        with (
            closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=60)) as source,
            closing(sqlite3.connect(":memory:")) as copy,
        ):
            source.backup(copy)
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
            if found != "ok":
                raise HubError(f"The database {path} is damaged: {found}.")
            return copy.serialize()
    except sqlite3.Error as error:
        raise HubError(f"The database {path} can't be copied: {error}.") from None
