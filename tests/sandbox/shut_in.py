"""Notebooks that are shut in, for tests to look at from inside and from outside."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path

from curriculum.sandbox import processes
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import Plan
from curriculum.sandbox.processes import Tree

PROGRAM = Path(__file__).with_name("notebook.py")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
ORDINARY = 31337
"""The user that an ordinary one is in tests that root runs."""
USERS = ("root", "ordinary") if os.geteuid() == 0 else ("ordinary",)


def wait_until(holds, seconds=30):
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = holds()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


@dataclass
class Ended:
    """How a notebook's process ended."""

    status: int
    complaint: str
    answers: list
    errors: str
    cpu: float

    @property
    def answer(self):
        """What the function gave; fails with its traceback where it gave nothing."""
        assert self.status == 0, f"{self.status}: {self.complaint}{self.errors}"
        return self.answers[-1]


@dataclass
class Notebook:
    """A function that runs in a process that is shut in."""

    level: str
    user: str
    program: subprocess.Popen = field(init=False)

    def start(
        self, function, *arguments, limits=None, files=None, environment=None, warm=(), **more
    ):
        asked = {
            "what": "run",
            "level": self.level,
            "user": self.user,
            "code": textwrap.dedent(inspect.getsource(function)),
            "name": function.__name__,
            "arguments": arguments,
            "limits": (limits or Limits()).as_dict(),
            "files": files or {},
            "environment": environment or {},
            "warm": list(warm),
            "refuse_namespaces": False,
        } | more
        self.program, self._errors = ask(asked)
        first = self.line()
        self.pid, self._answers, self.plan = 0, [], None
        if first and "pid" in first:
            self.plan = Plan.from_dict(first["plan"])
            self.pid = self._on_host(first["pid"])
            self.tree = Tree(self.pid)
        return self

    def _on_host(self, pid):
        """Find the number that a process has outside bubblewrap."""
        if self.level != "bubblewrap":
            return pid
        return processes.outside(pid, self.program.pid) or 0  # it may have ended already

    def line(self):
        text = self.program.stdout.readline()
        return json.loads(text) if text else None

    def said(self):
        """Wait for the next line that the function said with `say`."""
        return self.line()

    def end(self):
        answers, last = [], {}
        while (line := self.line()) is not None:
            last = line
            if "answer" in line:
                answers.append(line["answer"])
        self.program.wait(PATIENCE)
        self._errors.seek(0)
        return Ended(
            last.get("status", self.program.returncode),
            last.get("complaint", ""),
            answers,
            self._errors.read(),
            last.get("cpu", 0),
        )

    def run(self, function, *arguments, **more):
        return self.start(function, *arguments, **more).end()

    def kill(self):
        """Kill the process that forked the notebook."""
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()

    def tidy(self):
        """End what a test left running."""
        if hasattr(self, "program"):
            if self.pid:
                self.tree.kill()
                wait_until(lambda: not self.tree.pids())
            self.kill()
            self.program.stdout.close()


def ask(asked):
    errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
    program = subprocess.Popen(
        [sys.executable, "-P", str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(ROOT), "INSTRUCTORS_SECRET": "hunter2"},
    )
    program.stdin.write(json.dumps(asked) + "\n")
    program.stdin.close()
    return program, errors


def probe(user, *, refuse_namespaces=False):
    """Ask a fresh process, of such a user, which level it is given."""
    asked = {"what": "probe", "user": user, "refuse_namespaces": refuse_namespaces}
    program, errors = ask(asked)
    text = program.stdout.read()
    program.wait(PATIENCE)
    errors.seek(0)
    assert text, errors.read()
    return json.loads(text)
