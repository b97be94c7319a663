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

# %%
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
# **Symbols.** $X$ (n, d) the features, one row per example; $y$ (n,) the targets; $w$ (d,) the weights; $b$ the
# intercept; $\eta$ the learning rate; $L$ the loss; $g$ a gradient, always of the shape of what it is the gradient of.
# Losses are means over rows and have no unit beyond that of $y$ squared (squared error) or nats (logistic loss).
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
# $$ L(w, b) = \frac{1}{n} \sum_{i=1}^{n} r_i^2, \qquad r_i = x_i^\top w + b - y_i . $$
#
# In words: predict each row, subtract its target, square, average. The **residual** $r_i$ is prediction *minus*
# target, in this order; the sign of all that follows hangs on it.
#
# By the chain rule, the outer derivative is $2 r_i$. The inner one is how the residual answers to each parameter:
# $x_{ij}$ for $w_j$, and 1 for $b$.
#
# $$ \frac{\partial L}{\partial w_j} = \frac{2}{n} \sum_i r_i\, x_{ij}, \qquad
# \frac{\partial L}{\partial b} = \frac{2}{n} \sum_i r_i . $$
#
# In words: the slope along a weight is twice the mean of residual times feature. The intercept behaves like the weight
# of a feature that is always 1.
#
# All weights at once:
#
# $$ \nabla_{\!w} L = \frac{2}{n} X^\top r . $$
#
# In words: multiply the transposed data by the vector of residuals. You need not remember on which side the transpose
# goes: $X$ is (n, d), $r$ is (n,), the answer must be (d,) like $w$, and only $X^\top r$ has that shape.

# %% [markdown]
# ## Exercise 1 · The gradient of the mean squared error
#
# *Difficulty 1 of 5 · 10 minutes · 4 points*
#
# Write the gradient for all weights and for the intercept, without a Python loop over rows.
#
# Before you write, state the two conventions on which people differ: **mean or sum** over the rows, and **with or
# without a factor ½** in front of the loss. Here it is the mean, without the ½, as in `torch.nn.MSELoss`, so the 2 stays
# in the gradient. Other conventions are as right, and need another learning rate.
#
# *Worked example.* One row $x = (1, 2)$ with target $y = 3$, at $w = (0, 0)$ and $b = 0$. The prediction is 0, the
# residual −3. So the gradient for $w$ is $2 \cdot (-3) \cdot (1, 2) = (-6, -12)$, and for $b$ it is −6. All are
# negative: increasing any of the three brings the prediction closer to 3.

# %% tags=["hints"] jupyter={"source_hidden": true}
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
    grad_w, grad_b = mse_gradient(np.array([[1.0, 2.0]]), np.array([3.0]), np.zeros(2), 0.0)
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
    checks.close(grad_w, np.array([-2.5, 4.25]), what="grad_w")
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
# intercept is no effect but the level of $y$. Penalise it, and predictions change when somebody adds 100 to every
# target. To check yours: at $X = 0$, $y = 0$, $w = (3, -1)$, $b = 0$ and λ = 0.5, the gradient is $(3, -1)$ and 0.
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
# $$ \frac{\partial L}{\partial w_j} \approx \frac{L(w + h e_j) - L(w - h e_j)}{2h} . $$
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
# Now $y$ is 0 or 1, and the model says how probable 1 is. The **margin** $z$ may be any number; the sigmoid squeezes
# it into a probability:
#
# $$ z_i = x_i^\top w + b, \qquad p_i = \sigma(z_i) = \frac{1}{1 + e^{-z_i}}, \qquad
# L = -\frac{1}{n} \sum_i \bigl[\, y_i \log p_i + (1 - y_i) \log (1 - p_i) \,\bigr] . $$
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
# $$ \nabla_{\!w} L = \frac{1}{n} X^\top (p - y), \qquad \frac{\partial L}{\partial b} = \frac{1}{n} \sum_i (p_i - y_i) . $$
#
# In words: residual times feature, averaged; the residual is now probability minus label. The cancellation in step 3 is
# the reason why cross-entropy is used with a sigmoid. With squared error the factor $p\,(1-p)$ stays, and a row that is
# surely wrong has almost no gradient.

# %% [markdown]
# ## Exercise 2 · The gradient of the logistic loss
#
# *Difficulty 2 of 5 · 15 minutes · 5 points*
#
# The formula is short; the numbers are the exercise. Margins of a thousand occur: on features that nobody scaled, after
# a few steps that were too long, on data that can be separated. `np.exp(1000)` is too large for a float64, whose largest
# number is about $e^{709}$. Your function must give the right gradient there, **without an overflow warning**.
#
# *Worked example.* Two rows, $x_1 = 4$ with label 1 and $x_2 = 2$ with label 0, at $w = 0$, $b = 0$. Both margins are 0
# and both probabilities ½. The residuals are −½ and ½, so the gradient for $w$ is
# $\tfrac{1}{2}\,(4 \cdot (-\tfrac12) + 2 \cdot \tfrac12) = -0.5$, and for $b$ it is 0.

# %% tags=["hints"] jupyter={"source_hidden": true}
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
    grad_w, grad_b = logistic_gradient(
        np.array([[4.0], [2.0]]), np.array([1.0, 0.0]), np.zeros(1), 0.0
    )
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
with check("margins of ±1000: the right values", points=1):
    X, y, w = (
        np.array([[1000.0], [-1000.0], [1000.0], [-1000.0]]),
        np.array([1, 0, 0, 1]),
        np.ones(1),
    )
    given = "margins 1000, −1000, 1000, −1000 with labels 1, 0, 0, 1"
    grad_w, grad_b = logistic_gradient(X, y, w, 0.0)
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
        grad_w, grad_b = logistic_gradient(X, y, w, 0.0)
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
# without end, about like $\log t$; the gradient is never exactly zero. The direction of $w$ settles at the line of
# largest margin. Add an L2 penalty, or stop early. Check it by hand: $X = (-1, 1)$, $y = (0, 1)$, $b = 0$. The gradient
# for $w$ is $-\sigma(-w)$, negative at every $w$.
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

    fig, ax = plt.subplots(figsize=(6.5, 4))
    ax.loglog(
        h,
        np.abs(forward - yours).max(axis=1),
        "s--",
        color=widgets.COLORS["vermillion"],
        label="one-sided difference",
    )
    ax.loglog(
        h, np.abs(central - yours).max(axis=1), "o-", color=widgets.COLORS["blue"], label="central difference"
    )
    ax.set(xlabel="nudge h (units of w)", ylabel="largest distance from your gradient")
    ax.set_title("Too large an h bends, too small an h rounds")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    widgets.show(
        fig,
        alt="Error of the numeric gradient against h on logarithmic axes. Both curves are V-shaped: the one-sided "
        "difference is best near 1e-8 with an error near 1e-8, the central one near 1e-5 with an error near 1e-11.",
    )
else:
    print("The figure appears here once logistic_gradient is written.")

# %% [markdown]
# The right arm is the curve's bend: the one-sided error falls like $h$, the central one like $h^2$. The left arm is
# rounding: two losses that agree in most digits are subtracted, and what is left is noise of about $10^{-16}/h$. They meet
# near $h = 10^{-8}$ for one-sided and near $h = 10^{-5}$ for central differences, which are a thousand times better there.
# In float32 everything is far worse: **check gradients in float64**.
