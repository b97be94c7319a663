"""Points that nobody can have are never written."""

from __future__ import annotations

from datetime import datetime

import pytest
from nbgrader.api import Grade
from small_class import TOPIC, SmallClass
from test_class_run import LATE
from test_faults import check_record
from test_record import rows, said

from curriculum.grading.records.bounds import OutOfBounds


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("manual_score", 5.5),
        ("manual_score", -0.5),
        ("manual_score", float("nan")),
        ("manual_score", float("inf")),
        ("manual_score", True),
        ("auto_score", 6),
        ("auto_score", float("nan")),
        ("auto_score", -1),
        ("extra_credit", -1),
        ("extra_credit", float("inf")),
    ],
)
def test_points_out_of_bounds_are_never_written(small: SmallClass, attribute, value) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book, pytest.raises(OutOfBounds):
        setattr(book.find_grade("explain", "say", TOPIC, "ada"), attribute, value)
        book.db.commit()
    with small.gradebook() as book:
        assert getattr(book.find_grade("explain", "say", TOPIC, "ada"), attribute) is None
    assert len(rows(small)) == 3


def test_a_new_grade_has_bounds_too(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        former = book.find_grade("explain", "say", TOPIC, "ada")
        cell, notebook = former.cell_id, former.notebook_id
        book.db.delete(former)
        book.db.commit()
        with pytest.raises(OutOfBounds):
            book.db.add(Grade(cell_id=cell, notebook_id=notebook, manual_score=6))
            book.db.commit()
        book.db.rollback()
        book.db.add(Grade(cell_id=cell, notebook_id=notebook, manual_score=5, extra_credit=9))
        book.db.commit()
    assert said(small)["explain"] == ((None, None), (None, 5))
    check_record(small)


def test_a_penalty_that_is_no_number_leaves_no_grade(small: SmallClass) -> None:
    with (small.root / "nbgrader_config.py").open("a") as config:
        config.write(LATE.replace("return 1.5 if score >= 3 else score", "return float('nan')"))
    with small.gradebook() as book:
        book.update_or_create_assignment(TOPIC, duedate=datetime(2026, 3, 1, 12))
    small.hand_in("ada", **{"timestamp.txt": "2026-03-01 13:00:00 UTC"})
    row = small.grade()["ada"]
    assert row.verdict == "red"
    assert "A late penalty must be a number, not 'nan'." in row.notes[0].text
    assert rows(small) == []
