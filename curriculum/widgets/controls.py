"""Labelled controls that look the same in every picture, each usable from the keyboard.

The number beside a slider can be typed into: everything that the mouse sets, keys set too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
import traitlets

__all__ = ["Toggles", "check", "choice", "grid", "log_slider", "reset_button", "slider"]

_LABEL = {"description_width": "140px"}
_WIDE = {"width": "98%"}


def slider(
    label: str, value: float, low: float, high: float, step: float
) -> ipywidgets.FloatSlider:
    """Make a slider over an evenly divided range."""
    return ipywidgets.FloatSlider(
        value, min=low, max=high, step=step, description=label, readout_format=".2f",
        style=_LABEL, layout=_WIDE,
    )  # fmt: skip


def log_slider(label: str, value: float, low: float, high: float) -> ipywidgets.FloatLogSlider:
    """Make a slider on a logarithmic scale from 10**`low` to 10**`high`."""
    return ipywidgets.FloatLogSlider(
        value, base=10, min=low, max=high, step=0.02, description=label, readout_format=".3g",
        style=_LABEL, layout=_WIDE,
    )  # fmt: skip


def choice(label: str, value: Any, options: Sequence[Any]) -> ipywidgets.SelectionSlider:
    """Make a slider over a few values."""
    return ipywidgets.SelectionSlider(
        options=options, value=value, description=label, style=_LABEL, layout=_WIDE
    )


def check(label: str, value: bool) -> ipywidgets.Checkbox:
    """Make a box to tick."""
    return ipywidgets.Checkbox(value, description=label, indent=False, layout=_WIDE)


class Toggles(ipywidgets.Box):
    """Buttons that stay pressed, each on its own; `value` holds the keys of those that are.

    A tick shows what is pressed, so that nobody has to see the colour.

    Parameters
    ----------
    labels : mapping from key to label
        Each button also gets the CSS class ``cw-key-<key>``.
    value : sequence of str
        The keys that are pressed at first.
    """

    value = traitlets.Tuple()

    def __init__(self, labels: Mapping[str, str], value: Sequence[str]) -> None:
        self._following = False
        self.buttons = {}
        for key, label in labels.items():
            button = ipywidgets.ToggleButton(description=label, layout={"width": "auto"})
            button.add_class(f"cw-key-{key}")
            button.observe(self._pressed, "value")
            self.buttons[key] = button
        super().__init__(
            list(self.buttons.values()), layout={"display": "flex", "flex_flow": "row wrap"}
        )
        self.observe(self._follow, "value")
        self.value = tuple(value)

    def _pressed(self, _: Any) -> None:
        if not self._following:
            self.value = tuple(key for key, button in self.buttons.items() if button.value)

    def _follow(self, _: Any) -> None:
        self._following = True
        try:
            for key, button in self.buttons.items():
                button.value = key in self.value
                button.icon = "check" if button.value else ""
        finally:
            self._following = False


def reset_button(reset: Callable[[], None]) -> ipywidgets.Button:
    """Make the button that brings everything back to how it was at first."""
    button = ipywidgets.Button(
        description="Reset", icon="undo", layout={"margin": "2px 0 2px 144px", "width": "120px"}
    )
    button.on_click(lambda _: reset())
    return button


def grid(*controls: ipywidgets.DOMWidget) -> ipywidgets.GridBox:
    """Lay controls in two columns, or in one where the page is narrow."""
    return ipywidgets.GridBox(
        controls,
        layout={
            "grid_template_columns": "repeat(auto-fit, minmax(360px, 1fr))",
            "width": "100%",
            "grid_gap": "0 12px",
        },
    )
