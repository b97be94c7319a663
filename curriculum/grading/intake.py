"""Read what was handed in, whatever it is: no link is followed, nothing is waited for.

What can be put right is put right and noted; what can't be read is set aside with the reason, and
costs nothing but itself.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4.rwbase import rejoin_lines

from curriculum.grading.ledger import Note

MEGABYTE = 1_000_000
PLAIN_MB = 5
"""Larger notebooks lose their outputs in a process of its own, whose memory is limited."""
LARGEST_NOTEBOOK_MB = 200
MOST_MEGABYTES_BESIDE = 100
MOST_FILES = 2_000
DEEPEST = 20
"""Folders in folders."""
DEEPEST_JSON = 100

KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}
_SECRET = "submission_secret.txt"
_ID = re.compile(r"[a-zA-Z0-9-_]{1,64}")


class Unreadable(Exception):
    """A file that can't be read; the message is the rest of a sentence that begins with it."""


@dataclass
class HandedIn:
    """The folder of one submission, as it was looked at.

    Parameters
    ----------
    student : str
        The folder's name.
    folder : Path
        `submitted/<student>/<topic>`.
    files : dict of str to Path
        Every plain file, by its POSIX path in the folder.
    special : list of str
        What is neither a plain file nor a folder.
    notes : list of Note
        What was left out, and why.
    digest : str
        Tells this content from any other.
    """

    student: str
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    special: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    digest: str = ""

    def notebooks(self) -> dict[str, Path]:
        """Give the notebooks at the top, by name."""
        return {
            name.removesuffix(".ipynb"): path
            for name, path in self.files.items()
            if name.endswith(".ipynb") and "/" not in name
        }

    def beside(self, most_bytes: int) -> dict[str, bytes]:
        """Read what a notebook may find in its folder: all that came with it, as it came.

        The key to the student's feedback is left out. Adds a note where there is too much.
        """
        contents: dict[str, bytes] = {}
        room = most_bytes
        for name, path in self.files.items():
            if name == _SECRET:
                continue
            try:
                content = read_bytes(path, room)
            except Unreadable as error:
                if not name.endswith(".ipynb"):
                    self.notes.append(Note(f"{shown(name)} {error}; it was left out.", bad=True))
                continue
            room -= len(content)
            contents[name] = content
        return contents


def look(student: str, folder: Path, ignore: Sequence[str] = ()) -> HandedIn:
    """List the plain files of a submission, and take the digest of its content.

    Parameters
    ----------
    student : str
        Whose it is.
    folder : Path
        Where it lies.
    ignore : sequence of str
        Patterns of names, as in nbgrader's `CourseDirectory.ignore`.
    """
    handed = HandedIn(student, folder)
    seen = hashlib.sha256()
    try:
        for place in (folder.parent, folder):
            _refuse_special(place.lstat(), directory=True)
    except (OSError, Unreadable) as error:
        handed.notes.append(Note(f"The folder {_why(error)}.", bad=True))
        handed.digest = hashlib.sha256(str(error).encode()).hexdigest()
        return handed
    for name, entry in sorted(_walk(handed, folder, "", ignore)):
        seen.update(name.encode(errors="surrogateescape") + b"\0")
        try:
            seen.update(_digest(Path(entry.path)))
        except (OSError, Unreadable) as error:
            handed.notes.append(Note(f"{shown(name)} {_why(error)}.", bad=True))
            seen.update(str(error).encode(errors="surrogateescape"))
        else:
            handed.files[name] = Path(entry.path)
    seen.update(json.dumps([note.text for note in handed.notes]).encode())
    handed.digest = seen.hexdigest()
    return handed


