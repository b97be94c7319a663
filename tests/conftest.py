"""What all tests share: programs that may be missing, and where pictures of pages are kept."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes depends on what else the machine does.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

ROOT = Path(__file__).resolve().parent.parent
# nbgrader calls `alembic` by its name, and tests may run without the environment's programs.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

ARTIFACTS = ROOT / "test-artifacts"

PROGRAMS = {
    "browser": ("chromium", "apt install chromium (or your system's package of Chromium)"),
    "sandbox": ("bwrap", "apt install bubblewrap"),
}
"""Marker → the program that tests with it need, and how to get it."""

REQUIRE_ALL = os.environ.get("CURRICULUM_REQUIRE_ALL") == "1"


def _missing() -> dict[str, tuple[str, str]]:
    return {m: named for m, named in PROGRAMS.items() if shutil.which(named[0]) is None}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run fast tests first; without a program, skip its tests, or fail where all are required."""
    missing = _missing()
    for item in items:
        for marker, (program, advice) in missing.items():
            if item.get_closest_marker(marker) and not REQUIRE_ALL:
                item.add_marker(pytest.mark.skip(reason=f"{program} is missing: {advice}"))
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if not REQUIRE_ALL:
        return
    for marker, (program, advice) in _missing().items():
        if item.get_closest_marker(marker):
            pytest.fail(
                f"{program} is missing and CURRICULUM_REQUIRE_ALL=1: {advice}", pytrace=False
            )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for program, advice in _missing().values():
        terminalreporter.write_line(f"{program} is missing; its tests did not run. {advice}")


@pytest.fixture
def artifacts() -> Path:
    """Give a folder where pictures of what a test saw are kept."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS
