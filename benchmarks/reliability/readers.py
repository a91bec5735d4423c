"""List every reader of files, with a valid file to damage."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

import repsearch as rs
from benchmarks.reliability.damage import damaged, damaged_array, damaged_json, damaged_npz
from probes.relations import read_questions, read_relations, read_similarity
from repsearch.cli.given import states_of
from repsearch.embeddings import Embeddings
from repsearch.embeddings.tensor_rows import stored_tensors
from repsearch.embeddings.token_words import token_words
from repsearch.storage.checksum import crc32_of_arrays, sha256_of_arrays
from repsearch.text.files import TextFiles
from repsearch.text.wikipedia import wikipedia_articles

TEXT = [f"the cat w{k} saw the dog w{k % 3} and the cat naïve" for k in range(12)]
WORDS = ("the", "cat", "dog", "saw", "naïve", "猫")


@dataclass(frozen=True)
class Reader:
    """Hold what makes a valid file, damages it and reads it.

    Parameters
    ----------
    name : str
        What is read.
    make : callable
        Writes a valid file or folder into an empty folder, and returns its path.
    read : callable
        Reads it, to the last number.
    damage : callable
        Damages what is at a path.
    """

    name: str
    make: Callable[[Path], Path]
    read: Callable[[Path], object]
    damage: Callable[[Path, Random], None]


def anywhere(path: Path, random: Random) -> None:
    """Damage a file, or one of those in a folder."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    file = random.choice(files)
    if path.is_dir() and random.random() < 0.03:
        file.unlink()
    else:
        file.write_bytes(damaged(file.read_bytes(), random))


def in_archive(path: Path, random: Random) -> None:
    """Damage a member of an npz file and set its checksums right."""
    path.write_bytes(damaged_npz(path.read_bytes(), random))


def in_tensors(path: Path, random: Random) -> None:
    """Damage a tensor of a safetensors file and set its checksum right."""
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    notes, tensors = header["__metadata__"], dict(load_tensors(content))
    chosen = random.choice(sorted(tensors))
    tensors[chosen] = np.ascontiguousarray(damaged_array(tensors[chosen], random))
    if random.random() < 0.1:
        del tensors[chosen]
    if "sha256" in notes:
        notes["sha256"] = sha256_of_arrays(notes["target"], tensors)
    if "crc32" in notes:
        notes["crc32"] = crc32_of_arrays(notes["name"], tensors)
    path.write_bytes(save_tensors(tensors, notes))


