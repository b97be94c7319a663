"""Every topic's pictures in JupyterLab in Chromium: answer, move by keyboard, go back.

`gradient_descent`, whose pictures share all their parts with these, has a test of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lab_page import browser_page, lab, open_notebook, run_all, write_notebook
from live_page import cell, changed, knob, live, returned, settled
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@dataclass(frozen=True)
class Shown:
    """A picture, and how it is moved.

    Parameters
    ----------
    name : str
        The function of the topic's module that makes it.
    control : str
        The label of the control that is moved.
    keys : tuple of str
        The keys that move it.
    kind : str
        ``"slider"``, ``"toggle"`` or ``"checkbox"``.
    asks : bool
        Whether a question comes first.
    answer_moves : bool
        Whether the answer changes the picture.
    """

    name: str
    control: str
    keys: tuple[str, ...] = ("ArrowRight",)
    kind: str = "slider"
    asks: bool = True
    answer_moves: bool = True

    def handle(self, page: Page, number: int) -> Locator:
        """Return what is focused before the keys are pressed."""
        if self.kind == "toggle":
            return live(page, number).get_by_role("button", name=self.control)
        if self.kind == "checkbox":
            return live(page, number).get_by_label(self.control)
        return knob(page, number, self.control)


PICTURES = {
    "regularization": [
        Shown("balls", "L1 share ρ", ("ArrowLeft",)),
        Shown("path", "Strength λ", ("ArrowRight",) * 3, asks=False),
        Shown("bias_variance", "Strength λ", ("PageDown",)),
        Shown("polynomial", "Strength λ", ("PageUp",)),
    ],
    "sentiment": [
        Shown("steps", "Lower the case", ("Space",), kind="toggle"),
        Shown("weights", "scale the review to length 1", ("Space",), kind="checkbox"),
        Shown("words", "C"),
        Shown("threshold", "Threshold", ("PageUp",)),
        Shown("errors", "Number (surest first)"),
    ],
    "recommenders": [
        Shown("factors", "Steps", ("ArrowLeft",) * 3),
        Shown("neighbours", "Shrinkage β", ("PageUp",)),
        Shown("long_tail", "Penalty α"),
        Shown("two_rankings", "Length of the list k"),
        Shown("cold_start", "Ratings arrived", ("ArrowRight",) * 3),
    ],
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, str]]:
    """Yield one page, and the address of one JupyterLab with a notebook for each topic."""
    folder = tmp_path_factory.mktemp("topics")
    for topic, pictures in PICTURES.items():
        cells = [f"from curriculum.widgets import {topic}\n{topic}.{p.name}()" for p in pictures]
        write_notebook(folder / f"{topic}.ipynb", cells)
    with lab(folder) as address, browser_page(height=1500) as page:
        yield page, address


@pytest.mark.parametrize("topic", PICTURES)
def test_every_picture_answers_moves_and_goes_back(
    desk: tuple[Page, str], topic: str, artifacts: Path
) -> None:
    page, address = desk
    open_notebook(page, address, f"{topic}.ipynb")
    run_all(page)
    faults = []
    for number, shown in enumerate(PICTURES[topic]):
        start = artifacts / f"widget-{topic}-{shown.name}"
        try:
            use(page, number, shown, start)
        except (AssertionError, PlaywrightError) as fault:  # the other pictures are looked at too
            faults.append(f"{topic}.{shown.name}(): {fault}")
            cell(page, number).screenshot(path=f"{start}-failed.png")
    # Kernels hold whole data sets; a topic's is not needed any more.
    page.evaluate("() => jupyterapp.serviceManager.sessions.shutdownAll()")
    assert not faults, "\n\n".join(faults)


def use(page: Page, number: int, shown: Shown, start: Path) -> None:
    """Answer a picture's question, move a control, reset; take a screenshot before and after."""
    error = cell(page, number).locator('[data-mime-type="application/vnd.jupyter.error"]')
    said = error.all_text_contents()
    assert not said, f"the cell ended in an error: {said}"
    before = first = settled(page, number)
    live(page, number).screenshot(path=f"{start}-first.png")
    if shown.asks:
        before = answer_first_option(page, number, shown, first)
    move(page, number, shown, before)
    live(page, number).screenshot(path=f"{start}-moved.png")
    live(page, number).get_by_role("button", name="Reset").click()
    returned(page, number, first, "Reset")


def answer_first_option(page: Page, number: int, shown: Shown, first: str) -> str:
    """Answer the question; the controls unlock. Return the picture."""
    locked = live(page, number).locator(".cw-locked")
    expect(locked, "the controls are locked before the answer").to_be_visible()
    live(page, number).get_by_role("radio").first.check()
    live(page, number).get_by_role("button", name="Answer").click()
    verdict = live(page, number).locator(".cw-held, .cw-not-held")
    expect(verdict, "the answer is judged").to_have_text(re.compile("It (held|did not hold)"))
    expect(locked, "the answer unlocks the controls").to_have_count(0)
    if shown.answer_moves:
        changed(page, number, first, "the answer")
    now = settled(page, number)
    if not shown.answer_moves and now != first:  # no `assert`: it would print the pixels
        raise AssertionError("the answer alone should leave this picture as it was")
    return now


def move(page: Page, number: int, shown: Shown, before: str) -> None:
    """Move the control by keyboard; the picture and its description change."""
    # What a screen reader says of the picture; and what stands under it.
    words = live(page, number).locator(".cw-unseen")
    said = words.text_content()
    handle = shown.handle(page, number)
    expect(handle, f"there is one control {shown.control!r}").to_have_count(1)
    handle.focus()
    for key in shown.keys:
        page.keyboard.press(key)
    changed(page, number, before, f"{' '.join(shown.keys)} on {shown.control!r}")
    expect(words, "the description follows the picture").not_to_have_text(said or "")
    settled(page, number)
