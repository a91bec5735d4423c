"""Draw after how many training steps concepts are directions: one panel a concept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import NullLocator

from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import INK, key_above, styled
from probes.figures.relations.family_panels import (
    family_panels,
    name_panel,
    not_drawn,
    refuse_axes,
    with_most_pairs,
)
from probes.figures.relations.layer_curves import draw_concept, key_of
from probes.learning.curves import LearningCurves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 24
_COLUMNS = 3


def plot_learning_curves(found: LearningCurves, *, ax: Axes | None = None) -> Axes:
    """Draw held-out accuracy and common share of each concept over training steps.

    Steps are on a logarithmic scale, step 0 beside the first of the others. A vertical line stands
    at the first step from which on the concept is a direction.

    Parameters
    ----------
    found : LearningCurves
        What `probes.learning.learning_curves` gave.
    ax : Axes, optional
        None: the picture has a panel for each concept.

    Returns
    -------
    Axes
        The first panel.

    Raises
    ------
    NothingToDrawError
        No concept could be asked at any checkpoint.
    PanelsError
        Axes were given.

    Examples
    --------
    >>> from probes.layers import AtLayer, ConceptCurve, LayerCurves
    >>> from probes import Interval
    >>> at = (AtLayer(0, Interval(0.5, 0.3, 0.7)), AtLayer(16, Interval(0.9, 0.7, 1.0), 0.01))
    >>> one = ConceptCurve("tense", "relation", 20, 20, 20, 0.001, at)
    >>> curves = LayerCurves((one,), (), "mean-difference", {})
    >>> drawn = plot_learning_curves(LearningCurves(curves, (None, None), None, None))
    >>> drawn.get_title(loc="left"), drawn.get_xscale()
    ('tense (20)', 'symlog')
    """
    refuse_axes(ax)
    able = [one for one in found.concepts if one.curve.clearest is not None]
    if not able:
        raise NothingToDrawError("no concept could be asked at any checkpoint")
    drawn, more = with_most_pairs(able, [one.curve.used for one in able], _MOST)
    positive = [step for step in found.steps if step > 0] or [1]
    with styled():
        figure, axes = family_panels(len(drawn), _COLUMNS)
        axes[0].set_xscale("symlog", linthresh=positive[0], linscale=0.4)
        for panel, one in zip(axes, drawn, strict=True):
            draw_concept(panel, one.curve)
            name_panel(panel, one.curve.concept, one.curve.used)
            panel.xaxis.set_minor_locator(NullLocator())
            if one.when == "between":
                panel.axvline(one.step or 0, color=INK, linewidth=0.8, linestyle="-.")
        axes[0].set_ylim(-0.03, 1.06)
        axes[0].set_yticks([0.0, 0.5, 1.0])
        axes[0].set_xlim(found.steps[0], found.steps[-1] * 1.1 or 1)
        figure.supxlabel(f"training step{not_drawn(more)}", fontsize=9.0)
        figure.supylabel("right, common share", fontsize=9.0)
        key_above(figure, key_of([one.curve for one in drawn]))
    return axes[0]
