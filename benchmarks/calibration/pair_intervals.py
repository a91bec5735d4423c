"""Simulate families of known analogy accuracy, and ask how often intervals hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probes import analogies, google_relations
from probes.analogy.pair_bootstrap import (
    PairOutcomes,
    resampled_sums,
    share_interval,
    total_interval,
)
from probes.shared.resampling import bootstrap_interval
from repsearch import eigenpairs, mstar
from repsearch.data import carried_counts

_Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, int], NDArray[np.bool_]]

SIZES = (4, 6, 8, 12, 16, 28, 40)
SHARES = (0.3, 0.6, 0.8, 0.91, 0.98)
DIMS = (20, 60, 200)
LEVEL = 0.95
SEED = 11
FEWEST_REAL = 10
"""Pairs that a relation must have to stand for a population."""
_RESAMPLES = 1000


def latent(share: float, source: float, target: float, noise: float, tails: str) -> Draw:
    """Questions right where x_i + y_j + noise is above a threshold; x and y are the pairs'.

    Parameters
    ----------
    share : float
        Accuracy, which sets the threshold.
    source, target, noise : float
        Standard deviations of x, of y and of what is a question's own.
    tails : str
        ``"same"``: x and y of a pair are one number. ``"normal"``: independent.
        ``"heavy"``: Student's t with 2.5 degrees of freedom.
    """

    def raw(rng: np.random.Generator, trials: int, size: int) -> _Floats:
        shape = (trials, size)
        if tails == "heavy":
            x, y = rng.standard_t(2.5, size=shape), rng.standard_t(2.5, size=shape)
        else:
            x = rng.normal(size=shape)
            y = x if tails == "same" else rng.normal(size=shape)
        own = rng.normal(size=(trials, size, size))
        return np.asarray(source * x[:, :, None] + target * y[:, None, :] + noise * own)

    apart = ~np.eye(60, dtype=bool)
    known = raw(np.random.default_rng(99), 1000, 60)[:, apart]
    threshold = float(np.quantile(known, 1 - share))
    return lambda rng, trials, size: raw(rng, trials, size) > threshold


def _both_good(share: float) -> Draw:
    def draw(rng: np.random.Generator, trials: int, size: int) -> NDArray[np.bool_]:
        good = rng.random((trials, size)) < np.sqrt(share)
        return good[:, :, None] & good[:, None, :]

    return draw


def _target_good(share: float) -> Draw:
    def draw(rng: np.random.Generator, trials: int, size: int) -> NDArray[np.bool_]:
        good = rng.random((trials, size)) < share
        return np.broadcast_to(good[:, None, :], (trials, size, size))

    return draw


MODELS: dict[str, Callable[[float], Draw]] = {
    "pairs and questions alike": lambda share: latent(share, 1.0, 1.0, 1.0, "same"),
    "questions mostly": lambda share: latent(share, 0.5, 0.5, 1.5, "same"),
    "pairs mostly": lambda share: latent(share, 1.0, 1.0, 0.3, "same"),
    "the answer's pair mostly": lambda share: latent(share, 0.3, 1.0, 0.7, "normal"),
    "heavy tails": lambda share: latent(share, 0.4, 1.0, 0.5, "heavy"),
    "right where both pairs are good": _both_good,
    "right where the answer's pair is good": _target_good,
}


def measure(trials: int, bootstraps: int) -> dict[str, Any]:
    """Cover models, relations as they are answered, and totals over relations.

    Parameters
    ----------
    trials : int
        Families drawn for each cell.
    bootstraps : int
        Those of them for which the percentile bootstrap is computed as well.
    """
    real = list(_populations())
    return {
        "seed": SEED,
        "level": LEVEL,
        "trials": trials,
        "bootstraps": bootstraps,
        "resamples": _RESAMPLES,
        "models": [
            {"model": name, "share": share, "pairs": size}
            | _coverage(make(share), share, size, trials, bootstraps)
            for name, make in MODELS.items()
            for share in SHARES
            for size in SIZES
        ],
        "relations": [
            {"relation": family, "d": d, "share": float(right.mean()), "pairs": size}
            | _coverage(_resample(right), float(right.mean()), size, trials, bootstraps)
            for d, family, right in real
            if len(right) >= FEWEST_REAL
            for size in SIZES
        ],
        "totals": [_totals([r for at, _, r in real if at == d], trials) | {"d": d} for d in DIMS],
    }


def _coverage(draw: Draw, share: float, size: int, trials: int, bootstraps: int) -> dict[str, Any]:
    rng = np.random.default_rng([SEED, size, round(share * 1e6)])
    hits, old, widths = 0, 0, []
    for number, right in enumerate(draw(rng, trials, size)):
        family = _family(right)
        found = share_interval(family, level=LEVEL)
        hits += found.low <= share + 1e-12 and share - 1e-12 <= found.high
        widths.append(found.width)
        if number < bootstraps:
            old += share in _percentile(family, seed=number)
    return {
        "covered": hits / trials,
        "width": float(np.mean(widths)),
        "bootstrap": old / bootstraps,
    }


def _family(right: NDArray[np.bool_], name: str = "") -> PairOutcomes:
    size = len(right)
    asked = 1 - np.eye(size, dtype=np.int64)
    pairs = tuple((str(number), str(number)) for number in range(size))
    return PairOutcomes(name, pairs, asked, right * asked)


def _percentile(family: PairOutcomes, *, seed: int) -> Any:
    """The percentile bootstrap over pairs, exact where all answers are alike."""
    right, asked = resampled_sums(
        family, [family.right, family.asked], seed=seed, resamples=_RESAMPLES
    )
    return bootstrap_interval(
        family.share,
        right / asked,
        trials=[family.independent_questions],
        level=LEVEL,
        over="pairs",
    )


def _populations() -> Iterator[tuple[int, str, NDArray[np.bool_]]]:
    """By dimension and relation: which questions are answered, between any two pairs.

    Of the carried counts. A pair drawn twice makes questions with itself; they are given an
    answer that one of its other questions has.
    """
    spectrum = eigenpairs(mstar(carried_counts()), max(DIMS))
    for d in DIMS:
        found = analogies(spectrum.embeddings(d), google_relations())
        for score in found.families:
            outcomes = score.outcomes
            size = len(outcomes.pairs)
            if outcomes.asked.sum() < max(size * (size - 1), 12):
                continue  # too few pairs, or some of their questions have no answer
            rng = np.random.default_rng([SEED, d, size])
            right = outcomes.right > 0
            for place in range(size):
                others = np.delete(np.stack([right[place], right[:, place]]), place, axis=1)
                right[place, place] = rng.choice(others.ravel())
            if 0 < right.mean() < 1:
                yield d, score.family, right


def _resample(right: NDArray[np.bool_]) -> Draw:
    def draw(rng: np.random.Generator, trials: int, size: int) -> NDArray[np.bool_]:
        places = rng.integers(len(right), size=(trials, size))
        return np.asarray(right[places[:, :, None], places[:, None, :]])

    return draw


def _totals(populations: list[NDArray[np.bool_]], trials: int) -> dict[str, Any]:
    """Draw every relation anew, of its own number of pairs, and cover the two totals."""
    rng = np.random.default_rng([SEED, len(populations)])
    sizes = np.array([len(right) for right in populations])
    questions = (sizes * (sizes - 1)).astype(np.float64)
    weights = {
        "micro": questions / questions.sum(),
        "macro": np.full(len(sizes), 1 / len(sizes)),
    }
    truth = {
        name: float(np.dot(w, [right.mean() for right in populations]))
        for name, w in weights.items()
    }
    hits = dict.fromkeys(weights, 0)
    for _ in range(trials):
        families = [_family(_resample(right)(rng, 1, len(right))[0]) for right in populations]
        for name, w in weights.items():
            hits[name] += truth[name] in total_interval(families, w, level=LEVEL)
    return {
        "relations": len(sizes),
        "pairs": int(sizes.sum()),
        "totals": {
            name: {"share": truth[name], "covered": hits[name] / trials} for name in weights
        },
    }
