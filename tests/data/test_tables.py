"""The data room: what the lessons' text says about a table must be true of the table."""

import numpy as np
import pandas as pd
import pytest

from curriculum import data
from curriculum.data import tables
from curriculum.data.verify import checksum, verify

LOADERS = [data.wine, data.breast_cancer]


@pytest.mark.parametrize("load", LOADERS)
def test_every_column_is_numeric_named_and_complete(load):
    frame = load()
    assert not frame.isna().any().any()
    assert not frame.duplicated().any()
    assert all(str(name).isidentifier() for name in frame.columns)
    assert np.isfinite(frame.to_numpy(dtype=float)).all()


@pytest.mark.parametrize("load", LOADERS)
def test_each_call_returns_a_fresh_frame(load):
    first = load()
    first.iloc[0, 0] = -1.0
    assert load().iloc[0, 0] != -1.0


@pytest.mark.parametrize("load", LOADERS)
def test_docstring_names_source_licence_units_and_quirks(load):
    for word in ("Source:", "Licence:", "Units:", "Quirks:", "Returns", "Raises"):
        assert word in load.__doc__, f"{load.__name__}: {word} is missing"


def test_wine_is_as_described():
    frame = data.wine()
    assert frame.shape == (178, 14)
    assert frame.cultivar.dtype == pd.CategoricalDtype([0, 1, 2])
    assert frame.cultivar.value_counts(sort=False).tolist() == [59, 71, 48]
    assert frame.cultivar.astype(int).is_monotonic_increasing  # sorted: the quirk
    assert (frame.drop(columns="cultivar").dtypes == "float64").all()
    assert frame.proline.mean() / frame.nonflavanoid_phenols.mean() == pytest.approx(2000, rel=0.05)
    # Two sums as printed in the repository's own summary: mean × rows.
    assert frame.alcohol.mean() == pytest.approx(13.0, abs=0.05)
    assert frame.proline.mean() == pytest.approx(746, abs=1)


def test_wine_documented_ranges_are_the_real_ones():
    frame = data.wine()
    for line in data.wine.__doc__.splitlines():
        cells = line.split()
        if len(cells) >= 4 and cells[0] in frame.columns and cells[2] == "to":
            column = frame[cells[0]]
            assert (column.min(), column.max()) == (float(cells[1]), float(cells[3])), cells[0]


def test_breast_cancer_is_as_described():
    frame = data.breast_cancer()
    assert frame.shape == (569, 31)
    assert frame.malignant.dtype == "int64"
    assert frame.malignant.value_counts().to_dict() == {0: 357, 1: 212}
    assert (frame.drop(columns="malignant").dtypes == "float64").all()
    # Malignant nuclei are larger: turned round correctly.
    assert (
        frame[frame.malignant == 1].mean_area.mean() > frame[frame.malignant == 0].mean_area.mean()
    )
    assert frame[["mean_radius", "mean_perimeter", "mean_area"]].corr().min().min() > 0.98
    assert (frame.mean_concavity == 0).sum() == 13
    assert frame.worst_area.max() == 4254


def test_checksum_sees_values_names_and_order_but_not_integer_width():
    frame = pd.DataFrame({"a": [1, 2], "b": [3.0, 4.0]})
    same = frame.astype({"a": "int8"})
    assert checksum(frame) == checksum(same)
    for other in (frame[["b", "a"]], frame[::-1], frame.rename(columns={"a": "c"}), frame + 1e-12):
        assert checksum(other) != checksum(frame)


@pytest.mark.parametrize(
    ("shape", "expected", "says"),
    [
        ((3, 1), "x", "has 2 rows and 1 columns here instead of 3 and 1"),
        ((2, 1), "x", "other column names"),
    ],
)
def test_another_table_is_refused_in_one_sentence(shape, expected, says):
    with pytest.raises(data.DataError, match=says) as caught:
        verify(pd.DataFrame({"a": [1.0, 2.0]}), name="toy", shape=shape, expected=expected)
    message = str(caught.value)
    assert message.startswith("The data set toy") and message.endswith(".") and "\n" not in message


def test_a_changed_scikit_learn_is_refused(monkeypatch):
    import sklearn.datasets

    def changed(**options):
        bundle = original(**options)
        bundle.data.iloc[0, 0] += 1e-9
        return bundle

    original = sklearn.datasets.load_wine
    monkeypatch.setattr(sklearn.datasets, "load_wine", changed)
    with pytest.raises(data.DataError, match="wine"):
        data.wine()


def test_a_broken_installation_is_one_sentence():
    def missing(**_):
        raise FileNotFoundError("wine_data.csv")

    with pytest.raises(data.DataError, match="install scikit-learn again"):
        tables._load(missing, "wine")
