"""Pages that nbgrader makes of notebooks, whole without a network: formulae as MathML.

nbgrader's templates load MathJax from the web whatever the configuration says. Browsers draw
MathML by themselves, also in a page whose scripts are switched off, as JupyterLab opens feedback.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from curriculum.authoring import source as src

TEMPLATES = Path(__file__).with_name("templates")
"""Templates that come before nbgrader's: they ask for no MathJax."""

_MARKS = re.compile(rf"^({src.BEGIN_NOTES}|{src.END_NOTES})[ \t]*$", re.MULTILINE)
"""Lines around graders' notes, which Markdown would make headings of."""


class _Renderer(IPythonRenderer):
    def inline_math(self, body: str) -> str:
        return _mathml(body, "inline") or super().inline_math(body)

    def block_math(self, body: str) -> str:
        return _mathml(body, "block") or super().block_math(body)


def _mathml(latex: str, display: str) -> str:
    """Convert a formula; empty where the converter does not know a command of it."""
    try:
        return convert(latex.strip(), display=display)
    except Exception:
        return ""


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Convert Markdown, formulae included; takes the place of nbconvert's filter of this name."""
    cell: dict[str, Any] = context.get("cell", {})
    renderer = _Renderer(
        escape=False, attachments=cell.get("attachments", {}), exclude_anchor_links=True
    )
    return MarkdownWithMath(renderer=renderer).render(_MARKS.sub("", source))
