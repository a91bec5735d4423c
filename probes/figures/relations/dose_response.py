"""Draw how log-odds of the next word go with the dose of a direction, beside random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from probes.drawing.labels import family_label
from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import MARKERS, MUTED, PALETTE, axes_or_new, legend_above, literal, styled
from probes.interventions.result import Steering
from probes.shared.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_dose_response(found: Steering, *, ax: Axes | None = None) -> Axes:
    """Draw the first relation: a line a layer with intervals, random directions as a band.

    Parameters
    ----------
    found : Steering
        What was measured.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    NothingToDrawError
        Nothing was added.

    Examples
    --------
    >>> from probes.interventions import Dose, FamilySteering
    >>> from probes.shared.intervals import Interval
    >>> one = Interval(1.0, 0.8, 1.2)
    >>> made = FamilySteering("family", 9, 0, (Dose(6, "add", 0.5, one, one, 0.1, 0.1),), (), ())
    >>> plot_dose_response(Steering((made,), {}, {})).get_xlabel()
    'added along the direction, in lengths of a state (bands: random directions)'
    """
    family = found.families[0].family
    doses = [dose for dose in found.families[0].doses if dose.dose is not None]
    if not doses:
        raise NothingToDrawError(f"no dose of {family!r} was measured")
    with styled():
        ax = axes_or_new(ax, height=3.6)
        ax.axhline(0.0, color=MUTED, linewidth=0.7)
        ax.axvline(0.0, color=MUTED, linewidth=0.7)
        for number, layer in enumerate(dict.fromkeys(dose.layer for dose in doses)):
            colour = PALETTE[number % len(PALETTE)]
            line = [dose for dose in doses if dose.layer == layer]
            # Nothing added does nothing: lines and bands go through that point.
            numbers = {dose.dose: dose.effect for dose in line if dose.dose is not None}
            places = np.array(sorted({*numbers, 0.0}))
            none = Interval(0.0, 0.0, 0.0)
            effects = [numbers.get(place, none) for place in places.tolist()]
            bands = {dose.dose: dose.random for dose in line if dose.dose is not None}
            drawn = [bands.get(place, none) for place in places.tolist()]
            y = np.array([one.value for one in effects])
            ends = np.array([[one.low, one.high] for one in effects]).T
            ax.errorbar(
                places,
                y,
                yerr=np.abs(ends - y),
                color=colour,
                marker=MARKERS[number % len(MARKERS)],
                markersize=4,
                linewidth=1.2,
                elinewidth=0.9,
                label=f"layer {layer}",
            )
            ax.fill_between(
                places,
                [one.low for one in drawn],
                [one.high for one in drawn],
                color=colour,
                alpha=0.15,
                linewidth=0,
            )
        ax.grid(visible=True, axis="y")
        ax.set_xlabel("added along the direction, in lengths of a state (bands: random directions)")
        ax.set_ylabel("change of log-odds of the second word, nats")
        literal(ax.set_title(family_label(family), loc="left"))
        legend_above(ax)
    return ax
