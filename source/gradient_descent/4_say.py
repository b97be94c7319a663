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
# # Gradient descent · 4 · Say
#
# You have seen it ([1 · See](1_see.ipynb)), built it ([2 · Build](2_build.ipynb)) and used it
# ([3 · Use](3_use.ipynb)). An interviewer sees none of that. They hear two minutes of you, and decide from
# those how deep to go. This notebook is about those two minutes: three questions that come up in nearly every
# loop, each with a weak answer to take apart, your own answer, a rubric, and follow-ups.

# %% tags=["on_open"]
import matplotlib.pyplot as plt
import numpy as np

from curriculum import checks, data, learner, widgets

learner.begin("gradient_descent", "4_say")

# %% [markdown]
# ## How to practise aloud
#
# Reading an answer and nodding feels like knowing it. It isn't. For each question:
#
# 1. **Say it before you read on.** Start a timer and a recording on your phone. Ninety seconds for the first
#    question, two minutes for the second, three for the third. Stop when the time is up, even in the middle
#    of a sentence.
# 2. **Listen to it once**, with the rubric open. Mark a band in each of its four rows. Count the sentences
#    that say *why*; a definition is not a why.
# 3. **Write the better version** in the answer cell, in words that you would say. About 150 words are a
#    minute.
# 4. **Say it again**, from no notes, and record that. Compare the two recordings, not your memory of them.
# 5. **Come back** in two days, and say it cold. What is gone then was never there.
#
# A shape that works for any "explain X": *what it is for* → *how it works, with the one formula* → *when it
# fails* → *what I would do about it*. Stop there, and let the interviewer choose where to dig.
#
# ## How answers are judged
#
# Each written answer is worth 8 points: four dimensions, two points each. A band means something that one can
# observe, and maps to points like this:
#
# | band | points in a dimension | means |
# |---|---|---|
# | **no** | 0 | wrong on something that matters, or absent |
# | **leaning no** | 0.5 | true as far as it goes; one would not build on it |
# | **leaning yes** | 1.5 | what the job needs; a gap or two that a follow-up closes |
# | **yes** | 2 | one learns something from it, or would hand it to a junior colleague |
#
# Sum of the four: below 1 is a **no** for the question, 1 to 3.5 a **leaning no**, 4 to 6.5 a **leaning
# yes**, 7 or more a **yes**. One rule overrides the sum: with *correctness and depth* at **no**, the question
# gets at most 3.5. A wrong answer that is well told is still wrong.

# %% [markdown]
# ## Question 1 · Explain gradient descent to me
#
# > **Interviewer**: "Explain gradient descent to me. I know calculus; assume that I have never trained a model."
# >
# > *Suggested time: 90 seconds, then three minutes of follow-ups.*
#
# **Say yours now**, with the recording on. Then read how one candidate put it.
#
# > **A candidate**: "Gradient descent is how you find the global minimum of your loss function. You compute the
# > gradient, and the gradient tells you which way is down, so you go a bit in the direction of the gradient.
# > How much is the learning rate. Too small is slow, too large and you overshoot the minimum, so you tune it,
# > say, 0.01 to start with. And you do that again and again until the loss is zero, then it has converged.
# > That's basically how all of deep learning works."
#
# ### Exercise 1 · What is wrong with it?
#
# *Difficulty 2 of 5 · 5 minutes · 3 points*
#
# Which of these objections hold against the answer?
#
# - **A**: It gets the sign wrong: the gradient points uphill, so one steps against it.
# - **B**: It should have started from the closed-form solution, which gradient descent approximates.
# - **C**: It promises the global minimum, which only some losses, such as convex ones, allow.
# - **D**: It never says what is being moved, nor gives the update; nobody could implement it from this.
# - **E**: It should have said that η must shrink to zero, or full-batch descent can't converge.
# - **F**: It should have required a convex loss: on any other, gradient descent must not be used.
# - **G**: Its stopping rule can't be met: the smallest loss is rarely zero, and nothing else is offered.
#
# Return the set of letters. One letter too many or too few earns 1 point of 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gaps_explain_gd",
    "For each objection ask two things: is it true of gradient descent, and is it true of this answer?",
    "Some objections ask for something that gradient descent may not need. Test them on a simple parabola.",
    "Recall the factor 1 − ηL at a constant η, and what the descent lemma assumes about the loss, and what not.",
)


