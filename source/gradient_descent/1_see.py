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
# # Gradient descent · 1 · See
#
# Nearly every model you will be asked about is trained the same way: stand somewhere on a loss surface, read
# the slope under your feet, step downhill, look again. Interviewers ask about it because it is short to state
# and deep to understand. A candidate who can say why a run diverges, crawls or jitters has understood it. A
# candidate who recites the update has not shown that yet.
#
# In this notebook you predict, touch and see. In [2 · Build](2_build.ipynb) you write every part yourself, in
# [3 · Use](3_use.ipynb) you meet it on real data and repair broken training runs, and in
# [4 · Say](4_say.ipynb) you answer the questions aloud.

# %% tags=["on_open"]
import matplotlib.pyplot as plt
import numpy as np

from curriculum import checks, learner, widgets
from curriculum.widgets import gradient_descent as gd

learner.begin("gradient_descent", "1_see")

# %% [markdown]
# **After this topic you can**
#
# - explain gradient descent in ninety seconds and defend every sentence of it;
# - say which learning rates converge, which are fastest, and what sets the number of steps;
# - write from scratch: gradients, the batch loop, mini-batches, momentum, Adam, a schedule and clipping;
# - choose between full batch and mini-batch, a batch size, and an optimiser, and give the reason;
# - look at a loss curve that does not go down, and find out why.
#
# **What it needs first**: the derivative, the gradient of a function of several variables, the matrix–vector
# product, and NumPy arrays. Where eigenvalues appear, read them as "curvature along an axis".
#
# **Interview questions it answers**
#
# | question | round | you work on it in |
# |---|---|---|
# | Explain gradient descent to me. | theory, all levels | here, [Say](4_say.ipynb) |
# | What happens when the learning rate is too high? Too high compared with what? | theory | here, sections 2 and 3 |
# | Batch, stochastic or mini-batch: which, and when? | theory | section 4, [Say](4_say.ipynb) |
# | What does momentum do? What does Adam do, and why does it correct a bias? | theory | sections 3 and 5 |
# | Write linear or logistic regression without a library. | ML coding | [Build](2_build.ipynb) |
# | Why should you scale the features? | ML coding, theory | section 3, [Use](3_use.ipynb) |
# | The loss does not go down. What do you do? | debugging, system design | [Use](3_use.ipynb), [Say](4_say.ipynb) |
#
# **How to work through it.** Run the cells from the top. Where you are asked for a prediction, commit to one
# before you touch anything: being wrong first is what makes the picture stick. The short exercises are graded
# when you press **Check my work** at the end; until then their tests tell you only whether your answer can be
# read. Where a figure needs more code than thought, the code is folded: click its line to open it.

# %% [markdown]
# ## 1 · The step
#
# We have a function $f(w)$ of parameters $w \in \mathbb{R}^d$ — in training, the mean loss over the rows of a
# data set — and want a $w$ where it is small. Near the current $w$, a smooth function is almost linear:
#
# $$ f(w + \delta) \approx f(w) + \nabla f(w)^\top \delta . $$
#
# In words: moving by $\delta$ changes the loss by the gradient's component along $\delta$. Among all moves of
# the same length, the loss falls most when $\delta$ points exactly against the gradient. So that is where we
# go:
#
# $$ w_{t+1} = w_t - \eta\, \nabla f(w_t) . $$
#
# In words: read the gradient where you stand, and move against it by the learning rate η times the gradient.
#
# Two things follow at once, and both are asked.
#
# - **η is not the length of the step.** The length is $\eta\,\lVert\nabla f(w_t)\rVert$. Steps get shorter by
#   themselves as the slope flattens, so a constant η can converge.
# - **The linear picture holds only nearby.** How near is a question of curvature: how fast the slope itself
#   changes. Everything below is about curvature, and about noise.
#
# | symbol | stands for | shape |
# |---|---|---|
# | $w_t$ | parameters after $t$ steps | (d,) |
# | $f$, $\nabla f$ | loss and its gradient | number, (d,) |
# | $f^\star$ | the smallest value of $f$ | number |
# | $\eta$ | learning rate | number > 0 |
# | $L$, $\mu$ | largest and smallest curvature (eigenvalues of the Hessian $\nabla^2 f$) | numbers |
# | $\kappa = L/\mu$ | condition number | number ≥ 1 |
# | $n$, $B$ | rows in the data set, rows in a batch | integers |

# %% [markdown]
# ## 2 · One dimension: why a rate above 2/L diverges
#
# Start with the simplest loss that has a minimum, $f(w) = \tfrac{1}{2} L w^2$, whose curvature is $L$
# everywhere. From close enough, every smooth minimum with curvature above zero looks like this.
#
# **What to look for.** Where does one step land: on the same side of the minimum, on it, or beyond it? Find
# the rate at which the path neither comes closer nor runs away. Then change the curvature, and find that rate
# again.

# %%
gd.one_dimension()

# %% [markdown]
# **What it showed.** The gradient is $Lw$, so one step is a multiplication:
#
# $$ w_{t+1} = w_t - \eta L w_t = (1 - \eta L)\, w_t, \qquad\text{hence}\qquad w_t = (1 - \eta L)^t\, w_0 . $$
#
# In words: every step multiplies the distance to the minimum by the same factor, $1 - \eta L$. Only the
# product $\eta L$ counts. A learning rate is never too high in itself: it is too high *for a curvature*.
#
# | $\eta L$ | factor $1 - \eta L$ | what you see |
# |---|---|---|
# | between 0 and 1 | between 1 and 0 | comes closer, always from the same side |
# | 1 | 0 | lands on the minimum in one step |
# | between 1 and 2 | between 0 and −1 | jumps across each time, and still comes closer |
# | 2 | −1 | jumps between two points for ever |
# | above 2 | below −1 | jumps across, farther out each time: diverges |
#
# Overshooting, then, is not divergence. From $1/L$ to $2/L$ the path overshoots at every step and converges.
#
# ### When the loss is not a parabola: the descent lemma
#
# Let $L$ now be an upper bound on the curvature of any smooth $f$. Then $f$ lies below the parabola that
# touches it at $w_t$ and has curvature $L$, and one step obeys
#
# $$ f\bigl(w_t - \eta \nabla f(w_t)\bigr) \;\le\; f(w_t) - \eta\left(1 - \frac{\eta L}{2}\right) \lVert\nabla f(w_t)\rVert^2 . $$
#
# In words: as long as η is below $2/L$, each step lowers the loss by at least a fixed share of the squared
# slope; the guarantee is best at $\eta = 1/L$ and is used up at $2/L$. The next figure is the whole proof.

# %% jupyter={"source_hidden": true}
# How the next figure is made
curvature_bound = 1.25  # of f below: σ(1 − σ) ≤ 1/4 and 4σ(1 − σ) ≤ 1


def f(w):
    return np.log1p(np.exp(w)) + np.log1p(np.exp(-2 * w))


def slope(w):
    return 1 / (1 + np.exp(-w)) - 2 / (1 + np.exp(2 * w))


w0 = 3.0
ws = np.linspace(-0.6, 3.6, 300)
bound = f(w0) + slope(w0) * (ws - w0) + curvature_bound / 2 * (ws - w0) ** 2

