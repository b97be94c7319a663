"""A real class for tests: JupyterHub with its proxy, its rooms and its desk, in a folder.

::

    with open_class(folder) as klass:
        ada = klass.sign_in("ada")
        ada.start_server()
        assert ada.run("print(1 + 1)") == "2\n"
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from course import ROOT
from tornado.httpclient import HTTPRequest
from tornado.ioloop import IOLoop
from tornado.websocket import websocket_connect

from curriculum.hub import folder
from curriculum.hub.people import STUDENT
from curriculum.hub.people import Person as Listed
from curriculum.hub.room import Room
from curriculum.hub.sign_in import first_passwords

PATIENCE = 180.0


def free_ports(count: int) -> int:
    """Give the first of some ports in a row that nobody listens on."""
    # Below the ports that the kernel gives to whoever connects: those are taken a moment later.
    for step in range(0, 12_000, count):
        first = 20_000 + (8 * os.getpid() + step) % 12_000
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for port in range(first, first + count):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
    raise AssertionError("no ports are free")


@dataclass
class HubClass:
    """A class whose hub may be running."""

    root: Path
    settings: str = ""
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.root.parent / f"{self.root.name}.log"
        of = folder.make(self.root)
        first = free_ports(8)
        text = (of.root / folder.SETTINGS).read_text()
        text = text.replace("port = 8000", f"port = {first}")
        text = text.replace("inner_port = 8081", f"inner_port = {first + 1}")
        (of.root / folder.SETTINGS).write_text(text + self.settings)

    @property
    def of(self) -> folder.Class:
        return folder.Class(self.root)

    @property
    def url(self) -> str:
        return self.of.settings.url.replace("localhost", "127.0.0.1")

    # Its hub.

    def start(self) -> None:
        command = [sys.executable, "-m", "curriculum.cli", "hub", "start", "--class", self.root]
        command[1:3] = ["-c", "from curriculum.cli import main; main()"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )  # fmt: skip
        self.wait()

    def wait(self) -> None:
        """Wait until all of it answers, the server of those who teach included."""
        course = self.of.settings.course
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process is None or self.process.poll() is None, self.log.read_text()[-3000:]
            with contextlib.suppress(httpx.HTTPError):
                hub = httpx.get(f"{self.url}/hub/api", timeout=5)
                teaching = httpx.get(f"{self.url}/services/{course}/api", timeout=5)
                if hub.status_code == 200 and teaching.status_code in (200, 302, 403):
                    return
            time.sleep(0.3)
        raise AssertionError(f"the class did not open:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """Kill the hub alone, as a machine that runs out of memory would."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop the hub and everything that it would leave."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        of = self.of
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            os.kill(int((of.sockets / "proxy.pid").read_text()), signal.SIGKILL)
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ProcessLookupError):
                if os.fsencode(self.root) in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)
        # As the hub does for each server that it stops.
        for etc in (of.hub / "rooms").glob("*"):
            Room(Listed(etc.name, STUDENT, 0), etc, etc, etc, memory_mb=1).give_back()

    # Its people.

    def sign_in(self, name: str, word: str | None = None) -> Person:
        """Sign somebody in, with the password that the class gave them."""
        word = word or first_passwords(self.of)[name]
        person = Person(self, name, httpx.Client(base_url=self.url, timeout=120))
        person.log_in(word)
        return person


