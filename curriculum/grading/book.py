"""The gradebook of a whole run: one connection, and one transaction for each submission.

nbgrader's preprocessors open the gradebook themselves, several times for each notebook, and commit
after each cell. `OneGradebook` is lent to them in its place: it stays open, answers what it has
answered before, and holds every commit back until the submission is whole.
"""

from __future__ import annotations

import inspect
import sys
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import event, make_url, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from curriculum.grading.nbgrader_api import GradingError, own_commands
from curriculum.grading.records.bounds import OutOfBounds

BUSY_SECONDS = 60
"""How long a writer waits for another one, such as the formgrader."""

_INDEXES = {"grade": "notebook_id", "comment": "notebook_id", "submitted_notebook": "assignment_id"}
"""What nbgrader looks rows up by without an index, so that a class of 1,000 takes ever longer."""

_OF_SOURCE = ("name", "cell_type", "locked", "source", "checksum")
_OF_GRADED = ("name", "cell_type", "max_score")

_SHARED_OVER_A_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "9p", "afs", "lustre", "fuse.sshfs"}


class _HeldSession(Session):
    """A session whose commits wait while a submission is being written."""

    held = False

    def commit(self) -> None:
        if not self.held:
            super().commit()


class OneGradebook(Gradebook):
    """A gradebook that stays open for a whole run.

    Parameters
    ----------
    db_url : str
        As in nbgrader's configuration; SQLite or PostgreSQL.
    course_id : str
        As in nbgrader's configuration.
    """

    def __init__(self, db_url: str, course_id: str) -> None:
        with own_commands():  # a new database gets its version from alembic
            super().__init__(db_url, course_id or "default_course")
        super().close()
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _set_up_sqlite)
        sessions = sessionmaker(class_=_HeldSession, bind=self.engine, future=True)
        self.db: Any = scoped_session(sessions)
        self._topic: dict[Hashable, Any] = {}
        self._submission: dict[tuple, dict[str, Any]] = {}
        self._add_indexes()

    def _add_indexes(self) -> None:
        with self.engine.begin() as connection:
            for table, column in _INDEXES.items():
                connection.execute(
                    text(
                        f"CREATE INDEX IF NOT EXISTS curriculum_{table}_{column}"
                        f" ON {table} ({column})"
                    )
                )

    def close(self) -> None:
        """Do nothing: those that the gradebook is lent to close what they believe is their own."""

    def close_for_good(self) -> None:
        """End the connection."""
        super().close()

    @contextmanager
    def whole(self) -> Iterator[Session]:
        """Commit everything that is written inside at once, or nothing."""
        session = self.db()
        session.rollback()
        self._submission.clear()
        session.held = True
        try:
            yield session
            session.held = False
            session.commit()
        finally:
            session.held = False
            session.rollback()
            self._submission.clear()

    def forget_topic(self) -> None:
        """Read a topic's cells again: they may have been generated anew."""
        self._topic.clear()

    # What preprocessors ask for each cell, answered from memory.

    def remember(self, key: Hashable, read: Callable[[], Any]) -> Any:
        """Read something of the topic once; nothing of it may be an object of the session."""
        if key not in self._topic:
            self._topic[key] = read()
        return self._topic[key]

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """Give a cell as it was generated."""
        find = super().find_source_cell

        def read() -> Any:
            return _plain(find(name, notebook, assignment), *_OF_SOURCE)

        return self.remember(("source", name, notebook, assignment), read)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """Give a cell that earns points."""
        find = super().find_graded_cell

        def read() -> Any:
            return _plain(find(name, notebook, assignment), *_OF_GRADED)

        return self.remember(("graded", name, notebook, assignment), read)

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Grade:
        """Give the grade of a cell of a submission."""
        grades = self._of_submission(Grade, notebook, assignment, student)
        return grades.get(grade_cell) or super().find_grade(
            grade_cell, notebook, assignment, student
        )

    def find_comment(
        self, solution_cell: str, notebook: str, assignment: str, student: str
    ) -> Comment:
        """Give the comment on a cell of a submission."""
        comments = self._of_submission(Comment, notebook, assignment, student)
        return comments.get(solution_cell) or super().find_comment(
            solution_cell, notebook, assignment, student
        )

    def _of_submission(
        self, kind: Any, notebook: str, assignment: str, student: str
    ) -> dict[str, Any]:
        """Read all grades or comments of a submission at once."""
        if not self.db().held:
            return {}
        if (kind, assignment, student) not in self._submission:
            found = self._submission[kind, assignment, student] = {}
            rows = self.db.execute(
                select(Notebook.name, BaseCell.name, kind)
                .join(BaseCell, BaseCell.id == kind.cell_id)
                .join(SubmittedNotebook, SubmittedNotebook.id == kind.notebook_id)
                .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
                .join(
                    SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id
                )
                .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
                .where(Assignment.name == assignment, SubmittedAssignment.student_id == student)
            )
            for its_notebook, cell, row in rows:
                found.setdefault(its_notebook, {})[cell] = row
        return self._submission[kind, assignment, student].get(notebook, {})

    def add_submission(self, assignment: str, student: str, **kwargs: Any) -> SubmittedAssignment:
        """Add a submission with all that belongs to it, in one go."""
        with self.db.no_autoflush:
            return super().add_submission(assignment, student, **kwargs)

    def find_submission_notebook(
        self, notebook: str, assignment: str, student: str
    ) -> SubmittedNotebook:
        """Give a submitted notebook, its score as it is with all that has been written by now."""
        found = super().find_submission_notebook(notebook, assignment, student)
        if self.db().held:
            self.db.flush()
            self.db.expire(found, ["score"])
        return found


