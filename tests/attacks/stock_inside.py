"""Runs `nbgrader autograde` and `nbgrader generate_feedback` within limits; see `stock.py`."""

import resource
import sys
from pathlib import Path

from curriculum.grading import nbgrader_api
from curriculum.grading.nbgrader_api import GradingError

GIGABYTE = 1 << 30

for limit, value in (
    (resource.RLIMIT_AS, 8 * GIGABYTE),
    (resource.RLIMIT_FSIZE, GIGABYTE // 10),
    (resource.RLIMIT_CPU, 100),
    (resource.RLIMIT_CORE, 0),
):
    resource.setrlimit(limit, (value, value))

root = Path.cwd()
config = nbgrader_api.load_config(root)
for step in (nbgrader_api.autograde, nbgrader_api.generate_feedback):
    topic, student = sys.argv[1:]
    course = nbgrader_api.course_directory(
        config, root=str(root), assignment_id=topic, student_id=student
    )
    try:
        step(course, config)
    except GradingError as error:  # of one submission; the others were graded
        print(error)
