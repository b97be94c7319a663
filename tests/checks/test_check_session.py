"""Named checks: points, what is passed, failed or not attempted, and what stays out of stderr."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from cells import graded, outcome, report, run_cells

from curriculum import checks, events


def stub(*_args):
    raise NotImplementedError()


def test_each_check_earns_its_share():
    result = report(lambda: None, lambda: checks.equal(1, 2), lambda: None, points=1.5)
    assert (result.points, result.max_points) == (3.0, 4.5)
    assert repr(result) == "3.0"
    assert graded(result, 4.5) == 3.0


def test_sums_of_decimals_are_exact():
    result = report(*[lambda: None] * 10, points=0.1)
    assert repr(result) == "1.0"
    assert graded(result, 1) == 1.0


def test_no_checks_earn_nothing():
    assert repr(checks.start("empty").report()) == "0.0"


@pytest.mark.parametrize("points", [-1, float("nan"), float("inf"), True, "2"])
def test_points_must_be_a_number_of_points(points):
    with pytest.raises((TypeError, ValueError)):
        checks.start("exercise")("name", points)


def test_a_stub_is_not_attempted():
    line = outcome(stub)
    assert line["status"] == "not_attempted"
    assert "`stub`" in line["message"]
    assert line["points"] == 0


def test_a_stub_with_a_text_is_not_attempted():
    def later():
        raise NotImplementedError("write me")

    assert outcome(later)["status"] == "not_attempted"


def test_a_library_that_refuses_is_not_a_stub():
    torch = pytest.importorskip("torch")

    def learner():
        return torch.linalg.inv(torch.eye(2, device="meta")).numpy()

    line = outcome(learner)
    assert line["status"] == "failed", line


def one_check(body: str, *cells: str) -> dict:
    """The line of a test cell with one check, run after the learner's cells."""
    test = f"check = checks.start('exercise')\nwith check('name', points=2):\n    {body}\n"
    return run_cells(*cells, test).as_dict()["checks"][0]


def test_an_undefined_name_is_not_attempted():
    for body in ("mse_gradient(1)", "checks.close((lambda: mse_gradient(1))(), 2)"):
        line = one_check(body)
        assert line["status"] == "not_attempted"
        assert "`mse_gradient` is not defined" in line["message"]


def test_an_undefined_name_inside_the_learners_code_is_an_error():
    line = one_check("f(1)", "def f(x):\n    return math.pi\n")
    assert line["status"] == "failed"
    assert "'math' is not defined" in line["message"]
    assert "f, line 2: return math.pi" in line["message"]


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        SystemExit(3),
        GeneratorExit(),
        BaseException("odd"),
        RecursionError("deep"),
    ],
)
def test_whatever_is_raised_stays_inside(error):
    def body():
        raise error

    line = outcome(body)
    assert line["status"] == "failed"
    assert line["points"] == 0


def test_an_interrupt_stops_the_cell():
    check = checks.start("exercise")
    before = sys.stderr
    with pytest.raises(KeyboardInterrupt), check("name", points=1):
        raise KeyboardInterrupt
    assert sys.stderr is before


def test_an_exception_that_cannot_say_what_it_is():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    def body():
        raise Mute

    assert outcome(body)["status"] == "failed"


def test_a_note_on_the_exception_says_where():
    space: dict = {}
    code = "def call():\n    e = ValueError('no')\n    e.add_note('step, line 3: x')\n    raise e\n"
    exec(compile(code, "<proxy>", "exec"), space | {"__name__": "curriculum.grading.proxy"}, space)
    space["call"].__globals__["__name__"] = "curriculum.grading.proxy"
    assert "step, line 3: x" in outcome(space["call"])["message"]


def test_none_unpacked_by_the_check_is_explained():
    line = one_check("a, b = f(1)", "def f(x):\n    x + 1\n")
    assert "A function without `return` gives None." in line["message"]
    assert "Where" not in line["message"]


def test_a_plain_assert_works():
    assert one_check("assert 1 == 2, 'one is not two'")["message"] == "one is not two"


def test_stderr_stays_clean(capfd):
    logger = logging.getLogger("checks-test")
    handler = logging.StreamHandler(sys.stderr)
    logger.addHandler(handler)

    def noisy():
        warnings.warn("careful", RuntimeWarning, stacklevel=1)
        np.log(np.zeros(1))
        print("printed")
        sys.stderr.write("direct ")
        os.write(2, b"below ")
        subprocess.run([sys.executable, "-c", "import sys; sys.stderr.write('child')"], check=True)
        logger.warning("logged")

    result = report(noisy)
    logger.removeHandler(handler)
    captured = capfd.readouterr()
    assert captured.err == ""
    assert captured.out == ""
    notes = "\n".join(result.as_dict()["checks"][0]["notes"])
    for part in ("careful", "divide by zero", "printed", "direct", "below", "child", "logged"):
        assert part in notes
    assert graded(result, 2) == 2.0


def test_endless_printing_is_cut():
    def chatter():
        for _ in range(10_000):
            print("x" * 100)

    (note,) = outcome(chatter)["notes"]
    assert len(note) < 400


def test_warnings_are_counted_not_repeated():
    def body():
        for _ in range(50):
            warnings.warn("again", UserWarning, stacklevel=1)

    assert len(outcome(body)["notes"]) == 1


def test_streams_and_filters_are_put_back():
    streams, filters = (sys.stdout, sys.stderr), list(warnings.filters)
    with contextlib.suppress(ValueError):
        report(
            lambda: warnings.simplefilter("error"), lambda: setattr(sys, "stderr", io.StringIO())
        )
    assert (sys.stdout, sys.stderr) == streams
    assert list(warnings.filters) == filters


def test_one_event_tells_what_happened():
    heard: list = []
    stop = events.subscribe(lambda kind, fields: heard.append((kind, fields)))
    mistake = checks.Mistake("doubled", "Once is enough.", looks_like=2)
    report(lambda: None, stub, lambda: checks.equal(2, 1, mistakes=[mistake]))
    stop()
    fields = {
        "exercise": "exercise",
        "points": 2.0,
        "max_points": 6.0,
        "failed": ["check 2"],
        "mistakes": ["doubled"],
        "attempted": True,
    }
    assert heard == [("check", fields)]


def test_attempted():
    assert not checks.attempted(stub, 1, 2)
    assert checks.attempted(lambda x: x, 1)
    assert checks.attempted(lambda: 1 / 0)
    assert checks.attempted(sys.exit)


def test_attempted_leaves_its_arguments_and_the_streams_alone(capfd):
    def learner(x):
        x[0] = 9
        print("hello", file=sys.stderr)

    values = np.zeros(2)
    assert checks.attempted(learner, values)
    assert values[0] == 0
    assert capfd.readouterr() == ("", "")
