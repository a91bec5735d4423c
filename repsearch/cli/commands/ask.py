"""Find the words nearest to a word or a sum of words: ``repsearch ask``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repsearch.cli.answer import give, say, tell_notes
from repsearch.cli.given import SOURCE, TIME, embeddings_of
from repsearch.cli.opened import FORMAT, UNDECODABLE, WORD_LIST, Format
from repsearch.embeddings.formats.contents import Undecodable
from repsearch.errors import InputError


def ask(
    source: Annotated[Path, typer.Argument(help=SOURCE, show_default=False)],
    expressions: Annotated[
        list[str],
        typer.Argument(
            help="A word for its neighbours; words with + and - for an analogy, in quotes. "
            "Several are asked one by one.",
            show_default=False,
        ),
    ],
    topn: Annotated[int, typer.Option("--topn", "-n", help="How many words.", min=1)] = 10,
    time: Annotated[float | None, typer.Option(help=TIME, show_default=False)] = None,
    format: Annotated[Format | None, typer.Option(help=FORMAT, show_default=False)] = None,
    word_list: Annotated[Path | None, typer.Option(help=WORD_LIST, show_default=False)] = None,
    undecodable: Annotated[Undecodable, typer.Option(help=UNDECODABLE)] = "strict",
) -> None:
    """Find the words nearest to a word, or to a sum of words: analogies.

    Each vector is scaled to length one, as in gensim, and words of the question
    are no answers. A word is looked up as it is written, and in another spelling
    where only that is there.
    """
    from probes.studies.expression import nearest_to
    from repsearch.cli.bars import Bars

    with Bars():
        vectors = embeddings_of(source, time, format, word_list, undecodable)
    say(repr(vectors))
    asked: list[dict[str, object]] = []
    give(source=repr(vectors), asked=asked)
    refused: InputError | None = None
    for expression in expressions:
        try:
            found = nearest_to(vectors, expression, topn=topn)
        except InputError as error:
            if len(expressions) > 1:
                say(f"\n{expression}\n  not answered: {error}")
                asked.append({"expression": expression, "refused": str(error)})
            refused = refused or error
            continue
        tell_notes(
            f"{word!r} is looked up as {spelling!r}" for word, spelling in found.spelt.items()
        )
        lines = [f"  {word}  {cosine:.3f}" for word, cosine in _aligned(found.words)]
        say("\n".join(["", expression, *lines]))
        asked.append(
            {
                "expression": expression,
                "added": found.added,
                "subtracted": found.subtracted,
                "nearest": found.rows(),
            }
        )
    if refused is not None:
        raise refused


def _aligned(words: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """The words, of one width on a screen, whatever their script."""
    from rich.cells import cell_len

    from repsearch.storage.visible import visible

    shown = [(visible(word), cosine) for word, cosine in words]
    width = max((cell_len(word) for word, _ in shown), default=0)
    return [(word + " " * (width - cell_len(word)), cosine) for word, cosine in shown]
