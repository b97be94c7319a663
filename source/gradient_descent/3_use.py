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
# # Gradient descent · 3 · Use
#
# In [2 · Build](2_build.ipynb) the data were made for the algorithm. Here they are not: columns
# differ in size by a factor of 2000, some say nearly the same thing, and the rows come sorted. Such
# data, and not the algorithm, are behind many runs that fail.
#
# **After this notebook you can**
#
# - compute the largest learning rate that a data set allows, and say what scaling does to it;
# - make scikit-learn's stochastic gradient descent do what your formula says, and say what it does
#   by default;
# - write a PyTorch training loop and defend every line of it;
# - choose a learning rate with one short run;
# - find three bugs that run without an error, from the shape of the loss curve;
# - choose a solver, and say at which size of data you would change your mind.
#
# **Interview questions that it answers**: *Why standardise before gradient descent? Your loss goes to
# NaN: what do you look at first? Why do your coefficients differ from scikit-learn's? Walk me
# through a training loop. How do you choose the learning rate? The loss is flat from the first
# epoch: what do you do?*
#
# Everything given here takes its gradients from PyTorch's autograd, so a gap in 2 · Build does not
# stop you. The data are small, so all of it runs on a laptop's processor in seconds.

# %% tags=["on_open"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from sklearn.model_selection import train_test_split

from curriculum import checks, data, learner, widgets

BLUE, ORANGE, GREEN, RED = (widgets.COLORS[c] for c in ("blue", "orange", "green", "vermillion"))
pd.set_option("display.precision", 3)
torch.set_num_threads(1)  # tensors this small lose more by sharing out the work than they gain
learner.begin("gradient_descent", "3_use")

# %% [markdown]
# ## 1 · Look at the data before any model
#
# `data.wine()` holds the chemical analysis of 178 Italian wines. The task: predict a wine's alcohol
# (percent by volume) from its other twelve measurements. Look at two things in what follows: how
# large the numbers in each column are, and in which order the rows come.

# %%
wine = data.wine()
features = wine.drop(columns=["alcohol", "cultivar"])
features.describe().loc[["mean", "std", "min", "max"]].T

# %%
low, middle, high = (features.quantile(q).sort_values() for q in (0.05, 0.5, 0.95))
order = middle.index

fig, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
ax.hlines(range(12), low[order], high[order], color=BLUE, linewidth=7, alpha=0.45)
ax.plot(middle[order], range(12), "o", color=BLUE)
ax.set_xscale("log")
ax.set_yticks(range(12), order)
ax.set_xlabel("value (units of the column, logarithmic axis)")
ax.set_title("One column is 2000 times the size of another")
ax.grid(axis="x", alpha=0.3)
widgets.show(
    fig,
    alt="Twelve horizontal bars, one for each measurement of the wines, on a logarithmic axis "
    "from 0.1 to 2000. Most lie between 0.2 and 5; magnesium lies near 100 and proline, far to "
    "the right, near 700.",
)

# %% [markdown]
# Each bar runs from the 5th to the 95th percentile, the dot is the median. Ten columns live between
# 0.1 and 30. Magnesium sits near 100 and proline near 700.
#
# Why it matters: the slope of the loss along one weight is the mean of 2 · error · x. A column 2000
# times larger has a slope 2000 times steeper, and a *curvature* 2000² = 4 million times larger. One
# learning rate has to serve both.
#
# And the order of the rows:

# %%
wine["cultivar"].to_numpy()

# %%
parts = (features.to_numpy(), wine["alcohol"].to_numpy())
X_train, X_test, y_train, y_test = train_test_split(*parts, test_size=0.25, random_state=0)
print(f"train: X {X_train.shape}, y {y_train.shape}   test: X {X_test.shape}, y {y_test.shape}")

# %% [markdown]
# The rows are sorted by cultivar (the plant variety). Cut off the last quarter as a test set and
# the model is tested on a variety that it hardly saw; walk through the rows in order and each
# mini-batch pulls towards one variety. `train_test_split` shuffles, so both are avoided here. Check
# the order of the rows whenever you meet a new table.
#
# The split comes *before* anything is computed from the data. The first thing that we compute is
# the scale.

# %% [markdown]
# ## Exercise 1 · Scale without looking at the test rows
#
# *Difficulty 1 of 5 · 8 minutes · 3 points*
#
# Standardising a column means: subtract its mean, divide by its standard deviation, so that it has
# mean 0 and standard deviation 1. The mean and the standard deviation are *fitted*: they are
# learned from data like weights are. So they come from the training rows, and the same numbers are
# then applied to every other row. At prediction time a single wine arrives; it has no standard
# deviation of its own.
#
# Worked example: training values 1 and 3 have mean 2 and standard deviation 1, and become −1 and 1.
# A test value 4 becomes (4 − 2) / 1 = 2.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "standardise",
    "One wine arrives at prediction time. Which numbers do you need to have kept to scale it?",
    "Compute one mean and one standard deviation for each column of `train`, and use them for "
    "both arrays. Treat columns with standard deviation 0 apart.",
    "(x − mean of the column in train) / (standard deviation of the column in train), with every "
    "standard deviation of 0 replaced by 1",
)


# %% nbgrader={"grade": false, "grade_id": "standardise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def standardise(train, other):
    """Scale the columns of two arrays by what was learned from the first.

    Parameters
    ----------
    train : array (n, d)
        Training rows; n ≥ 1, integers or floats. Not changed.
    other : array (m, d)
        Rows to which the same scaling is applied; m ≥ 0. Not changed.

    Returns
    -------
    (train_scaled, other_scaled) : float arrays (n, d) and (m, d)
        Each column of `train_scaled` has mean 0 and standard deviation 1 (the population's,
        divided by n and not by n − 1, as in scikit-learn). A column that is constant in `train`
        is only shifted, not divided.
    """
    ### BEGIN SOLUTION
    centre = train.mean(axis=0)
    spread = train.std(axis=0)
    spread = np.where(spread == 0, 1.0, spread)
    return (train - centre) / spread, (other - centre) / spread
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "standardise_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("standardise")
with check("two columns, worked by hand", points=1):
    given = "train = [[1, 10], [3, 30]], other = [[4, 20]]"
    scaled, other = standardise(np.array([[1.0, 10.0], [3.0, 30.0]]), np.array([[4.0, 20.0]]))
    want = np.array([[-1.0, -1.0], [1.0, 1.0]])
    checks.close(scaled, want, atol=1e-9, given=given, what="train_scaled")
    checks.close(other, np.array([[2.0, 0.0]]), atol=1e-9, given=given, what="other_scaled")
### BEGIN HIDDEN TESTS
with check("the wines, against StandardScaler", points=1):
    from sklearn.preprocessing import StandardScaler

    X = data.wine().drop(columns="cultivar").to_numpy()
    order = np.random.default_rng(1).permutation(len(X))
    train, test = X[order[:130]], X[order[130:]]
    tool = StandardScaler().fit(train)
    checks.close(
        standardise(train.copy(), test.copy())[1],
        tool.transform(test),
        rtol=1e-7,
        atol=1e-9,
        given="130 wines as train and the other 48 as other",
        what="other_scaled",
        mistakes=[
            checks.Mistake(
                "statistics from all rows",
                "Mean and standard deviation come from train and other together. That leaks the "
                "test rows into the model: fit on the training rows only.",
                looks_like=(test - X.mean(axis=0)) / X.std(axis=0),
            ),
            checks.Mistake(
                "scaled by its own statistics",
                "`other` is scaled by its own mean and standard deviation. The same wine would "
                "then get other numbers in another batch, and a single row would always become "
                "0. Keep what you learned from `train`.",
                looks_like=(test - test.mean(axis=0)) / test.std(axis=0),
            ),
            checks.Mistake(
                "one mean for the whole table",
                "There is one mean for all columns together. Each column needs its own: axis=0.",
                looks_like=(test - train.mean()) / train.std(),
            ),
            checks.Mistake(
                "sample standard deviation",
                "The standard deviation divides by n − 1. That is pandas' default (ddof=1); NumPy "
                "and scikit-learn divide by n. The docstring asks for n.",
                looks_like=(test - train.mean(axis=0)) / train.std(axis=0, ddof=1),
            ),
        ],
    )
with check("a constant column, and the input stays as it was", points=1):
    given = "train = [[5, 1], [5, 3], [5, 5]], other = [[7, 3]]"
    scaled, other = checks.unchanged(
        standardise,
        np.array([[5.0, 1.0], [5.0, 3.0], [5.0, 5.0]]),
        np.array([[7.0, 3.0]]),
        given=given,
        mistakes=[
            checks.Mistake(
                "input changed in place",
                "The arrays that were passed in have changed: `-=` and `/=` write into them. Make "
                "new arrays.",
            )
        ],
    )
    both = np.vstack([checks.array(scaled, shape=(3, 2)), checks.array(other, shape=(1, 2))])
    divided = checks.Mistake(
        "constant column divided by zero",
        "A constant column has standard deviation 0, and 0 / 0 is NaN. Divide such a column by 1 "
        "instead.",
        when=lambda: not np.isfinite(both).all(),
    )
    root = np.sqrt(1.5)
    checks.close(
        both,
        np.array([[0.0, -root], [0.0, 0.0], [0.0, root], [2.0, 0.0]]),
        atol=1e-9,
        given=given,
        what="train_scaled above other_scaled",
        mistakes=[divided],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "standardise", "name": "statistics from all rows"}
def standardise(train, other):
    both = np.vstack([train, other])
    spread = np.where(both.std(axis=0) == 0, 1.0, both.std(axis=0))
    return (train - both.mean(axis=0)) / spread, (other - both.mean(axis=0)) / spread


# %% tags=["mistake"] mistake={"exercise": "standardise", "name": "scaled by its own statistics"}
def standardise(train, other):
    def scale(X):
        spread = X.std(axis=0)
        return (X - X.mean(axis=0)) / np.where(spread == 0, 1.0, spread)

    return scale(train), scale(other)


# %% tags=["mistake"] mistake={"exercise": "standardise", "name": "one mean for the whole table"}
def standardise(train, other):
    return (train - train.mean()) / train.std(), (other - train.mean()) / train.std()


# %% tags=["mistake"] mistake={"exercise": "standardise", "name": "sample standard deviation"}
def standardise(train, other):
    spread = train.std(axis=0, ddof=1)
    spread = np.where(spread == 0, 1.0, spread)
    return (train - train.mean(axis=0)) / spread, (other - train.mean(axis=0)) / spread


# %% tags=["mistake"] mistake={"exercise": "standardise", "name": "constant column divided by zero"}
def standardise(train, other):
    m, s = train.mean(axis=0), train.std(axis=0)
    return (train - m) / s, (other - m) / s


# %% tags=["mistake"] mistake={"exercise": "standardise", "name": "input changed in place"}
def standardise(train, other):
    m, s = train.mean(axis=0), train.std(axis=0)
    s[s == 0] = 1
    train -= m
    train /= s
    other -= m
    other /= s
    return train, other


# %% tags=["alternative"] alternative={"exercise": "standardise", "name": "StandardScaler"}
def standardise(train, other):
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    return scaler.fit_transform(train), scaler.transform(other)


# %% tags=["alternative"] alternative={"exercise": "standardise", "name": "pandas with ddof=0"}
def standardise(train, other):
    train, other = pd.DataFrame(train), pd.DataFrame(other)
    m, s = train.mean(), train.std(ddof=0).replace(0, 1)
    return ((train - m) / s).to_numpy(), ((other - m) / s).to_numpy()


# %% tags=["alternative"] alternative={"exercise": "standardise", "name": "column by column"}
def standardise(train, other):
    scaled = np.empty(train.shape)
    scaled_other = np.empty(other.shape)
    n, d = train.shape
    for j in range(d):
        m = sum(train[:, j]) / n
        s = (sum((x - m) ** 2 for x in train[:, j]) / n) ** 0.5 or 1.0
        scaled[:, j] = [(x - m) / s for x in train[:, j]]
        scaled_other[:, j] = [(x - m) / s for x in other[:, j]]
    return scaled, scaled_other


# %% [markdown]
# **Asked next**: *"You trained on standardised columns. The business wants the coefficients in the original
# units. What do you give them?"* Work it out on paper for
# $\hat y = \sum_j w_j \frac{x_j - m_j}{s_j} + b$ before you open the answer.
#
# <details><summary>Answer aloud, then open</summary>
#
# Collect what multiplies $x_j$ and what stands alone: the weights are $w_j / s_j$ and the intercept
# is $b - \sum_j w_j m_j / s_j$. The predictions are the same up to rounding. What people forget is
# the intercept. To check: the function in original units must return the same prediction for one
# row.
#
# </details>
#
# "Does fitting the scaler on all rows really matter?" Measure before you preach: over 20 random
# splits of the breast-cancer table that comes below, it moves the test log loss of logistic
# regression by 0.0006 on average and the accuracy not at all. Least squares does not notice any
# scaling. It matters where rows arrive over time and the scale drifts, where the table is small and
# has outliers, and as a habit: the same carelessness with a *target* encoding ruins a model.

# %% [markdown]
# ## 2 · What scale does to gradient descent
#
# From here on the notebook scales with scikit-learn's `StandardScaler`, fitted on the training
# rows. The function `descend` is plain batch gradient descent; autograd supplies the gradient, so it
# takes any loss. b is the intercept; PyTorch calls it the bias (`layer.bias`).

# %%
from sklearn.preprocessing import StandardScaler

scaler = StandardScaler().fit(X_train)
Z_train, Z_test = scaler.transform(X_train), scaler.transform(X_test)


def descend(loss, theta, learning_rate, steps):
    """Take steps of batch gradient descent from `theta`; also return the loss before each."""
    losses = []
    for _ in range(steps):
        theta = theta.detach().requires_grad_()
        value = loss(theta)
        (slope,) = torch.autograd.grad(value, theta)
        losses.append(value.item())
        theta = theta - learning_rate * slope
    return theta.detach(), np.array(losses)


def squared_loss(X, y):
    """Mean squared error as a function of theta, which holds the weights and then the intercept."""
    columns, target = torch.tensor(np.c_[X, np.ones(len(X))]), torch.tensor(y)
    return lambda theta: ((columns @ theta - target) ** 2).mean()


start = torch.zeros(13, dtype=torch.float64)
losses_on = {
    "as measured": squared_loss(X_train, y_train),
    "standardised": squared_loss(Z_train, y_train),
}

# %% [markdown]
# How large may the learning rate be? Nobody has to know theory to find out: try. `edge` halves the
# interval between a rate that works and one that diverges until it knows the border to within half
# a percent.


# %%
def diverges(loss, learning_rate, steps=300):
    """Tell whether the loss is still growing, or is not finite, after `steps` steps."""
    values = descend(loss, start, learning_rate, steps)[1]
    return not np.isfinite(values[-1]) or values[-1] > 1.001 * values[-2]


def edge(loss, low=1e-9, high=10.0):
    """Largest learning rate that does not diverge, found by trying."""
    while high / low > 1.005:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if diverges(loss, middle) else (middle, high)
    return low


edges = {name: edge(loss) for name, loss in losses_on.items()}
for name, rate in edges.items():
    print(f"{name:>14}: diverges above a learning rate of {rate:.3g}")

# %% [markdown]
# A factor of 140,000 between the two. The raw columns force a learning rate of about a millionth,
# because proline is steep. That rate then serves the directions that are *not* steep too. Before you
# see what it costs, commit to a number.

# %%
widgets.predict(
    "Standardised, gradient descent comes within 0.001 of the smallest possible mean squared "
    "error in 40 steps, at half of its edge. How many steps does it take on the columns as "
    "measured, at half of <i>their</i> edge?",
    options=["about 400", "about 40,000", "about 4 million", "more than 400 million"],
    answer="more than 400 million",
    why="The steep direction sets the rate, the flat direction sets the number of steps. What "
    "counts is the ratio of the two curvatures, and it is 160 million here.",
    id="gd_use_steps",
)

# %% [markdown]
# 400 million steps are too many to run, and not too many to *measure*. On a squared loss one step
# maps θ to Mθ + c with a fixed matrix M. So two steps are one such map too, and so are 4, 8, 16, …
# Squaring the map 30 times gives the exact place after a billion steps.


# %%
def doubled_maps(loss, learning_rate, doublings=31):
    """Return maps that take 1, 2, 4, 8, … steps of descent at once (squared loss only)."""
    shift = descend(loss, start, learning_rate, 1)[0]
    corners = torch.eye(13, dtype=torch.float64)
    columns = [descend(loss, corner, learning_rate, 1)[0] - shift for corner in corners]
    one_step = torch.eye(14, dtype=torch.float64)
    one_step[:13, :13], one_step[:13, 13] = torch.stack(columns, dim=1), shift
    maps = [one_step]
    for _ in range(doublings - 1):
        maps.append(maps[-1] @ maps[-1])
    return maps


