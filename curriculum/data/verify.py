"""Say at once, in one sentence, when a data set is not the one the lessons were written for."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

CHECKSUM_LENGTH = 16


class DataError(RuntimeError):
    """A data set is missing, or holds something else than the lessons were written for."""


def checksum(frame: pd.DataFrame) -> str:
    """Fingerprint of a table of numbers: column names, order of rows and columns, every value.

    Parameters
    ----------
    frame
        Numeric columns only (categories of numbers count as numbers).

    Returns
    -------
    str
        The first 16 hexadecimal digits of a SHA-256. It depends neither on the machine's byte order
        nor on the width of the integer columns.
    """
    digest = hashlib.sha256("\n".join(map(str, frame.columns)).encode())
    # Little-endian float64 whatever the machine: int8 and int64 columns give the same bytes.
    digest.update(np.ascontiguousarray(frame.to_numpy(dtype="<f8")).tobytes())
    return digest.hexdigest()[:CHECKSUM_LENGTH]


def verify(
    frame: pd.DataFrame, *, name: str, shape: tuple[int, int], expected: str
) -> pd.DataFrame:
    """Return `frame` unchanged when it is the expected table.

    Parameters
    ----------
    frame
        The table as loaded.
    name
        What to call it in a message.
    shape
        Expected rows and columns.
    expected
        Its `checksum`.

    Raises
    ------
    DataError
        When the shape or the content differs.
    """
    remedy = "install the versions in constraints.txt, on which the lessons are tested"
    if frame.shape != shape:
        raise DataError(
            f"The data set {name} has {frame.shape[0]} rows and {frame.shape[1]} columns here "
            f"instead of {shape[0]} and {shape[1]}: {remedy}."
        )
    if (found := checksum(frame)) != expected:
        raise DataError(
            f"The data set {name} has the right shape but other column names or values "
            f"(checksum {found} instead of {expected}): {remedy}."
        )
    return frame
