"""nbgrader's steps, called in this process with the course's own configuration.

nbgrader's converters change the current folder: call them from a process of their own, never from
a thread beside others.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from nbgrader.auth import Authenticator
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader
from traitlets.log import get_logger

CONFIG_FILE = "nbgrader_config.py"


class GradingError(RuntimeError):
    """nbgrader could not do a step; the message is its own last word, in one sentence."""


def load_config(root: Path) -> Config:
    """Read `nbgrader_config.py` of a course.

    Raises
    ------
    GradingError
        The folder is no course.
    """
    if not (root / CONFIG_FILE).exists():
        raise GradingError(f"{root} has no {CONFIG_FILE}: it is not a course of this curriculum.")
    return PyFileConfigLoader(CONFIG_FILE, path=str(root)).load_config()


def whole_config(root: Path) -> Config:
    """Read a course's configuration on top of the system's and the user's, as nbgrader does.

    Raises
    ------
    GradingError
        The folder is no course.
    """
    whole = Config()
    for folder in reversed(jupyter_config_path()):
        if (Path(folder) / CONFIG_FILE).exists():
            whole.merge(PyFileConfigLoader(CONFIG_FILE, path=folder).load_config())
    whole.merge(load_config(root))
    return whole


def course_directory(config: Config, **places: Any) -> CourseDirectory:
    """Make nbgrader's view of a course; `places` override what the configuration says."""
    return CourseDirectory(config=config, **places)


def generate_assignment(topic: str, root: Path, release: Path | None = None, **places: Any) -> None:
    """Write the release of a topic, and its cells into the gradebook.

    Parameters
    ----------
    topic : str
        The assignment: a folder of `source/` that holds notebooks.
    root : Path
        The course, whose `nbgrader_config.py` decides how.
    release : Path, optional
        A folder to write to instead of the course's `release/`.
    places
        Other traits of nbgrader's `CourseDirectory`, e.g. `root` or `db_url`.
    """
    config = load_config(root)
    if release is not None:
        places["release_directory"] = str(release)
    course = course_directory(config, **{"root": str(root), "assignment_id": topic, **places})
    run(GenerateAssignment(coursedir=course, config=config, force=True))


def autograde(course: CourseDirectory, config: Config) -> None:
    """Grade what `course` selects by its assignment, student and notebook ids."""
    run(Autograde(coursedir=course, config=config, force=True))


def generate_feedback(course: CourseDirectory, config: Config) -> None:
    """Write the HTML feedback of what `course` selects."""
    run(GenerateFeedback(coursedir=course, config=config, force=True))


def exchange(course: CourseDirectory, config: Config, step: str, **traits: Any) -> Any:
    """Make one of nbgrader's steps between the course and the exchange.

    Parameters
    ----------
    course : CourseDirectory
        Its assignment and student ids say what to carry.
    config : Config
        May name other classes than nbgrader's own.
    step : str
        E.g. `"Collect"`, as in nbgrader's `ExchangeFactory`.
    traits
        What the command line would say.
    """
    kind = getattr(ExchangeFactory(config=config), step)
    authenticator = Authenticator(config=config)
    return kind(coursedir=course, authenticator=authenticator, config=config, **traits)


def run(step: Any) -> None:
    """Run a step of nbgrader's in this process.

    Raises
    ------
    GradingError
        It failed; the message is nbgrader's reason.
    """
    here = Path.cwd()
    with _captured() as said, own_commands(), warnings.catch_warnings():
        # nbgrader is older than the SQLAlchemy beneath it; what it warns of does no harm here.
        warnings.simplefilter("ignore")
        try:
            step.start()
        except (NbGraderException, ExchangeError) as error:
            raise GradingError(_why(said) or str(error)) from None
        except SystemExit:
            raise GradingError(_why(said) or "nbgrader stopped without saying why.") from None
        finally:
            os.chdir(here)


@contextmanager
def own_commands() -> Iterator[None]:
    """Let nbgrader find `alembic`, which it calls by name: it stands beside this Python."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _why(said: list[str]) -> str:
    """Find the sentence that explains a failure in nbgrader's log."""
    for message in said:
        if message.startswith("Traceback"):
            return _last_exception(message)
    return said[0] if said else ""


def _last_exception(traceback: str) -> str:
    """Take the exception's own words, which may be several lines, from the end of a traceback."""
    lines = traceback.rstrip().splitlines()
    start = max(i for i, line in enumerate(lines) if line.startswith(("  ", "Traceback"))) + 1
    text = "\n".join(lines[start:]).split(": ", 1)[-1]
    # A database's error goes on with the SQL, which says nothing to a person.
    return text.split("\n[SQL:")[0]


@contextmanager
def _captured() -> Iterator[list[str]]:
    """Keep nbgrader's errors, which it logs and then summarises in an exception that says less."""
    said: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger, keep = logging.getLogger(get_logger().name), Keep(level=logging.ERROR)
    others, propagate = logger.handlers[:], logger.propagate
    logger.handlers, logger.propagate = [keep], False
    try:
        yield said
    finally:
        logger.handlers, logger.propagate = others, propagate
