# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.0
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Recommenders · 3 · Use
#
# In [2 · Build](2_build.ipynb) you wrote the parts. Here they become a system on real ratings, and
# the question changes from "does the code run?" to "does it beat the list of popular films, for
# whom, and how sure are you?"
#
# After this notebook you can
#
# - split ratings by time and say which leak is left;
# - put popularity, item neighbours, matrix factorisation, content and neural collaborative
#   filtering into one table, with an interval beside each number;
# - mix two models by how much is known of a user, and measure whether new users gain;
# - sample negatives for a model that sees only what people did;
# - measure two-stage serving, and trade recall for speed with an inverted-file index;
# - find three bugs that raise no error: two make the offline numbers look better than they are, one
#   makes a model useless.
#
# Interview questions that it answers: *What is your baseline? Is the gain significant? How do you
# handle cold start? Where do the negatives come from? How do you serve a million items in 50 ms?
# Offline is great and online is flat: what do you check?*
#
# The notebook needs nothing that you wrote elsewhere.

# %% tags=["on_open"]
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from scipy import sparse, stats
from scipy.sparse.linalg import svds
from sklearn.cluster import MiniBatchKMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from curriculum import checks, data, learner, widgets

BLUE, ORANGE, GREEN, RED = (widgets.COLORS[c] for c in ("blue", "orange", "green", "vermillion"))
pd.set_option("display.precision", 3)
learner.begin("recommenders", "3_use")

# %% [markdown]
# ## 1 · Look at the data before any model
#
# MovieLens: who gave which film how many stars, and when. Look at three things: how many ratings a
# film has, how many a person has, and how the identifiers run.

# %%
ratings, movies = data.movielens_ratings(), data.movielens_movies()
user_ids, users = np.unique(ratings["user_id"].to_numpy(), return_inverse=True)
items = np.searchsorted(movies["movie_id"].to_numpy(), ratings["movie_id"].to_numpy())
stars = ratings["rating"].to_numpy()
times = ratings["rated_at"].to_numpy().astype("int64")
n_users, n_items = len(user_ids), len(movies)
print(f"{len(stars):,} ratings, {n_users} users, {n_items:,} films")
print(f"filled cells of the table: {len(stars) / n_users / n_items:.2%}")
print(f"largest movie_id: {movies['movie_id'].max():,}")
print("ratings of a film: ", np.quantile(np.bincount(items), [0.25, 0.5, 0.75, 1]))
print("ratings of a person:", np.quantile(np.bincount(users), [0.25, 0.5, 0.75, 1]))

# %% jupyter={"source_hidden": true}
counts = np.sort(np.bincount(items, minlength=n_items))[::-1]
share = np.cumsum(counts) / counts.sum()
half = int(np.searchsorted(share, 0.5)) + 1
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.plot(np.arange(1, n_items + 1), share, color=BLUE)
ax.axvline(half, color=ORANGE, linestyle="--")
ax.text(half + 120, 0.08, f"{half} films hold half of the ratings", color="black")
ax.set(xlabel="films, most rated first", ylabel="share of all ratings", ylim=(0, 1.02))
ax.set_title("A few hundred films hold half of the ratings")
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Cumulative share of ratings against the number of films, most rated first. The curve "
    "rises steeply, passes one half after a few hundred films and flattens over thousands.",
)

# %% [markdown]
# So a list of popular films is a strong baseline, and half of the films have three ratings or fewer,
# too few for a collaborative method to say much. `movie_id` is not a running number: it is a name,
# and must become an index.
#
# **Split.** Each person's last fifth is the test set, in order of time. A film counts as *relevant*
# when the person gave it 4 stars or more in that part. One leak is left, and you should name it
# before the interviewer does: person A's past may be later than person B's test. Only one date for
# everybody removes it, and in data like these most test users then have no past at all.


# %%
order = np.lexsort((times, users))
position = np.empty(len(users), dtype=int)
size = np.bincount(users)
position[order] = np.arange(len(users)) - np.repeat(np.cumsum(size) - size, size)
test = position >= size[users] - np.ceil(0.2 * size[users])
R = sparse.csr_matrix((stars[~test], (users[~test], items[~test])), shape=(n_users, n_items))
seen = R.toarray() > 0
relevant = np.zeros((n_users, n_items), dtype=bool)
relevant[users[test & (stars >= 4)], items[test & (stars >= 4)]] = True
judged = relevant.any(axis=1)
print(f"training {(~test).sum():,}, test {test.sum():,}; {judged.sum()} users can be judged")

# %% [markdown]
# ## 2 · Baseline, neighbours, factors
#
# Every model gives one number for each user and film. Films that the person has rated already are
# left out, the ten best of the rest are recommended. NDCG@10 rewards relevant films near the top;
# recall@10 is the share of all relevant films that is among the ten. Scores tie, most of all those
# of popularity, which are counts. Of equal ones the lower index comes first, everywhere in this
# notebook, so that the same scores give the same list on every machine. `argpartition` alone
# promises no such thing.


# %%
def largest(values, k):
    """Return the places of the k largest values, largest first; of equal ones the lower first."""
    enough = np.flatnonzero(values >= np.partition(values, -k)[-k])
    return enough[np.argsort(-values[enough], kind="stable")][:k]


def judge(scores, who=slice(None)):
    """Return NDCG@10 and recall@10 of each user (NaN without a relevant film), and coverage."""
    ten = np.array([largest(row, 10) for row in np.where(seen[who], -np.inf, scores)])
    hit = np.take_along_axis(relevant[who], ten, axis=1)
    total = relevant[who].sum(axis=1)
    discount = 1 / np.log2(np.arange(2, 12))
    best = np.r_[0.0, np.cumsum(discount)][np.minimum(total, 10)]
    empty = np.where(judged[who], 1.0, np.nan)
    ndcg = hit @ discount / np.maximum(best, 1e-9) * empty
    return ndcg, hit.sum(axis=1) / np.maximum(total, 1) * empty, len(np.unique(ten)) / n_items


watched = (R > 0).astype(float)
models = {"random": np.random.default_rng(0).random((n_users, n_items))}
popularity = np.asarray(watched.sum(axis=0)).ravel()
models["popularity"] = np.tile(popularity, (n_users, 1))

mu = R.data.mean()
deviation = R.copy()
deviation.data -= mu
bias = np.asarray(deviation.sum(axis=0)).ravel() / (popularity + 5)
models["mean rating, shrunk"] = np.tile(bias, (n_users, 1))

# %% [markdown]
# *Mean rating, shrunk* is the item bias of 2 · Build after one sweep, with λ = 5. A film that somebody
# rated counts as *watched*, whatever the stars. *Item neighbours* takes the cosine between the films'
# columns of who watched what, keeps the 50 nearest of each film, and scores a film by the sum of its
# cosines with what the person has watched. *Factors* is a singular value decomposition of who watched
# what, with 20 factors, zeros counted as zeros. That is wrong as a model of stars and useful as a
# model of choice.

# %%
columns = normalize(watched, axis=0)
similarity, blocks = (columns.T @ columns).tocsr(), []
for start in range(0, n_items, 1000):  # a thousand films at a time: 9,066² numbers are 650 MB
    block = similarity[start : start + 1000].toarray().astype(np.float32)
    block[np.arange(len(block)), start + np.arange(len(block))] = 0
    least = np.maximum(np.partition(block, -50, axis=1)[:, -50:-49], 1e-9)
    blocks.append(sparse.csr_matrix(np.where(block >= least, block, 0)))
near = sparse.vstack(blocks).tocsr()
models["item neighbours"] = (watched @ near).toarray()

left, strength, right = svds(watched, k=20, random_state=0)
user_vectors, item_vectors = left * strength, right.T
models["factors"] = user_vectors @ item_vectors.T

for name, scores in models.items():
    print(f"{name:>20}: NDCG@10 {np.nanmean(judge(scores)[0]):.3f}")

# %% [markdown]
# ## Exercise 1 · Content: a profile out of films
#
# *Difficulty 2 of 5 · 12 minutes · 4 points*
#
# A film without ratings has an empty column, and collaborative filtering can't place it. It has
# genres and a title. Let each film have a vector $x_i$ of length 1 (or all zeros), and give each user
# a profile:
#
# $$p_u = \sum_{i \text{ rated by } u} (r_{ui} - \bar r_u)\, x_i, \qquad
# s_{ui} = \frac{p_u \cdot x_i}{\lVert p_u \rVert}.$$
#
# In words: films above the person's own mean pull the profile towards them, films below push it
# away; the score is the cosine between profile and film. A profile of zeros scores 0 everywhere.
#
# Worked example: x₀ = (1, 0), x₁ = (0, 1), ratings 5 and 3. The mean is 4, the profile (1, −1), its
# length √2, and the scores are 0.707 and −0.707.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "content_scores",
    "Which of a user's cells count towards the mean: all films, or the rated ones?",
    "Subtract each user's mean from `R.data` only. Then the profiles are one sparse product.",
    "profiles = centred @ features; divide rows by their length (1 where it is 0); "
    "scores = profiles @ features.T",
)


# %% nbgrader={"grade": false, "grade_id": "content_scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def content_scores(features, R):
    """Score every film for every user by the cosine with the user's profile.

    Parameters
    ----------
    features : csr_matrix (n_items, d)
        Rows of Euclidean length 1, or all zeros. Not changed.
    R : csr_matrix (n_users, n_items)
        Ratings in halves from 0.5 to 5; an entry that is absent is a film not rated. A row may be
        empty. Not changed.

    Returns
    -------
    float array (n_users, n_items)
        0 throughout for a user whose profile is zero (no ratings, or all of them equal).
    """
    ### BEGIN SOLUTION
    count = np.diff(R.indptr)
    mean = np.asarray(R.sum(axis=1)).ravel() / np.maximum(count, 1)
    centred = R.copy()
    centred.data = R.data - np.repeat(mean, count)
    profiles = (centred @ features).toarray()
    length = np.linalg.norm(profiles, axis=1, keepdims=True)
    profiles = profiles / np.where(length > 0, length, 1)
    return (features @ profiles.T).T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "content_scores_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("content_scores")
with check("two films, worked by hand", points=1):
    got = content_scores(sparse.csr_matrix(np.eye(2)), sparse.csr_matrix([[5.0, 3.0]]))
    checks.close(got, np.array([[0.5**0.5, -(0.5**0.5)]]), atol=1e-9, given="ratings 5 and 3")
### BEGIN HIDDEN TESTS
with check("random films and users, against a loop", points=2):
    rng = np.random.default_rng(4)
    F = sparse.csr_matrix(normalize(rng.random((9, 5)) * (rng.random((9, 5)) < 0.6)))
    D = rng.integers(1, 11, (6, 9)) / 2 * (rng.random((6, 9)) < 0.6)

    def by_loop(centre, divide=True):
        out = np.zeros((6, 9))
        for u in range(6):
            rated = D[u] > 0
            profile = (D[u, rated] - centre(D[u])) @ F.toarray()[rated]
            long = np.linalg.norm(profile) if divide else 1.0
            out[u] = F.toarray() @ profile / (long or 1.0)
        return out

    def own(row):
        return row[row > 0].mean()

    checks.close(
        checks.unchanged(content_scores, F, sparse.csr_matrix(D), given="6 users, 9 films"),
        by_loop(own),
        rtol=1e-6,
        atol=1e-9,
        given="6 users, 9 films, 5 columns",
        mistakes=[
            checks.Mistake(
                "mean over all films",
                "The mean counts films that were not rated as 0 stars. Divide by the number of "
                "ratings, not by the number of films.",
                looks_like=lambda: by_loop(np.mean),
            ),
            checks.Mistake(
                "ratings not centred",
                "The profile is the sum of everything watched, liked or not. Subtract the user's "
                "mean, so that a disliked film pushes away.",
                looks_like=lambda: by_loop(lambda row: 0.0),
            ),
            checks.Mistake(
                "profile not normalised",
                "The score grows with the number of ratings: the profile is not divided by its "
                "length, so users cannot be compared or blended.",
                looks_like=lambda: by_loop(own, divide=False),
            ),
        ],
    )
