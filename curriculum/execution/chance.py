"""The global generators of random numbers, which both sides of a test share as one process does."""

from __future__ import annotations

import contextlib
import ctypes
import random
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np


def fingerprint() -> tuple:
    """Tell the states of the global generators from any others, in some microseconds."""
    # NumPy builds an array of its state number by number; its memory is here in one piece.
    generator: Any = vars(np.random)["get_bit_generator"]()
    address = generator.ctypes.state_address
    found: list[Any] = [ctypes.string_at(address, 625 * 4), random.getstate()]
    torch = sys.modules.get("torch")
    if torch is not None:
        found.append(torch.get_rng_state().numpy().tobytes())
    return tuple(found)


@contextlib.contextmanager
def undrawn() -> Iterator[None]:
    """Leave the global generators as they were."""
    before = states()
    try:
        yield
    finally:
        restore(before)


def states() -> list:
    """Give the states of NumPy's, Python's and PyTorch's global generators, as plain data."""
    legacy: Any = np.random.get_state()  # noqa: NPY002
    kind, key, position, has_gauss, gauss = legacy
    version, inner, following = random.getstate()
    found = [[kind, key.tobytes(), position, has_gauss, gauss], [version, list(inner), following]]
    torch = sys.modules.get("torch")
    if torch is not None:
        found.append(torch.get_rng_state().numpy().tobytes())
    return found


def restore(found: list) -> None:
    """Set the generators to what `states` gave."""
    kind, key, position, has_gauss, gauss = found[0]
    key = np.frombuffer(key, np.uint32)
    np.random.set_state((kind, key, position, has_gauss, gauss))  # noqa: NPY002
    version, inner, following = found[1]
    random.setstate((version, tuple(inner), following))
    torch = sys.modules.get("torch")
    if torch is not None and len(found) > 2:
        data = np.frombuffer(found[2], np.uint8).copy()
        torch.set_rng_state(torch.from_numpy(data))


def draw() -> None:
    """Move each generator on by a number."""
    np.random.random()  # noqa: NPY002
    random.random()
    if "torch" in sys.modules:
        sys.modules["torch"].rand(1)
