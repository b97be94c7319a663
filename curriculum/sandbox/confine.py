"""Shut a freshly forked process in, for good.

The process that calls becomes the *outer* one: it stays outside, waits, and ends when everything
inside has ended. `confine` returns in another one alone, the *shell*. Between them, where there are
namespaces, stands process 1 of the notebook's own world, a small program: when it ends, the kernel
kills everything inside. Where there are none, a *keeper* takes its place, a fork to which all
orphans come and which kills them.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import tempfile
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NoReturn

from curriculum.sandbox import (
    capabilities,
    kernel,
    landlock,
    leftovers,
    lifeline,
    mounts,
    namespaces,
    rlimits,
    seccomp,
)
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import (
    BUBBLEWRAP,
    LAYERS,
    NAMESPACES,
    NONE,
    Plan,
    SandboxError,
    closed_folder,
)

FAILED = 97
"""Exit status of a process that could not be shut in; why stands in its complaints."""


def prepare(plan: Plan | None = None) -> None:
    """Do beforehand, in the process that forks notebooks, what each of them would do again.

    Parameters
    ----------
    plan : Plan, optional
        By default, prepare for any.

    Raises
    ------
    SandboxError
        The plan can't be kept on this machine.
    """
    if plan is not None and plan.level == NONE:
        return
    if not kernel.known_machine():
        raise SandboxError("Notebooks can be shut in on Linux on x86-64 and ARM64 only.")
    if plan is not None and plan.level in (BUBBLEWRAP, LAYERS):
        for layer in (landlock, seccomp):
            if layer.missing():
                raise SandboxError(layer.describe())
    if plan is not None and plan.level == LAYERS and plan.user is not None:
        closed = closed_folder()
        if closed:
            raise SandboxError(
                f"Python stands in {closed}, which only its owner may enter, and root's notebooks"
                " are run as another user: use a Python that everybody can read, or don't be root."
            )
    if not landlock.missing():
        import py_landlock.landlock  # noqa: F401
    for kind in seccomp.kinds() if plan is None else [seccomp.kind(plan)]:
        if not seccomp.missing() and kind.only_process is None:
            seccomp.program(kind)


def confine(
    plan: Plan,
    limits: Limits,
    *,
    files: Mapping[str, bytes],
    keep: Collection[int],
    complaints: int | None = None,
) -> None:
    """Shut the calling process in; returns in the innermost process only.

    Parameters
    ----------
    plan : Plan
        What is to be seen from inside.
    limits : Limits
        What may be used.
    files : mapping of str to bytes
        POSIX paths within the scratch folder, and contents.
    keep : collection of int
        Descriptors that stay open; 0 is /dev/null, and so are 1 and 2 unless they are kept. All
        others are closed.
    complaints : int, optional
        A descriptor to write one sentence to where it fails: the process then ends with status
        `FAILED`. It is closed when everything is done.
    """
    inner = Inner(plan, limits, files, tuple(keep), complaints)
    try:
        inner.shut_in()
    except BaseException as error:
        inner.give_up(error)


def narrow(plan: Plan, limits: Limits, others: int | None) -> None:
    """Give up every right that is left, and set the limits that a process has by itself.

    Parameters
    ----------
    plan : Plan
        Of the notebook.
    limits : Limits
        Of the notebook.
    others : int, optional
        As `rlimits.apply` takes it.
    """
    if plan.level != NONE:
        capabilities.no_new_privileges()
        capabilities.drop_all()
    rlimits.apply(limits, others=others)
    if plan.level != NONE and not landlock.missing():
        landlock.apply(plan)
    if plan.level != NONE and not seccomp.missing():
        seccomp.apply(plan)


class Inner:
    """The steps of `confine`, in order; a step that fails ends its process."""

    def __init__(
        self,
        plan: Plan,
        limits: Limits,
        files: Mapping[str, bytes],
        keep: tuple[int, ...],
        complaints: int | None,
    ) -> None:
        self.plan, self.limits, self.files = plan, limits, files
        self.keep, self.complaints = keep, complaints
        self.shared_memory = leftovers.shared_memory()

    def shut_in(self) -> None:
        """Do all steps; returns in the shell."""
        collecting = gc.isenabled()
        gc.disable()  # no finaliser of the parent's objects runs between the steps
        prepare(self.plan)
        for folder in self.plan.shared:
            if not Path(folder).is_dir():
                raise SandboxError(f"The sandbox could not be set up: there is no folder {folder}.")
        self._leave_parent()
        others = rlimits.counted_besides(self.plan)
        if self.plan.level == NAMESPACES:
            self._world()
        else:
            self._keeper()
        self._shell(others)
        if collecting:
            gc.enable()

    def give_up(self, error: BaseException) -> NoReturn:
        """Say why, and end this process."""
        with suppress(OSError):
            if self.complaints is not None:
                os.write(self.complaints, why(error).encode())
        os._exit(FAILED)

    def _leave_parent(self) -> None:
        """Leave what was the parent's."""
        if self.plan.group:
            Path(self.plan.group, "cgroup.procs").write_text("0")
        with suppress(PermissionError):  # it leads a session already
            os.setsid()
        os.umask(0o022)
        _close_all_but(self._open())
        _take_environment(self.plan.environment)
        _default_signals()
        lifeline.die_with_parent()
        if self.plan.level != NONE:
            capabilities.no_new_privileges()

    # --- with namespaces

    def _world(self) -> None:
        """Make a world of its own; returns in the shell, within."""
        plan = self.plan
        namespaces.leave(plan.user)
        first, lifeline_end = namespaces.start_first(close=self._open())
        self._fork(lambda shell: self._wait_outside(shell, first, lifeline_end))
        os.close(lifeline_end)
        mounts.build(plan, self.limits)
        kernel.set_hostname("notebook")
        if plan.user is not None:
            namespaces.become(plan.user)

    def _wait_outside(self, shell: int, first: int, lifeline_end: int) -> NoReturn:
        """Wait until the shell has ended, end everything else inside, and end likewise."""
        self._let_go()
        _, status = os.waitpid(shell, 0)
        os.close(lifeline_end)
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)  # it is gone when all are
        os._exit(_exit_code(status))

    # --- without

    def _keeper(self) -> None:
        """Put a keeper between; returns in the shell."""
        plan = self.plan
        lifeline.adopt_orphans()
        self._fork(self._wait_for_keeper)
        _make_folders(plan)
        if plan.user is not None:
            capabilities.drop_bounding()
            namespaces.become_outside(plan.user)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})
        lifeline.adopt_orphans()
        # It has others to kill before it ends.
        lifeline.die_with_parent(signal.SIGTERM)
        self._fork(self._keep)

    def _wait_for_keeper(self, keeper: int) -> NoReturn:
        self._let_go()
        status = _wait_for(keeper)
        leftovers.kill(everything=False)
        leftovers.clean(self.plan, self.shared_memory)
        os._exit(_exit_code(status))

    def _keep(self, shell: int) -> NoReturn:
        self._let_go()
        if self.plan.level != NONE:
            capabilities.drop_all()
        status = leftovers.wait(shell)
        leftovers.kill(everything=self.plan.user is not None)
        leftovers.clean(self.plan, self.shared_memory)
        os._exit(_exit_code(status))

    # --- the shell

    def _shell(self, others: int | None) -> None:
        plan = self.plan
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        _pythons_signals()
        os.setsid()
        if kernel.LINUX:
            kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        lifeline.die_with_parent()
        with suppress(OSError):  # where memory runs out, let it be this one that the kernel kills
            Path("/proc/self/oom_score_adj").write_text("1000")
        os.chdir(plan.scratch)
        _write(self.files, self.limits)
        narrow(plan, self.limits, others)
        if self.complaints is not None and self.complaints not in self.keep:
            os.close(self.complaints)

    # --- what they share

    def _fork(self, parent: Callable[[int], NoReturn]) -> None:
        """Fork; the parent goes on with `parent`, the child returns."""
        child = os.fork()
        if child:
            try:
                parent(child)
            finally:
                os._exit(FAILED)

    def _let_go(self) -> None:
        """Close what is the shell's alone."""
        for descriptor in self._open():
            with suppress(OSError):
                os.close(descriptor)
        self.files = {}

    def _open(self) -> set[int]:
        """Give the descriptors that stay open."""
        return {*self.keep} if self.complaints is None else {*self.keep, self.complaints}


