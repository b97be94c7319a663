"""nbgrader's autograding converter taken apart: its preprocessors, its rules, not its loop."""

from __future__ import annotations

import fnmatch
import glob
import json
import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode, v4
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde
from nbgrader.nbgraderformat import common
from traitlets.config import Config

from curriculum.grading import nbgrader_api, released
from curriculum.grading.book import OneGradebook
from curriculum.grading.nbgrader_api import GradingError
from curriculum.grading.preprocessors import Execute
from curriculum.sandbox.limits import Limits


class Converter:
    """What nbgrader does to one submission, step by step.

    Parameters
    ----------
    root : Path
        The course.
    topic : str
        The assignment.
    config : Config
        The course's configuration.
    """

    def __init__(self, root: Path, topic: str, config: Config) -> None:
        self.topic = topic
        self.course = nbgrader_api.course_directory(config, root=str(root), assignment_id=topic)
        self._nbgrader = Autograde(coursedir=self.course, config=config)
        exporter = self._nbgrader.exporter_class(parent=self._nbgrader, config=config)
        self._format = getattr(exporter, "nbformat_version", 4)
        self._sanitise = _made(exporter, self._nbgrader.sanitize_preprocessors)
        preprocessors = _made(exporter, self._nbgrader.autograde_preprocessors)
        places = [i for i, pp in enumerate(preprocessors) if isinstance(pp, Execute)]
        if len(places) != 1:
            raise GradingError(
                "nbgrader_config.py must name curriculum.grading.preprocessors.Execute once among"
                " Autograde.autograde_preprocessors: that is what runs the notebooks."
            )
        self.execute: Execute = preprocessors[places[0]]
        self._sanitise += preprocessors[: places[0]]
        self._score = preprocessors[places[0] + 1 :]
        try:
            self.limits: Limits = self.execute.limits()
        except ValueError as error:
            raise GradingError(f"nbgrader_config.py, section Execute: {error}") from None

    @property
    def preprocessors(self) -> list[Any]:
        """Give all preprocessors but the one that runs notebooks."""
        return [*self._sanitise, *self._score]

    @property
    def ignored(self) -> list[str]:
        """Give the patterns of names that are no part of a submission."""
        return list(self.course.ignore)

    @property
    def most_bytes(self) -> int:
        """Give how much may lie beside a notebook."""
        return int(self.course.max_dir_size) * 1000

    def autograded(self, student: str) -> Path:
        """Give the folder of a graded submission."""
        step = self.course.autograded_directory
        return Path(os.path.normpath(self.course.format_path(step, student, self.topic)))

    def submitted(self, student: str) -> Path:
        """Give the folder of a submission as it was handed in."""
        step = self.course.submitted_directory
        return Path(os.path.normpath(self.course.format_path(step, student, self.topic)))

    def submissions(self, patterns: Sequence[str] = ()) -> list[tuple[str, Path]]:
        """List who has handed in; names or patterns choose."""
        step, mark = self.course.submitted_directory, "\0"
        path = self.course.format_path(step, mark, self.topic)
        before, _, after = path.partition(mark)
        found = sorted(glob.glob(f"{glob.escape(before)}*{glob.escape(after)}"))  # noqa: PTH207
        name = re.compile(re.escape(before) + "([^/]*)" + re.escape(after), re.DOTALL)
        left_out = set(filter(None, self.course.student_id_exclude.split(",")))
        submissions = []
        for folder in found:
            match = name.fullmatch(folder)
            if match and match[1] not in left_out and _chosen(match[1], patterns):
                submissions.append((match[1], Path(folder)))
        return submissions

    def notebooks(self, book: OneGradebook) -> list[str]:
        """List the topic's notebooks.

        Raises
        ------
        GradingError
            The gradebook does not know the topic.
        """
        try:
            names = [notebook.name for notebook in book.find_assignment(self.topic).notebooks]
        except MissingEntry:
            names = []
        if not names:
            raise GradingError(
                f"The gradebook does not know {self.topic}: run `curriculum build {self.topic}`"
                f" (or `nbgrader generate_assignment {self.topic}`) first."
            )
        return sorted(names)

    def masters(self) -> dict[str, bytes]:
        """Read the instructor's files, which go over the students'."""
        kept = self._nbgrader.exclude_overwriting.get(self.topic, [])
        return released.masters(self.course, self.topic, kept)

    def before(self, notebooks: Mapping[str, Path]) -> None:
        """Run the instructor's hook before a submission is converted."""
        self._nbgrader.notebooks = sorted(map(str, notebooks.values()))
        self._nbgrader.run_pre_convert_hook()

    def after(self, notebooks: Mapping[str, Path]) -> None:
        """Run the instructor's hook after a submission was converted."""
        self._nbgrader.notebooks = sorted(map(str, notebooks.values()))
        self._nbgrader.run_post_convert_hook()

    # One notebook.

    def sanitised(
        self, student: str, name: str, notebook: NotebookNode
    ) -> tuple[NotebookNode, list[str]]:
        """Make a notebook ready to be run: cleared, the released cells in their places."""
        resources = self._resources(student, name, self.submitted(student))
        notebook, resources = _through(self._sanitise, notebook, resources)
        nbformat.validate(notebook, relax_add_props=True)
        return notebook, list(resources.get("mended", []))

    def scored(
        self,
        student: str,
        name: str,
        notebook: NotebookNode,
        folder: Path,
        signs: Mapping[str, Sequence[str]] = {},
    ) -> str:
        """Save the points of an executed notebook, and give its text for the file.

        `signs` are what to note on its answers, by grade_id.
        """
        resources = self._resources(student, name, folder)
        resources["signs"] = signs
        notebook, _ = _through(self._score, notebook, resources)
        return self.text(notebook)

    def text(self, notebook: NotebookNode) -> str:
        """Write a notebook as nbgrader writes it."""
        text = nbformat.writes(notebook, version=self._format)
        return text if text.endswith("\n") else text + "\n"

    def _resources(self, student: str, name: str, folder: Path) -> ResourcesDict:
        resources = ResourcesDict()
        resources["unique_key"] = name
        resources["output_files_dir"] = f"{name}_files"
        resources["output_extension"] = ".ipynb"
        resources["metadata"] = ResourcesDict(name=name, path=str(folder))
        resources["nbgrader"] = {
            "student": student,
            "assignment": self.topic,
            "notebook": name,
            "db_url": self.course.db_url,
        }
        return resources

    # The gradebook.

    def begin_submission(
        self, book: OneGradebook, student: str, timestamp: datetime | None
    ) -> None:
        """Make sure that the gradebook has the student and the submission."""
        if self._nbgrader.create_student:
            book.update_or_create_student(student)
        else:
            book.find_student(student)
        when = {"timestamp": timestamp} if timestamp else {}
        book.update_or_create_submission(self.topic, student, **when)

    def give_nothing(self, book: OneGradebook, student: str, name: str, reason: str) -> None:
        """Give a notebook that can't be graded no points, as nbgrader does, and say why."""
        submitted = book.find_submission_notebook(name, self.topic, student)
        submitted.late_submission_penalty = None
        for grade in submitted.grades:
            grade.auto_score = 0
            grade.needs_manual_grade = False
        for comment in submitted.comments:
            comment.auto_comment = reason

    def stand_in(self, name: str, reason: str) -> str:
        """Make a notebook in place of one that can't be read, so that feedback can say so."""
        text = f"# {name}\n\nThis notebook could not be graded and earns no points. {reason}"
        cell = v4.new_markdown_cell(text, id="reason")
        return self.text(v4.new_notebook(cells=[cell]))

    def points(self, book: OneGradebook, student: str) -> tuple[float, float, bool]:
        """Give a submission's points by machine, the most there are, and if a person must look."""
        book.db.flush()
        submission = book.find_submission(self.topic, student)
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        earned = sum(grade.auto_score or 0 for grade in grades)
        by_hand = any(grade.needs_manual_grade for grade in grades)
        return earned, float(submission.max_score), by_hand

    def set_permissions(self, folder: Path) -> None:
        """Give graded files the permissions that nbgrader gives them."""
        mode = int(str(self._nbgrader.permissions), 8)
        for path in folder.rglob("*"):
            if path.is_file():
                path.chmod(mode)
        if self.course.groupshared:
            for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
                path.chmod(path.stat().st_mode | 0o2770)


