"""The body of `curriculum grade`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from types import FrameType

from traitlets.log import get_logger

from curriculum.grading import nbgrader_api, workers
from curriculum.grading.class_run import RED, ClassRun, Pool, Wish
from curriculum.grading.progress import Progress, summary


def grade(options: argparse.Namespace, root: Path) -> int:
    """Grade a topic's submissions; gives the exit status: 1 where a row is red."""
    wish = Wish(
        root,
        options.topic,
        tuple(options.student),
        force=options.force,
        unprotected=options.run_student_code_unprotected,
    )
    pool = make_pool(options.workers, options.cluster)
    progress = Progress()
    with quiet_nbgrader(), ending_cleanly():
        if options.watch:
            from curriculum.grading import watch

            watch.watch(wish, pool, progress)
            return 0
        began = time.monotonic()
        config = nbgrader_api.whole_config(root)
        try:
            with closing(ClassRun(wish, config)) as run:
                rows = run.grade(pool, progress)
        finally:
            progress.end()
    print(summary(rows, time.monotonic() - began))
    return 1 if any(row.verdict == RED for row in rows) else 0


def make_pool(number: int | None, address: str | None) -> Pool:
    """Choose who runs the notebooks."""
    if number is not None and number < 1:
        raise nbgrader_api.GradingError("--workers must be at least 1.")

    def make() -> AbstractContextManager:
        if address:
            return workers.cluster(address)
        return workers.local(number or workers.default_number())

    return make


@contextmanager
def quiet_nbgrader() -> Iterator[None]:
    """Keep nbgrader's log to itself: what an instructor should know is in the rows."""
    logger = logging.getLogger(get_logger().name)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def ending_cleanly() -> Iterator[None]:
    """Let a request to end do what Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        print(
            "\nStopped. What was finished is kept; run the command again to go on.", file=sys.stderr
        )
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
