"""Say what to install where an optional package is missing, in words that work everywhere.

The package is on no index, so that ``repsearch[torch]`` finds nothing; the packages themselves
do. Their least versions are those that pyproject.toml declares, read from the metadata.
"""

from __future__ import annotations

import re
import shlex
import sys
from importlib.metadata import PackageNotFoundError, requires

from repsearch.errors import InputError

_TORCH = (
    "; where that would bring gigabytes of CUDA packages and there is no GPU, the CPU build of "
    "https://pytorch.org/get-started"
)


def installing(*packages: str) -> str:
    """Give the command that installs optional packages for the Python that is running.

    Parameters
    ----------
    *packages : str
        Names as on an index, such as ``"torch"``.

    Returns
    -------
    str
        A line for a shell; of torch, with a word on its CPU build.

    Examples
    --------
    >>> installing("gensim").partition(" -m ")[2]
    "pip install 'gensim>=4.4'"
    """
    wanted = [shlex.quote(_with_bound(package)) for package in packages]
    line = f"{shlex.quote(sys.executable or 'python')} -m pip install {' '.join(wanted)}"
    return f"{line}{_TORCH}" if "torch" in packages else line


def missing(what: str, *packages: str) -> InputError:
    """Make the error that says which package is missing and how to install it.

    Parameters
    ----------
    what : str
        What needs it, such as ``"training"``.
    *packages : str
        Names as on an index.

    Returns
    -------
    InputError
        To be raised.

    Examples
    --------
    >>> print(str(missing("to_frame", "pandas")).partition(" with ")[0])
    to_frame needs pandas, which is not installed; install it
    """
    return InputError(
        f"{what} needs {' and '.join(packages)}, which {'are' if len(packages) > 1 else 'is'} not "
        f"installed; install {'them' if len(packages) > 1 else 'it'} with {installing(*packages)}"
    )


def _with_bound(package: str) -> str:
    """The package with the least version that ours declares for it."""
    try:
        declared = requires("repsearch") or []
    except PackageNotFoundError:
        declared = []
    for one in declared:
        found = re.match(rf"{re.escape(package)}\s*(>=[\w.]+)", one, re.IGNORECASE)
        if found:
            return f"{package}{found[1]}"
    return package
