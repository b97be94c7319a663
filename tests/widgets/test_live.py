"""The canvas, the controls, and how a picture follows them."""

from __future__ import annotations

import io
import subprocess
import sys
import threading

import numpy as np
import pytest
from matplotlib.backend_bases import MouseEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from curriculum.widgets import controls, threads
from curriculum.widgets import gradient_descent as gd
from curriculum.widgets.canvas import LiveCanvas, png_bytes
from curriculum.widgets.text import StampedText


def pixels(canvas):
    return np.asarray(canvas.get_renderer().buffer_rgba()).copy()


@pytest.fixture
def explorer():
    """An explorer whose page has said hello."""
    picture = gd.Explorer()
    _ = picture.widget
    picture._canvas.syncing_data_url = False
    picture._canvas.draw()
    yield picture
    picture.close()


def test_the_png_is_what_was_drawn():
    drawn = np.random.default_rng(0).integers(0, 256, (7, 5, 4), dtype=np.uint8)
    read = np.asarray(Image.open(io.BytesIO(png_bytes(drawn))))
    np.testing.assert_array_equal(read, drawn[:, :, :3])


@pytest.mark.parametrize(
    "changes",
    [
        {"learning_rate": 1.1, "shown": tuple(gd.METHODS)},  # the loss axis grows too
        {"condition": 300.0},
        {"shown": ()},
        {"start_1": 3.0, "noise": 1.5, "batch_size": 1, "sampled": True},
    ],
)
def test_a_frame_is_the_same_picture_as_a_full_redraw(explorer, changes):
    explorer.change(**changes)
    framed = pixels(explorer._canvas)
    explorer._canvas.redraw()
    np.testing.assert_array_equal(framed, pixels(explorer._canvas))


def test_going_there_and_back_is_the_same_picture(explorer):
    before = pixels(explorer._canvas)
    explorer.change(learning_rate=1.3, condition=5.0)
    assert not np.array_equal(before, pixels(explorer._canvas))
    explorer.reset()
    np.testing.assert_array_equal(before, pixels(explorer._canvas))


def test_nothing_is_painted_before_a_page_asks():
    picture = gd.OneDimension()
    _ = picture.widget
    sent = []
    picture._canvas.send = lambda *given, **named: sent.append(given)
    picture.change(learning_rate=0.9)
    assert sent == []
    picture.close()


def test_of_many_moves_only_the_last_is_drawn(explorer):
    drawn = []
    for place in range(5):
        explorer._canvas.frame_soon(lambda place=place: drawn.append(place))
    explorer._canvas.handle_draw({})
    assert drawn == [4]


