"""What browsers are told of the formgrader's pages, all of which an instructor's session opens.

The page of a submission has a policy of its own, in its template, that lets no script run but the
formgrader's. Here is what only the server can say: files of a submission are opened without the
rights of the server that they come from, and no page loads anything from another one.

JupyterHub forbids every page to be framed, as all people's servers may have one origin: what the
instructor may do in a frame, another's page could do for them. So the formgrader, which JupyterLab
shows in a frame, stays blank (nbgrader's issues 1870 and 1910), and to allow frames of the same
origin again would open what was closed (its pull request 1947). Here the formgrader may be framed
where the browser says that a page of this very server asks, and nowhere else.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from jupyter_server.base.handlers import JupyterHandler
from nbgrader.server_extensions.formgrader import base, handlers
from tornado import web

_PAGES = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; object-src 'none'; frame-src 'none'; base-uri 'none';"
    " form-action 'self'"
)
_FILES = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'"
_MARK = "_of_the_curriculum"


def protect_formgrader() -> None:
    """Have the formgrader of this process send policies; does nothing in others, nor twice.

    nbgrader has no setting for headers, and Jupyter's own would change those of every page.
    """
    base.BaseHandler.content_security_policy = property(_pages)
    base.BaseHandler.set_default_headers = _set_default_headers
    handlers.SubmissionFilesHandler.content_security_policy = property(_files)
    opened = handlers.FormgraderHandler.get
    if not hasattr(opened, _MARK):
        handlers.FormgraderHandler.get = _asked_from_here(opened)


def _pages(handler: Any) -> str:
    # Of several policies in one header, browsers keep to all.
    return f"{_of_the_server(handler)}, {_PAGES}"


def _files(handler: Any) -> str:
    return f"{_of_the_server(handler)}, {_FILES}"


def _of_the_server(handler: Any) -> str:
    policy = str(JupyterHandler.content_security_policy.fget(handler))  # type: ignore[attr-defined]
    if _is_framed_by_its_own(handler):
        return policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return policy


def _is_framed_by_its_own(handler: Any) -> bool:
    """Tell whether a page of this server asks for the handler's, to show it in a frame.

    No page can make a browser say so of it: `Sec-Fetch-*` are the browser's alone, and a page can
    have the browser leave out where it comes from, not change it.
    """
    asked = handler.request.headers.get
    if asked("Sec-Fetch-Dest") not in ("iframe", "frame"):
        return False
    asking = urlsplit(asked("Referer", ""))
    if asked("Sec-Fetch-Site") != "same-origin" or asking.netloc != handler.request.host:
        return False
    # What a browser keeps of `..` in a path, it has resolved; an escaped one is not ours.
    return asking.path.startswith(f"{handler.base_url}/") and "%2e" not in asking.path.lower()


def _set_default_headers(handler: Any) -> None:
    JupyterHandler.set_default_headers(handler)
    # A page that was kept would come with the policy that it had when it was asked for.
    handler.set_header("Cache-Control", "no-store")


def _asked_from_here(opened: Any) -> Any:
    """Refuse to open another course, whose configuration is code, but for JupyterLab's own frame.

    A link in a student's text, or in a page on the web, could lead to `formgrader?path=…` and name
    the folder of a submission.
    """

    def get(self: Any) -> Any:
        asked = self.request.headers.get
        from_here = asked("Sec-Fetch-Site", "") in ("same-origin", "")
        framed = asked("Sec-Fetch-Dest", "") in ("iframe", "frame", "")
        if self.get_argument("path", "") and not (from_here and framed):
            raise web.HTTPError(403, "A course is opened from JupyterLab's file browser.")
        return opened(self)

    setattr(get, _MARK, True)
    return get
