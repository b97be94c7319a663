"""A class of one: a check grades as an instructor would, keeps every attempt, and fails whole."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import course as courses
import nbformat
import pytest
from course import TOPIC
from filelock import FileLock
from ordinary_user import read_only

from curriculum import catalog, cli, files
from curriculum.grading import alone, nbgrader_api
from curriculum.grading.nbgrader_api import GradingError
from curriculum.learner.log import Event, Log

pytestmark = pytest.mark.slow

RIGHT = "def double(x):\n    return x + x"
SQUARES = "def double(x):\n    return x * x"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Give the small course, built, with a learner's copies; not to be written in."""
    course = courses.make_course(tmp_path_factory.mktemp("alone") / "course")
    courses.run(course, "curriculum", "build")
    courses.run(course, "curriculum", "prepare")
    return course


@pytest.fixture(scope="module")
def inside(built):
    """Let this process, and the kernels that it starts, work on the small course."""
    with pytest.MonkeyPatch.context() as patch:
        small = catalog.load(built / "curriculum" / "catalog.toml")
        patch.setattr(catalog, "load", lambda: small)
        for name, value in courses.environment(built).items():
            patch.setenv(name, value)
        yield built


def write(work, name, grade_id, text):
    path = work / TOPIC / f"{name}.ipynb"
    notebook = nbformat.read(path, 4)
    (cell,) = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    ]
    cell.source = text
    nbformat.write(notebook, path)


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Story:
    """One learner's checks, in order: nothing written, a mistake, and then everything right."""

    def __init__(self, course):
        self.work = course / "work"
        self.progress = []
        self.nothing = self.check()
        write(self.work, "2_build", "double", SQUARES)
        write(self.work, "2_build", "double_test", "3.0  # a test cell that a learner rewrote")
        Log(self.work / ".curriculum").append(
            Event("hint", TOPIC, "2_build", "double", data={"step": 1})
        )
        self.before = contents(self.work / "attempts")
        self.mistaken = self.check("2_build")
        write(self.work, "2_build", "double", RIGHT)
        write(self.work, "4_say", "say_double", "You add it to itself.")
        self.right = self.check("2_build")
        self.said = self.check("4_say")

    def check(self, notebook=None):
        return alone.check(
            TOPIC,
            root=self.work.parent,
            work=self.work,
            notebook=notebook,
            progress=lambda *told: self.progress.append(told),
        )


@pytest.fixture(scope="module")
def story(inside, tmp_path_factory):
    folder = tmp_path_factory.mktemp("story") / "course"
    return Story(Path(shutil.copytree(inside, folder)))


def exercises(attempt):
    return {e.exercise: e for notebook in attempt.notebooks for e in notebook.exercises}


def test_nothing_written_is_not_attempted(story):
    assert [n.notebook for n in story.nothing.notebooks] == list(catalog.NOTEBOOKS)
    found = exercises(story.nothing)
    assert {name: (e.points, e.max_points, e.attempted) for name, e in found.items()} == {
        "double": (0, 3, False),
        "say_double": (0, 2, False),
    }


def test_a_mistake_loses_its_points_and_is_named_though_the_test_was_rewritten(story):
    double = exercises(story.mistaken)["double"]
    assert (double.points, double.max_points, double.attempted) == (1, 3, True)
    assert double.title == "Exercise 1 · Double"
    passed, failed = double.checks
    assert (passed["name"], passed["status"]) == ("two", "passed")
    assert (failed["name"], failed["mistake"]) == ("three", "squares")
    assert "Twice x is x + x" in failed["message"]


def test_what_is_right_gets_all_and_what_is_said_waits_for_a_person(story):
    double, say = exercises(story.right)["double"], exercises(story.said)["say_double"]
    assert (double.points, double.full) == (3, True)
    assert (say.points, say.attempted) == (None, True)
    (build,), (spoken,) = story.right.notebooks, story.said.notebooks
    assert (build.points, build.max_points) == (3, 3)
    assert (spoken.points, spoken.max_points) == (0, 0)


def test_attempts_are_kept_and_none_overwrites_another(story):
    attempts = (story.nothing, story.mistaken, story.right, story.said)
    folders = [Path(attempt.folder) for attempt in attempts]
    assert len(set(folders)) == 4
    assert sorted((story.work / "attempts" / TOPIC).iterdir()) == sorted(folders)
    after = contents(story.work / "attempts")
    assert {path: after[path] for path in story.before} == story.before


def test_an_attempt_holds_what_was_submitted_its_result_and_its_feedback(story):
    folder = Path(story.mistaken.folder)
    submitted = folder / "submitted" / "me" / TOPIC / "2_build.ipynb"
    assert SQUARES in [cell.source for cell in nbformat.read(submitted, 4).cells]
    assert json.loads((folder / "result.json").read_text()) == story.mistaken.as_dict()
    (result,) = story.mistaken.notebooks
    page = Path(result.feedback).read_text()
    assert "squares" in page
    assert "Exercise 1" in page


