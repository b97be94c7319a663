"""The record of grades: every writer leaves rows, and nobody changes them unseen."""

from __future__ import annotations

import json
import sqlite3
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

import course as courses
import pytest
from lab import TOKEN, free_port, serving
from nbgrader.api import Grade, Gradebook, InvalidEntry
from small_class import NEGATE, RIGHT, TOPIC, SmallClass, executed
from sqlalchemy import event, text, update
from sqlalchemy.exc import IntegrityError
from test_class_run import LATE
from test_faults import check_record
from test_stock_command import autograde

from curriculum.grading import ahead
from curriculum.grading.records import people, record, recording

WRONG = {"double": "def double(x):\n    return 2\n"}


def rows(small: SmallClass, student: str = "ada") -> list[record.Entry]:
    with small.gradebook() as book:
        return record.read(book.db.connection(), TOPIC, student)


def said(small: SmallClass, student: str = "ada") -> dict[str, tuple]:
    """Give the cells of a submission, with the points by machine and by hand, before and after."""
    return {row.cell: (row.old[:2], row.new[:2]) for row in rows(small, student)}


def verdict(small: SmallClass, kept: str = "") -> record.Verdict:
    with small.gradebook() as book:
        return record.verify(book.db.connection(), kept)


@contextmanager
def statements(book: Gradebook) -> Iterator[list[str]]:
    """Collect what is sent to the database."""
    sent: list[str] = []

    def note(connection, cursor, statement, *_) -> None:
        sent.append(statement)

    event.listen(book.engine, "before_cursor_execute", note)
    yield sent
    event.remove(book.engine, "before_cursor_execute", note)


# Who writes.


