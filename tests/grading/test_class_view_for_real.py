"""The class view of a class that was graded for real, and its page in a browser."""

from __future__ import annotations

import os
import time
from pathlib import Path

import classroom
import course as courses
import nbclient
import nbformat
import pytest
from bs4 import BeautifulSoup
from classroom import Room, answered
from lab import open_page
from test_class import NOTEBOOKS, PARTLY, RIGHT, WRONG
from test_class_view import MADE, evil_book, lively

from curriculum.grading.classview import page
from curriculum.grading.records import recording

pytestmark = pytest.mark.slow

TOPIC = courses.TOPIC


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Make a course with an exchange, in which four have handed in and were graded."""
    folder = tmp_path_factory.mktemp("room")
    bodies = {"2_build": classroom.BUILD, "4_say": classroom.SAY}
    room = Room(folder, courses.make_course(folder / "course", **bodies))
    with (room.course / "nbgrader_config.py").open("a") as config:
        config.write(f'\nc.Exchange.root = "{room.exchange}"\n')
    courses.run(room.course, "curriculum", "build")
    for name, answers in {"ada": RIGHT, "ben": PARTLY, "cleo": WRONG, "dan": {}}.items():
        hand_in(room, name, answers)
    courses.run(room.course, "curriculum", "grade", TOPIC)
    return room


def hand_in(room: Room, student: str, answers: dict[str, str]) -> None:
    texts = {}
    for name in NOTEBOOKS:
        notebook = room.released(TOPIC, name)
        if name == "2_build":
            notebook = answered(notebook, answers)
        if name == "4_say" and answers:
            notebook = answered(notebook, {"explain_step": f"Downhill, says {student}."})
        texts[name] = nbformat.writes(notebook)
    room.hand_in(student, TOPIC, **texts)
    folder = room.course / "submitted" / student / TOPIC
    (folder / "timestamp.txt").write_text("2026-03-01 11:00:00 UTC")
    (folder / "submission_secret.txt").write_text(f"secret of {student}")


def viewed(room: Room) -> BeautifulSoup:
    courses.run(room.course, "curriculum", "class", "view", TOPIC)
    made = room.course / "class_view" / f"{TOPIC}.html"
    return BeautifulSoup(made.read_text(), "html.parser")


def rows(soup: BeautifulSoup, section: str) -> dict[str, dict[str, str]]:
    """Read a table of a section, by the first column: of tests, that of the single checks."""
    table = soup.find(id=section)("table")[1 if section == "tests" else 0]
    heads = [head.get_text() for head in table.thead("th")]
    found = {}
    for row in table.tbody("tr"):
        cells = [cell.get_text() for cell in row(["th", "td"])]
        found[cells[0]] = dict(zip(heads, cells, strict=True))
    return found


def test_named_mistakes_of_real_submissions(room: Room) -> None:
    soup = viewed(room)
    exercises = rows(soup, "exercises")
    assert list(exercises) == ["mean_square", "step", "count_above", "explain_step"]
    assert exercises["step"]["Pass rate"] == "25 %"
    # dan wrote nothing; ben left out the last exercise.
    assert [one["Of students"] for one in exercises.values()] == ["3", "3", "2", "3"]
    mistakes = rows(soup, "mistakes")
    assert mistakes["wrong sign"]["Have it now"] == "1"
    said = soup.find(id="mistakes").get_text()
    assert "w + learning_rate * gradient" in said and "η = 0.1" in said
    assert "checks.close" not in str(soup) and classroom.GRADER_NOTE not in str(soup)
    assert "its input is left alone" in rows(soup, "tests")
    students = rows(soup, "students")
    assert students["ada"]["Points"] == "9" and students["ben"]["Waiting"] == "1"
    assert {one["Notebooks"] for one in students.values()} == {"2 of 2"}


def test_where_feedback_is(room: Room) -> None:
    def states() -> dict[str, str]:
        return {name: row["Feedback"] for name, row in rows(viewed(room), "students").items()}

    assert set(states().values()) == {"none"}
    room.nbgrader("generate_feedback", TOPIC, "--student=ben")
    assert states() | {"ben": ""} == dict.fromkeys(("ada", "cleo", "dan"), "none") | {"ben": ""}
    assert states()["ben"] == "not released"
    room.nbgrader("release_feedback", TOPIC)
    assert states()["ben"] == "released"
    recording.into()
    time.sleep(0.1)
    room.grade_by_hand(TOPIC, "ben", "4_say", "explain_step", 2.5, "And the learning rate?")
    assert states()["ben"] == "older than the grades"
    room.nbgrader("generate_feedback", TOPIC, "--student=ben", "--force")
    assert states()["ben"] == "not released"


def test_the_notebook_runs(room: Room) -> None:
    viewed(room)
    path = room.course / "class_view" / f"{TOPIC}.ipynb"
    before = nbformat.read(path, 4)
    kernel = {**os.environ, **courses.environment(room.course)}
    after = nbclient.NotebookClient(nbformat.read(path, 4)).execute(env=kernel)
    for old, new in zip(before.cells, after.cells, strict=True):
        if old.cell_type == "code":
            assert [one.data for one in new.outputs] == [one.data for one in old.outputs]


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_in_a_browser(tmp_path: Path, artifacts: Path, dark: bool) -> None:
    book = lively(tmp_path / "course")
    view = book.numbers(title="Gradient descent")
    book.close()
    path = tmp_path / "page.html"
    path.write_text(page.page(view, MADE))
    with open_page(dark=dark, width=1180, height=900) as opened:
        said: list[str] = []
        opened.on("console", lambda message: said.append(message.text))
        opened.goto(path.as_uri())
        name = f"class_view_{'dark' if dark else 'light'}.png"
        opened.screenshot(path=artifacts / name, full_page=True)
        images = opened.locator("img")
        assert images.count() == 4
        for number in range(4):
            assert images.nth(number).evaluate("image => image.naturalWidth") > 400
        assert said == [] and opened.refused == []  # type: ignore[attr-defined]
        back = opened.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (back == "rgb(255, 255, 255)") != dark
        for width in (1180, 390):
            opened.set_viewport_size({"width": width, "height": 900})
            assert opened.evaluate("document.documentElement.scrollWidth") <= width
        # On paper it is light, and nothing is cut off at the right.
        opened.set_viewport_size({"width": 720, "height": 900})
        opened.emulate_media(media="print", color_scheme="dark")
        assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        assert opened.evaluate("document.documentElement.scrollWidth") <= 720


@pytest.mark.browser
def test_a_hostile_class_in_a_browser(tmp_path: Path) -> None:
    book = evil_book(tmp_path / "course")
    path = tmp_path / "page.html"
    path.write_text(page.page(book.numbers(), MADE))
    book.close()
    with open_page(width=1180, height=900) as opened:
        opened.on("dialog", lambda dialog: pytest.fail("a script ran"))
        opened.goto(path.as_uri())
        assert opened.refused == []  # type: ignore[attr-defined]
        assert opened.evaluate("document.documentElement.scrollWidth") <= 1180
        assert opened.locator("script").count() == 0
