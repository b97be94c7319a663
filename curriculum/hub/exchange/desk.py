"""What a course's desk does: give out topics, take submissions, give receipts and feedback.

It keeps to nbgrader's own layout of an exchange (`outbound/`, `inbound/`, `feedback/`), so that
nbgrader releases and collects there. Nobody else writes to `inbound/`.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import secrets
import shutil
import sqlite3
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.utils import notebook_hash

from curriculum.hub.exchange import bundle
from curriculum.hub.exchange.receipts import Receipt, Receipts

TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"
_UNFINISHED = ".unfinished-"
_TIME = "%Y-%m-%d %H:%M:%S.%f UTC"
_STUDENT = re.compile(r"[a-z][a-z0-9_.-]{0,31}")
_TOPIC = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_log = logging.getLogger("exchange")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Refused(Exception):
    """What the desk doesn't do.

    Parameters
    ----------
    status : int
        HTTP's number for it.
    reason : str
        A sentence for who asked, which says what to do.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Limits:
    """What the desk takes.

    Parameters
    ----------
    bundle : Bounds
        Of one submission.
    submissions : int
        How many of one student for one topic.
    kept : int
        Bytes of all of one student's submissions.
    spare : int
        Bytes of the disk that stay free.
    """

    bundle: bundle.Bounds = field(default_factory=bundle.Bounds)
    submissions: int = 200
    kept: int = 1_000_000_000
    spare: int = 200_000_000


