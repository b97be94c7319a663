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
# # Recommenders · 1 · See
#
# A recommender predicts what nobody has said yet, from a matrix that is nearly empty: who rated what. Interviewers ask
# about it because every step hides a choice: what counts as similar, what a missing rating means, how a list is judged.
# A candidate who can name the choices has built one. A candidate who says "matrix factorisation" has read about it.
#
# In this notebook you predict, touch and see. In [2 · Build](2_build.ipynb) you write every part yourself, in
# [3 · Use](3_use.ipynb) you run a whole pipeline on real ratings and repair a broken one, and in
# [4 · Say](4_say.ipynb) you design a recommender for a streaming service.

# %% tags=["on_open"]
import matplotlib.pyplot as plt
import numpy as np

from curriculum import checks, learner, widgets
from curriculum.widgets import recommenders as rec

learner.begin("recommenders", "1_see")

# %% [markdown]
# **After this topic you can**
#
# - explain neighbourhoods and matrix factorisation, and say what each needs from the data;
# - write from scratch: biases, item neighbours, factors by SGD and by ALS, a pairwise loss, and the ranking metrics;
# - split ratings by time, and say what a random split leaks;
# - say why RMSE and a ranking metric disagree, and which one to believe;
# - name what popularity bias and cold start do to a product, and what to do about them.
#
# **What it needs first**: ridge regression, gradient descent, the singular value decomposition (SVD), and sparse matrices
# as SciPy has them.
#
# **Interview questions it answers**
#
# | question | round | you work on it in |
# |---|---|---|
# | User-based or item-based: which, and why? | theory | section 2, [Build](2_build.ipynb) |
# | Explain matrix factorisation. Why regularise it? | theory, all levels | section 1, [Build](2_build.ipynb) |
# | SGD or alternating least squares? | ML coding | section 1, [Build](2_build.ipynb) |
# | Your RMSE fell, and nobody clicks more. Why? | debugging, theory | section 4, [Use](3_use.ipynb) |
# | How do you evaluate a recommender offline? | theory, system design | section 4, [Use](3_use.ipynb) |
# | What do you do for a new user, a new film? | theory, system design | section 5, [Say](4_say.ipynb) |
# | Everybody gets the same popular films. What now? | product, system design | section 3, [Say](4_say.ipynb) |
#
# **How to work through it.** Run the cells from the top. Where you are asked for a prediction, commit to one
# before you touch anything. The short exercises are graded when you press **Check my work** at the end; until
# then their tests tell you only whether your answer can be read. Where a figure needs more code than thought, the
# code is folded: click its line to open it.

# %% [markdown]
# ## 1 · Factors: a matrix with holes
#
# Users $u$ have rated some items $i$: the rating is $r_{ui}$, in stars. We want the ratings that are not there.
# Matrix factorisation describes every user and every item by a few numbers, and predicts
#
# $$ \hat r_{ui} = \mu + b_u + b_i + p_u^\top q_i . $$
#
# In words: start from the mean rating, add how generous this user is and how well liked this item is (their *biases*),
# and add how well the user's taste $p_u$ fits the item's character $q_i$ (their *factors*).
#
# The numbers are fitted to the known ratings, and only to those:
#
# $$ \min_{P, Q} \; \tfrac{1}{2} \sum_{(u,i)\ \text{known}} \bigl(r_{ui} - \hat r_{ui}\bigr)^2
# + \tfrac{\lambda}{2} \Bigl(\sum_u \lVert p_u\rVert^2 + \sum_i \lVert q_i\rVert^2\Bigr) . $$
#
# In words: meet the known ratings, with factors that are no longer than they need to be. A missing rating is not a
# rating of zero: it has no term in the sum.
#
# With $Q$ fixed, this is a ridge regression for each user. *Alternating least squares* (ALS) solves all of them,
# then fixes $P$ and solves for the items. *Stochastic gradient descent* (SGD) goes through the ratings one by one and
# moves the two vectors that each rating concerns.
#
# | symbol | stands for | shape |
# |---|---|---|
# | $R$, $r_{ui}$ | ratings; what is absent is not rated | (n_users, n_items), stars |
# | $P$, $p_u$ and $Q$, $q_i$ | factors of users and of items | (n_users, r), (n_items, r) |
# | $\mu$, $b_u$, $b_i$ | mean rating, bias of a user, bias of an item | numbers, stars |
# | $\lambda$ | regularization strength | number ≥ 0 |
# | $r$, $k$ | rank; length of a list | integers |
#
# **What to look for.** Move *Steps* and watch the holes fill. Then raise the rank and lower λ: what happens to the
# framed cells, which the factors never saw? The picture works on ratings less their mean; the matrix is made up, of
# two tastes, so that you know what there is to find.

