"""Test cells run where no line of the student's does, and say the same as in one process."""

import nbformat
import pytest
from nbformat import v4

from curriculum import execution
from curriculum.execution import Job, preload
from curriculum.sandbox.limits import Limits, sentence

pytestmark = pytest.mark.sandbox

LIMITS = Limits(cell_seconds=8, call_seconds=2, memory_mb=400)


@pytest.fixture(scope="module", autouse=True)
def _one_zygote():
    yield
    execution.close()


def test_cell(code, number=0):
    meta = {"grade_id": f"t{number}", "grade": True, "solution": False, "locked": True, "points": 1}
    return v4.new_code_cell(code, metadata={"nbgrader": meta})


test_cell.__test__ = False
IMPORTS = "import numpy as np\nfrom curriculum import checks"


def run(*cells, limits=LIMITS, apart=True, before=IMPORTS, attributes=None):
    """Run cells; a tuple of one is a test cell."""
    written = [v4.new_code_cell(before)]
    for number, cell in enumerate(cells):
        code = cell[0] if isinstance(cell, tuple) else cell
        written.append(test_cell(code, number) if code is not cell else v4.new_code_cell(code))
    ids = tuple(f"t{n}" for n, cell in enumerate(cells) if isinstance(cell, tuple))
    job = Job(
        "test",
        v4.writes(v4.new_notebook(cells=written)).encode(),
        limits=limits,
        preload=("numpy", "curriculum:checks"),
        apart=ids if apart else (),
        imports=preload.aliases([before]),
        attributes=attributes or {},
    )
    ran = execution.execute(job)
    assert "again" not in ran.facts, ran.facts
    return nbformat.reads(ran.notebook.decode(), 4).cells[1:], ran


def texts(cell):
    return [o.get("text") or o.get("data", {}).get("text/plain") or o.evalue for o in cell.outputs]


def both(*cells):
    """Run both ways; what the test cells say is the same."""
    (apart, ran), (together, _) = run(*cells), run(*cells, apart=False)
    for cell, mine, other in zip(cells, apart, together, strict=True):
        if isinstance(cell, tuple):
            assert texts(mine) == texts(other)
    assert ran.facts["warm"]
    return apart, ran


def test_a_function_is_tested_from_outside():
    cells, _ = both("def f(x):\n    return x * 2", ("assert f(3) == 6\nf(np.arange(2)).sum()",))
    assert texts(cells[1]) == ["np.int64(2)"]


def test_a_wrong_answer_fails_with_the_tests_own_words():
    cells, _ = both("def f(x): return x", ("assert f(3) == 6, 'twice is 6'",))
    assert texts(cells[1])[0] == "twice is 6"


def test_values_classes_and_generators_are_tested():
    student = (
        "answer = {'a': [1, 2.5], 'b': (None, 'x')}\n"
        "class Mean:\n"
        "    def fit(self, X):\n        self.mean_ = X.mean(0)\n        return self\n"
        "def pairs(n):\n    for i in range(n): yield i, np.full(2, i)"
    )
    test = (
        "assert answer['a'][1] == 2.5 and answer['b'][0] is None\n"
        "m = Mean().fit(np.ones((3, 2)))\n"
        "assert m.mean_.tolist() == [1, 1]\n"
        "[i + int(a.sum()) for i, a in pairs(3)]"
    )
    cells, _ = both(student, (test,))
    assert texts(cells[1]) == ["[0, 3, 6]"]


def test_the_checks_of_a_lesson_say_the_same():
    test = (
        "check = checks.start('double')\n"
        "with check('a list', points=2):\n"
        "    checks.equal(double([1, 2]), [2, 4], given='[1, 2]')\n"
        "with check('unchanged', points=1):\n"
        "    x = np.ones(2)\n"
        "    with checks.unchanged(x=x):\n        double(x)\n"
        "with check('raises', points=1):\n"
        "    checks.raises(ValueError, double, None)\n"
        "check.report()"
    )
    right = (
        "def double(x):\n"
        "    if x is None: raise ValueError('nothing')\n"
        "    print('hello')\n"
        "    return [2 * i for i in x]"
    )
    both(right, (test,))
    both("def double(x):\n    x[0] = 5\n    return x", (test,))
    both("def double(x):\n    raise NotImplementedError", (test,))
    both("def double(x):\n    return [2 * i for i in y]", (test,))


def test_what_a_test_defines_stays_its_own():
    cells, _ = run(
        "def f(): return 1",
        ("secret = 41\ndef reference(): return secret",),
        "'secret' in globals(), 'reference' in globals()",
        "secret = 0\ndef reference(): return 0",
        ("reference() + f()",),
    )
    assert texts(cells[2]) == ["(False, False)"]
    assert texts(cells[4]) == ["42"]


