"""Find embeddings at the minimum of a loss of all pairs, from counts."""

from repsearch.extras import missing

try:
    import torch  # noqa: F401
except ImportError:
    raise missing("the minimum of a loss", "torch") from None

from repsearch.minimum.minimise import minimise
from repsearch.minimum.minimum import Certificate, Minimum

__all__ = ["Certificate", "Minimum", "minimise"]
