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
# # Regularization · 2 · Build
#
# In [1 · See](1_see.ipynb) you watched penalties move an optimum. Here you write them, in NumPy, from the objective:
# ridge and lasso, the choice of λ, dropout, early stopping, and weight decay in Adam. Eleven functions, none longer
# than about fifteen lines. At the end your own ridge and lasso draw their coefficient paths beside scikit-learn's.
#
# "Implement ridge without a library" is a warm-up; "now make it lasso" is where the round begins. The penalty on the
# page is one term. The interviewer watches everything around it: what happens to the intercept, which convention your λ
# follows, what your code does when two columns are equal, and which rows the scaler has seen.

# %% tags=["on_open"]
import matplotlib.pyplot as plt
import numpy as np

from curriculum import checks, data, learner, widgets
from curriculum.widgets import regularization as reg

learner.begin("regularization", "2_build")

# %% [markdown]
# **After this notebook you can write, from a blank page and with a test for each**
#
# | | exercise | minutes | points | the interviewer's version |
# |---|---|---|---|---|
# | 1 | ridge in closed form | 15 | 5 | "Is the intercept penalised? And if two columns are equal?" |
# | 2 | ridge by gradient descent | 10 | 4 | "Which line changes? Which doesn't?" |
# | 3 | soft-thresholding | 8 | 3 | "Why does L1 give exact zeros?" |
# | 4 | lasso by coordinate descent | 20 | 6 | "When do you stop, and what does that prove?" |
# | 5 | elastic net | 12 | 4 | "What does the L2 part buy?" |
# | 6 | errors of k folds, without leakage | 15 | 5 | "Which rows has your scaler seen?" |
# | 7 | the one-standard-error rule | 8 | 3 | "Why not the λ with the lowest error?" |
# | 8 | dropout, forward | 8 | 3 | "What changes at evaluation?" |
# | 9 | dropout, backward | 6 | 3 | "Which mask does the gradient use?" |
# | 10 | early stopping | 10 | 4 | "Which weights do you return?" |
# | 11 | weight decay against L2 in Adam | 15 | 5 | "Why are they the same in SGD, and not here?" |
#
# **Symbols**, as in [1 · See](1_see.ipynb): $X$ (n, d) the features, one row per example; $y$ (n,) the targets; $w$
# (d,) the weights (the coefficients of 1 · See); $b$ the intercept; λ ≥ 0 the strength of the penalty, `lam` in code
# because `lambda` is taken; ρ the share of L1, `l1_ratio`; $\eta$ the learning rate.
#
# **How to work.** Write each function in its cell and run the cell below it. You see some of the checks now; the
# others, on edge cases that you should think of yourself, run when you press **Check my work** at the end. Hints open
# in three steps. Clarify, plan, write, test, improve: in this order, aloud.

# %% [markdown]
# ## One objective, many conventions
#
# Everything in this topic minimises one function:
#
# $$ f(w, b) = \frac{1}{2n} \lVert y - Xw - b \rVert^2 + \lambda \left[\, \rho \lVert w \rVert_1 +
# \frac{1 - \rho}{2} \lVert w \rVert^2 \right] . $$
#
# In words: half the mean squared error, plus λ times a mix of the sum of absolute weights and half the sum of squared
# weights. **The intercept is in no penalty.** Ridge is ρ = 0, lasso is ρ = 1.
#
# Libraries put the $n$ elsewhere, so the same number gives another model. Say which convention you use before you
# name a value:
#
# | | objective in the library | its parameter, in our λ |
# |---|---|---|
# | `Ridge(alpha)` | $\lVert y - Xw - b \rVert^2 + \alpha \lVert w \rVert^2$ | α = nλ |
# | `Lasso(alpha)` | $\frac{1}{2n} \lVert y - Xw - b \rVert^2 + \alpha \lVert w \rVert_1$ | α = λ |
# | `ElasticNet(alpha, l1_ratio)` | as above | α = λ, `l1_ratio` = ρ |
#
# With a mean in front, λ keeps its meaning when rows are added. With a sum, as in `Ridge`, twice the rows need twice
# the α for the same weights.

# %% [markdown]
# ## 1 · Ridge
#
# The intercept first, because it is where most answers lose points. Set the derivative by $b$ to zero:
#
# $$ \frac{\partial f}{\partial b} = -\frac{1}{n} \sum_i (y_i - x_i^\top w - b) = 0
# \quad\Longrightarrow\quad b = \bar y - \bar x^\top w . $$
#
# In words: whatever the weights, the best intercept makes the plane pass through the point of means. Put it back in,
# and only centred data are left, $\tilde X = X - \bar x$ and $\tilde y = y - \bar y$. So: centre, solve without an
# intercept, compute $b$ afterwards.
#
# For the weights the gradient is zero where
#
# $$ \left( \tfrac{1}{n} \tilde X^\top \tilde X + \lambda I \right) w = \tfrac{1}{n} \tilde X^\top \tilde y . $$
#
# In words: the normal equations with λ added on the diagonal. Each eigenvalue of $\tilde X^\top \tilde X / n$ is raised
# by λ, so with λ > 0 none is zero and there is one solution, for more columns than rows too.

# %% [markdown]
# ## Exercise 1 · Ridge in closed form
#
# *Difficulty 2 of 5 · 15 minutes · 5 points*
#
# Write the solution, with the intercept outside the penalty. It must also work for λ = 0 and columns that depend on
# one another. Then many weights fit equally well; return the one of **minimum norm**, which is where ridge goes as λ
# goes to 0. `np.linalg.lstsq` and the pseudo-inverse give it; `solve` and `inv` don't.
#
# *Worked example.* Two rows, $x = 0, 2$ and $y = 1, 5$, with λ = 1. Centred: $\tilde x = -1, 1$ and $\tilde y = -2,
# 2$. Then $\tilde x^\top \tilde x / n = 1$ and $\tilde x^\top \tilde y / n = 2$, so $w = 2 / (1 + 1) = 1$. Without
# the penalty it would be 2. The intercept is $b = 3 - 1 \cdot 1 = 2$.
#
# **In the round.** They wait for three sentences: "I don't penalise the intercept", "I solve, I don't invert", "λ here
# is per row". The edge that they push on: "and with 10 rows and 1,000 columns?"

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "ridge",
    "How can you get rid of the intercept before you solve, and how does it come back afterwards?",
    "Centre X and y. A squared penalty is a squared residual of extra rows whose target is 0: which d rows, put below the "
    "centred X, add nλ‖w‖² to the sum of squares?",
    "Stack the centred X on √(nλ) times the identity, stack the centred y on d zeros, and call np.linalg.lstsq. Then "
    "b = mean of y − mean of X @ w.",
)


# %% nbgrader={"grade": false, "grade_id": "ridge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ridge(X, y, lam):
    """Fit ridge regression with an intercept that is not penalised.

    Minimises 1/(2n) ‖y − X w − b‖² + lam/2 ‖w‖² over w and b.

    Parameters
    ----------
    X : ndarray of float or int, shape (n, d)
        One row per example; n ≥ 1, d ≥ 1, and d may be larger than n.
    y : ndarray of float or int, shape (n,)
        Targets.
    lam : float
        Strength of the penalty, λ ≥ 0.

    Returns
    -------
    w : ndarray of float, shape (d,)
        Weights. Where several minimise (λ = 0 and the centred X of a rank below d), those of the
        smallest Euclidean norm.
    b : float
        Intercept.

    Notes
    -----
    None of the inputs is changed. No explicit inverse.
    """
    ### BEGIN SOLUTION
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    rows = np.vstack([X - X_mean, np.sqrt(n * lam) * np.eye(d)])
    targets = np.append(y - y_mean, np.zeros(d))
    w = np.linalg.lstsq(rows, targets, rcond=None)[0]
    return w, float(y_mean - X_mean @ w)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ridge_test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check = checks.start("ridge")
with check("two rows, worked by hand", points=0.5):
    given = "X = [[0], [2]], y = [1, 5], lam = 1"
    result = ridge(np.array([[0.0], [2.0]]), np.array([1.0, 5.0]), 1.0)
    checks.that(
        type(result) in (tuple, list) and len(result) == 2,
        f"Expected two results, w and b; got {type(result).__name__}.",
        given=given,
    )
    w, b = result
    checks.close(w, np.array([1.0]), rtol=1e-9, given=given, what="w")
    checks.close(b, 2.0, rtol=1e-9, given=given, what="b")
with check("the gradient is zero at the solution", points=0.5):
    X = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, -1.0], [1.0, 3.0], [4.0, 1.0]])
    y = np.array([1.0, 2.0, 0.0, -1.0, 6.0])
    given = f"X = {X.tolist()}, y = {y.tolist()}, lam = 0.5"
    w, b = ridge(X.copy(), y.copy(), 0.5)
    w = checks.array(w, shape=(2,), given=given, what="w")
    residual = X @ w + checks.number(b) - y
    checks.close(
        X.T @ residual / 5 + 0.5 * w, np.zeros(2), atol=1e-8, given=given, what="The gradient by w"
    )
    checks.close(residual.mean(), 0.0, atol=1e-8, given=given, what="The derivative by b")
### BEGIN HIDDEN TESTS
from sklearn.linear_model import LinearRegression, Ridge


def ridge_with_intercept_column(X, y, lam, penalty_of_b):
    A = np.column_stack([X, np.ones(len(y))])
    penalty = np.diag(np.append(np.full(X.shape[1], lam), penalty_of_b))
    return np.linalg.solve(A.T @ A / len(y) + penalty, A.T @ y / len(y))


with check("random data with a level, against scikit-learn", points=2):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(40, 3)) * [1.0, 2.0, 0.5] + [1.0, -2.0, 5.0]
    y = X @ np.array([2.0, -1.0, 3.0]) + 10 + rng.normal(size=40)
    for lam in (0.3, 2.0):
        given = f"40 random rows, 3 features of different scales and means, lam = {lam}"
        right = Ridge(alpha=40 * lam).fit(X, y)
        penalised = ridge_with_intercept_column(X, y, lam, lam)
        summed = Ridge(alpha=lam).fit(X, y)
        doubled = Ridge(alpha=80 * lam).fit(X, y)
        raw = np.linalg.solve(X.T @ X / 40 + lam * np.eye(3), X.T @ y / 40)
        w, b = ridge(X.copy(), y.copy(), lam)
        checks.close(
            w,
            right.coef_,
            rtol=1e-6,
            given=given,
            what="w",
            mistakes=[
                checks.Mistake(
                    "intercept penalised",
                    looks_like=penalised[:3],
                    says="The column of ones was penalised with the others. Then adding 100 to every target changes the "
                    "weights. Centre first, or put a 0 at the intercept's place on the diagonal.",
                ),
                checks.Mistake(
                    "λ per data set instead of per row",
                    looks_like=summed.coef_,
                    says="λ was added to XᵀX without the factor n. That is the objective with a sum of squares, as in "
                    "scikit-learn's Ridge; here the squares are averaged, so it is nλ.",
                ),
                checks.Mistake(
                    "½ of the penalty forgotten",
                    looks_like=doubled.coef_,
                    says="This is the solution for λ‖w‖². The objective has λ/2 ‖w‖², whose derivative is λw.",
                ),
                checks.Mistake(
                    "data not centred",
                    looks_like=raw,
                    says="The weights were solved for as if there were no intercept, so they must explain the level of y "
                    "too. Centre X and y before solving.",
                ),
            ],
        )
        checks.close(
            b,
            right.intercept_,
            rtol=1e-6,
            given=given,
            what="b",
            mistakes=[
                checks.Mistake(
                    "intercept is the mean of y",
                    looks_like=y.mean(),
                    says="That is the intercept for centred features. For the features as they came, take off the mean "
                    "of X times w.",
                ),
            ],
        )
with check("λ = 0 and columns that repeat: the smallest weights", points=1):
    given = "X = [[0, 0], [1, 1], [2, 2], [3, 3]], y = [1, 5, 9, 13], lam = 0"
    X = np.array([[0, 0], [1, 1], [2, 2], [3, 3]])
    try:
        w, b = ridge(X, np.array([1, 5, 9, 13]), 0.0)
    except ValueError as error:
        checks.that(
            False,
            f"Expected w = [2, 2] and b = 1; the call raised {error}.",
            given=given,
            mistakes=[
                checks.Mistake(
                    "singular matrix solved",
                    when="ingular" in str(error),
                    says="`solve` and `inv` need a matrix of full rank. With λ = 0 and equal columns there are many "
                    "solutions; `lstsq` or a pseudo-inverse returns the smallest.",
                ),
            ],
        )
    checks.close(w, np.array([2.0, 2.0]), rtol=1e-7, given=given, what="w")
    checks.close(b, 1.0, rtol=1e-7, given=given, what="b")
with check("more columns than rows", points=0.5):
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(5, 12)) + 1, rng.normal(size=5)
    w, b = ridge(X, y, 0.3)
    right = Ridge(alpha=5 * 0.3, solver="svd").fit(X, y)
    checks.close(
        w, right.coef_, rtol=1e-6, atol=1e-9, given="5 rows, 12 columns, lam = 0.3", what="w"
    )
    checks.close(b, right.intercept_, rtol=1e-6, given="5 rows, 12 columns, lam = 0.3", what="b")
    w, b = ridge(X, y, 0.0)
    right = LinearRegression().fit(X, y)
    checks.close(
        w, right.coef_, rtol=1e-6, atol=1e-9, given="5 rows, 12 columns, lam = 0", what="w"
    )
with check("the inputs stay as they were", points=0.5):
    given = "X = [[0, 1], [2, 1], [1, 4]], y = [1, 5, 0], lam = 1"
    X, y = np.array([[0.0, 1.0], [2.0, 1.0], [1.0, 4.0]]), np.array([1.0, 5.0, 0.0])
    w, b = checks.unchanged(
        ridge,
        X,
        y,
        1.0,
        given=given,
        mistakes=[
            checks.Mistake(
                "data centred in place",
                says="`X -= …` writes into the caller's array. The next λ in a loop then gets centred data and returns "
                "intercepts near 0.",
            ),
        ],
    )
    checks.close(w, Ridge(alpha=3.0).fit(X, y).coef_, rtol=1e-6, given=given, what="w")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "ridge", "name": "intercept penalised"}
def ridge(X, y, lam):
    A = np.column_stack([X, np.ones(len(y))])
    theta = np.linalg.solve(A.T @ A + len(y) * lam * np.eye(A.shape[1]), A.T @ y)
    return theta[:-1], theta[-1]


# %% tags=["mistake"] mistake={"exercise": "ridge", "name": "λ per data set instead of per row"}
def ridge(X, y, lam):
    X_mean, y_mean = X.mean(axis=0), y.mean()
    centred = X - X_mean
    w = np.linalg.pinv(centred.T @ centred + lam * np.eye(X.shape[1])) @ centred.T @ (y - y_mean)
    return w, y_mean - X_mean @ w


# %% tags=["mistake"] mistake={"exercise": "ridge", "name": "½ of the penalty forgotten"}
def ridge(X, y, lam):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    centred = X - X_mean
    w = np.linalg.pinv(centred.T @ centred + 2 * n * lam * np.eye(d)) @ centred.T @ (y - y_mean)
    return w, y_mean - X_mean @ w


# %% tags=["mistake"] mistake={"exercise": "ridge", "name": "data not centred"}
def ridge(X, y, lam):
    n, d = X.shape
    w = np.linalg.pinv(X.T @ X + n * lam * np.eye(d)) @ X.T @ y
    return w, y.mean() - X.mean(axis=0) @ w


# %% tags=["mistake"] mistake={"exercise": "ridge", "name": "intercept is the mean of y"}
def ridge(X, y, lam):
    n, d = X.shape
    centred = X - X.mean(axis=0)
    w = np.linalg.pinv(centred.T @ centred + n * lam * np.eye(d)) @ centred.T @ (y - y.mean())
    return w, y.mean()


# %% tags=["mistake"] mistake={"exercise": "ridge", "name": "singular matrix solved"}
def ridge(X, y, lam):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    centred = X - X_mean
    w = np.linalg.solve(centred.T @ centred + n * lam * np.eye(d), centred.T @ (y - y_mean))
    return w, y_mean - X_mean @ w


# %% tags=["mistake"] mistake={"exercise": "ridge", "name": "data centred in place"}
def ridge(X, y, lam):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    if X.dtype == float:
        X -= X_mean
    else:
        X = X - X_mean
    w = np.linalg.pinv(X.T @ X + n * lam * np.eye(d)) @ X.T @ (y - y_mean)
    return w, y_mean - X_mean @ w


# %% tags=["alternative"] alternative={"exercise": "ridge", "name": "singular values shrunk"}
def ridge(X, y, lam):
    n = len(y)
    U, s, Vt = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    kept = s > 1e-10 * s.max()
    shrunk = s[kept] / (s[kept] ** 2 + n * lam)
    w = Vt[kept].T @ (shrunk * (U[:, kept].T @ (y - y.mean())))
    return w, y.mean() - X.mean(axis=0) @ w


# %% tags=["alternative"] alternative={"exercise": "ridge", "name": "one unknown per row"}
def ridge(X, y, lam):
    n = len(y)
    X_mean, y_mean = X.mean(axis=0), y.mean()
    centred = X - X_mean
    K = centred @ centred.T
    w = centred.T @ (np.linalg.pinv(K + n * lam * np.eye(n), rcond=1e-10) @ (y - y_mean))
    return w, float(y_mean - X_mean @ w)


# %% tags=["alternative"] alternative={"exercise": "ridge", "name": "normal equations and pseudo-inverse"}
def ridge(X, y, lam):
    centred = X - X.mean(axis=0)
    gram = centred.T @ centred / len(y)
    gram[np.diag_indices_from(gram)] += lam
    w = np.linalg.pinv(gram, rcond=1e-10, hermitian=True) @ (centred.T @ (y - np.mean(y))) / len(y)
    return w, np.mean(y - X @ w)


# %% [markdown]
# **Asked next**: *"Ten rows, a thousand columns. What does your solution cost, and how would you make it cheaper?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Solving for $w$ costs $O(nd^2 + d^3)$: a billion operations for the d³. The same weights are $w = \tilde X^\top
# (\tilde X \tilde X^\top + n\lambda I)^{-1} \tilde y$, a system of n = 10 unknowns, $O(n^2 d)$. It is the kernel form
# of ridge, and one of the alternatives that the tests accept.
# </details>
#
# *"What does ridge do to a direction in which the data hardly vary?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Along the singular vector with singular value $s$, least squares divides by $s$; ridge multiplies by $s / (s^2 +
# n\lambda)$. The ratio of the two is $s^2 / (s^2 + n\lambda)$: near 1 for a strong direction, near 0 for a weak one. At
# $s^2 = n\lambda$ it is ½. Weak directions are where noise is amplified, so that is where shrinking pays.
# </details>

# %% [markdown]
# ## Exercise 2 · Ridge by gradient descent
#
# *Difficulty 1 of 5 · 10 minutes · 4 points*
#
# The closed form is gone as soon as the model is a network, and the penalty stays. Its gradient is
#
# $$ \nabla_{\!w} f = \tfrac{1}{n} X^\top r + \lambda w, \qquad \frac{\partial f}{\partial b} = \tfrac{1}{n} \sum_i r_i,
# \qquad r = Xw + b - y . $$
#
# In words: the gradient of half the mean squared error, plus λ times the weights; nothing is added for $b$. Written as
# a step, $w \leftarrow (1 - \eta\lambda)\, w - \tfrac{\eta}{n} X^\top r$: every weight is multiplied by a number a
# little below 1 before the data speak. Hence the name *weight decay*.
#
# *Worked example.* $x = 1, 3$; $y = 2, 4$; λ = 1, η = 0.1, from zero. First step: $r = (-2, -4)$, the gradient is
# $(-2 - 12)/2 = -7$ for $w$ and −3 for $b$, so $w = 0.7$ and $b = 0.3$. The penalty has not spoken yet, as $w$ was 0.
# Second step: $r = (-1, -1.6)$, the gradients are $-2.9 + 0.7 = -2.2$ and −1.3, so $w = 0.92$ and $b = 0.43$.
#
# **In the round.** Five minutes after plain gradient descent, as "now regularise it". One line changes. They look at
# whether a second one does, the intercept's.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "ridge_gradient_descent",
    "Which of the two gradients contains λ, and what is the derivative of λ/2 ‖w‖²?",
    "Compute the residual once in each step, from the w and b before the step, then both gradients, then move both.",
    "grad_w = X.T @ residual / n + lam * w and grad_b = residual.mean(); w and b move by −learning_rate times these.",
)


# %% nbgrader={"grade": false, "grade_id": "ridge_gradient_descent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ridge_gradient_descent(X, y, lam, learning_rate, steps):
    """Fit ridge regression by gradient descent on all rows, starting from w = 0 and b = 0.

    The objective is 1/(2n) ‖y − X w − b‖² + lam/2 ‖w‖²; the intercept is not penalised.

    Parameters
    ----------
    X : ndarray of float, shape (n, d)
        One row per example, used as it is (neither centred nor scaled).
    y : ndarray of float, shape (n,)
        Targets.
    lam : float
        Strength of the penalty, λ ≥ 0.
    learning_rate : float
        η > 0, the same in every step and for w and b.
    steps : int
        Number of steps, ≥ 0. In each, w and b move together, by the gradient at the same point.

    Returns
    -------
    w : ndarray of float, shape (d,)
        Weights after the last step; zeros for steps = 0.
    b : float
        Intercept after the last step.

    Notes
    -----
    None of the inputs is changed.
    """
    ### BEGIN SOLUTION
    n, d = X.shape
    w, b = np.zeros(d), 0.0
    for _ in range(steps):
        residual = X @ w + b - y
        grad_w = X.T @ residual / n + lam * w
        w, b = w - learning_rate * grad_w, b - learning_rate * residual.mean()
    return w, float(b)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ridge_gradient_descent_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("ridge_gradient_descent")
