"""Rules about students' servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from curriculum.hub.check.configuration import LOCAL, Configuration, argument, command_of
from curriculum.hub.check.findings import Finding, error, warning

_OF_CULLER = {
    "list:users",
    "read:users:activity",
    "read:users:name",
    "read:servers",
    "delete:servers",
    "admin:servers",
    "servers",
}
_NO_LIMITS = ("LocalProcessSpawner", "SudoSpawner")


def _is_ours(of: Configuration) -> bool:
    return of.is_a("spawner", "RoomSpawner")


def one_account_for_all(of: Configuration) -> Iterator[Finding]:
    """Find students who are the same user of the machine."""
    if of.is_a("spawner", "SimpleLocalProcessSpawner"):
        yield error(
            "SimpleLocalProcessSpawner runs every student's server as the hub's own user, so each"
            " can read all others' work and the hub's secrets: use SystemdSpawner or DockerSpawner."
        )
    elif of.is_a("spawner", "LocalProcessSpawner") and not _is_ours(of):
        yield warning(
            "LocalProcessSpawner needs an account of this machine for each student and hides"
            " nothing but files from one another: use SystemdSpawner or DockerSpawner."
        )
    if of.is_a("spawner", "SystemdSpawner"):
        template = str(of.of("spawner", "username_template", "{USERNAME}"))
        if not of.of("spawner", "dynamic_users") and "{USER" not in template:
            yield error(
                f"SystemdSpawner.username_template is {template!r}, the same account for everybody:"
                " put {USERNAME} into it."
            )


def names_of_accounts(of: Configuration) -> Iterator[Finding]:
    """Find students whose name is that of an account which is not theirs."""
    if not of.is_a("spawner", "SystemdSpawner"):
        return
    if of.of("spawner", "dynamic_users"):
        yield warning(
            "With SystemdSpawner.dynamic_users, a student's files are /var/lib/NAME, so one called"
            " like a service of this machine would get that service's files: use accounts with a"
            " prefix (username_template)."
        )
    elif of.of("spawner", "username_template", "{USERNAME}") == "{USERNAME}":
        yield warning(
            "SystemdSpawner.username_template is {USERNAME}, so a student with the name of another"
            " account of this machine runs as that one: put a prefix before it, like"
            " class-{USERNAME}."
        )


def memory(of: Configuration) -> Iterator[Finding]:
    """Find a student's server that can take all."""
    if _is_ours(of):
        return
    if of.is_a("spawner", *_NO_LIMITS):
        yield warning(
            f"{of.name_of('spawner')} can't limit memory, so one student can stop the machine: use"
            " SystemdSpawner or DockerSpawner."
        )
    elif not of.of("spawner", "mem_limit"):
        yield warning(
            "Spawner.mem_limit is not set, so one student can take all memory and stop everybody:"
            " set it, e.g. to '3G'."
        )
    elif not of.of("spawner", "cpu_limit"):
        yield warning(
            "Spawner.cpu_limit is not set, so one student can slow everybody down: set it, e.g."
            " to 2."
        )


def processes(of: Configuration) -> Iterator[Finding]:
    """Find a student's server that can start processes without end."""
    if of.is_a("spawner", "DockerSpawner"):
        where, limit = "DockerSpawner.extra_host_config['pids_limit']", _host(of).get("pids_limit")
    elif of.is_a("spawner", "SystemdSpawner"):
        where = "SystemdSpawner.unit_extra_properties['TasksMax']"
        limit = (of.of("spawner", "unit_extra_properties") or {}).get("TasksMax")
    else:
        return
    if not limit:
        yield warning(
            f"{where} is not set, so one student's runaway loop can fill the machine's table of"
            " processes: set it, e.g. to 512."
        )


def _host(of: Configuration) -> dict[str, Any]:
    found = of.of("spawner", "extra_host_config")
    return found if isinstance(found, dict) else {}


def walls_of_containers(of: Configuration) -> Iterator[Finding]:
    """Find containers that hold nothing in."""
    if not of.is_a("spawner", "DockerSpawner"):
        return
    if _host(of).get("privileged"):
        yield error(
            "DockerSpawner.extra_host_config has privileged, which makes a student root of this"
            " machine: take it out."
        )
    if "host" in (_host(of).get("network_mode"), of.of("spawner", "network_name")):
        yield error(
            "Containers share this machine's network, with all that listens on it: give them one"
            " of their own in DockerSpawner.network_name."
        )
    for source, inside in (of.of("spawner", "volumes") or {}).items():
        yield from _volume(source, inside)


def _volume(source: str, inside: Any) -> Iterator[Finding]:
    if source.rstrip("/") in ("", "/etc", "/root", "/home") or "docker.sock" in source:
        yield error(
            f"DockerSpawner.volumes shows {source} to students, and with it this machine: take it"
            " out."
        )
    elif "{" not in source and not (isinstance(inside, dict) and inside.get("mode") == "ro"):
        yield error(
            f"DockerSpawner.volumes gives {source} to all students to write to, so each can change"
            " what others see: put {username} into its name, or mount it with mode 'ro'."
        )


def reach_of_containers(of: Configuration) -> Iterator[Finding]:
    """Find what containers can't reach."""
    if not of.is_a("spawner", "DockerSpawner"):
        return
    # A hub that is in a container itself is reached by its name.
    if of.inner_address[0] in LOCAL and not of.hub("hub_connect_ip"):
        yield error(
            "The hub listens on 127.0.0.1, where no container reaches it: set"
            " JupyterHub.hub_bind_url to this machine's address in the containers' network."
        )
    for desk in of.desks:
        if argument(desk, "--address", LOCAL[0]) in LOCAL:
            yield error(
                f"The service {desk.get('name')} listens on 127.0.0.1, where no container reaches"
                " it: add --address with this machine's address in the containers' network."
            )


def sudo(of: Configuration) -> Iterator[Finding]:
    """Find ways to become somebody else."""
    if of.is_a("spawner", "SystemdSpawner") and of.of("spawner", "disable_user_sudo") is False:
        yield error(
            "SystemdSpawner.disable_user_sudo is False, so a student may become root with sudo or"
            " any program like it: set it to True."
        )


def idle_culler(of: Configuration) -> Iterator[Finding]:
    """Look at servers that nobody uses, and who stops them."""
    cullers = [s for s in of.services if "cull" in command_of(s) or "cull" in str(s.get("name"))]
    if not cullers:
        yield warning(
            "No service stops servers that nobody uses, so memory fills up: add"
            " jupyterhub_idle_culler, as `curriculum hub init` writes it."
        )
    for culler in cullers:
        if culler.get("admin"):
            yield error(
                f"The service {culler.get('name')} is an administrator, and needs four rights only:"
                " take out admin, and give it a role, as `curriculum hub init` writes it."
            )
        named = [r for r in of.roles if culler.get("name") in (r.get("services") or [])]
        scopes = {str(s).split("!")[0] for role in named for s in role.get("scopes") or []}
        if scopes - _OF_CULLER:
            yield error(
                f"The service {culler.get('name')} may {', '.join(sorted(scopes - _OF_CULLER))},"
                " which stopping idle servers doesn't need: take it out of its role."
            )
        if not scopes and not culler.get("admin"):
            yield error(
                f"The service {culler.get('name')} has no role, so it can stop nothing: give it"
                " list:users, read:users:activity, read:servers and delete:servers."
            )


RULES = (
    one_account_for_all,
    names_of_accounts,
    memory,
    processes,
    walls_of_containers,
    reach_of_containers,
    sudo,
    idle_culler,
)
