"""Who runs notebooks: processes of this machine, or a Dask cluster. Only bytes go to and fro.

Both are executors shaped as in `concurrent.futures`: `submit(run, job)` gives a future.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from typing import Any

from curriculum import execution
from curriculum.execution import ExecutionError, Job, ZygoteError
from curriculum.execution.warm import LARGE_PAGES

TRIES = 3
"""A notebook whose worker was killed is run again, at most twice."""

Shared = tuple[Any, Any]
"""What `execution.warm_up` gives, for `execution.share` in another process."""

_STOP = b""
_RAN, _REFUSED, _FAILED = b"ran:", b"refused:", b"failed:"


class WorkerDied(Exception):
    """Every process that ran a notebook was killed before it answered."""


class WorkerFailed(Exception):
    """A worker's own code failed; the message is what it said."""


def run(job: bytes) -> bytes:
    """Run a job and answer in bytes, whatever happens: what each worker calls."""
    for again in (True, False):
        try:
            return _RAN + execution.execute_bytes(job)
        except ExecutionError as error:
            # A refusal ends the whole run: a machine that was merely too busy gets another try.
            execution.close()
            if not again:
                return _REFUSED + str(error).encode()
        except Exception as error:
            return _FAILED + f"{type(error).__name__}: {error}".encode(errors="replace")
    raise AssertionError("not reached")


def opened(answer: bytes) -> bytes:
    """Give what `run` answered.

    Raises
    ------
    ExecutionError
        No notebook can be run there.
    WorkerFailed
        This one could not be.
    """
    if answer.startswith(_RAN):
        return answer[len(_RAN) :]
    if answer.startswith(_REFUSED):
        raise ExecutionError(answer[len(_REFUSED) :].decode())
    raise WorkerFailed(answer[len(_FAILED) :].decode())


def started_warm(job: bytes) -> Shared | None:
    """Start the warm process that all workers of this machine share; None where it can't start."""
    try:
        return execution.warm_up(Job.from_bytes(job))
    except ZygoteError:
        return None  # each worker tries for itself, and goes on cold


