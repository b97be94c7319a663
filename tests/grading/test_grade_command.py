"""What an instructor types and sees: `curriculum grade`."""

from __future__ import annotations

import io
import os

import pytest
from small_class import RIGHT, TOPIC, SmallClass

from curriculum import cli
from curriculum.grading import class_run, progress
from curriculum.grading.class_run import Row
from curriculum.grading.ledger import Note
from curriculum.grading.progress import Progress, summary


def test_all_is_well(small: SmallClass, command) -> None:
    small.hand_in("ada")
    small.hand_in("ben", RIGHT)
    status, out, err = command(TOPIC)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "2 submissions to grade."
    assert "graded    ada: 9 of 14 points, answers wait for a person" in lines[1]
    assert "graded    ben: 5 of 14 points (" in lines[2]
    assert lines[3].startswith("2 submissions graded in ")
    assert lines[3].endswith("1 submission with answers that wait for a person.")
    status, out, _ = command(TOPIC)
    assert status == 0
    assert out.splitlines()[0] == "0 submissions to grade, 2 unchanged."


def test_a_red_row_is_said_and_is_the_status(small: SmallClass, command) -> None:
    small.hand_in("ada")
    small.hand_in("new\nline", one="no JSON")
    status, out, _ = command(TOPIC)
    assert status == 1
    assert "RED       new\\nline: 4 of 14 points" in out
    assert "          one.ipynb is no valid JSON. It earns no points." in out
    assert out.splitlines()[-1].endswith("1 red: new\\nline.")
    status, out, _ = command(TOPIC)
    assert status == 1
    assert "RED       new\\nline\n          one.ipynb is no valid JSON." in out


def test_students_and_force(small: SmallClass, command) -> None:
    for name in ("ada", "ben", "cleo"):
        small.hand_in(name)
    command(TOPIC)
    _, out, _ = command(TOPIC, "--student", "ada", "--student", "b*", "--force")
    assert "2 submissions graded" in out
    assert "cleo" not in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing"], "The gradebook does not know nothing"),
        ([TOPIC, "--student", "zoe"], "Nothing was handed in for sums by zoe"),
        ([TOPIC, "--workers", "0"], "--workers must be at least 1."),
    ],
)
def test_what_can_be_mended_is_one_sentence(small: SmallClass, command, arguments, says) -> None:
    small.hand_in("ada")
    status, _, err = command(*arguments)
    assert status == 2
    assert err.startswith("curriculum: ") and says in err
    assert len(err.splitlines()) == 1


def test_without_a_sandbox_nothing_is_graded(small: SmallClass, command, monkeypatch) -> None:
    original = class_run.ClassRun.__init__

    def init(self, wish, config):
        original(self, wish, config)
        self._run_job = lambda job: b"refused:This machine offers no sandbox."

    monkeypatch.setattr(class_run.ClassRun, "__init__", init)
    small.hand_in("ada")
    status, _, err = command(TOPIC)
    assert (status, err) == (2, "curriculum: This machine offers no sandbox.\n")
    assert not small.has_submission("ada")


def test_the_flag_that_gives_up_protection_reaches_the_jobs(
    small: SmallClass, command, monkeypatch
) -> None:
    from curriculum.execution.job import Job

    protected = []
    original = class_run.ClassRun.__init__

    def init(self, wish, config):
        original(self, wish, config)
        run = self._run_job

        def noted(job: bytes) -> bytes:
            protected.append(Job.from_bytes(job).protect)
            return run(job)

        self._run_job = noted

    monkeypatch.setattr(class_run.ClassRun, "__init__", init)
    small.hand_in("ada")
    command(TOPIC)
    command(TOPIC, "--force", "--run-student-code-unprotected")
    assert protected == [True] * 3 + [False] * 3


def test_doctor_says_how_notebooks_are_protected(capsys) -> None:
    cli.main(["doctor"])
    assert "Sandbox: " in capsys.readouterr().out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_line_that_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(
        progress.shutil, "get_terminal_size", lambda *_, **__: os.terminal_size((200, 20))
    )
    now = [0.0]
    terminal = Terminal()
    shown = Progress(terminal, lambda: now[0])
    shown.begin(10, 2)
    shown.running(2, 5)
    now[0] = 30.0
    shown.finished(Row("ada", "graded", 9, 14, seconds=12.34))
    shown.finished(Row("ben", "red", notes=(Note("It could not be run.", True),), seconds=1))
    lives = terminal.getvalue().split("\r\x1b[K")
    assert lives[-1] == "2 done · 5 notebooks running · 1 red · 4 a minute · 90 s left"
    assert "\x1b[32mgraded   \x1b[0m ada: 9 of 14 points (12.3 s)\n" in lives
    assert "\x1b[31mRED      \x1b[0m ben\n          It could not be run.\n" in lives
    shown.end()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_log_file_has_plain_lines() -> None:
    out = io.StringIO()
    shown = Progress(out)
    shown.begin(1, 0)
    shown.running(1, 4)
    shown.finished(Row("ada", "graded", 9, 14, seconds=12.34))
    shown.remark("Notebooks start cold.")
    shown.end()
    assert out.getvalue() == (
        "1 submission to grade.\ngraded    ada: 9 of 14 points (12.3 s)\nNotebooks start cold.\n"
    )


def test_a_narrow_terminal_is_not_written_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(
        progress.shutil, "get_terminal_size", lambda *_, **__: os.terminal_size((20, 20))
    )
    terminal = Terminal()
    Progress(terminal).begin(100, 0)
    assert max(len(part) for part in terminal.getvalue().split("\r\x1b[K")[2:]) < 20


def test_the_summary_counts() -> None:
    rows = [
        Row("a", "graded", 1, 2, seconds=1, by_hand=True),
        Row("b", "mended", 1, 2, seconds=1),
        Row("c", "unchanged"),
        Row("d", "red", notes=(Note("x", True),)),
    ]
    assert summary(rows, 60.0) == (
        "2 submissions graded in 60 s, 2 a minute; 1 unchanged; 1 mended. 1 submission with answers"
        " that wait for a person. 1 red: d."
    )
    assert summary([], 0) == "0 submissions graded in 0 s."
