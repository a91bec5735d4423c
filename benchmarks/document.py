"""Write docs/benchmarks.md from the results."""

from typing import Any

from benchmarks.extended_table import section


def markdown(results: dict[str, Any], extended: dict[str, Any]) -> str:
    """The document, with every figure taken from `results`, and from `extended` precision."""
    encoding, counting = results["encoding"], results["counting"]
    lanczos, full = results["lanczos_10k"], results["full_10k"]
    rates = counting["tokens_per_second"]
    lines = [
        "# Benchmarks",
        "",
        "Written by `make benchmarks` (`python -m benchmarks`) from `benchmarks/results.json`; "
        "nothing here is typed by hand. Each measurement runs in a process of its own, whose "
        "peak memory is given; compiled kernels are warmed up first.",
        "",
        f"Date: {results['date']}. Text: `{results['text']}` "
        f"({encoding['words']:,} words of English Wikipedia).",
        "",
        *_facts("Machine", results["machine"]),
        *_facts("Versions", results["versions"]),
        "",
        "## Text to corpus",
        "",
        f"From the compressed file to the encoded corpus on disk, 10,000 words: "
        f"{encoding['seconds']:.1f} s, **{encoding['words_per_second'] / 1e6:.1f} M words a "
        f"second**, {encoding['peak_gib']:.2f} GiB.",
        "",
        "## Counting",
        "",
        "Window 16, linear weights, 10,000 words. The reference's way (a dense pair of float32 "
        "arrays, one thread, `benchmarks/reference_counting.py`) and ours run in turn in one "
        "process; medians.",
        "",
        "| | tokens a second | ratio |",
        "|---|---|---|",
        f"| reference's way, one thread | {rates['reference'] / 1e6:.1f} M | 1 |",
        f"| ours, one thread | {rates['one thread'] / 1e6:.1f} M | "
        f"**{counting['ratio_one_thread']:.1f}** |",
        f"| ours, two threads | {rates['two threads'] / 1e6:.1f} M | "
        f"**{counting['ratio_two_threads']:.1f}** |",
        "",
        "| vocabulary | tokens | pairs stored | seconds | peak memory |",
        "|---|---|---|---|---|",
        *(_counts_row(results[key]) for key in ("counts_10k", "counts_100k")),
        "",
        "## Eigenpairs of M*",
        "",
        "| | words | pairs | seconds | largest residual / λ₁ | peak memory |",
        "|---|---|---|---|---|---|",
        *(_spectrum_row(results[key]) for key in ("lanczos_10k", "lanczos_100k")),
        f"| full eigendecomposition, float64, LAPACK | {lanczos['words']:,} | "
        f"{lanczos['words']:,} | {full['seconds']:.1f} | | {full['peak_gib']:.1f} GiB |",
        "",
        f"At 10,000 words Lanczos is **{full['seconds'] / lanczos['seconds']:.1f} times** as fast "
        f"as the full decomposition. There λ₁ = {full['first_eigenvalue']:,.0f}, the most negative "
        f"eigenvalue is {full['most_negative_eigenvalue']:,.0f}, and "
        f"{full['non_negative_eigenvalues']:,} are not negative.",
        "",
        "## Trajectories",
        "",
        f"Measured {results['trajectories']['date']}: "
        f"{results['trajectories']['aligned']['times']} flow times of "
        f"{results['trajectories']['words']:,} words, d = {results['trajectories']['d']}, from "
        "eigenpairs in float32; seconds for all of them.",
        "",
        "| start | singular values | loss | every embedding |",
        "|---|---|---|---|",
        *(_trajectory_row(name, results["trajectories"][name]) for name in ("aligned", "Gaussian")),
        "",
        *section(extended),
        "## Scores",
        "",
        "Google analogies, re-paired, d = 200, 10,000 words; 95 % intervals from effective trials "
        "(analogies) and resampled pairs of words (Spearman). The last column counts the questions "
        "that no method can answer as wrong, as the paper does.",
        "",
        "| target | analogies | mean of families | WordSim-353 | MEN | SimLex-999 | as the paper |",
        "|---|---|---|---|---|---|---|",
        *(_score_row(name, results["scores_10k"][name]) for name in ("M*", "PPMI", "PMI")),
        "",
        "Paired differences in analogy accuracy: "
        + "; ".join(
            f"{name}: {_percent(interval)}"
            for name, interval in results["scores_10k"]["differences"].items()
        )
        + ".",
        "",
        f"Scoring {results['scores_10k']['M*']['questions']:,} questions, intervals included, "
        f"takes {results['scores_10k']['M*']['scoring_seconds']:.2f} s.",
        "",
    ]
    return "\n".join(lines)


def _facts(title: str, facts: dict[str, str]) -> list[str]:
    return [f"{title}: " + ", ".join(f"{key} {value}" for key, value in facts.items()) + ".", ""]


def _counts_row(row: dict[str, Any]) -> str:
    return (
        f"| {row['words']:,} | {row['tokens']:,} | {row['pairs']:,} | {row['seconds']:.1f} | "
        f"{row['peak_gib']:.2f} GiB |"
    )


def _spectrum_row(row: dict[str, Any]) -> str:
    residual = row["largest_residual_over_first_eigenvalue"]
    return (
        f"| Lanczos, float32 | {row['words']:,} | {row['d']} | {row['seconds']:.1f} | "
        f"{residual:.1e} | {row['peak_gib']:.2f} GiB |"
    )


def _trajectory_row(name: str, row: dict[str, Any]) -> str:
    return (
        f"| {name} | {row['singular_values_seconds']:.4f} | {row['loss_seconds']:.4f} | "
        f"{row['embeddings_seconds']:.2f} |"
    )


def _percent(interval: list[float]) -> str:
    value, low, high = (100 * number for number in interval)
    return f"{value:.1f} % [{low:.1f}, {high:.1f}]"


def _score_row(name: str, row: dict[str, Any]) -> str:
    similar = " | ".join(
        f"{value:.3f} [{low:.3f}, {high:.3f}]" for value, low, high in row["similarity"].values()
    )
    return (
        f"| {name} | {_percent(row['micro'])} | {_percent(row['macro'])} | {similar} | "
        f"{_percent(row['micro_with_unanswerable_as_wrong'])} |"
    )
