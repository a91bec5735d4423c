"""Go from text to a report: ``repsearch run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from repsearch.cli import options


def run(
    text: options.TextPaths,
    out: options.RunFolder = Path("runs/run"),
    vocabulary: options.VocabularySize = None,
    window: options.WindowSize = 16,
    weighting: options.WindowWeighting = "linear",
    tokenizer: options.TokenizerName = "latin",
    min_count: options.MinCount = 1,
    min_length: options.MinLength = 1,
    oov: options.OutOfVocabulary = "remove",
    document: options.Document = "line",
    field: options.Field = None,
    words: options.WordsOfIds = None,
    bad_bytes: options.BadBytes = "stop",
    memory: options.Memory = "2GiB",
    d: options.Dimension = None,
    loss: Annotated[
        Literal["sgns", "quartic"] | None,
        typer.Option(
            help="Also find the embeddings at the minimum of this loss with word2vec.c's weights, "
            "and score them beside M*; 'repsearch minimise' has more settings.",
            show_default=False,
        ),
    ] = None,
    dtype: options.DType = "float32",
    device: options.Device = "cpu",
    threads: options.Threads = None,
    seed: options.Seed = 0,
    settings: options.Settings = None,
) -> None:
    """Go from text to topics, analogies and a report, in one folder.

    Run again on the same folder, the encoded text is used again if the files
    and the settings are the same; all else of the run before is replaced.
    """
    from probes.studies.run import Study
    from probes.studies.run_folder import run_folder
    from repsearch.cli.bars import Bars
    from repsearch.cli.commands.count import counted
    from repsearch.cli.finish import announce, corpus_facts, tell_notes

    if loss is not None:
        import repsearch.minimum  # noqa: F401  (says now that there is no torch)

    chosen = {
        "out": str(out),
        "vocabulary": vocabulary,
        "window": window,
        "weighting": weighting,
        "tokenizer": tokenizer,
        "min_count": min_count,
        "min_length": min_length,
        "oov": oov,
        "document": document,
        "field": field,
        "words": None if words is None else str(words),
        "bad_bytes": bad_bytes,
        "memory": memory,
        "d": d,
        "loss": loss,
        "dtype": dtype,
        "device": device,
        "threads": threads,
        "seed": seed,
    }
    with Bars() as bars, run_folder(out) as place:
        study = Study(place, chosen, bars, ("corpus/corpus.json", "counts.npz"))
        with study.timed("text to counts"):
            counts, encoded = counted(
                text, out / "corpus", chosen, bars, before_replacing=place.begin
            )
            place.begin()
            counts.save(out / "counts.npz")
        names = ", ".join(str(path) for path in text)
        read = encoded.record.summary(documents=encoded.n_documents, words=encoded.n_words_read)
        facts = {"Corpus": names, "Text": read, **corpus_facts(counts)}
        title = f"What word2vec learns from {names}"
        report = study.run(counts, title, facts, notes=encoded.notes)
    tell_notes(study.notes)
    announce(out, report)
