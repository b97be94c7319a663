"""What students' code names that an answer has no need of: read, never run.

It is a look at the text. Code that hides what it does is not seen, and what is seen may be
harmless; both are why it is only told to the instructor.
"""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence

from curriculum.execution import preload

_LIBRARIES = {"builtins", "copy", "functools", "inspect", "itertools", "math", "operator",
              "random", "time", "numpy", "pandas", "scipy", "sklearn", "torch", "IPython",
              "ipykernel", "curriculum"}  # fmt: skip
_OPTIONS = ("pandas.options", "torch.backends", "curriculum.widgets")
"""Attributes of these are there to be set."""
_PLAIN_TYPES = {"bool", "complex", "float", "int", "object", "str"}
"""`np.float = float` is how notebooks written for an old NumPy are kept going."""

_MEANING = {
    "looks at the code that calls it": (
        "sys._getframe", "sys._current_frames", "inspect.stack", "inspect.currentframe",
        "inspect.getouterframes", "inspect.trace", "traceback.walk_stack",
        "traceback.extract_stack", ".f_back", ".f_locals", ".f_globals", ".tb_frame", ".gi_frame",
        "._getframe",
    ),
    "looks at all objects": ("gc.get_objects", "gc.get_referrers", "gc.get_referents"),
    "follows every step of Python": (
        "sys.settrace", "sys.setprofile", "sys.monitoring", "sys.addaudithook",
        "threading.settrace", "threading.setprofile",
    ),
    "changes imports": ("sys.meta_path", "sys.path_hooks"),
    "reaches beneath Python": ("ctypes", "_ctypes", "cffi"),
    "reaches for the grader": (
        "nbgrader", "curriculum.execution", "curriculum.grading", "curriculum.sandbox",
        "curriculum.authoring",
    ),
    "reaches into the running notebook": (
        ".ast_transformers", ".input_transformers_cleanup", ".input_transformers_post",
        ".input_transformer_manager", ".set_custom_exc", ".display_pub", ".displayhook",
        ".display_formatter", ".history_manager",
    ),
    "reaches into other code": (
        ".__globals__", ".__builtins__", "__builtins__", ".__subclasses__",
    ),
}  # fmt: skip
"""What it means to name something, or anything in it; with a dot in front, of whatever object."""
_NAMED = {name: said for said, names in _MEANING.items() for name in names}
_TEXTS = ("/proc/", ".nbgrader", "nbgrader_config", "gradebook.db", "BEGIN HIDDEN")
_DECODERS = {"b64decode", "b32decode", "a85decode", "b85decode", "unhexlify", "fromhex", "decode",
             "decompress", "loads", "rot13"}  # fmt: skip
_RUNNERS = {"exec", "eval", "compile", "__import__"}
_LONGEST, _MOST = 50_000, 500_000
"""Characters of a cell, and of all of a notebook's together, that are read."""

Place = tuple[int, int, str]
"""A cell, a line of it, and what that does, as a part of a sentence."""


def named(codes: Mapping[int, str], released: Sequence[str] = ()) -> Iterator[Place]:
    """Find what looks like tampering in a student's cells.

    Parameters
    ----------
    codes : mapping
        Cell → code, in the order of the notebook.
    released : sequence of str
        Code that was handed out: what it names itself, anybody may name.
    """
    if sum(map(len, codes.values())) > _MOST:
        return
    imported, usual = _handed_out(tuple(released))
    aliases = dict(imported)
    for code in codes.values():
        aliases |= _imports(code)
    for index, code in codes.items():
        first: dict[str, int] = {}
        for line, said in _in_cell(code, aliases):
            if said not in usual:
                first[said] = min(line, first.get(said, line))
        for said, line in sorted(first.items(), key=lambda one: one[1]):
            yield index, line, said


@functools.lru_cache(maxsize=64)
def _handed_out(released: tuple[str, ...]) -> tuple[dict[str, str], set[str]]:
    """Give what the released code imports, and what it names itself."""
    aliases: dict[str, str] = {}
    for code in released:
        aliases |= _imports(code)
    return aliases, {said for code in released for _, said in _in_cell(code, aliases)}


_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python raises where a text is no code, or so deep that it can't be read."""


def _imports(code: str) -> dict[str, str]:
    try:
        with warnings.catch_warnings(action="ignore"):
            return preload.aliases([code]) if len(code) <= _LONGEST else {}
    except _UNREADABLE:
        return {}


