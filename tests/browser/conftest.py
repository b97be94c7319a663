"""What tests in a browser share: JupyterLab in a course, and a page in front of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab import Lab, open_page, start_lab
from playwright.sync_api import Page


@pytest.fixture
def run_lab() -> Iterator[Callable[..., Lab]]:
    """Give a function that starts JupyterLab in a course; it is stopped after the test."""
    with contextlib.ExitStack() as stack:

        def run(course: Path, *arguments: str, **environment: str) -> Lab:
            return stack.enter_context(start_lab(course, *arguments, **environment))

        yield run


@pytest.fixture
def page(request: pytest.FixtureRequest, artifacts: Path) -> Iterator[Page]:
    """Give a page of Chromium; a test that fails leaves a picture of it."""
    with open_page() as page:
        yield page
        report = getattr(request.node, "report_of_call", None)
        if report is not None and report.failed:
            with contextlib.suppress(Exception):
                page.screenshot(path=artifacts / f"failed-{request.node.name}.png")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures know how their test went."""
    report = yield
    if report.when == "call":
        item.report_of_call = report  # type: ignore[attr-defined]
    return report
