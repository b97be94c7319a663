"""A student's page of their class: what is due, what they handed in, what came back."""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets as w
from IPython.display import display

from curriculum import files
from curriculum.hub import page
from curriculum.hub.exchange.client import RECEIPTS, DeskClient, DeskError, Paths, sha256
from curriculum.learner import place

NOTEBOOK = "start_here.ipynb"
_CODE = "from curriculum.hub import my_class\n\nmy_class.show()"


def write_page(home: Path) -> None:
    """Write the page's notebook, unless the student has made another of it."""
    page.write_notebook(home / NOTEBOOK, _CODE)


def show() -> None:
    """Show the page, with its buttons."""
    if not place.being_graded():
        display(_Page(DeskClient(Paths(Path.cwd()))).box)


class _Page:
    def __init__(self, desk: DeskClient) -> None:
        self.desk = desk
        self.head = w.HTML()
        self.topics = w.VBox()
        self.said = w.HTML()
        again = w.Button(description="Look again", icon="refresh", tooltip="Ask the class anew")
        again.on_click(lambda _: self.refresh())
        self.box = w.VBox([self.head, self.said, self.topics, again])
        self.box.add_class("class-page")
        self.refresh()

    def refresh(self) -> None:
        """Ask the desk, and draw what it says."""
        try:
            found = self.desk.overview()
        except DeskError as why:
            self._say(str(why), bad=True)
            return
        self.head.value = page.STYLE + (
            f"<h1>{page.course_title(found['course'])}</h1>"
            f"<p>You are <strong>{html.escape(found['student'])}</strong>. <em>Fetch</em> a topic,"
            " work in its notebooks, and <em>Submit</em> as often as you like: the last one"
            " counts.</p>"
        )
        self.topics.children = tuple(self._topic(one, found) for one in found["topics"])
        if not found["topics"]:
            self.topics.children = (w.HTML("<p>Nothing has been released yet.</p>"),)

    def _topic(self, one: dict[str, Any], found: dict[str, Any]) -> w.Widget:
        topic = one["topic"]
        mine = [s for s in found["submissions"] if s["topic"] == topic]
        fetched = self.desk.paths.topic(topic).is_dir()
        buttons = [
            self._button("Fetch", "download", not fetched, self._fetch, topic),
            self._button("Submit", "upload", fetched, self._submit, topic),
        ]
        waiting = [s for s in mine if s["feedback"] and self._is_new(s)]
        if waiting:
            buttons.append(self._button("Fetch feedback", "comments", True, self._read, waiting))
        return page.frame(topic_html(one, mine, self.desk.paths, fetched), buttons)

    def _is_new(self, submission: dict[str, Any]) -> bool:
        folder = self.desk.paths.feedback(submission)
        pages = submission["feedback"].items()
        return any(sha256(folder / f"{name}.html") != mark for name, mark in pages)

    def _button(
        self, label: str, icon: str, enabled: bool, do: Callable[[Any], str], what: Any
    ) -> w.Button:
        button = w.Button(description=label, icon=icon, disabled=not enabled)
        button.layout.width = "auto"
        button.on_click(lambda pressed: self._do(pressed, do, what))
        return button

    def _do(self, button: w.Button, do: Callable[[Any], str], what: Any) -> None:
        button.disabled = True
        try:
            said, bad = do(what), False
        except (DeskError, files.WriteError) as why:
            said, bad = html.escape(str(why)), True
        self.refresh()
        self._say(said, bad=bad)

    def _say(self, sentence: str, *, bad: bool) -> None:
        style = "late" if bad else ""
        self.said.value = f'<p role="status" class="{style}">{sentence}</p>'

    def _fetch(self, topic: str) -> str:
        brought = self.desk.fetch(topic)
        return f"Fetched {html.escape(topic)}: {len(brought)} files. Open a notebook by its name."

    def _submit(self, topic: str) -> str:
        receipt = self.desk.submit(topic)
        kept = self.desk.paths.receipt(receipt).name
        return (
            f"Submitted {html.escape(topic)}: receipt no. {receipt['number']}, received"
            f" {_second(receipt['time'])}, SHA-256 {receipt['digest'][:16]}… It is kept in"
            f" {RECEIPTS}/{html.escape(kept)}."
        )

    def _read(self, submissions: list[dict[str, Any]]) -> str:
        fetched = [path for one in submissions for path in self.desk.fetch_feedback(one)]
        return f"Fetched {len(fetched)} pages of feedback."


def topic_html(one: dict[str, Any], mine: list[dict[str, Any]], paths: Paths, fetched: bool) -> str:
    """Say of a topic when it is due, what was handed in, and what came back.

    Parameters
    ----------
    one, mine : dict, list of dict
        The topic, and the student's submissions of it, as the desk gives them.
    paths : Paths
        Where the student's files are.
    fetched : bool
        Whether they have the topic.
    """
    topic = one["topic"]
    lines = [f"<h2 style='margin:0'>{page.title_of(topic)}</h2>", _due_html(one.get("due"), mine)]
    if fetched:
        names = sorted(path.stem for path in paths.topic(topic).glob("*.ipynb"))
        links = (
            f'<a href="{html.escape(topic)}/{html.escape(name)}.ipynb">{html.escape(name)}</a>'
            for name in names
        )
        lines.append(f"<p style='margin:.3em 0'>{' · '.join(links)}</p>")
    if mine:
        rows = "".join(_submission_html(s, paths, one.get("due")) for s in reversed(mine[-5:]))
        lines.append(
            "<table><thead><tr><th>Receipt</th><th>Received</th><th>SHA-256 of the files</th>"
            f"<th>Feedback</th></tr></thead><tbody>{rows}</tbody></table>"
        )
    return "".join(lines)


def _due_html(due: str | None, mine: list[dict[str, Any]]) -> str:
    if not due:
        return "<span class='quiet'>No due date</span>"
    moment = datetime.fromisoformat(due)
    left = moment - datetime.now().astimezone()
    days = left.days
    if left.total_seconds() > 0:
        how = f"in {days} days" if days > 1 else f"in {left.total_seconds() / 3600:.0f} hours"
        return f"<span class='quiet'>Due {page.when(due)}, {how}</span>"
    word = "quiet" if mine else "late"
    return f"<span class='{word}'>Was due {page.when(due)}</span>"


def _submission_html(submission: dict[str, Any], paths: Paths, due: str | None) -> str:
    late = due and datetime.fromisoformat(submission["time"]) > datetime.fromisoformat(due)
    folder = paths.feedback(submission)
    here = [name for name in submission["feedback"] if (folder / f"{name}.html").exists()]
    relative = os.path.relpath(folder, paths.home)
    pages = " · ".join(
        f'<a href="{html.escape(relative)}/{html.escape(name)}.html">{html.escape(name)}</a>'
        for name in here
    )
    state = pages or ("ready to fetch" if submission["feedback"] else "none yet")
    mark = " <span class='late'>late</span>" if late else ""
    return (
        f"<tr><td>no. {submission['number']}</td><td>{_second(submission['time'])}{mark}</td>"
        f"<td><code>{submission['digest'][:16]}…</code></td><td>{state}</td></tr>"
    )


def _second(time: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone():%a %d %b %Y, %H:%M:%S %Z}"
