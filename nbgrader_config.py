"""nbgrader, configured and not forked: the course is this folder.

`nbgrader …`, the formgrader and `curriculum …` all read this file.
"""

import nbgrader.server_extensions.formgrader.handlers as formgrader
from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader import preprocessors as nb

from curriculum.authoring import preprocessors as authoring
from curriculum.grading import pages
from curriculum.grading import preprocessors as grading

c = get_config()

c.CourseDirectory.course_id = "ml_interviews"
# The text sources stand beside the notebooks made of them, and hold the solutions.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    "*.py",
    "README.md",
]

c.GenerateAssignment.preprocessors = [
    authoring.ReadSource,
    authoring.RemoveAuthoringCells,
    nb.IncludeHeaderFooter,
    nb.LockCells,
    nb.ClearSolutions,
    nb.ClearOutput,
    nb.CheckCellMetadata,
    nb.ComputeChecksums,
    nb.SaveCells,
    # What follows changes the release alone: the gradebook keeps hidden tests and graders' notes,
    # and gives them back when a submission is graded.
    nb.ClearHiddenTests,
    nb.ClearMarkScheme,
    nb.ComputeChecksums,
    nb.CheckCellMetadata,
]
# Notes for graders stand in locked Markdown cells, which autograding restores from the gradebook.
c.ClearMarkScheme.enforce_metadata = False
c.ClearSolutions.text_stub = "*Your answer: replace this line.*"

c.Autograde.sanitize_preprocessors = [
    nb.ClearOutput,
    grading.RestoreCells,
    nb.OverwriteKernelspec,
    nb.OverwriteCells,
    nb.CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    grading.Execute,
    nb.IgnorePattern,
    ClearMetadataPreprocessor,
    nb.LimitOutput,
    nb.SaveAutoGrades,
    nb.AssignLatePenalties,
    nb.CheckCellMetadata,
]
c.Execute.timeout = 120
c.Execute.raise_on_iopub_timeout = False
_TOO_LONG = "This cell ran for two minutes and was stopped: look for a loop that never ends."
c.Execute.error_on_timeout = {
    "ename": "CellTimeoutError",
    "evalue": _TOO_LONG,
    "traceback": [_TOO_LONG],
}
# A kernel's own warnings are not the student's, and don't belong in an instructor's terminal.
c.Execute.extra_arguments = ["--log-level=40"]

c.GenerateFeedback.preprocessors = [
    nb.GetGrades,
    grading.HideFromLearners,
    CSSHTMLHeaderPreprocessor,
]
# Feedback and the formgrader's pages are whole without a network.
c.HTMLExporter.extra_template_basedirs = [str(pages.TEMPLATES), formgrader.template_path]
c.HTMLExporter.filters = {"markdown2html": pages.markdown2html}
