"""The button "Check my work": what the check says reaches the page, whatever becomes of it."""

import json
import os
import sys
import threading

import pytest
from course import TOPIC

from curriculum.learner import check as module
from curriculum.learner.lesson import Lesson

PYTHON, THREAD = sys.executable, threading.Thread  # before they are replaced

RESULT = {
    "notebook": "2_build",
    "exercises": [
        {
            "exercise": "double",
            "title": "Exercise 1 · Double",
            "points": 1.0,
            "max_points": 3.0,
            "attempted": True,
            "checks": [],
        }
    ],
    "feedback": "/there/feedback/2_build.html",
    "points": 1.0,
    "max_points": 3.0,
}
DOING = {"doing": "Running <2_build>", "done": 1, "total": 2}


@pytest.fixture
def panel(room, monkeypatch):
    """Give the panel of a notebook that is saved the moment that this is asked for."""
    path = room.folder / "2_build.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    monkeypatch.setattr(module, "save_notebook", path.touch)
    return module.CheckPanel(Lesson(TOPIC, "2_build", room.folder))


@pytest.fixture
def check(panel, tmp_path, monkeypatch):
    """Give a function that presses the button; a script stands in for the check."""

    def press(script):
        stand_in = tmp_path / "python"
        stand_in.write_text(f"#!{PYTHON}\nimport os, sys\n{script}\n")
        stand_in.chmod(0o755)
        monkeypatch.setattr(module.sys, "executable", str(stand_in))
        started = []

        def start(**options):
            started.append(THREAD(**options))
            return started[-1]

        monkeypatch.setattr(module.threading, "Thread", start)
        disabled = []
        panel.button.observe(lambda change: disabled.append(change["new"]), "disabled")
        panel.button.click()
        started[0].join()
        assert disabled == [True, False], "one check at a time, and then again"
        assert panel.bar.layout.display == "none"
        return panel

    return press


def says(*messages):
    return "\n".join(f"print({json.dumps(message)!r}, flush=True)" for message in messages)


def test_the_result_is_shown_in_place(check, room, tmp_path):
    heard = f"open({str(tmp_path / 'called')!r}, 'w').write(' '.join(sys.argv[1:]))\n"
    panel = check(heard + says(DOING, {"attempt": {"notebooks": [RESULT]}}))
    assert "Checked what was saved at" in panel.doing.value
    assert "1 of 3 points." in panel.feedback.value
    assert panel.open.layout.display == ""
    assert panel.page == RESULT["feedback"]
    assert (tmp_path / "called").read_text() == (
        f"-m curriculum check {TOPIC} --notebook 2_build --work {room.work} --json"
    )


def test_an_error_is_said_and_the_former_feedback_stays(check):
    panel = check(says({"attempt": {"notebooks": [RESULT]}}))
    check(says({"error": "A <sentence>."}) + "\nsys.exit(2)")
    assert panel.doing.value == '<span role="alert">A &lt;sentence&gt;.</span>'
    assert "1 of 3 points." in panel.feedback.value


def test_a_check_that_breaks_says_its_last_line_however_much_came_before(check):
    panel = check("sys.stderr.write('noise\\n' * 100_000 + 'ValueError: why\\n'); sys.exit(1)")
    assert "ValueError: why" in panel.doing.value
    assert "noise" not in panel.doing.value


def test_a_check_that_is_killed_is_not_taken_for_a_success(check):
    panel = check(says(DOING) + "\nos.kill(os.getpid(), 9)")
    assert panel.doing.value == '<span role="alert">The check ended without a word.</span>'


def test_a_check_that_cannot_start_is_said(check, panel, monkeypatch):
    monkeypatch.setattr(module.subprocess, "Popen", lambda *_, **__: os.open("/no/where", 0))
    assert "The check stopped: [Errno 2]" in check("").doing.value


def test_what_is_not_saved_in_time_is_checked_as_it_was_saved(check, panel, monkeypatch):
    monkeypatch.setattr(module, "SAVE_PATIENCE", 0.01)
    monkeypatch.setattr(module, "save_notebook", lambda: os.utime(panel.path, (1, 1)))
    assert (
        "Checked what was saved at" in check(says({"attempt": {"notebooks": [RESULT]}})).doing.value
    )


@pytest.mark.parametrize("served", [True, False])
def test_the_full_feedback_opens_in_a_tab_or_is_named(panel, room, monkeypatch, served):
    opened = []
    monkeypatch.setattr(module, "open_in_lab", opened.append)
    panel.page = str(room.work / "attempts" / "a & b" / "2_build.html")
    if served:
        monkeypatch.setenv("CURRICULUM_LAB_ROOT", str(room.work.parent))
    else:
        monkeypatch.delenv("CURRICULUM_LAB_ROOT", raising=False)
    panel.open.click()
    assert opened == (["work/attempts/a & b/2_build.html"] if served else [])
    assert ("a &amp; b" in panel.doing.value) is not served
