"""What looks like tampering is seen in the student's process, and a lie about it harms nothing."""

import nbformat
import numpy as np
import pytest
from nbformat import v4
from test_split import run, texts

from curriculum import execution
from curriculum.execution import signs
from curriculum.execution.job import Ran, Sign

sandbox = pytest.mark.sandbox


@pytest.fixture(scope="module", autouse=True)
def _one_zygote():
    yield
    execution.close()


SEEN = [
    ("np.allclose = lambda *a, **k: True", "replaced", "numpy.allclose"),
    ("del np.isclose", "replaced", "numpy.isclose"),
    ("np.linalg.norm = sum", "replaced", "numpy.linalg.norm"),
    ("import builtins\nbuiltins.sum = lambda numbers: 1", "replaced", "builtins.sum"),
    ("checks.close = lambda *a, **k: None", "replaced", "curriculum.checks.close"),
    (
        "def passes(*a, **k): pass\nchecks.equal.__code__ = passes.__code__",
        "replaced",
        "curriculum.checks.equal",
    ),
    ("import random\nrandom.random = random.uniform", "replaced", "random.random"),
    (
        "import sys\nsys.modules['numpy.linalg'] = type(sys)('numpy.linalg')",
        "replaced",
        "numpy.linalg",
    ),
    ("type(get_ipython()).showtraceback = lambda *a, **k: None", "replaced", None),
    ("get_ipython().showtraceback = lambda *a, **k: None", "overridden", "showtraceback"),
    (
        "class Hook(type(get_ipython().displayhook)): pass\n"
        "get_ipython().displayhook = Hook(shell=get_ipython())",
        "part",
        "displayhook",
    ),
    (
        "import ast\nclass Drop(ast.NodeTransformer): pass\n"
        "get_ipython().ast_transformers.append(Drop())",
        "ast_transformer",
        "",
    ),
    (
        "get_ipython().input_transformers_post.append(lambda lines: lines)",
        "input_transformer",
        "",
    ),
    (
        "get_ipython().set_custom_exc((ValueError,), lambda *a, **k: None)",
        "exception_handler",
        "",
    ),
    (
        "get_ipython().events.register('pre_run_cell', lambda info: None)",
        "event",
        "pre_run_cell",
    ),
    (
        "plain = get_ipython().display_formatter.formatters['text/plain']\n"
        "before = plain.for_type(int, lambda number, p, cycle: p.text('9'))",
        "printer",
        "",
    ),
    ("import sys\nsys.settrace(lambda *a: None)", "trace", "settrace"),
    ("sys.settrace(None)\nsys.setprofile(lambda *a: None)", "trace", "setprofile"),
    (
        "sys.setprofile(None)\nclass Finder:\n    def find_spec(self, *a): return None\n"
        "sys.meta_path.insert(0, Finder())",
        "import_hook",
        "meta_path",
    ),
    ("import gc\ngc.callbacks.append(lambda *a: None)", "gc_callback", ""),
    (
        "class Mute:\n    def write(self, text): return 0\n    def flush(self): pass\n"
        "stdout, sys.stdout = sys.stdout, Mute()",
        "stream",
        "stdout",
    ),
    (
        "sys.stdout = stdout\nimport signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)",
        "signal",
        "SIGINT",
    ),
]


@sandbox
@pytest.mark.parametrize("apart", [True, False])
def test_each_sign_is_seen_once_and_where_it_was_made(apart):
    cells = [cell for code, _, _ in SEEN for cell in (code, ("1",))]
    _, ran = run(*cells, apart=apart)
    seen = [((sign.cell - 1) / 2, sign.kind, sign.name) for sign in ran.signs]
    for number, (_, kind, name) in enumerate(SEEN):
        here = [(k, n) for cell, k, n in seen if cell == number]
        assert {k for k, _ in here} == {kind}, (number, here)
        assert name is None or name in [n for _, n in here]
    assert len(seen) == len(set(seen))
    assert ran.stops == ()
    assert Ran.from_bytes(ran.to_bytes()) == ran


