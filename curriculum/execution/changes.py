"""Arguments that the other side has changed in place are changed here, too."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from curriculum.execution.values import standard


def of_arguments(original: Any, changed: Any) -> None:
    """Make the arguments of a call what the other side made of them."""
    if type(original) is tuple and type(changed) is tuple:
        for own, other in zip(original, changed, strict=False):
            write_back(own, other)
    elif type(changed) is dict:
        for name, own in original.items():
            write_back(own, changed.get(name))


def write_back(original: Any, changed: Any) -> None:
    """Make an argument what the other side made of it: changes in place stay changes in place."""
    kind = type(original)
    if kind is not type(changed):
        return
    if kind is list:
        _write_back_list(original, changed)
    elif kind in (dict, *standard.DICTS):
        _write_back_dict(original, changed)
    elif kind is set:
        original.clear()
        original.update(changed)
    elif kind is tuple:
        for own, other in zip(original, changed, strict=False):
            write_back(own, other)
    elif kind is np.ndarray:
        if original.shape == changed.shape and original.flags.writeable:
            np.copyto(original, changed, casting="unsafe")
    elif kind is np.random.Generator:
        if type(original.bit_generator) is type(changed.bit_generator):
            original.bit_generator.state = changed.bit_generator.state
    elif kind in _library_types("torch", "Tensor") and original.shape == changed.shape:
        original.detach().copy_(changed.detach())
    elif kind in _library_types("pandas", "DataFrame", "Series"):
        original._update_inplace(changed)


def _library_types(library: str, *names: str) -> tuple[type, ...]:
    module = sys.modules.get(library)
    return tuple(getattr(module, name) for name in names) if module else ()


def _write_back_list(original: list, changed: list) -> None:
    kept = []
    for place, item in enumerate(changed):
        own: Any = original[place] if place < len(original) else None
        if type(own) is type(item) and type(item) in (list, dict, set, tuple, np.ndarray):
            write_back(own, item)
            item = own if type(own) is not np.ndarray or own.shape == item.shape else item
        kept.append(item)
    original[:] = kept


def _write_back_dict(original: dict, changed: dict) -> None:
    for key in [key for key in original if key not in changed]:
        del original[key]
    for key, item in changed.items():
        own = original.get(key)
        if type(own) is type(item) and type(item) in (list, dict, set):
            write_back(own, item)
        else:
            original[key] = item
