"""What `nbgrader_config.py` plugs into nbgrader's autograde and generate_feedback."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4
from nbgrader import preprocessors as nb
from nbgrader.api import Gradebook, Notebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import SCHEMA_VERSION
from nbgrader.utils import compute_checksum, is_locked
from traitlets import Bool, Float, Integer

from curriculum.execution import Job, Ran
from curriculum.grading import ahead, intake, released, scores, signs, together
from curriculum.grading.book import OneGradebook
from curriculum.grading.feedback import hidden
from curriculum.grading.records import checked
from curriculum.sandbox.limits import Limits

_DEFAULTS = Limits()


class RestoreCells(nb.NbGraderPreprocessor):
    """Give a submission every graded cell of the release, once, with the release's metadata.

    Learners copy, delete and convert cells, and other editors rewrite metadata. nbgrader itself
    gives a submission with a copied graded cell no grade at all, nor one where an answer was
    deleted with its test; and a metadata version that it does not know ends the whole class's run.
    The text of locked cells is left to `OverwriteCells`, which comes after.

    What was put right is added to the list `resources["mended"]`, in sentences.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Rewrite the nbgrader metadata, and put back what is missing."""
        _refuse_links(Path(resources["metadata"].get("path", "")), resources)
        intake.give_ids(nb)
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as book:
            cells = _released_cells(book, names["notebook"], names["assignment"])
        converter = _converter(self)
        if converter is not None:
            found = released.order(converter.coursedir, names["assignment"], names["notebook"])
            cells = {name: cells[name] for name in dict.fromkeys([*found, *cells]) if name in cells}
        mended = resources.setdefault("mended", [])
        mended += _changes(nb, cells)
        # Of several copies the last counts, as with nbgrader's DeduplicateIds.
        place = {_grade_id(cell): cell for cell in nb.cells if _grade_id(cell) in cells}
        for cell in nb.cells:
            grade_id = _grade_id(cell)
            cell.metadata.pop("nbgrader", None)
            if grade_id in place and place[grade_id] is cell:
                cell.metadata["nbgrader"] = NotebookNode(cells[grade_id].meta)
                _run_always(cell)
        before = ""
        for grade_id, kept in cells.items():
            if grade_id not in place and (kept.meta["grade"] or kept.meta["locked"]):
                mended.append(f"The cell {grade_id} was missing; it was put back.")
                self.log.warning(mended[-1])
                place[grade_id] = kept.as_cell()
                _insert_after(nb, place.get(before), place[grade_id])
            before = grade_id
        return nb, resources


def _refuse_links(folder: Path, resources: Any) -> None:
    """Grade nobody for a file that is not their own."""
    notebook = folder / f"{resources['metadata'].get('name', '')}.ipynb"
    for path in (notebook, folder, folder.parent):
        if path.is_symlink():
            raise ValueError(f"{path} is a link: what it leads to was not handed in.")


def _changes(nb: NotebookNode, cells: Mapping[str, _Kept]) -> list[str]:
    """Say what differs from the release in the cells that count."""
    said = []
    counted = Counter(_grade_id(cell) for cell in nb.cells)
    for cell in nb.cells:
        grade_id = _grade_id(cell)
        if grade_id not in cells:
            continue
        if counted[grade_id] > 1:
            said.append(
                f"The cell {grade_id} was there {counted[grade_id]} times; the last counts."
            )
            counted[grade_id] = 0
        right = cells[grade_id]
        if not _same_kind(cell, right):
            said.append(f"The metadata of the cell {grade_id} was changed; it was put right.")
        elif right.meta["locked"] and _was_edited(cell):
            said.append(f"The cell {grade_id} was edited; it was graded as it was handed out.")
    return list(dict.fromkeys(said))


def _same_kind(cell: NotebookNode, kept: _Kept) -> bool:
    names = ("grade", "solution", "locked", "task", "points", "schema_version")
    meta = cell.metadata.nbgrader
    same = all(meta.get(name, False) == kept.meta.get(name, False) for name in names)
    return same and cell.cell_type == kept.cell_type


def _was_edited(cell: NotebookNode) -> bool:
    """Tell whether a cell's text is another one than when it was handed out."""
    handed_out = cell.metadata.nbgrader.get("checksum")
    return handed_out is not None and handed_out != compute_checksum(cell)


