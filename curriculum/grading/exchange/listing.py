"""`nbgrader list --inbound` that one strange folder can't stop."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeList as NbgraderList

from curriculum.grading.exchange.carry import Bounds, Submission
from curriculum.grading.exchange.names import Refused


class ExchangeList(NbgraderList):
    """List submissions one by one; what can't be read is told and left out."""

    assignments: list[str]

    def parse_assignments(self) -> list[dict[str, Any]]:
        """Describe what was found; of submissions, those of one student and topic together."""
        if not self.inbound:
            return super().parse_assignments()
        found = self.assignments
        read: list[str] = []
        together: dict[tuple[str, ...], dict[str, Any]] = {}
        for path in found:
            try:
                self._look(path)
                self.assignments = [path]
                described = super().parse_assignments()
            except Exception as error:  # each of nbgrader's steps has its own
                reason = str(error) or type(error).__name__
                self.log.warning("Left out %s: %s", ascii(Path(path).name), reason)
                continue
            read.append(path)
            for one in described:
                key = (one["course_id"], one["student_id"], one["assignment_id"])
                together.setdefault(key, {**one, "submissions": []})
                together[key]["submissions"] += one["submissions"]
        self.assignments = read
        for one in together.values():
            one["submissions"].sort(key=lambda submission: submission["timestamp"])
        return [together[key] for key in sorted(together)]

    def _look(self, path: str) -> None:
        """Refuse what nbgrader would stop at, or wait for: pipes, links, what can't be written."""
        folder, name = os.path.split(path)
        if not name.isprintable():
            raise Refused("its name holds what can't be shown.")
        bounds = Bounds.of(self.coursedir)
        with _opened(folder) as inbound, closing(Submission(inbound, name, bounds)) as submission:
            submission.look()


@contextmanager
def _opened(folder: str) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
