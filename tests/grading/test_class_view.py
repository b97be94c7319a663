"""The class view: what the gradebook has of a class, as numbers, pages and notebooks."""

from __future__ import annotations

import functools
import html
import json
import random
import re
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import small_class
from bs4 import BeautifulSoup
from hypothesis import assume, given
from hypothesis import strategies as st
from nbformat import v4
from nbgrader.api import Gradebook
from small_class import NEGATE, RIGHT, TOPIC, SmallClass
from sqlalchemy import text as sql
from test_stock_command import autograde

from curriculum import cli
from curriculum.checks.report import MIME
from curriculum.grading import ahead, class_run, classview, nbgrader_api
from curriculum.grading.classview import command, held, notebook, page, read, returned, statistics
from curriculum.grading.classview.pictures import DARK, LIGHT, label
from curriculum.grading.classview.tables import late, tables, text
from curriculum.grading.classview.view import Numbers, numbers
from curriculum.grading.nbgrader_api import GradingError
from curriculum.grading.records import checked, recording, replay

MADE = datetime(2026, 3, 1, 12, tzinfo=UTC)


# A class that nobody graded: rows written as the grader writes them.

Checks = Sequence[tuple[str, float, str, str]]
"""Name, points, mistake where it failed, message; a check without a message passed."""


@functools.cache
def blank() -> bytes:
    """Make an empty gradebook, which takes seconds, once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gradebook.db"
        with Gradebook(f"sqlite:///{path}", "ml_interviews"):
            pass
        return path.read_bytes()


class Book:
    """A gradebook in a folder, filled through nbgrader's own gradebook."""

    def __init__(self, root: Path, topic: str = "topic") -> None:
        self.root, self.topic = root, topic
        root.mkdir(parents=True, exist_ok=True)
        (root / "nbgrader_config.py").write_text(
            "c = get_config()\n"
            'c.CourseDirectory.course_id = "ml_interviews"\n'
            f'c.Exchange.root = "{root / "exchange"}"\n'
        )
        (root / "source").mkdir(exist_ok=True)
        if not (root / "gradebook.db").exists():
            (root / "gradebook.db").write_bytes(blank())
        self.url = f"sqlite:///{root / 'gradebook.db'}"
        recording.into()
        self.gradebook = Gradebook(self.url, "ml_interviews")
        self.gradebook.db.execute(sql("PRAGMA synchronous = OFF"))
        self.cells: dict[str, str] = {}

    def close(self) -> None:
        self.gradebook.close()

    def begin(self, cells: dict[tuple[str, str], float], by_hand: tuple[str, ...] = ()) -> None:
        """Make the topic: notebook and cell, with points."""
        book = self.gradebook
        book.update_or_create_assignment(self.topic, duedate=datetime(2026, 3, 1, 12))
        for (name, cell), most in cells.items():
            book.update_or_create_notebook(name, self.topic)
            kind = "markdown" if cell in by_hand else "code"
            book.update_or_create_grade_cell(cell, name, self.topic, max_score=most, cell_type=kind)
            answer = cell if cell in by_hand else cell.removesuffix("_test")
            book.update_or_create_solution_cell(answer, name, self.topic)
            self.cells[cell] = name

    def hand_in(self, student: str, **names: str) -> None:
        with self.gradebook.db.no_autoflush:
            self.gradebook.update_or_create_student(student, **names)
            self.gradebook.update_or_create_submission(
                self.topic, student, timestamp=datetime(2026, 3, 1, 11)
            )

    def grade(
        self,
        student: str,
        cell: str,
        points: float | None,
        checks: Checks = (),
        answer: str = "",
        submission: str = "a" * 64,
        kept: bool = True,
    ) -> None:
        """Write a grade, and what its checks said, as the grader does."""
        book, where = self.gradebook, (self.cells[cell], self.topic, student)
        grade = book.find_grade(cell, *where)
        grade.auto_score, grade.needs_manual_grade = points, points is None
        session = book.db()
        recording.about(
            session, recording.About(self.topic, student, submission, "v", "e", "curriculum grade")
        )
        if kept:
            place = checked.Place(self.topic, student, self.cells[cell], cell)
            nb = executed(cell, points, checks, answer)
            checked.write(session, place, nb.cells[-1], nb, points)
        book.db.commit()

    def read(self) -> held.Topic:
        with read.opened(self.url) as connection:
            return read.topic(connection, self.topic)

    def numbers(self, **more: Any) -> Numbers:
        return numbers(self.read(), **more)


