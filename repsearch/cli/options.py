"""Define the options that several commands share, each once."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from repsearch.errors import InputError
from repsearch.storage.trial import try_file, try_folder

if TYPE_CHECKING:
    from repsearch.corpus.token_ids import TokenIds
    from repsearch.text.files import TextFiles


def tried_file(context: typer.Context, path: Path | None) -> Path | None:
    """Refuse a file that cannot be written before any work is done; for `typer.Option`.

    Parameters
    ----------
    context : typer.Context
        Of the command.
    path : Path or None
        Value of the option.

    Returns
    -------
    Path or None
        The same.

    Raises
    ------
    InputError
        It cannot be written.
    """
    if path is not None and not context.resilient_parsing:
        try_file(path)
    return path


def tried_folder(context: typer.Context, path: Path | None) -> Path | None:
    """Refuse a folder that cannot be written before any work is done; for `typer.Option`.

    Parameters
    ----------
    context : typer.Context
        Of the command.
    path : Path or None
        Value of the option.

    Returns
    -------
    Path or None
        The same.

    Raises
    ------
    InputError
        It cannot be written.
    """
    if path is not None and not context.resilient_parsing:
        try_folder(path)
    return path


def _text_or_settings(context: typer.Context, paths: list[Path] | None) -> list[Path] | None:
    """Take the text from the settings where none was named; not every click does that."""
    if paths or context.resilient_parsing:
        return paths
    return [Path(path) for path in (context.default_map or {}).get("text", ())]


RunFolder = Annotated[
    Path,
    typer.Option("--out", "-o", help="Folder to write the run to.", callback=tried_folder),
]
ResultFolder = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help="Folder for tables (CSV, JSON) and figures.",
        show_default=False,
        callback=tried_folder,
    ),
]
TextPaths = Annotated[
    list[Path],
    typer.Argument(
        help="Text files or folders, or - for standard input. The first bytes tell the format: "
        "compressed files are decompressed, Wikipedia dumps and what WikiExtractor made of one "
        "are turned into articles.",
        show_default=False,
    ),
]
TextOrSettings = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Text files or folders, or - for standard input; those of the run whose settings "
        "--settings names, by default. The first bytes tell the format: compressed files are "
        "decompressed, Wikipedia dumps and what WikiExtractor made of one are turned into "
        "articles.",
        show_default=False,
        callback=_text_or_settings,
    ),
]
Document = Annotated[
    Literal["line", "paragraph", "file"],
    typer.Option(help="Whether each line, paragraph (up to an empty line) or file is a document."),
]
Field = Annotated[
    str | None,
    typer.Option(
        help="Field of JSON (an object a line, or an array) or column of a table (a Hugging Face "
        "dataset on disk, Arrow, Parquet) to take the text from, or with --words the word ids.",
        show_default=False,
    ),
]
WordsOfIds = Annotated[
    Path | None,
    typer.Option(
        "--words",
        help="Read word ids from .npy files, or lists of them from the column --field of a table, "
        "instead of text; this file has their words, one a line. The id -1 ends a document, and "
        "so does each row of a matrix or record of a table.",
        show_default=False,
    ),
]
BadBytes = Annotated[
    Literal["stop", "replace", "skip"],
    typer.Option(help="At bytes that are no UTF-8: stop, replace them, or skip the document."),
]
TokenizerName = Annotated[
    Literal["latin", "unicode", "turkish", "split"],
    typer.Option(
        "--tokenizer",
        help="Words are runs of a to z (as in the paper); letters of any script; the same with "
        "the dotless i of Turkish; or what is between white space, as it is.",
    ),
]


def size_or_file(given: str | int) -> int | str:
    """Take a number for how many words, and all else for a file of words.

    Parameters
    ----------
    given : str or int
        Value of an option.

    Returns
    -------
    int or str
        The number, or the name of the file.
    """
    try:
        return int(given)
    except ValueError:
        return str(given)


VocabularySize = Annotated[
    Any,
    typer.Option(
        "--vocabulary",
        "-V",
        help="How many words to keep, the most frequent ones; 10,000 by default, or all words "
        "of a text that has fewer. Or a file of the words to keep, one a line, such as "
        "'repsearch vocabulary' writes.",
        show_default=False,
        parser=size_or_file,
        metavar="<int|path>",
    ),
]
MinCount = Annotated[int, typer.Option(help="Leave out words that occur fewer times.")]
MinLength = Annotated[
    int, typer.Option(help="Leave out documents of fewer words (the paper: 500).")
]
OutOfVocabulary = Annotated[
    Literal["remove", "keep-place"],
    typer.Option(
        "--oov", help="Remove other words before windows are applied, or keep their places."
    ),
]
WindowSize = Annotated[
    int, typer.Option("--window", "-L", help="Size of the window: words to each side.")
]
WindowWeighting = Annotated[
    Literal["linear", "flat", "harmonic"],
    typer.Option(help="Weight at distance m: L + 1 - m, 1, or 1 / m."),
]
Memory = Annotated[str, typer.Option(help="Working memory for counting, such as 512MiB or 4GiB.")]
PairMemory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        help="Memory that pairs may take, such as 4GiB; those that take more are kept in scratch "
        "files in $TMPDIR. Half of what is free by default.",
        show_default=False,
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Say about how long it would take and how much memory, and end."
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(help="Number of threads; all processors by default.", show_default=False),
]
Dimension = Annotated[
    int | None,
    typer.Option(
        "--d",
        "-d",
        help="Number of eigenpairs; 200 by default, or as many as are positive.",
        show_default=False,
    ),
]
DType = Annotated[Literal["float32", "float64"], typer.Option(help="Precision of the products.")]
Device = Annotated[
    str, typer.Option(help="Where products are computed: cpu, or a torch device such as cuda.")
]
Seed = Annotated[int, typer.Option(help="Seed of W(0), start vectors, resampling and the map.")]
Subsample = Annotated[
    float | None,
    typer.Option(
        help="Threshold of the subsampling in --weights word2vec (1e-5 by default) or word2vec.c "
        "(1e-3).",
        show_default=False,
    ),
]
Tied = Annotated[
    bool,
    typer.Option(
        "--tied/--untied",
        help="Whether words and contexts have the same vectors; untied, modes are learned in the "
        "order of |eigenvalue|.",
    ),
]
Init = Annotated[
    float | None,
    typer.Option(
        help="Size of W(0): standard deviation of an entry (of an aligned start, each singular "
        "value); 0.001 by default, while word2vec.c has 0.29 / d.",
        show_default=False,
    ),
]
_INIT = 0.001
_NO_SETTINGS = {"settings", "help", "as_json", "verbose"}
_MOST_TIMES = 100_000


def _read_settings(context: typer.Context, path: Path | None) -> Path | None:
    """Read settings that were not given on the command line from a TOML file."""
    if path is None or context.resilient_parsing:
        return path
    try:
        settings = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no TOML file ({error}); mend that line") from None
    except (ValueError, RecursionError):
        raise InputError(
            f"{path} is no TOML file: it holds a number of thousands of digits, or is nested too "
            "deep; mend it"
        ) from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check the path") from None
    known = {p.name for p in context.command.params if p.name}
    for name in settings:
        if name.replace("-", "_") not in known:
            raise InputError(
                f"{path} sets {name!r}, which 'repsearch {context.info_name}' does not know; "
                f"its settings are {', '.join(sorted(known - _NO_SETTINGS))}"
            )
    text = settings.get("text", [])
    if not isinstance(text, list) or not all(isinstance(one, str) and one for one in text):
        raise InputError(
            f'{path} sets text = {text!r}; write the paths as a list, such as ["articles.txt"]'
        )
    context.default_map = {name.replace("-", "_"): value for name, value in settings.items()}
    return path


Settings = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        help="Take settings from a TOML file, such as the settings.toml of an earlier run.",
        callback=_read_settings,
        is_eager=True,
    ),
]


def bytes_of(text: str) -> int:
    """Read a size such as ``512MiB``.

    Parameters
    ----------
    text : str
        A number with a unit, decimal (GB) or binary (GiB).

    Returns
    -------
    int
        Bytes.

    Raises
    ------
    InputError
        No such size.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", text.strip(), re.IGNORECASE)
    if not found:
        raise InputError(f"--memory is {text!r}; write a size such as 512MiB or 4GiB")
    number, prefix, binary = found.groups()
    base = 1024 if binary else 1000
    return int(float(number) * base ** " KMGT".index(prefix.upper() or " "))


