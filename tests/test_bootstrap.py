"""Setting up: once, again after an interruption, and never twice for nothing.

A copy of the script runs in a folder of its own. Its virtual environment is a stand-in: a `python`
that writes down how pip was called, and fails when told to.
"""

import ast
import importlib.util
import shutil
import subprocess
import sys

import pytest
from course import ROOT

FAKE_PYTHON = """\
#!/bin/sh
here="$(dirname "$0")"
case "$*" in
*--version*) exit 0 ;;
esac
echo "$*" >> "$here/../../calls.txt"
test ! -e "$here/../../no-network"
"""


class House:
    """A folder with the script, its inputs, and what a run of it does."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.monkeypatch = monkeypatch
        (folder / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "bootstrap.py", folder / "scripts")
        (folder / "pyproject.toml").write_text("[project]\n")
        (folder / "constraints.txt").write_text("numpy==2\n")
        spec = importlib.util.spec_from_file_location(
            "bootstrap", folder / "scripts" / "bootstrap.py"
        )
        self.script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.script)
        monkeypatch.setattr(self.script.venv, "create", self.create)
        self.made = 0

    def create(self, place, **options):
        self.made += 1
        if options.get("clear"):
            shutil.rmtree(place, ignore_errors=True)
        (place / "bin").mkdir(parents=True)
        (place / "bin" / "python").write_text(FAKE_PYTHON)
        (place / "bin" / "python").chmod(0o755)

    def run(self, *arguments):
        self.monkeypatch.setattr(sys, "argv", ["bootstrap.py", *arguments])
        self.script.main()

    @property
    def calls(self):
        path = self.folder / "calls.txt"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def house(tmp_path, monkeypatch):
    return House(tmp_path, monkeypatch)


def test_the_first_run_installs_at_the_tested_versions(house):
    house.run()
    (call,) = house.calls
    assert call.startswith("-m pip")
    assert f"--constraint {house.folder}/constraints.txt" in call
    assert call.endswith(f"--editable {house.folder}")
    assert house.made == 1


def test_the_second_run_does_nothing_and_says_nothing(house, capsys):
    house.run()
    assert "Setting up" in capsys.readouterr().out
    house.run()
    assert len(house.calls) == 1
    assert capsys.readouterr().out == ""


def test_an_extra_is_added_and_then_kept(house):
    house.run()
    house.run("--extra", "dev")
    assert house.calls[-1].endswith("[dev]")
    house.run()
    assert len(house.calls) == 2
    (house.folder / "constraints.txt").write_text("numpy==3\n")
    house.run()
    assert len(house.calls) == 3
    assert house.calls[-1].endswith("[dev]"), "an update forgot what was installed before"
    assert house.made == 1


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_bounds_or_pins_are_installed(house, name):
    house.run()
    (house.folder / name).write_text("# other\n")
    house.run()
    assert len(house.calls) == 2


def test_what_pip_could_not_install_is_said_and_taken_up_again(house):
    (house.folder / "no-network").touch()
    with pytest.raises(SystemExit) as stopped:
        house.run()
    assert "run the same command again" in stopped.value.code
    (house.folder / "no-network").unlink()
    house.run()
    assert len(house.calls) == 2
    house.run()
    assert len(house.calls) == 2
    assert house.made == 1, "what was there already was thrown away"


def test_an_installation_killed_half_way_is_taken_up_again(house, monkeypatch):
    def killed(*_, **__):
        raise KeyboardInterrupt

    house.run()
    (house.folder / "constraints.txt").write_text("numpy==3\n")
    with monkeypatch.context() as patch:
        patch.setattr(house.script, "install", killed)
        with pytest.raises(KeyboardInterrupt):
            house.run()
    # Even the former pins: nobody knows what is installed now.
    (house.folder / "constraints.txt").write_text("numpy==2\n")
    house.run()
    assert len(house.calls) == 2


def test_an_environment_without_pip_is_made_anew(house):
    half = house.folder / ".venv" / "bin"
    half.mkdir(parents=True)
    (half / "python").write_text("#!/bin/sh\nexit 1\n")
    (half / "python").chmod(0o755)
    house.run()
    assert (house.made, len(house.calls)) == (1, 1)


def test_a_deleted_environment_is_made_anew(house):
    house.run()
    shutil.rmtree(house.folder / ".venv")
    house.run()
    assert (house.made, len(house.calls)) == (2, 2)


def test_an_old_python_is_told_what_is_needed(house, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1, "final", 0))
    with pytest.raises(SystemExit) as stopped:
        house.run()
    assert "needs 3.11 or newer" in stopped.value.code
    assert "make PYTHON=" in stopped.value.code
    assert house.made == 0


def test_an_old_python_can_read_the_script():
    tree = ast.parse((ROOT / "scripts" / "bootstrap.py").read_text(), feature_version=(3, 6))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "__future__" not in names, "Python 3.6 knows no annotations there"
    hints = [
        hint
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for hint in [node.returns, *(argument.annotation for argument in node.args.args)]
    ]
    assert not any(isinstance(hint, ast.Subscript | ast.BinOp) for hint in hints)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (subprocess.CalledProcessError(1, "ensurepip"), "apt install python3-venv"),
        (PermissionError(13, "Permission denied"), "Permission denied"),
    ],
)
def test_what_stops_an_environment_is_said_in_a_sentence(house, monkeypatch, error, advice):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(house.script.venv, "create", refuse)
    with pytest.raises(SystemExit, match=advice):
        house.run()
    assert house.calls == []
