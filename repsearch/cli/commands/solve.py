"""Solve for eigenpairs and embeddings from counts: ``repsearch solve``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from repsearch.cli import options
from repsearch.cli.answer import give, give_result, say, tell_dry, tell_expected, tell_notes, wrote
from repsearch.cli.opened import COUNTS, counts_of, size_of_counts
from repsearch.cli.unused import refuse_unused
from repsearch.errors import InputError

if TYPE_CHECKING:
    from probes.studies.over_time import TrainingOverTime
    from repsearch import SingularTriplets, Spectrum, Target
    from repsearch.cli.bars import Bars
    from repsearch.spectrum.leading import Rank


def solve(
    counts: Annotated[
        Path | None,
        typer.Argument(help=COUNTS, show_default=False),
    ] = None,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="Spectrum file to write.", callback=options.tried_file),
    ] = Path("spectrum.safetensors"),
    embeddings: Annotated[
        Path | None,
        typer.Option(
            help="Also write embeddings: .vec, .bin, .glove, .safetensors or .npz. With --times, "
            "emb.vec becomes emb-1.vec, emb-2.vec, ...; with --untied, contexts go beside it.",
            show_default=False,
            callback=options.tried_file,
        ),
    ] = None,
    target: Annotated[
        Literal["mstar", "ppmi", "pmi"], typer.Option(help="M*, PPMI (shifted by log k), or PMI.")
    ] = "mstar",
    d: options.Dimension = None,
    weights: Annotated[
        Literal["setting31", "word2vec", "word2vec.c"],
        typer.Option(
            help="Of M*: the paper's Setting 3.1; its formula for word2vec's sampling; or that "
            "sampling as word2vec.c and gensim do it."
        ),
    ] = "setting31",
    negatives: Annotated[float, typer.Option(help="Negative pairs per positive pair, k.")] = 1.0,
    subsample: options.Subsample = None,
    zeros: Annotated[
        Literal["exact", "smooth", "neutral"],
        typer.Option(help="Of M*: pairs never seen have -2, a little more, or 0."),
    ] = "exact",
    smoothing: Annotated[
        float, typer.Option(help="Share of independence mixed in by --zeros smooth.")
    ] = 0.01,
    context_exponent: Annotated[
        float,
        typer.Option(
            help="Of PMI and PPMI: smooth the distribution of contexts by this power (Levy et al. "
            "advise 0.75). Below 1 words and contexts differ: needs --untied.",
        ),
    ] = 1.0,
    exponent: Annotated[
        float,
        typer.Option(
            help="Power of the eigenvalues (or singular values) in --embeddings, from 0 to 1; only "
            "1/2 is where training ends.",
        ),
    ] = 0.5,
    method: Annotated[
        Literal["auto", "dense", "krylov"], typer.Option(help="LAPACK or Lanczos.")
    ] = "auto",
    tied: options.Tied = True,
    times: Annotated[
        str | None,
        typer.Option(
            help="Training over time, in a table beside the spectrum: flow times 0.01,0.1,1 or, "
            "geometric, first:last:number.",
            show_default=False,
        ),
    ] = None,
    start: Annotated[
        Literal["aligned", "gaussian", "vanishing"] | None,
        typer.Option(
            help="W(0) for --times: along the eigenvectors, random (the default), or the limit "
            "of a small random start.",
            show_default=False,
        ),
    ] = None,
    init: options.Init = None,
    dtype: options.DType = "float32",
    device: options.Device = "cpu",
    memory: options.PairMemory = None,
    threads: options.Threads = None,
    seed: options.Seed = 0,
    dry_run: options.DryRun = False,
    settings: options.Settings = None,
) -> None:
    """Find the leading eigenpairs of M* (or PPMI, PMI), by signed value, with residuals.

    Untied weights learn those of largest magnitude, so --untied takes these; of counts or
    contexts that are not symmetric it takes singular vectors, of words and contexts apart.
    With --times, training is followed in closed form: 'repsearch predict'
    tells which times matter.
    """
    from probes.studies.estimates import solving
    from repsearch import eigenpairs
    from repsearch.cli.bars import Bars
    from repsearch.embeddings.formats import format_to_write
    from repsearch.spectrum.eigensolver import is_dense
    from repsearch.spectrum.positive import DEFAULT_DIMENSION, positive_pairs
    from repsearch.spectrum.singular import singular_triplets, triplets_to_rank
    from repsearch.storage.mapped import is_mapped
    from repsearch.storage.memory import in_bytes
    from repsearch.target.by_name import target_called

    if times is None and (start is not None or init is not None):
        raise InputError("--start and --init say where training starts; give --times as well")
    if target != "mstar":
        refuse_unused(("weights", "subsample", "zeros", "smoothing"), "for --target mstar")
    if target == "pmi":
        refuse_unused(("negatives",), "for --target mstar and ppmi")
    if target == "mstar":
        refuse_unused(("context_exponent",), "for --target pmi and ppmi")
    if embeddings is None:
        refuse_unused(("exponent",), "of no use without --embeddings")
    if times is not None:
        refuse_unused(("exponent",), "of no use with --times")
    if zeros != "smooth":
        refuse_unused(("smoothing",), "for --zeros smooth")
    at = None if times is None else options.times_of(times)
    scale = options.size_of_start(init)
    if not 0 <= exponent <= 1:
        raise InputError(f"--exponent is {exponent:g}; pass a number from 0 to 1")
    if embeddings is not None:
        format_to_write(embeddings)  # says now that there is no such format
    limit = None if memory is None else options.bytes_of(memory)
    notes: list[str] = []
    with Bars() as bars:
        sizes = size_of_counts(counts)
        size = min(DEFAULT_DIMENSION, sizes.words) if d is None else d
        by: Rank = "value" if tied else "magnitude"
        expected = None
        if device == "cpu" and sizes.sides == 1 and context_exponent == 1:
            expected = solving(
                sizes, size, dense=is_dense(sizes.words, size, by, method),
                dtype=dtype, memory=limit, threads=threads,
            )  # fmt: skip
            expected.check(
                f"{size:,} eigenpairs of {sizes.words:,} words",
                "take fewer (-d), keep pairs in scratch files (--memory 0), or count fewer words "
                "(count -V)"
                if not expected.scratch
                else "take fewer (-d), or count fewer words (count -V)",
            )
        elif dry_run:
            raise InputError(
                "--dry-run knows eigenpairs of counts alike in both orders, on the CPU; leave it "
                "out"
            )
        if dry_run:
            if not 1 <= size <= sizes.words:
                raise InputError(
                    f"-d is {size:,}; pass a number from 1 to {sizes.words:,}, the words"
                )
            tell_dry(expected)
            return
        tell_expected(expected)
        counted = counts_of(counts, sided=True, memory=limit)
        if is_mapped(counted.columns):
            pairs = f"the {sizes.pairs:,} pairs are kept in scratch files ($TMPDIR)"
            notes.append(
                f"{pairs}, for they would take more than {in_bytes(limit)} of memory"
                if limit is not None
                else f"{pairs}, for they would take more than half of the free memory"
            )
        matrix = target_called(
            target,
            counted,
            weights=weights,
            negatives=negatives,
            subsample=subsample,
            zeros=zeros,
            smoothing=smoothing,
            context_exponent=context_exponent,
            dtype=dtype,
        )
        if not matrix.symmetric:
            _check_two_sided(matrix, tied=tied, times=times, device=device)
            triplets = (triplets_to_rank if d is None else singular_triplets)(
                matrix, size, method=method, dtype=dtype, seed=seed, threads=threads, progress=bars
            )
            tell_more = _save_triplets(triplets, embeddings, exponent)
            triplets.save(out)
            tell_notes([*notes, *_fewer_than_default(triplets, d)])
            _tell_triplets(triplets, out)
            tell_more()
            return
        spectrum = eigenpairs(
            matrix,
            size,
            by=by,
            method=method,
            dtype=dtype,
            seed=seed,
            threads=threads,
            device=device,
            progress=bars,
        )
        if d is None and tied:
            spectrum = positive_pairs(spectrum)
        if d is None and spectrum.dimension < DEFAULT_DIMENSION:
            pairs = f"{spectrum.dimension:,} eigenpair{'s' * (spectrum.dimension != 1)}"
            if spectrum.dimension < size:
                one = spectrum.dimension == 1
                pairs += f" with {'a positive eigenvalue' if one else 'positive eigenvalues'}"
            notes.append(
                f"{pairs} instead of the {DEFAULT_DIMENSION} "
                f"of the default, for there are no more of {len(counted.words):,} words"
            )
        if at is None:
            tell_more = _save_minimiser(spectrum, embeddings, tied=tied, exponent=exponent)
        else:
            from probes.studies.over_time import training_over_time

            found = training_over_time(
                spectrum, at, start=start or "gaussian", scale=scale, seed=seed, tied=tied
            )
            tell_more = _save_over_time(found, embeddings, out, bars)
        spectrum.save(out)
    tell_notes(notes)
    say(repr(spectrum))
    give(
        target=spectrum.target,
        words=len(spectrum.words),
        d=spectrum.dimension,
        eigenvalues=spectrum.eigenvalues,
        residuals=spectrum.residuals,
    )
    wrote("Spectrum", out)
    tell_more()


def _check_two_sided(matrix: Target, *, tied: bool, times: str | None, device: str) -> None:
    """Refuse what only eigenpairs can give, of a target that has none."""
    if tied:
        raise InputError(
            f"{matrix.name} is not symmetric, so that it has no eigenpairs; add --untied, and its "
            "singular vectors are taken, of words and contexts apart"
        )
    if times is not None:
        raise InputError(
            f"{matrix.name} is not symmetric, and --times follows training by eigenpairs; leave "
            "it out"
        )
    if device != "cpu":
        raise InputError(
            f"{matrix.name} is not symmetric, and singular vectors are found on the CPU; leave out "
            "--device"
        )


def _save_triplets(
    triplets: SingularTriplets, embeddings: Path | None, exponent: float
) -> Callable[[], None]:
    """Write embeddings of words and of contexts; what is given back says where they are."""
    from probes.studies.over_time import Snapshot, save_snapshot

    if embeddings is None:
        return lambda: None
    words = triplets.embeddings(exponent=exponent)
    contexts = triplets.contexts(exponent=exponent)
    names = save_snapshot(Snapshot(float("inf"), words, contexts), embeddings)
    return lambda: wrote("Embeddings", *(embeddings.parent / str(one) for one in names.values()))


def _fewer_than_default(triplets: SingularTriplets, d: int | None) -> list[str]:
    """A note where there are not as many singular values as the default asks for."""
    from repsearch.spectrum.positive import DEFAULT_DIMENSION

    found = len(triplets.values)
    if d is not None or found == DEFAULT_DIMENSION:
        return []
    return [
        f"{found:,} singular value{'s' * (found != 1)} instead of the {DEFAULT_DIMENSION} of the "
        f"default, for there are no more of {len(triplets.words):,} words"
    ]


def _tell_triplets(triplets: SingularTriplets, out: Path) -> None:
    say(repr(triplets))
    give(
        target=triplets.target,
        words=len(triplets.words),
        d=len(triplets.values),
        singular_values=triplets.values,
        residuals=triplets.residuals,
    )
    wrote("Singular vectors", out)


def _save_minimiser(
    spectrum: Spectrum, embeddings: Path | None, *, tied: bool, exponent: float
) -> Callable[[], None]:
    """Write the embeddings that training ends with; what is given back says where they are."""
    from probes.studies.over_time import minimiser, save_snapshot

    if embeddings is None:
        return lambda: None
    names = save_snapshot(minimiser(spectrum, tied=tied, exponent=exponent), embeddings)
    return lambda: wrote("Embeddings", *(embeddings.parent / str(one) for one in names.values()))


def _save_over_time(
    found: TrainingOverTime, embeddings: Path | None, out: Path, bars: Bars
) -> Callable[[], None]:
    """Write the table over time and, if asked for, the embeddings; what is given back says so."""
    from probes.studies.over_time import save_snapshots
    from repsearch.storage.tables import write_table

    bars("over time", 0, 1, "tables")
    rows = found.table() if embeddings is None else save_snapshots(found, embeddings)
    name = f"{out.stem}-times"
    write_table(rows, out.parent, name)
    bars("over time", 1, 1, "tables")

    def tell_more() -> None:
        say(found.summary())
        give_result(found)
        wrote("Table over time", *(out.parent / f"{name}.{kind}" for kind in ("csv", "json")))
        if embeddings is not None:
            wrote("Embeddings", *(embeddings.parent / str(row["embeddings"]) for row in rows))

    return tell_more
