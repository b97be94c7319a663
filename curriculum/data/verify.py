"""Say at once, in one sentence, when a data set is not the one the lessons were written for."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

CHECKSUM_LENGTH = 16


class DataError(RuntimeError):
    """A data set is missing, or holds something else than the lessons were written for."""


def checksum(frame: pd.DataFrame) -> str:
    """Fingerprint of a table: column names, order of rows and columns, every value.

    Parameters
    ----------
    frame
        Columns of numbers, of times, or of text; categories count as what they are categories of.

    Returns
    -------
    str
        The first 16 hexadecimal digits of a SHA-256. It depends neither on the machine's byte order
        nor on the width of the integer columns.
    """
    digest = hashlib.sha256("\n".join(map(str, frame.columns)).encode())
    # Row by row where all are numbers, else column by column.
    if all(_is_number(frame[name]) for name in frame):
        digest.update(np.ascontiguousarray(frame.to_numpy(dtype="<f8")).tobytes())
    else:
        for name in frame:
            digest.update(_column_bytes(frame[name]))
    return digest.hexdigest()[:CHECKSUM_LENGTH]


def _plain(column: pd.Series) -> pd.Series:
    """Give a column of categories as a column of what they are."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(column.cat.categories.dtype)
    return column


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(_plain(column).dtype)


def _column_bytes(column: pd.Series) -> bytes:
    column = _plain(column)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.to_numpy().astype("datetime64[s]").astype("<i8").tobytes()
    if _is_number(column):
        # Little-endian float64 whatever the machine: int8 and int64 columns give the same bytes.
        return column.to_numpy(dtype="<f8", na_value=np.nan).tobytes()
    # U+0000 stands in no text, so no two columns run together into the same bytes.
    missing = column.isna()
    return "\0".join(
        "\0missing" if gone else str(value) for value, gone in zip(column, missing, strict=True)
    ).encode()


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
