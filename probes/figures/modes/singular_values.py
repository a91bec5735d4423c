"""Draw the singular values of the embeddings over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from probes.drawing.style import INK, axes_or_new, legend_above, log_axis_below, styled
from repsearch.checks import is_whole
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from repsearch.dynamics.trajectory import Trajectory

TIME_LABEL = "flow time t of dW/dt = ½ (M − W Wᵀ) W"
_MODES = 20
_LIGHTEST = 0.92
_FINE = 300


def plot_singular_values(
    trajectory: Trajectory,
    *,
    modes: int | None = None,
    measured: tuple[ArrayLike, ArrayLike] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw singular values over flow time, which is logarithmic, with learning times.

    A dot on each curve stands at the learning time of its mode. A start that is
    not aligned has those of the limit of small starts, and its curves are the
    singular values in decreasing order at each time.

    Parameters
    ----------
    trajectory : Trajectory
        Training in closed form; of its times, those after 0 are drawn.
    modes : int, optional
        How many to draw; 20 by default, or all there are.
    measured : ((n,) array_like, (n, m) array_like), optional
        Flow times and singular values in decreasing order, of a model that was
        trained for example; drawn as points, for the first `modes` of them.
    ax : Axes, optional
        Where to draw; a new figure by default. A colour bar takes its room
        from these axes.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    InputError
        No time after 0, a number of modes out of range, measured arrays that
        do not fit.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.3, 0.2]).spectrum(), Aligned(0.01))
    >>> axes = plot_singular_values(flow, modes=2)
    >>> axes.get_xscale(), axes.get_ylabel()
    ('log', 'singular value of W')
    """
    most = trajectory.dimension
    shown = min(_MODES, most) if modes is None else modes
    if not is_whole(shown) or not 1 <= shown <= most:
        raise InputError(f"modes is {modes!r}; pass a whole number from 1 to {most}")
    times = times_after_start(trajectory)
    points = None if measured is None else _checked(*measured)
    # The closed form is known at any time: between times far apart it is no straight line.
    fine = np.union1d(times, np.geomspace(times[0], times[-1], _FINE))
    curves = trajectory.singular_values(fine)
    marks = trajectory.learning_times[:shown]
    # Dark first: the leading modes matter most. The end of the scale is too light for white.
    colours = colormaps["viridis"](np.linspace(0, _LIGHTEST, shown))
    with styled():
        ax = axes_or_new(ax, height=4.1)
        log_axis_below(ax)
        for k in range(shown):
            ax.plot(fine, curves[:, k], color=colours[k], linewidth=1.2, zorder=2)
        dotted = np.flatnonzero((marks >= times[0]) & (marks <= times[-1])).tolist()
        for k in dotted:
            ax.plot(
                marks[k],
                trajectory.singular_values(marks[k : k + 1])[0, k],
                marker="o",
                markersize=4.0,
                markeredgecolor="white",
                markeredgewidth=0.6,
                linestyle="none",
                color=colours[k],
                zorder=4,
            )
        if points is not None:
            at, heights = points
            inside = (at >= times[0]) & (at <= times[-1])
            for k in range(min(shown, heights.shape[1])):
                ax.plot(
                    at[inside],
                    heights[inside, k],
                    marker="x",
                    markersize=3.2,
                    markeredgewidth=0.8,
                    linestyle="none",
                    color=colours[k],
                    zorder=3,
                )
        _legend(ax, dotted=bool(dotted), measured=points is not None)
        if shown > 1:
            colour_bar(ax, colours, shown)
        ax.set_xlim(times[0], times[-1])
        ax.set_ylim(bottom=0)
        ax.grid(visible=True, which="major")
        ax.tick_params(which="both", length=0)
        ax.set_xlabel(TIME_LABEL)
        ax.set_ylabel("singular value of W")
    return ax


def times_after_start(trajectory: Trajectory) -> NDArray[np.float64]:
    """Keep the times that a logarithmic axis can show.

    Parameters
    ----------
    trajectory : Trajectory
        With times.

    Returns
    -------
    (n,) float64
        Those after 0, at least two.

    Raises
    ------
    InputError
        Fewer than two.
    """
    times = trajectory.times[trajectory.times > 0]
    if len(times) < 2:
        raise InputError(
            f"the trajectory has {len(times)} times after 0, and a curve needs two; "
            "pass more to gradient_flow or to Trajectory.at"
        )
    return times


def _legend(ax: Axes, *, dotted: bool, measured: bool) -> None:
    ax.plot([], [], color=INK, linewidth=1.2, label="closed form")
    if dotted:
        ax.plot(
            [], [], marker="o", linestyle="none", markersize=4, color=INK, label="learning time"
        )
    if measured:
        ax.plot([], [], marker="x", linestyle="none", markersize=3.2, color=INK, label="measured")
    legend_above(ax)


def colour_bar(ax: Axes, colours: NDArray[np.float64], shown: int) -> None:
    """Draw a scale of modes beside the axes, numbered from 1.

    Parameters
    ----------
    ax : Axes
        Those whose curves have the colours.
    colours : (shown, 4) float
        Red, green, blue and opacity of each mode.
    shown : int
        How many modes.
    """
    scale = ScalarMappable(
        BoundaryNorm(np.arange(shown + 1) + 0.5, shown), ListedColormap([*map(tuple, colours)])
    )
    figure = ax.get_figure(root=True)
    assert figure is not None
    bar = figure.colorbar(scale, ax=ax, pad=0.02, aspect=30)
    ticks = MaxNLocator(min(shown, 8), integer=True, steps=[1, 2, 5, 10]).tick_values(1, shown)
    bar.set_ticks(sorted({1, *(int(k) for k in ticks if 1 <= k <= shown)}))
    bar.ax.tick_params(which="both", length=0)
    bar.outline.set_visible(False)
    bar.set_label("mode, in the order of learning")


def _checked(times: ArrayLike, values: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    at, heights = np.asarray(times, float), np.asarray(values, float)
    if at.ndim != 1 or heights.ndim != 2 or len(at) != len(heights):
        raise InputError(
            f"measured times have shape {at.shape} and singular values {heights.shape}; "
            "pass n times and n rows of singular values"
        )
    if not (np.isfinite(at).all() and np.isfinite(heights).all()):
        raise InputError("measured times or singular values are not finite; leave those rows out")
    return at, heights
