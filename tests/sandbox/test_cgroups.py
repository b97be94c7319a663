"""Control groups, on a folder that looks like the kernel's: this is not run on a real one here."""

import os
import subprocess

import pytest

from curriculum.sandbox import cgroups
from curriculum.sandbox.limits import Limits


@pytest.fixture
def tree(tmp_path):
    """Make what the kernel would show of a part of the tree that was given to this process."""
    base = tmp_path / "user.slice" / "run-1.scope"
    base.mkdir(parents=True)
    (base / "cgroup.controllers").write_text("cpu memory pids\n")
    (base / "cgroup.subtree_control").write_text("\n")
    (base / "cgroup.procs").write_text(f"{os.getpid()}\n")
    return tmp_path


OWN = "/user.slice/run-1.scope"


def test_a_part_of_the_tree_that_was_given_is_used(tree):
    base = tree / OWN[1:]
    assert cgroups.given(tree, OWN) == base
    assert (base / "cgroup.subtree_control").read_text() == "+memory +pids"
    moved = base / cgroups.GRADERS / "cgroup.procs"
    assert moved.read_text() == str(os.getpid())


def test_children_find_the_same_part(tree):
    base = tree / OWN[1:]
    (base / "cgroup.subtree_control").write_text("memory pids\n")
    assert cgroups.given(tree, f"{OWN}/{cgroups.GRADERS}") == base


def test_asking_alone_changes_nothing(tree):
    assert cgroups.given(tree, OWN, move=False) == tree / OWN[1:]
    assert not (tree / OWN[1:] / cgroups.GRADERS).exists()


def test_a_group_with_processes_of_others_is_left_alone(tree):
    stranger = subprocess.Popen(["sleep", "0"]).pid
    (tree / OWN[1:] / "cgroup.procs").write_text(f"{os.getpid()}\n1\n{stranger}\n")
    assert cgroups.given(tree, OWN) is None
    assert (tree / OWN[1:] / "cgroup.subtree_control").read_text() == "\n"


@pytest.mark.parametrize("controllers", ["", "cpu pids", "memory"])
def test_without_both_controllers_there_is_none(tree, controllers):
    (tree / OWN[1:] / "cgroup.controllers").write_text(controllers)
    assert cgroups.given(tree, OWN) is None
    assert cgroups.make(Limits(), cgroups.given(tree, OWN)) is None


def test_without_the_second_version_there_is_none(tmp_path):
    assert cgroups.given(tmp_path, "/") is None


def test_limits_are_the_group_s(tree):
    base = cgroups.given(tree, OWN)
    group = cgroups.make(Limits(memory_mb=100, disk_mb=20, processes=10), base)
    assert (group.path / "memory.max").read_text() == str(120 << 20)
    assert (group.path / "pids.max").read_text() == "12"
    assert group.path.parent == base


def test_what_happened_is_read(tree):
    group = cgroups.make(Limits(), cgroups.given(tree, OWN))
    assert not group.out_of_memory() and not group.out_of_processes()
    assert group.cpu_seconds() == 0
    (group.path / "memory.events").write_text("low 0\noom 3\noom_kill 1\n")
    (group.path / "pids.events").write_text("max 2\n")
    (group.path / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    assert group.out_of_memory() and group.out_of_processes()
    assert group.cpu_seconds() == 2.5


def test_a_group_is_killed_and_removed(tree):
    group = cgroups.make(Limits(), cgroups.given(tree, OWN))
    with subprocess.Popen(["sleep", "1000"]) as process:
        (group.path / "cgroup.procs").write_text(f"{process.pid}\n")
        group.kill()
        assert process.wait() == -9
    (group.path / "cgroup.kill").write_text("")
    group.kill()
    assert (group.path / "cgroup.kill").read_text() == "1"
    assert not group.remove(seconds=0)  # a folder with files, as no group is
    for file in group.path.iterdir():
        file.unlink()
    assert group.remove() and group.remove()


def test_a_notebook_enters_its_group(tree):
    """Entering is to write to a file; `confine` does it first of all."""
    from dataclasses import replace

    from curriculum.sandbox.confine import confine
    from curriculum.sandbox.plan import make_plan

    group = cgroups.make(Limits(), cgroups.given(tree, OWN))
    plan = replace(make_plan("none"), group=str(group.path))
    pid = os.fork()
    if pid == 0:
        confine(plan, Limits(), files={}, keep=[])
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert (group.path / "cgroup.procs").read_text() == "0"
