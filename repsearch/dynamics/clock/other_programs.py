"""Give the clocks of other programs: the paper's reference code, word2vec.c and gensim."""

from __future__ import annotations

from repsearch.dynamics.clock.flow_time import Clock, LearningRate, clock
from repsearch.dynamics.clock.loss_expansion import QUARTIC, SGNS, LossExpansion
from repsearch.dynamics.inputs.checks import check_positive, check_whole


def reference_clock(
    learning_rate: LearningRate,
    *,
    n_words: int,
    normaliser: float,
    negatives: float = 1.0,
    loss: LossExpansion = QUARTIC,
) -> Clock:
    """Make the clock of the reference implementation's runs under Setting 3.1.

    It draws pairs, weighs them by mean(G) / G with G = P_ij + k P_i P_j, so that
    every pair has the weight (1 + k) / V^2, and divides the loss by a
    normaliser.

    Parameters
    ----------
    learning_rate : float or sequence of tuples
        A constant, or the stretches of a schedule, as `Clock` takes them.
    n_words : int
        V, number of words.
    normaliser : float
        What the loss is divided by: for the quartic loss the mean over all
        pairs of M*_ij^2, M* with the same k.
    negatives : float
        k, there a weight of the negative pairs, not a number of them.
    loss : LossExpansion
        `QUARTIC` or `SGNS`.

    Returns
    -------
    Clock
        Flow time of its steps.

    Raises
    ------
    InputError
        A number that is out of range.

    Examples
    --------
    >>> from repsearch.dynamics import reference_clock
    >>> float(reference_clock(5.0, n_words=10, normaliser=0.5).time(10))
    4.0
    >>> float(reference_clock(5.0, n_words=10, normaliser=0.5, negatives=2).time(10))
    6.0
    """
    check_whole("n_words", n_words)
    check_positive("negatives", negatives)
    check_positive("normaliser", normaliser)
    weight = (1.0 + negatives) / n_words**2 / normaliser
    return clock(learning_rate, loss=loss, weight=weight)


def word2vec_clock(
    pairs: float,
    *,
    n_words: int,
    negatives: float = 5.0,
    first: float = 0.025,
    last: float = 0.0001,
) -> Clock:
    """Make the clock of word2vec.c and gensim: SGNS, untied, pair by pair, with a linear decay.

    A step is one positive pair with its k negatives. The unit of weight is the
    mean of G_ij = P_ij + k P_i q_j over all pairs, (1 + k) / V^2, with P_ij the
    share of pairs as they are drawn, after subsampling and with windows of
    random size. ``time(pairs / epochs)`` is the flow time of the first epoch.

    Parameters
    ----------
    pairs : float
        Positive pairs of the whole training, all epochs together.
    n_words : int
        V, number of words.
    negatives : float
        k, negative pairs to a positive one.
    first, last : float
        Learning rates at the start and at the end; gensim's defaults.
        word2vec.c ends at a ten-thousandth of the first.

    Returns
    -------
    Clock
        Flow time of its pairs.

    Raises
    ------
    InputError
        A number that is out of range.

    Examples
    --------
    >>> from repsearch.dynamics import word2vec_clock
    >>> whole = word2vec_clock(1_000_000, n_words=100, negatives=3, first=0.04, last=0.0)
    >>> float(whole.time(1_000_000)), round(float(whole.time(200_000)), 6)
    (4.0, 1.44)
    """
    check_whole("n_words", n_words)
    check_positive("negatives", negatives)
    weight = (1.0 + negatives) / n_words**2
    return clock([(pairs, first, last)], loss=SGNS, tied=False, weight=weight)
