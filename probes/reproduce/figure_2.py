"""Draw figure 2: singular values of word2vec, QWEM and the theory, from two starts."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from probes.drawing.style import WIDTH, literal, styled
from probes.reproduce.closed_form import SHOWN, followed
from probes.reproduce.curves import colours_of, time_axis
from probes.reproduce.have import Have
from probes.reproduce.measured import Measured, Row, column, grouped
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.target.by_name import weighting_called
from repsearch.target.mstar import mstar

_STARTS = ("large", "small")
_MODELS = ("word2vec", "qwem")
_LABELS = {"word2vec": "word2vec", "qwem": "QWEM", "theory": "theory"}


def measure(have: Have) -> Measured:
    """Collect singular values over time, in units of the first mode's learning time.

    Without torch there is the theory alone, with all words.

    Parameters
    ----------
    have : Have
        What there is.

    Returns
    -------
    Measured
    """
    found = Measured(tables={"curves": []})
    rows = found.tables["curves"]
    found.facts |= {"small": have.settings.small, "large": have.settings.large}
    for start in _STARTS:
        theory = have.curves(f"qwem-{start}")
        if theory is None:
            rows += _closed_form(have, start)
            continue
        unit = float(theory["first_learned"] or theory["times"][-1])
        rows += _rows("theory", start, unit, theory["times"], theory["predicted"])
        for model in _MODELS:
            curves = have.curves(f"{model}-{start}")
            assert curves is not None
            rows += _rows(model, start, unit, curves["times"], curves["measured"])
            first = np.array(curves["measured"])[:, 0]
            found.facts[f"{model}, {start} start"] = curves["summary"]
            # The paper's curves give these of the small start alone.
            if model == "word2vec" and start == "small":
                end = float(first[-1])
                found.add("2.peak.small", float(first.max()) / end)
                found.add("2.plateau.small", end / float(theory["measured"][-1][0]))
                ends = (float(one["predicted"][-1][0]) for one in (curves, theory))
                found.facts["weights_share"] = next(ends) / next(ends)
                found.facts["weights_share_of_all"] = _share_of_all_words(have)
        found.facts["trained"] = (
            f"{theory['words']:,} words, d = {theory['d']}, {theory['steps']:,} steps"
        )
    if have.curves("qwem-small") is None:
        found.notes.append(
            "The rows of word2vec and QWEM are left out, for there is no torch here."
        )
    return found


def _share_of_all_words(have: Have) -> float | None:
    """First singular value under word2vec's weights over QWEM's, as M* of all words has them."""
    if len(have.counts.words) == have.settings.train_words:
        return None
    weighting = weighting_called("word2vec", negatives=have.settings.negatives)
    own = eigenpairs(mstar(have.counts, weighting=weighting), 1, method="krylov")
    return float(np.sqrt(own.eigenvalues[0] / have.modes.eigenvalues[0]))


def _rows(
    model: str, start: str, unit: float, times: list[float], values: list[list[float]]
) -> list[Row]:
    rows: list[Row] = []
    for time, row in zip(times, values, strict=True):
        if time > 0:
            one: Row = {"model": model, "start": start, "time": time, "t_over_tau_1": time / unit}
            rows.append(one | {f"s{k}": value for k, value in enumerate(row[:SHOWN], start=1)})
    return rows


def _closed_form(have: Have, start: str) -> list[Row]:
    settings = have.settings
    form = followed(have, settings.large if start == "large" else settings.small or 1e-3, 120)
    values = form.flow.singular_values(form.times)
    return _rows("theory", start, form.unit, form.times.tolist(), values.tolist())


def draw(found: Measured) -> Figure:
    """Draw a column of panels for each start, and a row for each model.

    Parameters
    ----------
    found : Measured
        From `measure`.

    Returns
    -------
    Figure
    """
    parts = dict(grouped(found.tables["curves"], "model", "start"))
    models = [one for one in ("word2vec", "qwem", "theory") if (one, "small") in parts]
    highest = max(float(column(rows, "s1").max()) for rows in parts.values())
    with styled():
        figure = Figure(figsize=(1.3 * WIDTH, 0.6 + 2.0 * len(models)), layout="constrained")
        grid = figure.subplots(len(models), 2, squeeze=False, sharey=True)
        for j, start in enumerate(_STARTS):
            times = [column(parts[model, start], "t_over_tau_1") for model in models]
            span = np.array([min(t[0] for t in times), max(t[-1] for t in times)])
            for i, model in enumerate(models):
                _draw(grid[i, j], parts[model, start], highest, np.maximum(span, 0.3))
                if i < len(models) - 1:
                    grid[i, j].tick_params(labelbottom=False)
                else:
                    grid[i, j].set_xlabel("t / τ₁")
                if j == 0:
                    literal(grid[i, j].set_ylabel(f"{_LABELS[model]}\nsingular values of W"))
            title = "word2vec's start" if start == "large" else "small start"
            size = f"{found.facts[start]:g}"
            grid[0, j].set_title(f"{title}, s(0) about {size}", loc="left")
    return figure


def _draw(ax: Axes, rows: list[Row], highest: float, span: np.ndarray) -> None:
    times = column(rows, "t_over_tau_1")
    time_axis(ax, span)
    names = [name for name in rows[0] if name[0] == "s" and name[1:].isdigit()]
    for colour, name in zip(colours_of(len(names)), names, strict=True):
        ax.plot(times, column(rows, name), color=colour, linewidth=1.1)
    ax.set_ylim(0, 1.05 * highest)
