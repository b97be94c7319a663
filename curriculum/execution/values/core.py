"""Values on the wire: plain data by value, everything else by a handle.

A value that has a form of its own in MessagePack goes as it is; any other goes as a list whose
first item is a tag. The two sides don't trust each other, and reading builds nothing but objects
of exact, known types: nothing in what was sent can choose a class, run code, or name memory that
it does not bring along.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from curriculum.execution.values import derived, standard

DEEPEST = 40
"""Levels of containers in one value."""
KINDS = "biufcSUmM"
"""Kinds of NumPy's dtypes that go by value."""
LARGEST = 1 << 28
"""Bytes of one array."""
_WORTHWHILE = 1 << 12
"""Bytes that are copied faster than they are pointed to."""
_NAMED = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, type(None))
_TYPES: dict[str, Any] = {f"builtins.{cls.__name__}": cls for cls in _NAMED}
_TYPES |= {
    f"numpy.{name}": getattr(np, name)
    for name in ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8",
                 "uint16", "uint32", "uint64", "bool_", "complex64", "complex128", "ndarray")
}  # fmt: skip
_TYPE_NAMES: dict[Any, str] = {cls: name for name, cls in _TYPES.items()}


class BadValueError(ValueError):
    """What came is no value that the other side may send."""


class Module:
    """Stands for a module, which the other side imports afresh, or not at all."""

    def __init__(self, name: str) -> None:
        self.name = name


class NotPlainError(TypeError):
    """A value that can't be sent by value, and no handle may stand for it."""


Export = Callable[[Any], list]
"""Gives the tagged list that stands for an object: a handle."""
Import = Callable[[list], Any]
"""Gives the object that a handle stands for."""


def encode(value: Any, export: Export, depth: int = 0) -> Any:
    """Write a value as plain data, to be packed before anything of it changes.

    Parameters
    ----------
    value : object
        Of any type.
    export : callable
        Gives what stands for an object that does not go by value.

    Raises
    ------
    NotPlainError
        It is nested too deeply, or too large.
    """
    if depth > DEEPEST:
        raise NotPlainError(f"It has more than {DEEPEST} levels of lists or dicts.")
    kind = type(value)
    if value is None or kind in (bool, float, str, bytes):
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**64 else ["int", hex(value)]
    if kind in _CONTAINERS:
        return [_CONTAINERS[kind], *(encode(item, export, depth + 1) for item in value)]
    if kind is dict:
        pairs = [encode(part, export, depth + 1) for pair in value.items() for part in pair]
        return ["dict", *pairs]
    if isinstance(value, derived.Derived):
        return export(value.theirs)
    if kind in standard.WRITERS:
        tag, parts = standard.WRITERS[kind](value)
        return [tag, *(encode(part, export, depth + 1) for part in parts)]
    writer = _WRITERS.get(kind) or _library_writer(kind) or _derived_writer(kind)
    written = writer(value, export, depth) if writer else None
    return export(value) if written is None else written


def _derived_writer(kind: type) -> Callable[[Any, Export, int], list | None] | None:
    """Give what writes an object of a class that was made of a plain one: its value and itself."""
    base = derived.base(kind)
    if base is None:
        return None

    def write(value: Any, export: Export, depth: int) -> list:
        handle = export(value)
        if handle[0] == "live":
            return ["mine", *handle[1:]]
        plain = encode(derived.READERS[base](value), export, depth + 1)
        return ["derived", base.__name__, plain, handle]

    return write


def _exactly(value: np.ndarray) -> bool:
    plain = value.dtype.kind in KINDS and value.dtype.names is None and value.dtype.itemsize > 0
    return plain and value.nbytes <= LARGEST


