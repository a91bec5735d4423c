"""
The flow over time
==================

Training from a small random start, in closed form: modes rise one after the other, and the loss
falls in steps. No step of an optimiser is taken.
"""

import repsearch as rs
from probes.figures import plot_loss_curve, plot_singular_values
from repsearch.data import carried_counts

spectrum = rs.eigenpairs(rs.mstar(carried_counts()), d=30)
flow = rs.gradient_flow(spectrum, rs.Gaussian(1e-6, seed=0))
plot_singular_values(flow, modes=8)

# %%
# Dots are the learning times, τ = ln(λ / s²(0)) / λ, at which a mode has half of its strength.

plot_loss_curve(flow)

# %%
# One word, on its way: what *music* is near to while modes are learned.

for mode in (1, 3, 10, 30):
    time = flow.learning_times[mode - 1]
    near = [word for word, _ in flow.embeddings(time).most_similar("music", topn=5)]
    print(f"mode {mode:2d}, t = {time:.3f}: {', '.join(near)}")
