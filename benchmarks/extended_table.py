"""Write the table of `benchmarks.extended_precision`; needs no python-flint."""

from typing import Any

PRODUCTS = (1e-8, 1.0, 20.0, 1e3, 1e6)  # lambda_1 t


def section(results: dict[str, Any]) -> list[str]:
    """Lines of a document: the largest errors at each V and lambda_1 t."""
    rows = results["rows"]
    lines = [
        "## The exact solution against thousands of bits",
        "",
        "Written by `python -m benchmarks.extended_precision`; eigenvalues 40 k^-0.6, every third "
        "one negative; Gaussian starts; d = 1, V/4 and V. Largest relative error of W Wᵀ in the "
        "Frobenius norm, and in brackets of an entry, relative to √(G_ii G_jj).",
        "",
        "| V | " + " | ".join(f"λ₁t = {product:g}" for product in PRODUCTS) + " |",
        "|---" * (len(PRODUCTS) + 1) + "|",
    ]
    for size in sorted({row["V"] for row in rows}):
        cells = []
        for product in PRODUCTS:
            here = [row for row in rows if row["V"] == size and row["lambda_1 t"] == product]
            relative = max(row["relative_error"] for row in here)
            entry = max(row["row_error"] for row in here)
            mark = "*" if any(row["reference"] == "limit" for row in here) else ""
            cells.append(f"{relative:.0e} ({entry:.0e}){mark}")
        lines.append(f"| {size} | " + " | ".join(cells) + " |")
    bits = max(row["bits"] for row in rows)
    lines += [
        "",
        f"Reference: the one-shot formula in ball arithmetic of up to {bits:,} bits, every entry "
        "proved to 90 bits; with *, the limit of long times.",
        "",
    ]
    return lines
