"""Do the work of a task in a folder: read a text, count, solve, minimise, ask."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from probes.sweep import measures
from probes.sweep.measures import Row
from probes.sweep.sources import check_unchanged, digest_of
from repsearch.errors import InputError
from repsearch.progress import Progress
from repsearch.storage.tables import write_json

COUNTS, CORPUS, ROWS, NOTES = "counts.npz", "corpus", "rows.json", "notes.json"
_SPECTRUM, _EMBEDDINGS = "spectrum.safetensors", "embeddings.safetensors"
_HISTORY = "embeddings-history.json"


class Job:
    """What a task is worked out from, where its result goes, and with what.

    Parameters
    ----------
    place : Path
        Empty folder for the result.
    settings : mapping
        Of the task.
    inputs : mapping of str to Path
        Folders of the results that it takes, by what they are.
    files : mapping of str to list of str
        Files of the user that it reads, by what they are.
    states : sequence of (str, int, int)
        Files that must be as they were: path, size, time of change.
    threads : int
        How many it may have.
    progress : Progress
        Told how far it is.
    """

    def __init__(
        self,
        place: Path,
        settings: Mapping[str, Any],
        inputs: Mapping[str, Path],
        files: Mapping[str, list[str]],
        states: tuple[tuple[str, int, int], ...],
        threads: int | None,
        progress: Progress,
    ) -> None:
        self.place, self.settings, self.inputs = place, settings, inputs
        self.files, self.states = files, states
        self.threads, self.progress = threads, progress


def do(kind: str, job: Job) -> None:
    """Do a task.

    Parameters
    ----------
    kind : {"encode", "count", "solve", "minimise", "ask"}
        What is done.
    job : Job
        What it is done with.

    Raises
    ------
    InputError
        What it is done with does not allow it.
    """
    _WORK[kind](job)


def _encode(job: Job) -> None:
    from repsearch.corpus.corpus import CorpusSettings
    from repsearch.corpus.encoding import encode
    from repsearch.text.files import TextFiles

    how = job.settings
    check_unchanged(job.states)
    paths = tuple(map(Path, job.files["text"]))
    size = how["vocabulary"]
    corpus = encode(
        TextFiles(paths, how["document"], how["field"], how["bad_bytes"]),
        job.place / CORPUS,
        settings=CorpusSettings(
            vocabulary_size="auto" if size is None else size,
            min_count=how["min_count"],
            min_document_length=how["min_length"],
            out_of_vocabulary=how["oov"],
        ),
        tokenizer=how["tokenizer"],
        progress=job.progress,
    )
    check_unchanged(job.states)
    write_json(list(corpus.notes), job.place / NOTES)


def _count(job: Job) -> None:
    from repsearch.corpus.corpus import Corpus
    from repsearch.counts.counting import count
    from repsearch.counts.window import Window

    window = Window(job.settings["window"], job.settings["weighting"])
    corpus = Corpus.open(job.inputs["corpus"] / CORPUS)
    count(
        corpus, window, threads=job.threads, scratch=job.place, progress=job.progress
    ).save(job.place / COUNTS)  # fmt: skip


def _solve(job: Job) -> None:
    from probes.studies.estimates import solving
    from repsearch.spectrum.eigensolver import eigenpairs, is_dense
    from repsearch.target.by_name import target_called

    how = {name: value for name, value in job.settings.items() if name not in ("d", "digests")}
    counts = _counts(job)
    words = len(counts.words)
    d = min(job.settings["d"], words)
    expected = solving(counts, d, dense=is_dense(words, d, "value"), threads=job.threads)
    expected.check(f"{d:,} eigenpairs of {words:,} words", "take a smaller d, or fewer words")
    name = how.pop("target")
    matrix = target_called(name, counts, **how, dtype="float32")
    # Eigenpairs do not depend on the seed but for the tolerance of Lanczos, so there is one for
    # points of all seeds.
    eigenpairs(
        matrix, d, dtype="float32", seed=0, threads=job.threads, progress=job.progress
    ).save(job.place / _SPECTRUM)  # fmt: skip


def _minimise(job: Job) -> None:
    from probes.studies.least_loss import least_loss, save_least_loss

    how = {name: value for name, value in job.settings.items() if name != "digests"}
    compute = {"dtype": "float32", "threads": job.threads}
    found = least_loss(
        _counts(job), how.pop("d"), **how, compute=compute, progress=job.progress
    )  # fmt: skip
    if found.status == "interrupted":
        # It keeps the best so far, which is no result of this task.
        raise KeyboardInterrupt
    save_least_loss(found, job.place / _EMBEDDINGS)


def _ask(job: Job) -> None:
    write_json(_rows(job), job.place / ROWS)


def _rows(job: Job) -> list[Row]:
    from repsearch.embeddings import Embeddings
    from repsearch.spectrum.spectrum import Spectrum

    how = job.settings
    probe, seed = how["probe"], how.get("seed", 0)
    if "spectrum" in job.inputs:
        spectrum = Spectrum.open(job.inputs["spectrum"] / _SPECTRUM)
        if probe == "fit":
            _check_dimension(how["d"], spectrum.dimension)
            return measures.of_spectrum(spectrum, how["d"])
        _check_dimension(how["d"], spectrum.dimension)
        vectors = spectrum.embeddings(how["d"], exponent=how["exponent"])
    else:
        folder = job.inputs["embeddings"]
        if probe == "fit":
            return measures.of_minimum(json.loads((folder / _HISTORY).read_bytes()))
        vectors = Embeddings.open(folder / _EMBEDDINGS)
    if probe == "analogies":
        from probes.analogy import analogies

        return measures.of_analogies(analogies(vectors, _relations(job), method=how["method"]))
    if probe == "similarity":
        from probes.similarity import similarity

        return measures.of_similarity([similarity(vectors, one, seed=seed) for one in _sets(job)])
    if probe == "isotropy":
        from probes.geometry import isotropy

        return measures.of_isotropy(isotropy(vectors, seed=seed))
    from probes.concepts.probe import probe_concepts

    found = probe_concepts(vectors, _relations(job), seed=seed, progress=job.progress)
    return measures.of_concepts(found)


def _check_dimension(d: int, there: int) -> None:
    """Of a text, how many words it has is known when it was read."""
    if d > there:
        raise InputError(f"d is {d:,}, more than the {there:,} words of the text")


def _counts(job: Job) -> Any:
    if "counts" in job.inputs:
        return _opened(job.inputs["counts"] / COUNTS, "")
    return _opened(Path(job.files["counts"][0]), job.settings["digests"]["counts"])


@lru_cache(maxsize=1)
def _opened(path: Path, digest: str) -> Any:
    """Counts of a file, which tasks that follow one another often share."""
    from repsearch.counts.counts import Counts

    if digest:
        _check_digest(path, digest)
    return Counts.open(path)


def _relations(job: Job) -> Any:
    from probes.relations import google_relations, read_relations

    if "relations" not in job.files:
        return google_relations()
    path = Path(job.files["relations"][0])
    _check_digest(path, job.settings["digests"]["relations"])
    return read_relations(path)


def _sets(job: Job) -> list[Any]:
    from probes.relations import read_similarity, similarity_sets

    if "similarity" not in job.files:
        return list(similarity_sets().values())
    digests = job.settings["digests"]["similarity"].split(" ")
    for name, digest in zip(job.files["similarity"], digests, strict=True):
        _check_digest(Path(name), digest)
    return [read_similarity(Path(name)) for name in job.files["similarity"]]


def _check_digest(path: Path, digest: str) -> None:
    if digest_of(path) != digest:
        raise InputError(f"{path} was changed while the sweep went on; run it again")


_WORK: Mapping[str, Callable[[Job], None]] = {
    "encode": _encode,
    "count": _count,
    "solve": _solve,
    "minimise": _minimise,
    "ask": _ask,
}
