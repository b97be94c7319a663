"""Tensors, frames and sparse matrices by value; their libraries are imported only where used."""

from __future__ import annotations

from typing import Any

import numpy as np

from curriculum.execution.values.core import (
    KINDS,
    LIBRARIES,
    READERS,
    BadValueError,
    Export,
    Import,
    decode,
    encode,
    only_scalars,
    read_objects,
    read_shape,
    read_tagged,
    write_array,
)

_SPARSE = [
    f"{form}_{kind}"
    for form in ("csr", "csc", "coo", "lil", "dok", "bsr", "dia")
    for kind in ("array", "matrix")
]


def _tensor(value: Any, export: Export, depth: int) -> list | None:
    import torch

    if value.layout != torch.strided or value.device.type != "cpu" or value.is_quantized:
        return None
    plain = value.detach()
    name = str(plain.dtype).removeprefix("torch.")
    if name == "bfloat16":  # NumPy has no such type
        plain = plain.view(torch.int16)
    array = plain.resolve_conj().resolve_neg().contiguous().numpy()
    leaf = bool(value.requires_grad)
    return ["tensor", name, leaf, write_array(array, export, depth)]


def _parameter(value: Any, export: Export, depth: int) -> list | None:
    written = _tensor(value, export, depth)
    return written and ["parameter", *written[1:]]


def _frame(value: Any, export: Export, depth: int) -> list | None:
    columns = [encode(value.iloc[:, place], export, depth + 1) for place in range(value.shape[1])]
    if any(column[0] != "series" for column in columns):
        return None
    names = encode(value.columns, export, depth + 1)
    return ["frame", encode(value.index, export, depth + 1), names, columns]


def _series(value: Any, export: Export, depth: int) -> list | None:
    data = _pandas_data(value, export, depth)
    if data is None:
        return None
    return ["series", encode(value.index, export, depth + 1), _name(value), *data]


def _index(value: Any, export: Export, depth: int) -> list | None:
    data = _pandas_data(value, export, depth)
    return None if data is None else ["index", _name(value), *data]


def _range_index(value: Any, export: Export, depth: int) -> list | None:
    return ["range_index", _name(value), value.start, value.stop, value.step]


def _name(value: Any) -> Any:
    return value.name if type(value.name) in (str, int, float, bool, type(None)) else None


def _pandas_data(value: Any, export: Export, depth: int) -> list | None:
    """Give a dtype's name and the data: NumPy's as it is, pandas' own as its objects."""
    own = value.dtype
    if isinstance(own, np.dtype) and own.kind in KINDS:
        data = write_array(np.asarray(value), export, depth)
        return None if data is None else ["", data]
    if str(own) not in _PANDAS:
        return None
    objects = _objects(value)
    if str(own) in _TEXT and all(item is None or type(item) is str for item in objects):
        return [str(own), *_texts(objects)]
    return [str(own), [encode(item, export, depth + 1) for item in objects]]


def _texts(items: list[str | None]) -> list:
    """Write texts as one, with the length of each: a column has thousands of short ones."""
    text = "".join(item for item in items if item is not None)
    return [text, [-1 if item is None else len(item) for item in items]]


def _objects(value: Any) -> list:
    import pandas as pd

    missing = np.asarray(pd.isna(value)).tolist()
    items = np.asarray(value.astype(object), dtype=object).tolist()
    return [None if gone else item for item, gone in zip(items, missing, strict=True)]


def _sparse(value: Any, export: Export, depth: int) -> list | None:
    if value.ndim != 2:
        return None
    held = value.tocsr() if value.format in ("lil", "dok") else value
    if held.format == "coo":
        parts = (held.data, *held.coords)
    elif held.format == "dia":
        parts = (held.data, held.offsets)
    else:
        parts = (held.data, held.indices, held.indptr)
    written = [write_array(part, export, depth) for part in parts]
    if None in written or held.data.dtype.kind == "O":
        return None
    return ["sparse", type(value).__name__, list(value.shape), *written]


_TENSORS = {
    "float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8",
    "bool", "complex64", "complex128",
}  # fmt: skip


def _read_tensor(parts: list, take: Import, depth: int) -> Any:
    import torch

    name, leaf, array = parts
    if name not in _TENSORS or type(leaf) is not bool:
        raise BadValueError("no tensor")
    data = read_tagged("array", array, take, depth)
    tensor = torch.from_numpy(data)
    wanted = getattr(torch, name)
    tensor = tensor.view(wanted) if name == "bfloat16" else tensor
    if tensor.dtype is not wanted:
        raise BadValueError("a tensor of another type than its data")
    return tensor.requires_grad_(leaf)


def _read_parameter(parts: list, take: Import, depth: int) -> Any:
    import torch

    tensor = _read_tensor(parts, take, depth)
    return torch.nn.Parameter(tensor.detach(), requires_grad=tensor.requires_grad)