def why(error: BaseException) -> str:
    """Say in one sentence what went wrong."""
    if isinstance(error, SandboxError):
        return str(error)
    if isinstance(error, OSError):
        where = f" at {error.filename}" if error.filename else ""
        return f"The sandbox could not be set up: {error.strerror}{where}."
    return f"The sandbox could not be set up: {type(error).__name__}: {error}."


def _close_all_but(keep: set[int]) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        if descriptor not in keep or descriptor == 0:
            os.dup2(nothing, descriptor)
    for descriptor in _open_descriptors():
        if descriptor > 2 and descriptor not in keep:
            with suppress(OSError):  # the listing's own
                os.close(descriptor)


def _open_descriptors() -> list[int]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        with suppress(OSError):
            return [int(entry.name) for entry in Path(folder).iterdir()]
    return list(range(os.sysconf("SC_OPEN_MAX")))


def _take_environment(environment: Mapping[str, str]) -> None:
    """Have this environment and no other, also where the kernel shows the one at the start."""
    import posix

    os.environ.clear()
    posix.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    with suppress(OSError):
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        start, end = int(fields[47]), int(fields[48])
        if start and end > start:
            kernel.wipe(start, end)


def _default_signals() -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)


def _pythons_signals() -> None:
    """Handle signals as a Python that has just started."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _wait_for(child: int) -> int:
    """Collect everything that ends until this child does, and give its status."""
    while True:
        pid, status = os.wait()
        if pid == child:
            return status


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _make_folders(plan: Plan) -> None:
    """Make the folders of a notebook that has no file systems of its own."""
    for folder in (plan.home, plan.scratch, plan.temporary):
        Path(folder).mkdir(mode=0o700)
    if plan.user is not None:
        for folder in (plan.home, plan.scratch, plan.temporary, *plan.shared):
            os.chown(folder, plan.user, plan.user)


def _write(files: Mapping[str, bytes], limits: Limits) -> None:
    """Write what was handed in, into the current folder."""
    try:
        for name, content in files.items():
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
                raise SandboxError(f"A file named {name!r} can't stand beside a notebook.")
            Path(path.parent).mkdir(parents=True, exist_ok=True)
            with Path(path).open("xb") as file:
                file.write(content)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SandboxError(
                f"The files that were handed in need more than the {limits.disk_mb} MB of disk that"
                " a notebook may use."
            ) from None
        raise SandboxError(f"A file that was handed in can't be written: {error}.") from None
