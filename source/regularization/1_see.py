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
# # Regularization · 1 · See
#
# A model that fits its training rows perfectly has told you nothing about the next row. Regularization trades a
# worse fit on the rows you have for a better one on those you don't. Interviewers ask about it because
# everybody has the slogan ("L1 gives sparsity") and few can say why. A candidate who explains the zeros with a
# slope at a corner, and the strength with bias and variance, has understood it.
#
# In this notebook you predict, touch and see. In [2 · Build](2_build.ipynb) you write every part yourself, in
# [3 · Use](3_use.ipynb) you meet it on real data and repair broken experiments, and in
# [4 · Say](4_say.ipynb) you answer the questions aloud.

# %% tags=["on_open"]
import matplotlib.pyplot as plt
import numpy as np

from curriculum import checks, learner, widgets
from curriculum.widgets import regularization as reg

learner.begin("regularization", "1_see")

# %% [markdown]
# **After this topic you can**
#
# - explain why L1 sets coefficients to zero and L2 does not: with a picture, with a sub-gradient, with a prior;
# - say what a larger λ does to bias, to variance and to the test error, and how to choose it;
# - write from scratch: ridge, lasso by coordinate descent, the elastic net, cross-validation without leakage,
#   dropout, early stopping, and weight decay as AdamW does it;
# - choose between ridge, lasso and elastic net when features are many or correlated, and give the reason;
# - find the three bugs that make a regularised model look better than it is.
#
# **What it needs first**: [Gradient descent](../gradient_descent/1_see.ipynb), in particular the gradient of a mean
# squared error and what curvature is. Where singular directions appear, read them as "directions in which the
# features vary much or little".
#
# **Interview questions it answers**
#
# | question | round | you work on it in |
# |---|---|---|
# | L1 against L2: what is the difference, and why does L1 give zeros? | theory, all levels | sections 1 and 2, [Say](4_say.ipynb) |
# | What happens to bias and variance as λ grows? | theory | section 4 |
# | How do you choose λ? | theory, ML coding | section 4, [Build](2_build.ipynb), [Say](4_say.ipynb) |
# | Two features are almost copies of each other. What do ridge and lasso do? | theory, data science | section 3, [Use](3_use.ipynb) |
# | More features than rows: can you fit a linear model? | theory | section 3, [Say](4_say.ipynb) |
# | The training error is small, the validation error is large. What do you do? | debugging | section 5, [Use](3_use.ipynb) |
# | Write ridge, or lasso, without a library. | ML coding | [Build](2_build.ipynb) |
#
# **How to work through it.** Run the cells from the top. Where you are asked for a prediction, commit to one
# before you touch anything: being wrong first is what makes the picture stick. The short exercises are graded
# when you press **Check my work** at the end; until then their tests tell you only whether your answer can be
# read. Where a figure needs more code than thought, the code is folded: click its line to open it.

# %% [markdown]
# ## 1 · One objective, three penalties
#
# We fit a linear model to $n$ rows. The loss measures the fit; the penalty measures the coefficients:
#
# $$ f(w, b) = \frac{1}{2n} \lVert y - Xw - b \rVert^2 + \lambda \Bigl[ \rho \lVert w \rVert_1 + \frac{1-\rho}{2} \lVert w \rVert^2 \Bigr] . $$
#
# In words: half the mean squared error, plus λ times a mixture of the absolute sizes and the squared sizes of the
# coefficients. With ρ = 0 it is **ridge** (L2), with ρ = 1 the **lasso** (L1), between them the **elastic net**.
#
# - **The intercept $b$ is not penalised.** It says where the targets lie, not how strongly they depend on
#   anything. Add 1,000 to every target, and no coefficient may change.
# - **The features are standardised first.** The penalty compares coefficients with each other, so they need the
#   same unit. A length in millimetres has a coefficient a thousand times smaller than one in metres, and would
#   hardly be penalised.
#
# | symbol | stands for | shape |
# |---|---|---|
# | $X$, $y$ | features (standardised) and targets | (n, d), (n,) |
# | $w$, $b$ | coefficients and intercept | (d,), number |
# | $\hat u$ | the optimum without a penalty | (d,) |
# | $\lambda$ | regularization strength | number ≥ 0 |
# | $\rho$ | the L1 share of the penalty | number from 0 to 1 |
# | $H = X^\top X / n$ | curvature of the loss (X centred) | (d, d) |
#
# Libraries scale the loss differently, and it is a classic trap. Against the objective above, with $n$ rows:
#
# | scikit-learn | its `alpha` | why |
# |---|---|---|
# | `Ridge` | $n\lambda$ | it uses the sum of squares, not the mean |
# | `Lasso`, `ElasticNet` | $\lambda$ | the same objective as ours, `l1_ratio` is ρ |

# %% [markdown]
# ## Exercise 1 · The same λ in scikit-learn
#
# *Difficulty 1 of 5 · 3 minutes · 1 point*
#
# Your ridge regression uses the objective above with λ = 0.02 on n = 500 rows. A colleague wants the same
# coefficients from `sklearn.linear_model.Ridge`, which minimises
# $\lVert y - Xw - b\rVert^2 + \alpha \lVert w \rVert^2$. Which `alpha` do you tell them?
#
# Return one number. It is accepted within 1 %.
#
# *Worked example*: for λ = 0.5 and n = 10 it is 5.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "ridge_alpha",
    "By which number must you multiply our objective to get scikit-learn's loss term?",
    "Multiply the penalty by the same number, and compare the factors of ‖w‖².",
    "2n · λ/2 = nλ.",
)


