"""Make run-v1, which shows that runs of today can be read and gone on with for ever.

It was made once, by ``python tests/formats/make_run.py`` in the repository's
root with ``tests`` on the path; do not make it again, but add one of a new version.
"""

from __future__ import annotations

from pathlib import Path

import repsearch as rs
from repsearch import training
from repsearch.testing.counts_from import counts_from

PAIRS = [[0, 6, 2, 1], [6, 4, 0, 3], [2, 0, 8, 5], [1, 3, 5, 2]]
UNTIL = 3.0


def main() -> None:
    record = training.Record(
        when=training.evenly(UNTIL, 5) | training.Every(2), snapshots=training.AtTimes((1.0,))
    )
    training.train(
        counts_from(PAIRS),
        Path(__file__).parent / "run-v1",
        d=2,
        until=UNTIL,
        start=rs.Gaussian(1e-2, 7),
        loss=training.Sgns(),
        weighting=rs.Word2Vec(1.0),
        record=record,
    )


if __name__ == "__main__":
    main()
