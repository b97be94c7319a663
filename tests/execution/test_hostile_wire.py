"""Bytes that no honest process sends: each gives a value, a refusal, or an end with a verdict.

`python -m tests.fuzz` throws a million at the same readers; here are some hundreds, and one of each
kind that once was a hole.
"""

import random
import struct

import numpy as np
import pandas as pd
import pytest
from fuzz import seeds, targets
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from curriculum.execution import values, wire
from curriculum.execution.job import Job, Ran
from curriculum.execution.peer import GoneError, Peer
from curriculum.execution.sides import _say
from curriculum.execution.values import BadValueError

SOURCES = {
    "decode": seeds.ENCODED + seeds.HOSTILE,
    "outputs": seeds.OUTPUTS,
    "peer": seeds.PEER,
    "jobs": seeds.JOBS,
}
EXAMPLES = {"decode": 2500, "outputs": 400, "peer": 600, "jobs": 500}


def read(plain):
    return values.decode(wire.unpack(wire.pack(plain)), seeds.no_handle)


def changed(source, number):
    """Give what someone sends in earnest, changed in one to four places."""
    chance = random.Random(number)
    plain = chance.choice(source)
    for _ in range(chance.choice([1, 1, 2, 4])):
        plain = seeds.mutated(plain, chance, [*source, *seeds.ENCODED])
    return plain


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_changed_a_little_keeps_every_promise(name):
    target = targets.TARGETS[name]

    @settings(max_examples=EXAMPLES[name], deadline=None)
    @given(st.integers(0, 2**32))
    def check(number):
        try:
            data = wire.pack(changed(SOURCES[name], number))
        except (ValueError, OverflowError):  # nested too deeply to be sent
            return
        targets.timed(target, data)

    check()


@given(st.binary(max_size=300), st.integers(0, 2**32))
@settings(max_examples=500, deadline=None)
def test_any_bytes_in_any_pieces_keep_every_promise(noise, number):
    chance = random.Random(number)
    stream = b"".join(wire.frame(chance.choice(seeds.ENCODED)) for _ in range(3))
    place = chance.randrange(len(stream))
    targets.timed(targets.frames, bytes([len(noise) % 256]) + stream[:place] + noise)


@pytest.mark.parametrize("bomb", seeds.BOMBS, ids=lambda data: f"{data[:6].hex()}_{len(data)}")
def test_a_bomb_takes_no_memory(bomb):
    targets.measured(targets.frames, b"\xff" + wire.HEADER.pack(len(bomb)) + bomb)


@pytest.mark.parametrize("plain", seeds.HOSTILE, ids=lambda plain: str(plain)[:60])
def test_a_hostile_value_takes_no_memory(plain):
    targets.decode(wire.pack(plain))  # imports are not the value's
    targets.measured(targets.decode, wire.pack(plain))


# --- what once was a hole


def test_lists_that_claim_more_than_came_are_refused_before_room_is_made():
    header = b"\xdd" + struct.pack(">I", 60_000)
    targets.measured(targets.decode, header * 900 + b"x" * 60_000)
    with pytest.raises(wire.WireError, match="shorter than it says"):
        wire.unpack(header * 2 + b"x" * 60_000)


