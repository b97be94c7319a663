"""A student's check in a class: the course is elsewhere, and so are the hidden tests."""

import json
import shutil

import course as courses
import nbformat
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    """Give a folder with the package and a fetched topic, and nothing else of the course."""
    teacher = courses.make_course(tmp_path_factory.mktemp("teacher") / "course")
    courses.run(teacher, "curriculum", "build")
    folder = tmp_path_factory.mktemp("student")
    shutil.copytree(teacher / "curriculum", folder / "curriculum")
    shutil.copytree(teacher / "release" / courses.TOPIC, folder / courses.TOPIC)
    return folder


def check(folder):
    command = ["curriculum", "check", courses.TOPIC, "--notebook", "2_build", "--json"]
    lines = courses.run(folder, *command).stdout.splitlines()
    return json.loads(lines[-1])["attempt"]["notebooks"][0]


def write(folder, text):
    path = folder / courses.TOPIC / "2_build.ipynb"
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "double":
            cell.source = text
    nbformat.write(notebook, path)
    return path.read_bytes()


def test_only_the_visible_checks_run_and_nothing_is_written(student):
    before = write(student, "def double(x):\n    return x * x\n")
    result = check(student)
    assert result["points"] == 1, "2 · 2 = 2 + 2, so the visible check can't tell"
    assert result["hidden"] is False
    assert (student / courses.TOPIC / "2_build.ipynb").read_bytes() == before
    assert not (student / "attempts").exists()


def test_a_wrong_answer_is_told_what_was_expected(student):
    write(student, "def double(x):\n    return x + 1\n")
    (exercise,) = check(student)["exercises"]
    assert exercise["points"] == 0
    assert "4" in exercise["checks"][0]["message"]


def test_a_check_in_a_terminal_says_that_hidden_checks_come_later(student):
    said = courses.run(student, "curriculum", "check", courses.TOPIC, "--notebook", "2_build")
    assert "when your instructor grades" in said.stdout
