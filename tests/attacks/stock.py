"""Grades one attack with nbgrader as it comes, shut in by bubblewrap so that it harms nothing else.

Inside are a copy of the course, the instructor's home, and an honest student who comes after the
attacker. Outside, what became of them is read from the files.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import target
import world as worlds
from submission import Submission
from world import World

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).with_name("stock_inside.py")
SECONDS = 150
_BYSTANDER = "zoe"
_SIZE = str(200 << 20)


@dataclass(frozen=True)
class Stock:
    """A course that nbgrader grades by itself.

    Parameters
    ----------
    made : World
        The course as generated, never graded.
    calm : tuple
        What becomes of the honest student where nobody attacks.
    """

    made: World
    calm: tuple

    @classmethod
    def make(cls, folder: Path) -> Stock:
        made = World.make(folder / "made", target.STOCK_CONFIG)
        made.hand_in(worlds.bystander(_BYSTANDER))
        calm = made.copy(folder / "calm")
        assert _run(calm, "*"), "nbgrader could not grade honest work"
        return cls(made, calm.bystander(_BYSTANDER))

    def words(self, one: Submission, folder: Path) -> str:
        """Grade an attack, and say what it came to."""
        if one.facts["stock"] != "graded":
            return one.facts["stock"]
        world = self.made.copy(folder)
        world.hand_in(one)
        before = world.state()
        alone = one.facts["wants"] in ("points", "secret")  # grading one takes half the time
        ended = _run(world, one.name if alone else "*")
        harmed = tuple(worlds.changes(before, world.state()))
        if not alone:
            harmed += self._to_another(world)
        said = worlds.outcome(world, one, harmed, stock=True).words(one)
        return said if ended else "; ".join(["the run never ends", *_something(said)])

    def _to_another(self, world: World) -> tuple[str, ...]:
        if not world.graded(_BYSTANDER):
            return ("another student is not graded",)
        now = world.points(_BYSTANDER)
        if now == self.calm[0]:
            return ()
        earned = sum(points or 0 for points in now.values())
        return (f"another student has {earned:g} points in place of 20",)


def _something(said: str) -> list[str]:
    return [] if said == "nothing" else [said]


def _run(world: World, student: str) -> bool:
    """Run nbgrader inside; tell whether it came to an end."""
    folder = str(world.folder)
    command = [
        "bwrap", "--die-with-parent", "--new-session", "--unshare-all", "--cap-drop", "ALL",
        "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
        "--size", _SIZE, "--tmpfs", "/tmp", "--size", _SIZE, "--tmpfs", "/var/tmp",
        *itertools.chain(*(("--ro-bind", place, place) for place in (sys.prefix, str(ROOT)))),
        "--bind", folder, folder, "--chdir", str(world.course),
        sys.executable, str(INSIDE), target.TOPIC, student,
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, env=world.environment(), capture_output=True, timeout=SECONDS, text=True
        )
    except subprocess.TimeoutExpired:
        return False
    assert "ModuleNotFoundError" not in done.stderr, done.stderr
    (world.folder / "said.txt").write_text(f"{done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.returncode == 0
