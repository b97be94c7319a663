"""Labelled controls that look the same in every picture, each usable from the keyboard.

The number beside a slider can be typed into: everything that the mouse sets, keys set too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

__all__ = ["choice_slider", "log_slider", "reset_button", "row", "slider", "toggle"]

_LABEL = {"description_width": "132px"}
_WIDE = {"width": "400px"}


def slider(
    label: str, value: float, low: float, high: float, step: float, tip: str = ""
) -> ipywidgets.FloatSlider:
    """Make a slider over an evenly divided range."""
    return ipywidgets.FloatSlider(
        value, min=low, max=high, step=step, description=label, description_allow_html=False,
        readout_format=".2f", tooltip=tip or label, style=_LABEL, layout=_WIDE,
    )  # fmt: skip


def log_slider(
    label: str, value: float, low: float, high: float, tip: str = ""
) -> ipywidgets.FloatLogSlider:
    """Make a slider on a logarithmic scale from 10**`low` to 10**`high`."""
    return ipywidgets.FloatLogSlider(
        value, base=10, min=low, max=high, step=0.02, description=label,
        readout_format=".3g", tooltip=tip or label, style=_LABEL, layout=_WIDE,
    )  # fmt: skip


def choice_slider(
    label: str, value: Any, options: Sequence[Any], tip: str = ""
) -> ipywidgets.SelectionSlider:
    """Make a slider over a few values."""
    return ipywidgets.SelectionSlider(
        options=options, value=value, description=label, tooltip=tip or label,
        style=_LABEL, layout=_WIDE,
    )  # fmt: skip


def toggle(label: str, value: bool, css_class: str = "") -> ipywidgets.ToggleButton:
    """Make a button that stays pressed; a tick shows its state without colour."""
    button = ipywidgets.ToggleButton(value, description=label, layout={"width": "auto"})
    button.icon = "check" if value else ""
    button.observe(lambda c: setattr(button, "icon", "check" if c["new"] else ""), "value")
    if css_class:
        button.add_class(css_class)
    return button


def reset_button(reset: Callable[[], None]) -> ipywidgets.Button:
    """Make the button that brings everything back to how it was at first."""
    button = ipywidgets.Button(description="Reset", icon="undo", tooltip="Back to the start")
    button.on_click(lambda _: reset())
    return button


def row(*controls: ipywidgets.DOMWidget) -> ipywidgets.Box:
    """Lay controls side by side, wrapping where the page is narrow."""
    return ipywidgets.Box(
        controls, layout={"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
    )
