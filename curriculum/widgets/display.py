"""How a picture gets onto the page: alive where a kernel and a page are, still everywhere else.

A picture that only lives while a kernel runs is lost in printed feedback, on the web, and in a
notebook opened tomorrow. So each one puts two outputs into its cell: the live widget, and a still
picture with an alternative text. A style rule hides the still one as long as the live one is on
the page, and hides JupyterLab's "Error displaying widget" when it is not.

JupyterLab always prefers the widget's media type over ``text/html`` in the same output, which is
why one output that holds both is not enough.
"""

from __future__ import annotations

import base64
import html
import io
import os
import uuid
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["WIDGET_VIEW", "Picture", "figure_html", "show", "still_only"]

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

#: Pixels per inch of a still picture: twice what it is shown at, for sharp text on fine screens.
STILL_DPI = 144
#: CSS pixels per inch that a still picture is shown at, before it is shrunk to fit the page.
SHOWN_DPI = 80


def still_only() -> bool:
    """Say whether only still pictures make sense here.

    True while nbgrader runs the notebook (``NBGRADER_EXECUTION`` is set: nobody moves a slider,
    and the widgets' state would only swell the file), and outside of a Jupyter kernel.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        return True
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is None


def figure_html(fig: Figure, alt: str) -> str:
    """Draw a figure as an HTML image that carries its own bytes.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        It is drawn, not changed and not closed.
    alt : str
        What the figure shows, in words, for those who cannot see it.

    Returns
    -------
    str
        ``<img alt="…" src="data:image/png;base64,…" …>``: nothing is loaded from elsewhere.

    Raises
    ------
    ValueError
        When `alt` is empty.
    """
    if not alt.strip():
        raise ValueError("a figure needs an alternative text: say in `alt` what it shows")
    png = io.BytesIO()
    fig.savefig(png, format="png", dpi=STILL_DPI, facecolor="white")
    width = round(fig.get_figwidth() * SHOWN_DPI)
    data = base64.b64encode(png.getvalue()).decode("ascii")
    return (
        f'<img alt="{html.escape(alt, quote=True)}" width="{width}" '
        f'style="max-width: 100%; height: auto; background: white" '
        f'src="data:image/png;base64,{data}">'
    )


def show(fig: Figure, alt: str) -> None:
    """Show a finished figure with its alternative text, and close it.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        A figure from ``plt.subplots()``.
    alt : str
        What the figure shows, in words: the point first, then axes, then values that matter.

    Raises
    ------
    ValueError
        When `alt` is empty. The figure is closed all the same.
    """
    import matplotlib.pyplot as plt

    try:
        data = {"text/html": figure_html(fig, alt), "text/plain": f"Figure: {alt}"}
    finally:
        plt.close(fig)  # or the inline backend would show it a second time, without the text
    put(data)


def put(data: dict[str, Any]) -> None:
    """Put one output on the page, or its plain words in a terminal."""
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(data["text/plain"])
    else:
        display(data, raw=True)


class Picture:
    """Base class of everything that is shown: a live widget, and a still picture of it.

    A subclass gives `_build` (the live widget), `_still` (HTML) and `_text` (plain words).
    Nothing live is made before it is asked for: under nbgrader no widget comes into being.
    """

    def __init__(self) -> None:
        self._live: ipywidgets.DOMWidget | None = None
        self._mark = uuid.uuid4().hex[:12]

    def _build(self) -> ipywidgets.DOMWidget:
        """Make the live widget."""
        raise NotImplementedError

    def _still(self) -> str:
        """Return the still picture as HTML."""
        raise NotImplementedError

    def _text(self) -> str:
        """Return the same in plain words."""
        raise NotImplementedError

    @property
    def widget(self) -> ipywidgets.DOMWidget:
        """The live widget, made on first use."""
        if self._live is None:
            self._live = self._build()
            self._live.add_class(f"cw-live-{self._mark}")
        return self._live

    def close(self) -> None:
        """Take the live widget and all its parts down, in the kernel and on the page."""
        if self._live is not None:
            live, self._live = self._live, None
            close_tree(live)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the picture for a front end: still, and alive where that makes sense."""
        bundle: dict[str, Any] = {"text/html": self._still(), "text/plain": self._text()}
        if not still_only():
            bundle[WIDGET_VIEW] = view_of(self.widget)
        return bundle

    def _ipython_display_(self) -> None:
        """Put the picture on the page."""
        if still_only():
            put(self._repr_mimebundle_())
            return
        claim_cell(self)
        bundle = self._repr_mimebundle_()
        live = {WIDGET_VIEW: bundle.pop(WIDGET_VIEW), "text/html": "", "text/plain": ""}
        bundle["text/html"] = self._stand_in(bundle["text/html"])
        put(live)
        put(bundle)

    def _stand_in(self, still: str) -> str:
        """Wrap the still picture so that it shows exactly when the live one does not."""
        live, own = f".cw-live-{self._mark}", f".cw-still-{self._mark}"
        return (
            "<style>"
            f".jp-OutputArea:has({live}) .jp-OutputArea-child:has({own}){{display:none}}"
            f".jp-OutputArea-child:has(+ .jp-OutputArea-child {own}):not(:has({live}))"
            "{display:none}"
            f'</style><div class="cw-still-{self._mark}">{still}</div>'
        )


def view_of(widget: ipywidgets.DOMWidget) -> dict[str, Any]:
    """Return what a front end needs to show a widget."""
    return {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}


def close_tree(widget: ipywidgets.Widget) -> None:
    """Close a widget and every widget that it holds: children, layout, style, tool bar."""
    from ipywidgets import Widget

    widget.close()
    for value in list(widget.trait_values().values()):
        for part in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(part, Widget) and part.comm is not None:
                close_tree(part)


#: Which pictures the latest run of each cell has shown, so that the next run can close them.
_cells: dict[str, tuple[str, list[Picture]]] = {}


def claim_cell(picture: Picture) -> None:
    """Close the pictures that an earlier run of the same cell left behind."""
    from IPython import get_ipython

    try:
        parent = get_ipython().kernel.get_parent()
        cell, run = parent["metadata"]["cellId"], parent["header"]["msg_id"]
    except (AttributeError, KeyError, TypeError):
        return  # a front end that does not say which cell it runs
    seen, pictures = _cells.get(cell, (run, []))
    if seen != run:
        for old in pictures:
            if old is not picture:
                old.close()
        pictures = []
    if picture not in pictures:
        pictures.append(picture)
    _cells[cell] = (run, pictures)
