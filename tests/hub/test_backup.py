"""A class is copied while it is open, and what is copied opens elsewhere."""

import io
import json
import os
import sqlite3
import stat
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hub_class import HubClass, open_class
from steps import TOPIC, check_exchange, fetch, in_course, release, submit

from curriculum.cli import main
from curriculum.hub import folder
from curriculum.hub.backup import MANIFEST, backup
from curriculum.hub.exchange import bundle
from curriculum.hub.exchange.desk import Desk
from curriculum.hub.folder import HubError
from curriculum.hub.people import STUDENT, People
from curriculum.hub.restore import restore
from curriculum.hub.sign_in import first_passwords

COURSE = "ml_interviews"
NOTEBOOK = bundle.pack({"a.ipynb": b"{}"})


@pytest.fixture
def small(tmp_path):
    """Give a class that was never open, with somebody's home and a topic in its exchange."""
    made = folder.make(tmp_path / "class")
    People(made).add("ada", STUDENT)
    made.home("ada").mkdir(parents=True)
    (made.home("ada") / "mine.txt").write_text("mine")
    topic = made.exchange(COURSE) / "outbound" / TOPIC
    topic.mkdir(parents=True)
    (topic / "a.ipynb").write_text("{}")
    return made


def contents(root: Path) -> dict[str, object]:
    """Give what each file of a folder is."""
    return {
        str(path.relative_to(root)): str(path.readlink())
        if path.is_symlink()
        else (path.stat().st_mode, path.stat().st_uid, path.is_file() and path.read_bytes())
        for path in root.rglob("*")
        if "rooms" not in path.parts
    }


def changed(archive: Path, change) -> Path:
    """Write an archive anew, with its members as `change` gives them."""
    with tarfile.open(archive) as old:
        members = [(m, old.extractfile(m).read() if m.isreg() else b"") for m in old]
    other = archive.with_name("changed.tar.gz")
    with tarfile.open(other, "w:gz") as new:
        for member, content in change(members):
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return other


def member(name: str, kind: bytes = tarfile.REGTYPE, to: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, to
    return made


def test_what_is_restored_is_what_there_was(small, tmp_path):
    home = small.home("ada")
    (home / "to_outside").symlink_to("/etc/passwd")
    (home / "script").write_text("run")
    (home / "script").chmod(0o750)
    (home / os.fsdecode(b"not \xff utf-8")).write_bytes(b"\0\1")
    (home / ("long" * 40)).mkdir(mode=0o700)
    (home / ".cache").mkdir()
    if os.geteuid() == 0:
        os.chown(home / "script", 1_900_000_001, 1_900_000_001)
    before = contents(small.root)
    backup(small, tmp_path / "kept.tar.gz")
    restore(tmp_path / "kept.tar.gz", tmp_path / "other")
    made_anew = {"people.json.lock", "homes/ada/.cache"}
    after = contents(tmp_path / "other")
    assert after == {name: what for name, what in before.items() if name not in made_anew}
    assert stat.S_IMODE((tmp_path / "other").stat().st_mode) == 0o700


def test_only_who_made_an_archive_can_read_it(small, tmp_path):
    backup(small, tmp_path / "kept.tar.gz")
    assert stat.S_IMODE((tmp_path / "kept.tar.gz").stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".kept*"))


def test_what_is_no_file_is_left_out_and_named(small, tmp_path):
    os.mkfifo(small.home("ada") / "pipe")
    assert backup(small, tmp_path / "kept.tar.gz") == ["homes/ada/pipe"]


