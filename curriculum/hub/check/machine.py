"""What this machine has, and rules about it.

What is asked of the machine is asked here, in one function each.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
from cryptography import x509

from curriculum.hub.check.configuration import Configuration, argument
from curriculum.hub.check.findings import Finding, error, warning
from curriculum.sandbox import bubblewrap, levels
from curriculum.sandbox.plan import LAYERS, NONE

_DAYS = 14
_LITTLE, _TOO_LITTLE = 5_000_000_000, 500_000_000


def program(name: str) -> str:
    """Find a program; nothing where there is none."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name) or ""


def addresses() -> set[str]:
    """Give the addresses of this machine."""
    found = psutil.net_if_addrs().values()
    return {one.address.split("%")[0] for those in found for one in those}


def has_account(name: str) -> bool:
    """Tell whether this machine knows a user."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def has_systemd() -> bool:
    """Tell whether systemd runs this machine."""
    return Path("/run/systemd/system").is_dir()


def listening(port: int) -> str:
    """Name the process that has a port of this machine; nothing where none has."""
    try:
        connections = psutil.net_connections("inet")
    except (psutil.Error, OSError):
        return ""
    for one in connections:
        if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port:
            try:
                return f"{psutil.Process(one.pid).name()} (process {one.pid})"
            except (psutil.Error, ValueError, TypeError):
                return "another program"
    return ""


def others_may(path: Path, right: int) -> bool:
    """Tell whether any user of the machine can read, write or open a file, folders above included.

    Parameters
    ----------
    path : Path
        Of the file; where it isn't there, nobody can.
    right : int
        `stat.S_IROTH` or `stat.S_IWOTH`.
    """
    try:
        if not path.stat().st_mode & right:
            return False
        return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
    except OSError:
        return False


def certificate_ends(path: Path) -> datetime:
    """Give when a certificate ends."""
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc


# ---- Rules of a configuration and of a class's folder alike --------------------------------


def certificate(path: Path, key: Path) -> Iterator[Finding]:
    """Find what is wrong with a certificate and its key."""
    for file in (path, key):
        if not file.is_file():
            yield error(f"The file {file}, for TLS, is not there: put it there, or name another.")
    if path.is_file():
        yield from _end_of(path)
    if others_may(key, stat.S_IROTH):
        yield error(
            f"Everybody on this machine can read {key}, and pretend to be this hub: `chmod 600` it."
        )


def _end_of(path: Path) -> Iterator[Finding]:
    try:
        ends = certificate_ends(path)
    except (ValueError, OSError) as why:
        yield error(f"{path} holds no certificate that can be read ({why}): put one there.")
        return
    days = (ends - datetime.now(UTC)).days
    if days < 0:
        yield error(f"The certificate {path} ended on {ends:%Y-%m-%d}: renew it.")
    elif days < _DAYS:
        yield warning(f"The certificate {path} ends in {days} days: renew it.")


def ports(wanted: Sequence[int]) -> Iterator[Finding]:
    """Find who else has the ports that a hub needs."""
    for port in dict.fromkeys(wanted):
        who = listening(port)
        if who:
            yield warning(
                f"Port {port} is taken by {who}: if that is not this hub, which runs already, stop"
                " it or choose another port."
            )
    for port in {port for port in wanted if list(wanted).count(port) > 1}:
        yield error(f"Port {port} is given to two parts of the hub: give each its own.")


def disk(folders: Sequence[Path]) -> Iterator[Finding]:
    """Find disks that are nearly full."""
    for folder in folders:
        there = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(there).free
        if free < _LITTLE:
            rank = error if free < _TOO_LITTLE else warning
            yield rank(
                f"The disk of {folder} has {free / 1e9:.1f} GB left; without space the hub stops"
                " and nothing can be handed in: make room."
            )


def sandbox() -> Iterator[Finding]:
    """Find how submissions would be shut in here."""
    found = levels.probe()
    if found.level == NONE:
        yield error(
            "Nothing keeps a graded notebook from this machine's files, so grading refuses to"
            " start: `curriculum doctor` says what to install."
        )
    elif found.level == LAYERS:
        yield warning(
            "Submissions are graded in the weakest sandbox of three: `curriculum doctor` says what"
            " would make it stronger."
        )
    if bubblewrap.missing():
        yield warning(
            f"bubblewrap can't be used ({bubblewrap.missing()}): `apt install bubblewrap` makes"
            " the sandbox stronger."
        )


# ---- Rules of a configuration --------------------------------------------------------------


def sandbox_of_graders(of: Configuration) -> Iterator[Finding]:
    """Look at how submissions would be shut in."""
    if of.courses:
        yield from sandbox()


def space(of: Configuration) -> Iterator[Finding]:
    """Look for room on the disks that a hub writes to."""
    folders = [Path(argument(desk, "--folder", "/")) for desk in of.desks]
    yield from disk([of.path.parent, *folders])


def programs(of: Configuration) -> Iterator[Finding]:
    """Look for programs that the hub starts."""
    if of.is_a("proxy", "ConfigurableHTTPProxy") and of.of("proxy", "should_start", True):
        command = of.of("proxy", "command") or ["configurable-http-proxy"]
        name = str(command[0] if isinstance(command, list) else command)
        if not program(name):
            yield error(
                f"The proxy's program {name} is not there, so the hub can't start: `npm install -g"
                " configurable-http-proxy`, or name it in ConfigurableHTTPProxy.command."
            )
    if of.is_a("spawner", "SystemdSpawner") and not has_systemd():
        yield error(
            "SystemdSpawner needs systemd, which doesn't run on this machine: use DockerSpawner, or"
            " run the check on the machine of the hub."
        )


def accounts(of: Configuration) -> Iterator[Finding]:
    """Look for accounts under which services run."""
    for service in of.services:
        name = str(service.get("user") or "")
        if name and not has_account(name):
            yield error(
                f"The service {service.get('name')} runs as {name}, and this machine has no such"
                f" account: `useradd --system --create-home {name}`."
            )
    for course in of.courses:
        if not course.get("user"):
            yield error(
                f"The course's server {course.get('name')} runs as the hub's own user, so who"
                " teaches can read the hub's secrets: give it a user of its own."
            )


def ports_of_a_hub(of: Configuration) -> Iterator[Finding]:
    """Look at ports of the hub and its services."""
    services = [int(argument(desk, "--port", "0")) for desk in of.desks]
    urls = [str(course.get("url")).rpartition(":")[2].strip("/") for course in of.courses]
    services += [int(port) for port in urls if port.isdigit()]
    wanted = [of.address[2], of.inner_address[1], *services]
    yield from ports([port for port in wanted if port])


def inner_address(of: Configuration) -> Iterator[Finding]:
    """Find an address for servers that this machine doesn't have."""
    host = of.inner_address[0]
    if host.replace(".", "").isdigit() and host != "0.0.0.0" and host not in addresses():
        yield error(
            f"This machine has no address {host}, where the hub should listen: make the network it"
            " belongs to (`docker network create`), or write another into hub_bind_url."
        )


def root(of: Configuration) -> Iterator[Finding]:
    """Say that a check can't see all."""
    if os.geteuid() != 0 and of.is_a("spawner", "SystemdSpawner"):
        yield warning(
            "The hub runs as root and this check doesn't, so it can't see everything: run it with"
            " sudo."
        )


RULES = (
    sandbox_of_graders,
    space,
    programs,
    accounts,
    ports_of_a_hub,
    inner_address,
    root,
)
