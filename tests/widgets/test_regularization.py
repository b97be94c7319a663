"""What the pictures of regularization compute, without a browser."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import ElasticNet, Lasso, Ridge

from curriculum.widgets import regularization as reg
from curriculum.widgets.regularization import ball, fits, poly, variance
from curriculum.widgets.regularization import paths as reg_paths

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
places = st.floats(-2.6, 2.6)


# --- the ball -----------------------------------------------------------------------------------


@given(st.sampled_from(SHARES), st.floats(0, 4), st.floats(-0.9, 0.9), places, places)
def test_the_solution_fulfils_the_conditions_of_a_minimum(rho, lam, correlation, u1, u2):
    settings = reg.BallSettings(rho, lam, correlation, u1, u2)
    (w,) = reg.solve(settings, np.array([lam]))
    slope = settings.hessian @ (w - settings.optimum) + lam * (1 - rho) * w
    for j in (0, 1):
        if w[j] == 0:
            assert abs(slope[j]) <= lam * rho + 1e-9
        else:
            assert slope[j] == pytest.approx(-lam * rho * np.sign(w[j]), abs=1e-9)


@pytest.mark.parametrize("rho", SHARES[1:])
@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.6])
def test_the_solution_is_that_of_scikit_learn(rho, correlation):
    settings = reg.BallSettings(rho, 0.4, correlation)
    X = np.sqrt(2) * np.linalg.cholesky(settings.hessian).T
    model = ElasticNet(alpha=0.4, l1_ratio=rho, fit_intercept=False, tol=1e-12, max_iter=100_000)
    model.fit(X, X @ settings.optimum)
    np.testing.assert_allclose(reg.ball_scene(settings).w, model.coef_, atol=1e-6)


@given(st.sampled_from(SHARES), st.floats(0, 4), st.floats(-0.9, 0.9), places, places)
def test_the_ball_touches_the_level_line_and_everything_is_said(rho, lam, correlation, u1, u2):
    settings = reg.BallSettings(rho, lam, correlation, u1, u2)
    scene = reg.ball_scene(settings)
    edge = reg.boundary(scene)
    size = ball.penalty(scene.w, rho)
    np.testing.assert_allclose(ball.penalty(edge, rho), size, atol=1e-9)
    assert (ball.loss(edge, settings) >= ball.loss(scene.w, settings) - 1e-9).all()
    assert "nan" not in reg.ball_describe(scene) + reg.ball_caption(scene)


def test_what_the_lesson_says_about_the_ball():
    def zeros(**changed):
        return list(reg.ball_scene(replace(reg.BallSettings(), **changed)).w == 0)

    assert zeros() == [False, False]
    assert zeros(lam=1.2) == [False, True]
    assert zeros(lam=4.0) == [True, True]
    assert zeros(lam=4.0, l1_ratio=0.0) == [False, False]
    for c in (-0.9, 0.0, 0.9):
        assert zeros(lam=0.9 * (1 + c) - 0.01, correlation=c) == [False, False]
        assert zeros(lam=0.9 * (1 + c) + 0.01, correlation=c) == [False, True]


def test_what_holds_a_coefficient_at_zero_is_said():
    caption = reg.ball_caption(reg.ball_scene(reg.BallSettings(lam=1.2)))
    assert "it stays at zero" in caption and "it leaves zero" in caption
    assert "no corner" in reg.ball_caption(reg.ball_scene(reg.BallSettings(l1_ratio=0.0)))


# --- the coefficient path -----------------------------------------------------------------------


def test_the_reference_minimises_the_objective_of_the_lesson():
    X, y, names = reg.diabetes()
    assert X.shape == (442, 10) and len(names) == 10
    for penalty, rho in {"ridge": 0.0, "lasso": 1.0, "elastic net": 0.5}.items():
        for lam, w in zip(reg.LAMS, reg.reference_path(penalty), strict=True):
            slope = X.T @ (X @ w - (y - y.mean())) / len(X) + lam * (1 - rho) * w
            off = w != 0
            np.testing.assert_allclose(slope[off], -lam * rho * np.sign(w[off]), atol=1e-3)
            assert (np.abs(slope[~off]) <= lam * rho + 1e-3).all()
    with pytest.raises(KeyError):
        reg.reference_path("bridge")


def ridge(X, y, lam):
    model = Ridge(alpha=len(X) * lam).fit(X, y)
    return model.coef_, float(model.intercept_)


def lasso(X, y, lam, tol=1e-8, max_sweeps=1000):
    model = Lasso(alpha=lam, tol=tol, max_iter=max_sweeps).fit(X, y)
    return model.coef_, float(model.intercept_), model.n_iter_


def elastic_net(X, y, lam, l1_ratio):
    model = ElasticNet(alpha=lam, l1_ratio=l1_ratio, tol=1e-8).fit(X, y)
    return model.coef_, float(model.intercept_)


OWN = {"ridge": ridge, "lasso": lasso, "elastic net": elastic_net}


@pytest.mark.parametrize("penalty", OWN)
def test_right_ones_agree(penalty):
    found = reg.own_path(penalty, OWN[penalty])
    assert found.state == "agrees", found.says
    assert found.weights.shape == (len(reg.LAMS), 10)


def unwritten(*_):
    raise NotImplementedError


def noisy(X, y, lam):
    print("fitting")
    X *= 2  # its own copy
    return ridge(X / 2, y, lam)


class Odd(Exception):
    def __str__(self):
        return "a <b>long</b>\nstory " * 30


def odd(*_):
    raise Odd


@pytest.mark.parametrize(
    ("function", "state", "says"),
    [
        (None, "absent", "not given"),
        (unwritten, "unwritten", "not written yet"),
        (noisy, "agrees", "agrees"),
        (lambda X, y, lam: ridge(X, y, 2 * lam), "differs", "values of λ"),
        (lambda X, y, lam: (np.full(10, np.nan), 0.0), "differs", "no number"),
        (lambda X, y, lam: None, "failed", "returned None"),
        (lambda X, y, lam: np.zeros(10), "failed", "(w, b)"),
        (lambda X, y, lam: ("w", 0.0), "failed", "a str for w"),
        (lambda X, y, lam: (np.zeros((10, 1)), 0.0), "failed", "shape (10, 1)"),
        (lambda X, y, lam: 1 / 0, "failed", "ZeroDivisionError"),
        (lambda X, y: (np.zeros(10), 0.0), "failed", "TypeError"),
        (odd, "failed", "…"),
    ],
)
def test_all_that_can_happen_is_told_in_one_sentence(function, state, says, capsys):
    found = reg.own_path("ridge", function)
    assert found.state == state
    assert says in found.says
    assert "\n" not in found.says and len(found.says) < 250
    assert capsys.readouterr().out == ""
    settings = reg.PathSettings("ridge")
    scene = reg.PathScene(settings, reg.diabetes()[2], reg.reference_path("ridge"), found)
    drawing = reg.PathDrawing()
    drawing.update(scene)
    drawing.figure.canvas.draw()
    assert "<b>long" not in reg.path_caption(scene)
    assert ("Yours:" in reg.path_caption(scene)) == (state != "absent")


def test_the_learners_function_is_run_once_and_not_at_each_move():
    calls = []

    def counted(X, y, lam):
        calls.append(lam)
        return ridge(X, y, lam)

    picture = reg.path(ridge=counted)
    assert picture.settings.penalty == "ridge"
    for lam in reg.LAMS[::5]:
        picture._scene(replace(picture.settings, lam=lam))
    assert sorted(calls) == sorted(reg.LAMS)
    assert "not written yet" in reg.path(ridge=unwritten, lasso=unwritten)._text()


def test_what_the_lesson_says_about_the_path():
    _, _, names = reg.diabetes()
    weights = reg.reference_path("lasso")
    last = max(k for k, w in enumerate(weights) if (w != 0).sum() >= 2)
    assert {names[j] for j in np.flatnonzero(weights[last])} == {"bmi", "s5"}
    X, y, _ = reg.diabetes()
    assert np.abs(X.T @ (y - y.mean())).max() / len(X) == pytest.approx(45.16, abs=0.01)
    assert (np.abs(reg.reference_path("ridge")) > reg_paths.ZERO).all()
    s1 = weights[:, names.index("s1")]
    assert s1[0] < -20 and abs(s1[10]) < 6


# --- bias and variance --------------------------------------------------------------------------


@pytest.mark.parametrize("degree", [0, 1, 5])
@pytest.mark.parametrize("lam", [1e-3, 0.3])
def test_the_smoother_is_ridge_on_standardised_powers(degree, lam):
    rng = np.random.default_rng(0)
    x, at = rng.uniform(-1, 1, 20), np.linspace(-1, 1, 7)
    y = rng.normal(size=(20, 3))
    smoother = reg.Smoother(x, at, degree)
    got = smoother.predictions(y, lam)
    if degree == 0:
        want = np.tile(y.mean(axis=0), (7, 1))
        assert smoother.freedom(lam) == 1
    else:
        columns = reg.powers(x, degree)
        mean, size = columns.mean(axis=0), columns.std(axis=0)
        model = Ridge(alpha=20 * lam, solver="svd").fit((columns - mean) / size, y)
        want = model.predict((reg.powers(at, degree) - mean) / size)
        np.testing.assert_allclose(smoother.coefficients(y[:, 0], lam), model.coef_[0], atol=1e-9)
        own = reg.Smoother(x, x, degree)
        assert own.freedom(lam) == pytest.approx(np.trace(own.matrix(lam)))
    np.testing.assert_allclose(got, want, atol=1e-9)
    np.testing.assert_allclose(smoother.matrix(lam) @ y, want, atol=1e-9)


@pytest.mark.parametrize("rows", [20, 120])
@pytest.mark.parametrize("k", [10, 40, 65])
def test_the_curves_are_what_resampling_finds(rows, k):
    lam = float(variance.CURVE_LAMS[k])
    scene = reg.variance_scene(reg.VarianceSettings(lam=lam, noise=0.5, rows=rows))
    bias, spread = scene.curves[k]
    assert scene.variance == pytest.approx(spread, rel=0.15)
    assert scene.bias == pytest.approx(bias, rel=0.25, abs=2 * spread / variance.SETS)


def test_what_the_lesson_says_about_bias_and_variance():
    scene = reg.variance_scene(reg.VarianceSettings())
    bias, spread = scene.curves.T
    assert (np.diff(bias) > -1e-9).all() and (np.diff(spread) < 0).all()
    assert variance.CURVE_LAMS[0] < scene.best < variance.CURVE_LAMS[-1]
    crossing = variance.CURVE_LAMS[np.argmin(np.abs(np.log(bias / spread)))]
    assert crossing != pytest.approx(scene.best, rel=0.5)
    noisy = reg.variance_scene(reg.VarianceSettings(noise=1.0))
    many = reg.variance_scene(reg.VarianceSettings(rows=120))
    assert many.best < scene.best < noisy.best
    weak, strong = (reg.variance_scene(reg.VarianceSettings(lam=lam)) for lam in (1e-5, 1.0))
    assert strong.variance < weak.variance and strong.bias > weak.bias


# --- the polynomial -----------------------------------------------------------------------------


@pytest.mark.parametrize("sample", [1, 2, 3, 4, 5])
def test_what_the_lesson_says_about_the_polynomial(sample):
    free = reg.polynomial_scene(reg.PolynomialSettings(sample=sample))
    assert (np.diff(free.training) < 1e-3).all()
    assert free.testing[14] > (100 if sample == 1 else 1.3) * free.testing.min()
    tamed = min(
        reg.polynomial_scene(reg.PolynomialSettings(14, float(lam), sample)).testing[14]
        for lam in 10 ** np.linspace(-8, 1, 46)
    )
    assert tamed < 1.6 * free.testing.min()
    strong = reg.polynomial_scene(reg.PolynomialSettings(14, 10.0, sample))
    assert np.ptp(strong.testing[1:]) < 0.2 * strong.testing.mean()
    freedom = [poly.smoothers(sample)[14].freedom(lam) for lam in (1e-8, 1e-4, 1.0)]
    assert freedom[0] > freedom[1] > freedom[2] > 1


# --- numbers, and what is not drawn before the answer -------------------------------------------


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1e-8, "10⁻⁸"),
        (1.584e-6, "1.58 · 10⁻⁶"),
        (-2e-5, "−2 · 10⁻⁵"),
        (0.000398, "0.000398"),
        (-0.5, "−0.5"),
        (3892.8, "3,893"),
        (0, "0"),
    ],
)
def test_a_number_in_three_digits(number, words):
    assert fits.brief(number) == words


@pytest.mark.parametrize("module", [poly, variance])
def test_every_strength_of_the_slider_is_written_as_in_the_title(module):
    picture = {poly: reg.polynomial, variance: reg.bias_variance}[module](ask=False)
    _ = picture.widget
    slider = picture.controls["lam"]
    assert [value for _, value in slider.options] == list(module.LAMS)
    for said, lam in slider.options[::9]:
        picture.change(lam=lam)
        assert f"λ = {said}:" in picture._shown._titles[0].get_text()
    picture.close()


@pytest.mark.parametrize("make", [reg.balls, reg.bias_variance, reg.polynomial])
def test_nothing_beyond_the_setting_is_drawn_before_the_answer(make):
    asked = make()
    for _ in range(2):
        drawing, now = asked.then._drawing(), asked.then.settings
        drawing.update(asked.then._scene(now))
        here = now.degree if make is reg.polynomial else now.lam
        lines = {
            reg.balls: lambda d: d._lines,
            reg.bias_variance: lambda d: d._curves,
            reg.polynomial: lambda d: (d._training, d._testing),
        }[make](drawing)
        assert all(line.get_xdata()[-1] == here for line in lines)
        asked.answer(asked.options[0])


def test_where_the_sum_is_smallest_is_told_once_it_has_been_passed():
    assert "falls up to here" in reg.variance_scene(reg.VarianceSettings()).lowest
    assert "smallest at λ = 0.000398" in reg.variance_scene(reg.VarianceSettings(lam=1.0)).lowest


# --- every picture over the range of its controls -----------------------------------------------

PICTURES = {
    "balls": lambda: reg.balls(ask=False),
    "path": lambda: reg.path(ridge, lasso, elastic_net),
    "bias_variance": lambda: reg.bias_variance(ask=False),
    "polynomial": lambda: reg.polynomial(ask=False),
}


def stops(control):
    """Return values over the range of a control, its ends included."""
    if hasattr(control, "options"):
        return [o[1] if isinstance(o, tuple) else o for o in control.options]
    ends = np.linspace(control.min, control.max, 9)
    return [float(v) for v in (10**ends if hasattr(control, "base") else ends)]


@pytest.mark.parametrize("name", PICTURES)
def test_every_control_draws_and_says_something_over_its_range(name):
    picture = PICTURES[name]()
    _ = picture.widget
    picture._canvas.syncing_data_url = False
    picture._canvas.draw()
    first = np.asarray(picture._canvas.get_renderer().buffer_rgba()).copy()
    for field, control in picture.controls.items():
        seen = set()
        for value in stops(control):
            picture.change(**{field: value})
            scene = picture._scene(picture.settings)
            words = picture._describe(scene) + picture._caption(scene)
            assert "nan" not in words and "inf" not in words
            seen.add(picture._describe(scene))
        assert len(seen) > 1, f"{field} changes nothing"
        framed = np.asarray(picture._canvas.get_renderer().buffer_rgba()).copy()
        picture._canvas.redraw()
        redrawn = np.asarray(picture._canvas.get_renderer().buffer_rgba())
        np.testing.assert_array_equal(framed, redrawn)
        picture.reset()
    assert picture.settings == picture.initial
    np.testing.assert_array_equal(first, np.asarray(picture._canvas.get_renderer().buffer_rgba()))
    picture.close()


def test_what_a_slider_adds_by_rounding_moves_nothing():
    picture = reg.balls(ask=False)
    echoed = replace(picture.settings, lam=0.5000000000000001, u1=1.8000000000000003)
    np.testing.assert_array_equal(picture._scene(echoed).w, picture._scene(picture.settings).w)


def test_the_optimum_can_be_dragged_and_stays_inside():
    picture = reg.Balls()
    _ = picture.widget
    axes, place = picture._handle()
    assert axes is picture._shown.plane and place == (1.8, 0.9)
    picture.change(**picture._dragged(-9.0, 0.333))
    assert (picture.settings.u1, picture.settings.u2) == (-2.6, 0.33)
    picture.close()


@pytest.mark.parametrize(
    ("make", "field", "value"),
    [
        (reg.balls, "lam", 1.2),
        (reg.bias_variance, "lam", 1.0),
        (reg.polynomial, "degree", 14),
    ],
)
def test_a_prediction_comes_first_and_its_answer_shows_what_it_asked_about(make, field, value):
    question = make()
    before = getattr(question.then.settings, field)
    assert before != value
    question.answer(question.options[1])
    assert getattr(question.then.settings, field) == value
    question.close()
