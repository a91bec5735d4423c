"""
Testing a conjecture
====================

"At τ = ln(λ / s²(0)) / λ a mode has been learned." Draw many starts, integrate the flow
numerically, and see how much is learned by then: half.
"""

import matplotlib.pyplot as plt
import numpy as np

from repsearch.testing.oracle import integrate_tied

rng = np.random.default_rng(0)
share, start = [], []
for _ in range(200):
    eigenvalue, size = rng.uniform(0.5, 5), 10 ** rng.uniform(-6, -0.5)
    tau = np.log(eigenvalue / size**2) / eigenvalue
    learned = integrate_tied([[eigenvalue]], [[size]], [tau]).item() ** 2
    share.append(learned / eigenvalue)
    start.append(size**2 / eigenvalue)

figure, ax = plt.subplots(layout="constrained")
ax.semilogx(start, share, ".", label="integrated numerically")
exact = np.geomspace(min(start), max(start), 200)
ax.semilogx(exact, 1 / (2 - exact), label="1 / (2 − s²(0) / λ)")
ax.axhline(0.9, linestyle=":", color="grey")
ax.annotate("“learned”, say", (min(start), 0.91), color="grey")
ax.set(xlabel="s²(0) / λ", ylabel="share learned at τ", ylim=(0.4, 1))
ax.legend(frameon=False)
