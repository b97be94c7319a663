"""The learner's copies of the notebooks, and new versions that come with an update.

A copy that nobody wrote in is replaced by the new version. Where the learner wrote something, the
new version, with their answers carried over, is laid beside it with a page that says what changed,
and takes its place only when the learner says so. Whatever leaves its place is kept.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.sign import NotebookNotary

from curriculum import catalog, files
from curriculum.learner.place import STATE

_FORMER = "## From your former copy"
_FENCE = "``````"  # longer than any within a lesson's text


class WorkError(ValueError):
    """A learner's folder is not as it should be; the message says what to do."""


@dataclass(frozen=True)
class Copy:
    """One notebook, in all the places where it may be."""

    topic: str
    notebook: str
    work: Path
    release: Path

    @property
    def mine(self) -> Path:
        """What the learner writes in."""
        return self.work / self.topic / f"{self.notebook}.ipynb"

    @property
    def base(self) -> Path:
        """The release from which the learner's copy was made."""
        return self.work / STATE / "base" / self.topic / f"{self.notebook}.ipynb"

    @property
    def offered(self) -> Path:
        """A newer version, with the learner's answers, waiting beside."""
        return self.mine.with_name(f"{self.notebook} (new version).ipynb")

    @property
    def changes(self) -> Path:
        """What is new in it, in words."""
        return self.mine.with_name(f"{self.notebook} (what changed).md")

    @property
    def offered_base(self) -> Path:
        """The release that is offered."""
        return self.base.with_name(f"{self.notebook}.offered.ipynb")

    @property
    def current(self) -> Path:
        """The release as it is now."""
        return self.release / self.topic / f"{self.notebook}.ipynb"

    @property
    def is_offered(self) -> bool:
        """Tell whether a newer version waits."""
        return self.offered.exists()


def copies(work: Path, release: Path) -> Iterator[Copy]:
    """Give every notebook of the catalogue that has been released."""
    for topic in catalog.load():
        for notebook in topic.notebooks:
            copy = Copy(topic.id, notebook, work, release)
            if copy.current.exists():
                yield copy


def prepare(work: Path, release: Path) -> list[str]:
    """Bring the learner's folder up to date with the release.

    Parameters
    ----------
    work : Path
        The learner's folder; made where it is missing.
    release : Path
        The course's `release/`.

    Returns
    -------
    list of str
        A sentence for each thing that was done.

    Raises
    ------
    WriteError
        The folder can't be written.
    """
    try:
        (work / STATE).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.WriteError(
            error.errno, f"Could not make {work / STATE}: {error.strerror}. Make it writable."
        ) from None
    done = [_bring_up_to_date(copy) for copy in copies(work, release)]
    return [sentence for sentence in done if sentence]


def _bring_up_to_date(copy: Copy) -> str:
    current = copy.current.read_text(encoding="utf-8")
    if not copy.mine.exists():
        _write_trusted(copy.mine, current)
        files.write_text(copy.base, current)
        return f"{copy.topic}/{copy.notebook}: copied"
    if not copy.base.exists():
        files.write_text(copy.base, current)
    if current == _text(copy.base) or (copy.is_offered and current == _text(copy.offered_base)):
        return ""
    mine, base = _read(copy.mine), _read(copy.base)
    if mine is None or base is None:
        return f"{copy.mine} can't be read as a notebook and was left alone."
    if _sources(mine) == _sources(nbformat.reads(current, 4)):
        files.write_text(copy.base, current)  # a run that was stopped between the two files
        return ""
    if _sources(mine) == _sources(base):
        _keep(copy)
        _write_trusted(copy.mine, current)
        files.write_text(copy.base, current)
        return f"{copy.topic}/{copy.notebook}: new version (you had not written in it)"
    return _offer(copy, mine, base, current)


def _offer(copy: Copy, mine: NotebookNode, base: NotebookNode, current: str) -> str:
    new = nbformat.reads(current, 4)
    if copy.offered.exists():
        _retire_offer(copy, mine)
    files.write_text(copy.changes, describe_changes(base, new))
    files.write_text(copy.offered_base, current)
    _write_trusted(copy.offered, nbformat.writes(carry_over(mine, base, new)) + "\n")
    return f"{copy.topic}/{copy.notebook}: a new version is offered beside yours"


def take(copy: Copy) -> Path:
    """Put the offered version in the place of the learner's copy, which is kept beside it.

    Returns
    -------
    Path
        Where the learner's former copy is.

    Raises
    ------
    WorkError
        Nothing is offered, or the learner's copy can't be read.
    """
    if not copy.is_offered:
        raise WorkError(f"No new version of {copy.topic}/{copy.notebook} is waiting.")
    mine, base = _read(copy.mine), _read(copy.base)
    if mine is None or base is None:
        raise WorkError(f"{copy.mine} can't be read as a notebook: mend it or move it away first.")
    current = _text(copy.offered_base) or copy.current.read_text(encoding="utf-8")
    # The learner may have gone on writing since the offer: carry over what is there now.
    new = carry_over(mine, base, nbformat.reads(current, 4))
    # Copied and then replaced, not renamed: on a full disk the learner's copy stays where it is.
    former = _free_name(_aside(copy.mine))
    files.write_bytes(former, copy.mine.read_bytes())
    _write_trusted(copy.mine, nbformat.writes(new) + "\n")
    files.write_text(copy.base, current)
    _retire_offer(copy, mine)
    copy.offered_base.unlink(missing_ok=True)
    copy.changes.unlink(missing_ok=True)
    return former


