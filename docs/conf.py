"""Build the documentation site: `make docs`."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
GENERATED = DOCS / "generated"
os.environ.setdefault("MPLBACKEND", "agg")
sys.path.insert(0, str(DOCS.parent))  # for tools

project = "repsearch"
author = "The repsearch developers"
copyright = author
release = version = importlib.metadata.version("repsearch")

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["gallery", "generated/gallery/*.ipynb", "figures"]
highlight_language = "none"
templates_path = ["_templates"]
default_role = "py:obj"

# Markdown as a code host reads it: dollars are mathematics, headings have anchors.
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # tests/project/test_notebooks.py runs them and holds their outputs

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's Parameters have the types, in words
numpydoc_show_class_members = False  # the templates list them

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "generated/gallery",
    "filename_pattern": r"\.py$",
    "image_scrapers": ("matplotlib", "tools.gallery_figures.scrape_axes"),
    "capture_repr": ("_repr_html_",),
    "within_subsection_order": "FileNameSortKey",
    "write_computation_times": False,
    "download_all_examples": False,
    "abort_on_example_error": True,
}

html_theme = "pydata_sphinx_theme"
html_title = "repsearch"
html_static_path = ["_static"]
html_css_files = ["style.css"]
html_show_sourcelink = False
html_theme_options = {
    "show_toc_level": 2,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": [], "tutorial": [], "reference": [], "generated/reference/*": []}
mathjax_path = "mathjax/tex-chtml.js"

LITERAL = re.compile(r"(``.*?``|`[^`]+`)")
MARKUP = re.compile(r"\||(?<=\w)_(?!\w)")


def as_plain_text(
    _app: Any, _kind: str, _name: str, _thing: Any, _o: Any, lines: list[str]
) -> None:
    """Keep reStructuredText from taking |m|, and a letter before a lone _, for markup.

    Docstrings are written to be read with `help`. Their examples stay as they are.
    """
    example = False
    for number, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        if not example:
            parts = LITERAL.split(line)
            parts[::2] = [MARKUP.sub(r"\\\g<0>", part) for part in parts[::2]]
            lines[number] = "".join(parts)


def copy_mathjax(app: Any, error: Exception | None) -> None:
    """Copy what MathJax needs, so that formulas show without a network."""
    found = importlib.util.find_spec("sphinx-mathjax-offline")
    if error is None and app.builder.format == "html" and found and found.origin:
        origin = Path(found.origin).parent / "static" / "mathjax"
        target = Path(app.outdir) / "_static" / "mathjax"
        fonts = Path("output/chtml/fonts/woff-v2")
        shutil.copytree(origin / fonts, target / fonts, dirs_exist_ok=True)
        shutil.copy(origin / "tex-chtml.js", target)


def write_command_line(_app: Any) -> None:
    """Write the page of the command line before pages are looked for."""
    from tools.command_line_page import page

    GENERATED.mkdir(exist_ok=True)
    (GENERATED / "command-line.md").write_text(page(), "utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Connect the functions above."""
    app.connect("config-inited", lambda app, _config: write_command_line(app))
    app.connect("autodoc-process-docstring", as_plain_text, priority=900)  # after numpydoc's
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
