"""The home page: readable without a kernel, true to the log, every link leads somewhere."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from urllib.parse import unquote

import nbformat
import pytest
from bs4 import BeautifulSoup
from course import ENTRY, TOPIC
from lessons import STUB, lesson
from ordinary_user import read_only

from curriculum import catalog, files
from curriculum.learner import work
from curriculum.learner.log import FILE, Event, Log

home = import_module("curriculum.learner.home")  # the package's `home` is the function


@pytest.fixture
def log(room):
    work.prepare(room.work, room.release)
    return Log(room.work / ".curriculum")


def page(room):
    return BeautifulSoup(home.page_html(room.work, room.release), "html.parser")


def rows(room):
    """Give the table of the one topic: notebook → (minutes, state, points)."""
    cells = [[c.get_text() for c in row.find_all("td")] for row in page(room).find_all("tr")[1:]]
    return {label.split(" ")[0]: tuple(rest) for label, *rest in cells}


def checked(log, points, *, days=0, notebook="2_build"):
    data = {"points": points, "max_points": 3, "attempt": "one"}
    time = datetime.now(UTC) - timedelta(days=days)
    log.append(Event("graded", TOPIC, notebook, "double", data=data, time=time))


def test_a_new_learner_sees_topics_minutes_and_nothing_started(room, log):
    text = page(room).get_text(" ")
    assert "A small topic" in text
    assert "Double a number." in text
    assert "About 0 h 20 min in all" in text
    assert rows(room) == {str(n): ("5 min", "○ not started", "") for n in (1, 2, 3, 4)}


def test_every_link_leads_to_a_file(room, log):
    copy = work.Copy(TOPIC, "2_build", room.work, room.release)
    written = nbformat.read(copy.mine, 4)
    written.cells[1].source = STUB + "  # mine"
    nbformat.write(written, copy.mine)
    room.publish(lesson("# Better"))
    work.prepare(room.work, room.release)
    links = [link["href"] for link in page(room).find_all("a")]
    assert len(links) == 6
    assert all((room.work / unquote(link)).is_file() for link in links)
    assert not any(" " in link for link in links)
    assert "A new version waits" in page(room).get_text()


def test_the_state_follows_the_log(room, log):
    log.append(Event("opened", TOPIC, "1_see"))
    checked(log, 1)
    checked(log, 3, notebook="3_use")
    assert rows(room) == {
        "1": ("5 min", "◔ started", ""),
        "2": ("5 min", "◑ in progress, checked today", "1 of 3"),
        "3": ("5 min", "● done, checked today", "3 of 3"),
        "4": ("5 min", "○ not started", ""),
    }


@pytest.mark.parametrize(
    ("days", "words"), [(0, "today"), (1, "yesterday"), (9, "9 days ago"), (-1, "today")]
)
def test_days_are_counted_and_a_clock_set_back_does_no_harm(room, log, days, words):
    checked(log, 1, days=days)
    assert rows(room)["2"][1] == f"◑ in progress, checked {words}"


def test_titles_are_text_and_not_html(room, log, tmp_path, monkeypatch):
    evil = tmp_path / "evil.toml"
    text = ENTRY.replace("A small topic", "<b>L & R</b>").replace("Double a", "<script>a</script>")
    evil.write_text(text)
    small = catalog.Catalog([*load_uncached(evil)], evil)
    monkeypatch.setattr(catalog, "load", lambda: small)
    found = page(room)
    assert found.h2.get_text() == "<b>L & R</b>"
    assert found.section["aria-label"] == "<b>L & R</b>"
    assert not found.find_all(["b", "script"])


def load_uncached(path):
    table = catalog.tomllib.loads(path.read_text())["topic"][0]
    return [catalog._topic(table, 1, path)]


def test_a_damaged_log_is_said_on_the_page_which_still_leads_on(room, log):
    log.path.write_text("no database")
    found = page(room)
    assert "Your progress could not be read" in found.find(attrs={"role": "alert"}).get_text()
    assert FILE in found.get_text()
    assert len(found.find_all("a")) == 4


def test_the_notebook_reads_without_a_kernel(room, log):
    checked(log, 3)
    path = home.write_home_notebook(room.work, room.release)
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    (cell,) = notebook.cells
    assert cell.metadata["jupyter"]["source_hidden"]
    (output,) = cell.outputs
    assert output.data["text/html"] == home.page_html(room.work, room.release)
    assert "● done" in output.data["text/html"]


def test_the_page_is_written_anew_and_a_changed_notebook_is_left_alone(room, log):
    path = home.write_home_notebook(room.work, room.release)
    before = path.read_text()
    checked(log, 3)
    home.write_home_notebook(room.work, room.release)
    assert path.read_text() != before
    notebook = nbformat.read(path, 4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("My plan for the week"))
    nbformat.write(notebook, path)
    own = path.read_bytes()
    home.write_home_notebook(room.work, room.release)
    assert path.read_bytes() == own


@pytest.mark.parametrize("content", ["", "{", '{"cells": 3, "nbformat": 4}'])
def test_a_damaged_home_notebook_is_made_anew(room, log, content):
    path = room.work / home.NOTEBOOK
    path.write_text(content)
    home.write_home_notebook(room.work, room.release)
    assert nbformat.read(path, 4).cells[0].outputs


def test_a_read_only_folder_is_one_sentence(room, log):
    with read_only(room.work), pytest.raises(files.WriteError, match="make the folder writable"):
        home.write_home_notebook(room.work, room.release)


def test_a_waiting_version_is_taken_with_a_button(room, log):
    copy = work.Copy(TOPIC, "2_build", room.work, room.release)
    written = nbformat.read(copy.mine, 4)
    written.cells[1].source = "def double(x):\n    return x + x"
    nbformat.write(written, copy.mine)
    room.publish(lesson("# Better"))
    work.prepare(room.work, room.release)
    controls = home._Controls(room.work, room.release)
    (button,) = controls.offers.children
    assert button.description == "Take the new version of A small topic · 2_build"
    button.click()
    assert controls.offers.children == ()
    assert "your answers are in it" in controls.said.value
    assert nbformat.read(copy.mine, 4).cells[0].source == "# Better"


def test_a_version_that_is_gone_is_answered_with_a_sentence(room, log):
    copy = work.Copy(TOPIC, "2_build", room.work, room.release)
    copy.offered.write_text("{}")
    controls = home._Controls(room.work, room.release)
    (button,) = controls.offers.children
    copy.offered.unlink()
    button.click()
    assert "No new version" in controls.said.value
