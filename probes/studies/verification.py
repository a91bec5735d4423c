"""Verify files and folders of this program: whether each is as it was written."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.studies.run_folder import RECORD, check_part, faults, read_record
from repsearch.errors import InputError
from repsearch.storage.sidecar import SUFFIX, sidecar_fault, sidecar_of
from repsearch.storage.tables import csv_text

if TYPE_CHECKING:
    from repsearch.training.store.stored_run import StoredRun

DIRECTIONS = "repsearch-directions"
_ABOUT = "-about.json"


@dataclass(frozen=True)
class Verified:
    """What was found of a file or a folder.

    Parameters
    ----------
    path : Path
        The file or folder.
    kind : str
        What it is, such as "counts".
    checked : str
        What it was held to, such as "its checksum".
    fault : str or None
        What is wrong with it; None when nothing is.
    """

    path: Path
    kind: str
    checked: str
    fault: str | None = None

    def __str__(self) -> str:
        if self.fault is not None:
            return f"{self.path}: DAMAGED ({self.kind}): {self.fault}"
        return f"{self.path}: whole ({self.kind}; {self.checked})"


def verify(path: Path | str) -> list[Verified]:
    """Verify a file or a folder: all that it holds is read and held to its checksums.

    What it is, is told from its content. A file with a sidecar (``NAME.sha256``) is held to
    that as well, and one in the folder of a run to the record of the run.

    Parameters
    ----------
    path : Path or str
        A corpus folder, a run folder, the folder of a training run or of the tables of a
        probe; counts, a spectrum, embeddings of any format, or any file with a sidecar.

    Returns
    -------
    list of Verified
        One for each part.

    Raises
    ------
    InputError
        There is no such file or folder, or it is nothing that could be verified.

    Examples
    --------
    >>> import tempfile
    >>> import repsearch as rs
    >>> with tempfile.TemporaryDirectory() as name:
    ...     path = Path(name) / "counts.npz"
    ...     rs.count(rs.encode(["to be or not to be"], vocabulary_size=None)).save(path)
    ...     whole = verify(path)[0].fault
    ...     content = path.read_bytes()
    ...     _ = path.write_bytes(content[:900] + b"?" + content[901:])
    ...     print(whole, verify(path)[0].fault is None)
    None False
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist; check the path")
    if path.is_dir():
        return list(_of_folder(path))
    if path.name.endswith(SUFFIX):
        path = path.with_name(path.name.removesuffix(SUFFIX))
        if not path.exists():
            raise InputError(f"{path}, of which there is a sidecar, does not exist; check the path")
    elif path.name in ("corpus.json", "manifest.json", RECORD) and _is_ours(path.parent):
        return list(_of_folder(path.parent))
    return [_of_file(path)]


def _is_ours(folder: Path) -> bool:
    return any((folder / name).is_file() for name in ("corpus.json", "manifest.json", RECORD))


def _of_folder(folder: Path) -> Iterator[Verified]:
    if (folder / "corpus.json").exists():
        yield _tried(folder, "corpus", "every word id, and the checksums of all files", _corpus)
    elif (folder / "manifest.json").exists():
        checked = "the checksums of all its files, and whether they can be read"
        yield _tried(folder, "training run", checked, _training_run)
    elif (folder / RECORD).exists() or (folder / "settings.toml").exists():
        yield from _of_run(folder)
    elif any(folder.glob(f"*{_ABOUT}")):
        yield from _of_results(folder)
    elif sidecars := sorted(folder.glob(f"*{SUFFIX}")):
        for sidecar in sidecars:
            yield from verify(sidecar)
    else:
        raise InputError(
            f"{folder} is no folder that this program has written: no corpus, run, or tables of "
            "a probe; give another one, or a file"
        )


def _of_run(folder: Path) -> Iterator[Verified]:
    """Each part of a run folder, and whether all are of one run."""
    kind = "run"
    try:
        record = read_record(folder)
    except InputError as error:
        yield Verified(folder, kind, "", str(error))
        return
    if record is None:
        old = f"{RECORD} is of an older program and names no files; run again to have them checked"
        none = f"there is no {RECORD}: the run has not ended, or was stopped; run again"
        yield Verified(folder, kind, "", old if (folder / RECORD).exists() else none)
        return
    wrong = faults(folder, record)
    for name, fault in wrong.items():
        yield Verified(folder / name, "part of a run", "", f"it {fault}")
    for name in record["files"]:
        if name in wrong:
            continue
        if name.endswith("corpus.json"):
            yield from _of_folder((folder / name).parent)
        elif "/" not in name and Path(name).suffix in (".npz", ".safetensors"):
            yield _of_file(folder / name)
    n = len(record["files"])
    bad = f"{len(wrong):,} of its {n:,} files are not those that {RECORD} names" if wrong else None
    yield Verified(folder, kind, f"the SHA-256 of {n:,} files that {RECORD} names", bad)


