"""Write docs/emergence-results.md from the results."""

from __future__ import annotations

from typing import Any

import numpy as np

Row = dict[str, Any]


def markdown(results: Row) -> str:
    """The document, with every figure taken from the results."""
    run, closed = results["run"], results["closed form"]
    return "\n".join(
        [
            "# Emergence, measured",
            "",
            "Written by `python -m benchmarks.emergence run` and `document` (the table of losses: "
            "`ablation`) from `benchmarks/emergence/results.json`; nothing here is typed by hand. "
            f"Carried counts, V = {run['words']:,}, seed {results['seed']}, Google's relations; "
            "what the quantities mean: [emergence](emergence.md), [training](training.md).",
            "",
            *_facts("Machine", results["machine"]),
            *_facts("Versions", results["versions"]),
            *_run(run),
            *_closed(closed),
            *_margins(closed),
            *(_ablation(results["ablation"]) if "ablation" in results else ()),
        ]
    )


def _facts(title: str, facts: dict[str, str]) -> list[str]:
    return [f"{title}: " + ", ".join(f"{key} {value}" for key, value in facts.items()) + ".", ""]


def _run(run: Row) -> list[str]:
    beside, apart = run["compared"], run["residuals"]
    return [
        "## A trained run beside its closed form",
        "",
        f"`repsearch train --init 1e-6`: quartic loss, Setting 3.1, d = {run['d']}, followed at "
        f"{len(run['times'])} snapshots in {', '.join(str(d) for d in run['dims'])} columns.",
        "",
        f"* Singular values, {beside['modes']} modes: median relative error "
        f"{_percent(beside['median error'])}, the largest {_percent(beside['largest error'])}; "
        f"learning times within {_percent(beside['learning times'])}, their order {_tau(beside)}.",
        "* Measured less closed form, over families, times and dimensions: "
        + "; ".join(
            f"{name} {one['median']:.2g} in the median, {one['largest']:.2g} at most"
            for name, one in apart.items()
        )
        + ".",
        *_found(run),
        "",
    ]


def _closed(closed: Row) -> list[str]:
    dimensions, times = closed["effective dimensions"], closed["times"]
    steps = np.diff(np.log(times[1:-1]))
    return [
        "## The closed form at its default times",
        "",
        f"`repsearch probe emergence` of the spectrum (d = {closed['d']}) with `--init 1e-6`: "
        f"{len(times)} times from {times[0]:.3g} to {times[-1]:.3g}, while modes are learned "
        f"{100 * np.expm1(steps.mean()):.0f} % apart; {closed['seconds']:.0f} s.",
        "",
        f"* The effective dimension is {dimensions[0]:.2f} at first and {dimensions[-1]:.1f} at "
        f"last. Nothing is dated before t = {closed['dated from']:.3g}; "
        f"{closed['by the first time that tells']} of the {closed['told']} relations are at half "
        "of their final share by the first time that can tell, whatever the spacing: a share "
        "does not say when they became directions.",
        f"* Growth times that are known from one side only: {closed['censored growth']}.",
        *_found(closed),
        "",
    ]


def _found(found: Row) -> list[str]:
    growth, answers, noise = found["growth"], found["answers"], found["noise"]
    return [
        f"* {found['told']} of {found['families']} relations are told from chance; half of |m|² "
        f"comes between t = {_range(growth)}, half of the right answers between "
        f"t = {_range(answers)}.",
        "* Growth times beside the learning times of the modes that the mean lives on: rank "
        f"correlation {_correlation(found['growth correlation'])}. Times of the answers beside "
        f"them: {_correlation(found['answer correlation'])}.",
        f"* Noise over that of delocalised eigenvectors: between {_range(noise)}, median "
        f"{np.median(list(noise.values())):.2f}.",
    ]


def _margins(closed: Row) -> list[str]:
    rows = [
        f"| {one['family']} | {one['pairs']} | {_interval(one['first'])} | "
        f"{_number(one['first by chance'])} | {_interval(one['last'])} | "
        f"{_number(one['last by chance'])} |"
        for one in closed["margins"]
    ]
    return [
        "## What a margin says",
        "",
        "The margin of figure 8 at the first and at the last of these times, in all columns. "
        "*Re-paired*: the family's own words, put together at random. At first the embedding has "
        "one dimension, and where the margin is near 1 it is so for words paired at random.",
        "",
        "| family | pairs | first | re-paired | last | re-paired |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def _ablation(found: Row) -> list[str]:
    rows = [
        f"| {kind} | {one['until']:.3g} | {_percent(one['median_error'])} | "
        f"{_percent(one['error_95'])} | {_percent(one['learning_time_error'])} | "
        f"{_number(one['kendall_tau'], 3)} | {_number(one['learned_subspace_overlap'], 3)} | "
        f"{_percent(one['early_error'])} |"
        for kind, one in found["runs"].items()
    ]
    return [
        "## Losses and weights of pairs",
        "",
        "The runs of the paper's figure 7 (d = 50, ten modes, stabilised steps, rtol 1e-3), each "
        "beside the closed form of its own M* from its own start. *Times*: learning times; "
        "*span*: overlap of the learned subspace with the closed form's at the end; *early*: the "
        "run while it is small beside the closed form of G∘M*/mean(G).",
        "",
        "| loss, weights | to t | median error of singular values | 95 % of errors | times | "
        "order (tau) | span | early |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def _range(found: dict[str, float]) -> str:
    least, most = (pick(found, key=lambda one: found[one]) for pick in (min, max))
    return f"{found[least]:.3g} ({least}) and {found[most]:.3g} ({most})"


def _tau(beside: Row) -> str:
    return f"Kendall's tau {beside['order']:.3f}"


def _correlation(found: Row | None) -> str:
    if found is None:
        return "too few to say"
    value, low, high = found["rho"]
    return f"{value:.2f} [{low:.2f}, {high:.2f}], p = {found['p']:.2g}, n = {found['points']}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2g} %"


def _interval(found: list[float] | None) -> str:
    return "-" if found is None else f"{found[0]:.2f} [{found[1]:.2f}, {found[2]:.2f}]"


def _number(found: float | None, decimals: int = 2) -> str:
    return "-" if found is None else f"{found:.{decimals}f}"
