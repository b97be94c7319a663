"""nbgrader's exchange as a student's server has it: what it does, it asks of the course's desk.

With `into(c)` in `nbgrader_config.py`, nbgrader's commands and its Assignment List work as ever.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgpack
import nbformat
from nbgrader.exchange import abc

from curriculum import files as disk
from curriculum.hub.exchange import bundle
from curriculum.learner import work

ADDRESS, COURSE = "CURRICULUM_EXCHANGE", "CURRICULUM_COURSE"
RECEIPTS = "receipts"
FEEDBACK = "feedback"
_PATIENCE = httpx.Timeout(120.0, connect=30.0)


class DeskError(Exception):
    """The desk did not do what it was asked; the message is a sentence that says why."""


@dataclass(frozen=True)
class Paths:
    """Where a student has what.

    Parameters
    ----------
    home : Path
        The folder with their topics.
    """

    home: Path

    def topic(self, topic: str) -> Path:
        """Give where they work on a topic."""
        return self.home / topic

    def receipt(self, receipt: dict[str, Any]) -> Path:
        """Give where the receipt of a submission is kept."""
        time = receipt["time"][:19].replace(":", ".").replace("T", " ")
        return self.home / RECEIPTS / f"{receipt['topic']} {time} no {receipt['number']}.json"

    def feedback(self, submission: dict[str, Any]) -> Path:
        """Give where feedback to a submission is laid."""
        return self.topic(submission["topic"]) / FEEDBACK / submission["folder"].split("+")[2]


class DeskClient:
    """Ask the course's desk.

    Parameters
    ----------
    paths : Paths
        Where the student's files are.
    """

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        try:
            self._base = os.environ[ADDRESS]
            token = os.environ["JUPYTERHUB_API_TOKEN"]
        except KeyError:
            raise DeskError(
                "This is not a server of a class: start yours from the class's page."
            ) from None
        self._headers = {"Authorization": f"token {token}"}

    def overview(self) -> dict[str, Any]:
        """Give released topics, and the student's submissions."""
        return self._ask("GET", "").json()

    def fetch(self, topic: str) -> list[str]:
        """Bring a topic; what is there already stays as it is.

        Returns
        -------
        list of str
            The files that were brought.
        """
        files = self._files(f"topics/{quote(topic, safe='')}")
        brought = []
        for path, content in files.items():
            target = self.paths.topic(topic) / path
            if target.exists():
                continue
            disk.write_bytes(target, content)
            brought.append(path)
            if path.endswith(".ipynb"):
                # Signed, its header and its button are there when it opens.
                work.trust(nbformat.reads(content.decode(), 4))
        return brought

    def submit(self, topic: str) -> dict[str, Any]:
        """Hand in a topic as it is saved.

        Returns
        -------
        dict
            The receipt, which is kept in a file as well.
        """
        folder = self.paths.topic(topic)
        if not folder.is_dir():
            raise DeskError(f"There is no folder {topic} here: fetch the topic first.")
        try:
            files = bundle.read(folder, bundle.Bounds(), leave_out={FEEDBACK})
        except bundle.Malformed as why:
            raise DeskError(str(why)) from None
        except OSError as why:
            raise DeskError(f"{why.filename} can't be read: {why.strerror}.") from None
        message = bundle.pack(files)
        receipt = self._ask(
            "POST", f"topics/{quote(topic, safe='')}/submissions", content=message
        ).json()
        if receipt["digest"] != bundle.digest(files):
            raise DeskError("What came to the class is not what you sent: submit again.")
        disk.write_text(self.paths.receipt(receipt), json.dumps(receipt, indent=1) + "\n")
        return receipt

    def fetch_feedback(self, submission: dict[str, Any]) -> list[Path]:
        """Bring the feedback to one submission."""
        pages = self._files(f"submissions/{submission['number']}/feedback")
        folder = self.paths.feedback(submission)
        for name, page in pages.items():
            disk.write_bytes(folder / name, page)
        return [folder / name for name in pages]

    def _files(self, path: str) -> bundle.Files:
        answer = self._ask("GET", path)
        files: bundle.Files = msgpack.unpackb(answer.content, raw=False)
        bundle.check(files, bundle.Bounds(size=500_000_000, files=5000))
        return files

    def _ask(self, method: str, path: str, **said: Any) -> httpx.Response:
        try:
            answer = httpx.request(
                method,
                self._base + path,
                headers=self._headers,
                timeout=_PATIENCE,
                trust_env=False,
                **said,
            )
        except httpx.HTTPError as error:
            raise DeskError(
                f"The class can't be reached ({type(error).__name__}). Your work is safe: try again"
                " in a minute, and tell your teacher if that doesn't help."
            ) from None
        if answer.is_error:
            raise DeskError(_reason(answer))
        return answer


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"The class answered with an error ({answer.status_code}): try again in a minute."


def sha256(path: Path) -> str:
    """Give a file's SHA-256, or nothing where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


class _Asking(abc.Exchange):
    """What nbgrader's four steps share here."""

    def init_src(self) -> None:
        self.desk = DeskClient(Paths(Path(self.assignment_dir).resolve()))
        self.topic = self.coursedir.assignment_id
        course = self.coursedir.course_id
        if course not in ("", "*", os.environ.get(COURSE)):
            self.fail(f"There is no course {course!r} here, only {os.environ.get(COURSE)}.")

    def init_dest(self) -> None:
        pass

    def asked(self, do: Any, *arguments: Any) -> Any:
        try:
            return do(*arguments)
        except (DeskError, disk.WriteError) as why:
            self.fail(str(why))


