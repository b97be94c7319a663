"""A student's side of the desk, as nbgrader's commands and its Assignment List use it."""

import json

import pytest
from desk_server import open_desk
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.server_extensions.assignment_list.handlers import AssignmentList
from nbgrader.utils import notebook_hash
from traitlets.config import Config

from curriculum.hub.exchange import client
from curriculum.hub.exchange.client import DeskClient, DeskError, Paths
from curriculum.hub.exchange.desk import SECRET

NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.fixture
def root(tmp_path):
    topic = tmp_path / "exchange" / "outbound" / "knn"
    (topic / "data").mkdir(parents=True)
    (topic / "1_see.ipynb").write_text(NOTEBOOK)
    (topic / "data" / "x.csv").write_text("1,2")
    return tmp_path / "exchange"


@pytest.fixture
def home(tmp_path, root, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(home / ".jupyter-data"))
    monkeypatch.setenv("CURRICULUM_LAB_ROOT", str(home))
    monkeypatch.setenv("CURRICULUM_COURSE", "ml")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token-of-ada")
    with open_desk(root) as address:
        monkeypatch.setenv("CURRICULUM_EXCHANGE", address)
        yield home


@pytest.fixture
def desk(home):
    return DeskClient(Paths(home))


def release_feedback(root, receipt, page="<p>well done"):
    secret = (root / "inbound" / receipt["folder"] / SECRET).read_text()
    name = notebook_hash(secret=secret, notebook_id="1_see")
    (root / "feedback" / f"{name}.html").write_text(page)


# By itself.


def test_a_topic_is_fetched(desk, home):
    assert sorted(desk.fetch("knn")) == ["1_see.ipynb", "data/x.csv"]
    assert (home / "knn" / "data" / "x.csv").read_text() == "1,2"


def test_what_is_there_stays_as_it_is(desk, home):
    (home / "knn").mkdir()
    (home / "knn" / "1_see.ipynb").write_text("my work")
    assert desk.fetch("knn") == ["data/x.csv"]
    assert desk.fetch("knn") == []
    assert (home / "knn" / "1_see.ipynb").read_text() == "my work"


def test_a_receipt_is_kept_in_a_file(desk, home):
    desk.fetch("knn")
    receipt = desk.submit("knn")
    [kept] = (home / "receipts").iterdir()
    assert json.loads(kept.read_text()) == receipt
    assert "knn" in kept.name and "no 1" in kept.name


def test_feedback_and_hidden_files_are_not_handed_in(desk, home, root):
    desk.fetch("knn")
    (home / "knn" / "feedback").mkdir()
    (home / "knn" / "feedback" / "1_see.html").write_text("<p>")
    (home / "knn" / ".ipynb_checkpoints").mkdir()
    (home / "knn" / ".ipynb_checkpoints" / "1_see.ipynb").write_text("{}")
    (home / "knn" / "link").symlink_to("/etc/passwd")
    assert desk.submit("knn")["files"] == 2


def test_feedback_is_fetched(desk, home, root):
    desk.fetch("knn")
    release_feedback(root, desk.submit("knn"))
    [submission] = desk.overview()["submissions"]
    [page] = desk.fetch_feedback(submission)
    assert page.is_relative_to(home / "knn" / "feedback")
    assert page.read_text() == "<p>well done"


@pytest.mark.parametrize("topic", ["svm", "..", "a/b", "a?b", "a#b", "é", "a b"])
def test_a_topic_that_is_none_is_said_in_a_sentence(desk, home, topic):
    with pytest.raises(DeskError) as why:
        desk.fetch(topic)
    assert str(why.value).endswith(".")
    assert not (home / "svm").exists()


def test_a_folder_that_was_not_fetched_is_not_handed_in(desk):
    with pytest.raises(DeskError, match="fetch the topic first"):
        desk.submit("knn")


def test_too_large_a_file_is_said_in_a_sentence(desk, home):
    desk.fetch("knn")
    with (home / "knn" / "huge.csv").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(DeskError, match="is the most"):
        desk.submit("knn")


def test_a_desk_that_is_closed_is_said_in_a_sentence(desk, home, monkeypatch):
    monkeypatch.setenv("CURRICULUM_EXCHANGE", "http://127.0.0.1:9/")
    with pytest.raises(DeskError, match="Your work is safe"):
        DeskClient(Paths(home)).overview()


