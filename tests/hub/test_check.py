"""Each rule of `curriculum hub check` finds its bad case, and leaves its good case alone."""

import importlib.util
import os
import re
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest

from curriculum.cli import main
from curriculum.hub import certificates, check, people, proxy, room
from curriculum.hub.check import (
    class_folder,
    courses,
    loads,
    machine,
    network,
    rights,
    secret,
    servers,
    sign_in,
)
from curriculum.hub.check.configuration import Configuration
from curriculum.hub.check.findings import ERROR, WARNING, error, ranked, warning
from curriculum.hub.folder import SETTINGS, Class, HubError, make
from curriculum.hub.init import DATABASES, SIGN_INS, SPAWNERS, TLS, Wanted, placeholders, write

FAMILIES = {
    "GenericOAuthenticator": ["OAuthenticator", "Authenticator"],
    "GoogleOAuthenticator": ["OAuthenticator", "Authenticator"],
    "SimpleLocalProcessSpawner": ["LocalProcessSpawner", "Spawner"],
    "RoomSpawner": ["LocalProcessSpawner", "Spawner"],
}
DESK = {
    "name": "ml-exchange",
    "user": "ml",
    "command": "python -m curriculum.hub.exchange.service --folder /nowhere --port 8101".split(),
}
COURSE = {
    "name": "ml",
    "user": "ml",
    "url": "http://127.0.0.1:8201",
    "command": ["python", "-m", "curriculum.hub.begin", "--course"],
}
CULLER = {"name": "culler", "command": ["python", "-m", "jupyterhub_idle_culler"]}
CULLS = {
    "name": "culls",
    "services": ["culler"],
    "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
}
EXCHANGE = "access:services!service=ml-exchange"


def kind(name, said):
    return {"name": name, "mro": [name, *FAMILIES.get(name, [said])], "defaults": {}, "error": ""}


def hub(
    authenticator="GenericOAuthenticator",
    spawner="SystemdSpawner",
    a=None,
    s=None,
    p=None,
    text="",
    path="/nowhere/jupyterhub_config.py",
    said=None,
    **hub_traits,
):
    """Make a configuration; `a`, `s`, `p`: what is set of authenticator, spawner, proxy."""
    config = {
        "JupyterHub": hub_traits,
        authenticator: a or {},
        spawner: s or {},
        "ConfigurableHTTPProxy": p or {},
    }
    kinds = {
        "authenticator": kind(authenticator, "Authenticator"),
        "spawner": kind(spawner, "Spawner"),
        "proxy": kind("ConfigurableHTTPProxy", "Proxy"),
    }
    base = {"error": "", "config": config, "kinds": kinds, "hub": {}}
    return Configuration(Path(path), text, {**base, **(said or {})})


def role(*scopes, name="teachers", **holders):
    return {"name": name, "scopes": list(scopes), **(holders or {"groups": ["formgrade-ml"]})}


LTI = {
    "issuer": "https://lms",
    "client_id": ["1"],
    "authorize_url": "https://lms/a",
    "jwks_endpoint": "https://lms/k",
}
CALLBACK = "https://class.example.org/hub/oauth_callback"
GROUPS = {"load_groups": {"x": {}}}

