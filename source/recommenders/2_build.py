# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Recommenders · 2 · Build
#
# In [1 · See](1_see.ipynb) you watched a rating matrix fill in. Here you write what fills it, in NumPy and SciPy, from the
# definition: thirteen functions, none longer than about twenty lines. At the end your own factorisation runs beside the
# reference.
#
# A coding round on recommenders rarely asks for a library call. It asks for one of these parts, on a matrix that is
# nearly empty. The interviewer watches whether you keep "not rated" apart from "rated zero", whether you loop over what
# is there instead of over all that could be, and whether you split by time before you measure anything.

# %% tags=["on_open"]
import numpy as np
from scipy import sparse

from curriculum import checks, data, learner
from curriculum.widgets import recommenders as rec

learner.begin("recommenders", "2_build")

# %% [markdown]
# **After this notebook you can write, from a blank page and with a test for each**
#
# | | exercise | minutes | points | the interviewer's version |
# |---|---|---|---|---|
# | 1 | split by time, for each user | 12 | 4 | "What does a random split leak?" |
# | 2 | biases of users and items | 15 | 4 | "What is your baseline?" |
# | 3 | similarity of items | 20 | 5 | "Vectorise it. The matrix is 98 % empty." |
# | 4 | predict from similar items | 15 | 4 | "And if the user rated none of the neighbours?" |
# | 5 | predict from similar users | 20 | 5 | "Cosine or Pearson? Over which films?" |
# | 6 | factors by SGD | 12 | 4 | "Write one epoch." |
# | 7 | factors by alternating least squares | 15 | 4 | "Why alternate? What does one step cost?" |
# | 8 | one step of BPR | 12 | 4 | "You have clicks and no ratings. What now?" |
# | 9 | RMSE | 5 | 2 | "Is a lower RMSE a better list?" |
# | 10 | precision and recall at k | 8 | 3 | "What if the list is shorter than k?" |
# | 11 | average precision | 10 | 3 | "What do you divide by?" |
# | 12 | NDCG at k, with ties | 15 | 5 | "Two items have the same score. Which is first?" |
# | 13 | coverage of the catalogue | 5 | 2 | "Does anybody ever see the other films?" |
#
# **Symbols**, as in [1 · See](1_see.ipynb): $R$ (n_users, n_items) the ratings, in stars, as a sparse matrix in which an
# absent entry means *not rated*; $r_{ui}$ one of them; $\mu$ their mean; $b_u$, $b_i$ biases in stars; $p_u$ and $q_i$
# (r,) the factors of a user and an item, rows of $P$ and $Q$; $\lambda$ the strength of regularization, $\eta$ the
# learning rate.
#
# **How to work.** Write each function in its cell and run the cell below it. You see some of the checks now; the
# others run when you press **Check my work** at the end. Hints open in three steps. Before you look at a check, do what
# you would do in the room: clarify, plan in one sentence, write, test by hand, improve.

# %% [markdown]
# ## 1 · Before any model
#
# A rating in MovieLens has a time. In use, a model knows the past and ranks the future. A random split breaks this: the
# model is trained on what a user rated on Friday and tested on what they rated on Thursday, and it has seen how popular a
# film *became*.
# Offline numbers then look better than what you will ship.

# %%
films = data.movielens_ratings()
per_user = films.groupby("user_id")["rated_at"].agg(["size", "min", "max"])
print(f"{len(films):,} ratings by {len(per_user):,} users")
print(
    "fewest, median and most ratings of one user:",
    *per_user["size"].quantile([0, 0.5, 1]).astype(int),
)
print(
    "share of cells that are filled:",
    f"{len(films) / len(per_user) / films.movie_id.nunique():.1%}",
)

# %% [markdown]
# ## Exercise 1 · Split by time
#
# *Difficulty 2 of 5 · 12 minutes · 4 points*
#
# For each user, hold out the last ⌈share · count⌉ of their ratings. Everybody keeps at least one rating for training,
# so a user with one rating isn't tested.
#
# *Worked example.* User 0 rated at times 30, 10, 20 and user 1 at time 5. With share = 0.5, user 0 holds out
# ⌈1.5⌉ = 2: those at 30 and 20. User 1 has one rating, which stays. The mask is (True, False, True, False).
#
# **In the round.** "How do you split?" comes before any model. The strong answer names what the split imitates: the day
# on which the model is trained. A split per user still lets one user's future inform another's past; one cut in time for
# everybody doesn't, and leaves some users without a test. Say which you chose and why.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "split_by_time",
    "Which order of the rows makes every user's ratings stand together, oldest first?",
    "Sort by user, then by time. In that order, each row's place within its user is its position less the start of its user.",
    "np.lexsort((times, users)) sorts by users first and is stable. np.unique gives start and count of each user; write the answer back with mask[order] = ….",
)


# %% nbgrader={"grade": false, "grade_id": "split_by_time", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_by_time(users, times, share):
    """Mark the last ratings of each user as test.

    Parameters
    ----------
    users : ndarray of int, shape (m,)
        Who rated; any integers, in any order. m ≥ 1.
    times : ndarray of int or datetime64, shape (m,)
        When. Of two ratings of one user at the same time, the one with the larger row number
        counts as later.
    share : float
        Between 0 and 1, both excluded.

    Returns
    -------
    test : ndarray of bool, shape (m,)
        In the order of the rows. A user with c ratings has min(⌈share · c⌉, c − 1) of them
        marked, the latest. So that rounding doesn't matter, ⌈·⌉ is taken of share · c − 1e-9.

    Notes
    -----
    The inputs are not changed. The time is in proportion to m log m, however many users there are.
    """
    ### BEGIN SOLUTION
    by_time = np.lexsort((times, users))
    _, start, count = np.unique(users[by_time], return_index=True, return_counts=True)
    held = np.minimum(np.ceil(share * count - 1e-9), count - 1)
    place = np.arange(len(users)) - np.repeat(start, count)
    test = np.zeros(len(users), dtype=bool)
    test[by_time] = place >= np.repeat(count - held, count)
    return test
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "split_by_time_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("split_by_time")
with check("two users, worked by hand", points=0.5):
    got = split_by_time(np.array([0, 0, 0, 1]), np.array([30, 10, 20, 5]), 0.5)
    checks.equal(
        got,
        np.array([True, False, True, False]),
        given="users = [0, 0, 0, 1], times = [30, 10, 20, 5], share = 0.5",
    )
with check("dates, and users in turns", points=0.5):
    days = np.array(["2016-03-01", "2016-01-01", "2016-02-01", "2016-04-01"], dtype="datetime64[s]")
    got = split_by_time(np.array([7, 3, 7, 3]), days, 0.2)
    checks.equal(
        got,
        np.array([True, False, False, True]),
        given="users = [7, 3, 7, 3], dates March, January, February, April, share = 0.2",
    )
### BEGIN HIDDEN TESTS


def split_in_loops(users, times, share, first=False, whole=np.ceil, least=1):
    test = np.zeros(len(users), dtype=bool)
    for u in set(users.tolist()):
        rows = sorted(np.flatnonzero(users == u).tolist(), key=lambda row: (times[row], row))
        held = min(int(whole(share * len(rows) - 1e-9)), len(rows) - least)
        test[rows[:held] if first else rows[len(rows) - held :]] = True
    return test


with check("random users, against loops", points=1.5):
    rng = np.random.default_rng(1)
    for share in (0.2, 0.35, 0.9):
        users, times = rng.integers(0, 25, 120), rng.integers(0, 10_000, 120)
        users[60] = 99
        want = split_in_loops(users, times, share)
        mixed = want[np.lexsort((times, users))]
        checks.equal(
            split_by_time(users, times, share),
            want,
            given=f"120 ratings by 26 users in random order, share = {share}",
            mistakes=[
                checks.Mistake(
                    "the first instead of the last",
                    looks_like=split_in_loops(users, times, share, first=True),
                    says="The oldest ratings are held out: the model is trained on the future and tested on the past.",
                ),
                checks.Mistake(
                    "one cut for everybody",
                    looks_like=times >= np.quantile(times, 1 - share),
                    says="One time cuts for all users. That is another split, and a fair one, but some users have no test and others no training; the docstring asks for each user's own last ratings.",
                ),
                checks.Mistake(
                    "rounded down",
                    looks_like=split_in_loops(
                        users, times, share, whole=lambda x: np.floor(x + 2e-9)
                    ),
                    says="`int` and `//` round down, so users with few ratings are never tested. The docstring has a ceiling.",
                ),
                checks.Mistake(
                    "users with one rating are tested",
                    looks_like=split_in_loops(users, times, share, least=0),
                    says="A user with one rating has it held out, and nothing is left to learn from. That measures cold start, which wants a test of its own.",
                ),
                checks.Mistake(
                    "mask in sorted order",
                    looks_like=mixed,
                    says="The mask is right for the *sorted* rows. Write it back through the order: `test[order] = …`.",
                ),
            ],
        )
with check("same time, and shares that rounding could tip", points=0.5):
    checks.equal(
        split_by_time(np.array([2, 2, 2, 2]), np.array([5, 5, 5, 5]), 0.5),
        np.array([False, False, True, True]),
        given="one user, four ratings at one time, share = 0.5",
    )
    for share, count, held in (
        (0.07, 100, 7),
        (0.1, 30, 3),
        (0.5, 2, 1),
        (0.99, 2, 1),
        (0.99, 3, 2),
        (0.34, 3, 2),
        (0.001, 5, 1),
    ):
        got = split_by_time(np.full(count, 4), np.arange(count)[::-1].copy(), share)
        checks.equal(
            got,
            np.arange(count) < held,
            given=f"one user with {count} ratings, newest first, share = {share}",
        )
