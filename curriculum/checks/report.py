"""The verdicts of one test cell: a number for nbgrader, a table for people, JSON for programs."""

from __future__ import annotations

import html
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import words
from .failure import Finding

PASSED = "passed"
FAILED = "failed"
NOT_ATTEMPTED = "not_attempted"

MIME = "application/vnd.curriculum.check+json"

_WORDS = {PASSED: "passed", FAILED: "failed", NOT_ATTEMPTED: "not attempted"}
_SYMBOLS = {PASSED: "✓", FAILED: "✗", NOT_ATTEMPTED: "–"}


@dataclass(frozen=True)
class Outcome:
    """The verdict of one named check.

    Attributes
    ----------
    name : str
    max_points : float
    status : str
        "passed", "failed" or "not_attempted".
    finding : Finding or None
        Why it failed or was not attempted.
    notes : list of str
        What was printed or warned meanwhile.
    stub : str
        The function that raised NotImplementedError, where one did.
    """

    name: str
    max_points: float
    status: str
    finding: Finding | None = None
    notes: list[str] = field(default_factory=list)
    stub: str = ""

    @property
    def points(self) -> float:
        """Points earned: all or none."""
        return self.max_points if self.status == PASSED else 0.0

    @property
    def message(self) -> str:
        """The finding as plain text; empty when it passed."""
        return "" if self.finding is None else words.clean(self.finding.text)

    @property
    def mistakes(self) -> list[str]:
        """Names of the mistakes that fit."""
        return [] if self.finding is None else [name for name, _ in self.finding.mistakes]


class Report:
    """What `check.report()` returns.

    Its repr is the earned points as a plain float, because that is what nbgrader reads as
    partial credit; `str(report)` is the text for a terminal.

    Attributes
    ----------
    exercise : str
    checks : list of Outcome
    points, max_points : float
        Rounded to six digits; 0 ≤ points ≤ max_points.
    attempted : bool
        Whether at least one check was attempted.
    """

    def __init__(self, exercise: str, checks: list[Outcome]) -> None:
        self.exercise = exercise
        self.checks = checks
        self.max_points = round(math.fsum(c.max_points for c in checks), 6)
        earned = round(math.fsum(c.points for c in checks), 6)
        self.points = min(max(earned, 0.0), self.max_points)
        self.attempted = any(c.status != NOT_ATTEMPTED for c in checks)

    @property
    def mistakes(self) -> list[str]:
        """Names of all mistakes that fit, each once."""
        return list(dict.fromkeys(name for c in self.checks for name in c.mistakes))

    def __repr__(self) -> str:
        return repr(float(self.points))

    def __str__(self) -> str:
        return self.text

    def __float__(self) -> float:
        return float(self.points)

    @property
    def text(self) -> str:
        """The report as plain text."""
        if self.checks and not self.attempted:
            return self._not_attempted()
        lines = [self._title()]
        for c in self.checks:
            lines.append(
                f"{_SYMBOLS[c.status]} {_WORDS[c.status]}: {c.name} (points: {_fraction(c)})"
            )
            for part in [c.message, *c.notes]:
                lines.extend("    " + line for line in part.splitlines())
        closing = self._closing()
        return "\n".join([*lines, closing] if closing else lines)

    def _title(self) -> str:
        return f"{self.exercise}: {self._score()}" if self.max_points else self.exercise

    def _score(self) -> str:
        return f"{_short(self.points)} of {_plural(self.max_points)}"

    def _not_attempted(self) -> str:
        """Write one sentence in place of one failure for each check."""
        reasons = {c.message for c in self.checks}
        stubs = list(dict.fromkeys(c.stub for c in self.checks if c.stub))
        others = [name for name in stubs if name != self.exercise]
        start = f"Not attempted yet: {self.exercise}"
        if others and self.exercise not in stubs:
            names = ", ".join(f"`{name}`" for name in others[:3])
            return f"{start}; {names} is not written yet."
        undefined = sorted(r for r in reasons if "is not defined" in r)
        if undefined:
            return f"{start}; {undefined[0]}"
        return f"{start}."

    def _closing(self) -> str:
        """Tell of hidden checks when all visible ones pass."""
        if os.environ.get("NBGRADER_EXECUTION") or not self.checks:
            return ""
        if any(c.status != PASSED for c in self.checks):
            return ""
        result = self._score() if self.max_points else "passed"
        return f"Visible checks: {result}. Hidden checks run when you check your work."

    def as_dict(self) -> dict[str, Any]:
        """Return the verdicts as plain data: what the cell's output holds under `MIME`."""
        return {
            "exercise": self.exercise,
            "points": self.points,
            "max_points": self.max_points,
            "attempted": self.attempted,
            "checks": [
                {
                    "name": words.clean(c.name),
                    "points": c.points,
                    "max_points": c.max_points,
                    "status": c.status,
                    "message": c.message,
                    "mistake": c.mistakes[0] if c.mistakes else None,
                    "mistakes": c.mistakes,
                    "notes": list(c.notes),
                }
                for c in self.checks
            ],
        }

    def _repr_html_(self) -> str:
        return _html(self)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None, **_: Any
    ) -> Mapping[str, Any]:
        return {"text/plain": repr(self), "text/html": self._repr_html_(), MIME: self.as_dict()}