# Rule: bad case, words of its sentence, good case.
CASES = [
    (loads.fails, hub(said={"error": "line 3: oops"}), "line 3: oops", hub()),
    (
        loads.misspelt,
        hub(said={"faults": [("JupyterHub", "bind_ulr", "")], "hub": {"bind_url": ""}}),
        "was c.JupyterHub.bind_url meant",
        hub(),
    ),
    (
        loads.misspelt,
        hub(said={"faults": [("Spawner", "mem_limit", "it must be a number")]}),
        "it must be a number",
        hub(said={"faults": []}),
    ),
    (loads.misspelt, hub(said={"unused": ["GitHubOAuth"]}), "no class of that name", hub()),
    (secret.missing, hub(said={"missing": ["TOKEN"]}), "variable TOKEN is not set", hub()),
    (secret.missing, hub(said={"missing": ["/etc/x"]}), "file /etc/x is not there", hub()),
    (
        secret.unfilled,
        hub(text="a = 1\nb = 'FILL_IN_host'\nc = 'FILL_IN_host'\n"),
        "FILL_IN_host is still to be filled in, on lines 2, 3 of",
        hub(text="b = 'host'  # whatever says FILL_IN\n"),
    ),
    (
        secret.in_the_file,
        hub(text="\nc.GitHubOAuthenticator.client_secret = 'abc123'\n"),
        "client_secret, on line 2",
        hub(text="c.GitHubOAuthenticator.client_secret = os.environ['SECRET']\n"),
    ),
    (
        secret.in_the_file,
        hub(text="c.JupyterHub.services = [{'name': 'x', 'api_token': 'abc'}]\n"),
        "api_token",
        hub(text="c.JupyterHub.services = [{'name': 'x', 'api_token': token}]\n"),
    ),
    (
        secret.in_the_file,
        hub(text="c.CryptKeeper.keys = [b'abc']\n"),
        "keys",
        hub(text="c.JupyterHub.cookie_secret_file = '/srv/cookie_secret'\n"),
    ),
    (
        secret.in_the_file,
        hub(text="c.JupyterHub.db_url = 'postgresql://hub:pw@db/hub'\n"),
        "a URL with a password",
        hub(text="c.JupyterHub.db_url = 'postgresql://db/hub'\n"),
    ),
    (
        sign_in.one_password_for_all,
        hub("DummyAuthenticator"),
        "with any password",
        hub("NativeAuthenticator"),
    ),
    (
        sign_in.one_password_for_all,
        hub("DummyAuthenticator", a={"password": "x"}),
        "the one password that all share",
        hub(),
    ),
    (
        sign_in.one_password_for_all,
        hub("SharedPasswordAuthenticator"),
        "sign in as everybody else",
        hub(),
    ),
    (
        sign_in.open_sign_up,
        hub("NativeAuthenticator", a={"open_signup": True}),
        "set it to False",
        hub("NativeAuthenticator"),
    ),
    (
        sign_in.open_sign_up,
        hub("NativeAuthenticator", a={"allow_self_approval_for": "@x.org"}),
        "approve themselves",
        hub("NativeAuthenticator"),
    ),
    (
        sign_in.open_sign_up,
        hub("FirstUseAuthenticator"),
        "owns it",
        hub("FirstUseAuthenticator", a={"create_users": False}),
    ),
    (
        sign_in.everybody_of_a_provider,
        hub(a={"allow_all": True}),
        "everybody who has an account",
        hub(a={"allowed_users": ["ada"]}),
    ),
    (
        sign_in.everybody_of_a_provider,
        hub("GoogleOAuthenticator", a={"allow_all": True}),
        "everybody who has an account",
        hub("GoogleOAuthenticator", a={"allow_all": True, "hosted_domain": ["x.org"]}),
    ),
    (sign_in.nobody_may_sign_in, hub(), "Nobody may sign in", hub(a={"allowed_users": ["ada"]})),
    (
        sign_in.nobody_may_sign_in,
        hub(),
        "Nobody may sign in",
        hub(a={"allowed_organizations": ["x"]}),
    ),
    (
        sign_in.keys_of_lti,
        hub("LTI13Authenticator", a={**LTI, "issuer": "", "client_id": []}),
        "has no issuer, client_id",
        hub("LTI13Authenticator", a=LTI),
    ),
    (
        sign_in.keys_of_lti,
        hub("LTI13Authenticator", a={**LTI, "jwks_endpoint": "http://lms/k"}),
        "can be forged",
        hub("LTI13Authenticator", a=LTI),
    ),
    (
        sign_in.keys_of_lti,
        hub("LTI11Authenticator"),
        "consumers is empty",
        hub("LTI13Authenticator", a=LTI),
    ),
    (
        sign_in.client_of_oauth,
        hub(a={"client_id": "1"}),
        "client_secret is not set",
        hub(a={"client_id": "1", "client_secret": "2"}),
    ),
    (sign_in.callback, hub(), "guessed", hub(a={"oauth_callback_url": CALLBACK})),
    (
        sign_in.callback,
        hub(a={"oauth_callback_url": CALLBACK.replace("https", "http")}),
        "is not https",
        hub(a={"oauth_callback_url": "http://localhost:8000/hub/oauth_callback"}),
    ),
    (
        sign_in.callback,
        hub(a={"oauth_callback_url": "https://class.example.org/"}),
        "does not end with",
        hub(a={"oauth_callback_url": CALLBACK}),
    ),
    (
        sign_in.callback,
        hub(a={"oauth_callback_url": CALLBACK}, public_url="https://other.example.org/"),
        "make them the same",
        hub(a={"oauth_callback_url": CALLBACK}, public_url="https://class.example.org/"),
    ),
    (
        sign_in.names,
        hub(services=[DESK]),
        "can't hand in",
        hub(services=[DESK], a={"username_pattern": "[a-z]+"}),
    ),
    (rights.admin_access, hub(admin_access=True), "admin_access", hub(admin_access=False)),
    (
        rights.administrators,
        hub(a={"admin_users": ["ada"]}, load_groups={"formgrade-ml": {"users": ["ada"]}}),
        "ada teach and are administrators",
        hub(load_groups={"formgrade-ml": {"users": ["ada"]}}),
    ),
    (
        rights.administrators,
        hub(a={"admin_users": ["root"]}),
        "keep only who runs the machine",
        hub(a={"admin_users": []}),
    ),
    (rights.administrators, hub(a={"admin_groups": ["staff"]}), "admin_groups", hub()),
    (
        rights.roles_that_open_servers,
        hub(load_roles=[role("access:servers!group=nbgrader-ml")]),
        "open students' servers",
        hub(load_roles=[role("list:users", "delete:servers", "access:servers!user")]),
    ),
    (
        rights.roles_that_open_servers,
        hub(load_roles=[role("tokens")]),
        "make tokens",
        hub(load_roles=[role("access:servers", services=["grader"])]),
    ),
    (
        rights.roles_that_open_servers,
        hub(load_roles=[role("groups")]),
        "any course's group",
        hub(load_roles=[role("groups!group=nbgrader-ml")]),
    ),
    (
        rights.roles_that_open_servers,
        hub(load_roles=[role(name="admin", users=["ada"])]),
        "role admin",
        hub(load_roles=[role(name="admin", services=["backup"])]),
    ),
    (
        rights.services_with_all_rights,
        hub(services=[{**COURSE, "admin": True}]),
        "is an administrator",
        hub(services=[COURSE]),
    ),
    (
        rights.roles_that_fail,
        hub(services=[CULLER], load_roles=[{**CULLS, "services": ["cullr"]}]),
        "names the service cullr",
        hub(services=[CULLER], load_roles=[CULLS]),
    ),
    (
        rights.roles_that_fail,
        hub(a={"manage_groups": True}, **GROUPS),
        "refuses load_groups",
        hub(**GROUPS),
    ),
    (
        rights.rights_to_hand_in,
        hub(services=[DESK], load_roles=[role(EXCHANGE)]),
        "into Spawner.server_token_scopes",
        hub(
            services=[DESK],
            load_roles=[role(EXCHANGE)],
            s={"server_token_scopes": [EXCHANGE]},
        ),
    ),
    (
        rights.rights_to_hand_in,
        hub(services=[DESK], s={"server_token_scopes": [EXCHANGE]}),
        "a role of the course's students",
        hub(services=[]),
    ),
    (
        servers.one_account_for_all,
        hub(spawner="SimpleLocalProcessSpawner"),
        "the hub's own user",
        hub(),
    ),
    (
        servers.one_account_for_all,
        hub(spawner="LocalProcessSpawner"),
        "an account of this machine",
        hub(spawner="RoomSpawner"),
    ),
    (
        servers.one_account_for_all,
        hub(s={"username_template": "students"}),
        "the same account for everybody",
        hub(s={"username_template": "class-{USERNAME}"}),
    ),
    (
        servers.names_of_accounts,
        hub(),
        "put a prefix",
        hub(s={"username_template": "class-{USERNAME}"}),
    ),
    (servers.names_of_accounts, hub(s={"dynamic_users": True}), "/var/lib/NAME", hub("X", "Y")),
    (servers.memory, hub(), "mem_limit is not set", hub(s={"mem_limit": "3G", "cpu_limit": 2})),
    (
        servers.memory,
        hub(s={"mem_limit": "3G"}),
        "cpu_limit is not set",
        hub(s={"mem_limit": "3G", "cpu_limit": 2}),
    ),
    (servers.memory, hub(spawner="SudoSpawner"), "can't limit", hub(spawner="RoomSpawner")),
    (
        servers.processes,
        hub(),
        "TasksMax",
        hub(s={"unit_extra_properties": {"TasksMax": "512"}}),
    ),
    (
        servers.processes,
        hub(spawner="DockerSpawner"),
        "pids_limit",
        hub(spawner="DockerSpawner", s={"extra_host_config": {"pids_limit": 512}}),
    ),
    (
        servers.walls_of_containers,
        hub(spawner="DockerSpawner", s={"extra_host_config": {"privileged": True}}),
        "root of this machine",
        hub(spawner="DockerSpawner", s={"extra_host_config": {"cap_drop": ["ALL"]}}),
    ),
    (
        servers.walls_of_containers,
        hub(spawner="DockerSpawner", s={"network_name": "host"}),
        "network_name",
        hub(spawner="DockerSpawner", s={"network_name": "curriculum"}),
    ),
    (
        servers.walls_of_containers,
        hub(spawner="DockerSpawner", s={"volumes": {"/var/run/docker.sock": "/s"}}),
        "take it out",
        hub(spawner="DockerSpawner", s={"volumes": {"student-{username}": "/home/student"}}),
    ),
    (
        servers.walls_of_containers,
        hub(spawner="DockerSpawner", s={"volumes": {"/srv/data": "/data"}}),
        "mode 'ro'",
        hub(
            spawner="DockerSpawner",
            s={"volumes": {"/srv/data": {"bind": "/data", "mode": "ro"}}},
        ),
    ),
    (
        servers.reach_of_containers,
        hub(spawner="DockerSpawner"),
        "no container reaches it",
        hub(spawner="DockerSpawner", hub_bind_url="http://172.30.0.1:8081"),
    ),
    (
        servers.reach_of_containers,
        hub(spawner="DockerSpawner", hub_bind_url="http://172.30.0.1:8081", services=[DESK]),
        "add --address",
        hub(
            spawner="DockerSpawner",
            hub_bind_url="http://172.30.0.1:8081",
            services=[{**DESK, "command": [*DESK["command"], "--address", "172.30.0.1"]}],
        ),
    ),
    (servers.sudo, hub(s={"disable_user_sudo": False}), "become root", hub()),
    (
        servers.idle_culler,
        hub(),
        "memory fills up",
        hub(services=[CULLER], load_roles=[CULLS]),
    ),
    (
        servers.idle_culler,
        hub(services=[{**CULLER, "admin": True}]),
        "take out admin",
        hub(services=[CULLER], load_roles=[CULLS]),
    ),
    (
        servers.idle_culler,
        hub(services=[CULLER], load_roles=[{**CULLS, "scopes": ["admin:users", "list:users"]}]),
        "may admin:users",
        hub(services=[CULLER], load_roles=[CULLS]),
    ),
    (
        servers.idle_culler,
        hub(services=[CULLER]),
        "has no role",
        hub(services=[CULLER], load_roles=[CULLS]),
    ),
    (network.tls, hub(), "all addresses without TLS", hub(bind_url="http://127.0.0.1:8000")),
    (
        network.tls,
        hub(bind_url="http://10.0.0.1:80"),
        "listens on 10.0.0.1 without TLS",
        hub(bind_url="https://0.0.0.0", ssl_cert="/c", ssl_key="/k"),
    ),
    (
        network.tls,
        hub(bind_url="http://127.0.0.1:8000", public_url="http://class.example.org/"),
        "is not https",
        hub(bind_url="http://127.0.0.1:8000", public_url="https://class.example.org/"),
    ),
    (network.certificate, hub(ssl_cert="/nowhere"), "needs both", hub()),
    (
        network.hub_itself,
        hub(hub_bind_url="http://0.0.0.0:8081"),
        "open on all addresses",
        hub(hub_bind_url="http://127.0.0.1:8081"),
    ),
    (
        network.frames,
        hub(tornado_settings={"headers": {"Content-Security-Policy": "frame-ancestors 'self'"}}),
        "lets 'self' frame",
        hub(tornado_settings={"headers": {"Referrer-Policy": "same-origin"}}),
    ),
    (
        network.frames,
        hub(tornado_settings={"headers": {"Content-Security-Policy": "default-src *"}}),
        "lets everybody frame",
        hub(tornado_settings={"headers": {"Content-Security-Policy": "frame-ancestors 'none'"}}),
    ),
    (
        network.other_sites,
        hub(tornado_settings={"headers": {"Access-Control-Allow-Origin": "*"}}),
        "every site",
        hub(tornado_settings={"headers": {"Access-Control-Allow-Origin": "https://x.org"}}),
    ),
    (network.other_sites, hub(tornado_settings={"xsrf_cookies": False}), "xsrf", hub()),
    (
        courses.database_of_the_hub,
        hub(db_url="sqlite:///hub.sqlite"),
        "PostgreSQL",
        hub(db_url="postgresql:///hub"),
    ),
    (
        courses.database_of_the_hub,
        hub(db_url="sqlite:///hub.sqlite", a={"allowed_users": [f"u{n}" for n in range(61)]}),
        "more than 60",
        hub(db_url="sqlite:///hub.sqlite", a={"allowed_users": ["ada"]}),
    ),
    (courses.no_desk, hub(services=[COURSE]), "curriculum.hub.exchange.service", hub(services=[COURSE, DESK])),
    (
        machine.accounts,
        hub(services=[{**DESK, "user": "no-such-account"}]),
        "useradd",
        hub(services=[{**DESK, "user": "root"}]),
    ),
    (
        machine.accounts,
        hub(services=[{**COURSE, "user": ""}]),
        "the hub's own user",
        hub(services=[{**COURSE, "user": "root"}]),
    ),
    (
        machine.inner_address,
        hub(hub_bind_url="http://192.0.2.77:8081"),
        "no address 192.0.2.77",
        hub(hub_bind_url="http://127.0.0.1:8081"),
    ),
    (
        machine.programs,
        hub(spawner="Y", p={"command": ["no-such-proxy"]}),
        "no-such-proxy is not there",
        hub(spawner="Y", p={"command": ["sh"]}),
    ),
    (
        machine.ports_of_a_hub,
        hub(services=[DESK], hub_bind_url="http://127.0.0.1:8101"),
        "Port 8101 is given to two",
        hub(services=[DESK], hub_bind_url="http://127.0.0.1:8081"),
    ),
]  # fmt: skip
BY_THEMSELVES = {
    loads.classes,
    secret.can_be_changed,
    secret.can_be_read,
    courses.folders_of_courses,
    courses.exchanges,
    courses.shared_exchange,
    machine.sandbox_of_graders,
    machine.space,
    machine.root,
}
"""Rules whose cases need files, or another machine; they are below."""


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch):
    """Nobody listens here, and no variable says who a hub is to a provider."""
    monkeypatch.setattr(machine, "listening", lambda port: "")
    for name in [n for n in os.environ if n.endswith(("CLIENT_ID", "CLIENT_SECRET"))]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("rule", "bad", "words", "good"), CASES, ids=lambda v: getattr(v, "__name__", "")
)
def test_a_rule_finds_what_is_bad_and_leaves_what_is_good(rule, bad, words, good):
    assert words in " ".join(one.sentence for one in rule(bad))
    assert list(rule(good)) == []


