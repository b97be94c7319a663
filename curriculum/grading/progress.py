"""What an instructor sees while a class is graded: a live line in a terminal, plain lines else."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TextIO

from curriculum.grading.class_run import GRADED, MENDED, RED, UNCHANGED, Listener, Row
from curriculum.grading.intake import shown

_COLOURS = {RED: "31", MENDED: "33", GRADED: "32", UNCHANGED: "2"}
_WORDS = {GRADED: "graded", MENDED: "mended", RED: "RED", UNCHANGED: "unchanged"}


class Progress(Listener):
    """Writes a row for each submission and, in a terminal, a status line below them.

    Parameters
    ----------
    out : TextIO
        Where to.
    clock : callable
        Gives seconds.
    """

    def __init__(
        self, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._out = out or sys.stdout
        self._clock = clock
        self._live = self._out.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = self._live and "NO_COLOR" not in os.environ
        self._began = clock()
        self._total = self._unchanged = self._done = self._red = self._running = 0

    def begin(self, total: int, unchanged: int) -> None:
        """Say how much there is to do."""
        self._total, self._unchanged, self._began = total, unchanged, self._clock()
        new = total - unchanged
        said = f"{counted(new, 'submission')} to grade"
        self._line(f"{said}, {unchanged} unchanged." if unchanged else f"{said}.")
        self._status()

    def running(self, submissions: int, notebooks: int) -> None:
        """Show how many notebooks are with the workers."""
        self._running = notebooks
        self._status()

    def finished(self, row: Row) -> None:
        """Write a submission's row."""
        known = row.points is None and row.seconds == 0
        self._done += not known
        self._red += row.verdict == RED
        self._line(self._row(row))
        self._status()

    def remark(self, sentence: str) -> None:
        """Write a sentence about the whole run."""
        self._line(sentence)
        self._status()

    def end(self) -> None:
        """Take the status line away."""
        self._clear()
        self._out.flush()

    def _row(self, row: Row) -> str:
        word = f"{_WORDS[row.verdict]:9}"
        if self._colour:
            word = f"\x1b[{_COLOURS[row.verdict]}m{word}\x1b[0m"
        points = "" if row.points is None else f"{row.points:g} of {row.most:g} points"
        hand = ", answers wait for a person" if row.by_hand else ""
        took = f" ({row.seconds:.1f} s)" if row.points is not None else ""
        signs = ", signs of tampering" if row.signs else ""
        said = f"{word} {shown(row.student)}: {points}{hand}{signs}{took}".rstrip(": ")
        return "\n".join([said, *(f"          {shown(note.text)}" for note in row.notes)])

    def _status(self) -> None:
        if not self._live:
            return
        left = self._total - self._unchanged - self._done
        parts = [f"{self._done} done", f"{self._running} notebooks running", f"{self._red} red"]
        minutes = (self._clock() - self._began) / 60
        if self._done and minutes > 0:
            rate = self._done / minutes
            parts += [f"{rate:.0f} a minute", f"{_duration(60 * left / rate)} left"]
        width = shutil.get_terminal_size().columns
        self._clear()
        self._out.write(" · ".join(parts)[: width - 1])
        self._out.flush()

    def _line(self, text: str) -> None:
        self._clear()
        self._out.write(text + "\n")
        self._out.flush()

    def _clear(self) -> None:
        if self._live:
            self._out.write("\r\x1b[K")


def summary(rows: Iterable[Row], seconds: float) -> str:
    """Say in words what a run came to."""
    rows = list(rows)
    count = Counter(row.verdict for row in rows)
    new = [row for row in rows if row.points is not None]
    rate = f", {60 * len(new) / seconds:.0f} a minute" if seconds and new else ""
    said = [f"{counted(len(new), 'submission')} graded in {_duration(seconds)}{rate}"]
    if count[UNCHANGED]:
        said.append(f"{count[UNCHANGED]} unchanged")
    if count[MENDED]:
        said.append(f"{count[MENDED]} mended")
    text = "; ".join(said) + "."
    waiting = sum(row.by_hand for row in rows)
    if waiting:
        text += f" {counted(waiting, 'submission')} with answers that wait for a person."
    seen = [f"{shown(row.student)} ({', '.join(row.signs)})" for row in rows if row.signs]
    if seen:
        text += (
            f" {counted(len(seen), 'submission')} with signs of tampering, which change no grade:"
            f" {', '.join(seen)}. See the comments on their answers in the formgrader."
        )
    red = sorted(row.student for row in rows if row.verdict == RED)
    if red:
        text += f" {len(red)} red: {', '.join(map(shown, red))}."
    return text


def counted(number: int, thing: str) -> str:
    """Write a number of things: "1 submission", "2 submissions"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
