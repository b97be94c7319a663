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
# # Gradient descent · 2 · Build
#
# In [1 · See](1_see.ipynb) you watched gradient descent. Here you write it, every part, in NumPy, from the definition:
# ten functions, none longer than about fifteen lines. At the end your own optimisers run down the surface that you
# explored, beside PyTorch's.
#
# An ML coding round gives you about 45 minutes, a shared editor and usually no autograd. Nobody doubts that you could
# look the formula up. What the interviewer watches is how you get from a formula to code that can be trusted: whether
# you say the shapes before you type, test before you are asked to, and know where your code breaks.

# %% tags=["on_open"]
import matplotlib.pyplot as plt
import numpy as np

from curriculum import checks, learner, widgets
from curriculum.widgets import gradient_descent as gd

learner.begin("gradient_descent", "2_build")

# %% [markdown]
# **After this notebook you can write, from a blank page and with a test for each**
#
# | | exercise | minutes | points | the interviewer's version |
# |---|---|---|---|---|
# | 1 | gradient of the mean squared error | 10 | 4 | "Derive it. Now code it, no loops." |
# | 2 | gradient of the logistic loss | 15 | 5 | "What happens at a margin of 1,000?" |
# | 3 | one step | 5 | 2 | "Does your function change its input?" |
# | 4 | the batch loop, with a stopping rule | 15 | 4 | "When do you stop? What if it diverges?" |
# | 5 | mini-batches by epoch | 10 | 4 | "What is the complexity of your sampler?" |
# | 6 | momentum | 8 | 3 | "Which convention is that?" |
# | 7 | Adam | 15 | 5 | "Why the bias correction? Where does ε go?" |
# | 8 | learning rate with warm-up and cosine | 10 | 4 | "What is the rate at the very last step?" |
# | 9 | clipping by global norm | 10 | 3 | "Per tensor or over all of them? Why?" |
# | 10 | a training loop out of these parts | 20 | 6 | "Put it together. How do you know that it is right?" |
#
# **Symbols**, as in [1 · See](1_see.ipynb): $X$ (n, d) the features, one row per example; $y$ (n,) the targets; $w$
# (d,) the weights; $b$ the intercept; $f$ the loss, a mean over rows, in units of $y^2$ (squared error) or in nats
# (logistic loss); $g$ a gradient, always of the shape of what it is the gradient of; $\eta$ the learning rate; $L$
# the largest curvature.
#
# **How to work.** Write each function in its cell and run the cell below it. You see some of the checks now; the
# others, on edge cases that you should think of yourself, run when you press **Check my work** at the end. Hints open
# in three steps, the last one being nearly the answer. Before you look at a check, do what you would do in the room:
#
# 1. **clarify** the shapes and conventions, and say them aloud;
# 2. **plan** in one sentence;
# 3. **write** it;
# 4. **test** it: one case by hand, one edge case, one independent oracle;
# 5. **improve**: say what you would change for more rows, more speed, worse numbers.

# %% [markdown]
# ## 1 · The gradient
#
# A training loop is only as right as its gradient. A wrong one rarely raises an error: the loss still goes down for a
# while, to the wrong place. So you derive it on paper, write it, and check it against something that doesn't share
# your mistakes.
#
# ### Squared error
#
# The loss of linear regression is the mean over rows of the squared difference between prediction and target:
#
# $$ f(w, b) = \frac{1}{n} \sum_{i=1}^{n} r_i^2, \qquad r_i = x_i^\top w + b - y_i . $$
#
# In words: predict each row, subtract its target, square, average. The **residual** $r_i$ is prediction *minus*
# target, in this order; the sign of all that follows hangs on it.
#
# By the chain rule, the outer derivative is $2 r_i$. The inner one is how the residual answers to each parameter:
# $x_{ij}$ for $w_j$, and 1 for $b$.
#
# $$ \frac{\partial f}{\partial w_j} = \frac{2}{n} \sum_i r_i\, x_{ij}, \qquad
# \frac{\partial f}{\partial b} = \frac{2}{n} \sum_i r_i . $$
#
# In words: the slope along a weight is twice the mean of residual times feature. The intercept behaves like the weight
# of a feature that is always 1.
#
# All weights at once:
#
# $$ \nabla_{\!w} f = \frac{2}{n} X^\top r . $$
#
# In words: multiply the transposed data by the vector of residuals. You need not remember on which side the transpose
# goes: $X$ is (n, d), $r$ is (n,), the answer must be (d,) like $w$, and only $X^\top r$ has that shape.

# %% [markdown]
# ## Exercise 1 · The gradient of the mean squared error
#
# *Difficulty 1 of 5 · 10 minutes · 4 points*
#
# Write the gradient for all weights and for the intercept. Aim for matrix products, with no Python loop over rows.
#
# Before you write, state the two conventions on which people differ: **mean or sum** over the rows, and **with or
# without a factor ½** in front of the loss. Here it is the mean, without the ½, as in `torch.nn.MSELoss`, so the 2
# stays in the gradient. Other conventions are as right, and need another learning rate.
#
# *Worked example.* One row $x = (1, 2)$ with target $y = 3$, at $w = (0, 0)$ and $b = 0$. The prediction is 0, the
# residual −3. So the gradient for $w$ is $2 \cdot (-3) \cdot (1, 2) = (-6, -12)$, and for $b$ it is −6. All are
# negative: increasing any of the three brings the prediction closer to 3.
#
# **In the round.** This is often the first five minutes of "implement linear regression". They look for shapes said
# before code, for one matrix product instead of a loop, and for the intercept treated as a parameter. The edge that
# they push on: "and if $y$ comes as a column?"

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "mse_gradient",
    "Which shape does the residual have, and which shape must each of the two results have?",
    "Compute the residual once, as prediction minus target. Both results are made from it: one needs X, the other doesn't.",
    "The matrix product of X transposed with the residual sums over rows; divide by n and double. For b, double the mean.",
)


# %% nbgrader={"grade": false, "grade_id": "mse_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mse_gradient(X, y, w, b):
    """Give the gradient of the mean squared error of linear regression.

    The loss is mean((X w + b − y)²) over the rows; the factor 2 is kept.

    Parameters
    ----------
    X : ndarray of float or int, shape (n, d)
        One row per example; n ≥ 1, d ≥ 1.
    y : ndarray of float or int, shape (n,)
        Targets.
    w : ndarray of float, shape (d,)
        Weights.
    b : float
        Intercept.

    Returns
    -------
    grad_w : ndarray of float, shape (d,)
        Derivative of the loss by each weight, in units of y² per unit of the weight.
    grad_b : float
        Derivative of the loss by the intercept.

    Notes
    -----
    None of the inputs is changed. The time is in proportion to n · d.
    """
    ### BEGIN SOLUTION
    residual = X @ w + b - y
    grad_w = 2 / len(y) * (X.T @ residual)
    grad_b = 2 * residual.mean()
    return grad_w, grad_b
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "mse_gradient_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("mse_gradient")
with check("one row, worked by hand", points=0.5):
    given = "X = [[1, 2]], y = [3], w = [0, 0], b = 0"
    result = mse_gradient(np.array([[1.0, 2.0]]), np.array([3.0]), np.zeros(2), 0.0)
    checks.that(
        type(result) in (tuple, list) and len(result) == 2,
        f"Expected two results, grad_w and grad_b; got {type(result).__name__}.",
        given=given,
    )
    grad_w, grad_b = result
    checks.close(grad_w, np.array([-6.0, -12.0]), given=given, what="grad_w")
    checks.close(grad_b, -6.0, given=given, what="grad_b")
with check("four rows, against a numeric gradient", points=0.5):
    X = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, -1.0], [1.0, 3.0]])
    y, w, b = np.array([1.0, 2.0, 0.0, -1.0]), np.array([0.5, -1.0]), 2.0
    given = f"X = {X.tolist()}, y = {y.tolist()}, w = {w.tolist()}, b = {b}"
    grad_w, grad_b = mse_gradient(X.copy(), y.copy(), w.copy(), b)
    checks.gradient(grad_w, lambda w: np.mean((X @ w + b - y) ** 2), w, given=given, what="grad_w")
    checks.gradient(grad_b, lambda b: np.mean((X @ w + b - y) ** 2), b, given=given, what="grad_b")
### BEGIN HIDDEN TESTS
import torch

with check("random data, against PyTorch's autograd", points=2):
    rng = np.random.default_rng(1)
    X, y, w, b = rng.normal(size=(50, 3)), rng.normal(size=50), rng.normal(size=3), 0.7
    given = "50 random rows, 3 features, b = 0.7"
    w_leaf = torch.tensor(w, requires_grad=True)
    b_leaf = torch.tensor(b, dtype=torch.float64, requires_grad=True)
    torch.nn.functional.mse_loss(torch.tensor(X) @ w_leaf + b_leaf, torch.tensor(y)).backward()
    want_w, want_b = w_leaf.grad.numpy(), b_leaf.grad.item()
    grad_w, grad_b = mse_gradient(X, y, w, b)
    checks.close(
        grad_w,
        want_w,
        rtol=1e-6,
        atol=1e-9,
        given=given,
        what="grad_w",
        mistakes=[
            checks.Mistake(
                "sum instead of mean",
                looks_like=50 * want_w,
                says="The result is n times too large: the loss is a mean over rows. With a sum, the learning rate that "
                "works would depend on how many rows there are.",
            ),
            checks.Mistake(
                "wrong sign",
                looks_like=-want_w,
                says="Every component points the other way, as when the residual is target minus prediction. Descent "
                "with this gradient climbs.",
            ),
            checks.Mistake(
                "factor 2 missing",
                looks_like=want_w / 2,
                says="This is the gradient of *half* the mean squared error. The docstring's loss has no ½, so the "
                "square's derivative leaves a 2.",
            ),
            checks.Mistake(
                "intercept left out of the prediction",
                looks_like=2 / 50 * X.T @ (X @ w - y),
                says="The residual doesn't contain b. At b = 0 nobody notices; after the first step of training b is "
                "no longer 0.",
            ),
            checks.Mistake(
                "every row minus every target",
                looks_like=2 / 50 * X.T @ ((X @ w + b)[:, None] - y),
                says="A column (n, 1) minus a vector (n,) broadcasts to (n, n): every prediction minus every target. "
                "NumPy raises no error. Keep predictions and targets in the same shape, and check it.",
            ),
            checks.Mistake(
                "averaged over features too",
                looks_like=2 * np.mean(X * (X @ w + b - y)[:, None]),
                says="`mean` without an axis averages over rows and columns, so one number is left. The gradient has "
                "one component for each weight.",
            ),
        ],
    )
    checks.close(
        grad_b,
        want_b,
        rtol=1e-6,
        atol=1e-9,
        given=given,
        what="grad_b",
        mistakes=[
            checks.Mistake(
                "intercept's gradient summed",
                looks_like=50 * want_b,
                says="grad_w is a mean over rows, and grad_b is n times too large. Both are derivatives of the same mean.",
            ),
        ],
    )
with check("integers, one feature, and no slope at the minimum", points=0.5):
    grad_w, grad_b = mse_gradient(np.array([[2], [4]]), np.array([1, 0]), np.array([1.0]), 0.0)
    checks.close(
        grad_w,
        np.array([18.0]),
        given="X = [[2], [4]], y = [1, 0], all integers; w = [1], b = 0",
        what="grad_w",
    )
    checks.close(
        grad_b, 5.0, given="X = [[2], [4]], y = [1, 0], all integers; w = [1], b = 0", what="grad_b"
    )
    ones = np.ones((50, 1))
    X, y = np.random.default_rng(2).normal(size=(50, 3)), np.random.default_rng(3).normal(size=50)
    best = np.linalg.lstsq(np.hstack([X, ones]), y, rcond=None)[0]
    grad_w, grad_b = mse_gradient(X, y, best[:3], float(best[3]))
    checks.close(
        grad_w, np.zeros(3), atol=1e-6, given="w and b at the least-squares solution", what="grad_w"
    )
    checks.close(
        grad_b, 0.0, atol=1e-6, given="w and b at the least-squares solution", what="grad_b"
    )
with check("the inputs stay as they were", points=0.5):
    X, y = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([1.0, 2.0])
    grad_w, grad_b = checks.unchanged(
        mse_gradient,
        X,
        y,
        np.array([0.5, 1.0]),
        0.25,
        given="X = [[1, 2], [3, −1]], y = [1, 2], w = [0.5, 1], b = 0.25",
        mistakes=[
            checks.Mistake(
                "targets changed in place",
                says="`residual = y` makes a second name for the same array, and `-=` then writes into the caller's "
                "targets. The next call works with other data, and no error says so.",
            ),
        ],
    )
    checks.close(
        grad_w,
        np.array([-2.0, 4.75]),
        given="X = [[1, 2], [3, −1]], y = [1, 2], w = [0.5, 1], b = 0.25",
        what="grad_w",
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "mse_gradient", "name": "sum instead of mean"}
def mse_gradient(X, y, w, b):
    residual = X @ w + b - y
    return 2 * X.T @ residual, 2 * residual.sum()


# %% tags=["mistake"] mistake={"exercise": "mse_gradient", "name": "wrong sign"}
def mse_gradient(X, y, w, b):
    residual = y - (X @ w + b)
    return 2 / len(y) * (X.T @ residual), 2 * residual.mean()


# %% tags=["mistake"] mistake={"exercise": "mse_gradient", "name": "factor 2 missing"}
def mse_gradient(X, y, w, b):
    residual = X @ w + b - y
    return X.T @ residual / len(y), residual.mean()


# %% tags=["mistake"] mistake={"exercise": "mse_gradient", "name": "intercept left out of the prediction"}
def mse_gradient(X, y, w, b):
    residual = X @ w - y
    return 2 * X.T @ residual / len(y), 2 * residual.mean()


# %% tags=["mistake"] mistake={"exercise": "mse_gradient", "name": "every row minus every target"}
def mse_gradient(X, y, w, b):
    residual = X @ w.reshape(-1, 1) + b - y
    return 2 * X.T @ residual / len(y), 2 * residual.mean()


# %% tags=["mistake"] mistake={"exercise": "mse_gradient", "name": "averaged over features too"}
def mse_gradient(X, y, w, b):
    residual = X @ w + b - y
    return 2 * np.mean(X * residual[:, None]), 2 * np.mean(residual)


# %% tags=["mistake"] mistake={"exercise": "mse_gradient", "name": "intercept's gradient summed"}
def mse_gradient(X, y, w, b):
    residual = X @ w + b - y
    return 2 * X.T @ residual / len(y), 2 * residual.sum()


# %% tags=["mistake"] mistake={"exercise": "mse_gradient", "name": "targets changed in place"}
def mse_gradient(X, y, w, b):
    residual = np.asarray(y, dtype=float)
    residual -= X @ w + b
    return -2 * X.T @ residual / len(y), -2 * residual.mean()


# %% tags=["alternative"] alternative={"exercise": "mse_gradient", "name": "loops"}
def mse_gradient(X, y, w, b):
    n, d = X.shape
    grad_w, grad_b = np.zeros(d), 0.0
    for i in range(n):
        residual = b - y[i]
        for j in range(d):
            residual += X[i, j] * w[j]
        for j in range(d):
            grad_w[j] += 2 * residual * X[i, j] / n
        grad_b += 2 * residual / n
    return grad_w, grad_b


# %% tags=["alternative"] alternative={"exercise": "mse_gradient", "name": "a column of ones"}
def mse_gradient(X, y, w, b):
    A = np.column_stack([X, np.ones(len(y))])
    gradient = 2 * A.T @ (A @ np.append(w, b) - y) / len(y)
    return gradient[:-1], gradient[-1]


# %% tags=["alternative"] alternative={"exercise": "mse_gradient", "name": "einsum"}
def mse_gradient(X, y, w, b):
    residual = np.einsum("ij,j->i", X, w) + b - y
    return 2 * np.einsum("ij,i->j", X, residual) / len(y), 2 * np.einsum("i->", residual) / len(y)


# %% tags=["alternative"] alternative={"exercise": "mse_gradient", "name": "autograd"}
def mse_gradient(X, y, w, b):
    import torch

    X, y = (torch.tensor(a, dtype=torch.float64) for a in (X, y))
    w, b = (torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in (w, b))
    ((X @ w + b - y) ** 2).mean().backward()
    return w.grad.numpy(), b.grad.item()


# %% [markdown]
# **Asked next**: *"Add an L2 penalty, $\lambda \lVert w \rVert^2$, to the loss. Which lines change? Does $b$ get one?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# grad_w gains $2\lambda w$. grad_b stays as it is. The penalty says "small effects unless the data insist"; the
# intercept is no effect but the level of $y$. Penalise it, and adding 100 to every target no longer adds 100 to every
# prediction. To check yours: at $X = 0$, $y = 0$, $w = (3, -1)$, $b = 0$ and λ = 0.5, the gradient is $(3, -1)$ and 0.
# </details>
#
# *"What does one call cost, and in memory?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Two products with an (n, d) matrix: about $2nd$ multiplications, $O(nd)$. In memory one vector of length $n$. Writing
# it as `(X * residual[:, None]).mean(axis=0)` is as right, but makes a temporary as large as the data.
# </details>

# %% [markdown]
# ### An oracle that fits in three lines
#
# In the room there is no test cell. There is always this one:
#
# $$ \frac{\partial f}{\partial w_j} \approx \frac{f(w + h e_j) - f(w - h e_j)}{2h} . $$
#
# In words: nudge one parameter up and down by a small $h$, and divide the difference of the losses by the difference of
# the parameters. It needs only the loss, so it can't share a mistake in the derivation. It costs two losses for each
# parameter, which is why it is for testing and not for training.

# %%
rng = np.random.default_rng(0)
X, y = rng.normal(size=(50, 3)), rng.normal(size=50)
w, b = rng.normal(size=3), 0.5


def loss(w):
    return np.mean((X @ w + b - y) ** 2)


print(
    "central differences:", np.array([(loss(w + e) - loss(w - e)) / 2e-6 for e in 1e-6 * np.eye(3)])
)
if checks.attempted(mse_gradient, X, y, w, b):
    print("your gradient:      ", mse_gradient(X, y, w, b)[0])

# %% [markdown]
# Write this test before you are asked for one. "I'll check it against finite differences" is one of the cheapest strong
# sentences in a coding round.

# %% [markdown]
# ### Logistic loss
#
# Now $y$ is 0 or 1, and the model says how probable 1 is. The **margin** $z$, also called the logit, may be any number;
# the sigmoid squeezes it into a probability:
#
# $$ z_i = x_i^\top w + b, \qquad p_i = \sigma(z_i) = \frac{1}{1 + e^{-z_i}}, \qquad
# f = -\frac{1}{n} \sum_i \bigl[\, y_i \log p_i + (1 - y_i) \log (1 - p_i) \,\bigr] . $$
#
# In words: the loss of a row is minus the logarithm of the probability that the model gave to what happened. Sure and
# right costs nothing; sure and wrong costs a lot.
#
# The derivation is a standard question, and three facts make it short. Do it on paper now, then compare.
#
# <details><summary>The derivation</summary>
#
# 1. The sigmoid's slope is $\sigma'(z) = \sigma(z)\,(1 - \sigma(z)) = p\,(1 - p)$.
# 2. The derivative of one row's loss by $p$ is $-\dfrac{y}{p} + \dfrac{1 - y}{1 - p} = \dfrac{p - y}{p\,(1 - p)}$.
# 3. Multiply the two (chain rule): $p\,(1-p)$ cancels, and the derivative by the margin is $p - y$.
#
# The margin's derivative by $w$ is $x$ and by $b$ is 1, as in linear regression.
# </details>
#
# What comes out is the gradient of linear regression once more, with another residual and without the 2:
#
# $$ \nabla_{\!w} f = \frac{1}{n} X^\top (p - y), \qquad \frac{\partial f}{\partial b} = \frac{1}{n} \sum_i (p_i - y_i) . $$
#
# In words: residual times feature, averaged; the residual is now probability minus label. The cancellation in step 3 is
# the reason why cross-entropy is used with a sigmoid. With squared error the factor $p\,(1-p)$ stays, and a row that is
# surely wrong has almost no gradient.

# %% [markdown]
# ## Exercise 2 · The gradient of the logistic loss
#
# *Difficulty 2 of 5 · 15 minutes · 5 points*
#
# The formula is short; the numbers are the exercise. Margins of a thousand occur: on features that nobody scaled,
# after a few steps that were too long, on data that can be separated. `np.exp(1000)` is too large for a float64,
# whose largest number is about $e^{709}$. Your function must give the right gradient there, **without an overflow
# warning**.
#
# *Worked example.* Two rows, $x_1 = 4$ with label 1 and $x_2 = 2$ with label 0, at $w = 0$, $b = 0$. Both margins are 0
# and both probabilities ½. The residuals are −½ and ½, so the gradient for $w$ is
# $\tfrac{1}{2}\,(4 \cdot (-\tfrac12) + 2 \cdot \tfrac12) = -0.5$, and for $b$ it is 0.
#
# **In the round.** The derivation is asked nearly as often as the code. What separates candidates is who mentions the
# overflow: a strong one says "this form is unsafe for large margins" while writing the sigmoid, before anybody asks.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "logistic_gradient",
    "For which sign of the margin does exp(−z) overflow, and what would the probability be there?",
    "The sigmoid can be written with exp(−z) or with exp(z). Each form is safe on one side of zero. Other functions know "
    "about this already: look at np.logaddexp, or at the relation between the sigmoid and tanh.",
    "log p is minus logaddexp(0, −z), and the exponential of a large negative number is 0 without complaint. Then the "
    "residual is p − y, and the gradient is Xᵀ residual over n.",
)