def test_every_rule_has_its_cases():
    assert {rule for rule, *_ in CASES} | BY_THEMSELVES == set(check.RULES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_each_finding_is_a_sentence(case):
    for one in case[0](case[1]):
        assert one.rank in (ERROR, WARNING)
        assert re.search(r"[.?!]$|number$|oops\): mend it\.$", one.sentence)
        assert "\n" not in one.sentence


def test_errors_come_first_and_nothing_is_said_twice():
    found = [warning("b"), error("a"), warning("b")]
    assert ranked(found) == [error("a"), warning("b")]


# Files.


def test_a_class_that_is_not_installed_is_named_with_its_package():
    missing = {"name": "dockerspawner.DockerSpawner", "mro": [], "error": "No module"}
    of = hub(spawner_class="dockerspawner.DockerSpawner")
    of.said["kinds"]["spawner"].update(missing)
    (one,) = loads.classes(of)
    assert "`pip install dockerspawner`" in one.sentence
    assert of.is_a("spawner", "DockerSpawner")
    assert list(loads.classes(hub())) == []


def test_who_can_write_to_the_file_runs_as_the_hub(open_folder):
    file = open_folder / "jupyterhub_config.py"
    file.write_text("")
    file.chmod(0o644)
    assert list(secret.can_be_changed(hub(path=str(file)))) == []
    file.chmod(0o666)
    (one,) = secret.can_be_changed(hub(path=str(file)))
    assert str(file) in one.sentence


@pytest.fixture
def open_folder(tmp_path, monkeypatch):
    """Give a folder that every user of the machine reaches."""
    real = machine.others_may

    def may(path, right):
        try:
            return (
                bool(path.stat().st_mode & right)
                if path.is_relative_to(tmp_path)
                else real(path, right)
            )
        except OSError:
            return False

    monkeypatch.setattr(machine, "others_may", may)
    return tmp_path


def test_a_file_in_a_closed_folder_is_closed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "secret").write_text("x")
    (tmp_path / "in" / "secret").chmod(0o644)
    (tmp_path / "in").chmod(0o700)
    assert not machine.others_may(tmp_path / "in" / "secret", 0o004)


