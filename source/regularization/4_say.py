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
# # Regularization · 4 · Say
#
# You have seen it ([1 · See](1_see.ipynb)), built it ([2 · Build](2_build.ipynb)) and used it
# ([3 · Use](3_use.ipynb)). "Why does L1 give zeros?" is among the most asked questions in these interviews, and everybody has
# an answer ready. So the interviewer listens for the sentence *after* the ready one. This notebook has four questions, each
# with a weak answer to take apart, your own answer, a rubric, and follow-ups.

# %% tags=["on_open"]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import Lasso

from curriculum import checks, learner, widgets

learner.begin("regularization", "4_say")

# %% [markdown]
# ## How to practise aloud
#
# 1. **Say it before you read on.** Start a timer and a recording. Two minutes for each question. Stop when the time is up.
# 2. **Listen to it once**, with the rubric open, and mark a band in each row. Count the sentences that say *why*.
# 3. **Write the better version** in the answer cell, in words that you would say. About 150 words are a minute.
# 4. **Say it again** from no notes, and once more in two days.
#
# ## How answers are judged
#
# Each written answer is worth 8 points: four rows, two points each.
#
# | band | points in a row | means |
# |---|---|---|
# | **no** | 0 | wrong on something that matters, or absent |
# | **leaning no** | 0.5 | true as far as it goes; one would not build on it |
# | **leaning yes** | 1.5 | what the job needs; a gap or two that a follow-up closes |
# | **yes** | 2 | one learns something from it, or would hand it to a junior colleague |
#
# Sum of the four: below 1 is a **no** for the question, 1 to 3.5 a **leaning no**, 4 to 6.5 a **leaning yes**, 7 or more a
# **yes**. With *correctness and depth* at **no**, the question gets at most 3.5.
#
# **Symbols**, as before: $f(w, b) = \tfrac{1}{2n}\lVert y - Xw - b\rVert^2 + \lambda\,(\rho\lVert w\rVert_1 + \tfrac{1-\rho}{2}\lVert
# w\rVert^2)$, with $X$ (n, d), λ the strength and ρ the share of L1. The intercept $b$ is not penalised.

# %% [markdown]
# ## Question 1 · L1 against L2: why does L1 give zeros?
#
# > **Interviewer**: "You know L1 and L2 regularization. Why does one give exact zeros and the other not?"
# >
# > *Suggested time: two minutes, then three minutes of follow-ups.*
#
# **Say yours now**, with the recording on. Then read how one candidate put it.
#
# > **A candidate**: "L1 penalises absolute values, L2 squares. The L1 ball is a diamond, and the loss contours touch it at a
# > corner, and at a corner coefficients are zero. So L1 does feature selection: what it keeps are the features that matter, and
# > I'd drop the rest from the database. If I'm not sure, I fit both and average them, that's elastic net. I run it on the raw
# > columns, since linear regression doesn't care about scale."
#
# ### Exercise 1 · What is wrong with it?
#
# *Difficulty 2 of 5 · 5 minutes · 3 points*
#
# Which of these objections hold against the answer?
#
# - **A**: It shows a picture and gives no reason: nothing says why the contours should touch at a corner and stay there.
# - **B**: It takes what L1 keeps for what matters. Among correlated features the choice is close to a coin toss.
# - **C**: It should have said that L2 gives exact zeros too, once λ is large enough.
# - **D**: It fits on raw columns. The penalty does care about scale, since it compares coefficients with one another.
# - **E**: It should have ruled out L1 for gradient-based training, since |w| has no derivative at 0.
# - **F**: Elastic net is one fit with both penalties, and not the average of two fits.
# - **G**: It should have said that L1 predicts better, since it removes noise.
#
# Return the set of letters. One letter too many or too few earns 1 point of 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gaps_l1_l2",
    "For each objection ask two things: is it true, and is it true of this answer?",
    "Three of the seven ask for something that is false. Test them on one coefficient, by hand.",
    "Ridge divides by 1 + λ. Soft-thresholding needs no derivative at 0. Which predicts better depends on the truth.",
)


