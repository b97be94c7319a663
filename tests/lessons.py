"""Released notebooks of a few cells, and the folders in which a learner has copies of them."""

from __future__ import annotations

from pathlib import Path

import nbformat
from course import TOPIC
from nbformat import NotebookNode

STUB = "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
TO_SAY = "*Your answer: replace this line.*"


def graded(grade_id: str, **flags: object) -> dict:
    """Give nbgrader's metadata of a cell."""
    rest = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    return {"nbgrader": {"grade_id": grade_id, **rest, **flags}}


def answer(text: str = STUB, grade_id: str = "double") -> NotebookNode:
    return nbformat.v4.new_code_cell(text, metadata=graded(grade_id, solution=True))


def locked_test(text: str = "check.report()", grade_id: str = "double_test") -> NotebookNode:
    metadata = graded(grade_id, grade=True, locked=True, points=3)
    return nbformat.v4.new_code_cell(text, metadata=metadata)


def spoken(text: str = TO_SAY, grade_id: str = "say_double") -> NotebookNode:
    metadata = graded(grade_id, grade=True, solution=True, points=2)
    return nbformat.v4.new_markdown_cell(text, metadata=metadata)


def prose(text: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(text)


def code(text: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(text)


def notebook(*cells: NotebookNode) -> NotebookNode:
    """Give a notebook whose cells' ids are their places, as a release's are the same each time."""
    for place, cell in enumerate(cells):
        cell.id = f"cell-{place}"
    return nbformat.v4.new_notebook(cells=list(cells))


def lesson(title: str = "# A small topic") -> NotebookNode:
    return notebook(prose(title), answer(), locked_test(), spoken())


class Room:
    """The folders of one learner."""

    def __init__(self, folder: Path) -> None:
        self.work, self.release = folder / "work", folder / "release"
        self.publish(*(lesson() for _ in range(4)))

    def publish(self, *versions: NotebookNode) -> None:
        """Release notebooks 2_build, 1_see, 3_use, 4_say, as many as are given."""
        for name, version in zip(("2_build", "1_see", "3_use", "4_say"), versions, strict=False):
            path = self.release / TOPIC / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(nbformat.writes(version) + "\n")

    @property
    def folder(self) -> Path:
        return self.work / TOPIC
