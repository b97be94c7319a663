"""Real values and messages, and what a mutation puts in their place."""

from __future__ import annotations

import datetime
import random
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import sparse

from curriculum.execution import values, wire
from curriculum.execution.job import Job, Ran, Stop
from curriculum.execution.values import NotPlainError

DENSE = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0]])

VALUES: list[Any] = [
    None, True, 7, 2**70, -(2**200), 1.5, float("nan"), 5e-324, "text", "a\0b", b"bytes", 3 + 4j,
    [1, [2, [3, []]]], (1, "x"), {"a": 1, 2: (None,)}, {1, 2}, frozenset({"a"}),
    range(2, 9, 3), slice(1, None, 2), ..., float, np.ndarray,
    DENSE, np.asfortranarray(DENSE), DENSE > 1, np.zeros((0, 3)), np.array(5),
    np.array(["a", "bcd"]), np.array([b"x"]), np.array([1, "x", None], object),
    np.array(["2020-01-01"], "M8[D]"), np.array([1], "m8[s]"), np.array([1j]),
    np.float32(1.5), np.str_("ä"), np.bool_(True), np.datetime64("2020-01-01"),
    torch.ones(2, 3), torch.ones(2, requires_grad=True), torch.ones(2).to(torch.bfloat16),
    pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=["r", "s"]), pd.DataFrame(),
    pd.Series([1.5, None], name="s"), pd.Series(["a", "b"], dtype="category"),
    pd.Series([1, None], dtype="Int64"), pd.Series([True, None], dtype="boolean"),
    pd.Series([[1], None], dtype=object), pd.Index(["a", 1], dtype=object), pd.RangeIndex(3),
    pd.Series(pd.to_datetime(["2020-01-01"])), np.random.default_rng(5),
    np.ma.array([1.0, 2.0], mask=[False, True]), torch.nn.Parameter(torch.ones(2)),
    Fraction(1, 3), Decimal("1.5"), datetime.date(2020, 1, 1), datetime.timedelta(1),
    OrderedDict(a=1), defaultdict(list, a=[1]), Counter("aab"), deque([1], 3), bytearray(b"x"),
    {"a": 1}.keys(), {"a": 1}.values(), {"a": 1}.items(),
    *(getattr(sparse, name)(DENSE) for name in values.libraries._SPARSE),
]  # fmt: skip


def no_handle(value: Any) -> Any:
    """Refuse what does not go by value."""
    raise NotPlainError(type(value).__name__)


ENCODED: list[Any] = [values.encode(value, no_handle) for value in VALUES]
ENCODED += [["mine", 1, "function f"], ["yours", 1], ["module", "numpy"]]


def said(kind: str, **content: Any) -> dict[str, Any]:
    """Give a message of a kernel."""
    return {"type": kind, "run": 1, "content": content, "buffers": []}


SHOWN = {"data": {"text/plain": "1"}, "metadata": {}, "transient": {"display_id": "d"}}
WIDGET = {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel",
          "outputs": [], "msg_id": "run-1"}  # fmt: skip
OUTPUTS: list[list[Any]] = [
    [said("stream", name="stdout", text="a"), said("stream", name="stdout", text="b"),
     said("stream", name="stderr", text="e")],
    [said("execute_input", execution_count=1),
     said("execute_result", **SHOWN, execution_count=1)],
    [said("stream", name="stdout", text="a"), said("stream", name="stdout", text="b"),
     said("display_data", **SHOWN), said("update_display_data", **SHOWN)],
    [said("error", ename="E", evalue="why", traceback=["line"])],
    [said("clear_output", wait=True), said("display_data", **SHOWN), said("clear_output")],
    [said("comm_open", comm_id="c", target_name="jupyter.widget", data={"state": WIDGET}),
     said("comm_msg", comm_id="c", data={"method": "update", "state": WIDGET}),
     said("stream", name="stdout", text="a"),
     {**said("comm_msg", comm_id="c", data={"state": {"x": 1}, "buffer_paths": [["x"]]}),
      "buffers": [b"data"]},
     said("comm_msg", comm_id="c", data={"state": {"msg_id": ""}}),
     said("comm_close", comm_id="c", data={})],
]  # fmt: skip

