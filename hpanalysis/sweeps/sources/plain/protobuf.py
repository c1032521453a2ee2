"""How is a protobuf message read without its schema? Field by field: its number, and an integer or bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a message; a fixed field comes as its bytes.

    Raises
    ------
    ValueError
        If the message is cut off, or is none.

    Examples
    --------
    >>> list(fields(bytes([0x08, 0x96, 0x01, 0x12, 0x02, 0x68, 0x69])))
    [(1, 150), (2, b'hi')]
    """
    at, end = 0, len(data)
    try:
        while at < end:
            key = data[at]
            at += 1
            if key > 127:
                key, at = _varint(data, at, key)
            kind = key & 7
            if kind == BYTES:
                size = data[at]
                at += 1
                if size > 127:
                    size, at = _varint(data, at, size)
                if at + size > end:
                    raise ValueError("a message is cut off")
                yield key >> 3, data[at : at + size]
                at += size
            elif kind == VARINT:
                value = data[at]
                at += 1
                if value > 127:
                    value, at = _varint(data, at, value)
                yield key >> 3, value
            elif kind in (FIXED64, FIXED32):
                size = 8 if kind == FIXED64 else 4
                if at + size > end:
                    raise ValueError("a message is cut off")
                yield key >> 3, data[at : at + size]
                at += size
            else:
                raise ValueError(f"a field of the unknown kind {kind}")
    except IndexError:
        raise ValueError("a message is cut off") from None


def _varint(data: bytes, at: int, first: int) -> tuple[int, int]:
    value, shift = first & 127, 7
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than 64 bits")


def parts(data: bytes, number: int) -> Iterator[bytes]:
    """The fields of one number that hold bytes: text, or a message."""
    return (value for field, value in fields(data) if field == number and isinstance(value, bytes))


def text(value: int | bytes) -> str:
    """A field as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def real(value: int | bytes) -> float:
    """A fixed field as a number."""
    if not isinstance(value, bytes) or len(value) not in (4, 8):
        raise ValueError("a number of neither 4 nor 8 bytes")
    number: float = struct.unpack("<d" if len(value) == 8 else "<f", value)[0]
    return number
