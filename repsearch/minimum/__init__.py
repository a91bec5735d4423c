"""Find embeddings at the minimum of a loss of all pairs, from counts."""

from repsearch.errors import InputError

try:
    import torch  # noqa: F401
except ImportError:
    raise InputError(
        "the minimum of a loss is worked out by torch; pip install 'repsearch[torch]'"
    ) from None

from repsearch.minimum.minimise import minimise
from repsearch.minimum.minimum import Certificate, Minimum

__all__ = ["Certificate", "Minimum", "minimise"]