def write_array(value: np.ndarray, export: Export, depth: int) -> list | None:
    """Write an array; None where it can't go by value."""
    if value.dtype.kind == "O" and value.size <= 1_000_000:
        items = [encode(item, export, depth + 1) for item in value.ravel().tolist()]
        return ["objects", list(value.shape), items]
    if not _exactly(value):
        return None
    fortran = value.flags.f_contiguous and not value.flags.c_contiguous
    order = "F" if fortran else "C"
    return ["array", value.dtype.str, list(value.shape), order, _data(value, fortran)]


def _data(value: np.ndarray, fortran: bool) -> memoryview | bytes:
    """Give an array's bytes as they lie in memory, and a copy of them only where they lie apart."""
    if value.nbytes < _WORTHWHILE or not (fortran or value.flags.c_contiguous):
        return value.tobytes("F" if fortran else "C")
    flat = value.T.reshape(-1) if fortran else value.reshape(-1)
    return flat.view(np.uint8).data


def _plain_array(value: np.ndarray, export: Export, depth: int) -> list | None:
    return write_array(np.ndarray.view(value, np.ndarray), export, depth)


def _matrix(value: Any, export: Export, depth: int) -> list | None:
    written = _plain_array(value, export, depth)
    return written and ["matrix", written]


def _masked(value: Any, export: Export, depth: int) -> list | None:
    if value.dtype.kind not in KINDS:
        return None
    mask = (
        None if value.mask is np.ma.nomask else write_array(np.asarray(value.mask), export, depth)
    )
    written = write_array(np.asarray(value.data), export, depth)
    return written and ["masked", written, mask, encode(value.fill_value, export, depth + 1)]


def _scalar(value: np.generic, export: Export, depth: int) -> list | None:
    if value.dtype.kind not in KINDS:
        return None
    return ["scalar", value.dtype.str, value.tobytes()]


def _generator(value: np.random.Generator, export: Export, depth: int) -> list | None:
    name = type(value.bit_generator).__name__
    if name != "PCG64":
        return None
    state = value.bit_generator.state
    inner = state["state"]
    rest = [int(state["has_uint32"]), int(state["uinteger"])]
    return ["generator", hex(inner["state"]), hex(inner["inc"]), *rest]


def _type(value: type, export: Export, depth: int) -> list | None:
    name = _TYPE_NAMES.get(value)
    return ["type", name] if name else None


def _slice(value: slice, export: Export, depth: int) -> list:
    parts = (value.start, value.stop, value.step)
    return ["slice", *(encode(part, export, depth + 1) for part in parts)]


