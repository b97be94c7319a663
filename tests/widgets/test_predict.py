"""The question before the picture."""

from __future__ import annotations

import ipywidgets
import pytest

from curriculum import events, widgets
from curriculum.widgets import gradient_descent as gd

OPTIONS = ["up", "down", "sideways"]


@pytest.fixture
def heard():
    found = []
    stop = events.subscribe(lambda kind, fields: found.append((kind, fields)))
    yield found
    stop()


def ask(**changed):
    given = {"answer": 1, "why": "Because of gravity.", "id": "apple"} | changed
    return widgets.predict("Where does it fall?", OPTIONS, **given)


def test_a_right_answer_is_told_and_reported_once(heard):
    question = ask()
    assert question.held is None and question.verdict() == ""
    question.answer("down")
    question.answer("up")
    assert question.held is True
    assert heard == [("prediction", {"id": "apple", "choice": "down", "held": True})]
    assert "It held" in question.verdict() and "gravity" in question.verdict()


def test_a_wrong_answer_names_what_happens(heard):
    question = ask(answer="down", why={"up": "Birds.", "down": "Right.", "sideways": "Wind."})
    question.answer("up")
    assert question.held is False
    assert heard[0][1]["held"] is False
    assert "did not hold" in question.verdict()
    assert "<i>down.</i>" in question.verdict() and "Birds." in question.verdict()


def test_what_follows_is_locked_until_answered():
    slider, label = ipywidgets.IntSlider(), ipywidgets.Label()
    off = ipywidgets.Checkbox(disabled=True)
    question = ask(then=ipywidgets.VBox([ipywidgets.HBox([slider]), label, off]))
    _ = question.widget
    assert slider.disabled
    question._radio.value = "up"
    assert not question._button.disabled
    question._button.click()
    assert question.choice == "up"
    assert not slider.disabled
    assert off.disabled, "what was off before stays off"
    assert question._radio.disabled and question._radio.value == "up"
    assert "cw-locked" not in question._below._dom_classes


def test_the_button_waits_for_a_choice():
    question = ask()
    _ = question.widget
    assert question._button.disabled
    question._radio.value = "down"
    assert not question._button.disabled


def test_an_answer_before_it_is_shown_is_kept():
    question = ask(then=gd.one_dimension(ask=False))
    question.answer("down")
    _ = question.widget
    assert question._said.value == question.verdict()
    assert not question.then.controls["start"].disabled


def test_the_still_asks_and_does_not_answer():
    still = ask(then=gd.one_dimension(ask=False))._still()
    assert "Where does it fall?" in still and "<img alt=" in still
    assert all(f"<li>{option}</li>" in still for option in OPTIONS)
    assert "gravity" not in still


@pytest.mark.parametrize(
    ("options", "changed", "says"),
    [
        (["one"], {}, "two options"),
        (["a", "a"], {}, "different"),
        (OPTIONS, {"answer": 3}, "position"),
        (OPTIONS, {"answer": -1}, "position"),
        (OPTIONS, {"answer": "left"}, "not among"),
        (OPTIONS, {"why": ["one"]}, "3 options"),
        (OPTIONS, {"why": {"up": "x"}}, "down"),
    ],
)
def test_bad_questions_are_refused(options, changed, says):
    with pytest.raises(ValueError, match=says):
        widgets.predict("?", options, **({"answer": 0, "why": "x"} | changed))


def test_an_unknown_choice_is_refused(heard):
    with pytest.raises(ValueError, match="left"):
        ask().answer("left")
    assert heard == []


def test_a_listener_that_breaks_does_not_break_the_lesson(monkeypatch):
    def broken(kind, fields):
        raise RuntimeError

    stop = events.subscribe(broken)
    question = ask()
    question.answer("down")
    stop()
    assert question.held


def test_the_pictures_show_what_was_asked_about():
    for question, name, value in (
        (gd.explore(), "condition", 200.0),
        (gd.one_dimension(), "learning_rate", 1.1),
    ):
        _ = question.widget
        question.answer(question.options[question.right])
        assert getattr(question.then.settings, name) == value
        assert question.then.controls[name].value == pytest.approx(value)
        question.close()
