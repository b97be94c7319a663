"""Measure the time from a slider's event to the painted new frame, in JupyterLab in Chromium.

Run it with ``python -m benchmarks.widget_frame [--moves N] [--scale 2]``. It starts JupyterLab on a
free port with a notebook of three cells and drives Chromium:

floor
    An IntSlider and a Label: a trip from the page to the kernel and back, nothing drawn.
explorer
    ``gradient_descent.explore()`` as it is.
rebuilt
    The same controls and the same computation, but the figure is cleared and built anew for each
    event, on an unmodified ipympl canvas: what one gets without taking care.

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

FLOOR = """
import ipywidgets
slider = ipywidgets.IntSlider(50, 0, 100, description="Learning rate η")
label = ipywidgets.Label("50")
label.add_class("floor-label")
slider.observe(lambda change: setattr(label, "value", str(change["new"])), "value")
ipywidgets.VBox([slider, label])
"""

#: The first moves warm caches and are left out.
WARM_UP = 5

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

CLOCK = """
() => {
  const clock = window.clock = {start: 0, times: [], frames: [], waiting: false, last: 0}
  const painted = () => requestAnimationFrame(() => {
    const channel = new MessageChannel()           // runs after this animation frame's paint
    channel.port1.onmessage = () => {
      const now = performance.now()
      clock.frames.push(now)
      if (clock.waiting) {
        clock.waiting = false
        clock.times.push(now - clock.start)
        clock.tell?.()
      }
    }
    channel.port2.postMessage(0)
  })
  const draw = CanvasRenderingContext2D.prototype.drawImage
  CanvasRenderingContext2D.prototype.drawImage = function (...given) {
    draw.apply(this, given)
    if (this.canvas.isConnected) painted()         // ipympl also draws off screen
  }
  const label = document.querySelector('.floor-label')
  const anything = {childList: true, subtree: true, characterData: true}
  new MutationObserver(painted).observe(label, anything)
  const begin = () => { clock.start = performance.now(); clock.waiting = true }
  window.addEventListener('keydown', begin, {capture: true})
}
"""

#: Drags a knob to and fro for some milliseconds, with a movement every 8 ms as a good mouse makes,
#: then waits for frames that were still under way. Made in the page, so that the driver's own
#: messages take no part. Returns when movements and frames happened.
DRAG = """
async (knob, length) => {
  const box = knob.getBoundingClientRect()
  const x = box.x + box.width / 2, y = box.y + box.height / 2
  const tell = (kind, at, buttons) => {
    const target = kind === 'mousedown' ? knob.firstElementChild : document.documentElement
    target.dispatchEvent(new MouseEvent(kind, {clientX: at, clientY: y, buttons, button: 0,
      bubbles: true, cancelable: true}))
  }
  const sleep = ms => new Promise(done => setTimeout(done, ms))
  clock.frames = []
  tell('mousedown', x, 1)
  const began = performance.now()
  let last = began
  while (last - began < length) {
    tell('mousemove', x - 40 + 40 * Math.cos((last - began) / 300), 1)
    await sleep(8)
    last = performance.now()
  }
  tell('mouseup', x, 0)
  await sleep(2000)
  return [began, last, clock.frames]
}
"""


def handle(page: Any, cell: int, label: str) -> Any:
    """Return the knob of a slider in a cell's output."""
    output = page.locator(".jp-Cell").nth(cell)
    return output.locator(".widget-inline-hbox", has_text=label).locator(".noUi-handle").first


def step_by_step(page: Any, knob: Any, moves: int) -> list[float]:
    """Press an arrow key, wait for the painted frame, repeat; return milliseconds."""
    knob.scroll_into_view_if_needed()
    knob.focus()
    page.evaluate("() => { clock.times = []; clock.waiting = false }")
    for move in range(moves + WARM_UP):
        page.keyboard.press("ArrowRight" if move // 5 % 2 else "ArrowLeft")
        page.evaluate(
            "n => new Promise(done => clock.times.length > n ? done() : clock.tell = done)", move
        )
        time.sleep(0.15)  # let the kernel say that it is idle, and the page settle
    times: list[float] = page.evaluate("() => clock.times")
    return times[WARM_UP:]


def drag(knob: Any, seconds: float = 3.0) -> tuple[float, float]:
    """Drag the slider to and fro; return frames a second, and milliseconds of trailing frames."""
    began, last, frames = knob.evaluate(DRAG, seconds * 1000)
    during = [frame for frame in frames if frame <= last]
    return 1000 * len(during) / (last - began), max(0.0, frames[-1] - last)


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
    plan = [
        ("floor: slider to label", 0, "Learning rate η"),
        ("explorer: learning rate", 1, "Learning rate η"),
        ("explorer: condition number", 1, "Condition number κ"),
        ("explorer: momentum", 1, "Momentum β"),
        ("rebuilt: learning rate", 2, "Learning rate η"),
    ]
    results = {}
    with tempfile.TemporaryDirectory() as folder, lab(Path(folder)) as address:
        write_notebook(Path(folder) / "frames.ipynb", [FLOOR, EXPLORER, REBUILT])
        with browser_page(scale=arguments.scale) as page:
            open_notebook(page, address, "frames.ipynb")
            run_all(page)
            page.locator(".jupyter-matplotlib canvas").nth(3).wait_for()
            time.sleep(3)
            page.evaluate(CLOCK)
            for name, cell, label in plan:
                knob = handle(page, cell, label)
                times = step_by_step(page, knob, arguments.moves)
                rate, trail = drag(knob)
                results[name] = {
                    "median_ms": statistics.median(times),
                    "p95_ms": percentile(times, 0.95),
                    "frames_per_second": rate,
                    "trailing_ms": trail,
                }
    floor, rebuilt = results[plan[0][0]]["median_ms"], results[plan[-1][0]]["median_ms"]
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
