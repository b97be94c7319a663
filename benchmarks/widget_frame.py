"""Measure the time from a slider's event to the painted new frame, in JupyterLab in Chromium.

Run it with ``python -m benchmarks.widget_frame [--moves N] [--scale 2]``. It starts JupyterLab on a
free port with a notebook of a few cells and drives Chromium:

floor
    An IntSlider and a Label: a trip from the page to the kernel and back, nothing drawn.
explorer
    ``gradient_descent.explore()`` as it is.
rebuilt
    The same controls and the same computation, but the figure is cleared and built anew for each
    event, on an unmodified ipympl canvas: what one gets without taking care.
regularization, sentiment, recommenders
    One slider of the main picture of each other topic, as it is.

For each, the slider is moved by the keyboard, one step at a time, and the clock runs in the page
from the ``keydown`` event to the end of the animation frame in which the changed picture (or
label) was painted. A second pass drags the slider by the mouse without waiting, counts frames,
and takes the time from the last movement to the last frame, which shows whether frames queue up.

Times depend on the machine; the ratios between the rows of one run are what to compare.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from lab_page import browser_page, lab, open_notebook, run_all, write_notebook

from benchmarks.page_clock import CLOCK, drag, handle, step_by_step

FLOOR = """
import ipywidgets
slider = ipywidgets.IntSlider(50, 0, 100, description="Learning rate η")
label = ipywidgets.Label("50")
label.add_class("floor-label")
slider.observe(lambda change: setattr(label, "value", str(change["new"])), "value")
ipywidgets.VBox([slider, label])
"""

EXPLORER = """
from curriculum.widgets import gradient_descent as gd
explorer = gd.Explorer()
explorer
"""

REBUILT = """
import ipympl.backend_nbagg as nbagg
from curriculum.widgets.threads import on_main

class Stock(nbagg.Canvas):
    def _handle_message(self, *given):
        on_main(lambda: super(Stock, self)._handle_message(*given))
    def frame(self):
        self.draw_idle()
    redraw = frame

class Rebuilt(gd.Explorer):
    def _new_canvas(self, figure, on_first_frame):
        stock = Stock(figure)
        nbagg.FigureManager(stock, 0)
        return stock
    def _refresh(self):
        figure = self._shown.figure
        figure.clear()
        self._shown = gd.ExplorerDrawing(figure)
        for axes in figure.axes:
            for artist in axes.get_children():
                artist.set_animated(False)
        super()._refresh()

Rebuilt()
"""

#: Other topics' main pictures: row → the cell, and the label of the slider. Each slider starts at
#: least five steps above its lowest value, for the moves go five down and five up again.
TOPICS = {
    "regularization: strength": (
        "from curriculum.widgets import regularization\nregularization.balls(ask=False)",
        "Strength λ",
    ),
    "sentiment: threshold": (
        "from curriculum.widgets import sentiment\nsentiment.threshold(ask=False)",
        "Threshold",
    ),
    "recommenders: steps": (
        "from curriculum.widgets import recommenders\n"
        "recommenders.Factors(settings=recommenders.FactorSettings(steps=20))",
        "Steps",
    ),
}

#: Rows of the table: name, cell, slider. The first is the floor; all are compared with BASELINE.
BASELINE = "rebuilt: learning rate"
CELLS = [FLOOR, EXPLORER, REBUILT, *(cell for cell, _ in TOPICS.values())]
PLAN = [
    ("floor: slider to label", 0, "Learning rate η"),
    ("explorer: learning rate", 1, "Learning rate η"),
    ("explorer: condition number", 1, "Condition number κ"),
    ("explorer: momentum", 1, "Momentum β"),
    *((name, 3 + i, label) for i, (name, (_, label)) in enumerate(TOPICS.items())),
    (BASELINE, 2, "Learning rate η"),
]
#: ipympl puts two canvases into the page for each picture; the floor has none.
CANVASES = 2 * (len(CELLS) - 1)


def percentile(times: list[float], share: float) -> float:
    """Return the value below which a share of the times lies."""
    return statistics.quantiles(times, n=100, method="inclusive")[round(share * 100) - 1]


def parts(repeats: int = 30) -> dict[str, float]:
    """Return the median milliseconds of what the kernel does for a frame, without a page."""
    from curriculum.widgets import gradient_descent as gd
    from curriculum.widgets.canvas import png_bytes

    explorer = gd.Explorer()
    _ = explorer.widget
    canvas: Any = explorer._canvas
    canvas.syncing_data_url = False
    canvas.send_binary = lambda data: None
    canvas.draw()
    pixels = np.asarray(canvas.get_renderer().buffer_rgba())

    def blit() -> None:
        canvas.restore_region(canvas._background)
        canvas._draw_animated()

    def compute(shown: tuple[str, ...]) -> Callable[[int], object]:
        return lambda i: gd.scene(gd.Settings(shown=shown, learning_rate=0.1 + 1e-6 * (i + 1)))

    work: dict[str, Callable[[int], object]] = {
        "paths of the 4 methods shown at first": compute(gd.Settings().shown),
        "paths of all 7 methods": compute(tuple(gd.METHODS)),
        "draw what moves (each frame)": lambda i: blit(),
        "draw everything (when an axis changes)": lambda i: canvas.redraw(),
        "encode the picture": lambda i: png_bytes(pixels),
        "encode the picture with Pillow, as ipympl does": lambda i: Image.fromarray(pixels).save(
            io.BytesIO(), format="png"
        ),
    }
    found = {}
    for name, do in work.items():
        gd.surface._descend.cache_clear()
        times = []
        for i in range(repeats):
            began = time.perf_counter()
            do(i)
            times.append(1000 * (time.perf_counter() - began))
        found[name] = statistics.median(times)
    explorer.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=60, help="slider steps per measurement")
    parser.add_argument("--scale", type=float, default=1, help="device pixels per CSS pixel")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as folder, lab(Path(folder)) as address:
        write_notebook(Path(folder) / "frames.ipynb", CELLS)
        with browser_page(scale=arguments.scale) as page:
            open_notebook(page, address, "frames.ipynb")
            run_all(page)
            page.locator(".jupyter-matplotlib canvas").nth(CANVASES - 1).wait_for()
            time.sleep(3)
            page.evaluate(CLOCK)
            for name, cell, label in PLAN:
                knob = handle(page, cell, label)
                times = step_by_step(page, knob, arguments.moves)
                rate, trail = drag(knob)
                results[name] = {
                    "median_ms": statistics.median(times),
                    "p95_ms": percentile(times, 0.95),
                    "frames_per_second": rate,
                    "trailing_ms": trail,
                }
    floor, rebuilt = results[PLAN[0][0]]["median_ms"], results[BASELINE]["median_ms"]
    print(
        f"{'':28} {'median':>8} {'95 %':>8} {'/floor':>7} {'/rebuilt':>8} "
        f"{'frames/s':>9} {'trailing':>9}"
    )
    for name, r in results.items():
        print(
            f"{name:28} {r['median_ms']:5.0f} ms {r['p95_ms']:5.0f} ms "
            f"{r['median_ms'] / floor:7.2f} {r['median_ms'] / rebuilt:8.2f} "
            f"{r['frames_per_second']:9.1f} {r['trailing_ms']:6.0f} ms"
        )
    print("\nin the kernel, for one frame")
    for name, milliseconds in parts().items():
        print(f"{name:48} {milliseconds:6.1f} ms")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
