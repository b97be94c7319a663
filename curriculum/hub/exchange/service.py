"""The desk on the web: who asks is who the hub says that their token belongs to.

Only tokens count, never cookies: no page of anybody's can make a browser ask here.

::

    python -m curriculum.hub.exchange.service --course ID --folder PATH --port N
        [--address IP] [--gradebook URL]

It listens on this machine alone, unless another of its addresses is named. The gradebook's URL may
hold a password: in the environment as CURRICULUM_GRADEBOOK, others of the machine can't read it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import sqlalchemy
from jupyterhub.services.auth import HubAuth
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from curriculum.hub.exchange import bundle
from curriculum.hub.exchange.desk import DISK_IS_FULL, Desk, Refused
from curriculum.hub.exchange.receipts import Receipt

AT_ONCE = 4
"""Submissions that are read and kept together; others wait on the disk."""
_SECONDS = 120.0
"""For which one may take to arrive: who hands in is near, and may not hold what others need."""
_BESIDE = 1_000_000
"""Bytes of a submission besides its files."""

_log = logging.getLogger("exchange")


class DueDates:
    """When topics are due, as the gradebook says.

    Parameters
    ----------
    url : str
        The gradebook's address, or nothing.
    """

    def __init__(self, url: str) -> None:
        self._engine = sqlalchemy.create_engine(url) if url else None
        self._last: dict[str, str] = {}

    def all(self) -> dict[str, str]:
        """Give the time of each topic that has one: UTC, in ISO 8601."""
        if self._engine is None:
            return {}
        try:
            with self._engine.connect() as book:
                query = sqlalchemy.text("SELECT name, duedate FROM assignment")
                found = {name: _iso(due) for name, due in book.execute(query) if due}
        except sqlalchemy.exc.SQLAlchemyError as error:
            # It is not made yet, or being written: what was known before still holds.
            _log.debug("No due dates: %s", error)
        else:
            self._last = found
        return self._last


def _iso(due: Any) -> str:
    text = due if isinstance(due, str) else due.isoformat(" ")
    return f"{text.split('.')[0].replace(' ', 'T')}+00:00"


class Turns:
    """Who may go on: of each student one request, and one submission that is being received."""

    def __init__(self) -> None:
        self.asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.receiving: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.keeping = asyncio.Semaphore(AT_ONCE)


class Asked(web.RequestHandler):
    """A request of somebody who is in the course."""

    desk: Desk
    due: DueDates
    auth: HubAuth
    turns: Turns
    student: str

    def initialize(self, desk: Desk, due: DueDates, auth: HubAuth, turns: Turns) -> None:
        """Take what all requests share."""
        self.desk, self.due, self.auth, self.turns = desk, due, auth, turns

    async def prepare(self) -> None:
        """Find out who asks."""
        token = self.auth.get_token(self, in_cookie=False)
        user = await self.auth.user_for_token(token, sync=False) if token else None
        if not user or user.get("kind") != "user":
            raise web.HTTPError(401, "Sign in again: your server's token is not known here.")
        if not self.auth.check_scopes(self.auth.access_scopes, user):
            raise web.HTTPError(403, f"You are not in the course {self.desk.course}.")
        self.student = user["name"]

    async def off_the_loop(self, do: Callable[..., Any], *arguments: Any) -> Any:
        """Do something slow beside."""
        async with self.turns.asking[self.student]:
            try:
                return await asyncio.get_running_loop().run_in_executor(None, do, *arguments)
            except Refused as why:
                raise web.HTTPError(why.status, "%s", str(why)) from None

    def write_error(self, status_code: int, **said: Any) -> None:
        """Give a sentence."""
        error = said.get("exc_info", (None, None, None))[1]
        reason = "The class could not do it: try again."
        if isinstance(error, web.HTTPError) and error.log_message:
            reason = error.log_message % error.args
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"error": reason}))

    def set_default_headers(self) -> None:
        """Have nobody keep it or show it as a page."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")

    def give(self, files: bundle.Files) -> None:
        """Answer with files."""
        self.set_header("Content-Type", "application/msgpack")
        self.finish(bundle.pack(files))


class Overview(Asked):
    """What there is, and what the student has handed in."""

    async def get(self) -> None:
        """Give it."""
        topics = await self.off_the_loop(self.desk.topics)
        due = await self.off_the_loop(self.due.all)
        mine = await self.off_the_loop(self.desk.submissions, self.student)
        for topic in topics:
            topic["due"] = due.get(topic["topic"])
        answer = {"course": self.desk.course, "student": self.student}
        self.finish({**answer, "topics": topics, "submissions": mine})


