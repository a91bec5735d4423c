"""``repsearch solve``: from counts to eigenpairs and embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from repsearch.cli import options


def solve(
    counts: Annotated[
        Path | None,
        typer.Argument(help="Counts file; the carried counts by default.", show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Spectrum file to write.")] = Path(
        "spectrum.safetensors"
    ),
    embeddings: Annotated[
        Path | None,
        typer.Option(help="Also write embeddings: .vec, .bin, .glove, .safetensors or .npz."),
    ] = None,
    target: Annotated[
        Literal["mstar", "ppmi", "pmi"], typer.Option(help="M*, PPMI (shifted by log k), or PMI.")
    ] = "mstar",
    d: options.Dimension = 200,
    weights: Annotated[
        Literal["setting31", "word2vec"],
        typer.Option(help="Of M*: the paper's Setting 3.1, or word2vec's sampling."),
    ] = "setting31",
    negatives: Annotated[float, typer.Option(help="Negative pairs per positive pair, k.")] = 1.0,
    zeros: Annotated[
        Literal["exact", "smooth", "neutral"],
        typer.Option(help="Of M*: pairs never seen have -2, a little more, or 0."),
    ] = "exact",
    smoothing: Annotated[
        float, typer.Option(help="Share of independence mixed in by --zeros smooth.")
    ] = 0.01,
    method: Annotated[
        Literal["auto", "dense", "krylov"], typer.Option(help="LAPACK or Lanczos.")
    ] = "auto",
    dtype: options.DType = "float32",
    device: options.Device = "cpu",
    threads: options.Threads = None,
    seed: options.Seed = 0,
    settings: options.Settings = None,
) -> None:
    """Find the leading eigenpairs of M* (or PPMI, PMI), by signed value, with residuals."""
    import repsearch
    from repsearch.cli.bars import Bars
    from repsearch.data import carried_counts

    with Bars() as bars:
        found = repsearch.Counts.open(counts) if counts is not None else carried_counts()
        if target == "mstar":
            kind = repsearch.Setting31 if weights == "setting31" else repsearch.Word2Vec
            weighting = kind(negatives=negatives)
            matrix = repsearch.mstar(
                found, weighting, zeros=zeros, smoothing=smoothing, dtype=dtype
            )
        elif target == "ppmi":
            matrix = repsearch.shifted_ppmi(found, negatives=negatives, dtype=dtype)
        else:
            matrix = repsearch.pmi(found, dtype=dtype)
        spectrum = repsearch.eigenpairs(
            matrix,
            d,
            method=method,
            dtype=dtype,
            seed=seed,
            threads=threads,
            device=device,
            progress=bars,
        )
        if embeddings is not None:
            spectrum.embeddings().save(embeddings)
        spectrum.save(out)
    console = Console()
    console.print(repr(spectrum), soft_wrap=True, highlight=False)
    console.print(f"Spectrum: {out.resolve()}", soft_wrap=True, highlight=False)
    if embeddings is not None:
        console.print(f"Embeddings: {embeddings.resolve()}", soft_wrap=True, highlight=False)
