"""Save the figure that a block of a gallery's program ends with: ours need no pyplot."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from sphinx_gallery.scrapers import figure_rst


def scrape_axes(_block: Any, variables: dict[str, Any], gallery: dict[str, Any]) -> str:
    """Return the reStructuredText of the figure of the axes that a block ends with, or nothing."""
    names = variables["example_globals"]
    ends_with = names.get("___")
    if not isinstance(ends_with, Axes):
        return ""
    names["___"] = None  # or the next block, if it ends with no value, would show it again
    path = next(variables["image_path_iterator"])
    ends_with.figure.savefig(path, dpi=130)
    return str(figure_rst([path], gallery["src_dir"]))
