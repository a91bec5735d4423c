"""Figures of relations: analogies, similarity, concept directions, emergence."""
