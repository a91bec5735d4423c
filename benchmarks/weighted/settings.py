"""Define the choices between a corpus and embeddings."""

from dataclasses import asdict, dataclass, replace
from typing import Any

DIMENSION = 200
VOCABULARY = 10_000
TOLERANCE = 1e-3  # of the residuals of Lanczos


@dataclass(frozen=True)
class Setting:
    """One way from a corpus to embeddings, up to the eigenvalues' exponent."""

    subsample: float | None
    window: int
    smoothing: float
    negatives: float
    g_exponent: float
    shrinkage: bool

    def with_(self, name: str, value: Any) -> "Setting":
        """The same but for one choice."""
        return replace(self, **{name: value})

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


PLAIN = Setting(None, 16, 1.0, 1.0, 0.0, shrinkage=False)
"""M* as in the paper."""
START = Setting(1e-4, 16, 0.75, 0.5, 0.75, shrinkage=False)
"""Where the search starts."""
PLAIN_EXPONENT, START_EXPONENT = 0.5, 0.35

EXPONENTS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
GRID: dict[str, tuple[Any, ...]] = {
    "g_exponent": (0.0, 0.25, 0.5, 0.65, 0.75, 0.85, 1.0),
    "negatives": (0.25, 0.35, 0.5, 0.7, 1.0, 2.0, 3.0, 5.0),
    "smoothing": (0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 1.0),
    "subsample": (None, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5),
    "window": (5, 8, 12, 16, 24, 32),
    "shrinkage": (False, True),
}
LABELS = {
    "subsample": "subsampling threshold",
    "window": "window",
    "smoothing": "context smoothing",
    "negatives": "negatives k",
    "g_exponent": "exponent of g",
    "shrinkage": "shrinkage",
    "exponent": "exponent of the eigenvalues",
}
