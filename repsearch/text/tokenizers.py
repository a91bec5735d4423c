"""Split documents into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import regex

from repsearch.errors import InputError
from repsearch.text.chunks import Boundary, latin_boundary, space_boundary, unicode_boundary
from repsearch.text.normalisation import fold

Tokenize: TypeAlias = Callable[[str], Iterable[str]]

_LATIN = regex.compile(r"[a-z]+")

# Letters with the marks that belong to them (vowel signs of Indic scripts,
# accents that NFC leaves apart), joined inside a word by an apostrophe or by
# the zero-width joiners that Persian and Indic spelling need. A mark without a
# letter, such as the variation selector of an emoji, is no word. What belongs to no
# word (soft hyphens and the like) is off the text before.
_UNICODE = regex.compile(
    r"\p{L}[\p{L}\p{M}]*(?:['\u2019\u200c\u200d][\p{L}\p{M}]+)*",
)


@dataclass(frozen=True)
class Tokenizer:
    """Name a function that splits text into words.

    Parameters
    ----------
    name : str
        Name that is written into every corpus and counts file, so that counts
        of words split in different ways are never added; change it when the rule
        changes.
    tokenize : callable
        Function from the text of a document to its words in order. No word may
        be empty or hold white space.

    Raises
    ------
    InputError
        A name that is not one word.

    Examples
    --------
    >>> import repsearch as rs
    >>> words = rs.Tokenizer("white-space", str.split)
    >>> rs.encode(["Don't stop"], vocabulary_size=None, tokenizer=words).words
    ("Don't", 'stop')
    >>> list(rs.LATIN.tokenize("Don't stop")), list(rs.UNICODE.tokenize("Don't stop"))
    (['don', 't', 'stop'], ["don't", 'stop'])
    >>> list(rs.UNICODE.tokenize("Die STRASSE, die Straße"))
    ['die', 'strasse', 'die', 'strasse']
    """

    name: str
    tokenize: Tokenize

    def __post_init__(self) -> None:
        if not is_word(self.name):
            raise InputError(f"a tokeniser's name is one word, not {self.name!r}")


def is_word(word: object) -> bool:
    """Whether something is a string that can be a word.

    Parameters
    ----------
    word : object
        Value to check.

    Returns
    -------
    bool
        False where it is not a string, is empty, or holds white space or lone surrogates.
    """
    if not isinstance(word, str) or word.split() != [word]:
        return False
    try:
        word.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _latin(text: str) -> Iterable[str]:
    found: list[str] = _LATIN.findall(text.lower())
    return found


def _unicode(text: str) -> Iterable[str]:
    found: list[str] = _UNICODE.findall(fold(text))
    return found


def _turkish(text: str) -> Iterable[str]:
    found: list[str] = _UNICODE.findall(fold(text, language="tr"))
    return found


def _split(text: str) -> Iterable[str]:
    return text.split()


LATIN = Tokenizer("latin", _latin)
"""The paper's tokeniser: runs of ``[a-z]`` in the lower-cased text.

Any other character ends a word: an accented letter, a soft hyphen, a digit. The
corpus encoder runs a compiled equivalent of it on the bytes of the text.
"""

UNICODE = Tokenizer("unicode", _unicode)
"""Runs of letters and their marks in any script, folded by `repsearch.text.normalisation.fold`.

So "Straße" and "STRASSE" are one word, and soft hyphens and zero-width characters
cut none. Scripts written without spaces between words (Chinese, Japanese, Thai) come
out as whole phrases: put spaces, or zero-width spaces, between their words first.
"""

TURKISH = Tokenizer("turkish", _turkish)
"""As `UNICODE`, with the case of Turkish and Azerbaijani: "IŞIK" is "ışık", "İ" is "i"."""

SPLIT = Tokenizer("split", _split)
"""What stands between white space, as it is: for text that is tokenised already."""

TOKENIZERS = {rule.name: rule for rule in (LATIN, UNICODE, TURKISH, SPLIT)}

BOUNDARIES: dict[str, Boundary] = {
    LATIN.name: latin_boundary,
    UNICODE.name: unicode_boundary,
    TURKISH.name: unicode_boundary,
    SPLIT.name: space_boundary,
}
"""Where a document may be cut, by the tokeniser that gives the same words of its pieces."""


_UNSTATED = "unstated:"
"""What the name of a function begins with that was given none: another may have the same."""


def check_stated(name: str) -> None:
    """Refuse a tokeniser whose name does not tell it from others.

    Parameters
    ----------
    name : str
        Name of the tokeniser of something that is to be added to another.

    Raises
    ------
    InputError
        It is that of a function which was given none.
    """
    if name.startswith(_UNSTATED):
        raise InputError(
            f"the words were split by a function without a name of its own ({name}), and another "
            "function may be recorded alike; give it one that changes with the rule, "
            "encode(..., tokenizer=Tokenizer('my-rule-1', function)), and count again"
        )


def as_tokenizer(tokenizer: str | Tokenizer | Tokenize) -> Tokenizer:
    """Return the tokeniser for a name, a `Tokenizer` or any callable.

    Parameters
    ----------
    tokenizer : {"latin", "unicode", "turkish", "split"}, Tokenizer or callable
        What the user passed. A callable states no name of its own: it is recorded as
        ``unstated:module.function``, and counts made with it are not added to others.

    Returns
    -------
    Tokenizer
        The tokeniser.

    Raises
    ------
    InputError
        An unknown name, another tokeniser under the name of one of this
        package, or something that cannot be called.

    Examples
    --------
    >>> as_tokenizer("latin").name, as_tokenizer(str.split).name
    ('latin', 'unstated:str.split')
    """
    if isinstance(tokenizer, Tokenizer):
        if TOKENIZERS.get(tokenizer.name, tokenizer) != tokenizer:
            raise InputError(
                f"the name {tokenizer.name!r} belongs to a tokeniser of this package; "
                "give yours another name"
            )
        return tokenizer
    if isinstance(tokenizer, str):
        if tokenizer not in TOKENIZERS:
            known = ", ".join(map(repr, TOKENIZERS))
            raise InputError(
                f"tokeniser {tokenizer!r} is unknown; choose {known} or pass a callable"
            )
        return TOKENIZERS[tokenizer]
    if not callable(tokenizer):
        raise InputError(f"a tokeniser is a name or a callable, not {type(tokenizer).__name__}")
    module = getattr(tokenizer, "__module__", None)
    name = getattr(tokenizer, "__qualname__", type(tokenizer).__qualname__)
    whole = f"{module}.{name}" if module else name
    return Tokenizer(_UNSTATED + whole.replace(" ", ""), tokenizer)