def _run_always(cell: NotebookNode) -> None:
    """Take the tag off a graded cell that would keep it from being run."""
    tags = cell.metadata.get("tags")
    if isinstance(tags, list) and "skip-execution" in tags:
        cell.metadata.tags = [tag for tag in tags if tag != "skip-execution"]


class Execute(nb.NbGraderPreprocessor):
    """Run a notebook warm, in a sandbox, within limits: see `curriculum.execution`."""

    cell_seconds = Float(_DEFAULTS.cell_seconds, help="Seconds for one cell.").tag(config=True)
    timeout = Float(
        None, allow_none=True, help="nbgrader's name for cell_seconds; goes before it where set."
    ).tag(config=True)
    call_seconds = Float(
        _DEFAULTS.call_seconds, help="Seconds for one call that a test makes of an answer."
    ).tag(config=True)
    notebook_seconds = Float(
        _DEFAULTS.notebook_seconds, help="Seconds for all cells of a notebook."
    ).tag(config=True)
    cpu_seconds = Float(
        _DEFAULTS.cpu_seconds, help="CPU seconds for all processes of a notebook."
    ).tag(config=True)
    memory_mb = Integer(
        _DEFAULTS.memory_mb, help="Memory of a notebook, beyond its libraries'."
    ).tag(config=True)
    processes = Integer(_DEFAULTS.processes, help="Processes and threads of a notebook.").tag(
        config=True
    )
    file_mb = Integer(_DEFAULTS.file_mb, help="Size of one file.").tag(config=True)
    disk_mb = Integer(_DEFAULTS.disk_mb, help="Size of all files.").tag(config=True)
    output_mb = Float(_DEFAULTS.output_mb, help="Output that is kept of a cell.").tag(config=True)
    # Pools of several notebooks at once, each as large as the machine, spin while they wait for one
    # another: two workers were half as fast as one. And no result hangs on how many there are.
    threads = Integer(
        1,
        allow_none=True,
        help="Threads of NumPy's, scikit-learn's and PyTorch's pools; None: as many as cores.",
    ).tag(config=True)
    run_student_code_unprotected = Bool(
        False,
        help="Run without a sandbox where there is none: students' code can then read the answer"
        " key and change the gradebook.",
    ).tag(config=True)

    run_tests_apart = Bool(
        False,
        help="Run test cells in a process where no line of the student's ever runs.",
    ).tag(config=True)
    rehearse_tests = Bool(
        True,
        help="Find the test cells that don't work apart, by running the source once; these run with"
        " the student's work, and grading says so.",
    ).tag(config=True)

    note_signs = Bool(
        True, help="Note signs of tampering for the instructor, in the comments on answers."
    ).tag(config=True)

    def limits(self) -> Limits:
        """Give the limits as configured."""
        names = [field.name for field in dataclasses.fields(Limits)]
        values = {name: getattr(self, name) for name in names}
        if self.timeout is not None:
            # nbgrader takes what is not positive for no limit; the notebook's still holds.
            positive = self.timeout > 0
            values["cell_seconds"] = self.timeout if positive else values["notebook_seconds"]
        return Limits(**values)

    def about(
        self, course: CourseDirectory, topic: str, masters: Mapping[str, bytes]
    ) -> released.About:
        """Learn what running a topic's notebooks needs to know; `masters` lie beside its source.

        Raises
        ------
        GradingError
            Notebooks would see the course.
        ExecutionError
            No process can be made on this machine.
        """
        about = released.about(course, topic, masters)
        if not (self.run_tests_apart and self.rehearse_tests):
            return about
        unsplit, asked = together.find(
            course, topic, lambda nb, name: self.job(nb, name, dict(masters), about)
        )
        return dataclasses.replace(about, unsplit=tuple(unsplit), asked=asked)

    def job(
        self, nb: NotebookNode, name: str, files: dict[str, bytes], about: released.About
    ) -> Job:
        """Say what a worker has to do for a notebook."""
        return Job(
            name=name,
            notebook=json.dumps(nb, sort_keys=True).encode(),
            files=dict(sorted(files.items())),
            limits=self.limits(),
            preload=about.preload,
            protect=not self.run_student_code_unprotected,
            threads=self.threads,
            apart=tuple(self._apart(nb, name, about)),
            imports=about.imports.get(name, {}),
            masters=about.masters,
            attributes=about.asked.get(name, {}),
            given=about.given.get(name, {}),
        )

    def _apart(self, nb: NotebookNode, name: str, about: released.About) -> list[str]:
        if not self.run_tests_apart:
            return []
        together = {one.cell for one in about.unsplit if one.notebook == name}
        return [cell for cell in _tests(nb) if cell not in together]

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Run every cell, in the folder that nbgrader converts into."""
        names, place = resources["nbgrader"], resources["metadata"]
        topic, student = names["assignment"], names["student"]
        converter = _converter(self)
        if converter is None:
            files, about = intake.files_of_run(Path(place["path"]), None), released.About()
        else:
            course = converter.coursedir
            handed_in = course.format_path(course.submitted_directory, student, topic)
            files = intake.files_of_run(Path(place["path"]), Path(handed_in), course.ignore)
            kept = getattr(converter, "exclude_overwriting", {}).get(topic, ())
            about = self.about(course, topic, released.masters(course, topic, kept))
            for one in about.unsplit:
                self.log.warning("%s %s", one, together.MEANWHILE)
        job = self.job(nb, place["name"], files, about)
        settings = self.trait_values(config=True)
        ran = ahead.run(converter, settings, student, job)
        notebook = executed(ran)
        resources["signs"] = self.signs(ran, notebook, place["name"], about)
        return notebook, resources

    def signs(
        self, ran: Ran, notebook: NotebookNode, name: str, about: released.About
    ) -> signs.Lines:
        """Say what looks like tampering, for each answer; nothing where that is switched off."""
        return signs.noted(ran, notebook, about.code.get(name, ())) if self.note_signs else {}


def _tests(nb: NotebookNode) -> Iterator[str]:
    """Give the ids of test cells: graded code that is nobody's answer."""
    for cell in nb.cells:
        meta = cell.metadata.get("nbgrader") or {}
        if cell.cell_type == "code" and meta.get("grade") and not meta.get("solution"):
            yield str(meta["grade_id"])


