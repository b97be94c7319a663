"""nbgrader, configured and not forked: the course is this folder.

`nbgrader …`, the formgrader and `curriculum …` all read this file.
"""

from nbgrader import preprocessors as nb

from curriculum.build import preprocessors as ours

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
    ours.ReadSource,
    ours.RemoveAuthoringCells,
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

c.Execute.timeout = 120
# A kernel's own warnings are not the student's, and don't belong in an instructor's terminal.
c.Execute.extra_arguments = ["--log-level=40"]
c.Execute.raise_on_iopub_timeout = False
# Give a deleted test cell back, so that its exercise counts.
c.OverwriteCells.add_missing_cells = True
