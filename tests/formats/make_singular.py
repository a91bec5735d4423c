"""Make singular-v1.safetensors, which shows that files of today can be read for ever.

It was made once, by ``python tests/formats/make_singular.py`` in the
repository's root; do not make it again, but add those of a new version.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from repsearch.spectrum.singular import SingularTriplets

TRIPLETS = SingularTriplets(
    words=("the", "naïve", "猫"),
    values=np.array([2.5, 1e-3], np.float32),
    left=np.array([[0.6, 0.0], [0.0, 1.0], [0.8, 0.0]], np.float32),
    right=np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]], np.float32),
    residuals=np.array([1e-7, 1 / 3]),
    target="PPMI (contexts^0.75)",
)


def main() -> None:
    TRIPLETS.save(Path(__file__).parent / "singular-v1.safetensors")


if __name__ == "__main__":
    main()
