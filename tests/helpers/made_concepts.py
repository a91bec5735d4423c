"""A small result of every class of `probes.concepts`, `random_matrix` and `hidden_states`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from probes.concepts import SpikedFamilies, spiked_families
from probes.random_matrix import SpikedCovariance, fit_spiked_covariance
from probes.relations import Relations
from probes.result import Result
from repsearch import Embeddings

N = 12
"""Pairs of each relation."""


def embeddings() -> Embeddings:
    """Words of one relation that is linear, and of one of random pairs."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=(N, 16))
    second = first + 3 * np.eye(16)[0] + 0.3 * rng.normal(size=(N, 16))
    random = rng.normal(size=(2 * N, 16))
    words = [f"{side}{k}" for side in "ab" for k in range(N)]
    return Embeddings(
        [*words, *(f"r{k}" for k in range(2 * N))], np.concatenate([first, second, random])
    )


def relations() -> Relations:
    """One that is linear, and one of random pairs, with a name that is no file name."""
    linear = [(f"a{k}", f"b{k}") for k in range(N)]
    return Relations({"linear": linear, "by/chance": [(f"r{k}", f"r{k + N}") for k in range(N)]})


MADE: dict[type[Result], Callable[[], Result]] = {
    SpikedFamilies: lambda: spiked_families(embeddings(), relations(), controls=3),
    SpikedCovariance: lambda: fit_spiked_covariance(
        np.random.default_rng(1).normal(size=(9, 40)) + 0.6
    ),
}
