"""Grading a class: stock nbgrader, `curriculum grade`, a Dask cluster, and the floor below them.

Run it with ``python -m benchmarks.grading [--topic TOPIC] [--submissions 40] [--sample 6]``. Two
classes are made in a temporary folder (`benchmarks/classes.py`): one of a real topic, one of the
realistic assignment in `benchmarks/realistic/`, each of right, wrong, partial and untouched
submissions and of some that loop, crash or take all memory. Measured for each, one run after the
other, each in a fresh copy of the course:

stock
    ``nbgrader autograde`` with nbgrader's own lists of preprocessors: a cold ipykernel for each
    notebook. It is slow, so it grades a sample: the honest kinds in proportion, and each of the
    others once; the figures are for the whole class, each kind counted as often as it is there.
ours
    ``curriculum grade`` of the whole class, with 1 and 2 workers, and on a Dask cluster of two
    ``dask worker`` processes that were started before.
floor
    The cells' own code, executed in forks of a process that has imported everything: without any
    shell (`exec`), and in IPython's shell. What is above it is overhead.
together
    ``curriculum grade`` with the tests in the student's process: what it takes less is the price of
    running them apart. Both are run `--pairs` times in turn; the pair of the median ratio counts.

Both graders stop a cell after 30 seconds, stock's default. Speeds are given as ratios to stock in
the same run. CPU is user plus system time of all processes (`benchmarks/meter.py` says how).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import classes, meter
from benchmarks.classes import CELL_SECONDS, OURS, REALISTIC, STOCK, TINY, TOGETHER, Klass
from benchmarks.meter import Taken, progress

CPU_AIM = "1.3 × floor + 0.5 s"


@dataclass(frozen=True)
class Row:
    """What one way of grading took for a class."""

    name: str
    wall: float
    cpu: float
    submissions: int

    @property
    def rate(self) -> float:
        """Submissions a minute."""
        return 60 * self.submissions / self.wall

    @property
    def each(self) -> float:
        """CPU seconds a submission."""
        return self.cpu / self.submissions


class Bench:
    """Measures one class.

    Parameters
    ----------
    klass : Klass
        The class.
    folder : Path
        For copies of its course.
    """

    def __init__(self, klass: Klass, folder: Path) -> None:
        self.klass, self.folder = klass, folder
        self._copies = 0

    def course(self, how: str = OURS, students: Collection[str] = ()) -> Path:
        """Give a fresh copy of the course."""
        self._copies += 1
        return self.klass.copy(self.folder / f"course{self._copies}", how, students)

    def grade(self, course: Path, *options: str, **how: object) -> Taken:
        """Run `curriculum grade`."""
        command = [sys.executable, "-m", "curriculum", "grade", self.klass.topic, *options]
        taken = meter.measure(command, course, classes.environment(course), **how)
        if taken.status not in (0, 1):  # 1: something is red, which some kinds may be
            raise SystemExit(f"curriculum grade failed:\n{taken.output[-3000:]}")
        return taken

    def autograde(self, course: Path) -> Taken:
        """Run `nbgrader autograde`; it fails where a submission does, after it did the others."""
        command = [str(Path(sys.executable).with_name("nbgrader")), "autograde", self.klass.topic]
        return meter.measure(command, course, classes.environment(course))

    def stock(self, sample: int) -> tuple[Row, Row, Path]:
        """Measure stock nbgrader: for the whole class, for its honest part, and where that is."""
        chosen, honest = self.klass.sample(sample), self.klass.honest()
        progress(f"stock nbgrader, {len(chosen)} honest submissions")
        course = self.course(STOCK, chosen)
        taken = self.autograde(course)
        share = len(honest) / len(chosen)
        part = Row("stock", taken.wall * share, taken.cpu * share, len(honest))
        wall, cpu = part.wall, part.cpu
        by_kind = {self.klass.kinds[student]: student for student in self.klass.others()}
        for kind, student in by_kind.items():
            progress(f"stock nbgrader, {kind}")
            taken = self.autograde(self.course(STOCK, [student]))
            count = sum(self.klass.kinds[other] == kind for other in self.klass.others())
            wall, cpu = wall + count * taken.wall, cpu + count * taken.cpu
        return Row("stock", wall, cpu, len(self.klass.kinds)), part, course

    def ours(
        self, workers: int, students: Collection[str] = (), how: str = OURS
    ) -> tuple[Row, Path]:
        """Measure `curriculum grade` on this machine."""
        name = f"{how}, {workers} worker{'s' if workers > 1 else ''}"
        progress(f"{name}, {len(students or self.klass.kinds)} submissions")
        course = self.course(how, students)
        taken = self.grade(course, "--workers", str(workers))
        return Row(name, taken.wall, taken.cpu, len(students or self.klass.kinds)), course

    def cluster(self) -> Row:
        """Measure `curriculum grade` on a cluster of two local workers."""
        progress("ours, Dask cluster of 2 workers")
        course = self.course()
        with dask_cluster(self.folder, classes.environment(course)) as (address, processes):
            taken = self.grade(course, "--cluster", address, others=processes)
        return Row("ours, Dask, 2 workers", taken.wall, taken.cpu, len(self.klass.kinds))

    def floor(self, way: str, course: Path, students: Collection[str]) -> list[dict[str, float]]:
        """Measure the code of graded notebooks by itself."""
        progress(f"floor ({way})")
        paths = [
            str(path)
            for student in students
            for path in sorted((course / "autograded" / student / self.klass.topic).glob("*.ipynb"))
        ]
        command = [
            sys.executable,
            "-m",
            "benchmarks.floor",
            way,
            str(self.klass.cell_seconds),
            *paths,
        ]
        done = subprocess.run(
            command, cwd=classes.ROOT, env=classes.environment(course), capture_output=True,
            text=True, check=True,
        )  # fmt: skip
        return [json.loads(line) for line in done.stdout.splitlines()]

    def memory(self, workers: int, students: Collection[str]) -> list[meter.Memory]:
        """Look at the memory of honest submissions being graded."""
        progress(f"memory, {workers} workers")
        taken = self.grade(self.course(OURS, students), "--workers", str(workers), memory=True)
        return [look for look in taken.memory if look.notebooks]


@contextmanager
def dask_cluster(
    folder: Path, environment: dict[str, str]
) -> Iterator[tuple[str, list[psutil.Process]]]:
    """Start a scheduler and two workers of one thread, as one would by hand."""
    file = folder / "scheduler.json"
    dask = str(Path(sys.executable).with_name("dask"))
    quiet = {"env": environment, "cwd": folder, "stdout": subprocess.DEVNULL,
             "stderr": subprocess.DEVNULL}  # fmt: skip
    with contextlib.ExitStack() as started:

        def start(*arguments: str) -> psutil.Process:
            process = subprocess.Popen([dask, *arguments], **quiet)
            started.callback(process.wait)
            started.callback(process.terminate)
            return psutil.Process(process.pid)

        scheduler = ["--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
        processes = [start("scheduler", "--host", "127.0.0.1", *scheduler)]
        while not file.exists():
            time.sleep(0.2)
        address = json.loads(file.read_text())["address"]
        for name in ("one", "two"):
            options = ["--nthreads", "1", "--name", name, "--no-dashboard"]
            options += ["--local-directory", str(folder / f"dask-{name}")]
            processes.append(start("worker", address, *options))
        _await_workers(address, 2)
        yield address, processes


def _await_workers(address: str, number: int) -> None:
    from distributed import Client

    with closing(Client(address, set_as_default=False)) as client:
        client.wait_for_workers(number, timeout=60)


def same_points(klass: Klass, stock: Path, ours: Path) -> str:
    """Compare what both graders gave to the submissions that both have graded."""
    points = [_points(course, klass.topic) for course in (stock, ours)]
    both = set(points[0]) & set(points[1])
    unlike = sorted(one for one in both if points[0][one] != points[1][one])
    cells = len({cell for _, cell in both})
    told = f"{len(both)} scores of {cells} cells were given by both, {len(unlike)} of them unlike"
    return told + (f": {unlike[:5]}" if unlike else "")


def _points(course: Path, topic: str) -> dict[tuple[str, str], float | None]:
    from nbgrader.api import Gradebook

    with closing(Gradebook(f"sqlite:///{course / 'gradebook.db'}", "ml_interviews")) as book:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in book.assignment_submissions(topic)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if (course / "autograded" / submission.student.id).exists()
        }


def measure_class(
    klass: Klass, folder: Path, sample: int, workers: list[int], *, dask: bool, pairs: int
) -> None:
    """Measure a class, and print its table."""
    bench = Bench(klass, folder)
    stock, stock_honest, stock_course = bench.stock(sample)
    ours = []
    for number in workers:
        ours.append(bench.ours(number)[0])
    if dask:
        ours.append(bench.cluster())
    honest = klass.honest()
    ours_honest, together, honest_course = apart_and_together(bench, honest, pairs)
    floors = {way: bench.floor(way, honest_course, honest) for way in ("exec", "shell")}
    print(f"\n### {klass.topic}: {len(klass.kinds)} submissions\n\n{klass.mixture()}.")
    print(
        f"Stock graded {sample} honest submissions and one of each other kind. A cell may take"
        f" {klass.cell_seconds:.0f} s."
    )
    print(f"{same_points(klass, stock_course, honest_course)}.\n")
    print(speeds(stock, ours))
    print(costs(stock_honest, ours_honest, together, floors))
    own = max((one["memory_mb"] for one in floors["exec"]), default=0.0)
    imports = max((one["imports_mb"] for one in floors["exec"]), default=0.0)
    for number in workers:
        looks = bench.memory(number, klass.sample(max(4 * number, 6)))
        print(memory_of(number, looks, own, imports))


def apart_and_together(bench: Bench, honest: list[str], count: int) -> tuple[Row, Row, Path]:
    """Measure both ways in turn, so that they meet the same machine; gives the median pair."""
    pairs = []
    for _ in range(count):
        apart, course = bench.ours(1, honest)
        pairs.append((apart, bench.ours(1, honest, TOGETHER)[0], course))
    pairs.sort(key=lambda pair: pair[0].each / pair[1].each)
    return pairs[len(pairs) // 2]


def speeds(stock: Row, ours: list[Row]) -> str:
    """Give the table of the whole class."""
    lines = [
        "| whole class | wall s | submissions a minute | to stock | CPU s a submission |",
        "|---|---|---|---|---|",
    ]
    for row in [stock, *ours]:
        times = row.rate / stock.rate
        lines.append(
            f"| {row.name} | {row.wall:.0f} | {row.rate:.2f} | {times:.1f} | {row.each:.2f} |"
        )
    return "\n".join([*lines, ""])


def costs(stock: Row, ours: Row, together: Row, floors: dict[str, list[dict[str, float]]]) -> str:
    """Give the table of CPU, for submissions that end by themselves."""
    each = {way: sum(one["cpu"] for one in ran) / ours.submissions for way, ran in floors.items()}
    floor = each["exec"]
    lines = [
        f"| {ours.submissions} honest submissions, 1 worker | CPU s a submission | to the floor |"
        " over the floor |",
        "|---|---|---|---|",
    ]
    named = {
        "floor: the cells' code alone, in a warm process": floor,
        "floor with IPython's shell": each["shell"],
        "ours": ours.each,
        "ours, tests in one process": together.each,
        f"aim: {CPU_AIM}": 1.3 * floor + 0.5,
        "stock": stock.each,
    }
    for name, cpu in named.items():
        ratio = f"{cpu / floor:.2f}" if floor else ""
        lines.append(f"| {name} | {cpu:.2f} | {ratio} | {cpu - floor:.2f} s |")
    apart = 100 * (ours.each / together.each - 1)
    lines += ["", f"Running the tests in a process of their own takes {apart:.0f} % more CPU."]
    return "\n".join([*lines, ""])


def memory_of(workers: int, looks: list[meter.Memory], own: float, imports: float) -> str:
    """Give one line about memory, by proportional set sizes."""
    named = f"Memory with {workers} worker{'s' if workers > 1 else ''}"
    if not looks:
        return f"{named}: none could be read.\n"
    peak = max(looks, key=lambda look: look.work)
    middle = statistics.median(look.work for look in looks)
    beyond = (peak.work - imports) / workers - own
    return (
        f"{named}, at its most: {peak.work:.0f} MB besides the coordinator's"
        f" {peak.coordinator:.0f} MB (worker processes {peak.workers:.0f}, zygote"
        f" {peak.zygotes:.0f}, notebooks {peak.notebooks:.0f}; median {middle:.0f}). Of it"
        f" {imports:.0f} MB are the imported libraries, once for all; the cells' own code takes"
        f" {own:.0f} MB in a bare fork; so a worker has {beyond:.0f} MB beyond these.\n"
    )


def growth(sizes: list[int], workers: int, folder: Path) -> None:
    """Measure how the time grows with the class, and print it."""
    progress(f"a tiny topic, {max(sizes)} submissions")
    klass = classes.make(TINY, max(sizes) + 10, folder / "course")
    students = list(klass.kinds)
    bench = Bench(klass, folder)
    lines = [
        f"| tiny topic, {workers} workers | wall s | ms a submission | CPU ms a submission |",
        "|---|---|---|---|",
    ]
    course = folder
    for size in sizes:
        progress(f"tiny topic, {size} submissions")
        course = bench.course(students=students[:size])
        taken = bench.grade(course, "--workers", str(workers))
        lines.append(_grown(f"{size} submissions", taken, size))
    for student in students[max(sizes) :]:
        shutil.copytree(klass.folder / "submitted" / student, course / "submitted" / student)
    taken = bench.grade(course, "--workers", str(workers))
    lines.append(_grown(f"10 more, where {max(sizes)} are graded", taken, 10))
    taken = bench.grade(course, "--workers", str(workers))
    lines.append(_grown("nothing new", taken, max(sizes) + 10))
    print("\n### Growth\n\n" + "\n".join([*lines, ""]))


def _grown(name: str, taken: Taken, size: int) -> str:
    each, cpu = 1000 * taken.wall / size, 1000 * taken.cpu / size
    return f"| {name} | {taken.wall:.1f} | {each:.0f} | {cpu:.0f} |"


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--topic", default="gradient_descent", help="a topic of the curriculum")
    parser.add_argument("--submissions", type=int, default=40, help="size of the classes")
    parser.add_argument("--sample", type=int, default=6, help="honest ones that stock grades")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2], help="numbers of workers")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10, 100, 1000], help="of growth")
    parser.add_argument("--pairs", type=int, default=3, help="runs with tests apart and together")
    parser.add_argument("--no-dask", action="store_true", help="leave the cluster out")
    parser.add_argument(
        "--parts", nargs="*", default=["topic", REALISTIC, "growth"],
        choices=["topic", REALISTIC, "growth"], help="what to measure",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="a few submissions: does it work?")
    asked, seconds = parser.parse_args(argv), CELL_SECONDS
    if asked.quick:
        asked.submissions, asked.sample, asked.sizes, asked.workers = 6, 1, [2, 4], [1]
        asked.parts, asked.pairs, seconds = [REALISTIC, "growth"], 1, 10.0
    with tempfile.TemporaryDirectory(prefix="grading-benchmark-") as name:
        folder = Path(name)
        for part, topic in (("topic", asked.topic), (REALISTIC, REALISTIC)):
            if part in asked.parts:
                progress(f"making a class of {asked.submissions}: {topic}")
                klass = classes.make(topic, asked.submissions, folder / part / "course", seconds)
                how = {"dask": not asked.no_dask, "pairs": asked.pairs}
                measure_class(klass, folder / part, asked.sample, asked.workers, **how)
        if "growth" in asked.parts and asked.sizes:
            growth(asked.sizes, max(asked.workers), folder / "growth")


if __name__ == "__main__":
    main()
