"""The desk on the web: who may ask, and what nobody can do to others with it."""

import contextlib
import os
import socket
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from desk_server import open_desk
from nbgrader.api import Gradebook

from curriculum.hub.exchange import bundle, service
from curriculum.hub.exchange.bundle import Bounds
from curriculum.hub.exchange.desk import Desk, Limits

WORK = bundle.pack({"1_see.ipynb": b"{}"})


@pytest.fixture
def root(tmp_path):
    for name in ("knn", "svm"):
        (tmp_path / "outbound" / name).mkdir(parents=True)
        (tmp_path / "outbound" / name / "1_see.ipynb").write_text("{}")
    return tmp_path


@pytest.fixture
def desk(root):
    with open_desk(root, Limits(Bounds(size=2_000_000), submissions=3, spare=0)) as address:
        yield address


def ask(desk, path="", who="token-of-ada", method="GET", **said):
    headers = {"Authorization": f"token {who}"} if who else {}
    headers |= said.pop("headers", {})
    return httpx.request(method, desk + path, headers=headers, timeout=60, **said)


def submit(desk, who="token-of-ada", topic="knn", **said):
    return ask(desk, f"topics/{topic}/submissions", who, "POST", **{"content": WORK, **said})


def raw(desk, head, body=b"", who="token-of-ada", topic="knn"):
    """Begin a submission by hand; gives the connection."""
    at = urlsplit(desk)
    connection = socket.create_connection((at.hostname, at.port), timeout=30)
    lines = f"POST {at.path}topics/{topic}/submissions HTTP/1.1\r\nHost: x\r\n"
    lines += f"Authorization: token {who}\r\n{head}\r\n\r\n"
    connection.sendall(lines.encode() + body)
    return connection


ALL = [("", "GET"), ("topics/knn", "GET"), ("topics/knn/submissions", "POST"),
       ("submissions/1/feedback", "GET")]  # fmt: skip


@pytest.mark.parametrize("path, method", ALL)
@pytest.mark.parametrize(
    "who, status",
    [("", 401), ("forged-of-ada", 401), ("service-of-ada", 401), ("stranger-of-eve", 403)],
)
def test_whoever_is_not_in_the_course_gets_nothing(desk, path, method, who, status):
    answer = ask(desk, path, who, method, content=WORK if method == "POST" else None)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize("path, method", ALL)
def test_a_cookie_is_no_token(desk, path, method):
    cookies = {"jupyterhub-services": "token-of-ada", "token": "token-of-ada"}
    assert ask(desk, path, "", method, cookies=cookies).status_code == 401


def test_a_submission_has_a_receipt(desk):
    receipt = submit(desk)
    assert receipt.status_code == 201
    assert receipt.json()["student"] == "ada"
    listed = ask(desk).json()
    assert [one["number"] for one in listed["submissions"]] == [1]
    assert [one["topic"] for one in listed["topics"]] == ["knn", "svm"]


@pytest.mark.parametrize(
    "said",
    [
        {"headers": {"X-Forwarded-User": "grace", "X-Forwarded-For": "10.0.0.1"}},
        {"headers": {"Host": "grace", "Cookie": "user=grace", "Referer": "/user/grace/"}},
        {"params": {"student": "grace", "user": "grace", "username": "grace"}},
        {"topic": "knn+grace"},
        {"topic": "grace+knn"},
        {"topic": "..%2Finbound%2Fgrace+knn"},
        {"topic": "%2e%2e"},
        {"topic": "knn%00grace"},
        {"topic": "knn%0agrace"},
    ],
    ids=str,
)
def test_whose_a_submission_is_is_said_by_the_token_alone(desk, root, said):
    answer = submit(desk, **said)
    owners = {path.name.partition("+")[0] for path in (root / "inbound").iterdir()}
    if answer.status_code == 201:
        assert answer.json()["student"] == "ada"
        assert owners == {"ada"}
    else:
        assert answer.status_code == 404
        assert owners == set()


@pytest.mark.parametrize(
    "path",
    [
        "topics/none",
        "topics/none/submissions",
        "nothing",
        "topics/..%2Finbound",
        "submissions/7/feedback",
        "submissions/-1/feedback",
        "submissions/1e3/feedback",
    ],
)
def test_what_is_not_there_is_not_found(desk, path):
    method = "POST" if path.endswith("submissions") else "GET"
    answer = ask(desk, path, method=method, content=WORK if method == "POST" else None)
    assert answer.status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", [path for path, _ in ALL])
def test_nothing_is_changed_or_taken_back(desk, path, method):
    submit(desk)
    assert ask(desk, path, method=method).status_code == 405
    assert len(ask(desk).json()["submissions"]) == 1


