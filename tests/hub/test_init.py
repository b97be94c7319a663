"""The configuration that `curriculum hub init` writes: whole, plain, and of settings that exist."""

import ast
import json
import os
import pwd
import subprocess
import sys
from importlib import import_module, metadata
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest
from tornado.web import HTTPError
from traitlets.config.loader import PyFileConfigLoader

from curriculum.cli import main
from curriculum.hub import init
from curriculum.hub.exchange import service
from curriculum.hub.folder import HubError
from curriculum.hub.init import DATABASES, SIGN_INS, SPAWNERS, TLS, Wanted, placeholders, write

TWO = ("ml_interviews", "deep_learning")
ALL = list(product(SIGN_INS, SPAWNERS, DATABASES, TLS))
SECRETS = {
    "OAUTH_CLIENT_SECRET": "a secret of the provider",
    "HUB_DATABASE_URL": "postgresql:///jupyterhub",
    **{f"GRADEBOOK_URL_{course}": f"postgresql:///gradebook_{course}" for course in TWO},
}
RECORDED = json.loads(Path(__file__).with_name("traits.json").read_text())
"""What classes of other packages have, as the packages were when this was recorded."""


def wanted(sign_in="oauth", spawner="systemd", database="sqlite", tls="proxy", **more):
    said = {"courses": TWO, "instructors": ("ada", "deep_learning:bob"), "graders": ("eve",)}
    kinds = {"sign_in": sign_in, "spawner": spawner, "database": database, "tls": tls}
    return Wanted(**{**said, **kinds, **more})


def load(folder, monkeypatch, *, students=()):
    """Run a configuration here; gives traitlets' configuration."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    for course, name in students:
        with (folder / "people" / f"{course}.txt").open("a") as list_:
            list_.write(f"{name}\n")
    return PyFileConfigLoader("jupyterhub_config.py", path=str(folder)).load_config()


def assigned(text):
    """Give section and trait of every `c.Section.trait = …`."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.Assign, ast.AugAssign)):
            continue
        for target in getattr(node, "targets", None) or [node.target]:
            words = ast.unparse(target).split(".")
            if words[0] == "c" and len(words) == 3:
                yield words[1], words[2]


# Every combination.


@pytest.mark.parametrize("kinds", ALL, ids="-".join)
def test_every_setting_exists_in_a_class_that_the_hub_uses(kinds, tmp_path):
    write(tmp_path / "hub", wanted(*kinds))
    text = (tmp_path / "hub" / "jupyterhub_config.py").read_text()
    used = [entry for name, entry in RECORDED.items() if name in text or "jupyterhub." in name]
    assert len(used) == 4
    known = {(section, t) for entry in used for section in entry["family"] for t in entry["traits"]}
    known |= {("Spawner", trait) for trait in base_traits("Spawner")}
    found = set(assigned(text))
    assert len(found) > 30
    assert found - known == set()


def base_traits(name):
    from jupyterhub import spawner

    return getattr(spawner, name).class_traits(config=True)


@pytest.mark.parametrize("full", RECORDED)
def test_what_is_recorded_is_what_is_installed(full):
    module, _, name = full.rpartition(".")
    package = RECORDED[full]["package"]
    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        # The record stands for it, of the version that README.md says to install.
        major = RECORDED[full]["version"].split(".")[0]
        assert f"{package}=={major}." in Path(init.__file__).read_text()
        return
    assert version == RECORDED[full]["version"]
    traits = getattr(import_module(module), name).class_traits(config=True)
    assert sorted(traits) == RECORDED[full]["traits"]


@pytest.mark.parametrize("kinds", list(product(SIGN_INS, SPAWNERS)), ids="-".join)
def test_it_loads_and_nothing_in_it_is_of_a_wrong_type(kinds, tmp_path):
    write(tmp_path / "hub", wanted(*kinds, "postgresql", "certificate"))
    command = [sys.executable, "-P", "-m", "curriculum.hub.check.load"]
    command.append(str(tmp_path / "hub" / "jupyterhub_config.py"))
    env = {**os.environ, **SECRETS}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    said = json.loads(done.stdout)
    assert (said["error"], said["missing"], said["faults"]) == ("", [], [])


