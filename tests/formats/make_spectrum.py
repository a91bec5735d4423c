"""Make spectrum-v1.safetensors, which shows that files of today can be read for ever.

It was made once, by ``python tests/formats/make_spectrum.py`` in the
repository's root; do not make it again, but add those of a new version.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from repsearch.spectrum.spectrum import Spectrum

SPECTRUM = Spectrum(
    words=("the", "naïve", "猫"),
    eigenvalues=np.array([2.5, -1e-3], np.float32),
    eigenvectors=np.array([[0.6, 0.0], [0.0, 1.0], [0.8, 0.0]], np.float32),
    residuals=np.array([1e-7, 1 / 3]),
    squared_norm=6.75,
    target="M*",
)


def main() -> None:
    SPECTRUM.save(Path(__file__).parent / "spectrum-v1.safetensors")


if __name__ == "__main__":
    main()
