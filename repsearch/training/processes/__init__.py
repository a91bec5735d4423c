"""Share sums over all pairs out to processes, on one machine or on several."""
