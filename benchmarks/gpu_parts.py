"""Measure one thing each of what runs on a GPU; `benchmarks.gpu` runs them."""

import tempfile
import time
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

import repsearch as rs
from benchmarks.gpu_clock import (
    floating_point_rate,
    profile,
    seconds_of,
    synthetic_counts,
    typical,
)
from repsearch import Setting31, Word2Vec, training
from repsearch.counts.counts import Counts
from repsearch.training.arithmetic.matrix_products import product
from repsearch.training.compute import Compute, Products
from repsearch.training.integrators.rounding import rotation
from repsearch.training.objectives.full_batch import full_batch
from repsearch.training.objectives.fused_sgns import FusedSgns, available, fused_products
from repsearch.training.objectives.fused_tiles import TILES, Tiles
from repsearch.training.objectives.losses import Quartic, Sgns
from repsearch.training.objectives.tiled_full_batch import TiledFullBatch
from repsearch.training.state import State
from repsearch.training.store.stored_run import StoredRun
from repsearch.training.terms.padded_terms import padded_terms
from repsearch.training.terms.pair_terms import PairTerms, pair_terms

LEAST = 6.0  # seconds without which no part begins
OTHER_TILES: dict[str, tuple[Tiles, ...]] = {
    "tf32": (Tiles(128, 16, 8, 3), Tiles(64, 32, 4, 3), Tiles(64, 64, 4, 2)),
    "bfloat16": (Tiles(128, 64, 8, 2), Tiles(128, 32, 8, 3), Tiles(64, 64, 4, 3)),
    "full": (Tiles(32, 32, 8, 2),),
}
"""Tried beside those the kernel uses."""
Found = dict[str, Any]


class TooLate(Exception):
    """A part has used up its time."""


@dataclass
class Case:
    """What is measured."""

    counts: Counts
    d: int
    device: str

    @cached_property
    def terms(self) -> PairTerms:
        """Under Setting 3.1, in float32."""
        return pair_terms(self.counts, Setting31(), np.float32)

    @property
    def products(self) -> tuple[Products, ...]:
        """Those of the device, the default first."""
        return ("tf32", "bfloat16", "full") if self.device == "cuda" else ("full",)

    @property
    def fused(self) -> bool:
        """Whether the kernel runs."""
        return self.device == "cuda" and available()

    def compute(self, products: Products) -> Compute:
        """Give float32 on the device with these products."""
        return Compute(self.device, "float32", products)

    def weights(self, size: int | None = None, *, tied: bool = True) -> torch.Tensor:
        """Draw weights of the size that training comes to."""
        shape = (size or len(self.counts.words), self.d)
        drawn = np.random.default_rng(1).standard_normal(shape if tied else (2, *shape), np.float32)
        return torch.from_numpy(drawn * np.float32(0.1)).to(self.device)


def gradient(case: Case, found: Found, left: float) -> None:
    """Milliseconds of a full-batch gradient of SGNS, tied weights, and how many floors that is.

    The floor is the time in which torch multiplies large square matrices in the same precision
    as often as a gradient needs it, 4 V^2 d operations.
    """
    _gradients(case, case.terms, found)


def gradient_word2vec(case: Case, found: Found, left: float) -> None:
    """The same under word2vec's weights of pairs."""
    _gradients(case, pair_terms(case.counts, Word2Vec(), np.float32), found)


def _gradients(case: Case, terms: PairTerms, found: Found) -> None:
    weights = case.weights()
    for products in case.products:
        row = found[products] = {}
        floor = row["floor_ms"] = 1e3 * _floor(case, products)
        compute = case.compute(products)
        picked = full_batch(terms, Sgns(), tied=True, compute=compute, d=case.d)
        row["picked"] = picked.way  # type: ignore[attr-defined]
        ways: dict[str, Any] = {
            "tiles": partial(TiledFullBatch, terms, Sgns(), tied=True, compute=compute)
        }
        if case.fused and products != "full":
            ways["fused"] = partial(FusedSgns, terms, tied=True, compute=compute)
        del picked
        for way, made in ways.items():
            objective = made()
            if case.device == "cuda":
                torch.cuda.reset_peak_memory_stats()
            ms = 1e3 * typical(partial(objective.gradient, weights), case.device)
            row[way] = {"ms": ms, "ratio": ms / floor}
            if case.device == "cuda":
                row[way]["peak_gib"] = torch.cuda.max_memory_allocated() / 2**30
            del objective


def _floor(case: Case, products: Products) -> float:
    size = len(case.counts.words)
    return 4 * size**2 * case.d / floating_point_rate(case.device, products)


def step(case: Case, found: Found, left: float) -> None:
    """Milliseconds of a Dormand-Prince step of the flow of SGNS, over 6 floors of a gradient."""
    for products in case.products:
        found[products] = row = {}
        _step(case, products, row)


