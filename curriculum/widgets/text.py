"""Text that is cheap to draw again.

Laying out a line of text and painting its letters takes Matplotlib about 2 ms, more than all the
lines of a picture. Most texts of a moving picture move or stay, and seldom change.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, ScaledTranslation

__all__ = ["StampedText", "add_title"]


class StampedText(Text):
    """Text that keeps its painted letters, and puts them where it is now.

    The letters lie on whole pixels, and nothing cuts them off. Anything but its wording and its
    place, such as colour and size, is to be set before it is drawn first.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.set_clip_on(False)
        self._painted: tuple[Any, Any, tuple[int, int]] | None = None

    def draw(self, renderer: Any) -> None:
        """Put the letters in place, painting them only when they are others than before."""
        if not isinstance(renderer, RendererAgg):
            super().draw(renderer)  # vector formats have letters of their own
            return
        if not self.get_visible() or not self.get_text():
            return
        key = (self.get_text(), renderer.dpi)
        if self._painted is None or self._painted[0] != key:
            self._painted = (key, *self._paint(renderer))
        _, letters, (right, up) = self._painted
        x, y = self.get_transform().transform(self.get_unitless_position())
        gc = renderer.new_gc()
        renderer.draw_image(gc, round(x) + right, round(y) + up, letters)
        gc.restore()
        self.stale = False

    def _paint(self, renderer: RendererAgg) -> tuple[Any, tuple[int, int]]:
        """Return the letters as pixels, lowest row first, and where they lie from the anchor."""
        extent = self.get_window_extent(renderer)
        x, y = self.get_transform().transform(self.get_unitless_position())
        # On a sheet of its own, just large enough, wherever in the picture the text may be.
        width, height = math.ceil(extent.width) + 8, math.ceil(extent.height) + 8
        left, low = math.floor(extent.x0 - x) - 4, math.floor(extent.y0 - y) - 4
        sheet = RendererAgg(width, height, renderer.dpi)
        transform, place = self.get_transform(), self.get_position()
        self.set_transform(Affine2D().translate(-left, -low))
        self.set_position((0, 0))
        try:
            super().draw(sheet)
        finally:
            self.set_transform(transform)
            self.set_position(place)
        letters = np.ascontiguousarray(np.asarray(sheet.buffer_rgba())[::-1])
        return letters, (left, low)


def add_title(axes: Axes, size: float = 10.5) -> StampedText:
    """Add an empty title over the left end of some axes, for a wording that changes."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    above = ScaledTranslation(0, 6 / 72, figure.dpi_scale_trans)
    title = StampedText(
        0, 1, "", fontsize=size, transform=axes.transAxes + above, animated=True, zorder=10
    )
    axes.add_artist(title)
    return title
