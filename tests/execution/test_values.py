"""What crosses between a test and an answer is the same on both sides, and nothing else crosses."""

import contextlib
import datetime
import math
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from curriculum.execution import changes, values, wire
from curriculum.execution.values import BadValueError, NotPlainError


def no_handle(value):
    raise NotPlainError(type(value).__name__)


def over(value):
    plain = wire.unpack(wire.pack(values.encode(value, no_handle)))
    return values.decode(plain, no_handle)


HASHABLE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.binary() | st.complex_numbers(allow_nan=False),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
ANY = st.recursive(
    HASHABLE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(HASHABLE, inner, max_size=3)
        | st.sets(HASHABLE, max_size=3)
        | st.tuples(inner)
    ),
    max_leaves=12,
)


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(map(same, a.values(), b.values()))
    return a == b


@given(ANY)
def test_plain_values_arrive_as_they_are(value):
    assert same(over(value), value)


@given(hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, min_side=0, max_side=4)))
def test_arrays_arrive_as_they_are(array):
    if array.dtype.kind not in values.core.KINDS or not array.dtype.itemsize:
        return
    got = over(array)
    assert (got.dtype, got.shape) == (array.dtype, array.shape)
    assert got.tobytes() == array.tobytes()
    assert got.flags.writeable


@pytest.mark.parametrize(
    "value",
    [
        Fraction(1, 3), Decimal("1.10"), Decimal("NaN"), datetime.date(2026, 1, 5),
        datetime.timedelta(1, 2, 3), OrderedDict(b=1, a=[2]), defaultdict(list, a=[1]),
        defaultdict(None), Counter("abca"), Counter(a="x"), deque([1, 2], 3), deque(),
        bytearray(b"ab"), {"a": 1}.keys(), {"a": [1]}.items(), np.matrix([[1.0, 2.0]]),
        np.ma.MaskedArray([1.0, 2.0]), torch.nn.Parameter(torch.ones(2)),
        torch.nn.Parameter(torch.ones(2), requires_grad=False), frozenset({Fraction(1, 2)}),
    ],
    ids=repr,
)  # fmt: skip
def test_values_of_libraries_arrive_as_they_are(value):
    got = over(value)
    assert type(got) is type(value)
    assert repr(got) == repr(value)


@pytest.mark.parametrize(
    "plain",
    [
        ["fraction", 1, 0], ["fraction", 1.5, 2], ["fraction", ["list"], 2], ["decimal", 1],
        ["decimal", "x"], ["decimal", "1" * 200_000], ["date", "today"], ["date", 5],
        ["timedelta", "x"], ["timedelta", 10**18, 0, 0], ["ordered_dict", 1],
        ["ordered_dict", ["list"], 1], ["defaultdict", 5], ["defaultdict"], ["counter", 1],
        ["deque"], ["deque", -1], ["deque", "x", 1], ["bytearray", 10**9], ["keys", ["list"]],
        ["items", 1], ["matrix", ["list"]], ["masked", ["list"], None, 1],
        ["parameter", "float32", False, ["list"]],
        ["derived", "float", 1, ["mine", 1, "x"]], ["derived", "bool", True, ["mine", 1, "x"]],
        ["derived", "object", 1, ["mine", 1, "x"]], ["derived", "float", 1.0, ["yours", 1]],
        ["derived", "float", 1.0, 5], ["derived", ["list"], 1.0, ["mine", 1, "x"]],
    ],
    ids=lambda plain: str(plain)[:60],
)  # fmt: skip
def test_what_is_no_value_of_a_library_is_refused(plain):
    with pytest.raises(BadValueError):
        values.decode(plain, lambda handle: handle)