# %% nbgrader={"grade": false, "grade_id": "logistic_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def logistic_gradient(X, y, w, b):
    """Give the gradient of the mean cross-entropy of logistic regression.

    The loss is the mean over rows of −y log p − (1 − y) log(1 − p), with p = sigmoid(X w + b).

    Parameters
    ----------
    X : ndarray of float, shape (n, d)
        One row per example; n ≥ 1.
    y : ndarray of float, int or bool, shape (n,)
        Labels, 0 or 1.
    w : ndarray of float, shape (d,)
        Weights.
    b : float
        Intercept.

    Returns
    -------
    grad_w : ndarray of float, shape (d,)
        Derivative of the loss (in nats) by each weight.
    grad_b : float
        Derivative of the loss by the intercept.

    Notes
    -----
    Right, and without overflow or other warnings, for margins from −1000 to 1000. None of the
    inputs is changed.
    """
    ### BEGIN SOLUTION
    probability = np.exp(-np.logaddexp(0, -(X @ w + b)))
    residual = probability - y
    return X.T @ residual / len(y), residual.mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "logistic_gradient_test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check = checks.start("logistic_gradient")
with check("two rows, worked by hand", points=0.5):
    given = "X = [[4], [2]], y = [1, 0], w = [0], b = 0"
    result = logistic_gradient(np.array([[4.0], [2.0]]), np.array([1.0, 0.0]), np.zeros(1), 0.0)
    checks.that(
        type(result) in (tuple, list) and len(result) == 2,
        f"Expected two results, grad_w and grad_b; got {type(result).__name__}.",
        given=given,
    )
    grad_w, grad_b = result
    checks.close(grad_w, np.array([-0.5]), atol=1e-9, given=given, what="grad_w")
    checks.close(grad_b, 0.0, atol=1e-9, given=given, what="grad_b")
with check("three rows, against a numeric gradient", points=0.5):
    X, y = np.array([[1.0, -2.0], [0.5, 1.0], [-1.0, 0.0]]), np.array([0.0, 1.0, 1.0])
    w, b = np.array([0.3, -0.4]), 0.2

    def loss(w, b):
        p = 1 / (1 + np.exp(-(X @ w) - b))
        return np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))

    given = f"X = {X.tolist()}, y = {y.tolist()}, w = [0.3, -0.4], b = 0.2"
    grad_w, grad_b = logistic_gradient(X, y, w, b)
    checks.gradient(grad_w, lambda w: loss(w, b), w, given=given, what="grad_w")
    checks.gradient(grad_b, lambda b: loss(w, b), b, given=given, what="grad_b")
### BEGIN HIDDEN TESTS
import warnings

import torch

with check("random data, against PyTorch's autograd", points=1.5):
    rng = np.random.default_rng(4)
    X, w, b = rng.normal(size=(60, 4)), rng.normal(size=4), -0.3
    y = (rng.random(60) < 0.4).astype(float)
    given = "60 random rows, 4 features, labels 0.0 and 1.0"
    w_leaf = torch.tensor(w, requires_grad=True)
    b_leaf = torch.tensor(b, dtype=torch.float64, requires_grad=True)
    margin = torch.tensor(X) @ w_leaf + b_leaf
    torch.nn.functional.binary_cross_entropy_with_logits(margin, torch.tensor(y)).backward()
    want_w, want_b = w_leaf.grad.numpy(), b_leaf.grad.item()
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    grad_w, grad_b = logistic_gradient(X, y, w, b)
    checks.close(
        grad_w,
        want_w,
        rtol=1e-6,
        atol=1e-9,
        given=given,
        what="grad_w",
        mistakes=[
            checks.Mistake(
                "sum instead of mean",
                looks_like=60 * want_w,
                says="The result is n times too large: the loss is a mean over rows.",
            ),
            checks.Mistake(
                "wrong sign",
                looks_like=-want_w,
                says="The residual is probability minus label. The other way round, every step makes the data less "
                "probable.",
            ),
            checks.Mistake(
                "factor 2 of the squared error",
                looks_like=2 * want_w,
                says="The 2 belongs to the derivative of a square. There is no square in the cross-entropy.",
            ),
            checks.Mistake(
                "sigmoid's slope left in",
                looks_like=X.T @ ((p - y) * p * (1 - p)) / 60,
                says="A factor p (1 − p) too many. It belongs to the sigmoid's slope, and the cross-entropy's "
                "derivative cancels it. With it, this is half the gradient of a *squared* error on probabilities.",
            ),
            checks.Mistake(
                "sigmoid forgotten",
                looks_like=X.T @ (z - y) / 60,
                says="The margin stands where the probability belongs: this is the residual of linear regression.",
            ),
            checks.Mistake(
                "formula for labels −1 and +1",
                looks_like=X.T @ (-y / (1 + np.exp(y * z))) / 60,
                says="This is the gradient for labels −1 and +1. With 0 in place of −1, all rows of class 0 drop out.",
            ),
        ],
    )
    checks.close(grad_b, want_b, rtol=1e-6, atol=1e-9, given=given, what="grad_b")
extreme = np.array([[1000.0], [-1000.0], [1000.0], [-1000.0]]), np.array([1, 0, 0, 1]), np.ones(1)
shown = "margins 1000, −1000, 1000, −1000 with labels 1, 0, 0, 1"
with check("margins of ±1000: the right values", points=1):
    given = shown
    grad_w, grad_b = logistic_gradient(*(np.copy(a) for a in extreme), 0.0)
    checks.close(
        grad_w,
        np.array([500.0]),
        atol=1e-9,
        given=given,
        what="grad_w",
        mistakes=[
            checks.Mistake(
                "infinity over infinity",
                looks_like=np.array([np.nan]),
                says="`exp(z) / (1 + exp(z))` is inf / inf = NaN for a large margin. One NaN in one row makes the whole "
                "mean NaN, and after one step all weights.",
            ),
        ],
    )
    checks.close(grad_b, 0.0, atol=1e-9, given=given, what="grad_b")
with check("margins of ±1000: no warning", points=0.5):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        grad_w, grad_b = logistic_gradient(*(np.copy(a) for a in extreme), 0.0)
    given = shown
    checks.close(grad_w, np.array([500.0]), atol=1e-9, given=given, what="grad_w")
    said = "; ".join(sorted({str(warning.message) for warning in heard}))
    checks.that(
        not heard,
        f"Expected no warning. NumPy said: {said}",
        given=given,
        mistakes=[
            checks.Mistake(
                "exponential overflows",
                when="overflow" in said,
                says="`exp` of a number above 709 is infinite in float64. Here the result happens to survive, since 1/inf "
                "is 0; a warning in every step hides the one that matters, and in float32 it starts at 88.",
            ),
        ],
    )
with check("integer labels, inputs unchanged", points=0.5):
    X, w = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]]), np.array([0.1, -0.2])
    given = "X = [[1, 2], [0, −1], [3, 1]], y = [1, 0, 1] as integers, w = [0.1, −0.2], b = 0.5"
    grad_w, grad_b = checks.unchanged(
        logistic_gradient, X, np.array([1, 0, 1]), w, 0.5, given=given
    )
    w_leaf = torch.tensor(w, requires_grad=True)
    torch.nn.functional.binary_cross_entropy_with_logits(
        torch.tensor(X) @ w_leaf + 0.5, torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64)
    ).backward()
    checks.close(grad_w, w_leaf.grad.numpy(), rtol=1e-6, given=given, what="grad_w")
with check("one row that is surely wrong still pulls", points=0.5):
    grad_w, grad_b = logistic_gradient(np.array([[1.0]]), np.array([1.0]), np.array([-50.0]), 0.0)
    checks.close(
        grad_w,
        np.array([-1.0]),
        rtol=1e-6,
        given="X = [[1]], y = [1], w = [−50], b = 0",
        what="grad_w",
    )
    checks.close(
        grad_b, -1.0, rtol=1e-6, given="X = [[1]], y = [1], w = [−50], b = 0", what="grad_b"
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "logistic_gradient", "name": "exponential overflows"}
def logistic_gradient(X, y, w, b):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    return X.T @ (p - y) / len(y), np.mean(p - y)


# %% tags=["mistake"] mistake={"exercise": "logistic_gradient", "name": "infinity over infinity"}
def logistic_gradient(X, y, w, b):
    z = X @ w + b
    p = np.exp(z) / (1 + np.exp(z))
    return X.T @ (p - y) / len(y), np.mean(p - y)


# %% tags=["mistake"] mistake={"exercise": "logistic_gradient", "name": "sigmoid's slope left in"}
def logistic_gradient(X, y, w, b):
    p = 0.5 * (1 + np.tanh((X @ w + b) / 2))
    delta = (p - y) * p * (1 - p)
    return X.T @ delta / len(y), delta.mean()


# %% tags=["mistake"] mistake={"exercise": "logistic_gradient", "name": "formula for labels −1 and +1"}
def logistic_gradient(X, y, w, b):
    z = X @ w + b
    delta = -y * np.exp(-np.logaddexp(0, y * z))
    return X.T @ delta / len(y), delta.mean()


# %% tags=["mistake"] mistake={"exercise": "logistic_gradient", "name": "sigmoid forgotten"}
def logistic_gradient(X, y, w, b):
    residual = X @ w + b - y
    return X.T @ residual / len(y), residual.mean()


# %% tags=["mistake"] mistake={"exercise": "logistic_gradient", "name": "factor 2 of the squared error"}
def logistic_gradient(X, y, w, b):
    residual = 0.5 * (1 + np.tanh((X @ w + b) / 2)) - y
    return 2 * X.T @ residual / len(y), 2 * residual.mean()


# %% tags=["mistake"] mistake={"exercise": "logistic_gradient", "name": "sum instead of mean"}
def logistic_gradient(X, y, w, b):
    residual = 0.5 * (1 + np.tanh((X @ w + b) / 2)) - y
    return X.T @ residual, residual.sum()


# %% tags=["mistake"] mistake={"exercise": "logistic_gradient", "name": "wrong sign"}
def logistic_gradient(X, y, w, b):
    residual = y - 0.5 * (1 + np.tanh((X @ w + b) / 2))
    return X.T @ residual / len(y), residual.mean()


# %% tags=["alternative"] alternative={"exercise": "logistic_gradient", "name": "two branches"}
def logistic_gradient(X, y, w, b):
    z = X @ w + b
    small = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1 / (1 + small), small / (1 + small))
    return X.T @ (p - y) / len(y), np.mean(p - y)


# %% tags=["alternative"] alternative={"exercise": "logistic_gradient", "name": "through tanh, in a loop"}
def logistic_gradient(X, y, w, b):
    n, d = X.shape
    grad_w, grad_b = np.zeros(d), 0.0
    for row, label in zip(X, y, strict=True):
        delta = (1 + np.tanh((row.dot(w) + b) / 2)) / 2 - label
        grad_w += delta * row / n
        grad_b += delta / n
    return grad_w, grad_b


# %% tags=["alternative"] alternative={"exercise": "logistic_gradient", "name": "SciPy's expit and einsum"}
def logistic_gradient(X, y, w, b):
    from scipy.special import expit

    delta = (expit(X @ w + b) - y) / len(y)
    return np.einsum("ij,i->j", X, delta), delta.sum()


# %% tags=["alternative"] alternative={"exercise": "logistic_gradient", "name": "margins clipped"}
def logistic_gradient(X, y, w, b):
    z = np.clip(X @ w + b, -700, 700)
    delta = 1 / (1 + np.exp(-z)) - y
    return X.T @ delta / len(y), delta.mean()


# %% tags=["alternative"] alternative={"exercise": "logistic_gradient", "name": "labels turned into −1 and +1"}
def logistic_gradient(X, y, w, b):
    sign = 2.0 * np.asarray(y, dtype=float) - 1
    delta = -sign * np.exp(-np.logaddexp(0, sign * (X @ w + b)))
    return X.T @ delta / len(y), delta.mean()


# %% tags=["alternative"] alternative={"exercise": "logistic_gradient", "name": "autograd"}
def logistic_gradient(X, y, w, b):
    import torch

    X, y = (torch.tensor(np.asarray(a, dtype=float)) for a in (X, y))
    w, b = (torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in (w, b))
    torch.nn.functional.binary_cross_entropy_with_logits(X @ w + b, y).backward()
    return w.grad.numpy(), b.grad.item()


# %% [markdown]
# **Asked next**: *"The classes can be separated by a line. What does gradient descent do, and what do you change?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# There is no minimum. Scaling $w$ up makes every row more probable, so the loss creeps to 0 and $\lVert w \rVert$ grows
# without end, about like $\log t$; the gradient is never exactly zero. The direction of $w$ settles at that of the
# line farthest from the nearest rows, the maximum-margin separator. Add an L2 penalty, or stop early. Check it by hand:
# $X = (-1, 1)$, $y = (0, 1)$, $b = 0$. The gradient for $w$ is $-\sigma(-w)$, negative at every $w$.
# </details>
#
# *"Why is squared error a bad loss for a classifier?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Its gradient carries the factor $p\,(1-p)$. At a margin of −50 with label 1, cross-entropy pulls with strength 1 (the
# last hidden check), squared error with about $10^{-22}$: the row that is most wrong learns least. It is also not
# convex in $w$, and does not follow from a likelihood for 0/1 labels.
# </details>

# %% [markdown]
# ### How small should h be?
#
# The numeric gradient has one choice in it, and interviewers like to ask about it. Predict before you run the next
# cell: which $h$ is best in float64, and why not the smallest possible?

# %%
rng = np.random.default_rng(0)
X, y, w = rng.normal(size=(50, 3)), rng.integers(0, 2, size=50), rng.normal(size=3)


def logistic_loss(w):
    return np.mean(np.logaddexp(0, X @ w) - y * (X @ w))


if checks.attempted(logistic_gradient, X, y, w, 0.0):
    yours = logistic_gradient(X, y, w, 0.0)[0]
    h = 10.0 ** np.arange(-13, 0)
    up, down = (
        np.array([[logistic_loss(w + sign * t * e) for e in np.eye(3)] for t in h])
        for sign in (1, -1)
    )
    forward = (up - logistic_loss(w)) / h[:, None]
    central = (up - down) / (2 * h[:, None])

    fig, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
    ax.loglog(
        h,
        np.abs(forward - yours).max(axis=1),
        "s--",
        color=widgets.COLORS["vermillion"],
        label="one-sided difference",
    )
    ax.loglog(
        h,
        np.abs(central - yours).max(axis=1),
        "o-",
        color=widgets.COLORS["blue"],
        label="central difference",
    )
    ax.set(xlabel="nudge h (units of w)", ylabel="largest distance from your gradient")
    ax.set_title("Too large an h bends, too small an h rounds")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    widgets.show(
        fig,
        alt="Error of the numeric gradient against h on logarithmic axes. Both curves are V-shaped: the one-sided "
        "difference is best near 1e-7 with an error near 1e-8, the central one near 1e-5 with an error near 1e-11.",
    )
else:
    print("The figure appears here once logistic_gradient is written.")

# %% [markdown]
# The right arm is the curve's bend: the one-sided error falls like $h$, the central one like $h^2$. The left arm is
# rounding: two losses that agree in most digits are subtracted, and what is left is noise of about $10^{-16}/h$. They
# meet between $10^{-8}$ and $10^{-7}$ for one-sided and near $h = 10^{-5}$ for central differences, which are a
# thousand times better there. In float32 everything is far worse: **check gradients in float64**.

# %% [markdown]
# If your curves flatten out high above that, the gradient is wrong, and no $h$ will mend it.

# %% [markdown]
# ## 2 · The loop
#
# With a gradient in hand, gradient descent is a line of arithmetic inside a loop. What goes wrong here is rarely
# mathematics: it is names that share an array, loops that run once too often, and runs that turn to NaN in silence.
#
# Predict before you write.

# %% jupyter={"source_hidden": true}
widgets.predict(
    "You start at w = np.array([8.0]) and keep the path: path = [w]. Three times you run w -= 0.5 * w and then "
    "path.append(w). What does the path hold?",
    [
        "8, 4, 2, 1: the start and the place after each of the three steps.",
        "1, 1, 1, 1: four times the last place, since all four are one array.",
        "8, 8, 8, 8: four times the start, since append keeps the value it saw.",
        "8, 1, 1, 1: the start is safe, and the appended places share one array.",
    ],
    answer=1,
    why=[
        "This is what a new array for every step would give. But w -= … writes into the array that w names already, "
        "and that very array is in the list.",
        "w -= … writes into the array that w names. The list holds that one array four times, so every entry shows "
        "what was written last. w = w - … would make a new array each time.",
        "append keeps the array itself, not a copy of its values. What is written into it later shows in the list.",
        "The first entry is the same array too: path = [w] makes no copy.",
    ],
    id="gd_shared_array",
)

# %% [markdown]
# ## Exercise 3 · One step
#
# *Difficulty 1 of 5 · 5 minutes · 2 points*
#
# $$ w_{\text{new}} = w - \eta\, g $$
#
# In words: move against the gradient, by the learning rate times the gradient. The formula is one line. What makes it
# a good function is what it does *not* do: it leaves its inputs alone, and it doesn't care which shape they have. So
# whoever calls it may keep the old $w$ to draw a path, to compare, or to go back.
#
# *Worked example.* At $w = (1, 2)$ with gradient $(0.5, -1)$ and η = 0.1, the new point is
# $(1 - 0.05,\; 2 + 0.1) = (0.95, 2.1)$. Where the gradient is negative, the parameter grows.
#
# **In the round.** Nobody asks for this line alone. But whoever reads your code sees in it whether you think of the
# caller, and the question "does this change its argument?" comes for any function that takes an array.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "step",
    "Should somebody who still holds the old w see it change?",
    "An expression such as a − b makes a new array. An assignment such as a −= b, or to a[...], writes into the old one.",
    "Return the difference of w and the learning rate times the gradient, as one expression.",
)


# %% nbgrader={"grade": false, "grade_id": "step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step(w, gradient, learning_rate):
    """Take one step of gradient descent.

    Parameters
    ----------
    w : ndarray of float or int, any shape
        Parameters.
    gradient : ndarray of float, the shape of w
        Gradient of the loss at w.
    learning_rate : float
        η, above zero.

    Returns
    -------
    ndarray of float, the shape of w
        The new parameters, in a new array. Integer parameters become floats.

    Notes
    -----
    None of the inputs is changed. A gradient of zero gives the same values back.
    """
    ### BEGIN SOLUTION
    return w - learning_rate * gradient
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("step")
with check("two parameters, worked by hand", points=0.5):
    w_new = step(np.array([1.0, 2.0]), np.array([0.5, -1.0]), 0.1)
    checks.close(
        w_new, np.array([0.95, 2.1]), given="w = [1, 2], gradient = [0.5, −1], learning_rate = 0.1"
    )
### BEGIN HIDDEN TESTS
import torch

with check("a matrix of parameters, against torch.optim.SGD", points=0.5):
    rng = np.random.default_rng(5)
    w, gradient = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    leaf = torch.tensor(w, requires_grad=True)
    leaf.grad = torch.tensor(gradient)
    torch.optim.SGD([leaf], lr=0.3).step()
    want = leaf.detach().numpy()
    checks.close(
        step(w.copy(), gradient.copy(), 0.3),
        want,
        rtol=1e-6,
        given="random w and gradient of shape (3, 4), learning_rate = 0.3",
        mistakes=[
            checks.Mistake(
                "uphill",
                looks_like=w + 0.3 * gradient,
                says="The gradient points where the loss grows. Adding it is gradient *ascent*.",
            ),
            checks.Mistake(
                "gradient scaled to length one",
                looks_like=w - 0.3 * gradient / np.linalg.norm(gradient),
                says="η is a factor, not the length of the step. With steps of fixed length the method can't come to "
                "rest: near the minimum the gradient gets short, and so must the step.",
            ),
        ],
    )
with check("the old parameters stay as they were", points=0.5):
    w_new = checks.unchanged(
        step,
        np.array([1.0, 2.0]),
        np.array([0.5, -1.0]),
        0.1,
        given="w = [1, 2], gradient = [0.5, −1], learning_rate = 0.1",
        mistakes=[
            checks.Mistake(
                "changed in place",
                says="`w -= …` writes into the array that the caller still holds. Every point of a path that was "
                "kept without `.copy()` moves along with it.",
            ),
        ],
    )
    checks.close(
        w_new, np.array([0.95, 2.1]), given="w = [1, 2], gradient = [0.5, −1], learning_rate = 0.1"
    )
