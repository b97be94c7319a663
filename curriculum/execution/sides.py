"""The two processes of a notebook that is graded: the student's, and the tests'.

The student's runs every cell that the student could write, and answers what the tests' asks of the
objects in it. The tests' runs test cells, and never a line that a student wrote.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import inspect
import io
import os
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from curriculum.execution import chance, kernels_inside, names, raised, shell, values, wire
from curriculum.execution.handles import Theirs
from curriculum.execution.peer import GoneError, Peer
from curriculum.execution.shell import Inbox, WireKernel
from curriculum.execution.signs import Watch

KEPT = 100_000
"""Characters of what a function printed while a test called it."""
WARNED = 50


def serve_student(kernel: WireKernel, sock: socket.socket) -> None:
    """Be the student's side until the wire is closed."""
    side = _Student(kernel, Inbox(sock))
    shell.serve(kernel, sock, side.inbox, side.answer)


def serve_tests(kernel: WireKernel, sock: socket.socket) -> None:
    """Be the tests' side until the wire is closed."""
    side = _Tests(kernel, Inbox(sock))
    _show_tests_alone(kernel)
    shell.serve(kernel, sock, side.inbox, side.answer)


class _Student:
    def __init__(self, kernel: WireKernel, inbox: Inbox) -> None:
        self.kernel, self.inbox = kernel, inbox
        self._wire = shell.sender(kernel)
        self.peer = Peer(self._wire.send, inbox.take, trusted=False, names=self._names())
        self._run, self._asked, self._look = 0, False, False
        self._watch = Watch(kernel)
        self._given: dict[str, Any] = {}
        kernel.after_cell = self._after_cell

    def _names(self) -> Callable[[str], Any]:
        shell: Any = self.kernel.shell
        user_ns = shell.user_ns

        def find(name: str) -> Any:
            return [user_ns[name]] if name in user_ns else []

        return find

    async def answer(self, kernel: WireKernel, message: dict[str, Any]) -> None:
        if message["type"] == "look":
            self._report(message["run"], self._watch.look(between=True))
            return
        if message["type"] == "given":
            self._define(message["code"], message["imports"])
            return
        if message["type"] != "ask":
            self._run, self._look = message["run"], message.get("look") is True
            if self._asked:
                self._asked = False
                self._report(self._run, self._watch.look(between=True), before=True)
            await shell.answer(kernel, message)
            return
        self._asked = True
        shell.begin(kernel, message)
        kernel.pre_handler_hook()
        said = _Said()
        try:
            with said:
                answer = self.peer.answer(message)
        except KeyboardInterrupt:  # between two steps of answering
            answer = {"type": "answer", "error": ["KeyboardInterrupt", "", "", 0]}
        finally:
            kernel.post_handler_hook()
        self._wire.send({**answer, "said": said.plain(), "id": message.get("id")})

    def _define(self, code: str, imports: dict[str, str]) -> None:
        """Define what test cells above define where it can be read, and where nothing else is."""
        shell: Any = self.kernel.shell
        space = self._given
        with contextlib.suppress(Exception), chance.undrawn():
            for name in names.used(code):
                if name in imports:
                    space[name] = imported(imports[name])
            exec(compile(code, "<test>", "exec"), space)
        for name in names.defined(code) & space.keys() - shell.user_ns.keys():
            shell.user_ns[name] = space[name]

    def _after_cell(self) -> None:
        found = self._watch.look() if self._look else []
        if found:
            self._report(self._run, found)

    def _report(self, run: int, found: list[list[str]], before: bool = False) -> None:
        content = {"signs": found, "before": before}
        self._wire.send({"type": "signs", "run": run, "content": content})


class _Said:
    """Keeps what is printed and warned of, for the test to see as if it had happened there."""

    def __enter__(self) -> _Said:
        self._out, self._err = _Tape(1), _Tape(2)
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(contextlib.redirect_stdout(self._out))
        self._stack.enter_context(contextlib.redirect_stderr(self._err))
        recorded = self._stack.enter_context(warnings.catch_warnings(record=True))
        self._warned = [] if recorded is None else recorded
        # The test decides what is shown of a warning; that it is an error, the student may decide.
        shown: list[Any] = [
            rule if rule[0] == "error" else ("default", *rule[1:]) for rule in warnings.filters
        ]
        warnings.filters[:] = shown  # type: ignore[index]
        warnings.simplefilter("default", append=True)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def plain(self) -> list:
        """Give it as plain data."""
        warned = [
            [warning.category.__name__, str(warning.message)[:2000], warning.lineno]
            for warning in self._warned[:WARNED]
        ]
        return [self._out.getvalue(), self._err.getvalue(), warned]


class _Tape(io.StringIO):
    """Remembers the first characters only; what other programs write goes to a descriptor."""

    encoding = "UTF-8"

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def fileno(self) -> int:
        return self._number

    def write(self, text: str) -> int:
        room = KEPT - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


