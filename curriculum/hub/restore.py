"""Bring a class back from the archive that `backup` wrote."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

from curriculum.hub.backup import FORMAT, MANIFEST
from curriculum.hub.folder import SETTINGS, HubError

_CHUNK = 1 << 20


def restore(archive: Path, root: Path) -> None:
    """Unpack an archive into a folder that is not there yet, or is empty.

    Nothing has the folder's name before all of it is there and is as it was written.

    Parameters
    ----------
    archive : Path
        What `backup` wrote.
    root : Path
        The class's folder.

    Raises
    ------
    HubError
        The folder has something in it, or the archive is not as it was written.
    """
    try:
        if os.path.lexists(root) and (root.is_symlink() or any(root.iterdir())):
            raise HubError(f"{root} isn't empty, and nothing in it is overwritten: name another.")
        with _scratch(root) as scratch:
            with archive.open("rb") as file:
                _unpack(file, scratch, archive)
            scratch.chmod(0o700)
            scratch.rename(root)  # refuses a folder that has something in it by now
    except NotADirectoryError:
        raise HubError(f"{root} is no folder: name a new one.") from None
    except OSError as error:
        what = error.filename or archive
        raise HubError(f"Nothing was restored: {error.strerror or error} ({what}).") from None


@contextmanager
def _scratch(root: Path) -> Iterator[Path]:
    root.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=root.parent, prefix=f".{root.name}."))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _unpack(file: BinaryIO, scratch: Path, archive: Path) -> None:
    unpacker = _Unpacker(scratch, archive)
    try:
        with tarfile.open(fileobj=file, mode="r|gz") as tar:
            for member in tar:
                unpacker.take(tar, member)
    except (tarfile.TarError, zlib.error, EOFError, UnicodeError) as error:
        _refuse(archive, f"it can't be read ({error})")
    unpacker.finish()


def _refuse(archive: Path, reason: str) -> NoReturn:
    raise HubError(f"{archive} is not as `curriculum hub backup` wrote it: {reason}.")


class _Unpacker:
    """Write members, each once and below a folder that this wrote: no link leads out."""

    def __init__(self, root: Path, archive: Path) -> None:
        self.root, self.archive = root, archive
        self.digests: dict[str, str] = {}
        self.manifest: bytes | None = None
        self._taken: set[str] = set()
        self._folders: dict[str, tarfile.TarInfo] = {}

    def take(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        """Write one."""
        if self.manifest is not None:
            self._odd(member, "comes after its end")
        if member.name == MANIFEST and member.isreg():
            self.manifest = _content(tar, member).read()
            return
        self._check(member)
        self._taken.add(member.name)
        path = self.root / member.name
        if member.isdir():
            path.mkdir(0o700)
            self._folders[member.name] = member
        elif member.issym():
            path.symlink_to(member.linkname)
            _own(path, member)
        else:
            self.digests[member.name] = _write(_content(tar, member), path)
            _own(path, member)
            path.chmod(member.mode & 0o777)
            os.utime(path, (member.mtime, member.mtime))

    def _check(self, member: tarfile.TarInfo) -> None:
        parts = member.name.split("/")
        if any(part in ("", ".", "..") for part in parts) or "\0" in member.name:
            self._odd(member, "leads out of the class")
        if member.name in self._taken:
            self._odd(member, "is in it twice")
        if len(parts) > 1 and "/".join(parts[:-1]) not in self._folders:
            self._odd(member, "lies in no folder of the archive's")
        if not (member.isreg() or member.isdir() or member.issym()):
            self._odd(member, "is neither a file nor a folder")

    def _odd(self, member: tarfile.TarInfo, what: str) -> NoReturn:
        _refuse(self.archive, f"{member.name[:200]!a} {what}")

    def finish(self) -> None:
        """Compare with the manifest, and give folders their owners and modes."""
        wanted = self._wanted()
        unlike = [name for name in wanted if self.digests.get(name) != wanted[name]]
        unlike += sorted(set(self.digests) - set(wanted))
        if unlike:
            _refuse(self.archive, f"{unlike[0][:200]!a} has another content")
        if SETTINGS not in wanted:
            _refuse(self.archive, f"there is no {SETTINGS} in it")
        for name, member in reversed(self._folders.items()):
            _own(self.root / name, member)
            (self.root / name).chmod(member.mode & 0o777)

    def _wanted(self) -> dict[str, str]:
        try:
            manifest = json.loads(self.manifest or b"")
            if manifest["format"] != FORMAT:
                _refuse(self.archive, f"its format is {manifest['format']!a}, not {FORMAT}")
            return dict(manifest["files"])
        except (ValueError, KeyError, TypeError):
            _refuse(self.archive, "its end is missing")


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> BinaryIO:
    file = tar.extractfile(member)
    assert file is not None  # it is a file
    return file  # type: ignore[return-value]


def _write(content: BinaryIO, path: Path) -> str:
    digest = hashlib.sha256()
    read: Callable[[], bytes] = lambda: content.read(_CHUNK)  # noqa: E731
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in iter(read, b""):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _own(path: Path, member: tarfile.TarInfo) -> None:
    if os.geteuid() == 0:
        os.chown(path, member.uid, member.gid, follow_symlinks=False)
