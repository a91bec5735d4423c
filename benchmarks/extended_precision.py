"""Compare the exact solution in float64 with the same formula in ball arithmetic.

python -m benchmarks.extended_precision            measure (needs python-flint), write, print
python -m benchmarks.extended_precision 200 500    measure these V anew, keep the others
python -m benchmarks.extended_precision --write    print the table of the last results

The one-shot formula W W^T = e^(Lambda t/2) A [I + A^T phi_t A]^-1 A^T e^(Lambda t/2) loses
about 2 lambda_1 t / ln 2 bits, which is no matter where there are as many to spare: in
ball arithmetic each entry comes with a proved bound, and bits are added until all
bounds are far below float64's rounding. For d = V it is

    C [I + phi^-1/2 A^-T A^-1 phi^-1/2]^-1 C,    C = e^(Lambda t/2) phi^-1/2,

which loses no more than the condition of A. Where the bits would be millions in large
matrices, the reference is the limit diag(lambda_1, ..., lambda_d), which the flow has then
reached to better than e^-50.
"""

import json
import math
import sys
from datetime import date
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from benchmarks.corpora import REPOSITORY
from benchmarks.extended_table import PRODUCTS, section
from benchmarks.process import timed
from repsearch.dynamics import coordinates
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "extended_precision.json"
SIZES = (2, 5, 20, 60, 200, 500)
LARGEST_FEASIBLE = {1e6: 5}  # V of the formula for d < V at this lambda_1 t