def test_what_the_learner_wrote_is_not_touched(story):
    notebook = nbformat.read(story.work / TOPIC / "2_build.ipynb", 4)
    assert RIGHT in [cell.source for cell in notebook.cells]
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_checks_reach_the_log_with_the_help_that_was_used(story):
    events = Log(story.work / ".curriculum").events("graded", exercise="double")
    assert [(e.data["points"], e.data["attempted"], e.help) for e in events] == [
        (0, False, ""),
        (1, True, "hints=1"),
        (3, True, "hints=1"),
    ]
    assert events[1].data["mistakes"] == ["squares"]
    assert events[1].data["attempt"] == Path(story.mistaken.folder).name
    assert {event.notebook for event in events} == {"2_build"}


def test_progress_is_told_step_by_step(story):
    first = story.progress[:6]
    assert first == [
        ("Preparing", 0, 5),
        ("Running 1_see", 1, 5),
        ("Running 2_build", 2, 5),
        ("Running 3_use", 3, 5),
        ("Running 4_say", 4, 5),
        ("Done", 5, 5),
    ]


def test_the_gradebook_of_a_version_is_prepared_once(story):
    (prepared,) = (story.work / ".curriculum" / "gradebooks").iterdir()
    assert [path.name for path in prepared.iterdir()] == ["gradebook.db"]


def test_the_course_is_not_written_in(story, built):
    for name in ("source", "release"):
        ours, theirs = contents(story.work.parent / name), contents(built / name)
        assert list(ours.values()) == list(theirs.values())
    assert not (story.work.parent / "autograded").exists()


@pytest.fixture
def work(inside, tmp_path):
    """Give a learner's folder to spoil."""
    return Path(shutil.copytree(inside / "work", tmp_path / "work"))


