"""`curriculum hub init` and `curriculum hub check`: for who runs a JupyterHub of their own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from curriculum.hub.folder import HubError

_CHOICES = {
    "--sign-in": ("oauth", "lti"),
    "--spawner": ("systemd", "docker"),
    "--database": ("postgresql", "sqlite"),
    "--tls": ("certificate", "proxy"),
}
"""What there is to choose; the first is the default."""


def add(steps: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the two to the steps of `curriculum hub`.

    Parameters
    ----------
    steps
        As `add_subparsers` gives it.
    command : callable
        Makes a parser of steps, a name, a function to run, and a line of help.
    """
    _init_options(command(steps, "init", init, "write the configuration of a hub of your own"))
    check_ = command(steps, "check", check, "say what of a hub is unsafe or won't work, and why")
    check_.add_argument(
        "path",
        metavar="FILE|FOLDER",
        nargs="?",
        type=Path,
        help="a class's folder, or a jupyterhub_config.py, which is run as JupyterHub runs it"
        " (default: hub/ or class/)",
    )


def _init_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("courses", metavar="COURSE", nargs="*", help="default: ml_interviews")
    parser.add_argument(
        "--course", metavar="COURSE", action="append", default=[], help="the same, said otherwise"
    )
    for name, values in _CHOICES.items():
        parser.add_argument(name, choices=values, default=values[0], help=f"default: {values[0]}")
    for name in ("--instructor", "--grader"):
        parser.add_argument(
            name,
            metavar="NAME",
            action="append",
            default=[],
            help="of all courses, or COURSE:NAME, of one; may be given more than once",
        )
    parser.add_argument("--domain", metavar="HOST", help="e.g. class.example.org")
    parser.add_argument(
        "--to", type=Path, default=Path("hub"), metavar="FOLDER", help="a new one; default: hub/"
    )


def init(options: argparse.Namespace) -> None:
    """Write a configuration, and say what is left to do."""
    from curriculum.hub import init

    said: dict[str, Any] = {"courses": [*options.courses, *options.course]}
    said["domain"] = options.domain
    wanted = init.Wanted(
        instructors=options.instructor,
        graders=options.grader,
        sign_in=options.sign_in,
        spawner=options.spawner,
        database=options.database,
        tls=options.tls,
        **{name: value for name, value in said.items() if value},
    )
    left = init.write(options.to.absolute(), wanted)
    print(f"Wrote {options.to}: README.md in it has the steps.")
    print(f"To be filled in: {', '.join(left) or 'nothing'}.")


def check(options: argparse.Namespace) -> None:
    """Print what is found, and end with status 1 if there is an error among it.

    Raises
    ------
    HubError
        There is nothing to look at.
    """
    from curriculum.hub import check

    path = options.path or next((p for p in (Path("hub"), Path("class")) if p.is_dir()), None)
    if path is None:
        raise HubError("There is neither hub/ nor class/ here: name a class's folder or a file.")
    sys.exit(check.report(path))
