"""What the pictures of gradient descent compute, without a browser."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.transforms import Affine2D

from curriculum.widgets import gradient_descent as gd
from curriculum.widgets.gradient_descent import surface as gd_surface

Settings = gd.Settings
ALL = tuple(gd.METHODS)


# --- the problem --------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", [1.0, 20.0, 1000.0])
@pytest.mark.parametrize("noise", [0.0, 1.5])
def test_the_problem_is_what_it_says(condition, noise):
    surface = gd.problem(condition, noise)
    curvatures = np.linalg.eigvalsh(surface.hessian)
    np.testing.assert_allclose(curvatures, [gd.CURVATURE / condition, gd.CURVATURE], rtol=1e-9)
    solution, *_ = np.linalg.lstsq(surface.X, surface.y)
    np.testing.assert_allclose(solution, surface.minimum, atol=1e-9)
    np.testing.assert_allclose(surface.hessian, 2 * surface.X.T @ surface.X / len(surface.X))
    w = np.random.default_rng(0).normal(size=(6, 2))
    losses = np.mean((surface.X @ w.T - surface.y[:, None]) ** 2, axis=0)
    np.testing.assert_allclose(surface.excess(w) + surface.floor, losses, rtol=1e-9)
    assert surface.floor == pytest.approx(noise**2)


@pytest.mark.parametrize(("condition", "noise"), [(0.5, 0.0), (2.0, -0.1)])
def test_a_problem_that_cannot_be_is_refused(condition, noise):
    with pytest.raises(ValueError, match="condition number"):
        gd.problem(condition, noise)


# --- the paths ----------------------------------------------------------------------------------


def by_autograd(key, settings, steps):
    """Run the same optimiser with gradients from autograd on the rows of each batch."""
    surface = gd.problem(settings.condition, settings.noise)
    X, y = torch.tensor(surface.X), torch.tensor(surface.y)
    method = gd.METHODS[key]
    batches = gd_surface._batches(method.batch(settings), steps)
    w = torch.tensor(settings.start, dtype=torch.float64, requires_grad=True)
    optimiser = method.make([w], settings.learning_rate, settings.momentum)
    path = [w.detach().clone().numpy()]
    for rows in batches:
        optimiser.zero_grad()
        torch.mean((X[rows] @ w - y[rows]) ** 2).backward()
        optimiser.step()
        path.append(w.detach().clone().numpy())
    return np.array(path)


@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize("sampled", [False, True])
def test_paths_are_those_of_torch_with_autograd(key, sampled):
    settings = Settings(noise=0.7, batch_size=4, sampled=sampled, momentum=0.7, learning_rate=0.05)
    path = gd.descend(key, settings, steps=40)
    np.testing.assert_allclose(path.points, by_autograd(key, settings, 40), rtol=1e-8, atol=1e-9)


@given(st.floats(0.01, 0.99), st.floats(1, 500))
def test_batch_gradient_descent_has_a_closed_form(rate, condition):
    settings = Settings(learning_rate=rate, condition=condition)
    path = gd.descend("batch", settings, steps=30)
    surface = gd.problem(condition)
    step = np.eye(2) - rate * surface.hessian
    away = np.linalg.matrix_power(step, 30) @ (np.array(settings.start) - surface.minimum)
    np.testing.assert_allclose(path.points[-1] - surface.minimum, away, atol=1e-9)


@given(st.floats(0.02, 2.4), st.floats(1, 500))
def test_batch_gradient_descent_runs_away_exactly_above_two_over_l(rate, condition):
    path = gd.descend("batch", Settings(learning_rate=rate, condition=condition), steps=60)
    if rate < 0.99:
        assert path.losses[-1] < path.losses[0]
        assert path.state in ("arrived", "falling", "stuck")
    if rate > 1.01:
        assert path.losses[-1] > path.losses[0]
    if rate > 1.2:
        assert path.state == "diverged"


def test_methods_that_coincide():
    plain = gd.descend("batch", Settings())
    for key, settings in {
        "mini": Settings(batch_size=64),
        "momentum": Settings(momentum=0.0),
        "nesterov": Settings(momentum=0.0),
    }.items():
        np.testing.assert_allclose(gd.descend(key, settings).points, plain.points, atol=1e-9)
    one = gd.descend("mini", Settings(batch_size=1))
    np.testing.assert_array_equal(one.points, gd.descend("sgd", Settings()).points)


def test_only_what_a_control_concerns_is_computed_again():
    settings = Settings(shown=ALL, learning_rate=0.0123)
    gd.scene(settings)
    for changed, again in {
        "momentum": {"momentum", "nesterov"},
        "noise": {"sgd", "mini"},
        "batch_size": {"mini"},
        "sampled": {"momentum", "nesterov", "rmsprop", "adam"},
        "condition": set(ALL),
    }.items():
        value = {"momentum": 0.31, "noise": 0.33, "batch_size": 2, "sampled": True}.get(changed, 31)
        before = gd_surface._descend.cache_info().misses
        gd.scene(replace(settings, **{changed: value}))
        assert gd_surface._descend.cache_info().misses - before == len(again), changed


def test_each_epoch_reads_each_row_once():
    batches = gd_surface._batches(8, 16)
    assert batches.shape == (16, 8)
    for epoch in (batches[:8], batches[8:]):
        assert sorted(epoch.ravel()) == list(range(gd.ROWS))
    assert not np.array_equal(batches[:8], batches[8:])


def test_an_unknown_method():
    with pytest.raises(KeyError):
        gd.descend("newton", Settings())


def test_what_the_lesson_says_about_the_picture():
    """`1_see` tells the learner what to find with the controls as they are after a reset."""

    def state(key, **changed):
        return gd.descend(key, Settings(**changed)).state

    assert state("batch", learning_rate=1.1) == "diverged"
    sooner = [gd.descend("sgd", Settings(learning_rate=rate)).state for rate in (0.8, 0.9, 1.0)]
    assert "diverged" in sooner
    for key in ("momentum", "nesterov"):
        plain, ahead = gd.descend("batch", Settings()), gd.descend(key, Settings())
        assert ahead.losses[-1] < plain.losses[-1] / 100
    assert state("nesterov", learning_rate=0.9) == "diverged"
    assert state("momentum", learning_rate=0.9) != "diverged"
    quiet = gd.descend("sgd", Settings(condition=1.0, noise=0.0))
    assert quiet.state == "arrived"
    noisy = {
        key: gd.descend(key, Settings(condition=1.0, noise=1.0, batch_size=32)).losses[50:].mean()
        for key in ("sgd", "mini")
    }
    assert noisy["sgd"] > 5 * noisy["mini"] > 10 * quiet.losses[50:].mean()
    for key in ("rmsprop", "adam"):
        first = np.diff(gd.descend(key, Settings()).points, axis=0)[0]
        assert abs(first[0]) == pytest.approx(abs(first[1]), rel=1e-3)
        wild = gd.descend(key, Settings(learning_rate=1.1))
        assert wild.state != "diverged"
        assert np.abs(np.diff(wild.points, axis=0)).max() < 4 * 1.1


# --- what became of a path ----------------------------------------------------------------------


def judged(losses, condition=1.0):
    """Judge a path along w₁ with these losses above the minimum."""
    surface = gd.problem(condition)
    points = surface.minimum + np.sqrt(np.asarray(losses))[:, None] * [1.0, 0.0]
    return gd.judge(points, surface)


STEPS = np.arange(101.0)


@pytest.mark.parametrize(
    ("losses", "state"),
    [
        (0.5**STEPS, "arrived"),
        (0.98**STEPS, "falling"),
        (np.full(101, 0.3), "stuck"),
        (0.01 + 0.5**STEPS, "stuck"),
        (1.01**STEPS, "climbing"),
        (1.5**STEPS, "diverged"),
        (np.zeros(101), "arrived"),
        (np.append(np.full(99, 0.5), [0.0, 0.0]), "stuck"),  # near for a moment only
        (np.concatenate([np.ones(3), [500.0], np.zeros(97)]), "diverged"),
    ],
)
def test_states(losses, state):
    assert judged(losses).state == state


def test_when_it_diverged_and_when_it_arrived():
    assert judged(1.5**STEPS).diverged_at == math.ceil(math.log(100, 1.5))
    assert judged(0.5**STEPS).arrived_at == 10  # 2**-10 < 0.001 < 2**-9
    path = gd.descend("nesterov", Settings(learning_rate=2.5), steps=400)
    assert len(path.points) < 401, "it ends where numbers overflow"
    assert path.state == "diverged"
    assert not np.isnan(path.losses).any()
    assert f"step {path.diverged_at}" in gd.outcome(path)


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.05, 1.0, 1.3, 2.5])
@pytest.mark.parametrize("condition", [1.0, 300.0])
def test_words_name_every_optimiser_and_its_end(rate, condition):
    scene = gd.scene(Settings(shown=ALL, learning_rate=rate, condition=condition))
    plain, caption = gd.describe(scene), gd.caption(scene)
    for key, path in scene.descents.items():
        for words in (plain, caption):
            assert gd.METHODS[key].name in words
            assert gd.outcome(path) in words
    side = "below" if rate < 1 else "above" if rate > 1 else "equals"
    assert f"{side} 2/L" in caption
    assert "nan" not in plain + caption


def test_nothing_shown_is_said_too():
    scene = gd.scene(Settings(shown=()))
    assert gd.ranking(scene.descents) == "No optimiser chosen"
    assert gd.describe(scene) and gd.caption(scene)


def test_looks_differ_without_colour():
    looks = [(str(method.line), method.marker) for method in gd.METHODS.values()]
    assert len(set(looks)) == len(looks)
    assert len({method.marker for method in gd.METHODS.values()}) == len(looks)
    assert len({method.colour for method in gd.METHODS.values()}) == len(looks)


# --- geometry -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "leaves"),
    [
        ([(0, 0), (1, 1)], None),
        ([(0, 0), (10, 0)], (3.3, 0, 0)),
        ([(0, 0), (1, 0), (1, 10)], (1, 2.85, 90)),
        ([(0, 0), (-10, 0), (0, 0)], (-3.3, 0, 180)),
        ([(9, 9), (0, 0)], None),  # it starts outside
    ],
)
def test_where_a_path_leaves(points, leaves):
    found = gd.exit_point(np.array(points, dtype=float))
    assert found == (leaves if leaves is None else pytest.approx(leaves))


def test_astronomical_ends_are_shortened_in_their_direction():
    points = np.array([[0, 0], [1, 1], [1e200, -1e200], [5, 5]])
    shown = gd.drawable(points)
    np.testing.assert_allclose(shown, [[0, 0], [1, 1], [51, -49]])
    near = points[:2]
    assert gd.drawable(near) is near


heights = st.lists(st.floats(0, 1), max_size=7)


@given(heights)
def test_labels_are_apart_inside_and_in_order(wanted):
    placed = gd.spread(wanted, 0.1, 0.02, 0.98)
    assert len(placed) == len(wanted)
    ordered = np.sort(placed)
    assert (np.diff(ordered) >= 0.1 - 1e-9).all()
    assert all(0.02 - 1e-9 <= place <= 0.98 + 1e-9 for place in placed)
    for i, one in enumerate(wanted):
        for j, other in enumerate(wanted):
            if one < other:
                assert placed[i] < placed[j]


def test_labels_with_room_stay_where_they_are():
    assert gd.spread([0.9, 0.1, 0.5], 0.1, 0, 1) == pytest.approx([0.9, 0.1, 0.5])


def drawn(scene):
    picture = gd.ExplorerDrawing()
    picture.update(scene)
    return picture


def test_a_diverged_path_is_not_made_to_look_fine():
    scene = gd.scene(Settings(shown=("batch", "nesterov"), learning_rate=1.1))
    picture = drawn(scene)
    _, high = picture.losses.axes.get_ylim()
    assert high >= scene.descents["batch"].losses.max(), "the loss axis grows with it"
    assert picture.losses._tips["nesterov"].get_visible(), "or an arrow where it leaves"
    for key in ("batch", "nesterov"):
        assert picture._exits[key].get_visible()
        assert gd.outcome(scene.descents[key]) in picture._words.get_text()


def test_level_lines_are_level():
    picture = drawn(gd.scene(Settings(condition=7.0)))
    surface = gd.problem(7.0)
    for level, ellipse in zip(gd.LEVELS, reversed(picture.surface._levels), strict=True):
        large = ellipse.get_patch_transform() + Affine2D().scale(
            1e4
        )  # curves end up as fine chords
        (edge,) = large.transform_path(ellipse.get_path()).to_polygons()
        np.testing.assert_allclose(surface.excess(edge / 1e4), level, rtol=1e-3)


# --- one dimension ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "regime"),
    [(0.2, "one side"), (0.5, "one step"), (0.8, "across"), (1.0, "for ever"), (1.1, "away")],
)
def test_regimes_of_one_dimension(rate, regime):
    scene = gd.line_scene(gd.LineSettings(learning_rate=rate))
    assert scene.regime == regime
    w = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w], lr=rate)
    for expected in scene.w:
        assert w.item() == pytest.approx(expected, abs=1e-12)
        optimiser.zero_grad()
        (w**2).sum().backward()
        optimiser.step()
    np.testing.assert_allclose(scene.losses, scene.w**2)


@given(st.sampled_from([1.0, 2.0, 4.0, 8.0]), st.floats(0.01, 2.2), st.floats(-2.3, 2.3))
def test_one_dimension_draws_and_says_anything(curvature, rate, start):
    scene = gd.line_scene(gd.LineSettings(curvature, rate, start))
    picture = gd.LineDrawing()
    picture.update(scene)
    assert np.isfinite(picture._stairs.get_xydata()).all()
    words = gd.line_describe(scene) + gd.line_caption(scene)
    assert "nan" not in words
    assert ("diverges" in words) == (scene.regime == "away")


def test_the_limit_can_be_set_exactly_for_each_curvature():
    picture = gd.OneDimension()
    _ = picture.widget
    rate, curvatures = picture.controls["learning_rate"], picture.controls["curvature"].options
    for curvature in curvatures:
        ticks = (2 / curvature - rate.min) / rate.step
        assert ticks == pytest.approx(round(ticks)) and 2 / curvature < rate.max
        scene = gd.line_scene(gd.LineSettings(curvature, round(2 / curvature, 2)))
        assert scene.regime == "for ever"
    picture.close()


# --- the learner's own --------------------------------------------------------------------------


def step(w, gradient, learning_rate):
    return w - learning_rate * gradient


def momentum_step(w, gradient, velocity, learning_rate, beta):
    velocity = beta * velocity + gradient
    return w - learning_rate * velocity, velocity


def adam_step(w, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    ahead = m / (1 - beta1**t)
    return w - learning_rate * ahead / (np.sqrt(v / (1 - beta2**t)) + epsilon), m, v


OWN = {"step": step, "momentum_step": momentum_step, "adam_step": adam_step}


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("rate", [0.01, 0.1, 1.2])
def test_right_ones_agree(name, rate):
    settings = gd.OwnSettings(learning_rate=rate, momentum=0.8)
    found = gd.compare_paths(name, OWN[name], settings)
    assert found.state == "agrees", found.says
    assert "largest difference" in found.says


def biased(*given):
    _, m, v = adam_step(*given)
    return given[0] - given[5] * m / (np.sqrt(v) + given[8]), m, v


def in_place(w, gradient, learning_rate):
    w -= learning_rate * gradient
    return w


def unwritten(*_):
    raise NotImplementedError


def noisy(w, gradient, learning_rate):
    print("step")
    return step(w, gradient, learning_rate)


class Odd(Exception):
    def __str__(self):
        return "a <b>long</b>\nstory " * 30


def odd(*_):
    raise Odd


@pytest.mark.parametrize(
    ("name", "function", "state", "says"),
    [
        ("step", None, "absent", "not given"),
        ("step", unwritten, "unwritten", "not written yet"),
        ("step", in_place, "agrees", "agrees"),
        ("step", noisy, "agrees", "agrees"),
        ("step", lambda w, g, r: w + r * g, "differs", "from step 1 on"),
        ("step", lambda w, g, r: w * np.nan, "differs", "no number"),
        ("step", lambda w, g, r: None, "failed", "returned None"),
        ("step", lambda w, g, r: "w", "failed", "a str"),
        ("step", lambda w, g, r: w[:, None], "failed", "shape (2, 1)"),
        ("step", lambda w, g, r: 1 / 0, "failed", "ZeroDivisionError"),
        ("step", lambda w, g: w, "failed", "TypeError"),
        ("step", odd, "failed", "…"),
        ("momentum_step", lambda w, g, v, r, b: w, "failed", "(w, velocity)"),
        ("momentum_step", lambda w, g, v, r, b: (w,), "failed", "a tuple of 1"),
        ("momentum_step", lambda w, g, v, r, b: None, "failed", "returned None"),
        ("adam_step", biased, "differs", "from step 1 on"),
    ],
)
def test_all_that_can_happen_is_told_in_one_sentence(name, function, state, says, capsys):
    found = gd.compare_paths(name, function, gd.OwnSettings())
    assert found.state == state
    assert says in found.says
    assert "\n" not in found.says and len(found.says) < 250
    assert capsys.readouterr().out == ""
    picture = gd.OwnDrawing()
    picture.update((gd.OwnSettings(), {name: found}))
    picture.figure.canvas.draw()
    assert "<b>" not in gd.own_caption({name: found})


def test_an_error_after_some_steps_keeps_those_steps():
    calls = []

    def tires(w, gradient, learning_rate):
        calls.append(1)
        if len(calls) > 5:
            raise RuntimeError("tired")
        return step(w, gradient, learning_rate)

    found = gd.compare_paths("step", tires, gd.OwnSettings())
    assert found.says == "at step 6 it raised RuntimeError: tired"
    assert len(found.own) == 6


def test_compare_shows_what_is_given_or_else_all():
    assert list(gd.compare(step=step).functions) == ["step"]
    assert list(gd.compare().functions) == list(OWN)
    text = gd.compare(step, unwritten, biased)._text()
    assert "step: agrees" in text and "momentum_step: not written yet" in text
    assert "adam_step: differs from step 1" in text
    assert gd.own_title({}) == "None of yours is written yet"
    with pytest.raises(KeyError):
        gd.compare_paths("newton_step", step, gd.OwnSettings())
