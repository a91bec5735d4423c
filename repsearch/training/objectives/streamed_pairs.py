"""Lay windows on the text in the manner of word2vec, one stretch of it a step.

Occurrences are dropped by word2vec's subsampling before windows are laid, each centre draws
how far its window reaches, and every pair of a centre and a neighbour is a positive pair with
k negative ones. The neighbour is the word and the centre the context, as in word2vec.c and
gensim, where the neighbour's vector is to tell the centre from k words drawn from q.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from repsearch import dynamics
from repsearch.corpus.corpus import Corpus
from repsearch.corpus.subsampling import keep_probabilities
from repsearch.corpus.token_check import check_tokens
from repsearch.dynamics import StreamedPairs
from repsearch.errors import InputError
from repsearch.kernels.windows import Ids, expected_partners, lay_windows
from repsearch.target.weighting import Unweighted, Word2Vec
from repsearch.target.word2vec_program import Word2VecC
from repsearch.training.arithmetic.random_draws import (
    cumulative_sums,
    draw_entries,
    stream_key,
    uniforms,
)
from repsearch.training.compute import Compute
from repsearch.training.objectives.losses import Loss
from repsearch.training.objectives.sampled_pairs import checked_seed
from repsearch.training.terms.pair_gradient import PairList, pair_gradient, pair_loss

# Streams of random numbers, one for each purpose.
_KEEPING, _REACHING, _NEGATIVES, _TURNING = range(4)


class StreamedObjective:
    """The loss of the pairs of a stretch of text, as word2vec comes by them.

    Step n takes the n-th stretch of `batch.tokens` places for centres, and goes on at
    the beginning after the end of the text. Which occurrences are dropped and how far
    windows reach is drawn anew for each epoch and depends on the seed, the epoch and
    the place alone, so that windows see across the end of a stretch. No pair joins two
    documents.

    With N the positive pairs of a step in expectation (the mean over an epoch, worked
    out exactly, ends of documents and subsampling included) and D_ij the share of the
    pairs as they are drawn, D_i its row sums, the expected loss is, in the mean over an
    epoch, ``batch.scale`` times

        sum_ij D_ij f+(x_ij) + k D_i q_j f-(x_ij),

    scale being 1 where the sum over a step is divided by N and N where it is not. Its
    weights sum to 1 + k, whose mean (1 + k) / V^2 is the unit of the flow's time. For
    a learning rate a pair, as word2vec has, take ``"sum"``.

    Without subsampling D = P of the corpus' counts and this is exactly the loss of
    `repsearch.Word2VecC`, `repsearch.Word2Vec` or `repsearch.Unweighted` on the counts with
    the same window. `Word2Vec` and `Word2VecC` are drawn alike here, as the program does.
    With subsampling it is the loss of `Word2VecC` but for D_ij, which on the counts is
    a_i a_j P_ij over its sum, and not that of `Word2Vec`: there Psi+P = a_i a_j P_ij and
    Psi-PP = k a_i P_i q_j, but here the words left move together before windows are laid,
    which then hold as many words as ever. A word's pairs fall by a_i alone, D_i is close to
    a_i P_i over its sum, and there are k negative pairs to a positive one; the weights of the
    counts have sum_i a_i P_i / sum_ij a_i a_j P_ij times as many. D_ij also holds pairs that
    the counts have beyond the window.

    Negative pairs that happen to be the centre itself are kept; word2vec leaves them out.

    Parameters
    ----------
    corpus : Corpus
        Its tokens may be mapped into memory; a step reads its stretch.
    weighting : Word2Vec, Word2VecC or Unweighted
        A whole number of negatives. ``symmetrise=True`` turns half of the negative
        pairs round; word2vec itself has ``symmetrise=False``, and to tied weights it is
        the same. `Unweighted` draws negatives from the row sums D_j.
    loss : Loss
        f+ and f-.
    batch : StreamedPairs
        Stretch and window. Its `positives` are worked out, in one pass over the text,
        whatever they are; the attribute `batch` holds them.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Device and precision. Windows are laid on the CPU, by one thread.
    seed : int
        Seed of the draws.

    Raises
    ------
    InputError
        Setting 3.1; a k that is not whole; a bad seed; a text without a pair.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.training import Sgns
    >>> corpus = rs.encode(["to be or not to be"], vocabulary_size=None)
    >>> streamed = StreamedObjective(
    ...     corpus, rs.Word2Vec(negatives=2, subsample=None), Sgns(),
    ...     StreamedPairs(6, rs.Window(1)), tied=False, compute=Compute(), seed=0
    ... )
    >>> streamed.batch.positives, len(streamed.pairs(step=0).words)  # 10 pairs and 20 negative ones
    (10.0, 30)
    """

    def __init__(
        self,
        corpus: Corpus,
        weighting: Word2Vec | Word2VecC | Unweighted,
        loss: Loss,
        batch: StreamedPairs,
        *,
        tied: bool,
        compute: Compute,
        seed: int,
    ) -> None:
        _check(weighting, batch)
        check_tokens(corpus)
        self.loss_of_pairs, self.compute, self.seed = loss, compute, checked_seed(seed)
        self._tokens, self._offsets = np.asarray(corpus.tokens), np.asarray(corpus.offsets)
        size, window = len(corpus.words), batch.window
        # No pair is farther apart than the longest document.
        reach = max(min(window.size, int(np.diff(self._offsets).max(initial=0)) - 1), 1)
        weights = np.array(window.first_weights(reach), float)
        self._reach = weights / weights[0]
        kept = np.ones(size)
        if isinstance(weighting, Word2Vec | Word2VecC) and weighting.subsample is not None:
            kept = keep_probabilities(corpus.word_counts, weighting.subsample)
        # An occurrence is kept if 53 random bits are below its word's bound; the last bound is for
        # the id -1, which always keeps its place.
        self._bounds = np.append(np.ceil(kept * 2.0**53), 2.0**53).astype(np.uint64)
        partners = expected_partners(self._tokens, self._offsets, kept, self._reach)
        positives = float(partners.sum()) / max(len(self._tokens), 1) * batch.tokens
        if positives == 0:
            raise InputError("the text holds no pair of words; encode longer documents")
        self.batch = replace(batch, positives=positives)
        self._each = self.batch.scale / positives
        self._k = int(weighting.negatives)
        # The same numbers as in the weighting of the counts.
        drawn = (
            (corpus.word_counts / corpus.word_counts.sum()) ** weighting.exponent
            if isinstance(weighting, Word2Vec | Word2VecC)
            else partners / partners.sum()
        )
        self._negatives = cumulative_sums(drawn).to(compute.torch_device)
        self._turned = (
            isinstance(weighting, Word2Vec | Word2VecC) and weighting.symmetrise and not tied
        )
        self.rate = dynamics.clock(
            1.0,
            loss=loss.expansion,
            tied=tied,
            weight=(1 + self._k) / size**2,
            batch=self.batch,
        ).rate

    @property
    def stochastic(self) -> bool:
        """Yes, always."""
        return True

    def pairs(self, step: int) -> PairList:
        """Lay the windows of a step and draw its negative pairs.

        Parameters
        ----------
        step : int
            Steps taken so far.

        Returns
        -------
        PairList
            Positive pairs first, with their weights.
        """
        device, dtype = self.compute.torch_device, self.compute.torch_dtype
        laid = [self._lay(*stretch) for stretch in self._stretches(step)]
        words, contexts = (torch.from_numpy(np.concatenate(ids)) for ids in zip(*laid, strict=True))
        words, contexts = words.to(device), contexts.to(device)
        n = len(words)
        count = n * self._k
        drawn = uniforms(count, seed=self.seed, stream=(_NEGATIVES, step), device=device)
        left, right = words.repeat_interleave(self._k), draw_entries(self._negatives, drawn)
        if self._turned:
            coin = uniforms(count, seed=self.seed, stream=(_TURNING, step), device=device) < 0.5
            left, right = torch.where(coin, right, left), torch.where(coin, left, right)
        positive = torch.zeros(n + count, dtype=dtype, device=device)
        positive[:n] = self._each
        negative = torch.zeros_like(positive)
        negative[n:] = self._each
        return PairList(torch.cat([words, left]), torch.cat([contexts, right]), positive, negative)

    def gradient(self, weights: Tensor, step: int) -> Tensor:
        """Work out the gradient of the step's batch.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W of tied weights; words and contexts of untied ones.
        step : int
            Steps taken so far, which choose the stretch.

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
            Steps taken so far, which choose the stretch.

        Returns
        -------
        float
            The loss.
        """
        return pair_loss(
            weights, self.pairs(step), self.loss_of_pairs, threads=self.compute.n_threads
        )

    def _stretches(self, step: int) -> list[tuple[int, int, int]]:
        """Give epoch, first and one past the last place; more than one where the text ends."""
        size, found = len(self._tokens), []
        place, stop = step * self.batch.tokens, (step + 1) * self.batch.tokens
        while place < stop:
            epoch, first = divmod(place, size)
            last = min(size, first + stop - place)
            found.append((epoch, first, last))
            place += last - first
        return found

    def _lay(self, epoch: int, first: int, last: int) -> tuple[Ids, Ids]:
        keys = [
            np.uint64(stream_key(self.seed, (purpose, epoch)) % 2**64)
            for purpose in (_KEEPING, _REACHING)
        ]
        laid: tuple[Ids, Ids] = lay_windows(
            self._tokens, self._offsets, self._bounds, self._reach, *keys, first, last
        )
        return laid


def _check(weighting: object, batch: object) -> None:
    if not isinstance(weighting, Word2Vec | Word2VecC | Unweighted):
        raise InputError(
            f"weighting is {weighting}, which weighs a pair by how often it occurs in the whole "
            "corpus and cannot be read off a stretch of it; count the corpus and use "
            "SampledPairsObjective, or pass Word2VecC, Word2Vec or Unweighted"
        )
    if weighting.negatives != int(weighting.negatives):
        raise InputError(
            f"negatives of the weighting is {weighting.negatives!r}; pass a whole number, for so "
            "many negative pairs are drawn for each positive one"
        )
    if not isinstance(batch, StreamedPairs):
        raise InputError(
            f"batch is {batch!r}; pass StreamedPairs(tokens=..., window=...) of repsearch.dynamics"
        )