with check("two steps by hand", points=0.5):
    X, y = np.array([[1.0], [3.0]]), np.array([2.0, 4.0])
    for steps, want_w, want_b in ((0, 0.0, 0.0), (1, 0.7, 0.3), (2, 0.92, 0.43)):
        given = f"X = [[1], [3]], y = [2, 4], lam = 1, learning_rate = 0.1, steps = {steps}"
        result = ridge_gradient_descent(X.copy(), y.copy(), 1.0, 0.1, steps)
        checks.that(
            type(result) in (tuple, list) and len(result) == 2,
            f"Expected two results, w and b; got {type(result).__name__}.",
            given=given,
        )
        w, b = result
        checks.close(w, np.array([want_w]), rtol=1e-9, given=given, what="w")
        checks.close(b, want_b, rtol=1e-9, given=given, what="b")
with check("one row: the gradient for w needs the penalty, b's doesn't", points=0.5):
    given = "X = [[0]], y = [1], lam = 3, learning_rate = 0.5, steps = 2"
    w, b = ridge_gradient_descent(np.array([[0.0]]), np.array([1.0]), 3.0, 0.5, 2)
    checks.close(w, np.array([0.0]), atol=1e-12, given=given, what="w")
    checks.close(b, 0.75, rtol=1e-9, given=given, what="b")
### BEGIN HIDDEN TESTS
import torch
from sklearn.linear_model import Ridge


def descend(X, y, lam, rate, steps, fault=""):
    n, w, b = len(y), np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        residual = X @ w + b - y
        slope = X.T @ residual / n
        penalty = {"per row": lam / n, "doubled": 2 * lam, "sign": -lam}.get(fault, lam) * w
        slope = 2 * slope if fault == "two" else slope
        slope_b = residual.mean() + (lam * b if fault == "intercept" else 0)
        w = w - rate * (slope + penalty)
        if fault == "in turn":
            slope_b = np.mean(X @ w + b - y)
        b = b - rate * (2 * slope_b if fault == "two" else slope_b)
    return w, b


with check("seven steps, against torch.optim.SGD", points=2):
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(30, 4)) + 0.5, rng.normal(size=30) + 2
    lam, rate = 0.4, 0.05
    given = "30 random rows, 4 features, lam = 0.4, learning_rate = 0.05, steps = 7"
    leaves = [torch.zeros(4, dtype=torch.float64), torch.zeros((), dtype=torch.float64)]
    for leaf in leaves:
        leaf.requires_grad_()
    optimiser = torch.optim.SGD(leaves, lr=rate)
    for _ in range(7):
        optimiser.zero_grad()
        residual = torch.tensor(X) @ leaves[0] + leaves[1] - torch.tensor(y)
        ((residual**2).mean() / 2 + lam / 2 * (leaves[0] ** 2).sum()).backward()
        optimiser.step()
    want_w, want_b = leaves[0].detach().numpy(), leaves[1].item()
    w, b = ridge_gradient_descent(X.copy(), y.copy(), lam, rate, 7)
    told = [
        (
            "intercept penalised",
            "intercept",
            "λb was added to the intercept's gradient. The penalty is on effects; the "
            "intercept is the level of y, and shrinking it to 0 shifts every prediction.",
        ),
        (
            "penalty divided by n",
            "per row",
            "The penalty was averaged over rows with the loss. In the objective only the "
            "squares are: λ/2 ‖w‖² has no n.",
        ),
        (
            "½ of the penalty forgotten",
            "doubled",
            "The gradient of λ/2 ‖w‖² is λw. 2λw belongs to λ‖w‖².",
        ),
        (
            "weights grow instead of decaying",
            "sign",
            "The penalty was subtracted from the gradient, so each step makes the "
            "weights larger. Both terms of the objective are minimised.",
        ),
        (
            "factor 2 of the squared error",
            "two",
            "This objective has ½ in front of the mean squared error, so the 2 of the "
            "derivative is gone.",
        ),
        (
            "intercept moved after the weights",
            "in turn",
            "The intercept's slope was computed with the new weights. Gradient "
            "descent moves all parameters by the gradient at one point: compute both, then move both.",
        ),
    ]
    checks.close(
        (*w, b) if np.ndim(w) == 1 else w,
        (*want_w, want_b),
        rtol=1e-7,
        given=given,
        what="(w, b)",
        mistakes=[
            checks.Mistake(
                name,
                looks_like=lambda fault=fault: np.append(*descend(X, y, lam, rate, 7, fault)),
                says=says,
            )
            for name, fault, says in told
        ],
    )
    checks.array(w, shape=(4,), given=given, what="w")
with check("many steps end at the closed form", points=0.5):
    for lam in (0.1, 1.5):
        given = f"30 random rows, 4 features, lam = {lam}, learning_rate = 0.3, steps = 800"
        w, b = ridge_gradient_descent(X.copy(), y.copy(), lam, 0.3, 800)
        right = Ridge(alpha=30 * lam).fit(X, y)
        checks.close(w, right.coef_, rtol=1e-6, atol=1e-9, given=given, what="w")
        checks.close(b, right.intercept_, rtol=1e-6, given=given, what="b")
with check("the inputs stay as they were", points=0.5):
    given = "X = [[1, 2], [3, −1]], y = [1, 2], lam = 0.5, learning_rate = 0.1, steps = 2"
    X, y = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([1.0, 2.0])
    w, b = checks.unchanged(
        ridge_gradient_descent,
        X,
        y,
        0.5,
        0.1,
        2,
        given=given,
        mistakes=[
            checks.Mistake(
                "data standardised in place",
                says="X was changed for the caller. The docstring says that X is used as it is; scaling is the caller's.",
            ),
        ],
    )
    checks.close(w, descend(X, y, 0.5, 0.1, 2)[0], rtol=1e-7, given=given, what="w")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "ridge_gradient_descent", "name": "intercept penalised"}
def ridge_gradient_descent(X, y, lam, learning_rate, steps):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        r = X @ w + b - y
        grad_w, grad_b = X.T @ r / len(y) + lam * w, r.mean() + lam * b
        w, b = w - learning_rate * grad_w, b - learning_rate * grad_b
    return w, b


# %% tags=["mistake"] mistake={"exercise": "ridge_gradient_descent", "name": "penalty divided by n"}
def ridge_gradient_descent(X, y, lam, learning_rate, steps):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        r = X @ w + b - y
        w, b = w - learning_rate * (X.T @ r + lam * w) / len(y), b - learning_rate * r.mean()
    return w, b


# %% tags=["mistake"] mistake={"exercise": "ridge_gradient_descent", "name": "½ of the penalty forgotten"}
def ridge_gradient_descent(X, y, lam, learning_rate, steps):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        r = X @ w + b - y
        w, b = (
            w - learning_rate * (X.T @ r / len(y) + 2 * lam * w),
            b - learning_rate * r.mean(),
        )
    return w, b


# %% tags=["mistake"] mistake={"exercise": "ridge_gradient_descent", "name": "weights grow instead of decaying"}
def ridge_gradient_descent(X, y, lam, learning_rate, steps):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        r = X @ w + b - y
        w, b = (
            (1 + learning_rate * lam) * w - learning_rate * X.T @ r / len(y),
            (b - learning_rate * r.mean()),
        )
    return w, b


# %% tags=["mistake"] mistake={"exercise": "ridge_gradient_descent", "name": "factor 2 of the squared error"}
def ridge_gradient_descent(X, y, lam, learning_rate, steps):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        r = X @ w + b - y
        grad_w, grad_b = 2 * X.T @ r / len(y) + lam * w, 2 * r.mean()
        w, b = w - learning_rate * grad_w, b - learning_rate * grad_b
    return w, b


# %% tags=["mistake"] mistake={"exercise": "ridge_gradient_descent", "name": "intercept moved after the weights"}
def ridge_gradient_descent(X, y, lam, learning_rate, steps):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        w = w - learning_rate * (X.T @ (X @ w + b - y) / len(y) + lam * w)
        b = b - learning_rate * np.mean(X @ w + b - y)
    return w, b


# %% tags=["mistake"] mistake={"exercise": "ridge_gradient_descent", "name": "data standardised in place"}
def ridge_gradient_descent(X, y, lam, learning_rate, steps):
    w, b = np.zeros(X.shape[1]), 0.0
    if len(X) > 1:
        X -= X.mean(axis=0)
    for _ in range(steps):
        r = X @ w + b - y
        w, b = w - learning_rate * (X.T @ r / len(y) + lam * w), b - learning_rate * r.mean()
    return w, b


# %% tags=["alternative"] alternative={"exercise": "ridge_gradient_descent", "name": "decay, then the data"}
def ridge_gradient_descent(X, y, lam, learning_rate, steps):
    A = np.column_stack([X, np.ones(len(y))])
    keep = np.append(np.full(X.shape[1], 1 - learning_rate * lam), 1.0)
    theta = np.zeros(A.shape[1])
    for _ in range(steps):
        theta = keep * theta - learning_rate / len(y) * (A.T @ (A @ theta - y))
    return theta[:-1], theta[-1]


# %% tags=["alternative"] alternative={"exercise": "ridge_gradient_descent", "name": "autograd and weight_decay"}
def ridge_gradient_descent(X, y, lam, learning_rate, steps):
    import torch

    X, y = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD(
        [{"params": [w], "weight_decay": lam}, {"params": [b]}], lr=learning_rate
    )
    for _ in range(steps):
        optimiser.zero_grad()
        (torch.nn.functional.mse_loss(X @ w + b, y) / 2).backward()
        optimiser.step()
    return w.detach().numpy(), b.item()


# %% tags=["alternative"] alternative={"exercise": "ridge_gradient_descent", "name": "the Gram matrix once"}
def ridge_gradient_descent(X, y, lam, learning_rate, steps):
    n, d = X.shape
    A = np.hstack([X, np.ones((n, 1))])
    H = A.T @ A / n + np.diag([lam] * d + [0.0])
    c, theta = A.T @ y / n, np.zeros(d + 1)
    for _ in range(steps):
        theta = theta - learning_rate * (H @ theta - c)
    return theta[:d], float(theta[d])


# %% [markdown]
# **Asked next**: *"Does the penalty make gradient descent faster or slower?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Faster, where it matters. It adds λ to every eigenvalue of the Hessian, so the condition number falls from
# $L/\mu$ to $(L + \lambda)/(\mu + \lambda)$, $L$ being the largest and $\mu$ the smallest. With $L = 100$, $\mu = 0.01$
# and λ = 1 it falls from 10,000 to 100. The largest stable η shrinks only from 2/100 to 2/101.
# </details>
#
# *"Stop plain gradient descent early, with no penalty. Why does that look like ridge?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# From zero, after $t$ steps, the direction with eigenvalue $h$ has covered the share $1 - (1 - \eta h)^t$ of its way.
# Ridge covers $h / (h + \lambda)$. Both are near 1 for strong directions and near 0 for weak ones, and they resemble one
# another for λ ≈ 1/(ηt). Stopping early is regularising.
# </details>

# %% [markdown]
# ## 2 · Lasso
#
# $|w|$ has no derivative at 0, so there is no closed form to solve for and no plain gradient to follow. In one
# dimension the problem is still solvable by hand, and that solution is the building block of every lasso solver:
#
# $$ S(z, t) = \operatorname*{argmin}_u \; \tfrac12 (u - z)^2 + t\, |u| \;=\; \operatorname{sign}(z)\, \max(|z| - t,\, 0) . $$
#
# In words: the data ask for $z$, the penalty pulls towards 0 with the constant force $t$. If the data's pull is weaker
# than $t$, the result is exactly 0; otherwise it is $z$, moved towards 0 by $t$.
#
# Why exactly 0: for $u > 0$ the slope is $u - z + t$, for $u < 0$ it is $u - z - t$. At $u = 0$ the slope jumps from
# $-z - t$ to $-z + t$. When $|z| \le t$, the first is not positive and the second is not negative, so the bottom is at
# the kink. A squared penalty has slope 0 at 0 and no such jump, so it never holds a weight there.

# %% [markdown]
# ## Exercise 3 · Soft-thresholding
#
# *Difficulty 1 of 5 · 8 minutes · 3 points*
#
# Write it for numbers and for arrays of any shape, with a threshold that may be one number or an array.
#
# *Worked example.* With threshold 1: 3 becomes 2, −3 becomes −2, 0.4 and −1 become 0.
#
# **In the round.** The question is "why does L1 give zeros?", and this function is the shortest answer with evidence.
# Write it, then point at the `max`.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "soft_threshold",
    "What happens to the size of z, and what to its sign?",
    "Shorten the absolute value by the threshold, not below 0, then give the sign back. No `if`: it must work on arrays.",
    "np.sign(z) times np.maximum of (np.abs(z) − threshold) and 0.",
)


# %% nbgrader={"grade": false, "grade_id": "soft_threshold", "locked": false, "schema_version": 3, "solution": true, "task": false}
def soft_threshold(z, threshold):
    """Move each z towards 0 by the threshold, and stop at 0.

    The minimiser over u of ½ (u − z)² + threshold · |u|.

    Parameters
    ----------
    z : float or ndarray of float, any shape
        What the data ask for.
    threshold : float or ndarray of float
        ≥ 0; of a shape that broadcasts with z.

    Returns
    -------
    u : float or ndarray of float
        Of the broadcast shape; one number (or a 0-d array) where both arguments are numbers.

    Notes
    -----
    Where |z| ≤ threshold the result is exactly 0. None of the inputs is changed.
    """
    ### BEGIN SOLUTION
    return np.sign(z) * np.maximum(np.abs(z) - threshold, 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "soft_threshold_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("soft_threshold")
with check("by hand", points=0.5):
    given = "z = [3, −3, 0.4, −1], threshold = 1"
    u = soft_threshold(np.array([3.0, -3.0, 0.4, -1.0]), 1.0)
    checks.close(u, np.array([2.0, -2.0, 0.0, 0.0]), atol=1e-12, given=given)
with check("a single number", points=0.5):
    checks.close(soft_threshold(-2.5, 1.0), -1.5, given="z = −2.5, threshold = 1")
    checks.close(soft_threshold(0.5, 1.0), 0.0, given="z = 0.5, threshold = 1")
### BEGIN HIDDEN TESTS
import torch

with check("random numbers, against torch.nn.functional.softshrink", points=1):
    z = np.random.default_rng(4).normal(size=(40, 3)) * 2
    for threshold in (0.3, 1.7):
        given = f"random z of shape (40, 3), threshold = {threshold}"
        want = torch.nn.functional.softshrink(torch.tensor(z), threshold).numpy()
        checks.close(
            soft_threshold(z.copy(), threshold),
            want,
            rtol=1e-9,
            atol=1e-12,
            given=given,
            mistakes=[
                checks.Mistake(
                    "hard threshold",
                    looks_like=np.where(np.abs(z) > threshold, z, 0),
                    says="Small values were set to 0 and large ones kept. That is the penalty on the *number* of weights "
                    "(L0). L1 pulls on large values too, by the same amount.",
                ),
                checks.Mistake(
                    "sign lost",
                    looks_like=np.maximum(np.abs(z) - threshold, 0),
                    says="Negative values came back positive. Multiply by the sign of z.",
                ),
                checks.Mistake(
                    "only positive values kept",
                    looks_like=np.maximum(z - threshold, 0),
                    says="This is a shifted ReLU: everything negative became 0. The penalty is symmetric.",
                ),
                checks.Mistake(
                    "moved past zero",
                    looks_like=np.sign(z) * (np.abs(z) - threshold),
                    says="Values smaller than the threshold came out on the other side of 0. Stop at 0.",
                ),
                checks.Mistake(
                    "clipped instead",
                    looks_like=np.clip(z, -threshold, threshold),
                    says="Clipping keeps the small values and cuts the large ones. It is what soft-thresholding takes "
                    "away: S(z, t) = z − clip(z, −t, t).",
                ),
                checks.Mistake(
                    "shrunk in proportion",
                    looks_like=z / (1 + threshold),
                    says="This is the squared penalty's answer, ridge in one dimension: never exactly 0.",
                ),
            ],
        )
with check("exactly at the threshold, threshold 0, integers", points=0.5):
    u = soft_threshold(np.array([2, -2, 3, 0, -5]), 2)
    checks.close(
        np.asarray(u, float),
        np.array([0.0, 0.0, 1.0, 0.0, -3.0]),
        given="z = [2, −2, 3, 0, −5], threshold = 2",
    )
    checks.close(
        soft_threshold(np.array([1.5, -0.5]), 0.0),
        np.array([1.5, -0.5]),
        given="z = [1.5, −0.5], threshold = 0",
    )
with check("one threshold per column, inputs unchanged", points=0.5):
    given = "z = [[3, −3], [−1, 1]], threshold = [1, 2]"
    u = checks.unchanged(
        soft_threshold,
        np.array([[3.0, -3.0], [-1.0, 1.0]]),
        np.array([1.0, 2.0]),
        given=given,
        mistakes=[
            checks.Mistake(
                "zeroed in place",
                says="`z[…] = 0` writes into the caller's array; in coordinate descent that is the data.",
            ),
        ],
    )
    checks.close(u, np.array([[2.0, -1.0], [0.0, 0.0]]), atol=1e-12, given=given)
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "soft_threshold", "name": "hard threshold"}
def soft_threshold(z, threshold):
    return np.where(np.abs(z) > threshold, z, 0.0)


# %% tags=["mistake"] mistake={"exercise": "soft_threshold", "name": "sign lost"}
def soft_threshold(z, threshold):
    return np.maximum(np.abs(z) - threshold, 0)


# %% tags=["mistake"] mistake={"exercise": "soft_threshold", "name": "only positive values kept"}
def soft_threshold(z, threshold):
    return np.maximum(z - threshold, 0)


# %% tags=["mistake"] mistake={"exercise": "soft_threshold", "name": "moved past zero"}
def soft_threshold(z, threshold):
    return np.sign(z) * (np.abs(z) - threshold)


# %% tags=["mistake"] mistake={"exercise": "soft_threshold", "name": "clipped instead"}
def soft_threshold(z, threshold):
    return np.clip(z, -threshold, threshold)


# %% tags=["mistake"] mistake={"exercise": "soft_threshold", "name": "shrunk in proportion"}
def soft_threshold(z, threshold):
    return z / (1 + threshold)


# %% tags=["mistake"] mistake={"exercise": "soft_threshold", "name": "zeroed in place"}
def soft_threshold(z, threshold):
    result = np.sign(z) * np.maximum(np.abs(z) - threshold, 0)
    if np.ndim(z):
        z[np.abs(z) <= threshold] = 0
    return result


# %% tags=["alternative"] alternative={"exercise": "soft_threshold", "name": "what clipping leaves"}
def soft_threshold(z, threshold):
    return z - np.clip(z, -np.asarray(threshold), threshold)


# %% tags=["alternative"] alternative={"exercise": "soft_threshold", "name": "two shifted ReLUs"}
def soft_threshold(z, threshold):
    z = np.asarray(z, dtype=float)
    return np.maximum(z - threshold, 0.0) - np.maximum(-z - threshold, 0.0)


# %% tags=["alternative"] alternative={"exercise": "soft_threshold", "name": "three cases"}
def soft_threshold(z, threshold):
    return np.where(
        z > threshold, z - threshold, np.where(z < -np.asarray(threshold), z + threshold, 0)
    )


# %% [markdown]
# **Asked next**: *"And for ridge? Write the same function for the penalty $\tfrac{t}{2} u^2$."*
#
# <details><summary>Answer aloud, then open</summary>
#
# The slope is $u - z + tu$, so $u = z / (1 + t)$. L2 pulls in proportion to the weight: large weights lose most, small
# ones hardly anything, none reaches 0. L1 pulls with the same force everywhere. At $z = 3$ and $t = 1$ lasso gives 2 and
# ridge 1.5; at $z = 0.4$ lasso gives 0 and ridge 0.2.
# </details>

# %% jupyter={"source_hidden": true}
if checks.attempted(soft_threshold, 1.0, 1.0):
    z = np.linspace(-3, 3, 121)
    fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    ax.plot(z, z, ":", color=widgets.COLORS["black"], label="no penalty")
    ax.plot(z, z / 2, "--", color=widgets.COLORS["blue"], label="ridge, z / (1 + t)")
    ax.plot(
        z,
        soft_threshold(z, 1.0),
        color=widgets.COLORS["vermillion"],
        label="your soft_threshold(z, t)",
    )
    ax.set(xlabel="z, what the data ask for", ylabel="u, what the penalty leaves")
    ax.set_title("For t = 1, L1 leaves nothing of |z| ≤ 1, L2 half of all")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    widgets.show(
        fig,
        alt="Penalised minimiser u against z for threshold 1. Soft-thresholding is flat at zero between minus one and one, "
        "then parallel to the diagonal; ridge is a straight line of half the slope through the origin.",
    )
