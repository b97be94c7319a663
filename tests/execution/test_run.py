"""Notebooks run in a fork of a warm process, in the sandbox, within their limits."""

import os
import sysconfig
import time
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from curriculum import execution
from curriculum.execution import Job, preload, run, warm, zygote
from curriculum.sandbox import levels
from curriculum.sandbox.limits import Limits, sentence

pytestmark = pytest.mark.sandbox

SMALL = Limits(cell_seconds=3, notebook_seconds=60, memory_mb=300, disk_mb=16, processes=24)


@pytest.fixture(scope="module", autouse=True)
def _one_zygote():
    yield
    execution.close()


def notebook(*cells):
    written = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    return v4.writes(written).encode()


def execute(*cells, limits=SMALL, preload=("numpy",), **more):
    ran = execution.execute(Job("test", notebook(*cells), limits=limits, preload=preload, **more))
    return nbformat.reads(ran.notebook.decode(), 4).cells, ran


def texts(cell):
    return [o.get("text") or o.get("data", {}).get("text/plain") or o.evalue for o in cell.outputs]


def stops(ran):
    return [(stop.cell, stop.kind) for stop in ran.stops]


def test_cells_share_one_process_and_their_outputs_are_kept():
    cells, ran = execute("x = 2\nprint('hi')", "x + 1", "", "1 / 0", "'after'")
    assert [texts(cell) for cell in cells] == [
        ["hi\n"],
        ["3"],
        [],
        ["division by zero"],
        ["'after'"],
    ]
    assert [cell.execution_count for cell in cells] == [1, 2, None, 3, 4]
    assert ran.stops == ()
    assert ran.facts["warm"]
    assert ran.facts["level"] == levels.probe().level


def test_each_notebook_has_a_process_that_nothing_was_done_in():
    code = "import os, sys\nx = 1\nos.environ['LEFT'] = '1'\nopen('left', 'w').close()\nnp = 1"
    execute(code)
    cells, _ = execute("import os\n[os.environ.get('LEFT'), os.listdir('.'), 'x' in globals()]")
    assert texts(cells[0]) == ["[None, [], False]"]


def test_random_numbers_are_as_unforeseeable_as_in_a_fresh_process():
    code = "import random, numpy as np\n(np.random.rand(), random.random())"
    drawn = {texts(execute(code)[0][0])[0] for _ in range(3)}
    assert len(drawn) == 3


def test_files_that_were_handed_in_are_there_and_changes_to_them_stay_inside():
    files = {"data.csv": b"a\n1\n", "sub/helper.py": b"y = 7\n"}
    cells, _ = execute(
        "open('data.csv').read()",
        "from sub.helper import y\ny",
        "open('data.csv', 'w').write('changed')",
        files=files,
    )
    assert [texts(cell)[0] for cell in cells] == ["'a\\n1\\n'", "7", "7"]
    assert files["data.csv"] == b"a\n1\n"


def test_a_cell_that_runs_too_long_is_stopped_and_the_next_one_runs():
    cells, ran = execute("print('start')\nwhile True: pass", "1 + 1")
    assert texts(cells[0])[0] == "start\n"
    assert texts(cells[0])[-1] == sentence("cell_time", SMALL)
    assert cells[0].outputs[-1].ename == "CellTimeoutError"
    assert texts(cells[1]) == ["2"]
    assert stops(ran) == [(0, "cell_time")]


def test_a_cell_that_will_not_be_interrupted_ends_the_kernel():
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    cells, ran = execute("1", deaf, "2", limits=Limits(cell_seconds=1))
    assert texts(cells[0]) == ["1"]
    assert stops(ran) == [(1, "cell_time"), (2, "not_run")]
    assert texts(cells[2]) == [sentence("not_run", SMALL)]


def test_a_sleeping_cell_can_be_interrupted():
    cells, ran = execute("import time; time.sleep(100)", "'on'", limits=Limits(cell_seconds=1))
    assert stops(ran) == [(0, "cell_time")]
    assert texts(cells[1]) == ["'on'"]


