"""Colours, still pictures, and what a picture hands to a front end."""

from __future__ import annotations

import html
import re

import ipywidgets
import matplotlib.pyplot as plt
import pytest
from ipywidgets.widgets.widget import _instances
from matplotlib.figure import Figure

from curriculum import widgets
from curriculum.widgets import display
from curriculum.widgets import gradient_descent as gd


class Small(display.Picture):
    """A picture of one label."""

    def _build(self):
        return ipywidgets.VBox([ipywidgets.Label("alive")])

    def _still(self):
        return '<img alt="still" src="data:,">'

    def _text(self):
        return "in words"


def figure():
    fig = Figure(figsize=(2, 1))
    fig.subplots().plot([1, 2])
    return fig


@pytest.fixture
def page(monkeypatch):
    """Pretend that a page is there, and collect what is put on it."""
    outputs = []
    monkeypatch.setattr(display, "still_only", lambda: False)
    monkeypatch.setattr(display, "put", outputs.append)
    return outputs


def test_colours_by_position_name_and_attribute():
    colours = widgets.COLORS
    assert colours[0] == colours["blue"] == colours.blue == "#0072B2"
    assert len(set(colours)) == len(colours) == len(colours.names) == 8
    with pytest.raises(KeyError, match="vermillion"):
        colours["pink"]
    with pytest.raises(AttributeError):
        _ = colours.pink


def test_figure_html_carries_its_bytes_and_its_words():
    text = display.figure_html(figure(), 'rises from "1" to <2>')
    assert html.unescape(re.search('alt="([^"]*)"', text)[1]) == 'rises from "1" to <2>'
    assert 'src="data:image/png;base64,' in text
    assert "http" not in text


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_figure_without_words_is_refused(alt):
    fig, _ = plt.subplots()
    with pytest.raises(ValueError, match="alternative text"):
        widgets.show(fig, alt)
    assert not plt.fignum_exists(fig.number)


def test_show_closes_the_figure_and_says_it_in_a_terminal(capsys):
    fig, _ = plt.subplots()
    widgets.show(fig, "an empty frame")
    assert not plt.fignum_exists(fig.number)
    assert capsys.readouterr().out == "Figure: an empty frame\n"


def test_under_nbgrader_only_the_still_and_no_widget(monkeypatch):
    monkeypatch.setattr("IPython.get_ipython", lambda: type("Shell", (), {"kernel": object()})())
    assert not display.still_only()
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    before = len(_instances)
    for picture in (Small(), gd.explore(), gd.one_dimension(), gd.compare()):
        bundle = picture._repr_mimebundle_()
        assert set(bundle) == {"text/html", "text/plain"}
        assert re.search(r'<img alt="[^"]{4,}"', bundle["text/html"])
        assert bundle["text/plain"]
    assert len(_instances) == before


def test_without_a_kernel_only_the_still():
    assert display.still_only()
    assert display.WIDGET_VIEW not in Small()._repr_mimebundle_()


def test_live_and_still_go_to_the_page_as_two_outputs(page):
    picture = Small()
    bundle = picture._repr_mimebundle_()
    assert bundle[display.WIDGET_VIEW]["model_id"] == picture.widget.model_id
    assert bundle["text/html"].startswith("<img")

    picture._ipython_display_()
    live, still = page
    assert set(live) == {display.WIDGET_VIEW, "text/html", "text/plain"}
    assert live["text/html"] == ""  # or a converter would show the picture twice
    assert display.WIDGET_VIEW not in still
    assert '<img alt="still"' in still["text/html"]
    assert picture._mark in still["text/html"]
    assert f"cw-live-{picture._mark}" in picture.widget._dom_classes


@pytest.mark.parametrize("make", [gd.explore, gd.one_dimension, gd.compare, Small])
def test_close_leaves_nothing_behind(make):
    before = set(_instances)
    picture = make()
    _ = picture.widget
    assert len(_instances) > len(before)
    picture.close()
    assert set(_instances) == before
    picture.close()


def test_running_a_cell_again_closes_what_it_showed_before(page, monkeypatch):
    parent = {"metadata": {"cellId": "a"}, "header": {"msg_id": "1"}}
    kernel = type("Kernel", (), {"get_parent": lambda self: parent})()
    monkeypatch.setattr("IPython.get_ipython", lambda: type("Shell", (), {"kernel": kernel})())
    first, second = Small(), Small()
    first._ipython_display_()
    second._ipython_display_()
    assert first._live is not None, "two pictures in one run stay"

    parent["header"] = {"msg_id": "2"}
    again = Small()
    again._ipython_display_()
    assert first._live is None and second._live is None and again._live is not None

    parent["metadata"] = {"cellId": "b"}
    Small()._ipython_display_()
    assert again._live is not None, "another cell is none of its business"