# %% nbgrader={"grade": false, "grade_id": "gaps_explain_gd", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps_explain_gd():
    """Name the objections that hold against the candidate's answer.

    Returns
    -------
    set of str
        Letters from "A" to "G".
    """
    ### BEGIN SOLUTION
    return {"A", "C", "D", "G"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gaps_explain_gd_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gaps_explain_gd")
with check("the answer is made of letters from A to G", points=0):
    checks.that(
        set("".join(gaps_explain_gd()).upper()) <= set("ABCDEFG ,;"),
        "Give a set of letters from A to G.",
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=1):
    picked = set("".join(gaps_explain_gd()).upper()) & set("ABCDEFG")
    checks.that(len(picked ^ {"A", "C", "D", "G"}) <= 1, "More than one letter is off.")
with check("exactly the objections that hold", points=2):
    checks.choices(
        gaps_explain_gd(),
        {"A", "C", "D", "G"},
        {
            "B": "Gradient descent needs no closed form and approximates none; for most losses there isn't one. Naming "
            "it for least squares is a nice extra, its absence no fault.",
            "E": "With the full batch, a constant η below 2/L converges: the steps shrink because the gradient does. "
            "Decay is the cure for noise, which comes with mini-batches.",
            "F": "On a smooth loss of any shape, small enough steps go downhill; that is how networks are trained. "
            "Convexity decides what the point reached is worth, not whether one may step.",
            "incomplete": "Something false or missing was let pass. Read the candidate sentence by sentence and ask: is "
            "it true, is it always true, and could somebody write the code from it?",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gaps_explain_gd", "name": "B"}
def gaps_explain_gd():
    return {"A", "B", "C", "D", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_explain_gd", "name": "E"}
def gaps_explain_gd():
    return {"A", "C", "D", "E", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_explain_gd", "name": "F"}
def gaps_explain_gd():
    return {"A", "D", "F", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_explain_gd", "name": "incomplete"}
def gaps_explain_gd():
    return {"A", "C"}


# %% tags=["alternative"] alternative={"exercise": "gaps_explain_gd", "name": "a list in lower case"}
def gaps_explain_gd():
    return ["g", "d", "c", "a"]


# %% tags=["alternative"] alternative={"exercise": "gaps_explain_gd", "name": "one string"}
def gaps_explain_gd():
    return "A, C, D, G"


# %% [markdown]
# ### Your answer
#
# Mend it. Write what you would say, in 150 to 250 words (a minute and a half), as you would say it. Then
# record it once more.
#
# | | no | leaning no | leaning yes | yes |
# |---|---|---|---|---|
# | **correctness and depth** | wrong about the direction, about what is moved, or about what is reached | update right, but only as a recipe; "too large overshoots" is all there is about η | update with its reason (local linear picture); η tied to curvature; says what convergence means | besides, the limit 2/L and what sets the number of steps (κ), or an equally deep point of their own, correctly |
# | **structure** | starts in the middle; the listener can't tell what is being minimised over what | in order, without an aim or an end; details crowd out the idea | aim → step → rate → stopping → limits, each in a sentence or two | besides, tells what it leaves out, and ends with a door to go through ("I can go into noise or conditioning") |
# | **trade-offs** | none; "just use Adam" | names small versus large η | η, and full batch versus mini-batch, each with a cost on both sides | besides, says what they would try first and what they would look at to decide |
# | **communication** | jargon unexplained, or several minutes without a stop | followable with effort; symbols undefined | plain words, symbols said in words, within the time | besides, one picture or number that carries the idea; checks that the listener is with them |

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain_gd", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# Gradient descent finds parameters that make a loss small when we can compute the loss's slope and can't
# solve for the minimum directly. Say f(w) is a model's mean error on the training rows, as a function of its
# weights w. The gradient points in the direction in which f rises fastest, so we step the other way: new w
# equals w minus η times the gradient, where η is the learning rate. Then we look at the slope again, and
# repeat until it is nearly zero, or the error on held-out rows stops improving.
#
# Why does that work? Close by, a smooth function is nearly a plane. How close is a question of curvature: if
# it is at most L, any η below 2/L makes the loss fall at every step, and on a parabola a larger one lands
# farther out each time. With many parameters the steepest direction sets that limit, and the flattest one the
# wait. Their ratio, the condition number, tells how many steps it takes. That is why I scale features first,
# and why momentum helps.
#
# What it promises is modest: a point where the gradient vanishes. For a convex loss that is a global minimum;
# for a neural network it may be a saddle or a local minimum, and is mostly good enough.
#
# I left out one trade-off: on large data I'd estimate the gradient from a few rows. Steps get cheap and
# noisy, so η has to come down over time. Shall I go into that, or into choosing η?

# %%
learner.rate_yourself("explain_gd")

# %% [markdown] nbgrader={"grade": false, "grade_id": "explain_gd_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### After your answer
#
# Compare your two recordings row by row of the rubric. If one row is still at "leaning no", say only that
# part again.
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (explain_gd, 8 points)
#
# - *Note.* Two points a row: no 0, leaning no 0.5, leaning yes 1.5, yes 2. Correctness at "no" caps the sum
#   at 3.5. A wrong sign said once and used rightly in the formula is a slip; said twice it is a "no". "Until
#   the gradient is zero" is fine as an idea, and "until the loss is zero" is not.
# - *Ask*, if the answer leaves it open: "Too large compared with what?" It separates leaning no from leaning
#   yes faster than any other question.
# - *Don't deduct* for leaving out Adam, closed forms, or proofs.
#
# | level | a strong answer at this level |
# |---|---|
# | entry | the update with the right sign and what each symbol is; why minus; what happens for small and large η; a stopping rule that can be met |
# | mid | ties η to curvature; full batch versus mini-batch with cost and noise; scales features and can say why; looks at a loss curve to choose η |
# | senior | 2/L and κ without being asked, and what they mean in practice; keeps "the loss falls" apart from "the minimum is global"; chooses optimiser and schedule with reasons and names when they would change them |
# | staff | fits the depth to the listener; says which of these facts are about quadratics only and which carry over to deep networks; talks about budget: cost of a step against progress of a step, on hardware that the team has |
# ### END MARK SCHEME

# %% [markdown]
# ### Follow-ups, each harder
#
# **1.** *"When do you stop?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# For optimisation alone: when the gradient's norm, compared with its size at the start, is below a tolerance;
# or when the loss has improved by less than a tolerance over a window, not over one step, since a flat
# stretch isn't the minimum. For learning: when the loss on validation rows has not improved for a set number
# of epochs, keeping the best weights. Always: a cap on steps, and a check that the numbers are finite.
# </details>
#
# **2.** *"Why is minus the gradient the steepest way down? Steepest in what sense?"* You answer this one
# below.
#
# **3.** *"Your loss has a kink, such as |w|. What breaks, and what do you do?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# At the kink there is no gradient, and close to it the slope doesn't shrink: for |w| it is ±1 wherever you
# stand. So with a constant η the path jumps across the kink for ever, in a band as wide as η: no curvature
# bound L exists, hence no safe 2/L. Use a subgradient and let η decay; or smooth the kink (Huber); or, for
# L1, take the gradient step on the smooth part and then soft-threshold (the proximal step), which lands on
# exact zeros and keeps a constant η. ReLU networks have kinks too; in practice mini-batch noise and decay
# make them harmless.
# </details>
#
# ### Exercise 2 · Steepest in what sense?
#
# *Difficulty 3 of 5 · 5 minutes · 2 points*
#
# Answer follow-up 2 in two to five sentences, with the one inequality that it needs.

# %% [markdown] nbgrader={"grade": true, "grade_id": "steepest_descent", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# To first order, a step δ changes the loss by ∇f(w)·δ. Among all δ of the same Euclidean length r,
# Cauchy–Schwarz gives ∇f·δ ≥ −‖∇f‖·r, with equality exactly when δ points along −∇f. So minus the gradient is
# steepest *per unit of Euclidean length*. Measure length in another way and another direction is steepest: if
# no coordinate may move by more than r (the maximum norm) it is −sign(∇f), which is close to what Adam does;
# if length is measured by the Hessian it is Newton's step, −H⁻¹∇f. It also depends on the units of the
# parameters, which is one more reason to scale features.

# %% [markdown] nbgrader={"grade": false, "grade_id": "steepest_descent_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# *Graded by hand: 1 point for the argument, 1 point for the sense in which it holds.*
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (steepest_descent, 2 points)
#
# - 1 point: the first-order change is ∇f·δ, and the bound (Cauchy–Schwarz, or −‖∇f‖ cos θ) picks −∇f. Half a
#   point for "the gradient is the direction of steepest ascent" with no argument.
# - 1 point: "among steps of the same length", with length named as Euclidean. Half a point when the length is
#   fixed but the norm goes unnamed.
# - Beyond the points, as a sign of senior level: another norm gives another direction (sign descent, Newton).
# ### END MARK SCHEME

# %% [markdown]
# ## Question 2 · Gradient descent or SGD, and when?
#
# > **Interviewer**: "You know gradient descent and stochastic gradient descent. Which one do you use, and when?"
# >
# > *Suggested time: two minutes, then three minutes of follow-ups.*
#
# **Say yours now.** Then read:
#
# > **A candidate**: "Gradient descent uses the whole data set for each update, SGD uses only one example, or a batch. So
# > SGD is faster, that's why everybody uses it. It's noisier, but the noise averages out and in the end it
# > comes to rest at the same minimum, with the same learning rate. And the noise is good, because it gets you
# > out of local minima. For the batch size I'd take the largest that fits into memory, because then the
# > gradients are better."
#
# ### Exercise 3 · What is wrong with it?
#
# *Difficulty 3 of 5 · 5 minutes · 3 points*
#
# Which of these objections hold against the answer?
#
# - **A**: It should have said that a mini-batch gradient is biased, which is why SGD ends elsewhere.
# - **B**: "Faster" compares nothing: a step costs less and also achieves less, and it never sets one against
#   the other.
# - **C**: It says SGD comes to rest with the same η; at a constant η it hovers at a floor in proportion to η.
# - **D**: It should have said that SGD needs more memory, as it keeps the gradients of past batches.
# - **E**: It answers "which" and not "when": there is no case in which it would take the full batch.
# - **F**: It should have kept SGD for non-convex losses: on convex ones the full batch is always better.
# - **G**: For batch size it sees one side: a gradient's error falls like 1/√B, while its cost grows like B.
#
# Return the set of letters. One letter too many or too few earns 1 point of 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gaps_gd_or_sgd",
    "What is the expected value of a mini-batch gradient, and what is its variance?",
    "Some objections claim things about SGD itself: its mean, its memory, where it may be used. Check those first.",
    "Rows drawn uniformly give the full gradient on average. And think of logistic regression on a billion rows.",
)


# %% nbgrader={"grade": false, "grade_id": "gaps_gd_or_sgd", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps_gd_or_sgd():
    """Name the objections that hold against the candidate's answer.

    Returns
    -------
    set of str
        Letters from "A" to "G".
    """
    ### BEGIN SOLUTION
    return {"B", "C", "E", "G"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gaps_gd_or_sgd_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gaps_gd_or_sgd")
with check("the answer is made of letters from A to G", points=0):
    checks.that(
        set("".join(gaps_gd_or_sgd()).upper()) <= set("ABCDEFG ,;"),
        "Give a set of letters from A to G.",
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=1):
    picked = set("".join(gaps_gd_or_sgd()).upper()) & set("ABCDEFG")
    checks.that(len(picked ^ {"B", "C", "E", "G"}) <= 1, "More than one letter is off.")
with check("exactly the objections that hold", points=2):
    checks.choices(
        gaps_gd_or_sgd(),
        {"B", "C", "E", "G"},
        {
            "A": "Rows drawn uniformly give the full gradient on average: the estimate is unbiased. What keeps SGD off "
            "the minimum is its variance.",
            "D": "Plain SGD keeps nothing between steps, and a batch needs less memory than the full data. Momentum and "
            "Adam keep one or two running values per weight, never the gradients of batches.",
            "F": "On a large convex problem, such as logistic regression on many rows, SGD is at a useful accuracy "
            "before the full batch has made its first few steps. Convexity isn't what decides; rows and accuracy are.",
            "incomplete": "Something was let pass. Ask of every claim: compared with what, at which cost, and when not?",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gaps_gd_or_sgd", "name": "A"}
def gaps_gd_or_sgd():
    return {"A", "B", "C", "E", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_gd_or_sgd", "name": "D"}
def gaps_gd_or_sgd():
    return {"B", "C", "D", "E", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_gd_or_sgd", "name": "F"}
def gaps_gd_or_sgd():
    return {"B", "F", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_gd_or_sgd", "name": "incomplete"}
def gaps_gd_or_sgd():
    return {"B", "C", "E"}


# %% tags=["alternative"] alternative={"exercise": "gaps_gd_or_sgd", "name": "a list in lower case"}
def gaps_gd_or_sgd():
    return ["b", "c", "e", "g"]


# %% tags=["alternative"] alternative={"exercise": "gaps_gd_or_sgd", "name": "one string"}
def gaps_gd_or_sgd():
    return "BCEG"


# %% [markdown]
# ### Your answer
#
# Mend it: 200 to 300 words. An answer to "when" names a condition and a consequence: "if …, then …, because
# …".
#
# | | no | leaning no | leaning yes | yes |
# |---|---|---|---|---|
# | **correctness and depth** | wrong about the mean of the batch gradient, about where SGD ends up, or about where it may be used | "whole data against one example"; "faster but noisy", with no reason | unbiased, variance ∝ 1/B; noise floor and decay; cost per step against progress per step | besides, why that makes SGD win on many rows (cost independent of n) and lose at high accuracy; or the limits of large batches, rightly |
# | **structure** | a list of facts | difference first, then a preference; "when" is missing | difference → cost and noise → when each → batch size | besides, starts with the short answer and backs it up; conditions stated as if–then |
# | **trade-offs** | one side only | names speed against noise | noise against cost; small against large batch; constant η against decay | besides, ties them to a real setting (rows, hardware, accuracy needed), and says what would change their mind |
# | **communication** | "SGD", "mini-batch", "epoch" used as if the same | understandable; no numbers | terms kept apart; one worked number | besides, a number that surprises, or a picture; stops in time |

# %% [markdown] nbgrader={"grade": true, "grade_id": "gd_or_sgd", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# In short: mini-batches nearly always, the full batch when the data are small and I need an exact answer.
#
# Both take the same kind of step; they differ in how many rows estimate the gradient. A batch of B rows,
# drawn at random, gives the right gradient on average, with a variance in proportion to 1/B, at a cost in
# proportion to B. So four times the cost halves the error. With a million rows and batches of a hundred, I
# get ten thousand rough steps for the price of one exact step. Far from the minimum, rough is good enough,
# because the gradient is large beside its noise.
#
# Near the minimum that turns round. The gradient shrinks, the noise stays, and at a constant η SGD hovers at
# a level in proportion to η over B. So I decay η. Even so, full-batch descent gains a fixed number of digits
# per hundred steps, and SGD slows down with every digit. But test error rarely rewards digits beyond the
# sampling noise of the data.
#
# Hence: many rows, redundant data, a network: mini-batches, shuffled each epoch, η warmed up and decayed. A
# few thousand rows, a smooth convex loss, coefficients to report: the full batch, and then rather L-BFGS or
# Newton than plain descent.
#
# Batch size: large enough to keep the hardware busy, since up to there rows are nearly free. Beyond it, I
# raise η along with B, and stop when doubling B no longer cuts the steps by half. That noise finds flatter
# minima which generalise better is plausible and debated; I'd let validation decide rather than rely on it.

# %%
learner.rate_yourself("gd_or_sgd")

# %% [markdown] nbgrader={"grade": false, "grade_id": "gd_or_sgd_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### After your answer
#
# Listen for *if … then … because*. If your recording has fewer than two of those, say it again with two.
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (gd_or_sgd, 8 points)
#
# - *Note.* Points as for question 1, with the same cap. Using "SGD" for mini-batches is normal usage, no
#   error. "Noise helps to escape saddle points" is true, "out of local minima" is not reliable; neither is
#   worth more than half a band alone.
# - *Ask*, if the answer leaves it open: "At a constant learning rate, where does SGD end up?" and "When would
#   you not use it?"
# - *Accept* any sound account of why shuffling matters, of variance reduction (SVRG, SAGA), or of critical
#   batch size as depth.
#
# | level | a strong answer at this level |
# |---|---|
# | entry | keeps batch, mini-batch, stochastic, epoch apart; same direction on average, cheaper, noisier; decays η; shuffles |
# | mid | variance ∝ 1/B against cost ∝ B; noise floor; chooses B by hardware and η together with B; one case for the full batch |
# | senior | cost to a given accuracy, not cost per step; when L-BFGS or a closed form wins; linear scaling with its limits and warm-up; optimisation error against statistical error |
# | staff | the batch size as a decision about wall time, money and reproducibility over a cluster: critical batch size, data-parallel efficiency, what it does to the tuning of everything else, and how they'd measure it on a small run first |
# ### END MARK SCHEME

# %% [markdown]
# ### Follow-ups, each harder
#
# **1.** *"You double the batch size. What do you do with the learning rate?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Start from doubling it: the noise floor goes with $\eta/B$, so it stays, and an epoch's travel stays too,
# with half the steps. Warm it up, since $2/L$ has not moved and the larger η may be above it at the start. It
# stops working once the noise is no longer what limits η. For Adam, whose step is already divided by the
# gradient's size, $\sqrt 2$ is the usual first guess. Either is a starting point for a short sweep.
# </details>
#
# **2.** *"How would you compare the two fairly?"* You compute this one below.
#
# **3.** *"You go from 1 to 64 GPUs, each with the old batch size. Time per epoch falls 50-fold. After the
# same number of epochs the training loss is worse. Why, and what do you do?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The global batch is 64 times as large, so an epoch has a 64th of the steps. If η stayed the same, the run
# has travelled a fraction of the way: check loss against *steps*, not epochs. Raise η towards 64 times, with
# warm-up, until it stops being stable. If it still needs more epochs, the batch is beyond the critical size,
# where the noise is small beside the gradient and more rows buy nothing: use fewer GPUs for each run and more
# runs at once, or accept more epochs if wall time still wins. Also rule out plain faults: every worker
# reading the same shard, losses summed where they were averaged, batch-norm statistics over 64 local batches.
# </details>
#
# ### Exercise 4 · A fair comparison
#
# *Difficulty 2 of 5 · 5 minutes · 2 points*
#
# Steps of different cost can't be compared by counting them. Compare the work instead: the number of row
# gradients (one row, one gradient). Write how many times as much work full-batch descent does as SGD, for the
# same target loss.
#
# *Worked example*: 1,000 rows. Full batch: 50 steps. SGD with 10 rows in each batch: 500 steps. That is
# 50,000 against 5,000 row gradients, a ratio of 10.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "work_ratio",
    "How many row gradients does one step of each method take?",
    "Multiply steps by rows per step, for each method, before you divide.",
    "Full batch: n · gd_steps. SGD: batch_size · sgd_steps.",
)


# %% nbgrader={"grade": false, "grade_id": "work_ratio", "locked": false, "schema_version": 3, "solution": true, "task": false}
def work_ratio(n, gd_steps, batch_size, sgd_steps):
    """Compare the work of full-batch gradient descent with that of mini-batch SGD.

    Parameters
    ----------
    n : int
        Rows in the data set.
    gd_steps : int
        Steps that full-batch gradient descent takes to the target loss.
    batch_size : int
        Rows in each of SGD's batches, at most n.
    sgd_steps : int
        Steps that SGD takes to the same loss, at least 1.

    Returns
    -------
    float
        Row gradients of gradient descent divided by row gradients of SGD; above 1 when SGD does less.
    """
    ### BEGIN SOLUTION
    return (n * gd_steps) / (batch_size * sgd_steps)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "work_ratio_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("work_ratio")
with check("the worked example", points=0.5):
    checks.close(work_ratio(1000, 50, 10, 500), 10.0, given="n = 1000, 50 steps; B = 10, 500 steps")
### BEGIN HIDDEN TESTS
with check("other sizes", points=1.5):
    for n, gd_steps, batch_size, sgd_steps in [
        (1_000_000, 300, 200, 30_000),
        (500, 8, 100, 90),
        (7, 3, 2, 5),
    ]:
        checks.close(
            work_ratio(n, gd_steps, batch_size, sgd_steps),
            n * gd_steps / (batch_size * sgd_steps),
            given=f"n = {n}, {gd_steps} steps; B = {batch_size}, {sgd_steps} steps",
            mistakes=[
                checks.Mistake(
                    "steps against steps",
                    looks_like=gd_steps / sgd_steps,
                    says="Steps were compared. One full-batch step reads all rows, one of SGD's only a batch.",
                ),
                checks.Mistake(
                    "upside down",
                    looks_like=batch_size * sgd_steps / (n * gd_steps),
                    says="This is SGD's work over gradient descent's. The docstring asks for the other way round.",
                ),
                checks.Mistake(
                    "SGD as one row a step",
                    looks_like=n * gd_steps / sgd_steps,
                    says="SGD's steps were counted as if each read a single row. Each reads a batch.",
                ),
                checks.Mistake(
                    "rounded down",
                    looks_like=n * gd_steps // (batch_size * sgd_steps),
                    says="The result was cut to a whole number. In Python `//` rounds down; a ratio needs `/`.",
                ),
            ],
        )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "work_ratio", "name": "steps against steps"}
def work_ratio(n, gd_steps, batch_size, sgd_steps):
    return gd_steps / sgd_steps


# %% tags=["mistake"] mistake={"exercise": "work_ratio", "name": "upside down"}
def work_ratio(n, gd_steps, batch_size, sgd_steps):
    return batch_size * sgd_steps / (n * gd_steps)


# %% tags=["mistake"] mistake={"exercise": "work_ratio", "name": "SGD as one row a step"}
def work_ratio(n, gd_steps, batch_size, sgd_steps):
    return n * gd_steps / sgd_steps


# %% tags=["mistake"] mistake={"exercise": "work_ratio", "name": "rounded down"}
def work_ratio(n, gd_steps, batch_size, sgd_steps):
    return n * gd_steps // (batch_size * sgd_steps)


# %% tags=["alternative"] alternative={"exercise": "work_ratio", "name": "by way of epochs"}
def work_ratio(n, gd_steps, batch_size, sgd_steps):
    sgd_epochs = sgd_steps * batch_size / n
    return gd_steps / sgd_epochs


# %% tags=["alternative"] alternative={"exercise": "work_ratio", "name": "row gradients in NumPy"}
def work_ratio(n, gd_steps, batch_size, sgd_steps):
    rows = np.array([n, batch_size], dtype=float) * np.array([gd_steps, sgd_steps])
    return rows[0] / rows[1]


# %% [markdown]
# Work is not time, either: a GPU computes a batch of 256 in nearly the time of a batch of 1, so SGD with
# single rows wastes it. Say which of the two you are comparing, and on which hardware.

# %% [markdown]
# ## Question 3 · Why does it not converge here?
#
# > **Interviewer**: "A colleague fits a linear model by gradient descent, and the loss gets stuck. Here is the curve, and
# > what she has tried. What is going on, and what should she do?"
# >
# > *Suggested time: three minutes. You may ask for one more experiment.*
#
# The run below is real: 178 wines, their alcohol content to be told from twelve other measurements.

# %% jupyter={"source_hidden": true}
# The run, and how the figure is made
wine = data.wine()
features = [name for name in wine.columns if name not in ("alcohol", "cultivar")]
X = wine[features].to_numpy()
y = wine["alcohol"].to_numpy()
X, y = X - X.mean(axis=0), y - y.mean()  # centred, so no intercept is needed


def train(X, y, learning_rate, steps):
    """Run full-batch gradient descent from zero; give the mean squared error before each step."""
    import torch

    # For tensors as small as these, more threads only get in each other's way.
    torch.set_num_threads(1)
    X, y = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=X.dtype, requires_grad=True)
    optimiser = torch.optim.SGD([w], lr=learning_rate)
    losses = []
    for _ in range(steps):
        loss = ((X @ w - y) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return np.array(losses)


w_best = np.linalg.lstsq(X, y, rcond=None)[0]
lowest = np.mean((X @ w_best - y) ** 2)
runs = {
    "8e-6": train(X, y, 8e-6, 2001),
    "4e-6": train(X, y, 4e-6, 2001),
    "1.1e-5": train(X, y, 1.1e-5, 60),
}

fig, ax = plt.subplots(figsize=(7, 4.2))
for (rate, losses), color, style in zip(
    runs.items(), ["blue", "green", "vermillion"], ["-", "--", "-."], strict=True
):
    ax.plot(losses, style, color=widgets.COLORS[color], lw=2, label=f"η = {rate}")
ax.axhline(
    lowest, color=widgets.COLORS["black"], lw=1.2, ls=":", label="least squares on the same rows"
)
ax.set(
    xlabel="step", ylabel="training loss (mean squared error)", ylim=(0.2, 0.8), xlim=(-40, 2000)
)
ax.set_title("The loss falls at once, and then hardly moves")
ax.legend(frameon=False, loc="upper right")
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Training loss against step. With 8e-6 and with 4e-6 the loss falls within some ten steps from 0.66 to 0.38 and "
    "then drifts down to 0.36 and 0.37 at step 2,000, far above the least-squares loss of 0.27. With 1.1e-5 it leaves "
    "the picture upwards at once.",
)

# %% [markdown]
# **What she knows**
#
# | fact | value |
# |---|---|
# | model, loss | linear, mean squared error, all 178 rows in every step |
# | features | 12, centred, in the units of the laboratory; proline has standard deviation 314, hue 0.23, nonflavanoid phenols 0.12 |
# | η = 8e-6 | loss 0.655 at the start, 0.383 at step 50, 0.358 at step 2,000 |
# | η = 4e-6 | loss 0.370 at step 2,000, which the run with 8e-6 reached at step 1,000 |
# | η = 1.1e-5 | loss above a million at step 50 |
# | gradient norm with η = 8e-6 | 327 at the start, 1.17 at step 2,000 |
# | three random starts (standard deviation 0.01) | end between 0.35 and 0.37 at step 2,000 |
# | `numpy.linalg.lstsq` on the same rows | training loss 0.266 |
#
# **Say yours now.** Then read:
#
# > **A candidate**: "So the loss is flat, it's stuck, probably in a local minimum. I'd add some momentum to get it out of
# > there. It could also be the learning rate, I'd try smaller ones. Or the batches are noisy, so a larger
# > batch might help. Hm. If nothing helps, I think the linear model is just too simple for it, I'd use a
# > small neural network. Or Adam, Adam usually works."
#
# ### Exercise 5 · What do the facts say against it?
#
# *Difficulty 3 of 5 · 7 minutes · 3 points*
#
# Which of these objections are supported by the facts?
#
# - **A**: No local minimum: the loss of a linear model is convex, and other starts end at the same level.
# - **B**: It should lower η first: that 1.1e-5 diverges shows that 8e-6 is too high to make progress.
# - **C**: No noise from batches: every step uses all the rows, so a larger batch doesn't exist.
# - **D**: Not too simple a model: the same model, solved exactly, reaches 0.266 on these rows.
# - **E**: It should regularise: the gap between 0.36 and 0.27 on these rows is overfitting.
# - **F**: It takes flat for finished: the gradient isn't zero, and the loss still falls, slowly.
# - **G**: It should take mini-batches: only their noise gets a run off a plateau such as this.
#
# Return the set of letters. One letter too many or too few earns 1 point of 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gaps_no_convergence",
    "For each objection, which row of the table speaks for or against it?",
    "Compare the runs at 4e-6 and 8e-6. Which row would look different if η were too high, or the minimum reached?",
    "On which rows are the losses 0.36 and 0.27 measured, and at which step do the two rates reach the same loss?",
)


# %% nbgrader={"grade": false, "grade_id": "gaps_no_convergence", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps_no_convergence():
    """Name the objections that the facts support.

    Returns
    -------
    set of str
        Letters from "A" to "G".
    """
    ### BEGIN SOLUTION
    return {"A", "C", "D", "F"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gaps_no_convergence_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gaps_no_convergence")
with check("the answer is made of letters from A to G", points=0):
    checks.that(
        set("".join(gaps_no_convergence()).upper()) <= set("ABCDEFG ,;"),
        "Give a set of letters from A to G.",
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=1):
    picked = set("".join(gaps_no_convergence()).upper()) & set("ABCDEFG")
    checks.that(len(picked ^ {"A", "C", "D", "F"}) <= 1, "More than one letter is off.")
with check("exactly the objections that the facts support", points=2):
    checks.choices(
        gaps_no_convergence(),
        {"A", "C", "D", "F"},
        {
            "B": "At half the rate the run reaches the same loss in twice the steps: below the limit, lower is only "
            "slower. A diverging neighbour says where the limit is, not that one must stay far from it.",
            "E": "Both losses are on the training rows. Overfitting is a gap between training and other rows; here the "
            "training loss itself isn't as low as this model can make it.",
            "G": "The gradient isn't zero, so there is nothing to be shaken out of. Noise would add a floor on top of a "
            "slow direction, and leave the direction slow.",
            "incomplete": "Some of the candidate's guesses were let pass. Put each guess beside the table: the kind of "
            "model, the rows in a step, the exact solution, the norm of the gradient.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gaps_no_convergence", "name": "B"}
def gaps_no_convergence():
    return {"A", "B", "C", "D", "F"}


# %% tags=["mistake"] mistake={"exercise": "gaps_no_convergence", "name": "E"}
def gaps_no_convergence():
    return {"A", "C", "E", "F"}


# %% tags=["mistake"] mistake={"exercise": "gaps_no_convergence", "name": "G"}
def gaps_no_convergence():
    return {"A", "C", "D", "F", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_no_convergence", "name": "incomplete"}
def gaps_no_convergence():
    return {"A", "C", "D"}


# %% tags=["alternative"] alternative={"exercise": "gaps_no_convergence", "name": "a tuple in lower case"}
def gaps_no_convergence():
    return ("f", "d", "c", "a")


# %% tags=["alternative"] alternative={"exercise": "gaps_no_convergence", "name": "one string"}
def gaps_no_convergence():
    return "A C D F"


# %% [markdown]
# ### Your answer
#
# 200 to 300 words. A diagnosis has a shape of its own: *what the facts rule out* → *the explanation that fits
# all of them, with a number* → *the one experiment that would prove me wrong* → *the fix, and what I expect
# to see after it*.
#
# | | no | leaning no | leaning yes | yes |
# |---|---|---|---|---|
# | **correctness and depth** | an explanation that a fact in the table refutes | the right word as a guess, not tied to the facts | one cause that explains the fast fall, the creep and the divergence together | besides, checks it with a number worked out from the table, and says why neither a lower nor a higher η helps |
# | **structure** | a list of things to try | an explanation, then a list of things to try | rules out → explains → tests → fixes | besides, orders by cost and by what each result would tell; says what is still unknown |
# | **trade-offs** | "try everything" | one fix | at least two fixes weighed, with a reason for the first choice | besides, what the fix does to interpretation, to regularization, and to serving |
# | **communication** | changes direction every sentence | facts and guesses mixed | says which is fact, which is guess; refers to the table | besides, a colleague could act on it today |

# %% [markdown] nbgrader={"grade": true, "grade_id": "no_convergence", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# First, what it is not. A linear model with squared error is convex, so there is no local minimum, and the
# other starts agree. Every step uses all rows, so there is no sampling noise. Least squares gets 0.266 with
# the same model on the same rows, so the model is not too simple. And it hasn't converged: the gradient norm
# is 1.17, and the loss still falls.
#
# What fits everything is bad conditioning. The curvature along a feature is twice its variance. Proline has
# standard deviation 314, so its curvature is about 200,000, and η can't exceed 2 over that: 1.0e-5. That is
# just where her runs turn: 8e-6 descends, 1.1e-5 explodes. At that rate, proline is fitted in a few steps,
# which is the fast fall. Nonflavanoid phenols have standard deviation 0.12, a curvature near 0.03, and move
# by a few ten-millionths of their distance a step. That is the plateau. Half the rate takes twice the steps,
# as this story says.
#
# A test that could refute it: standardise the features and change nothing else but η, to about 0.1. If I'm
# right, the loss is near 0.27 within a hundred steps.
#
# The fix is the same: standardise, with means and scales from the training rows only, kept with the model for
# serving. Correlated features will remain, so I would still compute the condition number; momentum covers the
# rest. Adam would also work, because here the bad directions lie along the coordinates, but it would hide the
# cause, and an L2 penalty would still weigh the features by their units. With 178 rows I would in the end
# solve the least squares directly.

# %%
learner.rate_yourself("no_convergence")

# %% [markdown] nbgrader={"grade": false, "grade_id": "no_convergence_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### After your answer
#
# Go through your recording and write F beside each sentence that states a fact from the table, and G beside
# each guess. A strong diagnosis has its Fs first.
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (no_convergence, 8 points)
#
# - *Note.* Points as for question 1, with the same cap. The cause is unequal scales: κ of the Hessian is
#   about 12 million in laboratory units and 45 after standardising, where η = 0.2 comes within 1 % of the
#   least-squares loss in 12 steps. With Adam at η = 0.01, 2,000 steps reach the least-squares loss too, and
#   with momentum 0.9 the raw run gets to 0.29; so "Adam" or "momentum" isn't wrong, but without a cause it is
#   a guess (leaning no in correctness).
# - *Ask*: "Why does it diverge at 1.1e-5, of all numbers?" and "What would you see if you were wrong?"
# - *Accept* whitening, preconditioning, Newton, L-BFGS or a direct solver as a fix when the cause is named.
#
# | level | a strong answer at this level |
# |---|---|
# | entry | rules out local minimum and noise with the right facts; suspects scale because the units differ; standardises and expects faster descent |
# | mid | explains fast fall, creep and divergence with one cause; says that η is held down by proline; fits the scaler on training rows only |
# | senior | gets the limit near 1e-5 from the variance of proline; names κ and what remains after scaling (correlation); proposes an experiment that could refute the explanation; weighs Adam against scaling |
# | staff | besides, asks how this could happen unnoticed: a check of feature scales and gradient norms in the pipeline, scaler versioned with the model, a baseline by direct solver for every linear model |
# ### END MARK SCHEME

# %% [markdown]
# ### Follow-ups, each harder
#
# **1.** *"She standardises on all rows, before splitting off the test set. Is that a problem?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# For the optimiser no, for the evaluation yes: means and scales of the test rows have leaked into training.
# Here the effect is tiny; as a habit it isn't, since the same habit with feature selection or target encoding
# ruins an evaluation. Fit the scaler on the training rows, inside the cross-validation, and store it with the
# model.
# </details>
#
# **2.** *"How many steps would the run need, without scaling?"* You compute this one below.
#
# **3.** *"Adam reaches the least-squares loss on the unscaled features within 2,000 steps. Then why scale at
# all?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Adam divides each coordinate by the recent size of its gradient, which is much like scaling that feature. It
# works here because the bad directions lie along coordinates; correlated features it can't untangle. It
# leaves everything else that depends on units as it was: an L2 penalty hits features with small numbers
# hardest, because their weights are large; gradient clipping is ruled by one feature; and coefficients can't
# be compared. And at a constant η it needn't settle. Scaling removes the cause once, and every optimiser and
# penalty after it profits.
# </details>
#
# ### Exercise 6 · How many steps?
#
# *Difficulty 3 of 5 · 6 minutes · 2 points*
#
# Along a direction of curvature λ, each step multiplies the distance to the minimum by $1 - \eta\lambda$.
# Write how many steps it takes until that distance is at most 1/`shrink` of what it was.
#
# *Worked example*: η = 0.1, λ = 5 gives a factor of 0.5. To shrink the distance to a tenth takes 4 steps:
# 0.5, 0.25, 0.125, 0.0625.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "steps_needed",
    "After t steps the distance has been multiplied by which number?",
    "Solve |1 − ηλ|ᵗ ≤ 1/shrink for t: take logarithms, and mind that the logarithm of a number below 1 is negative.",
    "t ≥ ln(shrink) / −ln|1 − ηλ|, rounded up.",
)


# %% nbgrader={"grade": false, "grade_id": "steps_needed", "locked": false, "schema_version": 3, "solution": true, "task": false}
def steps_needed(learning_rate, curvature, shrink):
    """Count gradient descent's steps along one direction of a quadratic loss.

    Parameters
    ----------
    learning_rate, curvature : float
        η and λ, with 0 < ηλ < 2 and ηλ not 1. Between 1 and 2 the path crosses the minimum at each step.
    shrink : float
        How many times smaller the distance to the minimum shall be, above 1.

    Returns
    -------
    int
        The smallest whole number of steps after which the distance is at most 1/shrink of the start.
    """
    ### BEGIN SOLUTION
    factor = abs(1 - learning_rate * curvature)
    return int(np.ceil(np.log(shrink) / -np.log(factor)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "steps_needed_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("steps_needed")
with check("the worked example", points=0.5):
    checks.close(steps_needed(0.1, 5.0, 10.0), 4.0, given="η = 0.1, λ = 5, shrink = 10")
### BEGIN HIDDEN TESTS
with check("the run above, along its flattest direction", points=1):
    want = np.log(1000) / -np.log1p(-8e-6 * 0.01635)
    checks.close(
        float(steps_needed(8e-6, 0.01635, 1000.0)),
        want,
        rtol=1e-6,
        given="η = 8e-6, λ = 0.01635, shrink = 1000",
        mistakes=[
            checks.Mistake(
                "no logarithm",
                looks_like=1000 / (8e-6 * 0.01635),
                says="This grows in proportion to the shrinkage. The distance falls by a *factor* at each step, so the "
                "steps grow with its logarithm.",
            ),
            checks.Mistake(
                "two bases of logarithm",
                looks_like=np.log10(1000) / -np.log1p(-8e-6 * 0.01635),
                says="One logarithm is to base 10 and the other natural. Any base will do, but the same in both.",
            ),
            checks.Mistake(
                "a negative count",
                when=lambda: steps_needed(8e-6, 0.01635, 1000.0) < 0,
                says="The logarithm of a factor below 1 is negative; the sign was lost on the way.",
            ),
        ],
    )
with check("where the path crosses the minimum at each step", points=0.5):
    checks.close(
        steps_needed(0.3, 5.0, 100.0),
        7.0,
        given="η = 0.3, λ = 5, shrink = 100",
        mistakes=[
            checks.Mistake(
                "rounded down",
                looks_like=6.0,
                says="After that many steps the distance is still a little too large. Round up.",
            ),
            checks.Mistake(
                "logarithm of a negative factor",
                when=lambda: not np.isfinite(float(np.real(steps_needed(0.3, 5.0, 100.0)))),
                says="Above ηλ = 1 the factor is negative: the path changes sides. What shrinks is its size.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "steps_needed", "name": "no logarithm"}
def steps_needed(learning_rate, curvature, shrink):
    return shrink / (learning_rate * curvature)


# %% tags=["mistake"] mistake={"exercise": "steps_needed", "name": "two bases of logarithm"}
def steps_needed(learning_rate, curvature, shrink):
    return int(np.ceil(np.log10(shrink) / -np.log(abs(1 - learning_rate * curvature))))


# %% tags=["mistake"] mistake={"exercise": "steps_needed", "name": "a negative count"}
def steps_needed(learning_rate, curvature, shrink):
    return int(np.ceil(np.log(shrink) / np.log(abs(1 - learning_rate * curvature))))


# %% tags=["mistake"] mistake={"exercise": "steps_needed", "name": "rounded down"}
def steps_needed(learning_rate, curvature, shrink):
    return int(np.log(shrink) / -np.log(abs(1 - learning_rate * curvature)))


# %% tags=["mistake"] mistake={"exercise": "steps_needed", "name": "logarithm of a negative factor"}
def steps_needed(learning_rate, curvature, shrink):
    return np.ceil(np.log(shrink) / -np.log(1 - learning_rate * curvature))


# %% tags=["alternative"] alternative={"exercise": "steps_needed", "name": "logarithm to the factor's base"}
def steps_needed(learning_rate, curvature, shrink):
    import math

    return math.ceil(math.log(1 / shrink, abs(1 - learning_rate * curvature)))


# %% tags=["alternative"] alternative={"exercise": "steps_needed", "name": "base 2 and log1p"}
def steps_needed(learning_rate, curvature, shrink):
    product = learning_rate * curvature
    halvings = -np.log1p(-product) / np.log(2) if product < 1 else -np.log2(product - 1)
    return int(np.ceil(np.log2(shrink) / halvings))


# %% [markdown]
# ### What happened
#
# She standardised the features, set η to 0.2, and changed nothing else.

# %% jupyter={"source_hidden": true}
# How the next figure is made
scaled = train(X / X.std(axis=0), y, 0.2, 100)
fig, ax = plt.subplots(figsize=(7, 4))
ax.semilogx(
    np.arange(1, 2002),
    runs["8e-6"],
    color=widgets.COLORS["blue"],
    lw=2,
    label="laboratory units, η = 8e-6",
)
ax.semilogx(
    np.arange(1, 101),
    scaled,
    color=widgets.COLORS["vermillion"],
    lw=2,
    ls="--",
    label="standardised, η = 0.2",
)
ax.axhline(lowest, color=widgets.COLORS["black"], lw=1.2, ls=":", label="least squares")
ax.set(xlabel="step, counted from 1", ylabel="training loss (mean squared error)", ylim=(0.2, 0.7))
ax.set_title("With features on one scale, the same descent is done in 30 steps")
ax.legend(frameon=False, loc="upper right")
ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Training loss against step on a logarithmic axis. With standardised features it reaches the least-squares loss "
    "of 0.27 within about thirty steps; in laboratory units it stays at 0.38 and has come down to 0.36 at step 2,000.",
)

# %% [markdown]
# ## Glossary
#
# Cover the right-hand side and say it.
#
# | term | in a sentence |
# |---|---|
# | batch | the rows that one gradient is averaged over; full batch: all rows |
# | bias correction | Adam's division by 1 − βᵗ, which undoes the start of its averages at zero |
# | condition number κ | largest curvature over smallest; sets how many steps plain descent needs |
# | convex | a loss that lies on or below each of its chords; every minimum is then global |
# | curvature | how fast the slope changes along a direction; along an eigenvector of the Hessian, its eigenvalue |
# | divergence | the iterates run away: on a parabola, when η is above 2/L |
# | epoch | one pass over all training rows |
# | gradient clipping | shortening a gradient whose norm is above a limit, keeping its direction |
# | Hessian | the matrix of second derivatives of the loss |
# | learning rate η | what the gradient is multiplied by in a step |
# | learning-rate schedule | η as a function of the step, such as warm-up and then cosine |
# | mini-batch | a small random batch, drawn anew for each step |
# | momentum | a running sum of past gradients that is stepped along in place of the last one |
# | noise floor | the height above the minimum at which SGD with constant η stays, in proportion to η/B |
# | saddle | a point without slope that is a minimum along some directions and a maximum along others |
# | SGD | stochastic gradient descent: steps along gradients of mini-batches |

# %% [markdown]
# ## Cheat sheet
#
# One page for the evening before. Cover the right-hand sides and say them.
#
# **Formulas**
#
# | | formula | in words |
# |---|---|---|
# | step | $w \leftarrow w - \eta\nabla f(w)$ | against the gradient |
# | least squares | $\nabla_w = \tfrac{2}{n}X^\top(Xw + b - y)$, Hessian in $w$: $\tfrac{2}{n}X^\top X$ | features times residuals |
# | logistic loss | $\nabla_w = \tfrac{1}{n}X^\top(\sigma(Xw + b) - y)$ | features times (probability − label) |
# | one direction | distance $\times\,(1 - \eta\lambda)$ each step | stable below $\eta = 2/L$, at once for $1/\lambda$ |
# | descent lemma | $f(w - \eta\nabla f) \le f(w) - \eta(1 - \tfrac{\eta L}{2})\lVert\nabla f\rVert^2$ | falls by a share of the squared slope |
# | rate, best η = 2/(L+μ) | $\frac{\kappa - 1}{\kappa + 1}$ a step; about $\tfrac{\kappa}{2}\ln\tfrac{1}{\varepsilon}$ steps | κ sets the wait |
# | rate with momentum | $\frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}$; about $\tfrac{\sqrt\kappa}{2}\ln\tfrac{1}{\varepsilon}$ steps | √κ in its place |
# | batch gradient | unbiased, variance $V_1/B$ | four times the rows, half the error |
# | noise floor | $\frac{\eta}{4}\cdot\frac{V_1}{B}$ above the minimum | in proportion to η/B |
# | momentum | $v \leftarrow \beta v + g,\; w \leftarrow w - \eta v$ | up to $1/(1-\beta)$ times the rate |
# | Adam | $w \leftarrow w - \eta\,\hat m / (\sqrt{\hat v} + \epsilon)$, $\hat m = m/(1-\beta_1^t)$, $\hat v = v/(1-\beta_2^t)$ | mean over size, per coordinate |
# | clipping | $g \leftarrow g\cdot\min(1, c/\lVert g\rVert)$ | keeps the direction, bounds the length |
#
# **Defaults to start from**
#
# | | start with | in the library |
# |---|---|---|
# | features | standardised, statistics from training rows | `StandardScaler` in a `Pipeline` |
# | η | raise by factors of 3 until it diverges, take a third to a tenth of that | `torch.optim.SGD`: 1e-3; `Adam`, `AdamW`: 1e-3; `SGDRegressor`: `eta0=0.01`, falling like $t^{-0.25}$ |
# | momentum | 0.9, Nesterov optional | `momentum=0` in PyTorch: set it |
# | Adam | $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon$ = 1e-8 | PyTorch's defaults |
# | weight decay | with Adam: AdamW | `AdamW`: 0.01, `Adam` and `SGD`: 0 |
# | batch size | 32 to 512, up to what keeps the hardware busy | shuffle every epoch; `DataLoader` doesn't by default |
# | schedule | warm up over a few per cent of the steps, then cosine to near zero | |
# | clipping | global norm 1, for recurrent nets and transformers | after `backward()`, before `step()` |
#
# **Which, when**
#
# | situation | take | because |
# |---|---|---|
# | linear or logistic, thousands of rows | direct solver, Newton or L-BFGS | exact, nothing to tune |
# | many rows, any smooth loss | mini-batch SGD with momentum and decay | cost per step independent of n |
# | embeddings, attention, sparse or very unequal gradients | AdamW with warm-up | a step size for each coordinate |
# | convolutional network, long training, tuning affordable | SGD with momentum, tuned schedule | often at least as good on test rows, half the state |
# | L1 penalty | proximal step, coordinate descent | exact zeros; no gradient at the kink |
#
# **When it fails**
#
# | symptom | likely causes | look at | fix |
# |---|---|---|---|
# | loss grows to inf or NaN at once | η above 2/L; wrong sign; sum instead of mean | one step by hand; η/10; gradient against a numeric one | lower η; mean; mend the sign |
# | NaN after a long good stretch | one huge gradient; log of 0, exp overflow | gradient norm by step; the batch that did it | clip; stable formulas; warm-up |
# | falls fast, then creeps | κ large: unscaled or correlated features | feature scales; gradient norm still above zero | scale; momentum; Adam; direct solver |
# | falls, then jitters at a level | noise floor, in proportion to η/B | does η/10 lower the level? | decay; larger batch |
# | smooth and slow from the start | η too small; gradient scaled down by mistake | η times 10 | raise η; learning-rate finder |
# | flat from the first step | zero gradient: dead or saturated units, frozen or detached weights, optimiser holds other parameters | gradient norm of each layer; did the weights change? | initialise; unfreeze; pass the right parameters |
# | swings up and down, or gets worse over time | gradients pile up: `zero_grad` forgotten | gradient norm grows with the step | `optimizer.zero_grad()` in every step |
# | training loss falls, validation is chance | labels shuffled against rows, which a large network memorises; a bug in evaluation | overfit ten rows; read ten pairs by eye | mend the data |
# | training falls, validation turns up | overfitting: no fault of the optimiser | the gap | stop early; regularise; more data |
#
# **First five minutes on any run that does not train**: overfit ten rows · check the gradient numerically ·
# print the loss before training and compare it with what guessing gives (ln 2 for two balanced classes) ·
# plot loss and gradient norm by step · try η times 10 and by 10.
#
# The topic, from the top: [1 · See](1_see.ipynb) · [2 · Build](2_build.ipynb) · [3 · Use](3_use.ipynb)

# %% tags=["on_open"]
learner.check_my_work()