def carry_over(mine: NotebookNode, base: NotebookNode, new: NotebookNode) -> NotebookNode:
    """Give the new version with everything in it that the learner wrote.

    Answers go to the cell with the same grade_id; of two with one grade_id, made by copying a
    cell, the last counts, as it does for nbgrader. Cells of the learner's own, and answers whose
    exercise is gone, come at the end under a heading.
    """
    answers = _answers(mine)
    untouched = _answers(base)
    written = {key: text for key, text in answers.items() if untouched.get(key) != text}
    for cell in new.cells:
        key = _answer_key(cell)
        if key in written:
            cell.source = written[key]
    known = {*_sources(base), *_sources(new), _FORMER}
    extra = [cell for cell in mine.cells if cell.source not in known and not _is_locked(cell)]
    if extra:
        new.cells.append(nbformat.v4.new_markdown_cell(_FORMER))
        new.cells += [_plain(cell) for cell in extra]
    return new


def describe_changes(old: NotebookNode, new: NotebookNode) -> str:
    """Say in Markdown what is different between two versions of a lesson."""
    before, after = _sources(old), _sources(new)
    parts = ["# What changed\n"]
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for change, a, b, c, d in matcher.get_opcodes():
        if change == "equal":
            continue
        title = {"insert": "New", "delete": "Removed", "replace": "Changed"}[change]
        lines = difflib.unified_diff(
            "\n\n".join(before[a:b]).splitlines(),
            "\n\n".join(after[c:d]).splitlines(),
            lineterm="",
            n=1,
        )
        text = "\n".join(line for line in list(lines)[2:] if not line.startswith("@@"))
        heading = _heading_before(new, c)
        parts.append(f"## {title}, under “{heading}”\n\n{_FENCE}diff\n{text}\n{_FENCE}\n")
    return "\n".join(parts)


def _heading_before(notebook: NotebookNode, index: int) -> str:
    for cell in reversed(notebook.cells[: index + 1]):
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            return cell.source.split("\n")[0].lstrip("# ")
    return "the beginning"


def _answers(notebook: NotebookNode) -> dict[str, str]:
    return {key: c.source for c in notebook.cells if (key := _answer_key(c)) is not None}


def _answer_key(cell: NotebookNode) -> str | None:
    meta = cell.metadata.get("nbgrader", {})
    return str(meta["grade_id"]) if meta.get("solution") and meta.get("grade_id") else None


def _is_locked(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("locked"))


def _plain(cell: NotebookNode) -> NotebookNode:
    make = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
    return make(cell.source)


def _sources(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells]


def _read(path: Path) -> NotebookNode | None:
    """Read a notebook; None for anything else, in whatever way nbformat trips over it."""
    try:
        notebook = nbformat.read(path, 4)
        nbformat.validate(notebook)
    except Exception:
        return None
    return notebook


def _write_trusted(path: Path, text: str) -> None:
    """Write a notebook and sign it, so that JupyterLab runs its cells tagged `on_open`."""
    files.write_text(path, text)
    trust(nbformat.reads(text, 4))


def trust(notebook: NotebookNode) -> None:
    """Sign a notebook of ours; unsigned it still works, one click of the learner's later."""
    with contextlib.suppress(OSError):  # Jupyter's own folder can't be written
        NotebookNotary().sign(notebook)


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _keep(copy: Copy) -> None:
    """Keep a copy that is about to be replaced, for its outputs' sake."""
    kept = _free_name(copy.work / STATE / "replaced" / copy.topic / copy.mine.name)
    files.write_bytes(kept, copy.mine.read_bytes())


def _retire_offer(copy: Copy, mine: NotebookNode) -> None:
    """Take an offer away; where the learner wrote in the offer itself, it stays beside."""
    offered, release = _read(copy.offered), _read(copy.offered_base)
    if offered is not None and release is not None:
        known = {*_sources(release), *_sources(mine), _FORMER}
        if known.issuperset(_sources(offered)):
            _set_aside(copy.offered, copy.work / STATE / "replaced" / copy.topic)
            return
    _set_aside(copy.offered)


def _set_aside(path: Path, folder: Path | None = None) -> Path:
    """Rename a file to a name that is free; nothing is overwritten."""
    target = _free_name(folder / path.name if folder else _aside(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    return target


def _aside(path: Path) -> Path:
    """Give the dated name under which a learner's file stays beside its successor."""
    return path.with_name(f"{path.stem} (yours until {datetime.now():%Y-%m-%d}){path.suffix}")


def _free_name(path: Path) -> Path:
    candidate, number = path, 2
    while candidate.exists():
        candidate = path.with_name(f"{path.stem} {number}{path.suffix}")
        number += 1
    return candidate
