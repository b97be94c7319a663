"""What `nbgrader_config.py` plugs into nbgrader's autograde and generate_feedback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode, v4
from nbgrader import preprocessors as nb
from nbgrader.api import Gradebook, Notebook
from nbgrader.nbgraderformat import SCHEMA_VERSION
from nbgrader.utils import is_locked

from curriculum.authoring import source as src


class RestoreCells(nb.NbGraderPreprocessor):
    """Give a submission every graded cell of the release, once, with the release's metadata.

    Learners copy, delete and convert cells, and other editors rewrite metadata. nbgrader itself
    gives a submission with a copied graded cell no grade at all, nor one where an answer was
    deleted with its test; and a metadata version that it does not know ends the whole class's run.
    The text of locked cells is left to `OverwriteCells`, which comes after.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Rewrite the nbgrader metadata, and put back what is missing."""
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as book:
            cells = _released_cells(book.find_notebook(names["notebook"], names["assignment"]))
        # Of several copies the last counts, as with nbgrader's DeduplicateIds.
        place = {_grade_id(cell): cell for cell in nb.cells if _grade_id(cell) in cells}
        for cell in nb.cells:
            grade_id = _grade_id(cell)
            cell.metadata.pop("nbgrader", None)
            if grade_id in place and place[grade_id] is cell:
                cell.metadata["nbgrader"] = cells[grade_id].metadata.nbgrader
        before = ""
        for grade_id, released in cells.items():
            meta = released.metadata.nbgrader
            if grade_id not in place and (meta.grade or meta.locked):
                self.log.warning("The cell %s is missing; it is put back.", grade_id)
                _insert_after(nb, place.get(before), released)
                place[grade_id] = released
            before = grade_id
        return nb, resources


class Execute(nb.Execute):
    """Run a notebook; where its kernel dies, what ran until then keeps its points."""

    def preprocess(self, nb: NotebookNode, resources: Any, km: Any = None) -> tuple:
        """Run every cell."""
        self._died = False
        return super().preprocess(nb, resources, km)

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple:
        """Run one cell, or say in its place why it can't run."""
        if not self._died:
            try:
                return super().preprocess_cell(cell, resources, index)
            except DeadKernelError:
                self._died = True
                said = "Python ended while this cell ran: it ran out of memory, crashed or exited."
        else:
            said = "Not run: Python had ended in a cell above."
        if cell.cell_type == "code":
            error = v4.new_output("error", ename="KernelDied", evalue=said, traceback=[said])
            cell.outputs = [*cell.get("outputs", []), error]
        return cell, resources


class HideFromLearners(nb.NbGraderPreprocessor):
    """Take hidden tests, notes for graders and the text of hints out of the feedback.

    Learners may hand in again, and the hidden tests of a question hold its answer.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Leave out the hints, which are for opening one by one; then go through the cells."""
        nb.cells = [cell for cell in nb.cells if "hints" not in cell.metadata.get("tags", [])]
        return super().preprocess(nb, resources)

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        """Cut the regions out of locked cells; what learners wrote stays as it is."""
        if is_locked(cell):
            for begin, end in (
                (src.BEGIN_HIDDEN, src.END_HIDDEN),
                (src.BEGIN_NOTES, src.END_NOTES),
            ):
                cell.source = src.without_region(cell.source, begin, end)
        return cell, resources


def _grade_id(cell: NotebookNode) -> str:
    meta = cell.metadata.get("nbgrader")
    return str(meta.get("grade_id", "")) if isinstance(meta, Mapping) else ""


def _released_cells(notebook: Notebook) -> dict[str, NotebookNode]:
    """Rebuild the cells that the gradebook keeps of a notebook, in their order."""
    points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    graded = {cell.name for cell in notebook.grade_cells}
    answers = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    cells = {}
    for kept in notebook.source_cells:
        new = v4.new_code_cell if kept.cell_type == "code" else v4.new_markdown_cell
        cells[kept.name] = cell = new(kept.source)
        cell.metadata["nbgrader"] = NotebookNode(
            grade_id=kept.name,
            grade=kept.name in graded,
            solution=kept.name in answers,
            task=kept.name in tasks,
            locked=kept.locked,
            cell_type=kept.cell_type,
            checksum=kept.checksum,
            schema_version=SCHEMA_VERSION,
        )
        if kept.name in points:
            cell.metadata.nbgrader["points"] = points[kept.name]
    return cells


def _insert_after(nb: NotebookNode, before: NotebookNode | None, new: NotebookNode) -> None:
    """Insert after a cell; without one at the end, where everything has been defined."""
    for index, cell in enumerate(nb.cells, 1):
        if cell is before:
            nb.cells.insert(index, new)
            return
    nb.cells.append(new)