class LocalWorkers(Executor):
    """Processes of this machine, which share one warm process.

    A worker that is killed takes nothing with it but the notebook that it was running, and that
    one is run again by a fresh worker.

    Parameters
    ----------
    number : int
        How many notebooks run at once.
    target : callable
        What a worker does with the bytes of a job.
    warm : callable
        Starts what the workers share, when the first job comes.
    """

    def __init__(
        self,
        number: int,
        target: Callable[[bytes], bytes] = run,
        warm: Callable[[bytes], Shared | None] = started_warm,
    ) -> None:
        self._warming = threading.Lock()
        self._warm: Callable[[bytes], Shared | None] | None = warm
        self._tasks: queue.SimpleQueue[tuple[Future, bytes] | None] = queue.SimpleQueue()
        self._workers = [_Worker(target) for _ in range(number)]
        self._threads = [
            threading.Thread(target=self._serve, args=(worker,), daemon=True)
            for worker in self._workers
        ]
        self._closed = False
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        """Let the next free worker run a job; `fn` is what the workers were made for."""
        if self._closed:
            raise RuntimeError("no more jobs are taken")
        with self._warming:
            if self._warm is not None:
                shared, self._warm = self._warm(args[0]), None
                for worker in self._workers:
                    worker.shared = shared
        future: Future = Future()
        self._tasks.put((future, args[0]))
        return future

    def _serve(self, worker: _Worker) -> None:
        # Inherited by the process while it starts, so that Ctrl-C does not interrupt its imports.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while (task := self._tasks.get()) is not None:
            future, job = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(worker.run(job))
            except BaseException as error:
                future.set_exception(error)
            del future, job, task  # a thread that waits keeps no result alive
        worker.end()

    def processes(self) -> list[int]:
        """Give the process ids of the workers that live."""
        return [pid for worker in self._workers if (pid := worker.pid) is not None]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs; with `cancel_futures`, stop what runs as well."""
        self._closed = True
        if cancel_futures:
            self._cancel_all()
        for _ in self._threads:
            self._tasks.put(None)
        if wait:
            for thread in self._threads:
                thread.join()
            execution.close()

    def _cancel_all(self) -> None:
        while True:
            try:
                task = self._tasks.get_nowait()
            except queue.Empty:
                break
            if task is not None:
                task[0].cancel()
        for worker in self._workers:
            worker.give_up()


class _Worker:
    """One place in the pool: a process, and another one when it has died."""

    def __init__(self, target: Callable[[bytes], bytes]) -> None:
        self._target = target
        self.shared: Shared | None = None
        self._process: Any = None
        self._connection: Connection | None = None
        self._given_up = False

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.is_alive() else None

    def run(self, job: bytes) -> bytes:
        for _ in range(TRIES):
            if self._given_up:
                break
            try:
                connection = self._started()
                connection.send_bytes(job)
                return connection.recv_bytes()
            except (EOFError, OSError):
                self._bury()
        raise WorkerDied

    def _started(self) -> Connection:
        if self._connection is None:
            context = multiprocessing.get_context("spawn")
            self._connection, theirs = context.Pipe()
            arguments = (theirs, self._target, self.shared, os.getpid())
            self._process = context.Process(target=_work, args=arguments, name="grading")
            for name, value in LARGE_PAGES.items():  # the worker has this process's environment
                os.environ.setdefault(name, value)
            self._process.start()
            theirs.close()
        return self._connection

    def _bury(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def give_up(self) -> None:
        """Stop what runs, and start nothing more."""
        self._given_up = True
        process = self._process
        if process is not None and process.is_alive():
            process.terminate()

    def end(self) -> None:
        """Let the process end by itself, which ends its warm process too."""
        if self._connection is not None and not self._given_up:
            try:
                self._connection.send_bytes(_STOP)
                self._process.join(10)
            except OSError:
                pass
        self._bury()


def _work(
    connection: Connection,
    target: Callable[[bytes], bytes],
    shared: Shared | None,
    parent: int,
) -> None:
    """Do jobs until there are no more, or the coordinator is gone."""
    # Ctrl-C is the coordinator's to answer. It is not ignored here: what is started from here
    # would ignore it, too, and cells are interrupted with it.
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if shared is not None:
        execution.share(*shared)
    try:
        while job := connection.recv_bytes():
            connection.send_bytes(target(job))
    except (EOFError, OSError):
        pass
    finally:
        execution.close()


def _leave(*_: Any) -> None:
    execution.close()
    os._exit(143)


def _end_with(parent: int) -> None:
    """End this process when the coordinator does, also while a notebook runs."""
    above = multiprocessing.parent_process()
    if above is not None and above.pid == parent:
        wait([above.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def local(number: int) -> Iterator[tuple[Executor, int]]:
    """Run notebooks in processes of this machine."""
    executor = LocalWorkers(number)
    try:
        yield executor, number
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def cluster(
    address: str, *, seconds: float = 20, at_least: int = 0
) -> Iterator[tuple[Executor, int]]:
    """Run notebooks on a Dask cluster, which has this package installed.

    Parameters
    ----------
    address : str
        Of the scheduler, e.g. `"tcp://10.0.0.5:8786"`.
    seconds : float
        How long to wait for an answer.
    at_least : int
        How many workers to wait for.

    Raises
    ------
    GradingError
        The extra is missing, or nobody answers at the address.
    """
    # Not at the top: a worker imports this module too, and needs no nbgrader in its memory.
    from curriculum.grading.nbgrader_api import GradingError

    try:
        from distributed import Client
    except ImportError:
        raise GradingError(
            'Grading on a cluster needs Dask: pip install "ml-interview-curriculum[cluster]".'
        ) from None
    try:
        client = Client(address, timeout=seconds, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = str(error).split("\n")[0]
        raise GradingError(f"No cluster answers at {address}: {reason}.") from None
    try:
        if at_least:
            client.wait_for_workers(at_least, timeout=60)
        threads = sum(client.nthreads().values())
        if not threads:
            raise GradingError(f"The cluster at {address} has no workers yet: start some first.")
        # `pure=False`: a notebook that was run before is not known to give the same again.
        yield client.get_executor(pure=False, retries=TRIES - 1), threads
    finally:
        client.close()


_one_at_a_time = threading.Lock()


def run_alone(job: bytes) -> bytes:
    """Run a job where a worker may have several threads: one notebook at a time in a process."""
    with _one_at_a_time:
        return run(job)


def default_number() -> int:
    """Give the number of cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
