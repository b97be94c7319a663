"""Who is in a class, and as which user of the machine."""

import os
import re
import subprocess
import sys

import pytest

from curriculum.hub import people
from curriculum.hub.folder import Class, HubError
from curriculum.hub.people import GRADER, INSTRUCTOR, STUDENT, People, password


@pytest.fixture
def listed(tmp_path):
    return People(Class(tmp_path))


def test_somebody_new_is_a_student(listed):
    assert listed.get("ada").role == STUDENT
    assert listed.get("ada") == listed.get("ada")


def test_numbers_never_pass_to_another(listed):
    first, second = listed.add("ada", STUDENT), listed.add("grace", STUDENT)
    assert (first.number, second.number) == (1, 2)
    assert listed.add("ada", GRADER).number == 1
    assert listed.add("alan", INSTRUCTOR).number == 3


def test_people_are_found_by_role(listed):
    for name, role in (("t", INSTRUCTOR), ("g", GRADER), ("b", STUDENT), ("a", STUDENT)):
        listed.add(name, role)
    assert listed.in_role(STUDENT) == ["a", "b"]
    assert listed.in_role(INSTRUCTOR, GRADER) == ["g", "t"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ada",
        "1a",
        "a b",
        "../x",
        "a/b",
        "a\n",
        "a\0",
        "a+b",
        "ада",
        "ａda",
        "a" * 33,
        ".a",
        "-a",
    ],
    ids=ascii,
)
def test_nobody_may_be_called_so(listed, name):
    with pytest.raises(HubError, match="is no name for a person"):
        listed.add(name, STUDENT)
    assert listed.all() == {}


def test_as_root_each_is_a_user_of_their_own_with_no_account(listed, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    users = [listed.get(name).user for name in ("ada", "grace")]
    assert users[1] == users[0] + 1
    assert users[0] >= people._FIRST_IN_CONTAINER
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    assert listed.get("ada").user == 1234


def test_two_processes_take_in_people_at_once(listed, tmp_path):
    code = (
        "import sys; from pathlib import Path; from curriculum.hub.folder import Class;"
        "from curriculum.hub.people import People\n"
        "for n in range(20): People(Class(Path(sys.argv[1]))).get(sys.argv[2] + str(n))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, tmp_path, who]) for who in ("a", "b")]
    assert [one.wait() for one in both] == [0, 0]
    assert sorted(one.number for one in listed.all().values()) == [*range(1, 41)]


def test_a_list_that_cannot_be_read_is_said_in_a_sentence(listed, tmp_path):
    (tmp_path / "people.json").write_text("[{")
    with pytest.raises(HubError, match=r"can't be read .*: bring it back from a backup\.$"):
        listed.all()


def test_passwords_are_long_and_never_the_same():
    made = {password() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", one) for one in made)
