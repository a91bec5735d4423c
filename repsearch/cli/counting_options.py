"""Define the options of counting beyond the paper's: windows, phrases and stop words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from repsearch.cli.options import size_or_file, tried_folder

if TYPE_CHECKING:
    from repsearch.counts.window import Window

OwnWindowSize = Annotated[
    int | None,
    typer.Option(
        "--window",
        "-L",
        help="Size of the window: words to each side; 16 by default.",
        show_default=False,
    ),
]
OwnWeighting = Annotated[
    Literal["linear", "flat", "harmonic"] | None,
    typer.Option(
        help="Weight at distance m: L + 1 - m (linear, the default), 1, or 1 / m.",
        show_default=False,
    ),
]
OwnWeights = Annotated[
    str | None,
    typer.Option(
        "--weights",
        help="Weights of your own at distances 1, 2, ... instead, such as 4,2,1 or 1,1/2,1/3.",
        show_default=False,
    ),
]
Left = Annotated[
    int | None,
    typer.Option(
        "--left",
        help="Words before a word that the window reaches, if fewer than -L; 0 for none.",
        show_default=False,
    ),
]
Right = Annotated[
    int | None,
    typer.Option(
        "--right",
        help="Words after a word that the window reaches. Where the two sides differ, so do words "
        "and contexts: 'repsearch solve --untied' takes such counts.",
        show_default=False,
    ),
]
PhraseFile = Annotated[
    Path | None,
    typer.Option(
        "--phrases",
        help="File of phrases, two words a line, such as 'repsearch phrases' writes: they are "
        "joined to one word, as new_york.",
        show_default=False,
    ),
]
StopWords = Annotated[
    Any,
    typer.Option(
        "--stop-words",
        help="Leave out the words of this file, one a line, or so many of the most frequent ones.",
        show_default=False,
        parser=size_or_file,
        metavar="<int|path>",
    ),
]

TextOrUrls = Annotated[
    list[str],
    typer.Argument(
        help="Text files or folders, or - for standard input; with --scheduler also patterns such "
        "as 'articles-*.txt' and URLs (https, s3, whatever fsspec knows). The first bytes tell "
        "the format: compressed files are decompressed, Wikipedia dumps and what WikiExtractor "
        "made of one are turned into articles.",
        show_default=False,
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        help="Count in shards of whole files: 'local' on several processes of this machine (as "
        "many as --threads says), or on the workers of a Dask scheduler, such as "
        "tcp://node7:8786. --memory is then that of each worker.",
        show_default=False,
        metavar="local|tcp://<address>",
    ),
]
Shards = Annotated[
    Path | None,
    typer.Option(
        "--shards",
        help="With --scheduler: keep what each shard gave in this folder, which all workers have "
        "to see, and use it again next time. By default it is beside the counts, and removed when "
        "they are written.",
        show_default=False,
        callback=tried_folder,
    ),
]


def window_of(chosen: Mapping[str, Any]) -> Window:
    """Make the window that was chosen.

    Parameters
    ----------
    chosen : mapping
        Options of the command by name: ``window`` and ``weighting``, and ``weights``, ``left``
        and ``right`` where the command has them.

    Returns
    -------
    Window
        The window.

    Raises
    ------
    InputError
        Options that do not fit one another.

    Examples
    --------
    >>> window_of({"window": None, "weighting": None, "weights": "2,1", "left": 0})
    Window(weights=(2, 1), left=0, right=2)
    """
    from repsearch.counts.window import Window, weights_of

    own = chosen.get("weights")
    return Window(
        chosen["window"],
        chosen["weighting"],
        weights=None if own is None else weights_of(own.split(",")),
        left=chosen.get("left"),
        right=chosen.get("right"),
    )


def stop_words_of(given: int | str | None) -> list[str] | int | None:
    """Read the stop words that were given.

    Parameters
    ----------
    given : int or str or None
        Value of ``--stop-words``.

    Returns
    -------
    list of str or int or None
        As `repsearch.encode` takes them.

    Raises
    ------
    InputError
        A file that cannot be read, or is no list of words.
    """
    from repsearch.corpus.word_file import read_words

    return read_words(given) if isinstance(given, str) else given
