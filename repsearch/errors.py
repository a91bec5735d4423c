"""Errors that a user can mend: each names the culprit and the remedy."""

from __future__ import annotations


class InputError(ValueError):
    """What was passed in cannot be used; the message says what and what to do.

    The command line prints the message alone, without a traceback, and ends
    with exit status 2.
    """
