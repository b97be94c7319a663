"""Signs of tampering: what a student's process can be seen to do to the tools that grade it.

`Watch` looks around in the student's process after each of its cells, and `checked` reads, on the
trusted side, what it reports. A student's code can hide from it and can make it say anything: a
sign is a hint for a person to look at the code, a missing one proves nothing, and no grade depends
on either.
"""

from __future__ import annotations

import functools
import gc
import re
import signal
import sys
import sysconfig
import threading
import types
from collections.abc import Iterable, Iterator, Mapping
from operator import is_not, itemgetter
from pathlib import Path
from typing import Any

MOST = 40
"""Signs that are kept of one notebook."""

_LIBRARIES = ("builtins", "copy", "functools", "inspect", "itertools", "math", "operator",
              "random", "statistics", "sys", "time", "numpy", "pandas", "scipy", "sklearn",
              "torch", "IPython", "ipykernel", "curriculum")  # fmt: skip
"""Whose functions are looked at; of these packages, only the modules below."""
_MODULES = {
    *_LIBRARIES[:11], "numpy", "numpy.linalg", "numpy.random", "numpy.testing", "pandas",
    "pandas.testing", "scipy", "scipy.optimize", "scipy.stats", "sklearn.metrics", "torch",
    "torch.linalg", "torch.nn.functional", "torch.testing", "IPython.core.interactiveshell",
    "IPython.core.inputtransformer2",
}  # fmt: skip
_CLASSES = (("pandas", "DataFrame"), ("pandas", "Series"), ("torch", "Tensor"))
_OURS = "curriculum.checks"
_TESTING = (_OURS, "numpy.testing", "pandas.testing", "torch.testing")
"""Of these modules, a function's code is looked at as well."""
_CHANGES_BY_ITSELF = {"sys": ("last_type", "last_exc", "last_value"), "numpy": ("bool", "test")}
"""Errors are kept in `sys`; notebooks of old say `np.bool = bool`; `reload` makes tests anew."""
_PARTS = ("displayhook", "display_pub", "display_formatter", "events", "input_transformer_manager")
_SIGNALS = ("SIGINT", "SIGTERM")

KINDS = {
    "replaced": rf"({'|'.join(_LIBRARIES)})(\.[A-Za-z_][A-Za-z0-9_]{{0,60}}){{0,6}}",
    "overridden": r"[A-Za-z_][A-Za-z0-9_]{0,60}",
    "part": "|".join(_PARTS),
    "ast_transformer": "",
    "input_transformer": "",
    "exception_handler": "",
    "event": "(pre|post)_(execute|run_cell)|shell_initialized",
    "printer": "",
    "trace": "settrace|setprofile|monitoring",
    "import_hook": "meta_path|path_hooks",
    "gc_callback": "",
    "stream": "stdout|stderr",
    "signal": "|".join(_SIGNALS),
}
"""What can be seen → the names that go with it, as a pattern."""

Found = tuple[str, str]


def checked(content: Any) -> Iterator[Found]:
    """Read a report that may say anything; what is no sign is left out.

    Yields
    ------
    tuple of str
        One of `KINDS`, and a name that fits it.
    """
    said = content.get("signs") if type(content) is dict else None
    for each in said[:MOST] if type(said) is list else []:
        if type(each) is list and tuple(map(type, each)) == (str, str):
            kind, name = each
            if kind in KINDS and len(name) <= 200 and re.fullmatch(KINDS[kind], name, re.ASCII):
                yield kind, name