def _made(exporter: Any, classes: Sequence[Any]) -> list[Any]:
    """Make preprocessors as nbgrader does, once for a whole run."""
    exporter._preprocessors = []
    for one in classes:
        exporter.register_preprocessor(one)
    return list(exporter._preprocessors)


def _through(
    preprocessors: Sequence[Callable], notebook: NotebookNode, resources: Any
) -> tuple[NotebookNode, Any]:
    with warnings.catch_warnings(action="ignore"), _schemas_checked_once():
        for preprocessor in preprocessors:
            notebook, resources = preprocessor(notebook, resources)
    return notebook, resources


class _CheckedOnce:
    """Stands in for the module jsonschema, which checks the schema itself before each cell."""

    def __init__(self) -> None:
        self._validators: dict[str, Any] = {}

    def validate(self, instance: Any, schema: dict[str, Any]) -> None:
        name = json.dumps(schema)
        if name not in self._validators:
            kind = jsonschema.validators.validator_for(schema)
            kind.check_schema(schema)
            self._validators[name] = kind(schema)
        error = jsonschema.exceptions.best_match(self._validators[name].iter_errors(instance))
        if error is not None:
            raise error


_CHECKED_ONCE = _CheckedOnce()


@contextmanager
def _schemas_checked_once() -> Iterator[None]:
    """Spare nbgrader's metadata check half of the time that a submission takes to be scored."""
    before = common.jsonschema
    common.jsonschema = _CHECKED_ONCE
    try:
        yield
    finally:
        common.jsonschema = before


def _chosen(student: str, patterns: Sequence[str]) -> bool:
    if not patterns:
        return True
    return any(student == one or fnmatch.fnmatchcase(student, one) for one in patterns)
