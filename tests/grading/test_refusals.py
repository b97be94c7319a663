"""What is refused when a class is collected, with its reason; the honest are collected."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hand_ins import SECRET, Exchange, exchange_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_class import TOPIC, SmallClass

from curriculum.grading import intake, nbgrader_api
from curriculum.grading.exchange import ExchangeCollect, names
from curriculum.grading.exchange.names import Refused

HONEST = ("ada", "ben", "zoe")
IDS = re.compile(names.STUDENT_IDS)


# One class with everything that is refused in it.


def link(exchange: Exchange, folder: Path) -> None:
    (folder / "data.csv").symlink_to(exchange.small.root / "key.txt")


def link_to_folder(exchange: Exchange, folder: Path) -> None:
    (folder / "data").symlink_to(exchange.small.root)


def link_itself(exchange: Exchange, folder: Path) -> None:
    elsewhere = exchange.small.root / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    exchange.own(folder, folder)


def file_itself(exchange: Exchange, folder: Path) -> None:
    folder.rename(exchange.small.root / "elsewhere 2")
    exchange.add(folder.parent, folder.name)


def pipe(exchange: Exchange, folder: Path) -> None:
    os.mkfifo(folder / "one.csv")


def server(exchange: Exchange, folder: Path) -> None:
    # The name of a socket is short.
    made = exchange.small.root.parent / "s"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(os.path.relpath(made))
    made.rename(folder / "door")


def large_file(exchange: Exchange, folder: Path) -> None:
    with (folder / "big.bin").open("wb") as file:
        file.truncate(100_000_001)
    exchange.own(folder, folder)


def large_in_all(exchange: Exchange, folder: Path) -> None:
    for part in range(2):
        with (folder / f"part{part}.bin").open("wb") as file:
            file.truncate(60_000_000)
    exchange.own(folder, folder)


def many(exchange: Exchange, folder: Path) -> None:
    (folder / "many").mkdir()
    for number in range(intake.MOST_FILES):
        (folder / "many" / str(number)).touch()
    exchange.own(folder, folder)


def deep(exchange: Exchange, folder: Path) -> None:
    (folder / "/".join("d" * (intake.DEEPEST + 1))).mkdir(parents=True)
    exchange.own(folder, folder)


def long_path(exchange: Exchange, folder: Path) -> None:
    deepest = folder / "/".join(["d" * 200] * 6)
    deepest.mkdir(parents=True)
    (deepest / "file").touch()
    exchange.own(folder, folder)


def of_another(exchange: Exchange, folder: Path) -> None:
    exchange.accounts.give(exchange.add(folder, "planted.txt"), "mallory")


def teachers_file(exchange: Exchange, folder: Path) -> None:
    (folder / "notes.txt").hardlink_to(exchange.small.root / "key.txt")


def folder_for_a_time(exchange: Exchange, folder: Path) -> None:
    (folder / "timestamp.txt").unlink()
    (folder / "timestamp.txt").mkdir()
    exchange.own(folder, folder)


def in_anothers_name(exchange: Exchange, folder: Path) -> None:
    exchange.accounts.give(folder, "mallory")


REFUSED: dict[str, tuple[Callable[[Exchange, Path], None], str]] = {
    "link": (link, "data.csv is a link."),
    "linkdir": (link_to_folder, "data is a link."),
    "linkself": (link_itself, "it is a link, no folder."),
    "fileself": (file_itself, "it is a file, no folder."),
    "pipe": (pipe, "one.csv is a pipe."),
    "socket": (server, "door is a socket."),
    "large": (large_file, "big.bin has more than 100 MB."),
    "largeall": (large_in_all, "it has more than 100 MB."),
    "many": (many, "it has more than 2000 files."),
    "deep": (deep, "it has folders more than 20 deep."),
    "long": (long_path, "it has a path of more than 1024 bytes."),
    "planted": (of_another, "planted.txt belongs to mallory, not to planted."),
    "hardlink": (teachers_file, "notes.txt belongs to teacher, not to hardlink."),
    "timedir": (folder_for_a_time, "timestamp.txt is a folder."),
    "forged": (in_anothers_name, "it says that it is forged's, but belongs to mallory."),
}
STRANGE_NAMES = {
    "garbage": "its name is not student+topic+time",
    f"+{TOPIC}+2026-03-01": "'' is no student's id.",
    f"..+{TOPIC}+2026-03-01": "'..' is no student's id.",
    f"-rf+{TOPIC}+2026-03-01": "'-rf' is no student's id.",
    f"a b+{TOPIC}+2026-03-01": "'a b' is no student's id.",
    f"\u0430da+{TOPIC}+2026-03-01": r"'\u0430da' is no student's id.",
    f"ada\u202e+{TOPIC}+2026-03-01": r"'ada\u202e' is no student's id.",
    f"ada\n+{TOPIC}+2026-03-01": r"'ada\n' is no student's id.",
    f"ada+{TOPIC.replace('s', 'ѕ')}+2026-03-01": "its name is not student+topic+time",
    f"ada+{TOPIC}": "its name is not student+topic+time",
    f"ada+{TOPIC}+": "its name holds no time of submission.",
    f"ada+{TOPIC}+soon": "its name holds no time of submission.",
    f"ada+{TOPIC}+2026-99-99 99:99+x": "its name holds no time of submission.",
    f"ada+{TOPIC}+2026-03-01+; rm": "its name holds no time of submission.",
    os.fsdecode(b"\xff\xfe+sums+2026-03-01"): "is no student's id.",
}


@dataclass(frozen=True)
class Result:
    exchange: Exchange
    reasons: dict[str, str]
    log: str


@pytest.fixture(scope="module")
def result(made_course: SmallClass, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Result]:
    """Collect a class with everything in it, as the formgrader's button does."""
    folder = tmp_path_factory.mktemp("refused")
    with exchange_of(made_course.copy(folder / "course"), folder / "exchange") as exchange:
        (exchange.small.root / "key.txt").write_text(SECRET)
        exchange.accounts.give(exchange.small.root / "key.txt", "teacher")
        for student in HONEST:
            exchange.submit(student)
        for student, (spoil, _) in REFUSED.items():
            spoil(exchange, exchange.submit(student))
        for name in STRANGE_NAMES:
            exchange.submit("mallory", name=name)
        exchange.submit("ada", name="ada+released_before+2026-03-01 12:00:00 UTC+x")
        (exchange.inbound.parent / "outbound" / "released_before").mkdir(parents=True)
        answer = exchange.api().collect(TOPIC)
        assert answer["success"], answer
        done = exchange.collect(update=True)
        yield Result(exchange, {one.name: one.reason for one in done.refused}, answer["log"])


