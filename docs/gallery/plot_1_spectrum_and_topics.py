"""
Spectrum and topics
===================

What word2vec can learn from a text, before it learns: the eigenvalues of M*, and the words at
both ends of the first modes.
"""

import probes
import repsearch as rs
from probes.figures import plot_spectrum, plot_topics
from repsearch.data import carried_counts

spectrum = rs.eigenpairs(rs.mstar(carried_counts()), d=50)
plot_spectrum(spectrum)

# %%
# Each mode has two ends, and each end is a topic. Which end is + means nothing.

topics = probes.topics(spectrum, modes=range(1, 5))
plot_topics(topics)

# %%
# As a table:

print(topics)