def test_secrets_that_others_can_read_are_found_by_what_is_in_them(open_folder):
    for name in ("secret", "list", "cookie"):
        (open_folder / name).write_text(f"the content of {name}\n")
        (open_folder / name).chmod(0o644)
    opened = [str(open_folder / name) for name in ("secret", "list")]
    of = hub(
        a={"client_secret": "the content of secret"},
        cookie_secret_file=str(open_folder / "cookie"),
        said={"opened": opened},
    )
    sentences = [one.sentence for one in secret.can_be_read(of)]
    assert len(sentences) == 2
    assert str(open_folder / "secret") in sentences[0]
    assert str(open_folder / "cookie") in sentences[1]
    for name in ("secret", "cookie"):
        (open_folder / name).chmod(0o600)
    assert list(secret.can_be_read(of)) == []


def test_a_course_s_folder_and_gradebook_are_closed_to_students(open_folder):
    (open_folder / "gradebook.db").write_text("")
    url = f"sqlite:///{open_folder / 'gradebook.db'}"
    said = {"CURRICULUM_LAB_ROOT": str(open_folder), "CURRICULUM_GRADEBOOK": url}
    of = hub(services=[{**COURSE, "environment": said}])
    open_folder.chmod(0o755)
    (open_folder / "gradebook.db").chmod(0o644)
    sentences = [one.sentence for one in courses.folders_of_courses(of)]
    assert ["solutions" in sentences[0], "the gradebook" in sentences[1]] == [True, True]
    open_folder.chmod(0o700)
    (open_folder / "gradebook.db").chmod(0o600)
    assert list(courses.folders_of_courses(of)) == []


