"""What is collected from the exchange: whose it is, which one counts, and when it came."""

from __future__ import annotations

import errno
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hand_ins import SECRET, Exchange, exchange_of, now
from nbgrader.exchange import ExchangeError
from ordinary_user import read_only
from small_class import TOPIC, SmallClass

from curriculum.grading.exchange import carry, collect
from curriculum.grading.nbgrader_api import GradingError


@pytest.fixture
def exchange(small: SmallClass, tmp_path: Path) -> Iterator[Exchange]:
    with exchange_of(small, tmp_path / "exchange") as made:
        yield made


def link(exchange: Exchange, folder: Path) -> None:
    (folder / "data.csv").symlink_to(exchange.small.root / "key.txt")


# Whose it is.


def test_a_forged_newer_one_does_not_hide_the_students_own(exchange: Exchange) -> None:
    exchange.submit("ada", "hers")
    exchange.submit("ada", "forged", owner="mallory")
    done = exchange.collect()
    assert exchange.collected() == {"ada": "hers"}
    assert "belongs to mallory" in done.refused[0].reason


def test_an_account_that_nobody_knows_is_nobodys(exchange: Exchange) -> None:
    exchange.submit("ada")
    del exchange.accounts.numbers["ada"]
    (refusal,) = exchange.collect().refused
    assert "belongs to the unknown account 4" in refusal.reason


def test_where_all_have_one_account_it_is_said_what_to_set(exchange: Exchange) -> None:
    exchange.submit("ada", owner="teacher")
    assert "c.ExchangeCollect.check_owner = False" in exchange.api().collect(TOPIC)["log"]
    exchange.collect(check_owner=False)
    assert exchange.collected() == {"ada": "mine"}


def test_a_flood_of_refusals_is_told_in_few_lines(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "MOST_LINES", 3)
    for number in range(9):
        exchange.submit("mallory", name=f"garbage{number}")
    exchange.submit("ada")
    log = exchange.api().collect(TOPIC)["log"]
    assert log.count("Refused ") == 3 and "1 collected, 0 as before, 9 refused" in log


def test_where_all_have_one_account_links_to_others_files_are_refused(exchange: Exchange) -> None:
    exchange.submit("ada", owner="teacher")
    (exchange.small.root / "key.txt").write_text(SECRET)
    folder = exchange.submit("ben", owner="teacher")
    (folder / "key.txt").hardlink_to(exchange.small.root / "key.txt")
    done = exchange.collect(check_owner=False)
    assert exchange.collected() == {"ada": "mine"}
    assert "key.txt has a second name elsewhere" in done.refused[0].reason


# Which one counts.


def test_the_newest_good_one_is_collected(exchange: Exchange) -> None:
    exchange.submit("ada", "first")
    exchange.submit("ada", "second")
    link(exchange, exchange.submit("ada", "third"))
    exchange.collect()
    assert exchange.collected() == {"ada": "second"}


def test_without_update_what_was_collected_stays(exchange: Exchange) -> None:
    exchange.submit("ada", "first")
    exchange.collect()
    exchange.submit("ada", "second")
    exchange.collect()
    assert exchange.collected() == {"ada": "first"}
    exchange.collect(update=True)
    assert exchange.collected() == {"ada": "second"}


def test_one_student_is_collected_alone(exchange: Exchange) -> None:
    for student in ("ada", "ben"):
        exchange.submit(student)
    exchange.submit("mallory", name="garbage")
    assert exchange.collect("ben").refused == []
    assert exchange.collected() == {"ben": "mine"}


def test_the_last_before_the_due_date_is_collected(exchange: Exchange) -> None:
    exchange.submit("ada", "in time")
    exchange.due(now())
    exchange.submit("ada", "late")
    exchange.submit("ben", "late")
    exchange.collect(before_duedate=True, slack_seconds=0)
    assert exchange.collected() == {"ada": "in time", "ben": "late"}


def test_a_refused_newer_one_leaves_the_collected_one(exchange: Exchange) -> None:
    exchange.submit("ada", "first").rename(exchange.inbound / f"ada+{TOPIC}+{now()}+a")
    exchange.collect()
    for path in exchange.inbound.iterdir():
        link(exchange, path)
    exchange.collect(update=True)
    assert exchange.collected() == {"ada": "first"}


# When it came.


