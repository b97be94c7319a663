"""A new learner in a real browser: home, a prediction, a widget, a solution, a check, feedback."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import course
import nbformat
import pytest
from lab import Lab, open_page, start_lab
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

WRONG = """\
def step(w, gradient, learning_rate):
    return w + learning_rate * gradient
"""
RIGHT = """\
def step(w, gradient, learning_rate):
    return np.asarray(w) - learning_rate * np.asarray(gradient)
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Serve a fresh copy of the project as `make lab` does."""
    folder = course.copy_project(tmp_path_factory.mktemp("learner") / "curriculum")
    with start_lab(folder) as running:
        yield running


def front(page: Page) -> Locator:
    """Give the notebook in front."""
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")


def open_from_home(page: Page, label: str) -> Locator:
    """Click a link of the first topic; give the lesson once its check button is there."""
    page.get_by_role("tab", name="start_here.ipynb").click()
    topic = front(page).get_by_role("region", name="Gradient descent")
    topic.get_by_role("link", name=label, exact=True).click()
    expect(front(page).get_by_role("button", name="Check my work")).to_be_visible(timeout=120_000)
    return front(page)


def run_all(page: Page) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    panel = front(page)
    expect(panel.locator(".jp-InputPrompt", has_text="*").first).to_be_visible()
    expect(panel.locator(".jp-InputPrompt", has_text="*")).to_have_count(0, timeout=180_000)


def write(page: Page, lesson: Locator, definition: str, text: str) -> None:
    """Replace the text of the code cell that holds a definition, as typing would."""
    cell = lesson.locator(".jp-CodeCell", has=page.locator(".cm-line", has_text=definition)).first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def check(page: Page, lesson: Locator) -> Locator:
    """Press the button and wait for the feedback of this press."""
    panel = lesson.locator(".curriculum-check-panel")
    button = panel.get_by_role("button", name="Check my work")
    button.click()
    expect(button).to_be_disabled()
    expect(button).to_be_enabled(timeout=240_000)
    expect(panel.locator(".curriculum-feedback")).to_be_visible()
    return panel


def test_from_home_to_feedback(lab: Lab, artifacts: Path) -> None:
    with open_page(lab, failed=artifacts / "learner-failed.png") as page:
        page.goto(lab.url("/lab/tree/work/start_here.ipynb"))
        home = page.locator(".curriculum-home")
        expect(home).to_be_visible(timeout=120_000)
        expect(home).to_contain_text("Gradient descent")
        expect(page.locator(".jp-CodeCell .cm-content").first).not_to_be_visible()
        page.screenshot(path=artifacts / "learner-1-home.png")

        see(page, artifacts)
        build(page, artifacts, lab.course)

        page.get_by_role("tab", name="start_here.ipynb").click()
        expect(front(page).locator(".curriculum-home")).to_contain_text(
            "checked today", timeout=20_000
        )
        page.screenshot(path=artifacts / "learner-8-home-after.png")
    kinds = {event["kind"] for event in events(lab.course)}
    assert {"opened", "prediction", "graded"} <= kinds


def see(page: Page, artifacts: Path) -> None:
    """Predict, then touch the picture: it is locked before, and moves afterwards."""
    lesson = open_from_home(page, "1 · See")
    page.screenshot(path=artifacts / "learner-2-see.png")
    run_all(page)
    card = lesson.locator(".cw:has(.cw-locked):has(canvas)").first
    card.scroll_into_view_if_needed()
    picture = card.locator("canvas").first
    page.screenshot(path=artifacts / "learner-3-predict.png")
    card.locator("input[type=radio]").first.check()
    card.get_by_role("button", name="Answer").click()
    held = lesson.locator(".cw-held, .cw-not-held").first
    expect(held).to_be_visible()
    whole = held.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' cw ')][last()]")
    picture = whole.locator("canvas").first
    picture.scroll_into_view_if_needed()
    before = picture.screenshot()
    slider = whole.locator(".noUi-handle, [role=slider]").first
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    page.wait_for_timeout(1500)
    assert picture.screenshot() != before, "the picture did not move with the slider"
    page.screenshot(path=artifacts / "learner-4-explore.png")


def build(page: Page, artifacts: Path, folder: Path) -> None:
    """Make a mistake, be told its name, mend it, and see the points rise."""
    lesson = open_from_home(page, "2 · Build")
    write(page, lesson, "def step(", WRONG)
    told = check(page, lesson).locator(".curriculum-feedback")
    expect(told).to_contain_text("uphill")
    told.scroll_into_view_if_needed()
    page.screenshot(path=artifacts / "learner-5-mistake.png")
    few = points(told)

    write(page, lesson, "def step(", RIGHT)
    told = check(page, lesson).locator(".curriculum-feedback")
    assert points(told) > few
    told.scroll_into_view_if_needed()
    page.screenshot(path=artifacts / "learner-6-mended.png")

    lesson.get_by_role("button", name="Open the full feedback").click()
    tab = page.get_by_role("tab", name="2_build.html")
    expect(tab).to_be_visible()
    frame = page.frame_locator(".jp-HTMLViewer iframe")
    expect(frame.locator("body")).to_contain_text("Score")
    page.wait_for_timeout(1000)
    page.screenshot(path=artifacts / "learner-7-feedback-page.png")
    tab.locator(".lm-TabBar-tabCloseIcon").click()

    attempts = sorted((folder / "work" / "attempts" / "gradient_descent").iterdir())
    assert len(attempts) == 2, "each check keeps its own attempt"
    saved = nbformat.read(folder / "work" / "gradient_descent" / "2_build.ipynb", 4)
    assert any(cell.source.strip() == RIGHT.strip() for cell in saved.cells)


def points(told: Locator) -> float:
    found = re.search(r"([\d.]+) of [\d.]+ points", told.inner_text())
    assert found
    return float(found[1])


def events(folder: Path) -> list[dict]:
    database = sqlite3.connect(folder / "work" / ".curriculum" / "events.sqlite")
    rows = database.execute("SELECT kind, data FROM events").fetchall()
    database.close()
    return [{"kind": kind, **json.loads(data)} for kind, data in rows]