class Person:
    """Somebody's browser, as far as a program can be one."""

    def __init__(self, of: HubClass, name: str, http: httpx.Client) -> None:
        self.of, self.name, self.http = of, name, http

    def log_in(self, word: str) -> None:
        page = self.http.get("/hub/login").text
        token = re.search(r'name="_xsrf" value="([^"]+)"', page).group(1)
        given = {"username": self.name, "password": word, "_xsrf": token}
        answer = self.http.post("/hub/login", data=given)
        assert answer.status_code == 302, answer.text[-500:]

    @property
    def base(self) -> str:
        return f"/user/{self.name}"

    def ask(self, method: str, path: str, **said: Any) -> httpx.Response:
        """Ask somebody's page, following to where it is shown; writes need what pages have."""
        headers = dict(said.pop("headers", {}))
        tokens = [c.value for c in self.http.cookies.jar if c.name == "_xsrf"]
        own = [
            c.value
            for c in self.http.cookies.jar
            if c.name == "_xsrf" and path.startswith(c.path.rstrip("/")) and len(c.path) > 1
        ]
        if method != "GET" and (own or tokens):
            headers["X-XSRFToken"] = (own or tokens)[-1]
        return self.http.request(method, path, headers=headers, follow_redirects=True, **said)

    def start_server(self) -> None:
        """Start their server, and wait until it answers."""
        answer = self.ask("GET", f"/hub/spawn/{self.name}")
        assert answer.status_code == 200, answer.text[-500:]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.ask("GET", f"{self.base}/api/status")
            if answer.status_code == 200 and answer.headers["content-type"].endswith("json"):
                return
            # Pages, unlike this, lead over the hub that says who asks.
            self.ask("GET", f"{self.base}/lab")
            time.sleep(0.3)
        raise AssertionError(f"{self.name}'s server did not start: {answer.status_code}")

    def run(self, code: str, *, base: str | None = None, seconds: float = 120) -> str:
        """Run code in a kernel of their server's; gives what it printed, errors included."""
        with self.kernel(base=base) as run:
            return run(code, seconds)

    @contextlib.contextmanager
    def kernel(self, *, base: str | None = None) -> Iterator[Callable[[str, float], str]]:
        """Start a kernel; gives what runs code in it, for so many seconds at most."""
        at = base or self.base
        made = self.ask("POST", f"{at}/api/kernels", json={"name": "python3"})
        assert made.status_code == 201, made.text[-500:]
        kernel = made.json()["id"]
        try:
            # In a thread of its own: a test with a browser has a loop in this one.
            with ThreadPoolExecutor(1) as beside:
                yield lambda code, seconds: beside.submit(
                    self._run_to_its_end, at, kernel, code, seconds
                ).result()
        finally:
            self.ask("DELETE", f"{at}/api/kernels/{kernel}")

    def _run_to_its_end(self, at: str, kernel: str, code: str, seconds: float) -> str:
        loop = IOLoop(make_current=False)
        try:
            return loop.run_sync(lambda: self._execute(at, kernel, code), timeout=seconds)
        finally:
            loop.close()

    async def _execute(self, at: str, kernel: str, code: str) -> str:
        path = f"{at}/api/kernels/{kernel}/channels"
        cookies = "; ".join(
            f"{c.name}={c.value}" for c in self.http.cookies.jar if path.startswith(c.path)
        )
        own = [c for c in self.http.cookies.jar if c.name == "_xsrf" and at in f"{c.path}"]
        address = f"{self.of.url.replace('http', 'ws', 1)}{path}"
        if own:
            address += f"?_xsrf={own[-1].value}"
        socket_ = await websocket_connect(
            HTTPRequest(address, headers={"Cookie": cookies, "Origin": self.of.url})
        )
        identity = uuid.uuid4().hex
        header = {"msg_id": identity, "msg_type": "execute_request", "username": "",
                  "session": uuid.uuid4().hex, "version": "5.3", "date": ""}  # fmt: skip
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False,
                   "stop_on_error": True, "user_expressions": {}}  # fmt: skip
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content,
                   "channel": "shell", "buffers": []}  # fmt: skip
        await socket_.write_message(json.dumps(message))
        printed = []
        while True:
            said = await socket_.read_message()
            assert said is not None, "the kernel's connection was closed"
            answer = json.loads(said)
            if answer.get("parent_header", {}).get("msg_id") != identity:
                continue
            kind, content = answer["msg_type"], answer["content"]
            if kind == "stream":
                printed.append(content["text"])
            elif kind == "error":
                printed.append(f"{content['ename']}: {content['evalue']}\n")
            elif kind == "status" and content["execution_state"] == "idle":
                socket_.close()
                return "".join(printed)


@contextlib.contextmanager
def open_class(root: Path, settings: str = "") -> Iterator[HubClass]:
    """Make a class, open it, and leave nothing of it running."""
    made = HubClass(root, settings)
    try:
        made.start()
        yield made
    finally:
        made.stop()
