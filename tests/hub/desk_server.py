"""A desk on the web, whose hub knows people by tokens that are their names."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyterhub.services.auth import HubAuth
from tornado.netutil import bind_sockets

from curriculum.hub.exchange import service
from curriculum.hub.exchange.desk import Desk, Limits

SCOPE = "access:services!service=ml-exchange"


class KnownTokens(HubAuth):
    """A hub that knows `token-of-NAME`."""

    async def user_for_token(self, token: str, **_: Any) -> dict[str, Any] | None:  # type: ignore[override]
        kind, _, name = token.partition("-of-")
        known = {
            "token": ("user", [SCOPE]),
            "stranger": ("user", []),
            "service": ("service", [SCOPE]),
        }
        if kind not in known:
            return None
        what, scopes = known[kind]
        return {"kind": what, "name": name, "scopes": scopes}


@contextlib.contextmanager
def open_desk(root: Path, limits: Limits | None = None, due: str = "") -> Iterator[str]:
    """Open a desk; gives its address."""
    auth = KnownTokens(access_scopes={SCOPE}, api_token="x", api_url="http://127.0.0.1:1")
    desk = Desk("ml", root, limits or Limits(spare=0))
    app = service.application(desk, service.DueDates(due), auth, "/services/ml-exchange/")
    [socket] = bind_sockets(0, "127.0.0.1")
    address = f"http://127.0.0.1:{socket.getsockname()[1]}/services/ml-exchange/"
    opened, loop = threading.Event(), asyncio.new_event_loop()

    async def run() -> None:
        server = service.serve(app, desk)
        server.add_sockets([socket])
        opened.set()
        await closed.wait()
        server.stop()
        await server.close_all_connections()

    closed = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=[run()])
    thread.start()
    assert opened.wait(30)
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(closed.set)
        thread.join(30)
