"""Encode a shard of a text with all of its words, and later anew with those of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from repsearch.corpus.bigrams import joined
from repsearch.corpus.corpus import Corpus, CorpusSettings, write_all_but_tokens
from repsearch.corpus.first_pass import Draft, draft_corpus
from repsearch.corpus.folder import (
    FILES,
    TOKENS,
    VOCABULARY,
    check_files,
    mapped_tokens,
    read_manifest,
    read_offsets,
)
from repsearch.corpus.phrases import JOINT, Phrases
from repsearch.corpus.renumbering import ChosenWords, renumbered, words_in
from repsearch.corpus.token_check import check_tokens
from repsearch.progress import silent
from repsearch.storage.atomic import replacing_folder
from repsearch.text.files import TextFiles
from repsearch.text.record import TextRecord
from repsearch.text.tokenizers import TOKENIZERS


@dataclass(frozen=True)
class ShardReading:
    """Say how every shard of a text is read.

    Parameters
    ----------
    tokenizer : {"latin", "unicode", "turkish", "split"}
        Rule that splits text into words.
    document : {"line", "paragraph", "file"}
        What a document is.
    field : str, optional
        Field of the text.
    bad_bytes : {"stop", "replace", "skip"}
        What to do with bytes that are not UTF-8.
    min_document_length : int
        Least number of words of a document that is kept.
    phrases : Phrases, optional
        Pairs of words that are joined to one.
    """

    tokenizer: str
    document: str
    field: str | None
    bad_bytes: str
    min_document_length: int
    phrases: Phrases | None

    @property
    def name(self) -> str:
        """How the text is split, as `Corpus.tokenizer` has it."""
        joint = "" if self.phrases is None else f"+{self.phrases.name}"
        return f"{self.tokenizer}{joint}"

    def settings(self) -> dict[str, object]:
        """Give what tells this reading from others, as JSON can hold it.

        Returns
        -------
        dict
            Settings by name.
        """
        return {
            "tokenizer": self.tokenizer,
            "document": self.document,
            "field": self.field,
            "bad_bytes": self.bad_bytes,
            "min_document_length": self.min_document_length,
            "phrases": None if self.phrases is None else self.phrases.digest,
        }


def encode_shard(files: Sequence[Path], reading: ShardReading, folder: Path) -> Corpus:
    r"""Encode a part of a text with all of its words; it may have none, or no document.

    Parameters
    ----------
    files : sequence of Path
        Files of the part.
    reading : ShardReading
        How they are read.
    folder : Path
        Folder that the corpus is written to, in the place of one that is there.

    Returns
    -------
    Corpus
        With the words in the order of first appearance; `open_shard` opens it again.

    Raises
    ------
    InputError
        A bad file.

    Examples
    --------
    >>> import tempfile
    >>> reading = ShardReading("latin", "line", None, "stop", 1, None)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = Path(folder) / "a.txt"
    ...     _ = text.write_text("the cat saw the dog\n")
    ...     _ = encode_shard([text], reading, Path(folder) / "shard")
    ...     shard = open_shard(Path(folder) / "shard")
    ...     with encoded_anew(shard, ("dog", "the"), CorpusSettings(), None) as corpus:
    ...         print(shard.words, corpus.words, corpus.tokens.tolist())
    ('the', 'cat', 'saw', 'dog') ('dog', 'the') [1, 1, 0]
    """
    source = TextFiles(
        tuple(files),
        reading.document,  # type: ignore[arg-type]  # TextFiles checks them
        reading.field,
        reading.bad_bytes,  # type: ignore[arg-type]
    )
    rule = TOKENIZERS[reading.tokenizer]
    settings = CorpusSettings(vocabulary_size=None, min_document_length=reading.min_document_length)
    with replacing_folder(folder, FILES) as temporary:
        with (
            draft_corpus(source, rule, reading.min_document_length, temporary, silent) as plain,
            (
                nullcontext(plain)
                if reading.phrases is None
                else joined(plain, reading.phrases.pairs, JOINT, temporary)
            ) as draft,
        ):
            numbers = np.arange(len(draft.words))
            every = ChosenWords(reading.name, tuple(draft.words), numbers)
            corpus = renumbered(draft, every, settings, temporary, silent)
        recipe = {"tokenizer": reading.name, "settings": asdict(settings)}
        write_all_but_tokens(corpus, temporary, recipe)
    return corpus


def open_shard(folder: Path) -> Corpus:
    """Open what `encode_shard` wrote, without looking at each word.

    Most words of a shard are rare, and checking each takes longer than counting. Here the file
    of words is held to its checksum, and no other program writes it.

    Parameters
    ----------
    folder : Path
        Folder of a shard.

    Returns
    -------
    Corpus
        As `Corpus.open` gives it.

    Raises
    ------
    InputError
        No shard there, or a file that is not as it was written.
    """
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    pairs = (folder / VOCABULARY).read_bytes().decode().replace("\n", "\t").split("\t")
    return Corpus(
        words=tuple(pairs[:-1:2]),
        word_counts=np.array(pairs[1::2], np.int64),
        tokens=mapped_tokens(folder / TOKENS, manifest["n_tokens"]),
        offsets=read_offsets(folder, manifest["n_tokens"], manifest["n_documents"]),
        tokenizer=manifest["tokenizer"],
        settings=CorpusSettings(**manifest["settings"]),
        n_words_read=manifest["n_words_read"],
        n_documents_dropped=manifest["n_documents_dropped"],
        digest=manifest["digest"],
        record=TextRecord.from_json(manifest.get("record")),
        folder=folder,
        token_sum=manifest["token_sum"],
    )


@contextmanager
def encoded_anew(
    shard: Corpus, words: Sequence[str], settings: CorpusSettings, folder: Path | None
) -> Iterator[Corpus]:
    """Encode a shard with the words of the whole text.

    Parameters
    ----------
    shard : Corpus
        Encoded with all of its words, in a folder.
    words : sequence of str
        Words to keep, in this order.
    settings : CorpusSettings
        What becomes of others.
    folder : Path, optional
        Folder for the tokens; None keeps them in memory.

    Yields
    ------
    Corpus
        As `repsearch.encode` gives it for the text of the shard.

    Raises
    ------
    InputError
        The shard is damaged.
    """
    assert shard.folder is not None
    check_tokens(shard)
    with (shard.folder / TOKENS).open("rb") as stream:
        draft = Draft(
            list(shard.words),
            shard.word_counts,
            shard.offsets[1:],
            shard.n_documents_dropped,
            stream,
            shard.record,
        )
        chosen = words_in(draft, shard.tokenizer, words)
        yield renumbered(draft, chosen, settings, folder, silent)
