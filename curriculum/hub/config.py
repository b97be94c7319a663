"""JupyterHub's configuration of a class."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from curriculum import files
from curriculum.hub import proxy, teach
from curriculum.hub.folder import Class
from curriculum.hub.people import COURSE, People
from curriculum.hub.room import CONFIGURATIONS, Room
from curriculum.hub.sign_in import ClassAuthenticator
from curriculum.hub.spawner import RoomSpawner, room_environment

PROXY = Path("hub") / "proxy"
PROXY_PROCESS = "proxy.pid"
_COURSE_EXCHANGE = "/srv/exchange"
_TILL_KILLED = ["setpriv", "--pdeathsig", "KILL"]
"""A hub that is killed stops none of its services: the kernel does."""
_LOOP = 'trap exit INT; while :; do "$@" & wait; sleep 1; done'
_AGAIN = [*_TILL_KILLED, "/bin/sh", "-c", _LOOP, "again"]
"""Start a service again as soon as it has ended; the hub looks every half minute.

A shell that waits for a program in its foreground would not end when the hub interrupts it.
"""


def into(c: Any, of: Class) -> None:
    """Configure a hub.

    Parameters
    ----------
    c : traitlets.config.Config
        As `get_config()` gives it.
    of : Class
        For which class.
    """
    _keep_state(c, of)
    _listen(c, of)
    _sign_in(c, of)
    _servers(c, of)
    _services(c, of)
    _rights(c, of)


def _keep_state(c: Any, of: Class) -> None:
    c.JupyterHub.db_url = f"sqlite:///{of.hub / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(of.hub / "cookie_secret")
    c.ConfigurableHTTPProxy.pid_file = str(of.sockets / PROXY_PROCESS)
    # The proxy and people's servers go on when the hub stops, and it finds them when it is back.
    c.JupyterHub.cleanup_proxy = False
    c.JupyterHub.cleanup_servers = False
    token = of.hub / "proxy_token"
    if not token.exists():
        files.write_text(token, secrets.token_hex(32))
        token.chmod(0o600)
    c.ConfigurableHTTPProxy.auth_token = token.read_text().strip()
    c.ConfigurableHTTPProxy.command = proxy.command(of.root / PROXY)


def _listen(c: Any, of: Class) -> None:
    settings = of.settings
    proto = "https" if settings.certificate else "http"
    c.JupyterHub.bind_url = f"{proto}://{settings.address}:{settings.port}/"
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{settings.hub_port}"
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings.proxy_port}"
    if settings.certificate:
        c.JupyterHub.ssl_cert = settings.certificate
        c.JupyterHub.ssl_key = settings.key
    if settings.domain:
        c.JupyterHub.subdomain_host = settings.url
    c.JupyterHub.default_url = _first_page(of)
    c.JupyterHub.concurrent_spawn_limit = 0  # servers wait for their turn; see RoomSpawner.start
    c.JupyterHub.tornado_settings = {"headers": {"Referrer-Policy": "same-origin"}}


def _first_page(of: Class) -> Callable[[Any], str]:
    """Lead those who teach to the course, and students to their server."""
    course = of.settings.course

    def lead(handler: Any) -> str:
        user = handler.current_user
        if user and any(group.name == f"formgrade-{course}" for group in user.groups):
            service = handler.services[course]
            return f"{service.host}{service.prefix}"
        return f"{handler.base_url}hub/spawn"

    return lead


def _sign_in(c: Any, of: Class) -> None:
    c.JupyterHub.authenticator_class = ClassAuthenticator
    c.JupyterHub.template_paths = [str(CONFIGURATIONS / "pages")]
    c.ClassAuthenticator.class_folder = str(of.root)
    c.ClassAuthenticator.allow_all = True  # whom an instructor has approved
    c.ClassAuthenticator.manage_groups = True
    c.ClassAuthenticator.minimum_password_length = 10
    c.ClassAuthenticator.check_common_password = True
    c.ClassAuthenticator.allowed_failed_logins = 10
    c.ClassAuthenticator.seconds_before_next_try = 300


def _servers(c: Any, of: Class) -> None:
    settings = of.settings
    c.JupyterHub.spawner_class = RoomSpawner
    c.RoomSpawner.class_folder = str(of.root)
    c.RoomSpawner.cmd = [sys.executable, "-P", "-m", "curriculum.hub.begin"]
    c.RoomSpawner.default_url = "/lab/tree/start_here.ipynb"
    c.RoomSpawner.env_keep = []
    c.RoomSpawner.start_timeout = 600  # with the turns of others before it
    c.RoomSpawner.http_timeout = 120
    c.RoomSpawner.interrupt_timeout = 5
    c.RoomSpawner.poll_interval = 5  # who finds their server gone can start it again so soon
    exchange = f"access:services!service={settings.course}-exchange"
    c.RoomSpawner.server_token_scopes = ["users:activity!user", "access:servers!server", exchange]


def _services(c: Any, of: Class) -> None:
    settings = of.settings
    doors = [f"{of.sockets / 'doors' / of.hub_socket.name}={settings.hub_port}"]
    exchange = of.exchange_socket(settings.course).name
    doors.append(f"{of.sockets / 'doors' / exchange}={settings.exchange_port}")
    python = [*_AGAIN, *_TILL_KILLED, sys.executable, "-P", "-m"]
    culler = [*python, "jupyterhub_idle_culler", f"--timeout={60 * settings.idle_minutes}"]
    c.JupyterHub.services = [
        {"name": "doors", "command": [*python, "curriculum.hub.doors", *doors], "display": False},
        {"name": "idle-culler", "command": culler, "display": False},
        _exchange(of),
        _course(of),
    ]


def course_room(of: Class) -> Room:
    """Give the room in which a course is taught and graded."""
    course = of.settings.course
    person = People(of).add(course, COURSE)
    return Room(
        person,
        home=of.course(course),
        settings=CONFIGURATIONS / "course",
        etc=of.hub / "rooms" / course,
        shared={of.exchange(course).parent: _COURSE_EXCHANGE},
        lasts=False,
        grades=True,
    )


def course_environment(of: Class) -> dict[str, str]:
    """Give the variables that the course's room has."""
    course = of.settings.course
    home = f"/home/{course}"
    return {
        **room_environment(course, home),
        "CURRICULUM_EXCHANGE_ROOT": _COURSE_EXCHANGE,
        "CURRICULUM_COURSE": course,
        "CURRICULUM_LAB_ROOT": f"{home}/course",
        "JUPYTERHUB_DEFAULT_URL": f"/lab/tree/{teach.NOTEBOOK}",
        "CURRICULUM_CLASS_URL": of.settings.url,
    }


