"""Rules about who may do what."""

from __future__ import annotations

from collections.abc import Iterator

from curriculum.hub.check.configuration import Configuration
from curriculum.hub.check.findings import Finding, error, warning

_OPEN_SERVERS = {
    "access:servers": "open students' servers",
    "tokens": "make tokens in students' names",
    "shares": "share students' servers with themselves",
    "users:shares": "share students' servers with themselves",
    "inherit": "do whatever each of them may",
}
_CHANGE_GROUPS = ("groups", "admin:groups")


def admin_access(of: Configuration) -> Iterator[Finding]:
    """Find the old switch by which administrators open servers."""
    if of.hub("admin_access"):
        yield error(
            "JupyterHub.admin_access lets administrators open every student's server: take it out,"
            " and give instructors a role, as `curriculum hub init` writes it."
        )


def administrators(of: Configuration) -> Iterator[Finding]:
    """Find people who may do everything."""
    admins = set(of.of("authenticator", "admin_users") or [])
    teachers = admins & _teachers(of)
    if teachers:
        yield error(
            f"{', '.join(sorted(teachers))} teach and are administrators (admin_users), who can"
            " open every student's server: take them out; their role is enough for teaching."
        )
    if admins - teachers:
        yield warning(
            f"{', '.join(sorted(admins - teachers))} can open every student's server, being in"
            " admin_users: keep only who runs the machine."
        )
    if of.of("authenticator", "admin_groups"):
        yield warning(
            "Everybody in Authenticator.admin_groups can open every student's server: name only"
            " groups of those who run the machine."
        )


def _teachers(of: Configuration) -> set[str]:
    """Name those who are said to teach, where the configuration says so plainly."""
    groups = of.hub("load_groups") or {}
    found: set[str] = set()
    for name, about in groups.items():
        if any(mark in name for mark in ("formgrade", "instructor", "grader", "teach")):
            found |= set(about.get("users", []) if isinstance(about, dict) else about)
    for role in of.roles:
        if any(mark in str(role.get("name")) for mark in ("formgrade", "instructor", "grader")):
            found |= set(role.get("users") or [])
    return found


def roles_that_open_servers(of: Configuration) -> Iterator[Finding]:
    """Find roles of people with which one gets into what is a student's."""
    for role in of.roles:
        name, holders = role.get("name"), bool(role.get("users") or role.get("groups"))
        if name == "admin" and holders:
            yield error(
                "load_roles gives the role admin to people, who can then open every student's"
                " server: give them a role with what they need."
            )
        if not holders and name != "user":
            continue
        for scope in map(str, role.get("scopes") or []):
            bare, _, only = scope.partition("!")
            if bare in _OPEN_SERVERS and only.split("=")[0] not in ("user", "server"):
                yield error(
                    f"The role {name} has {scope}, with which its holders can"
                    f" {_OPEN_SERVERS[bare]}: take it out."
                )
            if bare in _CHANGE_GROUPS and not only:
                yield error(
                    f"The role {name} has {scope}, with which its holders can put themselves into"
                    " any course's group: write !group=… after it, or take it out."
                )


def services_with_all_rights(of: Configuration) -> Iterator[Finding]:
    """Find services that may do everything."""
    for service in of.services:
        if service.get("admin") and "cull" not in str(service.get("name")):
            yield error(
                f"The service {service.get('name')} is an administrator, so whoever gets into it"
                " gets into everything: take out admin, and give it a role with what it needs."
            )


def roles_that_fail(of: Configuration) -> Iterator[Finding]:
    """Find what JupyterHub refuses to start with."""
    known = {service.get("name") for service in of.services}
    for role in of.roles:
        for name in role.get("services") or []:
            if name not in known:
                yield error(
                    f"The role {role.get('name')} names the service {name}, which there is not, so"
                    " the hub won't start: mend the name."
                )
    if of.hub("load_groups") and of.of("authenticator", "manage_groups"):
        yield error(
            "With Authenticator.manage_groups, JupyterHub refuses load_groups and won't start: take"
            " one of them out."
        )


def rights_to_hand_in(of: Configuration) -> Iterator[Finding]:
    """Find desks that no student may ask."""
    token = of.of("spawner", "server_token_scopes") or []
    granted = [str(scope) for role in of.roles for scope in role.get("scopes") or []]
    for desk in of.desks:
        scope = f"access:services!service={desk.get('name')}"
        lacking = []
        if isinstance(token, list) and not {scope, "access:services"} & set(map(str, token)):
            lacking.append("Spawner.server_token_scopes")
        if not {scope, "access:services"} & set(granted):
            lacking.append("a role of the course's students")
        if lacking:
            yield error(
                f"No student can hand in at {desk.get('name')}: put {scope} into"
                f" {' and into '.join(lacking)}."
            )


RULES = (
    admin_access,
    administrators,
    roles_that_open_servers,
    services_with_all_rights,
    roles_that_fail,
    rights_to_hand_in,
)