def steps_until(loss, maps, target):
    """Count the steps until the loss is at most `target`: leap while that stays above it."""
    place, taken = torch.cat([start, start.new_ones(1)]), 0
    for j in reversed(range(len(maps))):
        ahead = maps[j] @ place
        if loss(ahead[:13]) > target:
            place, taken = ahead, taken + 2**j
    return taken + 1


columns = np.c_[Z_train, np.ones(len(Z_train))]
smallest = np.mean((columns @ np.linalg.lstsq(columns, y_train)[0] - y_train) ** 2)
print(f"smallest possible mean squared error on the training rows: {smallest:.4f}")
print(f"mean squared error of predicting the mean for every wine: {y_train.var():.4f}")

fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
for (name, loss), colour in zip(losses_on.items(), (RED, BLUE), strict=True):
    rate = edges[name] / 2
    maps = doubled_maps(loss, rate)
    leaps = [loss((m @ torch.cat([start, start.new_ones(1)]))[:13]).item() for m in maps]
    count, better = (steps_until(loss, maps, t) for t in (smallest + 0.001, y_train.var()))
    print(f"{name:>14}: learning rate {rate:.3g}")
    print(f"{better:>30,} steps to be better than predicting the mean")
    print(f"{count:>30,} steps to come within 0.001 of the smallest")
    shown = [(2**j, value - smallest) for j, value in enumerate(leaps) if value - smallest > 3e-5]
    ax.plot(*zip(*shown, strict=True), color=colour, label=f"{name}: {count:,} steps")
    walked = descend(loss, start, rate, 1025)[1] - smallest
    shown = [(2**j, walked[2**j]) for j in range(11) if walked[2**j] > 3e-5]
    ax.plot(*zip(*shown, strict=True), "o", color=colour, markersize=4)
ax.axhline(0.001, color="black", linewidth=1, linestyle="--")
ax.text(1e3, 0.0012, "tolerance 0.001")
ax.set(xscale="log", yscale="log", ylim=(3e-5, 500), xlabel="steps taken (logarithmic axis)")
ax.set_ylabel("mean squared error above the smallest\n(percent by volume, squared)")
ax.set_title("The same model and the same algorithm: 40 steps, or half a billion")
ax.legend()
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Excess loss against steps, both axes logarithmic. The curve for standardised columns "
    "starts at 100 and falls below 0.001 in about 40 steps. The curve for columns as measured is "
    "at 20 after one step, near 3 after a thousand, near 0.5 after ten million, and reaches 0.001 "
    "only near half a billion.",
)

# %% [markdown]
# Dots are steps really taken, lines come from the doubled maps; they agree. At ten thousand steps a
# second the red curve is a matter of 13 hours, the blue one of 4 milliseconds.
#
# Look at the left end first: after one step the red curve is *ahead*. The steep direction of the raw
# columns is nearly proline's own. Proline is large in every wine, so one step along it already
# predicts an alcohol of about the right size. What is left lies in the flat directions. After a
# thousand steps the raw model still has an excess of 2.8, and that is worse than predicting the mean
# for every wine (excess 0.39); to get below that takes it 17 million steps. On an ordinary axis you
# would have called the curve flat after the first thousand. A loss that has stopped *moving* has not
# always *arrived*: that is one answer to "why does it not converge here?"

# %% [markdown]
# ## Exercise 2 · The largest learning rate, from the data alone
#
# *Difficulty 3 of 5 · 12 minutes · 4 points*
#
# Trying found the edge. For squared loss it can be computed. Append a column of ones for the intercept
# and call the result A (n, d + 1). Then
#
# $$f(\theta) = \frac1n \lVert A\theta - y \rVert^2, \qquad \text{Hessian } H = \frac{2}{n} A^\top A ,$$
#
# with θ for the weights followed by the intercept. In words: the Hessian holds the curvatures; for squared
# loss it depends on X only, neither on y nor on where θ is. Its largest eigenvalue $\lambda_{\max}$,
# the L of [1 · See](1_see.ipynb), is the curvature in the steepest direction, its smallest
# $\lambda_{\min}$, there μ, the one in the flattest. Along an eigenvector with curvature λ, a step
# multiplies the distance to the optimum by (1 − ηλ). That shrinks while this factor lies between −1
# and 1, so the edge is $\eta = 2 / \lambda_{\max}$. The condition number
# $\kappa = \lambda_{\max} / \lambda_{\min}$ says how many times slower the flattest direction is.
#
# Worked example: X = [[3], [−3]]. Then A = [[3, 1], [−3, 1]] and AᵀA = [[18, 0], [0, 2]]; with
# n = 2 also H = [[18, 0], [0, 2]]. Largest curvature 18, condition number 9, edge 2/18 = 0.111.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "curvature",
    "What are the shapes of A and of H? Which of them is symmetric?",
    "Build A with its column of ones, then H, then its eigenvalues. NumPy has a routine for "
    "symmetric matrices that returns real eigenvalues in ascending order.",
    "H = 2 AᵀA / n;  eigenvalues by np.linalg.eigvalsh(H);  last, last / first, 2 / last",
)


# %% nbgrader={"grade": false, "grade_id": "curvature", "locked": false, "schema_version": 3, "solution": true, "task": false}
def curvature(X):
    """Curvature of the mean squared error of a linear model with an intercept.

    Parameters
    ----------
    X : float array (n, d)
        n > d; no column is constant or a combination of the others, so that the smallest
        eigenvalue is positive.

    Returns
    -------
    (largest, condition, edge) : three floats
        The largest eigenvalue of the Hessian of mean((X w + b − y)²) in (w, b); its largest over
        its smallest eigenvalue; and the learning rate above which gradient descent diverges.
    """
    ### BEGIN SOLUTION
    A = np.column_stack([X, np.ones(len(X))])
    eigenvalues = np.linalg.eigvalsh(2 * A.T @ A / len(A))
    return eigenvalues[-1], eigenvalues[-1] / eigenvalues[0], 2 / eigenvalues[-1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "curvature_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("curvature")
with check("two rows, worked by hand", points=1):
    got = curvature(np.array([[3.0], [-3.0]]))
    want = (18.0, 9.0, 1 / 9)
    checks.close(got, want, rtol=1e-6, given="X = [[3], [-3]]", what="(largest, condition, edge)")
### BEGIN HIDDEN TESTS
with check("the wines as measured", points=2):
    table = data.wine()
    y = table.pop("alcohol").to_numpy()
    X = table.drop(columns="cultivar").to_numpy()
    n = len(X)
    ones = np.c_[X, np.ones(n)]

    def triple(matrix):
        values = np.linalg.eigvalsh(matrix)
        return values[-1], values[-1] / values[0], 2 / values[-1]

    A, labels = torch.tensor(ones), torch.tensor(y)
    hessian = torch.autograd.functional.hessian(
        lambda theta: ((A @ theta - labels) ** 2).mean(), torch.zeros(13, dtype=torch.float64)
    )
    largest, condition, limit = triple(hessian.numpy())
    checks.close(
        curvature(X.copy()),
        (largest, condition, limit),
        rtol=1e-4,
        given="the wines, not scaled; expected from autograd's Hessian",
        what="(largest, condition, edge)",
        mistakes=[
            checks.Mistake(
                "column of ones left out",
                "The intercept is a parameter too: A needs a column of ones. Without it the smallest "
                "curvature is another.",
                looks_like=lambda: triple(2 * X.T @ X / n),
            ),
            checks.Mistake(
                "factor 2 left out",
                "The loss is mean(error²), not half of it: its second derivative has a factor 2.",
                looks_like=lambda: triple(ones.T @ ones / n),
            ),
            checks.Mistake(
                "sum instead of mean",
                "The loss is a mean over n rows, so the Hessian is divided by n.",
                looks_like=lambda: triple(2 * ones.T @ ones),
            ),
            checks.Mistake(
                "1/L instead of 2/L",
                "1/λ lands on the bottom of the steepest direction in one step. The edge, where a "
                "step jumps as far beyond as it was before, is 2/λ.",
                looks_like=(largest, condition, limit / 2),
            ),
            checks.Mistake(
                "singular values not squared",
                "The eigenvalues of AᵀA are the squares of the singular values of A; so is the "
                "condition number.",
                looks_like=(largest, condition**0.5, limit),
            ),
        ],
    )
with check("gradient descent settles just below the edge and not just above it", points=1):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(40, 4)) * [1.0, 5.0, 0.3, 2.0] + [0.0, 3.0, 1.0, -2.0]
    y = rng.normal(size=40)
    limit = checks.number(curvature(X.copy())[2])

    def length_of_last_move(learning_rate):
        A, theta = np.c_[X, np.ones(40)], np.zeros(5)
        for _ in range(600):
            move = learning_rate * 2 * A.T @ (A @ theta - y) / 40
            theta = theta - move
        return float(np.linalg.norm(move))

    below, above = length_of_last_move(0.98 * limit), length_of_last_move(1.02 * limit)
    checks.that(
        below < 1e-2 and above > 1e2,
        f"600 steps at 0.98 × edge end with a move of length {below:.3g}, at 1.02 × edge with "
        f"{above:.3g}. Below the edge moves must die out, above it they must grow.",
        given="40 random rows, 4 columns of different scale",
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "curvature", "name": "column of ones left out"}
def curvature(X):
    values = np.linalg.eigvalsh(2 * X.T @ X / len(X))
    return values[-1], values[-1] / values[0], 2 / values[-1]


# %% tags=["mistake"] mistake={"exercise": "curvature", "name": "factor 2 left out"}
def curvature(X):
    A = np.c_[X, np.ones(len(X))]
    values = np.linalg.eigvalsh(A.T @ A / len(A))
    return values[-1], values[-1] / values[0], 2 / values[-1]


# %% tags=["mistake"] mistake={"exercise": "curvature", "name": "sum instead of mean"}
def curvature(X):
    A = np.c_[X, np.ones(len(X))]
    values = np.linalg.eigvalsh(2 * A.T @ A)
    return values[-1], values[-1] / values[0], 2 / values[-1]


# %% tags=["mistake"] mistake={"exercise": "curvature", "name": "1/L instead of 2/L"}
def curvature(X):
    A = np.c_[X, np.ones(len(X))]
    values = np.linalg.eigvalsh(2 * A.T @ A / len(A))
    return values[-1], values[-1] / values[0], 1 / values[-1]


# %% tags=["mistake"] mistake={"exercise": "curvature", "name": "singular values not squared"}
def curvature(X):
    A = np.c_[X, np.ones(len(X))]
    largest = 2 * np.linalg.norm(A, 2) ** 2 / len(A)
    return largest, np.linalg.cond(A), 2 / largest


# %% tags=["alternative"] alternative={"exercise": "curvature", "name": "singular values"}
def curvature(X):
    A = np.hstack([X, np.ones((len(X), 1))])
    singular = np.linalg.svd(A, compute_uv=False)
    largest = 2 * singular[0] ** 2 / len(A)
    return float(largest), float((singular[0] / singular[-1]) ** 2), float(2 / largest)


# %% tags=["alternative"] alternative={"exercise": "curvature", "name": "autograd's Hessian"}
def curvature(X):
    rows = torch.tensor(X, dtype=torch.float64)

    def loss(theta):
        return ((rows @ theta[:-1] + theta[-1]) ** 2).mean()

    H = torch.autograd.functional.hessian(loss, torch.zeros(X.shape[1] + 1, dtype=torch.float64))
    values = torch.linalg.eigvalsh(H)
    return values[-1].item(), (values[-1] / values[0]).item(), (2 / values[-1]).item()


# %% tags=["alternative"] alternative={"exercise": "curvature", "name": "general eigenvalues"}
def curvature(X):
    A = np.concatenate([np.ones((len(X), 1)), X], axis=1)
    values = np.linalg.eigvals(A.T.dot(A) * (2 / len(A))).real
    return max(values), max(values) / min(values), 2 / max(values)


# %% [markdown]
# Now your function against the trial runs, and against other ways to prepare the columns. Look for
# two things: does the computed edge agree with the one found by trying, and what does each
# preparation buy?

# %%
if checks.attempted(curvature, Z_train):
    centred = X_train - X_train.mean(axis=0)
    spans = np.ptp(X_train, axis=0)
    directions, _, back = np.linalg.svd(centred, full_matrices=False)
    ways = {
        "as measured": X_train,
        "mean subtracted": centred,
        "divided by the standard deviation": X_train / X_train.std(axis=0),
        "min–max to [0, 1]": (X_train - X_train.min(axis=0)) / spans,
        "standardised (both)": Z_train,
        "whitened (also uncorrelated)": directions * len(directions) ** 0.5,
    }
    rows = {way: curvature(X) for way, X in ways.items()}
    table = pd.DataFrame(rows, index=["largest curvature", "condition number", "edge 2/λmax"]).T
    table["edge found by trying"] = pd.Series(
        {"as measured": edges["as measured"], "standardised (both)": edges["standardised"]}
    )
    display(table.map(lambda v: "" if pd.isna(v) else f"{v:,.4g}"))
else:
    print("Write `curvature` above, then run this cell again.")

# %% [markdown]
# What it shows:
#
# - Trying and computing agree. Neither looks at y.
# - Subtracting the mean *and* dividing both matter. Dividing alone leaves every column with a large
#   mean, so all columns point the same way as the column of ones.
# - Standardising does not give condition number 1. It leaves 53, because the columns are
#   correlated. Only whitening (rotating to uncorrelated directions) removes that, and it costs an
#   eigendecomposition: about the price of solving the least-squares problem outright.
#
# And what 2/λmax looks like from the loss's side:

# %%
if checks.attempted(curvature, Z_train):
    limit = float(curvature(Z_train)[2])
    fig, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
    for factor, colour in ((0.5, BLUE), (0.95, GREEN), (1.05, RED)):
        values = descend(losses_on["standardised"], start, factor * limit, 60)[1]
        ax.plot(values, color=colour, label=f"{factor:g} × edge: after 60 steps {values[-1]:.3g}")
    ax.set(yscale="log", xlabel="step", ylabel="mean squared error")
    ax.set_title("Ten percent in the learning rate decides between converging and diverging")
    ax.legend()
    ax.grid(alpha=0.3)
    widgets.show(
        fig,
        alt="Loss against step for three learning rates on the standardised wines. At 0.5 and "
        "0.95 of the edge the loss falls to 0.25. At 1.05 of the edge it falls at first, turns, "
        "and grows without end.",
    )

# %% [markdown]
# The red curve first *falls*, for seven steps: most directions improve while the steepest one is
# already growing from something small. A loss that falls and then explodes is the signature of a
# learning rate slightly too large. A loss that explodes in the first steps means far too large, or
# columns not scaled.
#
# **Asked next**: *"One column is an exact copy of another. What is the condition number, and what does
# gradient descent do?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# λmin is 0, so κ is infinite: there is a whole line of optima (move weight from one copy to the
# other and nothing changes). Gradient descent still converges in *loss*: it never moves along the
# flat line, as the gradient has no part in it. From zero it ends at the optimum of smallest norm,
# with equal weights on both copies. To check: duplicate a column of `Z_train` and look at the two
# weights after `descend`.
#
# </details>

# %% [markdown]
# ## 3 · Against scikit-learn's SGDRegressor
#
# `SGDRegressor` is linear regression by stochastic gradient descent, one row a step. First with the
# defaults, as many people call it. Look at the score on the columns as measured, and at what is
# *not* printed.

# %%
from sklearn.linear_model import LinearRegression, SGDRegressor

for name, train, test in (("as measured", X_train, X_test), ("standardised", Z_train, Z_test)):
    model = SGDRegressor(random_state=0).fit(train, y_train)
    score, largest = model.score(test, y_test), abs(model.coef_).max()
    print(f"{name:>14}: R² on test rows {score:9.3g}, largest weight {largest:.3g}")
exact = LinearRegression().fit(Z_train, y_train)
print(f"{'least squares':>14}: R² on test rows {exact.score(Z_test, y_test):9.3g}")

# %% [markdown]
# R² of 1 is perfect and 0 is as good as predicting the mean. On raw columns it is an enormous
# negative number, and there was no error and no warning. scikit-learn saves the run from
# overflowing by clipping each row's error, so the weights are huge instead of NaN. A pipeline that
# checks for NaN would have let it pass.
#
# On scaled columns it is close to least squares, and not equal. With 45 test rows do not read
# anything into which of the two is ahead: over random splits, the test R² of least squares on this
# table varies by ±0.1. The difference in the *weights* is worth a question, though. What does
# `SGDRegressor` do that you did not ask for?

