"""Take hidden states of words from a language model: ``repsearch states``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from repsearch.cli import options
from repsearch.cli.answer import give, say, wrote


def states(
    model: Annotated[
        Path,
        typer.Argument(
            help="Folder in the Hugging Face layout with weights in safetensors, or a GGUF file.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="Folder to write to.", callback=options.tried_folder),
    ] = Path("states"),
    words: Annotated[
        Path | None,
        typer.Option(
            help="File of words, one a line, the most frequent first; the words of the carried "
            "counts and of Google's relations by default.",
            show_default=False,
        ),
    ] = None,
    template: Annotated[
        list[str] | None,
        typer.Option(
            help="Sentence with {} where the word goes; may be given several times, and states "
            "are the mean over them. Three by default.",
            show_default=False,
        ),
    ] = None,
    pooling: Annotated[
        Literal["last", "mean"],
        typer.Option(help="Of a word in several tokens: the state of the last, or the mean."),
    ] = "last",
    dtype: Annotated[
        Literal["float32", "bfloat16"], typer.Option(help="Precision of the model.")
    ] = "float32",
    device: options.Device = "cpu",
) -> None:
    """Take the hidden states of words at every layer of a language model.

    Written are embeddings, one file a layer, so that every other command can be asked of a layer
    ('repsearch probe concepts states --time 6'), and 'repsearch probe emergence states' of all. A
    call that was stopped goes on where it was.
    """
    import probes
    from repsearch.cli.bars import Bars
    from repsearch.corpus.word_file import read_words
    from repsearch.data import carried_counts
    from repsearch.language_models import TEMPLATES, LanguageModel, word_states

    if words is not None:
        asked = read_words(words)
    else:
        related = probes.google_relations().families.values()
        asked = [
            *carried_counts().words,
            *(word for pairs in related for pair in pairs for word in pair),
        ]
        asked = list(dict.fromkeys(asked))
    opened = LanguageModel.open(model, device=device, dtype=dtype)
    with Bars() as bars:
        found = word_states(
            opened,
            asked,
            out,
            templates=template or TEMPLATES,
            pooling=pooling,
            progress=bars,
        )
    told = found.manifest
    several = sum(count for pieces, count in told["pieces"].items() if pieces != "1")
    say(
        f"{told['model']}: {told['words']:,} words, layers 0 (the input) to {told['layers']}, "
        f"{told['width']:,} numbers each"
    )
    say(f"Words in several tokens: {several:,}")
    if told["left_out"]:
        some = ", ".join(told["left_out"][:5])
        say(f"Left out, not known to the tokenizer: {len(told['left_out']):,} ({some})")
    give(**{name: told[name] for name in ("model", "words", "layers", "width", "left_out")})
    wrote("States", out)