class Watch:
    """Remembers how a fresh kernel is, and tells what has become different.

    Parameters
    ----------
    kernel : IPythonKernel
        No code of a student has run in it.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel, self._shell = kernel, kernel.shell
        self._told: set[Found] = set()
        self._modules = {name: sys.modules[name] for name in _watched_modules()}
        self._spaces = [_Space(name, vars(module)) for name, module in self._modules.items()]
        for name, cls in self._watched_classes():
            above = {key for base in cls.__mro__[1:] for key in vars(base)}
            self._spaces.append(_Space(name, vars(cls), above))
        self._codes = list(_codes(self._modules))
        self._objects = (self._shell, kernel, kernel.session)
        self._own_names = [set(vars(one)) for one in self._objects]
        self._parts = {name: getattr(self._shell, name) for name in _PARTS}
        self._lists = {kind: list(entries) for kind, entries in self._registered()}
        self._streams = {name: getattr(sys, name) for name in ("stdout", "stderr")}

    def _watched_classes(self) -> Iterator[tuple[str, type]]:
        for module, name in _CLASSES:
            if module in sys.modules:
                yield f"{module}.{name}", getattr(sys.modules[module], name)
        for one in (self._shell, self._kernel, self._shell.display_formatter):
            for cls in type(one).__mro__:
                if cls.__module__.startswith(("IPython.", "ipykernel.", "curriculum.")):
                    yield f"{cls.__module__}.{cls.__qualname__}", cls

    def look(self, *, between: bool = False) -> list[list[str]]:
        """Give what is seen for the first time, as plain data; code of a student may stop it.

        Parameters
        ----------
        between : bool
            No cell runs now: some of the kernel is then other than after a cell.
        """
        found = []
        try:
            for sign in self._signs(between):
                if sign not in self._told:
                    self._told.add(sign)
                    found.append(list(sign))
        except Exception:
            pass  # something that is looked at was made to raise
        return found[:MOST]

    def _signs(self, between: bool) -> Iterator[Found]:
        for space in self._spaces:
            yield from space.replaced()
        for name, function, code in self._codes:
            if function.__code__ is not code:
                yield "replaced", name
        for name, module in self._modules.items():
            if sys.modules.get(name) is not module:
                yield "replaced", name
        yield from self._of_the_shell()
        yield from self._of_python(between)

    def _of_the_shell(self) -> Iterator[Found]:
        for name, part in self._parts.items():
            if getattr(self._shell, name) is not part:
                yield "part", name
        for one, own in zip(self._objects, self._own_names, strict=True):
            for name in [name for name in vars(one) if name not in own]:
                if callable(getattr(type(one), name, None)) and _is_own(vars(one)[name]):
                    yield "overridden", name
        if self._shell.custom_exceptions:
            yield "exception_handler", ""
        for kind, entries in self._registered():
            known = self._lists.get(kind, [])
            if any(not _is_in(entry, known) and _is_own(entry) for entry in entries):
                kind, _, name = kind.partition(" ")
                yield kind, name

    def _registered(self) -> Iterator[tuple[str, list]]:
        """Give the lists to which code can add itself, each with its kind and name."""
        shell = self._shell
        manager = shell.input_transformer_manager
        yield "ast_transformer", shell.ast_transformers
        yield "input_transformer", [*manager.cleanup_transforms, *manager.line_transforms,
                                    *manager.token_transformers,
                                    *shell.input_transformers_post]  # fmt: skip
        for name, callbacks in shell.events.callbacks.items():
            yield f"event {name}", callbacks
        plain = shell.display_formatter.formatters["text/plain"]
        yield "printer", [plain, *plain.type_printers.values(), *plain.singleton_printers.values()]
        yield "import_hook meta_path", sys.meta_path
        yield "import_hook path_hooks", sys.path_hooks
        yield "gc_callback", gc.callbacks

    def _of_python(self, between: bool) -> Iterator[Found]:
        for name in ("settrace", "setprofile"):
            own = getattr(sys, name.replace("set", "get"))()
            others = getattr(threading, f"_{name.removeprefix('set')}_hook", None)
            if any(hook is not None and _is_own(hook) for hook in (own, others)):
                yield "trace", name
        monitoring = getattr(sys, "monitoring", None)
        if monitoring and any(monitoring.get_tool(tool) for tool in (3, 4)):  # free for anybody
            yield "trace", "monitoring"
        for name, stream in self._streams.items():
            now = getattr(sys, name)
            if now is not stream and _is_own(now):
                yield "stream", name
        for name in _SIGNALS:
            handler = signal.getsignal(getattr(signal, name))
            ignored = handler is signal.SIG_IGN and not between
            if ignored or (callable(handler) and _is_own(handler)):
                yield "signal", name


class _Space:
    """What can be called of a module or a class, as it was; `above` are names of its bases."""

    def __init__(self, name: str, space: Mapping[str, Any], above: Iterable[str] = ()) -> None:
        self._name, self._space = name, space
        self._above, self._size = set(above) - set(space), len(space)
        changing = _CHANGES_BY_ITSELF.get(name, ())
        kept = {k: v for k, v in space.items() if _is_code(v) and k not in changing}
        self._keys, self._values = tuple(kept), tuple(kept.values())
        self._now = itemgetter(*self._keys) if len(kept) > 1 else None

    def replaced(self) -> Iterator[Found]:
        """Tell what is another object now."""
        if self._differs():
            for key, value in zip(self._keys, self._values, strict=True):
                now = self._space.get(key)
                if now is value or _is_reloaded(now, value):
                    continue
                if _is_own(now) or _package(now) in (self._name.partition(".")[0], "builtins"):
                    yield "replaced", f"{self._name}.{key}"
        if self._above and len(self._space) != self._size:
            for key in self._above.intersection(self._space):
                if _is_own(self._space[key]):
                    yield "replaced", f"{self._name}.{key}"

    def _differs(self) -> bool:
        try:  # thousands of names, so a loop of Python's own
            return self._now is None or any(map(is_not, self._now(self._space), self._values))
        except KeyError:
            return True


def _is_reloaded(now: Any, value: Any) -> bool:
    both = type(now) is type(value) is types.FunctionType
    return both and now.__code__ == value.__code__


def _is_code(value: Any) -> bool:
    return callable(value) or isinstance(value, (property, classmethod, staticmethod))


def _watched_modules() -> list[str]:
    return [n for n in sys.modules if n in _MODULES or n == _OURS or n.startswith(f"{_OURS}.")]


def _codes(modules: Mapping[str, Any]) -> Iterator[tuple[str, types.FunctionType, Any]]:
    """Give the functions that compare, whose code can be changed where they are."""
    for name, module in modules.items():
        if name.startswith(_TESTING):
            for key, value in vars(module).items():
                if type(value) is types.FunctionType:
                    yield f"{name}.{key}", value, value.__code__


def _is_in(entry: Any, entries: list) -> bool:
    return any(entry is one for one in entries)


def _code_of(value: Any) -> Any:
    """Find what was written for an object: its function, or else its class."""
    for _ in range(8):
        if isinstance(value, functools.partial):
            value = value.func
        elif isinstance(value, (types.MethodType, classmethod, staticmethod)):
            value = value.__func__
        elif isinstance(value, property):
            value = value.fget
    known = isinstance(value, (types.FunctionType, types.BuiltinFunctionType, type))
    return value if known else type(value)


def _is_own(value: Any) -> bool:
    """Tell whether something was written by the student: in a cell, or in a file beside it."""
    code = _code_of(value)
    if isinstance(code, types.FunctionType):
        return not code.__code__.co_filename.startswith(_installed())
    module = sys.modules.get(getattr(code, "__module__", None) or "builtins")
    path = getattr(module, "__file__", None)
    if path is None:
        return getattr(module, "__name__", "__main__") == "__main__"
    return not path.startswith(_installed())


def _package(value: Any) -> str:
    """Give the package that something is of; a library may replace what is another's."""
    name = getattr(_code_of(value), "__module__", None) or "builtins"
    return str(name).partition(".")[0]


@functools.cache
def _installed() -> tuple[str, ...]:
    """Give the beginnings of the paths of all code that is not the student's."""
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders.add(str(Path(__file__).parents[1]))
    return (*(f"{folder}/" for folder in folders), "<frozen ", "<__array_function__", "<decorator")
