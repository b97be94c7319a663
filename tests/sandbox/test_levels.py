"""Which level a machine gives, and programs that are shut in without a fork."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from shut_in import ROOT, USERS, probe, wait_until

from curriculum.sandbox import bubblewrap, confine, levels
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import make_plan
from curriculum.sandbox.processes import Tree

pytestmark = pytest.mark.sandbox


@pytest.mark.parametrize("user", USERS)
def test_where_namespaces_are_refused_the_layers_are_left(user):
    found = probe(user, refuse_namespaces=True)
    assert found["level"] == "layers"
    assert set(found["refused"]) == {"namespaces", "bubblewrap"}
    assert found["refused"]["namespaces"].startswith("The sandbox could not be set up: ")
    report = found["report"]
    assert report.startswith("Sandbox: layers, the weakest of three levels")
    for layer in (
        "Kernel: Linux",
        "Landlock: version",
        "seccomp: libseccomp",
        "bubblewrap: version",
    ):
        assert layer in report
    assert "(now namespaces can't be used: unshare: Operation not permitted)." in report


@pytest.mark.parametrize("user", USERS)
def test_a_report_is_sentences(user):
    report = probe(user)["report"]
    assert all(line.rstrip().endswith(".") for line in report.splitlines())
    assert "  " not in report.replace("\n  ", "\n")


def test_without_landlock_and_namespaces_there_is_nothing(monkeypatch):
    monkeypatch.setattr(levels, "_try", lambda level: f"{level} is missing.")
    levels.probe.cache_clear()
    try:
        assert levels.probe().level == "none"
        assert "grading refuses to start" in levels.report()
    finally:
        levels.probe.cache_clear()


def test_layers_that_are_missing_are_refused(monkeypatch):
    monkeypatch.setattr(confine.landlock, "version", lambda: 0)
    with pytest.raises(RuntimeError, match="Landlock: not used, as the kernel"):
        confine.prepare(make_plan("layers"))


def test_a_python_that_only_root_can_reach_is_named(monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("only root's notebooks are another user's")
    monkeypatch.setattr(confine, "closed_folder", lambda: "/root")
    with pytest.raises(
        RuntimeError, match="Python stands in /root, which only its owner may enter"
    ):
        confine.prepare(make_plan("layers"))


def test_a_warm_process_starts_as_it_is_but_inside_bubblewrap():
    assert levels.zygote_command(make_plan("namespaces"), ["python", "x"]) == ["python", "x"]
    command = levels.zygote_command(make_plan("bubblewrap"), ["python", "x"])
    assert Path(command[0]).name == "bwrap"
    assert command[-3:] == ["--", "python", "x"]


WAYS = ["bubblewrap around namespaces", "bubblewrap", "own namespaces"]


@pytest.fixture(params=WAYS)
def cold(request, monkeypatch):
    """Give what starts a program as a notebook of its own, in each way that there is."""
    if request.param == "own namespaces":
        monkeypatch.setattr(bubblewrap, "missing", lambda: "it is switched off for this test")
    level = "bubblewrap" if request.param == "bubblewrap" else "namespaces"
    shared = Path(tempfile.mkdtemp(prefix="curriculum-shared-"))
    started = []

    def start(code, **limits):
        plan = make_plan(level, environment={"MARK": "1"})
        argv = ["python", "-c", code, str(shared)]
        command = levels.cold_command(plan, Limits(**limits), argv, shared=[str(shared)])
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "INSTRUCTORS_SECRET": "hunter2"},
        )
        process.plan, process.shared = plan, shared
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
    subprocess.run(["rm", "-rf", str(shared)], check=True)


def test_a_cold_program_is_shut_in(cold):
    process = cold(
        """if True:
        import json, os, resource, socket, sys, tempfile
        status = open("/proc/self/status").read()
        tempfile.NamedTemporaryFile().close()
        open("/dev/shm/a", "w").close()
        try:
            socket.socket()
            network = True
        except PermissionError:
            network = False
        print(json.dumps({
            "folder": os.getcwd(),
            "environment": dict(os.environ),
            "user": os.getuid(),
            "rights": [x for x in status.splitlines() if x.startswith(("CapEff", "Seccomp:"))],
            "network": network,
            "root": os.path.exists("/etc/shadow") or os.path.exists("@/source"),
            "processes": resource.getrlimit(resource.RLIMIT_NPROC)[0],
        }))
        """.replace("@", str(ROOT))
    )
    said = json.loads(process.communicate(timeout=60)[0])
    environment = said.pop("environment")
    environment.pop("PWD", None)
    assert environment == process.plan.environment
    assert said["folder"] == process.plan.scratch
    assert said["user"] != 0
    assert said["rights"] == ["CapEff:\t" + "0" * 16, "Seccomp:\t2"]
    assert not said["network"] and not said["root"]
    assert 64 <= said["processes"] <= 70 or os.geteuid() != 0
    assert process.returncode == 0


def test_a_cold_program_is_spoken_to_by_sockets_in_a_shared_folder(cold):
    process = cold(
        """if True:
        import socket, sys
        server = socket.socket(socket.AF_UNIX)
        server.bind(sys.argv[1] + "/kernel.socket")
        server.listen()
        server.accept()[0].sendall(b"hello")
        """
    )
    path = process.shared / "kernel.socket"
    with socket.socket(socket.AF_UNIX) as client:
        wait_until(lambda: path.exists() and client.connect_ex(str(path)) == 0)
        assert client.recv(100) == b"hello"
    assert process.wait(60) == 0


def test_a_cold_program_s_tree_is_seen_interrupted_and_killed(cold):
    process = cold(
        """if True:
        import subprocess, time
        child = subprocess.Popen(["sleep", "1000"])
        try:
            print("ready", flush=True)
            time.sleep(1000)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
            mine = bytearray(b"x") * (100 << 20)
            time.sleep(1000)
        """
    )
    assert process.stdout.readline() == "ready\n"
    tree = Tree(process.pid)
    os.kill(tree.shell, signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    wait_until(lambda: tree.memory() > 100 << 20)
    pids = tree.pids()
    assert len(pids) >= 4
    assert tree.kill()
    process.wait(20)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_a_cold_program_dies_with_who_started_it(cold):
    code = "import os, time; print('ready', flush=True); time.sleep(1000)"
    process = cold(code)
    assert process.stdout.readline() == "ready\n"
    pids = Tree(process.pid).pids()
    process.kill()
    process.wait()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_a_program_that_is_not_there_says_so(cold):
    process = cold("")
    process.wait(60)
    command = [word if word != "python" else "no-such-program" for word in process.args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == confine.FAILED
    assert "there is no such program inside" in done.stderr


def test_a_program_for_a_kernel_can_be_any_python():
    plan = make_plan("namespaces")
    assert plan.environment["PATH"].startswith(f"{sys.prefix}/bin")
