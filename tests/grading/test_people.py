"""Who wrote a grade, and with which program."""

from __future__ import annotations

import sys

import pytest

from curriculum.grading.records import people


def test_a_hub_names_its_users(monkeypatch) -> None:
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    account = people.who()
    assert account and "account" not in account
    monkeypatch.setenv("JUPYTERHUB_USER", "grace")
    assert people.who() == f"grace (account {account})"
    with people.grading({"name": "made up"}):
        assert people.who() == f"grace (account {account})"
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/services/course/")
    with people.grading({"name": "hopper"}):
        assert people.who() == f"hopper (account {account})"
    with people.grading(None):
        assert people.who() == f"grace (account {account})"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["/x/bin/nbgrader", "autograde", "sums"], "nbgrader autograde"),
        (["/x/nbgrader/__main__.py", "--debug", "db"], "nbgrader db"),
        (["/x/bin/curriculum", "grade", "sums"], "curriculum grade"),
        (["/home/me/mend.py", "secret"], "mend.py"),
        ([""], "python"),
    ],
)
def test_programs_are_named(monkeypatch, words, name) -> None:
    monkeypatch.setattr(sys, "argv", words)
    assert people.program() == name