# %%
rec.factors()

# %% [markdown]
# **What it showed.** At rank 2 with λ = 0.5, ALS ends with an error of about 0.6 stars on the held-out ratings. At
# rank 6 with λ = 0.001 it meets the known ratings almost exactly and is off by about a star on the held-out ones. The
# person with two known ratings has six factors to explain them: without a penalty, infinitely many answers fit. So λ is
# no refinement here. It decides what is predicted for a user with few ratings.
#
# With a very large λ every factor is near zero, and every prediction near the mean.

# %% [markdown]
# ## Exercise 1 · One prediction from its factors
#
# *Difficulty 1 of 5 · 3 minutes · 2 points*
#
# A model has μ = 3.5 stars. Maria's bias is +0.3 and her factors are (1.0, −0.5). The film's bias is −0.2 and its
# factors are (0.6, 0.8). How many stars does the model predict?
#
# Return one number. It is accepted within 0.01.
#
# *Worked example*: with μ = 3, biases 0.5 and 0, factors (1, 1) and (0.2, 0.1), it is 3 + 0.5 + 0 + 0.3 = 3.8.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "predicted_stars",
    "Which part of the prediction does not depend on the film, and which needs both?",
    "Add the mean, the two biases, and one number made of the two factor vectors.",
    "The inner product is 1.0·0.6 + (−0.5)·0.8.",
)


# %% nbgrader={"grade": false, "grade_id": "predicted_stars", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predicted_stars():
    """Give the model's prediction for Maria and this film.

    Returns
    -------
    float
        Stars.
    """
    ### BEGIN SOLUTION
    return 3.8
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "predicted_stars_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("predicted_stars")
with check("the answer is a number above zero", points=0):
    checks.that(checks.number(predicted_stars()) > 0, "Give one number above zero.")
