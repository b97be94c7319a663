"""Each rule of `curriculum hub check` finds its bad case, and leaves its good case alone."""

import importlib.util
import os
import re
import shutil
import socket
from datetime import UTC, datetime, timedelta
from itertools import product
from types import SimpleNamespace

import pytest
from check_cases import BY_THEMSELVES, CASES, COURSE, DESK, hub

from curriculum.cli import main
from curriculum.hub import certificates, check, people, proxy, room
from curriculum.hub.check import class_folder, courses, loads, machine, network, secret
from curriculum.hub.check.findings import ERROR, WARNING, error, ranked, warning
from curriculum.hub.folder import SETTINGS, HubError, make
from curriculum.hub.init import DATABASES, SIGN_INS, SPAWNERS, TLS, Wanted, placeholders, write


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
    desk = {**DESK, "command": [*DESK["command"], "--folder", str(open_folder)]}
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
    monkeypatch.undo()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert str(os.getpid()) in machine.listening(port)
    assert machine.listening(port) == ""


def test_a_program_is_found_by_name_and_by_path(tmp_path):
    assert machine.program("sh") == shutil.which("sh")
    assert machine.program("/bin/sh") == "/bin/sh"
    assert machine.program(str(tmp_path / "none")) == ""


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


def test_what_is_added_to_a_default_is_seen(tmp_path):
    file = tmp_path / "jupyterhub_config.py"
    file.write_text(
        "c.JupyterHub.services.append({'name': 'all', 'admin': True})\n"
        "c.Authenticator.admin_users.add('root')\n"
    )
    printed = " ".join(one.sentence for one in check.check(file))
    assert "The service all is an administrator" in printed
    assert "root can open every student's server" in printed


def test_the_configuration_of_any_class_is_not_run():
    with pytest.raises(HubError, match="name the folder of one"):
        check.check(room.CONFIGURATIONS / "jupyterhub_config.py")


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
    klass_folder.passwords.write_text("# First\nada wwww-xxxx-yyyy\nalan wwww-xxxx-zzzz\n")
    (one,) = of_class(klass_folder)
    assert (one.rank, "delete it" in one.sentence) == (WARNING, True)


@pytest.mark.parametrize("lines", ["ada short", "ada", "ada wwww-xxxx-yyyy\nalan wwww-xxxx-yyyy"])
def test_a_first_password_that_is_none_is_an_error(lines, klass_folder):
    klass_folder.passwords.write_text(f"{lines}\n")
    (one,) = of_class(klass_folder)
    assert (one.rank, "short, missing, or given to two" in one.sentence) == (ERROR, True)


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
