"""Write docs/gpu.md from the JSON of ``python -m benchmarks.gpu``.

python -m benchmarks.gpu_table
"""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "gpu-h200.json"
PAGE = ROOT / "docs" / "gpu.md"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(json.loads(RESULTS.read_text("utf-8"))), "utf-8")


def page(found: dict[str, Any]) -> str:
    """Give the page as Markdown.

    Parameters
    ----------
    found : dict
        What ``python -m benchmarks.gpu`` wrote.

    Returns
    -------
    str
    """
    machine, versions = found["machine"], found["versions"]
    lines = [
        "# On a GPU",
        "",
        "Written by `python -m benchmarks.gpu_table` from `benchmarks/gpu-h200.json`, which "
        "`python -m benchmarks.gpu FILE` wrote on a machine with one; what is edited here is lost.",
        "",
        f"{machine['gpu']} ({machine['gpu_memory']}), torch {versions['torch']}, Triton "
        f"{machine['triton']}, {found['date']}. {found['words']:,} words, d = "
        f"{found['dimension']}, {found['density']:.0%} of pairs seen, tied weights, float32.",
        "",
        "## Milliseconds of a full-batch gradient",
        "",
        "The floor is what torch takes for as many operations in large square products of the same "
        "precision. The quartic step is measured by one dense product M W.",
        "",
        "| loss, weights | products | floor | tiles | fused kernel | fused / floor |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for weights, by_products in found["sgns"].items():
        for products, row in by_products.items():
            lines.append(
                f"| SGNS, {weights} | {products} | {row['floor_ms']:.2f} | "
                f"{row['tiles']['ms']:.2f} | {row['fused']['ms']:.2f} | "
                f"{row['fused']['ratio']:.1f} |"
            )
    for products, row in found["quartic"].items():
        lines.append(
            f"| quartic, Setting 3.1 | {products} | {row['dense_product_ms']:.2f} | "
            f"{row['ms']:.2f} | | |"
        )
    lines += [
        "",
        "`repsearch train --device cuda` takes tiles, not the fused kernel, so SGNS trains at the "
        "speed of that column; the kernel is reached through "
        "`repsearch.training.objectives.fused_sgns.FusedSgns`.",
        "",
        "## Relative distance of gradients from float64",
        "",
        "| weights | way, products | distance |",
        "|---|---|---:|",
    ]
    lines += [
        f"| {weights} | {way} | {error:.1e} |"
        for weights, row in found["correctness"].items()
        for way, error in row.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