def _walk(
    handed: HandedIn, folder: Path, prefix: str, ignore: Sequence[str]
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        handed.notes.append(Note(f"The folder {shown(prefix)} {_why(error)}.", bad=True))
        return
    for count, entry in enumerate(entries):
        if any(fnmatch.fnmatch(entry.name, pattern) for pattern in ignore):
            continue
        name = prefix + entry.name
        if count >= MOST_FILES or prefix.count("/") >= DEEPEST:
            sentence = f"The folder {shown(prefix) or 'itself'} holds too much to look at."
            handed.notes.append(Note(sentence, bad=True))
            return
        try:
            mode = entry.stat(follow_symlinks=False).st_mode
        except OSError as error:  # its path may be longer than the system takes
            handed.notes.append(Note(f"{shown(name)} {_why(error)}.", bad=True))
            continue
        if stat.S_ISDIR(mode):
            yield from _walk(handed, Path(entry.path), name + "/", ignore)
        elif stat.S_ISREG(mode):
            yield name, entry
        else:
            what = KINDS.get(stat.S_IFMT(mode), "no plain file")
            handed.special.append(name)
            handed.notes.append(Note(f"{shown(name)} is {what}; it was left out.", bad=True))


def _refuse_special(status: os.stat_result, directory: bool = False) -> None:
    right = stat.S_ISDIR if directory else stat.S_ISREG
    if not right(status.st_mode):
        what = KINDS.get(stat.S_IFMT(status.st_mode), "not what it should be")
        raise Unreadable(f"is {what}")


def _open(path: Path) -> int:
    """Open a plain file and nothing else: what it is may have changed since it was looked at."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _refuse_special(os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _digest(path: Path) -> bytes:
    with os.fdopen(_open(path), "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def read_bytes(path: Path, most_bytes: int) -> bytes:
    """Read a plain file.

    Raises
    ------
    Unreadable
        It is a link, a pipe, larger than `most_bytes`, or may not be read.
    """
    try:
        with os.fdopen(_open(path), "rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise Unreadable(_why(error)) from None
    if len(content) > most_bytes:
        raise Unreadable(f"is larger than {most_bytes // MEGABYTE} MB")
    return content


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"can't be read ({(error.strerror or str(error)).lower()})"
    return str(error)


def shown(name: str) -> str:
    """Write a file's name so that it fits in a sentence, whatever it consists of."""
    plain = name.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in plain)


# Notebooks.


def read_notebook(path: Path) -> tuple[NotebookNode, list[str]]:
    """Read a notebook as format 4, without outputs.

    Returns
    -------
    notebook : NotebookNode
        Valid.
    mended : list of str
        What was put right, in sentences that begin with the notebook.

    Raises
    ------
    Unreadable
        Nothing can be made of it.
    """
    content = read_bytes(path, LARGEST_NOTEBOOK_MB * MEGABYTE)
    if len(content) > PLAIN_MB * MEGABYTE:
        content = _slimmed(content)
    return from_plain(parse(content))


def parse(content: bytes) -> dict[str, Any]:
    """Read JSON whose top is an object with cells or worksheets."""
    try:
        plain = json.loads(content.decode("utf-8-sig"))
        if b"\\ud" in content.lower():
            # Half a character, which JSON can spell and UTF-8 can't.
            whole = json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace")
            plain = json.loads(whole)
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except ValueError:
        reason = "is empty" if not content.strip() else "is no valid JSON"
        raise Unreadable(reason) from None
    if not isinstance(plain, dict) or not isinstance(
        plain.get("cells", plain.get("worksheets")), list
    ):
        raise Unreadable("is no notebook: it has no list of cells")
    return plain


def _depth_is_sane(plain: Any) -> bool:
    """Tell whether what copies and checks notebooks, by recursion, can follow this one."""
    level, deeper = 0, [plain]
    while deeper:
        level += 1
        if level > DEEPEST_JSON:
            return False
        inside = (one.values() if isinstance(one, dict) else one for one in deeper)
        deeper = [x for values in inside for x in values if isinstance(x, dict | list) and x]
    return True


def without_outputs(plain: dict[str, Any]) -> dict[str, Any]:
    """Empty the code cells of a notebook of format 4, in place: grading runs them anew."""
    for cell in plain.get("cells", []):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return plain


def _slimmed(content: bytes) -> bytes:
    """Drop a large notebook's outputs where its size can't harm the run."""
    command = [sys.executable, "-m", "curriculum.grading.slim"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=120)
    except subprocess.TimeoutExpired:
        raise Unreadable("is too large to read") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        known = said and said[-1].startswith("is ")
        raise Unreadable(said[-1] if known else "is too large to read")
    if len(done.stdout) > PLAIN_MB * MEGABYTE:
        raise Unreadable(f"has more than {PLAIN_MB} MB even without outputs")
    return done.stdout