def size_of_start(init: float | None) -> float:
    """Check the size of W(0) that was asked for, or take the default.

    Parameters
    ----------
    init : float or None
        Value of ``--init``.

    Returns
    -------
    float
        Standard deviation of an entry.

    Raises
    ------
    InputError
        A size that is not positive, or whose square is no number.
    """
    if init is None:
        return _INIT
    if not 1e-150 <= init <= 1e150:
        raise InputError(f"--init is {init:g}; pass a positive number from 1e-150 to 1e150")
    return init


def times_of(text: str) -> list[float]:
    """Read flow times such as ``0.1,0.2,0.5`` or ``0.01:10:7``, geometric from first to last.

    Parameters
    ----------
    text : str
        Value of ``--times``.

    Returns
    -------
    list of float
        Increasing flow times.

    Raises
    ------
    InputError
        No such times, or they do not increase.
    """
    remedy = (
        "write increasing flow times such as 0.1,0.2,0.5, or first:last:number such as 0.01:1:7"
    )
    try:
        if ":" in text:
            first, last, number = text.split(":")
            low, high, count = float(first), float(last), int(number)
            if not (0 < low < high < math.inf and 2 <= count <= _MOST_TIMES):
                raise ValueError
            times = [low * (high / low) ** (k / (count - 1)) for k in range(count - 1)] + [high]
        else:
            times = [float(part) for part in text.split(",")]
    except (ValueError, OverflowError):
        raise InputError(f"--times is {text!r}; {remedy}") from None
    if not all(0 <= time < math.inf for time in times) or any(
        later <= earlier for earlier, later in pairwise(times)
    ):
        raise InputError(f"--times is {text!r}; {remedy}")
    return times


