"""For each rule of `curriculum hub check`, configurations that are bad, and some that are good."""

from pathlib import Path

from curriculum.hub.check import (
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

FAMILIES = {
    "GenericOAuthenticator": ["OAuthenticator", "Authenticator"],
    "GoogleOAuthenticator": ["OAuthenticator", "Authenticator"],
    "SimpleLocalProcessSpawner": ["LocalProcessSpawner", "Spawner"],
    "RoomSpawner": ["LocalProcessSpawner", "Spawner"],
}
DESK = {
    "name": "ml-exchange",
    "user": "ml",
    "command": ["python", "-m", "curriculum.hub.exchange.service", "--port", "8101"],
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
    (
        courses.no_desk,
        hub(services=[COURSE]),
        "curriculum.hub.exchange.service",
        hub(services=[COURSE, DESK]),
    ),
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
]
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
"""Rules whose cases need files, or another machine: test_check.py has them."""
