"""The home page: what there is, where the learner stands, what is new."""

from __future__ import annotations

import html
import os
import threading
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import ipywidgets as w
import nbformat
from IPython.display import HTML, DisplayHandle, display

from curriculum import catalog, files
from curriculum.learner import place, work
from curriculum.learner.log import Log, LogError
from curriculum.learner.progress import Standing, standing

NOTEBOOK = "start_here.ipynb"

LOOK_EVERY = 3.0
"""Seconds between two looks at the log, which cost about a millisecond each."""

Standings = dict[tuple[str, str], Standing]
"""By topic and notebook."""

_UNKNOWN = Standing(None, None, 0.0, 0.0, 0)
_CODE = "from curriculum import learner\n\nlearner.home()"
_MARK = {"not started": "○", "started": "◔", "in progress": "◑", "done": "●"}


def write_home_notebook(folder: Path, release: Path) -> Path:
    """Write `start_here.ipynb`, its page already in it, so that it reads without a kernel.

    A learner who changed its cells keeps theirs: the file is then left alone.
    """
    path = folder / NOTEBOOK
    page = nbformat.v4.new_output(
        "display_data", {"text/html": page_html(folder, release), "text/plain": "The home page"}
    )
    cell = nbformat.v4.new_code_cell(
        _CODE,
        id="home",
        outputs=[page],
        metadata={"tags": ["on_open"], "jupyter": {"source_hidden": True}},
    )
    notebook = nbformat.v4.new_notebook(
        cells=[cell],
        metadata={
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            }
        },
    )
    if path.exists() and _is_changed(path):
        return path
    files.write_text(path, nbformat.writes(notebook) + "\n")
    return path


def _is_changed(path: Path) -> bool:
    try:
        there = nbformat.read(path, 4)
    except Exception:  # damaged, in whatever way nbformat trips over it
        return False
    return [cell.source for cell in there.cells] != [_CODE]


def home() -> None:
    """Show the home page, with buttons that refresh it and take new versions."""
    folder = Path.cwd()
    release = Path(os.environ.get("CURRICULUM_LAB_ROOT") or folder.parent) / "release"
    page = display(HTML(page_html(folder, release)), display_id=True)
    if not place.being_graded():
        display(_Controls(folder, release).box)
        _Watch.begin(page, folder, release)


class _Watch(threading.Thread):
    """Shows the page anew whenever what it says has changed; only the latest page is watched."""

    latest: _Watch | None = None

    def __init__(self, page: DisplayHandle, folder: Path, release: Path) -> None:
        super().__init__(daemon=True)
        self.page, self.folder, self.release = page, folder, release
        self.shown = page_html(folder, release)
        self.over = threading.Event()

    @classmethod
    def begin(cls, page: DisplayHandle, folder: Path, release: Path) -> None:
        if cls.latest:
            cls.latest.over.set()
        cls.latest = cls(page, folder, release)
        cls.latest.start()

    def run(self) -> None:
        while not self.over.wait(LOOK_EVERY):
            now = page_html(self.folder, self.release)
            if now != self.shown:
                self.shown = now
                self.page.update(HTML(now))


class _Controls:
    def __init__(self, folder: Path, release: Path) -> None:
        self.folder, self.release = folder, release
        self.offers = w.VBox()
        self.said = w.HTML()
        self.box = w.VBox([self.offers, self.said])
        self._list()

    def _list(self) -> None:
        waiting = [c for c in work.copies(self.folder, self.release) if c.is_offered]
        self.offers.children = tuple(self._offer(copy) for copy in waiting)

    def _offer(self, copy: work.Copy) -> w.Widget:
        title = f"{catalog.load()[copy.topic].title} · {copy.notebook}"
        button = w.Button(
            description=f"Take the new version of {title}", layout=w.Layout(width="auto")
        )
        button.on_click(lambda _: self._take(copy))
        return button

    def _take(self, copy: work.Copy) -> None:
        try:
            former = work.take(copy)
            self.said.value = (
                f"Done: your answers are in it, and your former copy is {html.escape(former.name)}."
                " If the notebook is open in a tab, close that tab and open it again."
            )
        except (work.WorkError, OSError) as error:
            self.said.value = html.escape(str(error))
        self._list()


