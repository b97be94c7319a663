"""What a test cell defines out of nothing of a student's, which their cells below may use."""

import pytest

from curriculum.execution import names


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("X = np.ones(3)\nbefore = X.copy()", {"X", "before"}),
        ("Z = answer(3)", set()),
        ("Z = answer(3)\nW = Z + 1\nV = 5", {"V"}),
        ("import math\nfrom a.b import c as d\nhalf = math.pi / d", {"math", "d", "half"}),
        ("def twice(x):\n    return 2 * x\nfour = twice(2)", {"twice", "four"}),
        ("def other(x):\n    return answer(x)\nfour = other(2)", set()),
        ("earned = 0\nearned += f(1)", {"earned"}),
        ("with check('a'):\n    x = 1", set()),
        ("assert answer(1) == 1\nprint('ok')\nnp.random.seed(0)", set()),
        ("x = (", set()),
    ],
)
def test_what_is_given(code, kept):
    given = names.given(code, {"np"})
    assert names.defined(given) == kept
    assert "answer" not in given
