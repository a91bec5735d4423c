"""Split bytes into Latin words and number them, compiled.

Words get provisional numbers in the order of first appearance. Their letters
follow one another in an arena; an open-addressing hash table finds them again.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from itertools import pairwise

import numba
import numpy as np
import regex
from numpy.typing import NDArray

_LETTERS = regex.compile(r"[\p{L}\p{M}]+")
_FNV_OFFSET = np.uint64(14695981039346656037)
_FNV_PRIME = np.uint64(1099511628211)


@dataclass
class WordTable:
    r"""Number words in the order of their first appearance.

    Parameters
    ----------
    slots : int32 array
        Slots of the hash table: a word's number, or -1.
    hashes : uint64 array
        Hash of each word.
    ends : int64 array
        Bounds of each word's letters in the arena.
    arena : uint8 array
        Letters of all words.
    size : int
        Number of words.
    letters : int
        Letters of the words numbered so far.
    letters_dropped : int
        Letters and marks of letters (Unicode's L and M) that were in no word.

    Examples
    --------
    >>> table = WordTable()
    >>> numbers, ends = table.numbers(b"The cat\nthe dog\n", newline_ends_document=True)
    >>> numbers.tolist(), ends.tolist(), table.words()
    ([0, 1, 0, 2], [2, 4], ['the', 'cat', 'dog'])
    """

    slots: NDArray[np.int32] = field(default_factory=lambda: np.full(1 << 16, -1, np.int32))
    hashes: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(1 << 15, np.uint64))
    ends: NDArray[np.int64] = field(default_factory=lambda: np.zeros((1 << 15) + 1, np.int64))
    arena: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(1 << 18, np.uint8))
    size: int = 0
    letters: int = 0
    letters_dropped: int = 0

    def numbers(
        self, text: bytes, *, newline_ends_document: bool
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Number the words of a text.

        Parameters
        ----------
        text : bytes
            UTF-8 that begins and ends at a word boundary.
        newline_ends_document : bool
            Whether to report the places of line breaks.

        Returns
        -------
        numbers : (n,) int32
            Number of each word, in the order of the text.
        ends : (m,) int64
            Number of words before each line break.
        """
        data = np.frombuffer(text, np.uint8)
        self._make_room(len(text))
        numbers = np.empty(len(text) // 2 + 1, np.int32)
        ends = np.empty(text.count(b"\n") if newline_ends_document else 0, np.int64)
        self.size, n, letters, dropped = _number_words(
            data,
            _letter_bits(),
            self.slots,
            self.hashes,
            self.ends,
            self.arena,
            self.size,
            numbers,
            ends,
        )
        self.letters += letters
        self.letters_dropped += dropped
        return numbers[:n], ends

    def words(self) -> list[str]:
        """Return all words.

        Returns
        -------
        list of str
            Words in the order of their numbers.
        """
        text = self.arena[: self.ends[self.size]].tobytes().decode("ascii")
        bounds = self.ends[: self.size + 1].tolist()
        return [text[a:b] for a, b in pairwise(bounds)]

    def _make_room(self, n_bytes: int) -> None:
        # Room for the worst text of this length, so that the kernel need not check.
        most = self.size + n_bytes // 2 + 1
        if most > len(self.hashes):
            capacity = max(most, 2 * len(self.hashes))
            self.hashes = np.concatenate(
                [self.hashes, np.zeros(capacity - len(self.hashes), np.uint64)]
            )
            self.ends = np.concatenate(
                [self.ends, np.zeros(capacity + 1 - len(self.ends), np.int64)]
            )
        needed = int(self.ends[self.size]) + n_bytes
        if needed > len(self.arena):
            grown = max(needed, 2 * len(self.arena)) - len(self.arena)
            self.arena = np.concatenate([self.arena, np.zeros(grown, np.uint8)])
        if 2 * most > len(self.slots):
            self.slots = np.full(1 << (2 * most - 1).bit_length(), -1, np.int32)
            _fill_slots(self.slots, self.hashes, self.size)


@functools.cache
def _letter_bits() -> NDArray[np.uint8]:
    """One bit for each character: whether it is a letter or a mark, beyond ASCII."""
    kinds = np.zeros(0x110000, np.bool_)
    # Planes 4 to 13 have no characters, and those above only the selectors of variants.
    for first, end in ((0x80, 0xD800), (0xE000, 0x40000), (0xE0100, 0xE01F0)):
        for found in _LETTERS.finditer("".join(map(chr, range(first, end)))):
            kinds[first + found.start() : first + found.end()] = True
    return np.packbits(kinds, bitorder="little")


@numba.njit(cache=True, nogil=True)
def _fill_slots(slots: NDArray[np.int32], hashes: NDArray[np.uint64], size: int) -> None:
    mask = np.uint64(len(slots) - 1)
    for k in range(size):
        slot = hashes[k] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = k


@numba.njit(cache=True, nogil=True)
def _number_words(
    data: NDArray[np.uint8],
    letter_bits: NDArray[np.uint8],
    slots: NDArray[np.int32],
    hashes: NDArray[np.uint64],
    word_ends: NDArray[np.int64],
    arena: NDArray[np.uint8],
    size: int,
    numbers: NDArray[np.int32],
    document_ends: NDArray[np.int64],
) -> tuple[int, int, int, int]:
    mask = np.uint64(len(slots) - 1)
    letters = 0
    dropped = 0
    length = len(data)
    n = 0  # words
    lines = 0
    filled = word_ends[size]  # the current word is written after the known ones
    place = filled
    code = _FNV_OFFSET
    i = 0
    while i <= length:
        byte = data[i] if i < length else np.uint8(0)
        step = 1
        letter = np.uint8(0)
        breaks = False  # a letter that is followed by a mark, so the word ends after it
        if 97 <= byte <= 122:
            letter = byte
        elif 65 <= byte <= 90:
            letter = byte | np.uint8(32)
        elif byte == 0xE2 and i + 2 < length and data[i + 1] == 0x84 and data[i + 2] == 0xAA:
            # KELVIN SIGN: the one character outside ASCII whose lower case is in [a-z] ...
            letter = np.uint8(107)
            step = 3
        elif byte == 0xC4 and i + 1 < length and data[i + 1] == 0xB0:
            # ... but for the dotted capital I, which becomes an i and a combining dot.
            letter = np.uint8(105)
            step = 2
            breaks = True
        elif byte >= 0xC2:
            # Some other character: is it a letter that is lost?
            code_point = 0
            if byte < 0xE0 and i + 1 < length:
                code_point = (byte & 0x1F) << 6 | data[i + 1] & 0x3F
            elif byte < 0xF0 and i + 2 < length:
                code_point = (byte & 0x0F) << 12 | (data[i + 1] & 0x3F) << 6 | data[i + 2] & 0x3F
            elif byte < 0xF5 and i + 3 < length:
                code_point = (
                    (byte & 0x07) << 18
                    | (data[i + 1] & 0x3F) << 12
                    | (data[i + 2] & 0x3F) << 6
                    | data[i + 3] & 0x3F
                )
            if code_point < 0x110000:
                dropped += letter_bits[code_point >> 3] >> (code_point & 7) & 1
        if letter:
            arena[place] = letter
            place += 1
            code = (code ^ np.uint64(letter)) * _FNV_PRIME
        if (letter == 0 or breaks) and place > filled:
            letters += place - filled
            code ^= code >> np.uint64(32)
            slot = code & mask
            found = slots[slot]
            while found >= 0:
                if hashes[found] == code:
                    begin = word_ends[found]
                    width = word_ends[found + 1] - begin
                    same = width == place - filled
                    k = 0
                    while same and k < width:
                        same = arena[begin + k] == arena[filled + k]
                        k += 1
                    if same:
                        break
                slot = (slot + np.uint64(1)) & mask
                found = slots[slot]
            if found < 0:
                found = np.int32(size)
                slots[slot] = found
                hashes[size] = code
                size += 1
                word_ends[size] = place
                filled = place
            numbers[n] = found
            n += 1
            place = filled
            code = _FNV_OFFSET
        if byte == 10 and i < length and lines < len(document_ends):
            document_ends[lines] = n
            lines += 1
        i += step
    return size, n, letters, dropped
