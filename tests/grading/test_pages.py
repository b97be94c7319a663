"""What students wrote, on the pages that nbgrader makes of it: it shows, and never runs."""

from __future__ import annotations

import re
from pathlib import Path

import hostile
import numpy as np
import page_maker
import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag
from hostile import notebook, showing
from nbformat import NotebookNode, v4
from page_maker import PAGES, dangers, make, read
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from curriculum import checks
from curriculum.grading.feedback import pages

SNIPPETS = hostile.snippets()


@pytest.fixture(scope="module")
def feedback() -> BeautifulSoup:
    """Give the page of a notebook that tries it all."""
    return read(make("feedback", hostile.all_in_one()))


def content(page: BeautifulSoup) -> Tag:
    """Give the part of a page that the notebook makes."""
    found = page.select("#notebook-container")[-1]
    assert isinstance(found, Tag)
    return found


def shown(*cells: NotebookNode, page: str = "feedback", folder: str = "") -> Tag:
    return content(read(make(page, notebook(*cells), folder)))


def test_there_are_enough_snippets() -> None:
    assert len(hostile.HTML) + len(hostile.MARKDOWN) + len(hostile.structures()) > 120


@pytest.mark.parametrize("name", SNIPPETS)
def test_nothing_of_a_hostile_notebook_is_left_in_the_feedback(name: str) -> None:
    page = read(make("feedback", SNIPPETS[name]))
    assert dangers(content(page)) == []
    assert page.find_all(["script", "iframe", "object", "link", "base"]) == []
    assert len(page.find_all("meta")) == 2, "the policy and the charset"
    assert page.title is not None
    assert page.title.string == "work"
    assert len(page.find_all("body")) == 2, "nbgrader's, and nbconvert's in it"


def test_nothing_of_hostile_notebooks_is_left_in_the_formgrader() -> None:
    page = read(make("formgrade", hostile.all_in_one()))
    assert dangers(content(page)) == []
    policy = str(page.select_one("meta[http-equiv]"))
    nonce = re.search(r"'nonce-([\w-]{20,})'", policy)
    assert nonce
    scripts = page.find_all("script")
    assert len(scripts) > 10
    assert {script.get("nonce") for script in scripts} == {nonce[1]}
    assert "unsafe" not in policy.split("style-src")[0]
    assert page.select("[onclick]") == []
    assert "<script>alert" not in str(page.title) + str(page.nav)


def test_each_page_has_a_nonce_of_its_own() -> None:
    found = {re.findall(r"'nonce-([^']+)'", make("formgrade", notebook()))[0] for _ in range(3)}
    assert len(found) == 3


def test_the_policy_is_the_first_thing_in_the_head() -> None:
    for page in PAGES:
        first = read(make(page, notebook())).head.find(True)  # type: ignore[union-attr]
        assert first.get("http-equiv") == "Content-Security-Policy"  # type: ignore[union-attr]


def test_the_policy_of_feedback_lets_nothing_load_or_run() -> None:
    stated = dict(part.strip().split(" ", 1) for part in pages.FEEDBACK_POLICY.split(";"))
    assert stated == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_feedback_names_no_address_that_would_be_loaded(feedback: BeautifulSoup) -> None:
    addresses = [str(tag.get("src")) for tag in feedback.select("[src]")]
    assert [a[:40] for a in addresses if not a.startswith("data:image/")] == []
    styles = "".join(style.get_text() for style in feedback.find_all("style"))
    assert [a for a in re.findall(r"url\(['\"]?([^)]*)", styles) if not a.startswith("data:")] == []
    assert "@import" not in styles