def _of_results(folder: Path) -> Iterator[Verified]:
    """Tables of probes: they carry no checksums, but each stands there twice."""
    for about in sorted(folder.glob(f"*{_ABOUT}")):
        stem = about.name.removesuffix(_ABOUT)
        name = folder / stem
        yield _tried(
            name, "tables of a probe", "the same rows in CSV and JSON; no checksum", _tables
        )
    for path in sorted(folder.glob("*.safetensors")):
        yield _of_file(path)


def _of_file(path: Path) -> Verified:
    has_sidecar = sidecar_of(path).exists()
    known = _recognised(path)
    if known is None and not has_sidecar:
        raise InputError(
            f"{path} carries no checksum, so that nothing tells whether it is as it was written; "
            "give the run folder that it belongs to, or write a checksum beside it with --record"
        )
    kind, checked, check = known or ("file", "", lambda _: None)
    if has_sidecar:
        checked = f"{checked}, and its sidecar" if checked else "its sidecar"

    def all_of_it(path: Path) -> None:
        check_part(path)
        if has_sidecar and (fault := sidecar_fault(path)):
            raise InputError(fault)
        check(path)

    return _tried(path, kind, checked, all_of_it)


def _recognised(path: Path) -> tuple[str, str, Callable[[Path], None]] | None:
    """Kind of a file, what it is held to, and what does it; None where it has no checksum."""
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check it") from error
    if head.startswith(b"PK"):
        if _has_member(path, "gaps.0.npy") or _has_member(path, "row_lengths.npy"):
            return "counts", "the checksums of its members, and the sum of all counts", _counts
        return "embeddings", "the checksums of its members", _embeddings
    metadata = _metadata(path)
    checks = {
        ("repsearch-spectrum", "sha256"): ("spectrum", "its checksum", _spectrum),
        ("repsearch-singular", "sha256"): ("singular vectors", "its checksum", _singular),
        ("repsearch-embeddings", "crc32"): ("embeddings", "its checksum", _embeddings),
    }
    if DIRECTIONS in metadata:
        return "directions of relations", "its checksum", _directions
    for (form, checksum), check in checks.items():
        if metadata.get("format") == form and checksum in metadata:
            return check
    return None


def _tried(path: Path, kind: str, checked: str, check: Callable[[Path], None]) -> Verified:
    try:
        check(path)
    except InputError as error:
        return Verified(path, kind, checked, str(error))
    return Verified(path, kind, checked)


def _corpus(folder: Path) -> None:
    from repsearch import Corpus
    from repsearch.corpus.token_check import TokenCheck

    corpus = Corpus.open(folder)
    TokenCheck(corpus).finish()


def _training_run(folder: Path) -> None:
    from repsearch.training.store.stored_run import StoredRun

    run: StoredRun = StoredRun(folder)
    run.verify()
    run.rows()


def _counts(path: Path) -> None:
    from repsearch import Counts

    Counts.open(path)


def _spectrum(path: Path) -> None:
    from repsearch import Spectrum

    Spectrum.open(path)


def _singular(path: Path) -> None:
    from repsearch import SingularTriplets

    SingularTriplets.open(path)


def _embeddings(path: Path) -> None:
    from repsearch import Embeddings

    Embeddings.open(path)


def _directions(path: Path) -> None:
    from probes.concepts import RelationDirections

    RelationDirections.open(path)


def _tables(name: Path) -> None:
    _text_of(name, _ABOUT, json.loads)
    # The CSV shows words so that a spreadsheet computes none: it is made again to compare.
    made = _text_of(name, ".json", lambda text: csv_text(json.loads(text)))
    if made != _text_of(name, ".csv", str):
        raise InputError(f"{name.name}.csv and {name.name}.json hold other rows; make them again")


def _text_of(name: Path, end: str, read: Callable[[str], Any]) -> Any:
    path = name.with_name(name.name + end)
    try:
        return read(path.read_text("utf-8"))  # line ends of any system
    except (OSError, ValueError, RecursionError, TypeError, AttributeError) as error:
        raise InputError(f"{path.name} is missing or damaged; make it again") from error


def _has_member(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return name in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _metadata(path: Path) -> dict[str, Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            return dict(file.metadata() or {})
    except (SafetensorError, OSError):
        return {}
