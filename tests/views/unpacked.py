"""The reader's side of the packing, in Python: what a browser finds in the bytes."""

import zlib

import numpy as np

from hpanalysis.views.pack import Packed, Stored

SIZES = {"u16": "<u2", "index": "<u2", "f32": "<f4", "u32": "<u4", "differences": "<i4"}


def column(packed: Packed, stored: Stored) -> np.ndarray | list[str]:
    """The values of one stored column: numbers of levels, numbers, or texts."""
    raw = zlib.decompress(packed.data)
    own = raw[stored["at"] : stored["at"] + stored["length"]]
    kind = stored.get("type", "differences")
    if kind == "u8":
        return np.frombuffer(own, np.uint8)
    if kind == "text":
        return own.decode().split("\0")
    values = planes(own, SIZES[kind])
    if kind == "index":
        return np.array([*stored["values"], np.nan])[np.where(values == 65535, len(stored["values"]), values)]
    return np.cumsum(values) if kind == "differences" else values


def curves(packed: Packed) -> np.ndarray:
    """The curves, shape (steps, runs), NaN where there is nothing."""
    stored = packed.head["curves"]
    steps, runs = len(stored["steps"]), packed.head["n"]
    raw = zlib.decompress(packed.data)[stored["at"] : stored["at"] + 2 * steps * runs]
    level = np.cumsum(planes(raw, "<u2").reshape(steps, runs), axis=0, dtype=np.uint16)
    return np.array([*stored["scale"], np.nan])[np.where(level == 65535, len(stored["scale"]), level)]


def planes(raw: bytes, kind: str) -> np.ndarray:
    """Numbers from their byte planes."""
    size = np.dtype(kind).itemsize
    return np.frombuffer(np.frombuffer(raw, np.uint8).reshape(size, -1).T.tobytes(), kind)
