"""An instructor in JupyterLab: generates, grades by hand, and gives feedback, in the formgrader."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import classroom
import course as courses
import nbformat
import pytest
from classroom import Room, Score
from lab import Lab, open_formgrader, row, start_lab, wait_for_lab
from playwright.sync_api import FrameLocator, Locator, Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TOPIC = courses.TOPIC
SAY = "explain_step"
ANSWER = "A step goes **against** the gradient $g$, which points uphill."
COMMENT = "Which part does the learning rate play?"


@dataclass(frozen=True)
class Desk:
    """An instructor's course, open in JupyterLab."""

    room: Room
    lab: Lab
    release: dict[str, bytes]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a course in which two students have handed in, and nothing is graded."""
    folder = tmp_path_factory.mktemp("desk")
    bodies = {"2_build": classroom.BUILD, "4_say": classroom.SAY}
    room = Room(folder, courses.make_course(folder / "course", **bodies))
    courses.run(room.course, "curriculum", "build")
    for student, answer in {"ada": ANSWER, "ben": "It rolls down."}.items():
        said = classroom.answered(room.released(TOPIC, "4_say"), {SAY: answer})
        built = room.released(TOPIC, "2_build")
        texts = {"2_build": nbformat.writes(built), "4_say": nbformat.writes(said)}
        room.hand_in(student, TOPIC, **texts)
    with start_lab(room.course) as lab:
        yield Desk(room, lab, read_all(room.course / "release" / TOPIC))


def read_all(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def formgrader(page: Page, lab: Lab) -> FrameLocator:
    page.goto(lab.url("/lab"))
    wait_for_lab(page)
    return open_formgrader(page, TOPIC)


def press(frame: FrameLocator, button: Locator, *, says: str) -> None:
    """Press a button of a table, read that it went well, and close the message."""
    button.click()
    message = frame.get_by_role("dialog")
    # nbgrader runs while the page waits, for some seconds a notebook.
    expect(message).to_contain_text(says, timeout=240_000)
    message.get_by_role("button", name="OK").click()
    expect(frame.locator(".modal, .modal-backdrop")).to_have_count(0)


def test_the_generate_button_makes_the_same_release(
    desk: Desk, page: Page, artifacts: Path
) -> None:
    release = desk.room.course / "release" / TOPIC
    shutil.rmtree(release)
    frame = formgrader(page, desk.lab)
    page.screenshot(path=artifacts / "formgrader-assignments.png")
    button = row(frame, TOPIC).locator(".assign a")
    press(frame, button, says=f"Successfully created the student version of '{TOPIC}'")
    assert read_all(release) == desk.release
    built = courses.run(desk.room.course, "curriculum", "build")
    assert "nothing changed" in built.stdout or "up to date" in built.stdout
    assert read_all(release) == desk.release
    assert page.refused == []


def test_an_answer_is_graded_by_hand_and_the_feedback_tells(
    desk: Desk, page: Page, artifacts: Path
) -> None:
    frame = formgrader(page, desk.lab)
    autograde_all(frame, page, artifacts)
    open_submission(frame, "ada", page, artifacts)

    # Everything that a grader needs is on the page: question, rubric, answer, notes.
    for words in (
        "Explain a step",
        "says that the gradient points uphill",
        "against the gradient",
        classroom.GRADER_NOTE,
    ):
        expect(frame.get_by_text(words).first).to_be_visible()
    expect(frame.get_by_text("MARK SCHEME")).to_have_count(0)
    expect(frame.locator("math")).to_have_text("g")
    score, comment = frame.locator(f"#{SAY}"), frame.locator(f"#{SAY}-comment")
    expect(score).to_have_class(re.compile("needs_manual_grade"))
    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        score.fill("3")
        score.press("Tab")
    with page.expect_response(lambda r: "/api/comment/" in r.url and r.request.method == "PUT"):
        comment.fill(COMMENT)
        comment.blur()
    expect(score).not_to_have_class(re.compile("needs_manual_grade"))
    page.screenshot(path=artifacts / "formgrader-say.png")
    assert desk.room.scores(TOPIC, "ada")["4_say"][SAY] == Score(None, 3.0, False, 4.0)

    generate_feedback(frame, page, artifacts)
    feedback = desk.room.course / "feedback" / "ada" / TOPIC / "4_say.html"
    assert COMMENT in classroom.page_text(feedback)
    page.goto(feedback.as_uri())
    expect(page.get_by_text(COMMENT)).to_be_visible()
    expect(page.get_by_text("Score: 3.0 / 4.0").first).to_be_visible()
    page.screenshot(path=artifacts / "feedback-say.png", full_page=True)
    page.goto(feedback.with_name("2_build.html").as_uri())
    page.screenshot(path=artifacts / "feedback-build.png", full_page=True)
    assert page.refused == []


def autograde_all(frame: FrameLocator, page: Page, artifacts: Path) -> None:
    row(frame, TOPIC).locator(".num-submissions a").click()
    for student in ("ada", "ben"):
        said = f"Successfully autograded '{TOPIC}' for student '{student}'"
        press(frame, row(frame, student).locator(".autograde a"), says=said)
        expect(row(frame, student)).to_contain_text("needs manual grading")
    page.screenshot(path=artifacts / "formgrader-submissions.png")


def open_submission(frame: FrameLocator, student: str, page: Page, artifacts: Path) -> None:
    frame.get_by_role("link", name="Manual Grading").click()
    row(frame, TOPIC).get_by_role("link", name=TOPIC).click()
    row(frame, "4_say").get_by_role("link", name="4_say").click()
    expect(row(frame, "Submission #")).to_have_count(2)  # the button does nothing before
    frame.get_by_role("button", name="Show All Names").click()
    page.screenshot(path=artifacts / "formgrader-manual.png")
    row(frame, student).get_by_role("link", name=student).click()
    expect(frame.locator(f"#{SAY}")).to_be_visible()


def generate_feedback(frame: FrameLocator, page: Page, artifacts: Path) -> None:
    frame.get_by_role("link", name="Manual Grading").click()
    frame.get_by_role("link", name="Manage Students").click()
    expect(row(frame, "ada")).to_be_visible()
    page.screenshot(path=artifacts / "formgrader-students.png")
    frame.get_by_role("link", name="Manage Assignments").click()
    button = row(frame, TOPIC).locator(".generate-feedback a")
    press(frame, button, says=f"Successfully generated feedback of '{TOPIC}'")