# %% nbgrader={"grade": false, "grade_id": "ridge_alpha", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ridge_alpha():
    """Give the alpha of scikit-learn's Ridge that matches λ = 0.02 on 500 rows.

    Returns
    -------
    float
        alpha, above zero.
    """
    ### BEGIN SOLUTION
    return 10.0
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ridge_alpha_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = checks.start("ridge_alpha")
with check("the answer is a number above zero", points=0):
    checks.that(checks.number(ridge_alpha()) > 0, "The answer is a number above zero.")
### BEGIN HIDDEN TESTS
with check("the alpha that gives the same coefficients", points=1):
    checks.close(
        ridge_alpha(),
        10.0,
        rtol=0.01,
        given="λ = 0.02, n = 500",
        mistakes=[
            checks.Mistake(
                "as in Lasso",
                looks_like=0.02,
                says="This is λ itself. Lasso and ElasticNet take it as it is, since they use the mean; Ridge uses the sum over the rows, so the penalty has to grow with the rows as well.",
            ),
            checks.Mistake(
                "the half forgotten",
                looks_like=20.0,
                says="The factor 2n is right for the loss, but our penalty has a half in it: λ/2 times the squared norm.",
            ),
            checks.Mistake(
                "divided by the rows",
                looks_like=0.02 / 500,
                says="The rows stand on the wrong side: a sum over 500 rows is larger than their mean, and a penalty that shall weigh as much has to be larger too.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "ridge_alpha", "name": "as in Lasso"}
def ridge_alpha():
    return 0.02


# %% tags=["mistake"] mistake={"exercise": "ridge_alpha", "name": "the half forgotten"}
def ridge_alpha():
    return 20.0


# %% tags=["mistake"] mistake={"exercise": "ridge_alpha", "name": "divided by the rows"}
def ridge_alpha():
    return 0.02 / 500


# %% tags=["alternative"] alternative={"exercise": "ridge_alpha", "name": "worked out"}
def ridge_alpha():
    n, lam = 500, 0.02
    return 2 * n * lam / 2


# %% tags=["alternative"] alternative={"exercise": "ridge_alpha", "name": "an integer"}
def ridge_alpha():
    return 10


# %% [markdown]
# **Asked next**: *"You double the rows by collecting more data. Do you keep alpha or λ?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# That is a choice. With `Ridge` and the same alpha, λ = alpha/n halves: the penalty fades as data come in, as a
# prior does. With λ fixed it keeps its weight. Either way, choose the strength again with the new data; and never
# compare two libraries by the number alone.
# </details>

# %% [markdown]
# ## 2 · The corner: why L1 gives zeros
#
# Two coefficients, so that we can see them. The ellipses are level lines of the loss, around the optimum without a
# penalty. The coloured shape is the *ball*: all coefficients whose penalty is at most as large as the solution's. At
# the solution, ball and level line touch.
#
# **What to look for**, one control at a time, with *Reset* between:
#
# 1. *Strength λ.* Raise it. Which coefficient reaches zero first, and how does the path on the left turn there?
# 2. *Drag the optimum* (the ring). For which positions is one coefficient zero? Is it a line, or a whole region?
# 3. *L1 share ρ.* Set it to 0, then raise λ as far as it goes. Does a coefficient become zero?
# 4. *Correlation.* With ρ = 1 and λ at 4, move it from −0.9 to 0.9. At which λ does $w_2$ reach zero on the right?

# %%
reg.balls()

# %% [markdown]
# **What it showed**
#
# 1. The smaller one. The path walks towards an axis, reaches it, and then walks *along* it: the coefficient stays at
#    zero.
# 2. A whole region. Near a corner many different losses have the same touching point. That is why zeros are no
#    coincidence with L1.
# 3. No. The disc has no corner, and it touches on an axis only if the optimum happens to pull exactly along it. The
#    coefficients get small and stay different from zero.
# 4. At $0.9\,(1 + c)$, for a correlation of $c$. With $c$ near −1 the two features nearly cancel in the predictions,
#    so dropping $w_2$ costs little, although the optimum stayed where it was. The curvature of the loss decides, not
#    the size of the coefficient alone.
#
# ### The same with slopes
#
# The picture persuades; the slope proves. Look at one coefficient $w_j$ at zero. To leave, it must gain more from the
# loss than it pays to the penalty. Write $g_j$ for the slope of the loss along $w_j$ at $w_j = 0$:
#
# $$ \text{with L1: } w_j = 0 \iff |g_j| \le \lambda\rho, \qquad\qquad \text{L2 alone: } w_j = 0 \iff g_j = 0 . $$
#
# In words: the L1 part has slope ±λρ right up to zero (±λ in the lasso), so a coefficient stays there unless the loss
# pulls harder than that. The L2 part has slope $\lambda(1-\rho)w_j$, which vanishes at zero: the slightest pull moves
# the coefficient away.
#
# At the corner the absolute value has no derivative. It has a **sub-gradient**: every slope between −1 and 1 is a line
# through the corner that stays below the curve. A convex function has its minimum where zero is among the
# sub-gradients. The interval, not a single number, is what leaves room for exact zeros.

# %% [markdown]
# ## Exercise 2 · From which λ on is it zero?
#
# *Difficulty 2 of 5 · 4 minutes · 2 points*
#
# The figure shows the loss of a single coefficient, a parabola without any penalty. Now λ|w| is added. From which
# λ on is the minimum at exactly w = 0?
#
# Return one number. It is accepted within 1 %.
#
# *Worked example*: for $\tfrac12 (w - 2)^2$ the slope at zero is −2, and the coefficient is zero from λ = 2 on.

# %% jupyter={"source_hidden": true}
# How the next figure is made
ws = np.linspace(-1, 3.5, 200)
fig, ax = plt.subplots(figsize=(6, 3.8))
ax.plot(ws, (ws - 1.5) ** 2 + 0.5, color=widgets.COLORS["blue"], lw=2.5)
for x, y in [(1.5, 0.5), (0.0, 2.75)]:
    ax.plot(x, y, "o", color=widgets.COLORS["vermillion"], ms=9)
    ax.annotate(
        f"({x:g}, {y:g})", (x, y), (-22, 24) if y < 1 else (10, 12), textcoords="offset points"
    )
ax.axvline(0, color=widgets.COLORS["black"], lw=0.8)
ax.set(xlabel="coefficient w", ylabel="loss without penalty", ylim=(0, 6))
ax.set_title("A parabola pulls its coefficient away from zero")
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="A parabola with its minimum at w = 1.5, loss 0.5, which passes through loss 2.75 at w = 0.",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "strength_of_zero",
    "Where on the curve do you have to look, if the question is whether zero is the minimum?",
    "Compare the slope of the loss at w = 0 with the slope of λ|w| beside its corner.",
    "The loss is (w − 1.5)² + 0.5; its slope at zero is 2 · (0 − 1.5).",
)


# %% nbgrader={"grade": false, "grade_id": "strength_of_zero", "locked": false, "schema_version": 3, "solution": true, "task": false}
def strength_of_zero():
    """Give the smallest λ for which w = 0 minimises the loss in the figure plus λ|w|.

    Returns
    -------
    float
        λ, above zero.
    """
    ### BEGIN SOLUTION
    return 3.0
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "strength_of_zero_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("strength_of_zero")
with check("the answer is a number above zero", points=0):
    checks.that(checks.number(strength_of_zero()) > 0, "The answer is a number above zero.")
### BEGIN HIDDEN TESTS
with check("the smallest λ with its minimum at zero", points=2):
    checks.close(
        strength_of_zero(),
        3.0,
        rtol=0.01,
        given="minimum at (1.5, 0.5), height 2.75 at w = 0",
        mistakes=[
            checks.Mistake(
                "height instead of slope",
                looks_like=2.25,
                says="This is how much the loss falls from w = 0 to its minimum. Whether zero is the minimum is decided right beside zero, by slopes: a long descent can start gently.",
            ),
            checks.Mistake(
                "the optimum itself",
                looks_like=1.5,
                says="λ = û holds when the curvature is 1, as in the worked example. Here it is 2: the slope at zero is curvature times distance.",
            ),
            checks.Mistake(
                "as for a squared penalty",
                looks_like=float("inf"),
                says="For no finite λ is true of L2, whose slope vanishes at zero. The slope of λ|w| doesn't.",
            ),
            checks.Mistake(
                "divided by the curvature",
                looks_like=0.75,
                says="The curvature belongs on the other side: the steeper the loss, the stronger it pulls, the larger λ has to be.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "strength_of_zero", "name": "height instead of slope"}
def strength_of_zero():
    return 2.25


# %% tags=["mistake"] mistake={"exercise": "strength_of_zero", "name": "the optimum itself"}
def strength_of_zero():
    return 1.5


# %% tags=["mistake"] mistake={"exercise": "strength_of_zero", "name": "as for a squared penalty"}
def strength_of_zero():
    return float("inf")


# %% tags=["mistake"] mistake={"exercise": "strength_of_zero", "name": "divided by the curvature"}
def strength_of_zero():
    return 0.75


# %% tags=["alternative"] alternative={"exercise": "strength_of_zero", "name": "from the slope"}
def strength_of_zero():
    w = np.array([-1e-6, 1e-6])
    loss = (w - 1.5) ** 2 + 0.5
    return abs(np.diff(loss)[0] / 2e-6)


# %% tags=["alternative"] alternative={"exercise": "strength_of_zero", "name": "by trying"}
def strength_of_zero():
    w = np.linspace(-1, 3, 4001)
    lams = np.arange(0.01, 5, 0.01)
    best = [w[np.argmin((w - 1.5) ** 2 + lam * np.abs(w))] for lam in lams]
    return float(lams[np.flatnonzero(np.abs(best) < 1e-3)[0]])


# %% [markdown]
# **Asked next**: *"And with λ = 1, where is the minimum?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Where the slopes cancel: 2(w − 1.5) + 1 = 0, so w = 1. The lasso shifts the optimum by λ over the curvature; that is
# *soft-thresholding*. Ridge with λ = 1 multiplies instead: 2(w − 1.5) + w = 0 gives w = 1 too, here by coincidence.
# At λ = 3 lasso gives 0 and ridge 0.6.
# </details>

# %% [markdown]
# ## Exercise 3 · Which coefficients does the lasso drop?
#
# *Difficulty 3 of 5 · 4 minutes · 2 points*
#
# The features are standardised and uncorrelated. The bars show the slope of the loss along each coefficient at
# $w = 0$: $g_j = -x_j^\top (y - \bar y)/n$. With the lasso and λ = 0.8, **which coefficients are exactly zero?**
#
# Return the set of letters, for instance `{"A", "B"}`. (The bar of C is 0.80 exactly.)
#
# *Worked example*: with λ = 1.5 only D is pulled harder than the penalty holds, so A, B, C and E would be zero.

# %% jupyter={"source_hidden": true}
# How the next figure is made
slopes = {"A": 1.2, "B": -0.5, "C": 0.8, "D": -2.0, "E": 0.3}
fig, ax = plt.subplots(figsize=(6, 3.6))
ax.bar(list(slopes), list(slopes.values()), color=widgets.COLORS["blue"], width=0.6)
for letter, g in slopes.items():
    ax.annotate(
        f"{g:.2f}".replace("-", "−"),
        (letter, max(g, 0)),
        (0, 5),
        textcoords="offset points",
        ha="center",
    )
for side in (-0.8, 0.8):
    ax.axhline(side, color=widgets.COLORS["vermillion"], lw=1.5, ls="--")
ax.axhline(0, color=widgets.COLORS["black"], lw=0.8)
ax.annotate("±λ", (4.45, 0.8), (0, 4), textcoords="offset points")
ax.set(
    xlabel="coefficient", ylabel="slope of the loss at w = 0", ylim=(-2.5, 1.7), xlim=(-0.6, 4.8)
)
ax.set_title("The loss pulls each coefficient with its own force")
widgets.show(
    fig,
    alt="Bars of the slope of the loss at zero: A 1.2, B −0.5, C 0.8, D −2.0, E 0.3; dashed lines at plus and minus "
    "0.8.",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "lasso_zeros",
    "What has the slope to do, for a coefficient to leave zero?",
    "The penalty pushes back with the same force in both directions, so compare sizes.",
    "Zero exactly when |g| ≤ λ: at the boundary too.",
)


# %% nbgrader={"grade": false, "grade_id": "lasso_zeros", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lasso_zeros():
    """Name the coefficients that the lasso with λ = 0.8 sets to exactly zero.

    Returns
    -------
    set of str
        Letters from "A" to "E".
    """
    ### BEGIN SOLUTION
    return {"B", "C", "E"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lasso_zeros_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("lasso_zeros")
with check("the answer is made of letters from A to E", points=0):
    checks.that(
        set("".join(lasso_zeros()).upper()) <= set("ABCDE ,;"), "Give a set of letters from A to E."
    )
### BEGIN HIDDEN TESTS
with check("the coefficients that are zero", points=2):
    checks.choices(
        lasso_zeros(),
        {"B", "C", "E"},
        {
            "A": "The loss pulls A with 1.2, harder than the penalty's 0.8 holds it. It becomes smaller than without a penalty, but not zero.",
            "D": "−2.0 is below 0.8, and yet it is the strongest pull of all: its sign only says in which direction. Compare absolute values.",
            "incomplete": "Look at the boundary, and at negative bars. At |g| = λ the penalty still balances the pull, and a negative slope counts by its size.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "lasso_zeros", "name": "A"}
def lasso_zeros():
    return {"A", "B", "C", "E"}


# %% tags=["mistake"] mistake={"exercise": "lasso_zeros", "name": "D"}
def lasso_zeros():
    return {
        letter
        for letter, g in {"A": 1.2, "B": -0.5, "C": 0.8, "D": -2.0, "E": 0.3}.items()
        if g <= 0.8
    }


# %% tags=["mistake"] mistake={"exercise": "lasso_zeros", "name": "incomplete"}
def lasso_zeros():
    return {"B", "E"}


# %% tags=["alternative"] alternative={"exercise": "lasso_zeros", "name": "a string"}
def lasso_zeros():
    return "b, c, e"


# %% tags=["alternative"] alternative={"exercise": "lasso_zeros", "name": "from the slopes"}
def lasso_zeros():
    slopes = {"A": 1.2, "B": -0.5, "C": 0.8, "D": -2.0, "E": 0.3}
    return {letter for letter, g in slopes.items() if abs(g) <= 0.8}


# %% [markdown]
# **Asked next**: *"What is the smallest λ that makes all of them zero?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The largest absolute slope, 2.0 here. In general $\lambda_{\max} = \max_j |x_j^\top (y - \bar y)| / n$, and it holds for
# correlated features too: at w = 0 nothing has been explained yet. Grids of λ start there and go down on a
# logarithmic scale.
# </details>

# %% [markdown]
# ### A third why: the prior
#
# Minimising loss plus penalty is the same as maximising a posterior probability. With noise of variance $\sigma^2$ in
# the targets, ridge assumes coefficients drawn from a normal distribution around zero, the lasso from a Laplace
# distribution, $p(w_j) \propto e^{-|w_j|/\tau}$. In words: the Laplace prior is sharply peaked at zero and has heavy
# tails, so it believes in many coefficients near zero and a few large ones.
#
# One caution, asked at senior level: the zeros belong to the *mode* of that posterior. Its mean is not sparse.
#
# ## 3 · The path: what happens to all coefficients as λ grows
#
# Now ten features of real data: 442 people with diabetes, and a measure of the disease's progress after a year. The
# features are standardised. The left picture shows each coefficient against λ; the right one those at the λ you
# choose. Nothing moves but λ.
#
# **What to look for.** Which features are the last to go? In the lasso's path, look at *s1* from the left: can a
# coefficient change much while others are hardly touched? Does ridge ever set one to zero?

# %%
reg.path()

# %% [markdown]
# **What it showed.** The lasso drops features one after the other; *bmi* and *s5* are the last, and from
# λ ≈ 45 on all are zero: that is $\lambda_{\max}$. Ridge shrinks all of them and drops none. And *s1*, a blood value
# that nearly repeats others, has a large negative coefficient at the left end and a small one by λ = 1: where
# features are correlated, single coefficients mean little, and small penalties change them a lot.
#
# ### Ridge shrinks most where the data say least
#
# Turn the coordinates into the principal directions of X, with variance $h_i$ (an eigenvalue of $H$) along
# direction $i$. There ridge is a multiplication:
#
# $$ \hat w_i^{\text{ridge}} = \frac{h_i}{h_i + \lambda}\, \hat u_i . $$
#
# In words: along a direction in which the features vary much, ridge leaves the coefficient alone; along one in which
# they hardly vary, it takes nearly everything. Those are exactly the directions along which the data can't pin the
# coefficient down. It also answers the question with more features than rows: there some $h_i$ are zero, least squares
# has no unique solution, and $h_i + \lambda$ is above zero all the same.

# %% [markdown]
# ## Exercise 4 · How much is left?
#
# *Difficulty 2 of 5 · 3 minutes · 2 points*
#
# Along one principal direction, the features have **standard deviation 0.5**. Ridge with λ = 0.5 is fitted to
# n = 100 rows, with the objective of section 1. By which factor is the coefficient along this direction multiplied,
# compared with no penalty?
#
# Return one number. It is accepted within 1 %.
#
# *Worked example*: with standard deviation 1 and λ = 1, it is 0.5.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "ridge_factor",
    "Which property of a direction stands in the formula: its standard deviation or its variance?",
    "Work out the eigenvalue of H = XᵀX/n along it, and put it into h/(h + λ).",
    "h = 0.5² = 0.25.",
)


# %% nbgrader={"grade": false, "grade_id": "ridge_factor", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ridge_factor():
    """Give the factor by which ridge multiplies the coefficient along the direction described above.

    Returns
    -------
    float
        Between 0 and 1.
    """
    ### BEGIN SOLUTION
    return 1 / 3
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ridge_factor_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("ridge_factor")
with check("the answer is a number above zero", points=0):
    checks.that(checks.number(ridge_factor()) > 0, "The answer is a number above zero.")
### BEGIN HIDDEN TESTS
with check("the factor along this direction", points=2):
    checks.close(
        ridge_factor(),
        1 / 3,
        rtol=0.01,
        given="standard deviation 0.5, λ = 0.5, n = 100",
        mistakes=[
            checks.Mistake(
                "standard deviation for variance",
                looks_like=0.5,
                says="The eigenvalue of XᵀX/n along a direction is the variance there, the square of the standard deviation.",
            ),
            checks.Mistake(
                "what is taken, not what is left",
                looks_like=2 / 3,
                says="This is λ/(s + λ), the share that the penalty takes away. Without a penalty, λ = 0, the factor has to be 1.",
            ),
            checks.Mistake(
                "λ times the rows",
                looks_like=0.25 / 50.25,
                says="The rows were counted twice: λ was multiplied by n, but the eigenvalue of XᵀX was divided by it. Both or neither.",
            ),
            checks.Mistake(
                "rows in the variance only",
                looks_like=25 / 25.5,
                says="The eigenvalue is that of XᵀX, the sum over the rows, while λ belongs to the mean. Both or neither.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "ridge_factor", "name": "standard deviation for variance"}
def ridge_factor():
    return 0.5


# %% tags=["mistake"] mistake={"exercise": "ridge_factor", "name": "what is taken, not what is left"}
def ridge_factor():
    return 2 / 3


# %% tags=["mistake"] mistake={"exercise": "ridge_factor", "name": "λ times the rows"}
def ridge_factor():
    return 0.25 / 50.25


# %% tags=["mistake"] mistake={"exercise": "ridge_factor", "name": "rows in the variance only"}
def ridge_factor():
    return 25 / 25.5


# %% tags=["alternative"] alternative={"exercise": "ridge_factor", "name": "with sums"}
def ridge_factor():
    return 100 * 0.25 / (100 * 0.25 + 100 * 0.5)


# %% tags=["alternative"] alternative={"exercise": "ridge_factor", "name": "by fitting"}
def ridge_factor():
    x = np.tile([0.5, -0.5], 50)[:, None]
    w = np.linalg.solve(x.T @ x / 100 + 0.5 * np.eye(1), x.T @ (2 * x[:, 0]) / 100)
    return float(w[0] / 2)


# %% [markdown]
# **Asked next**: *"And what does the lasso do along such a direction?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Nothing as neat: it shifts by a constant instead of multiplying, and it works along the coordinates, not along principal
# directions. Only when the features are uncorrelated do the two systems coincide: then each coefficient is
# soft-thresholded.
# </details>

# %% [markdown]
# ## Exercise 5 · Twins
#
# *Difficulty 4 of 5 · 5 minutes · 3 points*
#
# A data set contains one informative feature **twice**: two identical, standardised columns. Without a penalty,
# only the sum of the two coefficients is determined. λ is above zero, and small enough that something is left. Which
# statements are true?
#
# - **A**: Ridge gives both columns the same coefficient.
# - **B**: The lasso's solution is unique, and gives both columns the same coefficient.
# - **C**: The elastic net with ρ = 0.5 gives both columns the same coefficient.
# - **D**: The lasso fixes the sum of the two coefficients, not how it is split.
# - **E**: Ridge has no unique solution, since $X^\top X$ is singular.
#
# Return the set of letters.
#
# *Worked example*: without a penalty and with a sum of 2, the splits (1, 1), (2, 0) and (5, −3) fit equally well, so
# least squares has no unique solution.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "twin_features",
    "Keep the sum of the two coefficients fixed. How does each penalty change as you split it differently?",
    "Compare the splits (1, 1) and (2, 0): their sums of absolute values, and their sums of squares.",
    "L1: 2 and 2. L2: 2 and 4. Any share of L2 prefers the even split.",
)


# %% nbgrader={"grade": false, "grade_id": "twin_features", "locked": false, "schema_version": 3, "solution": true, "task": false}
def twin_features():
    """Name the true statements about a feature that is there twice.

    Returns
    -------
    set of str
        Letters from "A" to "E".
    """
    ### BEGIN SOLUTION
    return {"A", "C", "D"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "twin_features_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("twin_features")
with check("the answer is made of letters from A to E", points=0):
    checks.that(
        set("".join(twin_features()).upper()) <= set("ABCDE ,;"),
        "Give a set of letters from A to E.",
    )
### BEGIN HIDDEN TESTS
with check("the true statements", points=3):
    checks.choices(
        twin_features(),
        {"A", "C", "D"},
        {
            "B": "The splits (1, 1) and (2, 0) have the same L1 penalty and the same predictions, so L1 can't tell them apart. Which one a solver returns depends on the order in which it visits the columns.",
            "E": "The matrix that is inverted is XᵀX/n + λI. Adding λ to every eigenvalue makes it regular, however singular XᵀX is.",
            "incomplete": "Hold the fit fixed and compare splits of the same sum by each penalty. Any share of a squared penalty, however small, makes the even split strictly better.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "twin_features", "name": "B"}
def twin_features():
    return {"A", "B", "C"}


# %% tags=["mistake"] mistake={"exercise": "twin_features", "name": "E"}
def twin_features():
    return {"A", "C", "D", "E"}


# %% tags=["mistake"] mistake={"exercise": "twin_features", "name": "incomplete"}
def twin_features():
    return {"A", "D"}


# %% tags=["alternative"] alternative={"exercise": "twin_features", "name": "a list"}
def twin_features():
    return ["a", "c", "d"]


# %% tags=["alternative"] alternative={"exercise": "twin_features", "name": "by comparing splits"}
def twin_features():
    even, odd = np.array([1.0, 1.0]), np.array([2.0, 0.0])
    prefers = {}
    for rho in (0.0, 0.5, 1.0):
        cost = [rho * np.abs(w).sum() + (1 - rho) / 2 * (w**2).sum() for w in (even, odd)]
        prefers[rho] = cost[0] < cost[1]
    true = {"A": prefers[0.0], "B": prefers[1.0], "C": prefers[0.5], "D": not prefers[1.0]}
    return {letter for letter, holds in true.items() if holds}


# %% [markdown]
# **Asked next**: *"In practice two features are never identical, only correlated at 0.95. What does the lasso do then?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# It prefers one of them, and which one can change with a few rows more or less. So don't read a lasso's selection as
# "the features that matter" before you have looked how often each is picked over resampled data. The elastic net keeps
# correlated features together.
# </details>

# %% [markdown]
# ## 4 · How strong: bias and variance
#
# A penalty never improves the fit on the training rows, and nearly always makes it worse. Why can it be better
# elsewhere? Imagine drawing the training set again and again. At a point $x$, where the true mean of $y$ is $f(x)$, the
# fits $\hat f(x)$ scatter; the expected squared error of a new target is
#
# $$ \mathbb{E}\bigl[(y - \hat f(x))^2\bigr] = \underbrace{\bigl(\mathbb{E}\hat f(x) - f(x)\bigr)^2}_{\text{bias}^2}
#  + \underbrace{\operatorname{Var} \hat f(x)}_{\text{variance}} + \underbrace{\sigma^2}_{\text{noise}} . $$
#
# In words: how far the average fit is from the truth, plus how much the fits scatter around their average, plus the
# noise that no fit can remove.
#
# **What to look for.** In the left picture, watch the width of the bundle (variance) and the distance of its mean from
# the truth (bias). Find the λ with the smallest sum. Then raise the noise, then the rows, and find it again.

# %%
reg.bias_variance()

# %% [markdown]
# **What it showed.** As λ grows, variance falls and bias grows. The sum is smallest in between, and not where the two
# curves cross: there is no reason why it should be. More noise asks for more regularization, more rows for less, since
# both change the variance and leave the bias (nearly) as it is. At small λ the square stands above its dashed curve:
# the mean of 200 fits still scatters a little, and that counts as bias.
#
# You never see these curves in practice: they need the truth. What you can estimate is their sum plus noise, by holding
# rows out. That is what cross-validation does, and it is why λ is chosen there and **never on the training error**,
# which is smallest at λ = 0, **nor on the test set**, which then stops being one.

# %% [markdown]
# ## Exercise 6 · Choose λ from the parts
#
# *Difficulty 2 of 5 · 3 minutes · 2 points*
#
# The figure shows squared bias and variance at four values of λ, A to D. The noise's variance is 0.30. At which of
# them is the expected squared error of a new row smallest?
#
# Return the letter.
#
# *Worked example*: at D it is 0.25 + 0.02 + 0.30 = 0.57.

# %% jupyter={"source_hidden": true}
# How the next figure is made
bias, variance = np.array([0.01, 0.03, 0.08, 0.25]), np.array([0.20, 0.09, 0.06, 0.02])
place = np.arange(4)
fig, ax = plt.subplots(figsize=(6.2, 3.8))
for shift, values, name, colour, hatch in [
    (-0.2, bias, "bias²", widgets.COLORS["vermillion"], ""),
    (0.2, variance, "variance", widgets.COLORS["sky"], "//"),
]:
    bars = ax.bar(place + shift, values, 0.38, label=name, color=colour, hatch=hatch)
    ax.bar_label(bars, fmt="%.2f", padding=2)
ax.set_xticks(place, ["A: 0.001", "B: 0.01", "C: 0.1", "D: 1"])
ax.set(xlabel="regularization strength λ", ylabel="squared error", ylim=(0, 0.3))
ax.set_title("As λ grows, bias² rises and variance falls")
ax.legend(frameon=False, loc="upper center")
widgets.show(
    fig,
    alt="Bars of squared bias and variance. A: 0.01 and 0.20. B: 0.03 and 0.09. C: 0.08 and 0.06. D: 0.25 and 0.02.",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "best_strength",
    "Which of the three parts of the error depend on λ?",
    "Add what you can read off for each letter.",
    "At A it is 0.01 + 0.20 + 0.30 = 0.51; the noise is the same everywhere.",
)


# %% nbgrader={"grade": false, "grade_id": "best_strength", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_strength():
    """Give the letter of the λ with the smallest expected squared error on new rows.

    Returns
    -------
    str
        One letter from "A" to "D".
    """
    ### BEGIN SOLUTION
    return "B"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "best_strength_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("best_strength")
with check("the answer is a letter from A to D", points=0):
    checks.that(best_strength().strip().upper() in list("ABCD"), "Give one letter from A to D.")
### BEGIN HIDDEN TESTS
with check("the λ with the smallest expected error", points=2):
    checks.choice(
        best_strength(),
        "B",
        {
            "A": "This λ has the smallest bias. It is the choice of somebody who trusts the training error; the variance, the largest of all, has to be paid as well.",
            "C": "Here bias² and variance are closest to each other. The minimum of a sum is where the slopes cancel, not where the parts are equal.",
            "D": "This λ has the smallest variance. A constant would have none at all; the bias counts as much.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "best_strength", "name": "A"}
def best_strength():
    return "A"


# %% tags=["mistake"] mistake={"exercise": "best_strength", "name": "C"}
def best_strength():
    return "C"


# %% tags=["mistake"] mistake={"exercise": "best_strength", "name": "D"}
def best_strength():
    return "D"


# %% tags=["alternative"] alternative={"exercise": "best_strength", "name": "lower case"}
def best_strength():
    return "b"


# %% tags=["alternative"] alternative={"exercise": "best_strength", "name": "added up"}
def best_strength():
    bias, variance = [0.01, 0.03, 0.08, 0.25], [0.20, 0.09, 0.06, 0.02]
    return "ABCD"[int(np.argmin(np.add(bias, variance)))]


# %% [markdown]
# **Asked next**: *"The cross-validated errors at B and C differ by less than their standard error. Which do you take?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Often C: the one-standard-error rule takes the most regularised model whose error is within one standard error of the
# best. The data can't tell them apart, and the simpler one is easier to explain and to keep. If only the error counts,
# take the minimum. Say which you do before you look.
# </details>

# %% [markdown]
# ## 5 · A polynomial that overfits and underfits
#
# Two ways to limit a model: give it fewer parameters, or penalise those it has. Here you have both: the degree of a
# polynomial, and λ. Eighteen training rows, and 400 test rows that no fit sees.
#
# **What to look for**, with *Reset* between:
#
# 1. *Degree* at the smallest λ: where does the training error go, where the test error?
# 2. Set the degree to 14, then raise λ slowly. What happens to the curve, to the test error, and to the number of
#    effective parameters in the caption?
# 3. Raise λ as far as it goes. Does the degree still matter?
# 4. *Sample.* Draw other rows. Which settings give nearly the same curve each time?

# %%
reg.polynomial()

# %% [markdown]
# **What it showed**
#
# 1. The training error never rises with the degree. The test error falls, then rises; in this first sample it explodes.
# 2. The curve calms down, and the test error with it: degree 14 with a suitable λ does about as well as the best
#    small degree. The **effective number of parameters**, $1 + \sum_i h_i/(h_i + \lambda)$, falls while the degree
#    stays. In words: each direction counts by the share of it that ridge leaves.
# 3. Hardly. With a strong penalty all degrees underfit alike.
# 4. Those with few effective parameters. That is low variance, seen directly.
#
# So the capacity of a model isn't the number of its parameters. Early stopping and dropout, which you write in
# [2 · Build](2_build.ipynb), limit it too, and leave the parameters in place.

# %% [markdown]
# ## Exercise 7 · What helps?
#
# *Difficulty 3 of 5 · 4 minutes · 2 points*
#
# A model has a training error of 0.02 and a validation error of 0.31. Errors around 0.10 are known to be reachable
# on this task. Which of these changes can be expected to narrow the gap *and* leave the test error an honest estimate?
#
# - **A**: Collect more training rows.
# - **B**: Add more features, such as products of those that are there.
# - **C**: Raise λ.
# - **D**: Train for longer.
# - **E**: Stop training when the validation error has not improved for a while.
# - **F**: Choose λ so that the error on the test set is smallest.
#
# Return the set of letters.
#
# *Worked example*: dropping half of the features at random lowers the variance and touches no test row, so it would
# count.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "against_overfitting",
    "Is it bias or variance that is too large here?",
    "Ask of each change what it does to the variance, and whether the final number would still mean anything.",
    "The training error is far below what is reachable: variance. Three of the six lower it without touching the test set.",
)


# %% nbgrader={"grade": false, "grade_id": "against_overfitting", "locked": false, "schema_version": 3, "solution": true, "task": false}
def against_overfitting():
    """Name the changes that narrow the gap honestly.

    Returns
    -------
    set of str
        Letters from "A" to "F".
    """
    ### BEGIN SOLUTION
    return {"A", "C", "E"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "against_overfitting_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("against_overfitting")
with check("the answer is made of letters from A to F", points=0):
    checks.that(
        set("".join(against_overfitting()).upper()) <= set("ABCDEF ,;"),
        "Give a set of letters from A to F.",
    )
### BEGIN HIDDEN TESTS
with check("the changes that narrow the gap honestly", points=2):
    checks.choices(
        against_overfitting(),
        {"A", "C", "E"},
        {
            "B": "More features give the model more freedom. The training error is already far below what is reachable; it would fall further, and the gap grow.",
            "D": "Training for longer helps a model that under-fits. Here the training error is tiny already, and more steps fit more of the noise.",
            "F": "That makes the test error look better and the model no more honest: the test set has become a validation set, and nothing is left to measure with.",
            "incomplete": "The gap comes from variance. Ask of each option left out whether it makes fits to different samples more alike: more rows, a stronger penalty and fewer steps all do.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "against_overfitting", "name": "B"}
def against_overfitting():
    return {"A", "B", "C", "E"}


# %% tags=["mistake"] mistake={"exercise": "against_overfitting", "name": "D"}
def against_overfitting():
    return {"A", "C", "D", "E"}


# %% tags=["mistake"] mistake={"exercise": "against_overfitting", "name": "F"}
def against_overfitting():
    return {"A", "C", "E", "F"}


# %% tags=["mistake"] mistake={"exercise": "against_overfitting", "name": "incomplete"}
def against_overfitting():
    return {"C"}


# %% tags=["alternative"] alternative={"exercise": "against_overfitting", "name": "a tuple"}
def against_overfitting():
    return ("E", "C", "A")


# %% tags=["alternative"] alternative={"exercise": "against_overfitting", "name": "by what each does"}
def against_overfitting():
    lowers_variance = {"A": True, "B": False, "C": True, "D": False, "E": True, "F": True}
    honest = {letter: letter != "F" for letter in lowers_variance}
    return {letter for letter in "ABCDEF" if lowers_variance[letter] and honest[letter]}


# %% [markdown]
# **Asked next**: *"You have raised λ until training and validation errors are both 0.29. Done?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# No. The gap is gone and the model is useless: it now underfits, and 0.10 is reachable. A small gap isn't the aim, a
# small validation error is. Lower λ, or look for better features.
# </details>

# %% [markdown]
# ## What to take along
#
# | you see | because | so you |
# |---|---|---|
# | exact zeros with L1 | its slope is λ right up to zero, and holds any weaker pull | use it to select, and check how stable the selection is |
# | small but non-zero coefficients with L2 | its slope vanishes at zero | use it where many features matter a little |
# | the lasso picks another of two correlated features each time | L1 can't tell their splits apart | use the elastic net, or ridge |
# | training error small, validation error large | variance | more rows, larger λ, fewer effective parameters, early stopping |
# | both errors large and alike | bias | smaller λ, better features |
# | coefficients differ between libraries | the loss is a sum here and a mean there | convert: `Ridge`'s alpha is nλ |
#
# Next: [2 · Build](2_build.ipynb), where you write all of it, and draw your own coefficient path over scikit-learn's.

# %% tags=["on_open"]
learner.check_my_work()
