"""Fetch a corpus by its name: download, check, unpack."""

from __future__ import annotations

import datetime
import json
import zipfile
import zlib
from pathlib import Path

from repsearch.data.catalogue import Dataset, cache_folder, dataset, listed_checksum
from repsearch.data.download import download, read_online
from repsearch.data.http import Patience
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.storage.atomic import replacing
from repsearch.storage.checksum import Checksum

_BLOCK = 1 << 20


def fetch(
    name: str | Dataset,
    folder: Path | str | None = None,
    *,
    progress: Progress = silent,
    patience: Patience | None = None,
) -> Path:
    """Bring a corpus into `folder`, or find it there.

    What was fetched once stays as it is and needs no network again; to have a
    newer edition of it, remove it or fetch into another folder. Beside it,
    ``<file>.source.json`` tells where it comes from and its checksum.

    Without a network, put the download into `folder` by hand (for Wikipedia
    with its list of checksums), and call this.

    Parameters
    ----------
    name : str or Dataset
        Name of an entry of `repsearch.data.DATASETS`, or an entry of
        your own.
    folder : Path or str, optional
        Where to put it; `repsearch.data.cache_folder` by default.
    progress : Progress
        Told how far it is.
    patience : Patience, optional
        How long to wait for the server.

    Returns
    -------
    Path
        The file to read: plain text, or a dump for
        `repsearch.text.wikipedia_articles`.

    Raises
    ------
    InputError
        No such entry, or what `repsearch.data.download.download` raises.

    Examples
    --------
    >>> try:
    ...     fetch("simplewiki-yesterday")
    ... except InputError as error:
    ...     print(str(error).partition("?")[0])
    no data set 'simplewiki-yesterday': did you mean 'simplewiki-latest'
    """
    entry = dataset(name) if isinstance(name, str) else name
    folder = cache_folder() if folder is None else Path(folder)
    path = folder / entry.file_name
    if _recorded(path):
        return path
    if entry.member is not None and path.exists():
        fault = entry.member.expected.fault(path, progress=progress)
        if fault is not None:
            raise InputError(
                f"{path} is there already but is not {entry.name}: {fault}; "
                "remove it, or choose another folder"
            )
        _record(path, entry, entry.download_name, entry.checksum)
        return path
    edition, checksum = _expected_checksum(entry, folder, patience)
    archive = download(
        entry.url,
        folder / entry.download_name,
        sha256=checksum.hex if checksum and checksum.algorithm == "sha256" else None,
        sha1=checksum.hex if checksum and checksum.algorithm == "sha1" else None,
        size=entry.size,
        progress=progress,
        patience=patience,
    )
    if entry.member is not None:
        unpack(archive, entry.member.name, path, progress=progress)
    _record(path, entry, edition, checksum)
    return path


def unpack(
    archive: Path | str, member: str, path: Path | str, *, progress: Progress = silent
) -> None:
    """Write one member of a zip archive to `path`, whole or not at all.

    Raises
    ------
    InputError
        Not a zip archive, a damaged one, or one without that member; or
        `path` cannot be written.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(archive) as packed:
            total = packed.getinfo(member).file_size
            # Reading also checks the member against its CRC-32.
            with packed.open(member) as source, replacing(path) as target:
                while block := source.read(_BLOCK):
                    target.write(block)
                    progress(f"unpacking {path.name}", target.tell(), total, "bytes")
    except KeyError as error:
        raise InputError(
            f"{archive} has no file {member!r} in it: remove it and fetch it again"
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise InputError(
            f"{archive} is not a sound zip archive ({error}): remove it and fetch it again"
        ) from error


def _expected_checksum(
    entry: Dataset, folder: Path, patience: Patience | None
) -> tuple[str, Checksum | None]:
    """Name of the edition on the server, and its checksum."""
    if entry.checksum_url is None:
        return entry.download_name, entry.checksum
    # Only the user puts a list there, and then means it to be used.
    own = folder / entry.checksum_url.rpartition("/")[2]
    if own.is_file():
        content = own.read_bytes()
    else:
        content = read_online(
            entry.checksum_url,
            by_hand=f"download that and {entry.url} by hand and save both in {folder}",
            patience=patience,
        )
    listed = listed_checksum(content.decode("utf-8", errors="replace"), entry.download_name)
    if listed is None:
        raise InputError(
            f"{own if own.is_file() else entry.checksum_url} has no checksum of "
            f"{entry.download_name}: a new edition may be on its way, try again tomorrow"
        )
    return listed


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.source.json")


def _record(path: Path, entry: Dataset, edition: str, checksum: Checksum | None) -> None:
    now = datetime.datetime.now(datetime.UTC)
    facts = {
        "name": entry.name,
        "title": entry.title,
        "licence": entry.licence,
        "url": entry.url,
        "edition": edition,
        "checksum": None if checksum is None else f"{checksum.algorithm}:{checksum.hex}",
        "bytes": path.stat().st_size,
        "checked": now.isoformat(timespec="seconds"),
    }
    with replacing(_note(path), "w") as stream:
        json.dump(facts, stream, indent=2, ensure_ascii=False)
        stream.write("\n")


def _recorded(path: Path) -> bool:
    """Whether the file is there and as long as when it was checked."""
    try:
        facts = json.loads(_note(path).read_text(encoding="utf-8"))
        return bool(facts["bytes"] == path.stat().st_size)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False
