"""Draw the common share of every family on the plane of time and dimension."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Patch

from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import MUTED, key_above, styled
from probes.emergence.points import FamilyEmergence, Point
from probes.emergence.result import Emergence
from probes.figures.relations.emergence_by_chance import TOO_FEW, strike_out
from probes.figures.relations.family_panels import (
    family_panels,
    name_panel,
    not_drawn,
    refuse_axes,
    with_most_pairs,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = "viridis"
_WITHIN = "#e9ebee"
_CHANCE = "no more than 1 random family in 20 has"
_FEW, _UNKNOWN = "////", "...."


def draw_share_plane(found: Emergence, *, ax: Axes | None = None) -> Axes:
    """Draw the panels of `plot_share_plane`, for `Emergence.pictures`.

    Parameters
    ----------
    found : Emergence
        What was measured.
    ax : matplotlib.axes.Axes, optional
        None, for there is a panel for each family.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel.

    Raises
    ------
    NothingToDrawError
        There is a single time or dimension, or no family with a share.
    InputError
        Axes were given.
    """
    refuse_axes(ax)
    return plot_share_plane(found).axes[0]


def plot_share_plane(found: Emergence, *, columns: int = 3) -> Figure:
    """Draw the common share of every family on the plane of time and dimension, one panel each.

    A share that one random family in twenty has as well is grey. Where the embedding has fewer
    than 2 effective dimensions the plane is hatched; where no random families can be drawn, so
    that what chance gives is not known, it is dotted. The twelve families with the most pairs are
    drawn, of those that have a share everywhere.

    Parameters
    ----------
    found : Emergence
        At two times and in two dimensions at least.
    columns : int, default 3
        Number of panels in a row.

    Returns
    -------
    matplotlib.figure.Figure
        One panel for each family, with a colour bar.

    Raises
    ------
    NothingToDrawError
        A single time or dimension, or no family with a share.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import emergence
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = emergence(
    ...     gradient_flow(world.spectrum(), Aligned(1e-3), d=3), Relations(world.relations),
    ...     times=[5, 40], dims=[2, 3], resamples=100, permutations=100,
    ... )
    >>> plot_share_plane(found).axes[0].get_title(loc="left")
    'attribute 1'
    """
    all_ = [one for one in found.families if np.isfinite(one.values("share")).all()]
    if len(found.times) < 2 or len(found.dims) < 2 or not all_:
        raise NothingToDrawError(
            f"a plane needs 2 times, 2 dimensions and a family; got {len(found.times)}, "
            f"{len(found.dims)} and {len(all_)}"
        )
    shown, left = with_most_pairs(all_, [one.pairs for one in all_])
    at = np.unique(np.linspace(0, len(found.times) - 1, 3).round().astype(int))
    rows = np.unique(np.linspace(0, len(found.dims) - 1, 5).round().astype(int))
    shares = [_above_chance(one) for one in shown]
    most = max((float(one.max()) for one in shares if one.count()), default=1.0)
    with styled():
        figure, axes = family_panels(len(shown), columns)
        # To the next tenth, so that differences are seen, and the same in all panels.
        norm = Normalize(0.0, min(1.0, max(0.1, math.ceil(10 * most) / 10)))
        colours = colormaps[_COLOURS].with_extremes(bad=_WITHIN)
        struck = unknown = within = False
        for ax, one, share in zip(axes, shown, shares, strict=True):
            ax.pcolormesh(
                share, cmap=colours, norm=norm, edgecolors="white", linewidth=0.25, rasterized=True
            )
            unknown |= strike_out(ax, one.points, _of_unknown_chance, _UNKNOWN)
            struck |= strike_out(ax, one.points, lambda point: point.too_few_dimensions, _FEW)
            levels = [point.by_chance("share") for row in one.points for point in row]
            known = np.array([level is not None for level in levels]).reshape(share.T.shape).T
            within |= bool((np.ma.getmaskarray(share) & known).any())
            ax.set_xticks(at + 0.5, labels=[f"{found.times[k]:.2g}" for k in at])
            ax.set_yticks(rows + 0.5, labels=[f"{found.dims[k]:,}" for k in rows])
            ax.tick_params(labelsize=7.5, length=2)
            name_panel(ax, one.family)
        lacking = _without_share(len(found.families) - len(all_))
        figure.supxlabel(f"flow time t{not_drawn(left)}{lacking}", fontsize=9.0)
        figure.supylabel("dimension d", fontsize=9.0)
        figure.colorbar(
            ScalarMappable(norm, colours), ax=axes, label="common share", aspect=40, pad=0.02
        )
        handles = [Patch(color=_WITHIN, label=_CHANCE)] if within else []
        hatched = ((struck, _FEW, TOO_FEW), (unknown, _UNKNOWN, "chance is not known"))
        handles += [
            Patch(facecolor="white", edgecolor=MUTED, hatch=hatch, linewidth=0, label=label)
            for there, hatch, label in hatched
            if there
        ]
        key_above(figure, handles)
    return figure


def _of_unknown_chance(point: Point) -> bool:
    return point.by_chance("share") is None


def _without_share(number: int) -> str:
    """Say that families are left out that lack a share at some time or dimension."""
    if not number:
        return ""
    what = "1 family has" if number == 1 else f"{number} families have"
    return f"\n({what} no share at some time or dimension, and no panel)"


def _above_chance(one: FamilyEmergence) -> np.ma.MaskedArray:
    """(d, times) shares; masked where one random family in twenty has as much, or none is known."""
    chance = [[point.by_chance("share") for point in row] for row in one.points]
    levels = np.array([[np.nan if c is None else c for c in row] for row in chance]).T
    shares = one.values("share").T
    return np.ma.masked_where(~(shares > levels), shares)