# %% [markdown]
# ## Exercise 3 · Make SGDRegressor do plain SGD
#
# *Difficulty 3 of 5 · 12 minutes · 4 points*
#
# "Your code and scikit-learn give different coefficients. Why?" is a standard question, and the
# answer is nearly always in the defaults. Plain SGD on the loss (x·w + b − y)² of one row takes the
# rows in the order given, and after each one subtracts η times the gradient:
#
# $$w \leftarrow w - \eta \cdot 2\,(x \cdot w + b - y)\, x, \qquad b \leftarrow b - \eta \cdot 2\,(x \cdot w + b - y).$$
#
# Configure `SGDRegressor` so that it does exactly this, for a stated number of epochs (passes over
# the rows). Five things that it does unasked stand in the way;
# [its documentation](https://scikit-learn.org/stable/modules/generated/sklearn.linear_model.SGDRegressor.html)
# or `SGDRegressor?` names them. Any other way to compute the same is right too.
#
# Worked example: one row x = [1, 2], y = 3, η = 0.1, one epoch from zero. The error is −3, the
# gradient for w 2 · (−3) · [1, 2] = [−6, −12], so w = [0.6, 1.2] and b = 0.6.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "plain_sgd",
    "Plain SGD has no penalty, a constant learning rate, a fixed order and a fixed number of "
    "passes. What are the defaults for each?",
    "Look at penalty, learning_rate, eta0, shuffle, tol and max_iter. And look up the formula "
    "for the squared error that scikit-learn differentiates: it is not quite yours.",
    "scikit-learn's loss is ½ (error)², so eta0 must be 2 η; penalty=None, "
    "learning_rate='constant', shuffle=False, tol=None, max_iter=epochs",
)


# %% nbgrader={"grade": false, "grade_id": "plain_sgd", "locked": false, "schema_version": 3, "solution": true, "task": false}
def plain_sgd(X, y, learning_rate, epochs):
    """Linear regression by plain SGD on (x·w + b − y)², one row a step, from zero.

    Parameters
    ----------
    X : float array (n, d)
    y : float array (n,)
    learning_rate : float
        η, the same in every step.
    epochs : int
        Passes over the rows; each takes them in the order given.

    Returns
    -------
    (w, b) : float array (d,) and float
        No penalty, no averaging, no early stop.
    """
    ### BEGIN SOLUTION
    model = SGDRegressor(
        penalty=None,
        learning_rate="constant",
        eta0=2 * learning_rate,  # scikit-learn differentiates half the squared error
        shuffle=False,
        tol=None,
        max_iter=epochs,
    )
    model.fit(X, y)
    return model.coef_, model.intercept_[0]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "plain_sgd_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("plain_sgd")
with check("one row, one step, worked by hand", points=1):
    given = "X = [[1, 2]], y = [3], learning_rate = 0.1, epochs = 1"
    w, b = plain_sgd(np.array([[1.0, 2.0]]), np.array([3.0]), 0.1, 1)
    checks.close(w, np.array([0.6, 1.2]), rtol=1e-6, given=given, what="w")
    checks.close(b, 0.6, rtol=1e-6, given=given, what="b")
### BEGIN HIDDEN TESTS
with check("a hundred epochs of wine, against the formula", points=2):
    from sklearn.linear_model import SGDRegressor as Regressor

    table = data.wine()
    y = table.pop("alcohol").to_numpy()
    X = table.drop(columns="cultivar").to_numpy()
    order = np.random.default_rng(2).permutation(len(X))
    X, y = ((X - X.mean(axis=0)) / X.std(axis=0))[order], y[order]
    w, b = np.zeros(12), 0.0
    for _ in range(100):
        for row, label in zip(X, y, strict=True):
            error = row @ w + b - label
            w, b = w - 0.001 * 2 * error * row, b - 0.001 * 2 * error

    def variant(**change):
        plain = {"penalty": None, "learning_rate": "constant", "eta0": 0.002, "shuffle": False}
        model = Regressor(**{**plain, "tol": None, "max_iter": 100, **change}).fit(X, y)
        return np.append(model.coef_, model.intercept_)

    def solved(rows, *rest):
        w, b = plain_sgd(X[rows], y[rows], *rest)
        return np.append(checks.array(w, shape=(12,)), checks.number(b))

    def order_is_lost():
        one, two = (solved(slice(None), 0.005, 1) for _ in range(2))
        back = solved(slice(None, None, -1), 0.005, 1)
        return not np.allclose(one, two, rtol=1e-6) or np.allclose(one, back, rtol=1e-6)

    checks.close(
        solved(slice(None), 0.001, 100),
        np.append(w, b),
        rtol=1e-4,
        atol=1e-6,
        given="the standardised wines, learning_rate = 0.001, epochs = 100",
        what="w with b appended",
        mistakes=[
            checks.Mistake(
                "half the step",
                "scikit-learn's squared error is ½ (error)². Its gradient is half of yours, so "
                "eta0 must be twice η.",
                looks_like=lambda: variant(eta0=0.001),
            ),
            checks.Mistake(
                "penalty left on",
                "SGDRegressor adds an L2 penalty by default (alpha = 0.0001), which pulls the "
                "weights towards zero.",
                looks_like=lambda: variant(penalty="l2"),
            ),
            checks.Mistake(
                "default schedule",
                "The default learning_rate='invscaling' divides eta0 by the fourth root of the "
                "step's number.",
                looks_like=lambda: variant(learning_rate="invscaling"),
            ),
            checks.Mistake(
                "early stop left on",
                "With tol set (the default), training ends when the loss improves too little for "
                "five epochs.",
                looks_like=lambda: variant(tol=1e-3),
            ),
            checks.Mistake(
                "rows shuffled",
                "The rows are shuffled in each epoch, which is the default and usually wanted. "
                "Here the order is part of the definition.",
                when=order_is_lost,
            ),
        ],
    )
with check("the order of the rows counts", points=1):
    # So many rows that a random order never happens to be this one.
    column, labels = [1.0, 2.0, -1.0, 0.5, -2.0, 1.5, 3.0], [1.0, 0.0, 2.0, -1.0, 1.0, 0.5, -2.0]
    given = f"X = {column} as a column, y = {labels}, learning_rate = 0.05, epochs = 2"
    w, b = 0.0, 0.0
    for x, label in list(zip(column, labels, strict=True)) * 2:
        error = x * w + b - label
        w, b = w - 0.05 * 2 * error * x, b - 0.05 * 2 * error
    got = plain_sgd(np.array(column)[:, None], np.array(labels), 0.05, 2)
    checks.close(got[0], np.array([w]), rtol=1e-5, given=given, what="w")
    checks.close(got[1], b, rtol=1e-5, given=given, what="b")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "plain_sgd", "name": "half the step"}
def plain_sgd(X, y, learning_rate, epochs):
    model = SGDRegressor(
        penalty=None,
        learning_rate="constant",
        eta0=learning_rate,
        shuffle=False,
        tol=None,
        max_iter=epochs,
    )
    model.fit(X, y)
    return model.coef_, model.intercept_[0]


# %% tags=["mistake"] mistake={"exercise": "plain_sgd", "name": "penalty left on"}
def plain_sgd(X, y, learning_rate, epochs):
    model = SGDRegressor(
        learning_rate="constant", eta0=2 * learning_rate, shuffle=False, tol=None, max_iter=epochs
    )
    model.fit(X, y)
    return model.coef_, model.intercept_[0]


# %% tags=["mistake"] mistake={"exercise": "plain_sgd", "name": "default schedule"}
def plain_sgd(X, y, learning_rate, epochs):
    model = SGDRegressor(
        penalty=None, eta0=2 * learning_rate, shuffle=False, tol=None, max_iter=epochs
    )
    model.fit(X, y)
    return model.coef_, model.intercept_[0]


# %% tags=["mistake"] mistake={"exercise": "plain_sgd", "name": "early stop left on"}
def plain_sgd(X, y, learning_rate, epochs):
    model = SGDRegressor(
        penalty=None,
        learning_rate="constant",
        eta0=2 * learning_rate,
        shuffle=False,
        max_iter=epochs,
    )
    model.fit(X, y)
    return model.coef_, model.intercept_[0]


# %% tags=["mistake"] mistake={"exercise": "plain_sgd", "name": "rows shuffled"}
def plain_sgd(X, y, learning_rate, epochs):
    model = SGDRegressor(
        penalty=None,
        learning_rate="constant",
        eta0=2 * learning_rate,
        tol=None,
        max_iter=epochs,
    )
    model.fit(X, y)
    return model.coef_, model.intercept_[0]


# %% tags=["alternative"] alternative={"exercise": "plain_sgd", "name": "NumPy loop"}
def plain_sgd(X, y, learning_rate, epochs):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        for i in range(len(X)):
            error = X[i] @ w + b - y[i]
            w -= 2 * learning_rate * error * X[i]
            b -= 2 * learning_rate * error
    return w, b


# %% tags=["alternative"] alternative={"exercise": "plain_sgd", "name": "partial_fit, epoch by epoch"}
def plain_sgd(X, y, learning_rate, epochs):
    model = SGDRegressor(alpha=0.0, learning_rate="constant", eta0=2 * learning_rate, shuffle=False)
    for _ in range(epochs):
        model.partial_fit(X, y)
    return model.coef_, float(model.intercept_[0])


# %% tags=["alternative"] alternative={"exercise": "plain_sgd", "name": "PyTorch, batches of one"}
def plain_sgd(X, y, learning_rate, epochs):
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    for _ in range(epochs):
        for x, target in zip(torch.tensor(X), torch.tensor(y), strict=True):
            optimiser.zero_grad()
            (x @ w + b - target).square().backward()
            optimiser.step()
    return w.detach(), b.item()


# %% [markdown]
# Beside each other: least squares (the exact optimum), `SGDRegressor` with its defaults, and your
# plain SGD at two learning rates. Look at how far each column of numbers is from the first.

# %%
if checks.attempted(plain_sgd, Z_train, y_train, 0.001, 1):
    table = pd.DataFrame({"least squares": exact.coef_}, index=features.columns)
    table["SGDRegressor, defaults"] = SGDRegressor(random_state=0).fit(Z_train, y_train).coef_
    for rate in (0.01, 0.001):
        table[f"plain SGD, η = {rate:g}"] = np.asarray(plain_sgd(Z_train, y_train, rate, 200)[0])
    display(table)
    print("largest distance from least squares:")
    print((table.iloc[:, 1:].sub(exact.coef_, axis=0)).abs().max().to_string())
else:
    print("Write `plain_sgd` above, then run this cell again.")

# %% [markdown]
# After 200 epochs plain SGD with a constant rate is *near* the optimum and stays at a distance from
# it: each row pulls its own way, and the pulls do not vanish at the optimum, only their average
# does. A ten times smaller rate stops nearer. A decaying rate, such as the default schedule,
# removes the distance in the end but walks slowly; the default also stops early.
#
# **Asked next**: *"When would you take `SGDRegressor` instead of `LinearRegression`?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Not for 133 rows: the exact solution costs about n d² operations, nothing here. SGD pays when the
# data do not fit in memory or keep arriving (`partial_fit` on chunks), when d is so large that d²
# or d³ is out of reach, or when the columns are sparse. To check the reasoning: for n = 10⁷ and d =
# 10⁴, n d² is 10¹⁵ operations, one epoch of SGD 10¹¹.
#
# </details>

# %% [markdown]
# ## 4 · Logistic regression: when does which solver win?
#
# The second table, `data.breast_cancer()`: 30 measurements of cell nuclei in 569 samples; predict
# whether a sample is malignant (1) or benign (0). Columns run from areas in the thousands to errors
# in the thousandths.

# %%
cancer = data.breast_cancer()
malignant = cancer.pop("malignant").to_numpy()
parts = (cancer.to_numpy(), malignant)
C_train, C_test, m_train, m_test = train_test_split(
    *parts, test_size=0.25, random_state=0, stratify=malignant
)
scaler = StandardScaler().fit(C_train)
S_train, S_test = scaler.transform(C_train), scaler.transform(C_test)
share = m_train.mean()
print(f"train {S_train.shape}, test {S_test.shape}, malignant {share:.1%} of the training rows")
constant = -(share * np.log(share) + (1 - share) * np.log(1 - share))
print(f"log loss of predicting that share for everyone: {constant:.3f}")

# %% [markdown]
# Remember the last number, 0.661. It is what a model gets that has learned *nothing but the base
# rate*. You will meet it again in a bug.
#
# To compare solvers they must minimise the same thing. Ours is
#
# $$J(w, b) = \frac1n \sum_i \ell_i(w, b) + \frac{\lambda}{2} \lVert w \rVert^2 ,$$
#
# in words: the mean log loss plus a penalty on the weights, none on the intercept. scikit-learn's
# `LogisticRegression` writes it as C · Σ ℓᵢ + ½‖w‖². Divide by C n and compare: **λ = 1 / (C n)**.
# The default C = 1 is a penalty with λ = 1/n, and it is on unless you switch it off. That is the
# usual reason why "my coefficients differ from scikit-learn's".
#
# Three solvers, each given the same number of looks at the data: batch gradient descent; SGD one
# row at a time, with three constant rates; and L-BFGS, the default of `LogisticRegression`. The
# picture shows how far above the optimum each one is.

# %%
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression, SGDClassifier

lam = 1 / len(S_train)


def penalised_log_loss(X, y):
    """J(w, b) as a function of theta, which holds the weights and then the intercept."""
    columns, target = torch.tensor(np.c_[X, np.ones(len(X))]), torch.tensor(y, dtype=torch.float64)
    log_loss = torch.nn.BCEWithLogitsLoss()
    return lambda theta: log_loss(columns @ theta, target) + lam / 2 * (theta[:-1] @ theta[:-1])


objective = penalised_log_loss(S_train, m_train)


def objective_of(model):
    """J at the weights of a fitted scikit-learn model."""
    return objective(torch.tensor(np.append(model.coef_, model.intercept_))).item()


optimum = LogisticRegression(tol=1e-10, max_iter=10_000).fit(S_train, m_train)
lowest = objective_of(optimum)

origin = torch.zeros(31, dtype=torch.float64)
steepest = torch.linalg.eigvalsh(torch.autograd.functional.hessian(objective, origin))[-1].item()
end, values = descend(objective, origin, 1 / steepest, 2000)
passes = {"gradient descent": values - lowest}

seen = []  # J at each point that L-BFGS asks for


def value_and_slope(theta):
    """J and its gradient, which cost one pass over the rows together."""
    theta = torch.tensor(theta, requires_grad=True)
    value = objective(theta)
    value.backward()
    seen.append(value.item())
    return value.item(), theta.grad.numpy()


tight = {"gtol": 1e-9, "ftol": 1e-15}
found = minimize(value_and_slope, origin.numpy(), jac=True, method="L-BFGS-B", options=tight)
print(f"L-BFGS: {found.nit} iterations, {found.nfev} evaluations of J and its gradient")
passes["L-BFGS"] = np.minimum.accumulate(seen) - lowest  # the lowest J so far

for rate in (0.1, 0.01, 0.001):
    sgd = SGDClassifier(
        loss="log_loss", alpha=lam, learning_rate="constant", eta0=rate, random_state=0
    )
    track = [objective(origin).item()]
    for _ in range(200):
        track.append(objective_of(sgd.partial_fit(S_train, m_train, classes=[0, 1])))
    passes[f"SGD, η = {rate:g}"] = np.array(track) - lowest

# %%
styles = {"gradient descent": (BLUE, "-"), "L-BFGS": ("black", "-")}
styles |= {"SGD, η = 0.1": (RED, "-"), "SGD, η = 0.01": (RED, "--"), "SGD, η = 0.001": (RED, ":")}
fig, ax = plt.subplots(figsize=(8, 4.6), layout="constrained")
for name, gap in passes.items():
    colour, line = styles[name]
    ax.plot(np.arange(1, len(gap)), np.clip(gap[1:], 1e-7, None), line, color=colour, label=name)
ax.set(
    xscale="log",
    yscale="log",
    ylim=(1e-6, 1),
    xlabel="passes over the training rows (logarithmic axis)",
)
ax.set_ylabel("objective J above its minimum")
ax.set_title("SGD is first to a rough answer, L-BFGS to a precise one")
ax.legend(loc="lower left")
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Objective above its minimum against passes over the data, both logarithmic. SGD with "
    "rate 0.1 reaches 0.01 in two passes and then stays flat at 0.003. SGD with smaller rates is "
    "slower and goes lower. L-BFGS needs six passes to 0.01 and drops below one millionth within "
    "20. Gradient descent needs 135 passes to 0.01 and 1610 to 0.0001.",
)


