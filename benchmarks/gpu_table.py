"""Write docs/gpu.md from the JSON of ``python -m benchmarks.gpu``.

python -m benchmarks.gpu_table
"""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "gpu-h200.json"
PAGE = ROOT / "docs" / "gpu.md"

PICKED = """\
## What is picked

`full_batch` picks by the loss, the device and the precision; the run's settings (`gradient`) and
`repsearch train` say what was picked:

| loss, weights | float32, tf32 or bfloat16 | float32, full | float64 |
|---|---|---|---|
| SGNS, d up to 256, Triton there, 8 V^2 bytes free | fused kernel | tiles | tiles |
| SGNS otherwise; any other loss or weights | tiles | tiles | tiles |
| quartic, Setting 3.1 | products with M* | products with M* | products with M* |

float32 on a GPU has tf32 products unless others are asked for. In tiles and in products with M*
these are TF32, 11 bits; the kernel multiplies halves of bfloat16 there, 16 bits, for that is
faster, and works out the loss in full. "Full" goes by tiles, whose products are the vendor's: the
kernel multiplies outside the tensor cores there.

## What crosses over

A gradient reads no number back and sends none. An accepted step of `RungeKutta`, `Chebyshev` or
`Exponential` reads one, the error by modes (`tests/repsearch/training/test_on_a_device.py` counts
them on the processor). Where products are rounded it reads one more about every 25 steps; the
spectral radius reads once for 5 gradients, a recorded row the loss and d x d numbers for the
singular values. `Exponential` sends its coefficients, once a try.

The error by modes is measured on a device by the largest singular value of the change over all
modes, from a Cholesky factor of the Gram matrix. It is at least what the processor measures, and
at most d^(1/2) times that, so a device may take somewhat shorter steps.

## Rounding and the size of steps

Rounded products put into the estimated error of a step what shorter steps do not mend. It is
measured, by the same step from weights turned by an orthogonal matrix, and taken off the estimate;
`run.notes` and `repsearch train` say in how many steps it hid the error from `rtol`. With rounding
emulated on the processor steps are held to a multiple of those of full products
(`tests/repsearch/training/test_rounding.py`): 1.4 times the gradients for tf32 and 2.5 times for
bfloat16 with `RungeKutta`, 3 times with `Chebyshev` and tf32. `Chebyshev` with bfloat16 is not held
to any: under stiff weights it takes many more.

## Bits

Sums have a fixed order, and a run is made to give the same bits on the same card;
`python -m benchmarks.gpu` makes 20 steps again and compares. How sums are divided depends on the
number of multiprocessors, and cuBLAS chooses by the card, so across cards the last bits differ.
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(json.loads(RESULTS.read_text("utf-8"))), "utf-8")


def page(found: dict[str, Any]) -> str:
    """Give the page as Markdown.

    Parameters
    ----------
    found : dict
        What ``python -m benchmarks.gpu`` wrote, now or before it had parts.

    Returns
    -------
    str
        With a table for each part that was measured, and the parts that were not.
    """
    machine, versions = found["machine"], found["versions"]
    parts = found["parts"]
    lines = [
        "# On a GPU",
        "",
        "Written by `python -m benchmarks.gpu_table` from `benchmarks/gpu-h200.json`, which "
        "`python -m benchmarks.gpu FILE` wrote on a machine with one; what is edited here is lost.",
        "",
        *PICKED.splitlines(),
        "",
        "## Measured",
        "",
        f"{machine['gpu']} ({machine['gpu_memory']}), torch {versions['torch']}, Triton "
        f"{machine['triton']}, {found['date']}. {found['words']:,} words of made-up counts, d = "
        f"{found['dimension']}, {found['density']:.0%} of pairs seen, tied weights, float32.",
        "",
    ]
    for remark in found.get("remarks", ()):
        lines += [remark, ""]
    for table in (_gradients, _steps, _flows, _eigenpairs, _minimum, _kernel, _bits, _distances):
        lines += table(parts)
    if "counting" in found:
        lines += _counting(found["counting"])
    missing = [
        f"{name} ({part['skipped']})" if "skipped" in part else name
        for name, part in parts.items()
        if "failed" in part or "skipped" in part
    ]
    if missing:
        lines += ["## Not measured", "", "Failed, or left out: " + ", ".join(missing) + ".", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _rows(part: dict[str, Any]) -> dict[str, Any]:
    """Give the tables of a part by name, without its seconds and what failed."""
    return {name: row for name, row in part.items() if isinstance(row, dict)}


def _counting(found: dict[str, Any]) -> list[str]:
    return [
        f"### Counting on the machine's processors, `{found['command']}`",
        "",
        "Synthetic text of 20 million tokens, 10,000 words; the triad is what memory can do.",
        "",
        "| threads | tokens a second | speed-up | processors busy | triad, GB a second |",
        "|---:|---:|---:|---:|---:|",
        *(
            f"| {row['threads']} | {row['million_tokens_per_second']} M | {row['speed_up']:.1f} "
            f"| {row['processors_busy']:.1f} | {row['triad_gb_per_second']} |"
            for row in found["rows"]
        ),
        "",
        found["limit"],
        "",
    ]


def _gradients(parts: dict[str, Any]) -> list[str]:
    lines = [
        "### Milliseconds of a full-batch gradient",
        "",
        "The floor is what torch takes for as many operations in large square products of the same "
        "precision. The quartic gradient is measured by one dense product M W.",
        "",
        "| loss, weights | products | floor | tiles | fused kernel | best / floor |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for name, weights in (("gradient", "Setting 3.1"), ("gradient_word2vec", "word2vec")):
        for products, row in _rows(parts.get(name, {})).items():
            if "tiles" not in row:
                continue
            fused = row.get("fused")
            kernel = f"{fused['ms']:.2f}" if fused else ""
            best = min(way["ratio"] for way in (row["tiles"], fused) if way)
            lines.append(
                f"| SGNS, {weights} | {products} | {row['floor_ms']:.2f} | "
                f"{row['tiles']['ms']:.2f} | {kernel} | {best:.1f} |"
            )
    for products, row in _rows(parts.get("quartic", {})).items():
        lines.append(
            f"| quartic, Setting 3.1 | {products} | {row['dense_product_ms']:.2f} | "
            f"{row['ms']:.2f} | | {row['ms'] / row['dense_product_ms']:.1f} |"
        )
    return [*lines, ""]


def _steps(parts: dict[str, Any]) -> list[str]:
    rows = {name: row for name, row in _rows(parts.get("step", {})).items() if "ratio" in row}
    if not rows:
        return []
    lines = [
        "### A step of `RungeKutta`, SGNS, Setting 3.1",
        "",
        "| products | way | ms | gradients | over floors | launches | waits | copies to host |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for products, row in rows.items():
        seen = row.get("step_profile", {})
        lines.append(
            f"| {products} | {row['way']} | {row['ms']:.2f} | {row['gradients']:.1f} | "
            f"{row['ratio']:.1f} | {seen.get('launches', 0):.0f} | {seen.get('waits', 0):.1f} | "
            f"{seen.get('copies_from_device', 0):.1f} |"
        )
    return [*lines, ""]


def _flows(parts: dict[str, Any]) -> list[str]:
    lines = []
    for name in ("flow", "flow_bfloat16"):
        row = parts.get(name, {})
        if "steps" in row:
            stopped = f", stopped {row['stopped']}" if "stopped" in row else ""
            lines.append(
                f"| {row['products']} | {row['way']} | {row['reached']:.3g} of {row['until']:g}"
                f"{stopped} | {row['steps']:,} | {row['gradients']:,.0f} | {row['hidden']:,.0f} | "
                f"{row['wall_s']:.1f} |"
            )
    if not lines:
        return []
    return [
        "### SGNS from a start of 1e-3, Setting 3.1, 200 rows and 20 snapshots",
        "",
        "| products | way | flow time | steps | gradients | error hid by rounding | seconds |",
        "|---|---|---|---:|---:|---:|---:|",
        *lines,
        "",
    ]


def _eigenpairs(parts: dict[str, Any]) -> list[str]:
    part = parts.get("eigenpairs", {})
    lines = []
    for name, row in _rows(part).items():
        method, dtype = name.split("_")
        seconds = ", ".join(f"{s:.2f}" for s in row["s"])
        bare = part[f"eigh_{dtype}_s"]
        lines.append(
            f"| {method}, {dtype} | {seconds} | {bare:.2f} | {row['largest_residual']:.1e} | "
            f"{'yes' if row['same_bits'] else 'no'} |"
        )
    if not lines:
        return []
    return [
        "### Eigenpairs",
        "",
        "| method, precision | seconds, of two calls | bare eigh of the array | residual | "
        "same bits |",
        "|---|---:|---:|---:|---|",
        *lines,
        "",
    ]


def _minimum(parts: dict[str, Any]) -> list[str]:
    rows = {name: row for name, row in _rows(parts.get("minimum", {})).items() if "loss" in row}
    if not rows:
        return []
    return [
        "### The minimum of SGNS, word2vec.c's weights, untied, start and certificate included",
        "",
        "| products | seconds | status | loss | evaluations |",
        "|---|---:|---|---:|---:|",
        *(
            f"| {products} | {row['s']:.1f} | {row['status']} | {row['loss']:.6g} | "
            f"{row['evaluations']} |"
            for products, row in rows.items()
        ),
        "",
    ]


def _kernel(parts: dict[str, Any]) -> list[str]:
    part = parts.get("kernel", {})
    lines = [
        f"| {name} | {ms:.2f} |"
        for name, ms in part.items()
        if isinstance(ms, float) and name != "seconds"
    ]
    if not lines:
        return []
    return [
        "### The fused kernel in other tiles",
        "",
        "| products, tile | ms |",
        "|---|---:|",
        *lines,
        "",
    ]


def _bits(parts: dict[str, Any]) -> list[str]:
    part = parts.get("same_bits", {})
    found = [(name, same) for name, same in part.items() if isinstance(same, bool)]
    if not found:
        return []
    said = "; ".join(f"{name}: {'yes' if same else 'no'}" for name, same in found)
    return ["### Whether 20 steps made again have the same bits", "", f"{said}.", ""]


def _distances(parts: dict[str, Any]) -> list[str]:
    lines = [
        f"| {weights} | {way} | {error:.1e} |"
        for weights, row in _rows(parts.get("correctness", {})).items()
        for way, error in row.items()
    ]
    if not lines:
        return []
    return [
        "### Relative distance of gradients from float64",
        "",
        "| weights | way, products | distance |",
        "|---|---|---:|",
        *lines,
        "",
    ]


if __name__ == "__main__":
    main()
