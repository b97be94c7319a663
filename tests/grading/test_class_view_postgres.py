"""The class view of a gradebook in PostgreSQL."""

from __future__ import annotations

import pytest
from small_class import TOPIC, SmallClass
from sqlalchemy import text
from test_postgres import made, server, small  # noqa: F401 (fixtures)

from curriculum.grading import classview, nbgrader_api
from curriculum.grading.classview import read
from curriculum.grading.nbgrader_api import GradingError


def test_the_same_view_as_of_a_file(small: SmallClass) -> None:  # noqa: F811
    small.hand_in("ada")
    small.hand_in("ben", {"double": "def double(x):\n    return 2\n"})
    small.grade()
    small.grade(force=True)
    view = classview.load(TOPIC, small.root).numbers
    assert view.lacks == ()
    assert [one.points for one in view.people] == [9, 1]
    assert {one.name: one.attempts for one in view.exercises}["double"] == 2
    assert [one.ran for one in view.people] == [3, 3]


def test_reading_writes_nothing(small: SmallClass) -> None:  # noqa: F811
    config = nbgrader_api.load_config(small.root)
    url = nbgrader_api.course_directory(config, root=str(small.root)).db_url
    with pytest.raises(GradingError, match="read-only"), read.opened(url) as connection:
        connection.execute(text("DELETE FROM grade"))
