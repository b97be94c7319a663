"""What a check that does not pass carries: sentences, facts, and the mistake that fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people really give, with the sentence that helps.

    Parameters
    ----------
    name : str
        Short; the same as in the notebook's `mistake` cell.
    says : str
        What this usually means. `Backticks` become code in the report.
    looks_like : value or zero-argument callable, optional
        What a learner who makes this mistake returns. It fits when the shape is the same and the
        values are close.
    when : bool or zero-argument callable, optional
        A condition that must hold as well.

    Notes
    -----
    With neither `looks_like` nor `when`, the mistake fits every failure of its comparison. A
    callable that raises does not fit.
    """

    name: str
    says: str
    looks_like: Any = None
    when: bool | Callable[[], Any] | None = None


@dataclass
class Finding:
    """A failure in parts, so that the report can set them as a table and as plain text.

    Attributes
    ----------
    summary : str
        One or two sentences.
    facts : list of (label, text)
        Expected, got, where, input, tolerance.
    hints : list of str
        Relations between what came and what was expected.
    mistakes : list of (name, says)
        Named mistakes that fit; usually none or one.
    """

    summary: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    mistakes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The whole finding as plain text, several lines."""
        lines = [self.summary]
        for label, value in self.facts:
            if "\n" in value:
                indented = "\n".join("    " + line for line in value.splitlines())
                lines.append(f"  {label}:\n{indented}")
            else:
                lines.append(f"  {label}: {value}")
        lines.extend(self.hints)
        lines.extend(f"{name}: {says}" for name, says in self.mistakes)
        return "\n".join(lines)


class Failure(AssertionError):
    """A comparison did not hold. `check(...)` turns it into a line of the report.

    Attributes
    ----------
    finding : Finding
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


Mistakes = Sequence[Mistake]
