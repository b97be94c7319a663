"""What a notebook can use: each limit holds, and honest work below it goes on."""

import os
import time

import pytest
from shut_in import wait_until

from curriculum.sandbox.limits import Limits

pytestmark = pytest.mark.sandbox
MB = 1 << 20
ONE_DISK = pytest.mark.levels("namespaces")


def test_too_much_memory_is_an_error_and_no_end(notebook):
    def inside():
        said = []
        for size in (100 << 30, 400 << 20):
            try:
                said.append(len(bytearray(size)))
            except MemoryError:
                said.append("MemoryError")
        return [*said, len(bytearray(50 << 20))]

    assert notebook.run(inside, limits=Limits(memory_mb=300)).answer == [
        "MemoryError",
        "MemoryError",
        50 * MB,
    ]


@pytest.mark.slow
@pytest.mark.levels("namespaces", "layers")
def test_numpy_says_so_too(notebook):
    def inside():
        import numpy as np

        try:
            np.ones(100 << 30)
        except MemoryError:
            return float(np.ones((2000, 2000)).sum())

    assert notebook.run(inside, warm=["numpy"]).answer == 4e6


def test_memory_of_many_processes_is_seen_from_outside(notebook):
    def inside():
        import os
        import time

        for _ in range(5):
            if os.fork() == 0:
                mine = bytearray(b"x") * (60 << 20)
                time.sleep(1000)
                os._exit(len(mine))
        time.sleep(1000)

    notebook.start(inside, limits=Limits(memory_mb=200))
    wait_until(lambda: notebook.tree.shell)
    wait_until(lambda: notebook.tree.memory() > 290 * MB)
    wait_until(lambda: notebook.tree.memory(exact=True) > 290 * MB)
    assert notebook.tree.exceeds(200 * MB)
    assert not notebook.tree.exceeds(500 * MB)
    assert notebook.tree.kill()


def test_memory_that_processes_share_counts_once(notebook):
    def inside():
        import os
        import time

        mine = bytearray(b"x") * (200 << 20)
        for _ in range(4):
            if os.fork() == 0:
                time.sleep(1000)
        say(ready=len(mine))  # noqa: F821
        time.sleep(1000)

    notebook.start(inside)
    notebook.said()
    assert notebook.tree.memory() > 900 * MB
    assert 190 * MB < notebook.tree.memory(exact=True) < 300 * MB
    assert not notebook.tree.exceeds(400 * MB)


def test_what_a_warm_process_had_does_not_count(notebook):
    def inside():
        import sys
        import time

        say(ready=1)  # noqa: F821
        sys.stdin.readline()
        time.sleep(0.5)
        mine = bytearray(b"x") * (100 << 20)
        say(ready=len(mine))  # noqa: F821
        time.sleep(1000)

    notebook.start(inside, warm=["json", "asyncio", "unittest.mock", "xml.dom.minidom"])
    notebook.said()
    notebook.tree.baseline()
    assert notebook.tree.memory() < 20 * MB
    notebook.said()
    assert 100 * MB <= notebook.tree.memory() < 120 * MB


def test_memory_that_belongs_to_nobody_is_refused(notebook):
    def inside():
        import mmap
        import os

        return [
            refused(os.memfd_create, "hidden"),  # noqa: F821
            refused(mmap.mmap(-1, 4096).resize, 8192) is None,  # noqa: F821
        ]

    assert notebook.run(inside).answer[0] == "ENOSYS"


def test_a_fork_bomb_is_bounded_and_goes_off_alone(notebook):
    def inside():
        import os
        import time

        made = 0
        while True:
            try:
                pid = os.fork()
            except OSError as error:
                if pid:
                    say(made=made, error=type(error).__name__)  # noqa: F821
                break
            if pid == 0:
                while True:
                    refused(os.fork)  # noqa: F821
                    time.sleep(0.001)
            made += 1
        time.sleep(1000)

    notebook.start(inside, limits=Limits(processes=30))
    said = notebook.said()
    assert said["error"] == "BlockingIOError"
    assert said["made"] <= 30
    assert notebook.tree.threads() <= 30 + 5
    assert notebook.tree.kill()
    ended = notebook.end()
    assert ended.status in (137, -9)
    assert notebook.tree.pids() == []


def test_threads_are_counted_too(notebook):
    def inside():
        import threading

        wait = threading.Event()
        made = 0
        try:
            while True:
                threading.Thread(target=wait.wait, daemon=True).start()
                made += 1
        except RuntimeError as error:
            return [made, str(error)]

    made, error = notebook.run(inside, limits=Limits(processes=30)).answer
    assert 15 <= made <= 30
    assert error == "can't start new thread"


