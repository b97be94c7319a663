"""Submissions as students hand them in, made from a topic's release and the parts of its sources.

Each is a function that gives the notebooks of one submission; `SUBMISSIONS` has them by name.
Tests and the benchmark of grading use the same ones.
"""

from __future__ import annotations

import ast
import copy
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from classroom import answered
from course import ROOT
from nbformat import NotebookNode

from curriculum.authoring import source as src

Notebooks = dict[str, NotebookNode]
Texts = dict[str, str]
"""Text of answers by grade_id."""


@dataclass(frozen=True)
class Part:
    """What people write in one exercise."""

    notebook: str
    grade_id: str
    solution: str
    mistakes: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


@dataclass
class Topic:
    """A topic's released notebooks, and what can be written into them.

    Parameters
    ----------
    released : dict
        Name → notebook as students get it.
    parts : list of Part
        The exercises in code, in order.
    spoken : dict
        grade_id → answer in words, where a person grades.
    """

    released: Notebooks
    parts: list[Part]
    spoken: Texts = field(default_factory=dict)

    def notebooks(self, answers: Mapping[str, str]) -> Notebooks:
        """Give the notebooks with these answers."""
        written = {}
        for name, notebook in self.released.items():
            ids = {src.grading(cell).get("grade_id") for cell in notebook.cells}
            own = {key: text for key, text in answers.items() if key in ids}
            written[name] = answered(copy.deepcopy(notebook), own)
        return written

    @property
    def solved(self) -> Texts:
        """Give the reference solution of every exercise, and an answer to each question."""
        return {part.grade_id: part.solution for part in self.parts} | self.spoken

    @property
    def middle(self) -> Part:
        """Give an exercise with others before and after it, on which no other one builds."""
        half = len(self.parts) // 2
        alone = [part for part in self.parts if not self._is_used(part)] or self.parts
        return min(alone, key=lambda part: abs(self.parts.index(part) - half))

    def _is_used(self, part: Part) -> bool:
        """Tell whether anything but its own test calls what an exercise defines."""
        others = [other.solution for other in self.parts if other is not part]
        for cell in self.released[part.notebook].cells:
            own = src.grading(cell).get("grade_id", "").startswith(part.grade_id)
            if cell.cell_type == "code" and not own:
                others.append(cell.source)
        return any(re.search(rf"\b{part.grade_id}\(", text) for text in others)

    def with_cells(self, notebook: str, *texts: str) -> Notebooks:
        """Give a right submission with cells of the student's own at the top of a notebook."""
        notebooks = self.notebooks(self.solved)
        cells = notebooks[notebook].cells
        cells[1:1] = [nbformat.v4.new_code_cell(text) for text in texts]
        return notebooks

    def with_body(self, body: str) -> Notebooks:
        """Give a right submission, but one function in the middle does this."""
        part = self.middle
        return self.notebooks({**self.solved, part.grade_id: with_body(part.solution, body)})


def read(topic: str, course: Path = ROOT) -> Topic:
    """Read a topic that was built: its text sources and its release."""
    released, parts, spoken = {}, [], {}
    for path in sorted((course / "source" / topic).glob("*.py")):
        source = src.read_notebook(path)
        released[path.stem] = nbformat.read(course / "release" / topic / f"{path.stem}.ipynb", 4)
        for exercise in src.exercises(source):
            kinds = {
                kind: tuple(variant.cell.source for variant in exercise.named(kind))
                for kind in src.AUTHORING_TAGS
            }
            solution = plain(exercise.solution.source)
            parts.append(
                Part(path.stem, exercise.id, solution, kinds["mistake"], kinds["alternative"])
            )
        for cell in source.cells:
            meta = src.grading(cell)
            if cell.cell_type == "markdown" and meta.get("solution"):
                spoken[meta["grade_id"]] = f"In my own words: {cell.source}"
    return Topic(released, parts, spoken)


def plain(solution: str) -> str:
    """Give a solution as students write it, without the authors' marks."""
    lines = solution.splitlines()
    return "\n".join(
        line for line in lines if line.strip() not in (src.BEGIN_SOLUTION, src.END_SOLUTION)
    )


