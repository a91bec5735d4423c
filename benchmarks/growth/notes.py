"""Say why a stage grows by more than its arithmetic, and what was mended."""

EXPLAINED: dict[str, str] = {}
"""By the sweep's name."""

MENDED: tuple[str, ...] = ()