def test_nobody_gets_the_feedback_to_what_is_not_theirs(desk):
    number = submit(desk, "token-of-grace").json()["number"]
    assert ask(desk, f"submissions/{number}/feedback").status_code == 404
    assert ask(desk, f"submissions/{number}/feedback", "token-of-grace").status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"x", b"\xdf\xff\xff\xff\xff", b"\x81\xa1a\x80", WORK[:-1], WORK + b"1"], ids=repr
)
def test_a_body_that_is_none_is_refused_in_a_sentence(desk, body):
    answer = submit(desk, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


def test_a_percent_sign_in_a_name_is_said_as_it_is(desk):
    answer = submit(desk, content=bundle.pack({"a%sb\n.ipynb": b""}))
    assert answer.status_code == 400
    assert "a%sb" in answer.json()["error"]


def test_too_large_a_submission_is_refused_before_it_is_received(desk):
    for length in (3_000_001, 999_999_999_999):
        with raw(desk, f"Content-Length: {length}") as connection:
            assert connection.recv(4096).startswith(b"HTTP/1.1 4")


def test_a_submission_without_a_length_ends_at_the_limit(desk):
    def endless():
        for _ in range(1000):
            yield bytes(100_000)

    with contextlib.suppress(httpx.HTTPError):
        assert submit(desk, content=endless()).status_code >= 400
    assert submit(desk).status_code == 201


def test_a_student_hands_in_so_often_and_others_still_can(desk):
    assert [submit(desk).status_code for _ in range(4)] == [201, 201, 201, 429]
    assert submit(desk, "token-of-grace").status_code == 201
    assert submit(desk, topic="svm").status_code == 201


@pytest.mark.parametrize("length", ["abc", "-1", "1,2", "1e3"])
def test_a_length_that_is_none_is_refused(desk, length):
    with raw(desk, f"Content-Length: {length}") as connection:
        assert not connection.recv(4096).startswith(b"HTTP/1.1 2")
    assert submit(desk).status_code == 201


def test_a_body_that_ends_too_early_is_no_submission(desk):
    with raw(desk, f"Content-Length: {len(WORK) + 100}", WORK):
        pass
    assert submit(desk).json()["number"] == 1


def test_what_follows_a_submission_is_not_a_part_of_it(desk):
    with raw(desk, f"Content-Length: {len(WORK)}", WORK + b"GET / HTTP/1.1\r\n\r\n") as connection:
        assert b"201" in connection.recv(4096).partition(b"\r\n")[0]
    assert len(ask(desk).json()["submissions"]) == 1


def test_uploads_that_are_held_open_stop_nobody_else(desk):
    held = [
        raw(desk, "Content-Length: 1000000", b"\x81", f"token-of-holder{n}")
        for n in range(3 * service.AT_ONCE)
    ]
    try:
        assert submit(desk).status_code == 201
        assert ask(desk, who="token-of-holder0").status_code == 200
    finally:
        for connection in held:
            connection.close()


def test_an_upload_that_is_broken_off_lets_the_students_next_one_in(desk):
    for _ in range(5):
        raw(desk, "Content-Length: 1000000", b"\x81").close()
    assert submit(desk).status_code == 201


def test_an_upload_that_takes_too_long_is_ended(root, monkeypatch):
    monkeypatch.setattr(service, "_SECONDS", 0.5)
    with open_desk(root) as desk, raw(desk, "Content-Length: 100", b"\x81") as connection:
        assert connection.recv(4096) == b""
        assert submit(desk).status_code == 201


def test_two_uploads_of_one_student_wait_for_each_other(desk, monkeypatch):
    together, most = [], []
    kept = Desk.submit

    def slowly(self, student, topic, message):
        together.append(student)
        most.append(together.count("ada"))
        time.sleep(0.1)
        try:
            return kept(self, student, topic, message)
        finally:
            together.remove(student)

    monkeypatch.setattr(Desk, "submit", slowly)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(submit(desk).status_code)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] * 3 + [429] * 3
    assert set(most) == {1}


def test_a_full_disk_is_said_and_leaves_nothing(desk, root, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(service.tempfile, "TemporaryFile", full)
        answer = submit(desk)
    assert answer.status_code == 507
    assert "Your work is safe" in answer.json()["error"]
    assert list((root / "inbound").iterdir()) == []
    assert submit(desk).status_code == 201


def test_what_goes_wrong_within_is_not_told(desk, monkeypatch):
    def fail(*_):
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(Desk, "submit", fail)
    answer = submit(desk)
    assert answer.status_code == 500
    assert "42" not in answer.text


def test_no_browser_shows_an_answer_as_a_page(desk):
    for answer in (ask(desk), ask(desk, "topics/knn"), ask(desk, who="")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_topic_has_the_due_date_of_the_gradebook(root, tmp_path, monkeypatch):
    # nbgrader runs a program of its environment's.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(url) as book:
        book.add_assignment("knn", duedate="2027-01-02 03:04:05 UTC")
    with open_desk(root, due=url) as desk:
        due = {one["topic"]: one["due"] for one in ask(desk).json()["topics"]}
    assert due == {"knn": "2027-01-02T03:04:05+00:00", "svm": None}


def test_without_a_gradebook_there_are_no_due_dates(root, tmp_path):
    with open_desk(root, due=f"sqlite:///{tmp_path / 'none.db'}") as desk:
        assert {one["due"] for one in ask(desk).json()["topics"]} == {None}
