"""What several pictures share: MovieLens as arrays, alternating least squares, and captions."""

from __future__ import annotations

import functools
import html
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from curriculum import data

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Inches, at 100 pixels each: whole pixels, or the page would cut the last row off.
FIGURE = (8.75, 4.25)
#: Ratings from here on count as "liked".
LIKED = 4.0


@dataclass(frozen=True)
class Films:
    """MovieLens with users and films numbered from 0.

    Attributes
    ----------
    users, items : ndarray of int64, shape (m,)
    ratings : ndarray, shape (m,)
        Stars.
    times : ndarray of int64, shape (m,)
        Seconds.
    R : csr_array, shape (n_users, n_items)
        The same ratings; what is absent is not rated.
    titles : tuple of str, length n_items
        With the year: "Toy Story (1995)".
    """

    users: Indices
    items: Indices
    ratings: Array
    times: Indices
    R: sparse.csr_array
    titles: tuple[str, ...]


def readable(title: str) -> str:
    """Put the article back where it is spoken: "Matrix, The" is "The Matrix"."""
    for article in ("The", "A", "An"):
        if title.endswith(f", {article}"):
            return f"{article} {title[: -len(article) - 2]}"
    return title or "(no title)"


@functools.cache
def films() -> Films:
    """Read MovieLens; once in a process."""
    ratings, movies = data.movielens_ratings(), data.movielens_movies()
    users = ratings["user_id"].to_numpy() - 1
    items = np.searchsorted(movies["movie_id"].to_numpy(), ratings["movie_id"].to_numpy())
    stars = ratings["rating"].to_numpy(dtype=float)
    times = ratings["rated_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
    years = [f" ({year})" if year > 0 else "" for year in movies["year"].fillna(0)]
    titles = tuple(
        readable(title) + year for title, year in zip(movies["title"], years, strict=True)
    )
    shape = (int(users.max()) + 1, len(movies))
    R = sparse.csr_array((stars, (users, items)), shape=shape)
    return Films(users, items, stars, times, R, titles)


def pattern(R: sparse.csr_array) -> sparse.csr_array:
    """Return a one wherever a rating is."""
    return sparse.csr_array((np.ones_like(R.data), R.indices, R.indptr), shape=R.shape)


def solve_rows(R: sparse.csr_array, Q: Array, lam: float) -> Array:
    """Fit each row of P to the row's ratings, the other side being fixed: half a sweep of ALS.

    Parameters
    ----------
    R : csr_array, shape (n, k)
        Absent entries don't count.
    Q : ndarray, shape (k, rank)
    lam : float
        Above 0. Row u solves (Σ q qᵀ + lam I) p = Σ r q, over the items that it rated.

    Returns
    -------
    P : ndarray, shape (n, rank)
    """
    rank = Q.shape[1]
    squares = (Q[:, :, None] * Q[:, None, :]).reshape(len(Q), rank * rank)
    gram = (pattern(R) @ squares).reshape(-1, rank, rank) + lam * np.eye(rank)
    solved: Array = np.linalg.solve(gram, (R @ Q)[:, :, None])[:, :, 0]
    return solved


@dataclass(frozen=True)
class Biases:
    """The mean rating, and how far each user and each item is above it."""

    mean: float
    user: Array
    item: Array


def fit_biases(R: sparse.csr_array, lam: float = 5.0, sweeps: int = 6) -> Biases:
    """Fit mean and shrunk biases: each is its residuals' sum over their number plus `lam`."""
    mean, ones = float(R.data.mean()), pattern(R)
    residual = sparse.csr_array((R.data - mean, R.indices, R.indptr), shape=R.shape)
    of_user, of_item = ones.sum(axis=1), ones.sum(axis=0)
    by_user, by_item = residual.sum(axis=1), residual.sum(axis=0)
    user, item = np.zeros(R.shape[0]), np.zeros(R.shape[1])
    for _ in range(sweeps):
        item = (by_item - ones.T @ user) / (of_item + lam)
        user = (by_user - ones @ item) / (of_user + lam)
    return Biases(mean, user, item)


def residuals(R: sparse.csr_array, biases: Biases) -> sparse.csr_array:
    """Return the ratings less what the biases say; a rating that is met exactly stays an entry."""
    rows = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    left = R.data - biases.mean - biases.user[rows] - biases.item[R.indices]
    return sparse.csr_array((left, R.indices, R.indptr), shape=R.shape)


def factorise(
    R: sparse.csr_array, rank: int, lam: float, sweeps: int, seed: int = 0
) -> tuple[Array, Array]:
    """Factorise by alternating least squares.

    Returns
    -------
    P : ndarray, shape (n, rank)
    Q : ndarray, shape (k, rank)
    """
    Q = np.random.default_rng(seed).normal(0, 0.1, (R.shape[1], rank))
    turned = R.T.tocsr()
    P = solve_rows(R, Q, lam)
    for _ in range(sweeps):
        Q = solve_rows(turned, P, lam)
        P = solve_rows(R, Q, lam)
    return P, Q


def status(headline: str, rest: str) -> str:
    """Write a caption: what is on the screen now."""
    return (
        '<div class="cw-caption"><p role="status" aria-live="polite">'
        f"<b>{html.escape(headline)}.</b> {html.escape(rest)}</p></div>"
    )


def quiet_grid(axes: Any) -> None:
    """Draw pale lines behind everything."""
    axes.grid(True, which="major", color="#e5e5e5", linewidth=0.8)
    axes.set_axisbelow(True)


def round_values(low: int, high: int) -> list[tuple[str, float]]:
    """List 1, 2, 3 and 5 times the powers of ten from 10**`low` to 10**`high`, as options.

    A caption then says the number that the control shows.
    """
    values = [float(f"{digit}e{power}") for power in range(low, high) for digit in (1, 2, 3, 5)]
    return [(f"{value:g}", value) for value in [*values, float(f"1e{high}")]]


def percent(share: float, digits: int = 0) -> str:
    """Write a share in percent, as the lessons do."""
    return f"{100 * share:.{digits}f} %"


def counted(number: float, what: str) -> str:
    """Write a number of things: "1 rating", "2 ratings"."""
    return f"{number:g} {what}{'' if number == 1 else 's'}"


def signed(number: float, digits: int = 2) -> str:
    """Write a number with a minus sign of the width of a plus."""
    return f"{number:.{digits}f}".replace("-", "−")