fig, ax = plt.subplots(figsize=(7, 4.2))
ax.plot(ws, f(ws), color=widgets.COLORS["blue"], lw=2.5, label="the loss f")
ax.plot(
    ws, bound, color=widgets.COLORS["vermillion"], lw=2, ls="--", label="parabola of curvature L"
)
ax.plot(w0, f(w0), "o", color=widgets.COLORS["black"], ms=8)
ax.annotate("you stand here, $w_t$", (w0, f(w0)), (-14, 12), textcoords="offset points", ha="right")
for eta, text in [
    (1 / curvature_bound, "step with η = 1/L"),
    (2 / curvature_bound, "step with η = 2/L"),
]:
    w1 = w0 - eta * slope(w0)
    top = f(w0) + slope(w0) * (w1 - w0) + curvature_bound / 2 * (w1 - w0) ** 2
    ax.plot([w1, w1], [f(w1), top], color=widgets.COLORS["black"], lw=1)
    ax.plot(w1, f(w1), "o", color=widgets.COLORS["blue"], ms=7)
    ax.plot(w1, top, "s", color=widgets.COLORS["vermillion"], ms=7)
    ax.annotate(text, (w1, f(w1)), (8, -14), textcoords="offset points")
ax.axhline(f(w0), color=widgets.COLORS["black"], lw=0.8, ls=":")
ax.set(xlabel="parameter w", ylabel="loss", ylim=(0.8, 4.4))
ax.set_title("The loss lies below a parabola, so a step below 2/L must go down")
ax.legend(loc="upper left", bbox_to_anchor=(0, 0.64), frameon=False)
widgets.show(
    fig,
    alt="A loss curve and, above it, a parabola that touches it at the current point. A step with rate 1/L lands at "
    "the parabola's lowest point; with rate 2/L the parabola is back at the starting height. The loss itself is "
    "lower than the parabola at both.",
)

# %% [markdown]
# The squares are what the lemma promises, the dots what the loss does. At $2/L$ the promise is gone (the
# square is back at the starting height), yet this loss still falls: the bound is sufficient, not necessary.
#
# The lemma needs no convexity. It says that the loss falls and that gradients go to zero, if $f$ is bounded
# below. It doesn't say that the point you reach is a global minimum. Say those two things separately in an
# interview.

# %% [markdown]
# ## Exercise 1 · The largest stable learning rate
#
# *Difficulty 1 of 5 · 3 minutes · 2 points*
#
# The figure shows a parabola and two points on it; the left one is its minimum. Gradient descent with a
# constant η converges from every start as long as η stays below some limit. Which limit?
#
# Return one number. It is accepted within 1 %.
#
# *Worked example*: for $f(w) = 3w^2$ the slope is $6w$, one step multiplies $w$ by $1 - 6\eta$, and the limit
# is 1/3.

# %% jupyter={"source_hidden": true}
# How the next figure is made
ws = np.linspace(-1.6, 3.6, 200)
fig, ax = plt.subplots(figsize=(6, 3.8))
(x0, y0), (x1, y1) = points = [(1.0, 0.5), (3.0, 5.5)]
ax.plot(ws, y0 + (y1 - y0) * ((ws - x0) / (x1 - x0)) ** 2, color=widgets.COLORS["blue"], lw=2.5)
for (x, y), place in zip(points, [(-26, 10), (-66, -2)], strict=True):
    ax.plot(x, y, "o", color=widgets.COLORS["vermillion"], ms=9)
    ax.annotate(f"({x:g}, {y:g})", (x, y), place, textcoords="offset points")
ax.set(xlabel="parameter w", ylabel="loss f(w)", ylim=(0, 8.5))
ax.set_title("Two points fix the parabola, and with it the largest rate")
ax.grid(alpha=0.3)
widgets.show(
    fig, alt="A parabola with its minimum at w = 1, loss 0.5, passing through w = 3, loss 5.5."
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "largest_stable_learning_rate",
    "Which single property of the parabola decides, and does its height above zero matter?",
    "Write f(w) = c + ½·L·(w − w*)² and read c, w* and one more point off the figure to get L.",
    "The factor 1 − ηL reaches −1 where ηL = 2.",
)


# %% nbgrader={"grade": false, "grade_id": "largest_stable_learning_rate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def largest_stable_learning_rate():
    """Give the limit below which every constant learning rate converges on the parabola above.

    Returns
    -------
    float
        The limit itself: just below it gradient descent converges, above it diverges.
    """
    ### BEGIN SOLUTION
    return 0.8
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "largest_stable_learning_rate_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("largest_stable_learning_rate")
with check("the answer is a number above zero", points=0):
    checks.that(
        checks.number(largest_stable_learning_rate()) > 0, "A learning rate is a number above zero."
    )
