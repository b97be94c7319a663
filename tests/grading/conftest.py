"""What tests of grading share: one course, made once and copied."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_class
from small_class import SmallClass, one_thread, run_plainly

from curriculum import cli
from curriculum.grading import class_run, released, workers


@pytest.fixture(scope="session")
def made_course(tmp_path_factory: pytest.TempPathFactory) -> SmallClass:
    return SmallClass(small_class.make_course(tmp_path_factory.mktemp("small") / "course"))


@pytest.fixture
def small(made_course: SmallClass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallClass:
    """Give a class of one's own, with nothing handed in; the environment never changes in it."""
    monkeypatch.setattr(released, "environment", lambda: "this one")
    return made_course.copy(tmp_path / "course")


@pytest.fixture
def command(small: SmallClass, monkeypatch: pytest.MonkeyPatch, capsys):
    """Give a function that runs `curriculum grade`, and says how it ended and what it wrote."""
    original = class_run.ClassRun.__init__

    def init(self, wish, config, run=run_plainly):
        original(self, wish, config, run)

    monkeypatch.setattr(class_run.ClassRun, "__init__", init)
    monkeypatch.setattr(workers, "local", lambda number: one_thread())
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(small.root / "none"))
    monkeypatch.chdir(small.root)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(["grade", *arguments])
        return (end.value.code, *capsys.readouterr())

    return run
