"""Measure what changes of a state do to the next word: log-odds of pairs, and all else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.special
from numpy.typing import NDArray

from probes.interventions.asked import AskedPairs
from repsearch.language_models import CausalModel, Change
from repsearch.progress import Progress, silent

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NextWord:
    """The next word as it is, after each prompt, for changes to be held against.

    Parameters
    ----------
    asked : AskedPairs
        Pairs, their tokens, prompts.
    log_odds : (T, N) float
        log p(second) − log p(first) of each pair after each of T prompts, in nats.
    elsewhere : (T, vocabulary) float
        Distribution over all other tokens than the relation's, summing to 1.
    entropy : (T,) float
        Of that, in nats.
    """

    asked: AskedPairs
    log_odds: Real
    elsewhere: Real
    entropy: Real

    @classmethod
    def of(cls, model: CausalModel, asked: AskedPairs) -> NextWord:
        """Ask the model without any change.

        Parameters
        ----------
        model : CausalModel
            The model.
        asked : AskedPairs
            Pairs and prompts.

        Returns
        -------
        NextWord
        """
        number = len(asked.prompts)
        log_odds = np.empty((number, len(asked.pairs)))
        rows: list[Real] = [np.empty(0)] * number
        for some, found in model.next_tokens(asked.prompts):
            log_odds[some] = _log_odds(asked, found)
            for row, one in zip(some.tolist(), found.astype(np.float64), strict=True):
                rows[row] = one
        elsewhere = np.exp(np.stack(rows))
        elsewhere[:, asked.tokens] = 0.0
        elsewhere /= elsewhere.sum(axis=1, keepdims=True)
        logs = np.log(np.where(elsewhere > 0, elsewhere, 1.0))
        return cls(asked, log_odds, elsewhere, -np.sum(elsewhere * logs, axis=1))

    def changed(
        self,
        model: CausalModel,
        layer: int,
        change: Change,
        prompts: NDArray[np.int64],
        progress: Progress = silent,
    ) -> tuple[Real, Real]:
        """Ask the model with changes.

        Parameters
        ----------
        model : CausalModel
            The model.
        layer : int
            Layer that is changed.
        change : Change
            m rows.
        prompts : (m,) int
            Number of the prompt that each row is made in.
        progress : Progress
            Is told how many are done.

        Returns
        -------
        tuple of ((m, N) float, (m,) float)
            Change of the pairs' log-odds, and the divergence KL(before || after) over all other
            tokens, in nats.
        """
        asked = self.asked
        moved = np.empty((len(prompts), len(asked.pairs)))
        apart = np.empty(len(prompts))
        texts = [asked.prompts[prompt] for prompt in prompts]
        for rows, found in model.next_tokens(texts, at=layer, change=change, progress=progress):
            at = prompts[rows]
            moved[rows] = _log_odds(asked, found) - self.log_odds[at]
            wide = found.astype(np.float64)
            # Log of what is left to the other tokens, over which the distribution is taken.
            others = np.delete(wide, asked.tokens, axis=1)
            rest = scipy.special.logsumexp(others, axis=1)
            # Prompts of a batch are few, and their distributions long.
            cross = -rest
            for prompt in np.unique(at):
                cross[at == prompt] += wide[at == prompt] @ self.elsewhere[prompt]
            apart[rows] = np.maximum(0.0, -cross - self.entropy[at])
        return moved, apart


def _log_odds(asked: AskedPairs, log_probabilities: NDArray[np.floating]) -> Real:
    of_words = log_probabilities[:, asked.tokens].astype(np.float64)
    return np.asarray(of_words[:, asked.sides[:, 1]] - of_words[:, asked.sides[:, 0]])
