"""A JupyterHub configuration, as the rules of a check look at it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from curriculum.hub.folder import HubError

_PATIENCE = 120
_FAMILIES = {"oauth": "OAuthenticator", "lti13": "LTI13Authenticator", "docker": "DockerSpawner"}
LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Configuration:
    """What a file says, and what a hub would make of it.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        It.
    said : mapping
        As `load` gives it.
    """

    path: Path
    text: str
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fails(self) -> str:
        """Why it can't be loaded, or nothing."""
        return str(self.said.get("error", ""))

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax; empty where it has none."""
        try:
            return ast.parse(self.text)
        except SyntaxError:
            return ast.Module([], [])

    def hub(self, trait: str, default: Any = None) -> Any:
        """Give what a hub would have as one of JupyterHub's own traits."""
        section = self._section("JupyterHub")
        if trait in section:
            return section[trait]
        return self.said.get("hub", {}).get(trait, default)

    def of(self, kind: str, trait: str, default: Any = None) -> Any:
        """Give a trait of its `authenticator`, `spawner` or `proxy`."""
        for name in self.family(kind):
            if trait in self._section(name):
                return self._section(name)[trait]
        known = self._kind(kind).get("defaults", {}).get(trait)
        return default if known is None else known

    def family(self, kind: str) -> Sequence[str]:
        """Name the class of a kind, and those it comes from; the nearest first."""
        found = self._kind(kind)
        if found.get("mro"):
            return found["mro"]
        # It is not installed here: what its name tells must do.
        name = str(found.get("name", ""))
        families = [family for mark, family in _FAMILIES.items() if mark in name.lower()]
        return [name.rpartition(".")[2], *families, kind.capitalize()]

    def is_a(self, kind: str, *names: str) -> bool:
        """Tell whether the class of a kind is one of some, or comes from one."""
        return not set(names).isdisjoint(self.family(kind))

    def name_of(self, kind: str) -> str:
        """Give the name of a class as people say it."""
        return self.family(kind)[0]

    def why_missing(self, kind: str) -> str:
        """Say why a class can't be had, or nothing."""
        return str(self._kind(kind).get("error", ""))

    def _kind(self, kind: str) -> Mapping[str, Any]:
        return self.said.get("kinds", {}).get(kind, {})

    def _section(self, name: str) -> Mapping[str, Any]:
        return self.said.get("config", {}).get(name, {})

    @property
    def services(self) -> list[dict[str, Any]]:
        """The services of the hub."""
        return [one for one in self.hub("services") or [] if isinstance(one, dict)]

    @property
    def desks(self) -> list[dict[str, Any]]:
        """Those that are desks of courses."""
        return [s for s in self.services if _DESK in command_of(s)]

    @property
    def courses(self) -> list[dict[str, Any]]:
        """Those in which courses are taught."""
        return [s for s in self.services if s.get("url") and _teaches(command_of(s))]

    @property
    def roles(self) -> list[dict[str, Any]]:
        """The roles that it makes."""
        return [one for one in self.hub("load_roles") or [] if isinstance(one, dict)]

    @property
    def address(self) -> tuple[str, str, int]:
        """What browsers reach: scheme, host, port; no host is every address of the machine."""
        url = self._section("JupyterHub").get("bind_url") or "http://:8000"
        parts = urlsplit(str(url))
        host = self._section("JupyterHub").get("ip", parts.hostname or "")
        port = self._section("JupyterHub").get("port", parts.port)
        scheme = "https" if self.hub("ssl_cert") else parts.scheme
        return scheme, str(host), int(port or (443 if scheme == "https" else 80))

    @property
    def inner_address(self) -> tuple[str, int]:
        """Where servers and services reach the hub."""
        parts = urlsplit(str(self._section("JupyterHub").get("hub_bind_url") or ""))
        host = parts.hostname or self._section("JupyterHub").get("hub_ip") or LOCAL[0]
        port = parts.port or self._section("JupyterHub").get("hub_port") or 8081
        return str(host), int(port)

    def strings(self) -> Iterator[str]:
        """Give every text that is set anywhere."""
        yield from _strings(self.said.get("config", {}))


_DESK = "curriculum.hub.exchange.service"


def _teaches(command: str) -> bool:
    return "jupyterhub-singleuser" in command or "curriculum.hub.begin --course" in command


def command_of(service: Mapping[str, Any]) -> str:
    """Give a service's command as one text."""
    command = service.get("command") or ""
    return command if isinstance(command, str) else " ".join(map(str, command))


def argument(service: Mapping[str, Any], name: str, default: str = "") -> str:
    """Give what a service's command says after an option."""
    words = command_of(service).split()
    return words[words.index(name) + 1] if name in words[:-1] else default


def environment_of(service: Mapping[str, Any]) -> dict[str, str]:
    """Give the variables that a service gets."""
    return {str(k): str(v) for k, v in (service.get("environment") or {}).items()}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def read(path: Path) -> Configuration:
    """Load a configuration in a process of its own.

    Raises
    ------
    HubError
        There is no such file, or nothing came of it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HubError(f"{path} can't be read: {error}.") from None
    command = [sys.executable, "-P", "-m", "curriculum.hub.check.load", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, stdin=-3)
        said = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise HubError(f"{path} was still loading after {_PATIENCE} seconds.") from None
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise HubError(f"{path} can't be loaded: {last}") from None
    return Configuration(path, text, said)
