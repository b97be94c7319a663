"""What processes use is read, and trees of them are killed, sandbox or not."""

import os
import subprocess
import sys
import time

import pytest
from shut_in import wait_until

from curriculum.sandbox import processes
from curriculum.sandbox.processes import Tree

MB = 1 << 20
CODE = """
import os, sys, time
kept = bytearray(b"x") * (60 << 20)
if os.fork() == 0:
    if os.fork() == 0:
        print("ready", flush=True)
        time.sleep(1000)
    while time.process_time() < 0.2:
        pass
    time.sleep(1000)
os.wait()
"""


@pytest.fixture(params=["proc", "psutil"])
def tree(request, monkeypatch):
    """Give a tree of three processes, looked at as on Linux and as elsewhere."""
    if request.param == "psutil":
        monkeypatch.setattr(processes, "_PROC", False)
    elif not processes._PROC:
        pytest.skip("this system has no such /proc")
    code = subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE)
    assert code.stdout.readline() == b"ready\n"
    yield Tree(code.pid)
    code.kill()
    code.wait()
    code.stdout.close()


def test_a_tree_is_seen_whole(tree):
    first, second, third = tree.pids()
    assert processes.children(first) == [second]
    assert processes.children(second) == [third]
    assert processes.below(first) == [second, third]
    assert tree.threads() == 3
    assert tree.shell == third


def test_its_memory_and_time_are_added_up(tree):
    assert tree.memory() > 180 * MB
    wait_until(lambda: tree.cpu_seconds() > 0.2)


def test_it_is_killed_but_for_its_root(tree):
    pids = tree.pids()
    assert tree.kill()
    wait_until(lambda: not any(processes._stat(pid).state in "RSD" for pid in pids[1:]))


def test_what_has_ended_uses_nothing():
    gone = subprocess.Popen(["true"])
    gone.wait()
    tree = Tree(gone.pid)
    assert (tree.pids(), tree.memory(), tree.cpu_seconds(), tree.shell) == ([], 0, 0, None)
    assert tree.kill()


def test_the_one_who_asks_can_be_asked_about():
    kept = bytearray(b"x") * (50 * MB)
    assert Tree(os.getpid()).memory() > len(kept)
    start = time.process_time()
    while time.process_time() < start + 0.1:
        pass
    assert Tree(os.getpid()).cpu_seconds() > 0.09


@pytest.mark.skipif(not processes._PROC, reason="this system has no such /proc")
def test_tasks_of_a_user_are_counted():
    before = processes.tasks_of(os.geteuid())
    running = [subprocess.Popen(["sleep", "10"]) for _ in range(5)]
    # Others come and go in the meantime.
    assert processes.tasks_of(os.geteuid()) >= min(before, 5)
    for process in running:
        process.kill()
        process.wait()
    assert processes.tasks_of(2_123_456_789) == 0
