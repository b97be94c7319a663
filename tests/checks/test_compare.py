"""close and equal: what passes, what fails, and what the message says."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from cells import message
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from curriculum import checks

floats = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats())
finite = hnp.arrays(
    np.float64,
    hnp.array_shapes(max_dims=3, max_side=4),
    elements=st.floats(-1e6, 1e6, allow_nan=False),
)


def fails(got, want, **how) -> bool:
    try:
        checks.close(got, want, **how)
    except checks.Failure:
        return True
    return False


@given(floats)
def test_everything_is_close_to_itself(values):
    checks.close(values, values.copy(), rtol=0)
    checks.equal(values, values.copy())
    checks.close(values.tolist(), values.tolist(), rtol=0)


@given(finite, st.floats(1e-9, 1e-2), st.data())
def test_the_tolerance_is_what_it_says(want, rtol, data):
    index = tuple(data.draw(st.integers(0, n - 1)) for n in want.shape)
    assume(abs(want[index]) > 1e-3)
    inside, outside = want.copy(), want.copy()
    inside[index] *= 1 + rtol * 0.99
    outside[index] *= 1 + rtol * 1.01 + 1e-12
    assert not fails(inside, want, rtol=rtol)
    assert fails(outside, want, rtol=rtol)


@given(finite, st.data())
def test_the_worst_place_is_named(want, data):
    index = tuple(data.draw(st.integers(0, n - 1)) for n in want.shape)
    got = want.copy()
    got[index] += 1e7
    text = message(lambda: checks.close(got, want))
    assert f"at [{', '.join(map(str, index))}]: expected " in text


def test_atol_counts_near_zero():
    checks.close(np.array([1e-10, 1.0]), np.array([0.0, 1.0]), atol=1e-9)
    assert fails(np.array([1e-10, 1.0]), np.array([0.0, 1.0]))


@pytest.mark.parametrize(
    "got, want",
    [
        (1, 1.0),
        (np.float64(1), 1.0),
        (np.float32(1), 1.0),
        (np.array(1.0), 1.0),
        (1.0, 1),
        ([1, 2], [1.0, 2.0]),
        (np.array([1, 2]), [1.0, 2.0]),
        (np.array([1.0, 2.0]), [1, 2]),
        (np.array([1.0, 2.0]), np.array([1, 2])),
        ((1.0, 2.0), [1.0, 2.0]),
        (np.float32([1.5, 2.5]), np.array([1.5, 2.5])),
        (float("nan"), float("nan")),
        (float("inf"), float("inf")),
        ([np.zeros(2), np.ones(3)], [np.zeros(2), np.ones(3)]),
        ((np.zeros(2), 1.0), (np.zeros(2), 1)),
        ({"a": np.float64(1.0)}, {"a": 1.0}),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.empty((0, 3)), np.empty((0, 3))),
        ([], []),
    ],
)
def test_close_accepts(got, want):
    checks.close(got, want)


@pytest.mark.parametrize(
    "got, want",
    [
        (True, 1.0),
        (1, True),
        (1.0, True),
        ([1.0, 2.0], np.array([1.0, 2.0])),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        (np.array([True, False]), np.array([1.0, 0.0])),
        (np.array([1.0]), 1.0),
        (1.0, np.array([1.0])),
        (float("inf"), float("-inf")),
        (float("inf"), 1e300),
        (1.0, float("nan")),
        ("1", 1),
        (1, "1"),
        (None, 0.0),
        (0.0, None),
        ({"a": 1}, {"b": 1}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ((1.0,), (1.0, 2.0)),
    ],
)
def test_close_refuses(got, want):
    assert fails(got, want, rtol=1.0, atol=1.0) or fails(got, want)
    assert fails(got, want)


@pytest.mark.parametrize(
    "got, want",
    [
        (1.0, 1),
        (np.array([1.0, 2.0]), np.array([1, 2])),
        (1 + 1e-15, 1.0),
        ({1, 2}, {1, 3}),
        ({1, 2}, [1, 2]),
        ([2, 1], [1, 2]),
        ("a ", "a"),
        (datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)),
    ],
)
def test_equal_refuses(got, want):
    with pytest.raises(checks.Failure):
        checks.equal(got, want)


@pytest.mark.parametrize(
    "got, want",
    [
        (1, 1.0),
        ({1, 2}, {2, 1}),
        ({"a": [1, 2]}, {"a": (1, 2)}),
        (np.array([1, 2]), [1, 2]),
        ([1, 2], (1, 2)),
        (np.bool_(True), True),
        (None, None),
        (datetime.date(2020, 1, 1), datetime.date(2020, 1, 1)),
        ([{"a"}, None, "x"], [{"a"}, None, "x"]),
    ],
)
def test_equal_accepts(got, want):
    checks.equal(got, want)


def test_a_message_has_all_its_parts():
    want = np.linspace(1, 2, 50)
    got = want.copy()
    got[17] = 9
    text = message(lambda: checks.close(got, want, rtol=1e-5, given="50 rows", what="grad_w"))
    for part in (
        "grad_w differs from the expected value in 1 of 50 places.",
        "Input: 50 rows",
        "shape (50,), float64",
        "at [17]: expected 1.34694, got 9.0",
        "Tolerance: rtol=1e-05",
    ):
        assert part in text
    assert len(text) < 600


def test_digits_grow_until_the_difference_shows():
    text = message(lambda: checks.close(1 + 1e-12, 1.0, rtol=0))
    assert "1.000000000001" in text


def test_nested_places_are_named():
    text = message(lambda: checks.close(([1.0], {"b": np.zeros(3)}), ([1.0], {"b": np.ones(3)})))
    assert "The result[1]['b'] differs" in text


def test_lists_are_spoken_of_as_lists():
    text = message(lambda: checks.equal([1, 2, 3], [1, 2]))
    assert "holds 3 values; expected 2." in text
    assert "Got: [1, 2, 3]" in text
    assert "int64" not in text
    assert "Expected: [1. , 2.5]" in message(lambda: checks.close((1.0, 2.0), [1.0, 2.5]))


def test_what_came_is_described():
    assert "None; expected a NumPy array of shape (3,)" in message(
        lambda: checks.close(None, np.zeros(3))
    )
    assert "without `return`" in message(lambda: checks.close(None, 1.0))
    assert "with parentheses" in message(lambda: checks.close(abs, 1.0))
    assert "different lengths" in message(lambda: checks.close([[1], [1, 2]], np.eye(2)))


def test_a_tests_own_error_is_not_the_learners():
    with pytest.raises(TypeError, match="checks cannot compare"):
        checks.close(1.0, object())
