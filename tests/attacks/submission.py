"""Reads a submission to `target` that is written as text: one file, cells marked by `# %%`.

::

    \"\"\"One sentence: what it tries, and by what means.\"\"\"
    # wants: points
    # stock: not run, it would fill the disk
    # answers: wrong
    # honest: 3

    # %% mean
    def mean(x): ...                       the text of an answer cell; ids in `target.ANSWERS`

    # %% before mean
    print("an extra cell")                 also `after mean`, `first`, `last`

    # %% after mean [markdown]
    # An extra cell of Markdown.

    # %% file numpy.py
    pi = 3                                 a file that is handed in beside the notebook; what
                                           is no Python stands in comments

    # %% raw python
    def change(notebook): ...              may change the notebook, in the process that hands it in
    def arrange(folder): ...               may change the folder that is handed in

Lines before the first cell of the form `# name: text` are facts about the submission. An answer
that is not given stays as it was released, or is from `target.RIGHT` or `target.WRONG` where the
file says `# answers: right` or `# answers: wrong`. A magic is written as a comment, as Jupytext
does: `# %time x`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import target
from nbformat import NotebookNode, v4

_HEAD = re.compile(r'\A\s*r?"""(.*?)"""', re.DOTALL)
_FACT = re.compile(r"^# (\w+): (.*)$", re.MULTILINE)
_CELL = re.compile(r"^# %% (.+)\n", re.MULTILINE)
_MAGIC = re.compile(r"^# (?=%{1,2}\w|!)", re.MULTILINE)
_PLACES = re.compile(r"(first|last|before \w+|after \w+)( \[markdown\])?")


@dataclass(frozen=True)
class Extra:
    """A cell that the release does not have.

    Parameters
    ----------
    place : str
        `"first"`, `"last"`, `"before ID"` or `"after ID"`.
    text : str
        Its source.
    markdown : bool
        Not code.
    """

    place: str
    text: str
    markdown: bool = False


@dataclass(frozen=True)
class Submission:
    """What somebody hands in.

    Parameters
    ----------
    name : str
        Of the file, which is the student's name too.
    path : Path
        The file.
    says : str
        One sentence about it.
    facts : dict of str to str
        What the file says of itself.
    answers : dict of str to str
        The texts of answer cells.
    extra : tuple of Extra
        More cells, in order.
    files : dict of str to str
        What lies beside the notebook.
    raw : str
        Python that defines `change`, `arrange` or both.
    """

    name: str
    path: Path
    says: str
    facts: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    extra: tuple[Extra, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    raw: str = ""

    def notebook(self, released: NotebookNode) -> NotebookNode:
        """Fill in a released notebook."""
        notebook = copy.deepcopy(released)
        place = {_grade_id(cell): cell for cell in notebook.cells}
        for grade_id, text in self.answers.items():
            place[grade_id].source = text
        ends = {"first": 0}
        for one in self.extra:
            new = v4.new_markdown_cell if one.markdown else v4.new_code_cell
            _insert(notebook, one.place, new(one.text), ends)
        change = self._function("change")
        changed = change(notebook) if change else None
        return notebook if changed is None else changed

    def hand_in(self, released: NotebookNode, folder: Path, name: str = target.NOTEBOOK) -> None:
        """Write the folder that is handed in; `change` may also give the notebook's text itself."""
        folder.mkdir(parents=True, exist_ok=True)
        notebook = self.notebook(released)
        # As it is, valid or not.
        content = v4.writes(notebook) if isinstance(notebook, dict) else notebook
        content = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name}.ipynb").write_bytes(content)
        for beside, text in self.files.items():
            (folder / beside).parent.mkdir(parents=True, exist_ok=True)
            (folder / beside).write_text(text)
        arrange = self._function("arrange")
        if arrange:
            arrange(folder)

    def text(self) -> str:
        """Give everything that its author wrote."""
        parts = [*self.answers.values(), *(one.text for one in self.extra), *self.files.values()]
        return "\n".join([*parts, self.raw])

    def _function(self, name: str) -> Callable[[Any], Any] | None:
        space: dict[str, Any] = {"nbformat": nbformat, "v4": v4, "Path": Path, "cell": _cell}
        exec(compile(self.raw, str(self.path), "exec"), space)
        return space.get(name)


def read(path: Path, ids: Collection[str] = target.ANSWERS) -> Submission:
    """Read a file; `ids` are those of answers. Complains of what it does not understand."""
    text = path.read_text()
    head = _HEAD.match(text)
    assert head, f"{path} does not begin with a sentence about itself"
    before, *parts = _CELL.split(text[head.end() :])
    answers: dict[str, str] = {}
    files: dict[str, str] = {}
    extra: list[Extra] = []
    raw = ""
    for header, body in zip(parts[::2], parts[1::2], strict=True):
        header, code = header.strip(), _MAGIC.sub("", body.strip("\n"))
        place = _PLACES.fullmatch(header)
        if header in ids:
            answers[header] = code
        elif place and place[2]:
            extra.append(Extra(place[1], re.sub(r"^# ?", "", body.strip("\n"), flags=re.M), True))
        elif place:
            extra.append(Extra(place[1], code))
        elif header.startswith("file "):
            name, text = header.removeprefix("file "), body.strip("\n") + "\n"
            files[name] = text if name.endswith(".py") else re.sub(r"^# ?", "", text, flags=re.M)
        elif header == "raw python":
            raw = body
        else:
            raise AssertionError(f"{path}: no cell is called {header!r}")
    says = " ".join(head[1].split())
    facts = dict(_FACT.findall(before))
    given = {"right": target.RIGHT, "wrong": target.WRONG}
    answers = {**given.get(facts.get("answers", ""), {}), **answers}
    return Submission(path.stem, path, says, facts, answers, tuple(extra), files, raw)


def read_all(paths: Iterable[Path], ids: Collection[str] = target.ANSWERS) -> list[Submission]:
    """Read files, sorted; their names are unique."""
    found = [read(path, ids) for path in sorted(paths)]
    names = [one.name for one in found]
    assert len(set(names)) == len(names), f"not unique: {sorted(names)}"
    return found


def _cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """Find a cell of a notebook, for `change`."""
    return next(cell for cell in notebook.cells if _grade_id(cell) == grade_id)


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _insert(notebook: NotebookNode, place: str, new: NotebookNode, ends: dict[str, int]) -> None:
    """Insert a cell; several of one place follow each other as they are written."""
    where, _, grade_id = place.partition(" ")
    if where == "last":
        notebook.cells.append(new)
        return
    if where == "first":
        at = ends["first"]
        ends["first"] += 1
    else:
        at = next(i for i, c in enumerate(notebook.cells) if _grade_id(c) == grade_id)
        at += 0 if where == "before" else 1
        while where == "after" and at < len(notebook.cells) and _is_extra(notebook.cells[at]):
            at += 1
    notebook.cells.insert(at, new)


def _is_extra(cell: NotebookNode) -> bool:
    return not _grade_id(cell)