def in_manifest(path: Path, random: Random) -> None:
    """Change the manifest of a run and sign it, or a file of the run and its entry."""
    manifest = path / "manifest.json"
    contents = json.loads(manifest.read_text("utf-8"))
    contents.pop("sha256")
    if random.random() < 0.6:
        contents = damaged_json(contents, random)
    else:
        lists = [contents["words"], *contents["states"], *contents["records"]]
        entry = random.choice([*lists, *contents["snapshots"]])
        file = path / entry["file"]
        if file.suffix == ".safetensors" and random.random() < 0.8:
            tensors = dict(load_tensors(file.read_bytes()))
            chosen = random.choice(sorted(tensors))
            tensors[chosen] = np.ascontiguousarray(damaged_array(tensors[chosen], random))
            file.write_bytes(save_tensors(tensors))
        else:
            file.write_bytes(damaged(file.read_bytes(), random))
        entry["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    if isinstance(contents, dict):
        text = json.dumps(contents, sort_keys=True)
        contents = {**contents, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    manifest.write_text(json.dumps(contents), "utf-8")


def _counts(folder: Path, compression: str) -> Path:
    path = folder / "counts.npz"
    counts = rs.count(rs.encode(TEXT, vocabulary_size=None), rs.Window(3))
    counts.save(path, compression="lzma" if compression == "lzma" else "none")
    return path


def _embeddings(folder: Path, suffix: str) -> Path:
    path = folder / f"vectors{suffix}"
    vectors = np.random.default_rng(0).standard_normal((len(WORDS), 3)).astype(np.float32)
    Embeddings(WORDS, vectors, "M*").save(path)
    return path


def _spectrum(folder: Path) -> Path:
    path = folder / "spectrum.safetensors"
    counts = rs.count(rs.encode(TEXT, vocabulary_size=None), rs.Window(3))
    rs.eigenpairs(rs.mstar(counts), 4, dtype="float64").save(path)
    return path


def _corpus(folder: Path) -> Path:
    rs.encode(TEXT, folder / "corpus", vocabulary_size=None)
    return folder / "corpus"


def _run(folder: Path) -> Path:
    from repsearch import training

    counts = rs.count(rs.encode(TEXT, vocabulary_size=8), rs.Window(3))
    record = training.Record(when=training.evenly(2.0, 3), snapshots=training.AtTimes((1.0, 2.0)))
    training.train(counts, folder / "run", d=2, until=2.0, record=record)
    return folder / "run"


def _read_counts(path: Path) -> None:
    counts = rs.Counts.open(path)
    counts.matrix()
    _ = counts.marginals, counts.density, repr(counts)


def _read_spectrum(path: Path) -> None:
    spectrum = rs.Spectrum.open(path)
    _ = repr(spectrum), spectrum.explained
    if spectrum.n_positive:
        spectrum.embeddings(1).unit()


def _read_embeddings(path: Path) -> None:
    embeddings = Embeddings.open(path)
    _ = repr(embeddings), embeddings.most_similar(embeddings.words[0])


def _read_corpus(path: Path) -> None:
    corpus = rs.Corpus.open(path)
    rs.count(corpus, rs.Window(2), threads=1)


def _read_run(path: Path) -> None:
    from repsearch import training

    run = training.TrainedTrajectory(path)
    _ = repr(run), run.times, run.words, run.singular_values()
    for _time, embeddings in run.snapshots():
        _ = embeddings.unit()
    for time in run.snapshot_times:
        run.modes(time)
    run.verify()
    _ = run._stored.last_state


def _read_text(path: Path) -> None:
    rs.encode(path, vocabulary_size=None)


def _read_dump(path: Path) -> None:
    for _ in wikipedia_articles(path):
        pass


def _read_json_lines(path: Path) -> None:
    rs.encode(TextFiles((path,), field="text"), vocabulary_size=None)


def _read_table(path: Path) -> None:
    rs.encode(TextFiles((path,), field="text"), vocabulary_size=None)


def _read_ids(path: Path) -> None:
    words = path.parent / "words.txt"
    words.write_text("\n".join(WORDS), "utf-8")
    rs.encode(rs.TokenIds((path,), words, "ids"), vocabulary_size=None)


def _table(name: str) -> Callable[[Path], Path]:
    """A dataset folder, an Arrow file or a Parquet table of texts and lists of ids."""

    def make(folder: Path) -> Path:
        import pyarrow as pa
        from pyarrow import parquet

        ids = [[k % len(WORDS) for k in range(n)] for n, _ in enumerate(TEXT)]
        table = pa.table({"text": [*TEXT[1:], None], "ids": pa.array(ids, pa.list_(pa.int32()))})
        path = folder / name
        if name.endswith(".parquet"):
            parquet.write_table(table, path)
            return path
        data = path
        if not path.suffix:
            path.mkdir()
            data = path / "data-00000-of-00001.arrow"
            state = {"_data_files": [{"filename": data.name}], "_split": "train"}
            (path / "state.json").write_text(json.dumps(state))
            (path / "dataset_info.json").write_text("{}")
        layout = pa.ipc.new_file if path.suffix else pa.ipc.new_stream
        with pa.OSFile(str(data), "wb") as sink, layout(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=5)
        return path

    return make


def _text(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def _compressed(suffix: str, text: bytes) -> bytes:
    if suffix == ".zst":
        import zstandard

        return zstandard.ZstdCompressor().compress(text)
    squeeze = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}[suffix]
    return squeeze(text)


def _states(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    path = folder / "states.npz"
    np.savez(path, states=rng.standard_normal((8, 3)), labels=np.array([0, 1] * 4))
    return path


_LINES = "\n".join(TEXT).encode()
_DUMP = b"""<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="en">
<siteinfo><namespaces><namespace key="0" /><namespace key="1">Talk</namespace></namespaces>
</siteinfo>
<page><title>Cat</title><ns>0</ns><id>1</id><revision><id>2</id><text xml:space="preserve">'''Cat'''
is an [[animal|beast]] {{cite|a=1}} &lt;ref name="x"&gt;y&lt;/ref&gt; {| class="wikitable" |} of the
house and the home with a lot of words.</text></revision></page></mediawiki>"""
_JSON_LINES = "\n".join(json.dumps({"text": line, "id": k}) for k, line in enumerate(TEXT)).encode()
_PAIRS = b": plural\ncat cats\ndog dogs\nman men\n: gender\nking queen\nman woman\nuncle aunt\n"
_QUESTIONS = b": plural\ncat cats dog dogs\ndog dogs man men\n: gender\nking queen man woman\n"
_SIMILARITY = b"cat\tdog\t7.5\ncat\tcar\t1.25\nsun\tmoon\t5\n"
_FAMILIES = json.dumps({"plural": [["cat", "cats"], ["dog", "dogs"]], "g": [["a", "b"]]}).encode()
_TOKENIZER = json.dumps(
    {"model": {"continuing_subword_prefix": "##", "vocab": {"cat": 1, "##s": 2, "the": 0}}}
).encode()

READERS: tuple[Reader, ...] = (
    *(
        Reader(f"counts, {how}", lambda folder, how=how: _counts(folder, how), _read_counts, by)
        for how, by in (("plain", anywhere), ("lzma", anywhere))
    ),
    Reader("counts, valid checksums", lambda f: _counts(f, "none"), _read_counts, in_archive),
    Reader("spectrum", _spectrum, _read_spectrum, anywhere),
    Reader("spectrum, valid checksum", _spectrum, _read_spectrum, in_tensors),
    *(
        Reader(
            f"embeddings {suffix}",
            lambda folder, suffix=suffix: _embeddings(folder, suffix),
            _read_embeddings,
            anywhere,
        )
        for suffix in (".vec", ".bin", ".glove", ".safetensors", ".npz", ".vec.gz", ".bin.gz")
    ),
    Reader(
        "embeddings .npz, valid checksums",
        lambda folder: _embeddings(folder, ".npz"),
        _read_embeddings,
        in_archive,
    ),
    Reader(
        "embeddings .safetensors, valid checksum",
        lambda folder: _embeddings(folder, ".safetensors"),
        _read_embeddings,
        in_tensors,
    ),
    Reader("corpus folder", _corpus, _read_corpus, anywhere),
    Reader("training run", _run, _read_run, anywhere),
    Reader("training run, valid checksums", _run, _read_run, in_manifest),
    Reader("text", _text("a.txt", _LINES), _read_text, anywhere),
    *(
        Reader(
            f"text{suffix}",
            _text(f"a.txt{suffix}", _compressed(suffix, _LINES)),
            _read_text,
            anywhere,
        )
        for suffix in (".gz", ".bz2", ".xz", ".zst")
    ),
    Reader("Wikipedia dump", _text("a.xml", _DUMP), _read_dump, anywhere),
    Reader("JSON lines", _text("a.jsonl", _JSON_LINES), _read_json_lines, anywhere),
    *(
        Reader(f"{what}, {column}", _table(name), read, anywhere)
        for what, name in (
            ("dataset folder", "dataset"),
            ("Arrow file", "a.arrow"),
            ("Parquet table", "a.parquet"),
        )
        for column, read in (("text", _read_table), ("word ids", _read_ids))
    ),
    Reader("relations, text", _text("a.txt", _PAIRS), read_relations, anywhere),
    Reader("relations, JSON", _text("a.json", _FAMILIES), read_relations, anywhere),
    Reader("questions", _text("a.txt", _QUESTIONS), read_questions, anywhere),
    Reader("similarity set", _text("a.tsv", _SIMILARITY), read_similarity, anywhere),
    Reader("tokenizer.json", _text("tokenizer.json", _TOKENIZER), token_words, anywhere),
    Reader(
        "tensors of a model",
        lambda folder: _embeddings(folder, ".safetensors"),
        stored_tensors,
        anywhere,
    ),
    Reader("hidden states", _states, states_of, anywhere),
    Reader("hidden states, valid checksums", _states, states_of, in_archive),
)
"""Every reader of files that come from elsewhere, the same file damaged with and without the
checksums set right."""
