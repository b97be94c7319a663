"""Run the test suite; `make test` calls this with whatever TESTS names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SPREAD = ("-n", "auto", "--dist", "loadfile")
"""A process for each core; the tests of a file stay together, and share what they have made."""


def main() -> None:
    """Lint, check types, then test: each is shown, and one failure fails the run."""
    tools = [["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"]]
    failed = [
        tool[0]
        for tool in tools
        if subprocess.run([sys.executable, "-m", *tool], cwd=ROOT).returncode
    ]
    tests = subprocess.run([sys.executable, "-m", "pytest", *_SPREAD, *sys.argv[1:]], cwd=ROOT)
    if failed:
        print(
            f"curriculum: {' and '.join(failed)} found fault above; `make lint` mends most of it."
        )
    sys.exit(tests.returncode or bool(failed))


if __name__ == "__main__":
    main()