# %%
def passes_needed(gap, goal):
    return int(np.argmax(gap <= goal)) if (gap <= goal).any() else f"not in {len(gap) - 1}"


goals = (1e-2, 1e-3, 1e-4)
rows = {name: [passes_needed(gap, goal) for goal in goals] for name, gap in passes.items()}
pd.DataFrame(rows, index=[f"passes to J within {goal:g}" for goal in goals]).T

# %% [markdown]
# Read the table by columns. To be within 0.01, SGD at η = 0.1 needs two looks at the data and
# nothing else comes close. To be within 0.0001, it never gets there: it hovers at the height that
# its constant rate sets. L-BFGS, which learns the curvature from the gradients that it has seen,
# takes twelve. Batch gradient descent at 1/L needs 1610 and wins nowhere here; it is in every course
# because everything else is a repair of it.
#
# Four things to keep in mind about this picture:
#
# - A pass is not a unit of time. L-BFGS and batch descent use whole-array operations, one-row SGD
#   cannot; on 426 rows every one of these takes well under a second.
# - A pass is one evaluation of J with its gradient over all rows, or 426 steps of one-row SGD. An *iteration*
#   of L-BFGS is something else: its line search may evaluate J several times, so `n_iter_` of
#   `LogisticRegression` counts too little. Here the evaluations are counted, in a call of SciPy's L-BFGS,
#   which is what `LogisticRegression` calls too.
# - 2/L is the edge for squared loss. For log loss the curvature *falls* as the model becomes
#   confident (here the largest one is 3.4 at the start and 0.13 at the optimum), so larger rates
#   than 2/L can work. It is a safe bound, not the edge.
# - The training objective is a means, not the end. On test rows two good solvers look alike, as the
#   next table shows.

# %%
from sklearn.metrics import log_loss

by_hand = LogisticRegression().fit(S_train, m_train)  # an object to carry our own weights
by_hand.coef_, by_hand.intercept_ = end[:-1].numpy()[None], end[-1:].numpy()
models = {
    "gradient descent, 2000 steps, λ = 1/n": by_hand,
    "LogisticRegression, defaults (C = 1, so λ = 1/n)": LogisticRegression().fit(S_train, m_train),
    "LogisticRegression, no penalty (C = ∞)": LogisticRegression(C=np.inf, max_iter=10_000).fit(
        S_train, m_train
    ),
}
rows = {}
for name, model in models.items():
    chances = [model.predict_proba(X)[:, 1] for X in (S_train, S_test)]
    rows[name] = {
        "largest weight": abs(model.coef_).max(),
        "log loss, train": log_loss(m_train, chances[0]),
        "log loss, test": log_loss(m_test, chances[1]),
        "accuracy, test": model.score(S_test, m_test),
    }
pd.DataFrame(rows).T

# %% [markdown]
# The first two rows agree: the same objective, two solvers. The third is the warning. With 30
# columns a plane separates the training classes without an error, so without a penalty the loss can
# always be lowered by making the weights larger. There is no optimum to converge to: L-BFGS stopped
# at its tolerance, with weights in the hundreds. The training loss looks perfect, and the test log
# loss is more than ten times worse, as the model is certain where it is wrong. On such data the
# number of steps is a regulariser, whether you meant it or not.

# %% [markdown]
# ## 5 · The PyTorch training loop
#
# For anything beyond a linear model you write the loop yourself. It has few parts, and an
# interviewer can ask about each:
#
# | part | what it does | what goes wrong without it |
# |---|---|---|
# | `Dataset` | row number → one example (`TensorDataset` wraps tensors) | |
# | `DataLoader` | shuffles, cuts into batches, stacks | sorted rows reach the model sorted |
# | generator with a seed | makes the order repeatable, whatever else draws random numbers | two runs that cannot be compared |
# | clear, backward, step | gradient of this batch, then the update | section 7 |
# | loss as a mean | learning rate does not depend on the batch size | a rate that works for 32 fails for 256 |
# | loss reported as a number (`.item()`) | frees the batch's graph | memory grows with every step |
#
# The last batch of an epoch is usually smaller. Keep it (`drop_last=False`) and weight it by its
# size in the reported loss, or drop it and say so.

# %% [markdown]
# ## Exercise 4 · Write the loop
#
# *Difficulty 4 of 5 · 20 minutes · 5 points*
#
# Train logistic regression by mini-batches. The model is linear, so that your result can be checked
# to many digits; the loop would be the same for a network of a billion weights.
#
# Use float64. Weights and intercept start at zero. Rows come in the order of
# `DataLoader(TensorDataset(…), batch_size=batch_size, shuffle=True, generator=…)`, with one
# generator seeded once by `seed`. The loss of a batch is the mean log loss of its rows, computed
# from the raw scores (`torch.nn.functional.binary_cross_entropy_with_logits`), which is stable
# where log(sigmoid(z)) would be log 0.
#
# Worked example: X = [[1], [−1]], y = [1, 0], one batch of 2, η = 1, one epoch. All scores are 0 and
# every probability is ½, so the loss is ln 2 = 0.693. The gradient for w is the mean of (½ − 1) · 1
# and (½ − 0) · (−1), which is −½; for b it is the mean of −½ and ½. So w = [0.5], b = 0 and
# losses = [0.693].

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "train_logistic",
    "Which lines run once, which once an epoch, which once a batch?",
    "Once: tensors, loader with its generator, parameters, optimiser. Once a batch: clear, loss, "
    "backward, step. Add up the loss times the number of rows in the batch, and divide by n at "
    "the end of the epoch.",
    "total += value.item() * len(rows)  in the batch loop;  losses.append(total / n)  after it",
)


# %% nbgrader={"grade": false, "grade_id": "train_logistic", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_logistic(X, y, batch_size, epochs, learning_rate, seed):
    """Logistic regression by mini-batch SGD in PyTorch.

    Parameters
    ----------
    X : float array (n, d)
    y : int array (n,)
        0 or 1.
    batch_size : int
        The last batch of an epoch holds what is left, and is used too.
    epochs : int
        Passes over the rows, each in a new order.
    learning_rate : float
    seed : int
        Seeds the loader's generator. PyTorch's global generator is neither used nor changed.

    Returns
    -------
    (w, b, losses) : float array (d,), float, list of floats
        losses[e] is the mean over the n rows of the loss that each row had in epoch e, when its
        batch's turn came (before that batch's step).
    """
    ### BEGIN SOLUTION
    table = torch.utils.data.TensorDataset(
        torch.tensor(X, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)
    )
    loader = torch.utils.data.DataLoader(
        table,
        batch_size=batch_size,
        shuffle=True,
        generator=torch.Generator().manual_seed(seed),
    )
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows, labels in loader:
            optimiser.zero_grad()
            value = torch.nn.functional.binary_cross_entropy_with_logits(rows @ w + b, labels)
            value.backward()
            optimiser.step()
            total += value.item() * len(rows)
        losses.append(total / len(table))
    return w.detach().numpy(), b.item(), losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "train_logistic_test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check = checks.start("train_logistic")
with check("one batch, one epoch, worked by hand", points=1):
    given = "X = [[1], [-1]], y = [1, 0], batch_size = 2, epochs = 1, learning_rate = 1, seed = 0"
    w, b, losses = train_logistic(np.array([[1.0], [-1.0]]), np.array([1, 0]), 2, 1, 1.0, 0)
    checks.close(w, np.array([0.5]), rtol=1e-5, given=given, what="w")
    checks.close(b, 0.0, atol=1e-6, given=given, what="b")
    checks.close(losses, [0.693147], rtol=1e-4, given=given, what="losses")
with check("one loss an epoch; the seed, and nothing else, sets the order", points=1):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)), rng.integers(0, 2, size=50)
    torch.manual_seed(1)
    w, b, losses = train_logistic(X.copy(), y.copy(), 8, 3, 0.1, 5)
    torch.manual_seed(2)
    again = train_logistic(X.copy(), y.copy(), 8, 3, 0.1, 5)[0]
    other = train_logistic(X.copy(), y.copy(), 8, 3, 0.1, 6)[0]
    checks.equal(len(losses), 3, given="epochs = 3", what="The number of losses")
    w = checks.array(w, shape=(3,), what="w")
    checks.close(again, w, rtol=1e-5, given="seed = 5, called twice", what="w of the second call")
    differ = np.abs(checks.array(other, shape=(3,)) - w).max() > 1e-6
    checks.that(differ, "Seeds 5 and 6 give the same weights: is the order of the rows random?")


### BEGIN HIDDEN TESTS
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def by_formula(case, shuffle=True, twice=False, reseed=False, weighted=True, once=False):
    X, y, batch_size, epochs, learning_rate, seed = case

    def new_loader():
        order = torch.Generator().manual_seed(seed)
        rows = range(len(X))
        return torch.utils.data.DataLoader(rows, batch_size, shuffle=shuffle, generator=order)

    w, b, losses, loader = np.zeros(X.shape[1]), 0.0, [], new_loader()
    for _ in range(epochs):
        loader = new_loader() if reseed else loader
        seen, moves = [], []
        for rows in map(np.asarray, loader):
            inner = sigmoid(X[rows] @ w + b)
            z = inner if twice else X[rows] @ w + b
            seen.append((len(rows), np.mean(np.logaddexp(0, z) - y[rows] * z)))
            error = (sigmoid(z) - y[rows]) * (inner * (1 - inner) if twice else 1)
            moves.append((X[rows].T @ error / len(rows), error.mean()))
            if not once:
                w, b = w - learning_rate * moves[-1][0], b - learning_rate * moves[-1][1]
        if once:
            w = w - learning_rate * np.mean([move for move, _ in moves], axis=0)
            b = b - learning_rate * np.mean([move for _, move in moves])
        sizes, means = np.array(seen).T
        losses.append(float(np.average(means, weights=sizes if weighted else None)))
    return np.append(w, b), losses


with check("mini-batches of the breast-cancer data", points=2):
    table = data.breast_cancer()
    y = table.pop("malignant").to_numpy()
    X = table.to_numpy()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    case = (X, y, 32, 4, 0.2, 7)

    def solved(global_seed):
        torch.manual_seed(global_seed)
        w, b, _ = train_logistic(X.copy(), y.copy(), *case[2:])
        return np.append(checks.array(w, shape=(30,), what="w"), checks.number(b, what="b"))

    got = solved(11)
    checks.close(
        got,
        by_formula(case)[0],
        rtol=1e-3,
        atol=1e-4,
        given="the standardised breast-cancer rows, batch_size = 32, epochs = 4, "
        "learning_rate = 0.2, seed = 7",
        what="w with b appended",
        mistakes=[
            checks.Mistake(
                "generator not used",
                "The result changes with PyTorch's global seed: hand the seeded generator to the "
                "DataLoader.",
                when=lambda: not np.allclose(got, solved(12), rtol=1e-4, atol=1e-5),
            ),
            checks.Mistake(
                "rows never shuffled",
                "The rows come in the order of the table in every epoch: shuffle=True.",
                looks_like=lambda: by_formula(case, shuffle=False)[0],
            ),
            checks.Mistake(
                "same order in every epoch",
                "Every epoch repeats the same order. The loader, or its generator, is made and "
                "seeded again inside the epoch loop; make it once.",
                looks_like=lambda: by_formula(case, reseed=True)[0],
            ),
            checks.Mistake(
                "sigmoid applied twice",
                "binary_cross_entropy_with_logits applies the sigmoid itself: give it raw scores.",
                looks_like=lambda: by_formula(case, twice=True)[0],
            ),
            checks.Mistake(
                "one step an epoch",
                "There is one update an epoch: the step stands outside the batch loop.",
                looks_like=lambda: by_formula(case, once=True)[0],
            ),
        ],
    )
with check("the last batch is smaller, and counts by its size", points=1):
    table = data.breast_cancer()
    y = table.pop("malignant").to_numpy()
    X = table.to_numpy()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    rows = np.r_[0:5, 19:22, 46:48]
    case = (X[rows], y[rows], 4, 3, 0.5, 3)
    checks.close(
        train_logistic(X[rows], y[rows], *case[2:])[2],
        by_formula(case)[1],
        rtol=1e-3,
        given="10 rows in batches of 4, 4 and 2",
        what="losses",
        mistakes=[
            checks.Mistake(
                "mean of batch means",
                "The batches' means are averaged as if all had the same size. Two rows in the "
                "last batch then count twice as much as the others: weight each batch by its "
                "number of rows.",
                looks_like=lambda: by_formula(case, weighted=False)[1],
            )
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "train_logistic", "name": "mean of batch means"}
def train_logistic(X, y, batch_size, epochs, learning_rate, seed):
    from torch.utils.data import DataLoader, TensorDataset

    table = TensorDataset(torch.tensor(X), torch.tensor(y, dtype=torch.float64))
    loader = DataLoader(
        table, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed)
    )
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows, labels in loader:
            optimiser.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(rows @ w + b, labels)
            loss.backward()
            optimiser.step()
            total += loss.item()
        losses.append(total / len(loader))
    return w.detach().numpy(), b.item(), losses


# %% tags=["mistake"] mistake={"exercise": "train_logistic", "name": "generator not used"}
def train_logistic(X, y, batch_size, epochs, learning_rate, seed):
    from torch.utils.data import DataLoader, TensorDataset

    torch.Generator().manual_seed(seed)
    table = TensorDataset(torch.tensor(X), torch.tensor(y, dtype=torch.float64))
    loader = DataLoader(table, batch_size, shuffle=True)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows, labels in loader:
            optimiser.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(rows @ w + b, labels)
            loss.backward()
            optimiser.step()
            total += loss.item() * len(rows)
        losses.append(total / len(X))
    return w.detach().numpy(), b.item(), losses


# %% tags=["mistake"] mistake={"exercise": "train_logistic", "name": "rows never shuffled"}
def train_logistic(X, y, batch_size, epochs, learning_rate, seed):
    from torch.utils.data import DataLoader, TensorDataset

    table = TensorDataset(torch.tensor(X), torch.tensor(y, dtype=torch.float64))
    loader = DataLoader(table, batch_size, generator=torch.Generator().manual_seed(seed))
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows, labels in loader:
            optimiser.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(rows @ w + b, labels)
            loss.backward()
            optimiser.step()
            total += loss.item() * len(rows)
        losses.append(total / len(X))
    return w.detach().numpy(), b.item(), losses


# %% tags=["mistake"] mistake={"exercise": "train_logistic", "name": "same order in every epoch"}
def train_logistic(X, y, batch_size, epochs, learning_rate, seed):
    from torch.utils.data import DataLoader, TensorDataset

    table = TensorDataset(torch.tensor(X), torch.tensor(y, dtype=torch.float64))
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        loader = DataLoader(
            table, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed)
        )
        total = 0.0
        for rows, labels in loader:
            optimiser.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(rows @ w + b, labels)
            loss.backward()
            optimiser.step()
            total += loss.item() * len(rows)
        losses.append(total / len(X))
    return w.detach().numpy(), b.item(), losses


# %% tags=["mistake"] mistake={"exercise": "train_logistic", "name": "sigmoid applied twice"}
def train_logistic(X, y, batch_size, epochs, learning_rate, seed):
    from torch.utils.data import DataLoader, TensorDataset

    table = TensorDataset(torch.tensor(X), torch.tensor(y, dtype=torch.float64))
    loader = DataLoader(
        table, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed)
    )
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows, labels in loader:
            optimiser.zero_grad()
            chance = torch.sigmoid(rows @ w + b)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(chance, labels)
            loss.backward()
            optimiser.step()
            total += loss.item() * len(rows)
        losses.append(total / len(X))
    return w.detach().numpy(), b.item(), losses


# %% tags=["mistake"] mistake={"exercise": "train_logistic", "name": "one step an epoch"}
def train_logistic(X, y, batch_size, epochs, learning_rate, seed):
    from torch.utils.data import DataLoader, TensorDataset

    table = TensorDataset(torch.tensor(X), torch.tensor(y, dtype=torch.float64))
    loader = DataLoader(
        table, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed)
    )
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        optimiser.zero_grad()
        for rows, labels in loader:
            loss = torch.nn.functional.binary_cross_entropy_with_logits(rows @ w + b, labels)
            (loss / len(loader)).backward()
            total += loss.item() * len(rows)
        optimiser.step()
        losses.append(total / len(X))
    return w.detach().numpy(), b.item(), losses


