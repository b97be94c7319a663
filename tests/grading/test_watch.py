"""`curriculum grade --watch`: what arrives in the exchange is graded and handed back."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import classroom
import course as courses
import pytest
from nbgrader.utils import notebook_hash
from small_class import NEGATE, RIGHT, TOPIC, SmallClass, one_thread, run_plainly

from curriculum.grading import class_run, watch
from curriculum.grading.class_run import Listener, Wish
from curriculum.grading.nbgrader_api import GradingError


class Exchange:
    """A folder that students submit to, as `nbgrader submit` does."""

    def __init__(self, small: SmallClass, folder: Path) -> None:
        self.small = small
        self.inbound = folder / "ml_interviews" / "inbound"
        self.inbound.mkdir(parents=True)
        self.feedback = folder / "ml_interviews" / "feedback"
        folder.chmod(0o777)
        with (small.root / "nbgrader_config.py").open("a") as config:
            config.write(f"\nc.Exchange.root = {str(folder)!r}\n")
            config.write("c.ExchangeCollect.check_owner = False\n")

    def submit(
        self, student: str, answers: dict[str, str], second: int, whole: bool = True
    ) -> Path:
        stamp = f"2026-03-01 12:00:{second:02}.000000 UTC"
        folder = self.inbound / f"{student}+{TOPIC}+{stamp}+x{second}"
        self.small.hand_in("scratch", answers).rename(folder)
        self.small.submitted("scratch").parent.rmdir()
        (folder / "timestamp.txt").write_text(stamp)
        if whole:
            (folder / watch.LAST_FILE).write_text(f"secret {student} {second}")
        return folder

    def handed_back(self, student: str, second: int) -> list[str]:
        names = {
            notebook_hash(secret=f"secret {student} {second}", notebook_id=name): name
            for name in ("one", "say", "two")
        }
        found = self.feedback.glob("*.html") if self.feedback.exists() else []
        return sorted(names[path.stem] for path in found if path.stem in names)


@pytest.fixture
def exchange(small: SmallClass, tmp_path: Path) -> Exchange:
    return Exchange(small, tmp_path / "exchange")


@pytest.fixture
def watching(exchange: Exchange, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        class_run.ClassRun, "__init__", _with(class_run.ClassRun.__init__, run=run_plainly)
    )
    kept = watch.Watch(Wish(exchange.small.root, TOPIC), one_thread, Heard())
    yield kept
    kept.close()


def _with(original, **more):
    def init(self, *arguments, **named):
        original(self, *arguments, **{**more, **named})

    return init


class Heard(Listener):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.rows: list[class_run.Row] = []
        self.said: list[str] = []

    def finished(self, row: class_run.Row) -> None:
        self.rows.append(row)

    def remark(self, sentence: str) -> None:
        self.said.append(sentence)


def twice(watching: watch.Watch) -> list[class_run.Row]:
    """Look twice: a submission is taken when it looks as it did before."""
    return watching.look() + watching.look()


def test_what_arrives_is_graded_and_handed_back(exchange: Exchange, watching: watch.Watch) -> None:
    assert twice(watching) == []
    exchange.submit("ada", {**RIGHT, **NEGATE}, 1)
    (row,) = twice(watching)
    assert (row.student, row.verdict, row.points) == ("ada", "graded", 9)
    assert exchange.handed_back("ada", 1) == ["one", "say", "two"]
    assert twice(watching) == []


def test_pages_with_answers_that_nobody_has_read_wait(
    exchange: Exchange, watching: watch.Watch
) -> None:
    exchange.submit("ada", {**RIGHT, "explain": "By adding."}, 1)
    (row,) = twice(watching)
    assert row.by_hand
    assert exchange.handed_back("ada", 1) == ["one", "two"]


def test_handing_in_again_is_graded_again(exchange: Exchange, watching: watch.Watch) -> None:
    exchange.submit("ada", {}, 1)
    twice(watching)
    exchange.submit("ada", {**RIGHT, **NEGATE}, 2)
    exchange.submit("ben", RIGHT, 3)
    rows = twice(watching)
    assert {row.student: row.points for row in rows} == {"ada": 9, "ben": 5}
    assert exchange.handed_back("ada", 2) == ["one", "say", "two"]


def test_a_submission_that_is_being_written_is_waited_for(
    exchange: Exchange, watching: watch.Watch
) -> None:
    folder = exchange.submit("ada", RIGHT, 1, whole=False)
    assert twice(watching) == []
    (folder / watch.LAST_FILE).write_text("secret ada 1")
    (row,) = twice(watching)
    assert row.points == 5


def test_one_without_a_key_is_taken_when_it_is_quiet(
    exchange: Exchange, watching: watch.Watch
) -> None:
    exchange.submit("ada", RIGHT, 1, whole=False)
    rows = [row for _ in range(watch.QUIET_LOOKS + 1) for row in watching.look()]
    assert [row.points for row in rows] == [5]


def test_links_stay_in_the_exchange(
    exchange: Exchange, watching: watch.Watch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("the key")
    folder = exchange.submit("ada", RIGHT, 1)
    (folder / "data[1].txt").symlink_to(tmp_path / "secret")
    os.mkfifo(exchange.submit("ben", RIGHT, 2) / "pipe")
    exchange.submit("cleo", RIGHT, 3)
    (row,) = twice(watching)
    assert (row.student, row.points) == ("cleo", 5)
    assert {row.student: row.notes[0].text for row in watching.listener.rows if row.notes} == {
        "ada": "It could not be collected: data[1].txt is a link.",
        "ben": "It could not be collected: pipe is a pipe.",
    }
    assert not exchange.small.submitted("ada").exists()


def test_strange_names_are_told_once_and_stop_nothing(
    exchange: Exchange, watching: watch.Watch
) -> None:
    exchange.submit("ada", RIGHT, 1)
    for name in ("../..", "b\u0435n", " ada", "cleo\n"):
        folder = exchange.submit("scratch2", RIGHT, 2)
        folder.rename(folder.with_name(name.replace("/", "\u2044") + f"+{TOPIC}+now"))
    (row,) = twice(watching)
    assert row.student == "ada"
    red = [row for row in watching.listener.rows if row.verdict == "red"]
    assert len(red) == 4
    assert twice(watching) == []


def test_one_that_can_not_be_collected_is_one_red_row(
    exchange: Exchange, watching: watch.Watch
) -> None:
    exchange.submit("ada", RIGHT, 1)
    exchange.submit("ben", RIGHT, 2)
    exchange.small.submitted("ada").parent.mkdir(parents=True)
    exchange.small.submitted("ada").write_text("in the way")
    (row,) = twice(watching)
    assert row.student == "ben"
    (red,) = [row for row in watching.listener.rows if row.verdict == "red"]
    assert red.student == "ada"
    assert "could not be collected" in red.notes[0].text


def test_without_an_exchange_it_is_said(small: SmallClass, tmp_path: Path) -> None:
    with (small.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(tmp_path / 'nowhere')!r}\n")
    with pytest.raises(GradingError, match=r"set c\.Exchange\.root"):
        watch.Watch(Wish(small.root, TOPIC), one_thread, Listener())


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_student_has_feedback_soon_after_submitting(tmp_path: Path) -> None:
    """With nbgrader's own commands on the student's side, and the real execution."""
    bodies = {"2_build": classroom.BUILD, "4_say": classroom.SAY}
    room = classroom.Room(tmp_path, courses.make_course(tmp_path / "course", **bodies))
    with (room.course / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(room.exchange)!r}\n")
        config.write("c.ExchangeCollect.check_owner = False\n")
    courses.run(room.course, "curriculum", "build")
    room.nbgrader("release_assignment", courses.TOPIC)
    ada = room.student("ada")
    ada.nbgrader("fetch_assignment", courses.TOPIC)
    ada.write(courses.TOPIC, "2_build", {"count_above": COUNT})
    watcher = subprocess.Popen(
        ["curriculum", "grade", courses.TOPIC, "--watch"],
        cwd=room.course,
        env=courses.environment(room.course),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert watcher.stdout is not None
        assert "Watching the exchange" in watcher.stdout.readline()
        ada.nbgrader("submit", courses.TOPIC)
        pages = room.exchange / "ml_interviews" / "feedback"
        end = time.monotonic() + 300
        while len(list(pages.glob("*.html"))) < 4:
            assert time.monotonic() < end and watcher.poll() is None
            time.sleep(0.2)
    finally:
        watcher.send_signal(signal.SIGINT)
        said, _ = watcher.communicate(timeout=60)
    assert watcher.returncode == 130, said
    assert "graded    ada: 2 of 13 points" in said
    ada.nbgrader("fetch_feedback", courses.TOPIC)
    assert "(Score: 2.0 / 9.0)" in ada.feedback(courses.TOPIC, "2_build")


COUNT = "def count_above(x, threshold):\n    return sum(1 for one in x if one > threshold)\n"