def executed(
    cell: str, points: float | None, checks: Checks, answer: str = ""
) -> nbformat.NotebookNode:
    """Make a notebook of an answer and a test that was run."""
    meta = {"grade_id": cell, "grade": True, "solution": points is None, "locked": False}
    if points is None:
        return v4.new_notebook(
            cells=[v4.new_markdown_cell("An answer.", metadata={"nbgrader": meta})]
        )
    said = [
        {
            "name": name,
            "max_points": most,
            "points": 0.0 if message else most,
            "status": "failed" if message else "passed",
            "message": message,
            "mistake": mistake or None,
        }
        for name, most, mistake, message in checks
    ]
    data = {MIME: {"attempted": True, "checks": said}, "text/plain": repr(points)}
    output = v4.new_output("execute_result", data, execution_count=1)
    test = v4.new_code_cell(
        "check.report()", outputs=[output] if checks else [], metadata={"nbgrader": meta}
    )
    name = cell.removesuffix("_test")
    body = {"grade_id": name, "grade": False, "solution": True, "locked": False}
    return v4.new_notebook(cells=[v4.new_code_cell(answer, metadata={"nbgrader": body}), test])


EXERCISES = {
    ("2_build", "loss_test"): 4.0,
    ("2_build", "gradient_test"): 6.0,
    ("2_build", "step_test"): 4.0,
    ("2_build", "momentum_test"): 5.0,
    ("2_build", "schedule_test"): 3.0,
    ("3_use", "standardise_test"): 3.0,
    ("3_use", "find_leak_test"): 4.0,
    ("3_use", "compare_test"): 4.0,
    ("4_say", "explain_momentum"): 5.0,
}
"""Each with how hard it is, and how much it has to do with what students know."""
HARD = {
    "loss_test": (-1.6, 1.5),
    "gradient_test": (0.1, 2.0),
    "step_test": (-0.6, 1.8),
    "momentum_test": (0.9, 1.7),
    "schedule_test": (0.3, -1.1),
    "standardise_test": (-9.0, 0.0),
    "find_leak_test": (1.0, 1.2),
    "compare_test": (0.2, 1.5),
    "explain_momentum": (0.2, 1.2),
}
MISTAKES = {
    "gradient": [
        ("sum instead of mean", "def gradient(X, y, w):\n    return 2 * X.T @ (X @ w - y)"),
        ("wrong sign", "def gradient(X, y, w):\n    return -2 / len(y) * X.T @ (X @ w - y)"),
    ],
    "loss": [("root taken", "def loss(X, y, w):\n    return np.sqrt(np.mean((X @ w - y) ** 2))")],
    "step": [("no learning rate", "def step(w, g, eta):\n    return w - g")],
    "momentum": [
        (
            "velocity starts at the gradient",
            "def momentum(w, g, v, eta, beta):\n    v = g if v is None else beta * v + g\n"
            "    return w - eta * v, v",
        )
    ],
    "find_leak": [
        (
            "scaled before the split",
            "X = StandardScaler().fit_transform(X)\n"
            "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)",
        )
    ],
}


SAID = {
    "shape": "The shapes differ.\n  expected: (3,)\n  got: (3, 1)",
    "values": "The values differ.\n  expected: [-1.2  0.5]\n  got: [-4.8  2. ]\n"
    "Every value that came is 4 times as large.",
    "input left alone": "The input was changed.\n  before: [1. 2.]\n  after: [0.9 2.1]",
}


def lively(root: Path, students: int = 40) -> Book:
    """Make a class that looks like one; the same each time."""
    chance = random.Random(3)
    book = Book(root, "gradient_descent")
    book.begin(EXERCISES, by_hand=("explain_momentum",))
    book.gradebook.update_or_create_student("zoe_never_came")
    for number in range(students):
        student = f"student{number:02}"
        able = chance.gauss(0, 1)
        book.hand_in(student, first_name="Ada", last_name=f"Lovelace {number}")
        for submission in ("a" * 64, "b" * 64)[: 1 + (number % 3 == 0)]:
            for _, cell in EXERCISES:
                _grade_lively(book, chance, student, cell, able, submission)
            able += 0.6
    return book


