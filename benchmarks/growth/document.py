"""Write docs/growth.md from what was measured."""

from typing import Any


def markdown(found: dict[str, Any]) -> str:
    """The page."""
    return str(len(found))
