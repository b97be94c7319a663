"""A check's result in words: points, what failed and why, and one next step."""

import pytest
from bs4 import BeautifulSoup
from course import TOPIC

from curriculum import catalog, checks
from curriculum.learner.feedback import feedback_html, feedback_text, next_step

pytestmark = pytest.mark.usefixtures("small_catalog")


def verdicts(double):
    """Give the verdicts of a real test cell, as grading hands them on."""
    check = checks.start("double")
    with check("two", points=1):
        checks.close(double(2), 4, given="x = 2")
    with check("three", points=2):
        mistake = checks.Mistake("squares", looks_like=9, says="Twice x is <x + x>.")
        checks.close(double(3), 6, given="x = 3", mistakes=[mistake])
    return check.report().as_dict()


def stub(x):
    raise NotImplementedError


def exercise(points, max_points=3, *, attempted=True, title="Double & more", said=()):
    return {
        "exercise": "double",
        "title": title,
        "points": points,
        "max_points": max_points,
        "attempted": attempted,
        "checks": list(said),
    }


def graded(double, **more):
    said = verdicts(double)
    return exercise(said["points"], said=said["checks"], attempted=said["attempted"], **more)


def result(*exercises, notebook="2_build"):
    machine = [e for e in exercises if e["points"] is not None]
    return {
        "notebook": notebook,
        "exercises": list(exercises),
        "feedback": "/there/2_build.html",
        "points": sum(e["points"] for e in machine),
        "max_points": sum(e["max_points"] for e in machine),
    }


def page(given):
    return BeautifulSoup(feedback_html(given, TOPIC), "html.parser")


def words(given):
    return " ".join(page(given).get_text(" ").split())


def lines(given):
    return feedback_text(given, TOPIC).splitlines()


def test_a_named_mistake_is_named_once_with_its_points():
    given = result(graded(lambda x: x * x))
    text = words(given)
    assert "1 of 3 points." in text
    assert text.count("squares") == 1
    assert text.count("Twice x is <x + x>.") == 1
    assert "✗ three :" in text
    assert "two" not in text.split(), "a check that passed is not worth reading"
    said = "\n".join(lines(given))
    assert "  Double & more: 1 of 3\n" in said
    assert said.count("squares: Twice x is <x + x>.") == 1


def test_not_attempted_is_told_apart_from_wrong():
    nothing = words(result(graded(stub)))
    assert "not attempted (0 of 3)" in nothing
    assert "✗" not in nothing
    wrong = words(result(graded(lambda x: None)))
    assert "not attempted" not in wrong
    assert "✗ two" in wrong


def test_one_part_that_is_not_written_is_marked_as_that():
    def half(x):
        if x == 3:
            raise NotImplementedError
        return 4

    assert "○ three" in words(result(graded(half)))
    assert any(line.startswith("    ○ three: ") for line in lines(result(graded(half))))


def test_a_test_cell_that_broke_is_shown_with_its_error():
    broken = {"name": "the test cell", "status": "failed", "message": "E: x", "mistake": None}
    assert "the test cell : E: x" in words(result(exercise(0, said=[broken])))


def test_what_a_person_judges_is_said_to_be_so():
    given = result(exercise(None, 2, title="Say it"), notebook="4_say")
    assert "2 by hand" in words(given)
    assert lines(given)[0] == "4_say: nothing here that a machine can judge"


def test_the_table_can_be_read_by_those_who_do_not_see_it():
    table = page(result(graded(stub))).table
    assert table.caption.get_text()
    assert [cell["scope"] for cell in table.find_all("th")] == ["col", "col"]


def test_titles_and_messages_are_text_and_not_html():
    evil = {"name": "<i>", "status": "failed", "message": "<script>1</script>", "mistake": "<b>"}
    found = page(result(exercise(0, title="<img src=x>", said=[evil])))
    assert not found.find_all(["i", "script", "b", "img"])
    assert "<img src=x>" in found.get_text()


DONE, WRONG = exercise(3, title="Done"), exercise(1, title="Wrong")
EMPTY = exercise(0, title="Empty", attempted=False)
SAY, UNSAID = exercise(None, title="Say"), exercise(0, title="Unsaid", attempted=False)


@pytest.mark.parametrize(
    ("exercises", "says"),
    [
        ([DONE, EMPTY, WRONG], "Next: mend “Wrong”; the first failed check says where to look."),
        ([DONE, EMPTY, DONE], "Next: write “Empty”."),
        ([DONE, UNSAID, SAY], "Next: write “Unsaid”."),
        ([DONE, SAY], "Next: say your answers aloud and rate yourself by the rubric."),
        ([DONE, DONE], "All points. Next: the notebook 3 · Use."),
    ],
)
def test_the_next_step_is_one(exercises, says):
    assert next_step(result(*exercises), TOPIC) == says
    assert says in words(result(*exercises))
    assert f"  {says}" in lines(result(*exercises))


@pytest.mark.parametrize("notebook", catalog.NOTEBOOKS)
def test_after_all_points_the_next_notebook_comes(notebook):
    said = next_step(result(DONE, notebook=notebook), TOPIC)
    after = {"1_see": "2 · Build", "2_build": "3 · Use", "3_use": "4 · Say", "4_say": "home page"}
    assert after[notebook] in said
