"""Take hidden states of words from a language model: ``repsearch states``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from repsearch.cli import options
from repsearch.cli.answer import give, say, wrote
from repsearch.errors import InputError
from repsearch.storage.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from repsearch.language_models import Checkpoints, LabelledPrompt, LanguageModel


def states(
    model: Annotated[
        Path,
        typer.Argument(
            help="Folder in the Hugging Face layout with weights in safetensors, a GGUF file, or a "
            "folder of checkpoints named after their step.",
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
    prompts: Annotated[
        Path | None,
        typer.Option(
            help="JSON lines of prompts with labels instead of words: text and label, and where "
            "they have them concept, pair, template and span (docs/language-models.md).",
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
        typer.Option(
            help="Of a word in several tokens, or of a prompt or its span: the state of the last, "
            "or the mean."
        ),
    ] = "last",
    dtype: Annotated[
        Literal["float32", "bfloat16"], typer.Option(help="Precision of the model.")
    ] = "float32",
    device: options.Device = "cpu",
    untrained: Annotated[
        int | None,
        typer.Option(
            help="Draw the weights anew with this seed: the same architecture that has learned "
            "nothing, as a control.",
            min=0,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Take the hidden states of words, or of labelled prompts, at every layer of a language model.

    'repsearch probe layers states' says at which layer a concept is a direction. States of words
    are embeddings, one file a layer, so that every other command can be asked of a layer
    ('repsearch probe concepts states --time 6'). A call that was stopped goes on where it was.
    Of checkpoints each has a folder; 'repsearch probe learning states --layer 2' follows a layer.
    """
    from repsearch.cli.bars import Bars
    from repsearch.language_models import (
        TEMPLATES,
        Checkpoints,
        LanguageModel,
        read_prompts,
        word_states,
    )

    if prompts is not None and (words is not None or template):
        raise InputError(
            "--prompts holds whole texts, and --words and --template make some; give one of them"
        )
    if Checkpoints.is_at(model):
        if prompts is not None or untrained is not None:
            raise InputError(
                f"--prompts and --untrained are for one model, and {model} holds checkpoints; pass "
                "one of them"
            )
        _of_checkpoints(
            Checkpoints.open(model),
            _words(words),
            out,
            lambda folder: LanguageModel.open(folder, device=device, dtype=dtype),
            template or TEMPLATES,
            pooling,
        )
        return
    read = None if prompts is None else read_prompts(prompts)
    asked = _words(words) if prompts is None else []
    opened = LanguageModel.open(model, device=device, dtype=dtype, untrained=untrained)
    if read is not None:
        _of_prompts(opened, read, out, pooling)
        return
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


def _of_checkpoints(
    checkpoints: Checkpoints,
    words: list[str],
    out: Path,
    opened: Callable[[Path], LanguageModel],
    templates: Sequence[str],
    pooling: Literal["last", "mean"],
) -> None:
    """Take states of one checkpoint after the other, each into a folder of its name."""
    from repsearch.cli.bars import Bars
    from repsearch.language_models import word_states
    from repsearch.language_models.checkpoints import RECORD

    told: dict[str, Any] = {}
    for folder in checkpoints.folders:
        with Bars() as bars:
            told = word_states(
                opened(folder),
                words,
                out / folder.name,
                templates=templates,
                pooling=pooling,
                progress=bars,
            ).manifest
        if (folder / RECORD).is_file():  # how many tokens it was trained on
            with replacing(out / folder.name / RECORD) as stream:
                stream.write((folder / RECORD).read_bytes())
    say(
        f"{checkpoints.folder.name}, {len(checkpoints.steps)} checkpoints: {told['words']:,} "
        f"words, layers 0 (the input) to {told['layers']}, {told['width']:,} numbers each"
    )
    if told["left_out"]:
        say(f"Left out, not known to the tokenizer: {len(told['left_out']):,}")
    give(
        checkpoints=list(checkpoints.steps),
        **{name: told[name] for name in ("words", "layers", "width", "left_out")},
    )
    wrote("States", out)


def _words(file: Path | None) -> list[str]:
    import probes
    from repsearch.corpus.word_file import read_words
    from repsearch.data import carried_counts

    if file is not None:
        return list(read_words(file))
    related = probes.google_relations().families.values()
    asked = [
        *carried_counts().words,
        *(word for pairs in related for pair in pairs for word in pair),
    ]
    return list(dict.fromkeys(asked))


def _of_prompts(
    model: LanguageModel, prompts: list[LabelledPrompt], out: Path, pooling: Literal["last", "mean"]
) -> None:
    from repsearch.cli.bars import Bars
    from repsearch.language_models import prompt_states

    with Bars() as bars:
        found = prompt_states(model, prompts, out, pooling=pooling, progress=bars)
    told = found.manifest
    concepts = list(dict.fromkeys(one.concept for one in found.prompts))
    say(
        f"{told['model']}: {told['prompts']:,} prompts in {len(concepts):,} "
        f"{'concept' if len(concepts) == 1 else 'concepts'}, {told['tokens']:,} tokens; layers 0 "
        f"(the input) to {told['layers']}, {told['width']:,} numbers each"
    )
    if told["left_out"]:
        say(
            f"Left out, with a token not known or in a pair with such a one: "
            f"{len(told['left_out']):,} (the first: {told['left_out'][0][:40]!r})"
        )
    give(**{name: told[name] for name in ("model", "prompts", "layers", "width", "left_out")})
    wrote("States", out)
