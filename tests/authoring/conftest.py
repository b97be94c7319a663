"""A small course that is built once and copied for each test that needs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import course as courses
import pytest


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the small course as `curriculum build` leaves it; not to be written in."""
    course = courses.make_course(tmp_path_factory.mktemp("built") / "course")
    courses.run(course, "curriculum", "build")
    return course


@pytest.fixture
def built(built_once: Path, tmp_path: Path) -> Path:
    """Give a copy of the built course to change."""
    return Path(shutil.copytree(built_once, tmp_path / "course"))
