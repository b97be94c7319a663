"""Where a learner stands is computed from the log, and says no more than it holds."""

from datetime import UTC, datetime, timedelta

import pytest
from course import TOPIC

from curriculum.learner.log import Event, Log
from curriculum.learner.progress import standing

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def log(tmp_path):
    return Log(tmp_path)


def write(log, kind, minute=0, notebook="2_build", exercise="", **data):
    time = START + timedelta(minutes=minute)
    log.append(Event(kind, TOPIC, notebook, exercise, data=data, time=time))


def check(log, minute, points, out_of=3, **where):
    """Write down a check; points: exercise → points, None where a person has to judge."""
    for exercise, earned in points.items():
        fields = {"points": earned, "max_points": out_of, "attempt": f"attempt {minute}"}
        write(log, "graded", minute, exercise=exercise, **fields, **where)


def now(log, notebook="2_build"):
    return standing(log, TOPIC, notebook)


def test_nothing_has_happened_yet(log):
    at = now(log)
    assert (at.state, at.opened, at.checked, at.points) == ("not started", None, None, 0)


def test_opening_starts_it(log):
    write(log, "opened", 1)
    write(log, "opened", 5)
    at = now(log)
    assert (at.state, at.opened) == ("started", START + timedelta(minutes=1))
    assert now(log, "3_use").state == "not started"


def test_a_check_counts_each_exercise_once(log):
    check(log, 1, {"a": 3, "b": 1})
    at = now(log)
    assert (at.points, at.max_points, at.state) == (4, 6, "in progress")
    check(log, 2, {"a": 3, "b": 3})
    at = now(log)
    assert (at.points, at.max_points, at.state) == (6, 6, "done")
    assert at.checked == START + timedelta(minutes=2)


def test_the_best_points_count(log):
    check(log, 1, {"a": 3, "b": 0})
    check(log, 2, {"a": 0, "b": 3})
    assert (now(log).points, now(log).state) == (6, "done")


def test_only_the_last_check_says_which_exercises_there_are(log):
    check(log, 1, {"gone": 3, "kept": 2})
    check(log, 2, {"kept": 1, "new": 0})
    at = now(log)
    assert (at.points, at.max_points) == (2, 6)


def test_points_are_no_more_than_today_s_maximum(log):
    check(log, 1, {"a": 3}, out_of=3)
    check(log, 2, {"a": 0}, out_of=2)
    assert (now(log).points, now(log).max_points) == (2, 2)


def test_an_exercise_with_a_new_attempt_name_is_not_counted_twice(log):
    check(log, 1, {"a": 3})
    check(log, 2, {"a": 3})
    assert (now(log).points, now(log).max_points) == (3, 3)


def test_what_only_people_judge_is_done_when_it_is_written_and_rated(log):
    check(log, 1, {"say": 0}, out_of=2)  # nothing written: the machine gives zero
    assert now(log).state == "in progress"
    check(log, 2, {"say": None}, out_of=2)
    assert (now(log).state, now(log).max_points) == ("in progress", 0)
    write(log, "rating", 3, exercise="say", bands={})
    write(log, "rating", 4, exercise="say", bands={})
    assert (now(log).state, now(log).rated) == ("done", 1)


def test_a_rating_alone_is_not_done(log):
    write(log, "opened", 1)
    write(log, "rating", 2, exercise="say", bands={})
    assert now(log).state == "started"