def test_seeds_and_counters_work_across():
    cells, _ = both(
        "def draw(): return float(np.random.rand())\ndef apply(g, n):\n"
        "    return [g(i) for i in range(n)]",
        (
            "np.random.seed(1)\na = draw(); b = draw()\nnp.random.seed(1)\n"
            "assert draw() == a and draw() == b and a != b\n"
            "calls = []\napply(lambda i: calls.append(i) or i, 3)\ncalls",
        ),
    )
    assert texts(cells[1]) == ["[0, 1, 2]"]


GROWTH = (
    "check = checks.start('growth')\n"
    "with check('linear', points=1):\n"
    "    checks.growth(f, lambda n: (np.ones(n),), (1000, 2000, 4000, 8000), np.sum)\n"
    "check.report()"
)


def test_growth_is_measured_over_there():
    fast = "def f(x):\n    return float(x.sum())"
    slow = "def f(x):\n    return float(np.add.outer(x, x).sum())"
    cells, _ = run(fast, (GROWTH,))
    assert texts(cells[1])[-1] == "1.0"
    cells, _ = run(slow, (GROWTH,))
    assert texts(cells[1])[-1] == "0.0"


@pytest.mark.parametrize(
    "cheat",
    [
        # an object that equals everything
        "class Any:\n    __eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\n"
        "def f(x): return Any()",
        # patched comparisons
        "np.allclose = lambda *a, **k: True\nnp.testing.assert_allclose = lambda *a, **k: None\n"
        "def f(x): return x",
        "checks.equal = checks.close = lambda *a, **k: None\ndef f(x): return x",
        # no asserts are left
        "import ast\nclass Drop(ast.NodeTransformer):\n"
        "    def visit_Assert(self, n): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Drop())\ndef f(x): return x",
        "get_ipython().input_transformers_post.append(lambda lines: ['1.0\\n'])\n"
        "def f(x): return x",
        # printed and displayed points
        "def f(x):\n    print('1.0')\n    display(1.0)\n    return x",
        "import builtins\nbuiltins.float = lambda *a: 1.0\nbuiltins.len = lambda *a: 2\n"
        "def f(x): return x",
        "def f(x):\n    raise SystemExit(0)",
        "def f(x):\n    get_ipython().run_cell('1.0')\n    return x",
        "def f(x):\n    import sys\n    sys._getframe(1).f_globals.update(f=lambda x: 2 * x)\n"
        "    return x",
        "import sys\nsys.modules['numpy'] = sys.modules['curriculum.checks'] = None\n"
        "def f(x): return x",
        "def f(x):\n    import os\n    os._exit(0)",
        "class L(list): pass\ndef f(x): return L([2, 4])",
    ],
)  # fmt: skip
def test_a_wrong_answer_gains_nothing_by_cheating(cheat):
    test = (
        "assert type(f([1, 2])) is list\nassert f([1, 2]) == [2, 4]\n"
        "assert np.allclose(f([1, 2]), [2, 4])\nchecks.equal(f([1, 2]), [2, 4])\n1.0"
    )
    cells, _ = run(cheat, (test,))
    assert [o for o in cells[1].outputs if o.output_type == "error"], texts(cells[1])
    assert not [o for o in cells[1].outputs if o.output_type == "execute_result"]


def test_the_students_side_sees_nothing_of_the_tests():
    spy = (
        "import sys, gc\nseen = []\n"
        "def f(x):\n"
        "    frame = sys._getframe()\n"
        "    while frame:\n"
        "        seen.append(str(frame.f_locals)[:10000]); frame = frame.f_back\n"
        "    found = [o for o in gc.get_objects() if type(o) in (str, dict, bytes)]\n"
        "    seen.extend(str(o)[:1000] for o in found)\n"
        "    return 0"
    )
    cells, _ = run(
        spy,
        ("the_secret = 'wyv' + 'ern'\nassert f(1) == 0, 'hidden-' + 'words'",),
        "words = ('wyv' 'ern', 'hidden-' 'words', 'the_sec' 'ret')\n"
        "[w for w in words if any(w in s for s in seen)]",
        "[n for n in ('wyv' 'ern', 'the_sec' 'ret') if any(n in str(v) for v in In)]",
    )
    assert texts(cells[1]) == []
    assert texts(cells[2]) == ["[]"]