@pytest.mark.parametrize(("mode", "words"), [(0o777, "hand in for anybody"), (0o755, "look into")])
def test_the_desk_alone_has_the_exchange(mode, words, open_folder):
    desk = {**DESK, "command": [*DESK["command"][:4], str(open_folder), "--port", "1"]}
    desk["command"] = f"python -m curriculum.hub.exchange.service --folder {open_folder}".split()
    open_folder.chmod(mode)
    (one,) = courses.exchanges(hub(services=[desk]))
    assert words in one.sentence
    open_folder.chmod(0o700)
    assert list(courses.exchanges(hub(services=[desk]))) == []


def test_an_exchange_for_all_without_owners_is_an_error(open_folder):
    exchange = open_folder / "exchange"
    exchange.mkdir()
    config = open_folder / "nbgrader_config.py"
    root = 'c.Exchange.root = os.environ["CURRICULUM_EXCHANGE_ROOT"]\n'
    said = {"JUPYTER_CONFIG_PATH": str(open_folder), "CURRICULUM_EXCHANGE_ROOT": str(exchange)}
    of = hub(services=[{**COURSE, "environment": said}])
    config.write_text(f"{root}c.ExchangeCollect.check_owner = False\n")
    exchange.chmod(0o777)
    (one,) = courses.shared_exchange(of)
    assert (one.rank, "check_owner" in one.sentence) == (ERROR, True)
    config.write_text(root)
    (one,) = courses.shared_exchange(of)
    assert one.rank == WARNING
    exchange.chmod(0o700)
    assert list(courses.shared_exchange(of)) == []


