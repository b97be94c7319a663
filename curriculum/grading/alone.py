"""Check a learner's own work as an instructor would grade it: a class of one.

Every check is a whole nbgrader course in a folder of its own, `work/attempts/<topic>/<time>/`:
what was submitted, how it ran, the gradebook, the feedback. So none overwrites another, and any
of them can be looked at again with nbgrader's own tools.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from filelock import FileLock, Timeout

from curriculum import catalog, files
from curriculum.authoring import source as src
from curriculum.authoring import topics
from curriculum.grading import nbgrader_api
from curriculum.grading.nbgrader_api import GradingError
from curriculum.grading.records import recording
from curriculum.grading.results import (
    Attempt,
    NotebookResult,
    read_results,
    read_work,
    with_models,
)
from curriculum.learner.log import Event, Log
from curriculum.learner.place import STATE

STUDENT = "me"

Progress = Callable[[str, int, int], None]
"""Told what is being done now, how many steps are done, and how many there are."""


def check(
    topic: str,
    *,
    root: Path,
    work: Path,
    notebook: str | None = None,
    progress: Progress = lambda doing, done, total: None,
) -> Attempt:
    """Grade what a learner has saved, hidden tests included.

    Parameters
    ----------
    topic : str
        From the catalogue.
    root : Path
        The course, with `source/` and `nbgrader_config.py`.
    work : Path
        The learner's folder; `work/<topic>/` holds the notebooks.
    notebook : str, optional
        One notebook's name, e.g. `"2_build"`; by default all four.
    progress : callable
        Is told of each step.

    Returns
    -------
    Attempt
        Also written to `result.json` in the attempt's folder, and to the learner's log.

    Raises
    ------
    CatalogError, GradingError, SourceError, WriteError
        In one sentence: what is wrong, where, and what to do.
    """
    entry = catalog.load()[topic]
    if notebook is not None and notebook not in entry.notebooks:
        raise GradingError(
            f"{entry.title} has no notebook {notebook!r}; it has {', '.join(entry.notebooks)}."
        )
    names = [notebook] if notebook else list(entry.notebooks)
    written = {name: read_work(work / topic / f"{name}.ipynb") for name in names}
    with _alone(work):
        progress("Preparing", 0, len(names) + 1)
        with _explained(work):
            gradebook = _prepared_gradebook(topic, root, work)
        folder = _new_folder(work / "attempts" / topic)
        with _explained(folder), _whole(folder):
            _submit(folder, topic, written, gradebook)
            results = list(_grade(folder, topic, root, names, progress))
            attempt = Attempt(topic, str(folder), _now().isoformat(timespec="seconds"), results)
            files.write_text(folder / "result.json", json.dumps(attempt.as_dict(), indent=1))
    _remember(attempt, work)
    progress("Done", len(names) + 1, len(names) + 1)
    return attempt


@contextmanager
def _alone(work: Path) -> Iterator[None]:
    """Let one check run at a time: two would slow each other down and report out of order."""
    try:
        (work / STATE).mkdir(parents=True, exist_ok=True)
        lock = FileLock(work / STATE / "check.lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise GradingError(
            "Another check is running: wait until it has finished, then check again."
        ) from None
    except OSError as error:
        raise GradingError(_could_not_keep(work, error)) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn what the system says about a folder into a sentence."""
    try:
        yield
    except files.WriteError:
        raise
    except OSError as error:
        raise GradingError(_could_not_keep(folder, error)) from None
    except GradingError as error:
        # nbgrader and its database have their own words for it.
        if any(words in str(error) for words in ("disk is full", "No space left on device")):
            full = OSError(errno.ENOSPC, "")
            raise GradingError(_could_not_keep(folder, full)) from None
        raise


@contextmanager
def _whole(folder: Path) -> Iterator[None]:
    """Keep a folder only where everything in it was written."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _could_not_keep(folder: Path, error: OSError) -> str:
    why = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "your disk quota is used up",
        errno.EACCES: "it is read-only",
        errno.EROFS: "the file system is read-only",
    }
    reason = why.get(error.errno or 0, error.strerror or str(error))
    return f"The check could not be kept in {folder}: {reason}. Your notebook is as you saved it."


def _prepared_gradebook(topic: str, root: Path, work: Path) -> Path:
    """Give a gradebook that knows the topic as its source is now, made once for each version."""
    version = topics.source_digest(topic, root)[:12]
    place = work / STATE / "gradebooks" / f"{topic}-{version}"
    ready = place / "gradebook.db"
    if ready.exists():
        return ready
    topics.write_source_notebooks(root / "source" / topic)
    scratch = place.with_name(f".{place.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    with _whole(scratch):
        nbgrader_api.generate_assignment(
            topic, root, release=scratch / "release", db_url=f"sqlite:///{scratch / 'gradebook.db'}"
        )
        shutil.rmtree(scratch / "release")
        shutil.rmtree(place, ignore_errors=True)
        scratch.rename(place)
    return ready


def _new_folder(attempts: Path) -> Path:
    stamp = _now().strftime("%Y-%m-%d %H.%M.%S")
    for number in range(1, 1000):
        folder = attempts / (stamp if number == 1 else f"{stamp} ({number})")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise GradingError(_could_not_keep(folder, error)) from None
        return folder
    raise GradingError(f"{attempts} is full of attempts of this very second: try again.")


def _submit(folder: Path, topic: str, written: dict[str, str], gradebook: Path) -> None:
    for name, text in written.items():
        files.write_text(folder / "submitted" / STUDENT / topic / f"{name}.ipynb", text)
    shutil.copy(gradebook, folder / "gradebook.db")


def _grade(
    folder: Path, topic: str, root: Path, names: list[str], progress: Progress
) -> Iterator[NotebookResult]:
    config = nbgrader_api.load_config(root)
    # It is the learner's own code: a sandbox is used where there is one, and nowhere required.
    config.Execute.run_student_code_unprotected = True
    for number, name in enumerate(names, 1):
        progress(f"Running {name}", number, len(names) + 1)
        course = nbgrader_api.course_directory(
            config,
            root=str(folder),
            source_directory=str(root / "source"),
            assignment_id=topic,
            student_id=STUDENT,
            notebook_id=name,
        )
        with recording.off():
            nbgrader_api.autograde(course, config)
        nbgrader_api.generate_feedback(course, config)
        graded = nbformat.read(folder / "autograded" / STUDENT / topic / f"{name}.ipynb", 4)
        source = src.read_notebook(root / "source" / topic / f"{name}.py")
        feedback = folder / "feedback" / STUDENT / topic / f"{name}.html"
        yield NotebookResult(name, with_models(list(read_results(graded)), source), str(feedback))


def _remember(attempt: Attempt, work: Path) -> None:
    log = Log(work / STATE)
    for result in attempt.notebooks:
        for exercise in result.exercises:
            data = {
                "points": exercise.points,
                "max_points": exercise.max_points,
                "attempted": exercise.attempted,
                "mistakes": [c["mistake"] for c in exercise.checks if c.get("mistake")],
                "attempt": Path(attempt.folder).name,
            }
            hints = log.events("hint", topic=attempt.topic, exercise=exercise.exercise)
            steps = {event.data.get("step") for event in hints}
            log.append(
                Event(
                    "graded",
                    attempt.topic,
                    result.notebook,
                    exercise.exercise,
                    f"hints={len(steps)}" if steps else "",
                    data,
                )
            )


def _now() -> datetime:
    return datetime.now(UTC).astimezone()
