"""Frames and series: columns, index, dtype kind, values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cells import message

from curriculum import checks

frame = pd.DataFrame(
    {"city": ["Rome", "Oslo", "Lima"], "rain": [0.5, 1.5, 2.5], "days": [1, 2, 3]},
    index=["r", "o", "l"],
)


def changed(**columns) -> pd.DataFrame:
    return frame.assign(**columns)


ACCEPTED = {
    "itself": frame.copy(),
    "a hair off": changed(rain=frame.rain * (1 + 1e-9)),
    "objects for text": changed(city=frame.city.astype(object)),
    "categories for text": changed(city=frame.city.astype("category")),
    "nullable": changed(days=frame.days.astype("Int64")),
    "index name": frame.rename_axis("who"),
}

REFUSED = {
    "missing column": (frame.drop(columns="rain"), "Missing columns: 'rain'"),
    "extra column": (changed(snow=1), "Unexpected columns: 'snow'"),
    "column order": (frame[["rain", "city", "days"]], "The same columns in another order"),
    "row order": (frame.iloc[::-1], "The same labels in another order"),
    "reset index": (frame.reset_index(drop=True), "Missing labels: 'r', 'o', 'l'"),
    "fewer rows": (frame.iloc[:2], "Length: expected 3, got 2"),
    "kind": (changed(rain=[1, 2, 3]), "Column 'rain' of the result holds integers"),
    "text for numbers": (changed(days=["1", "2", "3"]), "Column 'days'"),
    "value": (changed(rain=[0.5, 9.0, 2.5]), "at row 'o': expected 1.5, got 9.0"),
    "missing value": (changed(rain=[0.5, np.nan, 2.5]), "NaN came"),
    "text": (changed(city=["Rome", "Bern", "Lima"]), "at row 'o': expected 'Oslo', got 'Bern'"),
    "array": (frame.to_numpy(), "an array of shape (3, 3); expected a pandas DataFrame"),
    "series": (frame.rain, "a pandas Series of 3 rows"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name):
    checks.close(ACCEPTED[name], frame)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    got, text = REFUSED[name]
    assert text in message(lambda: checks.close(got, frame))


def test_series():
    checks.close(frame.rain * 1.0, frame.rain)
    assert "at row 'l': expected 2.5, got 7.0" in message(
        lambda: checks.close(pd.Series([0.5, 1.5, 7.0], index=frame.index), frame.rain)
    )
    assert "The index of the result" in message(
        lambda: checks.close(pd.Series([0.5, 1.5, 2.5]), frame.rain)
    )
    assert "expected a NumPy array" in message(
        lambda: checks.close(frame.rain, frame.rain.to_numpy())
    )


def test_missing_values_are_equal_whatever_they_are_called():
    checks.equal(pd.Series(["a", None], dtype=object), pd.Series(["a", np.nan], dtype=object))
    checks.equal(pd.Series(["a", None]), pd.Series(["a", np.nan]))
    checks.close(pd.Series([1.0, np.nan]), pd.Series([1.0, np.nan]))


def test_dates_and_labels():
    days = pd.date_range("2024-01-01", periods=3)
    dated = pd.DataFrame({"x": [1.0, 2.0, 3.0], "when": days}, index=days)
    checks.equal(dated.copy(), dated)
    other = dated.copy()
    other.iloc[1, 0] = 5
    assert "2024-01-02" in message(lambda: checks.equal(other, dated))
    many = pd.MultiIndex.from_product([["a", "b"], [1, 2]])
    checks.equal(pd.Series(range(4), index=many), pd.Series(range(4), index=many))
    checks.equal(pd.Index([1, 2]), pd.Index([1, 2]))
    assert "Missing labels: ('b', 2)" in message(
        lambda: checks.equal(pd.Series(range(3), index=many[:3]), pd.Series(range(4), index=many))
    )


def test_repeated_column_names():
    twice = pd.DataFrame([[1.0, 2.0]], columns=["a", "a"])
    checks.close(twice.copy(), twice)
    assert "Column 'a'" in message(lambda: checks.close(twice * 2, twice))
