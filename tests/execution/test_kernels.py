"""Real kernels in the sandbox: for a notebook that is graded, and wherever kernels are started."""

import json
import os
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import faithful
import nbformat
import psutil
import pytest
from nbclient import NotebookClient
from nbformat import v4
from nbgrader.preprocessors import Execute

from curriculum.execution import kernels, kernels_bridge, kernels_inside
from curriculum.execution.cells import NotStartedError
from curriculum.execution.job import Job
from curriculum.sandbox import levels
from curriculum.sandbox.limits import Limits, sentence
from curriculum.sandbox.plan import make_plan
from curriculum.sandbox.processes import Tree

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SMALL = Limits(cell_seconds=3, notebook_seconds=120, memory_mb=400, disk_mb=32)
INLINE = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}

in_sandbox = [pytest.mark.slow, pytest.mark.sandbox]


def wait_until(holds, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := holds():
            return value
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def job(*cells, kernel="python3", limits=SMALL, **more):
    spec = {"name": kernel, "display_name": kernel}
    written = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    written.metadata.kernelspec = spec
    return Job("test", v4.writes(written).encode(), limits=limits, **more)


def run(*cells, fork=None, **more):
    plan = make_plan(levels.probe().level, environment=INLINE)
    ran = kernels.run_cold(job(*cells, **more), plan, fork=fork)
    return nbformat.reads(ran.notebook.decode(), 4).cells, ran


def texts(cell):
    return [o.get("text") or o.get("data", {}).get("text/plain") or o.evalue for o in cell.outputs]


def stops(ran):
    return [(stop.cell, stop.kind) for stop in ran.stops]


def alive(mark):
    """List the processes of this machine that have a mark in their command lines."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if mark in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(line)
    return found


@pytest.fixture(autouse=True)
def _nothing_left():
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    yield
    kept = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert [p for p in kept if p.status() != psutil.STATUS_ZOMBIE] == []
    assert [t for t in threading.enumerate() if t.name in ("kernel-bridge", "kernel-line")] == []
    assert list(Path(tempfile.gettempdir()).glob(f"curriculum-kernel-{os.getpid()}-*")) == []


# --- what needs no kernel


def test_files_beside_a_notebook_are_read_but_links_are_not_followed(tmp_path):
    (tmp_path / "secret").write_text("key")
    folder = tmp_path / "work"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.csv").write_text("1")
    (folder / "sub" / "b").write_text("2")
    (folder / "file").symlink_to(tmp_path / "secret")
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    assert kernels.files_of(folder, 100) == {"a.csv": b"1", "sub/b": b"2"}
    assert kernels.files_of(None, 100) == {}
    with pytest.raises(kernels.KernelStartError, match="a folder of its own"):
        kernels.files_of(folder, 1)


def test_what_a_kernel_needs_to_see_follows_from_its_kernelspec(tmp_path):
    (tmp_path / "env" / "conda-meta").mkdir(parents=True)
    (tmp_path / "spec").mkdir()

    def spec(*argv):
        return kernels.KernelSpec(argv=list(argv), resource_dir=str(tmp_path / "spec"))

    assert kernels.needed(spec("python")) == [str(tmp_path / "spec")]
    assert kernels.needed(spec("/bin/sh")) == [str(tmp_path / "spec")]
    assert kernels.needed(spec(str(tmp_path / "env" / "bin" / "R"))) == [
        str(tmp_path / "spec"),
        str(tmp_path / "env"),
    ]


@pytest.mark.parametrize("ending", ["", "\\", "\\u00", "\\u00e9", '\\"', "é"])
def test_of_a_stream_that_is_too_large_the_beginning_is_read(ending):
    raw = ('{"name": "stderr", "text": "abc' + ending).encode()
    begun = kernels_bridge._beginning(raw + b"d" * 100, len(raw) - 27)
    assert begun["name"] == "stderr"
    assert begun["text"].startswith("abc")
    assert kernels_bridge._beginning(b'{"data": {}}', 10) is None


def test_large_integers_become_text_for_the_wire():
    plain = {"a": [2**70, -(2**70), 2**63, True, 1.5, "x", None]}
    assert kernels_bridge._in_64_bits(plain) == {
        "a": [str(2**70), str(-(2**70)), 2**63, True, 1.5, "x", None]
    }


@pytest.mark.parametrize("name", ["/etc/passwd", "../a", "a/../../b"])
def test_no_file_is_written_outside_of_the_notebooks_folder(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(ValueError, match="beside a notebook"):
        kernels_inside._take_files(theirs, [[name, 0]])


def test_this_sides_folder_of_a_process_that_was_killed_is_removed():
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = Path(tempfile.gettempdir(), f"curriculum-kernel-{gone.pid}-abc")
    left.mkdir()
    with kernels._folder_outside() as folder:
        assert Path(folder).exists()
        assert not left.exists()


# --- a notebook that is graded


@pytest.fixture
def echo(monkeypatch):
    """Install a kernelspec of another language, and one of a program that does not exist."""
    # Not below /tmp, where a notebook has files of its own.
    folder = Path(tempfile.mkdtemp(prefix="curriculum-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    program = ["python", "{resource_dir}/echo_kernel.py", "-f", "{connection_file}"]
    specs = {
        "echo": {"argv": program, "interrupt_mode": "message", "env": {"OWN": "yes"}},
        "absent": {"argv": ["no-such-program", "{connection_file}"]},
        "broken": {"argv": ["sh", "-c", "echo it is broken >&2; exit 3"]},
    }
    for name, spec in specs.items():
        own = folder / "kernels" / name
        own.mkdir(parents=True)
        shutil.copy(HERE / "echo_kernel.py", own)
        spec |= {"display_name": name, "language": "echo"}
        (own / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(folder))
    yield
    shutil.rmtree(folder)


class TestGraded:
    pytestmark = in_sandbox

    def test_cells_share_one_process_and_rich_output_is_kept(self):
        cells, ran = run(
            "x = 2\nprint('hi')",
            "from IPython.display import HTML, display\ndisplay(HTML('<b>1</b>'))\nx + 1",
            "",
            "1 / 0",
            "import matplotlib.pyplot as plt\nplt.plot([1]);",
            "h = display('a', display_id=True)\nh.update('b')",
            "import asyncio; await asyncio.sleep(0); 'after'",
            limits=Limits(memory_mb=400),  # a busy machine takes its time to import Matplotlib
        )
        assert texts(cells[0]) == ["hi\n"]
        assert cells[1].outputs[0].data["text/html"] == "<b>1</b>"
        assert texts(cells[1])[1] == "3"
        assert cells[2].outputs == []
        assert [o.ename for o in cells[3].outputs] == ["ZeroDivisionError"]
        assert cells[3].outputs[0].traceback
        assert cells[4].outputs[-1].data["image/png"]
        assert texts(cells[5]) == ["'b'"]
        assert texts(cells[6]) == ["'after'"]
        assert [cell.execution_count for cell in cells] == [1, 2, None, 3, 4, 5, 6]
        assert ran.stops == ()
        assert ran.facts["cpu_seconds"] > 0

    @pytest.mark.parametrize("name", ["display", "streams", "updates", "widgets"])
    def test_outputs_are_those_of_a_kernel_that_is_not_shut_in(self, name):
        asked = faithful.read(name)
        titles = [cell.metadata.title for cell in asked.cells]
        kernels_job = Job(name, v4.writes(asked).encode(), faithful.FILES, faithful.LIMITS)
        environment = {k: v for k, v in faithful.ENVIRONMENT.items() if k != "PATH"}
        plan = make_plan(levels.probe().level, environment=environment)
        ran = nbformat.reads(kernels.run_cold(kernels_job, plan).notebook.decode(), 4)
        for cell, title in zip(ran.cells, titles, strict=True):
            cell.metadata.title = title
        ran.metadata["places"] = {plan.scratch: "WORK", "~/work": "WORK", plan.home: "~"}
        inside, outside = map(faithful.normalised, (ran, faithful.run_cold(name)))
        for title, cell in outside.cells.items():
            assert inside.cells[title].text() == cell.text(), title
        assert inside.widgets == outside.widgets

    def test_files_are_there_and_nothing_else(self):
        look = """
        import os, subprocess
        from pathlib import Path
        print(Path("data/a.csv").read_text(), sorted(os.listdir()), os.getcwd())
        def readable(path):
            try:
                return bool(os.listdir(path) if os.path.isdir(path) else open(path).read(1))
            except OSError:
                return False
        hidden = [p for p in SECRETS if readable(p)]
        print(hidden, os.environ.get("INSTRUCTORS_SECRET"), os.getuid() == 0)
        """.replace("\n        ", "\n")
        secrets = [str(ROOT / name) for name in ("source", "release", "pyproject.toml", ".git")]
        secrets += ["/root/.ssh", "/etc/shadow", str(Path.home() / ".bashrc"), __file__]
        os.environ["INSTRUCTORS_SECRET"] = "hunter2"
        try:
            cells, _ = run(f"SECRETS = {secrets}" + look, files={"data/a.csv": b"1,2"})
        finally:
            del os.environ["INSTRUCTORS_SECRET"]
        scratch = make_plan(levels.probe().level).scratch
        seen, hidden = texts(cells[0])[0].splitlines()
        assert seen.startswith("1,2 ['data'] ")
        assert seen.endswith("/work") and Path(seen.split()[-1]).name == Path(scratch).name
        assert hidden == "[] None False"

    def test_there_is_no_network(self):
        cells, _ = run(
            "import socket\nsocket.create_connection(('127.0.0.1', 22), timeout=5)",
            "socket.socket(socket.AF_NETLINK)",
            "import zmq\nzmq.Context().socket(zmq.PULL).bind_to_random_port('tcp://127.0.0.1')",
            "'still here'",
        )
        assert [cell.outputs[-1].output_type for cell in cells[:3]] == ["error"] * 3
        assert texts(cells[3]) == ["'still here'"]

    def test_a_cell_that_takes_too_long_is_interrupted_and_the_next_one_runs(self):
        cells, ran = run("x = 1", "while True: pass", "import subprocess; x", "!sleep 1000", "x")
        assert stops(ran) == [(1, "cell_time"), (3, "cell_time")]
        assert texts(cells[1])[-1] == sentence("cell_time", SMALL)
        assert (texts(cells[2]), texts(cells[4])) == (["1"], ["1"])

    def test_a_kernel_that_does_not_stop_is_killed_and_the_rest_is_not_run(self):
        stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
        cells, ran = run("1", stubborn, "2", limits=Limits(cell_seconds=1))
        assert stops(ran) == [(1, "cell_time"), (2, "not_run")]
        assert (texts(cells[0]), texts(cells[2])) == (["1"], [sentence("not_run", SMALL)])

    def test_the_notebooks_time_ends_it(self):
        limits = Limits(cell_seconds=30, notebook_seconds=3)
        cells, ran = run("1", "while True: pass", "2", limits=limits)
        assert stops(ran) == [(1, "notebook_time"), (2, "notebook_time")]
        assert texts(cells[0]) == ["1"]

    def test_a_dead_kernel_leaves_what_was_before(self):
        cells, ran = run("1", "print('last words', flush=True)\nimport os\nos._exit(3)", "2")
        assert stops(ran) == [(1, "died"), (2, "not_run")]
        assert texts(cells[0]) == ["1"]
        assert texts(cells[1])[-1] == sentence("died", SMALL)

    @pytest.mark.parametrize(
        "cell",
        [
            "print('a' * 200_000_000)",
            "for _ in range(200):\n    print('a' * 1_000_000)",
            "import sys\nfor _ in range(200_000):\n    sys.stderr.write('a' * 1_000)",
            "from IPython.display import HTML\nHTML('a' * 20_000_000)",
        ],
        ids=["at once", "in pieces", "in small pieces", "as a display"],
    )
    def test_a_flood_costs_neither_memory_nor_the_next_cell(self, cell):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        limits = Limits(cell_seconds=100, output_mb=1)
        cells, ran = run("'before'", cell, "'after'", limits=limits)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        assert stops(ran) == [(1, "output")]
        assert sum(len(o.get("text", "")) for o in cells[1].outputs) < 1_100_000
        assert texts(cells[1])[-1].strip("\n[]").endswith(sentence("output", limits))
        assert (texts(cells[0]), texts(cells[2])) == (["'before'"], ["'after'"])
        assert grown < 400, f"{grown} MB"

    @pytest.mark.parametrize("size", [3_000_000, 100_000_000])
    def test_an_error_too_large_to_read_is_an_error_all_the_same(self, size):
        cells, ran = run(f"raise ValueError('a' * {size})", "'after'", limits=Limits(output_mb=0.5))
        assert "error" in [o.output_type for o in cells[0].outputs]
        assert stops(ran) == [(0, "output")]
        assert texts(cells[1]) == ["'after'"]

    def test_no_display_is_lost_where_many_come(self):
        cells, ran = run("for n in range(5000): display(n)", limits=Limits())
        assert texts(cells[0]) == [str(n) for n in range(5000)]
        assert ran.stops == ()

    def test_memory_of_all_processes_together_is_limited(self):
        bomb = """
        import os, time
        kept = []
        for _ in range(6):
            if os.fork() == 0:
                kept = bytearray(os.urandom(1)) * 200_000_000
                time.sleep(100)
        time.sleep(100)
        """.replace("\n        ", "\n")
        cells, ran = run("1", bomb, "2", limits=Limits(cell_seconds=60, memory_mb=600))
        assert stops(ran) == [(1, "memory"), (2, "not_run")]
        assert texts(cells[0]) == ["1"]

    def test_one_processs_memory_is_refused_and_the_next_cell_runs(self):
        cells, ran = run("x = bytearray(2_000_000_000)", "'after'")
        assert stops(ran) == [(0, "memory")]
        assert texts(cells[1]) == ["'after'"]

    def test_processor_time_is_limited(self):
        limits = Limits(cell_seconds=60, cpu_seconds=3)
        _, ran = run("1", "while True: pass", "2", limits=limits)
        assert [cell for cell, _ in stops(ran)] == [1, 2]
        assert stops(ran)[0][1] in ("cpu_time", "died")

    def test_the_disk_is_limited(self):
        fill = "for n in range(20):\n    open(f'f{n}', 'wb').write(bytes(4_000_000))"
        if levels.probe().level == "layers":
            pytest.skip("there is no file system of its own")
        cells, ran = run(fill, "'after'")
        assert stops(ran) == [(0, "disk")]
        assert texts(cells[1]) == ["'after'"]

    @pytest.mark.parametrize(
        "said",
        [
            "k.session.send(k.iopub_socket, 'stream', {'name': 5}, parent=k.get_parent())",
            "k.iopub_thread.send_multipart([b'x', b'y'])",
            "k.iopub_thread.send_multipart([b'<IDS|MSG>', b'', b'{}', b'[]', b'7', b'null'])",
            "m = k.session.serialize(k.session.msg('display_data', {}, parent=k.get_parent()))\n"
            "m[-1] = b'{\"data\": ' + b'[' * 100_000 + b']' * 100_000 + b'}'\n"
            "m[1] = k.session.sign(m[2:])\nk.iopub_thread.send_multipart(m)",
        ],
        ids=["a stream of no name", "no message", "an empty one", "a deep one"],
    )
    def test_what_no_kernel_would_say_ends_the_notebook(self, said):
        cells, ran = run("1", f"k = get_ipython().kernel\n{said}\nwhile True: pass", "2")
        assert stops(ran) == [(1, "malformed"), (2, "not_run")]
        assert texts(cells[0]) == ["1"]

    def test_a_message_without_an_end_does_not_fill_this_sides_memory(self):
        endless = """
        import os, socket, struct
        piece = b"x" * (1 << 20)
        for fd in map(int, os.listdir("/proc/self/fd")):
            try:
                sock = socket.socket(fileno=os.dup(fd))
                if not sock.getsockname().endswith("k-2"):
                    continue
                sock.getpeername()
            except (OSError, AttributeError):
                continue
            sock.setblocking(True)
            while True:
                sock.sendall(b"\\x03" + struct.pack(">Q", len(piece)) + piece)
        """.replace("\n        ", "\n")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        cells, ran = run("1", endless, "2", limits=Limits(cell_seconds=20))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        assert texts(cells[0]) == ["1"]
        assert ran.stops[0].cell == 1
        assert grown < 1500, f"{grown} MB"

    def test_nothing_outlives_it(self):
        mark = f"{secrets.randbelow(10**9) + 10**9}"
        start = f"""
        import os, signal, subprocess, time
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                os.execvp("sleep", ["sleep", "{mark}"])
        open("/dev/shm/{mark}", "w").write("x")
        open("{mark}", "w").write("x")
        time.sleep(1)
        len([1 for p in os.listdir("/proc") if p.isdecimal()])
        """.replace("\n        ", "\n")
        cells, _ = run(start)
        assert cells[0].outputs
        assert alive(f"sleep {mark}") == []
        assert not Path("/dev/shm", mark).exists()

    def test_nothing_outlives_what_runs_it(self):
        mark = f"{secrets.randbelow(10**9) + 10**9}"
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); import test_kernels as t\n"
            "t.run(sys.argv[2], limits=t.Limits())"
        )
        cell = f"import subprocess; subprocess.run(['sleep', '{mark}'])"
        argv = [sys.executable, "-c", code, str(HERE), cell]
        program = subprocess.Popen(argv, env={**os.environ, "PYTHONPATH": str(ROOT)})
        try:
            wait_until(lambda: f"sleep {mark}" in alive(mark), 60)
        finally:
            program.kill()
            program.wait()
        wait_until(lambda: not [line for line in alive(mark) if line.startswith("sleep")])

    def test_another_languages_kernel(self, echo):
        cells, ran = run("hello", "wait", "variable OWN", "variable HOME", kernel="echo")
        assert texts(cells[0]) == ["HELLO", "hello"]
        assert cells[0].execution_count == 7
        assert stops(ran)[0] == (1, "cell_time")
        assert texts(cells[2])[0] == "YES"
        assert "root" not in texts(cells[3])[0].lower()
        _, ran = run("hello", "die", "hello", kernel="echo")
        assert stops(ran) == [(1, "died"), (2, "not_run")]

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("nowhere", "no kernel named 'nowhere' is installed here"),
            ("absent", "no such program in the sandbox: no-such-program"),
            ("broken", "ended while it started (it is broken)"),
        ],
    )
    def test_a_kernel_that_can_t_start_says_why(self, name, why, echo):
        with pytest.raises(NotStartedError) as raised:
            run("1", kernel=name)
        assert why in str(raised.value)

    @pytest.mark.parametrize("level", ["namespaces", "bubblewrap", "layers"])
    @pytest.mark.parametrize("user", ["root", "ordinary"] if os.geteuid() == 0 else ["ordinary"])
    def test_every_level_and_user(self, level, user):
        code = """
import json, os, sys
import notebook, test_kernels as t
level, user = sys.argv[1:]
notebook.become(user)
cells = ["print(open('a/b').read())", "while True: pass",
         "open('/dev/shm/left', 'w').close(); open('SECRET')"]
cells[2] = cells[2].replace("SECRET", t.__file__)
plan = t.make_plan(level)
ran = t.kernels.run_cold(t.job(*cells, files={"a/b": b"hi"}), plan)
done = t.nbformat.reads(ran.notebook.decode(), 4).cells
print(json.dumps([t.stops(ran), t.texts(done[0]), done[2].outputs[0].ename]))
left = [path for path in (plan.scratch, "/dev/shm/left") if os.path.exists(path)]
assert left == [], left
"""
        folders = [HERE.parent / "sandbox", HERE, ROOT]
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, level, user],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        stopped, said, error = json.loads(done.stdout)
        assert (stopped, said) == ([[1, "cell_time"]], ["hi\n"])
        assert error in ("FileNotFoundError", "PermissionError")

    def test_without_protection_it_runs_all_the_same(self):
        ran = kernels.run_cold(job("1 + 1", "while True: pass", "2"), make_plan("none"))
        cells = nbformat.reads(ran.notebook.decode(), 4).cells
        assert (texts(cells[0]), texts(cells[2])) == (["2"], ["2"])
        assert stops(ran) == [(1, "cell_time")]


# --- an ipykernel in a fork of a warm process


class Forked:
    """A kernel's process, forked from a warm one of its own; as `warm.Child`."""

    def __init__(self, plan, limits):
        self.wire, theirs = socket.socketpair()
        self.complaints, complaints = os.pipe()
        asked = json.dumps({"plan": plan.as_dict(), "limits": limits.as_dict()})
        program = str(HERE / "forking_program.py")
        self._program = subprocess.Popen(
            [sys.executable, "-P", program, asked, str(theirs.fileno()), str(complaints)],
            pass_fds=[theirs.fileno(), complaints],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **INLINE, "PYTHONPATH": str(ROOT)},
        )
        theirs.close()
        os.close(complaints)
        self.pid = int(self._program.stdout.readline())
        self.stdout, self.stderr = (os.dup(s.fileno()) for s in self._outputs())
        self.tree = Tree(self.pid)

    def _outputs(self):
        return self._program.stdout, self._program.stderr

    def end(self):
        self.tree.kill()
        status = self._program.wait(30)
        for stream in self._outputs():
            stream.close()
        self.wire.close()
        for fd in (self.stdout, self.stderr, self.complaints):
            os.close(fd)
        return {"status": status, "cpu_seconds": 0.0}