with check("parameters given as integers", points=0.5):
    checks.close(
        step(np.array([1, 2]), np.array([0.5, -1.0]), 0.1),
        np.array([0.95, 2.1]),
        given="w = [1, 2] as integers, gradient = [0.5, −1], learning_rate = 0.1",
        mistakes=[
            checks.Mistake(
                "integers cut off",
                looks_like=np.array([0, 2]),
                says="The result went into an array of integers, and NumPy cut the fractions off in silence. A copy of "
                "an integer array is an integer array.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "step", "name": "uphill"}
def step(w, gradient, learning_rate):
    return w + learning_rate * gradient


# %% tags=["mistake"] mistake={"exercise": "step", "name": "changed in place"}
def step(w, gradient, learning_rate):
    w -= learning_rate * gradient
    return w


# %% tags=["mistake"] mistake={"exercise": "step", "name": "integers cut off"}
def step(w, gradient, learning_rate):
    new = w.copy()
    for index in np.ndindex(w.shape):
        new[index] = w[index] - learning_rate * gradient[index]
    return new


# %% tags=["mistake"] mistake={"exercise": "step", "name": "gradient scaled to length one"}
def step(w, gradient, learning_rate):
    return w - learning_rate * gradient / np.linalg.norm(gradient)


# %% tags=["alternative"] alternative={"exercise": "step", "name": "a copy, then in place"}
def step(w, gradient, learning_rate):
    new = w.astype(float)
    new -= learning_rate * gradient
    return new


# %% tags=["alternative"] alternative={"exercise": "step", "name": "a list of numbers"}
def step(w, gradient, learning_rate):
    pairs = zip(w.ravel(), gradient.ravel(), strict=True)
    return np.array([value - learning_rate * slope for value, slope in pairs]).reshape(w.shape)


# %% tags=["alternative"] alternative={"exercise": "step", "name": "torch.optim.SGD"}
def step(w, gradient, learning_rate):
    import torch

    leaf = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    leaf.grad = torch.tensor(gradient, dtype=torch.float64)
    torch.optim.SGD([leaf], lr=learning_rate).step()
    return leaf.detach().numpy()


# %% [markdown]
# **Asked next**: *"PyTorch's optimisers do change the parameters in place. Why is that right there?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Memory, and shared ownership on purpose. A model of 7 billion float32 parameters takes 28 GB; a new array in every
# step would need 28 GB more. And the model, the optimiser and the data-parallel copies must all see the same tensor.
# The price is the one that you met above: whoever wants to keep a state must `clone()` it. Keeping "the best weights
# so far" without a copy keeps the last ones.
# </details>

# %% [markdown]
# ## Exercise 4 · The batch loop
#
# *Difficulty 2 of 5 · 15 minutes · 4 points*
#
# Now repeat the step until there is a reason to stop. A loop needs three reasons:
#
# - **converged**: the gradient's norm is small, $\lVert \nabla f(w) \rVert_2 = \sqrt{\sum_j g_j^2} \le$ `tolerance`. In
#   words: the surface is level here, to within the tolerance;
# - **out of budget**: `max_steps` steps have been taken;
# - **broken**: some number is infinite or NaN. Then no later step can mend it, and you want to know at once, not when
#   the predictions come out empty.
#
# The function knows nothing about data or models: it is given a *function* that returns the gradient at a point. So
# the same loop minimises linear regression, logistic regression, or anything else. You may use your `step`.
#
# *Worked example.* $f(w) = \tfrac12 w^2$ has the gradient $w$. From 8 with η = 0.5, each step halves: the path is 8,
# 4, 2, 1 after three steps. With tolerance 2 it ends at 2: there the gradient is 2, which is small enough, so no
# further step is taken.
#
# **In the round.** "Implement gradient descent" usually means this function. They look for a loop that can end for
# more than one reason, and for a candidate who says what happens when it diverges before it does. Count the gradients
# that you compute: it is the first thing that a reviewer with a large model asks.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "minimise",
    "How many points does the path have after k steps? Which gradient decides whether step k + 1 is taken?",
    "Keep a list that starts with a float copy of w0. In each round: gradient once, compare its norm, step, check that the "
    "result is finite, append. Stack the list at the end.",
    "np.isfinite(w).all() is False for infinity and for NaN; a comparison with NaN is always False, so a NaN gradient "
    "never counts as small.",
)


# %% nbgrader={"grade": false, "grade_id": "minimise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    """Minimise a function by gradient descent, and keep the path.

    Parameters
    ----------
    gradient : callable
        Takes w, an array of shape (d,), and returns the gradient there, shape (d,). It may be
        expensive: call it once for each point.
    w0 : ndarray of float or int, shape (d,)
        Where to start. Stays as it is.
    learning_rate : float
        η, above zero.
    max_steps : int
        Largest number of steps, zero or more.
    tolerance : float
        No step is taken from a point where the gradient's Euclidean norm is at most this.

    Returns
    -------
    ndarray of float, shape (k + 1, d)
        w0 and the point after each of the k ≤ max_steps steps that were taken.

    Raises
    ------
    FloatingPointError
        As soon as a step leads to a point that is not finite (infinity or NaN).
    """
    ### BEGIN SOLUTION
    w = np.array(w0, dtype=float)
    path = [w]
    for _ in range(max_steps):
        slope = gradient(w)
        if np.linalg.norm(slope) <= tolerance:
            break
        w = step(w, slope, learning_rate)
        if not np.isfinite(w).all():
            raise FloatingPointError(f"diverged at step {len(path)}: w = {w}")
        path.append(w)
    return np.array(path)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "minimise_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("minimise")


def slope_of_parabola(w):
    return 1.0 * w


def slope_of_quartic(w):
    return np.where(np.abs(w) < 1e6, w**3, np.sign(w) * np.inf)


with check("three steps down a parabola, worked by hand", points=0.5):
    path = minimise(slope_of_parabola, np.array([8.0]), 0.5, 3, 0.0)
    given = "gradient(w) = w, w0 = [8], learning_rate = 0.5, max_steps = 3, tolerance = 0"
    checks.close(path, np.array([[8.0], [4.0], [2.0], [1.0]]), given=given, what="The path")
with check("a run that diverges raises FloatingPointError", points=0.5):
    given = "gradient(w) = w³ (infinite from 10⁶), w0 = [3], learning_rate = 0.5, max_steps = 50"
    checks.raises(
        FloatingPointError, minimise, slope_of_quartic, np.array([3.0]), 0.5, 50, 0.0, given=given
    )
### BEGIN HIDDEN TESTS
import torch

with check("stops where the gradient's norm reaches the tolerance", points=1):
    start = np.array([6.0, 8.0])
    leaf = torch.tensor(start, requires_grad=True)
    optimiser = torch.optim.SGD([leaf], lr=0.1)
    points = [start]
    for _ in range(30):
        leaf.grad = leaf.detach().clone()
        optimiser.step()
        points.append(leaf.detach().numpy().copy())
    points = np.array(points)
    checks.close(
        minimise(slope_of_parabola, start.copy(), 0.1, 200, 0.5),
        points[:30],
        rtol=1e-6,
        given="gradient(w) = w, w0 = [6, 8], learning_rate = 0.1, max_steps = 200, tolerance = 0.5",
        what="The path",
        mistakes=[
            checks.Mistake(
                "squared norm against the tolerance",
                looks_like=points[:27],
                says="The sum of squares was compared with the tolerance, without the root. Below 1 it is smaller than "
                "the norm, so the run stops early; above 1 it stops late.",
            ),
            checks.Mistake(
                "largest component instead of the norm",
                looks_like=points[:28],
                says="The largest absolute component is a norm too, but not the Euclidean one. With d parameters it can "
                "be smaller by a factor of √d.",
            ),
            checks.Mistake(
                "length of the step instead of the gradient",
                looks_like=points[:9],
                says="The rule compared η times the gradient. Then a small learning rate looks like convergence.",
            ),
            checks.Mistake(
                "length of the step instead of the gradient",
                looks_like=points[:8],
                says="The rule compared η times the gradient. Then a small learning rate looks like convergence.",
            ),
            checks.Mistake(
                "one step too late",
                looks_like=points[:31],
                says="One more step is taken after the gradient is small enough, as when the test looks at the "
                "gradient of the point before the step.",
            ),
            checks.Mistake(
                "the same array in every row",
                looks_like=np.tile(points[29], (30, 1)),
                says="Every row holds the last point: the list keeps one array, and `w -= …` writes into it. Make a new "
                "array for each step, or append a copy.",
            ),
            checks.Mistake(
                "start missing",
                looks_like=points[1:30],
                says="The path begins after the first step. With k steps it has k + 1 points.",
            ),
        ],
    )
with check("starting at the minimum, and no steps at all", points=0.5):
    checks.close(
        minimise(slope_of_parabola, np.zeros(2), 0.5, 4, 0.0),
        np.zeros((1, 2)),
        given="gradient(w) = w, w0 = [0, 0], max_steps = 4, tolerance = 0",
        what="The path",
        mistakes=[
            checks.Mistake(
                "less than, where at most is meant",
                looks_like=np.zeros((5, 2)),
                says="A gradient of exactly 0 is not below a tolerance of 0, so the loop walks on the spot until the "
                "budget is spent. Zero gradients do occur: at the minimum, and with dead units.",
            ),
            checks.Mistake(
                "one step too late",
                looks_like=np.zeros((2, 2)),
                says="A step is taken from a point where the gradient is zero already.",
            ),
        ],
    )
    path = minimise(slope_of_parabola, np.array([3.0]), 0.5, 0, 0.0)
    checks.close(path, np.array([[3.0]]), given="w0 = [3], max_steps = 0", what="The path")
with check("the start stays as it was, and may be integers", points=0.5):
    given = "gradient(w) = w, w0 = [8, 4], learning_rate = 0.5, max_steps = 4, tolerance = 0"
    want = np.array([[8.0, 4.0], [4.0, 2.0], [2.0, 1.0], [1.0, 0.5], [0.5, 0.25]])
    path = checks.unchanged(
        minimise,
        slope_of_parabola,
        np.array([8.0, 4.0]),
        0.5,
        4,
        0.0,
        given=given,
        mistakes=[
            checks.Mistake(
                "start changed in place",
                says="`w = w0` makes a second name, not a copy. The caller's starting point has moved to the minimum, and "
                'the next run from "the same" start is finished before it begins.',
            ),
        ],
    )
    checks.close(path, want, given=given, what="The path")
    path = minimise(slope_of_parabola, np.array([8, 4]), 0.5, 4, 0.0)
    checks.close(path, want, given=given.replace("[8, 4]", "[8, 4] as integers"), what="The path")
with check("a gradient that turns into NaN or infinity is told", points=0.5):
    for bad in (np.nan, np.inf):
        checks.raises(
            FloatingPointError,
            minimise,
            lambda w, bad=bad: np.array([1.0, bad]),
            np.zeros(2),
            0.1,
            1,
            1e-6,
            given=f"gradient(w) = [1, {bad}], w0 = [0, 0], max_steps = 1",
            mistakes=[
                checks.Mistake(
                    "divergence goes unnoticed",
                    says="The path came back with a point that is not finite in it. A comparison such as "
                    "`abs(w) > 1e6` misses NaN, since every comparison with NaN is False.",
                ),
            ],
        )
with check("one gradient for each point", points=0.5):
    asked = []

    def counted(w):
        asked.append(w)
        return 1.0 * w

    path = minimise(counted, np.array([8.0]), 0.5, 10, 0.0)
    checks.close(
        path, 8.0 * 0.5 ** np.arange(11.0)[:, None], given="max_steps = 10", what="The path"
    )
    checks.that(
        len(asked) <= 11,
        f"10 steps visit 11 points, so at most 11 gradients are needed; {len(asked)} were computed.",
        given="gradient(w) = w, w0 = [8], learning_rate = 0.5, max_steps = 10, tolerance = 0",
        mistakes=[
            checks.Mistake(
                "gradient computed twice",
                when=len(asked) >= 20,
                says="Once for the stopping rule and once for the step. The gradient is nearly all the work of training, "
                "so this doubles the time. Keep it in a variable.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "minimise", "name": "the same array in every row"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    w = w0.astype(float)
    path = [w]
    for _ in range(max_steps):
        g = gradient(w)
        if np.sqrt((g**2).sum()) <= tolerance:
            break
        w -= learning_rate * g
        if not np.all(np.isfinite(w)):
            raise FloatingPointError("diverged")
        path.append(w)
    return np.array(path)


# %% tags=["mistake"] mistake={"exercise": "minimise", "name": "start missing"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    w, path = w0.astype(float), []
    for _ in range(max_steps):
        g = gradient(w)
        if np.sqrt((g**2).sum()) <= tolerance:
            break
        w = w - learning_rate * g
        if not np.all(np.isfinite(w)):
            raise FloatingPointError("diverged")
        path.append(w)
    return np.array(path)


# %% tags=["mistake"] mistake={"exercise": "minimise", "name": "one step too late"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    w = w0.astype(float)
    path = [w]
    for _ in range(max_steps):
        g = gradient(w)
        w = w - learning_rate * g
        if not np.all(np.isfinite(w)):
            raise FloatingPointError("diverged")
        path.append(w)
        if np.sqrt((g**2).sum()) <= tolerance:
            break
    return np.array(path)


# %% tags=["mistake"] mistake={"exercise": "minimise", "name": "squared norm against the tolerance"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    path = [w0.astype(float)]
    for _ in range(max_steps):
        g = gradient(path[-1])
        if g @ g <= tolerance:
            break
        path.append(path[-1] - learning_rate * g)
        if not np.all(np.isfinite(path[-1])):
            raise FloatingPointError("diverged")
    return np.array(path)


# %% tags=["mistake"] mistake={"exercise": "minimise", "name": "largest component instead of the norm"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    path = [w0.astype(float)]
    for _ in range(max_steps):
        g = gradient(path[-1])
        if np.abs(g).max() <= tolerance:
            break
        path.append(path[-1] - learning_rate * g)
        if not np.all(np.isfinite(path[-1])):
            raise FloatingPointError("diverged")
    return np.array(path)


# %% tags=["mistake"] mistake={"exercise": "minimise", "name": "length of the step instead of the gradient"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    path = [w0.astype(float)]
    for _ in range(max_steps):
        move = learning_rate * gradient(path[-1])
        if np.linalg.norm(move) <= tolerance:
            break
        path.append(path[-1] - move)
        if not np.all(np.isfinite(path[-1])):
            raise FloatingPointError("diverged")
    return np.array(path)


# %% tags=["mistake"] mistake={"exercise": "minimise", "name": "less than, where at most is meant"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    path = [w0.astype(float)]
    for _ in range(max_steps):
        g = gradient(path[-1])
        if np.sqrt((g**2).sum()) < tolerance:
            break
        path.append(path[-1] - learning_rate * g)
        if not np.all(np.isfinite(path[-1])):
            raise FloatingPointError("diverged")
    return np.array(path)


# %% tags=["mistake"] mistake={"exercise": "minimise", "name": "start changed in place"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    w = np.asarray(w0, dtype=float)
    path = [w.copy()]
    for _ in range(max_steps):
        g = gradient(w)
        if np.sqrt((g**2).sum()) <= tolerance:
            break
        w -= learning_rate * g
        if not np.all(np.isfinite(w)):
            raise FloatingPointError("diverged")
        path.append(w.copy())
    return np.array(path)


# %% tags=["mistake"] mistake={"exercise": "minimise", "name": "divergence goes unnoticed"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    w = w0.astype(float)
    path = [w]
    for _ in range(max_steps):
        g = gradient(w)
        if np.sqrt((g**2).sum()) <= tolerance:
            break
        w = w - learning_rate * g
        if np.any(np.abs(w) > 1e12):
            raise FloatingPointError("diverged")
        path.append(w)
    return np.array(path)


# %% tags=["mistake"] mistake={"exercise": "minimise", "name": "gradient computed twice"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    w = w0.astype(float)
    path = [w]
    while len(path) <= max_steps and not np.linalg.norm(gradient(w)) <= tolerance:
        w = w - learning_rate * gradient(w)
        if not np.all(np.isfinite(w)):
            raise FloatingPointError("diverged")
        path.append(w)
    return np.array(path)


# %% tags=["alternative"] alternative={"exercise": "minimise", "name": "an array made beforehand"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    path = np.empty((max_steps + 1, len(w0)))
    path[0] = w0
    for k in range(max_steps):
        g = gradient(path[k])
        if np.sqrt(np.sum(g**2)) <= tolerance:
            return path[: k + 1]
        path[k + 1] = path[k] - learning_rate * g
        if np.isnan(path[k + 1]).any() or np.isinf(path[k + 1]).any():
            raise FloatingPointError(f"step {k + 1} is not finite")
    return path


# %% tags=["alternative"] alternative={"exercise": "minimise", "name": "a while loop in PyTorch"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    import torch

    w = torch.tensor(w0, dtype=torch.float64)
    path = w[None]
    while len(path) <= max_steps:
        g = torch.as_tensor(gradient(w.numpy()))
        if g.norm() <= tolerance:
            break
        w = w - learning_rate * g
        if not torch.isfinite(w).all():
            raise FloatingPointError("not finite")
        path = torch.cat([path, w[None]])
    return path.numpy()


# %% tags=["alternative"] alternative={"exercise": "minimise", "name": "recursion"}
def minimise(gradient, w0, learning_rate, max_steps, tolerance):
    w = w0 * 1.0
    if max_steps == 0:
        return w[None]
    g = gradient(w)
    if sum(slope**2 for slope in g) ** 0.5 <= tolerance:
        return w[None]
    w_next = w - learning_rate * g
    if not np.isfinite(w_next.sum()):
        raise FloatingPointError
    return np.vstack([w, minimise(gradient, w_next, learning_rate, max_steps - 1, tolerance)])


# %% [markdown]
# **Asked next**: *"Multiply the loss by 1,000 and divide η by 1,000. What happens to the path, and to your stopping
# rule? What would you use instead?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The path stays the same point for point, and the rule stops later: the gradient is 1,000 times as long. A bare
# tolerance depends on the units of the loss. Compare with the gradient at the start,
# $\lVert g \rVert \le \text{tol} \cdot \lVert g_0 \rVert$, or with the loss. For models you rarely stop on the
# gradient at all: with mini-batches it is noisy and never small, so you stop on the *validation* loss (early stopping) or
# on a budget.
# </details>
#
# *"The gradient's norm is 10⁻³. How far is the loss from its minimum?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Unknown without the curvature. If the smallest curvature is μ, then $f(w) - f^\star \le \lVert g \rVert^2 / (2\mu)$:
# for μ = 1 at most $5 \cdot 10^{-7}$, for μ = 10⁻⁶ up to 0.5. A flat valley has small gradients far from its minimum.
# </details>

# %% [markdown]
# ### Does your loop obey the law?
#
# [1 · See](1_see.ipynb) said: on a parabola of curvature $L$ every step multiplies the distance to the minimum by
# $1 - \eta L$. A law like this is a better test than any number that you could have pasted in: run your loop, and see
# whether its points lie on the lines.

# %%
if checks.attempted(minimise, lambda w: w, np.ones(1), 0.1, 2, 0.0):
    fig, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
    for rate, name, mark in [(0.2, "blue", "o"), (1.7, "orange", "s"), (2.05, "vermillion", "^")]:
        distance = np.abs(minimise(lambda w: w, np.ones(1), rate, 30, 0.0))[:, 0]
        ax.semilogy(np.abs(1 - rate) ** np.arange(31.0), color=widgets.COLORS[name], lw=1.2)
        ax.semilogy(distance, mark, ms=4, color=widgets.COLORS[name], label=f"ηL = {rate}, yours")
    ax.set(xlabel="step", ylabel="distance from the minimum")
    ax.set_title("Your points lie on the lines |1 − ηL|ᵗ")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    widgets.show(
        fig,
        alt="Distance from the minimum against step on a logarithmic axis, for ηL of 0.2, 1.7 and 2.05. The points of "
        "the learner's loop lie on three straight lines: two fall, the one for 2.05 rises.",
    )
else:
    print("The figure appears here once minimise is written.")

# %% [markdown]
# ### Mini-batches
#
# The gradient is a mean over rows, and a mean can be estimated from some of them. A **mini-batch** gradient is right
# on average, costs $B/n$ of the full one, and is noisy. In what order should the rows come?
#
# Predict first.

# %% jupyter={"source_hidden": true}
widgets.predict(
    "For every row of a batch you draw one of n rows at random, with replacement, until n rows have been drawn: one "
    "epoch. n is large. About what share of the rows was never drawn?",
    [
        "0 %: n draws from n rows reach each of them once.",
        "5 %: a few are missed by bad luck.",
        "37 %: each row is missed with probability (1 − 1/n)ⁿ.",
        "50 %: each draw is a coin flip for each row.",
    ],
    answer=2,
    why=[
        "They do so on average. But some rows come twice or more, and each of those takes the place of another.",
        "More than that: a row must be missed n times in a row, each time with probability 1 − 1/n.",
        "A row is missed by one draw with probability 1 − 1/n, and by n draws with (1 − 1/n)ⁿ, which tends to 1/e = 0.368.",
        "A single draw finds a given row with probability 1/n only, but there are n draws.",
    ],
    id="gd_with_replacement",
)

# %% [markdown]
# So over an epoch with replacement, more than a third of the data goes unused, and other rows count double or triple.
# **Without replacement**, every epoch uses every row once: shuffle the rows, then cut the shuffled order into batches.
# Within an epoch the errors of the batches cancel in part, since together they are the whole data set; in practice this
# converges faster. Theory usually assumes draws with replacement, because independent draws are easier to analyse.
# Interviewers like a candidate who knows that the two are different.
#
# **Shuffle anew in every epoch.** Real files are sorted: by class, by date, by customer. In a fixed order each pass
# pulls the weights through the same sequence, and the last batch always has the last word.

# %% [markdown]
# ## Exercise 5 · Mini-batches for one epoch
#
# *Difficulty 2 of 5 · 10 minutes · 4 points*
#
# Return the row numbers of each batch, for one epoch: in random order, every row exactly once, all batches full
# except perhaps the last. Index arrays are enough: `X[rows]`, `y[rows]` fetch the data, and one function serves every
# data set.
#
# The random generator is an argument. Whoever calls decides about the seed, so a run can be repeated; a function that
# makes its own generator, or uses NumPy's global one, takes that away.
#
# *Worked example.* With 10 rows and batches of 4 there are three batches of 4, 4 and 2 rows; for instance
# `[7 0 3 9]`, `[1 8 2 5]`, `[4 6]`. With 3 rows and batches of 100 there is one batch of 3.
#
# **In the round.** Most candidates write something that works when the batch size divides n. They look for the tail,
# and for the complexity: "what is the running time for a hundred million rows?" A sampler is one of the few places in
# ML code where a quadratic loop hides easily.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "minibatches",
    "Which single random decision fixes the whole epoch?",
    "Draw one random order of all the row numbers, then cut it at every multiple of the batch size. A slice that reaches "
    "past the end is cut short by itself.",
    "order = rng.permutation(n), then the slices of order from start to start + batch_size, for start in steps of batch_size.",
)


# %% nbgrader={"grade": false, "grade_id": "minibatches", "locked": false, "schema_version": 3, "solution": true, "task": false}
def minibatches(n, batch_size, rng):
    """Cut the rows of a data set into random batches for one epoch.

    Parameters
    ----------
    n : int
        Number of rows, at least 1.
    batch_size : int
        Rows in a batch, at least 1; may be larger than n.
    rng : numpy.random.Generator
        The only source of randomness: the same state gives the same batches.

    Returns
    -------
    list of ndarray of int
        Row numbers. Each of 0 … n − 1 stands in exactly one batch. Every batch has batch_size
        rows, except that the last one holds what is left; none is empty.

    Notes
    -----
    Every order of the rows is equally likely. The time is in proportion to n.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "minibatches_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("minibatches")
with check("ten rows in batches of four", points=1):
    batches = minibatches(10, 4, np.random.default_rng(0))
    checks.that(
        type(batches) is list,
        "Expected a list of arrays. (A generator could be walked through only once.)",
    )
    for batch in batches:
        checks.array(batch, shape=(None,), given="n = 10, batch_size = 4", what="A batch")
    checks.equal(
        [len(batch) for batch in batches],
        [4, 4, 2],
        given="n = 10, batch_size = 4",
        what="The list of sizes",
    )
    rows = np.sort(np.concatenate(batches))
    checks.equal(
        rows, np.arange(10), given="n = 10, batch_size = 4", what="All row numbers, sorted"
    )
### BEGIN HIDDEN TESTS
with check("every row once, whatever the sizes", points=1):
    for n, size, want in [
        (12, 4, [4, 4, 4]),
        (9, 4, [4, 4, 1]),
        (7, 1, [1] * 7),
        (3, 100, [3]),
        (1, 1, [1]),
    ]:
        given = f"n = {n}, batch_size = {size}"
        batches = minibatches(n, size, np.random.default_rng(1))
        sizes = [len(batch) for batch in batches]
        checks.equal(
            sizes,
            want,
            given=given,
            what="The list of sizes",
            mistakes=[
                checks.Mistake(
                    "last rows dropped",
                    looks_like=[size] * (n // size),
                    says="Only full batches come, so the rows that don't fill one are never seen in this epoch. Some "
                    "loaders do this on request; this one has to use every row.",
                ),
                checks.Mistake(
                    "an empty batch at the end",
                    when=0 in sizes,
                    says="There is one batch too many, and it is empty. The mean over no rows is NaN, and one NaN step "
                    "destroys all weights.",
                ),
                checks.Mistake(
                    "equal parts instead of full batches",
                    when=any(
                        sizes == [len(part) for part in np.array_split(np.arange(n), parts)]
                        for parts in (n // size + 1, max(1, n // size))
                    ),
                    says="The rows were cut into parts of nearly equal size. Batches are full; only the last may be "
                    "smaller, and none is larger than batch_size.",
                ),
            ],
        )
        rows = np.sort(np.concatenate(batches))
        checks.equal(
            rows,
            np.arange(n),
            given=given,
            what="All row numbers, sorted",
            mistakes=[
                checks.Mistake(
                    "drawn with replacement",
                    when=len(set(rows.tolist())) < n,
                    says="Some rows come twice and others never. Over a whole epoch about 37 % of the rows would be "
                    "missing.",
                ),
            ],
        )
with check("the generator decides, and nothing else", points=0.5):
    first, again, other = (
        np.concatenate(minibatches(50, 8, np.random.default_rng(s))) for s in (1, 1, 2)
    )
    given = "n = 50, batch_size = 8, generators with seeds 1, 1 and 2"
    checks.that(
        np.array_equal(first, again),
        "Two generators in the same state gave different batches.",
        given=given,
        mistakes=[
            checks.Mistake(
                "another source of randomness",
                says="Something else than `rng` was asked for random numbers: NumPy's global state or a generator made "
                "inside. The run can't be repeated from its seed.",
            ),
        ],
    )
    checks.that(
        not np.array_equal(first, other),
        "Generators with different seeds gave the same batches.",
        given=given,
        mistakes=[
            checks.Mistake(
                "not shuffled",
                when=np.array_equal(first, np.arange(50)),
                says="The rows come in the order of the file. If that is sorted by class, each batch holds one class.",
            ),
            checks.Mistake(
                "the same order in every epoch",
                says="A fixed seed inside the function gives the same order each time that it is called, so every epoch "
                "pulls the weights through the same sequence.",
            ),
        ],
    )
with check("every row may meet every other", points=0.5):
    given = "the first batch of 4 out of 40 rows, for 200 seeds"
    firsts = [
        checks.array(minibatches(40, 4, np.random.default_rng(s))[0], shape=(4,), given=given)
        for s in range(200)
    ]
    seen = np.bincount(np.concatenate(firsts).astype(int), minlength=40)
    together = [bool((np.sort(batch) == batch.min() + np.arange(4)).all()) for batch in firsts]
    checks.that(
        sum(together) < 20,
        f"In {sum(together)} of 200 cases the batch is made of neighbouring rows, such as 8, 9, 10, 11.",
        given=given,
        mistakes=[
            checks.Mistake(
                "batches shuffled, rows not",
                when=sum(together) > 150,
                says="The order of the batches is random, but each always holds the same rows. In sorted data those are "
                "rows of one class.",
            ),
        ],
    )
    checks.that(
        seen.min() >= 4 and seen.max() <= 50,
        f"Some row came {seen.min()} times and another {seen.max()} times; about 20 each were expected.",
        given=given,
    )
with check("time grows with n, not with its square", points=1):

    def reference(n, batch_size, rng):
        order = rng.permutation(n)
        return [order[i : i + batch_size] for i in range(0, n, batch_size)]

    batches = minibatches(1000, 8, np.random.default_rng(3))
    checks.equal(
        np.sort(np.concatenate(batches)), np.arange(1000), given="n = 1000, batch_size = 8"
    )
    # The first size shows a search in a list at once; copies of an array show only at the second.
    search = checks.Mistake(
        "rows removed from a list",
        says="Removing a row from a list searches the list, and drawing from what is left copies it. Both cost time in "
        "proportion to n, for each row or batch: about n² in all. For a million rows that is hours instead of milliseconds.",
    )
    copying = checks.Mistake(
        "the rest copied for each batch",
        says="Each batch makes a new array of all the rows that are left. That is n / batch_size copies of up to n rows: n² "
        "again, with a smaller constant. One random order, drawn once, needs no bookkeeping of what is left.",
    )
    for size, sizes, tolerance, mistake in [
        (8, [1000, 2000, 4000], 0.5, search),
        (64, [40000, 120000, 240000], 0.5, copying),
    ]:
        checks.growth(
            minibatches,
            lambda n, size=size: (n, size, np.random.default_rng(3)),
            sizes,
            reference,
            tolerance,
            given=f"batch_size = {size}",
            mistakes=[mistake],
        )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "minibatches", "name": "last rows dropped"}
def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(n // batch_size)]


# %% tags=["mistake"] mistake={"exercise": "minibatches", "name": "an empty batch at the end"}
def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(n // batch_size + 1)]


# %% tags=["mistake"] mistake={"exercise": "minibatches", "name": "equal parts instead of full batches"}
def minibatches(n, batch_size, rng):
    return np.array_split(rng.permutation(n), -(-n // batch_size))


# %% tags=["mistake"] mistake={"exercise": "minibatches", "name": "drawn with replacement"}
def minibatches(n, batch_size, rng):
    sizes = [min(batch_size, n - start) for start in range(0, n, batch_size)]
    return [rng.integers(n, size=size) for size in sizes]


# %% tags=["mistake"] mistake={"exercise": "minibatches", "name": "another source of randomness"}
def minibatches(n, batch_size, rng):
    order = np.random.permutation(n)  # noqa: NPY002
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


# %% tags=["mistake"] mistake={"exercise": "minibatches", "name": "the same order in every epoch"}
def minibatches(n, batch_size, rng):
    order = np.random.default_rng(0).permutation(n)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


# %% tags=["mistake"] mistake={"exercise": "minibatches", "name": "not shuffled"}
def minibatches(n, batch_size, rng):
    return [np.arange(i, min(i + batch_size, n)) for i in range(0, n, batch_size)]


# %% tags=["mistake"] mistake={"exercise": "minibatches", "name": "batches shuffled, rows not"}
def minibatches(n, batch_size, rng):
    batches = [np.arange(i, min(i + batch_size, n)) for i in range(0, n, batch_size)]
    full, rest = batches[: n // batch_size], batches[n // batch_size :]
    return [full[i] for i in rng.permutation(len(full))] + rest


# %% tags=["mistake"] mistake={"exercise": "minibatches", "name": "the rest copied for each batch"}
def minibatches(n, batch_size, rng):
    left, batches = np.arange(n), []
    while len(left):
        places = rng.choice(len(left), size=min(batch_size, len(left)), replace=False)
        batches.append(left[places])
        left = np.delete(left, places)
    return batches


# %% tags=["mistake"] mistake={"exercise": "minibatches", "name": "rows removed from a list"}
def minibatches(n, batch_size, rng):
    left, batches = list(range(n)), []
    while left:
        batch = rng.choice(left, size=min(batch_size, len(left)), replace=False)
        for row in batch:
            left.remove(row)
        batches.append(batch)
    return batches


# %% tags=["alternative"] alternative={"exercise": "minibatches", "name": "cut with np.split"}
def minibatches(n, batch_size, rng):
    return np.split(rng.permutation(n), range(batch_size, n, batch_size))


# %% tags=["alternative"] alternative={"exercise": "minibatches", "name": "sorted by random keys"}
def minibatches(n, batch_size, rng):
    order = np.argsort(rng.random(n))
    batches = []
    while len(order):
        batches.append(order[:batch_size])
        order = order[batch_size:]
    return batches


# %% tags=["alternative"] alternative={"exercise": "minibatches", "name": "swaps from the end (Fisher–Yates)"}
def minibatches(n, batch_size, rng):
    rows = list(range(n))
    for last in range(n - 1, 0, -1):
        other = int(rng.integers(last + 1))
        rows[last], rows[other] = rows[other], rows[last]
    return [np.array(rows[i : i + batch_size]) for i in range(0, n, batch_size)]


# %% [markdown]
# **Asked next**: *"A billion rows, in files, larger than memory. How do you shuffle?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The row numbers alone would take 8 GB as int64, and random reads from disk are slow. So shuffle in two levels: the
# order of the files anew for each epoch, and within the stream a buffer of, say, 100,000 rows from which each batch
# is drawn and which is refilled as rows leave. It is a weaker shuffle; rows of one file stay near each other. So
# write the files shuffled in the first place.
# </details>
#
# *"The last batch has 2 rows instead of 4. Is that a problem?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# A small one. Its gradient is a mean over fewer rows and gets the same η, so each of its rows weighs twice as much,
# and it is noisier. Over several epochs the shuffle spreads this over all rows. It is a real problem for layers that
# compute statistics over the batch (a batch norm over one row fails). Training loaders therefore often drop it
# (`drop_last=True`). For evaluation never drop it, and weight the batches' losses by their sizes.
# </details>

# %% [markdown]
# ## 3 · Better steps
#
# Plain steps know only the slope where they stand. The two ideas that every optimiser is made of add a memory: of
# which way the slopes pointed (momentum), and of how large they were (RMSProp, Adam). A memory is **state**: arrays
# as large as the parameters that must survive from one step to the next. Most mistakes in writing an optimiser are
# mistakes about state.
#
# ### Momentum
#
# $$ v \leftarrow \beta v + g, \qquad w \leftarrow w - \eta\, v . $$
#
# In words: the velocity keeps a share β of itself and adds the new gradient; the step goes along the velocity, the
# *new* one. Where gradients agree the velocity grows to $1/(1-\beta)$ times one gradient; where they alternate in
# sign they cancel. [1 · See](1_see.ipynb) shows what that does to a narrow valley.
#
# Three conventions carry this name, and an interviewer may ask which one you are writing:
#
# | convention | velocity | step | as in |
# |---|---|---|---|
# | gradient units | $v \leftarrow \beta v + g$ | $w \leftarrow w - \eta v$ | PyTorch, **this exercise** |
# | parameter units | $v \leftarrow \beta v - \eta g$ | $w \leftarrow w + v$ | the classical papers, Keras |
# | moving average | $v \leftarrow \beta v + (1 - \beta) g$ | $w \leftarrow w - \eta v$ | many tutorials; Adam's first moment |
#
# In words: the first two walk the same path as long as η stays constant. The third walks it too, but with η divided by
# $1-\beta$: the same η gives steps a tenth as long at β = 0.9.

# %% [markdown]
# ## Exercise 6 · Momentum
#
# *Difficulty 3 of 5 · 8 minutes · 3 points*
#
# The function has no memory of its own. State comes in as an argument and goes out as a result, so you can see it, test
# it and save it.
#
# *Worked example.* At $w = 1$ with velocity 0.5, gradient 2, η = 0.1 and β = 0.9: the velocity becomes
# $0.9 \cdot 0.5 + 2 = 2.45$, the parameter $1 - 0.1 \cdot 2.45 = 0.755$.
#
# **In the round.** Two lines, so every symbol counts. They look for the convention named before it is written, and for
# the order of the two lines. "Why does it help?" follows at once: have the narrow valley ready, in two sentences.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "momentum_step",
    "Which of the two lines of the update needs the result of the other?",
    "Compute the new velocity into a new name first. Then step along it, not along the gradient and not along the old velocity.",
    "New velocity: β times the old one, plus the gradient. New w: w minus η times the new velocity. Return both.",
)


# %% nbgrader={"grade": false, "grade_id": "momentum_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_step(w, gradient, velocity, learning_rate, beta):
    """Take one step of gradient descent with momentum, in PyTorch's convention.

    Parameters
    ----------
    w : ndarray of float, any shape
        Parameters.
    gradient : ndarray of float, the shape of w
        Gradient of the loss at w.
    velocity : ndarray of float, the shape of w
        The velocity that the previous step returned; zeros before the first step.
    learning_rate : float
        η, above zero. It may change from step to step.
    beta : float
        Share of the velocity that is kept, 0 ≤ β < 1. With 0 this is a plain step.

    Returns
    -------
    w : ndarray of float
        The new parameters.
    velocity : ndarray of float
        The new velocity, in units of the gradient: no learning rate in it.

    Notes
    -----
    None of the inputs is changed.
    """
    ### BEGIN SOLUTION
    velocity = beta * velocity + gradient
    return w - learning_rate * velocity, velocity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "momentum_step_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("momentum_step")
with check("one parameter, worked by hand", points=0.5):
    given = "w = [1], gradient = [2], velocity = [0.5], learning_rate = 0.1, beta = 0.9"
    result = momentum_step(np.array([1.0]), np.array([2.0]), np.array([0.5]), 0.1, 0.9)
    checks.that(
        type(result) in (tuple, list) and len(result) == 2,
        f"Expected two results, w and velocity; got {type(result).__name__}.",
        given=given,
    )
    w, velocity = result
    checks.close(velocity, np.array([2.45]), rtol=1e-5, given=given, what="velocity")
    checks.close(w, np.array([0.755]), rtol=1e-5, given=given, what="w")
### BEGIN HIDDEN TESTS
import torch

with check("one step with a velocity, against torch.optim.SGD", points=1):
    rng = np.random.default_rng(6)
    w, g, v = (rng.normal(size=(2, 3)) for _ in range(3))
    leaf = torch.tensor(w, requires_grad=True)
    leaf.grad = torch.tensor(g)
    optimiser = torch.optim.SGD([leaf], lr=0.2, momentum=0.7)
    optimiser.state[leaf]["momentum_buffer"] = torch.tensor(v)
    optimiser.step()
    want_w, want_v = leaf.detach().numpy(), optimiser.state[leaf]["momentum_buffer"].numpy()
    given = "random w, gradient and velocity of shape (2, 3), learning_rate = 0.2, beta = 0.7"
    inside = "The learning rate went into the velocity. At constant η the path is the same, but the docstring's velocity has "
    inside += (
        "the unit of a gradient; and when η is lowered, the velocity goes on with the old one."
    )
    got_w, got_v = momentum_step(w.copy(), g.copy(), v.copy(), 0.2, 0.7)
    checks.close(
        got_v,
        want_v,
        rtol=1e-5,
        atol=1e-6,
        given=given,
        what="velocity",
        mistakes=[
            checks.Mistake(
                "moving average",
                looks_like=0.7 * v + 0.3 * g,
                says="A factor 1 − β stands before the gradient. As a moving average that is sound, and its steps are "
                "1/(1 − β) times shorter; PyTorch's convention adds the whole gradient.",
            ),
            checks.Mistake(
                "learning rate inside the velocity", looks_like=0.7 * v + 0.2 * g, says=inside
            ),
            checks.Mistake(
                "learning rate inside the velocity", looks_like=0.7 * v - 0.2 * g, says=inside
            ),
            checks.Mistake(
                "beta on the gradient",
                looks_like=v + 0.7 * g,
                says="β multiplies the gradient, so the velocity never forgets: it sums all gradients since the start.",
            ),
        ],
    )
    checks.close(
        got_w,
        want_w,
        rtol=1e-5,
        atol=1e-6,
        given=given,
        what="w",
        mistakes=[
            checks.Mistake(
                "step along the old velocity",
                looks_like=w - 0.2 * v,
                says="w moved by the velocity as it was before this gradient, so each gradient takes effect one step "
                "late. From velocity 0, the first step goes nowhere.",
            ),
            checks.Mistake(
                "step along the gradient",
                looks_like=w - 0.2 * g,
                says="The velocity was computed and then not used: this is a plain step.",
            ),
            checks.Mistake(
                "Nesterov's step",
                looks_like=w - 0.2 * (g + 0.7 * want_v),
                says="This is Nesterov's variant, which steps along g + β v. It is another optimiser.",
            ),
        ],
    )
with check("twenty steps, the learning rate changed half-way, against torch.optim.SGD", points=1):
    curvature = np.array([1.0, 20.0])
    leaf = torch.tensor([3.0, -1.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([leaf], lr=0.04, momentum=0.9)
    w, velocity = np.array([3.0, -1.0]), np.zeros(2)
    for t in range(20):
        rate = 0.04 if t < 10 else 0.01
        optimiser.param_groups[0]["lr"] = rate
        leaf.grad = torch.tensor(curvature) * leaf.detach()
        optimiser.step()
        w, velocity = momentum_step(w, curvature * w, velocity, rate, 0.9)
        given = f"step {t + 1} on a bowl of curvatures 1 and 20, from w = [3, −1], learning_rate = {rate}, beta = 0.9"
        checks.close(w, leaf.detach().numpy(), rtol=1e-4, atol=1e-5, given=given, what="w")
with check("parameters, gradient and velocity stay as they were", points=0.5):
    given = "w = [1, 2], gradient = [2, 0], velocity = [0.5, 1], learning_rate = 0.1, beta = 0.9"
    w, velocity = checks.unchanged(
        momentum_step,
        np.array([1.0, 2.0]),
        np.array([2.0, 0.0]),
        np.array([0.5, 1.0]),
        0.1,
        0.9,
        given=given,
        mistakes=[
            checks.Mistake(
                "velocity changed in place",
                says="`velocity *= …` or `velocity += …` writes into the caller's array. Whoever kept the state to go "
                "back to it has lost it.",
            ),
        ],
    )
    checks.close(velocity, np.array([2.45, 0.9]), rtol=1e-5, given=given, what="velocity")
    checks.close(w, np.array([0.755, 1.91]), rtol=1e-5, given=given, what="w")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "momentum_step", "name": "moving average"}
def momentum_step(w, gradient, velocity, learning_rate, beta):
    v = beta * velocity + (1 - beta) * gradient
    return w - learning_rate * v, v


# %% tags=["mistake"] mistake={"exercise": "momentum_step", "name": "learning rate inside the velocity"}
def momentum_step(w, gradient, velocity, learning_rate, beta):
    v = beta * velocity - learning_rate * gradient
    return w + v, v


# %% tags=["mistake"] mistake={"exercise": "momentum_step", "name": "beta on the gradient"}
def momentum_step(w, gradient, velocity, learning_rate, beta):
    v = velocity + beta * gradient
    return w - learning_rate * v, v


# %% tags=["mistake"] mistake={"exercise": "momentum_step", "name": "step along the old velocity"}
def momentum_step(w, gradient, velocity, learning_rate, beta):
    return w - learning_rate * velocity, beta * velocity + gradient


# %% tags=["mistake"] mistake={"exercise": "momentum_step", "name": "step along the gradient"}
def momentum_step(w, gradient, velocity, learning_rate, beta):
    return w - learning_rate * gradient, beta * velocity + gradient


# %% tags=["mistake"] mistake={"exercise": "momentum_step", "name": "Nesterov's step"}
def momentum_step(w, gradient, velocity, learning_rate, beta):
    v = beta * velocity + gradient
    return w - learning_rate * (gradient + beta * v), v


# %% tags=["mistake"] mistake={"exercise": "momentum_step", "name": "velocity changed in place"}
def momentum_step(w, gradient, velocity, learning_rate, beta):
    velocity *= beta
    velocity += gradient
    return w - learning_rate * velocity, velocity


# %% tags=["alternative"] alternative={"exercise": "momentum_step", "name": "two terms"}
def momentum_step(w, gradient, velocity, learning_rate, beta):
    w_new = w - learning_rate * gradient - learning_rate * beta * velocity
    return w_new, (w - w_new) / learning_rate


# %% tags=["alternative"] alternative={"exercise": "momentum_step", "name": "float32"}
def momentum_step(w, gradient, velocity, learning_rate, beta):
    w, gradient, velocity = (a.astype(np.float32) for a in (w, gradient, velocity))
    v = np.float32(beta) * velocity + gradient
    return w - np.float32(learning_rate) * v, v


# %% tags=["alternative"] alternative={"exercise": "momentum_step", "name": "torch.optim.SGD with its buffer set"}
def momentum_step(w, gradient, velocity, learning_rate, beta):
    import torch

    leaf = torch.tensor(w, requires_grad=True)
    leaf.grad = torch.tensor(gradient)
    optimiser = torch.optim.SGD([leaf], lr=learning_rate, momentum=beta)
    optimiser.state[leaf]["momentum_buffer"] = torch.tensor(velocity)
    optimiser.step()
    return leaf.detach().numpy(), optimiser.state[leaf]["momentum_buffer"].numpy()


# %% [markdown]
# **Asked next**: *"You cut the learning rate to a tenth in the middle of a run. What does each convention do at the
# next step?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# With the velocity in gradient units the whole step shrinks tenfold at once. With η inside the velocity, the old
# velocity was built with the old η, so the cut takes effect over the next $1/(1-\beta)$ steps. To check: velocity
# from one past gradient of 1 at η = 0.1, then η = 0.01 and a gradient of 0, β = 0.9. PyTorch's step is
# $0.01 \cdot 0.9 = 0.009$, the other convention's $0.9 \cdot 0.1 = 0.09$.
# </details>

# %% [markdown]
# Your two steps on a valley that is a hundred times flatter along than across, both with η at $1/L$. Look for two
# phases in each curve:

# %%
if checks.attempted(step, np.ones(2), np.ones(2), 0.1) and checks.attempted(
    momentum_step, np.ones(2), np.ones(2), np.zeros(2), 0.1, 0.9
):
    curvature = np.array([1.0, 0.01])
    plain = heavy = np.array([1.0, 1.0])
    velocity = np.zeros(2)
    losses = []
    for _ in range(151):
        losses.append([curvature @ plain**2 / 2, curvature @ heavy**2 / 2])
        plain = step(plain, curvature * plain, 1.0)
        heavy, velocity = momentum_step(heavy, curvature * heavy, velocity, 1.0, 0.8)

    fig, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
    for column, name, text in [
        (0, "blue", "your step"),
        (1, "vermillion", "your momentum_step, β = 0.8"),
    ]:
        ax.semilogy(np.array(losses)[:, column], color=widgets.COLORS[name], lw=2, label=text)
    ax.set(xlabel="step", ylabel="loss above the minimum", ylim=(1e-10, 2))
    ax.set_title("Momentum turns a crawl into a run")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    widgets.show(
        fig,
        alt="Loss against step on a logarithmic axis. Plain steps drop to 0.005 at once and then lower the loss less than "
        "a hundredfold in 150 steps; with momentum it swings at first, then falls below 1e-9 within 150 steps.",
    )
else:
    print("The figure appears here once step and momentum_step are written.")

# %% [markdown]
# Plain steps finish the steep direction with the first step and then crawl along the flat one. Momentum swings across
# the valley at first, since its velocity carries it past the floor: that is its price. Along the floor it gathers
# speed.

# %% [markdown]
# ### Adam
#
# Adam keeps two running means for every parameter, of gradients and of squared gradients:
#
# $$ m \leftarrow \beta_1 m + (1-\beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1-\beta_2)\, g^2 . $$
#
# In words: $m$ says which way the gradient has pointed lately, $v$ how large its square has been. The square is taken
# coordinate by coordinate, so each parameter gets a scale of its own.
#
# Both start at 0, and a mean that starts at 0 is too small at first. By how much? If the gradient is a constant $g$,
# then after $t$ steps
#
# $$ m_t = (1-\beta_1) \sum_{s=0}^{t-1} \beta_1^{s}\, g = (1 - \beta_1^t)\, g . $$
#
# In words: the weights of the mean add up to $1 - \beta_1^t$ instead of 1. Dividing by exactly this mends it, and the
# same holds for $v$. So:
#
# $$ \hat m = \frac{m}{1-\beta_1^t}, \qquad \hat v = \frac{v}{1-\beta_2^t}, \qquad
# w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \epsilon} . $$
#
# In words: step along the mean, measured in units of its typical size. The ε keeps the division finite where a
# parameter has never had a gradient. It is added *after* the root.

# %% [markdown]
# ## Exercise 7 · Adam
#
# *Difficulty 3 of 5 · 15 minutes · 5 points*
#
# Write one step. State again comes in and goes out: $m$ and $v$ **as running means, without the correction**, which is
# computed anew in each step from $t$. The counter $t$ is 1 at the first step.
#
# *Worked example.* The first step from $w = 1$ with gradient 10, η = 0.1, β₁ = 0.9, β₂ = 0.999: $m = 1$, $v = 0.1$.
# Corrected: $\hat m = 1/0.1 = 10$ and $\hat v = 0.1/0.001 = 100$. The ratio is $10/\sqrt{100} = 1$, so $w$ becomes
# 0.9. With a gradient of 0.01 it would become 0.9 as well: the first step has length η whatever the gradient's size.
#
# **In the round.** Few expect the update from memory to the last ε. They look for the two means, for a correction
# whose reason you can derive, and for where the state lives. Begin by writing down the state and its shapes; the
# formula follows from it.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "adam_step",
    "Which four quantities do you need before w can move, and which two of them are returned?",
    "Update m and v first, then compute corrected copies of them from t, then step. All operations work coordinate by "
    "coordinate, so plain arithmetic on arrays is enough.",
    "corrected m: m over 1 − β₁ᵗ, corrected v: v over 1 − β₂ᵗ; w minus η · (corrected m) / (√(corrected v) + ε). Return w, m, v.",
)


# %% nbgrader={"grade": false, "grade_id": "adam_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    """Take one step of Adam, the same as torch.optim.Adam takes.

    Parameters
    ----------
    w : ndarray of float, any shape
        Parameters.
    gradient : ndarray of float, the shape of w
        Gradient of the loss at w.
    m, v : ndarray of float, the shape of w
        Running means of the gradient and of its square, as the previous step returned them; zeros
        before the first step.
    t : int
        Number of this step, 1 for the first.
    learning_rate : float
        η, above zero: about the change of a parameter in one step while its gradients agree.
    beta1, beta2 : float
        Shares of m and v that are kept, in [0, 1). Usually 0.9 and 0.999.
    epsilon : float
        Added to the root of the corrected v. Usually 1e-8.

    Returns
    -------
    w : ndarray of float
        The new parameters. Where gradient, m and v are all zero, the old ones.
    m, v : ndarray of float
        The new running means, without bias correction.

    Notes
    -----
    None of the inputs is changed.

    References
    ----------
    Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, Algorithm 1.
    """
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "adam_step_test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check = checks.start("adam_step")
with check("the first step, worked by hand", points=0.5):
    given = "w = [1], gradient = [10], m = v = [0], t = 1, learning_rate = 0.1, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8"
    result = adam_step(
        np.array([1.0]), np.array([10.0]), np.zeros(1), np.zeros(1), 1, 0.1, 0.9, 0.999, 1e-8
    )
    checks.that(
        type(result) in (tuple, list) and len(result) == 3,
        f"Expected three results, w, m and v; got {type(result).__name__}.",
        given=given,
    )
    w, m, v = result
    checks.close(m, np.array([1.0]), rtol=1e-6, given=given, what="m")
    checks.close(v, np.array([0.1]), rtol=1e-6, given=given, what="v")
    checks.close(w, np.array([0.9]), rtol=1e-6, given=given, what="w")
with check("the first step has length η, whatever the gradient's size", points=0.5):
    gradient = np.array([-1e-3, 1.0, 1e3])
    w, m, v = adam_step(np.zeros(3), gradient, np.zeros(3), np.zeros(3), 1, 0.01, 0.9, 0.999, 1e-8)
    given = "w = [0, 0, 0], gradient = [−0.001, 1, 1000], m = v = 0, t = 1, learning_rate = 0.01"
    checks.close(w, np.array([0.01, -0.01, -0.01]), rtol=1e-4, given=given, what="w")
### BEGIN HIDDEN TESTS
import torch


def torch_adam(w, g, m, v, steps_before, rate, beta1, beta2, epsilon):
    leaf = torch.tensor(w, requires_grad=True)
    leaf.grad = torch.tensor(g)
    optimiser = torch.optim.Adam([leaf], lr=rate, betas=(beta1, beta2), eps=epsilon)
    state = optimiser.state[leaf]
    state["step"] = torch.tensor(float(steps_before))
    state["exp_avg"], state["exp_avg_sq"] = torch.tensor(m), torch.tensor(v)
    optimiser.step()
    return leaf.detach().numpy(), state["exp_avg"].numpy(), state["exp_avg_sq"].numpy()


with check("the third step of a run, against torch.optim.Adam", points=1.5):
    rng = np.random.default_rng(7)
    w, g, m0 = (rng.normal(size=4) for _ in range(3))
    v0 = rng.random(4)
    given = "random w, gradient, m and v of shape (4,), t = 3, learning_rate = 0.1, beta1 = 0.8, beta2 = 0.95, epsilon = 0.1"
    want_w, want_m, want_v = torch_adam(w, g, m0, v0, 2, 0.1, 0.8, 0.95, 0.1)
    m_hat, v_hat = want_m / (1 - 0.8**3), want_v / (1 - 0.95**3)
    got_w, got_m, got_v = adam_step(
        w.copy(), g.copy(), m0.copy(), v0.copy(), 3, 0.1, 0.8, 0.95, 0.1
    )
    kept = "The corrected mean was returned as state. In the next step it is corrected once more, and the early bias turns "
    kept += "into a bias the other way. Keep the running mean, and correct a copy."
    swapped = "β₁ belongs to the mean of gradients and β₂ to the mean of squares. Swapped, the direction hardly follows the "
    swapped += "gradient any more, and the scale follows every jitter."
    checks.close(
        got_m,
        want_m,
        rtol=1e-6,
        atol=1e-9,
        given=given,
        what="m",
        mistakes=[
            checks.Mistake("corrected means kept as state", looks_like=m_hat, says=kept),
            checks.Mistake("betas swapped", looks_like=0.95 * m0 + (1 - 0.95) * g, says=swapped),
            checks.Mistake(
                "weights that don't add up to one",
                looks_like=0.8 * m0 + g,
                says="The factor 1 − β₁ before the gradient is missing, as in momentum. Adam's m is a mean, and the bias "
                "correction counts on it.",
            ),
        ],
    )
    checks.close(
        got_v,
        want_v,
        rtol=1e-6,
        atol=1e-9,
        given=given,
        what="v",
        mistakes=[
            checks.Mistake("corrected means kept as state", looks_like=v_hat, says=kept),
            checks.Mistake("betas swapped", looks_like=0.8 * v0 + (1 - 0.8) * g**2, says=swapped),
            checks.Mistake(
                "gradient not squared",
                looks_like=0.95 * v0 + (1 - 0.95) * g,
                says="v holds a mean of gradients. It can become negative, and its root NaN.",
            ),
            checks.Mistake(
                "one scale for all parameters",
                looks_like=0.95 * v0 + (1 - 0.95) * (g @ g),
                says="`g @ g` is one number, the squared length of the whole gradient. Adam squares coordinate by "
                "coordinate; that each parameter has its own scale is the point of it.",
            ),
        ],
    )
    checks.close(
        got_w,
        want_w,
        rtol=1e-6,
        atol=1e-9,
        given=given,
        what="w",
        mistakes=[
            checks.Mistake(
                "no bias correction",
                looks_like=w - 0.1 * want_m / (np.sqrt(want_v) + 0.1),
                says="m and v were used as they are. With the usual betas m is ten times too small at the first step and "
                "√v thirty times, so the first steps are three times too long, and badly directed.",
            ),
            checks.Mistake(
                "only m corrected",
                looks_like=w - 0.1 * m_hat / (np.sqrt(want_v) + 0.1),
                says="v was left uncorrected. Its bias lasts far longer than that of m: about 1/(1 − β₂) steps.",
            ),
            checks.Mistake(
                "epsilon under the root",
                looks_like=w - 0.1 * m_hat / np.sqrt(v_hat + 0.1),
                says="ε was added to v before the root. At v = 0 the step is then divided by √ε, 10⁻⁴ for ε = 10⁻⁸, instead "
                "of by ε. Some libraries do so; `torch.optim.Adam` doesn't.",
            ),
            checks.Mistake(
                "corrected as if one step later",
                looks_like=w
                - 0.1 * (want_m / (1 - 0.8**4)) / (np.sqrt(want_v / (1 - 0.95**4)) + 0.1),
                says="The exponent is t + 1. Here t is 1 at the first step already; counting from 0 is the other "
                "convention, and mixing both gives this.",
            ),
            checks.Mistake(
                "no root",
                looks_like=w - 0.1 * m_hat / (v_hat + 0.1),
                says="The mean was divided by the mean *square*. Then a gradient twice as large makes the step half as "
                "long, and its unit is wrong: the root brings the square back to the unit of a gradient.",
            ),
        ],
    )
with check("fifty steps down a narrow valley, against torch.optim.Adam", points=1.5):
    curvature = np.array([[1.0, 50.0], [0.01, 5.0]])
    leaf = torch.tensor([[3.0, -1.0], [2.0, 0.5]], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([leaf], lr=0.05)
    w, m, v = leaf.detach().numpy().copy(), np.zeros((2, 2)), np.zeros((2, 2))
    for t in range(1, 51):
        leaf.grad = torch.tensor(curvature) * leaf.detach()
        optimiser.step()
        w, m, v = adam_step(w, curvature * w, m, v, t, 0.05, 0.9, 0.999, 1e-8)
        given = f"t = {t}, curvatures from 0.01 to 50, learning_rate = 0.05, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8"
        checks.close(w, leaf.detach().numpy(), rtol=1e-5, atol=1e-7, given=given, what="w")
with check("a parameter that never had a gradient stays where it is", points=0.5):
    given = (
        "w = [1, 2], gradient = [0, 4], m = v = [0, 0], t = 1, learning_rate = 0.1, epsilon = 1e-8"
    )
    w, m, v = adam_step(
        np.array([1.0, 2.0]),
        np.array([0.0, 4.0]),
        np.zeros(2),
        np.zeros(2),
        1,
        0.1,
        0.9,
        0.999,
        1e-8,
    )
    checks.close(
        w,
        np.array([1.0, 1.9]),
        rtol=1e-6,
        given=given,
        what="w",
        mistakes=[
            checks.Mistake(
                "epsilon left out",
                looks_like=np.array([np.nan, 1.9]),
                says="0 / 0 is NaN. A word that is not in the batch has a gradient of exactly zero, so this happens in "
                "the first step of any model with an embedding.",
            ),
        ],
    )
with check("parameters and state stay as they were", points=0.5):
    given = "w = [1, 2], gradient = [1, −2], m = [0.5, 0], v = [0.1, 0.2], t = 2, learning_rate = 0.1, epsilon = 1e-8"
    arguments = (
        np.array([1.0, 2.0]),
        np.array([1.0, -2.0]),
        np.array([0.5, 0.0]),
        np.array([0.1, 0.2]),
    )
    got = checks.unchanged(
        adam_step,
        *arguments,
        2,
        0.1,
        0.9,
        0.999,
        1e-8,
        given=given,
        mistakes=[
            checks.Mistake(
                "state changed in place",
                says="`m *= …` or `v += …` writes into the caller's arrays. A state that was saved to compare or to "
                "resume from is no longer the saved one.",
            ),
        ],
    )
    checks.close(
        got[0],
        torch_adam(*arguments, 1, 0.1, 0.9, 0.999, 1e-8)[0],
        rtol=1e-6,
        given=given,
        what="w",
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "no bias correction"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    return w - learning_rate * m / (np.sqrt(v) + epsilon), m, v


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "only m corrected"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    return w - learning_rate * m / (1 - beta1**t) / (np.sqrt(v) + epsilon), m, v


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "epsilon under the root"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / np.sqrt(v_hat + epsilon), m, v


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "corrected as if one step later"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    m_hat, v_hat = m / (1 - beta1 ** (t + 1)), v / (1 - beta2 ** (t + 1))
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "no root"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (v_hat + epsilon), m, v


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "corrected means kept as state"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = (beta1 * m + (1 - beta1) * gradient) / (1 - beta1**t)
    v = (beta2 * v + (1 - beta2) * gradient**2) / (1 - beta2**t)
    return w - learning_rate * m / (np.sqrt(v) + epsilon), m, v


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "one scale for all parameters"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * np.sum(gradient**2)
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "gradient not squared"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(np.abs(v_hat)) + epsilon), m, v


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "weights that don't add up to one"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = beta1 * m + gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "betas swapped"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = beta2 * m + (1 - beta2) * gradient
    v = beta1 * v + (1 - beta1) * gradient**2
    m_hat, v_hat = m / (1 - beta2**t), v / (1 - beta1**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "epsilon left out"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    return w - learning_rate * (m / (1 - beta1**t)) / np.sqrt(v / (1 - beta2**t)), m, v


# %% tags=["mistake"] mistake={"exercise": "adam_step", "name": "state changed in place"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m *= beta1
    m += (1 - beta1) * gradient
    v *= beta2
    v += (1 - beta2) * gradient**2
    return w - learning_rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + epsilon), m, v


# %% tags=["alternative"] alternative={"exercise": "adam_step", "name": "corrections gathered into the rate"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = m + (1 - beta1) * (gradient - m)
    v = v + (1 - beta2) * (gradient * gradient - v)
    root = (1 - beta2**t) ** 0.5
    rate = learning_rate * root / (1 - beta1**t)
    return w - rate * m / (v**0.5 + epsilon * root), m, v


# %% tags=["alternative"] alternative={"exercise": "adam_step", "name": "one number at a time"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    w_new, m_new, v_new = np.empty(w.shape), np.empty(w.shape), np.empty(w.shape)
    for i in np.ndindex(w.shape):
        m_new[i] = beta1 * m[i] + (1 - beta1) * gradient[i]
        v_new[i] = beta2 * v[i] + (1 - beta2) * gradient[i] ** 2
        size = (v_new[i] / (1 - beta2**t)) ** 0.5 + epsilon
        w_new[i] = w[i] - learning_rate * m_new[i] / (1 - beta1**t) / size
    return w_new, m_new, v_new


# %% tags=["alternative"] alternative={"exercise": "adam_step", "name": "torch.optim.Adam with its state set"}
def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    import torch

    leaf = torch.tensor(w, requires_grad=True)
    leaf.grad = torch.tensor(gradient)
    optimiser = torch.optim.Adam([leaf], lr=learning_rate, betas=(beta1, beta2), eps=epsilon)
    optimiser.state[leaf] = {
        "step": torch.tensor(t - 1.0),
        "exp_avg": torch.tensor(m),
        "exp_avg_sq": torch.tensor(v),
    }
    optimiser.step()
    state = optimiser.state[leaf]
    return leaf.detach().numpy(), state["exp_avg"].numpy(), state["exp_avg_sq"].numpy()


# %% [markdown]
# **Asked next**: *"Is Adam's step really independent of the gradient's size? When is ε not small?"* Decide before you
# run the next cell.

# %%
start = np.zeros(1)
usual = (1, 0.001, 0.9, 0.999, 1e-8)  # t, η, β₁, β₂, ε
if checks.attempted(adam_step, start, np.ones(1), start, start, *usual):
    for size in (1e3, 1.0, 1e-4, 1e-7, 1e-8, 1e-10):
        moved = adam_step(start, np.array([size]), start, start, *usual)[0]
        print(f"gradient {size:7.0e}   first step {-moved[0]:.2e}")
else:
    print("The numbers appear here once adam_step is written.")

# %% [markdown]
# It is, down to gradients of the size of ε. There the root of $\hat v$ no longer dominates the denominator: at a
# gradient of 10⁻⁸ the step has half its length, at 10⁻¹⁰ a hundredth. Gradients that small are no curiosity: in large
# models many single parameters have them. That is why some set ε to 10⁻⁶ or more *on purpose*, to keep parameters
# with tiny, noisy gradients from moving at full speed.
#
# *"Seven billion parameters in float32. How much memory does Adam add?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Two numbers per parameter, $m$ and $v$: 56 GB, beside 28 GB of weights and 28 GB of gradients. Momentum adds 28 GB,
# plain SGD nothing. This is what sharded optimisers, 8-bit states and Adafactor are for.
# </details>
#
# *"Where does weight decay go?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Added to the gradient as λw, it passes through $m$ and $v$ and is divided by $\sqrt{\hat v}$: parameters with large
# gradients are hardly decayed. AdamW takes it out: $w \leftarrow w - \eta\lambda w$ beside the Adam step, the same
# share for every parameter. In your function: one more term in the last line, none in the first two.
# </details>

# %% [markdown]
# ## 4 · Keeping a run on the rails
#
# Two small functions stand between most real training loops and trouble: one says how long steps may be at each time,
# the other bounds what a single bad batch can do.
#
# ### A schedule
#
# A large learning rate travels fast and settles high; a small one travels slowly and settles low ([1 ·
# See](1_see.ipynb), section 4). So start large and end small. At the very start large is dangerous, though: the
# surface is steep, and Adam's running means rest on a handful of gradients. So first comes a **warm-up**. The usual
# shape has both:
#
# $$ \eta_t = \begin{cases}
# \eta_{\text{peak}} \cdot t / T_w & t < T_w \quad \text{(warm-up)} \\[4pt]
# \eta_{\text{final}} + \tfrac12 (\eta_{\text{peak}} - \eta_{\text{final}}) \left(1 + \cos \pi p\right),
# \quad p = \dfrac{t - T_w}{T - T_w} & T_w \le t \le T \quad \text{(decay)} \\[4pt]
# \eta_{\text{final}} & t > T .
# \end{cases} $$
#
# In words: a straight line from 0 to the peak during the first $T_w$ steps; then half a cosine wave, from its crest
# at the peak to its trough at the final rate; then constant. $p$ is the share of the decay that is behind you, from 0
# to 1.
#
# Why a cosine? It stays high for long, falls fastest in the middle and lands softly, and it has no milestones to
# tune. A straight line does about as well. What counts is that the rate comes down.

# %% [markdown]
# ## Exercise 8 · The learning rate at step t
#
# *Difficulty 3 of 5 · 10 minutes · 4 points*
#
# A schedule is best written as a plain function of the step: it has no state, so a resumed run continues on the same
# curve, and every point of it can be tested. Most of what goes wrong is at the seams: $t = 0$, $t = T_w$, $t = T$,
# beyond it, and no warm-up at all.
#
# *Worked example.* 100 steps, 10 of them warm-up, peak 0.4, final 0.02. Step 0: rate 0. Step 5: half-way up, 0.2. Step
# 10: the peak, 0.4. Step 55: half-way down, $(0.4 + 0.02)/2 = 0.21$. Step 100 and all later: 0.02.
#
# **In the round.** It looks like a formula and is a test of care. They look for a candidate who asks whether steps
# count from 0 or 1, then checks both ends, the seam and the case without warm-up with numbers, aloud.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "learning_rate_at",
    "Which of the three cases does a given t belong to, and which of them divides by warmup_steps?",
    "Treat t below warmup_steps first; then no division by zero can happen, since without warm-up no t is below zero. For the "
    "rest compute the share p, and keep it from exceeding 1.",
    "p = (t − warmup_steps) / (total_steps − warmup_steps), at most 1; the rate is final plus half the drop times 1 + cos(π p).",
)


# %% nbgrader={"grade": false, "grade_id": "learning_rate_at", "locked": false, "schema_version": 3, "solution": true, "task": false}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    """Give the learning rate at step t: linear warm-up from 0, then cosine decay.

    Parameters
    ----------
    t : int
        Step, counted from 0. May lie beyond total_steps.
    total_steps : int
        Step at which the final rate is reached.
    warmup_steps : int
        Step at which the peak is reached, 0 ≤ warmup_steps < total_steps. With 0 there is no
        warm-up, and step 0 has the peak rate.
    peak, final : float
        Largest rate, and the rate from total_steps on; 0 ≤ final ≤ peak.

    Returns
    -------
    float
        The learning rate: 0 at step 0 (with warm-up), peak at warmup_steps, final at total_steps
        and later.
    """
    ### BEGIN SOLUTION
    if t < warmup_steps:
        return peak * t / warmup_steps
    progress = min(1.0, (t - warmup_steps) / (total_steps - warmup_steps))
    return final + (peak - final) * (1 + np.cos(np.pi * progress)) / 2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "learning_rate_at_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("learning_rate_at")
with check("five steps, worked by hand", points=1):
    for t, want in [(0, 0.0), (5, 0.2), (10, 0.4), (55, 0.21), (100, 0.02)]:
        given = f"t = {t}, total_steps = 100, warmup_steps = 10, peak = 0.4, final = 0.02"
        checks.close(
            learning_rate_at(t, 100, 10, 0.4, 0.02),
            want,
            rtol=1e-6,
            atol=1e-9,
            given=given,
            what="The rate",
        )
### BEGIN HIDDEN TESTS
import torch

with check("warm-up, step by step", points=0.5):
    steps = np.arange(8)
    want = [0.4 * t / 8 for t in range(8)]
    checks.close(
        [learning_rate_at(t, 20, 8, 0.4, 0.1) for t in range(8)],
        want,
        rtol=1e-6,
        atol=1e-9,
        given="t = 0 … 7, total_steps = 20, warmup_steps = 8, peak = 0.4, final = 0.1",
        what="The list of rates",
        mistakes=[
            checks.Mistake(
                "warm-up counted from one",
                looks_like=(0.4 * (steps + 1) / 8).tolist(),
                says="Step 0 has the rate of step 1, and the peak comes one step early. Some libraries do so, because a "
                "first step of length 0 is wasted. This docstring starts at 0.",
            ),
            checks.Mistake(
                "one step short",
                looks_like=(0.4 * steps / 7).tolist(),
                says="The peak is reached at warmup_steps − 1. From 0 to warmup_steps there are warmup_steps intervals.",
            ),
            checks.Mistake(
                "integer division",
                looks_like=[0.0] * 8,
                says="`t // warmup_steps` is 0 all through the warm-up: the model doesn't learn, then gets the full rate at "
                "once.",
            ),
            checks.Mistake(
                "warm-up from the final rate",
                looks_like=(0.1 + 0.3 * steps / 8).tolist(),
                says="The line starts at the final rate. Here it starts at 0; the final rate belongs to the decay alone.",
            ),
        ],
    )
with check("decay, against PyTorch's CosineAnnealingLR", points=1):
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=12, eta_min=0.1)
    want = []
    for _ in range(13):
        want.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    steps = np.arange(8, 21)
    p = (steps - 8) / 12
    checks.close(
        [learning_rate_at(int(t), 20, 8, 0.4, 0.1) for t in steps],
        want,
        rtol=1e-6,
        atol=1e-9,
        given="t = 8 … 20, total_steps = 20, warmup_steps = 8, peak = 0.4, final = 0.1",
        what="The list of rates",
        mistakes=[
            checks.Mistake(
                "cosine over all steps",
                looks_like=(0.1 + 0.15 * (1 + np.cos(np.pi * steps / 20))).tolist(),
                says="The share is t / total_steps, as if the decay had begun at step 0. The rate jumps down at the end of "
                "the warm-up and never shows the peak.",
            ),
            checks.Mistake(
                "a whole wave",
                looks_like=(0.1 + 0.15 * (1 + np.cos(2 * np.pi * p))).tolist(),
                says="The angle runs to 2π: down, and up to the peak again. Half a wave goes from crest to trough.",
            ),
            checks.Mistake(
                "decay to zero",
                looks_like=(0.2 * (1 + np.cos(np.pi * p))).tolist(),
                says="The rate falls to 0 and `final` has no effect. The wave spans the difference peak − final, on top of final.",
            ),
            checks.Mistake(
                "final added on top",
                looks_like=(0.1 + 0.2 * (1 + np.cos(np.pi * p))).tolist(),
                says="The wave has the height of the peak and stands on top of the final rate, so the decay begins above "
                "the peak. Its height is the difference of the two.",
            ),
        ],
    )
with check("after the last step", points=0.5):
    late = np.array([20, 21, 26, 32, 1000])
    checks.close(
        [learning_rate_at(int(t), 20, 8, 0.4, 0.1) for t in late],
        [0.1] * 5,
        rtol=1e-6,
        given="t = 20, 21, 26, 32, 1000; total_steps = 20, warmup_steps = 8, peak = 0.4, final = 0.1",
        what="The list of rates",
        mistakes=[
            checks.Mistake(
                "rises again after the end",
                looks_like=(0.1 + 0.15 * (1 + np.cos(np.pi * (late - 8) / 12))).tolist(),
                says="The cosine goes on past the last step, so the rate climbs back to the peak. Runs do overshoot their "
                "planned length: an epoch more, a resumed run, a rounding of the number of steps.",
            ),
        ],
    )
with check("no warm-up, and a warm-up of one step", points=0.5):
    for t, want in [(0, 0.3), (5, 0.15), (10, 0.0)]:
        given = f"t = {t}, total_steps = 10, warmup_steps = 0, peak = 0.3, final = 0"
        checks.close(
            learning_rate_at(t, 10, 0, 0.3, 0.0),
            want,
            rtol=1e-6,
            atol=1e-9,
            given=given,
            what="The rate",
        )
    for t, want in [(0, 0.0), (1, 0.3), (2, 0.1)]:
        given = f"t = {t}, total_steps = 2, warmup_steps = 1, peak = 0.3, final = 0.1"
        checks.close(
            learning_rate_at(t, 2, 1, 0.3, 0.1),
            want,
            rtol=1e-6,
            atol=1e-9,
            given=given,
            what="The rate",
        )
with check("up to the peak, then down, for random plans", points=0.5):
    rng = np.random.default_rng(8)
    for _ in range(20):
        warmup, decay, final = (
            int(rng.integers(1, 30)),
            int(rng.integers(2, 60)),
            rng.uniform(0, 0.1),
        )
        plan = (warmup + decay, warmup, final + rng.uniform(0.01, 1), final)
        given = f"total_steps = {plan[0]}, warmup_steps = {warmup}, peak = {plan[2]:.3f}, final = {final:.3f}"
        rates = [
            checks.number(learning_rate_at(t, *plan), given=f"t = {t}, {given}")
            for t in range(plan[0] + 1)
        ]
        up, down = np.diff(rates[: warmup + 1]), np.diff(rates[warmup:])
        checks.close(
            rates[warmup],
            plan[2],
            rtol=1e-6,
            given=f"t = {warmup}, {given}",
            what="The rate after the warm-up",
        )
        checks.close(
            rates[-1],
            final,
            rtol=1e-6,
            atol=1e-7,
            given=f"t = {plan[0]}, {given}",
            what="The last rate",
        )
        checks.that(
            (up > 0).all(),
            "During the warm-up each rate should be above the one before.",
            given=given,
        )
        checks.that(
            (down < 1e-9).all(),
            "During the decay no rate should be above the one before.",
            given=given,
        )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "learning_rate_at", "name": "warm-up counted from one"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    if t < warmup_steps:
        return peak * (t + 1) / warmup_steps
    p = min(1, (t - warmup_steps) / (total_steps - warmup_steps))
    return final + 0.5 * (peak - final) * (1 + np.cos(np.pi * p))


# %% tags=["mistake"] mistake={"exercise": "learning_rate_at", "name": "one step short"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    if t < warmup_steps:
        return float(np.linspace(0, peak, warmup_steps)[t])
    p = min(1, (t - warmup_steps) / (total_steps - warmup_steps))
    return final + 0.5 * (peak - final) * (1 + np.cos(np.pi * p))


# %% tags=["mistake"] mistake={"exercise": "learning_rate_at", "name": "integer division"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    if t < warmup_steps:
        return peak * (t // warmup_steps)
    p = min(1, (t - warmup_steps) / (total_steps - warmup_steps))
    return final + 0.5 * (peak - final) * (1 + np.cos(np.pi * p))


# %% tags=["mistake"] mistake={"exercise": "learning_rate_at", "name": "warm-up from the final rate"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    if t < warmup_steps:
        return final + (peak - final) * t / warmup_steps
    p = min(1, (t - warmup_steps) / (total_steps - warmup_steps))
    return final + 0.5 * (peak - final) * (1 + np.cos(np.pi * p))


# %% tags=["mistake"] mistake={"exercise": "learning_rate_at", "name": "cosine over all steps"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    if t < warmup_steps:
        return peak * t / warmup_steps
    p = min(1, t / total_steps)
    return final + 0.5 * (peak - final) * (1 + np.cos(np.pi * p))


# %% tags=["mistake"] mistake={"exercise": "learning_rate_at", "name": "a whole wave"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    if t < warmup_steps:
        return peak * t / warmup_steps
    p = min(1, (t - warmup_steps) / (total_steps - warmup_steps))
    return final + 0.5 * (peak - final) * (1 + np.cos(2 * np.pi * p))


# %% tags=["mistake"] mistake={"exercise": "learning_rate_at", "name": "decay to zero"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    if t < warmup_steps:
        return peak * t / warmup_steps
    p = min(1, (t - warmup_steps) / (total_steps - warmup_steps))
    return 0.5 * peak * (1 + np.cos(np.pi * p))


# %% tags=["mistake"] mistake={"exercise": "learning_rate_at", "name": "final added on top"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    if t < warmup_steps:
        return peak * t / warmup_steps
    p = min(1, (t - warmup_steps) / (total_steps - warmup_steps))
    return final + 0.5 * peak * (1 + np.cos(np.pi * p))


# %% tags=["mistake"] mistake={"exercise": "learning_rate_at", "name": "rises again after the end"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    if t < warmup_steps:
        return peak * t / warmup_steps
    p = (t - warmup_steps) / (total_steps - warmup_steps)
    return final + 0.5 * (peak - final) * (1 + np.cos(np.pi * p))


# %% tags=["alternative"] alternative={"exercise": "learning_rate_at", "name": "squared cosine of half the angle"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    import math

    if t > total_steps:
        return final
    if t >= warmup_steps:
        angle = math.pi / 2 * (t - warmup_steps) / (total_steps - warmup_steps)
        return peak * math.cos(angle) ** 2 + final * math.sin(angle) ** 2
    return t / warmup_steps * peak


# %% tags=["alternative"] alternative={"exercise": "learning_rate_at", "name": "a table, looked up"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    rise = np.linspace(0, peak, warmup_steps + 1)[:-1]
    wave = np.cos(np.linspace(0, np.pi, total_steps - warmup_steps + 1))
    table = np.concatenate([rise, (peak + final) / 2 + (peak - final) / 2 * wave])
    return float(table[min(t, total_steps)])


# %% tags=["alternative"] alternative={"exercise": "learning_rate_at", "name": "float32"}
def learning_rate_at(t, total_steps, warmup_steps, peak, final):
    one, peak, final = np.float32(1), np.float32(peak), np.float32(final)
    if t < warmup_steps:
        return peak * np.float32(t) / np.float32(warmup_steps)
    p = np.float32(np.clip((t - warmup_steps) / (total_steps - warmup_steps), 0, 1))
    return final + (peak - final) * (one + np.cos(np.float32(np.pi) * p)) / np.float32(2)


# %% [markdown]
# Look at yours before you trust it. A schedule is one of the few functions whose whole behaviour fits in a picture.

# %%
if checks.attempted(learning_rate_at, 1, 100, 10, 0.4, 0.02):
    fig, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
    rates = [learning_rate_at(t, 100, 10, 0.4, 0.02) for t in range(121)]
    ax.plot(rates, color=widgets.COLORS["blue"], lw=2.5)
    marks = [
        (10, 0.4, "end of warm-up"),
        (55, 0.21, "half-way down"),
        (100, 0.02, "final rate"),
    ]
    for t, rate, text in marks:
        ax.plot(t, rate, "o", color=widgets.COLORS["vermillion"], ms=8)
        ax.annotate(text, (t, rate), (0, 10), textcoords="offset points", ha="left")
    ax.set(xlabel="step t", ylabel="learning rate η", ylim=(0, 0.45))
    ax.set_xlim(-5, 130)
    ax.set_title("Your schedule passes through the worked example")
    ax.grid(alpha=0.3)
    widgets.show(
        fig,
        alt="Learning rate against step: a straight rise from 0 to 0.4 at step 10, then half a cosine wave down to 0.02 "
        "at step 100, then constant. Three marked points lie on the curve.",
    )
else:
    print("The figure appears here once learning_rate_at is written.")

# %% [markdown]
# **Asked next**: *"What rate does the very last update use?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# With T steps the updates are t = 0 … T − 1, so the last one uses a rate just above the final one: in the worked
# example about 0.0201 at t = 99, instead of 0.02. And with a warm-up from 0, the update at t = 0 moves nothing.
# Off-by-one questions about schedules are asked because both ends are wrong in so much code. Say which steps are
# counted, and show the two ends.
# </details>
#
# *"The run is at its last step and still improving. You want to go on for twice as long."*
#
# <details><summary>Answer aloud, then open</summary>
#
# The rate is at its floor, so more steps at that rate bring little. A cosine has to know its length in advance.
# Restart from a checkpoint taken *before* the decay with a longer plan; or use a plan whose end is open: constant
# after the warm-up, with a short decay whenever you want to stop.
# </details>

# %% [markdown]
# ### Clipping
#
# One batch with an outlier, or one place where the surface is a cliff, can give a gradient a thousand times as long
# as usual. One step along it throws away hours of work. **Clipping by norm** keeps the direction and bounds the
# length:
#
# $$ N = \sqrt{\textstyle\sum_k \lVert g_k \rVert^2}, \qquad g_k \leftarrow g_k \cdot \min\!\left(1, \frac{c}{N}\right) . $$
#
# In words: put all arrays of the gradient end to end, as one long vector, and measure its length $N$. If that is more
# than $c$, shrink *every* array by the same factor, so that the total is $c$. Otherwise change nothing.
#
# The norm is **global**, over all arrays. Clipping each by itself would shrink some and not others, and so turn the
# direction.

# %% [markdown]
# ## Exercise 9 · Clip by global norm
#
# *Difficulty 3 of 5 · 10 minutes · 3 points*
#
# A model's gradient is a list of arrays of different shapes: matrices, vectors, single numbers. Return the clipped
# list and the norm *before* clipping. That number is worth logging: it jumps some steps before the loss does.
#
# *Worked example.* Two arrays, $(3)$ and $(4)$, with limit 1. Together they have the norm $\sqrt{9 + 16} = 5$, so
# both are multiplied by 1/5, and become $(0.6)$ and $(0.8)$. With limit 10 nothing changes, and the norm returned is
# 5 all the same.
#
# **In the round.** The first question is "per tensor or over all of them?", and they look for the reason, not the
# answer. Then the edges: all zeros, no arrays, a norm that is infinite.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "clip_by_norm",
    "How do you get the length of a long vector from the lengths of its pieces?",
    "Sum the squares of all numbers in all arrays, then one root. Compute one factor, for all arrays. Which values of the "
    "norm make the division dangerous, and do you need the division there?",
    "Only if the norm is above max_norm, multiply each array by max_norm over the norm; an empty list has norm 0.",
)


# %% nbgrader={"grade": false, "grade_id": "clip_by_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clip_by_norm(gradients, max_norm):
    """Shorten a gradient, given as several arrays, to a largest global norm.

    Parameters
    ----------
    gradients : list of ndarray of float
        Any shapes; the list may be empty.
    max_norm : float
        Largest Euclidean norm of all arrays together, above zero; infinity never clips.

    Returns
    -------
    clipped : list of ndarray of float
        Arrays of the same shapes, in the same order. All are multiplied by the same factor; where
        the norm is at most max_norm, the values are the same as before.
    norm : float
        The global norm before clipping; 0 for an empty list.

    Notes
    -----
    None of the inputs is changed. Gradients of zero stay zero, without a warning.
    """
    ### BEGIN SOLUTION
    norm = float(np.sqrt(sum(np.sum(gradient**2) for gradient in gradients)))
    scale = max_norm / norm if norm > max_norm else 1.0
    return [scale * gradient for gradient in gradients], norm
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "clip_by_norm_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("clip_by_norm")
with check("two arrays, worked by hand", points=0.5):
    given = "gradients = [[3], [4]], max_norm = 1"
    result = clip_by_norm([np.array([3.0]), np.array([4.0])], 1.0)
    checks.that(
        type(result) in (tuple, list) and len(result) == 2,
        f"Expected two results, clipped and norm; got {type(result).__name__}.",
        given=given,
    )
    clipped, norm = result
    checks.close(
        clipped, [np.array([0.6]), np.array([0.8])], rtol=1e-5, given=given, what="clipped"
    )
    checks.close(norm, 5.0, rtol=1e-5, given=given, what="norm")
### BEGIN HIDDEN TESTS
import warnings

import torch

with check("arrays of several shapes, against PyTorch's clip_grad_norm_", points=1):
    rng = np.random.default_rng(9)
    gradients = [rng.normal(size=shape) for shape in [(4, 3), (3,), (2, 2, 2), (1,)]]
    leaves = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in gradients]
    for leaf, g in zip(leaves, gradients, strict=True):
        leaf.grad = torch.tensor(g)
    want_norm = float(torch.nn.utils.clip_grad_norm_(leaves, 2.0))
    want = [leaf.grad.numpy() for leaf in leaves]
    norms = [float(np.linalg.norm(g.ravel())) for g in gradients]
    given = "4 random arrays of shapes (4, 3), (3,), (2, 2, 2), (1,); max_norm = 2"
    clipped, norm = clip_by_norm([g.copy() for g in gradients], 2.0)
    checks.close(
        norm,
        want_norm,
        rtol=1e-5,
        given=given,
        what="norm",
        mistakes=[
            checks.Mistake(
                "sum of norms",
                looks_like=sum(norms),
                says="Lengths of pieces don't add up to the length of the whole: (3) and (4) make 5, not 7. Add squares, then "
                "take one root.",
            ),
            checks.Mistake(
                "squared norm",
                looks_like=want_norm**2,
                says="The root is missing. A squared norm has the square of the gradient's unit, and can't be compared with "
                "max_norm.",
            ),
            checks.Mistake(
                "norm after clipping",
                looks_like=2.0,
                says="This is the norm of the clipped gradient. It is max_norm whenever clipping happens, so logging it would "
                "tell nothing about the spike.",
            ),
            checks.Mistake(
                "largest entry",
                looks_like=max(float(np.abs(g).max()) for g in gradients),
                says="The largest absolute entry is the maximum norm. The docstring asks for the Euclidean one.",
            ),
        ],
    )
    checks.close(
        clipped,
        want,
        rtol=1e-5,
        atol=1e-7,
        given=given,
        what="clipped",
        mistakes=[
            checks.Mistake(
                "each array by itself",
                looks_like=[
                    g * min(1.0, 2.0 / size) for g, size in zip(gradients, norms, strict=True)
                ],
                says="Each array was clipped by its own norm. The arrays shrink by different factors, so the direction of the "
                "whole step changes, and its length can still be up to √k times the limit for k arrays.",
            ),
            checks.Mistake(
                "each entry by itself",
                looks_like=[np.clip(g, -2.0, 2.0) for g in gradients],
                says="This is clipping by *value*. It cuts single entries and so turns the direction, and the norm can stay "
                "far above the limit.",
            ),
        ],
    )
with check("below the limit nothing changes", points=0.5):
    gradients = [np.array([[0.3, -0.4]]), np.array([1.2])]
    for limit in (1.3 + 1e-9, 10.0, np.inf):
        given = f"gradients = [[[0.3, −0.4]], [1.2]] (norm 1.3), max_norm = {limit:g}"
        clipped, norm = clip_by_norm([g.copy() for g in gradients], limit)
        checks.close(
            clipped,
            gradients,
            rtol=1e-6,
            given=given,
            what="clipped",
            mistakes=[
                checks.Mistake(
                    "short gradients made longer",
                    looks_like=[g * limit / 1.3 for g in gradients],
                    says="The gradient was scaled *to* the limit, up as well as down. Then every step has the same length, "
                    "and the run can't come to rest. The factor is at most 1.",
                ),
                checks.Mistake(
                    "short gradients made longer",
                    when=limit == np.inf,
                    says="Infinity over the norm is infinite, and the factor is at most 1.",
                ),
            ],
        )
        checks.close(norm, 1.3, rtol=1e-5, given=given, what="norm")
with check("zeros, and an empty list", points=0.5):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        clipped, norm = clip_by_norm([np.zeros(2), np.zeros((1, 3))], 1.0)
    given = "gradients = [[0, 0], [[0, 0, 0]]], max_norm = 1"
    divided = checks.Mistake(
        "division by a zero norm",
        says="The norm is 0, and something is divided by it: 0/0 is NaN, and 1/0 infinite with a warning. Gradients of zero "
        "occur: a frozen part of a model, a batch in which every unit is dead. Divide only above the limit.",
    )
    checks.close(
        clipped, [np.zeros(2), np.zeros((1, 3))], given=given, what="clipped", mistakes=[divided]
    )
    said = "; ".join(sorted({str(warning.message) for warning in heard}))
    checks.that(
        not heard, f"Expected no warning. NumPy said: {said}", given=given, mistakes=[divided]
    )
    checks.close(norm, 0.0, atol=1e-12, given=given, what="norm")
    clipped, norm = clip_by_norm([], 1.0)
    checks.equal(
        len(clipped), 0, given="gradients = [], max_norm = 1", what="The length of clipped"
    )
    checks.close(norm, 0.0, atol=1e-12, given="gradients = [], max_norm = 1", what="norm")
with check("the gradients stay as they were", points=0.5):
    given = "gradients = [[3, 0], [[4]]], max_norm = 1"
    clipped, norm = checks.unchanged(
        clip_by_norm,
        [np.array([3.0, 0.0]), np.array([[4.0]])],
        1.0,
        given=given,
        mistakes=[
            checks.Mistake(
                "gradients changed in place",
                says="`g *= factor` writes into the caller's arrays. PyTorch's `clip_grad_norm_` does this on purpose and says "
                "so with its last underscore; this function returns new arrays.",
            ),
        ],
    )
    checks.close(
        clipped, [np.array([0.6, 0.0]), np.array([[0.8]])], rtol=1e-5, given=given, what="clipped"
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "clip_by_norm", "name": "each array by itself"}
def clip_by_norm(gradients, max_norm):
    clipped, squares = [], 0.0
    for g in gradients:
        size = np.sqrt((g**2).sum())
        squares += size**2
        clipped.append(g * min(1.0, max_norm / size) if size > 0 else g * 1.0)
    return clipped, float(np.sqrt(squares))


# %% tags=["mistake"] mistake={"exercise": "clip_by_norm", "name": "each entry by itself"}
def clip_by_norm(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [np.clip(g, -max_norm, max_norm) for g in gradients], norm


# %% tags=["mistake"] mistake={"exercise": "clip_by_norm", "name": "sum of norms"}
def clip_by_norm(gradients, max_norm):
    norm = sum(np.linalg.norm(g) for g in gradients)
    factor = max_norm / norm if norm > max_norm else 1.0
    return [g * factor for g in gradients], norm


# %% tags=["mistake"] mistake={"exercise": "clip_by_norm", "name": "squared norm"}
def clip_by_norm(gradients, max_norm):
    norm = sum((g**2).sum() for g in gradients)
    factor = max_norm / norm if norm > max_norm else 1.0
    return [g * factor for g in gradients], norm


# %% tags=["mistake"] mistake={"exercise": "clip_by_norm", "name": "norm after clipping"}
def clip_by_norm(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    factor = max_norm / norm if norm > max_norm else 1.0
    return [g * factor for g in gradients], norm * factor


# %% tags=["mistake"] mistake={"exercise": "clip_by_norm", "name": "largest entry"}
def clip_by_norm(gradients, max_norm):
    norm = max((np.abs(g).max() for g in gradients), default=0.0)
    factor = max_norm / norm if norm > max_norm else 1.0
    return [g * factor for g in gradients], norm


# %% tags=["mistake"] mistake={"exercise": "clip_by_norm", "name": "short gradients made longer"}
def clip_by_norm(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g * max_norm / norm for g in gradients], norm


# %% tags=["mistake"] mistake={"exercise": "clip_by_norm", "name": "division by a zero norm"}
def clip_by_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    factor = np.minimum(1.0, max_norm / norm)
    return [g * factor for g in gradients], norm


# %% tags=["mistake"] mistake={"exercise": "clip_by_norm", "name": "gradients changed in place"}
def clip_by_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    if norm > max_norm:
        for g in gradients:
            g *= max_norm / norm
    return gradients, norm


# %% tags=["alternative"] alternative={"exercise": "clip_by_norm", "name": "one long vector"}
def clip_by_norm(gradients, max_norm):
    long = np.concatenate([np.ravel(g) for g in gradients] + [np.zeros(0)])
    norm = np.linalg.norm(long)
    return [g / max(1.0, norm / max_norm) for g in gradients], norm


# %% tags=["alternative"] alternative={"exercise": "clip_by_norm", "name": "norm of the norms"}
def clip_by_norm(gradients, max_norm):
    import math

    norm = math.hypot(*(float(np.linalg.norm(np.ravel(g))) for g in gradients))
    if norm <= max_norm:
        return [g.copy() for g in gradients], norm
    return [g * (max_norm / norm) for g in gradients], norm


# %% tags=["alternative"] alternative={"exercise": "clip_by_norm", "name": "float32 loops"}
def clip_by_norm(gradients, max_norm):
    total = np.float32(0)
    for g in gradients:
        for value in g.astype(np.float32).flat:
            total += value * value
    norm = np.sqrt(total)
    factor = min(np.float32(1), np.float32(max_norm) / norm) if norm else np.float32(1)
    return [g.astype(np.float32) * factor for g in gradients], float(norm)


# %% tags=["alternative"] alternative={"exercise": "clip_by_norm", "name": "torch.nn.utils"}
def clip_by_norm(gradients, max_norm):
    import torch

    tensors = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in gradients]
    for tensor, g in zip(tensors, gradients, strict=True):
        tensor.grad = torch.tensor(g)
    norm = torch.nn.utils.clip_grad_norm_(tensors, max_norm)
    return [tensor.grad.numpy() for tensor in tensors], float(norm)


# %% [markdown]
# **Asked next**: *"One entry of a gradient is infinite. What does your function return, and what should the loop do?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The norm is infinite, the factor $c/\infty = 0$, and $0 \cdot \infty$ = NaN: clipping makes it worse. Try it:
# `clip_by_norm([np.array([np.inf, 1.0])], 1.0)`. So look at the norm, which you have: if it is not finite, skip the
# step, count how often that happens, and look at the batch. Mixed-precision training does exactly this, and lowers
# the loss scale.
# </details>
#
# *"Entries of 10²⁰⁰ are finite. Is the norm?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The squares, 10⁴⁰⁰, are not: they overflow float64 at about 10³⁰⁸, and in float32 already entries of 10²⁰ are too
# large. Divide by the largest absolute entry first, take the norm, and multiply back. `math.hypot` works this way.
# </details>
#
# *"You accumulate gradients over four small batches. When do you clip?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Once, after the sum over all four (and after averaging over workers, and after undoing a loss scale). Clipping each
# part bounds something else, and its result depends on how you cut the batch.
# </details>

# %% [markdown]
# ## 5 · All of it
#
# Now the parts become a training loop. Nothing in it is new; what is judged is **the order of things, and how long
# each of them lives**:
#
# | thing | made | lives for |
# |---|---|---|
# | generator `rng` | once, from the seed | the whole run: it must not start afresh in each epoch |
# | parameters, velocity | once, zeros | the whole run |
# | batches | at the start of each epoch | one epoch |
# | gradient, clipped gradient | for each batch | one step |
# | loss for the curve | after each epoch | kept |
#
# And in one step: rows → gradient → clip → velocity → parameters. Clip the *gradient*, before it enters the velocity:
# the purpose is to keep one bad batch out of the memory, and out of the next ten steps.

# %% [markdown]
# ## Exercise 10 · Train a linear regression
#
# *Difficulty 4 of 5 · 20 minutes · 6 points*
#
# Write the loop for linear regression with mini-batches, momentum and clipping. Call what you have written:
# `mse_gradient`, `minibatches`, `clip_by_norm`, `momentum_step`. Weights and intercept count as *one* gradient for
# clipping, and both have momentum. The losses are means over **all** rows, with the parameters at the end of the
# epoch.
#
# *Worked example.* Rows $x_1 = 1$ and $x_2 = 3$, both with target 2; one epoch, one batch of 2, η = 0.1, no clipping.
# From zero, both residuals are −2, so the gradient is −8 for $w$ and −4 for $b$. The velocity starts at 0 and becomes
# the gradient; $w = 0.8$, $b = 0.4$. The predictions are then 1.2 and 2.8, and the loss is $(0.64 + 0.64)/2 = 0.64$:
# the one entry of the list of losses.
#
# **In the round.** This is the whole round: 20 to 30 minutes, with you talking. They look for a skeleton first (loops
# and comments, no arithmetic), for parts that are called instead of retyped, and for a check after each part. A loop
# that runs and that you can prove right beats a longer one that you hope is.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "train",
    "Which things must exist before the first epoch, and which are made in each epoch or each step?",
    "Put weights and intercept into one vector of length d + 1. Then a list with this one gradient is clipped globally by "
    "itself, and one velocity serves both.",
    "For each epoch, for each batch from the same rng: gradient on X[rows], y[rows]; np.append the two parts; clip; "
    "momentum_step. After the batches, the mean squared residual over all rows.",
)


# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    """Train linear regression by mini-batch gradient descent with momentum and clipping.

    Starts at w = 0, b = 0, velocity 0. Each epoch uses every row once, in a new random order. For
    each batch: the gradient of its mean squared error for w and b, clipped together to max_norm;
    then a step with momentum, v ← β v + g, parameters ← parameters − η v.

    Parameters
    ----------
    X : ndarray of float, shape (n, d)
        One row per example; n ≥ 1.
    y : ndarray of float, shape (n,)
        Targets.
    batch_size : int
        Rows in a batch, at least 1; may be larger than n. The last batch may be smaller.
    epochs : int
        Passes over the rows, at least 1.
    learning_rate : float
        η, above zero.
    beta : float
        Momentum, 0 ≤ β < 1.
    max_norm : float
        Largest norm of the gradient of w and b together; infinity for no clipping.
    seed : int
        Seed of the only generator, numpy.random.default_rng(seed). The same seed gives the same
        result.

    Returns
    -------
    w : ndarray of float, shape (d,)
        Weights after the last epoch.
    b : float
        Intercept after the last epoch.
    losses : list of float, length epochs
        Mean squared error over all rows after each epoch, in units of y².

    Notes
    -----
    None of the inputs is changed.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    n, d = X.shape
    theta, velocity, losses = np.zeros(d + 1), np.zeros(d + 1), []
    for _ in range(epochs):
        for rows in minibatches(n, batch_size, rng):
            grad_w, grad_b = mse_gradient(X[rows], y[rows], theta[:d], theta[d])
            (gradient,), _ = clip_by_norm([np.append(grad_w, grad_b)], max_norm)
            theta, velocity = momentum_step(theta, gradient, velocity, learning_rate, beta)
        losses.append(float(np.mean((X @ theta[:d] + theta[d] - y) ** 2)))
    return theta[:d], float(theta[d]), losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "train_test", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check = checks.start("train")
with check("one full batch, worked by hand", points=1):
    given = "X = [[1], [3]], y = [2, 2], batch_size = 2, epochs = 1, learning_rate = 0.1, beta = 0.9, max_norm = inf, seed = 0"
    result = train(np.array([[1.0], [3.0]]), np.array([2.0, 2.0]), 2, 1, 0.1, 0.9, np.inf, 0)
    checks.that(
        type(result) in (tuple, list) and len(result) == 3,
        f"Expected three results, w, b and losses; got {type(result).__name__}.",
        given=given,
    )
    w, b, losses = result
    checks.close(w, np.array([0.8]), rtol=1e-6, given=given, what="w")
    checks.close(b, 0.4, rtol=1e-6, given=given, what="b")
    checks.close(losses, [0.64], rtol=1e-6, given=given, what="losses")
with check("finds a line without noise", points=0.5):
    X = np.random.default_rng(10).normal(size=(43, 1))
    given = "43 rows of y = 3 x − 1, batch_size = 8, epochs = 60, learning_rate = 0.05, beta = 0.8, max_norm = inf, seed = 1"
    w, b, losses = train(X.copy(), 3 * X[:, 0] - 1, 8, 60, 0.05, 0.8, np.inf, 1)
    checks.close(w, np.array([3.0]), rtol=1e-3, given=given, what="w")
    checks.close(b, -1.0, rtol=1e-3, given=given, what="b")
### BEGIN HIDDEN TESTS
from itertools import product

import torch
from sklearn.linear_model import LinearRegression


def by_torch(X, y, epochs, rate, beta, max_norm):
    """Train with PyTorch; `epochs` lists, for each epoch, the rows of each batch."""
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=rate, momentum=beta)
    X, y, losses = torch.tensor(X), torch.tensor(y), []
    for batches in epochs:
        for rows in batches:
            optimiser.zero_grad()
            ((X[rows] @ w + b - y[rows]) ** 2).mean().backward()
            torch.nn.utils.clip_grad_norm_([w, b], max_norm)
            optimiser.step()
        losses.append(((X @ w + b - y) ** 2).mean().item())
    return w.detach().numpy().copy(), b.item(), losses


def astray(X, y, epochs, rate, beta, max_norm, way=""):
    """Train with one thing done wrong."""
    A = np.column_stack([X, np.ones(len(y))])
    theta, v = np.zeros(A.shape[1]), np.zeros(A.shape[1])

    def shorten(g):
        return g * min(1.0, max_norm / max(np.linalg.norm(g), 1e-300))

    for batches in epochs:
        if way == "velocity starts afresh":
            v = np.zeros_like(v)
        for rows in batches[:-1] if way == "last batch dropped" else batches:
            g = 2 * A[rows].T @ (A[rows] @ theta - y[rows]) / len(rows)
            if way == "apart":
                g = np.append(shorten(g[:-1]), shorten(g[-1:]))
            elif way != "velocity clipped":
                g = shorten(g)
            v = beta * v + g
            if way == "velocity clipped":
                v = shorten(v)
            if way == "intercept without momentum":
                v[-1] = g[-1]
            theta = theta - rate * v
    return theta


says = {
    "apart": "Weights and intercept were clipped each by its own norm. They are one gradient, and the global norm counts "
    "them together.",
    "velocity clipped": "The velocity was clipped, or the step. Then a bad batch still enters the memory, and momentum is "
    "cut off where it should build up. Clip the gradient before it enters the velocity.",
    "intercept without momentum": "w follows its velocity, b its bare gradient. Both are parameters of the same step.",
    "velocity starts afresh": "The velocity begins at zero in every epoch (or every batch). With one batch in an epoch "
    "that leaves no momentum at all. State is made once, before the loop.",
}

rng = np.random.default_rng(11)
X = rng.normal(size=(12, 2))
y = X @ np.array([4.0, -3.0]) + 2 + 0.1 * rng.normal(size=12)
with check("full batches, clipped at first, against PyTorch", points=1.5):
    whole, plan = [[list(range(12))]] * 8, (0.1, 0.8, 3.0)
    want_w, want_b, want_losses = by_torch(X, y, whole, *plan)
    given = "12 rows, 2 features, batch_size = 50, epochs = 8, learning_rate = 0.1, beta = 0.8, max_norm = 3, seed = 0"
    w, b, losses = train(X.copy(), y.copy(), 50, 8, *plan, 0)
    checks.close(
        np.append(w, b),
        np.append(want_w, want_b),
        rtol=1e-4,
        atol=1e-6,
        given=given,
        what="w and b, end to end,",
        mistakes=[
            checks.Mistake(
                "weights and intercept clipped apart",
                looks_like=lambda: astray(X, y, whole, *plan, way="apart"),
                says=says["apart"],
            ),
            checks.Mistake(
                "velocity clipped instead of the gradient",
                looks_like=lambda: astray(X, y, whole, *plan, way="velocity clipped"),
                says=says["velocity clipped"],
            ),
            checks.Mistake(
                "intercept without momentum",
                looks_like=lambda: astray(X, y, whole, *plan, way="intercept without momentum"),
                says=says["intercept without momentum"],
            ),
            checks.Mistake(
                "velocity starts afresh in each epoch",
                looks_like=lambda: astray(X, y, whole, *plan, way="velocity starts afresh"),
                says=says["velocity starts afresh"],
            ),
            checks.Mistake(
                "not clipped",
                looks_like=lambda: astray(X, y, whole, 0.1, 0.8, np.inf),
                says="The clipped gradient was computed and not used, or not computed.",
            ),
        ],
    )
with check("the loss of all rows, after each epoch", points=0.5):
    # Measured at the parameters that came back, so that it tells of the losses alone.
    given = "12 rows, batch_size = 12, epochs = 1, learning_rate = 0.05, beta = 0.5, max_norm = 2, seed = 4"
    w, b, losses = train(X.copy(), y.copy(), 12, 1, 0.05, 0.5, 2.0, 4)
    w, b = (
        checks.array(w, shape=(2,), given=given, what="w"),
        checks.number(b, given=given, what="b"),
    )
    checks.close(
        losses,
        [float(np.mean((X @ w + b - y) ** 2))],
        rtol=1e-5,
        given=given,
        what="losses",
        mistakes=[
            checks.Mistake(
                "losses of batches averaged",
                looks_like=[float(np.mean(y**2))],
                says="This is the loss *before* the step, as when the losses of the batches are averaged on the way. That is "
                "cheap and common for a progress bar; it lags behind, and early batches saw older parameters.",
            ),
        ],
    )
    given = "12 rows, batch_size = 5, epochs = 3, learning_rate = 0.05, beta = 0.5, max_norm = 2, seed = 4"
    w, b, losses = train(X.copy(), y.copy(), 5, 3, 0.05, 0.5, 2.0, 4)
    w, b = (
        checks.array(w, shape=(2,), given=given, what="w"),
        checks.number(b, given=given, what="b"),
    )
    last = float(np.mean((X @ w + b - y) ** 2))
    fewer = train(X.copy(), y.copy(), 5, 2, 0.05, 0.5, 2.0, 4)[2]
    checks.close(losses, [*fewer, last], rtol=1e-5, given=given, what="losses")

X3, y3 = np.array([[1.0], [-2.0], [0.5]]), np.array([1.0, 0.5, -1.0])
orders = [[[1, 2], [0]], [[0, 2], [1]], [[0, 1], [2]]]  # which row is left over decides an epoch
ends = {}
for pair in product(range(3), repeat=2):
    w_end, b_end, _ = by_torch(X3, y3, [orders[k] for k in pair], 0.05, 0.7, 1.5)
    ends[pair] = np.append(w_end, b_end)


def run_three(seed):
    """Run the learner's function on three rows; give w and b, and which of the nine runs it was."""
    w, b, _ = train(X3.copy(), y3.copy(), 2, 2, 0.05, 0.7, 1.5, seed)
    given = f"X = [[1], [−2], [0.5]], y = [1, 0.5, −1], batch_size = 2, epochs = 2, learning_rate = 0.05, beta = 0.7, max_norm = 1.5, seed = {seed}"
    got = np.append(
        checks.array(w, shape=(1,), given=given, what="w"), checks.number(b, given=given, what="b")
    )
    return (
        got,
        [pair for pair, end in ends.items() if np.allclose(got, end, rtol=1e-4, atol=1e-6)],
        given,
    )


def goes_astray(got, way):
    found = [astray(X3, y3, [orders[i], orders[j]], 0.05, 0.7, 1.5, way) for i, j in ends]
    return any(np.allclose(got, end, rtol=1e-4, atol=1e-6) for end in found)


with check("three rows in batches of two: one of the nine possible runs", points=1):
    for seed in range(6):
        got, fits, given = run_three(seed)
        checks.that(
            bool(fits),
            "Each epoch leaves one of the three rows for the last batch, so with two epochs there are nine possible results "
            f"(computed with PyTorch). Yours is none of them: w = {got[0]:.6f}, b = {got[1]:.6f}.",
            given=given,
            mistakes=[
                checks.Mistake(
                    "last batch dropped",
                    when=lambda got=got: goes_astray(got, "last batch dropped"),
                    says="The smaller batch at the end of each epoch was left out. Every row is used in every epoch.",
                ),
                checks.Mistake(
                    "velocity starts afresh in each epoch",
                    when=lambda got=got: goes_astray(got, "velocity starts afresh"),
                    says=says["velocity starts afresh"],
                ),
                checks.Mistake(
                    "velocity clipped instead of the gradient",
                    when=lambda got=got: goes_astray(got, "velocity clipped"),
                    says=says["velocity clipped"],
                ),
                checks.Mistake(
                    "weights and intercept clipped apart",
                    when=lambda got=got: goes_astray(got, "apart"),
                    says=says["apart"],
                ),
            ],
        )
with check("a new order in each epoch, fixed by the seed", points=0.5):
    taken = []
    for seed in range(12):
        got, fits, given = run_three(seed)
        checks.that(
            bool(fits),
            "This needs the check before it to pass: the order can't be told from these results.",
            given=given,
        )
        taken += fits[:1]
    given = given.replace("seed = 11", "seeds 0 … 11")
    checks.that(
        any(first != second for first, second in taken),
        "For each of 12 seeds, both epochs used the rows in the same order.",
        given=given,
        mistakes=[
            checks.Mistake(
                "same order in every epoch",
                says="The generator is made inside the loop over epochs, so each epoch begins from the same state. Or the "
                "batches are made once, before the loop. The generator is made once, the batches in each epoch.",
            ),
        ],
    )
    checks.that(
        len(set(taken)) > 1,
        "Twelve different seeds all gave the same order of rows.",
        given=given,
        mistakes=[
            checks.Mistake(
                "seed ignored", says="The generator doesn't depend on the argument `seed`."
            ),
        ],
    )
    first, again = (train(X.copy(), y.copy(), 1, 3, 0.01, 0.7, 1.5, 5)[0] for _ in range(2))
    checks.equal(
        again,
        first,
        given="12 rows, batch_size = 1, epochs = 3, seed = 5, twice",
        what="w of the second run",
        mistakes=[
            checks.Mistake(
                "another source of randomness",
                says="Two runs from the same seed differ, so something else than its generator is asked for random numbers.",
            ),
        ],
    )
with check("long enough, the least-squares solution of scikit-learn", points=0.5):
    rng = np.random.default_rng(12)
    X = rng.normal(size=(60, 3))
    y = X @ np.array([1.0, -2.0, 0.5]) + 4 + rng.normal(size=60)
    reference = LinearRegression().fit(X, y)
    given = "60 rows with noise, 3 features, batch_size = 60, epochs = 400, learning_rate = 0.05, beta = 0.9, max_norm = 10, seed = 0"
    w, b, losses = train(X.copy(), y.copy(), 60, 400, 0.05, 0.9, 10.0, 0)
    checks.close(w, reference.coef_, rtol=1e-4, atol=1e-5, given=given, what="w")
    checks.close(b, float(reference.intercept_), rtol=1e-4, given=given, what="b")
with check("one row, and the data stay as they were", points=0.5):
    given = "X = [[2]], y = [3], batch_size = 8, epochs = 2, learning_rate = 0.1, beta = 0, max_norm = inf, seed = 0"
    w, b, losses = train(np.array([[2.0]]), np.array([3.0]), 8, 2, 0.1, 0.0, np.inf, 0)
    checks.close(w, np.array([1.2]), atol=1e-6, given=given, what="w")
    checks.close(b, 0.6, rtol=1e-6, given=given, what="b")
    X, y = np.array([[1.0], [-2.0], [0.5], [3.0]]), np.array([1.0, 0.5, -1.0, 2.0])
    w, b, losses = checks.unchanged(
        train,
        X,
        y,
        2,
        3,
        0.05,
        0.7,
        1.5,
        3,
        given="4 rows, batch_size = 2",
        mistakes=[
            checks.Mistake(
                "data shuffled in place",
                says="`rng.shuffle(X)` reorders the caller's rows. Shuffling X and y by separate calls would also tear rows "
                "and targets apart. Shuffle row *numbers*.",
            ),
        ],
    )
    checks.finite(w, what="w")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "train", "name": "weights and intercept clipped apart"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    rng, losses = np.random.default_rng(seed), []
    w, b, v_w, v_b = np.zeros(X.shape[1]), np.zeros(1), np.zeros(X.shape[1]), np.zeros(1)
    for _ in range(epochs):
        for rows in minibatches(len(y), batch_size, rng):
            g_w, g_b = mse_gradient(X[rows], y[rows], w, b[0])
            g_w, g_b = (
                clip_by_norm([g_w], max_norm)[0][0],
                clip_by_norm([np.array([g_b])], max_norm)[0][0],
            )
            w, v_w = momentum_step(w, g_w, v_w, learning_rate, beta)
            b, v_b = momentum_step(b, g_b, v_b, learning_rate, beta)
        losses.append(np.mean((X @ w + b - y) ** 2))
    return w, b[0], losses


# %% tags=["mistake"] mistake={"exercise": "train", "name": "velocity clipped instead of the gradient"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    rng, losses, A = np.random.default_rng(seed), [], np.column_stack([X, np.ones(len(y))])
    theta, v = np.zeros(A.shape[1]), np.zeros(A.shape[1])
    for _ in range(epochs):
        for rows in minibatches(len(y), batch_size, rng):
            v = beta * v + 2 * A[rows].T @ (A[rows] @ theta - y[rows]) / len(rows)
            v = clip_by_norm([v], max_norm)[0][0]
            theta = theta - learning_rate * v
        losses.append(np.mean((A @ theta - y) ** 2))
    return theta[:-1], theta[-1], losses


# %% tags=["mistake"] mistake={"exercise": "train", "name": "intercept without momentum"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    rng, losses = np.random.default_rng(seed), []
    w, b, v = np.zeros(X.shape[1]), 0.0, np.zeros(X.shape[1])
    for _ in range(epochs):
        for rows in minibatches(len(y), batch_size, rng):
            (g_w, g_b), _ = clip_by_norm(list(mse_gradient(X[rows], y[rows], w, b)), max_norm)
            w, v = momentum_step(w, g_w, v, learning_rate, beta)
            b = b - learning_rate * g_b
        losses.append(np.mean((X @ w + b - y) ** 2))
    return w, float(b), losses


# %% tags=["mistake"] mistake={"exercise": "train", "name": "velocity starts afresh in each epoch"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    rng, losses = np.random.default_rng(seed), []
    theta = np.zeros(X.shape[1] + 1)
    for _ in range(epochs):
        v = np.zeros(X.shape[1] + 1)
        for rows in minibatches(len(y), batch_size, rng):
            g = np.append(*mse_gradient(X[rows], y[rows], theta[:-1], theta[-1]))
            theta, v = momentum_step(
                theta, clip_by_norm([g], max_norm)[0][0], v, learning_rate, beta
            )
        losses.append(np.mean((X @ theta[:-1] + theta[-1] - y) ** 2))
    return theta[:-1], theta[-1], losses


# %% tags=["mistake"] mistake={"exercise": "train", "name": "not clipped"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    rng, losses = np.random.default_rng(seed), []
    theta, v = np.zeros(X.shape[1] + 1), np.zeros(X.shape[1] + 1)
    for _ in range(epochs):
        for rows in minibatches(len(y), batch_size, rng):
            g = np.append(*mse_gradient(X[rows], y[rows], theta[:-1], theta[-1]))
            clip_by_norm([g], max_norm)
            theta, v = momentum_step(theta, g, v, learning_rate, beta)
        losses.append(np.mean((X @ theta[:-1] + theta[-1] - y) ** 2))
    return theta[:-1], theta[-1], losses


# %% tags=["mistake"] mistake={"exercise": "train", "name": "last batch dropped"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    rng, losses = np.random.default_rng(seed), []
    theta, v = np.zeros(X.shape[1] + 1), np.zeros(X.shape[1] + 1)
    for _ in range(epochs):
        order = rng.permutation(len(y))
        for k in range(max(1, len(y) // batch_size)):
            rows = order[k * batch_size : (k + 1) * batch_size]
            g = np.append(*mse_gradient(X[rows], y[rows], theta[:-1], theta[-1]))
            theta, v = momentum_step(
                theta, clip_by_norm([g], max_norm)[0][0], v, learning_rate, beta
            )
        losses.append(np.mean((X @ theta[:-1] + theta[-1] - y) ** 2))
    return theta[:-1], theta[-1], losses


# %% tags=["mistake"] mistake={"exercise": "train", "name": "same order in every epoch"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    losses = []
    theta, v = np.zeros(X.shape[1] + 1), np.zeros(X.shape[1] + 1)
    for _ in range(epochs):
        rng = np.random.default_rng(seed)
        for rows in minibatches(len(y), batch_size, rng):
            g = np.append(*mse_gradient(X[rows], y[rows], theta[:-1], theta[-1]))
            theta, v = momentum_step(
                theta, clip_by_norm([g], max_norm)[0][0], v, learning_rate, beta
            )
        losses.append(np.mean((X @ theta[:-1] + theta[-1] - y) ** 2))
    return theta[:-1], theta[-1], losses


# %% tags=["mistake"] mistake={"exercise": "train", "name": "seed ignored"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    rng, losses = np.random.default_rng(3), []
    theta, v = np.zeros(X.shape[1] + 1), np.zeros(X.shape[1] + 1)
    for _ in range(epochs):
        for rows in minibatches(len(y), batch_size, rng):
            g = np.append(*mse_gradient(X[rows], y[rows], theta[:-1], theta[-1]))
            theta, v = momentum_step(
                theta, clip_by_norm([g], max_norm)[0][0], v, learning_rate, beta
            )
        losses.append(np.mean((X @ theta[:-1] + theta[-1] - y) ** 2))
    return theta[:-1], theta[-1], losses


# %% tags=["mistake"] mistake={"exercise": "train", "name": "another source of randomness"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    rng, losses = np.random.default_rng(), []
    theta, v = np.zeros(X.shape[1] + 1), np.zeros(X.shape[1] + 1)
    for _ in range(epochs):
        for rows in minibatches(len(y), batch_size, rng):
            g = np.append(*mse_gradient(X[rows], y[rows], theta[:-1], theta[-1]))
            theta, v = momentum_step(
                theta, clip_by_norm([g], max_norm)[0][0], v, learning_rate, beta
            )
        losses.append(np.mean((X @ theta[:-1] + theta[-1] - y) ** 2))
    return theta[:-1], theta[-1], losses


# %% tags=["mistake"] mistake={"exercise": "train", "name": "losses of batches averaged"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    rng, losses = np.random.default_rng(seed), []
    theta, v = np.zeros(X.shape[1] + 1), np.zeros(X.shape[1] + 1)
    for _ in range(epochs):
        seen = []
        for rows in minibatches(len(y), batch_size, rng):
            seen.append(np.mean((X[rows] @ theta[:-1] + theta[-1] - y[rows]) ** 2))
            g = np.append(*mse_gradient(X[rows], y[rows], theta[:-1], theta[-1]))
            theta, v = momentum_step(
                theta, clip_by_norm([g], max_norm)[0][0], v, learning_rate, beta
            )
        losses.append(np.mean(seen))
    return theta[:-1], theta[-1], losses


# %% tags=["mistake"] mistake={"exercise": "train", "name": "data shuffled in place"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    losses, n = [], len(y)
    theta, v = np.zeros(X.shape[1] + 1), np.zeros(X.shape[1] + 1)
    seeds = np.random.default_rng(seed).integers(10**6, size=epochs)
    for k in range(epochs):
        np.random.default_rng(seeds[k]).shuffle(X)
        np.random.default_rng(seeds[k]).shuffle(y)
        for i in range(0, n, batch_size):
            g = np.append(
                *mse_gradient(X[i : i + batch_size], y[i : i + batch_size], theta[:-1], theta[-1])
            )
            theta, v = momentum_step(
                theta, clip_by_norm([g], max_norm)[0][0], v, learning_rate, beta
            )
        losses.append(np.mean((X @ theta[:-1] + theta[-1] - y) ** 2))
    return theta[:-1], theta[-1], losses


# %% tags=["alternative"] alternative={"exercise": "train", "name": "two parameters, a list of gradients"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    rng = np.random.default_rng(seed)
    parameters = [np.zeros(X.shape[1]), np.zeros(())]
    velocities = [np.zeros(X.shape[1]), np.zeros(())]
    losses = np.empty(epochs)
    for epoch in range(epochs):
        for rows in minibatches(len(X), batch_size, rng):
            gradients, _ = clip_by_norm(
                [np.asarray(g) for g in mse_gradient(X[rows], y[rows], *parameters)], max_norm
            )
            for k in (0, 1):
                parameters[k], velocities[k] = momentum_step(
                    parameters[k], gradients[k], velocities[k], learning_rate, beta
                )
        losses[epoch] = np.square(X @ parameters[0] + parameters[1] - y).mean()
    return parameters[0], float(parameters[1]), losses


# %% tags=["alternative"] alternative={"exercise": "train", "name": "by itself, without the other functions"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    rng = np.random.default_rng(seed)
    A = np.hstack([X, np.ones((len(X), 1))])
    theta, v, losses = np.zeros(A.shape[1]), np.zeros(A.shape[1]), []
    for _ in range(epochs):
        order = rng.permutation(len(A))
        for start in range(0, len(A), batch_size):
            batch = order[start : start + batch_size]
            g = 2 * np.einsum("ij,i->j", A[batch], A[batch] @ theta - y[batch]) / len(batch)
            g = g / max(1.0, np.linalg.norm(g) / max_norm)
            v = g + beta * v
            theta = theta - learning_rate * v
        losses.append(np.mean((A @ theta - y) ** 2))
    return theta[:-1], theta[-1], losses


# %% tags=["alternative"] alternative={"exercise": "train", "name": "a PyTorch loop"}
def train(X, y, batch_size, epochs, learning_rate, beta, max_norm, seed):
    import torch

    rng, X, y = np.random.default_rng(seed), torch.tensor(X), torch.tensor(y)
    model = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=beta)
    losses = []
    for _ in range(epochs):
        for rows in torch.tensor(rng.permutation(len(y))).split(batch_size):
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(model(X[rows])[:, 0], y[rows]).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimiser.step()
        with torch.no_grad():
            losses.append(torch.nn.functional.mse_loss(model(X)[:, 0], y).item())
    return model.weight.detach().numpy()[0], model.bias.item(), losses


# %% [markdown]
# **Asked next**: *"How do you know that this loop is right, without my tests?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Four experiments, each a minute long. The loss at zero parameters must be the mean of $y^2$. One batch of a few rows
# must be fitted to loss 0. On data without noise the true weights must come out. With full batches the end must be
# the least-squares solution, which `np.linalg.lstsq` gives. And a fifth, cheaper than it sounds: two runs with one
# seed must agree to the last digit. Most of the checks above are these experiments.
# </details>
#
# *"What would you improve for real use?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Standardise the features first: κ decides how long it takes ([3 · Use](3_use.ipynb) measures it). A validation
# split, and stopping on its loss. A schedule in place of the constant rate. Keep the best parameters, as a *copy*.
# Log the gradient's norm and how often it is clipped. Save parameters, velocity, step and the generator's state, so
# that a resumed run continues exactly. And measure before optimising: for linear regression on data that fit in
# memory, a direct solver is faster than any of this.
# </details>

# %% [markdown]
# ### One picture from your own loop
#
# The same data, the same number of epochs, the same η, three batch sizes. Predict which curve is lowest after two
# epochs, and which after forty.

# %%
rng = np.random.default_rng(1)
X = rng.normal(size=(512, 5))
y = X @ np.array([1.0, -2.0, 0.5, 3.0, -1.0]) + 1 + rng.normal(size=512)
lowest = np.linalg.lstsq(np.column_stack([X, np.ones(512)]), y, rcond=None)[1][0] / 512

if checks.attempted(train, X[:4], y[:4], 2, 1, 0.01, 0.0, np.inf, 0):
    fig, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
    for size, name, mark in [(8, "vermillion", "o"), (64, "blue", "s"), (512, "black", "^")]:
        losses = train(X, y, size, 40, 0.02, 0.0, np.inf, 0)[2]
        ax.semilogy(
            np.arange(1, 41),
            np.array(losses) - lowest,
            mark + "-",
            ms=4,
            color=widgets.COLORS[name],
            label=f"batches of {size}",
        )
    ax.set(xlabel="epoch", ylabel="loss above the minimum")
    ax.set_title("Small batches arrive first, and stay farther from the minimum")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    widgets.show(
        fig,
        alt="Loss above the minimum against epoch for batches of 8, 64 and 512 rows. Batches of 8 fall at once to a "
        "jittering level near 0.005; batches of 64 take 25 epochs and reach 1e-5; full batches fall slowest of all.",
    )
else:
    print("The figure appears here once train is written.")

# %% [markdown]
# All three curves cost the same number of row gradients in each epoch. Small batches make more steps of them, so they
# arrive first; then their noise holds them at a floor. A schedule has both: travel at a large η, then lower it and
# land. That is your `learning_rate_at`.
#
# Did you expect the floors from [1 · See](1_see.ipynb), in proportion to $\eta/B$? Here that law gives 0.014 for
# batches of 8 and 0.0017 for batches of 64. Yours are lower, the second by a factor of a hundred. The law is for rows
# drawn independently. Your `minibatches` draws without replacement, so within an epoch the errors of the batches sum to
# nearly nothing, and the loss is read where the sum is complete. This is what the shuffle of Exercise 5 buys. In the
# middle of an epoch the blue curve would stand higher, near 0.0002.

# %% [markdown]
# ## 6 · Your optimisers on the surface
#
# The surface is the one of [1 · See](1_see.ipynb). On the left, your `step`, `momentum_step` and `adam_step` are
# drawn thin over the wide paths of `torch.optim`. On the right is the distance between the two, step by step.
#
# **What to look for.** A distance near $10^{-15}$ is rounding: the same method. Where a distance rises above that,
# look at *when* it does. Parting at the first step points at a sign, a factor or the bias correction; parting at the
# second points at the state that you returned.

# %%
gd.compare(step=step, momentum_step=momentum_step, adam_step=adam_step)

# %% [markdown]
# ## Cheat sheet
#
# | part | formula | say this | watch out for |
# |---|---|---|---|
# | squared error | $\tfrac{2}{n} X^\top r$, $\tfrac{2}{n}\sum r_i$ | "mean over rows, the 2 kept, residual is prediction minus target" | (n, 1) against (n,): broadcasting to (n, n) |
# | logistic loss | $\tfrac{1}{n} X^\top (p - y)$ | "the sigmoid's slope cancels against the loss's" | `exp` overflows above 709; use `logaddexp` or two branches |
# | test | $\frac{f(w + h e_j) - f(w - h e_j)}{2h}$ | "central differences, h about 10⁻⁵, float64" | one-sided differences lose half the digits |
# | step | $w - \eta g$ | "a new array; the caller keeps the old one" | `w -= …` in a list of points |
# | loop | stop at $\lVert g \rVert \le$ tol | "converged, out of budget, or broken" | NaN compares False; one gradient per point |
# | mini-batches | cut one permutation | "without replacement, a new order each epoch, the last one may be smaller" | n² from removing rows; the tail dropped |
# | momentum | $v \leftarrow \beta v + g$, $w \leftarrow w - \eta v$ | "PyTorch's convention, η outside the velocity" | a factor 1 − β makes steps ten times shorter |
# | Adam | $\eta\, \hat m / (\sqrt{\hat v} + \epsilon)$ | "a step of about η per coordinate; correction because the means start at 0" | t from 1; ε outside the root; state uncorrected |
# | schedule | linear up, half a cosine down | "a pure function of t, so resuming is exact" | t = 0, the seam, the end, no warm-up |
# | clipping | $g \cdot \min(1, c/N)$, global $N$ | "before the velocity, after accumulation; log N" | per-array norms turn the direction; inf gives NaN |
# | training | rows → gradient → clip → velocity → parameters | "generator, parameters and velocity are made once" | state or seed made afresh in each epoch |
#
# **Memory of the optimiser**, in numbers per parameter: SGD 0, momentum 1, Adam 2. **Cost of one gradient**: $O(nd)$
# for all rows, $O(Bd)$ for a batch.
#
# **In the first two minutes of a coding round**, before any code: repeat the task in your words; name shapes and
# conventions; say the plan in one sentence; say how you will test it. In the last two: the edge cases that you did not
# handle, and what you would change for ten times the rows.

# %% [markdown]
# **Check my work** runs the hidden checks too, and names what went wrong where it can. A part that costs points today
# is worth writing again tomorrow, from a blank page, in the minutes that the table at the top gives it.
#
# Next: [3 · Use](3_use.ipynb), where all of this meets real data. Back: [1 · See](1_see.ipynb).

# %% tags=["on_open"]
learner.check_my_work()
