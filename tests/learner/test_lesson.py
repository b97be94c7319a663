"""A lesson shows where it stands, and what the learner does in it reaches the log."""

import pytest
from bs4 import BeautifulSoup
from course import TOPIC
from ordinary_user import read_only

from curriculum import catalog, checks, events
from curriculum.learner import check as check_module
from curriculum.learner import lesson, practice
from curriculum.learner.log import FILE, Log


@pytest.fixture
def shown(room, monkeypatch):
    """Begin nothing yet: give what is displayed, in the learner's folder of the topic."""
    seen = []
    for module in (lesson, practice, check_module):
        monkeypatch.setattr(module, "display", seen.append)
    monkeypatch.setattr(lesson, "_session", lesson._Session())
    room.folder.mkdir(parents=True)
    (room.work / ".curriculum").mkdir()
    monkeypatch.chdir(room.folder)
    yield seen
    if lesson._session.stop:
        lesson._session.stop()


@pytest.fixture
def log(room):
    return Log(room.work / ".curriculum")


def told(log):
    return [(event.kind, event.exercise, event.help) for event in log.events()]


def header(shown):
    lesson.begin(TOPIC, "2_build")
    return BeautifulSoup(shown[-1].data, "html.parser")


def links(page):
    return {link.get_text(): link["href"] for link in page.find_all("a")}


def test_begin_shows_the_place_in_the_topic(shown, room):
    (room.work / "start_here.ipynb").touch()
    page = header(shown)
    assert page.nav["aria-label"]
    assert page.nav.strong.get_text() == "A small topic"
    assert links(page) == {
        "1 · See": "1_see.ipynb",
        "3 · Use": "3_use.ipynb",
        "4 · Say": "4_say.ipynb",
        "home": "../start_here.ipynb",
    }
    assert "About 5 minutes · no other topic first" in page.get_text()


def test_a_class_has_no_home_page_to_go_to(shown):
    assert "home" not in links(header(shown))


def test_a_feedback_page_has_nowhere_to_go(shown, room, monkeypatch):
    (room.work / "start_here.ipynb").touch()
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert links(header(shown)) == {}


def test_begin_starts_the_log(shown, log):
    lesson.begin(TOPIC, "2_build")
    (event,) = log.events()
    assert (event.kind, event.topic, event.notebook) == ("opened", TOPIC, "2_build")


@pytest.mark.parametrize(
    ("topic", "notebook"), [("no_topic", "2_build"), (TOPIC, "5_sing"), (TOPIC, "")]
)
def test_an_unknown_lesson_is_not_begun(shown, log, topic, notebook):
    with pytest.raises(catalog.CatalogError):
        lesson.begin(topic, notebook)
    assert lesson.current() is None
    assert log.events() == []


def report(value):
    check = checks.start("double")
    with check("two", points=1):
        checks.close(value, 4, given="x = 2")
    return check.report()


def test_checks_and_predictions_are_recorded(shown, log):
    lesson.begin(TOPIC, "2_build")
    report(5)
    events.emit("prediction", id="first_guess", chosen="b", right=False)
    _, check, prediction = log.events()
    assert (check.kind, check.topic, check.notebook, check.exercise) == (
        "check",
        TOPIC,
        "2_build",
        "double",
    )
    assert check.data["points"] == 0
    assert check.data["failed"] == ["two"]
    assert (prediction.exercise, prediction.data) == (
        "first_guess",
        {"chosen": "b", "right": False},
    )


def test_a_lesson_begun_again_records_each_event_once(shown, log):
    lesson.begin(TOPIC, "2_build")
    lesson.begin(TOPIC, "2_build")
    report(4)
    assert [kind for kind, *_ in told(log)] == ["opened", "opened", "check"]


def open_hints(shown):
    """Offer hints; give the box, and a function that presses the button."""
    practice.hints("double", "Is 2 < 3?", "Add $x$.", "x + x")
    box = shown[-1]
    opened, button = box.children
    return opened, button


def test_hints_open_one_by_one_and_each_is_recorded(shown, log):
    lesson.begin(TOPIC, "2_build")
    opened, button = open_hints(shown)
    assert opened.children == ()
    assert button.description == "Hint 1 of 3: a question"
    button.click()
    assert [hint.value for hint in opened.children] == ["<b>1.</b> Is 2 &lt; 3?"]
    assert button.description == "Hint 2 of 3: a direction"
    button.click()
    button.click()
    assert len(opened.children) == 3
    assert button.layout.display == "none"
    hints = log.events("hint", exercise="double")
    assert [event.data for event in hints] == [{"step": 1}, {"step": 2}, {"step": 3}]


def test_what_comes_after_hints_says_that_they_helped(shown, log):
    lesson.begin(TOPIC, "2_build")
    _, button = open_hints(shown)
    report(4)
    button.click()
    button.click()
    report(4)
    unaided, helped = log.events("check")
    assert (unaided.help, helped.help) == ("", "hints=2")


def rate(shown):
    practice.rate_yourself("say_double", ("correctness", "structure"))
    *rows, last = shown[-1].children
    button, said = last.children
    return rows, button, said


def test_a_rating_is_kept_whole_or_not_at_all(shown, log):
    lesson.begin(TOPIC, "4_say")
    rows, button, said = rate(shown)
    rows[0].value = "yes"
    button.click()
    assert "every row" in said.value
    assert log.events("rating") == []
    rows[1].value = "leaning no"
    button.click()
    (event,) = log.events("rating")
    assert (event.exercise, event.data) == (
        "say_double",
        {"bands": {"correctness": "yes", "structure": "leaning no"}},
    )
    assert "<b>structure</b>" in said.value


def test_all_at_yes_is_answered_in_another_way(shown):
    lesson.begin(TOPIC, "4_say")
    rows, button, said = rate(shown)
    for row in rows:
        row.value = "yes"
    button.click()
    assert "All at yes" in said.value


def test_nothing_is_recorded_or_offered_while_a_notebook_is_graded(shown, log, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    lesson.begin(TOPIC, "2_build")
    assert len(shown) == 1, "the header stays: a graded notebook reads as the learner's"
    practice.hints("double", "a", "b", "c")
    practice.rate_yourself("say_double")
    check_module.check_my_work()
    report(4)
    lesson.record("hint", exercise="double")
    assert len(shown) == 1
    assert not log.path.exists()


@pytest.mark.parametrize("trouble", ["read-only", "damaged"])
def test_a_log_that_cannot_be_kept_is_said_once_and_stops_nothing(
    shown, room, log, capsys, trouble
):
    def work_through_it():
        lesson.begin(TOPIC, "2_build")
        _, button = open_hints(shown)
        for _ in range(3):
            button.click()
        report(4)

    if trouble == "read-only":
        with read_only(room.work):
            work_through_it()
    else:
        log.path.write_text("no database")
        work_through_it()
    said = capsys.readouterr()
    assert said.out.count("Your progress could not be") == 1
    assert str(room.work / ".curriculum" / FILE) in said.out
    assert said.err == "", "anything on stderr costs points"


def test_check_my_work_without_a_lesson_says_what_to_do(shown, capsys):
    check_module.check_my_work()
    assert "Run the first cell" in capsys.readouterr().out
    assert shown == []
