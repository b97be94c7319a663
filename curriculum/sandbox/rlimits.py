"""Limits that the kernel keeps for each process by itself."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from curriculum.sandbox import kernel, processes
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import BUBBLEWRAP, NAMESPACES, Plan

MB = 1 << 20
_COUNTED_APART = (5, 14)
"""From this kernel on, a user's processes are counted in each user namespace by itself."""
_UNSEEN = 4096
"""Room for processes of the same user that can't be seen from inside bubblewrap."""
OPEN_FILES = 512
"""Enough for honest work; what lies in sockets and pipes is nobody's memory, so it is not more."""


def apply(limits: Limits, *, others: int | None = 0) -> None:
    """Set this process's limits, which its children inherit and none of them can raise.

    Parameters
    ----------
    limits : Limits
        Of the notebook.
    others : int, optional
        Processes of this user that are not the notebook's and count all the same; None: their
        number is not limited.
    """
    # Processor time is watched from outside: with RLIMIT_CPU, Linux counts it in steps of some
    # milliseconds, and `time.process_time` and `%time` would say so.
    _set(resource.RLIMIT_FSIZE, limits.file_mb * MB)
    if others is not None:
        _set(resource.RLIMIT_NPROC, limits.processes + others)
    _set(resource.RLIMIT_NOFILE, OPEN_FILES)
    # 0 would still hand a crash to a program of the machine, where one collects them.
    _set(resource.RLIMIT_CORE, 1)
    _set(resource.RLIMIT_MEMLOCK, 64 << 10)
    if hasattr(resource, "RLIMIT_MSGQUEUE"):
        _set(resource.RLIMIT_MSGQUEUE, 0)
    already = data_size()
    if already is not None:
        _set(resource.RLIMIT_DATA, already + limits.memory_mb * MB)


def _set(kind: int, soft: int, hard: int | None = None) -> None:
    """Lower a limit; one that is lower already stays."""
    _, most = resource.getrlimit(kind)
    hard = soft if hard is None else hard
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(kind, (soft, hard))


def data_size() -> int | None:
    """Give what this process has of the memory that RLIMIT_DATA counts, in bytes."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) << 10
    return None


def counted_besides(plan: Plan, *, hidden: bool = False) -> int | None:
    """Count the processes that RLIMIT_NPROC counts although they are not the notebook's.

    Parameters
    ----------
    plan : Plan
        Of the notebook.
    hidden : bool
        Whether this machine's other processes can't be seen from here.

    Returns
    -------
    int or None
        None where the kernel would not keep the limit.
    """
    if plan.user is not None:
        return 1  # the first process inside
    if not kernel.LINUX or os.geteuid() == 0:
        return None
    apart = kernel.release() >= _COUNTED_APART
    if plan.level == NAMESPACES and apart:
        return 2  # the first process inside, and the one that waits outside
    hidden = hidden or plan.level == BUBBLEWRAP
    return processes.tasks_of(os.geteuid()) + 2 + (_UNSEEN if hidden and not apart else 0)
