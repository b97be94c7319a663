"""What the pictures of sentiment pipelines compute, without a browser."""

from __future__ import annotations

import itertools
import re
import time
from collections import Counter

import numpy as np
import pytest
from scipy.special import expit
from sklearn import metrics
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer

from curriculum.widgets import sentiment as sen
from curriculum.widgets.sentiment import coefficients as sen_words
from curriculum.widgets.sentiment import metrics as sen_threshold
from curriculum.widgets.sentiment import mistakes as sen_errors
from curriculum.widgets.sentiment import preprocessing as sen_steps
from curriculum.widgets.sentiment import tfidf as sen_weights

ALL_STEPS = [
    combination
    for size in range(len(sen.STEPS) + 1)
    for combination in itertools.combinations(sen.STEPS, size)
]


def drive(picture, drawing, cases):
    """Show each case; return the words. Each frame's numbers come quickly."""
    said = []
    picture._scene(picture.settings)  # what is fitted is fitted once
    picture._scene(cases[0])
    started = time.perf_counter()
    for settings in cases:
        scene = picture._scene(settings)
        drawing.update(scene)
        plain, caption = picture._describe(scene), picture._caption(scene)
        assert "nan" not in plain.split() and "<script" not in caption
        assert caption.startswith('<div class="cw-caption">') and caption.endswith("</div>")
        said.append(plain)
    assert (time.perf_counter() - started) / len(cases) < 0.25, "generous: machines are shared"
    drawing.figure.canvas.draw()
    return said


# --- the corpora and the models -----------------------------------------------------------------


def test_the_parts_of_the_corpora():
    training, held = sen.texts("food", "training"), sen.texts("food", "held out")
    assert (len(training.texts), len(held.texts)) == (4000, 993)
    assert not set(training.texts) & set(held.texts)
    films = [sen.texts("films", part) for part in ("training", "held out")]
    assert sum(len(part.texts) for part in films) == 10_605 - 37
    for part in (training, held, *films):
        assert len(part.texts) == len(part.y) and set(part.y.tolist()) == {0, 1}


@pytest.mark.parametrize(("corpus", "part"), [("food", "testing"), ("songs", "training")])
def test_an_unknown_part_or_corpus(corpus, part):
    with pytest.raises(ValueError, match="no "):
        sen.texts(corpus, part)


def test_document_frequencies_of_the_features():
    found = sen.features("food")
    assert found.df.min() == sen.MIN_DF
    n = found.training.shape[0]
    np.testing.assert_allclose(found.idf, np.log((1 + n) / (1 + found.df)) + 1, rtol=1e-12)


@pytest.mark.parametrize("corpus", sen.CORPORA)
@pytest.mark.parametrize("c", sen.STRENGTHS)
def test_the_model_is_where_its_objective_is_flat(corpus, c):
    fitted, found = sen.model(corpus, c), sen.features(corpus)
    y = sen.texts(corpus, "training").y
    away = expit(found.training @ fitted.weights + fitted.intercept) - y
    gradient = found.training.T @ away / len(y) + fitted.lam * fitted.weights
    assert np.abs(gradient).max() < 2e-6
    assert abs(away.mean()) < 2e-6, "the intercept is not penalised"
    assert fitted.lam == pytest.approx(1 / (len(y) * c))


def test_a_long_review_is_cut_at_a_word():
    assert sen.shorten("good<br />tea\nhere") == "good tea here"
    assert sen.shorten("one two three", 9) == "one two …"


# --- steps --------------------------------------------------------------------------------------

TEXT = "Not GOOD, but I didn't regret the tea.<br />Never again!"


@pytest.mark.parametrize(
    ("on", "tokens"),
    [
        ((), "Not GOOD, but I didn't regret the tea.<br />Never again!"),
        (("tags",), "Not GOOD, but I didn't regret the tea. Never again!"),
        (("tags", "words"), "Not GOOD but I didn't regret the tea Never again"),
        (("tags", "words", "lower"), "not good but i didn't regret the tea never again"),
        (
            ("tags", "words", "lower", "negation"),
            "not not_good but i didn't not_regret not_the not_tea never not_again",
        ),
        (("tags", "words", "lower", "stop"), "good didn't regret tea"),
        (("tags", "words", "stop"), "Not GOOD I didn't regret tea Never"),
        (tuple(sen.STEPS), "not_good didn't not_regret not_tea"),
        (tuple(reversed(sen.STEPS)), "not_good didn't not_regret not_tea"),
    ],
)
def test_tokens_after_each_step(on, tokens):
    assert sen.tokens(TEXT, on) == tokens.split()


