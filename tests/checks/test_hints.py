"""Relations that are told without a named mistake, and those that must not be made up."""

from __future__ import annotations

import numpy as np
import pytest
from cells import message
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from curriculum import checks

x = np.array([0.3, -1.7, 2.9, 0.4])
m = np.arange(6.0).reshape(2, 3) + 0.5
s = np.array([[1.5, 2.5], [3.5, 4.5]])

CASES = {
    "column": (x[:, None], x, "broadcasting"),
    "row": (x[None], x, "broadcasting"),
    "square": (x[:, None] - x, x, "(4, 4) is what broadcasting makes of (4, 1) and (4,)"),
    "transposed shape": (m.T, m, "transposed"),
    "transpose": (s.T, s, "is the transpose"),
    "one number": (np.float64(1.0), x, "One number came"),
    "several numbers": (x, 1.0, "Several numbers came"),
    "boxed number": (np.array([1.0]), 2.0, "inside an array"),
    "one fewer": (x[:-1], x, "One fewer than expected (off by one); the first 3 agree"),
    "first dropped": (x[1:], x, "the last 3 agree"),
    "one more": (np.append(x, 1), x, "One more than expected (off by one); the first 4 agree"),
    "list one fewer": ([[1], [2, 3]], [[1], [2, 3], [4]], "One fewer"),
    "factor": (2 * x, x, "got = 2 × expected"),
    "a part": (x / 50, x, "got = 1/50 × expected"),
    "odd factor": (x * 0.37, x, "got = 0.37 × expected"),
    "negative factor": (x * -3, x, "got = −3 × expected"),
    "sign": (-x, x, "The sign is flipped everywhere"),
    "some signs": (np.abs(x), x, "the sign is flipped in 1 of 4 places"),
    "nan": (
        np.array([np.nan, *x[1:]]),
        x,
        "NaN came where a finite number was expected, in 1 of 4",
    ),
    "all inf": (x * np.inf, x, "inf came where a finite number was expected, everywhere"),
    "one nan": (float("nan"), 1.0, "NaN came where a finite number was expected."),
    "reversed": (x[::-1], x, "reverse order"),
    "another order": (x[[1, 0, 3, 2]], x, "in another order"),
    "early": (np.append(x[1:], 7), x, "position i holds what was expected at i + 1"),
    "late": (np.append(7, x[:-1]), x, "position i holds what was expected at i − 1"),
    "offset": (x + 0.25, x, "got = expected + 0.25"),
    "zeros": (x * 0, x, "Zero came everywhere"),
    "number doubled": (0.74, 0.37, "2 × the expected one"),
    "number not averaged": (0.37 * 150, 0.37, "150 × the expected one"),
    "nats": (0.37 * np.log(2), 0.37, "ln 2"),
    "square root": (np.sqrt(0.37), 0.37, "square root"),
    "complement": (0.63, 0.37, "1 − expected"),
    "truncated": (np.trunc(np.abs(x)), np.abs(x), ""),
    "float32": (np.float32(x) * np.float32(1 + 1e-6), x, "float32 carries about 7 digits"),
    "nearly": (x * np.array([1, 1, 1, 1 + 1e-5]), x, "Close, but outside the tolerance"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_relation_is_told(name):
    got, want, text = CASES[name]
    assert text in message(lambda: checks.close(got, want))


def test_integers_where_fractions_were_expected():
    text = message(lambda: checks.close([0, 1, 2], [0.5, 1.5, 2.5]))
    assert "got = expected − 0.5" in text or "Integers came" in text
    assert "Integers came" in message(lambda: checks.close([0, 2, 2], [0.5, 1.7, 2.5]))
    assert "integers (dtype int64); expected floats" in message(
        lambda: checks.close(np.array([1, 2]), np.array([1.0, 2.0]))
    )


@pytest.mark.parametrize("got, want", [(14.0, 2.0), (1.234, 0.567), (3.0, 0.0), (9.0, 3.0)])
def test_a_lone_number_is_not_over_read(got, want):
    assert "×" not in message(lambda: checks.close(got, want))


arrays = hnp.arrays(np.float64, st.integers(2, 6), elements=st.floats(-1e3, 1e3))


@given(arrays, arrays)
def test_hints_never_fail_and_never_warn(got, want):
    with np.errstate(all="raise"):
        try:
            checks.close(got, want)
        except checks.Failure as failure:
            assert failure.finding.summary


@given(
    hnp.arrays(np.float64, (3, 2), elements=st.floats(allow_nan=True, allow_infinity=True)),
    hnp.arrays(np.float64, (3, 2), elements=st.floats(allow_nan=True, allow_infinity=True)),
)
def test_hints_survive_what_is_not_finite(got, want):
    with np.errstate(all="raise"):
        try:
            checks.close(got, want)
        except checks.Failure as failure:
            assert failure.finding.summary