def test_links_lead_nowhere_when_a_class_is_copied(small, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("a key that no student may see")
    (small.home("ada") / "all").symlink_to(secret)
    backup(small, tmp_path / "kept.tar.gz")
    with tarfile.open(tmp_path / "kept.tar.gz") as archive:
        assert "homes/ada/all/key" not in archive.getnames()
        assert archive.getmember("homes/ada/all").issym()


@pytest.mark.sandbox
def test_a_courses_database_leads_to_nobody_elses(small, tmp_path):
    course = small.course(COURSE) / "course"
    course.mkdir(parents=True)
    secret = small.hub / "jupyterhub.sqlite"
    with closing(sqlite3.connect(secret)) as book:
        book.execute("CREATE TABLE secrets (word)")
    (course / "gradebook.db").symlink_to(secret)
    with pytest.raises(HubError, match="can't be copied"):
        backup(small, tmp_path / "kept.tar.gz")
    assert not (tmp_path / "kept.tar.gz").exists()


@pytest.mark.sandbox
def test_each_receipt_in_it_has_its_files_whatever_comes_meanwhile(small, tmp_path):
    desk = Desk(COURSE, small.exchange(COURSE))
    ended = threading.Event()

    def hand_in() -> None:
        while not ended.is_set():
            desk.submit("ada", TOPIC, NOTEBOOK)

    given = [desk.submit("ada", TOPIC, NOTEBOOK)]
    sender = threading.Thread(target=hand_in)
    sender.start()
    try:
        given += desk.receipts.all()
        backup(small, tmp_path / "kept.tar.gz")
    finally:
        ended.set()
        sender.join()
    restore(tmp_path / "kept.tar.gz", tmp_path / "other")
    there = folder.Class(tmp_path / "other").exchange(COURSE)
    again = Desk(COURSE, there)  # gives a receipt to what came meanwhile
    found = check_exchange(there)
    assert set(given) <= set(found)
    assert again.submit("ada", TOPIC, NOTEBOOK).number == len(found) + 1


def test_an_open_transaction_is_not_in_it(small, tmp_path):
    path = small.hub / "jupyterhub.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as book:
        book.execute("PRAGMA journal_mode = WAL")
        book.execute("CREATE TABLE people (name)")
        book.execute("INSERT INTO people VALUES ('ada')")
        book.execute("BEGIN")
        book.execute("INSERT INTO people VALUES ('nobody yet')")
        backup(small, tmp_path / "kept.tar.gz")
    restore(tmp_path / "kept.tar.gz", tmp_path / "other")
    assert not list((tmp_path / "other" / "hub").glob("*-wal"))
    with closing(sqlite3.connect(tmp_path / "other" / "hub" / path.name)) as book:
        assert book.execute("SELECT name FROM people").fetchall() == [("ada",)]


def test_nothing_is_overwritten(small, tmp_path):
    archive = tmp_path / "kept.tar.gz"
    backup(small, archive)
    before = archive.read_bytes()
    with pytest.raises(HubError, match="is there already"):
        backup(small, archive)
    with pytest.raises(HubError, match="isn't empty"):
        restore(archive, small.root)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(HubError, match="no folder"):
        restore(archive, tmp_path / "file")
    assert archive.read_bytes() == before
    (tmp_path / "empty").mkdir()
    restore(archive, tmp_path / "empty")
    assert (tmp_path / "empty" / "class.toml").exists()


def test_an_archive_is_not_written_into_the_class(small):
    with pytest.raises(HubError, match="elsewhere"):
        backup(small, small.root / "kept.tar.gz")


ODD = {
    "outside": (member("../outside"), "leads out"),
    "absolute": (member("/tmp/outside"), "leads out"),
    "through a link": (member("homes/ada/door/inside"), "in no folder"),
    "a hard link": (member("homes/ada/hard", tarfile.LNKTYPE, "class.toml"), "neither"),
    "a device": (member("homes/ada/zero", tarfile.CHRTYPE), "neither"),
    "a second": (member("class.toml"), "twice"),
    "not listed": (member("homes/ada/more"), "another content"),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_members_are_refused(small, tmp_path, case):
    (small.home("ada") / "door").symlink_to(tmp_path)
    backup(small, tmp_path / "kept.tar.gz")
    odd, reason = ODD[case]
    other = changed(
        tmp_path / "kept.tar.gz", lambda members: [*members[:-1], (odd, b""), members[-1]]
    )
    before = sorted(tmp_path.iterdir())
    with pytest.raises(HubError, match=reason):
        restore(other, tmp_path / "other")
    assert sorted(tmp_path.iterdir()) == before


def test_what_was_changed_or_cut_off_is_refused(small, tmp_path):
    archive = tmp_path / "kept.tar.gz"
    backup(small, archive)

    def other_content(members):
        return [
            (m, b"theirs" if m.name.endswith("mine.txt") else content) for m, content in members
        ]

    def without_end(members):
        return [one for one in members if one[0].name != MANIFEST]

    def of_tomorrow(members):
        last, content = members[-1]
        return [*members[:-1], (last, json.dumps({**json.loads(content), "format": 2}).encode())]

    def one_less(members):
        return [one for one in members if not one[0].name.endswith("mine.txt")]

    for change, reason in (
        (other_content, "another content"),
        (one_less, "another content"),
        (without_end, "end is missing"),
        (of_tomorrow, "format is 2"),
    ):
        with pytest.raises(HubError, match=reason):
            restore(changed(archive, change), tmp_path / "other")
    cut = tmp_path / "cut.tar.gz"
    for size in (0, 10, archive.stat().st_size // 2):
        cut.write_bytes(archive.read_bytes()[:size])
        with pytest.raises(HubError):
            restore(cut, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_the_commands_say_one_sentence(small, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["hub", "backup", str(tmp_path / "kept"), "--class", str(tmp_path / "none")])
    assert ended.value.code == 2
    assert "There is no class in" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["hub", "restore", str(tmp_path / "kept"), "--class", str(tmp_path / "other")])
    assert "No such file" in capsys.readouterr().err
    main(["hub", "backup", str(tmp_path / "kept"), "--class", str(small.root)])
    main(["hub", "restore", str(tmp_path / "kept"), "--class", str(tmp_path / "other")])
    assert "Open it: curriculum hub start" in capsys.readouterr().out


def scores(klass: HubClass) -> list[object]:
    path = klass.of.course(COURSE) / "course" / "gradebook.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as book:
        return book.execute("SELECT id, auto_score FROM grade ORDER BY id").fetchall()


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_class_that_is_open_goes_on_elsewhere(tmp_path):
    archive = tmp_path / "kept.tar.gz"
    with open_class(tmp_path / "class") as klass:
        words = first_passwords(klass.of)
        klass.of.passwords.unlink()  # as its first line says
        release(klass)
        ada = klass.sign_in("ada", words["ada"])
        ada.start_server()
        fetch(ada)
        assert submit(ada)["number"] == 1
        for step in (["nbgrader", "collect"], ["curriculum", "grade"]):
            in_course(klass, *step, TOPIC)
        for step in ("generate_feedback", "release_feedback"):
            in_course(klass, "nbgrader", step, TOPIC)
        ada.run("open('mine.txt', 'w').write('mine')")
        grace = klass.sign_in("grace", words["grace"])
        grace.start_server()
        fetch(grace)
        given = submit(grace)
        main(["hub", "backup", str(archive), "--class", str(klass.root)])
        graded = scores(klass)
        assert graded
    main(["hub", "restore", str(archive), "--class", str(tmp_path / "other")])
    with open_class(tmp_path / "other") as other:
        found = check_exchange(other.of.exchange(COURSE))
        assert [receipt.student for receipt in found] == ["ada", "grace"]
        assert found[1].code == given["code"]
        assert scores(other) == graded
        ada = other.sign_in("ada", words["ada"])
        ada.start_server()
        assert ada.run("print(open('mine.txt').read())") == "mine\n"
        code = "import subprocess, sys; print(subprocess.run([sys.executable, '-m', 'nbgrader',"
        code += f" 'fetch_feedback', {TOPIC!r}], capture_output=True, text=True).stderr)"
        assert "Fetched feedback" in ada.run(code)
        assert submit(ada)["number"] == 3
        assert not other.sign_in("teacher", words["teacher"]).ask("GET", "/hub/home").is_error