with check("nobody rated anything, or everything alike: zeros", points=1):
    F = sparse.csr_matrix(normalize([[1.0, 2.0], [0.0, 0.0], [3.0, 1.0]]))
    rows = sparse.csr_matrix([[0.0, 0.0, 0.0], [4.0, 4.0, 4.0], [3.0, 0.0, 0.0], [1.0, 0.5, 1.0]])
    small = np.array([-0.5, 1.0, -0.5])
    got = checks.array(content_scores(F, rows), shape=(4, 3))
    checks.close(got[:3], np.zeros((3, 3)), atol=1e-12, given="an empty row; all 4 stars; one film")
    profile = np.array([1 / 6, -1 / 3, 1 / 6]) @ F.toarray()
    want = F.toarray() @ profile / np.linalg.norm(profile)
    checks.close(got[3], want, atol=1e-9, given="ratings 1, 0.5, 1")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "content_scores", "name": "mean over all films"}
def content_scores(features, R):
    centred = R.copy()
    mean = np.asarray(R.mean(axis=1)).ravel()
    centred.data = R.data - np.repeat(mean, np.diff(R.indptr))
    return normalize((centred @ features).toarray()) @ features.toarray().T


# %% tags=["mistake"] mistake={"exercise": "content_scores", "name": "ratings not centred"}
def content_scores(features, R):
    return normalize((R @ features).toarray()) @ features.toarray().T


# %% tags=["mistake"] mistake={"exercise": "content_scores", "name": "profile not normalised"}
def content_scores(features, R):
    count = np.diff(R.indptr)
    mean = np.asarray(R.sum(axis=1)).ravel() / np.maximum(count, 1)
    centred = R.copy()
    centred.data = R.data - np.repeat(mean, count)
    return (centred @ features).toarray() @ features.toarray().T


# %% tags=["alternative"] alternative={"exercise": "content_scores", "name": "user by user"}
def content_scores(features, R):
    X, out = features.toarray(), np.zeros(R.shape)
    for u, row in enumerate(R.toarray()):
        rated = row > 0
        if rated.any():
            profile = (row[rated] - row[rated].mean()) @ X[rated]
            out[u] = X @ profile / (np.linalg.norm(profile) or 1.0)
    return out


# %% tags=["alternative"] alternative={"exercise": "content_scores", "name": "normalize of scikit-learn"}
def content_scores(features, R):
    X, D = features.toarray(), R.toarray()
    mean = D.sum(axis=1, keepdims=True) / np.maximum((D > 0).sum(axis=1, keepdims=True), 1)
    return normalize(np.where(D > 0, D - mean, 0) @ X) @ X.T


# %% [markdown]
# **Asked next**: *"A user has rated one film, five stars. What does your profile say?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Nothing: the deviation from their own mean is 0. Shrink the user's mean towards the mean of
# everybody, $(\sum r + \lambda \mu) / (n + \lambda)$: with λ = 5, μ = 3.5 and one rating of 5 the
# mean is 3.75 and the film counts 1.25. Check: as n grows the two means agree.
#
# </details>
#
# Genres and titles of the real films as TF-IDF vectors, and the content model if you wrote it:

# %%
text = movies["genres"].str.replace("|", " ") + " " + movies["title"]
features = TfidfVectorizer(min_df=2, stop_words="english").fit_transform(text).tocsr()
print(f"{features.shape[0]:,} films, {features.shape[1]:,} words")
if checks.attempted(content_scores, sparse.csr_matrix(np.eye(2)), sparse.csr_matrix([[5.0, 3.0]])):
    models["content"] = np.asarray(content_scores(features, R))
    print(f"content alone: NDCG@10 {np.nanmean(judge(models['content'])[0]):.3f}")
else:
    print("Write content_scores and run this cell again.")

# %% [markdown]
# Taste in genres alone does not say which of a thousand dramas people watch. Content is no rival to
# neighbours or factors here; it is what is left where they have nothing.
#
# ## Exercise 2 · A hybrid for cold start
#
# *Difficulty 2 of 5 · 10 minutes · 4 points*
#
# Two models score on two scales. Bring each user's row to mean 0 and standard deviation 1, then mix:
#
# $$s_{ui} = a_u\, z^{\text{collab}}_{ui} + (1 - a_u)\, z^{\text{content}}_{ui},
# \qquad a_u = \frac{n_u}{n_u + h}.$$
#
# In words: $z$ are the scaled rows and $n_u$ is the user's number of ratings. With no ratings the
# user gets content alone, with $h$ ratings both count the same, with many the collaborative model
# decides.
#
# Worked example: collab (1, 3), content (30, 10), n = 1, h = 3. Scaled rows (−1, 1) and (1, −1),
# a = 0.25: the mix is (0.5, −0.5).

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "blend",
    "What happens if one model's scores are a hundred times larger than the other's?",
    "Scale along axis=1 with keepdims. A constant row has standard deviation 0: only shift it.",
    "a = (counts / (counts + half))[:, None];  a * z(collab) + (1 - a) * z(content)",
)


# %% nbgrader={"grade": false, "grade_id": "blend", "locked": false, "schema_version": 3, "solution": true, "task": false}
def blend(collab, content, counts, half):
    """Mix two models, trusting the collaborative one more as a user's ratings arrive.

    Parameters
    ----------
    collab, content : float arrays (n_users, n_items)
        Not changed.
    counts : int array (n_users,)
        Number of ratings of each user, ≥ 0.
    half : float
        Number of ratings at which both count the same; > 0.

    Returns
    -------
    float array (n_users, n_items)
        Rows are scaled by their mean and their population standard deviation; a constant row
        becomes zeros.
    """

    ### BEGIN SOLUTION
    def scaled(scores):
        spread = scores.std(axis=1, keepdims=True)
        return (scores - scores.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)

    a = (counts / (counts + half))[:, None]
    return a * scaled(collab) + (1 - a) * scaled(content)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "blend_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("blend")
with check("one user, worked by hand", points=1):
    got = blend(np.array([[1.0, 3.0]]), np.array([[30.0, 10.0]]), np.array([1]), 3.0)
    checks.close(got, np.array([[0.5, -0.5]]), atol=1e-9, given="n = 1, h = 3")
### BEGIN HIDDEN TESTS
with check("four users", points=2):
    rng = np.random.default_rng(8)
    A = rng.random((4, 6)) * [[1.0], [9.0], [0.1], [2.0]]
    B = 50 * rng.random((4, 6)) + [[0.0], [5.0], [100.0], [7.0]]
    n = np.array([0, 2, 7, 300])
    a = (n / (n + 7.0))[:, None]
    za, zb = stats.zscore(A, axis=1), stats.zscore(B, axis=1)
    whole = [stats.zscore(S, axis=None) for S in (A, B)]
    checks.close(
        checks.unchanged(blend, A, B, n, 7.0, given="users with 0, 2, 7 and 300 ratings"),
        a * za + (1 - a) * zb,
        rtol=1e-6,
        atol=1e-9,
        given="users with 0, 2, 7 and 300 ratings, half = 7",
        mistakes=[
            checks.Mistake(
                "not on one scale",
                "The raw scores are added. The model with the larger numbers decides alone.",
                looks_like=a * A + (1 - a) * B,
            ),
            checks.Mistake(
                "weights swapped",
                "A user without ratings gets the collaborative score. That model knows nothing "
                "about them: content leads while ratings are few.",
                looks_like=(1 - a) * za + a * zb,
            ),
            checks.Mistake(
                "scaled over the whole table",
                "One mean and one spread for all users. Each user's row is ranked by itself: scale "
                "along axis=1.",
                looks_like=a * whole[0] + (1 - a) * whole[1],
            ),
        ],
    )
with check("a constant row", points=1):
    got = blend(np.full((1, 3), 4.0), np.array([[1.0, 2.0, 3.0]]), np.array([2]), 2.0)
    want = 0.5 * np.array([[-(1.5**0.5), 0.0, 1.5**0.5]])
    checks.close(got, want, atol=1e-9, given="collab = [[4, 4, 4]], n = 2, half = 2")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "blend", "name": "not on one scale"}
def blend(collab, content, counts, half):
    a = (counts / (counts + half))[:, None]
    return a * collab + (1 - a) * content


# %% tags=["mistake"] mistake={"exercise": "blend", "name": "weights swapped"}
def blend(collab, content, counts, half):
    def z(S):
        s = S.std(axis=1, keepdims=True)
        return (S - S.mean(axis=1, keepdims=True)) / np.where(s > 0, s, 1)

    a = (counts / (counts + half))[:, None]
    return (1 - a) * z(collab) + a * z(content)


# %% tags=["mistake"] mistake={"exercise": "blend", "name": "scaled over the whole table"}
def blend(collab, content, counts, half):
    a = (counts / (counts + half))[:, None]
    z = [(S - S.mean()) / (S.std() or 1.0) for S in (collab, content)]
    return a * z[0] + (1 - a) * z[1]


# %% tags=["alternative"] alternative={"exercise": "blend", "name": "StandardScaler on the transpose"}
def blend(collab, content, counts, half):
    from sklearn.preprocessing import StandardScaler

    z = [StandardScaler().fit_transform(S.T).T for S in (collab, content)]
    return (counts * z[0].T + half * z[1].T).T / (counts + half)[:, None]


# %% tags=["alternative"] alternative={"exercise": "blend", "name": "user by user"}
def blend(collab, content, counts, half):
    out = np.zeros(collab.shape)
    for u, n in enumerate(counts):
        for S, weight in ((collab[u], n / (n + half)), (content[u], half / (n + half))):
            out[u] += weight * (S - S.mean()) / (S.std() or 1.0)
    return out


# %% [markdown]
# **Asked next**: *"How would you choose h?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Play cold start on people whose later ratings you have: keep their first n ratings, for n = 0, 1,
# 3, 10, 30, recommend, and measure on what came later. h is near the n at which the two models
# alone are equally good. Check: plot both curves over n; the hybrid must not lie below either by
# more than the interval. Choose h on other users than those that you report on. Section 5 plots
# the curves.
#
# </details>

# %% [markdown]
# ## 3 · Neural collaborative filtering
#
# A network gets an embedding of the user and one of the film and says how likely the pair is. We
# only have pairs that happened. Without others the network learns to say yes to everything, so
# pairs that did not happen are drawn as *negatives*.
#
# ## Exercise 3 · Sample negatives
#
# *Difficulty 3 of 5 · 12 minutes · 4 points*
#
# For each positive pair draw some films that the user has not seen, each unseen film with the same
# probability, independently (so the same film may come twice). Two traps: a film that *was* seen
# labelled 0 contradicts its label 1 elsewhere, and mending that by taking "the next unseen film"
# prefers films that follow popular ones.
#
# Worked example: 4 films, the user has seen 0 and 2. Every draw is film 1 or film 3, half of the
# time each.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "sample_negatives",
    "Draw for all pairs at once. Which draws are wrong, and what about those drawn again?",
    "Look up seen[user, draw] for the whole array, draw the wrong ones anew, and repeat until none "
    "is left.",
    "while (bad := seen[users[:, None], draws]).any(): draws[bad] = rng.integers(n, size=bad.sum())",
)