with check("inputs stay, and time grows with the ratings", points=1):
    users, times = np.array([1, 0, 1, 0]), np.array([4, 3, 2, 1])
    got = checks.unchanged(
        split_by_time, users, times, 0.5, given="users = [1, 0, 1, 0], times = [4, 3, 2, 1]"
    )
    checks.equal(
        got,
        np.array([True, True, False, False]),
        given="users = [1, 0, 1, 0], times = [4, 3, 2, 1], share = 0.5",
    )

    def sorting(users, times, share):
        return np.lexsort((times, users))

    checks.growth(
        split_by_time,
        lambda n: (np.arange(n) % (n // 2), np.arange(n), 0.5),
        [12_000, 36_000, 72_000],
        sorting,
        0.4,
        given="n ratings by n / 2 users",
        mistakes=[
            checks.Mistake(
                "a search of all rows for each user",
                says="`users == u` reads all ratings once for each user: users times ratings. Sort once instead, and every user's rows stand together.",
            )
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "split_by_time", "name": "the first instead of the last"}
def split_by_time(users, times, share):
    test = np.zeros(len(users), dtype=bool)
    by_time = np.lexsort((times, users))
    for rows in np.split(by_time, np.flatnonzero(np.diff(users[by_time])) + 1):
        test[rows[: min(int(np.ceil(share * len(rows) - 1e-9)), len(rows) - 1)]] = True
    return test


# %% tags=["mistake"] mistake={"exercise": "split_by_time", "name": "one cut for everybody"}
def split_by_time(users, times, share):
    return times >= np.quantile(times.astype(np.int64), 1 - share).astype(times.dtype)


# %% tags=["mistake"] mistake={"exercise": "split_by_time", "name": "rounded down"}
def split_by_time(users, times, share):
    test = np.zeros(len(users), dtype=bool)
    by_time = np.lexsort((times, users))
    for rows in np.split(by_time, np.flatnonzero(np.diff(users[by_time])) + 1):
        test[rows[len(rows) - int(share * len(rows)) :]] = True
    return test


# %% tags=["mistake"] mistake={"exercise": "split_by_time", "name": "users with one rating are tested"}
def split_by_time(users, times, share):
    test = np.zeros(len(users), dtype=bool)
    by_time = np.lexsort((times, users))
    for rows in np.split(by_time, np.flatnonzero(np.diff(users[by_time])) + 1):
        test[rows[len(rows) - int(np.ceil(share * len(rows) - 1e-9)) :]] = True
    return test


# %% tags=["mistake"] mistake={"exercise": "split_by_time", "name": "mask in sorted order"}
def split_by_time(users, times, share):
    by_time = np.lexsort((times, users))
    _, start, count = np.unique(users[by_time], return_index=True, return_counts=True)
    held = np.minimum(np.ceil(share * count - 1e-9), count - 1)
    return np.arange(len(users)) - np.repeat(start, count) >= np.repeat(count - held, count)


# %% tags=["mistake"] mistake={"exercise": "split_by_time", "name": "a search of all rows for each user"}
def split_by_time(users, times, share):
    test = np.zeros(len(users), dtype=bool)
    for u in np.unique(users):
        rows = np.flatnonzero(users == u)
        rows = rows[np.argsort(times[rows], kind="stable")]
        held = min(int(np.ceil(share * len(rows) - 1e-9)), len(rows) - 1)
        test[rows[len(rows) - held :]] = True
    return test


# %% tags=["alternative"] alternative={"exercise": "split_by_time", "name": "pandas"}
def split_by_time(users, times, share):
    import pandas as pd

    frame = pd.DataFrame({"u": users, "t": times}).sort_values("t", kind="stable")
    group = frame.groupby("u")["t"]
    count, from_last = group.transform("size"), group.cumcount(ascending=False)
    held = np.minimum(np.ceil(share * count - 1e-9), count - 1)
    return (from_last < held).sort_index().to_numpy()


# %% tags=["alternative"] alternative={"exercise": "split_by_time", "name": "one pass with lists"}
def split_by_time(users, times, share):
    import math

    rows_of, test = {}, np.zeros(len(users), dtype=bool)
    for row in np.argsort(times, kind="stable"):
        rows_of.setdefault(int(users[row]), []).append(row)
    for rows in rows_of.values():
        held = min(math.ceil(share * len(rows) - 1e-9), len(rows) - 1)
        test[rows[len(rows) - held :]] = True
    return test


# %% [markdown]
# **Asked next**: *"Your split is per user. What does it still leak?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# What other users rated later. User A's training may hold ratings from 2015 while user B is tested on 2009, so the model
# knows which films became popular. One cut in time for all removes this. The price: users who came after the cut have no
# training, and those who left before it have no test. To check yours: split two users with two ratings each, one active
# in 2009 and one in 2015. The latest training rating is later than the earliest test rating.
# </details>

# %% [markdown]
# ## Exercise 2 · Biases
#
# *Difficulty 2 of 5 · 15 minutes · 4 points*
#
# Most of what can be predicted about a rating needs no taste: some films are better liked, some people are stricter.
#
# $$ \hat r_{ui} = \mu + b_u + b_i, \qquad
# \min_b \sum_{(u, i)} (r_{ui} - \mu - b_u - b_i)^2 + \lambda \Bigl( \sum_u b_u^2 + \sum_i b_i^2 \Bigr) . $$
#
# In words: the mean of all ratings, plus how far this user and this item lie from it, with large biases penalised.
# With one side fixed, each bias of the other has a closed form:
#
# $$ b_i = \frac{\sum_{u} (r_{ui} - \mu - b_u)}{\lambda + n_i}, \qquad b_u = \frac{\sum_{i} (r_{ui} - \mu - b_i)}{\lambda + n_u} . $$
#
# In words: the sum of what is left, divided by the number of ratings ($n_i$ or $n_u$) plus λ. With few ratings, λ pulls the
# bias to zero.
# Start from zeros; each sweep renews all items first, then all users.
#
# *Worked example.* One sweep over ratings 5 and 3, by users 0 and 1 for the only item, λ = 1. The mean is 4. What is left
# for the item is 1 and −1, so $b_i = 0$. User 0 has $1 / (1 + 1) = 0.5$ and user 1 has −0.5.
#
# **In the round.** Name this baseline before any model: published gains have vanished beside well-tuned baselines. They
# push on: "why not the plain average?" A film with one rating of 5 would top the list.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "fit_biases",
    "Where λ is 10 and an item has two ratings, how far from the mean can its bias get?",
    "Sums by group need no loop over ratings: np.bincount with weights adds up, and minlength keeps those without ratings.",
    "b_item = np.bincount(items, ratings - mu - b_user[users], n_items) / (lam + count); guard a zero denominator, then the same for users with the new b_item.",
)


# %% nbgrader={"grade": false, "grade_id": "fit_biases", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_biases(users, items, ratings, n_users, n_items, lam, sweeps):
    """Fit the mean and shrunk biases of users and items by alternating.

    Parameters
    ----------
    users, items : ndarray of int, shape (m,)
        Indices from 0; m ≥ 1. Some users and items may have no rating.
    ratings : ndarray of float, shape (m,)
        In stars.
    n_users, n_items : int
    lam : float
        λ ≥ 0, in ratings.
    sweeps : int
        ≥ 0. One sweep renews all item biases, then all user biases with the new item biases.

    Returns
    -------
    mu : float
        The mean of the ratings; not fitted again.
    b_user : ndarray of float, shape (n_users,)
    b_item : ndarray of float, shape (n_items,)
        In stars; zero for whoever has no rating, also with λ = 0, and without a warning.
    """
    ### BEGIN SOLUTION
    mu = ratings.mean()
    b_user, b_item = np.zeros(n_users), np.zeros(n_items)
    size_user = np.maximum(np.bincount(users, minlength=n_users), 1)
    size_item = np.maximum(np.bincount(items, minlength=n_items), 1)
    for _ in range(sweeps):
        b_item = np.bincount(items, ratings - mu - b_user[users], n_items) / (lam + size_item)
        b_user = np.bincount(users, ratings - mu - b_item[items], n_users) / (lam + size_user)
    return mu, b_user, b_item
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fit_biases_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("fit_biases")
with check("two ratings, worked by hand", points=0.5):
    given = "users = [0, 1], items = [0, 0], ratings = [5, 3], λ = 1, one sweep"
    mu, b_user, b_item = fit_biases(
        np.array([0, 1]), np.array([0, 0]), np.array([5.0, 3.0]), 2, 1, 1.0, 1
    )
    checks.close(mu, 4.0, given=given, what="mu")
    checks.close(b_user, np.array([0.5, -0.5]), atol=1e-9, given=given, what="b_user")
    checks.close(b_item, np.array([0.0]), atol=1e-9, given=given, what="b_item")
with check("no sweeps: zeros", points=0.5):
    mu, b_user, b_item = fit_biases(
        np.array([0, 1]), np.array([0, 0]), np.array([5.0, 2.0]), 3, 2, 1.0, 0
    )
    checks.close(mu, 3.5, given="no sweeps", what="mu")
    checks.close(b_user, np.zeros(3), given="no sweeps", what="b_user")
    checks.close(b_item, np.zeros(2), given="no sweeps", what="b_item")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
cells = rng.choice(8 * 6, 30, replace=False)
users, items, ratings = cells // 6, cells % 6, rng.integers(1, 11, 30) / 2


def biases_in_loops(lam, sweeps, swapped=False, fresh=True, divide=lambda lam, count: lam + count):
    mu, b_user, b_item = sum(ratings) / 30, [0.0] * 9, [0.0] * 7
    for _ in range(sweeps):
        before = list(b_item), list(b_user)
        for side in ("users", "items") if swapped else ("items", "users"):
            ids, own, other, others = (
                (items, b_item, b_user, users)
                if side == "items"
                else (users, b_user, b_item if fresh else before[0], items)
            )
            for k in range(len(own)):
                left = [
                    r - mu - other[o]
                    for r, i, o in zip(ratings, ids, others, strict=True)
                    if i == k
                ]
                own[k] = sum(left) / divide(lam, len(left)) if left else 0.0
    return mu, np.array(b_user), np.array(b_item)


with check("random ratings, against loops", points=1.5):
    for lam, sweeps in ((2.0, 3), (2.0, 1), (0.5, 2)):
        given = f"30 ratings, 9 users, 7 items (the last of each without ratings), λ = {lam}, {sweeps} sweeps"
        mu, want_user, want_item = biases_in_loops(lam, sweeps)
        got = fit_biases(users.copy(), items.copy(), ratings.copy(), 9, 7, lam, sweeps)
        checks.close(got[0], mu, given=given, what="mu")
        checks.close(
            got[1],
            want_user,
            rtol=1e-8,
            atol=1e-9,
            given=given,
            what="b_user",
            mistakes=[
                checks.Mistake(
                    "users before items",
                    looks_like=biases_in_loops(lam, sweeps, swapped=True)[1],
                    says="The order within a sweep is items first, then users. It matters until the sweeps have converged: whoever comes first takes what both could explain.",
                ),
                checks.Mistake(
                    "no shrinkage",
                    looks_like=biases_in_loops(0.0, sweeps)[1],
                    says="These are plain means of what is left. λ belongs in the denominator, beside the number of ratings.",
                ),
                checks.Mistake(
                    "both sides from the old values",
                    looks_like=biases_in_loops(lam, sweeps, fresh=False)[1],
                    says="The users were renewed with the item biases of the sweep *before*. Both sides then explain the same effect, and it is counted twice.",
                ),
                checks.Mistake(
                    "shrunk after averaging",
                    looks_like=biases_in_loops(
                        lam, sweeps, divide=lambda lam, count: (1 + lam) * count
                    )[1],
                    says="The mean is divided by 1 + λ, equally for two ratings and two thousand. λ must stand beside the count: many ratings outvote it.",
                ),
            ],
        )
        checks.close(got[2], want_item, rtol=1e-8, atol=1e-9, given=given, what="b_item")
with check("after many sweeps, the minimum of the penalised squares", points=1):
    A = np.zeros((30, 15))
    A[np.arange(30), users] = A[np.arange(30), 9 + items] = 1
    best = np.linalg.solve(A.T @ A + 0.7 * np.eye(15), A.T @ (ratings - ratings.mean()))
    got = fit_biases(users, items, ratings, 9, 6, 0.7, 300)
    checks.close(
        np.concatenate([checks.array(got[1], shape=(9,)), checks.array(got[2], shape=(6,))]),
        best,
        atol=1e-6,
        given="λ = 0.7, 300 sweeps, against the normal equations",
    )
with check("no rating and λ = 0: zero, no warning", points=0.5):
    import warnings

    given = "users = [0, 2], items = [1, 1], ratings = [4, 2], 4 users, 3 items, λ = 0, one sweep"
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        got = fit_biases(np.array([0, 2]), np.array([1, 1]), np.array([4.0, 2.0]), 4, 3, 0.0, 1)
    checks.close(
        got[1],
        np.array([1.0, 0.0, -1.0, 0.0]),
        atol=1e-9,
        given=given,
        what="b_user",
        mistakes=[
            checks.Mistake(
                "zero divided by zero",
                when=lambda: bool(np.isnan(np.asarray(got[1])).any()),
                says="Whoever has no rating has 0 / 0 = NaN here. A new user's bias is zero: the baseline then predicts the mean.",
            )
        ],
    )
    checks.close(got[2], np.zeros(3), atol=1e-9, given=given, what="b_item")
    lone = fit_biases(np.array([0, 1]), np.array([0, 1]), np.array([5.0, 2.0]), 2, 2, 0.0, 1)
    checks.close(
        lone[2],
        np.array([1.5, -1.5]),
        given="users = [0, 1], items = [0, 1], ratings = [5, 2], λ = 0, one sweep",
        what="b_item",
    )
    checks.that(not heard, "Expected no warning.", given=given)
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "fit_biases", "name": "users before items"}
def fit_biases(users, items, ratings, n_users, n_items, lam, sweeps):
    mu, b_user, b_item = ratings.mean(), np.zeros(n_users), np.zeros(n_items)
    for _ in range(sweeps):
        b_user = np.bincount(users, ratings - mu - b_item[items], n_users) / (
            lam + np.bincount(users, minlength=n_users)
        )
        b_item = np.bincount(items, ratings - mu - b_user[users], n_items) / (
            lam + np.bincount(items, minlength=n_items)
        )
    return mu, b_user, b_item


# %% tags=["mistake"] mistake={"exercise": "fit_biases", "name": "no shrinkage"}
def fit_biases(users, items, ratings, n_users, n_items, lam, sweeps):
    mu, b_user, b_item = ratings.mean(), np.zeros(n_users), np.zeros(n_items)
    for _ in range(sweeps):
        b_item = np.bincount(items, ratings - mu - b_user[users], n_items) / np.maximum(
            np.bincount(items, minlength=n_items), 1
        )
        b_user = np.bincount(users, ratings - mu - b_item[items], n_users) / np.maximum(
            np.bincount(users, minlength=n_users), 1
        )
    return mu, b_user, b_item


# %% tags=["mistake"] mistake={"exercise": "fit_biases", "name": "both sides from the old values"}
def fit_biases(users, items, ratings, n_users, n_items, lam, sweeps):
    mu, b_user, b_item = ratings.mean(), np.zeros(n_users), np.zeros(n_items)
    for _ in range(sweeps):
        b_item, b_user = (
            np.bincount(items, ratings - mu - b_user[users], n_items)
            / (lam + np.bincount(items, minlength=n_items)),
            np.bincount(users, ratings - mu - b_item[items], n_users)
            / (lam + np.bincount(users, minlength=n_users)),
        )
    return mu, b_user, b_item


# %% tags=["mistake"] mistake={"exercise": "fit_biases", "name": "shrunk after averaging"}
def fit_biases(users, items, ratings, n_users, n_items, lam, sweeps):
    mu, b_user, b_item = ratings.mean(), np.zeros(n_users), np.zeros(n_items)
    for _ in range(sweeps):
        b_item = (
            np.bincount(items, ratings - mu - b_user[users], n_items)
            / np.maximum(np.bincount(items, minlength=n_items), 1)
            / (1 + lam)
        )
        b_user = (
            np.bincount(users, ratings - mu - b_item[items], n_users)
            / np.maximum(np.bincount(users, minlength=n_users), 1)
            / (1 + lam)
        )
    return mu, b_user, b_item


# %% tags=["mistake"] mistake={"exercise": "fit_biases", "name": "zero divided by zero"}
def fit_biases(users, items, ratings, n_users, n_items, lam, sweeps):
    mu, b_user, b_item = ratings.mean(), np.zeros(n_users), np.zeros(n_items)
    for _ in range(sweeps):
        b_item = np.bincount(items, ratings - mu - b_user[users], n_items) / (
            lam + np.bincount(items, minlength=n_items)
        )
        b_user = np.bincount(users, ratings - mu - b_item[items], n_users) / (
            lam + np.bincount(users, minlength=n_users)
        )
    return mu, b_user, b_item


# %% tags=["alternative"] alternative={"exercise": "fit_biases", "name": "np.add.at"}
def fit_biases(users, items, ratings, n_users, n_items, lam, sweeps):
    def shrunk(ids, left, n):
        total, count = np.zeros(n), np.zeros(n)
        np.add.at(total, ids, left)
        np.add.at(count, ids, 1)
        return np.divide(total, count + lam, out=np.zeros(n), where=count > 0)

    mu, b_user, b_item = float(np.mean(ratings)), np.zeros(n_users), np.zeros(n_items)
    for _ in range(sweeps):
        b_item = shrunk(items, ratings - mu - b_user[users], n_items)
        b_user = shrunk(users, ratings - mu - b_item[items], n_users)
    return mu, b_user, b_item


# %% tags=["alternative"] alternative={"exercise": "fit_biases", "name": "sparse matrices of ones"}
def fit_biases(users, items, ratings, n_users, n_items, lam, sweeps):
    m, mu = len(ratings), ratings.mean()
    U = sparse.csr_matrix((np.ones(m), (users, np.arange(m))), shape=(n_users, m))
    V = sparse.csr_matrix((np.ones(m), (items, np.arange(m))), shape=(n_items, m))
    b_user, b_item = np.zeros(n_users), np.zeros(n_items)
    in_users, in_items = (np.asarray(A.sum(axis=1)).ravel() + 1e-15 for A in (U, V))
    for _ in range(sweeps):
        b_item = V @ (ratings - mu - U.T @ b_user) / (in_items + lam)
        b_user = U @ (ratings - mu - V.T @ b_item) / (in_users + lam)
    return mu, b_user, b_item


# %% [markdown]
# **Asked next**: *"What does λ = 10 mean here?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Ten imaginary ratings at the expected value. A film with ten real ratings keeps half of the mean of what is left, one with
# ninety keeps 90 %. To check yours: an item with 10 ratings, all 1 star above the mean of all ratings, gets 0.5 with λ = 10
# in the first sweep. In a Bayesian reading, λ is the variance of the noise over the variance of the biases.
# </details>

# %% [markdown]
# ## 2 · Neighbours
#
# "People who liked this also liked" needs one number for each pair of items: how similar are their ratings, among the people
# who rated both? On a matrix that is 98 % empty, three things decide: absent isn't zero, generous people rate everything
# high, and two people in common prove little.

# %% [markdown]
# ## Exercise 3 · Similarity of items
#
# *Difficulty 4 of 5 · 20 minutes · 5 points*
#
# Take each user's mean off their ratings, $c_{ui} = r_{ui} - \bar r_u$. Then, over the users $U_{ij}$ who rated both,
# $n_{ij}$ of them:
#
# $$ s_{ij} = \frac{\sum_{u \in U_{ij}} c_{ui}\, c_{uj}}{\sqrt{\sum_{u \in U_{ij}} c_{ui}^2}\; \sqrt{\sum_{u \in U_{ij}} c_{uj}^2}}
# \cdot \frac{n_{ij}}{n_{ij} + \beta} . $$
#
# In words: the cosine of the two items' centred ratings over their common users (the **adjusted cosine**), pulled to zero
# where few users are common. β is the shrinkage: with β common users, half the cosine is left.
#
# All sums are sparse products. Let $C$ hold the centred ratings, and let $M$ be 1 where there is a rating. Then $C^\top C$
# holds the upper sums (the numerators), $(C \circ C)^\top M$ the sums below the roots ($\circ$ multiplies element by element)
# and $M^\top M$ the counts.
#
# *Worked example.* User 0 rates items 0, 1, 2 with 5, 3, 1, and user 1 rates items 0 and 1 with 4 and 2. The centred ratings are
# 2, 0, −2 and 1, −1. Items 0 and 1: upper sum 2 · 0 + 1 · (−1) = −1, roots √5 and √1, cosine −0.447. With β = 2 and two
# common users, half of it: −0.224.
#
# **In the round.** They look for sparse products in place of a loop over pairs. They push on the denominator: the norm of
# the *whole* column is the common slip, and it makes popular items similar to nothing.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "item_similarity",
    "Which users may contribute to the norm of item i when it is compared with item j?",
    "Centre the data of a copy of R, with np.repeat of the means; build M with the same indices and ones. The squared norms depend on both i and j.",
    "norms = (C.multiply(C).T @ M).toarray(); the denominator is the root of norms * norms.T; divide only where it is positive.",
)


# %% nbgrader={"grade": false, "grade_id": "item_similarity", "locked": false, "schema_version": 3, "solution": true, "task": false}
def item_similarity(R, shrinkage):
    """Give the shrunk adjusted cosine between all items.

    Parameters
    ----------
    R : scipy.sparse.csr_matrix of float, shape (n_users, n_items)
        Ratings in stars, multiples of one half; an absent entry means not rated.
    shrinkage : float
        β ≥ 0, in users.

    Returns
    -------
    similarity : ndarray of float, shape (n_items, n_items)
        Symmetric, between −1 and 1. A user's mean is over all that they rated; the sum and both norms
        are over the users who rated both items. Zero on the diagonal, and where a norm is zero or
        nobody rated both.

    Notes
    -----
    R is not changed. No Python loop over users, items or pairs, and no warning.
    """
    ### BEGIN SOLUTION
    count = np.diff(R.indptr)
    means = np.asarray(R.sum(axis=1)).ravel() / np.maximum(count, 1)
    C = sparse.csr_matrix((R.data - np.repeat(means, count), R.indices, R.indptr), shape=R.shape)
    M = sparse.csr_matrix((np.ones(R.nnz), R.indices, R.indptr), shape=R.shape)
    norms = (C.multiply(C).T @ M).toarray()
    common = (M.T @ M).toarray()
    below = np.sqrt(norms * norms.T)
    above = (C.T @ C).toarray() * common
    similarity = np.zeros_like(below)
    np.divide(above, below * (common + shrinkage), out=similarity, where=below > 0)
    np.fill_diagonal(similarity, 0)
    return similarity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "item_similarity_test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check = checks.start("item_similarity")
with check("two users, worked by hand", points=0.5):
    R = sparse.csr_matrix(np.array([[5.0, 3.0, 1.0], [4.0, 2.0, 0.0]]))
    got = checks.array(
        item_similarity(R, 2.0), shape=(3, 3), given="R = [[5, 3, 1], [4, 2, none]], β = 2"
    )
    checks.close(
        got[0, 1],
        -0.5 / 5**0.5,
        given="R = [[5, 3, 1], [4, 2, none]], β = 2",
        what="similarity[0, 1]",
    )
    checks.close(
        got[0, 2],
        -1 / 3,
        given="R = [[5, 3, 1], [4, 2, none]], β = 2; one common user",
        what="similarity[0, 2]",
    )
