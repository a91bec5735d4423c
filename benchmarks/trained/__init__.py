"""Trained embeddings beside closed forms and other programs, in one table."""
