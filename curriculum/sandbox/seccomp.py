"""seccomp: which calls to the kernel are refused; they give an error and end nothing.

A filter is built once, by libseccomp, in the process that forks the notebooks: finding the library
may start other programs, which a confined process must not.
"""

from __future__ import annotations

import ctypes
import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from curriculum.sandbox import kernel, landlock
from curriculum.sandbox.plan import BUBBLEWRAP, NAMESPACES, Plan, SandboxError

_REFUSED = """
    ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_getfd
    mount umount umount2 pivot_root chroot open_tree open_tree_attr move_mount mount_setattr
    fsopen fsconfig fsmount fspick unshare setns
    add_key request_key keyctl
    bpf perf_event_open userfaultfd fanotify_init lookup_dcookie
    io_uring_setup io_uring_enter io_uring_register
    name_to_handle_at open_by_handle_at
    kexec_load kexec_file_load init_module finit_module delete_module create_module query_module
    get_kernel_syms reboot swapon swapoff acct quotactl quotactl_fd syslog
    settimeofday clock_settime clock_adjtime adjtimex stime
    personality vhangup iopl ioperm modify_ldt uselib ustat sysfs _sysctl nfsservctl
    shmget shmat shmctl msgget msgsnd msgrcv msgctl semget semop semtimedop semctl
    mq_open mq_unlink
"""
"""Refused as by a lack of rights.

System V's shared memory and message queues are among them although every notebook may have a
namespace of its own for them: what lies there is no process's memory, and no limit would hold.
"""

_ABSENT = ("clone3", "memfd_create", "memfd_secret")
"""As if the kernel had none: for the first, libc has another way, whose flags can be looked at;
what lies in a file of the others is no process's memory."""

_METADATA = """
    chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat
"""
"""Landlock does not look at these: where the files outside are the same user's, they do nothing."""

_ATTRIBUTES = """
    chown fchown lchown fchownat setxattr lsetxattr fsetxattr setxattrat
    removexattr lremovexattr fremovexattr removexattrat file_setattr
"""

_NUMBERS = {
    "pidfd_send_signal": 424,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "clone3": 435,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "memfd_secret": 447,
    "process_mrelease": 448,
    "fchmodat2": 452,
    "setxattrat": 463,
    "removexattrat": 466,
    "open_tree_attr": 467,
    "file_setattr": 469,
}
"""Calls that an older libseccomp has no name for; the numbers are those of every machine."""

_NEWER = range(471, 512)
"""Calls that are newer than this list."""

_NEW_NAMESPACES = (
    kernel.CLONE_NEWNS,
    kernel.CLONE_NEWCGROUP,
    kernel.CLONE_NEWUTS,
    kernel.CLONE_NEWIPC,
    kernel.CLONE_NEWUSER,
    kernel.CLONE_NEWPID,
    kernel.CLONE_NEWNET,
)
_AF_UNIX = 1
_SOCK_DGRAM = 2
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_WORD = 0xFFFFFFFF


@dataclass(frozen=True)
class Kind:
    """Which filter a notebook needs.

    Parameters
    ----------
    shared_files : bool
        The files that it sees are this machine's, sockets of other programs among them.
    same_user : bool
        Other processes and files of this machine are the same user's.
    only_process : int, optional
        The one process that may be sent signals; None: the kernel sees to it otherwise.
    """

    shared_files: bool = False
    same_user: bool = False
    only_process: int | None = None


def kind(plan: Plan) -> Kind:
    """Choose the filter for the calling process."""
    if plan.level == NAMESPACES:
        return Kind()
    same_user = plan.user is None
    # Inside bubblewrap, the process that forks the notebooks may be one of the same user.
    alone = same_user and not landlock.signals_stay_inside()
    only = os.getpid() if alone else None
    if plan.level == BUBBLEWRAP:
        return Kind(only_process=only)
    return Kind(True, same_user, only)


def kinds() -> list[Kind]:
    """List the filters that don't differ from one process to the next."""
    return [Kind(), Kind(True, False), Kind(True, True)]


