"""The desk without the web: what it takes, what it gives, and what it never loses."""

import errno
import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from nbgrader.utils import notebook_hash

from curriculum.hub.exchange import bundle, desk
from curriculum.hub.exchange.desk import SECRET, TIMESTAMP, Desk, Limits, Refused

WORK = {"1_see.ipynb": b"{}", "data/x.csv": b"1"}


@pytest.fixture
def root(tmp_path):
    topic = tmp_path / "outbound" / "knn"
    topic.mkdir(parents=True)
    (topic / "1_see.ipynb").write_bytes(b'{"cells": []}')
    return tmp_path


def open_desk(root, **limits):
    return Desk("ml", root, Limits(**{"spare": 0, **limits}))


def submit(at, student="ada", topic="knn", files=WORK):
    return at.submit(student, topic, bundle.pack(files))


def refused(*arguments, **named):
    with pytest.raises(Refused) as why:
        submit(*arguments, **named)
    assert str(why.value).endswith(".")
    return why.value.status


def inbound(root):
    return sorted(path.name for path in (root / "inbound").iterdir())


def release_feedback(root, receipt, page=b"<p>well done"):
    secret = (root / "inbound" / receipt.folder / SECRET).read_text()
    (root / "feedback").mkdir(exist_ok=True)
    name = notebook_hash(secret=secret, notebook_id="1_see")
    (root / "feedback" / f"{name}.html").write_bytes(page)


# Topics.


def test_a_released_topic_is_listed_and_fetched(root):
    at = open_desk(root)
    assert [one["topic"] for one in at.topics()] == ["knn"]
    assert at.fetch("knn") == {"1_see.ipynb": b'{"cells": []}'}


@pytest.mark.parametrize(
    "topic", ["svm", "..", ".", "../inbound", "knn/../knn", "knn/", "", "k\0", "knn\n", "a+knn"]
)
def test_there_is_no_other_topic(root, topic):
    at = open_desk(root)
    with pytest.raises(Refused) as why:
        at.fetch(topic)
    assert why.value.status == 404
    assert refused(at, topic=topic) == 404
    assert inbound(root) == []


# Submissions.


def test_what_is_handed_in_lies_where_nbgrader_collects_it(root):
    before = datetime.now(UTC)
    receipt = submit(open_desk(root))
    after = datetime.now(UTC)
    folder = root / "inbound" / receipt.folder
    assert folder.name.split("+")[:2] == ["ada", "knn"]
    assert {path: (folder / path).read_bytes() for path in WORK} == WORK
    assert before <= datetime.fromisoformat(receipt.time) <= after
    assert (folder / TIMESTAMP).read_text() == folder.name.split("+")[2]
    assert receipt.digest == bundle.digest(WORK)
    assert (receipt.files, receipt.size) == (2, 3)


def test_every_submission_is_kept(root):
    at = open_desk(root)
    receipts = [submit(at), submit(at), submit(at, "grace")]
    assert [one.number for one in receipts] == [1, 2, 3]
    assert inbound(root) == sorted(one.folder for one in receipts)
    assert [one["number"] for one in at.submissions("ada")] == [1, 2]
    assert [one["number"] for one in at.submissions("grace")] == [3]


def test_who_hands_in_says_neither_when_nor_by_which_key(root):
    forged = {**WORK, TIMESTAMP: b"2001-01-01 00:00:00.0 UTC", SECRET: b"known"}
    receipt = submit(open_desk(root), files=forged)
    folder = root / "inbound" / receipt.folder
    assert b"2001" not in (folder / TIMESTAMP).read_bytes()
    assert (folder / SECRET).read_bytes() != b"known"
    assert receipt.digest == bundle.digest(WORK)


@pytest.mark.parametrize("name", ["a+b", "../a", "Ada", "", "ada/x", "a\0", "ada\n", "a" * 33])
def test_nobody_is_called_so(root, name):
    assert refused(open_desk(root), name) == 403
    assert inbound(root) == []


@pytest.mark.parametrize(
    "files",
    [{}, {"a.txt": b""}, {"../a.ipynb": b""}, {"a.ipynb": b"", "a.ipynb/b": b""}],
    ids=str,
)
def test_what_is_no_work_is_refused(root, files):
    assert refused(open_desk(root), files=files) == 400
    assert inbound(root) == []


def test_bytes_that_are_no_message_are_refused(root):
    with pytest.raises(Refused) as why:
        open_desk(root).submit("ada", "knn", b"\xff" * 100)
    assert why.value.status == 400


def test_a_student_hands_in_so_often(root):
    at = open_desk(root, submissions=2)
    submit(at), submit(at)
    assert refused(at) == 429
    submit(at, "grace")
    assert len(inbound(root)) == 3


def test_a_student_fills_so_much(root):
    at = open_desk(root, kept=2000)
    for _ in range(2):
        submit(at, files={"a.ipynb": bytes(800)})
    assert refused(at, files={"a.ipynb": bytes(800)}) == 429
    assert len(inbound(root)) == 2