def _step(case: Case, products: Products, row: Found) -> None:
    objective = full_batch(case.terms, Sgns(), tied=True, compute=case.compute(products), d=case.d)
    integrator = training.RungeKutta(rtol=1e-4)
    states = [State(case.weights())]
    taken = 2 if case.device == "cpu" else 20

    def go_on() -> None:
        states.append(integrator.step(objective, states.pop(), 1e9))

    def several() -> None:
        for _ in range(taken):
            go_on()

    rotation(states[0].weights)  # drawn once in a process, on the processor
    for _ in range(3):
        go_on()
    begun = dict(states[0].memory)
    seconds = seconds_of(several, case.device)
    ended = states[0].memory
    row["ms"] = 1e3 * seconds / taken
    row["gradients"] = (ended["evaluations"] - begun["evaluations"]) / taken
    row["rejected"] = (ended["rejected"] - begun["rejected"]) / taken
    row["way"] = objective.way  # type: ignore[attr-defined]
    row["floor_ms"] = 1e3 * _floor(case, products) * row["gradients"]
    row["ratio"] = row["ms"] / row["floor_ms"]
    weights = states[0].weights
    row["gradient_profile"] = profile(partial(objective.gradient, weights, 0), 5, case.device)
    row["step_profile"] = profile(go_on, taken // 4 or 1, case.device)


def flow(case: Case, found: Found, left: float) -> None:
    """SGNS from a small start to t = 0.5, as `repsearch train --device cuda --loss sgns` does."""
    _flow(case, found, min(40.0, left), case.products[0])


def flow_bfloat16(case: Case, found: Found, left: float) -> None:
    """The same with products of bfloat16."""
    if case.device == "cuda":
        _flow(case, found, min(30.0, left), "bfloat16")


def _flow(case: Case, found: Found, most: float, products: Products) -> None:
    begin = time.monotonic()
    until = 0.5

    def told(stage: str, done: float, total: float, unit: str) -> None:
        found["reached"], found["wall_s"] = done, time.monotonic() - begin
        if time.monotonic() - begin > most:
            raise TooLate

    with tempfile.TemporaryDirectory() as folder:
        run_in = Path(folder) / "run"
        try:
            training.train(
                case.counts,
                run_in,
                d=case.d,
                until=until,
                start=rs.Gaussian(1e-3, 0),
                loss=Sgns(),
                integrator=training.RungeKutta(rtol=1e-4),
                record=training.Record(
                    when=training.evenly(until, 200), snapshots=training.evenly(until, 20)
                ),
                compute=case.compute(products),
                progress=told,
            )
        except TooLate:
            found["stopped"] = f"after {most:.0f} seconds"
        found["wall_s"] = time.monotonic() - begin
        run = training.TrainedTrajectory(run_in)
        memory = StoredRun(run_in).last_state.memory
        found |= {
            "until": until,
            "products": products,
            "way": run.settings.gradient,
            "steps": int(run.steps[-1]),
            "rejected": memory["rejected"],
            "gradients": memory["evaluations"],
            "hidden": memory.get("hidden", 0.0),
            "rows": len(run.times),
            "loss": run.loss()[-1],
            "singular_values": run.singular_values()[-1, :5].tolist(),
            "notes": list(run.notes),
        }


def eigenpairs_on_device(case: Case, found: Found, left: float) -> None:
    """`eigenpairs(device=...)` beside bare `torch.linalg.eigh` of the array it stands for."""
    begin = time.monotonic()
    target = rs.mstar(case.counts)
    for dtype in ("float32", "float64"):
        array = torch.as_tensor(target.dense(dtype), device=case.device)
        torch.linalg.eigh(array[:64, :64])
        found[f"eigh_{dtype}_s"] = seconds_of(partial(torch.linalg.eigh, array), case.device)
        del array
        for method in ("auto", "dense", "krylov"):
            if time.monotonic() - begin > min(left - LEAST, 40):
                found[f"{method}_{dtype}"] = "no time was left"
                continue
            try:
                found[f"{method}_{dtype}"] = _eigenpairs(case, target, method, dtype)
            except Exception as error:  # a method that is not there is a finding, too
                found[f"{method}_{dtype}"] = f"{type(error).__name__}: {error}"[:300]


def _eigenpairs(case: Case, target: Any, method: str, dtype: str) -> Found:
    asked: dict[str, Any] = {} if method == "auto" else {"method": method}
    once = partial(rs.eigenpairs, target, case.d, device=case.device, dtype=dtype, **asked)
    results: list[Any] = []
    seconds = [seconds_of(lambda: results.append(once()), case.device) for _ in range(2)]
    return {
        "s": seconds,
        "largest_residual": float(np.max(results[-1].residuals)),
        "eigenvalues": results[-1].eigenvalues[:5].tolist(),
        "same_bits": bool(
            np.array_equal(results[0].eigenvectors, results[1].eigenvectors)
            and np.array_equal(results[0].eigenvalues, results[1].eigenvalues)
        ),
    }


def minimum(case: Case, found: Found, left: float) -> None:
    """The minimum of SGNS by `repsearch.minimum`, start and certificate included."""
    try:
        from repsearch.minimum import minimise
    except ImportError:
        found["absent"] = "this version has no repsearch.minimum"
        return
    seen: list[tuple[float, str, float]] = []
    begin = time.monotonic()

    def told(stage: str, done: float, total: float, unit: str) -> None:
        seen.append((time.monotonic() - begin, stage, done))
        if time.monotonic() - begin > min(50.0, left):
            raise TooLate

    for products in case.products if case.device == "cuda" else ("full",):
        if time.monotonic() - begin > min(25.0, left):
            break
        first = time.monotonic()
        result = minimise(
            case.counts, case.d, compute=case.compute(products), seconds=20, progress=told
        )
        found[products] = {
            "s": time.monotonic() - first,
            "status": result.status,
            "loss": result.loss,
            "losses": np.asarray(result.losses).tolist(),
            "evaluations": result.evaluations,
            "after_s": np.asarray(result.seconds).tolist(),
            "certificate": str(result.certificate),
        }
        # What happened when, for a look at what took long.
        found[products]["stages"] = [seen[0], seen[-1]] if seen else []


def kernel(case: Case, found: Found, left: float) -> None:
    """Milliseconds of the fused kernel, cut into other tiles than it is."""
    if not case.fused:
        found["absent"] = "no fused kernel here"
        return
    begin = time.monotonic()
    weights = case.weights()
    terms = padded_terms(case.terms, torch.device(case.device), tied=True)
    for products in case.products:
        for tiles in (TILES[products], *OTHER_TILES[products]):
            name = (
                f"{products}, {tiles.rows} x {tiles.columns}, {tiles.warps} warps, "
                f"{tiles.stages} stages"
            )
            if time.monotonic() - begin > min(35.0, left - LEAST):
                found[name] = "no time was left"
                continue
            call = partial(fused_products, weights, weights, terms, products=products, tiles=tiles)
            try:
                found[name] = 1e3 * typical(call, case.device)
            except Exception as error:  # tiles that do not fit are a finding, too
                found[name] = f"{type(error).__name__}: {error}"[:200]


def same_bits(case: Case, found: Found, left: float) -> None:
    """Whether a run made again has the same bits: 20 steps of each way, from the same start."""
    for products in case.products[:2]:
        for integrator in (training.RungeKutta(rtol=1e-4), training.Chebyshev(rtol=1e-3)):
            ends = []
            for _ in range(2):
                objective = full_batch(
                    case.terms, Sgns(), tied=True, compute=case.compute(products), d=case.d
                )
                state = State(case.weights())
                for _ in range(2 if case.device == "cpu" else 20):
                    state = integrator.step(objective, state, 1e9)
                ends.append((state.weights, state.time))
            (one, at), (other, again) = ends
            name = f"{type(integrator).__name__}, {products}"
            found[name] = bool(torch.equal(one, other)) and at == again


def correctness(case: Case, found: Found, left: float) -> None:
    """Relative distance of each gradient from that of plain tiles in float64."""
    counts = synthetic_counts(1500)
    for name, weighting in (("Setting 3.1", Setting31()), ("word2vec", Word2Vec())):
        terms = pair_terms(counts, weighting)
        for tied in (True, False):
            weights = case.weights(1500, tied=tied)
            exact = TiledFullBatch(
                terms, Sgns(), tied=tied, compute=Compute(case.device, "float64")
            )
            wanted = exact.gradient(weights.double())
            row = found[f"{name}, {'tied' if tied else 'untied'}"] = {}
            for products in case.products:
                compute = case.compute(products)
                ways: dict[str, Any] = {
                    "tiles": TiledFullBatch(terms, Sgns(), tied=tied, compute=compute)
                }
                if case.fused:
                    ways["fused"] = FusedSgns(terms, tied=tied, compute=compute)
                for way, objective in ways.items():
                    error = objective.gradient(weights).double() - wanted
                    row[f"{way}, {products}"] = float(error.norm() / wanted.norm())


def quartic(case: Case, found: Found, left: float) -> None:
    """Milliseconds of a full-batch gradient of the quartic loss, over one dense product M W."""
    weights, size = case.weights(), len(case.counts.words)
    for products in case.products:
        dense = torch.zeros((size, size), device=case.device)
        bare = 1e3 * typical(partial(product, dense, weights, products), case.device)
        del dense
        compute = case.compute(products)
        objective = full_batch(case.terms, Quartic(), tied=True, compute=compute)
        ms = 1e3 * typical(partial(objective.gradient, weights, 0), case.device)
        found[products] = {"ms": ms, "ratio": ms / bare, "dense_product_ms": bare}
        del objective
