"""Die with one's parent."""

from __future__ import annotations

import os
import signal

from curriculum.sandbox import kernel


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Let the kernel send this process a signal when the thread that forked it ends.

    Becoming another user undoes it. Where there is no Linux, nothing happens. A parent in another
    world of processes has no number here; whether it has ended already is then not seen.
    """
    if not kernel.LINUX:
        return
    parent = os.getppid()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it has ended in the meantime
        os.kill(os.getpid(), number)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends."""
    if kernel.LINUX:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