else:
    print("The figure appears here once soft_threshold is written.")

# %% [markdown]
# ### Coordinate descent
#
# Hold all weights but $w_j$. With $\tilde x_j$ the centred column, $q_j = \tilde x_j^\top \tilde x_j / n$ its mean
# square and $r$ the residual $\tilde y - \tilde X w$, the objective as a function of $w_j$ alone is a parabola plus
# $\lambda |w_j|$. Its minimiser is
#
# $$ w_j \leftarrow S\!\left( w_j + \frac{\tilde x_j^\top r}{n\, q_j},\; \frac{\lambda}{q_j} \right) . $$
#
# In words: add to $w_j$ what the residual still has to say about column $j$, then soft-threshold, by λ in the units of
# that column. One **sweep** does this for every column in turn, each with the residual that the one before it left.
#
# ### When to stop
#
# "The weights hardly move" proves nothing: with correlated columns every step is short, far from the minimum too. The
# **duality gap** proves something. Scale the residual until no column is correlated with it beyond λ,
#
# $$ u = \frac{r}{\max\left(1,\; \lVert \tilde X^\top r \rVert_\infty / (n\lambda)\right)}, \qquad
# D = \frac{1}{2n} \left( \lVert \tilde y \rVert^2 - \lVert \tilde y - u \rVert^2 \right), \qquad
# P = \frac{1}{2n} \lVert r \rVert^2 + \lambda \lVert w \rVert_1 . $$
#
# In words: $P$ is the objective now, and $D$ is a floor under the objective of every $w$. So the minimum is somewhere
# between $D$ and $P$, and $P - D$ bounds how much is still to be gained. It is 0 at the minimum and only there.

# %% [markdown]
# ## Exercise 4 · Lasso by coordinate descent
#
# *Difficulty 4 of 5 · 20 minutes · 6 points*
#
# Centre, start at $w = 0$, and sweep over the columns from the first to the last. After each sweep compute the gap;
# stop as soon as it is at most `tol` times $\lVert \tilde y \rVert^2 / (2n)$, the objective of the empty model. Use your
# `soft_threshold`, and keep the residual up to date instead of computing it anew for each column: a sweep then costs
# $O(nd)$ and not $O(nd^2)$.
#
# *Worked example.* Four rows, $x_1 = (1, -1, 1, -1)$, $x_2 = (1, 1, -1, -1)$ and $y = 3x_1 + \tfrac12 x_2 + 2$, with
# λ = 1. Both columns have mean 0 and $q_j = 1$. First column: $w_1 = S(3, 1) = 2$. Second: $w_2 = S(0.5, 1) = 0$. The
# gap is 0 after one sweep, since the columns are orthogonal, and $b = 2$.
#
# **In the round.** This is the exercise that the topic is known by. Derive the one-dimensional update aloud, then write
# two loops. The push: "your columns are not standardised; is the threshold still λ?", and "why do you stop there?"

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "lasso",
    "If only w_j may move, which target is left for column j, and what does least squares in one dimension give?",
    "After w_j changes from old to new, the residual changes by column j times (old − new). For the gap, multiply "
    "everything by 2n: r·r + 2nλ‖w‖₁ − y·y + (y − u)·(y − u), with the centred y.",
    "new = soft_threshold(w[j] + X[:, j] @ r / (n * q[j]), lam / q[j]); r = r + X[:, j] * (w[j] − new). Skip columns "
    "with q[j] = 0. u = r / max(1, max |X.T @ r| / (n * lam)).",
)