def open_gradebook(db_url: str, course_id: str) -> OneGradebook:
    """Open the gradebook of a course.

    Raises
    ------
    GradingError
        There is none, or it can't be reached.
    """
    url = make_url(db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise GradingError(
            f"There is no gradebook at {url.database}: run `curriculum build` (or"
            " `nbgrader generate_assignment`), which makes it."
        )
    for left in reversed(range(5)):
        try:
            return OneGradebook(db_url, course_id)
        except (IntegrityError, InvalidEntry, OperationalError) as error:
            # Two that open a new gradebook at the same moment both try to make its first rows.
            if not left:
                raise GradingError(unreachable(url.render_as_string(), error)) from None
            time.sleep(0.2)
        except ModuleNotFoundError as error:
            raise GradingError(
                f"{error.name} is missing, which {url.render_as_string()} needs: an address that"
                " begins with postgresql+psycopg2:// needs what"
                ' `pip install "ml-interview-curriculum[postgres]"` installs.'
            ) from None
        except SQLAlchemyError as error:
            raise GradingError(unreachable(url.render_as_string(), error)) from None
    raise AssertionError("not reached")


def unreachable(url: str, error: Exception) -> str:
    """Say in one sentence that the gradebook does not answer."""
    reason = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
    return f"The gradebook at {url} can't be used: {reason}."


def worth_another_try(error: Exception) -> bool:
    """Tell a database that is busy, or another writer who came first, from a real failure."""
    if isinstance(error, IntegrityError | InvalidEntry):
        return not isinstance(error, OutOfBounds)
    said = str(error).lower()
    busy = ("locked", "busy", "deadlock", "serialize access", "could not obtain lock")
    return isinstance(error, DBAPIError) and any(word in said for word in busy)


@contextmanager
def lent(book: OneGradebook, preprocessors: Iterable[Any]) -> Iterator[None]:
    """Let preprocessors that open the gradebook get `book` instead."""
    modules = {module for pp in preprocessors for module in _modules(type(pp))}
    replaced = [m for m in modules if getattr(m, "Gradebook", None) is Gradebook]

    def give(*_: Any, **__: Any) -> OneGradebook:
        return book

    for module in replaced:
        vars(module)["Gradebook"] = give
    try:
        yield
    finally:
        for module in replaced:
            vars(module)["Gradebook"] = Gradebook


def _modules(kind: type) -> Iterator[ModuleType]:
    for base in inspect.getmro(kind):
        yield sys.modules[base.__module__]


def _plain(cell: Any, *names: str) -> SimpleNamespace:
    return SimpleNamespace(**{name: getattr(cell, name) for name in names})


def _set_up_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    file = cursor.execute("PRAGMA database_list").fetchone()[2]
    # Readers and the writer don't wait for each other; a network's file system can't do that.
    if file and not _over_a_network(Path(file)):
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _over_a_network(path: Path) -> bool:
    """Tell whether a file is on another machine, as far as Linux says."""
    try:
        mounts = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return False
    place, kind = "", ""
    for line in mounts:
        _, folder, file_system = line.split(" ")[:3]
        folder = folder.replace("\\040", " ")
        if path.is_relative_to(folder) and len(folder) >= len(place):
            place, kind = folder, file_system
    return kind in _SHARED_OVER_A_NETWORK


__all__ = [
    "MissingEntry",
    "OneGradebook",
    "lent",
    "open_gradebook",
    "unreachable",
    "worth_another_try",
]