# %% tags=["alternative"] alternative={"exercise": "train_logistic", "name": "a module and a loss object"}
def train_logistic(X, y, batch_size, epochs, learning_rate, seed):
    from torch.utils.data import DataLoader, TensorDataset

    X, y = torch.from_numpy(X), torch.from_numpy(y.astype(float)).unsqueeze(1)
    generator = torch.Generator()
    generator.manual_seed(seed)
    loader = DataLoader(
        TensorDataset(X, y), batch_size=batch_size, shuffle=True, generator=generator
    )
    model = torch.nn.Linear(X.shape[1], 1).double()
    torch.nn.init.zeros_(model.weight)
    torch.nn.init.zeros_(model.bias)
    criterion = torch.nn.BCEWithLogitsLoss(reduction="sum")
    optimiser = torch.optim.SGD(model.parameters(), lr=learning_rate)
    losses = []
    for _ in range(epochs):
        running = 0.0
        for rows, labels in loader:
            loss = criterion(model(rows), labels)
            running += loss.item()
            optimiser.zero_grad()
            (loss / len(rows)).backward()
            optimiser.step()
        losses.append(running / len(X))
    return model.weight.detach().numpy()[0], model.bias.item(), losses


# %% tags=["alternative"] alternative={"exercise": "train_logistic", "name": "own Dataset, float32"}
def train_logistic(X, y, batch_size, epochs, learning_rate, seed):
    class Rows(torch.utils.data.Dataset):
        def __len__(self):
            return len(X)

        def __getitem__(self, i):
            return X[i].astype("float32"), np.float32(y[i])

    loader = torch.utils.data.DataLoader(
        Rows(), batch_size, True, generator=torch.Generator().manual_seed(seed)
    )
    theta = torch.zeros(X.shape[1] + 1, requires_grad=True)
    losses = []
    for _ in range(epochs):
        per_row = []
        for rows, labels in loader:
            each = torch.nn.functional.binary_cross_entropy_with_logits(
                rows @ theta[:-1] + theta[-1], labels, reduction="none"
            )
            (slope,) = torch.autograd.grad(each.mean(), theta)
            per_row += each.tolist()
            with torch.no_grad():
                theta -= learning_rate * slope
        losses.append(sum(per_row) / len(per_row))
    return theta.detach().numpy()[:-1], theta[-1].item(), losses


# %% tags=["alternative"] alternative={"exercise": "train_logistic", "name": "gradient by hand"}
def train_logistic(X, y, batch_size, epochs, learning_rate, seed):
    loader = torch.utils.data.DataLoader(
        range(len(X)), batch_size, True, generator=torch.Generator().manual_seed(seed)
    )
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        total = 0.0
        for batch in loader:
            rows, labels = X[batch.numpy()], y[batch.numpy()]
            z = rows @ w + b
            total += np.sum(np.logaddexp(0, z) - labels * z)
            error = 1 / (1 + np.exp(-z)) - labels
            w = w - learning_rate * rows.T @ error / len(rows)
            b = b - learning_rate * error.mean()
        losses.append(float(total / len(X)))
    return w, float(b), losses


# %% [markdown]
# Your loop at four batch sizes, the same learning rate and the same number of passes. Look at the
# order of the curves before you read on: which batch size lowers the loss most *for the same number
# of looks at the data*?

# %%
if checks.attempted(train_logistic, S_train[:8], m_train[:8], 4, 1, 0.1, 0):
    fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
    for size, colour in ((426, "black"), (128, BLUE), (32, GREEN), (8, ORANGE)):
        w, b, losses = train_logistic(S_train, m_train, size, 16, 0.1, 0)
        steps = -(-len(S_train) // size)
        often = "1 step" if steps == 1 else f"{steps} steps"
        name = "all 426 rows" if size == 426 else f"{size} rows"
        ax.plot(
            range(1, 17),
            losses,
            "o-",
            markersize=3,
            color=colour,
            label=f"{name}: {often} an epoch",
        )
    ax.set(
        yscale="log", xlabel="epoch", ylabel="mean log loss over the epoch", xticks=range(0, 17, 4)
    )
    ax.set_yticks([0.05, 0.1, 0.2, 0.5], ["0.05", "0.1", "0.2", "0.5"])
    ax.minorticks_off()
    ax.set_title("Smaller batches take more steps for the same number of looks")
    ax.legend()
    ax.grid(alpha=0.3)
    widgets.show(
        fig,
        alt="Mean log loss against epoch for batch sizes 426, 128, 32 and 8 at learning rate "
        "0.1. The smaller the batch, the lower the curve: after 16 epochs the full batch is near "
        "0.2, batches of 8 near 0.06.",
    )
else:
    print("Write `train_logistic` above, then run this cell again.")

# %% [markdown]
# For the same looks at the data, batches of 8 take 54 steps an epoch where the full batch takes one,
# and each step is nearly as good. That is the case *for* small batches. The case against: 54 small
# steps leave a GPU that could do 426 rows at once mostly idle, and their noise keeps them at a
# distance from the optimum. In practice: the largest batch that the hardware computes in about the
# time of a small one, and a learning rate chosen for that batch.
#
# **Asked next**: *"You go from batch size 32 to 256 on the same data and keep the learning rate. What
# happens, and what do you change?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Eight times fewer steps an epoch with the same step length: progress for each epoch slows, as in
# the picture. With a mean loss the gradient has the same size and one eighth of the variance, so a
# larger rate is affordable: scale it up with the batch (by 8 at most, often by √8), with warm-up,
# and not beyond the edge. Where the edge is reached a larger batch buys nothing more.
#
# </details>

# %% [markdown]
# ## 6 · Find the learning rate with one short run
#
# For squared loss we could compute the edge. For a network there is no formula that you could
# afford. The learning-rate finder (or range test) looks instead: start with a tiny rate, take one
# mini-batch step at each rate, multiply the rate a little every time, and write down the loss. It
# shows three regions: too small (flat), working (falling), too large (blowing up). Choose a rate
# well before the blow-up, and not one where nothing happens.

# %% [markdown]
# ## Exercise 5 · The range test
#
# *Difficulty 3 of 5 · 12 minutes · 4 points*
#
# Write it for any model: `loss_and_gradient(w, i)` returns the loss and the gradient of mini-batch
# number i at the weights w. The weights go on from step to step; that is what makes the test one
# short run and not a hundred runs.
#
# The rule for the choice: one tenth of the rate at which the lowest loss was seen. It is a rule of
# thumb. Others take the steepest point of the curve; what matters is to stay clear of the blow-up.
#
# Worked example: loss w², gradient 2w, w₀ = [1], rates 0.1, 0.25, 2, 4, 8. The losses are 1, then
# (1 − 0.1 · 2)² = 0.64, then (0.8 − 0.25 · 1.6)² = 0.16, then (0.4 − 2 · 0.8)² = 1.44. That is more
# than 4 × 0.16, so it ends with these four losses. The lowest stood before the step at rate 2:
# chosen 0.2.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "range_test",
    "At the moment when you write down losses[i], which rates have been used already?",
    "In the loop: ask for loss and gradient, write the loss down, stop if it has blown up, else "
    "take the step with this rate. Work on a copy of w0.",
    "stop if not np.isfinite(loss) or loss > blow_up * min(losses);  "
    "chosen = rates[np.nanargmin(losses)] / 10",
)


# %% nbgrader={"grade": false, "grade_id": "range_test", "locked": false, "schema_version": 3, "solution": true, "task": false}
def range_test(loss_and_gradient, w0, rates, blow_up=4.0):
    """Learning-rate finder: one step at each rate, going on from where the last one ended.

    Parameters
    ----------
    loss_and_gradient : function (w, i) -> (float, array (d,))
        Loss and gradient of mini-batch i at w.
    w0 : float array (d,)
        Where to start. Not changed.
    rates : increasing float array (k,)
        Step i uses rates[i] and mini-batch i.
    blow_up : float
        The test ends when a loss exceeds this many times the lowest loss so far, or is not finite.

    Returns
    -------
    (losses, chosen) : float array (m,), m ≤ k, and float
        losses[i] is the loss of batch i before the step with rates[i]. The loss that ended the
        test, finite or not, is the last one. chosen is a tenth of rates[i] for the i with the
        lowest finite loss. The first loss is always finite.
    """
    ### BEGIN SOLUTION
    w = np.array(w0, dtype=float)
    seen = []
    for i, rate in enumerate(rates):
        loss, gradient = loss_and_gradient(w, i)
        seen.append(loss)
        if not np.isfinite(loss) or loss > blow_up * min(seen):
            break
        w = w - rate * gradient
    return np.array(seen), rates[np.nanargmin(seen)] / 10
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "range_test_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("range_test")
with check("a parabola, worked by hand", points=1):
    given = "loss w², gradient 2w, w0 = [1], rates = [0.1, 0.25, 2, 4, 8]"
    rates = np.array([0.1, 0.25, 2.0, 4.0, 8.0])
    losses, chosen = range_test(lambda w, i: (float(w[0] ** 2), 2 * w), np.array([1.0]), rates)
    checks.close(losses, [1.0, 0.64, 0.16, 1.44], rtol=1e-6, given=given, what="losses")
    checks.close(chosen, 0.2, rtol=1e-6, given=given, what="chosen")
### BEGIN HIDDEN TESTS
with check("mini-batches of wine", points=2):
    table = data.wine()
    y = table.pop("alcohol").to_numpy()
    X = table.drop(columns="cultivar").to_numpy()
    A = np.c_[(X - X.mean(axis=0)) / X.std(axis=0), np.ones(len(X))]
    rng = np.random.default_rng(5)
    batches = [rng.choice(len(A), 32, replace=False) for _ in range(90)]
    rates = np.geomspace(1e-4, 10, 90)
    zero = np.zeros(13)

    def on_wine(w, i):
        error = A[batches[i]] @ w - y[batches[i]]
        return float(error @ error / 32), 2 * A[batches[i]].T @ error / 32

    def played(after=False):
        w, seen = zero, []
        for i, rate in enumerate(rates):
            value, move = on_wine(w, i)
            w = w - rate * move
            seen.append(on_wine(w, i)[0] if after else value)
            if seen[-1] > 4 * min(seen):
                break
        return seen

    want = played()
    losses, chosen = range_test(on_wine, zero.copy(), rates.copy())
    got = losses if len(losses) == len(want) else losses[: len(want)]
    at_start = [on_wine(zero, i)[0] for i in range(len(want))]
    checks.close(
        losses,
        want,
        rtol=1e-6,
        given="linear regression on the standardised wines, 90 rates from 1e-4 to 10",
        what="losses",
        mistakes=[
            checks.Mistake(
                "loss after the step",
                "The losses are those after each step. The docstring asks for the loss before it, "
                "which costs no second evaluation.",
                looks_like=lambda: played(after=True),
            ),
            checks.Mistake(
                "every rate starts again",
                "The weights go back to w0 for every rate. Carry them on: the test is one run.",
                when=lambda: np.allclose(got, at_start),
            ),
            checks.Mistake(
                "no stop at the blow-up",
                "The run goes on after the loss has blown up. Everything after that is noise, and "
                "may overflow.",
                when=lambda: len(losses) == 90 and np.allclose(got, want),
            ),
        ],
    )
    lowest_at = float(rates[int(np.argmin(want))])
    checks.close(
        chosen,
        lowest_at / 10,
        rtol=1e-6,
        given="the same run",
        what="chosen",
        mistakes=[
            checks.Mistake(
                "no margin",
                "The rate with the lowest loss is the last one before the blow-up begins. Take a "
                "tenth of it.",
                looks_like=lowest_at,
            )
        ],
    )
with check("a loss that is no number ends it; w0 stays as it was", points=1):

    def cliff(w, i):
        return (float("nan") if i == 3 else 1.0 / (1 + i)), np.ones(2)

    given = "w0 = [1, 2], losses 1, 1/2, 1/3, NaN, 1/5 at rates 0.01, 0.02, 0.04, 0.08, 0.16"
    losses, chosen = checks.unchanged(
        range_test,
        cliff,
        np.array([1.0, 2.0]),
        np.array([0.01, 0.02, 0.04, 0.08, 0.16]),
        given=given,
        mistakes=[
            checks.Mistake(
                "w0 changed in place",
                "`w = w0` followed by `w -= …` writes into the caller's array. Start from a copy.",
            )
        ],
    )
    checks.close(losses, [1.0, 1 / 2, 1 / 3, np.nan], rtol=1e-6, given=given, what="losses")
    checks.close(chosen, 0.004, rtol=1e-6, given=given, what="chosen")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "range_test", "name": "loss after the step"}
def range_test(loss_and_gradient, w0, rates, blow_up=4.0):
    w, losses = w0.copy(), []
    for i, rate in enumerate(rates):
        w = w - rate * loss_and_gradient(w, i)[1]
        losses.append(loss_and_gradient(w, i)[0])
        if not np.isfinite(losses[-1]) or losses[-1] > blow_up * min(losses):
            break
    return np.array(losses), rates[np.nanargmin(losses)] / 10


# %% tags=["mistake"] mistake={"exercise": "range_test", "name": "every rate starts again"}
def range_test(loss_and_gradient, w0, rates, blow_up=4.0):
    losses = []
    for i, rate in enumerate(rates):
        w = w0.copy()
        loss, gradient = loss_and_gradient(w, i)
        losses.append(loss)
        if not np.isfinite(loss) or loss > blow_up * min(losses):
            break
        w = w - rate * gradient
    return np.array(losses), rates[np.nanargmin(losses)] / 10


# %% tags=["mistake"] mistake={"exercise": "range_test", "name": "no stop at the blow-up"}
def range_test(loss_and_gradient, w0, rates, blow_up=4.0):
    w, losses = w0.copy(), []
    for i, rate in enumerate(rates):
        loss, gradient = loss_and_gradient(w, i)
        losses.append(loss)
        w = w - rate * gradient
    return np.array(losses), rates[np.nanargmin(losses)] / 10


# %% tags=["mistake"] mistake={"exercise": "range_test", "name": "no margin"}
def range_test(loss_and_gradient, w0, rates, blow_up=4.0):
    w, losses = w0.copy(), []
    for i, rate in enumerate(rates):
        loss, gradient = loss_and_gradient(w, i)
        losses.append(loss)
        if not np.isfinite(loss) or loss > blow_up * min(losses):
            break
        w = w - rate * gradient
    return np.array(losses), rates[np.nanargmin(losses)]


# %% tags=["mistake"] mistake={"exercise": "range_test", "name": "w0 changed in place"}
def range_test(loss_and_gradient, w0, rates, blow_up=4.0):
    w, losses = w0, []
    for i, rate in enumerate(rates):
        loss, gradient = loss_and_gradient(w, i)
        losses.append(loss)
        if not np.isfinite(loss) or loss > blow_up * min(losses):
            break
        w -= rate * gradient
    return np.array(losses), rates[np.nanargmin(losses)] / 10


# %% tags=["alternative"] alternative={"exercise": "range_test", "name": "running minimum, while loop"}
def range_test(loss_and_gradient, w0, rates, blow_up=4.0):
    w, losses, lowest, best, i = np.copy(w0), [], np.inf, 0, 0
    while i < len(rates):
        loss, gradient = loss_and_gradient(w.copy(), i)
        losses.append(loss)
        if loss < lowest:
            lowest, best = loss, i
        if not loss <= blow_up * lowest:
            break
        w -= rates[i] * np.asarray(gradient)
        i += 1
    return losses, rates[best] / 10


# %% tags=["alternative"] alternative={"exercise": "range_test", "name": "PyTorch tensors"}
def range_test(loss_and_gradient, w0, rates, blow_up=4.0):
    w = torch.tensor(w0, dtype=torch.float64)
    losses = torch.full((len(rates),), torch.nan, dtype=torch.float64)
    for i in range(len(rates)):
        value, slope = loss_and_gradient(w.numpy().copy(), i)
        losses[i] = float(value)
        lowest = np.nanmin(losses.numpy())
        if not torch.isfinite(losses[i]) or losses[i] > blow_up * lowest:
            break
        w = w - float(rates[i]) * torch.as_tensor(slope)
    losses = losses[: i + 1]
    return losses.numpy(), float(rates[int(np.nanargmin(losses.numpy()))]) / 10


# %% [markdown]
# The finder on two models of the same wines. On the left linear regression, where the edge is
# known: does the finder see it? On the right a network (12 inputs, two layers of 32 rectified
# linear units, one output; its target is standardised as well), where no formula helps. The device
# is chosen in one place; for tables this small a GPU has nothing to gain, but the line is the same
# for large ones.

# %%
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
draw = np.random.default_rng(0)
drawn = [draw.choice(len(Z_train), 32, replace=False) for _ in range(300)]


