"""The numeric gradient, and growth measured on a clock that the test winds itself."""

from __future__ import annotations

import time

import numpy as np
import pytest
from cells import message, outcome
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from curriculum import checks
from curriculum.checks import oracles

points = hnp.arrays(
    np.float64, hnp.array_shapes(max_dims=3, max_side=3), elements=st.floats(-10, 10)
)


@given(points)
def test_numeric_gradient_of_a_cubic(w):
    gradient = checks.numeric_gradient(lambda v: np.sum(v**3 - 2 * v), w)
    assert gradient.shape == w.shape
    np.testing.assert_allclose(gradient, 3 * w**2 - 2, rtol=1e-5, atol=1e-4)


def test_numeric_gradient_of_one_variable():
    gradient = checks.numeric_gradient(lambda w: np.exp(w), 1.0)
    assert isinstance(gradient, float)
    assert gradient == pytest.approx(np.e, rel=1e-8)


def test_numeric_gradient_keeps_its_argument():
    w = np.array([1, 2])

    def f(v):
        total = float(np.sum(v**2))
        v[:] = 0
        return total

    np.testing.assert_allclose(checks.numeric_gradient(f, w), [2, 4], rtol=1e-6)
    assert w.tolist() == [1, 2]


def test_a_function_that_gives_no_number():
    assert "The function's value is None" in message(
        lambda: checks.gradient(np.zeros(2), lambda w: None, np.zeros(2))
    )


def test_gradient():
    w = np.array([1.0, -2.0])
    checks.gradient(2 * w, lambda v: v @ v, w)
    checks.gradient(2 * w, lambda v: v @ v + 1e6, w)
    text = message(lambda: checks.gradient(w, lambda v: v @ v, w))
    assert "The gradient differs" in text
    assert "got = 1/2 × expected" in text


def wound(cost):
    """A timer that gives what `cost` says for the function and size, and counts calls."""
    calls = []

    def timer(f, args):
        calls.append((f, len(args[0])))
        return cost(f, len(args[0]), len(calls))

    return timer, calls


@pytest.fixture
def clock():
    restores = []

    def use(cost):
        timer, calls = wound(cost)
        restores.append(oracles.use_timer(timer))
        return calls

    yield use
    for restore in reversed(restores):
        restore()
    assert oracles._timer is oracles._process_time


def mine(items):
    return items


def reference(items):
    return items


SIZES = [1000, 2000, 4000, 8000]


def measure(**how):
    checks.growth(mine, lambda n: ([0] * n,), SIZES, reference, **how)


def power(exponent, scale=1e-6):
    return lambda n: scale * n**exponent


@pytest.mark.parametrize(
    "exponent, reference_exponent, passes",
    [(1, 1, True), (1.2, 1, True), (2, 1, False), (2, 2, True), (3, 2, False), (1, 0, True)],
)
def test_growth_compares_slopes(clock, exponent, reference_exponent, passes):
    own, other = power(exponent), power(reference_exponent)
    clock(lambda f, n, _: own(n) if f is mine else other(n))
    how = {"order": max(reference_exponent, 1)}
    assert (outcome(lambda: measure(**how))["status"] == "passed") is passes


def test_a_reference_that_seems_to_grow_faster_than_it_does_excuses_nobody(clock):
    clock(lambda f, n, _: 1e-8 * n**2 if f is mine else 1e-9 * n**1.8)
    assert outcome(measure)["status"] == "failed"


def test_linear_time_is_right_unless_less_is_asked_for(clock):
    clock(lambda f, n, _: 1e-6 * n if f is mine else 1e-4)
    assert outcome(measure)["status"] == "passed"
    assert outcome(lambda: measure(order=0))["status"] == "failed"


def test_growth_does_not_look_at_absolute_time(clock):
    clock(lambda f, n, _: n * (1e-4 if f is mine else 1e-9))
    measure()


def test_a_negligible_time_passes(clock):
    clock(lambda f, n, _: 1e-12 * n**2 if f is mine else 1e-9)
    measure()


def test_growth_tells_both_rates(clock):
    clock(lambda f, n, _: 1e-8 * n**2 if f is mine else 1e-7 * n)
    text = message(lambda: measure(given="distinct numbers"))
    assert "doubling n multiplies your time by 4.0, the reference's by 2.0" in text
    assert "Input: distinct numbers" in text


def test_a_cost_of_calling_does_not_hide_growth(clock):
    clock(lambda f, n, _: 5e-4 + 1e-8 * n**2 if f is mine else 1e-4 + 1e-7 * n)
    assert outcome(measure)["status"] == "failed"


def test_noise_is_measured_again(clock):
    rng = np.random.default_rng(0)
    clock(lambda f, n, _: 1e-6 * n * (1 + rng.exponential(0.5)))
    for _ in range(20):
        measure()


def test_a_disturbed_first_round_does_not_decide(clock):
    def cost(f, n, call):
        return 1e-6 * n * (50 if f is mine and n == 8000 and call < 20 else 1)

    clock(cost)
    measure()


def test_sizes_that_would_take_too_long_are_left_out(clock):
    calls = clock(lambda f, n, _: 1e-6 * n**2 if f is mine else 1e-6 * n)
    assert outcome(measure)["status"] == "failed"
    assert (mine, 8000) not in calls


def test_a_stub_is_not_attempted():
    def stub(items):
        raise NotImplementedError()

    line = outcome(lambda: checks.growth(stub, lambda n: ([0] * n,), SIZES, reference))
    assert line["status"] == "not_attempted"


def test_every_call_gets_fresh_arguments():
    seen = []

    def sorts(items):
        seen.append(items == sorted(items))
        items.sort()

    checks.growth(sorts, lambda n: (list(range(n, 0, -1)),), [50, 100], sorted)
    assert not any(seen)


@pytest.mark.parametrize("sizes", [[], [10], [10, 10], [0, 10]])
def test_sizes_must_differ(sizes):
    with pytest.raises(ValueError):
        checks.growth(mine, lambda n: ([0] * n,), sizes, reference)


def test_growth_on_the_real_clock():
    def pairs(items):
        return sum(a == b for a in items for b in items)

    def once(items):
        return sum(a == a for a in items)

    sizes = [125, 250, 500, 1000]
    line = outcome(lambda: checks.growth(pairs, lambda n: (list(range(n)),), sizes, once))
    assert line["status"] == "failed"
    sizes = [20_000, 40_000, 80_000]
    checks.growth(once, lambda n: (list(range(n)),), sizes, sum)


def test_processor_time_is_measured_not_waiting():
    def waits(items):
        time.sleep(0.002)

    assert oracles._process_time(waits, ([],)) < 0.002
