"""HTML that students wrote or printed, without what runs, loads, or stands in for the page's own.

nh3 (Rust's ammonia) parses it as browsers do and writes anew what a list allows. Pictures are kept
when the page carries them: as `data:` addresses, whose scripts no `img` runs, or from a file beside
the notebook.
"""

from __future__ import annotations

import base64
import functools
import html
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nh3

from curriculum.grading.feedback import safe_css

LARGEST_PICTURE = 8 * 2**20
PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
MATHML = {
    "math", "menclose", "merror", "mfenced", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover",
    "mpadded", "mphantom", "mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle",
    "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none",
}  # fmt: skip
_OF_MATHML = {
    "accent", "accentunder", "bevelled", "columnalign", "columnlines", "columnspacing", "depth",
    "display", "displaystyle", "fence", "form", "frame", "height", "largeop", "linethickness",
    "lspace", "mathbackground", "mathcolor", "mathsize", "mathvariant", "maxsize", "minsize",
    "movablelimits", "notation", "rowlines", "rowspacing", "rspace", "scriptlevel", "separator",
    "stretchy", "symmetric", "voffset", "width",
}  # fmt: skip
TAGS = (nh3.ALLOWED_TAGS - {"area", "map"}) | MATHML | {"section", "main", "tfoot", "input", "font"}
_WITH_CONTENT = {
    "script", "style", "template", "iframe", "object", "embed", "applet", "noscript", "noembed",
    "noframes", "xmp", "plaintext", "title", "head", "svg", "select", "option", "textarea",
}  # fmt: skip
ATTRIBUTES: dict[str, set[str]] = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()},
    **{tag: set(_OF_MATHML) for tag in MATHML},
    "*": {"class", "dir", "id", "lang", "role", "style", "title"},
    "a": {"href"},
    "blockquote": set(),
    "del": set(),
    "details": {"open"},
    "font": {"color"},
    "img": {"alt", "height", "src", "width"},
    "ins": set(),
    "li": {"value"},
    "q": set(),
    "table": {"align"},
}
_SCHEMES = {"http", "https", "mailto", "data"}
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)
_DATA_PICTURE = re.compile(r"data:image/[a-z0-9.+-]+[;,]", re.IGNORECASE)


def clean(text: str, folder: str = "") -> str:
    """Take everything out of HTML that is not plainly content.

    Parameters
    ----------
    text : str
        From a student's notebook; any text at all.
    folder : str
        Where the notebook lies: pictures in it are put into the page.
    """
    kept = _cleaner(folder).clean(text)
    rules, scope = safe_css.scoped(_STYLE.findall(text)) if "<style" in text.lower() else ("", "")
    if not rules:
        return kept
    return f'<style>{rules}</style><div class="{scope}">{kept}</div>'


def shows_something(cleaned: str) -> bool:
    """Tell whether cleaned HTML has a picture or a word in it."""
    without = _STYLE.sub("", cleaned)
    return "<img" in without or bool(html.unescape(re.sub(r"<[^>]*>", "", without)).strip())


@functools.lru_cache(maxsize=4)
def _cleaner(folder: str) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes=ATTRIBUTES,
        attribute_filter=_filter(folder),
        tag_attribute_values={"input": {"type": {"checkbox"}, "checked": {""}}},
        set_tag_attribute_values={"a": {"target": "_blank"}, "input": {"disabled": ""}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        id_prefix=safe_css.PREFIX,
    )


def _filter(folder: str) -> Callable[[str, str, str], str | None]:
    def keep(tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return safe_css.declarations(value) or None
        if name == "class":
            return " ".join(map(safe_css.own_class, value.split()))
        if name == "src":
            return value if _DATA_PICTURE.match(value) else _from_file(folder, value)
        if name == "href":
            return value if _leads_out(value) else None
        return value

    return keep


def _leads_out(address: str) -> bool:
    """Tell whether a link has a full address; any other is one of the grader's own server."""
    return re.match(r"(https?://|mailto:)", address, re.IGNORECASE) is not None


def _from_file(folder: str, address: str) -> str | None:
    """Give a picture beside the notebook as a `data:` address."""
    try:
        kind = PICTURES.get(Path(urlsplit(address).path).suffix.lower())
        if not folder or not kind or urlsplit(address).scheme or urlsplit(address).netloc:
            return None
        home = Path(folder).resolve()
        path = (home / unquote(urlsplit(address).path)).resolve()
        if not path.is_relative_to(home) or not path.is_file():
            return None
        if path.stat().st_size > LARGEST_PICTURE:
            return None
        return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
    except (OSError, ValueError):
        return None