def line_batch(theta, i):
    """Loss and gradient of linear regression on batch i of 32 wines."""
    theta = torch.tensor(theta, requires_grad=True)
    loss = squared_loss(Z_train[drawn[i]], y_train[drawn[i]])(theta)
    return loss.item(), torch.autograd.grad(loss, theta)[0].numpy()


torch.manual_seed(0)
network = torch.nn.Sequential(
    torch.nn.Linear(12, 32),
    torch.nn.ReLU(),
    torch.nn.Linear(32, 32),
    torch.nn.ReLU(),
    torch.nn.Linear(32, 1),
).to(device)
flat = torch.nn.utils.parameters_to_vector(network.parameters())
first_weights = flat.detach().cpu().numpy().astype(float)
wines = torch.tensor(Z_train, dtype=torch.float32, device=device)
strength = (y_train - y_train.mean()) / y_train.std()
strength = torch.tensor(strength, dtype=torch.float32, device=device)


def network_batch(weights, i):
    """Loss and gradient of the network on batch i, as functions of one flat array of weights."""
    flat = torch.tensor(weights, dtype=torch.float32, device=device)
    torch.nn.utils.vector_to_parameters(flat, network.parameters())
    loss = torch.nn.functional.mse_loss(network(wines[drawn[i]]).squeeze(1), strength[drawn[i]])
    slopes = torch.autograd.grad(loss, list(network.parameters()))
    return loss.item(), torch.nn.utils.parameters_to_vector(slopes).cpu().numpy().astype(float)


rates = np.geomspace(1e-4, 10, 120)
if checks.attempted(range_test, line_batch, np.zeros(13), rates[:2]):
    models = {
        "linear regression": (line_batch, np.zeros(13)),
        "network": (network_batch, first_weights),
    }
    fig, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for ax, (name, (batch, w0)) in zip(axes, models.items(), strict=True):
        losses, chosen = range_test(batch, w0, rates)
        print(f"{name}: ended after {len(losses)} mini-batches at η = {rates[len(losses) - 1]:.2g}")
        ax.plot(rates[: len(losses)], losses, color=BLUE)
        ax.axvline(chosen, color=GREEN, linestyle="--", label=f"chosen: {chosen:.2g}")
        ax.set(xscale="log", yscale="log", xlabel="learning rate η", title=name)
        ax.grid(alpha=0.3)
    limit = edges["standardised"]
    axes[0].axvline(limit, color=RED, linestyle=":", label=f"edge 2/λmax of all rows: {limit:.2g}")
    axes[0].set_ylabel("mean squared error of the mini-batch")
    axes[1].set_yticks([0.3, 0.5, 1], ["0.3", "0.5", "1"])
    axes[1].minorticks_off()
    for ax in axes:
        ax.legend(loc="lower left")
    fig.suptitle("One short run shows where learning starts and where it blows up")
    widgets.show(
        fig,
        alt="Two curves of mini-batch loss against learning rate, on logarithmic axes. Both are "
        "flat at small rates, fall, and turn up steeply at the end. Left: linear regression turns "
        "up just above its computed edge of 0.21. Right: the network's curve is rougher and turns "
        "up near 0.4. The chosen rates, 0.017 and 0.034, stand a factor of ten left of the lowest "
        "point.",
    )
else:
    print("Write `range_test` above, then run this cell again.")

# %% [markdown]
# Left: the blow-up begins just above the computed edge, since it needs a few steps to grow. The
# finder saw in one short run what the eigenvalues say. Right: no formula, the same picture. It is
# rougher, because each point is another batch of 32 and the loss has less far to fall; read the
# trend, and expect the choice to move by a factor of two from run to run.
#
# Is the chosen rate a good one? Train the network for 300 steps with it, and with rates on both
# sides.

# %%
if checks.attempted(range_test, line_batch, np.zeros(13), rates[:2]):
    chosen = float(range_test(network_batch, first_weights, rates)[1])
    fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
    for factor, colour in ((0.1, ORANGE), (1, BLUE), (3, GREEN), (30, RED)):
        weights, track = first_weights, []
        for i in range(300):
            value, slope = network_batch(weights, i)
            if not np.isfinite(value):
                break
            weights = weights - factor * chosen * slope
            track.append(min(value, 1e3))
        smooth = np.convolve(track, np.ones(15) / 15, mode="valid") if len(track) > 15 else track
        end = "" if len(track) == 300 else f", no number after step {len(track)}"
        label = f"{factor:g} × chosen = {factor * chosen:.2g}{end}"
        ax.plot(np.arange(len(smooth)), smooth, color=colour, label=label)
    ax.set(yscale="log", xlabel="step", ylabel="mini-batch loss, mean of 15 steps", ylim=(0.05, 20))
    ax.set_title("The chosen rate is safe, and not the fastest")
    ax.legend()
    ax.grid(alpha=0.3)
    widgets.show(
        fig,
        alt="Smoothed training loss of the network over 300 steps. A tenth of the chosen rate is "
        "slow and ends near 0.5. The chosen rate falls to about 0.2. Three times the chosen rate "
        "falls to about 0.1. Thirty times the chosen rate leaves the picture after a few steps.",
    )

# %% [markdown]
# A tenth of the rate with the lowest loss is cautious: three times as much would have been faster
# here, and thirty times as much ends in NaN. That is the bargain. The rule lands within a small
# factor of the best rate, on the safe side, for the price of one run of about eighty mini-batches.
#
# Caveats to say aloud when you propose this in an interview. The finder judges the *first* steps;
# later ones may need less, which is what schedules are for. The result belongs to one batch size,
# one optimiser and one initialisation. And it looks at training loss only: the rate that
# generalises best may be another.
#
# **Asked next**: *"The finder's curve is flat everywhere, then NaN. What do you suspect?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Below the blow-up no rate learns anything, so it is not the rate. Suspect that labels do not belong
# to their rows, that inputs are not scaled (the steepest column blows up before the others have
# moved), or that the gradient reaches only part of the weights (a detached tensor, frozen layers, the
# wrong parameters in the optimiser). If it reached none, the curve would stay flat to the end, without
# NaN. To check: print the norm of the gradient of each layer, and try to overfit ten rows.
#
# </details>

# %% [markdown]
# ## 7 · Three bugs that raise no error
#
# Each of the following functions runs, returns numbers of the right shape, and is wrong. This is
# what a debugging round looks like: you get the function and a loss curve. For each: look at the
# curve, commit to a cause, then write the repaired function. Copy the broken body and change as
# little as you need.
#
# A good order of suspicion, for any of them: What should the loss be at the *start*? What is the
# loss of a model that predicts a constant? Does it learn on ten rows? Does a learning rate ten
# times smaller change the picture?

# %% [markdown]
# ## Exercise 6 · Bug 1: the loss that comes back
#
# *Difficulty 2 of 5 · 8 minutes · 3 points*
#
# Linear regression on the standardised wines by full-batch gradient descent. The learning rate,
# 0.01, is a twentieth of the edge that we know to be 0.21. Look at the blue curve, and at the
# reference in black (the same steps by `descend`).
#
# Worked example, of the repaired function: X = [[1]], y = [1], η = 0.1, two steps from zero. The error
# is −1 and both gradients −2, so w = b = 0.2; then the error is −0.6, both gradients −1.2, and
# w = b = 0.32. The losses are 1 and 0.36.


# %%
def fit_wine_broken(X, y, learning_rate, steps):
    rows, target = torch.tensor(X), torch.tensor(y)
    weights = torch.zeros(rows.shape[1], dtype=rows.dtype, requires_grad=True)
    intercept = torch.zeros(1, dtype=rows.dtype, requires_grad=True)
    optimiser = torch.optim.SGD([weights, intercept], lr=learning_rate)
    losses = []
    for _ in range(steps):
        loss = torch.mean((rows @ weights + intercept - target) ** 2)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return weights.detach().numpy(), intercept.item(), losses


fig, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
ax.plot(fit_wine_broken(Z_train, y_train, 0.01, 200)[2], color=BLUE, label="fit_wine_broken")
ax.plot(
    descend(losses_on["standardised"], start, 0.01, 200)[1],
    color="black",
    linestyle="--",
    label="what 0.01 should do",
)
ax.set(xlabel="step", ylabel="mean squared error", ylim=(-5, 215))
ax.set_title("The loss reaches the bottom and climbs back, again and again")
ax.legend(loc="upper right", ncols=2)
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Loss against step for 200 steps. The reference falls smoothly from 170 to almost 0. The "
    "broken function falls faster, reaches nearly 0 after about 10 steps, climbs back to 170 by "
    "step 22, and repeats this about nine times without getting smaller.",
)

# %%
widgets.predict(
    "What makes the loss swing?",
    options=[
        "The learning rate is too large",
        "Each step uses the sum of all gradients so far",
        "The gradient has the wrong sign",
        "The columns are not scaled",
    ],
    answer="Each step uses the sum of all gradients so far",
    why="`backward` adds to what is in `.grad`; nothing here clears it. A sum of all past "
    "gradients is momentum that never fades, so the weights roll through the bottom and up the "
    "other side, like a ball without friction. Too large a rate or a wrong sign would grow "
    "without end, and at a smaller rate this one swings more slowly, not less far.",
    id="gd_use_bug_1",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "fit_wine",
    "What does `w.grad` hold after the second `backward`? Print it after steps 1 and 2.",
    "PyTorch adds new gradients to old ones. The optimiser has a method that clears them; where in "
    "the loop must it stand?",
    "clear with optimiser.zero_grad() at any point after step() and before the next backward()",
)


# %% nbgrader={"grade": false, "grade_id": "fit_wine", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_wine(X, y, learning_rate, steps):
    """`fit_wine_broken`, repaired: linear regression by full-batch gradient descent from zero.

    Parameters
    ----------
    X : float array (n, d)
    y : float array (n,)
    learning_rate : float
    steps : int

    Returns
    -------
    (w, b, losses) : float array (d,), float, list of `steps` floats
        losses[k] is the mean squared error before step k.
    """
    ### BEGIN SOLUTION
    A, t = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(A.shape[1], dtype=A.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=A.dtype, requires_grad=True)
    sgd = torch.optim.SGD([w, b], lr=learning_rate)
    history = []
    for _ in range(steps):
        sgd.zero_grad()  # backward adds to .grad; without this, old gradients stay in it
        error = A @ w + b - t
        mse = error.square().mean()
        mse.backward()
        sgd.step()
        history.append(mse.item())
    return w.detach().numpy(), b.item(), history
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fit_wine_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("fit_wine")
with check("one row, two steps, worked by hand", points=1):
    given = "X = [[1]], y = [1], learning_rate = 0.1, steps = 2"
    w, b, losses = fit_wine(np.array([[1.0]]), np.array([1.0]), 0.1, 2)
    checks.close(losses, [1.0, 0.36], rtol=1e-5, given=given, what="losses")
    checks.close(w, np.array([0.32]), rtol=1e-5, given=given, what="w")
    checks.close(b, 0.32, rtol=1e-5, given=given, what="b")
### BEGIN HIDDEN TESTS
with check("sixty steps on the wines, against the formula", points=2):
    table = data.wine()
    y = table.pop("alcohol").to_numpy()
    X = table.drop(columns="cultivar").to_numpy()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    A = np.c_[X, np.ones(len(X))]

    def sixty(rate=0.02, keep=0.0):
        theta, memory, losses = np.zeros(13), np.zeros(13), []
        for _ in range(60):
            error = A @ theta - y
            losses.append(float(np.mean(error**2)))
            memory = keep * memory + 2 * A.T @ error / len(A)
            theta = theta - rate * memory
        return theta, losses

    w, b, losses = fit_wine(X.copy(), y.copy(), 0.02, 60)
    got = np.append(checks.array(w, shape=(12,), what="w"), checks.number(b, what="b"))
    given = "the standardised wines, learning_rate = 0.02, steps = 60"
    checks.close(
        got,
        sixty()[0],
        rtol=1e-4,
        atol=1e-5,
        given=given,
        what="w with b appended",
        mistakes=[
            checks.Mistake(
                "gradients never cleared",
                "Every step still uses the sum of all gradients so far. Clear them once in every "
                "round of the loop.",
                looks_like=lambda: sixty(keep=1.0)[0],
            ),
            checks.Mistake(
                "cleared between backward and step",
                "The gradients are cleared after `backward` and before `step`: nothing is left to "
                "step along, and the weights stay at zero.",
                looks_like=np.zeros(13),
            ),
            checks.Mistake(
                "intercept gradient not cleared",
                "The gradient of w is cleared, that of b is not. Let the optimiser clear all of "
                "its parameters.",
                looks_like=lambda: sixty(keep=np.append(np.zeros(12), 1.0))[0],
            ),
            checks.Mistake(
                "smaller learning rate instead",
                "The rate was lowered and the gradients still add up: the swing is slower, not "
                "gone.",
                when=lambda: any(
                    np.allclose(got, sixty(0.02 * part, keep=1.0)[0], rtol=1e-3)
                    for part in (0.5, 0.2, 0.1, 0.05, 0.01)
                ),
            ),
        ],
    )
    checks.close(losses, sixty()[1], rtol=1e-4, given=given, what="losses")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "fit_wine", "name": "gradients never cleared"}
def fit_wine(X, y, learning_rate, steps):
    rows, target = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    optimiser.zero_grad()
    losses = []
    for _ in range(steps):
        loss = torch.mean((rows @ w + b - target) ** 2)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return w.detach().numpy(), b.item(), losses


# %% tags=["mistake"] mistake={"exercise": "fit_wine", "name": "cleared between backward and step"}
def fit_wine(X, y, learning_rate, steps):
    rows, target = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    losses = []
    for _ in range(steps):
        loss = torch.mean((rows @ w + b - target) ** 2)
        loss.backward()
        optimiser.zero_grad()
        optimiser.step()
        losses.append(loss.item())
    return w.detach().numpy(), b.item(), losses


# %% tags=["mistake"] mistake={"exercise": "fit_wine", "name": "intercept gradient not cleared"}
def fit_wine(X, y, learning_rate, steps):
    rows, target = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    losses = []
    for _ in range(steps):
        if w.grad is not None:
            w.grad.zero_()
        loss = torch.mean((rows @ w + b - target) ** 2)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return w.detach().numpy(), b.item(), losses


# %% tags=["mistake"] mistake={"exercise": "fit_wine", "name": "smaller learning rate instead"}
def fit_wine(X, y, learning_rate, steps):
    rows, target = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate / 10)
    losses = []
    for _ in range(steps):
        loss = torch.mean((rows @ w + b - target) ** 2)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return w.detach().numpy(), b.item(), losses


# %% tags=["alternative"] alternative={"exercise": "fit_wine", "name": "cleared at the end of the loop"}
def fit_wine(X, y, learning_rate, steps):
    rows, target = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=learning_rate)
    losses = []
    for _ in range(steps):
        loss = torch.mean((rows @ w + b - target) ** 2)
        loss.backward()
        optimiser.step()
        w.grad = b.grad = None
        losses.append(loss.item())
    return w.detach().numpy(), b.item(), losses


# %% tags=["alternative"] alternative={"exercise": "fit_wine", "name": "torch.autograd.grad, which adds nothing up"}
def fit_wine(X, y, learning_rate, steps):
    rows, target = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = torch.mean((rows @ w + b - target) ** 2)
        gw, gb = torch.autograd.grad(loss, [w, b])
        with torch.no_grad():
            w -= learning_rate * gw
            b -= learning_rate * gb
        losses.append(loss.item())
    return w.detach(), b.item(), losses


# %% tags=["alternative"] alternative={"exercise": "fit_wine", "name": "NumPy"}
def fit_wine(X, y, learning_rate, steps):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(steps):
        error = X @ w + b - y
        losses.append(float(np.mean(error**2)))
        w = w - learning_rate * 2 * X.T @ error / len(X)
        b = b - learning_rate * 2 * error.mean()
    return w, b, losses


# %% [markdown]
# **Asked next**: *"When would you *want* gradients to add up?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# To imitate a large batch that does not fit in memory: run k small batches, call `backward` on each
# with the loss divided by k, then one `step` and one `zero_grad`. To check it: for equal batch
# sizes the summed gradient equals the gradient of the mean loss over all k batches together. Forget
# the division by k and the step is k times too long.
#
# </details>

# %% [markdown]
# ## Exercise 7 · Bug 2: the loss that stops halfway
#
# *Difficulty 3 of 5 · 8 minutes · 3 points*
#
# The same regression by mini-batches, with `torch.nn.Linear`. The curve is smooth, it falls, it
# levels off: a clean run, one would think. Compare where it levels off with the two lines.
#
# Worked example, of the repaired function: X = [[1], [−1]], y = [1, −1], one batch of 2, η = 0.1, one
# epoch from zero. The errors are −1 and 1, the gradient for w is −2 and for b 0, so w = [0.2], b = 0
# and losses = [1].