def refused(work, inside, *, topic=TOPIC, notebook="2_build"):
    """Check, and give the one sentence that it ends in."""
    with pytest.raises((GradingError, catalog.CatalogError, files.WriteError)) as failure:
        alone.check(topic, root=inside, work=work, notebook=notebook)
    said = str(failure.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said


CELLS = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": '
SPOILT = {
    "empty": ("", "is not a notebook: it is no valid JSON"),
    "no JSON": ("<<<<<<< HEAD\n{}", "is not a notebook: it is no valid JSON"),
    "no notebook": ('{"a": 1}', "is not a notebook"),
    "a list": ("[]", "is not a notebook"),
    "brackets without end": ("[" * 100_000, "is not a notebook"),
    "an endless format": ('{"nbformat": Infinity}', "is not a notebook"),
    "an older format": (
        '{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}',
        "is in notebook format 3, and grading needs format 4: open it in JupyterLab and save it",
    ),
    "a newer format": (
        '{"nbformat": 5, "nbformat_minor": 0, "metadata": {}, "cells": []}',
        "is in notebook format 5, which is newer than this curriculum",
    ),
    "no cells": (CELLS + "null}", "is a damaged notebook"),
    "cells of nothing": (CELLS + "[3]}", "is a damaged notebook"),
    "a cell without text": (CELLS + '[{"cell_type": "code"}]}', "is a damaged notebook"),
}


@pytest.mark.parametrize(("content", "words"), SPOILT.values(), ids=SPOILT)
def test_what_is_no_notebook_is_said_and_nothing_is_written(work, inside, content, words):
    path = work / TOPIC / "2_build.ipynb"
    path.write_text(content)
    before = contents(work)
    said = refused(work, inside)
    assert said.startswith(f"{path} {words}")
    assert contents(work) == before


def test_bytes_that_are_no_text_are_no_notebook(work, inside):
    (work / TOPIC / "2_build.ipynb").write_bytes(b"\xff\xfe\x00")
    assert "is not a notebook" in refused(work, inside)


def test_a_missing_notebook_is_said(work, inside):
    (work / TOPIC / "2_build.ipynb").unlink()
    assert refused(work, inside) == (
        f"{work / TOPIC / '2_build.ipynb'} does not exist: run `make lab` (or `curriculum prepare`)"
        " to get a copy of it."
    )


def test_one_spoilt_notebook_of_a_topic_keeps_all_from_being_checked(work, inside):
    (work / TOPIC / "4_say.ipynb").write_text("{")
    assert str(work / TOPIC / "4_say.ipynb") in refused(work, inside, notebook=None)
    assert not (work / "attempts").exists()


def test_an_unknown_topic_or_notebook_is_answered_with_the_known_ones(work, inside):
    before = contents(work)
    said = refused(work, inside, topic="no_topic")
    assert said == f"There is no topic 'no_topic' in the catalogue. Topics: {TOPIC}."
    said = refused(work, inside, notebook="5_sing")
    assert said == "A small topic has no notebook '5_sing'; it has 1_see, 2_build, 3_use, 4_say."
    assert contents(work) == before


def test_a_read_only_folder_is_said(work, inside):
    before = contents(work)
    with read_only(work):
        said = refused(work, inside)
    assert said.startswith(f"The check could not be kept in {work}: it is read-only.")
    assert "Your notebook is as you saved it" in said
    assert contents(work) == before


def test_two_checks_at_once_are_one_too_many(work, inside):
    (work / ".curriculum").mkdir(exist_ok=True)
    with FileLock(work / ".curriculum" / "check.lock"):
        said = refused(work, inside)
    assert said == "Another check is running: wait until it has finished, then check again."
    assert not (work / "attempts").exists()


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def no_database(*_, **__):
    raise GradingError("(sqlite3.OperationalError) database or disk is full")


FULL_AT = {
    "the gradebook": (nbgrader_api, "generate_assignment", no_database),
    "the submission": (files.os, "fsync", full),
    "the gradebook's copy": (shutil, "copy", full),
    "grading": (nbgrader_api, "autograde", no_database),
    "feedback": (nbgrader_api, "generate_feedback", full),
}


@pytest.mark.parametrize("step", FULL_AT)
def test_a_disk_that_fills_leaves_nothing_half_written(work, inside, story, monkeypatch, step):
    if step != "the gradebook":  # which is there from an earlier check
        prepared = story.work / ".curriculum" / "gradebooks"
        shutil.copytree(prepared, work / ".curriculum" / "gradebooks")
    if step == "feedback":
        monkeypatch.setattr(nbgrader_api, "autograde", lambda *_: None)
    before = contents(work)
    monkeypatch.setattr(*FULL_AT[step])
    said = refused(work, inside)
    assert "the disk is full" in said
    after = contents(work)
    after.pop(work / ".curriculum" / "check.lock", None)
    assert after == before
    assert list((work / "attempts").rglob("*.*")) == []


@pytest.fixture
def small_disk(tmp_path):
    """Give a real disk of 2 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only an administrator may mount a small disk here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("taken", [1500, 1800], ids=["before the copy", "before the gradebook"])
def test_a_disk_that_is_really_full_is_one_sentence(inside, story, small_disk, taken):
    work = Path(shutil.copytree(inside / "work", small_disk / "work"))
    if taken == 1500:
        prepared = story.work / ".curriculum" / "gradebooks"
        shutil.copytree(prepared, work / ".curriculum" / "gradebooks")
    room = os.statvfs(small_disk)
    with (small_disk / "filler").open("wb") as filler:
        filler.write(bytes(room.f_bavail * room.f_frsize - 100_000))
    before = contents(work)
    # In a process of its own: a database that fails half-way stays open to the end.
    done = courses.run(inside, "curriculum", "check", TOPIC, "--work", str(work), check=False)
    assert done.returncode == 2
    progress, said = done.stderr.splitlines()
    assert progress == "[0/5] Preparing"
    assert said.startswith(f"curriculum: The check could not be kept in {work}")
    assert said.endswith("the disk is full. Your notebook is as you saved it.")
    after = contents(work)
    after.pop(work / ".curriculum" / "check.lock", None)
    assert after == before


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_the_command_tells_programs_one_object_a_line(work, inside):
    write(work, "2_build", "double", SQUARES)
    command = [sys.executable, "-m", "curriculum", "check", TOPIC, "--notebook", "2_build"]
    # As from a shell where nobody activated the environment.
    bare = {**courses.environment(inside), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [*command, "--json", "--work", str(work)],
        cwd=inside,
        env=bare,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    *steps, last = json_lines(done.stdout)
    assert [step["doing"] for step in steps] == ["Preparing", "Running 2_build", "Done"]
    (notebook,) = last["attempt"]["notebooks"]
    assert (notebook["points"], notebook["max_points"]) == (1, 3)


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_ends_in_one_sentence_and_status_two(
    work, inside, monkeypatch, capsys, as_json
):
    monkeypatch.chdir(inside)
    (work / TOPIC / "2_build.ipynb").write_text("{")
    options = ["--json"] if as_json else []
    with pytest.raises(SystemExit) as stopped:
        cli.main(["check", TOPIC, "--work", str(work), *options])
    assert stopped.value.code == 2
    said = capsys.readouterr()
    if as_json:
        (told,) = json_lines(said.out)
        assert "is not a notebook" in told["error"]
        assert said.err == ""
    else:
        assert said.out == ""
        assert said.err.startswith(f"curriculum: {work / TOPIC / '2_build.ipynb'} is not")
        assert said.err.count("\n") == 1
