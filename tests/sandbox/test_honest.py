"""What honest notebooks do works in the sandbox as it does outside."""

import os

import pytest

pytestmark = pytest.mark.sandbox


def test_pools_locks_and_queues(notebook):
    def inside():
        import math
        import multiprocessing

        context = multiprocessing.get_context("fork")
        with context.Pool(2) as pool:
            squares = pool.map(math.factorial, range(5))
        with context.Lock():
            queue = context.Queue()
            process = context.Process(target=queue.put, args=("from a child",))
            process.start()
            said = queue.get(timeout=10)
            process.join()
        sleeper = context.Process(target=__import__("time").sleep, args=(1000,))
        sleeper.start()
        sleeper.terminate()
        sleeper.join(10)
        return [squares, said, sleeper.exitcode]

    assert notebook.run(inside).answer == [[1, 1, 2, 6, 24], "from a child", -15]


def test_spawned_processes_and_shared_memory(notebook):
    def inside():
        import math
        import sys
        from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
        from multiprocessing import get_context, shared_memory

        # A spawned process would run this program again.
        vars(sys.modules["__main__"]).pop("__file__")
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            far = list(pool.map(math.sqrt, [1, 4]))
        with ThreadPoolExecutor(4) as pool:
            near = list(pool.map(math.sqrt, [9, 16]))
        memory = shared_memory.SharedMemory(create=True, size=1000)
        memory.buf[0] = 7
        value = memory.buf[0]
        memory.close()
        memory.unlink()
        return [far, near, value]

    assert notebook.run(inside).answer == [[1, 2], [3, 4], 7]


@pytest.mark.levels("namespaces", "bubblewrap")
def test_a_manager(notebook):
    def inside():
        import multiprocessing

        with multiprocessing.get_context("fork").Manager() as manager:
            shared = manager.dict(a=1)
            return shared.copy()

    assert notebook.run(inside).answer == {"a": 1}


def test_programs(notebook):
    def inside():
        import os
        import subprocess
        import sys

        listing = subprocess.run(["ls"], capture_output=True, text=True, check=True).stdout
        piped = subprocess.run("echo one two | wc -w", shell=True, capture_output=True, text=True)
        python = subprocess.run(
            [sys.executable, "-c", "import numpy; print(numpy.arange(3).sum())"],
            capture_output=True,
            text=True,
        )
        return [listing, piped.stdout.strip(), python.stdout + python.stderr, os.system("true")]

    assert notebook.run(inside, files={"a.csv": ""}).answer == ["a.csv\n", "2", "3\n", 0]


def test_terminals_for_shell_commands(notebook):
    def inside():
        import pexpect

        return pexpect.run("echo hello").decode().strip()

    if (notebook.level, notebook.user) == ("layers", "ordinary"):
        pytest.skip("terminals of the same user would be the instructor's")
    assert notebook.run(inside).answer == "hello"


def test_asyncio(notebook):
    def inside():
        import asyncio

        async def main():
            process = await asyncio.create_subprocess_exec("echo", "hi", stdout=-1)
            out, _ = await process.communicate()
            slept = await asyncio.gather(asyncio.sleep(0.01, 1), asyncio.to_thread(len, "ab"))
            return [out.decode(), slept]

        return asyncio.run(main())

    assert notebook.run(inside).answer == ["hi\n", [1, 2]]


def test_files_and_what_a_program_asks_about_itself(notebook):
    def inside():
        import getpass
        import mmap
        import os
        import pathlib
        import resource
        import shutil
        import sqlite3
        import tempfile
        import zoneinfo

        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree("data", f"{folder}/copy")
            shutil.move(f"{folder}/copy/a.csv", "moved.csv")
        with sqlite3.connect("a.db") as database:
            database.execute("create table t (x)")
        with open("map", "w+b") as file:
            file.truncate(4096)
            with mmap.mmap(file.fileno(), 0) as mapped:
                mapped[:3] = b"abc"
        shown = [str(pathlib.Path.home()), getpass.getuser(), str(zoneinfo.ZoneInfo("UTC"))]
        pathlib.Path("/dev/null").write_text("x")
        resource.getrusage(resource.RUSAGE_SELF)
        moved, start = pathlib.Path("moved.csv").read_text(), pathlib.Path("map").read_bytes()[:3]
        return [moved, start.decode(), shown, os.cpu_count()]

    answer = notebook.run(inside, files={"data/a.csv": "1"}).answer
    assert answer == ["1", "abc", [notebook.plan.home, "learner", "UTC"], os.cpu_count()]


def test_signals_as_in_a_fresh_python(notebook):
    def inside():
        import signal
        import time

        caught = []
        signal.signal(signal.SIGALRM, lambda *_: caught.append("alarm"))
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        time.sleep(0.2)
        fresh = {
            signal.SIGINT: signal.default_int_handler,
            signal.SIGPIPE: signal.SIG_IGN,
            signal.SIGXFSZ: signal.SIG_IGN,
            signal.SIGTERM: signal.SIG_DFL,
            signal.SIGCHLD: signal.SIG_DFL,
        }
        same = all(signal.getsignal(number) == handler for number, handler in fresh.items())
        return [caught, same, len(signal.pthread_sigmask(signal.SIG_BLOCK, ()))]

    assert notebook.run(inside).answer == [["alarm"], True, 0]


@pytest.mark.slow
@pytest.mark.levels("namespaces", "layers")
def test_torch_with_threads(notebook):
    def inside():
        import numpy as np
        import torch

        torch.set_num_threads(2)
        a = torch.ones(600, 600)
        done = float((a @ a).sum()), torch.get_num_threads()
        data = torch.utils.data.TensorDataset(torch.arange(8))
        loader = torch.utils.data.DataLoader(data, batch_size=4)
        torch.save(a, "a.pt")
        return [*done, sum(int(x.sum()) for (x,) in loader), float(np.linalg.det(np.eye(50)))]

    answer = notebook.run(inside, warm=["torch", "numpy"]).answer
    assert answer == [600.0**3, 2, 28, 1.0]


@pytest.mark.slow
@pytest.mark.levels("namespaces", "layers")
def test_scikit_learn_in_parallel_and_a_picture(notebook):
    def inside():
        import os

        import matplotlib

        matplotlib.use("agg")
        import matplotlib.pyplot as plt
        from sklearn.datasets import load_wine
        from sklearn.linear_model import Ridge
        from sklearn.model_selection import cross_val_score

        X, y = load_wine(return_X_y=True)
        scores = cross_val_score(Ridge(), X, y, cv=4, n_jobs=2)
        plt.plot(scores)
        plt.savefig("scores.png")
        return [len(scores), os.path.getsize("scores.png") > 1000]

    warm = ["matplotlib.pyplot", "sklearn.model_selection", "sklearn.datasets"]
    assert notebook.run(inside, warm=warm).answer == [4, True]
