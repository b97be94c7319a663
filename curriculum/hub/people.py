"""Who is in a class, and which user of the machine each of them is.

Users are numbers that nobody else has: they need no account on the machine, so nobody can log in
to it as one of them.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

import filelock

from curriculum import files
from curriculum.hub.folder import Class, HubError
from curriculum.sandbox.plan import mapped_users

STUDENT, GRADER, INSTRUCTOR, COURSE = "student", "grader", "instructor", "course"
ROLES = (STUDENT, GRADER, INSTRUCTOR)

_FIRST_USER = 1_900_000_000
"""Linux gives numbers from here on to nobody; see systemd's UIDS-GIDS."""
_FIRST_IN_CONTAINER = 50_000
_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,31}")
_PARTS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Person:
    """Somebody, or the one user that all who teach a course share.

    Parameters
    ----------
    name : str
        As they sign in.
    role : str
        `STUDENT`, `GRADER`, `INSTRUCTOR`, or `COURSE`.
    number : int
        Counts from one; it never passes to another.
    """

    name: str
    role: str
    number: int

    @property
    def user(self) -> int:
        """The user and group of the machine that they are, where we may make them another."""
        if os.geteuid() != 0:
            return os.geteuid()
        return _first_user() + self.number


def is_name(name: str) -> bool:
    """Tell whether somebody may be called so: it becomes a folder and a part of an address."""
    return bool(_NAME.fullmatch(name))


class People:
    """The list of a class's people, on disk.

    Parameters
    ----------
    of : Class
        Whose.
    """

    def __init__(self, of: Class) -> None:
        self._path = of.people
        self._lock = filelock.FileLock(f"{of.people}.lock")

    def all(self) -> dict[str, Person]:
        """Read the list."""
        try:
            listed = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise HubError(
                f"{self._path} can't be read ({error}): bring it back from a backup."
            ) from None
        return {one["name"]: Person(**one) for one in listed}

    def get(self, name: str) -> Person:
        """Give somebody; a new one is a student."""
        found = self.all().get(name)
        return found or self.add(name, STUDENT)

    def add(self, name: str, role: str) -> Person:
        """Take somebody in, or give another role.

        Raises
        ------
        HubError
            It is no name.
        """
        if not is_name(name):
            raise HubError(
                f"{name!r} is no name for a person: use up to 32 small letters, digits, '_', '.'"
                " and '-', with a letter first."
            )
        with self._changing() as people:
            if name in people:
                people[name] = replace(people[name], role=role)
            else:
                number = max((one.number for one in people.values()), default=0) + 1
                people[name] = Person(name, role, number)
            return people[name]

    def in_role(self, *roles: str) -> list[str]:
        """List names."""
        return sorted(one.name for one in self.all().values() if one.role in roles)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Person]]:
        with self._lock:
            people = self.all()
            yield people
            files.write_text(self._path, json.dumps([asdict(p) for p in people.values()], indent=1))


def password() -> str:
    """Make a password that can be read out and typed: 80 bits."""
    return "-".join("".join(secrets.choice(_PARTS) for _ in range(4)) for _ in range(4))


def _first_user() -> int:
    ranges = mapped_users()
    if any(first <= _FIRST_USER and end > _FIRST_USER + 100_000 for first, end in ranges):
        return _FIRST_USER
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    if taken & set(range(_FIRST_IN_CONTAINER, _FIRST_IN_CONTAINER + 9_000)):
        raise HubError(
            "Users 50000 to 59000 are taken on this machine, which has no others to give to the"
            " class: run it where there are more, or as a user who isn't root."
        )
    return _FIRST_IN_CONTAINER
