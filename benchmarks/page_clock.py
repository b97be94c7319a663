"""A clock in the page: from a key or a movement of the mouse to the painted frame."""

from __future__ import annotations

import time
from typing import Any

#: The first moves warm caches and are left out.
WARM_UP = 5

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
