"""Nothing that a learner's function returns may crash the report or earn what it should not."""

from __future__ import annotations

import collections
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from cells import graded, report
from hypothesis import given
from hypothesis import strategies as st

from curriculum import checks


class Liar:
    """Equals everything, is every number, true, and an array of whatever is wanted."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __hash__(self):
        return hash(3.0)

    def __bool__(self):
        return True

    def __float__(self):
        return 3.0

    def __index__(self):
        return 3

    def __array__(self, *args, **kwargs):
        return np.full(3, 3.0)

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return 3.0

    def __iter__(self):
        return iter([3.0] * 3)

    def __call__(self, *args):
        return 3.0

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __repr__(self):
        raise RuntimeError("no repr")

    @property
    def __class__(self):
        return np.ndarray


class LyingFloat(float):
    def __eq__(self, other):
        return True

    def __float__(self):
        return 3.0

    __hash__ = float.__hash__


class LyingList(list):
    def __iter__(self):
        return iter([3.0] * 3)

    def __len__(self):
        return 3

    def __eq__(self, other):
        return True


class LyingArray(np.ndarray):
    def __eq__(self, other):
        return np.full(3, True)


class LyingFrame(pd.DataFrame):
    def __eq__(self, other):
        return True


class LyingMeta(type):
    def __instancecheck__(cls, instance):
        return True

    def __getattribute__(cls, name):
        raise RuntimeError("no attributes")


class LyingType(metaclass=LyingMeta):
    pass


def objects(*items) -> np.ndarray:
    """An array of these objects, without asking them."""
    made = np.empty(len(items), dtype=object)
    for position, item in enumerate(items):
        made[position : position + 1].fill(item)
    return made


cycle: list = []
cycle.append(cycle)

WANTED = {
    "number": 3.0,
    "integer": 3,
    "array": np.full(3, 3.0),
    "list": [3.0] * 3,
    "tuple": (np.full(3, 3.0), 3.0),
    "frame": pd.DataFrame({"a": [3.0] * 3}),
    "series": pd.Series([3.0] * 3),
    "tensor": torch.full((3,), 3.0),
    "text": "three",
    "truth": True,
    "dict": {"a": 3.0},
    "set": {3.0},
    "nothing": None,
}

NEVER = {
    "liar": Liar(),
    "liars in a list": [Liar()] * 3,
    "liars in a tuple": (Liar(), Liar()),
    "a set of a liar": {Liar()},
    "a dict of a liar": {"a": Liar()},
    "a lying float": LyingFloat(7),
    "a lying list": LyingList([1]),
    "a lying array": np.zeros(3).view(LyingArray),
    "a lying frame": LyingFrame({"a": [1.0] * 3}),
    "a lying type": LyingType(),
    "an array of liars": objects(Liar(), Liar(), Liar()),
    "a generator": (i for i in range(3)),
    "a function": lambda: 3.0,
    "a type": float,
    "ragged": [[1, 2], [3]],
    "complex": 3 + 0j,
    "complex array": np.full(3, 3 + 0j),
    "objects": np.array([3.0, 3.0, None], dtype=object),
    "numbers as objects": np.array([3.0] * 3, dtype=object),
    "NaN": float("nan"),
    "NaN array": np.full(3, np.nan),
    "empty": np.array([]),
    "empty list": [],
    "empty dict": {},
    "another shape": np.full((3, 1), 3.0),
    "text numbers": ["3.0"] * 3,
    "number as text": "3.0",
    "huge": 10**400,
    "huge list": [10**400] * 3,
    "bytes": b"three",
    "ellipsis": ...,
    "a cycle": cycle,
    "records": np.zeros(3, dtype=[("a", float)]),
    "dates": np.array(["2020-01-01"] * 3, dtype="datetime64[D]"),
    "masked": np.ma.masked_array(np.full(3, 3.0), mask=[0, 1, 0]),
    "surrogate": "\ud800",
    "control": "\x00\x1b[31m",
    "sparse tensor": torch.zeros(3).to_sparse(),
    "meta tensor": torch.zeros(3, device="meta"),
    "index": pd.Index([1, 2, 3]),
    "frame of objects": pd.DataFrame({"a": objects(Liar(), Liar(), Liar())}),
    "series of objects": pd.Series(objects(Liar(), Liar(), Liar())),
    "frame with a liar for a name": pd.DataFrame({Liar(): [3.0] * 3}),
    "deque": collections.deque([3.0] * 3),
    "not implemented": NotImplemented,
}


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("name", NEVER)
def test_no_credit_and_no_crash(name, wanted):
    got, want = NEVER[name], WANTED[wanted]
    mistake = checks.Mistake("a mistake", "Says.", looks_like=got)
    result = report(
        lambda: checks.close(got, want, given="x", what="it", mistakes=[mistake]),
        lambda: checks.equal(got, want),
        lambda: checks.that(got, "it holds"),
    )
    assert result.points == 0, result.text
    assert [c.status for c in result.checks] == ["failed"] * 3
    assert graded(result, 6) == 0
    assert "Traceback" not in result.text
    assert "checks cannot" not in result.text


@pytest.mark.parametrize("name", sorted(set(NEVER) - {"index"}))
def test_other_checks_survive_too(name):
    got = NEVER[name]
    result = report(
        lambda: checks.choice(got, "A", {"B": "no"}),
        lambda: checks.choices(got, {"A"}, {"B": "no"}),
        lambda: checks.raises(ValueError, lambda: got),
        lambda: checks.one_of(got, ["A", "B"]),
        lambda: checks.equal(checks.number(got, what="it"), 3.0),
        lambda: checks.close(checks.array(got, shape=(3,)), np.full(3, 3.0)),
    )
    statuses = {c.status for c in result.checks}
    assert statuses == {"failed"}, result.text
    assert graded(result, 12) == 0


def test_honest_values_pass():
    for want in WANTED.values():
        assert report(lambda want=want: checks.close(want, want)).points == 2
        assert report(lambda want=want: checks.equal(want, want)).points == 2


def test_a_float_subclass_is_read_as_the_float_it_is():
    checks.close(LyingFloat(7), 7.0)


def test_a_named_tuple_is_a_tuple():
    pair = collections.namedtuple("pair", "a b")
    checks.close(pair(np.zeros(2), 1.0), (np.zeros(2), 1.0))


def test_a_matrix_is_read_by_its_shape():
    assert "shape (1, 3)" in str(report(lambda: checks.close(np.matrix([1, 2, 3]), np.arange(3))))


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.just(Liar())
    | st.builds(lambda n: np.zeros((n, 2)), st.integers(0, 3)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(got=plain, want=st.sampled_from(list(WANTED.values())))
def test_any_result_ends_as_a_verdict(got, want):
    try:
        checks.close(got, want)
    except checks.Failure as failure:
        assert str(failure)
        failure.finding.text.encode("utf-8", "surrogatepass")
    else:
        assert type(got) is not Liar


@given(got=plain)
def test_a_value_is_equal_to_itself_unless_it_lies(got):
    try:
        checks.equal(got, got)
    except (checks.Failure, TypeError):
        assert "Liar" in ascii(type(got)) or _holds_a_liar(got)


def _holds_a_liar(value) -> bool:
    if type(value) is Liar:
        return True
    if isinstance(value, dict):
        return any(map(_holds_a_liar, value.values()))
    return type(value) in (list, tuple) and any(map(_holds_a_liar, value))


def test_learners_print_options_do_not_matter():
    def evil(_):
        raise RuntimeError("no")

    with np.printoptions(formatter={"all": evil}):
        line = report(lambda: checks.close(np.zeros(2), np.ones(2))).text
    assert "[1. 1.]" in line


def test_only_numpy_is_imported():
    code = (
        "import sys; import curriculum.checks as c; c.close(1.0, 1.0);"
        "print([m for m in ('pandas', 'torch', 'scipy', 'IPython') if m in sys.modules])"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
