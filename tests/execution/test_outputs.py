import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4

from curriculum.execution.outputs import MalformedError, Outputs


def outputs(most_bytes=1000):
    cell = v4.new_code_cell("1")
    taken = Outputs(v4.new_notebook(cells=[cell]), most_bytes)
    taken.start(cell, 0)
    return taken, cell


def say(kind, **content):
    return {"type": kind, "run": 1, "content": content, "buffers": []}


def stream(text, name="stdout"):
    return say("stream", name=name, text=text)


def result(text):
    return say("execute_result", data={"text/plain": text}, metadata={}, execution_count=1)


def test_streams_are_joined_and_results_kept_in_order():
    taken, cell = outputs()
    for message in (stream("a"), stream("b"), stream("e", "stderr"), result("1")):
        taken.take(message, 10)
    taken.finish()
    assert [(o.output_type, o.get("text")) for o in cell.outputs] == [
        ("stream", "ab"),
        ("stream", "e"),
        ("execute_result", None),
    ]
    assert cell.execution_count == 1


def test_what_is_printed_beyond_the_limit_is_dropped_but_the_result_is_kept():
    taken, cell = outputs(most_bytes=100)
    for _ in range(50):
        taken.take(stream("x" * 10), 10)
    taken.stream("stdout", b"y" * 100)
    taken.take(result("7.0"), 30)
    taken.finish()
    assert taken.cut
    assert cell.outputs[0].text == "x" * 100
    assert cell.outputs[1].data["text/plain"] == "7.0"


def test_a_display_is_updated_in_an_earlier_cell():
    first, second = v4.new_code_cell("1"), v4.new_code_cell("2")
    taken = Outputs(v4.new_notebook(cells=[first, second]), 1000)
    shown = {"data": {"text/plain": "old"}, "metadata": {}, "transient": {"display_id": "d"}}
    taken.start(first, 0)
    taken.take(say("display_data", **shown), 10)
    taken.start(second, 1)
    taken.take(say("update_display_data", **{**shown, "data": {"text/plain": "new"}}), 10)
    assert first.outputs[0].data["text/plain"] == "new"


@pytest.mark.parametrize(
    "message",
    [
        say("stream", name="stdin", text="x"),
        say("stream", name="stdout", text=b"x"),
        say("execute_result", data={"text/plain": "1"}, metadata={}),
        say("execute_result", data={"text/plain": 1}, metadata={}, execution_count=1),
        say("execute_result", data={"text/plain": "1"}, metadata={}, execution_count=True),
        say("display_data", data=[], metadata={}),
        say("display_data", data={"application/json": b"bytes"}, metadata={}),
        say("display_data", data={"text/html": ["x"]}, metadata={}),
        say("display_data", data={}, metadata={}, transient={"display_id": ["d"]}),
        say("display_data", data={}, metadata={}, transient=["d"]),
        say("error", ename="E", evalue="", traceback="text"),
        say("error", ename=1, evalue="", traceback=[]),
        say("comm_open", comm_id=1, data={}),
        say("comm_open", comm_id="c", data={"state": []}, target_name="jupyter.widget"),
        say("comm_open", comm_id="c", data={"state": {}}, target_name="jupyter.widget"),
        say("comm_msg", comm_id="c", data={"state": 7}),
        say("clear_output", wait="yes"),
        say("status", execution_state="idle"),
        say("anything"),
        {"type": "stream", "run": 1, "content": "text", "buffers": []},
    ],
    ids=str,
)
def test_what_no_kernel_sends_is_malformed(message):
    taken, cell = outputs()
    with pytest.raises(MalformedError):
        taken.take(message, 10)
    assert cell.outputs == []


SHOWN = {"data": {"text/plain": "old"}, "metadata": {}, "transient": {"display_id": "d"}}


def test_a_number_comes_from_a_result_alone():
    taken, cell = outputs()
    taken.take(say("clear_output", execution_count=[]), 10)
    taken.take(say("stream", name="stdout", text="x", execution_count="5"), 10)
    assert cell.execution_count is None
    with pytest.raises(MalformedError):
        taken.take(say("execute_input", execution_count=-1), 10)


@pytest.mark.parametrize("message", [{"type": "stream", "run": 1}, {"type": ["stream"], "run": 1},
                                     {}, {**stream("x"), "buffers": 5}], ids=str)  # fmt: skip
def test_a_message_without_its_parts_is_malformed(message):
    taken, _ = outputs()
    with pytest.raises(MalformedError):
        taken.take(message, 10)


def test_an_update_finds_its_display_after_streams_were_joined():
    taken, cell = outputs()
    for message in (stream("a"), stream("b"), say("display_data", **SHOWN)):
        taken.take(message, 10)
    taken.finish()
    taken.take(say("update_display_data", **{**SHOWN, "data": {"text/plain": "new"}}), 10)
    assert cell.outputs[0].text == "ab"
    assert cell.outputs[1].data["text/plain"] == "new"


def test_a_sealed_cell_shows_what_it_showed():
    taken, cell = outputs()
    taken.take(say("display_data", **SHOWN), 10)
    taken.seal()
    taken.take(say("update_display_data", **{**SHOWN, "data": {"text/plain": "new"}}), 10)
    assert cell.outputs[0].data["text/plain"] == "old"


def test_a_widget_made_before_takes_nothing_of_a_run_that_is_unhooked():
    taken, cell = outputs()
    state = {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel",
             "outputs": [], "msg_id": "run-1"}  # fmt: skip
    taken.take(say("comm_open", comm_id="c", target_name="jupyter.widget",
                   data={"state": state}), 10)  # fmt: skip
    taken.take(say("comm_msg", comm_id="c", data={"state": state}), 10)
    taken.take(result("1"), 10)
    assert cell.outputs == []
    taken.unhook(1)
    taken.take(result("2"), 10)
    assert cell.outputs[0].data["text/plain"] == "2"


def test_a_display_that_is_larger_in_a_notebook_than_on_the_wire_counts_as_it_is_there():
    taken, cell = outputs(most_bytes=1000)
    many = {"data": {"application/json": [[] for _ in range(200)]}, "metadata": {}}
    taken.take(say("display_data", **many), 210)
    assert cell.outputs == []
    assert taken.cut


def test_an_update_of_many_displays_counts_for_each():
    taken, cell = outputs(most_bytes=2000)
    for _ in range(10):
        taken.take(say("display_data", **SHOWN), 10)
    large = {**SHOWN, "data": {"text/plain": "x" * 500}}
    taken.take(say("update_display_data", **large), 510)
    assert {output.data["text/plain"] for output in cell.outputs} == {"old"}
    assert taken.cut


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
KEYS = ["data", "metadata", "transient", "name", "text", "ename", "evalue", "traceback", "wait",
        "comm_id", "target_name", "execution_count", "state", "text/plain"]  # fmt: skip


@given(
    st.sampled_from(["stream", "display_data", "update_display_data", "execute_result", "error",
                     "clear_output", "comm_open", "comm_msg", "comm_close"]),
    st.dictionaries(st.sampled_from(KEYS), JSON),
)  # fmt: skip
def test_any_content_makes_valid_outputs_or_is_malformed(kind, content):
    taken, cell = outputs()
    try:
        taken.take(say(kind, **content), 10)
    except MalformedError:
        assert cell.outputs == []
    notebook = v4.new_notebook(cells=[cell])
    taken.keep_widgets()
    v4.writes(notebook)
    for output in cell.outputs:
        v4.nbbase.validate(output, "output")