@pytest.mark.parametrize("page", PAGES)
def test_markdown_stays(page: str) -> None:
    text = (
        "# Title\n\n[link](https://example.org/a?b=c) **bold** `code` <kbd>K</kbd>\n\n"
        "| a | b |\n|---|--:|\n| 1 | 2 |\n\n```python\nfor x in y:\n    pass\n```\n\n- [x] done\n\n"
        "$\\frac{a}{b}$ and $$\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}$$\n\n"
        "<details><summary>more</summary>inside</details>\n\n"
        "<span style='color: green; position: fixed'>green</span> ![pasted](attachment:a.png)"
    )
    attached = {"a.png": {"image/png": hostile.png()}}
    found = shown(v4.new_markdown_cell(text, attachments=attached), page=page)
    assert found.h1 and found.h1.string == "Title"
    assert found.select_one("a[href]")["href"] == "https://example.org/a?b=c"  # type: ignore[index]
    assert [cell.string for cell in found.select("td")][:2] == ["1", "2"]
    assert found.select_one("div.highlight .k").string == "for"  # type: ignore[union-attr]
    assert found.select_one("input[type=checkbox]").has_attr("checked")  # type: ignore[union-attr]
    assert found.select_one("math mfrac mi").string == "a"  # type: ignore[union-attr]
    assert len(found.select("math[display=block] mtr")) == 2
    assert found.select_one("details summary").string == "more"  # type: ignore[union-attr]
    assert found.select_one("span[style]")["style"] == "color: green"  # type: ignore[index]
    assert found.img and found.img["alt"] == "pasted"
    assert str(found.img["src"]).endswith(hostile.png())


def test_code_keeps_its_colours() -> None:
    found = shown(v4.new_code_cell("import numpy as np  # why"))
    assert found.select_one(".highlight .kn").string == "import"  # type: ignore[union-attr]
    assert found.select_one(".highlight .c1").string == "# why"  # type: ignore[union-attr]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp"])
def test_pictures_stay(page: str, kind: str) -> None:
    data = hostile.png() if kind == "png" else hostile.picture(kind.upper())
    found = shown(showing(**{f"image_{kind}": data}, text_plain="a figure"), page=page)
    assert found.img and found.img["src"] == f"data:image/{kind};base64,{data}"


def test_an_svg_is_a_picture() -> None:
    found = shown(showing(image_svg__xml=hostile.SVG, text_plain="a drawing"))
    assert (
        found.img and found.img["src"] == f"data:image/svg+xml;base64,{hostile.coded(hostile.SVG)}"
    )
    assert found.img["alt"] == "a drawing"
    assert found.svg is None


def test_sizes_and_words_of_a_picture_stay() -> None:
    about = {"image/png": {"width": 320, "height": 200, "alt": "What it shows"}}
    data = {"image/png": hostile.png()}
    output = v4.new_output("display_data", data=data, metadata=about)
    found = shown(v4.new_code_cell("x", outputs=[output])).img
    assert found and (found["width"], found["height"]) == ("320", "200")
    assert found["alt"] == "What it shows"


