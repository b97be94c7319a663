"""What an unchanged topic costs to build, against building it.

Baseline: `curriculum build` with its stamp removed, which reads, refuses, generates through
nbgrader and compares. Run: `python -m benchmarks.build_time` (or `make bench`).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOPIC = "gradient_descent"
RUNS = 5


def main() -> None:
    build = [sys.executable, "-m", "curriculum", "build", TOPIC]
    interpreter = [sys.executable, "-c", "import curriculum.cli"]
    seconds(build)
    full = [seconds(build, fresh=True) for _ in range(RUNS)]
    unchanged = [seconds(build) for _ in range(RUNS)]
    start = [seconds(interpreter) for _ in range(RUNS)]
    base = statistics.median(full)
    print(f"{'what':28} {'median s':>9} {'max s':>7} {'share of a full build':>22}")
    for what, taken in [
        ("full build (baseline)", full),
        ("unchanged topic", unchanged),
        ("starting Python alone", start),
    ]:
        median = statistics.median(taken)
        print(f"{what:28} {median:9.2f} {max(taken):7.2f} {median / base:21.0%}")


def seconds(command: list[str], *, fresh: bool = False) -> float:
    if fresh:
        for stamp in (ROOT / ".build").glob(f"{TOPIC}*.json"):
            stamp.unlink()
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
