"""Shut one process in and end: `python -m curriculum.sandbox.trial PLAN`, with a plan as JSON."""

from __future__ import annotations

import json
import os
import sys

from curriculum.sandbox import confine
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import Plan


def main(text: str) -> int:
    """Give the exit status of the process that was shut in; why it failed is printed."""
    plan = Plan.from_dict(json.loads(text))
    try:
        confine.prepare(plan)
    except RuntimeError as error:
        print(error)
        return confine.FAILED
    pid = os.fork()
    if pid == 0:
        confine.confine(plan, Limits(), files={}, keep=[1, 2], complaints=1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
