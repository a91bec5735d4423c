"""Say that there is nothing to draw."""

from __future__ import annotations

from repsearch.errors import InputError


class NothingToDrawError(InputError):
    """Too little for a picture; the message has the reason."""