def test_another_token_is_another_student(home, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token-of-grace")
    assert DeskClient(Paths(home)).overview()["student"] == "grace"
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "forged")
    with pytest.raises(DeskError, match="Sign in again"):
        DeskClient(Paths(home)).overview()


def test_elsewhere_than_in_a_class_it_says_so(home, monkeypatch):
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN")
    with pytest.raises(DeskError, match="not a server of a class"):
        DeskClient(Paths(home))


# As nbgrader asks.


def step(kind, topic="knn", **said):
    config = Config()
    client.into(config)
    config.CourseDirectory.assignment_id = topic
    config.update(Config(said))
    return kind(coursedir=CourseDirectory(config=config), config=config)


def test_nbgraders_commands_fetch_submit_and_fetch_feedback(home, root):
    step(client.FetchAssignment).start()
    step(client.Submit).start()
    [kept] = (home / "receipts").iterdir()
    step(client.FetchFeedback).start()
    assert not (home / "knn" / "feedback").exists()
    release_feedback(root, json.loads(kept.read_text()))
    step(client.FetchFeedback).start()
    assert [page.name for page in (home / "knn" / "feedback").rglob("*.html")] == ["1_see.html"]


def test_nbgraders_commands_fail_in_a_sentence(home):
    for kind in (client.FetchAssignment, client.Submit):
        with pytest.raises(ExchangeError, match=r"fetch|list"):
            step(kind, "svm").start()


def test_what_was_handed_in_is_not_taken_back(home):
    with pytest.raises(ExchangeError, match="stays"):
        step(client.List, ExchangeList={"remove": True}).start()


def test_there_is_no_other_course(home):
    with pytest.raises(ExchangeError, match="no course 'other'"):
        step(client.List, CourseDirectory={"course_id": "other"}).start()


@pytest.fixture
def listed(home, monkeypatch):
    """Give nbgrader's own Assignment List, as its page asks it."""
    (home / "nbgrader_config.py").write_text(
        "from curriculum.hub.exchange import client\nclient.into(get_config())\n"
    )
    monkeypatch.chdir(home)
    manager = AssignmentList()
    manager.root_dir = str(home)
    return manager


def of_the_list(listed, status):
    found = listed.list_assignments("ml")
    assert found["success"], found["value"]
    return [one for one in found["value"] if one["status"] == status]


def test_the_assignment_list_shows_what_is_released_fetched_and_submitted(listed, root):
    assert listed.list_courses() == {"success": True, "value": ["ml"]}
    [released] = of_the_list(listed, "released")
    assert (released["course_id"], released["assignment_id"]) == ("ml", "knn")
    assert of_the_list(listed, "fetched") == of_the_list(listed, "submitted") == []

    assert listed.fetch_assignment("ml", "knn") == {"success": True}
    [fetched] = of_the_list(listed, "fetched")
    assert fetched["path"] == "knn"
    assert fetched["notebooks"] == [{"notebook_id": "1_see", "path": "knn/1_see.ipynb"}]

    for _ in range(2):
        assert listed.submit_assignment("ml", "knn") == {"success": True}
    [submitted] = of_the_list(listed, "submitted")
    first, last = submitted["submissions"]
    assert first["timestamp"] < last["timestamp"]
    assert first["student_id"] == "ada"
    assert not first["has_exchange_feedback"] and not first["has_local_feedback"]


def test_the_assignment_list_shows_feedback_and_that_it_has_changed(listed, root, desk):
    listed.fetch_assignment("ml", "knn")
    listed.submit_assignment("ml", "knn")
    [receipt] = desk.overview()["submissions"]

    def shown():
        [submission] = of_the_list(listed, "submitted")[0]["submissions"]
        return [
            submission[name]
            for name in ("has_exchange_feedback", "has_local_feedback", "feedback_updated")
        ]

    release_feedback(root, receipt)
    assert shown() == [True, False, False]
    assert listed.fetch_feedback("ml", "knn") == {"success": True}
    assert shown() == [True, True, False]
    release_feedback(root, receipt, "<p>even better")
    assert shown() == [True, True, True]
    assert listed.fetch_feedback("ml", "knn") == {"success": True}
    assert shown() == [True, True, False]
