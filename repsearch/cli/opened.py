"""Open files that are named on the command line, each held to the record of its run folder."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from repsearch.embeddings.formats.contents import Undecodable
from repsearch.errors import InputError

if TYPE_CHECKING:
    from repsearch import Counts, Embeddings, Spectrum
    from repsearch.counts.counts_size import CountsSize

CARRIED = "carried"
"""What is typed for the counts that come with the package."""
COUNTS = "Counts file; 'carried', the counts that come with the package, by default."
FORMAT = "Format of a file of embeddings, where the suffix does not tell."
WORD_LIST = (
    "Words of vectors that are kept without them, one a line (or TensorBoard's metadata.tsv)."
)
UNDECODABLE = "At bytes of words that are no UTF-8: stop, replace them, or leave them out."
Format = Literal["word2vec", "word2vec-binary", "glove", "safetensors", "npz", "npy", "csv", "tsv"]


def counts_of(counts: Path | None, *, sided: bool = False, memory: int | None = None) -> Counts:
    """Open a counts file, or the carried counts.

    Parameters
    ----------
    counts : Path or None
        A file of counts, which is held to the record of the run folder that it is in; None
        or the word "carried" for the counts that come with the package.
    sided : bool
        Whether counts in a window that is not alike on both sides will do.
    memory : int, optional
        Bytes that pairs may take in memory, as for `Counts.open`.

    Returns
    -------
    Counts

    Raises
    ------
    InputError
        No such file, or one of another run than its folder; a file that is called as the
        word is; counts that are not symmetric where they have to be.
    """
    from probes.studies.run_folder import check_part
    from repsearch import Counts
    from repsearch.data import carried_counts

    _check_word(counts)
    if counts is None or str(counts) == CARRIED:
        return carried_counts()
    check_part(counts)
    found = Counts.open(counts, memory=memory)
    if not (sided or found.symmetric):
        raise InputError(
            f"{counts} was counted in a {found.window.in_words}, where words and contexts differ, "
            "and this needs counts alike in both orders; count with --left and --right equal, or "
            "take singular vectors: 'repsearch solve --untied'"
        )
    return found


def size_of_counts(counts: Path | None) -> CountsSize:
    """Read how large counts are, without opening them.

    Parameters
    ----------
    counts : Path or None
        As for `counts_of`.

    Returns
    -------
    CountsSize

    Raises
    ------
    InputError
        No such file, no counts file; a file that is called as the word is.
    """
    from repsearch.counts.counts_size import CountsSize
    from repsearch.data import carried_counts

    _check_word(counts)
    if counts is None or str(counts) == CARRIED:
        return CountsSize.of(carried_counts())
    return CountsSize.read(counts)


def _check_word(counts: Path | None) -> None:
    """Refuse a file that is called as the word for the carried counts is."""
    if counts is not None and str(counts) == CARRIED and counts.exists():
        # A path of ./carried is the same to Python.
        raise InputError(
            f"{CARRIED!r} is the word for the counts that come with the package, and a file here "
            f"has that name; write {counts.resolve()} for the file, or rename it"
        )


def spectrum_of(spectrum: Path) -> Spectrum:
    """Open a spectrum file.

    Parameters
    ----------
    spectrum : Path
        A spectrum, which is held to the record of the run folder that it is in.

    Returns
    -------
    Spectrum

    Raises
    ------
    InputError
        No such file, or one of another run than its folder.
    """
    from probes.studies.run_folder import check_part
    from repsearch import Spectrum

    check_part(spectrum)
    return Spectrum.open(spectrum)


def vectors_of(
    file: Path,
    format: Format | None = None,
    word_list: Path | None = None,
    undecodable: Undecodable = "strict",
) -> Embeddings:
    """Open a file of embeddings; what was left out of it is said on the terminal.

    Parameters
    ----------
    file : Path
        Embeddings, which are held to the record of the run folder that they are in.
    format : str, optional
        Its format, where the suffix does not tell.
    word_list : Path, optional
        Words of vectors that are kept without them.
    undecodable : {"strict", "replace", "ignore"}
        What to do at bytes of words that are not UTF-8.

    Returns
    -------
    Embeddings

    Raises
    ------
    InputError
        No such file, one that is damaged or in another format, or one of another run than
        its folder.
    """
    from probes.studies.run_folder import check_part
    from repsearch import Embeddings, Spectrum
    from repsearch.cli.answer import tell_notes

    check_part(file)
    if not file.exists():
        raise InputError(f"{file} does not exist; check the path")
    if format is None and Spectrum.is_at(file):
        raise InputError(
            f"{file} is a spectrum; write its embeddings with 'repsearch solve COUNTS "
            "--embeddings FILE' and give those"
        )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        found = Embeddings.open(file, format, word_list=word_list, undecodable=undecodable)
    tell_notes(str(one.message) for one in caught)
    return found
