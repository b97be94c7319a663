"""Say what of a hub's configuration is unsafe or won't work, and why; change and start nothing.

Each rule is a function that gives its findings, in the list `RULES` of the module of its theme:

- `loads`, `secret`: whether it loads, and what should not stand in it;
- `sign_in`, `rights`: who comes in, and what they may do;
- `servers`, `network`, `courses`: students' servers, pages, and courses' folders;
- `machine`: what the hub's machine has;
- `class_folder`: a class's folder, with its `class.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from curriculum.hub.check import (
    class_folder,
    courses,
    loads,
    machine,
    network,
    rights,
    secret,
    servers,
    sign_in,
)
from curriculum.hub.check.configuration import Configuration, read
from curriculum.hub.check.findings import ERROR, Finding, ranked
from curriculum.hub.folder import SETTINGS, Class, HubError
from curriculum.hub.room import CONFIGURATIONS

RULES = tuple(
    rule
    for theme in (loads, secret, sign_in, rights, servers, network, courses, machine)
    for rule in theme.RULES
)
CONFIGURATION = "jupyterhub_config.py"


def check(path: Path) -> list[Finding]:
    """Look at a class's folder, or at a JupyterHub configuration, which is run for that.

    Parameters
    ----------
    path : Path
        A folder with `class.toml` or `jupyterhub_config.py`, or such a file.

    Returns
    -------
    list of Finding
        Errors first.

    Raises
    ------
    HubError
        There is nothing to look at.
    """
    if (path / SETTINGS).is_file():
        return ranked(_of_class(Class(path.resolve())))
    if path.name == SETTINGS and path.is_file():
        return ranked(_of_class(Class(path.resolve().parent)))
    file = path / CONFIGURATION if path.is_dir() else path
    if not file.is_file():
        raise HubError(
            f"{path} holds neither a class ({SETTINGS}) nor a hub ({CONFIGURATION}): name the"
            " folder or the file of one."
        )
    if file.resolve() == CONFIGURATIONS / CONFIGURATION:
        raise HubError("That is the configuration of any class: name the folder of one.")
    return ranked(of_configuration(read(file.resolve())))


def of_configuration(of: Configuration) -> Iterator[Finding]:
    """Ask all rules about a configuration; one that doesn't load has nothing else to look at."""
    if of.fails:
        for rule in (loads.fails, *secret.RULES):
            yield from rule(of)
        return
    for rule in RULES:
        yield from rule(of)


def _of_class(of: Class) -> Iterator[Finding]:
    found = list(class_folder.settings(of))
    yield from found
    if any(one.rank == ERROR for one in found):
        return
    for rule in class_folder.RULES:
        yield from rule(of)


def report(path: Path) -> int:
    """Print what is found; gives the exit status."""
    found = check(path)
    for one in found:
        print(f"{one.rank}: {one.sentence}")
    errors = sum(one.rank == ERROR for one in found)
    print(f"{path}: {errors} errors, {len(found) - errors} warnings.")
    return 1 if errors else 0
