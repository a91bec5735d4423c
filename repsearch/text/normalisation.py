"""Normalise the spelling of words, so that one word is one string wherever it is read."""

from __future__ import annotations

import unicodedata
from typing import Literal, TypeAlias

import regex

from repsearch.errors import InputError

Language: TypeAlias = Literal["tr", "az"]
"""Languages whose case folding differs from Unicode's default: Turkish and Azerbaijani."""

LANGUAGES: tuple[str, ...] = ("tr", "az")

# Characters that are seen by no reader and belong to no word: the soft hyphen,
# the combining grapheme joiner, the word joiner, the byte-order mark, and the
# marks of writing direction.
_UNSEEN = "\u00ad\u034f\u061c\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
_UNSEEN += "\u2066\u2067\u2068\u2069"
_OFF = regex.compile(f"[{_UNSEEN}]+")
# A zero-width space parts words where a script has no other way to; between letters of all
# other scripts it is a break for the end of a line, and belongs to no word.
_UNSPACED = (
    r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Tibetan}"
    r"\p{Javanese}\p{Balinese}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}\p{Tai_Viet}\p{Cham}"
)
_SPACED = rf"[[\p{{L}}\p{{M}}]--[{_UNSPACED}]]"
_ZERO_WIDTH_SPACES = regex.compile(
    rf"(?V1)(?<={_SPACED})[\u200c\u200d]*\u200b[\u200b-\u200d]*(?={_SPACED})"
)
# Joiners make up the spelling of Persian and of Indic scripts; in these they only keep
# two letters from being drawn as one.
_ALPHABET = r"\p{Latin}\p{Greek}\p{Cyrillic}\p{Armenian}\p{Georgian}"
_JOINERS = regex.compile(rf"(?<=[{_ALPHABET}\p{{Mn}}])[\u200c\u200d]+(?=[{_ALPHABET}])")
_DOTTED = "i\u0307"
_TURKISH = {ord("I"): "\u0131", ord("\u0130"): "i"}


def normalise(text: str) -> str:
    r"""Put text in NFC, without the characters that no reader sees.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text in normalisation form C, without soft hyphens, word joiners,
        byte-order marks and marks of direction. A zero-width space goes where
        it is between letters of a script that is written with spaces, and stays
        in Thai, Khmer, Chinese and the like, whose words it separates; joiners
        go between letters of Latin, Greek, Cyrillic, Armenian and Georgian, and
        stay in Persian and Indic scripts, whose spelling needs them.

    Examples
    --------
    >>> normalise("cafe\u0301 co\u00adoperate")
    'café cooperate'
    """
    if text.isascii():
        return text
    # To look for each is many times faster than to go through a text that has none.
    if any(character in text for character in _UNSEEN):
        text = _OFF.sub("", text)
    text = unicodedata.normalize("NFC", text)
    if "\u200b" not in text and "\u200c" not in text and "\u200d" not in text:
        return text
    text = _JOINERS.sub("", _ZERO_WIDTH_SPACES.sub("", text))
    return unicodedata.normalize("NFC", text)


def fold(text: str, *, language: str | None = None) -> str:
    """Normalise text and fold its case, so that spellings of one word are equal.

    Folding is Unicode's full case folding (Unicode Standard, section 3.13,
    and ``CaseFolding.txt``), by which "Straße" and "STRASSE" are equal, and so
    are "ΟΔΟΣ" and "οδος". The capital dotted "İ" folds to a plain "i".

    Parameters
    ----------
    text : str
        Any text.
    language : {"tr", "az"}, optional
        Language whose "I" folds to the dotless "ı". In all others it folds to "i".

    Returns
    -------
    str
        The text in NFC, folded. Folding it again changes nothing.

    Raises
    ------
    InputError
        A language other than those.

    Examples
    --------
    >>> fold("STRASSE") == fold("Straße"), fold("İstanbul")
    (True, 'istanbul')
    >>> fold("IŞIK", language="tr")
    'ışık'
    """
    if language is not None and language not in LANGUAGES:
        known = ", ".join(map(repr, LANGUAGES))
        raise InputError(f"language {language!r} has no case folding of its own; choose {known}")
    text = normalise(text)
    if language is not None:
        text = text.translate(_TURKISH)
    # Once more to NFC: folding can leave a letter and its mark apart.
    return unicodedata.normalize("NFC", text.casefold().replace(_DOTTED, "i"))
