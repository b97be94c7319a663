"""Numbers as the captions write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


def signed(number: float, digits: int = 2) -> str:
    """Write a number with a minus sign of the width of a plus."""
    return f"{number:.{digits}f}".replace("-", "−")


def brief(number: float) -> str:
    """Write a number with three digits."""
    return f"{number:.3g}".replace("-", "−")