def test_a_course_s_nbgrader_configuration_is_read_and_not_run(tmp_path):
    config = tmp_path / "nbgrader_config.py"
    config.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nc.Exchange.root = '/x'\n")
    assert courses.nbgrader_settings(config, {})["Exchange.root"] == "/x"
    assert not (tmp_path / "ran").exists()


# This machine.


@pytest.mark.parametrize(
    ("level", "rank"),
    [("none", ERROR), ("layers", WARNING), ("bubblewrap", ""), ("namespaces", "")],
)
def test_a_weak_sandbox_is_told(level, rank, monkeypatch):
    monkeypatch.setattr(machine.levels, "probe", lambda: SimpleNamespace(level=level))
    monkeypatch.setattr(machine.bubblewrap, "missing", lambda: "")
    found = list(machine.sandbox_of_graders(hub(services=[COURSE])))
    assert [one.rank for one in found] == [rank] * bool(rank)
    assert list(machine.sandbox_of_graders(hub())) == []


def test_missing_bubblewrap_is_told(monkeypatch):
    monkeypatch.setattr(machine.levels, "probe", lambda: SimpleNamespace(level="namespaces"))
    monkeypatch.setattr(machine.bubblewrap, "missing", lambda: "it is not installed")
    (one,) = machine.sandbox()
    assert "apt install bubblewrap" in one.sentence


@pytest.mark.parametrize(
    ("free", "ranks"), [(100_000_000, [ERROR]), (2_000_000_000, [WARNING]), (50_000_000_000, [])]
)
def test_a_disk_that_is_nearly_full_is_told(free, ranks, monkeypatch, tmp_path):
    usage = SimpleNamespace(free=free)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: usage)
    of = hub(path=str(tmp_path / "jupyterhub_config.py"))
    assert [one.rank for one in machine.space(of)] == ranks


def test_a_check_that_is_not_root_says_so(monkeypatch):
    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    (one,) = machine.root(hub())
    assert "sudo" in one.sentence
    monkeypatch.setattr(machine.os, "geteuid", lambda: 0)
    assert list(machine.root(hub())) == []


def test_a_port_that_is_taken_is_named_with_who_has_it(monkeypatch):
    monkeypatch.setattr(machine, "listening", lambda port: "node" if port == 8000 else "")
    (one,) = machine.ports([8000, 8081])
    assert "Port 8000 is taken by node" in one.sentence


def test_who_listens_is_found(monkeypatch):
    import socket

    monkeypatch.undo()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert str(os.getpid()) in machine.listening(port)
    assert machine.listening(port) == ""


def test_systemd_is_missed_where_it_does_not_run(monkeypatch):
    of = hub(p={"command": ["sh"]})
    monkeypatch.setattr(machine, "has_systemd", lambda: False)
    (one,) = machine.programs(of)
    assert "needs systemd" in one.sentence
    monkeypatch.setattr(machine, "has_systemd", lambda: True)
    assert list(machine.programs(of)) == []


def certificate(folder, days, monkeypatch):
    """Make a certificate that ends in some days; gives it and its key."""
    monkeypatch.setattr(certificates, "_DAYS", days)
    if days < 0:
        past = datetime.now(UTC) - timedelta(days=100)
        clock = SimpleNamespace(now=lambda zone: past)
        monkeypatch.setattr(certificates, "datetime", clock)
        monkeypatch.setattr(certificates, "_DAYS", 90)
    files = folder / "c.pem", folder / "k.pem"
    certificates._make(*files, "127.0.0.1")
    return files


@pytest.mark.parametrize(
    ("days", "words"), [(-1, "ended on"), (5, "ends in"), (200, None)], ids=["past", "soon", "good"]
)
def test_a_certificate_s_end_is_told(days, words, tmp_path, monkeypatch):
    cert, key = certificate(tmp_path, days, monkeypatch)
    found = list(network.certificate(hub(ssl_cert=str(cert), ssl_key=str(key))))
    assert len(found) == bool(words)
    assert not words or words in found[0].sentence