class _Tests:
    def __init__(self, kernel: WireKernel, inbox: Inbox) -> None:
        self.kernel, self.inbox = kernel, inbox
        self._wire = shell.sender(kernel)
        self._run = self._count = 0
        self._open: list[int] = []
        self.peer = Peer(self._ask, self._receive, trusted=True)
        self._clock = _Clock(self.peer)

    def _ask(self, message: dict[str, Any]) -> None:
        if message["type"] == "ask":
            self._count += 1
            self._open.append(self._count)
            message["id"] = self._count
        self._wire.send({**message, "run": self._run})

    def _receive(self) -> dict[str, Any]:
        while True:
            message = self.inbox.take()
            if message["type"] == "answer":
                if not self._open or message.get("id") not in (None, self._open[-1]):
                    continue  # to a question whose test was stopped
                self._open.pop()
            if message.get("gone"):
                raise GoneError("The kernel has ended, and with it everything it had computed.")
            if "said" in message:
                _say(message["said"])
            return message

    async def answer(self, kernel: WireKernel, message: dict[str, Any]) -> None:
        if message["type"] != "execute_request":
            return
        self._run, self._open = message["run"], []
        shell.begin(kernel, message)
        with self._named(message), self._clock:
            await shell.answer(kernel, message)

    @contextlib.contextmanager
    def _named(self, message: dict[str, Any]) -> Iterator[None]:
        """Let the names that a cell uses mean what they mean in the notebook."""
        shell: Any = self.kernel.shell
        user_ns = shell.user_ns
        before = set(user_ns)
        code = shell.transform_cell(message["content"]["code"])
        borrowed = {}
        for name in names.used(code):
            if name in user_ns or hasattr(builtins, name):
                continue
            found = self._find(name, message["imports"])
            if found:
                user_ns[name] = borrowed[name] = found[0]
        try:
            yield
        finally:
            # What the cell made of a name itself is the tests' own from now on.
            for name, value in borrowed.items():
                if name not in before and user_ns.get(name) is value:
                    del user_ns[name]

    def _find(self, name: str, imports: dict[str, str]) -> list:
        if name in imports:
            with contextlib.suppress(Exception):
                return [imported(imports[name])]
            return []
        try:
            found = self.peer.ask({"do": "name", "name": name})
        except Exception:
            return []
        if type(found) is not list or len(found) != 1:
            return []
        if type(found[0]) is values.Module:
            with contextlib.suppress(Exception):
                return [importlib.import_module(found[0].name)]
            return []
        return found


def _show_tests_alone(kernel: WireKernel) -> None:
    """Show of an error where in the test it came from, and nothing of this package.

    To format code of a long file takes longer than most tests do.
    """
    shell: Any = kernel.shell
    formatter, compiler = shell.InteractiveTB, shell.compile
    formatted, cached = formatter.structured_traceback, compiler.cache

    def shortened(etype: Any, error: Any = None, trace: Any = None, *args: Any, **more: Any) -> Any:
        raised.without_carriers(error)
        return formatted(etype, error, trace, *args, **more)

    def known(*args: Any, **more: Any) -> str:
        # Otherwise each frame of a cell is looked for among the files of all modules.
        name = cached(*args, **more)
        vars(inspect)["modulesbyfile"][name] = "__main__"
        return name

    formatter.structured_traceback, compiler.cache = shortened, known


def imported(what: str) -> Any:
    """Import `"a.b"`, or `"a:b"` for `from a import b`."""
    module, _, attribute = what.partition(":")
    found = importlib.import_module(module)
    if not attribute:
        return found
    with contextlib.suppress(AttributeError):
        return getattr(found, attribute)
    return importlib.import_module(f"{module}.{attribute}")


def _say(said: Any) -> None:
    """Print and warn here of what was printed and warned of there."""
    if type(said) is not list or len(said) != 3:
        return
    out, err, warned = said
    for stream, text in ((sys.stdout, out), (sys.stderr, err)):
        if type(text) is str and text:
            stream.write(text[:KEPT])
    for each in warned[:WARNED] if type(warned) is list else []:
        if type(each) is list and tuple(map(type, each)) == (str, str, int):
            name, text, line = each
            line = min(max(line, 0), 1 << 30)
            warnings.warn_explicit(text[:2000], _category(name), "your code", line)


def _category(name: str) -> type[Warning]:
    known = getattr(builtins, name, None)
    if isinstance(known, type) and issubclass(known, Warning):
        return known
    safe = name[:80] if name.isidentifier() else "UserWarning"
    return type(safe, (UserWarning,), {})


class _Clock:
    """Measures functions of the other side by the processor time that they take there."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def __enter__(self) -> None:
        from curriculum import checks

        self._restore = checks.use_timer(self._time)

    def __exit__(self, *exc_info: object) -> None:
        self._restore()

    def _time(self, f: Callable[..., Any], args: tuple[Any, ...]) -> float:
        """Call once; what carrying arguments and answers takes is measured here and taken off."""
        peer, before = self._peer, self._peer.calls
        peer.seconds, peer.timed = 0.0, True
        start = time.process_time()
        try:
            result: Any = None
            if type(f) is Theirs:
                peer.run(f, args)
            else:
                result = f(*args)
        finally:
            peer.timed = False
        here = time.process_time() - start
        if peer.calls == before:
            return here
        carried = (args,) if type(f) is Theirs else (args, result)
        # An estimate a little too high must not make a small size look like no work at all.
        return max(peer.seconds - _carrying(carried), peer.seconds / 10)


def _carrying(carried: tuple[Any, ...]) -> float:
    """Measure what it takes to read values that come and to write those that go."""
    start = time.process_time()
    try:
        data = [wire.pack(values.encode(value, _as_nothing)) for value in carried]
        values.decode(wire.unpack(data[0], most_items=None), _as_nothing)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return time.process_time() - start


def _as_nothing(value: Any) -> Any:
    return None


def serve(role: str, sock: socket.socket, complaints: int) -> None:
    """Make a kernel and be one of the sides, or be an ipykernel with Jupyter's own sockets.

    Until the kernel is ready, no foreign code has run here.
    """
    if role == "ipykernel":
        os.close(complaints)
        kernels_inside.serve(sock)
        return
    kernel = shell.make_kernel(wire.Sender(sock))
    os.close(complaints)
    {"student": serve_student, "tests": serve_tests}[role](kernel, sock)
    os._exit(0)
