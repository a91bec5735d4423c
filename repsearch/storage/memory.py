"""Hold what a file asks for against the memory that this machine has."""

from __future__ import annotations

import os
from pathlib import Path

from repsearch.errors import InputError

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")
_NO_LIMIT = 1 << 60
"""What version 1 of control groups says where there is none is a number beyond this."""


def free_memory() -> int | None:
    """Look up how many bytes this process may still take.

    Returns
    -------
    int or None
        The least of what the system has free (swap included), what the control group allows
        and what the limit of this process (``ulimit -v``) leaves; None where nothing tells.

    Examples
    --------
    >>> free_memory() != 0
    True
    """
    known = [bytes_ for bytes_ in (_of_system(), _of_group(), _of_process()) if bytes_ is not None]
    return max(min(known), 0) if known else None


def require_memory(needed: int, what: str, remedy: str) -> None:
    """Refuse what is larger than the memory of this machine, before it is allocated.

    Parameters
    ----------
    needed : int
        Bytes that it takes.
    what : str
        What asks for them, for the message.
    remedy : str
        What to do about it.

    Raises
    ------
    InputError
        Fewer bytes are free.

    Examples
    --------
    >>> require_memory(10**6, "a file of this size", "take a smaller one")
    >>> require_memory(10**18, "vectors.npz", "take a smaller one")
    Traceback (most recent call last):
    repsearch.errors.InputError: vectors.npz asks for 888 PiB of memory, this machine has ...
    """
    free = free_memory()
    if free is not None and needed > free:
        raise InputError(
            f"{what} asks for {in_bytes(needed)} of memory, this machine has {in_bytes(free)} "
            f"free; {remedy}"
        )


def in_bytes(number: int) -> str:
    """Write a number of bytes with a unit.

    Parameters
    ----------
    number : int
        Bytes.

    Returns
    -------
    str
        Three digits and a unit.

    Examples
    --------
    >>> in_bytes(1023), in_bytes(10**12)
    ('1023 bytes', '931 GiB')
    """
    if number < 1024:
        return f"{number} bytes"
    size = float(number)
    for unit in ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB"):
        size /= 1024
        if size < 1000 or unit == "EiB":
            return f"{size:.3g} {unit}"
    raise AssertionError(number)


def _of_system() -> int | None:
    try:
        lines = _MEMINFO.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    facts = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
    free = [int(facts[name][0]) * 1024 for name in ("MemAvailable", "SwapFree") if name in facts]
    return sum(free) if "MemAvailable" in facts else None


def _of_group() -> int | None:
    """What the control groups of this process leave; their page cache can be given back.

    A limit may be set at any level: by a container, by a batch system such as Slurm, by systemd.
    """
    left = [
        found
        for folder in _groups()
        for found in (_of_version_2(folder), _of_version_1(folder))
        if found is not None
    ]
    return min(left, default=None)


def _groups() -> list[Path]:
    """Folders of the groups that this process is in, each below the next, of both versions."""
    folders = [_CGROUP, _CGROUP / "memory"]
    try:
        lines = _OWN_GROUPS.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return folders
    for line in lines:
        _, kinds, path = line.split(":", 2)
        if kinds not in ("", "memory") or ".." in path.split("/"):
            continue
        root = _CGROUP / kinds
        # In a container the path may be that of the host, of which only the root is seen.
        inside = root / path.lstrip("/")
        while inside != root and root in inside.parents:
            folders.append(inside)
            inside = inside.parent
    return folders


def _of_version_2(folder: Path) -> int | None:
    try:
        limit = (folder / "memory.max").read_text("ascii").strip()
        if limit == "max":
            return None
        used = int((folder / "memory.current").read_text("ascii"))
        facts = _facts(folder)
    except (OSError, ValueError):
        return None
    cache = facts.get("inactive_file", 0) + facts.get("active_file", 0)
    return int(limit) - max(used - cache, 0)


def _of_version_1(folder: Path) -> int | None:
    try:
        limit = int((folder / "memory.limit_in_bytes").read_text("ascii"))
        if limit >= _NO_LIMIT:
            return None
        used = int((folder / "memory.usage_in_bytes").read_text("ascii"))
        facts = _facts(folder)
    except (OSError, ValueError):
        return None
    cache = facts.get("total_inactive_file", 0) + facts.get("total_active_file", 0)
    return limit - max(used - cache, 0)


def _facts(folder: Path) -> dict[str, int]:
    lines = (folder / "memory.stat").read_text("ascii").splitlines()
    return {name: int(number) for name, number in (line.split() for line in lines)}


def _of_process() -> int | None:
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit == resource.RLIM_INFINITY:
            return None
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        return limit - pages * os.sysconf("SC_PAGE_SIZE")
    except (ImportError, OSError, ValueError):
        return None
