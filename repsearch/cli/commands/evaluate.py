"""Score analogies and similarity of any embedding file: ``repsearch evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from repsearch.cli import options
from repsearch.cli.given import SOURCE, TIME, embeddings_of, relations_of
from repsearch.cli.opened import FORMAT, UNDECODABLE, WORD_LIST, Format
from repsearch.embeddings.formats.contents import Undecodable
from repsearch.errors import InputError


def evaluate(
    source: Annotated[Path, typer.Argument(help=SOURCE, show_default=False)],
    relations: Annotated[
        Path | None,
        typer.Option(
            help="Word pairs by family: TSV, CSV, JSON, ':' sections, or a folder such as BATS; "
            "Google's by default."
        ),
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(help="File of questions, four words a line, asked as they are."),
    ] = None,
    similarity: Annotated[
        list[Path] | None,
        typer.Option(help="File of rated word pairs; WordSim-353, MEN and SimLex-999 by default."),
    ] = None,
    method: Annotated[
        Literal["3CosAdd", "3CosMul", "PairDirection", "3CosAvg"],
        typer.Option(
            help="How candidate words are scored; 3CosAvg asks for each pair once, from the mean "
            "offset of all other pairs of its family."
        ),
    ] = "3CosAdd",
    keep_case: Annotated[
        bool,
        typer.Option("--keep-case", help="Look words up as written only, not in other spellings."),
    ] = False,
    time: Annotated[float | None, typer.Option(help=TIME, show_default=False)] = None,
    format: Annotated[Format | None, typer.Option(help=FORMAT)] = None,
    word_list: Annotated[Path | None, typer.Option(help=WORD_LIST)] = None,
    undecodable: Annotated[Undecodable, typer.Option(help=UNDECODABLE)] = "strict",
    out: options.ResultFolder = None,
    seed: options.Seed = 0,
) -> None:
    """Score analogies and similarity of any embeddings, with intervals and coverage.

    Of a run the snapshot nearest to --time is scored, the last by default.
    """
    import probes
    from probes.studies.evaluation import evaluate as evaluated
    from repsearch.cli.bars import Bars
    from repsearch.cli.finish import tell

    if relations is not None and questions is not None:
        raise InputError("--relations and --questions ask differently; give one of them")
    if questions is not None and method == "3CosAvg":
        raise InputError(
            "--method 3CosAvg asks for each pair of a family once, and --questions are of two "
            "pairs each; give pairs with --relations, or take another method"
        )
    asked: probes.Relations | probes.Questions
    if questions is not None:
        asked = probes.read_questions(questions, keep_case=keep_case)
    else:
        asked = relations_of(relations, keep_case=keep_case)
    sets = (
        [probes.read_similarity(path, keep_case=keep_case) for path in similarity]
        if similarity
        else list(probes.similarity_sets(keep_case=keep_case).values())
    )
    with Bars():
        vectors = embeddings_of(source, time, format, word_list, undecodable)
        found = evaluated(vectors, asked, sets, method=method, seed=seed)
    tell(found, out, source=vectors)
