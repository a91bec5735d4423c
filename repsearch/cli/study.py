"""The main job: from counts to tables, figures and a report in one folder."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repsearch.cli import provenance
from repsearch.cli.bars import Bars
from repsearch.files import replacing
from repsearch.tables import write_json, write_table

if TYPE_CHECKING:
    from probes import AnalogyResult, SimilarityResult
    from repsearch import Counts, Embeddings, Spectrum, Target


@dataclass
class Study:
    """A run folder being filled.

    Parameters
    ----------
    folder : Path
        Where everything goes.
    settings : dict
        Settings of the command, as written to ``settings.toml``.
    bars : Bars
        Progress bars.
    """

    folder: Path
    settings: Mapping[str, Any]
    bars: Bars
    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Note how long a stage takes, in seconds."""
        begin = time.perf_counter()
        yield
        self.timings[stage] = time.perf_counter() - begin

    def run(self, counts: Counts, title: str, facts: Mapping[str, str]) -> Path:
        """Solve, evaluate and report.

        Parameters
        ----------
        counts : Counts
            The statistics of a corpus.
        title : str
            Headline of the report.
        facts : mapping
            What the report says of the corpus, in order.

        Returns
        -------
        Path
            The report.
        """
        from probes.report import ReportContents, write_report

        from probes import (
            compare_analogies,
            google_relations,
            similarity_sets,
            topics,
        )
        from repsearch import mstar, pmi, shifted_ppmi

        d, seed = self.settings["d"], self.settings["seed"]
        self._write_settings()
        makers = {
            "M*": lambda: mstar(counts, dtype="float32"),
            "PPMI": lambda: shifted_ppmi(counts, dtype="float32"),
            "PMI": lambda: pmi(counts, dtype="float32"),
        }
        relations, sets = google_relations(), similarity_sets()
        spectra: dict[str, Spectrum] = {}
        embeddings: dict[str, Embeddings] = {}
        scores: dict[str, AnalogyResult] = {}
        similarities: dict[str, list[SimilarityResult]] = {}
        for name, make in makers.items():
            self.bars.prefix = f"{name}: "
            with self.timed(f"{name}: eigenpairs"):
                spectra[name] = self._solve(make(), d, seed)
            embeddings[name] = spectra[name].embeddings()
            with self.timed(f"{name}: evaluation"):
                self.bars("evaluation", 0, 1 + len(sets), "sets")
                scores[name] = _analogies(embeddings[name], relations, seed)
                similarities[name] = _similarities(embeddings[name], sets, seed, self.bars)
        self.bars.prefix = ""
        differences = {
            rival: compare_analogies(scores["M*"], scores[rival], seed=seed)
            for rival in ("PPMI", "PMI")
            if rival in scores
        }
        shown = range(1, min(20, d) + 1)
        raw = topics(spectra["M*"], modes=shown)
        normalised = topics(spectra["M*"], modes=shown, normalise="cosine")
        tables = self.folder / "tables"
        write_table([r for s in scores.values() for r in _named(s)], tables, "analogies")
        write_table(
            [r for found in similarities.values() for s in found for r in s.table()],
            tables,
            "similarity",
        )
        write_table(raw.table(), tables, "topics")
        write_table(normalised.table(), tables, "topics-normalised")
        write_table([r for s in spectra.values() for r in _eigenvalues(s)], tables, "spectrum")
        write_table(
            [
                {"first": "M*", "second": k, "difference": v.value, "low": v.low, "high": v.high}
                for k, v in differences.items()
            ],
            tables,
            "differences",
        )
        spectra["M*"].save(self.folder / "spectrum.safetensors")
        embeddings["M*"].save(self.folder / "embeddings.safetensors")
        with self.timed("figures and report"):
            self.bars("figures and report", 0, 1, "reports")
            contents = ReportContents(
                title=title,
                facts=facts,
                spectrum=spectra["M*"],
                embeddings=embeddings["M*"],
                analogies=scores,
                differences=differences,
                similarities=similarities,
                topics=raw,
                topics_normalised=normalised,
                run=self._run_facts(),
            )
            report = write_report(contents, self.folder)
            self.bars("figures and report", 1, 1, "reports")
        self._write_run(counts)
        return report

    def _solve(self, target: Target, d: int, seed: int) -> Spectrum:
        from repsearch import eigenpairs

        settings = self.settings
        return eigenpairs(
            target,
            d,
            dtype=settings["dtype"],
            device=settings["device"],
            threads=settings["threads"],
            seed=seed,
            progress=self.bars,
        )

    def _run_facts(self) -> dict[str, str]:
        took = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in self.timings.items())
        return {
            "Command": provenance.command_line(),
            "Seed": str(self.settings["seed"]),
            "Versions": ", ".join(f"{k} {v}" for k, v in provenance.versions().items()),
            "Machine": ", ".join(f"{k} {v}" for k, v in provenance.machine().items()),
            "Timings": took,
        }

    def _write_settings(self) -> None:
        """Settings in a form that ``--settings`` reads again."""
        lines = [
            f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
            for name, value in self.settings.items()
            if value is not None
        ]
        with replacing(self.folder / "settings.toml", "w") as stream:
            stream.write("".join(lines))

    def _write_run(self, counts: Counts) -> None:
        """What was run, last, so that its presence says that all is there."""
        write_json(
            {
                "command": provenance.command_line(),
                "settings": dict(self.settings),
                "versions": provenance.versions(),
                "machine": provenance.machine(),
                "corpora": list(counts.corpora),
                "timings_seconds": {k: round(v, 3) for k, v in self.timings.items()},
            },
            self.folder / "run.json",
        )


def _analogies(embeddings: Embeddings, relations: Any, seed: int) -> AnalogyResult:
    from probes import analogies

    return analogies(embeddings, relations, seed=seed)


def _similarities(
    embeddings: Embeddings, sets: Mapping[str, Any], seed: int, bars: Bars
) -> list[SimilarityResult]:
    from probes import similarity

    found = []
    for done, dataset in enumerate(sets.values(), start=2):
        found.append(similarity(embeddings, dataset, seed=seed))
        bars("evaluation", done, 1 + len(sets), "sets")
    return found


def _named(score: AnalogyResult) -> list[dict[str, Any]]:
    return [{"target": score.embeddings, **row} for row in score.table()]


def _eigenvalues(spectrum: Spectrum) -> list[dict[str, Any]]:
    pairs = zip(
        spectrum.eigenvalues.tolist(),
        spectrum.residuals.tolist(),
        spectrum.explained.tolist(),
        strict=True,
    )
    return [
        {
            "target": spectrum.target,
            "mode": k,
            "eigenvalue": value,
            "residual": residual,
            "explained": explained,
        }
        for k, (value, residual, explained) in enumerate(pairs, start=1)
    ]
