"""What feedback may say of hidden tests: what came of them, and nothing of how they are written.

A traceback quotes the lines around the one that failed, whichever way it is formatted; so that of a
test with a hidden part is written anew, of the exception's type and message, and of lines that the
learner has seen. What functions print while a hidden test calls them is theirs, and stays, up to a
length. Where tests run in the learner's own process (`c.Execute.run_tests_apart = False`), code
can look up the test that calls it: lines that quote a hidden one are left out of all outputs.
"""

from __future__ import annotations

import ast
import html
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader.utils import is_locked

LEFT_OUT = "(left out: it quotes a hidden test)"
LONGEST_PRINTED = 4_000
LONGEST_MESSAGE = 2_000

_SHORTEST_LINE, _SHORTEST_EXPRESSION = 12, 8
_ARROW = re.compile(r"^\s*-+>\s*(\d+)\s(.*)$", re.MULTILINE)
_PLACE = re.compile(r"^\s*line (\d+), in [\w<>.]+: (.*)$", re.MULTILINE)
_STRING = re.compile(r"""('''|\"\"\"|'|").*?\1""")


def parts(source: str, begin: str, end: str) -> tuple[str, str, frozenset[int]]:
    """Take a cell's text apart at the lines that mark a region.

    Parameters
    ----------
    source : str
        The cell's text.
    begin, end : str
        What the lines around a region contain, as nbgrader finds them.

    Returns
    -------
    tuple
        What everybody sees, what is hidden, and the numbers of the hidden lines, from 1.
    """
    public, secret, numbers = [], [], set()
    inside = False
    for number, line in enumerate(source.splitlines(), 1):
        inside = inside or begin in line
        if inside:
            numbers.add(number)
            if begin not in line and end not in line:
                secret.append(line)
        else:
            public.append(line)
        inside = inside and end not in line
    return "\n".join(public), "\n".join(secret), frozenset(numbers)


@dataclass(frozen=True)
class Hidden:
    """What a notebook hides, and what its learner has seen.

    Attributes
    ----------
    lines : frozenset of str
        The hidden lines, without blanks and quotes.
    expressions : frozenset of str
        What hidden asserts assert, likewise.
    written : frozenset of str
        The lines that the learner wrote.
    """

    lines: frozenset[str]
    expressions: frozenset[str]
    written: frozenset[str]

    @classmethod
    def of(cls, nb: NotebookNode, begin: str, end: str) -> Hidden:
        """Read a notebook whose hidden tests are still in it."""
        seen, secrets, written = [], [], set()
        for cell in nb.cells:
            public, secret, _ = (
                parts(cell.source, begin, end) if is_locked(cell) else (cell.source, "", None)
            )
            seen.append(_bare(public))
            secrets.append(secret)
            if not is_locked(cell) and cell.cell_type == "code":
                written |= {line.strip() for line in cell.source.splitlines()}
        known = "\n".join(seen)
        lines = {_bare(line) for text in secrets for line in text.splitlines() if _is_code(line)}
        expressions = {_bare(found) for text in secrets for found in _asserted(text)}
        return cls(
            frozenset(x for x in lines if len(x) >= _SHORTEST_LINE and x not in known),
            frozenset(x for x in expressions if len(x) >= _SHORTEST_EXPRESSION and x not in known),
            frozenset(written - {""}),
        )

    def quoted_in(self, text: str) -> bool:
        """Tell whether a text contains a hidden line."""
        bare = _bare(text)
        return any(line in bare for line in self.lines)

    def without(self, text: str) -> str:
        """Leave out the lines of a text that quote hidden ones."""
        secrets = self.lines | self.expressions
        if not secrets or not any(secret in _bare(strip_ansi(text)) for secret in secrets):
            return text
        kept: list[str] = []
        for line in text.splitlines():
            bare = _bare(strip_ansi(line))
            quotes = any(secret in bare for secret in secrets)
            if not (quotes and kept and kept[-1] == LEFT_OUT):
                kept.append(LEFT_OUT if quotes else line)
        left = "\n".join(kept)
        # What is spread over several lines is not taken apart.
        return LEFT_OUT if any(secret in _bare(strip_ansi(left)) for secret in secrets) else left

    def without_in_html(self, text: str) -> str:
        """Leave out the words between two tags where they quote a hidden line."""

        def told(match: re.Match[str]) -> str:
            return LEFT_OUT if self.quoted_in(html.unescape(match[0])) else match[0]

        told_text = re.sub(r"[^<>]+", told, text)
        words = html.unescape(re.sub(r"<[^>]*>", "", told_text))
        return f"<p>{LEFT_OUT}</p>" if self.quoted_in(words) else told_text

    def clean(self, output: NotebookNode) -> NotebookNode:
        """Leave what quotes a hidden line out of any output."""
        if output.output_type == "stream":
            output.text = self.without(output.text)
        elif output.output_type == "error":
            output.traceback = [self.without("\n".join(output.traceback))]
        else:
            for kind, data in output.data.items():
                if isinstance(data, str) and not kind.startswith("image/"):
                    markup = kind == "text/html"
                    output.data[kind] = (self.without_in_html if markup else self.without)(data)
        return output

    def of_test(self, output: NotebookNode, source: str, numbers: frozenset[int]) -> NotebookNode:
        """Say of a test with a hidden part what its learner may know.

        Parameters
        ----------
        output : NotebookNode
            Of the test's cell; it is changed.
        source : str
            The cell's text, with its hidden part.
        numbers : frozenset of int
            The hidden lines of it.
        """
        if output.output_type == "error":
            output.traceback = ["\n".join(self._error(output, source.splitlines(), numbers))]
        elif output.output_type == "stream":
            output.text = _cut(output.text, LONGEST_PRINTED)
        return self.clean(output)

    def _error(self, output: Any, source: list[str], numbers: frozenset[int]) -> Iterator[str]:
        message = self.without(_cut(output.evalue, LONGEST_MESSAGE))
        yield f"{self.without(output.ename)}: {message}".rstrip(": ")
        told = strip_ansi("\n".join(output.traceback))
        place = "in a hidden test"
        for number, line in ((int(n), text.strip()) for n, text in _ARROW.findall(told)):
            if 0 < number <= len(source) and source[number - 1].strip() == line:
                place = f"line {number} of this test: {line}" if number not in numbers else place
        yield f"    {place}"
        for number, line in [*_ARROW.findall(told), *_PLACE.findall(told)]:
            if line.strip() in self.written:
                yield f"    line {number} of your cell: {line.strip()}"


def _bare(text: str) -> str:
    return re.sub(r"[\s'\"\\]+", "", text)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}\n… (the rest is left out)"


def _is_code(line: str) -> bool:
    """Tell whether there is more to a line than a text, which can be a message for learners."""
    return "#" in line or re.search(r"[^\W\d]", _STRING.sub("", line)) is not None


def _asserted(text: str) -> Iterator[str]:
    """Give what the asserts of hidden tests assert, unless they say it in a message, too."""
    try:
        tree = ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    nodes = list(ast.walk(tree))
    texts = [_bare(n.value) for n in nodes if isinstance(n, ast.Constant) and type(n.value) is str]
    for node in nodes:
        if isinstance(node, ast.Assert):
            found = ast.unparse(node.test)
            if not any(_bare(found) in said for said in texts):
                yield found
