"""Write files and folders so that nobody ever sees half of one."""

from __future__ import annotations

import errno
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FORMER = ".former"


class WriteError(OSError):
    """A file could not be written; the message says which, why, and what to do."""

    def __str__(self) -> str:
        # OSError would put "[Errno 28]" before the sentence.
        return str(self.args[-1])


def write_text(path: Path, text: str) -> None:
    """Write a text file whole, in UTF-8; see `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write beside the file, then rename: a reader sees the old content or the new one.

    Raises
    ------
    WriteError
        The disk is full, the folder is read-only, …; what was there before is still there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _explained(path, error) from None
    scratch = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scratch.chmod(0o666 & ~_umask())
        scratch.replace(path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise _explained(path, error) from None
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


@contextmanager
def scratch_beside(final: Path) -> Iterator[Path]:
    """Make a folder to fill beside the final one, under a name that nobody looks for.

    What killed processes have left is tidied up, so nobody else may be writing the same one: a
    former folder that was just moved out of the way moves back.
    """
    prefix = f".{final.name}."
    for left in final.parent.glob(f"{glob.escape(prefix)}*"):
        if left.name.endswith(_FORMER) and not os.path.lexists(final):
            left.rename(final)
        shutil.rmtree(left, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(dir=final.parent, prefix=prefix))
    scratch.chmod(0o755)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def put_in_place(scratch: Path, final: Path) -> None:
    """Let a filled folder take the final one's place; what was there stays until it has."""
    former = scratch.with_name(f"{scratch.name}{_FORMER}")
    if final.exists():
        final.rename(former)
    try:
        scratch.rename(final)
    except BaseException:
        if former.exists():
            former.rename(final)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _explained(path: Path, error: OSError) -> WriteError:
    advice = {
        errno.ENOSPC: "the disk is full: free some space and try again",
        errno.EDQUOT: "your disk quota is used up: free some space and try again",
        errno.EACCES: "no permission: make the folder writable and try again",
        errno.EPERM: "no permission: make the folder writable and try again",
        errno.EROFS: "the file system is read-only: put the curriculum where you can write",
    }.get(error.errno or 0, f"{error.strerror or error}")
    return WriteError(error.errno, f"Could not write {path}: {advice}. Nothing was changed.")
