"""What the pages of students and of those who teach share."""

from __future__ import annotations

import html
from datetime import datetime
from pathlib import Path

import ipywidgets as w
import nbformat
from IPython.display import HTML

from curriculum import catalog, files
from curriculum.learner import work

STYLE = """<style>
.class-page { max-width: 66em; line-height: 1.5; }
.class-page table { width: 100%; border-collapse: collapse; font-size: 1em; margin: .4em 0; }
.class-page td, .class-page th { text-align: left !important;
  padding: .3em .8em .3em 0 !important; }
.class-page a { color: var(--jp-content-link-color, #0f5f9a); }
.class-page .quiet { color: var(--jp-ui-font-color2, #555); }
.class-page .late { color: var(--jp-error-color0, #b71c1c); }
.class-page pre { max-height: 16em; overflow: auto; white-space: pre-wrap; font-size: .9em; }
.jp-Cell:has(.class-page) .jp-Cell-inputWrapper { display: none; }
</style>"""


def write_notebook(path: Path, code: str) -> None:
    """Write a notebook of one cell that runs when it opens, unless there is one already."""
    cell = nbformat.v4.new_code_cell(
        code, id="home", metadata={"tags": ["on_open"], "jupyter": {"source_hidden": True}}
    )
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    if not path.exists():
        files.write_text(path, nbformat.writes(notebook) + "\n")
    work.trust(notebook)


def frame(text: str, buttons: list[w.Widget]) -> w.Widget:
    """Put a text and its buttons in a frame."""
    # As an output, not as a widget: then JupyterLab opens its links in tabs of its own.
    shown = w.Output()
    shown.append_display_data(HTML(text))
    box = w.VBox([shown, w.HBox(buttons, layout=w.Layout(flex_flow="row wrap"))])
    box.layout = w.Layout(
        border="1px solid var(--jp-border-color2, #ccc)", padding="0.6em 1.2em", margin="0.5em 0"
    )
    return box


def title_of(topic: str) -> str:
    """Give a topic's title, as HTML."""
    entry = next((entry for entry in catalog.load() if entry.id == topic), None)
    return html.escape(entry.title if entry else topic)


def course_title(course: str) -> str:
    """Give a course's title, as HTML."""
    if course == "ml_interviews":
        return "ML interviews"
    return html.escape(course.replace("_", " ").capitalize())


def when(time: str | datetime) -> str:
    """Write a time as people here read it."""
    moment = datetime.fromisoformat(time) if isinstance(time, str) else time
    return f"{moment.astimezone():%a %d %b %Y, %H:%M %Z}"