_ASK = {"type": "ask", "object": 1, "args": ["tuple", 1], "kwargs": ["dict"], "id": None}
_DONE = {
    "type": "answer",
    "value": 5,
    "id": None,
    "said": ["out", "err", [["UserWarning", "w", 3]]],
}
PEER: list[list[Any]] = [
    [{**_ASK, "do": "call"}, _DONE],
    [{**_ASK, "do": "next", "object": 2}, {**_DONE, "drew": True}],
    [{**_ASK, "do": "iter", "object": 2}, _DONE],
    [{**_DONE, "args": ["tuple", ["list", 9], values.encode(DENSE, no_handle)]}],
    [{**_DONE, "kwargs": ["dict", "k", ["dict", "x", 9], "s", ["set", 4]]}],
    [{"type": "answer", "error": ["ValueError", "why", "line 1", -7], "id": None}],
    [{**_DONE, "value": plain} for plain in ENCODED[-3:]],
]  # fmt: skip

JOBS: list[Any] = [
    wire.unpack(Job("2_build", b"{}", {"a.csv": b"1"}, apart=("t",)).to_bytes()),
    wire.unpack(Ran(b"{}", (Stop(1, "died", "It died."),), {"warm": True}).to_bytes()),
]


def numbers(*items: int) -> list:
    """Write an array of integers."""
    return ["array", "<i8", [len(items)], "C", np.array(items, "i8").tobytes()]


ONE = ["array", "<f8", [1], "C", b"12345678"]
NO_ROWS = ["range_index", None, 0, 0, 1]
HOSTILE: list[Any] = [
    ["array", "<U0", [999_999], "C", b""],
    ["array", "<U1", [1], "C", b"\xff\xff\xff\xff"],
    ["array", "|b1", [2], "C", b"\x02\x01"],
    ["array", "<f8", [0, 2**39], "C", b""],
    ["objects", [0, 2**39], []],
    *(["sparse", f"{form}_array", [1, 2**39], ONE, numbers(5), numbers(0, 1)]
      for form in ("csr", "csc", "lil", "dok")),
    ["sparse", "coo_array", [2**39, 2**39], ONE, numbers(5), numbers(0)],
    ["sparse", "lil_array", [2**39, 1], ONE, numbers(0), numbers(0, 1)],
    ["sparse", "dia_array", [2**39, 2**39], ["array", "<f8", [1, 1], "C", b"12345678"], numbers(0)],
    ["sparse", "bsr_array", [2**39, 2**39], ["array", "<f8", [1, 1, 1], "C", b"12345678"],
     numbers(0), numbers(0, 1)],
    ["series", ["range_index", None, 0, 2**34, 1], None, "", ["array", "<f8", [], "C", bytes(8)]],
    ["series", ["range_index", None, 0, 2**60, 1], None, "", ONE],
    ["range_index", None, 0, 2**60, 1],
    ["index", None, "object", [["tuple", 1, 2], ["tuple", 3, 4]]],
    ["series", NO_ROWS, None, "datetime64[ns, dateutil//etc/passwd]", []],
    ["series", ["range_index", None, 0, 1, 1], None, "category", [["mine", 1, "x"]]],
    ["index", None, "str", "ab", [1, 2**62]], ["index", None, "str", "ab", [3, -1]],
    ["range", 0, 2**62, 1],
    ["set", *(["int", hex(k * (2**61 - 1))] for k in range(2**10, 2**10 + 50))],
    ["decimal", "1e999999999"], ["fraction", 1, 0], ["deque", 2**60, 1], ["timedelta", 1e308],
    ["masked", ONE, None, ["mine", 1, "x"]], ["defaultdict", ["mine", 1, "x"], 1, 2],
    ["masked", ["array", "<f8", [], "C", b"12345678"], ["array", "|b1", [1], "C", b"\1"], 1.0],
    ["dict", ["list"], 1], ["dict", float("nan"), 1, float("nan"), 2],
    ["int", "0x" + "f" * 2000], ["int", "-" * 100], ["generator", "0x" + "f" * 2000, "1", 1, 2],
    ["list", *([["generator", "0", "1", 0, 0]] * 20)],
    ["list", *([["series", NO_ROWS, None, "", ["array", "<f8", [0], "C", b""]]] * 20)],
    ["list", *([["tensor", "float32", True, ["array", "<f4", [1], "C", b"1234"]]] * 20)],
]  # fmt: skip
BOMBS: list[bytes] = [
    b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\x91" * 1030, b"\xdd\x00\x00\x40\x00" * 100 + b"x" * 500, b"\xc1",
    b"\xd6\xff\x00\x00\x00\x00", b"\xc7\xff\x01", b"\xdc\x03\xe8" + b"\x90" * 1000,
]  # fmt: skip

