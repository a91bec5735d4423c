"""Runs integrated by DOP853 from the dense gradient of a loss, as a reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import torch
from scipy.integrate import solve_ivp

from repsearch.counts.counts import Counts
from repsearch.dynamics import FullBatch
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.target.weighting import Setting31, Weighting
from repsearch.testing.counts_from import counts_from
from repsearch.training.objectives.losses import Loss, Quartic
from repsearch.training.terms.pair_terms import pair_terms


@cache
def corpus(attributes: int = 4, strengths: tuple[float, ...] = (0.6, 0.45, 0.33, 0.24)) -> Counts:
    """Words with binary attributes that are shared more often than not, and unequal frequencies."""
    signs = np.array(np.meshgrid(*[[1, -1]] * attributes)).reshape(attributes, -1)
    rates = 1 / np.arange(3, 3 + signs.shape[1])
    ratio = np.prod([1 + s * np.outer(a, a) for s, a in zip(strengths, signs, strict=True)], 0)
    counts = np.rint(3e5 * np.outer(rates, rates) * ratio).astype(int)
    return counts_from(counts)


@dataclass(frozen=True)
class OracleSettings:
    loss: Loss = field(default_factory=Quartic)
    weighting: Weighting = field(default_factory=Setting31)
    tied: bool = True
    batch: Any = field(default_factory=FullBatch)


@dataclass(frozen=True)
class OracleRun:
    """Weights (T, ...) at times, and the questions of a trained run."""

    settings: OracleSettings
    words: tuple[str, ...]
    times: np.ndarray
    weights: np.ndarray
    losses: np.ndarray
    snapshot_times: np.ndarray

    def singular_values(self) -> np.ndarray:
        if self.settings.tied:
            return np.linalg.svd(self.weights, compute_uv=False)
        products = self.weights[:, 0] @ np.swapaxes(self.weights[:, 1], 1, 2)
        return np.linalg.svd(products, compute_uv=False)[:, : self.weights.shape[-1]]

    def loss(self) -> np.ndarray:
        return self.losses

    def embeddings(self, time: float) -> Embeddings:
        now = self._at(time)
        return Embeddings(self.words, now if self.settings.tied else now[0], "oracle")

    def contexts(self, time: float) -> Embeddings:
        return Embeddings(self.words, self._at(time)[1], "oracle")

    def modes(self, time: float) -> tuple[np.ndarray, np.ndarray]:
        now = self._at(time)
        whole = now if self.settings.tied else now[0] @ now[1].T
        left, values, _ = np.linalg.svd(whole, full_matrices=False)
        d = self.weights.shape[-1]
        return left[:, :d], values[:d]

    def _at(self, time: float) -> np.ndarray:
        places = np.flatnonzero(self.times == time)
        if not len(places):
            raise InputError(f"there is no snapshot at time {time!r}")
        return self.weights[places[0]]


def integrated(
    counts: Counts,
    start: np.ndarray,
    times: np.ndarray,
    *,
    settings: OracleSettings | None = None,
    snapshots: int = 6,
) -> OracleRun:
    """The gradient flow of the full sum over pairs, in the time of the closed forms.

    Parameters
    ----------
    counts : Counts
    start : (V, d) or (2, V, d) array
        Tied or untied weights.
    times : (T,) array
        From 0 on.
    settings : OracleSettings, optional
    snapshots : int
        How many of the times have snapshots, evenly.
    """
    settings = settings or OracleSettings()
    terms = pair_terms(counts, settings.weighting)
    positive, negative = (torch.from_numpy(part) for part in terms.dense())
    sides = 4 if settings.tied else 2
    rate = sides * settings.loss.expansion.curvature * terms.mean_weight

    def slopes(w: np.ndarray) -> tuple[np.ndarray, float]:
        a, b = (w, w) if settings.tied else (w[0], w[1])
        x = torch.from_numpy(a @ b.T)
        (up, down), (f, g) = settings.loss.slopes(x), settings.loss.values(x)
        return (positive * up + negative * down).numpy(), float((positive * f + negative * g).sum())

    def velocity(_: float, flat: np.ndarray) -> np.ndarray:
        w = flat.reshape(start.shape)
        slope, _ = slopes(w)
        if settings.tied:
            return -((slope + slope.T) @ w).ravel() / rate
        return -np.stack([slope @ w[1], slope.T @ w[0]]).ravel() / rate

    found = solve_ivp(
        velocity,
        (0.0, float(times[-1])),
        start.ravel(),
        method="DOP853",
        t_eval=times,
        rtol=1e-11,
        atol=1e-11 * float(np.abs(start).max()),
    )
    assert found.success, found.message
    weights = np.ascontiguousarray(found.y.T).reshape(len(times), *start.shape)
    losses = np.array([slopes(w)[1] for w in weights])
    kept = np.unique(np.linspace(0, len(times) - 1, snapshots).astype(int))
    return OracleRun(settings, counts.words, times, weights, losses, times[kept])


def gaussian(shape: tuple[int, ...], scale: float, seed: int = 0) -> np.ndarray:
    return scale * np.random.default_rng(seed).standard_normal(shape)