def test_a_call_that_never_ends_costs_its_check_alone():
    cells, ran = run(
        "def f(x):\n    while x: pass\n    return 1",
        ("try:\n    f(True)\nexcept TimeoutError as error:\n    print(error)\nf(False)",),
        "'on'",
    )
    assert texts(cells[1]) == [sentence("call_time", LIMITS) + "\n", "1"]
    assert texts(cells[2]) == ["'on'"]
    assert ran.stops == ()


def test_a_call_that_will_not_be_stopped_ends_the_students_kernel():
    _, ran = run(
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "def f():\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n    while True: pass",
        ("f()",),
        "1",
    )
    assert [(s.cell, s.kind) for s in ran.stops] == [(2, "call_time"), (3, "not_run")]


def test_a_test_that_never_ends_is_stopped():
    cells, ran = run("1", ("while True: pass",), ("'next'",), limits=Limits(cell_seconds=1))
    assert [(s.cell, s.kind) for s in ran.stops] == [(2, "cell_time")]
    assert texts(cells[2]) == ["'next'"]


def test_a_callback_that_never_ends_leaves_the_student_free():
    cells, ran = run(
        "def f(g): return g()",
        ("def g():\n    while True: pass\nf(g)",),
        "'on'",
        ("f(lambda: 3)",),
        limits=Limits(cell_seconds=1),
    )
    assert [(s.cell, s.kind) for s in ran.stops] == [(2, "cell_time")]
    assert texts(cells[2]) == ["'on'"]
    assert texts(cells[3]) == ["3"]


def test_a_kernel_that_dies_in_a_call_costs_the_rest():
    cells, ran = run("import os\ndef f(): os._exit(0)", ("f()",), "1", ("f()",))
    assert [(s.cell, s.kind) for s in ran.stops] == [(2, "died"), (3, "not_run"), (4, "not_run")]
    assert cells[1].outputs[0].output_type == "error"


def test_a_module_is_imported_afresh_whatever_the_student_calls_it():
    cells, _ = run(
        "import numpy.ma as np\ndef f(): return 1",
        ("f()\nnp.__name__",),
    )
    assert texts(cells[1]) == ["'numpy'"]


def test_a_name_that_means_nothing_is_a_name_error():
    cells, _ = both("x = 1", ("missing",))
    assert cells[1].outputs[0].ename == "NameError"


def test_junk_from_the_students_side_ends_its_notebook():
    junk = (
        "import os, stat\ndef f():\n"
        "    for fd in os.listdir('/proc/self/fd'):\n"
        "        try:\n"
        "            if stat.S_ISSOCK(os.fstat(int(fd)).st_mode):\n"
        "                os.write(int(fd), b'\\x00\\x00\\x00\\x02\\xc1\\xc1')\n"
        "        except OSError: pass"
    )
    cells, ran = run(junk, ("f()\n1",), "2")
    assert [s.kind for s in ran.stops] == ["malformed", "not_run"]
    assert {o.output_type for o in cells[1].outputs} == {"error"}


DUCK = "class Duck:\n    shape = (2,)\n    def mean(self): return 0.0\ndef f(x): return Duck()"
ASKS = ("Z = f(1)\nassert Z.shape == (2,) and Z.mean() == 0",)


def test_a_test_asks_for_no_attribute_that_the_reference_solution_was_not_asked_for():
    _, reference = run("def f(x): return np.zeros(2)", ASKS)
    assert reference.facts["asked"] == {"t1": []}
    cells, _ = run(DUCK, ASKS)
    assert not cells[1].outputs
    cells, _ = run(DUCK, ASKS, attributes={"t1": []})
    assert "can't rely on 'shape'" in cells[1].outputs[0].evalue
    cells, _ = run(DUCK, ASKS, attributes={"t1": ["mean", "shape"]})
    assert not cells[1].outputs


def test_a_traceback_shows_the_test_and_nothing_of_what_carried_the_call():
    failing = "def f(x):\n    raise ValueError('mine')"
    behind = "try:\n    f(1)\nexcept ValueError as error:\n    raise KeyError('k') from error"
    called = "f2(lambda x: 1 / x)"
    cells, _ = run(failing + "\ndef f2(g): return g(0)", ("f(1)",), (behind,), (called,))
    for cell in cells[1:]:
        shown = "\n".join(cell.outputs[0].traceback)
        assert "peer.py" not in shown
        assert "handles.py" not in shown
        assert "In[" in shown
    assert "in f: raise ValueError('mine')" in "\n".join(cells[1].outputs[0].traceback)
    assert "mine" in "\n".join(cells[2].outputs[0].traceback)