with check("symmetric, zero on the diagonal", points=0.5):
    R = sparse.csr_matrix(
        np.array([[5.0, 3.0, 1.0, 0.0], [4.0, 0.0, 2.0, 1.0], [0.0, 2.0, 4.5, 3.0]])
    )
    got = checks.array(item_similarity(R, 0.0), shape=(4, 4))
    checks.close(got, got.T, atol=1e-12, given="three users, four items, β = 0")
    checks.close(
        np.diag(got), np.zeros(4), given="three users, four items, β = 0", what="the diagonal"
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
stars = rng.integers(1, 11, (14, 7)) / 2 * (rng.random((14, 7)) < 0.55)
stars[5] = 0
stars[:, 6] = 0


def similar_in_loops(stars, beta, centre=True, whole=False, by_item=False, zeros=False):
    there = stars > 0
    means = stars.sum(1) / np.maximum(there.sum(1), 1)
    if by_item:
        C = np.where(there, stars - stars.sum(0) / np.maximum(there.sum(0), 1), 0)
    else:
        C = np.where(there, stars - means[:, None] * centre, 0)
    if zeros:
        C = stars - stars.mean(1, keepdims=True)
    n = stars.shape[1]
    S = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            both = there[:, i] & there[:, j]
            a, b = C[both, i], C[both, j]
            below = (
                np.linalg.norm(C[:, i]) * np.linalg.norm(C[:, j])
                if whole or zeros
                else np.linalg.norm(a) * np.linalg.norm(b)
            )
            above = C[:, i] @ C[:, j] if zeros else a @ b
            if i != j and below > 0:
                S[i, j] = above / below * (both.sum() / (both.sum() + beta) if both.sum() else 0)
    return S


with check("random ratings, against loops over pairs", points=2):
    for beta in (0.0, 3.0, 0.4):
        given = f"14 users (one without ratings), 7 items (one without ratings), β = {beta}"
        checks.close(
            item_similarity(sparse.csr_matrix(stars), beta),
            similar_in_loops(stars, beta),
            rtol=1e-8,
            atol=1e-9,
            given=given,
            mistakes=[
                checks.Mistake(
                    "norms of whole columns",
                    looks_like=lambda beta=beta: similar_in_loops(stars, beta, whole=True),
                    says="The norms are over all users of each item, the upper sum only over the common ones. Two items with few users in common then look unalike, however well these agree.",
                ),
                checks.Mistake(
                    "not centred",
                    looks_like=lambda beta=beta: similar_in_loops(stars, beta, centre=False),
                    says="All stars are positive, so all cosines are near 1. Take each user's mean off first.",
                ),
                checks.Mistake(
                    "centred by item",
                    looks_like=lambda beta=beta: similar_in_loops(stars, beta, by_item=True),
                    says="The item's mean was taken off. What makes two items look alike by accident is that generous users rate both high: take the *user's* mean off.",
                ),
                checks.Mistake(
                    "absent ratings are zeros",
                    looks_like=lambda beta=beta: similar_in_loops(stars, beta, zeros=True),
                    says="The means or the products ran over the whole dense matrix, where absent is 0 stars.",
                ),
            ],
        )
with check("a user with equal ratings, ratings equal to the mean", points=0.5):
    import warnings

    R = sparse.csr_matrix(
        np.array([[4.0, 4.0, 0.0], [5.0, 3.0, 4.0], [1.0, 3.0, 2.0], [0.0, 0.0, 3.5]])
    )
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        got = item_similarity(R, 1.0)
        near = item_similarity(
            sparse.csr_matrix(np.array([[3.0, 3.5, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 2.0]])), 0.0
        )
    checks.close(
        near,
        np.array([[0, -1, 0], [-1, 0, 0], [0, 0, 0]]),
        atol=1e-12,
        given="R = [[3, 3.5, –], [–, –, –], [–, –, 2]], β = 0",
    )
    given = "R = [[4, 4, –], [5, 3, 4], [1, 3, 2], [–, –, 3.5]], β = 1"
    checks.close(
        got,
        np.array([[0, -0.75, 0], [-0.75, 0, 0], [0, 0, 0]]),
        atol=1e-12,
        given=given,
        mistakes=[
            checks.Mistake(
                "common users counted by what is not zero",
                looks_like=np.array([[0, -2 / 3, 0], [-2 / 3, 0, 0], [0, 0, 0]]),
                says="A rating that equals its user's mean is 0 once centred, and `!= 0` or `> 0` then takes it for absent. Count by what is stored in R.",
            ),
        ],
    )
    checks.that(not heard, "Expected no warning.", given=given)
with check("R stays, against scikit-learn, and time grows slowly", points=1.5):
    from sklearn.metrics.pairwise import cosine_similarity

    full = rng.integers(1, 11, (9, 4)) / 2
    R = sparse.csr_matrix(full)
    want = cosine_similarity((full - full.mean(1, keepdims=True)).T) * 9 / 14
    np.fill_diagonal(want, 0)
    checks.close(
        item_similarity(R, 5.0),
        want,
        rtol=1e-8,
        atol=1e-10,
        given="everybody rated everything, β = 5",
    )
    checks.close(R.toarray(), full, given="R after the call")

    def few_ratings(n):
        items = np.random.default_rng(n).integers(0, n, (n, 4))
        users = np.repeat(np.arange(n), 4)
        dense = np.zeros((n, n))
        dense[users, items.ravel()] = np.random.default_rng(1).integers(1, 11, 4 * n) / 2
        return sparse.csr_matrix(dense), 2.0

    def products(R, shrinkage):
        # So often that an answer by dense products, fast at these sizes, takes no longer.
        return [(R.T @ R).toarray() for _ in range(15)]

    checks.growth(
        item_similarity,
        few_ratings,
        [32, 64, 128],
        products,
        0.5,
        given="n users and n items, at most 4 ratings for each user",
        mistakes=[
            checks.Mistake(
                "a loop over pairs of items",
                says="Every pair of items costs a pass of its own, most of them for nobody in common. Sparse products touch only pairs that some user rated.",
            )
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "item_similarity", "name": "norms of whole columns"}
def item_similarity(R, shrinkage):
    count = np.diff(R.indptr)
    means = np.asarray(R.sum(axis=1)).ravel() / np.maximum(count, 1)
    C = sparse.csr_matrix((R.data - np.repeat(means, count), R.indices, R.indptr), shape=R.shape)
    M = sparse.csr_matrix((np.ones(R.nnz), R.indices, R.indptr), shape=R.shape)
    norm = np.sqrt(np.asarray(C.multiply(C).sum(axis=0)).ravel())
    common = (M.T @ M).toarray()
    S = (
        (C.T @ C).toarray()
        / np.maximum(np.outer(norm, norm), 1e-12)
        * common
        / np.maximum(common + shrinkage, 0.5)
    )
    np.fill_diagonal(S, 0)
    return S


# %% tags=["mistake"] mistake={"exercise": "item_similarity", "name": "not centred"}
def item_similarity(R, shrinkage):
    M = sparse.csr_matrix((np.ones(R.nnz), R.indices, R.indptr), shape=R.shape)
    norms, common = (R.multiply(R).T @ M).toarray(), (M.T @ M).toarray()
    S = (
        (R.T @ R).toarray()
        / np.maximum(np.sqrt(norms * norms.T), 1e-12)
        * common
        / np.maximum(common + shrinkage, 0.5)
    )
    np.fill_diagonal(S, 0)
    return S


# %% tags=["mistake"] mistake={"exercise": "item_similarity", "name": "centred by item"}
def item_similarity(R, shrinkage):
    M = sparse.csr_matrix((np.ones(R.nnz), R.indices, R.indptr), shape=R.shape)
    means = np.asarray(R.sum(axis=0)).ravel() / np.maximum(np.asarray(M.sum(axis=0)).ravel(), 1)
    C = sparse.csr_matrix((R.data - means[R.indices], R.indices, R.indptr), shape=R.shape)
    norms, common = (C.multiply(C).T @ M).toarray(), (M.T @ M).toarray()
    S = (
        (C.T @ C).toarray()
        / np.maximum(np.sqrt(norms * norms.T), 1e-12)
        * common
        / np.maximum(common + shrinkage, 0.5)
    )
    np.fill_diagonal(S, 0)
    return S


# %% tags=["mistake"] mistake={"exercise": "item_similarity", "name": "absent ratings are zeros"}
def item_similarity(R, shrinkage):
    A = R.toarray()
    M = (A > 0).astype(float)
    C = A - A.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(C, axis=0)
    common = M.T @ M
    S = (
        C.T
        @ C
        / np.maximum(np.outer(norm, norm), 1e-12)
        * common
        / np.maximum(common + shrinkage, 0.5)
    )
    np.fill_diagonal(S, 0)
    return S


# %% tags=["mistake"] mistake={"exercise": "item_similarity", "name": "common users counted by what is not zero"}
def item_similarity(R, shrinkage):
    A = R.toarray()
    means = A.sum(axis=1) / np.maximum((A > 0).sum(axis=1), 1)
    C = np.where(A > 0, A - means[:, None], 0)
    M = (C != 0).astype(float)
    norms, common = (C * C).T @ (A > 0), M.T @ M
    S = (
        C.T
        @ C
        / np.maximum(np.sqrt(norms * norms.T), 1e-12)
        * common
        / np.maximum(common + shrinkage, 0.5)
    )
    np.fill_diagonal(S, 0)
    return S


# %% tags=["mistake"] mistake={"exercise": "item_similarity", "name": "a loop over pairs of items"}
def item_similarity(R, shrinkage):
    A = R.toarray()
    there = A > 0
    C = np.where(there, A - (A.sum(1) / np.maximum(there.sum(1), 1))[:, None], 0)
    n = A.shape[1]
    S = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            both = there[:, i] & there[:, j]
            below = np.linalg.norm(C[both, i]) * np.linalg.norm(C[both, j])
            if i != j and below > 0:
                S[i, j] = C[both, i] @ C[both, j] / below * both.sum() / (both.sum() + shrinkage)
    return S


# %% tags=["alternative"] alternative={"exercise": "item_similarity", "name": "dense products"}
def item_similarity(R, shrinkage):
    A = R.toarray()
    M = (A > 0).astype(float)
    C = (A - (A.sum(1) / np.maximum(M.sum(1), 1))[:, None]) * M
    norms, common = (C * C).T @ M, M.T @ M
    weight = np.where(common > 0, common / np.maximum(common + shrinkage, 1e-9), 0)
    below = np.sqrt(norms) * np.sqrt(norms).T
    S = np.where(below > 0, C.T @ C / np.where(below > 0, below, 1), 0) * weight
    return S * (1 - np.eye(len(S)))


# %% tags=["alternative"] alternative={"exercise": "item_similarity", "name": "through COO"}
def item_similarity(R, shrinkage):
    A = R.tocoo()
    count = np.bincount(A.row, minlength=R.shape[0])
    means = np.bincount(A.row, A.data, R.shape[0]) / np.maximum(count, 1)
    where = (A.row, A.col)
    C = sparse.csc_matrix((A.data - means[A.row], where), shape=R.shape)
    C2 = sparse.csc_matrix(((A.data - means[A.row]) ** 2, where), shape=R.shape)
    M = sparse.csc_matrix((np.ones(len(A.data)), where), shape=R.shape)
    left, common = (C2.T @ M).toarray(), (M.T @ M).toarray()
    below = np.sqrt(left * left.T)
    S = (C.T @ C).toarray() / np.where(below == 0, np.inf, below)
    S *= common / np.where(common == 0, np.inf, common + shrinkage)
    S[np.diag_indices_from(S)] = 0
    return S


# %% [markdown]
# **Asked next**: *"What does this cost for a million items?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The products cost $\sum_u n_u^2$: a user with 10,000 ratings alone adds 10⁸. Cap the history of each user. The dense result
# would be 10¹² numbers, so work it out block by block and keep only the k nearest of each item, as a sparse matrix. To check
# yours: three users with 2, 2 and 10 ratings cost 4 + 4 + 100 products.
# </details>

# %% [markdown]
# ## Exercise 4 · Predict from similar items
#
# *Difficulty 3 of 5 · 15 minutes · 4 points*
#
# Similarities become a prediction: what did this user give to the items most similar to this one?
#
# $$ \hat r_{ui} = \bar r_u + \frac{\sum_{j \in N} s_{ij}\, (r_{uj} - \bar r_u)}{\sum_{j \in N} s_{ij}} . $$
#
# In words: the user's mean, plus a weighted mean of how they liked the k items most similar to $i$, relative to their mean.
# $N$ holds those k, chosen among the items that *this user* rated, other than $i$, with similarity above 0. ($\bar r_u$ is
# the same for all neighbours, so it cancels: this is the weighted mean of their stars. The form with deviations is the one
# that stays right when you replace $\bar r_u$ by a baseline of each item.)
#
# *Worked example.* The user rated items 1, 2, 3 with 5, 3, 1 (mean 3). The similarities to item 0 are 0.5, 0.25, 0.1, and k = 2.
# The prediction is 3 + (0.5 · 2 + 0.25 · 0)/0.75 = 4.33.
#
# **In the round.** "And if the user rated none of the neighbours?" Say the whole chain: neighbours, then the user's mean, then
# the mean of all.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "predict_from_items",
    "Among which items do you look for the k most similar ones: all, or those the user rated?",
    "Slice the user's items and ratings out of R.indices and R.data. Drop the item itself and similarities that aren't positive, then sort.",
    "np.argsort(-s, kind='stable')[:k] after sorting the user's items by index keeps the smaller index first among ties.",
)


# %% nbgrader={"grade": false, "grade_id": "predict_from_items", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_from_items(R, similarity, users, items, k):
    """Predict ratings from the k most similar items that the user rated.

    Parameters
    ----------
    R : scipy.sparse.csr_matrix of float, shape (n_users, n_items)
        Ratings in stars, at least one; indices sorted in each row; an absent entry means not rated.
    similarity : ndarray of float, shape (n_items, n_items)
        Symmetric.
    users, items : ndarray of int, shape (m,)
        The pairs to predict. A pair may have a rating in R; it isn't its own neighbour, but
        counts in the user's mean.
    k : int
        ≥ 1.

    Returns
    -------
    predictions : ndarray of float, shape (m,)
        In stars, not clipped. Only similarities > 0 count; of equal ones the smaller item index goes
        first. With fewer than k neighbours: those; with none: the user's mean; for a user without
        ratings: the mean of all ratings. The arguments are not changed.
    """
    ### BEGIN SOLUTION
    predictions = np.full(len(users), R.data.mean())
    for n in range(len(users)):
        u, i = users[n], items[n]
        own = slice(R.indptr[u], R.indptr[u + 1])
        rated, stars = R.indices[own], R.data[own]
        if len(rated) == 0:
            continue
        s = similarity[i, rated] * (rated != i)
        near = np.argsort(-s, kind="stable")[:k]
        near = near[s[near] > 0]
        predictions[n] = stars.mean()
        if len(near):
            predictions[n] += s[near] @ (stars[near] - stars.mean()) / s[near].sum()
    return predictions
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "predict_from_items_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("predict_from_items")
with check("three ratings, worked by hand", points=0.5):
    R = sparse.csr_matrix(np.array([[0.0, 5.0, 3.0, 1.0]]))
    S = np.array([[0, 0.5, 0.25, 0.1], [0.5, 0, 0, 0], [0.25, 0, 0, 0], [0.1, 0, 0, 0]])
    checks.close(
        predict_from_items(R, S, np.array([0]), np.array([0]), 2),
        np.array([13 / 3]),
        given="ratings –, 5, 3, 1; similarities to item 0: 0.5, 0.25, 0.1; k = 2",
    )
with check("a user without ratings", points=0.5):
    R = sparse.csr_matrix(np.array([[4.0, 5.0], [0.0, 0.0]]))
    checks.close(
        predict_from_items(R, np.array([[0, 0.5], [0.5, 0]]), np.array([1]), np.array([0]), 2),
        np.array([4.5]),
        given="R = [[4, 5], [–, –]], user 1",
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
stars = rng.integers(1, 11, (6, 10)) / 2 * (rng.random((6, 10)) < 0.6)
stars[3] = 0
S = np.triu(rng.normal(0.1, 0.4, (10, 10)), 1)
S = np.round(S + S.T, 1)
users, items = (a.ravel() for a in np.indices((6, 10)))


def from_items_in_loops(k, own=False, negative=False, everywhere=False, plain=False, count=False):
    out = []
    for u, i in zip(users, items, strict=True):
        rated = [j for j in range(10) if stars[u, j] > 0]
        if not rated:
            out.append(stars[stars > 0].mean())
            continue
        mean = np.mean(stars[u, rated])
        weight = S + 2 * np.eye(10) if own else S
        pool = sorted(
            (j for j in (range(10) if everywhere else rated) if own or j != i),
            key=lambda j: (-abs(weight[i, j]) if negative else -weight[i, j], j),
        )[:k]
        pool = [j for j in pool if j in rated and (negative or weight[i, j] > 0)]
        w = np.array([1.0 if plain else weight[i, j] for j in pool])
        dev = np.array([stars[u, j] - mean for j in pool])
        below = len(w) if count else np.abs(w).sum()
        out.append(mean + (w @ dev / below if below else 0))
    return np.array(out)


with check("all pairs of a random matrix, against loops", points=2):
    for k in (2, 1, 9):
        checks.close(
            predict_from_items(sparse.csr_matrix(stars), S.copy(), users.copy(), items.copy(), k),
            from_items_in_loops(k),
            rtol=1e-8,
            given=f"6 users (one without ratings), 10 items, similarities with ties and negative ones, k = {k}",
            mistakes=[
                checks.Mistake(
                    "neighbours that the user did not rate",
                    looks_like=lambda k=k: from_items_in_loops(k, everywhere=True),
                    says="The k most similar of *all* items were taken, and those without a rating dropped. Mostly nobody is left. Choose among what the user rated.",
                ),
                checks.Mistake(
                    "negative neighbours",
                    looks_like=lambda k=k: from_items_in_loops(k, negative=True),
                    says="Negative similarities take part. Among few common users they are mostly noise; the docstring asks for those above 0.",
                ),
                checks.Mistake(
                    "an unweighted mean",
                    looks_like=lambda k=k: from_items_in_loops(k, plain=True),
                    says="All neighbours count equally. The similarity is the weight.",
                ),
                checks.Mistake(
                    "divided by the number of neighbours",
                    looks_like=lambda k=k: from_items_in_loops(k, count=True),
                    says="The weights must sum to one: divide by the sum of the similarities. Divided by how many there are, every prediction shrinks to the mean.",
                ),
            ],
        )
with check("no neighbour; the item itself; equal similarities", points=0.5):
    R = sparse.csr_matrix(np.array([[5.0, 1.0, 3.0], [2.0, 0.0, 0.0]]))
    S3 = np.array([[1, 0.5, 0.5], [0.5, 1, 0], [0.5, 0, 1]])
    got = predict_from_items(R, S3, np.array([0, 1, 1, 0]), np.array([0, 0, 1, 1]), 1)
    checks.close(
        got,
        np.array([1.0, 2.0, 2.0, 5.0]),
        given="R = [[5, 1, 3], [2, –, –]], similarity 1 to itself, 0.5 from item 0 to both others, k = 1",
        mistakes=[
            checks.Mistake(
                "the item is its own neighbour",
                looks_like=np.array([5.0, 2.0, 2.0, 1.0]),
                says="The pair's own rating is used to predict it. The error on training pairs is then zero, and says nothing.",
            ),
        ],
    )
with check("the inputs stay as they were", points=0.5):
    R, S4 = sparse.csr_matrix(stars), S.copy()
    got = predict_from_items(R, S4, users, items, 3)
    checks.close(got, from_items_in_loops(3), rtol=1e-8, given="k = 3")
    checks.close(R.toarray(), stars, given="R after the call")
    checks.close(S4, S, given="similarity after the call")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "predict_from_items", "name": "neighbours that the user did not rate"}
def predict_from_items(R, similarity, users, items, k):
    A, out = R.toarray(), np.full(len(users), R.data.mean())
    for n, (u, i) in enumerate(zip(users, items, strict=True)):
        if not A[u].any():
            continue
        mean = A[u][A[u] > 0].mean()
        order = np.argsort(-similarity[i], kind="stable")
        near = [j for j in order[order != i][:k] if A[u, j] > 0 and similarity[i, j] > 0]
        out[n] = mean + (
            similarity[i, near] @ (A[u, near] - mean) / similarity[i, near].sum() if near else 0
        )
    return out


# %% tags=["mistake"] mistake={"exercise": "predict_from_items", "name": "negative neighbours"}
def predict_from_items(R, similarity, users, items, k):
    A, out = R.toarray(), np.full(len(users), R.data.mean())
    for n, (u, i) in enumerate(zip(users, items, strict=True)):
        rated = np.flatnonzero(A[u])
        if not len(rated):
            continue
        mean = A[u, rated].mean()
        near = rated[rated != i]
        near = near[np.argsort(-np.abs(similarity[i, near]), kind="stable")[:k]]
        below = np.abs(similarity[i, near]).sum()
        out[n] = mean + (similarity[i, near] @ (A[u, near] - mean) / below if below else 0)
    return out


# %% tags=["mistake"] mistake={"exercise": "predict_from_items", "name": "an unweighted mean"}
def predict_from_items(R, similarity, users, items, k):
    A, out = R.toarray(), np.full(len(users), R.data.mean())
    for n, (u, i) in enumerate(zip(users, items, strict=True)):
        rated = np.flatnonzero(A[u])
        if not len(rated):
            continue
        near = rated[(rated != i) & (similarity[i, rated] > 0)]
        near = near[np.argsort(-similarity[i, near], kind="stable")[:k]]
        out[n] = A[u, near].mean() if len(near) else A[u, rated].mean()
    return out


# %% tags=["mistake"] mistake={"exercise": "predict_from_items", "name": "divided by the number of neighbours"}
def predict_from_items(R, similarity, users, items, k):
    A, out = R.toarray(), np.full(len(users), R.data.mean())
    for n, (u, i) in enumerate(zip(users, items, strict=True)):
        rated = np.flatnonzero(A[u])
        if not len(rated):
            continue
        mean = A[u, rated].mean()
        near = rated[(rated != i) & (similarity[i, rated] > 0)]
        near = near[np.argsort(-similarity[i, near], kind="stable")[:k]]
        out[n] = mean + (similarity[i, near] @ (A[u, near] - mean) / len(near) if len(near) else 0)
    return out


# %% tags=["mistake"] mistake={"exercise": "predict_from_items", "name": "the item is its own neighbour"}
def predict_from_items(R, similarity, users, items, k):
    A, out = R.toarray(), np.full(len(users), R.data.mean())
    for n, (u, i) in enumerate(zip(users, items, strict=True)):
        rated = np.flatnonzero(A[u])
        if not len(rated):
            continue
        mean = A[u, rated].mean()
        near = rated[similarity[i, rated] > 0]
        near = near[np.argsort(-similarity[i, near], kind="stable")[:k]]
        s = similarity[i, near]
        out[n] = mean + (s @ (A[u, near] - mean) / s.sum() if len(near) else 0)
    return out


# %% tags=["alternative"] alternative={"exercise": "predict_from_items", "name": "a weighted mean of stars"}
def predict_from_items(R, similarity, users, items, k):
    A, out = R.toarray(), []
    for u, i in zip(users.tolist(), items.tolist(), strict=True):
        rated = [j for j in range(A.shape[1]) if A[u, j] > 0]
        near = sorted((-similarity[i, j], j) for j in rated if j != i and similarity[i, j] > 0)[:k]
        if near:
            out.append(sum(-s * A[u, j] for s, j in near) / -sum(s for s, _ in near))
        else:
            out.append(float(np.mean(A[u, rated])) if rated else float(R.data.mean()))
    return np.array(out)


# %% tags=["alternative"] alternative={"exercise": "predict_from_items", "name": "without a loop"}
def predict_from_items(R, similarity, users, items, k):
    A = R.toarray()
    there = A > 0
    means = np.where(there.any(1), A.sum(1) / np.maximum(there.sum(1), 1), R.data.mean())
    s = np.where(there[users] & (np.arange(A.shape[1]) != items[:, None]), similarity[items], 0)
    s = np.maximum(s, 0)
    order = np.argsort(-s, axis=1, kind="stable")[:, :k]
    weight = np.take_along_axis(s, order, axis=1)
    apart = np.take_along_axis(A[users], order, axis=1) - means[users, None]
    below = weight.sum(1)
    return means[users] + (weight * apart).sum(1) / np.where(below > 0, below, 1)


# %% [markdown]
# **Asked next**: *"Why items and not users?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Most products have far more users than items, so an item has more ratings than a user: similarities of items are steadier,
# change slowly and can be worked out overnight. (Here it is the other way: 671 people, 9,066 films.) A new rating changes
# the prediction at once, for it enters as data, and "because you liked X" explains itself. To check yours: a user with the
# single rating of 2 gets 2 for every item.
# </details>

# %% [markdown]
# ## Exercise 5 · Predict from similar users
#
# *Difficulty 5 of 5 · 20 minutes · 5 points*
#
# The other direction. The similarity of two users is the **Pearson correlation** over the items that both rated, with the
# means over *these* items, shrunk as before: $w_{uv} = \rho_{uv} \cdot n_{uv} / (n_{uv} + \beta)$. Then
#
# $$ \hat r_{ui} = \bar r_u + \frac{\sum_{v \in N} w_{uv}\, (r_{vi} - \bar r_v)}{\sum_{v \in N} w_{uv}} . $$
#
# In words: the user's mean, plus a weighted mean of how far above *their own* means the k most similar users who rated the
# item put it. The means in this formula are over all that each rated.
#
# *Worked example.* User 0 rated items 0, 1 with 2, 4 (mean 3); user 1 rated items 0, 1, 2 with 1, 2, 3 (mean 2). Over items 0
# and 1 the correlation is 1. The prediction for user 0 and item 2 is 3 + (3 − 2) = 4, whatever β.
#
# **In the round.** "Over which films?" is the question: the means and spreads of the correlation belong to the common ones.
# Two users with two films in common correlate by +1 or −1 (or not at all, if one gave both the same): hence the shrinkage.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "predict_from_users",
    "Which users can help at all with a given item?",
    "Work out the correlations of one user with those who rated the item, over the common items; a common count below 2 or no spread gives 0.",
    "On dense rows a, b with both = (a > 0) & (b > 0): x, y = a[both] − its mean, b[both] − its mean; ρ = x·y / √(x·x y·y).",
)