class TestForked:
    pytestmark = in_sandbox

    def test_it_is_as_fresh_as_a_kernel_that_was_started(self):
        if levels.probe().level == "bubblewrap":
            pytest.skip("only what bubblewrap starts can fork notebooks here")
        cells, ran = run(
            "import sys\n'numpy' in sys.modules, 'inherited' in globals(), __name__",
            "print(open('a.txt').read())\nimport os; os.system('echo beneath');",
            "import matplotlib.pyplot as plt\nplt.plot([1]);",
            "while True: pass",
            "%matplotlib inline\nfrom IPython.display import HTML\nHTML('<b>')",
            "type(get_ipython()).__name__, get_ipython().kernel.parent is not None",
            "'' in sys.path, sys.argv[0]",
            "import os; os._exit(1)",
            "1",
            files={"a.txt": b"handed in"},
            fork=Forked,
        )
        assert texts(cells[0]) == ["(True, False, '__main__')"]
        assert texts(cells[1]) == ["handed in\n", "beneath\n"] or texts(cells[1]) == [
            "handed in\nbeneath\n"
        ]
        assert cells[2].outputs[-1].data["image/png"]
        assert cells[4].outputs[0].data["text/html"] == "<b>"
        assert texts(cells[5]) == ["('ZMQInteractiveShell', True)"]
        assert texts(cells[6]) == ["(True, 'ipykernel_launcher.py')"]
        assert stops(ran) == [(3, "cell_time"), (7, "died"), (8, "not_run")]


