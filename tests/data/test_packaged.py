"""Tables out of other packages: what the docstrings, and so the lessons, say must be true."""

import numpy as np
import pandas as pd
import pytest

from curriculum import data
from curriculum.data import packaged
from curriculum.data.verify import checksum

LOADERS = [
    data.hitters,
    data.ames,
    data.movielens_ratings,
    data.movielens_movies,
    data.food_reviews,
    data.film_snippets,
]


@pytest.mark.parametrize("load", LOADERS)
def test_each_call_returns_a_fresh_frame(load):
    first, name = load(), load().columns[0]
    before = first[name].iloc[0]
    del first[name]
    assert load()[name].iloc[0] == before


@pytest.mark.parametrize("load", LOADERS)
def test_docstring_names_source_licence_units_and_quirks(load):
    for word in ("Source:", "Licence:", "Units:", "Quirks:", "Returns", "Raises"):
        assert word in load.__doc__, f"{load.__name__}: {word} is missing"


@pytest.mark.parametrize("load", LOADERS)
def test_every_column_has_a_plain_name(load):
    names = list(load().columns)
    assert names == [name.lower() for name in names]
    assert all(name.isidentifier() for name in names)


def test_hitters_lack_salaries_and_nothing_else():
    frame = data.hitters()
    assert frame.isna().sum().to_dict() == {n: 59 if n == "salary" else 0 for n in frame}
    assert frame.salary.agg(["min", "max"]).tolist() == [67.5, 2460]
    assert (frame.salary.median(), round(frame.salary.mean())) == (425, 536)
    assert frame.career_at_bat.corr(frame.career_hits) == pytest.approx(0.995, abs=0.001)
    assert frame.division.cat.categories.tolist() == ["E", "W"]


def test_ames_is_as_described():
    frame = data.ames()
    kinds = frame.dtypes.map(lambda dtype: "category" if dtype == "category" else str(dtype))
    assert kinds.value_counts().to_dict() == {"category": 40, "int64": 32, "float64": 2}
    assert not frame.isna().any().any()
    assert (frame.lot_frontage == 0).sum() == 490
    assert set(frame.bsmt_fin_sf_1) == set(range(8))
    large = frame[frame.gr_liv_area > 4000]
    assert (len(large), (large.sale_price < 200_000).sum()) == (5, 3)
    assert frame.sale_price.agg(["min", "max"]).tolist() == [12_789, 755_000]
    for name in ("mas_vnr_type", "misc_feature"):
        assert "None" in frame[name].cat.categories


def test_movielens_is_as_described():
    ratings, movies = data.movielens_ratings(), data.movielens_movies()
    assert ratings.user_id.unique().tolist() == list(range(1, 672))
    assert movies.movie_id.is_unique and movies.movie_id.is_monotonic_increasing
    assert set(ratings.movie_id) == set(movies.movie_id)
    assert movies.movie_id.max() == 163_949
    assert not ratings.duplicated(["user_id", "movie_id"]).any()
    assert sorted(set(ratings.rating)) == [0.5 * k for k in range(1, 11)]
    assert ratings.rating.mean() == pytest.approx(3.5436, abs=1e-4)
    by_user, by_film = ratings.user_id.value_counts(), ratings.movie_id.value_counts()
    assert (by_user.min(), by_user.median(), by_user.max()) == (20, 71, 2391)
    assert (by_film.median(), by_film.max()) == (3, 341)
    assert ratings.duplicated(["user_id", "rated_at"]).any()
    assert ratings.rated_at.dt.date.agg(["min", "max"]).astype(str).tolist() == [
        "1995-01-09",
        "2016-10-16",
    ]
    halves = ratings[ratings.rating % 1 != 0]
    assert halves.rated_at.min().year == 2003
    nameless = movies[movies.title == ""]
    assert len(nameless) == 5 and nameless.year.isna().all() and movies.year.isna().sum() == 5
    assert movies.title.duplicated().any()
    assert (movies.genres == "(no genres listed)").sum() == 17


def test_food_reviews_hold_the_leak_that_a_lesson_looks_for():
    frame = data.food_reviews()
    assert frame.part.value_counts().to_dict() == {"training": 4000, "testing": 1000}
    assert frame.great.sum() == 3258
    parts = {name: group.text for name, group in frame.groupby("part")}
    assert parts["training"].duplicated().sum() == 20
    assert parts["testing"].isin(set(parts["training"])).sum() == 7
    words = frame.text.str.split().str.len()
    assert (words.min(), words.median(), words.max()) == (10, 51, 1479)
    assert frame.text.str.contains("<br").any()


def test_film_snippets_are_as_described():
    frame = data.film_snippets()
    assert ((frame.rating == 0).sum(), (frame.rating > 0).sum()) == (37, 5242)
    assert frame.rating.min() == -3.875 and frame.rating.max() == pytest.approx(3.941, abs=1e-3)
    assert frame.text.duplicated().sum() == 2
    assert frame.text.str.contains("''", regex=False).any()


@pytest.mark.parametrize("name", ["nothing_of_the_kind", "movielens_2"])
def test_a_table_that_is_not_there_is_one_sentence(name, capsys):
    with pytest.raises(data.DataError, match="has no table"):
        packaged.table("dslabs", name)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.assign(when=f.when + pd.Timedelta(seconds=1)),
        lambda f: f.assign(text=["a", "b"]),
        lambda f: f.assign(text=["a", None]),
        lambda f: f.assign(kind=pd.Categorical(["x", "x"])),
        lambda f: f.assign(number=[1, np.nan]),
        lambda f: f.rename(columns={"text": "texts"}),
        lambda f: f.iloc[::-1],
    ],
)
def test_a_checksum_sees_every_kind_of_change(change):
    frame = pd.DataFrame(
        {
            "text": ["a", "c"],
            "kind": pd.Categorical(["x", "y"]),
            "number": [1, 2],
            "when": pd.to_datetime(["2020-01-01", "2021-01-01"]),
        }
    )
    assert checksum(change(frame)) != checksum(frame)
    assert checksum(frame.astype({"number": "int8", "kind": "str"})) == checksum(frame)