def test_all_of_it_is_formatted(tmp_path):
    for number, kinds in enumerate(ALL):
        courses = TWO[: 1 + number % 2]
        write(tmp_path / "-".join(kinds), wanted(*kinds, courses=courses, instructors=()))
    ruff = [sys.executable, "-m", "ruff", "format", "--line-length", "100", "--check"]
    done = subprocess.run([*ruff, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kinds", ALL, ids="-".join)
def test_no_secret_stands_in_it(kinds, tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted(*kinds))
    load(tmp_path / "hub", monkeypatch)
    for path in (tmp_path / "hub").rglob("*"):
        if path.is_file():
            assert "a secret of the provider" not in path.read_text()
    names = [path.name for path in (tmp_path / "hub").rglob("*")]
    assert "README.md" in names
    assert ("Dockerfile" in names) == (kinds[1] == "docker")
    assert names.count("nbgrader_config.py") == 2


# What it says.


def test_each_course_has_its_desk_its_server_and_ports_of_its_own(tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted())
    services = load(tmp_path / "hub", monkeypatch).JupyterHub.services
    by_name = {service["name"]: service for service in services}
    assert set(by_name) == {"idle-culler", *TWO, *(f"{course}-exchange" for course in TWO)}
    ports = [str(by_name[course]["url"]).rpartition(":")[2] for course in TWO]
    commands = [by_name[f"{course}-exchange"]["command"] for course in TWO]
    ports += [command[command.index("--port") + 1] for command in commands]
    assert len(set(ports)) == 4
    for course in TWO:
        assert by_name[course]["user"] == by_name[f"{course}-exchange"]["user"] == course
        assert not any("admin" in by_name[name] for name in (course, f"{course}-exchange"))


@pytest.mark.parametrize("spawner", SPAWNERS)
def test_nobody_but_the_student_may_open_a_server(spawner, tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted(spawner=spawner))
    c = load(tmp_path / "hub", monkeypatch)
    scopes = {scope for role in c.JupyterHub.load_roles for scope in role["scopes"]}
    assert not any(scope.startswith(("access:servers", "admin:", "tokens")) for scope in scopes)
    assert c.Authenticator.admin_users == set()
    assert "admin_access" not in c.JupyterHub


def test_an_instructor_sees_the_people_of_their_own_course_alone(tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted())
    roles = {r["name"]: r for r in load(tmp_path / "hub", monkeypatch).JupyterHub.load_roles}
    scopes = set(roles["instructor-deep_learning"]["scopes"]) - {"admin-ui"}
    assert scopes
    assert all(scope.endswith("!group=nbgrader-deep_learning") for scope in scopes)


def test_containers_reach_the_desk_and_the_hub_at_the_same_address(tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted(spawner="docker"))
    c = load(tmp_path / "hub", monkeypatch)
    assert c.JupyterHub.hub_bind_url == "http://172.30.0.1:8081"
    (desk,) = [s for s in c.JupyterHub.services if s["name"] == "deep_learning-exchange"]
    assert desk["command"][desk["command"].index("--address") + 1] == "172.30.0.1"


@pytest.mark.parametrize("spawner", SPAWNERS)
def test_every_limit_of_a_student_is_set(spawner, tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted(spawner=spawner))
    c = load(tmp_path / "hub", monkeypatch)
    assert c.Spawner.mem_limit
    assert c.Spawner.cpu_limit
    if spawner == "docker":
        assert c.DockerSpawner.extra_host_config["pids_limit"]
    else:
        assert c.SystemdSpawner.unit_extra_properties["TasksMax"]


def test_a_gradebook_s_password_is_in_no_command(tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted(database="postgresql"))
    c = load(tmp_path / "hub", monkeypatch)
    for one in c.JupyterHub.services:
        assert not any("postgresql" in word for word in one["command"])
    environments = [service.get("environment", {}) for service in c.JupyterHub.services]
    urls = [said["CURRICULUM_GRADEBOOK"] for said in environments if said]
    assert sorted(urls) == sorted(2 * [f"postgresql:///gradebook_{course}" for course in TWO])


def test_a_desk_listens_where_it_is_told_and_knows_the_gradebook_by_the_environment(monkeypatch):
    asked = []

    async def serve(options):
        asked.append((options.address, options.gradebook))

    monkeypatch.setattr(service, "_serve", serve)
    words = ["--course", "ml", "--folder", "/nowhere", "--port", "1"]
    service.main(words)
    monkeypatch.setenv("CURRICULUM_GRADEBOOK", "postgresql:///gradebook_ml")
    service.main([*words, "--address", "172.30.0.1"])
    assert asked == [("127.0.0.1", ""), ("172.30.0.1", "postgresql:///gradebook_ml")]


# What it does.


def test_oauth_lets_in_who_is_on_a_list_and_gives_them_their_groups(tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted())
    students = [("ml_interviews", "Grace"), ("deep_learning", "grace"), ("deep_learning", "alan")]
    c = load(tmp_path / "hub", monkeypatch, students=students).GenericOAuthenticator
    assert c.allowed_users == {"grace", "alan", "ada", "bob", "eve"}
    assert not c.allow_all
    groups = c.auth_state_groups_key
    assert groups({"oauth_user": {"preferred_username": "Grace"}}) == {
        "nbgrader-ml_interviews",
        "nbgrader-deep_learning",
    }
    assert groups({"oauth_user": {"preferred_username": "bob"}}) == {
        "nbgrader-deep_learning",
        "formgrade-deep_learning",
        "instructors-deep_learning",
    }
    assert groups({"oauth_user": {"preferred_username": "mallory"}}) == set()


def test_a_grader_is_no_instructor(tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted())
    groups = load(tmp_path / "hub", monkeypatch).GenericOAuthenticator.auth_state_groups_key
    mine = groups({"oauth_user": {"preferred_username": "eve"}})
    assert {f"formgrade-{course}" for course in TWO} <= mine
    assert not any(name.startswith("instructors-") for name in mine)


def launch(c, name, context, before=()):
    groups = [SimpleNamespace(name=group) for group in before]
    known = SimpleNamespace(groups=groups) if before else None
    handler = SimpleNamespace(find_user=lambda name: known)
    state = {"https://purl.imsglobal.org/spec/lti/claim/context": {"id": context}}
    said = {"name": name, "auth_state": state}
    return c.Authenticator.post_auth_hook(None, handler, said)["groups"]


def test_a_launch_makes_a_student_of_the_course_it_came_from(tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted("lti"))
    c = load(tmp_path / "hub", monkeypatch)
    here = "FILL_IN_context_of_ml_interviews"
    assert launch(c, "grace", here) == ["nbgrader-ml_interviews"]
    assert launch(c, "grace", "another") == []
    both = ["nbgrader-deep_learning", "nbgrader-ml_interviews"]
    assert launch(c, "grace", here, before=["nbgrader-deep_learning"]) == both


def test_a_launch_makes_no_teacher(tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted("lti"))
    c = load(tmp_path / "hub", monkeypatch)
    before = ["formgrade-ml_interviews", "instructors-ml_interviews"]
    assert launch(c, "mallory", "another", before=before) == []
    assert "instructors-ml_interviews" in launch(c, "ada", "another")


def spawner(*courses, asked=None):
    groups = [SimpleNamespace(name=f"nbgrader-{course}") for course in courses]
    user = SimpleNamespace(name="grace", groups=groups)
    options = {"course": asked} if asked else {}
    return SimpleNamespace(user=user, user_options=options, environment={})


def test_a_server_is_for_one_course_and_who_has_several_chooses(tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted(spawner="docker"))
    c = load(tmp_path / "hub", monkeypatch).Spawner
    assert c.options_form(spawner("deep_learning")) == ""
    assert "<option>deep_learning</option>" in c.options_form(spawner(*TWO))
    assert c.options_from_form({"course": ["deep_learning"]}) == {"course": "deep_learning"}

    asks = spawner(*TWO, asked="deep_learning")
    c.pre_spawn_hook(asks)
    assert asks.environment["CURRICULUM_COURSE"] == "deep_learning"
    assert asks.environment["HOME"] == "/home/student/deep_learning"
    assert asks.environment["CURRICULUM_EXCHANGE"] == (
        "http://172.30.0.1:8102/services/deep_learning-exchange/"
    )


def test_a_student_gets_no_course_that_is_not_theirs(tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted(spawner="docker"))
    hook = load(tmp_path / "hub", monkeypatch).Spawner.pre_spawn_hook
    asks = spawner("ml_interviews", asked="deep_learning")
    hook(asks)
    assert asks.environment["CURRICULUM_COURSE"] == "ml_interviews"
    with pytest.raises(HTTPError) as refused:
        hook(spawner())
    assert "ask your teacher" in refused.value.jupyterhub_message


def test_systemd_gives_each_student_an_account_with_a_prefix(tmp_path, monkeypatch):
    write(tmp_path / "hub", wanted())
    c = load(tmp_path / "hub", monkeypatch)
    made, known = [], {}

    def getpwnam(name):
        return known[name]

    def run(command, **_):
        made.append(command)
        known[command[-1]] = SimpleNamespace(pw_dir=f"/home/{command[-1]}")

    monkeypatch.setattr(pwd, "getpwnam", getpwnam)
    monkeypatch.setattr(subprocess, "run", run)
    for _ in range(2):
        asks = spawner("ml_interviews")
        c.Spawner.pre_spawn_hook(asks)
    assert [command[-1] for command in made] == ["class-grace"]
    assert asks.environment["HOME"] == "/home/class-grace/ml_interviews"
    assert c.SystemdSpawner.username_template == "class-{USERNAME}"


# What is refused.


def test_nothing_that_is_there_is_written_over(tmp_path, capsys):
    folder = tmp_path / "hub"
    folder.mkdir()
    (folder / "jupyterhub_config.py").write_text("mine\n")
    with pytest.raises(SystemExit) as ended:
        main(["hub", "init", "--to", str(folder)])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        f"curriculum: {folder} is there already, and stays as it is: name another with --to.\n"
    )
    assert [path.name for path in folder.iterdir()] == ["jupyterhub_config.py"]
    assert (folder / "jupyterhub_config.py").read_text() == "mine\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hub"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"courses": ("ML",)}, "'ML' is no name for a course"),
        ({"courses": ("a", "a")}, "named twice"),
        ({"courses": tuple(f"c{n}" for n in range(91))}, "name fewer"),
        ({"instructors": ("Ada",)}, "'Ada' is no name for a person"),
        ({"instructors": ("a" * 27,)}, "is no name for a person"),
        ({"graders": ("other:bob",)}, "add --course other"),
        ({"domain": "class example"}, "is no domain"),
        ({"domain": 'x.org"'}, "is no domain"),
    ],
)
def test_what_can_not_be_called_so_is_refused(said, sentence, tmp_path):
    with pytest.raises(HubError, match=sentence):
        write(tmp_path / "hub", wanted(**said))
    assert not (tmp_path / "hub").exists()


def test_the_command_writes_what_it_was_asked_for(tmp_path, capsys):
    folder = tmp_path / "hub"
    words = ["ml_interviews", "--course", "deep_learning", "--sign-in", "lti", "--domain"]
    words += ["class.example.org", "--instructor", "ada", "--to", str(folder)]
    main(["hub", "init", *words])
    text = (folder / "jupyterhub_config.py").read_text()
    assert 'DOMAIN = "class.example.org"' in text
    assert "deep_learning" in text
    printed = capsys.readouterr().out
    assert all(name in printed for name in placeholders(text))
    assert "FILL_IN_domain" not in printed