# %% nbgrader={"grade": false, "grade_id": "predict_from_users", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_from_users(R, users, items, k, shrinkage):
    """Predict ratings from the k most similar users who rated the item.

    Parameters
    ----------
    R : scipy.sparse.csr_matrix of float, shape (n_users, n_items)
        Ratings in stars, positive multiples of one half, at least one; absent means not rated.
    users, items : ndarray of int, shape (m,)
        The pairs to predict. A user isn't their own neighbour.
    k : int
        ≥ 1.
    shrinkage : float
        β ≥ 0, in items.

    Returns
    -------
    predictions : ndarray of float, shape (m,)
        In stars, not clipped. A weight is Pearson's correlation over the n common items, with means
        over these, times n / (n + β), the product rounded to 9 decimals so that rounding errors
        can't break ties; 0 where either user has no spread over the common items, or there are none.
        Only weights > 0 count; of equal ones the smaller user index goes first. With fewer than k
        neighbours: those; with none: the user's mean; for a user without ratings: the mean of all
        ratings. The user's and the neighbours' own means are over all that each rated.

    Notes
    -----
    R is not changed. No warning.
    """
    ### BEGIN SOLUTION
    M = (R > 0).astype(float)
    n, S1, S2 = ((A @ M.T).toarray() for A in (M, R, R.multiply(R).tocsr()))
    var = n * S2 - S1 * S1
    below = np.sqrt(var * var.T)
    above, W = (n * (R @ R.T).toarray() - S1 * S1.T) * n, np.zeros_like(n)
    W = np.round(np.divide(above, below * (n + shrinkage), out=W, where=below > 0), 9)
    count = np.diff(R.indptr)
    means = np.where(count, np.asarray(R.sum(axis=1)).ravel() / np.maximum(count, 1), R.data.mean())
    out, columns = means[users], R.tocsc()
    for m in range(len(users)):
        u, i = users[m], items[m]
        own = slice(columns.indptr[i], columns.indptr[i + 1])
        who = columns.indices[own]
        w = np.where(who == u, 0, np.maximum(W[u, who], 0))
        near = np.argsort(-w, kind="stable")[:k]
        if w[near].sum() > 0:
            out[m] += w[near] @ (columns.data[own] - means[who])[near] / w[near].sum()
    return out
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "predict_from_users_test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check = checks.start("predict_from_users")
with check("two users, worked by hand", points=0.5):
    R = sparse.csr_matrix(np.array([[2.0, 4.0, 0.0], [1.0, 2.0, 3.0]]))
    checks.close(
        predict_from_users(R, np.array([0]), np.array([2]), 3, 10.0),
        np.array([4.0]),
        given="R = [[2, 4, –], [1, 2, 3]], user 0, item 2, β = 10",
    )
with check("a user without ratings, an item without ratings", points=0.5):
    R = sparse.csr_matrix(np.array([[4.0, 5.0, 0.0], [0.0, 0.0, 0.0]]))
    checks.close(
        predict_from_users(R, np.array([1, 0]), np.array([0, 2]), 2, 0.0),
        np.array([4.5, 4.5]),
        given="R = [[4, 5, –], [–, –, –]]; user 1 with item 0, user 0 with item 2",
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
stars = rng.integers(1, 11, (12, 8)) / 2 * (rng.random((12, 8)) < 0.7)
stars[3] = 0
stars[7] = np.where(stars[7] > 0, 3.5, 0)
users, items = (a.ravel() for a in np.indices((12, 8)))


def from_users_in_loops(
    stars, k, beta, whole=False, cosine=False, negative=False, their_mean=True, shrink=True
):
    there = stars > 0
    overall = stars[there].mean()
    means = [row[row > 0].mean() if (row > 0).any() else overall for row in stars]

    def weight(u, v):
        both = there[u] & there[v]
        if both.sum() == 0:
            return 0.0
        a, b = stars[u, both], stars[v, both]
        if not cosine:
            a, b = (a - means[u], b - means[v]) if whole else (a - a.mean(), b - b.mean())
        below = np.linalg.norm(a) * np.linalg.norm(b)
        return (
            round(a @ b / below * (both.sum() / (both.sum() + beta) if shrink else 1), 9)
            if below > 1e-9
            else 0.0
        )

    W = np.array([[weight(u, v) for v in range(len(stars))] for u in range(len(stars))])
    out = []
    for u, i in zip(users, items, strict=True):
        pool = [
            v for v in range(len(stars)) if there[v, i] and v != u and (negative or W[u, v] > 0)
        ]
        pool = sorted(pool, key=lambda v: (-abs(W[u, v]), v))[:k]
        w = np.array([W[u, v] for v in pool])
        dev = np.array([stars[v, i] - (means[v] if their_mean else means[u]) for v in pool])
        out.append(
            means[u] + (w @ dev / np.abs(w).sum() if len(pool) and np.abs(w).sum() > 0 else 0)
        )
    return np.array(out)


with check("the similarity is SciPy's", points=1):
    from scipy.stats import pearsonr

    A = np.array([[1.0, 3.0, 2.5, 0.0, 4.0], [2.0, 2.5, 4.0, 5.0, 4.5], [4.0, 4.5, 3.5, 1.0, 5.0]])
    w = [pearsonr(A[0, [0, 1, 2, 4]], A[v, [0, 1, 2, 4]])[0] for v in (1, 2)]
    want = A[0, A[0] > 0].mean() + np.dot(w, [5 - A[1].mean(), 1 - A[2].mean()]) / np.sum(w)
    checks.that(min(w) > 0, "Both similarities are positive.")
    checks.close(
        predict_from_users(sparse.csr_matrix(A), np.array([0]), np.array([3]), 2, 1.5),
        np.array([want]),
        rtol=1e-8,
        given=f"R = {A.tolist()} (0 is absent), user 0, item 3, k = 2, β = 1.5",
    )
with check("all pairs of a random matrix, against loops", points=2):
    for k, beta in ((2, 3.0), (1, 0.5), (11, 0.0)):
        checks.close(
            predict_from_users(sparse.csr_matrix(stars), users.copy(), items.copy(), k, beta),
            from_users_in_loops(stars, k, beta),
            rtol=1e-7,
            given=f"12 users (one without ratings, one with equal ones), 8 items, k = {k}, β = {beta}",
            mistakes=[
                checks.Mistake(
                    "means over all that each rated",
                    looks_like=lambda k=k, beta=beta: from_users_in_loops(
                        stars, k, beta, whole=True
                    ),
                    says="The correlation uses each user's mean over everything. Pearson's is over the common items, and so are its means; the overall means belong in the prediction.",
                ),
                checks.Mistake(
                    "cosine of the stars",
                    looks_like=lambda k=k, beta=beta: from_users_in_loops(
                        stars, k, beta, cosine=True
                    ),
                    says="Nothing was centred, so everybody is like everybody: stars are all positive.",
                ),
                checks.Mistake(
                    "negative neighbours",
                    looks_like=lambda k=k, beta=beta: from_users_in_loops(
                        stars, k, beta, negative=True
                    ),
                    says="Users who disagree take part with negative weights. The docstring asks for weights above 0.",
                ),
                checks.Mistake(
                    "the wrong user's mean",
                    looks_like=lambda k=k, beta=beta: from_users_in_loops(
                        stars, k, beta, their_mean=False
                    ),
                    says="The neighbour's rating is compared with the mean of the user to predict. A strict neighbour's praise then counts as blame: take off the neighbour's own mean.",
                ),
                checks.Mistake(
                    "no shrinkage",
                    looks_like=lambda k=k, beta=beta: from_users_in_loops(
                        stars, k, beta, shrink=False
                    ),
                    says="β doesn't enter. Two users with two films in common then have similarity 1 and come first.",
                ),
            ],
        )
with check("equal similarity, the input stays, no warning", points=1):
    import warnings

    A = np.array([[2.0, 4.0, 0.0], [1.0, 2.0, 4.5], [3.0, 5.0, 1.0]])
    R = sparse.csr_matrix(A)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        tied = predict_from_users(R, np.array([0]), np.array([2]), 1, 0.0)
        alone = predict_from_users(
            sparse.csr_matrix(np.array([[3.0, 3.0, 5.0], [1.0, 2.0, 4.0]])),
            np.array([0]),
            np.array([2]),
            1,
            0.0,
        )
    with warnings.catch_warnings(record=True) as heard_too:
        warnings.simplefilter("always")
        B = sparse.csr_matrix(np.array([[2.0, 0.0], [0.0, 5.0], [0.0, 0.0]]))
        few = predict_from_users(B, np.array([0, 1, 2]), np.array([1, 0, 0]), 1, 0.0)
    checks.close(
        few,
        np.array([2.0, 5.0, 3.5]),
        given="R = [[2, –], [–, 5], [–, –]], β = 0, nothing in common",
    )
    checks.that(not heard_too, "Expected no warning.", given="R = [[2, –], [–, 5], [–, –]], β = 0")
    checks.close(
        tied,
        np.array([5.0]),
        given="R = [[2, 4, –], [1, 2, 4.5], [3, 5, 1]], user 0, item 2, k = 1; both others correlate by 1",
    )
    checks.close(
        alone, np.array([3 + 2 / 3 + 5 / 3]), given="R = [[3, 3, 5], [1, 2, 4]], user 0, item 2"
    )
    checks.that(not heard, "Expected no warning.")
    checks.close(R.toarray(), A, given="R after the call")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "predict_from_users", "name": "means over all that each rated"}
def predict_from_users(R, users, items, k, shrinkage):
    A = R.toarray()
    overall = R.data.mean()
    means = [a[a > 0].mean() if a.any() else overall for a in A]

    def weight(u, v):
        both = (A[u] > 0) & (A[v] > 0)
        a, b = A[u, both], A[v, both]
        a, b = a - means[u], b - means[v]
        rho = a @ b / max(np.sqrt((a @ a) * (b @ b)), 1e-12)
        return round(float(rho) * len(a) / max(len(a) + shrinkage, 1), 9)

    out = []
    for u, i in zip(users, items, strict=True):
        near = [(weight(u, v), v) for v in np.flatnonzero(A[:, i]) if v != u]
        near = sorted((-w, v) for w, v in near if w > 0)[:k]
        below = sum(abs(w) for w, _ in near)
        out.append(
            means[u] + (sum(-w * (A[v, i] - means[v]) for w, v in near) / below if near else 0)
        )
    return np.array(out)


# %% tags=["mistake"] mistake={"exercise": "predict_from_users", "name": "cosine of the stars"}
def predict_from_users(R, users, items, k, shrinkage):
    A = R.toarray()
    overall = R.data.mean()
    means = [a[a > 0].mean() if a.any() else overall for a in A]

    def weight(u, v):
        both = (A[u] > 0) & (A[v] > 0)
        a, b = A[u, both], A[v, both]
        if len(a) == 0:
            return 0.0
        rho = a @ b / np.sqrt((a @ a) * (b @ b))
        return round(float(rho) * len(a) / (len(a) + shrinkage), 9)

    out = []
    for u, i in zip(users, items, strict=True):
        near = [(weight(u, v), v) for v in np.flatnonzero(A[:, i]) if v != u]
        near = sorted((-w, v) for w, v in near if w > 0)[:k]
        below = sum(abs(w) for w, _ in near)
        out.append(
            means[u] + (sum(-w * (A[v, i] - means[v]) for w, v in near) / below if near else 0)
        )
    return np.array(out)


# %% tags=["mistake"] mistake={"exercise": "predict_from_users", "name": "negative neighbours"}
def predict_from_users(R, users, items, k, shrinkage):
    A = R.toarray()
    overall = R.data.mean()
    means = [a[a > 0].mean() if a.any() else overall for a in A]

    def weight(u, v):
        both = (A[u] > 0) & (A[v] > 0)
        a, b = A[u, both], A[v, both]
        if len(a) == 0 or np.ptp(a) * np.ptp(b) == 0:
            return 0.0
        a, b = a - a.mean(), b - b.mean()
        rho = a @ b / np.sqrt((a @ a) * (b @ b))
        return round(float(rho) * len(a) / (len(a) + shrinkage), 9)

    out = []
    for u, i in zip(users, items, strict=True):
        near = [(weight(u, v), v) for v in np.flatnonzero(A[:, i]) if v != u]
        near = sorted(((-w, v) for w, v in near), key=lambda pair: (-abs(pair[0]), pair[1]))[:k]
        below = sum(abs(w) for w, _ in near)
        out.append(
            means[u] + (sum(-w * (A[v, i] - means[v]) for w, v in near) / below if below else 0)
        )
    return np.array(out)


# %% tags=["mistake"] mistake={"exercise": "predict_from_users", "name": "the wrong user's mean"}
def predict_from_users(R, users, items, k, shrinkage):
    A = R.toarray()
    overall = R.data.mean()
    means = [a[a > 0].mean() if a.any() else overall for a in A]

    def weight(u, v):
        both = (A[u] > 0) & (A[v] > 0)
        a, b = A[u, both], A[v, both]
        if len(a) == 0 or np.ptp(a) * np.ptp(b) == 0:
            return 0.0
        a, b = a - a.mean(), b - b.mean()
        rho = a @ b / np.sqrt((a @ a) * (b @ b))
        return round(float(rho) * len(a) / (len(a) + shrinkage), 9)

    out = []
    for u, i in zip(users, items, strict=True):
        near = [(weight(u, v), v) for v in np.flatnonzero(A[:, i]) if v != u]
        near = sorted((-w, v) for w, v in near if w > 0)[:k]
        below = sum(abs(w) for w, _ in near)
        out.append(
            means[u] + (sum(-w * (A[v, i] - means[u]) for w, v in near) / below if near else 0)
        )
    return np.array(out)


# %% tags=["mistake"] mistake={"exercise": "predict_from_users", "name": "no shrinkage"}
def predict_from_users(R, users, items, k, shrinkage):
    A = R.toarray()
    overall = R.data.mean()
    means = [a[a > 0].mean() if a.any() else overall for a in A]

    def weight(u, v):
        both = (A[u] > 0) & (A[v] > 0)
        a, b = A[u, both], A[v, both]
        if len(a) == 0 or np.ptp(a) * np.ptp(b) == 0:
            return 0.0
        a, b = a - a.mean(), b - b.mean()
        rho = a @ b / np.sqrt((a @ a) * (b @ b))
        return round(float(rho), 9)

    out = []
    for u, i in zip(users, items, strict=True):
        near = [(weight(u, v), v) for v in np.flatnonzero(A[:, i]) if v != u]
        near = sorted((-w, v) for w, v in near if w > 0)[:k]
        below = sum(abs(w) for w, _ in near)
        out.append(
            means[u] + (sum(-w * (A[v, i] - means[v]) for w, v in near) / below if near else 0)
        )
    return np.array(out)


# %% tags=["alternative"] alternative={"exercise": "predict_from_users", "name": "one pair at a time"}
def predict_from_users(R, users, items, k, shrinkage):
    A = R.toarray()
    overall = R.data.mean()
    means = [a[a > 0].mean() if a.any() else overall for a in A]

    def weight(u, v):
        both = (A[u] > 0) & (A[v] > 0)
        a, b = A[u, both], A[v, both]
        if len(a) == 0 or np.ptp(a) * np.ptp(b) == 0:
            return 0.0
        a, b = a - a.mean(), b - b.mean()
        rho = a @ b / np.sqrt((a @ a) * (b @ b))
        return round(float(rho) * len(a) / (len(a) + shrinkage), 9)

    out = []
    for u, i in zip(users, items, strict=True):
        near = [(weight(u, v), v) for v in np.flatnonzero(A[:, i]) if v != u]
        near = sorted((-w, v) for w, v in near if w > 0)[:k]
        below = sum(abs(w) for w, _ in near)
        out.append(
            means[u] + (sum(-w * (A[v, i] - means[v]) for w, v in near) / below if near else 0)
        )
    return np.array(out)


