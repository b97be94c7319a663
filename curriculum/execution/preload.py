"""Which modules a warm process imports beforehand, and when it is out of date."""

from __future__ import annotations

import ast
import hashlib
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

FIRST_USE = {
    "IPython": "1/0\n",
    "matplotlib": "import matplotlib.pyplot as plt\nplt.subplots()[1].plot([1]); plt.show()\n",
    "pandas": "import pandas as pd\ndisplay(pd.DataFrame({'a': [1.5]}), pd.Series(['b']))\n",
    "sklearn": (
        "from sklearn.linear_model import LinearRegression\n"
        "display(LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]))\n"
    ),
    "torch": (
        "import torch\nw = torch.zeros(1, requires_grad=True)\n"
        "torch.optim.SGD([w]).step(); torch.nn.Linear(1, 1)(w).sum().backward(); display(w)\n"
    ),
    "ipywidgets": "import ipywidgets\ndisplay(ipywidgets.IntSlider())\n",
}
"""Cells that make libraries import what they import when they are first used.

They run in a fork that ends with them; the zygote then imports the modules that it saw there.
"""


def modules(cells: Iterable[str]) -> tuple[str, ...]:
    """List what the code of a notebook imports.

    Parameters
    ----------
    cells : iterable of str
        The code cells of the notebook as its authors released it: what students import besides
        is not theirs to load into a process that others' notebooks start from.

    Returns
    -------
    tuple of str
        Sorted; `"a.b"` for `import a.b`, and `"a:b"` for `from a import b`, where only the import
        itself can tell whether `b` is a module.
    """
    found: set[str] = set()
    for cell in cells:
        for node in ast.walk(_tree(cell)):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.update(f"{node.module}:{alias.name}" for alias in node.names)
    return tuple(sorted(found))


def aliases(cells: Iterable[str]) -> dict[str, str]:
    """Tell what the names mean that the code of a notebook imports.

    Returns
    -------
    dict of str to str
        `{"np": "numpy", "sk": "sklearn:linear_model"}`; of a name that is imported twice, the last.
    """
    found: dict[str, str] = {}
    for cell in cells:
        for node in ast.walk(_tree(cell)):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    found[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{node.module}:{alias.name}"
    found.pop("*", None)
    return found


def plain(cell: str) -> str:
    """Give a cell's text without lines of magics."""
    lines = [line for line in cell.splitlines() if not line.lstrip().startswith(("%", "!"))]
    return "\n".join(lines)


def _tree(cell: str) -> ast.AST:
    """Parse a cell; lines of magics are left out, and what is no Python gives nothing."""
    try:
        return ast.parse(plain(cell))
    except SyntaxError:
        return ast.Module([], [])


def fingerprint() -> str:
    """Tell the installed packages and this package's own code from any other state of them.

    A warm process that was started under another fingerprint holds modules that are out of date.
    """
    seen = hashlib.sha256(sys.executable.encode())
    for site in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in sorted(Path(site).glob("*-info")) + sorted(Path(site).glob("*.pth")):
            seen.update(f"{entry.name} {entry.stat().st_mtime_ns}".encode())
    package = Path(__file__).resolve().parents[1]
    for path in sorted(package.rglob("*.py")):
        seen.update(f"{path} {path.stat().st_mtime_ns}".encode())
    return seen.hexdigest()
