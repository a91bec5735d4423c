"""Run the whole study: from counts to tables, figures and a report in one folder."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repsearch.errors import InputError
from repsearch.progress import Progress, prefixed
from repsearch.spectrum.positive import DEFAULT_DIMENSION, positive_pairs
from repsearch.storage import provenance
from repsearch.storage.atomic import replacing
from repsearch.storage.tables import write_table

if TYPE_CHECKING:
    from probes import AnalogyResult, Relations, SimilarityResult
    from probes.report import ReportContents, Section
    from probes.report.concepts import Concepts
    from probes.report.learning import Learning
    from probes.studies.run_folder import RunFolder
    from probes.topics import TopicStudy
    from repsearch import Counts, Embeddings, Minimum, Spectrum, Target

MINIMUM = "minimum.safetensors"
_MODES_STUDIED = 50


@dataclass
class Study:
    """A run folder being filled.

    Parameters
    ----------
    place : RunFolder
        Where everything goes, and nothing of another run.
    settings : dict
        Settings of the command, as written to ``settings.toml``.
    progress : Progress
        Told how far each stage is.
    made_before : tuple of str
        Files that the command has put there already, without which the run is not whole.
    keys : list of str
        What the study rests on (`standing.study_key`), by which a later run knows it.
    timings : dict
        Seconds by stage.
    """

    place: RunFolder
    settings: Mapping[str, Any]
    progress: Progress
    made_before: tuple[str, ...] = ()
    keys: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The folder itself."""
        return self.place.folder

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Note how long a stage takes, in seconds."""
        begin = time.perf_counter()
        yield
        self.timings[stage] = time.perf_counter() - begin

    def run(
        self, counts: Counts, title: str, facts: Mapping[str, str], *, notes: Sequence[str] = ()
    ) -> Path:
        """Solve, evaluate and report.

        Parameters
        ----------
        counts : Counts
            The statistics of a corpus.
        title : str
            Headline of the report.
        facts : mapping
            What the report says of the corpus, in order.
        notes : sequence of str
            What a reader has to know of how the text was read.

        Returns
        -------
        Path
            The report.
        """
        import probes
        from probes.report import ReportContents, write_report

        asked, seed = self.settings.get("d"), self.settings["seed"]
        d = min(DEFAULT_DIMENSION, len(counts.words)) if asked is None else asked
        self.place.begin()
        self._write_settings()
        relations, sets = probes.google_relations(), probes.similarity_sets()
        spectra: dict[str, Spectrum] = {}
        scores: dict[str, AnalogyResult] = {}
        similarities: dict[str, list[SimilarityResult]] = {}
        self.notes = [*notes]
        for name, target in _targets(counts):
            told = prefixed(self.progress, f"{name}: ")
            with self.timed(f"{name}: eigenpairs"):
                spectrum = self._solve(target, d, seed, told)
            if asked is None and not spectra:
                spectrum = positive_pairs(spectrum)
                d = spectrum.dimension
                self._settle(d)
            if spectra and spectrum.n_positive < d:
                self.notes.append(
                    f"{name} has only {spectrum.n_positive} positive eigenvalues among its {d} "
                    "largest and is left out of the comparison."
                )
                continue
            spectra[name] = spectrum
            embeddings = spectrum.embeddings()
            with self.timed(f"{name}: evaluation"):
                told("evaluation", 0, 1 + len(sets), "sets")
                if _any_asked(relations, embeddings):
                    scores[name] = probes.analogies(embeddings, relations)
                similarities[name] = []
                for done, dataset in enumerate(sets.values(), start=2):
                    similarities[name].append(probes.similarity(embeddings, dataset, seed=seed))
                    told("evaluation", done, 1 + len(sets), "sets")
        if self.settings.get("loss") is not None:
            found = self._least_loss(counts, d, seed)
            name, embeddings = found.embeddings.name, found.embeddings
            facts = {**facts, name[0].upper() + name[1:]: found.summary()}
            with self.timed(f"{name}: evaluation"):
                if _any_asked(relations, embeddings):
                    scores[name] = probes.analogies(embeddings, relations)
                similarities[name] = [
                    probes.similarity(embeddings, dataset, seed=seed) for dataset in sets.values()
                ]
        if not scores:
            self.notes.append(
                "No analogy could be asked: the vocabulary has too few words of them."
            )
        main, *_ = spectra
        spectrum = spectra[main]
        shown = range(1, min(20, d) + 1)
        with self.timed("probes"):
            sections = self._sections(spectrum, relations, seed)
        with self.timed("learning, concepts and topics"):
            learning, concepts, topic_study = self._depths(
                spectrum, relations if scores else None, counts, seed
            )
        contents = ReportContents(
            title=title,
            facts=facts,
            spectrum=spectrum,
            embeddings=spectrum.embeddings(),
            analogies=scores,
            differences={
                rival: probes.compare_analogies(scores[main], scores[rival])
                for rival in scores
                if rival != main
            },
            similarities=similarities,
            topics=probes.topics(spectrum, modes=shown),
            topics_normalised=probes.topics(spectrum, modes=shown, normalise="cosine"),
            run=self._run_facts(),
            learning=learning,
            concepts=concepts,
            topic_study=topic_study,
            sections=sections,
            notes=self.notes,
        )
        for section in contents.sections:
            section.answer.save(self.folder / "probes")
        _write_depths(contents, self.folder)
        spectrum.save(self.folder / "spectrum.safetensors")
        contents.embeddings.save(self.folder / "embeddings.safetensors")
        _write_tables(contents, spectra, main, self.folder / "tables")
        with self.timed("figures and report"):
            self.progress("figures and report", 0, 1, "reports")
            report = write_report(contents, self.folder, seed=seed)
            self.progress("figures and report", 1, 1, "reports")
        self._write_run(counts)
        return report

    def _settle(self, d: int) -> None:
        """Write down the dimension that was taken where none was asked for."""
        self.settings = {**self.settings, "d": d}
        self._write_settings()
        if d < DEFAULT_DIMENSION:
            # Who asks for as many is told something else.
            self.keys = self.keys[:1]
            self.notes.append(
                f"{d:,} eigenpair{'s' * (d != 1)} instead of the {DEFAULT_DIMENSION} of the "
                "default, for no more have positive eigenvalues"
            )

    def _solve(self, target: Target, d: int, seed: int, progress: Progress) -> Spectrum:
        from repsearch import eigenpairs

        settings = self.settings
        return eigenpairs(
            target,
            d,
            dtype=settings["dtype"],
            device=settings["device"],
            threads=settings["threads"],
            seed=seed,
            progress=progress,
        )

    def _least_loss(self, counts: Counts, d: int, seed: int) -> Minimum:
        """Minimise the loss that was asked for; embeddings and history are written down."""
        from probes.studies.least_loss import least_loss, save_least_loss

        settings = self.settings
        keys = ("dtype", "device", "threads")
        with self.timed(f"minimum of {settings['loss']}"):
            found = least_loss(
                counts,
                d,
                loss=settings["loss"],
                compute={key: settings[key] for key in keys},
                seed=seed,
                progress=prefixed(self.progress, f"{settings['loss']}: "),
            )
        save_least_loss(found, self.folder / MINIMUM)
        return found

    def _depths(
        self, spectrum: Spectrum, relations: Relations | None, counts: Counts, seed: int
    ) -> tuple[Learning | None, Concepts | None, TopicStudy | None]:
        """Follow the closed form, the relations along it, and study topics; each if it can be."""
        from probes.report.concepts import concepts_of
        from probes.report.learning import learning_of
        from probes.topics import topic_study

        learning = concepts = studied = None
        with self._noting("Learning over time"):
            learning = learning_of(spectrum, seed=seed)
        if relations is not None:
            with self._noting("Concepts"):
                concepts = concepts_of(
                    spectrum.embeddings(), relations, learning, seed=seed, progress=self.progress
                )
        k = min(_MODES_STUDIED, spectrum.n_positive)
        if k:
            self.progress("topics", 0, 1, "studies")
            with self._noting("Coherence of topics"):
                studied = topic_study(spectrum, counted=counts, k=k, seed=seed)
            self.progress("topics", 1, 1, "studies")
        return learning, concepts, studied

    @contextmanager
    def _noting(self, what: str) -> Iterator[None]:
        """Note why something could not be measured, and go on."""
        try:
            yield
        except InputError as error:
            self.notes.append(f"{what} could not be measured: {error}.")

    def _sections(self, spectrum: Spectrum, relations: Relations, seed: int) -> list[Section]:
        """Ask the probes that the report has a section for; one that cannot be asked is noted."""
        from probes.registry import PROBES, asked
        from probes.report import Section

        have = {
            "embeddings": spectrum.embeddings(),
            "modes": spectrum,
            "relations": relations,
        }
        found = []
        for probe in PROBES:
            if not probe.in_report:
                continue
            with self._noting(probe.title):
                answer = asked(probe, have, seed=seed, progress=self.progress)
                found.append(Section(probe.name, probe.title, answer, probe.how_to_read))
        return found

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
        from probes.studies.run_folder import COUNTS
        from repsearch.training.settings import digest_of

        facts = {
            "command": provenance.command_line(),
            "settings": dict(self.settings),
            "versions": provenance.versions(),
            "machine": provenance.machine(),
            "corpora": list(counts.corpora),
            COUNTS: digest_of(counts),
            "keys": self.keys,
            "notes": self.notes,
            "timings_seconds": {k: round(v, 3) for k, v in self.timings.items()},
        }
        least = [MINIMUM] if self.settings.get("loss") is not None else []
        needed = [
            *least,
            "settings.toml",
            "spectrum.safetensors",
            "embeddings.safetensors",
            "report.json",
            "report.html",
        ]
        self.place.finish(facts, (*needed, *self.made_before))


def _targets(counts: Counts) -> Iterator[tuple[str, Target]]:
    """The main target, then its rivals, each made when it is asked for."""
    from repsearch import mstar, pmi, shifted_ppmi

    for make in (mstar, shifted_ppmi, pmi):
        target = make(counts, dtype="float32")
        yield target.name, target


def _any_asked(relations: Relations, embeddings: Embeddings) -> bool:
    """Whether a family has two pairs of words that have vectors."""
    words = relations.look_up(embeddings)
    known = {words.spelling(word) for word in words.rows}
    return any(
        sum(first in known and second in known for first, second in pairs) > 1
        for pairs in relations.spelt(words).families.values()
    )


def _write_tables(
    contents: ReportContents, spectra: Mapping[str, Spectrum], main: str, folder: Path
) -> None:
    def write(name: str, rows: list[dict[str, Any]]) -> None:
        write_table(rows, folder, name)

    write("analogies", [row for score in contents.analogies.values() for row in _named(score)])
    results = [result for found in contents.similarities.values() for result in found]
    write("similarity", [row for result in results for row in result.table()])
    write("topics", contents.topics.table())
    write("topics-normalised", contents.topics_normalised.table())
    write("spectrum", [row for spectrum in spectra.values() for row in _eigenvalues(spectrum)])
    write(
        "differences",
        [
            {"first": main, "second": rival, "difference": x.value, "low": x.low, "high": x.high}
            for rival, x in contents.differences.items()
        ],
    )


def _write_depths(contents: ReportContents, folder: Path) -> None:
    """Tables of learning, concepts and topics; `repsearch probe` draws the pictures."""
    if contents.learning is not None:
        write_table(contents.learning.table(), folder / "tables", "over-time")
        write_table(contents.learning.modes_table(), folder / "tables", "learning-times")
    if contents.concepts is not None:
        for name, result in contents.concepts.results().items():
            write_table(result.table(), folder / "probes", name)
    if contents.topic_study is not None:
        for name, part in contents.topic_study.parts().items():
            write_table(part.table(), folder / "probes", name)


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
