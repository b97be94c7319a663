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
# # Recommenders · 4 · Say
#
# You have seen recommenders ([1 · See](1_see.ipynb)), built them ([2 · Build](2_build.ipynb)) and run one end to end
# ([3 · Use](3_use.ipynb)). A design round asks for none of that code. It gives you 35 minutes, a whiteboard and one vague
# sentence, and watches what you do with the vagueness. This notebook is one such round, from the first question to the
# last follow-up.

# %% tags=["on_open"]
import math

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats

from curriculum import checks, learner, widgets

learner.begin("recommenders", "4_say")

# %% [markdown]
# ## How to practise a design round
#
# 1. **Set a timer for 35 minutes** and record yourself. Draw on paper. Talk all the time, as if somebody sat there.
# 2. **Keep to the clock below.** Most candidates who fail run out of time in the model and never reach evaluation.
# 3. **Listen to it once** with the rubric open, and mark a band in each row.
# 4. **Write the better version** in the answer cell, and do the round again in a week with another product: a shop, a
#    news feed, a job board. The skeleton stays, the answers change.
#
# | minutes | part | what you leave on the board |
# |---|---|---|
# | 0–5 | clarify | the goal, the surface, the numbers, what is logged |
# | 5–8 | frame | what one example is, what its label is, which metric decides |
# | 8–12 | data | events, features, where each is fresh to the minute and where to the day |
# | 12–22 | model | candidates → ranking → re-ranking, a baseline first |
# | 22–26 | serving | the path of a request with milliseconds; what happens when a part is down |
# | 26–31 | evaluation | offline by time, online with a control group, guardrails, monitoring |
# | 31–35 | what goes wrong | cold start, feedback loops, ten times the traffic |
#
# ## How the answer is judged
#
# Eight rows, two points each:
#
# | band | points in a row | means |
# |---|---|---|
# | **no** | 0 | absent, or wrong on something that matters |
# | **leaning no** | 0.5 | named, with nothing that this product needs |
# | **leaning yes** | 1.5 | what the job needs; a gap or two that a follow-up closes |
# | **yes** | 2 | a decision with its reason and its cost, fitted to this product |
#
# Of 16 points, below 4 is a **no**, up to 8.5 a **leaning no**, up to 12.5 a **leaning yes**, above that a **yes**. One rule
# overrides the sum: a design with no evaluation (row 6 at **no**) gets at most 8.5. Nobody can run what nobody can judge.

# %% [markdown]
# ## The question
#
# > **Interviewer**: "Design the recommendations for a video streaming service."
# >
# > *35 minutes. The interviewer answers what you ask, and volunteers nothing.*
#
# ## 1 · Clarify
#
# The sentence leaves out everything that decides the design. You have five minutes. A question is worth asking if its
# answer would change what you draw.
#
# ### Exercise 1 · Which questions first?
#
# *Difficulty 1 of 5 · 4 minutes · 2 points*
#
# Which of these belong in the first five minutes?
#
# - **A**: "What should get better when this works: hours watched, members who stay, or something else? Over which period?"
# - **B**: "How many members and titles are there, and how many requests a second at the peak?"
# - **C**: "How many dimensions should the embeddings have?"
# - **D**: "Where is the list shown, how many rows and titles are visible, and how long may it take?"
# - **E**: "What is logged? Plays only, or also what was shown and not played?"
# - **F**: "Do you use PyTorch or TensorFlow?"
# - **G**: "How many members and titles are new each week?"
#
# Return the set of letters. One letter too many or too few earns 0.5 points of 2.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "first_questions",
    "For each question, imagine two opposite answers. Would you draw two different pictures?",
    "Some of them can be settled later by an experiment, or don't matter to the design at all.",
    "Two of the seven are about how you would build it, and not about what is needed.",
)


