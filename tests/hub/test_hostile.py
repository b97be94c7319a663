"""Students who attack the class: from a kernel, from a terminal, and from outside."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from course import ROOT
from hub_class import Person

from curriculum.hub import room
from curriculum.hub.sign_in import first_passwords
from curriculum.sandbox import cgroups, kernel

COURSE = "ml_interviews"
NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives each a user of their own")

WITH = """
import ctypes, json, os, signal, socket, subprocess, sys, time
from pathlib import Path
import httpx
from curriculum.hub.exchange import bundle
base, token = os.environ["CURRICULUM_EXCHANGE"], os.environ["JUPYTERHUB_API_TOKEN"]
mine = {"Authorization": "token " + token}
work = bundle.pack({"1_see.ipynb": b'NOTEBOOK'})
def tell(what): print(json.dumps(what))
def error_of(do, *arguments):
    try:
        do(*arguments)
    except Exception as error:
        return type(error).__name__
    return ""
""".replace("NOTEBOOK", NOTEBOOK)


@pytest.fixture(scope="module")
def ada(klass):
    return began(klass, "ada")


@pytest.fixture(scope="module")
def grace(klass):
    return began(klass, "grace")


@pytest.fixture(scope="module")
def teacher(klass):
    return klass.sign_in("teacher")


def began(klass, name):
    person = klass.sign_in(name)
    person.start_server()
    return person


@pytest.fixture(scope="module")
def topic(klass):
    """Give a topic that has been released."""
    folder = klass.of.exchange(COURSE) / "outbound" / "hostile"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "1_see.ipynb").write_text(NOTEBOOK)
    return folder.name


def told(person, code):
    """Run code in somebody's room; gives what it told."""
    said = person.run(WITH + code)
    try:
        return json.loads(said.splitlines()[-1])
    except (ValueError, IndexError):
        raise AssertionError(said) from None


def shell(person, command):
    """Run a command in somebody's room as their terminal would; gives what it printed."""
    return told(person, f"tell(subprocess.run({command!r}, shell=True, text=True, timeout=60,"
                        " stdout=-1, stderr=subprocess.STDOUT).stdout)")  # fmt: skip


def hand_in(person, topic):
    return told(
        person,
        f"tell(httpx.post(base + 'topics/{topic}/submissions', headers=mine, content=work,"
        " timeout=60).json())",
    )


def inbound(klass):
    return klass.of.exchange(COURSE) / "inbound"


def xsrf(person, page):
    return re.search(r'name="_xsrf" value="([^"]+)"', person.http.get(page).text).group(1)


def stranger(klass, name="nobody"):
    return Person(klass, name, httpx.Client(base_url=klass.url, timeout=120))


# Nobody else's work.


def test_nothing_of_the_class_can_be_found_from_a_room(klass, ada, grace, topic):
    of = klass.of
    shell(grace, "echo grace > ~/mine; mkdir -p ~/hostile; echo x > ~/hostile/1_see.ipynb")
    kept = hand_in(grace, topic)["folder"]
    paths = [
        of.root,
        of.home("grace") / "mine",
        of.home("ada").parent,
        of.course(COURSE),
        of.course(COURSE) / "course" / "gradebook.db",
        of.exchange(COURSE),
        inbound(klass) / kept / "1_see.ipynb",
        inbound(klass) / kept / "submission_secret.txt",
        of.passwords,
        of.hub / "jupyterhub.sqlite",
        of.hub / "cookie_secret",
        of.hub / "proxy_token",
        of.certificate_key,
        of.hub / "rooms",
        of.sockets,
        klass.log,
        ROOT / "source",
        ROOT / ".git",
        ROOT / "tests",
        Path("/srv"),
        Path("/root/.ssh"),
        Path("/etc/shadow"),
        Path("/var"),
    ]
    assert all(path.exists() for path in paths[:5])
    tried = [
        f"{before}{path}" for path in paths for before in ("", "/proc/1/root", "/proc/self/root")
    ]
    tried += ["/home/grace", "/home/ada/../grace", "/home/ada/../../srv"]
    found = told(ada, f"tell([p for p in {tried!r} if os.path.lexists(p)])")
    # The folders that lead to the environment are there, and hold nothing else.
    assert found == []
    assert told(ada, "tell(os.listdir('/home'))") == ["ada"]


