"""Who may sign in to a class, and what they are there.

People sign up with a name and a password of their own, and come in when an instructor lets them.
Nobody has a password that others know, or none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import bcrypt
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.handlers import (
    DiscardHandler,
    LoginHandler,
    ToggleAuthorizationHandler,
)
from nativeauthenticator.orm import UserInfo
from tornado import web
from tornado.escape import url_escape
from tornado.httputil import url_concat
from traitlets import Unicode

from curriculum.hub.folder import Class
from curriculum.hub.people import COURSE, INSTRUCTOR, STUDENT, People, is_name

FIRST_LINE = "# First passwords. Give each to whom it is for; then delete this file.\n"


class _SignIn(LoginHandler):
    """The page to sign in at; the authenticator's own asks the hub for what it no longer has."""

    def _render(
        self, login_error: str | None = None, username: str | None = None, **more: Any
    ) -> Any:
        following = self.get_argument("next", default="")
        address = self.authenticator.login_url(self.hub.base_url)
        return self.render_template(
            "native-login.html",
            next=url_escape(following),
            username=username,
            login_error=login_error,
            custom_html="",
            login_url=self.settings["login_url"],
            enable_signup=self.authenticator.enable_signup,
            two_factor_auth=False,
            authenticator_login_url=url_concat(address, {"next": following}),
            **more,
        )

    async def post(self) -> None:
        """Sign somebody in, or say why not."""
        given = {name: self.get_argument(name, "", strip=False) for name in _FIELDS}
        user = await self.login_user(given)
        if user:
            self._jupyterhub_user = user
            self.redirect(self.get_next_url(user))
            return
        self.set_status(403)
        reason = self._why_not(**given)
        self.finish(await self._render(login_error=reason, username=given["username"]))

    def _why_not(self, username: str, password: str) -> str:
        """Tell those alone who know the password what else is in the way."""
        if self.authenticator.is_blocked(self.authenticator.normalize_username(username)):
            return "Too many wrong passwords: wait five minutes, and try again."
        user = self.authenticator.get_user(username)
        if user is not None and not user.is_authorized and user.is_valid_password(password):
            return f"Nobody has let {username} in yet: ask your instructor."
        return "The name or the password is wrong."


def _from_the_list(page: type[Any]) -> type[Any]:
    """Have a page that changes something be asked from the page that lists people.

    A link in somebody's message would ask in the instructor's name.
    """

    class FromTheList(page):
        async def get(self, *arguments: Any) -> Any:
            came_from = urlparse(self.request.headers.get("Referer", ""))
            here = came_from.netloc == self.request.host
            if not here or came_from.path != f"{self.hub.base_url}authorize":
                raise web.HTTPError(403, "Do this from the page that lists people.")
            return await super().get(*arguments)

    return FromTheList


_OF_THE_SYSTEM = ("root", "nobody")
_FIELDS = ("username", "password")
_PAGES: dict[type[Any], type[Any]] = {
    LoginHandler: _SignIn,
    ToggleAuthorizationHandler: _from_the_list(ToggleAuthorizationHandler),
    DiscardHandler: _from_the_list(DiscardHandler),
}


class ClassAuthenticator(NativeAuthenticator):
    """Sign-up with an instructor's approval, and groups by what somebody is in the class."""

    class_folder = Unicode(help="The class's folder.").tag(config=True)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._of = Class(Path(self.class_folder))
        self._take_in_the_first()

    def _take_in_the_first(self) -> None:
        for name, word in first_passwords(self._of).items():
            if UserInfo.find(self.db, name) is None:
                sealed = bcrypt.hashpw(word.encode(), bcrypt.gensalt())
                self.db.add(UserInfo(username=name, password=sealed, is_authorized=True))
        self.db.commit()

    def validate_username(self, username: str) -> bool:
        """Tell whether somebody may be called so: courses have names of the same kind."""
        if (
            not is_name(username)
            or username in _OF_THE_SYSTEM
            or not super().validate_username(username)
        ):
            return False
        found = People(self._of).all().get(username)
        return found is None or found.role != COURSE

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any] | None:
        """Let somebody in who is approved; gives their name and groups."""
        self._take_in_the_first()  # whom `curriculum hub add` has added since
        name = await super().authenticate(handler, data)
        if name is None:
            return None
        return {"name": name, "groups": self._groups(name)}

    def _groups(self, name: str) -> list[str]:
        course, role = self._of.settings.course, People(self._of).get(name).role
        groups = [f"nbgrader-{course}"]
        if role != STUDENT:
            groups.append(f"formgrade-{course}")
        if role == INSTRUCTOR:
            groups.append("instructors")
        return groups

    def get_handlers(self, app: Any) -> list[tuple[str, Any]]:
        """Give the pages of signing in."""
        return [(at, _PAGES.get(page, page)) for at, page in super().get_handlers(app)]


def first_passwords(of: Class) -> dict[str, str]:
    """Read the passwords that the class began with, as far as they are still there."""
    try:
        lines = of.passwords.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.split() for line in lines if line.strip() and not line.startswith("#"))
    return dict(pairs)
