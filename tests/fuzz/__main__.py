"""Throw bytes at what reads a student's process: `python -m tests.fuzz --runs 1000000`.

Atheris chooses them by what they reach in `curriculum.execution`; half of them are changed as plain
data, and half as bytes. Each target runs in a process of its own, which stops at the first input
that breaks a promise and writes it down.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["curriculum.execution"], enable_loader_override=False):
    from curriculum.execution import wire

    from . import targets

from . import seeds

NAMES = ("frames", "decode", "outputs", "peer", "jobs")
LONGEST = 1 << 16
ROOM = 512 << 20
"""Bytes of memory that may be asked for beyond what the process had."""
GROWTH = 64 << 10
"""kB by which the process may grow in one input."""


def main() -> None:
    """Run the targets one after the other, or one of them in this process."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="inputs for each target")
    parser.add_argument("--target", choices=NAMES, action="append", help="by default all")
    parser.add_argument("--found", type=Path, default=Path(), help="where broken inputs go")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--here", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.here:
        _fuzz(chosen.here, chosen)
    failed = [name for name in chosen.target or NAMES if not _run(name)]
    sys.exit(f"A promise broke in: {', '.join(failed)}." if failed else 0)


def _run(name: str) -> bool:
    command = [sys.executable, "-m", "tests.fuzz", *sys.argv[1:], "--here", name]
    start = time.monotonic()
    done = subprocess.run(command)
    print(f"{name}: {time.monotonic() - start:.0f} s, status {done.returncode}", flush=True)
    return done.returncode == 0


def _fuzz(name: str, chosen: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="curriculum-fuzz-") as folder:
        for number, data in enumerate(_seeds(name)):
            (Path(folder) / f"{number:04}").write_bytes(data)
        options = [f"-runs={chosen.runs}", f"-max_len={LONGEST}", f"-seed={chosen.seed}",
                   f"-artifact_prefix={chosen.found}/{name}-", "-timeout=60", "-rss_limit_mb=4096",
                   "-print_final_stats=1", "-len_control=20", "-verbosity=1"]  # fmt: skip
        mutator = None if name == "frames" else _mutator(name)
        atheris.Setup([sys.argv[0], *options, folder], _Held(name), custom_mutator=mutator)
        _limit()
        atheris.Fuzz()


def _plain_seeds(name: str) -> list:
    if name == "frames":
        return seeds.ENCODED + seeds.OUTPUTS + seeds.PEER
    return {"decode": seeds.ENCODED + seeds.HOSTILE, "outputs": seeds.OUTPUTS, "peer": seeds.PEER,
            "jobs": seeds.JOBS}[name]  # fmt: skip


def _seeds(name: str) -> list[bytes]:
    """Give what is sent in earnest, and what is not, as the target takes it."""
    if name != "frames":
        return [wire.pack(plain) for plain in _plain_seeds(name)]
    streams = [2 * wire.frame(plain) for plain in _plain_seeds(name)]
    streams += [wire.HEADER.pack(len(bomb)) + bomb for bomb in seeds.BOMBS]
    return [bytes([50]) + stream for stream in streams]


def _mutator(name: str) -> Callable[[bytes, int, int], bytes]:
    others = [part for plain in _plain_seeds(name) for part in (plain, *_parts(plain))]
    if name == "peer":
        others += seeds.ENCODED

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return atheris.Mutate(data, most)
        try:
            plain = wire.unpack(data)
        except wire.WireError:
            plain = chance.choice(others)
        for _ in range(chance.choice([1, 1, 2, 4])):
            plain = seeds.mutated(plain, chance, others)
        try:
            changed = wire.pack(plain)
        except (ValueError, OverflowError):
            return data
        return changed if len(changed) <= most else data

    return mutate


def _parts(plain: object) -> list:
    return list(plain.values()) if isinstance(plain, dict) else plain if type(plain) is list else []


class _Held:
    """A target that is held to its promises: one input in many also to the memory it asks for."""

    def __init__(self, name: str) -> None:
        self._target, self._count = targets.TARGETS[name], 0
        for data in _seeds(name):  # what is imported when it is first needed is not an input's
            self._target(data)
        self._grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def __call__(self, data: bytes) -> None:
        self._count += 1
        run = targets.measured if self._count % 100 == 1 else targets.timed
        run(self._target, data)
        before, self._grown = self._grown, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if self._count > 100 and self._grown - before > GROWTH:
            raise targets.Broken(f"the process grew by {self._grown - before:,} kB")


def _limit() -> None:
    """Let what asks for far too much memory fail."""
    with Path("/proc/self/status").open() as status:
        used = next(int(line.split()[1]) for line in status if line.startswith("VmData"))
    resource.setrlimit(resource.RLIMIT_DATA, ((used << 10) + ROOM, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
