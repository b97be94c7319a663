"""Make a class where there is none, and open it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from curriculum import files
from curriculum.hub import certificates, config, folder, room
from curriculum.hub.folder import Class, HubError
from curriculum.hub.people import INSTRUCTOR, STUDENT, People, password
from curriculum.hub.sign_in import FIRST_LINE

_FIRST = {"teacher": INSTRUCTOR, "ada": STUDENT, "grace": STUDENT, "alan": STUDENT}
"""Whom a class begins with; students like these can be thrown out on the page of people."""
_COURSE_FILES = ("source", "release", "nbgrader_config.py", "LICENSE", "LICENSE-TEXT")


def start(root: Path, course: Path) -> None:
    """Become a hub, after making what it needs.

    Parameters
    ----------
    root : Path
        The class's folder.
    course : Path
        Where the curriculum's own `source/` and `release/` are.

    Raises
    ------
    HubError
        In one sentence: what is missing here, and what to do.
    """
    of = prepare(root, course)
    for sentence in greeting(of):
        print(sentence)
    sys.stdout.flush()
    jupyterhub = [sys.executable, "-m", "jupyterhub"]
    command = [*jupyterhub, "-f", str(room.CONFIGURATIONS / "jupyterhub_config.py")]
    os.chdir(of.hub)
    os.execve(command[0], command, environment(of))


def environment(of: Class) -> dict[str, str]:
    """Give the variables that the hub runs with."""
    return {**os.environ, "CURRICULUM_CLASS": str(of.root)}


def prepare(root: Path, course: Path) -> Class:
    """Make all that a class needs; what is there already stays as it is."""
    reason = room.why_not()
    if reason:
        raise HubError(reason)
    of = folder.make(root)
    _make_sockets(of)
    _take_in_the_first(of)
    _bring_course(of, course)
    certificates.make_if_needed(of)
    return of


def _make_sockets(of: Class) -> None:
    for path in (of.sockets, of.sockets / "doors"):
        path.mkdir(exist_ok=True)
        if path.stat().st_uid != os.geteuid() or path.is_symlink():
            raise HubError(f"{path} belongs to somebody else: take it away, and start again.")
    of.sockets.chmod(0o700)
    # Whoever is shown this folder may knock at what is in it.
    (of.sockets / "doors").chmod(0o755)
    _forget_other_process(of)


def _forget_other_process(of: Class) -> None:
    """Take away the proxy's number where another process has it by now: the hub would end that."""
    noted = of.sockets / config.PROXY_PROCESS
    try:
        command = Path(f"/proc/{int(noted.read_text())}/cmdline").read_bytes()
    except (OSError, ValueError):
        return
    if os.fsencode(of.root / config.PROXY) not in command:
        noted.unlink()


def _take_in_the_first(of: Class) -> None:
    people = People(of)
    if people.in_role(*_FIRST.values()):
        return
    for name, role in _FIRST.items():
        people.add(name, role)
    lines = "".join(f"{name} {password()}\n" for name in _FIRST)
    files.write_text(of.passwords, FIRST_LINE + lines)
    of.passwords.chmod(0o600)


def add(of: Class, name: str, role: str) -> str:
    """Take somebody in, or give another role; says what was done.

    Raises
    ------
    HubError
        It is no name, or the class is not there.
    """
    course = of.settings.course
    if name == course:
        raise HubError(f"{name!r} is the name of the course: choose another.")
    known = name in People(of).all()
    People(of).add(name, role)
    if known:
        return f"{name} is {role} from their next sign-in on."
    word = password()
    text = of.passwords.read_text(encoding="utf-8") if of.passwords.exists() else FIRST_LINE
    files.write_text(of.passwords, f"{text}{name} {word}\n")
    of.passwords.chmod(0o600)
    return f"{name} ({role}) signs in with the password {word}, which only they should know."


def _bring_course(of: Class, course: Path) -> None:
    """Copy the curriculum into the class, where it is not there yet, and build it."""
    there = of.course(of.settings.course) / "course"
    there.parent.mkdir(parents=True, exist_ok=True)
    if not (there / "nbgrader_config.py").exists():
        with files.scratch_beside(there) as scratch:
            for name in _COURSE_FILES:
                _copy(course / name, scratch / name)
            files.put_in_place(scratch, there)
    of.exchange(of.settings.course).mkdir(parents=True, exist_ok=True)
    if not (there / "gradebook.db").exists():
        print("Building the course: its gradebook, and what students get ...", flush=True)
        in_course_room(of, ["curriculum", "build", "--quick"])


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        ignored = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
        shutil.copytree(source, target, ignore=ignored)
    elif source.exists():
        shutil.copy(source, target)


def in_course_room(of: Class, argv: Sequence[str]) -> str:
    """Run a command as those who teach do, in the course's folder; gives what it printed.

    Raises
    ------
    HubError
        It failed.
    """
    inside = config.course_environment(of)
    shell = ["/bin/sh", "-c", 'cd course && exec "$@"', "sh", *argv]
    command = config.course_room(of).command(shell)
    done = subprocess.run(command, env=inside, capture_output=True, text=True, stdin=-3)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise HubError(f"`{' '.join(argv)}` failed in the course's room: {last}")
    return done.stdout


def greeting(of: Class) -> list[str]:
    """Say how to come in, and what this machine does not give."""
    settings = of.settings
    said = [f"The class is at {settings.url} (stop it with Ctrl-C)."]
    if of.passwords.exists():
        said.append(f"First names and passwords are in {of.passwords}: hand them out, delete it.")
    said.append(f"Instructors teach and grade at {settings.url}/services/{settings.course}/.")
    if os.geteuid() != 0:
        said.append(
            "Started without root: students are kept apart by namespaces alone, as all their files"
            " belong to you. Start it as root, and each is a user of their own."
        )
    return said
