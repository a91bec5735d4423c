"""Time closed-form trajectories of 10,000 words at 200 time points."""

from typing import Any

import numpy as np

from benchmarks.process import timed
from repsearch import Aligned, Gaussian, Spectrum, Trajectory, gradient_flow

WORDS, DIMENSION = 10_000, 200


def closed_form() -> dict[str, Any]:
    """An aligned and a Gaussian start on a spectrum that decays like k^-0.8, float32."""
    vectors = np.random.default_rng(0).standard_normal((WORDS, DIMENSION), np.float32)
    values = (2_700 * np.arange(1, DIMENSION + 1) ** -0.8).astype(np.float32)
    spectrum = Spectrum(
        tuple(f"w{i}" for i in range(WORDS)),
        values,
        np.linalg.qr(vectors)[0],
        np.zeros(DIMENSION),
        float(np.square(values.astype(float)).sum()),
        "M*",
    )
    found: dict[str, Any] = {"words": WORDS, "d": DIMENSION}
    for name, start in (("aligned", Aligned(1e-6)), ("Gaussian", Gaussian(1e-6, seed=1))):
        trajectory = gradient_flow(spectrum, start)
        trajectory.at(trajectory.times[:2]).singular_values()  # compiles
        found[name] = {
            "times": len(trajectory.times),
            "singular_values_seconds": timed(trajectory.singular_values)[0],
            "loss_seconds": timed(trajectory.loss)[0],
            "embeddings_seconds": timed(_all, trajectory)[0],
        }
    return found


def _all(trajectory: Trajectory) -> int:
    """Evaluate every time point, keeping one at a time."""
    return sum(1 for _ in trajectory.snapshots())
