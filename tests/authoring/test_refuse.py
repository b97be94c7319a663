"""Bad sources are refused with file, cell and reason; good ones are not."""

import re

import pytest
from course import ENTRY, EXERCISE, QUESTION, write_topic

from curriculum import catalog
from curriculum.authoring import refuse
from curriculum.authoring import source as src

HALVE = (
    '# %% nbgrader={"grade": false, "grade_id": "halve", "locked": false, "schema_version": 3,'
    ' "solution": true, "task": false}\n'
)


@pytest.fixture
def known(tmp_path):
    path = tmp_path / "catalog.toml"
    path.write_text(ENTRY)
    return catalog.load(path)


@pytest.fixture
def problems(tmp_path, known):
    """Give a function: texts of notebooks in, what the topic is refused for out."""

    def find(**bodies):
        return list(refuse.topic_problems(write_topic(tmp_path / "source", **bodies), known))

    return find


def instead(written, replacement, text=EXERCISE):
    """Give the exercise with one passage replaced."""
    assert text.count(written) == 1
    return text.replace(written, replacement)


def test_a_good_topic_is_not_refused(problems):
    assert problems() == []


BAD = {
    "two cells with one grade_id": (
        instead('"grade_id": "double_test"', '"grade_id": "double"'),
        "cell 5 (double)",
        "duplicate grade_id 'double'",
    ),
    "a test without a solution": (
        re.sub(r"# %% nbgrader=.*?\n\n\n(?=# %% nbgrader)", "", EXERCISE, flags=re.S),
        "cell 4 (double_test)",
        "a test cell without a solution: no solution cell 'double'",
    ),
    "a test before its solution": (
        "\n# %% nbgrader".join(
            ["", *(EXERCISE.split("\n# %% nbgrader")[n].rstrip() + "\n" for n in (2, 1))]
        ),
        "cell 3 (double_test)",
        "no solution cell 'double' comes before it",
    ),
    "a test with a name of its own": (
        instead('"grade_id": "double_test"', '"grade_id": "tests"'),
        "cell 5 (tests)",
        "a test's grade_id is its exercise's with '_test'",
    ),
    "a solution without a test": (
        EXERCISE + HALVE + "### BEGIN SOLUTION\nhalf = 1\n### END SOLUTION\n",
        "cell 8 (halve)",
        "a solution cell without a test",
    ),
    "no points": (
        instead('"points": 3, ', ""),
        "cell 5 (double_test)",
        "points missing",
    ),
    "points that are no number": (
        instead('"points": 3', '"points": "3"'),
        "cell 5 (double_test)",
        "points missing",
    ),
    "zero points": (
        instead('"points": 3', '"points": 0'),
        "cell 5 (double_test)",
        "points missing",
    ),
    "points that don't add up": (
        instead('"points": 3', '"points": 4'),
        "cell 5 (double_test)",
        "its checks add up to 3 points, its nbgrader metadata say 4",
    ),
    "points that only a run would tell": (
        instead("points=2", "points=1 + 1"),
        "cell 5 (double_test)",
        "write the points of each check as a number",
    ),
    "a check in a loop": (
        instead(
            'check = checks.start("double")\n',
            'check = checks.start("double")\nwhile False:\n    check("again", points=0)\n',
        ),
        "cell 5 (double_test)",
        "a check in a loop earns its points every time round",
    ),
    "no report": (
        instead("\ncheck.report()\n", "\n"),
        "cell 5 (double_test)",
        "must end with `check.report()`",
    ),
    "a report that is not last": (
        instead("check.report()", "check.report()\nprint()"),
        "cell 5 (double_test)",
        "must end with `check.report()`",
    ),
    "a mistake that names nothing": (
        instead(' mistake={"exercise": "double", "name": "squares"}', ""),
        "cell 6 (def double(x):)",
        "names no exercise",
    ),
    "a mistake without a name": (
        instead('"exercise": "double", "name": "squares"', '"exercise": "double"'),
        "cell 6 (def double(x):)",
        "names no exercise",
    ),
    "a mistake of an unknown exercise": (
        instead('"exercise": "double", "name": "squares"', '"exercise": "treble", "name": "s"'),
        "cell 6 (def double(x):)",
        "mistake of 'treble': no such exercise",
    ),
    "an alternative of an unknown exercise": (
        instead('"exercise": "double", "name": "product"', '"exercise": "treble", "name": "p"'),
        "cell 7 (def double(x):)",
        "alternative of 'treble': no such exercise",
    ),
    "a mistake that no test names": (
        instead('checks.Mistake("squares"', 'checks.Mistake("square"'),
        "cell 6 (def double(x):)",
        "the test of 'double' never names the mistake 'squares'",
    ),
    "a mistake with metadata of nbgrader": (
        instead(
            '# %% tags=["mistake"]',
            '# %% tags=["mistake"] nbgrader={"grade": false, "grade_id": "m", "locked": false,'
            ' "schema_version": 3, "solution": true, "task": false}',
        ),
        "cell 6 (m)",
        "must have no nbgrader metadata",
    ),
    "a mistake with markers": (
        instead("    return x**2", "    ### BEGIN SOLUTION\n    return x**2\n    ### END SOLUTION"),
        "cell 6 (def double(x):)",
        "holds its text without markers",
    ),
    "a solution without markers": (
        EXERCISE.replace("    ### BEGIN SOLUTION\n", "").replace("    ### END SOLUTION\n", ""),
        "cell 4 (double)",
        "a solution must stand between '### BEGIN SOLUTION' and '### END SOLUTION'",
    ),
    "a solution that does not end": (
        instead("    ### END SOLUTION\n", ""),
        "cell 4 (double)",
        "must come in pairs",
    ),
    "hidden tests that do not begin": (
        instead("### BEGIN HIDDEN TESTS\n", ""),
        "cell 5 (double_test)",
        "must come in pairs",
    ),
    "markers in the wrong order": (
        instead("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS\n### BEGIN HIDDEN TESTS"),
        "cell 5 (double_test)",
        "must come in pairs, in this order",
    ),
    "a marker that is misspelt on both sides": (
        EXERCISE.replace("HIDDEN TESTS", "HIDDEN TEST"),
        "cell 5 (double_test)",
        "'### BEGIN HIDDEN TEST' is no marker",
    ),
    "a solution in a cell of prose code": (
        EXERCISE + "# %%\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n",
        "cell 8 (### BEGIN SOLUTION)",
        "solution text outside a solution cell",
    ),
    "hidden tests in a cell of prose code": (
        EXERCISE + "# %%\n### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS\n",
        "cell 8 (### BEGIN HIDDEN TESTS)",
        "hidden tests outside a test cell",
    ),
    "no Python": (
        instead("return x**2", "return x**"),
        "cell 6 (def double(x):)",
        "is no Python: line 2",
    ),
    "metadata without a grade_id": (
        instead('"grade_id": "double_test", ', ""),
        "cell 5 (check = checks.start",
        "has nbgrader metadata and no grade_id",
    ),
}


