"""Which names a cell uses that it does not define itself, in the order of its statements."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Collection, Iterable

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.Lambda, ast.ClassDef)
_DEFINE = (*_FUNCTIONS, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def used(code: str) -> list[str]:
    """List the names that a cell reads from what was there before it.

    A name that a statement before has bound is the cell's own; so is one that a function body
    reads and the cell binds anywhere, since the function runs later.

    Parameters
    ----------
    code : str
        Python, with magics transformed.

    Returns
    -------
    list of str
        Sorted; nothing for what is no Python.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return []
    reader = _Reader(_bound_anywhere(code))
    reader.read(tree.body)
    return sorted(reader.found)


def given(code: str, known: Collection[str]) -> str:
    """Give the statements of a cell that define names out of nothing but known ones.

    Parameters
    ----------
    code : str
        Of a test cell, as students have it.
    known : collection of str
        Names that mean what the notebook's authors import.

    Returns
    -------
    str
        Imports, assignments, functions and classes; nothing for what is no Python.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return ""
    kept, there = [], {*known, *vars(builtins)}
    for statement in tree.body:
        text = ast.unparse(statement)
        if isinstance(statement, _DEFINE) and there.issuperset(used(text)):
            kept.append(text)
            there |= defined(text)
    return "\n".join(kept)


def defined(code: str) -> set[str]:
    """List the names that a cell binds; nothing for what is no Python."""
    try:
        return _bound_anywhere(code)
    except (SyntaxError, ValueError):
        return set()


def _bound_anywhere(code: str) -> set[str]:
    table = symtable.symtable(code, "<cell>", "exec")
    names = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    return names | {s.get_name() for s in table.get_symbols() if s.is_namespace()}


class _Reader(ast.NodeVisitor):
    """Goes through statements in order."""

    def __init__(self, anywhere: set[str]) -> None:
        self.found: set[str] = set()
        self._anywhere = anywhere
        self._bound: set[str] = set()

    def read(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.visit(statement)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            if node.id not in self._bound:
                self.found.add(node.id)
        else:
            self._bound.add(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        for part in (node.annotation, node.value, node.target):
            if part is not None:
                self.visit(part)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name) and node.target.id not in self._bound:
            self.found.add(node.target.id)
        self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.visit(node.target)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.visit(node.target)
        self.read([*node.body, *node.orelse])

    visit_AsyncFor = visit_For

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type:
            self.visit(node.type)
        if node.name:
            self._bound.add(node.name)
        self.read(node.body)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self._bound.add((alias.asname or alias.name).partition(".")[0])

    visit_ImportFrom = visit_Import

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in [*node.decorator_list, *_defaults(node.args), node.returns]:
            if part is not None:
                self.visit(part)
        self._later(node)
        self._bound.add(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in _defaults(node.args):
            self.visit(part)
        self._later(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]:
            self.visit(part)
        self._later(node)
        self._bound.add(node.name)

    def _later(self, node: ast.AST) -> None:
        """Take what a body reads from outside itself."""
        text = ast.unparse(ast.Module([_as_statement(node)], []))
        self.found |= _global_reads(symtable.symtable(text, "<cell>", "exec")) - self._anywhere

    def _comprehension(self, node: ast.expr) -> None:
        text = ast.unparse(node)
        reads = _global_reads(symtable.symtable(text, "<cell>", "exec"), top=True)
        self.found |= reads - self._bound

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]


def _as_statement(node: ast.AST) -> ast.stmt:
    """Give a scope without what is evaluated outside it."""
    if isinstance(node, ast.Lambda):
        return ast.Expr(node)
    assert isinstance(node, ast.stmt)
    return node


def _global_reads(table: symtable.SymbolTable, *, top: bool = False) -> set[str]:
    """Collect the names that scopes below read from the module."""
    found = set()
    if top:
        found = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    for scope in table.get_children():
        found |= {s.get_name() for s in scope.get_symbols() if s.is_global() and s.is_referenced()}
        found |= _global_reads(scope)
    return found
