"""Record what made a result: versions, machine, command."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from functools import cache
from pathlib import Path

_PACKAGES = ("repsearch", "numpy", "scipy", "numba", "scikit-learn", "matplotlib", "torch")


def versions() -> dict[str, str]:
    """Look up the versions of Python and of the packages that numbers depend on.

    Returns
    -------
    dict of str to str
        Versions by package; packages that are not installed are left out.

    Examples
    --------
    >>> "numpy" in versions()
    True
    """
    return dict(_looked_up())


@cache
def _looked_up() -> dict[str, str]:
    """Once: it takes milliseconds, and a sweep asks for each of its tasks."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, str]:
    """Describe the machine: processor, number of processors, memory and system.

    Returns
    -------
    dict of str to str
        Facts by name; memory only where the system tells it.
    """
    facts = {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "processors": str(os.cpu_count()),
    }
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        facts["memory"] = f"{memory / 2**30:.0f} GiB"
    return facts


def command_line() -> str:
    """Return the command line that is running.

    Returns
    -------
    str
        The command with its arguments.
    """
    return " ".join(["repsearch", *sys.argv[1:]])


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
