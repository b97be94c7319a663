"""Run a notebook: warm where it can be, cold where it must, in a sandbox."""

from __future__ import annotations

import atexit
import os
import socket
from dataclasses import dataclass, replace

import nbformat

from curriculum.execution.cells import Notebook, NotStartedError
from curriculum.execution.job import Job, Ran
from curriculum.execution.split import SplitNotebook
from curriculum.execution.warm import Connection, Warmth, Zygote, ZygoteError
from curriculum.sandbox import cgroups, levels
from curriculum.sandbox.plan import Plan, make_plan

UNPROTECTED = "none"
_OWN = ("LANG", "LC_ALL", "TZ")
_LIBRARIES = ("OPENBLAS_", "MKL_", "OMP_", "KMP_")
"""How whoever looks after the machine has set up its numerical libraries."""


class ExecutionError(RuntimeError):
    """A notebook could not be run, through no fault of its own; the message is one sentence."""


def execute(job: Job) -> Ran:
    """Run every code cell of a notebook, in a process of its own that is used for nothing else.

    Parameters
    ----------
    job : Job
        The notebook, its files and its limits.

    Returns
    -------
    Ran
        Whatever the notebook's code does, its cells that could run have run.

    Raises
    ------
    ExecutionError
        This machine offers no protection and the job asks for it, or no process can be made.
    """
    plan = _plan(job)
    group = cgroups.make(job.limits) if plan.level != UNPROTECTED else None
    if group is None:
        return _run(job, plan, None)
    try:
        return _run(job, replace(plan, group=str(group.path)), group)
    finally:
        group.remove()


def _run(job: Job, plan: Plan, group: cgroups.Group | None) -> Ran:
    if not _is_python(job):
        return _cold(job, plan, group, "its kernel is not Python's")
    again: dict[str, str] = {}
    for attempt in (1, 2):
        try:
            notebook = _notebook(job, plan)
            notebook.group = group
            ran = notebook.execute()
        except NotStartedError as error:
            # Its process may have been killed: a machine that is short of memory does that.
            if attempt == 2:
                raise ExecutionError(f"The sandbox could not be made: {error}.") from None
            again = {"again": str(error)}
        except ZygoteError as error:
            # It may have been killed since it was last used.
            close()
            if attempt == 2:
                return _cold(job, plan, group, str(error))
            again = {"again": str(error)}
        else:
            facts = {"warm": True, "level": plan.level, "apart": bool(job.apart)}
            return replace(ran, facts={**ran.facts, **facts, **again})
    raise AssertionError  # the loop returns or raises


def _notebook(job: Job, plan: Plan) -> Notebook:
    """Make the process of a notebook, and one for its tests where they run apart."""
    zygote = _zygote(job, plan)
    child = zygote.fork(plan, job.limits, job.files)
    if not job.apart:
        return Notebook(job, child)
    try:
        files = {name: job.files[name] for name in job.masters if name in job.files}
        of_tests = replace(_plan(job), group=plan.group)
        tests = zygote.fork(of_tests, job.limits, files, role="tests")
    except BaseException:
        child.end()
        raise
    return SplitNotebook(job, child, tests)


def execute_bytes(job: bytes) -> bytes:
    """Run a job that came as bytes, and answer in bytes: what a worker of a pool calls."""
    return execute(Job.from_bytes(job)).to_bytes()


def _plan(job: Job) -> Plan:
    level = levels.probe().level
    if level == UNPROTECTED and job.protect:
        raise ExecutionError(
            "This machine offers no sandbox, and without one a student's code can read the answer"
            " key and change the gradebook: `curriculum doctor` says what is missing."
        )
    return make_plan(level, environment=_environment(job))


def _environment(job: Job) -> dict[str, str]:
    """Give what a notebook's process sees of the environment, besides what its sandbox sets."""
    environment = {
        "NBGRADER_EXECUTION": "autograde",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    environment |= {
        name: value
        for name, value in os.environ.items()
        if name in _OWN or name.startswith(_LIBRARIES)
    }
    if job.threads:
        pools = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        environment |= dict.fromkeys(pools, str(job.threads))
    return environment


def _is_python(job: Job) -> bool:
    metadata = nbformat.reads(job.notebook.decode(), 4).metadata
    spec = metadata.get("kernelspec", {})
    language = spec.get("language") or metadata.get("language_info", {}).get("name", "python")
    return language == "python" and spec.get("name", "python3") in ("python3", "python")


def _cold(job: Job, plan: Plan, group: cgroups.Group | None, why: str) -> Ran:
    from curriculum.execution import kernels  # jupyter_client is slow to import, and rarely needed

    try:
        ran = kernels.run_cold(job, plan, group=group)
    except NotStartedError as error:
        raise ExecutionError(f"{job.name} could not be run: {error}.") from None
    facts = {"warm": False, "level": plan.level, "apart": False, "why_cold": why}
    return replace(ran, facts={**ran.facts, **facts})


@dataclass
class _Kept:
    """What this process keeps warm from one notebook to the next."""

    zygote: Zygote | None = None
    bell: socket.socket | None = None
    connection: Connection | None = None


_kept = _Kept()


def warm_up(job: Job) -> tuple[socket.socket, Warmth]:
    """Start the zygote that a job needs, for other processes of this machine to share.

    Returns
    -------
    tuple
        For `share` in these processes: a socket, which `multiprocessing` hands over while it
        starts a process, and what the zygote is for.

    Raises
    ------
    ExecutionError
        This machine offers no protection and the job asks for it.
    ZygoteError
        It can't start; each process will see to itself.
    """
    plan = _plan(job)
    cgroups.given()  # who asks first moves itself; workers find what it left
    close()
    _kept.zygote = Zygote(_warmth(job, plan), plan)
    return _kept.zygote.bell, _kept.zygote.warmth


def share(bell: socket.socket, warmth: Warmth) -> None:
    """Use the zygote that another process has started with `warm_up`."""
    close()
    _kept.bell, _kept.connection = bell, Connection(bell, warmth)


def _warmth(job: Job, plan: Plan) -> Warmth:
    return Warmth(job.preload, plan.level, job.threads)


def _zygote(job: Job, plan: Plan) -> Connection:
    """Connect to the zygote of this process; another takes its place where it does not fit."""
    wanted = _warmth(job, plan)
    if _kept.connection and not _kept.connection.warmth.serves(wanted):
        close()
    if _kept.connection is None:
        if _kept.zygote is None or not _kept.zygote.warmth.serves(wanted):
            close()
            _kept.zygote = Zygote(wanted, plan)
        _kept.connection = Connection(_kept.zygote.bell, _kept.zygote.warmth)
    return _kept.connection


def close() -> None:
    """End this process's zygote, or leave the shared one; the next notebook starts another."""
    for kept in (_kept.connection, _kept.bell, _kept.zygote):
        if kept:
            kept.close()
    _kept.zygote = _kept.bell = _kept.connection = None


atexit.register(close)
