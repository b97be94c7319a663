"""Tells whether a page would run, load or send anything that a submission brought along."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag

MARK = "pwned-by-a-student"
"""Stands in every script, address and file that attacks bring along."""

_ACTIVE = {"script", "iframe", "object", "embed", "form", "base", "meta", "link", "frame", "applet",
           "portal", "style", "animate", "set", "foreignobject"}  # fmt: skip
_ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcset",
              "background", "ping", "to", "values", "from"}  # fmt: skip
_RUNS = re.compile(r"^[\s\x00-\x20]*(javascript|vbscript|data:text/html|data:image/svg)", re.I)
_LOADS = re.compile(r"^\s*(https?:)?//", re.I)


def hostile(html: str) -> list[str]:
    """List the elements of a page that do something of a submission's own, or fetch something."""
    if MARK not in html:
        return []
    soup = BeautifulSoup(html, "html.parser")
    return [str(tag)[:200] for tag in soup.find_all(True) if _is_hostile(tag)]


def _is_hostile(tag: Tag) -> bool:
    own = {name.lower(): _text(value) for name, value in tag.attrs.items()}
    marked = {name: value for name, value in own.items() if MARK in value}
    if tag.name.lower() in _ACTIVE and (marked or MARK in tag.get_text()):
        return True
    if any(name.startswith("on") or name == "srcdoc" or name == "style" for name in marked):
        return True
    return any(
        name in _ADDRESSES and (_RUNS.match(value) or (_LOADS.match(value) and tag.name != "a"))
        for name, value in marked.items()
    )


def _text(value: str | list[str] | None) -> str:
    return " ".join(value) if isinstance(value, list) else value or ""