# %% tags=["alternative"] alternative={"exercise": "predict_from_users", "name": "np.corrcoef"}
def predict_from_users(R, users, items, k, shrinkage):
    A = R.toarray()
    overall = R.data.mean()
    means = [a[a > 0].mean() if a.any() else overall for a in A]

    def weight(u, v):
        both = (A[u] > 0) & (A[v] > 0)
        a, b = A[u, both], A[v, both]
        if len(a) == 0 or np.ptp(a) * np.ptp(b) == 0:
            return 0.0
        rho = np.corrcoef(a, b)[0, 1]
        return round(float(rho) * len(a) / (len(a) + shrinkage), 9)

    out = []
    for u, i in zip(users, items, strict=True):
        near = [(weight(u, v), v) for v in np.flatnonzero(A[:, i]) if v != u]
        near = sorted((-w, v) for w, v in near if w > 0)[:k]
        below = sum(abs(w) for w, _ in near)
        out.append(
            means[u] + (sum(-w * (A[v, i] - means[v]) for w, v in near) / below if near else 0)
        )
    return np.array(out)


# %% [markdown]
# **Asked next**: *"What does this cost, and what would you keep?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The products cost $\sum_i n_i^2$, most of it from the popular films, and the result has n_users² cells. There are usually
# more users than items, and a user's similarities change with each rating, so this is seldom served. Keep it for what it
# explains, or cluster users first. To check yours: an item rated by 300 users adds 90,000 products.
# </details>

# %% [markdown]
# ## 3 · Factors
#
# Neighbours need films in common. Factors don't: each user and each item gets $r$ numbers, and their inner product is the
# predicted rating.
#
# $$ \min_{P, Q} \sum_{(u, i)} (r_{ui} - p_u^\top q_i)^2 + \lambda \Bigl( \sum_u \lVert p_u \rVert^2 + \sum_i \lVert q_i \rVert^2 \Bigr) . $$
#
# In words: the squared error over the ratings *that exist*, plus a penalty on large factors. Cells without a rating are in no
# sum. The ratings here have their mean, or their biases, taken off before.

# %% [markdown]
# ## Exercise 6 · One epoch of SGD
#
# *Difficulty 2 of 5 · 12 minutes · 4 points*
#
# Take the ratings one by one, in the order given. With the error $e = r - p_u^\top q_i$:
#
# $$ p_u \leftarrow p_u + \eta\, (e\, q_i - \lambda p_u), \qquad q_i \leftarrow q_i + \eta\, (e\, p_u - \lambda q_i) . $$
#
# In words: each side moves along the other in proportion to the error, and shrinks a little. Both right sides use the values
# from *before* this rating. The factor 2 of the derivative is in η, as usual for this model. Each rating applies the penalty
# anew, so a user's row is penalised once for each of their ratings: λ weighs more here than the same λ in the formula above.
#
# *Worked example.* $p = 1$, $q = 2$, $r = 3$, η = 0.1, λ = 0. The error is 1. So $p$ becomes 1 + 0.1 · 1 · 2 = 1.2, and
# $q$ becomes 2 + 0.1 · 1 · 1 = 2.1. With the new $p$, $q$ would be 2.12, a common mistake.
#
# **In the round.** "Write one epoch" is the classic. They look for the old $p$ kept, for a loop over ratings instead of
# cells, and for the sentence "I'd shuffle between epochs".

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "sgd_epoch",
    "Which of the two updates could see a value that the other has already changed?",
    "Loop over zip(users, items, ratings). Work out the error once, and both new rows before you write either.",
    "P[u], Q[i] = P[u] + learning_rate * (e * Q[i] - lam * P[u]), Q[i] + learning_rate * (e * P[u] - lam * Q[i]): the right side is worked out first.",
)


# %% nbgrader={"grade": false, "grade_id": "sgd_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sgd_epoch(users, items, ratings, P, Q, learning_rate, lam):
    """Go once over the ratings in the order given, one step of SGD for each.

    Parameters
    ----------
    users, items : ndarray of int, shape (m,)
        Indices from 0; m ≥ 0.
    ratings : ndarray of float, shape (m,)
        In stars, less whatever baseline was taken off.
    P : ndarray of float, shape (n_users, r)
    Q : ndarray of float, shape (n_items, r)
        Factors before the epoch.
    learning_rate, lam : float
        η > 0 and λ ≥ 0.

    Returns
    -------
    P : ndarray of float, shape (n_users, r)
    Q : ndarray of float, shape (n_items, r)
        New arrays; the arguments are not changed. Each rating sees what those before it changed,
        and both of its updates use the values from before this rating.
    """
    ### BEGIN SOLUTION
    P, Q = P.copy(), Q.copy()
    for n in range(len(ratings)):
        u, i = users[n], items[n]
        p, q = P[u].copy(), Q[i].copy()
        e = ratings[n] - p @ q
        P[u] = p + learning_rate * (e * q - lam * p)
        Q[i] = q + learning_rate * (e * p - lam * q)
    return P, Q
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sgd_epoch_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("sgd_epoch")
with check("one rating, worked by hand", points=0.5):
    given = "P = [[1]], Q = [[2]], rating 3, η = 0.1, λ = 0"
    got = sgd_epoch(
        np.array([0]),
        np.array([0]),
        np.array([3.0]),
        np.array([[1.0]]),
        np.array([[2.0]]),
        0.1,
        0.0,
    )
    checks.close(got[0], np.array([[1.2]]), given=given, what="P")
    checks.close(got[1], np.array([[2.1]]), given=given, what="Q")
with check("one rating leaves the other rows alone", points=0.5):
    P, Q = np.arange(6.0).reshape(3, 2), np.ones((2, 2))
    got = sgd_epoch(np.array([1]), np.array([0]), np.array([1.0]), P.copy(), Q.copy(), 0.1, 0.5)
    checks.close(
        checks.array(got[0], shape=(3, 2))[[0, 2]],
        P[[0, 2]],
        given="a rating of user 1",
        what="P[[0, 2]]",
    )
    checks.close(
        checks.array(got[1], shape=(2, 2))[1], Q[1], given="a rating of item 0", what="Q[1]"
    )
### BEGIN HIDDEN TESTS
import torch

rng = np.random.default_rng(6)
users, items = rng.integers(0, 5, 20), rng.integers(0, 4, 20)
ratings, P0, Q0 = rng.normal(size=20), rng.normal(size=(5, 3)), rng.normal(size=(4, 3))
rate, lam = 0.05, 0.3


def epoch_in_loops(fresh=True, batch=False, sign=1.0, shrink=1.0, order=1):
    P, Q = P0.copy(), Q0.copy()
    for u, i, r in list(zip(users, items, ratings, strict=True))[::order]:
        p, q = (P0[u], Q0[i]) if batch else (P[u].copy(), Q[i].copy())
        e = sign * (r - sum(p * q))
        P[u] += rate * (e * q - shrink * lam * p)
        Q[i] += rate * (e * (p if fresh else P[u]) - shrink * lam * q)
    return P, Q


with check("twenty ratings, against PyTorch's SGD", points=2):
    given = "20 ratings, 5 users, 4 items, rank 3, η = 0.05, λ = 0.3"
    P, Q = (torch.tensor(a, requires_grad=True) for a in (P0, Q0))
    descent = torch.optim.SGD([P, Q], lr=rate)
    for u, i, r in zip(users, items, ratings, strict=True):
        descent.zero_grad()
        loss = (r - P[u] @ Q[i]) ** 2 + lam * (P[u] @ P[u] + Q[i] @ Q[i])
        (loss / 2).backward()
        descent.step()
    got = sgd_epoch(users.copy(), items.copy(), ratings.copy(), P0.copy(), Q0.copy(), rate, lam)
    mistakes = [
        checks.Mistake(
            "new p in the update of q",
            looks_like=lambda: epoch_in_loops(fresh=False)[1],
            says="The user's row was written before the item's update read it. Both gradients belong to one point: keep the old row.",
        ),
        checks.Mistake(
            "all steps from the start",
            looks_like=lambda: epoch_in_loops(batch=True)[1],
            says="Every rating saw the factors from before the epoch. That is one step of full-batch descent; in SGD each rating sees what the last one changed.",
        ),
        checks.Mistake(
            "no regularization",
            looks_like=lambda: epoch_in_loops(shrink=0)[1],
            says="λ doesn't enter. With few ratings for a row, its factors then grow until they fit the noise.",
        ),
        checks.Mistake(
            "regularization with the wrong sign",
            looks_like=lambda: epoch_in_loops(shrink=-1)[1],
            says="The penalty makes the factors grow. It must pull them to zero: minus λ times the row.",
        ),
        checks.Mistake(
            "uphill",
            looks_like=lambda: epoch_in_loops(sign=-1)[1],
            says="The error is prediction minus rating while the step adds it. One of the two signs must turn.",
        ),
    ]
    checks.close(
        got[1], Q.detach().numpy(), rtol=1e-8, atol=1e-10, given=given, what="Q", mistakes=mistakes
    )
    checks.close(got[0], P.detach().numpy(), rtol=1e-8, atol=1e-10, given=given, what="P")
with check("the inputs stay as they were; no ratings, no change", points=1):
    got = checks.unchanged(
        sgd_epoch,
        users,
        items,
        ratings,
        P0,
        Q0,
        rate,
        lam,
        given="20 ratings",
        mistakes=[
            checks.Mistake(
                "factors changed in place",
                says="`P[u] += …` writes into the caller's array. Whoever compares before and after, or restarts from P, is misled. Copy first.",
            )
        ],
    )
    none = np.array([], dtype=int)
    got = sgd_epoch(none, none, np.array([]), P0, Q0, rate, lam)
    checks.close(got[0], P0, given="no ratings", what="P")
    checks.close(got[1], Q0, given="no ratings", what="Q")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "sgd_epoch", "name": "new p in the update of q"}
def sgd_epoch(users, items, ratings, P, Q, learning_rate, lam):
    P, Q = P.copy(), Q.copy()
    for u, i, r in zip(users, items, ratings, strict=True):
        e = r - P[u] @ Q[i]
        P[u] += learning_rate * (e * Q[i] - lam * P[u])
        Q[i] += learning_rate * (e * P[u] - lam * Q[i])
    return P, Q


# %% tags=["mistake"] mistake={"exercise": "sgd_epoch", "name": "all steps from the start"}
def sgd_epoch(users, items, ratings, P, Q, learning_rate, lam):
    error = (ratings - np.sum(P[users] * Q[items], axis=1))[:, None]
    new_P, new_Q = P.copy(), Q.copy()
    np.add.at(new_P, users, learning_rate * (error * Q[items] - lam * P[users]))
    np.add.at(new_Q, items, learning_rate * (error * P[users] - lam * Q[items]))
    return new_P, new_Q


# %% tags=["mistake"] mistake={"exercise": "sgd_epoch", "name": "no regularization"}
def sgd_epoch(users, items, ratings, P, Q, learning_rate, lam):
    P, Q = P.copy(), Q.copy()
    for u, i, r in zip(users, items, ratings, strict=True):
        e = r - P[u] @ Q[i]
        P[u], Q[i] = P[u] + learning_rate * e * Q[i], Q[i] + learning_rate * e * P[u]
    return P, Q


# %% tags=["mistake"] mistake={"exercise": "sgd_epoch", "name": "regularization with the wrong sign"}
def sgd_epoch(users, items, ratings, P, Q, learning_rate, lam):
    P, Q = P.copy(), Q.copy()
    for u, i, r in zip(users, items, ratings, strict=True):
        e = r - P[u] @ Q[i]
        P[u], Q[i] = (
            P[u] + learning_rate * (e * Q[i] + lam * P[u]),
            Q[i] + learning_rate * (e * P[u] + lam * Q[i]),
        )
    return P, Q


# %% tags=["mistake"] mistake={"exercise": "sgd_epoch", "name": "uphill"}
def sgd_epoch(users, items, ratings, P, Q, learning_rate, lam):
    P, Q = P.copy(), Q.copy()
    for u, i, r in zip(users, items, ratings, strict=True):
        e = P[u] @ Q[i] - r
        P[u], Q[i] = (
            P[u] + learning_rate * (e * Q[i] - lam * P[u]),
            Q[i] + learning_rate * (e * P[u] - lam * Q[i]),
        )
    return P, Q


# %% tags=["mistake"] mistake={"exercise": "sgd_epoch", "name": "factors changed in place"}
def sgd_epoch(users, items, ratings, P, Q, learning_rate, lam):
    for u, i, r in zip(users, items, ratings, strict=True):
        e = r - P[u] @ Q[i]
        P[u], Q[i] = (
            P[u] + learning_rate * (e * Q[i] - lam * P[u]),
            Q[i] + learning_rate * (e * P[u] - lam * Q[i]),
        )
    return P, Q


# %% tags=["alternative"] alternative={"exercise": "sgd_epoch", "name": "lists of numbers"}
def sgd_epoch(users, items, ratings, P, Q, learning_rate, lam):
    P, Q = P.tolist(), Q.tolist()
    for k in range(len(ratings)):
        p, q = P[users[k]], Q[items[k]]
        e = ratings[k] - sum(a * b for a, b in zip(p, q, strict=True))
        P[users[k]] = [a + learning_rate * (e * b - lam * a) for a, b in zip(p, q, strict=True)]
        Q[items[k]] = [b + learning_rate * (e * a - lam * b) for a, b in zip(p, q, strict=True)]
    return np.array(P), np.array(Q)


# %% tags=["alternative"] alternative={"exercise": "sgd_epoch", "name": "shrink, then move"}
def sgd_epoch(users, items, ratings, P, Q, learning_rate, lam):
    P, Q, keep = np.array(P), np.array(Q), 1 - learning_rate * lam
    for u, i, r in zip(users.tolist(), items.tolist(), ratings.tolist(), strict=True):
        step = learning_rate * (r - np.dot(P[u], Q[i]))
        P[u], Q[i] = keep * P[u] + step * Q[i], keep * Q[i] + step * P[u]
    return P, Q


# %% [markdown]
# **Asked next**: *"Start from P = 0 and Q = 0. What happens?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Nothing, for ever. Each side's gradient is the error times the other side, which is zero: a saddle point. Start from small
# random numbers. To check yours: one epoch from zeros returns zeros, whatever the ratings.
# </details>

# %% [markdown]
# ## Exercise 7 · One step of alternating least squares
#
# *Difficulty 3 of 5 · 15 minutes · 4 points*
#
# With $Q$ fixed, the loss is a separate ridge regression for each user. Its solution satisfies the normal equations
#
# $$ \Bigl( \sum_{i \in I_u} q_i q_i^\top + \lambda I \Bigr)\, p_u = \sum_{i \in I_u} r_{ui}\, q_i . $$
#
# In words: only the items $I_u$ that the user rated count, on both sides. The items' step is the same function on $R^\top$
# and $P$, so one function is enough.
#
# *Worked example.* Rank 1, $q = (1, 2, 5)$, λ = 1. The user rated items 0 and 1 with 2 and 4. The left side is
# 1 + 4 + 1 = 6, the right side 2 · 1 + 4 · 2 = 10, so $p = 10/6$. Item 2 isn't rated, and its 5 appears nowhere.
#
# **In the round.** "Why alternate?" Jointly the problem isn't convex; each half is, and has a closed form. They push on the
# cost: $O(|I_u| r^2 + r^3)$ for a user, and users in parallel.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "als_step",
    "Which rows of Q does one user's regression see?",
    "In a CSR matrix, R.indices and R.data between R.indptr[u] and R.indptr[u + 1] are the user's items and ratings.",
    "Solve (Qu.T @ Qu + lam * I) p = Qu.T @ ru with np.linalg.solve, for each user who has ratings.",
)


# %% nbgrader={"grade": false, "grade_id": "als_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def als_step(R, Q, lam):
    """Fit all users' factors, the items' factors being fixed.

    Parameters
    ----------
    R : scipy.sparse.csr_matrix of float, shape (n_users, n_items)
        Ratings less their baseline. An entry that is stored counts, also where it is 0.0; an
        absent one doesn't.
    Q : ndarray of float, shape (n_items, r)
    lam : float
        λ > 0; the same for each user, however many ratings.

    Returns
    -------
    P : ndarray of float, shape (n_users, r)
        Row u minimises Σ (r_ui − p·q_i)² + λ‖p‖² over the items that user u rated; zeros for a
        user without ratings. Neither argument is changed.
    """
    ### BEGIN SOLUTION
    P = np.zeros((R.shape[0], Q.shape[1]))
    for u in range(R.shape[0]):
        own = slice(R.indptr[u], R.indptr[u + 1])
        Qu = Q[R.indices[own]]
        P[u] = np.linalg.solve(Qu.T @ Qu + lam * np.eye(Q.shape[1]), Qu.T @ R.data[own])
    return P
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "als_step_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("als_step")
with check("one user, worked by hand", points=0.5):
    R = sparse.csr_matrix(np.array([[2.0, 4.0, 0.0]]))
    checks.close(
        als_step(R, np.array([[1.0], [2.0], [5.0]]), 1.0),
        np.array([[10 / 6]]),
        given="ratings 2, 4, none; Q = [[1], [2], [5]], λ = 1",
    )
