"""The "Check my work" button."""

from __future__ import annotations

import html
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import ipywidgets as w
from IPython.display import display

from curriculum.learner import lesson, place
from curriculum.learner.feedback import feedback_html

SAVE_PATIENCE = 10.0
"""Seconds to wait for JupyterLab to save the notebook before checking what was saved before."""


def check_my_work() -> None:
    """Show the button that grades what is saved, and puts the feedback under itself."""
    if place.being_graded():
        return
    current = lesson.current()
    if current is None:
        print("Run the first cell of the notebook, which begins the lesson, then this one again.")
        return
    display(lesson.without_code(CheckPanel(current).box))


class CheckPanel:
    """Button, progress and feedback of one notebook's checks.

    The check itself runs in a process of its own, so that the notebook stays usable meanwhile.
    """

    def __init__(self, current: lesson.Lesson) -> None:
        self.lesson = current
        self.button = w.Button(
            description="Check my work", button_style="primary", icon="check-circle"
        )
        self.bar = w.IntProgress(layout=w.Layout(width="12em", display="none"))
        self.doing = w.HTML()
        self.open = w.Button(
            description="Open the full feedback",
            icon="external-link",
            layout=w.Layout(width="auto", display="none"),
        )
        self.feedback = w.HTML()
        self.box = w.VBox([w.HBox([self.button, self.bar, self.doing, self.open]), self.feedback])
        self.box.add_class("curriculum-check-panel")
        self.page = ""
        self.button.on_click(self._start)
        self.open.on_click(self._open_page)

    @property
    def path(self) -> Path:
        """The notebook that is checked."""
        return self.lesson.folder / f"{self.lesson.notebook}.ipynb"

    def _start(self, _: w.Button) -> None:
        self.button.disabled = True
        self.bar.layout.display = ""
        self._tell("Saving the notebook", 0, 1)
        asked = time.time()
        save_notebook()
        threading.Thread(target=self._run, args=(asked,), daemon=True).start()

    def _run(self, asked: float) -> None:
        try:
            self._wait_for_save(asked)
            self._check()
        except Exception as error:  # the thread has nobody else to tell
            self._fail(f"The check stopped: {error}")
        finally:
            self.button.disabled = False
            self.bar.layout.display = "none"

    def _wait_for_save(self, asked: float) -> None:
        while time.time() < asked + SAVE_PATIENCE:
            if self.path.exists() and self.path.stat().st_mtime >= asked - 0.05:
                return
            time.sleep(0.1)

    def _check(self) -> None:
        command = [sys.executable, "-m", "curriculum", "check", self.lesson.topic]
        command += ["--notebook", self.lesson.notebook, "--work", str(self.lesson.folder.parent)]
        environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
        ended = False
        # A file takes what a pipe that nobody reads would not: more than 64 kB.
        with tempfile.TemporaryFile("w+") as errors:
            process = subprocess.Popen(
                [*command, "--json"],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment,
            )
            assert process.stdout
            for line in process.stdout:
                ended |= self._hear(json.loads(line))
            process.wait()
            if not ended:
                errors.seek(0)
                said = errors.read().strip()
                self._fail(said.splitlines()[-1] if said else "The check ended without a word.")

    def _hear(self, message: dict[str, Any]) -> bool:
        """Show a message of the check; tell whether it is the last one."""
        if "error" in message:
            self._fail(message["error"])
        elif "attempt" in message:
            self._show(message["attempt"])
        else:
            self._tell(message["doing"], message["done"], message["total"])
            return False
        return True

    def _tell(self, doing: str, done: int, total: int) -> None:
        self.bar.max, self.bar.value = total, done
        self.doing.value = f'<span role="status">{html.escape(doing)} …</span>'

    def _show(self, attempt: dict[str, Any]) -> None:
        result = attempt["notebooks"][0]
        saved = time.strftime("%H:%M:%S", time.localtime(self.path.stat().st_mtime))
        self.doing.value = f'<span role="status">Checked what was saved at {saved}.</span>'
        self.feedback.value = feedback_html(result, self.lesson.topic)
        self.page = result["feedback"]
        self.open.layout.display = "" if self.page else "none"

    def _fail(self, why: str) -> None:
        self.doing.value = f'<span role="alert">{html.escape(why)}</span>'

    def _open_page(self, _: w.Button) -> None:
        path = place.server_path(Path(self.page))
        if path is None:
            self.doing.value = f"The feedback is in {html.escape(self.page)}"
        else:
            open_in_lab(path)


def save_notebook() -> None:
    """Ask JupyterLab to save the notebook in front; another front end saves by itself."""
    _lab_command("docmanager:save")


def open_in_lab(path: str) -> None:
    """Open a file in a tab of JupyterLab."""
    _lab_command("docmanager:open", {"path": path})


def _lab_command(name: str, arguments: dict[str, str] | None = None) -> None:
    try:
        from ipylab import JupyterFrontEnd
    except ImportError:  # the notebook runs in another front end, or in a bare kernel
        return
    JupyterFrontEnd().commands.execute(name, arguments)