# %% nbgrader={"grade": false, "grade_id": "first_questions", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_questions():
    """Name the questions whose answers change the design.

    Returns
    -------
    set of str
        Letters from "A" to "G".
    """
    ### BEGIN SOLUTION
    return {"A", "B", "D", "E", "G"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "first_questions_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check = checks.start("first_questions")
with check("the answer is made of letters from A to G", points=0):
    checks.that(
        set("".join(first_questions()).upper()) <= set("ABCDEFG ,;"),
        "Give a set of letters from A to G.",
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=0.5):
    picked = set("".join(first_questions()).upper()) & set("ABCDEFG")
    checks.that(len(picked ^ {"A", "B", "D", "E", "G"}) <= 1, "More than one letter is off.")
with check("exactly the questions that change the design", points=1.5):
    checks.choices(
        first_questions(),
        {"A", "B", "D", "E", "G"},
        {
            "C": "The number of dimensions is found by validation, in an afternoon, after the design stands. Asking it in "
            "the first minutes tells the interviewer that you start from the model.",
            "F": "The library changes no box and no arrow of the design.",
            "incomplete": "A question was left out whose two possible answers lead to two different designs. Ask of each: "
            "what would I draw if the answer were the opposite?",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "first_questions", "name": "C"}
def first_questions():
    return {"A", "B", "C", "D", "E", "G"}


# %% tags=["mistake"] mistake={"exercise": "first_questions", "name": "F"}
def first_questions():
    return {"A", "B", "D", "E", "F", "G"}


# %% tags=["mistake"] mistake={"exercise": "first_questions", "name": "incomplete"}
def first_questions():
    return {"A", "B"}


# %% tags=["alternative"] alternative={"exercise": "first_questions", "name": "a list in lower case"}
def first_questions():
    return ["a", "b", "d", "e", "g"]


# %% tags=["alternative"] alternative={"exercise": "first_questions", "name": "one string"}
def first_questions():
    return "A, B, D, E, G"


# %% [markdown]
# Take these answers for the rest of the round. They are the interviewer's; write them down, since every later decision
# leans on one of them.
#
# | asked | answered |
# |---|---|
# | goal | members who are still there in three months; in an experiment of four weeks, days with at least 20 minutes watched |
# | size | 50 million members, 15,000 titles, 20,000 home pages a second at the peak |
# | surface | the home page: 40 rows, 6 titles visible in each; 200 ms for all of it, of which 100 ms are yours |
# | logged | what was shown, where, what was played, for how long, and when |
# | new | 500,000 members and 50 titles a week |
# | limits | children's profiles, rights by country, no use of messages or location |
#
# ## 2 · A design to take apart
#
# > **A candidate**: "I'd build a matrix of members and titles, one if they watched it, zero if they didn't, and train neural
# > collaborative filtering on it, because it beats matrix factorisation. I hold out 20 % of the entries at random and
# > measure RMSE. When somebody opens the app, the network scores all 15,000 titles for them and we show the best ones. We
# > train again every night. New members get the most popular titles of their country until we know them. Then we switch it
# > on and see whether hours watched go up."
#
# ### Exercise 2 · What is wrong with it?
#
# *Difficulty 3 of 5 · 6 minutes · 3 points*
#
# Which of these objections hold against the design?
#
# - **A**: Held out at random, the rows that are trained on lie partly after those that are tested: the score is measured with
#   the future known. It should be split by time.
# - **B**: Zeros mix "was shown and left" with "was never shown", so what the old system hid counts as disliked.
# - **C**: It has no star ratings. Without them there is nothing to learn preferences from.
# - **D**: RMSE on ones and zeros doesn't measure what the page needs, which is the order of the few titles at the top.
# - **E**: Training every night is too slow. A recommender has to be trained after every play.
# - **F**: The costly model scores every title for every request. A cheap stage should first choose some hundreds.
# - **G**: It is switched on for everybody, so nothing tells its effect from that of a season or of a new hit.
# - **H**: Popular titles are no answer for new members. The model has to be able to score them from the first second.
#
# Return the set of letters. One letter too many or too few earns 1 point of 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gaps_streaming_design",
    "Go through the design sentence by sentence. What would you see on a dashboard if this sentence were a mistake?",
    "Three objections ask for more than is needed: each has a simple remedy that many services live with.",
    "Multiply: 20,000 requests a second times 15,000 titles. And ask what a zero in the matrix can mean.",
)


# %% nbgrader={"grade": false, "grade_id": "gaps_streaming_design", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps_streaming_design():
    """Name the objections that hold against the candidate's design.

    Returns
    -------
    set of str
        Letters from "A" to "H".
    """
    ### BEGIN SOLUTION
    return {"A", "B", "D", "F", "G"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gaps_streaming_design_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gaps_streaming_design")
with check("the answer is made of letters from A to H", points=0):
    checks.that(
        set("".join(gaps_streaming_design()).upper()) <= set("ABCDEFGH ,;"),
        "Give a set of letters from A to H.",
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=1):
    picked = set("".join(gaps_streaming_design()).upper()) & set("ABCDEFGH")
    checks.that(len(picked ^ {"A", "B", "D", "F", "G"}) <= 1, "More than one letter is off.")
with check("exactly the objections that hold", points=2):
    checks.choices(
        gaps_streaming_design(),
        {"A", "B", "D", "F", "G"},
        {
            "C": "Plays, and how long they lasted, are plentiful and say what people do rather than what they say. Most "
            "services learn from them alone. What is needed is to read them well, not to have stars.",
            "E": "Titles and tastes change slowly. Nightly training with features that are fresh at request time (what was "
            "played today) is a sound design; training after every play buys little and costs stability.",
            "H": "Popular titles of the country are a sound first answer and a fallback that always works. The next step is to "
            "ask for three favourites, or to use context such as the device and the hour.",
            "incomplete": "A fault was let pass. Ask of each sentence: what data does this need, what does it cost a request, "
            "and how would one notice that it is wrong?",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gaps_streaming_design", "name": "C"}
def gaps_streaming_design():
    return {"A", "B", "C", "D", "F", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_streaming_design", "name": "E"}
def gaps_streaming_design():
    return {"A", "B", "D", "E", "F", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_streaming_design", "name": "H"}
def gaps_streaming_design():
    return {"A", "B", "D", "F", "G", "H"}


# %% tags=["mistake"] mistake={"exercise": "gaps_streaming_design", "name": "incomplete"}
def gaps_streaming_design():
    return {"A", "D"}


# %% tags=["alternative"] alternative={"exercise": "gaps_streaming_design", "name": "a list in lower case"}
def gaps_streaming_design():
    return ["a", "b", "d", "f", "g"]


# %% tags=["alternative"] alternative={"exercise": "gaps_streaming_design", "name": "one string"}
def gaps_streaming_design():
    return "ABDFG"


# %% [markdown]
# ## 3 · The sum behind the funnel
#
# "Candidates, then ranking" is on every whiteboard. What tells applicants apart is whether they can say *why*, in one sum.
# A ranking model with a few hundred features takes some microseconds to score a title. Whether that is little or much
# depends on how many titles each request asks it about.
#
# ### Exercise 3 · How many cores does the ranker need?
#
# *Difficulty 2 of 5 · 6 minutes · 3 points*
#
# Work out how many cores the ranker needs at the peak. Cores can't be kept busy all the time: at full load, queues grow
# without bound. So plan for a share of their time, the **utilisation**.
#
# *Worked example*: 1,000 requests a second, 100 candidates each, 20 µs a score: 1,000 × 100 × 20 µs = 2 seconds of work in
# every second. At a utilisation of 0.6 that takes 2 / 0.6 = 3.33 cores, so 4.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "cores_needed",
    "How many seconds of computing does one second of traffic bring?",
    "Seconds of work per second is the number of cores at full load. Then leave room, then round to whole cores.",
    "requests × candidates × microseconds / 1,000,000, divided by the utilisation, rounded up.",
)


# %% nbgrader={"grade": false, "grade_id": "cores_needed", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cores_needed(requests_per_second, candidates, microseconds_per_score, utilisation=0.6):
    """Give the number of cores that score the candidates of every request.

    Parameters
    ----------
    requests_per_second : float
        At the peak.
    candidates : int
        Titles that the ranker scores for each request.
    microseconds_per_score : float
        Time that one core takes to score one title, in microseconds.
    utilisation : float
        Share of its time that a core may be busy, above 0 and at most 1.

    Returns
    -------
    int
        Whole cores, rounded up.
    """
    ### BEGIN SOLUTION
    work = requests_per_second * candidates * microseconds_per_score / 1_000_000
    return math.ceil(work / utilisation)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "cores_needed_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("cores_needed")
with check("the worked example", points=0.5):
    checks.close(
        cores_needed(1000, 100, 20, 0.6),
        4,
        given="1,000 requests a second, 100 candidates, 20 µs, utilisation 0.6",
    )
### BEGIN HIDDEN TESTS
with check("other loads", points=2):
    for requests, candidates, micro, share in [
        (20_000, 500, 5, 0.7),
        (20_000, 15_000, 5, 0.7),
        (700, 64, 12.5, 0.45),
        (150, 30, 7, 0.9),
    ]:
        busy = requests * candidates * micro / 1e6
        checks.close(
            cores_needed(requests, candidates, micro, share),
            -(-busy // share),
            given=f"{requests:,} requests a second, {candidates:,} candidates, {micro} µs, utilisation {share}",
            mistakes=[
                checks.Mistake(
                    "no room left",
                    looks_like=math.ceil(busy),
                    says="This many cores would be busy all the time. At full load every delay is passed on to the next "
                    "request and queues grow; divide by the utilisation.",
                ),
                checks.Mistake(
                    "room on the wrong side",
                    looks_like=math.ceil(busy * share),
                    says="The work was multiplied by the utilisation, which gives fewer cores the more room is wanted.",
                ),
                checks.Mistake(
                    "rounded down",
                    looks_like=busy // share,
                    says="The number was rounded down, so at the peak there is more work than there are cores.",
                ),
                checks.Mistake(
                    "milliseconds",
                    looks_like=math.ceil(busy * 1000 / share),
                    says="A thousand times too many: microseconds were taken for milliseconds.",
                ),
            ],
        )
with check("0.6 where nothing is said of utilisation", points=0.5):
    checks.close(
        cores_needed(20_000, 400, 5),
        67,
        given="20,000 requests, 400 candidates, 5 µs, no utilisation",
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "cores_needed", "name": "no room left"}
def cores_needed(requests_per_second, candidates, microseconds_per_score, utilisation=0.6):
    return math.ceil(requests_per_second * candidates * microseconds_per_score / 1e6)


# %% tags=["mistake"] mistake={"exercise": "cores_needed", "name": "room on the wrong side"}
def cores_needed(requests_per_second, candidates, microseconds_per_score, utilisation=0.6):
    return math.ceil(requests_per_second * candidates * microseconds_per_score / 1e6 * utilisation)


# %% tags=["mistake"] mistake={"exercise": "cores_needed", "name": "rounded down"}
def cores_needed(requests_per_second, candidates, microseconds_per_score, utilisation=0.6):
    return int(requests_per_second * candidates * microseconds_per_score / 1e6 / utilisation)


# %% tags=["mistake"] mistake={"exercise": "cores_needed", "name": "milliseconds"}
def cores_needed(requests_per_second, candidates, microseconds_per_score, utilisation=0.6):
    return math.ceil(requests_per_second * candidates * microseconds_per_score / 1e3 / utilisation)


# %% tags=["alternative"] alternative={"exercise": "cores_needed", "name": "by way of one core's rate"}
def cores_needed(requests_per_second, candidates, microseconds_per_score, utilisation=0.6):
    requests_per_core = utilisation * 1_000_000 / (candidates * microseconds_per_score)
    return math.ceil(requests_per_second / requests_per_core)


# %% tags=["alternative"] alternative={"exercise": "cores_needed", "name": "NumPy"}
def cores_needed(requests_per_second, candidates, microseconds_per_score, utilisation=0.6):
    seconds = np.prod([requests_per_second, candidates, microseconds_per_score]) * 1e-6
    return int(np.ceil(seconds / utilisation))


# %% [markdown]
# For our service, at 5 µs a score and 70 % utilisation: 500 candidates take 72 cores, all 15,000 titles take 2,143. The
# funnel cuts the bill to a thirtieth. The same sum says when *not* to build one: with 300 titles, score them all.
#
# The other reason for two stages is freshness. Candidates can be computed overnight, for every member, and read from a
# table. The ranker runs at request time, and sees what the member did a minute ago.
#
# ## 4 · Your design
#
# Now the round. Set the timer, talk and draw for 35 minutes, and then write the design down as you would tell it: about 600
# words, in the order of the clock. Give numbers where the interviewer gave you numbers.
#
# | | no | leaning no | leaning yes | yes |
# |---|---|---|---|---|
# | **1 clarify** | designs at once | asks, and doesn't use the answers | goal, size, surface, log; states assumptions | besides, leaves something out of scope on purpose, and says what the answer would change |
# | **2 frame** | no label, or stars that aren't there | "predict whether they watch" | example, label and negatives defined from what was shown; one metric that decides | besides, says where the label differs from the goal (clicks against members who stay) and what guards against it |
# | **3 data and features** | "user and item features" | a list | events, joins, which features are fresh to the minute; the same code in training and serving | besides, label delay, position as a feature, what rights and privacy forbid |
# | **4 candidates and ranking** | one model for everything, or a name without a reason | two stages, without sizes | baseline first; several sources with sizes; a ranker with its loss; re-ranking for variety and rules | besides, the trade between sources is measured (recall at n), and each part has a reason to exist |
# | **5 serving** | none | "deploy behind an API" | path of a request within its 100 ms; precomputed against live; fallbacks | besides, capacity by a sum; what is degraded first; versions and rollback |
# | **6 evaluation** | none, or a random split | "A/B test it" | offline by time with ranking metrics against popularity; online with a control group, guardrails, size and length | besides, says why offline and online disagree, novelty effects, a held-back group, monitoring with thresholds |
# | **7 what goes wrong** | nothing does | "cold start is hard" | cold members, cold titles, feedback loop: each with a remedy | besides, exploration with its price, and how one would notice the loop |
# | **8 communication** | has to be dragged along | followable with effort | keeps the clock; sums up; checks that the listener is with them | leads: offers two ways, chooses one, says what would change the choice |

# %% [markdown] nbgrader={"grade": true, "grade_id": "design_streaming", "locked": false, "points": 16, "schema_version": 3, "solution": true, "task": false}
# **Clarify.** Goal: members who stay. That shows after months, so experiments are decided on days with at least 20 minutes
# watched, over four weeks. The surface is the home page, 40 rows of 6, within my 100 ms at 20,000 requests a second. 15,000
# titles, 50 million members; shown and played are both logged. I leave search and the artwork out.
#
# **Frame.** One example is one title shown to one member. The label is whether they watched at least 20 minutes, or finished
# it if it is shorter, within a day. Negatives are titles that were shown in view and not played; what was never shown is no
# negative for the ranker. The label is nearer to the goal than clicks, which reward titles that promise more than they keep.
#
# **Data.** Events of shown, played and stopped, joined by a request id. Features of the member (taste vector, genres of the
# last month, age of the account), of the title (embedding, genres, age, popularity in the country today), of the two
# together (similarity to the last ten plays), and of the moment (device, hour, row and position). What was played in the
# last minutes comes from a stream; the rest is computed overnight. Training reads features as they were logged at request
# time, so it sees what serving saw. Children's profiles and rights are filters, not features.
#
# **Model.** Baseline: popular in the country this week, without what was seen. It stays as the fallback. Candidates, about
# 500 in all: 200 from matrix factorisation on plays (two towers once content features are in), 150 that are near to the last
# titles watched, 100 popular or new, 50 explored. I measure each source by recall at its size on the next week's plays, and
# drop what adds nothing. Ranker: gradient-boosted trees first, a network with embeddings when it wins by enough; log loss on
# the label; position as a feature in training, set to a constant in serving. Re-ranking: filters, no title twice, at most
# three of one genre side by side.
#
# **Serving.** The gateway asks for the member's candidates and features (10 ms), adds the last plays (5 ms), joins the
# titles' features and ranks 500 titles (20 ms, of which the scores are 2.5), re-ranks (5 ms): some 40 ms, leaving room for
# the tail. At 5 µs a score and 70 % utilisation the rankers need 72 cores at the peak, 2,143 without candidates. If features
# are late, rank with what there is; if the ranker is down, show the night's candidates; if those are missing, what is
# popular. Models are versioned, go out to 1 % first, and roll back by a switch.
#
# **Evaluation.** Offline: train up to a week, test on the next, NDCG at 6 and recall at 500 against popularity, by group (new
# members, rare tastes), with intervals over members. It chooses what to test, not what to launch: it only knows what the old
# system showed. Online: members split at random, four weeks, so that novelty wears off; decide on days watched; guardrails
# are cancellations, latency, complaints and the share of hours on the top hundred titles. Monitoring: features against
# training, calibration of the score, share of fallbacks, coverage; an alarm has an owner.
#
# **What goes wrong.** New members: popular in the country, three favourites asked for, and vectors made from the first plays,
# within the session. New titles: content embedding and a share of the explored slots until some thousand people have seen
# each. The loop: we train on what we showed. So 1 or 2 % of slots are random among eligible titles, with their probabilities
# logged. The experiment shows their price; they give unbiased data, and show whether the catalogue narrows. Ten times the
# traffic: rankers scale with cores; what breaks first is the feature store, so cache by member for minutes and shard by
# member.

# %%
learner.rate_yourself("design_streaming")

# %% [markdown] nbgrader={"grade": false, "grade_id": "design_streaming_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### After your answer
#
# Compare your recording with the rubric row by row. Which part did you never reach? Next time, start that part five minutes
# earlier.
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (design_streaming, 16 points)
#
# - *Note.* Two points a row: no 0, leaning no 0.5, leaning yes 1.5, yes 2. Row 6 at "no" caps the sum at 8.5. Other sizes,
#   losses and models are as good as these where a reason comes with them. Don't deduct for matrix factorisation instead of
#   two towers, or for trees instead of a network.
# - *Ask*, where it is open: "What is a negative example?" It separates those who have trained a recommender on a log from
#   those who have read about one. Then: "Your offline metric went up. What does that tell you?"
# - *Watch for* numbers that were given and never used, and for boxes that are named and never connected.
#
# | level | a strong answer at this level |
# |---|---|
# | entry | a baseline, collaborative filtering explained rightly, a split by time, one ranking metric, popular titles for new members; follows the interviewer's lead through the rest |
# | mid | candidates and ranking with sizes; label and negatives from what was shown; the path of a request; an A/B test with a control group and a metric that was chosen for a reason |
# | senior | leads the round and keeps the clock; training and serving see the same features; capacity by a sum; why offline and online disagree; the feedback loop with exploration and its price; guardrails |
# | staff | starts from the business and says what not to build; sees the system over years: ownership, cost of each stage, held-back groups for the long run, effects on what gets produced; names the two decisions that are hard to undo, and spends the time there |
# ### END MARK SCHEME

# %% [markdown]
# ## 5 · "How long does your test have to run?"
#
# A follow-up to expect. An A/B test often compares two shares, such as that of members who come back within a week. The
# smaller the effect you want to see, the more members it takes; how many is a formula worth knowing.
#
# For shares $p_1$ (now) and $p_2$ (hoped for), a two-sided test at level $\alpha$ that finds the difference with probability
# *power* needs this many members in each arm ($z_q$ is the quantile of the standard normal distribution at $q$):
#
# $$ n = \frac{\left(z_{1-\alpha/2} + z_{\text{power}}\right)^2 \left(p_1(1-p_1) + p_2(1-p_2)\right)}{(p_2 - p_1)^2} . $$
#
# In words: the noise of both shares, over the squared effect, times a number that is 7.85 for the usual 5 % and 80 %. Half the
# effect takes four times the members.
#
# ### Exercise 4 · Members in each arm
#
# *Difficulty 3 of 5 · 10 minutes · 3 points*
#
# Write the formula for a *relative* lift, as a product manager states it: by how much of itself the share should change.
#
# *Worked example*: 10 % come back now, and you hope for a lift of 5 % of that: from 0.10 to 0.105. Then
# 7.849 × (0.09 + 0.0940) / 0.005² ≈ 57,800; with all digits kept and rounded up, 57,760.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "members_per_arm",
    "Is a lift of 5 % from 10 % to 15 %, or to 10.5 %?",
    "Work out p₂ first. `stats.norm.ppf(q)` gives z_q. The test is two-sided, so α is split between two tails.",
    "z = stats.norm.ppf(1 − alpha / 2) + stats.norm.ppf(power); the rest is the formula, rounded up.",
)


# %% nbgrader={"grade": false, "grade_id": "members_per_arm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def members_per_arm(share, lift, alpha=0.05, power=0.8):
    """Give how many members each arm of an A/B test of two shares needs.

    Parameters
    ----------
    share : float
        Share of members now, between 0 and 1.
    lift : float
        Relative change to be found: 0.05 means from `share` to 1.05 · `share`. Not 0; below 0 for a loss.
        The share that is hoped for is between 0 and 1 too.
    alpha : float
        Level of the two-sided test, between 0 and 1.
    power : float
        Probability of finding a change of that size.

    Returns
    -------
    int
        Members in one arm, rounded up.
    """
    ### BEGIN SOLUTION
    hoped = share * (1 + lift)
    z = stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)
    noise = share * (1 - share) + hoped * (1 - hoped)
    return math.ceil(z**2 * noise / (hoped - share) ** 2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "members_per_arm_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("members_per_arm")
with check("the worked example", points=0.5):
    checks.close(
        members_per_arm(0.10, 0.05),
        57_760,
        rtol=1e-9,
        given="share 0.10, lift 0.05, no alpha, no power",
    )


### BEGIN HIDDEN TESTS
def power_of(n, share, lift, alpha):
    """Give the power of a z-test with n members in each arm, from the other end."""
    effect = abs(share * lift)
    error = ((share * (1 - share) + share * (1 + lift) * (1 - share * (1 + lift))) / n) ** 0.5
    return stats.norm.cdf(effect / error - stats.norm.isf(alpha / 2))


with check("enough members for the power, and not one more", points=2):
    for share, lift, alpha, power in [
        (0.10, 0.05, 0.05, 0.8),
        (0.62, -0.02, 0.01, 0.9),
        (0.35, 0.1, 0.1, 0.5),
    ]:
        given = f"share {share}, lift {lift}, alpha {alpha}, power {power}"
        second = share * (1 + lift)
        z = stats.norm.isf(alpha / 2) - stats.norm.isf(power)
        spread = share * (1 - share) + second * (1 - second)
        want = math.ceil(z**2 * spread / (second - share) ** 2)
        got = members_per_arm(share, lift, alpha, power)
        checks.close(
            got,
            want,
            rtol=1e-9,
            given=given,
            mistakes=[
                checks.Mistake(
                    "lift taken as percentage points",
                    looks_like=math.ceil(
                        z**2 * (share * (1 - share) + (share + lift) * (1 - share - lift)) / lift**2
                    ),
                    says="The lift is relative: 0.05 on a share of 0.10 means 0.105, and not 0.15. The members needed differ by "
                    "a factor of a hundred.",
                ),
                checks.Mistake(
                    "one-sided",
                    looks_like=math.ceil(
                        (stats.norm.isf(alpha) - stats.norm.isf(power)) ** 2
                        * spread
                        / (second - share) ** 2
                    ),
                    says="All of α was put into one tail. A two-sided test, which also notices harm, splits it: z at 1 − α/2.",
                ),
                checks.Mistake(
                    "noise of one arm",
                    looks_like=math.ceil(z**2 * share * (1 - share) / (second - share) ** 2),
                    says="Only the first share's noise was counted. The difference of two shares has the noise of both.",
                ),
                checks.Mistake(
                    "both arms together",
                    looks_like=2 * want,
                    says="This is the whole test. The docstring asks for one arm.",
                ),
            ],
        )
        checks.that(
            power_of(got, share, lift, alpha) >= power - 1e-9,
            "Too few for this power.",
            given=given,
        )
        checks.that(
            power_of(got - 1, share, lift, alpha) < power + 1e-9, "One fewer would do.", given=given
        )
with check("alpha is 0.05 and power 0.8 where nothing is said", points=0.5):
    checks.close(
        members_per_arm(0.3, 0.04),
        members_per_arm(0.3, 0.04, 0.05, 0.8),
        given="share 0.3, lift 0.04, with and without alpha = 0.05, power = 0.8",
    )
    checks.that(type(members_per_arm(0.3, 0.04)) is int, "Give a whole number of members, an int.")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "members_per_arm", "name": "lift taken as percentage points"}
def members_per_arm(share, lift, alpha=0.05, power=0.8):
    hoped = share + lift
    z = stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)
    return math.ceil(z**2 * (share * (1 - share) + hoped * (1 - hoped)) / lift**2)


# %% tags=["mistake"] mistake={"exercise": "members_per_arm", "name": "one-sided"}
def members_per_arm(share, lift, alpha=0.05, power=0.8):
    hoped = share * (1 + lift)
    z = stats.norm.ppf(1 - alpha) + stats.norm.ppf(power)
    noise = share * (1 - share) + hoped * (1 - hoped)
    return math.ceil(z**2 * noise / (hoped - share) ** 2)


# %% tags=["mistake"] mistake={"exercise": "members_per_arm", "name": "noise of one arm"}
def members_per_arm(share, lift, alpha=0.05, power=0.8):
    z = stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)
    return math.ceil(z**2 * share * (1 - share) / (share * lift) ** 2)


# %% tags=["mistake"] mistake={"exercise": "members_per_arm", "name": "both arms together"}
def members_per_arm(share, lift, alpha=0.05, power=0.8):
    hoped = share * (1 + lift)
    z = stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)
    noise = share * (1 - share) + hoped * (1 - hoped)
    return 2 * math.ceil(z**2 * noise / (hoped - share) ** 2)


# %% tags=["alternative"] alternative={"exercise": "members_per_arm", "name": "standard deviations, upper tails"}
def members_per_arm(share, lift, alpha=0.05, power=0.8):
    hoped = share + share * lift
    z = stats.norm.isf(alpha / 2) + stats.norm.isf(1 - power)
    spread = math.hypot(math.sqrt(share * (1 - share)), math.sqrt(hoped * (1 - hoped)))
    return math.ceil((z * spread / abs(hoped - share)) ** 2)


# %% tags=["alternative"] alternative={"exercise": "members_per_arm", "name": "NumPy arrays"}
def members_per_arm(share, lift, alpha=0.05, power=0.8):
    shares = np.array([share, share * (1 + lift)])
    z = stats.norm.ppf([1 - alpha / 2, power]).sum()
    return int(np.ceil(z**2 * (shares * (1 - shares)).sum() / np.diff(shares)[0] ** 2))


# %% jupyter={"source_hidden": true}
# How the next figure is made
lifts = np.geomspace(0.002, 0.1, 60)
z_usual = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
fig, ax = plt.subplots(figsize=(7, 3.8))
for p, name in [(0.1, "blue"), (0.5, "vermillion")]:
    hoped = p * (1 + lifts)
    needed = z_usual**2 * (p * (1 - p) + hoped * (1 - hoped)) / (hoped - p) ** 2
    ax.plot(100 * lifts, needed, lw=2.2, color=widgets.COLORS[name])
    ax.annotate(
        f"share now {p:.0%}", (100 * lifts[38], needed[38]), (8, 6), textcoords="offset points"
    )
ax.axhline(500_000, color=widgets.COLORS["black"], lw=0.9, ls=":")
ax.annotate("1 % of our members", (0.2, 500_000), (4, 4), textcoords="offset points")
ax.set(xscale="log", yscale="log", xlabel="relative lift, per cent", ylabel="members in each arm")
ax.set_xticks([0.2, 0.5, 1, 2, 5, 10], labels=["0.2", "0.5", "1", "2", "5", "10"])
ax.minorticks_off()
ax.grid(alpha=0.3)
ax.set_title("Half the effect takes four times the members")
widgets.show(
    fig,
    alt="Members needed in each arm against relative lift, both axes logarithmic: straight lines that fall by a factor of "
    "four for each doubling of the lift. A share of 10 per cent needs about nine times as many as one of 50 per cent.",
)

# %% [markdown]
# Members are not the only limit. A week has weekdays and a weekend, so run whole weeks. A new page is exciting for some days,
# so give the novelty time to wear off. And decide the length before you start: whoever looks every day and stops at the
# first significant one finds effects that aren't there far more often than α promises.
#
# ## 6 · "Can you tell from the log what the new ranking would have earned?"
#
# A harder follow-up. The log holds what the *old* system showed. If it chose at random with known probabilities
# (**propensities**), at least on some slots, you can re-weight: titles that the new system would show more often count more.
# This is **inverse propensity scoring**. With $a_i$ the title shown in slot $i$ and $r_i$ its reward:
#
# $$ \hat V = \frac{1}{n} \sum_{i=1}^{n} r_i \, \frac{\pi_{\text{new}}(a_i)}{\pi_{\text{old}}(a_i)} . $$
#
# In words: average the logged rewards, each weighted by how much likelier the new system is to show what was shown.
#
# ### Exercise 5 · The value of a policy that never ran
#
# *Difficulty 3 of 5 · 8 minutes · 3 points*
#
# A *policy* is a rule that says with which probability each title is shown. Estimate what the new one would have earned for
# each slot, from the log of the old one.
#
# *Worked example*: two slots, each filled with a title that had probability 0.5. The first was watched (reward 1), and the new
# policy would show that title with probability 0.8; the second was not (reward 0), and would be shown with probability 0.2.
# The estimate is (1 · 0.8/0.5 + 0 · 0.2/0.5) / 2 = 0.8.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "policy_value",
    "Titles that the old system rarely showed are rare in the log. Should a reward of one of them count more or less?",
    "One weight for each logged slot: the new probability over the old one.",
    "Multiply rewards by weights and take the mean over all slots, also over those with a weight of 0.",
)


