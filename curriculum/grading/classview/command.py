"""The body of `curriculum class view`: where the pages are written, and what is never overwritten.

A class view has everybody's names and grades. It is written where nbgrader releases nothing from,
into files and folders that their owner alone can read.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from curriculum import files
from curriculum.grading.classview import View, notebook, page
from curriculum.grading.classview.source import Source
from curriculum.grading.nbgrader_api import GradingError

FOLDER = "class_view"
INDEX = "index"

_SIGNATURE = re.compile(r"<!-- curriculum class view ([0-9a-f]{64}) -->\n\Z")


def view(options: argparse.Namespace, root: Path) -> None:
    """Write the class view of a topic, or of all, and say where."""
    source = Source.of(root)
    folder = _folder(options.to, root, source)
    shown = source.numbers([options.topic] if options.topic else [])
    made = datetime.now(UTC)
    names = {topic: file_name(topic) for topic in shown}
    with _for_the_owner_alone():
        _make(folder, is_ours=options.to is None and not (root / FOLDER).is_symlink())
        for topic, numbers in shown.items():
            _say(_write(folder / f"{names[topic]}.html", page.page(numbers, made)))
            text = notebook.notebook(View(numbers), root, made)
            _say(_write(folder / f"{names[topic]}.ipynb", text))
        if not options.topic:
            rows = [(names[topic], numbers) for topic, numbers in shown.items()]
            _say(_write(folder / f"{INDEX}.html", page.index(rows, made)))


def _say(written: tuple[Path, Path]) -> None:
    path, wanted = written
    print(path)
    if path != wanted:
        print(f"  ({wanted.name} was changed by somebody, and is left as it is.)")


def file_name(topic: str) -> str:
    """Give the name of a topic's files, without a suffix: one that every file system takes."""
    plain = re.sub(r"[^\w.-]", "_", topic, flags=re.ASCII).lstrip(".-")[:100]
    if plain == topic and plain != INDEX:
        return plain
    return f"{plain}_{hashlib.sha256(topic.encode(errors='surrogateescape')).hexdigest()[:8]}"


# Where.


def _folder(asked: Path | None, root: Path, source: Source) -> Path:
    """Decide where to write.

    Raises
    ------
    GradingError
        Students could get it from there, or nbgrader would take it for something else.
    """
    folder = Path(os.path.realpath(asked if asked is not None else root / FOLDER))
    course = source.course
    steps = (
        course.release_directory,
        course.source_directory,
        course.submitted_directory,
        course.autograded_directory,
        course.feedback_directory,
    )
    places = [Path(course.root, step) for step in steps]
    for place in [*places, *([source.exchange] if source.exchange else [])]:
        if folder.is_relative_to(os.path.realpath(place)):
            raise GradingError(
                f"{folder} lies in {place}, which nbgrader shares with students or reads"
                " submissions from: name another folder with --to."
            )
    if folder.exists() and not folder.is_dir():
        raise GradingError(f"{folder} is no folder: name another one with --to.")
    return folder


@contextmanager
def _for_the_owner_alone() -> Iterator[None]:
    """Let no file or folder that is made be read by anybody else, not for a moment."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _make(folder: Path, *, is_ours: bool) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if is_ours:  # one that the user has named may be shared on purpose; the files are not
            folder.chmod(0o700)
    except OSError as error:
        raise GradingError(f"{folder} can't be made: {error.strerror or error}.") from None


# What.


def _write(wanted: Path, text: str) -> tuple[Path, Path]:
    """Write a file, beside what somebody has changed; gives where it is and where it was to be."""
    is_page = wanted.suffix == ".html"
    path = _free(wanted, _is_signed if is_page else notebook.is_untouched)
    files.write_text(path, _signed(text) if is_page else text)
    return path, wanted


def _free(wanted: Path, is_untouched: Callable[[str], bool]) -> Path:
    """Find the first of `topic.html`, `topic_2.html`, … that holds nothing of anybody's."""
    number, path = 1, wanted
    while os.path.lexists(path) and not _may_go(path, is_untouched):
        number += 1
        path = wanted.with_name(f"{wanted.stem}_{number}{wanted.suffix}")
    return path


def _may_go(path: Path, is_untouched: Callable[[str], bool]) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and is_untouched(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False


def _signed(text: str) -> str:
    return f"{text}<!-- curriculum class view {_digest(text)} -->\n"


def _is_signed(text: str) -> bool:
    found = _SIGNATURE.search(text)
    return found is not None and found[1] == _digest(text[: found.start()])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
