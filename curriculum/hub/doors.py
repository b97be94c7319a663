"""Carry connections through the walls of a room, and nothing else.

A room has no network but its own. Within it, this program carries what comes in by a socket that
the hub has opened to the room's server, and what the server asks of the hub or of an exchange to
sockets of theirs; outside, it carries what comes by those sockets to the hub's port.

::

    python -m curriculum.hub.doors FROM=TO [FROM=TO ...] [-- PROGRAM ...]

Each of FROM and TO is `PORT` on the loopback, `PATH` of a socket, or `fd:N`, a socket that is
listening already. With a program, it runs it, and ends as that ends.

A socket from outside keeps the network that it was made in, even when it is turned to another
address. So no other process of the room may look into this one, or take a socket from it.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import signal
import socket
import struct
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_CHUNK = 1 << 16
_PATIENCE = 20.0
"""Seconds for which the other side may take to listen: it may just be starting again."""
_AT_ONCE = 64
"""Connections of one user of the machine by one socket; with more they would take all of them."""


async def _open(to: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if to.isdigit():
        return await asyncio.open_connection("127.0.0.1", int(to))
    return await asyncio.open_unix_connection(to)


async def _open_patiently(to: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(int(_PATIENCE / 0.25)):
        with suppress(ConnectionRefusedError, FileNotFoundError):
            return await _open(to)
        await asyncio.sleep(0.25)
    return await _open(to)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry one direction to its end, and say to the other side that it has ended."""
    with suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    with suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()


def _carrier(to: str):  # type: ignore[no-untyped-def]
    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await _open_patiently(to)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        finally:
            for one in (writer, far_writer):
                one.close()

    return carry


def _so_many(carry):  # type: ignore[no-untyped-def]
    """Carry so many connections of each user, and end what is more."""
    now: Counter[int] = Counter()

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        credentials = writer.get_extra_info("socket").getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
        )
        _, user, _ = struct.unpack("3i", credentials)
        # Without root, all rooms are of one user, who is this one.
        if user != os.geteuid() and now[user] >= _AT_ONCE:
            writer.close()
            return
        now[user] += 1
        try:
            await carry(reader, writer)
        finally:
            now[user] -= 1

    return counted


def _be_untraceable() -> None:
    """Let no process of the same user look into this one; a program that it starts is as others."""
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def _open_many() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _listen(at: str, to: str) -> asyncio.Server:
    carry = _carrier(to)
    if at.startswith("fd:"):
        return await asyncio.start_server(carry, sock=socket.socket(fileno=int(at[3:])))
    if at.isdigit():
        return await asyncio.start_server(carry, "127.0.0.1", int(at))
    path = Path(at)
    path.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(_so_many(carry), path)
    # Whoever has the folder may knock; who they are, they say to the hub with a token.
    path.chmod(0o666)
    return server


async def _run(doors: Sequence[str], program: Sequence[str]) -> int:
    servers = [await _listen(*door.split("=", 1)) for door in doors]
    if not program:
        _open_many()
        await asyncio.gather(*(server.serve_forever() for server in servers))
    child = await asyncio.create_subprocess_exec(*program)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, child.send_signal, number)
    return await child.wait()


def main(argv: Sequence[str]) -> int:
    """Run the command; gives the program's exit status."""
    words = list(argv)
    _be_untraceable()
    split = words.index("--") if "--" in words else len(words)
    return asyncio.run(_run(words[:split], words[split + 1 :]))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        status = main(sys.argv[1:])
        sys.exit(status if status >= 0 else 128 - status)