def test_an_awaiting_cell_can_be_interrupted():
    code = "import asyncio; await asyncio.sleep(100)"
    cells, ran = execute(code, "'on'", limits=Limits(cell_seconds=1))
    assert stops(ran) == [(0, "cell_time")]
    assert texts(cells[1]) == ["'on'"]


def test_the_time_of_a_notebook_is_limited():
    slow = "import time; time.sleep(0.9)"
    _cells, ran = execute(slow, slow, slow, "1", limits=Limits(notebook_seconds=2))
    assert stops(ran)[-1] == (3, "notebook_time")
    assert {kind for _, kind in stops(ran)} == {"notebook_time"}
    assert len(stops(ran)) < 4


def test_processor_time_counts_for_all_processes():
    burn = "import os\nfor _ in range(3): os.fork() or [0 for _ in iter(int, 1)]\nwhile True: pass"
    began = time.monotonic()
    _, ran = execute("1", burn, "2", limits=Limits(cpu_seconds=3, cell_seconds=60))
    assert stops(ran) == [(1, "cpu_time"), (2, "cpu_time")] or stops(ran) == [
        (1, "cpu_time"),
        (2, "not_run"),
    ]
    assert time.monotonic() - began < 50


def test_too_large_an_array_is_an_error_of_its_cell_alone():
    cells, ran = execute("import numpy as np\nx = np.ones(10**9)", "'on'")
    assert cells[0].outputs[0].ename in ("MemoryError", "_ArrayMemoryError")
    assert texts(cells[1]) == ["'on'"]
    assert stops(ran) == [(0, "memory")]


def test_processes_that_take_memory_together_are_stopped():
    bomb = (
        "import os, time\n"
        "for _ in range(4):\n"
        "    if not os.fork():\n"
        "        x = bytearray(150_000_000)\n"
        "        for i in range(0, len(x), 4096): x[i] = 1\n"
        "        time.sleep(60)\n"
        "time.sleep(60)"
    )
    _, ran = execute("1", bomb, "2", limits=Limits(memory_mb=300, cell_seconds=50))
    assert stops(ran)[0] == (1, "memory")
    assert stops(ran)[1][1] in ("memory", "not_run")


def test_a_fork_bomb_is_bounded_and_gone():
    bomb = "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(0.1)"
    _, ran = execute(bomb, "1", limits=Limits(cell_seconds=2, processes=24))
    assert stops(ran)[0][0] == 0
    assert not _processes_of_notebooks()


def test_what_a_cell_prints_beyond_the_limit_costs_neither_memory_nor_the_next_cell():
    flood = "for _ in range(1000): print('x' * 1_000_000)"
    cells, ran = execute(flood, "'on'", limits=Limits(output_mb=1))
    assert stops(ran) == [(0, "output")]
    assert len(ran.notebook) < 2_000_000
    assert texts(cells[0])[0].endswith(f"[{sentence('output', Limits(output_mb=1))}]\n")
    assert texts(cells[1]) == ["'on'"]


def test_a_flood_beneath_python_is_cut_too():
    flood = "import os\nfor _ in range(300): os.write(1, b'x' * 1_000_000)"
    cells, ran = execute(flood, "'on'", limits=Limits(output_mb=1))
    assert stops(ran) == [(0, "output")]
    assert texts(cells[1]) == ["'on'"]


def test_a_flood_of_displays_is_cut():
    flood = (
        "from IPython.display import HTML\nfor _ in range(50): display(HTML('x' * 1_000_000))\n7"
    )
    cells, ran = execute(flood, limits=Limits(output_mb=1))
    assert stops(ran) == [(0, "output")]
    assert texts(cells[0])[-2:] == ["7", f"\n[{sentence('output', Limits(output_mb=1))}]\n"]


def test_a_full_disk_is_an_error_of_its_cell_alone():
    cells, ran = execute("open('big', 'wb').write(bytes(40_000_000))", "'on'")
    assert cells[0].outputs[0].ename == "OSError"
    assert stops(ran) == [(0, "disk")]
    assert texts(cells[1]) == ["'on'"]