def test_a_certificate_s_key_is_closed_and_both_are_there(open_folder, monkeypatch):
    cert, key = certificate(open_folder, 200, monkeypatch)
    assert list(machine.certificate(cert, key)) == []
    key.chmod(0o644)
    (one,) = machine.certificate(cert, key)
    assert "pretend to be this hub" in one.sentence
    key.unlink()
    (one,) = machine.certificate(cert, key)
    assert "is not there" in one.sentence
    cert.write_text("no certificate")
    assert "holds no certificate" in list(machine.certificate(cert, key))[1].sentence


# What `hub init` writes.


def filled(folder, kinds, monkeypatch):
    """Write a configuration, fill it in, and make what it needs; gives its file."""
    sign_in, spawner, database, tls = kinds
    courses = ("ml_interviews", "deep_learning")
    wanted = Wanted(courses, ("ada",), ("eve",), sign_in, spawner, database, tls)
    write(folder / "hub", wanted)
    file = folder / "hub" / "jupyterhub_config.py"
    text = file.read_text().replace("FILL_IN_domain", "class.example.org")
    for name in placeholders(text):
        text = text.replace(name, "filled.example.org")
    cert, key = certificate(folder, 200, monkeypatch)
    text = text.replace("/etc/jupyterhub/tls/fullchain.pem", str(cert))
    text = text.replace("/etc/jupyterhub/tls/privkey.pem", str(key))
    file.write_text(text.replace("/etc/jupyterhub/secrets", str(folder / "secrets")))
    (folder / "secrets").mkdir(mode=0o700)
    for name in (
        "OAUTH_CLIENT_SECRET",
        "HUB_DATABASE_URL",
        *(f"GRADEBOOK_URL_{c}" for c in courses),
    ):
        (folder / "secrets" / name).write_text(f"postgresql://hub:{name}@db/x\n")
        (folder / "secrets" / name).chmod(0o600)
    return file


@pytest.fixture
def machine_of_the_hub(monkeypatch):
    """Have this machine be as README.md asks for."""
    monkeypatch.setattr(machine, "has_systemd", lambda: True)
    monkeypatch.setattr(machine, "has_account", lambda name: True)
    monkeypatch.setattr(machine, "program", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(machine, "addresses", lambda: {"127.0.0.1", "172.30.0.1"})
    monkeypatch.setattr(machine, "sandbox", lambda: ())


PACKAGES = {"oauth": "oauthenticator", "lti": "ltiauthenticator"} | {
    "systemd": "systemdspawner",
    "docker": "dockerspawner",
}


@pytest.mark.parametrize(
    "kinds",
    [
        (a, b, *c)
        for n, (a, b) in enumerate(product(SIGN_INS, SPAWNERS))
        for c in [list(product(DATABASES, TLS))[n]]
    ],
    ids="-".join,
)
def test_what_init_writes_passes_once_it_is_filled_in(
    kinds, tmp_path, monkeypatch, machine_of_the_hub
):
    file = filled(tmp_path, kinds, monkeypatch)
    found = [one.sentence for one in check.check(file) if one.rank == ERROR]
    absent = [PACKAGES[kind] for kind in kinds[:2] if not importlib.util.find_spec(PACKAGES[kind])]
    assert len(found) == len(absent), found
    for package, sentence in zip(absent, found, strict=True):
        assert f"{package}." in sentence
        assert "can't be had in this environment" in sentence


def test_what_is_not_filled_in_is_named_with_its_lines(tmp_path, machine_of_the_hub):
    write(tmp_path / "hub", Wanted(sign_in="lti", spawner="docker", database="sqlite"))
    text = (tmp_path / "hub" / "jupyterhub_config.py").read_text()
    sentences = [one.sentence for one in check.check(tmp_path / "hub")]
    left = [s for s in sentences if "still to be filled in" in s]
    assert [s.split()[0] for s in left] == placeholders(text)
    for sentence in left:
        name = sentence.split()[0]
        numbers = map(int, re.findall(r"\d+", sentence.split(", on line")[1].split(" of ")[0]))
        assert all(name in text.splitlines()[n - 1] for n in numbers)


def test_every_secret_that_is_missing_is_named(tmp_path, machine_of_the_hub):
    write(tmp_path / "hub", Wanted())
    sentences = " ".join(one.sentence for one in check.check(tmp_path / "hub"))
    for name in ("OAUTH_CLIENT_SECRET", "HUB_DATABASE_URL", "GRADEBOOK_URL_ml_interviews"):
        assert f"/etc/jupyterhub/secrets/{name} is not there" in sentences


# A configuration of somebody else's.


CARELESS = """
c = get_config()
import os
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.admin_access = True
c.JupyterHub.bind_ulr = "http://:80"
c.Spawner.mem_limit = "much"
c.ConfigurableHTTPProxy.auth_token = "0123456789abcdef"
c.DummyAuthenticator.password = os.environ["CLASS_PASSWORD"]
"""


def test_a_careless_configuration_is_told_all_of_it(tmp_path, capsys):
    (tmp_path / "jupyterhub_config.py").write_text(CARELESS)
    with pytest.raises(SystemExit) as ended:
        main(["hub", "check", str(tmp_path)])
    assert ended.value.code == 1
    printed = capsys.readouterr().out
    for words in (
        "DummyAuthenticator lets anybody sign in",
        "SimpleLocalProcessSpawner runs every student's server as the hub's own user",
        "admin_access",
        "was c.JupyterHub.bind_url meant?",
        "c.Spawner.mem_limit can't be what it is set to",
        "auth_token, on line 9",
        "The variable CLASS_PASSWORD is not set here",
        "without TLS",
    ):
        assert words in printed
    ranks = [line.split(":")[0] for line in printed.splitlines()[:-1]]
    assert ranks == sorted(ranks)


def test_a_configuration_that_fails_is_told_with_its_line(tmp_path):
    file = tmp_path / "jupyterhub_config.py"
    file.write_text("c = get_config()\nc.JupyterHub.bind_url = undefined\n")
    (one,) = check.check(file)
    assert "line 2: NameError" in one.sentence
    file.write_text("c = get_config(\n")
    (one,) = check.check(file)
    assert "line 1: " in one.sentence


def test_a_check_starts_and_changes_nothing(tmp_path, monkeypatch, machine_of_the_hub):
    file = filled(tmp_path, ("oauth", "docker", "sqlite", "proxy"), monkeypatch)
    before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))
    check.check(file)
    assert sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["", "jupyterhub_config.py"])