# %% nbgrader={"grade": false, "grade_id": "policy_value", "locked": false, "schema_version": 3, "solution": true, "task": false}
def policy_value(rewards, old, new):
    """Estimate the mean reward of a policy from the log of another one.

    Parameters
    ----------
    rewards : ndarray of float, shape (n,)
        Reward of each logged slot, such as 1 for watched and 0 for not; n ≥ 1.
    old : ndarray of float, shape (n,)
        Probability with which the logging policy showed what it showed; above 0.
    new : ndarray of float, shape (n,)
        Probability with which the new policy would have shown the same; may be 0.

    Returns
    -------
    float
        The inverse propensity score estimate: a mean over all n slots, in units of the reward. The
        weights new / old are not normalised.
    """
    ### BEGIN SOLUTION
    return float(np.mean(rewards * new / old))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "policy_value_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("policy_value")
with check("the worked example", points=0.5):
    checks.close(
        policy_value(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([0.8, 0.2])),
        0.8,
        given="rewards [1, 0], old [0.5, 0.5], new [0.8, 0.2]",
    )
### BEGIN HIDDEN TESTS
with check("a log in exact proportion gives the exact value", points=1.5):
    for old_policy, new_policy, worth in [
        (np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.2, 0.7]), np.array([0.2, 0.9, 0.4])),
        (np.array([0.25, 0.7, 0.05]), np.array([0.0, 0.5, 0.5]), np.array([3.0, -1.0, 2.0])),
    ]:
        shown = np.repeat(np.arange(3), np.round(100 * old_policy).astype(int))
        rewards, old, new = worth[shown], old_policy[shown], new_policy[shown]
        checks.close(
            policy_value(rewards, old, new),
            new_policy @ worth,
            rtol=1e-9,
            given=f"100 slots in proportion to {old_policy.tolist()}, rewards {worth.tolist()}, new policy {new_policy.tolist()}",
            mistakes=[
                checks.Mistake(
                    "the old policy's value",
                    looks_like=rewards.mean(),
                    says="This is what the old system earned. Nothing in it knows of the new one.",
                ),
                checks.Mistake(
                    "weights upside down",
                    looks_like=np.mean(rewards * old / np.where(new == 0, np.inf, new)),
                    says="The weights are old over new. A title that the new system shows more often has to count more.",
                ),
                checks.Mistake(
                    "not divided by the old probability",
                    looks_like=np.mean(rewards * new),
                    says="Rewards are weighted by the new probability alone, so what the old system liked to show counts "
                    "twice: by its weight and by how often it stands in the log.",
                ),
                checks.Mistake(
                    "sum instead of mean",
                    looks_like=np.sum(rewards * new / old),
                    says="The sum grows with the log. The value of a policy is a mean per slot.",
                ),
            ],
        )
