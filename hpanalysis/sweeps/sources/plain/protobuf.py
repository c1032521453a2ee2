"""How is a protobuf message read without its schema? Field by field: its number, and an integer or bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator

VARINT, BYTES = 0, 2
# Kind of a field of fixed size -> its bytes.
FIXED = {1: 8, 5: 4}


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
    while at < end:
        key, at = _varint(data, at)
        kind = key & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind != BYTES and kind not in FIXED:
            raise ValueError(f"a field of the unknown kind {kind}")
        size, at = _varint(data, at) if kind == BYTES else (FIXED[kind], at)
        if at + size > end:
            raise ValueError("a message is cut off")
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    # Most are of one byte.
    if at < len(data) and (value := data[at]) < 128:
        return value, at + 1
    value = shift = 0
    for byte in data[at : at + 10]:
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise ValueError("a number that is cut off, or of more than 64 bits")


def parts(data: bytes, *numbers: int) -> Iterator[bytes]:
    """The messages under these numbers, each in those under the one before; what is no message there is left out.

    Examples
    --------
    >>> list(parts(bytes([0x0A, 0x04, 0x12, 0x02, 0x68, 0x69]), 1, 2))
    [b'hi']
    """
    for field, value in fields(data):
        if field == numbers[0] and isinstance(value, bytes):
            if len(numbers) > 1:
                yield from parts(value, *numbers[1:])
            else:
                yield value


def text(value: int | bytes) -> str:
    """A field as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def real(value: int | bytes) -> float:
    """A fixed field as a number."""
    if not isinstance(value, bytes) or len(value) not in (4, 8):
        raise ValueError("a number of neither 4 nor 8 bytes")
    number: float = struct.unpack("<d" if len(value) == 8 else "<f", value)[0]
    return number
