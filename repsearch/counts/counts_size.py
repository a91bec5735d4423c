"""Read how large counts are from their file, before any pair is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from repsearch.counts.counts_file import ARRAYS, REMEDY, opened
from repsearch.storage.archive import names_of, read_array
from repsearch.storage.layout import check_arrays, refuse

if TYPE_CHECKING:
    from repsearch.counts.counts import Counts


@dataclass(frozen=True)
class CountsSize:
    """Hold how large counts are.

    Parameters
    ----------
    words : int
        Number of words V.
    pairs : int
        Stored pairs: entries of the lower triangle.
    sides : int
        Counts of each: 1, or 2 where the window is not alike on both sides.

    Examples
    --------
    >>> CountsSize(100, 1_000, 1).density
    0.2
    """

    words: int
    pairs: int
    sides: int

    @property
    def density(self) -> float:
        """Fraction of the entries of the full matrix that are not zero, but for the diagonal."""
        return min(2 * self.pairs / max(self.words, 1) ** 2, 1.0)

    @classmethod
    def of(cls, counts: Counts) -> CountsSize:
        """Measure counts that are open.

        Parameters
        ----------
        counts : Counts
            Counts.

        Returns
        -------
        CountsSize
        """
        return cls(len(counts.words), len(counts.values), 1 if counts.symmetric else 2)

    @classmethod
    def read(cls, path: Path) -> CountsSize:
        """Read the lengths of rows of a counts file, and nothing else.

        Parameters
        ----------
        path : Path
            Counts file.

        Returns
        -------
        CountsSize

        Raises
        ------
        InputError
            No such file, no counts file, a damaged one.
        """
        with opened(path) as archive:
            sides = 2 if "above.0" in names_of(archive) else 1
            lengths = read_array(archive, "row_lengths", path, REMEDY)
            described = [field for field in ARRAYS if field.name == "row_lengths"]
            check_arrays(described, {"row_lengths": lengths}, path, REMEDY)
            pairs = int(lengths.sum(dtype=np.int64))
            if pairs > archive.getinfo("gaps.0.npy").file_size:
                refuse(path, f"row_lengths add up to {pairs:,}, more than there are gaps", REMEDY)
        return cls(len(lengths), pairs, sides)