def executed(ran: Ran) -> NotebookNode:
    """Read an executed notebook."""
    return nbformat.v4.reads(ran.notebook.decode())


def _converter(preprocessor: Any) -> Any:
    """Find what goes through a course with a preprocessor: its exporter's parent; or None."""
    owner = preprocessor
    while owner is not None and not isinstance(getattr(owner, "coursedir", None), CourseDirectory):
        owner = owner.parent
    return owner


class SaveAutoGrades(nb.SaveAutoGrades):
    """Save the points that `curriculum.grading.scores` gives, and leave the rest to nbgrader.

    What `resources["signs"]` has for an answer is added to nbgrader's own comment on it. What each
    check said is kept beside the points.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Take what was noted before off all answers, those included that are gone."""
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as book:
            where = (names["notebook"], names["assignment"], names["student"])
            signs.forget(book.find_submission_notebook(*where).comments)
            book.db.commit()
        self._notebook = nb
        return super().preprocess(nb, resources)

    def _add_comment(self, cell: NotebookNode, resources: Any) -> None:
        super()._add_comment(cell, resources)
        grade_id = cell.metadata["nbgrader"]["grade_id"]
        lines = resources.get("signs", {}).get(grade_id)
        if lines:
            where = (self.notebook_id, self.assignment_id, self.student_id)
            comment = self.gradebook.find_comment(grade_id, *where)
            comment.auto_comment = signs.with_lines(comment.auto_comment, lines)
            self.gradebook.db.commit()

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        where = (self.notebook_id, self.assignment_id, self.student_id)
        grade_id = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(grade_id, *where)
        grade.auto_score, _ = scores.points(cell, self.log)
        # As with nbgrader, a person looks again at what a person has judged.
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        place = checked.Place(self.assignment_id, self.student_id, self.notebook_id, grade_id)
        checked.write(self.gradebook.db(), place, cell, self._notebook, grade.auto_score)
        self.gradebook.db.commit()


