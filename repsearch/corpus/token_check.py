"""Check the word ids of a corpus while they are read: their range, and that none has changed."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from repsearch.corpus.corpus import Corpus
from repsearch.corpus.folder import OFFSETS, TOKENS, VOCABULARY
from repsearch.corpus.token_sum import TokenSum
from repsearch.errors import InputError


def check_tokens(corpus: Corpus) -> None:
    """Read all tokens of a corpus once, and check them.

    Parameters
    ----------
    corpus : Corpus
        The corpus.

    Raises
    ------
    InputError
        An id that is no word's, or tokens other than those that were encoded.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat"], vocabulary_size=None)
    >>> check_tokens(corpus)
    >>> corpus.tokens[1] = 7
    >>> check_tokens(corpus)
    Traceback (most recent call last):
    repsearch.errors.InputError: the corpus is damaged: token 1 has the id 7, and there are 3 \
words; encode the text again
    """
    TokenCheck(corpus).finish()


class TokenCheck:
    """Follow the reading of a corpus's tokens from the first to the last.

    Tokens that are in memory are held to their range alone. Those of a folder are also held
    to the folder's checksum (`token_sum`), or, in a folder of version 1, to its digest.

    Parameters
    ----------
    corpus : Corpus
        The corpus that is read.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._tokens = corpus.tokens
        self._sum = TokenSum(len(corpus.words))
        self._read = 0
        # Tokens of a caller's own may have taken the place of those that are mapped.
        self._folder = corpus.folder if isinstance(corpus.tokens, np.memmap) else None
        self._place = "the corpus" if self._folder is None else str(self._folder / TOKENS)
        self._digest = None
        if self._folder is not None and corpus.token_sum is None:
            self._digest = hashlib.sha256("\n".join(corpus.words).encode())
            self._digest.update(corpus.offsets.astype("<i8", copy=False).data)

    def read_to(self, end: int, pool: ThreadPoolExecutor | None = None) -> None:
        """Check the tokens up to `end` that have not been checked yet.

        Parameters
        ----------
        end : int
            Bound among the tokens.
        pool : ThreadPoolExecutor, optional
            Threads that read them.

        Raises
        ------
        InputError
            An id that is no word's.
        """
        part = self._tokens[self._read : end]
        bad = self._sum.add(part, pool)
        if bad is not None:
            raise InputError(
                f"{self._place} is damaged: token {self._read + bad:,} has the id "
                f"{int(part[bad])}, and there are {len(self._corpus.words):,} words; {self._remedy}"
            )
        if self._digest is not None:
            self._digest.update(np.ascontiguousarray(part, "<i4").data)
        self._read += len(part)

    def finish(self, occurrences: NDArray[np.int64] | None = None) -> None:
        """Check what is left, and compare the whole with what the folder says of it.

        Parameters
        ----------
        occurrences : (V,) int64, optional
            How often each word was met.

        Raises
        ------
        InputError
            An id that is no word's; other tokens or occurrences than were encoded.
        """
        self.read_to(len(self._tokens))
        corpus, folder = self._corpus, self._folder
        if folder is None:
            return
        if self._digest is not None:
            if self._digest.hexdigest() != corpus.digest:
                raise InputError(
                    f"{folder} is damaged: {VOCABULARY}, {OFFSETS} or {TOKENS} is not what "
                    f"was encoded (their digest is wrong); {self._remedy}"
                )
        elif self._sum.value() != corpus.token_sum:
            raise InputError(
                f"{self._place} is damaged: it is not what was encoded (its checksum is wrong); "
                f"{self._remedy}"
            )
        if occurrences is not None and not np.array_equal(occurrences, corpus.word_counts):
            word = int(np.flatnonzero(occurrences != corpus.word_counts)[0])
            raise InputError(
                f"{folder / VOCABULARY} is damaged: it gives {corpus.words[word]!r} "
                f"{int(corpus.word_counts[word]):,} occurrences and {TOKENS} has "
                f"{int(occurrences[word]):,}; {self._remedy}"
            )

    @property
    def _remedy(self) -> str:
        if self._folder is None:
            return "encode the text again"
        return f"remove the folder {self._folder} and encode the text again"
