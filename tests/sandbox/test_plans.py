"""Limits and plans are plain data, and say what they mean."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from curriculum.sandbox import limits as lim
from curriculum.sandbox import plan as plans
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import LEVELS, Plan, SandboxError, make_plan

ROOT = Path(__file__).resolve().parents[2]


def test_limits_are_plain_data():
    limits = Limits(memory_mb=100, output_mb=0.5)
    assert Limits.from_dict(json.loads(json.dumps(limits.as_dict()))) == limits
    assert Limits.from_dict({}) == Limits()


@pytest.mark.parametrize("value", [0, -1, None, "2048", True, float("nan")])
def test_a_limit_is_a_number_above_zero(value):
    with pytest.raises(ValueError, match="The limit memory_mb must be a number above 0"):
        Limits(memory_mb=value)


def test_an_unknown_limit_is_named():
    with pytest.raises(ValueError, match="There is no limit named memory"):
        Limits.from_dict({"memory": 1})


@pytest.mark.parametrize("kind", lim.KINDS)
def test_every_stop_has_one_sentence(kind):
    sentence = lim.sentence(kind, Limits())
    assert sentence[0].isupper() and sentence.endswith(".") and sentence.count(". ") == 0


def test_sentences_have_the_limits_in_them():
    limits = Limits(
        cell_seconds=90, notebook_seconds=600, memory_mb=2048, processes=7, output_mb=0.5
    )
    assert "for 90 seconds" in lim.sentence(lim.CELL_TIME, limits)
    assert "for 10 minutes" in lim.sentence(lim.NOTEBOOK_TIME, limits)
    assert "2,048 MB" in lim.sentence(lim.MEMORY, limits)
    assert "7 processes" in lim.sentence(lim.PROCESSES, limits)
    assert "0.5 MB" in lim.sentence(lim.OUTPUT, limits)
    assert "for 1 second " in lim.sentence(lim.CELL_TIME, Limits(cell_seconds=1))


@pytest.mark.parametrize("level", LEVELS)
def test_plans_are_plain_data(level):
    plan = make_plan(level, environment={"A": "b"})
    assert Plan.from_dict(json.loads(json.dumps(plan.as_dict()))) == plan
    assert plan.environment["A"] == "b"
    assert plan.scratch.startswith(plan.home)
    assert not Path(plan.home).exists()


def test_an_unknown_level_is_refused():
    with pytest.raises(SandboxError, match="'strong' is no level of the sandbox"):
        make_plan("strong")


def test_what_is_shown_is_python_and_the_system_and_nothing_of_the_course():
    plan = make_plan("namespaces")

    def shown(path):
        return any(Path(path).is_relative_to(folder) for folder in plan.read_only)

    for path in (sys.executable, os.__file__, plans.__file__, "/usr/bin/env", "/bin/sh"):
        assert shown(path)
    for path in (ROOT / "source", ROOT / "tests", ROOT / "gradebook.db", "/etc/passwd", "/root/x"):
        assert not shown(path)
    assert not {"/", "/etc", "/home", "/root", "/var", str(ROOT)} & set(plan.read_only)


def test_a_course_s_own_modules_can_be_shown(tmp_path):
    assert str(tmp_path) in make_plan("namespaces", also=[str(tmp_path)]).read_only


def test_no_path_is_shown_twice():
    paths = make_plan("namespaces", also=["/usr/lib", "/usr/lib/", "/nowhere"]).read_only
    assert "/usr/lib" not in paths and "/nowhere" not in paths
    assert len(set(paths)) == len(paths)


def test_notebooks_of_one_plan_after_another_have_other_folders():
    assert make_plan("layers").home != make_plan("layers").home


def test_users_differ_from_process_to_process():
    code = "from curriculum.sandbox.plan import unused_user; print(unused_user())"
    command = [sys.executable, "-c", code]
    users = {subprocess.run(command, capture_output=True, text=True).stdout for _ in range(2)}
    assert len(users) == 2
    assert all(int(user) > 2_000_000_000 for user in users)


def test_users_in_a_container_are_among_its_own(monkeypatch):
    monkeypatch.setattr(plans, "mapped_users", lambda: [(0, 65536)])
    assert 20_000 <= plans.unused_user() < 60_000
    monkeypatch.setattr(plans, "mapped_users", lambda: [(0, 1)])
    with pytest.raises(SandboxError, match="no unused user id"):
        plans.unused_user()


def test_only_root_s_notebooks_are_another_user_s(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    assert make_plan("namespaces").user is None
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert make_plan("namespaces").user
    assert make_plan("none").user is None