# %% nbgrader={"grade": false, "grade_id": "sample_negatives", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sample_negatives(users, seen, per_positive, seed):
    """Draw films that each user has not seen.

    Parameters
    ----------
    users : int array (m,)
        The user of each positive pair; m ≥ 1.
    seen : bool array (n_users, n_items)
        True where the user has seen the film. Not changed.
    per_positive : int
        Number of negatives for each pair, ≥ 1.
    seed : int
        The same seed gives the same draws, another seed others.

    Returns
    -------
    int array (m, per_positive)
        Film indices, uniform over the films that this user has not seen, all independent.

    Raises
    ------
    ValueError
        When one of `users` has seen every film.
    """
    ### BEGIN SOLUTION
    if seen[users].all(axis=1).any():
        raise ValueError("a user has seen every film")
    rng = np.random.default_rng(seed)
    n_items = seen.shape[1]
    draws = rng.integers(n_items, size=(len(users), per_positive))
    while (bad := seen[users[:, None], draws]).any():
        draws[bad] = rng.integers(n_items, size=bad.sum())
    return draws
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sample_negatives_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("sample_negatives")
with check("films 0 and 2 are seen", points=1):
    table = np.array([[True, False, True, False], [False, False, False, True]])
    got = checks.array(sample_negatives(np.array([0, 0, 0]), table, 2, 1), shape=(3, 2))
    checks.that(np.isin(got, [1, 3]).all(), "Only films 1 and 3 are unseen; another came.")
### BEGIN HIDDEN TESTS
with check("never a film that was seen; uniform over the others", points=2):
    table = np.array(
        [[True] * 6 + [False] * 2 + [True] + [False], [False] + [True] * 4 + [False] * 5]
    )
    who = np.tile([0, 1], 6000)
    drawn = checks.array(sample_negatives(who, table, 3, 7), shape=(12000, 3)).astype(int)
    inside = ((drawn >= 0) & (drawn < 10)).all()
    checks.that(inside, "A film index lies outside 0 … n_items − 1.")
    hits = table[who[:, None], drawn].mean()
    blind = (table.mean(axis=1) ** 1).mean()
    checks.that(
        hits == 0,
        f"{hits:.0%} of the negatives are films that the user has seen.",
        given="users who have seen 7 and 4 of 10 films",
        mistakes=[
            checks.Mistake(
                "seen films drawn",
                "The draws are never compared with `seen`: the pair gets label 1 and label 0.",
                when=abs(hits - blind) < 0.03,
            ),
            checks.Mistake(
                "drawn again only once",
                "A seen film is replaced by one more draw, which may be seen as well. Repeat until "
                "none is left.",
                when=abs(hits - (table.mean(axis=1) ** 2).mean()) < 0.03,
            ),
        ],
    )
    for user, unseen in ((0, [6, 7, 9]), (1, [0, 5, 6, 7, 8, 9])):
        share = np.bincount(drawn[who == user].ravel(), minlength=10)[unseen] / 18000
        checks.that(
            np.abs(share - 1 / len(unseen)).max() < 0.02,
            f"User {user}'s unseen films come with shares {np.round(share, 3).tolist()}; they "
            "should be equal.",
            mistakes=[
                checks.Mistake(
                    "next unseen film",
                    "A seen film is moved on to the next unseen one, so films that follow a run of "
                    "seen ones come too often.",
                    when=share.max() > 1.8 / len(unseen),
                )
            ],
        )
with check("independent, seeded, and refuses the impossible", points=1):
    table = np.zeros((2, 50), dtype=bool)
    who = np.array([0] * 40 + [1] * 40)
    first = checks.array(sample_negatives(who, table, 2, 3), shape=(80, 2))
    alike = max(
        np.mean(first[:, 0] == first[:, 1]),
        np.mean(first[:40] == first[40:]),
        np.mean(first[1:40] == first[:39]),
    )
    checks.that(
        alike < 0.2,
        "Draws repeat from pair to pair or from column to column; they should be independent.",
        mistakes=[
            checks.Mistake(
                "one draw for each user",
                "All pairs of a user share their negatives. Draw anew for every pair.",
            )
        ],
    )
    again = sample_negatives(who, table, 2, 3)
    checks.equal(again, first.astype(int).tolist(), given="seed = 3, called twice")
    other = checks.array(sample_negatives(who, table, 2, 4), shape=(80, 2))
    checks.that(np.mean(other == first) < 0.2, "Seeds 3 and 4 give the same draws.")
    table[1] = True
    checks.raises(ValueError, sample_negatives, np.array([0, 1]), table, 1, 0)
    checks.array(sample_negatives(np.array([0]), table, 1, 0), shape=(1, 1))
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "sample_negatives", "name": "seen films drawn"}
def sample_negatives(users, seen, per_positive, seed):
    return np.random.default_rng(seed).integers(seen.shape[1], size=(len(users), per_positive))


# %% tags=["mistake"] mistake={"exercise": "sample_negatives", "name": "drawn again only once"}
def sample_negatives(users, seen, per_positive, seed):
    rng = np.random.default_rng(seed)
    draws = rng.integers(seen.shape[1], size=(len(users), per_positive))
    bad = seen[users[:, None], draws]
    draws[bad] = rng.integers(seen.shape[1], size=bad.sum())
    return draws


# %% tags=["mistake"] mistake={"exercise": "sample_negatives", "name": "next unseen film"}
def sample_negatives(users, seen, per_positive, seed):
    rng = np.random.default_rng(seed)
    draws = rng.integers(seen.shape[1], size=(len(users), per_positive))
    if seen[users].all(axis=1).any():
        raise ValueError("a user has seen every film")
    while (bad := seen[users[:, None], draws]).any():
        draws[bad] = (draws[bad] + 1) % seen.shape[1]
    return draws


# %% tags=["mistake"] mistake={"exercise": "sample_negatives", "name": "one draw for each user"}
def sample_negatives(users, seen, per_positive, seed):
    rng = np.random.default_rng(seed)
    out = np.zeros((len(users), per_positive), dtype=int)
    for u in np.unique(users):
        out[users == u] = rng.choice(np.flatnonzero(~seen[u]), size=per_positive)
    return out


# %% tags=["alternative"] alternative={"exercise": "sample_negatives", "name": "choice among the unseen, user by user"}
def sample_negatives(users, seen, per_positive, seed):
    rng = np.random.default_rng(seed)
    out = np.zeros((len(users), per_positive), dtype=int)
    for u in np.unique(users):
        rows = users == u
        free = np.flatnonzero(~seen[u])
        if len(free) == 0:
            raise ValueError("nothing is left to draw")
        out[rows] = rng.choice(free, size=(rows.sum(), per_positive))
    return out


# %% tags=["alternative"] alternative={"exercise": "sample_negatives", "name": "a random rank among the unseen"}
def sample_negatives(users, seen, per_positive, seed):
    free = np.argsort(seen, axis=1, kind="stable")
    count = (~seen).sum(axis=1)[users]
    if (count == 0).any():
        raise ValueError("nothing is left to draw")
    rng = np.random.default_rng(seed)
    rank = rng.integers(count[:, None], size=(len(users), per_positive))
    return free[users[:, None], rank]


# %% [markdown]
# **Asked next**: *"You trained on 3 negatives for each positive. Is the output a probability?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Not of watching. The odds are too high by the factor by which negatives were thinned out: with N
# unseen pairs of which 3P were drawn, add log(3P / N) to the logit. The ranking does not change.
# Check: after the correction the mean predicted probability over all pairs is near the base rate,
# here 1.3 % of the cells.
#
# </details>


# %%
class NeuralCF(torch.nn.Module):
    """Two embeddings side by side, one hidden layer, one logit, and a bias for each film."""

    def __init__(self, width=16, hidden=32):
        super().__init__()
        self.user, self.item = (torch.nn.Embedding(n, width) for n in (n_users, n_items))
        self.bias = torch.nn.Embedding(n_items, 1)
        self.from_user = torch.nn.Linear(width, hidden)
        self.from_item = torch.nn.Linear(width, hidden, bias=False)
        self.out = torch.nn.Linear(hidden, 1)
        torch.nn.init.zeros_(self.bias.weight)

    def forward(self, user, item):
        """Return the logits; a layer on two vectors side by side is a sum of two layers."""
        hidden = torch.relu(self.from_user(self.user(user)) + self.from_item(self.item(item)))
        return (self.out(hidden) + self.bias(item)).squeeze(-1)


device = "cuda" if torch.cuda.is_available() else "cpu"
torch.manual_seed(0)
network = NeuralCF().to(device)
optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
positive_users, positive_items = users[~test], items[~test]
mine = checks.attempted(sample_negatives, np.array([0]), np.zeros((1, 3), dtype=bool), 1, 0)
rng = np.random.default_rng(0)
for epoch in range(4):
    if mine:
        negatives = np.asarray(sample_negatives(positive_users, seen, 3, epoch))
    else:  # until you have written it: any film, seen or not
        negatives = rng.integers(n_items, size=(len(positive_users), 3))
    pair_users = np.r_[positive_users, np.repeat(positive_users, 3)]
    pair_items = np.r_[positive_items, negatives.ravel()]
    label = np.r_[np.ones(len(positive_users)), np.zeros(negatives.size)]
    total = 0.0
    for rows in np.array_split(rng.permutation(len(label)), 80):
        u, i, y = (torch.as_tensor(x[rows], device=device) for x in (pair_users, pair_items, label))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(network(u, i), y.float())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += loss.item() / 80
    print(f"epoch {epoch + 1}: log loss {total:.3f}")

with torch.no_grad():
    every = torch.arange(n_items, device=device)
    rows = [network(torch.full_like(every, u), every).cpu().numpy() for u in range(n_users)]
models["neural CF"] = np.array(rows)

# %% [markdown]
# ## 4 · An honest table
#
# Users differ far more than models do. So the interval is over *users*: draw as many users as there
# are, with replacement, many times, and look at the spread of the mean.

# %%
tiny = (np.eye(2), np.eye(2), np.array([1, 2]), 3.0)
if "content" in models and checks.attempted(blend, *tiny):
    n = np.diff(R.indptr)
    models["hybrid"] = np.asarray(blend(models["factors"], models["content"], n, 5.0))

judged_models = {name: judge(scores) for name, scores in models.items()}
lines = []
for name, (ndcg, recall, coverage) in judged_models.items():
    values = ndcg[judged]
    low, high = stats.bootstrap(
        (values,), np.mean, n_resamples=1000, method="percentile", rng=0
    ).confidence_interval
    lines.append((name, values.mean(), low, high, recall[judged].mean(), coverage))
header = ["model", "NDCG@10", "low", "high", "recall@10", "coverage"]
honest = pd.DataFrame(lines, columns=header).set_index("model").sort_values("NDCG@10")
honest

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
y = np.arange(len(honest))
ax.hlines(y, honest["low"], honest["high"], color=BLUE, linewidth=3)
ax.plot(honest["NDCG@10"], y, "o", color=BLUE)
ax.axvline(honest.loc["popularity", "NDCG@10"], color=ORANGE, linestyle="--", label="popularity")
ax.set_yticks(y, honest.index)
ax.set(xlabel="NDCG@10 (mean over users, 95 % interval)")
ax.set_title("Neighbours and factors beat popularity; means of stars do not")
ax.legend(loc="lower right")
ax.grid(axis="x", alpha=0.3)
widgets.show(
    fig,
    alt="Mean NDCG at 10 with 95 percent intervals, one row for each model, sorted. Random lies at "
    "zero; the mean rating lies below the dashed line of popularity; item neighbours and factors "
    "lie above it.",
)