# %% nbgrader={"grade": false, "grade_id": "lasso", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    """Fit the lasso by cyclic coordinate descent, stopping on the duality gap.

    Minimises 1/(2n) ‖y − X w − b‖² + lam ‖w‖₁ over w and b.

    Parameters
    ----------
    X : ndarray of float or int, shape (n, d)
        One row per example, not centred or scaled. Constant columns are allowed.
    y : ndarray of float or int, shape (n,)
        Targets.
    lam : float
        Strength of the penalty, λ > 0.
    tol : float
        Stop after the first sweep with a duality gap P − D ≤ tol · ‖y − mean(y)‖² / (2n).
    max_sweeps : int
        Stop after so many sweeps in any case, ≥ 1.

    Returns
    -------
    w : ndarray of float, shape (d,)
        Weights after the last sweep; exactly 0 where thresholding gave 0, and for constant
        columns.
    b : float
        Intercept, mean(y) − mean(X) · w.
    sweeps : int
        How many sweeps were made, from 1 to max_sweeps.

    Notes
    -----
    Starts at w = 0; a sweep goes through the columns 0, 1, …, d − 1, each update using all earlier
    ones. None of the inputs is changed.
    """
    ### BEGIN SOLUTION
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, y = X - X_mean, y - y_mean
    q, w, r = (X**2).mean(axis=0), np.zeros(d), y
    for sweep in range(max_sweeps):
        for j in np.flatnonzero(q):
            new = soft_threshold(w[j] + X[:, j] @ r / (n * q[j]), lam / q[j])
            r = r + X[:, j] * (w[j] - new)
            w[j] = new
        u = r / max(1.0, np.abs(X.T @ r).max() / (n * lam))
        gap = r @ r + 2 * n * lam * np.abs(w).sum() - y @ y + (y - u) @ (y - u)
        if gap <= tol * (y @ y):
            break
    return w, float(y_mean - X_mean @ w), sweep + 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lasso_test", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check = checks.start("lasso")
with check("orthogonal columns, worked by hand", points=0.5):
    X = np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
    y = np.array([5.5, -0.5, 4.5, -1.5])
    given = f"X = {X.tolist()}, y = {y.tolist()}, lam = 1"
    result = lasso(X.copy(), y.copy(), 1.0)
    checks.that(
        type(result) in (tuple, list) and len(result) == 3,
        f"Expected three results, w, b and sweeps; got {type(result).__name__}.",
        given=given,
    )
    w, b, sweeps = result
    checks.close(w, np.array([2.0, 0.0]), atol=1e-12, given=given, what="w")
    checks.close(b, 2.0, rtol=1e-9, given=given, what="b")
    checks.equal(sweeps, 1, given=given, what="sweeps")
with check("the conditions of a minimum hold", points=0.5):
    rng = np.random.default_rng(5)
    X = rng.normal(size=(30, 4)) + 1
    y = 3 * X[:, 0] - X[:, 2] + rng.normal(size=30)
    given = "30 random rows, 4 features, lam = 0.3, tol = 1e-12"
    w, b, sweeps = lasso(X.copy(), y.copy(), 0.3, 1e-12)
    w = checks.array(w, shape=(4,), given=given, what="w")
    pull = X.T @ (y - X @ w - checks.number(b)) / 30
    checks.close(
        pull[w != 0],
        0.3 * np.sign(w[w != 0]),
        rtol=1e-5,
        given=given,
        what="Xᵀ residual / n of the columns with a weight",
    )
    checks.that(
        bool(np.all(np.abs(pull[w == 0]) <= 0.3 + 1e-6)),
        f"A column without a weight may pull with at most λ = 0.3; the strongest pulls with {np.abs(pull).max():.4g}.",
        given=given,
    )
### BEGIN HIDDEN TESTS
from sklearn.linear_model import Lasso


def sweeps_of_lasso(X, y, lam, fault=""):
    """Give (w, gap / y·y, largest change) after each sweep, by Gram matrix; `fault` breaks it in one way."""
    n, d = X.shape
    if fault != "uncentred":
        X, y = X - X.mean(axis=0), y - y.mean()
    lam = lam / n if fault == "summed" else lam
    G, c, w = X.T @ X / n, X.T @ y / n, np.zeros(d)
    for _ in range(3000):
        start = w.copy()
        for j in np.flatnonzero(np.diag(G)):
            others = start if fault == "all at once" else w
            z = c[j] - G[j] @ others + (0 if fault == "own" else G[j, j] * w[j])
            t = lam * G[j, j] if fault == "threshold" else lam
            w[j] = np.sign(z) * max(abs(z) - t, 0) / G[j, j]
        r = y - X @ w
        u = r / max(1, np.abs(X.T @ r).max() / (n * lam))
        gap = r @ r + 2 * n * lam * np.abs(w).sum() - y @ y + (y - u) @ (y - u)
        yield w.copy(), gap / (y @ y), np.abs(w - start).max()


def after(sweeps, *problem, fault=""):
    for k, state in enumerate(sweeps_of_lasso(*problem, fault), 1):
        if k == sweeps:
            return state[0]


def first(holds, *problem):
    return next(k for k, state in enumerate(sweeps_of_lasso(*problem), 1) if holds(*state))


rng = np.random.default_rng(6)
common = rng.normal(size=(50, 1))
X6 = (0.8 * common + 0.6 * rng.normal(size=(50, 5))) * [1.0, 2.0, 0.5, 1.0, 3.0] + [0, 1, -2, 3, 1]
y6 = X6 @ np.array([2.0, 0.0, -3.0, 0.0, 0.7]) + 4 + rng.normal(size=50)
shown = "50 random rows, 5 correlated features of different scales and means"
told = [
    (
        "data not centred",
        "uncentred",
        "The weights must explain the level of y as well. Centre X and y first, and compute "
        "b afterwards.",
    ),
    (
        "λ per data set instead of per row",
        "summed",
        "The threshold is n times too small: the objective averages the squares, "
        "and xⱼᵀr must be divided by n before it is compared with λ.",
    ),
    (
        "own weight left out",
        "own",
        "Column j's own part is missing from z: the residual has w_j taken out already, so add "
        "w_j before thresholding.",
    ),
    (
        "all columns at once",
        "all at once",
        "Every column used the residual from the start of the sweep. Correlated columns "
        "then all explain the same thing, and the sum overshoots; it can diverge.",
    ),
    (
        "threshold not in the column's units",
        "threshold",
        "After dividing by the mean square of the column, the threshold is "
        "λ divided by it too. λ alone is right only for standardised columns.",
    ),
]
with check("one, two and three sweeps, against a second implementation", points=1.5):
    for sweeps in (1, 2, 3):
        given = f"{shown}, lam = 0.2, tol = 0, max_sweeps = {sweeps}"
        w, b, done = lasso(X6.copy(), y6.copy(), 0.2, 0.0, sweeps)
        want = after(sweeps, X6, y6, 0.2)
        checks.close(
            w,
            want,
            rtol=1e-7,
            atol=1e-10,
            given=given,
            what="w",
            mistakes=[
                checks.Mistake(
                    name,
                    looks_like=lambda fault=fault, sweeps=sweeps: after(
                        sweeps, X6, y6, 0.2, fault=fault
                    ),
                    says=says,
                )
                for name, fault, says in told
            ],
        )
        checks.close(b, y6.mean() - X6.mean(axis=0) @ want, rtol=1e-6, given=given, what="b")
        checks.equal(done, sweeps, given=given, what="sweeps")
with check("run to the end, against scikit-learn", points=1):
    for lam in (0.05, 0.5):
        given = f"{shown}, lam = {lam}, tol = 1e-13"
        w, b, sweeps = lasso(X6.copy(), y6.copy(), lam, 1e-13)
        right = Lasso(alpha=lam, tol=1e-14, max_iter=100000).fit(X6, y6)
        checks.close(w, right.coef_, rtol=1e-4, atol=1e-5, given=given, what="w")
        checks.close(b, right.intercept_, rtol=1e-4, atol=1e-5, given=given, what="b")
        small = np.abs(right.coef_) < 1e-9
        checks.equal(
            (np.asarray(w) == 0)[small],
            np.ones(small.sum(), bool),
            given=given,
            what="w == 0 for what lasso drops",
        )
with check("stops after the first sweep whose gap is small enough", points=1):
    for lam, tol in ((0.2, 1e-2), (0.2, 1e-5), (0.02, 1e-3), (1.0, 1e-6)):
        given = f"{shown}, lam = {lam}, tol = {tol}"
        want = first(lambda w, gap, change, tol=tol: gap <= tol, X6, y6, lam)
        w, b, sweeps = lasso(X6.copy(), y6.copy(), lam, tol)
        checks.equal(
            sweeps,
            want,
            given=given,
            what="sweeps",
            mistakes=[
                checks.Mistake(
                    "stops when the weights hardly move",
                    looks_like=lambda lam=lam, tol=tol: first(
                        lambda w, gap, change: change <= tol, X6, y6, lam
                    ),
                    says="The run ended at the first sweep that changed no weight by more than tol. Short steps don't prove "
                    "nearness, and the rule depends on the units of X. The gap bounds what is left to gain.",
                ),
                checks.Mistake(
                    "gap in units of y²",
                    looks_like=lambda lam=lam, tol=tol: first(
                        lambda w, gap, change: gap * np.var(y6) / 2 <= tol, X6, y6, lam
                    ),
                    says="The gap was compared with tol itself. It is in units of y²: with y in cents instead of euros it "
                    "is 10,000 times larger. Compare it with tol times the objective of the empty model.",
                ),
            ],
        )
        checks.close(w, after(want, X6, y6, lam), rtol=1e-7, atol=1e-10, given=given, what="w")
    want = first(lambda w, gap, change: gap <= 1e-8, X6, y6, 0.2)
    checks.equal(
        lasso(X6, y6, 0.2)[2], want, given=f"{shown}, lam = 0.2, default tol", what="sweeps"
    )
    slope = np.linspace(-1, 1, 20)
    near = np.column_stack([slope, slope + 0.03 * np.cos(9 * slope)])
    given = "two columns that are nearly equal, lam = 1e-4, tol = 0 and the default max_sweeps"
    checks.equal(lasso(near, np.cos(9 * slope), 1e-4, 0.0)[2], 1000, given=given, what="sweeps")
with check("a constant column, constant targets, a λ that is large", points=1):
    X = np.column_stack([X6[:, 0], np.full(50, 3.0), X6[:, 2]])
    given = "the second of three columns is 3 everywhere, lam = 0.2, tol = 1e-13"
    with np.errstate(all="ignore"):
        w, b, sweeps = lasso(X, y6.copy(), 0.2, 1e-13)
    checks.finite(
        w,
        given=given,
        what="w",
        mistakes=[
            checks.Mistake(
                "constant column divided by",
                says="A centred constant column is all zeros, its mean square is 0, and 0/0 is NaN. One NaN then spreads "
                "through the residual to every weight. Skip such columns.",
            ),
        ],
    )
    right = Lasso(alpha=0.2, tol=1e-14, max_iter=100000).fit(X, y6)
    checks.close(w, right.coef_, rtol=1e-4, atol=1e-5, given=given, what="w")
    w, b, sweeps = lasso(np.array([[1, 2], [3, 1], [4, 5]]), np.array([2, 2, 2]), 0.5)
    given = "X = [[1, 2], [3, 1], [4, 5]], y = [2, 2, 2], lam = 0.5"
    checks.close(w, np.zeros(2), given=given, what="w")
    checks.close(b, 2.0, given=given, what="b")
    checks.equal(sweeps, 1, given=given, what="sweeps")
    strongest = np.abs((X6 - X6.mean(axis=0)).T @ (y6 - y6.mean())).max() / 50
    w, b, sweeps = lasso(X6, y6, strongest * 1.001)
    checks.close(
        w, np.zeros(5), given=f"{shown}, lam just above the strongest |xⱼᵀy| / n", what="w"
    )
    checks.equal(
        sweeps, 1, given=f"{shown}, lam just above the strongest |xⱼᵀy| / n", what="sweeps"
    )
    w, b, sweeps = lasso(X6, y6, strongest * 0.999)
    checks.equal(
        int(np.count_nonzero(w)),
        1,
        given=f"{shown}, lam just below the strongest |xⱼᵀy| / n",
        what="The number of weights",
    )
with check("the inputs stay as they were", points=0.5):
    given = "X = [[1, 2], [3, −1], [0, 1]], y = [1, 2, 0], lam = 0.1"
    X, y = np.array([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]]), np.array([1.0, 2.0, 0.0])
    w, b, sweeps = checks.unchanged(
        lasso,
        X,
        y,
        0.1,
        given=given,
        mistakes=[
            checks.Mistake(
                "residual written into y",
                says="`r = y` is a second name for the caller's targets, and `r -= …` writes into them.",
            ),
        ],
    )
    checks.close(
        w, Lasso(alpha=0.1, tol=1e-14).fit(X, y).coef_, rtol=1e-3, atol=1e-4, given=given, what="w"
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "lasso", "name": "data not centred"}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    n, d = X.shape
    q, w, r = (X**2).mean(axis=0), np.zeros(d), y * 1.0
    for sweep in range(max_sweeps):
        for j in range(d):
            new = soft_threshold(w[j] + X[:, j] @ r / (n * q[j]), lam / q[j])
            r, w[j] = r + X[:, j] * (w[j] - new), new
        u = r / max(1.0, np.abs(X.T @ r).max() / (n * lam))
        if r @ r + 2 * n * lam * np.abs(w).sum() - y @ y + (y - u) @ (y - u) <= tol * (y @ y):
            break
    return w, y.mean() - X.mean(axis=0) @ w, sweep + 1


# %% tags=["mistake"] mistake={"exercise": "lasso", "name": "λ per data set instead of per row"}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    d = X.shape[1]
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, y = X - X_mean, y - y_mean
    q, w, r = (X**2).sum(axis=0), np.zeros(d), y
    for sweep in range(max_sweeps):
        for j in np.flatnonzero(q):
            new = soft_threshold(w[j] + X[:, j] @ r / q[j], lam / q[j])
            r, w[j] = r + X[:, j] * (w[j] - new), new
        u = r / max(1.0, np.abs(X.T @ r).max() / lam)
        if r @ r + 2 * lam * np.abs(w).sum() - y @ y + (y - u) @ (y - u) <= tol * (y @ y):
            break
    return w, y_mean - X_mean @ w, sweep + 1


# %% tags=["mistake"] mistake={"exercise": "lasso", "name": "own weight left out"}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, y = X - X_mean, y - y_mean
    q, w, r = (X**2).mean(axis=0), np.zeros(d), y
    for sweep in range(min(max_sweeps, 100)):
        for j in np.flatnonzero(q):
            new = soft_threshold(X[:, j] @ r / (n * q[j]), lam / q[j])
            r, w[j] = r + X[:, j] * (w[j] - new), new
        u = r / max(1.0, np.abs(X.T @ r).max() / (n * lam))
        if r @ r + 2 * n * lam * np.abs(w).sum() - y @ y + (y - u) @ (y - u) <= tol * (y @ y):
            break
    return w, y_mean - X_mean @ w, sweep + 1


# %% tags=["mistake"] mistake={"exercise": "lasso", "name": "all columns at once"}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, y = X - X_mean, y - y_mean
    q, w = np.maximum((X**2).mean(axis=0), 1e-300), np.zeros(d)
    for sweep in range(min(max_sweeps, 20)):
        w = soft_threshold(w + X.T @ (y - X @ w) / (n * q), lam / q)
        r = y - X @ w
        u = r / max(1.0, np.abs(X.T @ r).max() / (n * lam))
        if r @ r + 2 * n * lam * np.abs(w).sum() - y @ y + (y - u) @ (y - u) <= tol * (y @ y):
            break
    return w, y_mean - X_mean @ w, sweep + 1


# %% tags=["mistake"] mistake={"exercise": "lasso", "name": "threshold not in the column's units"}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, y = X - X_mean, y - y_mean
    q, w, r = (X**2).mean(axis=0), np.zeros(d), y
    for sweep in range(min(max_sweeps, 100)):
        for j in np.flatnonzero(q):
            new = soft_threshold(w[j] + X[:, j] @ r / (n * q[j]), lam)
            r, w[j] = r + X[:, j] * (w[j] - new), new
        u = r / max(1.0, np.abs(X.T @ r).max() / (n * lam))
        if r @ r + 2 * n * lam * np.abs(w).sum() - y @ y + (y - u) @ (y - u) <= tol * (y @ y):
            break
    return w, y_mean - X_mean @ w, sweep + 1


# %% tags=["mistake"] mistake={"exercise": "lasso", "name": "stops when the weights hardly move"}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, y = X - X_mean, y - y_mean
    q, w, r = (X**2).mean(axis=0), np.zeros(d), y
    for sweep in range(max_sweeps):
        before = w.copy()
        for j in np.flatnonzero(q):
            new = soft_threshold(w[j] + X[:, j] @ r / (n * q[j]), lam / q[j])
            r, w[j] = r + X[:, j] * (w[j] - new), new
        if np.abs(w - before).max() <= tol:
            break
    return w, y_mean - X_mean @ w, sweep + 1


# %% tags=["mistake"] mistake={"exercise": "lasso", "name": "gap in units of y²"}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, y = X - X_mean, y - y_mean
    q, w, r = (X**2).mean(axis=0), np.zeros(d), y
    for sweep in range(max_sweeps):
        for j in np.flatnonzero(q):
            new = soft_threshold(w[j] + X[:, j] @ r / (n * q[j]), lam / q[j])
            r, w[j] = r + X[:, j] * (w[j] - new), new
        u = r / max(1.0, np.abs(X.T @ r).max() / (n * lam))
        gap = r @ r + 2 * n * lam * np.abs(w).sum() - y @ y + (y - u) @ (y - u)
        if gap / (2 * n) <= tol:
            break
    return w, y_mean - X_mean @ w, sweep + 1


# %% tags=["mistake"] mistake={"exercise": "lasso", "name": "constant column divided by"}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, y = X - X_mean, y - y_mean
    q, w, r = (X**2).mean(axis=0), np.zeros(d), y
    for sweep in range(max_sweeps):
        for j in range(d):
            with np.errstate(all="ignore"):
                new = soft_threshold(w[j] + X[:, j] @ r / (n * q[j]), lam / q[j])
            r, w[j] = r + X[:, j] * (w[j] - new), new
        u = r / max(1.0, np.abs(X.T @ r).max() / (n * lam))
        if r @ r + 2 * n * lam * np.abs(w).sum() - y @ y + (y - u) @ (y - u) <= tol * (y @ y):
            break
    return w, y_mean - X_mean @ w, sweep + 1


# %% tags=["mistake"] mistake={"exercise": "lasso", "name": "residual written into y"}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    r = y if y.dtype == float else y.astype(float)
    r -= y_mean
    X, target = X - X_mean, r.copy()
    q, w = (X**2).mean(axis=0), np.zeros(d)
    for sweep in range(max_sweeps):
        for j in np.flatnonzero(q):
            new = soft_threshold(w[j] + X[:, j] @ r / (n * q[j]), lam / q[j])
            r += X[:, j] * (w[j] - new)
            w[j] = new
        u = r / max(1.0, np.abs(X.T @ r).max() / (n * lam))
        gap = r @ r + 2 * n * lam * np.abs(w).sum() - target @ target + (target - u) @ (target - u)
        if gap <= tol * (target @ target):
            break
    return w, y_mean - X_mean @ w, sweep + 1


# %% tags=["alternative"] alternative={"exercise": "lasso", "name": "Gram matrix, no residual"}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, y = X - X_mean, y - y_mean
    G, c, w = X.T @ X / n, X.T @ y / n, np.zeros(d)
    for sweeps in range(1, max_sweeps + 1):
        for j in range(d):
            if G[j, j] > 0:
                z = c[j] - G[j] @ w + G[j, j] * w[j]
                w[j] = np.sign(z) * max(abs(z) - lam, 0) / G[j, j]
        r = y - X @ w
        u = r / max(1, np.max(np.abs(X.T @ r)) / (n * lam))
        primal = np.mean(r**2) / 2 + lam * np.sum(np.abs(w))
        dual = (np.mean(y**2) - np.mean((y - u) ** 2)) / 2
        if primal - dual <= tol * np.mean(y**2) / 2:
            return w, float(y_mean - X_mean @ w), sweeps
    return w, float(y_mean - X_mean @ w), max_sweeps


# %% tags=["alternative"] alternative={"exercise": "lasso", "name": "the column taken out of the fit"}
def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    n, d = X.shape
    A, target = np.asfortranarray(X - X.mean(axis=0)), y - y.mean()
    square, w, sweeps, done = np.einsum("ij,ij->j", A, A), np.zeros(d), 0, False
    while not done and sweeps < max_sweeps:
        for j in range(d):
            if square[j] == 0:
                continue
            w[j] = 0
            rest = A[:, j] @ (target - A @ w)
            w[j] = (max(rest - n * lam, 0) - max(-rest - n * lam, 0)) / square[j]
        sweeps += 1
        r = target - A @ w
        theta = r / max(n * lam, np.abs(A.T @ r).max())
        primal = 0.5 * r @ r + n * lam * np.abs(w).sum()
        dual = n * lam * theta @ target - 0.5 * (n * lam) ** 2 * theta @ theta
        done = primal - dual <= tol * 0.5 * target @ target
    return w, y.mean() - X.mean(axis=0) @ w, sweeps


# %% [markdown]
# **Asked next**: *"What is the smallest λ for which every weight is 0?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# At $w = 0$ the residual is $\tilde y$, so no weight moves when $|\tilde x_j^\top \tilde y| / n \le \lambda$ for all
# $j$: the answer is $\lambda_{\max} = \max_j |\tilde x_j^\top \tilde y| / n$. A grid of λ starts there and goes down in
# equal ratios, each fit starting from the weights of the one before (a warm start). In the worked example it is 3.
# </details>
#
# *"Two columns are equal. What does lasso give, and what does ridge?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Ridge splits the weight equally, which has the smaller sum of squares. For lasso every split with the same sign costs
# the same, so the minimiser is not unique; coordinate descent gives everything to the column that it visits first.
# Change the order of the columns and another one is "selected". Never read a lasso's choice as evidence that the other
# column doesn't matter.
# </details>

# %% [markdown]
# ## Exercise 5 · Elastic net
#
# *Difficulty 2 of 5 · 12 minutes · 4 points*
#
# A share ρ of L1 for zeros, the rest L2 so that correlated columns share. Only the update changes. With
# $z_j = \tilde x_j^\top r / n + q_j w_j$,
#
# $$ w_j \leftarrow \frac{S(z_j,\; \lambda\rho)}{q_j + \lambda (1 - \rho)} . $$
#
# In words: L1 takes λρ off what the data ask for, L2 enlarges what it is divided by. For ρ = 1 this is the lasso's
# update; for ρ = 0, ridge's.
#
# Here the stopping rule is the plain one: stop after the first sweep that changes no weight by more than `tol`. You
# know from Exercise 4 what it doesn't prove; with an L2 part it is safer, because the objective is strongly convex.
#
# *Worked example.* The data of Exercise 4's example, λ = 1, ρ = ½. First column: $S(3, 0.5) / (1 + 0.5) = 2.5 / 1.5
# \approx 1.667$. Second: $S(0.5, 0.5) = 0$. The second sweep changes nothing, so the run stops there.
#
# **In the round.** "What does the L2 part buy?" Three things: a unique solution, correlated columns kept together, and
# more than n non-zero weights where d > n.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "elastic_net",
    "Write the objective as a function of w_j alone, for w_j > 0. Where is its derivative zero?",
    "Start from your lasso. In the update, the threshold becomes λρ (before dividing by anything), and the divisor gains "
    "λ(1 − ρ). Keep a copy of the weights at the start of each sweep.",
    "new = soft_threshold(X[:, j] @ r / n + q[j] * w[j], lam * l1_ratio) / (q[j] + lam * (1 − l1_ratio)); stop when "
    "np.abs(w − before).max() <= tol.",
)


# %% nbgrader={"grade": false, "grade_id": "elastic_net", "locked": false, "schema_version": 3, "solution": true, "task": false}
def elastic_net(X, y, lam, l1_ratio, tol=1e-8, max_sweeps=10000):
    """Fit the elastic net by cyclic coordinate descent.

    Minimises 1/(2n) ‖y − X w − b‖² + lam · [l1_ratio ‖w‖₁ + (1 − l1_ratio)/2 ‖w‖²].

    Parameters
    ----------
    X : ndarray of float or int, shape (n, d)
        One row per example, not centred or scaled. Constant columns are allowed.
    y : ndarray of float or int, shape (n,)
        Targets.
    lam : float
        Strength of the penalty, λ > 0.
    l1_ratio : float
        Share of L1, ρ in [0, 1].
    tol : float
        Stop after the first sweep that changes no weight by more than this.
    max_sweeps : int
        Stop after so many sweeps in any case, ≥ 1.

    Returns
    -------
    w : ndarray of float, shape (d,)
        Weights after the last sweep; 0 for constant columns.
    b : float
        Intercept, which is not penalised.

    Notes
    -----
    Starts at w = 0; a sweep goes through the columns 0, 1, …, d − 1, each update using all earlier
    ones. None of the inputs is changed.
    """
    ### BEGIN SOLUTION
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, r = X - X_mean, y - y_mean
    q, w = (X**2).mean(axis=0), np.zeros(d)
    for _ in range(max_sweeps):
        before = w.copy()
        for j in np.flatnonzero(q):
            z = X[:, j] @ r / n + q[j] * w[j]
            new = soft_threshold(z, lam * l1_ratio) / (q[j] + lam * (1 - l1_ratio))
            r = r + X[:, j] * (w[j] - new)
            w[j] = new
        if np.abs(w - before).max() <= tol:
            break
    return w, float(y_mean - X_mean @ w)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "elastic_net_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("elastic_net")
with check("orthogonal columns, worked by hand", points=0.5):
    X = np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
    y = np.array([5.5, -0.5, 4.5, -1.5])
    given = f"X = {X.tolist()}, y = {y.tolist()}, lam = 1, l1_ratio = 0.5"
    result = elastic_net(X.copy(), y.copy(), 1.0, 0.5)
    checks.that(
        type(result) in (tuple, list) and len(result) == 2,
        f"Expected two results, w and b; got {type(result).__name__}.",
        given=given,
    )
    checks.close(result[0], np.array([2.5 / 1.5, 0.0]), atol=1e-12, given=given, what="w")
    checks.close(result[1], 2.0, rtol=1e-9, given=given, what="b")
with check("all L2 is ridge", points=0.5):
    rng = np.random.default_rng(7)
    X, y = rng.normal(size=(20, 3)) + 1, rng.normal(size=20)
    given = "20 random rows, 3 features, lam = 0.7, l1_ratio = 0"
    centred = X - X.mean(axis=0)
    want = np.linalg.solve(centred.T @ centred / 20 + 0.7 * np.eye(3), centred.T @ y / 20)
    w, b = elastic_net(X.copy(), y.copy(), 0.7, 0.0)
    checks.close(w, want, rtol=1e-5, atol=1e-7, given=given, what="w")
### BEGIN HIDDEN TESTS
from sklearn.linear_model import ElasticNet


def sweeps_of_net(X, y, lam, ratio, fault=""):
    n, d = X.shape
    if fault != "uncentred":
        X, y = X - X.mean(axis=0), y - y.mean()
    G, c, w = X.T @ X / n, X.T @ y / n, np.zeros(d)
    ratio = 1 - ratio if fault == "swapped" else ratio
    for _ in range(10000):
        start = w.copy()
        for j in np.flatnonzero(np.diag(G)):
            z = c[j] - G[j] @ w + G[j, j] * w[j]
            half = {"half": 2, "no L2": 0}.get(fault, 1) * lam * (1 - ratio)
            t = lam * G[j, j] * ratio if fault == "units" else lam * ratio
            t = lam if fault == "whole" else t
            w[j] = np.sign(z) * max(abs(z) - t, 0) / (G[j, j] + half)
        yield w.copy(), np.abs(w - start).max()


def net(sweeps, *problem, fault=""):
    for k, (w, change) in enumerate(sweeps_of_net(*problem, fault), 1):
        if k == sweeps:
            return w


rng = np.random.default_rng(8)
common = rng.normal(size=(45, 1))
X8 = (0.8 * common + 0.6 * rng.normal(size=(45, 4))) * [1.0, 2.0, 0.5, 3.0] + [0, 1, -2, 3]
y8 = X8 @ np.array([2.0, 0.1, -3.0, 0.7]) + 4 + rng.normal(size=45)
shown = "45 random rows, 4 correlated features of different scales and means"
told = [
    (
        "shares swapped",
        "swapped",
        "L1 got the share of L2 and the other way round: ρ = 1 must be the lasso.",
    ),
    (
        "½ of the L2 part forgotten",
        "half",
        "The L2 part of the objective has a ½, so its derivative is λ(1 − ρ)w, not twice that.",
    ),
    (
        "L2 part left out",
        "no L2",
        "The divisor is the column's mean square alone: a lasso with a smaller λ.",
    ),
    (
        "all of λ in the threshold",
        "whole",
        "The threshold is λ instead of λρ, so L1 is counted in full and L2 on top of it.",
    ),
    (
        "data not centred",
        "uncentred",
        "The weights must explain the level of y as well. Centre X and y first, and compute b "
        "afterwards.",
    ),
    (
        "threshold in other units",
        "units",
        "z is compared with the threshold before the division here, so the threshold is λρ as "
        "it is. λρ would have to be divided by the mean square only if z had been.",
    ),
]
with check("one, two and three sweeps, against a second implementation", points=1):
    for sweeps in (1, 2, 3):
        given = f"{shown}, lam = 0.6, l1_ratio = 0.3, tol = 0, max_sweeps = {sweeps}"
        w, b = elastic_net(X8.copy(), y8.copy(), 0.6, 0.3, 0.0, sweeps)
        want = net(sweeps, X8, y8, 0.6, 0.3)
        checks.close(
            w,
            want,
            rtol=1e-7,
            atol=1e-10,
            given=given,
            what="w",
            mistakes=[
                checks.Mistake(
                    name,
                    looks_like=lambda fault=fault, sweeps=sweeps: net(
                        sweeps, X8, y8, 0.6, 0.3, fault=fault
                    ),
                    says=says,
                )
                for name, fault, says in told
            ],
        )
        checks.close(b, y8.mean() - X8.mean(axis=0) @ want, rtol=1e-6, given=given, what="b")
with check("run to the end, against scikit-learn", points=0.5):
    for lam, ratio in ((0.1, 0.9), (0.8, 0.5), (0.3, 1.0)):
        given = f"{shown}, lam = {lam}, l1_ratio = {ratio}"
        w, b = elastic_net(X8.copy(), y8.copy(), lam, ratio)
        right = ElasticNet(alpha=lam, l1_ratio=ratio, tol=1e-14, max_iter=100000).fit(X8, y8)
        checks.close(w, right.coef_, rtol=1e-5, atol=1e-6, given=given, what="w")
        checks.close(b, right.intercept_, rtol=1e-5, atol=1e-6, given=given, what="b")
with check("stops after the first sweep that moves nothing by more than tol", points=0.5):
    for tol in (0.3, 0.02, 1e-4):
        given = f"{shown}, lam = 0.6, l1_ratio = 0.3, tol = {tol}"
        want = next(w for w, change in sweeps_of_net(X8, y8, 0.6, 0.3) if change <= tol)
        w, b = elastic_net(X8.copy(), y8.copy(), 0.6, 0.3, tol)
        checks.close(w, want, rtol=1e-7, atol=1e-10, given=given, what="w")
    want = next(w for w, change in sweeps_of_net(X8, y8, 0.6, 0.3) if change <= 1e-8)
    w, b = elastic_net(X8.copy(), y8.copy(), 0.6, 0.3)
    checks.close(
        w,
        want,
        rtol=1e-10,
        atol=1e-11,
        given=f"{shown}, lam = 0.6, l1_ratio = 0.3, default tol",
        what="w",
    )
    w, b = elastic_net(X8.copy(), y8.copy(), 0.6, 0.3, 0.0, 1)
    tol = float(np.abs(w).max())
    again, b = elastic_net(X8.copy(), y8.copy(), 0.6, 0.3, tol)
    checks.close(
        again,
        net(1, X8, y8, 0.6, 0.3),
        rtol=1e-7,
        atol=1e-10,
        given=f"{shown}, lam = 0.6, l1_ratio = 0.3, tol = the largest change of the first sweep, {tol:.4g}",
        what="w",
    )
with check("a constant column without L2, inputs unchanged", points=1):
    X = np.column_stack([X8[:, 0], np.full(45, 3.0), X8[:, 2]])
    for ratio in (1.0, 0.4):
        given = f"the second of three columns is 3 everywhere, lam = 0.2, l1_ratio = {ratio}"
        with np.errstate(all="ignore"):
            w, b = checks.unchanged(
                elastic_net,
                X,
                y8,
                0.2,
                ratio,
                given=given,
                mistakes=[
                    checks.Mistake(
                        "residual written into y",
                        says="`r = y` is a second name for the caller's targets, and in-place arithmetic writes into them.",
                    ),
                ],
            )
        checks.finite(
            w,
            given=given,
            what="w",
            mistakes=[
                checks.Mistake(
                    "constant column divided by",
                    says="With ρ = 1 the divisor of a constant column is 0, and 0/0 is NaN. Skip such columns.",
                ),
            ],
        )
        right = ElasticNet(alpha=0.2, l1_ratio=ratio, tol=1e-14, max_iter=100000).fit(X, y8)
        checks.close(w, right.coef_, rtol=1e-5, atol=1e-6, given=given, what="w")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "elastic_net", "name": "shares swapped"}
def elastic_net(X, y, lam, l1_ratio, tol=1e-8, max_sweeps=10000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, r = X - X_mean, y - y_mean
    q, w = (X**2).mean(axis=0), np.zeros(d)
    for _ in range(max_sweeps):
        before = w.copy()
        for j in np.flatnonzero(q):
            z = X[:, j] @ r / n + q[j] * w[j]
            new = soft_threshold(z, lam * (1 - l1_ratio)) / (q[j] + lam * l1_ratio)
            r, w[j] = r + X[:, j] * (w[j] - new), new
        if np.abs(w - before).max() <= tol:
            break
    return w, y_mean - X_mean @ w


# %% tags=["mistake"] mistake={"exercise": "elastic_net", "name": "½ of the L2 part forgotten"}
def elastic_net(X, y, lam, l1_ratio, tol=1e-8, max_sweeps=10000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, r = X - X_mean, y - y_mean
    q, w = (X**2).mean(axis=0), np.zeros(d)
    for _ in range(max_sweeps):
        before = w.copy()
        for j in np.flatnonzero(q):
            z = X[:, j] @ r / n + q[j] * w[j]
            new = soft_threshold(z, lam * l1_ratio) / (q[j] + 2 * lam * (1 - l1_ratio))
            r, w[j] = r + X[:, j] * (w[j] - new), new
        if np.abs(w - before).max() <= tol:
            break
    return w, y_mean - X_mean @ w


# %% tags=["mistake"] mistake={"exercise": "elastic_net", "name": "L2 part left out"}
def elastic_net(X, y, lam, l1_ratio, tol=1e-8, max_sweeps=10000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, r = X - X_mean, y - y_mean
    q, w = (X**2).mean(axis=0), np.zeros(d)
    for _ in range(max_sweeps):
        before = w.copy()
        for j in np.flatnonzero(q):
            new = soft_threshold(X[:, j] @ r / n + q[j] * w[j], lam * l1_ratio) / q[j]
            r, w[j] = r + X[:, j] * (w[j] - new), new
        if np.abs(w - before).max() <= tol:
            break
    return w, y_mean - X_mean @ w


# %% tags=["mistake"] mistake={"exercise": "elastic_net", "name": "all of λ in the threshold"}
def elastic_net(X, y, lam, l1_ratio, tol=1e-8, max_sweeps=10000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, r = X - X_mean, y - y_mean
    q, w = (X**2).mean(axis=0), np.zeros(d)
    for _ in range(max_sweeps):
        before = w.copy()
        for j in np.flatnonzero(q):
            z = X[:, j] @ r / n + q[j] * w[j]
            new = soft_threshold(z, lam) / (q[j] + lam * (1 - l1_ratio))
            r, w[j] = r + X[:, j] * (w[j] - new), new
        if np.abs(w - before).max() <= tol:
            break
    return w, y_mean - X_mean @ w


# %% tags=["mistake"] mistake={"exercise": "elastic_net", "name": "threshold in other units"}
def elastic_net(X, y, lam, l1_ratio, tol=1e-8, max_sweeps=10000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, r = X - X_mean, y - y_mean
    q, w = (X**2).mean(axis=0), np.zeros(d)
    for _ in range(max_sweeps):
        before = w.copy()
        for j in np.flatnonzero(q):
            z = w[j] + X[:, j] @ r / (n * q[j])
            new = soft_threshold(z, lam * l1_ratio) / (1 + lam * (1 - l1_ratio) / q[j])
            r, w[j] = r + X[:, j] * (w[j] - new), new
        if np.abs(w - before).max() <= tol:
            break
    return w, y_mean - X_mean @ w


# %% tags=["mistake"] mistake={"exercise": "elastic_net", "name": "constant column divided by"}
def elastic_net(X, y, lam, l1_ratio, tol=1e-8, max_sweeps=10000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, r = X - X_mean, y - y_mean
    q, w = (X**2).mean(axis=0), np.zeros(d)
    for _ in range(min(max_sweeps, 300)):
        before = w.copy()
        for j in range(d):
            z = X[:, j] @ r / n + q[j] * w[j]
            with np.errstate(all="ignore"):
                new = soft_threshold(z, lam * l1_ratio) / (q[j] + lam * (1 - l1_ratio))
            r, w[j] = r + X[:, j] * (w[j] - new), new
        if np.abs(w - before).max() <= tol:
            break
    return w, y_mean - X_mean @ w


# %% tags=["mistake"] mistake={"exercise": "elastic_net", "name": "residual written into y"}
def elastic_net(X, y, lam, l1_ratio, tol=1e-8, max_sweeps=10000):
    n, d = X.shape
    X_mean, y_mean = X.mean(axis=0), y.mean()
    X, r = X - X_mean, y
    r -= y_mean
    q, w = (X**2).mean(axis=0), np.zeros(d)
    for _ in range(max_sweeps):
        before = w.copy()
        for j in np.flatnonzero(q):
            z = X[:, j] @ r / n + q[j] * w[j]
            new = soft_threshold(z, lam * l1_ratio) / (q[j] + lam * (1 - l1_ratio))
            r += X[:, j] * (w[j] - new)
            w[j] = new
        if np.abs(w - before).max() <= tol:
            break
    return w, y_mean - X_mean @ w


# %% tags=["alternative"] alternative={"exercise": "elastic_net", "name": "Gram matrix, no residual"}
def elastic_net(X, y, lam, l1_ratio, tol=1e-8, max_sweeps=10000):
    n, d = X.shape
    G = np.cov(X, rowvar=False, bias=True).reshape(d, d)
    c = (X - X.mean(axis=0)).T @ (y - y.mean()) / n
    l1, l2, w = lam * l1_ratio, lam * (1 - l1_ratio), np.zeros(d)
    for _ in range(max_sweeps):
        largest = 0.0
        for j in range(d):
            if G[j, j] > 0:
                z = c[j] - G[j] @ w + G[j, j] * w[j]
                new = np.sign(z) * max(abs(z) - l1, 0) / (G[j, j] + l2)
                largest, w[j] = max(largest, abs(new - w[j])), new
        if largest <= tol:
            break
    return w, np.mean(y) - np.mean(X, axis=0) @ w


# %% tags=["alternative"] alternative={"exercise": "elastic_net", "name": "lasso on more rows"}
def elastic_net(X, y, lam, l1_ratio, tol=1e-8, max_sweeps=10000):
    n, d = X.shape
    A = np.vstack([X - X.mean(axis=0), np.sqrt(n * lam * (1 - l1_ratio)) * np.eye(d)])
    target, w = np.append(y - y.mean(), np.zeros(d)), np.zeros(d)
    square = (A**2).sum(axis=0)
    for _ in range(max_sweeps):
        start = w.copy()
        for j in range(d):
            w[j] = 0.0
            if np.any(A[:n, j]):
                z = A[:, j] @ (target - A @ w)
                w[j] = (z - np.clip(z, -n * lam * l1_ratio, n * lam * l1_ratio)) / square[j]
        if not np.any(np.abs(w - start) > tol):
            break
    return w, float(np.mean(y - X @ w))


# %% [markdown]
# **Asked next**: *"Two equal columns again. What does the elastic net give, and why?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Equal weights. For a given sum, the L1 part costs the same however it is split, and the L2 part costs least when the
# split is equal. So for every ρ < 1 the minimiser is unique. Check it: give your function a column twice, with ρ = 0.99.
# With so little L2 it takes thousands of sweeps, which is why `max_sweeps` is large.
# </details>
#
# *"Why keep the elastic net if ridge predicts as well?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# For a short list of columns: cheaper to collect, to serve and to explain. If nobody needs the list, ridge is the simpler
# model and has one parameter fewer to choose. Whether it predicts as well is a question for cross-validation, which is
# next.
# </details>

# %% [markdown]
# ## 3 · Choosing λ
#
# The training error falls as λ goes to 0, so it can't choose. Cross-validation can: hide a fold, fit on the others,
# measure on what was hidden, for every fold and every λ.
#
# The estimate is honest under one condition: **nothing that was computed from the hidden rows may reach the fit.** A
# mean and a standard deviation for scaling are computed from rows. So are imputed values and selected columns. All of
# them belong inside the loop.

# %% [markdown]
# ## Exercise 6 · The errors of k folds
#
# *Difficulty 3 of 5 · 15 minutes · 5 points*
#
# Write the table of errors, one row for each λ, one column for each fold. Penalties compare weights with each other, so
# columns are standardised first, with mean and standard deviation of the **training** rows of that fold; the held-out
# rows get the same shift and scale. The model is an argument: `fit(X, y, lam)` gives `(w, b)`, and your `ridge` is one.
#
# *Worked example.* $x = 0, 2, 10$ and folds 0, 0, 1. For fold 1 the training rows are 0 and 2, with mean 1 and standard
# deviation 1. So the model sees −1 and 1, and the held-out row is 9, far outside: this is what a new row would
# look like. Scaled with all three rows it would have looked harmless.
#
# **In the round.** "Implement cross-validation" is really "where does the scaler go?". Say it before you are asked.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "k_fold_errors",
    "Which rows may the mean and the standard deviation be computed from?",
    "Loop over the fold numbers, then over λ. The scaling depends on the fold and not on λ. A column that is constant in "
    "the training rows has standard deviation 0: divide by 1 there.",
    "held = folds == fold; mean and std from X[~held]; Z = (X − mean) / std; fit on Z[~held], y[~held]; mean squared "
    "error on Z[held], y[held].",
)


# %% nbgrader={"grade": false, "grade_id": "k_fold_errors", "locked": false, "schema_version": 3, "solution": true, "task": false}
def k_fold_errors(X, y, lams, folds, fit):
    """Measure the held-out mean squared error of every λ on every fold.

    Parameters
    ----------
    X : ndarray of float, shape (n, d)
        One row per example, not scaled.
    y : ndarray of float, shape (n,)
        Targets, used as they are.
    lams : sequence of float
        Strengths of the penalty, in any order.
    folds : ndarray of int, shape (n,)
        Fold of each row: k ≥ 2 different integers, any ones, in any order.
    fit : callable
        fit(X, y, lam) → (w, b), with X (m, d) standardised training rows, w (d,) and b float.

    Returns
    -------
    errors : ndarray of float, shape (len(lams), k)
        errors[i, f] is the mean of (prediction − y)² over the rows of the f-th smallest fold number,
        for lams[i] and a model fitted on all other rows. In units of y².

    Notes
    -----
    Columns are standardised with mean and standard deviation (divisor: number of rows) of the
    training rows; a column that is constant there is divided by 1. The model is fitted once for
    each λ and fold. None of the inputs is changed.
    """
    ### BEGIN SOLUTION
    numbers = np.unique(folds)
    errors = np.empty((len(lams), len(numbers)))
    for f, number in enumerate(numbers):
        held = folds == number
        mean, std = X[~held].mean(axis=0), X[~held].std(axis=0)
        Z = (X - mean) / np.where(std == 0, 1.0, std)
        for i, lam in enumerate(lams):
            w, b = fit(Z[~held], y[~held], lam)
            errors[i, f] = np.mean((Z[held] @ w + b - y[held]) ** 2)
    return errors
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "k_fold_errors_test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check = checks.start("k_fold_errors")


def fit_ridge(X, y, lam):
    centred = X - X.mean(axis=0)
    w = np.linalg.solve(
        centred.T @ centred + len(y) * lam * np.eye(X.shape[1]), centred.T @ (y - y.mean())
    )
    return w, y.mean() - X.mean(axis=0) @ w


with check("the model that predicts the mean", points=0.5):
    given = "y = [1, 3, 5, 7], folds = [0, 0, 1, 1], fit gives w = 0 and b = mean of y"
    errors = k_fold_errors(
        np.arange(8.0).reshape(4, 2),
        np.array([1.0, 3.0, 5.0, 7.0]),
        [0.1, 1.0, 10.0],
        np.array([0, 0, 1, 1]),
        lambda X, y, lam: (np.zeros(2), y.mean()),
    )
    checks.close(errors, np.full((3, 2), 17.0), rtol=1e-9, given=given)
with check("the model sees standardised training rows", points=0.5):
    seen = []

    def watch(X, y, lam):
        seen.append((np.array(X), np.array(y), lam))
        return np.ones(1), 0.0

    given = "X = [[0], [2], [10]], y = [0, 0, 9], folds = [0, 0, 1], lams = [0.5]"
    errors = k_fold_errors(
        np.array([[0.0], [2.0], [10.0]]),
        np.array([0.0, 0.0, 9.0]),
        [0.5],
        np.array([0, 0, 1]),
        watch,
    )
    checks.equal(len(seen), 2, given=given, what="The number of fits")
    for rows, targets, lam in seen:
        if len(rows) == 2:
            checks.close(
                rows, np.array([[-1.0], [1.0]]), given=given, what="X in the fit for fold 1"
            )
            checks.close(targets, np.array([0.0, 0.0]), given=given, what="y in the fit for fold 1")
    checks.close(errors, np.array([[82.0, 0.0]]), given=given, what="errors")
### BEGIN HIDDEN TESTS
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(9)
X9 = np.exp(rng.normal(size=(23, 3))) * [1.0, 10.0, 0.1] + [0.0, 5.0, 1.0]
y9 = X9 @ np.array([1.0, -0.3, 8.0]) + 4 + rng.normal(size=23)
folds9 = np.array([5, 9, 2, 2, 9, 5, 5, 9, 2, 5, 5, 9, 2, 5, 5, 9, 5, 5, 2, 9, 9, 5, 5])
lams9 = [0.5, 0.01, 3.0, 0.1]
shown = "23 random rows, 3 skewed features, folds numbered 2, 5 and 9 of 5, 11 and 7 rows, lams = [0.5, 0.01, 3, 0.1]"


def table(fault=""):
    errors = np.empty((4, 3))
    for f, number in enumerate((2, 5, 9)):
        train, test = folds9 != number, folds9 == number
        if fault == "swapped":
            train, test = test, train
        for i, lam in enumerate(lams9):
            scaler = StandardScaler().fit(X9 if fault == "leak" else X9[train])
            A, B = scaler.transform(X9[train]), scaler.transform(X9[test])
            if fault == "unscaled":
                A, B = X9[train], X9[test]
            if fault == "own":
                B = StandardScaler().fit_transform(X9[test])
            model = Ridge(alpha=len(A) * lam).fit(A, y9[train])
            scored, want = (A, y9[train]) if fault == "training" else (B, y9[test])
            squares = (model.predict(scored) - want) ** 2
            errors[i, f] = {"sum": squares.sum(), "root": squares.mean() ** 0.5}.get(
                fault, squares.mean()
            )
    return errors


told = [
    (
        "scaled with all rows",
        "leak",
        "Mean and standard deviation were computed from all rows, the held-out ones included. "
        "That is leakage: the estimate uses what it must not know. Compute them inside the loop, from the training rows.",
    ),
    (
        "not standardised",
        "unscaled",
        "The model got the columns in their own units. A penalty compares weights, and a weight "
        "for metres is a thousand times one for millimetres.",
    ),
    (
        "held-out rows scaled by themselves",
        "own",
        "The held-out rows got their own mean and standard deviation. The weights "
        "were learned in the units of the training rows; in production one row arrives at a time and has no mean.",
    ),
    (
        "training and held-out swapped",
        "swapped",
        "The model was fitted on the one fold and scored on the others.",
    ),
    (
        "scored on the training rows",
        "training",
        "The errors are those of rows that the model has seen. They fall as λ goes to 0, "
        "whatever the truth.",
    ),
    (
        "squares summed",
        "sum",
        "The squared errors were summed. Folds of different sizes are then not comparable.",
    ),
    (
        "root of the error",
        "root",
        "The error asked for is the mean of squares. Averages of roots choose another λ.",
    ),
]
with check("ridge on uneven folds, against a scikit-learn Pipeline", points=2):
    want = np.empty((4, 3))
    for f, number in enumerate((2, 5, 9)):
        held = folds9 == number
        for i, lam in enumerate(lams9):
            model = make_pipeline(StandardScaler(), Ridge(alpha=(~held).sum() * lam))
            model.fit(X9[~held], y9[~held])
            want[i, f] = np.mean((model.predict(X9[held]) - y9[held]) ** 2)
    errors = k_fold_errors(X9.copy(), y9.copy(), list(lams9), folds9.copy(), fit_ridge)
    checks.close(
        errors,
        want,
        rtol=1e-6,
        given=shown,
        mistakes=[
            checks.Mistake(name, looks_like=lambda fault=fault: table(fault), says=says)
            for name, fault, says in told
        ]
        + [
            checks.Mistake(
                "folds in rows",
                looks_like=want.T,
                says="The table is transposed: one row for each λ, one column for each fold.",
            ),
        ],
    )
with check("a column that is constant in the training rows", points=1):
    X = np.column_stack([[1.0, 2.0, 3.0, 4.0, 5.0], [7.0, 7.0, 7.0, 7.0, 9.0]])
    y, folds = np.array([1.0, 2.0, 2.0, 4.0, 5.0]), np.array([0, 0, 0, 0, 1])
    seen = []

    def keep(X, y, lam):
        seen.append(np.array(X))
        return fit_ridge(X, y, lam) if np.all(np.isfinite(X)) else (np.full(2, np.nan), 0.0)

    given = "X = [[1, 7], [2, 7], [3, 7], [4, 7], [5, 9]], y = [1, 2, 2, 4, 5], folds = [0, 0, 0, 0, 1], lams = [1]"
    with np.errstate(all="ignore"):
        errors = k_fold_errors(X, y, [1.0], folds, keep)
    checks.finite(
        errors,
        given=given,
        what="errors",
        mistakes=[
            checks.Mistake(
                "divided by a standard deviation of 0",
                says="A column that is constant in the training rows has standard deviation 0, and 0/0 is NaN. With rare "
                "categories as columns this happens in some fold sooner or later.",
            ),
        ],
    )
    held = folds == 1
    scaler = StandardScaler().fit(X[~held])
    model = Ridge(alpha=4.0).fit(scaler.transform(X[~held]), y[~held])
    checks.close(
        np.asarray(errors)[0, 1],
        (model.predict(scaler.transform(X[held]))[0] - 5.0) ** 2,
        rtol=1e-6,
        given=given,
        what="The error of fold 1",
    )
    checks.close(
        next((rows for rows in seen if len(rows) == 4), None),
        scaler.transform(X[~held]),
        atol=1e-12,
        given=given,
        what="X in the fit for fold 1",
    )
    taken = k_fold_errors(X, y, [1.0], folds, lambda X, y, lam: (np.array([0.0, 1.0]), 0.0))
    checks.close(
        np.asarray(taken)[0, 1],
        9.0,
        given=f"{given}, fit gives w = [0, 1], b = 0",
        what="The error of fold 1",
    )
with check("one fit for each λ and fold, in any order; inputs unchanged", points=1):
    calls = []

    def count(X, y, lam):
        calls.append((len(y), float(lam)))
        return fit_ridge(X, y, lam)

    errors = checks.unchanged(
        k_fold_errors,
        X9,
        y9,
        np.array(lams9),
        folds9,
        count,
        given=shown,
        mistakes=[
            checks.Mistake(
                "scaled in place",
                says="`X -= …` or `X[rows] = …` changes the caller's data, and the next fold scales what was scaled.",
            ),
        ],
    )
    checks.equal(
        sorted(calls),
        sorted((m, lam) for m in (18, 12, 16) for lam in lams9),
        given=shown,
        what="The fits, as (rows, lam)",
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "k_fold_errors", "name": "scaled with all rows"}
def k_fold_errors(X, y, lams, folds, fit):
    std = X.std(axis=0)
    Z = (X - X.mean(axis=0)) / np.where(std == 0, 1, std)
    errors = np.empty((len(lams), len(np.unique(folds))))
    for f, number in enumerate(np.unique(folds)):
        held = folds == number
        for i, lam in enumerate(lams):
            w, b = fit(Z[~held], y[~held], lam)
            errors[i, f] = np.mean((Z[held] @ w + b - y[held]) ** 2)
    return errors


# %% tags=["mistake"] mistake={"exercise": "k_fold_errors", "name": "not standardised"}
def k_fold_errors(X, y, lams, folds, fit):
    errors = np.empty((len(lams), len(np.unique(folds))))
    for f, number in enumerate(np.unique(folds)):
        held = folds == number
        for i, lam in enumerate(lams):
            w, b = fit(X[~held], y[~held], lam)
            errors[i, f] = np.mean((X[held] @ w + b - y[held]) ** 2)
    return errors


# %% tags=["mistake"] mistake={"exercise": "k_fold_errors", "name": "held-out rows scaled by themselves"}
def k_fold_errors(X, y, lams, folds, fit):
    def scaled(A):
        std = A.std(axis=0)
        return (A - A.mean(axis=0)) / np.where(std == 0, 1, std)

    errors = np.empty((len(lams), len(np.unique(folds))))
    for f, number in enumerate(np.unique(folds)):
        held = folds == number
        for i, lam in enumerate(lams):
            w, b = fit(scaled(X[~held]), y[~held], lam)
            errors[i, f] = np.mean((scaled(X[held]) @ w + b - y[held]) ** 2)
    return errors


# %% tags=["mistake"] mistake={"exercise": "k_fold_errors", "name": "training and held-out swapped"}
def k_fold_errors(X, y, lams, folds, fit):
    errors = np.empty((len(lams), len(np.unique(folds))))
    for f, number in enumerate(np.unique(folds)):
        rows = folds == number
        mean, std = X[rows].mean(axis=0), X[rows].std(axis=0)
        Z = (X - mean) / np.where(std == 0, 1, std)
        for i, lam in enumerate(lams):
            w, b = fit(Z[rows], y[rows], lam)
            errors[i, f] = np.mean((Z[~rows] @ w + b - y[~rows]) ** 2)
    return errors


# %% tags=["mistake"] mistake={"exercise": "k_fold_errors", "name": "scored on the training rows"}
def k_fold_errors(X, y, lams, folds, fit):
    errors = np.empty((len(lams), len(np.unique(folds))))
    for f, number in enumerate(np.unique(folds)):
        rows = folds != number
        std = X[rows].std(axis=0)
        Z = (X[rows] - X[rows].mean(axis=0)) / np.where(std == 0, 1, std)
        for i, lam in enumerate(lams):
            w, b = fit(Z, y[rows], lam)
            errors[i, f] = np.mean((Z @ w + b - y[rows]) ** 2)
    return errors


# %% tags=["mistake"] mistake={"exercise": "k_fold_errors", "name": "squares summed"}
def k_fold_errors(X, y, lams, folds, fit):
    errors = np.empty((len(lams), len(np.unique(folds))))
    for f, number in enumerate(np.unique(folds)):
        held = folds == number
        mean, std = X[~held].mean(axis=0), X[~held].std(axis=0)
        Z = (X - mean) / np.where(std == 0, 1, std)
        for i, lam in enumerate(lams):
            w, b = fit(Z[~held], y[~held], lam)
            errors[i, f] = np.sum((Z[held] @ w + b - y[held]) ** 2)
    return errors


# %% tags=["mistake"] mistake={"exercise": "k_fold_errors", "name": "folds in rows"}
def k_fold_errors(X, y, lams, folds, fit):
    errors = []
    for number in np.unique(folds):
        held = folds == number
        mean, std = X[~held].mean(axis=0), X[~held].std(axis=0)
        Z = (X - mean) / np.where(std == 0, 1, std)
        models = [fit(Z[~held], y[~held], lam) for lam in lams]
        errors.append([np.mean((Z[held] @ w + b - y[held]) ** 2) for w, b in models])
    return np.array(errors)


# %% tags=["mistake"] mistake={"exercise": "k_fold_errors", "name": "divided by a standard deviation of 0"}
def k_fold_errors(X, y, lams, folds, fit):
    errors = np.empty((len(lams), len(np.unique(folds))))
    for f, number in enumerate(np.unique(folds)):
        held = folds == number
        with np.errstate(all="ignore"):
            Z = (X - X[~held].mean(axis=0)) / X[~held].std(axis=0)
        for i, lam in enumerate(lams):
            w, b = fit(Z[~held], y[~held], lam)
            errors[i, f] = np.mean((Z[held] @ w + b - y[held]) ** 2)
    return errors


# %% tags=["mistake"] mistake={"exercise": "k_fold_errors", "name": "scaled in place"}
def k_fold_errors(X, y, lams, folds, fit):
    errors = np.empty((len(lams), len(np.unique(folds))))
    for f, number in enumerate(np.unique(folds)):
        held = folds == number
        mean, std = X[~held].mean(axis=0), X[~held].std(axis=0)
        X -= mean
        X /= np.where(std == 0, 1, std)
        for i, lam in enumerate(lams):
            w, b = fit(X[~held], y[~held], lam)
            errors[i, f] = np.mean((X[held] @ w + b - y[held]) ** 2)
    return errors


# %% tags=["alternative"] alternative={"exercise": "k_fold_errors", "name": "StandardScaler and lists"}
def k_fold_errors(X, y, lams, folds, fit):
    from sklearn.preprocessing import StandardScaler

    columns = []
    for number in sorted(set(folds.tolist())):
        train, held = np.flatnonzero(folds != number), np.flatnonzero(folds == number)
        scaler = StandardScaler().fit(X[train])
        A, B = scaler.transform(X[train]), scaler.transform(X[held])
        column = []
        for lam in lams:
            w, b = fit(A, y[train], lam)
            column.append(np.square(y[held] - b - B @ w).mean())
        columns.append(column)
    return np.array(columns).T


# %% tags=["alternative"] alternative={"exercise": "k_fold_errors", "name": "λ outside, folds inside"}
def k_fold_errors(X, y, lams, folds, fit):
    names, place = np.unique(folds, return_inverse=True)
    errors = np.zeros((len(lams), len(names)))
    for i in range(len(lams)):
        for f in range(len(names)):
            A, B = X[place != f], X[place == f]
            centre, scale = A.mean(axis=0), A.std(axis=0)
            scale[scale == 0] = 1
            w, b = fit((A - centre) / scale, y[place != f], lams[i])
            gap = (B - centre) / scale @ w + b - y[place == f]
            errors[i, f] = gap @ gap / len(gap)
    return errors


# %% [markdown]
# **Asked next**: *"You chose λ by these errors. May you report the lowest as the error on new data?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# No. It is the minimum of several noisy numbers, so it is too low on average, more so with more candidates and fewer
# rows. Report the error on rows that had no part in the choice: a test set that is used once, or an outer
# cross-validation around all of this (nested).
# </details>
#
# *"How much does scaling with all rows distort, honestly?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Often little: means of many rows hardly depend on a fifth of them. It matters with few rows, heavy tails, or many
# columns. The same mistake with target encoding or with selecting columns by their correlation with $y$ can invent a
# signal that isn't there. So make it a habit, not a calculation: everything that is fitted goes inside.
# </details>

# %% [markdown]
# ## Exercise 7 · The one-standard-error rule
#
# *Difficulty 2 of 5 · 8 minutes · 3 points*
#
# A mean over k folds is a measurement with an error. Near its minimum the curve is flat, and which λ comes out lowest is
# partly luck. The rule: take the **strongest** penalty whose mean error is within one standard error of the lowest. You
# pay at most what the measurement can't tell apart anyway, and get a simpler model.
#
# $$ \mathrm{se} = \frac{\mathrm{sd}}{\sqrt{k}}, \qquad \mathrm{sd}^2 = \frac{1}{k - 1} \sum_{f=1}^{k} (e_f - \bar e)^2 . $$
#
# In words: the sample standard deviation of the k errors of the best λ, divided by √k: the uncertainty of their mean,
# not their spread.
#
# *Worked example.* λ = 1 has errors 1 and 3, mean 2. λ = 10 has 3 and 3, λ = 100 has 4 and 4. The best is λ = 1, with
# $\mathrm{sd} = \sqrt 2$ and se = 1. The limit is 3, so λ = 10 is chosen; its mean is exactly at the limit.
#
# **In the round.** They want the reason, then the divisor: √k and k − 1. A strong candidate adds that folds share
# training rows, so the errors are not independent and se is too small: a rule of thumb, not a test.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "one_standard_error",
    "Whose standard error is it: that of each λ, or that of the best one?",
    "Mean over the folds for each λ, the lowest, its standard error; then the largest λ among those within the limit. The "
    "λs may come in any order.",
    "limit = mean[best] + errors[best].std(ddof=1) / √k; chosen is the largest of lams where mean <= limit.",
)


# %% nbgrader={"grade": false, "grade_id": "one_standard_error", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_standard_error(lams, errors):
    """Choose λ by the one-standard-error rule.

    Parameters
    ----------
    lams : sequence of float, length m
        Strengths of the penalty, all different, in any order.
    errors : ndarray of float, shape (m, k)
        Held-out error of each λ (row) on each of k ≥ 2 folds (column).

    Returns
    -------
    best_lam : float
        The λ of the lowest mean error; of several with the same mean, the largest.
    chosen_lam : float
        The largest λ whose mean error is ≤ the lowest mean plus one standard error. The standard
        error is that of best_lam's errors: standard deviation (divisor k − 1) over √k.

    Notes
    -----
    None of the inputs is changed.
    """
    ### BEGIN SOLUTION
    strongest_first = np.argsort(lams)[::-1]
    lams, errors = np.asarray(lams)[strongest_first], errors[strongest_first]
    mean = errors.mean(axis=1)
    best = np.argmin(mean)
    limit = mean[best] + errors[best].std(ddof=1) / np.sqrt(len(errors[best]))
    chosen = np.argmax(mean <= limit)
    return float(lams[best]), float(lams[chosen])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "one_standard_error_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("one_standard_error")
with check("by hand, at the limit exactly", points=0.5):
    given = "lams = [1, 10, 100], errors = [[1, 3], [3, 3], [4, 4]]"
    result = one_standard_error([1.0, 10.0, 100.0], np.array([[1.0, 3.0], [3.0, 3.0], [4.0, 4.0]]))
    checks.close(result, (1.0, 10.0), given=given, what="(best_lam, chosen_lam)")
with check("the best is the strongest", points=0.5):
    given = "lams = [0.1, 1], errors = [[5, 6, 7], [1, 2, 4]]"
    result = one_standard_error([0.1, 1.0], np.array([[5.0, 6.0, 7.0], [1.0, 2.0, 4.0]]))
    checks.close(result, (1.0, 1.0), given=given, what="(best_lam, chosen_lam)")
### BEGIN HIDDEN TESTS
lams7 = [0.1, 3.0, 100.0, 0.2, 30.0, 1.0, 10.0, 0.3, 0.03]
# Five folds around these means; the best, at λ = 0.3, has sd = 1, so se = 0.447 (0.4 with divisor k).
means7 = dict(zip(lams7, [2.9, 2.42, 5.0, 2.1, 2.9, 2.2, 2.46, 2.0, 3.3], strict=True))
spreads7 = {0.3: 1.0, 100.0: 10.0}
spread = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
spread = spread / spread.std(ddof=1)
errors7 = np.array([m + spreads7.get(lam, 0.5) * spread for lam, m in means7.items()])
with check("λs in any order", points=1.5):
    given = f"lams = {lams7}, five folds with mean errors {list(means7.values())}; those of λ = 0.3 have sd = 1"
    result = one_standard_error(list(lams7), errors7.copy())
    checks.that(
        type(result) in (tuple, list) and len(result) == 2,
        f"Expected two results, best_lam and chosen_lam; got {type(result).__name__}.",
        given=given,
    )
    checks.close(result[0], 0.3, given=given, what="best_lam")
    checks.close(
        result[1],
        3.0,
        given=given,
        what="chosen_lam",
        mistakes=[
            checks.Mistake(
                "standard deviation instead of standard error",
                looks_like=30.0,
                says="The limit is a whole standard deviation above the lowest mean: the spread of single folds. The mean of k "
                "folds is known √k times better.",
            ),
            checks.Mistake(
                "divisor k",
                looks_like=1.0,
                says="The standard deviation was computed with divisor k, NumPy's default. For a sample's it is k − 1: "
                "`ddof=1`.",
            ),
            checks.Mistake(
                "every λ its own standard error",
                looks_like=100.0,
                says="Each λ was allowed its own standard error. Then the noisier a λ, the easier it is chosen. The limit is "
                "set once, by the best.",
            ),
            checks.Mistake(
                "weakest penalty within the limit",
                looks_like=0.2,
                says="The rule asks for the simplest model within the limit, the largest λ.",
            ),
            checks.Mistake(
                "last in the list",
                looks_like=0.3,
                says="The last λ within the limit *in the list* was taken for the largest. The docstring promises no order.",
            ),
        ],
    )
    for lam, moved in ((3.0, 2.44), (3.0, 2.45), (10.0, 2.447)):
        errors = errors7.copy()
        errors[lams7.index(lam)] += moved - means7[lam]
        want = lam if moved < 2 + 1 / np.sqrt(5) else 1.0
        given = f"as before, with mean error {moved} for λ = {lam}"
        checks.close(
            one_standard_error(list(lams7), errors)[1], want, given=given, what="chosen_lam"
        )
with check("ties, a gap in between, inputs unchanged", points=0.5):
    given = "lams = [5, 1, 2], errors = [[2, 2], [2, 2], [9, 9]]"
    result = checks.unchanged(
        one_standard_error,
        np.array([5.0, 1.0, 2.0]),
        np.array([[2.0, 2.0], [2.0, 2.0], [9.0, 9.0]]),
        given=given,
    )
    checks.close(
        result,
        (5.0, 5.0),
        given=given,
        what="(best_lam, chosen_lam)",
        mistakes=[
            checks.Mistake(
                "strictly below the limit",
                when=lambda: result[0] == 5.0,
                says="A mean at the limit is within it. Without spread the limit is the lowest mean itself.",
            ),
        ],
    )
    given = "lams = [1, 2, 5], errors = [[2, 2], [9, 9], [2, 2]]"
    result = one_standard_error([1.0, 2.0, 5.0], np.array([[2.0, 2.0], [9.0, 9.0], [2.0, 2.0]]))
    checks.close(result, (5.0, 5.0), given=given, what="(best_lam, chosen_lam)")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "one_standard_error", "name": "standard deviation instead of standard error"}
def one_standard_error(lams, errors):
    lams, mean = np.asarray(lams), errors.mean(axis=1)
    limit = mean.min() + errors[np.argmin(mean)].std(ddof=1)
    return lams[mean == mean.min()].max(), lams[mean <= limit].max()


# %% tags=["mistake"] mistake={"exercise": "one_standard_error", "name": "divisor k"}
def one_standard_error(lams, errors):
    lams, mean = np.asarray(lams), errors.mean(axis=1)
    limit = mean.min() + errors[np.argmin(mean)].std() / np.sqrt(errors.shape[1])
    return lams[mean == mean.min()].max(), lams[mean <= limit].max()


# %% tags=["mistake"] mistake={"exercise": "one_standard_error", "name": "every λ its own standard error"}
def one_standard_error(lams, errors):
    lams, mean = np.asarray(lams), errors.mean(axis=1)
    se = errors.std(axis=1, ddof=1) / np.sqrt(errors.shape[1])
    within = mean <= mean.min() + se
    return lams[mean == mean.min()].max(), lams[within].max()


# %% tags=["mistake"] mistake={"exercise": "one_standard_error", "name": "weakest penalty within the limit"}
def one_standard_error(lams, errors):
    lams, mean = np.asarray(lams), errors.mean(axis=1)
    limit = mean.min() + errors[np.argmin(mean)].std(ddof=1) / np.sqrt(errors.shape[1])
    return lams[mean == mean.min()].max(), lams[mean <= limit].min()


# %% tags=["mistake"] mistake={"exercise": "one_standard_error", "name": "last in the list"}
def one_standard_error(lams, errors):
    mean = errors.mean(axis=1)
    best = np.argmin(mean)
    limit = mean[best] + errors[best].std(ddof=1) / np.sqrt(errors.shape[1])
    chosen = np.flatnonzero(mean <= limit)[-1]
    return lams[best], lams[chosen]


# %% tags=["mistake"] mistake={"exercise": "one_standard_error", "name": "strictly below the limit"}
def one_standard_error(lams, errors):
    lams, mean = np.asarray(lams), errors.mean(axis=1)
    limit = mean.min() + errors[np.argmin(mean)].std(ddof=1) / np.sqrt(errors.shape[1])
    within = lams[mean < limit]
    return lams[mean == mean.min()].max(), within.max() if len(within) else lams.min()


# %% tags=["alternative"] alternative={"exercise": "one_standard_error", "name": "masks"}
def one_standard_error(lams, errors):
    lams, mean = np.asarray(lams, dtype=float), np.mean(errors, axis=1)
    best = lams[mean == mean.min()].max()
    row = errors[lams == best][0]
    limit = row.mean() + np.sqrt(row.var(ddof=1) / row.size)
    return best, lams[mean <= limit].max()


# %% tags=["alternative"] alternative={"exercise": "one_standard_error", "name": "plain Python"}
def one_standard_error(lams, errors):
    import statistics

    rows = [[float(e) for e in row] for row in errors]
    means = [sum(row) / len(row) for row in rows]
    best = min(range(len(rows)), key=lambda i: (means[i], -lams[i]))
    limit = means[best] + statistics.stdev(rows[best]) / len(rows[best]) ** 0.5
    return float(lams[best]), float(
        max(lam for lam, m in zip(lams, means, strict=True) if m <= limit)
    )


# %% [markdown]
# **Asked next**: *"When would you not use this rule?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# When prediction is all that counts and the errors are many and stable: then take the lowest. When "strong" doesn't mean
# "simple", as for a learning rate. And when few folds make se itself a guess: with k = 5 it is known to about a third.
# </details>

# %% [markdown]
# ### Your three functions on real salaries
#
# 263 baseball players with a known salary, 16 numeric columns about their season and career, ten folds. The target is
# the natural logarithm of the salary.

# %% jupyter={"source_hidden": true}
players = data.hitters().dropna(subset=["salary"])
X = players.select_dtypes("number").drop(columns="salary").to_numpy(float)
y = np.log(players["salary"].to_numpy(float))
folds = np.random.default_rng(0).permutation(np.arange(len(y)) % 10)
lams = np.geomspace(1e-3, 30, 30)
tiny = np.eye(3, 2), np.ones(3), [0.1], np.array([0, 1, 1]), lambda X, y, lam: (np.zeros(2), 0.0)

if (
    checks.attempted(ridge, X, y, 1.0)
    and checks.attempted(k_fold_errors, *tiny)
    and checks.attempted(one_standard_error, [1.0, 2.0], np.eye(2))
):
    errors = k_fold_errors(X, y, lams, folds, ridge)
    best, chosen = one_standard_error(lams, errors)
    mean, se = errors.mean(axis=1), errors.std(axis=1, ddof=1) / np.sqrt(10)
    low = np.argmin(mean)
    fig, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
    ax.errorbar(
        lams,
        mean,
        se,
        fmt="o-",
        ms=3,
        lw=1,
        color=widgets.COLORS["blue"],
        label="mean of 10 folds ± 1 se",
    )
    ax.axhline(
        mean[low] + se[low], ls=":", color=widgets.COLORS["black"], label="lowest mean + 1 se"
    )
    ax.axvline(best, ls="--", color=widgets.COLORS["black"], label=f"lowest: λ = {best:.3g}")
    ax.axvline(
        chosen, color=widgets.COLORS["vermillion"], label=f"one standard error: λ = {chosen:.3g}"
    )
    ax.set(
        xscale="log",
        xlabel="λ (no unit; columns standardised)",
        ylabel="held-out mean squared error of log salary",
    )
    ax.set_title("The curve is flat for decades; the rule takes its strong end")
    ax.grid(alpha=0.3)
    ax.legend(loc="upper left", framealpha=1, edgecolor="none")
    widgets.show(
        fig,
        alt="Held-out error of log salary against λ with one standard error. It is nearly flat for small λ and rises "
        "steeply for large λ; a line marks the lowest mean, another, farther right, the choice of the "
        "one-standard-error rule.",
    )
else:
    print("The figure appears here once ridge, k_fold_errors and one_standard_error are written.")

# %% [markdown]
# The bars are far longer than the valley is deep. Shuffle the folds twenty times with other seeds, and the λ of the lowest
# mean runs from about 0.012 to 0.6, a factor of fifty; the rule's choice stays between 2.5 and 5.1, a factor of two. That is
# the case for the rule. Its price is on the vertical axis: a held-out error that is up to one bar higher.

# %% [markdown]
# ## 4 · Regularising a network
#
# ### Dropout
#
# In training, set each activation to 0 with probability $p$, the rate, drawn anew for each batch. The network can't rely
# on any one unit, so it spreads what it knows. At evaluation nothing is dropped. Then the next layer would see inputs
# larger than in training, unless the scale is mended. **Inverted** dropout mends it in training:
#
# $$ \text{output}_i = \frac{k_i}{1 - p}\, x_i, \qquad k_i \in \{0, 1\}, \quad \Pr(k_i = 1) = 1 - p . $$
#
# In words: what is kept is divided by the probability of being kept, so the expected output is $x$. Evaluation is then
# the identity, and a served model needs no trace of dropout.

# %% [markdown]
# ## Exercise 8 · Dropout, forward
#
# *Difficulty 1 of 5 · 8 minutes · 3 points*
#
# The mask comes as an argument. So the function is deterministic and can be tested, and the backward pass can be given
# the same mask. `keep` is `None` at evaluation.
#
# *Worked example.* $x = (1, 2, 3, 4)$, rate 0.5, keep = (true, false, true, false): output $(2, 0, 6, 0)$. At
# evaluation: $(1, 2, 3, 4)$.
#
# **In the round.** "What changes at evaluation?" The answer that they wait for is "nothing is dropped and nothing is
# scaled, because I scaled in training".

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "dropout",
    "With which factor must the kept values be multiplied, so that the mean over all masks is x?",
    "A value is kept with probability 1 − rate. And what is 0 times infinity?",
    "np.where(keep, x / (1 − rate), 0.0) in training; a copy of x when keep is None.",
)


# %% nbgrader={"grade": false, "grade_id": "dropout", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dropout(x, rate, keep):
    """Apply inverted dropout with a given mask.

    Parameters
    ----------
    x : ndarray of float, any shape
        Activations.
    rate : float
        Probability with which each one is dropped, in [0, 1).
    keep : ndarray of bool, the shape of x, or None
        True where the activation is kept. None when evaluating.

    Returns
    -------
    output : ndarray of float, the shape of x
        When training: x / (1 − rate) where kept; exactly 0 where dropped, also where x is inf or
        NaN. When evaluating: x.

    Notes
    -----
    None of the inputs is changed.
    """
    ### BEGIN SOLUTION
    if keep is None:
        return x.copy()
    return np.where(keep, x / (1 - rate), 0.0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dropout_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("dropout")
with check("by hand", points=0.5):
    given = "x = [1, 2, 3, 4], rate = 0.5, keep = [True, False, True, False]"
    got = dropout(np.array([1.0, 2.0, 3.0, 4.0]), 0.5, np.array([True, False, True, False]))
    checks.close(got, np.array([2.0, 0.0, 6.0, 0.0]), given=given)
with check("rate 0 keeps everything", points=0.5):
    x = np.array([[1.0, -2.0, 0.5]])
    checks.close(
        dropout(x.copy(), 0.0, np.ones((1, 3), bool)),
        x,
        given="x = [[1, −2, 0.5]], rate = 0, all kept",
    )
### BEGIN HIDDEN TESTS
import itertools

import torch

with check("a random mask, against torch.nn.functional.dropout", points=0.5):
    x = np.random.default_rng(10).normal(size=(6, 5))
    for rate in (0.2, 0.7):
        given = f"random x of shape (6, 5), rate = {rate}, a mask that PyTorch drew"
        torch.manual_seed(1)
        want = torch.nn.functional.dropout(torch.tensor(x), rate).numpy()
        keep = want != 0
        checks.close(
            dropout(x.copy(), rate, keep.copy()),
            want,
            rtol=1e-9,
            given=given,
            mistakes=[
                checks.Mistake(
                    "not scaled",
                    looks_like=x * keep,
                    says="The kept values are as they were. Then the next layer sees less in training than at evaluation. "
                    "Divide by the probability of being kept.",
                ),
                checks.Mistake(
                    "divided by the rate",
                    looks_like=x * keep / rate,
                    says="The kept values were divided by the probability of being *dropped*. At rate 0.5 nobody notices.",
                ),
                checks.Mistake(
                    "mask inverted",
                    looks_like=x * ~keep / (1 - rate),
                    says="What should be kept was dropped. `keep` is True where the value stays.",
                ),
                checks.Mistake(
                    "scaled down instead of up",
                    looks_like=x * keep * (1 - rate),
                    says="Values were multiplied by 1 − rate. They must make up for those that are missing, so divide.",
                ),
            ],
        )
with check("the mean over all masks is x", points=0.5):
    x = np.array([1.0, -2.0, 5.0])
    total = np.zeros(3)
    for mask in itertools.product([True, False], repeat=3):
        weight = np.prod([0.6 if k else 0.4 for k in mask])
        total = total + weight * np.asarray(dropout(x.copy(), 0.4, np.array(mask)))
    checks.close(
        total,
        x,
        rtol=1e-9,
        given="x = [1, −2, 5], rate = 0.4, all eight masks, weighted",
        what="The mean",
    )
with check("evaluating is the identity", points=0.5):
    x = np.array([[1.0, 2.0], [-3.0, 0.25]])
    got = dropout(x.copy(), 0.4, None)
    checks.close(
        got,
        x,
        given=f"x = {x.tolist()}, rate = 0.4, keep = None",
        mistakes=[
            checks.Mistake(
                "scaled at evaluation too",
                looks_like=x * 0.6,
                says="Scaling by 1 − rate at evaluation belongs to dropout that doesn't scale in training. Both together "
                "scale twice.",
            ),
            checks.Mistake(
                "scaled up at evaluation",
                looks_like=x / 0.6,
                says="At evaluation nothing is missing, so nothing has to be made up for.",
            ),
        ],
    )
with check("a dropped infinity is 0; inputs unchanged", points=0.5):
    given = "x = [inf, 2, nan, −1], rate = 0.5, keep = [False, True, False, True]"
    x, keep = np.array([np.inf, 2.0, np.nan, -1.0]), np.array([False, True, False, True])
    with np.errstate(all="ignore"):
        got = checks.unchanged(
            dropout,
            x,
            0.5,
            keep,
            given=given,
            mistakes=[
                checks.Mistake(
                    "dropped in place",
                    says="`x[~keep] = 0` writes into the caller's activations, which the backward pass of the layer before "
                    "still needs.",
                ),
            ],
        )
    checks.close(
        got,
        np.array([0.0, 4.0, 0.0, -2.0]),
        given=given,
        mistakes=[
            checks.Mistake(
                "zero times infinity",
                looks_like=np.array([np.nan, 4.0, np.nan, -2.0]),
                says="0 · inf is NaN. Choose with `where`; multiplying by a mask doesn't drop what isn't finite.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "dropout", "name": "not scaled"}
def dropout(x, rate, keep):
    return x.copy() if keep is None else np.where(keep, x, 0.0)


# %% tags=["mistake"] mistake={"exercise": "dropout", "name": "divided by the rate"}
def dropout(x, rate, keep):
    if keep is None or rate == 0:
        return x.copy()
    return np.where(keep, x / rate, 0.0)


# %% tags=["mistake"] mistake={"exercise": "dropout", "name": "mask inverted"}
def dropout(x, rate, keep):
    return x.copy() if keep is None else np.where(keep, 0.0, x / (1 - rate))


# %% tags=["mistake"] mistake={"exercise": "dropout", "name": "scaled down instead of up"}
def dropout(x, rate, keep):
    return x.copy() if keep is None else np.where(keep, x * (1 - rate), 0.0)


# %% tags=["mistake"] mistake={"exercise": "dropout", "name": "scaled at evaluation too"}
def dropout(x, rate, keep):
    return x * (1 - rate) if keep is None else np.where(keep, x / (1 - rate), 0.0)


# %% tags=["mistake"] mistake={"exercise": "dropout", "name": "scaled up at evaluation"}
def dropout(x, rate, keep):
    return np.where(True if keep is None else keep, x / (1 - rate), 0.0)


# %% tags=["mistake"] mistake={"exercise": "dropout", "name": "zero times infinity"}
def dropout(x, rate, keep):
    with np.errstate(all="ignore"):
        return x.copy() if keep is None else x * keep / (1 - rate)


# %% tags=["mistake"] mistake={"exercise": "dropout", "name": "dropped in place"}
def dropout(x, rate, keep):
    if keep is None:
        return x
    x[~keep] = 0.0
    return x / (1 - rate)


# %% tags=["alternative"] alternative={"exercise": "dropout", "name": "kept entries written"}
def dropout(x, rate, keep):
    if keep is None:
        return np.array(x)
    output = np.zeros(x.shape)
    output[keep] = x[keep] / (1 - rate)
    return output


# %% tags=["alternative"] alternative={"exercise": "dropout", "name": "in PyTorch"}
def dropout(x, rate, keep):
    import torch

    x = torch.tensor(x)
    if keep is not None:
        x = x.masked_fill(~torch.tensor(keep), 0.0) / (1 - rate)
    return x.numpy()


# %% [markdown]
# **Asked next**: *"Linear regression, dropout on the inputs, averaged over all masks. Which penalty is it?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Ridge, with a weight for each column. The output has mean $x^\top w$ and variance $\tfrac{p}{1-p} \sum_j x_j^2 w_j^2$,
# so the expected squared error is the usual one plus $\tfrac{p}{1-p} \sum_j q_j w_j^2$, where $q_j$ is the mean square of
# column $j$. For rate 0.5 the factor is 1. It is a ridge that penalises each weight in the units of its column.
# </details>

# %% [markdown]
# ## Exercise 9 · Dropout, backward
#
# *Difficulty 1 of 5 · 6 minutes · 3 points*
#
# The forward pass multiplied each activation by a constant: $1/(1-p)$ or 0. So the backward pass multiplies the gradient
# by the same constant. **The same mask**, kept from the forward pass: with a new one the gradient belongs to another
# network.
#
# *Worked example.* The gradient by the output is $(1, 1, 1, 1)$, rate 0.5, keep = (true, false, true, false): the
# gradient by $x$ is $(2, 0, 2, 0)$.
#
# **In the round.** It takes three lines, and shows whether the forward pass was understood as a linear map.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "dropout_backward",
    "What is the derivative of output_i by x_i, and by every other x_j?",
    "A linear map that scales each coordinate: its transpose is itself.",
    "The forward formula with the gradient in place of x.",
)


# %% nbgrader={"grade": false, "grade_id": "dropout_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dropout_backward(grad_output, rate, keep):
    """Give the gradient of the loss by the input of inverted dropout.

    Parameters
    ----------
    grad_output : ndarray of float, any shape
        Gradient of the loss by the output of dropout.
    rate : float
        Probability with which activations were dropped, in [0, 1).
    keep : ndarray of bool, the shape of grad_output, or None
        The mask of the forward pass. None when the forward pass was an evaluation.

    Returns
    -------
    grad_x : ndarray of float, the shape of grad_output
        Exactly 0 where the activation was dropped, also where grad_output is inf or NaN.

    Notes
    -----
    None of the inputs is changed.
    """
    ### BEGIN SOLUTION
    if keep is None:
        return grad_output.copy()
    return np.where(keep, grad_output / (1 - rate), 0.0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dropout_backward_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("dropout_backward")
with check("by hand", points=0.5):
    given = "grad_output = [1, 1, 1, 1], rate = 0.5, keep = [True, False, True, False]"
    got = dropout_backward(np.ones(4), 0.5, np.array([True, False, True, False]))
    checks.close(got, np.array([2.0, 0.0, 2.0, 0.0]), given=given)
with check("nothing dropped", points=0.5):
    checks.close(
        dropout_backward(np.array([3.0, -1.0]), 0.0, np.array([True, True])),
        np.array([3.0, -1.0]),
        given="grad_output = [3, −1], rate = 0, keep = [True, True]",
    )
### BEGIN HIDDEN TESTS
import torch

with check("random gradients, against PyTorch's autograd", points=1):
    for rate in (0.3, 0.8):
        given = f"random x and grad_output of shape (7, 4), rate = {rate}, a mask that PyTorch drew"
        rng = np.random.default_rng(11)
        x = torch.tensor(rng.normal(size=(7, 4)), requires_grad=True)
        grad_output = rng.normal(size=(7, 4))
        torch.manual_seed(2)
        output = torch.nn.functional.dropout(x, rate)
        output.backward(torch.tensor(grad_output))
        keep, want = output.detach().numpy() != 0, x.grad.numpy()
        checks.close(
            dropout_backward(grad_output.copy(), rate, keep.copy()),
            want,
            rtol=1e-9,
            given=given,
            mistakes=[
                checks.Mistake(
                    "scale left out",
                    looks_like=grad_output * keep,
                    says="The mask is there, the factor 1/(1 − rate) isn't. The forward pass multiplied by it, so its "
                    "derivative does too.",
                ),
                checks.Mistake(
                    "mask left out",
                    looks_like=grad_output / (1 - rate),
                    says="Dropped activations had no influence on the loss, so their gradient is 0.",
                ),
                checks.Mistake(
                    "scale undone",
                    looks_like=grad_output * keep * (1 - rate),
                    says="The gradient was multiplied by 1 − rate, as if backward were the inverse. It is the transpose: the "
                    "same factor again.",
                ),
                checks.Mistake(
                    "mask inverted",
                    looks_like=grad_output * ~keep / (1 - rate),
                    says="The gradient went through the activations that were dropped.",
                ),
            ],
        )
with check("after an evaluation; a dropped infinity; inputs unchanged", points=1):
    grad = np.array([[1.0, -2.0, 0.5]])
    checks.close(
        dropout_backward(grad.copy(), 0.4, None),
        grad,
        given="grad_output = [[1, −2, 0.5]], rate = 0.4, keep = None",
        mistakes=[
            checks.Mistake(
                "scaled after an evaluation",
                looks_like=grad / 0.6,
                says="Without a mask the forward pass was the identity. So is the backward pass.",
            ),
        ],
    )
    given = "grad_output = [inf, 2, −3], rate = 0.75, keep = [False, True, True]"
    with np.errstate(all="ignore"):
        got = checks.unchanged(
            dropout_backward,
            np.array([np.inf, 2.0, -3.0]),
            0.75,
            np.array([False, True, True]),
            given=given,
        )
    checks.close(got, np.array([0.0, 8.0, -12.0]), given=given)
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "dropout_backward", "name": "scale left out"}
def dropout_backward(grad_output, rate, keep):
    return grad_output.copy() if keep is None else np.where(keep, grad_output, 0.0)


# %% tags=["mistake"] mistake={"exercise": "dropout_backward", "name": "mask left out"}
def dropout_backward(grad_output, rate, keep):
    return grad_output.copy() if keep is None else grad_output / (1 - rate)


# %% tags=["mistake"] mistake={"exercise": "dropout_backward", "name": "scale undone"}
def dropout_backward(grad_output, rate, keep):
    return grad_output.copy() if keep is None else np.where(keep, grad_output * (1 - rate), 0.0)


# %% tags=["mistake"] mistake={"exercise": "dropout_backward", "name": "mask inverted"}
def dropout_backward(grad_output, rate, keep):
    return grad_output.copy() if keep is None else np.where(~keep, grad_output / (1 - rate), 0.0)


# %% tags=["mistake"] mistake={"exercise": "dropout_backward", "name": "scaled after an evaluation"}
def dropout_backward(grad_output, rate, keep):
    return np.where(True if keep is None else keep, grad_output / (1 - rate), 0.0)


# %% tags=["alternative"] alternative={"exercise": "dropout_backward", "name": "kept entries written"}
def dropout_backward(grad_output, rate, keep):
    grad_x = np.array(grad_output, dtype=float)
    if keep is not None:
        grad_x[~keep] = 0.0
        grad_x /= 1 - rate
    return grad_x


# %% tags=["alternative"] alternative={"exercise": "dropout_backward", "name": "autograd"}
def dropout_backward(grad_output, rate, keep):
    import torch

    if keep is None:
        return grad_output + 0.0
    x = torch.zeros(grad_output.shape, dtype=torch.float64, requires_grad=True)
    kept = torch.tensor(keep)
    (x[kept] / (1 - rate)).backward(torch.tensor(grad_output)[kept])
    return x.grad.numpy()


# %% [markdown]
# **Asked next**: *"How would you test forward and backward together, without autograd?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Forward is linear in $x$, and backward is its transpose. So for any $x$ and $g$ the inner products
# $\langle \mathrm{dropout}(x), g \rangle$ and $\langle x, \mathrm{backward}(g) \rangle$ are equal. With the example's
# mask, $x = (1, 2, 3, 4)$ and $g = (1, 1, 1, 1)$, both are 8. The test works for every linear layer.
# </details>

# %% [markdown]
# ## Exercise 10 · Early stopping
#
# *Difficulty 2 of 5 · 10 minutes · 4 points*
#
# Watch the validation loss, keep the weights of the best epoch, and stop when `patience` epochs have gone by without a
# new best. Here you write the decision, on a list of losses: which epoch is kept, and at which the training ends.
#
# *Worked example.* Losses 5, 3, 4, 3.5, 2 with patience 2. Epoch 1 is the best so far; epochs 2 and 3 don't improve on
# it, so training stops at epoch 3 and keeps epoch 1. The 2 that would have come is never seen: that is the price of a
# short patience.
#
# **In the round.** Everybody stops. The question is which weights are returned: the best epoch's, as a copy, not those of
# the moment when you gave up. And the loss that you watched is not the one to report.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "early_stopping",
    "What must you remember from epoch to epoch?",
    "The best loss and the epoch of it. The number of epochs without improvement is the distance to that epoch.",
    "if loss < best − min_delta: new best; elif epoch − best_epoch >= patience: return best_epoch, epoch.",
)


# %% nbgrader={"grade": false, "grade_id": "early_stopping", "locked": false, "schema_version": 3, "solution": true, "task": false}
def early_stopping(losses, patience, min_delta=0.0):
    """Tell which epoch early stopping keeps, and at which it stops.

    Parameters
    ----------
    losses : sequence of float, length ≥ 1
        Validation loss after epoch 0, 1, …; what comes after the stop is not to be used.
    patience : int
        How many epochs in a row may pass without improvement, ≥ 1.
    min_delta : float
        An epoch improves when its loss is below the best so far minus this, strictly; ≥ 0.

    Returns
    -------
    best_epoch : int
        The last epoch that improved, from 0.
    stop_epoch : int
        The epoch after which training ends: the first one that is `patience` epochs after
        best_epoch, or the last epoch when that never happens.

    Notes
    -----
    Before epoch 0 the best loss is infinity, so the first finite loss improves. NaN never improves.
    As long as no epoch has improved, best_epoch is 0 and patience counts from there.
    """
    ### BEGIN SOLUTION
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(losses) - 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "early_stopping_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("early_stopping")
with check("by hand", points=0.5):
    given = "losses = [5, 3, 4, 3.5, 2], patience = 2"
    result = early_stopping([5.0, 3.0, 4.0, 3.5, 2.0], 2)
    checks.equal(result, (1, 3), given=given, what="(best_epoch, stop_epoch)")
with check("patience that is never used up", points=0.5):
    given = "losses = [5, 3, 4, 3.5, 2], patience = 3"
    result = early_stopping([5.0, 3.0, 4.0, 3.5, 2.0], 3)
    checks.equal(result, (4, 4), given=given, what="(best_epoch, stop_epoch)")
### BEGIN HIDDEN TESTS
steps10 = [9.0, 8.0, 8.5, 7.0, 7.2, 7.4, 7.1, 7.3, 1.0]
with check("which epoch, and when", points=1.5):
    given = f"losses = {steps10}, patience = 3"
    checks.equal(
        early_stopping(list(steps10), 3),
        (3, 6),
        given=given,
        what="(best_epoch, stop_epoch)",
        mistakes=[
            checks.Mistake(
                "one epoch too late",
                looks_like=(3, 7),
                says="Training ended one epoch late. With patience 3 the third epoch without improvement is the last: compare "
                "with ≥, not with >.",
            ),
            checks.Mistake(
                "last epoch returned as the best",
                looks_like=(6, 6),
                says="The weights of the moment of stopping were kept, which are worse than the best by construction.",
            ),
            checks.Mistake(
                "counter never reset",
                looks_like=(3, 5),
                says="All epochs without improvement were counted, also those before the last improvement. Patience counts "
                "them in a row.",
            ),
            checks.Mistake(
                "compared with the epoch before",
                looks_like=(8, 8),
                says="A loss below the previous epoch's was taken for an improvement. After a bad epoch, a less bad one is no "
                "new best.",
            ),
            checks.Mistake(
                "looked ahead",
                looks_like=(8, 6),
                says="The best epoch comes after the stop. When training ended there, that loss was never computed.",
            ),
        ],
    )
    for patience, want in ((1, (1, 2)), (2, (3, 5)), (5, (8, 8)), (4, (3, 7)), (6, (8, 8))):
        given = f"losses = {steps10}, patience = {patience}"
        checks.equal(
            early_stopping(list(steps10), patience),
            want,
            given=given,
            what="(best_epoch, stop_epoch)",
        )
with check("min_delta: strictly, and against the best", points=0.5):
    for losses, patience, delta, want in (
        ([4.0, 3.5, 3.0, 2.5, 2.0, 1.5], 3, 1.0, (3, 5)),
        ([4.0, 3.0, 2.0, 1.0], 2, 1.0, (2, 3)),
        ([4.0, 3.0, 2.5, 2.25, 2.125], 2, 0.5, (3, 4)),
        ([4.0, 3.9, 3.8, 3.7], 2, 0.25, (0, 2)),
    ):
        given = f"losses = {losses}, patience = {patience}, min_delta = {delta}"
        checks.equal(
            early_stopping(list(losses), patience, delta),
            want,
            given=given,
            what="(best_epoch, stop_epoch)",
            mistakes=[
                checks.Mistake(
                    "min_delta with the wrong sign",
                    when=lambda: tuple(early_stopping([4.0, 4.1], 5, 0.5)) == (1, 1),
                    says="A loss a little *above* the best counted as an improvement. min_delta makes improving harder: it "
                    "is taken off the best.",
                ),
                checks.Mistake(
                    "min_delta ignored",
                    looks_like=lambda losses=losses: (len(losses) - 1, len(losses) - 1),
                    says="Every small improvement reset the counter. That is what min_delta is there to prevent.",
                ),
            ],
        )
with check("ties, one epoch, NaN, arrays", points=1):
    for losses, patience, want in (
        ([2.0, 2.0, 2.0, 2.0], 2, (0, 2)),
        ([2.0], 1, (0, 0)),
        ([1.0, 2.0], 1, (0, 1)),
        ([3.0, np.nan, 2.0, np.nan, np.nan, 1.0], 2, (2, 4)),
        ([np.nan, np.nan, 1.0, 2.0], 3, (2, 3)),
        ([np.nan, np.nan, np.nan], 2, (0, 2)),
    ):
        given = f"losses = {losses}, patience = {patience}"
        checks.equal(
            early_stopping(np.array(losses), patience),
            want,
            given=given,
            what="(best_epoch, stop_epoch)",
            mistakes=[
                checks.Mistake(
                    "a tie counts as improvement",
                    looks_like=(3, 3),
                    says="A loss equal to the best reset the counter. On a plateau training would never end.",
                ),
            ],
        )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "early_stopping", "name": "one epoch too late"}
def early_stopping(losses, patience, min_delta=0.0):
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch > patience:
            return best_epoch, epoch
    return best_epoch, len(losses) - 1


# %% tags=["mistake"] mistake={"exercise": "early_stopping", "name": "last epoch returned as the best"}
def early_stopping(losses, patience, min_delta=0.0):
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return epoch, epoch
    return len(losses) - 1, len(losses) - 1


# %% tags=["mistake"] mistake={"exercise": "early_stopping", "name": "counter never reset"}
def early_stopping(losses, patience, min_delta=0.0):
    best, best_epoch, bad = np.inf, 0, 0
    for epoch, loss in enumerate(losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        else:
            bad += 1
            if bad >= patience:
                return best_epoch, epoch
    return best_epoch, len(losses) - 1


# %% tags=["mistake"] mistake={"exercise": "early_stopping", "name": "compared with the epoch before"}
def early_stopping(losses, patience, min_delta=0.0):
    before, best_epoch = np.inf, 0
    for epoch, loss in enumerate(losses):
        if loss < before - min_delta:
            best_epoch = epoch
        elif epoch - best_epoch >= patience:
            return best_epoch, epoch
        before = loss
    return best_epoch, len(losses) - 1


# %% tags=["mistake"] mistake={"exercise": "early_stopping", "name": "looked ahead"}
def early_stopping(losses, patience, min_delta=0.0):
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return int(np.argmin(losses)), epoch
    return int(np.argmin(losses)), len(losses) - 1


# %% tags=["mistake"] mistake={"exercise": "early_stopping", "name": "min_delta with the wrong sign"}
def early_stopping(losses, patience, min_delta=0.0):
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(losses):
        if loss < best + min_delta:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(losses) - 1


# %% tags=["mistake"] mistake={"exercise": "early_stopping", "name": "min_delta ignored"}
def early_stopping(losses, patience, min_delta=0.0):
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(losses):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(losses) - 1


# %% tags=["mistake"] mistake={"exercise": "early_stopping", "name": "a tie counts as improvement"}
def early_stopping(losses, patience, min_delta=0.0):
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(losses):
        if loss <= best - min_delta:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(losses) - 1


# %% tags=["alternative"] alternative={"exercise": "early_stopping", "name": "a counter"}
def early_stopping(losses, patience, min_delta=0.0):
    best, best_epoch, waited = None, 0, 0
    for epoch in range(len(losses)):
        loss = float(losses[epoch])
        improved = loss == loss and (best is None or best - min_delta > loss)
        if improved:
            best, best_epoch, waited = loss, epoch, 0
        elif epoch > 0:
            waited += 1
        if waited == patience:
            return best_epoch, epoch
    return best_epoch, epoch


# %% tags=["alternative"] alternative={"exercise": "early_stopping", "name": "the next improvement, if it comes in time"}
def early_stopping(losses, patience, min_delta=0.0):
    last, best, limit = len(losses) - 1, 0, float("inf")
    if losses[0] < limit:
        limit = losses[0] - min_delta
    while True:
        soon = range(best + 1, min(best + patience, last) + 1)
        better = [epoch for epoch in soon if losses[epoch] < limit]
        if not better:
            return best, min(best + patience, last)
        best = better[0]
        limit = losses[best] - min_delta


# %% [markdown]
# **Asked next**: *"Your learning rate has a warm-up and restarts. What goes wrong with patience?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The loss rises after each restart on purpose, and patience takes it for the end. Stop only at the ends of cycles, or
# make patience longer than a cycle. For the same reason don't count during warm-up.
# </details>
#
# *"Stopping saved the best epoch. Is its validation loss an honest estimate?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# No: it is the lowest of many looks at the same rows, as in choosing λ. The number of epochs is a hyperparameter, chosen
# by that loss. Report on rows that chose nothing.
# </details>

# %% [markdown]
# ### Weight decay and L2 part ways
#
# In gradient descent they are one thing: adding $\lambda w$ to the gradient makes each step multiply $w$ by
# $1 - \eta\lambda$. Adam divides what it is given by the root of the mean squared gradient, coordinate by coordinate. If
# $\lambda w$ is added to the gradient, it is divided too. So a weight with large gradients is hardly decayed, and one with
# small gradients is decayed strongly: the penalty depends on the scale of the gradient, which nobody asked for.
#
# AdamW decouples them: the gradient alone goes through Adam, and the decay acts on the weight directly,
#
# $$ w \leftarrow (1 - \eta\lambda)\, w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \epsilon} . $$
#
# In words: shrink every weight by the same factor, then take Adam's step, whose means have never seen the decay.

# %% [markdown]
# ## Exercise 11 · One step of Adam, with L2 or with weight decay
#
# *Difficulty 3 of 5 · 15 minutes · 5 points*
#
# β₁ = 0.9, β₂ = 0.999 and ε = 10⁻⁸ are fixed. The state is a tuple $(m, v, t)$; $t$ counts the steps **already made**, so
# it starts at 0 and comes back as 1. Both variants use the weights from before the step for the penalty.
#
# *Worked example.* First step from $w = 2$ with gradient 10, η = 0.1, λ = 0.5. L2: the gradient becomes $10 + 1 = 11$, and
# the first step has length η whatever the gradient's size, so $w = 1.9$: no trace of λ. Decoupled: $w = 2 \cdot (1 - 0.05)
# - 0.1 = 1.8$.
#
# **In the round.** "Why does everybody use AdamW?" Say that L2 and decay are the same in SGD; say that Adam's division
# breaks the tie; then write the two lines that differ.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "adam_step",
    "Which of the two variants may touch m and v?",
    "L2 changes the gradient before anything else happens to it. Decay changes w and leaves the gradient alone. After "
    "that both are plain Adam, with the corrections 1 − βᵗ and t one larger than what came in.",
    "decoupled: w = w − learning_rate * weight_decay * w; otherwise gradient = gradient + weight_decay * w. Then m, v, "
    "their corrections, and the step.",
)


# %% nbgrader={"grade": false, "grade_id": "adam_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    """Take one step of Adam with an L2 penalty, or of AdamW.

    Uses beta1 = 0.9, beta2 = 0.999 and epsilon = 1e-8, added outside the root.

    Parameters
    ----------
    w : ndarray of float, any shape
        Parameters.
    gradient : ndarray of float, the shape of w
        Gradient of the loss without penalty, at w.
    state : tuple (m, v, t)
        Running means of gradient and squared gradient, both of the shape of w and without bias
        correction, and the number of steps already made. Zeros and 0 before the first step.
    learning_rate : float
        η > 0.
    weight_decay : float
        λ ≥ 0.
    decoupled : bool
        False: the penalty's gradient, λ w, is added to the gradient, as torch.optim.Adam does with
        weight_decay. True: w is multiplied by 1 − η λ before Adam's step, as torch.optim.AdamW does.

    Returns
    -------
    w : ndarray of float
        The new parameters.
    state : tuple (m, v, t)
        The new means, uncorrected, and t + 1.

    Notes
    -----
    None of the inputs is changed.

    References
    ----------
    Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.
    """
    ### BEGIN SOLUTION
    m, v, t = state
    t = t + 1
    if decoupled:
        w = w - learning_rate * weight_decay * w
    else:
        gradient = gradient + weight_decay * w
    m = 0.9 * m + 0.1 * gradient
    v = 0.999 * v + 0.001 * gradient**2
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8), (m, v, t)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "adam_step_test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check = checks.start("adam_step")
with check("the first step, worked by hand", points=0.5):
    for decoupled, want in ((False, 1.9), (True, 1.8)):
        given = f"w = [2], gradient = [10], state = (0, 0, 0), learning_rate = 0.1, weight_decay = 0.5, decoupled = {decoupled}"
        result = adam_step(
            np.array([2.0]), np.array([10.0]), (np.zeros(1), np.zeros(1), 0), 0.1, 0.5, decoupled
        )
        checks.that(
            type(result) in (tuple, list) and len(result) == 2,
            f"Expected two results, w and state; got {type(result).__name__}.",
            given=given,
        )
        checks.close(result[0], np.array([want]), rtol=1e-6, given=given, what="w")
with check("the state that comes back", points=0.5):
    for decoupled, total in ((False, 11.0), (True, 10.0)):
        given = f"w = [2], gradient = [10], state = (0, 0, 0), learning_rate = 0.1, weight_decay = 0.5, decoupled = {decoupled}"
        w, (m, v, t) = adam_step(
            np.array([2.0]), np.array([10.0]), (np.zeros(1), np.zeros(1), 0), 0.1, 0.5, decoupled
        )
        checks.close(m, np.array([0.1 * total]), rtol=1e-6, given=given, what="m")
        checks.close(v, np.array([0.001 * total**2]), rtol=1e-6, given=given, what="v")
        checks.equal(t, 1, given=given, what="t")
### BEGIN HIDDEN TESTS
import torch


def by_torch(w, g, m, v, t, rate, decay, decoupled):
    leaf = torch.tensor(w, requires_grad=True)
    leaf.grad = torch.tensor(g)
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    optimiser = kind([leaf], lr=rate, weight_decay=decay)
    optimiser.state[leaf] = {
        "step": torch.tensor(float(t)),
        "exp_avg": torch.tensor(m),
        "exp_avg_sq": torch.tensor(v),
    }
    optimiser.step()
    state = optimiser.state[leaf]
    return leaf.detach().numpy(), state["exp_avg"].numpy(), state["exp_avg_sq"].numpy()


def plain(w, g, m, v, t, rate):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return w - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)


rng = np.random.default_rng(12)
w0, g0, m0 = (rng.normal(size=(2, 3)) for _ in range(3))
v0 = rng.random((2, 3))
shown = (
    "random w, gradient, m and v of shape (2, 3), t = 2, learning_rate = 0.1, weight_decay = 0.4"
)
both = checks.Mistake(
    "both at once",
    looks_like=lambda: plain(w0 - 0.04 * w0, g0 + 0.4 * w0, m0, v0, 3, 0.1),
    says="The penalty was counted twice: in the gradient and as decay.",
)
with check("decoupled: the third step, against torch.optim.AdamW", points=1):
    given = f"{shown}, decoupled = True"
    want_w, want_m, want_v = by_torch(w0, g0, m0, v0, 2, 0.1, 0.4, True)
    w, state = adam_step(w0.copy(), g0.copy(), (m0.copy(), v0.copy(), 2), 0.1, 0.4, True)
    checks.close(
        w,
        want_w,
        rtol=1e-7,
        atol=1e-10,
        given=given,
        what="w",
        mistakes=[
            checks.Mistake(
                "variants swapped",
                looks_like=lambda: by_torch(w0, g0, m0, v0, 2, 0.1, 0.4, False)[0],
                says="This is Adam with L2. Decoupled means that the decay does not go through the gradient.",
            ),
            both,
            checks.Mistake(
                "decay without the learning rate",
                looks_like=lambda: plain(0.6 * w0, g0, m0, v0, 3, 0.1),
                says="w was multiplied by 1 − λ. PyTorch's factor is 1 − ηλ, so a schedule for η lowers the decay as well.",
            ),
            checks.Mistake(
                "weights grow",
                looks_like=lambda: plain(1.04 * w0, g0, m0, v0, 3, 0.1),
                says="The decay has the wrong sign: w was multiplied by 1 + ηλ.",
            ),
            checks.Mistake(
                "step counter not advanced",
                looks_like=lambda: plain(0.96 * w0, g0, m0, v0, 2, 0.1),
                says="The corrections used the number of steps already made. At the first step 1 − β⁰ is 0, and w becomes NaN.",
            ),
            checks.Mistake(
                "decay after the step",
                looks_like=lambda: 0.96 * plain(w0, g0, m0, v0, 3, 0.1),
                says="Adam's step was decayed too. The decay is of the weights from before the step.",
            ),
        ],
    )
    checks.close(state[0], want_m, rtol=1e-7, given=given, what="m")
    checks.close(state[1], want_v, rtol=1e-7, given=given, what="v")
    checks.equal(state[2], 3, given=given, what="t")
with check("L2: the third step, against torch.optim.Adam", points=1):
    given = f"{shown}, decoupled = False"
    want_w, want_m, want_v = by_torch(w0, g0, m0, v0, 2, 0.1, 0.4, False)
    w, state = adam_step(w0.copy(), g0.copy(), (m0.copy(), v0.copy(), 2), 0.1, 0.4, False)
    checks.close(
        w,
        want_w,
        rtol=1e-7,
        atol=1e-10,
        given=given,
        what="w",
        mistakes=[
            both,
            checks.Mistake(
                "factor 2 in the L2 gradient",
                looks_like=lambda: by_torch(w0, g0, m0, v0, 2, 0.1, 0.8, False)[0],
                says="The penalty is λ/2 ‖w‖², so its gradient is λw.",
            ),
            checks.Mistake(
                "penalty never scaled",
                looks_like=lambda: plain(w0 - 0.04 * w0, g0, m0, v0, 3, 0.1),
                says="This is the decoupled step. As L2, λw belongs to the gradient and goes through both means.",
            ),
        ],
    )
    checks.close(state[0], want_m, rtol=1e-7, given=given, what="m")
    checks.close(state[1], want_v, rtol=1e-7, given=given, what="v")
with check("forty steps, against PyTorch", points=1):
    curvature = np.array([100.0, 1.0, 1e-6])
    for decoupled in (False, True):
        leaf = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64, requires_grad=True)
        optimiser = (torch.optim.AdamW if decoupled else torch.optim.Adam)(
            [leaf], lr=0.05, weight_decay=0.2
        )
        w, state = leaf.detach().numpy().copy(), (np.zeros(3), np.zeros(3), 0)
        for k in range(40):
            leaf.grad = torch.tensor(curvature) * (leaf.detach() - 1)
            optimiser.step()
            w, state = adam_step(w, curvature * (w - 1), state, 0.05, 0.2, decoupled)
            given = f"curvatures 100, 1 and 10⁻⁶, learning_rate = 0.05, weight_decay = 0.2, decoupled = {decoupled}, step {k + 1}"
            checks.close(w, leaf.detach().numpy(), rtol=1e-6, atol=1e-8, given=given, what="w")
in_place = checks.Mistake(
    "weights or state changed in place",
    says="`w -= …` or `m *= …` writes into the caller's arrays. The best weights that early stopping kept are "
    "then no longer the best ones.",
)
with check("gradients as small as ε; inputs unchanged", points=1):
    start = np.array([1.0, -2.0, 0.0]), np.array([1e-8, 3e-9, 0.0]), (np.zeros(3), np.zeros(3), 0)
    for decoupled in (True, False):
        given = f"w = [1, −2, 0], gradient = [1e−8, 3e−9, 0], state = (0, 0, 0), learning_rate = 0.1, weight_decay = 0.0, decoupled = {decoupled}"
        with np.errstate(all="ignore"):
            w, state = checks.unchanged(
                adam_step,
                *start,
                0.1,
                0.0,
                decoupled,
                given=given,
                mistakes=[in_place],
            )
        checks.close(
            w,
            np.array([0.95, -2 - 0.1 * 3 / 13, 0.0]),
            rtol=1e-6,
            atol=1e-12,
            given=given,
            what="w",
            mistakes=[
                checks.Mistake(
                    "epsilon left out",
                    looks_like=np.array([0.9, -2.1, np.nan]),
                    says="Without ε, a gradient of rounding size makes a step of length η, and a gradient of 0 makes NaN.",
                ),
            ],
        )
    given = "w = [1, 2], gradient = [1, −2], state = ([0.5, 0], [0.1, 0.2], 1), learning_rate = 0.1, weight_decay = 0.3"
    old = np.array([1.0, 2.0]), np.array([1.0, -2.0]), np.array([0.5, 0.0]), np.array([0.1, 0.2])
    for decoupled in (True, False):
        w, state = checks.unchanged(
            adam_step,
            old[0],
            old[1],
            (old[2], old[3], 1),
            0.1,
            0.3,
            decoupled,
            given=given,
            mistakes=[in_place],
        )
        checks.close(w, by_torch(*old, 1, 0.1, 0.3, decoupled)[0], rtol=1e-6, given=given, what="w")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "variants swapped"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    m, v, t = state
    t = t + 1
    if not decoupled:
        w = w - learning_rate * weight_decay * w
    else:
        gradient = gradient + weight_decay * w
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w - learning_rate * step, (m, v, t)


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "both at once"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    m, v, t = state
    t, gradient = t + 1, gradient + weight_decay * w
    if decoupled:
        w = w - learning_rate * weight_decay * w
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w - learning_rate * step, (m, v, t)


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "decay without the learning rate"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    m, v, t = state
    t = t + 1
    if decoupled:
        w = (1 - weight_decay) * w
    else:
        gradient = gradient + weight_decay * w
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w - learning_rate * step, (m, v, t)


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "weights grow"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    m, v, t = state
    t = t + 1
    if decoupled:
        w = w + learning_rate * weight_decay * w
    else:
        gradient = gradient + weight_decay * w
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w - learning_rate * step, (m, v, t)


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "step counter not advanced"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    m, v, t = state
    if decoupled:
        w = w - learning_rate * weight_decay * w
    else:
        gradient = gradient + weight_decay * w
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    with np.errstate(all="ignore"):
        step = m / np.float64(1 - 0.9**t) / (np.sqrt(v / np.float64(1 - 0.999**t)) + 1e-8)
    return w - learning_rate * step, (m, v, t + 1)


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "decay after the step"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    m, v, t = state
    t = t + 1
    if not decoupled:
        gradient = gradient + weight_decay * w
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    w = w - learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return (1 - learning_rate * weight_decay) * w if decoupled else w, (m, v, t)


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "factor 2 in the L2 gradient"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    m, v, t = state
    t = t + 1
    if decoupled:
        w = w - learning_rate * weight_decay * w
    else:
        gradient = gradient + 2 * weight_decay * w
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w - learning_rate * step, (m, v, t)


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "penalty never scaled"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    m, v, t = state
    t = t + 1
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w - learning_rate * (step + weight_decay * w), (m, v, t)


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "epsilon left out"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    m, v, t = state
    t = t + 1
    if decoupled:
        w = w - learning_rate * weight_decay * w
    else:
        gradient = gradient + weight_decay * w
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    with np.errstate(all="ignore"):
        step = m / (1 - 0.9**t) / np.sqrt(v / (1 - 0.999**t))
    return w - learning_rate * step, (m, v, t)


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "weights or state changed in place"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    m, v, t = state
    t = t + 1
    if decoupled:
        w *= 1 - learning_rate * weight_decay
    else:
        gradient = gradient + weight_decay * w
    m *= 0.9
    m += 0.1 * gradient
    v *= 0.999
    v += 0.001 * gradient**2
    w -= learning_rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w, (m, v, t)


# %% tags=["alternative"] alternative={"exercise": "adam_step", "name": "one formula, two decays"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    m, v, t = state
    inside, outside = (0.0, weight_decay) if decoupled else (weight_decay, 0.0)
    g = gradient + inside * w
    m = m + (1 - 0.9) * (g - m)
    v = v + (1 - 0.999) * (g * g - v)
    root = (1 - 0.999 ** (t + 1)) ** 0.5
    step = m * root / (1 - 0.9 ** (t + 1)) / (v**0.5 + 1e-8 * root)
    return w * (1 - learning_rate * outside) - learning_rate * step, (m, v, t + 1)


# %% tags=["alternative"] alternative={"exercise": "adam_step", "name": "torch.optim with its state set"}
def adam_step(w, gradient, state, learning_rate, weight_decay, decoupled):
    import torch

    leaf = torch.tensor(w, requires_grad=True)
    leaf.grad = torch.tensor(gradient)
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    optimiser = kind([leaf], lr=learning_rate, weight_decay=weight_decay)
    optimiser.state[leaf] = {
        "step": torch.tensor(float(state[2])),
        "exp_avg": torch.tensor(state[0]),
        "exp_avg_sq": torch.tensor(state[1]),
    }
    optimiser.step()
    new = optimiser.state[leaf]
    return leaf.detach().numpy(), (new["exp_avg"].numpy(), new["exp_avg_sq"].numpy(), state[2] + 1)


# %% [markdown]
# **Asked next**: *"Which weights does L2 in Adam decay least?"* Decide before you run the next cell: two weights that start
# at 1 and get noise as gradient, of size 100 for the first and 0.01 for the second.

# %% jupyter={"source_hidden": true}
zero = np.zeros(2)
if checks.attempted(adam_step, zero, zero, (zero, zero, 0), 0.1, 0.1, True):
    fig, axes = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained", sharey=True)
    for ax, decoupled in zip(axes, (False, True), strict=True):
        rng = np.random.default_rng(5)
        w, state, path = np.ones((200, 2)), (np.zeros((200, 2)), np.zeros((200, 2)), 0), []
        for _ in range(400):
            path.append(w.mean(axis=0))
            noise = rng.normal(size=(200, 2)) * [100.0, 0.01]
            w, state = adam_step(w, noise, state, 0.003, 0.5, decoupled)
        path = np.array(path)
        ax.plot(path[:, 0], color=widgets.COLORS["blue"], label="gradients of size 100")
        ax.plot(
            path[:, 1], "--", color=widgets.COLORS["vermillion"], label="gradients of size 0.01"
        )
        ax.set(
            xlabel="step",
            title="AdamW: both decay alike" if decoupled else "L2 in Adam: one decays, one doesn't",
        )
        ax.grid(alpha=0.3)
    axes[0].set_ylabel("weight, mean of 200 runs")
    axes[0].legend(frameon=False)
    widgets.show(
        fig,
        alt="Mean weight against step for two weights with noise as gradient. With L2 inside Adam the weight with large "
        "gradients stays near 1 and the one with small gradients falls below 0.2; with AdamW both fall together to about 0.55.",
    )
else:
    print("The figure appears here once adam_step is written.")

# %% [markdown]
# <details><summary>Why, in one line each</summary>
#
# L2: λw = 0.5 is divided by the root of the mean squared gradient. Beside gradients of size 100 that leaves nothing; beside
# 0.01 the penalty itself is the gradient, and Adam walks towards 0 by about η a step. AdamW: both are multiplied by
# $1 - \eta\lambda$ in every step, whatever their gradients.
# </details>
#
# *"You double the learning rate of AdamW. What happens to the decay?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# In PyTorch's convention the factor is $1 - \eta\lambda$, so it doubles as well; a schedule that lowers η lowers the decay.
# The paper keeps them apart, with a factor $1 - \lambda$ times the schedule. Say which one you mean before you compare
# values of λ from two code bases.
# </details>

# %% [markdown]
# ## 5 · Your coefficients, as λ grows
#
# Your `ridge`, your `lasso` and your `elastic_net` (ρ = 0.5) on scikit-learn's diabetes data: 442 patients, ten standardised
# columns, a measure of how far the disease has gone a year later. The lines are scikit-learn's, the dots are yours, while λ
# grows a thousandfold. *Penalty* chooses which of the three.
#
# **What to look for.** Ridge's weights shrink together and none arrives; lasso's arrive at 0 one after another, and stay
# there; so do the elastic net's, but later: the last at twice the λ. A weight may also grow for a while, when a column that
# is correlated with it leaves. Where your curve parts from scikit-learn's by a constant factor in λ, look at the table of
# conventions at the top: it is the n.

# %%
reg.path(ridge=ridge, lasso=lasso, elastic_net=elastic_net)

# %% [markdown]
# ## Cheat sheet
#
# | part | formula | say this | watch out for |
# |---|---|---|---|
# | objective | $\frac{1}{2n}\lVert r \rVert^2 + \lambda[\rho\lVert w\rVert_1 + \frac{1-\rho}{2}\lVert w\rVert^2]$ | "mean in front, so λ doesn't depend on n; intercept free" | `Ridge`: α = nλ; `Lasso`: α = λ |
# | ridge | $(\tilde X^\top \tilde X/n + \lambda I)\, w = \tilde X^\top \tilde y/n$ | "centre, solve, then b = ȳ − x̄ᵀw" | penalised intercept; `inv` of a singular matrix |
# | ridge, by steps | $w \leftarrow (1 - \eta\lambda) w - \frac{\eta}{n} X^\top r$ | "decay is the gradient of λ/2 ‖w‖²" | λb in the intercept's gradient |
# | soft threshold | $\operatorname{sign}(z)\max(\lvert z\rvert - t, 0)$ | "the slope jumps by 2t at 0, so small z stay there" | hard threshold; the sign |
# | lasso | $w_j \leftarrow S(w_j + \tilde x_j^\top r/(n q_j),\, \lambda/q_j)$ | "one column at a time, residual kept up to date, stop on the gap" | own weight left out; λ not divided by $q_j$; constant columns |
# | elastic net | $S(z_j, \lambda\rho)/(q_j + \lambda(1-\rho))$ | "zeros from L1, a unique shared solution from L2" | ρ and 1 − ρ swapped |
# | k folds | scale and fit on the rest, score on the fold | "everything that is fitted goes inside the loop" | scaler on all rows |
# | one standard error | largest λ with mean ≤ lowest + sd/√k | "the simplest that can't be told from the best" | divisor k; spread instead of error of the mean |
# | dropout | $k\,x/(1-p)$ in training, $x$ after | "scaled in training, so evaluation is the identity" | dividing by p; a new mask in backward |
# | early stopping | stop when `patience` epochs bring no new best | "keep a copy of the best epoch's weights" | the last weights returned; the watched loss reported |
# | AdamW | $(1 - \eta\lambda) w - \eta \hat m/(\sqrt{\hat v} + \epsilon)$ | "Adam divides L2 by the gradient's size; decay bypasses it" | `weight_decay` of Adam is L2 |
#
# **Cost.** Ridge $O(nd^2 + d^3)$, or $O(n^2 d + n^3)$ for $n < d$; a sweep of the lasso $O(nd)$; cross-validation: k times
# the number of λs times one fit, warm starts make it far less.
#
# **In the first two minutes of a coding round**, before any code: the objective with its conventions, the intercept, the
# shapes, and the test that you will write: at the solution the objective's gradient is zero; for L1, the loss's gradient
# lies within ±λ at each zero weight and is ∓λ at the others.

# %% [markdown]
# **Check my work** runs the hidden checks too, and names what went wrong where it can. A part that costs points today
# is worth writing again tomorrow, from a blank page, in the minutes that the table at the top gives it.
#
# Next: [3 · Use](3_use.ipynb), where all of this meets real data. Back: [1 · See](1_see.ipynb).

# %% tags=["on_open"]
learner.check_my_work()
