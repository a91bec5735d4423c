"""A loss fed by pairs drawn from the counts: a step's expectation is the loss over all pairs.

L = sum_ij Psi+P f+(x_ij) + Psi-PP f-(x_ij) is split after what can be drawn from: Psi+P,
which is sparse, and the outer products sum_r left_r right_r^T = Psi-PP + seen Psi+P. A pair
from the first counts f+ - seen f-, with a total weight of sum Psi+P; a pair from the second
counts f-, with that of the outer products.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from repsearch import dynamics
from repsearch.checks import is_whole
from repsearch.dynamics import SampledPairs
from repsearch.errors import InputError
from repsearch.training.compute import Compute
from repsearch.training.objectives.losses import Loss
from repsearch.training.terms.pair_gradient import PairList, pair_gradient, pair_loss
from repsearch.training.terms.pair_terms import PairTerms

# Of the SplitMix64 generator (Steele, Lea and Flood 2014), as signed numbers.
_GOLDEN = 0x9E3779B97F4A7C15 - 2**64
_FIRST = 0xBF58476D1CE4E5B9 - 2**64
_SECOND = 0x94D049BB133111EB - 2**64


class SampledPairsObjective:
    """The loss of pairs drawn anew for every step.

    B positive pairs come from Psi+P and k B from the outer products behind Psi-PP; where
    k B is not whole, it is rounded up or down at random, so that it is right in
    expectation. The expected loss of a step is ``batch.scale`` times the loss over all
    pairs, at any weights. This k, `batch.negatives`, only says how many pairs are drawn:
    how much they count is in the weighting.

    What a step draws depends on the seed and its number alone, and is the same on every
    device. Gradients are the same to the bit on any number of threads. They are dense:
    V d numbers are written in a step, however small the batch. There are no matrix
    products, so `compute.products` changes nothing.

    Parameters
    ----------
    terms : PairTerms
        From `pair_terms`. Its entries of Psi+P are held on the device as their sums, 8
        bytes each, and their columns, 4 bytes each.
    loss : Loss
    batch : SampledPairs
        How many pairs a step draws, and what their sum is divided by.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Device and precision.
    seed : int
        Of the draws.

    Raises
    ------
    InputError
        A bad seed; no positive pair; a coefficient that is negative.
    """

    def __init__(
        self,
        terms: PairTerms,
        loss: Loss,
        batch: SampledPairs,
        *,
        tied: bool,
        compute: Compute,
        seed: int,
    ) -> None:
        if not isinstance(batch, SampledPairs):
            raise InputError(
                f"batch is {batch!r}; pass SampledPairs(positives=..., negatives=...) "
                "of repsearch.dynamics"
            )
        for name, values in (
            ("Psi+P", terms.positive),
            ("Psi-PP", terms.left),
            ("Psi-PP", terms.right),
        ):
            if not (values >= 0).all() or not values.any():
                raise InputError(
                    f"{name} of these terms is negative somewhere, or 0 everywhere, and no pair "
                    "can be drawn from it; use the full batch"
                )
        self.loss_of_pairs, self.batch, self.seed = loss, batch, checked_seed(seed)
        self.compute = compute
        self.rate = dynamics.clock(
            1.0, loss=loss.expansion, tied=tied, weight=terms.mean_weight, batch=batch
        ).rate
        self._seen = terms.seen
        device = compute.torch_device
        self._indptr = torch.from_numpy(terms.indptr).to(device)
        self._columns = torch.from_numpy(terms.columns).to(device)
        self._positive = cumulative(terms.positive).to(device)
        # A term of the mixture and a word at once, then a context given the term.
        self._left = cumulative(terms.left * terms.right.sum(1)[:, None]).to(device)
        self._right = cumulative(terms.right, axis=1).to(device)

    @property
    def stochastic(self) -> bool:
        """Always."""
        return True

    def pairs(self, step: int) -> PairList:
        """Draw the pairs of a step, positive ones first, with their weights."""
        batch, device, dtype = self.batch, self.compute.torch_device, self.compute.torch_dtype
        n_positives, n_base = batch.positives, batch.negatives * batch.positives
        most = math.ceil(n_base)
        drawn = uniforms(
            1 + n_positives + 2 * most, seed=self.seed, stream=(step,), device=self._positive.device
        )
        rounding, of_positive, of_left, of_right = drawn.split([1, n_positives, most, most])
        whole = math.floor(n_base) + int(float(rounding) < n_base - math.floor(n_base))
        # In order, so that a large table is read from its front to its back.
        entries = inverse(self._positive, of_positive.sort().values)
        rows = torch.searchsorted(self._indptr, entries, right=True) - 1
        columns = self._columns[entries].long()
        left, right = self._from_outer_products(of_left[:whole], of_right[:whole])
        positive = torch.zeros(n_positives + whole, dtype=dtype, device=device)
        negative = torch.empty_like(positive)
        each = batch.scale * float(self._positive[-1]) / n_positives
        positive[:n_positives] = each
        negative[:n_positives] = -self._seen * each
        negative[n_positives:] = batch.scale * float(self._left[-1]) / n_base
        return PairList(torch.cat([rows, left]), torch.cat([columns, right]), positive, negative)

    def gradient(self, weights: Tensor, step: int) -> Tensor:
        """The gradient of the step's batch."""
        return pair_gradient(
            weights, self.pairs(step), self.loss_of_pairs, threads=self.compute.n_threads
        )

    def loss(self, weights: Tensor, step: int) -> float:
        """The loss of the step's batch."""
        return pair_loss(
            weights, self.pairs(step), self.loss_of_pairs, threads=self.compute.n_threads
        )

    def _from_outer_products(self, of_left: Tensor, of_right: Tensor) -> tuple[Tensor, Tensor]:
        size = len(self._indptr) - 1
        entries = inverse(self._left, of_left)
        term = entries // size
        # From every term, of which there are one or two, to keep that of the pair.
        contexts = inverse(self._right, of_right.expand(len(self._right), -1).contiguous())
        return entries % size, contexts.gather(0, term[None])[0]


