"""JupyterLab in any folder, its application open to scripts: for widgets and benchmarks."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
from lab import ARGUMENTS, free_port, serving
from playwright.sync_api import Page, sync_playwright

SETTINGS = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    # Keep every cell in the page, whether it is in sight or not.
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"},
}


def write_notebook(path: Path, cells: Sequence[str]) -> None:
    """Write a notebook of code cells, none of them run."""
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}}
    )
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells]
    nbformat.write(notebook, path)


@contextlib.contextmanager
def lab(folder: Path) -> Iterator[str]:
    """Serve `folder` with JupyterLab, with settings of its own; yield the address."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        settings = Path(home) / "settings"
        for name, value in SETTINGS.items():
            (settings / name).parent.mkdir(parents=True, exist_ok=True)
            (settings / name).write_text(json.dumps(value))
        environment = {k: v for k, v in os.environ.items() if k != "NBGRADER_EXECUTION"} | {
            "JUPYTER_CONFIG_DIR": f"{home}/config",
            "JUPYTER_RUNTIME_DIR": f"{home}/runtime",
            "JUPYTERLAB_SETTINGS_DIR": str(settings),
            "JUPYTERLAB_WORKSPACES_DIR": f"{home}/workspaces",
            "PYTHONPATH": os.pathsep.join(
                [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
            ),
        }
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
            f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
            "--LabApp.expose_app_in_browser=True",
            "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
        ]  # fmt: skip
        address = f"http://127.0.0.1:{port}"
        status, log = f"{address}/api/status", Path(home) / "log"
        with serving(command, status, log, cwd=folder, env=environment):
            yield address


@contextlib.contextmanager
def browser_page(dark: bool = False, scale: float = 1, height: int = 1000) -> Iterator[Page]:
    """Open a page in a fresh browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS, headless=True
        )
        context = browser.new_context(
            viewport={"width": 1360, "height": height},
            color_scheme="dark" if dark else "light",
            device_scale_factor=scale,
        )
        page = context.new_page()
        page.set_default_timeout(60_000)
        try:
            yield page
        finally:
            browser.close()


def open_notebook(page: Page, address: str, name: str) -> Any:
    """Open a notebook alone, without side bars; return the notebook's panel."""
    page.goto(f"{address}/doc/tree/{name}?reset")
    panel = page.locator(".jp-NotebookPanel:visible")
    panel.locator(".jp-Cell").first.wait_for()
    # The page says "idle" before it is connected; what is run then is lost.
    page.wait_for_function(
        """async () => {
            const context = window.jupyterapp?.shell.currentWidget?.sessionContext
            await context?.ready
            const kernel = context?.session?.kernel
            await kernel?.info
            return kernel?.connectionStatus === 'connected' && kernel.status === 'idle'
        }"""
    )
    return panel


def run_all(page: Page) -> None:
    """Run every cell, and wait until they have run.

    Raises
    ------
    AssertionError
        When a cell ended in an error.
    """
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
    page.wait_for_function(
        """() => {
            const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
            return prompts.length && prompts.every(p => /\\d/.test(p.textContent))
        }"""
    )
    errors = page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').all_text_contents()
    assert not errors, errors
