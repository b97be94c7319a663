"""Nothing outlives a notebook: no process, no file, no shared memory."""

import inspect
import os
import random
import secrets
import signal
import threading
import time
from pathlib import Path

import pytest
from shut_in import wait_until

pytestmark = pytest.mark.sandbox


@pytest.fixture
def mark():
    """Make a number that stands in the command line of all that a notebook starts."""
    return f"{secrets.randbelow(10**9) + 10**9}"


def alive(mark):
    """List the processes of this machine with this mark."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                line = (folder / "cmdline").read_bytes().decode(errors="replace")
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if mark in line and state not in "ZX":
                found.append((folder.name, line))
    return found


def start_daemons(mark):
    """Start processes that do what they can to stay."""
    import os
    import signal
    import subprocess

    def sleep():
        os.execvp("sleep", ["sleep", mark])

    if os.fork() == 0:  # a daemon, as in the book
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            os.chdir("/")
            sleep()
        os._exit(0)
    os.wait()
    subprocess.Popen(["sleep", mark], start_new_session=True)
    subprocess.Popen(f"(nohup sleep {mark} &) &", shell=True)
    subprocess.Popen(["sh", "-c", f"trap '' TERM INT; while :; do sleep {mark}; done"])


def test_daemons_are_gone_with_the_shell(notebook, mark):
    def inside(start, mark):
        import time

        names = {}
        exec(start, names)
        names["start_daemons"](mark)
        time.sleep(0.5)
        return "done"

    assert notebook.run(inside, inspect.getsource(start_daemons), mark).answer == "done"
    assert alive(mark) == []
    assert notebook.tree.pids() == []


def stay(start, mark):
    import time

    names = {}
    exec(start, names)
    names["start_daemons"](mark)
    say(ready=True)  # noqa: F821
    while True:
        time.sleep(1)


def started(notebook, mark):
    notebook.start(stay, inspect.getsource(start_daemons), mark)
    notebook.said()
    wait_until(lambda: len(alive(mark)) >= 4)
    return notebook


def test_killing_the_outer_process_kills_all(notebook, mark):
    started(notebook, mark)
    os.kill(notebook.pid, signal.SIGKILL)
    assert notebook.end().status == -signal.SIGKILL
    wait_until(lambda: alive(mark) == [])


def test_killing_what_stands_between_kills_all(notebook, mark):
    from curriculum.sandbox.processes import children

    started(notebook, mark)
    os.kill(children(notebook.pid)[0], signal.SIGKILL)
    assert notebook.end().status == 128 + signal.SIGKILL
    assert alive(mark) == []


def test_killing_the_shell_kills_all(notebook, mark):
    started(notebook, mark)
    os.kill(notebook.tree.shell, signal.SIGKILL)
    assert notebook.end().status == 128 + signal.SIGKILL
    assert alive(mark) == []


def test_killing_who_forked_it_kills_all(notebook, mark):
    started(notebook, mark)
    notebook.kill()
    wait_until(lambda: alive(mark) == [])


def test_killing_the_tree_kills_all(notebook, mark):
    started(notebook, mark)
    assert notebook.tree.kill()
    assert notebook.end().status == 128 + signal.SIGKILL
    assert alive(mark) == []


def test_an_interrupt_reaches_the_shell_alone(notebook, mark):
    def inside(mark):
        import subprocess
        import time

        child = subprocess.Popen(["sleep", mark])
        try:
            say(ready=True)  # noqa: F821
            time.sleep(1000)
        except KeyboardInterrupt:
            return child.poll()

    notebook.start(inside, mark)
    notebook.said()
    os.kill(notebook.tree.shell, signal.SIGINT)
    # Python may lose one that comes while it looks after its own objects.
    again = threading.Timer(5, os.kill, (notebook.tree.shell, signal.SIGINT))
    again.start()
    assert notebook.end().answer is None
    again.cancel()
    assert alive(mark) == []


@pytest.mark.parametrize("end", ["raise SystemExit(3)", "os.kill(os.getpid(), 11)", "os.abort()"])
@pytest.mark.levels("namespaces", "layers")
def test_the_outer_process_ends_as_the_shell_did(notebook, end):
    def inside(end):
        import os

        exec(end, {"os": os})

    want = {"raise SystemExit(3)": 3, "os.abort()": 134}.get(end, 139)
    assert notebook.run(inside, end).status == want


def test_files_are_gone(notebook, mark):
    def inside(mark):
        import os
        import tempfile

        for folder in (os.path.expanduser("~"), ".", tempfile.gettempdir(), "/dev/shm"):
            with open(f"{folder}/{mark}", "w") as file:
                file.write("x")
        os.makedirs("deep/er")
        os.chmod("deep/er", 0)

    before = set(Path("/tmp").iterdir()) | set(Path("/dev/shm").iterdir())
    assert notebook.run(inside, mark).status == 0
    left = (set(Path("/tmp").iterdir()) | set(Path("/dev/shm").iterdir())) - before
    assert [path for path in left if mark in str(path) or str(path) == notebook.plan.home] == []
    assert not Path(notebook.plan.home).exists()


def test_files_are_gone_when_the_outer_process_was_killed(notebook, mark):
    def inside(mark):
        import time

        for folder in (".", "/dev/shm"):
            open(f"{folder}/{mark}", "w").close()
        say(ready=True)  # noqa: F821
        time.sleep(1000)

    notebook.start(inside, mark)
    notebook.said()
    os.kill(notebook.pid, signal.SIGKILL)
    wait_until(lambda: not Path(notebook.plan.home).exists())
    wait_until(lambda: not Path(f"/dev/shm/{mark}").exists())


def grow(seed, mark):
    """Start a tree of processes by chance: forks, programs, sessions, orphans, deaf ones."""
    import os
    import random
    import signal
    import subprocess
    import time

    chance = random.Random(seed)

    def branch(depth):
        for _ in range(chance.randint(1, 3)):
            way = chance.choice(["program", "fork", "orphan", "deaf"])
            if way == "program" or depth == 0:
                subprocess.Popen(["sleep", mark], start_new_session=chance.random() < 0.5)
                continue
            state = chance.getstate()
            if os.fork() == 0:
                chance.setstate(state)
                chance.random()
                if way == "deaf":
                    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                        refused(lambda number=number: signal.signal(number, signal.SIG_IGN))  # noqa: F821
                if chance.random() < 0.5:
                    refused(os.setsid)  # noqa: F821
                branch(depth - 1)
                if way == "orphan":
                    os._exit(0)
                time.sleep(1000)

    branch(3)
    say(ready=True)  # noqa: F821
    time.sleep(0.3)
    if seed % 2:
        time.sleep(1000)


@pytest.mark.levels("namespaces", "layers")
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_started_is_gone(notebook, mark, seed):
    notebook.start(grow, seed, mark)
    notebook.said()
    seen = notebook.tree.pids()
    assert len(seen) >= 3
    if seed % 2:
        random.Random(seed).choice([notebook.tree.kill, lambda: os.kill(notebook.pid, 9)])()
    notebook.end()
    wait_until(lambda: alive(mark) == [])
    time.sleep(0.1)
    assert notebook.tree.pids() == []
    assert [pid for pid in seen if Path(f"/proc/{pid}/stat").exists() and not zombie(pid)] == []


def zombie(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True