with check("a user without ratings", points=0.5):
    R = sparse.csr_matrix(np.array([[0.0, 0.0], [1.0, 0.0]]))
    checks.close(
        als_step(R, np.array([[1.0, 0.0], [0.0, 1.0]]), 1.0),
        np.array([[0.0, 0.0], [0.5, 0.0]]),
        atol=1e-12,
        given="two users, the first without ratings; Q = I, λ = 1",
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(7)
full, there = rng.normal(size=(7, 9)), rng.random((7, 9)) < 0.5
full[2, 3], there[2, 3], there[4] = 0.0, True, False
places = np.nonzero(there)
R0 = sparse.csr_matrix((full[places], places), shape=(7, 9))
Q0 = rng.normal(size=(9, 3))


def rows_in_loops(lam, per_rating=False, everywhere=False):
    P = np.zeros((7, 3))
    for u in range(7):
        seen = np.arange(9) if everywhere else np.flatnonzero(there[u])
        target = np.where(there[u], full[u], 0.0)[seen]
        A = np.vstack([Q0[seen], np.sqrt(lam * (len(seen) if per_rating else 1)) * np.eye(3)])
        P[u] = np.linalg.lstsq(A, np.append(target, np.zeros(3)), rcond=None)[0]
    return P


with check("random ratings, against least squares with rows added for λ", points=1.5):
    for lam in (0.4, 2.0):
        given = f"7 users (one without ratings, one rating 0.0 stored), 9 items, rank 3, λ = {lam}"
        checks.close(
            als_step(R0.copy(), Q0.copy(), lam),
            rows_in_loops(lam),
            rtol=1e-7,
            atol=1e-9,
            given=given,
            mistakes=[
                checks.Mistake(
                    "absent means zero",
                    looks_like=lambda lam=lam: rows_in_loops(lam, everywhere=True),
                    says="Every item is in every user's sum, with 0 where there is no rating. The model then learns that people dislike what they haven't seen.",
                ),
                checks.Mistake(
                    "no regularization",
                    looks_like=lambda: rows_in_loops(1e-13),
                    says="λ doesn't enter. A user with fewer ratings than factors has a singular system, and one with as many is fitted exactly.",
                ),
                checks.Mistake(
                    "λ times the number of ratings",
                    looks_like=lambda lam=lam: rows_in_loops(lam, per_rating=True),
                    says="λ is multiplied by the user's number of ratings. That is a known variant (ALS-WR), and another objective than the docstring's.",
                ),
                checks.Mistake(
                    "λ on the whole matrix",
                    looks_like=lambda lam=lam: np.array(
                        [
                            np.linalg.pinv(Q0[there[u]].T @ Q0[there[u]] + lam)
                            @ Q0[there[u]].T
                            @ full[u][there[u]]
                            for u in range(7)
                        ]
                    ),
                    says="`A + lam` adds λ to every element. The penalty adds it to the diagonal: λ I.",
                ),
                checks.Mistake(
                    "stored zeros lost",
                    looks_like=lambda lam=lam: als_without_zeros(lam),
                    says="A rating that equals the mean is 0.0 once the mean is off. It is a rating: go by what is stored (`indices`), not by what is non-zero.",
                ),
            ],
        )


def als_without_zeros(lam):
    P = np.zeros((7, 3))
    for u in range(7):
        Qu = Q0[there[u] & (full[u] != 0)]
        P[u] = (
            np.linalg.inv(Qu.T @ Qu + lam * np.eye(3)) @ Qu.T @ full[u][there[u] & (full[u] != 0)]
        )
    return P


with check("the normal equations hold, for items too", points=1):
    P = checks.array(als_step(R0, Q0, 0.8), shape=(7, 3))
    Q = checks.array(als_step(R0.T.tocsr(), P, 0.8), shape=(9, 3))
    for i in range(9):
        Pi = P[there[:, i]]
        checks.close(
            Pi.T @ (full[there[:, i], i] - Pi @ Q[i]),
            0.8 * Q[i],
            rtol=1e-6,
            atol=1e-9,
            given=f"the items' step on R transposed, item {i}, λ = 0.8",
            what="Pᵀ residual, against λ q",
        )
with check("the inputs stay as they were", points=0.5):
    R, Q = R0.copy(), Q0.copy()
    checks.close(als_step(R, Q, 0.4), rows_in_loops(0.4), rtol=1e-7, atol=1e-9, given="λ = 0.4")
    checks.close(Q, Q0, given="Q after the call")
    checks.close(R.data, R0.data, given="R's data after the call")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "als_step", "name": "absent means zero"}
def als_step(R, Q, lam):
    return np.linalg.solve(Q.T @ Q + lam * np.eye(Q.shape[1]), (R @ Q).T).T


# %% tags=["mistake"] mistake={"exercise": "als_step", "name": "no regularization"}
def als_step(R, Q, lam):
    P = np.zeros((R.shape[0], Q.shape[1]))
    for u in range(R.shape[0]):
        own = slice(R.indptr[u], R.indptr[u + 1])
        P[u] = (
            np.linalg.lstsq(Q[R.indices[own]], R.data[own], rcond=None)[0]
            if R.indptr[u] < R.indptr[u + 1]
            else 0
        )
    return P


# %% tags=["mistake"] mistake={"exercise": "als_step", "name": "λ times the number of ratings"}
def als_step(R, Q, lam):
    P = np.zeros((R.shape[0], Q.shape[1]))
    for u in np.flatnonzero(np.diff(R.indptr)):
        own = slice(R.indptr[u], R.indptr[u + 1])
        Qu = Q[R.indices[own]]
        P[u] = np.linalg.solve(Qu.T @ Qu + lam * len(Qu) * np.eye(Q.shape[1]), Qu.T @ R.data[own])
    return P


# %% tags=["mistake"] mistake={"exercise": "als_step", "name": "λ on the whole matrix"}
def als_step(R, Q, lam):
    P = np.zeros((R.shape[0], Q.shape[1]))
    for u in np.flatnonzero(np.diff(R.indptr)):
        own = slice(R.indptr[u], R.indptr[u + 1])
        Qu = Q[R.indices[own]]
        P[u] = np.linalg.pinv(Qu.T @ Qu + lam) @ Qu.T @ R.data[own]
    return P


# %% tags=["mistake"] mistake={"exercise": "als_step", "name": "stored zeros lost"}
def als_step(R, Q, lam):
    P = np.zeros((R.shape[0], Q.shape[1]))
    for u, row in enumerate(R.toarray()):
        Qu = Q[row != 0]
        P[u] = np.linalg.solve(Qu.T @ Qu + lam * np.eye(Q.shape[1]), Qu.T @ row[row != 0])
    return P


# %% tags=["alternative"] alternative={"exercise": "als_step", "name": "all systems at once"}
def als_step(R, Q, lam):
    r = Q.shape[1]
    there = sparse.csr_matrix((np.ones_like(R.data), R.indices, R.indptr), shape=R.shape)
    outer = np.einsum("ia,ib->iab", Q, Q).reshape(len(Q), r * r)
    left = (there @ outer).reshape(-1, r, r) + lam * np.eye(r)
    return np.linalg.solve(left, (R @ Q)[:, :, None])[:, :, 0]


# %% tags=["alternative"] alternative={"exercise": "als_step", "name": "least squares with rows added"}
def als_step(R, Q, lam):
    r, rows = Q.shape[1], []
    for u in range(R.shape[0]):
        own = slice(R.indptr[u], R.indptr[u + 1])
        A = np.vstack([Q[R.indices[own]], np.sqrt(lam) * np.eye(r)])
        rows.append(np.linalg.lstsq(A, np.append(R.data[own], np.zeros(r)), rcond=None)[0])
    return np.array(rows)


# %% [markdown]
# **Asked next**: *"SGD or ALS?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# SGD takes any loss and one rating at a time, and wants η tuned. ALS has no η, never raises its objective, and solves all
# users in parallel. For implicit feedback, where every cell counts, SGD would visit all cells; ALS computes $Q^\top Q$
# once and corrects it for the few that are set. To check yours: the penalised loss after an ALS step is never above the
# one before.
# </details>

# %% [markdown]
# ## Exercise 8 · One step of BPR
#
# *Difficulty 3 of 5 · 12 minutes · 4 points*
#
# Clicks and plays have no stars. *Bayesian personalised ranking* learns from pairs: user $u$ played $i$ and didn't play $j$,
# so $i$ should score higher.
#
# $$ f = -\log \sigma(x) + \tfrac{\lambda}{2} \bigl( \lVert p_u \rVert^2 + \lVert q_i \rVert^2 + \lVert q_j \rVert^2 \bigr),
# \qquad x = p_u^\top (q_i - q_j) . $$
#
# In words: the logistic loss of the difference of two scores, plus a penalty on the three rows that take part. The slope of
# the first term by $x$ is $-\sigma(-x)$: a pair that is in the right order by a wide margin hardly moves anything.
#
# *Worked example.* $p = 2$, $q_i = q_j = 0$, η = 0.1, λ = 0. Then $x = 0$ and $\sigma(-x) = \tfrac{1}{2}$. $p$ stays, for
# $q_i - q_j = 0$; $q_i$ becomes 0.1 · ½ · 2 = 0.1, and $q_j$ becomes −0.1.
#
# **In the round.** After "you have clicks and no ratings", they wait for "an absent click isn't a dislike". They push on how
# negatives are drawn: uniform ones are soon too easy.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "bpr_step",
    "By which factor does a pair that is already in the right order pull less?",
    "Derive the loss by each of the three rows. The positive and the negative item get the same pull with opposite signs.",
    "With g = σ(−x): p + η (g (q_i − q_j) − λ p), q_i + η (g p − λ q_i), q_j + η (−g p − λ q_j), all from the old rows.",
)


# %% nbgrader={"grade": false, "grade_id": "bpr_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bpr_step(P, Q, user, positive, negative, learning_rate, lam):
    """Take one step of gradient descent on the BPR loss of one pair.

    The loss is −log sigmoid(x) + λ/2 (‖p_u‖² + ‖q_i‖² + ‖q_j‖²) with x = p_u · (q_i − q_j).

    Parameters
    ----------
    P : ndarray of float, shape (n_users, r)
    Q : ndarray of float, shape (n_items, r)
    user, positive, negative : int
        u, i and j; i ≠ j. The user chose i, and j isn't among what they chose.
    learning_rate, lam : float
        η > 0 and λ ≥ 0.

    Returns
    -------
    P, Q : ndarray of float, of the shapes given
        New arrays, with one row of P and two of Q moved, all from the old values. The arguments
        are not changed. Right and without a warning for x from −1000 to 1000.
    """
    ### BEGIN SOLUTION
    P, Q = P.copy(), Q.copy()
    p, q_i, q_j = P[user].copy(), Q[positive].copy(), Q[negative].copy()
    g = np.exp(-np.logaddexp(0, p @ (q_i - q_j)))
    P[user] = p + learning_rate * (g * (q_i - q_j) - lam * p)
    Q[positive] = q_i + learning_rate * (g * p - lam * q_i)
    Q[negative] = q_j + learning_rate * (-g * p - lam * q_j)
    return P, Q
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bpr_step_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("bpr_step")
with check("one pair, worked by hand", points=0.5):
    given = "P = [[2]], Q = [[0], [0]], positive 0, negative 1, η = 0.1, λ = 0"
    got = bpr_step(np.array([[2.0]]), np.zeros((2, 1)), 0, 0, 1, 0.1, 0.0)
    checks.close(got[0], np.array([[2.0]]), given=given, what="P")
    checks.close(got[1], np.array([[0.1], [-0.1]]), given=given, what="Q")
with check("the other rows stay", points=0.5):
    P, Q = np.ones((3, 2)), np.arange(8.0).reshape(4, 2) / 10
    got = bpr_step(P.copy(), Q.copy(), 1, 3, 0, 0.1, 0.1)
    checks.close(
        checks.array(got[0], shape=(3, 2))[[0, 2]], P[[0, 2]], given="user 1", what="P[[0, 2]]"
    )
    checks.close(
        checks.array(got[1], shape=(4, 2))[[1, 2]],
        Q[[1, 2]],
        given="items 3 and 0",
        what="Q[[1, 2]]",
    )
### BEGIN HIDDEN TESTS
import warnings

import torch


def pair_step(
    P, Q, u, i, j, rate, lam, slope=lambda x: 1 / (1 + np.exp(x)), shrunk=True, old=True, turned=1.0
):
    P, Q = P.copy(), Q.copy()
    p, q_i, q_j = P[u].copy(), Q[i].copy(), Q[j].copy()
    g = slope(p @ (q_i - q_j))
    P[u] += rate * (g * (q_i - q_j) - lam * p)
    p = p if old else P[u]
    Q[i] += rate * (g * p - lam * q_i)
    Q[j] += rate * (-turned * g * p - (lam * q_j if shrunk else 0))
    return P, Q


with check("random factors, against autograd", points=1.5):
    rng = np.random.default_rng(8)
    for u, i, j, rate, lam in ((0, 2, 1, 0.1, 0.2), (2, 0, 4, 0.5, 0.05)):
        P0, Q0 = rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
        given = f"random P (3, 4) and Q (5, 4), user {u}, positive {i}, negative {j}, η = {rate}, λ = {lam}"
        P, Q = (torch.tensor(a, requires_grad=True) for a in (P0, Q0))
        penalty = (P[u] ** 2).sum() + (Q[i] ** 2).sum() + (Q[j] ** 2).sum()
        (-torch.nn.functional.logsigmoid(P[u] @ (Q[i] - Q[j])) + lam / 2 * penalty).backward()
        got = bpr_step(P0.copy(), Q0.copy(), u, i, j, rate, lam)
        case = (P0, Q0, u, i, j, rate, lam)
        mistakes = [
            checks.Mistake(
                "slope of the wrong side",
                looks_like=pair_step(*case, slope=lambda x: 1 / (1 + np.exp(-x)))[1],
                says="σ(x) stands where σ(−x) belongs: pairs in the right order pull most, and those in the wrong order hardly.",
            ),
            checks.Mistake(
                "both items pulled up",
                looks_like=pair_step(*case, turned=-1.0)[1],
                says="The negative item moves towards the user too. Its sign is opposite: x has −q_j in it.",
            ),
            checks.Mistake(
                "new p in the items' updates",
                looks_like=pair_step(*case, old=False)[1],
                says="The user's row was written before the items' updates read it. All three gradients belong to one point.",
            ),
            checks.Mistake(
                "negative item not penalised",
                looks_like=pair_step(*case, shrunk=False)[1],
                says="The penalty is on all three rows. Without it popular negatives drift without bound.",
            ),
            checks.Mistake(
                "the sigmoid's own slope",
                looks_like=pair_step(*case, slope=lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2)[1],
                says="This climbs σ(x) and not log σ(x): a factor σ(x) too many. A pair in utterly wrong order then has no gradient.",
            ),
        ]
        checks.close(
            got[1],
            Q0 - rate * Q.grad.numpy(),
            rtol=1e-7,
            atol=1e-10,
            given=given,
            what="Q",
            mistakes=mistakes,
        )
        checks.close(
            got[0], P0 - rate * P.grad.numpy(), rtol=1e-7, atol=1e-10, given=given, what="P"
        )
with check("x = ±1000: the right values, no warning", points=1):
    for x, pull in ((1000.0, 0.0), (-1000.0, 1.0)):
        given = f"P = [[1]], Q = [[{x:g}], [0]], positive 0, negative 1, η = 0.5, λ = 0"
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            got = bpr_step(np.array([[1.0]]), np.array([[x], [0.0]]), 0, 0, 1, 0.5, 0.0)
        checks.close(got[0], np.array([[1 + 0.5 * pull * x]]), atol=1e-9, given=given, what="P")
        checks.close(
            got[1], np.array([[x + 0.5 * pull], [-0.5 * pull]]), atol=1e-9, given=given, what="Q"
        )
        checks.that(
            not heard,
            "Expected no warning.",
            given=given,
            mistakes=[
                checks.Mistake(
                    "exponential overflows",
                    says="`exp` of a number above 709 is infinite in float64. Write σ(−x) as exp(−logaddexp(0, x)), or use scipy.special.expit.",
                )
            ],
        )