def test_no_process_of_another_can_be_seen_or_signalled(klass, ada, grace):
    mark = f"mark-{secrets.token_hex(8)}"
    shell(grace, f"MARK={mark} setsid sleep 600 </dev/null >/dev/null 2>&1 &")
    seen = told(
        ada,
        "import glob\n"
        "text = b''\n"
        "for name in ('cmdline', 'environ', 'comm'):\n"
        "    for path in glob.glob('/proc/[0-9]*/' + name):\n"
        "        try: text += open(path, 'rb').read()\n"
        "        except OSError: pass\n"
        f"seen = [word in text for word in (b{mark!r}, b'grace')]\n"
        "tell([*seen, len(glob.glob('/proc/[0-9]*'))])",
    )
    assert seen[:2] == [False, False]
    assert seen[2] < 20
    theirs = pids_with(f"MARK={mark}")
    assert theirs
    gone = told(
        ada,
        f"tell([error_of(os.kill, pid, 0) for pid in {theirs!r}"
        " if not os.path.exists(f'/proc/{pid}')])",
    )
    assert set(gone) <= {"ProcessLookupError"}
    for pid in theirs:
        os.kill(pid, 9)


def pids_with(variable):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if variable.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def test_nothing_of_another_lies_where_all_may_write(ada, grace):
    told(
        grace,
        "for folder in ('/tmp', '/dev/shm'): Path(folder, 'of-grace').write_text('x')\n"
        "libc = ctypes.CDLL(None)\n"
        "tell(libc.shmget(4711, 4096, 0o1666))",
    )
    seen = told(
        ada,
        "libc = ctypes.CDLL(None)\n"
        "tell([os.path.exists(f + '/of-grace') for f in ('/tmp', '/dev/shm')]"
        " + [libc.shmget(4711, 4096, 0)])",
    )
    assert seen == [False, False, -1]


def test_no_socket_leads_to_another(ada, grace):
    listens = (
        "s = socket.socket(socket.AF_UNIX); s.bind('\\0of-grace'); s.listen()\n"
        "t = socket.create_server(('0.0.0.0', 4712))\n"
    )
    connects = (
        "def unix(): socket.socket(socket.AF_UNIX).connect('\\0of-grace')\n"
        "def tcp(): socket.create_connection(('127.0.0.1', 4712), 5)\n"
        "tell([error_of(unix), error_of(tcp)])"
    )
    assert told(grace, listens + connects) == ["", ""]
    code = f"{WITH}{listens}\nprint('{{}}'); time.sleep(1)"
    assert "{}" in grace.run(code)
    assert told(ada, connects) == ["ConnectionRefusedError"] * 2
    found = told(
        ada,
        "tell(subprocess.run(['find', '/', '-type', 's', '-not', '-path', '/home/*'],"
        " capture_output=True, text=True).stdout.split())",
    )
    assert sorted(found) == [f"{room.SOCKETS}/hub.sock", f"{room.SOCKETS}/{COURSE}.sock"]


@as_root
def test_what_the_server_writes_to_cannot_be_read_or_cut_off(klass, ada):
    seen = told(
        ada,
        "at = '/proc/' + os.environ['JPY_PARENT_PID'] + '/fd/2'\n"
        "tell([os.readlink(at), error_of(open, at), error_of(open, at, 'r+'),"
        " error_of(open, '/proc/1/fd/2'), error_of(os.listdir, '/proc/1/fd')])",
    )
    # It is theirs alone: not the hub's own terminal or log.
    assert seen[0] == str(klass.of.hub / "logs" / "ada.log")
    assert seen[1:] == ["PermissionError"] * 4


def test_another_students_server_cannot_be_opened(klass, ada, grace, teacher):
    token = told(ada, "tell(token)")
    paths = [
        "/user/grace/",
        "/user/grace/lab",
        "/user/grace/api/contents",
        "/user/grace/api/kernels",
    ]
    for path in paths:
        assert ada.ask("GET", path).status_code == 403, path
        assert teacher.ask("GET", path).status_code == 403, path
        for header in ({"Authorization": f"token {token}"}, {"Cookie": f"_xsrf=x; token={token}"}):
            answer = httpx.get(klass.url + path, headers=header)
            assert answer.status_code in (302, 403), path
    assert "/user/" not in ada.ask("POST", "/user/grace/api/kernels", json={}).text[:20]
    assert ada.ask("POST", "/user/grace/api/kernels", json={}).status_code == 403


# No key.


