"""Begin a lesson: say where the learner is, and listen to what they do."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets as w
from IPython.display import HTML, display

from curriculum import catalog, events
from curriculum.files import WriteError
from curriculum.learner import place
from curriculum.learner.log import Event, Log, LogError

HOME_NOTEBOOK = "start_here.ipynb"


_WITHOUT_CODE = "curriculum-without-code"

_STYLE = f"""<style>
.jp-Cell:has(.{_WITHOUT_CODE}) > .jp-Cell-inputWrapper {{ display: none; }}
</style>"""
"""In JupyterLab, a cell that shows one of our panels shows the panel alone."""


@dataclass(frozen=True)
class Lesson:
    """The notebook that this kernel runs."""

    topic: str
    notebook: str
    folder: Path


@dataclass
class _Session:
    """What one kernel knows: its lesson, and how to stop listening."""

    lesson: Lesson | None = None
    stop: Callable[[], None] | None = None
    warned: bool = False


_session = _Session()


def begin(topic: str, notebook: str) -> None:
    """Open a lesson: show its place in the topic, and start keeping the log.

    Parameters
    ----------
    topic, notebook : str
        As the catalogue names them, e.g. `"gradient_descent"`, `"2_build"`.

    Raises
    ------
    CatalogError
        There is no such topic, or it has no such notebook.
    """
    entry = catalog.load()[topic]
    if notebook not in entry.notebooks:
        known = ", ".join(entry.notebooks)
        raise catalog.CatalogError(f"{topic} has no notebook {notebook!r}; it has {known}.")
    _session.lesson = Lesson(topic, notebook, Path.cwd())
    if not place.being_graded():
        if _session.stop:
            _session.stop()
        _session.stop = events.subscribe(lambda kind, fields: record(kind, **fields))
        record("opened")
    display(HTML(_header(entry, notebook)))


def without_code(panel: w.Box) -> w.Box:
    """Mark a panel whose cell shows no code in JupyterLab."""
    panel.add_class(_WITHOUT_CODE)
    return panel


def current() -> Lesson | None:
    """Give the lesson that this kernel has begun."""
    return _session.lesson


def record(kind: str, **fields: Any) -> None:
    """Append to the learner's log; what can't be kept is said once and never stops a lesson."""
    if place.being_graded():
        return
    lesson = _session.lesson
    exercise = str(fields.pop("exercise", fields.pop("id", "")))
    log = Log(place.state_folder())
    try:
        log.append(
            Event(
                kind,
                topic=lesson.topic if lesson else "",
                notebook=lesson.notebook if lesson else "",
                exercise=exercise,
                help=_help_used(log, lesson, exercise),
                data=fields,
            )
        )
    except (LogError, WriteError) as error:
        if not _session.warned:
            _session.warned = True
            print(error)


def _help_used(log: Log, lesson: Lesson | None, exercise: str) -> str:
    if not (lesson and exercise):
        return ""
    opened = log.events("hint", topic=lesson.topic, exercise=exercise)
    steps = {event.data.get("step") for event in opened}
    return f"hints={len(steps)}" if steps else ""


def _header(entry: catalog.Topic, notebook: str) -> str:
    steps = [_step(name, here=name == notebook) for name in entry.notebooks]
    titles = [catalog.load()[need].title for need in entry.needs]
    needs = f"after {html.escape(', '.join(titles))}" if titles else "no other topic first"
    return (
        f"{_STYLE}"
        '<nav aria-label="Place in the topic" style="border-left: 4px solid #0072B2;'
        ' padding: .4em .9em; margin: .2em 0">'
        f"<strong>{html.escape(entry.title)}</strong> &nbsp; {' &nbsp;→&nbsp; '.join(steps)}<br>"
        f"<span>About {entry.minutes[notebook]} minutes · {needs}{_way_home()}</span></nav>"
    )


def _step(name: str, *, here: bool) -> str:
    label = f"{name[0]} · {catalog.NOTEBOOKS[name]}"
    if here:
        return f"<strong>{label}</strong>"
    # On a feedback page there is no notebook beside it to go to.
    return label if place.being_graded() else f'<a href="{name}.ipynb">{label}</a>'


def _way_home() -> str:
    there = (Path.cwd().parent / HOME_NOTEBOOK).exists() and not place.being_graded()
    return f' · <a href="../{HOME_NOTEBOOK}">home</a>' if there else ""
