"""What browsers are told of the formgrader's pages, all of which an instructor's session opens.

The page of a submission has a policy of its own, in its template, that lets no script run but the
formgrader's. Here is what only the server can say: files of a submission are opened without the
rights of the server that they come from, and no page loads anything from another one.
"""

from __future__ import annotations

from typing import Any

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
    return str(JupyterHandler.content_security_policy.fget(handler))  # type: ignore[attr-defined]


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
