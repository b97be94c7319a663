"""Rules about a class's folder, as `curriculum hub start` makes it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from curriculum.hub import people, proxy, room
from curriculum.hub.check import machine
from curriculum.hub.check.findings import Finding, error, warning
from curriculum.hub.folder import Class, HubError

_SHORTEST = 10
"""As the class asks of passwords that people choose."""


def settings(of: Class) -> Iterator[Finding]:
    """Find mistakes in class.toml; nothing else can be looked at before they are mended."""
    try:
        said = of.settings
    except HubError as why:
        yield error(str(why))
        return
    if bool(said.certificate) != bool(said.key):
        yield error("class.toml has one of certificate and key: set the other, too, or neither.")
    if said.memory_mb <= 0 or said.processes <= 0:
        yield error(
            "class.toml has no limit on a person's memory or processes, so one student can stop the"
            " machine: set memory_mb and processes."
        )
    if said.internet:
        yield warning(
            "class.toml has internet = true, so students' servers reach all that listens on this"
            " machine and its network: set it to false unless lessons need it."
        )


def folders(of: Class) -> Iterator[Finding]:
    """Find what others of this machine can read."""
    courses = [of.root / "courses", *sorted((of.root / "courses").glob("*"))]
    for path in (of.root, of.hub, of.root / "exchange", *courses):
        if machine.others_may(path, stat.S_IROTH | stat.S_IXOTH):
            yield error(
                f"Everybody on this machine can look into {path}, with what is the class's alone:"
                " `chmod 700` it."
            )
    for path in (of.passwords, of.hub / "cookie_secret", of.hub / "proxy_token", of.people):
        if machine.others_may(path, stat.S_IROTH):
            yield error(f"Everybody on this machine can read {path}: `chmod 600` it.")


def first_passwords(of: Class) -> Iterator[Finding]:
    """Find a list of passwords that has done its work."""
    if not of.passwords.exists():
        return
    lines = of.passwords.read_text(encoding="utf-8").splitlines()
    words = [line.split()[1:] for line in lines if line.strip() and not line.startswith("#")]
    if any(not word or len(word[0]) < _SHORTEST or words.count(word) > 1 for word in words):
        yield error(
            f"{of.passwords} has a password that is short, missing, or given to two people, so"
            " others can sign in as them: delete the file, and have them choose others."
        )
    else:
        yield warning(
            f"{of.passwords} holds passwords: give each to whom it is for, and delete it."
        )


def certificate(of: Class) -> Iterator[Finding]:
    """Look at files for https; one that the class makes itself is renewed when it starts."""
    said = of.settings
    own = said.certificate == str(of.certificate)
    if said.certificate and said.key and (not own or of.certificate.exists()):
        yield from machine.certificate(Path(said.certificate), Path(said.key))
    if own:
        yield warning(
            "The class uses a certificate of its own making, about which browsers ask: name one of"
            " yours in class.toml (certificate, key)."
        )


def rooms(of: Class) -> Iterator[Finding]:
    """Find out whether students can be kept apart here."""
    reason = room.why_not()
    if reason:
        yield error(reason)
    yield from machine.sandbox()


def users(of: Class) -> Iterator[Finding]:
    """Look for numbers of users for students."""
    try:
        people.Person("nobody", people.STUDENT, 1).user  # noqa: B018
        people.People(of).all()
    except HubError as why:
        yield error(str(why))


def node(of: Class) -> Iterator[Finding]:
    """Look for Node.js, and the proxy that runs on it."""
    try:
        program = proxy.node()
    except HubError as why:
        yield error(str(why))
        return
    if not program.exists():
        yield error(f"Node.js is not at {program}: install the extra `hub` of this package again.")
    elif not (of.hub / "proxy" / "node_modules").is_dir():
        yield warning(
            "The class's proxy is not installed yet: the first start brings it, and needs npm's"
            " registry for that."
        )


def ports(of: Class) -> Iterator[Finding]:
    """Look at the ports of browsers, and of the class's parts."""
    said = of.settings
    inner = [said.hub_port, said.proxy_port, said.exchange_port, said.course_port]
    yield from machine.ports([said.port, *inner])


def space(of: Class) -> Iterator[Finding]:
    """Look for room on its disk."""
    yield from machine.disk([of.root])


RULES = (folders, first_passwords, certificate, rooms, users, node, ports, space)
"""What is looked at where `settings` finds no error."""
