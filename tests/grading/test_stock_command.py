"""`nbgrader autograde` runs notebooks as `curriculum grade` does, and uses all cores."""

from __future__ import annotations

import os
from concurrent.futures import Future
from pathlib import Path

import nbformat
import pytest
from small_class import FULL, NEGATE, RIGHT, TOPIC, SmallClass
from test_faults import children

from curriculum.grading import ahead, nbgrader_api
from curriculum.grading.nbgrader_api import GradingError


def autograde(small: SmallClass, students: str = "*", lines: str = "") -> None:
    """Do what the command does."""
    with (small.root / "nbgrader_config.py").open("a") as file:
        file.write(lines)
    config = nbgrader_api.load_config(small.root)
    course = nbgrader_api.course_directory(
        config, root=str(small.root), assignment_id=TOPIC, student_id=students
    )
    nbgrader_api.autograde(course, config)


@pytest.fixture
def helpers(monkeypatch: pytest.MonkeyPatch) -> list[ahead._Helper]:
    """Keep the helping processes to look at, and have more than one core."""
    found: list[ahead._Helper] = []

    class Kept(ahead._Helper):
        def __init__(self, asked) -> None:
            super().__init__(asked)
            found.append(self)

    monkeypatch.setattr(ahead, "_Helper", Kept)
    monkeypatch.setattr(ahead.workers, "default_number", lambda: 2)
    return found


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_class_is_run_ahead(small: SmallClass, helpers: list[ahead._Helper]) -> None:
    (small.root / "source" / TOPIC / "data.csv").write_text("1,2\n")
    for number in range(4):
        answers = {**RIGHT, **NEGATE} if number % 2 else {**RIGHT}
        small.hand_in(f"s{number}", answers, **{"notes.txt": "mine", "timestamp.txt": "2026-01-01"})
    autograde(small)
    (helper,) = helpers
    # All notebooks but the first submission's, which nbgrader had come to already.
    assert helper.ready == 9
    assert [small.points(f"s{n}")["negate_test"] for n in range(4)] == [0, 4, 0, 4]
    helper._process.wait(20)


@pytest.mark.slow
@pytest.mark.sandbox
def test_what_differs_is_run_there_and_then(
    small: SmallClass, helpers: list[ahead._Helper]
) -> None:
    """The helping process reads the configuration file; this run has other limits."""
    for number in range(3):
        small.hand_in(f"s{number}", {**RIGHT, **NEGATE})
    config = nbgrader_api.load_config(small.root)
    config.OverwriteCells.enabled = False  # hidden tests are not put back: other cells to run
    course = nbgrader_api.course_directory(config, root=str(small.root), assignment_id=TOPIC)
    nbgrader_api.autograde(course, config)
    assert helpers[0].ready < 6
    cells = nbformat.read(small.autograded("s2") / "one.ipynb", 4).cells
    assert "double(5)" not in cells[2].source
    assert cells[2].outputs[0].data["text/plain"] == "1.0"


@pytest.mark.slow
@pytest.mark.sandbox
def test_without_help_everything_is_run_all_the_same(
    small: SmallClass, helpers: list[ahead._Helper], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        small.hand_in(f"s{number}", {**RIGHT, **NEGATE})
    ask = ahead._Helper.ask

    def killed(self, student: str, job: bytes):
        if student == "s1":
            self._process.kill()
        return ask(self, student, job)

    monkeypatch.setattr(ahead._Helper, "ask", killed)
    autograde(small)
    for number in range(3):
        assert small.points(f"s{number}") == FULL | {"explain": 0.0}


@pytest.mark.slow
@pytest.mark.sandbox
def test_limits_and_links(small: SmallClass, tmp_path: Path) -> None:
    """A link is followed by nbgrader when it copies, and its copy is kept from the notebook."""
    (tmp_path / "key.txt").write_text("the secret")
    look = "import os\nprint(sorted(os.listdir()))\nwhile True:\n    pass"
    folder = small.hand_in("ada", {**RIGHT, "double": look}, **{"notes.txt": "mine"})
    (folder / "key.txt").symlink_to(tmp_path / "key.txt")
    autograde(small, "ada", "\nc.Execute.timeout = 5\n")
    cell = nbformat.read(small.autograded("ada") / "one.ipynb", 4).cells[1]
    files = ["notes.txt", "one.ipynb", "say.ipynb", "two.ipynb"]
    assert cell.outputs[0].text == f"{files}\n"
    assert "ran for 5 seconds" in cell.outputs[-1].evalue
    assert small.points("ada")["triple_test"] == 3


@pytest.mark.parametrize("what", ["notebook", "folder"])
def test_nobody_is_graded_for_anothers_work(small: SmallClass, what: str) -> None:
    small.hand_in("ben")
    if what == "folder":
        small.submitted("ada").parent.mkdir()
        small.submitted("ada").symlink_to(small.submitted("ben"))
    else:
        small.hand_in("ada", one=None)
        path = small.submitted("ada") / "one.ipynb"
        path.symlink_to(small.submitted("ben") / "one.ipynb")
    with pytest.raises(GradingError, match="is a link: what it leads to was not handed in"):
        autograde(small, "ada")
    assert not small.autograded("ada").exists()


class Pool:
    """Keeps jobs; the test says when they are done."""

    def __init__(self) -> None:
        self.futures: dict[bytes, Future] = {}

    def submit(self, run, job: bytes) -> Future:
        self.futures[job] = Future()
        return self.futures[job]


def test_only_a_few_notebooks_are_run_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool()
    helper = ahead._Ahead({"students": [f"s{n}" for n in range(50)]}, pool, 1)  # type: ignore
    monkeypatch.setattr(helper, "_jobs", lambda: ((f"s{n}", b"%d" % n) for n in range(50)))
    thread = ahead.threading.Thread(target=helper.run_ahead, daemon=True)
    thread.start()
    thread.join(0.5)
    assert len(pool.futures) == helper._most == 6
    # nbgrader leaves some out, and comes to one that is ready.
    pool.futures[b"4"].set_result(b"ran:4")
    assert helper.answer("s4", b"4") == (b"ready", b"ran:4")
    thread.join(0.5)
    assert all(pool.futures[b"%d" % n].cancelled() for n in range(4))
    assert len(pool.futures) == 11


def test_few_submissions_need_no_help(small: SmallClass, helpers, monkeypatch) -> None:
    ran = []
    monkeypatch.setattr(ahead, "execute", lambda job: ran.append(job) or _as_it_is(job))
    for name in ("ada", "ben"):
        small.hand_in(name)
    autograde(small)
    assert len(ran) == 6
    assert helpers == []
    assert not children(os.getpid(), "curriculum.grading.ahead")


def _as_it_is(job):
    from small_class import executed

    return executed(job)


def test_only_what_nbgrader_will_come_to_is_run_ahead(small: SmallClass) -> None:
    for name in "abcde":
        small.hand_in(name, **{"timestamp.txt": "2026-01-01 10:00:00 UTC"})
    small.grade("a", "b", "c", "d")
    (small.submitted("c") / "timestamp.txt").write_text("2026-01-02 10:00:00 UTC")
    config = nbgrader_api.load_config(small.root)
    course = nbgrader_api.course_directory(config, root=str(small.root), assignment_id=TOPIC)
    converter = ahead.Autograde(coursedir=course, config=config)
    converter.init_notebooks()
    assert ahead._still_to_come(converter, "a") == ["c", "e"]
    assert ahead._still_to_come(converter, "d") == ["e"]
    converter.force = True
    assert ahead._still_to_come(converter, "a") == ["b", "c", "d", "e"]
