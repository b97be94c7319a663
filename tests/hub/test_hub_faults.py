"""What happens to a class whose parts are killed, and whose disk is full."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from hub_class import PATIENCE, HubClass, Person, open_class
from steps import (
    TOPIC,
    check_exchange,
    digest,
    exchange,
    fetch,
    in_course,
    release,
    submit,
)

from curriculum.hub import start
from curriculum.hub.exchange.desk import DISK_IS_FULL

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

COURSE = "ml_interviews"
KILLS = 12


@pytest.fixture(scope="module")
def killed(tmp_path_factory) -> Iterator[HubClass]:
    """Give a class, with a released topic, whose parts tests may kill."""
    with open_class(tmp_path_factory.mktemp("killed") / "class") as opened:
        release(opened)
        yield opened


@pytest.fixture(scope="module")
def ada(killed) -> Person:
    person = killed.sign_in("ada")
    person.start_server()
    fetch(person)
    return person


def processes(*words: str) -> list[int]:
    """Find Python processes by what stands in their command lines."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().split(b"\0")
            text = b" ".join(command)
            if command[0] == os.fsencode(sys.executable) and all(
                os.fsencode(word) in text for word in words
            ):
                found.append(int(entry.name))
    return found


def desk_of(klass: HubClass) -> list[int]:
    return processes("curriculum.hub.exchange.service", str(klass.root))