def test_processes_of_two_notebooks_are_counted_apart(notebook):
    if notebook.level != "namespaces" and notebook.user != "root":
        pytest.skip("an ordinary user's processes are counted together there")

    def inside():
        import subprocess

        running = [subprocess.Popen(["sleep", "1"]) for _ in range(15)]
        return [process.wait() for process in running]

    other = type(notebook)(notebook.level, notebook.user)
    limits = Limits(processes=20)
    first, second = notebook.start(inside, limits=limits), other.start(inside, limits=limits)
    assert first.end().answer == second.end().answer == [0] * 15


def test_one_file_is_limited(notebook):
    def inside():
        with open("big", "wb") as file:
            error = refused(lambda: [file.write(bytes(1 << 20)) for _ in range(20)])  # noqa: F821
        with open("sparse", "wb") as file:
            return [error, refused(file.truncate, 1 << 30)]  # noqa: F821

    assert notebook.run(inside, limits=Limits(file_mb=10)).answer == ["EFBIG", "EFBIG"]


@ONE_DISK
def test_the_disk_is_limited_as_a_whole(notebook):
    def inside():
        import os

        written, errors = 0, []
        for folder in (".", "/tmp", "/dev/shm", os.path.expanduser("~")):
            try:
                with open(f"{folder}/file", "wb", buffering=0) as file:
                    for _ in range(8):
                        written += file.write(bytes(1 << 20))
            except OSError as error:
                errors.append(error.strerror)
        return [written, errors]

    written, errors = notebook.run(inside, limits=Limits(disk_mb=20)).answer
    assert 18 * MB <= written <= 20 * MB
    assert errors == ["No space left on device"] * 2


@pytest.mark.levels("bubblewrap")
def test_the_disk_in_bubblewrap_is_limited_too(notebook):
    def inside():
        import os

        sizes = [os.statvfs(folder) for folder in (".", "/dev/shm")]
        return [size.f_blocks * size.f_frsize for size in sizes]

    assert sum(notebook.run(inside).answer) == Limits().disk_mb * MB


@ONE_DISK
def test_a_flood_of_files_is_bounded(notebook):
    def inside():
        made = 0
        try:
            while True:
                for folder in (".", "/tmp"):
                    open(f"{folder}/{made}", "w").close()
                    made += 1
        except OSError as error:
            return [made, error.strerror]

    made, error = notebook.run(inside, limits=Limits(disk_mb=32)).answer
    assert 1000 < made <= 32 * 64
    assert error == "No space left on device"


def test_open_files_are_limited(notebook):
    def inside():
        kept = []
        return [refused(lambda: [kept.append(open("/dev/null")) for _ in range(9999)]), len(kept)]  # noqa: F821

    error, count = notebook.run(inside).answer
    assert error == "EMFILE"
    assert 400 < count < 512


def test_clocks_are_as_fine_as_outside(notebook):
    """A limit on processor time in the kernel would make them count in steps of milliseconds."""

    def inside():
        import time

        def spent():
            start = time.process_time()
            sum(range(20_000))
            return time.process_time() - start

        return sum(0 < spent() < 0.05 for _ in range(50))

    assert notebook.run(inside).answer > 45


def test_processor_time_counts_what_has_ended(notebook):
    def inside():
        import os
        import time

        def burn(seconds):
            while time.process_time() < seconds:
                pass

        if os.fork() == 0:
            burn(0.4)
            os._exit(0)
        os.wait()
        if os.fork() == 0:
            burn(0.4)
            time.sleep(1000)
        time.sleep(1000)

    notebook.start(inside)
    wait_until(lambda: notebook.tree.cpu_seconds() >= 0.78)
    time.sleep(0.3)
    assert notebook.tree.cpu_seconds() < 2


def test_what_was_handed_in_must_fit(notebook):
    def inside():
        return "ran"

    if notebook.level != "namespaces":
        pytest.skip("the disk is this machine's, or bubblewrap's")
    ended = notebook.run(inside, files={"big": "x" * (3 * MB)}, limits=Limits(disk_mb=2))
    assert (ended.status, ended.answers) == (97, [])
    assert "more than the 2 MB of disk" in ended.complaint


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "", "a\0b", "."])
@pytest.mark.levels("namespaces")
def test_what_was_handed_in_stays_in_its_folder(notebook, name):
    def inside():
        return "ran"

    ended = notebook.run(inside, files={name: "x"})
    assert (ended.status, ended.answers) == (97, [])
    assert ended.complaint.startswith(("A file named", "A file that was handed in"))


def test_a_notebook_that_can_t_be_shut_in_never_runs(notebook, tmp_path):
    def inside():
        return "ran"

    folder = str(tmp_path / "none")
    ended = notebook.start(inside, break_plan={"shared": [folder]}).end()
    assert (ended.status, ended.answers) == (97, [])
    assert ended.complaint.startswith("The sandbox could not be set up: ")
    assert os.path.basename(folder) in ended.complaint