# %% [markdown]
# Read the columns together. The network is hardly better than popularity, and its coverage is no
# larger: that suggests, and does not prove, that it learned little more than each film's bias. None
# of the settings here (50 neighbours, 20 factors, h = 5, four epochs) was tuned; tuned on a
# validation part the order could change, tuned on the test part it would mean nothing. The shrunk
# mean rating is a good predictor of *stars* and a poor recommender: it loses to popularity. A model
# may win on NDCG and cover a small part of the catalogue. And intervals of two models may overlap
# although one is better: both are judged on the same users, so compare them user by user.
#
# ## Exercise 4 · Is the gain real?
#
# *Difficulty 3 of 5 · 10 minutes · 4 points*
#
# Give the mean difference between two models over users, and its 95 % bootstrap interval: resample
# users, keep each user's two values together, take the 2.5 % and 97.5 % quantiles of the means.
#
# Worked example: a = (0.3, 0.5), b = (0.2, 0.4). The difference is 0.1 for both users, so every
# resample gives 0.1: the result is (0.1, 0.1, 0.1), however much the users differ.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gain",
    "What is drawn again: ratings, films or users?",
    "Subtract first. A user who cannot be judged (NaN in either) is left out before drawing.",
    "d = (a - b) without NaN; d[rng.integers(n, size=(draws, n))].mean(axis=1); np.quantile",
)


# %% nbgrader={"grade": false, "grade_id": "gain", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gain(a, b, draws, seed):
    """Give the mean of a − b over users, with a 95 % percentile bootstrap interval.

    Parameters
    ----------
    a, b : float arrays (n,)
        A metric of two models on the same users. NaN where a user cannot be judged; such a user
        (NaN in a, in b or in both) is left out. Not changed.
    draws : int
        Number of resamples, ≥ 1.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    (mean, low, high) : floats
        The mean over the users that are left, at least one; the 2.5 % and 97.5 % quantiles of the
        means of the resamples, each as large as the number of users left.
    """
    ### BEGIN SOLUTION
    d = a - b
    d = d[~np.isnan(d)]
    picks = np.random.default_rng(seed).integers(len(d), size=(draws, len(d)))
    low, high = np.quantile(d[picks].mean(axis=1), [0.025, 0.975])
    return d.mean(), low, high
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gain_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gain")
with check("a constant difference, worked by hand", points=1):
    got = gain(np.array([0.3, 0.5]), np.array([0.2, 0.4]), 100, 0)
    checks.close(got, (0.1, 0.1, 0.1), rtol=1e-6, given="a = (0.3, 0.5), b = (0.2, 0.4)")
### BEGIN HIDDEN TESTS
with check("300 users, against scipy.stats.bootstrap", points=3):
    rng = np.random.default_rng(5)
    base = rng.exponential(1.0, 300)
    first, second = base + rng.exponential(0.3, 300), base.copy()
    first[:40], second[20:60] = np.nan, np.nan
    d = (first - second)[60:]

    def interval(statistic, *samples, paired=False, level=0.95):
        found = stats.bootstrap(
            samples,
            statistic,
            paired=paired,
            n_resamples=4000,
            method="percentile",
            confidence_level=level,
            vectorized=True,
            rng=1,
        )
        return found.confidence_interval

    def mean_gap(x, y, axis):
        return x.mean(axis=axis) - y.mean(axis=axis)

    low, high = interval(np.mean, d)
    width = high - low
    mean, got_low, got_high = (
        checks.number(v) for v in checks.unchanged(gain, first, second, 4000, 2)
    )
    apart = interval(mean_gap, first[60:], second[60:])
    nearer = interval(np.mean, d, level=0.9)
    zeros = np.nan_to_num(first - second)

    def off(pair):
        return max(abs(got_low - pair[0]), abs(got_high - pair[1])) / width

    mistakes = [
        checks.Mistake(
            "users without a value count as zero",
            "The mean is too small: users that cannot be judged are counted with 0. Leave them "
            "out.",
            when=lambda: abs(mean - zeros.mean()) < 1e-9,
        ),
        checks.Mistake(
            "models resampled apart",
            "The interval is several times too wide: each model got its own draw of users. Draw "
            "users once and keep their two values together.",
            when=lambda: off(apart) < 0.6 and got_high - got_low > 2 * width,
        ),
        checks.Mistake(
            "spread of users, not of the mean",
            "The interval holds 95 % of the *users*. The question is how sure the mean is.",
            when=lambda: off(np.quantile(d, [0.025, 0.975])) < 0.6,
        ),
        checks.Mistake(
            "five percent on each side",
            "With 5 % cut off on each side the interval holds 90 %. Cut off 2.5 %.",
            when=lambda: off(nearer) < 0.05,
        ),
    ]
    given = "300 users, 60 of them with a NaN; 4000 draws"
    checks.close(mean, d.mean(), rtol=1e-9, given=given, what="mean", mistakes=mistakes)
    ends = np.array([got_low, got_high])
    checks.close(
        ends, np.array([low, high]), atol=0.06 * width, rtol=0, given=given, mistakes=mistakes
    )
    checks.close(gain(first, second, 500, 9), list(gain(first, second, 500, 9)), given="same seed")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gain", "name": "models resampled apart"}
def gain(a, b, draws, seed):
    keep = ~np.isnan(a - b)
    a, b, rng = a[keep], b[keep], np.random.default_rng(seed)
    n = len(a)
    d = a[rng.integers(n, size=(draws, n))].mean(1) - b[rng.integers(n, size=(draws, n))].mean(1)
    return (a - b).mean(), *np.quantile(d, [0.025, 0.975])


# %% tags=["mistake"] mistake={"exercise": "gain", "name": "users without a value count as zero"}
def gain(a, b, draws, seed):
    d = np.nan_to_num(a - b)
    means = d[np.random.default_rng(seed).integers(len(d), size=(draws, len(d)))].mean(axis=1)
    return d.mean(), *np.quantile(means, [0.025, 0.975])


# %% tags=["mistake"] mistake={"exercise": "gain", "name": "spread of users, not of the mean"}
def gain(a, b, draws, seed):
    d = (a - b)[~np.isnan(a - b)]
    return d.mean(), *np.quantile(d, [0.025, 0.975])


# %% tags=["mistake"] mistake={"exercise": "gain", "name": "five percent on each side"}
def gain(a, b, draws, seed):
    d = (a - b)[~np.isnan(a - b)]
    means = d[np.random.default_rng(seed).integers(len(d), size=(draws, len(d)))].mean(axis=1)
    return d.mean(), *np.quantile(means, [0.05, 0.95])


# %% tags=["alternative"] alternative={"exercise": "gain", "name": "scipy.stats.bootstrap"}
def gain(a, b, draws, seed):
    d = (a - b)[~np.isnan(a - b)]
    found = stats.bootstrap((d,), np.mean, n_resamples=draws, method="percentile", rng=seed)
    return d.mean(), found.confidence_interval.low, found.confidence_interval.high


# %% tags=["alternative"] alternative={"exercise": "gain", "name": "a count of each user"}
def gain(a, b, draws, seed):
    d = (a - b)[~np.isnan(a - b)]
    n = len(d)
    times_drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    return d.mean(), *np.quantile(times_drawn @ d / n, [0.025, 0.975])


# %%
if checks.attempted(gain, np.array([0.3, 0.5]), np.array([0.2, 0.4]), 10, 0):
    for name in judged_models:
        both = judged_models[name][0], judged_models["popularity"][0]
        print(f"{name:>20} − popularity:", np.round(gain(*both, 1000, 0), 3))

# %% [markdown]
# **Asked next**: *"Why not a bootstrap over ratings?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Ratings of one person are not independent: one heavy user counts hundreds of times. Resampling
# rows pretends to far more evidence and gives an interval that is too narrow. Draw the unit that
# the deployment draws: users. Check: do both, and compare the widths.
#
# </details>

# %% [markdown]
# ## 5 · Cold users, simulated
#
# The table is about people with 16 ratings or more in their past, and most have many more. The
# hybrid was built for the others. So make some: keep only the first n ratings of a person, forget
# the rest, and recommend.
#
# - **Who:** everybody with at least 20 ratings in the training part, in four groups. Popularity and
#   factors are fitted without the group, as if its people came to the door after the fit.
# - **What is known:** their first n ratings in order of time, n = 0, 1, 2, 5, 10, 20.
# - **What is measured:** the same test films and the same candidates at every n, so that only the
#   knowledge changes and not the task.
#
# The factors are not fitted again for a new user. They are *folded in*: with V the films' factors
# (orthonormal columns) and w the row of what the user watched, the scores are $w V V^\top$. In
# words: project the row onto the twenty directions found from the other people's rows. A model whose
# scores are all equal has recommended nothing; it gets 0, and not the luck of the lower index. Beside
# the hybrid of section 4 stands a second one: the same `blend`, with popularity in the place of
# content.

# %%
widgets.predict(
    "The factors beat popularity in the table. From how many ratings on do they beat it for a new "
    "user?",
    options=["from the first", "from the second", "from the fifth", "not clearly before 20"],
    answer="not clearly before 20",
    why="At 1, 2, 5 and 10 ratings the factors alone are no better than the list of popular films. "
    "A few ratings say little about a person, and a projection of so short a row forgets much of "
    "what everybody likes.",
    id="rec_use_cold",
)

# %%
ladder = (0, 1, 2, 5, 10, 20)
eligible = np.flatnonzero(judged & (np.bincount(users[~test], minlength=n_users) >= 20))
blended = checks.attempted(blend, *tiny)
cold = {}
for part in range(4):
    them = eligible[part::4]
    others = watched[np.delete(np.arange(n_users), them)]
    V = svds(others, k=20, random_state=0)[2].T
    for n in ladder:
        first = ~test & (position < n)
        past = sparse.csr_matrix((stars[first], (users[first], items[first])), shape=R.shape)[them]
        scores = {"popularity": np.tile(np.asarray(others.sum(axis=0)), (len(them), 1))}
        scores["factors"] = (past > 0).astype(float) @ V @ V.T
        if "content" in models:
            scores["content"] = np.asarray(content_scores(features, past))
        if blended:
            n_known, known_best = np.full(len(them), n), scores["popularity"]
            scores["factors + popularity"] = blend(scores["factors"], known_best, n_known, 5.0)
        if "hybrid" in models:
            scores["hybrid"] = blend(scores["factors"], scores["content"], n_known, 5.0)
        for name, table in scores.items():
            says = np.ptp(table, axis=1) > 0
            cold.setdefault((name, n), []).append(np.where(says, judge(table, them)[0], 0.0))
cold = {key: np.concatenate(groups) for key, groups in cold.items()}
print(f"{len(eligible)} simulated cold users")
pd.DataFrame(
    {n: {name: v.mean() for (name, m), v in cold.items() if m == n} for n in ladder}
).rename_axis("NDCG@10 after", axis=1)

