"""
A world whose answer is known
=============================

How many pairs must be seen before the eigenvalues of M* are right? In a world made up of topics
the true ones are known, and so is the error to expect.
"""

import matplotlib.pyplot as plt
import numpy as np

import repsearch as rs
from repsearch.synthetic import TopicMixture, eigenvalue_errors

world = TopicMixture(seed=1)
truth = world.spectrum().eigenvalues[0]
sizes = np.geomspace(3_000, 3_000_000, 7).astype(int)
off = [
    [
        rs.eigenpairs(rs.mstar(world.sample(n, seed=seed)), d=1, dtype="float64").eigenvalues[0]
        - truth
        for seed in range(5)
    ]
    for n in sizes
]
expected = [eigenvalue_errors(world, n, d=1)[0] for n in sizes]

figure, ax = plt.subplots(layout="constrained")
ax.loglog(sizes, np.sqrt(np.mean(np.square(off), axis=1)), "o", label="seen, five samples")
ax.loglog(sizes, expected, label="expected (delta method)")
ax.set_xlabel("pairs seen")
ax.set_ylabel("error of the first eigenvalue")
ax.legend(frameon=False)
