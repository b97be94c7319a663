"""Mutants: what is changed, what a test lets pass, and what is said about it."""

from __future__ import annotations

import json

import pytest
from course import HEADER

from curriculum import cli
from curriculum.authoring import mutants

CODE = '''\
def clip(x, low=0):
    """Give x, at least 3 and not above 9."""
    ### BEGIN SOLUTION
    if x > 9:
        return 9
    return x + low
    ### END SOLUTION
'''


def changes(code: str = CODE) -> set[tuple[str, str]]:
    return {(one.before, one.after) for one in mutants.mutants("clip", code)}


def test_operators_comparisons_constants_and_conditions_are_changed_one_at_a_time():
    assert changes() == {
        ("if x > 9:", "if x >= 9:"),
        ("if x > 9:", "if x <= 9:"),
        ("if x > 9:", "if not x > 9:"),
        ("if x > 9:", "if x > 10:"),
        ("if x > 9:", "if x > 8:"),
        ("return 9", "return 10"),
        ("return 9", "return 8"),
        ("return x + low", "return x - low"),
        ("return x + low", "return x * low"),
    }


def test_what_learners_are_given_is_left_alone():
    assert not [one for one in mutants.mutants("clip", CODE) if "low=0" not in one.code]
    assert not [one for one in mutants.mutants("clip", CODE) if "at least 3" not in one.code]


def test_axes_loops_and_words_are_changed():
    code = """\
def f(x):
    ### BEGIN SOLUTION
    for row in x:
        if row and True:
            break
    return x.sum(axis=0)
    ### END SOLUTION
"""
    found = {after for _, after in changes(code)}
    assert {"return x.sum(axis= 1)", "return x.sum(axis= -1)"} <= found
    assert {"for row in []:", "if row or True:", "if row and False:", "continue"} <= found


ANSWER = '''
def sign(x):
    """Give −1, 0 or 1."""
    ### BEGIN SOLUTION
    total = 0
    while x > 0 and total < 1:
        total += 1
    if x < 0:
        return -1
    return total
    ### END SOLUTION
'''
TEST = """
check = checks.start("sign")
with check("five and minus five", points=1):
    checks.that(sign(5) == 1 and sign(-5) == -1, "The sign is wrong.")
check.report()
"""


def loose_cells() -> str:
    """Give an exercise whose test never asks for the sign of 0."""
    kept = {"schema_version": 3, "task": False}
    answer = {"grade": False, "grade_id": "sign", "locked": False, "solution": True, **kept}
    test = {"grade": True, "grade_id": "sign_test", "locked": True, "points": 1, "solution": False}
    cells = [(answer, ANSWER), ({**test, **kept}, TEST)]
    return "".join(f"\n# %% nbgrader={json.dumps(meta)}{code}" for meta, code in cells)


@pytest.fixture
def loose(tmp_path):
    """Give a topic of this exercise."""
    topic = tmp_path / "source" / "small_topic"
    topic.mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").touch()
    path = topic / "2_build.py"
    path.write_text(HEADER + "\n# %%\nfrom curriculum import checks\n" + loose_cells())
    return path


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_mutant_survives_where_the_test_does_not_look(loose, monkeypatch, capsys):
    monkeypatch.setattr(mutants, "CELL_SECONDS", 2)  # one mutant loops for ever
    ((exercise, outcome),) = mutants.try_all(loose)
    assert exercise == "sign"
    survived = {(one.before, one.after) for one in outcome.survived}
    assert ("if x < 0:", "if x <= 0:") in survived
    assert ("if x < 0:", "if x >= 0:") not in survived
    assert ("return -1", "return +1") not in survived
    assert len(outcome.caught) > len(outcome.survived)

    known = [
        mutants.Survivor("sign", before, after, "0 is never asked for.", equivalent=True)
        for before, after in survived
    ]
    assert outcome.share([]) < outcome.share(known) == 1
    assert outcome.unexplained(known) == [] != outcome.unexplained([])


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_command_names_what_nobody_has_explained(loose, monkeypatch, capsys):
    monkeypatch.setattr(mutants, "CELL_SECONDS", 2)
    monkeypatch.chdir(loose.parents[2])
    explained = loose.parents[2] / "tests" / "mutants" / "small_topic.toml"
    explained.parent.mkdir(parents=True)
    explained.write_text(
        '[[survivor]]\nnotebook = "2_build"\nexercise = "sign"\nbefore = "if x < 0:"\n'
        'after = "if x <= 0:"\nwhy = "The test never asks for 0."\nequivalent = false\n'
    )
    with pytest.raises(SystemExit):
        cli.main(["mutate", "small_topic", "--notebook", "2_build"])
    said = capsys.readouterr()
    assert "`if x < 0:` → `if x <= 0:`" not in said.out
    assert "not explained: sign: `" in said.out
    assert "nobody has said why" in said.err


def test_survivors_are_read_by_notebook(tmp_path):
    assert mutants.known_survivors(tmp_path / "none.toml") == {}