def test_nothing_to_look_at_is_said_in_a_sentence(name, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["hub", "check", str(tmp_path / name)])
    assert ended.value.code == 2
    assert "name the folder or the file of one" in capsys.readouterr().err


# A class's folder.


@pytest.fixture
def klass_folder(tmp_path, monkeypatch):
    """Give a new class's folder, on a machine that can hold one."""
    monkeypatch.setattr(room, "why_not", lambda: "")
    monkeypatch.setattr(machine, "sandbox", lambda: ())
    made = make(tmp_path / "class")
    (made.hub / "proxy" / "node_modules").mkdir(parents=True)
    return made


def of_class(klass, **settings):
    """Check a class's folder, after settings in its class.toml were changed."""
    file = klass.root / SETTINGS
    text = file.read_text()
    for name, value in settings.items():
        text = re.sub(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
    file.write_text(text)
    return check.check(klass.root)


def test_a_new_class_has_nothing_to_tell(klass_folder):
    assert of_class(klass_folder) == []
    assert check.check(klass_folder.root / SETTINGS) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"port": '"x"'}, "port should be of type int"),
        ({"certificate": '"/c.pem"'}, "one of certificate and key"),
        ({"memory_mb": "0"}, "no limit on a person's memory"),
        ({"internet": "true"}, "internet = true"),
        ({"inner_port": "8000"}, "Port 8000 is given to two parts"),
        ({"address": '"0.0.0.0"'}, "of its own making"),
        ({"certificate": '"/no.pem"', "key": '"/no.key"'}, "/no.pem, for TLS, is not there"),
    ],
)
def test_a_mistake_in_class_toml_is_told(settings, words, klass_folder):
    assert words in " ".join(one.sentence for one in of_class(klass_folder, **settings))


def test_a_class_s_folders_are_closed(klass_folder, monkeypatch):
    monkeypatch.setattr(machine, "others_may", lambda path, right: path == klass_folder.hub)
    (one,) = class_folder.folders(klass_folder)
    assert str(klass_folder.hub) in one.sentence


def test_first_passwords_that_are_left_are_told(klass_folder):
    klass_folder.passwords.write_text("ada secret\n")
    (one,) = of_class(klass_folder)
    assert "delete it" in one.sentence


def test_a_machine_without_rooms_is_told(klass_folder, monkeypatch):
    monkeypatch.setattr(room, "why_not", lambda: "Rooms need bubblewrap.")
    assert [one.sentence for one in of_class(klass_folder)] == ["Rooms need bubblewrap."]


def test_a_machine_without_free_users_is_told(klass_folder, monkeypatch):
    def none():
        raise HubError("Users 50000 to 59000 are taken.")

    monkeypatch.setattr(people, "_first_user", none)
    monkeypatch.setattr(people.os, "geteuid", lambda: 0)
    assert "Users 50000" in " ".join(one.sentence for one in of_class(klass_folder))


def test_a_missing_node_and_a_missing_proxy_are_told(klass_folder, monkeypatch):
    (klass_folder.hub / "proxy" / "node_modules").rmdir()
    assert "first start brings it" in of_class(klass_folder)[0].sentence

    def none():
        raise HubError("The class's proxy needs Node.js.")

    monkeypatch.setattr(proxy, "node", none)
    assert "Node.js" in of_class(klass_folder)[0].sentence


def test_every_rule_of_a_class_is_tested():
    names = {rule.__name__ for rule in class_folder.RULES}
    assert names == {
        "folders",
        "first_passwords",
        "certificate",
        "rooms",
        "users",
        "node",
        "ports",
        "space",
    }
    assert isinstance(Class(Path("/nowhere")), Class)
