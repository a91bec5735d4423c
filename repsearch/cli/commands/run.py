"""Go from text to a report: ``repsearch run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from repsearch.cli import options


def run(
    text: options.TextOrSettings = None,
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

    Run again on the same folder, what rests on the same files, settings and
    program stands: all of it, the counts, or the encoded text. All else of the
    run before is replaced. --settings RUN/settings.toml alone makes a run again.
    """
    from probes.studies.run import Study
    from probes.studies.run_folder import COUNTS_FILE, STAGES, run_folder
    from probes.studies.standing import StandingCounts, standing_study, study_key
    from repsearch.cli.answer import give, say
    from repsearch.cli.bars import Bars
    from repsearch.cli.commands.count import counted
    from repsearch.cli.finish import announce, corpus_facts, tell_notes
    from repsearch.spectrum.positive import DEFAULT_DIMENSION

    if loss is not None:
        import repsearch.minimum  # noqa: F401  (says now that there is no torch)

    text = options.named_text(text)
    chosen = {
        # What came by a pipe cannot be read again.
        "text": None if Path("-") in text else [str(path) for path in text],
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
        study = Study(place, chosen, bars, ("corpus/corpus.json", COUNTS_FILE, STAGES))
        before = StandingCounts(place)
        with study.timed("text to counts"):
            counts, encoded = counted(
                text, out / "corpus", chosen, bars, before_replacing=place.begin, standing=before
            )
            before.keep(counts)
        names = ", ".join(str(path) for path in text)
        read = encoded.record.summary(documents=encoded.n_documents, words=encoded.n_words_read)
        facts = {"Corpus": names, "Text": read, **corpus_facts(counts)}
        title = f"What word2vec learns from {names}"
        told = {"title": title, "facts": facts, "notes": list(encoded.notes)}
        keys = [
            study_key(out / COUNTS_FILE, chosen, told, d=number)
            for number in dict.fromkeys((d, d or DEFAULT_DIMENSION))
        ]
        report = out / "report.html"
        made = standing_study(place, keys[0], ("report.html", "spectrum.safetensors", COUNTS_FILE))
        if made is None:
            place.begin(keep=(COUNTS_FILE, STAGES))
            study.keys = keys
            report = study.run(counts, title, facts, notes=encoded.notes)
    if made is not None:
        say(
            "Nothing was worked out again: text, settings and program are those of the run that "
            f"is there, made by: {made['command']}"
        )
    elif before.found:
        say("The counts are those of the run before: text and window are the same.")
    give(reused=["counts", "study"] if made is not None else ["counts"] * before.found)
    tell_notes(study.notes if made is None else made["notes"])
    announce(out, report)