def _grade_lively(
    book: Book, chance: random.Random, student: str, cell: str, able: float, submission: str
) -> None:
    hard, slope = HARD[cell]
    most = next(most for (_, name), most in EXERCISES.items() if name == cell)
    if cell == "explain_momentum":
        book.grade(student, cell, None, submission=submission)
        if chance.random() < 0.8:
            grade = book.gradebook.find_grade(cell, "4_say", book.topic, student)
            grade.manual_score = float(min(max(round(2.5 + able + chance.gauss(0, 0.8)), 0), 5))
            grade.needs_manual_grade = False
            book.gradebook.db.commit()
        return
    name = cell.removesuffix("_test")
    checks: list[tuple[str, float, str, str]] = []
    mistake, answer = "", ""
    for part, weight in (("shape", 1.0), ("values", most - 2), ("input left alone", 1.0)):
        right = 1 / (1 + np.exp(-(slope * able - hard + (part == "shape"))))
        failed = chance.random() > right
        if failed and name in MISTAKES and part == "values" and chance.random() < 0.8:
            mistake, answer = chance.choice(MISTAKES[name])
        message = SAID[part] if failed else ""
        checks.append((part, weight, mistake if part == "values" else "", message))
    points = sum(weight for _, weight, _, message in checks if not message)
    book.grade(student, cell, points, checks, answer, submission)


@pytest.fixture(scope="module")
def lively_book(tmp_path_factory: pytest.TempPathFactory):
    book = lively(tmp_path_factory.mktemp("lively") / "course")
    yield book
    book.close()


# Statistics.

SHARES = st.floats(0, 1, allow_subnormal=False)
COLUMNS = st.lists(st.tuples(SHARES, st.floats(0, 1000)), min_size=2, max_size=40)


@given(st.lists(st.floats(0, 50), max_size=40), st.floats(0.5, 50))
def test_a_spread_counts_everybody_once(points: list[float], most: float) -> None:
    points = [min(one, most) for one in points]
    found = statistics.spread(points, most)
    assert found.n == len(points)
    assert min(found.none, found.low, found.high, found.full) >= 0
    if not points:
        assert found.mean is None and found.quartiles is None and found.pass_rate is None
        return
    assert found.mean is not None and 0 <= found.mean <= 1
    assert found.pass_rate is not None and 0 <= found.pass_rate <= 1
    assert found.quartiles is not None
    low, middle, high = found.quartiles
    assert min(points) <= low <= middle <= high <= max(points)


@given(COLUMNS, st.randoms())
def test_discrimination_is_a_correlation(rows: list[tuple[float, float]], order: Any) -> None:
    points, rest = zip(*rows, strict=True)
    item = statistics.analyse(points, 1.0, rest)
    if item.discrimination is None:
        assert item.interval is None
    else:
        assert -1 <= item.discrimination <= 1
        mirrored = statistics.analyse(points, 1.0, [-one for one in rest]).discrimination
        assert mirrored == pytest.approx(-item.discrimination)
    if item.interval is not None:
        assert -1 <= item.interval[0] <= item.interval[1] <= 1
        assert item.interval[0] - 1e-9 <= item.discrimination <= item.interval[1] + 1e-9
    shuffled = list(rows)
    order.shuffle(shuffled)
    again = statistics.analyse(*_unzipped(shuffled))
    assert again.discrimination == pytest.approx(item.discrimination, abs=1e-9)
    assert again.difficulty == pytest.approx(item.difficulty)


def _unzipped(rows: list[tuple[float, float]]) -> tuple[list[float], float, list[float]]:
    return [one for one, _ in rows], 1.0, [rest for _, rest in rows]


@given(st.lists(SHARES, min_size=2, max_size=40), st.floats(0.1, 50), st.floats(0, 100))
def test_a_perfect_discriminator(shares: list[float], slope: float, start: float) -> None:
    assume(max(shares) - min(shares) > 1e-3)
    rest = [start + slope * one for one in shares]
    assert statistics.analyse(shares, 1.0, rest).discrimination == pytest.approx(1)


@given(COLUMNS)
def test_discrimination_is_numpys(rows: list[tuple[float, float]]) -> None:
    points, rest = zip(*rows, strict=True)
    found = statistics.correlation(points, rest)
    assume(found is not None and np.ptp(points) > 1e-3 and np.ptp(rest) > 1e-3)
    assert found == pytest.approx(np.corrcoef(points, rest)[0, 1], abs=1e-6)


@given(st.floats(0, 100), st.integers(1, 50), st.floats(1e-3, 100))
def test_what_does_not_vary_has_no_correlation(value: float, n: int, unit: float) -> None:
    other = [unit * number for number in range(n)]
    assert statistics.correlation([value] * n, other) is None
    assert statistics.correlation(other, [value] * n) is None
    sums = [0.1 + 0.2, 0.3] * 10  # the same points, added in another order
    assert statistics.correlation(sums, list(range(20))) is None


def test_huge_and_tiny_points() -> None:
    for scale in (1e-150, 1e150):
        x = [scale * number for number in range(10)]
        assert statistics.correlation(x, x) == pytest.approx(1)


