"""Files as one message: paths and contents, and nothing else that a file could be."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgpack

Files = dict[str, bytes]
"""Contents by path; paths are relative, with `/` between their parts."""

_LONGEST_PART, _LONGEST_PATH = 200, 500


class Malformed(ValueError):
    """A message that holds no files as they may be; the message is a sentence."""


@dataclass(frozen=True)
class Bounds:
    """How much a bundle may hold.

    Parameters
    ----------
    size : int
        Bytes of all files together.
    files : int
        How many.
    deepest : int
        How many folders may lie in each other.
    """

    size: int = 32_000_000
    files: int = 500
    deepest: int = 8


def pack(files: Mapping[str, bytes]) -> bytes:
    """Make a message of files."""
    packed: bytes = msgpack.packb(dict(sorted(files.items())), use_bin_type=True)
    return packed


def unpack(message: bytes, bounds: Bounds) -> Files:
    """Read a message that anybody may have sent.

    Raises
    ------
    Malformed
        It holds other things than files, or more than it may.
    """
    try:
        files = _unpacked(message, bounds)
    except msgpack.OutOfData:
        raise Malformed("The submission can't be read: it ends too early.") from None
    except ValueError as error:  # what msgpack raises else is of this kind
        raise Malformed(f"The submission can't be read: {error or 'it is no list'}.") from None
    check(files, bounds)
    return files


def _unpacked(message: bytes, bounds: Bounds) -> Files:
    """Read one flat map. Nothing within it may hold others: small lists make large objects."""
    reader = msgpack.Unpacker(
        raw=False,
        max_map_len=0,
        max_array_len=0,
        max_ext_len=0,
        max_str_len=4 * _LONGEST_PATH,
        max_bin_len=bounds.size,
        max_buffer_size=max(len(message), 1),
    )
    reader.feed(message)
    count = reader.read_map_header()
    if count > bounds.files:
        raise Malformed(_too_many(bounds))
    files: Files = {}
    for _ in range(count):
        path, content = reader.unpack(), reader.unpack()
        if not isinstance(path, str) or not isinstance(content, bytes):
            raise ValueError("it holds other things than files")
        if path in files:
            raise ValueError("a file is in it twice")
        files[path] = content
    if reader.tell() != len(message):
        raise ValueError("there is more behind its files")
    return files


def check(files: Mapping[str, bytes], bounds: Bounds) -> None:
    """Refuse what is too much, or what is named as no file should be.

    Raises
    ------
    Malformed
        In one sentence.
    """
    if len(files) > bounds.files:
        raise Malformed(_too_many(bounds))
    for path in files:
        reason = _wrong_with(path, bounds)
        if reason:
            raise Malformed(f"A file is called {path[:80]!a}: {reason}. Rename it.")
        if any(str(parent) in files for parent in PurePosixPath(path).parents if parent.name):
            raise Malformed(f"{path[:80]!a} lies in a file, not in a folder.")
    _check_size(sum(len(content) for content in files.values()), bounds)


def _check_size(size: int, bounds: Bounds) -> None:
    if size > bounds.size:
        raise Malformed(
            f"It has {size / 1e6:.1f} MB, and {bounds.size / 1e6:g} MB is the most: clear large"
            " outputs, or leave out what isn't asked for."
        )


def _too_many(bounds: Bounds) -> str:
    return f"It has more than {bounds.files} files: leave out what isn't asked for."


def _wrong_with(path: str, bounds: Bounds) -> str:
    parts = path.split("/")
    if len(parts) > bounds.deepest:
        return f"that is more than {bounds.deepest} folders deep"
    if len(path.encode("utf-8", "surrogatepass")) > _LONGEST_PATH:
        return "that is too long"
    for part in parts:
        if part in ("", ".", "..") or part.startswith("."):
            return "names may not be empty, nor begin with a dot"
        if len(part.encode("utf-8", "surrogatepass")) > _LONGEST_PART:
            return "that is too long"
        if "\\" in part or any(unicodedata.category(char) in _UNSEEN for char in part):
            return "it holds what can't be shown"
    return ""


# Control, format, surrogate, private use, unassigned; line and paragraph separators.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def digest(files: Mapping[str, bytes]) -> str:
    """Give a SHA-256 that tells these files from all others, in hexadecimal.

    It is that of the text which has, for each file in the order of their paths, a line with the
    SHA-256 of its content, two spaces, and its path: what `sha256sum` prints of them.
    """
    lines = (f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def read(folder: Path, bounds: Bounds, leave_out: Collection[str] = ()) -> Files:
    """Read the files of a folder that may be sent; links and hidden files stay where they are.

    Parameters
    ----------
    folder : Path
        Where they are.
    bounds : Bounds
        How much it may be.
    leave_out : collection of str
        Folders at the top that are not read.

    Raises
    ------
    Malformed
        It is more than may be sent.
    """
    files: Files = {}
    size = 0
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith((".", "__pycache__")) for part in relative.parts)
        if hidden or relative.parts[0] in leave_out or path.is_symlink() or not path.is_file():
            continue
        size += path.stat().st_size
        _check_size(size, bounds)
        if len(files) >= bounds.files:
            raise Malformed(_too_many(bounds))
        files[relative.as_posix()] = path.read_bytes()
    check(files, bounds)
    return files


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into an empty folder, to the disk."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