def from_plain(plain: dict[str, Any]) -> tuple[NotebookNode, list[str]]:
    """Make a valid notebook of format 4 from what a file holds."""
    mended: list[str] = []
    if not _depth_is_sane(without_outputs(plain)):
        raise Unreadable("is nested too deeply")
    try:
        notebook = _as_format_4(plain, mended)
        _mend_cells(notebook, mended)
        notebook = _valid(notebook)
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except Exception as error:  # what is damaged enough fails anywhere
        reason = str(error).strip().split("\n")[0][:200] or type(error).__name__
        raise Unreadable(f"is a damaged notebook ({reason})") from None
    return notebook, mended


def _valid(notebook: NotebookNode) -> NotebookNode:
    """Check a notebook; metadata that the format does not allow is left out."""
    with warnings.catch_warnings(action="ignore"):
        try:
            nbformat.validate(notebook)
        except nbformat.ValidationError:
            _, notebook = nbformat.validator.normalize(notebook, strip_invalid_metadata=True)
            nbformat.validate(notebook)
    return notebook


def _as_format_4(plain: dict[str, Any], mended: list[str]) -> NotebookNode:
    major = plain.get("nbformat")
    if isinstance(plain.get("cells"), list):
        if major != 4:
            mended.append(f"says that it is in notebook format {major}; it was read as format 4.")
        plain |= {"nbformat": 4, "nbformat_minor": 5}
        return rejoin_lines(nbformat.from_dict(_with_metadata(plain)))
    if major not in (2, 3):
        raise Unreadable(f"is in notebook format {shown(str(major))[:20]}")
    with warnings.catch_warnings(action="ignore"):
        old = nbformat.reader.reads(json.dumps(plain))
        notebook = nbformat.convert(old, 4)
    mended.append(f"was in the old notebook format {major}; it was brought up to date.")
    without_outputs(notebook)
    return notebook


def _with_metadata(plain: dict[str, Any]) -> dict[str, Any]:
    """Give the notebook and each cell a metadata object, where editors have lost it."""
    if not isinstance(plain.get("metadata"), dict):
        plain["metadata"] = {}
    cells = [cell for cell in plain["cells"] if isinstance(cell, dict)]
    for cell in cells:
        if not isinstance(cell.get("metadata"), dict):
            cell["metadata"] = {}
    plain["cells"] = cells
    return plain


def _mend_cells(notebook: NotebookNode, mended: list[str]) -> None:
    notebook.metadata.pop("orig_nbformat", None)
    for index, cell in enumerate(notebook.cells):
        if cell.get("cell_type") not in ("code", "markdown", "raw"):
            mended.append(f"has a cell of no known kind, the {index + 1}th; it is kept as text.")
            cell["cell_type"] = "raw"
        if not isinstance(cell.get("source"), str):
            mended.append(f"has a cell without text, the {index + 1}th; it is kept empty.")
            cell["source"] = ""
        if cell.cell_type != "code":
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
        cell.metadata.pop("trusted", None)
    give_ids(notebook)


def give_ids(notebook: NotebookNode) -> None:
    """Give each cell an id of its own, the same each time; those that do keep theirs."""
    notebook["nbformat_minor"] = 5
    seen: set[str] = set()
    for index, cell in enumerate(notebook.cells):
        given = cell.get("id")
        if not isinstance(given, str) or not _ID.fullmatch(given) or given in seen:
            cell["id"] = f"cell-{index}"
        seen.add(cell["id"])


def files_of_run(
    folder: Path, submitted: Path | None, ignore: Sequence[str] = ()
) -> dict[str, bytes]:
    """Read what a notebook finds beside it where nbgrader runs it.

    Parameters
    ----------
    folder : Path
        Where nbgrader has put copies: of what was handed in, links followed, and of notebooks with
        their hidden tests.
    submitted : Path, optional
        What was handed in. Its notebooks take the place of nbgrader's; what is a link there is
        left out.
    ignore : sequence of str
        Patterns of names that are no part of a submission.
    """
    copied = look("", folder, ignore).files
    names = {name: path for name, path in copied.items() if not name.endswith(".ipynb")}
    if submitted is not None:
        own = look("", submitted, ignore).files
        linked = {name for name in names if name not in own and _is_there(submitted / name)}
        names = {name: path for name, path in names.items() if name not in linked}
        names |= {name: path for name, path in own.items() if name.endswith(".ipynb")}
    return HandedIn("", folder, names).beside(MOST_MEGABYTES_BESIDE * MEGABYTE)


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)
