"""A student and an instructor, side by side in Chromium, through a whole assignment."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hub_class import HubClass, open_class
from lab import open_formgrader, open_page, row, wait_for_lab
from playwright.sync_api import Browser, FrameLocator, Page, expect

from curriculum.hub.sign_in import first_passwords

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.sandbox]

TOPIC, TITLE = "regularization", "Regularization"
ANSWER = "The L1 ball has corners **on the axes**, and contours touch it there first."
COMMENT = "Say it with the sub-gradient, too."
SLOW = 240_000

WRITE = f"""
import nbformat
path = "{TOPIC}/4_say.ipynb"
notebook = nbformat.read(path, 4)
for cell in notebook.cells:
    if cell.metadata.get("nbgrader", {{}}).get("grade_id") == "l1_l2":
        cell.source = {ANSWER!r}
nbformat.write(notebook, path)
"""
CHECK = f"""
import subprocess
done = subprocess.run(["curriculum", "check", "{TOPIC}", "--notebook", "1_see", "--work", "."],
                      capture_output=True, text=True)
print(done.returncode, done.stdout, done.stderr)
"""


@pytest.fixture(scope="module")
def own_class(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubClass]:
    """Give a class in which nothing has happened yet."""
    with open_class(tmp_path_factory.mktemp("browser") / "class") as opened:
        yield opened


@contextmanager
def browser_of(own_class: HubClass, name: str, browser: Browser | None = None) -> Iterator[Page]:
    """Sign somebody in, in a browser that knows nothing of anybody else."""
    with open_page(browser=browser) as page:
        page.goto(f"{own_class.url}/hub/login")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(first_passwords(own_class.of)[name])
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".class-page h1")).to_be_visible(timeout=SLOW)
        yield page


def press(
    page: Page, button: str, *, says: str | re.Pattern[str], topic: str | None = TITLE
) -> None:
    """Press a button of a topic on one's page, and read what came of it."""
    here = page.locator(".class-page")
    if topic:
        heading = page.get_by_role("heading", name=re.compile(f"^{topic}"))
        here = here.locator(".widget-vbox, .jupyter-widgets.widget-box").filter(has=heading).last
    # An icon before the words is part of a button's name.
    here.get_by_role("button", name=re.compile(rf"(^|\W){button}\s*$")).click()
    expect(page.locator(".class-page [role=status]")).to_contain_text(says, timeout=SLOW)


def back_to(page: Page, notebook: str) -> None:
    page.get_by_role("tab", name=notebook).click()


def set_due_date(frame: FrameLocator) -> None:
    row(frame, TOPIC).locator(".edit a").click()
    frame.locator("input.modal-duedate").fill("2031-05-06T18:30")
    frame.locator("input.modal-timezone").fill("UTC")
    frame.locator(".modal button.save").click()
    expect(row(frame, TOPIC)).to_contain_text("2031-05-06")


def grade_by_hand(frame: FrameLocator, page: Page, artifacts: Path) -> None:
    frame.get_by_role("link", name="Manual Grading").click()
    row(frame, TOPIC).get_by_role("link", name=TOPIC).click()
    row(frame, "4_say").get_by_role("link", name="4_say").click()
    expect(row(frame, "Submission #")).to_have_count(1)
    row(frame, "Submission #").get_by_role("link", name="Submission #").click()
    score, comment = frame.locator("#l1_l2"), frame.locator("#l1_l2-comment")
    expect(score).to_be_visible()
    # Rubric, answer and notes are in view.
    for words in ("corners on the axes", "Notes for the grader"):
        expect(frame.get_by_text(words).first).to_be_visible()
    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        score.fill("5")
        score.press("Tab")
    with page.expect_response(lambda r: "/api/comment/" in r.url and r.request.method == "PUT"):
        comment.fill(COMMENT)
        comment.blur()
    page.screenshot(path=artifacts / "class-by-hand.png")


def test_a_whole_assignment(own_class: HubClass, artifacts: Path) -> None:
    def keep(page: Page, name: str) -> None:
        page.screenshot(path=artifacts / f"class-{name}.png")

    with browser_of(own_class, "teacher") as teacher:
        keep(teacher, "teach")
        set_due_date(open_formgrader(teacher, TOPIC))
        keep(teacher, "formgrader")
        back_to(teacher, "teach_here")
        press(teacher, "Release", says=f"release_assignment {TOPIC}: done")

        with browser_of(own_class, "grace", teacher.context.browser) as student:
            expect(student.get_by_text("Due Tue 06 May 2031")).to_be_visible()
            press(student, "Fetch", says="Fetched")
            keep(student, "fetched")
            student.locator(".class-page").get_by_role("link", name="1_see").click()
            wait_for_lab(student)
            expect(student.get_by_role("heading", name=re.compile("1 · See"))).to_be_visible()

            program = own_class.sign_in("grace")
            program.start_server()
            assert program.run(WRITE) == ""
            assert program.run(CHECK, seconds=200).startswith("0 ")

            back_to(student, "start_here")
            press(student, "Submit", says="receipt no. 1")
            press(student, "Submit", says="receipt no. 2")
            keep(student, "submitted")

            press(teacher, "Collect", says=f"collect {TOPIC} --update: done")
            press(teacher, "Grade", says="curriculum grade regularization: done")
            expect(teacher.get_by_text("1 wait for you")).to_be_visible()
            teacher.get_by_role("tab", name="Formgrader").click()
            grade_by_hand(teacher.frame_locator("iframe:visible"), teacher, artifacts)
            back_to(teacher, "teach_here")
            press(teacher, "Class view", says=f"class view {TOPIC}: done")
            press(teacher, "Make feedback", says=f"generate_feedback {TOPIC}: done")
            press(teacher, "Return feedback", says=f"release_feedback {TOPIC}: done")
            press(teacher, "Export grades", says="grades.csv: done", topic=None)
            keep(teacher, "returned")

            student.locator(".class-page").get_by_role("button", name="Look again").click()
            press(student, "Fetch feedback", says="Fetched 4 pages")
            student.locator(".class-page").get_by_role("link", name="4_say").last.click()
            feedback = student.frame_locator("iframe:visible")
            expect(feedback.get_by_text(COMMENT)).to_be_visible(timeout=SLOW)
            keep(student, "feedback")
            assert student.refused == []
        assert teacher.refused == []

    course = own_class.of.course("ml_interviews") / "course"
    grades = list(csv.DictReader((course / "grades.csv").open()))
    mine = next(g for g in grades if g["assignment"] == TOPIC and g["student_id"] == "grace")
    assert float(mine["score"]) >= 5
    assert (course / "class_view" / f"{TOPIC}.html").exists()
    receipts = own_class.of.home("grace") / "receipts"
    assert len(list(receipts.glob("*.json"))) == 2
