"""A Matplotlib canvas in the page that keeps up with a moving slider.

ipympl redraws the whole figure for every change: axes, ticks and letters too, which take most of
the time. Here the parts that never move are drawn once and kept as a picture; each frame restores
it and draws only the *animated* artists over it. ``docs/benchmarks.md`` has the figures.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import NDArray

from curriculum.widgets.threads import on_main

__all__ = ["LiveCanvas", "png_bytes"]

# Importing ipympl makes it the backend of pyplot too, and every figure that a learner draws in
# the notebook would turn into a widget. It does so by `matplotlib.use`, which looks away here.
_use, matplotlib.use = matplotlib.use, lambda *_, **__: None
try:
    from ipympl.backend_nbagg import Canvas, FigureManager
finally:
    matplotlib.use = _use


class LiveCanvas(Canvas):
    """An ipympl canvas without tool bar, which redraws only what moves.

    It needs no ``%matplotlib`` magic and does not register with pyplot, so other figures of the
    notebook stay as they are.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Made without pyplot. Everything that moves has been created with ``animated=True``.
    on_first_frame : callable, optional
        Called once, when the first frame goes to a page.
    """

    def __init__(self, figure: Figure, on_first_frame: Callable[[], None] | None = None) -> None:
        super().__init__(figure)
        self.header_visible = self.footer_visible = False
        self.toolbar_visible = False
        self.resizable = False
        # ipympl tells the page this size when it shows a canvas by itself, but not for one inside a
        # box: a page under load would then, at times, show the picture with no size at all.
        self._size = self.get_width_height()
        manager = FigureManager(self, 0)
        # Matplotlib's own keys (l: log axis, q: close, s: save) would surprise a learner.
        self.mpl_disconnect(manager.key_press_handler_id)
        self._background: Any = None
        self._pending: Callable[[], None] | None = None
        self._on_first_frame = on_first_frame
        self.mpl_connect("draw_event", self._keep_background)

    def frame(self) -> None:
        """Paint what moves, now."""
        if self.syncing_data_url:
            return  # no page has asked for pictures yet; it gets a full one when it does
        if self._background is None:
            self.draw()
            return
        self.restore_region(self._background)
        self._draw_animated()
        self.blit()

    def redraw(self) -> None:
        """Paint everything, now: after a change of an axis or of anything not animated."""
        self._background = None
        self.frame()

    def frame_soon(self, update: Callable[[], None]) -> None:
        """Call `update`, which ends with a frame, when the page is ready for the next one.

        Mouse moves come faster than frames. Only the latest `update` is kept, so nothing queues.
        """
        self._pending = update
        self.draw_idle()

    def _handle_message(self, widget: Any, content: Any, buffers: Any) -> None:
        """Take what the page says to the thread that draws."""

        def handle() -> None:
            super(LiveCanvas, self)._handle_message(widget, content, buffers)
            # The page may ask for a frame before it says that it is there to show one: that frame
            # was lost, and it doesn't ask again.
            if content.get("type") == "initialized" and self._on_first_frame is not None:
                self.draw()

        on_main(handle)

    def handle_draw(self, event: Any) -> None:
        """Answer the page, which is ready for a frame."""
        update, self._pending = self._pending, None
        if update is None:
            self.draw()
            return
        try:
            update()
        except Exception:
            self.draw()  # the page waits for a frame, and would ask for no other until it comes
            raise

    _png_is_old: bool

    def get_diff_image(self) -> bytes | None:
        """Return the frame as a PNG, if there is a new one.

        Always the whole picture: a difference to the frame before is spoilt for good when the
        page skips a frame, which it does under load, and at this size it saves little.
        """
        if not self._png_is_old:
            return None
        self.set_image_mode("full")
        pixels = np.asarray(self.get_renderer().buffer_rgba())
        self._last_buff = pixels.view(np.uint32).squeeze(2)  # ipympl reads its size
        self._png_is_old = False
        if self._on_first_frame is not None and not self.syncing_data_url:
            on_first_frame, self._on_first_frame = self._on_first_frame, None
            on_first_frame()
        return png_bytes(pixels)

    def _keep_background(self, event: Any) -> None:
        """Keep a picture of what does not move, then draw what does over it."""
        if event.canvas is not self or self.is_saving():
            return
        self._background = self.copy_from_bbox(self.figure.bbox)
        self._draw_animated()

    def _draw_animated(self) -> None:
        for artist in self._animated():
            artist.axes.draw_artist(artist) if artist.axes else self.figure.draw_artist(artist)

    def _animated(self) -> list[Artist]:
        """Return what moves, lowest first, axes by axes."""
        found: list[Artist] = []
        for parent in (*self.figure.axes, self.figure):
            own = [a for a in parent.get_children() if a.get_animated() and a.get_visible()]
            found += sorted(own, key=lambda artist: artist.get_zorder())
        return found


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """Write an opaque picture as a PNG, quickly.

    Image libraries try five filters on each row to make the file small, which takes twice as long
    as all the rest and, on charts, makes it larger. This one uses none.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 4)
        Red, green, blue, and an alpha that is ignored.

    Returns
    -------
    bytes
        Format: W3C, "Portable Network Graphics", chunks IHDR, IDAT, IEND; 8-bit RGB.
    """
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row starts with its filter: 0, none
    rows[:, 1:] = pixels[:, :, :3].reshape(height, -1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows.tobytes(), 1))
        + chunk(b"IEND", b"")
    )
