"""
Signal and noise by dimension
=============================

The common direction is in the first dimensions; the others add noise, and what else an answer
needs.
"""

import textwrap

import repsearch as rs
from probes import google_relations
from probes.concepts import snr_curves
from probes.figures import plot_snr_curves
from repsearch.data import carried_counts

emb = rs.eigenpairs(rs.mstar(carried_counts()), d=200).embeddings()
some = google_relations().select(["family", "gram6-nationality-adjective", "gram8-plural"])
curves = snr_curves(emb, some)
plot_snr_curves(curves)

# %%

print(textwrap.fill(curves.summary(), 90))