USUAL = """\
import matplotlib.pyplot as plt, pandas as pd, warnings, logging, sys, io, contextlib, signal
%matplotlib inline
%load_ext autoreload
%autoreload 2
%precision 3
%xmode Plain
%time sum(range(10))
fig, ax = plt.subplots(); ax.plot([1, 2]); plt.show()
pd.options.display.max_rows = 5
pd.set_option('display.precision', 2)
pd.DataFrame({'a': [1.5]}).describe()

%%capture kept
print(1)

%%timeit -n 1 -r 1
sum(range(10))

np.bool = bool
np.random.seed(0)
np.set_printoptions(precision=3)
logging.captureWarnings(True)
warnings.simplefilter('ignore')
sum = 3
print = lambda *a: None
allclose = np.allclose

with contextlib.redirect_stdout(io.StringIO()) as out:
    print('kept')
stdout = sys.stdout
sys.stdout = io.StringIO()

1 / 0

def f(:

import cProfile
profile = cProfile.Profile()
profile.runcall(sorted, [2, 1])
import asyncio
await asyncio.sleep(0)

class Same:
    def __eq__(self, other):
        return True
sys.stdout = stdout

import unittest.mock
with unittest.mock.patch('numpy.allclose'):
    pass

import threading, multiprocessing
threading.Thread(target=len, args=([],)).start()
from IPython.core.magic import register_line_magic
@register_line_magic
def shout(line): return line.upper()

%shout quietly
"""


@sandbox
def test_what_people_do_in_notebooks_is_no_sign():
    cells, ran = run(*USUAL.split("\n\n"), ("1",))
    failed = [cell.source for cell in cells for o in cell.outputs if o.output_type == "error"]
    assert failed == ["1 / 0", "def f(:"]
    assert ran.signs == ()


@sandbox
@pytest.mark.parametrize("apart", [True, False])
def test_what_a_test_makes_an_answer_do_is_seen_at_the_end(apart):
    answer = "def f():\n    np.allclose = lambda *a: True\n    return 1"
    cells, ran = run(answer, ("f()",), apart=apart)
    assert texts(cells[1]) == ["1"]
    assert ran.signs == (Sign(2, "replaced", "numpy.allclose"),)


@sandbox
@pytest.mark.parametrize("apart", [True, False])
def test_what_a_test_makes_an_answer_do_is_not_put_on_the_next_answer(apart):
    answer = "def f():\n    np.allclose = lambda *a: True\n    return 1"
    _, ran = run(answer, ("f()",), "np.isclose = max", apart=apart)
    assert ran.signs == (
        Sign(2, "replaced", "numpy.allclose"),
        Sign(3, "replaced", "numpy.isclose"),
    )


SAY = """\
kernel = get_ipython().kernel
def say(content, kind="signs", later=0):
    run = kernel.get_parent()["header"]["run"]
    kernel.session.wire.send({"type": kind, "run": run + later, "content": content, "buffers": []})
"""

NONSENSE = [
    "None",
    "[]",
    "{'signs': None}",
    "{'signs': {}}",
    "{'signs': 'replaced'}",
    "{'signs': [None, 1, [], [1, 2], ['replaced'], ['replaced', 'numpy', 3], [['replaced'], 'x']]}",
    "{'signs': [['no such kind', ''], ['replaced', ''], ['replaced', 'numpy.' + 'x' * 1000]]}",
    "{'signs': [['replaced', 'numpy.<script>'], ['replaced', 'mine.allclose'], ['trace', 'x']]}",
    "{'signs': [['replaced', 'numpy.allclose\\n'], ['event', 'post_run_cell\\n# Full marks']]}",
    "{'signs': [['replaced', 'numpy.\\u0430llclose'], ['ast_transformer', 'x']]}",
    "{'signs': [['replaced', b'numpy.allclose'], [b'trace', 'settrace'], [True, False]]}",
    "{'signs': [[[[[[]]]]]] * 1000}",
]


@sandbox
def test_a_report_of_nonsense_says_nothing_and_harms_nothing():
    lines = "\n".join(f"say({content})" for content in NONSENSE)
    cells, ran = run(SAY, f"{lines}\n'on'", ("'graded'",))
    assert ran.signs == ()
    assert ran.stops == ()
    assert [texts(cell) for cell in cells] == [[], ["'on'"], ["'graded'"]]


