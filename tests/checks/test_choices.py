"""Concept questions: one letter and several."""

from __future__ import annotations

import pytest
from cells import message, outcome
from hypothesis import given
from hypothesis import strategies as st

from curriculum import checks

WHY = {"A": "Too small.", "B": "Too large.", "d": "Another thing."}


@pytest.mark.parametrize("got", ["C", "c", " C ", "(c)", "C."])
def test_the_right_letter(got):
    checks.choice(got, "C", WHY)


@pytest.mark.parametrize("got, name", [("A", "A"), ("b", "B"), ("D", "D")])
def test_a_wrong_letter_is_a_mistake_with_its_name(got, name):
    line = outcome(lambda: checks.choice(got, "C", WHY))
    assert line["mistake"] == name
    assert "C" not in line["message"].replace("Call", "")


@pytest.mark.parametrize("got", ["E", "", "AB", None, 3, ["C"]])
def test_what_is_no_option(got):
    line = outcome(lambda: checks.choice(got, "C", WHY))
    assert line["status"] == "failed"
    assert line["mistake"] is None
    assert "A, B, C, D" in line["message"]


@pytest.mark.parametrize(
    "got", [{"A", "C"}, ["c", "a"], ("A", "C", "A"), "AC", "a, c", frozenset("AC"), "C A"]
)
def test_the_right_letters(got):
    checks.choices(got, {"A", "C"}, {"B": "no", "D": "no"})


def test_partial_messages():
    why = {"B": "B is wrong.", "D": "D is wrong.", "incomplete": "Look again."}
    text = message(lambda: checks.choices({"A", "B", "D"}, {"A", "C"}, why))
    assert "1 of your letters is right; 2 do not belong; at least one is missing." in text
    assert "B: B is wrong." in text and "D: D is wrong." in text
    line = outcome(lambda: checks.choices("A", {"A", "C"}, why))
    assert line["mistake"] == "incomplete"
    assert "Look again." in line["message"]
    assert outcome(lambda: checks.choices("ABC", "AC", why))["mistakes"] == ["B"]


@given(st.sets(st.sampled_from("ABCDE")), st.sets(st.sampled_from("ABCDE"), min_size=1))
def test_only_the_right_set_passes(got, right):
    why = {letter: f"{letter} says" for letter in set("ABCDE") - right}
    line = outcome(lambda: checks.choices(got, right, why))
    assert (line["status"] == "passed") == (got == right)
    for letter in right - got:
        assert f"{letter}:" not in line["message"]
