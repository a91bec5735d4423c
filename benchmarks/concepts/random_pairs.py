"""Hold random pairs of the carried corpus, and its relations, against two nulls of noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from probes import google_relations
from probes.concepts import coverage, difference_vectors, on_principal_axes
from probes.concepts.false_positives import random_pair_noise
from probes.concepts.matched_pairs import matched_pairs
from probes.random_matrix import NoiseDraws, fit_spiked_covariance
from probes.random_matrix.goodness_of_fit import goodness_of_fit
from probes.random_matrix.gram import gram
from probes.random_matrix.noise.noise_fit import fit_noise
from probes.random_matrix.noise.power_noise import draw_noise
from probes.random_matrix.spikes.mean_shift import strength
from probes.random_matrix.spikes.spike_count import METHODS, count_spikes
from probes.relations.relations import Pair
from repsearch import Embeddings, eigenpairs, mstar
from repsearch.data import carried_counts

_Floats = NDArray[np.float64]
COLUMNS = 200
NULLS = ("normal noise", "random pairs")
ASKED = (*METHODS[:2], "refused", "ν covered", "σ² covered", "θ = 0 covered")
_FEWEST = 5
_LEVEL, _ALPHA = 0.9, 0.05
_SEED = 1000
_POPULATION = 300
"""Families of random pairs for the true variance and effective dimension."""


def measure(families: int) -> dict[str, Any]:
    """What the tests find in random pairs and in relations, under each null.

    Parameters
    ----------
    families : int
        Families of random pairs in the place of each relation.
    """
    solved = eigenpairs(mstar(carried_counts(), dtype="float32"), COLUMNS, dtype="float32")
    embeddings = on_principal_axes(solved.embeddings())
    hits = {null: np.zeros(len(ASKED)) for null in NULLS}
    number, relations = 0, []
    for family in coverage(google_relations().within(embeddings), embeddings).families:
        if len(family.pairs) < _FEWEST:
            continue
        real = random_pair_noise(embeddings, family.pairs, seed=0)
        normal = draw_noise(len(family.pairs), real.noise, resamples=real.resamples, seed=0)
        nulls = dict(zip(NULLS, (normal, real), strict=True))
        truth = _truth(embeddings, family.pairs)
        rng = np.random.default_rng(_SEED)
        for pairs in matched_pairs(embeddings, family.pairs, families=families, seed=_SEED):
            rows = difference_vectors(embeddings, pairs).vectors
            rows = rows * rng.choice([-1.0, 1.0], (len(rows), 1))
            for null, drawn in nulls.items():
                hits[null] += _found(rows, drawn, truth, seed=number)
            number += 1
        relations.append(_relation(embeddings, family.family, family.pairs, nulls))
    return {
        "words": len(embeddings),
        "columns": embeddings.dimension,
        "families": number,
        "shares": {
            null: dict(zip(ASKED, (found / number).tolist(), strict=True))
            for null, found in hits.items()
        },
        "relations": relations,
    }


def _truth(embeddings: Embeddings, pairs: tuple[Pair, ...]) -> tuple[float, float]:
    """Variance and effective dimension of random pairs in random order, off other families."""
    drawn = matched_pairs(embeddings, pairs, families=_POPULATION, seed=_SEED + 1)
    rows = np.vstack([difference_vectors(embeddings, one).vectors for one in drawn])
    lengths = np.einsum("nk,nk->n", rows, rows)
    second = rows.T @ rows / len(rows)
    # What a row has with itself is no estimate of Tr Σ².
    squared = (len(rows) * np.sum(second**2) - np.mean(lengths**2)) / (len(rows) - 1)
    return float(lengths.mean() / rows.shape[1]), float(lengths.mean() ** 2 / squared)


def _found(rows: _Floats, drawn: NoiseDraws, truth: tuple[float, float], seed: int) -> _Floats:
    matrix = gram(rows)
    fit = fit_noise(matrix, drawn, level=_LEVEL)
    variance, dimension = truth
    return np.array(
        [
            *(
                count_spikes(rows, method=method, drawn=drawn, level=_ALPHA, seed=seed).count > 0
                for method in METHODS[:2]
            ),
            goodness_of_fit(rows, fit, drawn).p_value <= _ALPHA,
            dimension in fit.effective_dimension,
            variance in fit.variance,
            0.0 in strength(matrix, fit, level=_LEVEL),
        ],
        float,
    )


def _relation(
    embeddings: Embeddings, name: str, pairs: tuple[Pair, ...], nulls: dict[str, NoiseDraws]
) -> dict[str, Any]:
    rows = difference_vectors(embeddings, pairs).vectors
    found: dict[str, Any] = {"family": name, "pairs": len(pairs)}
    for null, drawn in nulls.items():
        fit = fit_spiked_covariance(rows, drawn=drawn)
        found[null] = {
            "spikes": [count.count for count in fit.counts[:2]],
            "p": fit.fit.p_value,
            "worst": fit.fit.worst,
            "overlap seen": fit.overlap_seen,
            "overlap": [fit.overlap.value, fit.overlap.low, fit.overlap.high],
            "dimension": fit.effective_dimension.value,
        }
    return found


def section(results: dict[str, Any]) -> list[str]:
    """The section of docs/concept-results.md, with every figure taken from the results."""
    relations = results["relations"]
    lines = [
        "## Two nulls, in the carried corpus",
        "",
        "Written by `python -m benchmarks.concepts random` from "
        f"`benchmarks/concepts/random_pairs.json` in {results['seconds']:.0f} s: the closed form "
        f"of the carried counts ({results['words']:,} words, d = {results['columns']}), "
        f"{results['families']} families of random pairs with the frequencies and graphs of "
        f"{len(relations)} relations, in random order. Normal noise has the variance of random "
        "pairs in every column. The other null is random pairs themselves, other ones, drawn from "
        "the embeddings (`probes.random_matrix.resampled_noise`), which `spiked` uses. At 5 %, and "
        "for intervals of 90 %:",
        "",
        "| null | " + " | ".join(ASKED) + " |",
        "|---|" + "---|" * len(ASKED),
    ]
    for null in NULLS:
        shares = results["shares"][null]
        error = {
            asked: 100 * np.sqrt(share * (1 - share) / results["families"])
            for asked, share in shares.items()
        }
        cells = [f"{100 * shares[asked]:.1f} % ± {error[asked]:.1f}" for asked in ASKED]
        lines.append(f"| {null} | " + " | ".join(cells) + " |")
    lines += ["", "The relations under each; spikes by " + " and ".join(METHODS[:2]) + ":", ""]
    lines += [
        "| relation | N | overlap seen | "
        + " | ".join(f"{null}: spikes | predicted | ν | fit, p" for null in NULLS)
        + " |",
        "|---|---|---|" + "---|---|---|---|" * len(NULLS),
    ]
    for one in relations:
        cells = []
        for null in NULLS:
            at = one[null]
            value, low, high = at["overlap"]
            refused = f" refused ({at['worst']})" if at["p"] <= _ALPHA else ""
            cells.append(
                f"{'/'.join(map(str, at['spikes']))} | {value:.2f} [{low:.2f}, {high:.2f}] | "
                f"{at['dimension']:.0f} | {at['p']:.2g}{refused}"
            )
        seen = one[NULLS[0]]["overlap seen"]
        lines.append(f"| {one['family']} | {one['pairs']} | {seen:.2f} | {' | '.join(cells)} |")
    said = []
    for null in NULLS:
        refused = sum(one[null]["p"] <= _ALPHA for one in relations)
        spiked = sum(one[null]["spikes"][0] > 0 for one in relations)
        inside = sum(
            one[null]["overlap"][1] <= one[null]["overlap seen"] <= one[null]["overlap"][2]
            for one in relations
        )
        said.append(
            f"Under {null} the model is refused for {refused} of {len(relations)} relations, "
            f"{METHODS[0]} finds a spike in {spiked}, and the overlap seen lies in the interval "
            f"predicted for {inside}."
        )
    return [*lines, "", *said, ""]