@pytest.mark.parametrize(
    "death",
    ["import os; os._exit(0)", "import os; os.abort()", "import ctypes; ctypes.string_at(0)",
     "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"],
)  # fmt: skip
def test_what_was_earned_before_the_kernel_died_stays(death):
    cells, ran = execute("'earned'", death, "'late'", "'later'")
    assert texts(cells[0]) == ["'earned'"]
    assert stops(ran) == [(1, "died"), (2, "not_run"), (3, "not_run")]
    assert cells[2].outputs[0].ename == "KernelDied"


def test_leaving_the_shell_ends_nothing():
    cells, ran = execute("exit()", "'on'", "import sys; sys.exit(1)", "'still'")
    assert texts(cells[1]) == ["'on'"]
    assert texts(cells[3]) == ["'still'"]
    assert ran.stops == ()


JUNK = """
import os, stat
for fd in os.listdir('/proc/self/fd'):
    try:
        if stat.S_ISSOCK(os.fstat(int(fd)).st_mode): os.write(int(fd), {junk})
    except OSError: pass
{more}
"""


@pytest.mark.parametrize(
    "junk",
    ["b'\\x00\\x00\\x00\\x04junk'", "b'\\x00\\x00\\x00\\x05\\xdd\\xff\\xff\\xff\\xff'",
     "b'\\x00\\x00\\x00\\x01\\x07'"],
)  # fmt: skip
def test_junk_on_the_wire_ends_its_notebook_with_a_sentence(junk):
    cells, ran = execute("'earned'", JUNK.format(junk=junk, more="1"), "2")
    assert texts(cells[0]) == ["'earned'"]
    assert stops(ran)[0] == (1, "malformed")


def test_a_frame_that_never_ends_is_stopped_by_the_time_limit():
    junk = "b'\\x03\\xff\\xff\\xffx'"
    _, ran = execute(JUNK.format(junk=junk, more=""), "2", limits=Limits(cell_seconds=1))
    assert stops(ran)[0][1] == "cell_time"


def test_nothing_outlives_a_notebook():
    code = (
        "import os, subprocess, sys, multiprocessing.shared_memory as m\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'],"
        " start_new_session=True)\n"
        "if not os.fork():\n    os.setsid()\n    if os.fork(): os._exit(0)\n"
        "    import time; time.sleep(1000)\n"
        "kept = m.SharedMemory(create=True, size=100, name='left-behind')\n"
        "open('/tmp/left', 'w').close()\n"
    )
    cells, _ = execute(code)
    assert not [o for o in cells[0].outputs if o.output_type == "error"]
    assert not _processes_of_notebooks()
    assert not Path("/dev/shm/left-behind").exists()
    assert not Path("/tmp/left").exists()


def _processes_of_notebooks():
    """List processes below this process's zygote; none where every notebook has ended."""
    from curriculum.sandbox.processes import below

    (own,) = [run._kept.zygote._process.pid]
    return below(own)


def test_a_killed_zygote_is_replaced():
    execute("1")
    os.kill(run._kept.zygote._process.pid, 9)
    cells, ran = execute("2")
    assert texts(cells[0]) == ["2"]
    assert ran.facts["warm"]


def test_the_zygote_starts_anew_after_so_many_forks(monkeypatch):
    monkeypatch.setattr(zygote, "FORKS", 2)
    execution.close()
    for number in range(5):
        cells, ran = execute(f"{number}")
        assert texts(cells[0]) == [str(number)]
        assert ran.facts["warm"]
    assert run._kept.zygote.facts()["generation"] == 3
    execution.close()


def test_the_zygote_starts_anew_when_a_package_is_installed():
    execute("1")
    generation = run._kept.zygote.facts()["generation"]
    installed = Path(sysconfig.get_path("purelib"), "zz_only_for_a_test-1.0.dist-info")
    try:
        installed.mkdir()
        execute("1")  # the fork that sees it is the last of its generation
        assert run._kept.zygote.facts()["generation"] == generation + 1
    finally:
        installed.rmdir()


def test_another_set_of_modules_has_another_zygote_and_a_smaller_one_none():
    execute("1", preload=("numpy", "json"))
    first = run._kept.zygote
    execute("1", preload=("json",))
    assert run._kept.zygote is first
    execute("1", preload=("numpy", "decimal"))
    assert run._kept.zygote is not first