def test_a_backdated_submission_is_late(exchange: Exchange) -> None:
    with (exchange.small.root / "nbgrader_config.py").open("a") as config:
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    exchange.due(now(hours=1))
    for student in ("ada", "ben"):
        exchange.small.hand_in(student)
        folder = exchange.submit(student, claimed=now(hours=2))
        for path in exchange.small.submitted(student).iterdir():
            path.replace(folder / path.name)
        for path in (*folder.iterdir(), folder):
            os.utime(path, (0, 0))
        exchange.own(folder, folder)
        exchange.small.submitted(student).rmdir()
    done = exchange.collect("ada")
    assert "says" in done.remarks[0] and "that is its time" in done.remarks[0]
    assert abs(exchange.time("ada") - now()) < timedelta(minutes=5)
    exchange.collect("ben", receivers_time=False)
    exchange.small.run()
    with exchange.small.gradebook() as book:
        ada, ben = (book.find_submission(TOPIC, name) for name in ("ada", "ben"))
        assert ada.total_seconds_late > 3000 and ada.late_submission_penalty == ada.score > 0
        assert ben.total_seconds_late == 0 and not ben.late_submission_penalty


def test_within_the_slack_the_name_counts(exchange: Exchange) -> None:
    claimed = now(seconds=30)
    exchange.submit("ada", claimed=claimed)
    assert exchange.collect().remarks == []
    assert exchange.time("ada") == claimed


def test_what_is_changed_after_the_due_date_is_late(exchange: Exchange) -> None:
    folders = [exchange.submit(student) for student in ("ada", "ben", "cleo", "dan")]
    due = now()
    (folders[0] / "one.ipynb").write_text("better")
    prepared = exchange.small.root / "prepared"
    prepared.write_text("better")
    prepared.rename(folders[1] / "one.ipynb")
    (folders[2] / "extra").mkdir()
    for folder in folders[:3]:
        exchange.own(folder, folder)
    exchange.collect(slack_seconds=0)
    late = {student for student in exchange.collected() if exchange.time(student) > due}
    assert late == {"ada", "ben", "cleo"}


def test_new_rights_in_the_exchange_change_no_time(exchange: Exchange) -> None:
    folder = exchange.submit("ada")
    exchange.collect()
    before = exchange.time("ada")
    for path in folder.iterdir():
        path.chmod(0o640)
    exchange.collect(update=True, slack_seconds=0)
    assert exchange.time("ada") == before


def test_after_a_restore_what_names_say_is_taken_back(exchange: Exchange) -> None:
    claimed = now(days=3)
    for number in range(6):
        exchange.submit(f"s{number}", claimed=claimed)
    log = exchange.api().collect(TOPIC)["log"]
    assert "receivers_time=False" in log
    assert exchange.time("s1") > now(hours=1)
    exchange.collect(update=True, receivers_time=False)
    assert [exchange.time(f"s{number}") for number in range(6)] == [claimed] * 6


