"""The reviews that the pictures show, and the models fitted to them, each once per process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TAG = re.compile(r"<[^>]+>")
#: What scikit-learn's C may be in the pictures.
STRENGTHS = (0.1, 1.0, 10.0)
#: The two corpora, and what a positive text is in each.
CORPORA = {"food": "five stars", "films": "a rating above 0"}
#: A word has to stand in this many training texts to become a feature.
MIN_DF = 3


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts and their classes: 1 is positive."""

    texts: tuple[str, ...]
    y: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Features:
    """TF-IDF features of one corpus.

    Attributes
    ----------
    words : ndarray of str, shape (V,)
    idf : ndarray, shape (V,)
    df : ndarray of int, shape (V,)
        In how many training texts each word stands.
    training, held_out : csr_matrix, shapes (n, V) and (m, V)
    """

    words: NDArray[Any]
    idf: Array
    df: NDArray[np.int64]
    training: Any
    held_out: Any


@dataclass(frozen=True, eq=False)
class Model:
    """A logistic regression on TF-IDF.

    Attributes
    ----------
    weights : ndarray, shape (V,)
    intercept : float
    lam : float
        λ of mean log-loss + λ/2 ‖w‖², which is 1 / (n C).
    probabilities : ndarray, shape (m,)
        P(positive) of each held-out text.
    """

    weights: Array
    intercept: float
    lam: float
    probabilities: Array


@cache
def texts(corpus: str, part: str) -> Texts:
    """Return the texts of one part of a corpus.

    Parameters
    ----------
    corpus : str
        "food" or "films".
    part : str
        "training" or "held out". Held-out food reviews leave out those which also stand in the
        training part. The film snippets have no split: every fifth is held out here, and those
        rated exactly 0 are left out.
    """
    from curriculum import data

    if part not in ("training", "held out"):
        raise ValueError(f"no part {part!r}")
    if corpus == "food":
        frame = data.food_reviews()
        training = frame["part"] == "training"
        seen = set(frame.loc[training, "text"])
        rows = training if part == "training" else ~training & ~frame["text"].isin(seen)
        chosen = frame[rows]
        return Texts(tuple(chosen["text"]), chosen["great"].to_numpy(dtype=np.int64))
    if corpus != "films":
        raise ValueError(f"no corpus {corpus!r}")
    frame = data.film_snippets()
    frame = frame[frame["rating"] != 0]
    held = np.arange(len(frame)) % 5 == 4
    chosen = frame[held if part == "held out" else ~held]
    return Texts(tuple(chosen["text"]), (chosen["rating"] > 0).to_numpy(dtype=np.int64))


def clean(text: str) -> str:
    """Take HTML tags out and lower the case."""
    return TAG.sub(" ", text).lower()


@cache
def features(corpus: str) -> Features:
    """Fit TF-IDF on the training texts of a corpus, and apply it to both parts."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(min_df=MIN_DF, preprocessor=clean)
    training = vectoriser.fit_transform(texts(corpus, "training").texts)
    return Features(
        vectoriser.get_feature_names_out(),
        vectoriser.idf_,
        np.bincount(training.indices, minlength=training.shape[1]),
        training,
        vectoriser.transform(texts(corpus, "held out").texts),
    )


@cache
def model(corpus: str = "food", c: float = 1.0) -> Model:
    """Fit logistic regression on the training texts.

    Parameters
    ----------
    corpus : str
    c : float
        scikit-learn's C: large means little regularization.
    """
    from scipy.special import expit
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    found, y = features(corpus), texts(corpus, "training").y
    # The vectors are short: threads would spend more time on waiting for each other.
    with threadpool_limits(1):
        fitted = LogisticRegression(C=c, tol=1e-6, max_iter=500).fit(found.training, y)
    weights, intercept = fitted.coef_[0], float(fitted.intercept_[0])
    return Model(weights, intercept, 1 / (len(y) * c), expit(found.held_out @ weights + intercept))


def shorten(text: str, length: int = 420) -> str:
    """Return a review on one line without tags, cut at a word."""
    plain = " ".join(TAG.sub(" ", text).split())
    return plain if len(plain) <= length else plain[:length].rsplit(" ", 1)[0] + " …"
