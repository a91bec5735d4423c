"""Select the tokens of a subword tokenizer that begin a word, from its ``tokenizer.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from repsearch.embeddings.formats.streams import reading
from repsearch.errors import InputError

_BYTE_SPACE = "\u0120"  # a space, in the alphabet in which byte-level BPE writes bytes
_SPACE = "\u2581"  # SentencePiece's sign for a space
_NO_WORD = re.compile(r"<0x[0-9A-Fa-f]{2}>|[\[<]unused_?\d+[\]>]")
"""Single bytes, and unused entries of a vocabulary."""


def token_words(path: Path) -> dict[str, int]:
    """Read the words of a tokenizer: its tokens that begin a word.

    How they are recognised depends on the tokenizer.

    - Byte-level BPE and SentencePiece mark the space before a word (U+0120 and
      U+2581). Tokens with the mark are taken, and it is stripped. Tokens without
      it occur inside words, or at the very start of a text, and are left out: so
      of "king" with and without the mark, the marked one is the word.
    - WordPiece marks tokens that continue a word (``##``); the others are taken.
    - A vocabulary of whole words is taken as it is.

    Special tokens, single bytes (``<0x0A>``), unused entries (``[unused7]``),
    tokens with a further space in them and bytes that are not UTF-8 are left out.
    A token need not be a whole word of the language: "token" can begin
    "tokenizer".

    Parameters
    ----------
    path : Path
        File ``tokenizer.json`` of the tokenizers library.

    Returns
    -------
    dict of str to int
        Words and their token ids, in the order of the ids.

    Raises
    ------
    InputError
        The file cannot be read, or does not tell which tokens begin a word.

    Examples
    --------
    >>> import tempfile
    >>> model = {"continuing_subword_prefix": "##", "vocab": {"cat": 1, "##s": 2, "the": 0}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "tokenizer.json"
    ...     _ = path.write_text(json.dumps({"model": model}))
    ...     token_words(path)
    {'the': 0, 'cat': 1}
    """
    with reading(path) as stream:
        try:
            content = json.load(stream)
            model = content["model"]
            ids = _ids(model["vocab"])
            special = {
                str(one["content"]) for one in content.get("added_tokens") or () if one["special"]
            }
            words = dict(_words(content, model, ids.keys() - special))
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
            OverflowError,
        ) as error:
            raise InputError(
                f"cannot read {path}: it is no tokenizer of the tokenizers library, or is damaged; "
                "save or download it anew"
            ) from error
    if not words:
        raise InputError(
            f"the tokens of {path} do not tell where words begin: none bears a mark of the space "
            "before it; make Embeddings of words and rows yourself"
        )
    order = sorted(words, key=lambda token: ids[token])
    return {words[token]: ids[token] for token in order}


def _ids(vocabulary: Mapping[str, int] | list[list[Any]]) -> dict[str, int]:
    if not isinstance(vocabulary, Mapping):  # Unigram: tokens and scores
        return {str(token): number for number, (token, _) in enumerate(vocabulary)}
    ids = {str(token): int(number) for token, number in vocabulary.items()}
    if min(ids.values(), default=0) < 0 or len(set(ids.values())) < len(ids):
        raise ValueError("two tokens have one id, or an id is negative")
    return ids


def _words(
    content: Mapping[str, Any], model: Mapping[str, Any], tokens: set[str]
) -> Iterator[tuple[str, str]]:
    """Pairs of a token and the word it is."""
    inside = model.get("continuing_subword_prefix") or ""
    parts = (content.get(part) for part in ("normalizer", "pre_tokenizer", "decoder"))
    byte_level = any("ByteLevel" in _types(part) for part in parts)
    marked = any(token.startswith(_SPACE) for token in tokens)
    for token in tokens:
        word: str | None = None
        if byte_level:
            if token.startswith(_BYTE_SPACE):
                word = word_of_bytes(token[1:])
        elif inside:
            word = None if token.startswith(inside) else token
        elif marked:
            word = token[1:] if token.startswith(_SPACE) else None
        elif model.get("type") == "WordLevel":
            word = token
        if word and not _NO_WORD.fullmatch(word) and _SPACE not in word and word.split() == [word]:
            yield token, word


def _types(part: Any) -> Iterator[str]:
    """Kinds of a normaliser, pre-tokeniser or decoder, and of those it is a sequence of."""
    if isinstance(part, Mapping):
        yield str(part.get("type"))
        for inner in ("normalizers", "pretokenizers", "decoders"):
            for one in part.get(inner, ()):
                yield from _types(one)


def word_of_bytes(token: str) -> str | None:
    """Give the text of a byte-level token.

    Parameters
    ----------
    token : str
        In the alphabet in which byte-level BPE writes bytes.

    Returns
    -------
    str or None
        None where its bytes are no UTF-8.

    Examples
    --------
    >>> word_of_bytes("caf\u00c3\u00a9")
    'café'
    """
    try:
        return bytes(_BYTES[sign] for sign in token).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None


def _byte_alphabet() -> dict[str, int]:
    """Signs in which byte-level BPE writes the 256 bytes.

    A byte that is printable in Latin-1 stands for itself; the others, in their
    order, are the signs from U+0100 on (Radford et al. 2019).
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {
        chr(0x100 + place): byte for place, byte in enumerate(others)
    }


_BYTES = _byte_alphabet()
