"""Write files so that nobody ever sees half of one."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path


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
