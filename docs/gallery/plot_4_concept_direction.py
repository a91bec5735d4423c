"""
A concept direction and its spike
=================================

Is nationality a direction? Held-out pairs are ordered by the direction of the others; then the
spectrum of the differences is held against what noise of the same shape would have.
"""

import textwrap

import repsearch as rs
from probes import google_relations
from probes.concepts import difference_vectors, held_out, on_principal_axes, signal
from probes.figures import plot_held_out, plot_spiked_covariance
from probes.random_matrix import fit_spiked_covariance
from repsearch.data import carried_counts

emb = on_principal_axes(rs.eigenpairs(rs.mstar(carried_counts()), d=100).embeddings())
pairs = google_relations().families["gram6-nationality-adjective"]
family = difference_vectors(emb, pairs, name="nationality")
print("share of a squared difference that all pairs have in common:", signal(family).share)
plot_held_out(held_out(family, embeddings=emb))

# %%
# A mean that is strong enough makes one eigenvalue stand out of the bulk. The fit says as well
# whether it may be believed: here noise is not normal, and it says so.

fit = fit_spiked_covariance(family.vectors)
plot_spiked_covariance(fit)

# %%

print(textwrap.fill(fit.summary(), 90))
