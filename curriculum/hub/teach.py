"""The page of those who teach: each step of an assignment, and where the class stands."""

from __future__ import annotations

import html
import os
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets as w
from IPython.display import display
from nbgrader.api import Gradebook, MissingEntry

from curriculum.hub import page
from curriculum.learner import place

NOTEBOOK = "teach_here.ipynb"
_CODE = "from curriculum.hub import teach\n\nteach.show()"


def write_page(course: Path) -> None:
    """Write the page's notebook, unless there is one already."""
    page.write_notebook(course / NOTEBOOK, _CODE)


def show() -> None:
    """Show the page, with its buttons."""
    if not place.being_graded():
        display(_Page(Path.cwd()).box)


@dataclass(frozen=True)
class Standing:
    """Where a topic stands.

    Parameters
    ----------
    topic : str
        Its id.
    due : str or None
        When it is due, UTC.
    released : bool
        Whether students can fetch it.
    arrived, collected, graded, by_hand, returned : int
        Students who have handed in, whose work was collected, graded by the machine, waits for
        somebody, and has feedback.
    """

    topic: str
    due: str | None
    released: bool
    arrived: int
    collected: int
    graded: int
    by_hand: int
    returned: int

    @property
    def words(self) -> str:
        """Say it."""
        if not self.released:
            return "Not released yet."
        said = f"Released. {self.arrived} handed in, {self.collected} collected,"
        said += f" {self.graded} graded"
        if self.by_hand:
            said += f", <strong>{self.by_hand} wait for you</strong>"
        return f"{said}, {self.returned} with feedback."


def standings(course: Path) -> list[Standing]:
    """Look where each topic stands, in the gradebook and in the exchange."""
    course_id = os.environ["CURRICULUM_COURSE"]
    exchange = Path(os.environ["CURRICULUM_EXCHANGE_ROOT"]) / course_id
    topics = sorted(path.name for path in (course / "source").iterdir() if path.is_dir())
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", course_id) as book:
        return [_standing(topic, course, exchange, book) for topic in topics]


def _standing(topic: str, course: Path, exchange: Path, book: Gradebook) -> Standing:
    try:
        assignment = book.find_assignment(topic)
        submitted = list(assignment.submissions)
        due = f"{assignment.duedate.isoformat()}+00:00" if assignment.duedate else None
    except MissingEntry:
        submitted, due = [], None
    return Standing(
        topic,
        due,
        released=(exchange / "outbound" / topic).is_dir(),
        arrived=len(_students((exchange / "inbound").glob(f"*+{topic}+*"))),
        collected=len(list((course / "submitted").glob(f"*/{topic}"))),
        graded=len(submitted),
        by_hand=sum(one.needs_manual_grade for one in submitted),
        returned=len(list((course / "feedback").glob(f"*/{topic}"))),
    )


def _students(folders: Any) -> set[str]:
    return {folder.name.split("+")[0] for folder in folders}


_STEPS: list[tuple[str, str, list[str], str]] = [
    ("Release", "share", ["nbgrader", "release_assignment", "{topic}"], "students can fetch it"),
    ("Collect", "inbox", ["nbgrader", "collect", "{topic}", "--update"], "bring what came"),
    ("Grade", "check", ["curriculum", "grade", "{topic}"], "run the tests, several at once"),
    ("Class view", "bar-chart", ["curriculum", "class", "view", "{topic}"], "where they are stuck"),
    ("Make feedback", "comments", ["nbgrader", "generate_feedback", "{topic}"], "write the pages"),
    ("Return feedback", "paper-plane", ["nbgrader", "release_feedback", "{topic}"], "hand it out"),
]


class _Page:
    def __init__(self, course: Path) -> None:
        self.course = course
        self._busy = threading.Lock()
        self.head = w.HTML(page.STYLE + _head_html())
        self.said = w.HTML()
        self.topics = w.VBox()
        again = _button("Look again", "refresh", "where everything stands now", self.refresh)
        export = ["nbgrader", "export", "--to", "grades.csv"]
        grades = _button("Export grades", "table", "all of them, to grades.csv", None)
        grades.on_click(lambda _: self._run(export))
        self.box = w.VBox([self.head, self.said, self.topics, w.HBox([again, grades])])
        self.box.add_class("class-page")
        self.refresh()

    def refresh(self) -> None:
        """Look anew."""
        self.topics.children = tuple(self._topic(one) for one in standings(self.course))
        for button in self.box.children[-1].children:
            button.disabled = False

    def _topic(self, one: Standing) -> w.Widget:
        due = f"Due {page.when(one.due)}. " if one.due else ""
        text = f"<h2 style='margin:0'>{page.title_of(one.topic)}</h2><p>{due}{one.words}"
        view = f"class_view/{one.topic}.html"
        if (self.course / view).exists():
            text += f' <a href="{view}" target="_blank">Class view</a>'
        buttons = []
        for label, icon, words, about in _STEPS:
            command = [word.format(topic=one.topic) for word in words]
            button = _button(label, icon, about, None)
            button.on_click(lambda _, command=command: self._run(command))
            buttons.append(button)
        return page.frame(f"{text}</p>", buttons)

    def _run(self, command: list[str]) -> None:
        """Run a command beside, so that the page stays alive, and show what it says."""
        if self._busy.locked():
            return
        self._busy.acquire()
        for button in self._buttons():
            button.disabled = True
        threading.Thread(target=self._follow, args=(command,), daemon=True).start()

    def _follow(self, command: list[str]) -> None:
        lines: list[str] = []
        name = " ".join(command)
        process = subprocess.Popen(
            command, cwd=self.course, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout
        for line in process.stdout:
            lines.append(line)
            self._say(f"{name} …", lines, "")
        failed = process.wait()
        self._busy.release()
        self.refresh()
        self._say(f"{name}: {'failed' if failed else 'done'}.", lines, "late" if failed else "")

    def _say(self, what: str, lines: list[str], style: str) -> None:
        told = html.escape("".join(lines[-200:]))
        self.said.value = (
            f'<p role="status" class="{style}"><strong>{html.escape(what)}</strong></p>'
            f"<details {'open' if style else ''}><summary>What it said</summary><pre>{told}</pre>"
            "</details>"
        )

    def _buttons(self) -> list[w.Button]:
        frames = [frame.children[1].children for frame in self.topics.children]
        return [*self.box.children[-1].children, *(b for row in frames for b in row)]


def _button(label: str, icon: str, about: str, do: Callable[[], None] | None) -> w.Button:
    button = w.Button(description=label, icon=icon, tooltip=about)
    button.layout.width = "auto"
    if do:
        button.on_click(lambda _: do())
    return button


def _head_html() -> str:
    course = os.environ["CURRICULUM_COURSE"]
    hub = html.escape(os.environ.get("CURRICULUM_CLASS_URL", ""))
    return (
        f"<h1>Teach {page.course_title(course)}</h1>"
        "<p>From left to right: release a topic, collect and grade what came, grade the"
        " <code>4_say</code> answers by hand in the <em>Formgrader</em> (menu <em>Nbgrader</em>),"
        " then make and return feedback. Due dates are set there, too."
        f' <a href="{hub}/hub/authorize" target="_blank">Let people in</a>.</p>'
    )
