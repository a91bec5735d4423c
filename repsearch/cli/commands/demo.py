"""Solve, evaluate and report on the counts that come with the package: ``repsearch demo``."""

from __future__ import annotations

from pathlib import Path

from repsearch.cli import options


def demo(
    out: options.RunFolder = Path("runs/demo"),
    d: options.Dimension = None,
    dtype: options.DType = "float32",
    device: options.Device = "cpu",
    threads: options.Threads = None,
    seed: options.Seed = 0,
    settings: options.Settings = None,
) -> None:
    """Solve, evaluate and report on real Wikipedia counts, with no download.

    The package carries the co-occurrence counts of 26,283 English Wikipedia
    articles over 4,500 words. The timings end up in run.json.
    """
    from probes.studies.run import Study
    from probes.studies.run_folder import run_folder
    from repsearch.cli.bars import Bars
    from repsearch.cli.finish import announce, corpus_facts
    from repsearch.data import carried_counts

    chosen = {"out": str(out), "d": d, "dtype": dtype, "device": device, "threads": threads}
    with Bars() as bars, run_folder(out) as place:
        study = Study(place, {**chosen, "seed": seed}, bars)
        with study.timed("opening counts"):
            counts = carried_counts()
        corpus = f"{counts.n_documents:,} articles of English Wikipedia (dump of 2015)"
        facts = {"Corpus": corpus, **corpus_facts(counts)}
        report = study.run(counts, "What word2vec learns from Wikipedia", facts)
    announce(out, report)
