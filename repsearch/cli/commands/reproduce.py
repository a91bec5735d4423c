"""Make the paper's figures: ``repsearch reproduce``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repsearch.cli import answer, options
from repsearch.cli.opened import CARRIED, COUNTS, counts_of
from repsearch.cli.unused import refuse_unused
from repsearch.errors import InputError
from repsearch.extras import installing

if TYPE_CHECKING:
    from probes.reproduce.study import Reproduction
    from repsearch import Counts
    from repsearch.cli.bars import Bars

SETTINGS = "reproduce.toml"


def reproduce(
    figures: Annotated[
        list[str] | None,
        typer.Argument(help="Figures to make, such as 4 5; all by default.", show_default=False),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="The same: --only 4 5, or 4,5.", show_default=False),
    ] = None,
    out: options.RunFolder = Path("runs/paper"),
    counts: Annotated[
        Path | None,
        typer.Option(help=COUNTS, show_default=False),
    ] = None,
    text: Annotated[
        list[Path] | None,
        typer.Option(
            "--text", help="Text to count instead; can be given more than once.", show_default=False
        ),
    ] = None,
    full: Annotated[
        bool,
        typer.Option("--full/--short", help="Train all words to the end, for hours."),
    ] = False,
    format: Annotated[
        list[str] | None,
        typer.Option(
            help="Format of the pictures: png, pdf or svg; the first two by default. Can be given "
            "more than once.",
            show_default=False,
        ),
    ] = None,
    d: Annotated[
        int | None,
        typer.Option(
            "--d", "-d", help="Dimension of figures 3 and 5; 200 by default.", show_default=False
        ),
    ] = None,
    columns: Annotated[
        int | None,
        typer.Option(
            help="Columns of figures 4, 6 and 8; 1,024 by default, 4,096 with --full.",
            show_default=False,
        ),
    ] = None,
    train_words: Annotated[
        int | None,
        typer.Option(
            help="Words that are trained on, the most frequent ones; 1,500 by default, "
            "all with --full.",
            show_default=False,
        ),
    ] = None,
    train_d: Annotated[
        int | None,
        typer.Option(
            help="Dimension that is trained; 30 by default, -d with --full.", show_default=False
        ),
    ] = None,
    train_modes: Annotated[
        int | None,
        typer.Option(
            help="Train for twice the time of learning so many modes; 12 by default, all "
            "with --full.",
            show_default=False,
        ),
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(
            help="Moments that training records; 60 by default, 200 with --full.",
            show_default=False,
        ),
    ] = None,
    small: Annotated[
        float | None,
        typer.Option(
            help="Singular values of the small start; 1e-3 by default, 1e-12 with --full.",
            show_default=False,
        ),
    ] = None,
    large: Annotated[
        float, typer.Option(help="Singular values of the start of word2vec's size.")
    ] = 0.1,
    negatives: Annotated[
        float, typer.Option(help="Negative pairs per positive pair of word2vec, k.")
    ] = 1.0,
    vocabulary: options.VocabularySize = None,
    window: options.WindowSize = 16,
    weighting: options.WindowWeighting = "linear",
    tokenizer: options.TokenizerName = "latin",
    min_count: options.MinCount = 1,
    min_length: options.MinLength = 1,
    document: options.Document = "line",
    field: options.Field = None,
    memory: options.Memory = "2GiB",
    device: options.Device = "cpu",
    threads: options.Threads = None,
    seed: options.Seed = 0,
    settings: options.Settings = None,
) -> None:
    """Make the figures and tables of the paper (arXiv 2502.09863), beside its numbers.

    From the carried counts, a counts file or a text. What stands in --out and rests on
    the same settings is not worked out again, and a run that was stopped goes on. Trained
    panels need torch, and are left out without it.
    """
    from probes.reproduce.settings import Settings, figures_called, formats_called
    from probes.reproduce.study import Reproduction, failed
    from probes.reproduce.summary import PAGE, headlines
    from repsearch.cli.bars import Bars
    from repsearch.storage.locking import locked

    wanted = figures_called([*(only or []), *(figures or [])])
    chosen = Settings(
        full=full, d=d, columns=columns, train_words=train_words, train_d=train_d,
        train_modes=train_modes, rows=rows, small=small, large=large, negatives=negatives,
        seed=seed, threads=threads, device=device,
    )  # fmt: skip
    if counts is not None and text:
        raise InputError("--counts and --text are both given; give one of them")
    if isinstance(vocabulary, str):
        vocabulary = str(Path(vocabulary).resolve())  # as it is kept in the settings
    formats = formats_called(format)
    source = {
        "vocabulary": vocabulary, "window": window, "weighting": weighting,
        "tokenizer": tokenizer, "min_count": min_count, "min_length": min_length,
        "document": document, "field": field, "memory": memory,
    }  # fmt: skip
    if not text:
        refuse_unused(source, "for a text to be counted (--text), and these are counts")
    out.mkdir(parents=True, exist_ok=True)
    with locked(out), Bars() as bars:
        found = _counts(counts, text or [], out, source, threads, bars)
        made = Reproduction(out, found, chosen, wanted, formats, progress=bars)
        made.told = _tell
        _write_settings(made, wanted, formats, out, counts, text or [], source)
        answer.say_aside(_about(made))
        outcomes = made.run()
        _summarise(made, outcomes, found)
    for name, title, state in headlines(outcomes):
        answer.say(f"{name:<3} {title}: {state}")
    _give_numbers(made, outcomes)
    answer.wrote("Figures", out / "figures")
    answer.wrote("Beside the paper's numbers", out / PAGE, name="page")
    answer.say(f"Again: repsearch reproduce --settings {out / SETTINGS}")
    if failed(outcomes):
        raise typer.Exit(1)


def _counts(
    counts: Path | None,
    text: list[Path],
    out: Path,
    source: dict[str, Any],
    threads: int | None,
    bars: Bars,
) -> Counts:
    """Open counts, or count a text unless it was counted before with the same settings."""
    from probes.reproduce.stages import Stages, key_of
    from repsearch import Counts
    from repsearch.cli.commands.count import counted

    if not text:
        return counts_of(counts)
    words = source["vocabulary"]
    # A list of words is what is in the file, wherever it lies.
    named = {"vocabulary": _digest_of(words)} if isinstance(words, str) else {}
    chosen = {**source, "oov": "remove", "words": None, "bad_bytes": "stop", "threads": threads}
    files = _files_of(text, chosen)
    key = key_of("counts", {**source, **named, "files": files}, {})
    with Stages(out).stage("counts", key) as (place, standing):
        if not standing:
            made, encoded = counted(text, place / "corpus", chosen, bars)
            made.save(place / "counts.npz")
            answer.tell_notes(encoded.notes)
    return Counts.open(place / "counts.npz")


def _digest_of(words: str) -> str:
    from repsearch.corpus.word_file import read_words
    from repsearch.storage.atomic import sha256

    read_words(words)  # says what is wrong with the path, or with the file
    return sha256(Path(words))


def _files_of(text: list[Path], chosen: dict[str, Any]) -> list[list[Any]]:
    """What tells the files of a text from those that were counted before."""
    if "-" in map(str, text):
        raise InputError("--text - is read once, and figures may be made again; give a file")
    # The very files that are read: no folders, no links to what is not there.
    found = options.text_source(text, chosen).files
    states = [(file.resolve(), file.stat()) for file in found]
    return [[str(file), state.st_size, state.st_mtime_ns] for file, state in states]


def _write_settings(
    made: Reproduction,
    wanted: tuple[str, ...],
    formats: tuple[str, ...],
    out: Path,
    counts: Path | None,
    text: list[Path],
    source: dict[str, Any],
) -> None:
    """Write everything that was chosen, defaults spelled out, as ``--settings`` reads it."""
    from probes.reproduce.settings import spelt_out
    from repsearch.storage.atomic import replacing

    chosen: dict[str, Any] = {"out": str(out), "only": list(wanted), "format": list(formats)}
    if counts is not None:
        word = str(counts) == CARRIED  # no path, though typed as one
        chosen["counts"] = CARRIED if word else str(counts.resolve())
    if text:
        chosen |= {"text": [str(path.resolve()) for path in text]}
        chosen |= {name: value for name, value in source.items() if value is not None}
    chosen |= spelt_out(made.settings)
    lines = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in chosen.items()
    ]
    with replacing(out / SETTINGS, "w") as stream:
        stream.write("".join(lines))


def _about(made: Reproduction) -> str:
    from probes.reproduce.estimates import in_words

    trained = f"{made.settings.train_words:,} words, d = {made.settings.train_d}"
    how = "to the end" if made.settings.full else "shortly (--full trains all words to the end)"
    training = f"Trained {how}: {trained}." if made.torch else (
        f"There is no torch, so trained panels are left out; install it with {installing('torch')}."
    )  # fmt: skip
    seconds = made.expected_seconds()
    takes = f"About {in_words(seconds)} on two quiet cores." if seconds else "Nothing has changed."
    return f"{made.counts!r}\n{training}\n{takes}"


def _tell(number: int, total: int, title: str, took: float, left: float) -> None:
    """Print a line when a stage is done, where no terminal shows bars."""
    from probes.reproduce.estimates import in_words

    if sys.stderr.isatty():
        return
    rest = f", about {in_words(left)} left" if number < total else ""
    answer.say_aside(f"{number:>2} of {total}: {title} took {in_words(took)}{rest}")


def _summarise(made: Reproduction, outcomes: list[Any], counts: Counts) -> None:
    from probes.reproduce.settings import spelt_out
    from probes.reproduce.study import facts_of
    from probes.reproduce.summary import write_summary
    from repsearch.storage import provenance

    about = {
        "counts": f"{len(counts.words):,} words, {counts.n_tokens:,} tokens of "
        f"{counts.n_documents:,} documents",
        "settings": dict(spelt_out(made.settings)),
        "torch": made.torch,
        "versions": provenance.versions(),
        "machine": provenance.machine(),
    }
    write_summary(
        made.folder, made.all_there(outcomes), facts=facts_of(counts, made.settings), about=about
    )  # fmt: skip


def _give_numbers(made: Reproduction, outcomes: list[Any]) -> None:
    """Print the numbers that a reader looks for first, beside the paper's; give all as JSON."""
    from probes.reproduce.study import facts_of
    from probes.reproduce.summary import chief_numbers, compared, figures_of

    listed = compared(figures_of(outcomes), facts_of(made.counts, made.settings))
    answer.give(
        published=listed,
        figures={one.figure.name: one.reason or "made" for one in outcomes},
    )
    rows = chief_numbers(listed)
    if not rows:
        return
    lines = ["", f"{'':<47}{'paper':>8}{'here':>8}  95 % interval"]
    for number, row in rows:
        places = number.decimals
        ends = "" if row["low"] is None else f"{row['low']:.{places}f} to {row['high']:.{places}f}"
        what = number.what if len(number.what) <= 46 else f"{number.what[:45]}…"
        pair = f"{row['published']:>8.{places}f}{row['found']:>8.{places}f}"
        lines.append(f"{what:<47}{pair}  {ends}".rstrip())
    answer.say("\n".join([*lines, ""]))
