"""`curriculum hub backup` and `curriculum hub restore`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any


def add(steps: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the two to the steps of `curriculum hub`.

    Parameters
    ----------
    steps
        As `add_subparsers` gives it.
    command : callable
        Makes a parser of steps, a name, a function to run, and a line of help.
    """
    backup_ = command(steps, "backup", backup, "copy a class into one file, while it is open")
    restore_ = command(steps, "restore", restore, "bring a class back from such a file")
    for parser in (backup_, restore_):
        parser.add_argument("file", metavar="FILE", type=Path, help="a tar file, with gzip")
    named: dict[str, Any] = {"dest": "of", "type": Path, "metavar": "FOLDER"}
    backup_.add_argument("--class", default=Path("class"), help="default: class/", **named)
    restore_.add_argument("--class", required=True, help="a new folder", **named)


def backup(options: argparse.Namespace) -> None:
    """Write the file, and say what is not in it."""
    from curriculum.hub import backup
    from curriculum.hub.folder import Class

    left_out = backup.backup(Class(options.of.resolve()), options.file)
    print(f"Wrote {options.file}. Whoever has it has all of the class: keep it as such.")
    for path in left_out:
        print(f"Not in it, as it is no file that can be copied: {path!a}")


def restore(options: argparse.Namespace) -> None:
    """Unpack the file, and say how to go on."""
    from curriculum.hub import restore

    root = options.of.absolute()
    restore.restore(options.file, root)
    print(f"Restored to {root}. Open it: curriculum hub start --class {root}")