class Topic(Asked):
    """The files of a topic."""

    async def get(self, topic: str) -> None:
        """Give them."""
        self.give(await self.off_the_loop(self.desk.fetch, topic))


@web.stream_request_body
class Submissions(Asked):
    """Where a topic is handed in.

    What arrives lies in a file without a name until it is whole: however many send however slowly,
    they wait for nobody but themselves.
    """

    _body: IO[bytes] | None = None
    _receives = _full = False

    async def prepare(self) -> None:
        """Refuse before it is received, and receive one of each student's at a time."""
        await super().prepare()
        size = int(self.request.headers.get("Content-Length") or 0)
        most = self.desk.limits.bundle.size
        if size > most + _BESIDE:
            raise web.HTTPError(
                413, f"It has {size / 1e6:.1f} MB, and {most / 1e6:g} MB is the most."
            )
        await self.turns.receiving[self.student].acquire()
        self._receives = True
        try:
            self._body = tempfile.TemporaryFile(dir=self.desk.root)  # noqa: SIM115
        except OSError:
            self._full = True

    def data_received(self, chunk: bytes) -> None:
        """Receive a part."""
        try:
            if self._body and not self._full:
                self._body.write(chunk)
        except OSError:
            self._full = True

    async def post(self, topic: str) -> None:
        """Hand it in."""
        try:
            async with self.turns.keeping:
                receipt = await self.off_the_loop(self._submit, topic)
        finally:
            self._let_go()
        _log.info("%s handed in %s: receipt %s", self.student, topic, receipt.number)
        self.set_status(201)
        self.finish(vars(receipt))

    def _submit(self, topic: str) -> Receipt:
        if self._full or self._body is None:
            raise Refused(507, DISK_IS_FULL)
        self._body.seek(0)
        return self.desk.submit(self.student, topic, self._body.read())

    def on_finish(self) -> None:
        """Make room for others, however it ended."""
        self._let_go()

    def on_connection_close(self) -> None:
        """Make room for others: who sent it is gone."""
        super().on_connection_close()
        self._let_go()

    def _let_go(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
        if self._receives:
            self._receives = False
            self.turns.receiving[self.student].release()


class Feedback(Asked):
    """The pages of feedback to a submission."""

    async def get(self, number: str) -> None:
        """Give them."""
        self.give(await self.off_the_loop(self.desk.feedback, self.student, int(number)))


def application(desk: Desk, due: DueDates, auth: HubAuth, prefix: str) -> web.Application:
    """Make the service.

    Parameters
    ----------
    desk, due, auth
        What it asks.
    prefix : str
        What addresses begin with; ends with `/`.
    """
    shared = {"desk": desk, "due": due, "auth": auth, "turns": Turns()}
    routes = [
        ("", Overview),
        ("topics/([^/]+)", Topic),
        ("topics/([^/]+)/submissions", Submissions),
        ("submissions/([0-9]{1,9})/feedback", Feedback),
    ]
    return web.Application([(prefix + path, handler, shared) for path, handler in routes])


def serve(app: web.Application, desk: Desk) -> HTTPServer:
    """Make the server of the service: it waits for nobody for long."""
    return HTTPServer(
        app,
        max_body_size=desk.limits.bundle.size + _BESIDE,
        body_timeout=_SECONDS,
        idle_connection_timeout=_SECONDS,
    )


async def _serve(options: argparse.Namespace) -> None:
    name = f"{options.course}-exchange"
    auth = HubAuth(access_scopes={f"access:services!service={name}"}, cache_max_age=30)
    # Who has the port is the one desk of the folder, and may tidy it up.
    sockets = bind_sockets(options.port, options.address)
    desk = Desk(options.course, options.folder)
    app = application(desk, DueDates(options.gradebook), auth, f"/services/{name}/")
    serve(app, desk).add_sockets(sockets)
    where = f"{options.address}:{options.port}"
    _log.info("The desk of %s is open at %s", options.course, where)
    await asyncio.Event().wait()


def main(argv: Sequence[str] | None = None) -> None:
    """Run the service."""
    parser = argparse.ArgumentParser(description="The desk of a course's exchange.")
    parser.add_argument("--course", required=True)
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--gradebook", default=os.environ.get("CURRICULUM_GRADEBOOK", ""))
    logging.basicConfig(level="INFO", format="%(asctime)s %(name)s: %(message)s")
    asyncio.run(_serve(parser.parse_args(argv)))


if __name__ == "__main__":
    main()
