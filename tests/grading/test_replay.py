"""`curriculum grade replay` and `curriculum grade record`: what an instructor types and sees."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from small_class import NEGATE, RIGHT, TOPIC, SmallClass
from test_class_run import LATE
from test_record import unguarded

from curriculum import cli
from curriculum.grading import nbgrader_api, released
from curriculum.grading.ledger import folder_digest

HALF = {**RIGHT, **NEGATE, "double": "def double(x):\n    return 2\n"}


def raw(small: SmallClass, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(small.root / "gradebook.db")) as connection, connection:
        return connection.execute(sql).fetchall()


def everything(small: SmallClass) -> list:
    """Give all that the gradebook and the graded folder hold."""
    names = [name for (name,) in raw(small, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    tables = [(name, raw(small, f"SELECT * FROM {name}")) for name in sorted(names)]
    return [tables, folder_digest(small.root / "autograded")]


@pytest.fixture
def graded(small: SmallClass) -> SmallClass:
    small.hand_in("ada", HALF)
    small.hand_in("ben", one="no JSON")
    small.grade()
    return small


def test_the_same_grade_and_nothing_written(graded: SmallClass, command) -> None:
    with graded.gradebook() as book:
        grade = book.find_grade("explain", "say", TOPIC, "ada")
        grade.manual_score, grade.needs_manual_grade = 3, False
        book.db.commit()
    before = everything(graded)
    status, out, err = command("replay", "ada", TOPIC)
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "ada, sums: the same, 8 points by machine."
    assert out.splitlines()[1].startswith("The record holds: 8 rows, the last one ")
    assert len(out.splitlines()) == 2
    status, out, _ = command("replay", "ben", TOPIC)
    assert status == 0
    assert "ben, sums: the same, 4 points by machine." in out
    assert "one.ipynb is no valid JSON. It earns no points." in out
    assert everything(graded) == before
    assert sorted(path.name for path in (graded.root / "autograded").iterdir()) == ["ada", "ben"]


def test_late_work_is_replayed(small: SmallClass, command) -> None:
    with (small.root / "nbgrader_config.py").open("a") as config:
        config.write(LATE)
    with small.gradebook() as book:
        book.update_or_create_assignment(TOPIC, duedate="2026-03-01 12:00:00 UTC")
    small.hand_in("ada", **{"timestamp.txt": "2026-03-01 13:00:00 UTC"})
    small.grade()
    assert command("replay", "ada", TOPIC)[0] == 0
    with (small.root / "nbgrader_config.py").open("a") as config:
        config.write(LATE.replace("1.5", "0.5"))
    status, out, _ = command("replay", "ada", TOPIC)
    assert status == 1
    assert "ada, sums: differs in 2 places." in out
    assert "  one, late penalty: graded 1.5, again 0.5" in out


def test_a_grade_that_was_changed_behind_the_record(graded: SmallClass, command) -> None:
    where = "cell_id = (SELECT id FROM base_cell WHERE name = 'double_test')"
    raw(graded, f"UPDATE grade SET auto_score = 2 WHERE auto_score = 1 AND {where}")
    status, out, _ = command("replay", "ada", TOPIC)
    assert status == 1
    assert out.splitlines()[:3] == [
        "ada, sums: differs in 1 place.",
        "  one/double_test: graded 2, again 1",
        "ada, sums, one/double_test: by machine 2 in the gradebook, 1 in the record.",
    ]
    assert command("replay", "ben", TOPIC)[0] == 0
    # Points by hand can't be replayed; the record tells all the same.
    raw(graded, "UPDATE grade SET auto_score = 1, manual_score = 2 WHERE auto_score = 2")
    status, out, _ = command("replay", "ada", TOPIC)
    assert status == 1
    assert out.splitlines()[0] == "ada, sums: the same, 8 points by machine."
    assert "by hand 2 in the gradebook, none in the record" in out


def test_a_changed_submission_topic_or_environment_is_said(
    graded: SmallClass, command, monkeypatch
) -> None:
    graded.hand_in("ada", {**RIGHT, **NEGATE})
    status, out, _ = command("replay", "ada", TOPIC)
    assert status == 1
    assert "one/double_test: graded 1, again 2" in out
    assert "submitted/ada/sums has changed since it was graded on 20" in out
    graded.hand_in("ada", HALF)
    (graded.root / "source" / TOPIC / "data.csv").write_text("new")
    monkeypatch.setattr(released, "environment", lambda: "another one")
    status, out, _ = command("replay", "ada", TOPIC)
    assert status == 0
    assert "The topic has changed since it was graded on " in out
    assert "Installed packages or the grader have changed since it was graded on " in out
    assert "submitted" not in out


def test_another_test_is_another_version(graded: SmallClass, command) -> None:
    source = graded.root / "source" / TOPIC / "one.ipynb"
    source.write_text(source.read_text().replace("double(1) == 2", "double(1) == 3"))
    nbgrader_api.generate_assignment(TOPIC, graded.root)
    status, out, _ = command("replay", "ada", TOPIC)
    assert status == 1
    assert "  one/double_test: graded 1, again 0" in out
    assert "The topic has changed" in out
    graded.hand_in("zoe")
    assert command("replay", "zoe", TOPIC)[0] == 2
    command(TOPIC, "--student", "zoe")
    assert command("replay", "zoe", TOPIC)[0] == 0


def test_a_broken_chain_is_said(graded: SmallClass, command) -> None:
    unguarded(graded, "UPDATE curriculum_record SET who = 'eve' WHERE number = 2")
    for arguments in (("replay", "ada", TOPIC), ("record",)):
        status, out, _ = command(*arguments)
        assert status == 1
        assert out.splitlines()[-1].startswith("The record does NOT hold. Row 2 is not")


def test_the_record_is_read(graded: SmallClass, command) -> None:
    with graded.gradebook() as book:
        grade = book.find_grade("explain", "say", TOPIC, "ada")
        grade.manual_score, grade.extra_credit = 3, 1
        book.db.commit()
    status, out, _ = command("record", "ada", TOPIC)
    assert status == 0
    lines = out.splitlines()
    assert len(lines) == 6
    assert ", curriculum grade  one/double_test: by machine none → 1  (submission " in lines[0]
    assert "  say/explain: by hand none → 3, extra credit none → 1  (submission " in lines[4]
    last = lines[5].split()[-1].rstrip(".")
    assert lines[5] == f"The record holds: 8 rows, the last one {last}."
    status, out, _ = command("record")
    assert (status, out.splitlines()) == (0, lines[5:])
    assert command("record", "--kept", last)[0] == 0
    assert command("record", "--kept", "beef")[0] == 1
    assert "nothing of zoe for sums" in command("record", "zoe", TOPIC)[1]


def test_what_was_cut_off_shows_in_the_gradebook(graded: SmallClass, command) -> None:
    unguarded(graded, "DELETE FROM curriculum_record WHERE number > 5")
    status, out, _ = command("record")
    assert status == 0
    assert "2 grades without a row: given before there was a record." in out
    raw(graded, "DELETE FROM grade WHERE auto_score = 1")
    status, out, _ = command("record")
    assert status == 1
    assert "ada, sums, one/double_test: by machine none in the gradebook, 1 in the record." in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["replay"], "Name one topic, as in `curriculum grade TOPIC`, or a student and a topic"),
        (["replay", "ada"], "Name one topic"),
        (["record", "ada"], "Name one topic"),
        (["ada", TOPIC], "Name one topic"),
        (["replay", "zoe", TOPIC], "Nothing was handed in for sums by zoe"),
        (["replay", "ada", "nothing"], "The gradebook does not know nothing"),
        (["replay", "ada", TOPIC, "--force"], "--force does not go with `curriculum grade replay`"),
        (["record", "--workers", "2"], "--workers does not go with `curriculum grade record`"),
        ([TOPIC, "--kept", "beef"], "--kept does not go with `curriculum grade TOPIC`"),
    ],
)
def test_what_can_be_mended_is_said(graded: SmallClass, command, arguments, says) -> None:
    status, out, err = command(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith(f"curriculum: {says}")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("name", ["replay", "record"])
def test_a_topic_of_that_name_is_graded(small: SmallClass, command, name: str) -> None:
    (small.root / "source" / name).mkdir()
    _, _, err = command(name)
    assert err.startswith(f"curriculum: The gradebook does not know {name}: ")


def test_what_was_not_graded_has_nothing_to_replay(small: SmallClass, command) -> None:
    small.hand_in("ada")
    status, _, err = command("replay", "ada", TOPIC)
    assert status == 2
    assert "ada has no grade for sums that could be replayed" in err
    assert not small.has_submission("ada")


@pytest.mark.slow
@pytest.mark.sandbox
def test_in_the_sandbox(graded: SmallClass, monkeypatch, capsys) -> None:
    """Whatever ran the notebooks gives the same grade."""
    monkeypatch.chdir(graded.root)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(graded.root / "none"))
    with pytest.raises(SystemExit) as end:
        cli.main(["grade", "replay", "ada", TOPIC, "--workers", "1"])
    said = capsys.readouterr()
    assert end.value.code == 0, said
    assert "ada, sums: the same, 8 points by machine." in said.out
