"""What a test cell calls: named checks, named mistakes, partial credit.

A test cell reads like this:

>>> from curriculum import checks
>>> def double(x):
...     return x + x
>>> check = checks.start("double")
>>> with check("a whole number", points=1):
...     checks.equal(double(3), 6, given="x = 3")
>>> with check("a fraction", points=2):
...     checks.close(double(0.1), 0.3, given="x = 0.1")
>>> check.report()
1.0

Each `with` block earns its points when nothing in it fails. Whatever a learner's function does
inside (print, warn, raise, exit, return nonsense) ends as a line of the report. A stub that
raises NotImplementedError, or a name that is not defined yet, is "not attempted", which is
another thing than wrong.

The report shows as a table; to nbgrader it is the earned points, a plain float; programs read
`application/vnd.curriculum.check+json` from the cell's output.

Comparisons
    `close`, `equal`, `that`, `one_of`, `raises`, `unchanged`, `finite`
Trusted values for checks of properties
    `array`, `number`
Oracles
    `numeric_gradient`, `gradient`, `growth`
Concept questions
    `choice`, `choices`
Named mistakes
    `Mistake`
Outside of test cells
    `attempted` guards demonstrations that need the learner's function

What the learner returned is never asked about itself: only exact known types are read (numbers,
text, lists, tuples, dicts, sets, arrays, tensors, pandas objects), so an object that claims to
equal everything earns nothing. Importing this package imports NumPy alone; pandas and PyTorch
are looked at when the notebook has imported them.
"""

from .assertions import (
    array,
    attempted,
    close,
    equal,
    finite,
    number,
    one_of,
    raises,
    that,
    unchanged,
)
from .choices import choice, choices
from .failure import Failure, Finding, Mistake
from .oracles import gradient, growth, numeric_gradient, use_timer
from .report import MIME, Outcome, Report
from .session import Check, Session, start

__all__ = [
    "MIME",
    "Check",
    "Failure",
    "Finding",
    "Mistake",
    "Outcome",
    "Report",
    "Session",
    "array",
    "attempted",
    "choice",
    "choices",
    "close",
    "equal",
    "finite",
    "gradient",
    "growth",
    "number",
    "numeric_gradient",
    "one_of",
    "raises",
    "start",
    "that",
    "unchanged",
    "use_timer",
]