with check("the mean is over all slots, weights as they are", points=1):
    rng = np.random.default_rng(7)
    old, new = rng.uniform(0.1, 1, 40), rng.uniform(0, 1, 40)
    new[:10], rewards = 0.0, rng.normal(size=40)
    want = (
        sum(float(r) * float(p) / float(q) for r, p, q in zip(rewards, new, old, strict=True)) / 40
    )
    checks.close(
        policy_value(rewards, old, new),
        want,
        rtol=1e-9,
        given="40 random slots, 10 of which the new policy never shows",
        mistakes=[
            checks.Mistake(
                "weights normalised",
                looks_like=np.sum(rewards * new / old) / np.sum(new / old),
                says="Dividing by the sum of the weights is the self-normalised estimate: less noisy, and biased. The "
                "docstring asks for the unbiased one.",
            ),
            checks.Mistake(
                "slots with weight 0 left out",
                looks_like=np.mean((rewards * new / old)[new > 0]),
                says="Slots that the new policy would never show count too, with 0. Without them the mean is too large.",
            ),
        ],
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "policy_value", "name": "the old policy's value"}
def policy_value(rewards, old, new):
    return float(np.mean(rewards))


# %% tags=["mistake"] mistake={"exercise": "policy_value", "name": "weights upside down"}
def policy_value(rewards, old, new):
    return float(np.mean(rewards * old / np.where(new == 0, np.inf, new)))


