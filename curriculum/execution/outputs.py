"""What a student's process says, made into the outputs of a cell: checked, and cut where too long.

nbclient's own client does the work, as for a cold kernel; it is given nothing but messages whose
shape was checked here.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from jupyter_client.session import Session
from nbclient import NotebookClient, output_widget
from nbformat import NotebookNode, v4

DEEPEST = 60
"""Levels of lists and dicts in a display; Jupyter's own schemas have fewer than ten."""
STREAMS = ("stdout", "stderr")


class MalformedError(ValueError):
    """A message that no kernel would send."""


class OutputWidget(output_widget.OutputWidget):
    """Takes the outputs that a widget of the notebook captures; tells it so once a cell."""

    told = True

    def sync_state(self) -> None:
        """Remember that there is something to tell."""
        self.told = False

    def tell(self) -> None:
        """Send the widget its state."""
        if not self.told:
            self.told = True
            super().sync_state()


class Outputs:
    """The outputs of a notebook's cells as its process sends them.

    Parameters
    ----------
    notebook : NotebookNode
        Gets the outputs.
    most_bytes : int
        Kept of one cell's streams, and as much of its displays, of its result and of its errors:
        so what a student prints can't push out what a test has to say.
    """

    def __init__(self, notebook: NotebookNode, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._client = NotebookClient(notebook, record_timing=False, store_widget_state=True)
        self._client.reset_execution_trackers()
        self._client.widget_registry = {"@jupyter-widgets/output": {"OutputModel": OutputWidget}}
        self._to_widgets: list[dict[str, Any]] = []
        channel = SimpleNamespace(send=self._to_widgets.append)
        kernel: Any = SimpleNamespace(session=Session(), shell_channel=channel)
        self._client.kc = kernel
        self._cell, self._index = v4.new_code_cell(), 0
        self._used: dict[str, int] = {}
        self.cut = False

    def start(self, cell: NotebookNode, index: int) -> None:
        """Begin with a cell."""
        self._cell, self._index, self._used, self.cut = cell, index, {}, False
        cell.outputs, cell.execution_count = [], None
        self._client.clear_before_next_output = False

    def take(self, message: dict[str, Any], size: int) -> None:
        """Take a message of the cell that runs now.

        Parameters
        ----------
        message : dict
            `type`, `run`, `content` and `buffers`.
        size : int
            Of all of it, in bytes.

        Raises
        ------
        MalformedError
            No kernel would send it.
        """
        kind, content = message.get("type"), message.get("content")
        if not isinstance(content, dict) or not isinstance(kind, str) or kind not in _CHECKS:
            raise MalformedError(f"a message of type {str(kind)[:40]!r}")
        # nbclient looks for some keys in messages of any kind: it gets those that were checked.
        content = {key: content[key] for key in _KEYS[kind] if key in content}
        size = max(size, _CHECKS[kind](content)) * self._times(content)
        room = self._room("result" if kind == "execute_result" else _kind(kind), size)
        if room < size:
            if kind != "stream" or room <= 0:
                return
            content = {**content, "text": content["text"][:room]}
        said = {
            "msg_type": kind,
            "header": {"msg_type": kind},
            "parent_header": {"msg_id": f"run-{message.get('run')}"},
            "metadata": {},
            "content": content,
            "buffers": _buffers(message),
        }
        try:
            self._client.process_message(said, self._cell, self._index)
        except _BAD as error:
            raise MalformedError(f"a {kind} that is not whole ({type(error).__name__})") from None

    def _times(self, content: dict[str, Any]) -> int:
        """Count the places where a display will stand: all of its name are updated."""
        name = (content.get("transient") or {}).get("display_id")
        places = self._client._display_id_map.get(name, {}) if name else {}
        return max(1, sum(map(len, places.values())))

    def unhook(self, run: int) -> None:
        """Let no widget that was made before take the outputs of a run."""
        self._client.output_hook_stack.pop(f"run-{run}", None)

    def seal(self) -> None:
        """Let no later message change what this cell shows."""
        self._client.clear_display_id_mapping(self._index)

    def stream(self, name: str, data: bytes) -> None:
        """Take what the process or a child of it wrote to a descriptor."""
        room = self._room("stream", len(data))
        text = data[: max(room, 0)].decode(errors="replace")
        if text:
            self._append_stream(name, text)

    def _append_stream(self, name: str, text: str) -> None:
        last = self._cell.outputs[-1] if self._cell.outputs else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last["text"] += text
        else:
            self._cell.outputs.append(v4.new_output("stream", name=name, text=text))

    def _room(self, kind: str, size: int) -> int:
        """Give the bytes that are left for a kind, and count these."""
        used = self._used.get(kind, 0)
        self._used[kind] = used + size
        if used + size > self.most_bytes:
            self.cut = True
        return self.most_bytes - used

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """Add an error to the cell."""
        self._cell.outputs.append(
            v4.new_output("error", ename=name, evalue=value, traceback=traceback)
        )

    def note(self, sentence: str) -> None:
        """Add a sentence below what was printed."""
        self._append_stream("stdout", f"\n[{sentence}]\n")

    def finish(self) -> None:
        """Join what came in pieces: a stream's pieces depend on time, and mean nothing."""
        texts: list[list[str]] = []
        joined: list[NotebookNode] = []
        places: list[int] = []
        for output in self._cell.outputs:
            if not (joined and _one_stream(joined[-1], output)):
                joined.append(output)
                texts.append([])
            if output.output_type == "stream":
                texts[-1].append(output["text"])
            places.append(len(joined) - 1)
        for output, pieces in zip(joined, texts, strict=True):
            if pieces:
                output["text"] = "".join(pieces)
        self._cell.outputs = joined
        for cells in self._client._display_id_map.values():
            if self._index in cells:
                cells[self._index] = [places[place] for place in cells[self._index]]

    def to_widgets(self) -> list[dict[str, Any]]:
        """Give, once, the contents of messages that a frontend would send to widgets now."""
        for widget in self._client.comm_objects.values():
            widget.tell()
        contents = [message["content"] for message in self._to_widgets]
        self._to_widgets.clear()
        return contents

    def keep_widgets(self) -> None:
        """Write the widgets' states into the notebook, as nbclient does at its end."""
        self._client.set_widgets_metadata()


def _kind(kind: str) -> str:
    if kind.startswith("comm"):
        return "comm"
    return kind if kind in ("stream", "error") else "display"


def _one_stream(first: NotebookNode, second: NotebookNode) -> bool:
    return first.output_type == second.output_type == "stream" and first.name == second.name


def _buffers(message: dict[str, Any]) -> list[bytes]:
    buffers = message.get("buffers", [])
    if not isinstance(buffers, list) or not all(isinstance(each, bytes) for each in buffers):
        raise MalformedError("a message whose buffers are no bytes")
    return buffers


# Each check gives about as many bytes as what it lets pass takes in the notebook.


def _check_stream(content: dict[str, Any]) -> int:
    if content.get("name") not in STREAMS or not isinstance(content.get("text"), str):
        raise MalformedError("a stream without a name or text")
    return 0


def _check_display(content: dict[str, Any]) -> int:
    data, metadata = content.get("data"), content.get("metadata")
    transient = content.get("transient") or {}
    if not all(isinstance(part, dict) for part in (data, metadata, transient)):
        raise MalformedError("a display without data")
    weight = sum(_weight(part) for part in (data, metadata, transient))
    if not isinstance(transient.get("display_id", ""), str | None):
        raise MalformedError("a display with a name that is no text")
    for mime, value in data.items():  # type: ignore[union-attr]
        # Of anything but JSON, the notebook's format has text alone.
        if not mime.endswith("json") and not isinstance(value, str):
            raise MalformedError(f"a display of type {mime[:40]!r} that is no text")
    return weight


def _check_result(content: dict[str, Any]) -> int:
    return _check_display(content) + _check_count(content)


def _check_count(content: dict[str, Any]) -> int:
    count = content.get("execution_count")
    if type(count) is not int or count < 0:
        raise MalformedError("a result without its number")
    return 0


def _check_error(content: dict[str, Any]) -> int:
    traceback = content.get("traceback")
    named = isinstance(content.get("ename"), str) and isinstance(content.get("evalue"), str)
    if not named or not isinstance(traceback, list):
        raise MalformedError("an error without a name")
    if not all(isinstance(line, str) for line in traceback):
        raise MalformedError("an error whose traceback is no text")
    return _weight(traceback)


def _check_comm(content: dict[str, Any]) -> int:
    if not isinstance(content.get("comm_id"), str) or not isinstance(content.get("data"), dict):
        raise MalformedError("a widget's message without its data")
    state = content["data"].get("state", {})
    if not isinstance(state, dict) or not isinstance(content.get("target_name", ""), str):
        raise MalformedError("a widget's message whose state has no names")
    return _weight(content)


def _check_clear(content: dict[str, Any]) -> int:
    if not isinstance(content.get("wait", False), bool):
        raise MalformedError("a clear_output with an odd wait")
    return 0


_BAD = (KeyError, TypeError, AttributeError, ValueError, AssertionError, IndexError, RecursionError)
_DISPLAY = ("data", "metadata", "transient")
_COMM = ("comm_id", "data", "target_name")
_KEYS = {
    "stream": ("name", "text"),
    "display_data": _DISPLAY,
    "update_display_data": _DISPLAY,
    "execute_result": (*_DISPLAY, "execution_count"),
    "execute_input": ("execution_count",),
    "error": ("ename", "evalue", "traceback"),
    "clear_output": ("wait",),
    "comm_open": _COMM,
    "comm_msg": _COMM,
    "comm_close": _COMM,
}
_CHECKS = {
    "stream": _check_stream,
    "display_data": _check_display,
    "update_display_data": _check_display,
    "execute_result": _check_result,
    "execute_input": _check_count,
    "error": _check_error,
    "clear_output": _check_clear,
    "comm_open": _check_comm,
    "comm_msg": _check_comm,
    "comm_close": _check_comm,
}


_INDENT = 10
"""Characters before what stands in a display of a notebook, each on a line of its own."""


def _weight(value: Any, depth: int = 0) -> int:
    """Check that a value is JSON, and give about as many bytes as it takes in a notebook."""
    if depth > DEEPEST:
        raise MalformedError("a message that is nested too deeply")
    line = _INDENT + depth
    if isinstance(value, str):
        return line + len(value)
    if value is None or isinstance(value, bool | int | float):
        return line
    if isinstance(value, list):
        return line + sum(_weight(each, depth + 1) for each in value)
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise MalformedError("a message that is no JSON")
    return line + sum(len(name) + _weight(each, depth + 1) for name, each in value.items())
