"""Rules about secrets: where they are, and who can read them."""

from __future__ import annotations

import ast
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from curriculum.hub.check import machine
from curriculum.hub.check.configuration import Configuration
from curriculum.hub.check.findings import Finding, error
from curriculum.hub.check.load import STAND_IN
from curriculum.hub.init import PLACEHOLDER, placeholders

_SECRET_NAME = re.compile(
    r"(?i)(^|_)(secrets?|password|auth_token|api_token|cookie_secret|private_key|crypt_keys?"
    r"|keys|consumers)$"
)
_URL_WITH_PASSWORD = re.compile(r"://[^/\s:@{}]*:[^/\s@{}]+@")
_SHORTEST = 8
_MOST = 1_000_000


def missing(of: Configuration) -> Iterator[Finding]:
    """Name what the configuration reads and does not find here."""
    for name in of.said.get("missing", []):
        if name.startswith("/"):
            yield error(
                f"The file {name} is not there, without which the hub won't start: write it, where"
                " only the hub's user can read it."
            )
        else:
            yield error(
                f"The variable {name} is not set here, without which the hub won't start: set it"
                " for the hub, and for this check."
            )


def unfilled(of: Configuration) -> Iterator[Finding]:
    """Find placeholders that are left."""
    for name in placeholders(of.text):
        lines = [n for n, line in enumerate(of.text.splitlines(), 1) if name in line]
        where = ", ".join(map(str, lines))
        yield error(
            f"{name} is still to be filled in, on line{'s' * (len(lines) > 1)} {where} of"
            f" {of.path.name}: write what it stands for in its place."
        )


def _in_the_file(of: Configuration) -> list[tuple[int, str]]:
    """Give line and name of each secret that stands in the file itself."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(of.tree):
        if isinstance(node, ast.Assign):
            found += [(node.lineno, n) for n in _names(node.targets) if _is_plain(node.value)]
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            keys = [(k, v) for k, v in pairs if isinstance(k, ast.Constant) and _is_plain(v)]
            found += [
                (k.lineno, str(k.value)) for k, _ in keys if _SECRET_NAME.search(str(k.value))
            ]
        elif _holds_password(node):
            found.append((node.lineno, "a URL with a password"))
    return sorted(set(found))


def _holds_password(node: ast.AST) -> TypeGuard[ast.Constant]:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and bool(_URL_WITH_PASSWORD.search(text))


def _names(targets: list[ast.expr]) -> Iterator[str]:
    for target in targets:
        name = getattr(target, "attr", getattr(target, "id", ""))
        if _SECRET_NAME.search(name):
            yield name


def _is_plain(value: ast.expr) -> bool:
    """Tell whether a secret is written out, in text or bytes, alone or in a list or dictionary."""
    if isinstance(value, ast.Constant) and isinstance(value.value, (str, bytes)):
        text = value.value if isinstance(value.value, str) else value.value.decode("latin-1")
        return bool(text) and PLACEHOLDER not in text and not text.startswith("/")
    if isinstance(value, ast.Dict):
        return any(_is_plain(one) for one in value.values)
    return isinstance(value, (ast.List, ast.Set)) and any(_is_plain(one) for one in value.elts)


def in_the_file(of: Configuration) -> Iterator[Finding]:
    """Find secrets in a file that is read, copied and put under version control."""
    for line, name in _in_the_file(of):
        yield error(
            f"{of.path.name} holds a secret, {name}, on line {line}, and goes wherever the file"
            " goes: read it from the environment, or from a file that only the hub can read."
        )
    if _in_the_file(of) and machine.others_may(of.path, stat.S_IROTH):
        yield error(
            f"Everybody on this machine can read {of.path}, which holds secrets: `chmod 600` it."
        )


def can_be_changed(of: Configuration) -> Iterator[Finding]:
    """Find a program of the hub's that others can write."""
    for path in (of.path, of.path.parent):
        sticky = path.is_dir() and path.stat().st_mode & stat.S_ISVTX
        if machine.others_may(path, stat.S_IWOTH) and not sticky:
            yield error(
                f"Everybody on this machine can write to {path}, and so run programs as the hub:"
                " `chmod o-w` it."
            )


def can_be_read(of: Configuration) -> Iterator[Finding]:
    """Find files with secrets that other users of the machine can read."""
    for path in map(Path, _secret_files(of)):
        if machine.others_may(path, stat.S_IROTH):
            yield error(
                f"Everybody on this machine can read {path}, which holds a secret: `chmod 600` it."
            )


def _secret_files(of: Configuration) -> Iterator[str]:
    """Name the files whose content is a value of the configuration, and those of the hub's own."""
    values = [text for text in of.strings() if len(text) >= _SHORTEST and text != STAND_IN]
    for name in of.said.get("opened", []):
        path = Path(name)
        try:
            if path == of.path or path.suffix in (".py", ".pyc") or path.stat().st_size > _MOST:
                continue
            content = path.read_text().strip()
        except (OSError, UnicodeDecodeError):
            continue
        lines = {line.strip() for line in content.splitlines() if len(line.strip()) >= _SHORTEST}
        if any(line in value for line in lines for value in values):
            yield name
    kept = of.hub("cookie_secret_file")
    if kept:
        yield kept
    database = str(of.hub("db_url") or "")
    if database.startswith("sqlite:///") and ":memory:" not in database:
        yield database.removeprefix("sqlite:///").split("?")[0]


RULES = (missing, unfilled, in_the_file, can_be_changed, can_be_read)
