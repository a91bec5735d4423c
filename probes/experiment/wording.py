"""What a comparison says in words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from probes.experiment.comparison import Comparison

_WIDTH = 80
_NAMED = 6
_LEAST = 1e-5


def summary(found: Comparison) -> str:
    """The verdict and the numbers, in lines of at most 80 columns."""
    median, worst = found.curves.median(), found.curves.largest()
    high = float(np.nanquantile(found.curves.errors, 0.95))
    verdict = "agree" if found.agrees else "depart"
    head = (
        f"Training and closed form {verdict}: median relative error of {found.curves.n_modes} "
        f"singular values {percent(median.value)} [{percent(median.low)}, "
        f"{percent(median.high)}]"
    )
    lines = [
        head,
        f"  over {len(found.curves.times)} times; 95% of errors below {percent(high)}, the "
        f"largest {percent(worst.largest)} (mode {worst.mode} at t = {worst.at:.4g})",
    ]
    settled = found.curves.median_learned()
    if settled is not None:
        lines.append(f"  once a mode is learned: median {percent(settled.value)}")
    lines += [f"  {line}" for line in (*_learning(found), _loss(found), *_overlap(found))]
    if found.early is not None and len(found.early.times):
        early = found.early.median()
        lines.append(
            f"  while small, beside the weighted matrix G o M* / mean(G): median error "
            f"{percent(early.value)} over {len(found.early.times)} times"
        )
    basis = "exact for this run" if found.exact else "not exact for this run:"
    lines.append(f"{found.loss} loss, {found.weighting}; the closed form is {basis}")
    lines += [f"  {reason}" for reason in found.departures]
    return "\n".join(_wrapped(line) for line in lines)


def _learning(found: Comparison) -> list[str]:
    order, learned = found.order, [mode for mode in found.learning if mode.error]
    lines = []
    if learned:
        errors = np.array([abs(mode.error.value) for mode in learned if mode.error])
        lines.append(
            f"{len(learned)} learning times: median error {percent(float(np.median(errors)))}, "
            f"largest {percent(float(errors.max()))} (mode {learned[int(errors.argmax())].mode})"
        )
    if order.n > 1:
        swaps = "no pair swapped"
        if order.swapped:
            named = ", ".join(f"{i}-{j}" for i, j in order.swapped[:_NAMED])
            more = ", ..." if len(order.swapped) > _NAMED else ""
            swaps = (
                f"{_counted(len(order.swapped), 'pair')} swapped ({named}{more}), "
                f"{len(order.resolved)} of them between different rows"
            )
        lines.append(f"their order: Kendall's tau {order.tau:.3f}, p {order.p_value:.1e}, {swaps}")
    others: dict[str, list[str]] = {}
    for mode in found.learning:
        if mode.status != "learned":
            others.setdefault(mode.status, []).append(str(mode.mode))
    lines += [f"{status}: modes {', '.join(modes)}" for status, modes in others.items()]
    return lines


def _loss(found: Comparison) -> str:
    errors = found.loss_curve.errors
    text = f"loss: largest error {percent(float(np.abs(errors).max()))} of its fall"
    count = len(found.loss_curve.plateaus)
    return f"{text}; {_counted(count, 'plateau')} of modes learned apart" if count else text


def _overlap(found: Comparison) -> list[str]:
    known = found.learned_overlaps
    if np.isnan(known).all():
        return []
    last = int(np.flatnonzero(~np.isnan(known))[-1])
    return [
        f"span of the {found.learned[last]} modes learned at t = {found.overlaps.times[last]:.4g}: "
        f"overlap {known[last]:.6f} with the closed form's"
    ]


def percent(share: float) -> str:
    """Two digits, and no claim of rounding errors."""
    if share < _LEAST:
        return f"<{100 * _LEAST:g}%"
    return f"{100 * share:.2g}%" if share < 0.1 else f"{100 * share:.0f}%"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _wrapped(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(line, _WIDTH, subsequent_indent=indent, break_on_hyphens=False)