@pytest.mark.parametrize(("body", "cell", "reason"), BAD.values(), ids=BAD)
def test_a_bad_notebook_is_refused(problems, body, cell, reason):
    found = [problem for problem in problems(**{"2_build": body}) if reason in problem.reason]
    assert found, reason
    assert found[0].file == "small_topic/2_build.py"
    assert found[0].cell.startswith(cell)
    assert str(found[0]).startswith(f"small_topic/2_build.py, {cell}")


# Shorter lines are not looked for: they tell too little, and stand everywhere.
LINE = "the_number_and_itself_once_more = x + x"
LONG = EXERCISE.replace("twice_the_number", "the_number_and_itself_once_more")
LEAKS = {
    "in the solution cell, above its markers": instead(
        "    ### BEGIN SOLUTION", f"    {LINE}\n    ### BEGIN SOLUTION", LONG
    ),
    "in a cell of prose code": LONG + f"# %%\nx = 2\n{LINE}\n",
    "with a comment": LONG + f"# %%\nx = 2\n{LINE}  # that is all\n",
    "in brackets": LONG + "# %%\nx = 2\nthe_number_and_itself_once_more = (x + x)\n",
    "in a visible check": instead("check = checks", f"x = 2\n{LINE}\ncheck = checks", LONG),
    "in prose": LONG + f"# %% [markdown]\n# ```python\n# {LINE}\n# ```\n",
}


@pytest.mark.parametrize("body", LEAKS.values(), ids=LEAKS)
def test_solution_text_outside_its_markers_is_found(problems, body):
    (problem,) = problems(**{"2_build": body})
    assert "solution text outside its markers" in problem.reason
    assert "solves 'double'" in problem.reason


def test_solution_text_in_another_notebook_is_found(problems):
    (problem,) = problems(**{"2_build": LONG, "3_use": f"\n# %%\nx = 2\n{LINE}\n"})
    assert (problem.file, problem.cell) == ("small_topic/3_use.py", "cell 3 (x = 2)")
    assert "solves 'double'" in problem.reason


def test_solution_text_in_hidden_tests_and_alternatives_is_where_it_belongs(problems):
    hidden = instead("### BEGIN HIDDEN TESTS", f"### BEGIN HIDDEN TESTS\nx = 2\n{LINE}", LONG)
    alternative = hidden.replace("    return 2 * x", f"    {LINE}\n    return 2 * x")
    assert problems(**{"2_build": alternative}) == []


def test_notes_for_the_grader_must_be_locked(problems):
    body = instead('"locked": true', '"locked": false', QUESTION)
    (problem,) = problems(**{"4_say": body})
    assert "notes for the grader must stand in a locked Markdown cell" in problem.reason


def test_every_reason_is_given_at_once(problems):
    found = problems(
        **{"2_build": instead('"points": 3', '"points": 4'), "3_use": "\n# %%\nx = (\n"}
    )
    assert [problem.file for problem in found] == [
        "small_topic/2_build.py",
        "small_topic/3_use.py",
    ]


def test_an_unknown_topic_is_refused(tmp_path, known):
    folder = write_topic(tmp_path / "source").rename(tmp_path / "source" / "unlisted")
    with pytest.raises(src.SourceError, match=r"unlisted.*not in catalog\.toml; add an entry"):
        refuse.check_topic(folder, known)


@pytest.mark.parametrize("change", ["missing", "extra"])
def test_notebooks_are_those_of_the_catalogue(tmp_path, known, change):
    folder = write_topic(tmp_path / "source")
    if change == "missing":
        (folder / "4_say.py").unlink()
    else:
        (folder / "5_sing.py").write_text("# %%\n1\n")
    with pytest.raises(src.SourceError, match="the catalogue says 1_see, 2_build, 3_use, 4_say"):
        refuse.check_topic(folder, known)


def test_a_file_that_is_no_text_is_refused(tmp_path, known):
    folder = write_topic(tmp_path / "source")
    (folder / "3_use.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(src.SourceError, match=r"3_use\.py, whole file: can't be read"):
        refuse.check_topic(folder, known)
