"""Figures of words: topics, their graph, and the map of embeddings."""
