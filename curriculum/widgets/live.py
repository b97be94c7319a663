"""What every picture with controls does: compute, draw, describe, and keep up with the controls."""

from __future__ import annotations

import html
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from matplotlib.figure import Figure

from curriculum.widgets.display import Picture, figure_html
from curriculum.widgets.style import CSS
from curriculum.widgets.threads import on_main

if TYPE_CHECKING:
    import ipywidgets

    from curriculum.widgets.canvas import LiveCanvas

__all__ = ["Drawing", "Live"]

#: How near to a handle the mouse has to be to take hold of it, in CSS pixels.
GRASP = 18


class Drawing(Protocol):
    """A figure whose artists follow a scene."""

    figure: Figure

    def update(self, scene: Any) -> bool:
        """Show this scene; return whether anything changed that is not animated."""


class Live(Picture):
    """A picture that follows its controls.

    A subclass gives five small parts: `_drawing` (a new figure), `_scene` (what to draw for the
    settings: plain computation), `_describe` and `_caption` (the scene in words, plain and HTML),
    and `_make_controls` (one for each field of the settings that it sets). Where something can be
    dragged, it also gives `_handle` and `_dragged`.

    Parameters
    ----------
    settings : frozen dataclass
        What the controls show at first, and after a reset.
    """

    def __init__(self, settings: Any) -> None:
        super().__init__()
        self.initial = self.settings = settings
        self.controls: dict[str, Any] = {}
        self._canvas: LiveCanvas | None = None
        self._busy = False
        self._dragging = False
        self._heard: dict[str, Any] = {}
        self._hearing = threading.Lock()
        self._last_still: tuple[Any, str] | None = None

    # What a subclass gives.

    def _drawing(self) -> Drawing:
        raise NotImplementedError

    def _scene(self, settings: Any) -> Any:
        raise NotImplementedError

    def _describe(self, scene: Any) -> str:
        raise NotImplementedError

    def _caption(self, scene: Any) -> str:
        raise NotImplementedError

    def _make_controls(self) -> dict[str, Any]:
        raise NotImplementedError

    def _above(self) -> list[str]:
        """Return the fields whose controls stand above the picture instead of below."""
        return []

    def _handle(self) -> tuple[Any, tuple[float, float]] | None:
        """Return the axes and the place in them of what can be dragged."""
        return None

    def _dragged(self, x: float, y: float) -> Mapping[str, Any]:
        """Return the settings that change when the handle is dragged to a place."""
        return {}

    # What it does with them.

    def change(self, **settings: Any) -> None:
        """Change some settings; the controls follow, and the picture is drawn once.

        Raises
        ------
        TypeError
            When there is no such setting.
        """
        self.settings = replace(self.settings, **settings)
        if self._live is None:
            return
        self._busy = True
        try:
            for name, control in self.controls.items():
                control.value = getattr(self.settings, name)
        finally:
            self._busy = False
        self._refresh()

    def reset(self) -> None:
        """Bring everything back to how it was at first."""
        self.settings = self.initial
        self.change()

    def _still(self) -> str:
        if self._last_still is None or self._last_still[0] != self.settings:
            drawing, scene = self._drawing(), self._scene(self.settings)
            drawing.update(scene)
            self._image = figure_html(drawing.figure, self._describe(scene))
            still = f'{CSS}<div class="cw">{self._image}{self._caption(scene)}</div>'
            self._last_still = (self.settings, still)
        return self._last_still[1]

    def _text(self) -> str:
        return self._describe(self._scene(self.settings))

    def _build(self) -> ipywidgets.DOMWidget:
        import ipywidgets

        from curriculum.widgets import controls

        self._shown: Any = self._drawing()
        # Until the page and the kernel have made acquaintance, which takes until the last cell has
        # run when all cells are run, the still picture stands in the live one's place.
        self._still()
        stand_in = ipywidgets.HTML(self._image)
        self._canvas = self._new_canvas(self._shown.figure, lambda: hide(stand_in))
        self._words = ipywidgets.HTML()
        self.controls = self._make_controls()
        for name, control in self.controls.items():
            control.observe(lambda event, name=name: self._moved(name, event["new"]), "value")
        if self._handle() is not None:
            self._canvas.mpl_connect("button_press_event", self._press)
            self._canvas.mpl_connect("motion_notify_event", self._move)
            self._canvas.mpl_connect("button_release_event", self._release)
        self._refresh()
        above = [self.controls[name] for name in self._above()]
        below = [c for name, c in self.controls.items() if name not in self._above()]
        parts = [
            ipywidgets.HTML(CSS, layout={"margin": "0", "height": "0"}),
            *above,
            stand_in,
            self._canvas,
            controls.grid(*below, controls.reset_button(lambda: on_main(self.reset))),
            self._words,
        ]
        box = ipywidgets.VBox(parts)
        box.add_class("cw")
        return box

    def _new_canvas(self, figure: Figure, on_first_frame: Callable[[], None]) -> LiveCanvas:
        """Make the canvas; benchmarks put another in its place."""
        from curriculum.widgets.canvas import LiveCanvas

        return LiveCanvas(figure, on_first_frame)

    def _moved(self, name: str, value: Any) -> None:
        """Note what a control says, and follow when the main thread gets to it.

        Controls may say more in the meantime; only their latest word counts, so nothing queues.
        """
        if self._busy:
            return
        with self._hearing:
            waiting = bool(self._heard)
            self._heard[name] = value
        if not waiting:
            on_main(self._follow)

    def _follow(self) -> None:
        with self._hearing:
            heard, self._heard = self._heard, {}
        self.settings = replace(self.settings, **heard)
        self._refresh()

    def _refresh(self) -> None:
        assert self._canvas is not None
        scene = self._scene(self.settings)
        if self._shown.update(scene):
            self._canvas.redraw()
        else:
            self._canvas.frame()
        unseen = f'<p class="cw-unseen">{html.escape(self._describe(scene))}</p>'
        self._words.value = unseen + self._caption(scene)

    def _press(self, event: Any) -> None:
        axes, place = self._handle() or (None, (0.0, 0.0))
        locked = any(getattr(control, "disabled", False) for control in self.controls.values())
        if locked or event.inaxes is not axes or axes is None:
            return
        assert self._canvas is not None
        away = math.dist(axes.transData.transform(place), (event.x, event.y))
        self._dragging = away <= GRASP * self._canvas.device_pixel_ratio

    def _move(self, event: Any) -> None:
        if not self._dragging or event.xdata is None:
            return
        handle = self._handle()
        if handle is None or event.inaxes is not handle[0]:
            return
        assert self._canvas is not None
        changed = self._dragged(float(event.xdata), float(event.ydata))
        self._canvas.frame_soon(lambda: self.change(**changed))

    def _release(self, event: Any) -> None:
        self._dragging = False


def hide(widget: ipywidgets.HTML) -> None:
    """Take a piece of HTML out of sight, and let go of what it holds."""
    widget.layout.display = "none"
    widget.value = ""