class FetchAssignment(_Asking, abc.ExchangeFetchAssignment):
    """`nbgrader fetch_assignment`: files that are there stay as they are."""

    def copy_files(self) -> None:
        """Fetch."""
        brought = self.asked(self.desk.fetch, self.topic)
        if not brought:
            self.log.warning("All files of %s are there already, and stay as they are.", self.topic)
        for path in brought:
            self.log.info("Fetched %s", self.desk.paths.topic(self.topic) / path)


class Submit(_Asking, abc.ExchangeSubmit):
    """`nbgrader submit`."""

    def copy_files(self) -> None:
        """Submit, and keep the receipt."""
        receipt = self.asked(self.desk.submit, self.topic)
        self.log.info(
            "Submitted as: %s %s %s", receipt["course"], receipt["topic"], receipt["time"]
        )
        self.log.info("Receipt no. %s, code %s", receipt["number"], receipt["code"])


class FetchFeedback(_Asking, abc.ExchangeFetchFeedback):
    """`nbgrader fetch_feedback`."""

    def copy_files(self) -> None:
        """Fetch all there is."""
        found = self.asked(self.desk.overview)["submissions"]
        mine = [one for one in found if one["topic"] == self.topic and one["feedback"]]
        if not mine:
            self.log.warning("There is no feedback to %s yet.", self.topic)
        for submission in mine:
            for path in self.asked(self.desk.fetch_feedback, submission):
                self.log.info("Fetched feedback: %s", path)


class List(_Asking, abc.ExchangeList):
    """`nbgrader list`, and what the Assignment List shows."""

    def copy_files(self) -> None:
        """Ask."""
        self.found = self.asked(self.desk.overview)

    def list_files(self) -> list[dict[str, Any]]:
        """Give it in nbgrader's form."""
        listed = self._submitted() if self.inbound or self.cached else self._released()
        for one in listed:
            self.log.info("%s %s", one["course_id"], one["assignment_id"])
        return listed

    def remove_files(self) -> list[dict[str, Any]]:
        """Refuse: nobody takes back what was handed in."""
        self.fail("What has been handed in stays.")
        return []

    def _wanted(self, topic: str) -> bool:
        return self.topic in ("", "*", topic)

    def _released(self) -> list[dict[str, Any]]:
        return [self._topic(one) for one in self.found["topics"] if self._wanted(one["topic"])]

    def _topic(self, one: dict[str, Any]) -> dict[str, Any]:
        folder = self.desk.paths.topic(one["topic"])
        fetched = folder.is_dir()
        names = [p.stem for p in sorted(folder.glob("*.ipynb"))] if fetched else one["notebooks"]
        return {
            "course_id": self.found["course"],
            "assignment_id": one["topic"],
            "status": "fetched" if fetched else "released",
            "path": str(folder),
            "notebooks": [
                {"notebook_id": name, "path": str(folder / f"{name}.ipynb")} for name in names
            ],
        }

    def _submitted(self) -> list[dict[str, Any]]:
        together: dict[str, list[dict[str, Any]]] = {}
        for one in self.found["submissions"]:
            if self._wanted(one["topic"]):
                together.setdefault(one["topic"], []).append(self._submission(one))
        return [
            {
                "course_id": self.found["course"],
                "student_id": self.found["student"],
                "assignment_id": topic,
                "status": "submitted",
                "submissions": submissions,
            }
            for topic, submissions in together.items()
        ]

    def _submission(self, one: dict[str, Any]) -> dict[str, Any]:
        folder = self.desk.paths.feedback(one)
        notebooks = []
        for name, mark in one["feedback"].items():
            page = folder / f"{name}.html"
            notebooks.append(
                {
                    "notebook_id": name,
                    "path": str(page),
                    "has_local_feedback": page.is_file(),
                    "has_exchange_feedback": True,
                    "local_feedback_path": str(page) if page.is_file() else None,
                    "feedback_updated": page.is_file() and sha256(page) != mark,
                }
            )
        local = bool(notebooks) and all(page["has_local_feedback"] for page in notebooks)
        return {
            "course_id": one["course"],
            "student_id": one["student"],
            "assignment_id": one["topic"],
            "timestamp": one["folder"].split("+")[2],
            "status": "submitted",
            "path": str(self.desk.paths.topic(one["topic"])),
            "notebooks": notebooks,
            "has_local_feedback": local,
            "has_exchange_feedback": bool(notebooks),
            "feedback_updated": any(page["feedback_updated"] for page in notebooks),
            "local_feedback_path": str(folder) if local else None,
        }


def into(c: Any) -> None:
    """Have nbgrader ask the desk.

    Parameters
    ----------
    c : traitlets.config.Config
        As `get_config()` gives it.
    """
    c.CourseDirectory.course_id = os.environ.get(COURSE, "")
    c.Exchange.assignment_dir = os.environ.get("CURRICULUM_LAB_ROOT", ".")
    c.ExchangeFactory.exchange = _Asking
    c.ExchangeFactory.fetch_assignment = FetchAssignment
    c.ExchangeFactory.submit = Submit
    c.ExchangeFactory.fetch_feedback = FetchFeedback
    c.ExchangeFactory.list = List