_CONTAINERS: dict[Any, str] = {list: "list", tuple: "tuple", set: "set", frozenset: "frozenset"}
_BUILD: dict[str, Callable[[Iterator[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}
_WRITERS: dict[type, Callable[[Any, Export, int], list | None]] = {
    complex: lambda value, export, depth: ["complex", value.real, value.imag],
    range: lambda value, export, depth: ["range", value.start, value.stop, value.step],
    slice: lambda value, export, depth: _slice(value, export, depth),
    type(...): lambda value, export, depth: ["ellipsis"],
    np.ndarray: write_array,
    np.memmap: _plain_array,
    np.matrix: _matrix,
    np.ma.MaskedArray: _masked,
    np.random.Generator: _generator,
    type: _type,
}  # fmt: skip


def _library_writer(kind: type) -> Callable[[Any, Export, int], list | None] | None:
    """Find a writer for an exact class of a library; a subclass of one has none."""
    if issubclass(kind, np.generic) and kind.__module__ == "numpy":
        return _scalar
    for (library, name), writer in LIBRARIES.items():
        module = sys.modules.get(library)
        if module is not None and getattr(module, name, None) is kind:
            return writer
    return None


LIBRARIES: dict[tuple[str, str], Callable[[Any, Export, int], list | None]] = {}
"""Module and class → what writes an object of exactly that class; `libraries` fills it."""


def decode(plain: Any, take: Import, depth: int = 0) -> Any:
    """Read what `encode` wrote.

    Parameters
    ----------
    plain : object
        From the wire.
    take : callable
        Gives the object that a handle stands for.

    Raises
    ------
    BadValueError
        It is no value; nothing of it was kept.
    """
    if depth > DEEPEST:
        raise BadValueError("too deep")
    if plain is None or type(plain) in (bool, int, float, str, bytes):
        return plain
    if type(plain) is not list or not plain or type(plain[0]) is not str:
        raise BadValueError("no value")
    tag, parts = plain[0], plain[1:]
    if tag in ("mine", "yours"):
        return take(plain)
    try:
        if tag in _BUILD:
            return _BUILD[tag](decode(part, take, depth + 1) for part in parts)
        return READERS[tag](parts, take, depth)
    except BadValueError:
        raise
    except RecursionError:
        raise BadValueError("too deep") from None
    except Exception as error:
        raise BadValueError(f"a broken {tag[:20]} ({type(error).__name__})") from None


def _read_dict(parts: list, take: Import, depth: int) -> dict:
    items = [decode(part, take, depth + 1) for part in parts]
    return dict(zip(items[::2], items[1::2], strict=True))


def _dtype(name: Any) -> np.dtype:
    if type(name) is not str or len(name) > 20:
        raise BadValueError("no dtype")
    dtype = np.dtype(name)
    if dtype.kind not in KINDS or dtype.names is not None or dtype.subdtype is not None:
        raise BadValueError("a dtype that does not go by value")
    return dtype


def read_shape(shape: Any) -> tuple[int, ...]:
    """Read the lengths of an array's axes."""
    if type(shape) is not list or len(shape) > 32:
        raise BadValueError("no shape")
    if not all(type(length) is int and 0 <= length < 2**40 for length in shape):
        raise BadValueError("no shape")
    return tuple(shape)


def _read_array(parts: list, take: Import, depth: int) -> np.ndarray:
    name, lengths, order, data = parts
    dtype, shape = _dtype(name), read_shape(lengths)
    if type(data) is not bytes or order not in ("C", "F"):
        raise BadValueError("an array without its data")
    count = 1
    for length in shape:
        count *= length
    if count * dtype.itemsize != len(data):
        raise BadValueError("an array of another size than its data")
    if not dtype.itemsize:  # NumPy would make room for one character each
        raise BadValueError("an array of nothing")
    return _numbers(data, dtype).reshape(shape, order=order)


def _numbers(data: bytes, dtype: np.dtype) -> np.ndarray:
    """Read an array's data; what is no truth value and no character is none here either."""
    flat = np.frombuffer(data, dtype).copy()
    if dtype.kind == "b":
        return flat.view(np.uint8) != 0
    if dtype.kind == "U" and (flat.view(dtype.byteorder + "u4") > sys.maxunicode).any():
        raise BadValueError("text with a character that there is not")
    return flat


def _read_masked(parts: list, take: Import, depth: int) -> Any:
    data, mask, filler = parts
    found = np.ma.nomask if mask is None else read_tagged("array", mask, take, depth)
    array = np.ma.MaskedArray(read_tagged("array", data, take, depth), mask=found)
    array.fill_value = only_scalars([decode(filler, take, depth + 1)])[0]
    return take(["masked", array]) if np.ma.is_masked(array) else array


def unmasked(array: np.ma.MaskedArray) -> np.ndarray:
    """Give NaN where something is masked: what is masked passes for equal to everything.

    Raises
    ------
    BadValueError
        It holds what can't be NaN.
    """
    if array.dtype.kind not in "fc":
        raise BadValueError("an array with masked items")
    return array.filled(np.nan)


def _read_standard(tag: str) -> Callable[[list, Import, int], Any]:
    def read(parts: list, take: Import, depth: int) -> Any:
        return standard.READERS[tag](*(decode(part, take, depth + 1) for part in parts))

    return read


def _read_derived(parts: list, take: Import, depth: int) -> Any:
    base, plain, handle = parts
    if type(handle) is not list or handle[:1] != ["mine"]:
        raise BadValueError("no handle")
    return derived.make(base, decode(plain, take, depth + 1), take(handle))


def read_objects(parts: list, take: Import, depth: int) -> np.ndarray:
    """Read an array of objects: its shape, and its items one by one."""
    shape, items = read_shape(parts[0]), parts[1]
    count = 1
    for length in shape:
        count *= length
    if type(items) is not list or count != len(items):
        raise BadValueError("an array of another size than its objects")
    array = np.empty(count, object)
    for place, item in enumerate(items):
        array[place] = decode(item, take, depth + 1)
    return array.reshape(shape)


def _read_scalar(parts: list, take: Import, depth: int) -> Any:
    name, data = parts
    dtype = _dtype(name)
    if type(data) is not bytes or len(data) != dtype.itemsize or not data:
        raise BadValueError("a number of another size than its data")
    return _numbers(data, dtype)[0]


def read_tagged(tag: str, plain: Any, take: Import, depth: int) -> Any:
    """Read a value that must have this tag."""
    if type(plain) is not list or not plain or plain[0] != tag:
        raise BadValueError(f"no {tag}")
    return READERS[tag](plain[1:], take, depth + 1)


def only_scalars(items: list) -> list:
    """Refuse what a library would take for an array, and might ask the other side for its items."""
    if not all(item is None or isinstance(item, _SCALARS) for item in items):
        raise BadValueError("something else than a scalar")
    return items


_SCALARS = (bool, int, float, complex, str, bytes, np.generic)


def _read_matrix(parts: list, take: Import, depth: int) -> np.ndarray:
    return read_tagged("array", parts[0], take, depth).view(np.matrix)


def _read_generator(parts: list, take: Import, depth: int) -> np.random.Generator:
    state, inc, has, value = parts
    bits = np.random.PCG64()
    inner: Any = {"state": _big(state), "inc": _big(inc)}
    bits.state = {
        "bit_generator": "PCG64",
        "state": inner,
        "has_uint32": int(has) & 1,
        "uinteger": int(value) & 0xFFFFFFFF,
    }
    return np.random.Generator(bits)


def _big(text: Any) -> int:
    if type(text) is not str or len(text) > 200_000:
        raise BadValueError("no number")
    return int(text, 16)


def _read_module(name: Any) -> Module:
    if type(name) is not str or not all(part.isidentifier() for part in name.split(".")):
        raise BadValueError("no module")
    return Module(name)


def _integers(parts: list) -> list[int]:
    if len(parts) != 3 or not all(type(part) is int for part in parts):
        raise BadValueError("no range")
    return parts


def _read_complex(parts: list, take: Import, depth: int) -> complex:
    real, imaginary = parts
    if type(real) is not float or type(imaginary) is not float:
        raise BadValueError("no complex number")
    return complex(real, imaginary)


def _read_slice(parts: list, take: Import, depth: int) -> slice:
    start, stop, step = (decode(part, take, depth + 1) for part in parts)
    return slice(start, stop, step)


READERS: dict[str, Callable[[list, Import, int], Any]] = {
    "dict": _read_dict,
    "int": lambda parts, take, depth: _big(*parts),
    "complex": _read_complex,
    "range": lambda parts, take, depth: range(*_integers(parts)),
    "slice": _read_slice,
    "module": lambda parts, take, depth: _read_module(*parts),
    "ellipsis": lambda parts, take, depth: ...,
    "array": _read_array,
    "objects": read_objects,
    "scalar": _read_scalar,
    "generator": _read_generator,
    "type": lambda parts, take, depth: _TYPES[parts[0]],
    "matrix": lambda parts, take, depth: read_tagged("array", parts[0], take, depth).view(
        np.matrix
    ),
    "masked": _read_masked,
    "derived": _read_derived,
    **{tag: _read_standard(tag) for tag in standard.READERS},
}
