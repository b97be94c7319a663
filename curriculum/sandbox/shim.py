"""Become a program that is shut in: `python -m curriculum.sandbox.shim ASKED PROGRAM …`.

`ASKED` is JSON: a plan, limits, and whether this is inside bubblewrap already. There, it sets the
layers that bubblewrap does not; elsewhere, all of them.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import NoReturn

from curriculum.sandbox import confine, namespaces, rlimits
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import Plan


def main(asked: str, *argv: str) -> NoReturn:
    """Do what is asked and become the program; end with `confine.FAILED` where it can't be done."""
    try:
        plain = json.loads(asked)
        plan, limits = Plan.from_dict(plain["plan"]), Limits.from_dict(plain["limits"])
        if plain["inside"]:
            _inside(plan, limits)
        else:
            confine.confine(plan, limits, files={}, keep=[1, 2], complaints=2)
        _become(list(argv))
    except BaseException as error:
        os.write(2, f"{confine.why(error)}\n".encode())
    os._exit(confine.FAILED)


def _inside(plan: Plan, limits: Limits) -> None:
    """Add to bubblewrap's layers those that it has not."""
    others = rlimits.counted_besides(plan, hidden=True)
    if plan.user is not None:
        for folder in (plan.home, plan.scratch, plan.temporary, *plan.shared):
            os.chown(folder, plan.user, plan.user)
        namespaces.become(plan.user)
    confine.narrow(plan, limits, others)


def _become(argv: list[str]) -> None:
    program = shutil.which(argv[0])
    if program is None:
        raise FileNotFoundError(2, "there is no such program inside", argv[0])
    os.execv(program, argv)


if __name__ == "__main__":
    main(*sys.argv[1:])
