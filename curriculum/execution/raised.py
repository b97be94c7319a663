"""Exceptions that cross between two processes: their names, their message, their place."""

from __future__ import annotations

import builtins
import contextlib
import traceback
import types
from collections.abc import Iterable

import numpy as np


def exception(name: str, message: str, bases: Iterable[str] = ()) -> Exception:
    """Make an exception of a name: Python's own where it has one of it, or one of that name.

    Parameters
    ----------
    name, message : str
        Of the exception.
    bases : iterable of str
        Python's own exceptions that it is one of: a test may catch it as such.
    """
    known = [found for base in (name, *bases) if (found := _known(base))]
    if _known(name):
        bases = ()
        with contextlib.suppress(TypeError):  # some, as UnicodeDecodeError, want more
            return known[0](message)
    safe = name if name.isidentifier() else "Exception"
    for kinds in (tuple(known) if bases else (), known[:1] if bases else (), (Exception,)):
        with contextlib.suppress(TypeError):  # of some, no class can be made together
            return type(safe, tuple(kinds), {"__module__": "builtins"})(message)
    return Exception(message)


def _known(name: str) -> type[Exception] | None:
    found = np.linalg.LinAlgError if name == "LinAlgError" else getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, Exception) else None


def names(error: BaseException) -> list[str]:
    """Name an exception's class, and those of Python's own that it derives from."""
    kind = type(error)
    bases = [base for base in kind.__mro__[1:] if getattr(builtins, base.__name__, None) is base]
    nearest = [
        base.__name__
        for base in bases
        if not any(base is not other and issubclass(other, base) for other in bases)
    ]
    return [kind.__name__, *nearest]


def place(error: BaseException) -> str:
    """Tell where in a notebook's cell an exception came from."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if "ipykernel_" in frame.filename or frame.filename.startswith("<"):
            return f"line {frame.lineno}, in {frame.name}: {frame.line or ''}".strip()
    return ""


def without_carriers(error: BaseException | None) -> None:
    """Leave out of tracebacks what carries a call to the other side: it says nothing of either.

    Parameters
    ----------
    error : BaseException, optional
        Its own traceback is shortened, and those of the exceptions that it came of.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        trace = error.__traceback__
        while trace is not None:
            following = trace.tb_next
            while following is not None and _carries(following):
                following = following.tb_next
            trace.tb_next = following
            trace = following
        error = error.__cause__ or error.__context__


def _carries(trace: types.TracebackType) -> bool:
    name = trace.tb_frame.f_globals.get("__name__")
    return isinstance(name, str) and name.startswith(_HERE)


_HERE = f"{__name__.rpartition('.')[0]}."


def one_line(text: str) -> str:
    """Give what can be printed of a text, on one line."""
    return "".join(c if c.isprintable() else " " for c in text)[:80]