@pytest.mark.parametrize("on", [(), ("negation",), ("lower", "stop"), tuple(sen.STEPS)])
def test_the_quick_count_is_the_plain_one(on):
    plain = Counter(
        token for text in sen.texts("food", "training").texts for token in set(sen.tokens(text, on))
    )
    assert sorted(plain.values()) == sorted(sen.document_frequency(frozenset(on)).tolist())


def test_steps_over_the_range_of_the_controls():
    picture, drawing = sen.StepsPicture(), sen.StepsDrawing()
    reviews = range(1, len(sen.example_reviews()) + 1)
    assert len(reviews) == 6
    cases = [
        sen.StepsSettings(review, on, min_df)
        for on, review, min_df in zip(
            ALL_STEPS, itertools.cycle(reviews), itertools.cycle(sen_steps.MIN_DFS)
        )
    ]
    said = drive(picture, drawing, cases)
    assert len(set(said)) == len(said)
    for settings in cases:
        scene = sen.steps_scene(settings)
        assert sum(scene.histogram) == len(scene.df)
        assert scene.size == (scene.df >= settings.min_df).sum()
        assert len(scene.df) < drawing.sizes.get_xlim()[1]
        assert max(scene.histogram) < drawing.rarity.get_ylim()[1]


def test_what_the_lesson_says_about_the_steps():
    sizes = {on: len(sen.document_frequency(frozenset(on))) for on in ALL_STEPS}
    alone = {key: sizes[()] - sizes[(key,)] for key in sen.STEPS}
    assert max(alone, key=alone.get) == "words"
    assert alone["negation"] < 0 < alone["stop"] < 0.02 * sizes[()]
    assert sizes[()] == pytest.approx(30_000, rel=0.02)
    assert sizes[("words",)] == pytest.approx(17_000, rel=0.02)
    cleaned = sen.document_frequency(frozenset({"tags", "words", "lower"}))
    assert (cleaned >= 2).mean() == pytest.approx(0.5, abs=0.02)
    assert len(ENGLISH_STOP_WORDS) == 318 and {"not", "no", "never"} <= ENGLISH_STOP_WORDS


# --- weights ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sublinear", [False, True])
@pytest.mark.parametrize("review", sen_weights.REVIEWS)
def test_weights_with_all_parts_are_those_of_scikit_learn(review, sublinear):
    scene = sen.weights_scene(sen.WeightsSettings(review, True, sublinear, True))
    training = sen.texts("food", "training").texts
    vectoriser = TfidfVectorizer(min_df=sen.MIN_DF, preprocessor=sen.clean, sublinear_tf=sublinear)
    # Fitted once in the picture; here only applied, by the same vocabulary and idf.
    found = sen.features("food")
    vectoriser = vectoriser.set_params(vocabulary=list(found.words))
    vectoriser.fit([" ".join(found.words)])
    vectoriser.idf_ = found.idf
    row = vectoriser.transform([training[sen_weights.review_row(review)]]).toarray()[0]
    wanted = np.zeros(len(row))
    wanted[scene.columns] = scene.weights
    np.testing.assert_allclose(wanted, row, atol=1e-12)
    assert (np.diff(scene.weights) <= 0).all()


def test_weights_over_the_range_of_the_controls():
    cases = [
        sen.WeightsSettings(review, *parts)
        for review in sen_weights.REVIEWS
        for parts in itertools.product([False, True], repeat=3)
    ]
    drawing = sen.WeightsDrawing()
    said = drive(sen.WeightsPicture(), drawing, cases)
    assert len(set(said)) == len(said)
    for settings in cases:
        scene = sen.weights_scene(settings)
        drawing.update(scene)
        assert scene.weights[0] < drawing.review.get_xlim()[1]
        assert len(scene.shown) == sen_weights.BARS and scene.asked in scene.shown
        if settings.unit:
            assert np.linalg.norm(scene.weights) == pytest.approx(1)


def test_what_the_lesson_says_about_the_weight_of_the():
    before, after = (sen.weights_scene(sen.WeightsSettings(idf=idf)) for idf in (False, True))
    assert (before.asked + 1, after.asked + 1) == (4, 42)
    assert after.counts[after.asked] == 3
    assert after.weights[after.asked] == pytest.approx(3.62, abs=0.005)
    assert 0 < after.asked < len(after.weights) - 1, "neither the heaviest nor the lightest"
    assert "idf" not in sen.weights_caption(before), "it would answer the question"


# --- threshold ----------------------------------------------------------------------------------


