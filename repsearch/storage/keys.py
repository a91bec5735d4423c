"""Digest what a result rests on, so that it is not worked out again while that stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from repsearch.storage import provenance
from repsearch.storage.atomic import sha256

_PROGRAM = {".py", ".jinja", ".css", ".js", ".json", ".tsv"}
"""Suffixes of what results are made by; carried counts are an input."""


def key_of(
    name: str,
    settings: Mapping[str, Any],
    inputs: Mapping[str, str],
    program: Iterable[Path],
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
    program : iterable of Path
        Files that work it out, in an order that stays.
    packages : iterable of str
        Packages whose versions it depends on, of those in `provenance.versions`.

    Returns
    -------
    str
        A digest.

    Examples
    --------
    >>> a, b = (key_of("a", {"d": d}, {}, [Path(__file__)], ["numpy"]) for d in (2, 3))
    >>> a == b, len(a)
    (False, 64)
    """
    versions = provenance.versions()
    rests_on = {
        "name": name,
        "settings": dict(settings),
        "inputs": dict(inputs),
        "program": "".join(sha256(file) for file in program),
        "versions": {package: versions.get(package) for package in packages},
    }
    return hashlib.sha256(json.dumps(rests_on, sort_keys=True).encode()).hexdigest()


def program_of(*packages: str) -> list[Path]:
    """List the files of packages that results are made by.

    Parameters
    ----------
    *packages : str
        Names of packages.

    Returns
    -------
    list of Path
        Code, templates and word lists, by their names.

    Examples
    --------
    >>> "keys.py" in {path.name for path in program_of("repsearch")}
    True
    """
    found = []
    for package in packages:
        spec = find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            files = (path for path in Path(folder).rglob("*") if path.suffix in _PROGRAM)
            found += sorted(path for path in files if path.is_file())
    return found
