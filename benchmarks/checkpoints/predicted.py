"""State what is expected of the checkpoints; written before any of them was looked at."""

EXPECTED = (
    "Primary: the first step from which on a relation is a direction of the tied embedding goes "
    "with its learning time in closed form, ρ above 0, and against the co-occurrences of its "
    "pairs, ρ below 0.",
    "Of the two the learning time goes with it more closely: |ρ| is larger.",
    "Secondary: the same signs for the step of half of the final share, and for the step of half "
    "of the final |m|², where the agreement is closest, as it is within the closed form (ρ 0.95).",
    "Expected strength: ρ of |m|² with learning times about 0.5, of the first step as a direction "
    "about 0.3, for that step depends on the number of pairs as well, and the model is trained by "
    "Adam on next words and not by gradient flow on pairs.",
    "Nothing is a direction at step 0, and pairs shuffled within relations are directions at no "
    "checkpoint, each with a probability of error of at most 5 % over all relations and steps.",
)
"""Over Google's relations, tied embeddings, at the defaults of 'repsearch probe learning'."""
