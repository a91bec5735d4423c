"""Count what stages do at small sizes: the exponents that CI holds, without a clock.

Each row of `COUNTED` is a quantity that is the same on any machine: passes over a text, entries
of a target, columns multiplied, pairs of words looked at, solutions, scores, calls of this
project's own functions, peak bytes of arrays. It says which exponent the quantity has, and where
the arithmetic gives the number itself, which multiple of it.
"""

import math
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any
from unittest import mock

import numpy as np

from benchmarks.growth import inputs
from benchmarks.growth.stages import STAGES, TINY, Sizes
from probes.shared.text_table import fixed_width
from repsearch import Setting31, eigenpairs, encode, mstar

SMALL: Sizes = TINY | {"tokens": 20_000, "V": 512}


@dataclass(frozen=True)
class Counted:
    """One quantity along one axis.

    Parameters
    ----------
    stage, quantity, axis : str
        What is counted, of which stage, while what grows.
    sizes : tuple of int
        Four sizes or more in geometric order.
    counted : callable
        From sizes to the number counted and the size it is set against.
    exponent : tuple of float
        Bounds of the log-log slope.
    ratio : tuple of float, optional
        Bounds of the number over what it is set against, at the largest size.
    """

    stage: str
    quantity: str
    axis: str
    sizes: tuple[int, ...]
    counted: Callable[[Sizes], tuple[float, float]]
    exponent: tuple[float, float]
    ratio: tuple[float, float] = (0, math.inf)

    @property
    def name(self) -> str:
        """Stage, quantity and axis."""
        return f"{self.stage}: {self.quantity} by {self.axis}"


@dataclass(frozen=True)
class Found:
    """What came of one row: slope over the three largest sizes, and ratio at the largest."""

    exponent: float
    ratio: float
    numbers: tuple[float, ...]

    def within(self, row: Counted) -> bool:
        """Whether slope and ratio are those of the row."""
        low, high = row.exponent
        least, most = row.ratio
        return low <= self.exponent <= high and least <= self.ratio <= most


def counted(row: Counted) -> Found:
    """Count at each size and take the slope."""
    pairs = [row.counted(SMALL | {row.axis: size}) for size in row.sizes]
    numbers = [number for number, _ in pairs]
    against = [size for _, size in pairs]
    slope = np.polyfit(np.log(against[-3:]), np.log(numbers[-3:]), 1)[0]
    return Found(float(slope), numbers[-1] / against[-1], tuple(numbers))


def table() -> str:
    """Count every row and lay them out."""
    rows = []
    for row in COUNTED:
        found = counted(row)
        rows.append(
            (
                row.name,
                f"{found.exponent:.2f}",
                f"{row.exponent[0]:g} to {row.exponent[1]:g}",
                f"{found.ratio:.4g}",
                "as written" if found.within(row) else "CHANGED",
            )
        )
    head = ("operations", "exponent", "written", "ratio", "verdict")
    return fixed_width(head, rows, left=(0, 4))


def calls(stage: str, **other: int) -> Callable[[Sizes], tuple[float, float]]:
    """Calls of this project's own functions, those of threads included, at other sizes given."""

    def of(sizes: Sizes) -> tuple[float, float]:
        call, _ = STAGES[stage](sizes | other)
        with counting_calls() as total:
            call()
        return total[0], math.nan

    return of


def by(axis: str, count_it: Callable[[Sizes], tuple[float, float]]) -> Any:
    """Set a number against a size that is set."""
    return lambda sizes: (count_it(sizes)[0], float(sizes[axis]))


def peak_bytes(stage: str) -> Callable[[Sizes], tuple[float, float]]:
    """Most bytes of Python's and NumPy's that a second call holds beyond what was there."""

    def of(sizes: Sizes) -> tuple[float, float]:
        call, _ = STAGES[stage](sizes)
        call()
        tracemalloc.start()
        try:
            call()
            return tracemalloc.get_traced_memory()[1], math.nan
        finally:
            tracemalloc.stop()

    return of


@contextmanager
def counting_calls() -> Iterator[list[int]]:
    """Count calls of functions whose file is in this project."""
    total = [0]
    own: dict[str, bool] = {}

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            name = frame.f_code.co_filename
            if name not in own:
                own[name] = "/repsearch/" in name.replace("\\", "/") or "/probes/" in name
            total[0] += own[name]

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield total
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


