"""Which level of protection this machine gives, and what would raise it.

A level is taken for given when a process has been shut in by it: each trial is a program of its
own, so that it can be made from a process that has threads.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from curriculum.sandbox import bubblewrap, cgroups, kernel, landlock, seccomp
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import (
    BUBBLEWRAP,
    LAYERS,
    NAMESPACES,
    NONE,
    Plan,
    SandboxError,
    make_plan,
)

_PATIENCE = 60.0

MEANINGS = {
    NAMESPACES: (
        "namespaces, the strongest level: each notebook has files, processes and a network of its"
        " own, and sees nothing else of this machine"
    ),
    BUBBLEWRAP: (
        "bubblewrap, the second of three levels: notebooks have files, processes and a network"
        " apart from this machine's, and are kept from one another by the kernel's rules alone"
    ),
    LAYERS: (
        "layers, the weakest of three levels: notebooks are among this machine's files and"
        " processes and see their names, and the kernel's rules keep them from reading, changing or"
        " reaching them"
    ),
    NONE: "none: nothing keeps a notebook from this machine's files, and grading refuses to start",
}


@dataclass(frozen=True)
class Probe:
    """What this machine gives.

    Parameters
    ----------
    level : str
        The strongest that works.
    refused : dict of str to str
        Why each stronger one does not.
    """

    level: str
    refused: dict[str, str]


@cache
def probe() -> Probe:
    """Try the levels, the strongest first."""
    refused: dict[str, str] = {}
    for level in (NAMESPACES, BUBBLEWRAP, LAYERS):
        reason = _try(level)
        if not reason:
            return Probe(level, refused)
        refused[level] = reason
    return Probe(NONE, refused)


def _try(level: str) -> str:
    """Shut a process in, and say in one sentence why that can't be done, or nothing."""
    if not kernel.known_machine():
        return "Notebooks can be shut in on Linux on x86-64 and ARM64 only."
    if level == BUBBLEWRAP and bubblewrap.missing():
        return bubblewrap.describe()
    try:
        plan = make_plan(level)
        trial = [sys.executable, "-P", "-m", "curriculum.sandbox.trial", json.dumps(plan.as_dict())]
        done = subprocess.run(
            zygote_command(plan, trial),
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            stdin=subprocess.DEVNULL,
        )
    except SandboxError as error:
        return str(error)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"A process could not be shut in: {error}."
    if done.returncode == 0:
        return ""
    said = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return said[-1] if said else f"A process that was shut in ended with status {done.returncode}."


def zygote_command(plan: Plan, argv: Sequence[str], limits: Limits | None = None) -> list[str]:
    """Give the command that starts a process which will fork notebooks.

    Parameters
    ----------
    plan : Plan
        Of any of these notebooks.
    argv : sequence of str
        What is to run.
    limits : Limits, optional
        At the level of bubblewrap the disk is one for all notebooks of this process; by default it
        has the usual size.
    """
    if plan.level != BUBBLEWRAP:
        return list(argv)
    return bubblewrap.zygote_command(plan, argv, limits or Limits())


def cold_command(
    plan: Plan, limits: Limits, argv: Sequence[str], shared: Collection[str] = ()
) -> list[str]:
    """Give the command that runs a program as a notebook of its own, e.g. a kernel.

    Parameters
    ----------
    plan, limits
        Of the notebook. Its environment is all that the program has.
    argv : sequence of str
        The program.
    shared : collection of str
        Folders of this machine that it can write to, e.g. with its connection file and sockets. If
        root starts it, they are given to the program's user.

    Notes
    -----
    Its processes are `processes.Tree(pid)`, with `pid` that of the command. It ends when the thread
    that started it ends.
    """
    if plan.level in (NAMESPACES, BUBBLEWRAP) and not bubblewrap.missing():
        return bubblewrap.cold_command(plan, limits, argv, shared)
    plan = replace(plan, shared=(*plan.shared, *shared))
    asked = {"plan": plan.as_dict(), "limits": limits.as_dict(), "inside": False}
    return bubblewrap.shim(asked, argv)


def report() -> str:
    """Say what protects this machine from a notebook, and what would protect it better."""
    found = probe()
    lines = [f"Sandbox: {MEANINGS[found.level]}."]
    lines += [f"  {sentence}" for sentence in _layers(found)]
    advice = _advice(found)
    lines += [f"To raise it: {sentence}" for sentence in advice]
    return "\n".join(lines)


def _layers(found: Probe) -> list[str]:
    """Describe each layer in a sentence."""
    system = os.uname()
    wrapped = bubblewrap.describe()
    if BUBBLEWRAP in found.refused and not bubblewrap.missing():
        wrapped = f"{wrapped[:-1]}, which can't make namespaces here either."
    return [
        f"Kernel: {system.sysname} {system.release} on {system.machine}, as"
        f" {'root' if os.geteuid() == 0 else 'an ordinary user'}.",
        landlock.describe(),
        seccomp.describe(),
        wrapped,
        cgroups.describe(),
    ]


def _advice(found: Probe) -> list[str]:
    """Say what would raise the level, or strengthen it, one sentence for each."""
    advice = [
        f"{_cure(level)} (now {level} can't be used: {_short(reason)})."
        for level, reason in found.refused.items()
    ]
    if landlock.missing():
        advice.append("start a Linux of version 5.13 or later with `landlock` among its `lsm=`.")
    elif landlock.version() < landlock.SIGNALS and found.level != NAMESPACES:
        advice.append("Linux 6.12 brings a Landlock that refuses signals to processes outside.")
    if seccomp.missing() and kernel.known_machine():
        advice.append("install libseccomp (`apt install libseccomp2`) and `pip install pyseccomp`.")
    if bubblewrap.missing() and BUBBLEWRAP not in found.refused:
        advice.append("cold kernels are shut in better with `apt install bubblewrap`.")
    if cgroups.given(move=False) is None:
        advice.append(
            "`systemd-run --user --scope -p Delegate=yes curriculum grade …` lets the kernel limit"
            " the memory of each notebook."
        )
    return advice


def _short(reason: str) -> str:
    words = reason.removeprefix("The sandbox could not be set up: ")
    return words.split(". ")[0].rstrip(".")


def _cure(level: str) -> str:
    """Say what to do for a level, without the full stop."""
    if level == BUBBLEWRAP:
        return (
            "`apt install bubblewrap`" if bubblewrap.missing() else "the same lets bubblewrap work"
        )
    if level == LAYERS:
        return "have Landlock and libseccomp, and a Python that every user can read"
    if kernel.LINUX and kernel.release() < (5, 12):
        return "have Linux 5.12 or later"
    for path, bad, cure in _SWITCHES:
        with suppress(OSError):
            if Path(path).read_text().strip() == bad and os.geteuid() != 0:
                return f"`sudo sysctl {cure}`"
    if any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")):
        return (
            "start the container with `--security-opt seccomp=unconfined --security-opt"
            " apparmor=unconfined --security-opt systempaths=unconfined`"
        )
    return "let this user make user namespaces"


_SWITCHES = (
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
)
"""Setting, the value that forbids user namespaces, and the one that allows them."""