# %% tags=["mistake"] mistake={"exercise": "policy_value", "name": "not divided by the old probability"}
def policy_value(rewards, old, new):
    return float(np.mean(rewards * new))


# %% tags=["mistake"] mistake={"exercise": "policy_value", "name": "sum instead of mean"}
def policy_value(rewards, old, new):
    return float(np.sum(rewards * new / old))


# %% tags=["mistake"] mistake={"exercise": "policy_value", "name": "weights normalised"}
def policy_value(rewards, old, new):
    return float(np.average(rewards, weights=new / old))


# %% tags=["mistake"] mistake={"exercise": "policy_value", "name": "slots with weight 0 left out"}
def policy_value(rewards, old, new):
    shown = new > 0
    return float(np.mean(rewards[shown] * new[shown] / old[shown]))


# %% tags=["alternative"] alternative={"exercise": "policy_value", "name": "dot product"}
def policy_value(rewards, old, new):
    return np.dot(rewards, new / old) / len(rewards)


# %% tags=["alternative"] alternative={"exercise": "policy_value", "name": "loop"}
def policy_value(rewards, old, new):
    total = 0.0
    for reward, p_old, p_new in zip(rewards, old, new, strict=True):
        total += reward * p_new / p_old
    return total / len(rewards)


# %% [markdown]
# It has a price. Where the old probability is small, one slot gets a huge weight, and the estimate jumps. And where the old
# system *never* showed a title, no weight can make up for it. That is the argument for random slots: 1 % of exploration today is
# what lets you judge tomorrow's ranking offline.
#
# ## 7 · "NDCG is up by 6 %, and the A/B test is flat."
#
# > **Interviewer**: "Your new ranker has NDCG@6 up by 6 % offline. In the A/B test, nothing moves. What happened, and what do
# > you do?"
# >
# > *Suggested time: four minutes.*
#
# > **A candidate**: "Then the A/B test was too short. Offline metrics are computed on millions of rows, so I'd trust them, let the
# > test run on until it is significant, and launch."
#
# Nothing in that answer could ever show the candidate to be wrong. Give at least three causes that differ, and for each the
# look that would tell it from the others; then say what you would do on Monday.
#
# | | points |
# |---|---|
# | three causes that differ in kind | 1.5 |
# | for each, what you would look at to tell it | 1.5 |
# | what you do next, and what would make you stop | 1 |

