"""A graded notebook, reduced to what a page may show of it.

What students hand in, and what their code put out, need not be as the format says: templates of
nbconvert write some metadata as they find it, look for pictures under names that an output gives,
and hand widgets and scripts to the browser. So outputs are built anew from the kinds that are
known, and of metadata only what nbgrader put there is kept.
"""

from __future__ import annotations

import base64
import html
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode, v4

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_MARKUP = ("image/svg+xml", "text/html", "text/latex", "text/markdown", "text/plain")
_PICTURES = ("image/png", "image/jpeg")
_MORE_PICTURES = ("image/gif", "image/webp")
_DIAGRAM = re.compile(r"""class=["']sk-top-container""")
"""scikit-learn's diagrams are drawn by styles and check boxes; its plain text says the same."""
_ATTACHED = (*_PICTURES, *_MORE_PICTURES, "image/svg+xml")


class Untrusted(Preprocessor):
    """Reduce a notebook before it becomes a page of feedback or of the formgrader."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Build every cell anew, and give the page's own scripts a word that no other can know."""
        cells = [_cell(cell) for cell in nb.cells if isinstance(cell, Mapping)]
        language = {"name": "python", "pygments_lexer": "ipython3"}
        reduced = v4.new_notebook(cells=cells, metadata={"language_info": language})
        resources["script_nonce"] = secrets.token_urlsafe(18)
        return reduced, resources


def _cell(cell: Mapping[str, Any]) -> NotebookNode:
    source, kind = _text(cell.get("source")), cell.get("cell_type")
    meta = _metadata(cell.get("metadata"))
    name = _text(cell.get("id"))
    known = {"id": name} if _NAME.fullmatch(name) else {}
    if kind == "code":
        outputs = [_output(o) for o in _list(cell.get("outputs")) if isinstance(o, Mapping)]
        return v4.new_code_cell(
            source,
            metadata=meta,
            execution_count=_whole(cell.get("execution_count")),
            outputs=[output for output in outputs if output is not None],
            **known,
        )
    if kind != "markdown":  # a raw cell can say for which format its text is meant as it stands
        source = "\n".join(f"    {line}" for line in source.splitlines())
    new = v4.new_markdown_cell(source, metadata=meta, **known)
    attached = dict(_attachments(cell.get("attachments")))
    return NotebookNode({**new, "attachments": attached}) if attached else new


def _metadata(found: Any) -> dict[str, Any]:
    found = found if isinstance(found, Mapping) else {}
    kept: dict[str, Any] = {}
    of_nbgrader = found.get("nbgrader")
    if isinstance(of_nbgrader, Mapping) and _NAME.fullmatch(_text(of_nbgrader.get("grade_id"))):
        kept["nbgrader"] = NotebookNode(of_nbgrader)
        if "points" in of_nbgrader:
            kept["nbgrader"].points = _number(of_nbgrader["points"]) or 0
    tags = [tag for tag in _list(found.get("tags")) if _NAME.fullmatch(_text(tag))]
    return {**kept, "tags": tags} if tags else kept


def _attachments(found: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for name, kinds in found.items() if isinstance(found, Mapping) else ():
        pictures = dict(_pictures(kinds, _ATTACHED))
        if pictures:
            yield str(name), pictures


def _pictures(data: Any, kinds: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for kind in kinds if isinstance(data, Mapping) else ():
        coded = re.sub(r"\s+", "", _text(data.get(kind)))
        if coded and re.fullmatch(r"[A-Za-z0-9+/]+=*", coded):
            yield kind, coded


def _output(output: Mapping[str, Any]) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return v4.new_output("stream", name=name, text=_text(output.get("text")))
    if kind == "error":
        lines = [_text(line) for line in _list(output.get("traceback"))]
        names = {part: _text(output.get(part)) for part in ("ename", "evalue")}
        return v4.new_output("error", traceback=lines, **names)
    if kind not in ("display_data", "execute_result"):
        return None
    data = _data(output.get("data"))
    if not data:
        return None
    return v4.new_output(kind, data=data, metadata=_of_pictures(output.get("metadata")))


def _data(found: Any) -> dict[str, str]:
    if not isinstance(found, Mapping):
        return {}
    data = {kind: _text(found[kind]) for kind in _MARKUP if kind in found}
    if "text/latex" in data:  # as Markdown its formulae are drawn
        data.setdefault("text/markdown", data.pop("text/latex"))
    data |= _pictures(found, _PICTURES)
    for kind, coded in _pictures(found, _MORE_PICTURES):  # nbconvert knows no way to show these
        alt = html.escape(data.get("text/plain", ""))
        data.setdefault("text/html", f'<img alt="{alt}" src="data:{kind};base64,{coded}">')
    if "image/svg+xml" in data:  # as a picture, it is drawn without scripts and without loading
        coded = base64.b64encode(data.pop("image/svg+xml").encode(errors="replace")).decode()
        alt = html.escape(data.get("text/plain", ""))
        picture = f'<img alt="{alt}" src="data:image/svg+xml;base64,{coded}">'
        data.setdefault("text/html", picture)
    if _DIAGRAM.search(data.get("text/html", "")) and data.get("text/plain"):
        del data["text/html"]
    return data


def _of_pictures(found: Any) -> dict[str, Any]:
    """Keep the sizes and words of pictures: nbconvert writes sizes without quotes around them."""
    kept = {}
    for kind in _PICTURES if isinstance(found, Mapping) else ():
        about = found.get(kind) if isinstance(found.get(kind), Mapping) else found
        sizes = {name: _whole(about.get(name)) for name in ("width", "height")}
        words = {"alt": about["alt"]} if isinstance(about.get("alt"), str) else {}
        kept[kind] = {name: size for name, size in sizes.items() if size} | words
    return {kind: about for kind, about in kept.items() if about}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "".join(part for part in _list(value) if isinstance(part, str))


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and 0 <= number < 100_000 else None
