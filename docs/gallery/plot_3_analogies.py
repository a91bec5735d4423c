"""
Analogies
=========

How many questions a : b :: c : ? the closed form answers, family by family, with intervals that
know that questions share their pairs.
"""

import textwrap

import repsearch as rs
from probes import analogies, google_relations
from probes.figures import plot_analogies
from repsearch.data import carried_counts

emb = rs.eigenpairs(rs.mstar(carried_counts()), d=100).embeddings()
result = analogies(emb, google_relations())
plot_analogies(result)

# %%
# The same in words:

print(textwrap.fill(result.summary(), 90))
