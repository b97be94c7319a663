"""JupyterLab in a course, and a page of Chromium in front of it.

Use it as context managers, or through the fixtures `run_lab` and `page` of `conftest.py`::

    with start_lab(course) as lab, open_page(lab) as page:
        page.goto(lab.url("/lab/tree/work/start_here.ipynb"))
        ...
        assert page.refused == []

A page can reach nothing but this machine: every other request is refused, and kept in
`page.refused`, so that a test can tell what would have been asked for. A second page of a test
comes from `page.context.new_page()`: one thread can hold one Playwright.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import course as courses
from playwright.sync_api import (
    Browser,
    FrameLocator,
    Locator,
    Page,
    Playwright,
    Route,
    expect,
    sync_playwright,
)

TOKEN = "test-token"

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]

LOCAL = {"localhost", "127.0.0.1", "::1", None}
"""Hosts that are this machine; None is what `data:`, `blob:` and `file:` addresses have."""


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    course: Path
    address: str
    log: Path

    def url(self, path: str = "/lab") -> str:
        """Give the address of a page of it, with the token that lets one in."""
        return f"{self.address}{path}{'&' if '?' in path else '?'}token={TOKEN}"


@dataclass(frozen=True)
class Refusal:
    """A request that would have left this machine: the page that made it, and what it asked for."""

    page: str
    url: str


@dataclass
class Guard:
    """Let requests reach this machine, and remember all others."""

    refused: list[Refusal] = field(default_factory=list)

    def __call__(self, route: Route) -> None:
        """Decide about one request."""
        url = route.request.url
        if urlsplit(url).hostname in LOCAL:
            route.continue_()
            return
        self.refused.append(Refusal(urlsplit(route.request.frame.url).path, url))
        route.abort()


@contextlib.contextmanager
def start_lab(course: Path, *arguments: str, **environment: str) -> Iterator[Lab]:
    """Run `curriculum lab` in a course until the block ends.

    Parameters
    ----------
    course : Path
        The folder with `nbgrader_config.py` and `source/`, as `course.make_course` makes it.
    *arguments
        More for the `curriculum lab` command.
    **environment
        Variables to add to the course's own environment.
    """
    port = free_port()
    lab = Lab(course, f"http://localhost:{port}", course / "lab.log")
    command = ["curriculum", "lab", f"--port={port}", "--no-browser", *arguments]
    variables = {**courses.environment(course), "JUPYTER_TOKEN": TOKEN, **environment}
    with serving(command, lab.url("/api/status"), lab.log, cwd=course, env=variables):
        yield lab


@contextlib.contextmanager
def serving(
    command: Sequence[str], address: str, log: Path, *, cwd: Path, env: dict[str, str]
) -> Iterator[None]:
    """Run a server, from when it answers at an address until the block ends.

    Raises
    ------
    RuntimeError
        It ended, or did not answer for three minutes; with what it said.
    """
    with log.open("w") as said:
        server = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        _wait_for(address, server, log)
        yield
    finally:
        _stop(server)


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    patience = time.monotonic() + 180
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except OSError:
            if server.poll() is not None or time.monotonic() > patience:
                raise RuntimeError(f"The server did not start:\n{log.read_text()}") from None
            time.sleep(0.2)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End JupyterLab with its kernels, all of which are in a session of their own."""
    server.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(30)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Chromium."""
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        try:
            yield browser
        finally:
            browser.close()


def _launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)


@contextlib.contextmanager
def open_page(
    lab: Lab | None = None,
    *,
    browser: Browser | None = None,
    width: int = 1360,
    height: int = 1000,
    dark: bool = False,
    failed: Path | None = None,
) -> Iterator[Page]:
    """Open a page that reaches nothing but this machine.

    Parameters
    ----------
    lab : Lab, optional
        Where the page is let in by a cookie, so that addresses need no token.
    browser : Browser, optional
        A running Chromium; otherwise one is started.
    width, height : int
        Of the window, in pixels.
    dark : bool
        Whether the person prefers dark pages.
    failed : Path, optional
        Where to keep a picture of the page if the block raises.

    Yields
    ------
    Page
        With `page.refused`, a list of `Refusal`.
    """
    with contextlib.ExitStack() as stack:
        browser = browser or stack.enter_context(open_browser())
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        stack.callback(context.close)
        guard = Guard()
        context.route("**/*", guard)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.refused = guard.refused  # type: ignore[attr-defined]
        if lab:
            page.goto(lab.url("/api/status"))
        try:
            yield page
        except BaseException:
            if failed:
                with contextlib.suppress(Exception):
                    page.screenshot(path=failed)
            raise


def choose(page: Page, menu: str, *items: str | re.Pattern[str]) -> None:
    """Click through a menu of JupyterLab, e.g. `choose(page, "File", "Save Notebook")`."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    for item in items:
        page.get_by_role("menuitem", name=item).click()


def wait_for_lab(page: Page) -> None:
    """Wait until JupyterLab has put itself together."""
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    page.locator("#main").wait_for()


def open_notebook(page: Page, lab: Lab, path: str) -> Locator:
    """Open a notebook by its path in the course; gives its panel, with a kernel that is ready."""
    page.goto(f"{lab.address}/lab/tree/{path}")
    wait_for_lab(page)
    panel = page.locator(".jp-NotebookPanel:visible")
    panel.locator(".jp-Cell").first.wait_for()
    panel.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    return panel


def open_formgrader(page: Page, topic: str) -> FrameLocator:
    """Open the formgrader from JupyterLab's menu, where this topic is; it is a page in a frame."""
    choose(page, "Nbgrader", re.compile(r"^Formgrader\s*$"))
    frame = page.frame_locator("iframe:visible")
    expect(row(frame, topic)).to_be_visible()
    return frame


def row(frame: FrameLocator, name: str) -> Locator:
    """Find the row of one of the formgrader's tables."""
    return frame.locator("#main-table tr").filter(has_text=name)
