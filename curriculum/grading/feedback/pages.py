"""Pages that nbgrader makes of notebooks: feedback, and the formgrader's of a submission.

They are whole without a network, and nothing in them runs that a student wrote. Three layers see to
that, any of which would do alone: `untrusted` reduces the notebook, `safe_html` cleans what is left
of HTML and Markdown, and a content security policy tells the browser to run and load nothing else.

Formulae are MathML, which browsers draw by themselves. nbgrader's own templates load MathJax from
the web, whatever the configuration says.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from curriculum.authoring import source as src
from curriculum.grading.feedback import safe_html

TEMPLATES = Path(__file__).with_name("templates")
"""Templates that come before nbgrader's."""
TEMPLATE_FILE = "safe.html.j2"
"""Of both `feedback` and `formgrade`; each extends nbgrader's own."""

LONGEST_MARKDOWN = 50_000
"""Beyond this many characters, apart from pictures, a text is shown as it stands."""
_MOST_BRACKETS = 2_000
"""Of links: a parser tries each with every end."""
_LONGEST_FORMULA = 5_000

_MARKS = re.compile(rf"^({src.BEGIN_NOTES}|{src.END_NOTES})[ \t]*$", re.MULTILINE)
"""Lines around graders' notes, which Markdown would make headings of."""
_MACROS = re.compile(r"\\(new|renew|provide)command|\\[egx]?def\b|\\let\b")
"""With definitions, a line of LaTeX can grow without bounds."""
_DATA = re.compile(r"data:image/[^\s\"')]*")
_LOADED_FONTS = re.compile(r"@font-face\s*\{[^}]*\}")

FEEDBACK_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none';"
    " form-action 'none'"
)


class _Renderer(IPythonRenderer):
    def inline_math(self, body: str) -> str:
        return _mathml(body, "inline") or super().inline_math(body)

    def block_math(self, body: str) -> str:
        return _mathml(body, "block") or super().block_math(body)

    def _embed_image_or_attachment(self, src: str) -> str:
        name = src.removeprefix("attachment:")
        return (
            ""
            if name != src and name not in self.attachments
            else str(super()._embed_image_or_attachment(src))
        )


def _mathml(latex: str, display: str) -> str:
    """Convert a formula; empty where the converter does not know a command of it."""
    if len(latex) > _LONGEST_FORMULA or _MACROS.search(latex):
        return ""
    try:
        return convert(latex.strip(), display=display)
    except Exception:
        return ""


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Convert Markdown, formulae included; takes the place of nbconvert's filter of this name."""
    cell: dict[str, Any] = context.get("cell", {})
    text = _MARKS.sub("", source)
    try:
        if len(_DATA.sub("", text)) > LONGEST_MARKDOWN or text.count("[") > _MOST_BRACKETS:
            raise ValueError("too long to be parsed in reasonable time")
        renderer = _Renderer(
            escape=False, attachments=cell.get("attachments", {}), exclude_anchor_links=True
        )
        made = MarkdownWithMath(renderer=renderer).render(text)
    except Exception:  # whatever it is that a parser fails at, the rest of the page is shown
        made = f"<pre>{html.escape(text)}</pre>"
    return safe_html.clean(made, _folder(context))


@pass_context
def shown_html(context: Context, output: Any) -> str:
    """Convert an output's HTML, or its plain text where nothing of the HTML can be shown."""
    cleaned = safe_html.clean(output.data["text/html"], _folder(context))
    plain = output.data.get("text/plain", "")
    if plain and not safe_html.shows_something(cleaned):
        return f"<pre>{html.escape(plain)}</pre>"
    return cleaned


def _folder(context: Context) -> str:
    return str(context.get("resources", {}).get("metadata", {}).get("path", ""))


def guarded(header: str) -> str:
    """Put the policy first into the head of a feedback page, and take out what it would load."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{FEEDBACK_POLICY}">'
    return _LOADED_FONTS.sub("", header).replace("<head>", f"<head>\n{policy}", 1)


def as_it_is(text: str) -> str:
    """Take the place of nbconvert's `strip_files_prefix`, which is slow at many brackets."""
    return text


FILTERS = {
    "markdown2html": markdown2html,
    "shown_html": shown_html,
    "guarded": guarded,
    "strip_files_prefix": as_it_is,
}
