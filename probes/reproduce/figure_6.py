"""Draw figure 6: spectrum and place of the differences of four more families."""

from __future__ import annotations

from matplotlib.figure import Figure

from probes.drawing.labels import family_label
from probes.drawing.style import WIDTH, styled
from probes.reproduce.families import add_bulk, add_located, draw_bulk, draw_located
from probes.reproduce.have import Have
from probes.reproduce.measured import Measured, grouped
from repsearch.errors import InputError

_FAMILIES = {
    "family": "male-female",
    "gram1-adjective-to-adverb": "adj-adverb",
    "gram8-plural": "noun-plural",
    "gram3-comparative": "adj-comparative",
}
_D = 256


def measure(have: Have) -> Measured:
    """Fit and locate the four families.

    Parameters
    ----------
    have : Have
        What there is.

    Returns
    -------
    Measured

    Raises
    ------
    InputError
        None of them has pairs enough.
    """
    found = Measured()
    for family, named in _FAMILIES.items():
        add_bulk(found, have, family, min(_D, have.width), f"6.{named}")
        add_located(found, have, family, f"6.{named}")
        found.facts[f"pairs.{named}"] = have.pairs_of(family)
    if have.width < _D:
        found.notes.append(
            f"Spectra are those of d = {have.width}, for there are no more columns, and those of "
            f"the paper are of d = {_D}."
        )
    if not found.tables:
        raise InputError(
            "none of the relations of figure 6 has pairs enough in the vocabulary; take counts of "
            "more words"
        )
    return found


def draw(found: Measured) -> Figure:
    """Draw a row for each family: its spectrum, and the place of its mean.

    Parameters
    ----------
    found : Measured
        From `measure`.

    Returns
    -------
    Figure
    """
    fits = {str(fit["family"]): fit for fit in found.tables.get("fits", [])}
    values = dict(grouped(found.tables.get("eigenvalues", []), "family"))
    laws = dict(grouped(found.tables.get("law", []), "family"))
    places = dict(grouped(found.tables.get("located", []), "family"))
    families = [one for one in _FAMILIES if one in fits or (one,) in places]
    with styled():
        figure = Figure(figsize=(1.9 * WIDTH, 1.8 * len(families) + 0.3), layout="constrained")
        grid = figure.subplots(len(families), 2, squeeze=False, width_ratios=(0.7, 1))
        for (bulk, place), family in zip(grid, families, strict=True):
            if fit := fits.get(family):
                title = f"{family_label(family)}, {fit['pairs']} pairs, d = {fit['d']}"
                draw_bulk(bulk, values[family,], laws[family,], fit, title=title)
            else:
                bulk.set_visible(False)
            if rows := places.get((family,)):
                draw_located(place, rows, named=3)
                place.set_title(f"the mean of {family_label(family)}", loc="left", fontsize=8.5)
            else:
                place.set_visible(False)
        for ax in grid[:-1, 1]:
            ax.set_xlabel("")
        grid[-1, 0].set_xlabel("eigenvalue of R Rᵀ / d")
        for ax in grid[:, 1]:
            ax.set_ylabel("share")
        for ax in grid[:, 0]:
            if ax.get_visible():
                figure.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=3,
                              fontsize=8)  # fmt: skip
                break
    return figure
