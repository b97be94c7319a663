"""The inside of a sandboxed kernel: what runs, shut in, just before the kernel does.

As a script, with a socket for its standard output, it becomes the kernel's own program. Called in
a fork of a warm process, it becomes an ipykernel. No student's code has run in it until then, so
what it says over the socket can be believed; after that, nothing is said over it.

It imports nothing but what comes with Python, and looks for nothing beside the notebook.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import shutil
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

FAILED = 97
"""Exit status where the kernel could not be started; why was said over the socket."""
CONNECTION = "kernel.json"
SOCKETS = "k"
"""In the folder of a kernel: the name of its connection file, and what its sockets' begin with."""

_SIZE = struct.Struct(">I")
_PIECE = 1 << 16


def main() -> NoReturn:
    """Take the socket from where it is handed over, and go on."""
    sock = socket.socket(fileno=os.dup(1))
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    serve(sock)


def serve(sock: socket.socket) -> NoReturn:
    """Become the kernel that is asked for over a socket.

    Parameters
    ----------
    sock : socket
        Gives, in JSON behind its length: `argv`, or none for an ipykernel in this very process;
        `environment`; `folder`, to be made, for the sockets; `connection`, for the connection file
        within; `files`, names and sizes of what is to stand beside the notebook, whose contents
        follow. Is told the process and given the folder, or told why it could not be done.
    """
    try:
        asked = _receive(sock)
        _take_files(sock, asked["files"])
        argv, variables = asked["argv"], asked["environment"]
        connection = _make_folder(Path(asked["folder"]), asked["connection"])
        if argv and shutil.which(argv[0], path=variables.get("PATH")) is None:
            raise FileNotFoundError(2, "there is no such program in the sandbox", argv[0])
        _let_zeromq_live()
        _hand_over(sock, asked["folder"])
        if argv:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, others die of it
            os.execvpe(argv[0], argv, variables)
        os.environ.update(variables)
        serve_ipykernel(connection, asked["arguments"])
    except BaseException as error:
        _complain(sock, error)
    finally:
        os._exit(FAILED)


def _receive(sock: socket.socket) -> Any:
    (size,) = _SIZE.unpack(_exactly(sock, _SIZE.size))
    return json.loads(_exactly(sock, size))


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(min(size - len(data), _PIECE))
        if not piece:
            raise EOFError("nobody asks for it any more")
        data += piece
    return bytes(data)


def _take_files(sock: socket.socket, files: list[list[Any]]) -> None:
    """Write what was handed in into the current folder."""
    for name, size in files:
        path = Path(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"a file named {name!r} can't stand beside a notebook")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            while size:
                size -= file.write(_exactly(sock, min(size, _PIECE)))


def _make_folder(folder: Path, connection: dict[str, Any]) -> str:
    folder.mkdir(mode=0o700)
    path = folder / CONNECTION
    path.touch(mode=0o600)
    path.write_text(json.dumps(connection))
    return str(path)


def _hand_over(sock: socket.socket, folder: str) -> None:
    """Say who will be the kernel, and give the folder itself, whatever its name will lead to."""
    said = json.dumps({"pid": os.getpid()}).encode()
    handle = os.open(folder, getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY)
    socket.send_fds(sock, [said], [handle])
    os.close(handle)
    sock.close()


_SOCKET = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""Machine → its number for seccomp, and its number of the call `socket`."""
_AF_NETLINK = 16


def _let_zeromq_live() -> None:
    """Refuse to talk about networks with an error that ZeroMQ has reckoned with.

    ipykernel binds a port of the machine, for what processes print that a cell forks. ZeroMQ then
    asks which networks there are, and where it may not ask it ends the process, unless the error is
    this one. Of two filters that refuse a call, the later one's error is given.
    """
    if platform.machine() not in _SOCKET or not sys.platform.startswith("linux"):
        return
    try:
        socket.socket(_AF_NETLINK).close()
        return
    except OSError:
        pass
    machine, call = _SOCKET[platform.machine()]
    load, equal, give = 0x20, 0x15, 0x06  # instructions of the filter
    program = b"".join(
        struct.pack("=HBBI", code, 0, otherwise, value)
        for code, otherwise, value in (
            (load, 0, 4),
            (equal, 5, machine),
            (load, 0, 0),
            (equal, 3, call),
            (load, 0, 16),
            (equal, 1, _AF_NETLINK),
            (give, 0, 0x00050000 | errno.EOPNOTSUPP),
            (give, 0, 0x7FFF0000),
        )
    )
    kept = ctypes.create_string_buffer(program, len(program))
    filters = struct.pack("@HP", len(program) // 8, ctypes.addressof(kept))
    set_seccomp, with_filter = 22, 2
    ctypes.CDLL(None).prctl(set_seccomp, with_filter, filters, 0, 0)


def _complain(sock: socket.socket, error: BaseException) -> None:
    why = f"{type(error).__name__}: {error}"
    if isinstance(error, OSError) and error.strerror:
        why = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    try:
        sock.send(json.dumps({"error": why}).encode())
    except OSError:  # the socket is closed: the kernel was about to start
        os.write(2, f"{why}\n".encode(errors="replace"))


def serve_ipykernel(connection_file: str, arguments: Sequence[str] = ()) -> NoReturn:
    """Be an ipykernel until it is shut down, in a process that was forked from a warm one.

    Parameters
    ----------
    connection_file : str
        As jupyter_client writes it.
    arguments : sequence of str
        More of what a command line of ipykernel may hold.
    """
    _forget_the_parents()
    from ipykernel.kernelapp import IPKernelApp

    # What the kernel's command line would be, for code that looks at it.
    sys.argv[:] = ["ipykernel_launcher.py", "-f", connection_file, *arguments]
    app = IPKernelApp.instance()
    app.initialize(sys.argv[1:])
    _look_beside_the_notebook()
    backend = sys.modules.get("matplotlib_inline.backend_inline")
    if backend:  # imported before there was a kernel whose cells it could end with figures
        backend._enable_matplotlib_integration()
    try:
        app.start()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        app.close()
        os._exit(0)


def _forget_the_parents() -> None:
    """Let go of what the warm process had one of, and a kernel makes for itself."""
    import asyncio

    import zmq
    from ipykernel.kernelapp import IPKernelApp
    from ipykernel.kernelbase import Kernel
    from IPython.core.interactiveshell import InteractiveShell

    for kind in (IPKernelApp, Kernel, InteractiveShell):
        for each in _with_subclasses(kind):
            each.clear_instance()
    zmq.Context._instance = None
    asyncio.set_event_loop(None)
    # The kernel puts its own in front of these, and looks at their descriptors for it.
    for number, (name, mode) in enumerate([("stdin", "r"), ("stdout", "w"), ("stderr", "w")]):
        stream = os.fdopen(number, mode, closefd=False)
        vars(sys).update({name: stream, f"__{name}__": stream})


def _look_beside_the_notebook() -> None:
    """Let modules be found where IPython lets them be, but for a Python that was told not to."""
    if "" not in sys.path:
        names = [os.path.basename(path) for path in sys.path]  # noqa: PTH119
        sys.path.insert(names.index("site-packages") if "site-packages" in names else 0, "")


def _with_subclasses(kind: Any) -> list[Any]:
    return [kind, *(below for each in kind.__subclasses__() for below in _with_subclasses(each))]


if __name__ == "__main__":
    main()