def _course(of: Class) -> dict[str, Any]:
    course = of.settings.course
    program = [sys.executable, "-P", "-m", "curriculum.hub.begin", "--course"]
    return {
        "name": course,
        "url": f"http://127.0.0.1:{of.settings.course_port}",
        "command": [*_AGAIN, *course_room(of).command(program)],
        "environment": course_environment(of),
        "oauth_no_confirm": True,
        "timeout": 120,
    }


def _exchange(of: Class) -> dict[str, Any]:
    course = of.settings.course
    folder = f"{_COURSE_EXCHANGE}/{course}"
    gradebook = of.course(course) / "course" / "gradebook.db"
    room = Room(
        People(of).add(course, COURSE),
        home=of.hub / "desks" / course,
        settings=CONFIGURATIONS / "course",
        etc=of.hub / "rooms" / course,
        shared={of.exchange(course).parent: _COURSE_EXCHANGE},
        shown=[gradebook],
        lasts=False,
    )
    program = [sys.executable, "-P", "-m", "curriculum.hub.exchange.service", "--course", course]
    program += ["--folder", folder, "--port", str(of.settings.exchange_port)]
    program += ["--gradebook", f"sqlite:///file:{gradebook}?mode=ro&uri=true"]
    return {
        "name": f"{course}-exchange",
        "command": [*_AGAIN, *room.command(program)],
        "environment": room_environment(course, room.inside),
        "display": False,
    }


def _rights(c: Any, of: Class) -> None:
    course = of.settings.course
    c.JupyterHub.load_roles = [
        {
            "name": f"student-{course}",
            "groups": [f"nbgrader-{course}"],
            "scopes": [f"access:services!service={course}-exchange"],
        },
        {
            "name": f"formgrade-{course}",
            "groups": [f"formgrade-{course}"],
            "scopes": [f"access:services!service={course}"],
        },
        {
            # Let people in and out, start and stop servers; not open the servers of others.
            "name": "instructor",
            "groups": ["instructors"],
            "scopes": ["admin-ui", "admin:users", "admin:servers", "list:services"],
        },
        {
            "name": "idle-culler",
            "services": ["idle-culler"],
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        },
    ]
