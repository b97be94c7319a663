"""Nothing that reads or writes objects of any class stands near what decides or stores."""

import ast

import pytest
from course import ROOT

ROOMS = ("execution", "grading", "sandbox")
FILES = sorted(path for room in ROOMS for path in (ROOT / "curriculum" / room).rglob("*.py"))

MODULES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "marshal", "shelve", "copyreg",
           "joblib", "pickletools"}  # fmt: skip
NAMES = {"eval", "exec", "compile", "__import__"}
ATTRIBUTES = {"read_pickle", "to_pickle", "allow_pickle", "weights_only", "__reduce__",
              "__reduce_ex__", "__setstate__", "fromfile", "literal_eval", "recv_pyobj",
              "send_pyobj"}  # fmt: skip
LOADERS = {("torch", "load"), ("np", "load"), ("numpy", "load"), ("yaml", "load")}

ALLOWED = {
    ("workers.py", "Process"): "hands a new worker the warm process's socket, before it has run"
    " anything; jobs and answers are bytes",
    ("sides.py", "exec"): "runs what the course defines, and that in the student's process",
    ("sides.py", "compile"): "the same",
}
"""File and name → why it may stand there."""


def offences(tree):
    """Name what reads or writes objects of any class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").split(".")[0] in MODULES:
                yield node.module
            yield from (each.name for each in node.names if each.name in MODULES | ATTRIBUTES)
        elif isinstance(node, ast.Name) and node.id in NAMES:
            yield node.id
        elif isinstance(node, ast.keyword) and node.arg in ATTRIBUTES:
            yield node.arg
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in ATTRIBUTES or (owner, node.attr) in LOADERS:
                yield node.attr
        elif isinstance(node, ast.Call):
            yield from _pickling_calls(node)


def _pickling_calls(call):
    """Name calls of `multiprocessing` that pickle: it has `recv_bytes` and `send_bytes` too."""
    if not isinstance(call.func, ast.Attribute):
        return
    name, owner = call.func.attr, ast.unparse(call.func.value)
    if name == "recv" and not call.args:  # a socket's has a size
        yield "recv"
    elif name == "send" and "connection" in owner.lower():
        yield "send"
    elif name in ("Process", "Queue", "SimpleQueue", "Manager", "Pool") and owner not in (
        "queue",
        "psutil",
    ):
        yield name


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_object_of_any_class_is_read_or_written(path):
    found = set(offences(ast.parse(path.read_text())))
    assert {name for name in found if (path.name, name) not in ALLOWED} == set()


@pytest.mark.parametrize(
    "code",
    [
        "import pickle", "from dill import loads", "import a, marshal", "eval('1')", "exec(code)",
        "pd.read_pickle(f)", "np.load(f, allow_pickle=True)", "torch.load(f)", "connection.recv()",
        "self._connection.send(x)", "multiprocessing.Queue()", "pool.Pool(2)",
        "def f(x):\n    return x.__reduce__()", "from pandas import read_pickle",
    ],
)  # fmt: skip
def test_each_of_them_is_found(code):
    assert list(offences(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    ["sock.recv(5)", "connection.recv_bytes()", "sender.send(x)", "queue.SimpleQueue()",
     "json.loads(x)", "re.compile(x)", "psutil.Process(1)"],
)  # fmt: skip
def test_nothing_else_is(code):
    assert not list(offences(ast.parse(code)))


def test_nothing_is_allowed_that_is_not_there():
    there = {(path.name, name) for path in FILES for name in offences(ast.parse(path.read_text()))}
    assert there >= set(ALLOWED)