def page_html(folder: Path, release: Path) -> str:
    """Give the home page as HTML: topics with minutes, state and links."""
    standings, trouble = _standings(Log(place.state_folder(folder)))
    topics = "".join(_topic_html(topic, folder, release, standings) for topic in catalog.load())
    if trouble:
        topics = f'<p role="alert">{html.escape(trouble)}</p>{topics}'
    return f"""
<style>
.curriculum-home {{ max-width: 62em; line-height: 1.5; }}
.curriculum-home .topic {{ border: 1px solid var(--jp-border-color2, #ccc); border-radius: 6px;
  padding: .8em 1.2em; margin: 1em 0; }}
.curriculum-home table {{ width: 100%; border-collapse: collapse; margin: .6em 0 0 0;
  font-size: 1em; }}
.curriculum-home td, .curriculum-home th {{ text-align: left !important;
  padding: .35em .8em .35em 0 !important; }}
.jp-Cell:has(.curriculum-home) .jp-Cell-inputWrapper {{ display: none; }}
.curriculum-home .minutes {{ color: var(--jp-ui-font-color2, #555); }}
</style>
<div class="curriculum-home">
<h1>Your interview preparation</h1>
<p>Every topic has four notebooks: <strong>see</strong> the idea and touch it,
<strong>build</strong> it from scratch, <strong>use</strong> it on real data, and
<strong>say</strong> it as you would to an interviewer. At the end of each, <em>Check my work</em>
grades what you wrote.</p>
{topics}
</div>"""


def _standings(log: Log) -> tuple[Standings, str]:
    """Look up every notebook; a damaged log gives none, and a sentence about it."""
    try:
        return {
            (topic.id, name): standing(log, topic.id, name)
            for topic in catalog.load()
            for name in topic.notebooks
        }, ""
    except LogError as error:
        return {}, str(error)


def _topic_html(topic: catalog.Topic, folder: Path, release: Path, standings: Standings) -> str:
    rows = "".join(_row(topic, name, folder, release, standings) for name in topic.notebooks)
    hours = f"{topic.total_minutes // 60} h {topic.total_minutes % 60:02d} min"
    needs = [catalog.load()[need].title for need in topic.needs]
    after = f" · after {html.escape(', '.join(needs))}" if needs else ""
    return f"""<section class="topic" aria-label="{html.escape(topic.title)}">
<h2 style="margin: 0">{html.escape(topic.title)}</h2>
<span class="minutes">About {hours} in all{after}</span>
<p style="margin: .4em 0">{html.escape(topic.summary)}</p>
<table><thead><tr><th scope="col">Notebook</th><th scope="col">Time</th><th scope="col">State</th>
<th scope="col">Points</th></tr></thead><tbody>{rows}</tbody></table></section>"""


def _row(topic: catalog.Topic, name: str, folder: Path, release: Path, standings: Standings) -> str:
    at = standings.get((topic.id, name), _UNKNOWN)
    copy = work.Copy(topic.id, name, folder, release)
    label = f"{name[0]} · {catalog.NOTEBOOKS[name]}"
    link = f'<a href="{topic.id}/{name}.ipynb">{label}</a>'
    points = f"{at.points:g} of {at.max_points:g}" if at.checked and at.max_points else ""
    return (
        f"<tr><td>{link}{_news(copy)}</td><td class='minutes'>{topic.minutes[name]} min</td>"
        f"<td>{_MARK[at.state]} {_state_words(at)}</td><td>{points}</td></tr>"
    )


def _news(copy: work.Copy) -> str:
    if not copy.is_offered:
        return ""
    folder = copy.topic
    return (
        f'<br>A new version waits: <a href="{folder}/{quote(copy.changes.name)}">what changed</a>,'
        f' <a href="{folder}/{quote(copy.offered.name)}">look at it</a>'
    )


def _state_words(at: Standing) -> str:
    return f"{at.state}, checked {_ago(at.checked)}" if at.checked else at.state


def _ago(moment: datetime) -> str:
    """Count the learner's own days, which end at their midnight."""
    days = max(0, (datetime.now().astimezone().date() - moment.astimezone().date()).days)
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