def _read_frame(parts: list, take: Import, depth: int) -> Any:
    import pandas as pd

    index, names, columns = parts
    rows, heads = _read_index(index, take, depth), _read_index(names, take, depth)
    data = [read_tagged("series", column, take, depth) for column in columns]
    if len(data) != len(heads) or any(len(column) != len(rows) for column in data):
        raise BadValueError("a frame whose columns don't fit")
    for column in data:
        column.index = rows
    frame = pd.DataFrame(dict(enumerate(data)), index=rows)
    frame.columns = heads
    return frame


def _read_index(plain: Any, take: Import, depth: int) -> Any:
    import pandas as pd

    found = decode(plain, take, depth + 1)
    if not isinstance(found, pd.Index):
        raise BadValueError("no index")
    return found


def _read_series(parts: list, take: Import, depth: int) -> Any:
    import pandas as pd

    index, name, *data = parts
    array, rows = _pandas_array(data, take, depth), _read_index(index, take, depth)
    return pd.Series(array, rows, array.dtype if data[0] == "object" else None, name=name)


def _read_own_index(parts: list, take: Import, depth: int) -> Any:
    import pandas as pd

    name, *data = parts
    array = _pandas_array(data, take, depth)
    kind = array.dtype if data[0] == "object" else None
    return pd.Index(array, dtype=kind, name=name, tupleize_cols=False)


def _read_range_index(parts: list, take: Import, depth: int) -> Any:
    import pandas as pd

    name, *bounds = parts
    if len(bounds) != 3 or not all(type(bound) is int for bound in bounds):
        raise BadValueError("no range")
    return pd.RangeIndex(*bounds, name=name)


def _pandas_array(parts: list, take: Import, depth: int) -> Any:
    import pandas as pd

    own, data, *lengths = parts
    if own in _TEXT and lengths:
        return pd.array(_read_texts(data, *lengths), dtype=own)
    if own == "":
        array = read_tagged("array", data, take, depth)
        if array.ndim != 1:  # of one number, pandas would make as many as the index is long
            raise BadValueError("a column with another number of axes")
        return array
    if own not in _PANDAS or type(data) is not list:
        raise BadValueError("a dtype of pandas that does not go by value")
    if own == "object":
        return read_objects([[len(data)], data], take, depth)
    return pd.array(only_scalars([decode(item, take, depth + 1) for item in data]), dtype=own)


def _read_texts(text: Any, lengths: Any) -> list[str | None]:
    if type(text) is not str or type(lengths) is not list:
        raise BadValueError("no texts")
    if not set(map(type, lengths)) <= {int} or min(lengths, default=0) < -1:
        raise BadValueError("texts without their lengths")
    items: list[str | None] = []
    at = 0
    for length in lengths:
        end = at if length < 0 else at + length
        items.append(None if length < 0 else text[at:end])
        at = end
    if at != len(text):
        raise BadValueError("texts of other lengths than they have")
    return items


_TEXT = {"str", "string"}
_PANDAS = {
    "object", "str", "string", "category", "boolean", "Int8", "Int16", "Int32", "Int64", "UInt8",
    "UInt16", "UInt32", "UInt64", "Float32", "Float64",
}  # fmt: skip


def _read_sparse(parts: list, take: Import, depth: int) -> Any:
    from scipy import sparse

    name, lengths, *arrays = parts
    shape = read_shape(lengths)
    if name not in _SPARSE or len(shape) != 2:
        raise BadValueError("no sparse matrix")
    data, *places = (read_tagged("array", array, take, depth) for array in arrays)
    if not all(array.dtype.kind == "i" and array.ndim == 1 for array in places):
        raise BadValueError("a sparse matrix without places")
    form, kind = name.split("_")
    # None is made of another form that could need more room: columns may be many and empty.
    held = "csr" if form in ("lil", "dok") else form
    held_parts: Any = (data, tuple(places)) if held == "coo" else (data, *places)
    matrix = getattr(sparse, f"{held}_{kind}")(held_parts, shape=shape)
    if held in ("csr", "csc", "bsr"):
        matrix.check_format(full_check=True)
    return matrix.asformat(form)


LIBRARIES.update(
    {
        ("torch", "Tensor"): _tensor,
        ("torch.nn", "Parameter"): _parameter,
        ("pandas", "DataFrame"): _frame,
        ("pandas", "Series"): _series,
        ("pandas", "Index"): _index,
        ("pandas", "RangeIndex"): _range_index,
        **{("scipy.sparse", name): _sparse for name in _SPARSE},
    }
)
READERS.update(
    {
        "tensor": _read_tensor,
        "parameter": _read_parameter,
        "frame": _read_frame,
        "series": _read_series,
        "index": _read_own_index,
        "range_index": _read_range_index,
        "sparse": _read_sparse,
    }
)
