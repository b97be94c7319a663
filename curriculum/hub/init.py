"""Write the configuration of a JupyterHub that an institution runs itself.

What is written is plain JupyterHub configuration, to be read, filled in and kept by whoever runs
the hub: nothing here is needed once it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from curriculum import files
from curriculum.hub.folder import HubError
from curriculum.hub.people import is_name

SIGN_INS, SPAWNERS = ("oauth", "lti"), ("systemd", "docker")
DATABASES, TLS = ("postgresql", "sqlite"), ("certificate", "proxy")
PLACEHOLDER = "FILL_IN"
"""What is to be filled in begins so."""

_SETTINGS = Path(__file__).with_name("settings")
_TEMPLATES = _SETTINGS / "init"
_OF_THE_LAB = Path(__file__).parents[1] / "lab" / "settings"
_COURSE = re.compile(r"[a-z][a-z0-9_]{0,30}")
_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]+")
_LONGEST_NAME = 26
_MOST_COURSES = 90
"""Ports of desks begin at 8101, those of courses at 8201."""


@dataclass(frozen=True)
class Wanted:
    """What is to be configured.

    Parameters
    ----------
    courses : sequence of str
        Ids of courses.
    instructors, graders : sequence of str
        Who teaches: `NAME`, in all courses, or `COURSE:NAME`.
    sign_in, spawner, database, tls : str
        One of `SIGN_INS`, `SPAWNERS`, `DATABASES`, `TLS`.
    domain : str
        The host that people open.
    """

    courses: Sequence[str] = ("ml_interviews",)
    instructors: Sequence[str] = ()
    graders: Sequence[str] = ()
    sign_in: str = "oauth"
    spawner: str = "systemd"
    database: str = "postgresql"
    tls: str = "certificate"
    domain: str = f"{PLACEHOLDER}_domain"


def write(folder: Path, wanted: Wanted) -> list[str]:
    """Write a configuration into a new folder.

    Parameters
    ----------
    folder : Path
        Where; it must not be there yet, or be empty.
    wanted : Wanted
        What.

    Returns
    -------
    list of str
        What is left to be filled in.

    Raises
    ------
    HubError
        Something is there already, or can't be called so.
    """
    _refuse_what_cannot_be(wanted)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise HubError(f"{folder} is there already, and stays as it is: name another with --to.")
    made = _files(wanted)
    with files.scratch_beside(folder) as scratch:
        for path, text in made.items():
            files.write_text(scratch / path, text)
        files.put_in_place(scratch, folder)
    return placeholders("".join(made.values()))


def placeholders(text: str) -> list[str]:
    """List what a text says is to be filled in, each once, in its order."""
    return list(dict.fromkeys(re.findall(rf"{PLACEHOLDER}_\w+", text)))


def _refuse_what_cannot_be(wanted: Wanted) -> None:
    for course in wanted.courses:
        if not _COURSE.fullmatch(course):
            raise HubError(
                f"{course!r} is no name for a course: use up to 31 small letters, digits and '_',"
                " with a letter first."
            )
    if len(set(wanted.courses)) < len(wanted.courses):
        raise HubError("A course is named twice: name each once.")
    if not 0 < len(wanted.courses) <= _MOST_COURSES:
        raise HubError(f"One hub has ports for 1 to {_MOST_COURSES} courses: name fewer.")
    for name in (*wanted.instructors, *wanted.graders):
        _refuse_person(name, wanted)
    if not wanted.domain.startswith(PLACEHOLDER) and not _DOMAIN.fullmatch(wanted.domain):
        raise HubError(f"{wanted.domain!r} is no domain: write it like class.example.org.")


def _refuse_person(named: str, wanted: Wanted) -> None:
    course, _, name = named.rpartition(":")
    if course and course not in wanted.courses:
        raise HubError(f"{named!r} names a course that is not asked for: add --course {course}.")
    if not is_name(name) or len(name) > _LONGEST_NAME:
        raise HubError(
            f"{name!r} is no name for a person: use up to {_LONGEST_NAME} small letters, digits,"
            " '_', '.' and '-', with a letter first, as the sign-in gives it."
        )


def _files(wanted: Wanted) -> dict[str, str]:
    """Give all files by their paths in the folder."""
    said = _said(wanted)
    config = _render("jupyterhub_config.py", said)
    made = {
        "jupyterhub_config.py": config,
        "README.md": _render("README.md", {**said, "placeholders": placeholders(config)}),
        "jupyterhub.service": _render("jupyterhub.service", said),
    }
    if wanted.spawner == "docker":
        made["Dockerfile"] = _render("Dockerfile", said)
    if wanted.sign_in == "oauth":
        for course in wanted.courses:
            made[f"people/{course}.txt"] = "# Students of this course: a name a line.\n"
    for whose in ("student", "course"):
        made[f"{whose}/nbgrader_config.py"] = _render(f"{whose}_nbgrader_config.py", said)
        for folder in (_SETTINGS / whose, _OF_THE_LAB):
            for path in sorted(folder.rglob("*.json")):
                made[f"{whose}/{path.relative_to(folder)}"] = path.read_text(encoding="utf-8")
    return made


def _said(wanted: Wanted) -> dict[str, Any]:
    """Give what templates are told."""
    nobody = {f"{PLACEHOLDER}_instructor"}
    return {
        "domain": wanted.domain,
        "courses": list(wanted.courses),
        "instructors": {c: _of(c, wanted.instructors) or nobody for c in wanted.courses},
        "graders": {course: _of(course, wanted.graders) for course in wanted.courses},
        "sign_in": wanted.sign_in,
        "spawner": wanted.spawner,
        "database": wanted.database,
        "tls": wanted.tls,
        "packages": _packages(wanted),
        "secrets": _secrets(wanted),
    }


def _of(course: str, named: Iterable[str]) -> set[str]:
    pairs = (name.rpartition(":") for name in named)
    return {name for only, _, name in pairs if only in ("", course)}


def _packages(wanted: Wanted) -> list[str]:
    sign_in = {"oauth": "oauthenticator==17.*", "lti": "jupyterhub-ltiauthenticator==1.6.*"}
    spawner = {"systemd": "jupyterhub-systemdspawner==1.0.*", "docker": "dockerspawner==14.*"}
    found = [sign_in[wanted.sign_in], spawner[wanted.spawner]]
    if wanted.database == "postgresql":
        found.append("psycopg2-binary")
    return [f"'{one}'" if "=" in one else one for one in found]


def _secrets(wanted: Wanted) -> dict[str, str]:
    """Give what the configuration reads, and what each is."""
    found = {}
    if wanted.sign_in == "oauth":
        found["OAUTH_CLIENT_SECRET"] = "as your provider gives it"
    if wanted.database == "postgresql":
        found["HUB_DATABASE_URL"] = "e.g. `postgresql:///jupyterhub`"
        for course in wanted.courses:
            found[f"GRADEBOOK_URL_{course}"] = f"e.g. `postgresql:///gradebook_{course}`"
    return found


def _render(name: str, said: dict[str, Any]) -> str:
    # Strict: a template that names what there is not is a fault of ours, not an empty text.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # what is written is Python and Markdown
    )
    environment.filters["names"] = _as_set
    environment.filters["ports"] = lambda count: "8101" if count == 1 else f"8101 to {8100 + count}"
    return environment.get_template(f"{name}.j2").render(said)


def _as_set(names: Iterable[str]) -> str:
    """Write a set as a person would."""
    quoted = ", ".join(f'"{name}"' for name in sorted(names))
    return f"{{{quoted}}}" if quoted else "set()"
