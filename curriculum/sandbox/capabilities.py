"""Give up what makes a process more than an ordinary one."""

from __future__ import annotations

from contextlib import suppress

from curriculum.sandbox import kernel

_LAST = 63


def drop_all() -> None:
    """Give up all capabilities, those that a program could give back included."""
    drop_bounding()
    kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
    kernel.clear_capabilities()


def drop_bounding() -> None:
    """Let no program that is started from here have any capability.

    Who has no right to do so has nothing that a program could be given either.
    """
    for number in range(_LAST + 1):
        try:
            present = kernel.prctl(kernel.PR_CAPBSET_READ, number)
        except OSError:  # the kernel knows no more of them
            return
        if present:
            with suppress(PermissionError):
                kernel.prctl(kernel.PR_CAPBSET_DROP, number)


def no_new_privileges() -> None:
    """Let no program that is started from here become more than this process is."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