def with_body(code: str, body: str) -> str:
    """Give the first function of a text with another body; the text's others stay.

    A text without functions becomes the body itself.
    """
    tree = ast.parse(code)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if not functions:
        return body
    functions[0].body = ast.parse(body).body
    return ast.unparse(tree)


Maker = Callable[[Topic], Notebooks]
SUBMISSIONS: dict[str, Maker] = {}
"""Name → maker of one submission's notebooks."""


def submission(make: Maker) -> Maker:
    """Put a maker among the named ones."""
    SUBMISSIONS[make.__name__] = make
    return make


@submission
def right(topic: Topic) -> Notebooks:
    """Every exercise solved as its authors do."""
    return topic.notebooks(topic.solved)


@submission
def alternative(topic: Topic) -> Notebooks:
    """Every exercise solved in another way, where there is one."""
    other = {part.grade_id: part.alternatives[0] for part in topic.parts if part.alternatives}
    return topic.notebooks({**topic.solved, **other})


@submission
def wrong(topic: Topic) -> Notebooks:
    """Every exercise with a mistake that people make, or one that always is: None."""
    answers = {part.grade_id: mistake(part) for part in topic.parts}
    return topic.notebooks({**topic.solved, **answers})


def mistake(part: Part, number: int = 0) -> str:
    """Give a wrong answer to an exercise."""
    if part.mistakes:
        return part.mistakes[number % len(part.mistakes)]
    return with_body(part.solution, "return None")


@submission
def partial(topic: Topic) -> Notebooks:
    """The first half solved, then a mistake in every other exercise, nothing in the rest."""
    half = len(topic.parts) // 2
    answers = {part.grade_id: part.solution for part in topic.parts[:half]}
    answers |= {part.grade_id: mistake(part, 1) for part in topic.parts[half::2]}
    return topic.notebooks(answers)


@submission
def untouched(topic: Topic) -> Notebooks:
    """Handed in as it was handed out."""
    return topic.notebooks({})


@submission
def one_answered(topic: Topic) -> Notebooks:
    """One exercise in the middle, and no other."""
    return topic.notebooks({topic.middle.grade_id: topic.middle.solution})


@submission
def looping(topic: Topic) -> Notebooks:
    """A loop that never ends."""
    return topic.with_body("while True:\n    pass")


@submission
def sleeping(topic: Topic) -> Notebooks:
    """Waits without using the processor."""
    return topic.with_body("import time\ntime.sleep(3600)")


@submission
def stubborn(topic: Topic) -> Notebooks:
    """A loop that does not stop when it is interrupted."""
    return topic.with_body(
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass"
    )


@submission
def crashing(topic: Topic) -> Notebooks:
    """Ends its process without a word."""
    return topic.with_body("import os\nos._exit(3)")


@submission
def segfaulting(topic: Topic) -> Notebooks:
    """Reads where nothing is, as broken extensions do."""
    return topic.with_body("import ctypes\nctypes.string_at(0)")


@submission
def memory_hungry(topic: Topic) -> Notebooks:
    """Takes 3 GB, in pieces, and lets go of it: no machine is brought down by it."""
    return topic.with_body(
        "kept = []\nfor _ in range(48):\n    kept.append(bytearray(b'x' * (64 << 20)))"
    )


@submission
def printing(topic: Topic) -> Notebooks:
    """Right, and prints 10 MB first."""
    text = "for n in range(100_000):\n    print('a line of one hundred characters', n, '.' * 60)"
    return topic.with_cells(topic.middle.notebook, text)


@submission
def flooding(topic: Topic) -> Notebooks:
    """Right, and writes 200 MB beneath Python."""
    text = "import os\nfor _ in range(200):\n    _ = os.write(1, b'x' * 999_999 + b'\\n')"
    return topic.with_cells(topic.middle.notebook, text)


@submission
def warned(topic: Topic) -> Notebooks:
    """Right, with warnings and logs on stderr, in the answers too."""
    part = topic.middle
    noisy = (
        "import warnings, sys\nwarnings.warn('mind this')\nprint('to stderr', file=sys.stderr)\n"
    )
    notebooks = topic.with_cells(part.notebook, noisy + "import logging\nlogging.warning('hm')")
    return _answer_before(notebooks, part, noisy)


