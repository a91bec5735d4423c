"""Tell the version, which the metadata of the installed package hold and nothing else."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("repsearch")
except PackageNotFoundError:  # run from a folder in which it was never installed
    __version__ = "0+not-installed"
