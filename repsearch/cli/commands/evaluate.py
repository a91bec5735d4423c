"""Score analogies and similarity of any embedding file: ``repsearch evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from repsearch.cli import options
from repsearch.errors import InputError


def evaluate(
    embeddings: Annotated[
        Path,
        typer.Argument(
            help="File of embeddings: word2vec text or binary, GloVe, safetensors or npz.",
            show_default=False,
        ),
    ],
    relations: Annotated[
        Path | None,
        typer.Option(
            help="File of word pairs by family (TSV, JSON, ':' sections); Google's by default."
        ),
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(help="File of questions, four words in a line, asked as they are."),
    ] = None,
    similarity: Annotated[
        list[Path] | None,
        typer.Option(help="File of rated word pairs; WordSim-353, MEN and SimLex-999 by default."),
    ] = None,
    method: Annotated[
        Literal["3CosAdd", "3CosMul"], typer.Option(help="How candidate words are scored.")
    ] = "3CosAdd",
    keep_case: Annotated[
        bool, typer.Option("--keep-case", help="Do not lower-case the words of the benchmarks.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the tables (CSV and JSON).")
    ] = None,
    seed: options.Seed = 0,
) -> None:
    """Score analogies and similarity, with intervals and coverage."""
    import probes
    from repsearch import Embeddings
    from repsearch.storage.tables import write_table

    if relations is not None and questions is not None:
        raise InputError("--relations and --questions ask differently; give one of them")
    lowercase = not keep_case
    asked: probes.Relations | probes.Questions
    if questions is not None:
        asked = probes.read_questions(questions, lowercase=lowercase)
    elif relations is not None:
        asked = probes.read_relations(relations, lowercase=lowercase)
    else:
        asked = probes.google_relations(lowercase=lowercase)
    sets = (
        [probes.read_similarity(path, lowercase=lowercase) for path in similarity]
        if similarity
        else list(probes.similarity_sets(lowercase=lowercase).values())
    )
    vectors = Embeddings.open(embeddings)
    scores = probes.analogies(vectors, asked, method=method, seed=seed)
    found = [probes.similarity(vectors, dataset, seed=seed) for dataset in sets]
    console = Console(highlight=False, markup=False)
    console.print(repr(vectors), soft_wrap=True)
    console.print(str(scores), soft_wrap=True)
    for result in found:
        console.print(str(result), soft_wrap=True)
    if out is not None:
        write_table(scores.table(), out, "analogies")
        write_table([row for result in found for row in result.table()], out, "similarity")
        console.print(f"Tables: {out.resolve()}", soft_wrap=True)