# %% jupyter={"source_hidden": true}
picks = np.random.default_rng(0).integers(len(eligible), size=(1000, len(eligible)))
styles = {
    "popularity": (ORANGE, "--"),
    "factors": (BLUE, "o-"),
    "content": (GREEN, "s-"),
    "hybrid": (RED, "D-"),
    "factors + popularity": ("black", "^-"),
}
fig, panels = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
places = np.arange(len(ladder))
for shift, (name, (colour, style)) in zip(np.linspace(-0.16, 0.16, 5), styles.items(), strict=True):
    if (name, 0) not in cold:
        continue
    values = np.array([cold[name, n] for n in ladder])
    gaps = values - np.array([cold["popularity", n] for n in ladder])
    for ax, shown in zip(panels, (values, gaps), strict=True):
        low, high = np.quantile(shown[:, picks].mean(axis=2), [0.025, 0.975], axis=1)
        ax.vlines(places + shift, low, high, color=colour, linewidth=1.5)
        ax.plot(places + shift, shown.mean(axis=1), style, color=colour, markersize=5, label=name)
for ax in panels:
    ax.set_xticks(places, ladder)
    ax.set_xlabel("number of ratings known")
    ax.grid(axis="y", alpha=0.3)
panels[0].set(ylabel="NDCG@10 (mean, 95 % interval)")
panels[0].set_title("Factors need some 20 ratings to catch up")
panels[1].set(ylabel="NDCG@10 − popularity's (paired)")
panels[1].set_title("The same, user by user against popularity")
fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
widgets.show(
    fig,
    alt="NDCG at 10 of simulated cold users who have 0, 1, 2, 5, 10 and 20 ratings, with intervals "
    "over users; right, the paired difference to popularity. Factors start at zero and reach the "
    "flat line of popularity at 10 to 20 ratings.",
)

# %% [markdown]
# What it shows, with the reference solutions (585 people):
#
# - **Factors alone come late.** After one rating they are at 0.048, clearly below the 0.066 of the
#   popular list. Up to ten ratings they are not better; at 20 they lead by 0.011, and the interval
#   of the difference begins at zero.
# - **Content does not help a new user here.** With no rating its profile is empty, and with one it
#   is still empty, since that rating *is* the person's own mean (the question after Exercise 1).
#   Later it stays near 0.01.
# - **So the hybrid fails where it was meant to help.** With no rating neither half says anything.
#   With one, content is a constant row, and the ranking is that of the factors. With two, content
#   speaks for the first time and gets 5/7 of the weight: NDCG falls to 0.033, below the factors
#   alone. From five ratings on the two cannot be told apart. The formula did as told: it trusts the
#   second model where ratings are few, and nobody had asked whether that model was any good.
# - **Popularity in content's place mends it.** That mix starts at the popular list, lies above the
#   factors at every n, and on average is never below the list. Its lead over the list is small: at
#   1, 5 and 10 ratings the interval holds zero, at 2 it barely does not, at 20 it is clear.
#
# What it does not show: how cold *films* do, which is what content is for. Nor how days pass: half
# of all people here gave their first twenty ratings within about seven minutes, in a first sitting.
# And h = 5, 20 factors and a profile of raw deviations were not tuned; a better content model may
# earn its weight. The order of work stays: measure each half alone at each n, then blend.

# %% [markdown]
# ## 6 · Candidates, re-ranking, latency
#
# Serving has two stages. A cheap one picks a few hundred *candidates* out of everything, an expensive
# one ranks only those. Here factors pick 200 films and the network ranks them. Before you run it: what
# is lost, and what is saved?


# %%
def two_stages(u, wanted=200):
    """Return ten films for a user: candidates by factors, order by the network."""
    cheap = item_vectors @ user_vectors[u]
    cheap[seen[u]] = -np.inf
    chosen = largest(cheap, wanted)
    with torch.no_grad():
        films = torch.as_tensor(chosen, device=device)
        expensive = network(torch.full_like(films, u), films).cpu().numpy()
    return chosen[largest(expensive, 10)]


def network_alone(u):
    """Return ten films for a user: the network scores every film."""
    with torch.no_grad():
        expensive = network(torch.full_like(every, u), every).cpu().numpy()
    return largest(np.where(seen[u], -np.inf, expensive), 10)


def milliseconds(f, arguments):
    """Return the median and the 95th percentile of single calls."""
    took = []
    for argument in arguments:
        began = time.perf_counter()
        f(argument)
        took.append(1e3 * (time.perf_counter() - began))
    return np.quantile(took, [0.5, 0.95])


people = np.flatnonzero(judged)[:200]
discount = 1 / np.log2(np.arange(2, 12))
for name, f in {"two stages": two_stages, "network alone": network_alone}.items():
    p50, p95 = milliseconds(f, people)
    hit = np.array([relevant[u, f(u)] for u in people])
    ideal = np.cumsum(discount)[np.minimum(relevant[people].sum(axis=1), 10) - 1]
    print(
        f"{name:>14}: median {p50:.2f} ms, 95th {p95:.2f} ms, NDCG@10 "
        f"{np.mean(hit @ discount / ideal):.3f}"
    )

# %% [markdown]
# Report the 95th percentile beside the median: a page that asks ten services waits for the slowest.
# The candidates' recall bounds the quality: a film that is not among the 200 cannot be ranked. Here
# two stages are no worse than the network alone, and better in the run that we made: the factors
# seem to be the better model, so their choice helps. There is no interval beside these two numbers.
#
# ## Exercise 5 · Search an inverted file
#
# *Difficulty 3 of 5 · 12 minutes · 4 points*
#
# The first stage scans every film. With 9,066 that is quick; with ten million it is not. An inverted
# file (IVF) groups the vectors by k-means into *cells* beforehand. A query looks only into the few
# cells whose centres have the largest inner product with it. Their number, *probes*, trades speed
# for recall.
#
# Worked example: query (1, 0), centres (1, 0) and (0, 1), lists [2, 0] and [1]. With one probe only
# films 0 and 2 are looked at, and come back best first.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "ivf_search",
    "After you sorted the shortlist: are your numbers places in the shortlist, or films?",
    "Choose cells by centres @ query, join their lists, score only those vectors.",
    "ids = np.sort(np.concatenate([lists[c] for c in cells])); order by −vectors[ids] @ query, "
    "stable; return ids[order][:k]",
)


# %% nbgrader={"grade": false, "grade_id": "ivf_search", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ivf_search(query, vectors, centres, lists, probes, k):
    """Find about the k largest inner products by looking into a few cells.

    Parameters
    ----------
    query : float array (d,)
    vectors : float array (n, d)
    centres : float array (cells, d)
    lists : list of int arrays
        lists[c] holds the rows of `vectors` in cell c, in any order; maybe empty.
    probes : int
        Number of cells to look into, 1 to cells: those whose centres have the largest inner
        product with the query; of equal ones, the lower number first.
    k : int
        ≥ 1.

    Returns
    -------
    int array (at most k,)
        Rows of `vectors`, largest inner product first, of equal ones the lower row first; fewer
        than k where the cells hold fewer.
    """
    ### BEGIN SOLUTION
    cells = np.argsort(-(centres @ query), kind="stable")[:probes]
    ids = np.sort(np.concatenate([lists[c] for c in cells]))
    order = np.argsort(-(vectors[ids] @ query), kind="stable")
    return ids[order][:k]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ivf_search_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("ivf_search")
with check("two cells, worked by hand", points=1):
    V = np.array([[0.9, 0.1], [0.2, 0.9], [1.0, 0.0]])
    lists = [np.array([2, 0]), np.array([1])]
    got = ivf_search(np.array([1.0, 0.0]), V, np.eye(2), lists, 1, 5)
    checks.equal(got, np.array([2, 0]), given="query (1, 0), one probe, k = 5")
### BEGIN HIDDEN TESTS
with check("random vectors, against a scan of the right cells", points=2):
    rng = np.random.default_rng(6)
    V, C = rng.normal(size=(300, 6)), rng.normal(size=(12, 6))
    cell = rng.integers(12, size=300)
    lists = [rng.permutation(np.flatnonzero(cell == c)) for c in range(12)]
    q = rng.normal(size=6)

    def scan(chosen, k, places=False):
        ids = np.flatnonzero(np.isin(cell, chosen))
        best = np.argsort(-(V[ids] @ q))[:k]
        return best if places else ids[best]

    for probes, k in ((3, 10), (1, 4), (12, 300)):
        right = np.argsort(-(C @ q))[:probes]
        checks.equal(
            ivf_search(q, V, C, lists, probes, k),
            scan(right, k),
            given=f"300 vectors in 12 cells, probes = {probes}, k = {k}",
            mistakes=[
                checks.Mistake(
                    "places in the shortlist",
                    "These are places in the shortlist, not rows of `vectors`. Map them back.",
                    looks_like=scan(right, k, places=True),
                ),
                checks.Mistake(
                    "the farthest cells",
                    "The cells with the smallest inner product were searched: sort descending.",
                    looks_like=scan(np.argsort(C @ q)[:probes], k),
                ),
                checks.Mistake(
                    "the first cells",
                    "Cells 0, 1, … were searched whatever the query is. Compare centres with it.",
                    looks_like=scan(np.arange(probes), k),
                ),
            ],
        )
with check("ties and an empty cell", points=1):
    V = np.ones((40, 2))
    lists = [np.arange(39, 19, -1), np.arange(0, 20)[::-1], np.array([], dtype=int)]
    C = np.array([[1.0, 0.0], [1.0, 0.0], [0.5, 0.5]])
    q = np.array([1.0, 0.0])
    checks.equal(ivf_search(q, V, C, lists, 2, 25), np.arange(25), given="all vectors alike")
    checks.equal(ivf_search(q, V, C, lists, 1, 3), np.array([20, 21, 22]), given="equal centres")
    got = ivf_search(np.array([0.0, 1.0]), V, C, lists, 2, 50)
    checks.equal(got, np.arange(20, 40), given="the nearest cell is empty")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "ivf_search", "name": "places in the shortlist"}
def ivf_search(query, vectors, centres, lists, probes, k):
    cells = np.argsort(-(centres @ query), kind="stable")[:probes]
    ids = np.sort(np.concatenate([lists[c] for c in cells]))
    return np.argsort(-(vectors[ids] @ query), kind="stable")[:k]


# %% tags=["mistake"] mistake={"exercise": "ivf_search", "name": "the farthest cells"}
def ivf_search(query, vectors, centres, lists, probes, k):
    cells = np.argsort(centres @ query, kind="stable")[:probes]
    ids = np.sort(np.concatenate([lists[c] for c in cells]))
    return ids[np.argsort(-(vectors[ids] @ query), kind="stable")][:k]


# %% tags=["mistake"] mistake={"exercise": "ivf_search", "name": "the first cells"}
def ivf_search(query, vectors, centres, lists, probes, k):
    ids = np.sort(np.concatenate(lists[:probes]))
    return ids[np.argsort(-(vectors[ids] @ query), kind="stable")][:k]


# %% tags=["alternative"] alternative={"exercise": "ivf_search", "name": "sorted tuples"}
def ivf_search(query, vectors, centres, lists, probes, k):
    cells = sorted(range(len(lists)), key=lambda c: (-float(centres[c] @ query), c))[:probes]
    found = [(-float(vectors[i] @ query), int(i)) for c in cells for i in lists[c]]
    return np.array([i for _, i in sorted(found)[:k]], dtype=int)


# %% tags=["alternative"] alternative={"exercise": "ivf_search", "name": "lexsort"}
def ivf_search(query, vectors, centres, lists, probes, k):
    cells = np.lexsort((np.arange(len(centres)), -(centres @ query)))[:probes]
    ids = np.concatenate([lists[c] for c in cells])
    return ids[np.lexsort((ids, -(vectors[ids] @ query)))[:k]]


