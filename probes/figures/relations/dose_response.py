"""Draw how log-odds of the next word go with the dose of a direction, beside random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from probes.drawing.labels import label_and_name
from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import MARKERS, MUTED, PALETTE, axes_or_new, legend_above, literal, styled
from probes.interventions.result import Steering

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
    'added along the direction, in lengths of a state'
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
            x = np.array([dose.dose for dose in line], dtype=np.float64)
            y = np.array([dose.effect.value for dose in line])
            ends = np.array([[dose.effect.low, dose.effect.high] for dose in line]).T
            ax.errorbar(
                x,
                y,
                yerr=np.abs(ends - y),
                color=colour,
                marker=MARKERS[number % len(MARKERS)],
                markersize=4,
                linewidth=1.2,
                elinewidth=0.9,
                label=f"layer {layer}",
            )
            # Nothing added does nothing: the band is drawn to a point there.
            places = sorted([*x.tolist(), 0.0])
            bands = {0.0: (0.0, 0.0)} | {
                dose.dose: (dose.random.low, dose.random.high)
                for dose in line
                if dose.dose is not None
            }
            ax.fill_between(
                places,
                [bands[place][0] for place in places],
                [bands[place][1] for place in places],
                color=colour,
                alpha=0.15,
                linewidth=0,
            )
        ax.grid(visible=True, axis="y")
        ax.set_xlabel("added along the direction, in lengths of a state")
        ax.set_ylabel("change of log-odds of the second word, nats")
        literal(ax.set_title(f"{label_and_name(family)} (bands: random directions)", loc="left"))
        ax.title.set_y(1.1)
        legend_above(ax)
    return ax