# %%
def fit_batches_broken(X, y, batch_size, epochs, learning_rate):
    rows, target = torch.tensor(X), torch.tensor(y)
    layer = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    optimiser = torch.optim.SGD(layer.parameters(), lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch, labels in zip(rows.split(batch_size), target.split(batch_size), strict=True):
            optimiser.zero_grad()
            loss = ((layer(batch) - labels) ** 2).mean()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(labels)
        losses.append(total / len(target))
    return layer.weight.detach().numpy()[0], layer.bias.item(), losses


w, b, losses = fit_batches_broken(Z_train, y_train, 32, 60, 0.02)
print("weights:", np.round(w, 2))
print(f"intercept: {b:.2f}   mean of y: {y_train.mean():.2f}")

fig, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
ax.plot(range(1, 61), losses, color=BLUE, label="fit_batches_broken")
ax.axhline(y_train.var(), color=ORANGE, linestyle="--", label=f"variance of y: {y_train.var():.2f}")
ax.axhline(smallest, color="black", linestyle=":", label=f"least squares: {smallest:.2f}")
ax.set(yscale="log", xlabel="epoch", ylabel="mean squared error over the epoch")
ax.set_title("A clean curve that levels off at the variance of y")
ax.legend()
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Loss against epoch on a logarithmic axis. It falls from above 100 and levels off close "
    "to the variance of y, 0.64, well above the dotted line of least squares at 0.25.",
)

# %%
widgets.predict(
    "The weights stay at about zero and the intercept is the mean of y. Why?",
    options=[
        "Too few epochs",
        "The learning rate is too small",
        "Every prediction is compared with every label",
        "The columns carry no information about y",
    ],
    answer="Every prediction is compared with every label",
    why="`layer(batch)` has shape (32, 1) and `labels` has shape (32,). Their difference is "
    "broadcast to (32, 32): all predictions minus all labels. What minimises that is the same "
    "prediction for every row, the mean. Least squares on the same columns reaches 0.25, so the "
    "information is there, and a levelled-off curve rules out the first two.",
    id="gd_use_bug_2",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "fit_batches",
    "Print the shapes of `layer(batch)`, of `labels` and of their difference.",
    "(m, 1) minus (m,) is (m, m) by broadcasting. Give both the same shape before you subtract.",
    "layer(batch).squeeze(1) − labels, or labels.unsqueeze(1)",
)


# %% nbgrader={"grade": false, "grade_id": "fit_batches", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_batches(X, y, batch_size, epochs, learning_rate):
    """`fit_batches_broken`, repaired: linear regression by mini-batches in the order given, from zero.

    Parameters
    ----------
    X : float array (n, d)
    y : float array (n,)
    batch_size, epochs : int
        The last batch of an epoch may be smaller.
    learning_rate : float

    Returns
    -------
    (w, b, losses) : float array (d,), float, list of floats
        losses[e] is the mean over the rows of the squared error that each had when its batch's
        turn came.
    """
    ### BEGIN SOLUTION
    A, t = torch.tensor(X), torch.tensor(y)
    linear = torch.nn.Linear(A.shape[1], 1, dtype=A.dtype)
    for parameter in linear.parameters():
        torch.nn.init.zeros_(parameter)
    sgd = torch.optim.SGD(linear.parameters(), lr=learning_rate)
    history = []
    for _ in range(epochs):
        summed = 0.0
        for part, truth in zip(A.split(batch_size), t.split(batch_size), strict=True):
            sgd.zero_grad()
            predicted = linear(part).squeeze(1)  # (m, 1) → (m,), the shape of the labels
            mse = (predicted - truth).square().mean()
            mse.backward()
            sgd.step()
            summed += mse.item() * len(truth)
        history.append(summed / len(t))
    return linear.weight.detach().numpy()[0], linear.bias.item(), history
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fit_batches_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("fit_batches")
with check("two rows in one batch, worked by hand", points=1):
    given = "X = [[1], [-1]], y = [1, -1], batch_size = 2, epochs = 1, learning_rate = 0.1"
    w, b, losses = fit_batches(np.array([[1.0], [-1.0]]), np.array([1.0, -1.0]), 2, 1, 0.1)
    checks.close(w, np.array([0.2]), rtol=1e-5, given=given, what="w")
    checks.close(b, 0.0, atol=1e-6, given=given, what="b")
    checks.close(losses, [1.0], rtol=1e-5, given=given, what="losses")
### BEGIN HIDDEN TESTS
with check("five epochs on the wines, against the formula", points=2):
    table = data.wine()
    y = table.pop("alcohol").to_numpy()
    X = table.drop(columns="cultivar").to_numpy()
    order = np.random.default_rng(4).permutation(len(X))
    X, y = ((X - X.mean(axis=0)) / X.std(axis=0))[order], y[order]
    A = np.c_[X, np.ones(len(X))]

    def five_epochs(kind="right"):
        theta, losses = np.zeros(13), []
        for _ in range(5):
            squares = []
            for first in range(0, len(A), 32):
                rows, labels = A[first : first + 32], y[first : first + 32]
                predicted = rows @ theta
                squares.extend((predicted - labels) ** 2)
                if kind == "broadcast":
                    labels = labels.mean()
                elif kind == "averaged":
                    rows = np.tile(rows.mean(axis=0), (len(rows), 1))
                    predicted = predicted.mean()
                move = 2 * rows.T @ (predicted - labels)
                theta = theta - 0.004 * (move if kind == "sum" else move / len(rows))
            losses.append(float(np.mean(squares)))
        return theta, losses

    w, b, losses = fit_batches(X.copy(), y.copy(), 32, 5, 0.004)
    given = "the standardised wines, batch_size = 32, epochs = 5, learning_rate = 0.004"
    checks.close(
        np.append(checks.array(w, shape=(12,), what="w"), checks.number(b, what="b")),
        five_epochs()[0],
        rtol=1e-4,
        atol=1e-5,
        given=given,
        what="w with b appended",
        mistakes=[
            checks.Mistake(
                "still broadcasts",
                "Every prediction is still compared with every label: predictions and labels have "
                "different shapes. (1, m) against (m, 1) broadcasts just as (m,) does.",
                looks_like=lambda: five_epochs("broadcast")[0],
            ),
            checks.Mistake(
                "averaged over rows",
                "The predictions of a batch are averaged before they are compared: the mean runs "
                "over the rows, axis 0. Drop the axis of length 1 instead.",
                looks_like=lambda: five_epochs("averaged")[0],
            ),
            checks.Mistake(
                "sum instead of mean",
                "The errors are summed, not averaged: every step is as many times too long as "
                "there are rows in the batch.",
                looks_like=lambda: five_epochs("sum")[0],
            ),
        ],
    )
    checks.close(losses, five_epochs()[1], rtol=1e-4, given=given, what="losses")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "fit_batches", "name": "still broadcasts"}
