"""Submissions as messages: what anybody may have sent."""

import contextlib
import hashlib
import os
import subprocess
import tracemalloc

import msgpack
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curriculum.hub.exchange import bundle
from curriculum.hub.exchange.bundle import Bounds, Malformed

PARTS = st.from_regex(r"[A-Za-z0-9_é日][A-Za-z0-9_. +é日-]{0,20}", fullmatch=True)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)


def no_file_below_a_file(files):
    return not any(other.startswith(f"{path}/") for path in files for other in files)


FILES = st.dictionaries(PATHS, st.binary(max_size=200), max_size=8).filter(no_file_below_a_file)
WELL_MADE = bundle.pack({"a/b.ipynb": b"{}", "c.csv": b"1,2"})


@given(FILES)
def test_files_come_back_as_they_were(files):
    assert bundle.unpack(bundle.pack(files), Bounds()) == files


@given(st.binary(max_size=400))
@example(b"")
@example(b"\xdf\xff\xff\xff\xff")
@example(b"\x81\xa1a\xc6\xff\xff\xff\xff")
@example(b"\x81\xa1a" * 5000)
@example(b"\x91" * 5000)
@example(b"\x81\xc1\xc1")
def test_any_bytes_are_files_or_malformed(message):
    try:
        files = bundle.unpack(message, Bounds(size=1000, files=5))
    except Malformed as why:
        assert str(why).endswith(".")
    else:
        assert all(isinstance(path, str) for path in files)


@given(st.integers(0, len(WELL_MADE) - 1), st.integers(0, 255))
def test_a_message_with_one_wrong_byte_is_files_or_malformed(at, byte):
    message = bytearray(WELL_MADE)
    message[at] = byte
    with contextlib.suppress(Malformed):
        bundle.unpack(bytes(message), Bounds())


@given(st.integers(0, len(WELL_MADE) - 1))
def test_a_part_of_a_message_is_malformed(end):
    with pytest.raises(Malformed):
        bundle.unpack(WELL_MADE[:end], Bounds())


def test_more_behind_the_files_is_malformed():
    with pytest.raises(Malformed, match="more behind"):
        bundle.unpack(WELL_MADE + b"\x80", Bounds())


def test_a_file_that_is_there_twice_is_malformed():
    with pytest.raises(Malformed, match="twice"):
        bundle.unpack(b"\x82\xa1a\xc4\x011\xa1a\xc4\x012", Bounds())


@pytest.mark.parametrize(
    "nested",
    [
        {"a": {str(n): {} for n in range(400)}},
        {"a": [0] * 400},
        {"a": msgpack.ExtType(1, b"x" * 400)},
        {"a": "text"},
        {"a": 1},
        {"a": None},
        {1: b""},
        {b"a": b""},
        [b"a"],
        b"a",
        7,
    ],
    ids=str,
)
def test_what_is_no_file_is_malformed(nested):
    with pytest.raises(Malformed):
        bundle.unpack(msgpack.packb(nested), Bounds())


@pytest.mark.parametrize("kind", ["maps", "arrays", "texts"])
def test_a_small_message_builds_no_large_objects(kind):
    inner = {
        "maps": {f"{n:02x}": {} for n in range(250)},
        "arrays": [[]] * 250,
        "texts": ["x"] * 250,
    }[kind]
    outer = {f"{n:03x}": {f"{m:02x}": inner for m in range(200)} for n in range(20)}
    message = msgpack.packb(outer)
    tracemalloc.start()
    try:
        with pytest.raises(Malformed):
            bundle.unpack(message, Bounds())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 3 * len(message) + 100_000


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../a",
        "a/../b",
        "a/..",
        "/etc/passwd",
        "a//b",
        "a/",
        "./a",
        "",
        ".",
        ".bashrc",
        "a/.git/config",
        "a\\b",
        "..\\a",
        "a\0b",
        "a\nb",
        "a\x1b[31mb",
        "a\u202eb",
        "a\u200bb",
        "a\ufeffb",
        "a\u2028b",
        "a\ue000b",
        "a\U000e0001b",
        "\udc80",
        "a" * 201,
        "é" * 101,
        "/".join(["a" * 150] * 4),
        "/".join("abcdefghi"),
    ],
    ids=ascii,
)
def test_no_file_may_be_called_so(path):
    with pytest.raises(Malformed) as why:
        bundle.check({path: b""}, Bounds())
    assert str(why.value).isascii()
    assert str(why.value).endswith(".")


@pytest.mark.parametrize("path", ["a.ipynb", "data/x y.csv", "日本語.ipynb", "a+b.txt", "~", "-rf"])
def test_a_file_may_be_called_so(path):
    bundle.check({path: b""}, Bounds())


def test_a_file_may_not_lie_in_a_file():
    for files in ({"a": b"", "a/b": b""}, {"a/b": b"", "a/b/c/d": b""}):
        with pytest.raises(Malformed, match="lies in a file"):
            bundle.check(files, Bounds())


def test_files_may_be_so_large_and_so_many():
    bounds = Bounds(size=10, files=2)
    bundle.check({"a": b"12345", "b": b"12345"}, bounds)
    with pytest.raises(Malformed, match="is the most"):
        bundle.check({"a": b"12345", "b": b"123456"}, bounds)
    with pytest.raises(Malformed, match="more than 2 files"):
        bundle.unpack(bundle.pack(dict.fromkeys("abc", b"")), bounds)


@given(st.dictionaries(PARTS, st.binary(max_size=50), min_size=1, max_size=5))
def test_two_sets_of_files_have_two_digests(files):
    one = bundle.digest(files)
    path = next(iter(files))
    assert bundle.digest({**files, path: files[path] + b"x"}) != one
    assert bundle.digest(dict(reversed(files.items()))) == one


def test_the_digest_is_that_of_what_sha256sum_prints(tmp_path):
    files = {"b.csv": b"1,2\n", "a.ipynb": b"{}", "data/c.txt": b""}
    (tmp_path / "data").mkdir()
    for path, content in files.items():
        (tmp_path / path).write_bytes(content)
    printed = subprocess.run(
        ["sha256sum", *sorted(files)], cwd=tmp_path, capture_output=True, check=True
    ).stdout
    assert bundle.digest(files) == hashlib.sha256(printed).hexdigest()


def test_what_is_read_of_a_folder_has_no_links_and_nothing_hidden(tmp_path):
    (tmp_path / "a.ipynb").write_text("{}")
    (tmp_path / ".secret").write_text("s")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("c")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("p")
    (tmp_path / "feedback").mkdir()
    (tmp_path / "feedback" / "a.html").write_text("f")
    (tmp_path / "passwd").symlink_to("/etc/passwd")
    (tmp_path / "etc").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    assert bundle.read(tmp_path, Bounds(), {"feedback"}) == {"a.ipynb": b"{}"}


def test_a_huge_file_is_refused_unread(tmp_path):
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 42)
    with pytest.raises(Malformed, match="is the most"):
        bundle.read(tmp_path, Bounds())


def test_what_was_written_is_what_is_read(tmp_path):
    files = {"a.ipynb": b"{}", "data/b.csv": b"1"}
    bundle.write(files, tmp_path)
    assert bundle.read(tmp_path, Bounds()) == files
    with pytest.raises(FileExistsError):
        bundle.write(files, tmp_path)
