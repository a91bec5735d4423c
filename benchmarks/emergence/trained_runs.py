"""Train the runs that the documents speak of, with the command itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLLOWED = ("--init", "1e-6")
"""d = 100 and 20 modes by default, quartic loss, Setting 3.1."""
ABLATED = (
    *("-d", "50", "--modes", "10", "--method", "chebyshev", "--rtol", "1e-3"),
    *("--rows", "100", "--snapshots", "10"),
)
KINDS = {
    "quartic, Setting 3.1": ("quartic", "setting31"),
    "SGNS, Setting 3.1": ("sgns", "setting31"),
    "quartic, word2vec's": ("quartic", "word2vec"),
    "SGNS, word2vec's": ("sgns", "word2vec"),
}
"""Loss and weights of the four runs of the paper's figure 7."""


def train(folder: Path, *options: str) -> Path:
    """Train on the carried counts, or go on with what is there.

    Parameters
    ----------
    folder : Path
        Of the run.
    *options : str
        Of `repsearch train`.

    Returns
    -------
    Path
        The folder.
    """
    command = [sys.executable, "-c", "from repsearch.cli import main; main()", "train"]
    begun = (folder / "manifest.json").exists()
    given = ("--resume",) if begun else options
    subprocess.run([*command, "--out", str(folder), *given], check=True)
    return folder


def options_of(kind: str) -> tuple[str, ...]:
    """Give the options of one of `KINDS`.

    Parameters
    ----------
    kind : str
        Its name.

    Returns
    -------
    tuple of str
        For `train`.
    """
    loss, weights = KINDS[kind]
    return ("--loss", loss, "--weights", weights, *ABLATED)