def _in_cell(code: str, aliases: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    if len(code) > _LONGEST:
        return
    lines = code.splitlines()
    is_magic = bool(lines) and code.lstrip().startswith("%%")
    for number, line in enumerate(lines, 1):
        if is_magic or line.lstrip().startswith(("%", "!")):
            yield from ((number, f"names {text}") for text in _TEXTS if text in line)
    try:
        # Lines of magics stay as empty ones, so that numbers of lines are those of the cell.
        plain = ["" if line.lstrip().startswith(("%", "!")) else line for line in lines]
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse("\n".join(plain))
        for node in ast.walk(tree):
            for said in _in_node(node, aliases):
                yield getattr(node, "lineno", 1), said
    except _UNREADABLE:
        return


def _in_node(node: ast.AST, aliases: Mapping[str, str]) -> Iterator[str]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from _in_import(node)
    elif isinstance(node, ast.Attribute):
        yield from _in_attribute(node, aliases)
    elif isinstance(node, ast.Name):
        yield from _in_name(_resolved(node, aliases))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from (f"names {text}" for text in _TEXTS if text in node.value)
    elif isinstance(node, ast.Call):
        yield from _in_call(node, aliases)
    elif isinstance(node, ast.FunctionDef):
        if node.name == "__eq__" and _always_true(node):
            yield "defines objects that equal everything"
    elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)):
        yield from _in_assignment(node, aliases)


def _in_import(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    for name in names:
        yield from _in_name(name)


def _in_name(name: str) -> Iterator[str]:
    known = name
    while known:  # "a.b.c", "a.b", "a"
        if known in _NAMED:
            yield f"names {known}, which {_NAMED[known]}"
        known = known.rpartition(".")[0]


def _in_attribute(node: ast.Attribute, aliases: Mapping[str, str]) -> Iterator[str]:
    found = list(_in_name(_resolved(node, aliases)))
    if not found:
        found = list(_of_whatever(node.attr))
    if node.attr == "register" and getattr(node.value, "attr", "") == "events":
        found.append("names events.register, which runs code with other cells")
    yield from found


def _of_whatever(attribute: str) -> Iterator[str]:
    if f".{attribute}" in _NAMED:
        yield f"names {attribute}, which {_NAMED[f'.{attribute}']}"


def _in_call(node: ast.Call, aliases: Mapping[str, str]) -> Iterator[str]:
    called = _resolved(node.func, aliases).removeprefix("builtins.")
    if called in _RUNNERS and node.args and _decodes(node.args[0]):
        yield "runs text that it decodes first"
    if called in ("setattr", "delattr") and node.args:
        target = _resolved(node.args[0], aliases)
        if _is_library(target):
            yield f"changes {target}"
    if called == "getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
        attribute = node.args[1].value
        if isinstance(attribute, str):
            found = list(_in_name(f"{_resolved(node.args[0], aliases)}.{attribute}"))
            yield from found or _of_whatever(attribute)


def _in_assignment(
    node: ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete, aliases: Mapping[str, str]
) -> Iterator[str]:
    targets = node.targets if isinstance(node, (ast.Assign, ast.Delete)) else [node.target]
    value = None if isinstance(node, ast.Delete) else node.value
    for target in _flat(targets):
        if isinstance(target, ast.Subscript):
            if _resolved(target.value, aliases) == "sys.modules":
                yield "changes sys.modules, which changes imports"
        elif isinstance(target, ast.Attribute):
            name = _resolved(target, aliases)
            if target.attr in ("__class__", "__code__", "__bases__"):
                yield f"assigns {target.attr}"
            elif _is_library(name) and not _is_harmless(name, value, aliases):
                yield f"changes {name}"
        elif isinstance(target, ast.Name) and target.id == "__eq__" and _is_true_lambda(value):
            yield "defines objects that equal everything"


def _flat(targets: Sequence[ast.expr]) -> Iterator[ast.expr]:
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            yield from _flat(target.elts)
        else:
            yield target


def _resolved(node: ast.AST, aliases: Mapping[str, str]) -> str:
    """Give the dotted name that an expression is, imports followed; empty where it is none."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    first = aliases.get(node.id, node.id).replace(":", ".")
    return ".".join([first, *reversed(parts)])


def _is_library(name: str) -> bool:
    own = name.startswith(_OPTIONS) or not re.fullmatch(r"[A-Za-z_][\w.]{0,120}", name, re.ASCII)
    return name.partition(".")[0] in _LIBRARIES and not own


def _is_harmless(name: str, value: ast.expr | None, aliases: Mapping[str, str]) -> bool:
    """Tell whether an attribute gets what people give it: a setting, or a name of old."""
    if isinstance(value, ast.Constant):
        return True
    said = _resolved(value, aliases) if value is not None else ""
    return said in _PLAIN_TYPES or said.rpartition(".")[0] == name.rpartition(".")[0] != ""


def _decodes(node: ast.expr) -> bool:
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            called = part.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in _DECODERS:
                return True
    return False


def _always_true(function: ast.FunctionDef) -> bool:
    body = [s for s in function.body if not _is_text(s)]
    return len(body) == 1 and isinstance(body[0], ast.Return) and _is_true(body[0].value)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_true_lambda(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Lambda) and _is_true(value.body)


def _is_true(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is True
