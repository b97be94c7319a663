"""The book of receipts: rows are added, and nothing else happens to them."""

import sqlite3
import subprocess
import sys

import pytest

from curriculum.hub.exchange.receipts import Receipts

SAID = {
    "course": "ml",
    "topic": "knn",
    "student": "ada",
    "time": "2026-01-02T03:04:05.000006+00:00",
    "digest": "d" * 64,
    "files": 1,
    "size": 2,
}


@pytest.fixture
def book(tmp_path):
    return Receipts(tmp_path / "receipts.sqlite")


def add(book, folder, **other):
    with book.adding(**{**SAID, "folder": folder, **other}) as receipt:
        return receipt


def raw(book):
    return sqlite3.connect(book._path)


def without_rules(book):
    """Do what only the owner of the file can."""
    connection = raw(book)
    for verb in ("UPDATE", "DELETE"):
        connection.execute(f"DROP TRIGGER no_{verb}")
    return connection


def test_receipts_count_from_one_and_lead_to_one_another(book):
    first, second = add(book, "a"), add(book, "b")
    assert (first.number, second.number) == (1, 2)
    assert first.code == first.bound("0" * 64)
    assert second.code == second.bound(first.code)
    assert book.first_wrong() is None


def test_a_student_has_their_own_and_no_others(book):
    add(book, "a")
    add(book, "b", student="grace")
    add(book, "c", topic="svm")
    assert [one.folder for one in book.of("ada")] == ["a", "c"]
    assert [one.folder for one in book.of("ada", "knn")] == ["a"]
    assert book.of("ada' OR '1'='1") == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE receipts SET time = 'x'",
        "DELETE FROM receipts",
        "DELETE FROM receipts WHERE number = 1",
    ],
)
def test_receipts_are_never_changed(book, change):
    add(book, "a")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        raw(book).execute(change)
    assert len(book.all()) == 1


@pytest.mark.parametrize(
    "change, first",
    [
        ("UPDATE receipts SET student = 'eve' WHERE number = 2", 2),
        ("UPDATE receipts SET time = '2020' WHERE number = 1", 1),
        ("UPDATE receipts SET size = 3 WHERE number = 3", 3),
        ("DELETE FROM receipts WHERE number = 2", 2),
        ("UPDATE receipts SET code = 'x' WHERE number = 1", 1),
    ],
)
def test_a_row_that_was_changed_is_found(book, change, first):
    for folder in "abc":
        add(book, folder)
    with without_rules(book) as connection:
        connection.execute(change)
    assert book.first_wrong() == first


def test_a_folder_has_one_receipt(book):
    add(book, "a")
    with pytest.raises(sqlite3.IntegrityError):
        add(book, "a")
    assert len(book.all()) == 1


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_failed_has_no_receipt(book, error):
    with pytest.raises(error), book.adding(**SAID, folder="a"):
        raise error
    assert book.all() == []
    assert add(book, "b").number == 1


def test_two_processes_add_at_once(book, tmp_path):
    code = (
        "import sys; from pathlib import Path; from curriculum.hub.exchange.receipts import"
        " Receipts\nbook = Receipts(Path(sys.argv[1]))\nfor n in range(25):\n"
        f"    with book.adding(**{SAID!r}, folder=sys.argv[2] + str(n)): pass\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(book._path), who]) for who in ("a", "b")
    ]
    assert [one.wait() for one in both] == [0, 0]
    assert [one.number for one in book.all()] == [*range(1, 51)]
    assert book.first_wrong() is None
