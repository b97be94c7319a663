"""The log: what happened is written once, kept whole, and never changed."""

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ordinary_user import read_only

from curriculum.files import WriteError
from curriculum.learner.log import FILE, Event, Log, LogError


def test_an_event_comes_back_as_it_was(tmp_path):
    event = Event(
        "check",
        topic="gradient_descent",
        notebook="2_build",
        exercise="step",
        help="hints=2",
        data={"points": 1.5, "failed": ["η", "zero"], "attempted": True},
        time=datetime(2026, 3, 1, 12, 30, 15, 250_000, UTC),
    )
    log = Log(tmp_path)
    log.append(event)
    assert log.events() == [event]


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
names = st.text(st.characters(exclude_categories=["Cs"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    kind=names,
    exercise=names,
    data=st.dictionaries(st.text(), plain, max_size=4),
    time=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
)
def test_whatever_is_written_is_read(tmp_path, kind, exercise, data, time):
    log = Log(tmp_path)
    log.append(Event(kind, exercise=exercise, data=data, time=time))
    last = log.events()[-1]
    assert (last.kind, last.exercise, last.data) == (kind, exercise, data)
    assert timedelta(0) <= time - last.time < timedelta(milliseconds=1)


def test_text_that_is_no_unicode_is_kept_too(tmp_path):
    log = Log(tmp_path)
    log.append(Event("check", data={"printed": "half of a pair: \ud83d"}))
    assert log.events()[0].data == {"printed": "half of a pair: \ud83d"}


def test_what_json_does_not_know_is_kept_as_text(tmp_path):
    log = Log(tmp_path)
    log.append(Event("check", data={"path": tmp_path}))
    assert log.events()[0].data == {"path": str(tmp_path)}


def test_events_are_found_by_kind_and_place_oldest_first(tmp_path):
    log = Log(tmp_path)
    for number, (kind, topic) in enumerate([("hint", "a"), ("check", "a"), ("hint", "b")] * 2):
        log.append(Event(kind, topic=topic, data={"number": number}))
    assert [event.data["number"] for event in log.events()] == [0, 1, 2, 3, 4, 5]
    assert [event.data["number"] for event in log.events("hint", topic="a")] == [0, 3]
    assert log.events("hint", topic="c") == []


def test_a_column_that_is_none_is_refused(tmp_path):
    log = Log(tmp_path)
    log.append(Event("hint"))
    with pytest.raises(ValueError, match="no column mood"):
        log.events(mood="good")


def test_an_empty_place_has_no_events_and_gets_no_file_by_asking(tmp_path):
    assert Log(tmp_path / "nowhere").events() == []
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "statement", ["UPDATE events SET kind = 'graded'", "DELETE FROM events", "REPLACE INTO events"]
)
def test_nothing_is_ever_changed_or_removed(tmp_path, statement):
    log = Log(tmp_path)
    log.append(Event("hint"))
    if statement.startswith("REPLACE"):
        statement += " (id, time, kind) VALUES (1, '2026-01-01T00:00:00+00:00', 'graded')"
    with sqlite3.connect(log.path) as database, pytest.raises(sqlite3.IntegrityError) as refused:
        database.execute(statement)
    assert "append-only" in str(refused.value)
    database.close()
    assert [event.kind for event in log.events()] == ["hint"]


def test_writers_in_several_processes_lose_nothing(tmp_path):
    code = (
        "import sys; from pathlib import Path; from curriculum.learner.log import Event, Log\n"
        "log = Log(Path(sys.argv[1]))\n"
        "for number in range(15):\n"
        "    log.append(Event('check', exercise=sys.argv[2], data={'number': number}))\n"
        "    log.events('check', exercise=sys.argv[2])\n"
    )
    folder = str(tmp_path / "new")
    writers = [subprocess.Popen([sys.executable, "-c", code, folder, name]) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    log = Log(tmp_path / "new")
    for name in "abc":
        written = [event.data["number"] for event in log.events("check", exercise=name)]
        assert written == list(range(15))


def test_a_writer_waits_until_another_has_finished(tmp_path):
    log = Log(tmp_path)
    log.append(Event("hint"))
    other = sqlite3.connect(log.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    finish = threading.Timer(0.2, other.execute, ["COMMIT"])
    finish.start()
    log.append(Event("check"))
    finish.join()
    other.close()
    assert [event.kind for event in log.events()] == ["hint", "check"]


def test_a_file_that_another_process_has_just_made_is_empty_and_not_broken(tmp_path):
    (tmp_path / FILE).touch()
    log = Log(tmp_path)
    assert log.events() == []
    log.append(Event("hint"))
    assert len(log.events()) == 1


def test_a_read_only_folder_is_one_sentence_on_writing_and_no_matter_on_reading(tmp_path):
    folder = tmp_path / "state"
    log = Log(folder)
    log.append(Event("hint"))
    with read_only(folder):
        with pytest.raises(WriteError) as failure:
            log.append(Event("hint"))
        assert len(log.events()) == 1
    said = str(failure.value)
    assert said.startswith(f"Your progress could not be written to {folder / FILE} (")
    assert "make the folder writable" in said
    assert "\n" not in said
    assert len(log.events()) == 1


def test_a_folder_that_cannot_be_made_is_the_same_sentence(tmp_path):
    tmp_path.joinpath("work").mkdir()
    with (
        read_only(tmp_path / "work"),
        pytest.raises(WriteError, match="Your progress could not be written"),
    ):
        Log(tmp_path / "work" / "state").append(Event("hint"))


@pytest.mark.parametrize(
    "content", [b"not a database at all", b"SQLite format 3\x00" + b"\x01" * 99]
)
def test_a_damaged_log_is_one_sentence(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    log = Log(tmp_path)
    with pytest.raises(LogError) as failure:
        log.events()
    assert str(failure.value).startswith(f"Your progress could not be read from {log.path} (")
    assert "move that file away" in str(failure.value)
    with pytest.raises(WriteError, match="could not be written"):
        log.append(Event("hint"))
    assert (tmp_path / FILE).read_bytes() == content