def test_the_honest_are_collected_and_nobody_else(result: Result) -> None:
    assert result.exchange.collected() == dict.fromkeys(HONEST, "mine")
    kept = [path for path in result.exchange.everything() if path.is_file()]
    assert len(kept) == 3 * len(HONEST)
    assert not any(SECRET in path.read_text() for path in kept)


@pytest.mark.parametrize("student", REFUSED)
def test_each_is_refused_with_its_reason_each_time(result: Result, student: str) -> None:
    (reason,) = [
        reason for name, reason in result.reasons.items() if name.startswith(student + "+")
    ]
    assert reason.startswith(REFUSED[student][1])
    lines = [line for line in result.log.splitlines() if f"Refused '{student}+" in line]
    assert len(lines) == 1 and REFUSED[student][1] in lines[0]


@pytest.mark.parametrize("name", STRANGE_NAMES, ids=ascii)
def test_strange_names_are_refused(result: Result, name: str) -> None:
    assert STRANGE_NAMES[name] in result.reasons[name]
    assert f"Refused {name!a}: " in result.log


def test_a_summary_says_how_many(result: Result) -> None:
    number = len(REFUSED) + len(STRANGE_NAMES)
    assert f"3 collected, 0 as before, {number} refused" in result.log
    assert len(result.reasons) == number  # the one of another topic is none of them


def test_what_is_collected_is_closed_to_others(result: Result) -> None:
    for path in result.exchange.everything():
        assert path.stat().st_mode & 0o7022 == 0


def test_listing_leaves_out_what_can_not_be_read(result: Result) -> None:
    course = result.exchange.course()
    course.student_id = "*"
    step = nbgrader_api.exchange(course, result.exchange.config, "List", inbound=True)
    step.start()
    listed = {one["student_id"] for one in step.list_files()}
    assert {*HONEST, "forged"} <= listed
    assert not listed & {"pipe", "link", "linkself", "many", "socket"}


# Whatever the name.


@pytest.fixture
def exchange(small: SmallClass, tmp_path: Path) -> Iterator[Exchange]:
    with exchange_of(small, tmp_path / "exchange") as made:
        yield made


@settings(max_examples=50)
@given(st.text(max_size=60), st.sampled_from(["", "ada", f"+{TOPIC}+", f"ada+{TOPIC}+"]), st.text())
def test_a_name_is_read_or_refused(end: str, start: str, random: str) -> None:
    name = f"{start}{end}+{random}"
    try:
        named = names.read(name, TOPIC, {"another"}, IDS)
    except Refused as why:
        assert str(why).isprintable()
        return
    if named is not None:
        assert IDS.fullmatch(named.student) and "/" not in named.student
        assert named.student not in (".", "..")


FILE_NAMES = st.binary(min_size=1, max_size=200).map(
    lambda raw: raw.replace(b"/", b"+").replace(b"\0", b"+") + b"+sums+2026-03-01"
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FILE_NAMES, min_size=20, max_size=40, unique=True))
def test_no_folder_is_made_outside_its_place(exchange: Exchange, raws: list[bytes]) -> None:
    submitted = exchange.small.root / "submitted"
    for path in exchange.inbound.iterdir():
        path.rmdir()
    for raw in raws:
        (exchange.inbound / os.fsdecode(raw)).mkdir()
    before = {path.name for path in exchange.small.root.iterdir()} | {submitted.name}
    done = exchange.collect(check_owner=False)
    assert isinstance(done, ExchangeCollect)
    assert {path.name for path in exchange.small.root.iterdir()} <= before
    made = {path.name for path in submitted.iterdir()} if submitted.exists() else set()
    assert all(IDS.fullmatch(name) for name in made)