# %% [markdown] nbgrader={"grade": true, "grade_id": "flat_test", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# First, could the test have seen it? I compare its interval with the smallest lift that matters. If the interval still contains
# that lift, the test was too small, and "flat" means "unknown".
#
# If it is truly flat, I see four kinds of cause. (1) *The log is biased*: NDCG rewards agreement with what the old ranker put on
# top, so a model that copies it better scores higher. I recompute it on the random slots, weighted by propensity. (2) *Training
# and serving differ*: a feature is late, missing or computed otherwise. I compare logged features and scores with the offline
# ones for the same requests; they must agree. (3) *Leakage offline*: a feature knows the future, such as popularity over the
# whole month. I recompute with features as of the request. (4) *The label isn't the goal*: the new list earns plays that would
# have happened anyway. I look at which titles moved, and at plays from search, which fall if we only took them over.
#
# On Monday: check (2) first, since it takes an hour, then (3), then (1). If all are clean, I accept the test: offline NDCG is my
# filter for ideas, the experiment decides, and I don't launch. I'd also check past launches for whether NDCG ever predicted the
# experiment. If it didn't, the metric is what to mend next.

# %% [markdown] nbgrader={"grade": false, "grade_id": "flat_test_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# *Graded by hand, by the table above.*
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (flat_test, 4 points)
#
# - Half a point for each cause that differs in kind (power, biased log, serving skew, leakage, label against goal,
#   interference between arms, novelty), up to 1.5. Two names for one cause count once.
# - Half a point for each look that would tell that cause from the others, up to 1.5. "Check the data" is none.
# - 1 point for a next step with a reason for its order, and a result on which they would not launch.
# - At most 1 point in all for an answer that trusts the offline metric over the experiment, or that runs the test until it is
#   significant.
# ### END MARK SCHEME