### BEGIN HIDDEN TESTS
with check("the largest stable rate of the parabola in the figure", points=2):
    checks.close(
        largest_stable_learning_rate(),
        0.8,
        rtol=0.01,
        given="minimum at (1, 0.5), through (3, 5.5)",
        mistakes=[
            checks.Mistake(
                "the best rate instead of the limit",
                looks_like=0.4,
                says="This rate is 1/L: it makes the factor 1 − ηL zero and lands on the minimum in one step. Steps "
                "may be longer and still converge; find where the factor leaves the range from −1 to 1.",
            ),
            checks.Mistake(
                "curvature without the half",
                looks_like=1.6,
                says="The curvature is the second derivative. A parabola rises by half of it times the squared "
                "distance, so reading the coefficient of (w − 1)² as L gives half the curvature.",
            ),
            checks.Mistake(
                "curvature measured from zero loss",
                looks_like=8 / 11,
                says="The height 5.5 was counted from zero. Adding a constant to a loss changes no gradient: count "
                "the rise from the minimum.",
            ),
            checks.Mistake(
                "upside down",
                looks_like=1.25,
                says="This is L/2. The steeper the curve, the smaller the steps must be, so L stands below the line.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "largest_stable_learning_rate", "name": "the best rate instead of the limit"}
def largest_stable_learning_rate():
    return 0.4


# %% tags=["mistake"] mistake={"exercise": "largest_stable_learning_rate", "name": "curvature without the half"}
def largest_stable_learning_rate():
    return 1.6


# %% tags=["mistake"] mistake={"exercise": "largest_stable_learning_rate", "name": "curvature measured from zero loss"}
def largest_stable_learning_rate():
    return 0.727


# %% tags=["mistake"] mistake={"exercise": "largest_stable_learning_rate", "name": "upside down"}
def largest_stable_learning_rate():
    return 1.25


# %% tags=["alternative"] alternative={"exercise": "largest_stable_learning_rate", "name": "from the curvature"}
def largest_stable_learning_rate():
    curvature = 2 * (5.5 - 0.5) / (3 - 1) ** 2
    return 2 / curvature


# %% tags=["alternative"] alternative={"exercise": "largest_stable_learning_rate", "name": "by trying"}
def largest_stable_learning_rate():
    rates = np.linspace(0.01, 2, 200)
    stable = [eta for eta in rates if abs(1 - 2.5 * eta) < 1 + 1e-12]
    return max(stable)


# %% [markdown]
# **Asked next**: *"And if you multiply the loss by ten?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Every gradient and the curvature grow tenfold, so the limit falls to a tenth. This is why a *sum* over rows
# needs another rate than a *mean*, and why changing the weight of one term in a loss can make a run that
# worked diverge.
# </details>

# %% [markdown]
# ## Exercise 2 · Where you start can decide
#
# *Difficulty 4 of 5 · 5 minutes · 3 points*
#
# For $f(w) = \tfrac{1}{4} w^4$ the gradient is $w^3$ and the curvature $3w^2$: zero at the minimum, and
# without bound far out. So no single $L$ holds everywhere, and whether η is too high depends on where you
# are. Below are five starts. With η = 0.5 and as many steps as you like, **from which starts does gradient
# descent converge to the minimum?**
#
# Return the set of letters, for instance `{"B", "D"}`.
#
# *Worked example*: from $w = 1$ the first step leads to $1 - 0.5 \cdot 1^3 = 0.5$, the second to
# $0.5 - 0.5 \cdot 0.5^3 \approx 0.44$.

# %% jupyter={"source_hidden": true}
# How the next figure is made
starts = {"A": 0.5, "B": 1.5, "C": 1.9, "D": 2.1, "E": 3.0}
ws = np.linspace(-3.1, 3.1, 300)
fig, ax = plt.subplots(figsize=(6.5, 4))
ax.plot(ws, ws**4 / 4, color=widgets.COLORS["blue"], lw=2.5)
for letter, start in starts.items():
    ax.plot(start, start**4 / 4, "o", color=widgets.COLORS["vermillion"], ms=9)
    ax.annotate(
        f"{letter}: w = {start:g}",
        (start, start**4 / 4),
        (-10, 8),
        textcoords="offset points",
        ha="right",
    )
ax.set(xlabel="parameter w", ylabel="loss f(w)", ylim=(-1.5, 24))
ax.set_title("Flat at the bottom, ever steeper outside: one η, five starts")
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="The curve w to the fourth over four, flat around zero and steep outside, with starts A at 0.5, B at 1.5, C at "
    "1.9, D at 2.1 and E at 3.",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "starts_that_converge",
    "By which factor does the first step multiply w, and does this factor depend on w?",
    "The lemma's bound is enough for descent but not needed. Look at the factor of a whole step instead of the curvature.",
    "One step is w − 0.5·w³ = (1 − 0.5·w²)·w. When is the factor between −1 and 1, and is it still so a step later?",
)


# %% nbgrader={"grade": false, "grade_id": "starts_that_converge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def starts_that_converge():
    """Name the starts from which gradient descent with η = 0.5 converges on w⁴/4.

    Returns
    -------
    set of str
        Letters from "A" to "E".
    """
    ### BEGIN SOLUTION
    return {"A", "B", "C"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "starts_that_converge_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("starts_that_converge")
with check("the answer is made of letters from A to E", points=0):
    checks.that(
        set("".join(starts_that_converge()).upper()) <= set("ABCDE ,;"),
        "Give a set of letters from A to E.",
    )
### BEGIN HIDDEN TESTS
with check("the starts that converge", points=3):
    checks.choices(
        starts_that_converge(),
        {"A", "B", "C"},
        {
            "incomplete": "Two reasonings stop too early. A rate above 2/curvature at the start breaks the lemma's "
            "guarantee, not the descent: work out the factor of the whole step. And to cross the minimum is not to "
            "diverge: compare the distances before and after.",
            "D": "From 2.1 the first step lands farther out on the other side, where it is steeper still. A convex "
            "loss has one minimum; that doesn't mean that every rate reaches it.",
            "E": "From 3 the first step lands at −10.5, the next one beyond 500. That the curve is smooth and convex "
            "doesn't help: its curvature has no bound.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "starts_that_converge", "name": "incomplete"}
def starts_that_converge():
    return {
        letter
        for letter, w in {"A": 0.5, "B": 1.5, "C": 1.9, "D": 2.1}.items()
        if 0.5 < 2 / (3 * w**2)
    }


# %% tags=["mistake"] mistake={"exercise": "starts_that_converge", "name": "E"}
def starts_that_converge():
    return {"A", "B", "C", "E"}


# %% tags=["mistake"] mistake={"exercise": "starts_that_converge", "name": "D"}
def starts_that_converge():
    return {"A", "B", "C", "D", "E"}


# %% tags=["alternative"] alternative={"exercise": "starts_that_converge", "name": "a list in lower case"}
def starts_that_converge():
    return ["c", "b", "a"]


# %% tags=["alternative"] alternative={"exercise": "starts_that_converge", "name": "by running it"}
def starts_that_converge():
    converged = set()
    for letter, w in {"A": 0.5, "B": 1.5, "C": 1.9, "D": 2.1, "E": 3.0}.items():
        for _ in range(200):
            w = w - 0.5 * w**3 if abs(w) < 1e3 else np.inf
        if abs(w) < 0.2:
            converged.add(letter)
    return converged


# %% [markdown]
# **Asked next**: *"What do people do about it in deep networks, where the curvature changes along the way?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# They warm up: a small rate while the weights are far from anywhere good and the surface is steep, then a
# larger one. They clip the gradient's norm, so that one step off a cliff has bounded length. They normalise
# and initialise so that the curvature is moderate to begin with. You write the first two in
# [2 · Build](2_build.ipynb).
# </details>

# %% [markdown]
# ## 3 · Two dimensions: the steep direction sets the rate, the flat one the wait
#
# Now the loss is a valley over two parameters: steep across, flat along. Drag the starting point, and watch
# the paths on the left and the loss against the step on the right. The largest curvature stays at $L = 2$, so
# $2/L$ is 1 throughout; the condition number κ flattens the valley's floor.
#
# **What to look for**, one control at a time, with *Reset* between:
#
# 1. *Condition number.* Show batch gradient descent alone and stretch the valley. Which part of the path
#    slows down?
# 2. *Learning rate.* Raise η towards 1 and past it. Along which direction does the path run away? Does SGD
#    with single rows hold out as long as batch gradient descent?
# 3. *Momentum and Nesterov.* At the η you started with, compare them with batch gradient descent. Then set
#    η = 0.9: one of the two diverges.
# 4. *Noise and batch size.* Show SGD and mini-batch at κ = 1. Move σ from 0 upwards. Do they come to rest?
#    Then enlarge the batch.
# 5. *RMSProp and Adam.* Where do they head in the first steps, compared with the steepest way down? And what
#    do they do at η = 1.1, where gradient descent diverges?

# %%
gd.explore()

# %% [markdown]
# **What it showed**
#
# 1. Across the valley the path is as quick as before. Along the floor it creeps, the more the longer the
#    valley.
# 2. It runs away across the valley, along the steep direction, however flat the floor is. SGD with single
#    rows diverges sooner: a single row's loss can be steeper than the mean over the rows.
# 3. Both are far ahead where the floor is flat. At η = 0.9 it is Nesterov that diverges: with β = 0.9 it
#    bears η up to $1.36/L$, and plain momentum up to $3.8/L$.
# 4. With σ = 0 every row agrees about the minimum, and even single rows lead there. With σ > 0 the path
#    jitters around the minimum for ever; a larger batch makes it quieter. Section 4 says by how much.
# 5. They start off along a diagonal: both coordinates move equally far, whatever their slopes. At η = 1.1
#    they overshoot wildly and don't run away, since no step is longer than a small multiple of η. Section 5
#    says why.
#
# ### Conditioning
#
# Along each axis of the valley, gradient descent is the one-dimensional story again, with that axis's
# curvature $\lambda_i$:
#
# $$ (w_t - w^\star)_i = (1 - \eta\lambda_i)^t\, (w_0 - w^\star)_i . $$
#
# In words: each direction has its own factor, and all share one η. The steepest direction, of curvature $L$,
# forbids any η above $2/L$; it is the one along which the path runs away. The flattest, of curvature $\mu$,
# then has a factor close to 1 and makes you wait. The best constant rate makes both equally fast:
#
# $$ \eta = \frac{2}{L + \mu} \qquad\Rightarrow\qquad \lVert w_t - w^\star\rVert \le \left(\frac{\kappa - 1}{\kappa + 1}\right)^{t} \lVert w_0 - w^\star\rVert,
# \qquad \kappa = \frac{L}{\mu} . $$
#
# In words: with the best rate, each step keeps the share $(\kappa-1)/(\kappa+1)$ of the distance. For κ = 1
# that is nothing: one step. For κ = 100 it is 98 %. The number of steps grows in proportion to κ.
#
# For least squares the Hessian is $\tfrac{2}{n} X^\top X$. A feature whose numbers are a hundred times larger
# has ten thousand times the curvature. **That is why features are scaled**: it changes κ and, as long as the
# loss has no penalty on the weights, leaves the predictions at the minimum as they were.

# %% [markdown]
# ## Exercise 3 · Read the condition number off the picture
#
# *Difficulty 2 of 5 · 4 minutes · 2 points*
#
# The figure shows one level line of a quadratic loss: all points with the same loss. Its axes lie along the
# parameters' axes. What is the condition number κ of this loss?
#
# Return one number. It is accepted within 5 %.
#
# *Worked example*: $f(w) = \tfrac{1}{2}(w_1^2 + 4 w_2^2)$ has the curvatures 1 and 4, so κ = 4.

# %% jupyter={"source_hidden": true}
# How the next figure is made
angle = np.linspace(0, 2 * np.pi, 300)
fig, ax = plt.subplots(figsize=(7.2, 3.2))
ax.plot(4 * np.cos(angle), 0.8 * np.sin(angle), color=widgets.COLORS["blue"], lw=2.5)
ax.plot(0, 0, "*", color=widgets.COLORS["black"], ms=12)
ax.annotate("minimum", (0, 0), (10, -4), textcoords="offset points")
ax.set(xlabel="parameter w₁", ylabel="parameter w₂", xlim=(-5, 5), ylim=(-1.6, 1.6), aspect="equal")
ax.set_xticks(range(-5, 6))
ax.set_yticks(np.arange(-1.6, 1.7, 0.8))
ax.grid(alpha=0.4)
ax.set_title("One level line of a quadratic loss")
widgets.show(
    fig,
    alt="An ellipse around the minimum at (0, 0). It crosses the first parameter's axis at −4 and 4 and the second "
    "parameter's axis at −0.8 and 0.8.",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "condition_number",
    "Is the loss steeper where the level line is close to the minimum, or where it is far?",
    "Write f = ½(λ₁w₁² + λ₂w₂²). The two points where the line crosses the axes have the same loss.",
    "λ₁·4² = λ₂·0.8², and κ is the larger λ over the smaller.",
)


# %% nbgrader={"grade": false, "grade_id": "condition_number", "locked": false, "schema_version": 3, "solution": true, "task": false}
def condition_number():
    """Give the condition number of the quadratic loss whose level line is drawn above.

    Returns
    -------
    float
        Largest over smallest curvature, at least 1.
    """
    ### BEGIN SOLUTION
    return 25.0
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "condition_number_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("condition_number")
with check("the answer is a number above zero", points=0):
    checks.that(checks.number(condition_number()) > 0, "A condition number is a number above zero.")
### BEGIN HIDDEN TESTS
with check("the condition number of the loss in the figure", points=2):
    checks.close(
        condition_number(),
        25.0,
        rtol=0.05,
        given="half-axes 4 and 0.8",
        mistakes=[
            checks.Mistake(
                "ratio of the axes",
                looks_like=5.0,
                says="This compares lengths. On a level line the curvature goes with one over the *squared* length of "
                "the half-axis, since the loss is quadratic.",
            ),
            checks.Mistake(
                "upside down",
                looks_like=0.04,
                says="This is the smallest over the largest curvature. The long axis is the flat one; κ is at least 1.",
            ),
            checks.Mistake(
                "square root of the ratio",
                looks_like=5.0**0.5,
                says="The ratio of the half-axes was put under a root. From length to curvature one squares.",
            ),
            checks.Mistake(
                "ratio of the axes, upside down",
                looks_like=0.2,
                says="This compares lengths, and the short one with the long one. Compare curvatures, largest first.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "condition_number", "name": "ratio of the axes"}
def condition_number():
    return 4 / 0.8


# %% tags=["mistake"] mistake={"exercise": "condition_number", "name": "upside down"}
def condition_number():
    return (0.8 / 4) ** 2


# %% tags=["mistake"] mistake={"exercise": "condition_number", "name": "square root of the ratio"}
def condition_number():
    return (4 / 0.8) ** 0.5


# %% tags=["alternative"] alternative={"exercise": "condition_number", "name": "from the half-axes"}
def condition_number():
    return (4 / 0.8) ** 2


# %% tags=["alternative"] alternative={"exercise": "condition_number", "name": "from the Hessian's eigenvalues"}
def condition_number():
    return np.linalg.cond(np.diag([1 / 4**2, 1 / 0.8**2]))


# %% [markdown]
# **Asked next**: *"Two uncorrelated features, centred; one has standard deviation 1, the other 30. What is κ
# of the least-squares loss? And after standardising?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The Hessian is diagonal with $2 \cdot 1^2$ and $2 \cdot 30^2$, so κ = 900. After standardising it is 1, and
# gradient descent with the best rate needs one step. Correlated features stay badly conditioned after
# standardising: scaling repairs unequal lengths, not directions that nearly coincide.
# </details>

# %% [markdown]
# ### Momentum: from κ to √κ
#
# Momentum keeps a running sum of past gradients, and steps along it:
#
# $$ v_{t+1} = \beta v_t + \nabla f(w_t), \qquad w_{t+1} = w_t - \eta\, v_{t+1} . $$
#
# In words: along the steep axis successive gradients point to and fro and cancel in the sum; along the flat
# axis they agree and add up, to at most $1/(1-\beta)$ times one gradient. So β = 0.9 is worth up to ten times
# the rate where the surface is flat. On a quadratic, with the best η and β, each step keeps about the share
#
# $$ \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1} \qquad\text{at}\qquad
# \beta = \left(\frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}\right)^2, \quad \eta = \left(\frac{2}{\sqrt L + \sqrt\mu}\right)^2 . $$
#
# In words: momentum puts the square root of κ where κ stood. A bowl of κ = 100 behaves as one of κ = 10. The
# proof is for quadratics; on other losses the constants differ and momentum can oscillate. *Nesterov's*
# variant takes the gradient at the point to which the velocity is about to carry you. That damps the
# oscillation, and with the right settings the square root is guaranteed on every smooth, strongly convex
# loss; in exchange it bears less η.
#
# The next figure counts steps, with each method at its own best settings.


# %% jupyter={"source_hidden": true}
# How the steps are counted
import torch

torch.set_num_threads(1)  # for tensors as small as these, more threads only get in each other's way


def count_steps(kappa, rate, momentum):
    """Count steps on ½(w₁² + κ·w₂²) until the distance to the minimum is a millionth."""
    curvature = torch.tensor([1.0, kappa], dtype=torch.float64)
    w = torch.ones(2, dtype=torch.float64)
    w.grad = torch.zeros_like(w)
    optimiser = torch.optim.SGD([w], lr=rate, momentum=momentum)
    for steps in range(100_000):
        if w.norm() <= 1e-6 * 2**0.5:
            return steps
        w.grad = curvature * w
        optimiser.step()
    return steps


kappas = np.array([3.0, 10.0, 30.0, 100.0, 300.0, 1000.0])
roots = np.sqrt(kappas)
plain = [count_steps(k, 2 / (1 + k), 0.0) for k in kappas]
heavy = [
    count_steps(k, 4 / (1 + r) ** 2, ((r - 1) / (r + 1)) ** 2)
    for k, r in zip(kappas, roots, strict=True)
]

fig, ax = plt.subplots(figsize=(6.5, 4.2))
ax.loglog(kappas, plain, "o-", color=widgets.COLORS["blue"], lw=2, label="gradient descent")
ax.loglog(kappas, heavy, "s-", color=widgets.COLORS["vermillion"], lw=2, label="momentum")
ax.annotate(
    "slope 1: ∝ κ",
    (100, plain[3]),
    (-74, 4),
    textcoords="offset points",
    color=widgets.COLORS["blue"],
)
ax.annotate(
    "slope ½: ∝ √κ",
    (100, heavy[3]),
    (6, -16),
    textcoords="offset points",
    color=widgets.COLORS["vermillion"],
)
ax.set(xlabel="condition number κ", ylabel="steps to a millionth of the distance")
ax.set_title("Each tenfold κ costs gradient descent 10×, momentum about 3×")
ax.grid(alpha=0.3)
ax.legend(frameon=False)
widgets.show(
    fig,
    alt="Steps against condition number on logarithmic axes. Gradient descent rises with slope one, from about 20 "
    "steps at κ = 3 to about 6,900 at κ = 1,000; momentum with slope one half, from about 14 to about 315.",
)

# %% [markdown]
# ## Exercise 4 · How much does momentum buy?
#
# *Difficulty 2 of 5 · 3 minutes · 2 points*
#
# The figure stops at κ = 1,000. Take a quadratic with **κ = 100,000**. At its best constant rate, gradient
# descent needs about 690,000 steps to bring the distance down to a millionth. About how many does momentum
# need, at its best settings?
#
# - **A**: about 350,000
# - **B**: about 69,000
# - **C**: about 3,500
# - **D**: about 35
#
# Return the letter.
#
# *Worked example*: gradient descent's line has slope 1. From κ = 1,000 to κ = 100,000 is a factor of 100, so
# its 6,900 steps become 690,000.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "momentum_steps",
    "How do you continue a straight line on logarithmic axes?",
    "Momentum's line has slope ½: a hundredfold κ multiplies the count by about ten.",
    "Start from momentum's point at κ = 1,000 and go up by a factor of √100.",
)


# %% nbgrader={"grade": false, "grade_id": "momentum_steps", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_steps():
    """Say how many steps momentum needs at κ = 100,000.

    Returns
    -------
    str
        One letter from "A" to "D".
    """
    ### BEGIN SOLUTION
    return "C"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "momentum_steps_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("momentum_steps")
with check("the answer is a letter from A to D", points=0):
    checks.that(
        momentum_steps().strip().upper() in ["A", "B", "C", "D"], "Give one letter from A to D."
    )
### BEGIN HIDDEN TESTS
with check("steps of momentum at κ = 100,000", points=2):
    checks.choice(
        momentum_steps(),
        "C",
        {
            "A": "Half of gradient descent's count: the root was read as a half. The square root of κ is not half of κ, "
            "and the gain grows with κ. Continue momentum's own line in the figure.",
            "B": "A tenth of gradient descent's count, as if β = 0.9 always bought a factor 1/(1 − β) = 10. The best β "
            "depends on κ, and here it is much closer to 1.",
            "D": "This treats the count as if conditioning hardly mattered any more. Momentum puts √κ in κ's place; "
            "it still grows. At κ = 1,000 the figure shows about 300 already.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "momentum_steps", "name": "A"}
def momentum_steps():
    return "A"


# %% tags=["mistake"] mistake={"exercise": "momentum_steps", "name": "B"}
def momentum_steps():
    return "B"


# %% tags=["mistake"] mistake={"exercise": "momentum_steps", "name": "D"}
def momentum_steps():
    return "D"


# %% tags=["alternative"] alternative={"exercise": "momentum_steps", "name": "lower case"}
def momentum_steps():
    return "c"


# %% tags=["alternative"] alternative={"exercise": "momentum_steps", "name": "with spaces"}
def momentum_steps():
    return " C "


# %% [markdown]
# **Asked next**: *"You add momentum 0.9 to a run and leave η as it was. What happens?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Where gradients agree, steps become up to ten times as long: momentum with rate η acts like plain steps with
# rate $\eta/(1-\beta)$. That speeds up a run whose η was small, and raises the noise floor of the next
# section by the same factor. On a quadratic the limit of stability itself moves up, from $2/L$ to
# $2(1+\beta)/L$, so a full-batch run that was stable stays stable, with more oscillation.
# </details>

# %% [markdown]
# ## 4 · Noise: the price of a cheap gradient
#
# On a data set, $f$ is a mean over $n$ rows, and so is its gradient. A full-batch step reads all of them. A
# **mini-batch** step reads $B$ rows drawn at random and takes their mean gradient, $g_B$, instead:
#
# $$ \mathbb{E}[g_B] = \nabla f(w), \qquad \operatorname{Var}[g_B] = \frac{V_1}{B} , $$
#
# where $V_1$ is the variance of a single row's gradient, summed over its coordinates. In words: the batch
# gradient is right on average, and its variance falls in proportion to one over the batch size. (Rows drawn
# without replacement make it a little smaller still, by the factor $(n-B)/(n-1)$.)
#
# Three names for one method: **batch** gradient descent has $B = n$, **stochastic** gradient descent in the
# narrow sense has $B = 1$, **mini-batch** is between. In practice people say SGD for any $B < n$. An
# **epoch** is one pass over the rows: $n/B$ steps.
#
# We measure the law instead of believing it: least squares with 2,000 rows and 5 features.

# %%
rng = np.random.default_rng(0)
n, d = 2000, 5
X = rng.normal(size=(n, d))
y = X @ np.array([1.0, -2.0, 0.5, 3.0, -1.0]) + 0.63 * rng.normal(size=n)
w_best = np.linalg.lstsq(X, y, rcond=None)[0]
X, y, w_best = torch.tensor(X), torch.tensor(y), torch.tensor(w_best)


def loss_of_row(w, x, target):
    return (x @ w - target) ** 2


gradient_of_row = torch.func.grad(loss_of_row)
row_gradients = torch.func.vmap(gradient_of_row, (None, 0, 0))(
    w_best, X, y
).numpy()  # (n, d), at the minimum


def variance_of_batches(batch_size, batches=2000):
    means = [row_gradients[rng.integers(n, size=batch_size)].mean(axis=0) for _ in range(batches)]
    return np.var(means, axis=0).sum()


sizes = 2 ** np.arange(0, 9)
measured = np.array([variance_of_batches(size) for size in sizes])
one_row = row_gradients.var(axis=0).sum()

fig, ax = plt.subplots(figsize=(6.5, 4.2))
ax.loglog(sizes, one_row / sizes, color=widgets.COLORS["black"], lw=1.2, ls="--", label="V₁ / B")
ax.loglog(
    sizes, measured, "o", color=widgets.COLORS["blue"], ms=8, label="measured, 2,000 batches each"
)
at_32 = measured[sizes == 32][0]
ax.annotate(
    f"B = 32: variance {at_32:.2f}",
    (32, at_32),
    (18, 26),
    textcoords="offset points",
    arrowprops={"arrowstyle": "->"},
)
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set(xlabel="batch size B (rows)", ylabel="variance of the batch gradient")
ax.set_title("Twice the batch, half the variance")
ax.grid(alpha=0.3)
ax.legend(frameon=False)
widgets.show(
    fig,
    alt="Variance of the mini-batch gradient against batch size on logarithmic axes. The measured points fall on the "
    "line V₁ over B; at B = 32 the variance is about 0.25.",
)

# %% [markdown]
# ## Exercise 5 · What a quieter gradient costs
#
# *Difficulty 2 of 5 · 3 minutes · 2 points*
#
# In the figure, the batch gradient at $B = 32$ has a variance of about 0.25. You want its **standard
# deviation** to be about 0.125. Which batch size do you need?
#
# Return one number. It is accepted within 10 %.
#
# *Worked example*: at $B = 64$ the variance is half of 0.25, which is 0.125, and the standard deviation
# $\sqrt{0.125} \approx 0.35$.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "batch_size_needed",
    "Which of variance and standard deviation does the figure show, and which does the question ask for?",
    "Turn the wish into a variance first; then by which factor must the variance fall?",
    "A standard deviation of 0.125 is a variance of 0.125², and B grows by the factor by which the variance falls.",
)


# %% nbgrader={"grade": false, "grade_id": "batch_size_needed", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_size_needed():
    """Give the batch size at which the gradient's standard deviation is 0.125.

    Returns
    -------
    int
        Rows in a batch.
    """
    ### BEGIN SOLUTION
    return 512
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "batch_size_needed_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("batch_size_needed")
with check("the answer is a number of rows", points=0):
    checks.that(checks.number(batch_size_needed()) >= 1, "A batch holds at least one row.")
### BEGIN HIDDEN TESTS
with check("the batch size for a standard deviation of 0.125", points=2):
    checks.close(
        float(batch_size_needed()),
        512.0,
        rtol=0.1,
        given="variance 0.25 at B = 32, standard deviation 0.125 wanted",
        mistakes=[
            checks.Mistake(
                "variance taken for the standard deviation",
                looks_like=64.0,
                says="0.25 is a variance and 0.125 a standard deviation: they can't be divided by each other. Bring "
                "both to the same scale first.",
            ),
            checks.Mistake(
                "spread falls like one over B",
                looks_like=128.0,
                says="A fourth of the spread was bought with four times the rows. The variance falls like 1/B; its "
                "root falls more slowly.",
            ),
            checks.Mistake(
                "squared once too often",
                looks_like=8192.0,
                says="The factor between the standard deviations is 4, and between the variances 16. Batch size goes "
                "with the variance; squaring again asks for far too many rows.",
            ),
            checks.Mistake(
                "smaller batch",
                looks_like=2.0,
                says="This batch is smaller than 32, so its gradient is noisier. The mean of more rows is quieter.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "batch_size_needed", "name": "variance taken for the standard deviation"}
def batch_size_needed():
    return 64


# %% tags=["mistake"] mistake={"exercise": "batch_size_needed", "name": "spread falls like one over B"}
def batch_size_needed():
    return 128


# %% tags=["mistake"] mistake={"exercise": "batch_size_needed", "name": "squared once too often"}
def batch_size_needed():
    return 8192


# %% tags=["mistake"] mistake={"exercise": "batch_size_needed", "name": "smaller batch"}
def batch_size_needed():
    return 2


# %% tags=["alternative"] alternative={"exercise": "batch_size_needed", "name": "from the law"}
def batch_size_needed():
    return 32 * 0.25 / 0.125**2


# %% tags=["alternative"] alternative={"exercise": "batch_size_needed", "name": "a NumPy integer"}
def batch_size_needed():
    return np.int64(32 * (np.sqrt(0.25) / 0.125) ** 2)


# %% [markdown]
# **Asked next**: *"So why doesn't everyone use the largest batch that fits?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Sixteen times the rows cut the standard deviation only to a quarter. Up to the point where the hardware is
# full a larger batch costs little time, and there it pays. Beyond, a step costs in proportion to $B$, while
# the standard deviation falls only with $1/\sqrt{B}$, and each epoch has fewer steps. Once the noise is small
# beside the gradient itself, more rows buy nothing.
# </details>
#
# ### The noise floor
#
# Predict before you read on.

# %% jupyter={"source_hidden": true}
widgets.predict(
    "Mini-batch SGD runs with a constant learning rate on the least squares above. After 500 steps the loss has "
    "stopped falling. You let it run ten times longer, at the same rate. What does the loss do?",
    [
        "It goes on to the minimum, slowly, since the noise averages out over many steps.",
        "It stays where it is, jittering in a band above the minimum however long it runs.",
        "It rises again, slowly, since the errors of the noisy steps add up over time.",
        "It reaches the minimum exactly, since the loss is convex and has only one.",
    ],
    answer=1,
    why=[
        "The mean of many iterates does come closer. The iterate itself gets a fresh kick at every step, so it never "
        "comes to rest.",
        "Near the minimum the true gradient shrinks to nothing, and the noise doesn't. Each step kicks w away, by an "
        "amount in proportion to η, and the slope pulls it back; the two balance in a band.",
        "The errors would add up on flat ground. Here the slope pulls back the more, the farther away they carry w.",
        "Convexity says that there is one minimum to find. It doesn't quieten the gradient, which stays noisy there.",
    ],
    id="gd_noise_floor",
)


# %% jupyter={"source_hidden": true}
# How the floor is measured
def run_sgd(rates, batch_size, steps, seed):
    """Run mini-batch SGD once for each rate, all on the same batches; give the losses above the minimum.

    A row's squared error is quadratic in w, so its gradient at any w is its gradient at the minimum plus
    its own curvature, 2 x xᵀ, times the distance from there.
    """
    rng = np.random.default_rng(seed)
    rates = np.array(rates)[:, None]
    away = np.full((len(rates), d), 0.5)  # w − w* of each run
    hessian = 2 * features.T @ features / n
    excess = np.empty((steps, len(rates)))
    for t in range(steps):
        rows = rng.integers(n, size=batch_size)
        curved = 2 * (away @ features[rows].T) @ features[rows] / batch_size
        away = away - rates * (row_gradients[rows].mean(axis=0) + curved)
        excess[t] = np.einsum("ri,ij,rj->r", away, hessian / 2, away)
    return excess


features = X.numpy()
rates = np.array([0.005, 0.01, 0.02, 0.04, 0.08])
fig, ax = plt.subplots(figsize=(6.5, 4.2))
for batch_size, color, mark in [(4, "vermillion", "s"), (32, "blue", "o")]:
    floors = run_sgd(rates, batch_size, 5000, seed=1)[1000:].mean(axis=0)
    ax.loglog(
        rates, floors, mark, color=widgets.COLORS[color], ms=8, label=f"measured, B = {batch_size}"
    )
    ax.loglog(rates, rates / 4 * one_row / batch_size, color=widgets.COLORS[color], lw=1.2, ls="--")
ax.plot([], [], color=widgets.COLORS["black"], lw=1.2, ls="--", label="η V₁ / (4 B)")
ax.set_xticks(rates, rates)
ax.minorticks_off()
ax.set(xlabel="learning rate η", ylabel="loss above the minimum, mean over steps")
ax.set_title("The loss stops at a floor in proportion to η, and to 1/B")
ax.grid(alpha=0.3)
ax.legend(frameon=False)
widgets.show(
    fig,
    alt="Noise floor against learning rate on logarithmic axes, for batches of 4 and 32 rows. Measured points lie on "
    "straight lines of slope one; the floor for 4 rows is eight times as high.",
)

# %% [markdown]
# **What it showed.** For a small constant rate, near a minimum,
#
# $$ \mathbb{E}\bigl[f(w_t)\bigr] - f^\star \;\longrightarrow\; \frac{\eta}{4}\cdot\frac{V_1}{B} . $$
#
# In words: SGD with a constant rate settles in a band whose height is in proportion to η and to the variance
# of the batch gradient. The points rise above the line where η is large and the batch small: the formula is
# the limit of small steps.
#
# That one line answers four interview questions.
#
# - *Why decay the learning rate?* A large η is fast at first and has a high floor; a small one is slow and
#   has a low floor. Decay has both: first travel, then settle. To reach the minimum itself, the rates must go
#   to zero, but so slowly that the steps can still cover any distance: $\sum_t \eta_t = \infty$ and
#   $\sum_t \eta_t^2 < \infty$. $\eta_t \propto 1/t$ is the textbook case. In practice: linear warm-up, then a
#   cosine or steps.
# - *Why does the loss drop suddenly when the rate is cut?* It was on the floor of the old rate, and falls to
#   the new.
# - *Batch size times eight, what about η?* Where the floor is what counts, times eight keeps it — the linear
#   scaling rule — as long as η stays below the limit of stability, which doesn't grow with $B$ in the same
#   way.
# - *When does none of this matter?* When every row can be fitted exactly: then all row gradients vanish at
#   the minimum, $V_1 = 0$, and constant-rate SGD converges. Very large networks come close to it.

# %% [markdown]
# ## Exercise 6 · Lower the floor
#
# *Difficulty 3 of 5 · 4 minutes · 3 points*
#
# The figure shows SGD with η = 0.1 and batches of 16 rows, on the same least squares. You need the plateau at
# **about an eighth** of where it is, or lower. Which of these changes, each made alone and with enough steps,
# bring it there?
#
# - **A**: η = 0.0125, batches of 16
# - **B**: η = 0.1, batches of 16, eight times as many epochs
# - **C**: η = 0.05, batches of 8
# - **D**: η = 0.1, batches of 128
# - **E**: η = 0.1, batches of 16, and momentum 0.9
# - **F**: η = 0.05, batches of 64
#
# Return the set of letters.
#
# *Worked example*: η = 0.05 with batches of 16 has half the rate and the same batch size, so half the floor:
# not low enough.

# %% jupyter={"source_hidden": true}
# How the next figure is made
excess = run_sgd([0.1], 16, 600, seed=3)[:, 0]
fig, ax = plt.subplots(figsize=(6.5, 4))
ax.semilogy(excess, color=widgets.COLORS["sky"], lw=1)
plateau = excess[100:].mean()
ax.axhline(
    plateau,
    color=widgets.COLORS["vermillion"],
    lw=2,
    ls="--",
    label=f"mean of the plateau: {plateau:.3f}",
)
ax.axhline(plateau / 8, color=widgets.COLORS["black"], lw=1.5, ls=":", label="an eighth of it")
ax.set(xlabel="step", ylabel="loss above the minimum")
ax.set_title("η = 0.1, B = 16: the loss falls fast, then jitters around a floor")
ax.legend(frameon=False)
widgets.show(
    fig,
    alt="Loss above the minimum against step on a logarithmic axis. It falls within about twenty steps and then "
    "jitters around a plateau; a dotted line marks an eighth of the plateau.",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "changes_that_lower_the_floor",
    "Which two quantities of the run does the floor's formula hold, and is time one of them?",
    "Work out η/B for each option, and ask what momentum does to the length of steps that agree.",
    "The floor goes with η/B. Momentum β acts like a rate of η/(1 − β).",
)


# %% nbgrader={"grade": false, "grade_id": "changes_that_lower_the_floor", "locked": false, "schema_version": 3, "solution": true, "task": false}
def changes_that_lower_the_floor():
    """Name the changes that bring the plateau to about an eighth or lower.

    Returns
    -------
    set of str
        Letters from "A" to "F".
    """
    ### BEGIN SOLUTION
    return {"A", "D", "F"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "changes_that_lower_the_floor_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("changes_that_lower_the_floor")
with check("the answer is made of letters from A to F", points=0):
    checks.that(
        set("".join(changes_that_lower_the_floor()).upper()) <= set("ABCDEF ,;"),
        "Give a set of letters from A to F.",
    )
### BEGIN HIDDEN TESTS
with check("the changes that bring the plateau to an eighth", points=3):
    checks.choices(
        changes_that_lower_the_floor(),
        {"A", "D", "F"},
        {
            "B": "Time is not in the formula. On the plateau the kicks of the noise and the pull of the slope balance, "
            "and they do so for ever at a constant rate.",
            "C": "Half the rate halves the floor, half the batch doubles it: together nothing changes.",
            "E": "Momentum averages gradients, and people expect it to average the noise away. But it lengthens the "
            "steps by as much: it acts like a rate ten times as high, and the floor rises.",
            "incomplete": "Rate and batch size count alike, and one can do without the other: the floor goes with "
            "η/B. Work out that ratio for the options that you left out.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "changes_that_lower_the_floor", "name": "B"}
def changes_that_lower_the_floor():
    return {"A", "B", "D", "F"}


# %% tags=["mistake"] mistake={"exercise": "changes_that_lower_the_floor", "name": "C"}
def changes_that_lower_the_floor():
    return {"A", "C", "D", "F"}


# %% tags=["mistake"] mistake={"exercise": "changes_that_lower_the_floor", "name": "E"}
def changes_that_lower_the_floor():
    return {"A", "D", "E", "F"}


# %% tags=["mistake"] mistake={"exercise": "changes_that_lower_the_floor", "name": "incomplete"}
def changes_that_lower_the_floor():
    return {"A", "F"}


# %% tags=["alternative"] alternative={"exercise": "changes_that_lower_the_floor", "name": "a tuple in lower case"}
def changes_that_lower_the_floor():
    return ("f", "a", "d")


# %% tags=["alternative"] alternative={"exercise": "changes_that_lower_the_floor", "name": "from the law"}
def changes_that_lower_the_floor():
    runs = {
        "A": (0.0125, 16),
        "B": (0.1, 16),
        "C": (0.05, 8),
        "D": (0.1, 128),
        "E": (1.0, 16),
        "F": (0.05, 64),
    }
    return {letter for letter, (eta, batch) in runs.items() if eta / batch <= 0.1 / 16 / 8 * 1.01}


# %% [markdown]
# **Asked next**: *"A, D and F — if they work — are they equally good?"* Work it out for those that you chose.
#
# <details><summary>Answer aloud, then open</summary>
#
# Not equally. A smaller rate needs no more work per step but more steps to travel. A larger batch needs as
# few steps as before, each of them dearer. On parallel hardware with room to spare the larger batch finishes
# first; on a laptop the smaller rate is as good. Best is neither: a high rate first, then decay.
# </details>

# %% [markdown]
# ## 5 · A rate for every coordinate: RMSProp and Adam
#
# If one η can't suit a steep and a flat axis, give each coordinate its own. RMSProp divides each coordinate's
# gradient by its recent size. Adam does so too, and takes a running mean of the gradient on top. With $g_t$
# for the gradient, all operations per coordinate:
#
# $$ m_t = \beta_1 m_{t-1} + (1-\beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2, $$
#
# $$ \hat m_t = \frac{m_t}{1-\beta_1^t}, \qquad \hat v_t = \frac{v_t}{1-\beta_2^t}, \qquad
# w_t = w_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon} . $$
#
# In words: $m$ is a running mean of gradients, $v$ of squared gradients. Both start at zero, so at first they
# are too small; dividing by $1-\beta^t$ mends exactly that — the *bias correction*. The step is mean over
# size. Where gradients agree, the ratio is near ±1, and the coordinate moves by about η; where they cancel,
# it hardly moves.
#
# So in Adam, η is roughly **the length of a step in each coordinate**, whatever the size of the gradient.
# Predict what follows from it.

# %% jupyter={"source_hidden": true}
widgets.predict(
    "You multiply the loss by 100 and leave η and everything else as it was. Think of each optimiser's path over the "
    "parameters. Which one takes (almost) the same path as before?",
    [
        "Gradient descent, since the minimum is where it was and so is every level line.",
        "Gradient descent with momentum, since the factor cancels in its running sum.",
        "Adam, since the factor cancels in the ratio of mean to size of the gradient.",
        "None of them, since every gradient is 100 times as large as it was before.",
    ],
    answer=2,
    why=[
        "The level lines keep their shape, but the slope across them is 100 times as steep, and so is the step.",
        "A sum of gradients that are 100 times as large is 100 times as large itself. Nothing divides it again.",
        "m grows 100-fold and so does the root of v; the ratio stays, as long as ε is small beside the root of v.",
        "The gradients are, but one of these methods divides by their size.",
    ],
    id="gd_loss_times_100",
)

# %% [markdown]
# Dividing coordinate by coordinate repairs bad scaling where the bowl's axes lie along the coordinates, as
# with features in different units. Where the bowl lies askew, as with correlated features, the steep and the
# flat direction are mixed in every coordinate, and it helps much less. (The valley in the widget is turned
# for this reason.)
#
# The next figure counts Adam's steps, with η = 0.05, on the bowl of section 3 and on the same bowl turned by
# 30°. Gradient descent doesn't see the difference: its steps turn with the bowl.


# %% jupyter={"source_hidden": true}
# How the steps are counted
def adam_steps(kappa, degrees, starts=100, limit=3000):
    """Count Adam's steps until the loss ½·wᵀHw stays below a millionth; the median over random starts."""
    a = np.radians(degrees)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    hessian = torch.tensor(turn @ np.diag([1.0, kappa]) @ turn.T)
    w = torch.randn(starts, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    w /= w.norm(dim=1, keepdim=True)
    optimiser = torch.optim.Adam([w], lr=0.05)
    arrived = torch.zeros(starts)
    for t in range(limit):
        w.grad = w @ hessian
        arrived[(w * w.grad).sum(dim=1) / 2 > 1e-6] = t + 1
        if t > arrived.max() + 300:  # nobody has been above a millionth for 300 steps
            break
        optimiser.step()
    return float(arrived.median())


fig, ax = plt.subplots(figsize=(6.5, 4.2))
askew = [adam_steps(kappa, 30) for kappa in kappas]
along = [adam_steps(kappa, 0) for kappa in kappas]
ax.semilogx(
    kappas, askew, "s--", color=widgets.COLORS["vermillion"], lw=2, label="bowl turned by 30°"
)
ax.semilogx(kappas, along, "o-", color=widgets.COLORS["blue"], lw=2, label="bowl along the axes")
ax.set(xlabel="condition number κ", ylabel="Adam's steps, median of 100 starts", ylim=(0, None))
ax.set_title("Along the axes κ hardly matters to Adam; askew it does")
ax.legend(frameon=False)
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Steps that Adam needs against condition number. With the bowl along the axes the count rises only from about "
    "120 at κ = 3 to about 180 at κ = 1,000; with the bowl turned by 30° it rises from about 120 to about 2,300.",
)

# %% [markdown]
# ## Exercise 7 · Adam's first step without the correction
#
# *Difficulty 3 of 5 · 4 minutes · 2 points*
#
# The figure shows $m_t$ and $v_t$ with the usual $\beta_1 = 0.9$ and $\beta_2 = 0.999$ while the gradient is
# 1 at every step. With bias correction, Adam's first step has length η = 0.001. Somebody **leaves the bias
# correction out** and divides $m_t$ by $\sqrt{v_t}$ as they are. How long is the first step then?
#
# - **A**: about 0.0001
# - **B**: about 0.001
# - **C**: about 0.003
# - **D**: about 0.1
#
# Return the letter. (ε is too small to matter.)
#
# *Worked example*: with the correction, $\hat m_1$ and $\hat v_1$ are both 1, and the first step has length
# $0.001 \cdot 1/\sqrt{1} = 0.001$.

# %% jupyter={"source_hidden": true}
# How the next figure is made
t = np.arange(1, 101)
fig, ax = plt.subplots(figsize=(6.5, 4))
ax.axhline(1, color=widgets.COLORS["black"], lw=1, ls=":", label="what both should be")
ax.semilogy(
    t, 1 - 0.9**t, "o-", ms=3, color=widgets.COLORS["blue"], label="$m_t$, mean of gradients"
)
ax.semilogy(
    t,
    1 - 0.999**t,
    "s-",
    ms=3,
    color=widgets.COLORS["vermillion"],
    label="$v_t$, mean of squared gradients",
)
ax.set(xlabel="step t", ylabel="running mean (gradient = 1)", ylim=(5e-4, 2))
ax.set_title("Both means start near zero, and the one of squares much nearer")
ax.legend(frameon=False, loc="lower right")
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Running means of a constant gradient of 1, on a logarithmic axis. The mean of gradients starts at 0.1 and is "
    "close to 1 after 30 steps; the mean of squared gradients starts at 0.001 and has reached about 0.1 at step 100.",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "adam_first_step",
    "What are m₁ and v₁ in the figure, when both should be 1?",
    "The step is η times m over the root of v. Each is too small; by which factor is each?",
    "m₁ = 0.1 and √v₁ = √0.001.",
)


# %% nbgrader={"grade": false, "grade_id": "adam_first_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam_first_step():
    """Say how long Adam's first step is without bias correction.

    Returns
    -------
    str
        One letter from "A" to "D".
    """
    ### BEGIN SOLUTION
    return "C"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "adam_first_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("adam_first_step")
with check("the answer is a letter from A to D", points=0):
    checks.that(
        adam_first_step().strip().upper() in ["A", "B", "C", "D"], "Give one letter from A to D."
    )
### BEGIN HIDDEN TESTS
with check("length of the first step without bias correction", points=2):
    checks.choice(
        adam_first_step(),
        "C",
        {
            "A": "Only m was counted: it starts at a tenth, so the step seems ten times too short. But the step divides "
            "by the root of v, which is too small as well.",
            "B": "As if the two biases cancelled. They would if m and √v were too small by the same factor; read both "
            "off the figure at t = 1.",
            "D": "m was divided by v. Adam divides by the *root* of v, so that numerator and denominator have the same "
            "unit and the gradient's scale cancels.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "adam_first_step", "name": "A"}
def adam_first_step():
    return "A"


# %% tags=["mistake"] mistake={"exercise": "adam_first_step", "name": "B"}
def adam_first_step():
    return "B"


# %% tags=["mistake"] mistake={"exercise": "adam_first_step", "name": "D"}
def adam_first_step():
    return "D"


# %% tags=["alternative"] alternative={"exercise": "adam_first_step", "name": "lower case"}
def adam_first_step():
    return "c"


# %% tags=["alternative"] alternative={"exercise": "adam_first_step", "name": "worked out"}
def adam_first_step():
    step = 0.001 * 0.1 / 0.001**0.5
    lengths = {"A": 0.0001, "B": 0.001, "C": 0.003, "D": 0.1}
    return min(lengths, key=lambda letter: abs(np.log(lengths[letter] / step)))


# %% [markdown]
# **Asked next**: *"Does it stop after the first step?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# No. The mean of gradients recovers within some tens of steps, the mean of squares takes about a thousand.
# Under a constant gradient the uncorrected step grows to 6.6 times η around step 12 and is still 1.3 times η
# at step 1,000. Large, badly directed steps at the start are what warm-up is there to prevent, so the
# correction also makes Adam less dependent on warm-up.
# </details>
#
# ### When Adam, when SGD
#
# Adam is a good first choice where gradients differ in size between coordinates or come rarely: embeddings,
# attention, sparse features. It needs less tuning of η, not none. SGD with momentum and a tuned schedule is
# as good or better on many convolutional networks, and keeps half the state in memory (one number per
# parameter besides the weight, where Adam keeps two). With weight decay use AdamW: in plain Adam an L2 term
# in the loss is divided by $\sqrt{v}$ like the rest of the gradient, so weights with large gradients are
# hardly decayed.

# %% [markdown]
# ## What to take along
#
# | you see | because | so you |
# |---|---|---|
# | loss grows, overshoots more each step | η above $2/L$ along the steepest direction | lower η; warm up; clip |
# | loss falls at once, then crawls, path zigzags | κ large: η held down by the steep, wait set by the flat direction | scale features; momentum; Adam |
# | loss falls, then jitters around a level | noise floor, in proportion to $\eta/B$ | decay η; larger batch |
# | loss falls smoothly, and slowly from the start | η far below $1/L$ | raise η, say by factors of 3, until it diverges |
#
# Next: [2 · Build](2_build.ipynb), where you write all of it, and draw your own optimiser on the surface you
# have explored here.

# %% tags=["on_open"]
learner.check_my_work()