class Desk:
    """The desk of one course.

    Parameters
    ----------
    course : str
        Its id.
    root : Path
        The course's folder in the exchange.
    limits : Limits
        What it takes.
    """

    def __init__(self, course: str, root: Path, limits: Limits | None = None) -> None:
        self.course, self.root = course, root
        self.limits = limits or Limits()
        for name in ("outbound", "inbound", "feedback"):
            (root / name).mkdir(parents=True, exist_ok=True)
        self.receipts = Receipts(root / "receipts.sqlite")
        self._tidy_up()

    # Topics.

    def topics(self) -> list[dict[str, Any]]:
        """List what has been released."""
        found = sorted(path for path in (self.root / "outbound").iterdir() if path.is_dir())
        return [self._topic(path) for path in found if _TOPIC.fullmatch(path.name)]

    def _topic(self, folder: Path) -> dict[str, Any]:
        notebooks = {
            path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.glob("*.ipynb"))
        }
        return {"topic": folder.name, "notebooks": notebooks}

    def fetch(self, topic: str) -> bundle.Files:
        """Give a topic's files.

        Raises
        ------
        Refused
            There is no such topic.
        """
        return bundle.read(self._released(topic), bundle.Bounds(size=500_000_000, files=5000))

    def _released(self, topic: str) -> Path:
        folder = self.root / "outbound" / topic
        if not _TOPIC.fullmatch(topic) or not folder.is_dir():
            raise Refused(404, f"There is no topic {topic[:80]!a}: look at the list again.")
        return folder

    # Submissions.

    def submit(self, student: str, topic: str, message: bytes) -> Receipt:
        """Take a submission.

        Parameters
        ----------
        student : str
            Who hands in, as the hub says.
        topic : str
            What for.
        message : bytes
            The files; see `bundle.pack`.

        Returns
        -------
        Receipt
            The submission is on the disk when it is given.

        Raises
        ------
        Refused
            Nothing was taken.
        """
        if not _STUDENT.fullmatch(student):
            raise Refused(403, f"{student[:80]!a} is no name of a student.")
        self._released(topic)
        try:
            files = bundle.unpack(message, self.limits.bundle)
        except bundle.Malformed as why:
            raise Refused(400, str(why)) from None
        if not any(path.endswith(".ipynb") for path in files):
            raise Refused(400, f"There is no notebook in it: fetch {topic} again, and submit that.")
        self._refuse_too_much(student, topic, len(message))
        # Who hands in doesn't say when, nor by which key feedback is found.
        files = {path: files[path] for path in files if path not in (TIMESTAMP, SECRET)}
        try:
            return self._keep(student, topic, files)
        except OSError as error:
            if error.errno in _FULL:
                raise Refused(507, DISK_IS_FULL) from None
            raise

    def _refuse_too_much(self, student: str, topic: str, size: int) -> None:
        earlier = self.receipts.of(student)
        if sum(one.topic == topic for one in earlier) >= self.limits.submissions:
            raise Refused(
                429,
                f"You have handed in {topic} {self.limits.submissions} times, which is the most;"
                " the last one counts. Ask your teacher if that is wrong.",
            )
        if sum(one.size for one in earlier) + size > self.limits.kept:
            raise Refused(
                429,
                f"Your submissions have {self.limits.kept / 1e6:g} MB in all, which is the most:"
                " ask your teacher.",
            )
        if shutil.disk_usage(self.root).free - 2 * size < self.limits.spare:
            raise Refused(507, DISK_IS_FULL)

    def _keep(self, student: str, topic: str, files: bundle.Files) -> Receipt:
        inbound = self.root / "inbound"
        scratch = inbound / f"{_UNFINISHED}{secrets.token_hex(8)}"
        now = datetime.now(UTC)
        time = now.strftime(_TIME)
        name = f"{student}+{topic}+{time}+{secrets.token_urlsafe(9)}"
        try:
            scratch.mkdir()
            ours = {TIMESTAMP: time.encode(), SECRET: secrets.token_hex(64).encode()}
            bundle.write({**files, **ours}, scratch)
            said = self._said(student, topic, now, files, name)
            try:
                with self.receipts.adding(**said) as receipt:
                    scratch.rename(inbound / name)
                    _sync(inbound)
            except BaseException:
                # Without a receipt it was not taken: nobody may collect it.
                if (inbound / name).exists():
                    (inbound / name).rename(scratch)
                raise
            return receipt
        except sqlite3.OperationalError as error:
            if "full" in str(error):
                raise Refused(507, DISK_IS_FULL) from None
            raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _said(
        self, student: str, topic: str, time: datetime, files: bundle.Files, folder: str
    ) -> dict[str, Any]:
        return {
            "course": self.course,
            "topic": topic,
            "student": student,
            "time": time.isoformat(timespec="microseconds"),
            "digest": bundle.digest(files),
            "files": len(files),
            "size": sum(len(content) for content in files.values()),
            "folder": folder,
        }

    def _tidy_up(self) -> None:
        """Take away what a desk that was killed had not finished; give what it had its receipt."""
        inbound = self.root / "inbound"
        for left in inbound.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        known = {receipt.folder for receipt in self.receipts.all()}
        for folder in sorted(inbound.iterdir()):
            if folder.name not in known and folder.is_dir():
                self._receive_late(folder)

    def _receive_late(self, folder: Path) -> None:
        # Killed between its last two steps: all of it is here, and nobody was told so.
        try:
            student, topic, _ = folder.name.split("+", 2)
            own = replace(self.limits.bundle, files=self.limits.bundle.files + 2, size=1 << 40)
            files = bundle.read(folder, own)
            time = datetime.strptime(files.pop(TIMESTAMP).decode(), _TIME).replace(tzinfo=UTC)
            del files[SECRET]
        except (ValueError, KeyError, OSError) as error:
            _log.warning("%s was not made by the desk, and has no receipt: %s", folder, error)
            return
        with self.receipts.adding(**self._said(student, topic, time, files, folder.name)):
            pass

    def submissions(self, student: str) -> list[dict[str, Any]]:
        """List a student's submissions, with what feedback there is to each notebook."""
        return [
            {**asdict(receipt), "feedback": self._feedback_marks(receipt)}
            for receipt in self.receipts.of(student)
        ]

    # Feedback.

    def _feedback_marks(self, receipt: Receipt) -> dict[str, str]:
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in self._pages(receipt).items()
        }

    def _pages(self, receipt: Receipt) -> dict[str, Path]:
        folder = self.root / "inbound" / receipt.folder
        try:
            secret = (folder / SECRET).read_text().strip()
        except OSError:
            return {}
        pages = {
            path.stem: self.root
            / "feedback"
            / f"{notebook_hash(secret=secret, notebook_id=path.stem)}.html"
            for path in sorted(folder.glob("*.ipynb"))
        }
        return {name: page for name, page in pages.items() if page.is_file()}

    def feedback(self, student: str, number: int) -> bundle.Files:
        """Give the pages of feedback to one of a student's submissions.

        Raises
        ------
        Refused
            It is not theirs.
        """
        for receipt in self.receipts.of(student):
            if receipt.number == number:
                pages = self._pages(receipt)
                return {f"{name}.html": page.read_bytes() for name, page in pages.items()}
        raise Refused(404, f"You have no submission with the number {number}.")


DISK_IS_FULL = (
    "The class's disk is full, and your submission was not taken. Your work is safe in your own"
    " folder: tell your teacher, and submit again later."
)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
