"""Draw figure 7: which of its approximations takes word2vec to QWEM."""

from __future__ import annotations

from matplotlib.figure import Figure

from probes.drawing.style import INK, MUTED, PALETTE, WIDTH, literal, styled
from probes.reproduce.curves import colours_of, time_axis
from probes.reproduce.have import Have
from probes.reproduce.measured import Measured, Row, column, grouped
from repsearch.errors import InputError

_SHOWN = 20
_RUNS = {
    "word2vec-small": "word2vec",
    "quartic-only": "quartic loss only",
    "setting31-only": "Setting 3.1 only",
    "qwem-small": "both: QWEM",
}
_RATIOS = (2, 3, 4, 5)


def measure(have: Have) -> Measured:
    """Collect singular values of four runs: two losses under two weights of pairs.

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
        There is no torch.
    """
    found = Measured(tables={"curves": [], "errors": []})
    main = have.curves("qwem-small")
    if main is None:
        raise InputError("all of it is trained, and there is no torch here")
    unit = float(main["first_learned"] or main["times"][-1])
    for run, label in _RUNS.items():
        curves = have.curves(run)
        assert curves is not None
        for time, values, theory in zip(
            curves["times"], curves["measured"], curves["predicted"], strict=True
        ):
            if time > 0:
                row: Row = {"run": label, "time": time, "t_over_tau_1": time / unit}
                row |= {f"s{k}": x for k, x in enumerate(values[:_SHOWN], start=1)}
                row |= {f"s{k}_theory": x for k, x in enumerate(theory[:_SHOWN], start=1)}
                found.tables["curves"].append(row)
        value, low, high = curves["error"]
        found.tables["errors"].append(
            {"run": label, "exact": int(curves["exact"]), "median_error": value, "low": low,
             "high": high, "steps": curves["steps"]}
        )  # fmt: skip
        found.facts[label] = curves["summary"]
    last = main["measured"][-1]
    for k in _RATIOS:
        if k <= len(last):
            found.add(f"7.ratio.{k}", last[k - 1] / last[0])
    found.facts["trained"] = f"{main['words']:,} words, d = {main['d']}"
    return found


def draw(found: Measured) -> Figure:
    """Draw a panel for each run, with the closed form of its own M*.

    Parameters
    ----------
    found : Measured
        From `measure`.

    Returns
    -------
    Figure
    """
    parts = dict(grouped(found.tables["curves"], "run"))
    errors = {str(row["run"]): float(row["median_error"] or 0) for row in found.tables["errors"]}
    with styled():
        figure = Figure(figsize=(1.4 * WIDTH, 0.95 * WIDTH), layout="constrained")
        grid = figure.subplots(2, 2, squeeze=False)
        for ax, ((run,), rows) in zip(grid.ravel(), parts.items(), strict=True):
            times = column(rows, "t_over_tau_1")
            time_axis(ax, times[times > 0.25])
            names = [name for name in rows[0] if name[0] == "s" and name[1:].isdigit()]
            for colour, name in zip(colours_of(len(names)), names, strict=True):
                ax.plot(times, column(rows, name), color=colour, linewidth=2.0, alpha=0.55)
                ax.plot(times, column(rows, f"{name}_theory"), color=INK, linewidth=0.6,
                        dashes=(3, 2))  # fmt: skip
            ax.set_ylim(bottom=0)
            literal(ax.set_title(str(run), loc="left"))
            ax.set_title(f"median error {errors[str(run)]:.2g}", loc="right", color=MUTED,
                         fontsize=8)  # fmt: skip
        for ax in grid[1]:
            ax.set_xlabel("t / τ₁ of QWEM")
        for ax in grid[:, 0]:
            ax.set_ylabel("singular values of W")
        grid[0, 0].plot([], [], color=PALETTE[0], linewidth=2, alpha=0.55, label="trained")
        grid[0, 0].plot(
            [], [], color=INK, linewidth=0.8, dashes=(3, 2), label="closed form of its M*"
        )
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=2,
                      fontsize=8)  # fmt: skip
    return figure