def checked_seed(seed: int) -> int:
    """Refuse what is no whole number of at least 0."""
    if not is_whole(seed) or seed < 0:
        raise InputError(f"seed is {seed!r}; pass a whole number of at least 0")
    return int(seed)


def uniforms(count: int, *, seed: int, stream: tuple[int, ...], device: torch.device) -> Tensor:
    """Uniform numbers in [0, 1), the same on every device and number of threads.

    The generator of torch takes 32 bits of a seed on the CPU, and after 100,000 steps
    some would share all they draw; it also draws other numbers on other devices.

    Parameters
    ----------
    count : int
    seed, stream
        Of a run, and of what in the run they are drawn for, its step for example.
    device : torch.device

    Returns
    -------
    (count,) float64 tensor
        Multiples of 2^-53, by SplitMix64.
    """
    z = torch.arange(1, count + 1, device=device) * _GOLDEN + stream_key(seed, stream)
    z = (z ^ _shifted(z, 30)) * _FIRST
    z = (z ^ _shifted(z, 27)) * _SECOND
    z = z ^ _shifted(z, 31)
    return _shifted(z, 11).double() * 2.0**-53


def stream_key(seed: int, stream: tuple[int, ...]) -> int:
    """Where SplitMix64 begins, 64 bits read as a signed number."""
    state = np.random.SeedSequence(seed, spawn_key=stream).generate_state(1, np.uint64)
    return int(state.astype(np.int64)[0])


def _shifted(z: Tensor, bits: int) -> Tensor:
    """Shift as unsigned numbers are shifted."""
    return (z >> bits) & ((1 << (64 - bits)) - 1)


def cumulative(weights: NDArray[np.floating], axis: int | None = None) -> Tensor:
    """Cumulative sums in float64, of all entries row by row or along an axis."""
    return torch.from_numpy(np.cumsum(weights, axis=axis, dtype=np.float64))


def inverse(sums: Tensor, drawn: Tensor) -> Tensor:
    """The entries in which uniform numbers fall, each as likely as it is large.

    Entries of 0 are never drawn: u < 1 is at most 1 - 2^-53, and u times the total
    is below the total after rounding as well, unless that is a subnormal number.

    Parameters
    ----------
    sums : (..., n) float64 tensor
        From `cumulative`.
    drawn : (..., N) float64 tensor

    Returns
    -------
    (..., N) int64 tensor
    """
    return torch.searchsorted(sums, drawn * sums[..., -1:], right=True)