def _answer_before(notebooks: Notebooks, part: Part, text: str) -> Notebooks:
    answered(notebooks[part.notebook], {part.grade_id: text + part.solution})
    return notebooks


@submission
def magical(topic: Topic) -> Notebooks:
    """Right, with magics and shell commands."""
    return topic.with_cells(
        topic.middle.notebook,
        "%matplotlib inline\n%time sum(range(10))\n!echo from a shell",
        "%%capture kept\nprint('kept')",
        "%%writefile notes.txt\nof my own",
        "%timeit -n 1 -r 1 sum(range(10))\n%env CURRICULUM_MINE=1\n%who",
    )


@submission
def plotting(topic: Topic) -> Notebooks:
    """Right, with figures and frames of one's own."""
    return topic.with_cells(
        topic.middle.notebook,
        "import matplotlib.pyplot as plt\nfor n in range(3):\n    plt.figure()\n    plt.plot([n])",
        "plt.scatter([1, 2], [3, 4])\nplt.show()",
        "import pandas as pd\npd.DataFrame({'a': range(5)})",
    )


@submission
def untested_error(topic: Topic) -> Notebooks:
    """Right, with errors in cells that nobody grades."""
    return topic.with_cells(
        topic.middle.notebook, "1 / 0", "def f(:\n    pass", "undefined_name", "raise SystemExit"
    )


@submission
def slow(topic: Topic) -> Notebooks:
    """Right, but one cell takes its time."""
    return topic.with_cells(topic.middle.notebook, "import time\ntime.sleep(2)\nprint('slept')")


@submission
def asking(topic: Topic) -> Notebooks:
    """Right, and asks for input on the way."""
    return topic.with_cells(topic.middle.notebook, "name = input('Your name? ')")


@submission
def misspelt(topic: Topic) -> Notebooks:
    """Right, but for a syntax error in one answer."""
    part = topic.middle
    return topic.notebooks({**topic.solved, part.grade_id: part.solution + "\n)"})


@submission
def leaving(topic: Topic) -> Notebooks:
    """One answer leaves by sys.exit."""
    return topic.with_body("import sys\nsys.exit('I give up')")


@submission
def forking(topic: Topic) -> Notebooks:
    """Right, with processes and threads of one's own, some of them left behind."""
    return topic.with_cells(
        topic.middle.notebook,
        "import multiprocessing\n\ndef twice(x):\n    return 2 * x\n\n"
        "with multiprocessing.Pool(2) as pool:\n    print(pool.map(twice, range(4)))",
        "import subprocess\nleft = subprocess.Popen(['sleep', '3600'])",
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()",
    )


HONEST = ("right", "alternative", "wrong", "partial", "untouched", "one_answered")
"""What most of a class hands in."""


def mixed(topic: Topic, number: int) -> Iterator[tuple[str, Notebooks]]:
    """Make a class: most of it honest, and of 40 one each that loops, crashes and takes memory.

    Yields
    ------
    tuple
        What kind of submission it is, and its notebooks.
    """
    of_forty = {"right": 14, "alternative": 5, "wrong": 8, "partial": 7, "untouched": 3,
                "looping": 1, "crashing": 1, "memory_hungry": 1}  # fmt: skip
    # The rare kinds first, so that a small class has them too.
    turns = itertools.cycle(_spread(of_forty))
    made = {kind: SUBMISSIONS[kind](topic) for kind in of_forty}
    for kind in itertools.islice(turns, number):
        yield kind, made[kind]


def _spread(counts: Mapping[str, int]) -> list[str]:
    """Put kinds in an order in which each comes once before any comes twice, and so on."""
    rounds = range(max(counts.values()))
    return [kind for turn in rounds for kind, count in counts.items() if turn < count]


def write(notebooks: Notebooks, folder: Path) -> None:
    """Write a submission where `nbgrader collect` would put it."""
    folder.mkdir(parents=True)
    for name, notebook in notebooks.items():
        (folder / f"{name}.ipynb").write_text(nbformat.writes(notebook))