@pytest.mark.parametrize(
    "value",
    [
        np.float32(1.5), np.int8(-3), np.bool_(True), np.str_("ä"), np.datetime64("2020-01-01"),
        math.nan, -0.0, 2**200, -(2**100), range(2, 9, 3), slice(None, 3, None), ...,
        np.arange(6).reshape(2, 3).T, np.array(["a", "bcd"]), np.array([1, "x", None], object),
        float, np.ndarray, np.float64, np.zeros((0, 3)), 3 + 4j,
    ],
    ids=repr,
)  # fmt: skip
def test_odd_values_arrive_as_they_are(value):
    got = over(value)
    assert type(got) is type(value)
    assert repr(got) == repr(value)


def test_the_order_of_an_arrays_axes_in_memory_is_kept():
    assert over(np.asfortranarray(np.ones((3, 4)))).flags.f_contiguous


@pytest.mark.parametrize("dtype", ["f8", ">f4", "i2", "?", "c16", "U3", "M8[s]"])
@pytest.mark.parametrize("layout", ["C", "F", "strided", "backwards"])
def test_large_arrays_arrive_as_they_are(dtype, layout):
    array = np.arange(30_000).reshape(100, 300) % 90
    array = array.astype(dtype, order="F" if layout == "F" else "C")
    array = {"strided": array[:, ::2], "backwards": array[::-1]}.get(layout, array)
    got = over(array)
    assert (got.dtype, got.shape) == (array.dtype, array.shape)
    assert got.tobytes() == array.tobytes()
    assert got.flags.writeable


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [1.5, np.nan]}),
        pd.DataFrame({"a": [1, 2]}, index=["r", "s"]),
        pd.DataFrame(np.eye(2)),
        pd.DataFrame({"t": pd.to_datetime(["2020-01-01", "2021-01-01"])}),
        pd.DataFrame({"n": pd.array([1, None], "Int64"), "b": pd.array([True, None], "boolean")}),
        pd.DataFrame(),
        pd.DataFrame({"a": [1, 2, 3]})[lambda f: f.a > 1],
    ],
    ids=lambda frame: str(list(frame.dtypes)),
)
def test_frames_arrive_as_they_are(frame):
    pd.testing.assert_frame_equal(over(frame), frame, check_freq=False)
    for column in frame:
        pd.testing.assert_series_equal(over(frame[column]), frame[column], check_freq=False)


@given(st.lists(st.text() | st.none()), st.sampled_from(["str", "string"]))
def test_columns_of_text_arrive_as_they_are(items, dtype):
    column = pd.Series(items, dtype=dtype, name="t")
    pd.testing.assert_series_equal(over(column), column)
    pd.testing.assert_index_equal(over(pd.Index(column)), pd.Index(column))


@pytest.mark.parametrize(
    "written",
    [
        ("abc", [1, 1]), ("abc", [4]), ("abc", [2, 2]), ("abc", [3, -2]), ("abc", [True, 2]),
        ("abc", [1.0, 2.0]), ("abc", 3), (b"abc", [3]), (["a"], [1]), ("abc", [3], [3]),
    ],
    ids=str,
)  # fmt: skip
def test_a_column_of_text_has_the_lengths_that_it_says(written):
    with pytest.raises(BadValueError):
        values.decode(["index", None, "str", *written], no_handle)


def test_a_frame_may_have_two_columns_of_one_name():
    frame = pd.DataFrame([[1, 2.5]], columns=["a", "a"])
    pd.testing.assert_frame_equal(over(frame), frame)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool", "bfloat16", "complex64"])
def test_tensors_arrive_as_they_are(dtype):
    tensor = torch.ones(2, 3).to(getattr(torch, dtype)).T
    got = over(tensor)
    assert got.dtype is tensor.dtype
    assert torch.equal(got, tensor)
    assert not got.requires_grad
    assert over(torch.ones(2, requires_grad=True)).requires_grad


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"])
@pytest.mark.parametrize("kind", ["array", "matrix"])
def test_sparse_matrices_arrive_as_they_are(form, kind):
    matrix = getattr(sparse, f"{form}_{kind}")(np.diag([1.0, 0.0, 2.0]))
    got = over(matrix)
    assert got.format == form
    assert (got.toarray() == matrix.toarray()).all()


