"""Normalise the spelling of words, so that one word is one string wherever it is read."""

from __future__ import annotations

import unicodedata
from typing import Literal, TypeAlias

from repsearch.errors import InputError

Language: TypeAlias = Literal["tr", "az"]
"""Languages whose case folding differs from Unicode's default: Turkish and Azerbaijani."""

LANGUAGES: tuple[str, ...] = ("tr", "az")

# Characters that are seen by no reader and belong to no word: the soft hyphen,
# the combining grapheme joiner, the word joiner, the byte-order mark, and the
# marks of writing direction.
_UNSEEN = dict.fromkeys([0x00AD, 0x034F, 0x061C, 0x2060, 0xFEFF, 0x200E, 0x200F])
_UNSEEN |= dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
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
        byte-order marks and marks of direction. Joiners and the zero-width
        space, which separate or join words in some scripts, stay.

    Examples
    --------
    >>> normalise("cafe\u0301 co\u00adoperate")
    'café cooperate'
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.translate(_UNSEEN))


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