def until(is_so: Callable[[], object], what: Callable[[], str] | str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, what if isinstance(what, str) else what()
        time.sleep(0.1)


def answers(klass: HubClass) -> bool:
    address = f"http://127.0.0.1:{klass.of.settings.exchange_port}/services/{COURSE}-exchange/"
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(address, timeout=5).status_code == 401
    return False


_HAND_IN = f"""
import json, time
from pathlib import Path
from curriculum.hub.exchange.client import DeskClient, DeskError, Paths
desk = DeskClient(Paths(Path.home()))
while not Path("enough").exists():
    try:
        print("done:" + json.dumps(desk.submit({TOPIC!r})), flush=True)
    except DeskError as why:
        print("refused:" + str(why), flush=True)
    time.sleep(0.1)
print("end")
"""
_START = f"""
import subprocess, sys
with open("said", "w") as said:
    command = [sys.executable, "-c", {_HAND_IN!r}]
    subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)
"""


@contextlib.contextmanager
def handing_in(person: Person) -> Iterator[list[str]]:
    """Have somebody hand in again and again; the list has at the end what they were told."""
    home = person.of.of.home(person.name)
    (home / "enough").unlink(missing_ok=True)
    lines: list[str] = []
    assert person.run(_START) == ""
    try:
        yield lines
    finally:
        (home / "enough").touch()
    until(lambda: (home / "said").read_text().endswith("end\n"), (home / "said").read_text)
    lines += (home / "said").read_text().splitlines()[:-1]


def submissions(klass: HubClass) -> int:
    return len(list((exchange(klass) / "inbound").glob("*+*")))


def receipts_in(lines: list[str]) -> list[dict[str, object]]:
    assert all(line.startswith(("done:", "refused:")) for line in lines), lines
    return [json.loads(line[5:]) for line in lines if line.startswith("done:")]


def check_given(klass: HubClass, said: list[str]) -> None:
    """See that what somebody was told is so."""
    found = {receipt.number: receipt for receipt in check_exchange(exchange(klass))}
    for given in receipts_in(said):
        assert found[given["number"]].code == given["code"]


def test_a_hub_that_is_killed_finds_its_servers_again(killed, ada):
    began = ada.run("import os; print(os.stat('/proc/1').st_ctime)")
    before = len(check_exchange(exchange(killed)))
    with handing_in(ada) as said:
        until(lambda: submissions(killed) > before + 2, "nothing is handed in")
        killed.kill()
        # The proxy goes on, and so does the server; the desk is gone until the hub is back.
        assert ada.http.get(f"{ada.base}/api/status").status_code == 200
        killed.start()
        again = submissions(killed)
        until(lambda: submissions(killed) > again, "nothing is handed in again")
    check_given(killed, said)
    assert ada.run("import os; print(os.stat('/proc/1').st_ctime)") == began
    assert submit(ada)["topic"] == TOPIC
    check_exchange(exchange(killed))
    shown = ada.http.get("/hub/home")  # still signed in
    assert shown.status_code == 200
    assert "Stop My Server" in shown.text


def test_a_hub_that_is_interrupted_stops_its_services_at_once(killed):
    killed.process.send_signal(signal.SIGINT)
    killed.process.wait(timeout=25)  # it gives each service that does not end half a minute
    until(lambda: not desk_of(killed), "the desk goes on without its hub")
    killed.start()


def test_a_hub_that_is_killed_while_a_server_starts_leaves_no_second_one(killed):
    alan = killed.sign_in("alan")
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(alan.ask, "GET", "/hub/spawn/alan")
        until(lambda: rooms_of(killed, "alan"), "no server is started")
        killed.kill()
        assert asked.exception(timeout=120) or asked.result().status_code
    killed.start()
    alan.start_server()
    assert alan.run("print(1)") == "1\n"
    shells = [p for p in rooms_of(killed, "alan") if is_shell(p)]
    assert len(shells) == 1, shells


def is_shell(process: int) -> bool:
    return Path(f"/proc/{process}/cmdline").read_bytes().startswith(b"/bin/sh\0")


def test_a_desk_that_is_killed_keeps_what_it_gave_a_receipt_for(killed, ada):
    chance = random.Random(0)
    seen: list[str] = []
    ended = threading.Event()
    inbound = exchange(killed) / "inbound"

    def look() -> None:
        """See what nbgrader would collect, and that it is whole, all the time."""
        wanted = digest_of_work(killed, "ada")
        while not ended.wait(0.02):
            for folder in inbound.glob(f"*+{TOPIC}+*"):
                if folder.name not in seen:
                    assert digest(folder) == wanted
                    seen.append(folder.name)

    with ThreadPoolExecutor(1) as beside:
        looker = beside.submit(look)
        try:
            with handing_in(ada) as said:
                for _ in range(KILLS):
                    until(lambda: answers(killed), "the desk is not back")
                    time.sleep(chance.uniform(0, 0.5))
                    for process in desk_of(killed):
                        os.kill(process, signal.SIGKILL)
                until(lambda: answers(killed), "the desk is not back")
        finally:
            ended.set()
        looker.result(timeout=60)
    check_given(killed, said)
    assert submit(ada)["number"] == len(check_exchange(exchange(killed)))
    collected = in_course(killed, "nbgrader", "collect", TOPIC, "--update")
    assert collected is not None
    there = killed.of.course(COURSE) / "course" / "submitted" / "ada" / TOPIC
    assert digest(there) == digest_of_work(killed, "ada")


def digest_of_work(klass: HubClass, name: str) -> str:
    return digest(klass.of.home(name) / TOPIC)


def test_a_server_that_is_killed_is_started_again_with_all_files(killed, ada):
    ada.run("open('mine.txt', 'w').write('mine')")
    for process in rooms_of(killed, "ada"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    # For some seconds the hub leads to what is no longer there.
    page = f"/hub/spawn/{ada.name}"
    until(lambda: ada.ask("GET", page).status_code == 200, "the hub does not see that it is gone")
    ada.start_server()
    assert ada.run("print(open('mine.txt').read())") == "mine\n"
    assert submit(ada)["topic"] == TOPIC


def rooms_of(klass: HubClass, name: str) -> list[int]:
    home = os.fsencode(klass.of.home(name))
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if home in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def test_grading_that_is_killed_goes_on(killed, ada):
    grace = killed.sign_in("grace")
    grace.start_server()
    fetch(grace)
    for person in (ada, grace):
        submit(person)
    in_course(killed, "nbgrader", "collect", TOPIC, "--update")
    assert graded(killed) == []
    course = killed.of.course(COURSE) / "course"
    with ThreadPoolExecutor(1) as beside:
        grading = beside.submit(in_course, killed, "curriculum", "grade", TOPIC, "--workers", "1")
        until(lambda: graded(killed) or grading.done(), "nothing is graded")
        os.kill(grader_of(killed), signal.SIGKILL)
        with pytest.raises(start.HubError):
            grading.result(timeout=60)
    in_course(killed, "curriculum", "grade", TOPIC)
    assert graded(killed) == ["ada", "grace"]
    assert sorted(path.name for path in (course / "autograded").iterdir()) == ["ada", "grace"]
    assert not list((course / "autograded").glob("*/.*"))
    again = in_course(killed, "curriculum", "grade", TOPIC)
    assert graded(killed) == ["ada", "grace"], again


def grader_of(klass: HubClass) -> int:
    """Find the process in the course's room; other classes have the same names and users."""
    course = (klass.of.course(COURSE) / "course").stat()
    found = set()
    for process in processes("curriculum", "grade", TOPIC):
        with contextlib.suppress(OSError):
            if os.path.samestat(os.stat(f"/proc/{process}/cwd"), course):
                found.add(process)
    (first,) = [process for process in found if parent(process) not in found]
    return first


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def graded(klass: HubClass) -> list[str]:
    book = klass.of.course(COURSE) / "course" / "gradebook.db"
    query = "SELECT student_id FROM submitted_assignment ORDER BY student_id"
    with closing(sqlite3.connect(f"file:{book}?mode=ro", uri=True, timeout=60)) as opened:
        return [student for (student,) in opened.execute(query)]


def test_all_is_there_after_a_restart_of_the_machine(killed, ada):
    ada.run("open('before.txt', 'w').write('mine')")
    before = check_exchange(exchange(killed))
    killed.stop()
    shutil.rmtree(killed.of.sockets)
    killed.start()
    assert check_exchange(exchange(killed)) == before
    again = killed.sign_in("ada")
    again.start_server()
    assert again.run("print(open('before.txt').read())") == "mine\n"
    assert submit(again)["number"] == len(before) + 1


@contextlib.contextmanager
def small_disk(at: Path, megabytes: int) -> Iterator[None]:
    """Put a small disk at a folder."""
    at.mkdir(parents=True, exist_ok=True)
    disk = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(at)]
    if os.geteuid() != 0 or subprocess.run(disk, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


def fill(path: Path, leave: int) -> None:
    """Write a file that leaves so many bytes of its disk."""
    with path.open("wb") as file, contextlib.suppress(OSError):
        left = shutil.disk_usage(path.parent).free - leave
        while left > 0:
            left -= file.write(bytes(min(left, 1 << 20)))
            file.flush()


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path):
    root = tmp_path / "class"
    at = root / "exchange" / COURSE
    with small_disk(at, 256), open_class(root) as klass:
        release(klass)
        ada = klass.sign_in("ada")
        ada.start_server()
        fetch(ada)
        assert submit(ada)["number"] == 1
        # First less than the desk keeps free, then nothing at all.
        for leave in (100_000_000, 0):
            fill(at / "filled", leave)
            assert submit(ada) == DISK_IS_FULL
            assert len(check_exchange(exchange(klass))) == 1
            assert not list((exchange(klass) / "inbound").glob(".*"))
        (at / "filled").unlink()
        assert submit(ada)["number"] == 2
        check_exchange(exchange(klass))


def test_a_full_home_is_said_and_nothing_is_half_written(tmp_path):
    root = tmp_path / "class"
    home = root / "homes" / "ada"
    with small_disk(home, 64), open_class(root) as klass:
        release(klass)
        ada = klass.sign_in("ada")
        ada.start_server()
        # In one kernel: another could not be started then.
        said = ada.run(_FILL_AND_FETCH).splitlines()
        assert said[0] == "28"
        assert "the disk is full: free some space and try again" in said[1]
        assert said[2] == "[]"
        assert fetch(ada)


_FILL_AND_FETCH = f"""
import os
from pathlib import Path
from curriculum.hub.exchange.client import DeskClient, DeskError, Paths
from curriculum.files import WriteError
desk = DeskClient(Paths(Path.home()))
try:
    with open("filled", "wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 12))
except OSError as error:
    print(error.errno)
try:
    print(desk.fetch({TOPIC!r}))
except (DeskError, WriteError) as why:
    print(why)
print([str(path) for path in Path({TOPIC!r}).rglob("*") if path.is_file()])
os.unlink("filled")
"""