def fit_batches(X, y, batch_size, epochs, learning_rate):
    rows, target = torch.tensor(X), torch.tensor(y)
    layer = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    optimiser = torch.optim.SGD(layer.parameters(), lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch, labels in zip(rows.split(batch_size), target.split(batch_size), strict=True):
            optimiser.zero_grad()
            loss = ((layer(batch) - labels.reshape(1, -1)) ** 2).mean()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(labels)
        losses.append(total / len(target))
    return layer.weight.detach().numpy()[0], layer.bias.item(), losses


# %% tags=["mistake"] mistake={"exercise": "fit_batches", "name": "averaged over rows"}
def fit_batches(X, y, batch_size, epochs, learning_rate):
    rows, target = torch.tensor(X), torch.tensor(y)
    layer = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    optimiser = torch.optim.SGD(layer.parameters(), lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch, labels in zip(rows.split(batch_size), target.split(batch_size), strict=True):
            optimiser.zero_grad()
            loss = ((layer(batch).mean(dim=0) - labels) ** 2).mean()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(labels)
        losses.append(total / len(target))
    return layer.weight.detach().numpy()[0], layer.bias.item(), losses


# %% tags=["mistake"] mistake={"exercise": "fit_batches", "name": "sum instead of mean"}
def fit_batches(X, y, batch_size, epochs, learning_rate):
    rows, target = torch.tensor(X), torch.tensor(y)
    layer = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    optimiser = torch.optim.SGD(layer.parameters(), lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch, labels in zip(rows.split(batch_size), target.split(batch_size), strict=True):
            optimiser.zero_grad()
            loss = ((layer(batch).squeeze(1) - labels) ** 2).sum()
            loss.backward()
            optimiser.step()
            total += loss.item()
        losses.append(total / len(target))
    return layer.weight.detach().numpy()[0], layer.bias.item(), losses


# %% tags=["alternative"] alternative={"exercise": "fit_batches", "name": "labels as a column"}
def fit_batches(X, y, batch_size, epochs, learning_rate):
    rows, target = torch.tensor(X), torch.tensor(y).unsqueeze(1)
    layer = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    optimiser = torch.optim.SGD(layer.parameters(), lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch, labels in zip(rows.split(batch_size), target.split(batch_size), strict=True):
            optimiser.zero_grad()
            loss = torch.nn.functional.mse_loss(layer(batch), labels)
            loss.backward()
            optimiser.step()
            total += loss.item() * len(labels)
        losses.append(total / len(target))
    return layer.weight.detach().numpy().ravel(), layer.bias.item(), losses


# %% tags=["alternative"] alternative={"exercise": "fit_batches", "name": "mean over the axis of length one"}
def fit_batches(X, y, batch_size, epochs, learning_rate):
    rows, target = torch.tensor(X), torch.tensor(y)
    layer = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for i in range(0, len(X), batch_size):
            error = layer(rows[i : i + batch_size]).mean(dim=1) - target[i : i + batch_size]
            layer.zero_grad()
            (error @ error / len(error)).backward()
            total += float(error.detach() @ error.detach())
            with torch.no_grad():
                for p in layer.parameters():
                    p -= learning_rate * p.grad
        losses.append(total / len(X))
    return layer.weight.detach()[0], layer.bias.item(), losses


# %% tags=["alternative"] alternative={"exercise": "fit_batches", "name": "NumPy with a column of ones"}
def fit_batches(X, y, batch_size, epochs, learning_rate):
    A = np.c_[X, np.ones(len(X))]
    theta, losses = np.zeros(A.shape[1]), []
    for _ in range(epochs):
        squares = []
        for i in range(0, len(A), batch_size):
            part, labels = A[i : i + batch_size], y[i : i + batch_size]
            error = part @ theta - labels
            squares.extend(error**2)
            theta = theta - learning_rate * 2 * part.T @ error / len(part)
        losses.append(np.mean(squares))
    return theta[:-1], theta[-1], losses


# %% [markdown]
# **Asked next**: *"Your colleague says: with batch size 1 it trains fine, so the code is right. What do
# you answer?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# With one row, (1, 1) minus (1,) is (1, 1): there is nothing to broadcast and the bug is invisible.
# A test on one row cannot see it; a test on two rows can. To check: `fit_batches_broken(Z_train,
# y_train, 1, 5, 0.002)` and your repaired function agree. `torch.nn.functional.mse_loss` warns when
# shapes differ; a subtraction written by hand does not. So assert the shapes: `assert
# predicted.shape == labels.shape`.
#
# </details>

# %% [markdown]
# ## Exercise 8 · Bug 3: the classifier that learns nothing
#
# *Difficulty 3 of 5 · 8 minutes · 3 points*
#
# Logistic regression on the standardised breast-cancer data, by mini-batches in random order. It
# should reach a log loss below 0.1. Look at the height of the blue curve and remember the number
# 0.661 from section 4.
#
# Worked example, of the repaired function: the one of Exercise 4, X = [[1], [−1]], y = [1, 0], one
# batch of 2, η = 1, one epoch: w = [0.5], b = 0 and losses = [0.693], whatever the seed.


# %%
def fit_classifier_broken(X, y, batch_size, epochs, learning_rate, seed):
    generator = torch.Generator().manual_seed(seed)
    X, y = torch.tensor(X), torch.tensor(y, dtype=torch.float64)
    theta = torch.zeros(X.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([theta], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        X_shuffled = X[torch.randperm(len(X), generator=generator)]
        y_shuffled = y[torch.randperm(len(y), generator=generator)]
        total = 0.0
        for batch, labels in zip(
            X_shuffled.split(batch_size), y_shuffled.split(batch_size), strict=True
        ):
            optimiser.zero_grad()
            scores = batch @ theta[:-1] + theta[-1]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, labels)
            loss.backward()
            optimiser.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return theta.detach().numpy()[:-1], theta[-1].item(), losses


w, b, losses = fit_classifier_broken(S_train, m_train, 32, 40, 0.05, 0)
right = np.mean((S_train @ w + b > 0) == m_train)
print(f"accuracy on the training rows: {right:.3f}   always 'benign': {1 - share:.3f}")

fig, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
ax.plot(range(1, 41), losses, color=BLUE, label="fit_classifier_broken")
ax.axhline(0.661, color=ORANGE, linestyle="--", label="0.661: knowing the base rate only")
ax.axhline(
    log_loss(m_train, optimum.predict_proba(S_train)),
    color="black",
    linestyle=":",
    label="LogisticRegression",
)
ax.set(xlabel="epoch", ylabel="mean log loss over the epoch", ylim=(0, 1))
ax.set_title("The loss hovers at that of a constant prediction")
ax.legend(loc="center right")
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Log loss against epoch, from 0 to 1. The broken function stays between 0.66 and 0.7 for "
    "all 40 epochs, never below the dashed line at 0.661, while LogisticRegression is at 0.05.",
)

# %%
widgets.predict(
    "The loss starts at ln 2 and never goes below that of a constant. Which line do you suspect?",
    options=[
        "The learning rate is too small to see progress",
        "Gradients are not cleared",
        "Rows and labels are shuffled apart",
        "Scores and labels have different shapes",
    ],
    answer="Rows and labels are shuffled apart",
    why="Two calls of `randperm` give two orders, so each row meets the label of another. Only "
    "the share of each class survives, and 0.661 is the loss of knowing that share. Gradients "
    "are cleared, scores and labels are both (m,), and with a rate that is too small the loss "
    "would creep down instead of hovering. Bug 2 ended at a constant too: the symptom is shared, "
    "the cause is not.",
    id="gd_use_bug_3",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "fit_classifier",
    "Take the first row of `X_shuffled`. Which row of the table is it, and whose label stands "
    "beside it?",
    "Draw one order an epoch, and use it for both.",
    "order = torch.randperm(len(X), generator=generator);  X[order], y[order]",
)


# %% nbgrader={"grade": false, "grade_id": "fit_classifier", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_classifier(X, y, batch_size, epochs, learning_rate, seed):
    """`fit_classifier_broken`, repaired: logistic regression by shuffled mini-batches, from zero.

    Parameters
    ----------
    X : float array (n, d)
    y : int array (n,)
        0 or 1.
    batch_size, epochs : int
        Every epoch uses every row once, in a new random order.
    learning_rate : float
    seed : int
        Decides the order of the rows.

    Returns
    -------
    (w, b, losses) : float array (d,), float, list of floats
        losses[e] is the mean over the rows of the log loss that each had when its batch's turn came.
    """
    ### BEGIN SOLUTION
    shuffler = torch.Generator().manual_seed(seed)
    A, t = torch.tensor(X), torch.tensor(y).double()
    weights = torch.zeros(A.shape[1] + 1, dtype=A.dtype, requires_grad=True)
    sgd = torch.optim.SGD([weights], lr=learning_rate)
    history = []
    for _ in range(epochs):
        order = torch.randperm(len(A), generator=shuffler)  # one order for rows and labels
        summed = 0.0
        for rows in order.split(batch_size):
            sgd.zero_grad()
            z = A[rows] @ weights[:-1] + weights[-1]
            mean = torch.nn.functional.binary_cross_entropy_with_logits(z, t[rows])
            mean.backward()
            sgd.step()
            summed += mean.item() * len(rows)
        history.append(summed / len(A))
    return weights.detach().numpy()[:-1], weights[-1].item(), history
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fit_classifier_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("fit_classifier")
with check("two groups far apart", points=1):
    given = (
        "40 rows: x = 1 with label 1, x = -1 with label 0; batch_size = 8, epochs = 30, "
        "learning_rate = 0.5, seed = 0"
    )
    X, y = np.array([[1.0], [-1.0]] * 20), np.array([1, 0] * 20)
    w, b, losses = fit_classifier(X, y, 8, 30, 0.5, 0)
    checks.equal(len(losses), 30, given=given, what="The number of losses")
    last, slope = checks.number(losses[-1]), checks.array(w, shape=(1,))[0]
    says = f"The last loss is {last:.3f}; one column separates the groups: it must be below 0.1."
    checks.that(last < 0.1, says, given=given)
    checks.that(slope > 1, f"w is {slope:.3f}; it must be clearly positive.", given=given)


### BEGIN HIDDEN TESTS
def ends():
    """Where the intercept ends when it alone can learn, row by row: the labels' order decides."""
    X, y = np.zeros((8, 1)), np.array([1, 1, 1, 1, 0, 0, 0, 0])
    fits = [fit_classifier(X.copy(), y.copy(), 1, 1, 1.0, seed) for seed in range(6)]
    return [round(checks.number(b), 6) for _, b, _ in fits]


apart = checks.Mistake(
    "still shuffled apart",
    "Rows and labels still come in two different orders. Draw one order and use it for both.",
    when=lambda: len(set(ends())) > 1,
)
in_place = checks.Mistake(
    "labels left in place",
    "The rows are shuffled, the labels keep their old places, so each row meets the label of "
    "another.",
    when=lambda: len(set(ends())) == 1,
)
with check("breast cancer in one batch of all rows, against the formula", points=1):
    table = data.breast_cancer()
    y = table.pop("malignant").to_numpy()
    X = table.to_numpy()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    given = (
        "the standardised breast-cancer rows in one batch, epochs = 15, learning_rate = 0.3; the "
        "order cannot matter"
    )
    want, want_b, means = np.zeros(30), 0.0, []
    for _ in range(15):
        z = X @ want + want_b
        means.append(np.mean(np.logaddexp(0, z) - y * z))
        error = 1 / (1 + np.exp(-z)) - y
        want, want_b = want - 0.3 * X.T @ error / len(error), want_b - 0.3 * error.mean()
    w, b, losses = fit_classifier(X.copy(), y.copy(), len(X), 15, 0.3, 1)
    checks.close(
        np.append(checks.array(w, shape=(30,), what="w"), checks.number(b, what="b")),
        np.append(want, want_b),
        rtol=1e-3,
        atol=1e-4,
        given=given,
        what="w with b appended",
        mistakes=[apart, in_place],
    )
    checks.close(losses, means, rtol=1e-3, given=given, what="losses")
with check("batches of 32, in a new random order that the seed sets", points=1):
    table = data.breast_cancer()
    y = table.pop("malignant").to_numpy()
    X = table.to_numpy()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    given = "the same rows, batch_size = 32, epochs = 20, learning_rate = 0.05, seed = 2"
    w, b, losses = fit_classifier(X.copy(), y.copy(), 32, 20, 0.05, 2)
    z, last = X @ checks.array(w, shape=(30,)) + checks.number(b), checks.number(losses[-1])
    right = float(np.mean((z > 0) == y))
    checks.that(
        right > 0.97 and last < 0.11,
        f"The accuracy on these rows is {right:.3f} and the last loss {last:.3f}; above 0.97 and "
        "below 0.11 were expected.",
        given=given,
        mistakes=[apart, in_place],
    )
    given = "8 rows one at a time: four labels 1, then four labels 0; seeds 0 to 5"
    checks.that(
        len(set(ends())) > 1,
        "Six seeds give the same result: the labels are met in the order of the table.",
        given=given,
        mistakes=[
            checks.Mistake(
                "shuffling removed",
                "Rows and labels fit together again because nothing is shuffled. Many tables are "
                "sorted: keep the shuffling, with one order for both.",
            ),
        ],
    )
    checks.that(ends() == ends(), "The same seed gives two different results.", given=given)
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "fit_classifier", "name": "still shuffled apart"}
def fit_classifier(X, y, batch_size, epochs, learning_rate, seed):
    generator = torch.Generator().manual_seed(seed)
    X, y = torch.tensor(X), torch.tensor(y, dtype=torch.float64)
    theta = torch.zeros(X.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([theta], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        X = X[torch.randperm(len(X), generator=generator)]
        y = y[torch.randperm(len(y), generator=generator)]
        total = 0.0
        for batch, labels in zip(X.split(batch_size), y.split(batch_size), strict=True):
            optimiser.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                batch @ theta[:-1] + theta[-1], labels
            )
            loss.backward()
            optimiser.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return theta.detach().numpy()[:-1], theta[-1].item(), losses


# %% tags=["mistake"] mistake={"exercise": "fit_classifier", "name": "labels left in place"}
def fit_classifier(X, y, batch_size, epochs, learning_rate, seed):
    generator = torch.Generator().manual_seed(seed)
    X, y = torch.tensor(X), torch.tensor(y, dtype=torch.float64)
    theta = torch.zeros(X.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([theta], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        X_shuffled = X[torch.randperm(len(X), generator=generator)]
        total = 0.0
        for batch, labels in zip(X_shuffled.split(batch_size), y.split(batch_size), strict=True):
            optimiser.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                batch @ theta[:-1] + theta[-1], labels
            )
            loss.backward()
            optimiser.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return theta.detach().numpy()[:-1], theta[-1].item(), losses


# %% tags=["mistake"] mistake={"exercise": "fit_classifier", "name": "shuffling removed"}
def fit_classifier(X, y, batch_size, epochs, learning_rate, seed):
    X, y = torch.tensor(X), torch.tensor(y, dtype=torch.float64)
    theta = torch.zeros(X.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([theta], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch, labels in zip(X.split(batch_size), y.split(batch_size), strict=True):
            optimiser.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                batch @ theta[:-1] + theta[-1], labels
            )
            loss.backward()
            optimiser.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return theta.detach().numpy()[:-1], theta[-1].item(), losses


# %% tags=["alternative"] alternative={"exercise": "fit_classifier", "name": "DataLoader"}
def fit_classifier(X, y, batch_size, epochs, learning_rate, seed):
    from torch.utils.data import DataLoader, TensorDataset

    table = TensorDataset(torch.tensor(X), torch.tensor(y, dtype=torch.float64))
    loader = DataLoader(
        table, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed)
    )
    theta = torch.zeros(X.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([theta], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch, labels in loader:
            optimiser.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                batch @ theta[:-1] + theta[-1], labels
            )
            loss.backward()
            optimiser.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return theta.detach().numpy()[:-1], theta[-1].item(), losses


# %% tags=["alternative"] alternative={"exercise": "fit_classifier", "name": "rows and labels in one tensor"}
def fit_classifier(X, y, batch_size, epochs, learning_rate, seed):
    generator = torch.Generator().manual_seed(seed)
    table = torch.tensor(np.column_stack([X, np.ones(len(X)), y]))
    theta = torch.zeros(table.shape[1] - 1, dtype=torch.float64, requires_grad=True)
    losses = []
    for _ in range(epochs):
        table = table[torch.randperm(len(table), generator=generator)]
        total = 0.0
        for batch in table.split(batch_size):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                batch[:, :-1] @ theta, batch[:, -1]
            )
            (slope,) = torch.autograd.grad(loss, theta)
            with torch.no_grad():
                theta -= learning_rate * slope
            total += loss.item() * len(batch)
        losses.append(total / len(table))
    return theta.detach()[:-1], theta[-1].item(), losses


# %% tags=["alternative"] alternative={"exercise": "fit_classifier", "name": "NumPy"}
def fit_classifier(X, y, batch_size, epochs, learning_rate, seed):
    rng = np.random.default_rng(seed)
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        order, total = rng.permutation(len(X)), 0.0
        for i in range(0, len(X), batch_size):
            rows = order[i : i + batch_size]
            z = X[rows] @ w + b
            total += np.sum(np.logaddexp(0, z) - y[rows] * z)
            error = 1 / (1 + np.exp(-z)) - y[rows]
            w = w - learning_rate * X[rows].T @ error / len(rows)
            b = b - learning_rate * error.mean()
        losses.append(total / len(X))
    return w, b, losses


# %% [markdown]
# **Asked next**: *"How would you have found this in a pipeline with forty steps, where nobody wrote
# `randperm`?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Look at the data as the model sees it: take one batch, carry each row's identifier along, and
# compare rows and labels with the source. The usual culprits are a join that reorders, a filter
# applied to one of two arrays, an index that was reset, an augmentation that drops rows. A cheap
# alarm: train on ten fixed rows *through the whole pipeline*. A model that cannot get ten rows
# right has a bug or no capacity. Beware, it is a test of the code and not of the labels: a large
# enough model memorises ten rows with wrong labels too, as long as they are the same wrong labels
# every time. To check: draw the two orders once before the loop instead of in every epoch. The
# training loss of `fit_classifier_broken` then falls a little, to about 0.63, by memorising, and only
# validation rows would tell.
#
# </details>

# %% [markdown]
# ## 8 · Compare and decide
#
# Which solver is right depends on the situation, and an interviewer wants the reason with the choice.
#
# ## Exercise 9 · Which solver would you take here?
#
# *Difficulty 2 of 5 · 6 minutes · 3 points*
#
# Three situations. Go back to the table in section 4 where you need a number. Return one letter for
# each.
#
# Worked example: 426 rows, and a J within 0.01 of its minimum is enough. By the table, SGD at η = 0.1
# gets there in two passes and L-BFGS in six, so SGD needs the fewest looks at the data.
#
# **report**: 426 rows, 30 standardised columns. The coefficients go into a report and must be right
# to four digits.
#
# - A. Batch gradient descent with learning rate 1/L, 100 steps
# - B. `LogisticRegression` with L-BFGS, run to a small tolerance
# - C. SGD with a constant learning rate of 0.1, 200 epochs
# - D. Adam with a learning-rate finder
#
# **stream**: click logs, 50 million rows a day, 10,000 sparse columns. The model is refreshed every
# hour with the rows that came since; a loss within a percent of the best is fine.
#
# - A. The normal equations, solved again every hour on all rows since the start
# - B. `LogisticRegression` with L-BFGS, on all rows since the start
# - C. Batch gradient descent, on all rows since the start
# - D. `SGDClassifier.partial_fit` on the new rows, in shuffled chunks, with a decaying or small
#   rate
#
# **mismatch**: your gradient descent on the mean log loss, without a penalty, and
# `LogisticRegression()` give clearly different weights on the same standardised rows. Both curves
# are flat at the end. What do you check first?
#
# - A. The objective: `LogisticRegression()` has a penalty by default (C = 1)
# - B. The random seed of `LogisticRegression`
# - C. Whether your learning rate was below 2/L
# - D. Whether float32 was used somewhere

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "decide",
    "For each: does it need a precise answer or a rough one? How many looks at the data can you "
    "afford?",
    "Precise and small: a solver that uses curvature. Rough, large and never finished: one that "
    "learns from each chunk once. Two converged solvers that disagree minimise different things.",
    "Compare the columns 'within 0.01' and 'within 0.0001' of the table in section 4; and remember "
    "λ = 1 / (C n).",
)


# %% nbgrader={"grade": false, "grade_id": "decide", "locked": false, "schema_version": 3, "solution": true, "task": false}
def decide():
    """Return your three decisions.

    Returns
    -------
    dict of str
        Keys "report", "stream" and "mismatch"; each value is one letter, "A" to "D".
    """
    ### BEGIN SOLUTION
    return {"report": "B", "stream": "D", "mismatch": "A"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "decide_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("decide")
with check("one letter for each situation", points=0):
    answers = decide()
    for situation in ("report", "stream", "mismatch"):
        checks.one_of(answers[situation], list("ABCDabcd"), what=situation)
### BEGIN HIDDEN TESTS
with check("report", points=1):
    checks.choice(
        decide()["report"],
        "B",
        why={
            "A": "At 1/L, 100 steps leave J more than 0.01 above its minimum: the "
            "table says 135 for that, and 1610 for 0.0001.",
            "C": "A constant rate of 0.1 hovers 0.003 above the minimum, however many epochs you "
            "give it.",
            "D": "Adam at a constant rate hovers too when it uses mini-batches, and there is no "
            "need to tune anything here: a solver with curvature finishes in about twenty passes "
            "over 426 rows.",
        },
    )
with check("stream", points=1):
    checks.choice(
        decide()["stream"],
        "D",
        why={
            "A": "The normal equations are for squared loss, their matrix has 10,000² entries, "
            "and all old rows would be read again every hour.",
            "B": "Each of its twenty or so passes reads all rows since the start. Within a "
            "percent is fine here, and SGD is there after about one look at each row.",
            "C": "The slowest of all in the table, and every step reads all rows since the start.",
        },
    )
with check("mismatch", points=1):
    checks.choice(
        decide()["mismatch"],
        "A",
        why={
            "B": "L-BFGS draws no random numbers: the seed has no effect.",
            "C": "Above the edge the curve would not be flat at the end.",
            "D": "float32 changes the sixth digit or so. The difference here is clear to the eye.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "decide", "name": "A"}
def decide():
    return {"report": "A", "stream": "D", "mismatch": "A"}


# %% tags=["mistake"] mistake={"exercise": "decide", "name": "C"}
def decide():
    return {"report": "C", "stream": "D", "mismatch": "A"}


# %% tags=["mistake"] mistake={"exercise": "decide", "name": "B"}
def decide():
    return {"report": "B", "stream": "B", "mismatch": "A"}


# %% tags=["mistake"] mistake={"exercise": "decide", "name": "D"}
def decide():
    return {"report": "B", "stream": "D", "mismatch": "D"}


# %% tags=["alternative"] alternative={"exercise": "decide", "name": "small letters"}
def decide():
    return {"report": "b", "stream": "d", "mismatch": "a"}


# %% tags=["alternative"] alternative={"exercise": "decide", "name": "built by dict"}
def decide():
    return dict(zip(("stream", "mismatch", "report"), "DAB", strict=True))


# %% [markdown]
# **Asked next**: *"For the stream: how would you know, in production, that the hourly SGD has gone
# wrong?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Score each new chunk *before* training on it: that is an honest test set that costs nothing
# (progressive validation). Watch its log loss against the loss of predicting the base rate (your
# 0.661), the norm of the weights (remember the silent 10¹¹), and the distribution of each column
# against the scaler's mean and standard deviation, which were fitted once and grow old. Keep
# yesterday's model to fall back on. To check that the alarm works: feed one chunk with shuffled
# labels.
#
# </details>

# %% [markdown]
# ## Cheat sheet
#
# | question | answer | number from this notebook |
# |---|---|---|
# | Why scale? | One learning rate serves all directions; the steepest sets it, the flattest pays. | 40 steps against 480 million |
# | Largest rate for squared loss | η < 2/λmax of (2/n) AᵀA, with a column of ones in A | 0.21 scaled, 0.0000015 raw |
# | How many steps? | in the order of κ = λmax/λmin, times a logarithm | κ = 53 scaled, 160 million raw |
# | Does scaling give κ = 1? | No: correlated columns remain. Whitening would. | 53 |
# | Where is the scaler fitted? | on training rows only, and stored with the model | |
# | SGDRegressor against my SGD | ½ in its loss, L2 penalty, decaying rate, shuffles, stops early | five settings |
# | LogisticRegression against my GD | λ = 1/(C n), C = 1 by default; intercept not penalised | |
# | No penalty, separable data | no optimum: weights grow for ever, test log loss explodes | largest weight in the hundreds |
# | Rough answer on much data | SGD | 2 passes to 0.01 |
# | Precise answer on little data | L-BFGS, Newton, normal equations | 12 passes to 0.0001 |
# | Learning rate without a formula | range test, then a tenth of the rate at the lowest loss | 80 to 90 mini-batches |
#
# | what the loss does | suspect | check |
# |---|---|---|
# | explodes in the first steps, NaN | rate far too large; columns not scaled | rate / 10; mean and spread of each column |
# | falls, then explodes | rate slightly above the edge | rate / 2 |
# | swings from high to low and back, for ever | gradients not cleared | gradient norm after steps 1 and 2 |
# | levels off at the variance of y (or the base rate's log loss) | constant prediction: shapes broadcast, labels shuffled apart, dead units | shapes; one batch beside its source |
# | flat from the first step | gradient does not reach the weights; rate tiny | gradient norm of each layer; range test |
# | falls in training, rises in validation | overfitting, or labels wrong but fixed | more data, penalty, early stop; look at rows |
# | moves so slowly that it looks finished | bad conditioning | logarithmic axis; κ; scale, momentum, Adam |
#
# Before you say "it converged": compare with the loss at the start, the loss of a constant, and an
# exact solver where there is one.
#
# Next: [4 · Say](4_say.ipynb), where you explain all this to a person. Back to
# [2 · Build](2_build.ipynb) for the parts from scratch.

# %% tags=["on_open"]
learner.check_my_work()
