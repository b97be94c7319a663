"""nbgrader, configured and not forked: the course is this folder.

`nbgrader …`, the formgrader and `curriculum …` all read this file.
"""

from nbgrader import preprocessors as nb

from curriculum.authoring import preprocessors as authoring
from curriculum.grading import plug

c = get_config()

# How notebooks are graded, and how feedback is made. What follows is this course's own.
plug.into(c)
# The test suite plays every test of this course apart.
c.Execute.rehearse_tests = False

c.CourseDirectory.course_id = "ml_interviews"
# The text sources stand beside the notebooks made of them, and hold the solutions. Other modules
# are students': they hand them in beside their notebooks.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    "[0-9]_*.py",
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