with check("the inputs stay as they were", points=0.5):
    P, Q = np.array([[0.5, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    got = checks.unchanged(bpr_step, P, Q, 0, 1, 0, 0.2, 0.1, given="P = [[0.5, 1]], Q = I")
    checks.close(
        got[0],
        pair_step(P, Q, 0, 1, 0, 0.2, 0.1)[0],
        rtol=1e-7,
        given="P = [[0.5, 1]], Q = I",
        what="P",
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "bpr_step", "name": "slope of the wrong side"}
def bpr_step(P, Q, user, positive, negative, learning_rate, lam):
    P, Q = P.copy(), Q.copy()
    p, d = P[user].copy(), Q[positive] - Q[negative]
    g = 1 / (1 + np.exp(-(p @ d)))
    P[user] = p + learning_rate * (g * d - lam * p)
    Q[positive] += learning_rate * (g * p - lam * Q[positive])
    Q[negative] += learning_rate * (-g * p - lam * Q[negative])
    return P, Q


# %% tags=["mistake"] mistake={"exercise": "bpr_step", "name": "both items pulled up"}
def bpr_step(P, Q, user, positive, negative, learning_rate, lam):
    P, Q = P.copy(), Q.copy()
    p, d = P[user].copy(), Q[positive] - Q[negative]
    g = np.exp(-np.logaddexp(0, p @ d))
    P[user] = p + learning_rate * (g * d - lam * p)
    for item in (positive, negative):
        Q[item] += learning_rate * (g * p - lam * Q[item])
    return P, Q


# %% tags=["mistake"] mistake={"exercise": "bpr_step", "name": "new p in the items' updates"}
def bpr_step(P, Q, user, positive, negative, learning_rate, lam):
    P, Q = P.copy(), Q.copy()
    d = Q[positive] - Q[negative]
    g = np.exp(-np.logaddexp(0, P[user] @ d))
    P[user] += learning_rate * (g * d - lam * P[user])
    Q[positive] += learning_rate * (g * P[user] - lam * Q[positive])
    Q[negative] += learning_rate * (-g * P[user] - lam * Q[negative])
    return P, Q


# %% tags=["mistake"] mistake={"exercise": "bpr_step", "name": "negative item not penalised"}
def bpr_step(P, Q, user, positive, negative, learning_rate, lam):
    P, Q = P.copy(), Q.copy()
    p, d = P[user].copy(), Q[positive] - Q[negative]
    g = np.exp(-np.logaddexp(0, p @ d))
    P[user] = p + learning_rate * (g * d - lam * p)
    Q[positive] += learning_rate * (g * p - lam * Q[positive])
    Q[negative] -= learning_rate * g * p
    return P, Q


# %% tags=["mistake"] mistake={"exercise": "bpr_step", "name": "the sigmoid's own slope"}
def bpr_step(P, Q, user, positive, negative, learning_rate, lam):
    P, Q = P.copy(), Q.copy()
    p, d = P[user].copy(), Q[positive] - Q[negative]
    g = np.exp(-np.logaddexp(0, p @ d) - np.logaddexp(0, -(p @ d)))
    P[user] = p + learning_rate * (g * d - lam * p)
    Q[positive] += learning_rate * (g * p - lam * Q[positive])
    Q[negative] += learning_rate * (-g * p - lam * Q[negative])
    return P, Q


# %% tags=["mistake"] mistake={"exercise": "bpr_step", "name": "exponential overflows"}
def bpr_step(P, Q, user, positive, negative, learning_rate, lam):
    P, Q = P.copy(), Q.copy()
    p, d = P[user].copy(), Q[positive] - Q[negative]
    g = 1 / (1 + np.exp(p @ d))
    P[user] = p + learning_rate * (g * d - lam * p)
    Q[positive] += learning_rate * (g * p - lam * Q[positive])
    Q[negative] += learning_rate * (-g * p - lam * Q[negative])
    return P, Q


# %% tags=["alternative"] alternative={"exercise": "bpr_step", "name": "expit"}
def bpr_step(P, Q, user, positive, negative, learning_rate, lam):
    from scipy.special import expit

    new_P, new_Q = P.copy(), Q.copy()
    g = expit(-(P[user] @ (Q[positive] - Q[negative])))
    new_P[user] -= learning_rate * (g * (Q[negative] - Q[positive]) + lam * P[user])
    new_Q[positive] -= learning_rate * (lam * Q[positive] - g * P[user])
    new_Q[negative] -= learning_rate * (lam * Q[negative] + g * P[user])
    return new_P, new_Q


# %% tags=["alternative"] alternative={"exercise": "bpr_step", "name": "autograd"}
def bpr_step(P, Q, user, positive, negative, learning_rate, lam):
    import torch

    A, B = torch.tensor(P, requires_grad=True), torch.tensor(Q, requires_grad=True)
    p, i, j = A[user], B[positive], B[negative]
    loss = -torch.nn.functional.logsigmoid(p @ (i - j)) + lam / 2 * (p @ p + i @ i + j @ j)
    loss.backward()
    return P - learning_rate * A.grad.numpy(), Q - learning_rate * B.grad.numpy()


# %% [markdown]
# **Asked next**: *"How do you draw the negative?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Uniformly from what the user hasn't chosen is the start. Most such items are obscure, so x is soon large, σ(−x) near zero,
# and the step does nothing. Drawing by popularity, or the highest scored of a few, keeps the gradient alive; negatives that
# are too hard are often what the user would like and hasn't seen. To check yours: at x = 5 the pull is σ(−5), 0.0067.
# </details>

# %% [markdown]
# ## 4 · How good is it?
#
# Two families. RMSE asks how far off the predicted stars are, over pairs that somebody chose to rate. Ranking metrics ask
# what is at the top of a list over items that the user hasn't seen. A model can win one and lose the other. The ranking
# metrics of exercises 10 to 12 are worked out per user and then averaged over users, so a user without a relevant item needs
# a decision: here it is NaN, which `np.nanmean` leaves out.

# %% [markdown]
# ## Exercise 9 · RMSE, on the scale
#
# *Difficulty 1 of 5 · 5 minutes · 2 points*
#
# The root of the mean squared difference between prediction and rating, after predictions are clipped to the scale: nobody
# can give 5.7 stars.
#
# *Worked example.* Predictions 6 and 3, ratings 5 and 4, on a scale to 5. Clipped: 5 and 3. The squared errors are 0 and 1,
# their mean ½, the root 0.707.
#
# **In the round.** One minute of code, then: "is a lower RMSE a better list?" It weighs all ratings equally, and
# a list shows ten items.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "rmse",
    "In which order do clip, square, mean and root come?",
    "Clip the predictions only. One array expression does the rest.",
    "np.sqrt(np.mean((np.clip(predictions, lowest, highest) - ratings) ** 2)).",
)


# %% nbgrader={"grade": false, "grade_id": "rmse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rmse(predictions, ratings, lowest=0.5, highest=5.0):
    """Give the root mean squared error of clipped predictions.

    Parameters
    ----------
    predictions, ratings : ndarray of float, shape (m,)
        In stars; m ≥ 1.
    lowest, highest : float
        Ends of the scale. Predictions are clipped to them; ratings aren't touched.

    Returns
    -------
    float
        In stars. Neither argument is changed.
    """
    ### BEGIN SOLUTION
    return np.sqrt(np.mean((np.clip(predictions, lowest, highest) - ratings) ** 2))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rmse_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("rmse")
with check("two ratings, worked by hand", points=0.5):
    checks.close(
        rmse(np.array([6.0, 3.0]), np.array([5.0, 4.0])),
        0.5**0.5,
        given="predictions 6 and 3, ratings 5 and 4",
    )
### BEGIN HIDDEN TESTS
from sklearn.metrics import root_mean_squared_error

with check("random predictions, against scikit-learn", points=1):
    rng = np.random.default_rng(9)
    predictions, ratings = rng.normal(3, 2, 40), rng.integers(1, 11, 40) / 2
    clipped = np.clip(predictions, 0.5, 5)
    checks.close(
        rmse(predictions.copy(), ratings.copy()),
        root_mean_squared_error(ratings, clipped),
        given="40 predictions, some beyond the scale",
        mistakes=[
            checks.Mistake(
                "not clipped",
                looks_like=root_mean_squared_error(ratings, predictions),
                says="Predictions beyond the scale count in full. Nobody can give 5.7 stars, so such errors are free to avoid.",
            ),
            checks.Mistake(
                "root forgotten",
                looks_like=np.mean((clipped - ratings) ** 2),
                says="This is the mean squared error, in stars squared.",
            ),
            checks.Mistake(
                "absolute errors",
                looks_like=np.mean(np.abs(clipped - ratings)),
                says="This is the mean absolute error. RMSE squares first, so one error of 2 costs as much as four of 1.",
            ),
        ],
    )
with check("other scales; the inputs stay", points=0.5):
    got = checks.unchanged(
        rmse,
        np.array([0.2, 9.0, 12.0]),
        np.array([1.0, 7.0, 10.0]),
        1.0,
        10.0,
        given="a scale from 1 to 10",
    )
    checks.close(
        got, (4 / 3) ** 0.5, given="predictions 0.2, 9, 12, ratings 1, 7, 10, scale 1 to 10"
    )
    checks.close(
        rmse(np.array([0.1]), np.array([1.0])), 0.5, given="prediction 0.1, rating 1, default scale"
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "rmse", "name": "not clipped"}
def rmse(predictions, ratings, lowest=0.5, highest=5.0):
    return np.sqrt(np.mean((predictions - ratings) ** 2))


# %% tags=["mistake"] mistake={"exercise": "rmse", "name": "root forgotten"}
def rmse(predictions, ratings, lowest=0.5, highest=5.0):
    return np.mean((np.clip(predictions, lowest, highest) - ratings) ** 2)


# %% tags=["mistake"] mistake={"exercise": "rmse", "name": "absolute errors"}
def rmse(predictions, ratings, lowest=0.5, highest=5.0):
    return np.mean(np.abs(np.clip(predictions, lowest, highest) - ratings))


# %% tags=["alternative"] alternative={"exercise": "rmse", "name": "a norm"}
def rmse(predictions, ratings, lowest=0.5, highest=5.0):
    return (
        np.linalg.norm(np.minimum(np.maximum(predictions, lowest), highest) - ratings)
        / len(ratings) ** 0.5
    )


# %% tags=["alternative"] alternative={"exercise": "rmse", "name": "a loop"}
def rmse(predictions, ratings, lowest=0.5, highest=5.0):
    total = 0.0
    for p, r in zip(predictions.tolist(), ratings.tolist(), strict=True):
        total += (min(max(p, lowest), highest) - r) ** 2
    return (total / len(ratings)) ** 0.5


# %% [markdown]
# **Asked next**: *"All ratings are predicted as μ. What is the RMSE?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The standard deviation of the ratings (with n below, not n − 1). It is the number that any model must beat first. To check
# yours: `rmse(np.full(2, 3.0), np.array([2.0, 4.0]))` is 1.
# </details>

# %% [markdown]
# ## Exercise 10 · Precision and recall at k
#
# *Difficulty 1 of 5 · 8 minutes · 3 points*
#
# $$ P@k = \frac{|\text{top } k \cap \text{relevant}|}{k}, \qquad R@k = \frac{|\text{top } k \cap \text{relevant}|}{|\text{relevant}|} . $$
#
# In words: the hits among the first k, as a share of the k places, and as a share of all that could be found. A list shorter
# than k still has k places: an empty place is a miss.
#
# *Worked example.* Ranked 7, 3, 9; relevant {3, 4, 7, 8}; k = 2. Both places are hits: precision 1, recall 2/4.
#
# **In the round.** They push on the ends: a list shorter than k, a user with nothing relevant.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "precision_recall_at_k",
    "Which of the two denominators depends on the length of the list?",
    "None does. Count the hits in ranked[:k]; divide once by k, once by the number of relevant items.",
    "hits = len(set(ranked[:k]) & set(relevant)); NaN for both when nothing is relevant.",
)


# %% nbgrader={"grade": false, "grade_id": "precision_recall_at_k", "locked": false, "schema_version": 3, "solution": true, "task": false}
def precision_recall_at_k(ranked, relevant, k):
    """Give precision and recall of the first k of a ranked list.

    Parameters
    ----------
    ranked : list of int
        Item ids, best first, no id twice; may be shorter than k, or empty.
    relevant : list of int
        Item ids that were relevant, in any order, no id twice; may be empty.
    k : int
        ≥ 1.

    Returns
    -------
    precision, recall : float
        Hits among the first k, divided by k and by the number of relevant items. Both NaN when
        nothing is relevant.
    """
    ### BEGIN SOLUTION
    if len(relevant) == 0:
        return np.nan, np.nan
    hits = len(set(ranked[:k]) & set(relevant))
    return hits / k, hits / len(relevant)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "precision_recall_at_k_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("precision_recall_at_k")
with check("three items, worked by hand", points=0.5):
    got = precision_recall_at_k([7, 3, 9], [3, 4, 7, 8], 2)
    checks.close(got, (1.0, 0.5), given="ranked = [7, 3, 9], relevant = [3, 4, 7, 8], k = 2")
### BEGIN HIDDEN TESTS
with check("random lists, against loops", points=1.5):
    rng = np.random.default_rng(10)
    for n, size, k in ((20, 6, 5), (20, 3, 8), (4, 5, 10)):
        ranked, relevant = rng.permutation(30)[:n].tolist(), rng.permutation(30)[:size].tolist()
        hits = sum(1 for item in ranked[:k] if item in relevant)
        everywhere = sum(1 for item in ranked if item in relevant)
        if hits == 0:
            ranked[1], hits, everywhere = relevant[0], 1, 1
            ranked = [
                item for place, item in enumerate(ranked) if place == 1 or item not in relevant
            ]
        one_more = sum(1 for item in ranked[: k + 1] if item in relevant)
        checks.close(
            precision_recall_at_k(list(ranked), list(relevant), k),
            (hits / k, hits / size),
            given=f"ranked = {ranked}, relevant = {relevant}, k = {k}",
            mistakes=[
                checks.Mistake(
                    "divided by the length of the list",
                    when=len(ranked) < k,
                    looks_like=(hits / len(ranked), hits / size),
                    says="A list shorter than k is divided by its own length: a model that returns one safe item gets precision 1. The user has k places.",
                ),
                checks.Mistake(
                    "precision and recall exchanged",
                    looks_like=(hits / size, hits / k),
                    says="Precision is about what was shown (k), recall about what could be found (the relevant items).",
                ),
                checks.Mistake(
                    "hits of the whole list",
                    looks_like=(everywhere / k, everywhere / size),
                    says="Hits beyond place k are counted too. Cut the list first.",
                ),
                checks.Mistake(
                    "recall capped at k",
                    looks_like=(hits / k, hits / min(k, size)),
                    says="The denominator of recall is min(k, relevant). That is a variant, which says how close to the best possible list this is; recall divides by all relevant items.",
                ),
            ],
        )
with check("nothing relevant, nothing ranked, the last place", points=1):
    checks.close(precision_recall_at_k([1, 2], [], 2), (np.nan, np.nan), given="nothing relevant")
    checks.close(precision_recall_at_k([], [1, 2, 5], 2), (0.0, 0.0), given="nothing ranked")
    checks.close(
        precision_recall_at_k([4, 5, 6], [6], 3),
        (1 / 3, 1.0),
        given="the one hit at place 3, k = 3",
    )
    checks.close(
        precision_recall_at_k([4, 5, 6], [6], 2), (0.0, 0.0), given="the one hit at place 3, k = 2"
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "precision_recall_at_k", "name": "divided by the length of the list"}
def precision_recall_at_k(ranked, relevant, k):
    hits = len(set(ranked[:k]) & set(relevant))
    return hits / len(ranked[:k]) if ranked else 0.0, hits / len(relevant) if relevant else np.nan


# %% tags=["mistake"] mistake={"exercise": "precision_recall_at_k", "name": "precision and recall exchanged"}
def precision_recall_at_k(ranked, relevant, k):
    hits = len(set(ranked[:k]) & set(relevant))
    return (hits / len(relevant), hits / k) if relevant else (np.nan, np.nan)


# %% tags=["mistake"] mistake={"exercise": "precision_recall_at_k", "name": "hits of the whole list"}
def precision_recall_at_k(ranked, relevant, k):
    hits = len(set(ranked) & set(relevant))
    return (hits / k, hits / len(relevant)) if relevant else (np.nan, np.nan)


# %% tags=["mistake"] mistake={"exercise": "precision_recall_at_k", "name": "recall capped at k"}
def precision_recall_at_k(ranked, relevant, k):
    hits = len(set(ranked[:k]) & set(relevant))
    return (hits / k, hits / min(k, len(relevant))) if relevant else (np.nan, np.nan)


# %% tags=["alternative"] alternative={"exercise": "precision_recall_at_k", "name": "a loop"}
def precision_recall_at_k(ranked, relevant, k):
    hits = 0
    for place, item in enumerate(ranked):
        if place < k and item in relevant:
            hits += 1
    return (hits / k, hits / len(relevant)) if len(relevant) else (float("nan"), float("nan"))


# %% tags=["alternative"] alternative={"exercise": "precision_recall_at_k", "name": "NumPy"}
def precision_recall_at_k(ranked, relevant, k):
    if not len(relevant):
        return np.nan, np.nan
    hits = np.isin(np.array(ranked[:k], dtype=int), relevant).sum()
    return hits / k, hits / len(relevant)


# %% [markdown]
# **Asked next**: *"A user has 3 relevant items. How high can precision@10 get?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# 0.3. So a mean over users mixes how good the lists are with how many relevant items people have. Report recall beside it,
# or NDCG, whose best is 1 for everybody. To check yours: `precision_recall_at_k(list(range(10)), [0, 1, 2], 10)` is (0.3, 1).
# </details>

# %% [markdown]
# ## Exercise 11 · Average precision
#
# *Difficulty 2 of 5 · 10 minutes · 3 points*
#
# Precision@k doesn't care where among the k a hit is. Average precision does: at each hit, take the precision so far; divide
# the sum by the number of relevant items. Its mean over users is **MAP**.
#
# *Worked example.* Ranked 7, 1, 3; relevant {7, 3}. Hits at places 1 and 3, with precisions 1 and 2/3. The average precision
# is (1 + 2/3)/2 = 0.833. With a third relevant item that isn't in the list, it is (1 + 2/3)/3.
#
# **In the round.** "What do you divide by?" is the question. Dividing by the hits found rewards finding one and stopping.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "average_precision",
    "What does a relevant item that isn't in the list contribute?",
    "Walk down the list; at each hit, add hits so far over place. The relevant items not found add 0 and still count below.",
    "hit = np.isin(ranked, relevant); (np.cumsum(hit) / np.arange(1, n + 1))[hit].sum() / len(relevant).",
)


# %% nbgrader={"grade": false, "grade_id": "average_precision", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_precision(ranked, relevant):
    """Give the average precision of one ranked list.

    Parameters
    ----------
    ranked : list of int
        Item ids, best first, no id twice; may be empty.
    relevant : list of int
        Relevant ids, in any order, no id twice; some may be missing from the list.

    Returns
    -------
    float
        Sum over hits of the precision at the hit's place, divided by the number of relevant
        items; NaN when nothing is relevant.
    """
    ### BEGIN SOLUTION
    if len(relevant) == 0:
        return np.nan
    hits, total = 0, 0.0
    for place, item in enumerate(ranked, start=1):
        if item in set(relevant):
            hits += 1
            total += hits / place
    return total / len(relevant)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "average_precision_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("average_precision")
with check("three items, worked by hand", points=0.5):
    checks.close(
        average_precision([7, 1, 3], [7, 3]), 5 / 6, given="ranked = [7, 1, 3], relevant = [7, 3]"
    )
    checks.close(
        average_precision([7, 1, 3], [3, 5, 7]),
        5 / 9,
        given="ranked = [7, 1, 3], relevant = [3, 5, 7]",
    )
### BEGIN HIDDEN TESTS
from sklearn.metrics import average_precision_score

with check("full rankings, against scikit-learn", points=0.5):
    rng = np.random.default_rng(11)
    for size in (1, 4, 9):
        ranked, relevant = rng.permutation(15).tolist(), rng.permutation(15)[:size].tolist()
        truth = np.isin(np.arange(15), relevant)
        scores = np.empty(15)
        scores[ranked] = np.arange(15, 0, -1)
        checks.close(
            average_precision(ranked, relevant),
            float(average_precision_score(truth, scores)),
            given=f"ranked = {ranked}, relevant = {relevant}",
        )
with check("lists that miss some, against loops", points=1.5):
    for ranked, relevant in (([4, 9, 2, 7, 5], [9, 7, 30, 31]), ([1, 2, 3, 4], [2, 4, 8])):
        hit = np.isin(ranked, relevant)
        at = [np.mean(hit[: n + 1]) for n in range(len(ranked))]
        checks.close(
            average_precision(list(ranked), list(relevant)),
            sum(np.array(at)[hit]) / len(relevant),
            given=f"ranked = {ranked}, relevant = {relevant}",
            mistakes=[
                checks.Mistake(
                    "divided by the hits",
                    looks_like=sum(np.array(at)[hit]) / hit.sum(),
                    says="Relevant items that were not found drop out of the denominator, so a list that finds one of a hundred can get 1.",
                ),
                checks.Mistake(
                    "averaged over all places",
                    looks_like=np.mean(at),
                    says="The precision is averaged over every place. Only the places of hits count.",
                ),
                checks.Mistake(
                    "places from zero",
                    looks_like=sum(np.cumsum(hit)[hit] / np.maximum(np.flatnonzero(hit), 1))
                    / len(relevant),
                    says="The first place is 1. Counted from 0, precisions above 1 come out.",
                ),
                checks.Mistake(
                    "divided by the length of the list",
                    looks_like=sum(np.array(at)[hit]) / len(ranked),
                    says="The sum is divided by the length of the list. A longer list of the same quality would then get less.",
                ),
            ],
        )
with check("nothing relevant, nothing ranked", points=0.5):
    checks.close(average_precision([1, 2], []), np.nan, given="nothing relevant")
    checks.close(average_precision([], [1]), 0.0, given="nothing ranked")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "average_precision", "name": "divided by the hits"}
def average_precision(ranked, relevant):
    hits, total = 0, 0.0
    for place, item in enumerate(ranked, start=1):
        if item in relevant:
            hits += 1
            total += hits / place
    return total / hits if hits else np.nan


# %% tags=["mistake"] mistake={"exercise": "average_precision", "name": "averaged over all places"}
def average_precision(ranked, relevant):
    hit = np.isin(ranked, relevant)
    return float(np.mean(np.cumsum(hit) / np.arange(1, len(hit) + 1))) if len(ranked) else 0.0


# %% tags=["mistake"] mistake={"exercise": "average_precision", "name": "places from zero"}
def average_precision(ranked, relevant):
    hits, total = 0, 0.0
    for place, item in enumerate(ranked):
        if item in relevant:
            hits += 1
            total += hits / max(place, 1)
    return total / len(relevant) if relevant else np.nan


# %% tags=["mistake"] mistake={"exercise": "average_precision", "name": "divided by the length of the list"}
def average_precision(ranked, relevant):
    hits, total = 0, 0.0
    for place, item in enumerate(ranked, start=1):
        if item in relevant:
            hits += 1
            total += hits / place
    return total / len(ranked) if ranked else 0.0