class HideFromLearners(nb.NbGraderPreprocessor):
    """Take hidden tests, notes for graders and the text of hints out of the feedback.

    Learners may hand in again, and the hidden tests of a question hold its answer. What their
    outputs say of them: `curriculum.grading.feedback.hidden`. The graded notebook stays whole.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Leave out the hints, which are for opening one by one; then go through the cells."""
        nb.cells = [cell for cell in nb.cells if "hints" not in cell.metadata.get("tags", [])]
        self._hidden = hidden.Hidden.of(nb, *self._marks[0])
        return super().preprocess(nb, resources)

    @property
    def _marks(self) -> list[tuple[str, str]]:
        """Give what the lines around regions contain, as the course has configured it."""
        tests, notes = nb.ClearHiddenTests(parent=self), nb.ClearMarkScheme(parent=self)
        return [
            (tests.begin_test_delimeter, tests.end_test_delimeter),
            (notes.begin_mark_scheme_delimeter, notes.end_mark_scheme_delimeter),
        ]

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        """Cut the regions out of locked cells; what learners wrote stays as it is."""
        source, numbers = cell.source, frozenset[int]()
        if is_locked(cell):
            numbers = hidden.parts(source, *self._marks[0])[2]
            for begin, end in self._marks:
                cell.source = hidden.parts(cell.source, begin, end)[0]
        if cell.cell_type == "code":
            for output in cell.outputs:
                if numbers:
                    self._hidden.of_test(output, source, numbers)
                else:
                    self._hidden.clean(output)
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("comment"):
            meta["comment"] = signs.without_lines(meta["comment"])
        return cell, resources


def _grade_id(cell: NotebookNode) -> str:
    meta = cell.metadata.get("nbgrader")
    return str(meta.get("grade_id", "")) if isinstance(meta, Mapping) else ""


@dataclass(frozen=True)
class _Kept:
    """A cell as the gradebook keeps it."""

    cell_type: str
    source: str
    meta: dict[str, Any]

    def as_cell(self) -> NotebookNode:
        """Make the cell anew, with an id that is the same each time."""
        new = v4.new_code_cell if self.cell_type == "code" else v4.new_markdown_cell
        name = hashlib.sha256(self.meta["grade_id"].encode()).hexdigest()[:16]
        return new(self.source, id=f"restored-{name}", metadata={"nbgrader": dict(self.meta)})


def _released_cells(book: Gradebook, notebook: str, topic: str) -> dict[str, _Kept]:
    """Read the cells that the gradebook keeps of a notebook, in their order."""

    def read() -> dict[str, _Kept]:
        kept = _kept_cells(book.find_notebook(notebook, topic))
        return {cell.meta["grade_id"]: cell for cell in kept}

    one = isinstance(book, OneGradebook)
    return book.remember(("cells", notebook, topic), read) if one else read()


def _kept_cells(notebook: Notebook) -> list[_Kept]:
    points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    graded = {cell.name for cell in notebook.grade_cells}
    answers = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    cells = []
    for kept in notebook.source_cells:
        meta = {
            "grade_id": kept.name,
            "grade": kept.name in graded,
            "solution": kept.name in answers,
            "task": kept.name in tasks,
            "locked": kept.locked,
            "cell_type": kept.cell_type,
            "checksum": kept.checksum,
            "schema_version": SCHEMA_VERSION,
        }
        if kept.name in points:
            meta["points"] = points[kept.name]
        cells.append(_Kept(kept.cell_type, kept.source, meta))
    return cells


def _insert_after(nb: NotebookNode, before: NotebookNode | None, new: NotebookNode) -> None:
    """Insert after a cell; without one at the end, where everything has been defined."""
    for index, cell in enumerate(nb.cells, 1):
        if cell is before:
            nb.cells.insert(index, new)
            return
    nb.cells.append(new)