def secret_lines():
    """Give lines of solutions and of hidden tests that stand nowhere else."""
    found = []
    for mark in ("SOLUTION", "HIDDEN TESTS"):
        for path in sorted((ROOT / "source").rglob("*.py")):
            for region in re.findall(
                rf"### BEGIN {mark}\n(.*?)### END {mark}", path.read_text(), re.DOTALL
            ):
                line = max((one.strip() for one in region.splitlines()), key=len)
                if len(line) > 60:
                    found.append(line)
    return found


def test_no_solution_and_no_hidden_test_can_be_read_anywhere(ada):
    lines = secret_lines()
    assert len(lines) > 50
    found = told(
        ada,
        f"secret = [line.encode() for line in {lines!r}]\n"
        "marks = (b'### BEGIN HIDDEN TESTS', b'### BEGIN SOLUTION')\n"
        "found = []\n"
        "for at, folders, names in os.walk('/'):\n"
        "    if at in ('/proc', '/sys', '/usr', '/dev') or at.endswith('/lib/python3.11'):\n"
        "        folders[:] = []\n"
        "        continue\n"
        "    for name in names:\n"
        "        path = os.path.join(at, name)\n"
        "        try:\n"
        "            if os.path.getsize(path) > 20_000_000: continue\n"
        "            text = open(path, 'rb').read()\n"
        "        except OSError:\n"
        "            continue\n"
        "        if name.endswith('.ipynb'):\n"
        "            text = text.replace(b'\\\\\\\"', b'\\\"')\n"
        "            found += [path] * any(mark in text for mark in marks)\n"
        "        found += [path] * any(line in text for line in secret)\n"
        "tell(found)",
    )
    assert found == []


def test_the_key_lies_in_no_file_by_its_name(ada):
    names = ["gradebook.db", "first_passwords.txt", "jupyterhub.sqlite", "cookie_secret",
             "proxy_token", "certificate_key.pem", "people.json", "class.toml",
             "receipts.sqlite"]  # fmt: skip
    found = told(
        ada,
        f"names = set({names!r})\n"
        "tell([os.path.join(at, n) for at, _, ns in os.walk('/') for n in names & set(ns)])",
    )
    # The settings that every class begins with are no secret, nor are nbgrader's own tests.
    known = ("hub/settings/class.toml", "nbgrader/tests/apps/files/gradebook.db")
    assert [path for path in found if not path.endswith(known)] == []


def test_tokens_and_passwords_stand_in_no_log_and_no_command(klass, ada, grace, topic):
    hand_in(ada, topic)
    words = [told(one, "tell(token)") for one in (ada, grace)]
    words += klass.of.passwords.read_text().split()[-7::2]
    words.append((klass.of.hub / "proxy_token").read_text().strip())
    logs = [klass.log, *klass.of.hub.rglob("*.log")]
    said = b"".join(path.read_bytes() for path in logs)
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            said += (entry / "cmdline").read_bytes()
        except OSError:
            continue
    assert all(len(word) > 15 for word in words)
    assert [word for word in words if word.encode() in said] == []


# No network.


