"""Grade a small class in a process of its own, which can be told to be killed at a moment.

Run as `python coordinator.py COURSE STUDENT…`, with MOMENT=name:n in the environment: the process
kills itself with signal 9 when it comes to that moment for the n-th time.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from small_class import SmallClass, processes
from sqlalchemy.orm import Session

from curriculum import files
from curriculum.grading import class_run, command, converter, released
from curriculum.grading.ledger import Ledger
from curriculum.grading.records import record

MOMENTS = {
    "before preparing": (converter.Converter, "sanitised", False),
    "after preparing": (class_run.ClassRun, "_jobs", True),
    "before scoring": (class_run.ClassRun, "_write", False),
    "between notebooks": (converter.Converter, "scored", True),
    "after files": (converter.Converter, "set_permissions", True),
    "after the row": (Ledger, "write", True),
    "after the record": (record, "append", True),
    "before renaming": (files, "put_in_place", False),
    "between renaming": (Path, "rename", True),
    "after renaming": (files, "put_in_place", True),
    "before committing": (Session, "commit", False),
    "after committing": (Session, "commit", True),
    "after writing": (class_run.ClassRun, "_write", True),
}
"""Name → owner, function, and whether the process dies after it or before."""


def die_at(name: str, number: int) -> None:
    owner, function, after = MOMENTS[name]
    original: Callable = getattr(owner, function)
    seen = 0

    @functools.wraps(original)
    def watched(*args: Any, **kwargs: Any) -> Any:
        nonlocal seen
        seen += 1
        last = seen == number
        if last and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, function, watched)


class Telling(class_run.Listener):
    """Prints what is finished, for the test to read."""

    def finished(self, row: class_run.Row) -> None:
        print(json.dumps([row.student, row.verdict, row.points]), flush=True)


def main(course: str, *students: str) -> None:
    released.environment = lambda: "this one"
    moment, _, number = os.environ.get("MOMENT", "").partition(":")
    if moment:
        die_at(moment, int(number))
    try:
        with command.ending_cleanly():
            SmallClass(Path(course)).run(*students, pool=processes, listener=Telling())
    except KeyboardInterrupt:
        sys.exit(130)  # as the command does


if __name__ == "__main__":
    main(*sys.argv[1:])
