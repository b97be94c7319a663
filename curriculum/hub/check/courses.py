"""Rules about courses: their folders, gradebooks and exchanges."""

from __future__ import annotations

import ast
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from curriculum.hub.check import machine
from curriculum.hub.check.configuration import Configuration, argument, environment_of
from curriculum.hub.check.findings import Finding, error, warning

_MANY = 60
_EVERYWHERE = ("/etc/jupyter", "/usr/local/etc/jupyter")
_NBGRADER = "nbgrader_config.py"


def database_of_the_hub(of: Configuration) -> Iterator[Finding]:
    """Find SQLite, which one process writes to at a time."""
    if not str(of.hub("db_url") or "").startswith("sqlite"):
        return
    known = of.of("authenticator", "allowed_users") or []
    if len(known) > _MANY or not known:
        yield warning(
            "The hub's database is SQLite, which grows slow with many people at once: with more"
            f" than {_MANY}, use PostgreSQL (JupyterHub.db_url)."
        )


def folders_of_courses(of: Configuration) -> Iterator[Finding]:
    """Find solutions and grades that students can read."""
    for course in of.courses:
        said = environment_of(course)
        folder = said.get("CURRICULUM_LAB_ROOT") or str(course.get("cwd") or "")
        if folder and machine.others_may(Path(folder), stat.S_IROTH):
            yield error(
                f"Everybody on this machine can look into {folder}, with solutions and grades:"
                " `chmod 700` it."
            )
        book = Path(folder or "/", "gradebook.db")
        url = said.get("CURRICULUM_GRADEBOOK", "")
        if url.startswith("sqlite:///"):
            book = Path(url.removeprefix("sqlite:///").split("?")[0])
        if machine.others_may(book, stat.S_IROTH):
            yield error(f"Everybody on this machine can read the gradebook {book}: `chmod 600` it.")


def exchanges(of: Configuration) -> Iterator[Finding]:
    """Find exchanges to which others than the desk can write, or which others can read."""
    folders = [argument(desk, "--folder") for desk in of.desks]
    folders += [environment_of(c).get("CURRICULUM_EXCHANGE_ROOT", "") for c in of.courses]
    for folder in dict.fromkeys(filter(None, folders)):
        path = Path(folder)
        if machine.others_may(path, stat.S_IWOTH):
            yield error(
                f"Everybody on this machine can write to the exchange {path}, so anybody can hand"
                " in for anybody: `chmod 700` it; the desk alone needs it."
            )
        elif machine.others_may(path, stat.S_IROTH):
            yield error(
                f"Everybody on this machine can look into the exchange {path}, with what others"
                " handed in: `chmod 700` it."
            )


def no_desk(of: Configuration) -> Iterator[Finding]:
    """Find courses whose students would share an exchange folder."""
    if of.courses and not of.desks:
        yield warning(
            "No service is a course's desk, so students hand in by a folder that all can write to,"
            " if at all: add curriculum.hub.exchange.service, as `curriculum hub init` writes it."
        )


def shared_exchange(of: Configuration) -> Iterator[Finding]:
    """Find `nbgrader_config.py` files that name an exchange for all."""
    for path, said in _nbgrader_files(of):
        settings = nbgrader_settings(path, said)
        root = str(settings.get("Exchange.root") or "")
        if not root or not machine.others_may(Path(root), stat.S_IWOTH):
            continue
        if settings.get("ExchangeCollect.check_owner") is False:
            yield error(
                f"{path} sets check_owner = False with {root}, an exchange that everybody can write"
                " to, so anybody can hand in for anybody: use a course's desk, or take it out."
            )
        else:
            yield warning(
                f"{path} names {root}, an exchange that everybody can write to, so students can"
                " spoil what others handed in: use a course's desk."
            )


def _nbgrader_files(of: Configuration) -> Iterator[tuple[Path, Mapping[str, str]]]:
    for course in of.courses:
        said = environment_of(course)
        folders = [*said.get("JUPYTER_CONFIG_PATH", "").split(":"), *_EVERYWHERE]
        for folder in filter(None, folders):
            if (Path(folder) / _NBGRADER).is_file():
                yield Path(folder) / _NBGRADER, said


def nbgrader_settings(path: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Read what a file sets to plain values, or to variables.

    It is not run: those who teach may write to it, and a check runs as root.

    Parameters
    ----------
    path : Path
        The file.
    environment : mapping of str to str
        The variables that it would see.
    """
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return {}
    found: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("c."):
            name = ast.unparse(node.targets[0]).removeprefix("c.")
            found[name] = _value(node.value, environment)
    return found


def _value(node: ast.expr, environment: Mapping[str, str]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    words = ast.unparse(node)
    if words.startswith("os.environ[") and isinstance(node, ast.Subscript):
        key = node.slice
        return environment.get(str(key.value)) if isinstance(key, ast.Constant) else None
    return None


RULES = (
    database_of_the_hub,
    folders_of_courses,
    exchanges,
    no_desk,
    shared_exchange,
)