def test_threshold_over_the_range_of_the_controls():
    cases = [
        sen.ThresholdSettings(float(t), cost)
        for t in sen_threshold.GRID[::4]
        for cost in sen_threshold.COSTS
    ]
    drawing = sen.ThresholdDrawing()
    said = drive(sen.ThresholdPicture(), drawing, cases)
    assert len(set(said)) == len(said)
    y, p = sen.texts("food", "held out").y, sen.model().probabilities
    for settings in cases:
        scene = sen.threshold_scene(settings)
        called = (p >= settings.threshold).astype(int)
        np.testing.assert_array_equal(scene.matrix, metrics.confusion_matrix(y, called))
        wanted = metrics.precision_recall_fscore_support(
            y, called, average="binary", zero_division=0
        )
        assert (scene.precision, scene.recall, scene.f1) == pytest.approx(wanted[:3])
        assert scene.accuracy == pytest.approx(metrics.accuracy_score(y, called))
        curve = sen.cost_curve(settings.cost)
        assert scene.cost >= curve.min() - 1e-12
        drawing.update(scene)
        assert curve.max() < drawing.costs.get_ylim()[1]


def test_the_slider_and_the_curves_have_the_same_thresholds():
    picture = sen.ThresholdPicture()
    _ = picture.widget
    slider = picture.controls["threshold"]
    assert slider.min == sen_threshold.GRID[0] and slider.max == sen_threshold.GRID[-1]
    picture.change(threshold=0.7)
    assert slider.value == 0.7
    assert picture._dragged(-3.0, 0.0) == {"threshold": 0.02}
    assert picture._dragged(0.4321, 0.0) == {"threshold": 0.43}
    picture.reset()
    assert picture.settings == sen.ThresholdSettings()
    picture.close()


@pytest.mark.parametrize(
    ("matrix", "wanted"),
    [
        ([[3, 0], [2, 0]], (0, 0, 0)),
        ([[3, 0], [0, 0]], (0, 0, 0)),
        ([[0, 3], [0, 2]], (0.4, 1, 4 / 7)),
        ([[3, 1], [2, 4]], (0.8, 2 / 3, 8 / 11)),
    ],
)
def test_rates_with_zero_denominators(matrix, wanted):
    assert sen.rates(np.array(matrix)) == pytest.approx(wanted)


def test_area_with_ties():
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 300), rng.integers(0, 8, 300) / 8
    assert sen.area(y, p) == pytest.approx(metrics.roc_auc_score(y, p))


def test_what_the_lesson_says_about_the_threshold():
    at = {t: sen.threshold_scene(sen.ThresholdSettings(t)) for t in (0.5, 0.7)}
    assert at[0.5].matrix.tolist() == [[181, 157], [52, 603]]
    assert at[0.7].matrix.tolist() == [[297, 41], [211, 444]]
    assert at[0.7].precision > at[0.5].precision and at[0.7].recall < at[0.5].recall
    assert at[0.5].accuracy == pytest.approx(0.79, abs=0.005)
    y, p = sen.texts("food", "held out").y, sen.model().probabilities
    assert sen.area(y, p) == pytest.approx(0.86, abs=0.005)
    assert y.mean() == pytest.approx(0.66, abs=0.005)
    assert sen.threshold_scene(sen.ThresholdSettings(cost=4.0)).cheapest == 0.71
    _, values = sen_threshold.curves()
    assert (np.diff(values[:, 1]) <= 0).all()
    assert (np.diff(values[:, 0]) < 0).any(), "precision has dents"


# --- the learner's own --------------------------------------------------------------------------


def three(matrix):
    return sen.rates(matrix)


def three_arrays(matrix):
    per_class = [sen.rates(matrix[::-1, ::-1]), sen.rates(matrix)]
    return tuple(np.array(per_class).T)


def table(matrix):
    return np.array(three_arrays(matrix))


def by_name(matrix):
    return dict(zip(("precision", "recall", "f1"), sen.rates(matrix), strict=True))


def in_place(matrix):
    found = sen.rates(matrix)
    matrix[:] = 0
    return found


def noisy(matrix):
    print("matrix")
    return sen.rates(matrix)


def unwritten(*_):
    raise NotImplementedError


def odd(*_):
    raise RuntimeError("a <b>long</b>\nstory " * 30)