def test_a_room_reaches_no_port_of_the_machine_and_no_address(klass, ada):
    settings = klass.of.settings
    ports = [settings.port, settings.hub_port, settings.proxy_port, settings.exchange_port,
             settings.course_port, 22]  # fmt: skip
    own = {"127.0.0.1", "::1", "169.254.169.254", "1.1.1.1", "8.8.8.8"}
    own |= {one[4][0] for one in socket.getaddrinfo(socket.gethostname(), None)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            own.add(probe.getsockname()[0])
        except OSError:
            pass
    reached = told(
        ada,
        "reached = []\n"
        f"for address in {sorted(own)!r}:\n"
        f"    for port in {ports!r}:\n"
        "        try:\n"
        "            socket.create_connection((address, port), 2).close()\n"
        "            if (address, port) not in {('127.0.0.1', 8081), ('127.0.0.1', 8091),"
        " ('127.0.0.1', 8888)}:\n"
        "                reached.append([address, port])\n"
        "        except OSError: pass\n"
        "links = open('/proc/net/dev').read().splitlines()[2:]\n"
        "tell([reached, [one.split(':')[0].strip() for one in links]])",
    )
    assert reached == [[], ["lo"]]


def test_no_name_is_looked_up_and_no_raw_socket_opened(ada):
    said = told(
        ada,
        "def raw(): socket.socket(socket.AF_PACKET, socket.SOCK_RAW)\n"
        "def name(): socket.getaddrinfo('example.org', 80)\n"
        "def udp(): socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('1.1.1.1', 53))\n"
        "tell([error_of(raw), error_of(name), error_of(udp)])",
    )
    assert said == ["PermissionError", "gaierror", "OSError"]


def test_no_socket_of_the_machines_network_can_be_taken_from_the_doors(ada):
    """One that listens can be turned to any other address: it stays in its own network."""
    said = told(
        ada,
        "import stat\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "doors, taken = [], []\n"
        "for p in Path('/proc').glob('[0-9]*'):\n"
        "    if b'curriculum.hub.doors' not in (p / 'cmdline').read_bytes(): continue\n"
        "    pid = int(p.name)\n"
        "    got = [libc.syscall(438, os.pidfd_open(pid), f, 0) for f in range(64)]\n"
        "    taken += [f for f in got if f >= 0 and stat.S_ISSOCK(os.fstat(f).st_mode)]\n"
        # The first process has no socket, and without root it is the room's own.
        "    if pid == 1: continue\n"
        "    doors.append(pid)\n"
        "    taken += ['traced'] * (libc.ptrace(16, pid, 0, 0) == 0)\n"
        "    taken += ['memory'] * (not error_of(open, f'/proc/{pid}/mem', 'rb'))\n"
        "tell([len(doors), taken])",
    )
    assert said == [1, []]


REFUSED_BY_THE_HUB = [
    ("GET", "users"),
    ("GET", "users/grace"),
    ("GET", "users/teacher"),
    ("POST", "users/mallory"),
    ("DELETE", "users/grace"),
    ("PATCH", "users/ada"),
    ("POST", "users/grace/server"),
    ("DELETE", "users/grace/server"),
    ("GET", "users/grace/tokens"),
    ("POST", "users/grace/tokens"),
    ("POST", "users/teacher/tokens"),
    ("POST", "users/grace/activity"),
    ("GET", "groups"),
    ("GET", "groups/instructors"),
    ("POST", "groups/instructors/users"),
    ("PUT", "groups/instructors/properties"),
    ("GET", "services"),
    ("GET", f"services/{COURSE}"),
    ("GET", "proxy"),
    ("POST", "proxy"),
    ("PATCH", "proxy"),
    ("POST", "shutdown"),
    ("GET", "info"),
    ("POST", "shares/grace/"),
    ("POST", "share-codes/grace/"),
]


def test_the_hub_refuses_a_students_token_what_is_not_theirs(ada, grace):
    asked = [*REFUSED_BY_THE_HUB, ("GET", "users/ada/tokens"), ("POST", "users/ada/tokens")]
    code = (
        "hub = os.environ['JUPYTERHUB_API_URL'] + '/'\n"
        "bodies = {'PATCH': {'admin': True}, 'POST': {'users': ['ada'], 'name': 'x'}}\n"
        "tell([httpx.request(m, hub + p, headers=mine, json=bodies.get(m), timeout=60).status_code"
        f" for m, p in {asked!r}])"
    )
    assert set(told(ada, code)) <= {401, 403, 404, 405}
    assert grace.ask("GET", "/user/grace/api/status").status_code == 200


def test_the_hub_refuses_a_students_browser_what_is_not_theirs(ada, grace, topic):
    for method, path in REFUSED_BY_THE_HUB:
        answer = ada.ask(method, f"/hub/api/{path}", json={"admin": True, "users": ["ada"]})
        if (method, path) == ("GET", "services"):
            assert COURSE not in answer.text
            continue
        assert answer.status_code in (401, 403, 404, 405), (method, path)
    for page in ("admin", "authorize", "authorize/ada", "discard/grace", "change-password/grace",
                 "spawn/grace", "spawn-pending/grace"):  # fmt: skip
        assert ada.ask("GET", f"/hub/{page}").status_code in (403, 404), page
    assert grace.ask("GET", "/user/grace/api/status").status_code == 200


def test_no_student_opens_what_teachers_have(klass, ada):
    token = told(ada, "tell(token)")
    for path in ("", "lab", "api/contents", "formgrader", "api/kernels"):
        address = f"/services/{COURSE}/{path}"
        assert ada.ask("GET", address).status_code == 403, path
        answer = httpx.get(klass.url + address, headers={"Authorization": f"token {token}"})
        assert answer.status_code in (302, 403), path
    assert ada.ask("POST", f"/services/{COURSE}/api/kernels", json={}).status_code == 403


def test_a_token_that_a_student_makes_gives_no_more_than_they_have(klass, ada):
    for scopes in (
        ["admin:users"],
        [f"access:services!service={COURSE}"],
        ["access:servers!user=grace"],
    ):
        answer = ada.ask("POST", "/hub/api/users/ada/tokens", json={"scopes": scopes})
        assert answer.status_code in (400, 403), scopes
    made = ada.ask("POST", "/hub/api/users/ada/tokens", json={"roles": ["admin"]})
    assert made.status_code in (400, 403)


# No forged submission.


def test_a_submission_is_whose_the_token_is(klass, ada, topic):
    before = {path.name for path in inbound(klass).iterdir()}
    statuses = told(
        ada,
        "tried = [\n"
        f"  ('{topic}', {{'X-Forwarded-User': 'grace', 'Host': 'grace'}}, {{}}),\n"
        f"  ('{topic}', {{'Cookie': 'jupyterhub-user-grace=x'}}, {{'student': 'grace'}}),\n"
        f"  ('grace+{topic}', {{}}, {{}}), ('{topic}+2020-01-01', {{}}, {{}}),\n"
        f"  ('..%2Finbound%2Fgrace+{topic}', {{}}, {{}}), ('%2e%2e', {{}}, {{}}),\n"
        "]\n"
        "tell([httpx.post(base + f'topics/{t}/submissions', headers={**mine, **h}, params=p,"
        " content=work, timeout=60).status_code for t, h, p in tried])",
    )
    assert statuses == [201, 201, 404, 404, 404, 404]
    new = {path.name for path in inbound(klass).iterdir()} - before
    assert {name.split("+")[0] for name in new} == {"ada"}


def test_a_forged_token_hands_nothing_in(klass, ada, topic):
    before = len(list(inbound(klass).iterdir()))
    statuses = told(
        ada,
        f"at = base + 'topics/{topic}/submissions'\n"
        "tell([httpx.post(at, headers=h, content=work, timeout=60).status_code for h in ("
        "{}, {'Authorization': 'token ' + 'f' * 32}, {'Authorization': 'Bearer x'},"
        " {'Cookie': 'token=' + token})])",
    )
    assert set(statuses) <= {401, 403}
    assert len(list(inbound(klass).iterdir())) == before


def test_the_time_of_a_submission_is_the_desks(klass, ada, topic):
    before = datetime.now(UTC)
    receipt = told(
        ada,
        "forged = bundle.pack({'1_see.ipynb': b'{}', 'timestamp.txt': b'2001-01-01 00:00:00 UTC',"
        " 'submission_secret.txt': b'known'})\n"
        f"tell(httpx.post(base + 'topics/{topic}/submissions', content=forged, timeout=60,"
        " headers={**mine, 'Date': 'Mon, 01 Jan 2001 00:00:00 GMT'}).json())",
    )
    folder = inbound(klass) / receipt["folder"]
    assert before <= datetime.fromisoformat(receipt["time"]) <= datetime.now(UTC)
    assert (folder / "timestamp.txt").read_text().startswith(receipt["time"][:10])
    assert (folder / "submission_secret.txt").read_text() != "known"


def test_what_was_handed_in_stays_as_it_was(klass, ada, topic):
    receipt = hand_in(ada, topic)
    folder = inbound(klass) / receipt["folder"]
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    statuses = told(
        ada,
        f"paths = ['', 'topics/{topic}', 'topics/{topic}/submissions',"
        f" 'submissions/{receipt['number']}', 'submissions/{receipt['number']}/feedback']\n"
        "tell([httpx.request(m, base + p, headers=mine, timeout=60).status_code"
        " for p in paths for m in ('PUT', 'DELETE', 'PATCH')])",
    )
    assert set(statuses) <= {404, 405}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_nobody_fetches_the_feedback_of_others_by_number(ada, grace, topic):
    number = hand_in(grace, topic)["number"]
    statuses = told(
        ada,
        "tell({httpx.get(base + f'submissions/{n}/feedback', headers=mine).status_code"
        f" for n in [{number}]}}.pop())",
    )
    assert statuses == 404


def test_uploads_that_a_student_holds_open_stop_nobody(ada, grace, topic):
    hold = (
        "held = []\n"
        f"head = ('POST ' + base.partition('8091')[2] + 'topics/{topic}/submissions HTTP/1.1\\r\\n'"
        " 'Host: x\\r\\nContent-Length: 1000000\\r\\n'"
        " 'Authorization: token ' + token + '\\r\\n\\r\\n')\n"
        "for n in range(300):\n"
        f"    for name in ('{COURSE}', 'hub'):\n"
        "        s = socket.socket(socket.AF_UNIX)\n"
        "        try:\n"
        f"            s.connect('{room.SOCKETS}/' + name + '.sock')\n"
        "            s.sendall(head.encode())\n"
        "        except OSError: continue\n"
        "        held.append(s)\n"
        "print('holding'); sys.stdout.flush(); Path.home().joinpath('held').write_text('x')\n"
        "time.sleep(60)\n"
    )
    shell(
        ada,
        f"cat > hold.py <<'X'\n{WITH}{hold}\nX\nrm -f held; setsid python hold.py >hold.log 2>&1 &",
    )
    deadline = time.monotonic() + 60
    while "held" not in shell(ada, "ls"):
        assert time.monotonic() < deadline
    try:
        assert hand_in(grace, topic)["student"] == "grace"
        assert told(grace, "tell(httpx.get(base, headers=mine, timeout=60).status_code)") == 200
        assert grace.ask("GET", "/hub/home").status_code == 200
    finally:
        shell(ada, "pkill -f hold.py; rm -f hold.py hold.log held")


# No escalation.


def test_a_room_has_no_capability_and_gains_none(ada):
    status = told(ada, "tell(open('/proc/self/status').read())")
    sets = dict(re.findall(r"^(Cap\w+|NoNewPrivs):\s+(\w+)$", status, re.MULTILINE))
    assert sets.pop("NoNewPrivs") == "1"
    if os.geteuid() == 0:
        assert {int(value, 16) for value in sets.values()} == {0}
    assert int(sets["CapEff"], 16) == 0
    assert "uid=0" not in shell(
        ada, "su -c id </dev/null; mount -t tmpfs x /tmp; newgrp root </dev/null"
    )


@as_root
def test_a_room_is_a_user_of_its_own(ada, grace):
    users = [
        told(one, "tell([os.getresuid(), os.getresgid(), os.getgroups()])") for one in (ada, grace)
    ]
    assert users[0] != users[1]
    assert all(min(one[0]) >= 50_000 and one[0] == one[1] for one in users)
    said = told(ada, "tell([error_of(do, 0) for do in (os.setuid, os.setgid)])")
    assert said == ["PermissionError"] * 2


def test_what_is_shown_can_not_be_written_even_as_root_of_a_namespace(ada):
    tried = "\n".join(
        f"touch {path}/of-ada && echo WRITTEN; mount -o remount,rw,bind {path} && echo REMOUNTED;"
        f" umount -l {path} && echo UNMOUNTED"
        for path in (room.SETTINGS, room.SOCKETS, ROOT / "curriculum", "/usr", "/etc", "/")
    )
    for how in ("sh", "unshare -Urm sh", "unshare -Urmpf sh"):
        said = shell(ada, f"cat > ~/tries.sh <<'X'\n{tried}\nX\n{how} ~/tries.sh")
        assert "WRITTEN" not in said and "REMOUNTED" not in said and "UNMOUNTED" not in said, said
        assert not (ROOT / "curriculum" / "of-ada").exists()


def test_links_in_a_home_lead_root_nowhere(klass, tmp_path):
    alan = began(klass, "alan")
    victim, folder = tmp_path / "victim", tmp_path / "folder"
    victim.write_text("whole")
    victim.chmod(0o640)
    folder.mkdir(mode=0o750)
    (folder / "within").write_text("whole")
    shell(
        alan,
        "cd ~; rm -rf .local .jupyter .config .cache .ipython start_here.ipynb;"
        f" ln -s {victim} start_here.ipynb; ln -s {folder} .local; ln -s /etc .jupyter;"
        f" ln -s {klass.of.home('grace')} grace; ln -s {folder} hostile; ln -s {folder} receipts;"
        " chmod 0777 ~; mkfifo pipe; ln -s / root",
    )
    paths = [victim, folder, folder / "within", klass.of.home("grace"), klass.of.passwords]
    before = {path: state(path) for path in [*paths, Path("/etc/passwd")]}
    assert alan.ask("DELETE", "/hub/api/users/alan/server").status_code in (202, 204)
    deadline = time.monotonic() + 60
    while alan.ask("GET", "/hub/api/users/alan").json()["servers"] and time.monotonic() < deadline:
        time.sleep(0.3)
    if os.geteuid() == 0:
        # As after a backup was brought back.
        os.chown(klass.of.home("alan"), 0, 0)
    alan.ask("GET", "/hub/spawn/alan")
    deadline = time.monotonic() + 60
    while klass.of.home("alan").stat().st_mode & 0o777 != 0o700:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    time.sleep(2)
    assert {path: state(path) for path in before} == before
    assert klass.of.home("alan").is_dir() and not klass.of.home("alan").is_symlink()


def state(path):
    found = path.stat()
    content = path.read_bytes() if path.is_file() else sorted(os.listdir(path))
    return found.st_uid, found.st_gid, found.st_mode, content


def test_a_home_can_not_be_replaced(ada):
    said = told(
        ada,
        "tell([error_of(os.rename, '/home/ada', '/home/eve'), error_of(os.rmdir, '/home/ada'),"
        " error_of(os.symlink, '/etc', '/home/eve'), error_of(os.mkdir, '/home/grace')])",
    )
    assert all(said)


@as_root
def test_giving_a_folder_away_follows_no_link(tmp_path):
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    (outside / "sub").mkdir(parents=True)
    (outside / "file").write_text("")
    inside.mkdir()
    (inside / "file").symlink_to(outside / "file")
    (inside / "folder").symlink_to(outside)
    (inside / "deep").mkdir()
    (inside / "deep" / "own").write_text("")
    room._give(inside, 54321)
    assert {path.stat().st_uid for path in (outside, outside / "file", outside / "sub")} == {0}
    assert {path.stat().st_uid for path in (inside, inside / "deep" / "own")} == {54321}
    assert (inside / "folder").lstat().st_uid == 54321


@pytest.mark.skipif(
    os.geteuid() != 0 and kernel.release() < (5, 14), reason="the kernel counts all of a user's"
)
@pytest.mark.parametrize("how", ["", "unshare -Ur "])
def test_a_fork_bomb_ends_at_the_limit_and_others_go_on(klass, ada, grace, how):
    most = klass.of.settings.processes
    said = shell(
        ada,
        "cat > ~/bomb.py <<'X'\nimport os, signal\nmade = []\ntry:\n"
        f"    while len(made) < {2 * most}:\n"
        "        pid = os.fork()\n        if not pid:\n            signal.pause()\n"
        "        made.append(pid)\nexcept OSError as error: print(error)\n"
        "print(len(made))\nfor pid in made: os.kill(pid, 9)\n"
        f"X\n{how}python ~/bomb.py; rm ~/bomb.py",
    )
    made = int(said.split()[-1])
    assert made < most, said
    assert "temporarily unavailable" in said
    assert told(grace, "tell(1)") == 1


def can_limit_memory():
    base = cgroups.given(move=False) or room._first_version()
    return base is not None and os.access(base, os.W_OK)


@pytest.mark.skipif(not can_limit_memory(), reason="no control group can be made here")
def test_who_takes_too_much_memory_is_ended_and_others_go_on(klass, ada, grace):
    most = klass.of.settings.memory_mb
    took = told(
        ada,
        f"hog = 'kept = [bytearray(b\"x\" * (64 << 20)) for _ in range({most // 64 + 16})]'\n"
        "tell(subprocess.run([sys.executable, '-c', hog]).returncode)",
    )
    assert took == -9
    assert told(grace, "tell(1)") == 1
    assert told(ada, "tell(1)") == 1


# The web.


def sign_up(klass, name, word="a-long-enough-word-7"):
    person = stranger(klass, name)
    given = {
        "username": name,
        "signup_password": word,
        "signup_password_confirmation": word,
        "_xsrf": xsrf(person, "/hub/signup"),
    }
    answer = person.http.post("/hub/signup", data=given)
    return "You are on the list" in answer.text


@pytest.mark.parametrize(
    "name",
    [COURSE, COURSE.upper(), "root", "ROOT", "nobody", "../x", "..", "a/b", "ada", "ADA", " ada",
     "ada ", "ada\u200b", "аda", "ａda", "a+b", "a,b", "", "x" * 33, "a\nb", "%2e%2e",
     "teacher", "Teacher",     "-x", ".x"],
    ids=ascii,
)  # fmt: skip
def test_nobody_signs_up_as_somebody_else_or_as_no_name(klass, name):
    assert not sign_up(klass, name)


def test_who_is_not_let_in_stays_out_and_only_the_list_lets_them_in(klass, ada, teacher):
    word = "mallory-comes-in-9"
    assert sign_up(klass, "mallory", word)

    def comes_in():
        try:
            klass.sign_in("mallory", word)
        except AssertionError:
            return False
        return True

    assert not comes_in()
    here = str(teacher.http.base_url).rstrip("/")
    for referer in ("", "https://evil.example/hub/authorize", f"{here}/user/ada/lab",
                    f"{here}/hub/authorize/../home", "hub/authorize"):  # fmt: skip
        for page in ("authorize", "discard"):
            answer = teacher.http.get(f"/hub/{page}/mallory", headers={"Referer": referer})
            assert answer.status_code == 403, (page, referer)
    from_list = {"Referer": f"{here}/hub/authorize"}
    assert ada.http.get("/hub/authorize/mallory", headers=from_list).status_code in (403, 404)
    assert not comes_in()
    assert teacher.http.get("/hub/authorize/mallory", headers=from_list).status_code == 302
    assert comes_in()


def test_guessing_a_password_is_slowed(klass, teacher):
    word = "trudy-knows-this-8"
    assert sign_up(klass, "trudy", word)
    here = str(teacher.http.base_url).rstrip("/")
    teacher.http.get("/hub/authorize/trudy", headers={"Referer": f"{here}/hub/authorize"})
    person = stranger(klass, "trudy")

    def tries(name, password):
        given = {"username": name, "password": password, "_xsrf": xsrf(person, "/hub/login")}
        return person.http.post("/hub/login", data=given)

    spellings = ["trudy", "Trudy", "TRUDY", "tRudy", "trUdy"]
    for n in range(10):
        assert tries(spellings[n % 5], f"guess-{n}").status_code == 403
    answer = tries("trudy", word)
    assert answer.status_code == 403
    assert "Too many wrong passwords" in answer.text


@pytest.mark.parametrize(
    "following",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example",
     "https:evil.example", "//evil.example@127.0.0.1", "javascript:alert(1)", "%2f%2fevil.example",
     "/%09/evil.example"],
)  # fmt: skip
def test_signing_in_leads_to_no_other_site(klass, following):
    person = stranger(klass, "grace")
    given = {
        "username": "grace",
        "password": first_passwords(klass.of)["grace"],
        "_xsrf": xsrf(person, "/hub/login"),
    }
    answer = person.http.post("/hub/login", params={"next": following}, data=given)
    assert answer.status_code == 302
    to = answer.headers["Location"]
    assert httpx.URL(klass.url).join(to.replace("\\", "/")).host == httpx.URL(klass.url).host, to