def test_curriculum_grade_is_recorded(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    assert said(small) == {
        "double_test": ((None, None), (2, None)),
        "triple_test": ((None, None), (3, None)),
        "negate_test": ((None, None), (4, None)),
    }
    row = rows(small)[0]
    assert (row.program, row.environment) == ("curriculum grade", "this one")
    assert row.who == people.who()
    assert len(row.submission) == len(row.version) == 64
    assert datetime.fromisoformat(row.time).utcoffset() == timedelta()
    check_record(small)


def test_only_changes_are_recorded(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    small.grade(force=True)
    assert [row.number for row in rows(small)] == [1, 2, 3]
    small.hand_in("ada", {**RIGHT, **NEGATE, **WRONG})
    small.grade()
    later = {row.cell: (row.old[0], row.new[0]) for row in rows(small)[3:]}
    assert later == {"double_test": (2, 1), "explain": (None, 0)}
    first, last = rows(small)[0], rows(small)[-1]
    assert first.submission != last.submission and first.version == last.version
    check_record(small)


def test_what_can_not_be_read_is_recorded(small: SmallClass) -> None:
    small.hand_in("ada", one="no JSON")
    small.grade()
    assert said(small)["double_test"] == ((None, None), (0, None))
    check_record(small)


def test_nbgrader_autograde_is_recorded(small: SmallClass, monkeypatch) -> None:
    monkeypatch.setattr(ahead, "execute", executed)
    monkeypatch.setattr(sys, "argv", ["/bin/nbgrader", "--debug", "autograde", TOPIC])
    recording.environment.cache_clear()
    small.hand_in("ada", two=None)
    autograde(small)
    found = rows(small)
    assert [row.cell for row in found] == ["negate_test", "double_test", "triple_test"]
    assert {row.program for row in found} == {"nbgrader autograde"}
    check_record(small)
    small.hand_in("ben", two=None)
    small.grade("ben")
    (mine,) = {(row.version, row.environment) for row in rows(small, "ben")}
    assert {(row.version, row.environment) for row in found} == {mine}
    assert all(len(row.submission) == 64 for row in found)
    recording.environment.cache_clear()


def test_the_digest_is_that_of_curriculum_grade(small: SmallClass, monkeypatch) -> None:
    monkeypatch.setattr(ahead, "execute", executed)
    small.hand_in("ada", WRONG)
    autograde(small)
    small.grade(force=True)  # nothing changes
    digest = rows(small)[-1].submission
    small.hand_in("ada", RIGHT)
    small.grade()
    again = rows(small)[-1].submission
    small.hand_in("ada", WRONG)
    small.grade()
    assert rows(small)[-1].submission == digest != again


def test_late_penalties_are_recorded(small: SmallClass) -> None:
    with (small.root / "nbgrader_config.py").open("a") as config:
        config.write(LATE)
    due = datetime(2026, 3, 1, 12)
    with small.gradebook() as book:
        book.update_or_create_assignment(TOPIC, duedate=due)
    small.hand_in("ada", **{"timestamp.txt": (due + timedelta(hours=1)).isoformat(" ") + " UTC"})
    for _ in range(2):
        small.grade(force=True)
        found = [(row.notebook, row.old[3], row.new[3]) for row in rows(small) if not row.cell]
        assert found == [("one", None, 1.5), ("say", None, 0), ("two", None, 1.5)]
    check_record(small)


def test_what_a_person_gives_is_of_what_was_graded_last(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        grade = book.find_grade("explain", "say", TOPIC, "ada")
        grade.manual_score, grade.extra_credit = "3.5", 1
        book.db.commit()
        grade.manual_score, grade.needs_manual_grade = 3.5, False  # the same
        book.db.commit()
    row = rows(small)[-1]
    assert (row.number, row.cell) == (4, "explain")
    assert (row.old, row.new) == ((None,) * 4, (None, 3.5, 1, None))
    before = rows(small)[0]
    assert (row.submission, row.version) == (before.submission, before.version)
    check_record(small)


def test_a_grade_that_is_removed_is_recorded(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        book.remove_submission(TOPIC, "ada")
    assert said(small)["triple_test"] == ((3, None), (None, None))
    check_record(small)


def test_what_is_undone_is_not_recorded(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        grade = book.find_grade("explain", "say", TOPIC, "ada")
        grade.manual_score = 1
        book.db.flush()
        book.db.rollback()
        grade.manual_score = 2
        book.db.flush()
        grade.manual_score = 3
        book.db.commit()
    assert [row.new[1] for row in rows(small)[3:]] == [3]
    with small.gradebook() as book:  # a part of a transaction alone
        grade = book.find_grade("explain", "say", TOPIC, "ada")
        grade.manual_score = 4
        part = book.db.begin_nested()
        book.find_grade("double_test", "one", TOPIC, "ada").manual_score = 1
        part.rollback()
        with book.db.begin_nested():
            book.find_grade("triple_test", "one", TOPIC, "ada").manual_score = 1
        book.db.commit()
    assert {row.cell for row in rows(small)[4:]} == {"explain", "triple_test"}
    check_record(small)


def test_a_submission_costs_four_statements(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        grades = [g for n in book.find_submission(TOPIC, "ada").notebooks for g in n.grades]
        for grade in grades:
            grade.manual_score = 1
        with statements(book) as sent:
            book.db.commit()
    # Where they belong, of which submission, the last row, the new ones.
    more = [one for one in sent if not one.startswith("UPDATE grade ")]
    assert len(grades) == 4 and len(more) == 4, more
    assert len(rows(small)) == 7


def test_what_nobody_sees_is_refused(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        with pytest.raises(InvalidEntry, match="changed one by one"):
            book.db.execute(update(Grade).values(manual_score=1))
        with pytest.raises(InvalidEntry, match="changed one by one"):
            book.db.query(Grade).delete()
    assert len(rows(small)) == 3


@contextmanager
def formgrader(small: SmallClass) -> Iterator[str]:
    """Run nbgrader's server extension in a course; gives the address of its API."""
    address = f"http://localhost:{(port := free_port())}/formgrader/api"
    extension = "{'nbgrader.server_extensions.formgrader': True}"
    command = [sys.executable, "-m", "jupyter_server", f"--port={port}", "--no-browser"]
    command += ["--allow-root", f"--ServerApp.jpserver_extensions={extension}"]
    command += [f"--ServerApp.root_dir={small.root}"]
    env = courses.environment(small.root) | {"JUPYTER_TOKEN": TOKEN}
    env["PYTHONPATH"] = str(courses.ROOT)
    status = f"{address}/status?token={TOKEN}"
    with serving(command, status, small.root / "server.log", cwd=small.root, env=env):
        yield address


def put(address: str, grade: str, body: str) -> tuple[int, dict]:
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{address}/grade/{grade}", body.encode(), headers, method="PUT")
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.slow
def test_the_formgrader_is_recorded_and_refuses_what_can_not_be(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with small.gradebook() as book:
        grade = book.find_grade("explain", "say", TOPIC, "ada").id
    with formgrader(small) as address:
        assert put(address, grade, '{"manual_score": "4.5", "extra_credit": null}')[0] == 200
        for body, why in (
            ('{"manual_score": 6}', "Points of explain can't be above 5, as 6 is"),
            ('{"manual_score": -1}', "Points can't be below zero"),
            ('{"manual_score": NaN}', "Points must be a number"),
            ('{"manual_score": 1, "extra_credit": Infinity}', "Extra credit must be a number"),
            ('{"manual_score": "lots"}', "Points must be a number, not 'lots'."),
        ):
            status, answer = put(address, grade, body)
            assert status == 400 and answer["message"].startswith(why), answer
        status, answer = put(address, grade, '{"manual_score": 5, "extra_credit": "1"}')
        assert (status, answer["manual_score"], answer["extra_credit"]) == (200, 5, 1)
    found = rows(small)[3:]
    assert [row.new[1:3] for row in found] == [(4.5, None), (5, 1)]
    assert {(row.program, row.cell) for row in found} == {("formgrader", "explain")}
    check_record(small)


# The chain.


def graded_by_hand(small: SmallClass) -> None:
    """Make a record of several rows."""
    for name in ("ada", "ben"):
        small.hand_in(name)
    small.grade()
    assert verdict(small) == record.Verdict(6, rows(small, "ben")[-1].hash)


def unguarded(small: SmallClass, *sql: str) -> None:
    """Do what nobody may who has not taken the guards away, and put them back."""
    with closing(sqlite3.connect(small.root / "gradebook.db")) as connection, connection:
        guards = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for one in sql:
            connection.execute(one)
        for _, made in guards:
            connection.execute(made)


CHANGE = "UPDATE curriculum_record SET"
COPY = "CREATE TABLE aside AS SELECT * FROM curriculum_record"


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ([f"{CHANGE} new_auto = 0 WHERE number = 2"], "Row 2 is not what was written"),
        ([f"{CHANGE} who = 'eve' WHERE number = 1"], "Row 1 is not what was written"),
        ([f"{CHANGE} hash = substr(hash, 2) || 'x' WHERE number = 6"], "Row 6 is not"),
        (["DELETE FROM curriculum_record WHERE number = 3"], "Row 3 is missing"),
        (
            [
                "DELETE FROM curriculum_record WHERE number = 3",
                f"{CHANGE} number = number - 1 WHERE number > 3",
            ],
            "Row 3 is not what was written",
        ),
        (
            [
                COPY,
                f"{CHANGE} number = -number WHERE number > 2",
                f"{CHANGE} number = 1 - number WHERE number < 0",
                "UPDATE aside SET number = 3",
                "INSERT INTO curriculum_record SELECT * FROM aside LIMIT 1",
            ],
            "Row 3 is not what was written",
        ),
        (
            [
                f"{CHANGE} number = 0 WHERE number = 4",
                f"{CHANGE} number = 4 WHERE number = 5",
                f"{CHANGE} number = 5 WHERE number = 0",
            ],
            "Row 4 is not what was written",
        ),
    ],
    ids=["points", "who", "hash", "gap", "removed", "inserted", "reordered"],
)
def test_the_first_broken_row_is_found(small: SmallClass, sql, says) -> None:
    graded_by_hand(small)
    unguarded(small, *sql)
    assert verdict(small).fault.startswith(says)


def test_a_hash_that_was_kept_shows_what_was_cut_off(small: SmallClass) -> None:
    graded_by_hand(small)
    last = verdict(small).last
    assert verdict(small, kept=last[:12]).fault == ""
    unguarded(small, "DELETE FROM curriculum_record WHERE number = 6")
    assert verdict(small).fault == ""
    assert verdict(small, kept=last[:12]).fault.startswith(f"No row has the hash {last[:12]}")


def test_missing_guards_are_told(small: SmallClass) -> None:
    graded_by_hand(small)
    with closing(sqlite3.connect(small.root / "gradebook.db")) as connection:
        connection.execute("DROP TRIGGER curriculum_record_delete")
    assert "guards of the record are gone: curriculum_record_delete" in verdict(small).fault


@pytest.mark.parametrize(
    "sql",
    [
        f"{CHANGE} who = 'eve'",
        "DELETE FROM curriculum_record",
        "DELETE FROM curriculum_record WHERE number = 6",
        "INSERT OR REPLACE INTO curriculum_record SELECT * FROM curriculum_record WHERE number = 2",
        "REPLACE INTO curriculum_record SELECT * FROM curriculum_record WHERE number = 6",
    ],
)
def test_the_database_refuses(small: SmallClass, sql: str) -> None:
    graded_by_hand(small)
    before = rows(small)
    with small.gradebook() as book, pytest.raises(IntegrityError, match="only grows"):
        book.db.execute(text(sql))
        book.db.commit()
    assert rows(small) == before
    assert verdict(small).fault == ""


def test_two_writers_keep_one_chain(small: SmallClass) -> None:
    names = ("ada", "ben")
    for name in names:
        small.hand_in(name)
    small.grade()

    def write(name: str) -> None:
        with small.gradebook() as book:
            for points in range(20):
                book.find_grade("explain", "say", TOPIC, name).manual_score = points % 5 + 0.5
                book.db.commit()

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(write, names))
    assert verdict(small).rows == 6 + 2 * 20
    check_record(small)


def test_a_gradebook_from_before_there_was_a_record(small: SmallClass) -> None:
    small.hand_in("ada")
    small.grade()
    with closing(sqlite3.connect(small.root / "gradebook.db")) as connection:
        connection.execute("DROP TABLE curriculum_record")
    with small.gradebook() as book:
        book.find_grade("explain", "say", TOPIC, "ada").manual_score = 2
        book.db.commit()
    (row,) = rows(small)
    assert (row.number, row.cell, row.submission) == (1, "explain", "")
    assert verdict(small).fault == ""
