"""Keep the checksum of a file beside it, in the words of ``sha256sum``."""

from __future__ import annotations

import re
from pathlib import Path

from repsearch.errors import InputError
from repsearch.storage.atomic import replacing, sha256

SUFFIX = ".sha256"
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


def write_sidecar(path: Path | str) -> Path:
    """Write the SHA-256 of a file into a file of its name and ``.sha256``.

    Parameters
    ----------
    path : Path or str
        A file of any kind.

    Returns
    -------
    Path
        The sidecar, which ``sha256sum -c`` reads too.

    Raises
    ------
    InputError
        The file cannot be read, has a newline or a backslash in its name, or the sidecar
        cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.txt"
    ...     _ = path.write_text("cat")
    ...     print(write_sidecar(path).read_text()[-6:-1], sidecar_fault(path))
    ...     _ = path.write_text("car")
    ...     print(sidecar_fault(path))
    a.txt None
    its SHA-256 is not that of a.txt.sha256
    """
    path = Path(path)
    if "\n" in path.name or "\\" in path.name:
        raise InputError(f"{path.name!r} has a newline or a backslash in it; rename the file")
    sidecar = sidecar_of(path)
    digest = _sha256(path)
    with replacing(sidecar, "w") as stream:
        stream.write(f"{digest}  {path.name}\n")
    return sidecar


def sidecar_of(path: Path) -> Path:
    """Name the sidecar of a file, whether there is one or not.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Path
        Its sidecar.
    """
    return path.with_name(path.name + SUFFIX)


def sidecar_fault(path: Path) -> str | None:
    """Hold a file to its sidecar.

    Parameters
    ----------
    path : Path
        A file that has a sidecar.

    Returns
    -------
    str or None
        What is wrong; None when nothing is.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    sidecar = sidecar_of(path)
    try:
        lines = sidecar.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return f"{sidecar.name} cannot be read"
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is not None and found[2] == path.name:
            same = _sha256(path) == found[1]
            return None if same else f"its SHA-256 is not that of {sidecar.name}"
    return f"{sidecar.name} names no SHA-256 of it"


def _sha256(path: Path) -> str:
    try:
        return sha256(path)
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; give a file") from None
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check the path") from error
