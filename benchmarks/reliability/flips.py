"""Flip bits in every file of ours, or cut it short, and see whether its reader notices."""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import repsearch as rs
from benchmarks.corpora import REPOSITORY
from benchmarks.reliability.small_inputs import counts_of_text, write_text
from probes.studies.run_folder import run_folder
from probes.studies.verification import verify
from repsearch import training
from repsearch.errors import InputError
from repsearch.storage.provenance import machine, versions
from repsearch.storage.sidecar import write_sidecar
from repsearch.storage.tables import write_json, write_table

RESULTS = REPOSITORY / "benchmarks" / "reliability" / "flips.json"
_CUTS = 0.2  # of all damages; the others are flips of one bit
_OWN = ("safetensors", "npz")
_OTHERS = ("vec", "bin", "glove")

Read = Callable[[], object]


def main(arguments: list[str]) -> None:
    """Damage, read, and write down what was found.

    Parameters
    ----------
    arguments : list of str
        Words of the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability flips")
    parser.add_argument("--number", type=int, default=60, help="of damages of each file")
    parser.add_argument("--kind", action="append", help="only kinds that begin so")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of figures to write")
    asked = parser.parse_args(arguments)
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as name:
        for kind, path, read in files(Path(name)):
            if asked.kind and not kind.startswith(tuple(asked.kind)):
                continue
            found[kind] = one = damage(path, read, asked.number, f"{asked.seed} {kind}")
            print(f"{kind}: " + ", ".join(f"{k} {v}" for k, v in one.items() if v), flush=True)
    about = {"machine": machine(), "versions": versions(), "seed": asked.seed}
    write_json(about | {"number": asked.number, "files": found}, asked.results)


def damage(path: Path, read: Read, number: int, seed: str) -> dict[str, Any]:
    """Damage a file so often, each time anew, and read it.

    Parameters
    ----------
    path : Path
        The file; whole again at the end.
    read : callable
        Gives all that is read of it.
    number : int
        How often.
    seed : str
        Seed of the damages.

    Returns
    -------
    dict
        ``detected`` (an error that is explained), ``harmless`` (what is read is the same, to
        the bit), ``undetected`` (it is another), ``crashed`` (an error that is not explained)
        and the kinds of those errors.
    """
    rng = random.Random(seed)
    whole, truth = path.read_bytes(), read()
    ends: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for _ in range(number):
        path.write_bytes(_damaged(whole, rng))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ends["harmless" if read() == truth else "undetected"] += 1
        except InputError:
            ends["detected"] += 1
        except Exception as error:
            ends["crashed"] += 1
            errors[type(error).__name__] += 1
    path.write_bytes(whole)
    names = ("detected", "harmless", "undetected", "crashed")
    return {**{name: ends[name] for name in names}, "errors": dict(errors)}


def files(folder: Path) -> Iterator[tuple[str, Path, Read]]:
    """Make a file of every kind of ours, each with what reads all of it.

    Parameters
    ----------
    folder : Path
        Folder that gets them.

    Yields
    ------
    kind : str
        What it is.
    path : Path
        Where it is.
    read : callable
        Gives what is read, to be compared.
    """
    text = folder / "text.txt"
    write_text(text, documents=60, length=100)
    counts = counts_of_text(text)
    yield from _corpus(text, folder / "corpus")
    path = folder / "counts.npz"
    counts.save(path)
    yield "counts", path, lambda: _counts(path)
    counts.save(folder / "lzma.npz", compression="lzma")
    yield "counts, compressed", folder / "lzma.npz", lambda: _counts(folder / "lzma.npz")
    spectrum = rs.eigenpairs(rs.mstar(counts), 8, threads=1)
    spectrum.save(folder / "spectrum.safetensors")
    yield "spectrum", folder / "spectrum.safetensors", lambda: _spectrum(folder)
    embeddings = spectrum.embeddings(4)
    for ending in (*_OWN, *_OTHERS):
        one = folder / f"emb.{ending}"
        embeddings.save(one)
        kind = f"embeddings .{ending}"
        yield kind, one, lambda one=one: _embeddings(one)  # type: ignore[misc]
        if ending in _OTHERS:
            write_sidecar(one)
            yield f"{kind} with a sidecar", one, lambda one=one: _verified(one)  # type: ignore[misc]
            beside = one.with_name(one.name + ".sha256")
            yield f"{kind}: the sidecar", beside, lambda one=one: _verified(one)  # type: ignore[misc]
    yield from _run(folder / "run", counts, spectrum, text)
    yield from _training_run(folder / "trained", counts)


def _corpus(text: Path, folder: Path) -> Iterator[tuple[str, Path, Read]]:
    rs.encode(text, folder, vocabulary_size=200)

    def read() -> object:
        corpus = rs.Corpus.open(folder)
        counts = rs.count(corpus, rs.Window(2), threads=1)
        return (_of_counts(counts), corpus.n_words_read, corpus.n_documents_dropped)

    for name in ("corpus.json", "vocabulary.tsv", "tokens.i32", "offsets.i64"):
        yield f"corpus: {name}", folder / name, read


def _run(
    folder: Path, counts: rs.Counts, spectrum: rs.Spectrum, text: Path
) -> Iterator[tuple[str, Path, Read]]:
    """A run folder with a part of every kind, as `repsearch run` makes one."""
    with run_folder(folder) as place:
        rs.encode(text, folder / "corpus", vocabulary_size=200, before_replacing=place.begin)
        (folder / "settings.toml").write_text("d = 8\n")
        counts.save(folder / "counts.npz")
        spectrum.save(folder / "spectrum.safetensors")
        spectrum.embeddings(4).save(folder / "embeddings.safetensors")
        write_table([{"word": "cat", "value": 1.5}], folder / "tables", "words")
        (folder / "report.html").write_text("<html>" + "report " * 100 + "</html>\n")
        place.finish({"settings": {"d": 8}}, ("report.html",))
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder)
            yield f"run: {name}", path, lambda: _verified(folder)


def _training_run(folder: Path, counts: rs.Counts) -> Iterator[tuple[str, Path, Read]]:
    shutil.rmtree(folder, ignore_errors=True)
    record = training.Record(when=training.evenly(0.2, 4))
    training.train(counts, folder, d=3, until=0.2, start=rs.Gaussian(0.1, 0), record=record)

    def read() -> object:
        run = training.TrainedTrajectory(folder)
        vectors = [run.embeddings(float(t)).vectors.tobytes() for t in run.snapshot_times]
        rows = [run.times.tobytes(), _verified(folder)]
        return (repr(run), run.words, repr(run.settings), vectors, rows)

    for path in sorted(folder.iterdir()):
        yield f"training run: {path.name}", path, read


def _counts(path: Path) -> object:
    return _of_counts(rs.Counts.open(path))


def _of_counts(counts: rs.Counts) -> object:
    arrays = (counts.word_counts, counts.indptr, counts.columns, counts.values)
    hashed = hashlib.sha256(b"".join(np.ascontiguousarray(one).tobytes() for one in arrays))
    facts = (counts.window, counts.tokenizer, counts.out_of_vocabulary, counts.n_words_read)
    return (counts.words, hashed.hexdigest(), *facts, counts.n_documents, counts.corpora)


def _spectrum(folder: Path) -> object:
    found = rs.Spectrum.open(folder / "spectrum.safetensors")
    arrays = (found.eigenvalues, found.eigenvectors, found.residuals)
    return (found.words, found.target, found.squared_norm, [one.tobytes() for one in arrays])


def _embeddings(path: Path) -> object:
    found = rs.Embeddings.open(path)
    return (found.words, found.name, found.vectors.dtype.str, found.vectors.tobytes())


def _verified(path: Path) -> object:
    """What `repsearch verify` says, which is an error where anything is damaged."""
    found = verify(path)
    for one in found:
        if one.fault is not None:
            raise InputError(one.fault)
    return [str(one) for one in found]


def _damaged(content: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(content))
    if rng.random() < _CUTS:
        return content[:place]
    flipped = bytes([content[place] ^ 1 << rng.randrange(8)])
    return content[:place] + flipped + content[place + 1 :]
