"""Draw our figure 4 beside the paper's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.concepts.document import IN_PAPER
from probes.drawing.style import MARKERS, MUTED, PALETTE, WIDTH, styled


def draw(results: dict[str, Any], path: Path) -> None:
    """SNR and accuracy against dimension, solid here and dashed in the paper."""
    dims, paper = results["dims"], results["paper"]
    found = {one["family"]: one for one in results["families"]}
    with styled():
        figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
        signal, accuracy = figure.subplots(1, 2, sharex=True)
        for number, (family, named) in enumerate(IN_PAPER.items()):
            look = {"color": PALETTE[number], "markersize": 3, "linewidth": 1.3}
            one = found[family]
            signal.plot(dims, one["published"], marker=MARKERS[number], label=named, **look)
            accuracy.plot(dims, [s[0] for s in one["accuracy"]], marker=MARKERS[number], **look)
            for ax, key in ((signal, "snr"), (accuracy, "acc")):
                known = [
                    (d, value)
                    for d, value in zip(paper["d"], paper[named][key], strict=True)
                    if value is not None
                ]
                ax.plot(*zip(*known, strict=True), color=PALETTE[number], linestyle=(0, (3, 2)))
        signal.set_yscale("log")
        signal.set_yticks([1, 2, 5, 10, 20], labels=["1", "2", "5", "10", "20"])
        signal.set_ylabel("the paper's SNR")
        accuracy.set_ylabel("analogy accuracy")
        for ax in (signal, accuracy):
            ax.set_xscale("log", base=2)
            ax.minorticks_off()
            ax.set_xticks([4, 16, 64, 256, 1024, 4096], labels=["4", "16", "64", "256", "1k", "4k"])
            ax.set_xlabel("dimension d")
            ax.grid(visible=True)
        accuracy.set_title("solid: here; dashed: the paper", loc="right", color=MUTED, fontsize=8.5)
        figure.legend(loc="outside upper left", ncols=5, fontsize=8.0)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=130)