def test_more_items_than_are_read_count_as_a_frame_that_is_too_large():
    half = b"\xdd" + struct.pack(">I", wire.MOST_ITEMS // 2) + b"\x90" * (wire.MOST_ITEMS // 2)
    data = b"\x93" + half + half + b"\x01"
    ((value, size),) = wire.Frames(1 << 24).feed(wire.HEADER.pack(len(data)) + data)
    assert isinstance(value, wire.Oversize)
    assert value.size == size == len(data)


@pytest.mark.parametrize(
    "plain",
    [
        # a number made as long as an index that costs nothing
        ["series", ["range_index", None, 0, 2**34, 1], None, "",
         ["array", "<f8", [], "C", bytes(8)]],
        # columns that are empty, in a form that has a number for each
        ["sparse", "csc_array", [1, 2**39], seeds.ONE, seeds.numbers(5), seeds.numbers(0, 1)],
        # text of no length, for which NumPy makes room
        ["array", "<U0", [999_999], "C", b""],
        # a time zone that is read from a file
        ["series", seeds.NO_ROWS, None, "datetime64[ns, dateutil//etc/hostname]", []],
        # characters that there are not
        ["array", "<U1", [1], "C", b"\xff\xff\xff\xff"],
        ["scalar", "<U1", b"\xff\xff\xff\xff"],
    ],
    ids=lambda plain: str(plain)[:50],
)  # fmt: skip
def test_what_would_be_larger_than_it_came_is_refused(plain):
    with pytest.raises(BadValueError):
        read(plain)


def test_a_truth_value_is_one_or_zero():
    got = read(["array", "|b1", [3], "C", b"\x00\x01\x02"])
    assert got.tobytes() == b"\x00\x01\x01"
    assert got.sum() == 2


def test_a_column_is_made_without_asking_the_other_side_for_its_items():
    asked = []
    tests = Peer(asked.append, lambda: {"type": "answer", "value": 3}, trusted=True)
    rows = ["range_index", None, 0, 1, 1]
    for own in ("object", "category", "str", "Int64"):
        try:
            tests.read(["series", rows, None, own, [["mine", 1, "list"]]])
            tests.read(["index", None, own, [["mine", 1, "list"]]])
        except BadValueError:
            assert own != "object"
    assert asked == []


def test_what_pandas_alone_knows_goes_by_a_handle():
    for value in (
        pd.Series(pd.date_range("2020", periods=2, tz="UTC")),
        pd.DataFrame({"p": pd.period_range("2020", periods=2)}),
    ):
        assert values.encode(value, lambda value: ["mine", 1, "x"]) == ["mine", 1, "x"]


def test_sparse_matrices_keep_their_kind_and_are_not_changed_by_being_sent():
    twice = sparse.csr_matrix(([1.0, 2.0], [0, 0], [0, 2]), shape=(1, 1))
    got = read(values.encode(twice, seeds.no_handle))
    assert type(got) is sparse.csr_matrix
    assert got.toarray().tolist() == [[3.0]]
    assert twice.nnz == 2


def test_text_in_a_column_of_objects_stays_there():
    frame = pd.DataFrame({"a": pd.Series(["x", None], dtype=object)})
    assert read(values.encode(frame, seeds.no_handle)).dtypes.tolist() == [np.dtype(object)]


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        (["range", 0, 2**62, 1], ["dict"]),
        (["mine", 7, "an endless one"], ["dict"]),
        (["list", 1], ["dict"]),
        (["tuple"], ["list"]),
    ],
)
def test_a_callback_takes_a_tuple_and_a_dict_and_nothing_that_never_ends(args, kwargs):
    called, sent = [], []
    tests = Peer(sent.append, lambda: {"type": "answer", "value": 1}, trusted=True)
    (_, number, _) = tests.export(lambda *args, **kwargs: called.append(args))
    request = {"type": "ask", "do": "call", "object": number, "args": args, "kwargs": kwargs}
    assert tests.answer(request)["error"][1] == "no arguments"
    assert called == sent == []


@pytest.mark.parametrize(
    "item", [5, ["list", 1, 2], seeds.values.encode(np.zeros(2), None)], ids=str
)
def test_a_next_item_that_is_no_item_is_an_error(item):
    tests = Peer(lambda message: None, lambda: {"type": "answer", "value": item}, trusted=True)
    with pytest.raises(TypeError, match="no item"):
        next(tests.read(["mine", 1, "generator"]))


def test_a_warning_from_the_last_line_of_all_is_shown(recwarn):
    _say(["", "", [["UserWarning", "far down", 2**63], ["UserWarning", "above", -5]]])
    assert [str(warning.message) for warning in recwarn] == ["far down", "above"]


def test_more_warnings_than_are_sent_are_not_shown(recwarn):
    _say(["", "", [[f"W{n}", "w", n] for n in range(5000)]])
    assert len(recwarn) <= 50


@pytest.mark.parametrize("kind", [Job, Ran])
@pytest.mark.parametrize(
    "plain",
    [
        None, [], {}, {"stops": 5}, {"notebook": "text", "stops": [], "facts": {}, "signs": []},
        {"notebook": b"", "stops": [{"cell": 1}], "facts": {}, "signs": []},
        {"name": "a", "notebook": b"", "limits": {"cell_seconds": -1}},
    ],
    ids=str,
)  # fmt: skip
def test_what_no_worker_sends_is_a_wire_error(kind, plain):
    with pytest.raises(wire.WireError):
        kind.from_bytes(wire.pack(plain))


def test_a_peer_whose_other_side_is_gone_says_so():
    def gone():
        raise GoneError("ended")

    with pytest.raises(GoneError):
        Peer(lambda message: None, gone, trusted=True).call(1, (), {})
