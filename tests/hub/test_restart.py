"""Numbers of processes pass on: what the hub ends is what it started."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from curriculum.hub import folder, start
from curriculum.hub.config import PROXY, PROXY_PROCESS
from curriculum.hub.spawner import RoomSpawner


@pytest.fixture
def other():
    """Give a process that is no server of the class's."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def resumed(state) -> RoomSpawner:
    """Give what a hub that has just started knows of a server."""
    made = RoomSpawner()
    made.load_state(state)
    return made


def test_a_server_is_known_again_by_more_than_its_number(other):
    first = RoomSpawner()
    first.pid, first._mark = other.pid, first.mark_of(other.pid)
    state = first.get_state()
    assert asyncio.run(resumed(state).poll()) is None
    assert asyncio.run(resumed({**state, "mark": "another boot 1"}).poll()) == 0
    assert asyncio.run(resumed({"pid": other.pid}).poll()) == 0


def test_another_process_with_its_number_is_not_ended(other):
    spawner = resumed({"pid": other.pid, "mark": "another boot 1"})
    assert not asyncio.run(spawner._signal(signal.SIGKILL))
    assert other.poll() is None


def test_a_server_that_a_killed_hub_was_starting_is_ended_before_the_next(other):
    state = {"pid": other.pid, "mark": RoomSpawner.mark_of(other.pid)}
    spawner = resumed({**state, "starting": True})
    assert other.wait(timeout=60) == -signal.SIGKILL
    assert spawner.get_state() == {"mark": ""}


def test_a_server_that_nobody_has_waited_for_has_ended(other):
    state = {"pid": other.pid, "mark": RoomSpawner.mark_of(other.pid)}
    os.kill(other.pid, signal.SIGKILL)
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    assert asyncio.run(resumed(state).poll()) == 0


def test_the_proxys_number_is_forgotten_where_it_is_anothers(tmp_path, other):
    of = folder.Class(tmp_path / "class")
    of.__dict__["sockets"] = tmp_path / "sockets"
    of.sockets.mkdir()
    noted = of.sockets / PROXY_PROCESS
    noted.write_text(str(other.pid))
    start._make_sockets(of)
    assert not noted.exists()
    command = [
        sys.executable,
        "-c",
        "import time; print('up', flush=True); time.sleep(600)",
        str(of.root / PROXY),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as proxy:
        assert proxy.stdout.read(2) == b"up"
        noted.write_text(str(proxy.pid))
        start._make_sockets(of)
        proxy.kill()
    assert noted.exists()
