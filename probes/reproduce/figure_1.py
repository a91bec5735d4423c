"""Draw figure 1: loss, singular values, and the embedding space at three moments."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from probes.drawing.label_placement import place_labels
from probes.drawing.style import FAINT, INK, MUTED, PALETTE, WIDTH, literal, styled
from probes.reproduce.closed_form import SHOWN, followed
from probes.reproduce.curves import colours_of, time_axis
from probes.reproduce.have import Have
from probes.reproduce.measured import Measured, Row, column, grouped
from probes.reproduce.trained import shown_loss, three_moments
from repsearch.embeddings import Embeddings

_TIMES = 160
_LABELS = 14
_EVERY = 2
RATIOS = (2, 3, 4, 5, 6, 10, 20, 50, 100, 200)


def measure(have: Have) -> Measured:
    """Follow loss, singular values and words: in closed form, and as they were trained.

    Parameters
    ----------
    have : Have
        What there is.

    Returns
    -------
    Measured
    """
    found = Measured(tables={"curves": [], "words": []})
    _closed_form(have, found)
    for run, name in (("qwem-small", "QWEM, trained"), ("word2vec-small", "word2vec, trained")):
        curves, moments = have.curves(run), have.moments(run)
        if curves is None or moments is None:
            continue
        label = name
        if curves["words"] < len(have.counts.words):
            label = f"{name} ({curves['words']:,} words, d = {curves['d']})"
        theory = run.startswith("qwem")
        found.tables["curves"] += _curve_rows(label, curves, theory=theory)
        found.tables["words"] += _word_rows(label, moments)
        found.facts[label] = curves["summary"]
        if theory and curves["top_5_overlap"] is not None:
            found.add("1.overlap", curves["top_5_overlap"])
    if have.curves("qwem-small") is None:
        found.notes.append("The trained rows are left out, for there is no torch here.")
    else:
        found.notes.append(
            "The loss of word2vec is on a scale of its own: 1 at W = 0, and 0 where it is lowest "
            "here. That of QWEM and of the closed form is 1 less half of the share of M* that is "
            "explained, which holds for the quartic loss alone."
        )
    values, norm = have.columns.eigenvalues.astype(float), have.columns.squared_norm
    for k in RATIOS:
        if k <= len(values):
            found.add(f"1.ratio.{k}", values[k - 1] / values[0])
    for k in (1, 3, 5, 200):
        if k <= len(values):
            found.add(f"1.loss.{k}", 1 - 0.5 * float(np.sum(values[:k] ** 2)) / norm)
    found.add("1.sigma.1", float(np.sqrt(values[0])))
    return found


def _closed_form(have: Have, found: Measured) -> None:
    """Rows of the closed form, with all words, from a Gaussian start."""
    form = followed(have, have.settings.small or 1e-3, _TIMES)
    flow, times = form.flow, form.times
    values = flow.singular_values(times)
    loss, what = shown_loss(flow.loss(times), have.modes.squared_norm, explained=True)
    label = f"closed form ({len(have.counts.words):,} words, d = {have.d})"
    found.tables["curves"] += [
        _point(label, time, (height, what, None), row[:SHOWN], None)
        for time, height, row in zip(times.tolist(), loss.tolist(), values, strict=True)
    ]
    first, share = values[:, 0] ** 2, values[:, 0] ** 2 / np.sum(values**2, axis=1)
    moments = []
    for time in three_moments(times, first, share):
        one = flow.embeddings(time)
        moments.append(Embeddings(one.words, one.vectors, f"t = {time:.6g}"))
    found.tables["words"] += _word_rows(label, moments)


def _curve_rows(label: str, curves: dict[str, Any], *, theory: bool) -> list[Row]:
    # Loss and singular values are recorded at the same rows, the start aside.
    rows = []
    loss = dict(zip(curves["loss_times"], curves["loss"], strict=True))
    predicted = dict(
        zip(curves["loss_times"], curves["predicted_loss"] if theory else (), strict=theory)
    )
    for time, values, expected in zip(
        curves["times"], curves["measured"], curves["predicted"], strict=True
    ):
        if time > 0:
            rows.append(
                _point(
                    label, time, (loss.get(time), curves["loss_is"], predicted.get(time)),
                    values, expected if theory else None,
                )
            )  # fmt: skip
    return rows


def _point(
    label: str, time: float, loss: tuple[float | None, str, float | None], values: Any, theory: Any
) -> Row:
    height, what, predicted = loss
    row: Row = {
        "row": label, "time": time, "loss": height, "loss_is": what, "loss_theory": predicted,
    }  # fmt: skip
    for k, value in enumerate(values, start=1):
        row[f"s{k}"] = float(value)
    for k, value in enumerate(theory if theory is not None else (), start=1):
        row[f"s{k}_theory"] = float(value)
    return row


def _word_rows(label: str, moments: list[Embeddings]) -> list[Row]:
    """Places of words on axes 3 and 1 of the last moment; its ends are labelled in all."""
    last = moments[-1].vectors.astype(float)
    third = min(2, last.shape[1] - 1)
    signs = np.where(np.sum(last**3, axis=0) < 0, -1.0, 1.0)
    named = _ends(last[:, 0]) | _ends(last[:, third])
    rows: list[Row] = []
    for number, one in enumerate(moments, start=1):
        places = one.vectors.astype(float) * signs
        for k, word in enumerate(one.words):
            if k % _EVERY == 0 or k in named:
                rows.append(
                    {
                        "row": label, "moment": number, "time": float(one.name.split("= ")[1]),
                        "word": word, "axis_1": float(places[k, 0]),
                        "axis_3": float(places[k, third]), "labelled": int(k in named),
                    }
                )  # fmt: skip
    return rows


def _ends(values: NDArray[np.float64]) -> set[int]:
    """The words at both ends of an axis, of the most frequent 4,000."""
    order = np.argsort(values[:4000], kind="stable")
    return {*order[:_LABELS].tolist(), *order[-_LABELS:].tolist()}


def draw(found: Measured) -> Figure:
    """Draw a row of panels for the closed form, and for each trained model.

    Parameters
    ----------
    found : Measured
        From `measure`.

    Returns
    -------
    Figure
    """
    curves = dict(grouped(found.tables["curves"], "row"))
    words = dict(grouped(found.tables["words"], "row"))
    with styled():
        figure = Figure(figsize=(2.1 * WIDTH, 3.1 * len(curves)), layout="constrained")
        parts = figure.subfigures(len(curves), 1, squeeze=False)[:, 0]
        for part, (key, rows) in zip(parts, curves.items(), strict=True):
            literal(part.suptitle(str(key[0]), x=0.01, ha="left", fontsize=10, fontweight="bold"))
            grid = part.add_gridspec(2, 4, width_ratios=(1.25, 1, 1, 1), height_ratios=(0.62, 1))
            _draw_loss(part.add_subplot(grid[0, 0]), rows)
            _draw_values(part.add_subplot(grid[1, 0]), rows)
            moments = list(grouped(words[key], "moment"))
            reach = 1.12 * max(
                float(np.abs(column(places, name)).max())
                for _, places in moments
                for name in ("axis_1", "axis_3")
            )
            for number, (_, places) in enumerate(moments):
                _draw_words(part.add_subplot(grid[:, 1 + number]), places, reach, number)
    return figure


def _draw_loss(ax: Axes, rows: list[Row]) -> None:
    times = column(rows, "time")
    time_axis(ax, times)
    theory = column(rows, "loss_theory")
    dotted = bool(np.isfinite(theory).any())
    ax.plot(times, column(rows, "loss"), color=PALETTE[0], linewidth=2.2 if dotted else 1.4,
            alpha=0.55 if dotted else 1.0)  # fmt: skip
    if dotted:
        ax.plot(times, theory, color=INK, linewidth=0.9, dashes=(3, 2))
    ax.set_title(str(rows[0]["loss_is"]), loc="left", fontsize=7.5, color=MUTED)
    ax.set_ylabel("loss")
    ax.tick_params(labelbottom=False)


def _draw_values(ax: Axes, rows: list[Row]) -> None:
    times = column(rows, "time")
    time_axis(ax, times)
    names = [name for name in rows[0] if name[0] == "s" and name[1:].isdigit()]
    for colour, name in zip(colours_of(len(names)), names, strict=True):
        theory = f"{name}_theory"
        dotted = theory in rows[0]
        ax.plot(times, column(rows, name), color=colour, linewidth=2.0 if dotted else 1.1,
                alpha=0.55 if dotted else 1.0)  # fmt: skip
        if dotted:
            ax.plot(times, column(rows, theory), color=INK, linewidth=0.7, dashes=(3, 2))
    if "s1_theory" in rows[0]:
        ax.plot([], [], color=PALETTE[0], linewidth=2.0, alpha=0.55, label="trained")
        ax.plot([], [], color=INK, linewidth=0.8, dashes=(3, 2), label="closed form")
        ax.legend(loc="upper left", fontsize=7.5)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("flow time t")
    ax.set_ylabel("singular values of W")


def _draw_words(ax: Axes, rows: list[Row], reach: float, number: int) -> None:
    x, y = column(rows, "axis_3"), column(rows, "axis_1")
    ax.plot(x, y, ".", markersize=1.6, color=PALETTE[0], alpha=0.35, markeredgewidth=0)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    ax.set_aspect("equal", adjustable="box")
    ax.axhline(0, color=FAINT, linewidth=0.6, zorder=0)
    ax.axvline(0, color=FAINT, linewidth=0.6, zorder=0)
    ax.set_title(f"t = {float(rows[0]['time'] or 0):.3g}", loc="left", fontsize=9)
    ax.set_xlabel("principal axis 3")
    if number == 0:
        ax.set_ylabel("principal axis 1")
    ax.tick_params(length=0, labelsize=7.5)
    named = [k for k, row in enumerate(rows) if row["labelled"]]
    ax.plot(x[named], y[named], ".", markersize=2.6, color=PALETTE[1], markeredgewidth=0)
    _label(ax, rows, np.column_stack([x, y])[named], [str(rows[k]["word"]) for k in named], reach)


def _label(
    ax: Axes, rows: list[Row], points: NDArray[np.float64], words: list[str], reach: float
) -> None:
    """Labels beside the words that are far out, none upon another."""
    far = np.hypot(*points.T)
    if not len(words) or far.max() < 0.25 * reach:
        return
    side = 140.0  # points that a panel is wide, about
    scale = side / (2 * reach)
    sizes = np.array([[4.0 * len(word) + 1.0, 7.0] for word in words])
    placed = place_labels(
        (points + reach) * scale,
        sizes,
        np.argsort(-far, kind="stable").tolist(),
        bounds=(0.0, 0.0, side, side),
        most=16,
        crowding=len(words),
    )
    for label in placed:
        literal(
            ax.annotate(
                words[label.item],
                tuple(points[label.item]),
                xytext=(label.x, label.y),
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=6.2,
                color=MUTED if far[label.item] < 0.3 * reach else INK,
            )
        )
