"""`nbgrader collect` that trusts nothing in the exchange but what the kernel says of it."""

from __future__ import annotations

import errno
import fcntl
import fnmatch
import os
import re
import secrets
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.exchange.default import ExchangeCollect as NbgraderCollect
from nbgrader.utils import check_mode, parse_utc
from traitlets import Bool, Float, Integer, TraitError, Unicode, validate

from curriculum import files
from curriculum.grading import intake
from curriculum.grading.exchange import names
from curriculum.grading.exchange.carry import Bounds, Submission, account
from curriculum.grading.exchange.names import Named, Refused

TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"
MOST_LINES = 100
"""Refusals that are told one by one; after them, only how many there are."""

_TELLING = 5
"""Submissions whose times differ, from which on the exchange itself is suspected."""
_KEY = re.compile(r"[ -~]{1,1000}")
_TOO_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Refusal:
    """Something in the exchange that is not taken.

    Parameters
    ----------
    name : str
        Its name in the exchange's folder `inbound`.
    reason : str
        Why, in a sentence.
    again : bool
        It may be good the next time.
    """

    name: str
    reason: str
    again: bool = False


@dataclass(frozen=True)
class _Candidate:
    """A submission that looks good."""

    named: Named
    changed: int
    time: datetime


class ExchangeCollect(NbgraderCollect):
    """Collect submissions one by one; what is wrong with one stops no other."""

    receivers_time = Bool(
        True,
        help="Whether a submission's time is when the exchange got it, as the file system says,"
        " where that differs from what its name says. Turn it off for an exchange whose files were"
        " moved, restored or given other rights: they count as changed then.",
    ).tag(config=True)

    slack_seconds = Float(
        60.0,
        min=0,
        help="How far both times may be apart for the name's to count: as long as a slow copy"
        " takes, and as far as clocks differ.",
    ).tag(config=True)

    most_files = Integer(
        intake.MOST_FILES, min=1, help="How many files and folders a submission may have."
    ).tag(config=True)

    deepest = Integer(
        intake.DEEPEST, min=0, help="How deep a submission's folders may lie in folders."
    ).tag(config=True)

    student_ids = Unicode(
        names.STUDENT_IDS, help="Regular expression of what a student's id looks like."
    ).tag(config=True)

    @validate("student_ids")
    def _valid_student_ids(self, proposal: dict[str, str]) -> str:
        try:
            re.compile(proposal["value"])
        except re.error as error:
            raise TraitError(f"ExchangeCollect.student_ids is no pattern: {error}") from None
        return proposal["value"]

    # What there is.

    def init_src(self) -> None:
        """List what is in the exchange, and sort out what is refused."""
        self.refused: list[Refusal] = []
        self.remarks: list[str] = []
        self.in_place: set[str] = set()
        self._failed: list[str] = []
        self._collected = self._forged = 0
        if not self.coursedir.course_id:
            self.fail("No course id specified. Re-run with --course flag.")
        self.course_path = str(Path(self.root, self.coursedir.course_id))
        self.inbound_path = str(Path(self.course_path, "inbound"))
        if not Path(self.inbound_path).is_dir():
            self.fail(f"Course not found: {self.inbound_path}")
        if not check_mode(self.inbound_path, read=True, execute=True):
            self.fail(f"You don't have read permissions for the directory: {self.inbound_path}")
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            known = {assignment.name: assignment.duedate for assignment in book.assignments}
        self.duedate = known.get(self.coursedir.assignment_id)
        others = {*known, *self._released()}
        self._candidates: dict[str, list[_Candidate]] = defaultdict(list)
        with self._inbound() as inbound:
            for name in sorted(os.listdir(inbound)):  # noqa: PTH208
                self._sort_out(inbound, name, others)

    def _released(self) -> list[str]:
        try:
            return [path.name for path in Path(self.course_path, "outbound").iterdir()]
        except OSError:
            return []

    @contextmanager
    def _inbound(self) -> Iterator[int]:
        descriptor = os.open(self.inbound_path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _sort_out(self, inbound: int, name: str, others: set[str]) -> None:
        """Look at one name in the exchange: a candidate, a refusal, or nothing of this topic."""
        topic, wanted = self.coursedir.assignment_id, self.coursedir.student_id or "*"
        student = names.student_of(name, topic)
        if student is None and name.startswith("."):
            return  # a file system's own
        if not fnmatch.fnmatchcase(student or "", wanted):
            return
        try:
            named = names.read(name, topic, others, re.compile(self.student_ids))
            if named is not None:
                with closing(self._opened(inbound, named)) as submission:
                    changed = submission.look()
                time = self._time(named, changed)
                self._candidates[named.student].append(_Candidate(named, changed, time))
        except Refused as why:
            self._refuse(name, why)

    def _opened(self, inbound: int, named: Named) -> Submission:
        submission = Submission(inbound, named.name, self._bounds())
        owner = account(submission.owner)
        if self.check_owner and owner != named.student:
            submission.close()
            self._forged += 1
            raise Refused(f"it says that it is {named.student}'s, but belongs to {owner}.")
        return submission

    def _bounds(self) -> Bounds:
        # Where all have one account, a second name may be that of another's file.
        links = self.check_owner
        return Bounds.of(self.coursedir, files=self.most_files, deepest=self.deepest, links=links)

    def _time(self, named: Named, changed: int) -> datetime:
        """Decide when a submission was handed in, in UTC."""
        arrived = _as_time(changed)
        close = abs(arrived - named.claimed) <= timedelta(seconds=self.slack_seconds)
        return arrived if self.receivers_time and not close else named.claimed

    # Taking it.

    def copy_files(self) -> None:
        """Fetch the newest good submission of each student."""
        topic = self.coursedir.assignment_id
        if not self._candidates:
            course = self.coursedir.course_id
            self.log.warning(f"No submissions of '{topic}' for course '{course}' to collect")
        with self._inbound() as inbound:
            for student in sorted(self._candidates):
                self._collect_one(inbound, student)
        self._sum_up()

    def _collect_one(self, inbound: int, student: str) -> None:
        for candidate in self._in_order(self._candidates[student]):
            try:
                self._take(inbound, candidate)
            except Refused as why:
                self._refuse(candidate.named.name, why)
                continue
            except OSError as error:
                if error.errno in _TOO_FULL:
                    self.fail(f"The disk is full: {student}'s submission can't be written.")
                reason = error.strerror or str(error)
                self._failed.append(f"{student}'s submission can't be written: {reason}.")
                self.log.error(self._failed[-1])
            return

    def _in_order(self, candidates: list[_Candidate]) -> list[_Candidate]:
        """Put what is to be collected first; the others are taken where that one can't be."""
        newest_first = sorted(candidates, key=lambda one: (one.time, one.named.name), reverse=True)
        due = self.duedate
        if not self.before_duedate or due is None:
            return newest_first
        return sorted(newest_first, key=lambda one: one.time > due)

    def _take(self, inbound: int, candidate: _Candidate) -> None:
        student, topic = candidate.named.student, self.coursedir.assignment_id
        step = self.coursedir.submitted_directory
        final = Path(os.path.normpath(self.coursedir.format_path(step, student, topic)))
        final.parent.mkdir(parents=True, exist_ok=True)
        with _alone(final.parent):
            there = _is_there(final)
            if there and not self._is_wanted(candidate.time, time_in(final)):
                self._leave(student)
                return
            with files.scratch_beside(final) as scratch:
                ours = self._receive(inbound, candidate, scratch)
                if there and _same(scratch, final, ours):
                    self._keep(student, final, candidate.time)
                    return
                verb = "Updating" if there else "Collecting"
                self.log.info(f"{verb} submission: {student} {topic}")
                (scratch / TIMESTAMP).write_text(_written(candidate.time))
                self._share(scratch)
                files.put_in_place(scratch, final)
        self._collected += 1
        self.in_place.add(student)
        self._remark_on_time(candidate)

    def _is_wanted(self, time: datetime, before: datetime | None) -> bool:
        if self.before_duedate:
            return before != time
        if not self.update:
            return False
        # With the receiver's times off, one that was given by mistake is taken back.
        return before is None or time > before or (not self.receivers_time and time != before)

    def _leave(self, student: str) -> None:
        topic = self.coursedir.assignment_id
        if self.update:
            self.log.info(f"No newer submission to collect: {student} {topic}")
        else:
            self.log.info(f"Submission already exists, use --update to update: {student} {topic}")
        self.in_place.add(student)

    def _keep(self, student: str, final: Path, time: datetime) -> None:
        """Let what was collected before stay: only its files' times have changed since."""
        before = time_in(final)
        if before is None or time < before:
            files.write_text(final / TIMESTAMP, _written(time))
        self._leave(student)

    def _receive(self, inbound: int, candidate: _Candidate, scratch: Path) -> tuple[str, ...]:
        """Copy a submission; gives the names of the files that are not the student's."""
        with closing(self._opened(inbound, candidate.named)) as submission:
            if submission.copy(scratch) != candidate.changed:
                raise Refused("it has changed since it was looked at.", again=True)
        for name in (TIMESTAMP, SECRET):
            if (scratch / name).is_dir():
                raise Refused(f"{name} is a folder.")
        if _has_key(scratch / SECRET):
            return (TIMESTAMP,)
        # Without one, feedback could be released to nobody: nbgrader stops at the first that lacks.
        (scratch / SECRET).write_text(secrets.token_hex(64))
        return (TIMESTAMP, SECRET)

    def _share(self, scratch: Path) -> None:
        """Let other instructors write, where the course is theirs too."""
        if not self.coursedir.groupshared:
            return
        for path in (scratch, *scratch.rglob("*")):
            path.chmod(0o2775 if path.is_dir() else 0o664)

    # Telling it.

    def _refuse(self, name: str, why: Refused) -> None:
        self.refused.append(Refusal(name, str(why), why.again))
        if len(self.refused) <= MOST_LINES:
            # Of what looks like an ASCII letter and is none, its number is shown.
            self.log.warning("Refused %s: %s", ascii(name), why)

    def _remark_on_time(self, candidate: _Candidate) -> None:
        named = candidate.named
        if candidate.time != named.claimed:
            self.remarks.append(
                f"{named.student}: the submission says {named.claimed:%Y-%m-%d %H:%M:%S}, but came"
                f" at {candidate.time:%Y-%m-%d %H:%M:%S} UTC; that is its time."
            )
            self.log.warning(self.remarks[-1])

    def _sum_up(self) -> None:
        if len(self.remarks) >= _TELLING and 2 * len(self.remarks) > self._collected:
            self.log.warning(
                "Most submissions say another time than they came at. If the exchange was moved or"
                " restored, or its files were given other rights, that is why: collect with"
                " --update --ExchangeCollect.receivers_time=False, and what they say counts."
            )
        if self._forged and not self.in_place:
            self.log.warning(
                "Where all students share one account, collect with"
                " c.ExchangeCollect.check_owner = False: then a name is all that says whose it is."
            )
        said = f"{self._collected} collected, {len(self.in_place) - self._collected} as before"
        if self.refused:
            said += f", {len(self.refused)} refused; what is refused stays in the exchange"
        self.log.info(f"{said}.")
        if self._failed:
            self.fail(f"{len(self._failed)} could not be written. {self._failed[0]}")


def time_in(folder: Path) -> datetime | None:
    """Read when a collected submission was handed in."""
    try:
        text = intake.read_bytes(folder / TIMESTAMP, 1000).decode().strip()
        return parse_utc(text) if text else None
    except (intake.Unreadable, ValueError, OverflowError):
        return None


def _written(time: datetime) -> str:
    return f"{time.isoformat(' ')} UTC"


def _as_time(nanoseconds: int) -> datetime:
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    time = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return time + timedelta(microseconds=rest // 1000)


def _has_key(path: Path) -> bool:
    """Tell whether a file holds what nbgrader can name feedback by."""
    try:
        return bool(_KEY.fullmatch(intake.read_bytes(path, 1000).decode("ascii").strip()))
    except (intake.Unreadable, UnicodeDecodeError):
        return False


def _is_there(final: Path) -> bool:
    if os.path.lexists(final) and (final.is_symlink() or not final.is_dir()):
        raise NotADirectoryError(errno.ENOTDIR, f"{final} is in the way")
    return final.exists()


def _same(one: Path, other: Path, but: tuple[str, ...]) -> bool:
    """Tell whether two submissions hold the same files, but for some at the top."""
    digests = [intake.look("", folder, but).digest for folder in (one, other)]
    return digests[0] == digests[1]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep others that collect into a folder waiting."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # some network file systems have no locks of folders
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
