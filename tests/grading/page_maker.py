"""Pages of notebooks, made as `nbgrader generate_feedback` and the formgrader make them."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import nbgrader.server_extensions.formgrader.handlers as formgrader
from bs4 import BeautifulSoup, Comment, Tag
from course import ROOT
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from curriculum.grading import nbgrader_api

PAGES = ("feedback", "formgrade")
_BOOTSTRAP = Path(formgrader.static_path, "node_modules", "bootstrap", "dist", "css")


@functools.cache
def exporter(page: str) -> HTMLExporter:
    """Give nbconvert's exporter with the course's configuration, as nbgrader makes it."""
    config = Config()
    config.merge(nbgrader_api.load_config(ROOT))
    config.HTMLExporter.template_name = page
    config.HTMLExporter.extra_template_paths = [str(_BOOTSTRAP)]
    return HTMLExporter(config=config)


def make(page: str, notebook: NotebookNode, folder: str = "") -> str:
    """Make a page; the gradebook's part of it is made up."""
    about = {"notebook": "work", "score": 1.0, "max_score": 2.0, "late_penalty": 0}
    names = {"assignment_id": "topic", "notebook_id": "work", "submission_id": "s1", "index": 0,
             "total": 1, "base_url": "", "student": "eve", "last_name": "</title><script>alert(1)",
             "first_name": '"><img src=x>', "notebook_path": 'a"b'}  # fmt: skip
    resources: dict[str, Any] = {"nbgrader": about, "metadata": {"name": "work", "path": folder}}
    return exporter(page).from_notebook_node(notebook, {**resources, **names})[0]


def read(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


_NEVER = {
    "iframe", "frame", "frameset", "object", "embed", "applet", "base", "form", "svg", "template",
    "video", "audio", "source", "track", "portal", "maction", "annotation-xml", "mglyph",
    "foreignobject", "use", "animate", "set", "title", "noscript", "xmp", "marquee", "select",
}  # fmt: skip
_LOADS = {
    "srcdoc", "srcset", "background", "ping", "poster", "data", "action", "formaction", "lowsrc",
    "xlink:href", "manifest", "archive", "classid", "codebase", "cite", "longdesc", "usemap",
    "autofocus", "http-equiv", "nonce",
}  # fmt: skip


def dangers(body: Tag) -> list[str]:
    """List what runs, loads, or reaches out of its place in what students wrote."""
    found = [f"<{tag.name}>" for tag in body.find_all(_NEVER | {"script", "link", "meta"})]
    found += [f"comment {text}" for text in body.find_all(string=lambda s: type(s) is Comment)]
    for tag in body.find_all(True):
        for name, value in tag.attrs.items():
            text = " ".join(value) if isinstance(value, list) else value
            if not harmless(name.lower(), text):
                found.append(f"{tag.name} {name}={text[:80]}")
    for style in body.find_all("style"):
        found += loads_of_css(style.get_text())
        found += [
            f"outside its place: {rule}"
            for rule in re.findall(r"(?:^|})\s*([^{}]+){", style.get_text())
            for part in rule.split(",")
            if not re.match(r"\s*\.scope-[0-9a-f]{12} ", part)
        ]
    return found


def harmless(name: str, value: str) -> bool:
    if name.startswith("on") or name in _LOADS or (name == "name" and not value):
        return False
    if name == "href":
        return re.match(r"(https?://|mailto:)", value) is not None
    if name == "src":
        return re.match(r"data:image/[a-z+]+;base64,", value) is not None
    if name == "style":
        return not loads_of_css(value) and "position" not in value
    return True


def loads_of_css(text: str) -> list[str]:
    """List what a style sheet would load, or run in browsers of old."""
    addresses = re.findall(r"url\(\s*['\"]?([^)]*)", text, re.IGNORECASE)
    found = [address for address in addresses if not address.startswith("data:")]
    for word in ("@import", "expression(", "image-set(", "-moz-binding", "position: fixed", "\\"):
        found += [word] if word in text.lower() else []
    return found