@sandbox
def test_a_report_is_cut_and_belongs_to_the_cell_that_sent_it():
    flood = "say({'signs': [['replaced', f'numpy.f{n}'] for n in range(100_000)], 'cell': 0})"
    again = "for n in range(300): say({'signs': [['replaced', f'numpy.g{n}']]})"
    _, ran = run(SAY, flood, again, "say({'signs': [['trace', 'settrace']]}, later=-2)")
    assert len(ran.signs) == signs.MOST
    assert {sign.cell for sign in ran.signs} == {2}
    assert ran.stops == ()


@sandbox
def test_nothing_but_signs_is_heard_when_the_cells_are_over():
    """The test is the last cell: what its process is asked for then can't become its result."""
    result = "{'data': {'text/plain': '100'}, 'metadata': {}, 'execution_count': 9}"
    evil = (
        f"def f():\n    return 1\n"
        f"def look(**_):\n"
        f"    kernel.session.wire.send({{'type': 'execute_result', 'run': 4, 'buffers': [],\n"
        f"                               'content': {result}}})\n"
        f"    kernel.session.wire.send({{'type': 'stream', 'run': 4, 'buffers': [],\n"
        f"                               'content': {{'name': 'stdout', 'text': 'heard'}}}})\n"
        f"    return [['trace', 'settrace']]\n"
        f"kernel = get_ipython().kernel\n"
        f"side = kernel.after_cell.__self__\n"
        f"side._watch.look, report = look, side._report\n"
        f"side._report = lambda *said, **how: (report(*said, **how), look())\n"
    )
    for apart in (True, False):
        cells, ran = run(evil, ("f()",), apart=apart)
        assert texts(cells[1]) == ["1"]
        assert "heard" not in str([cell.outputs for cell in cells])
        assert ("trace", "settrace") in [(sign.kind, sign.name) for sign in ran.signs]


@sandbox
def test_a_process_that_does_not_say_anything_any_more_holds_nothing_up():
    mute = "kernel = get_ipython().kernel\nside = kernel.after_cell.__self__\nside._report = print"
    cells, ran = run(mute, ("1",))
    assert texts(cells[1]) == ["1"]
    assert ran.stops == ()
    stuck = "import time\nside._watch.look = lambda **_: time.sleep(600)"
    cells, ran = run(f"{mute}\n{stuck}\nkernel.after_cell = None", ("1",))
    assert texts(cells[1]) == ["1"]
    assert ran.facts["seconds"] < 60


def test_a_library_that_replaces_what_is_another_s_is_no_sign():
    """PyTorch does so with `inspect.getfile` when it is imported."""
    space = {"mean": np.mean, "kept": np.sum}
    kept = signs._Space("numpy", space)
    assert list(kept.replaced()) == []
    space["mean"] = nbformat.reads
    assert list(kept.replaced()) == []
    for value in (np.median, max, lambda numbers: 0):
        space["mean"] = value
        assert list(kept.replaced()) == [("replaced", "numpy.mean")]
    del space["mean"]
    assert list(kept.replaced()) == [("replaced", "numpy.mean")]


@pytest.mark.parametrize("content", [None, 3, "x", [], {}, {"signs": 5}, {"signs": [[1]]}])
def test_what_is_no_report_has_no_signs(content):
    assert list(signs.checked(content)) == []


def test_every_kind_has_names_that_fit_and_others_that_do_not():
    right = {"signs": [[kind, name or "numpy.f"] for _, kind, name in SEEN if name]}
    assert [list(sign) for sign in signs.checked(right)] == right["signs"]
    wrong = {"signs": [[kind, "</textarea><script>"] for kind in signs.KINDS]}
    assert list(signs.checked(wrong)) == []


def test_a_notebook_that_was_run_elsewhere_keeps_its_signs():
    notebook = v4.writes(v4.new_notebook()).encode()
    ran = Ran(notebook, signs=(Sign(3, "trace", "settrace"),))
    again = Ran.from_bytes(ran.to_bytes())
    assert again == ran
    assert nbformat.reads(again.notebook.decode(), 4).cells == []
