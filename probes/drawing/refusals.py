"""Refuse to draw: too little for a picture, or axes for a picture of several panels."""

from __future__ import annotations

from repsearch.errors import InputError


class NothingToDrawError(InputError):
    """Too little for a picture; the message has the reason."""


class PanelsError(InputError):
    """Axes were given for a picture that makes its own, because it has several panels."""