def test_the_interval_is_fishers() -> None:
    low, high = statistics.interval(0.5, 40) or (0, 0)
    assert (low, high) == pytest.approx((0.2233, 0.7022), abs=1e-4)
    assert statistics.interval(0.5, 3) is None and statistics.interval(None, 40) is None
    assert statistics.interval(1.0, 40) == (1.0, 1.0)


UP = [float(number) for number in range(20)]


@pytest.mark.parametrize(
    ("points", "rest", "look", "reason"),
    [
        ([1.0] * 20, UP, True, "everybody"),
        ([0.0] * 20, UP, True, "nobody"),
        ([0.5] * 19 + [0.0], UP, True, "nobody"),
        ([float(n < 10) for n in range(20)], UP, True, "do worse here"),
        ([float(n % 2) for n in range(20)], [float(n // 2) for n in range(20)], True, "hardly"),
        ([float(n >= 10) for n in range(20)], UP, False, ""),
        ([float(n >= 10) for n in range(20)], [3.0] * 20, False, "nothing can be compared"),
        ([1.0] * 9, UP[:9], False, "too few"),
        ([], [], False, "too few"),
    ],
)
def test_which_tests_to_look_at(points, rest, look, reason) -> None:
    item = statistics.analyse(points, 1.0, rest)
    assert item.look == look and reason in item.reason
    assert bool(item.reason) == bool(reason)


# What the grader keeps.


def test_what_checks_said_is_bounded() -> None:
    hostile = {
        "name": "n" * 5000,
        "status": "no such",
        "points": float("nan"),
        "max_points": 10**400,
        "mistake": "m\0" * 5000,
        "message": "\ud800" + "x" * 5000,
    }
    nb = executed("a_test", 1.0, [("x", 1, "", "")])
    nb.cells[-1].outputs[0].data[MIME] = {"checks": [hostile, 3, None] * 500, "attempted": "yes"}
    found, attempted = checked.read(nb.cells[-1])
    assert attempted and 0 < len(found) <= checked.MOST_CHECKS
    one = found[0]
    assert len(one.name) == checked.LONGEST_NAME and len(one.message) == checked.LONGEST_MESSAGE
    assert len(one.mistake) == checked.LONGEST_NAME and "\0" not in one.mistake
    assert (one.status, one.points, one.most) == ("failed", 0.0, 0.0)
    assert checked.kept(json.dumps([vars(one)])) == [one]


@pytest.mark.parametrize("said", [[], "text", {"checks": 3}, {"checks": "abc"}, {"checks": {}}, 7])
def test_what_is_no_report_has_no_checks(said: Any) -> None:
    nb = executed("a_test", 1.0, [("x", 1, "", "")])
    nb.cells[-1].outputs[0].data[MIME] = said
    assert checked.read(nb.cells[-1]) == ([], True)


@pytest.mark.parametrize("kept", ["", "no JSON", "3", "null", '["a"]', "[" * 100_000])
def test_a_damaged_row_has_no_checks(kept: str) -> None:
    assert checked.kept(kept) == []


def test_a_class_that_was_graded_keeps_what_its_tests_said(small: SmallClass) -> None:
    small.hand_in("ada")
    small.hand_in("ben", {"double": "def double(x):\n    return 2\n"})
    small.hand_in("cleo", one="no JSON")
    small.grade()
    view = shown(small)
    by_name = {one.name: one for one in view.exercises}
    assert (by_name["triple"].spread.full, by_name["triple"].spread.none) == (1, 2)
    assert by_name["double"].attempts == by_name["double"].attempted_by == 2
    assert by_name["explain"].by_hand and by_name["explain"].waiting == 2
    assert [one.ran for one in view.people] == [3, 3, 2]
    assert "one.ipynb" in view.people[2].trouble[0]
    assert view.lacks == ()
    small.grade(force=True)
    assert shown(small) == view
    small.hand_in("ben", {**RIGHT, **NEGATE})
    small.grade()
    ben = shown(small).people[1]
    assert (ben.submissions, ben.points) == (2, 9)
    assert {one.name: one.attempts for one in shown(small).exercises}["double"] == 3


def test_what_is_not_graded_keeps_nothing(small: SmallClass, monkeypatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError("the disk is full")

    small.hand_in("ada")
    with monkeypatch.context() as patch:
        patch.setattr("curriculum.files.put_in_place", fail)
        assert small.grade()["ada"].verdict == "red"
    with small.gradebook() as book:
        assert book.db.execute(checked.CHECKED.select()).all() == []


def shown(small: SmallClass) -> Numbers:
    return classview.load(TOPIC, small.root).numbers


def test_nbgrader_autograde_keeps_the_same(small: SmallClass, monkeypatch) -> None:
    monkeypatch.setattr(ahead, "execute", small_class.executed)
    recording.environment.cache_clear()
    answers = {"double": "def double(x):\n    return 2\n"}
    small.hand_in("ada", answers)
    autograde(small)
    by_nbgrader = shown(small)
    small.grade(force=True)
    by_us = shown(small)
    assert by_nbgrader.exercises == by_us.exercises and by_nbgrader.checks == by_us.checks
    assert by_us.people[0].submissions == 1  # the digest is the same
    assert by_nbgrader.lacks == ("ledger",)
    recording.environment.cache_clear()


def test_a_replay_keeps_nothing(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        before = book.db.execute(checked.CHECKED.select()).all()
    wish = class_run.Wish(small.root, TOPIC, ("ada",), force=True)
    config = nbgrader_api.load_config(small.root)
    with closing(replay.Replay(wish, config, small_class.run_plainly)) as one:
        assert one.again("ada", small_class.one_thread).is_same
    with small.gradebook() as book:
        assert book.db.execute(checked.CHECKED.select()).all() == before


# What is shown.


@pytest.fixture
def book(tmp_path: Path):
    made = Book(tmp_path / "course")
    yield made
    made.close()


CELLS = {("2_build", "a_test"): 2.0, ("2_build", "b_test"): 2.0, ("4_say", "c"): 5.0}


def test_numbers_of_a_small_class(book: Book) -> None:
    book.begin(CELLS, by_hand=("c",))
    wrong: Checks = [("one", 1, "", ""), ("two", 1, "sign lost", "expected 2, got -2")]
    right: Checks = [("one", 1, "", ""), ("two", 1, "", "")]
    for student, points, checks in (("ada", 2.0, right), ("ben", 1.0, wrong), ("cleo", 1.0, wrong)):
        book.hand_in(student)
        book.grade(student, "a_test", points, checks, answer="def a():\n    return -2")
        book.grade(student, "b_test", 0.0, [("three", 2, "", "no")])
        book.grade(student, "c", None)
    book.grade("cleo", "a_test", 2.0, right, submission="b" * 64)
    view = book.numbers(order={"2_build": ("b_test", "a_test")})
    b, a, c = view.exercises
    assert (a.name, b.name, c.name) == ("a", "b", "c")
    assert (a.spread.full, a.spread.high, a.attempts, a.attempted_by) == (2, 1, 4, 3)
    assert a.spread.pass_rate == pytest.approx(2 / 3) and b.spread.pass_rate == 0
    assert (c.waiting, c.spread.n, c.item) == (3, 0, None)
    assert a.item is not None and a.item.reason.startswith("too few")
    (mistake,) = view.mistakes
    assert (mistake.name, mistake.now, mistake.ever, mistake.of) == ("sign lost", 1, 2, 3)
    (example,) = mistake.examples
    assert example.message == "expected 2, got -2" and "return -2" in example.answer
    assert [(one.name, one.passed) for one in view.checks] == [("three", 0), ("one", 3), ("two", 2)]
    cleo = view.people[2]
    assert (cleo.points, cleo.graded, cleo.waiting, cleo.submissions) == (2, 2, 1, 2)
    assert cleo.ran == 1  # only one notebook of the newest submission came
    assert view.unsettled == ("c",)


def test_a_mistake_that_was_mended_and_made_again_is_there_now(book: Book) -> None:
    book.begin({("n", "a_test"): 1.0})
    book.hand_in("ada")
    wrong: Checks = [("one", 1, "sign lost", "got -2")]
    for submission, points, checks in (
        ("a" * 64, 0.0, wrong),
        ("b" * 64, 1.0, [("one", 1.0, "", "")]),
        ("a" * 64, 0.0, wrong),
    ):
        book.grade("ada", "a_test", points, checks, submission=submission)
    (mistake,) = book.numbers().mistakes
    assert (mistake.now, mistake.ever) == (1, 1)
    assert book.numbers().exercises[0].attempts == 2


def test_a_bad_test_shows(lively_book: Book) -> None:
    view = lively_book.numbers()
    look = {one.name: item for one, item in view.tests if item.look}
    assert set(look) == {"schedule", "standardise"}
    assert look["schedule"].discrimination < 0 and look["standardise"].discrimination is None
    assert {one.exercise for one in view.checks if one.item.look} >= {"schedule", "standardise"}
    assert all(item.n == 40 for _, item in view.tests)


def test_other_topics_change_nothing(twelve: Path, tmp_path: Path) -> None:
    shutil.copytree(twelve, tmp_path / "course")
    with closing(Book(tmp_path / "course", "gradient_descent")) as book:
        before = book.numbers()
        other = Book(book.root, "other")
        with closing(other):
            other.begin({("2_build", "loss_test"): 9.0, ("x", "more_test"): 3.0})
            for number in range(12):
                other.hand_in(f"student{number:02}")
                other.grade(
                    f"student{number:02}", "loss_test", number % 3, [("x", 9, "lost", "no")]
                )
        assert book.numbers() == before


def test_a_topic_with_nothing_but_answers_for_a_person(book: Book) -> None:
    book.begin({("4_say", "c"): 5.0}, by_hand=("c",))
    book.hand_in("ada")
    book.grade("ada", "c", None)
    view = classview.View(book.numbers())
    assert "tests" not in view.tables and "mistakes" not in view.tables
    assert page.page(view.numbers, MADE) and notebook.notebook(view, book.root, MADE)


def test_a_topic_without_points(book: Book) -> None:
    book.begin({("n", "a_test"): 0.0})
    book.hand_in("ada")
    book.grade("ada", "a_test", 0.0, [("one", 0, "", "")])
    assert page.page(book.numbers(), MADE)
    assert book.numbers().exercises[0].spread.mean is None


def test_persons_points_extra_credit_and_lateness(book: Book) -> None:
    book.begin(CELLS, by_hand=("c",))
    book.hand_in("ada", first_name="Ada", last_name="Lovelace")
    book.grade("ada", "a_test", 1.0)
    book.grade("ada", "c", None)
    with book.gradebook as opened:
        grade = opened.find_grade("c", "4_say", book.topic, "ada")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 4.0, 1.0, False
        submission = opened.find_submission(book.topic, "ada")
        submission.timestamp = submission.assignment.duedate + timedelta(hours=30)
        submission.extension = timedelta(hours=6)
        submission.notebooks[0].late_submission_penalty = 0.5
        opened.db.commit()
        (ada,) = book.numbers().people
    assert (ada.points, ada.extra, ada.penalty, ada.waiting) == (5, 1, 0.5, 1)
    assert ada.seconds_late == 24 * 3600 and late(ada.seconds_late) == "1 d"
    assert ada.name == "Ada Lovelace"


# Older gradebooks.


def test_a_gradebook_without_the_tables(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    before = shown(small)
    with closing(sqlite3.connect(small.root / "gradebook.db")) as db:
        for table in ("checked", "record", "ledger"):
            db.execute(f"DROP TABLE curriculum_{table}")
    after = shown(small)
    assert after.lacks == ("checks", "record", "ledger")
    assert [one.spread for one in after.exercises] == [one.spread for one in before.exercises]
    assert after.people[0].ran is None and after.people[0].submissions == 0
    said = BeautifulSoup(page.page(after, MADE), "html.parser").get_text()
    assert f"curriculum grade {TOPIC} --force" in said
    with closing(sqlite3.connect(small.root / "gradebook.db")) as db:
        tables_now = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    assert "curriculum_checked" not in tables_now  # reading has made nothing
    small.grade(force=True)
    assert shown(small).lacks == ("record",)  # no grade has changed
    small.hand_in("ada", {})
    small.grade()
    assert shown(small).lacks == ()


def test_the_record_tells_of_attempts_from_before(book: Book) -> None:
    book.begin({("n", "a_test"): 2.0})
    book.hand_in("ada")
    book.grade("ada", "a_test", 0.0, submission="a" * 64, kept=False)
    book.grade("ada", "a_test", 1.0, submission="b" * 64, kept=False)
    assert book.numbers().lacks == ("checks", "ledger")
    assert book.numbers().exercises[0].attempts == 2
    book.grade("ada", "a_test", 2.0, [("one", 2, "", "")], submission="c" * 64)
    view = book.numbers()
    assert view.lacks == ("ledger",)
    assert (view.exercises[0].attempts, view.people[0].submissions) == (3, 3)


def test_reading_writes_nothing(book: Book) -> None:
    book.begin(CELLS)
    with (
        pytest.raises(GradingError, match=r"readonly|read-only|attempt to write"),
        read.opened(book.url) as connection,
    ):
        connection.exec_driver_sql("DELETE FROM grade")


def test_no_gradebook(tmp_path: Path) -> None:
    with (
        pytest.raises(GradingError, match="There is no gradebook at"),
        read.opened(f"sqlite:///{tmp_path}/none.db"),
    ):
        pass
    (tmp_path / "no.db").write_text("This is no database, and long enough to be looked at.")
    with (
        pytest.raises(GradingError, match="can't be used"),
        read.opened(f"sqlite:///{tmp_path}/no.db") as connection,
    ):
        read.topics(connection)


# The page.

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e&\"'$\\frac{"


def evil_book(root: Path) -> Book:
    book = Book(root, "topic")
    name, long = f"{EVIL}_test", "x" * 5000
    book.begin({("n", name): 2.0, ("n", "b_test"): 1.0})
    for number in range(12):
        student = (f"{EVIL}{number}", f"{number}{long}")[number % 2]
        book.hand_in(student, first_name=EVIL, last_name=long[:100])
        failed: Checks = [(EVIL, 1, "$x^{" + EVIL, f"{EVIL}\n{long}"), ("two", 1, "", "")]
        answer = f"# {EVIL}\n</pre>{long}"
        book.grade(student, name, 1.0 if number % 3 else 2.0, failed, answer)
        book.grade(student, "b_test", float(number > 5), [("three", 1, "", "" if number else "no")])
    return book


def test_nothing_of_anybodys_is_markup(tmp_path: Path) -> None:
    with closing(evil_book(tmp_path / "course")) as book:
        view = classview.View(book.numbers(title=EVIL))
    made = page.page(view.numbers, MADE)
    soup = BeautifulSoup(made, "html.parser")
    assert not soup(["script", "iframe", "object", "form", "link"])
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in soup("img"))
    assert not [tag for tag in soup(True) for name in tag.attrs if name.startswith("on")]
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert "default-src 'none'" in policy["content"] and "script" not in policy["content"]
    assert made.index("Content-Security-Policy") < made.index("<title>")
    cells = [cell.get_text() for cell in soup(["td", "th"])]
    assert max(map(len, cells)) <= 500 and any("<script>" in cell for cell in cells)
    nb = nbformat.reads(notebook.notebook(view, book.root, MADE), 4)
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            assert "<script" not in cell.source
        for output in cell.get("outputs", []):
            assert "<script" not in output.data.get("text/html", "")
    for picture in view.pictures.values():
        for theme in (LIGHT, DARK):
            drawn = picture.svg(theme)
            assert "<script" not in drawn and drawn == picture.svg(theme)
        assert picture.png().startswith(b"\x89PNG")


@given(st.text(max_size=200))
def test_text_comes_out_as_it_went_in(value: str) -> None:
    made = text(value)
    assert "<" not in made.replace("<bdi>", "").replace("</bdi>", "").replace("<wbr>", "")
    plain = html.unescape(made.removeprefix("<bdi>").removesuffix("</bdi>").replace("<wbr>", ""))
    assert len(plain) <= 130 and made.encode()
    assert len(label(value).replace("\\$", "$")) <= 34


def test_the_tables_have_the_numbers_of_the_pictures(lively_book: Book) -> None:
    view = lively_book.numbers(feedback={"student00": returned.RELEASED})
    made = tables(view)
    soup = BeautifulSoup(page.page(view, MADE), "html.parser")
    assert [table.caption.get_text() for table in soup("table")] == [
        made[name].caption
        for name in ("exercises", "points", "mistakes", "tests", "checks", "students")
    ]
    rates = dict(
        zip(made["exercises"].frame["Exercise"], made["exercises"].frame["Pass rate"], strict=True)
    )
    assert rates == {one.name: one.spread.pass_rate for one in view.exercises}
    assert list(made["mistakes"].frame["Have it now"]) == sorted(
        (one.now for one in view.mistakes), reverse=True
    )
    look = [row.th.get_text() for row in soup.find(id="tests")("tr", class_="look")]
    assert {"schedule", "standardise"} <= set(look)
    images = soup("img")
    assert len(images) == 4 and all(len(image["alt"]) > 40 for image in images)
    assert len({source["media"] for source in soup("source")}) == 1
    assert soup.html["lang"] == "en"
    heads = [head for table in soup("table") for head in table.thead("th")]
    assert all(head["scope"] == "col" for head in heads)
    for link in soup.nav("a"):
        assert soup.find(id=link["href"].removeprefix("#"))


def test_few_students_are_told_apart_by_nothing(tmp_path: Path) -> None:
    with closing(lively(tmp_path / "course", students=9)) as book:
        view = book.numbers()
    assert not view.enough and not any(item.look for _, item in view.tests)
    said = BeautifulSoup(page.page(view, MADE), "html.parser")
    assert "Too few students" in said.get_text() and len(said("img")) == 3


# The command.


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the course of a class of twelve, to be copied."""
    root = tmp_path_factory.mktemp("twelve") / "course"
    lively(root, students=12).close()
    return root


@pytest.fixture
def run(
    twelve: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """Give a function that runs `curriculum class view` in a class of twelve."""
    shutil.copytree(twelve, tmp_path / "course")
    config = tmp_path / "course" / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(twelve), str(tmp_path / "course")))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path / "course")

    def run(*arguments: str) -> tuple[int, str, str]:
        code: Any = 0
        try:
            cli.main(["class", "view", *arguments])
        except SystemExit as end:
            code = end.code
        return (code, *capsys.readouterr())

    return run


def test_the_command_writes_for_the_owner_alone(run, tmp_path: Path) -> None:
    code, out, _ = run()
    folder = tmp_path / "course" / "class_view"
    names = {"gradient_descent.html", "gradient_descent.ipynb", "index.html"}
    assert code == 0 and {path.name for path in folder.iterdir()} == names
    assert set(out.splitlines()) == {str(folder / name) for name in names}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    index = BeautifulSoup((folder / "index.html").read_text(), "html.parser")
    assert index.a["href"] == "gradient_descent.html" and "student11" in index.get_text()
    nbformat.validate(nbformat.read(folder / "gradient_descent.ipynb", 4))


def test_one_topic_has_no_index(run, tmp_path: Path) -> None:
    assert run("gradient_descent", "--to", str(tmp_path / "a" / "b"))[0] == 0
    assert len(list((tmp_path / "a" / "b").iterdir())) == 2
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_what_somebody_changed_is_kept(run, tmp_path: Path) -> None:
    folder = tmp_path / "course" / "class_view"
    run("gradient_descent")
    run("gradient_descent")
    assert len(list(folder.iterdir())) == 2
    path = folder / "gradient_descent.ipynb"
    nb = nbformat.read(path, 4)
    nb.cells[1].outputs = []  # run and saved: nobody's work
    nbformat.write(nb, path)
    run("gradient_descent")
    assert len(list(folder.iterdir())) == 2
    nb.cells.append(v4.new_markdown_cell("Talk about momentum on Tuesday."))
    nbformat.write(nb, path)
    (folder / "gradient_descent.html").write_text("Mine.")
    _, out, _ = run("gradient_descent")
    assert "left as it is" in out
    names = {"gradient_descent", "gradient_descent_2"}
    assert {one.stem for one in folder.iterdir()} == names
    assert (
        "Tuesday" in path.read_text() and (folder / "gradient_descent.html").read_text() == "Mine."
    )
    run("gradient_descent")
    assert {one.stem for one in folder.iterdir()} == names


def test_a_link_is_not_written_through(run, tmp_path: Path) -> None:
    folder = tmp_path / "course" / "class_view"
    folder.mkdir()
    (tmp_path / "target").write_text("somebody's")
    (folder / "gradient_descent.html").symlink_to(tmp_path / "target")
    (folder / "gradient_descent.ipynb").symlink_to(tmp_path / "nowhere")
    assert run("gradient_descent")[0] == 0
    assert (tmp_path / "target").read_text() == "somebody's"
    assert (folder / "gradient_descent_2.html").exists() and not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("place", ["release", "source/x", "submitted", "autograded", "exchange"])
def test_students_get_it_from_nowhere(run, tmp_path: Path, place: str) -> None:
    code, _, err = run("--to", str(tmp_path / "course" / place))
    assert code == 2 and "name another folder with --to" in err
    (tmp_path / "link").symlink_to(tmp_path / "course" / place)
    assert run("--to", str(tmp_path / "link" / "y"))[0] == 2


def test_what_a_user_can_mend_is_one_sentence(run, tmp_path: Path) -> None:
    for arguments, said in (
        (["nothing"], "The gradebook does not know the topic nothing: it has gradient_descent."),
        (["gradient_descent", "--to", str(tmp_path / "course" / "gradebook.db")], "is no folder"),
        (["--to", "/proc/nothing"], "can't be made"),
    ):
        code, _, err = run(*arguments)
        assert code == 2 and said in err and len(err.strip().splitlines()) == 1
    (tmp_path / "course" / "gradebook.db").unlink()
    assert "There is no gradebook" in run()[2]
    Book(tmp_path / "course").close()
    assert "Nothing has been graded yet" in run()[2]


def test_names_of_files() -> None:
    assert command.file_name("gradient_descent") == "gradient_descent"
    names = [command.file_name(one) for one in ("index", "../up", "a/b", ".hidden", "ä", "a b")]
    assert all(re.fullmatch(r"[A-Za-z0-9_][\w.-]*_[0-9a-f]{8}", name, re.ASCII) for name in names)


def test_it_is_not_in_git() -> None:
    assert "/class_view/" in (Path(cli.__file__).parents[1] / ".gitignore").read_text().split()
