"""Load a JupyterHub configuration as JupyterHub does, and print what it says; start nothing.

It is a program of its own, because a configuration is a program: what it changes ends with it.

::

    python -P -m curriculum.hub.check.load FILE
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from traitlets import HasTraits, TraitError, Undefined
from traitlets.config import Config, Configurable, LazyConfigValue
from traitlets.config.loader import PyFileConfigLoader

STAND_IN = "not-there-yet"
"""In place of a secret that is missing, so that the rest can be checked."""
_MOST_MISSING = 500
_KINDS = ("authenticator", "spawner", "proxy")
_CLASSES = {f"{kind}_class" for kind in _KINDS}


def load(path: Path) -> dict[str, Any]:
    """Load a file; gives plain data.

    Parameters
    ----------
    path : Path
        The configuration.
    """
    opened = _note_what_is_opened()
    missing: list[str] = []
    while True:
        opened.clear()
        try:
            config = PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
            break
        except Exception as error:
            lacking = _lacking(error)
            if not lacking or lacking in missing or len(missing) > _MOST_MISSING:
                return {"error": _said_of(error, path), "missing": missing}
            missing.append(lacking)
            os.environ[Path(lacking).name] = STAND_IN
        except SystemExit as error:
            return {"error": f"it ends the program: {error}", "missing": missing}
    return {"error": "", "missing": missing, "opened": sorted(opened), **_described(config)}


def _note_what_is_opened() -> set[str]:
    opened: set[str] = set()

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str) and arguments[1] in ("r", "rb"):
            opened.add(os.path.realpath(arguments[0]))

    sys.addaudithook(note)
    return opened


def _lacking(error: Exception) -> str:
    """Name the variable or the file for want of which a configuration fails, or nothing."""
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, KeyError) and frames[-1].filename in ("<frozen os>", os.__file__):
        return str(error.args[0])
    if isinstance(error, FileNotFoundError) and isinstance(error.filename, (str, os.PathLike)):
        return os.fspath(error.filename)
    return ""


def _said_of(error: Exception, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {error.msg}"
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    where = f"line {lines[-1]}: " if lines else ""
    return f"{where}{type(error).__name__}: {error}"


def _described(config: Config) -> dict[str, Any]:
    from jupyterhub.app import JupyterHub
    from jupyterhub.crypto import CryptKeeper

    app = JupyterHub()
    kinds, used = {}, [JupyterHub, CryptKeeper]
    for kind in _KINDS:
        kinds[kind], cls = _kind(app, config, kind)
        used += [cls] if cls else []
    known: dict[str, type] = {}
    for cls in used:
        known |= {one.__name__: one for one in cls.__mro__ if issubclass(one, Configurable)}
    return {
        "config": {name: _section(config[name]) for name in config if name[0].isupper()},
        "kinds": kinds,
        "hub": _defaults(JupyterHub),
        "unused": [name for name in config if name[0].isupper() and name not in known],
        "faults": [
            fault for name in config if name in known for fault in _faults(config, known[name])
        ],
    }


def _kind(app: Any, config: Config, kind: str) -> tuple[dict[str, Any], type | None]:
    """Find out which class a hub would use."""
    trait = f"{kind}_class"
    asked = config.get("JupyterHub", {}).get(trait)
    name = asked if isinstance(asked, str) else ""
    try:
        if asked is not None:
            setattr(app, trait, asked)
        cls = getattr(app, trait)
    except Exception as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        return {"name": name, "mro": [], "defaults": {}, "error": said}, None
    mro = [one.__name__ for one in cls.__mro__ if issubclass(one, HasTraits)]
    full = f"{cls.__module__}.{cls.__name__}"
    return {"name": full, "mro": mro, "defaults": _defaults(cls), "error": ""}, cls


def _defaults(cls: type[HasTraits]) -> dict[str, Any]:
    """Give what the traits of a class are where nobody sets them, as far as that is fixed."""
    traits = cls.class_traits(config=True)
    return {name: plain(trait.default()) for name, trait in traits.items()}


def _faults(config: Config, cls: type[HasTraits]) -> list[tuple[str, str, str]]:
    """Name what is set and does not exist, or is of a wrong type; why is empty for the first."""
    traits, faults = cls.class_traits(config=True), []
    bare = cls.__new__(cls)
    for name, value in config[cls.__name__].items():
        if name not in traits:
            faults.append((cls.__name__, name, ""))
        elif not isinstance(value, LazyConfigValue) and name not in _CLASSES:
            try:
                with bare.cross_validation_lock:
                    traits[name]._validate(bare, value)
            except TraitError as error:
                faults.append((cls.__name__, name, str(error)))
    return faults


def _section(section: Config) -> dict[str, Any]:
    return {name: plain(value) for name, value in section.items()}


def plain(value: Any) -> Any:
    """Give a value as JSON can hold it; what it can't is told by a word."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if value is Undefined:
        return None
    if isinstance(value, LazyConfigValue):
        return plain(_added(value))
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(one) for one in value), key=str)
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, type):
        return f"{value.__module__}.{value.__name__}"
    return f"<{getattr(value, '__name__', type(value).__name__)}>"


def _added(value: LazyConfigValue) -> Any:
    """Give what is added to a default that is not known yet, as by `append`."""
    added = value.to_dict()
    if isinstance(added.get("update"), dict):
        return added["update"]
    found = [one for name in ("prepend", "extend", "update") for one in added.get(name, ())]
    return found + [one for _, one in added.get("inserts", ())]


def main() -> None:
    """Run the program."""
    logging.disable(logging.CRITICAL)
    with redirect_stdout(sys.stderr):
        found = load(Path(sys.argv[1]).resolve())
    print(json.dumps(found))


if __name__ == "__main__":
    main()
