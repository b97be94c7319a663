"""Make `.venv` hold the project and everything it needs, at the tested versions.

Runs on a bare Python 3.11 or newer: standard library only, and nothing that an older one could
not read, so that it can say what is needed. Does nothing, in a fraction of a second, when the
environment is up to date. A stamp says so only while nothing is being installed, so that an
installation that was interrupted is taken up again the next time.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "curriculum-installed.txt"
OLDEST = (3, 11)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extra", action="append", default=[], help="an extra of pyproject.toml")
    extras = set(parser.parse_args().extra)
    if sys.version_info < OLDEST:
        stop(
            f"This is Python {sys.version.split()[0]} ({sys.executable}), and the curriculum needs"
            f" {OLDEST[0]}.{OLDEST[1]} or newer: run `make PYTHON=/path/to/python3.11 ...`."
        )
    wanted = fingerprint()
    installed, known = read_stamp()
    if installed == wanted and extras <= known and python().exists():
        return
    make_venv()
    write_stamp("unfinished", known)
    install(sorted(extras | known))
    write_stamp(wanted, extras | known)
    say("Installed.")


def fingerprint() -> str:
    """Identify what decides the environment: the interpreter, the bounds and the pins."""
    digest = hashlib.sha256(sys.version.encode() + str(ROOT).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def read_stamp() -> tuple:
    """Give the fingerprint of what is installed, and the set of extras with it."""
    try:
        first, *extras = STAMP.read_text().split()
    except (OSError, ValueError):
        return "", set()
    return first, set(extras)


def write_stamp(state: str, extras: set) -> None:
    STAMP.write_text("\n".join([state, *sorted(extras)]) + "\n")


def python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_venv() -> None:
    say("Setting up .venv: the first time takes a few minutes, most of it for PyTorch.")
    if not works([python(), "-m", "pip", "--version"]):
        try:
            venv.create(VENV, with_pip=True, clear=True)
        except (subprocess.CalledProcessError, ImportError):
            stop(
                "Python could not make a virtual environment with pip: install your system's"
                " venv package (on Debian and Ubuntu: apt install python3-venv), then try again."
            )
        except OSError as error:
            stop(f"Could not write {VENV}: {error.strerror}. Free some space or fix permissions.")


def install(extras: list) -> None:
    target = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    pip = [python(), "-m", "pip", "--disable-pip-version-check", "install"]
    command = [*pip, "--constraint", ROOT / "constraints.txt", "--editable", target]
    if subprocess.run(command, cwd=ROOT).returncode != 0:
        stop(
            "pip could not install everything (its own words are above). Check the network and"
            " the free disk space, then run the same command again: it goes on where it stopped."
        )


def works(command: list) -> bool:
    try:
        return subprocess.run([str(c) for c in command], capture_output=True).returncode == 0
    except OSError:
        return False


def say(message: str) -> None:
    print(message, flush=True)


def stop(message: str) -> None:
    sys.exit(f"curriculum: {message}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        stop("Interrupted. Run the same command again: it goes on where it stopped.")
