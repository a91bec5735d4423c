"""Time eigenpairs by Lanczos against a full eigendecomposition, and measure their memory."""

from pathlib import Path
from typing import Any

import scipy.linalg

from benchmarks.process import timed
from repsearch import Counts, eigenpairs, mstar


def lanczos(path: Path, d: int) -> dict[str, Any]:
    """The top d eigenpairs of M* in float32, the target included."""
    products = 0.0

    def note(stage: str, done: float, total: float | None, unit: str) -> None:
        nonlocal products
        products = done

    opening, counts = timed(Counts.open, path)
    making, target = timed(mstar, counts, dtype="float32")
    seconds, spectrum = timed(eigenpairs, target, d, progress=note)
    return {
        "words": len(counts.words),
        "d": d,
        "opening_seconds": opening,
        "target_seconds": making,
        "seconds": seconds,
        "products": products,
        "first_eigenvalue": float(spectrum.eigenvalues[0]),
        "last_eigenvalue": float(spectrum.eigenvalues[-1]),
        "largest_residual_over_first_eigenvalue": float(
            spectrum.residuals.max() / spectrum.eigenvalues[0]
        ),
    }


def full(path: Path) -> dict[str, Any]:
    """Every eigenpair of M* in float64 by LAPACK, on all processors."""
    dense = mstar(Counts.open(path)).dense()
    seconds, (values, _) = timed(
        scipy.linalg.eigh, dense, overwrite_a=True, check_finite=False, driver="evd"
    )
    return {
        "seconds": seconds,
        "first_eigenvalue": float(values[-1]),
        "most_negative_eigenvalue": float(values[0]),
        "non_negative_eigenvalues": int((values >= 0).sum()),
    }
