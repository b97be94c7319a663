"""What is asked of a worker, and what it answers: plain data, and bytes on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from curriculum.execution import wire
from curriculum.sandbox.limits import Limits


@dataclass(frozen=True)
class Job:
    """A notebook to run.

    Parameters
    ----------
    name : str
        The notebook's name, e.g. `"2_build"`.
    notebook : bytes
        A notebook of format 4, as JSON, ready to be run.
    files : dict of str to bytes
        What was handed in with it: POSIX paths relative to the notebook, and contents.
    limits : Limits
        What it may use.
    preload : tuple of str
        Modules that a warm process has imported already, as `preload.modules` gives them.
    protect : bool
        Run in the sandbox, or refuse.
    threads : int, optional
        Threads of NumPy's, scikit-learn's and PyTorch's pools; by default as in a fresh process.
    apart : tuple of str
        Ids of the test cells that run in a process where none of the student's code does.
    imports : dict of str to str
        What the notebook's authors import, for these cells: `{"np": "numpy"}`, `{"a": "b:a"}`.
    masters : tuple of str
        Which of the files are the course's own; the tests see no others.
    attributes : dict
        Id of a test cell → the attributes for which it asks objects of the reference solution. It
        asks a student's for no others. A cell that is missing here may ask for any.
    given : dict
        Id of a test cell → what it defines where students can read it, and out of nothing that is
        a student's: their cells below may use it.
    """

    name: str
    notebook: bytes
    files: dict[str, bytes] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    preload: tuple[str, ...] = ()
    protect: bool = True
    threads: int | None = None
    apart: tuple[str, ...] = ()
    imports: dict[str, str] = field(default_factory=dict)
    masters: tuple[str, ...] = ()
    attributes: dict[str, list[str]] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Give the job as bytes, for a worker that may be another machine."""
        return wire.pack({**vars(self), "limits": self.limits.as_dict()})

    @classmethod
    def from_bytes(cls, data: bytes) -> Job:
        """Read what `to_bytes` wrote.

        Raises
        ------
        wire.WireError
            It is nothing that `to_bytes` writes.
        """
        plain = wire.unpack(data)
        try:
            plain["limits"] = Limits.from_dict(plain["limits"])
            plain |= {name: tuple(plain[name]) for name in ("preload", "apart", "masters")}
            return _checked(cls(**plain))
        except _BAD as error:
            raise wire.WireError(f"this is no job ({type(error).__name__})") from None


@dataclass(frozen=True)
class Stop:
    """A cell that was not run to its end, or whose output was cut.

    Parameters
    ----------
    cell : int
        Its place among the notebook's cells, from 0.
    kind : str
        One of the kinds of `curriculum.sandbox.limits`.
    sentence : str
        For the student.
    """

    cell: int
    kind: str
    sentence: str


@dataclass(frozen=True)
class Sign:
    """Something that looks like tampering: see `curriculum.execution.signs`.

    Parameters
    ----------
    cell : int
        Where it was first seen: a place among the notebook's cells, from 0.
    kind : str
        One of `signs.KINDS`.
    name : str
        Of what it was done to; empty where the kind says all.
    """

    cell: int
    kind: str
    name: str


@dataclass(frozen=True)
class Ran:
    """A notebook that was run.

    Parameters
    ----------
    notebook : bytes
        With outputs. A stopped cell ends with an error output whose `evalue` is the sentence.
    stops : tuple of Stop
        In the order of the cells.
    facts : dict
        `warm` (bool), `level` of the sandbox, `seconds`, `cpu_seconds`, `memory_mb` (its most,
        beyond what the warm process had), `why_cold` where it was not warm, `again` where a first
        try came to nothing: why, and `asked` where tests ran apart: for which attributes, as in
        `Job`.
    signs : tuple of Sign
        What the student's process was seen to do; it decides nothing.
    """

    notebook: bytes
    stops: tuple[Stop, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    signs: tuple[Sign, ...] = ()

    def to_bytes(self) -> bytes:
        """Give the answer as bytes."""
        lists = {name: [vars(one) for one in getattr(self, name)] for name in ("stops", "signs")}
        return wire.pack({**vars(self), **lists})

    @classmethod
    def from_bytes(cls, data: bytes) -> Ran:
        """Read what `to_bytes` wrote.

        Raises
        ------
        wire.WireError
            It is nothing that `to_bytes` writes.
        """
        plain = wire.unpack(data)
        try:
            stops = tuple(_checked(Stop(**stop)) for stop in plain.pop("stops"))
            signs = tuple(_checked(Sign(**sign)) for sign in plain.pop("signs"))
            return _checked(cls(**plain, stops=stops, signs=signs))
        except _BAD as error:
            raise wire.WireError(f"this is no worker's answer ({type(error).__name__})") from None


_BAD = (TypeError, ValueError, KeyError, AttributeError)
_KINDS: dict[str, Any] = {
    "str": str, "bytes": bytes, "int": int, "bool": bool, "int | None": int | None,
    "dict": dict, "tuple": tuple, "Limits": Limits,
}  # fmt: skip


def _checked(read: Any) -> Any:
    """Give a job, an answer or a part of one whose fields have the types that it declares."""
    for declared in fields(read):
        kind, value = str(declared.type), getattr(read, declared.name)
        items = value.values() if isinstance(value, dict) else value
        if not isinstance(value, _KINDS[kind.partition("[")[0]]):
            raise TypeError(declared.name)
        for end, item in (("str, ...]", str), ("str, str]", str), ("str, bytes]", bytes)):
            if kind.endswith(end) and not all(isinstance(each, item) for each in items):
                raise TypeError(declared.name)
    return read
