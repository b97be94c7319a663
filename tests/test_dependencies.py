"""One list of dependencies: bounds, pins and the conda file say the same."""

import re
import tomllib
from importlib import metadata
from itertools import chain

import pytest
import yaml
from course import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def read_pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    stated = [line.split("==") for line in lines if line and not line.startswith("#")]
    pins = {canonicalize_name(name): Version(version) for name, version in stated}
    assert len(pins) == len(stated), "a package is pinned twice"
    return pins


PINS = read_pins()


def direct():
    """Give what pyproject.toml asks for, all extras and the build system included."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    return [Requirement(r) for r in chain(PROJECT["dependencies"], *EXTRAS.values(), build)]


def requirements(package, extras):
    """Give what an installed package asks for here, with some of its extras."""
    for text in metadata.requires(package) or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": e}) for e in {"", *extras}):
            yield requirement


def closure():
    """Follow requirements through everything that is installed; not installed ends the path."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(direct())
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            waiting += requirements(requirement.name, requirement.extras)
        except metadata.PackageNotFoundError:
            continue
    return sorted({name for name, _ in seen})


@pytest.mark.parametrize("requirement", direct(), ids=str)
def test_every_requirement_is_pinned_within_its_bounds(requirement):
    pin = PINS[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(pin)


def test_what_is_required_by_what_is_required_is_pinned():
    everything = closure()
    assert len(everything) > 100, "the search found too little to mean anything"
    assert [name for name in everything if name not in PINS] == []


def test_pins_fit_each_other():
    unfit = [
        f"{package} wants {requirement}, pinned {PINS[name]}"
        for package in PINS
        if _is_installed(package)
        for requirement in requirements(package, ())
        if (name := canonicalize_name(requirement.name)) in PINS
        and not requirement.specifier.contains(PINS[name], prereleases=True)
    ]
    assert unfit == []


def test_these_tests_run_with_the_pinned_versions():
    installed = {name: _version(name) for name in closure() if _is_installed(name)}
    others = {name: str(v) for name, v in installed.items() if v != PINS[name]}
    assert others == {}


def _is_installed(package):
    try:
        return bool(metadata.version(package))
    except metadata.PackageNotFoundError:
        return False


def _version(package):
    return Version(metadata.version(package).split("+")[0])  # torch's says "+cpu" where it is


def test_torch_is_one_version():
    assert "torch==2.13.0" in PROJECT["dependencies"]
    assert PINS["torch"] == Version("2.13.0")


def test_every_extra_that_scripts_ask_for_exists():
    said = (ROOT / "Makefile").read_text()
    asked = set(re.findall(r"--extra (\w+)", said))
    assert asked
    assert asked <= set(EXTRAS)


def test_conda_users_get_the_same():
    described = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = [entry for entry in described["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in described["dependencies"] if isinstance(entry, dict)]
    assert conda == [f"python{PROJECT['requires-python']}", "pip"]
    assert pip == ["--constraint constraints.txt", "--editable ."]
    assert described["name"] == PROJECT["name"]
