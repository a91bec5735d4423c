"""
The minimum beside the closed form
==================================

word2vec's own loss has no closed form. Five steps from the closed form towards its minimum;
``repsearch minimise`` goes to the end. Needs torch.
"""

import textwrap

import repsearch as rs
from probes import analogies, compare_analogies, google_relations
from repsearch.data import carried_counts

counts = carried_counts()
closed = rs.eigenpairs(rs.mstar(counts), d=50).embeddings()
found = rs.minimise(counts, 50, weighting=rs.Word2VecC(5, subsample=1e-4), iterations=5)
print(textwrap.fill(found.summary(), 90))

# %%

relations = google_relations()
for name, emb in (("closed form", closed), ("five steps", found.embeddings)):
    print(f"{name:12} {analogies(emb, relations).micro}")

# %%
# The difference, on the same questions, with its interval:

print(compare_analogies(analogies(found.embeddings, relations), analogies(closed, relations)))