def test_a_generator_goes_on_where_it_was():
    ours = np.random.default_rng(5)
    ours.random(3)
    theirs = over(ours)
    assert theirs.random() == ours.random()


class Sub(np.ndarray):
    pass


class Liar(dict):
    pass


@pytest.mark.parametrize(
    "value",
    [np.ones(2).view(Sub), Liar(), object(), len, Sub, iter([]), pd.Timestamp(0), {"a": object()},
     np.zeros(2, [("a", "i4")]), type("F", (float,), {})(1.0), torch.nn.Linear(1, 1)],
    ids=lambda v: type(v).__name__,
)  # fmt: skip
def test_everything_else_needs_a_handle(value):
    with pytest.raises(NotPlainError):
        over(value)


def test_a_list_in_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(NotPlainError):
        over(value)


@pytest.mark.parametrize(
    "plain",
    [
        ["array", "<f8", [2], "C", b"12345678"],
        ["array", "<f8", [-1], "C", b""],
        ["array", "<f8", [2**39, 2**39], "C", b""],
        ["array", "O", [1], "C", b"12345678"],
        ["array", "i4,i4", [1], "C", b"12345678"],
        ["array", "(2,)i4", [1], "C", b"12345678"],
        ["array", "<f8", [1], "X", b"12345678"],
        ["array", "V8", [1], "C", b"12345678"],
        ["array", "S0", [2**35], "C", b""],
        ["objects", [3], [1]],
        ["scalar", "<f8", b"1234"],
        ["tensor", "float32", False, ["array", "<f8", [1], "C", b"12345678"]],
        ["tensor", "storage", False, ["array", "<f8", [1], "C", b"12345678"]],
        ["sparse", "csr", [1, 1], ["array", "<f8", [1], "C", b"12345678"],
         ["array", "<i4", [1], "C", b"\x09\0\0\0"],
         ["array", "<i4", [2], "C", b"\0\0\0\0\1\0\0\0"]],
        ["frame", ["range_index", None, 0, 2, 1], ["range_index", None, 0, 1, 1], []],
        ["range_index", None, 0, 2],
        ["range", 0, 1, "x"],
        ["type", "os.system"],
        ["dict", 1],
        ["dict", ["list"], 1],
        ["set", ["list"]],
        ["int", "0x" + "f" * 300_000],
        ["int", 3],
        ["pickle", b"x"],
        [],
        [1],
        {"a": 1},
        ["generator", "0x1", "0x1", 0, "x"],
        ["series", ["range_index", None, 0, 1, 1], None, "os", [1]],
    ],
    ids=lambda plain: str(plain)[:60],
)  # fmt: skip
def test_what_is_no_value_is_refused(plain):
    with pytest.raises(BadValueError):
        values.decode(plain, no_handle)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=5)
    | st.binary(max_size=16)
    | st.sampled_from([*values.core.READERS, *values.core._BUILD, "<f8", "C", "mine"]),
    lambda inner: st.lists(inner, max_size=6) | st.tuples(
        st.sampled_from([*values.core.READERS, *values.core._BUILD]), inner, inner, inner
    ).map(list),
    max_leaves=20,
)  # fmt: skip


@given(PLAIN)
@settings(max_examples=500)
def test_any_plain_data_is_a_value_or_refused(plain):
    with contextlib.suppress(BadValueError, NotPlainError):
        values.decode(plain, no_handle)


def test_changes_in_place_are_made_in_place():
    array, inner = np.zeros(3), [1]
    ours = [array, inner, {"k": inner}, 5]
    theirs = over(ours)
    theirs[0][:] = 7
    theirs[1].append(2)
    theirs[2]["new"] = 1
    theirs[3] = 6
    changes.write_back(ours, theirs)
    assert array.tolist() == [7, 7, 7]
    assert inner[:2] == [1, 2] or inner == [1]
    assert ours[0] is array
    assert ours[3] == 6
    assert ours[2]["new"] == 1
