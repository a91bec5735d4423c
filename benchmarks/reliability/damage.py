"""Damage files in the ways that disks, transfers, editors and attackers do, from a seed."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

NUMBERS = [
    *(b"0", b"-1", b"1", b"2147483648", b"4294967296", b"9223372036854775808", b"1e12"),
    *(b"1000000000000", b"1e400", b"-1e400", b"nan", b"NaN", b"inf", b"0.5", b"", b"true"),
    b"9" * 5000,
]
VALUES: list[Any] = [
    *(None, True, 0, -1, 2**31, 2**63, 10**12, 10**400, 0.5, -1e300, "", "x", "\ud800", "../a"),
    *([], {}, [[]], {"kind": "float", "value": "nan"}, {"kind": "Window"}, "9" * 1000),
]
FLOATS = [0.0, -0.0, -1.0, np.nan, np.inf, -np.inf, 1e-300, 1e200, 1e308, 2.0**31, 2.0**63]
LENGTHS = [0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1]
_DIGITS = re.compile(rb"\d+(?:\.\d+)?")
Damage = Callable[[bytes, Random], bytes]


def _place(content: bytes, random: Random) -> int:
    """Anywhere, but as often among the first bytes, where headers are."""
    limit = len(content) if random.random() < 0.5 else min(len(content), 200)
    return random.randrange(limit + 1)


def flip(content: bytes, random: Random) -> bytes:
    """Flip up to four bits."""
    changed = bytearray(content)
    for _ in range(random.randint(1, 4)):
        if changed:
            changed[min(_place(content, random), len(changed) - 1)] ^= 1 << random.randrange(8)
    return bytes(changed)


def cut(content: bytes, random: Random) -> bytes:
    """Lose the end, or a piece of the middle."""
    start = _place(content, random)
    return content[:start] + (
        content[start + random.randint(1, 64) :] if random.random() < 0.5 else b""
    )


def splice(content: bytes, random: Random) -> bytes:
    """Have a piece come again, in its place or elsewhere."""
    start, at = _place(content, random), _place(content, random)
    piece = content[start : start + random.randint(1, 200)] * random.choice([1, 1, 2, 1000])
    return content[:at] + piece + content[at:]


def overwrite(content: bytes, random: Random) -> bytes:
    """Put extreme numbers of four or eight bytes over what was there."""
    at = _place(content, random) & ~random.choice([0, 3, 7])
    number = random.choice(LENGTHS)
    new = random.choice(
        [
            struct.pack("<Q", number),
            struct.pack("<I", number & 0xFFFFFFFF),
            struct.pack("<d", random.choice(FLOATS)),
            struct.pack("<f", np.float32(np.clip(random.choice(FLOATS), -3e38, 3e38))),
            bytes(random.randrange(256) for _ in range(random.randint(1, 16))),
        ]
    )
    return content[:at] + new + content[at + len(new) :]


def renumber(content: bytes, random: Random) -> bytes:
    """Write another number where digits are."""
    found = list(_DIGITS.finditer(content[:100_000]))
    if not found:
        return flip(content, random)
    chosen = random.choice(found[:20] if random.random() < 0.5 else found)
    return content[: chosen.start()] + random.choice(NUMBERS) + content[chosen.end() :]


def insert(content: bytes, random: Random) -> bytes:
    """Put in what text files hold when they should not, or nest without an end."""
    piece = random.choice(
        [
            *(b"\xff", b"\x00", b"\n", b"\r", b"\t", b" ", b"\xef\xbb\xbf", b"\xed\xa0\x80", b'"'),
            *(b"[" * 100_000, b'{"a":' * 100_000, b"(" * 3000, b"<a>" * 3000, b"{{" * 3000),
            *(
                b"a" * 100_000,
                "\u202e\u200d\u0130ß".encode(),
                b"\xff\xfea\x00",
                b"]",
                b"}",
                b"-",
                b",",
            ),
        ]
    )
    at = _place(content, random)
    return content[:at] + piece + content[at:]


def swap_lines(content: bytes, random: Random) -> bytes:
    """Exchange, repeat or drop lines."""
    lines = content.split(b"\n")
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    way = random.randrange(3)
    if way == 0:
        lines[one], lines[other] = lines[other], lines[one]
    elif way == 1:
        lines.insert(one, lines[other])
    else:
        del lines[one]
    return b"\n".join(lines)


BYTES: tuple[Damage, ...] = (flip, cut, splice, overwrite, renumber, insert, swap_lines)


def damaged(content: bytes, random: Random) -> bytes:
    """Damage content in one to three ways."""
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        content = random.choice(BYTES)(content, random)
    return content


def damaged_json(value: Any, random: Random) -> Any:
    """Replace, remove, repeat or nest one value of a JSON document."""
    if isinstance(value, dict | list) and value and random.random() < 0.85:
        key = random.choice(list(value) if isinstance(value, dict) else list(range(len(value))))
        copy = dict(value) if isinstance(value, dict) else list(value)
        way = random.random()
        if way < 0.1:
            del copy[key]  # type: ignore[arg-type]
        elif way < 0.2 and isinstance(copy, list):
            copy.insert(int(key), value[key])
        else:
            copy[key] = damaged_json(value[key], random)  # type: ignore[index]
        return copy
    return random.choice(VALUES)


def damaged_array(array: np.ndarray[Any, Any], random: Random) -> np.ndarray[Any, Any]:
    """Change an array's numbers, shape or type."""
    way = random.randrange(7)
    if way == 0 and array.size:
        changed = array.copy().reshape(-1)
        place = random.randrange(changed.size)
        with np.errstate(all="ignore"):
            changed[place] = (
                np.float64(random.choice(FLOATS)).astype(array.dtype)
                if array.dtype.kind == "f"
                else np.array(random.choice(LENGTHS), np.uint64).astype(array.dtype)
                if array.dtype.kind in "iu"
                else changed[place]
            )
        return changed.reshape(array.shape)
    if way == 1:
        return array[: random.randrange(len(array) + 1)] if array.ndim else array[None]
    if way == 2 and array.ndim:
        return np.concatenate([array, array])
    if way == 3:
        kinds = ["f2", "f4", "f8", "i1", "u1", "i4", "i8", "u8", "?"]
        with np.errstate(all="ignore"):
            return array.astype(random.choice(kinds)) if array.dtype.kind in "iufb" else array
    if way == 4:
        return array.T.copy() if array.ndim > 1 else array[None].copy()
    if way == 5:
        return np.zeros((0,) * max(array.ndim, 1), array.dtype)
    return array[::-1].copy() if array.ndim else array


def damaged_npz(content: bytes, random: Random) -> bytes:
    """Change a member of an archive, whose checksums are then right."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(stream, "w") as made:
        chosen = random.choice(whole.namelist())
        for name in whole.namelist():
            member = whole.read(name)
            if name == chosen:
                way = random.random()
                if way < 0.1:
                    continue
                if way < 0.4:
                    member = damaged(member, random)
                else:
                    array = np.load(io.BytesIO(member), allow_pickle=False)
                    if name == "header.npy":
                        value = damaged_json(json.loads(array.tobytes()), random)
                        text = json.dumps(value, ensure_ascii=True).encode()
                        array = np.frombuffer(text, np.uint8)
                    else:
                        array = damaged_array(array, random)
                    inner = io.BytesIO()
                    np.lib.format.write_array(inner, array, version=(1, 0))
                    member = inner.getvalue()
            made.writestr(name, member)
    return stream.getvalue()
