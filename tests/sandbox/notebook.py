"""Fork a process, shut it in, and run a function there: `python notebook.py`, asked on stdin.

Lines of JSON come back: the outer process first, then what the function answers, the status last.
It is a program of its own, so that nothing of the tests' process is in what is shut in.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path

from curriculum.sandbox import confine, kernel, levels, processes
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import Plan, closed_folder, make_plan

HERE = Path(__file__).resolve()
ORDINARY = 31337
"""A user that is nobody's."""


def say(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def open_to_all():
    """Let every user reach this Python, in a mount namespace of this process's own."""
    while (closed := closed_folder()) is not None:
        kept = [p for p in {sys.prefix, sys.base_prefix} if Path(p).is_relative_to(closed)]
        kernel.unshare(kernel.CLONE_NEWNS)
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        fds = [(path, os.open(path, os.O_PATH)) for path in kept]
        kernel.mount("tmpfs", closed, "tmpfs", 0, "mode=0755")
        for path, fd in fds:
            Path(path).mkdir(parents=True)
            kernel.mount(f"/proc/self/fd/{fd}", path, flags=kernel.MS_BIND | kernel.MS_REC)
            os.close(fd)


def become(user):
    """Become the user that a test is for."""
    if os.geteuid() != 0:
        return
    open_to_all()
    if user == "ordinary":
        os.setgroups([])
        os.setresgid(ORDINARY, ORDINARY, ORDINARY)
        os.setresuid(ORDINARY, ORDINARY, ORDINARY)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    os.environ["HOME"] = "/nonexistent"


def refuse_namespaces():
    """Refuse this process what makes namespaces, as containers do."""
    import ctypes

    import pyseccomp as sc

    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    rules = sc.SyscallFilter(sc.ALLOW)
    for name in ("unshare", "mount", "setns"):
        rules.add_rule(sc.ERRNO(errno.EPERM), name)
    rules.add_rule(sc.ERRNO(errno.ENOSYS), "clone3")
    for flag in (kernel.CLONE_NEWUSER, kernel.CLONE_NEWNS, kernel.CLONE_NEWPID):
        rules.add_rule(sc.ERRNO(errno.EPERM), "clone", sc.Arg(0, sc.MASKED_EQ, flag, flag))
    rules.load()
    assert ctypes.CDLL(None, use_errno=True).unshare(kernel.CLONE_NEWUSER) == -1


def refused(call, *arguments):
    """Give the name of the error that a call ends with, or None."""
    try:
        call(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return None


def run(asked):
    plan = Plan.from_dict(asked["plan"])
    plan.environment.update(asked["environment"])
    plan = replace(plan, **asked.get("break_plan", {}))
    confine.prepare(plan)
    for name in asked["warm"]:
        importlib.import_module(name)
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        confine.confine(
            plan,
            Limits.from_dict(asked["limits"]),
            files={name: text.encode() for name, text in asked["files"].items()},
            keep=[1, 2],
            complaints=write,
        )
        inside(asked)
    os.close(write)
    say(pid=pid, plan=plan.as_dict())
    complaint = b"".join(iter(lambda: os.read(read, 1000), b"")).decode()
    _, status, used = os.wait4(pid, 0)
    cpu = used.ru_utime + used.ru_stime
    say(status=os.waitstatus_to_exitcode(status), complaint=complaint, cpu=cpu)


def inside(asked):
    """Run the function that the test sent, in the process that is shut in."""
    names = {"refused": refused, "say": say, "processes": processes}
    try:
        exec(compile(asked["code"], "<inside>", "exec"), names)
        say(answer=names[asked["name"]](*asked["arguments"]))
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    os._exit(code)


def main():
    asked = json.loads(sys.stdin.readline())
    if asked["what"] == "run" and "plan" in asked:  # inside bubblewrap
        run(asked)
        return
    become(asked["user"])
    if asked["refuse_namespaces"]:
        refuse_namespaces()
    if asked["what"] == "probe":
        found = levels.probe()
        say(level=found.level, refused=found.refused, report=levels.report())
        return
    plan = make_plan(asked["level"], also=[str(HERE.parent)])
    asked["plan"] = plan.as_dict()
    if plan.level == "bubblewrap":
        read, write = os.pipe()
        os.write(write, json.dumps(asked).encode() + b"\n")
        os.close(write)
        os.dup2(read, 0)
        command = levels.zygote_command(plan, [sys.executable, "-P", str(HERE)])
        os.execv(command[0], command)
    run(asked)


if __name__ == "__main__":
    main()