def main() -> None:
    """Measure and write."""
    if "--write" not in sys.argv[1:]:
        chosen = [int(size) for size in sys.argv[1:]] or SIZES
        rows = [
            measured(size, d, product, scale)
            for size in chosen
            for d in sorted({1, max(1, size // 4), size})
            for product in PRODUCTS
            for scale in ((1e-6, 1.0) if size <= 60 else (1e-3,))
        ]
        before = json.loads(RESULTS.read_text("utf-8"))["rows"] if RESULTS.exists() else []
        rows += [row for row in before if row["V"] in SIZES and row["V"] not in chosen]
        found = {"date": date.today().isoformat(), "machine": machine(), "versions": versions()}
        write_json({**found, "rows": sorted(rows, key=lambda row: row["V"])}, RESULTS)
    print("\n".join(section(json.loads(RESULTS.read_text("utf-8")))))


def measured(size: int, d: int, product: float, scale: float) -> dict[str, Any]:
    """One case: eigenvalues 40 k^-0.6 with every third one negative, a Gaussian start."""
    eigenvalues = 40 * np.arange(1, size + 1) ** -0.6
    eigenvalues[2::3] *= -1
    start = scale * np.random.default_rng(size).standard_normal((size, d))
    time = product / 40
    seconds, found = timed(coordinates, eigenvalues, start, [time])
    feasible = size == d or size <= LARGEST_FEASIBLE.get(product, max(SIZES))
    kind = "formula" if feasible else "limit"
    reference = formula if kind == "formula" else limit
    reference_seconds, (expected, bits) = timed(reference, eigenvalues, start, time)
    frobenius, rows = errors(found[0], expected, bits)
    print(f"V {size}, d {d}, lambda_1 t {product:g}, scale {scale:g}: {frobenius:.1e} {rows:.1e}")
    return {
        "V": size,
        "d": d,
        "lambda_1 t": product,
        "scale": scale,
        "reference": kind,
        "bits": bits,
        "relative_error": frobenius,
        "row_error": rows,
        "seconds": seconds,
        "reference_seconds": reference_seconds,
    }


def formula(eigenvalues: Any, start: Any, time: float) -> tuple[arb_mat, int]:
    """W W^T in the eigenbasis, every entry proved to 90 bits of sqrt(G_ii G_jj)."""
    size, d = start.shape
    lost = 0.0 if d == size else 2 * abs(eigenvalues).max() * time / math.log(2)
    bits = 320 + d // 2 + int(lost)
    while True:
        ctx.prec = bits
        try:
            found = _formula(eigenvalues, start, time)
        except ZeroDivisionError:  # an interval of the bracket's pivots holds 0
            found = None
        if found is not None and _worst_bound(found) < 2.0**-90:
            return found, bits
        bits *= 2


def _formula(eigenvalues: Any, start: Any, time: float) -> arb_mat:
    size, d = start.shape
    t = arb(time)
    rates = [arb(value) for value in eigenvalues.tolist()]
    grown = [(rate * t / 2).exp() for rate in rates]
    roots = [((rate * t).expm1() / rate).sqrt() for rate in rates]
    a = start.tolist()
    if d == size:
        one = arb_mat(size, size, [float(i == j) for i in range(size) for j in range(size)])
        inverse = arb_mat(a).solve(one)
        side = arb_mat(
            [[x / root for x, root in zip(r, roots, strict=True)] for r in _rows(inverse)]
        )
        middle = (one + side.transpose() * side).solve(one)
        ceilings = [g / root for g, root in zip(grown, roots, strict=True)]
        return arb_mat(
            [
                [x * one_side * other for x, other in zip(row, ceilings, strict=True)]
                for row, one_side in zip(_rows(middle), ceilings, strict=True)
            ]
        )
    scaled = arb_mat(size, d, [root * x for root, row in zip(roots, a, strict=True) for x in row])
    bracket = scaled.transpose() * scaled
    for k in range(d):
        bracket[k, k] = bracket[k, k] + 1
    later = arb_mat(size, d, [g * x for g, row in zip(grown, a, strict=True) for x in row])
    return later * bracket.solve(later.transpose())


def _rows(matrix: arb_mat) -> list[list[arb]]:
    return [list(row) for row in matrix.table()]


def _worst_bound(gram: arb_mat) -> float:
    roots = [abs(gram[i, i]).sqrt() for i in range(gram.nrows())]
    if not all(root > 0 for root in roots):
        return math.inf
    bounds = (
        float((gram[i, j].rad() / (roots[i] * roots[j])).upper())
        for i in range(len(roots))
        for j in range(i + 1)
    )
    return max(bounds)


def limit(eigenvalues: Any, start: Any, time: float) -> tuple[arb_mat, int]:
    """Diag of the d largest positive eigenvalues, checked to be reached."""
    d = start.shape[1]
    size = len(eigenvalues)
    order = np.argsort(-eigenvalues, kind="stable")
    learned = order[:d][eigenvalues[order[:d]] > 0]
    rates = np.append(eigenvalues[order], -np.inf)
    gap = rates[len(learned) - 1] - max(rates[len(learned)], 0.0)
    if gap * time / 2 < 50:
        raise SystemExit(f"V {size}, d {d}: e^-{gap * time / 2:.0f} is no limit reached")
    ctx.prec = 256
    found = arb_mat(size, size)
    for k in learned.tolist():
        found[k, k] = arb(eigenvalues[k])
    return found, ctx.prec


def errors(coordinates: Any, expected: arb_mat, bits: int) -> tuple[float, float]:
    """||A A^T - G||_F / ||G||_F, and the largest |A A^T - G|_ij / sqrt(G_ii G_jj).

    The second over rows that float64 can hold and that the reference gives.
    """
    ctx.prec = bits
    size = len(coordinates)
    a = arb_mat(*coordinates.shape, coordinates.ravel().tolist())
    difference = a * a.transpose() - expected
    ctx.prec = 128
    roots = [abs(expected[i, i]).sqrt() for i in range(size)]
    held = [i for i in range(size) if roots[i] > 1e-290]
    above, below, worst = arb(0), arb(0), 0.0
    for i in range(size):
        for j in range(size):
            above += difference[i, j] ** 2
            below += expected[i, j] ** 2
    for i in held:
        for j in held:
            worst = max(worst, float(abs(difference[i, j]) / (roots[i] * roots[j])))
    return float((above / below).sqrt()), worst


if __name__ == "__main__":
    main()
