"""Colours and style sheet that every picture shares."""

from __future__ import annotations

from typing import Any

__all__ = ["COLORS", "CSS", "Palette"]


class Palette(tuple[str, ...]):
    """Colours that can be asked for by position, by name, or as an attribute.

    ``COLORS[0]``, ``COLORS["blue"]`` and ``COLORS.blue`` are the same string.

    Raises
    ------
    KeyError, IndexError, AttributeError
        When there is no such colour.
    """

    _names: tuple[str, ...]

    def __new__(cls, **colours: str) -> Palette:
        """Make a palette of ``name=hex`` pairs, in their order."""
        palette = super().__new__(cls, colours.values())
        palette._names = tuple(colours)
        return palette

    @property
    def names(self) -> tuple[str, ...]:
        """The colours' names, in order."""
        return self._names

    def __getitem__(self, key: Any) -> Any:
        """Return a colour by position or by name."""
        if isinstance(key, str):
            if key not in self._names:
                raise KeyError(f"no colour {key!r}; there are {', '.join(self._names)}")
            key = self._names.index(key)
        return super().__getitem__(key)

    def __getattr__(self, name: str) -> str:
        """Return a colour by name."""
        if name.startswith("_") or name not in self._names:
            raise AttributeError(name)
        return str(self[name])


#: Okabe and Ito's eight colours, which people with the common forms of colour blindness tell
#: apart. Source: M. Okabe, K. Ito, "Color Universal Design" (2008). The order starts with those
#: that stand out on white; yellow comes late because thin yellow lines are hard to see there.
COLORS = Palette(
    blue="#0072B2",
    orange="#E69F00",
    green="#009E73",
    vermillion="#D55E00",
    purple="#CC79A7",
    sky="#56B4E9",
    black="#000000",
    yellow="#F0E442",
)

CSS = """<style>
.cw { max-width: 900px; overflow: visible; }
.cw-card { border: 1px solid var(--jp-border-color2, #ccc); border-left: 5px solid #0072B2;
  border-radius: 4px; padding: 10px 16px; margin: 4px 2px 12px; }
.cw-question, .cw-held, .cw-not-held, .cw-notice, .cw-caption {
  font-size: var(--jp-content-font-size1, 14px); line-height: 1.5;
  color: var(--jp-content-font-color1, inherit); }
.cw-card .widget-radio-box { width: 100%; max-width: none; }
.cw-card .widget-radio-box label { height: auto; width: auto; white-space: normal;
  line-height: 1.4; padding: 3px 0; font-size: var(--jp-content-font-size1, 14px); }
.cw-held, .cw-not-held { border-top: 1px solid var(--jp-border-color2, #ccc); margin-top: 8px;
  padding-top: 8px; }
.cw-held b { color: var(--jp-success-color0, #006644); }
.cw-not-held b { color: var(--jp-error-color0, #a33a00); }
.cw-locked > :not(:first-child) { opacity: .45; pointer-events: none; }
.cw-notice { font-weight: 600; }
.cw-caption p { margin: 6px 0; }
.cw-caption table { border-collapse: collapse; margin: 6px 0; font-size: 13px; }
.cw-caption th, .cw-caption td { padding: 2px 12px 2px 4px; text-align: left; font-weight: 400; }
.cw-caption thead th { color: var(--jp-content-font-color2, #555);
  border-bottom: 1px solid var(--jp-border-color2, #ccc); }
.cw-caption tbody th { font-weight: 600; }
.cw-unseen { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
.cw .jupyter-matplotlib-figure { background: white; }
/* ipympl's drawing area takes the focus and swallows the Tab key, which would hold keyboard users
   fast. What is hidden takes no focus, and its children can still be seen and clicked. */
.cw .jupyter-matplotlib-canvas-div { visibility: hidden; }
.cw .jupyter-matplotlib-canvas-div canvas { visibility: visible; }
</style>"""
