"""Values on the wire: plain data by value, everything else by a handle."""

from curriculum.execution.values import libraries  # adds its readers and writers
from curriculum.execution.values.core import (
    DEEPEST,
    BadValueError,
    Export,
    Import,
    Module,
    NotPlainError,
    decode,
    encode,
    unmasked,
)

__all__ = [
    "DEEPEST",
    "BadValueError",
    "Export",
    "Import",
    "Module",
    "NotPlainError",
    "decode",
    "encode",
    "libraries",
    "unmasked",
]