@pytest.mark.parametrize(
    ("function", "state", "says"),
    [
        (three, "agrees", "the reference agrees"),
        (three_arrays, "agrees", "the reference agrees"),
        (table, "agrees", "the reference agrees"),
        (by_name, "agrees", "the reference agrees"),
        (in_place, "agrees", "the reference agrees"),
        (noisy, "agrees", "the reference agrees"),
        (unwritten, "unwritten", "not written yet"),
        (lambda m: sen.rates(m.T), "differs", "the reference 0."),
        (lambda m: (np.nan,) * 3, "differs", "yours gives nan"),
        (lambda m: None, "failed", "did not return"),
        (lambda m: 0.5, "failed", "did not return"),
        (lambda m: (0.5, 0.5), "failed", "did not return"),
        (lambda m: np.array(0.5), "failed", "did not return"),
        (lambda m: ("a", "b", "c"), "failed", "a str"),
        (lambda m: [np.zeros(3)] * 3, "failed", "shape (3,)"),
        (lambda m: 1 / 0, "failed", "ZeroDivisionError"),
        (odd, "failed", "…"),
    ],
)
def test_all_that_can_happen_to_own_rates(function, state, says, capsys):
    matrix = sen.threshold_scene(sen.ThresholdSettings()).matrix
    found = sen.compare_rates(function, matrix)
    assert found.state == state
    assert says in found.says
    assert "\n" not in found.says and len(found.says) < 250
    assert capsys.readouterr().out == ""
    caption = sen.threshold_caption(sen.threshold_scene(sen.ThresholdSettings(), (found,)))
    assert "<b>long" not in caption and "precision_recall_f1" in caption


@pytest.mark.parametrize(
    ("function", "state"),
    [
        (metrics.roc_auc_score, "agrees"),
        (sen.area, "agrees"),
        (lambda y, s: float(np.mean(s[y == 1]) > 0), "differs"),
        (lambda y, s: y, "failed"),
        (lambda y, s: None, "failed"),
        (unwritten, "unwritten"),
        (odd, "failed"),
    ],
)
def test_all_that_can_happen_to_an_own_area(function, state):
    assert sen.compare_roc_auc(function).state == state


def test_own_functions_come_without_a_question_and_the_area_is_asked_for_once():
    calls = []

    def counted(y, scores):
        calls.append(len(y))
        return sen.area(y, scores)

    picture = sen.threshold(roc_auc=counted, precision_recall_f1=unwritten)
    assert isinstance(picture, sen.ThresholdPicture)
    text = picture._text()
    picture.change(threshold=0.3)
    assert "roc_auc: yours gives 0.86" in text and "not written yet" in picture._text()
    assert calls == [993]


# --- words --------------------------------------------------------------------------------------


def test_words_over_the_range_of_the_controls():
    cases = [
        sen.WordsSettings(corpus, c, least)
        for corpus in sen.CORPORA
        for c in sen.STRENGTHS
        for least in sen_words.LEAST
    ]
    drawing = sen.WordsDrawing()
    said = drive(sen.WordsPicture(), drawing, cases)
    assert len(set(said)) == len(said)
    for settings in cases:
        scene = sen.words_scene(settings)
        df = sen.features(settings.corpus).df
        for columns in (scene.up, scene.down):
            assert len(columns) == sen_words.BARS and (df[columns] >= settings.least).all()
        assert scene.weights[scene.up].min() >= scene.weights[scene.down].max()
        drawing.update(scene)
        shown = np.abs(scene.weights[np.r_[scene.up, scene.down]])
        assert shown.max() < drawing.up.get_xlim()[1]


def test_what_the_lesson_says_about_words():
    words = sen.features("food").words
    scene = sen.words_scene(sen.WordsSettings(c=1.0, least=300))
    assert {"and", "my", "is", "love", "great"} <= set(words[scene.up])
    assert {"not", "but", "were", "was", "the"} <= set(words[scene.down])
    weights = dict(zip(words, scene.weights, strict=True))
    assert weights["not"] == pytest.approx(-4.3, abs=0.05)
    assert weights["bad"] == pytest.approx(-2.4, abs=0.05)
    assert weights["good"] == pytest.approx(0.13, abs=0.01)
    lengths = [np.linalg.norm(sen.model("food", c).weights) for c in sen.STRENGTHS]
    assert lengths == sorted(lengths)
    assert lengths[2] / lengths[1] == pytest.approx(3.4, abs=0.1)


def test_nothing_neutral_and_common_is_shown_for_five_stars_before_the_answer():
    found = sen.features("food")
    scene = sen.words_scene(sen.words().then.settings)
    shown = {str(found.words[c]) for c in scene.up if found.df[c] >= 300}
    assert shown <= {"love", "best", "great", "delicious"}