def test_a_picture_beside_the_notebook_is_put_into_the_page(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "my plot.png").write_bytes(b"\x89PNG inside")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (tmp_path / "inside" / "way.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "inside" / "notes.txt").write_text("text")
    names = ["my%20plot.png", "../secret.png", "way.png", "notes.txt", str(tmp_path / "secret.png")]
    text = "\n\n".join(f"![{name}](<{name}>)" for name in names)
    found = shown(v4.new_markdown_cell(text), folder=str(tmp_path / "inside"))
    assert [img.get("src") for img in found.select("img")] == [
        f"data:image/png;base64,{hostile.coded(b'x89PNG inside'.replace(b'x89', bytes([0x89])))}",
        None,
        None,
        None,
        None,
    ]


def test_frames_of_pandas_stay() -> None:
    frame = pd.DataFrame({"a": [1.5, 2.0], "b": ["x", "<script>"]})
    found = shown(showing(text_html=frame.to_html(), text_plain=repr(frame)))
    assert [cell.get_text() for cell in found.select("td")] == ["1.5", "x", "2.0", "<script>"]


def test_a_styled_frame_keeps_its_colours_in_its_own_place() -> None:
    frame = pd.DataFrame({"a": [1.5, 2.0]})
    found = shown(showing(text_html=frame.style.map(lambda v: "color: red").to_html()))
    rule = found.style.get_text()  # type: ignore[union-attr]
    name = re.search(r"(\.scope-\w+) (#[\w-]+)[^{]*{color: red}", rule)
    assert name
    assert found.select_one(f"{name[1]} {name[2]}").get_text() == "1.500000"  # type: ignore[union-attr]


def test_a_diagram_of_scikit_learn_is_told_in_text() -> None:
    model = make_pipeline(LogisticRegression(C=2.0))
    found = shown(showing(text_html=model._repr_html_(), text_plain=repr(model)))
    assert found.select_one(".output_subarea pre").get_text() == repr(model)  # type: ignore[union-attr]


def test_what_only_a_script_would_draw_is_told_in_text() -> None:
    found = shown(showing(text_html="<div id='p'></div><script>draw()</script>", text_plain="Plot"))
    assert found.select_one(".output_subarea").get_text().strip() == "Plot"  # type: ignore[union-attr]


def test_a_report_of_checks_looks_as_in_the_notebook() -> None:
    check = checks.start("double")
    with check("three", points=2):
        checks.close(9, 6, given="x = 3")
    report = check.report()
    found = shown(showing(text_html=report._repr_html_(), text_plain=repr(report)))
    table = found.select_one("table.x-curriculum-checks")
    assert table and "expected 6" in table.get_text()
    assert ".x-failed .x-status {border-left-color:" in found.style.get_text()  # type: ignore[union-attr]


def test_formulae_of_outputs_are_drawn() -> None:
    found = shown(showing(text_latex="$\\displaystyle x^{2}$", text_plain="x**2"))
    assert found.select_one("math msup mn").string == "2"  # type: ignore[union-attr]


def test_colours_of_a_terminal_stay() -> None:
    output = v4.new_output("stream", text="\x1b[31mred\x1b[0m <b>")
    found = shown(v4.new_code_cell("x", outputs=[output]))
    assert found.select_one(".ansi-red-fg").string == "red"  # type: ignore[union-attr]
    assert found.select_one(".output_stdout").get_text().strip() == "red <b>"  # type: ignore[union-attr]


def test_a_student_can_name_nothing_that_the_page_uses() -> None:
    text = '<div id="explain" class="nbgrader_cell score"><input id="explain-comment">x</div>'
    found = shown(showing(text_html=text), v4.new_markdown_cell(text), page="formgrade")
    assert found.select(".nbgrader_cell, .score, #explain, #explain-comment, [name]") == []


def test_raw_cells_are_shown_as_they_are_written() -> None:
    found = shown(v4.new_raw_cell("<b>raw</b>", metadata={"raw_mimetype": "text/html"}))
    assert found.select_one("pre").get_text().strip() == "<b>raw</b>"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "\\begin{a}" * 20_000,
        "[" * 30_000,
        "> " * 5_000 + "x",
        "<b>" * 30_000,
        "`" * 30_000 + "x",
        "$" * 30_001,
        "x" * 10 + "\n\n" + "*a " * 15_000,
        "$" + "{" * 4_000 + "x" + "}" * 4_000 + "$",
        "a" * 200_000,
    ],
    ids=[
        "environments",
        "brackets",
        "quotes",
        "tags",
        "ticks",
        "dollars",
        "stars",
        "braces",
        "long",
    ],
)
@pytest.mark.timeout(60)
def test_a_text_that_parsers_are_slow_at_is_still_shown(text: str) -> None:
    found = shown(v4.new_markdown_cell(text), v4.new_markdown_cell("**after**"))
    assert found.find_all("strong")[-1].string == "after"


def test_deep_html_is_shown() -> None:
    found = shown(showing(text_html="<div>" * 5_000 + "inside"), v4.new_markdown_cell("**after**"))
    assert "inside" in found.get_text()
    assert found.find_all("strong")[-1].string == "after"


def test_arrays_of_numbers_in_html_are_left_alone() -> None:
    html = "<pre>" + str(np.arange(5)) + "</pre>"
    assert "[0 1 2 3 4]" in shown(showing(text_html=html)).get_text()
    assert page_maker.dangers(read('<div><p onclick="x">')) == ["p onclick=x"]