# %% [markdown]
# Is it worth it? The film vectors, repeated with noise until there are 100,000, make a scan cost
# something.

# %%
rng = np.random.default_rng(0)
many = item_vectors[rng.integers(n_items, size=100_000)]
many = (many + 0.3 * item_vectors.std() * rng.normal(size=many.shape)).astype(np.float32)
sample = rng.choice(len(many), 8000, replace=False)
kmeans = MiniBatchKMeans(100, random_state=0, n_init=1, max_iter=20).fit(many[sample])
cell = kmeans.predict(many)
lists = [np.flatnonzero(cell == c) for c in range(100)]
queries = user_vectors[people[:60]].astype(np.float32)


def scan(q):
    """Return the exact ten."""
    return largest(many @ q, 10)


exact = [scan(q) for q in queries]
print(f"scan of 100,000: median {milliseconds(scan, queries)[0]:.2f} ms")
tiny = (np.ones(2), np.eye(2), np.eye(2), [np.array([0]), np.array([1])], 1, 1)
if checks.attempted(ivf_search, *tiny):
    curve = []
    for probes in (1, 2, 4, 8, 16, 32, 64):
        found = [ivf_search(q, many, kmeans.cluster_centers_, lists, probes, 10) for q in queries]
        hits = [len(np.intersect1d(a, b)) / 10 for a, b in zip(exact, found, strict=True)]

        def look(q, p=probes):
            return ivf_search(q, many, kmeans.cluster_centers_, lists, p, 10)

        curve.append((probes, np.mean(hits), milliseconds(look, queries)[0]))
    fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
    _, recall, took = zip(*curve, strict=True)
    ax.plot(took, recall, "o-", color=BLUE)
    for probes, y, x in curve:
        ax.annotate(f"{probes}", (x, y), xytext=(4, -13), textcoords="offset points")
    ax.axvline(milliseconds(scan, queries)[0], color=ORANGE, linestyle="--", label="exact scan")
    ax.set(xscale="log", xlabel="median time of one query (ms, logarithmic axis)")
    ax.set(ylabel="recall of the exact ten", ylim=(0, 1.05))
    ax.set_title("More probes buy recall and cost time")
    ax.legend(loc="lower right")
    ax.grid(alpha=0.3)
    widgets.show(
        fig,
        alt="Recall of the exact ten against time of one query, a point for each number of "
        "probes from 1 to 64. Recall rises with the number of probes and so does the time; a "
        "dashed line marks the exact scan.",
    )
else:
    print("Write ivf_search and run this cell again.")

# %% [markdown]
# Numbers at the points are probes. Right of the dashed line the index costs more than it saves: a
# scan is one product over memory in order, an index gathers scattered rows. Measure at your size
# before you add one.
#
# **Asked next**: *"Inner product and k-means: do they fit?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Not quite. K-means groups by Euclidean distance, and a long vector in a far cell can have a large
# inner product with the query. On vectors of length 1 the two orders agree, since
# ‖q − x‖² = ‖q‖² + 1 − 2 q·x. Where lengths differ, append the column √(M² − ‖x‖²) to the vectors,
# with M the largest length, and a 0 to the query: all vectors then have length M, and no inner
# product has changed.
#
# </details>
#
# ## 7 · Three bugs that raise no error
#
# Each function below runs and returns a plausible result. Commit to a cause before you write the
# repaired one.
#
# ## Exercise 6 · Bug 1: the model that knows the future
#
# *Difficulty 3 of 5 · 12 minutes · 3 points*
#
# A feature for a rating model: the film's mean. The feature alone, tested on the last fifth:


# %%
def past_mean_broken(items, ratings, times, prior):
    return pd.Series(ratings).groupby(items).transform("mean").to_numpy()


leaky = past_mean_broken(items, stars, times, 3.5)
known = pd.Series(stars[~test]).groupby(items[~test]).mean().reindex(np.arange(n_items)).fillna(3.5)
print(f"RMSE with the feature:           {np.sqrt(np.mean((leaky - stars)[test] ** 2)):.3f}")
print(f"RMSE with means of the training: {np.sqrt(np.mean((known[items] - stars)[test] ** 2)):.3f}")

# %%
widgets.predict(
    "Where does most of the first number's advantage come from?",
    options=[
        "Its means are over more ratings and so less noisy",
        "Each mean holds the very rating that it is to predict",
        "Its means hold what other people said later",
        "The last fifth holds films that are easier to predict",
    ],
    answer="Each mean holds the very rating that it is to predict",
    why="Take only the rating itself out of each mean and keep all others, later ones too: the "
    "RMSE goes from 0.885 to 1.013, and means of the training part give 1.028. So nine tenths of "
    "the gap is the target, the rest is other people's ratings from the test period, be it that "
    "they are later or that they are more. A film with one rating shows it best: its mean "
    "<i>is</i> the target. Both numbers are measured on the same rows, so the last answer is out.",
    id="rec_use_bug_1",
)

# %% [markdown]
# Now repair it: for each rating, the film's mean over its earlier ratings.
#
# Worked example: one film is rated 4 at time 1, 2 at time 5 and 3 at time 5. What was known *before*
# each: the prior, 4, 4.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "past_mean",
    "At the moment of a rating, which other ratings of the film exist already?",
    "Add up by film and time, then take running totals within the film, less the present time.",
    'g = frame.groupby(["item", "time"])["rating"].agg(["sum", "count"]); '
    "before = g.groupby(level=0).cumsum() - g",
)


# %% nbgrader={"grade": false, "grade_id": "past_mean", "locked": false, "schema_version": 3, "solution": true, "task": false}
def past_mean(items, ratings, times, prior):
    """`past_mean_broken`, repaired: the film's mean as it was known before each rating.

    Parameters
    ----------
    items : int array (m,)
    ratings : float array (m,)
    times : int array (m,)
        Seconds. Rows come in any order.
    prior : float
        The value where the film has no earlier rating.

    Returns
    -------
    float array (m,)
        For each row the mean of the same film's ratings with a strictly smaller time.
    """
    ### BEGIN SOLUTION
    frame = pd.DataFrame({"item": items, "time": times, "rating": ratings})
    moments = frame.groupby(["item", "time"])["rating"].agg(["sum", "count"])
    before = moments.groupby(level=0).cumsum() - moments
    mean = (before["sum"] / before["count"]).where(before["count"] > 0, prior)
    return mean.loc[pd.MultiIndex.from_arrays([items, times])].to_numpy()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "past_mean_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("past_mean")
with check("one film, worked by hand", points=1):
    args = np.array([7, 7, 7]), np.array([4.0, 2.0, 3.0]), np.array([1, 5, 5])
    checks.close(past_mean(*args, 3.5), np.array([3.5, 4.0, 4.0]), atol=1e-9, given="times 1, 5, 5")
### BEGIN HIDDEN TESTS
with check("200 ratings in any order", points=2):
    rng = np.random.default_rng(2)
    who, when = rng.integers(12, size=200), rng.integers(30, size=200)
    value = rng.integers(1, 11, size=200) / 2

    def means(earlier, empty=2.25):
        out = np.full(200, empty)
        for j in range(200):
            mask = (who == who[j]) & earlier(j)
            if mask.any():
                out[j] = value[mask].mean()
        return out

    def others(j):
        return np.arange(200) != j

    checks.close(
        past_mean(who.copy(), value.copy(), when.copy(), 2.25),
        means(lambda j: when < when[j]),
        rtol=1e-7,
        atol=1e-9,
        given="200 ratings of 12 films, prior = 2.25",
        mistakes=[
            checks.Mistake(
                "mean over all time",
                "The mean holds later ratings and the rating itself, which is the target.",
                looks_like=means(lambda j: when >= 0),
            ),
            checks.Mistake(
                "only the rating itself left out",
                "The target is out, ratings from the future are still in.",
                looks_like=means(others),
            ),
            checks.Mistake(
                "present counts as past",
                "Ratings of the same second count as known, the target among them: use < and not "
                "<=.",
                looks_like=means(lambda j: when <= when[j]),
            ),
            checks.Mistake(
                "nothing where there is no past",
                "The first rating of a film has no past: use the prior there.",
                looks_like=means(lambda j: when < when[j], empty=np.nan),
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "past_mean", "name": "mean over all time"}
def past_mean(items, ratings, times, prior):
    return pd.Series(ratings).groupby(items).transform("mean").to_numpy()


# %% tags=["mistake"] mistake={"exercise": "past_mean", "name": "only the rating itself left out"}
def past_mean(items, ratings, times, prior):
    group = pd.Series(ratings).groupby(items)
    total, count = group.transform("sum"), group.transform("count")
    return ((total - ratings) / (count - 1)).fillna(prior).to_numpy()


# %% tags=["mistake"] mistake={"exercise": "past_mean", "name": "present counts as past"}
def past_mean(items, ratings, times, prior):
    return np.array(
        [ratings[(items == i) & (times <= t)].mean() for i, t in zip(items, times, strict=True)]
    )


# %% tags=["mistake"] mistake={"exercise": "past_mean", "name": "nothing where there is no past"}
def past_mean(items, ratings, times, prior):
    out = np.full(len(items), np.nan)
    for j in range(len(items)):
        past = (items == items[j]) & (times < times[j])
        if past.any():
            out[j] = ratings[past].mean()
    return out


# %% tags=["alternative"] alternative={"exercise": "past_mean", "name": "a mask for each row"}
def past_mean(items, ratings, times, prior):
    out = np.full(len(items), float(prior))
    for j in range(len(items)):
        past = (items == items[j]) & (times < times[j])
        if past.any():
            out[j] = ratings[past].mean()
    return out


# %% tags=["alternative"] alternative={"exercise": "past_mean", "name": "one walk through time"}
def past_mean(items, ratings, times, prior):
    total, count, out = {}, {}, np.zeros(len(items))
    for t in np.unique(times):
        rows = np.flatnonzero(times == t)
        for j in rows:
            i = items[j]
            out[j] = total[i] / count[i] if i in total else prior
        for j in rows:
            i = items[j]
            total[i] = total.get(i, 0.0) + ratings[j]
            count[i] = count.get(i, 0) + 1
    return out


# %% [markdown]
# **Asked next**: *"How do you find such a leak in a table with 300 features?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Shift the cut-off: build the features as of one day before the label. A feature whose gain
# vanishes knew the day itself. Check: shift it by one day more; an honest feature loses a little
# each time, a leak loses its gain at once.
#
# </details>
#
# ## Exercise 7 · Bug 2: a recall that is too good, or too bad
#
# *Difficulty 2 of 5 · 10 minutes · 3 points*
#
# The same scores of the factor model, by two functions:


# %%
def recall_broken(scores, seen, relevant, k):
    top = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    wanted = relevant | seen
    return np.take_along_axis(wanted, top, axis=1).sum(axis=1) / np.maximum(wanted.sum(axis=1), 1)


broken = recall_broken(models["factors"], seen, relevant, 10)[judged].mean()
print(f"recall_broken {broken:.3f}, the table {honest.loc['factors', 'recall@10']:.3f}")
films = np.argsort(-models["factors"], axis=1, kind="stable")[:, :10]
print(f"of its ten films, seen already: {np.take_along_axis(seen, films, axis=1).mean():.0%}")

# %%
widgets.predict(
    "Most of the ten films are ones that the person has seen. Why does <code>recall_broken</code> "
    "come out <i>higher</i> than the table?",
    options=[
        "It breaks ties in another way",
        "It measures the training set: films already seen count as hits",
        "It divides by a smaller number of films",
        "It leaves out the users with nothing to find",
    ],
    answer="It measures the training set: films already seen count as hits",
    why="The factors were fitted to what people have seen, so those films score highest, and "
    "<code>relevant | seen</code> counts each as found. The denominator grows too, by everything "
    "seen, which pulls the other way; here the hits win. Take the seen films out of the wanted "
    "ones alone and recall falls to 0.031, since they still fill most of the ten places: too good "
    "or too bad, by which half you forget. Ties are rare in these scores, and both numbers are "
    "means over the same users.",
    id="rec_use_bug_2",
)

# %% [markdown]
# Now repair it: rank only films that are new to the person, and look only for those.
#
# Worked example: scores (0.9, 0.5, 0.4), film 0 seen, film 2 relevant, k = 1. Film 1 is recommended,
# recall 0. With k = 2 it is 1.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "recall_unseen",
    "Would the product show a film that the person has seen?",
    "Seen films leave twice: from the ranking, and from the set of relevant films.",
    "np.where(seen, -np.inf, scores);  wanted = relevant & ~seen",
)


# %% nbgrader={"grade": false, "grade_id": "recall_unseen", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_unseen(scores, seen, relevant, k):
    """`recall_broken`, repaired: recall@k of each user over films that are new to them.

    Parameters
    ----------
    scores : float array (n_users, n_items)
        Finite. Not changed.
    seen, relevant : bool arrays (n_users, n_items)
    k : int
        ≥ 1; every user has at least k unseen films. Of equal scores the lower index is first.

    Returns
    -------
    float array (n_users,)
        Relevant unseen films among the k best unseen, over all relevant unseen films; NaN for a
        user with none.
    """
    ### BEGIN SOLUTION
    top = np.argsort(-np.where(seen, -np.inf, scores), axis=1, kind="stable")[:, :k]
    wanted = relevant & ~seen
    hits = np.take_along_axis(wanted, top, axis=1).sum(axis=1)
    total = wanted.sum(axis=1)
    return np.where(total > 0, hits / np.maximum(total, 1), np.nan)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "recall_unseen_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("recall_unseen")
with check("one user, worked by hand", points=1):
    args = np.array([[0.9, 0.5, 0.4]]), np.array([[True, False, False]])
    good = np.array([[False, False, True]])
    checks.close(recall_unseen(*args, good, 1), np.array([0.0]), atol=1e-9, given="k = 1")
    checks.close(recall_unseen(*args, good, 2), np.array([1.0]), atol=1e-9, given="k = 2")
### BEGIN HIDDEN TESTS
with check("30 users, against a loop", points=2):
    rng = np.random.default_rng(3)
    S = rng.integers(0, 40, (30, 40)) / 8
    W, G = rng.random((30, 40)) < 0.3, rng.random((30, 40)) < 0.15
    W[4], W[5, :20], G[5] = False, True, np.arange(40) == 3
    G[6], G[7] = False, np.arange(40) == np.flatnonzero(~W[7])[0]
    S[7] += 6 * G[7]

    def loop(k, hide=True, strict=True, none=np.nan, by_k=False):
        out = np.full(30, none)
        for u in range(30):
            ranked = [i for i in np.argsort(-S[u], kind="stable") if not (hide and W[u, i])][:k]
            want = {i for i in range(40) if G[u, i] and not (strict and W[u, i])}
            if want:
                out[u] = len(want & set(ranked)) / (k if by_k else len(want))
        return out

    for k in (5, 1):
        checks.close(
            checks.unchanged(recall_unseen, S, W, G, k),
            loop(k),
            atol=1e-9,
            given=f"30 users, 40 films, k = {k}",
            mistakes=[
                checks.Mistake(
                    "seen films recommended",
                    "Seen films still take places among the k. Score them −inf.",
                    looks_like=lambda k=k: loop(k, hide=False),
                ),
                checks.Mistake(
                    "seen films count as relevant",
                    "A seen film stays in the denominator though it can never be recommended.",
                    looks_like=lambda k=k: loop(k, strict=False),
                ),
                checks.Mistake(
                    "zero for users without relevant films",
                    "A user with nothing to find gets 0 and drags the mean down: NaN.",
                    looks_like=lambda k=k: loop(k, none=0.0),
                ),
                checks.Mistake(
                    "divided by k",
                    "Hits over k is precision. Recall divides by what there was to find.",
                    looks_like=lambda k=k: loop(k, by_k=True),
                ),
            ],
        )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "recall_unseen", "name": "seen films recommended"}
