"""A student's process that writes its own messages: what its cells say, and what is graded."""

import pytest
from test_split import run, texts

from curriculum import execution
from curriculum.sandbox.limits import Limits

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module", autouse=True)
def _one_zygote():
    yield
    execution.close()


SEND = """
import gc, msgpack, os, signal, socket, struct, threading, time
from curriculum.execution.wire import Sender
(SENDER,) = {id(s._socket): s for s in gc.get_objects() if isinstance(s, Sender)}.values()
def raw(*frames):
    SENDER._socket.sendall(b"".join(struct.pack(">I", len(f)) + f for f in frames))
def send(*messages):
    raw(*map(msgpack.packb, messages))
"""
RUN = 3
"""Of the second cell after the imports: the first one defines what sends."""


def stops(ran):
    return [(stop.cell, stop.kind) for stop in ran.stops]


@pytest.mark.parametrize(
    "message",
    [
        f"{{'type': 'stream', 'run': {RUN}}}",
        f"{{'type': 'execute_reply', 'run': {RUN}, 'content': None}}",
        f"{{'type': 'clear_output', 'run': {RUN}, 'content': {{'wait': 3}}}}",
    ],
)
def test_a_message_without_its_parts_ends_the_notebook_with_a_verdict(message):
    _, ran = run(SEND, f"send({message}); time.sleep(1)", ("1",))
    assert stops(ran) == [(2, "malformed"), (3, "not_run")]


@pytest.mark.parametrize(
    "reply",
    [
        "{'status': 'error', 'ename': 'E', 'evalue': 'why', 'traceback': 5}",
        "{'status': 'error', 'ename': deep, 'evalue': 7, 'traceback': [3, 'x' * 10**6]}",
    ],
)
def test_an_odd_reply_is_an_error_of_its_cell_alone(reply):
    code = (
        "deep = 1\nfor _ in range(900): deep = [deep]\n"
        f"send({{'type': 'execute_reply', 'run': {RUN}, 'content': {reply}}})\ntime.sleep(1)"
    )
    cells, ran = run(SEND, code, ("1 + 1",))
    assert cells[1].outputs[0].output_type == "error"
    assert len(str(cells[1])) < 100_000
    assert texts(cells[2]) == ["2"]
    assert stops(ran) == []


def test_a_frame_too_large_that_nobody_asked_for_ends_the_notebook():
    late = "threading.Timer(0.3, lambda: SENDER._socket.sendall(b'\\xff' * 4)).start()"
    cells, ran = run(SEND, late, ("import time; time.sleep(1.5)\n'mine'",))
    assert stops(ran) == [(3, "malformed")]
    assert "'mine'" in texts(cells[2])


def test_a_process_that_does_not_read_is_given_up():
    asleep = (
        "threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGSTOP)).start()\n"
        "def f(x): return 1"
    )
    _, ran = run(
        SEND,
        asleep,
        ("import time; time.sleep(1)\nf(np.zeros(10**6))",),
        "2",
        limits=Limits(cell_seconds=20, call_seconds=1),
    )
    assert stops(ran) == [(3, "call_time"), (4, "not_run")]


def test_a_widget_made_before_takes_nothing_of_a_test():
    widget = "import ipywidgets\nwidget = ipywidgets.Output()\nwidget.msg_id = 'run-3'"
    cells, _ = run(widget, ("print('words of the test'); 0.0",), "widget.outputs")
    assert texts(cells[1]) == ["words of the test\n", "0.0"]
    assert texts(cells[2]) == ["()"]


FORGED = """
honest = SENDER.send
def forge(message):
    if message.get('type') != 'signs':
        return honest(message)
    show = {'data': {'text/plain': '1.0'}, 'metadata': {}, 'transient': {'display_id': 'x'}}
    more = {'run': message['run'], 'content': show, 'buffers': []}
    send(message, {'type': 'display_data', **more}, {'type': 'update_display_data', **more})
SENDER.send = forge
"""


def test_what_follows_the_last_report_changes_no_verdict():
    cells, _ = run(SEND + FORGED, ("0.0",))
    assert texts(cells[1]) == ["0.0"]
