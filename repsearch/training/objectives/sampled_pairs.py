"""Draw pairs from the counts, so that a step's expected loss is that over all pairs.

L = sum_ij Psi+P f+(x_ij) + Psi-PP f-(x_ij) is split after what can be drawn from: Psi+P,
which is sparse, and the outer products sum_r left_r right_r^T = Psi-PP + seen Psi+P. A pair
from the first counts f+ - seen f-, with a total weight of sum Psi+P; a pair from the second
counts f-, with that of the outer products.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from repsearch import dynamics
from repsearch.checks import is_whole
from repsearch.dynamics import SampledPairs
from repsearch.errors import InputError
from repsearch.training.arithmetic.random_draws import cumulative_sums, draw_entries, uniforms
from repsearch.training.compute import Compute
from repsearch.training.objectives.losses import Loss
from repsearch.training.terms.pair_gradient import PairList, pair_gradient, pair_loss
from repsearch.training.terms.pair_terms import PairTerms


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
        f+ and f-.
    batch : SampledPairs
        How many pairs a step draws, and what their sum is divided by.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Device and precision.
    seed : int
        Seed of the draws.

    Raises
    ------
    InputError
        A bad seed; no positive pair; a coefficient that is negative.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.training import Quartic, pair_terms
    >>> terms = pair_terms(BinaryAttributes([0.4, 0.3]).sample(1000, seed=0), rs.Word2Vec())
    >>> drawn = SampledPairsObjective(
    ...     terms, Quartic(), SampledPairs(100, negatives=2), tied=True, compute=Compute(), seed=0
    ... )
    >>> pairs = drawn.pairs(step=7)
    >>> len(pairs.words), int((pairs.positive > 0).sum())
    (300, 100)
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
        self._positive = cumulative_sums(terms.positive).to(device)
        # One draw gives the outer product and the word, another the context given the product.
        self._left = cumulative_sums(terms.left * terms.right.sum(1)[:, None]).to(device)
        self._right = cumulative_sums(terms.right, axis=1).to(device)

    @property
    def stochastic(self) -> bool:
        """Yes, always."""
        return True

    def pairs(self, step: int) -> PairList:
        """Draw the pairs of a step.

        Parameters
        ----------
        step : int
            Steps taken so far.

        Returns
        -------
        PairList
            Positive pairs first, with their weights.
        """
        batch, device, dtype = self.batch, self.compute.torch_device, self.compute.torch_dtype
        n_positives, n_base = batch.positives, batch.negatives * batch.positives
        most = math.ceil(n_base)
        drawn = uniforms(
            1 + n_positives + 2 * most, seed=self.seed, stream=(step,), device=self._positive.device
        )
        rounding, of_positive, of_left, of_right = drawn.split([1, n_positives, most, most])
        whole = math.floor(n_base) + int(float(rounding) < n_base - math.floor(n_base))
        # Sorted, so that a large table is read in order.
        entries = draw_entries(self._positive, of_positive.sort().values)
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
        """Work out the gradient of the step's batch.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W of tied weights; words and contexts of untied ones.
        step : int
            Steps taken so far, which choose the batch.

        Returns
        -------
        (V, d) or (2, V, d) tensor
            The gradient, dense.
        """
        return pair_gradient(
            weights, self.pairs(step), self.loss_of_pairs, threads=self.compute.n_threads
        )

    def loss(self, weights: Tensor, step: int) -> float:
        """Work out the loss of the step's batch.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W of tied weights; words and contexts of untied ones.
        step : int
            Steps taken so far, which choose the batch.

        Returns
        -------
        float
            The loss.
        """
        return pair_loss(
            weights, self.pairs(step), self.loss_of_pairs, threads=self.compute.n_threads
        )

    def _from_outer_products(self, of_left: Tensor, of_right: Tensor) -> tuple[Tensor, Tensor]:
        size = len(self._indptr) - 1
        entries = draw_entries(self._left, of_left)
        term = entries // size
        # Contexts are drawn for each of the one or two terms, and that of the pair's term is kept.
        contexts = draw_entries(self._right, of_right.expand(len(self._right), -1).contiguous())
        return entries % size, contexts.gather(0, term[None])[0]


def checked_seed(seed: int) -> int:
    """Refuse what is no whole number of at least 0.

    Parameters
    ----------
    seed : int
        Seed of draws.

    Returns
    -------
    int
        The same.

    Raises
    ------
    InputError
        Something else.
    """
    if not is_whole(seed) or seed < 0:
        raise InputError(f"seed is {seed!r}; pass a whole number of at least 0")
    return int(seed)
