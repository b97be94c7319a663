"""The report as nbgrader, a person and a program read it."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from cells import graded, report, run_cells
from hypothesis import given
from hypothesis import strategies as st

from curriculum import checks


def fail(text="no"):
    return lambda: checks.that(False, text)


def stub():
    raise NotImplementedError()


class Page(HTMLParser):
    """Collects tags and text, and checks that tags are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.words = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words += data


def test_the_table_is_accessible():
    page = Page(report(lambda: None, fail(), stub)._repr_html_())
    names = [tag for tag, _ in page.tags]
    assert names.count("caption") == 1
    scopes = [attrs["scope"] for tag, attrs in page.tags if tag == "th"]
    assert scopes == ["col"] * 4 + ["row"] * 3
    for word in ("passed", "failed", "not attempted", "2 of 6 points"):
        assert word in page.words


@given(st.text(max_size=60))
def test_any_text_is_escaped_and_encodable(text):
    result = report(fail(text))
    page = Page(result._repr_html_())
    assert not {tag for tag, _ in page.tags} & {"script", "img", "a", "b", "i"}
    json.dumps(result._repr_mimebundle_(), ensure_ascii=False).encode("utf-8")
    result.text.encode("utf-8")


def test_markup_in_messages_is_shown_as_written():
    page = Page(report(fail("<script>alert(1)</script> & `x < y`"))._repr_html_())
    assert "<script>alert(1)</script> & x < y" in page.words
    assert ("code", {}) in page.tags


def test_the_mistake_is_in_bold():
    mistake = checks.Mistake("wrong sign", "Go `downhill`.")
    html = report(lambda: checks.equal(1, 2, mistakes=[mistake]))._repr_html_()
    assert "<strong>wrong sign</strong>: Go <code>downhill</code>." in html


def test_nothing_attempted_is_one_sentence():
    result = report(stub, stub)
    assert result.text.startswith("Not attempted yet: exercise")
    assert "\n" not in result.text
    assert "<table" not in result._repr_html_()
    assert not result.attempted
    assert graded(result, 4) == 0


def test_an_unwritten_part_is_named():
    def step():
        raise NotImplementedError()

    assert "`step` is not written yet" in report(step).text


def test_an_undefined_name_is_told_once():
    block = "with check('one', points=1):\n    train()\n"
    text = run_cells("check = checks.start('train')\n" + block + block).text
    assert text.count("`train` is not defined") == 1


def test_hidden_checks_are_mentioned_when_all_visible_pass(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    assert "Visible checks: 2 of 2 points. Hidden checks run" in report(lambda: None).text
    assert "Hidden checks" not in report(lambda: None, fail()).text
    assert "Visible checks: passed." in report(lambda: None, points=0).text
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert "Hidden checks" not in report(lambda: None).text


def test_the_machine_readable_verdict():
    mistake = checks.Mistake("wrong sign", "Go downhill.")
    result = report(lambda: None, lambda: checks.equal(1, 2, mistakes=[mistake]), stub)
    data = result._repr_mimebundle_()[checks.MIME]
    assert (data["exercise"], data["points"], data["max_points"]) == ("exercise", 2.0, 6.0)
    assert data["attempted"] is True
    assert [c["status"] for c in data["checks"]] == ["passed", "failed", "not_attempted"]
    assert [c["mistake"] for c in data["checks"]] == [None, "wrong sign", None]
    assert json.loads(json.dumps(data)) == data


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 500).map(lambda n: n / 40)), max_size=8))
def test_nbgrader_reads_what_was_earned(cells):
    check = checks.start("exercise")
    for good, points in cells:
        with check("name", points=points):
            checks.that(good, "no")
    result = check.report()
    maximum = sum(points for _, points in cells)
    earned = sum(points for good, points in cells if good)
    assert 0 <= result.points <= result.max_points
    assert graded(result, result.max_points) == pytest.approx(earned, abs=1e-6)
    assert result.max_points == pytest.approx(maximum, abs=1e-6)


def test_str_is_the_text_and_float_the_points():
    result = report(fail("two words"))
    assert str(result) == result.text
    assert "two words" in str(result)
    assert float(result) == 0.0