# --- wherever kernels are started: nbclient and nbgrader as they come


@pytest.fixture
def stock(monkeypatch, tmp_path):
    """Make this package's provisioner known, and kernelspecs that name it."""
    known = tmp_path / "site" / "test_kernels-1.dist-info"
    known.mkdir(parents=True)
    (known / "METADATA").write_text("Metadata-Version: 2.1\nName: test_kernels\nVersion: 1\n")
    (known / "entry_points.txt").write_text(
        "[jupyter_client.kernel_provisioners]\n"
        "curriculum-sandbox = curriculum.execution.kernels:SandboxedKernel\n"
    )
    monkeypatch.syspath_prepend(str(known.parent))
    specs = {"boxed": {"memory_mb": 400, "disk_mb": 16}, "typo": {"memory": 400}}
    for name, limits in specs.items():
        spec = {
            "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": name,
            "language": "python",
            "metadata": {
                "kernel_provisioner": {
                    "provisioner_name": "curriculum-sandbox",
                    "config": {"limits": limits},
                }
            },
        }
        (tmp_path / "jupyter" / "kernels" / name).mkdir(parents=True)
        (tmp_path / "jupyter" / "kernels" / name / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    work = tmp_path / "submitted" / "me" / "topic"
    work.mkdir(parents=True)
    (work / "data.csv").write_text("1,2")
    (work.parent.parent / "other.ipynb").write_text("another student's")
    return {"metadata": {"path": str(work)}}


def stock_notebook(*cells, kernel="boxed"):
    written = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    written.metadata.kernelspec = {"name": kernel, "display_name": kernel}
    return written


class TestStock:
    pytestmark = in_sandbox

    CELLS = (
        "import os\nprint(open('data.csv').read(), os.listdir(), os.path.exists('../other.ipynb'))",
        "open('mine', 'w').write('x')\nos.access('/etc/shadow', os.R_OK)",
        "while True: pass",
        "'after'",
    )

    def check(self, cells, resources):
        assert texts(cells[0]) == ["1,2 ['data.csv'] False\n"]
        assert texts(cells[1]) == ["False"]
        assert cells[2].outputs[-1].output_type == "error"
        assert texts(cells[3]) == ["'after'"]
        assert os.listdir(resources["metadata"]["path"]) == ["data.csv"]

    def test_nbclient_runs_a_notebook_in_it(self, stock):
        notebook = stock_notebook(*self.CELLS)
        client = NotebookClient(
            notebook, timeout=3, interrupt_on_timeout=True, allow_errors=True, resources=stock
        )
        client.execute()
        self.check(notebook.cells, stock)

    def test_nbgraders_own_preprocessor_runs_a_notebook_in_it(self, stock):
        notebook, _ = Execute(timeout=3).preprocess(stock_notebook(*self.CELLS), stock)
        self.check(notebook.cells, stock)

    def test_it_can_be_every_kernels_provisioner(self, stock):
        code = (
            "import nbformat, sys\nfrom nbclient import NotebookClient\n"
            "cell = nbformat.v4.new_code_cell('import os; os.listdir()')\n"
            "nb = nbformat.v4.new_notebook(cells=[cell])\n"
            "where = {'metadata': {'path': sys.argv[1]}}\n"
            "NotebookClient(nb, kernel_name='python3', resources=where).execute()\n"
            "print(nb.cells[0].outputs[0].data['text/plain'])"
        )
        variables = {
            "JUPYTER_DEFAULT_PROVISIONER_NAME": "curriculum-sandbox",
            "PYTHONPATH": os.pathsep.join([sys.path[0], str(ROOT)]),
        }
        done = subprocess.run(
            [sys.executable, "-c", code, stock["metadata"]["path"]],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
        )
        assert done.stdout.startswith("['data.csv']"), done.stderr

    def test_it_starts_again_and_ends(self, stock):
        from jupyter_client import KernelManager

        manager = KernelManager(kernel_name="boxed")
        manager.start_kernel(cwd=stock["metadata"]["path"])
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        said = []
        client.execute_interactive("x = 1", timeout=30)
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=60)
        client.execute_interactive("'x' in globals()", timeout=30, output_hook=said.append)
        assert [m["content"]["data"]["text/plain"] for m in said if "data" in m["content"]] == [
            "False"
        ]
        assert manager.is_alive()
        client.stop_channels()
        manager.shutdown_kernel()
        assert not manager.is_alive()

    def test_what_uses_too_much_is_killed(self, stock):
        from nbclient.exceptions import DeadKernelError

        bomb = (
            "import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n"
            "        x = bytearray(b'1') * 150_000_000\n        time.sleep(60)\ntime.sleep(60)"
        )
        with pytest.raises(DeadKernelError):
            NotebookClient(stock_notebook(bomb), timeout=60, resources=stock).execute()

    def test_a_limit_that_is_none_is_told(self, stock):
        with pytest.raises(ValueError, match="no limit named memory"):
            NotebookClient(stock_notebook("1", kernel="typo"), resources=stock).execute()

    def test_it_refuses_to_start_where_there_is_no_sandbox(self, stock, monkeypatch):
        monkeypatch.setattr(levels, "probe", lambda: levels.Probe("none", {}))
        with pytest.raises(kernels.KernelStartError, match="offers no sandbox"):
            NotebookClient(stock_notebook("1"), resources=stock).execute()

    def test_a_kernel_can_t_lead_this_side_to_another_programs_socket(self, tmp_path):
        """What stands in the kernel's folder is opened itself, whatever it is named like."""
        ours, theirs = socket.socketpair()
        confined = kernels.Confined(ours, Tree(os.getpid()), os.open(os.devnull, os.O_RDONLY))
        with socket.socket(socket.AF_UNIX) as other, theirs:
            other.bind(str(tmp_path / "other"))
            other.listen()
            folder = tmp_path / "folder"
            folder.mkdir()
            confined._handles.append(os.open(folder, os.O_PATH))
            (folder / "k-1").symlink_to(tmp_path / "other")
            (folder / "k-2").write_text("no socket")
            assert not confined.link(str(tmp_path / "here"), 1)
            assert not confined.link(str(tmp_path / "here"), 2)
            with socket.socket(socket.AF_UNIX) as own:
                own.bind(str(folder / "k-3"))
                own.listen()
                assert confined.link(str(tmp_path / "here"), 3)
                (folder / "k-3").unlink()
                (folder / "k-3").symlink_to(tmp_path / "other")
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(str(tmp_path / "here-3"))
                    own.settimeout(5)
                    own.accept()[0].close()
        ours.close()
        for handle in confined._handles:
            os.close(handle)
        confined._handles.clear()


def test_signals_reach_the_kernels_group_and_nothing_else():
    ours, theirs = socket.socketpair()
    confined = kernels.Confined(ours, Tree(os.getpid()), os.open(os.devnull, os.O_RDONLY))
    with ours, theirs:
        confined.signal(signal.SIGKILL)  # before there is a kernel, it goes to nobody
        leader = subprocess.Popen(["sleep", "60"], start_new_session=True)
        confined._kernel = leader.pid
        confined.signal(signal.SIGTERM)
        assert leader.wait(10) == -signal.SIGTERM
        confined.signal(signal.SIGTERM)