# %% nbgrader={"grade": false, "grade_id": "gaps_l1_l2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps_l1_l2():
    """Name the objections that hold against the candidate's answer.

    Returns
    -------
    set of str
        Letters from "A" to "G".
    """
    ### BEGIN SOLUTION
    return {"A", "B", "D", "F"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gaps_l1_l2_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gaps_l1_l2")
with check("the answer is made of letters from A to G", points=0):
    checks.that(
        set("".join(gaps_l1_l2()).upper()) <= set("ABCDEFG ,;"),
        "Give a set of letters from A to G.",
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=1):
    picked = set("".join(gaps_l1_l2()).upper()) & set("ABCDEFG")
    checks.that(len(picked ^ {"A", "B", "D", "F"}) <= 1, "More than one letter is off.")
with check("exactly the objections that hold", points=2):
    checks.choices(
        gaps_l1_l2(),
        {"A", "B", "D", "F"},
        {
            "C": "Ridge divides a coefficient by something that grows with λ. It comes as near to zero as you like, and reaches "
            "it for no finite λ unless it was zero before.",
            "E": "A proximal step or coordinate descent needs no derivative at 0: soft-thresholding is the exact minimum along "
            "one coordinate. That is how L1 is trained.",
            "G": "Which one predicts better depends on the truth. With many small effects ridge usually wins, with few large "
            "ones lasso.",
            "incomplete": "Something false or missing was let pass. Read the candidate sentence by sentence and ask: is it true, "
            "is it a reason, and would you want it done to your data?",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gaps_l1_l2", "name": "C"}
def gaps_l1_l2():
    return {"A", "B", "C", "D", "F"}


# %% tags=["mistake"] mistake={"exercise": "gaps_l1_l2", "name": "E"}
def gaps_l1_l2():
    return {"A", "B", "D", "E", "F"}


# %% tags=["mistake"] mistake={"exercise": "gaps_l1_l2", "name": "G"}
def gaps_l1_l2():
    return {"B", "D", "F", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_l1_l2", "name": "incomplete"}
def gaps_l1_l2():
    return {"B", "D"}


# %% tags=["alternative"] alternative={"exercise": "gaps_l1_l2", "name": "a list in lower case"}
def gaps_l1_l2():
    return ["f", "d", "b", "a"]


# %% tags=["alternative"] alternative={"exercise": "gaps_l1_l2", "name": "one string"}
def gaps_l1_l2():
    return "A, B, D, F"


# %% [markdown]
# ### Your answer
#
# There are three levels of *why*, and a strong answer can stop at any of them, or go on if asked: the picture, the
# sub-gradient at zero, and the prior. Write what you would say, in 200 to 300 words. Then record it once more.
#
# | | no | leaning no | leaning yes | yes |
# |---|---|---|---|---|
# | **correctness and depth** | wrong about which gives zeros, or "because of the corners" is all | the picture told rightly, without what happens at the corner | the slope of the penalty at zero: constant for L1, fading for L2, so a range of slopes of the loss is balanced at zero | besides, soft-thresholding against division, or the prior with its caveat, correctly |
# | **structure** | definitions in any order | picture and formula without a thread | claim → picture → reason → consequence | besides, says which level it is at, and offers the next |
# | **trade-offs** | "L1 for selection, L2 otherwise" | names correlated features | when each predicts better; instability of the choice; elastic net; scaling | besides, what they would look at to decide, and that the kept set is no causal statement |
# | **communication** | jargon unexplained | followable with effort | plain words, symbols said in words, within the time | besides, one number or sketch that carries the idea; checks that the listener is with them |

# %% [markdown] nbgrader={"grade": true, "grade_id": "l1_l2", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# Both add a price for large coefficients. The difference is what the price does close to zero.
#
# In a picture: minimise the loss inside a ball around the origin. L2's ball is round, so the best point on it lies on an axis only
# by accident. L1's is a diamond, and a corner sticks out: for many positions of the loss's optimum the corner is the best
# point, and at a corner some coefficients are zero.
#
# Why does it stay there? Look at one coefficient. Moving it away from zero by a little gains the slope of the loss, and costs
# the slope of the penalty. For L2 that slope is λw, which is nothing at zero, so any gain at all is worth moving. For L1 it is λ
# however close you are. As long as the loss's slope is below λ in size, staying at zero is best. That is the sub-gradient
# condition, and it holds for a whole range of slopes, which is why exact zeros are common and no accident. With one standardised
# feature: ridge divides by 1 + λ; lasso subtracts λ and stops at zero.
#
# A third way to say it: the penalties are priors, Gaussian for L2, Laplace for L1, which has a peak at zero. The zeros belong to
# the most probable value; the posterior itself has none.
#
# What follows: I standardise first, because the price compares coefficients. I take L1 when I expect few large effects or need
# few inputs, L2 when many small ones, and elastic net when features are correlated, since lasso then picks one of a group almost
# at random. What lasso keeps predicts well. It isn't a list of causes. Shall I show the condition for the first coefficient to
# enter?

# %%
learner.rate_yourself("l1_l2")

# %% [markdown] nbgrader={"grade": false, "grade_id": "l1_l2_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### After your answer
#
# Compare your two recordings row by row of the rubric. If one row is still at "leaning no", say only that part again.
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (l1_l2, 8 points)
#
# - *Note.* Two points a row: no 0, leaning no 0.5, leaning yes 1.5, yes 2. Correctness at "no" caps the sum at 3.5. Any one of
#   the three levels, told so that the zeros follow from it, is enough for leaning yes in the first row; the picture alone is not.
# - *Ask*, if it is open: "The contours touch at a corner: why not a little beside it?" It separates those who have seen the
#   picture from those who have understood it.
# - *Don't deduct* for another scaling of λ, or for leaving out priors.
#
# | level | a strong answer at this level |
# |---|---|
# | entry | which one gives zeros, with the picture, and what it is good for; features on one scale |
# | mid | the constant slope at zero, or soft-thresholding; correlated features; elastic net; λ by cross-validation |
# | senior | all three levels at will; when each predicts better; that selection is unstable, and how to see it (bootstrap); relaxed lasso or a refit for the bias of what is kept |
# | staff | fits the depth to the listener; asks what the selection is for; knows what carries over to networks (weight decay, pruning) and what doesn't |
# ### END MARK SCHEME

# %% [markdown]
# ### Follow-ups, each harder
#
# **1.** *"Two of your columns are copies of one another. What do ridge and lasso do?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The loss sees only the sum of the two coefficients. Ridge's price for a fixed sum is lowest when both are equal, so it splits.
# Lasso's is the same for every split with equal signs, so the solution isn't unique: which one an algorithm returns depends on its
# order. A little noise between the copies decides, and another sample decides otherwise. Elastic net has a square in it, so it
# splits again.
# </details>
#
# **2.** *"From which λ on are all coefficients zero?"* You compute this one below.
#
# **3.** *"Lasso is biased: what it keeps is shrunk too. Does that bother you?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# For prediction, cross-validation has weighed that already: λ is chosen with the bias in it, though it then often keeps too many
# features, because a smaller λ shrinks less. For reading effects off, yes. One refits without penalty on the kept columns (on other
# rows than those that chose them), or uses relaxed or adaptive lasso. Confidence intervals computed as if the columns had been
# chosen beforehand are too narrow.
# </details>
#
# ### Exercise 2 · The λ from which on nothing is left
#
# *Difficulty 3 of 5 · 8 minutes · 3 points*
#
# Find the smallest λ for which lasso's $w$ is zero in every component. The sub-gradient condition at $w = 0$ gives it: with $w = 0$
# the best intercept is the mean of $y$, and each column's slope of the loss must be at most λ in size.
#
# *Worked example*: X = [[1], [−1]], y = [3, 1]. The mean of y is 2, so the residuals are (1, −1), and the slope has the size
# (1·1 + (−1)·(−1)) / 2 = 1. From λ = 1 on, $w$ is zero.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "largest_useful_lambda",
    "With all of w at zero, what does the model predict, and what are its residuals?",
    "The loss is 1/(2n) times a sum of squares. What is its derivative by one coefficient, at w = 0?",
    "max over columns of |xⱼ · (y − mean of y)| / n.",
)


# %% nbgrader={"grade": false, "grade_id": "largest_useful_lambda", "locked": false, "schema_version": 3, "solution": true, "task": false}
def largest_useful_lambda(X, y):
    """Give the smallest λ for which the lasso's coefficients are all zero.

    The objective is 1/(2n) · ‖y − Xw − b‖² + λ ‖w‖₁, the intercept b is free.

    Parameters
    ----------
    X : ndarray of float, shape (n, d)
        Columns need not be centred; n ≥ 2, d ≥ 1.
    y : ndarray of float, shape (n,)
        Targets.

    Returns
    -------
    float
        That λ; 0 when no column is correlated with y.
    """
    ### BEGIN SOLUTION
    residual = y - y.mean()
    return float(np.abs(X.T @ residual).max() / len(y))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "largest_useful_lambda_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("largest_useful_lambda")
with check("the worked example", points=0.5):
    checks.close(
        largest_useful_lambda(np.array([[1.0], [-1.0]]), np.array([3.0, 1.0])),
        1.0,
        given="X = [[1], [−1]], y = [3, 1]",
    )
### BEGIN HIDDEN TESTS
with check("random data, and scikit-learn on both sides of it", points=2):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(30, 4)) * [1.0, 5.0, 2.0, 0.5] + 1.5
    y = 4.0 - X @ [0.5, 1.0, 0.0, -1.0] + rng.normal(size=30)
    given = (
        "30 random rows, 4 columns of different scale, none centred; y has mean "
        + f"{y.mean():.2f}"
    )
    slopes = [float(sum(X[:, j] * (y - y.mean()))) / 30 for j in range(4)]
    want = max(abs(slope) for slope in slopes)
    got = largest_useful_lambda(X, y)
    checks.close(
        got,
        want,
        rtol=1e-9,
        given=given,
        mistakes=[
            checks.Mistake(
                "mean of y left in",
                looks_like=np.abs(X.T @ y).max() / 30,
                says="y was not centred. The intercept is free, so at w = 0 it takes the mean of y, and only the rest counts.",
            ),
            checks.Mistake(
                "sum over rows",
                looks_like=30 * want,
                says="The result is n times too large. The loss in this objective is 1/(2n) times the sum of squares.",
            ),
            checks.Mistake(
                "signs kept",
                looks_like=max(slopes),
                says="The largest signed slope was taken. A column that pulls downwards enters as well: compare sizes.",
            ),
            checks.Mistake(
                "factor 2",
                looks_like=2 * want,
                says="Twice too large: the ½ in front of the squares cancels the 2 of their derivative.",
            ),
        ],
    )
    for factor, zero in [(1.001, True), (0.999, False)]:
        w = Lasso(alpha=factor * checks.number(got), tol=1e-12, max_iter=100_000).fit(X, y).coef_
        checks.that(
            np.all(w == 0) == zero,
            f"At {factor} times your λ, scikit-learn's lasso has {np.count_nonzero(w)} coefficients.",
            given=given,
        )
with check("no correlation at all", points=0.5):
    checks.close(
        largest_useful_lambda(np.array([[1.0], [1.0], [-2.0]]), np.array([2.0, 2.0, 2.0])),
        0.0,
        atol=1e-12,
        given="y is the same in every row",
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "largest_useful_lambda", "name": "mean of y left in"}
def largest_useful_lambda(X, y):
    return float(np.abs(X.T @ y).max() / len(y))


# %% tags=["mistake"] mistake={"exercise": "largest_useful_lambda", "name": "sum over rows"}
def largest_useful_lambda(X, y):
    return float(np.abs(X.T @ (y - y.mean())).max())


# %% tags=["mistake"] mistake={"exercise": "largest_useful_lambda", "name": "signs kept"}
def largest_useful_lambda(X, y):
    return float((X.T @ (y - y.mean())).max() / len(y))


# %% tags=["mistake"] mistake={"exercise": "largest_useful_lambda", "name": "factor 2"}
def largest_useful_lambda(X, y):
    return float(2 * np.abs(X.T @ (y - y.mean())).max() / len(y))


# %% tags=["alternative"] alternative={"exercise": "largest_useful_lambda", "name": "X centred in place of y"}
def largest_useful_lambda(X, y):
    return np.linalg.norm((X - X.mean(axis=0)).T @ y, ord=np.inf) / len(y)


# %% tags=["alternative"] alternative={"exercise": "largest_useful_lambda", "name": "covariances"}
def largest_useful_lambda(X, y):
    return max(abs(np.cov(column, y, ddof=0)[0, 1]) for column in X.T)


# %% [markdown]
# This is where the lasso's grids of λ begin: above it there is nothing to see. They usually go down from it by three orders of
# magnitude, in equal ratios.

# %% [markdown]
# ## Question 2 · How do you choose λ?
#
# > **Interviewer**: "And how strong do you make the penalty?"
# >
# > *Suggested time: two minutes, then three minutes of follow-ups.*
#
# **Say yours now.** Then read:
#
# > **A candidate**: "I standardise the data, split off a test set, and try λ from 0.1 to 1.0 in steps of 0.1. For each I train, look at
# > the error on the test set, and keep the best. That error is what I report. It's the standard way, so I don't need to look
# > at the curve."
#
# ### Exercise 3 · What is wrong with it?
#
# *Difficulty 2 of 5 · 4 minutes · 3 points*
#
# Which of these objections hold against the answer?
#
# - **A**: λ is chosen on the rows that are to judge it, so the error it reports is too good.
# - **B**: The data are standardised before they are split, so the scaler has seen the test rows.
# - **C**: The grid is linear and narrow. What matters is orders of magnitude, from the λ at which nothing is left downwards.
# - **D**: It should take the λ with the smallest training error.
# - **E**: It should use leave-one-out: with five or ten folds the choice isn't valid.
# - **F**: It takes the lowest point of a noisy curve for the truth. Within a standard error of it there are simpler models.
# - **G**: It should find λ by gradient descent together with w, as one more parameter of the training loss.
#
# Return the set of letters. One letter too many or too few earns 1 point of 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gaps_choose_lambda",
    "Which rows have had a say in each number that the candidate reports?",
    "For D and G, ask which λ would win on the training loss.",
    "The training loss always likes λ = 0 best. And five or ten folds are what everybody uses, for good reasons.",
)


# %% nbgrader={"grade": false, "grade_id": "gaps_choose_lambda", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps_choose_lambda():
    """Name the objections that hold against the candidate's answer.

    Returns
    -------
    set of str
        Letters from "A" to "G".
    """
    ### BEGIN SOLUTION
    return {"A", "B", "C", "F"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gaps_choose_lambda_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gaps_choose_lambda")
with check("the answer is made of letters from A to G", points=0):
    checks.that(
        set("".join(gaps_choose_lambda()).upper()) <= set("ABCDEFG ,;"),
        "Give a set of letters from A to G.",
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=1):
    picked = set("".join(gaps_choose_lambda()).upper()) & set("ABCDEFG")
    checks.that(len(picked ^ {"A", "B", "C", "F"}) <= 1, "More than one letter is off.")
with check("exactly the objections that hold", points=2):
    checks.choices(
        gaps_choose_lambda(),
        {"A", "B", "C", "F"},
        {
            "D": "The training error is smallest at λ = 0, always: a penalty can only raise it. It can't choose λ.",
            "E": "Five or ten folds are a sound choice. Leave-one-out has less bias and often more variance, since its models are "
            "nearly the same; for ridge it is cheap, for most models it is not.",
            "G": "On the training loss the best λ is 0. λ needs rows that the fit hasn't seen, or a prior over it.",
            "incomplete": "A fault was let pass. Follow each number back to the rows that it was computed from, and look at the "
            "grid.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gaps_choose_lambda", "name": "D"}
def gaps_choose_lambda():
    return {"A", "B", "C", "D", "F"}


# %% tags=["mistake"] mistake={"exercise": "gaps_choose_lambda", "name": "E"}
def gaps_choose_lambda():
    return {"A", "B", "C", "E", "F"}


# %% tags=["mistake"] mistake={"exercise": "gaps_choose_lambda", "name": "G"}
def gaps_choose_lambda():
    return {"A", "B", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_choose_lambda", "name": "incomplete"}
def gaps_choose_lambda():
    return {"A", "C"}


# %% tags=["alternative"] alternative={"exercise": "gaps_choose_lambda", "name": "a list in lower case"}
def gaps_choose_lambda():
    return ["a", "b", "c", "f"]


# %% tags=["alternative"] alternative={"exercise": "gaps_choose_lambda", "name": "one string"}
def gaps_choose_lambda():
    return "A B C F"


# %% [markdown]
# ### Your answer
#
# Mend it, in 150 to 250 words.
#
# | | no | leaning no | leaning yes | yes |
# |---|---|---|---|---|
# | **correctness and depth** | chosen on test or training rows | "cross-validation", without what goes into a fold | k folds, everything fitted inside the fold, log grid, test rows used once | besides, the one-standard-error rule with its reason, nested folds or why not, or what λ means as a variance |
# | **structure** | no order | steps without reasons | split → grid → folds → choice → one look at the test rows | besides, says what each set of rows is for, and what it must not be used for |
# | **trade-offs** | none | more folds cost more | number of folds; lowest point against one standard error; cost of the grid | besides, what changes with time order, groups, few rows, a metric that isn't the loss |
# | **communication** | recipe in jargon | followable with effort | plain, within the time | besides, a sketch of the curve, and a check that the listener is with them |

# %% [markdown] nbgrader={"grade": true, "grade_id": "choose_lambda", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# λ trades variance for bias, and how much of each I have depends on the data. So I measure it on rows that the fit hasn't seen.
#
# First I set test rows aside and don't look at them. On the rest I make a grid: from the λ at which lasso keeps nothing, down by
# three orders of magnitude, in equal ratios, some 50 values. Then ten folds: for each fold I fit scaler, imputer and model on the
# other nine and measure the error on it. Everything that learns from data is inside the fold, which is what a Pipeline is for.
#
# That gives a mean and a standard error for each λ. The curve is U-shaped and flat at the bottom. The lowest point is itself
# noisy, so I often take the largest λ whose mean is within one standard error of the lowest: a simpler model that the data can't
# tell from the best. If only prediction counts, I take the lowest.
#
# I refit on all training rows with that λ, and look at the test rows once. If I compared many kinds of model as well, I'd nest the
# folds, or keep a validation part for that.
#
# Folds follow the data: by time if we predict the future, by customer if rows of one customer resemble each other. And the error
# in the folds should be the metric that the business cares about, which need not be the loss.

# %%
learner.rate_yourself("choose_lambda")

# %% [markdown] nbgrader={"grade": false, "grade_id": "choose_lambda_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### After your answer
#
# Did you say what each set of rows is for? It is the sentence that is missing most often.
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (choose_lambda, 8 points)
#
# - *Note.* Scaling outside the folds is a slip when said once, and leaning no in the first row when it is insisted on. A single
#   validation set is as good as folds when the data are many and that is said.
# - *Ask*: "What is inside the fold?" Then: "Your curve is flat for a factor of 30. Which λ, and why?"
# - *Don't deduct* for leaving out nested folds where one kind of model is fitted.
#
# | level | a strong answer at this level |
# |---|---|
# | entry | rows apart for choosing and for judging; k folds; a grid over orders of magnitude |
# | mid | everything inside the fold; the curve with its error; refit; test rows once |
# | senior | one standard error and when not; folds by time or group; nested folds; the metric of the business |
# | staff | budget: what a finer choice is worth against more data or better features; how the choice is repeated when the data change |
# ### END MARK SCHEME

# %% [markdown]
# ### Follow-ups, each harder
#
# **1.** *"How does the best λ change when you get ten times the rows?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# It falls. With a Gaussian prior of variance τ² and noise σ², λ = σ²/(nτ²) in this objective: the loss is a mean, so the prior's share
# shrinks as 1/n. With scikit-learn's Ridge, whose loss is a sum, the same prior means a constant alpha. That is why a λ can't be
# copied between data sets, nor between libraries.
# </details>
#
# **2.** *"You have 40 rows. Still ten folds?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Four rows in each fold make a curve that is mostly noise. Repeat the folds with several shuffles and average, or use leave-one-out,
# which ridge gives in closed form from one fit. Prefer the one-standard-error choice or a λ from knowledge of the field. And say
# that with 40 rows the choice between models is within the noise.
# </details>
#
# **3.** *"Why not choose λ by the likelihood of the training data?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# With w fixed at its best, λ = 0 wins. With w integrated out, it doesn't: the marginal likelihood of the training data punishes
# priors that spread over fits which the data don't support. That is what scikit-learn's BayesianRidge maximises. It needs no folds, and
# it trusts the model's noise and prior, which folds don't.
# </details>

# %% [markdown]
# ## Question 3 · More features than rows
#
# > **Interviewer**: "You have 200 patients and 5,000 gene activities. Can you fit a linear model at all? What does regularization do?"
# >
# > *Suggested time: two minutes, then three minutes of follow-ups.*
#
# **Say yours now.** Then read:
#
# > **A candidate**: "With more features than rows, XᵀX can't be inverted, so linear regression has no solution. Ridge adds λ to the
# > diagonal, then it can be inverted, and the problem is solved. Or I compute each gene's correlation with the outcome, keep the best
# > hundred, and cross-validate a plain regression on those."
#
# ### Exercise 4 · What is wrong with it?
#
# *Difficulty 3 of 5 · 5 minutes · 3 points*
#
# Which of these objections hold against the answer?
#
# - **A**: Without a penalty there are infinitely many solutions, not none, and each fits the 200 patients perfectly.
# - **B**: That a matrix can be inverted is no reason to predict well. The gain is in variance, paid for with bias.
# - **C**: Lasso would not work here: it needs more rows than features.
# - **D**: It never says how strong the penalty should be, on which the result hangs here.
# - **E**: The hundred genes are chosen with all outcomes before the folds are made, so the folds' error is far too good.
# - **F**: Ridge would not work here either: its 5,000 × 5,000 system can't be solved with 200 rows.
# - **G**: It should say that a model which fits its training rows perfectly always predicts badly.
#
# Return the set of letters. One letter too many or too few earns 1 point of 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gaps_wide",
    "How many w give zero residuals when there are more unknowns than equations?",
    "For C and F, recall what the penalty does to the number of solutions, and that a system may be solved in another form.",
    "Ridge can be solved with a 200 × 200 system. And choosing genes by their correlation uses the outcome.",
)


# %% nbgrader={"grade": false, "grade_id": "gaps_wide", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps_wide():
    """Name the objections that hold against the candidate's answer.

    Returns
    -------
    set of str
        Letters from "A" to "G".
    """
    ### BEGIN SOLUTION
    return {"A", "B", "D", "E"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gaps_wide_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gaps_wide")
with check("the answer is made of letters from A to G", points=0):
    checks.that(
        set("".join(gaps_wide()).upper()) <= set("ABCDEFG ,;"), "Give a set of letters from A to G."
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=1):
    picked = set("".join(gaps_wide()).upper()) & set("ABCDEFG")
    checks.that(len(picked ^ {"A", "B", "D", "E"}) <= 1, "More than one letter is off.")
with check("exactly the objections that hold", points=2):
    checks.choices(
        gaps_wide(),
        {"A", "B", "D", "E"},
        {
            "C": "Lasso works with any number of features. It keeps at most as many as there are rows, which is a limit worth "
            "naming, and no obstacle.",
            "F": "For λ > 0 ridge has exactly one solution whatever the shape, and by the identity Xᵀ(XXᵀ + nλI)⁻¹ it takes a "
            "system of 200 equations.",
            "G": "Perfect fits can predict well: the one of least norm often does, and large networks fit their training rows. "
            "It isn't a safe bet, and it isn't always bad.",
            "incomplete": "Something was let pass. Ask of each sentence: is it true, is it the reason, and which rows has this "
            "step seen?",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gaps_wide", "name": "C"}
def gaps_wide():
    return {"A", "B", "C", "D", "E"}


# %% tags=["mistake"] mistake={"exercise": "gaps_wide", "name": "F"}
def gaps_wide():
    return {"A", "D", "E", "F"}


# %% tags=["mistake"] mistake={"exercise": "gaps_wide", "name": "G"}
def gaps_wide():
    return {"A", "B", "D", "E", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_wide", "name": "incomplete"}
def gaps_wide():
    return {"A", "B"}


# %% tags=["alternative"] alternative={"exercise": "gaps_wide", "name": "a tuple in lower case"}
def gaps_wide():
    return ("a", "b", "d", "e")


# %% tags=["alternative"] alternative={"exercise": "gaps_wide", "name": "one string"}
def gaps_wide():
    return "A;B;D;E"


# %% [markdown]
# ### Exercise 5 · How many parameters does ridge really use?
#
# *Difficulty 4 of 5 · 10 minutes · 3 points*
#
# 5,000 coefficients from 200 patients: are they 5,000 parameters? The trace of the matrix that turns $y$ into the fitted values
# counts the **effective degrees of freedom**, the effective number of parameters of [1 · See](1_see.ipynb). For ridge, along each
# singular direction of the centred $X$ with singular value $s_j$ (so $s_j^2/n$ is the eigenvalue $h_j$ there), the fit keeps the share
# $s_j^2 / (s_j^2 + n\lambda)$ of what least squares would:
#
# $$ \mathrm{df}(\lambda) = \sum_j \frac{s_j^2}{s_j^2 + n\lambda} . $$
#
# In words: each direction counts as one parameter where the data are strong, and as next to none where the penalty is stronger.
# The free intercept is not counted here; in 1 · See it was the 1 in front.
#
# *Worked example*: X = [[1], [−1]] is centred, with $s_1^2 = 2$. At λ = 1, df = 2 / (2 + 2 · 1) = 0.5.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "degrees_of_freedom",
    "What has to be done to X first, if the intercept is free?",
    "`np.linalg.svd(…, compute_uv=False)` gives the singular values. There are min(n, d) of them.",
    "Square them, divide each by itself plus n·λ, add up.",
)


# %% nbgrader={"grade": false, "grade_id": "degrees_of_freedom", "locked": false, "schema_version": 3, "solution": true, "task": false}
def degrees_of_freedom(X, lam):
    """Give the effective degrees of freedom of ridge regression, without its intercept.

    The objective is 1/(2n) · ‖y − Xw − b‖² + λ/2 · ‖w‖².

    Parameters
    ----------
    X : ndarray of float, shape (n, d)
        Columns need not be centred; d may be larger than n.
    lam : float
        λ, above 0.

    Returns
    -------
    float
        Between 0 and the smaller of n − 1 and d.
    """
    ### BEGIN SOLUTION
    s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
    return float(np.sum(s**2 / (s**2 + len(X) * lam)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "degrees_of_freedom_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("degrees_of_freedom")
with check("the worked example", points=0.5):
    checks.close(
        degrees_of_freedom(np.array([[1.0], [-1.0]]), 1.0), 0.5, given="X = [[1], [−1]], λ = 1"
    )


### BEGIN HIDDEN TESTS
def trace_of_fit(X, lam):
    """Give the trace of the matrix that turns y into ridge's fitted values, less the intercept."""
    A = X - X.mean(axis=0)
    return np.trace(A @ np.linalg.solve(A.T @ A + len(A) * lam * np.eye(A.shape[1]), A.T))


with check("long and wide, against the trace of the fit", points=2):
    rng = np.random.default_rng(5)
    for n, d, lam in [(20, 3, 0.3), (8, 15, 0.05), (12, 5, 4.0)]:
        X = rng.normal(size=(n, d)) + 2.0
        s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
        raw = np.linalg.svd(X, compute_uv=False)
        checks.close(
            degrees_of_freedom(X, lam),
            trace_of_fit(X, lam),
            rtol=1e-6,
            given=f"{n} random rows, {d} columns with mean about 2, λ = {lam}",
            mistakes=[
                checks.Mistake(
                    "columns not centred",
                    looks_like=np.sum(raw**2 / (raw**2 + n * lam)),
                    says="X still has its means. They are the intercept's, which is free and not counted.",
                ),
                checks.Mistake(
                    "λ without n",
                    looks_like=np.sum(s**2 / (s**2 + lam)),
                    says="λ was added to s² as it is. The loss here is a mean over n rows, so against a sum of squares stands nλ.",
                ),
                checks.Mistake(
                    "singular values not squared",
                    looks_like=np.sum(s / (s + n * lam)),
                    says="The singular values of X were used where those of XᵀX belong, which are their squares.",
                ),
                checks.Mistake(
                    "every coefficient counted",
                    looks_like=float(d),
                    says="This is the number of columns. The penalty makes most of them count less.",
                ),
            ],
        )
with check("from all directions to none", points=0.5):
    X = np.random.default_rng(6).normal(size=(8, 15))
    checks.close(degrees_of_freedom(X, 1e-9), 7.0, atol=1e-4, given="8 rows, 15 columns, λ = 1e-9")
    checks.close(degrees_of_freedom(X, 1e9), 0.0, atol=1e-4, given="8 rows, 15 columns, λ = 1e9")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "degrees_of_freedom", "name": "columns not centred"}
def degrees_of_freedom(X, lam):
    s = np.linalg.svd(X, compute_uv=False)
    return float(np.sum(s**2 / (s**2 + len(X) * lam)))


# %% tags=["mistake"] mistake={"exercise": "degrees_of_freedom", "name": "λ without n"}
def degrees_of_freedom(X, lam):
    s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
    return float(np.sum(s**2 / (s**2 + lam)))


# %% tags=["mistake"] mistake={"exercise": "degrees_of_freedom", "name": "singular values not squared"}
def degrees_of_freedom(X, lam):
    s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
    return float(np.sum(s / (s + len(X) * lam)))


# %% tags=["mistake"] mistake={"exercise": "degrees_of_freedom", "name": "every coefficient counted"}
def degrees_of_freedom(X, lam):
    return float(X.shape[1])


# %% tags=["alternative"] alternative={"exercise": "degrees_of_freedom", "name": "trace of the fit, by rows"}
def degrees_of_freedom(X, lam):
    A = X - X.mean(axis=0)
    kernel = A @ A.T
    return np.trace(kernel @ np.linalg.inv(kernel + len(A) * lam * np.eye(len(A))))


# %% tags=["alternative"] alternative={"exercise": "degrees_of_freedom", "name": "eigenvalues of the covariance"}
def degrees_of_freedom(X, lam):
    values = np.linalg.eigvalsh(np.atleast_2d(np.cov(X, rowvar=False, ddof=0))).clip(min=0)
    return (values / (values + lam)).sum()


# %% jupyter={"source_hidden": true}
# How the next figure is made
rng = np.random.default_rng(0)
wide = rng.normal(size=(200, 5000))
sizes = np.linalg.svd(wide - wide.mean(axis=0), compute_uv=False) ** 2
grid = np.geomspace(1e-3, 1e4, 100)
count = (sizes / (sizes + 200 * grid[:, None])).sum(axis=1)
fig, ax = plt.subplots(figsize=(7, 3.6))
ax.plot(grid, count, lw=2.4, color=widgets.COLORS["blue"])
ax.axhline(199, color=widgets.COLORS["black"], lw=0.9, ls=":")
ax.annotate("n − 1 = 199", (1e-3, 199), (4, -14), textcoords="offset points")
ax.set(xscale="log", xlabel="λ", ylabel="effective degrees of freedom", ylim=(0, 215))
ax.grid(alpha=0.3)
ax.set_title("5,000 coefficients, never more than 199 parameters")
widgets.show(
    fig,
    alt="Effective degrees of freedom of ridge on 200 rows and 5,000 random columns, against lambda on a logarithmic axis: "
    "199 for small lambda, falling smoothly to zero for large lambda.",
)

# %% [markdown]
# ### Your answer
#
# Answer the interviewer's question in 200 to 300 words.
#
# | | no | leaning no | leaning yes | yes |
# |---|---|---|---|---|
# | **correctness and depth** | "no solution"; or the penalty as a numerical trick | not unique; ridge makes it unique | infinitely many perfect fits; the penalty chooses one, at a bias, and cuts variance; λ decides | besides, effective degrees of freedom, the dual form, least norm as λ → 0, or lasso's limit of n features, correctly |
# | **structure** | jumps to a method | method, then reasons | what goes wrong → what the penalty adds → which and how strong → how to judge | besides, says what can't be learned from 200 patients |
# | **trade-offs** | none | lasso for selection, ridge for prediction | many small effects against few; correlated genes; stability of the list | besides, screening inside the folds, groups, knowledge of the field |
# | **communication** | formulas only | followable with effort | plain, within the time | besides, an example of small size that carries the idea |

# %% [markdown] nbgrader={"grade": true, "grade_id": "wide", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# We can fit too well: that is the trouble. With 5,000 unknowns and 200 equations there are infinitely many w that fit all patients
# exactly, and the data don't say which. They predict new patients very differently, so the variance is enormous, and the training
# error, which is zero for all of them, tells nothing.
#
# A penalty says which to prefer. With ridge there is exactly one minimum for any λ above zero. Along directions in which the
# patients differ a lot, it keeps nearly what least squares says; along the others it shrinks towards zero. That brings bias, and takes
# away much more variance. As λ goes to zero it ends at the perfect fit of least norm. The effective number of parameters is at most
# 199, whatever the number of genes, and λ sets it. It is cheap as well: the system can be written with 200 unknowns.
#
# Lasso prefers few genes, at most 200. If a handful drives the outcome, it predicts better and gives a list. Genes that act together
# are correlated, so the list is unstable; elastic net keeps groups. I'd run it on bootstrap samples and report how often each gene is
# chosen.
#
# λ comes from cross-validation, with everything inside the folds: scaling, and above all any choice of genes by their correlation with
# the outcome. Done before the folds, that finds "predictive" genes in pure noise.
#
# And I'd say what 200 patients can't give: a true list of causes. For that I'd want a second cohort.

# %%
learner.rate_yourself("wide")

# %% [markdown] nbgrader={"grade": false, "grade_id": "wide_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### After your answer
#
# Say the second paragraph again without the word "invertible".
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (wide, 8 points)
#
# - *Note.* "XᵀX becomes invertible" is true and is worth leaning no in the first row by itself. Leaning yes needs variance.
# - *Ask*: "Which of the perfect fits would ridge give you with a tiny λ?" and "Where do you choose the genes?"
# - A screening step outside the folds that is defended after the question caps *correctness* at leaning no.
#
# | level | a strong answer at this level |
# |---|---|
# | entry | not unique; penalty picks one; scale first; cross-validate |
# | mid | variance against bias; ridge or lasso with reasons; screening inside the fold |
# | senior | least norm, effective degrees of freedom or the dual form; stability of the list; what the data can't say |
# | staff | asks what the model is for; design of the study before the model; replication, and what a wrong list would cost |
# ### END MARK SCHEME

# %% [markdown]
# ### Follow-ups, each harder
#
# **1.** *"λ goes to 0. Which of the infinitely many perfect fits does ridge end at?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# At the one of least norm, $w = \tilde X^{+} \tilde y$ with the pseudo-inverse of the centred X. It is a weighted sum of the patients' rows:
# what no patient shows, it leaves at zero. Gradient descent from zero ends there too. Least norm is a preference and no promise; whether it
# predicts well is for held-out patients to say.
# </details>
#
# **2.** *"Lasso keeps at most about as many genes as there are patients. Why? And if 300 matter?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Centred columns of 200 patients span 199 directions. Of more kept columns than that, some combination changes no prediction. Move along it: the
# price doesn't rise, and some coefficient reaches zero. So there is always a solution with at most 199. If 300 matter, lasso shows a part of
# them. Elastic net has no such limit: its L2 part acts like one more row of data for each gene.
# </details>
#
# **3.** *"You choose the best 100 of 5,000 genes before the folds, and all of them are noise. How can the folds look good?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# A gene's chance correlation with the outcome over 200 patients has a standard deviation of $1/\sqrt{200} \approx 0.07$. The best 2 % of 5,000 are
# beyond 0.16 in size, and since the held-out patients had a part in choosing them, the correlation holds in the held-out patients too. To
# check: shuffle the outcomes and run the whole path. An honest one scores zero.
# </details>

# %% [markdown]
# ## Question 4 · What steps prevent overfitting?
#
# > **Interviewer**: "Your network reaches 99 % on the training images and 81 % on validation. What do you do?"
# >
# > *Suggested time: two minutes, then three minutes of follow-ups.*
#
# **Say yours now.** Then read:
#
# > **A candidate**: "99 % is overfitting. I'd add dropout and weight decay, stop early, augment, and collect more data. I'd also use
# > cross-validation, because that prevents overfitting. I'd put all of it in at once, since each of them helps."
#
# ### Exercise 6 · What is wrong with it?
#
# *Difficulty 2 of 5 · 4 minutes · 3 points*
#
# Which of these objections hold against the answer?
#
# - **A**: There is no diagnosis: a list of remedies, without what to look at first or which remedy fits which finding.
# - **B**: Cross-validation measures. It doesn't prevent anything by itself.
# - **C**: 99 % on training rows isn't the sign. The gap is, and whether it grows while validation gets worse.
# - **D**: Dropout and weight decay must not be combined.
# - **E**: It never asks whether the validation rows can be trusted: another distribution, wrong labels, duplicates.
# - **F**: It should stop when the training loss stops falling.
# - **G**: More data can't help a model that overfits.
#
# Return the set of letters. One letter too many or too few earns 1 point of 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gaps_overfitting",
    "Which of the candidate's sentences would you be able to act on tomorrow morning?",
    "Three of the seven are false. Think of how you would test each.",
    "Early stopping watches validation. More rows narrow the gap. Dropout and weight decay are used together all the time.",
)


# %% nbgrader={"grade": false, "grade_id": "gaps_overfitting", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps_overfitting():
    """Name the objections that hold against the candidate's answer.

    Returns
    -------
    set of str
        Letters from "A" to "G".
    """
    ### BEGIN SOLUTION
    return {"A", "B", "C", "E"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gaps_overfitting_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gaps_overfitting")
with check("the answer is made of letters from A to G", points=0):
    checks.that(
        set("".join(gaps_overfitting()).upper()) <= set("ABCDEFG ,;"),
        "Give a set of letters from A to G.",
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=1):
    picked = set("".join(gaps_overfitting()).upper()) & set("ABCDEFG")
    checks.that(len(picked ^ {"A", "B", "C", "E"}) <= 1, "More than one letter is off.")
with check("exactly the objections that hold", points=2):
    checks.choices(
        gaps_overfitting(),
        {"A", "B", "C", "E"},
        {
            "D": "They act in different ways and are combined in most networks. One tunes them together, since each takes some of "
            "the other's work.",
            "F": "The training loss goes on falling while validation gets worse. Early stopping watches the validation loss.",
            "G": "More rows are what narrows the gap most reliably: there is less to memorise for each parameter.",
            "incomplete": "A fault was let pass. Ask what the candidate looked at before naming a remedy, and what would show "
            "that it worked.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gaps_overfitting", "name": "D"}
def gaps_overfitting():
    return {"A", "B", "C", "D", "E"}


# %% tags=["mistake"] mistake={"exercise": "gaps_overfitting", "name": "F"}
def gaps_overfitting():
    return {"A", "B", "C", "E", "F"}


# %% tags=["mistake"] mistake={"exercise": "gaps_overfitting", "name": "G"}
def gaps_overfitting():
    return {"A", "C", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_overfitting", "name": "incomplete"}
def gaps_overfitting():
    return {"A", "B"}


# %% tags=["alternative"] alternative={"exercise": "gaps_overfitting", "name": "a list in lower case"}
def gaps_overfitting():
    return ["a", "b", "c", "e"]


# %% tags=["alternative"] alternative={"exercise": "gaps_overfitting", "name": "one string"}
def gaps_overfitting():
    return "ABCE"


# %% [markdown]
# ### Your answer
#
# Answer in 150 to 250 words: look first, then act, one thing at a time, each with what would show that it worked.
#
# | | no | leaning no | leaning yes | yes |
# |---|---|---|---|---|
# | **correctness and depth** | remedies that don't fit; validation used as training | a right list | each remedy with what it does to variance or to capacity; the sign it acts on | besides, tells overfitting from shift, leakage and label noise, with a test for each |
# | **structure** | a list | looks, then a list | trust the split → gap over time → cheapest remedy first → measure | besides, stops when the target is met, and says which it is |
# | **trade-offs** | none | "too much dropout underfits" | cost of data against cost of tuning; bias that each remedy brings | besides, what it does to calibration, serving, or training time |
# | **communication** | names only | followable with effort | plain, within the time | besides, asks for one number before going on |

# %% [markdown] nbgrader={"grade": true, "grade_id": "overfitting", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# First I ask what 81 % should be compared with: what do people reach, and what did the last model?
#
# Then I find out whether it is overfitting. I look at both curves by epoch. If validation rose and then fell while training went on,
# it is. If it was flat at 81 % from early on, the two sets may differ: I hold out a part of the *training* images and score it. If that
# part has 97 %, validation comes from elsewhere, and no regularization will help. I also look at 50 wrong images for wrong labels, and
# search for duplicates between the parts.
#
# If it is overfitting, I go by cost. Keep the weights of the best epoch: free. Augment with changes that leave the label alone: cheap,
# and close to more data. Weight decay and dropout, tuned on validation, the decay over orders of magnitude. A smaller network, or a
# pretrained one of which only the last layers are fine-tuned. And I plot validation accuracy against the number of training images: if the
# curve still rises, more data is the surest remedy, and the slope says what a thousand images are worth.
#
# One change at a time, the same split, several seeds, because a point or two is noise. The test images stay closed until I've chosen.
# I stop when validation meets the target that we agreed on; some gap is fine.

# %%
learner.rate_yourself("overfitting")

# %% [markdown] nbgrader={"grade": false, "grade_id": "overfitting_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### After your answer
#
# Count the remedies you named before you said what you would look at. The aim is none.
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (overfitting, 8 points)
#
# - *Note.* A list of remedies, however long, is leaning no in the first two rows. One look that tells overfitting from something
#   else, with what follows from each result, is leaning yes.
# - *Ask*: "How do you know that it isn't the validation set?"
# - *Don't deduct* for leaving out any single remedy.
#
# | level | a strong answer at this level |
# |---|---|
# | entry | the gap and the curves; three remedies with what each does |
# | mid | order by cost; augmentation that fits the task; learning curve for data |
# | senior | shift, label noise and leakage ruled out by a look each; several seeds; a target |
# | staff | what the gap costs the product; data plan; what will drift after launch, and who sees it |
# ### END MARK SCHEME

# %% [markdown]
# ### Follow-ups, each harder
#
# **1.** *"Why does dropout regularise?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# No unit can rely on another being there, so features that only work in company don't pay. It is close to training many thinned
# networks that share weights and averaging them. For a linear model with squared loss it is exactly a ridge penalty, scaled by each
# feature's mean square. At evaluation nothing is dropped, and because kept units were divided by 1 − p in training, the means fit.
# </details>
#
# **2.** *"With Adam, why is weight decay not the same as an L2 penalty?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Adam divides every gradient by its recent size. An L2 penalty put into the gradient is divided as well, so weights with large
# gradients are hardly decayed. AdamW takes the decay out of the gradient and shrinks all weights by the same share. With plain SGD
# the two agree, up to the learning rate.
# </details>
#
# **3.** *"Your network has more parameters than images, and doesn't overfit. How can that be?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Counting parameters isn't counting what can be learned. Of all perfect fits, gradient descent from small weights goes to simple ones:
# for least squares from zero, to the one of least norm. Architecture rules many functions out, augmentation adds data, early stopping
# ends before the noise is learned. As width grows past the point of perfect fit, the test error often falls again: double descent. And
# check that validation has no duplicates of training, which is the dull answer and a common one.
# </details>

# %% [markdown]
# ## Glossary
#
# Cover the right-hand side and say it.
#
# | term | in a sentence |
# |---|---|
# | AdamW | Adam with weight decay beside the step and not inside the gradient |
# | bias (of an estimate) | how far its average over data sets is from the truth |
# | coordinate descent | minimising over one coefficient at a time, in turns |
# | dropout | setting random units to zero in training; inverted: what stays is divided by 1 − p |
# | duality gap | a bound on how far the objective is above its minimum, computed without knowing it |
# | early stopping | keeping the weights of the step at which the validation loss was lowest |
# | effective degrees of freedom | how many parameters a penalised fit really uses: the trace of the matrix from y to its fit |
# | elastic net | L1 and L2 penalty in one objective |
# | k-fold cross-validation | each of k parts is predicted by a model fitted on the others |
# | L1, L2 penalty | λ times the sum of the coefficients' absolute values; λ/2 times the sum of their squares |
# | lasso | least squares with an L1 penalty |
# | leakage | something learned from rows that are to judge it |
# | one-standard-error rule | taking the strongest penalty whose error is within a standard error of the lowest |
# | overfitting | learning what is particular to the training rows; its sign is the gap to unseen ones |
# | ridge | least squares with an L2 penalty |
# | soft-thresholding | subtracting λ from the size of a number, and stopping at zero |
# | sub-gradient | any slope of a line that touches a convex function from below; at the corner of λ·abs(w), all between −λ and λ |
# | variance (of an estimate) | how much it changes from data set to data set |
# | weight decay | shrinking weights by a share at each step; the same as L2 for plain SGD |

# %% [markdown]
# ## Cheat sheet
#
# One page for the evening before. Cover the right-hand sides and say them.
#
# **Formulas**
#
# | | formula | in words |
# |---|---|---|
# | ridge | $w = (X^\top X + n\lambda I)^{-1} X^\top y$, centred | one solution for every λ > 0 |
# | ridge, one direction | keeps $s^2/(s^2 + n\lambda)$ of least squares | shrinks weak directions most |
# | degrees of freedom | $\sum_j s_j^2/(s_j^2 + n\lambda)$ | at most n − 1 and d |
# | soft-threshold | $\mathrm{sign}(z)\max(\lvert z\rvert - \lambda, 0)$ | subtract λ, stop at zero |
# | lasso is zero at j | $\lvert x_j^\top r\rvert / n \le \lambda$ | slope of the loss below the price |
# | nothing left from | $\lambda = \max_j \lvert x_j^\top (y - \bar y)\rvert / n$ | where grids begin |
# | priors | Gaussian: $\lambda = \sigma^2/(n\tau^2)$; Laplace of scale s: $\lambda = \sigma^2/(n s)$ | noise over prior, per row |
# | dropout | $x \cdot \text{keep} / (1 - p)$ | the mean stays |
# | AdamW | $w \leftarrow w - \eta\,(\hat m/(\sqrt{\hat v} + \epsilon) + \lambda w)$ | decay beside the step, not inside it |
#
# **Which penalty, when**
#
# | situation | take | because |
# |---|---|---|
# | many small effects, correlated features | ridge | shares the weight |
# | few large effects, or few inputs wanted | lasso | exact zeros |
# | groups of correlated features, few groups | elastic net | keeps groups, still has zeros |
# | more features than rows | any, λ by folds | a perfect fit isn't unique |
# | network | AdamW, augmentation, early stopping; dropout in wide layers | cheapest first |
#
# **Conventions that differ**: scikit-learn's `Ridge` has alpha = nλ, `Lasso` and `ElasticNet` alpha = λ, `LogisticRegression` and `SVC`
# have C, which is the *inverse* of the strength.
#
# **When it goes wrong**
#
# | symptom | likely cause | look at |
# |---|---|---|
# | ridge no better than least squares | many rows, few features; λ grid too narrow | the curve over five orders of magnitude |
# | one column is hardly shrunk | its numbers are large, so its coefficient is small and the penalty hardly sees it | the columns' scales: standardise |
# | adding 1,000 to y doesn't add 1,000 to the predictions | the intercept is penalised | a column of ones among the features; biases under weight decay |
# | folds say 0.95, new data 0.7 | scaling, imputing or choosing features outside the folds; duplicates; time | what is fitted inside the fold |
# | another list of features on every sample | correlated features | bootstrap frequencies; elastic net |
# | best λ at the edge of the grid | the grid | widen it |
# | dropout makes evaluation noisy | evaluation in training mode | `model.eval()` |
#
# The topic, from the top: [1 · See](1_see.ipynb) · [2 · Build](2_build.ipynb) · [3 · Use](3_use.ipynb)

# %% tags=["on_open"]
learner.check_my_work()
