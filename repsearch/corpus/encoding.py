"""Encode text as word ids."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeAlias

from repsearch.corpus.bigrams import joined
from repsearch.corpus.corpus import Corpus, CorpusSettings, write_all_but_tokens
from repsearch.corpus.first_pass import Draft, draft_corpus
from repsearch.corpus.folder import FILES, read_manifest
from repsearch.corpus.kept_words import check_not_stopped, check_vocabulary
from repsearch.corpus.phrases import JOINT, Phrases
from repsearch.corpus.renumbering import choose_words, renumbered
from repsearch.corpus.stop_words import checked_stop_words, stop_name
from repsearch.corpus.token_ids import TOKENIZER as IDS
from repsearch.corpus.token_ids import TokenIds
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.storage.atomic import replacing_folder
from repsearch.text.files import TextFiles
from repsearch.text.tokenizers import LATIN, TOKENIZERS, Tokenize, Tokenizer, as_tokenizer

_LOG = logging.getLogger(__name__)

# Raised when the same text is read as other words than before, so that no corpus of an
# earlier version is taken for what this one would make.
_READING = 2

TextInput: TypeAlias = str | Path | TextFiles | TokenIds | Iterable[str]


def encode(
    source: TextInput,
    folder: str | Path | None = None,
    *,
    settings: CorpusSettings | None = None,
    vocabulary: Sequence[str] | None = None,
    tokenizer: str | Tokenizer | Tokenize = LATIN,
    phrases: Phrases | None = None,
    stop_words: Iterable[str] | int | None = None,
    progress: Progress = silent,
    before_replacing: Callable[[], None] | None = None,
    **changes: Any,
) -> Corpus:
    """Encode text as word ids.

    The text is read once. Memory grows with the number of distinct words and of
    documents, not with the number of words nor with their length; only a tokeniser
    that is not of this package is given whole documents. While a folder is written, it takes up
    to twice the space of the corpus.

    Parameters
    ----------
    source : path, TextFiles, TokenIds, or iterable of str
        A file or folder of text with one document a line, or of another format
        that its first bytes tell (`TextFiles`); `TextFiles` for several paths or
        another layout; `TokenIds` for word ids; or the documents themselves.
    folder : path, optional
        Folder to write the corpus to. If it already holds the corpus of the same
        files (name, size and time of change) with the same settings, vocabulary
        and tokeniser of this package, that one is opened; any other corpus
        there is replaced when the new one is whole. A folder that holds other
        files is refused. None keeps everything in memory.
    settings : CorpusSettings, optional
        Words and documents to keep; the paper's vocabulary of 10,000 words by
        default, or all words of a text that has fewer.
    vocabulary : sequence of str, optional
        Words to keep, in this order, instead of the most frequent ones; a
        word that never occurs has the count 0. Texts encoded with the
        vocabulary of one of them have counts that can be merged. It takes the
        place of `vocabulary_size` and `min_count`.
    tokenizer : {"latin", "unicode", "turkish", "split"}, Tokenizer or callable
        Rule that splits text into words; ``"latin"`` is the paper's ``[a-z]+`` on
        lower-cased text, ``"split"`` takes what stands between white space as it is.
    phrases : Phrases, optional
        Pairs of words that are joined to one, such as ``new_york``, wherever they follow one
        another, before words are counted. Corpora with other phrases have another
        `Corpus.tokenizer`, and their counts are not added.
    stop_words : iterable of str or int, optional
        Words that are taken for words out of the vocabulary, or how many of the most frequent
        ones are (phrases being words); recorded like phrases.
    progress : Progress
        Called with the number of bytes read and of tokens encoded.
    before_replacing : callable, optional
        Called when the new corpus is whole, before it takes its place in `folder`; not where
        the one there is opened.
    **changes
        Fields of `settings` to set otherwise, for example
        ``vocabulary_size=5000``.

    Returns
    -------
    Corpus
        The encoded text, mapped from `folder` if there is one.

    Raises
    ------
    InputError
        A bad file, a bad setting, fewer distinct words than asked for, a bad
        vocabulary, no document long enough, a folder that cannot be written or
        holds other files.

    Examples
    --------
    >>> corpus = encode(["The cat sat.", "The dog sat, too."], vocabulary_size=3)
    >>> corpus.words, corpus.word_counts.tolist()
    (('sat', 'the', 'cat'), [2, 2, 1])
    >>> corpus.document(1)
    ['the', 'sat']
    """
    settings = replace(settings or CorpusSettings(), **changes)
    if vocabulary is not None:
        check_vocabulary(vocabulary, changes)
        settings = replace(settings, vocabulary_size=len(vocabulary), min_count=1)
    stop_words = checked_stop_words(stop_words)
    if phrases is not None and not isinstance(phrases, Phrases):
        raise InputError(
            f"phrases is of type {type(phrases).__name__}; pass Phrases(pairs), or what "
            "learn_phrases gives"
        )
    check_not_stopped(vocabulary, stop_words)
    rule = as_tokenizer(tokenizer)
    text = TextFiles((Path(source),)) if isinstance(source, str | Path) else source
    if isinstance(text, TokenIds):
        rule = Tokenizer(IDS, str.split)
    elif not isinstance(text, TextFiles | Iterable):
        raise InputError(
            f"the text is of type {type(text).__name__}; pass a path, TextFiles, or documents "
            "as strings"
        )
    plain = rule
    if phrases is not None:
        rule = Tokenizer(f"{rule.name}+{phrases.name}", rule.tokenize)

    @contextmanager
    def drafted(folder: Path | None) -> Iterator[Draft]:
        with draft_corpus(text, plain, settings.min_document_length, folder, progress) as draft:
            if phrases is None:
                yield draft
                return
            with joined(draft, phrases.pairs, JOINT, folder) as with_phrases:
                yield with_phrases

    if folder is None:
        with drafted(None) as draft:
            chosen = choose_words(draft, rule.name, settings, vocabulary, stop_words)
            return renumbered(draft, chosen, settings, None, progress)
    folder = Path(folder)
    if isinstance(text, TextFiles):
        _check_apart(folder, text)
    recipe = _recipe(text, plain, rule.name, settings, vocabulary, stop_words)
    made_before = _reusable(folder, recipe)
    if made_before is not None:
        _LOG.info("the corpus in %s is of the same text and settings, and used again", folder)
        return made_before
    with replacing_folder(folder, FILES, before=before_replacing) as temporary:
        with drafted(temporary) as draft:
            chosen = choose_words(draft, rule.name, settings, vocabulary, stop_words)
            corpus = renumbered(draft, chosen, settings, temporary, progress)
        write_all_but_tokens(corpus, temporary, recipe)
    return Corpus.open(folder)


def _check_apart(folder: Path, text: TextFiles) -> None:
    for path in text.paths:
        if path.is_dir() and folder.resolve().is_relative_to(path.resolve()):
            raise InputError(
                f"the folder {folder} for the corpus is in {path}, whose files are read as text; "
                "choose a folder outside"
            )


def _recipe(
    text: TextFiles | TokenIds | Iterable[str],
    tokenizer: Tokenizer,
    name: str,
    settings: CorpusSettings,
    vocabulary: Sequence[str] | None,
    stop_words: tuple[str, ...] | int | None,
) -> dict[str, Any]:
    """What a corpus is made from; `source` is None where the text has no fingerprint."""
    return {
        "reading": _READING,
        "tokenizer": name,
        "settings": asdict(settings),
        "vocabulary": None
        if vocabulary is None
        else hashlib.sha256("\n".join(vocabulary).encode()).hexdigest(),
        "source": _fingerprint(text, tokenizer),
        "stop_words": stop_name(stop_words) if isinstance(stop_words, tuple) else stop_words,
    }


def _fingerprint(text: TextFiles | TokenIds | Iterable[str], tokenizer: Tokenizer) -> str | None:
    """Names, sizes and times of change of the files, and their layout, as one digest.

    None where the same text cannot be known again: of a pipe, of documents that were
    passed, and with a callable, which may have changed under the same name.
    """
    if isinstance(text, TokenIds):
        layout: tuple[object, ...] = ("ids", text.field)
    elif isinstance(text, TextFiles) and text.lasting() and tokenizer in TOKENIZERS.values():
        layout = (text.document, text.field, text.bad_bytes)
    else:
        return None
    hashed = hashlib.sha256(repr(layout).encode())
    for path in text.files:
        status = path.stat()
        hashed.update(repr((str(path.resolve()), status.st_size, status.st_mtime_ns)).encode())
    return hashed.hexdigest()


def _reusable(folder: Path, recipe: dict[str, Any]) -> Corpus | None:
    """The corpus in `folder`, if it was made by the same `recipe` and is whole."""
    if recipe["source"] is None:
        return None
    try:
        manifest = read_manifest(folder)
        if any(manifest.get(name) != value for name, value in recipe.items()):
            return None
        return Corpus.open(folder)
    except InputError:
        return None
