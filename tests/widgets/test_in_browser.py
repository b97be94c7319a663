"""The pictures in JupyterLab in Chromium: answer, move, drag, tab, save, and open without them."""

from __future__ import annotations

import time
from pathlib import Path

import nbformat
import pytest
from lab_page import browser_page, lab, open_notebook, run_all, write_notebook
from live_page import answer, canvas, cell, changed, knob, live, settled
from nbconvert import HTMLExporter
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CELLS = [
    "from curriculum.widgets import gradient_descent as gd\ngd.explore()",
    "gd.one_dimension()",
    "gd.compare(step=lambda w, gradient, learning_rate: w + learning_rate * gradient)",
    # Draws for a while in the main thread, as learners' cells do, while the pictures come up.
    "import matplotlib.pyplot as plt\nfrom curriculum import widgets\n"
    "for _ in range(5):\n    fig, ax = plt.subplots()\n    ax.plot([1, 2])\n"
    "    widgets.show(fig, alt='a rising line')",
    "from collections import Counter\nfrom ipywidgets.widgets import widget\n"
    "sorted(Counter(type(w).__name__ for w in widget._instances.values()).items())",
]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    write_notebook(folder / "pictures.ipynb", CELLS)
    with lab(folder) as address:
        yield folder, address


def test_pictures_from_question_to_reopening(served, artifacts: Path):
    folder, address = served
    with browser_page(height=1500) as page:
        open_notebook(page, address, "pictures.ipynb")
        run_all(page)
        explore_it(page, artifacts)
        one_dimension(page, artifacts)
        beside_reference(page, artifacts)
        running_again_leaves_no_widgets(page)
        page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
        saved = wait_for_outputs(folder / "pictures.ipynb")
    still_there_without_a_kernel(folder, artifacts)
    still_there_as_html(saved, artifacts)


def explore_it(page: Page, artifacts: Path) -> None:
    first = settled(page, 0)
    locked = live(page, 0).locator(".cw-locked")
    expect(locked).to_be_visible()
    expect(live(page, 0).get_by_text("unlock the controls")).to_be_visible()
    stills = cell(page, 0).locator("[class^=cw-still] img")
    expect(stills).to_have_count(1)
    expect(stills).not_to_be_visible()
    live(page, 0).screenshot(path=artifacts / "widget-explore-locked.png")

    answer(page, 0, "It gets down the wall")
    expect(live(page, 0).get_by_text("It held.")).to_be_visible()
    expect(locked).to_have_count(0)
    stretched = changed(page, 0, first)
    live(page, 0).get_by_role("button", name="Reset").click()
    changed(page, 0, stretched)
    assert settled(page, 0) == first, "back to the first picture, to the pixel"

    # By keyboard.
    knob(page, 0, "Learning rate").focus()
    page.keyboard.press("PageUp")
    moved = changed(page, 0, first)
    expect(live(page, 0).locator(".cw-caption")).not_to_contain_text("η = 0.1 is below")

    # By dragging the starting point: (-2.4, 1.2) in a view of (-3.3, 3.3) by (-2.85, 2.85).
    box = canvas(page, 0).bounding_box()
    assert box is not None

    def place(w1: float, w2: float) -> tuple[float, float]:
        x = 0.062 + 0.4359 * (w1 + 3.3) / 6.6
        y = 1 - (0.125 + 0.7751 * (w2 + 2.85) / 5.7)
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    page.mouse.move(*place(-2.4, 1.2))
    page.mouse.down()
    for part in range(1, 11):
        page.mouse.move(*place(-2.4 + 0.4 * part, 1.2 - 0.3 * part))
        time.sleep(0.04)
    page.mouse.up()
    changed(page, 0, moved)
    readout = live(page, 0).locator(".widget-inline-hbox", has_text="Start w₁")
    expect(readout.locator(".widget-readout")).to_contain_text("1.6")
    settled(page, 0)
    live(page, 0).screenshot(path=artifacts / "widget-explore-moved.png")

    # The Tab key goes on past the picture: from the last toggle to the first slider.
    live(page, 0).get_by_role("button", name="Adam").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className").startswith("noUi-handle")

    # Far above 2/L.
    row = live(page, 0).locator(".widget-inline-hbox", has_text="Learning rate")
    readout = row.locator(".widget-readout")
    readout.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("1.6")
    page.keyboard.press("Enter")
    expect(live(page, 0).locator(".cw-caption")).to_contain_text("is above 2/L")
    expect(live(page, 0).locator(".cw-caption")).to_contain_text("diverged at step")
    settled(page, 0)
    live(page, 0).screenshot(path=artifacts / "widget-explore-diverged.png")


