"""An exchange in a folder, with accounts of its own, and what people put into it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbgrader.apps.api import NbGraderAPI
from small_class import TOPIC, SmallClass

from curriculum.grading import nbgrader_api
from curriculum.grading.exchange import ExchangeCollect, carry

OURS = os.geteuid()
SECRET = "the answer key"


def now(**ago: float) -> datetime:
    """Give the time, in UTC, or some time ago."""
    return datetime.now(UTC).replace(tzinfo=None) - timedelta(**ago)


class Accounts:
    """Accounts of students: files are given to them where root runs, else it is only said so."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.numbers = {"teacher": OURS}
        self._said: dict[int, int] = {}
        patch.setattr(carry.pwd, "getpwuid", self._named)
        if OURS != 0:
            patch.setattr(carry, "owner_of", lambda s: self._said.get(s.st_ino, s.st_uid))

    def _named(self, number: int) -> Any:
        names = {number: name for name, number in self.numbers.items()}
        return SimpleNamespace(pw_name=names[number])

    def give(self, path: Path, name: str) -> None:
        """Give a file, or a folder with all in it, to an account."""
        number = self.numbers.setdefault(name, 40_000 + len(self.numbers))
        for one in (path, *path.rglob("*")):
            if OURS == 0:
                os.chown(one, number, -1, follow_symlinks=False)
            else:
                self._said[one.lstat().st_ino] = number


class Exchange:
    """The exchange of a small class, and the class."""

    def __init__(self, small: SmallClass, folder: Path, accounts: Accounts) -> None:
        self.small, self.accounts = small, accounts
        self.inbound = folder / "ml_interviews" / "inbound"
        self.inbound.mkdir(parents=True)
        folder.chmod(0o777)
        with (small.root / "nbgrader_config.py").open("a") as config:
            config.write(f"\nc.Exchange.root = {str(folder)!r}\n")
        self.config = nbgrader_api.load_config(small.root)

    def submit(
        self,
        student: str,
        text: str = "mine",
        claimed: datetime | None = None,
        owner: str | None = None,
        name: str | None = None,
    ) -> Path:
        """Put a folder with one file into the exchange, as `nbgrader submit` does."""
        stamp = f"{claimed or now():%Y-%m-%d %H:%M:%S.%f} UTC"
        letters = f"r{len(list(self.inbound.iterdir()))}"
        folder = self.inbound / (name or f"{student}+{TOPIC}+{stamp}+{letters}")
        folder.mkdir()
        (folder / "one.ipynb").write_text(text)
        (folder / "timestamp.txt").write_text(stamp)
        (folder / "submission_secret.txt").write_text(f"{student} {letters}")
        folder.chmod(0o777)
        self.accounts.give(folder, owner or student)
        return folder

    def add(self, folder: Path, name: str, content: str | bytes = "") -> Path:
        """Let whoever a submission belongs to add a file."""
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.own(path, folder)
        return path

    def own(self, path: Path, folder: Path) -> None:
        """Give something to whoever a submission belongs to."""
        self.accounts.give(path, folder.name.split("+")[0])

    def collect(self, student: str = "*", **traits: Any) -> ExchangeCollect:
        """Collect, and give what did it."""
        course = self.course(student)
        step = nbgrader_api.exchange(course, self.config, "Collect", **traits)
        assert isinstance(step, ExchangeCollect)
        nbgrader_api.run(step)
        return step

    def course(self, student: str = "*") -> Any:
        return nbgrader_api.course_directory(
            self.config, root=str(self.small.root), assignment_id=TOPIC, student_id=student
        )

    def api(self) -> NbGraderAPI:
        """Give what the formgrader's buttons call."""
        return NbGraderAPI(self.course(), config=self.config)

    def due(self, date: datetime) -> None:
        with self.small.gradebook() as book:
            book.update_or_create_assignment(TOPIC, duedate=date)

    def collected(self) -> dict[str, str]:
        """Give what lies in `submitted/`, by student."""
        found = (self.small.root / "submitted").glob(f"*/{TOPIC}/one.ipynb")
        return {path.parent.parent.name: path.read_text() for path in found}

    def time(self, student: str) -> datetime:
        """Give when a collected submission was handed in."""
        time = self.course().get_existing_timestamp(str(self.small.submitted(student)))
        assert time is not None
        return time

    def everything(self) -> list[Path]:
        """List all in `submitted/` that a collection may have left."""
        return sorted((self.small.root / "submitted").rglob("*"))


@contextmanager
def exchange_of(small: SmallClass, folder: Path):
    """Make an exchange for a small class."""
    with pytest.MonkeyPatch.context() as patch:
        yield Exchange(small, folder, Accounts(patch))
