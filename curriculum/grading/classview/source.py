"""A course, as far as a class view reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from curriculum import catalog
from curriculum.grading import nbgrader_api, released
from curriculum.grading.classview import read, returned
from curriculum.grading.classview.held import Topic
from curriculum.grading.classview.view import Numbers, numbers
from curriculum.grading.nbgrader_api import CONFIG_FILE, GradingError


@dataclass(frozen=True)
class Source:
    """A course: its gradebook, and where its feedback is.

    Parameters
    ----------
    course : CourseDirectory
        nbgrader's view of it.
    exchange : Path or None
        The exchange's folder, where the configuration has one.
    """

    course: CourseDirectory
    exchange: Path | None

    @classmethod
    def of(cls, folder: Path | str = "") -> Source:
        """Read a course's configuration; without a folder, of the nearest course above.

        Raises
        ------
        GradingError
            There is none.
        """
        root = Path(folder).absolute() if folder else _nearest()
        config = nbgrader_api.whole_config(root)
        course = nbgrader_api.course_directory(config, root=str(root))
        return cls(course, _exchange(course, config))

    def numbers(self, topics: Sequence[str] = ()) -> dict[str, Numbers]:
        """Work out what is shown of these topics, or of all that somebody has handed in.

        Raises
        ------
        GradingError
            The gradebook can't be read, or has nothing of them.
        """
        with read.opened(self.course.db_url) as connection:
            wanted = list(topics) or [
                name for name, handed_in in read.topics(connection).items() if handed_in
            ]
            found = [read.topic(connection, name) for name in wanted]
        if not found:
            raise GradingError(
                "Nothing has been graded yet: `curriculum grade TOPIC` grades what was handed in."
            )
        return {topic.name: self._numbers(topic) for topic in found}

    def _numbers(self, topic: Topic) -> Numbers:
        notebooks = dict.fromkeys(cell.notebook for cell in topic.cells)
        order = {name: self._order(topic.name, name) for name in notebooks}
        outbound = self.exchange and self.exchange / self.course.course_id / "feedback"
        feedback = returned.states(self.course, outbound, topic.name, topic.submissions)
        return numbers(topic, title=_title(topic.name), order=order, feedback=feedback)

    def _order(self, topic: str, notebook: str) -> tuple[str, ...]:
        """Tell how cells follow each other, where the topic's files say so."""
        try:
            return released.order(self.course, topic, notebook)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return ()


def _nearest() -> Path:
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIG_FILE).exists():
            return folder
    raise GradingError(
        f"There is no course here: name its folder, the one with {CONFIG_FILE}, as in"
        ' `classview.load("gradient_descent", "/srv/course")`.'
    )


def _exchange(course: CourseDirectory, config: Config) -> Path | None:
    """Ask the configured exchange where it is."""
    try:
        step = nbgrader_api.exchange(course, config, "ReleaseFeedback")
        return Path(step.root) if step.root else None
    except Exception:  # a course may have any kind of exchange, or none
        return None


def _title(topic: str) -> str:
    try:
        return catalog.load()[topic].title
    except catalog.CatalogError:
        return topic
