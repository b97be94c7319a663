"""that, raises, unchanged, finite, array, number, one_of, and named mistakes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from cells import message, outcome, report

from curriculum import checks
from curriculum.checks import Mistake


def stub(*_args):
    raise NotImplementedError()


def refuse(*_args):
    raise ValueError("learning rate must be positive")


def test_that():
    checks.that(True, "fine")
    checks.that(np.bool_(True), "fine")
    checks.that(np.all(np.array([True])), "fine")
    checks.that(torch.tensor(True), "fine")
    assert "the loss grows" in message(lambda: checks.that(False, "the loss grows", given="η = 1"))


@pytest.mark.parametrize("condition", [1, "yes", None, np.array([True]), [True], NotImplemented])
def test_that_wants_a_truth(condition):
    assert "not True or False" in message(lambda: checks.that(condition, "text"))


def test_raises():
    error = checks.raises(ValueError, refuse, 1, match="positive")
    assert isinstance(error, ValueError)
    assert "nothing was raised" in message(lambda: checks.raises(ValueError, abs, -1))
    assert "ValueError: learning rate" in message(lambda: checks.raises(KeyError, refuse))
    assert "match: zero" in message(lambda: checks.raises(ValueError, refuse, match="zero"))
    assert "KeyError or TypeError" in message(lambda: checks.raises((KeyError, TypeError), refuse))


@pytest.mark.parametrize("kind", [RuntimeError, Exception, BaseException])
def test_a_stub_raises_nothing_that_counts(kind):
    assert outcome(lambda: checks.raises(kind, stub))["status"] == "not_attempted"
    checks.raises(NotImplementedError, stub)


def test_an_undefined_name_raises_nothing_that_counts():
    line = outcome(lambda: checks.raises(Exception, lambda: missing()))  # noqa: F821
    assert line["points"] == 0


def test_raises_keeps_an_exit_inside():
    assert "SystemExit" in message(lambda: checks.raises(ValueError, exit))


ARGUMENTS = {
    "array": (np.arange(3.0), lambda a: a.__setitem__(1, 9.0)),
    "list": ([1, 2], lambda a: a.append(3)),
    "sorted list": ([2, 1], lambda a: a.sort()),
    "dict": ({"a": 1}, lambda a: a.update(b=2)),
    "nested": ([np.zeros(2)], lambda a: a[0].__iadd__(1)),
    "set": ({1}, lambda a: a.add(2)),
    "frame": (pd.DataFrame({"a": [1, 2]}), lambda a: a.pop("a")),
    "series": (pd.Series([1.0, 2.0]), lambda a: a.__setitem__(0, 5.0)),
    "tensor": (torch.zeros(2), lambda a: a.add_(1)),
    "parameter": (torch.nn.Parameter(torch.zeros(2)), lambda a: a.data.add_(1)),
    "graph": (torch.zeros(2, requires_grad=True) * 2, lambda a: a.data.add_(1)),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_changed_argument_is_noticed(name):
    argument, change = ARGUMENTS[name]
    before = str(argument)

    def learner(first, second):
        change(second)

    text = message(lambda: checks.unchanged(learner, 1, argument))
    assert "Argument 2 of 2 was changed in place" in text
    assert text.count("\n") >= 1
    assert "xpected" not in text
    assert str(argument) == before


def test_a_change_is_shown():
    texts = {
        name: message(lambda change=change, value=value: checks.unchanged(change, value))
        for name, (value, change) in ARGUMENTS.items()
    }
    assert "First change: at [1]: was 1.0, is now 9.0" in texts["array"]
    assert "Before: [1, 2]\n  After: [1, 2, 3]" in texts["list"]
    assert "New keys: 'b'" in texts["dict"]
    assert "Gone columns: 'a'" in texts["frame"]
    assert "New: 2" in texts["set"]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_unchanged_argument_gives_the_result(name):
    argument, _ = ARGUMENTS[name]
    assert checks.unchanged(lambda a: 42, argument) == 42


def test_generators_and_functions_may_change():
    rng = np.random.default_rng(0)
    state = rng.bit_generator.state
    assert 0 <= checks.unchanged(lambda g, f: f(g.random()), rng, abs) <= 1
    assert rng.bit_generator.state == state


def test_finite():
    checks.finite([1.0, np.zeros(3), {"a": 2}])
    checks.finite(torch.zeros(2))
    checks.finite(pd.DataFrame({"a": [1.0]}))
    assert "First at: [1]: nan" in message(lambda: checks.finite(np.array([0.0, np.nan])))
    assert "w is inf" in message(lambda: checks.finite(np.inf, what="w"))
    for nothing in (None, [], "text", np.array([]), [None]):
        assert outcome(lambda nothing=nothing: checks.finite(nothing))["status"] == "failed"


def test_array_and_number():
    given = np.arange(4, dtype=np.int32).reshape(2, 2)
    copy = checks.array(given, shape=(None, 2))
    assert copy.dtype == np.float64
    copy[0, 0] = 9
    assert given[0, 0] == 0
    assert "shape (2, 2); expected (any, 3)" in message(
        lambda: checks.array(given, shape=(None, 3), what="path")
    )
    assert "an array of numbers" in message(lambda: checks.array([1, 2]))
    assert checks.number(np.float32(1.5)) == 1.5
    assert checks.number(torch.tensor(1.5)) == 1.5
    for other in ([1], "1", None, True, 1j, np.zeros(1)):
        assert "a number" in message(lambda other=other: checks.number(other))


def test_one_of():
    checks.one_of("A", ["A", "B"])
    assert "one of 'A', 'B'" in message(lambda: checks.one_of("C", ["A", "B"]))


def test_the_first_mistake_that_fits_is_named():
    x = np.array([1.0, 2.0, 5.0])
    mistakes = [
        Mistake("broken", "never", looks_like=lambda: 1 / 0),
        Mistake("wrong sign", "downhill", looks_like=-x),
        Mistake("sum", "divide", looks_like=lambda: 50 * x),
        Mistake("anything", "hm"),
    ]
    for got, name in ((-x, "wrong sign"), (50 * x, "sum"), (x + 1, "anything")):
        line = outcome(lambda got=got: checks.close(got, x, mistakes=mistakes))
        assert line["mistake"] == name
        assert f"{name}: " in line["message"]
    assert outcome(lambda: checks.close(x, x, mistakes=mistakes))["mistake"] is None


def test_a_mistake_may_have_another_shape_or_container():
    x = np.array([1.0, 2.0, 5.0])
    column = Mistake("column", "flatten", looks_like=x[:, None])
    listed = Mistake("a list", "array", looks_like=x)
    assert outcome(lambda: checks.close(x[:, None], x, mistakes=[column]))["mistake"] == "column"
    assert outcome(lambda: checks.close(x.tolist(), x, mistakes=[listed]))["mistake"] == "a list"
    pair = Mistake("swapped", "order", looks_like=(1.0, x))
    assert outcome(lambda: checks.close((1, x), (x, 1.0), mistakes=[pair]))["mistake"] == "swapped"


@pytest.mark.parametrize(
    "when, fits",
    [(True, True), (False, False), (lambda: True, True), (lambda: 1 / 0, False), (np.True_, True)],
)
def test_when(when, fits):
    mistake = Mistake("name", "says", when=when)
    both = Mistake("name", "says", when=when, looks_like=2)
    other = Mistake("name", "says", when=when, looks_like=3)
    for one, expected in ((mistake, fits), (both, fits), (other, False)):
        line = outcome(lambda one=one: checks.equal(2, 1, mistakes=[one]))
        assert line["mistake"] == ("name" if expected else None)


def test_mistakes_in_other_checks():
    mistake = Mistake("name", "says")
    for body in (
        lambda: checks.that(False, "no", mistakes=[mistake]),
        lambda: checks.raises(ValueError, abs, 1, mistakes=[mistake]),
        lambda: checks.unchanged(lambda a: a.append(1), [], mistakes=[mistake]),
        lambda: checks.finite(np.nan, mistakes=[mistake]),
        lambda: checks.gradient(1.0, lambda w: -w, 2.0, mistakes=[mistake]),
    ):
        assert report(body).mistakes == ["name"]
