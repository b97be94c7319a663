"""Open the curriculum in JupyterLab, on the learner's home page."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import webbrowser
from pathlib import Path

import nbformat

from curriculum import catalog
from curriculum.authoring import topics
from curriculum.learner import work as copies
from curriculum.learner.home import write_home_notebook
from curriculum.learner.place import STATE

SETTINGS = Path(__file__).with_name("settings")


class LabError(RuntimeError):
    """JupyterLab can't be opened as asked; the message says what to do."""


def prepare(root: Path, work: Path) -> list[str]:
    """Bring source notebooks and the learner's copies up to date, and write the home page.

    Returns
    -------
    list of str
        A sentence for each thing that was done.
    """
    for topic in catalog.load():
        topics.write_source_notebooks(root / "source" / topic.id)
    release = root / "release"
    done = copies.prepare(work, release)
    home = write_home_notebook(work, release)
    # Signed, JupyterLab shows its page whole and runs its cell when it opens.
    copies.trust(nbformat.read(home, 4))
    return done


def start(root: Path, work: Path, *, port: int | None, ip: str, browser: bool) -> None:
    """Prepare, then become JupyterLab.

    Parameters
    ----------
    root : Path
        The course, which JupyterLab serves whole, so that the formgrader works in it too.
    work : Path
        The learner's folder.
    port : int or None
        None takes the first free one from 8888 on.
    ip : str
        The address to serve on.
    browser : bool
        Whether to open a browser, where there is one.

    Raises
    ------
    LabError
        The port can't be had, or the learner's folder is not in the course.
    """
    if not work.is_relative_to(root):
        raise LabError(
            f"JupyterLab serves {root}, and {work} is not in it: choose a folder in it, or leave"
            " out --work."
        )
    if port is not None:
        _check_port(ip, port)
    for sentence in prepare(root, work):
        print(sentence)
    home = Path(os.path.relpath(work, root)) / "start_here.ipynb"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    command += [f"--ip={ip}", f"--LabApp.default_url=/lab/tree/{home.as_posix()}"]
    command += [f"--FileContentsManager.preferred_dir={work}"]
    command += [f"--port={port}", "--ServerApp.port_retries=0"] if port is not None else []
    if os.name == "posix" and os.geteuid() == 0:
        command.append("--allow-root")
    if not browser or not _has_browser():
        command.append("--no-browser")
        print("Open the address that JupyterLab prints below, the one with ?token=, in a browser.")
    os.chdir(root)
    sys.stdout.flush()
    if os.name == "posix":  # become JupyterLab, so that stopping this stops it
        os.execve(command[0], command, _environment(root, work))
    sys.exit(subprocess.call(command, env=_environment(root, work)))


def _environment(root: Path, work: Path) -> dict[str, str]:
    """Give kernels the commands of this installation, and tell them where they are."""
    here = str(Path(sys.executable).parent)
    config_path = os.environ.get("JUPYTER_CONFIG_PATH", "")
    return {
        **os.environ,
        "PATH": os.pathsep.join([here, os.environ.get("PATH", "")]),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [str(SETTINGS), config_path])),
        "CURRICULUM_LAB_ROOT": str(root),
        "CURRICULUM_STATE": str(work / STATE),
    }


def _check_port(ip: str, port: int) -> None:
    """Try to listen on a port, and say in one sentence why that can't be done."""
    if not 0 < port < 65536:
        raise LabError(f"There is no port {port}: choose one from 1024 to 65535.")
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    try:
        socket.create_server(("" if ip == "*" else ip, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise LabError(
                f"Port {port} is in use: stop what listens there, or choose another"
                f" (make lab PORT={port + 1 if port < 65535 else 8888})."
            ) from None
        raise LabError(f"JupyterLab can't listen at {ip}, port {port}: {error.strerror}.") from None


def _has_browser() -> bool:
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True