def test_a_failing_update_still_answers_the_page(explorer):
    frames = []
    explorer._canvas.send_binary = frames.append
    explorer._canvas.frame_soon(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        explorer._canvas.handle_draw({})
    assert len(frames) == 1, "the page would wait for ever"


def test_every_frame_is_whole(explorer):
    frames = []
    explorer._canvas.send_binary = frames.append
    explorer.change(learning_rate=0.2)
    explorer.change(learning_rate=0.25)
    shown = np.asarray(Image.open(io.BytesIO(frames[-1])))
    np.testing.assert_array_equal(shown, pixels(explorer._canvas)[:, :, :3])


def test_the_stand_in_leaves_with_the_first_frame():
    picture = gd.OneDimension()
    stand_in = next(child for child in picture.widget.children if "<img" in str(child.value))
    picture._canvas._handle_message(picture._canvas, {"type": "initialized"}, None)
    picture._canvas._handle_message(picture._canvas, {"type": "draw"}, None)
    assert stand_in.value == "" and stand_in.layout.display == "none"
    picture.close()


def test_controls_set_the_picture_and_follow_it(explorer):
    explorer.controls["learning_rate"].value = 0.5
    assert explorer.settings.learning_rate == 0.5
    assert "η = 0.5" in explorer._words.value
    explorer.change(start_1=1.0, shown=("adam",))
    assert explorer.controls["start_1"].value == 1.0
    assert explorer.controls["shown"].value == ("adam",)
    explorer.reset()
    assert explorer.settings == explorer.initial
    for name, control in explorer.controls.items():
        assert control.value == getattr(explorer.initial, name)


def test_every_setting_has_a_labelled_control(explorer):
    assert set(explorer.controls) == set(vars(explorer.settings))
    for name, control in explorer.controls.items():
        if name != "shown":
            assert control.description
    with pytest.raises(TypeError):
        explorer.change(colour="red")


def mouse(canvas, kind, axes, place):
    x, y = axes.transData.transform(place)
    canvas.callbacks.process(kind, MouseEvent(kind, canvas, x, y, button=1))


def test_the_start_is_dragged(explorer):
    canvas, axes = explorer._canvas, explorer._shown.surface.axes
    mouse(canvas, "button_press_event", axes, explorer.settings.start)
    mouse(canvas, "motion_notify_event", axes, (1.5, -2.0))
    assert explorer.settings.start == (-2.4, 1.2), "drawn when the page is ready"
    canvas.handle_draw({})
    assert explorer.settings.start == pytest.approx((1.5, -2.0), abs=0.01)
    assert explorer.controls["start_2"].value == pytest.approx(-2.0, abs=0.05)
    mouse(canvas, "button_release_event", axes, (1.5, -2.0))
    mouse(canvas, "motion_notify_event", axes, (0.0, 0.0))
    canvas.handle_draw({})
    assert explorer.settings.start == pytest.approx((1.5, -2.0), abs=0.01)


def test_a_press_elsewhere_or_while_locked_drags_nothing(explorer):
    canvas, axes = explorer._canvas, explorer._shown.surface.axes
    mouse(canvas, "button_press_event", axes, (2.0, -1.0))
    assert not explorer._dragging
    explorer.controls["start_1"].disabled = True
    mouse(canvas, "button_press_event", axes, explorer.settings.start)
    assert not explorer._dragging


def test_toggles_keep_order_and_tell_once():
    toggles = controls.Toggles({"a": "A", "b": "B", "c": "C"}, ("c",))
    told = []
    toggles.observe(lambda event: told.append(event["new"]), "value")
    toggles.buttons["a"].value = True
    toggles.value = ("b",)
    assert told == [("a", "c"), ("b",)]
    assert [button.icon for button in toggles.buttons.values()] == ["", "check", ""]
    toggles.close()


class Loop:
    """Stands for the event loop of a kernel's main thread."""

    def __init__(self):
        self.waiting = []

    def add_callback(self, work):
        self.waiting.append(work)

    def run(self):
        waiting, self.waiting = self.waiting, []
        for work in waiting:
            work()


@pytest.fixture
def loop(monkeypatch):
    loop = Loop()
    kernel = type("Kernel", (), {"io_loop": loop})()
    monkeypatch.setattr("IPython.get_ipython", lambda: type("Shell", (), {"kernel": kernel})())
    return loop


def elsewhere(work):
    """Do some work in another thread, as JupyterLab's subshells do."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_work_goes_to_the_main_thread(loop):
    ran = []
    threads.on_main(lambda: ran.append("here"))
    assert ran == ["here"] and loop.waiting == []
    elsewhere(lambda: threads.on_main(lambda: ran.append(threading.current_thread())))
    assert ran == ["here"]
    loop.run()
    assert ran[1] is threading.main_thread()


def test_what_controls_say_from_a_subshell_is_drawn_once_with_the_last_word(explorer, loop):
    drawn = []
    explorer._refresh = lambda: drawn.append(explorer.settings)

    def move():
        for value in (0.2, 0.3, 0.4):
            explorer.controls["learning_rate"].value = value
        explorer.controls["momentum"].value = 0.5

    elsewhere(move)
    assert drawn == [] and len(loop.waiting) == 1
    loop.run()
    assert [(s.learning_rate, s.momentum) for s in drawn] == [(0.4, 0.5)]
    elsewhere(lambda: setattr(explorer.controls["momentum"], "value", 0.6))
    loop.run()
    assert drawn[-1].momentum == 0.6


def test_what_the_page_says_from_a_subshell_waits_for_the_main_thread(explorer, loop):
    canvas = explorer._canvas
    assert isinstance(canvas, LiveCanvas)
    frames = []
    canvas.send_binary = frames.append
    elsewhere(lambda: canvas._handle_message(canvas, {"type": "draw"}, None))
    assert frames == []
    loop.run()
    assert len(frames) == 1


@pytest.mark.parametrize("drawing", [gd.ExplorerDrawing, gd.LineDrawing, gd.OwnDrawing])
def test_figures_are_whole_pixels(drawing):
    width, height = drawing().figure.bbox.size
    assert (width, height) == (round(width), round(height))


def test_pyplot_keeps_its_backend():
    script = (
        "import matplotlib; matplotlib.use('svg')\n"
        "from curriculum.widgets import gradient_descent as gd\n"
        "gd.explore().widget\n"
        "import matplotlib.pyplot as plt; plt.figure()\n"
        "print(matplotlib.get_backend(), plt.get_fignums())"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "svg [1]\n"


def test_stamped_text_looks_like_text():
    def drawn(kind, x):
        figure = Figure(figsize=(3, 1), dpi=100, facecolor="white")
        canvas = FigureCanvasAgg(figure)
        text = kind(x, 0.5, "η = 0.10 < 2/L", fontsize=11, va="center")
        text.set_transform(figure.transFigure)
        figure.add_artist(text)
        canvas.draw()
        return figure, canvas, text

    for x in (0.1, 0.3):  # whole pixels
        _, plain, _ = drawn(Text, x)
        figure, stamped, text = drawn(StampedText, x)
        np.testing.assert_allclose(pixels(stamped), pixels(plain), atol=3)
    text.set_position((0.1, 0.5))
    stamped.draw()
    assert np.array_equal(pixels(stamped), pixels(drawn(StampedText, 0.1)[1]))
    text.set_text("")
    stamped.draw()
    assert (pixels(stamped) == 255).all()
    figure.savefig(io.BytesIO(), format="svg")
