"""Opening the curriculum: the right page of the right server, or one sentence that says why not."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import course as courses
import nbformat
import pytest

from curriculum import catalog, cli
from curriculum.lab import LabError, start

opening = sys.modules["curriculum.lab.start"]  # the package's `start` is the function


class Started(BaseException):
    """JupyterLab would run now."""


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Give a course, from which starting JupyterLab is only written down."""
    small = courses.make_course(tmp_path / "course")
    topics = catalog.load(small / "curriculum" / "catalog.toml")
    monkeypatch.setattr(catalog, "load", lambda: topics)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.delenv("CURRICULUM_STATE", raising=False)
    monkeypatch.chdir(small)
    return small


@pytest.fixture
def called(monkeypatch):
    """Stop where JupyterLab would start; give how it was called."""
    seen = {}

    def execve(path, command, environment):
        seen.update(path=path, command=command, environment=environment, folder=Path.cwd())
        raise Started

    monkeypatch.setattr(opening.os, "execve", execve)
    return seen


def open_lab(*options):
    with pytest.raises(Started):
        cli.main(["lab", *options])


def refused(*options, capsys):
    """Open; give the one sentence that it ends in."""
    with pytest.raises(SystemExit) as stopped:
        cli.main(["lab", *options])
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


@pytest.fixture
def taken():
    """Give a port on which something listens."""
    with socket.create_server(("localhost", 0)) as server:
        yield server.getsockname()[1]


def test_it_opens_on_the_home_page_of_the_course(root, called):
    open_lab("--no-browser")
    command = called["command"]
    assert command[1:3] == ["-m", "jupyterlab"]
    assert called["path"] == command[0]
    assert called["folder"] == root
    assert f"--ServerApp.root_dir={root}" in command
    assert "--LabApp.default_url=/lab/tree/work/start_here.ipynb" in command
    assert "--no-browser" in command
    assert not any(option.startswith("--port") for option in command)
    home = nbformat.read(root / "work" / "start_here.ipynb", 4)
    assert "A small topic" in home.cells[0].outputs[0].data["text/html"]
    assert (root / "source" / courses.TOPIC / "2_build.ipynb").exists()


def test_kernels_find_the_commands_and_the_learners_folder(root, called, monkeypatch):
    monkeypatch.setenv("PATH", "/somewhere")
    open_lab("--no-browser")
    environment = called["environment"]
    assert environment["PATH"] == f"{Path(sys.executable).parent}{os.pathsep}/somewhere"
    assert environment["CURRICULUM_LAB_ROOT"] == str(root)
    assert environment["CURRICULUM_STATE"] == str(root / "work" / ".curriculum")


def test_a_port_that_is_asked_for_is_that_one_or_none(root, called):
    with socket.create_server(("localhost", 0)) as probe:
        port = probe.getsockname()[1]
    open_lab("--port", str(port), "--no-browser")
    assert f"--port={port}" in called["command"]
    assert "--ServerApp.port_retries=0" in called["command"]


def test_without_a_screen_the_address_is_to_be_opened_by_hand(root, called, monkeypatch, capsys):
    monkeypatch.setattr(opening.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    open_lab()
    assert "--no-browser" in called["command"]
    assert "Open the address that JupyterLab prints below" in capsys.readouterr().out


def test_with_a_screen_a_browser_opens(root, called, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(opening.webbrowser, "get", lambda: None)
    open_lab()
    assert "--no-browser" not in called["command"]


def test_a_folder_of_ones_own_may_be_linked_into_the_course(root, called, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (root / "mine").symlink_to(tmp_path / "elsewhere")
    open_lab("--work", "mine", "--no-browser")
    assert "--LabApp.default_url=/lab/tree/mine/start_here.ipynb" in called["command"]
    assert (tmp_path / "elsewhere" / "start_here.ipynb").exists()


def test_a_port_in_use_is_one_sentence(root, called, taken, capsys):
    said = refused("--port", str(taken), capsys=capsys)
    assert said == (
        f"curriculum: Port {taken} is in use: stop what listens there, or choose another"
        f" (make lab PORT={taken + 1}).\n"
    )
    assert not (root / "work").exists()


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_a_port_that_is_none_is_one_sentence(root, called, capsys, port):
    said = refused("--port", port, capsys=capsys)
    assert said == f"curriculum: There is no port {port}: choose one from 1024 to 65535.\n"


def test_an_address_of_another_machine_is_one_sentence(root, called, capsys):
    said = refused("--port", "8899", "--ip", "192.0.2.1", capsys=capsys)
    assert said.startswith("curriculum: JupyterLab can't listen at 192.0.2.1, port 8899: ")


@pytest.mark.parametrize("folder", ["..", "../other", "/tmp"])
def test_a_folder_outside_the_course_is_one_sentence(root, called, capsys, folder):
    said = refused("--work", folder, capsys=capsys)
    assert said.startswith(f"curriculum: JupyterLab serves {root}, and /")
    assert not (root / "work").exists()


def test_start_says_the_same_to_programs(root, taken):
    with pytest.raises(LabError, match=f"Port {taken} is in use"):
        start(root, root / "work", port=taken, ip="localhost", browser=False)


ADDRESS = re.compile(r"http://\S+?/lab\S*\?token=\w+")


def first_answer(address, process):
    """Ask until the server listens, which it does a moment after it has said where."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(address) as page:
                return page.read()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("JupyterLab ended")


@pytest.mark.slow
def test_it_really_opens_and_prints_its_address(tmp_path):
    course = courses.make_course(tmp_path / "course")
    shutil.copytree(course / "source", course / "release")
    process = subprocess.Popen(
        ["curriculum", "lab", "--no-browser"],
        cwd=course,
        env=courses.environment(course),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    stop_waiting = threading.Timer(120, process.kill)
    stop_waiting.start()
    try:
        said = []
        for line in process.stderr:
            said.append(line)
            if ADDRESS.search(line):
                break
        else:
            pytest.fail("JupyterLab ended without an address:\n" + "".join(said))
        assert "Warning" not in "".join(said)
        (address,) = ADDRESS.findall(said[-1])
        assert "/lab/tree/work/start_here.ipynb?token=" in address
        assert b"JupyterLab" in first_answer(address, process)
    finally:
        stop_waiting.cancel()
        process.terminate()
        process.communicate()