@cache
def missing() -> str:
    """Say what is missing here, or nothing."""
    if not kernel.known_machine():
        return f"no filter is known for this kind of machine ({os.uname().machine})"
    try:
        import pyseccomp

        pyseccomp.system_arch()
    except ImportError:
        return "the Python package pyseccomp is not installed"
    except (RuntimeError, OSError, AttributeError):
        return "the library libseccomp.so.2 is not installed"
    try:
        actions = Path("/proc/sys/kernel/seccomp/actions_avail").read_text()
    except OSError:
        actions = ""
    return "" if "errno" in actions.split() else "this kernel has no filters"


def library_version() -> str:
    """Give the version of libseccomp, as it says it."""

    class Version(ctypes.Structure):
        _fields_ = tuple((name, ctypes.c_uint) for name in ("major", "minor", "micro"))

    import pyseccomp

    get = pyseccomp._libseccomp.seccomp_version
    get.restype = ctypes.POINTER(Version)
    found = get().contents
    return f"{found.major}.{found.minor}.{found.micro}"


@cache
def program(wanted: Kind) -> bytes:
    """Build a filter, as the instructions that the kernel takes."""
    if missing():
        raise SandboxError(f"System calls can't be filtered here: {missing()}.")
    import pyseccomp as sc

    rules = sc.SyscallFilter(sc.ALLOW)
    rules.set_attr(sc.Attr.ACT_BADARCH, sc.ERRNO(errno.EPERM))
    with suppress(OSError):  # an older libseccomp compares one number after the other
        rules.set_attr(sc.Attr.CTL_OPTIMIZE, 2)
    refuse, absent = sc.ERRNO(errno.EPERM), sc.ERRNO(errno.ENOSYS)

    def rule(action: int, name: str, *arguments: Any) -> None:
        number = sc.resolve_syscall(sc.Arch.NATIVE, name)
        if number == -1:
            number = _NUMBERS.get(name, -1)
        if number >= 0:
            rules.add_rule(action, number, *arguments)

    for name in _REFUSED.split():
        rule(refuse, name)
    for name in _ABSENT:
        rule(absent, name)
    for number in _NEWER:
        rules.add_rule(absent, number)
    for flag in _NEW_NAMESPACES:
        rule(refuse, "clone", sc.Arg(0, sc.MASKED_EQ, flag, flag))
    for name in ("socket", "socketpair"):
        rule(refuse, name, sc.Arg(0, sc.NE, _AF_UNIX))
    for request in (_TIOCSTI, _TIOCLINUX):
        rule(refuse, "ioctl", sc.Arg(1, sc.MASKED_EQ, _WORD, request))
    if wanted.shared_files:
        # Sockets that stand in the file system are not Landlock's.
        rule(refuse, "connect")
        rule(refuse, "socket", sc.Arg(1, sc.MASKED_EQ, 0xF, _SOCK_DGRAM))
    if wanted.same_user:
        for name in _METADATA.split():
            rule(sc.ERRNO(0), name)
        for name in _ATTRIBUTES.split():
            rule(refuse, name)
        rule(refuse, "prlimit64", sc.Arg(0, sc.NE, 0))
        rule(refuse, "sched_setaffinity", sc.Arg(0, sc.NE, 0))
        for name in ("setpriority", "ioprio_set"):
            rule(refuse, name, sc.Arg(1, sc.NE, 0))
    if wanted.only_process is not None:
        for name in ("kill", "tkill", "tgkill"):
            rule(refuse, name, sc.Arg(0, sc.NE, wanted.only_process))
        for name in ("rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"):
            rule(refuse, name)
    return _exported(rules)


def _exported(rules: Any) -> bytes:
    descriptor = os.memfd_create("filter", os.MFD_CLOEXEC)
    with os.fdopen(descriptor, "w+b") as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def apply(plan: Plan) -> None:
    """Refuse calls to this process for good; needs `capabilities.no_new_privileges` first."""
    instructions = program(kind(plan))
    wanted = _Program(len(instructions) // 8, instructions)
    mode_filter = 2
    kernel.prctl_pointer(kernel.PR_SET_SECCOMP, mode_filter, ctypes.byref(wanted))


def describe() -> str:
    """Say in one sentence what there is of seccomp."""
    if missing():
        return f"seccomp: not used, as {missing()}."
    return f"seccomp: libseccomp {library_version()}, {len(program(Kind())) // 8} instructions."