def recall_unseen(scores, seen, relevant, k):
    top = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    wanted = relevant & ~seen
    total = wanted.sum(axis=1)
    hits = np.take_along_axis(wanted, top, axis=1).sum(axis=1)
    return np.where(total > 0, hits / np.maximum(total, 1), np.nan)


# %% tags=["mistake"] mistake={"exercise": "recall_unseen", "name": "seen films count as relevant"}
def recall_unseen(scores, seen, relevant, k):
    top = np.argsort(-np.where(seen, -np.inf, scores), axis=1, kind="stable")[:, :k]
    total = relevant.sum(axis=1)
    hits = np.take_along_axis(relevant, top, axis=1).sum(axis=1)
    return np.where(total > 0, hits / np.maximum(total, 1), np.nan)


# %% tags=["mistake"] mistake={"exercise": "recall_unseen", "name": "zero for users without relevant films"}
def recall_unseen(scores, seen, relevant, k):
    top = np.argsort(-np.where(seen, -np.inf, scores), axis=1, kind="stable")[:, :k]
    wanted = relevant & ~seen
    hits = np.take_along_axis(wanted, top, axis=1).sum(axis=1)
    return hits / np.maximum(wanted.sum(axis=1), 1)


# %% tags=["mistake"] mistake={"exercise": "recall_unseen", "name": "divided by k"}
def recall_unseen(scores, seen, relevant, k):
    top = np.argsort(-np.where(seen, -np.inf, scores), axis=1, kind="stable")[:, :k]
    wanted = relevant & ~seen
    hits = np.take_along_axis(wanted, top, axis=1).sum(axis=1)
    return np.where(wanted.any(axis=1), hits / k, np.nan)


# %% tags=["alternative"] alternative={"exercise": "recall_unseen", "name": "user by user, with sets"}
def recall_unseen(scores, seen, relevant, k):
    out = []
    for s, old, good in zip(scores, seen, relevant, strict=True):
        ranked = sorted(np.flatnonzero(~old), key=lambda i: (-s[i], i))[:k]
        want = set(np.flatnonzero(good & ~old))
        out.append(len(want & set(ranked)) / len(want) if want else np.nan)
    return np.array(out)


# %% tags=["alternative"] alternative={"exercise": "recall_unseen", "name": "ranks instead of a list"}
def recall_unseen(scores, seen, relevant, k):
    order = np.argsort(np.where(seen, np.inf, -scores), axis=1, kind="stable")
    rank = np.argsort(order, axis=1)
    wanted = relevant & ~seen
    out = np.full(len(scores), np.nan)
    some = wanted.any(axis=1)
    out[some] = (wanted & (rank < k)).sum(axis=1)[some] / wanted.sum(axis=1)[some]
    return out


# %% [markdown]
# **Asked next**: *"And a product where people do come back, such as music?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Then seen items stay, and the baseline to beat is *what they played last*. State which case you
# are in before you quote a number. Check: count which share of the test events are repeats. Here it
# is zero, since nobody rates a film twice; in a log of plays it is not.
#
# </details>

# %% [markdown]
# ## Exercise 8 · Bug 3: the model that adds up names
#
# *Difficulty 2 of 5 · 10 minutes · 3 points*
#
# Ridge regression on user and film. Its error is close to that of a constant:


# %%
def fit_ids_broken(users, items, ratings, test_users, test_items, alpha):
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=alpha).fit(np.column_stack([users, items]), ratings)
    return model.predict(np.column_stack([test_users, test_items]))


guess = fit_ids_broken(users[~test], items[~test], stars[~test], users[test], items[test], 5.0)
print(f"RMSE {np.sqrt(np.mean((guess - stars[test]) ** 2)):.3f}")
print(f"RMSE of a constant {np.sqrt(np.mean((stars[~test].mean() - stars[test]) ** 2)):.3f}")

# %%
widgets.predict(
    "Why does ridge regression hardly beat a constant?",
    options=[
        "The penalty is too strong",
        "Many users and films of the test part are unknown",
        "It has one weight for all users, multiplied by the user's number",
        "Stars depend on user and film in a way that no sum can follow",
    ],
    answer="It has one weight for all users, multiplied by the user's number",
    why="There are two weights and an intercept: as the number of a user grows, the prediction "
    "may rise or fall along a line, and that is all it can do. With alpha = 0.001 or 1000 the "
    "error is the same to six digits, so it is not the penalty. Every test user and more than "
    "nine tenths of the films in the test rows are known. And a sum does help once each name has "
    "its own weight: that is what you write now.",
    id="rec_use_bug_3",
)

# %% [markdown]
# An identifier is a name: user 600 is not six times user 100. Each name needs its own column of 0
# and 1, so that its weight is that user's or that film's bias. Give ridge regression such columns.
#
# Worked example: users 0 and 1 rate film 0 with 4 and 2. The intercept becomes 3; an unknown user on
# film 0 is predicted 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "fit_ids",
    "What would it mean for the prediction to rise with the user's number?",
    "One-hot encode both columns, sparse. An unknown name gets zeros in all of its columns.",
    'OneHotEncoder(handle_unknown="ignore"), then Ridge(alpha=alpha)',
)


# %% nbgrader={"grade": false, "grade_id": "fit_ids", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_ids(users, items, ratings, test_users, test_items, alpha):
    """`fit_ids_broken`, repaired: ridge on one column for each user and each film.

    Parameters
    ----------
    users, items : int arrays (m,)
        Names, any numbers; a user and a film may share a number.
    ratings : float array (m,)
    test_users, test_items : int arrays (t,)
        May hold names that are not in the training rows: those add nothing.
    alpha : float
        scikit-learn's: minimise the sum of squared errors + alpha · the sum of squared weights,
        > 0; the intercept is not penalised.

    Returns
    -------
    float array (t,)
        Predictions, right to 0.0001.
    """
    ### BEGIN SOLUTION
    from sklearn.linear_model import Ridge
    from sklearn.preprocessing import OneHotEncoder

    encoder = OneHotEncoder(handle_unknown="ignore")
    X = encoder.fit_transform(np.column_stack([users, items]))
    model = Ridge(alpha=alpha, tol=1e-9).fit(X, ratings)
    return model.predict(encoder.transform(np.column_stack([test_users, test_items])))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fit_ids_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("fit_ids")
with check("two users and one film, worked by hand", points=1):
    zero = np.array([0])
    args = np.array([0, 1]), np.array([0, 0]), np.array([4.0, 2.0])
    got = fit_ids(*args, np.array([9]), zero, 1.0)
    checks.close(got, np.array([3.0]), atol=1e-3, given="an unknown user, film 0")
