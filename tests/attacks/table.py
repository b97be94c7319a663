"""The table of attacks, `docs/attacks.md`: what each tries, and what it comes to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from submission import Submission, read_all

ATTACKS = Path(__file__).parent
PATH = ATTACKS.parents[1] / "docs" / "attacks.md"
AIMS = {
    "points": "Gain a point",
    "secret": "Read a secret",
    "students": "Harm another student",
    "instructor": "Harm the instructor",
    "class": "Stop the class",
}
_HEAD = """\
# Attacks

Each is a submission with wrong answers in [`tests/attacks/`](../tests/attacks), handed in to a
course with plain nbgrader tests (`tests/attacks/target.py`) that holds secrets: hidden tests,
solutions, other students' work, the instructor's home, the grader's environment, the gradebook,
the exchange. `tests/attacks/test_attacks.py` has all of them graded in one run, honest students
among them, and holds the last column to "nothing": no point gained, no byte of a secret shown,
nothing of anybody else's changed, no process or file left over, a row for everybody.

The column before it is what nbgrader 0.9.6 gives as it comes. There each attack is graded alone,
in a copy of the course inside bubblewrap. nbgrader's feedback pages show the hidden tests to
everybody, attack or not: that is counted where the attack wants a secret.

`.venv/bin/python tests/attacks` writes this page; with names of attacks it renews their rows
only.
"""
_OPEN = """\
## Open

No wall helps where a test asks for less than it means. What is written here earns points today,
and the suite says when it no longer does.
"""
_ROW = re.compile(r"^\| \[(\w+)\]\(.*?\) \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """What the table says of an attack."""

    says: str
    stock: str
    ours: str


def attacks() -> list[Submission]:
    """Read all attacks."""
    return read_all(ATTACKS.glob("*/*.py"))


def read() -> dict[str, Row]:
    """Read the table as it is written."""
    found = _ROW.findall(PATH.read_text()) if PATH.exists() else []
    assert len(found) == len({name for name, *_ in found}), "an attack has two rows"
    return {name: Row(says, stock, ours) for name, says, stock, ours in found}


def write(all_attacks: Sequence[Submission], rows: Mapping[str, Row]) -> None:
    """Write the table, by aim and then by name."""
    parts = [_HEAD]
    for aim, title in AIMS.items():
        some = [one for one in all_attacks if one.facts["wants"] == aim and "open" not in one.facts]
        parts.append(f"## {title}: {len(some)}\n\n{_rows(some, rows)}")
    still_open = [one for one in all_attacks if "open" in one.facts]
    if still_open:
        why = "\n".join(f"- `{one.name}`: {one.facts['open']}" for one in still_open)
        parts.append(f"{_OPEN}\n{_rows(still_open, rows)}\n{why}\n")
    PATH.write_text("\n".join(parts))


def _rows(some: Sequence[Submission], rows: Mapping[str, Row]) -> str:
    lines = ["| attack | what it does | nbgrader gives | here |", "|---|---|---|---|"]
    for one in sorted(some, key=lambda one: one.name):
        path = one.path.relative_to(PATH.parents[1])
        row = rows[one.name]
        cells = (cell.replace("|", "\\|") for cell in (row.says, row.stock, row.ours))
        lines.append(f"| [{one.name}](../{path}) | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
