"""Keep what learner code prints, warns and logs out of the cell's output.

nbgrader gives a test cell no points once anything reaches stderr, so a harmless warning would
cost the learner everything. It is caught here and shown as a note instead.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any, TextIO

from .words import clean, shorten

_KEEP = 4000  # characters kept of each stream; a print inside a long loop must not fill memory
_SHOW = 300  # characters shown of each stream
_IGNORED = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


class _Tape(io.TextIOBase):
    """A text stream that remembers only its first characters."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: Any) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        room = _KEEP - self._size
        if room > 0:
            self._parts.append(text[:room])
            self._size += min(len(text), room)
        return len(text)

    @property
    def text(self) -> str:
        return "".join(self._parts)


class Quiet:
    """Context manager that catches stdout, stderr (also below Python) and warnings.

    Attributes
    ----------
    notes : list of str
        One sentence for each thing caught; filled when the block ends.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._stack = contextlib.ExitStack()
        self._out = _Tape()
        self._err = _Tape()
        self._low = ""
        self._warned: list[warnings.WarningMessage] = []

    def __enter__(self) -> Quiet:
        enter = self._stack.enter_context
        enter(self._below_python())
        enter(_held(sys.stderr, self._err))
        enter(contextlib.redirect_stderr(self._err))
        enter(contextlib.redirect_stdout(self._out))
        recorded = enter(warnings.catch_warnings(record=True))
        self._warned = [] if recorded is None else recorded
        warnings.simplefilter("default")
        for category in _IGNORED:
            warnings.simplefilter("ignore", category)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()
        self.notes = list(self._sentences())

    @contextlib.contextmanager
    def _below_python(self) -> Iterator[None]:
        """Catch what C libraries and child processes write to file descriptor 2."""
        try:
            saved = os.dup(2)
        except OSError:
            yield
            return
        try:
            with tempfile.TemporaryFile() as file:
                _flush(sys.__stderr__)
                os.dup2(file.fileno(), 2)
                try:
                    yield
                finally:
                    _flush(sys.__stderr__)
                    os.dup2(saved, 2)
                    file.seek(0)
                    self._low = file.read(_KEEP).decode("utf-8", "replace")
        finally:
            os.close(saved)

    def _sentences(self) -> Iterator[str]:
        counts = Counter(_warning_text(warning) for warning in self._warned)
        for text, count in list(counts.items())[:3]:
            times = "" if count == 1 else f" ({count} times)"
            yield f"Warning while this ran: {text}{times}"
        for verb, text in (
            ("Printed while this ran", self._out.text),
            ("Written to stderr while this ran", self._err.text + self._low),
        ):
            if text.strip():
                yield f"{verb}: {shorten(clean(text.strip()), _SHOW)}"


def _warning_text(warning: warnings.WarningMessage) -> str:
    try:
        message = str(warning.message)
    except Exception:  # a learner's own warning class may fail to say what it means
        message = "(no text)"
    return shorten(clean(f"{warning.category.__name__}: {message}"), _SHOW)


def _flush(stream: TextIO | None) -> None:
    with contextlib.suppress(Exception):
        if stream is not None:
            stream.flush()


@contextlib.contextmanager
def _held(stream: Any, tape: _Tape) -> Iterator[None]:
    """Divert writes of those who kept the old `sys.stderr`, such as a logging handler."""
    try:
        stream.write = tape.write
    except Exception:  # C streams refuse; their writes are caught below Python
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            del stream.write