def passes(sizes: Sizes) -> tuple[float, float]:
    """Documents that the encoder takes from a text that can be read again, a list."""
    words = np.array(inputs.names(sizes["V"]), object)
    tokens = inputs.topical_tokens(sizes["tokens"], sizes["V"])
    documents = [" ".join(words[part]) for part in np.array_split(tokens, sizes["tokens"] // 250)]
    taken = [0]

    class Noted(list[str]):
        def __iter__(self) -> Iterator[str]:
            for document in list.__iter__(self):
                taken[0] += 1
                yield document

    encode(Noted(documents), vocabulary_size=None)
    return taken[0], len(documents)


def entries(sizes: Sizes) -> tuple[float, float]:
    """Pairs whose weights the target asks for."""
    counts = inputs.counts(sizes["tokens"], sizes["V"])
    asked = [0]
    plain = Setting31.of

    def of(self: Setting31, given: Any) -> Any:
        made = plain(self, given)

        class Noted:
            def __getattr__(self, name: str) -> Any:
                return getattr(made, name)

            def positive(self, i: Any, j: Any, p: Any, independent: Any) -> Any:
                asked[0] += len(p)
                return made.positive(i, j, p, independent)

        return Noted()

    with mock.patch.object(Setting31, "of", of):
        mstar(counts)
    return asked[0], len(counts.values)


def columns(sizes: Sizes) -> tuple[float, float]:
    """Columns that are multiplied by the matrix, those of residuals included."""
    target = mstar(inputs.counts(sizes["tokens"], sizes["V"]), dtype="float32")
    done = [0]

    class Noted:
        def __getattr__(self, name: str) -> Any:
            return getattr(target, name)

        def operator(self, *given: Any, **how: Any) -> Any:
            made = target.operator(*given, **how)
            plain = made.matmat

            def matmat(block: Any) -> Any:
                done[0] += block.shape[1]
                return plain(block)

            made.matmat = matmat
            return made

    eigenpairs(Noted(), sizes["d"], method="krylov", threads=1)  # type: ignore[arg-type]
    return done[0], sizes["d"]


def inner_products(sizes: Sizes) -> tuple[float, float]:
    """Inner products of words that one gradient of SGNS takes slopes of."""
    import torch

    from repsearch.training import Compute, Sgns, full_batch, pair_terms

    terms = pair_terms(inputs.counts(sizes["tokens"], sizes["V"]), Setting31(), np.float32)
    objective = full_batch(terms, Sgns(), tied=True, compute=Compute(dtype="float32", threads=1))
    sums = objective._sums
    plain, looked = sums._loss, [0]

    class Noted:
        def at(self, tile: Any, x: Any, **how: Any) -> Any:
            looked[0] += x.numel()
            return plain.at(tile, x, **how)

    sums._loss = Noted()
    objective.gradient(torch.ones(sizes["V"], sizes["d"]), 0)
    return looked[0], sizes["V"] ** 2


def evaluations(sizes: Sizes) -> tuple[float, float]:
    """Evaluations of the loss in so many iterations of the minimiser, its end left out."""
    from repsearch import Given, minimise
    from repsearch.minimum.descent import Descent
    from repsearch.training import Compute

    done = [0]
    plain = Descent._descend

    def noted(self: Descent, weights: Any) -> Any:
        found = plain(self, weights)
        done[0] += self.evaluations
        return found

    start = np.random.default_rng(0).standard_normal((sizes["V"], sizes["d"])) * 0.1
    with mock.patch.object(Descent, "_descend", noted):
        minimise(
            inputs.counts(sizes["tokens"], sizes["V"]),
            sizes["d"],
            tied=True,
            start=Given(start),
            iterations=sizes["iterations"],
            tolerance=1e-12,
            compute=Compute(dtype="float64", threads=1),
        )
    return done[0], sizes["iterations"]


def solutions(sizes: Sizes) -> tuple[float, float]:
    """Times at which the matrix Riccati solution is worked out for as many snapshots."""
    from repsearch.dynamics.closed_form import riccati

    with mock.patch.object(riccati, "solve_at", wraps=riccati.solve_at) as solved:
        STAGES["closed form"](sizes)[0]()
        return solved.call_count, sizes["times"]


def scores(sizes: Sizes) -> tuple[float, float]:
    """Scores of words as answers to questions."""
    from probes.analogy import search

    call, facts = STAGES["analogies"](sizes)
    with mock.patch.object(search, "keep_best", wraps=search.keep_best) as kept:
        call()
        total = sum(found.args[0].size for found in kept.call_args_list)
    return total, facts["questions"] * sizes["V"]


SAME = (0.98, 1.02)
"""Bounds of what is exactly one."""
NOT_AT_ALL = (-0.02, 0.02)

COUNTED = (
    Counted("encoding", "times a document is read", "tokens", (2_000, 4_000, 8_000, 16_000),
            passes, SAME, SAME),
    Counted("counting", "peak bytes", "tokens", (40_000, 80_000, 160_000, 320_000),
            by("tokens", peak_bytes("counting")), (0.6, 1.02), (8, 30)),
    Counted("target", "pairs weighed", "tokens", (5_000, 10_000, 20_000, 40_000),
            entries, SAME, SAME),
    Counted("eigenpairs, Lanczos", "columns multiplied", "d", (4, 8, 16, 32),
            columns, (0, 0.6), (8, 20)),
    Counted("eigenpairs, Lanczos", "columns multiplied", "V", (256, 512, 1_024, 2_048),
            by("V", columns), (0, 0.4)),
    Counted("gradient, SGNS", "inner products", "V", (256, 512, 1_024, 2_048),
            inner_products, (0.8, 1.02), (0.5, 0.65)),
    Counted("gradient, SGNS", "inner products", "d", (4, 8, 16, 32),
            by("d", inner_products), NOT_AT_ALL),
    Counted("minimum", "evaluations", "iterations", (5, 10, 20, 40),
            evaluations, (0.8, 1.02), (1, 1.3)),
    Counted("closed form", "solutions", "times", (2, 4, 8, 16), solutions, SAME, SAME),
    Counted("closed form", "peak bytes", "times", (16, 32, 64, 128),
            by("times", peak_bytes("closed form")), (-0.02, 0.15)),
    Counted("closed form", "peak bytes", "V", (256, 512, 1_024, 2_048),
            by("V", peak_bytes("closed form")), (0.9, 1.02), (150, 300)),
    Counted("analogies", "scores", "V", (256, 512, 1_024, 2_048), scores, SAME, SAME),
    Counted("analogies", "scores", "families", (2, 4, 8, 16), scores, SAME, SAME),
    Counted("analogies", "scores", "per_family", (4, 8, 16, 32), scores, SAME, SAME),
    Counted("analogies", "calls", "families", (2, 4, 8, 16),
            by("families", calls("analogies")), (0.8, 1.02)),
    Counted("analogies", "peak bytes", "V", (2_048, 4_096, 8_192, 16_384),
            by("V", peak_bytes("analogies")), NOT_AT_ALL),
    Counted("similarity", "calls", "rated", (20, 40, 80, 160),
            by("rated", calls("similarity")), (0.8, 1.02)),
    Counted("concepts", "calls", "families", (2, 4, 8, 16),
            by("families", calls("concepts")), (1, 1.3)),
    Counted("concepts", "calls", "per_family", (6, 12, 24, 48),
            by("per_family", calls("concepts")), (0.3, 1.02)),
    Counted("concepts", "calls", "V", (128, 256, 512, 1_024),
            by("V", calls("concepts")), NOT_AT_ALL),
    Counted("spiked fits", "calls", "families", (1, 2, 4, 8),
            by("families", calls("spiked fits")), SAME),
    Counted("topics and labels", "calls", "d", (8, 16, 32, 64),
            by("d", calls("topics and labels", V=2_048)), (0.9, 1.05)),
    Counted("topic graph", "calls", "V", (256, 512, 1_024, 2_048),
            by("V", calls("topic graph", d=32)), (0.6, 1.1)),
    Counted("neighbours", "calls", "queries", (8, 16, 32, 64),
            by("queries", calls("neighbours")), SAME),
    Counted("neighbours", "calls", "V", (128, 256, 512, 1_024),
            by("V", calls("neighbours")), NOT_AT_ALL),
)  # fmt: skip
