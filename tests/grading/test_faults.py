"""Killed at any moment, a run loses no finished grade, writes no half, and is gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from coordinator import MOMENTS
from nbgrader.api import Gradebook
from small_class import FULL, NEGATE, RIGHT, TOPIC, SmallClass, processes

from curriculum.grading import class_run
from curriculum.grading.records import record, recording
from curriculum.grading.workers import LocalWorkers, WorkerDied

COORDINATOR = Path(__file__).with_name("coordinator.py")
FORMER = {**NEGATE, "double": "def double(x):\n    return 2\n"}


def start(small: SmallClass, *students: str, **environment: str) -> subprocess.Popen[str]:
    """Start a coordinator; a group of its own can be sent what a terminal sends."""
    return subprocess.Popen(
        [sys.executable, str(COORDINATOR), str(small.root), *students],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def check_whole(small: SmallClass, student: str) -> None:
    """Check that grades and folder belong together where the ledger has a row."""
    folder = small.autograded(student)
    assert not folder.exists() or {p.name for p in folder.iterdir()} == {
        "one.ipynb",
        "say.ipynb",
        "two.ipynb",
    }
    if not small.has_submission(student):
        return
    points = small.points(student)
    graded = (points["double_test"], points["triple_test"], points["negate_test"])
    assert graded in {(1, 0, 4), (2, 3, 4)}, graded


def check_record(small: SmallClass) -> None:
    """Check that no grade is without its row of the record, and no row without its grade."""
    with small.gradebook() as book:
        connection = book.db.connection()
        assert record.verify(connection).fault == ""
        written = record.newest_values(connection)
        there = {place: new for place, new in written.items() if any(p is not None for p in new)}
        assert recording.values(connection) == there


LATER = ("between renaming", "before committing", "after committing")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "number"), [*((moment, 1) for moment in MOMENTS), *((moment, 3) for moment in LATER)]
)
def test_killed_at_any_moment(small: SmallClass, moment: str, number: int) -> None:
    """A class that had been graded before has handed in again; the second run is killed."""
    names = ["ada", "ben", "cleo"]
    for name in names:
        small.hand_in(name, FORMER)
    small.grade()
    for name in names:
        small.hand_in(name)
    small.hand_in("dan")
    run = start(small, MOMENT=f"{moment}:{number}")
    out, err = run.communicate(timeout=120)
    assert run.returncode == -signal.SIGKILL, err
    finished = {json.loads(line)[0] for line in out.splitlines()}
    for name in [*names, "dan"]:
        check_whole(small, name)
    check_record(small)
    for name in finished:
        assert small.points(name) == FULL
        said = nbformat.read(small.autograded(name) / "one.ipynb", 4).cells[2].outputs[0]
        assert said.data["text/plain"] == "2.0"
    rows = small.grade()
    for name in [*names, "dan"]:
        wanted = {"unchanged"} if name in finished else {"graded", "unchanged"}
        assert rows[name].verdict in wanted
        assert small.points(name) == FULL
        assert [path.name for path in small.autograded(name).parent.iterdir()] == [TOPIC]
    assert {row.verdict for row in small.grade().values()} == {"unchanged"}
    check_record(small)


@pytest.mark.slow
def test_killed_at_random_again_and_again(small: SmallClass) -> None:
    names = [f"s{number}" for number in range(8)]
    for name in names:
        small.hand_in(name)
    kept: set[str] = set()
    for seconds in (1.5, 2.0, 2.4, 2.8, 3.2):
        run = start(small)
        try:
            out, _ = run.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            run.kill()
            out, _ = run.communicate()
        rows = [json.loads(line) for line in out.splitlines()]
        again = kept & {name for name, verdict, _ in rows if verdict == "graded"}
        assert again == set(), "graded twice"
        kept |= {name for name, verdict, _ in rows if verdict == "graded"}
        for name in kept:
            assert small.points(name) == FULL
        check_record(small)
    rows = small.grade()
    assert all(rows[name].verdict == "unchanged" for name in kept)
    assert all(small.points(name) == FULL for name in names)


@pytest.mark.slow
def test_workers_end_with_a_coordinator_that_was_killed(small: SmallClass) -> None:
    small.hand_in("ada", {"double": "# SLEEP"})
    run = start(small, TEST_SLEEP="60")
    workers = wait_for(lambda: children(run.pid, "spawn_main"))
    run.kill()
    run.communicate()
    wait_for(lambda: not [pid for pid in workers if alive(pid)])


def test_a_killed_worker_costs_nobody_anything(small: SmallClass, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("TEST_KILLED_ONCE", str(tmp_path / "killed"))
    small.hand_in("ada", {**RIGHT, **NEGATE, "triple": RIGHT["triple"] + "# KILL ONCE"})
    for name in ("ben", "cleo", "dan"):
        small.hand_in(name)
    rows = small.grade(pool=processes)
    assert (tmp_path / "killed").exists()
    assert {row.verdict for row in rows.values()} == {"graded"}
    assert small.points("ada") == FULL | {"explain": 0.0}


def test_a_notebook_that_kills_every_worker_is_one_red_row(small: SmallClass) -> None:
    small.hand_in("ben")
    small.hand_in("ada")
    small.grade("ada")
    before = small.points("ada")
    small.hand_in("ada", {"double": "# KILL THE WORKER"})
    rows = small.grade(pool=processes)
    assert rows["ben"].verdict == "graded"
    assert rows["ada"].verdict == "red"
    assert "one could not be run: 3 workers were killed" in rows["ada"].notes[0].text
    # Nobody knows what it would have earned: what was there stays, and it is tried again.
    assert small.points("ada") == before
    assert small.grade(pool=processes)["ada"].verdict == "red"
    small.hand_in("ada", RIGHT)
    assert small.grade(pool=processes)["ada"].verdict == "graded"


def test_any_worker_may_be_killed_from_outside(small: SmallClass, monkeypatch) -> None:
    monkeypatch.setenv("TEST_SLEEP", "0.3")
    for number in range(4):
        small.hand_in(f"s{number}", {**RIGHT, **NEGATE, "double": RIGHT["double"] + "# SLEEP"})

    class Killer(class_run.Listener):
        def finished(self, row: class_run.Row) -> None:
            for pid in children(os.getpid(), "spawn_main")[:1]:
                os.kill(pid, signal.SIGKILL)

    rows = small.grade(pool=processes, listener=Killer())
    assert {row.verdict for row in rows.values()} == {"graded"}
    assert {row.points for row in rows.values()} == {9}


def test_a_future_of_a_killed_worker_says_so() -> None:
    with LocalWorkers(1, kill_me, warm=lambda job: None) as pool:
        with pytest.raises(WorkerDied):
            pool.submit(kill_me, b"x").result(timeout=60)
        with pytest.raises(WorkerDied):
            pool.submit(kill_me, b"x").result(timeout=60)


def kill_me(job: bytes) -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return job


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_run_is_stopped_cleanly(small: SmallClass, number: int) -> None:
    small.hand_in("ada")
    for name in ("ben", "cleo"):
        small.hand_in(name, {**RIGHT, **NEGATE, "double": RIGHT["double"] + "# SLEEP"})
    run = start(small, TEST_SLEEP="60")
    assert run.stdout is not None
    assert "ada" in run.stdout.readline()
    workers = children(run.pid, "spawn_main")
    os.killpg(run.pid, number)
    began = time.monotonic()
    _, err = run.communicate(timeout=60)
    assert time.monotonic() - began < 30
    assert run.returncode == 130, err
    assert "Stopped. What was finished is kept" in err
    assert "Traceback" not in err
    assert not [pid for pid in workers if alive(pid)]
    assert small.points("ada") == FULL
    assert not small.has_submission("ben")
    rows = small.grade()
    assert [row.verdict for row in rows.values()] == ["unchanged", "graded", "graded"]


@pytest.mark.slow
def test_two_runs_share_the_work(small: SmallClass) -> None:
    names = [f"s{number}" for number in range(10)]
    for name in names:
        small.hand_in(name)
    outs = [run.communicate(timeout=180) for run in [start(small), start(small)]]
    rows = [[json.loads(line) for line in out.splitlines()] for out, _ in outs]
    graded = [name for run in rows for name, verdict, _ in run if verdict == "graded"]
    assert sorted(graded) == names, [err for _, err in outs]
    assert all(small.points(name) == FULL for name in names)


@pytest.mark.slow
def test_a_run_takes_over_what_another_could_not_finish(small: SmallClass) -> None:
    small.hand_in("ada", {**RIGHT, **NEGATE, "double": RIGHT["double"] + "# SLEEP"})
    first = start(small, TEST_SLEEP="60")
    wait_for(lambda: children(first.pid, "spawn_main"))
    second = start(small, TEST_SLEEP="0")
    time.sleep(3)
    assert second.poll() is None  # it waits for the first
    first.kill()
    out, err = second.communicate(timeout=60)
    assert json.loads(out)[:2] == ["ada", "graded"], err


def test_other_writers_of_the_gradebook_are_waited_for(small: SmallClass) -> None:
    for number in range(3):
        small.hand_in(f"s{number}")

    class Writing(class_run.Listener):
        """Somebody in the formgrader, who writes whenever a submission is finished."""

        def finished(self, row: class_run.Row) -> None:
            with closing(Gradebook(f"sqlite:///{small.root / 'gradebook.db'}")) as book:
                book.update_or_create_student("other", first_name=row.student)

    rows = small.grade(listener=Writing())
    assert {row.verdict for row in rows.values()} == {"graded"}


def test_a_gradebook_that_stays_locked_is_waited_for(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()  # the file is set up
    small.hand_in("ada", RIGHT)
    code = (
        "import sqlite3, sys, time\n"
        f"book = sqlite3.connect({str(small.root / 'gradebook.db')!r}, isolation_level=None)\n"
        "book.execute('BEGIN IMMEDIATE')\n"
        "print('locked', flush=True)\n"
        "time.sleep(4)\n"
        "book.execute('COMMIT')\n"
    )
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None and other.stdout.readline() == "locked\n"
    assert small.grade()["ada"].verdict == "graded"
    other.communicate()


def test_a_submission_that_can_not_be_saved_is_one_red_row(small: SmallClass) -> None:
    for name in ("ada", "zoe"):
        small.hand_in(name)
    (small.root / "autograded").mkdir()
    (small.root / "autograded" / "ada").write_text("in the way")
    rows = small.grade()
    assert "could not be saved" in rows["ada"].notes[0].text
    assert not small.has_submission("ada")
    assert rows["zoe"].verdict == "graded"


def children(parent: int, word: str) -> list[int]:
    """List the children of a process whose command line has a word in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            above = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if above == parent and word in (entry / "cmdline").read_text():
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return found


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for(what, seconds: float = 30):
    """Wait until something is so, and give it."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found
