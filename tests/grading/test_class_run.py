"""`curriculum grade`: every submission gets its points, once, whatever happens."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from small_class import FULL, NEGATE, RIGHT, TOPIC, SmallClass, processes

from curriculum.grading import class_run
from curriculum.grading.nbgrader_api import GradingError

WRONG = {"double": "def double(x):\n    return 2\n", "triple": "def triple(x):\n    return 0\n"}


def test_points_of_right_wrong_and_blank(small: SmallClass) -> None:
    small.hand_in("ada")
    small.hand_in("ben", {**WRONG, **NEGATE})
    small.hand_in("cleo", {})
    rows = small.grade()
    assert {name: (row.verdict, row.points, row.most) for name, row in rows.items()} == {
        "ada": ("graded", 9, 14),
        "ben": ("graded", 5, 14),
        "cleo": ("graded", 0, 14),
    }
    assert small.points("ada") == FULL
    assert small.points("ben") == {
        "double_test": 1,
        "triple_test": 0,
        "negate_test": 4,
        "explain": 0,
    }
    assert small.scores("ada")["explain"].needs_a_person
    assert [row.by_hand for row in rows.values()] == [True, False, False]


def test_the_graded_folder_is_as_nbgrader_leaves_it(small: SmallClass) -> None:
    small.hand_in("ada", **{"notes.txt": "mine", "timestamp.txt": "2026-03-01 12:00:00 UTC"})
    (small.root / "source" / TOPIC / "data.csv").write_text("1,2\n")
    small.grade()
    folder = small.autograded("ada")
    names = ["data.csv", "notes.txt", "one.ipynb", "say.ipynb", "timestamp.txt", "two.ipynb"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"0o444"}
    assert sorted(path.name for path in folder.parent.iterdir()) == [TOPIC]
    tested = nbformat.read(folder / "one.ipynb", 4).cells[2]
    assert "double(5) == 10" in tested.source  # the hidden test is back
    assert tested.outputs[0].data["text/plain"] == "2.0"


def test_a_notebook_finds_what_was_handed_in_with_it_and_the_instructors_files(
    small: SmallClass,
) -> None:
    (small.root / "source" / TOPIC / "data.csv").write_text("the instructor's")
    look = {"double": "print(sorted(FILES))\nprint(FILES['data.csv'])"}
    files = {"data.csv": "mine", "notes.txt": "n", "submission_secret.txt": "s"}
    small.hand_in("ada", look, **files)
    small.grade()
    said = nbformat.read(small.autograded("ada") / "one.ipynb", 4).cells[1].outputs[0].text
    names = ["data.csv", "notes.txt", "one.ipynb", "say.ipynb", "two.ipynb"]
    assert said == f'{names}\nb"the instructor\'s"\n'


def test_what_is_graded_costs_nothing_again(small: SmallClass) -> None:
    small.hand_in("ada")
    small.hand_in("ben")
    small.grade()

    def no_pool() -> None:
        raise AssertionError("nothing is to be run")

    rows = small.grade(pool=no_pool)
    assert {row.verdict for row in rows.values()} == {"unchanged"}


@pytest.mark.parametrize(
    "change",
    [
        lambda small: small.hand_in("ada", RIGHT),
        lambda small: (small.submitted("ada") / "timestamp.txt").write_text("2026-01-01 00:00"),
        lambda small: (small.autograded("ada") / "one.ipynb").unlink(),
        lambda small: (small.root / "source" / TOPIC / "data.csv").write_text("new"),
        lambda small: (
            (small.root / "nbgrader_config.py").open("a").write("\nc.Execute.memory_mb = 1000\n")
        ),
    ],
    ids=["content", "timestamp", "graded folder", "instructor's file", "limits"],
)
def test_what_decides_a_grade_has_it_graded_again(small: SmallClass, change) -> None:
    small.hand_in("ada")
    small.grade()
    assert small.grade()["ada"].verdict == "unchanged"
    change(small)
    assert small.grade()["ada"].verdict == "graded"
    assert small.grade()["ada"].verdict == "unchanged"


def test_force_grades_again(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    assert small.grade(force=True)["ada"].verdict == "graded"


def test_a_submission_taken_out_of_the_gradebook_is_graded_again(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        book.remove_submission(TOPIC, "ada")
    assert small.grade()["ada"].verdict == "graded"
    assert small.points("ada") == FULL


def test_students_are_chosen_by_name_and_pattern(small: SmallClass) -> None:
    for name in ("ada", "ben", "ben2", "b[x]"):
        small.hand_in(name)
    assert [*small.grade("ben*")] == ["ben", "ben2"]
    assert [*small.grade("b[x]", "ada")] == ["ada", "b[x]"]


def test_grades_and_words_of_a_person_survive(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        grade = book.find_grade("explain", "say", TOPIC, "ada")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 3.5, 1.0, False
        book.find_comment("explain", "say", TOPIC, "ada").manual_comment = "Good."
        book.find_grade("triple_test", "one", TOPIC, "ada").manual_score = 2.0
        book.db.commit()
    small.hand_in("ada", {**RIGHT, **NEGATE, "explain": "Another answer."})
    small.grade()
    scores = small.scores("ada")
    # As nbgrader does: kept, and marked for a person to look whether it still holds.
    assert scores["explain"].manual == 3.5 and scores["explain"].needs_a_person
    assert scores["triple_test"].manual == 2.0 and scores["triple_test"].needs_a_person
    assert scores["triple_test"].auto == 3.0
    with small.gradebook() as book:
        assert book.find_grade("explain", "say", TOPIC, "ada").extra_credit == 1.0
        assert book.find_comment("explain", "say", TOPIC, "ada").comment == "Good."


def test_blank_answers_are_commented(small: SmallClass) -> None:
    small.hand_in("ada", RIGHT)
    small.grade()
    with small.gradebook() as book:
        assert book.find_comment("explain", "say", TOPIC, "ada").comment == "No response."
        assert book.find_comment("double", "one", TOPIC, "ada").comment is None


LATE = """
from nbgrader.plugins import LateSubmissionPlugin
class HalfAPoint(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1.5 if score >= 3 else score
c.AssignLatePenalties.plugin_class = HalfAPoint
"""


def test_late_work_is_penalised(small: SmallClass) -> None:
    with (small.root / "nbgrader_config.py").open("a") as config:
        config.write(LATE)
    due = datetime(2026, 3, 1, 12)
    with small.gradebook() as book:
        book.update_or_create_assignment(TOPIC, duedate=due)
    for name, hours in (("early", -1), ("late", 1)):
        when = (due + timedelta(hours=hours)).isoformat(" ") + " UTC"
        small.hand_in(name, **{"timestamp.txt": when})
    small.grade()
    for _ in range(2):
        with small.gradebook() as book:
            penalties = {
                name: {n.name: n.late_submission_penalty for n in submission.notebooks}
                for name in ("early", "late")
                for submission in [book.find_submission(TOPIC, name)]
            }
            assert book.find_submission(TOPIC, "late").timestamp == due + timedelta(hours=1)
        assert penalties["early"] == {"one": None, "say": None, "two": None}
        assert penalties["late"] == {"one": 1.5, "say": 0, "two": 1.5}
        small.grade(force=True)


def test_many_notebooks_at_once_give_what_one_at_a_time_gives(small: SmallClass) -> None:
    for number in range(6):
        small.hand_in(f"s{number}", {**RIGHT, **NEGATE} if number % 2 else WRONG)
    rows = small.grade(pool=processes)
    assert [row.points for row in rows.values()] == [1, 9, 1, 9, 1, 9]


def test_only_a_few_submissions_are_open_at_a_time(small: SmallClass) -> None:
    for number in range(12):
        small.hand_in(f"s{number:02}")
    most = []

    class Watching(class_run.Listener):
        def running(self, submissions: int, notebooks: int) -> None:
            most.append((submissions, notebooks))

    small.grade(listener=Watching())
    assert max(submissions for submissions, _ in most) <= 3


def test_hooks_of_the_instructor_are_run(small: SmallClass, tmp_path: Path) -> None:
    with (small.root / "nbgrader_config.py").open("a") as config:
        config.write(
            f"""
def note(assignment, student, notebooks):
    with open({str(tmp_path / "hooked")!r}, "a") as file:
        file.write(f"{{assignment}} {{len(notebooks)}}\\n")
c.Autograde.pre_convert_hook = note
c.Autograde.post_convert_hook = note
"""
        )
    small.hand_in("ada")
    small.grade()
    assert (tmp_path / "hooked").read_text() == f"{TOPIC} 3\n" * 2


def test_outputs_that_were_handed_in_are_gone(small: SmallClass) -> None:
    def fake_result(notebook: nbformat.NotebookNode) -> None:
        test = notebook.cells[4]
        test.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "3.0"})]
        test.execution_count = 5

    small.hand_in("ada", one=small.changed("one", fake_result, {"triple": "0"}))
    small.grade()
    assert small.points("ada")["triple_test"] == 0


@pytest.mark.parametrize(
    ("topic", "students", "says"),
    [
        ("nothing", (), "does not know nothing: run `curriculum build nothing`"),
        (TOPIC, (), "Nothing was handed in for sums by anybody"),
        (TOPIC, ("zoe",), "Nothing was handed in for sums by zoe"),
    ],
)
def test_what_an_instructor_can_mend_is_said(small: SmallClass, topic, students, says) -> None:
    with pytest.raises(GradingError, match=says):
        _grade_topic(small, topic, students)


def _grade_topic(small: SmallClass, topic: str, students: tuple[str, ...]) -> None:
    config = class_run_config(small)
    run = class_run.ClassRun(class_run.Wish(small.root, topic, students), config)
    try:
        run.grade(lambda: None)
    finally:
        run.close()


def class_run_config(small: SmallClass):
    from curriculum.grading import nbgrader_api

    return nbgrader_api.load_config(small.root)


def test_without_a_gradebook_none_is_made(small: SmallClass) -> None:
    (small.root / "gradebook.db").unlink()
    small.hand_in("ada")
    with pytest.raises(GradingError, match="There is no gradebook"):
        small.grade()
    assert not (small.root / "gradebook.db").exists()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("c.Execute.memory_mb = 0", "The limit memory_mb must be a number above 0"),
        (
            "c.Autograde.autograde_preprocessors = [nb.Execute, nb.SaveAutoGrades]",
            "must name curriculum.grading.preprocessors.Execute once",
        ),
    ],
)
def test_a_configuration_that_can_not_work_is_refused(small: SmallClass, line, says) -> None:
    with (small.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\n{line}\n")
    small.hand_in("ada")
    with pytest.raises(GradingError, match=says):
        small.grade()


def test_the_gradebook_is_quick_to_write_and_has_the_ledger(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        run = book.db.connection().exec_driver_sql
        assert run("PRAGMA journal_mode").scalar() == "wal"
        (row,) = run("SELECT topic, student, verdict, notes FROM curriculum_ledger").all()
    assert row[:3] == (TOPIC, "ada", "graded")
    assert json.loads(row[3]) == []
    assert os.listdir(small.root / "autograded") == ["ada"]
