"""A cell's live picture in JupyterLab: find it, wait for it, answer its question, move its knobs.

Every cell is named by its number among the code cells of the open notebook. Nothing here asserts
how long anything takes; waiting ends with a message that says what was waited for.
"""

from __future__ import annotations

import re
import time

from playwright.sync_api import Locator, Page, expect

#: A canvas in the page is 300 pixels wide before its first frame; no picture is so narrow.
DRAWN = re.compile(r"^([4-9]\d\d|\d{4,})$")

#: Seconds until a picture that does not change, or does not come to rest, is given up.
PATIENCE = 60


def cell(page: Page, number: int) -> Locator:
    return page.locator(".jp-CodeCell").nth(number)


def live(page: Page, number: int) -> Locator:
    """Return the live part of a cell's output."""
    return cell(page, number).locator(".jp-OutputArea-child").first


def canvas(page: Page, number: int) -> Locator:
    """Return a cell's picture, once a frame has been painted and its stand-in has gone.

    Raises
    ------
    AssertionError
        When no frame comes.
    """
    found = live(page, number).locator(".jupyter-matplotlib canvas").first
    patience = 1000 * PATIENCE
    expect(found, "the picture has its size").to_have_attribute("width", DRAWN, timeout=patience)
    stand_in = live(page, number).locator("img")
    expect(stand_in, "the live picture took the still one's place").to_have_count(
        0, timeout=patience
    )
    painted = "canvas => canvas.getContext('2d').getImageData(0, 0, 1, 1).data[3] > 0"
    until = time.monotonic() + PATIENCE
    while not found.evaluate(painted):
        if time.monotonic() > until:
            raise AssertionError("no frame of the picture was painted")
        time.sleep(0.05)
    return found


def picture(page: Page, number: int) -> str:
    """Return the pixels of a cell's picture, as a URL that holds them."""
    return canvas(page, number).evaluate("canvas => canvas.toDataURL()")


def changed(page: Page, number: int, before: str, after: str = "what was done") -> str:
    """Wait until the picture is another one, and return it.

    Raises
    ------
    AssertionError
        When it stays the same; the message names what should have changed it (`after`).
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if (now := picture(page, number)) != before:
            return now
        time.sleep(0.05)
    raise AssertionError(f"the picture did not change after {after}")


def returned(page: Page, number: int, to: str, after: str) -> None:
    """Wait until the picture is `to` again, to the pixel.

    Raises
    ------
    AssertionError
        When it comes to rest as another one, or never comes to rest.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if picture(page, number) == to:
            return
        time.sleep(0.05)
    raise AssertionError(f"after {after} the picture is not the first one again, to the pixel")


def settled(page: Page, number: int) -> str:
    """Wait until the picture stays the same, and return it.

    Raises
    ------
    AssertionError
        When it goes on changing.
    """
    until = time.monotonic() + PATIENCE
    now = picture(page, number)
    while time.monotonic() < until:
        time.sleep(0.7)
        before, now = now, picture(page, number)
        if now == before:
            return now
    raise AssertionError("the picture goes on changing, though nobody touches it")


def knob(page: Page, number: int, label: str) -> Locator:
    """Return the knob of the slider whose label begins with these words."""
    words = page.locator(".widget-label", has_text=re.compile(rf"^\s*{re.escape(label)}(\s|$)"))
    row = live(page, number).locator(".widget-inline-hbox", has=words)
    return row.locator(".noUi-handle")


def answer(page: Page, number: int, option: str) -> None:
    """Choose an answer to the question before the picture, and give it."""
    live(page, number).get_by_role("radio", name=option).check()
    live(page, number).get_by_role("button", name="Answer").click()