# What can go wrong on the way.


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_copy_that_dies_leaves_what_was_there(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    exchange.submit("ada", "first")
    exchange.collect()
    exchange.submit("ada", "second")
    before = exchange.everything()
    chunks = carry._chunks

    def dying(source: int, path: str, size: int) -> Iterator[bytes]:
        if path == "timestamp.txt":
            raise OSError(number, os.strerror(number))
        return chunks(source, path, size)

    monkeypatch.setattr(carry, "_chunks", dying)
    with pytest.raises(GradingError, match=r"disk is full|Permission denied"):
        exchange.collect(update=True)
    assert exchange.collected() == {"ada": "first"}
    assert exchange.everything() == before


def test_one_that_can_not_be_written_stops_no_other(exchange: Exchange) -> None:
    for student in ("ada", "ben"):
        exchange.submit(student)
    exchange.small.submitted("ada").parent.mkdir(parents=True)
    exchange.small.submitted("ada").write_text("in the way")
    with pytest.raises(GradingError, match="ada's submission can't be written"):
        exchange.collect()
    assert exchange.collected() == {"ben": "mine"}
    with pytest.raises(ExchangeError):
        exchange.api().exchange.Collect(
            coursedir=exchange.course(), authenticator=None, parent=exchange.api()
        ).start()


def test_what_can_not_be_read_is_refused(exchange: Exchange) -> None:
    for student in ("ada", "ben"):
        folder = exchange.submit(student)
    (folder / "one.ipynb").chmod(0)
    with read_only(exchange.small.root / "source"):
        (refusal,) = exchange.collect().refused
    assert exchange.collected() == {"ada": "mine"}
    assert refusal.reason == "one.ipynb can't be read (permission denied)."


def test_another_file_system_in_a_submission_is_refused(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = exchange.submit("ada")
    (folder / "mounted").mkdir()
    exchange.own(folder / "mounted", folder)
    number = (folder / "mounted").stat().st_ino
    mount = carry._mount
    monkeypatch.setattr(
        carry, "_mount", lambda fd: "mnt_id: 1" if os.fstat(fd).st_ino == number else mount(fd)
    )
    (refusal,) = exchange.collect().refused
    assert refusal.reason == "mounted/ is on a file system of its own."


def test_one_without_a_key_gets_one(exchange: Exchange) -> None:
    """`nbgrader release_feedback` stops at the first submission that has none."""
    for student, content in {"ada": None, "ben": "", "cleo": "\u00e9" * 9, "dan": "x" * 9}.items():
        path = exchange.submit(student) / "submission_secret.txt"
        if content is None:
            path.unlink()
        else:
            path.write_text(content)
    exchange.collect()
    read = {s: (exchange.small.submitted(s) / path.name).read_text() for s in exchange.collected()}
    assert read.pop("dan") == "x" * 9
    assert len(read) == 3 and all(re.fullmatch("[0-9a-f]{128}", key) for key in read.values())
    assert len(set(read.values())) == 3


def test_what_the_course_ignores_is_not_looked_at(exchange: Exchange) -> None:
    folder = exchange.submit("ada")
    (folder / "feedback").symlink_to(exchange.small.root)
    (folder / "__pycache__").mkdir()
    os.mkfifo(folder / "__pycache__" / "pipe")
    assert exchange.collect().refused == []
    assert len(list(exchange.small.submitted("ada").iterdir())) == 3


@dataclass
class Swap:
    """A file or folder of ada's submission that she can swap for a link out of it, and back."""

    place: Path
    good: Path
    bad: Path

    def there(self) -> None:
        self.place.rename(self.good)
        self.bad.rename(self.place)

    def back(self) -> None:
        self.place.rename(self.bad)
        self.good.rename(self.place)


@pytest.fixture(params=["file", "folder", "all"])
def swap(exchange: Exchange, request: pytest.FixtureRequest) -> Swap:
    outside = exchange.small.root / "outside"
    (outside / "data").mkdir(parents=True)
    for path in (outside / "data" / "x.txt", outside / "one.ipynb"):
        path.write_text(SECRET)
    exchange.accounts.give(outside, "ada")  # so that its owner does not give it away
    folder = exchange.submit("ada")
    (folder / "data").mkdir()
    exchange.add(folder / "data", "x.txt", "mine")
    exchange.own(folder, folder)
    inside = {"file": "one.ipynb", "folder": "data", "all": ""}[request.param]
    bad = exchange.inbound / ".bad"
    bad.symlink_to(outside / inside)
    exchange.accounts.give(bad, "ada")
    return Swap(folder / inside, exchange.inbound / ".good", bad)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Keep what is read of files in the exchange."""
    kept: list[bytes] = []
    chunks = carry._chunks

    def keep(source: int, path: str, size: int) -> Iterator[bytes]:
        for chunk in chunks(source, path, size):
            kept.append(chunk)
            yield chunk

    monkeypatch.setattr(carry, "_chunks", keep)
    return kept


def test_a_swap_just_before_it_is_opened_wins_nothing(
    exchange: Exchange, swap: Swap, read: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, swapped = os.open, []

    def open_late(path, *arguments, **named):
        ours = path == swap.place.name and named.get("dir_fd") is not None
        if not ours:
            return opened(path, *arguments, **named)
        swapped.append(path)
        swap.there()
        try:
            return opened(path, *arguments, **named)
        finally:
            swap.back()

    monkeypatch.setattr(os, "open", open_late)
    (refusal,) = exchange.collect().refused
    assert swapped and refusal.again
    assert SECRET.encode() not in read
    assert exchange.everything() == [] or not any(p.is_file() for p in exchange.everything())


def test_who_swaps_all_the_time_wins_nothing(
    exchange: Exchange, swap: Swap, read: list[bytes]
) -> None:
    stop = threading.Event()

    def go() -> None:
        while not stop.is_set():
            swap.there()
            swap.back()

    thread = threading.Thread(target=go)
    thread.start()
    refused = 0
    try:
        for _ in range(40):
            refused += bool(exchange.collect(update=True, slack_seconds=0).refused)
            assert not any(path.is_symlink() for path in exchange.everything())
    finally:
        stop.set()
        thread.join()
    assert refused and SECRET.encode() not in read
    exchange.collect(update=True, slack_seconds=0)
    assert exchange.collected() == {"ada": "mine"}