def named_text(paths: list[Path] | None) -> list[Path]:
    """Refuse to go on without a text.

    Parameters
    ----------
    paths : list of Path or None
        What was named, on the command line or in settings.

    Returns
    -------
    list of Path
        At least one.

    Raises
    ------
    InputError
        There is none.
    """
    if not paths:
        raise InputError(
            "there is no text; name files or folders of it, or pass --settings with the "
            "settings.toml of a run, which names its own (not where it came by a pipe)"
        )
    return paths


def text_source(paths: list[Path], chosen: Mapping[str, Any]) -> TextFiles | TokenIds:
    """Name the text for `repsearch.encode`.

    Parameters
    ----------
    paths : list of Path
        Files and folders of text; ``-`` is standard input.
    chosen : mapping
        Options of the command by name.

    Returns
    -------
    TextFiles or TokenIds
        The text.

    Raises
    ------
    InputError
        A path that does not exist, options that do not fit.
    """
    from repsearch.corpus.token_ids import TokenIds
    from repsearch.text.files import TextFiles

    document, field = chosen["document"], chosen["field"]
    if chosen["words"] is not None:
        if (chosen["tokenizer"], document) != ("latin", "line"):
            raise InputError(
                "--words is for word ids, whose documents end at -1 or with a record; leave out "
                "--tokenizer and --document"
            )
        if chosen["bad_bytes"] != "stop":
            raise InputError("--bad-bytes is for text, and --words reads word ids; leave it out")
        return TokenIds(tuple(paths), Path(chosen["words"]), field)
    if field is not None and document != "line":
        raise InputError("--field reads one document a record; leave out --document")
    given = tuple(Path("/dev/stdin") if str(path) == "-" else path for path in paths)
    return TextFiles(given, document, field, chosen["bad_bytes"])