@pytest.mark.parametrize("corpus", sen.CORPORA)
def test_what_is_shown_with_an_apostrophe_mostly_stood_beside_one(corpus):
    pieces = sen_words.ENDINGS | sen_words.STARTS
    alone, beside = Counter(), Counter()
    for text in map(sen.clean, sen.texts(corpus, "training").texts):
        for found in re.finditer(r"(?u)\b\w\w+\b", text):
            word = found[0]
            if word in pieces:
                near = found.start() - 1 if word in sen_words.ENDINGS else found.end()
                (beside if text[near : near + 1] in set("'’") else alone)[word] += 1
    for word in pieces & set(sen.features(corpus).words):
        assert beside[word] > 5 * alone[word], word
    scene = sen.words_scene(sen.WordsSettings(c=1.0, least=300))
    assert "'ve" in sen.words_describe(scene) and "the tokeniser" in sen.words_caption(scene)


# --- errors -------------------------------------------------------------------------------------


def test_errors_over_the_range_of_the_controls():
    cases = [
        sen.ErrorsSettings(kind, rank) for kind in sen_errors.KINDS for rank in sen_errors.RANKS
    ]
    drawing = sen.ErrorsDrawing()
    said = drive(sen.ErrorsPicture(), drawing, cases)
    assert len(set(said)) == len(said)
    low, high = drawing.one.get_xlim()
    for settings in cases:
        scene = sen.errors_scene(settings)
        great = sen.texts("food", "held out").y[scene.row] == 1
        wanted = {"right": great, "false alarms": True, "misses": False}[settings.kind]
        assert (scene.probability >= 0.5) == wanted
        assert great == (wanted if settings.kind == "right" else not wanted)
        total = sen.model().intercept + scene.parts.sum() + scene.rest
        assert expit(total) == pytest.approx(scene.probability)
        assert low < scene.parts.min() and scene.parts.max() < high


def test_the_surest_errors_come_first_and_none_is_left_out():
    matrix = sen.threshold_scene(sen.ThresholdSettings()).matrix
    for kind, (row, column) in {"false alarms": (0, 1), "misses": (1, 0)}.items():
        rows = sen.rows_of(kind)
        assert len(rows) == matrix[row, column] >= max(sen_errors.RANKS)
        assert (np.diff(np.abs(sen.model().probabilities[rows] - 0.5)) <= 0).all()


def test_no_error_is_shown_before_the_answer():
    asked = sen.errors()
    surest = sen.texts("food", "held out").texts[sen.rows_of("false alarms")[0]][:40]
    drawing = sen.ErrorsDrawing()
    for told in (False, True):
        scene = sen.errors_scene(asked.then.settings)
        drawing.update(scene)
        assert (surest in f"{asked.then._text()} {sen.errors_caption(scene)}") == told
        assert [marks.get_visible() for marks in drawing._wrong] == [told, told]
        asked.answer(asked.options[0])


def test_what_the_question_about_errors_takes_for_known_holds():
    alarms, misses = (sen.rows_of(kind) for kind in ("false alarms", "misses"))
    assert "three in four errors are false alarms" in sen.errors().question
    assert len(alarms) / (len(alarms) + len(misses)) == pytest.approx(0.75, abs=0.02)
    assert "above 0.8" in sen.errors().question
    assert (sen.model().probabilities[alarms] > 0.8).sum() >= 10


def test_how_the_rates_go_on_is_not_drawn_before_the_answer():
    asked = sen.threshold()
    assert not asked.then.settings.curves
    asked.answer(asked.options[0])
    assert asked.then.settings.curves and sen.threshold(roc_auc=sen.area).settings.curves


# --- all of them --------------------------------------------------------------------------------

PICTURES = [sen.steps, sen.weights, sen.threshold, sen.words, sen.errors]


@pytest.mark.parametrize("make", PICTURES)
def test_a_question_comes_first_and_an_answer_unlocks(make):
    asked = make()
    assert asked.question and asked.id.startswith("sen_")
    before = asked.then.settings
    asked.answer(asked.options[asked.right])
    assert asked.held
    assert asked.then.settings != before, "the answer shows what happens"
    plain = make(ask=False)
    assert type(plain) is type(asked.then)
    assert '<img alt="' in plain._still() and len(plain._text()) > 100


@pytest.mark.parametrize("make", PICTURES)
def test_controls_set_the_fields_of_the_settings(make):
    picture = make(ask=False)
    _ = picture.widget
    for name, control in picture.controls.items():
        assert control.value == getattr(picture.settings, name)
    picture.close()