# %% tags=["alternative"] alternative={"exercise": "average_precision", "name": "cumulative sums"}
def average_precision(ranked, relevant):
    if not len(relevant):
        return float("nan")
    hit = np.isin(np.array(ranked, dtype=int), relevant)
    return (np.cumsum(hit) / np.arange(1, len(hit) + 1))[hit].sum() / len(relevant)


# %% tags=["alternative"] alternative={"exercise": "average_precision", "name": "by the relevant items"}
def average_precision(ranked, relevant):
    if not relevant:
        return np.nan
    places = sorted(ranked.index(item) + 1 for item in relevant if item in ranked)
    return sum(n / place for n, place in enumerate(places, 1)) / len(relevant)


# %% [markdown]
# **Asked next**: *"What is it with a single relevant item?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# One over its place, the reciprocal rank. Its mean over users is the mean reciprocal rank, MRR. To check yours:
# `average_precision([5, 6, 7, 8], [8])` is 0.25.
# </details>

# %% [markdown]
# ## Exercise 12 · NDCG at k, with ties
#
# *Difficulty 4 of 5 · 15 minutes · 5 points*
#
# $$ \text{DCG@}k = \sum_{n=1}^{k} \frac{g_{(n)}}{\log_2 (n + 1)}, \qquad \text{NDCG@}k = \frac{\text{DCG@}k}{\text{best DCG@}k} . $$
#
# In words: the gain of the item at each place, discounted by the logarithm of the place, as a share of what the best order of
# these items gives. The gain is used as it is, not as $2^g - 1$; say which you mean.
#
# With **equal scores** the order is arbitrary, so the metric must not depend on it. Give each item of a tied group the *mean*
# discount of the places that the group takes. This is the expectation over all orders. Places beyond k have discount 0.
#
# *Worked example.* Scores 1, 1, gains 3, 0, k = 1. Either item may be first: the mean discount is ½, DCG 1.5. The best is 3, so
# NDCG is 0.5. Sorting would say 1 or 0, depending on the order of the rows.
#
# **In the round.** A constant model, sorted stably on data in which the positives come first, gets a perfect NDCG. Ties
# broken in favour of the right answers have inflated published results. Name ties before they do.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "ndcg_at_k",
    "Which places does a group of equal scores take together, and what is their total discount?",
    "Build the discounts of all n places, with 0 from place k + 1 on. np.unique of the negative scores gives groups, best first, with their sizes.",
    "With total = np.cumsum of the discounts (a 0 in front) and end = np.cumsum(size), a group's mean discount is (total[end] - total[end - size]) / size.",
)


# %% nbgrader={"grade": false, "grade_id": "ndcg_at_k", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ndcg_at_k(scores, gains, k):
    """Give the normalised discounted cumulative gain of the k highest scores.

    Parameters
    ----------
    scores : ndarray of float, shape (n,)
        The model's; higher is better. n ≥ 1.
    gains : ndarray of float, shape (n,)
        Each ≥ 0; used as it is.
    k : int
        ≥ 1; may exceed n.

    Returns
    -------
    float
        Between 0 and 1. Items with equal scores share the mean discount of the places that they
        take. The discount of place n (from 1) is 1 / log2(n + 1), and 0 beyond k. NaN when no
        gain is positive.
    """
    ### BEGIN SOLUTION
    discount = 1 / np.log2(np.arange(len(scores)) + 2)
    discount[k:] = 0
    best = np.sort(gains)[::-1] @ discount
    if best == 0:
        return np.nan
    _, group, size = np.unique(-scores, return_inverse=True, return_counts=True)
    end, total = np.cumsum(size), np.append(0, np.cumsum(discount))
    mean_discount = (total[end] - total[end - size]) / size
    return gains @ mean_discount[group] / best
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ndcg_at_k_test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check = checks.start("ndcg_at_k")
with check("two tied items, worked by hand", points=0.5):
    checks.close(
        ndcg_at_k(np.array([1.0, 1.0]), np.array([3.0, 0.0]), 1),
        0.5,
        given="scores = [1, 1], gains = [3, 0], k = 1",
    )
with check("no ties", points=0.5):
    want = (1 + 2 / np.log2(3)) / (2 + 1 / np.log2(3))
    checks.close(
        ndcg_at_k(np.array([0.9, 0.1, 0.5]), np.array([1.0, 0.0, 2.0]), 2),
        want,
        given="scores = [0.9, 0.1, 0.5], gains = [1, 0, 2], k = 2",
    )
### BEGIN HIDDEN TESTS
from sklearn.metrics import ndcg_score


def plain_ndcg(scores, gains, k, shift=2, log=np.log2, best_of_top=False, raised=False, order=None):
    gains = 2.0**gains - 1 if raised else gains
    order = np.argsort(-scores, kind="stable") if order is None else order
    discount = 1 / log(np.arange(len(gains)) + shift)
    top = gains[order][:k]
    best = np.sort(top if best_of_top else gains)[::-1][:k]
    return top @ discount[: len(top)] / (best @ discount[: len(best)])


with check("random scores, against scikit-learn", points=1.5):
    rng = np.random.default_rng(12)
    for n, k in ((12, 5), (12, 12), (8, 1)):
        scores, gains = rng.normal(size=n), rng.integers(0, 5, n).astype(float)
        gains[np.argsort(-scores)[0]] = 1.0
        gains[np.argsort(-scores)[1]] = 3.0
        checks.close(
            ndcg_at_k(scores.copy(), gains.copy(), k),
            float(ndcg_score([gains], [scores], k=k)),
            given=f"{n} random scores without ties, gains 0 to 4, k = {k}",
            mistakes=[
                checks.Mistake(
                    "gains of two to the power",
                    looks_like=plain_ndcg(scores, gains, k, raised=True),
                    says="The gain is 2^g − 1 here. Both are in use; the docstring takes gains as they are.",
                ),
                checks.Mistake(
                    "the best of the k shown",
                    looks_like=plain_ndcg(scores, gains, k, best_of_top=True),
                    says="The ideal is made of the k items that were shown, so missing all the good ones costs nothing. It is the best order of *all* items.",
                ),
                checks.Mistake(
                    "lowest score first",
                    looks_like=plain_ndcg(-scores, gains, k),
                    says="`argsort` sorts upwards: the worst items were put on top.",
                ),
                checks.Mistake(
                    "not normalised",
                    looks_like=lambda scores=scores, gains=gains, k=k: (
                        plain_ndcg(scores, gains, k)
                        * float(
                            np.sort(gains)[::-1][:k]
                            @ (1 / np.log2(np.arange(min(k, len(gains))) + 2))
                        )
                    ),
                    says="This is DCG. Users with more good items get more, so a mean over users is ruled by them.",
                ),
            ],
        )
with check("ties, against scikit-learn and against all orders", points=1.5):
    import itertools

    for n, k in ((10, 4), (9, 9), (11, 7)):
        scores, gains = rng.integers(0, 3, n).astype(float), rng.integers(0, 4, n).astype(float)
        gains = gains[np.argsort(-gains)]
        checks.close(
            ndcg_at_k(scores.copy(), gains.copy(), k),
            float(ndcg_score([gains], [scores], k=k)),
            given=f"scores = {scores.tolist()}, gains = {gains.tolist()}, k = {k}",
            mistakes=[
                checks.Mistake(
                    "ties in the order of the rows",
                    looks_like=plain_ndcg(scores, gains, k),
                    says="Equal scores are ranked in the order in which the rows came. If positives come first in the data, a constant model looks perfect.",
                )
            ],
        )
    scores, gains = np.array([2.0, 1.0, 1.0, 1.0, 0.0]), np.array([0.0, 3.0, 1.0, 0.0, 2.0])
    orders = [np.array([0, *middle, 4]) for middle in itertools.permutations([1, 2, 3])]
    want = np.mean([plain_ndcg(scores, gains, 3, order=order) for order in orders])
    checks.close(
        ndcg_at_k(scores, gains, 3),
        float(want),
        given="scores = [2, 1, 1, 1, 0], gains = [0, 3, 1, 0, 2], k = 3; the mean over all orders of the tie",
    )
with check("no positive gain; k beyond the end; a perfect order; inputs unchanged", points=1):
    import warnings

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        got = ndcg_at_k(np.array([1.0, 2.0]), np.zeros(2), 2)
    checks.close(got, np.nan, given="gains = [0, 0]")
    checks.that(not heard, "Expected no warning.", given="gains = [0, 0]")
    checks.close(
        ndcg_at_k(np.array([3.0]), np.array([0.5]), 10), 1.0, given="one item with gain 0.5, k = 10"
    )
    got = checks.unchanged(
        ndcg_at_k,
        np.array([1.0, 3.0, 2.0]),
        np.array([0.0, 2.0, 1.0]),
        3,
        given="scores in the order of the gains",
    )
    checks.close(got, 1.0, given="scores in the order of the gains")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "ndcg_at_k", "name": "ties in the order of the rows"}
def ndcg_at_k(scores, gains, k):
    discount = 1 / np.log2(np.arange(len(scores)) + 2)
    discount[k:] = 0
    best = np.sort(gains)[::-1] @ discount
    return gains[np.argsort(-scores, kind="stable")] @ discount / best if best else np.nan


# %% tags=["mistake"] mistake={"exercise": "ndcg_at_k", "name": "gains of two to the power"}
def ndcg_at_k(scores, gains, k):
    gains = 2.0**gains - 1
    discount = 1 / np.log2(np.arange(len(scores)) + 2)
    discount[k:] = 0
    best = np.sort(gains)[::-1] @ discount
    return gains[np.argsort(-scores, kind="stable")] @ discount / best if best else np.nan


# %% tags=["mistake"] mistake={"exercise": "ndcg_at_k", "name": "the best of the k shown"}
def ndcg_at_k(scores, gains, k):
    top = gains[np.argsort(-scores, kind="stable")][:k]
    discount = 1 / np.log2(np.arange(len(top)) + 2)
    best = np.sort(top)[::-1] @ discount
    return top @ discount / best if best else np.nan


# %% tags=["mistake"] mistake={"exercise": "ndcg_at_k", "name": "lowest score first"}
def ndcg_at_k(scores, gains, k):
    discount = 1 / np.log2(np.arange(len(scores)) + 2)
    discount[k:] = 0
    best = np.sort(gains)[::-1] @ discount
    return gains[np.argsort(scores, kind="stable")] @ discount / best if best else np.nan


# %% tags=["mistake"] mistake={"exercise": "ndcg_at_k", "name": "not normalised"}
def ndcg_at_k(scores, gains, k):
    top = gains[np.argsort(-scores, kind="stable")][:k]
    return top @ (1 / np.log2(np.arange(len(top)) + 2))


# %% tags=["alternative"] alternative={"exercise": "ndcg_at_k", "name": "scikit-learn"}
def ndcg_at_k(scores, gains, k):
    from sklearn.metrics import ndcg_score

    if not gains.any():
        return np.nan
    return float(ndcg_score([gains], [scores], k=k)) if len(gains) > 1 else 1.0


# %% tags=["alternative"] alternative={"exercise": "ndcg_at_k", "name": "a loop over tied groups"}
def ndcg_at_k(scores, gains, k):
    import math

    place, got = 1, 0.0
    weight = [1 / math.log2(n + 1) if n <= k else 0.0 for n in range(1, len(scores) + 1)]
    for score in sorted(set(scores.tolist()), reverse=True):
        tied = gains[scores == score]
        got += float(np.mean(tied)) * sum(weight[place - 1 : place - 1 + len(tied)])
        place += len(tied)
    best = sum(w * g for w, g in zip(weight, sorted(gains.tolist(), reverse=True), strict=True))
    return got / best if best > 0 else float("nan")


# %% [markdown]
# **Asked next**: *"A model gives every item the same score. What is its NDCG?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# What a random order gets in expectation, which isn't 0. With one relevant item of n it is the sum of the first k discounts,
# divided by n. To check yours: two items, gains 1 and 0, k = 2, equal scores: (1 + 0.6309)/2 = 0.815.
# </details>

# %% [markdown]
# ## Exercise 13 · Coverage of the catalogue
#
# *Difficulty 1 of 5 · 5 minutes · 2 points*
#
# The share of all items that at least one user is shown. A list of popular films shows everybody the same ten, and its
# coverage is ten over the size of the catalogue.
#
# *Worked example.* Lists [0, 1] and [1, 2] in a catalogue of 6 items: three different items, coverage ½.
#
# **In the round.** Offer it unasked, beside accuracy: what nobody is shown gets no feedback, and is never shown.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "coverage",
    "How often does an item count that is on the lists of two users?",
    "Collect the ids of all lists in one set.",
    "len(set().union(*recommended)) / n_items.",
)


# %% nbgrader={"grade": false, "grade_id": "coverage", "locked": false, "schema_version": 3, "solution": true, "task": false}
def coverage(recommended, n_items):
    """Give the share of the catalogue that is recommended to somebody.

    Parameters
    ----------
    recommended : list of list of int
        One list of item ids, from 0 to n_items − 1, for each user; lists may differ in length
        and be empty, and there may be none.
    n_items : int
        ≥ 1.

    Returns
    -------
    float
        Between 0 and 1.
    """
    ### BEGIN SOLUTION
    return len({item for items in recommended for item in items}) / n_items
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "coverage_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("coverage")
with check("two lists, worked by hand", points=0.5):
    checks.close(
        coverage([[0, 1], [1, 2]], 6), 0.5, given="recommended = [[0, 1], [1, 2]], n_items = 6"
    )
### BEGIN HIDDEN TESTS
with check("lists of several lengths", points=1):
    rng = np.random.default_rng(13)
    lists = [rng.permutation(20)[:size].tolist() for size in (4, 0, 6, 5)]
    seen = np.zeros(25, dtype=bool)
    for items in lists:
        seen[items] = True
    checks.close(
        coverage(lists, 25),
        float(seen.mean()),
        given=f"recommended = {lists}, n_items = 25",
        mistakes=[
            checks.Mistake(
                "places counted, not items",
                looks_like=15 / 25,
                says="An item shown to three users counts three times. With enough users this exceeds 1.",
            ),
            checks.Mistake(
                "share of the places",
                looks_like=seen.sum() / 15,
                says="The number of different items is divided by the places shown. That is diversity among lists; coverage divides by the catalogue.",
            ),
            checks.Mistake(
                "mean over users",
                looks_like=15 / 4 / 25,
                says="Each user's share is averaged. That says how long the lists are. Take the union over users first.",
            ),
        ],
    )
with check("nothing, and everything", points=0.5):
    checks.close(coverage([], 3), 0.0, given="no lists, n_items = 3")
    checks.close(coverage([[], []], 3), 0.0, given="two empty lists, n_items = 3")
    checks.close(coverage([[2, 0], [1]], 3), 1.0, given="recommended = [[2, 0], [1]], n_items = 3")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "coverage", "name": "places counted, not items"}
def coverage(recommended, n_items):
    return sum(len(items) for items in recommended) / n_items


# %% tags=["mistake"] mistake={"exercise": "coverage", "name": "share of the places"}
def coverage(recommended, n_items):
    every = [item for items in recommended for item in items]
    return len(set(every)) / len(every) if every else 0.0


# %% tags=["mistake"] mistake={"exercise": "coverage", "name": "mean over users"}
def coverage(recommended, n_items):
    return (
        float(np.mean([len(set(items)) / n_items for items in recommended])) if recommended else 0.0
    )


# %% tags=["alternative"] alternative={"exercise": "coverage", "name": "a mask"}
def coverage(recommended, n_items):
    seen = np.zeros(n_items, dtype=bool)
    for items in recommended:
        seen[np.array(items, dtype=int)] = True
    return seen.mean()


# %% tags=["alternative"] alternative={"exercise": "coverage", "name": "a union of sets"}
def coverage(recommended, n_items):
    return len(set().union(*recommended)) / n_items


# %% [markdown]
# **Asked next**: *"Coverage is 0.9. Is the long tail served?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Not necessarily: an item shown once counts like one shown to everybody. Look at how exposure is spread, with a Gini
# coefficient or the share of the top 1 % of items. To check yours: in a catalogue of 10, show item 0 to 100 users, and items
# 1 to 8 to one of them. Coverage is 0.9.
# </details>

# %% [markdown]
# ## 5 · Your factors, filling the matrix
#
# The matrix is the one of [1 · See](1_see.ipynb). Your `sgd_epoch` and `als_step` run on it, beside the reference, from
# the same start.
#
# **What to look for.** Agreement to rounding means the same method. If they part at the first step, look for a sign, a
# missing λ, or the new $p$ in the update of $q$.

# %%
rec.factors(sgd_epoch=sgd_epoch, als_step=als_step)

# %% [markdown]
# ## Cheat sheet
#
# | part | formula | say this | watch out for |
# |---|---|---|---|
# | split | the last ⌈share · c⌉ of each user | "the split imitates the day of training" | random splits leak the future |
# | biases | $\sum(\text{left}) / (\lambda + n)$ | "the baseline that models must beat" | λ beside the count; items with one rating |
# | item similarity | adjusted cosine · $n / (n + \beta)$ | "over co-raters, shrunk, as sparse products" | absent isn't zero; the diagonal |
# | neighbours | mean + $\sum s\,c / \sum s$ over $s > 0$ | "the k most similar *that this user rated*" | no neighbour: fall back to the mean |
# | SGD | $p + \eta (e q - \lambda p)$ | "one rating at a time, shuffled between epochs" | the old $p$ in the update of $q$ |
# | ALS | $(Q_u^\top Q_u + \lambda I)\, p = Q_u^\top r_u$ | "a ridge regression for each user, in parallel" | only rated items on both sides |
# | BPR | slope $-\sigma(-x)$, $x = p^\top (q_i - q_j)$ | "orders pairs; an absent click isn't a dislike" | overflow; easy negatives |
# | RMSE | root, mean, square of clipped errors | "says little about the top of a list" | clip first |
# | precision, recall | hits / k, hits / relevant | "a short list still has k places" | users with nothing relevant |
# | average precision | $\sum$ precision at hits / relevant | "its mean over users is MAP" | dividing by the hits found |
# | NDCG | $\sum g / \log_2(n + 1)$ over the best | "ties share their places' mean discount" | ideal from all items, not from those shown |
# | coverage | different items shown / catalogue | "beside accuracy, always" | counting places |
#
# **Cost**, with $m$ ratings by $n$ users. Item similarities: $\sum_u n_u^2$ products. One epoch of SGD: $O(m r)$. One ALS
# step: $O(m r^2 + n r^3)$. **In the last two minutes** of a round: say what a new user gets, what leaks, and which
# metric you would show to whom.

# %% [markdown]
# **Check my work** runs the hidden checks too, and names what went wrong where it can. A part that costs points today
# is worth writing again tomorrow, from a blank page.
#
# Next: [3 · Use](3_use.ipynb), where all of this meets real data. Back: [1 · See](1_see.ipynb).

# %% tags=["on_open"]
learner.check_my_work()