# %% [markdown]
# ## 8 · "Now ten times the traffic, and ten times the titles."
#
# *Difficulty 4 of 5 · 8 minutes · 3 points*
#
# Say which part breaks first, why, and what you change, in 100 to 150 words. Take the numbers of the round.

# %% [markdown] nbgrader={"grade": true, "grade_id": "ten_times", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# Ten times the requests: 200,000 a second. The ranker grows in proportion, from 72 cores to 715, since it holds no state; that
# is money and no redesign. The feature store breaks first: every request reads hundreds of rows, so I shard it by member, keep
# the title features in the ranker's memory, and cache a member's candidates for some minutes.
#
# Ten times the titles: 150,000. The ranker doesn't notice, as it still sees 500 candidates. The candidate stage does: exact nearest
# neighbours over all titles become too slow, so I take an approximate index and watch its recall. 500 may also be too few now; I
# measure recall at 500 on next week's plays before I pay for more.
#
# What I'd give up first under load: freshness of the rows below the fold, never the first six titles.

# %% [markdown] nbgrader={"grade": false, "grade_id": "ten_times_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# *Graded by hand: 1 point for each of the three.*
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (ten_times, 3 points)
#
# - 1 point: traffic and titles are kept apart; a sum for at least one of them.
# - 1 point: a part is named that breaks first, with the reason (state, memory, exact search), and the change fits it. "Use
#   Kubernetes" or "add a cache" with no key and no lifetime gets half.
# - 1 point: what gets worse on purpose under load, or what is measured before money is spent.
# ### END MARK SCHEME

