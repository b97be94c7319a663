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
# # Sentiment pipelines · 4 · Say
#
# You have seen a text pipeline ([1 · See](1_see.ipynb)), built one ([2 · Build](2_build.ipynb)) and taken one to
# production ([3 · Use](3_use.ipynb)). In an ML-coding round you do all of that in 45 minutes, in front of somebody,
# and what you say while you type counts as much as the code. This notebook has one such round and two questions that
# often follow it, each with an answer to take apart, your own answer, a rubric, and follow-ups at the end.

# %% tags=["on_open"]
import math

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline

from curriculum import checks, data, learner, widgets

learner.begin("sentiment", "4_say")

# %% [markdown]
# ## How to practise aloud
#
# 1. **Say it before you read on**, with a timer and a recording. For the coding round, share a screen with yourself
#    and talk.
# 2. **Listen to it once**, with the rubric open. Count the silences longer than 30 seconds: in each of them nobody
#    could help you.
# 3. **Write the better version** in the answer cell. About 150 words are a minute.
# 4. **Say it again** without notes, and once more in two days.
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
# Sum of the four: below 1 is a **no** for the question, 1 to 3.5 a **leaning no**, 4 to 6.5 a **leaning yes**, 7 or
# more a **yes**. With *correctness and depth* at **no**, the question gets at most 3.5.

# %% [markdown]
# ## Question 1 · "Build me sentiment analysis for movie reviews."
#
# > **Interviewer**: "Here is an editor, and a file of reviews. Build me sentiment analysis. You have 45 minutes.
# > Talk while you work."
#
# A clock that fits the 45 minutes:
#
# | minutes | you do | you say |
# |---|---|---|
# | 0–5 | clarify | "Two classes or stars? What does a wrong answer cost? How many rows, how long, which languages? How fast must it answer?" |
# | 5–10 | look at the data | sizes, balance, empty texts, duplicates, five reviews read aloud |
# | 10–20 | split and baseline | "The majority class scores this. TF-IDF with logistic regression scores that, in five folds." |
# | 20–30 | improve one thing | "The errors are negations, so I try pairs of words, inside the same pipeline." |
# | 30–38 | evaluate | confusion matrix, precision and recall by class, ten errors read aloud |
# | 38–45 | ship and watch | input checks, an endpoint, what is logged, what would make you retrain |
#
# ### Exercise 1 · What went wrong in this round?
#
# *Difficulty 2 of 5 · 5 minutes · 3 points*
#
# > **A candidate**, after a minute of silence: "OK. I'll use a transformer, since that's state of the art." *Types
# > for ten minutes.* "I remove stop words and punctuation first, that's standard." *Types.* "The labels are 90 %
# > positive, so accuracy is fine, I get 91 %." *Types.* "I split at random, and I fitted the vocabulary on
# > everything so that no word is unknown. Two reviews were empty, I dropped them. Time's up? It would work in
# > production like this."
#
# Which of these objections hold?
#
# - **A**: The candidate asks nothing first: neither what the classes are, nor what an error costs, nor what hardware
#   the model will run on.
# - **B**: They start with a complex model. Without a baseline, nobody knows what 91 % is worth.
# - **C**: They should not have dropped empty reviews from the training rows.
# - **D**: Accuracy says next to nothing here: calling every review positive scores 90 %.
# - **E**: The vocabulary was fitted on all rows, test rows included, so the score is measured on rows that the
#   pipeline has seen.
# - **F**: A random split is never allowed for text.
# - **G**: Removing stop words by habit takes "not" out of "not good".
# - **H**: They should have lemmatised (turned each word into its dictionary form): without lemmas, bags of words
#   don't work.
#
# Return the set of letters. One letter too many or too few earns 1 point of 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gaps_coding_round",
    "Which of these would have changed the number on the screen, or what it means?",
    "Three objections make a rule out of something that is fine here.",
    "A random split is fine where rows are independent; an empty review teaches nothing; lemmas help a little or not at all.",
)