def test_a_full_disk_is_not_filled_further(root):
    assert refused(open_desk(root, spare=1 << 60)) == 507


# What fails half-way.


def fails_at(monkeypatch, where, name, number):
    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(where, name, fail)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_nothing_is_half_written_when_the_disk_is_full(root, monkeypatch, number):
    at = open_desk(root)
    with monkeypatch.context() as patched:
        fails_at(patched, os, "fsync", number)
        assert refused(at) == 507
    assert inbound(root) == []
    assert submit(at).number == 1


def test_what_got_no_receipt_can_not_be_collected(root, monkeypatch):
    at = open_desk(root)
    with monkeypatch.context() as patched:
        fails_at(patched, desk, "_sync", errno.ENOSPC)
        assert refused(at) == 507
    assert inbound(root) == []
    assert at.receipts.all() == []
    assert submit(at).number == 1


@contextmanager
def small_disk(folder):
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_small_disk_is_filled_and_nothing_is_half_written(tmp_path):
    with small_disk(tmp_path / "disk") as root:
        (root / "outbound" / "knn").mkdir(parents=True)
        (root / "outbound" / "knn" / "a.ipynb").write_text("{}")
        at = open_desk(root)
        taken = []
        with pytest.raises(Refused) as why:
            for _ in range(20):
                taken.append(submit(at, files={"a.ipynb": bytes(60_000)}))
        assert why.value.status == 507
        assert "Your work is safe" in str(why.value)
        assert taken
        assert inbound(root) == sorted(one.folder for one in taken)
        assert at.receipts.all() == taken
        assert at.receipts.first_wrong() is None


_KILLED = """
import os, sys
from pathlib import Path
from curriculum.hub.exchange import bundle, desk
from curriculum.hub.exchange.desk import Desk, Limits
root = Path(sys.argv[1])
files = {f"f{n}.ipynb": b"{}" for n in range(500)}
at = Desk("ml", root, Limits(spare=0))
if sys.argv[2] == "renamed":
    desk._sync = lambda folder: os.kill(os.getpid(), 9)
else:
    bundle.os.fsync = lambda descriptor: os.kill(os.getpid(), 9)
at.submit("ada", "knn", bundle.pack(files))
"""


def kill_a_desk(root, when):
    done = subprocess.run([sys.executable, "-c", _KILLED, str(root), when])
    assert done.returncode == -9


def test_what_a_killed_desk_had_not_finished_is_taken_away(root):
    kill_a_desk(root, "writing")
    assert len(inbound(root)) == 1
    at = open_desk(root)
    assert inbound(root) == []
    assert submit(at).number == 1


def test_what_a_killed_desk_had_finished_gets_its_receipt_with_its_time(root):
    submit(open_desk(root))
    kill_a_desk(root, "renamed")
    assert len(open_desk(root).receipts.all()) == 2
    _, late = open_desk(root).receipts.all()
    assert (root / "inbound" / late.folder).is_dir()
    assert late.student == "ada"
    assert late.files == 500
    said = datetime.fromisoformat(late.time)
    assert f"{said:%Y-%m-%d %H:%M:%S.%f} UTC" == late.folder.split("+")[2]
    assert datetime.now(UTC) - said < timedelta(hours=1)
    assert open_desk(root).receipts.first_wrong() is None


@pytest.mark.parametrize("name", ["notes", "ada+knn", "ada+knn+2020+x", ".ipynb_checkpoints"])
def test_a_folder_that_is_not_the_desks_stops_nothing(root, name):
    (root / "inbound" / name).mkdir(parents=True)
    (root / "inbound" / name / TIMESTAMP).write_text("yesterday")
    at = open_desk(root)
    assert at.receipts.all() == []
    assert submit(at).number == 1
    assert name in inbound(root)


# Feedback.


def test_feedback_is_given_to_whom_it_is_for(root):
    at = open_desk(root)
    ada, grace = submit(at), submit(at, "grace")
    for receipt in (ada, grace):
        release_feedback(root, receipt, receipt.student.encode())
    assert at.feedback("ada", ada.number) == {"1_see.html": b"ada"}
    assert at.feedback("grace", grace.number) == {"1_see.html": b"grace"}
    assert [*at.submissions("ada")[0]["feedback"]] == ["1_see"]


@pytest.mark.parametrize("number", [2, 3, 0, -1])
def test_nobody_gets_feedback_to_what_is_not_theirs(root, number):
    at = open_desk(root)
    submit(at)
    release_feedback(root, submit(at, "grace"))
    with pytest.raises(Refused) as why:
        at.feedback("ada", number)
    assert why.value.status == 404


def test_without_feedback_there_are_no_pages(root):
    at = open_desk(root)
    assert at.feedback("ada", submit(at).number) == {}
    assert at.submissions("ada")[0]["feedback"] == {}
