"""What the pictures of recommenders compute, without a browser."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import pearsonr
from sklearn.linear_model import Ridge
from sklearn.metrics import ndcg_score

from curriculum.widgets import recommenders as rec


def some_ratings(seed=0, shape=(9, 7)):
    draw = np.random.default_rng(seed)
    R = draw.integers(1, 6, shape) * (draw.random(shape) < 0.6)
    R[0] = 0  # somebody without ratings
    return sparse.csr_array(R.astype(float))


# --- what they share ----------------------------------------------------------------------------


def test_solving_rows_is_ridge_regression_of_each():
    R, lam = some_ratings(), 0.7
    Q = np.random.default_rng(1).normal(size=(7, 3))
    P = rec.solve_rows(R, Q, lam)
    np.testing.assert_array_equal(P[0], 0)
    for u in range(1, 9):
        items = R[[u]].tocoo().col
        model = Ridge(alpha=lam, fit_intercept=False).fit(Q[items], R.toarray()[u, items])
        np.testing.assert_allclose(P[u], model.coef_, atol=1e-9)


def test_biases_are_where_shrunk_squares_are_least():
    R, lam = some_ratings(2), 2.0
    found = rec.fit_biases(R, lam, sweeps=300)
    cells = R.tocoo()
    rows = np.arange(len(cells.data))
    X = np.zeros((len(rows), 16))
    X[rows, cells.row] = 1
    X[rows, 9 + cells.col] = 1
    model = Ridge(alpha=lam, fit_intercept=False).fit(X, cells.data - cells.data.mean())
    np.testing.assert_allclose([*found.user, *found.item], model.coef_, atol=1e-8)
    left = rec.residuals(R, found).tocoo()
    np.testing.assert_allclose(left.data, cells.data - cells.data.mean() - X @ model.coef_)


def test_factorising_lowers_the_penalised_error():
    R, lam = some_ratings(3), 0.3

    def objective(sweeps):
        P, Q = rec.factorise(R, 2, lam, sweeps)
        error = ((R.toarray() - P @ Q.T)[R.toarray() > 0] ** 2).sum()
        return error + lam * ((P**2).sum() + (Q**2).sum())

    values = [objective(sweeps) for sweeps in range(6)]
    assert all(after <= before + 1e-9 for before, after in pairwise(values))


@pytest.mark.parametrize(
    ("title", "spoken"),
    [("Matrix, The", "The Matrix"), ("Fish Called Wanda, A", "A Fish Called Wanda"),
     ("Seven", "Seven"), ("", "(no title)")],
)  # fmt: skip
def test_titles_are_readable(title, spoken):
    assert rec.readable(title) == spoken


def test_numbers_in_words():
    assert rec.counted(1, "rating") == "1 rating"
    assert rec.counted(0.5, "star") == "0.5 stars"
    assert rec.percent(0.97) == "97 %"
    assert rec.percent(0.2384, 1) == "23.8 %"
    labels, values = zip(*rec.round_values(-3, 1), strict=True)
    assert [float(label) for label in labels] == list(values) == sorted(values)
    assert (values[0], values[-1]) == (0.001, 10)


def test_films_hold_every_rating():
    given = rec.films()
    assert given.R.nnz == len(given.ratings) == 100_004
    assert len(given.titles) == given.R.shape[1]
    np.testing.assert_array_equal(given.R[given.users[:50], given.items[:50]], given.ratings[:50])


# --- factors ------------------------------------------------------------------------------------


def factor_pictures():
    for method in ("SGD", "ALS"):
        for rank in range(1, 7):
            for lam in (0.001, 0.5, 10.0):
                yield rec.FactorSettings(method, rank, lam, steps=rec.STEPS)


def test_factors_draw_and_say_anything():
    picture, drawing = rec.Factors(), rec.FactorDrawing()
    for settings in factor_pictures():
        for steps in (0, 1, rec.STEPS):
            scene = picture._scene(replace(settings, steps=steps))
            assert drawing.update(scene) is False
            assert "nan" not in rec.factor_describe(scene) + rec.factor_caption(scene)
            assert f"rank {settings.rank}" in rec.factor_caption(scene)
    drawing.figure.canvas.draw()


def test_the_references_move_as_they_say():
    toy = rec.toy()
    draw = np.random.default_rng(0)
    P, Q = draw.normal(size=(12, 2)), draw.normal(size=(9, 2))
    u, i, r = toy.users[:1], toy.items[:1], toy.ratings[:1]
    new_P, new_Q = rec.reference_sgd_epoch(u, i, r, P, Q, 0.1, 0.3)
    p, q = P[u[0]], Q[i[0]]
    error = r[0] - p @ q
    np.testing.assert_allclose(new_P[u[0]], p + 0.1 * (error * q - 0.3 * p))
    np.testing.assert_allclose(new_Q[i[0]], q + 0.1 * (error * p - 0.3 * q))
    assert (new_P != P).any(axis=1).sum() == (new_Q != Q).any(axis=1).sum() == 1
    assert set(zip(*toy.held, strict=True)).isdisjoint(zip(toy.users, toy.items, strict=True))


def test_what_the_lesson_says_about_factors():
    good = rec.reference_course(rec.FactorSettings("ALS", 2, 0.5))
    free = rec.reference_course(rec.FactorSettings("ALS", 6, 0.001))
    still = rec.reference_course(rec.FactorSettings("ALS", 3, 1000.0))
    assert good.held[-1] == pytest.approx(0.6, abs=0.05)
    assert free.known[-1] < 0.05 and free.held[-1] == pytest.approx(1.0, abs=0.05)
    np.testing.assert_allclose(still.predictions[-1], rec.toy().mean, atol=0.01)
    assert np.bincount(rec.toy().users).min() == 2


def test_an_error_beyond_the_axis_is_written_down():
    drawing = rec.FactorDrawing()
    picture = rec.Factors()
    for settings in factor_pictures():
        scene = picture._scene(settings)
        drawing.update(scene)
        highest = scene.course.held.max()
        top = drawing.errors.get_ylim()[1]
        written = f"↑ {highest:.1f} at step {scene.course.held.argmax()}"
        assert drawing._peak.get_text() == (written if highest > top else "")


def unwritten(*_):
    raise NotImplementedError


def noisy(R, Q, lam):
    print("step")
    return rec.reference_als_step(R, Q, lam)


def uphill(users, items, ratings, P, Q, learning_rate, lam):
    return rec.reference_sgd_epoch(users, items, ratings, P, Q, -learning_rate, lam)


def in_place(R, Q, lam):
    Q_before = Q.copy()
    Q *= 0
    R.data[:] = R.data
    return rec.reference_als_step(R, Q_before, lam)


@pytest.mark.parametrize(
    ("method", "function", "state", "says"),
    [
        ("SGD", rec.reference_sgd_epoch, "agrees", "agrees with the reference"),
        ("ALS", rec.reference_als_step, "agrees", "largest difference"),
        ("ALS", noisy, "agrees", "agrees"),
        ("ALS", in_place, "agrees", "agrees"),
        ("SGD", None, "absent", "not given"),
        ("ALS", unwritten, "unwritten", "not written yet"),
        ("SGD", uphill, "differs", "from step 1 on"),
        ("ALS", lambda R, Q, lam: np.full((R.shape[0], Q.shape[1]), np.nan), "differs", "no num"),
        ("ALS", lambda R, Q, lam: rec.reference_als_step(R, Q, 2 * lam), "differs", "stars"),
        ("ALS", lambda R, Q, lam: None, "failed", "returned None"),
        ("ALS", lambda R, Q, lam: "P", "failed", "a str"),
        ("ALS", lambda R, Q, lam: Q, "failed", "shape"),
        ("ALS", lambda R, Q, lam: 1 / 0, "failed", "ZeroDivisionError"),
        ("SGD", lambda *_: None, "failed", "(P, Q)"),
        ("SGD", lambda u: u, "failed", "TypeError"),
    ],
)
def test_all_that_can_happen_to_the_learners_own(method, function, state, says, capsys):
    settings = rec.FactorSettings(method, 3, 0.2)
    found = rec.own_course(function, settings)
    assert found.state == state
    assert says in found.says and "\n" not in found.says
    assert capsys.readouterr().out == ""
    name = "sgd_epoch" if method == "SGD" else "als_step"
    picture = rec.Factors({name: function}, settings)
    drawing, scene = picture._drawing(), picture._scene(settings)
    drawing.update(scene)
    drawing.figure.canvas.draw()
    assert says in rec.factor_describe(scene)
    assert picture._scene(replace(settings, steps=7)).own is scene.own, "it runs once for a λ"


def test_factors_shows_what_is_given():
    assert rec.factors(rec.reference_sgd_epoch).settings.method == "SGD"
    both = rec.factors(sgd_epoch=unwritten, als_step=rec.reference_als_step)
    assert "als_step: agrees" in both._text()
    both.change(method="SGD")
    assert "sgd_epoch: not written yet" in both._text()
    assert type(rec.factors()).__name__ == "Prediction"


# --- neighbours ---------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", rec.MEASURES)
def test_similarity_is_that_over_the_common_raters(measure):
    given = rec.films()
    film = rec.CHOICES[1]
    item = given.titles.index(film)
    raters, similarity = rec.plain_similarity(film, measure)
    R = given.R.toarray()
    means = np.array([row[row > 0].mean() for row in R])
    for other in np.flatnonzero(raters >= 5)[::90]:
        both = (R[:, item] > 0) & (R[:, other] > 0)
        assert raters[other] == both.sum()
        x, y = R[both, item], R[both, other]
        if measure == "adjusted cosine":
            x, y = x - means[both], y - means[both]
        want = (
            pearsonr(x, y).statistic if measure == "Pearson" else x @ y / np.sqrt((x @ x) * (y @ y))
        )
        assert similarity[other] == pytest.approx(want, abs=1e-9)
    assert raters[item] == similarity[item] == 0


def test_neighbours_draw_and_say_anything():
    drawing = rec.NeighbourDrawing()
    for film in rec.CHOICES:
        for measure in rec.MEASURES:
            _, plain = rec.plain_similarity(film, measure)
            for shrinkage in (0.0, 7.0, 200.0):
                scene = rec.neighbour_scene(rec.NeighbourSettings(film, measure, shrinkage))
                assert (np.abs(scene.similarity) <= np.abs(plain) + 1e-12).all()
                assert scene.similarity[scene.nearest[0]] == scene.similarity.max()
                drawing.update(scene)
                assert "nan" not in rec.neighbour_describe(scene) + rec.neighbour_caption(scene)
    drawing.figure.canvas.draw()


@pytest.mark.parametrize("measure", rec.MEASURES)
@pytest.mark.parametrize("shrinkage", [0.0, 200.0])
def test_neighbours_are_within_the_axes(measure, shrinkage):
    drawing = rec.NeighbourDrawing()
    scene = rec.neighbour_scene(rec.NeighbourSettings(rec.CHOICES[0], measure, shrinkage))
    assert drawing.update(scene) is True, "the first scene sets the axis"
    assert drawing.update(scene) is False
    low, high = drawing.cloud.get_ylim()
    assert low <= scene.similarity.min() and scene.similarity.max() <= high
    assert (low < -1) == (measure != "cosine")
    assert (scene.similarity[scene.nearest] >= 0).all(), "the bars begin at 0"


def test_long_titles_are_cut_before_the_year():
    names = rec.films().titles
    assert all(len(rec.shortened(name, 33)) <= 33 for name in names if name.endswith(")"))
    assert rec.shortened("Ark (Indiana Jones and the Ark) (1981)", 33) == "Ark (1981)"


def test_what_the_lesson_says_about_neighbours():
    def nearest(measure, shrinkage):
        scene = rec.neighbour_scene(
            rec.NeighbourSettings(measure=measure, shrinkage=float(shrinkage))
        )
        return scene, [rec.films().titles[i] for i in scene.nearest]

    alone, _ = nearest("cosine", 0)
    assert np.median(alone.raters[alone.nearest]) <= 4
    assert "The Shawshank Redemption (1994)" in nearest("cosine", 10)[1][:3]
    assert nearest("adjusted cosine", 50)[1][:3] == [
        "Toy Story 2 (1999)", "Toy Story 3 (2010)", "A Bug's Life (1998)",
    ]  # fmt: skip


# --- the long tail ------------------------------------------------------------------------------


def test_the_split_is_by_time():
    past, given = rec.past(), rec.films()
    assert past.R.nnz + past.all_later.nnz == len(given.ratings)
    for u in (0, 14, 300):
        own = given.users == u
        late = past.all_later[[u]].toarray()[0, given.items[own]] > 0
        assert late.sum() == np.ceil(0.2 * own.sum())
        assert given.times[own][~late].max() <= given.times[own][late].min()


def test_lists_hold_what_was_not_rated():
    made = rec.lists(0.3)
    seen = rec.past().R[rec.sample()].toarray()
    rows = np.arange(len(rec.sample()))[:, None]
    assert not seen[rows, made.films].any()
    assert all(len(set(row)) == 10 for row in made.films.tolist())
    later = rec.past().later[rec.sample()].toarray() > 0
    recall = np.mean(later[rows, made.films].sum(axis=1) / later.sum(axis=1))
    assert made.recall == pytest.approx(recall)
    assert made.coverage == len(np.unique(made.films)) / len(rec.pool())


def test_the_tail_draws_and_says_anything():
    drawing = rec.TailDrawing()
    shares = []
    for head in (0.01, 0.05, 0.5):
        for penalty in rec.PENALTIES:
            scene = rec.tail_scene(rec.TailSettings(head, penalty))
            drawing.update(scene)
            assert "nan" not in rec.tail_describe(scene) + rec.tail_caption(scene)
            assert 0 <= scene.listed_head <= 1
        shares.append(scene.share)
    assert shares == sorted(shares)
    drawing.figure.canvas.draw()


def test_what_the_lesson_says_about_the_tail():
    plain = rec.tail_scene(rec.TailSettings())
    assert plain.share == pytest.approx(0.43, abs=0.005)
    assert plain.listed_head > 0.95
    mild, strong = rec.lists(0.3), rec.lists(1.0)
    assert mild.coverage > 1.4 * plain.lists.coverage
    assert mild.recall > 0.9 * plain.lists.recall
    assert strong.recall < 0.2 * plain.lists.recall
    assert strong.coverage < max(rec.lists(penalty).coverage for penalty in rec.PENALTIES)


# --- two rankings -------------------------------------------------------------------------------


def test_ndcg_is_that_of_scikit_learn():
    settings = rec.RankSettings(10)
    pool, people = rec.pool(), rec.sample()
    liked = rec.past().later[people][:, pool].toarray() > 0
    seen = rec.past().R[people][:, pool].toarray() > 0
    score = rec.scores()["SVD of who rated"]
    values = [
        ndcg_score([liked[u, ~seen[u]]], [score[u, ~seen[u]]], k=10)
        for u in range(len(people))
        if (liked[u] & ~seen[u]).any()
    ]
    found = rec.ndcgs(settings)["SVD of who rated"]
    assert found == pytest.approx(np.mean(values), abs=1e-6)


def test_rankings_draw_and_say_anything():
    drawing = rec.RankDrawing()
    for k in rec.CUTS:
        for candidates in rec.CANDIDATES:
            scene = rec.rank_scene(rec.RankSettings(k, candidates))
            drawing.update(scene)
            words = rec.rank_describe(scene) + rec.rank_caption(scene)
            assert "nan" not in words
            assert all(model in words for model in rec.MODELS)
            assert all(0 <= value <= 1 for value in scene.ndcg.values())
    drawing.figure.canvas.draw()


def test_what_the_lesson_says_about_the_rankings():
    scene = rec.rank_scene(rec.RankSettings())
    assert scene.order("rmse")[0] == "biases"
    assert scene.order("rmse")[1] == "factors"
    assert set(scene.order("rmse")[3:]) == {"popularity", "SVD of who rated"}
    assert scene.order("ndcg")[0] == "SVD of who rated"
    assert scene.order("ndcg")[-1] == "film mean"
    rated = rec.rank_scene(rec.RankSettings(10, rec.CANDIDATES[1]))
    assert set(rated.order("ndcg")[:3]) == {"film mean", "biases", "factors"}


# --- cold start ---------------------------------------------------------------------------------


def test_a_newcomers_prediction_is_a_ridge_regression():
    new, lam, n, person = rec.newcomers(), 3.0, 7, 5
    seen = new.seen[person, :n]
    above = new.stars[person, :n] - new.mean - new.bias[seen]
    bias = above.sum() / (n + lam)
    taste = Ridge(alpha=lam, fit_intercept=False).fit(new.Q[seen], above - bias).coef_
    later = new.later[person]
    level = new.mean + new.bias[later]
    found = rec.cold_predictions(lam)
    np.testing.assert_allclose(found["film means"][n, person], level)
    np.testing.assert_allclose(found["user bias"][n, person], level + bias)
    np.testing.assert_allclose(
        found["factors"][n, person], level + bias + new.Q[later] @ taste, atol=1e-8
    )
    for values in found.values():
        np.testing.assert_allclose(values[0, person], level)


def test_cold_start_draws_and_says_anything():
    drawing = rec.ColdDrawing()
    for lam in (0.1, 10.0, 100.0):
        for person in (1, 40, rec.NEW):
            for arrived in (0, 1, rec.ARRIVE):
                scene = rec.cold_scene(rec.ColdSettings(person, arrived, lam))
                drawing.update(scene)
                assert "nan" not in rec.cold_describe(scene) + rec.cold_caption(scene)
    drawing.figure.canvas.draw()


def test_what_the_lesson_says_about_cold_start():
    hasty, calm = rec.cold_errors(0.1), rec.cold_errors(10.0)
    assert hasty["factors"][1] > 1.15
    assert hasty["factors"][-1] > hasty["film means"][-1]
    assert abs(calm["factors"][:5] - calm["film means"][:5]).max() < 0.02
    assert calm["factors"][-1] < calm["user bias"][-1] < calm["film means"][-1] - 0.02


# --- all ----------------------------------------------------------------------------------------

PICTURES = [
    (rec.Factors, {"steps": 9, "rank": 5, "lam": 0.03, "method": "SGD"}),
    (rec.Neighbours, {"film": rec.CHOICES[3], "measure": "Pearson", "shrinkage": 31.0}),
    (rec.LongTail, {"head": 0.2, "penalty": 0.45}),
    (rec.TwoRankings, {"k": 3, "candidates": rec.CANDIDATES[1]}),
    (rec.ColdStart, {"arrived": 6, "lam": 0.5, "person": 12}),
]


@pytest.mark.parametrize(("make", "moved"), PICTURES)
def test_controls_and_settings_are_the_same(make, moved):
    picture = make()
    _ = picture.widget
    try:
        assert set(picture.controls) == set(moved)
        for name, value in moved.items():
            picture.change(**{name: value})
            assert getattr(picture.settings, name) == picture.controls[name].value == value
        assert "nan" not in picture._text()
        picture.reset()
        assert picture.settings == picture.initial
    finally:
        picture.close()


@pytest.mark.parametrize(("make", "moved"), PICTURES)
def test_a_moved_slider_is_computed_quickly(make, moved):
    picture = make()
    picture._scene(picture.initial)  # what doesn't move
    times = []
    for name, value in moved.items():
        started = time.process_time()
        picture._scene(replace(picture.initial, **{name: value}))
        times.append(time.process_time() - started)
    assert sorted(times)[len(times) // 2] < 0.25, "five times what it takes on a slow machine"


@pytest.mark.parametrize(
    "make", [rec.factors, rec.neighbours, rec.long_tail, rec.two_rankings, rec.cold_start]
)
def test_each_asks_first(make):
    picture = make()
    assert type(picture).__name__ == "Prediction"
    assert len(picture._text()) > 100


# What the picture shows before the question is answered, and after.
ANSWERS = [
    (rec.neighbours, "median of 145 raters", "median of 3 raters"),
    (rec.long_tail, "3 % of the places", "97 % of the places"),
    (rec.two_rankings, "best by NDCG@10: factors", "best by NDCG@10: SVD of who rated"),
]


@pytest.mark.parametrize(("make", "before", "after"), ANSWERS)
def test_the_answer_is_shown_only_after_it_is_given(make, before, after):
    picture = make()
    first = picture._still()
    assert before in first and after not in first
    picture.answer(picture.options[0])
    assert after in picture._still()
    picture.then.reset()
    assert picture._still() == first
    assert after in make(ask=False)._still()