### BEGIN HIDDEN TESTS
with check("40 ratings, against the normal equations", points=2):
    rng = np.random.default_rng(11)
    U, I = rng.integers(0, 6, 40), rng.integers(0, 8, 40)
    y = rng.integers(1, 11, 40) / 2 + U % 2
    tu, ti = np.array([0, 1, 2, 3, 4, 77, 5]), np.array([0, 7, 3, 99, 5, 2, 5])

    def solve(columns, wanted, alpha):
        A = columns - columns.mean(axis=0)
        w = np.linalg.solve(A.T @ A + alpha * np.eye(A.shape[1]), A.T @ (y - y.mean()))
        return (wanted - columns.mean(axis=0)) @ w + y.mean()

    def hot(u, i):
        return np.c_[u[:, None] == np.unique(U), i[:, None] == np.unique(I)].astype(float)

    def shared(u, i):
        names = np.unique(np.r_[U, I])
        return (u[:, None] == names) * 1.0 + (i[:, None] == names)

    def scaled(u, i):
        return (np.c_[u, i] - np.c_[U, I].mean(axis=0)) / np.c_[U, I].std(axis=0)

    for alpha in (0.5, 4.0):
        checks.close(
            fit_ids(U.copy(), I.copy(), y.copy(), tu.copy(), ti.copy(), alpha),
            solve(hot(U, I), hot(tu, ti), alpha),
            atol=2e-4,
            given=f"40 ratings, test names 77 and 99 unknown, alpha = {alpha}",
            mistakes=[
                checks.Mistake(
                    "ids as numbers",
                    "The identifiers are still numbers that are multiplied by one weight.",
                    looks_like=solve(np.c_[U, I] * 1.0, np.c_[tu, ti] * 1.0, alpha),
                ),
                checks.Mistake(
                    "ids scaled",
                    "Standardising a name leaves it a number: one weight for all users.",
                    looks_like=solve(scaled(U, I), scaled(tu, ti), alpha),
                ),
                checks.Mistake(
                    "users and films share columns",
                    "User 3 and film 3 share a weight. Give each kind its own columns.",
                    looks_like=solve(shared(U, I), shared(tu, ti), alpha),
                ),
                checks.Mistake(
                    "first name dropped",
                    "Without a column for the first name an unknown one is taken for it, and the "
                    "penalty treats that one apart. With a penalty keep all columns.",
                    looks_like=solve(
                        np.delete(hot(U, I), [0, 6], axis=1),
                        np.delete(hot(tu, ti), [0, 6], axis=1),
                        alpha,
                    ),
                ),
            ],
        )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "fit_ids", "name": "ids as numbers"}
def fit_ids(users, items, ratings, test_users, test_items, alpha):
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=alpha).fit(np.column_stack([users, items]), ratings)
    return model.predict(np.column_stack([test_users, test_items]))


# %% tags=["mistake"] mistake={"exercise": "fit_ids", "name": "ids scaled"}
def fit_ids(users, items, ratings, test_users, test_items, alpha):
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), Ridge(alpha=alpha))
    model.fit(np.column_stack([users, items]), ratings)
    return model.predict(np.column_stack([test_users, test_items]))


# %% tags=["mistake"] mistake={"exercise": "fit_ids", "name": "users and films share columns"}
def fit_ids(users, items, ratings, test_users, test_items, alpha):
    from sklearn.linear_model import Ridge

    names = np.unique(np.r_[users, items])

    def columns(u, i):
        return (u[:, None] == names) * 1.0 + (i[:, None] == names)

    return (
        Ridge(alpha=alpha)
        .fit(columns(users, items), ratings)
        .predict(columns(test_users, test_items))
    )


# %% tags=["mistake"] mistake={"exercise": "fit_ids", "name": "first name dropped"}
def fit_ids(users, items, ratings, test_users, test_items, alpha):
    from sklearn.linear_model import Ridge

    u, i = np.unique(users)[1:], np.unique(items)[1:]

    def columns(a, b):
        return np.c_[a[:, None] == u, b[:, None] == i].astype(float)

    return (
        Ridge(alpha=alpha)
        .fit(columns(users, items), ratings)
        .predict(columns(test_users, test_items))
    )


# %% tags=["alternative"] alternative={"exercise": "fit_ids", "name": "normal equations"}
def fit_ids(users, items, ratings, test_users, test_items, alpha):
    u, i = np.unique(users), np.unique(items)
    A = np.c_[users[:, None] == u, items[:, None] == i].astype(float)
    T = np.c_[test_users[:, None] == u, test_items[:, None] == i].astype(float)
    m = A.mean(axis=0)
    G = (A - m).T @ (A - m) + alpha * np.eye(A.shape[1])
    w = np.linalg.solve(G, (A - m).T @ (ratings - ratings.mean()))
    return (T - m) @ w + ratings.mean()


# %% tags=["alternative"] alternative={"exercise": "fit_ids", "name": "alternating biases"}
def fit_ids(users, items, ratings, test_users, test_items, alpha):
    u_names, u = np.unique(users, return_inverse=True)
    i_names, i = np.unique(items, return_inverse=True)
    mu, b, c = ratings.mean(), np.zeros(len(u_names)), np.zeros(len(i_names))
    for _ in range(3000):
        mu = np.mean(ratings - b[u] - c[i])
        b = np.bincount(u, ratings - mu - c[i]) / (np.bincount(u) + alpha)
        c = np.bincount(i, ratings - mu - b[u]) / (np.bincount(i) + alpha)
    user_bias, item_bias = dict(zip(u_names, b, strict=True)), dict(zip(i_names, c, strict=True))
    return np.array(
        [
            mu + user_bias.get(a, 0.0) + item_bias.get(z, 0.0)
            for a, z in zip(test_users, test_items, strict=True)
        ]
    )


# %%
one = np.array([0])
if checks.attempted(fit_ids, one, one, np.array([3.0]), one, one, 1.0):
    guess = fit_ids(users[~test], items[~test], stars[~test], users[test], items[test], 5.0)
    print(f"RMSE, repaired: {np.sqrt(np.mean((np.asarray(guess) - stars[test]) ** 2)):.3f}")

# %% [markdown]
# **Asked next**: *"A tree can split on a number again and again. Does it need this?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Given enough splits it can isolate a name, but names that are neighbours in the numbering mostly
# share leaves. Check: renumber the users at random and train again. A model that treats names as
# names does not change.
#
# </details>
#
# ## 8 · Compare and decide
#
# ## Exercise 9 · What would you ship?
#
# *Difficulty 2 of 5 · 6 minutes · 3 points*
#
# Choose one answer in each of three situations.
#
# **first**: a small streaming service with data like these wants its first recommender in two weeks.
#
# - A. The network, since it can learn anything that the others can
# - B. Item neighbours or factors, with popularity as the fallback and as the control group
# - C. The model with the lowest RMSE on stars
# - D. Content alone, since it covers every film
#
# **fresh**: a film was added this morning; nobody has rated it.
#
# - A. Train the factors again tonight; they will place it
# - B. Show it to nobody until it has 20 ratings
# - C. Score it by content, and give it a small, logged share of impressions
# - D. Give it the mean of all films' factors and rank it with the others
#
# **gain**: on 658 users, NDCG@10 rises by 0.004; the paired 95 % interval is −0.003 to 0.011.
#
# - A. Ship it: the mean is positive
# - B. Drop it: the interval shows that there is no gain
# - C. Draw more bootstrap samples, until zero lies outside
# - D. Undecided: gather more users or run an experiment, and look at cost and coverage meanwhile

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "ship",
    "Which of the answers could you defend with the table of section 4?",
    "RMSE on stars and ranking were not the same thing. A film without ratings has no column. More "
    "resamples do not add users.",
    "An interval that holds zero says 'not known yet', in both directions.",
)


# %% nbgrader={"grade": false, "grade_id": "ship", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ship():
    """Return your three decisions.

    Returns
    -------
    dict of str
        Keys "first", "fresh" and "gain"; each value is one letter, "A" to "D".
    """
    ### BEGIN SOLUTION
    return {"first": "B", "fresh": "C", "gain": "D"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ship_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("ship")
with check("one letter for each situation", points=0):
    answers = ship()
    for situation in ("first", "fresh", "gain"):
        checks.one_of(answers[situation], list("ABCDabcd"), what=situation)
### BEGIN HIDDEN TESTS
with check("first", points=1):
    checks.choice(
        ship()["first"],
        "B",
        why={
            "A": "Able to learn is not the same as learning it from 80,000 ratings; it also costs "
            "the most to serve. Look at the table.",
            "C": "Means of stars lose to popularity as a ranking: RMSE asks about films that were "
            "rated, a ranking about all the others.",
            "D": "Coverage without accuracy: content alone is far below popularity.",
        },
    )
with check("fresh", points=1):
    checks.choice(
        ship()["fresh"],
        "C",
        why={
            "A": "Without a single rating its factors stay at zero, or at their random start.",
            "B": "A film that is never shown gets no ratings: the loop closes.",
            "D": "It then gets the same middling score for everyone, whatever the film is.",
        },
    )
with check("gain", points=1):
    checks.choice(
        ship()["gain"],
        "D",
        why={
            "A": "A loss of 0.003 fits the data as well.",
            "B": "Absence of evidence: a gain of 0.011 fits the data as well.",
            "C": "More resamples steady the ends of the interval; only more users narrow it.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "ship", "name": "A"}
def ship():
    return {"first": "A", "fresh": "A", "gain": "A"}


# %% tags=["mistake"] mistake={"exercise": "ship", "name": "B"}
def ship():
    return {"first": "B", "fresh": "B", "gain": "B"}


# %% tags=["mistake"] mistake={"exercise": "ship", "name": "C"}
def ship():
    return {"first": "C", "fresh": "C", "gain": "C"}


# %% tags=["mistake"] mistake={"exercise": "ship", "name": "D"}
def ship():
    return {"first": "D", "fresh": "D", "gain": "D"}


# %% tags=["alternative"] alternative={"exercise": "ship", "name": "small letters"}
def ship():
    return {"first": "b", "fresh": "c", "gain": "d"}


# %% tags=["alternative"] alternative={"exercise": "ship", "name": "built by dict"}
def ship():
    return dict(zip(("first", "fresh", "gain"), "BCD", strict=True))


# %% [markdown]
# **Asked next**: *"Offline better, online flat. Why?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The log shows what the old system exposed, so offline rewards agreeing with it. Or a feature leaks,
# or seen films counted, or the gain sits with heavy users, or the page shows three films and not
# ten. Check in that order: point-in-time features, the seen filter, the metric by user group, the
# logged scores against the offline ones for the same request.
#
# </details>

# %% [markdown]
# ## Cheat sheet
#
# | question | answer |
# |---|---|
# | Baseline? | popularity; it beats the shrunk mean of stars as a ranking |
# | Split? | by time; per user leaves one leak (other people's future), one date for all leaves none |
# | Metric? | NDCG or recall over *unseen* films, NaN for users with nothing to find; coverage beside it |
# | Interval? | bootstrap over users; two models: paired differences |
# | New film? | content, plus a logged share of impressions |
# | New user? | popularity; blend the factors in by n / (n + h); measure at n = 0, 1, 2, 5, … |
# | Negatives? | uniform over the unseen, drawn anew in each epoch; rank only, or correct the logit |
# | Serving? | candidates → ranking; the candidates' recall bounds it; report the 95th percentile |
# | Approximate nearest neighbours (ANN)? | IVF: probes trade recall for time; measure against the scan at your size |
#
# | what you see | suspect |
# |---|---|
# | offline far better than anything published | a feature that knows the future |
# | recall jumps when seen films are left in | the training set was measured |
# | error close to that of a constant | identifiers used as numbers |
# | all users get the same list | popularity bias; no user signal reaches the score |
#
# Next: [4 · Say](4_say.ipynb), where you design all this aloud. Back to [2 · Build](2_build.ipynb)
# for the parts from scratch.

# %% tags=["on_open"]
learner.check_my_work()