@pytest.mark.parametrize("page", ["login", "signup"])
def test_a_form_of_another_site_signs_nobody_in_or_up(klass, page):
    given = {"username": "grace", "password": "x", "signup_password": "a-long-enough-word-7",
             "signup_password_confirmation": "a-long-enough-word-7"}  # fmt: skip
    for token in (None, "", "forged"):
        person = stranger(klass)
        person.http.get(f"/hub/{page}")
        sent = given if token is None else {**given, "_xsrf": token}
        answer = person.http.post(
            f"/hub/{page}", data=sent, headers={"Origin": "https://evil.example"}
        )
        assert answer.status_code == 403, token


def test_no_other_page_can_frame_what_teachers_use(klass, teacher, ada):
    pages = [f"/services/{COURSE}/lab", "/hub/home", "/hub/admin", "/hub/authorize"]
    for page in pages:
        answer = teacher.ask("GET", page)
        assert answer.status_code == 200, page
        policy = answer.headers["Content-Security-Policy"]
        assert re.search(r"frame-ancestors '(none|self)'", policy), (page, policy)
    assert "frame-ancestors" in ada.ask("GET", "/user/ada/lab").headers["Content-Security-Policy"]


def test_what_a_student_calls_a_name_is_no_markup_on_the_list(klass, teacher):
    assert not sign_up(klass, "<script>alert(1)</script>")
    assert "<script>alert(1)" not in teacher.ask("GET", "/hub/authorize").text
