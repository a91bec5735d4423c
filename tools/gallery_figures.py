"""Save the figure that a block of a gallery's program ends with: ours need no pyplot."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from sphinx_gallery.scrapers import figure_rst


def scrape_axes(_block: Any, variables: dict[str, Any], gallery: dict[str, Any]) -> str:
    """Return the reStructuredText of the figure of the axes that a block ends with, or nothing."""
    ends_with = variables["example_globals"].pop("___", None)  # shown once
    if not isinstance(ends_with, Axes):
        return ""
    path = next(variables["image_path_iterator"])
    ends_with.figure.savefig(path, dpi=130)
    return str(figure_rst([path], gallery["src_dir"]))


def _get_sg_image_scraper() -> Any:
    """Give the scraper to sphinx-gallery, which looks for this name in modules that are named."""
    return scrape_axes
