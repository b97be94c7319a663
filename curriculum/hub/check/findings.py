"""What a check finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """Something that is unsafe or won't work.

    Parameters
    ----------
    rank : str
        `ERROR` or `WARNING`.
    sentence : str
        What, why, and what to do.
    """

    rank: str
    sentence: str


def error(sentence: str) -> Finding:
    """Make a finding that must be mended before a class is let in."""
    return Finding(ERROR, sentence)


def warning(sentence: str) -> Finding:
    """Make a finding that somebody should know of."""
    return Finding(WARNING, sentence)


def ranked(found: Iterable[Finding]) -> list[Finding]:
    """Put errors first, and leave out what was said before."""
    return sorted(dict.fromkeys(found), key=lambda one: one.rank != ERROR)