# %% nbgrader={"grade": false, "grade_id": "gaps_coding_round", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps_coding_round():
    """Name the objections that hold against the candidate's round.

    Returns
    -------
    set of str
        Letters from "A" to "H".
    """
    ### BEGIN SOLUTION
    return {"A", "B", "D", "E", "G"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gaps_coding_round_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gaps_coding_round")
with check("the answer is made of letters from A to H", points=0):
    checks.that(
        set("".join(gaps_coding_round()).upper()) <= set("ABCDEFGH ,;"),
        "Give a set of letters from A to H.",
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=1):
    picked = set("".join(gaps_coding_round()).upper()) & set("ABCDEFGH")
    checks.that(len(picked ^ {"A", "B", "D", "E", "G"}) <= 1, "More than one letter is off.")
with check("exactly the objections that hold", points=2):
    checks.choices(
        gaps_coding_round(),
        {"A", "B", "D", "E", "G"},
        {
            "C": "An empty review has nothing to learn from, so dropping it from training is right, as long as it is said. What is "
            "missing is what the service answers when somebody sends one.",
            "F": "Where rows are independent, a random split is fine; stratified, better. It is wrong where rows belong together, as "
            "reviews of one film or copies of one text do.",
            "H": "Lemmas are one more thing to try and to measure. With enough text they change little.",
            "incomplete": "A fault was let pass. Ask of each sentence: what does it do to the number, and what does the number mean "
            "then?",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gaps_coding_round", "name": "C"}
def gaps_coding_round():
    return {"A", "B", "C", "D", "E", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_coding_round", "name": "F"}
def gaps_coding_round():
    return {"A", "B", "D", "E", "F", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_coding_round", "name": "H"}
def gaps_coding_round():
    return {"B", "D", "E", "G", "H"}


# %% tags=["mistake"] mistake={"exercise": "gaps_coding_round", "name": "incomplete"}
def gaps_coding_round():
    return {"B", "D"}


# %% tags=["alternative"] alternative={"exercise": "gaps_coding_round", "name": "a list in lower case"}
def gaps_coding_round():
    return ["a", "b", "d", "e", "g"]


# %% tags=["alternative"] alternative={"exercise": "gaps_coding_round", "name": "one string"}
def gaps_coding_round():
    return "ABDEG"


# %% [markdown]
# ### Exercise 2 · The first twenty minutes, typed
#
# *Difficulty 3 of 5 · 15 minutes · 4 points*
#
# Set a timer for 15 minutes and narrate. Write what a good candidate has on the screen at minute 20: two numbers in
# the same five folds, what the majority class scores and what the simplest sound model scores. The metric is macro
# F1, the plain mean of the two classes' F1, because ignoring the rarer class can't score well in it.
#
# *Worked example*: for four texts of label 1 and two of label 0, in two folds, the majority classifier calls
# everything 1. Each fold has two of label 1 and one of label 0: F1 of class 1 is 0.8, of class 0 it is 0. The first
# number is 0.4.
#
# **In the round.** They watch whether everything that learns from text is *inside* what is fitted in each fold.
# And whether you start with the majority class, which takes one line and tells what every later number is worth.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "first_numbers",
    "Which steps learn something from the texts, and which rows may they see in each fold?",
    "`make_pipeline` puts vectoriser and classifier into one estimator, and `cross_val_score` fits it anew in each fold.",
    "Pass the same StratifiedKFold object as `cv` to both, with scoring='f1_macro', and take the means.",
)


# %% nbgrader={"grade": false, "grade_id": "first_numbers", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_numbers(texts, labels, folds=5):
    """Score the majority class and TF-IDF with logistic regression, in the same folds.

    Folds: `StratifiedKFold(folds, shuffle=True, random_state=0)`. Model: `TfidfVectorizer()` and
    `LogisticRegression(max_iter=1000)`, both fitted on the training part of each fold only.

    Parameters
    ----------
    texts : list of str
        Reviews.
    labels : ndarray of int, shape (n,)
        0 or 1.
    folds : int
        Number of folds, at least 2.

    Returns
    -------
    (float, float)
        Macro F1, averaged over the folds: of `DummyClassifier(strategy="most_frequent")`, and of the
        model.
    """
    ### BEGIN SOLUTION
    cv = StratifiedKFold(folds, shuffle=True, random_state=0)
    majority = DummyClassifier(strategy="most_frequent")
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    scores = [
        cross_val_score(one, texts, labels, cv=cv, scoring="f1_macro") for one in (majority, model)
    ]
    return float(scores[0].mean()), float(scores[1].mean())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "first_numbers_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("first_numbers")
with check("the worked example", points=0.5):
    texts = ["good film", "a good one", "so good", "good again", "bad film", "a bad one"]
    majority, model = first_numbers(texts, np.array([1, 1, 1, 1, 0, 0]), 2)
    given = f"texts = {texts}, labels = [1, 1, 1, 1, 0, 0], folds = 2"
    checks.close(majority, 0.4, rtol=1e-9, given=given, what="the majority's F1")
    checks.that(0 <= checks.number(model) <= 1, "An F1 is between 0 and 1.", given=given)


### BEGIN HIDDEN TESTS
def in_folds(texts, labels, folds, *, leak=False, metric="macro"):
    """Score by hand, fold by fold."""
    found = []
    everything = TfidfVectorizer().fit(texts)
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=0).split(texts, labels):
        vectoriser = everything if leak else TfidfVectorizer().fit([texts[i] for i in train])
        linear = LogisticRegression(max_iter=1000)
        linear.fit(vectoriser.transform([texts[i] for i in train]), labels[train])
        said = linear.predict(vectoriser.transform([texts[i] for i in test]))
        if metric == "accuracy":
            found.append(np.mean(said == labels[test]))
        else:
            found.append(f1_score(labels[test], said, average=metric))
    return float(np.mean(found))


def in_order(texts, labels, folds):
    """Score with folds that are cut in the order of the rows."""
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    return float(np.mean(cross_val_score(model, texts, labels, cv=folds, scoring="f1_macro")))


snippets = data.film_snippets()
positive, negative = snippets[snippets.rating > 1], snippets[snippets.rating < -1]
rows = np.r_[positive.index[:160], negative.index[:80]]
reviews, stars = snippets.text[rows].tolist(), np.r_[np.ones(160, int), np.zeros(80, int)]
given = "160 positive and 80 negative film snippets"
with check("the model's macro F1, fold by fold", points=2):
    for folds in (5, 3):
        checks.close(
            first_numbers(reviews, stars, folds)[1],
            in_folds(reviews, stars, folds),
            rtol=1e-6,
            given=f"{given}, folds = {folds}",
            what="the model's F1",
            mistakes=[
                checks.Mistake(
                    "vectoriser fitted on all rows",
                    looks_like=in_folds(reviews, stars, folds, leak=True),
                    says="Vocabulary and document frequencies were learned from all rows before the folds were made. Put the "
                    "vectoriser inside the pipeline.",
                ),
                checks.Mistake(
                    "accuracy",
                    looks_like=in_folds(reviews, stars, folds, metric="accuracy"),
                    says="This is the accuracy. The question asks for the mean of both classes' F1.",
                ),
                checks.Mistake(
                    "F1 of the positive class only",
                    looks_like=in_folds(reviews, stars, folds, metric="binary"),
                    says="This is the F1 of label 1 alone, the more frequent one. Macro F1 is the mean over both classes.",
                ),
                checks.Mistake(
                    "folds in the order of the rows",
                    looks_like=in_order(reviews, stars, folds),
                    says="The folds aren't those of the docstring: they must be shuffled, with random_state=0.",
                ),
            ],
        )
with check("the majority's macro F1", points=1):
    checks.close(
        first_numbers(reviews, stars, 4)[0],
        0.4,
        rtol=1e-6,
        given=f"{given}, folds = 4",
        what="the majority's F1",
        mistakes=[
            checks.Mistake(
                "accuracy",
                looks_like=2 / 3,
                says="This is the accuracy: two thirds are positive. Macro F1 counts the class that is never predicted as 0.",
            )
        ],
    )
with check("five folds where nothing is said", points=0.5):
    checks.close(
        np.array(first_numbers(reviews, stars)),
        np.array(first_numbers(reviews, stars, 5)),
        given=f"{given}, with and without folds = 5",
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "first_numbers", "name": "vectoriser fitted on all rows"}
def first_numbers(texts, labels, folds=5):
    cv = StratifiedKFold(folds, shuffle=True, random_state=0)
    X = TfidfVectorizer().fit_transform(texts)
    scores = [
        cross_val_score(one, X, labels, cv=cv, scoring="f1_macro")
        for one in (DummyClassifier(strategy="most_frequent"), LogisticRegression(max_iter=1000))
    ]
    return scores[0].mean(), scores[1].mean()


# %% tags=["mistake"] mistake={"exercise": "first_numbers", "name": "accuracy"}
def first_numbers(texts, labels, folds=5):
    cv = StratifiedKFold(folds, shuffle=True, random_state=0)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    majority = DummyClassifier(strategy="most_frequent")
    return tuple(cross_val_score(one, texts, labels, cv=cv).mean() for one in (majority, model))


# %% tags=["mistake"] mistake={"exercise": "first_numbers", "name": "F1 of the positive class only"}
def first_numbers(texts, labels, folds=5):
    cv = StratifiedKFold(folds, shuffle=True, random_state=0)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    majority = DummyClassifier(strategy="most_frequent")
    return tuple(
        cross_val_score(one, texts, labels, cv=cv, scoring="f1").mean() for one in (majority, model)
    )


# %% tags=["mistake"] mistake={"exercise": "first_numbers", "name": "folds in the order of the rows"}
def first_numbers(texts, labels, folds=5):
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    majority = DummyClassifier(strategy="most_frequent")
    return tuple(
        cross_val_score(one, texts, labels, cv=folds, scoring="f1_macro").mean()
        for one in (majority, model)
    )


# %% tags=["alternative"] alternative={"exercise": "first_numbers", "name": "fold by fold"}
def first_numbers(texts, labels, folds=5):
    found = []
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=0).split(texts, labels):
        vectoriser = TfidfVectorizer()
        X = vectoriser.fit_transform([texts[i] for i in train])
        model = LogisticRegression(max_iter=1000).fit(X, labels[train])
        said = model.predict(vectoriser.transform([texts[i] for i in test]))
        commonest = np.full(len(test), np.bincount(labels[train]).argmax())
        found.append([f1_score(labels[test], one, average="macro") for one in (commonest, said)])
    return tuple(np.mean(found, axis=0))


# %% tags=["alternative"] alternative={"exercise": "first_numbers", "name": "cross_validate on arrays"}
def first_numbers(texts, labels, folds=5):
    from sklearn.model_selection import cross_validate

    cv = list(
        StratifiedKFold(folds, shuffle=True, random_state=0).split(np.zeros(len(labels)), labels)
    )
    texts = np.array(texts, dtype=object)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    both = (DummyClassifier(strategy="most_frequent"), model)
    return tuple(
        cross_validate(one, texts, labels, cv=cv, scoring="f1_macro")["test_score"].mean()
        for one in both
    )


# %% [markdown]
# ### Your narration
#
# Write what you *say* in those 45 minutes, not the code: 250 to 350 words, in the order of the clock.
#
# | | no | leaning no | leaning yes | yes |
# |---|---|---|---|---|
# | **correctness and depth** | leakage, or a metric on which the majority class does well | a working model; no baseline, or no look at errors | baseline, pipeline inside folds, a metric that fits the balance, errors read | besides, why each improvement follows from an error that was seen; calibration or threshold from cost |
# | **structure** | types first | in order, and runs out of time before evaluation | clarify → look → baseline → improve → evaluate → ship, within the clock | besides, says at each step what would make it stop or turn back |
# | **trade-offs** | "transformers are better" | names speed | linear against network by measured gain, cost and latency | besides, what it would need to be worth the larger model |
# | **communication** | silent | comments on what is typed | says the plan before, and the finding after | besides, asks the interviewer to decide where it is theirs to decide |

# %% [markdown] nbgrader={"grade": true, "grade_id": "coding_round", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# "Before I type: are there two classes or stars? I'll assume positive and negative. What hurts more, a complaint
# that is missed or praise that is flagged? You say the complaint, so I'll watch recall of the negatives. How many
# reviews, and how fast must it answer? Ten thousand, 50 ms: a linear model will do for a start.
#
# I look first. Balance: two to one. Three empty texts, some with HTML, some twice. I drop the copies before I split,
# otherwise a test review is in training too. I read five aloud: sarcasm, 'not bad', and stars that contradict the
# text.
#
# I split off 20 %, stratified, and close it. On the rest I use five folds. The majority class has a macro F1 of
# 0.40: that is what every number is compared with. TF-IDF and logistic regression in one pipeline, so that the
# vocabulary is learned inside the fold: 0.78.
#
# I look at twenty errors. Seven are negations, so I try pairs of words and keep the stop words, in the same folds:
# 0.80. It costs ten times the features and still answers in a millisecond. A search over C and the n-grams, inside
# the folds: 0.81. I'd try a small network next and keep it only if it gains more than two points, since it costs
# latency and a GPU.
#
# I set the threshold on the out-of-fold scores, so that recall of the negatives is 0.85. Now the closed part, once:
# confusion matrix, recall of the negatives 0.83, precision 0.62. You tell me whether that precision is acceptable.
#
# To ship it: the service refuses empty and non-text input with a clear message, limits the length, logs score,
# version and time. I watch the share of negatives and of unknown words each day. When either leaves last month's
# range, I label 200 reviews and look before I retrain. With another hour, I'd check calibration and short texts."

# %%
learner.rate_yourself("coding_round")

# %% [markdown] nbgrader={"grade": false, "grade_id": "coding_round_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### After your answer
#
# Record minute 10 to 20 once more, typing. Was there a silence longer than 30 seconds?
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (coding_round, 8 points)
#
# - *Note.* The figures in the answer needn't be true, they stand for what one would say. Leakage that is named and
#   mended counts as right. Another first model is fine where a baseline comes before it.
# - *Ask*: "Your F1 is 0.78. Is that good?" A strong candidate answers with the majority class, with people's
#   agreement, or with cost.
# - *Don't deduct* for leaving out deployment when the clock ran out and that is said.
#
# | level | a strong answer at this level |
# |---|---|
# | entry | a split, a baseline, a pipeline, a metric with a reason; talks |
# | mid | everything inside the folds; error analysis that leads to the next step; a threshold |
# | senior | cost drives metric and threshold; duplicates and label noise; serving and monitoring that fit |
# | staff | scopes it: what not to build; what labels are worth; how it will be judged in half a year |
# ### END MARK SCHEME

# %% [markdown]
# ## Question 2 · "95 % accurate. Ship it?"
#
# > **Interviewer**: "A colleague's model flags angry reviews for the support team. It is 95 % accurate. Do we ship
# > it?"
# >
# > *Suggested time: two minutes, then three minutes of follow-ups.*
#
# **Say yours now.** Then read:
#
# > **A candidate**: "95 % is above what I'd expect, so yes. I'd check that it isn't overfitting, so compare with
# > the training accuracy. If it matters, I'd balance the classes by copying the rare ones before the split, and see
# > whether it stays at 95."
#
# ### Exercise 3 · What is wrong with it?
#
# *Difficulty 2 of 5 · 4 minutes · 3 points*
#
# - **A**: It doesn't ask how many reviews are angry. If 5 % are, never flagging anything is 95 % accurate.
# - **B**: It doesn't ask what the two errors cost: an angry customer missed, and a support agent's minutes.
# - **C**: Copies made before the split end up on both sides of it.
# - **D**: Accuracy may never be reported.
# - **E**: It doesn't ask on which reviews it was measured: last week's, of all products, labelled by whom.
# - **F**: It should compare with a transformer before anything is shipped.
# - **G**: It says nothing of how certain the number is, or of groups for which it may be far lower.
#
# Return the set of letters that hold. One letter too many or too few earns 1 point of 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gaps_ship_it",
    "What would you have to know to tell a friend whether 95 % is good?",
    "Two of the seven make a rule where none is needed.",
    "With balanced classes and equal costs, accuracy is a fine summary. And a linear model may be all that is needed.",
)


# %% nbgrader={"grade": false, "grade_id": "gaps_ship_it", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps_ship_it():
    """Name the objections that hold against the candidate's answer.

    Returns
    -------
    set of str
        Letters from "A" to "G".
    """
    ### BEGIN SOLUTION
    return {"A", "B", "C", "E", "G"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gaps_ship_it_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gaps_ship_it")
with check("the answer is made of letters from A to G", points=0):
    checks.that(
        set("".join(gaps_ship_it()).upper()) <= set("ABCDEFG ,;"),
        "Give a set of letters from A to G.",
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=1):
    picked = set("".join(gaps_ship_it()).upper()) & set("ABCDEFG")
    checks.that(len(picked ^ {"A", "B", "C", "E", "G"}) <= 1, "More than one letter is off.")
with check("exactly the objections that hold", points=2):
    checks.choices(
        gaps_ship_it(),
        {"A", "B", "C", "E", "G"},
        {
            "D": "Accuracy is a fine summary where classes are balanced and errors cost the same. The fault is to take it without "
            "asking whether they do.",
            "F": "Another model is a comparison for later. Whether this one is good enough depends on the task, and not on what else "
            "exists.",
            "incomplete": "A question was let pass that could turn the decision round. Ask: how many are angry, what do errors cost, "
            "where was it measured, how sure is it?",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gaps_ship_it", "name": "D"}
def gaps_ship_it():
    return {"A", "B", "C", "D", "E", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_ship_it", "name": "F"}
def gaps_ship_it():
    return {"A", "B", "C", "E", "F", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_ship_it", "name": "incomplete"}
def gaps_ship_it():
    return {"A", "B"}


# %% tags=["alternative"] alternative={"exercise": "gaps_ship_it", "name": "a list in lower case"}
def gaps_ship_it():
    return ["a", "b", "c", "e", "g"]


# %% tags=["alternative"] alternative={"exercise": "gaps_ship_it", "name": "one string"}
def gaps_ship_it():
    return "A, B, C, E, G"


# %% [markdown]
# ### Exercise 4 · How many of the flags are right?
#
# *Difficulty 2 of 5 · 6 minutes · 3 points*
#
# The support team sees flags and nothing else. What they notice is precision, and precision depends on how rare angry
# reviews are, even when the model's recall and its rate of false alarms stay the same. Write it by Bayes' rule.
#
# *Worked example*: 5 % of reviews are angry, the model finds 90 % of them, and flags 5 % of the others. Of 1,000
# reviews, 50 are angry and 45 of these are flagged; of the other 950, 47.5 are. So 45 / 92.5 = 48.6 % of the flags
# are right. The accuracy is 94.75 %.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "share_of_flags_right",
    "Take 1,000 reviews. How many flags come from angry ones, how many from the others?",
    "Flags that are right: share · recall. Flags that are wrong: (1 − share) · false alarms.",
    "Right flags divided by all flags.",
)


# %% nbgrader={"grade": false, "grade_id": "share_of_flags_right", "locked": false, "schema_version": 3, "solution": true, "task": false}
def share_of_flags_right(share, recall, false_alarms):
    """Give the precision of a classifier from its rates and the share of the rare class.

    Parameters
    ----------
    share : float
        Share of reviews that are angry, above 0 and below 1.
    recall : float
        Share of the angry ones that are flagged, above 0 and at most 1.
    false_alarms : float
        Share of the others that are flagged (false positive rate), at least 0 and at most 1.

    Returns
    -------
    float
        Share of the flags that are right.
    """
    ### BEGIN SOLUTION
    right = share * recall
    wrong = (1 - share) * false_alarms
    return right / (right + wrong)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "share_of_flags_right_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("share_of_flags_right")
with check("the worked example", points=0.5):
    checks.close(
        share_of_flags_right(0.05, 0.9, 0.05),
        45 / 92.5,
        given="share 0.05, recall 0.9, false alarms 0.05",
    )
### BEGIN HIDDEN TESTS
with check("other rates, by counting reviews", points=2):
    for angry, others, found, wrong in [(40, 960, 30, 24), (300, 700, 240, 14), (5, 995, 4, 199)]:
        share, recall, alarms = angry / 1000, found / angry, wrong / others
        checks.close(
            share_of_flags_right(share, recall, alarms),
            found / (found + wrong),
            rtol=1e-9,
            given=f"of 1,000 reviews {angry} are angry; {found} of these and {wrong} of the others are flagged",
            mistakes=[
                checks.Mistake(
                    "classes taken as equally frequent",
                    looks_like=recall / (recall + alarms),
                    says="The rates were compared as if half of the reviews were angry. Weigh each by how many reviews it applies to.",
                ),
                checks.Mistake(
                    "recall",
                    looks_like=recall,
                    says="This is the share of the angry reviews that are flagged. The team asks for the share of the flags that are angry.",
                ),
                checks.Mistake(
                    "accuracy",
                    looks_like=share * recall + (1 - share) * (1 - alarms),
                    says="This is the accuracy, most of which comes from reviews that nobody flags.",
                ),
                checks.Mistake(
                    "false alarms not weighed",
                    looks_like=share * recall / (share * recall + alarms),
                    says="False alarms were counted as if every review were harmless; they come from the share 1 − share.",
                ),
            ],
        )
with check("no false alarms at all", points=0.5):
    checks.close(
        share_of_flags_right(0.01, 0.2, 0.0), 1.0, given="share 0.01, recall 0.2, no false alarms"
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "share_of_flags_right", "name": "classes taken as equally frequent"}
def share_of_flags_right(share, recall, false_alarms):
    return recall / (recall + false_alarms)


# %% tags=["mistake"] mistake={"exercise": "share_of_flags_right", "name": "recall"}
def share_of_flags_right(share, recall, false_alarms):
    return recall


# %% tags=["mistake"] mistake={"exercise": "share_of_flags_right", "name": "accuracy"}
def share_of_flags_right(share, recall, false_alarms):
    return share * recall + (1 - share) * (1 - false_alarms)


# %% tags=["mistake"] mistake={"exercise": "share_of_flags_right", "name": "false alarms not weighed"}
def share_of_flags_right(share, recall, false_alarms):
    return share * recall / (share * recall + false_alarms)


# %% tags=["alternative"] alternative={"exercise": "share_of_flags_right", "name": "odds"}
def share_of_flags_right(share, recall, false_alarms):
    if false_alarms == 0:
        return 1.0
    odds = share / (1 - share) * recall / false_alarms
    return odds / (1 + odds)


# %% tags=["alternative"] alternative={"exercise": "share_of_flags_right", "name": "a thousand reviews"}
def share_of_flags_right(share, recall, false_alarms):
    angry = 1000 * share
    flags = np.array([angry * recall, (1000 - angry) * false_alarms])
    return flags[0] / flags.sum()


# %% jupyter={"source_hidden": true}
# How the next figure is made
rare = np.geomspace(0.002, 0.5, 80)
fig, ax = plt.subplots(figsize=(7, 3.6))
for alarms, name, where in [(0.01, "blue", 26), (0.05, "vermillion", 40)]:
    precise = rare * 0.9 / (rare * 0.9 + (1 - rare) * alarms)
    ax.plot(100 * rare, 100 * precise, lw=2.4, color=widgets.COLORS[name])
    ax.annotate(
        f"flags {alarms:.0%} of the others", (100 * rare[where], 100 * precise[where]), (8, -12),
        textcoords="offset points",
    )  # fmt: skip
ax.set(
    xscale="log", xlabel="share of angry reviews, per cent", ylabel="flags that are right, per cent"
)
ax.set_xticks([0.2, 1, 5, 20, 50], labels=["0.2", "1", "5", "20", "50"])
ax.minorticks_off()
ax.grid(alpha=0.3)
ax.set_title("The rarer what you look for, the fewer flags are right")
widgets.show(
    fig,
    alt="Share of flags that are right against the share of angry reviews, for a model that finds 90 per cent of them. Both "
    "curves rise from near zero to near 100 per cent; with 5 per cent false alarms the curve reaches 50 per cent where "
    "about 5 per cent of the reviews are angry.",
)

# %% [markdown]
# ### Your answer
#
# Answer in 150 to 250 words: what you ask, what each answer would lead to, and when you would say yes.
#
# | | no | leaning no | leaning yes | yes |
# |---|---|---|---|---|
# | **correctness and depth** | yes, or "accuracy is bad" | class balance named | balance, both errors, where measured; what precision the team will see | besides, threshold from cost, intervals, calibration, weak groups |
# | **structure** | a list of metrics | questions without consequences | question → what each answer leads to → decision | besides, the one question that decides most comes first |
# | **trade-offs** | none | precision against recall | in units of the team: minutes, customers | besides, a way to ship small and learn: shadow, a share, a human in the loop |
# | **communication** | lectures | followable | plain, within the time | besides, fair to the colleague whose model it is |

# %% [markdown] nbgrader={"grade": true, "grade_id": "ship_it", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# I'd want four answers first, and the first may settle it. How many reviews are angry? If 5 % are, a model that
# never flags is 95 % accurate, and ours may be no better. So I'd ask for the confusion matrix in place of one number.
#
# Second: what do errors cost? Say the team can look at 100 flags a day, and an angry customer who is missed costs
# us a refund. Then I want as much recall as 100 flags allow, and choose the threshold for that, on validation rows.
# With 5 % angry, 90 % found and 5 % false alarms, every second flag is wrong: I'd ask the team whether they would
# go on reading.
#
# Third: where was it measured? On reviews from after the training rows, of all products and languages we serve,
# with labels that two people agree on? With copies taken out? Otherwise the number is about something else.
#
# Fourth: how certain is it, and for whom? 40 angry reviews in the test part make a recall of 0.9 uncertain by nine
# points either way. I'd look at short reviews and at each language by themselves.
#
# If these look right, I'd ship it small: run it in shadow for a week, have the team label 200 of its flags and 200
# random others, then use it to order the queue, where a wrong flag costs a minute and nothing is hidden. I'd say no
# where a flag would act without a person.

# %%
learner.rate_yourself("ship_it")

# %% [markdown] nbgrader={"grade": false, "grade_id": "ship_it_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### After your answer
#
# Did each of your questions come with what you would do for either answer?
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (ship_it, 8 points)
#
# - *Note.* "It depends on the balance" with nothing after it is leaning no. One computed precision, or one
#   threshold from a capacity, makes the first row leaning yes.
# - *Ask*: "The team can read 100 a day. What do you change?"
#
# | level | a strong answer at this level |
# |---|---|
# | entry | majority class; confusion matrix; precision and recall rightly told apart |
# | mid | costs, threshold, where it was measured |
# | senior | capacity and a queue; intervals; weak groups; shadow first |
# | staff | which decision the model serves, who is answerable, how it will be switched off |
# ### END MARK SCHEME

# %% [markdown]
# ## Question 3 · "Good offline, bad in production. Debug it."
#
# > **Interviewer**: "Offline, F1 was 0.84. Two weeks after launch the team says that the flags are useless. What do
# > you do?"
# >
# > *Suggested time: three minutes.*
#
# > **A candidate**: "The data must have drifted, so I'd retrain on the latest reviews, with a bigger model, and set
# > up retraining every night so that it can't happen again."
#
# ### Exercise 5 · What is wrong with it?
#
# *Difficulty 2 of 5 · 4 minutes · 3 points*
#
# - **A**: It acts on the first cause that comes to mind, without a look that tells drift from the others.
# - **B**: It doesn't measure: nobody has labelled production reviews yet, and "useless" is no number.
# - **C**: It doesn't compare what the service computes with what the notebook computes for the same text.
# - **D**: Models must never be retrained automatically.
# - **E**: Retraining every night makes a fault permanent if the fault lies in the features or the labels.
# - **F**: Bigger models drift less.
# - **G**: It offers the team no way back: rolling back to the old process comes before looking for the cause.
#
# Return the set of letters that hold. One letter too many or too few earns 1 point of 3.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "gaps_debug",
    "What would you look at in the first hour, before you change anything?",
    "Two of the seven are false as they stand.",
    "Automatic retraining behind a gate is common practice. Size has nothing to do with drift.",
)


# %% nbgrader={"grade": false, "grade_id": "gaps_debug", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps_debug():
    """Name the objections that hold against the candidate's answer.

    Returns
    -------
    set of str
        Letters from "A" to "G".
    """
    ### BEGIN SOLUTION
    return {"A", "B", "C", "E", "G"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gaps_debug_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("gaps_debug")
with check("the answer is made of letters from A to G", points=0):
    checks.that(
        set("".join(gaps_debug()).upper()) <= set("ABCDEFG ,;"),
        "Give a set of letters from A to G.",
    )
### BEGIN HIDDEN TESTS
with check("at most one letter off", points=1):
    picked = set("".join(gaps_debug()).upper()) & set("ABCDEFG")
    checks.that(len(picked ^ {"A", "B", "C", "E", "G"}) <= 1, "More than one letter is off.")
with check("exactly the objections that hold", points=2):
    checks.choices(
        gaps_debug(),
        {"A", "B", "C", "E", "G"},
        {
            "D": "Automatic retraining is common, behind a gate that compares the new model with the old on fresh labels. What is "
            "wrong is to start it before the cause is known.",
            "F": "Drift is a change of the data. A bigger model learns the old data more closely, which doesn't help with new ones.",
            "incomplete": "A fault was let pass. Ask: what was measured, what was ruled out, what happens to the team today?",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "gaps_debug", "name": "D"}
def gaps_debug():
    return {"A", "B", "C", "D", "E", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_debug", "name": "F"}
def gaps_debug():
    return {"A", "B", "C", "E", "F", "G"}


# %% tags=["mistake"] mistake={"exercise": "gaps_debug", "name": "incomplete"}
def gaps_debug():
    return {"A", "C"}


# %% tags=["alternative"] alternative={"exercise": "gaps_debug", "name": "a list in lower case"}
def gaps_debug():
    return ["a", "b", "c", "e", "g"]


# %% tags=["alternative"] alternative={"exercise": "gaps_debug", "name": "one string"}
def gaps_debug():
    return "ABCEG"


# %% [markdown]
# ### Exercise 6 · How many reviews do we label?
#
# *Difficulty 2 of 5 · 6 minutes · 3 points*
#
# "Useless" has to become a number. You draw $n$ random flags, and people say for each whether it is right. The share
# $p$ that is right is then known to within a margin, at a confidence of $1 - \alpha$. Solved for $n$:
#
# $$ n = \frac{z_{1-\alpha/2}^2 \; p\,(1-p)}{\text{margin}^2} . $$
#
# In words: the variance of one yes-or-no answer, times the squared normal quantile $z$, over the squared margin. Half
# the margin takes four times the labels. Not knowing $p$, take 0.5, where the variance is largest.
#
# *Worked example*: to know a share to within 5 points with 95 % confidence, without any idea of it: 1.96² · 0.25 /
# 0.05² = 384.1, so 385 labels.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "labels_needed",
    "Which quantile belongs to 95 % confidence with two sides?",
    "`stats.norm.ppf(q)` gives it; q isn't 0.95.",
    "z = stats.norm.ppf(1 − (1 − confidence) / 2); the formula; rounded up.",
)


# %% nbgrader={"grade": false, "grade_id": "labels_needed", "locked": false, "schema_version": 3, "solution": true, "task": false}
def labels_needed(margin, share=0.5, confidence=0.95):
    """Give how many random items to label to know a share to within a margin.

    Parameters
    ----------
    margin : float
        Half the width of the interval, above 0: 0.05 means plus or minus five points.
    share : float
        What the share is thought to be, above 0 and below 1.
    confidence : float
        Two-sided, above 0 and below 1.

    Returns
    -------
    int
        Labels, rounded up.
    """
    ### BEGIN SOLUTION
    z = stats.norm.ppf(1 - (1 - confidence) / 2)
    return math.ceil(z**2 * share * (1 - share) / margin**2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "labels_needed_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("labels_needed")
with check("the worked example", points=0.5):
    checks.close(labels_needed(0.05), 385, rtol=1e-9, given="margin 0.05, nothing else")
### BEGIN HIDDEN TESTS
with check("enough labels for the margin, and not one more", points=2.5):
    for margin, share, confidence in [(0.03, 0.8, 0.95), (0.1, 0.3, 0.99), (0.02, 0.5, 0.9)]:
        given = f"margin {margin}, share {share}, confidence {confidence}"
        z = stats.norm.isf((1 - confidence) / 2)
        exact = z**2 * share * (1 - share) / margin**2
        got = checks.number(labels_needed(margin, share, confidence))
        checks.close(
            got,
            math.ceil(exact),
            rtol=1e-9,
            given=given,
            mistakes=[
                checks.Mistake(
                    "one-sided",
                    looks_like=math.ceil(
                        stats.norm.isf(1 - confidence) ** 2 * share * (1 - share) / margin**2
                    ),
                    says="All of the error was put on one side. An interval has two.",
                ),
                checks.Mistake(
                    "margin as the whole width",
                    looks_like=math.ceil(4 * exact),
                    says="The margin was halved. It is half of the interval already: plus or minus.",
                ),
                checks.Mistake(
                    "margin not squared",
                    looks_like=math.ceil(exact * margin),
                    says="The standard error falls with the root of n, so n grows with the square of 1 / margin.",
                ),
                checks.Mistake(
                    "rounded down",
                    looks_like=math.floor(exact),
                    says="Rounded down, the interval is a little wider than was asked for. Round up.",
                ),
            ],
        )
        half = [z * math.sqrt(share * (1 - share) / n) for n in (got, got - 1)]
        checks.that(half[0] <= margin + 1e-12, "Too few for this margin.", given=given)
        checks.that(half[1] > margin - 1e-12, "One fewer would do.", given=given)
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "labels_needed", "name": "one-sided"}
def labels_needed(margin, share=0.5, confidence=0.95):
    return math.ceil(stats.norm.ppf(confidence) ** 2 * share * (1 - share) / margin**2)


# %% tags=["mistake"] mistake={"exercise": "labels_needed", "name": "margin as the whole width"}
def labels_needed(margin, share=0.5, confidence=0.95):
    z = stats.norm.ppf(1 - (1 - confidence) / 2)
    return math.ceil(z**2 * share * (1 - share) / (margin / 2) ** 2)


# %% tags=["mistake"] mistake={"exercise": "labels_needed", "name": "margin not squared"}
def labels_needed(margin, share=0.5, confidence=0.95):
    z = stats.norm.ppf(1 - (1 - confidence) / 2)
    return math.ceil(z**2 * share * (1 - share) / margin)


# %% tags=["mistake"] mistake={"exercise": "labels_needed", "name": "rounded down"}
def labels_needed(margin, share=0.5, confidence=0.95):
    z = stats.norm.ppf(1 - (1 - confidence) / 2)
    return int(z**2 * share * (1 - share) / margin**2)


# %% tags=["alternative"] alternative={"exercise": "labels_needed", "name": "interval of a normal"}
def labels_needed(margin, share=0.5, confidence=0.95):
    _, z = stats.norm.interval(confidence)
    return math.ceil((z * math.sqrt(share * (1 - share)) / margin) ** 2)


# %% tags=["alternative"] alternative={"exercise": "labels_needed", "name": "NumPy"}
def labels_needed(margin, share=0.5, confidence=0.95):
    noise = np.sqrt(share - share**2)
    return int(np.ceil(np.square(stats.norm.isf((1 - confidence) / 2) * noise / margin)))


# %% [markdown]
# ### Your answer
#
# Answer in 200 to 300 words: what you do in the first hour, the causes in the order in which you look, the look
# that tells each from the others, and what you change so that it is seen earlier next time.
#
# | | no | leaning no | leaning yes | yes |
# |---|---|---|---|---|
# | **correctness and depth** | retrains | several causes | causes with the look that tells each: skew, drift, labels, threshold, leakage offline | besides, in the order of cost and likelihood, with what each finding leads to |
# | **structure** | wanders | list | stop the harm → measure → narrow down → mend → prevent | besides, bounded in time, with who does what |
# | **trade-offs** | none | rollback named | rollback against running on with a person in between | besides, what monitoring would have cost, and which alarm comes first |
# | **communication** | blames | followable | plain, within the time | besides, what the team is told today |

# %% [markdown] nbgrader={"grade": true, "grade_id": "debug", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# First the harm: I switch the queue back to the old order, keep the model running in shadow, and tell the team that
# I did and when they will hear from me.
#
# Then a number. I take 400 random flags of the last three days, two people label them: that gives precision to
# within five points. And 400 that were not flagged, for what was missed.
#
# If precision is as offline, the model does what it did: there are more reviews, or the threshold doesn't fit what
# the team can read. I set it by capacity.
#
# If it is lower, I look in the order of cost. (1) *Skew*, an hour: take 100 logged requests, run the notebook's
# pipeline on the same texts, compare scores. They must agree up to rounding. Different HTML cleaning, another
# tokeniser version, or text cut at 200 characters show up here. (2) *Offline was wrong*, an hour: copies across the
# split, a vectoriser fitted on everything, test rows older than training rows. I score again, split by time. (3)
# *Drift*: compare share of unknown words, length, language and score by day with the training rows. A jump on one
# day is a release or a new client; a slope is the world. (4) *Labels*: does the team mean by "angry" what our
# labellers meant? I look at disagreements.
#
# Each has its own remedy: one shared pipeline package for (1), a split by time for (2), retraining on recent
# labels, behind a gate, for (3), a new labelling guide for (4).
#
# So that it is seen earlier: 50 labels a week as a standing check, an alarm on unknown words and on the share of
# flags, scores of a fixed set of 20 texts compared at each deployment, and a rollback that takes one command.

# %%
learner.rate_yourself("debug")

# %% [markdown] nbgrader={"grade": false, "grade_id": "debug_notes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### After your answer
#
# Which of your looks could come out in two ways, and did you say what each would mean?
#
# ### BEGIN MARK SCHEME
# **Notes for the grader** (debug, 8 points)
#
# - *Note.* Three causes that differ in kind with a look each are leaning yes in the first row. Skew before drift is
#   a sign of having done it. Retraining as the first step caps *correctness* at leaning no.
# - *Ask*: "The scores agree to the last digit, and precision is half. What next?"
#
# | level | a strong answer at this level |
# |---|---|
# | entry | labels some production data; compares inputs with training |
# | mid | skew, drift and leakage told apart, with a look each |
# | senior | stops the harm first; orders by cost; prevention that fits the cause |
# | staff | what the organisation changes: one pipeline, gates, ownership of the alarm; what it tells customers |
# ### END MARK SCHEME

# %% [markdown]
# ### Follow-ups, each harder
#
# **1.** *"Which single alarm would you build first?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The share of flags by day against last month's range. It needs no labels, it moves with skew, with drift and with
# a broken client, and the team understands it. The second is the share of words that the vocabulary doesn't know,
# which moves first when the texts change. The mean of the score may not move when the texts change (in *Use* the
# films hardly moved it), and says little about why.
# </details>
#
# **2.** *"You retrain on the flags that the team confirmed. What goes wrong?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Only what the model flagged has labels, so it learns to be sure of what it knows already, and never hears of what
# it missed. It needs labels for some random unflagged reviews too, weighted by how likely each was to be labelled.
# Recommenders have the same feedback loop.
# </details>
#
# **3.** *"Scores look calibrated overall, and the team still finds them wrong for short reviews."*
#
# <details><summary>Answer aloud, then open</summary>
#
# Calibration overall is an average over groups: short texts may be over-confident and long ones under-confident.
# Plot it by length. A text of three words rests on one or two coefficients. Remedies, in the order of cost: no flag
# below a length, length as a feature, calibration by group where each has some hundred labels.
# </details>

# %% [markdown]
# ## Glossary
#
# Cover the right-hand side and say it.
#
# | term | in a sentence |
# |---|---|
# | bag of words | a text as counts of its words, order forgotten |
# | calibration | of the texts that get 0.8, eight in ten are positive |
# | confusion matrix | counts by true class (rows) and predicted class (columns) |
# | document frequency | number of texts that hold a word |
# | drift | the texts, or what they mean, change after training |
# | embedding bag | the mean of learned word vectors |
# | F1 | harmonic mean of precision and recall; macro: the mean over classes |
# | held-out (test) rows | rows that no step of fitting or choosing has seen |
# | idf | inverse document frequency: ln((1 + n) / (1 + df)) + 1 |
# | n-gram | n words in a row |
# | naive Bayes | words taken as independent given the class; counts, smoothed, in logs |
# | ONNX | a file format for trained models that other programs run |
# | pipeline | vectoriser and model as one object, fitted together |
# | precision, recall | share of the flagged that is positive; share of the positive that is flagged |
# | ROC-AUC | share of pairs of a positive and a negative text that the score puts in the right order |
# | training–serving skew | for the same text the service computes something else than training did |
# | smoothing | adding α to each count, so that an unseen word doesn't make a class impossible |
# | stop words | frequent words that are left out; "not" had better not be |
# | stratified folds | folds that keep the shares of the classes |
# | TF-IDF | count in the text times idf, each text scaled to length 1 |
# | threshold | the score from which a text is flagged |
# | token | a piece of text that is counted: mostly a word |

# %% [markdown]
# ## Cheat sheet
#
# One page for the evening before. Cover the right-hand sides and say them.
#
# **The round**
#
# | step | say | have ready |
# |---|---|---|
# | clarify | classes, cost of each error, size, speed, languages | |
# | look | balance, empty, HTML, duplicates, five texts aloud | copies out *before* the split |
# | split | stratified, or by time, or by film | test rows closed until the end |
# | baseline | majority class, then TF-IDF with logistic regression | one pipeline, fitted in each fold |
# | improve | what the errors ask for: pairs of words, negation, C | one change at a time, same folds |
# | evaluate | confusion matrix, precision and recall by class, threshold from cost | once |
# | serve | refuse empty and non-text, limit length, log score and version | same pipeline object as in training |
# | watch | share of flags, unknown words, 50 labels a week | who is called |
#
# **Formulas**
#
# | | formula | in words |
# |---|---|---|
# | idf | $\ln\frac{1+n}{1+\mathrm{df}} + 1$ | rare words weigh more, none weighs nothing |
# | naive Bayes | $\log p(c) + \sum_w x_w \log\frac{N_{cw}+\alpha}{N_c+\alpha V}$ | counts, smoothed, in logs |
# | precision, recall | $\frac{TP}{TP+FP}$, $\frac{TP}{TP+FN}$ | of the flags; of what is there |
# | F1 | $\frac{2PR}{P+R}$ | low when either is low |
# | ROC-AUC | share of pairs (positive, negative) in the right order, ties ½ | depends on neither threshold nor balance |
# | precision from rates | $\frac{\pi r}{\pi r + (1-\pi) f}$ | the rarer, the lower |
# | labels for a margin | $z^2 p(1-p)/m^2$ | 385 for five points |
#
# **When it goes wrong**
#
# | symptom | likely cause | look at |
# |---|---|---|
# | 95 % accurate and useless | majority class | confusion matrix |
# | folds 0.95, new texts 0.80 | vectoriser outside the folds; copies across the split; time | what is fitted where; hash the texts |
# | service and notebook disagree | two cleanings, two versions, cut texts | same 100 texts through both |
# | share of flags jumps in a day | a release, a new client | deployments |
# | share of unknown words climbs | new products, new slang | fresh labels, then retrain |
# | "not good" counts as good | negation lost by stop words or single words | pairs of words |
# | sure and wrong on short texts | few coefficients decide | calibration by length |
#
# The topic, from the top: [1 · See](1_see.ipynb) · [2 · Build](2_build.ipynb) · [3 · Use](3_use.ipynb)

# %% tags=["on_open"]
learner.check_my_work()