# %% [markdown]
# ### Follow-ups, each harder
#
# **1.** *"Members share one profile in a family. What breaks?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# One vector becomes the mean of several people, and is near to nobody: cartoons and crime in one row. A sign is that plays fall
# into clusters by hour and device. Ask for profiles first, since it costs a button. Otherwise use the moment: hour, device and the
# last play as features of the ranker, and several interest vectors for each member, each of which brings its own candidates.
# </details>
#
# **2.** *"How would you notice that your system makes everybody watch the same?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Follow, by week: the share of hours on the top 100 titles, the number of titles with at least some hundred plays, the distance
# between members' lists, and all of it against a group that is held back on the old system. Compare with the random slots: if titles
# earn more there than their rank suggests, the ranker is under-showing them. The remedy is priced exploration and a re-ranking for
# variety, each judged by members who stay, not by plays of the day.
# </details>
#
# **3.** *"A film studio offers money if its titles rank higher. What do you build?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Say first that this is a decision about trust, not about code, and that members should see what is paid. If it is decided: a
# separate, marked slot with its own auction and a floor of relevance below which nothing is shown, so that the ranker's labels stay
# clean. Paid slots are logged as such and left out of training. Guardrails are the same as for any change: members who stay, and
# complaints. A bid added to the score in the ranker would poison its own training data.
# </details>

# %% [markdown]
# ## Glossary
#
# Cover the right-hand side and say it.
#
# | term | in a sentence |
# |---|---|
# | A/B test | two random groups of users, two versions, one metric that was chosen beforehand |
# | ALS | alternating least squares: solve for all users with items fixed, then the other way round |
# | bias baseline | mean plus the user's and the item's deviation from it |
# | BPR | Bayesian personalised ranking: learns that a seen item should score above an unseen one |
# | candidate generation | the cheap stage that chooses some hundreds of all items |
# | cold start | a user or an item with few or no ratings |
# | collaborative filtering | recommending from who liked what, without looking at the items themselves |
# | content-based | recommending what resembles what one liked, by features of the items |
# | coverage | share of the catalogue that is recommended to anybody |
# | embedding | a vector learned for a user or an item |
# | explicit, implicit feedback | stars that people give; what they do, such as plays |
# | feedback loop | training on what an earlier model chose to show |
# | guardrail | a metric that must not get worse, whatever the deciding one does |
# | inverse propensity scoring | averaging logged rewards, each weighted by its new probability over its old one |
# | long tail | the many items that few people rated |
# | MAP | the precisions at the places of relevant items, summed, over the number of relevant items; averaged over users |
# | matrix factorisation | predicting a rating by the product of a user's and an item's vector |
# | NDCG@k | discounted gain of the first k, over the best that was possible |
# | negative sampling | drawing unseen items as examples of "not chosen" |
# | precision@k, recall@k | share of the first k that is relevant; share of the relevant that is in the first k |
# | propensity | the probability with which a logged item was shown |
# | RMSE | root of the mean squared error of predicted ratings, in stars |
# | shrinkage | pulling an estimate from few ratings towards a common value |
# | two towers | a network for users and one for items; the score is the inner product of their outputs |

# %% [markdown]
# ## Cheat sheet
#
# One page for the evening before. Cover the right-hand sides and say them.
#
# **The skeleton**
#
# | step | one sentence | a number to have ready |
# |---|---|---|
# | clarify | goal, surface, size, log, what is new, what is forbidden | requests a second, milliseconds, titles |
# | frame | one example = one item shown; label near the goal; negatives were shown | 20 minutes watched, within a day |
# | baseline | popular by country and week, without what was seen | it is the fallback too |
# | candidates | several cheap sources, each measured by recall at its size | 500 of 15,000 |
# | ranking | one model over all candidates; log loss; position in training, constant in serving | 5 µs × 500 × 20,000/s = 50 cores, 72 at 70 % |
# | re-ranking | filters, variety, business rules | |
# | serving | overnight what can be, live what must be; fallbacks in order | 40 of 100 ms, the rest for the tail |
# | offline | split by time, NDCG and recall at k against popularity, intervals over users | |
# | online | random split, whole weeks, one deciding metric, guardrails | 7.85 · noise / effect² for each arm |
# | monitoring | feature drift, calibration, fallbacks, coverage | an owner for each alarm |
#
# **Failure, sign, remedy**
#
# | what goes wrong | how it shows | what you do |
# |---|---|---|
# | random split | offline far better than online | split by time; features as of the request |
# | never shown = disliked | new and rare titles sink | negatives from what was shown; exploration |
# | position bias | what stands on top gets clicks, whatever it is | position as a feature; random slots; propensities |
# | feedback loop | hours pile up on few titles, coverage falls | priced exploration, held-back group |
# | serving skew | scores in the log differ from scores offline | log features at request time, train on them |
# | new member, new title | lists that fit nobody; titles that never start | popular, asked favourites, first plays; content vectors, explored slots |
# | clicks as goal | plays up, finished plays and retention down | label nearer to the goal; guardrails |
# | flat test after a good offline result | interval around 0 | power, skew, leakage, biased log, label: in the order of their cost |
#
# The topic, from the top: [1 · See](1_see.ipynb) · [2 · Build](2_build.ipynb) · [3 · Use](3_use.ipynb)

# %% tags=["on_open"]
learner.check_my_work()
