"""Styles of students' HTML: what colours and lays out their own output, and nothing else.

Declarations are kept from a list, and none that could load, draw over what stands beside it, or
write text. Rules are moved below a class of the fragment that they came with, and names of classes
and ids get a prefix, so that they mean nothing to the page around them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import tinycss2
from pygments.token import STANDARD_TYPES

PREFIX = "x-"

_SIDES = ("", "-top", "-right", "-bottom", "-left")
PROPERTIES = {
    "color", "background", "background-color", "opacity",
    "font", "font-family", "font-size", "font-style", "font-variant", "font-weight",
    "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align",
    "white-space", "word-break", "overflow-wrap", "line-height", "letter-spacing",
    "width", "min-width", "max-width", "height", "min-height", "max-height", "box-sizing",
    "overflow", "overflow-x", "overflow-y", "display", "float", "clear",
    "flex", "flex-basis", "flex-direction", "flex-grow", "flex-shrink", "flex-wrap", "gap",
    "align-items", "justify-content", "list-style-type", "caption-side", "table-layout",
    "border-collapse", "border-radius", "border-spacing",
    *(f"padding{side}" for side in _SIDES),
    *(f"margin{side}" for side in _SIDES),
    *(f"border{side}{what}" for side in _SIDES for what in ("", "-color", "-style", "-width")),
}  # fmt: skip
_FUNCTIONS = {"rgb", "rgba", "hsl", "hsla", "linear-gradient", "var"}
_PSEUDO = {
    "first-child", "last-child", "nth-child", "nth-last-child", "first-of-type", "last-of-type",
    "nth-of-type", "hover", "not",
}  # fmt: skip
_LONGEST = 100_000

HIGHLIGHTING = {"highlight", "codehilite", *filter(None, STANDARD_TYPES.values())}
"""Classes that the page itself colours code by."""


def own_class(name: str) -> str:
    """Give the name by which a class of a student's goes on the page."""
    return name if name in HIGHLIGHTING or name.startswith(PREFIX) else PREFIX + name


def declarations(text: str) -> str:
    """Keep the harmless declarations of a `style` attribute or of a rule."""
    return _kept(tinycss2.parse_blocks_contents(text[:_LONGEST], True, True))


def scoped(styles: Iterable[str]) -> tuple[str, str]:
    """Move rules below a class.

    Parameters
    ----------
    styles : iterable of str
        The texts of a fragment's `style` elements.

    Returns
    -------
    tuple of str
        The rules that are left, and the class that the fragment must get; both empty when none is.
    """
    found = list(styles)
    scope = "scope-" + hashlib.sha256("\n".join(found).encode()).hexdigest()[:12]
    rules = [rule for text in found for rule in _rules(text[:_LONGEST], scope)]
    return ("\n".join(rules), scope) if rules else ("", "")


def _rules(text: str, scope: str) -> Iterator[str]:
    for rule in tinycss2.parse_stylesheet(text, True, True):
        if rule.type != "qualified-rule":  # an at-rule loads, or names what the page could use
            continue
        kept = _kept(tinycss2.parse_blocks_contents(rule.content, True, True))
        selectors = [_selector(part) for part in _split(rule.prelude)]
        told = ", ".join(f".{scope} {selector}" for selector in selectors if selector)
        if kept and told and "<" not in told:  # nothing that could end the style element
            yield f"{told} {{{kept}}}"


def _kept(found: Iterable[Any]) -> str:
    kept = []
    for item in found:
        if item.type != "declaration" or item.lower_name not in PROPERTIES:
            continue
        value = tinycss2.serialize(item.value).strip()
        if _harmless(item.value, item.lower_name) and not re.search(r"[<>{}\\;]", value):
            kept.append(f"{item.lower_name}: {value}{' !important' if item.important else ''}")
    return "; ".join(kept)


def _harmless(tokens: Iterable[Any], name: str) -> bool:
    for token in tokens:
        if token.type in ("url", "error", "{} block", "[] block", "() block"):
            return False
        if token.type == "function" and (
            token.lower_name not in _FUNCTIONS or not _harmless(token.arguments, name)
        ):
            return False
        # With a negative margin or indent, text stands where the page's own does.
        if token.type in ("number", "dimension", "percentage") and token.value < 0:
            return False
    return True


def _split(tokens: Iterable[Any]) -> Iterator[list[Any]]:
    part: list[Any] = []
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _selector(tokens: list[Any]) -> str:
    """Write a selector with names of students'; empty where it has what need not be there."""
    text, before = "", ""
    for token in tokens:
        if token.type == "whitespace":
            text += " "
        elif token.type == "ident" and before == ".":
            text += own_class(token.value)
        elif token.type == "ident" and (before != ":" or token.lower_value in _PSEUDO):
            text += token.lower_value
        elif token.type == "hash":
            text += f"#{PREFIX}{token.value}"
        elif token.type == "function" and before == ":" and token.lower_name in _PSEUDO - {"not"}:
            text += f"{token.lower_name}({tinycss2.serialize(token.arguments)})"
        elif token.type == "literal" and token.value in (".", ":", ">", "+", "~", "*"):
            text += token.value
        else:
            return ""
        before = token.value if token.type == "literal" else ""
    text = text.strip()
    safe = re.fullmatch(r"[\w.#:>+~*() -]+", text) and text[0] not in ">+~"
    return text if safe else ""
