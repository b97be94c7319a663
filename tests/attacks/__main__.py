"""Writes `docs/attacks.md`: `.venv/bin/python tests/attacks [NAME …]`.

Everything is graded with `curriculum grade`. nbgrader as it comes takes many seconds for each: it
grades those that are named, or all; the others keep what the table says.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import ours  # noqa: E402
import stock  # noqa: E402
import table  # noqa: E402
import world as worlds  # noqa: E402
from submission import Submission  # noqa: E402


def main(names: list[str]) -> None:
    all_attacks, before = table.attacks(), table.read()
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        wanted = [one for one in all_attacks if one.name in names or not names]
        wanted += [one for one in all_attacks if one.name not in before and one not in wanted]
        by_stock = {name: row.stock for name, row in before.items()}
        by_stock |= grade_with_stock(wanted, Path(folder))
        world = worlds.World.make(Path(folder) / "ours", ours.CONFIG)
        run = ours.grade(world, [*map(worlds.bystander, worlds.BYSTANDERS), *all_attacks])
        print(run.said, *run.left, *run.changed, sep="\n")
        rows = {
            one.name: table.Row(one.says, by_stock[one.name], run.words(one)) for one in all_attacks
        }
    table.write(all_attacks, rows)


def grade_with_stock(wanted: list[Submission], folder: Path) -> dict[str, str]:
    made = stock.Stock.make(folder)

    def words(one: Submission) -> tuple[str, str]:
        said = made.words(one, folder / one.name)
        print(f"{one.name}: {said}", flush=True)
        return one.name, said

    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(words, wanted))


if __name__ == "__main__":
    main(sys.argv[1:])
