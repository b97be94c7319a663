"""JupyterHub's spawner of the class: each server in a room of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import IO, Any

from jupyterhub.spawner import LocalProcessSpawner
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from traitlets import Unicode

import curriculum
from curriculum.hub.folder import Class
from curriculum.hub.people import People
from curriculum.hub.room import (
    CONFIGURATIONS,
    EXCHANGE_PORT,
    HUB_PORT,
    SERVER_PORT,
    SETTINGS,
    SOCKETS,
    Room,
)

_OF_THE_LAB = Path(curriculum.__file__).parent / "lab" / "settings"
_TURN = 30.0
"""Seconds for which a server that does not come up keeps others waiting."""


@cache
def _turns() -> asyncio.Semaphore:
    return asyncio.Semaphore(max(2, len(os.sched_getaffinity(0))))


class RoomSpawner(LocalProcessSpawner):
    """Start a person's server in their room.

    The hub listens for the server before it is there, and hands it the listening socket: nobody
    else can take its port, and what is asked of it meanwhile waits.
    """

    class_folder = Unicode(help="The class's folder.").tag(config=True)

    async def start(self) -> str:
        """Start it; gives the address by which the hub's proxy reaches it.

        As many start together as there are processors, and others wait for their turn: all of them
        together would take longer, each of them, than the first need, and nobody is turned away.
        """
        async with _turns():
            address = self._launch(Class(Path(self.class_folder)))
            # A hub that is killed now leaves a server whose address nobody knows.
            self.orm_spawner.state = {**self.get_state(), "starting": True}
            self.db.commit()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._answers(address), _TURN)
        return address

    async def _answers(self, address: str) -> None:
        """Wait until the server answers, or has ended."""
        client = AsyncHTTPClient()
        while self.proc.poll() is None:
            with suppress(OSError, HTTPClientError):
                await client.fetch(
                    f"{address}{self.server.base_url}api",
                    raise_error=False,
                    request_timeout=_TURN,
                    follow_redirects=False,
                )
                return
            await asyncio.sleep(0.2)

    def _launch(self, of: Class) -> str:
        end_rooms(of.hub / "rooms" / self.user.name)
        door = socket.create_server(("127.0.0.1", 0), backlog=128)
        try:
            port = door.getsockname()[1]
            command = self._room(of).command([*self._doors(of, door), *self.cmd, *self.get_args()])
            self.log.info("Starting %s's server at port %s", self.user.name, port)
            with self._output(of) as output:
                self.proc = Popen(
                    command,
                    env=self._environment(of),
                    pass_fds=[door.fileno()],
                    start_new_session=True,
                    cwd="/",
                    stdin=DEVNULL,
                    stdout=output,
                    stderr=output,
                )
        finally:
            door.close()
        self.pid = self.proc.pid
        self._mark = self.mark_of(self.pid)
        return f"http://127.0.0.1:{port}"

    # A number passes to other processes, at the latest with a restart of the machine: what the hub
    # stops must be what it started.
    _mark = ""

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what another hub process knew of the server; end one that it was starting."""
        super().load_state(state)
        self._mark = state.get("mark", "")
        if state.get("starting"):
            self.clear_state()

    def get_state(self) -> dict[str, Any]:
        """Give what another hub process is to know."""
        return {**super().get_state(), "mark": self._mark}

    def clear_state(self) -> None:
        """Forget the server; one that another hub process has left ends, as nobody else ends it."""
        if self.proc is None and self._mark and self.mark_of(self.pid) == self._mark:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        super().clear_state()
        self._mark = ""

    @staticmethod
    def mark_of(pid: int) -> str:
        """Tell a process from all that ever have its number, here or elsewhere; "" if it ended."""
        try:
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if told[0] == "Z" else f"{boot} {told[19]}"

    async def _signal(self, sig: int) -> bool:
        if self.proc is None and self.mark_of(self.pid) != self._mark:
            return False
        return bool(await super()._signal(sig))

    async def stop(self, now: bool = False) -> None:
        """Stop it, and leave nothing of its room."""
        await super().stop(now=now)
        self._room(Class(Path(self.class_folder))).give_back()

    def _output(self, of: Class) -> IO[bytes]:
        """Open the file of what the server says.

        The hub's own would be theirs to read and to cut off: a terminal, or its log.
        """
        path = of.hub / "logs" / f"{self.user.name}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        how = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW
        return os.fdopen(os.open(path, how, 0o600), "wb")

    def _room(self, of: Class) -> Room:
        person = People(of).get(self.user.name)
        own = of.hub / "rooms" / person.name
        sockets = None if of.settings.internet else of.sockets / "doors"
        return Room(
            person,
            home=of.home(person.name),
            settings=CONFIGURATIONS / "student",
            etc=own,
            sockets=sockets,
            memory_mb=of.settings.memory_mb,
            processes=of.settings.processes,
        )

    def _doors(self, of: Class, door: socket.socket) -> list[str]:
        doors = [f"fd:{door.fileno()}={self._server_port(of)}"]
        if not of.settings.internet:
            doors.append(f"{HUB_PORT}={SOCKETS}/{of.hub_socket.name}")
            course = of.exchange_socket(of.settings.course).name
            doors.append(f"{EXCHANGE_PORT}={SOCKETS}/{course}")
        return [sys.executable, "-P", "-m", "curriculum.hub.doors", *doors, "--"]

    def _server_port(self, of: Class) -> int:
        if not of.settings.internet:
            return SERVER_PORT
        if not self.port:  # type: ignore[has-type]
            from jupyterhub.utils import random_port

            self.port = random_port()
        return self.port

    def _environment(self, of: Class) -> dict[str, str]:
        hub, exchange = HUB_PORT, EXCHANGE_PORT
        if of.settings.internet:
            hub, exchange = of.settings.hub_port, of.settings.exchange_port
        prefix = self.hub.base_url.rstrip("/")
        env = self.get_env()
        env.update(
            JUPYTERHUB_API_URL=f"http://127.0.0.1:{hub}{prefix}/api",
            JUPYTERHUB_ACTIVITY_URL=(
                f"http://127.0.0.1:{hub}{prefix}/api/users/{self.user.escaped_name}/activity"
            ),
            JUPYTERHUB_SERVICE_URL=(
                f"http://127.0.0.1:{self._server_port(of)}{self.server.base_url}"
            ),
            CURRICULUM_EXCHANGE=(
                f"http://127.0.0.1:{exchange}/services/{of.settings.course}-exchange/"
            ),
            CURRICULUM_COURSE=of.settings.course,
        )
        return env

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Say who the server runs as, and where its files are."""
        home = f"/home/{self.user.name}"
        env.update(room_environment(self.user.name, home))
        return env

    def make_preexec_fn(self, name: str) -> Any:
        """Do nothing: the room changes the user."""
        return None

    async def move_certs(self, paths: dict[str, str]) -> dict[str, str]:
        """Leave certificates where they are."""
        return paths


def end_rooms(etc: Path) -> None:
    """End what another hub process has started for somebody, and was killed before it could say so.

    Parameters
    ----------
    etc : Path
        The folder of the class's that is this person's room's alone.
    """
    shown = os.fsencode(etc / "passwd")
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if words[0] == b"/bin/sh" and shown in words:
                os.kill(int(entry.name), signal.SIGKILL)


def room_environment(name: str, home: str) -> dict[str, str]:
    """Give the variables that every room has."""
    here = str(Path(sys.executable).parent)
    return {
        "USER": name,
        "LOGNAME": name,
        "HOME": home,
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([here, "/usr/local/bin", "/usr/bin", "/bin"]),
        "JUPYTER_CONFIG_PATH": os.pathsep.join([SETTINGS, str(_OF_THE_LAB)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CURRICULUM_LAB_ROOT": home,
    }
