"""Draw relations: analogies, similarity, concept directions, emergence."""
