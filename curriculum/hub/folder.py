"""Where a class keeps what it has.

Everything of a class lies in one folder, which is backed up as a whole; sockets and process ids
lie in a folder of the machine's that ends with it.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import tomllib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from curriculum import files

SETTINGS = "class.toml"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HERE = Path(__file__).parent


class HubError(RuntimeError):
    """A class can't be run as asked; the message is a sentence that says what to do."""


@dataclass(frozen=True)
class Class:
    """A class's folder.

    Parameters
    ----------
    root : Path
        The folder, absolute.
    """

    root: Path

    @cached_property
    def settings(self) -> Settings:
        """What stands in `class.toml`; who opens a class to a network has https."""
        said = Settings.read(self.root / SETTINGS)
        if said.is_local or said.certificate or said.key:
            return said
        return replace(said, certificate=str(self.certificate), key=str(self.certificate_key))

    # What is kept.

    @property
    def people(self) -> Path:
        """Who is in the class, and as which user of the machine."""
        return self.root / "people.json"

    @property
    def passwords(self) -> Path:
        """The first passwords of those whom the class began with."""
        return self.root / "first_passwords.txt"

    @property
    def hub(self) -> Path:
        """What JupyterHub keeps: its database, its secrets, its log."""
        return self.root / "hub"

    def home(self, name: str) -> Path:
        """Give the home of a person."""
        return self.root / "homes" / name

    def course(self, course: str) -> Path:
        """Give the home of those who teach a course; the course itself is `course/` in it."""
        return self.root / "courses" / course

    def exchange(self, course: str) -> Path:
        """Give the folder that a course's topics, submissions and feedback pass through.

        The one that it lies in is the root of an nbgrader exchange, with this course alone.
        """
        return self.root / "exchange" / course / course

    @property
    def certificate(self) -> Path:
        """The certificate that is made where `class.toml` names none."""
        return self.hub / "certificate.pem"

    @property
    def certificate_key(self) -> Path:
        """Its key."""
        return self.hub / "certificate_key.pem"

    # What ends with the machine.

    @cached_property
    def sockets(self) -> Path:
        """The folder of sockets; their paths may have 107 bytes, so it lies near the root."""
        mark = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:8]
        if os.geteuid() == 0:
            return Path("/run") / f"curriculum-class-{mark}"
        base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        return Path(base) / f"curriculum-class-{os.geteuid()}-{mark}"

    @property
    def hub_socket(self) -> Path:
        """By which a server reaches the hub."""
        return self.sockets / "hub.sock"

    def exchange_socket(self, course: str) -> Path:
        """By which a server reaches a course's exchange."""
        return self.sockets / f"{course}.sock"


@dataclass(frozen=True)
class Settings:
    """What a teacher may choose, in `class.toml`.

    Parameters
    ----------
    course : str
        The course's id.
    address : str
        Where the class listens; another than this machine's own needs a certificate.
    port : int
        The port that browsers open.
    inner_port : int
        The first of four ports of this machine alone, for the class's own parts.
    domain : str
        A name of this machine whose subdomains lead to it, too: each server then has a name of its
        own, and so an origin that no other's page shares.
    certificate, key : str
        Files, for https.
    memory_mb, processes : int
        What a person's server may take, where the machine can hold it to that.
    internet : bool
        Whether servers have this machine's network; without, they reach the class alone.
    idle_minutes : int
        After how long without use a server is stopped.
    """

    course: str = "ml_interviews"
    address: str = "127.0.0.1"
    port: int = 8000
    inner_port: int = 8081
    domain: str = ""
    certificate: str = ""
    key: str = ""
    memory_mb: int = 3072
    processes: int = 2048
    internet: bool = False
    idle_minutes: int = 120

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read a file.

        Raises
        ------
        HubError
            It is not there, or not as it should be.
        """
        try:
            said = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise HubError(f"There is no class in {path.parent}: `make class` makes one.") from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise HubError(f"{path} can't be read: {error}. Mend it there.") from None
        known = cls.__dataclass_fields__
        for name, value in said.items():
            if name not in known:
                raise HubError(f"{path} has a setting {name!r} that there is not: take it out.")
            if type(value) is not type(known[name].default):
                kind = type(known[name].default).__name__
                raise HubError(f"{path}: {name} should be of type {kind}, as in {_example(name)}.")
        settings = cls(**said)
        if not _NAME.fullmatch(settings.course):
            raise HubError(
                f"{path}: course = {settings.course!r} is no name: use small letters, digits and _."
            )
        return settings

    @property
    def hub_port(self) -> int:
        """Where the hub listens."""
        return self.inner_port

    @property
    def proxy_port(self) -> int:
        """Where the hub tells its proxy what to do."""
        return self.inner_port + 1

    @property
    def exchange_port(self) -> int:
        """Where the course's desk listens."""
        return self.inner_port + 2

    @property
    def course_port(self) -> int:
        """Where the server of those who teach listens."""
        return self.inner_port + 3

    @property
    def is_local(self) -> bool:
        """Tell whether only this machine can open the class."""
        return self.address in ("127.0.0.1", "localhost", "::1")

    @property
    def url(self) -> str:
        """What people open."""
        host = self.domain or ("localhost" if self.is_local else self.address)
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"


def _example(name: str) -> str:
    value = Settings.__dataclass_fields__[name].default
    return f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}"


def make(root: Path) -> Class:
    """Make a class's folder, or find the one that is there; nothing in it is changed."""
    made = Class(root)
    made.root.mkdir(parents=True, exist_ok=True)
    for folder in (made.root, made.hub):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
    if not (root / SETTINGS).exists():
        files.write_text(root / SETTINGS, (_HERE / "settings" / SETTINGS).read_text())
    return made
