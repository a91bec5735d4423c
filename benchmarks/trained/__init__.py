"""Compare trained embeddings with closed forms and other programs, in one table."""