def _short(points: float) -> str:
    return f"{points:.10g}"


def _plural(points: float) -> str:
    return f"{_short(points)} {'point' if points == 1 else 'points'}"


def _fraction(outcome: Outcome) -> str:
    """Write the points of one check; nothing for a check that earns none."""
    if not outcome.max_points:
        return "none"
    return f"{_short(outcome.points)} of {_short(outcome.max_points)}"


# JupyterLab's variables follow its theme; the fallbacks are for nbgrader's feedback pages.
# `table.` raises the weight above JupyterLab's own rules for tables in outputs. Words keep the
# text's colour, so that contrast doesn't depend on the theme; the edge alone is coloured.
_STYLE = """<style>
.curriculum-report{color:var(--jp-content-font-color1,#212121);overflow-x:auto;
font-family:var(--jp-content-font-family,system-ui,sans-serif);max-width:76em}
.curriculum-report p{margin:.3em 0}
table.curriculum-checks{border-collapse:collapse;width:100%;min-width:48em;margin:.3em 0;
table-layout:fixed;font-size:var(--jp-content-font-size1,14px);color:inherit;border:none}
table.curriculum-checks caption{caption-side:top;text-align:left;font-weight:600;
padding:.3em 0;color:inherit}
table.curriculum-checks tr,table.curriculum-checks tbody tr:nth-child(n){background:none}
table.curriculum-checks th,table.curriculum-checks td{text-align:left;vertical-align:top;
white-space:normal;max-width:none;padding:.35em .6em;color:inherit;background:none;border:none;
border-top:1px solid var(--jp-border-color2,#bdbdbd)}
table.curriculum-checks thead th:nth-child(1){width:8.5em}
table.curriculum-checks thead th:nth-child(2){width:11em}
table.curriculum-checks thead th:nth-child(3){width:4.5em}
table.curriculum-checks tbody th{font-weight:400}
table.curriculum-checks td p:first-child{margin-top:0}
table.curriculum-checks .status{border-left:4px solid transparent}
table.curriculum-checks .passed .status{border-left-color:var(--jp-success-color1,#388e3c)}
table.curriculum-checks .failed .status{border-left-color:var(--jp-error-color1,#d32f2f)}
table.curriculum-checks .not_attempted .status{
border-left-color:var(--jp-border-color1,#9e9e9e)}
table.curriculum-checks dl{margin:.3em 0}
table.curriculum-checks dl div{display:flex;flex-wrap:wrap;gap:0 .8em}
table.curriculum-checks dt{font-weight:400;float:none;width:10em;color:inherit}
table.curriculum-checks dd{margin:0;float:none;width:auto;flex:1 1 18em;min-width:0;
white-space:pre-wrap;overflow-wrap:anywhere;font-family:var(--jp-code-font-family,monospace);
font-size:var(--jp-code-font-size,13px)}
.curriculum-report .note{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.93em}
</style>"""


def _html(report: Report) -> str:
    if report.checks and not report.attempted:
        inside = f"<p>{_marked(report._not_attempted())}</p>"
        return f'{_STYLE}<div class="curriculum-report">{inside}</div>'
    rows = "".join(_row(outcome) for outcome in report.checks)
    closing = report._closing()
    return (
        f'{_STYLE}<div class="curriculum-report"><table class="curriculum-checks">'
        f"<caption>{_escaped(report._title())}</caption>"
        '<thead><tr><th scope="col">Status</th><th scope="col">Check</th>'
        '<th scope="col">Points</th><th scope="col">What happened</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        f"{f'<p>{_escaped(closing)}</p>' if closing else ''}</div>"
    )


def _row(outcome: Outcome) -> str:
    symbol = f'<span aria-hidden="true">{_SYMBOLS[outcome.status]}</span>'
    return (
        f'<tr class="{outcome.status}"><td class="status">{symbol} {_WORDS[outcome.status]}</td>'
        f'<th scope="row">{_marked(outcome.name)}</th>'
        f"<td>{_fraction(outcome)}</td>"
        f"<td>{_details(outcome)}</td></tr>"
    )


def _details(outcome: Outcome) -> str:
    parts = []
    finding = outcome.finding
    if finding is not None:
        parts.append(f"<p>{_marked(finding.summary)}</p>")
        facts = "".join(
            f"<div><dt>{_escaped(label)}</dt><dd>{_escaped(text)}</dd></div>"
            for label, text in finding.facts
        )
        parts.append(f"<dl>{facts}</dl>" if facts else "")
        parts.extend(f"<p>{_marked(hint)}</p>" for hint in finding.hints)
        parts.extend(
            f"<p><strong>{_escaped(name)}</strong>: {_marked(says)}</p>"
            for name, says in finding.mistakes
        )
    parts.extend(f'<p class="note">{_escaped(note)}</p>' for note in outcome.notes)
    return "".join(parts)


def _escaped(text: str) -> str:
    return html.escape(words.clean(text))


def _marked(text: str) -> str:
    """Escaped text in which `backticks` become code and line breaks stay."""
    marked = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", _escaped(text))
    return marked.replace("\n", "<br>")