def one_dimension(page: Page, artifacts: Path) -> None:
    before = settled(page, 1)
    answer(page, 1, "To one side")
    expect(live(page, 1).get_by_text("It did not hold.")).to_be_visible()
    expect(live(page, 1).locator(".cw-caption")).to_contain_text("diverges")
    changed(page, 1, before)
    settled(page, 1)
    live(page, 1).screenshot(path=artifacts / "widget-one-dimension.png")


def beside_reference(page: Page, artifacts: Path) -> None:
    settled(page, 2)
    expect(live(page, 2).locator(".cw-caption")).to_contain_text("differs from step 1 on")
    live(page, 2).screenshot(path=artifacts / "widget-compare.png")


def running_again_leaves_no_widgets(page: Page) -> None:
    """Run the notebook again; the kernel holds as many widgets as after the first time."""
    first = cell(page, 4).locator(".jp-OutputArea-output pre").inner_text()
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
    expect(cell(page, 4).locator(".jp-InputPrompt")).to_have_text("[10]:", timeout=60_000)
    assert cell(page, 4).locator(".jp-OutputArea-output pre").inner_text() == first
    settled(page, 2)


def wait_for_outputs(path: Path) -> nbformat.NotebookNode:
    for _ in range(100):
        notebook = nbformat.read(path, 4)
        if notebook.cells[0].outputs:
            return notebook
        time.sleep(0.1)
    raise AssertionError("the notebook was not saved")


def still_there_without_a_kernel(folder: Path, artifacts: Path) -> None:
    """Open what was saved in a JupyterLab that has never seen its widgets."""
    with lab(folder) as address, browser_page(height=1500) as page:
        open_notebook(page, address, "pictures.ipynb")
        for number in range(3):
            image = cell(page, number).locator("img")
            expect(image).to_have_count(1)
            expect(image).to_be_visible()
            assert len(image.get_attribute("alt") or "") > 100
            assert image.evaluate("image => image.naturalWidth") > 800
            broken = cell(page, number).get_by_text("Error displaying widget")
            for message in broken.all():
                expect(message).not_to_be_visible()
        expect(cell(page, 0).get_by_text("Predict first.")).to_be_visible()
        page.screenshot(path=artifacts / "widget-without-kernel.png")


def still_there_as_html(notebook: nbformat.NotebookNode, artifacts: Path) -> None:
    """Convert what was saved to HTML and open it with the network off."""
    exporter = HTMLExporter(
        require_js_url="", mathjax_url="", jquery_url="", widget_renderer_url=""
    )
    body, _ = exporter.from_notebook_node(notebook)
    assert "vnd.jupyter.widget-view" not in body
    page_file = artifacts / "widgets-as-html.html"
    page_file.write_text(body)
    with browser_page(height=1500) as page:
        page.context.set_offline(True)
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(page_file.as_uri())
        images = page.locator("img[alt]")
        expect(images).to_have_count(3 + 5)
        for image in images.all():
            expect(image).to_be_visible()
            assert image.evaluate("image => image.complete && image.naturalWidth > 0")
        page.screenshot(path=artifacts / "widget-as-html.png")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
