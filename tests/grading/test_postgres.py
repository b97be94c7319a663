"""The gradebook in PostgreSQL: the same grades, and several graders at once."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import nbformat
import postgres
import pytest
import small_class
from postgres import Server
from small_class import FULL, NEGATE, RIGHT, TOPIC, SmallClass
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from test_faults import check_record, children, start, wait_for

from curriculum.grading import released
from curriculum.grading.nbgrader_api import GradingError
from curriculum.grading.records import record

NUMBERS = count()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if postgres.programs() is None:
        if os.environ.get("CURRICULUM_REQUIRE_ALL") == "1":
            pytest.fail(postgres.ADVICE)
        pytest.skip(postgres.ADVICE)
    with postgres.server() as running:
        yield running


@pytest.fixture(scope="module")
def made(server: Server, tmp_path_factory: pytest.TempPathFactory) -> SmallClass:
    """Make a course whose gradebook is a database that can be copied."""
    folder = tmp_path_factory.mktemp("postgres") / "course"
    url = server.create("made")
    return SmallClass(small_class.make_course(folder, config_of(url)))


def config_of(url: str) -> str:
    return f"c.CourseDirectory.db_url = {url!r}\n"


@pytest.fixture
def small(
    server: Server, made: SmallClass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SmallClass:
    monkeypatch.setattr(released, "environment", lambda: "this one")
    one = made.copy(tmp_path / "course")
    url = server.create(f"class_{next(NUMBERS)}", "made")
    with (one.root / "nbgrader_config.py").open("a") as config:
        config.write(config_of(url))
    return one


def test_the_same_grades_as_in_a_file(small: SmallClass) -> None:
    small.hand_in("ada")
    small.hand_in("ben", {"double": "def double(x):\n    return 2\n"})
    small.hand_in("cleo", one="no JSON")
    rows = small.grade()
    assert [row.verdict for row in rows.values()] == ["graded", "graded", "red"]
    assert small.points("ada") == FULL
    assert small.points("ben")["double_test"] == 1
    assert small.points("cleo")["double_test"] == 0
    assert not (small.root / "gradebook.db").exists()
    again = small.grade()
    assert [row.verdict for row in again.values()] == ["unchanged", "unchanged", "red"]


def test_grades_of_a_person_survive(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        grade = book.find_grade("explain", "say", TOPIC, "ada")
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        book.find_comment("explain", "say", TOPIC, "ada").manual_comment = "Good."
        book.db.commit()
    small.grade(force=True)
    with small.gradebook() as book:
        assert book.find_grade("explain", "say", TOPIC, "ada").manual_score == 3.5
        assert book.find_comment("explain", "say", TOPIC, "ada").comment == "Good."


def test_a_cell_is_put_back_in_its_place(small: SmallClass) -> None:
    """Rows of a table have no order: one that is updated comes last."""
    with small.gradebook() as book:
        for cell in book.find_notebook("one", TOPIC).source_cells:
            if cell.name.startswith("double"):
                cell.source += " "
                book.db.commit()
                cell.source = cell.source[:-1]
                book.db.commit()

    def without_tests(notebook: nbformat.NotebookNode) -> None:
        notebook.cells = [
            c for c in notebook.cells if not c.metadata.get("nbgrader", {}).get("grade")
        ]

    small.hand_in("ada", one=small.changed("one", without_tests))
    assert small.grade()["ada"].verdict == "mended"
    cells = nbformat.read(small.autograded("ada") / "one.ipynb", 4).cells
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
    assert ids == [None, "double", "double_test", "triple", "triple_test"]
    assert small.points("ada") == FULL


@pytest.mark.parametrize("name", ["ünïcödé", "a b", "quote'\"s"])
def test_odd_names(small: SmallClass, name: str) -> None:
    small.hand_in(name)
    assert small.grade()[name].verdict == "graded"
    assert small.points(name) == FULL


def test_a_name_too_long_for_the_gradebook_is_one_red_row(small: SmallClass) -> None:
    long = "x" * 200
    small.hand_in(long)
    small.hand_in("zoe")
    rows = small.grade()
    assert rows["zoe"].verdict == "graded"
    assert rows[long].verdict == "red"
    assert "could not be saved" in rows[long].notes[0].text


@pytest.mark.slow
def test_several_graders_at_once(small: SmallClass) -> None:
    names = [f"s{number:02}" for number in range(12)]
    for name in names:
        small.hand_in(name)
    outs = [run.communicate(timeout=300) for run in [start(small) for _ in range(3)]]
    rows = [json.loads(line) for out, _ in outs for line in out.splitlines()]
    graded = [name for name, verdict, _ in rows if verdict == "graded"]
    assert sorted(graded) == names, [err for _, err in outs]
    check_record(small)
    assert all(small.points(name) == FULL for name in names)


def test_the_record_only_grows(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        book.find_grade("explain", "say", TOPIC, "ada").manual_score = "3.5"
        book.db.commit()
        before = record.read(book.db.connection(), TOPIC, "ada")
        assert [row.new[:2] for row in before] == [(2, None), (3, None), (4, None), (None, 3.5)]
        for sql in (
            "UPDATE curriculum_record SET who = 'eve' WHERE number = 4",
            "DELETE FROM curriculum_record WHERE number = 4",
            "TRUNCATE curriculum_record",
            "INSERT INTO curriculum_record SELECT * FROM curriculum_record WHERE number = 1",
        ):
            with pytest.raises(IntegrityError, match="only grows"):
                book.db.execute(text(sql))
            book.db.rollback()
        connection = book.db.connection()
        assert record.read(connection, TOPIC, "ada") == before
        connection.execute(text("ALTER TABLE curriculum_record DISABLE TRIGGER USER"))
        assert "guards of the record are gone" in record.verify(connection).fault
        connection.execute(text("DELETE FROM curriculum_record WHERE number = 2"))
        assert record.verify(connection).fault == "Row 2 is missing."
    check_record(small)


def test_two_writers_keep_one_record(small: SmallClass) -> None:
    """Those who come at the same moment wait for each other, and lose nothing."""
    names = ("ada", "ben", "cleo")
    for name in names:
        small.hand_in(name)
    small.grade()

    def write(name: str) -> None:
        with small.gradebook() as book:
            for points in range(20):
                book.find_grade("explain", "say", TOPIC, name).manual_score = points % 5 + 0.5
                book.db.commit()

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(write, names))
    with small.gradebook() as book:
        assert record.verify(book.db.connection()).rows == 9 + 3 * 20
    check_record(small)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before renaming", "before committing", "after committing"])
def test_killed_in_the_middle_of_a_transaction(small: SmallClass, moment: str) -> None:
    for name in ("ada", "ben"):
        small.hand_in(name)
    run = start(small, MOMENT=f"{moment}:2")
    run.communicate(timeout=120)
    assert run.returncode == -signal.SIGKILL
    for name in ("ada", "ben"):
        assert not small.has_submission(name) or small.points(name) == FULL
    check_record(small)
    small.grade()
    assert all(small.points(name) == FULL for name in ("ada", "ben"))


@pytest.mark.slow
def test_the_claims_of_a_killed_run_end_with_it(small: SmallClass) -> None:
    small.hand_in("ada", {**RIGHT, **NEGATE, "double": RIGHT["double"] + "# SLEEP"})
    first = start(small, TEST_SLEEP="60")
    wait_for(lambda: children(first.pid, "spawn_main"))
    second = start(small, TEST_SLEEP="0")
    first.kill()
    first.communicate()
    out, err = second.communicate(timeout=60)
    assert json.loads(out)[:2] == ["ada", "graded"], err


def test_the_driver_that_is_installed_is_named(small: SmallClass) -> None:
    small.hand_in("ada")
    with (small.root / "nbgrader_config.py").open("a") as config:
        config.write(config_of("postgresql://grader@/none"))
    with pytest.raises(GradingError, match=r"begins with postgresql\+psycopg2://"):
        small.grade()


def test_a_server_that_is_not_there_is_said(small: SmallClass) -> None:
    small.hand_in("ada")
    with (small.root / "nbgrader_config.py").open("a") as config:
        config.write(config_of("postgresql+psycopg2://grader:secret@/none?host=/nowhere"))
    with pytest.raises(GradingError, match="can't be used") as said:
        small.grade()
    assert "secret" not in str(said.value)