def test_a_module_that_is_missing_is_left_to_the_cell_that_wants_it():
    cells, ran = execute("import nowhere_to_be_found", preload=("nowhere_to_be_found", "json"))
    assert cells[0].outputs[0].ename == "ModuleNotFoundError"
    assert run._kept.zygote.missing == ["nowhere_to_be_found (ModuleNotFoundError)"]
    assert ran.facts["warm"]


def test_a_module_that_starts_a_thread_is_left_to_the_cell_that_wants_it():
    code = "import sys; before = 'onnxruntime' in sys.modules; import onnxruntime; before"
    cells, ran = execute(code, "import numpy", preload=("numpy", "onnxruntime"))
    assert texts(cells[0]) == ["False"]
    assert ran.facts["warm"]
    _, again = execute("1", preload=("numpy", "onnxruntime"))
    assert again.facts["warm"], "what was left out is still served"


def test_threads_of_the_libraries_pools_can_be_set():
    code = (
        "import threadpoolctl, numpy as np\n"
        "{p['num_threads'] for p in threadpoolctl.threadpool_info()}"
    )
    cells, _ = execute(code, threads=1)
    assert texts(cells[0]) == ["{1}"]
    cells, _ = execute(code)
    assert texts(cells[0]) == [f"{{{len(os.sched_getaffinity(0))}}}"]


def test_linear_algebra_works_in_a_fork():
    code = "import numpy as np\nx = np.ones((400, 400))\nfloat((x @ x).sum() + np.linalg.norm(x))"
    cells, _ = execute(code)
    assert texts(cells[0]) == ["64000400.0"]


def test_without_a_sandbox_a_notebook_is_refused(monkeypatch):
    monkeypatch.setattr(run.levels, "probe", lambda: type("None_", (), {"level": "none"}))
    with pytest.raises(execution.ExecutionError, match="offers no sandbox"):
        execute("1")
    execution.close()
    cells, ran = execute("1", protect=False)
    execution.close()
    assert texts(cells[0]) == ["1"]
    assert ran.facts["level"] == "none"


def test_where_no_zygote_can_start_the_kernel_is_cold_and_says_why(monkeypatch):
    execution.close()
    monkeypatch.setattr(warm.zygote, "command", lambda state: ["false"])
    cells, ran = execute("1 + 1")
    assert texts(cells[0]) == ["2"]
    assert not ran.facts["warm"]
    assert "does not answer" in ran.facts["why_cold"]


def test_a_sandbox_that_fails_runs_nothing(monkeypatch):
    real = run.make_plan

    def broken(level, **more):
        import dataclasses

        return dataclasses.replace(real(level, **more), read_only=("/does/not/exist",))

    execution.close()
    monkeypatch.setattr(run, "make_plan", broken)
    with pytest.raises(execution.ExecutionError, match="sandbox could not be made"):
        execute("1")
    execution.close()


def test_several_processes_share_one_zygote(tmp_path):
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    job = Job("test", notebook("import time; time.sleep(0.3)\n6 * 7"), preload=("numpy",))
    bell, warmth = execution.warm_up(job)
    with ProcessPoolExecutor(
        2, get_context("spawn"), initializer=execution.share, initargs=(bell, warmth)
    ) as pool:
        answers = list(pool.map(execution.execute_bytes, [job.to_bytes()] * 6))
    assert len(answers) == 6
    for answer in answers:
        ran = execution.Ran.from_bytes(answer)
        assert ran.facts["warm"]
        assert texts(nbformat.reads(ran.notebook.decode(), 4).cells[0]) == ["42"]
    execution.close()


def test_the_answer_survives_the_way_through_bytes():
    _, ran = execute("while True: pass", limits=Limits(cell_seconds=1))
    assert execution.Ran.from_bytes(ran.to_bytes()) == ran
    job = Job("n", b"{}", {"a/b": b"\x00"}, SMALL, ("x",), False, 3)
    assert Job.from_bytes(job.to_bytes()) == job


def test_the_preloaded_set_follows_from_the_code():
    assert "numpy" in preload.modules(["import numpy as np"])
