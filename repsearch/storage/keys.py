"""Digest what a result rests on, so that it is not worked out again while that stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from repsearch.storage import provenance
from repsearch.storage.atomic import sha256


def key_of(
    name: str,
    settings: Mapping[str, Any],
    inputs: Mapping[str, str],
    program: str,
    packages: Iterable[str],
) -> str:
    """Digest what the result of a stage rests on.

    Parameters
    ----------
    name : str
        Name of the stage.
    settings : mapping
        The settings that it uses, as JSON can hold them.
    inputs : mapping of str to str
        Digests or keys of what it is worked out from.
    program : str
        Digest of what works it out (`program_digest`).
    packages : iterable of str
        Packages whose versions it depends on, of those in `provenance.versions`.

    Returns
    -------
    str
        A digest.

    Examples
    --------
    >>> a, b = (key_of("a", {"d": d}, {}, "program", ["numpy"]) for d in (2, 3))
    >>> a == b, len(a)
    (False, 64)
    """
    versions = provenance.versions()
    rests_on = {
        "name": name,
        "settings": dict(settings),
        "inputs": dict(inputs),
        "program": program,
        "versions": {package: versions.get(package) for package in packages},
    }
    return hashlib.sha256(json.dumps(rests_on, sort_keys=True).encode()).hexdigest()


@cache
def program_digest(*packages: str) -> str:
    """Digest every file of packages, their data too: any of them may change a result.

    Parameters
    ----------
    *packages : str
        Names of packages.

    Returns
    -------
    str
        The same as long as no file changes; worked out once in a process.

    Examples
    --------
    >>> program_digest("repsearch") == program_digest("repsearch", "probes")
    False
    """
    found = hashlib.sha256()
    for package in packages:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        root = Path(spec.origin).parent
        for file in sorted(root.rglob("*")):
            parts = file.relative_to(root).parts
            if file.is_file() and not any(
                part[0] == "." or part == "__pycache__" for part in parts
            ):
                found.update(f"{package}/{'/'.join(parts)} {sha256(file)}\n".encode())
    return found.hexdigest()