ODD: list[Any] = [
    None, True, False, 0, 1, -1, 2**31, 2**32, 2**40 - 1, 2**60, 2**63 - 1, -(2**63), 2**64 - 1,
    0.0, -0.0, 5e-324, 1e308, float("nan"), float("inf"), "", "\0", "é\U0010ffff", "x" * 300, b"",
    b"\0" * 8, b"\xff" * 16, [], {}, "U0", "<U1", ">U4", "U1000000", "S0", "V8", "O", "<f2", "<c32",
    "i4,i4", "(2,)i4", "M8[1000Y]", "m8", "?", "C", "F", "0x" + "f" * 500, "object", "str",
    "category", "datetime64[ns, UTC]", "Int64", "run-1", "run-2", "text/plain", "text/html",
    "application/json", "StopIteration", "MemoryError", "SystemExit", "UnicodeDecodeError",
    *values.core.READERS, *values.core._BUILD, *values.libraries._SPARSE,
    "mine", "yours", "answer", "ask", "call",
    "next", "iter", "len", "item", "get",
]  # fmt: skip


def mutated(plain: Any, chance: random.Random, others: list[Any]) -> Any:
    """Change something somewhere in plain data; nothing of what was given is changed."""
    if isinstance(plain, list) and plain and chance.random() < 0.8:
        return _mutated_list(list(plain), chance, others)
    if isinstance(plain, dict) and plain and chance.random() < 0.9:
        name = chance.choice(list(plain))
        rest = {key: value for key, value in plain.items() if key != name}
        if chance.random() < 0.15:
            return rest if chance.random() < 0.5 else {**rest, str(_atom(chance)): plain[name]}
        return {**rest, name: mutated(plain[name], chance, others)}
    if isinstance(plain, bytes) and plain and chance.random() < 0.7:
        place = chance.randrange(len(plain))
        middle = chance.choice([b"", b"\xff", b"\x7f", plain[:8], chance.randbytes(4)])
        return plain[:place] + middle + plain[place + chance.randrange(9) :]
    if isinstance(plain, int) and chance.random() < 0.5:
        return max(-(2**63), min(plain + chance.choice([-1, 1, 2**32]), 2**64 - 1))
    return chance.choice(others) if chance.random() < 0.3 else _atom(chance)


def _mutated_list(items: list, chance: random.Random, others: list[Any]) -> list:
    place, how = chance.randrange(len(items)), chance.random()
    if how < 0.7:
        items[place] = mutated(items[place], chance, others)
    elif how < 0.78:
        del items[place]
    elif how < 0.86:
        items[place:place] = [items[place]] * chance.choice([1, 2, 50])
    elif how < 0.94:
        items.insert(place, chance.choice(others))
    else:
        for _ in range(chance.choice([1, 5, 60])):
            items = [chance.choice(["list", "tuple", "set", "dict"]), items]
    return items


def _atom(chance: random.Random) -> Any:
    return chance.choice(ODD)
