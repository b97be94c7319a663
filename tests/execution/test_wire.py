import signal
import socket
import struct
import threading
import tracemalloc

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum.execution import wire

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def read(data, most_bytes=1 << 20):
    return [value for value, _ in wire.Frames(most_bytes).feed(data)]


@given(st.lists(PLAIN, max_size=4), st.integers(1, 64))
def test_what_is_sent_in_any_pieces_is_what_is_read(values, piece):
    data = b"".join(map(wire.frame, values))
    frames, got = wire.Frames(1 << 20), []
    for start in range(0, len(data), piece):
        got += [value for value, _ in frames.feed(data[start : start + piece])]
    assert got == values


@given(st.binary(max_size=400))
@settings(max_examples=500)
def test_any_bytes_give_plain_values_or_a_wire_error(data):
    try:
        values = read(data, most_bytes=200)
    except wire.WireError:
        return
    for value in values:
        assert isinstance(
            value, wire.Oversize | bool | int | float | str | bytes | list | dict | None
        )


@pytest.mark.parametrize(
    "value",
    [
        msgpack.ExtType(5, b"x"),
        msgpack.Timestamp(1),
    ],
)
def test_an_extension_is_refused(value):
    data = msgpack.packb(value)
    with pytest.raises(wire.WireError, match="no plain data"):
        wire.unpack(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\xdd\xff\xff\xff\xff",  # a list of four billion
        b"\xdf\xff\xff\xff\xff",  # a dict of as many
        b"\xc6\xff\xff\xff\xff",  # four gigabytes of bytes
        b"\x91" * 100_000,  # a list in a list in a list …
        b"\x82\x91\x01\x02\x03\x04",  # a list as a key
        b"\xa1\xff",  # text that is no UTF-8
        b"",
        b"\xc1",
        b"\x01\x02",
    ],
)
def test_a_lie_about_sizes_or_shapes_is_refused_without_memory(data):
    tracemalloc.start()
    with pytest.raises(wire.WireError):
        wire.unpack(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2_000_000


def test_a_frame_that_is_too_large_is_skipped_without_keeping_it():
    frames = wire.Frames(most_bytes=1000)
    got = list(frames.feed(wire.HEADER.pack(50_000_000)))
    tracemalloc.start()
    for _ in range(50):
        assert list(frames.feed(bytes(1_000_000))) == []
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000
    assert [(type(value), size) for value, size in got] == [(wire.Oversize, 50_000_000)]
    assert [value for value, _ in frames.feed(wire.frame("next"))] == ["next"]


def test_what_a_grader_sends_is_not_counted_again():
    many = [0] * 3_000_000
    for most_items, expected in ((wire.MOST_ITEMS, wire.Oversize), (None, list)):
        ((value, _),) = wire.Frames(1 << 24, most_items).feed(wire.frame(many))
        assert type(value) is expected


def test_text_that_is_no_unicode_is_replaced():
    assert wire.unpack(wire.pack("a\ud800b")) == "a?b"


def test_what_is_not_plain_is_refused():
    with pytest.raises(TypeError):
        wire.pack({"x": object()})
    with pytest.raises(OverflowError):
        wire.pack(2**70)


def test_a_signal_never_leaves_half_a_frame():
    ours, theirs = socket.socketpair()
    sender, got, sent = wire.Sender(theirs), [], 0

    def reader():
        frames = wire.Frames(1 << 24)
        while data := ours.recv(1 << 16):
            got.extend(value for value, _ in frames.feed(data))

    thread = threading.Thread(target=reader)
    thread.start()

    class Interrupted(Exception):
        pass

    sending = False

    def interrupt(*_):
        nonlocal sending
        if sending:  # anywhere else it would end the test, or pytest itself
            sending = False
            raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    attempts = 0
    while sent < 50 and attempts < 100_000:
        attempts += 1
        try:
            sending = True
            sender.send(bytes(300_000))
            sent += 1
            sending = False
        except Interrupted:
            pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    theirs.close()
    thread.join()
    assert len(got) >= sent == 50
    assert set(map(len, got)) == {300_000}


def test_the_header_is_four_bytes_big_endian():
    assert wire.frame(1) == struct.pack(">I", 1) + b"\x01"