### BEGIN HIDDEN TESTS
with check("the prediction from mean, biases and factors", points=2):
    checks.close(
        predicted_stars(),
        3.8,
        atol=0.01,
        given="",
        mistakes=[
            checks.Mistake(
                "without the mean",
                looks_like=0.3,
                says="This is what biases and factors add. They were fitted to what is left of a rating after the mean: put the mean back.",
            ),
            checks.Mistake(
                "without the biases",
                looks_like=3.7,
                says="Mean and inner product are there. The biases are missing: most of what can be predicted about a rating is in them.",
            ),
            checks.Mistake(
                "the minus sign lost",
                looks_like=4.6,
                says="The second factors were multiplied as if both were positive. Maria dislikes what this film has: that product lowers the prediction.",
            ),
            checks.Mistake(
                "factors added",
                looks_like=5.5,
                says="The factors were added up. They count only together: factor by factor, multiply, then add.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "predicted_stars", "name": "without the mean"}
def predicted_stars():
    return 0.3


# %% tags=["mistake"] mistake={"exercise": "predicted_stars", "name": "without the biases"}
def predicted_stars():
    return 3.7


# %% tags=["mistake"] mistake={"exercise": "predicted_stars", "name": "the minus sign lost"}
def predicted_stars():
    return 4.6


# %% tags=["mistake"] mistake={"exercise": "predicted_stars", "name": "factors added"}
def predicted_stars():
    return 5.5


# %% tags=["alternative"] alternative={"exercise": "predicted_stars", "name": "with NumPy"}
def predicted_stars():
    return 3.5 + 0.3 - 0.2 + np.dot([1.0, -0.5], [0.6, 0.8])


# %% tags=["alternative"] alternative={"exercise": "predicted_stars", "name": "as one longer inner product"}
def predicted_stars():
    return np.array([3.5, 0.3, 1.0, 1.0, -0.5]) @ np.array([1.0, 1.0, -0.2, 0.6, 0.8])


# %% [markdown]
# **Asked next**: *"Turn all factors by the same rotation. What changes?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Nothing: $(PA)(QA)^\top = PQ^\top$ for a rotation $A$, and the penalty is the same too. So a single factor has no meaning of its own.
# Whoever says "factor 3 is comedy" has read it into one of infinitely many equivalent solutions.
# </details>

# %% [markdown]
# ## 2 · Neighbours: what counts as similar
#
# Item-based filtering predicts a rating from the same user's ratings of similar items. Two films are compared over
# the users who rated both. *Cosine* takes the ratings as they are, *adjusted cosine* takes off each user's mean first,
# *Pearson* takes off each film's mean over those users. With few common raters any of them is an accident, so it is
# shrunk:
#
# $$ s_{ij} = \frac{n_{ij}}{n_{ij} + \beta}\; \mathrm{sim}(i, j) . $$
#
# In words: a similarity that rests on $n_{ij}$ raters counts the share $n/(n+\beta)$ of itself. β is the number of
# raters at which it counts half.
#
# **What to look for.** Answer, then raise β with the cosine. Which films come up, and are they like Toy Story? Then
# change the measure. These are real ratings: MovieLens, 671 people and 9,066 films (Harper and Konstan, 2015).

# %%
rec.neighbours()

# %% [markdown]
# **What it showed.** Without shrinkage the ten nearest of Toy Story rest on a handful of raters each. With β = 10 the
# cosine changes over to films that everybody rated, such as The Shawshank Redemption: all stars are positive, so all
# cosines are near 1, and the shrinkage then ranks by popularity. Only after the means are taken off does the
# similarity say something about taste: with adjusted cosine and β = 50 the nearest are Toy Story 2, Toy Story 3 and
# A Bug's Life.

# %% [markdown]
# ## Exercise 2 · The nearest film after shrinkage
#
# *Difficulty 2 of 5 · 3 minutes · 2 points*
#
# Four films have been compared with yours. The bars are similarities before shrinkage; the numbers on them are
# common raters. With β = 20, which one is the nearest?
#
# Return its letter.
#
# *Worked example*: with β = 20, a similarity of 0.60 over 20 common raters counts 0.60 · 20/(20 + 20) = 0.30.

# %% jupyter={"source_hidden": true}
# How the next figure is made
fig, ax = plt.subplots(figsize=(6, 3.6))
heights, counts = [0.95, 0.57, 0.50, 0.70], [3, 80, 300, 15]
bars = ax.bar(list("ABCD"), heights, color=widgets.COLORS["sky"])
ax.bar_label(
    bars, [f"{s:.2f}\n{n} raters" for s, n in zip(heights, counts, strict=True)], padding=3
)
ax.set(xlabel="film", ylabel="similarity before shrinkage", ylim=(0, 1.25))
ax.set_title("The tallest bar rests on the fewest raters")
widgets.show(
    fig,
    alt="Bars of similarity before shrinkage: A 0.95 over 3 raters, B 0.57 over 80, C 0.50 over 300, D 0.70 over 15.",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "nearest_after_shrinkage",
    "How much is a similarity of 0.95 worth that three people agreed on?",
    "Multiply each bar by its n/(n + 20).",
    "For D it is 0.70 · 15/35 = 0.30.",
)


# %% nbgrader={"grade": false, "grade_id": "nearest_after_shrinkage", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nearest_after_shrinkage():
    """Name the nearest film with β = 20.

    Returns
    -------
    str
        One letter from "A" to "D".
    """
    ### BEGIN SOLUTION
    return "C"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "nearest_after_shrinkage_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("nearest_after_shrinkage")
with check("the answer is a letter from A to D", points=0):
    checks.that(
        nearest_after_shrinkage().strip().upper() in ["A", "B", "C", "D"],
        "Give one letter from A to D.",
    )
### BEGIN HIDDEN TESTS
with check("the nearest film with β = 20", points=2):
    checks.choice(
        nearest_after_shrinkage(),
        "C",
        {
            "A": "The tallest bar, without shrinkage. Three common raters leave it 3/23 of itself.",
            "B": "Close: B keeps 80/100 of itself. Work out both products to two digits.",
            "D": "15 raters are fewer than β, so less than half of it is left. Work out 0.70 · 15/35 and compare.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "nearest_after_shrinkage", "name": "A"}
def nearest_after_shrinkage():
    return "A"


# %% tags=["mistake"] mistake={"exercise": "nearest_after_shrinkage", "name": "B"}
def nearest_after_shrinkage():
    return "B"


# %% tags=["mistake"] mistake={"exercise": "nearest_after_shrinkage", "name": "D"}
def nearest_after_shrinkage():
    return "D"


# %% tags=["alternative"] alternative={"exercise": "nearest_after_shrinkage", "name": "lower case"}
def nearest_after_shrinkage():
    return "c"


# %% tags=["alternative"] alternative={"exercise": "nearest_after_shrinkage", "name": "worked out"}
def nearest_after_shrinkage():
    films = {"A": (0.95, 3), "B": (0.57, 80), "C": (0.50, 300), "D": (0.70, 15)}
    return max(films, key=lambda film: films[film][0] * films[film][1] / (films[film][1] + 20))


# %% [markdown]
# **Asked next**: *"Is a large β safe, then?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# It is safe against accidents, and it favours popular films: they have the common raters. A β beyond the typical number of common raters turns similarity into popularity. Choose it on held-out ratings, like any other regularization strength.
# </details>

# %% [markdown]
# ## 3 · The long tail
#
# Ratings don't fall evenly. A few films have hundreds, half of the catalogue has three or fewer. A recommender learns
# from these ratings, and its lists make the next ones.
#
# **What to look for.** The picture begins at α = 1, and your answer takes it to α = 0. Then move the head: which share of
# ratings does it have? Raise the penalty α, which divides each score by popularity to the power of α. What does
# *coverage* gain, the share of the films that are on anybody's list? What does *recall* lose, the share of what a person
# liked later that is on their list of ten? The scores come from an SVD of who rated what, on each person's earlier
# ratings; films with five of them or more can be recommended.

# %%
rec.long_tail()

# %% [markdown]
# **What it showed.** The top 5 % of films have 43 % of all ratings and, at α = 0, some 97 % of the places on the lists:
# the model has amplified the bias of its data. A small penalty costs little: at α = 0.3 the lists reach 20 % of the
# films that can be recommended instead of 13 %, and recall falls by less than a tenth. Beyond that, recall falls fast,
# and near α = 1 coverage falls too: now the lists share obscure films instead of popular ones.
#
# Read recall with care. Later ratings come from people who found the films by themselves, and popular films are easier
# to find. So offline recall rewards popularity, and part of the loss that you see may not be one.

# %% [markdown]
# ## Exercise 3 · What follows from the long tail
#
# *Difficulty 3 of 5 · 4 minutes · 3 points*
#
# A shop's recommender shows everybody ten products and is retrained every night on the clicks of the day. Which
# statements hold?
#
# - **A**: A product that is never shown gets no clicks, so the next model has no reason to show it.
# - **B**: A recommender that always shows the ten best sellers can have a decent recall offline.
# - **C**: Catalogue coverage goes up when each list becomes more diverse, and by as much.
# - **D**: Showing a few places at random, and logging with which probability, gives data on what the model leaves out.
# - **E**: Retraining more often removes the bias, since fresh clicks replace old ones.
#
# Return the set of letters.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "consequences_of_the_head",
    "Who decides which products can be clicked at all?",
    "Think of two users who get the same ten, very different products. And ask where tonight's clicks come from.",
    "Three statements hold.",
)


# %% nbgrader={"grade": false, "grade_id": "consequences_of_the_head", "locked": false, "schema_version": 3, "solution": true, "task": false}
def consequences_of_the_head():
    """Name the statements that hold.

    Returns
    -------
    set of str
        Letters from "A" to "E".
    """
    ### BEGIN SOLUTION
    return {"A", "B", "D"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "consequences_of_the_head_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("consequences_of_the_head")
with check("the answer is made of letters from A to E", points=0):
    checks.that(
        set("".join(consequences_of_the_head()).upper()) <= set("ABCDE ,;"),
        "Give a set of letters from A to E.",
    )
### BEGIN HIDDEN TESTS
with check("the statements that hold", points=3):
    checks.choices(
        consequences_of_the_head(),
        {"A", "B", "D"},
        {
            "C": "Ten very different products on every list are diverse, and if all lists are the same, coverage is ten products. Diversity is within a list, coverage is over all lists.",
            "E": "Fresh clicks fall on what the model showed today. Retraining oftener closes the loop faster.",
            "incomplete": "One more holds. Consider what is clicked most in the held-out data, and what offline recall counts.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "consequences_of_the_head", "name": "C"}
def consequences_of_the_head():
    return {"A", "B", "C", "D"}


# %% tags=["mistake"] mistake={"exercise": "consequences_of_the_head", "name": "E"}
def consequences_of_the_head():
    return {"A", "B", "D", "E"}


# %% tags=["mistake"] mistake={"exercise": "consequences_of_the_head", "name": "incomplete"}
def consequences_of_the_head():
    return {"A", "D"}


# %% tags=["alternative"] alternative={"exercise": "consequences_of_the_head", "name": "a list in lower case"}
def consequences_of_the_head():
    return ["d", "b", "a"]


# %% tags=["alternative"] alternative={"exercise": "consequences_of_the_head", "name": "by exclusion"}
def consequences_of_the_head():
    return set("ABCDE") - {"C", "E"}


# %% [markdown]
# **Asked next**: *"How would you measure whether the loop is closing?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Watch over weeks: the share of impressions that the head gets, catalogue coverage, the time until a new product has its first hundred impressions, and how much two users' lists overlap. Compare with a small group of users whose lists have a random part.
# </details>

# %% [markdown]
# ## 4 · Two rankings of the same models
#
# RMSE, the root mean squared error in stars, asks: how many stars will this user give to a film that they rate? A
# product asks: which ten films, out of thousands, will they want? *Normalised discounted cumulative gain* (NDCG) judges
# a list:
#
# $$ \mathrm{DCG@}k = \sum_{j=1}^{k} \frac{g_j}{\log_2(j + 1)}, \qquad \mathrm{NDCG@}k = \frac{\mathrm{DCG@}k}{\text{the largest possible DCG@}k} . $$
#
# In words: add up the gains $g_j$ of the list, each counting less the farther down it stands, and divide by what the
# best list of this length would have had. Here a film that was liked later (four stars or more) has gain 1, any
# other 0.
#
# **What to look for.** Which model is best on each side? Then change what is ranked: all films that the person had not
# rated, or only the films that they did rate later.

# %%
rec.two_rankings()

# %% [markdown]
# **What it showed.** By RMSE the biases lead with about 0.87 stars, and the two models that never saw a star come last.
# By NDCG@10 over all unrated films the order is nearly reversed: an SVD of who rated what leads with about 0.12, and
# the film means, which put films with a handful of high ratings on top, are near zero. When only the films rated later are
# ranked, the models of stars lead again.
#
# So the two metrics don't disagree by accident: they ask about different films. Which films are candidates is a part of
# the metric, and the first thing to ask when somebody quotes an NDCG of 0.8.

# %% [markdown]
# ## Exercise 4 · NDCG by hand
#
# *Difficulty 3 of 5 · 6 minutes · 3 points*
#
# A list of five films is shown. The second and the fourth were liked. In all, **three** of the candidates were liked;
# one of them is not on the list. Gains are 1 and 0. What is NDCG@5?
#
# Return one number. It is accepted within 0.01.
#
# *Worked example*: with one liked candidate, at the third place, it is $\frac{1}{\log_2 4} / \frac{1}{\log_2 2} = 0.5$.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "ndcg_of_the_list",
    "What would the best list of five have looked like?",
    "DCG of the list shown over DCG of a list with the liked films first. How many liked films can stand there?",
    "Divide 1/log₂3 + 1/log₂5 by 1/log₂2 + 1/log₂3 + 1/log₂4.",
)


# %% nbgrader={"grade": false, "grade_id": "ndcg_of_the_list", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ndcg_of_the_list():
    """Give NDCG@5 of the list.

    Returns
    -------
    float
        Between 0 and 1.
    """
    ### BEGIN SOLUTION
    return 0.4982
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ndcg_of_the_list_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("ndcg_of_the_list")
with check("the answer is a number above zero", points=0):
    checks.that(checks.number(ndcg_of_the_list()) > 0, "Give one number above zero.")
### BEGIN HIDDEN TESTS
with check("NDCG@5 of the list", points=3):
    checks.close(
        ndcg_of_the_list(),
        0.4982,
        atol=0.01,
        given="liked at places 2 and 4; 3 liked in all; k = 5",
        mistakes=[
            checks.Mistake(
                "best list from what was found",
                looks_like=0.6509,
                says="The list was compared with a reordering of itself. The best list also has the liked film that this one missed; otherwise a list with one hit on top would be perfect.",
            ),
            checks.Mistake(
                "not normalised",
                looks_like=1.0616,
                says="This is DCG. Divide it by the DCG of the best list, or people with many liked films count more.",
            ),
            checks.Mistake(
                "precision instead",
                looks_like=0.4,
                says="Two of five: this is precision@5, which doesn't ask where the two stand.",
            ),
            checks.Mistake(
                "best list full of hits",
                looks_like=0.3601,
                says="The best list was taken to have five liked films. There are only three to put there.",
            ),
            checks.Mistake(
                "places without a discount",
                looks_like=0.6667,
                says="Two of three: this is recall@5. The discount by the logarithm of the place is missing.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "ndcg_of_the_list", "name": "best list from what was found"}
def ndcg_of_the_list():
    return 0.6509


# %% tags=["mistake"] mistake={"exercise": "ndcg_of_the_list", "name": "not normalised"}
def ndcg_of_the_list():
    return 1.0616


# %% tags=["mistake"] mistake={"exercise": "ndcg_of_the_list", "name": "precision instead"}
def ndcg_of_the_list():
    return 0.4


# %% tags=["mistake"] mistake={"exercise": "ndcg_of_the_list", "name": "best list full of hits"}
def ndcg_of_the_list():
    return 0.3601


# %% tags=["mistake"] mistake={"exercise": "ndcg_of_the_list", "name": "places without a discount"}
def ndcg_of_the_list():
    return 0.6667


# %% tags=["alternative"] alternative={"exercise": "ndcg_of_the_list", "name": "with natural logarithms"}
def ndcg_of_the_list():
    discounts = 1 / np.log(np.arange(1, 6) + 1)
    return (discounts[1] + discounts[3]) / discounts[:3].sum()


# %% tags=["alternative"] alternative={"exercise": "ndcg_of_the_list", "name": "from scikit-learn"}
def ndcg_of_the_list():
    from sklearn.metrics import ndcg_score

    return ndcg_score([[0, 1, 0, 1, 0, 1]], [[6, 5, 4, 3, 2, 1]], k=5)


# %% [markdown]
# **Asked next**: *"What is the NDCG for a user who liked nothing?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# It is 0/0: not defined. Leaving such users out and counting them as 0 are both done, and the means differ. Say which one you do, and never compare figures across the two.
# </details>

# %% [markdown]
# ## Exercise 5 · The better RMSE, the worse list
#
# *Difficulty 3 of 5 · 5 minutes · 2 points*
#
# The figure shows what one user gave to four films, and what two models predict. Judge the models by RMSE over the four
# films, and by NDCG@1 with the stars as gains. What comes out?
#
# - **A**: Model M is better by both.
# - **B**: Model N is better by both.
# - **C**: M has the better RMSE, N the better NDCG@1.
# - **D**: N has the better RMSE, M the better NDCG@1.
#
# Return the letter.
#
# *Worked example*: for films with 5 and 3 stars, a model that predicts 3 and 4 has RMSE $\sqrt{(2^2 + 1^2)/2} = 1.58$. It
# puts the second film first, so its NDCG@1 is 3/5 = 0.6.

# %% jupyter={"source_hidden": true}
# How the next figure is made
stars = np.array([5.0, 4.0, 3.0, 2.0])
predicted_m = np.array([4.2, 4.4, 3.2, 2.3])
fig, ax = plt.subplots(figsize=(6, 3.8))
x = np.arange(1, 5)
ax.plot(x, stars, "o", color=widgets.COLORS["black"], ms=10, label="stars given")
ax.plot(x, predicted_m, "s--", color=widgets.COLORS["blue"], ms=8, label="model M predicts")
ax.plot(x, stars - 1, "v:", color=widgets.COLORS["vermillion"], ms=8, label="model N predicts")
ax.set(xlabel="film", ylabel="stars", xticks=x, ylim=(0.5, 5.5))
ax.set_title("M is near the stars, N is a star below each of them")
ax.legend(frameon=False)
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Stars given to films 1 to 4: 5, 4, 3, 2. Model M predicts 4.2, 4.4, 3.2, 2.3; model N predicts 4, 3, 2, 1.",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "which_metric_prefers_which",
    "What happens to an order when every prediction is a star too low?",
    "For RMSE look at distances. For NDCG@1 ask only which film each model puts first.",
    "N is off by one star everywhere. M puts the second film first.",
)


# %% nbgrader={"grade": false, "grade_id": "which_metric_prefers_which", "locked": false, "schema_version": 3, "solution": true, "task": false}
def which_metric_prefers_which():
    """Say which model is better by which metric.

    Returns
    -------
    str
        One letter from "A" to "D".
    """
    ### BEGIN SOLUTION
    return "C"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "which_metric_prefers_which_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("which_metric_prefers_which")
with check("the answer is a letter from A to D", points=0):
    checks.that(
        which_metric_prefers_which().strip().upper() in ["A", "B", "C", "D"],
        "Give one letter from A to D.",
    )
### BEGIN HIDDEN TESTS
with check("which model is better by which metric", points=2):
    checks.choice(
        which_metric_prefers_which(),
        "C",
        {
            "A": "M is nearer to the stars. Now look only at which film M puts on top, and what the user gave to it.",
            "B": "N has the right order. Its predictions are a whole star off, each of them, and RMSE counts that.",
            "D": "The metrics are exchanged: a constant shift costs RMSE and leaves the order as it is.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "which_metric_prefers_which", "name": "A"}
def which_metric_prefers_which():
    return "A"


# %% tags=["mistake"] mistake={"exercise": "which_metric_prefers_which", "name": "B"}
def which_metric_prefers_which():
    return "B"


# %% tags=["mistake"] mistake={"exercise": "which_metric_prefers_which", "name": "D"}
def which_metric_prefers_which():
    return "D"


# %% tags=["alternative"] alternative={"exercise": "which_metric_prefers_which", "name": "lower case"}
def which_metric_prefers_which():
    return "c"


# %% tags=["alternative"] alternative={"exercise": "which_metric_prefers_which", "name": "worked out"}
def which_metric_prefers_which():
    stars = np.array([5.0, 4.0, 3.0, 2.0])
    m, n = np.array([4.2, 4.4, 3.2, 2.3]), stars - 1
    error_m, error_n = np.mean((m - stars) ** 2), np.mean((n - stars) ** 2)
    gain_m, gain_n = stars[m.argmax()], stars[n.argmax()]
    return {(True, True): "A", (False, False): "B", (True, False): "C", (False, True): "D"}[
        bool(error_m < error_n), bool(gain_m > gain_n)
    ]


# %% [markdown]
# **Asked next**: *"Then why does anybody optimise squared error?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# It is smooth, each rating gives a gradient, and where the stars themselves are shown to the user they should be right. For lists one optimises order: a pairwise loss such as BPR (Bayesian personalised ranking), or a listwise one. You write BPR in [2 · Build](2_build.ipynb).
# </details>

# %% [markdown]
# ## 5 · Cold start: ratings arrive one by one
#
# A new user has no row in $R$. Until ratings arrive, the best prediction is the film's own mean. Then each rating says a
# little: first about the user's bias, later about taste. With films' biases and $Q$ fixed, a new user is one small ridge
# regression. The bias after $n$ ratings is
#
# $$ b_u = \frac{\sum_{i} \bigl(r_{ui} - \mu - b_i\bigr)}{n + \lambda} . $$
#
# In words: the mean of what the user gave above the films' own level, drawn towards zero as if λ further ratings had been
# exactly at that level.
#
# **What to look for.** Answer, then let ratings arrive, with λ at 0.1, at 10 and at 100. When do the factors begin to
# beat the user's bias alone? The films' biases and factors come from other people; the errors are over 80 new users.

# %%
rec.cold_start()

# %% [markdown]
# **What it showed.** With λ = 0.1 the first rating raises the error from 0.87 to almost 1.2 stars, and twenty ratings
# are not enough for the factors to come back below the film means. With λ = 10 the first ratings do next to no harm, and
# after twenty the factors are ahead of the bias by a little. What a few ratings can give is small here: most of the
# gain after twenty comes from the bias. It takes many ratings to know a taste.

# %% [markdown]
# ## Exercise 6 · A prediction after three ratings
#
# *Difficulty 2 of 5 · 4 minutes · 2 points*
#
# A new user has rated three films: 1.0, 0.5 and 1.5 stars above those films' own level $\mu + b_i$. Another film has the
# level 3.2 stars. With λ = 5, what does the bias model, $\mu + b_u + b_i$, predict for it?
#
# Return one number. It is accepted within 0.01.
#
# *Worked example*: with λ = 2 and two ratings, 0.4 and 0.8 above the level, the bias is 1.2/(2 + 2) = 0.3. A film at level
# 3.0 is predicted 3.3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "new_users_prediction",
    "By how much has this user been above the films so far, and how sure are you?",
    "Work out the user's bias with the formula, then add it to the level of the film.",
    "The bias is 3.0/(3 + 5).",
)


# %% nbgrader={"grade": false, "grade_id": "new_users_prediction", "locked": false, "schema_version": 3, "solution": true, "task": false}
def new_users_prediction():
    """Give the predicted stars of the film at level 3.2.

    Returns
    -------
    float
        Stars.
    """
    ### BEGIN SOLUTION
    return 3.575
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "new_users_prediction_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("new_users_prediction")
with check("the answer is a number above zero", points=0):
    checks.that(checks.number(new_users_prediction()) > 0, "Give one number above zero.")
### BEGIN HIDDEN TESTS
with check("the prediction after three ratings", points=2):
    checks.close(
        new_users_prediction(),
        3.575,
        atol=0.01,
        given="1.0, 0.5 and 1.5 above the films' level; level 3.2; λ = 5",
        mistakes=[
            checks.Mistake(
                "not shrunk",
                looks_like=4.2,
                says="The plain mean of the three was added. Three ratings are not believed entirely: λ stands in the denominator, beside n.",
            ),
            checks.Mistake(
                "divided by λ alone",
                looks_like=3.8,
                says="The sum was divided by 5. Real ratings and imagined ones count together: n + λ.",
            ),
            checks.Mistake(
                "no bias at all",
                looks_like=3.2,
                says="This is the film's level: the prediction before any rating. The three ratings say something.",
            ),
            checks.Mistake(
                "bias without the film",
                looks_like=0.375,
                says="This is the user's bias. Add it to the level of the film.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "new_users_prediction", "name": "not shrunk"}
def new_users_prediction():
    return 4.2


# %% tags=["mistake"] mistake={"exercise": "new_users_prediction", "name": "divided by λ alone"}
def new_users_prediction():
    return 3.8


# %% tags=["mistake"] mistake={"exercise": "new_users_prediction", "name": "no bias at all"}
def new_users_prediction():
    return 3.2


# %% tags=["mistake"] mistake={"exercise": "new_users_prediction", "name": "bias without the film"}
def new_users_prediction():
    return 0.375


# %% tags=["alternative"] alternative={"exercise": "new_users_prediction", "name": "step by step"}
def new_users_prediction():
    above = [1.0, 0.5, 1.5]
    return 3.2 + sum(above) / (len(above) + 5)


# %% tags=["alternative"] alternative={"exercise": "new_users_prediction", "name": "as ridge regression"}
def new_users_prediction():
    above = np.array([1.0, 0.5, 1.5])
    ones = np.ones((3, 1))
    bias = np.linalg.solve(ones.T @ ones + 5 * np.eye(1), ones.T @ above)
    return float(3.2 + bias[0])


# %% [markdown]
# **Asked next**: *"And a film that nobody has rated?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# It has no row in $Q$ either, and no bias. Its content is all there is: genres, title, cast, text. Predict factors from the content, or score by it, until ratings arrive; and give new films some places, or none will.
# </details>

# %% [markdown]
# ## What to take along
#
# | you see | because | so you |
# |---|---|---|
# | known ratings met, held-out ones missed | more factors than the ratings can determine | raise λ, lower the rank |
# | nearest films that nobody knows | similarities over a handful of raters | take off means, shrink by n/(n + β) |
# | everybody gets the same films | scores follow popularity, lists amplify it | penalise a little, explore, watch coverage |
# | RMSE better, lists worse | RMSE asks about films that were rated | judge lists over all candidates, by time |
# | a new user's predictions jump | one rating believed entirely | shrink the bias and the factors; ask for a few ratings |
#
# Next: [2 · Build](2_build.ipynb), where you write all of it, and watch your own factors fill the matrix.

# %% tags=["on_open"]
learner.check_my_work()
